"""How well two facts agree: numbers, dates, times and designations, each against each."""

import re
from datetime import date as Day

from .. import tables
from ..ar.calendar import hijri_range
from .types import Clock, Code, Date, Fact, Value
from .units import in_base, is_money, same

_AGREES = tables.weights("facts/weights")["agreement"]
SHARE_TOLERANCE = 0.011  # relative, between a share and what it is said as: a third for 33 %
_CONVERTED, _ROUGHLY = 0.005, 0.1  # relative, between two quantities of different units
_MEASURED_ROUGHLY = ("length", "mass", "area", "volume")


def close(a: float, b: float, tolerance: float = 1e-6) -> bool:
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
    if digits_of(x) == digits_of(y) and len(digits_of(x)) >= PHONE:
        return 1.0, ""
    backwards = x.numbers == y.numbers[::-1]  # as right-to-left typesetting leaves a telephone number
    turned = backwards and (len(digits_of(x)) >= PHONE or (len(x.numbers) == 2 and max(x.numbers) >= 1000))
    return (_AGREES["code_turned"], "") if turned else (0.0, "")


def digits_of(code: Code) -> str:
    """The digits of a designation, from the first that is no zero."""
    return "".join(f"{number:g}" if number < 1e6 else str(int(number)) for number in code.numbers).lstrip("0")


def _code_value(code: Code, fact: Fact) -> tuple[float, str]:
    """A designation against a number: the same parts in digits (3.2.1 is no number, 3.2 may be), or a telephone's."""
    if fact.form != "digits" and fact.form != "marker":
        return 0.0, ""
    parts = tuple(int("".join(str(int(c)) for c in part)) for part in _PARTS.findall(fact.text[:_LONGEST]))
    digits = _digits(fact)
    same_digits = len(digits) >= PHONE and digits.lstrip("0") == digits_of(code)
    return (1.0, "") if parts == code.numbers or same_digits else (0.0, "")


_PARTS = re.compile(r"\d+")
_LONGEST = 60
PHONE = 7  # digits from which on a number may be that of a telephone


def _same_digits(a: Fact, e: Fact) -> bool:
    """Whether two numbers are one of a telephone, grouped in two ways: +962 6 555 1234, 0096265551234."""
    first, second = _digits(a), _digits(e)
    return len(first) >= PHONE and first == second


def _digits(fact: Fact) -> str:
    """The digits of a fact as ASCII, from the first that is no zero."""
    return "".join(str(int(c)) for c in fact.text if c.isdecimal()).lstrip("0")


_LOOSE_TENS = frozenset({10, 12, 20})


def _values(x: Value, y: Value) -> tuple[float, str]:
    if (x.bound == "several") != (y.bound == "several"):
        several, exact = (x, y) if x.bound == "several" else (y, x)
        # بالآلاف, thousands: "2,000" can answer "thousands" only loosely.
        return (_AGREES["round_for_several"], "bound") if several.number == 1000 and exact.number in (2000, 3000) else (0.0, "")
    units = same(x.unit, y.unit) or (x.ordinal and y.ordinal)
    if close(x.number, y.number) or any_close(x, y):
        preferred = close(x.number, y.number)
        score = 1.0 if x.unit == y.unit and preferred else _AGREES["unit_unnamed" if units else "other_unit"]
        if is_money(x.unit) and is_money(y.unit) and not units:
            score = _AGREES["other_currency"]
        if x.ordinal != y.ordinal:
            score -= _AGREES["only_one_orders"]
        return score, "" if units and x.bound == y.bound else "unit" if not units else "bound"
    if x.bound == "several":
        return (_AGREES["tens_for_dozens"], "") if x.number in _LOOSE_TENS and y.number in _LOOSE_TENS else (0.0, "")
    if x.unit != y.unit and not x.ordinal and not y.ordinal:
        level = converted(x, y)
        if level:
            return level, "unit"
    if {x.bound, y.bound} & {"about", "least", "most"} and x.unit == y.unit and x.number >= 100:
        if _rounded(x.number, y.number) or _rounded(y.number, x.number):
            return _AGREES["rounded"], "bound"
    return 0.0, ""


def _rounded(rough: float, fine: float) -> bool:
    """Whether `rough` is `fine` with fewer digits kept: 16,700 for 16,690, 1.5 million for 1,523,000."""
    digits = f"{rough:.15g}".rstrip("0").replace(".", "").lstrip("0")
    if not 2 <= len(digits) < len(f"{fine:.15g}".rstrip("0").replace(".", "").lstrip("0")):
        return False
    return close(float(f"{fine:.{len(digits) - 1}e}"), rough)


def any_close(x: Value, y: Value) -> bool:
    return any(close(p, q) for p in (x.number, *x.readings) for q in (y.number, *y.readings))


def converted(x: Value, y: Value) -> float:
    """Agreement of two quantities in different units: 24 months and two years, 6 metres and 20 feet, 50 % and a
    half.
    """
    if "%" in (x.unit, y.unit):
        share, other = (x, y) if x.unit == "%" else (y, x)
        is_share = not other.unit and other.number < 1 and close(share.number / 100, other.number, SHARE_TOLERANCE)
        return _AGREES["share"] if is_share else 0.0
    first, second = in_base(x.number, x.unit), in_base(y.number, y.unit)
    if first is None or second is None or first[0] != second[0]:
        return 0.0
    if close(first[1], second[1], _CONVERTED):
        return _AGREES["converted"]
    is_rough = first[0] in _MEASURED_ROUGHLY and close(first[1], second[1], _ROUGHLY)
    return _AGREES["converted_roughly"] if is_rough else 0.0


def _value_date(x: Value, y: Date) -> tuple[float, str]:
    """A bare number against a date: it may be the year, the day or the number of a century."""
    if x.bound == "several":
        return 0.0, ""
    for n in (x.number, *x.readings):
        if y.year is not None and n == abs(y.year):
            return _AGREES["year" if y.day is None and y.month is None else "year_of_date"], "part"
        if y.day is not None and n == y.day:
            return _AGREES["day_of_date"], "part"
        if y.span == "decade" and y.year is not None and n in (y.year % 100, y.year):
            return _AGREES["decade"], "part"
        if y.year is not None and y.span == "year" and n == abs(y.year) % 100 and n > 9:
            return _AGREES["two_digits"], "part"
    return 0.0, ""


def _value_clock(x: Value, y: Clock, clock: Fact) -> tuple[float, str]:
    """A bare number against a time of day: the hour, or 7.55 for 7:55."""
    hour, minutes = divmod(y.minutes, 60)
    hours = {hour, hour % 12, hour % 12 or 12, hour % 12 + 12}
    if minutes == 0 and x.number in hours:
        return _AGREES["hour"], "part"
    if any(close(x.number, h + minutes / 100) for h in hours) or any(x.number == h * 100 + minutes for h in hours):
        return _AGREES["clock_digits"], ""
    return 0.0, ""


def _clocks(x: Clock, y: Clock) -> tuple[float, str]:
    if x.minutes % 720 != y.minutes % 720:
        others = {m % 720 for m in (x.minutes, *x.readings)} & {m % 720 for m in (y.minutes, *y.readings)}
        return (_AGREES["clock_turned"], "") if others else (0.0, "")
    if x.half and y.half and x.minutes % 1440 != y.minutes % 1440:
        return 0.0, ""
    return 1.0, "" if bool(x.half) == bool(y.half) else "part"


def _dates(x: Date, y: Date) -> tuple[float, str]:
    best = (0.0, "")
    for p in (x, *x.readings):
        for q in (y, *y.readings):
            best = max(best, two_dates(p, q))
    return best


def two_dates(x: Date, y: Date) -> tuple[float, str]:
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
        return (1.0, "") if x.year == y.year else (_AGREES["era_unsaid"], "part") if x.year == -y.year else (0.0, "")
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
    if not differing:
        return 1.0, ""
    return _AGREES["date_in_part"] - _AGREES["part_unsaid"] * differing + _AGREES["part_said"] * shared, "part"


def _same_year(p: int, q: int) -> bool:
    """Whether two years are one, before or after our era, or one of them told by its last two digits."""
    low, high = sorted((abs(p), abs(q)))
    return low == high or (low < 100 and high >= 1000 and high % 100 == low)


def _stretches(x: Date, y: Date) -> tuple[float, str]:
    """Decades, centuries and years against each other: 1930 and the 1930s may be one thing badly put."""
    spans = {x.span: x, y.span: y}
    if set(spans) == {"decade", "year"} and spans["decade"].year == spans["year"].year:
        return _AGREES["decade_for_year"], "part"
    if set(spans) == {"decade", "century"} and spans["decade"].year == (spans["century"].year - 1) * 100:
        return _AGREES["century_for_decade"], "part"  # the early 2000s, the beginning of the 21st century
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
    if hijri.year is None or other.year is None:
        same_parts = hijri.year is not None and hijri.year == other.year
        return (_AGREES["year_alone"], "part") if same_parts else (0.0, "")
    if hijri.year == other.year:
        return _AGREES["year_of_other_calendar"], "part"
    span = _gregorian(other)
    if span is None or not 1 <= hijri.year <= 2000 or (hijri.day is not None and hijri.day > 30):
        return 0.0, ""
    first, last = hijri_range(hijri.year, hijri.month, hijri.day)
    return (_AGREES["calendar"], "calendar") if first <= span[1] and span[0] <= last else (0.0, "")
