"""Arabic names of months, weekdays and decades, and the Hijri calendar by the tabular rule."""

from datetime import date, timedelta
from functools import lru_cache

from .numbers import TENS

# Gregorian, Levantine and Maghrebi names by `numbers.key`. A name of two words is written with a space.
MONTHS = {
    "يناير": 1, "جانفي": 1, "كانون الثاني": 1, "كانون ثاني": 1, "كانون ثان": 1, "كانون 2": 1,
    "فبراير": 2, "فيفري": 2, "شباط": 2, "فبرايير": 2,
    "مارس": 3, "اذار": 3,
    "ابريل": 4, "افريل": 4, "نيسان": 4, "ابرايل": 4, "نيسيان": 4,
    "مايو": 5, "ماي": 5, "ايار": 5,
    "يونيو": 6, "يونيه": 6, "جوان": 6, "حزيران": 6,
    "يوليو": 7, "يوليه": 7, "يوليوز": 7, "جويليه": 7, "جويليا": 7, "تموز": 7,
    "اغسطس": 8, "غشت": 8, "اوت": 8, "اب": 8,
    "سبتمبر": 9, "شتنبر": 9, "ايلول": 9, "سيبتمبر": 9, "سبتامبر": 9,
    "اكتوبر": 10, "تشرين الاول": 10, "تشرين اول": 10, "تشرين 1": 10, "اوكتوبر": 10,
    "نوفمبر": 11, "نونبر": 11, "تشرين الثاني": 11, "تشرين ثاني": 11, "تشرين ثان": 11, "تشرين 2": 11, "نوفامبر": 11,
    "ديسمبر": 12, "دجنبر": 12, "كانون الاول": 12, "كانون اول": 12, "كانون 1": 12, "ديسامبر": 12,
}  # fmt: skip
# Words that are months only beside a day, a year or شهر: they also mean practised, Joan, out, father, Nissan ...
AMBIGUOUS = frozenset({"مارس", "ماي", "مايو", "جوان", "اوت", "اب", "نيسان", "ايار"})
HIJRI_MONTHS = {
    "محرم": 1, "المحرم": 1, "صفر": 2, "ربيع الاول": 3, "ربيع اول": 3, "ربيع 1": 3, "ربيع 2": 4, "ربيع الثاني": 4, "ربيع الاخر": 4, "ربيع ثاني": 4,
    "جمادي 1": 5, "جمادي 2": 6, "جمادي الاولي": 5, "جمادي الاول": 5, "جمادي الثانيه": 6, "جمادي الاخره": 6, "جمادي الاخر": 6, "جمادي الثاني": 6,
    "رجب": 7, "شعبان": 8, "رمضان": 9, "شوال": 10, "ذو القعده": 11, "ذي القعده": 11, "ذا القعده": 11,
    "ذو الحجه": 12, "ذي الحجه": 12, "ذا الحجه": 12,
}  # fmt: skip
# With the article, except where يوم stands before. Monday is 0.
WEEKDAYS = {"اثنين": 0, "ثلاثاء": 1, "ثلاثا": 1, "اربعاء": 2, "اربعا": 2, "خميس": 3, "جمعه": 4, "سبت": 5, "احد": 6}
DECADES = {tens[:-2] + "ين" + ending: value for tens, value in TENS.items() for ending in ("ات", "يات", "اته", "ياته", "اتها", "ياتها")}
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
