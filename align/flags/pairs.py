"""How likely pairs are right and complete, many at a time: from the cover of their words and from their neighbours.

Unlike `score_pairs` it looks for no flags, which makes it several times faster, and it sees a pair among the pairs
around it: a text that answers its neighbour's better than its own partner is misaligned, and what is usual for a
translation (its length, how freely it is put) is told by the pairs before and after.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from ..lang.ar import clauses as arabic
from ..lang.ar.letters import fold, fold_digits
from ..lang.en import clauses as english
from ..learnt import arrays, logistic
from ..threads import one_blas_thread
from . import coverage
from .evidence import USUAL
from .tables import Trees
from .words import Line, Words, joined, lines

NEAR = 32
"""How many pairs to each side tell what is usual."""

_SIDE = (
    "best", "odds", "chance", "clause", "mass", "worst3", "worst6", "least4", "least8", "run", "run_share", "head", "tail",
    "prefix", "suffix", "inside", "words",
)  # fmt: skip
FEATURES = (
    *(f"{side}_{name}" for side in ("ar", "en") for name in _SIDE), "ratio", "ratio_size", "sim", "ar_rival", "en_rival",
    "ar_crowd", "en_crowd", "ar_digits", "en_digits", "same_digits",
    "ar_ends", "en_ends", "ends_alike", "en_begins_low", "ar_hangs", "en_hangs", "brackets",
)  # fmt: skip
"""What is known of a pair by itself and in its batch, by name."""

COMPARED = ("ar_best", "en_best", "ar_chance", "en_chance", "ratio", "sim", "ar_least8", "en_least8", "ar_crowd", "en_crowd")
"""The features of which it matters what is usual."""

_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_RIVALS, _USUAL_RIVAL = 4, 0.4  # how many of the nearest others count; the similarity of such among many pairs
_AT_ONCE = 512
# Similarity below which a pair is strange, log odds for each 1 below it, and how much of that neighbours tell already.
_STRANGE, _STEEP, _TOLD = 0.25, 23.0, 0.85
_LETTERS = re.compile(r"[^\W\d_]+")
_ENDS = re.compile(r"[.!?؟…:۔»”\"')\]]\s*$")
_OFFSET = 1.5  # log odds from which a word speaks against its being covered, in sums over runs


class QuickScores(NamedTuple):
    """Of each pair: the cosine of its sentences, and the calibrated probability that it is right and complete."""

    sims: np.ndarray
    probabilities: np.ndarray


def quick_scores(ar_texts: Sequence[str], en_texts: Sequence[str], encoder: Any) -> QuickScores:
    """Scores of pairs that stand beside one another in their documents or their corpus.

    `encoder` is the embedded one. Raises ValueError for lists of different lengths.
    """
    if len(ar_texts) != len(en_texts):
        raise ValueError(f"{len(ar_texts)} Arabic and {len(en_texts)} English texts: expected one of each a pair")
    if not len(ar_texts):
        return QuickScores(np.zeros(0, np.float32), np.zeros(0, np.float32))
    with one_blas_thread():  # the products are small: threads would wait for one another
        rows = features(ar_texts, en_texts, encoder)
    sims = rows[:, FEATURES.index("sim")]
    slope, shift = trees().line
    odds = trees()(with_context(rows, trees().usual)) * slope + shift + strangeness(sims)
    return QuickScores(sims, 1 / (1 + np.exp(np.clip(odds, -30, 30))))


def strangeness(sims: np.ndarray) -> np.ndarray:
    """Log odds by which a similarity that translations next to never have speaks against a pair; 0 for all others.

    The trees go by how a pair differs from those around it, which tells little where they are few: full weight then, and
    less the more there are. Of translations of news, medical, United Nations and everyday text one in two hundred has a
    similarity below 0.19 to 0.5, of strangers nine in ten one below 0.15 to 0.24.
    """
    return np.clip((_STRANGE - sims) * _STEEP, 0, None) * (1 - _TOLD * min(1.0, len(sims) / NEAR))


@cache
def trees() -> Trees:
    """What gives the log odds that a pair is wrong or incomplete; learnt by `scripts/train_filter.py`."""
    return Trees.of(arrays("filter/pairs.npz", {"features": FEATURES, "compared": COMPARED}))


def features(ar_texts: Sequence[str], en_texts: Sequence[str], encoder: Any) -> np.ndarray:
    """A row a pair, float32 of shape (pairs, len(FEATURES))."""
    texts = {"ar": [" ".join(text.split()) for text in ar_texts], "en": [" ".join(text.split()) for text in en_texts]}
    found = {lang: lines(lang, side, encoder.word_states) for lang, side in texts.items()}
    vectors = {lang: np.asarray(encoder.encode(side), np.float32) for lang, side in texts.items()}
    out = np.zeros((len(ar_texts), len(FEATURES)), np.float32)
    n = len(_SIDE)
    letters = np.array([(len(fold(ar)), len(en)) for ar, en in zip(texts["ar"], texts["en"], strict=True)])
    ratios = np.log((letters[:, 0] + 8) / (letters[:, 1] + 8)) - USUAL
    for number, sides in enumerate(_sides(found["ar"], found["en"], ratios)):
        out[number, : 2 * n] = sides
    out[:, 2 * n] = ratios
    out[:, 2 * n + 1] = ratios * np.minimum(3.0, np.sqrt(letters[:, 1] / 100))
    for k, (ar, en) in enumerate(zip(texts["ar"], texts["en"], strict=True)):
        out[k, 2 * n + 7 :] = *_digits(ar, en), *edges(ar, en)
    out[:, 2 * n + 2 : 2 * n + 7] = _neighbours(vectors["ar"], vectors["en"])
    return out


def with_context(rows: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """Rows of `features` with what is usual for the pairs around each, as the trees take them.

    `usual` is what is usual anywhere, for the columns COMPARED: few pairs tell little of it, and it stands in for them.
    """
    own = rows[:, [FEATURES.index(name) for name in COMPARED]]
    near = np.empty_like(own)
    for start in range(0, len(rows), NEAR):
        near[start : start + NEAR] = np.median(own[max(0, start - NEAR) : start + 2 * NEAR], axis=0)
    trust = min(1.0, len(rows) / NEAR)
    near = trust * near + (1 - trust) * usual
    return np.concatenate([rows, own - near, np.full((len(rows), 1), trust, np.float32)], axis=1)


def _sides(ar: Sequence[Line], en: Sequence[Line], ratios: np.ndarray) -> Iterator[list[float]]:
    """How far both sides of each pair are covered by one another, each as in `_SIDE`."""
    every = range(len(ar))
    stops = [np.cumsum([len(line.spans) for line in side]) for side in (ar, en)]
    starts = [np.append(0, stop[:-1]) for stop in stops]
    running = coverage.Running.of(joined("ar", every, ar), joined("en", every, en), np.stack([starts[0], stops[0], starts[1], stops[1]], 1))
    for pairs in running.batches(every):
        which = np.asarray(pairs)
        same = running.same_letters(pairs)
        rows = coverage.features(running, which, same, np.zeros(len(same), bool), ratios[which],
                                 coverage.similarities(running, which, near=False))  # fmt: skip
        sizes = running.sizes(which)
        count = int(sizes[: len(pairs)].sum())
        odds = np.concatenate([coverage.log_odds("ar", rows[:count]), coverage.log_odds("en", rows[count:])])
        places = np.append(0, np.cumsum(sizes)).tolist()
        for k, pair in enumerate(pairs):
            out: list[float] = []
            for at, side, words in ((k, 0, running.ar), (k + len(pairs), 1, running.en)):
                own = slice(places[at], places[at + 1])
                out += _side(words.part(int(starts[side][pair]), int(stops[side][pair])), rows[own], odds[own])
            yield out


def _side(side: Words, rows: np.ndarray, odds: np.ndarray) -> list[float]:
    """How far one side is covered by the other, as in `_SIDE`, from rows of `coverage.FEATURES` and log odds of its words."""
    n = len(side)
    if not n:
        return [0.0] * len(_SIDE)
    chance = logistic(odds)
    weights = (side.gates * (side.content + 0.2) + 1e-3).astype(np.float64)
    share = weights / weights.sum()
    quarter = max(1, n // 4)
    excess = np.cumsum(np.concatenate([[0.0], (odds + _OFFSET) * np.minimum(weights, 2)]))
    lowest = np.minimum.accumulate(excess)
    run = _longest(chance > 0.3, weights)
    best = rows[:, 0]
    return [
        float(best @ share), float((odds + 4) @ share), float(chance @ share), float(rows[:, 17] @ share),
        float(np.log1p(chance @ weights)), _worst(chance, weights, 3), _worst(chance, weights, 6), _worst(-best, weights, 4),
        _worst(-rows[:, 17], weights, 8), float(np.log1p(run)), run / float(weights.sum()),
        float(chance[:quarter] @ weights[:quarter] / weights[:quarter].sum()),
        float(chance[-quarter:] @ weights[-quarter:] / weights[-quarter:].sum()),
        float(np.arcsinh(excess.max())), float(np.arcsinh((excess[-1] - excess).max())),
        float(np.arcsinh((excess - lowest).max())), float(np.log(n)),
    ]  # fmt: skip


def _worst(values: np.ndarray, weights: np.ndarray, size: int) -> float:
    """The highest weighted mean over `size` neighbouring words."""
    if len(values) <= size:
        return float(values @ weights / weights.sum())
    sums = np.cumsum(np.concatenate([[0.0], values * weights]))
    total = np.cumsum(np.concatenate([[0.0], weights]))
    return float(((sums[size:] - sums[:-size]) / (total[size:] - total[:-size])).max())


def _longest(marked: np.ndarray, weights: np.ndarray) -> float:
    """The weight of the heaviest run of marked words."""
    total = np.cumsum(weights * marked)
    since = np.maximum.accumulate(np.where(marked, 0.0, total))
    return float((total - since).max(initial=0.0))


def _neighbours(ar: np.ndarray, en: np.ndarray) -> np.ndarray:
    """Similarity of each pair, by how much the best rival near by exceeds it, and how alike all are; shape (pairs, 5).

    Rivals are the texts of the pairs within NEAR places, other than the same text again.
    """
    n = len(ar)
    out = np.zeros((n, 5), np.float32)
    out[:, 0] = (ar * en).sum(1)
    for start in range(0, n, NEAR):
        low, high = max(0, start - NEAR), min(n, start + 2 * NEAR)
        here = np.arange(start, min(n, start + NEAR))
        for column, own, others, mine in ((1, ar, en, en), (2, en, ar, ar)):
            sims = own[here] @ others[low:high].T
            sims[mine[here] @ others[low:high].T > 0.97] = -1.0  # its partner itself, here or repeated
            sims = np.concatenate([sims, np.full((len(here), _RIVALS), -1.0, np.float32)], axis=1)
            top = -np.sort(-sims, axis=1)[:, :_RIVALS]
            # Where there are too few others, usual ones stand in for them.
            top = np.where(top > -1.0, top, _USUAL_RIVAL)
            out[here, column] = np.maximum(top[:, 0], 0) - out[here, 0]
            out[here, column + 2] = out[here, 0] - top.mean(1)
    return out


def _digits(ar: str, en: str) -> tuple[float, float, float]:
    """Numbers in digits that one side has alone, and those that both have; square roots of their counts."""
    one, two = (Counter(part.lstrip("0") or "0" for number in _DIGITS.findall(text) for part in re.split("[.,]", number))
                for text in (fold_digits(ar), en))  # fmt: skip
    first, second, both = (float(np.sqrt(sum(count.values()))) for count in (one - two, two - one, one & two))
    return first, second, both


def edges(ar: str, en: str) -> tuple[float, ...]:
    """How the texts begin and end: with a mark, alike, in the middle of a sentence, on a word that wants another.

    The last is by how many brackets and quotation marks one side has more left open than the other.
    """
    ends = bool(_ENDS.search(ar)), bool(_ENDS.search(en))
    last = [(_LETTERS.findall(text[-40:]) or [""])[-1] for text in (fold(ar), en.lower())]
    hangs = (last[0] in arabic.FUNCTION and not ends[0]), (last[1] in english.FUNCTION and not ends[1])
    open_ = [abs(text.count("(") - text.count(")")) + text.count('"') % 2 + abs(text.count("«") - text.count("»"))
             + abs(text.count("“") - text.count("”")) for text in (ar, en)]  # fmt: skip
    values = (*ends, ends[0] == ends[1], en[:1].islower(), *hangs, min(3, abs(open_[0] - open_[1])))
    return tuple(map(float, values))
