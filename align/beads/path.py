"""The exact best path of beads through a banded grid, row by row."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..threads import ahead
from .kernels import ALONE_FIRST, ALONE_SECOND, Machine

# scores(first row, stop row, columns[, most]) -> bead scores by end corner, (rows, n, m, columns); `columns` of shape
# (rows, columns), or (1, columns) where they are those of every row
Scores = Callable[..., np.ndarray]

# Rows of a block and their scores; ribbons of wide rows have a few rows, which look at the same columns.
_MOST_ROWS, _FEW_ROWS, _MOST_SCORES = 32, 8, 100_000
# The band fills at least one part of so many of a block.
_FILLED = 3


@dataclass(frozen=True, slots=True)
class Block:
    """Rows `start` to `stop` that are scored together, at `columns` (see Scores); `most` goes on to Scores."""

    start: int
    stop: int
    columns: np.ndarray
    most: tuple[int | np.ndarray, ...] = ()


def best_path(scores: Scores, skip_first: np.ndarray, skip_second: np.ndarray, low: np.ndarray, high: np.ndarray,
              most_first: int, most_second: int, most: np.ndarray | None = None, machine: Machine | None = None,
              blocks: Sequence[Block] | None = None) -> list[tuple[int, int]]:
    """The (n, m) steps of the path with the highest sum of scores; see `scored_path`."""
    return scored_path(scores, skip_first, skip_second, low, high, most_first, most_second, most, machine, blocks)[0]


def scored_path(scores: Scores, skip_first: np.ndarray, skip_second: np.ndarray, low: np.ndarray, high: np.ndarray,
                most_first: int, most_second: int, most: np.ndarray | None = None, machine: Machine | None = None,
                blocks: Sequence[Block] | None = None) -> tuple[list[tuple[int, int]], float]:
    """The (n, m) steps of the path from corner (0, 0) to the last that has the highest sum of scores, and that sum.

    A corner (i, j) stands behind i segments of the first side and j of the second; row i of the band holds the
    corners `low[i] <= j < high[i]`, low and high never falling. `scores(r0, r1, columns)[i - r0, a, e, k]` is the
    score of the bead of a + 1 and e + 1 segments that ends at corner (i, j), j the k-th of row i's columns, -inf where
    there is none;
    `most[i]`, where given, bounds beads on either side near row i, and is handed on to `scores`, for each row of a
    block or once for all;
    `skip_first[i]` and `skip_second[j]` are the scores of leaving a segment alone, of shape (n,) and (m,). Memory
    grows with the cells of the band, two bytes each. With a `machine` compiled code takes the steps, and blocks are
    of as many columns as a row has; otherwise NumPy, row by row, and blocks hold all columns of all their rows. The
    `blocks` of an earlier call on the same band need not be made again.
    Raises ValueError for a band that no path can cross.
    """
    n, m = len(skip_first), len(skip_second)
    if low[0] > 0 or high[n] <= m:
        raise ValueError("the band leaves out the first or the last corner")
    walk = (_Walk if machine is None else _CompiledWalk)(skip_first, skip_second, low, high, most_first, most_second,
                                                         machine)
    if blocks is None:
        blocks = blocks_of(low, high, most_first, most_second, most, machine)
    scored = ahead(lambda block: scores(block.start, block.stop, block.columns, *block.most), blocks)
    for block, values in zip(blocks, scored, strict=True):
        walk.rows(block.start, block.columns, values)
    total = walk.total()
    return walk.steps(), total


def blocks_of(low: np.ndarray, high: np.ndarray, most_first: int, most_second: int, most: np.ndarray | None,
              machine: Machine | None) -> list[Block]:
    """The blocks in which a band is scored."""
    return _rectangles(low, high, most) if machine is None else _ribbons(low, high, most, most_first, most_second)


class _Walk:
    """The best sums to the corners of the last rows, and the steps to all corners so far."""

    # Each of the last `depth` rows stands in the ring twice, so that one strided view reaches back over all of them.
    _COPIES, _MORE = 2, 0

    def __init__(self, skip_first: np.ndarray, skip_second: np.ndarray, low: np.ndarray, high: np.ndarray, depth: int,
                 reach: int, machine: Machine | None):
        self._low, self._high = (np.ascontiguousarray(side, np.int64) for side in (low, high))
        self._alone = np.ascontiguousarray(skip_first, np.float64)
        self._skipped = np.concatenate([[0.0], np.cumsum(skip_second, dtype=np.float64)])
        self._reach, self._machine = reach, machine
        self._offsets = np.concatenate([[0], np.cumsum(self._high - self._low)])
        self._steps = np.empty(int(self._offsets[-1]), np.int16)
        # Columns shifted by `reach`, so that steps back find nothing left of the grid.
        self._turn = depth + self._MORE
        self._ring = np.full((self._turn * self._COPIES, len(self._skipped) + reach), -np.inf)
        width = int(self._high[0])
        self._steps[:width] = ALONE_SECOND
        self._keep(0, self._skipped[:width])

    def _keep(self, i: int, best: np.ndarray) -> None:
        gone = max(i - self._turn, 0)
        for slot in range(i % self._turn, len(self._ring), self._turn):
            self._ring[slot, self._low[gone] + self._reach:self._high[gone] + self._reach] = -np.inf
            self._ring[slot, self._low[i] + self._reach:self._high[i] + self._reach] = best

    def rows(self, first: int, columns: np.ndarray, scores: np.ndarray) -> None:
        """Take the rows from `first` on."""
        n, m = scores.shape[1:3]
        strides = self._ring.strides
        for at in range(len(scores)):
            i = first + at
            lo, hi = int(self._low[i]), int(self._high[i])
            width = hi - lo
            start = lo - int(columns[at % len(columns), 0])
            back = (i - 1) % self._turn + self._turn  # the row before this one in the second copy
            earlier = np.ndarray((n, m, width), np.float64, self._ring,
                                 offset=back * strides[0] + (lo + self._reach - 1) * strides[1],
                                 strides=(-strides[0], -strides[1], strides[1]))
            total = (earlier + scores[at, :, :, start:start + width]).reshape(n * m, width)
            step = total.argmax(0)
            best = total[step, np.arange(width)]
            if m < self._reach:
                step = step // m * self._reach + step % m
            alone = self._ring[back, lo + self._reach:hi + self._reach] + self._alone[i - 1]
            step = np.where(alone > best, ALONE_FIRST, step).astype(np.int16)
            best = np.maximum(alone, best)
            along = np.maximum.accumulate(best - self._skipped[lo:hi]) + self._skipped[lo:hi]
            step[along > best + 1e-9] = ALONE_SECOND
            self._keep(i, np.maximum(along, best))
            self._steps[self._offsets[i]:self._offsets[i + 1]] = step

    def total(self) -> float:
        """The sum of the best path; raises ValueError where there is none."""
        best = float(self._ring[(len(self._low) - 1) % self._turn, -1])
        if not np.isfinite(best):
            raise ValueError("no path crosses the band")
        return best

    def steps(self) -> list[tuple[int, int]]:
        """The steps of the best path."""
        i, j = len(self._low) - 1, len(self._skipped) - 1
        steps, firsts = self._steps, (self._offsets[:-1] - self._low).tolist()
        path = []
        while i or j:
            step = int(steps[firsts[i] + j])
            if step == ALONE_FIRST:
                n, m = 1, 0
            elif step == ALONE_SECOND:
                n, m = 0, 1
            else:
                n, m = step // self._reach + 1, step % self._reach + 1
            path.append((n, m))
            i, j = i - n, j - m
        return path[::-1]


class _CompiledWalk(_Walk):
    """The same by compiled code."""

    _COPIES, _MORE = 1, 1
    _machine: Machine

    def rows(self, first: int, columns: np.ndarray, scores: np.ndarray) -> None:
        """Take the rows from `first` on."""
        starts = np.broadcast_to(columns[:, 0], len(scores))
        self._machine.walk(scores, starts, first, self._low, self._high, self._alone, self._skipped, self._ring,
                           self._reach, self._steps, self._offsets)


def _rectangles(low: np.ndarray, high: np.ndarray, most: np.ndarray | None) -> list[Block]:
    """Blocks of all columns of all their rows: as many rows as the band fills to a third."""
    out = []
    n = len(low) - 1
    stop = 1
    while stop <= n:
        start, filled = stop, 0
        while stop <= n and stop < start + _MOST_ROWS:
            filled += int(high[stop] - low[stop])
            if stop > start and (stop + 1 - start) * int(high[stop] - low[start]) > _FILLED * filled:
                break
            stop += 1
        bound = () if most is None else (int(most[start:stop].max()),)
        out.append(Block(start, stop, np.arange(low[start], high[stop - 1])[None], bound))
    return out


def _ribbons(low: np.ndarray, high: np.ndarray, most: np.ndarray | None, most_first: int, most_second: int
             ) -> list[Block]:
    """Blocks of the columns that each row has, as many as the widest: rows alike, so that little more is scored."""
    out = []
    n, m = len(low) - 1, int(high[-1]) - 1
    bound = np.full(n + 1, max(most_first, most_second)) if most is None else np.maximum(most, 1)
    beads = (np.minimum(bound, most_first) * np.minimum(bound, most_second)).tolist()
    # With the columns of the rows before and after, which are looked at as well.
    widths = (np.append(high[1:], high[-1]) - np.insert(low[:-1], 0, low[0])).tolist()
    stop = 1
    while stop <= n:
        start, filled, broad, many = stop, 0, 0, 0
        while stop <= n:
            filled += widths[stop] * beads[stop]
            broad, many = max(broad, widths[stop]), max(many, beads[stop])
            size = (stop + 1 - start) * broad * many
            if stop > start and size > _FILLED * filled or stop >= start + _FEW_ROWS and size > _MOST_SCORES:
                break
            stop += 1
        rows = slice(start, stop)
        width = int((high[rows] - low[rows]).max())
        starts = np.minimum(low[rows], m + 1 - width)
        columns = (starts[:1] if starts[0] == starts[-1] else starts)[:, None] + np.arange(width)
        out.append(Block(start, stop, columns, () if most is None else (bound[rows],)))
    return out
