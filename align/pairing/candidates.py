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
_LARGE = 100_000_000  # products of rows beyond which a search goes in the main directions alone
_LONGEST = 400  # characters up to which a longer sentence weighs more


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
    return (np.sqrt(np.minimum(side.lengths, _LONGEST)) / common).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Views:
    """Unit vectors of documents and of their parts; row `k` belongs to `documents[k]`, the whole ones stand first."""

    rows: np.ndarray
    documents: np.ndarray
    whole: int


def views(side: Side, weight: np.ndarray, centre: np.ndarray) -> Views:
    """Weighted means of centred sentence vectors: of every document, then of the parts of those long enough."""
    rows: list[np.ndarray] = []
    parts: list[np.ndarray] = []
    owners: list[int] = []
    for k in range(len(side)):
        start, stop = side.starts[k], side.starts[k + 1]
        weighed = (side.vectors(k) - centre) * weight[start:stop, None]
        rows.append(weighed.sum(0))
        n = stop - start
        if n >= _LEAST:
            for begin, end in _WINDOWS:
                parts.append(weighed[int(begin * n):max(int(np.ceil(end * n)), 1)].sum(0))
                owners.append(k)
    stacked = np.stack([*rows, *parts]) if rows else np.zeros((0, len(centre)), np.float32)
    return Views(_units(stacked), np.array([*range(len(side)), *owners], np.int64), len(side))


def _units(rows: np.ndarray) -> np.ndarray:
    return (rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)).astype(np.float32)


def candidates(ar: Views, en: Views, search: Search, k: int) -> np.ndarray:
    """Pairs (ar, en) of documents of which one is among the `k` nearest of the other or of its parts; sorted."""
    found = []
    a, e = _reduced(ar.rows, en.rows)
    for queries, whole, base, owners, flip in ((a[:ar.whole], ar, e, en, False), (e[:en.whole], en, a, ar, True)):
        # Several of the nearest may be parts of one document.
        near = search(queries, base, 2 * k)
        ids = np.where(near.ids >= 0, owners.documents[near.ids], -1)
        own = np.repeat(np.arange(whole.whole), ids.shape[1])
        pairs = np.stack([own, ids.ravel()], 1)[ids.ravel() >= 0]
        found.append(pairs[:, ::-1] if flip else pairs)
    return np.unique(np.concatenate(found), axis=0)


def _reduced(a: np.ndarray, e: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both sides in the main directions that they have in common, where the search is large."""
    if len(a) * len(e) <= _LARGE or a.shape[1] <= _REDUCED:
        return a, e
    sample = np.concatenate([side[:: max(1, len(side) // 20_000)] for side in (a, e)])
    directions = np.linalg.eigh(sample.T @ sample)[1][:, -_REDUCED:]
    return _units(a @ directions), _units(e @ directions)
