"""What else the words of a fact can mean, and the words of the other language that answer them so.

A word that is a number or a day only by one of its readings is no finding where another of them is answered: الاثنين is
Monday and both, الألف a thousand and the letter A, and 0 results are لا توجد نتائج.
"""

import re
from functools import cache

from .. import tables
from ..ar.letters import fold
from .types import Date, Fact, Value

_ARABIC_WORD = re.compile(r"[\u0621-\u064a]+")
_ENGLISH_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")


@cache
def _answers() -> dict[tuple[str, str], frozenset[str]]:
    """By the language and the folded words, or the number, of a fact: words of the other language."""
    found: dict[tuple[str, str], set[str]] = {}
    for lang, keys, answers in tables.rows("facts/ordinary", fold):
        for key in tables.words(keys):
            found.setdefault((lang, key), set()).update(answers.split())
    return {key: frozenset(words) for key, words in found.items()}


def _keys(fact: Fact) -> list[str]:
    """Under what a fact may be looked up: its words, and its number where it says no more."""
    value = fact.value
    keys = [fold(fact.text).lower().removeprefix("a ").removeprefix("و")]
    if isinstance(value, Value) and value.number in (0, 1) and not value.ordinal and value.unit in ("", "times"):
        keys.append(f"{value.number:g}")
    if isinstance(value, Date) and value.weekday is not None:
        keys.append(fold(fact.text).split(" ")[-1])
    return keys


def is_answered(fact: Fact, lang: str, other: str) -> bool:
    """Whether an ordinary reading of a fact in `lang` is answered by a word of the other version's text `other`."""
    answers = _answers()
    wanted = frozenset().union(*(answers.get((lang, key), ()) for key in _keys(fact)))
    if not wanted:
        return False
    if lang == "ar":
        return not wanted.isdisjoint(_ENGLISH_WORD.findall(other.lower().replace("\u2019", "'")))
    return not wanted.isdisjoint(_ARABIC_WORD.findall(fold(other)))
