"""Nearest vectors and margin scores; indexes over shards of vectors that lie on the disk.

Small searches: `nearest`, `both_ways`. Large ones: `plan_index` says which kind of index suits, `train_index` learns its
cells from a sample, `build_index` fills it with shards, `search` asks it, and `merge_neighbours` puts together what
indexes of different shards found. `index_piece` and `joined_index` do the same a block of rows at a time, each wherever
there is room. Whatever an index proposes is compared anew by the exact vectors, so that similarities do not depend on
it, nor on how the rows are spread over shards and machines.
"""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .data import Neighbours
from .errors import EncoderError, UsageError
from .threads import ahead, cores, one_blas_thread

# Products of rows up to which NumPy is quicker than to import faiss and build an index.
_SMALL = 1_000_000
# Queries of one part of a search; FAISS takes twice as long a query for much fewer.
_PART = 2500
# Dimensions kept for a search that only proposes.
_REDUCED = 64
INDEXES = ("flat", "ivf", "pq")
"""Kinds of index: all rows compared; cells of near rows (IVF); cells of rows in 4 bits a few dimensions (IVF-PQ)."""
_FLAT_WORK = 2_000_000_000  # products of rows up to which to compare all takes no more than half a minute
_FEWEST = 20_000  # rows from which codes can be learnt
_SAMPLE = 40  # rows a cell that its centre is learnt from
_ROWS = 256  # queries whose candidates are compared together
SHARD_ROWS = {"flat": 1 << 15, "ivf": 1 << 17, "pq": 1 << 20}
"""Rows whose index is in memory at once where one is built in shards: about a hundred megabytes."""
_PIECE = 1 << 11  # queries that one thread looks up; fixed, so that rounding does not depend on the number of threads
_ADDED = 1 << 15  # rows put into an index at a time
_GROUP = 8  # rows that follow each other and are looked up together
_SPARE = 8  # candidates asked for beyond those wanted: ties and rounding are settled by exact vectors


def nearest(queries: np.ndarray, base: np.ndarray, k: int = 4) -> Neighbours:
    """The `k` rows of `base` most similar to each query by inner product; exact, with a flat FAISS index.

    `queries` and `base` are float32 of shapes (n, d) and (m, d), unit rows for cosines; ids are -1 where m < k.
    """
    k_here = min(k, len(base))
    if not k_here or not len(queries):
        return Neighbours(np.full((len(queries), k), -1, np.int64), np.full((len(queries), k), -1, np.float32))
    if len(queries) * len(base) <= _SMALL:
        return _greatest(queries @ base.T, k)
    sims, ids = _search(np.ascontiguousarray(queries), np.ascontiguousarray(base), k_here)
    return _filled(ids, sims, k)


def _greatest(products: np.ndarray, k: int) -> Neighbours:
    """The `k` columns with the greatest product of each row."""
    ids = np.argsort(-products, axis=1, kind="stable")[:, :k]
    return _filled(ids, np.take_along_axis(products, ids, axis=1), k)


def _filled(ids: np.ndarray, sims: np.ndarray, k: int) -> Neighbours:
    """Neighbours `k` a row, -1 where there are fewer."""
    if ids.shape[1] < k:
        pad = ((0, 0), (0, k - ids.shape[1]))
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
    if 0 < n * m <= _SMALL and n <= most:
        with one_blas_thread():
            products = _centre(first) @ _centre(second).T
        forward, backward = _greatest(products, k), _greatest(products.T, k)
        asked = np.bincount(forward.ids[:, 0], minlength=m) > 0
        return forward, Neighbours(np.where(asked[:, None], backward.ids, -1), np.where(asked[:, None], backward.sims, -1))
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


def in_groups(first: np.ndarray, second: np.ndarray, k: int = 16, most: int = 20_000) -> Neighbours:
    """Neighbours among the second side of rows of the first: of all, or of groups of _GROUP rows that follow each other,
    spread evenly, about `most` or a quarter of them; ids -1 for the others.

    Centred, made unit and, where there are many, searched in their main directions only. Raises EncoderError for vectors
    that are no numbers.
    """
    n = len(first)
    asked = max(most, n // 4)
    groups = np.unique(np.linspace(0, max(n - _GROUP, 0), -(-asked // _GROUP)).astype(np.int64)) if asked < n else np.arange(n)
    rows = np.unique(groups[:, None] + np.arange(_GROUP if asked < n else 1)) if n else groups
    with one_blas_thread():
        sides = [_centre(side) for side in (first, second)] if first.shape[1] <= _REDUCED else _reduce((first, second))
    if not all(np.isfinite(side).all() for side in sides):
        raise EncoderError("the encoder gave vectors that are not numbers")
    return _spread(nearest(sides[0][rows], sides[1], k), rows, n, k)


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
    less = np.subtract(rows, _mean(rows), dtype=np.float32)
    less[np.einsum("nd,nd->n", rows, rows) == 0] = 0
    return _unit(less)


def _unit(rows: np.ndarray) -> np.ndarray:
    lengths = np.sqrt(np.einsum("nd,nd->n", rows, rows))
    return np.divide(rows, np.maximum(lengths, 1e-9)[:, None], dtype=np.float32)


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


@dataclass(frozen=True, slots=True)
class Plan:
    """An index's `kind`, its `cells`, how many of them a query visits (`probes`), and the bytes of a row's code."""

    kind: str
    cells: int = 1
    probes: int = 1
    code: int = 0


@dataclass(frozen=True, slots=True)
class Index:
    """Shards of vectors with an index over them; `first` is the number of their first row among all rows."""

    plan: Plan
    core: Any
    shards: tuple[np.ndarray, ...]
    first: int = 0

    def __len__(self) -> int:
        return sum(map(len, self.shards))


def plan_index(rows: int, dimension: int, queries: int, memory: int = 4 << 30, kind: str | None = None, *,
               sharded: bool = False) -> Plan:
    """The index that suits so many rows, queries and bytes of memory; with `kind`, one of INDEXES, that one.

    All rows are compared where that takes seconds. Otherwise rows are put into cells as 4-bit codes, which costs 1/32
    of the vectors' memory and less than a tenth of the time of cells of whole vectors; these are for too few rows to
    learn codes from. A `sharded` index has no more than SHARD_ROWS rows in memory together. Raises UsageError where not
    even the shortest codes fit.
    """
    if kind is not None and kind not in INDEXES:
        raise UsageError(f"the index is {', '.join(INDEXES[:-1])} or {INDEXES[-1]}, not {kind!r}")
    if kind is None:
        kind = "flat" if rows * queries <= _FLAT_WORK else "pq" if rows >= _FEWEST else "ivf"
    if kind == "flat" or rows < 256:
        return Plan("flat")
    cells = 1 << int(np.clip(round(np.log2(4 * np.sqrt(rows))), 4, 16))
    cells = min(cells, max(1, rows // _SAMPLE))
    # Codes are so much quicker to compare than whole vectors that more cells can be visited.
    probes = int(np.clip(cells // (16 if kind == "ivf" else 4), min(8, cells), 256))
    room = memory // 2 - 4 * cells * dimension
    held = {name: min(rows, most) if sharded else rows for name, most in SHARD_ROWS.items()}
    if kind == "ivf":
        if held["ivf"] * (2 * dimension + 8) <= room:
            return Plan("ivf", cells, probes, 2 * dimension)
        if rows < _FEWEST:
            return Plan("flat")  # goes through the shards one at a time
    for each in (4, 8, 16) if dimension >= 256 else (2, 4, 8):
        parts = max(2, dimension // each // 2 * 2)
        if dimension % parts == 0 and held["pq"] * (parts // 2 + 8) <= room:
            return Plan("pq", cells, probes, parts // 2)
    need = 2 * (held["pq"] * (parts // 2 + 8) + 4 * cells * dimension)
    raise UsageError(f"an index of {rows:,} rows needs {need / 2**30:.1f}G of memory: give --memory more, or mine in parts")


def train_index(sample: np.ndarray, plan: Plan) -> Any:
    """An empty index whose cells and codes are learnt from rows spread evenly over all; None for a flat one.

    `faiss.serialize_index` sends it to other machines, which fill it with their own shards: what they find together is
    what one index would find.
    """
    if plan.kind == "flat":
        return None
    import faiss

    dimension = sample.shape[1]
    kind = "SQfp16" if plan.kind == "ivf" else f"PQ{2 * plan.code}x4fs"
    core: Any = faiss.index_factory(dimension, f"IVF{plan.cells},{kind}", faiss.METRIC_INNER_PRODUCT)
    core.cp.niter, core.cp.min_points_per_centroid = 8, 1
    if plan.kind == "pq":
        core.pq.cp.niter, core.pq.cp.min_points_per_centroid = 12, 1
    core.train(_floats(sample))
    core.nprobe = plan.probes
    return core


def build_index(shards: Sequence[np.ndarray], memory: int = 4 << 30, *, queries: int | None = None,
                kind: str | None = None, plan: Plan | None = None, trained: Any = None, first: int = 0) -> Index:
    """An index over shards, arrays (memory-mapped ones too) of unit rows in float32 or float16.

    `queries` (as many as rows, if not given) and `memory` in bytes choose the plan unless it is given; `trained` is
    what `train_index` gave. Shards are read one after the other and stay where they are.
    """
    rows = sum(map(len, shards))
    dimension = shards[0].shape[1] if shards else 1
    plan = plan or plan_index(rows, dimension, rows if queries is None else queries, memory, kind)
    core = None
    if plan.kind != "flat":
        import faiss

        core = train_index(sample_rows(shards, sample_size(plan)), plan) if trained is None else faiss.clone_index(trained)
        for shard in shards:
            _add(core, shard)
    return Index(plan, core, tuple(shards), first)


def sample_size(plan: Plan) -> int:
    """Rows that `train_index` learns the cells and codes of such an index from."""
    return _SAMPLE * plan.cells


def packed(core: Any) -> np.ndarray:
    """An index of `train_index` or `index_piece` as an array of bytes."""
    import faiss

    return faiss.serialize_index(core)


def index_piece(trained: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """A block of rows put into an index that was trained and `packed`, packed too."""
    import faiss

    core = faiss.deserialize_index(np.asarray(trained))
    _add(core, rows)
    return packed(core)


def joined_index(plan: Plan, pieces: Sequence[np.ndarray], shards: Sequence[np.ndarray], first: int = 0) -> Index:
    """The index over neighbouring blocks, given the piece of each; as `build_index` makes it of the same blocks."""
    core: Any = None
    if plan.kind != "flat":
        import faiss

        for piece in pieces:
            part = faiss.deserialize_index(np.asarray(piece))
            if core is None:
                core = part
            else:
                core.merge_from(part, core.ntotal)
        core.nprobe = plan.probes
    return Index(plan, core, tuple(shards), first)


def _add(core: Any, rows: np.ndarray) -> None:
    """Put rows into cells, a fixed number at a time and on one thread: into the same cells wherever it is done."""
    with _alone():
        for start in range(0, len(rows), _ADDED):
            core.add(_floats(rows[start:start + _ADDED]))


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """FAISS, which counts threads for each thread that calls it, works on this one."""
    import faiss

    most = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(most)


def sample_rows(shards: Sequence[np.ndarray], most: int) -> np.ndarray:
    """At most `most` rows of all shards, evenly spread, as float32."""
    return _taken(shards, spread(sum(map(len, shards)), most))


def spread(rows: int, most: int) -> np.ndarray:
    """At most `most` numbers of so many rows, evenly spread."""
    return np.unique(np.linspace(0, rows - 1, min(rows, most)).astype(np.int64)) if rows else np.zeros(0, np.int64)


Cells = tuple[np.ndarray, np.ndarray]
"""The cells that each query visits, and how near their centres are."""


def visited(index: Index, queries: np.ndarray) -> list[Cells] | None:
    """What `search` may be given where shards of one index are asked the same: their cells are the same ones."""
    if index.core is None:
        return None

    def nearest_centres(piece: slice) -> Cells:
        with _alone():
            sims, ids = index.core.quantizer.search(_floats(queries[piece]), index.plan.probes)
        return ids.astype(np.int32), sims

    return list(ahead(nearest_centres, _pieces(len(queries))))


def search(index: Index, queries: np.ndarray, k: int = 4, cells: Sequence[Cells] | None = None) -> Neighbours:
    """The `k` rows most similar to each query by inner product, those that the index proposes compared exactly.

    Ids count from the index's `first`; -1 where there are fewer. Equal similarities stand in the order of their ids.
    `cells` is what `visited` gave for another shard and these queries.
    """
    n = len(queries)
    if not n or not len(index):
        return Neighbours(np.full((n, k), -1, np.int64), np.full((n, k), -1, np.float32))
    if index.core is None:
        parts = list(_compared(index, queries, _pieces(n), k))
    else:
        both = zip(_pieces(n), cells or visited(index, queries) or (), strict=True)
        parts = list(ahead(lambda one: _looked_up(index, _floats(queries[one[0]]), k, one[1]), list(both)))
    return Neighbours(np.concatenate([part.ids for part in parts]), np.concatenate([part.sims for part in parts]))


def _pieces(queries: int) -> list[slice]:
    return [slice(start, min(start + _PIECE, queries)) for start in range(0, queries, _PIECE)]


def _looked_up(index: Index, queries: np.ndarray, k: int, cells: Cells) -> Neighbours:
    """The best of what an index proposes out of the cells visited."""
    most = k + _SPARE if index.plan.kind == "ivf" else max(40, 5 * k) * max(1, queries.shape[1] // 8 // index.plan.code)
    with _alone():
        proposed = index.core.search_preassigned(queries, min(most, len(index)), cells[0].astype(np.int64), cells[1])[1]
    return _exact(index, queries, proposed, k)


def _compared(index: Index, queries: np.ndarray, pieces: Sequence[slice], k: int) -> Iterator[Neighbours]:
    """The best of all rows, which are in memory a part at a time, for each piece of the queries."""
    import faiss

    best: dict[int, Neighbours] = {}
    most, first = min(k + _SPARE, len(index)), 0
    for shard in index.shards:
        for at in range(0, len(shard), 1 << 16):
            rows = faiss.IndexFlatIP(shard.shape[1])
            rows.add(_floats(shard[at:at + (1 << 16)]))

            def proposed(piece: slice, rows: Any = rows, first: int = first + at) -> Neighbours:
                with _alone():
                    sims, ids = rows.search(_floats(queries[piece]), min(most, rows.ntotal))
                return Neighbours(ids + first, sims)

            for number, part in enumerate(ahead(proposed, pieces)):
                best[number] = merge_neighbours([best[number], part], most) if number in best else part
        first += len(shard)
    for number, piece in enumerate(pieces):
        yield _exact(index, _floats(queries[piece]), best[number].ids, k)


def merge_neighbours(parts: Sequence[Neighbours], k: int | None = None) -> Neighbours:
    """The nearest of what several indexes found for the same queries, as one index over all their rows finds them."""
    k = parts[0].ids.shape[1] if k is None else k
    return _best(np.concatenate([part.ids for part in parts], 1), np.concatenate([part.sims for part in parts], 1), k)


def _exact(index: Index, queries: np.ndarray, ids: np.ndarray, k: int) -> Neighbours:
    """The best `k` of the rows proposed, by their vectors; the sums are made pair by pair, alike in every company."""
    out_ids, out_sims = np.full((len(ids), k), -1, np.int64), np.full((len(ids), k), -1, np.float32)
    for start in range(0, len(ids), _ROWS):
        part = ids[start:start + _ROWS]
        rows = _taken(index.shards, np.maximum(part, 0).ravel()).reshape(*part.shape, -1)
        sims = np.where(part >= 0, np.einsum("nd,nkd->nk", queries[start:start + _ROWS], rows), -1).astype(np.float32)
        best = _best(np.where(part >= 0, part + index.first, -1), sims, k)
        out_ids[start:start + _ROWS], out_sims[start:start + _ROWS] = best.ids, best.sims
    return Neighbours(out_ids, out_sims)


def _best(ids: np.ndarray, sims: np.ndarray, k: int) -> Neighbours:
    """The `k` best of each row, nearest first, then in the order of ids; what is missing last."""
    if ids.shape[1] < k:
        pad = ((0, 0), (0, k - ids.shape[1]))
        ids, sims = np.pad(ids, pad, constant_values=-1), np.pad(sims, pad, constant_values=-1)
    order = np.lexsort((ids, np.where(ids >= 0, -sims, np.inf)), axis=1)[:, :k]
    sims = np.take_along_axis(sims, order, 1)
    ids = np.take_along_axis(ids, order, 1)
    return Neighbours(ids.astype(np.int64), np.where(ids >= 0, sims, -1).astype(np.float32))


def _taken(shards: Sequence[np.ndarray], rows: np.ndarray) -> np.ndarray:
    """Rows by their numbers over all shards, float32; those of a shard are read in the order in which they lie there."""
    out = np.empty((len(rows), shards[0].shape[1] if shards else 1), np.float32)
    for places, shard, inside in _by_shard(shards, rows):
        order = np.argsort(inside, kind="stable")
        out[places[order]] = shard[inside[order]]
    return out


def _by_shard(shards: Sequence[np.ndarray], rows: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    starts = np.concatenate([[0], np.cumsum([len(shard) for shard in shards])])
    home = np.searchsorted(starts, rows, side="right") - 1
    for number in np.unique(home).tolist():
        places = np.flatnonzero(home == number)
        yield places, shards[number], rows[places] - starts[number]


def _floats(rows: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(rows, np.float32)
