"""Scores of beads by machine code: the same as `Scorer` gives, but for rounding."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from .anchors import WHOLE
from .corners import Corners
from .features import MIXED, TIED, Edges, Margins, Scorer
from .kernels import LANES, NOWHERE, WEIGHTS, Machine, Products, Tables, roomy
from .sides import MARKS, Centred, Links, Side
from .stats import DocumentStats, path_type, total_ratio


@dataclass(frozen=True, slots=True)
class _Block:
    """What the scores of a block of corners are made of, whatever the weights and the stats; lengths are not yet brought together.

    `others` are the parts of scores that are rare; `marks` tells the row of MARKS x MARKS that each corner has, `unlike`
    where a mark that ends a sentence meets another.
    """

    tables: Tables
    margins: Margins
    limits: tuple[int, int]
    width: int
    marks: np.ndarray
    unlike: np.ndarray
    last: np.ndarray
    others: np.ndarray | None


@lru_cache(maxsize=16)
def _fixed(weights: tuple[tuple[str, float], ...], limits: tuple[int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What sizes of beads are worth, without and with each bit of similarity, (n, m, 2); their types; and the WEIGHTS."""
    w = dict(weights)
    n, m = np.arange(1, limits[0] + 1)[:, None], np.arange(1, limits[1] + 1)
    sizes = np.stack([w["bias"] + w["size"] * (2.0 - n - m) + w["both"] * (1.0 - np.minimum(n, m))
                      + w["single"] * (n + m == 2), w["cos"] + w["cosmass"] * (n + m)], axis=2)
    worth = np.array([*(w[name] for name in WEIGHTS), 1.0], np.float32)
    worth[WEIGHTS.index("surprise")] /= 4
    worth[WEIGHTS.index("spread")] /= 9
    return sizes.astype(np.float32), path_type(n, m), worth


class CompiledScorer(Scorer):
    """`Scorer` with a machine; with `keep`, what no weight changes is kept for the next time that it is asked for."""

    def __init__(self, machine: Machine, first: Side, second: Side, links: Links, weights: dict[str, float],
                 limits: tuple[int, int], stats: DocumentStats | None = None, scale: float = 1.0,
                 ties: Links | None = None, keep: bool = False):
        super().__init__(first, second, links, weights, limits, stats, scale, ties, machine=machine)
        self._machine = machine
        self._blocks: dict[tuple[int, ...], _Block] | None = {} if keep else None
        self._scored: dict[tuple[int, ...], np.ndarray] = {}
        self._grid = self._similarities() if keep and (len(self.first) + 1) * (len(self.second) + 1) <= WHOLE else None

    def _edges_by(self, machine: Machine | None) -> Edges:
        if machine is None:
            return super()._edges_by(machine)
        return _CompiledEdges(machine, self.first, self.second, self._a, self._b,
                              total_ratio(self.first, self.second), self._products, self._means)

    def with_stats(self, stats: DocumentStats) -> "CompiledScorer":
        """The same pair, scored by more that is known of it."""
        new = super().with_stats(stats)
        assert isinstance(new, CompiledScorer)
        new._scored = {}
        return new

    def __call__(self, r0: int, r1: int, columns: np.ndarray, most: int | np.ndarray | None = None) -> np.ndarray:
        """As `Scorer` gives them."""
        if self._blocks is None:
            return self._scores(self._block(Corners.of(np.arange(r0, r1), columns, self.limits, most)))
        key = r0, r1, int(columns[0, 0]), *columns.shape
        if key not in self._scored:
            if key not in self._blocks:
                self._blocks[key] = self._block(Corners.of(np.arange(r0, r1), columns, self.limits, most))
            self._scored[key] = self._scores(self._blocks[key])
        return self._scored[key]

    def spans_similarity(self, i: np.ndarray, n: np.ndarray, j: np.ndarray, m: np.ndarray) -> np.ndarray:
        """Centred cosine of spans of `n` segments from `i` and `m` from `j`, each of shape (k,); NaN where there is none."""
        if self._grid is None:
            return super().spans_similarity(i, n, j, m)
        rows, columns = len(self.first), len(self.second)
        there = ((i >= 0) & (j >= 0) & (n > 0) & (m > 0) & (n <= self.limits[0]) & (m <= self.limits[1])
                 & (i + n <= rows) & (j + m <= columns))
        at = ((n - 1) * rows + i) * self._grid.shape[1] + (m - 1) * columns + j
        return np.where(there, self._grid.ravel().take(np.where(there, at, 0)), np.nan)

    def _similarities(self) -> np.ndarray:
        """Centred cosines of all spans of the first side with all of the second, shape (n * segments, m * segments)."""
        rows, columns = (len(side) * most for side, most in zip((self.first, self.second), self.limits, strict=True))
        out = np.matmul(self._a.rows[:rows], self._b.rows[:columns].T, out=roomy(rows, columns))
        for of_side, size, shape in ((self._a, rows, (-1, 1)), (self._b, columns, (-1,))):
            out -= of_side.products.ravel()[:size].reshape(shape)
        out += np.float32(self._means)
        for of_side, size, shape in ((self._a, rows, (-1, 1)), (self._b, columns, (-1,))):
            out *= 1 / of_side.norms.ravel()[:size].reshape(shape)
        return out

    def _block(self, at: Corners) -> _Block:
        rows, n, m, width = at.shape
        i, j = at.rows, at.columns
        own = np.broadcast_to(j[:, 0], rows)
        where = self._where(at, own)
        first_there, second_there = at.parts_exist()
        a, e = at.begins()
        first, second = self._lengths(at)
        links, linked, first_links, second_links = self._links.tables(at)
        firsts = np.zeros((rows, n, 3), np.float32)
        firsts[..., 0] = np.where(first_there, first[..., 0, 0], 0)
        firsts[..., 1] = np.log(first[..., 0, 0])
        firsts[..., 2] = first_links
        seconds = np.zeros((len(second_there), m, 5, -(-width // LANES) * LANES), np.float32)
        seconds[:, :, 0, :width] = np.where(second_there, second[:, 0], 0)
        seconds[:, :, 1, :width] = np.log(second[:, 0])
        seconds[:, :, 2, :width] = second_links
        seconds[:, :-1, 3:, :width] = 1
        if self._grid is not None:
            seconds[:, :-1, 3, :width] = j[:, None] < len(self.second)
            seconds[:, :-1, 4, :width] = second_there[:, 1:]
        margins = self._edges.margins(at)
        x, y = self._closings(at)
        others = None
        if self._a_furniture is not None or self._b_furniture is not None:
            others = -MIXED * self.mixed(at)
        if self._ties is not None:
            ties = TIED * np.minimum(self._ties.inside(at)[0], 3)
            others = ties if others is None else others + ties
        ends = margins.places(i - 1, own - 1)
        return _Block(Tables(*where, firsts, seconds, margins.places(a[..., 0, 0], own[:, None]),
                             ends, margins.least[0], margins.least[1], links, linked),
                      margins, at.limits, width, x * MARKS + y, (x != y) & ((x > 1) | (y > 1)),
                      ends[:, None] + np.arange(width), others)

    def _where(self, at: Corners, own: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
        """`similarities`, `places` and `across` of Tables."""
        rows, n, m, _ = at.shape
        if self._grid is not None:
            size = len(self.first)
            above = np.array([0, -1, 1])[:, None]
            ends = at.rows[:, None, None] + above
            starts = ends - at.sizes[0]
            places = ((at.sizes[0] - 1) * size + starts) * self._grid.shape[1] + own[:, None, None] - 1
            return self._grid, np.where((starts >= 0) & (ends <= size), places, NOWHERE), len(self.second) - 1
        wide, wanted, _ = at.around()
        table = roomy(*wide.shape)
        table[:] = self.similarities(wide, wanted)
        starts = np.broadcast_to(wide.columns[:, 0], rows + 2)
        broad = table.shape[3]
        places = np.stack([((np.arange(rows)[:, None] + 1 + d) * n + at.sizes[0] - 1) * m * broad
                           + (own - starts[1 + d:rows + 1 + d])[:, None] for d in (0, -1, 1)], axis=1)
        return table, places, broad

    def _scores(self, block: _Block) -> np.ndarray:
        w, stats = self.weights, self.stats
        sizes, types, worth = _fixed(tuple(w.items()), block.limits)
        worth, sizes = worth.copy(), sizes.copy()
        worth[-1] = 1 / stats.spread
        sizes[..., 0] += w["type"] * stats.types[types]
        corners = block.unlike * np.float32(-w["endings"]) + np.float32(w["marks"]) * stats.marks.ravel().take(block.marks)
        firsts = block.tables.firsts.copy()
        firsts[..., 0] *= np.exp(stats.ratio)
        firsts[..., 1] += stats.ratio
        tables = replace(block.tables, firsts=firsts)
        begin, end = w["edge"] * block.margins.both + w["windows"] * block.margins.windows
        padded = np.zeros((len(corners), -(-block.width // LANES) * LANES), np.float32)
        np.add(corners, end.take(block.last), out=padded[:, :block.width])
        scores = self._machine.scores(tables, block.width, worth, sizes, padded, begin)
        if block.others is not None:
            scores += block.others
        return scores


class _CompiledEdges(Edges):
    """`Edges` of half-precision windows by machine code: no row is centred, widened or moved."""

    def __init__(self, machine: Machine, first: Side, second: Side, a: Centred, b: Centred, ratio: float,
                 products: Products, means: float):
        super().__init__(first, second, a, b, ratio, products)
        self._machine = machine
        kept = [windows for windows in self._windows if windows is not None and windows.dtype == np.float16]
        self._rows: list[np.ndarray] | None = None
        if len(kept) < len(self._windows):
            return
        self._rows = [np.ascontiguousarray(windows).reshape(-1, windows.shape[2]) for windows in kept]
        self._sizes = [len(windows[0]) for windows in kept]
        # Of each window: its product with the other side's mean, less that of both means; and 1 / its length, centred.
        self._of_windows = [self._parts(rows, *sides, means) for rows, sides in
                            zip(self._rows, ((a, b), (a, b), (b, a), (b, a)), strict=True)]
        self._of_segments = [(side.products[0], 1 / side.norms[0]) for side in (a, b)]

    def _parts(self, rows: np.ndarray, own: Centred, other: Centred, means: float) -> tuple[np.ndarray, np.ndarray]:
        zeros, ones = np.zeros(len(rows), np.float32), np.ones(len(rows), np.float32)
        at = np.arange(len(rows))
        with_own, with_other = self._machine.halves(rows, at, zeros, ones, np.stack([own.mean, other.mean]),
                                                    np.array([[0], [1]]), zeros, ones)
        return with_other - np.float32(means), 1 / own.lengths(rows, with_own)

    def _with_windows(self, side: int, kind: int, segments: Centred, host: Centred, own: np.ndarray, fit: np.ndarray,
                      other: np.ndarray) -> np.ndarray:
        if self._rows is None:
            return super()._with_windows(side, kind, segments, host, own, fit, other)
        which = 2 + kind if side == 0 else kind
        return self._machine.halves(self._rows[which], fit * self._sizes[which] + other, *self._of_windows[which],
                                    segments.spans[0], own, *self._of_segments[side])

    def _fill(self, out: np.ndarray, i: np.ndarray, j: np.ndarray) -> None:
        if self._rows is None:
            super()._fill(out, i, j)
            return
        n, m = self._a.spans.shape[1], self._b.spans.shape[1]
        i = i[:, None]
        in_a, in_b = self._fit_b[j] * n + i, self._fit_a[i] * m + j
        for k, (at, other, other_at) in enumerate(((in_a, 1, j), (in_a, 1, j), (in_b, 0, i), (in_b, 0, i))):
            side = (self._a, self._b)[other]
            out[k] = self._machine.halves(self._rows[k], at, *self._of_windows[k], side.spans[0], other_at,
                                          *self._of_segments[other])
