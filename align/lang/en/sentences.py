"""English: which full stops end a sentence."""

from functools import cache

from .. import tables
from . import calendar

_ROMAN = frozenset("ivxlcdm")


@cache
def _words(name: str) -> frozenset[str]:
    """A list of `sentences.tsv`."""
    return tables.lists("en/sentences")[name]


def dangling() -> frozenset[str]:
    """Words that no sentence ends with, conjunctions between the items of a list left out."""
    return _words("dangling")


def enumerators() -> list[str]:
    """Words that number the pieces of a text."""
    return tables.ordered("en/sentences")["enumerator"]


@cache
def _short_months() -> frozenset[str]:
    return frozenset(calendar.names()["short_month"])


@cache
def _short_names() -> frozenset[str]:
    """Short names of months and weekdays that are no other word before a full stop."""
    return _short_months() | frozenset(calendar.names()["short_weekday"]) - {"sun"}


@cache
def _full_names() -> frozenset[str]:
    """The full names of months and weekdays."""
    return frozenset((*calendar.names()["month"], *calendar.names()["weekday"])) - {"sabbath"}


def full_stop_ends(token: str, previous: str, following: str, cased: bool) -> bool:
    """Whether the full stop after `token` ends a sentence.

    `token` is what stands before it (no white space inside), `previous` the word before that, `following` the word
    after it without opening quotes; `cased` is False for texts without capitals.
    """
    low = token.lower()
    if low in _words("never"):
        return False
    if low in _words("before_number") and (following[:1].isdigit() or _is_roman(following)):
        return False
    if cased and following[:1].islower() and not _begins_small(low, token, following):
        return False
    if low in _short_names():
        return not following[:1].isdigit() and following.lower().rstrip(".") not in _short_months()
    if low in ("a.m", "p.m"):
        return not (following.isupper() and len(following) > 1) and following.rstrip(".,").lower() not in _full_names()
    if low in ("etc", "al"):
        return not following[:1].isdigit()
    if low in _words("either") or token in _words("state"):
        return following.lower() in _words("starter")
    if len(token) == 1 and token.isalpha():
        return _ends_after_letter(token, previous, following)
    if _is_dotted(token):
        return following.lower() in _words("starter")
    return True


def begins(word: str) -> bool:
    """Whether the word has a capital and is one that begins sentences far more often than names."""
    return word[:1].isupper() and word.lower() in _words("starter")


def is_title(token: str) -> bool:
    """Whether the token, with its full stop, leads a name in: Mr, Dr."""
    return token.lower() in _words("never")


def _begins_small(low: str, token: str, following: str) -> bool:
    """Whether a word in small letters may begin a sentence: after a whole word, or a name such as iPhone."""
    is_word = len(token) >= 4 and token.isalpha() and token == low and low not in _words("either") and low not in _words("before_number")
    return is_word or (len(following) > 2 and following[1].isupper())


def speech_follows(words: list[str]) -> bool:
    """Whether the words after a quotation say who spoke: “Really?” John asked."""
    return any(word.lower().strip(".,;:!?") in _words("speech") for word in words[:3])


def _ends_after_letter(token: str, previous: str, following: str) -> bool:
    """Whether the full stop after a single letter is the sentence's: "Plan B. The", against "J. K. Rowling"."""
    if following.lower() not in _words("starter") or (len(following) == 1 and following != "I"):
        return False
    is_initial = token.isupper() and previous[:1].isupper() and (len(previous.rstrip(".")) == 1 or len(previous) > 4)
    return not is_initial or following.lower() in ("the", "he", "she", "it", "they", "this")


def _is_roman(word: str) -> bool:
    return word.isupper() and set(word.lower()) <= _ROMAN and word != "I"


def _is_dotted(token: str) -> bool:
    """Single letters with full stops between: U.N, Ph.D."""
    parts = token.split(".")
    return len(parts) > 1 and all(part.isalpha() and len(part) <= 2 for part in parts)
