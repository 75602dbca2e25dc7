"""Items to dates: days, months, years, decades, centuries and weekdays, in both languages."""

from functools import cache

from ..ar.calendar import HIJRI, never_alone
from .contexts import arabic_words, english_words
from .items import Item, full_year
from .types import Code, Date, Part
from .walk import LINKS, Composer, is_day, is_year, is_year_mark



@cache
def _month_context() -> frozenset[str]:
    """What a month stands behind."""
    return arabic_words("month_context") | english_words("month_context")


@cache
def _year_context() -> frozenset[str]:
    """What a year stands behind."""
    return _month_context() | arabic_words("year_context") | english_words("year_context")


def _year_after(c: Composer, i: int) -> tuple[Item, int] | None:
    """A year that belongs to the month before `i`: `, 2020`, `من عام 1918`, `لسنة ألف ...`: its item and the next
    position.
    """
    j = i
    marked = False
    for _ in range(3):
        item = c.at(j)
        if item is None:
            break
        if is_year_mark(item):
            marked = True
        elif item.role not in ("comma", "of", "slash", "dash", "skip") and not (
            item.role == "prep" and item.value in ("في", "from")
        ):
            break
        j += 1
    item, following = c.at(j), c.role(j + 1)
    if item is None or item.role != "num" or following == "pct" or (following == "unit" and not marked):
        return None
    behind_dash = j > i and c.role(j - 1) == "dash"
    if behind_dash and not marked and item.form == "digits" and len(item.raw) != 4:
        return None
    if j == i and item.form == "digits" and len(item.raw) == 2 and item.raw.isdigit() and item.value > 31:
        item.value = full_year(int(item.value))  # June 99
        return (item, j + 1) if following != "month" else None
    low = 1 if marked else 100 if j == i and following == "era" and len(item.raw) == 3 else 1000
    return (item, j + 1) if is_year(item, low) else None


def _era(c: Composer, i: int, number: int) -> tuple[int, str, int]:
    """The year with its era applied, its calendar, and the position after the era at `i`, if one stands there."""
    j = i + 1 if c.role(i) == "open" and c.role(i + 1) == "era" else i
    item = c.at(j)
    if item is None or item.role != "era":
        return number, "hijri" if _has_hijri_letter(c, i) else "gregorian", i
    if item.value == "bc":
        return -number, "gregorian", j + 1
    return number, "hijri" if item.value == "ah" else "gregorian", j + 1


def _has_hijri_letter(c: Composer, i: int) -> bool:
    """Whether هـ stands right after the year before `i`."""
    before = c.at(i - 1)
    if before is None:
        return False
    after = c.text[before.end : before.end + 5].lstrip(" \u200f\u200e")
    return after.startswith("ه") and not after[1:2].isalpha()


def _with_year(c: Composer, start: int, end: int, i: int, month: Item, day: Item | None, parts: list[Part]) -> int:
    """Adds the date of `day` and `month`, with the alias of the month and the year that follow at `i`."""
    i, end = _alias(c, i, month, end)
    number, calendar = None, "hijri" if month.value > HIJRI else "gregorian"
    found = _year_after(c, i)
    if found is not None:
        item, i = found
        parts.append(Part("year", item.value, item.start, item.end))
        number, era, stop = _era(c, i, int(item.value))
        if era == "hijri" or stop > i:
            calendar = era
        end = c.items[stop - 1].end if stop > i else item.end
        i = stop
    span, day_number, form = ("month", None, "words") if day is None else ("day", int(day.value), day.form)
    value = Date(number, (month.value - 1) % HIJRI + 1, day_number, span=span, calendar=calendar)
    c.add("date", start, end, value, form, tuple(parts))
    return i


def _alias(c: Composer, i: int, month: Item, end: int) -> tuple[int, int]:
    """Skips a second name of the same month: شباط/فبراير, أكتوبر (تشرين الأول)."""
    for opening, offset in (("slash", 1), ("open", 1), ("dash", 1)):
        other = c.at(i + offset)
        if c.role(i) == opening and other is not None and other.role == "month" and other.value == month.value:
            stop = i + 2
            end = other.end
            if opening == "open" and c.role(stop) == "close":
                end = c.items[stop].end
                stop += 1
            return stop, end
    return i, end


def day_month(c: Composer, i: int) -> int:
    """27 September 2020, الخامس من آذار, 12-16 July: the position after it, or 0."""
    days = [i]
    j = i + 1
    while len(days) < 4:
        k = j + 1 if c.role(j) in LINKS or (c.role(j) == "comma" and is_day(c.at(j + 1))) else j
        if k > j and c.at(k) is not None and c.role(k) == "prep" and c.at(k).value in ("الي",):
            k += 1
        item = c.at(k)
        if not is_day(item) or (k == j and not item.joined):
            break
        days.append(k)
        j = k + 1
    before_month = j
    for _ in range(3):
        role = c.role(j)
        if (
            role in ("of", "dash", "slash", "skip")
            or (role == "unit" and c.items[j].value == "month")
            or c.at(j) is not None
            and c.at(j).role == "prep"
            and c.at(j).value == "من"
        ):
            j += 1
        else:
            break
    month = c.at(j)
    if month is None or month.role != "month":
        return 0
    if len(days) > 1 and before_month != j and c.role(before_month) == "dash":
        return 0
    for k in days[:-1]:
        item = c.items[k]
        number = month.value - HIJRI if month.value > HIJRI else month.value
        value = Date(None, number, int(item.value), calendar="hijri" if month.value > HIJRI else "gregorian")
        c.add("date", item.start, item.end, value, item.form, (Part("day", item.value, item.start, item.end),))
    day = c.items[days[-1]]
    parts = [Part("day", day.value, day.start, day.end), Part("month", month.value % HIJRI, month.start, month.end)]
    return _with_year(c, day.start, month.end, j + 1, month, day, parts)


def on_month(c: Composer, i: int) -> int:
    """September 27, 2020; October 1954; شهر تشرين الأول; a month alone."""
    month = c.items[i]
    j, end = _alias(c, i + 1, month, month.end)
    k = j + 1 if c.role(j) == "skip" else j
    day = c.at(k)
    parts = [Part("month", month.value % HIJRI, month.start, month.end)]
    arabic = "\u0600" < c.text[month.start]
    if is_day(day) and day.form != "roman" and not day.joined and not (arabic and not _closes(c, k + 1)):
        if c.role(k + 1) not in ("pct", "ampm") and c.role(k + 1) != "unit":
            m = k + 1
            if c.role(m) in ("dash", "to", "and") and is_day(c.at(m + 1)) and c.role(m + 2) != "month":
                first = day
                c.add("date", month.start, first.end, Date(None, month.value % HIJRI, int(first.value)), first.form,
                      (*parts, Part("day", first.value, first.start, first.end)))  # fmt: skip
                day = c.items[m + 1]
                return _with_year(
                    c, day.start, day.end, m + 2, month, day, [Part("day", day.value, day.start, day.end)]
                )
            parts.append(Part("day", day.value, day.start, day.end))
            return _with_year(c, month.start, day.end, k + 1, month, day, parts)
    has_year = _year_after(c, j) is not None
    if month.value > HIJRI and not has_year:
        if arabic and not _month_word(c, i - 1) and month.raw in never_alone():
            return i + 1  # zero, and forbidden
        c.add(
            "date",
            month.start,
            end,
            Date(None, month.value - HIJRI, span="month", calendar="hijri"),
            "name",
            tuple(parts),
        )
        return j
    if month.mark and not has_year and not _month_word(c, i - 1):
        before = c.at(i - 1)
        named = before is not None and (before.raw in _month_context() or before.value in _month_context())
        if not named and c.role(i - 1) == "dash" and c.at(i - 2) is not None:
            named = c.at(i - 2).raw in _month_context()
        if not named and (month.raw in never_alone() and not _dated_after(c, month) or (not arabic and _opens(c, month))):
            return i + 1
        if not named:
            c.add("date", month.start, end, Date(None, month.value, span="month"), "name", tuple(parts))
            return j
    return _with_year(c, month.start, end, j, month, None, parts)


def _dated_after(c: Composer, month: Item) -> bool:
    """Whether "last", "next", "current" follows the month."""
    return c.text[month.end : month.end + 9].strip().startswith(tuple(arabic_words("dated")))


def _opens(c: Composer, item: Item) -> bool:
    """Whether a sentence or speech begins with an item, where any word has a capital: May God have mercy."""
    before = c.text[max(0, item.start - 4) : item.start].rstrip(" \n\t\"'“‘«([")
    return before == "" or before[-1] in ".!?:;"


def _closes(c: Composer, i: int) -> bool:
    """Whether nothing but a year or punctuation follows at `i`, so that the number before it is a day."""
    if _year_after(c, i) is not None:
        return True
    before = c.at(i - 1)
    after = c.text[before.end : before.end + 1] if before is not None else ""
    return after in ("", ".", ",", "،", ")", "؛", "\n", "/", "-")


def _month_word(c: Composer, i: int) -> bool:
    """Whether شهر stands at `i`."""
    item = c.at(i)
    return item is not None and item.role == "unit" and item.value == "month"


def century_after(c: Composer, i: int) -> int:
    """21st century, the 17th and 18th centuries (the century after the numbers)."""
    j, numbers = i, [c.items[i]]
    while c.role(j + 1) in ("and", "dash", "to", "comma") and c.role(j + 2) == "num" and len(numbers) < 3:
        if c.role(j + 1) == "dash" and c.role(j + 3) != "century" and c.role(j + 4) != "century":
            break
        j += 2
        numbers.append(c.items[j])
    k = j + 2 if c.role(j + 1) in ("dash", "skip") else j + 1
    century = c.at(k)
    if century is None or century.role != "century" or not all(1 <= n.value <= 40 for n in numbers):
        return 0
    if not numbers[-1].ordinal:
        return 0
    sign, stop = _century_era(c, k + 1)
    for number in numbers:
        end = c.items[stop - 1].end if number is numbers[-1] else number.end
        c.add("century", number.start, end, Date(sign * int(number.value), span=century.value), number.form,
              (Part("century", number.value, number.start, number.end),))  # fmt: skip
    return stop


def _century_era(c: Composer, i: int) -> tuple[int, int]:
    """The sign of a century (-1 before our era) and the position after the era at `i`, if any."""
    item = c.at(i)
    if item is not None and item.role == "era":
        return (-1 if item.value == "bc" else 1), i + 1
    return 1, i


def on_century(c: Composer, i: int) -> int:
    """القرن الحادي والعشرين, القرنين السابع عشر والثامن عشر, القرن الـ 21."""
    century = c.items[i]
    j = i + 1
    numbers = []
    while c.role(j) == "num" and c.items[j].value <= 40 and len(numbers) < 3:
        if numbers and not c.items[j].joined and c.role(j - 1) not in LINKS:
            break
        numbers.append(c.items[j])
        j += 1
        if c.role(j) in ("dash", "to", "and") and c.role(j + 1) == "num" and c.items[j + 1].value <= 40:
            j += 1
    if not numbers:
        if century.readings:
            c.add("hint", century.start, century.end, Code("", century.readings), "words")
        return i + 1
    sign, stop = _century_era(c, j)
    for number in numbers:
        start = century.start if number is numbers[0] else number.start
        end = c.items[stop - 1].end if number is numbers[-1] and stop > j else number.end
        c.add("century", start, end, Date(sign * int(number.value), span=century.value), number.form,
              (Part("century", number.value, number.start, number.end),))  # fmt: skip
    return max(stop, j)


def on_decade(c: Composer, i: int) -> int:
    """the 1930s, the nineties, ثلاثينيات القرن العشرين."""
    item = c.items[i]
    value, end, j = item.value, item.end, i + 1
    if c.role(j) == "century" and c.role(j + 1) == "num" and value < 100:
        number = c.items[j + 1]
        value, end, j = (int(number.value) - 1) * 100 + value, number.end, j + 2
    c.add(
        "decade", item.start, end, Date(value, span="decade"), item.form, (Part("decade", value, item.start, item.end),)
    )
    return j


def is_measured(c: Composer, i: int) -> bool:
    """Whether a unit, percent or currency at `i` claims the number before it."""
    role = c.role(i)
    if role == "dash":
        role = c.role(i + 1)
    return role in ("unit", "pct", "money") and not is_year_mark(c.at(i)) and c.at(i).raw != "م"


def year(c: Composer, i: int) -> int:
    """عام 1993, in 1993, 570 م, 300 BC, ١٤٤٢ هـ: the position after a year, or 0."""
    item, before = c.items[i], c.at(i - 1)
    marked = is_year_mark(before)
    era = c.role(i + 1) == "era"
    told = marked or era or _has_hijri_letter(c, i + 1)
    low = 1 if told and not marked or era else 100 if marked else 1000
    if not is_year(item, low, 9999 if era else 2500 if marked else 2199):
        return 0
    if item.form != "digits" and not item.mark and not (told and item.value >= 1000):
        return 0
    if not told and not _looks_like_year(c, i):
        return 0
    number, calendar, j = _era(c, i + 1, int(item.value))
    end = c.items[j - 1].end if j > i + 1 else item.end
    start = item.start
    if marked and (before.start >= c.facts[-1].end if c.facts else item.start - before.end <= 4):
        start = before.start
    part = Part("year", item.value, item.start, item.end)
    c.add("year", start, end, Date(number, span="year", calendar=calendar), item.form, (part,))
    return _short_end(c, j, abs(number))


def _looks_like_year(c: Composer, i: int) -> bool:
    """Whether a plain number that could be a year is one: by its size, a preposition, a bracket, a year before it."""
    item, before = c.items[i], c.at(i - 1)
    if is_measured(c, i + 1) or c.role(i - 1) in ("money", "pct"):
        return False
    if 1900 <= item.value <= 2099 or _range_of_years(c, i):
        return True
    if before is not None and (before.raw in _year_context() or before.value in _year_context()):
        return True
    if c.role(i - 1) in ("open", "bound", "to"):
        return True
    linked = c.role(i - 1) in (*LINKS, "comma") or item.joined
    return linked and bool(c.facts) and c.facts[-1].kind in ("year", "date") and item.start - c.facts[-1].end <= 6


def _range_of_years(c: Composer, i: int) -> bool:
    """1600-1800: a second number of four digits behind a dash."""
    other = c.at(i + 2)
    return c.role(i + 1) in ("dash", "to") and is_year(other, 1000, 2199) and other.value > c.items[i].value


def _short_end(c: Composer, j: int, year: int) -> int:
    """1950-53, 2019/20: adds the second year, written with two digits, and returns the next position."""
    other = c.at(j + 1)
    if c.role(j) != "dash" or other is None or other.role != "num" or other.form != "digits" or len(other.raw) != 2:
        return j
    if not other.raw.isdigit() or other.value <= year % 100 or other.value > year % 100 + 60 or is_measured(c, j + 2):
        return j
    if c.items[j].value == "/" and other.value != year % 100 + 1:
        return j  # 2019/45 is no season but a designation
    second = year // 100 * 100 + int(other.value)
    c.add(
        "year",
        other.start,
        other.end,
        Date(second, span="year"),
        "digits",
        (Part("year", second, other.start, other.end),),
    )
    return j + 2


def year_range(c: Composer, i: int) -> int:
    """1038 - 40 where nothing but the range shows the year."""
    item = c.items[i]
    other = c.at(i + 2)
    if not is_year(item, 1000, 2199) or c.role(i + 1) != "dash" or other is None or other.role != "num":
        return 0
    if len(other.raw) != 2 or other.form != "digits" or not item.value % 100 < other.value or is_measured(c, i + 3):
        return 0
    year = int(item.value)
    c.add("year", item.start, item.end, Date(year, span="year"), item.form, (Part("year", year, item.start, item.end),))
    return _short_end(c, i + 1, year)


def on_weekday(c: Composer, i: int) -> int:
    """Adds a weekday."""
    item = c.items[i]
    c.add("weekday", item.start, item.end, Date(weekday=item.value), item.form)
    return i + 1


def on_date(c: Composer, i: int) -> int:
    """Adds a date in digits, with the era that may follow."""
    item = c.items[i]
    date = item.value
    parts = [
        Part(name, value, item.start, item.end)
        for name, value in (("day", date.day), ("month", date.month), ("year", date.year))
    ]
    end = item.end
    _, calendar, j = _era(c, i + 1, date.year)
    if calendar == "hijri" and date.calendar != "hijri":
        date = Date(date.year, date.month, date.day, calendar="hijri", readings=date.readings)
    if j > i + 1:
        end = c.items[j - 1].end
    c.add("date", item.start, end, date, "digits", tuple(parts))
    return j
