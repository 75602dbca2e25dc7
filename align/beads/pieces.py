"""Where a long pair may be cut: corners that surely lie on its path, found among the nearest neighbours of its segments.

    first   . . . a b c d | e f g h . . .      Segments that follow each other on both sides and answer each other,
    second  . . . A B C D | E F G H . . .      one by one: between two of them the path crosses a corner.
"""

import numpy as np

from ..data import Neighbours
from .anchors import chain

# A segment's neighbours that are nearly as similar as the nearest are told apart by the chain: texts repeat themselves.
_TIED = 0.02
# What makes the nearest ones likely answers: similar, and clearly more so than the neighbours that are not.
_LEAST_SIM, _LEAST_MARGIN = 0.3, 1.15
# The furthest that the answers beside a corner lie from each other.
_NEAR = 3


def likely_pairs(found: Neighbours) -> tuple[np.ndarray, np.ndarray]:
    """Pairs (i, j) that may answer each other, int64 of shape (pairs, 2), by i and then from the last j to the first, so
    that a chain takes one j of each i; and their similarity."""
    ids, sims = found.ids, found.sims
    tied = (ids >= 0) & (sims >= sims[:, :1] - _TIED)
    others = (ids >= 0) & ~tied
    rest = np.where(others, np.maximum(sims, 0), 0).sum(1) / np.maximum(others.sum(1), 1)
    kept = tied & ((sims[:, 0] >= _LEAST_SIM) & (sims[:, 0] >= _LEAST_MARGIN * rest))[:, None]
    # Where all neighbours are alike there may be more of them that were not found.
    kept &= others.any(1, keepdims=True) | (ids < 0).any(1, keepdims=True)
    i, place = np.nonzero(kept)
    j = ids[i, place]
    order = np.lexsort((-j, i))
    return np.stack([i, j], 1)[order], sims[i, place][order]


def cuts(found: Neighbours, size: int) -> np.ndarray:
    """Corners that surely lie on the path, about `size` segments of the longer side from each other, int64 of shape (corners, 2),
    rising on both sides; stretches where nothing is sure may be longer."""
    pairs, sims = likely_pairs(found)
    path = pairs[chain(pairs, sims)]
    strength = _strength(path)
    corners, strength = path[strength > 0] + 1, strength[strength > 0]
    out, last, at = [], np.zeros(2, np.int64), 0
    while at < len(corners):
        away = (corners[at:] - last).max(1)
        low, high = np.searchsorted(away, [size // 2, size + size // 2])
        if low == len(away):
            break
        near = np.arange(low, max(high, low + 1))
        at += int(near[np.lexsort((np.abs(away[near] - size), -strength[at + near]))[0]])
        last = corners[at]
        out.append(last)
        at += 1
    return np.array(out, np.int64).reshape(-1, 2)


def _strength(path: np.ndarray) -> np.ndarray:
    """How surely the corner behind each pair of a chain lies on the path: 0 for those that need not, more the more of the steps
    over it, before and behind it lead from one segment to the next on both sides."""
    if len(path) < 4:
        return np.zeros(len(path), np.int64)
    steps = np.diff(path, axis=0)
    near, even = (np.pad(kind.all(1).astype(np.int64), (1, 2)) for kind in (steps <= _NEAR, steps == 1))
    before, over, behind = slice(0, -2), slice(1, -1), slice(2, None)
    return near[before] * near[over] * near[behind] * (1 + even[before] + 3 * even[over] + even[behind])


def along(n: int, m: int, size: int) -> np.ndarray:
    """Corners along the diagonal of a grid in which nothing is sure, at most `size` segments of the longer side apart."""
    count = -(-max(n, m) // size)
    at = np.arange(1, count)
    return np.stack([at * n // count, at * m // count], 1)
