"""Whether each segment is answered on the other side: its best similarities, against those of chance, in this document.

Similarities that answered segments have differ from text to text, from below .4 in literature to .7 in manuals. So each
document's are taken for a mixture of two kinds, answered and by chance, whose means and share are estimated by expectation
and maximisation (Dempster, Laird and Rubin, 1977) with a prior belief in what documents are like; chance is seen in places
far from the path.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from ..learnt import logistic
from .features import Scorer
from .posteriors import Posteriors
from .stats import Alone, DocumentStats, share_alone

# Mean and deviation of similarities of answered segments, and segments' worth of belief in them.
_ANSWERED, _ANSWERED_SPREAD, _BELIEF = 0.45, 0.15, 10.0
# Mean and deviation of the best similarity near a place by chance, and how many places' worth of belief.
_CHANCE, _CHANCE_SPREAD, _CHANCE_BELIEF = 0.17, 0.09, 20.0
# Deviation of similarities with one span far away, and pairs' worth of belief.
_FAR_SPREAD, _FAR_BELIEF = 0.1, 200.0
# Answered segments whose similarity may be anything, per unit of similarity: no odds beyond what is ever seen.
_OUTLIERS = 0.02
_LEAST_CHANCE = 1e-4
_ROUNDS, _NEAR_ROUNDS = 8, 4
# A segment is held against what it is aligned with where it is likely to be aligned; and looks for its answer where beads
# that are at least so likely put it, and one segment further.
_LIKELY, _PLACED, _FURTHER = 0.001, 0.02, 1
# Spans up to so many segments that may answer one.
_SPANS = 3
# Log odds below which a segment is surely answered by its bead and need not look around, but for a sample of so many of a
# side, which tells what is usual.
_SURE, _SAMPLE = -4.0, 100
# Segments and pairs that tell what chance gives; places far from a segment's own.
_CHANCES, _FAR = 300, 8
# Odds beyond these tell no more.
_MOST_BEAD, _MOST_NEAR = 8.0, 6.0


@dataclass(frozen=True, slots=True)
class _Aligned:
    """Similarity of each segment of one side to what it is likely aligned with, in the mean; what part of its bead's side it
    is, as the root of its share of the length; both of shape (segments,)."""

    sims: np.ndarray
    parts: np.ndarray


def with_answers(stats: DocumentStats, found: Posteriors, scorer: Scorer) -> DocumentStats:
    """The stats with what speaks for leaving each segment alone."""
    n = len(scorer.first)
    aligned = _aligned(found, scorer)
    sims, parts = (np.concatenate([getattr(side, name) for side in aligned]) for name in ("sims", "parts"))
    alone = np.concatenate([found.first_alone, found.second_alone])
    sides = slice(0, n), slice(n, None)
    bead, odds = _by_bead(sims, parts, alone, _far_spread(scorer), sides)
    best, looked, telling, chance = (np.concatenate(kind) for kind in zip(*(
        _around(side, found, scorer, part) for side, part in enumerate((bead[:n], bead[n:]))), strict=True))
    near = np.full(len(bead), -_MOST_NEAR)
    for _ in range(_NEAR_ROUNDS):
        near[looked] = _by_place(best[looked], best[telling], odds[telling], chance)
        odds = _odds((bead + near) / 2, odds, sides)
    bead = np.clip(bead, 0, _MOST_BEAD)
    near = np.clip(near, -_MOST_NEAR, _MOST_NEAR)
    first, second = (Alone.of(odds[side], bead[side], near[side]) for side in sides)
    return replace(stats, first=first, second=second)


def _odds(ratio: np.ndarray, before: np.ndarray, sides: tuple[slice, slice]) -> np.ndarray:
    """Probabilities of being left alone by likelihood ratios, and by the share of each side that was."""
    share = np.empty(len(ratio))
    for side in sides:
        share[side] = share_alone(before[side])
    return logistic(ratio + np.log(share / (1 - share)), math.inf)


def _aligned(found: Posteriors, scorer: Scorer) -> tuple[_Aligned, _Aligned]:
    (i, j), (n, m), shares = found.ends.T, found.sizes.T, found.shares
    out = []
    for side, size, (a, k), (b, many) in ((0, len(scorer.first), (i, n), (j, m)), (1, len(scorer.second), (j, m), (i, n))):
        lengths = np.concatenate([[0], np.cumsum((scorer.first, scorer.second)[side].lengths + 1)]).astype(np.float64)
        bead = np.repeat(np.arange(len(k)), k)
        segment = a[bead] - 1 - (np.cumsum(k)[bead] - 1 - np.arange(len(bead)))
        ones = np.ones(len(bead), np.int64)
        own, other = (segment, ones), (b[bead] - many[bead], many[bead])
        sims = scorer.spans_similarity(*own, *other) if side == 0 else scorer.spans_similarity(*other, *own)
        parts = np.sqrt((lengths[segment + 1] - lengths[segment]) / (lengths[a] - lengths[a - k])[bead])
        weight = shares[bead]
        total, sims, parts = (np.bincount(segment, values, size) for values in (weight, weight * sims, weight * parts))
        likely = total > _LIKELY
        total = np.maximum(total, _LIKELY)
        out.append(_Aligned(np.where(likely, sims / total, 0), np.where(likely, parts / total, 1)))
    return out[0], out[1]


def _far_spread(scorer: Scorer) -> float:
    """Deviation of similarities of segments that are far from answering each other."""
    if "far" not in scorer.met:
        scorer.met["far"] = (_measured_far(scorer),)
    return scorer.met["far"][0]


def _measured_far(scorer: Scorer) -> float:
    n, m = len(scorer.first), len(scorer.second)
    i = np.repeat(np.unique(np.linspace(0, n - 1, min(n, _CHANCES)).astype(np.int64)), 4)
    j = (i * m // n + np.tile([1, 2, 3, 4], len(i) // 4) * m // 5) % m
    far = np.abs(i * m / n - j) > _FAR
    i, j = i[far], j[far]
    ones = np.ones(len(i), np.int64)
    sims = scorer.spans_similarity(i, ones, j, ones)
    variance = sims.var() * len(sims) if len(sims) else 0.0
    return float(np.sqrt((variance + _FAR_BELIEF * _FAR_SPREAD ** 2) / (len(sims) + _FAR_BELIEF)))


def _by_bead(sims: np.ndarray, parts: np.ndarray, alone: np.ndarray, far: float, sides: tuple[slice, slice]
             ) -> tuple[np.ndarray, np.ndarray]:
    """Log odds by similarity that segments are not answered by their beads, and probabilities.

    A segment that is but a part of its side of a bead is the less similar to the other side: of k equal parts that have
    nothing in common each has the root of 1 / k of the whole's similarity.
    """
    odds = alone
    for _ in range(_ROUNDS):
        weight = 1 - odds
        mean = max(((weight * sims * parts).sum() + _BELIEF * _ANSWERED) / ((weight * parts ** 2).sum() + _BELIEF), 0.15)
        expected = mean * parts
        spread = _deviation((weight * (sims - expected) ** 2).sum(), weight.sum())
        ratio = _log_odds(sims, 0.0, far, expected, spread)
        odds = _odds(ratio, odds, sides)
    return ratio, odds


def _by_place(best: np.ndarray, usual: np.ndarray, odds: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """Log odds by the best similarities near their places that segments are not answered there; `usual` are those of
    segments, unanswered by `odds`, that tell of the document, and `chance` those of places that are not their own."""
    count = len(chance) + _CHANCE_BELIEF
    far = (chance.sum() + _CHANCE_BELIEF * _CHANCE) / count
    far_spread = max(np.sqrt((((chance - far) ** 2).sum() + _CHANCE_BELIEF * _CHANCE_SPREAD ** 2) / count), 0.05)
    weight = 1 - odds
    mean = max(((weight * usual).sum() + _BELIEF * (_ANSWERED + 0.05)) / (weight.sum() + _BELIEF), far + 0.08)
    spread = _deviation((weight * (usual - mean) ** 2).sum(), weight.sum())
    return _log_odds(best, far, far_spread, mean, spread)


def _deviation(squares: float, weight: float) -> float:
    return max(float(np.sqrt((squares + _BELIEF * _ANSWERED_SPREAD ** 2) / (weight + _BELIEF))), 0.06)


def _log_odds(sims: np.ndarray, chance: float, far: float, answered: np.ndarray | float, spread: float) -> np.ndarray:
    """Log odds of chance against an answer; neither gets likelier beyond its mean."""
    by_chance = _density(np.maximum(sims, chance), chance, far)
    by_answer = (1 - _OUTLIERS) * _density(np.minimum(sims, answered), answered, spread) + 0.8 * _OUTLIERS
    return np.log(np.maximum(by_chance, _LEAST_CHANCE) / by_answer)


def _density(x: np.ndarray, mean: np.ndarray | float, deviation: float) -> np.ndarray:
    return np.exp(-0.5 * ((x - mean) / deviation) ** 2) / (deviation * np.sqrt(2 * np.pi))


def _around(side: int, found: Posteriors, scorer: Scorer, bead: np.ndarray
            ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The best similarity of each segment of a side to what stands near its place on the other side, which segments looked
    for it, which of them tell what is usual, and such similarities at places that are not their own."""
    n = len(bead)
    sample = np.zeros(n, bool)
    sample[np.linspace(0, n - 1, min(n, _SAMPLE)).astype(np.int64)] = True
    looks = sample | (bead > _SURE)
    low, high = _places(side, found, (len(scorer.first), len(scorer.second)))
    m = len((scorer.second, scorer.first)[side])
    width = high - low
    asked = np.flatnonzero(looks)
    best = np.zeros(n)
    some = asked[np.unique(np.linspace(0, len(asked) - 1, min(len(asked), _CHANCES)).astype(np.int64))]
    looking, starts = [asked], [low[asked]]
    for part in (1, 2):
        start = (low[some] + (m - width[some]) * part // 3) % (m - width[some] + 1)
        apart = (start + width[some] <= low[some] - 4) | (start >= high[some] + 4)
        looking.append(some[apart])
        starts.append(start[apart])
    segments = np.concatenate(looking)
    sims = _best(side, scorer, segments, np.concatenate(starts), width[segments])
    best[asked], chances = sims[:len(asked)], sims[len(asked):]
    return best, looks, sample, chances


def _places(side: int, found: Posteriors, sizes: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Half-open ranges of segments of the other side between which likely beads put each segment."""
    n, m = sizes[side], sizes[1 - side]
    low, high = np.full(n, m), np.zeros(n, np.int64)
    likely = found.shares > _PLACED
    ends, spans = found.ends[likely], found.sizes[likely]
    bead = np.repeat(np.arange(len(ends)), spans[:, side])
    segment = ends[bead, side] - 1 - (np.cumsum(spans[:, side])[bead] - 1 - np.arange(len(bead)))
    np.minimum.at(low, segment, (ends - spans)[bead, 1 - side])
    np.maximum.at(high, segment, ends[bead, 1 - side])
    alone, place = ((found.first_alone, found.first_places), (found.second_alone, found.second_places))[side]
    at = np.flatnonzero(alone > _PLACED)
    where = np.rint(place[at]).astype(np.int64)
    low[at], high[at] = np.minimum(low[at], where), np.maximum(high[at], where)
    low = np.clip(low - _FURTHER, 0, m - 1)
    return low, np.clip(high + _FURTHER, low + 1, m)


def _best(side: int, scorer: Scorer, segments: np.ndarray, low: np.ndarray, width: np.ndarray) -> np.ndarray:
    """The best similarity of each segment to spans and windows of the other side's segments in a range."""
    if not len(segments):
        return np.zeros(0)
    name = f"best {side}"
    # In the second round most documents ask the same as in the first.
    asked = segments, low, width
    before, found = scorer.met.get(name, ((), None))
    if len(before) and all(map(np.array_equal, before, asked)):
        return found.copy()
    found = _looked_for(side, scorer, *asked)
    scorer.met[name] = asked, found
    return found.copy()


def _looked_for(side: int, scorer: Scorer, segments: np.ndarray, low: np.ndarray, width: np.ndarray) -> np.ndarray:
    """The same, whatever was asked before."""
    which = np.repeat(np.arange(len(segments)), width)
    other = low[which] + np.arange(len(which)) - (np.cumsum(width) - width)[which]
    own, ones = segments[which], np.ones(len(which), np.int64)
    sizes = np.repeat(np.arange(1, _SPANS + 1), len(which))
    spans = (np.tile(own, _SPANS), np.tile(ones, _SPANS)), (np.tile(other, _SPANS), sizes)
    sims = np.fmax.reduce(scorer.spans_similarity(*spans[side], *spans[1 - side]).reshape(_SPANS, -1))
    sims = np.fmax(sims, scorer.window_similarity(side, own, other))
    sims[np.isnan(sims)] = -1
    return np.maximum.reduceat(sims, np.cumsum(width) - width)
