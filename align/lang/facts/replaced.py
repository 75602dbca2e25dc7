"""Which of the facts left over on both sides stand in each other's place and contradict each other."""

import itertools
import math

from .. import tables
from .agreement import PHONE, any_close, close, digits_of
from .carried import is_repeated, weight_of
from .comparison import Match, Mismatch, Side, reach
from .types import Clock, Code, Date, Fact, Value
from .units import kinds_of, loose, same, sizes

_REPLACES = tables.weights("facts/weights")["replaces"]
_WEIGHS = tables.weights("facts/weights")["contradiction"]
_FAR, _UNLIKE = 100, 0.5  # times the smaller number, and how alike their digits are, at which two are far apart
_NOTHING = 1e-9


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
    """How likely two disagreeing facts stand in each other's place, 0 to 1; `distance` is that of their relative places."""
    x, y = a.value, e.value
    near = _REPLACES["near"] * (1 - min(1.0, 2 * distance))
    if isinstance(x, Date) and isinstance(y, Date):
        return _date_affinity(x, y, near)
    if isinstance(x, Clock) and isinstance(y, Clock):
        return _REPLACES["time"] + near
    if isinstance(x, Code) and isinstance(y, Code):
        return _code_affinity(x, y, near)
    if isinstance(x, Code) or isinstance(y, Code):
        code, fact = (x, e) if isinstance(x, Code) else (y, a)
        return _code_number_affinity(code, fact, near)
    if isinstance(x, Value) and isinstance(y, Value):
        return _number_affinity(a, e, near)
    years = isinstance(x, Date) and x.span == "year" or isinstance(y, Date) and y.span == "year"
    if years and isinstance(x, Date | Value) and isinstance(y, Date | Value):
        p, q = a.numbers[0], e.numbers[0]
        alike = _REPLACES["year"] + near + _REPLACES["year_alike"] * _digits_alike(p, q)
        return alike if len(str(int(p))) == len(str(int(q))) else 0.0
    return 0.0


def _date_affinity(x: Date, y: Date, near: float) -> float:
    if (x.weekday is None) != (y.weekday is None):
        return 0.0
    if x.weekday is not None:
        return _REPLACES["weekday"] + near
    shared = sum(p is not None and p == q for p, q in ((x.year, y.year), (x.month, y.month), (x.day, y.day)))
    level = _REPLACES["same_span" if x.span == y.span else "other_span"]
    return _REPLACES["date"] + _REPLACES["date_part"] * shared + level + near


def _code_affinity(x: Code, y: Code, near: float) -> float:
    """How likely two designations that differ stand in each other's place: the same letters, or parts in common."""
    if x.letters and x.letters == y.letters or x.numbers == y.numbers:
        return _REPLACES["code"] + near
    if x.letters and y.letters and x.letters.isascii() and y.letters.isascii():
        return 0.0
    if min(len(digits_of(x)), len(digits_of(y))) >= PHONE:
        return _REPLACES["code"] + near
    if len(x.numbers) != len(y.numbers) or not x.numbers:
        return 0.0
    shared = sum(p == q for p, q in zip(x.numbers, y.numbers, strict=True))
    alike = sum(_digits_alike(p, q) for p, q in zip(x.numbers, y.numbers, strict=True)) / len(x.numbers)
    return _REPLACES["code_parts"] + _REPLACES["code_part"] * bool(shared) + _REPLACES["code_alike"] * alike + near


def _code_number_affinity(code: Code, fact: Fact, near: float) -> float:
    value = fact.value
    if not isinstance(value, Value) or value.unit or fact.form != "digits" or not code.numbers:
        return 0.0
    alike = max(_digits_alike(value.number, n) for n in code.numbers)
    return _REPLACES["code_number"] + near + _REPLACES["code_number_alike"] * alike


_SHARES = ("%", "pp")


def _number_affinity(a: Fact, e: Fact, near: float) -> float:
    x, y = a.value, e.value
    if (x.unit in _SHARES) != (y.unit in _SHARES) and x.unit and y.unit:
        return 0.0
    if (a.kind == "fraction") != (e.kind == "fraction") and "percent" not in (a.kind, e.kind):
        return 0.0
    score = _REPLACES["number"] + near
    if x.unit and x.unit == y.unit:
        score += _REPLACES["same_unit"]
    elif x.unit != y.unit and x.unit and y.unit:
        dimensions = [sizes().get(unit, ("",))[0] for unit in (x.unit, y.unit)]
        score += _REPLACES["same_dimension" if dimensions[0] and dimensions[0] == dimensions[1] else "other_dimension"]
    pairs = itertools.product((x.number, *x.readings), (y.number, *y.readings))
    one, other = min(pairs, key=lambda pair: abs(math.log1p(abs(pair[0])) - math.log1p(abs(pair[1]))))
    alike = _digits_alike(one, other)
    score += _REPLACES["alike"] * alike
    score += _REPLACES["same_order" if x.ordinal == y.ordinal else "other_order"]
    small, large = sorted((abs(one), abs(other)))
    if large > _FAR * max(small, _NOTHING) and alike < _UNLIKE:
        score += _REPLACES["far_apart"]
    return score


def mismatches(left: Side, right: Side) -> list[Mismatch]:
    """Pairs leftovers that stand in each other's place and takes them out of the rests."""
    candidates = []
    alone = _REPLACES["alone"] if len(left.rest) == len(right.rest) == 1 else 0.0
    for i, a in enumerate(left.rest):
        for j in reach(i, len(left.rest), len(right.rest)):
            e = right.rest[j]
            if min(weight_of(a), weight_of(e)) < _REPLACES["least_carried"]:
                continue
            affinity = _affinity(a, e, abs(left.place(a) - right.place(e)))
            if affinity and affinity + alone >= _REPLACES["least"]:
                candidates.append((affinity, i, j))
    candidates.sort(reverse=True)
    gone_left: set[int] = set()
    gone_right: set[int] = set()
    found = []
    for affinity, i, j in candidates:
        if i in gone_left or j in gone_right:
            continue
        a, e = left.rest[i], right.rest[j]
        if affinity < _REPLACES["least_repeated"] and (is_repeated(left, right, a) or is_repeated(right, left, e)):
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
        return _WEIGHS["code"]
    if a.kind == e.kind == "fraction":
        return _WEIGHS["fraction"]
    if isinstance(a.value, Date) and isinstance(e.value, Date) and a.value.calendar == e.value.calendar == "hijri":
        return _WEIGHS["hijri"]
    high, low = max(weight_of(a), weight_of(e)), min(weight_of(a), weight_of(e))
    if (
        isinstance(a.value, Value)
        and isinstance(e.value, Value)
        and (a.value.bound == "several") != (e.value.bound == "several")
    ):
        return _WEIGHS["several_exact"] if a.value.number == e.value.number else 0.5 * (high + low)
    if isinstance(a.value, Value) and isinstance(e.value, Value) and a.value.bound == e.value.bound == "several":
        return _WEIGHS["several"]
    return high if low >= _WEIGHS["firm"] else _WEIGHS["surer"] * high + _WEIGHS["weaker"] * low


def unit_mismatches(matches: list[Match]) -> list[Mismatch]:
    """Equal numbers of different things: 300 km against 300 miles, 5 dollars against 5 euros."""
    found = []
    for m in matches:
        x, y = m.ar.value, m.en.value
        if m.difference != "unit" or not isinstance(x, Value) or not isinstance(y, Value) or same(x.unit, y.unit):
            continue
        if not (close(x.number, y.number) or any_close(x, y)) or _is_loose(x, y):
            continue
        first, second = kinds_of(x.unit), kinds_of(y.unit)
        apart = first & second or not {x.unit, y.unit} & loose()
        if first and second and apart and (x.number > 1 or m.ar.form == m.en.form == "digits"):
            found.append(Mismatch(m.ar, m.en, _WEIGHS["unit_replaces"], _WEIGHS["unit"], "unit"))
    return found


def _is_loose(x: Value, y: Value) -> bool:
    """Whether the numbers agree in a second reading only."""
    return not close(x.number, y.number) and bool(x.readings or y.readings) and x.number < 100
