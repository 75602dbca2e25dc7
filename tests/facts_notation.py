"""How the battery's tables write facts down, so that a line can be read and typed by hand.

Numbers: `7.5degree` with its unit, `90%`, `#3` ordinal, `~1000` a multiple of unknown size (thousands), `≈` about, `≥` at
least or more than, `≤` at most or less than, `150?150000` with a second reading. Dates: `2020-9-27`, `-9-27` without a
year, `2020-9`, `-9`, `y1993`, `y-300`, `Mon`, `1930s`, `90s`, `c18`, `mil4`, with `h` in front when Hijri. Times: `7:55am`,
`18:30`. Designations: `code:19`. A `!` behind a fact says that its form makes it doubtful.
"""

from pathlib import Path

from align.lang.facts import Clock, Code, Date, Fact, Value

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_BOUNDS = {"exact": "", "about": "≈", "least": "≥", "most": "≤", "several": "~"}
FOLDER = Path(__file__).parent / "facts_battery"


def _number(n: float) -> str:
    return str(int(n)) if float(n).is_integer() else f"{n:.6g}"


def _date(d: Date) -> str:
    if d.weekday is not None:
        return _DAYS[d.weekday]
    head = "h" if d.calendar == "hijri" else ""
    if d.span == "decade":
        return f"{d.year}s"
    if d.span in ("century", "millennium"):
        return f"{'c' if d.span == 'century' else 'mil'}{d.year}"
    if d.month is None:
        return f"{head}y{d.year}"
    year = "" if d.year is None else str(d.year)
    return f"{head}{year}-{d.month}" + (f"-{d.day}" if d.day is not None else "")


def _clock(c: Clock) -> str:
    hour, minutes = divmod(c.minutes, 60)
    if c.half in ("am", "pm"):
        return f"{hour % 12 or 12}:{minutes:02}{c.half}"
    return f"{hour}:{minutes:02}"


def show(fact: Fact) -> str:
    """The notation of one fact."""
    value = fact.value
    if isinstance(value, Value):
        text = _BOUNDS[value.bound] + ("#" if value.ordinal else "") + _number(value.number)
        text += "".join("?" + _number(r) for r in value.readings) + value.unit
    elif isinstance(value, Date):
        text = _date(value) + "".join("?" + _date(r) for r in value.readings)
    elif isinstance(value, Clock):
        text = _clock(value)
    else:
        assert isinstance(value, Code)
        text = "code:" + "-".join(_number(n) for n in value.numbers)
    return text + ("!" if fact.form in ("name", "marker", "compound") else "")


def table(name: str) -> list[list[str]]:
    """The rows of a battery file, cut at its bars."""
    rows = []
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            rows.append([cell.strip() for cell in line.split("|")])
    return rows
