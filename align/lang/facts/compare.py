"""Facts of two versions set against each other: which agree, which contradict, which stand in one version only."""

import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as Day

from ...faults import guarded
from . import placeholders
from .ordinary import is_answered
from .types import Clock, Code, Date, Fact, Value
from .units import loose, sizes, in_base, is_money, kinds_of, same

_NEAR, _BESIDE = 6, 16  # code points between two facts that make one statement, loosely and at most
STRICTNESS = 0.5  # an unmatched fact below this weight is too weak to report


@dataclass(frozen=True, slots=True)
class Strength:
    """What speaks for and against reporting a fact that found no counterpart; `weight` (0 to 1) sums it up by hand.

    `magnitude` is log10 of 1 + the largest number, `rivals` the facts of the same family left over on the other side,
    `repeated` whether the same fact found its counterpart elsewhere in the pair.
    """

    kind: str
    form: str
    magnitude: float
    small: bool
    ordinal: bool
    several: bool
    ambiguous: bool
    measured: bool
    repeated: bool
    rivals: int
    weight: float


@dataclass(frozen=True, slots=True)
class Match:
    """Two facts that agree; `difference` names what they still leave apart (`bound`, `unit`, `part`), else empty."""

    ar: Fact
    en: Fact
    agreement: float
    difference: str = ""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Two facts that answer each other and say different things."""

    ar: Fact
    en: Fact
    affinity: float
    weight: float
    why: str = "value"


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A fact of one version that nothing in the other answers."""

    side: str
    fact: Fact
    strength: Strength


@dataclass(frozen=True, slots=True)
class Comparison:
    """The facts of an aligned pair: every real fact is in one of the three fields or explained by a hint."""

    matched: tuple[Match, ...] = ()
    mismatches: tuple[Mismatch, ...] = ()
    only: tuple[Unmatched, ...] = ()

    def alarms(self, strictness: float = STRICTNESS) -> tuple[Mismatch | Unmatched, ...]:
        """What is worth reporting: mismatches and one-sided facts of at least this weight."""
        found: list[Mismatch | Unmatched] = [m for m in self.mismatches if m.weight >= strictness]
        return (*found, *(u for u in self.only if u.strength.weight >= strictness))


_NOTHING = Comparison()
MOST_FACTS = 2_000  # of both sides together; the work grows with the product


def _close(a: float, b: float, tolerance: float = 1e-6) -> bool:
    return a == b or abs(a - b) <= tolerance * max(abs(a), abs(b))


def agreement(a: Fact, e: Fact) -> tuple[float, str]:
    """How well two facts agree (0: not at all, 1: fully) and what they leave apart."""
    x, y = a.value, e.value
    if isinstance(x, Value):
        if isinstance(y, Value):
            return _values(x, y)
        if isinstance(y, Date):
            return _value_date(x, y)
        if isinstance(y, Clock):
            return _value_clock(x, y, e)
        return _code_value(y, a) if y.numbers else (float(_same_digits(a, e)), "")
    elif isinstance(x, Date):
        if isinstance(y, Date):
            return _dates(x, y)
        if isinstance(y, Value):
            return _value_date(y, x)
    elif isinstance(x, Clock):
        if isinstance(y, Clock):
            return _clocks(x, y)
        if isinstance(y, Value):
            return _value_clock(y, x, a)
    elif isinstance(x, Code):
        if isinstance(y, Code):
            return _codes(x, y) if x.numbers and y.numbers else (float(_same_digits(a, e)), "")
        if isinstance(y, Value):
            return _code_value(x, e) if x.numbers else (float(_same_digits(a, e)), "")
    return 0.0, ""


def _codes(x: Code, y: Code) -> tuple[float, str]:
    """Two designations, part by part in their order; of two parts, a year may stand first or last."""
    if x.letters != y.letters and x.letters.isascii() and y.letters.isascii() and x.letters and y.letters:
        return 0.0, ""
    if x.numbers == y.numbers:
        return 1.0, ""
    if _digits_of(x) == _digits_of(y) and len(_digits_of(x)) >= _PHONE:
        return 1.0, ""
    backwards = x.numbers == y.numbers[::-1]  # as right-to-left typesetting leaves a telephone number
    turned = backwards and (len(_digits_of(x)) >= _PHONE or (len(x.numbers) == 2 and max(x.numbers) >= 1000))
    return (0.95, "") if turned else (0.0, "")


def _digits_of(code: Code) -> str:
    """The digits of a designation, from the first that is no zero."""
    return "".join(f"{number:g}" if number < 1e6 else str(int(number)) for number in code.numbers).lstrip("0")


def _code_value(code: Code, fact: Fact) -> tuple[float, str]:
    """A designation against a number: the same parts in digits (3.2.1 is no number, 3.2 may be), or a telephone's."""
    if fact.form != "digits" and fact.form != "marker":
        return 0.0, ""
    parts = tuple(int("".join(str(int(c)) for c in part)) for part in _PARTS.findall(fact.text[:_LONGEST]))
    digits = _digits(fact)
    same_digits = len(digits) >= _PHONE and digits.lstrip("0") == _digits_of(code)
    return (1.0, "") if parts == code.numbers or same_digits else (0.0, "")


_FEW_LETTERS = 4
_PARTS = re.compile(r"\d+")
_LONGEST = 60
_PHONE = 7  # digits from which on a number may be that of a telephone


def _same_digits(a: Fact, e: Fact) -> bool:
    """Whether two numbers are one of a telephone, grouped in two ways: +962 6 555 1234, 0096265551234."""
    first, second = _digits(a), _digits(e)
    return len(first) >= _PHONE and first == second


def _digits(fact: Fact) -> str:
    """The digits of a fact as ASCII, from the first that is no zero."""
    return "".join(str(int(c)) for c in fact.text if c.isdecimal()).lstrip("0")


_LOOSE_TENS = frozenset({10, 12, 20})


def _values(x: Value, y: Value) -> tuple[float, str]:
    if (x.bound == "several") != (y.bound == "several"):
        several, exact = (x, y) if x.bound == "several" else (y, x)
        # بالآلاف, thousands: "2,000" can answer "thousands" only loosely.
        return (0.3, "bound") if several.number == 1000 and exact.number in (2000, 3000) else (0.0, "")
    units = same(x.unit, y.unit) or (x.ordinal and y.ordinal)
    if _close(x.number, y.number) or _any_close(x, y):
        preferred = _close(x.number, y.number)
        score = 1.0 if x.unit == y.unit and preferred else 0.95 if units else 0.6
        if is_money(x.unit) and is_money(y.unit) and not units:
            score = 0.5
        if x.ordinal != y.ordinal:
            score -= 0.1
        return score, "" if units and x.bound == y.bound else "unit" if not units else "bound"
    if x.bound == "several":
        return (0.9, "") if x.number in _LOOSE_TENS and y.number in _LOOSE_TENS else (0.0, "")
    if x.unit != y.unit and not x.ordinal and not y.ordinal:
        converted = _converted(x, y)
        if converted:
            return converted, "unit"
    if {x.bound, y.bound} & {"about", "least", "most"} and x.unit == y.unit and x.number >= 100:
        if _rounded(x.number, y.number) or _rounded(y.number, x.number):
            return 0.5, "bound"
    return 0.0, ""


def _rounded(rough: float, fine: float) -> bool:
    """Whether `rough` is `fine` with fewer digits kept: 16,700 for 16,690, 1.5 million for 1,523,000."""
    digits = f"{rough:.15g}".rstrip("0").replace(".", "").lstrip("0")
    if not 2 <= len(digits) < len(f"{fine:.15g}".rstrip("0").replace(".", "").lstrip("0")):
        return False
    return _close(float(f"{fine:.{len(digits) - 1}e}"), rough)


def _any_close(x: Value, y: Value) -> bool:
    return any(_close(p, q) for p in (x.number, *x.readings) for q in (y.number, *y.readings))


def _converted(x: Value, y: Value) -> float:
    """Agreement of two quantities in different units: 24 months and two years, 6 metres and 20 feet, 50 % and a
    half.
    """
    if "%" in (x.unit, y.unit):
        share, other = (x, y) if x.unit == "%" else (y, x)
        return 0.85 if not other.unit and other.number < 1 and _close(share.number / 100, other.number, 0.011) else 0.0
    first, second = in_base(x.number, x.unit), in_base(y.number, y.unit)
    if first is None or second is None or first[0] != second[0]:
        return 0.0
    if _close(first[1], second[1], 0.005):
        return 0.9
    return 0.55 if first[0] in ("length", "mass", "area", "volume") and _close(first[1], second[1], 0.1) else 0.0


def _value_date(x: Value, y: Date) -> tuple[float, str]:
    """A bare number against a date: it may be the year, the day or the number of a century."""
    if x.bound == "several":
        return 0.0, ""
    for n in (x.number, *x.readings):
        if y.year is not None and n == abs(y.year):
            return (0.8 if y.day is None and y.month is None else 0.5), "part"
        if y.day is not None and n == y.day:
            return 0.6, "part"
        if y.span == "decade" and y.year is not None and n in (y.year % 100, y.year):
            return 0.6, "part"
        if y.year is not None and y.span == "year" and n == abs(y.year) % 100 and n > 9:
            return 0.3, "part"
    return 0.0, ""


def _value_clock(x: Value, y: Clock, clock: Fact) -> tuple[float, str]:
    """A bare number against a time of day: the hour, or 7.55 for 7:55."""
    hour, minutes = divmod(y.minutes, 60)
    hours = {hour, hour % 12, hour % 12 or 12, hour % 12 + 12}
    if minutes == 0 and x.number in hours:
        return 0.6, "part"
    if any(_close(x.number, h + minutes / 100) for h in hours) or any(x.number == h * 100 + minutes for h in hours):
        return 0.7, ""
    return 0.0, ""


def _clocks(x: Clock, y: Clock) -> tuple[float, str]:
    if x.minutes % 720 != y.minutes % 720:
        others = {m % 720 for m in (x.minutes, *x.readings)} & {m % 720 for m in (y.minutes, *y.readings)}
        return (0.8, "") if others else (0.0, "")
    if x.half and y.half and x.minutes % 1440 != y.minutes % 1440:
        return 0.0, ""
    return 1.0, "" if bool(x.half) == bool(y.half) else "part"


def _dates(x: Date, y: Date) -> tuple[float, str]:
    best = (0.0, "")
    for p in (x, *x.readings):
        for q in (y, *y.readings):
            best = max(best, _two_dates(p, q))
    return best


def _two_dates(x: Date, y: Date) -> tuple[float, str]:
    if x.calendar != y.calendar:
        return _calendars(x, y) if x.calendar == "hijri" else _calendars(y, x)
    if x.weekday is not None or y.weekday is not None:
        return (1.0, "") if x.weekday == y.weekday else (0.0, "")
    if x.span != y.span and not {x.span, y.span} <= {"day", "month", "year"}:
        return _stretches(x, y)
    if x.span == "decade":
        if x.year == y.year or ((x.year < 100 or y.year < 100) and x.year % 100 == y.year % 100):
            return 1.0, ""
        return 0.0, ""
    if x.span in ("century", "millennium"):
        return (1.0, "") if x.year == y.year else (0.7, "part") if x.year == -y.year else (0.0, "")
    shared = differing = 0
    for name in ("year", "month", "day"):
        p, q = getattr(x, name), getattr(y, name)
        if p is None and q is None:
            continue
        if p is None or q is None:
            differing += 1
        elif p == q or (name == "year" and _same_year(p, q)):
            shared += 1
        else:
            return 0.0, ""
    if not shared:
        return 0.0, ""
    return (1.0, "") if not differing else (0.9 - 0.1 * differing + 0.05 * shared, "part")


def _same_year(p: int, q: int) -> bool:
    """Whether two years are one, before or after our era, or one of them told by its last two digits."""
    low, high = sorted((abs(p), abs(q)))
    return low == high or (low < 100 and high >= 1000 and high % 100 == low)


def _stretches(x: Date, y: Date) -> tuple[float, str]:
    """Decades, centuries and years against each other: 1930 and the 1930s may be one thing badly put."""
    spans = {x.span: x, y.span: y}
    if set(spans) == {"decade", "year"} and spans["decade"].year == spans["year"].year:
        return 0.7, "part"
    if set(spans) == {"decade", "century"} and spans["decade"].year == (spans["century"].year - 1) * 100:
        return 0.6, "part"  # the early 2000s, the beginning of the 21st century
    return 0.0, ""


def _gregorian(d: Date) -> tuple[Day, Day] | None:
    """The first and last day that a Gregorian date with a year means."""
    if d.year is None or not 1 <= d.year <= 9998:
        return None
    try:
        if d.day is not None and d.month is not None:
            day = Day(d.year, d.month, d.day)
            return day, day
        if d.month is not None:
            last = Day(d.year + d.month // 12, d.month % 12 + 1, 1)
            return Day(d.year, d.month, 1), Day.fromordinal(last.toordinal() - 1)
        return Day(d.year, 1, 1), Day(d.year, 12, 31)
    except ValueError:
        return None


def _calendars(hijri: Date, other: Date) -> tuple[float, str]:
    """A Hijri date against a Gregorian one: they agree when the days they can mean meet."""
    from ..ar.calendar import hijri_range

    if hijri.year is None or other.year is None:
        same_parts = hijri.year is not None and hijri.year == other.year
        return (0.6, "part") if same_parts else (0.0, "")
    if hijri.year == other.year:
        return 0.8, "part"
    span = _gregorian(other)
    if span is None or not 1 <= hijri.year <= 2000 or (hijri.day is not None and hijri.day > 30):
        return 0.0, ""
    first, last = hijri_range(hijri.year, hijri.month, hijri.day)
    return (0.9, "calendar") if first <= span[1] and span[0] <= last else (0.0, "")


@guarded(lambda *_, **__: _NOTHING)
def compare(ar: Sequence[Fact], en: Sequence[Fact], lengths: tuple[int, int] | None = None,
            texts: tuple[str, str] | None = None) -> Comparison:  # fmt: skip
    """Sets the facts of an aligned pair against each other, one to one.

    Pass what `extract(..., hints=True)` gives: hints explain numbers but are never reported missing. `lengths` are those
    of the two texts in code points; without them the order of the facts tells which stand in each other's place. With
    the `texts` themselves, words that are no facts can answer an ordinary reading of a fact (Monday, both). Where both
    sides have more than MOST_FACTS, as in a table on one line, nothing is compared.
    """
    if not ar and not en or len(ar) + len(en) > MOST_FACTS:
        return _NOTHING
    if any(fact.kind == "placeholder" for fact in (*ar, *en)):
        return _with_placeholders(ar, en, lengths, texts)
    left = _Side("ar", ar, lengths[0] if lengths else 0, texts[0] if texts else "")
    right = _Side("en", en, lengths[1] if lengths else 0, texts[1] if texts else "")
    matches = _match(left, right)
    if left.rest or right.rest:
        _sections(left, right)
        _sections(right, left)
        for side, other in ((left, right), (right, left)):
            if side.rest and other.rest:
                _sums(side, other)
                _shares(side, other)
        _explain(left, right)
        _explain(right, left)
    mismatches = _mismatches(left, right) if left.rest and right.rest else []
    only = [_unmatched(left, right, f) for f in left.rest if f.kind != "code" or _is_telling(f, right)]
    only += [_unmatched(right, left, f) for f in right.rest if f.kind != "code" or _is_telling(f, left)]
    mismatches += _unit_mismatches(matches)
    return Comparison(tuple(matches), tuple(mismatches), tuple(only))


def _with_placeholders(ar: Sequence[Fact], en: Sequence[Fact], lengths: tuple[int, int] | None,
                       texts: tuple[str, str] | None) -> Comparison:  # fmt: skip
    """The comparison of versions with placeholders, which answer placeholders alone, or a number said in words."""
    marks, others = ([[f for f in side if (f.kind == "placeholder") is wanted] for side in (ar, en)] for wanted in (True, False))
    pairs, ar_alone, en_alone = placeholders.pair(*marks)
    ar_alone, en_told = placeholders.told_in_words(ar_alone, others[1])
    en_alone, ar_told = placeholders.told_in_words(en_alone, others[0])
    found = compare(*others, lengths, texts)
    told = {id(fact) for fact in (*ar_told, *en_told)}
    both = min(len(ar_alone), len(en_alone))
    return Comparison(
        (*found.matched, *(Match(a, e, 1.0) for a, e in pairs)),
        (*found.mismatches, *(Mismatch(a, e, 1.0, 1.0, "placeholder") for a, e in zip(ar_alone, en_alone, strict=False))),
        (*(one for one in found.only if id(one.fact) not in told),
         *(Unmatched("ar", fact, _OF_PLACEHOLDERS) for fact in ar_alone[both:]),
         *(Unmatched("en", fact, _OF_PLACEHOLDERS) for fact in en_alone[both:])),
    )  # fmt: skip


_OF_PLACEHOLDERS = Strength("placeholder", "digits", 0.0, False, False, False, False, False, False, 0, 1.0)


class _Side:
    """One version while it is compared: what is left over, what explains, what was matched."""

    __slots__ = ("hints", "loose", "matched", "name", "places", "real", "rest", "text")

    def __init__(self, name: str, facts: Sequence[Fact], length: int, text: str):
        self.name, self.text = name, text
        self.real = [f for f in facts if f.kind != "hint"]
        self.hints = [f for f in facts if f.kind == "hint"]
        self.rest = list(self.real)
        if length:
            self.places = {f.start: f.start / length for f in self.real}
        else:
            self.places = {f.start: (k + 0.5) / len(self.real) for k, f in enumerate(self.real)}
        self.matched: list[Fact] = []
        self.loose: list[tuple[str, float]] = []  # parts of matched facts that the counterpart does not have

    def place(self, fact: Fact) -> float:
        """The relative position of a fact, 0 to 1."""
        return self.places[fact.start]


_ENOUGH = 200  # facts on each side from which on only neighbours in order are compared


def _reach(i: int, n: int, m: int) -> range:
    """The facts of a side with `m` of them that fact `i` of `n` is compared with: all, or a window where there are
    very many.
    """
    if n <= _ENOUGH or m <= _ENOUGH:
        return range(m)
    middle = i * m // n
    return range(max(0, middle - _ENOUGH), min(m, middle + _ENOUGH))


def _match(left: _Side, right: _Side) -> list[Match]:
    candidates = []
    for i, a in enumerate(left.real):
        for j in _reach(i, len(left.real), len(right.real)):
            e = right.real[j]
            score, difference = agreement(a, e)
            if score:
                candidates.append((score - 0.2 * abs(left.place(a) - right.place(e)), score, difference, i, j))
    if not candidates:
        return []
    candidates.sort(key=lambda c: -c[0])
    taken_left: set[int] = set()
    taken_right: set[int] = set()
    matches = []
    for _, score, difference, i, j in candidates:
        if i in taken_left or j in taken_right:
            continue
        taken_left.add(i)
        taken_right.add(j)
        a, e = left.real[i], right.real[j]
        matches.append(Match(a, e, score, difference))
        if difference == "part":
            _loosen(left, a, e)
            _loosen(right, e, a)
    left.matched = [left.real[i] for i in sorted(taken_left)]
    right.matched = [right.real[j] for j in sorted(taken_right)]
    left.rest = [f for i, f in enumerate(left.real) if i not in taken_left]
    right.rest = [f for j, f in enumerate(right.real) if j not in taken_right]
    matches.sort(key=lambda m: m.ar.start)
    return matches


def _loosen(side: _Side, fact: Fact, other: Fact) -> None:
    """Notes which parts of `fact` its counterpart lacks; a fact that stands apart there may supply them."""
    known = set(other.numbers)
    side.loose += [(part.name, part.value) for part in fact.parts if part.value not in known]


def _explain(side: _Side, other: _Side) -> None:
    """Removes from `side.rest` what hints, designations and loose parts of the other side account for."""
    if not side.rest:
        return
    rest = []
    hints = [(h.value.letters, h.value.numbers) for h in other.hints]
    codes = [f for f in other.real if f.kind == "code"]
    for fact in side.rest:
        if fact.kind == "code":
            if not _code_explained(fact, side, other):
                rest.append(fact)
            continue
        numbers = fact.numbers
        if (
            _from_parts(fact, other)
            or _from_stretch(fact, other)
            or _in_other_calendar(fact, side)
            or any(n in c.value.numbers for c in codes for n in numbers)
        ):
            continue
        if isinstance(fact.value, Value):
            if _from_hint(fact, numbers, hints) or _said_beside(fact, side):
                continue
        elif _told_by_word(fact.value, hints):
            continue
        elif any(letters and n in found for letters, found in hints for n in numbers):
            continue  # in a web address
        if other.text and is_answered(fact, side.name, other.text):
            continue
        rest.append(fact)
    side.rest = [fact for fact in rest if not _is_nil(fact, side, rest)]


def _sections(side: _Side, other: _Side) -> None:
    """Drops a 3.2 of one side and the 3 and 2 (from 3-2) of the other: one section number in two spellings."""
    for fact in [f for f in side.rest if isinstance(f.value, Value) and f.form == "digits"]:
        whole, _, decimals = f"{fact.value.number:g}".partition(".")
        if not decimals or len(decimals) > 2:
            continue
        pair = [
            f for f in other.rest if isinstance(f.value, Value) and f.value.number in (float(whole), float(decimals))
        ]
        if len(pair) >= 2 and abs(pair[0].start - pair[1].start) <= 6:
            side.rest.remove(fact)
            other.rest.remove(pair[0])
            other.rest.remove(pair[1])


def _from_hint(fact: Fact, numbers: tuple[float, ...], hints: list[tuple[str, tuple[float, ...]]]) -> bool:
    """Whether a word such as both or مرتين says the number; each such word is used once."""
    value = fact.value
    if value.number > 100 and fact.form == "digits" and not value.ordinal:
        return False
    share = value.number / 100 if value.unit == "%" else 0
    if share and any(share in hint or share + 1 in hint for unit, hint in hints if not unit):
        return True  # doubled for 100 % more
    in_units = (value.number * 10, value.number * 100) if value.unit in ("decade", "age") else ()
    for k, (unit, hint) in enumerate(hints):
        if unit in sizes():  # a year for 12 months
            if value.unit and value.unit != unit and _converted(value, Value(1, unit=unit)) >= 0.9:
                del hints[k]
                return True
        elif any(_close(n, h) for n in (*numbers, *in_units) for h in hint):
            del hints[k]
            return True
    return False


def _from_parts(fact: Fact, other: _Side) -> bool:
    """Whether a loose year, month or day on the other side is this fact."""
    for k, (name, value) in enumerate(other.loose):
        if isinstance(fact.value, Date):
            date = fact.value
            hit = (name == "year" and date.year == value and date.day is None) or (
                name == "month" and date.month == value and date.year is None and date.day is None
            )
        else:
            hit = value in fact.numbers
        if hit:
            del other.loose[k]
            return True
    return False


def _from_stretch(fact: Fact, other: _Side) -> bool:
    """Whether a century or decade only repeats what a matched year of the other side says, or a Hijri date its twin."""
    value = fact.value
    if not isinstance(value, Date):
        return False
    for match in other.matched:
        d = match.value
        if not isinstance(d, Date) or d.year is None:
            continue
        if value.calendar != d.calendar and _two_dates(value, d)[0] >= 0.8:
            return True
        if value.span == "century" and d.span in ("year", "decade", "day", "month") and d.year >= 100:
            if (d.year - 1) // 100 + 1 == value.year or d.year // 100 + 1 == value.year:
                return True
        if (
            value.span == "decade"
            and d.span in ("year", "day", "month")
            and d.year // 10 * 10 % 100 == value.year % 100
        ):
            return True
    return False


def _told_by_word(value: Date | Clock, hints: list[tuple[str, tuple[float, ...]]]) -> bool:
    """Whether a word such as noon says the time, or one such as أربعيني (of a man in his forties) the decade."""
    if isinstance(value, Clock):
        return value.minutes % 720 == 0 and any(12 in found for _, found in hints)
    return value.span == "decade" and value.year < 100 and any(value.year in found for _, found in hints)


def _said_beside(fact: Fact, side: _Side) -> bool:
    """Whether a number only repeats one that found its counterpart: sixty (60) days, خمس سنوات (5)."""
    return any(
        isinstance(near.value, Value)
        and near.form != fact.form
        and near.value.number == fact.value.number
        and min(abs(fact.start - near.end), abs(near.start - fact.end), abs(fact.start - near.core[1])) <= 2
        for near in side.matched
    )


def _is_nil(fact: Fact, side: _Side, rest: list[Fact]) -> bool:
    """Whether a 0 belongs to a score whose other number is explained, in words that leave the nil out: بخماسية, 5-0."""
    if not isinstance(fact.value, Value) or fact.value.number != 0 or fact.form != "digits":
        return False
    beside = [f for f in side.real if f.form == "digits" and (f.end + 1 == fact.start or fact.end + 1 == f.start)]
    return bool(beside) and not any(f in rest for f in beside)


def _in_other_calendar(fact: Fact, side: _Side) -> bool:
    """Whether a date beside one that found its counterpart is that date in the other calendar."""
    date = fact.value
    if not isinstance(date, Date):
        return False
    return any(
        isinstance(near.value, Date)
        and near.value.calendar != date.calendar
        and min(abs(fact.start - near.end), abs(near.start - fact.end)) <= _BESIDE
        and _two_dates(date, near.value)[0] >= 0.8
        for near in side.matched
    )


def _sums(side: _Side, other: _Side) -> None:
    """Drops what one side says in two units, and the other in one: a year and six months for 18 months."""
    wholes = [f for f in other.rest if isinstance(f.value, Value) and f.value.unit in sizes() and _measure(f) is not None]
    if not wholes:
        return
    told = sorted((f for f in (*side.real, *side.hints) if _measure(f) is not None), key=lambda f: f.start)
    for first, second in itertools.pairwise(told):
        a, b = _measure(first), _measure(second)
        if a[0] != b[0] or second.start - first.end > _NEAR or not any(f in side.rest for f in (first, second)):
            continue
        for whole in wholes:
            size = _measure(whole)
            if whole in other.rest and size[0] == a[0] and _close(size[1], a[1] + b[1], 0.002):
                other.rest.remove(whole)
                side.rest = [f for f in side.rest if f is not first and f is not second]
                break


def _measure(fact: Fact) -> tuple[str, float] | None:
    """The dimension of a quantity and its size in base units; a unit alone is one of it."""
    value = fact.value
    if isinstance(value, Code):
        return in_base(1, value.letters) if fact.kind == "hint" and value.letters in sizes() else None
    return in_base(value.number, value.unit) if isinstance(value, Value) and value.bound != "several" else None


def _shares(side: _Side, other: _Side) -> None:
    """Drops a share that one side counts out and the other names: one in four for a quarter, three in ten for 30 %."""
    shares = [f for f in other.rest if isinstance(f.value, Value) and (f.value.unit == "%" or 0 < f.value.number < 1)]
    if not shares:
        return
    counts = [f for f in (*side.real, *side.hints) if isinstance(f.value, Value) and not f.value.ordinal]
    for first, second in itertools.pairwise(sorted(counts, key=lambda f: f.start)):
        part, whole = first.value.number, second.value.number
        if not 0 < part < whole <= 1000 or second.start - first.end > _BESIDE or whole != int(whole):
            continue
        for share in shares:
            said = share.value.number / (100 if share.value.unit == "%" else 1)
            if share in other.rest and second in side.rest and _close(said, part / whole, 0.011):
                other.rest.remove(share)
                side.rest = [f for f in side.rest if f is not first and f is not second]
                break


def _code_explained(fact: Fact, side: _Side, other: _Side) -> bool:
    """Whether every number of a designation stands on the other side in some form, and not in a designation like it."""
    size = len(fact.value.numbers)
    pool = {n for f in (*other.real, *other.hints) for n in f.numbers if f.kind != "code" or len(f.value.numbers) != size}
    return not fact.value.numbers or all(n in pool for n in fact.value.numbers)


def _is_telling(fact: Fact, other: _Side) -> bool:
    """Whether a designation that nothing answers is long enough to be missed, and nothing of it stands on the other side."""
    code = fact.value
    if (len(code.numbers) < 2 and len(_digits_of(code)) < _PHONE) or len(code.letters) > _FEW_LETTERS:
        return False  # one word with a number, a path
    pool = {n for f in (*other.real, *other.hints) for n in f.numbers}
    return bool(code.numbers) and pool.isdisjoint(code.numbers)


def _repeated(side: _Side, other: _Side, fact: Fact) -> bool:
    """Whether the same fact was matched once already, and this is only another mention."""
    return any(agreement(fact, f)[0] >= 0.6 for f in other.matched[:_ENOUGH])


def _weight(fact: Fact) -> float:
    """How surely a professional translator would have carried the fact over, from its kind and form."""
    value, kind = fact.value, fact.kind
    if fact.form in ("name", "marker", "compound"):
        return 0.25
    if isinstance(value, Date):
        if kind == "weekday":
            return 0.7
        if value.span in ("decade", "century", "millennium"):
            return 0.7
        return 0.9 if value.day is not None else 0.8
    if isinstance(value, Clock):
        return 0.75
    if isinstance(value, Code):
        return 0.5
    n = abs(value.number)
    if fact.form == "roman":
        return 0.2
    if fact.form == "dual":
        return 0.55 if value.unit and value.unit != "times" else 0.2
    if value.bound == "several":
        return 0.55
    if fact.form == "words" and n == 2 and value.unit and value.unit != "times" and not value.ordinal:
        return 0.55
    if value.ordinal:
        if value.unit in ("half", "quarter"):
            return 0.55
        return (0.05 if n == 1 else 0.2 if n == 2 else 0.55) if fact.form == "words" else (0.3 if n <= 2 else 0.8)
    if kind == "fraction":
        return 0.35 if n in (0.5, 0.25) else 0.55
    if fact.form == "words":
        base = 0.05 if n == 1 else 0.2 if n <= 2 else 0.6 if n <= 12 else 0.5 if n in (100, 1000, 10**6) else 0.8
    else:
        base = 0.4 if n <= 2 and float(n).is_integer() else 0.75 if n <= 12 and float(n).is_integer() else 0.9
    return min(0.95, base + 0.05) if value.unit and base >= 0.4 else base


def _unmatched(side: _Side, other: _Side, fact: Fact) -> Unmatched:
    value = fact.value
    numbers = tuple(map(abs, fact.numbers)) or (0.0,)
    repeated = _repeated(side, other, fact)
    rivals = sum(f.family == fact.family for f in other.rest)
    weight = _weight(fact)
    if repeated:
        weight *= 0.4
    is_value = isinstance(value, Value)
    strength = Strength(
        fact.kind, fact.form, math.log10(1 + abs(max(numbers))), max(numbers) <= 2, is_value and value.ordinal,
        is_value and value.bound == "several", is_value and bool(value.readings), is_value and bool(value.unit), repeated,
        rivals, weight,
    )  # fmt: skip
    return Unmatched(side.name, fact, strength)


def _digits_alike(a: float, b: float) -> float:
    """How alike two numbers look when written, 0 to 1."""
    a, b = abs(a), abs(b)
    p, q = f"{a:g}" if a < 1e6 else str(int(a)), f"{b:g}" if b < 1e6 else str(int(b))
    if sorted(p) == sorted(q):
        return 1.0
    if len(p) == len(q):
        return sum(x == y for x, y in zip(p, q, strict=True)) / len(p)
    return 0.5 if p in q or q in p else 0.0


def _affinity(a: Fact, e: Fact, distance: float) -> float:
    """How likely two disagreeing facts stand in each other's place, 0 to 1."""
    x, y = a.value, e.value
    near = 0.3 * (1 - min(1.0, 2 * distance))
    if isinstance(x, Date) and isinstance(y, Date):
        if (x.weekday is None) != (y.weekday is None):
            return 0.0
        if x.weekday is not None:
            return 0.6 + near
        shared = sum(p is not None and p == q for p, q in ((x.year, y.year), (x.month, y.month), (x.day, y.day)))
        level = 0.3 if x.span == y.span else 0.1
        return 0.25 + 0.2 * shared + level + near
    if isinstance(x, Clock) and isinstance(y, Clock):
        return 0.7 + near
    if isinstance(x, Code) and isinstance(y, Code):
        return _code_affinity(x, y, near)
    if isinstance(x, Code) or isinstance(y, Code):
        code, fact = (x, e) if isinstance(x, Code) else (y, a)
        value = fact.value
        if not isinstance(value, Value) or value.unit or fact.form != "digits" or not code.numbers:
            return 0.0
        alike = max(_digits_alike(value.number, n) for n in code.numbers)
        return 0.2 + near + 0.25 * alike
    if isinstance(x, Value) and isinstance(y, Value):
        if (x.unit in ("%", "pp")) != (y.unit in ("%", "pp")) and x.unit and y.unit:
            return 0.0
        if (a.kind == "fraction") != (e.kind == "fraction") and "percent" not in (a.kind, e.kind):
            return 0.0
        score = 0.25 + near
        if x.unit and x.unit == y.unit:
            score += 0.3
        elif x.unit != y.unit:
            dimension = sizes().get(x.unit, ("",))[0]
            if x.unit and y.unit:
                score += 0.15 if dimension and dimension == sizes().get(y.unit, ("",))[0] else -0.2
        pairs = itertools.product((x.number, *x.readings), (y.number, *y.readings))
        one, other = min(pairs, key=lambda pair: abs(math.log1p(abs(pair[0])) - math.log1p(abs(pair[1]))))
        score += 0.25 * _digits_alike(one, other)
        if x.ordinal == y.ordinal:
            score += 0.05
        else:
            score -= 0.1
        small, large = sorted((abs(one), abs(other)))
        if large > 100 * max(small, 1e-9):
            score -= 0.2 if _digits_alike(one, other) < 0.5 else 0
        return score
    years = isinstance(x, Date) and x.span == "year" or isinstance(y, Date) and y.span == "year"
    if years and isinstance(x, Date | Value) and isinstance(y, Date | Value):
        p, q = a.numbers[0], e.numbers[0]
        return 0.2 + near + 0.3 * _digits_alike(p, q) if len(str(int(p))) == len(str(int(q))) else 0.0
    return 0.0


def _code_affinity(x: Code, y: Code, near: float) -> float:
    """How likely two designations that differ stand in each other's place: the same letters, or parts in common."""
    if x.letters and x.letters == y.letters or x.numbers == y.numbers:
        return 0.6 + near
    if x.letters and y.letters and x.letters.isascii() and y.letters.isascii():
        return 0.0
    if min(len(_digits_of(x)), len(_digits_of(y))) >= _PHONE:
        return 0.6 + near
    if len(x.numbers) != len(y.numbers) or not x.numbers:
        return 0.0
    shared = sum(p == q for p, q in zip(x.numbers, y.numbers, strict=True))
    alike = sum(_digits_alike(p, q) for p, q in zip(x.numbers, y.numbers, strict=True)) / len(x.numbers)
    return 0.3 + 0.2 * bool(shared) + 0.2 * alike + near


def _mismatches(left: _Side, right: _Side) -> list[Mismatch]:
    """Pairs leftovers that stand in each other's place and takes them out of the rests."""
    candidates = []
    alone = 0.15 if len(left.rest) == len(right.rest) == 1 else 0.0
    for i, a in enumerate(left.rest):
        for j in _reach(i, len(left.rest), len(right.rest)):
            e = right.rest[j]
            if min(_weight(a), _weight(e)) < 0.2:
                continue  # one or two in words hide and show up too freely to answer a number
            affinity = _affinity(a, e, abs(left.place(a) - right.place(e)))
            if affinity and affinity + alone >= 0.4:
                candidates.append((affinity, i, j))
    candidates.sort(reverse=True)
    gone_left: set[int] = set()
    gone_right: set[int] = set()
    found = []
    for affinity, i, j in candidates:
        if i in gone_left or j in gone_right:
            continue
        a, e = left.rest[i], right.rest[j]
        if affinity < 0.6 and (_repeated(left, right, a) or _repeated(right, left, e)):
            continue
        gone_left.add(i)
        gone_right.add(j)
        found.append(Mismatch(a, e, affinity, _mismatch_weight(a, e), _what_differs(a.value, e.value)))
    left.rest = [f for i, f in enumerate(left.rest) if i not in gone_left]
    right.rest = [f for j, f in enumerate(right.rest) if j not in gone_right]
    return found


def _what_differs(x: object, y: object) -> str:
    """What two facts that answer each other differ in: the value, its sign, or which parts of a designation or a date."""
    if isinstance(x, Value) and isinstance(y, Value) and x.number == -y.number:
        return "sign"
    if isinstance(x, Code) and isinstance(y, Code) and len(x.numbers) == len(y.numbers):
        parts = [k for k, (p, q) in enumerate(zip(x.numbers, y.numbers, strict=True), 1) if p != q]
        return f"part {', '.join(map(str, parts))}" if parts else "letters"
    if isinstance(x, Date) and isinstance(y, Date) and x.calendar == y.calendar:
        names = ("year", "month", "day", "weekday")
        pairs = ((name, getattr(x, name), getattr(y, name)) for name in names)
        return ", ".join(name for name, p, q in pairs if p is not None and q is not None and p != q) or "value"
    return "value"


def _mismatch_weight(a: Fact, e: Fact) -> float:
    """A contradiction weighs as much as its surer side, drawn down by a weak other side."""
    if "code" in (a.kind, e.kind):
        return 0.85
    if a.kind == e.kind == "fraction":
        return 0.8
    if isinstance(a.value, Date) and isinstance(e.value, Date) and a.value.calendar == e.value.calendar == "hijri":
        return 0.8
    high, low = max(_weight(a), _weight(e)), min(_weight(a), _weight(e))
    if (
        isinstance(a.value, Value)
        and isinstance(e.value, Value)
        and (a.value.bound == "several") != (e.value.bound == "several")
    ):
        return 0.6 if a.value.number == e.value.number else 0.5 * (high + low)
    if isinstance(a.value, Value) and isinstance(e.value, Value) and a.value.bound == e.value.bound == "several":
        return 0.55
    return high if low >= 0.4 else 0.6 * high + 0.4 * low


def _unit_mismatches(matches: list[Match]) -> list[Mismatch]:
    """Equal numbers of different things: 300 km against 300 miles, 5 dollars against 5 euros."""
    found = []
    for m in matches:
        x, y = m.ar.value, m.en.value
        if m.difference != "unit" or not isinstance(x, Value) or not isinstance(y, Value) or same(x.unit, y.unit):
            continue
        if not (_close(x.number, y.number) or _any_close(x, y)) or _is_loose(x, y):
            continue
        first, second = kinds_of(x.unit), kinds_of(y.unit)
        apart = first & second or not {x.unit, y.unit} & loose()
        if first and second and apart and (x.number > 1 or m.ar.form == m.en.form == "digits"):
            found.append(Mismatch(m.ar, m.en, 0.9, 0.85, "unit"))
    return found


def _is_loose(x: Value, y: Value) -> bool:
    """Whether the numbers agree in a second reading only."""
    return not _close(x.number, y.number) and bool(x.readings or y.readings) and x.number < 100


@guarded(lambda *_: None)
def find_value(fact: Fact, facts: Sequence[Fact]) -> Fact | None:
    """The fact among `facts` (of other beads, either side) that says the same as `fact`, or None: what was only
    moved.
    """
    best, found = 0.59, None
    for other in facts:
        if other.kind in ("hint", "placeholder"):
            continue
        score, _ = agreement(fact, other)
        if score > best:
            best, found = score, other
    return found
