"""English number words, read and written."""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from .. import tables

@cache
def _table() -> dict[str, dict[str, float]]:
    """The values of words by their role, as the table has them."""
    return tables.numbered("en/numbers")


def units() -> dict[str, float]:
    """0 to 19 by their words in small letters."""
    return _table()["unit"]


def tens() -> dict[str, float]:
    """20 to 90 by their words in small letters."""
    return _table()["ten"]


def scales() -> dict[str, float]:
    """Thousand, million and so on by their words in small letters, short ones too."""
    return _table()["scale"]


class Atom(NamedTuple):
    """What one word contributes to a number.

    Roles: `unit` 0 to 19, `ten`, `hundred`, `scale`, `ordinal` (1st to 90th), `ordinals` (hundredth, thousandth: the
    value multiplies), `fraction` (half, quarter), `fractions` (thirds: the value is 1/3), `several` (thousands),
    `dozen`, `and`, `of`, `a`, `point`, `hyphen`, `digits`.
    """

    role: str
    value: float


@cache
def lexicon() -> dict[str, Atom]:
    """Every number word in lower case."""
    table = {word: Atom(role, value) for role, words in _table().items() for word, value in words.items() if role != "a"}
    table |= {word: Atom("a", 1) for word in _table()["a"]}
    return table | {word[:-1] + "ieth": Atom("ordinal", value) for word, value in tens().items()}


def atom(word: str) -> Atom | None:
    """What `word` (lower case) contributes to a number, or None."""
    return lexicon().get(word)


class Reading(NamedTuple):
    """A number that was read: `stop` is the position after its last word.

    `several` marks an unknown multiple (tens of thousands: the value is the size that is counted), `scale` the last
    scale said aloud, `fraction` a part of one, `year` a year said in pairs (nineteen eighty-four).
    """

    value: float
    stop: int
    ordinal: bool = False
    several: bool = False
    scale: float = 1
    fraction: bool = False
    year: bool = False
    digits: bool = False


Atoms = Sequence[Atom | None]


def _role(atoms: Atoms, i: int) -> str:
    a = atoms[i] if i < len(atoms) else None
    return a.role if a is not None else ""


def _small(atoms: Atoms, i: int) -> tuple[float, int, bool] | None:
    """A number below 100 that starts at `i`: value, stop, ordinal."""
    a = atoms[i] if i < len(atoms) else None
    if a is None or a.role not in ("unit", "ten", "ordinal"):
        return None
    if a.role != "ten":
        return a.value, i + 1, a.role == "ordinal"
    j = i + 2 if _role(atoms, i + 1) == "hyphen" else i + 1
    if _role(atoms, j) in ("unit", "ordinal") and 1 <= atoms[j].value <= 9:
        return a.value + atoms[j].value, j + 1, atoms[j].role == "ordinal"
    return a.value, i + 1, False


def _and(atoms: Atoms, i: int) -> int:
    """The position after an `and`, a hyphen or `-and-` at `i`, else `i`."""
    if _role(atoms, i) == "hyphen" and _role(atoms, i + 1) == "and" and _role(atoms, i + 2) == "hyphen":
        return i + 3
    return i + 1 if _role(atoms, i) in ("and", "hyphen") else i


def _below_thousand(atoms: Atoms, i: int) -> tuple[float, int, bool] | None:
    """A number below 1,000 (or nineteen hundred) that starts at `i`: value, stop, ordinal."""
    if _role(atoms, i) == "hundred":
        value, stop = 100, i + 1
    elif _role(atoms, i) == "a" and _role(atoms, i + 1) == "hundred":
        value, stop = 100, i + 2
    else:
        small = _small(atoms, i)
        if small is None or small[2] or small[0] == 0:
            return small
        j = small[1] + 1 if _role(atoms, small[1]) == "hyphen" else small[1]
        if _role(atoms, j) == "ordinals" and atoms[j].value == 100:
            return small[0] * 100, j + 1, True
        if _role(atoms, j) != "hundred":
            return small
        value, stop = small[0] * 100, j + 1
    rest = _small(atoms, _and(atoms, stop))
    if rest is not None and rest[0]:
        return value + rest[0], rest[1], rest[2]
    return value, stop, False


def _chunk(atoms: Atoms, i: int) -> tuple[float, int, bool, float, bool] | None:
    """A multiplier with its scale, or either alone: value, stop, ordinal, scale, digits."""
    role = _role(atoms, i)
    if role == "digits":
        value, stop, ordinal = atoms[i].value, i + 1, False
    elif role == "scale":
        return atoms[i].value, i + 1, False, atoms[i].value, False
    elif role == "a" and _role(atoms, i + 1) == "scale":
        return atoms[i + 1].value, i + 2, False, atoms[i + 1].value, False
    else:
        below = _below_thousand(atoms, i)
        if below is None:
            return None
        value, stop, ordinal = below
    j = stop + 1 if _role(atoms, stop) == "hyphen" else stop
    if not ordinal and _role(atoms, j) == "ordinals":
        return value * atoms[j].value, j + 1, True, 1, role == "digits"
    if ordinal or _role(atoms, j) != "scale":
        return value, stop, ordinal, 1, role == "digits"
    scale = atoms[j].value
    value, stop = value * scale, j + 1
    if _role(atoms, stop) == "scale" and atoms[stop].value > scale:
        scale, value, stop = scale * atoms[stop].value, value * atoms[stop].value, stop + 1
    return value, stop, False, scale, role == "digits"


def _several(atoms: Atoms, i: int) -> Reading | None:
    """thousands, hundreds of thousands."""
    value, stop = atoms[i].value, i + 1
    while _role(atoms, stop) == "of" and _role(atoms, stop + 1) in ("several", "scale"):
        value, stop = value * atoms[stop + 1].value, stop + 2
    return Reading(value, stop, several=True, scale=value)


def _year(atoms: Atoms, i: int) -> Reading | None:
    """nineteen eighty-four, twenty twenty, nineteen oh five."""
    a = atoms[i]
    if a.role not in ("unit", "ten") or not 10 <= a.value <= 20:
        return None
    j = i + 2 if _role(atoms, i + 1) == "hyphen" else i + 1
    rest = _small(atoms, j)
    if rest is None or rest[2] or rest[0] < 10:
        return None
    return Reading(a.value * 100 + rest[0], rest[1], year=True)


def read(atoms: Atoms, i: int) -> Reading | None:
    """The longest number that starts at `i`."""
    a = atoms[i]
    if a is None:
        return None
    if a.role == "several":
        return _several(atoms, i)
    if a.role == "dozen":
        return Reading(12, i + 1)
    if a.role == "a" and _role(atoms, i + 1) == "dozen":
        return Reading(12, i + 2)
    if a.role in ("fraction", "fractions") or (a.role == "a" and _role(atoms, i + 1) == "fraction"):
        return _part(atoms, i)
    if a.role == "ordinals":
        return None
    year = _year(atoms, i)
    if year is not None:
        return year
    first = _chunk(atoms, i)
    if first is None:
        return None
    value, stop, ordinal, scale, digits = first
    if not ordinal and _role(atoms, stop) == "dozen":
        return Reading(value * 12, stop + 1)
    fraction = _fraction(atoms, i, value, stop) if not ordinal and scale == 1 else None
    if fraction is not None:
        return fraction
    lowest = scale
    while not ordinal and lowest > 1:
        j = _and(atoms, stop)
        if _role(atoms, stop) == "hyphen":
            break
        rest = _chunk(atoms, j) if _role(atoms, j) != "a" else None
        if rest is None or rest[0] >= lowest or rest[0] == 0 or (rest[4] and rest[3] == 1):
            break
        value, stop, ordinal, lowest, digits = value + rest[0], rest[1], rest[2], rest[3], digits or rest[4]
    return _tail(atoms, Reading(value, stop, ordinal, False, max(1, lowest), digits=digits))


def _fraction(atoms: Atoms, i: int, value: float, stop: int) -> Reading | None:
    """two-thirds, one third, three quarters: after the numerator that stops at `stop`."""
    j = stop + 1 if _role(atoms, stop) == "hyphen" else stop
    role = _role(atoms, j)
    if role in ("fractions", "fraction") and 1 <= value < 20 and value * atoms[j].value < 1:
        return Reading(value * atoms[j].value, j + 1, fraction=True)
    if role == "ordinal" and value == 1 and 3 <= atoms[j].value <= 20 and atoms[i].role == "unit":
        return Reading(1 / atoms[j].value, j + 1, fraction=True)
    return None


def _part(atoms: Atoms, i: int) -> Reading | None:
    """half, a quarter, half a million."""
    j = i + 1 if atoms[i].role == "a" else i
    if atoms[j].role == "fractions":
        return None
    value, stop = atoms[j].value, j + 1
    k = stop + 1 if _role(atoms, stop) in ("a", "hyphen", "of") else stop
    if _role(atoms, k) == "a":
        k += 1
    if _role(atoms, k) in ("scale", "hundred", "dozen") and (k > stop or _role(atoms, stop) == "scale"):
        scale = atoms[k].value
        return Reading(value * scale, k + 1, scale=scale)
    return Reading(value, stop, fraction=True)


def _tail(atoms: Atoms, reading: Reading) -> Reading:
    """`reading` with what follows it: three point five, two and a half, one and a half million."""
    stop = reading.stop
    if reading.ordinal:
        return reading
    if _role(atoms, stop) == "point" and reading.scale == 1:
        decimals, j = "", stop + 1
        while _role(atoms, j) in ("unit", "ten") and atoms[j].value < 100:
            decimals, j = decimals + str(int(atoms[j].value)), j + 1
        if decimals:
            value = float(f"{int(reading.value)}.{decimals}")
            if _role(atoms, j) == "scale":
                return Reading(value * atoms[j].value, j + 1, scale=atoms[j].value)
            return Reading(value, j)
    j = stop + 1 if _role(atoms, stop) == "hyphen" else stop
    if _role(atoms, j) == "and":
        k = j + 1
        while _role(atoms, k) in ("a", "hyphen"):
            k += 1
        extra = None
        if _role(atoms, k) == "fraction" and k > j + 1:
            extra = Reading(atoms[k].value, k + 1)
        elif _role(atoms, k) == "ordinal" and k > j + 1 and atoms[k].value == 3:
            extra = Reading(1 / 3, k + 1)
        elif _role(atoms, k) == "unit":
            extra = _fraction(atoms, k, atoms[k].value, k + 1)
        if extra is not None:
            if _role(atoms, extra.stop) == "scale" and reading.scale == 1:
                scale = atoms[extra.stop].value
                return Reading(
                    (reading.value + extra.value) * scale, extra.stop + 1, scale=scale, digits=reading.digits
                )
            return Reading(reading.value + extra.value * reading.scale, extra.stop, digits=reading.digits)
    return reading


def parse(text: str) -> float | None:
    """The value of `text` if it is one number in English words and nothing else, else None."""
    atoms = [atom(word) for word in text.lower().replace("-", " - ").replace(",", " ").split()]
    reading = read(atoms, 0) if atoms else None
    if reading is None or reading.stop != len(atoms) or reading.several:
        return None
    return reading.value


@cache
def _written() -> dict[str, dict[int, str]]:
    """The word of each value by its role: the first that the table has."""
    found: dict[str, dict[int, str]] = {}
    for role, words in _table().items():
        for word, value in words.items():
            found.setdefault(role, {}).setdefault(value, word)
    return found


def _write_below_thousand(n: int, use_and: bool) -> str:
    parts, units, tens = [], _written()["unit"], _written()["ten"]
    if n >= 100:
        parts.append(f"{units[n // 100]} hundred")
        n %= 100
        if n and use_and:
            parts.append("and")
    if n >= 20:
        parts.append(tens[n // 10 * 10] + (f"-{units[n % 10]}" if n % 10 else ""))
    elif n:
        parts.append(units[n])
    return " ".join(parts)


def words(n: int, use_and: bool = True) -> str:
    """The integer `n` (0 to under 10^15) in words, with `and` before tens and units unless `use_and` is off.

    Raises ValueError outside the range.
    """
    if not 0 <= n < 10**15:
        raise ValueError(f"{n} is not between 0 and 10^15")
    if n == 0:
        return "zero"
    parts = []
    for scale in (10**12, 10**9, 10**6, 10**3):
        count, n = divmod(n, scale)
        if count:
            parts.append(f"{_write_below_thousand(count, use_and)} {_written()['scale'][scale]}")
    if n:
        joint = "and " if use_and and parts and n < 100 else ""
        parts.append(joint + _write_below_thousand(n, use_and))
    return " ".join(parts)


def ordinal(n: int) -> str:
    """The ordinal of the integer `n` (1 to under 10^15) in words."""
    head = words(n)
    cut = max(head.rfind(" "), head.rfind("-")) + 1
    last = head[cut:]
    if value := units().get(last):
        return head[:cut] + _written()["ordinal"][value]
    return head[:cut] + (last[:-1] + "ieth" if last in tens() else last + "th")
