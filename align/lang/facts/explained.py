"""What accounts for the facts that are left over: hints, parts of what was matched, sums, shares, sections."""

import itertools

from .. import tables
from .agreement import PHONE, SHARE_TOLERANCE, close, converted, digits_of, two_dates
from .comparison import Side
from .ordinary import is_answered
from .types import Clock, Code, Date, Fact, Value
from .units import in_base, sizes

_NEAR, _BESIDE = 6, 16  # code points between two facts that make one statement, loosely and at most
_FEW_LETTERS = 4  # of a designation; what has more is a path, or a word with a number
_TWIN = tables.weights("facts/weights")["enough"]["twin"]
_SAME_SIZE = tables.weights("facts/weights")["agreement"]["converted"]
_SUM_TOLERANCE = 0.002  # relative, between a quantity and the sum of two


def explain(side: Side, other: Side) -> None:
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


def drop_sections(side: Side, other: Side) -> None:
    """Drops a 3.2 of one side and the 3 and 2 (from 3-2) of the other: one section number in two spellings."""
    for fact in [f for f in side.rest if isinstance(f.value, Value) and f.form == "digits"]:
        whole, _, decimals = f"{fact.value.number:g}".partition(".")
        if not decimals or len(decimals) > 2:
            continue
        pair = [
            f for f in other.rest if isinstance(f.value, Value) and f.value.number in (float(whole), float(decimals))
        ]
        if len(pair) >= 2 and abs(pair[0].start - pair[1].start) <= _NEAR:
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
            if value.unit and value.unit != unit and converted(value, Value(1, unit=unit)) >= _SAME_SIZE:
                del hints[k]
                return True
        elif any(close(n, h) for n in (*numbers, *in_units) for h in hint):
            del hints[k]
            return True
    return False


def _from_parts(fact: Fact, other: Side) -> bool:
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


def _from_stretch(fact: Fact, other: Side) -> bool:
    """Whether a century or decade only repeats what a matched year of the other side says, or a Hijri date its twin."""
    value = fact.value
    if not isinstance(value, Date):
        return False
    for match in other.matched:
        d = match.value
        if not isinstance(d, Date) or d.year is None:
            continue
        if value.calendar != d.calendar and two_dates(value, d)[0] >= _TWIN:
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


def _said_beside(fact: Fact, side: Side) -> bool:
    """Whether a number only repeats one that found its counterpart: sixty (60) days, خمس سنوات (5)."""
    return any(
        isinstance(near.value, Value)
        and near.form != fact.form
        and near.value.number == fact.value.number
        and min(abs(fact.start - near.end), abs(near.start - fact.end), abs(fact.start - near.core[1])) <= 2
        for near in side.matched
    )


def _is_nil(fact: Fact, side: Side, rest: list[Fact]) -> bool:
    """Whether a 0 belongs to a score whose other number is explained, in words that leave the nil out: بخماسية, 5-0."""
    if not isinstance(fact.value, Value) or fact.value.number != 0 or fact.form != "digits":
        return False
    beside = [f for f in side.real if f.form == "digits" and (f.end + 1 == fact.start or fact.end + 1 == f.start)]
    return bool(beside) and not any(f in rest for f in beside)


def _in_other_calendar(fact: Fact, side: Side) -> bool:
    """Whether a date beside one that found its counterpart is that date in the other calendar."""
    date = fact.value
    if not isinstance(date, Date):
        return False
    return any(
        isinstance(near.value, Date)
        and near.value.calendar != date.calendar
        and min(abs(fact.start - near.end), abs(near.start - fact.end)) <= _BESIDE
        and two_dates(date, near.value)[0] >= _TWIN
        for near in side.matched
    )


def drop_sums(side: Side, other: Side) -> None:
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
            if whole in other.rest and size[0] == a[0] and close(size[1], a[1] + b[1], _SUM_TOLERANCE):
                other.rest.remove(whole)
                side.rest = [f for f in side.rest if f is not first and f is not second]
                break


def _measure(fact: Fact) -> tuple[str, float] | None:
    """The dimension of a quantity and its size in base units; a unit alone is one of it."""
    value = fact.value
    if isinstance(value, Code):
        return in_base(1, value.letters) if fact.kind == "hint" and value.letters in sizes() else None
    return in_base(value.number, value.unit) if isinstance(value, Value) and value.bound != "several" else None


def drop_shares(side: Side, other: Side) -> None:
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
            if share in other.rest and second in side.rest and close(said, part / whole, SHARE_TOLERANCE):
                other.rest.remove(share)
                side.rest = [f for f in side.rest if f is not first and f is not second]
                break


def _code_explained(fact: Fact, side: Side, other: Side) -> bool:
    """Whether every number of a designation stands on the other side in some form, and not in a designation like it."""
    size = len(fact.value.numbers)
    pool = {n for f in (*other.real, *other.hints) for n in f.numbers if f.kind != "code" or len(f.value.numbers) != size}
    return not fact.value.numbers or all(n in pool for n in fact.value.numbers)


def is_telling(fact: Fact, other: Side) -> bool:
    """Whether a designation that nothing answers is long enough to be missed, and nothing of it stands on the other side."""
    code = fact.value
    if (len(code.numbers) < 2 and len(digits_of(code)) < PHONE) or len(code.letters) > _FEW_LETTERS:
        return False  # one word with a number, a path
    pool = {n for f in (*other.real, *other.hints) for n in f.numbers}
    return bool(code.numbers) and pool.isdisjoint(code.numbers)
