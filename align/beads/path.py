"""The exact best path of beads through a banded grid, one vectorised step a row."""

from collections.abc import Callable

import numpy as np

from ..threads import ahead

# scores(first row, stop row, first column, stop column[, most]) -> bead scores by end corner, (rows, n, m, columns)
Scores = Callable[..., np.ndarray]

_MOST_ROWS = 32  # rows scored at a time, where the band fills at least a third of the block
_SKIP_FIRST, _SKIP_SECOND = -1, -2


def best_path(scores: Scores, skip_first: np.ndarray, skip_second: np.ndarray, low: np.ndarray, high: np.ndarray,
              most_first: int, most_second: int, most: np.ndarray | None = None) -> list[tuple[int, int]]:
    """The (n, m) steps of the path with the highest sum of scores; see `scored_path`."""
    return scored_path(scores, skip_first, skip_second, low, high, most_first, most_second, most)[0]


def scored_path(scores: Scores, skip_first: np.ndarray, skip_second: np.ndarray, low: np.ndarray, high: np.ndarray,
                most_first: int, most_second: int, most: np.ndarray | None = None
                ) -> tuple[list[tuple[int, int]], float]:
    """The (n, m) steps of the path from corner (0, 0) to the last that has the highest sum of scores, and that sum.

    A corner (i, j) stands behind i segments of the first side and j of the second; row i of the band holds the
    corners `low[i] <= j < high[i]`, low and high never falling. `scores(r0, r1, c0, c1)[i - r0, a, e, j - c0]` is the
    score of the bead of a + 1 and e + 1 segments that ends at corner (i, j), -inf where there is none;
    `most[i]`, where given, bounds beads on either side near row i, and is handed on to `scores` for a block of rows;
    `skip_first[i]` and `skip_second[j]` are the scores of leaving a segment alone, of shape (n,) and (m,). Memory
    grows with the cells of the band, two bytes each. Raises ValueError for a band that no path can cross.
    """
    n, m = len(skip_first), len(skip_second)
    depth, reach = most_first, most_second
    if low[0] > 0 or high[n] <= m:
        raise ValueError("the band leaves out the first or the last corner")
    skipped = np.concatenate([[0.0], np.cumsum(skip_second, dtype=np.float64)])
    # The last rows, each twice, so that one strided view reaches back over all of them; columns shifted by `reach`.
    ring = np.full((2 * depth, m + 1 + reach), -np.inf)
    item = ring.strides[1]
    steps: list[np.ndarray] = []
    cleared = [(0, 0)] * depth
    blocks = _blocks(low, high, n)
    if most is not None:
        blocks = [(*block, int(most[block[0]:block[1]].max())) for block in blocks]
    scored = ahead(lambda block: scores(*block), blocks)
    coming = iter(blocks)
    block_stop = 1
    for i in range(n + 1):
        lo, hi = int(low[i]), int(high[i])
        width = hi - lo
        if i == 0:
            best = np.full(width, -np.inf)
            best[0] = 0.0
            step = np.zeros(width, np.int16)
        else:
            if i >= block_stop:
                block = next(scored)
                block_start, block_stop, block_column, *_ = next(coming)
                n_here, m_here = block.shape[1:3]
            row = block[i - block_start, :, :, lo - block_column:hi - block_column]
            back = (i - 1) % depth + depth  # the row before this one in the second copy
            earlier = np.ndarray((n_here, m_here, width), np.float64, ring,
                                 offset=back * ring.strides[0] + (lo + reach - 1) * item,
                                 strides=(-ring.strides[0], -item, item))
            total = (earlier + row).reshape(n_here * m_here, width)
            step = total.argmax(0)
            best = total[step, np.arange(width)]
            if m_here < reach:
                step = step // m_here * reach + step % m_here
            alone = ring[back, lo + reach:hi + reach] + skip_first[i - 1]
            step = np.where(alone > best, _SKIP_FIRST, step).astype(np.int16)
            best = np.maximum(alone, best)
        along = np.maximum.accumulate(best - skipped[lo:hi]) + skipped[lo:hi]
        step[along > best + 1e-9] = _SKIP_SECOND
        best = np.maximum(along, best)
        slot = i % depth
        old_lo, old_hi = cleared[slot]
        for copy in (slot, slot + depth):
            ring[copy, old_lo + reach:old_hi + reach] = -np.inf
            ring[copy, lo + reach:hi + reach] = best
        cleared[slot] = (lo, hi)
        steps.append(step)
    if not np.isfinite(best[m - lo]):
        raise ValueError("no path crosses the band")
    return _trace(steps, low, n, m, reach), float(best[m - lo])


def _blocks(low: np.ndarray, high: np.ndarray, n: int) -> list[tuple[int, int, int, int]]:
    """Rows and columns that are scored together: as many as the band fills to a third."""
    out = []
    stop = 1
    while stop <= n:
        start, filled = stop, 0
        while stop <= n and stop < start + _MOST_ROWS:
            filled += int(high[stop] - low[stop])
            if stop > start and (stop + 1 - start) * int(high[stop] - low[start]) > 3 * filled:
                break
            stop += 1
        out.append((start, stop, int(low[start]), int(high[stop - 1])))
    return out


def _trace(steps: list[np.ndarray], low: np.ndarray, i: int, j: int, reach: int) -> list[tuple[int, int]]:
    path = []
    while i or j:
        step = int(steps[i][j - int(low[i])])
        if step == _SKIP_FIRST:
            n, m = 1, 0
        elif step == _SKIP_SECOND:
            n, m = 0, 1
        else:
            n, m = step // reach + 1, step % reach + 1
        path.append((n, m))
        i, j = i - n, j - m
    return path[::-1]
