"""English names of months, weekdays and decades."""

from functools import cache

from .. import tables
from . import numbers


@cache
def names() -> dict[str, dict[str, int]]:
    """The numbers of names by their kind: `month`, `short_month`, `weekday` (Monday is 0), `short_weekday`, `ambiguous`
    (words that are months only with a capital and beside a day, a year or a preposition of time), `doubtful`."""
    return tables.numbered("en/calendar")


@cache
def months() -> dict[str, int]:
    """The numbers of months by their names in small letters, short ones too."""
    return names()["month"] | names()["short_month"]


@cache
def weekdays() -> dict[str, int]:
    """The numbers of weekdays by their names in small letters, in the singular and the plural."""
    days = names()["weekday"]
    return days | {name + "s": day for name, day in days.items()}


@cache
def decades() -> dict[str, int]:
    """The tens of a decade by its name: the thirties are 30."""
    return {ten[:-1] + "ies": value for ten, value in numbers.tens().items()}
