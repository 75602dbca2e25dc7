"""The rules of a filter, a small class each: a score, what is accepted by it, and the reason that travels with what is not.

A rule's fields are its thresholds, as a profile holds them. Scores and what is accepted are kept apart, so that thresholds
can move while scores stand.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..choices import Severity, names
from ..data import Row
from ..errors import InputError
from ..lang.ar.letters import fold_digits
from .languages import arabic_share, english_share
from .texts import Look, broken_share, is_whole, letter_share, longest_run, markup_share

SEVERITIES = names(Severity)
"""From the least on."""

Scores = dict[str, float]


@dataclass(slots=True)
class Case:
    """A row on its way to its verdict: its texts looked at, and the reasons and scores found so far."""

    row: Row
    ar: Look | None = None
    en: Look | None = None
    reasons: set[str] = field(default_factory=set)
    scores: Scores = field(default_factory=dict)


class Rule:
    """What makes a pair unfit.

    `reason` is what a pair is rejected for; after one of the reasons `unless` the rule is not asked.
    """

    __slots__ = ()
    reason: ClassVar[str] = ""
    unless: ClassVar[frozenset[str]] = frozenset()

    def score(self, case: Case) -> Scores:
        """The numbers that the rule goes by, by name."""
        return {}

    def accept(self, case: Case, scores: Scores) -> bool:
        """Whether a pair with these scores is fit."""
        return True

    def faults(self, case: Case, scores: Scores) -> tuple[str, ...]:
        """The reasons for which the pair is rejected; none where it is accepted."""
        return () if self.accept(case, scores) else (self.reason,)

    def ask(self, case: Case) -> None:
        """Put the scores and the reasons of the rule down in the case."""
        if self.unless and not case.reasons.isdisjoint(self.unless):
            return
        scores = self.score(case)
        case.scores.update(scores)
        if faults := self.faults(case, scores):
            case.reasons.update(faults)


class _AtMost(Rule):
    """Accepts scores up to the threshold `most`, whatever their sign."""

    __slots__ = ()

    def accept(self, case: Case, scores: Scores) -> bool:
        return all(abs(score) <= self.most for score in scores.values())


@dataclass(frozen=True, slots=True)
class Length(Rule):
    """Characters and words that each side may have."""

    min_chars: int = 2
    max_chars: int = 3000
    min_words: int = 1
    max_words: int = 400

    def faults(self, case: Case, scores: Scores) -> tuple[str, ...]:
        sides = case.ar, case.en
        short = any(side.chars < self.min_chars or len(side.words) < self.min_words for side in sides)
        long = any(side.chars > self.max_chars or len(side.words) > self.max_words for side in sides)
        return ("too_short",) * short + ("too_long",) * long


@dataclass(frozen=True, slots=True)
class Ratio(_AtMost):
    """How far the ratio of characters, Arabic to English, may be from the usual one, in deviations for the length."""

    reason = "ratio"
    most: float = 7.0

    def score(self, case: Case) -> Scores:
        return {"ratio": _deviation(case.ar.chars, case.en.chars)}


@dataclass(frozen=True, slots=True)
class Encoding(_AtMost):
    """Letters that are the bytes of another encoding, and replacement characters."""

    reason = "encoding"
    most: float = 0.02

    def score(self, case: Case) -> Scores:
        return {"broken": max(broken_share(case.row.ar.text), broken_share(case.row.en.text))}


class Whole(Rule):
    """Halves of characters, which no file of UTF-8 could hold; always asked."""

    __slots__ = ()
    reason = "encoding"

    def accept(self, case: Case, scores: Scores) -> bool:
        return is_whole(case.row.ar.text) and is_whole(case.row.en.text)


@dataclass(frozen=True, slots=True)
class Markup(_AtMost):
    """The most of a side that may be tags, entities, addresses, placeholders."""

    reason = "markup"
    most: float = 0.5

    def score(self, case: Case) -> Scores:
        return {"markup": max(markup_share(case.row.ar.text), markup_share(case.row.en.text))}


@dataclass(frozen=True, slots=True)
class Junk(Rule):
    """The least share of letters among what can be seen, and the longest run of one character or word."""

    reason = "junk"
    letters: float = 0.4
    run: int = 8

    def score(self, case: Case) -> Scores:
        ar, en = case.ar, case.en
        return {"letters": min(letter_share(ar, en), letter_share(en, ar)),
                "run": max(longest_run(case.row.ar.text, ar.words), longest_run(case.row.en.text, en.words))}

    def accept(self, case: Case, scores: Scores) -> bool:
        return scores["letters"] >= self.letters and scores["run"] < self.run


@dataclass(frozen=True, slots=True)
class Copy(_AtMost):
    """The most of the Arabic side, by letters, that may be words taken over from the English side, or the reverse."""

    reason = "copy"
    most: float = 0.8

    def score(self, case: Case) -> Scores:
        return {"copied": _copied(case.ar, case.en)}


class Swapped(Rule):
    """English where Arabic should be and the reverse; asked where scripts or languages matter."""

    __slots__ = ()
    reason = "swapped"

    def accept(self, case: Case, scores: Scores) -> bool:
        ar, en = case.ar, case.en
        return not (ar.letters[1] > 0.6 * ar.all_letters and en.letters[0] > 0.6 * en.all_letters)


@dataclass(frozen=True, slots=True)
class Script(Rule):
    """The least share of a side's letters that are in its script; words that both sides have alike do not count."""

    reason = "script"
    unless = frozenset(["swapped"])
    ar: float = 0.5
    en: float = 0.7

    def score(self, case: Case) -> Scores:
        ar, en = case.ar, case.en
        shared = set(ar.latin) & set(en.latin) if ar.latin else ()
        same = sum(len(word) for word in ar.latin if word in shared)
        return {"ar_script": (ar.letters[0] + 0.5) / (ar.all_letters - same + 0.5),
                "en_script": (en.letters[1] + 0.5) / (en.all_letters + 0.5)}

    def accept(self, case: Case, scores: Scores) -> bool:
        return scores["ar_script"] >= self.ar and scores["en_script"] >= self.en


@dataclass(frozen=True, slots=True)
class Language(Rule):
    """The least share of known words, and from how many words on a text is judged at all."""

    reason = "language"
    unless = frozenset(["swapped"])
    ar: float = 0.25
    en: float = 0.4
    min_words: int = 3

    def score(self, case: Case) -> Scores:
        ar, en, scores = case.ar, case.en, {}
        if len(ar.arabic) >= self.min_words:
            scores["ar_language"] = arabic_share(ar.arabic, case.row.ar.text)
        if len(en.latin) >= self.min_words:
            scores["en_language"] = english_share(en.latin, en.names, en.inner)
        return scores

    def accept(self, case: Case, scores: Scores) -> bool:
        return scores.get("ar_language", 1.0) >= self.ar and scores.get("en_language", 1.0) >= self.en


@dataclass(frozen=True, slots=True)
class Numbers(_AtMost):
    """Numbers that one side has alone or differently: how many there may be."""

    reason = "number"
    most: int = 0

    def score(self, case: Case) -> Scores:
        return {"numbers": different_numbers(case.row.ar.text, case.row.en.text, case.ar, case.en)}


@dataclass(frozen=True, slots=True)
class Boilerplate(Rule):
    """Titles, menus and footers: by the aligner's word (`marked`), by their look, and by how often a side recurs."""

    reason = "boilerplate"
    marked: bool = True
    look: bool = True
    most_repeats: int = 20

    def accept(self, case: Case, scores: Scores) -> bool:
        row = case.row
        if self.marked and "boilerplate" in (row.ar.kind, row.en.kind):
            return False
        return not (self.look and (_is_furniture(row.en.text, case.en) or _is_furniture(row.ar.text, case.ar)))


@dataclass(frozen=True, slots=True)
class Duplicates:
    """What may stand once only: the `pair`, its `ar` side, its `en` side, `either` side; `off` for all."""

    by: str = "pair"


@dataclass(frozen=True, slots=True)
class NearDuplicates:
    """The share of words in common from which a pair repeats an earlier one, for so many words on each side that counts.

    With `numbers` texts that name different numbers are different texts.
    """

    by: str = "pair"
    share: float = 0.8
    min_words: int = 8
    numbers: bool = True


@dataclass(frozen=True, slots=True)
class Confidence(Rule):
    """The least `probability` that a pair is a right and complete translation, as `score`, and `align` with flags, write it;
    where there is none, the least `quality`, the same without flags; where there is neither, the least confidence of a bead.

    A bead's confidence says only that its sentences answer each other, and costs nothing. With `complete` the embedded
    encoder is asked for the quality of beads too; it always is of pairs of which nothing is known.
    """

    reason = "low_confidence"
    least: float = 0.5
    quality: float = 0.6
    probability: float = 0.6
    complete: bool = False

    def score(self, case: Case) -> Scores:
        row = case.row
        found = {"probability": stored(row, "probability"), "quality": stored(row, "quality"), "confidence": row.confidence}
        return {name: value for name, value in found.items() if value is not None}

    def accept(self, case: Case, scores: Scores) -> bool:
        least = {"probability": self.probability, "quality": self.quality, "confidence": self.least}
        known = next((name for name in least if name in scores), None)
        return known is None or scores[known] >= least[known]


@dataclass(frozen=True, slots=True)
class Similarity(Rule):
    """The least cosine of the two sentences."""

    reason = "low_similarity"
    least: float = 0.2

    def score(self, case: Case) -> Scores:
        return {} if case.row.sim is None else {"sim": round(float(case.row.sim), 4)}

    def accept(self, case: Case, scores: Scores) -> bool:
        return case.row.sim is None or case.row.sim >= self.least


@dataclass(frozen=True, slots=True)
class Flags(Rule):
    """The least severity from which flags of a kind drop a pair, and the least probability of such a flag."""

    severities: Mapping[str, str] = field(default_factory=dict)
    probability: float = 0.5

    def faults(self, case: Case, scores: Scores) -> tuple[str, ...]:
        return tuple(f"flag_{flag['kind']}" for flag in case.row.flags or () if self._counts(flag))

    def _counts(self, flag: Mapping[str, Any]) -> bool:
        least = self.severities.get(str(flag.get("kind")))
        severity = str(flag.get("severity") or "high")
        rank = SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES) - 1
        probability = flag.get("probability")
        return (least is not None and rank >= SEVERITIES.index(least)
                and (1.0 if probability is None else float(probability)) >= self.probability)


# What a row brings along


def certainty(row: Row) -> float | None:
    """How likely a row is right and complete; where that is not known, how likely its bead is right."""
    known = completeness(row)
    return row.confidence if known is None else known


def completeness(row: Row) -> float | None:
    """The probability that a row is a right and complete translation: the one that `score` or `align` gave it, else its
    quality."""
    probability = stored(row, "probability")
    return stored(row, "quality") if probability is None else probability


def stored(row: Row, name: str) -> float | None:
    """A score among a row's extra values; None where there is none. Raises InputError for what is not from 0 to 1."""
    value = row.extra.get(name)
    if value is None or value == "":
        return None
    try:
        found = float("true" if isinstance(value, bool) else value)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"pair {row.bead + 1}: {name} is no number but {str(value)[:40]!r}") from None
    if not 0 <= found <= 1:
        raise InputError(f"pair {row.bead + 1}: {name} is {found:g}, not from 0 to 1")
    return found


# How scores are found

_USUAL = math.log(0.875)
_SPREAD = (0.105**2, 2.4)  # variance of the log ratio of characters: what long texts keep, what each character takes off
_MENU = re.compile(r"(?:^|\s)(?:\||»|›|•|·|::|/)(?:\s|$)")
_MAY_BE_MENU = re.compile("[|»›•·/]|::")
_FOOTERS = re.compile(
    r"all rights reserved|copyright \d{4}|click here|read more|skip to (?:main )?content|share on (?:facebook|twitter)|"
    r"sign up for our|subscribe to our|back to top|جميع الحقوق محفوظ|اضغط هنا|انقر هنا|اقرا المزيد|شارك علي|اشترك في نشرت|"
    r"العوده الي (?:ال)?اعلي"
)
_IN_FOOTERS = frozenset(
    ["rights", "copyright", "click", "read", "skip", "share", "sign", "subscribe", "back", "الحقوق", "اضغط", "انقر", "اقرا",
     "شارك", "اشترك", "العوده"]
)  # fmt: skip
_DIGITS = re.compile(r"\d+")
_MARKER = re.compile(r"\W{0,2}(\d{1,4}) ?[-.)–—:](?!\d)")
_SURE = 0.5


def _deviation(ar: int, en: int) -> float:
    """How many deviations the log of the ratio of characters is from the usual one, for texts of this length.

    The centre and the spread were found on translations of news, medical, United Nations and everyday texts.
    """
    log = math.log((ar + 8) / (en + 8)) - _USUAL
    return log / math.sqrt(_SPREAD[0] + _SPREAD[1] / (ar + en + 16))


def _copied(ar: Look, en: Look) -> float:
    """How much of the Arabic side is words in Latin script that the English side has, or the reverse."""
    if ar.words == en.words and ar.all_letters:
        return 1.0
    shares = [0.0]
    for own, side, there in ((ar.latin, ar, en.latin), (en.arabic, en, ar.arabic)):
        if own and there:
            shared = Counter(own) & Counter(there)
            shares.append(sum(len(word) * count for word, count in shared.items()) / max(1, side.all_letters))
    return max(shares)


def _is_furniture(text: str, side: Look) -> bool:
    """Whether a short text looks like a menu or a footer."""
    if side.chars > 250:
        return False
    if _MAY_BE_MENU.search(text) and (marks := len(_MENU.findall(text))) >= 2 and len(side.words) < 4 * (marks + 1):
        return True
    few = len(side.words) <= 12 and not _IN_FOOTERS.isdisjoint(side.words)
    return few and _FOOTERS.search(" ".join(side.words)) is not None


def different_numbers(ar_text: str, en_text: str, ar: Look, en: Look) -> int:
    """How many numbers in digits one side has alone or states differently; 0 without a closer look where digits agree.

    The closer look knows number words, dates, units, ways to write numbers: 06 is 6, ٣ is 3, ثلاثة is 3 too.
    """
    if not ar.digits and not en.digits and not (_any_digit(ar_text) or _any_digit(en_text)):
        return 0
    found = [sorted(part.lstrip("0") for part in _DIGITS.findall(text)) for text in (fold_digits(ar_text), en_text)]
    if found[0] == found[1]:
        return 0
    from ..lang.facts import compare, extract

    compared = compare(extract(ar_text, "ar", True), extract(en_text, "en", True), (len(ar_text), len(en_text)))
    marks = [_MARKER.match(text) for text in (fold_digits(ar_text), en_text)]
    count = int(all(marks) and int(marks[0][1]) != int(marks[1][1]))  # the numbers of the paragraphs themselves
    count += sum(_in_digits(m.ar) or _in_digits(m.en) for m in compared.mismatches if m.weight >= _SURE)
    return count + sum(_in_digits(u.fact) for u in compared.only if u.strength.weight >= _SURE)


def _any_digit(text: str) -> bool:
    return _DIGITS.search(text) is not None


def _in_digits(fact: Any) -> bool:
    return fact.form in ("digits", "mixed") and fact.kind != "placeholder"
