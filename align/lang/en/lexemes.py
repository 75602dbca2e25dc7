"""What a written English word can be in a statement of a number or a date, once per spelling."""

import re
from functools import cache
from typing import NamedTuple

from ...memoise import memoise
from .. import tables
from . import calendar, hijri, numbers, units

_ROMAN = re.compile("(?=[LXVI])(XL|L?X{0,3})(IX|IV|V?I{0,3})")
# Words that begin with a number: foursome, fivefold.
_COMPOUND = re.compile(
    "(two|three|four|five|six|seven|eight|nine)(?:some|fold|ball|pack|pence|penny|way|person|year|legged)"
)


def phrase_heads() -> frozenset[str]:
    """Words that the scanner looks at because a phrase may begin with them."""
    return _roles()["phrase"]


@cache
def _roles() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for role, _, cell in tables.rows("en/roles"):
        found.setdefault(role, set()).update(cell.split())
    return {role: frozenset(words) for role, words in found.items()}


@cache
def _hints() -> dict[str, tuple[float, ...]]:
    """The numbers that words hide, which the other version may say aloud."""
    return {
        word: tuple(map(tables.number, numbers.split()))
        for numbers, cell in tables.rows("en/hints")
        for word in cell.split()
    }


@cache
def _lexicon() -> dict[str, tuple[str, object]]:
    """Role and value of every word that matters besides number words; later tables win."""
    rows = [(role, value, cell.split()) for role, value, cell in tables.rows("en/roles") if role not in _LISTS]
    found = {word: ("prep", word) for role, _, words in rows if role == "prep" for word in words}
    found |= {word: ("unit", unit) for word, unit in units.units().items() if len(word) > 1}
    found |= {word: (role, value) for role, value, words in rows if role == "bound" for word in words}
    found |= {word: ("month", month) for word, month in calendar.months().items()}
    found |= {word: ("weekday", day) for word, day in calendar.weekdays().items()}
    found |= {word: ("decade", value) for word, value in calendar.decades().items()}
    return found | {word: (role, value) for role, value, words in rows if role not in ("prep", "bound") for word in words}


_LISTS = ("phrase", "with_capital", "without_capital")  # rows that say more of a word than its role


@cache
def _capital_decides() -> frozenset[str]:
    """Words that have their role with a capital alone."""
    return frozenset(calendar.names()["ambiguous"]) | _roles()["with_capital"]


def roman(word: str) -> int:
    """The value of a Roman numeral from 1 to 89, 0 for anything else."""
    match = _ROMAN.fullmatch(word)
    if match is None:
        return 0
    tens, ones = match.groups()
    high = 40 if tens == "XL" else 50 * tens.count("L") + 10 * tens.count("X")
    return high + {"IX": 9, "IV": 4}.get(ones, 5 * ones.count("V") + ones.count("I"))


class Lexeme(NamedTuple):
    """What one spelling can be: a number `atom`, a `role` with its `value`, a `hint` of a hidden number, or `plain`.

    Months of the Hijri calendar have 100 added; the role `day?` is an abbreviated weekday, `roman` a Roman
    numeral and `roman?` one in small letters, which is one in brackets alone.
    """

    lower: str
    capital: bool
    atom: numbers.Atom | None
    role: str = ""
    value: object = None
    hint: tuple[float, ...] = ()
    plain: bool = False


@memoise
def lexeme(word: str) -> Lexeme:
    """The lexeme of a spelling, its possessive left out."""
    lower = word.lower().removesuffix("'s").removesuffix("\u2019s")
    capital = word[0].isupper()
    atom = numbers.atom(lower)
    hint = _hints().get(lower, ())
    role, value = _lexicon().get(lower, ("", None))
    if hijri_month := hijri.month_of(word):
        role, value = "month", 100 + hijri_month
    if not capital and (role in ("weekday", "month") or lower in _capital_decides()) or capital and lower in _roles()["without_capital"]:
        role = ""
    if not role and capital and lower in calendar.names()["short_weekday"]:
        role, value = "day?", calendar.names()["short_weekday"][lower]
    if not role and atom is None and not hint:
        compound = _COMPOUND.match(lower)
        if compound:
            hint = (numbers.units()[compound.group(1)],)
        elif word[0] in "LXVI" and (number := roman(word)):
            role, value = "roman", number
        elif word[0] in "lxvi" and len(word) > 1 and (number := roman(word.upper())):
            role, value = "roman?", number
    plain = not role and atom is None and not hint and lower not in phrase_heads() and lower not in units.countries()
    plain = plain and word not in units.currencies()
    return Lexeme(lower, capital, atom, role, value, hint, plain)
