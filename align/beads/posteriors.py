"""How likely each bead is, over all paths through a banded grid: sums over paths, by scaled forward and backward passes.

The sums are those of hidden Markov models (Rabiner, A Tutorial on Hidden Markov Models, 1989, section V.A), with beads for
transitions: every row of the forward pass is divided by its greatest value, and the backward pass by the same numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .kernels import Machine
from .path import Block, Scores

LEAST = 1e-3
"""Beads less likely than this are not told of."""
# Beads whose worth is kept between both passes, four bytes each.
_HELD = 100_000_000


@dataclass(frozen=True, slots=True)
class Posteriors:
    """Likely beads, and how likely each segment stands alone.

    `ends` and `sizes` are int64 of shape (beads, 2): the corner where a bead of both sides ends and its numbers of segments;
    `shares` their probabilities, at least LEAST. `first_alone` and `second_alone` are the probabilities that a segment is
    left alone, of shapes (n,) and (m,); `first_places` and `second_places` the corner on the other side at which it is, in the
    mean, NaN where that never happens.
    """

    ends: np.ndarray
    sizes: np.ndarray
    shares: np.ndarray
    first_alone: np.ndarray
    second_alone: np.ndarray
    first_places: np.ndarray
    second_places: np.ndarray


def posteriors(scores: Scores, skip_first: np.ndarray, skip_second: np.ndarray, low: np.ndarray, high: np.ndarray,
               most_first: int, most_second: int, machine: Machine | None, blocks: Sequence[Block]) -> Posteriors:
    """Probabilities of beads where a path's is proportional to the exponential of its score; arguments as of `scored_path`.

    What _HELD beads are worth is kept from the one pass to the other; of more of them it is asked for twice. Memory grows with
    the corners of the band. Raises ValueError where the sums leave the range of numbers.
    """
    # All paths leave the second side's segments behind. Held against leaving them alone, steps along a row are worth 1, and
    # sums stay in the range of numbers however long the row is.
    passed = np.concatenate([[0.0], np.cumsum(skip_second, dtype=np.float64)])
    worth: list[np.ndarray | None] = []
    held = 0
    with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
        walk = (_Sums if machine is None else _CompiledSums)(skip_first, len(skip_second), low, high, machine)
        for block in blocks:
            here = _worth(scores, block, passed)
            walk.forward(block.start, block.columns, here)
            held += here.size
            worth.append(here if held <= _HELD else None)
        walk.turn()
        found = []
        for block in reversed(blocks):
            shares = worth.pop()
            if shares is None:
                shares = _worth(scores, block, passed)
            walk.backward(block.start, block.columns, shares)
            found.append(_likely(shares, block, walk.low, walk.high))
        walk.end()
    ends, sizes, shares = (np.concatenate(part[::-1]) for part in zip(*found, strict=True)) if found else (
        np.zeros((0, 2), np.int64), np.zeros((0, 2), np.int64), np.zeros(0))
    alone = walk.alone()
    if not (np.isfinite(shares).all() and np.isfinite(alone[0]).all() and np.isfinite(alone[1]).all()):
        raise ValueError("the sums over paths leave the range of numbers")
    return Posteriors(ends, sizes, shares, *alone)


def _worth(scores: Scores, block: Block, passed: np.ndarray) -> np.ndarray:
    """What the beads of a block are worth, held against leaving the second side's part of them alone."""
    given = scores(block.start, block.stop, block.columns, *block.most)
    return np.exp(given - _passed(passed, block.columns, given.shape[2]))


def _passed(passed: np.ndarray, columns: np.ndarray, m: int) -> np.ndarray:
    """What it would be worth to leave the second side's part of beads alone, by end corner, shape (rows or 1, 1, m, columns)."""
    begins = np.maximum(columns[:, None] - np.arange(1, m + 1)[:, None], 0)
    return (passed[columns][:, None] - passed[begins]).astype(np.float32)[:, None]


def _likely(shares: np.ndarray, block: Block, low: np.ndarray, high: np.ndarray
            ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ends, sizes and probabilities of the beads of a block that are likely enough; by end."""
    flat = shares.reshape(-1)
    places = np.flatnonzero(flat >= LEAST)
    row, n, m, at = np.unravel_index(places, shares.shape)
    j = block.columns[row % len(block.columns), at]
    i = row + block.start
    kept = np.flatnonzero((j >= low[i]) & (j < high[i]))
    kept = kept[np.argsort(i[kept] * (int(high[-1]) + 1) + j[kept], kind="stable")]
    values = np.minimum(flat[places[kept]].astype(np.float64), 1)
    return np.stack([i[kept], j[kept]], 1), np.stack([n[kept] + 1, m[kept] + 1], 1), values


class _Sums:
    """Both passes row by row. Row i of `before` holds the sums over all ways to its corners, divided by `scales[0]` to
    `scales[i]`; row i of `after` those over all ways on, divided by `scales[i + 1]` to the last."""

    def __init__(self, skip_first: np.ndarray, m: int, low: np.ndarray, high: np.ndarray, machine: Machine | None):
        self.low, self.high = (np.ascontiguousarray(side, np.int64) for side in (low, high))
        self._machine = machine
        n = len(skip_first)
        self._first = np.exp(skip_first.astype(np.float64))
        self._offsets = np.concatenate([[0], np.cumsum(self.high - self.low)])
        self._before = np.zeros(int(self._offsets[-1]))
        self._after = np.zeros(len(self._before))
        self._scales = np.ones(n + 1)
        self._alone = [np.zeros((n + 1, 2)), np.zeros((m + 2, 2))]
        self._row(self._before, 0)[:] = 1.0

    def _row(self, flat: np.ndarray, i: int) -> np.ndarray:
        return flat[self._offsets[i]:self._offsets[i + 1]]

    def _part(self, flat: np.ndarray, i: int, start: int, stop: int) -> np.ndarray:
        """Columns `start` to `stop` of a row, 0 outside the band and the grid."""
        out = np.zeros(stop - start)
        if i >= 0:
            a, b = max(start, int(self.low[i])), min(stop, int(self.high[i]))
            if a < b:
                out[a - start:b - start] = self._row(flat, i)[a - int(self.low[i]):b - int(self.low[i])]
        return out

    def _add(self, flat: np.ndarray, i: int, start: int, values: np.ndarray) -> None:
        a, b = max(start, int(self.low[i])), min(start + len(values), int(self.high[i]))
        if a < b:
            self._row(flat, i)[a - int(self.low[i]):b - int(self.low[i])] += values[a - start:b - start]

    def _finish(self, i: int) -> None:
        row = self._row(self._before, i)
        largest = float(row.max())
        self._scales[i] = largest if largest > 0 else 1.0
        row /= self._scales[i]

    def _earlier(self, i: int, n: int, m: int, scale: float) -> tuple[np.ndarray, np.ndarray]:
        """For each bead that ends in row i the sum before it, shape (n, m, columns), and the rows' factors, with those of
        the rows between divided out."""
        lo, hi = int(self.low[i]), int(self.high[i])
        factors = scale / np.cumprod(np.concatenate([[1.0], self._scales[i - 1:max(i - n, 0):-1], np.ones(n)])[:n])
        rows = np.stack([self._part(self._before, i - 1 - a, lo - m, hi - 1) for a in range(n)])
        return np.lib.stride_tricks.sliding_window_view(rows, hi - lo, axis=1)[:, ::-1], factors

    def forward(self, first: int, columns: np.ndarray, worth: np.ndarray) -> None:
        """Take the rows from `first` on."""
        n, m = worth.shape[1:3]
        for at in range(len(worth)):
            i = first + at
            lo, hi = int(self.low[i]), int(self.high[i])
            start = lo - int(columns[at % len(columns), 0])
            earlier, factors = self._earlier(i, n, m, 1.0)
            total = np.einsum("nmw,nmw,n->w", earlier, worth[at, :, :, start:start + hi - lo], factors)
            total += self._part(self._before, i - 1, lo, hi) * self._first[i - 1]
            self._row(self._before, i)[:] = np.cumsum(total)
            self._finish(i)

    def turn(self) -> None:
        """Begin the backward pass; raises ValueError where no sum is left."""
        total = float(self._before[-1])
        if not 0 < total < np.inf:
            raise ValueError("the sums over paths leave the range of numbers")
        self._after[-1] = 1 / total

    def _along(self, i: int) -> np.ndarray:
        """Complete a row of `after` by steps along it, and tell of these steps."""
        lo, hi = int(self.low[i]), int(self.high[i])
        row = self._row(self._after, i)
        row[:] = np.cumsum(row[::-1])[::-1]
        shares = self._row(self._before, i)[:-1] * row[1:]
        self._alone[1][lo + 1:hi] += np.stack([shares, shares * i], 1)
        return row

    def backward(self, first: int, columns: np.ndarray, worth: np.ndarray) -> None:
        """Take the rows from the block's last to `first`; `worth` becomes the probabilities of its beads."""
        n, m = worth.shape[1:3]
        for at in range(len(worth) - 1, -1, -1):
            i = first + at
            lo, hi = int(self.low[i]), int(self.high[i])
            after = self._along(i)
            start = lo - int(columns[at % len(columns), 0])
            here = worth[at, :, :, start:start + hi - lo]
            earlier, factors = self._earlier(i, n, m, 1 / self._scales[i])
            ways = here * after * factors[:, None, None]
            back = np.zeros((n, hi - lo + m - 1))
            for e in range(m):
                back[:, m - 1 - e:m - 1 - e + hi - lo] += ways[:, e]
            for a in range(min(n, i)):
                self._add(self._after, i - 1 - a, lo - m, back[a])
            here[:] = earlier * ways
            way = after * (self._first[i - 1] / self._scales[i])
            self._add(self._after, i - 1, lo, way)
            shares = self._part(self._before, i - 1, lo, hi) * way
            self._alone[0][i - 1] = shares.sum(), (shares * np.arange(lo, hi)).sum()

    def end(self) -> None:
        """Complete the first row."""
        self._along(0)

    def alone(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """The last four fields of Posteriors."""
        sums = self._alone[0][:-1], self._alone[1][1:-1]
        with np.errstate(invalid="ignore", divide="ignore"):
            places = [moment / share for share, moment in (side.T for side in sums)]
        return (*(np.minimum(side[:, 0], 1) for side in sums), *places)


class _CompiledSums(_Sums):
    """The same by compiled code."""

    _machine: Machine

    def forward(self, first: int, columns: np.ndarray, worth: np.ndarray) -> None:
        """Take the rows from `first` on."""
        starts = np.broadcast_to(columns[:, 0], len(worth))
        self._machine.forward(worth, starts, first, self.low, self.high, self._first, self._before,
                              self._offsets, self._scales)

    def backward(self, first: int, columns: np.ndarray, worth: np.ndarray) -> None:
        """Take the rows from the block's last to `first`; `worth` becomes the probabilities of its beads."""
        starts = np.broadcast_to(columns[:, 0], len(worth))
        self._machine.backward(worth, starts, first, self.low, self.high, self._first, self._before,
                               self._offsets, self._scales, self._after, *self._alone)
