"""How likely pairs are right and complete, many at a time: from the cover of their words and from their neighbours.

Unlike `score_pairs` it looks for no flags, which makes it several times faster, and it sees a pair among the pairs
around it: a text that answers its neighbour's better than its own partner is misaligned, and what is usual for a
translation (its length, how freely it is put) is told by the pairs before and after.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..lang.ar import clauses as arabic
from ..lang.ar.letters import fold, fold_digits
from ..lang.en import clauses as english
from ..learnt import arrays, record
from ..threads import one_blas_thread
from . import PairScore, coverage
from .evidence import USUAL
from .judging import completeness, evidence_of_pairs, flagged_pairs, scores_of
from .tables import Trees
from .words import joined, lines

if TYPE_CHECKING:
    from ..data import Flag, Judged, Segmented, Span
    from .judging import Glossary

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
LIKELY = 0.5
"""The probability from which on a flagged fact counts against its pair."""

MOST_CHARACTERS = 8_000
"""Characters of a side beyond which nothing is said of a bead: to compare all its words would take minutes."""

_FACTS = frozenset(["number", "date", "name", "untranslated"])
_LEAST = 1e-4  # of probabilities and of what is left of them, whose log odds are taken
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


def quick_scores(ar_texts: Sequence[str], en_texts: Sequence[str], encoder: Any, words: "WordsOfPairs | None" = None) -> QuickScores:
    """Scores of pairs that stand beside one another in their documents or their corpus.

    `encoder` is the embedded one; `words` are the pairs' own where they are known. Raises ValueError for lists of
    different lengths.
    """
    if len(ar_texts) != len(en_texts):
        raise ValueError(f"{len(ar_texts)} Arabic and {len(en_texts)} English texts: expected one of each a pair")
    if not len(ar_texts):
        return QuickScores(np.zeros(0, np.float32), np.zeros(0, np.float32))
    with one_blas_thread():  # the products are small: threads would wait for one another
        rows = features(ar_texts, en_texts, encoder, words)
    sims = rows[:, FEATURES.index("sim")]
    slope, shift = trees().line
    odds = trees()(with_context(rows, trees().usual)) * slope + shift + strangeness(sims)
    return QuickScores(sims, 1 / (1 + np.exp(np.clip(odds, -30, 30))))


def scores_and_flags(ar_texts: Sequence[str], en_texts: Sequence[str], encoder: Any, *, glossary: "Glossary | None" = None,
                     min_probability: float | None = None) -> tuple[QuickScores, list[PairScore]]:  # fmt: skip
    """`quick_scores` and the flags of the same pairs, whose words are looked at once; all are in memory together.

    `encoder` is the embedded one. Raises ValueError for lists of different lengths.
    """
    if len(ar_texts) != len(en_texts) or not len(ar_texts):
        return quick_scores(ar_texts, en_texts, encoder), []
    with one_blas_thread():
        joined, evidence = evidence_of_pairs(ar_texts, en_texts, encoder, glossary)
        words = WordsOfPairs(evidence.running, {side: document.forms for side, document in evidence.documents.items()})
        return quick_scores(ar_texts, en_texts, encoder, words), scores_of(joined, evidence, min_probability)


def joint(quality: np.ndarray, confidence: np.ndarray) -> np.ndarray:
    """The probability that beads are right and complete, from the quality of their texts and the aligner's confidence.

    Both say among other things whether a bead is right, so they are not multiplied but weighed together, by their log odds.
    """
    weights = _bead_weights()
    odds = sum(weights[name] * np.log(p / (1 - p)) for name, p in
               (("quality", np.clip(quality, _LEAST, 1 - _LEAST)), ("confidence", np.clip(confidence, _LEAST, 1 - _LEAST))))
    return 1 / (1 + np.exp(-odds - weights["bias"]))


def scored(ar_texts: Sequence[str], en_texts: Sequence[str], encoder: Any, glossary: "Glossary | None",
           min_probability: float | None, confidences: "Sequence[float | None] | None") -> list[PairScore]:  # fmt: skip
    """See `score_pairs`."""
    # What is shown must not change what is probable.
    least = None if min_probability is None else min(min_probability, LIKELY)
    if not hasattr(encoder, "word_states"):
        found = flagged_pairs(ar_texts, en_texts, encoder, glossary, least)
        return [PairScore(pair.probability, _shown(pair.flags, min_probability)) for pair in found]
    quick, found = scores_and_flags(ar_texts, en_texts, encoder, glossary=glossary, min_probability=least)
    whole = quick.probabilities if confidences is None else _with_confidences(quick.probabilities, confidences)
    return [PairScore(p * facts_agree(pair.flags), _shown(pair.flags, min_probability)) for p, pair in zip(whole.tolist(), found, strict=True)]


def bead_scores(ar_texts: Sequence[str], en_texts: Sequence[str], confidences: "Sequence[float | None]", encoder: Any
                ) -> QuickScores:
    """As `quick_scores`, weighed together with the aligner's confidence where there is one."""
    found = quick_scores(ar_texts, en_texts, encoder)
    return found._replace(probabilities=_with_confidences(found.probabilities, confidences))


def _with_confidences(quality: np.ndarray, confidences: "Sequence[float | None]") -> np.ndarray:
    known = np.array([confidence is not None for confidence in confidences], bool)
    return np.where(known, joint(quality, np.array([confidence or 0.0 for confidence in confidences])), quality)


def _shown(flags: "Sequence[Flag]", min_probability: float | None) -> "tuple[Flag, ...]":
    return tuple(flag for flag in flags if min_probability is None or flag.probability >= min_probability)


@cache
def _bead_weights() -> dict[str, float]:
    return record("filter/beads.json")


def bead_probabilities(judged: "Judged", encoder: Any) -> list[float | None]:
    """The probability that each bead of both sides is a right and complete translation, as `score` gives it: by the cover of
    its words, the beads around it, the aligner's confidence, and the facts flagged in it; None for all other beads, and
    for texts of more than MOST_CHARACTERS."""
    beads = judged.alignment.beads
    texts = [(_text(judged.ar, bead.ar), _text(judged.en, bead.en)) for bead in beads]
    known = [k for k, pair in enumerate(texts) if all(0 < len(text) <= MOST_CHARACTERS for text in pair)]
    out: list[float | None] = [None] * len(beads)
    told: dict[int, list[Flag]] = {}
    for flag in judged.flags:
        told.setdefault(flag.bead, []).append(flag)
    quality = quick_scores([texts[k][0] for k in known], [texts[k][1] for k in known], encoder).probabilities
    for k, p in zip(known, joint(quality, np.array([beads[k].confidence for k in known])).tolist(), strict=True):
        out[k] = p * facts_agree(told.get(k, ()))
    return out


def facts_agree(flags: "Iterable[Flag]") -> float:
    """The probability that a pair states no number, date or name differently and leaves nothing untranslated, by its flags.

    How a pair is covered tells little of these, which are a word in a sentence.
    """
    # A mismatch is flagged on both sides, and is one thing.
    return completeness([flag for flag in flags if flag.kind in _FACTS and flag.probability >= LIKELY
                         and (flag.side, flag.relation) != ("en", "mismatch")])


def _text(side: "Segmented", span: "Span") -> str:
    return " ".join(filter(None, (" ".join(side.text(k).split()) for k in range(*span))))


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


class WordsOfPairs(NamedTuple):
    """The words of both sides of pairs in running text, and the texts whose words they are, by language."""

    running: coverage.Running
    texts: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, texts: Mapping[str, Sequence[str]], encoder: Any) -> "WordsOfPairs":
        """The words of texts, by an encoder that gives their states."""
        words, ranges = [], []
        for lang, side in texts.items():
            found = lines(lang, side, encoder.word_states)
            words.append(joined(lang, range(len(found)), found))
            stops = np.cumsum([len(line.spans) for line in found])
            ranges += [np.append(0, stops[:-1]), stops]
        return cls(coverage.Running.of(words[0], words[1], np.stack(ranges, 1)), texts)


def features(ar_texts: Sequence[str], en_texts: Sequence[str], encoder: Any, words: WordsOfPairs | None = None) -> np.ndarray:
    """A row a pair, float32 of shape (pairs, len(FEATURES))."""
    texts = {"ar": [" ".join(text.split()) for text in ar_texts], "en": [" ".join(text.split()) for text in en_texts]}
    if words is None or words.texts != texts:  # others have other words
        words = WordsOfPairs.of(texts, encoder)
    vectors = {lang: np.asarray(encoder.encode(side), np.float32) for lang, side in texts.items()}
    out = np.zeros((len(ar_texts), len(FEATURES)), np.float32)
    n = len(_SIDE)
    letters = np.array([(len(fold(ar)), len(en)) for ar, en in zip(texts["ar"], texts["en"], strict=True)])
    ratios = np.log((letters[:, 0] + 8) / (letters[:, 1] + 8)) - USUAL
    out[:, : 2 * n] = _sides(words.running, ratios)
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


def _sides(running: coverage.Running, ratios: np.ndarray) -> np.ndarray:
    """How far both sides of each pair are covered by one another, the columns of `_SIDE` for either, shape (pairs, 34)."""
    out = np.zeros((len(running.ranges), 2, len(_SIDE)))
    for pairs in running.batches(range(len(out))):
        which = np.asarray(pairs)
        same = running.same_letters(pairs)
        rows = coverage.features(running, which, same, np.zeros(len(same), bool), ratios[which],
                                 coverage.similarities(running, which, near=False))  # fmt: skip
        sizes = running.sizes(which).reshape(2, -1)
        count = int(sizes[0].sum())
        for k, (side, own) in enumerate((("ar", slice(0, count)), ("en", slice(count, None)))):
            words = (running.ar, running.en)[k]
            at = coverage.expand(*running.ranges[which, 2 * k : 2 * k + 2].T)
            weights = (words.gates[at] * (words.content[at] + 0.2) + 1e-3).astype(np.float64)
            out[which, k] = _side(rows[own], coverage.log_odds(side, rows[own]), weights, sizes[k])
    return out.reshape(len(out), -1)


def _side(rows: np.ndarray, odds: np.ndarray, weights: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """How far sides of so many words are covered by the others, as in `_SIDE`, shape (sides, 17); zeros for no words.

    Given are rows of `coverage.FEATURES`, log odds and weights of all words, side by side.
    """
    out = np.zeros((len(sizes), len(_SIDE)))
    has = np.flatnonzero(sizes)
    if not len(has):
        return out
    sizes = sizes[has]
    there = np.arange(sizes.max()) < sizes[:, None]
    # A row a side, zeros behind its words.
    odds, best, local, weights = (_spread(there, values) for values in (odds, rows[:, 0], rows[:, 17], weights))
    chance = np.where(there, 1 / (1 + np.exp(-np.clip(odds, np.float32(-30), np.float32(30)))), np.float32(0))
    total = weights.sum(1)
    quarter = np.maximum(1, sizes // 4)
    places = np.arange(there.shape[1])
    head, tail = places < quarter[:, None], there & (places >= (sizes - quarter)[:, None])
    weighed = chance * weights
    excess = np.zeros((len(sizes), there.shape[1] + 1))
    np.cumsum((odds + _OFFSET) * np.minimum(weights, 2), axis=1, out=excess[:, 1:])
    last = excess[:, -1:]  # beyond the end the sums stand still
    run = _longest(chance > 0.3, weights)
    mean = lambda values: (values * weights).sum(1) / total  # noqa: E731
    out[has] = np.stack([
        mean(best), mean(odds + 4), mean(chance), mean(local), np.log1p(weighed.sum(1)),
        _worst(chance, weights, 3, sizes), _worst(chance, weights, 6, sizes), _worst(-best, weights, 4, sizes), _worst(-local, weights, 8, sizes),
        np.log1p(run), run / total,
        (weighed * head).sum(1) / (weights * head).sum(1), (weighed * tail).sum(1) / (weights * tail).sum(1),
        np.arcsinh(excess.max(1)), np.arcsinh((last - excess).max(1)),
        np.arcsinh((excess - np.minimum.accumulate(excess, axis=1)).max(1)), np.log(sizes),
    ], axis=1)  # fmt: skip
    return out


def _spread(there: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Values in order at the places that are true, zeros elsewhere."""
    out = np.zeros(there.shape, values.dtype)
    out[there] = values
    return out


def _worst(values: np.ndarray, weights: np.ndarray, size: int, sizes: np.ndarray) -> np.ndarray:
    """The highest weighted mean over `size` neighbouring words of each side, or over all words of one with no more."""
    sums = np.zeros((2, len(sizes), weights.shape[1] + 1))
    np.cumsum([values * weights, weights], axis=2, out=sums[:, :, 1:])
    whole = sums[:, np.arange(len(sizes)), sizes]
    out = whole[0] / whole[1]
    if weights.shape[1] > size:
        values, weights = sums[:, :, size:] - sums[:, :, :-size]
        full = np.arange(values.shape[1]) <= (sizes - size)[:, None]
        means = np.divide(values, weights, out=np.full(values.shape, -np.inf), where=full)
        out = np.where(sizes > size, means.max(1), out)
    return out


def _longest(marked: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The weight of the heaviest run of marked words of each side."""
    total = np.cumsum(weights * marked, axis=1)
    since = np.maximum.accumulate(np.where(marked, 0.0, total), axis=1)
    return (total - since).max(1)


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
    hangs = (arabic.is_function(last[0]) and not ends[0]), (english.is_function(last[1]) and not ends[1])
    open_ = [abs(text.count("(") - text.count(")")) + text.count('"') % 2 + abs(text.count("«") - text.count("»"))
             + abs(text.count("“") - text.count("”")) for text in (ar, en)]  # fmt: skip
    values = (*ends, ends[0] == ends[1], en[:1].islower(), *hangs, min(3, abs(open_[0] - open_[1])))
    return tuple(map(float, values))
