"""Nearest vectors and margin scores."""

from collections.abc import Sequence

import numpy as np

from .data import Neighbours
from .threads import cores, one_blas_thread

# Products of rows up to which NumPy is quicker than to import faiss and build an index.
_SMALL = 1_000_000
# Queries of one part of a search; FAISS takes twice as long a query for much fewer.
_PART = 2500
# Dimensions kept for a search that only proposes.
_REDUCED = 64


def nearest(queries: np.ndarray, base: np.ndarray, k: int = 4) -> Neighbours:
    """The `k` rows of `base` most similar to each query by inner product; exact, with a flat FAISS index.

    `queries` and `base` are float32 of shapes (n, d) and (m, d), unit rows for cosines; ids are -1 where m < k.
    """
    k_here = min(k, len(base))
    if not k_here or not len(queries):
        return Neighbours(np.full((len(queries), k), -1, np.int64), np.full((len(queries), k), -1, np.float32))
    if len(queries) * len(base) <= _SMALL:
        products = queries @ base.T
        ids = np.argsort(-products, axis=1, kind="stable")[:, :k_here]
        sims = np.take_along_axis(products, ids, axis=1)
    else:
        sims, ids = _search(np.ascontiguousarray(queries), np.ascontiguousarray(base), k_here)
    if k_here < k:
        pad = ((0, 0), (0, k - k_here))
        ids, sims = np.pad(ids, pad, constant_values=-1), np.pad(sims, pad, constant_values=-1)
    return Neighbours(ids.astype(np.int64), sims.astype(np.float32))


def _search(queries: np.ndarray, base: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Products and ids of the `k` best rows of `base` for each query, each part of the queries on one thread.

    FAISS' own threads wait for each other several times as long as they work when other processes want the cores.
    """
    from concurrent.futures import ThreadPoolExecutor

    import faiss

    index = faiss.IndexFlatIP(base.shape[1])
    index.add(base)

    def part(start: int) -> tuple[np.ndarray, np.ndarray]:
        faiss.omp_set_num_threads(1)  # of this thread alone
        return index.search(queries[start:start + size], k)

    size = max(_PART, -(-len(queries) // cores()))
    with ThreadPoolExecutor(cores()) as pool:
        sims, ids = zip(*pool.map(part, range(0, len(queries), size)), strict=True)
    return np.concatenate(sims), np.concatenate(ids)


def both_ways(first: np.ndarray, second: np.ndarray, k: int = 4, most: int = 10_000) -> tuple[Neighbours, Neighbours]:
    """Neighbours of rows of the first side among the second, and of those found among the first.

    The rows of each side are centred, made unit, and, where there are many, searched in their main directions only.
    At most about `most` rows of the first side are looked up, evenly spread; of the second side only the rows that
    were found nearest. Rows that were not looked up have ids -1.
    """
    n, m = len(first), len(second)
    rows = np.unique(np.linspace(0, n - 1, min(n, max(most, n // 4))).astype(np.int64)) if n else np.zeros(0, np.int64)
    with one_blas_thread():
        if n * m <= _SMALL * 16 or first.shape[1] <= _REDUCED:
            first, second = _centre(first), _centre(second)
        else:
            first, second = _reduce((first, second))
    forward = _spread(nearest(first[rows], second, k), rows, n, k)
    found = np.unique(forward.ids[rows, 0])
    found = found[found >= 0]
    backward = _spread(nearest(second[found], first, k), found, m, k)
    return forward, backward


def margins(ids: np.ndarray, forward: Neighbours, backward: Neighbours) -> np.ndarray:
    """Ratio margin of row i with `ids[i]`: its similarity over the mean similarity of the neighbours of both.

    Artetxe and Schwenk, Margin-based Parallel Corpus Mining (2019), "ratio". NaN where `ids[i]` is -1.
    """
    sims = np.where(forward.ids == ids[:, None], forward.sims, -np.inf).max(1)
    around = (forward.sims.mean(1) + backward.sims[ids].mean(1)) / 2
    return np.where(ids >= 0, sims / np.maximum(around, 1e-6), np.nan)


def _mean(rows: np.ndarray) -> np.ndarray:
    """Mean of the rows and of one that is zero: the mean of one row alone would leave nothing of it."""
    return rows.sum(0) / (len(rows) + 1)


def _centre(rows: np.ndarray) -> np.ndarray:
    """Unit rows, less their mean; zero rows stay zero."""
    there = np.any(rows, axis=1, keepdims=True)
    return _unit(np.where(there, rows - _mean(rows), 0))


def _unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)).astype(np.float32)


def _reduce(sides: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Unit rows of centred sides in the main directions that the sides have in common, for a search that is large."""
    means = [_mean(side) for side in sides]
    sample = np.concatenate([_centre(side[:: max(1, len(side) // 2000)]) for side in sides])
    spread = sample.T @ sample
    # A few rounds of subspace iteration from a fixed start find the main directions well enough to propose.
    directions = np.random.default_rng(0).standard_normal((sides[0].shape[1], _REDUCED), dtype=np.float32)
    for _ in range(3):
        directions = np.linalg.qr(spread @ directions)[0]
    out = []
    for side, mean in zip(sides, means, strict=True):
        there = np.einsum("nd,nd->n", side, side) > 0
        out.append(_unit(np.where(there[:, None], side @ directions - mean @ directions, 0)))
    return out


def _spread(found: Neighbours, rows: np.ndarray, n: int, k: int) -> Neighbours:
    ids, sims = np.full((n, k), -1, np.int64), np.full((n, k), -1, np.float32)
    ids[rows], sims[rows] = found.ids, found.sims
    return Neighbours(ids, sims)
