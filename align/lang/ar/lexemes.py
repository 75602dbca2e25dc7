"""What a written Arabic word can be in a statement of a number or a date, clitics and all, once per spelling."""

from functools import cache
from typing import NamedTuple

from ...memoise import memoise
from .. import tables
from . import calendar, numbers, suras, units
from .numbers import bare, key

_PREFIXES = frozenset(("وال", "فال", "بال", "كال", "ولل", "وب", "ول", "فب", "فل", "لل", "ال", "و", "ف", "ب", "ل", "ك"))
_LIGHT = frozenset(("", "و", "ب", "ل", "ف", "ال", "وال", "لل", "بال"))
_ABBREVIATED = ("ق", "ك")  # of ق.م and ك.م

Role = tuple[str, object]


@cache
def _whole_words() -> dict[str, tuple[str, object, bool]]:
    """Role and value of words that are looked up with their clitics, and whether they announce a year or a month."""
    return {
        word: (role, value, when == "announces")
        for when, role, value, cell in tables.rows("ar/roles", key)
        if when in ("whole", "announces")
        for word in cell.split()
    }


@cache
def _later_words() -> dict[str, Role]:
    """Role and value of words that are looked up when they are no number, month or unit, clitics included."""
    found: dict[str, Role] = {word: ("country", country) for word, country in units.countries().items()}
    for when, role, value, cell in tables.rows("ar/roles", key):
        for word in cell.split() if when not in ("whole", "announces") else ():
            for clitic in _BEFORE.get(when, ("",)):
                found[clitic + word] = (role, value or (clitic + word if role in ("prep", "of") else ""))
    return found


_BEFORE = {"bound": ("", "ب", "و"), "prep": ("", "و")}  # the clitics that a word may have before it


@cache
def _hints() -> dict[str, tuple[float, ...]]:
    """The numbers that words hide."""
    return {
        word: tuple(map(tables.number, numbers.split()))
        for numbers, cell in tables.rows("ar/hints", key)
        for word in cell.split()
    }


@cache
def _stems() -> frozenset[str]:
    """What is a decade, a month, a weekday, a unit or a dual when the clitics are taken off."""
    months = (name[0] for name in calendar.all_months())
    return frozenset((*calendar.decades(), *months, *calendar.weekdays(), *units.duals(), *units.units()))


@cache
def _looked_at() -> frozenset[str]:
    """Words whose neighbours decide what they are."""
    return frozenset((*_ABBREVIATED, *calendar.weekdays(), *suras.suras()))


class Lexeme(NamedTuple):
    """What one spelling can be: a number `atom`, a `role` with its `value`, a `hint` of a hidden number, or `plain`.

    Months of the Hijri calendar have 100 added. `joined` says that the sentence's و or ف stands before the word of the
    role; `mark` that a year word or month word announces a number, or that a month's name is also another word.
    """

    key: str
    atom: numbers.Atom | None
    role: str = ""
    value: object = None
    joined: bool = False
    mark: bool = False
    hint: tuple[float, ...] = ()
    plain: bool = False


def _stripped(word: str) -> list[tuple[str, str]]:
    """`word` and what is left of it after each clitic that it may carry: (clitic, rest)."""
    found = [("", word)]
    if word[:1] in "وفبلكا":
        found += [(word[:n], word[n:]) for n in (3, 2, 1) if word[:n] in _PREFIXES and len(word) - n >= 2]
    return found


def _is_other_than_month(clitic: str, rest: str, written: str) -> bool:
    """Whether a month's letters are here another word: the father, was practising, a word with the article."""
    if clitic.endswith("ال") or clitic in ("لل", "ك", "ف"):
        return not (rest == "محرم" and clitic == "ال")
    if rest == "اب":
        return "آب" not in written
    if rest == "صفر" and clitic:
        return True
    return rest in calendar.ambiguous() and clitic not in ("", "و", "ب", "ل")


def _stem_role(clitic: str, rest: str, written: str, counts: bool) -> tuple[str, object, bool] | None:
    """The role of a word behind its clitic; `counts` says that the whole word is a number anyway."""
    if rest in calendar.decades() and clitic != "ف":
        return "decade", calendar.decades()[rest], False
    month = calendar.all_months().get((rest,))
    if month and not _is_other_than_month(clitic, rest, written):
        return "month", month, rest in calendar.ambiguous() or month > calendar.HIJRI
    if rest in calendar.month_heads():
        return "head", rest, False
    if rest in calendar.weekdays() and clitic.endswith(("ال", "لل")) and clitic != "كال":
        return "weekday", calendar.weekdays()[rest], False
    if rest in units.duals() and clitic in _LIGHT:
        return "dual", units.duals()[rest], False
    # بطن is no ton; a ثانية is a second, and the second one
    may_be_unit = rest in units.units() and (not counts or rest == "ثانيه" and not clitic)
    if may_be_unit and (clitic in ("", "ال", "لل", "بال") or (clitic in ("ب", "ل") and len(rest) > 3)):
        return "unit", units.units()[rest], False
    return None


def _hint(word: str, options: list[tuple[str, str]]) -> tuple[float, ...]:
    """The numbers that a word hides: those of the table, and two for every dual of a noun."""
    hints = _hints()
    for _, rest in options:
        if rest in hints:
            return hints[rest]
    if len(word) >= 5 and word.endswith(("ان", "ين", "تا", "تي", "يهما", "تيه", "تيها", "تاه", "تاها")):
        return (2,)
    return ()


@memoise
def lexeme(word: str) -> Lexeme:
    """The lexeme of a spelling."""
    folded = key(word)
    # a part of one (خُمس) shows by its vowel alone
    atom = numbers.atom(word) if folded in numbers.lexicon() or "\u064f" in word else None
    exact = _whole_words().get(folded)
    if exact is not None:
        return Lexeme(folded, None if exact[0] == "pct" else atom, *exact[:2], mark=exact[2])
    options = _stripped(folded)
    for clitic, rest in options:
        if rest in _stems():
            role = _stem_role(clitic, rest, bare(word), atom is not None)
            if role is not None:
                return Lexeme(folded, atom, *role[:2], joined=clitic[:1] in ("و", "ف"), mark=role[2])
    later = _later_words().get(folded)
    if later is not None:
        return Lexeme(folded, atom, *later)
    if folded.removeprefix("ب") in ("نقطتين", "نقطتان"):
        return Lexeme(folded, None, "points", hint=(2,))
    hint = _hint(folded, options) if atom is None else ()
    return Lexeme(folded, atom, hint=hint, plain=atom is None and not hint and folded not in _looked_at())
