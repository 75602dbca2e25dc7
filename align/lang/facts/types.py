"""What a text states in numbers and dates: facts with a span and a normalised value."""

from dataclasses import dataclass, field
from typing import NamedTuple


class Part(NamedTuple):
    """A piece of a fact with a place of its own: the day, the month, the year, the number of a quantity."""

    name: str
    value: float
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Value:
    """A number as stated.

    `readings` holds what else an ambiguous writing may mean (150.000 is 150 or 150,000). `bound` is `exact`, `about`,
    `least`, `most`, or `several` where `number` is the size that is counted (hundreds of thousands: 100,000).
    `unit` is a canonical unit, `%`, `pp` (percentage points) or a currency, of a country (`sar-qa`) where the text names it.
    """

    number: float
    readings: tuple[float, ...] = ()
    bound: str = "exact"
    unit: str = ""
    ordinal: bool = False


@dataclass(frozen=True, slots=True)
class Date:
    """A calendar date or a part of one; None where the text gives no such part. Monday is weekday 0.

    `span` is `day`, `month`, `year`, `decade` (`year` is its first year, below 100 when the century is not said),
    `century` or `millennium` (`year` is its number); years before our era are negative. `readings` holds the other
    order of an ambiguous 3/4/2020. In the `hijri` calendar the parts are Hijri.
    """

    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    span: str = "day"
    calendar: str = "gregorian"
    readings: tuple["Date", ...] = ()


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day: minutes after midnight, or after twelve where `half` (am, pm, 24) is not known.

    `readings` holds the minutes of another order of the digits: 00:11 for 11:00, as right-to-left typesetting leaves
    it.
    """

    minutes: int
    half: str = ""
    readings: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Code:
    """A designation with digits (COVID-19, F-16, A/69/12, 3.2.1): its letters and its numbers."""

    letters: str
    numbers: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Placeholder:
    """What a message leaves open, or a tag in it: `name` is the same where two mean the same; `counts` where it may stand for
    a number, which a plural form can put in words."""

    name: str
    counts: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement of a number or a date: `text` is `source[start:end]` in code points.

    `kind` is `number`, `ordinal`, `percent`, `fraction`, `quantity`, `money`, `age`, `date`, `weekday`, `year`,
    `decade`, `century`, `time`, `code`, `placeholder`, or `hint` (a word such as both or twice that can explain a number of the other
    version and is never reported itself). `form` says how it was written: `digits`, `words`, `mixed`, `dual`, `roman`;
    or why it is doubtful: `name` (Saturday Night Live, May without a day), `marker` (the number of a paragraph),
    `compound` (two-factor, four-wheel).
    """

    start: int
    end: int
    text: str
    kind: str
    value: Value | Date | Clock | Code | Placeholder
    form: str = "digits"
    parts: tuple[Part, ...] = field(default=())

    @property
    def core(self) -> tuple[int, int]:
        """Where the number itself stands, without its unit or half of day; the whole span of dates."""
        for part in self.parts:
            if part.name in ("number", "hour"):
                return part.start, part.end
        return self.start, self.end

    @property
    def family(self) -> str:
        """`date` for points and stretches of the calendar, `placeholder` for what a message leaves open, `number` for all else."""
        if isinstance(self.value, Placeholder):
            return "placeholder"
        return "date" if isinstance(self.value, Date) else "number"

    @property
    def numbers(self) -> tuple[float, ...]:
        """Every number that the fact names, with all readings."""
        value = self.value
        if isinstance(value, Value):
            return (value.number, *value.readings)
        if isinstance(value, Code):
            return value.numbers
        return tuple(part.value for part in self.parts)
