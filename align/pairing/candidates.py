"""Which documents of the two sides may belong together: nearest neighbours of document vectors, both ways."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..data import Neighbours
from .side import Side

Search = Callable[[np.ndarray, np.ndarray, int], Neighbours]
"""Queries and base, unit rows of shapes (n, d) and (m, d), and k: the k nearest rows of the base by inner product."""

_WINDOWS = ((0.0, 1 / 3), (1 / 6, 1 / 2), (1 / 3, 2 / 3), (1 / 2, 5 / 6), (2 / 3, 1.0))
"""Parts of a document that have a vector of their own: what a version that gives a part only is found by."""
_LEAST = 6  # sentences of a document that is looked at in parts
_REDUCED = 128
_LARGE = 4_000  # documents of a side beyond which they are compared in the main directions alone
_EXACT = 2_000_000_000  # products of rows up to which every document is compared with every other
_PROBES = 16  # clusters that are searched for a document where they are too many for that
_ROUNDS = 4
_LONGEST = 400  # characters up to which a longer sentence weighs more


def bulk(lengths: np.ndarray) -> np.ndarray:
    """What sentences of these lengths in characters weigh where no other document has them."""
    return np.sqrt(np.minimum(lengths, _LONGEST))


def weights(side: Side) -> np.ndarray:
    """How much each sentence kept says of its document: by its length, and by how few documents have it.

    After Thompson and Koehn, Exploiting Sentence Order in Document Alignment (2020), 3.3.
    """
    documents = np.repeat(np.arange(len(side)), np.diff(side.starts))
    # A copy of a document says nothing of how common its sentences are.
    _, same = np.unique(side.digests, return_inverse=True)
    seen = np.unique(np.stack([side.hashes, same.astype(np.uint64)[documents]], 1), axis=0)[:, 0]
    words, counts = np.unique(seen, return_counts=True)
    common = counts[np.searchsorted(words, side.hashes)]
    return (bulk(side.lengths) / common).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Views:
    """Unit vectors of documents and of their parts; row `k` belongs to `documents[k]`, the whole ones stand first."""

    rows: np.ndarray
    documents: np.ndarray
    whole: int


def main_directions(sides: tuple[Side, Side], samples: np.ndarray) -> np.ndarray | None:
    """The directions, as columns, in which centred `samples` spread most; None where all are kept."""
    if max(map(len, sides)) <= _LARGE or samples.shape[1] <= _REDUCED:
        return None
    return np.linalg.eigh(samples.T @ samples)[1][:, -_REDUCED:].astype(np.float32)


def views(side: Side, weight: np.ndarray, centre: np.ndarray, directions: np.ndarray | None = None) -> Views:
    """Weighted means of centred sentence vectors, in `directions` where they are given: of every document, then of the
    parts of those long enough."""
    counts = np.diff(side.starts)
    parts = np.flatnonzero(counts >= _LEAST)
    width = len(centre) if directions is None else directions.shape[1]
    rows = np.empty((len(side) + len(_WINDOWS) * len(parts), width), np.float32)
    at = len(side)
    for k, n in enumerate(counts.tolist()):
        weighed = (side.vectors(k) - centre) * weight[side.starts[k]:side.starts[k + 1], None]
        sums = [weighed.sum(0)]
        if n >= _LEAST:
            sums += [weighed[int(begin * n):max(int(np.ceil(end * n)), 1)].sum(0) for begin, end in _WINDOWS]
        found = np.stack(sums) if directions is None else np.stack(sums) @ directions
        rows[k] = found[0]
        rows[at:at + len(found) - 1] = found[1:]
        at += len(found) - 1
    return Views(_units(rows), np.concatenate([np.arange(len(side)), np.repeat(parts, len(_WINDOWS))]), len(side))


def _units(rows: np.ndarray) -> np.ndarray:
    return (rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)).astype(np.float32)


def candidates(ar: Views, en: Views, search: Search, k: int) -> np.ndarray:
    """Pairs (ar, en) of documents of which one is among the `k` nearest of the other or of its parts; sorted."""
    found = []
    for queries, base, flip in ((ar, en, False), (en, ar, True)):
        # Several of the nearest may be parts of one document.
        ids = _nearest(queries.rows[:queries.whole], base.rows, 3 * k, search)
        documents = np.where(ids >= 0, base.documents[ids], -1) if len(base.documents) else ids
        own, rank = np.nonzero(_first(documents, k))
        pairs = np.stack([own, documents[own, rank]], 1)
        found.append(pairs[:, ::-1] if flip else pairs)
    return np.unique(np.concatenate(found), axis=0)


def _first(documents: np.ndarray, k: int) -> np.ndarray:
    """Where in each row one of its first `k` different documents stands for the first time; -1 is none."""
    new = documents >= 0
    for rank in range(1, documents.shape[1]):
        new[:, rank] &= (documents[:, :rank] != documents[:, rank, None]).all(1)
    return new & (new.cumsum(1) <= k)


def _nearest(queries: np.ndarray, base: np.ndarray, k: int, search: Search) -> np.ndarray:
    """Numbers of the `k` nearest rows of the base, -1 where there are fewer; of many rows, in the nearest clusters."""
    if len(queries) * len(base) <= _EXACT:
        return search(queries, base, k).ids
    centres, owner = _clusters(base, search)
    members = np.argsort(owner, kind="stable")
    starts = np.searchsorted(owner[members], np.arange(len(centres) + 1))
    probes = search(queries, centres, _PROBES).ids
    asking = np.argsort(probes.ravel(), kind="stable")
    asked = np.searchsorted(probes.ravel()[asking], np.arange(len(centres) + 1))
    ids, sims = np.full((len(queries), k), -1, np.int64), np.full((len(queries), k), -np.inf, np.float32)
    for cluster in range(len(centres)):
        own = members[starts[cluster]:starts[cluster + 1]]
        rows = asking[asked[cluster]:asked[cluster + 1]] // probes.shape[1]
        if not len(own) or not len(rows):
            continue
        near = search(queries[rows], base[own], k)
        both = np.concatenate([ids[rows], np.where(near.ids >= 0, own[near.ids], -1)], 1)
        values = np.concatenate([sims[rows], np.where(near.ids >= 0, near.sims, -np.inf)], 1)
        best = np.argsort(-values, axis=1, kind="stable")[:, :k]
        ids[rows], sims[rows] = np.take_along_axis(both, best, 1), np.take_along_axis(values, best, 1)
    return ids


def _clusters(base: np.ndarray, search: Search) -> tuple[np.ndarray, np.ndarray]:
    """As many centres as the root of the number of rows, by a few rounds of k-means, and the nearest of each row."""
    count = int(np.sqrt(len(base)))
    centres = base[np.linspace(0, len(base) - 1, count).astype(np.int64)]
    sample = base[:: max(1, len(base) // (64 * count))]
    for _ in range(_ROUNDS):
        owner = search(sample, centres, 1).ids[:, 0]
        order = np.argsort(owner, kind="stable")
        held, firsts = np.unique(owner[order], return_index=True)
        centres = centres.copy()
        centres[held] = _units(np.add.reduceat(sample[order], firsts, axis=0))
    return centres, search(base, centres, 1).ids[:, 0]
