"""From rows to verdicts: every rule of a profile asked about every pair, and all reasons told."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

from ..data import BadRow, Row
from ..errors import InputError
from ..faults import answers, reason
from .apart import KeptApart
from .profile import PRESETS, Profile
from .rules import Case, Confidence, Similarity, certainty, completeness, stored
from .seen import BOTH, keys_of, memories
from .texts import is_whole, look, made_whole

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


class Filter:
    """Judges rows by a profile, batch after batch; what has been seen is remembered from call to call.

    `langs` are the codes of the two sides; rules of script, language, ratio, numbers and flags speak of Arabic and
    English only, and are off for others, of which quality is not asked either. `scorer` gives what rows lack and a rule needs; without one such a rule
    raises InputError. Every rule is asked, but what costs an encoder only about pairs that no other rule rejects,
    unless `thorough`. What repeats a pair of `apart` is rejected.
    """

    def __init__(self, profile: Profile = PRESETS["default"], langs: tuple[str, str] = ("ar", "en"),
                 scorer: Scorer | None = None, *, thorough: bool = False, apart: KeptApart | None = None) -> None:  # fmt: skip
        known = tuple(lang.replace("_", "-").partition("-")[0].lower() for lang in langs) == BOTH
        if not known:
            profile = replace(profile, script=None, language=None, ratio=None, numbers=None, flags=None)
        self.profile, self.langs = profile, langs
        self._may_ask = known
        self.scorer, self.thorough = scorer, thorough
        self._rules, self._memories = profile.pair_rules, memories(profile, apart)

    @property
    def nbytes(self) -> int:
        """The memory of what has been seen."""
        return sum(memory.nbytes for memory in self._memories)

    def judge(self, rows: Sequence[Row]) -> list[Verdict]:
        """A verdict a row, in order."""
        return [verdict for verdict, _ in self.judge_with_rows(rows)]

    def judge_with_rows(self, rows: Sequence[Row]) -> list[tuple[Verdict, Row]]:
        """A verdict a row, and the row with the flags, the similarity and the quality that were found for it."""
        cases = [Case(row) for row in rows]
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

    def _by_itself(self, case: Case) -> None:
        case.ar, case.en = look(case.row.ar.text), look(case.row.en.text)
        for rule in self._rules:
            rule.ask(case)

    def _by_what_was_seen(self, cases: list[Case]) -> None:
        if cases and self._memories:
            keys = keys_of(cases)
            for memory in self._memories:
                memory.ask(cases, keys)

    # Rules that ask an encoder

    def _by_scores(self, cases: list[Case]) -> None:
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
                case.scores |= Confidence().score(case) | Similarity().score(case)
                for rule in filter(None, (profile.confidence, profile.similarity)):
                    case.reasons.update(rule.faults(case, case.scores))

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

    def _by_flags(self, cases: list[Case]) -> None:
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
            rule.ask(case)

    def _need(self, what: str) -> Scorer:
        if self.scorer is None:
            raise InputError(f"the profile {self.profile.name!r} needs {what}, which the pairs do not have")
        return self.scorer


def _settled(case: Case, found: object) -> bool:
    """Whether what was asked about a case is an error: then that is its reason."""
    if not isinstance(found, Exception):
        return False
    case.reasons.add("failed")
    case.row = replace(case.row, extra={**case.row.extra, "error": reason(found)})
    return True


def _has_scores(case: Case) -> bool:
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


def _readable(row: Row) -> Row:
    """A row whose texts an encoder can read."""
    if is_whole(row.ar.text) and is_whole(row.en.text):
        return row
    return replace(row, ar=replace(row.ar, text=made_whole(row.ar.text)), en=replace(row.en, text=made_whole(row.en.text)))
