"""Arabic names of months, weekdays and decades, and the Hijri calendar by the tabular rule."""

from datetime import date, timedelta
from functools import cache, lru_cache

from .. import tables
from . import numbers

HIJRI = 100
"""What is added to the number of a month of the Hijri year, where months of both calendars stand together."""
_DECADE_ENDINGS = ("ات", "يات", "اته", "ياته", "اتها", "ياتها")


@cache
def _names() -> dict[str, dict[str, int]]:
    """The numbers of names by their kind, as `numbers.key` folds them."""
    return tables.numbered("ar/calendar", numbers.key)


def months() -> dict[str, int]:
    """The numbers of Gregorian months by their folded names; a name of two words has a blank."""
    return _names()["month"]


def hijri_months() -> dict[str, int]:
    """The numbers of the months of the Hijri year by their folded names."""
    return _names()["hijri"]


def ambiguous() -> dict[str, int]:
    """Words that are months only beside a day, a year or شهر."""
    return _names()["ambiguous"]


def never_alone() -> dict[str, int]:
    """Words that are no months where they stand alone."""
    return _names()["never_alone"]


def weekdays() -> dict[str, int]:
    """The numbers of weekdays (Monday is 0) by their folded names without the article."""
    return _names()["weekday"]


@cache
def decades() -> dict[str, int]:
    """The tens of a decade by its folded names: ثلاثينيات is 30."""
    return {stem + "ين" + ending: tens for stem, tens in numbers.ten_stems().items() for ending in _DECADE_ENDINGS}


@cache
def all_months() -> dict[tuple[str, ...], int]:
    """The numbers of the months of both calendars by the words of their names, HIJRI added to those of the Hijri year."""
    found = {tuple(name.split()): month for name, month in months().items()}
    return found | {tuple(name.split()): HIJRI + month for name, month in hijri_months().items()}


@cache
def month_heads() -> frozenset[str]:
    """The first words of the names of months in two words: تشرين, ذو."""
    return frozenset(name[0] for name in all_months() if len(name) > 1)


EPOCH = 227_015  # the proleptic Gregorian ordinal of 1 Muharram of year 1, civil reckoning (16 July 622 Julian)


def hijri_to_gregorian(year: int, month: int = 1, day: int = 1) -> date:
    """The Gregorian date of a Hijri date by the tabular calendar (years 2, 5, 7, 10, 13, 16, 18, 21, 24, 26, 29 of 30
    are leap); sighting moves the real one by up to two days.

    Source: Reingold and Dershowitz, Calendrical Calculations, section 7.1. Raises ValueError outside 1 to 9000.
    """
    if not (1 <= year <= 9000 and 1 <= month <= 12 and 1 <= day <= 30):
        raise ValueError(f"no Hijri date {year}-{month}-{day}")
    days = day + 29 * (month - 1) + month // 2 + (year - 1) * 354 + (3 + 11 * year) // 30
    return date.fromordinal(EPOCH + days - 1)


@lru_cache(maxsize=4096)
def hijri_range(year: int, month: int | None = None, day: int | None = None) -> tuple[date, date]:
    """The first and last Gregorian day that a Hijri year, month or day can mean, two days of sighting allowed."""
    first = hijri_to_gregorian(year, month or 1, day or 1)
    if day is not None:
        last = first
    elif month is not None:
        last = hijri_to_gregorian(year, month, 29)
    else:
        last = hijri_to_gregorian(year + 1) - timedelta(days=1)
    return first - timedelta(days=2), last + timedelta(days=2)
