"""What a document pair is like: how its beads, lengths and marks are, and what stands alone; from likely beads."""

from dataclasses import dataclass, replace

import numpy as np

from .posteriors import Posteriors
from .sides import MARKS, Side

PATH_TYPES = 10
# How documents are made on the whole: 1:1, 1:2, 1:3, 1:4+, 2:1, 3:1, 4+:1, n:m, first side only, second side only.
TYPE_SHARES = np.array([0.70, 0.07, 0.03, 0.03, 0.05, 0.02, 0.02, 0.02, 0.03, 0.03])
# The usual square of a difference of lengths, see `Scorer.surprise`.
_SPREAD = 0.6
# Beads' worth of belief in what documents are like on the whole; in their ratio of lengths.
_BELIEF, _RATIO_BELIEF = 8.0, 4.0
# The share of segments that are left alone, and segments' worth of belief in it; and around a place, in the document's.
_ALONE, _ALONE_BELIEF, _PLACE_BELIEF = 0.03, 15.0, 60.0
# Neighbours on either side that tell of a place.
_PLACE = 4
# How often each closing mark answers each, in documents of which little is seen yet.
_USUAL_MARKS = np.full((MARKS, MARKS), 0.15) + np.eye(MARKS)
_USUAL_MARKS[1, 1] += 6
# The least share of a bead from which it tells of the ratio of lengths.
_TELLING = 0.05

# The row of TYPE_SHARES by n and m, 4 for more.
_TYPES = np.array([[9, 9, 9, 9, 9], [8, 0, 1, 2, 3], [8, 4, 7, 7, 7], [8, 5, 7, 7, 7], [8, 6, 7, 7, 7]])


def path_type(n: np.ndarray | int, m: np.ndarray | int) -> np.ndarray:
    """The row of TYPE_SHARES for an n:m bead, or for many."""
    return _TYPES[np.minimum(n, 4), np.minimum(m, 4)]


@dataclass(frozen=True, slots=True)
class Alone:
    """What speaks for leaving segments of one side alone: the log share of those that are, and arrays of shape (segments,).

    `place` is the log share of those left alone around it; `bead` and `near` log odds that it is not answered, by what it is
    likely aligned with and by what stands near: see `answers`.
    """

    share: float
    place: np.ndarray
    bead: np.ndarray
    near: np.ndarray

    @classmethod
    def of(cls, odds: np.ndarray, bead: np.ndarray, near: np.ndarray) -> "Alone":
        """What is known once each segment's probability of being left alone is."""
        share = share_alone(odds)
        return cls(np.log(share), by_place(odds, share), bead, near)


@dataclass(frozen=True, slots=True)
class DocumentStats:
    """What is known of a pair: log shares of types of beads, how far lengths spread, the log ratio of lengths (second over
    first), and how closing marks agree; and for both sides what speaks for leaving segments alone."""

    types: np.ndarray
    spread: float
    ratio: float
    marks: np.ndarray
    first: Alone
    second: Alone


def usual(first: Side, second: Side) -> DocumentStats:
    """What documents are like on the whole, for a pair of which nothing is known yet."""
    return DocumentStats(np.log(TYPE_SHARES), _SPREAD, total_ratio(first, second), _agreement(_USUAL_MARKS),
                         *(Alone(np.log(_ALONE), np.full(n, np.log(_ALONE)), np.zeros(n), np.zeros(n))
                           for n in (len(first), len(second))))


def total_ratio(first: Side, second: Side) -> float:
    """Log ratio of the sides' characters, a space more a segment."""
    return float(np.log(max(second.lengths.sum() + len(second), 1) / max(first.lengths.sum() + len(first), 1)))


def estimated(found: Posteriors, first: Side, second: Side) -> DocumentStats:
    """What likely beads tell of a pair, smoothed by what documents are like on the whole; `answers` tells what is left alone.

    Sums over all paths do not confirm themselves as counts of the best path do.
    """
    (i, j), (n, m), shares = found.ends.T, found.sizes.T, found.shares
    counts = np.bincount(path_type(n, m), shares, PATH_TYPES)
    counts[8:] = found.first_alone.sum(), found.second_alone.sum()
    marks = _USUAL_MARKS + np.bincount(first.closings[i - 1] * MARKS + second.closings[j - 1], shares,
                                       MARKS * MARKS).reshape(MARKS, MARKS)
    a, b = (np.concatenate([[0], np.cumsum(side.lengths + 1)]).astype(np.float64) for side in (first, second))
    a, b = np.maximum(a[i] - a[i - n], 1), np.maximum(b[j] - b[j - m], 1)
    ratio = _ratio(a, b, shares, total_ratio(first, second))
    squares = np.minimum(difference(a, b, ratio), 9)
    spread = max(float((shares * squares).sum() + _BELIEF * _SPREAD) / (shares.sum() + _BELIEF), 0.15)
    types = np.log((counts + _BELIEF * TYPE_SHARES) / (counts.sum() + _BELIEF))
    return replace(usual(first, second), types=types, spread=spread, ratio=ratio, marks=_agreement(marks))


def share_alone(odds: np.ndarray) -> float:
    """The share of a side's segments that are left alone, given the probability of each."""
    return float((odds.sum() + _ALONE_BELIEF * _ALONE) / (len(odds) + _ALONE_BELIEF))


def by_place(alone: np.ndarray, share: float) -> np.ndarray:
    """Log share of segments left alone around each segment, smoothed by the document's."""
    sums = np.concatenate([np.zeros(_PLACE + 1), np.cumsum(alone), np.full(_PLACE, alone.sum())])
    near = np.minimum(np.arange(len(alone)), _PLACE)
    sizes = near + near[::-1] + 1
    return np.log((sums[2 * _PLACE + 1:] - sums[:len(alone)] + _PLACE_BELIEF * share) / (sizes + _PLACE_BELIEF))


def difference(a: np.ndarray, b: np.ndarray, ratio: float) -> np.ndarray:
    """Squared difference of lengths, the first brought to the second's by the log ratio, over its usual variance, at most 16
    (Gale and Church, 1993)."""
    a, b = (a * np.exp(ratio)).astype(np.float32), b.astype(np.float32)
    return np.minimum((b - a) ** 2 / (6 * (a + b)), 16)


def _ratio(a: np.ndarray, b: np.ndarray, shares: np.ndarray, total: float) -> float:
    """The weighted median of the log ratios of likely beads; what is left alone on one side must not tell of it."""
    telling = shares > _TELLING
    a, b, shares = a[telling], b[telling], shares[telling]
    if not len(a):
        return total
    values, weights = np.log(b / a), shares * np.sqrt(a + b * np.exp(-total))
    order = np.argsort(values, kind="stable")
    sums = np.cumsum(weights[order])
    # At an exact half the median lies between two values: the same whichever side comes first.
    half = [np.searchsorted(sums, sums[-1] / 2, side=side) for side in ("left", "right")]
    median = values[order][np.minimum(half, len(values) - 1)].mean()
    belief = shares.sum()
    return float((belief * median + _RATIO_BELIEF * total) / (belief + _RATIO_BELIEF))


def _agreement(marks: np.ndarray) -> np.ndarray:
    marks = marks / marks.sum()
    return np.clip(np.log(marks / (marks.sum(1)[:, None] * marks.sum(0))) / 3, -1, 1).astype(np.float32)
