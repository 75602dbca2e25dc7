"""Calendars: month names of every tradition, the Hijri calendar, and dates that agree across them."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align.lang.ar import calendar as ar
from align.lang.en import calendar as en
from align.lang.facts import Date, compare, extract


@pytest.mark.parametrize(
    ("hijri", "gregorian"),
    [
        ((1, 1, 1), date(622, 7, 19)),
        ((1400, 1, 1), date(1979, 11, 21)),
        ((1442, 1, 1), date(2020, 8, 20)),
        ((1445, 9, 1), date(2024, 3, 11)),
        ((1444, 12, 10), date(2023, 6, 29)),
    ],
    ids=["epoch", "1400", "1442", "ramadan-1445", "adha-1444"],
)
def test_hijri_to_gregorian(hijri: tuple[int, int, int], gregorian: date) -> None:
    assert ar.hijri_to_gregorian(*hijri) == gregorian


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 1600))
def test_hijri_years_have_354_or_355_days(year: int) -> None:
    days = ar.hijri_to_gregorian(year + 1) - ar.hijri_to_gregorian(year)
    assert days in (timedelta(354), timedelta(355))


def test_eleven_of_thirty_hijri_years_are_leap() -> None:
    days = [(ar.hijri_to_gregorian(y + 1) - ar.hijri_to_gregorian(y)).days for y in range(1, 31)]
    assert [y for y, n in enumerate(days, 1) if n == 355] == [2, 5, 7, 10, 13, 16, 18, 21, 24, 26, 29]


@pytest.mark.parametrize("bad", [(0, 1, 1), (1442, 13, 1), (1442, 1, 31)])
def test_impossible_hijri_dates_are_refused(bad: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="no Hijri date"):
        ar.hijri_to_gregorian(*bad)


MONTHS = {
    1: "يناير كانون_الثاني جانفي", 2: "فبراير شباط فيفري", 3: "مارس آذار", 4: "أبريل نيسان أفريل ابريل إبريل",
    5: "مايو أيار ماي", 6: "يونيو حزيران جوان يونيه", 7: "يوليو تموز جويلية يوليه يوليوز", 8: "أغسطس آب أوت غشت اغسطس",
    9: "سبتمبر أيلول شتنبر", 10: "أكتوبر تشرين_الأول", 11: "نوفمبر تشرين_الثاني نونبر", 12: "ديسمبر كانون_الأول دجنبر",
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "month"),
    [(name.replace("_", " "), month) for month, names in MONTHS.items() for name in names.split()],
)
@pytest.mark.parametrize("text", ["في 5 {} 2019", "الخامس من {} عام 2019", "٥ {}، ٢٠١٩"], ids=["digits", "words", "eastern"])
def test_every_month_name_makes_a_date(name: str, month: int, text: str) -> None:
    (fact,) = extract(text.format(name), "ar")
    assert fact.value == Date(2019, month, 5)


@pytest.mark.parametrize(("name", "month"), [(n, m) for n, m in en.months().items()])
@pytest.mark.parametrize("text", ["on 5 {} 2019", "on {} 5, 2019"], ids=["day-first", "month-first"])
def test_every_english_month_makes_a_date(name: str, month: int, text: str) -> None:
    (fact,) = extract(text.format(name.capitalize()), "en")
    assert fact.value == Date(2019, month, 5)


HIJRI = {
    1: "محرم", 2: "صفر", 3: "ربيع الأول", 4: "ربيع الآخر", 5: "جمادى الأولى", 6: "جمادى الآخرة", 7: "رجب", 8: "شعبان",
    9: "رمضان", 10: "شوال", 11: "ذو القعدة", 12: "ذي الحجة",
}  # fmt: skip


@pytest.mark.parametrize(("month", "name"), HIJRI.items(), ids=list(map(str, HIJRI)))
@pytest.mark.parametrize(("days_later", "agrees"), [(0, True), (2, True), (-2, True), (5, False)])
def test_hijri_dates_meet_their_gregorian_days(month: int, name: str, days_later: int, agrees: bool) -> None:
    day = ar.hijri_to_gregorian(1442, month, 12) + timedelta(days_later)
    result = compare(extract(f"في 12 {name} 1442 هـ", "ar"), extract(f"on {day.day} {day:%B} {day.year}", "en"))
    assert bool(result.matched) == agrees
    assert bool(result.alarms()) != agrees


@pytest.mark.parametrize("locale", ["ar", "ar_SY", "ar_DZ", "ar_MA", "ar_EG"])
def test_babel_knows_the_same_months(locale: str) -> None:
    dates = pytest.importorskip("babel.dates")
    from align.lang.ar.numbers import key

    for month, name in dates.get_month_names("wide", locale=locale).items():
        assert ar.months()[key(name)] == month, name
    for day, name in dates.get_day_names("wide", locale=locale).items():
        assert ar.weekdays()[key(name).removeprefix("ال")] == day, name


@pytest.mark.parametrize(
    ("arabic", "english", "agrees"),
    [
        ("27 سبتمبر 2020", "27 September 2020", True),
        ("27 سبتمبر 2020", "September 27", True),
        ("27 سبتمبر", "27 September 2020", True),
        ("سبتمبر 2020", "27 September 2020", True),
        ("27 سبتمبر 2020", "26 September 2020", False),
        ("27 سبتمبر 2020", "27 October 2020", False),
        ("27 سبتمبر 2020", "27 September 2019", False),
        ("في سبتمبر 2020", "October 2020", False),
        ("3/4/2020", "April 3, 2020", True),
        ("3/4/2020", "March 4, 2020", True),
        ("3/4/2020", "April 4, 2020", False),
        ("عام 1918", "1918", True),
        ("الثمانينيات", "the 1980s", True),
        ("الثمانينيات", "the 1970s", False),
    ],
)
def test_dates_agree_by_the_parts_they_share(arabic: str, english: str, agrees: bool) -> None:
    result = compare(extract(arabic, "ar"), extract(english, "en"))
    assert bool(result.matched) == agrees
    assert bool(result.alarms()) != agrees
