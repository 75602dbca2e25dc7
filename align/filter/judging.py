"""From rows to verdicts: every rule of a profile asked about every pair, and all reasons told."""

import hashlib
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol

import numpy as np

from ..lang.ar.letters import fold_digits
from ..data import BadRow, Row
from ..errors import InputError
from ..faults import answers, reason
from .apart import KeptApart
from .duplicates import Counts, NearTexts
from .languages import arabic_share, english_share
from .profile import PRESETS, NearDuplicates, Profile
from .texts import Look, broken_share, hashed, is_whole, letter_share, longest_run, look, made_whole, markup_share

REASONS: dict[str, str] = {
    "malformed": "the row breaks the format of its file; error says how",
    "failed": "the pair could not be judged; error says why",
    "one_sided": "one side has no text",
    "too_short": "a side has fewer characters or words than it may",
    "too_long": "a side has more characters or words than it may",
    "ratio": "one side is far too long for the other",
    "swapped": "the Arabic side is English and the English side Arabic",
    "script": "a side is in another script",
    "language": "a side is in another language that is written in the same script",
    "copy": "one side holds the words of the other, untranslated",
    "boilerplate": "a title, menu or footer, or a text that recurs again and again",
    "duplicate": "the same, letters folded, stood before",
    "near_duplicate": "nearly the same stood before",
    "test_set": "a side nearly repeats one of a test set that the bitext is kept apart from",
    "low_confidence": "unlikely to be a right and complete translation",
    "low_similarity": "the two sentences mean different things",
    "flag_number": "a number is flagged", "flag_date": "a date is flagged", "flag_name": "a name is flagged",
    "flag_clause": "a clause of one side is flagged", "flag_phrase": "a phrase of one side is flagged",
    "flag_sentence": "a sentence of one side is flagged", "flag_boilerplate": "furniture of one side is flagged",
    "flag_heading": "a heading of one side is flagged", "flag_placeholder": "a placeholder or tag is flagged",
    "flag_untranslated": "a segment is flagged that was left in the other language",
    "number": "the two sides state different numbers",
    "encoding": "letters are the bytes of another encoding",
    "markup": "most of a side is markup, addresses or placeholders",
    "junk": "a side has few letters, or one letter or word over and over",
    "precision": "below the confidence that the promised precision needs",
}  # fmt: skip
"""Every reason for which a pair can be rejected, in the order in which they are told."""

_USUAL = math.log(0.875)
_SPREAD = (0.105**2, 2.4)  # variance of the log ratio of characters: what long texts keep, what each character takes off
_SEVERITY = {"low": 0, "medium": 1, "high": 2}
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
_BOTH = ("ar", "en")


# What has no right text on a side is no text to compare others with.
_UNREAD = {"one_sided", "malformed", "failed"}
_NO_TEXT = {*_UNREAD, "swapped"}


class Verdict(NamedTuple):
    """Why a pair is rejected, nothing where it is kept, and the numbers that the rules went by."""

    reasons: tuple[str, ...]
    scores: Mapping[str, float]

    @property
    def keep(self) -> bool:
        """Whether the pair is kept."""
        return not self.reasons


class Scorer(Protocol):
    """What a filter asks of an encoder where rows lack it."""

    def quick(self, rows: Sequence[Row]) -> Sequence[tuple[float, float]]:
        """Similarity, and quality (the probability of being right and complete), a pair a row."""

    def flags(self, rows: Sequence[Row]) -> Sequence[tuple[Mapping[str, Any], ...]]:
        """The flags of each row."""


@dataclass(slots=True)
class _Case:
    """A row on its way to its verdict."""

    row: Row
    reasons: set[str] = field(default_factory=set)
    scores: dict[str, float] = field(default_factory=dict)
    looks: tuple[Look, Look] | None = None
    keys: tuple[bytes, bytes] = (b"", b"")


class Filter:
    """Judges rows by a profile, batch after batch; what has been seen is remembered from call to call.

    `langs` are the codes of the two sides; rules of script, language, ratio, numbers and flags speak of Arabic and
    English only, and are off for others, of which quality is not asked either. `scorer` gives what rows lack and a rule needs; without one such a rule
    raises InputError. Every rule is asked, but what costs an encoder only about pairs that no other rule rejects,
    unless `thorough`. What repeats a pair of `apart` is rejected.
    """

    def __init__(self, profile: Profile = PRESETS["default"], langs: tuple[str, str] = ("ar", "en"),
                 scorer: Scorer | None = None, *, thorough: bool = False, apart: KeptApart | None = None) -> None:  # fmt: skip
        known = tuple(lang.replace("_", "-").partition("-")[0].lower() for lang in langs) == _BOTH
        if not known:
            profile = replace(profile, script=None, language=None, ratio=None, numbers=None, flags=None)
        self.profile, self.langs = profile, langs
        self._may_ask = known
        self.scorer, self.thorough, self.apart = scorer, thorough, apart
        self._seen = {side: Counts() for side in _sides(profile.duplicates.by if profile.duplicates else "off")}
        self._repeats = {side: Counts() for side in (_BOTH if profile.boilerplate else ())}
        near = profile.near_duplicates
        self._near = {side: NearTexts(near.share) for side in _sides(near.by if near else "off")}

    @property
    def nbytes(self) -> int:
        """The memory of what has been seen."""
        return sum(table.nbytes for tables in (self._seen, self._repeats, self._near) for table in tables.values())

    def judge(self, rows: Sequence[Row]) -> list[Verdict]:
        """A verdict a row, in order."""
        return [verdict for verdict, _ in self.judge_with_rows(rows)]

    def judge_with_rows(self, rows: Sequence[Row]) -> list[tuple[Verdict, Row]]:
        """A verdict a row, and the row with the flags, the similarity and the quality that were found for it."""
        cases = [_Case(row) for row in rows]
        for case in cases:
            if isinstance(case.row, BadRow):
                case.reasons.add("malformed")
            elif case.row.is_pair and case.row.ar.text.strip() and case.row.en.text.strip():
                _settled(case, *answers(lambda some: [self._by_itself(some[0])], [case]))
            else:
                case.reasons.add("one_sided")
        self._by_what_was_seen([case for case in cases if not case.reasons & _NO_TEXT])
        self._by_scores(cases)
        self._by_flags([case for case in cases if not case.reasons & _UNREAD])
        return [(Verdict(_in_order(case.reasons), case.scores), case.row) for case in cases]

    # Rules that look at one pair

    def _by_itself(self, case: _Case) -> None:
        row, reasons, scores, profile = case.row, case.reasons, case.scores, self.profile
        ar, en = case.looks = look(row.ar.text), look(row.en.text)
        if rule := profile.length:
            for side in (ar, en):
                if side.chars < rule.min_chars or len(side.words) < rule.min_words:
                    reasons.add("too_short")
                if side.chars > rule.max_chars or len(side.words) > rule.max_words:
                    reasons.add("too_long")
        if rule := profile.ratio:
            scores["ratio"] = _deviation(ar.chars, en.chars)
            if abs(scores["ratio"]) > rule.most:
                reasons.add("ratio")
        self._by_letters(case, ar, en)
        if rule := profile.numbers:
            scores["numbers"] = different_numbers(row.ar.text, row.en.text, ar, en)
            if scores["numbers"] > rule.most:
                reasons.add("number")
        if rule := profile.boilerplate:
            is_marked = rule.marked and "boilerplate" in (row.ar.kind, row.en.kind)
            if is_marked or (rule.look and (_is_furniture(row.en.text, en) or _is_furniture(row.ar.text, ar))):
                reasons.add("boilerplate")

    def _by_letters(self, case: _Case, ar: Look, en: Look) -> None:
        row, reasons, scores, profile = case.row, case.reasons, case.scores, self.profile
        if rule := profile.encoding:
            scores["broken"] = max(broken_share(row.ar.text), broken_share(row.en.text))
            if scores["broken"] > rule.most:
                reasons.add("encoding")
        if not (is_whole(row.ar.text) and is_whole(row.en.text)):
            reasons.add("encoding")  # with the rule off too: no file of UTF-8 could hold the pair
        if rule := profile.markup:
            scores["markup"] = max(markup_share(row.ar.text), markup_share(row.en.text))
            if scores["markup"] > rule.most:
                reasons.add("markup")
        if rule := profile.junk:
            scores["letters"] = min(letter_share(ar, en), letter_share(en, ar))
            scores["run"] = max(longest_run(row.ar.text, ar.words), longest_run(row.en.text, en.words))
            if scores["letters"] < rule.letters or scores["run"] >= rule.run:
                reasons.add("junk")
        if rule := profile.copy:
            scores["copied"] = _copied(ar, en)
            if scores["copied"] > rule.most:
                reasons.add("copy")
        self._by_language(case, ar, en)

    def _by_language(self, case: _Case, ar: Look, en: Look) -> None:
        reasons, scores, profile = case.reasons, case.scores, self.profile
        if (profile.script or profile.language) and ar.letters[1] > 0.6 * ar.all_letters and en.letters[0] > 0.6 * en.all_letters:
            reasons.add("swapped")
            return
        if rule := profile.script:
            shared = set(ar.latin) & set(en.latin) if ar.latin else ()
            same = sum(len(word) for word in ar.latin if word in shared)
            scores["ar_script"] = (ar.letters[0] + 0.5) / (ar.all_letters - same + 0.5)
            scores["en_script"] = (en.letters[1] + 0.5) / (en.all_letters + 0.5)
            if scores["ar_script"] < rule.ar or scores["en_script"] < rule.en:
                reasons.add("script")
        if rule := profile.language:
            if len(ar.arabic) >= rule.min_words:
                scores["ar_language"] = arabic_share(ar.arabic, case.row.ar.text)
                if scores["ar_language"] < rule.ar:
                    reasons.add("language")
            if len(en.latin) >= rule.min_words:
                scores["en_language"] = english_share(en.latin, en.names, en.inner)
                if scores["en_language"] < rule.en:
                    reasons.add("language")

    # Rules that know what came before

    def _by_what_was_seen(self, cases: list[_Case]) -> None:
        profile = self.profile
        if cases and self.apart is not None:
            for case, is_repeated in zip(cases, self.apart.repeated([case.looks for case in cases]), strict=True):
                if is_repeated:
                    case.reasons.add("test_set")
        if not cases or not (self._seen or self._repeats or self._near):
            return
        keys = {"ar": _keys(" ".join(case.looks[0].words) or case.row.ar.text for case in cases),
                "en": _keys(" ".join(case.looks[1].words) or case.row.en.text for case in cases)}  # fmt: skip
        with np.errstate(over="ignore"):
            keys["pair"] = np.maximum(keys["ar"] * np.uint64(0x9E3779B97F4A7C15) ^ keys["en"], np.uint64(1))
        for side, table in self._seen.items():
            for case, before in zip(cases, table.add(keys[side]).tolist(), strict=True):
                if before:
                    case.reasons.add("duplicate")
        for side, table in self._repeats.items():
            for case, before in zip(cases, table.add(keys[side]).tolist(), strict=True):
                case.scores["repeats"] = max(case.scores.get("repeats", 0), before)
                if before >= profile.boilerplate.most_repeats:
                    case.reasons.add("boilerplate")
        for side, table in self._near.items():
            found = table.add([_near_words(case.looks, side, profile.near_duplicates) for case in cases])
            for case, is_near in zip(cases, found.tolist(), strict=True):
                if is_near and "duplicate" not in case.reasons:
                    case.reasons.add("near_duplicate")

    # Rules that ask an encoder

    def _by_scores(self, cases: list[_Case]) -> None:
        profile = self.profile
        if not profile.wants_scores:
            return
        wanting = [case for case in cases if not case.reasons & _UNREAD and _has_scores(case) and self._lacks_scores(case.row)]
        asked = wanting if self.thorough else [case for case in wanting if not case.reasons]
        if asked:
            scorer = self._need("confidence, quality or similarity")
            # The pairs around a pair tell what is usual, so all are shown that are not known to be something else.
            for case, found in zip(asked, answers(scorer.quick, [_readable(case.row) for case in asked]), strict=True):
                if _settled(case, found):
                    continue
                sim, quality = found
                known = case.row.sim if case.row.sim is not None else round(float(sim), 6)
                case.row = replace(case.row, sim=known, extra={**case.row.extra, "quality": round(float(quality), 4)})
        for case in cases:
            if not case.reasons & _UNREAD:
                self._by_confidence(case)

    def _lacks_scores(self, row: Row) -> bool:
        if not self._may_ask:
            return False
        wants_sim = self.profile.similarity is not None and row.sim is None
        rule = self.profile.confidence
        return wants_sim or (rule is not None and (certainty(row) is None or (self._asks_of_beads and completeness(row) is None)))

    @property
    def _asks_of_beads(self) -> bool:
        """Whether beads are asked about: where no encoder is at hand their confidence must do."""
        return self.scorer is not None and self.profile.confidence.complete

    def _by_confidence(self, case: _Case) -> None:
        row, profile = case.row, self.profile
        found = {"probability": stored(row, "probability"), "quality": stored(row, "quality"), "confidence": row.confidence}
        case.scores.update({name: value for name, value in found.items() if value is not None})
        if row.sim is not None:
            case.scores["sim"] = round(float(row.sim), 4)
        if rule := profile.confidence:
            least = {"confidence": rule.least, "quality": rule.quality, "probability": rule.probability}
            known = next((name for name, value in found.items() if value is not None), None)
            if known is not None and found[known] < least[known]:
                case.reasons.add("low_confidence")
        if (rule := profile.similarity) and row.sim is not None and row.sim < rule.least:
            case.reasons.add("low_similarity")

    def _by_flags(self, cases: list[_Case]) -> None:
        rule = self.profile.flags
        if rule is None or not rule.severities:
            return
        wanting = [case for case in cases if case.row.flags is None and (self.thorough or not case.reasons)]
        if wanting:
            scorer = self._need("flags")
            for case, flags in zip(wanting, answers(scorer.flags, [_readable(case.row) for case in wanting]), strict=True):
                if _settled(case, flags):
                    continue
                case.row = replace(case.row, flags=tuple(flags))
        for case in cases:
            for flag in case.row.flags or ():
                least = rule.severities.get(str(flag.get("kind")))
                severity = _SEVERITY.get(str(flag.get("severity") or "high"), 2)
                if least is not None and severity >= _SEVERITY[least] and _sure(flag) >= rule.probability:
                    case.reasons.add(f"flag_{flag['kind']}")

    def _need(self, what: str) -> Scorer:
        if self.scorer is None:
            raise InputError(f"the profile {self.profile.name!r} needs {what}, which the pairs do not have")
        return self.scorer


def _settled(case: _Case, found: object) -> bool:
    """Whether what was asked about a case is an error: then that is its reason."""
    if not isinstance(found, Exception):
        return False
    case.reasons.add("failed")
    case.row = replace(case.row, extra={**case.row.extra, "error": reason(found)})
    return True


def _has_scores(case: _Case) -> bool:
    """Whether the scores that a row brings along can be read; a row of which they cannot is malformed."""
    try:
        for name in ("quality", "probability"):
            stored(case.row, name)
    except InputError as error:
        case.reasons.add("malformed")
        case.row = replace(case.row, extra={**case.row.extra, "error": str(error)})
        return False
    return True


def _in_order(reasons: set[str]) -> tuple[str, ...]:
    return tuple(name for name in REASONS if name in reasons) if reasons else ()


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


def _readable(row: Row) -> Row:
    """A row whose texts an encoder can read."""
    if is_whole(row.ar.text) and is_whole(row.en.text):
        return row
    return replace(row, ar=replace(row.ar, text=made_whole(row.ar.text)), en=replace(row.en, text=made_whole(row.en.text)))


def _sure(flag: Mapping[str, Any]) -> float:
    value = flag.get("probability")
    return 1.0 if value is None else float(value)


def _sides(by: str) -> tuple[str, ...]:
    return {"off": (), "either": _BOTH}.get(by, (by,))


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


_SURE = 0.5


def _any_digit(text: str) -> bool:
    return _DIGITS.search(text) is not None


def _in_digits(fact: Any) -> bool:
    return fact.form in ("digits", "mixed") and fact.kind != "placeholder"


def _keys(texts: Any) -> np.ndarray:
    """64 bits of each text, never 0."""
    digests = b"".join(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest() for text in texts)
    return np.maximum(np.frombuffer(digests, np.uint64), np.uint64(1))


def _near_words(looks: tuple[Look, Look], side: str, rule: NearDuplicates) -> list[int]:
    """Hashes of the words that a near duplicate would share; none where a side that counts is too short to tell."""
    ar, en = looks
    words = ar.words + en.words if side == "pair" else (ar if side == "ar" else en).words
    sides = (ar, en) if side == "pair" else (ar if side == "ar" else en,)
    if min(len(found.words) for found in sides) < rule.min_words:
        return []
    found = list(map(hashed, set(words)))
    if rule.numbers and (ar.digits or en.digits):
        # With the numbers in every hash, texts of other numbers have no word in common.
        numbers = hashed(" ".join(sorted(word for word in words if word[0].isdigit())))
        found = [value ^ numbers for value in found]
    return found
