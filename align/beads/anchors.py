"""Sure pairs of segments: a chain of them cuts the grid into a band, those beside it are moved blocks."""

import numpy as np

from ..data import Neighbours

# What makes a pair of nearest neighbours sure: each the other's nearest, similar, and clearly more so than the next.
_LEAST_SIM, _LEAST_MARGIN = 0.3, 1.15
# Corners kept beside the chain: fewer where two anchors lie on one diagonal, since then little can be merged between.
_DIAGONAL, _RADIUS = 2, 4
# Rows to each side of a stretch between anchors in which beads may be as long as there.
_NEAR = 6
WHOLE = 1_500
"""Grids up to so many corners are searched whole; larger ones around anchors, which finds the same in half the time."""
# A stretch without anchors is searched whole up to so many corners, beyond that in a band along its diagonal.
_STRETCH = 4_000_000


def sure_pairs(forward: Neighbours, backward: Neighbours) -> tuple[np.ndarray, np.ndarray]:
    """Pairs (i, j) that are each other's nearest with a margin, int64 of shape (pairs, 2) by i; and their similarity."""
    if not forward.ids.size:
        return np.zeros((0, 2), np.int64), np.zeros(0, np.float32)
    rows = np.flatnonzero(forward.ids[:, 0] >= 0)
    found = forward.ids[rows, 0]
    mutual = backward.ids[found, 0] == rows
    sims = forward.sims[rows, 0]
    others = (_rest(forward.sims[rows]) + _rest(backward.sims[found])) / 2
    sure = mutual & (sims >= _LEAST_SIM) & (sims >= _LEAST_MARGIN * others)
    return np.stack([rows[sure], found[sure]], axis=1), sims[sure]


def _rest(sims: np.ndarray) -> np.ndarray:
    """Mean similarity of the neighbours but the nearest."""
    return np.maximum(sims[:, 1:].mean(1), 0) if sims.shape[1] > 1 else np.zeros(len(sims))


def chain(pairs: np.ndarray, sims: np.ndarray) -> np.ndarray:
    """Which pairs make the heaviest chain that rises on both sides, as a boolean mask.

    Weighted longest increasing subsequence with a Fenwick tree, O(n log n).
    """
    kept = np.zeros(len(pairs), bool)
    if not len(pairs):
        return kept
    size = int(pairs[:, 1].max()) + 2
    weight, last = [0.0] * (size + 1), [-1] * (size + 1)
    before = [-1] * len(pairs)
    best, best_at = -1.0, -1
    for at, (second, sim) in enumerate(zip(pairs[:, 1].tolist(), sims.tolist(), strict=True)):
        total, previous = 0.0, -1
        k = second
        while k > 0:
            if weight[k] > total:
                total, previous = weight[k], last[k]
            k -= k & -k
        total += sim
        before[at] = previous
        k = second + 1
        while k <= size:
            if total > weight[k]:
                weight[k], last[k] = total, at
            k += k & -k
        if total > best:
            best, best_at = total, at
    while best_at >= 0:
        kept[best_at] = True
        best_at = before[best_at]
    return kept


def supported(pairs: np.ndarray) -> np.ndarray:
    """Which pairs of a chain have another close by, along the diagonal: a lone one may be chance, as a boolean mask."""
    if len(pairs) < 3:
        return np.zeros(len(pairs), bool)
    step = np.diff(pairs, axis=0)
    near = (step.max(1) <= 24) & (step.max(1) <= 6 * step.min(1) + 6)
    return np.concatenate([[False], near]) | np.concatenate([near, [False]])


def band(n: int, m: int, anchors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Columns `low[i] <= j < high[i]` of each row of corners, around a chain of anchors; never falling."""
    if (n + 1) * (m + 1) <= WHOLE:
        return np.zeros(n + 1, np.int64), np.full(n + 1, m + 1, np.int64)
    low, high = np.full(n + 1, m, np.int64), np.zeros(n + 1, np.int64)
    stops = np.concatenate([[[0, 0]], anchors, [[n, m]]])
    (i, j), (down, across) = stops[:-1].T, np.diff(stops, axis=0).T
    radius = np.where((down == across) & (across <= 8), _DIAGONAL, _RADIUS)
    last, right = np.minimum(i + down + 1, n), np.minimum(j + across + 1, m)
    whole = (last - i) * (right - j) <= _STRETCH
    which, rows = _rows(i[whole], last[whole] + 1)
    np.minimum.at(low, rows, np.maximum(j - radius, 0)[whole][which])
    np.maximum.at(high, rows, (np.minimum(right + radius, m) + 1)[whole][which])
    for top, left, bottom, edge in np.stack([i, j, last, right], axis=1)[~whole].tolist():
        rows = np.arange(top, bottom + 1)
        middle = left + (rows - top) * (edge - left) / (bottom - top)
        reach = max(_STRETCH // (4 * (bottom - top)), (edge - left) // (bottom - top) + 1, 100)
        low[rows] = np.minimum(low[rows], np.maximum(middle - reach, 0).astype(np.int64))
        high[rows] = np.maximum(high[rows], np.minimum(middle + reach + 1, m + 1).astype(np.int64))
    low[0], high[n] = 0, m + 1
    return np.minimum.accumulate(low[::-1])[::-1], np.maximum.accumulate(high)


def most_segments(n: int, m: int, anchors: np.ndarray) -> np.ndarray:
    """The most segments that a bead near each row of corners may have: it holds few anchors, int64 of shape (n + 1,)."""
    out = np.zeros(n + 1, np.int64)
    stops = np.concatenate([[[0, 0]], anchors, [[n, m]]])
    steps = np.diff(stops, axis=0).max(1) + 2
    which, rows = _rows(np.maximum(stops[:-1, 0] - _NEAR, 0), np.minimum(stops[1:, 0] + _NEAR + 2, n + 1))
    np.maximum.at(out, rows, steps[which])
    return out


def _rows(starts: np.ndarray, stops: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All rows from each start to its stop, and which start each belongs to."""
    sizes = stops - starts
    which = np.repeat(np.arange(len(sizes)), sizes)
    return which, np.arange(len(which)) + (starts - np.cumsum(sizes) + sizes)[which]


def runs(pairs: np.ndarray, least: int) -> list[tuple[int, int]]:
    """Stretches `start:stop` of pairs that rise side by side, at least `least` long, gaps of two allowed."""
    out = []
    start = 0
    for at in range(1, len(pairs) + 1):
        if at < len(pairs):
            step = pairs[at] - pairs[at - 1]
            if 0 < step[0] <= 3 and 0 < step[1] <= 3:
                continue
        if at - start >= least:
            out.append((start, at))
        start = at
    return out


def shares_between(anchors: np.ndarray, n: int, m: int) -> tuple[np.ndarray, np.ndarray]:
    """For each segment the share of its stretch between two anchors that merged translations cannot explain."""
    out = np.zeros(n), np.zeros(m)
    stops = np.concatenate([[[-1, -1]], anchors, [[n, m]]])
    gaps = np.diff(stops, axis=0) - 1
    for at in np.flatnonzero((gaps > 8 + 4 * gaps[:, ::-1]).any(1)):
        for share, start, size, other in zip(out, stops[at] + 1, gaps[at], gaps[at][::-1], strict=True):
            if size > 8 + 4 * other:
                share[start:start + size] = 1 - (8 + 4 * other) / size
    return out
