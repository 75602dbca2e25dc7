"""Features of beads, block by block of the grid: what the learnt weights are for."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .corners import Corners
from .kernels import LANES, Machine, Products, products
from .sides import WINDOWS, Centred, Links, Side
from .stats import DocumentStats, difference, path_type, total_ratio, usual

# What it costs to join a title or page furniture to other segments; set by hand, as texts with gold have none.
MIXED = 2.0
# What a tie of structure (equal article numbers, equal times) inside a bead is worth; set by hand likewise.
TIED = 2.5
# Products of all rows with all, for each that is wanted, up to which one matrix product is quicker.
_ALL = 8
# A segment is held against windows of another that is so many times as long as they are.
_MUCH_SHORTER = 1.25


class Scorer:
    """Scores of beads by end corner for `best_path`, from weights by feature name and what is known of the document.

    Features are linear in the weights; those in BY_STATS depend on the stats. With `keep` the parts of scores that no stats
    change are kept for the next time that they are asked for.
    """

    FEATURES = ("bias", "cos", "cosmass", "ratio", "ratio2", "surprise", "size", "both", "single", "ingain", "outgain",
                "link", "cross", "endings", "edge", "edgemin", "windows", "type", "spread", "marks")
    BY_STATS = ("ratio", "ratio2", "surprise", "type", "spread", "marks")
    SKIPS = ("skip", "short", "share", "place", "bead_alone", "near", "near_alone")

    def __init__(self, first: Side, second: Side, links: Links, weights: dict[str, float], limits: tuple[int, int],
                 stats: DocumentStats | None = None, scale: float = 1.0, ties: Links | None = None, keep: bool = False,
                 machine: Machine | None = None):
        self.first, self.second, self.weights = first, second, weights
        self.stats = usual(first, second) if stats is None else stats
        self.limits = limits
        self._a, self._b = Centred(first.vectors.spans), Centred(second.vectors.spans)
        self._a.meet(self._b, scale)
        self._b.meet(self._a, scale)
        self._means = float(self._a.mean @ self._b.mean)
        # One character more a segment: the space that joins it to the next.
        self._a_ends = np.concatenate([[0], np.cumsum(first.lengths + 1)]).astype(np.float64)
        self._b_ends = np.concatenate([[0], np.cumsum(second.lengths + 1)]).astype(np.float64)
        self._a_furniture, self._b_furniture = (
            None if side.furniture is None or not side.furniture.any()
            else np.concatenate([[0], np.cumsum(side.furniture)]) for side in (first, second))
        self._links = _Links(links, len(first), len(second))
        self._ties = _Links(ties, len(first), len(second)) if ties is not None and len(ties.first) else None
        self._kept: dict[tuple[Any, ...], np.ndarray] | None = {} if keep else None
        self.met: dict[str, tuple[Any, ...]] = {}
        """What was last asked of similarities, which no stats change, and the answer, by name."""
        self._products = products if machine is None else machine.products
        self._edges = self._edges_by(machine)

    def _edges_by(self, machine: Machine | None) -> "Edges":
        return Edges(self.first, self.second, self._a, self._b, total_ratio(self.first, self.second), self._products)

    @property
    def ratio(self) -> float:
        """Log ratio of the sides' lengths, second over first."""
        return self.stats.ratio

    def with_stats(self, stats: DocumentStats) -> "Scorer":
        """The same pair, scored by more that is known of it."""
        new = object.__new__(type(self))
        new.__dict__.update(self.__dict__)
        new.stats = stats
        return new

    def skips(self) -> tuple[np.ndarray, np.ndarray]:
        """Scores of leaving each segment alone, shapes (n,) and (m,)."""
        w = np.array([self.weights[name] for name in self.SKIPS])
        first, second = self.skip_features()
        return first @ w, second @ w

    def skip_features(self) -> tuple[np.ndarray, np.ndarray]:
        """What speaks for leaving each segment alone, or against it, by SKIPS; shapes (n, SKIPS) and (m, SKIPS)."""
        first, second = (np.stack([-np.ones(len(side)), _short_sentences(side), np.full(len(side), alone.share), alone.place,
                                   np.maximum(alone.bead, 0), alone.near, np.maximum(alone.near, 0)], 1)
                         for side, alone in ((self.first, self.stats.first), (self.second, self.stats.second)))
        return first, second

    def __call__(self, r0: int, r1: int, columns: np.ndarray, most: int | np.ndarray | None = None) -> np.ndarray:
        """Scores of shape (r1 - r0, n, m, columns), as `best_path` asks for them; of beads up to `most` a side, which
        may be one number a row."""
        corners = Corners.of(np.arange(r0, r1), columns, self.limits, most)
        return self._without_stats(corners) + self._weighted(self._by_stats(corners))

    def _without_stats(self, at: Corners) -> np.ndarray:
        """The part of the scores that is the same whatever is known of the document, -inf where there is no bead."""
        key = int(at.rows[0]), int(at.columns[0, 0]), at.shape
        if self._kept and key in self._kept:
            return self._kept[key]
        total = self._weighted(self._of_texts(at))
        if self._a_furniture is not None or self._b_furniture is not None:
            total -= MIXED * self.mixed(at)
        if self._ties is not None:
            total += TIED * np.minimum(self._ties.inside(at)[0], 3)
        np.copyto(total, -np.inf, where=~at.exist())
        if self._kept is not None:
            self._kept[key] = total
        return total

    def _weighted(self, features: Iterator[tuple[str, np.ndarray]]) -> np.ndarray:
        """The sum of features by their weights; those of one shape first, as most are smaller than the whole."""
        sums: dict[tuple[int, ...], np.ndarray] = {}
        for name, values in features:
            weight = np.float32(self.weights.get(name, 0.0))
            if values.shape in sums:
                sums[values.shape] += weight * values
            else:
                sums[values.shape] = (weight * values).astype(np.float32, copy=False)
        largest = max(sums, key=math.prod)
        total = sums.pop(largest)
        for part in sums.values():
            total += part
        return total

    def mixed(self, at: Corners) -> np.ndarray:
        """Titles and page furniture in beads where they are joined to other segments of their side."""
        i, j = at.rows[:, None], at.columns[:, None]
        n, m = at.sizes[0], at.sizes[1][:, None]
        out = np.zeros(at.shape, np.float32)
        if self._a_furniture is not None:
            found = self._a_furniture[i] - self._a_furniture[np.maximum(i - n, 0)]
            out += np.where((n > 1) & (found < n), found, 0)[:, :, None, None]
        if self._b_furniture is not None:
            found = self._b_furniture[j] - self._b_furniture[np.maximum(j - m, 0)]
            out += np.where((m > 1) & (found < m), found, 0)[:, None]
        return out

    def features(self, at: Corners) -> Iterator[tuple[str, np.ndarray]]:
        """Name and values of each feature, broadcastable to the shape of the corners."""
        yield from self._of_texts(at)
        yield from self._by_stats(at)

    def _of_texts(self, at: Corners) -> Iterator[tuple[str, np.ndarray]]:
        n, m = at.sizes
        cos, above, below, left, right = self._around(at)
        size = (n[:, None] + m)[None, :, :, None]
        yield "bias", np.ones((1, 1, 1, 1), np.float32)
        yield "cos", cos
        yield "cosmass", cos * size.astype(np.float32)
        yield "size", 2.0 - size
        yield "both", (1.0 - np.minimum(n[:, None], m))[None, :, :, None]
        yield "single", (size == 2).astype(np.float32)
        yield "ingain", _in_gain(cos, above, left)
        yield "outgain", _out_gain(cos, below, right)
        if len(self._links):
            inside, touching = self._links.inside(at)
            yield "link", np.minimum(inside, 3)
            yield "cross", -np.minimum(touching - 2 * inside, 3)
        x, y = self._closings(at)
        yield "endings", -((x != y) & ((x > 1) | (y > 1))).astype(np.float32)[:, None, None, :]
        yield from self._edges.features(at)

    def _by_stats(self, at: Corners) -> Iterator[tuple[str, np.ndarray]]:
        a, b = self._lengths(at)
        off = np.abs(np.log(b).astype(np.float32) - (np.log(a) + self.ratio).astype(np.float32))
        square = self._difference(a, b)
        yield "ratio", -np.minimum(off, 2)
        yield "ratio2", -np.minimum(off * off, 2)
        yield "surprise", -np.sqrt(square) / 4
        yield "spread", -np.minimum(square / self.stats.spread, 9) / 9
        n, m = at.sizes
        yield "type", self.stats.types[path_type(n[:, None], m)].astype(np.float32)[None, :, :, None]
        yield "marks", self.stats.marks[self._closings(at)][:, None, None, :]

    def _closings(self, at: Corners) -> tuple[np.ndarray, np.ndarray]:
        """Closing marks of the last segments of both sides."""
        return self.first.closings[at.rows - 1][:, None], self.second.closings[at.columns - 1]

    def _lengths(self, at: Corners) -> tuple[np.ndarray, np.ndarray]:
        """Characters of each side's part of the beads."""
        first, second = at.begins()
        return (np.maximum(self._a_ends[at.rows][:, None, None, None] - self._a_ends[first], 1),
                np.maximum(self._b_ends[at.columns][:, None, None, :] - self._b_ends[second], 1))

    def _difference(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Squared difference of lengths over its usual variance, at most 16."""
        return difference(a, b, self.ratio)

    def spans_similarity(self, i: np.ndarray, n: np.ndarray, j: np.ndarray, m: np.ndarray) -> np.ndarray:
        """Centred cosine of spans of `n` segments from `i` and `m` from `j`, each of shape (k,); NaN where there is none."""
        (ia, pa, na, ka), (ib, pb, nb, kb) = self._a.ending(i + n, n), self._b.ending(j + m, m)
        dot = self._products(self._a.rows, ia[:, None], self._b.rows, ib[:, None])[:, 0, 0]
        return np.where(ka & kb, (dot + self._means - pa - pb) / (na * nb), np.nan)

    def window_similarity(self, side: int, own: np.ndarray, other: np.ndarray) -> np.ndarray:
        """The greater centred cosine of segments `own` of a side (0 or 1) with the beginning and the end of the segments
        `other`, in windows of about their own length; shape (k,), NaN where such windows would not be much shorter."""
        return self._edges.window_similarity(side, own, other)

    def log_ratio(self, i: np.ndarray, n: np.ndarray, j: np.ndarray, m: np.ndarray) -> np.ndarray:
        """Log of the spans' lengths, second over first, against that of the documents."""
        a = np.maximum(self._a_ends[i + n] - self._a_ends[i], 1)
        b = np.maximum(self._b_ends[j + m] - self._b_ends[j], 1)
        return np.log(b / a) - self.ratio

    def surprise(self, i: np.ndarray, n: np.ndarray, j: np.ndarray, m: np.ndarray) -> np.ndarray:
        """Squared difference of the spans' lengths over its usual variance."""
        a, b = self._a_ends[i + n] - self._a_ends[i], self._b_ends[j + m] - self._b_ends[j]
        return self._difference(np.maximum(a, 1), np.maximum(b, 1))

    def similarities(self, at: Corners, wanted: np.ndarray | None = None) -> np.ndarray:
        """Centred cosines of beads by end corner; -1 where there is no such bead, or none is wanted of these columns."""
        n, m = at.sizes
        ia, pa, na, ka = self._a.ending(at.rows[:, None], n)
        ib, pb, nb, kb = self._b.ending(at.columns[:, None], m[:, None])
        if at.alike:
            out = self._a.rows[ia.ravel()] @ self._b.rows[ib.ravel()].T
        else:
            if at.most is not None:
                ka, kb = ka & (n <= at.most[:, None]), kb & (m <= at.most[:, None])[:, :, None]
            if wanted is not None:
                kb &= wanted[:, None]
            out = self._products(self._a.rows, np.where(ka, ia, -1), self._b.rows,
                                 np.where(kb, ib, -1).reshape(len(ib), -1))
        out = out.reshape(at.shape)
        out -= (pa - np.float32(self._means))[:, :, None, None]
        out -= pb[:, None]
        out *= (1 / na)[:, :, None, None]
        out *= (1 / nb)[:, None]
        out[~(ka[:, :, None, None] & kb[:, None])] = -1
        return out

    def _around(self, at: Corners) -> tuple[np.ndarray, ...]:
        """Similarities at the corners, and at those above (row i - 1), below, to the left (column j - 1) and right."""
        wide, wanted, margin = at.around()
        table = self.similarities(wide, wanted)
        width = at.shape[3]
        here, left, right = (table[1:-1, :, :, k:k + width] for k in (margin, margin - 1, margin + 1))
        if at.alike:
            return here, table[:-2, :, :, 1:-1], table[2:, :, :, 1:-1], left, right
        starts = at.columns[:, 0] - wide.columns[:-2, 0], at.columns[:, 0] - wide.columns[2:, 0]
        return here, _shifted(table[:-2], starts[0], width), _shifted(table[2:], starts[1], width), left, right


def _short_sentences(side: Side) -> np.ndarray:
    """How much shorter than half of the usual length segments are, as a logarithm; 0 for those without a closing mark: a short
    sentence has little of its own to be known by, a heading or caption may well be left out."""
    usual = max(float(side.lengths.mean()), 1.0) if len(side) else 1.0
    return np.where(side.closings > 0, np.maximum(np.log(usual / 2 / np.maximum(side.lengths, 1)), 0), 0)


def _shifted(table: np.ndarray, starts: np.ndarray, width: int) -> np.ndarray:
    """`width` columns of each row of a table of shape (rows, n, m, columns), from `starts[row]` on."""
    lines = np.arange(table[..., 0].size).reshape(*table.shape[:3], 1) * table.shape[3]
    return np.ascontiguousarray(table).ravel().take(lines + (starts[:, None] + np.arange(width))[:, None, None])


def _in_gain(cos: np.ndarray, above: np.ndarray, left: np.ndarray) -> np.ndarray:
    """How much the least useful outer segment of the bead adds to its similarity: -0.3 to 0.1, 0 for 1:1."""
    least = np.full(cos.shape, 9, np.float32)
    np.minimum(least[:, :, 1:], cos[:, :, 1:] - left[:, :, :-1], out=least[:, :, 1:])
    np.minimum(least[:, :, 1:], cos[:, :, 1:] - cos[:, :, :-1], out=least[:, :, 1:])
    np.minimum(least[:, 1:], cos[:, 1:] - above[:, :-1], out=least[:, 1:])
    np.minimum(least[:, 1:], cos[:, 1:] - cos[:, :-1], out=least[:, 1:])
    least[:, 0, 0] = 0
    return np.clip(least, -0.3, 0.1)


def _out_gain(cos: np.ndarray, below: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Minus how much the most useful segment just outside the bead would add: -0.3 to 0.1."""
    most = np.full(cos.shape, -1, np.float32)
    np.maximum(most[:, :, :-1], right[:, :, 1:] - cos[:, :, :-1], out=most[:, :, :-1])
    np.maximum(most[:, :, :-1], cos[:, :, 1:] - cos[:, :, :-1], out=most[:, :, :-1])
    np.maximum(most[:, :-1], below[:, 1:] - cos[:, :-1], out=most[:, :-1])
    np.maximum(most[:, :-1], cos[:, 1:] - cos[:, :-1], out=most[:, :-1])
    return -np.clip(most, -0.1, 0.3)


class _Links:
    """Sums of links inside and touching a bead."""

    def __init__(self, links: Links, n: int, m: int):
        order = np.lexsort((links.second, links.first))
        self._links = Links(links.first[order], links.second[order], links.weights[order])
        self._rows = np.concatenate([[0], np.cumsum(np.bincount(links.first, links.weights, n))]).astype(np.float32)
        self._columns = np.concatenate([[0], np.cumsum(np.bincount(links.second, links.weights, m))]).astype(np.float32)

    def __len__(self) -> int:
        return len(self._links.first)

    def inside(self, at: Corners) -> tuple[np.ndarray, np.ndarray]:
        """Weight of links inside the beads, and twice that plus the weight of those that leave them."""
        i, j = at.rows[:, None, None, None], at.columns[:, None, None, :]
        a, e = at.begins()
        sums, r, c = self._sums(at)
        inside = sums[i - r, j - c] - sums[a - r, j - c] - sums[i - r, e - c] + sums[a - r, e - c]
        return inside, self._rows[i] - self._rows[a] + self._columns[j] - self._columns[e]

    def tables(self, at: Corners) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """`links` and `linked` of Tables, and the weight of links that touch each side's part of the beads."""
        a, e = at.begins()
        sums, r, c = self._sums(at)
        rows = np.concatenate([at.rows[:, None], a[..., 0, 0]], axis=1)
        return (np.append(sums.ravel(), np.zeros(LANES, np.float32)),
                (rows - r) * sums.shape[1] + at.columns[:, :1] - c,
                self._rows[at.rows][:, None] - self._rows[a[..., 0, 0]],
                self._columns[at.columns][:, None] - self._columns[e[:, 0]])

    def _sums(self, at: Corners) -> tuple[np.ndarray, int, int]:
        """Weight of links above and left of corners around these, the first row and column apart; and these two."""
        n, m = at.limits
        r, c = max(int(at.rows[0]) - n, 0), int(at.columns[0, 0]) - m
        last, bottom = int(at.columns[-1, -1]), int(at.rows[-1])
        sums = np.zeros((bottom - r + 1, last - c + 1), np.float32)
        if len(self):
            near = slice(*np.searchsorted(self._links.first, [r, bottom]))
            second = self._links.second[near]
            here = (second >= c) & (second < last)
            np.add.at(sums, (self._links.first[near][here] - r + 1, second[here] - c + 1), self._links.weights[near][here])
            sums = sums.cumsum(0).cumsum(1)
        return sums, r, c


@dataclass(frozen=True, slots=True)
class Margins:
    """What the segments at the borders of beads are like, flat tables by segments of both sides: `both` margins in sum, the
    `least`, and their windows' similarity; each as a bead begins (0) and ends (1) there. LANES more values follow."""

    both: np.ndarray
    least: np.ndarray
    windows: np.ndarray
    row: int
    starts: np.ndarray
    width: int

    def places(self, row: np.ndarray, column: np.ndarray) -> np.ndarray:
        """Where segments of both sides are in the tables; those that no bead has may be anywhere."""
        row = np.clip(row - self.row, 0, len(self.starts) - 1)
        return row * self.width + np.clip(column - self.starts[row], 0, self.width - 1)


class Edges:
    """How well the first and last segments of a bead belong to its other side rather than to what lies beyond.

    The last segment of one side is held against the end of the other side's last segment, and against the beginning
    of the segment after it, in windows of about its own length; the first one likewise.
    """

    def __init__(self, first: Side, second: Side, a: Centred, b: Centred, ratio: float, products: Products):
        self._a, self._b, self._products = a, b, products
        self._windows = first.heads, first.tails, second.heads, second.tails
        self._lengths = first.lengths, second.lengths
        self._fit_a, self._fit_b = _fitting(first.lengths, np.exp(ratio)), _fitting(second.lengths, np.exp(-ratio))

    def _sims(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Similarity of second-side segments to heads and tails of the first side, and the other way round, for
        segments `rows` and their `columns` (shape (rows, columns), or (1, columns)); 0 outside the document. Shape
        (4, rows, columns)."""
        i, j = (np.clip(at, 0, side.spans.shape[1] - 1) for at, side in ((rows, self._a), (columns, self._b)))
        out = np.empty((4, len(i), j.shape[1]), np.float32)
        self._fill(out, i, j)
        out *= (i == rows)[:, None] & (j == columns)
        return out

    def _fill(self, out: np.ndarray, i: np.ndarray, j: np.ndarray) -> None:
        """The same for segments inside the document."""
        first, last = int(j.min()), int(j.max()) + 1
        p, q = np.arange(len(i))[:, None], j - first
        a, b = self._a.units(i), self._b.units(slice(first, last))
        whole = None
        for k, windows in enumerate(self._windows):
            if windows is None:
                out[k] = whole = self._pairs(a, p, b, q) if whole is None else whole
            elif k < 2:
                out[k] = self._pairs(self._centred(self._a, windows[:, i]), self._fit_b[j] * len(i) + p, b, q)
            else:
                near = self._centred(self._b, windows[:, first:last])
                out[k] = self._pairs(a, p, near, self._fit_a[i][:, None] * (last - first) + q)

    def _centred(self, side: Centred, windows: np.ndarray) -> np.ndarray:
        """Rows of windows, unit and centred."""
        rows = windows.astype(np.float32).reshape(-1, windows.shape[2])
        return (rows - side.mean) / side.lengths(rows, rows @ side.mean)[:, None]

    def _pairs(self, x: np.ndarray, ix: np.ndarray, y: np.ndarray, iy: np.ndarray) -> np.ndarray:
        """Products of rows `ix` of `x` with rows `iy` of `y`, pair by pair; all with all where most are wanted."""
        ix, iy = np.broadcast_arrays(ix, iy)
        if len(x) * len(y) <= _ALL * ix.size:
            return (x @ y.T)[ix, iy]
        return self._products(x, ix.reshape(-1, 1), y, iy.reshape(-1, 1)).reshape(ix.shape)

    def window_similarity(self, side: int, own: np.ndarray, other: np.ndarray) -> np.ndarray:
        """As `Scorer.window_similarity`."""
        windows = self._windows[2:] if side == 0 else self._windows[:2]
        if windows[0] is None:
            return np.full(len(own), np.nan)
        segments, host = (self._a, self._b) if side == 0 else (self._b, self._a)
        fit = (self._fit_a if side == 0 else self._fit_b)[own]
        shorter = np.array(WINDOWS)[fit] * _MUCH_SHORTER < self._lengths[1 - side][other]
        found = np.full(len(own), np.nan, np.float32)
        at = np.flatnonzero(shorter)
        if len(at):
            found[at] = np.maximum(*(self._with_windows(side, kind, segments, host, own[at], fit[at], other[at])
                                     for kind in (0, 1)))
        return found

    def _with_windows(self, side: int, kind: int, segments: Centred, host: Centred, own: np.ndarray, fit: np.ndarray,
                      other: np.ndarray) -> np.ndarray:
        """Centred cosines of segments with windows of the other side's, beginnings (0) or ends (1), pair by pair."""
        windows = self._windows[2 + kind if side == 0 else kind]
        if windows is None:
            raise ValueError("windows are known of all sides or of none")
        near = self._centred(host, windows[fit, other][None])
        rows, place = np.unique(own, return_inverse=True)
        return self._products(segments.units(rows), place[:, None], near, np.arange(len(near))[:, None])[:, 0, 0]

    def features(self, at: Corners) -> Iterator[tuple[str, np.ndarray]]:
        """Sum and least of the four margins at the borders of beads, and window similarity."""
        found = self.margins(at)
        # A bead that ends at corner (i, j) has segments i - 1 and j - 1 last; one from (a, e) has those first.
        last = found.places((at.rows - 1)[:, None, None, None], (at.columns - 1)[:, None, None, :])
        first = found.places(*at.begins())
        for name, (begin, end), join in (("edge", found.both, np.add), ("edgemin", found.least, np.minimum),
                                         ("windows", found.windows, np.add)):
            yield name, join(end.take(last), begin.take(first))

    def margins(self, at: Corners) -> Margins:
        """The margins of all segments that beads begin or end with."""
        i, j = at.rows, at.columns
        tall, broad = at.limits
        rows = np.arange(i[0] - tall - 1, i[-1] + 1)
        if at.alike:
            starts = np.full(len(rows), j[0, 0] - broad - 1)
            width = j.shape[1] + broad + 1
        else:
            # What beads that end in rows `i` look at in row p: they end in p at the earliest, and `tall` rows on.
            first, last = (j[np.clip(rows - i[0] + k, 0, len(i) - 1), 0] for k in (0, tall + 1))
            starts = first - broad - 1
            width = j.shape[1] + broad + 1 + int((last - first).max())
        size = len(rows) * width
        out = np.zeros((3, 2, size + LANES), np.float32)
        found = Margins(out[0], out[1], out[2], int(rows[0]), starts, width)
        sims = self._sims(rows, starts[:1 if at.alike else None, None] + np.arange(width))
        # A segment that ends a bead is held against the beginning of what follows it, one that begins it against the
        # end of what goes before, on either side.
        if at.alike:
            beyond = np.stack([np.concatenate([sims[1, :1], sims[1, :-1]]), np.concatenate([sims[0, 1:], sims[0, -1:]]),
                               np.concatenate([sims[3, :, :1], sims[3, :, :-1]], 1),
                               np.concatenate([sims[2, :, 1:], sims[2, :, -1:]], 1)])
        else:
            p, q = rows[:, None], starts[:, None] + np.arange(width)
            beyond = np.stack([sims[k].take(found.places(p + down, q + right))
                               for k, down, right in ((1, -1, 0), (0, 1, 0), (3, 0, -1), (2, 0, 1))])
        gains = np.minimum(np.maximum(sims - np.maximum(beyond, 0), -0.4), 0.4)
        tables = out[..., :size].reshape(3, 2, len(rows), width)
        np.add(gains[:2], gains[2:], out=tables[0])
        np.minimum(gains[:2], gains[2:], out=tables[1])
        np.divide(np.maximum(sims[:2], sims[2:]), 2, out=tables[2])
        return found


def _fitting(lengths: np.ndarray, ratio: float) -> np.ndarray:
    """For each segment the window of the other side that comes nearest to its length; windows end with their word."""
    wanted = np.log(np.maximum(lengths, 1) * ratio)
    return np.abs(wanted[:, None] - np.log(np.array(WINDOWS) * 1.15)).argmin(1)
