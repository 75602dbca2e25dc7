"""How surely a translator carries a fact over, so that its absence says something."""

import math

from .. import tables
from .agreement import agreement
from .comparison import MANY, Side, Strength, Unmatched
from .types import Clock, Code, Date, Fact, Value

_CARRIED = tables.weights("facts/weights")["carried"]
_REPEATED = tables.weights("facts/weights")["enough"]["repeated"]
_DOUBTFUL_FORMS = ("name", "marker", "compound")
_STRETCHES = ("decade", "century", "millennium")
_ROUND = (100, 1000, 10**6)
_LOW, _FEW = 2, 12  # numbers up to which articles and duals hide one, and up to which it is often put in words


def is_repeated(side: Side, other: Side, fact: Fact) -> bool:
    """Whether the same fact was matched once already, and this is only another mention."""
    return any(agreement(fact, f)[0] >= _REPEATED for f in other.matched[:MANY])


def weight_of(fact: Fact) -> float:
    """How surely a professional translator would have carried the fact over, from its kind and form: 0 to 1."""
    case = _case(fact)
    if case:
        return _CARRIED[case]
    base = _CARRIED[_number_case(abs(fact.value.number), fact.form)]
    is_measured = fact.value.unit and base >= _CARRIED["low_digit"]
    return min(_CARRIED["most"], base + _CARRIED["measured"]) if is_measured else base


def _case(fact: Fact) -> str:
    """The case of the table that a fact is; none for a plain number."""
    value = fact.value
    if fact.form in _DOUBTFUL_FORMS:
        return "doubtful"
    if isinstance(value, Date):
        if fact.kind == "weekday":
            return "weekday"
        return "stretch" if value.span in _STRETCHES else "date" if value.day is None else "day"
    if isinstance(value, Clock):
        return "time"
    if isinstance(value, Code):
        return "code"
    counts = value.unit and value.unit != "times"
    if fact.form == "roman":
        return "roman"
    if fact.form == "dual":
        return "dual_of_unit" if counts else "dual"
    if value.bound == "several":
        return "several"
    n = abs(value.number)
    if fact.form == "words" and n == 2 and counts and not value.ordinal:
        return "dual_of_unit"
    if value.ordinal:
        return _ordinal_case(n, value.unit, fact.form)
    if fact.kind == "fraction":
        return "half" if n in (0.5, 0.25) else "fraction"
    return ""


def _ordinal_case(n: float, unit: str, form: str) -> str:
    if unit in ("half", "quarter"):
        return "half_of_match"
    if form == "words":
        return {1: "first", 2: "second"}.get(n, "ordinal_word")
    return "low_ordinal" if n <= _LOW else "ordinal"


def _number_case(n: float, form: str) -> str:
    if form == "words":
        if n == 1:
            return "word_one"
        return "word_two" if n <= _LOW else "low_word" if n <= _FEW else "round_word" if n in _ROUND else "word"
    if not float(n).is_integer() or n > _FEW:
        return "digits"
    return "low_digit" if n <= _LOW else "digit"


def unmatched(side: Side, other: Side, fact: Fact) -> Unmatched:
    """A fact of `side` that nothing answers, with what speaks for reporting it."""
    value = fact.value
    numbers = tuple(map(abs, fact.numbers)) or (0.0,)
    repeated = is_repeated(side, other, fact)
    rivals = sum(f.family == fact.family for f in other.rest)
    weight = weight_of(fact)
    if repeated:
        weight *= _CARRIED["repeated"]
    is_value = isinstance(value, Value)
    strength = Strength(
        fact.kind, fact.form, math.log10(1 + abs(max(numbers))), max(numbers) <= 2, is_value and value.ordinal,
        is_value and value.bound == "several", is_value and bool(value.readings), is_value and bool(value.unit), repeated,
        rivals, weight,
    )  # fmt: skip
    return Unmatched(side.name, fact, strength)
