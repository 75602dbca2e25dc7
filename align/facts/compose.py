"""Items to facts: the grammar of dates, times, quantities and ranges that both languages share."""

from .items import Item
from .types import Clock, Code, Date, Fact, Part, Value
from .units import MONEY

_LINKS = ("dash", "to", "and", "slash")
_MONTH_CONTEXT = frozenset(
    "in of by since until till through early late mid last next this from to between during before after spring around "
    "throughout circa and on of's ended ending beginning starting الي شهر بدايات اوائل في منذ خلال حتي قبل بعد بين مطلع اوائل اواخر بدايه نهايه منتصف "
    "بحلول من لغايه".split()
)
_YEAR_CONTEXT = _MONTH_CONTEXT | frozenset(
    "season year year's summer autumn winter fall for موسم صيف شتاء خريف ربيع مذ اثناء".split()
)


class Composer:
    """Walks once over the items of a text and collects its facts."""

    __slots__ = ("text", "items", "facts")

    def __init__(self, text: str, items: list[Item | None]):
        self.text, self.items = text, items
        self.facts: list[Fact] = []

    def run(self) -> list[Fact]:
        """The facts in the order of the text, none overlapping."""
        items, n = self.items, len(self.items)
        i = 0
        while i < n:
            item = items[i]
            if item is None:
                i += 1
                continue
            handler = _HANDLERS.get(item.role)
            i = handler(self, i) if handler is not None else i + 1
        return self.facts

    def at(self, i: int) -> Item | None:
        """The item at `i`, None outside."""
        return self.items[i] if 0 <= i < len(self.items) else None

    def role(self, i: int) -> str:
        """The role at `i`, empty where there is none."""
        item = self.items[i] if 0 <= i < len(self.items) else None
        return item.role if item is not None else ""

    def add(self, kind: str, start: int, end: int, value, form: str = "digits", parts: tuple[Part, ...] = ()) -> None:
        """Appends a fact unless it would overlap the one before."""
        if self.facts and start < self.facts[-1].end:
            start = self.facts[-1].end
            if start >= end:
                return
        self.facts.append(Fact(start, end, self.text[start:end], kind, value, form, parts))


def _is_day(item: Item | None) -> bool:
    if item is None or item.role != "num" or item.fraction or item.several:
        return False
    value = item.value
    return 1 <= value <= 31 and value == int(value) and (item.form != "digits" or len(item.raw) <= 2)


def _is_year(item: Item | None, low: int = 1000, high: int = 2500) -> bool:
    if item is None or item.role != "num" or item.fraction or item.several or item.ordinal:
        return False
    if item.form == "digits" and (not item.raw.isdigit() or len(item.raw) > 4):
        return False
    return low <= item.value <= high and item.value == int(item.value)


def _skip(c: Composer, i: int, roles: tuple[str, ...], limit: int = 3) -> int:
    """The position after at most `limit` items of `roles` from `i` on."""
    stop = i + limit
    while i < stop and c.role(i) in roles:
        i += 1
    return i


def _mark(item: Item | None) -> bool:
    """Whether an item is the word "year" as a mark before a year."""
    return item is not None and item.role == "unit" and item.value == "year" and item.mark


def _year_after(c: Composer, i: int) -> tuple[Item, int] | None:
    """A year that belongs to the month before `i`: `, 2020`, `من عام 1918`, `لسنة ألف ...`: its item and the next position."""
    j = i
    marked = False
    for _ in range(3):
        item = c.at(j)
        if item is None:
            break
        if _mark(item):
            marked = True
        elif item.role not in ("comma", "of", "slash", "dash", "skip") and not (
            item.role == "prep" and item.value in ("في", "from")
        ):
            break
        j += 1
    item = c.at(j)
    if (
        item is not None
        and item.role == "num"
        and item.form == "digits"
        and not marked
        and j > i
        and c.role(j - 1) == "dash"
    ):
        if len(item.raw) != 4:
            return None
    low = (
        1 if marked else 100 if j == i and item is not None and len(item.raw) == 3 and c.role(j + 1) == "era" else 1000
    )
    if _is_year(item, low) and c.role(j + 1) not in ("pct",) and not (c.role(j + 1) == "unit" and not marked):
        if marked or item.form == "digits" or item.mark or item.value >= 1000:
            return item, j + 1
    return None


def _era(c: Composer, i: int, year: int) -> tuple[int, str, int]:
    """The year with its era applied, the calendar, and the position after the era at `i`, if one stands there."""
    j = i + 1 if c.role(i) == "open" and c.role(i + 1) == "era" else i
    item = c.at(j)
    if item is None or item.role != "era":
        letter = _era_letter(c, i)
        if letter:
            return year, letter, i
        return year, "gregorian", i
    if item.value == "bc":
        return -year, "gregorian", j + 1
    return year, "hijri" if item.value == "ah" else "gregorian", j + 1


def _era_letter(c: Composer, i: int) -> str:
    """هـ right after the year before `i`."""
    before = c.at(i - 1)
    if before is None:
        return ""
    after = c.text[before.end : before.end + 5].lstrip(" \u200f\u200e")
    if after.startswith("ه") and not after[1:2].isalpha():
        return "hijri"
    if after.startswith("ق.م") or after.startswith("ق. م"):
        return "bc"
    return ""


def _with_year(c: Composer, start: int, end: int, i: int, month: Item, day: Item | None, parts: list[Part]) -> int:
    """Adds the date of `day` and `month`, with the alias of the month and the year that follow at `i`."""
    i, end = _alias(c, i, month, end)
    year, calendar = None, "hijri" if month.value > 100 else "gregorian"
    found = _year_after(c, i)
    if found is not None:
        item, i = found
        year = int(item.value)
        parts.append(Part("year", year, item.start, item.end))
        end = item.end
        year, era, stop = _era(c, i, year)
        if era == "bc":
            year = -year
        elif era == "hijri" or (era == "gregorian" and stop > i and calendar == "gregorian"):
            calendar = era
        if stop > i:
            end = c.items[stop - 1].end
        i = stop
    number = month.value - 100 if month.value > 100 else month.value
    value = Date(year, number, int(day.value) if day is not None else None, span="day" if day is not None else "month",
                 calendar=calendar)  # fmt: skip
    forms = {item.form for item in (day,) if item is not None} or {"words"}
    c.add("date", start, end, value, forms.pop(), tuple(parts))
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


def _day_month(c: Composer, i: int) -> int:
    """27 September 2020, الخامس من آذار, 12-16 July: the position after it, or 0."""
    days = [i]
    j = i + 1
    while len(days) < 4:
        k = j + 1 if c.role(j) in _LINKS or (c.role(j) == "comma" and _is_day(c.at(j + 1))) else j
        if k > j and c.at(k) is not None and c.role(k) == "prep" and c.at(k).value in ("الي",):
            k += 1
        item = c.at(k)
        if not _is_day(item) or (k == j and not item.joined):
            break
        days.append(k)
        j = k + 1
    before_month = j
    for _ in range(3):
        role = c.role(j)
        if (
            role == "of"
            or role == "dash"
            or role == "slash"
            or role == "skip"
            or (role == "unit" and c.at(j).value == "month")
        ):
            j += 1
        elif c.at(j) is not None and c.at(j).role == "prep" and c.at(j).value == "من":
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
        number = month.value - 100 if month.value > 100 else month.value
        value = Date(None, number, int(item.value), calendar="hijri" if month.value > 100 else "gregorian")
        c.add("date", item.start, item.end, value, item.form, (Part("day", item.value, item.start, item.end),))
    day = c.items[days[-1]]
    parts = [Part("day", day.value, day.start, day.end), Part("month", month.value % 100, month.start, month.end)]
    return _with_year(c, day.start, month.end, j + 1, month, day, parts)


def _on_month(c: Composer, i: int) -> int:
    month = c.items[i]
    j, end = _alias(c, i + 1, month, month.end)
    k = j + 1 if c.role(j) == "skip" else j
    day = c.at(k)
    parts = [Part("month", month.value % 100, month.start, month.end)]
    arabic = "\u0600" < c.text[month.start]
    if _is_day(day) and day.form != "roman" and not day.joined and not (arabic and not _closes(c, k + 1)):
        if c.role(k + 1) not in ("pct", "ampm") and c.role(k + 1) != "unit":
            m = k + 1
            if c.role(m) in ("dash", "to", "and") and _is_day(c.at(m + 1)) and c.role(m + 2) != "month":
                first = day
                c.add("date", month.start, first.end, Date(None, month.value % 100, int(first.value)), first.form,
                      (*parts, Part("day", first.value, first.start, first.end)))  # fmt: skip
                day = c.items[m + 1]
                return _with_year(
                    c, day.start, day.end, m + 2, month, day, [Part("day", day.value, day.start, day.end)]
                )
            parts.append(Part("day", day.value, day.start, day.end))
            return _with_year(c, month.start, day.end, k + 1, month, day, parts)
    has_year = _year_after(c, j) is not None
    if month.value > 100 and not has_year:
        if arabic and not _month_word(c, i - 1):
            return i + 1  # a Hijri month alone is more often a name or an ordinary word
        c.add(
            "date",
            month.start,
            end,
            Date(None, month.value - 100, span="month", calendar="hijri"),
            "name",
            tuple(parts),
        )
        return j
    if month.mark and not has_year and not _month_word(c, i - 1):
        before = c.at(i - 1)
        named = before is not None and (before.raw in _MONTH_CONTEXT or before.value in _MONTH_CONTEXT)
        if not named and c.role(i - 1) == "dash" and c.at(i - 2) is not None:
            named = c.at(i - 2).raw in _MONTH_CONTEXT
        if not named and (month.raw in _NEVER_ALONE and not _dated_after(c, month) or (not arabic and i == 0)):
            return i + 1
        if not named:
            c.add("date", month.start, end, Date(None, month.value, span="month"), "name", tuple(parts))
            return j
    return _with_year(c, month.start, end, j, month, None, parts)


_NEVER_ALONE = frozenset({"مارس", "اب", "اوت", "جوان", "ماي"})
_DATED = ("الماضي", "المقبل", "القادم", "الجاري", "الحالي", "المنصرم")


def _dated_after(c: Composer, month: Item) -> bool:
    """Whether "last", "next", "current" follows the month."""
    return c.text[month.end : month.end + 9].strip().startswith(_DATED)


def _closes(c: Composer, i: int) -> bool:
    """Whether nothing but a year or punctuation follows at `i`, so that the number before it is a day."""
    if _year_after(c, i) is not None:
        return True
    before = c.at(i - 1)
    after = c.text[before.end : before.end + 1] if before is not None else ""
    return after in ("", ".", ",", "،", ")", "؛", "\n", "/", "-")


def _month_word(c: Composer, i: int) -> bool:
    item = c.at(i)
    return item is not None and item.role == "unit" and item.value == "month"


def _on_number(c: Composer, i: int) -> int:
    item = c.items[i]
    if _is_day(item):
        stop = _day_month(c, i)
        if stop:
            return stop
    for attempt in (_clock, _century_after, _on_ordinal_part, _year, _year_range):
        stop = attempt(c, i)
        if stop:
            return stop
    return _quantity(c, i)


def _clock(c: Composer, i: int) -> int:
    """3 p.m., 7.55am, الساعة الثامنة والنصف, الثالثة عصرا, 0800 UTC, eight in the morning."""
    item = c.items[i]
    marked = c.role(i - 1) == "hour" and item.start - c.items[i - 1].end <= 2
    j, minutes = i + 1, 0.0
    hour = item.value
    if item.fraction or item.several or item.scale > 1:
        return 0
    if (
        item.form == "digits"
        and len(item.raw) == 4
        and item.raw.isdigit()
        and c.role(j) == "zone"
        and hour % 100 < 60
        and hour < 2400
    ):
        c.add("time", item.start, item.end, Clock(int(hour // 100 * 60 + hour % 100)))
        return j + 1
    if (
        item.form == "digits"
        and len(item.raw) == 4
        and item.raw.isdigit()
        and c.role(j) == "unit"
        and c.at(j).raw == "hours"
    ):
        if hour % 100 < 60 and hour <= 2400:
            c.add("time", item.start, item.end, Clock(int(hour // 100 * 60 + hour % 100)))
            return j + 1
    if hour != int(hour):
        minutes = round((hour - int(hour)) * 100)
        if minutes >= 60 or len(item.raw.replace("\u066b", ".").split(".")[-1]) != 2:
            return 0
    hour = int(hour)
    after = c.at(j)
    end = item.end
    if after is not None and after.role == "num" and after.joined and after.fraction and (marked or item.ordinal):
        minutes, j, end = round(after.value * 60), j + 1, after.end
        marked = marked or (after.mark and hour <= 12)  # الثامنة والنصف
    elif (
        (marked or item.ordinal)
        and after is not None
        and after.role == "num"
        and after.joined
        and c.role(j + 1) == "unit"
    ):
        if c.at(j + 1).value == "minute" and after.value < 60:
            minutes, end, marked = after.value, c.items[j + 1].end, True
            j += 2
    elif c.role(j) == "less" and c.role(j + 1) == "num" and (marked or item.ordinal) and hour <= 12:
        less = c.items[j + 1]  # التاسعة إلا ربعا, إلا عشر دقائق
        back = round(less.value * 60) if less.fraction else less.value
        unit = c.role(j + 2) == "unit"
        if 0 < back < 60 and (less.fraction or unit):
            hour, minutes, marked = (hour - 2) % 12 + 1, 60 - back, True
            j += 3 if unit else 2
            end = c.items[j - 1].end
    if c.role(j) == "skip":
        j += 1
    half, named = "", False
    if c.role(j) in ("hour", "zone") and not marked and c.role(j) == "hour" and item.end + 2 >= c.items[j].start:
        if "\u0600" < c.text[c.items[j].start]:
            return 0
        named, end, j = True, c.items[j].end, j + 1
    if c.role(j) == "of":
        j += 1 if c.role(j + 1) == "ampm" else 0
    if c.role(j) == "ampm":
        half, end, named = c.items[j].value, c.items[j].end, True
        j += 1
    if not (named or marked) or hour > 24 or (not marked and hour > 12 and half) and hour > 24:
        return 0
    c.add(
        "time",
        item.start,
        end,
        _clock_value(hour, int(minutes), half),
        item.form,
        (Part("hour", item.value, item.start, item.end),),
    )
    return j


def _clock_value(hour: int, minutes: int, half: str) -> Clock:
    if hour > 12 or hour == 0:
        return Clock(hour % 24 * 60 + minutes, "24")
    if half:
        return Clock((hour % 12 + (12 if half == "pm" else 0)) * 60 + minutes, half)
    return Clock(hour % 12 * 60 + minutes)


def _either_clock(first: int, second: int) -> Clock:
    """A time whose hour and minutes may stand in either order: 47/10 and 00:11 are 10:47 and 11:00."""
    values = [_clock_value(h, m, "") for h, m in ((first, second), (second, first)) if h <= 24 and m < 60]
    values.sort(key=lambda clock: clock.minutes % 60 % 5)
    return Clock(values[0].minutes, values[0].half, tuple(other.minutes for other in values[1:]))


def _on_clock(c: Composer, i: int) -> int:
    item = c.items[i]
    hour, minutes, *_ = (int(part) for part in item.value.split(":"))
    end, half, j = item.end, "", i + 1
    if hour > 24 or minutes > 59:
        c.add("code", item.start, item.end, Code("", (hour, minutes)))
        return j
    if c.role(j) == "ampm":
        half, end, j = c.items[j].value, c.items[j].end, j + 1
    parts = (Part("hour", hour, item.start, item.end), Part("minute", minutes, item.start, item.end))
    value = _clock_value(hour, minutes, half)
    if not half and c.role(i - 1) == "hour" and hour != minutes and minutes <= 24:
        value = Clock(value.minutes, value.half, (_clock_value(minutes, hour, "").minutes,))
    c.add("time", item.start, end, value, item.form, parts)
    return j


def _century_after(c: Composer, i: int) -> int:
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
    item = c.at(i)
    if item is not None and item.role == "era":
        return (-1 if item.value == "bc" else 1), i + 1
    return 1, i


def _on_century(c: Composer, i: int) -> int:
    """القرن الحادي والعشرين, القرنين السابع عشر والثامن عشر, القرن الـ 21."""
    century = c.items[i]
    j = i + 1
    numbers = []
    while c.role(j) == "num" and c.items[j].value <= 40 and len(numbers) < 3:
        if numbers and not c.items[j].joined and c.role(j - 1) not in _LINKS:
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


def _on_ordinal_part(c: Composer, i: int) -> int:
    """first half, النصف الثاني, the third quarter: the position after it, or 0."""
    item, other = c.items[i], c.at(i + 1)
    if other is None or other.role != "num":
        return 0
    ordinal, part = (item, other) if item.ordinal else (other, item)
    if not ordinal.ordinal or not part.fraction or part.value not in (0.5, 0.25) or ordinal.value > 4 or other.joined:
        return 0
    unit = "half" if part.value == 0.5 else "quarter"
    c.add("ordinal", item.start, other.end, Value(ordinal.value, (), "exact", unit, True), ordinal.form)
    return i + 2


def _on_decade(c: Composer, i: int) -> int:
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


def _is_measured(c: Composer, i: int) -> bool:
    """Whether a unit, percent or currency at `i` claims the number before it."""
    role = c.role(i)
    if role == "dash":
        role = c.role(i + 1)
    return role in ("unit", "pct", "money") and not _mark(c.at(i)) and c.at(i).raw != "م"


def _year(c: Composer, i: int) -> int:
    """عام 1993, in 1993, 570 م, 300 BC, ١٤٤٢ هـ: the position after a year, or 0."""
    item = c.items[i]
    before = c.at(i - 1)
    marked = _mark(before)
    era = c.role(i + 1) == "era"
    hijri = _era_letter(c, i + 1) == "hijri"
    words_ok = item.form == "digits" or item.mark or item.value >= 1000
    if (
        not _is_year(item, 1 if era or hijri else 100 if marked else 1000, 9999 if era else 2500 if marked else 2199)
        or not words_ok
    ):
        return 0
    if not (marked or era or hijri):
        if item.form == "words" and not item.mark:
            return 0
        if _is_measured(c, i + 1) or c.role(i - 1) in ("money", "pct"):
            return 0
        linked = c.role(i - 1) in _LINKS or item.joined or c.role(i - 1) == "comma"
        follows_year = (
            linked and bool(c.facts) and c.facts[-1].kind in ("year", "date") and item.start - c.facts[-1].end <= 6
        )
        named = before is not None and (
            before.raw in _YEAR_CONTEXT or before.value in _YEAR_CONTEXT or before.role in ("open", "bound", "to")
        )
        if not (1900 <= item.value <= 2099 or named or follows_year or _range_of_years(c, i)):
            return 0
    year, end, j = int(item.value), item.end, i + 1
    year, calendar, j = _era(c, j, year)
    if calendar == "bc":
        year, calendar = -year, "gregorian"
    if j > i + 1:
        end = c.items[j - 1].end
    start = before.start if marked and item.start - before.end <= 4 and not c.facts[-1:] else item.start
    if marked and c.facts and before.start >= c.facts[-1].end:
        start = before.start
    c.add("year", start, end, Date(year, span="year", calendar=calendar), item.form,
          (Part("year", item.value, item.start, item.end),))  # fmt: skip
    return _short_end(c, j, abs(year))


def _range_of_years(c: Composer, i: int) -> bool:
    """1600-1800: a second number of four digits behind a dash."""
    other = c.at(i + 2)
    return c.role(i + 1) in ("dash", "to") and _is_year(other, 1000, 2199) and other.value > c.items[i].value


def _short_end(c: Composer, j: int, year: int) -> int:
    """1950-53, 2019/20: adds the second year, written with two digits, and returns the next position."""
    other = c.at(j + 1)
    if c.role(j) != "dash" or other is None or other.role != "num" or other.form != "digits" or len(other.raw) != 2:
        return j
    if not other.raw.isdigit() or other.value <= year % 100 or other.value > year % 100 + 60 or _is_measured(c, j + 2):
        return j
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


def _year_range(c: Composer, i: int) -> int:
    """1038 - 40 where nothing but the range shows the year."""
    item = c.items[i]
    other = c.at(i + 2)
    if not _is_year(item, 1000, 2199) or c.role(i + 1) != "dash" or other is None or other.role != "num":
        return 0
    if len(other.raw) != 2 or other.form != "digits" or not item.value % 100 < other.value or _is_measured(c, i + 3):
        return 0
    year = int(item.value)
    c.add("year", item.start, item.end, Date(year, span="year"), item.form, (Part("year", year, item.start, item.end),))
    return _short_end(c, i + 1, year)


def _bound(c: Composer, i: int) -> str:
    """About, more than, at least ... near the number that starts at item `i`."""
    for back in (1, 2, 3):
        item = c.at(i - back)
        if item is None or item.role not in ("bound", "of", "prep", "a", "money", "skip"):
            break
        if item.role == "bound":
            return item.value
    return ""


def _bound_after(c: Composer, i: int) -> str:
    """تقريبا and على الأقل behind the number, over at most three words."""
    for ahead in range(3):
        item = c.at(i + ahead)
        if item is not None and item.role == "bound":
            return item.value if item.raw in ("تقريبا", "الاقل", "الاكثر") else ""
        if item is not None and item.role in ("num", "comma"):
            break
    return ""


def _quantity(c: Composer, i: int) -> int:
    """A number with what it counts: percent, money, unit, or nothing."""
    item = c.items[i]
    value, readings, end, unit, kind = item.value, item.readings, item.end, item.unit, "number"
    start = item.start
    j = i + 1
    before = c.at(i - 1)
    if item.ordinal:
        kind = "ordinal"
    elif item.fraction and value < 1:
        kind = "fraction"
    if before is not None and before.role == "money" and item.start - before.end <= 1:
        unit, kind, start = before.value, "money", before.start
    elif before is not None and before.role == "pct" and item.start == before.end:
        unit, kind, start = "%", "percent", before.start
    k = j
    if (
        c.role(k) in ("dash", "a", "skip", "of")
        and (item.fraction or c.role(k) == "dash")
        and c.role(k + 1) in ("unit", "pct")
    ):
        k += 1
        if c.role(k - 1) == "of" and c.items[k].role == "unit":
            k = j
    following = c.at(k)
    gap = c.text[end : following.start] if following is not None else ""
    if item.several and c.role(j) == "of" and c.role(j + 1) == "unit" and c.items[j + 1].value in MONEY:
        unit, kind, end, j = c.items[j + 1].value, "money", c.items[j + 1].end, j + 2
    elif following is not None and len(gap) <= 5 and not unit:
        if following.role == "pct":
            unit, kind, end, j = "%", "percent", following.end, k + 1
        elif following.role == "unit" and not _claims_next(c, k) and not (item.ordinal and following.value == "times"):
            unit, end, j = following.value, following.end, k + 1
            if kind == "number" or kind == "fraction":
                kind = "money" if unit in MONEY else "quantity"
        elif following.role == "square" and c.role(k + 1) == "unit":
            unit, end, j = c.items[k + 1].value, c.items[k + 1].end, k + 2
        elif following.role == "skip" and c.role(k + 1) == "unit" and c.items[k + 1].value in MONEY:
            unit, kind, end, j = c.items[k + 1].value, "money", c.items[k + 1].end, k + 2
        elif following.role == "money":
            unit, kind, end, j = following.value, "money", following.end, k + 1
    elif following is None and c.role(k + 1) == "unit" and c.items[k + 1].value in MONEY and not unit:
        if following is None and c.items[k + 1].start - end < 14 and not item.ordinal:
            unit, kind, end, j = c.items[k + 1].value, "money", c.items[k + 1].end, k + 2
    if item.scale == 10**6 and readings and kind == "money":
        readings = ()
    if item.scale == 1 and not item.ordinal and not unit:
        scale = _shared_scale(c, j)
        if scale > 1:
            readings = (*readings, value * scale)
    if (
        not unit
        and before is not None
        and before.role == "unit"
        and before.value != "times"
        and before.raw.startswith("ال")
        and not item.joined
    ):
        unit = before.value  # الدقيقة 65
    if not item.ordinal and not item.several:
        value, end, j = _and_part(c, j, item, value, end)
    bound = "several" if item.several else _bound(c, i) or _bound_after(c, j) or "exact"
    if kind == "quantity" and unit == "year" and _is_age(c, i, j):
        kind = "age"
    parts = (Part("number", item.value, item.start, item.end),) if (start, end) != (item.start, item.end) else ()
    c.add(kind, start, end, Value(value, readings, bound, unit, item.ordinal), item.form, parts)
    return j


def _shared_scale(c: Composer, j: int) -> float:
    """The scale that a linked number says for both: two or three thousand, من 5 إلى 10 ملايين."""
    k = j + 1 if c.role(j) in _LINKS else j
    if c.role(k) == "prep":
        k += 1
    other = c.at(k)
    if other is None or other.role != "num" or other.several or (k == j and not other.joined):
        return 1
    return other.scale


def _claims_next(c: Composer, k: int) -> bool:
    """Whether the unit at `k` is rather a mark for a year that follows it: 10 عام 2010."""
    return (
        _mark(c.items[k]) and c.items[k].raw in ("عام", "سنه", "العام", "السنه") and _is_year(c.at(k + 1), 1000, 2199)
    )


def _and_part(c: Composer, j: int, item: Item, value: float, end: int) -> tuple[float, int, int]:
    """Adds ونصف, وربع behind the counted word: سبع درجات ونصف."""
    for ahead in (0, 1):
        extra = c.at(j + ahead)
        if extra is not None and extra.role == "num" and extra.fraction and extra.joined and not extra.mark:
            if ahead == 1 and (c.items[j] is not None or extra.start - end > 14):
                break
            if float(value).is_integer():
                return value + extra.value * item.scale, extra.end, j + ahead + 1
        if extra is not None:
            break
    return value, end, j


def _is_age(c: Composer, i: int, j: int) -> bool:
    """Whether a number of years is an age."""
    if any(c.role(i - back) == "age" for back in (1, 2)):
        return True
    return (
        c.role(j) == "age"
        or (c.role(j) == "dash" and c.role(j + 1) == "age")
        or (c.role(j) == "of" and c.role(j + 1) == "age")
    )


def _on_dual(c: Composer, i: int) -> int:
    """يومين, سنتان: two of a unit, with ونصف where it follows."""
    item = c.items[i]
    value, end, j = _and_part(c, i + 1, item, 2, item.end)
    unit = item.value
    kind = "money" if unit in MONEY else "quantity"
    start = item.start + (1 if item.joined else 0)
    c.add(kind, start, end, Value(value, (), _bound(c, i) or "exact", unit), "dual")
    return j


_TIMES = frozenset({"hour", "day", "week", "month", "year"})
_SINGULAR = {"مره": (1,), "decade": (10,), "age": (100,)}


def _on_unit(c: Composer, i: int) -> int:
    """ساعة ونصف: one and a half of a unit; a unit alone says nothing."""
    item = c.items[i]
    value, end, j = _and_part(c, i + 1, item, 1, item.end)
    if value > 1:
        c.add("quantity", item.start, end, Value(value, (), "exact", item.value), "words")
        return j
    hint = _SINGULAR.get(item.raw) or (_SINGULAR.get(item.value) if item.value in ("decade", "age") else None)
    if hint is not None:
        c.add("hint", item.start, item.end, Code("", hint), "words")
    elif item.value in _TIMES and c.role(i + 1) != "num" and not item.raw.startswith("ال") and item.raw[-1:] != "s":
        c.add("hint", item.start, item.end, Code(item.value, (1,)), "words")
    return i + 1


def _on_weekday(c: Composer, i: int) -> int:
    item = c.items[i]
    c.add("weekday", item.start, item.end, Date(weekday=item.value), item.form)
    return i + 1


def _on_date(c: Composer, i: int) -> int:
    item = c.items[i]
    date = item.value
    parts = [
        Part(name, value, item.start, item.end)
        for name, value in (("day", date.day), ("month", date.month), ("year", date.year))
    ]
    end = item.end
    year, calendar, j = _era(c, i + 1, date.year)
    if calendar == "hijri" and date.calendar != "hijri":
        date = Date(date.year, date.month, date.day, calendar="hijri", readings=date.readings)
    if j > i + 1:
        end = c.items[j - 1].end
    c.add("date", item.start, end, date, "digits", tuple(parts))
    return j


def _on_code(c: Composer, i: int) -> int:
    item = c.items[i]
    if (
        c.role(i - 1) == "hour"
        and len(item.value.numbers) == 2
        and min(item.value.numbers) < 24
        and max(item.value.numbers) < 60
    ):
        c.add("time", item.start, item.end, _either_clock(*item.value.numbers))
        return i + 1
    c.add("code", item.start, item.end, item.value)
    return i + 1


def _on_hint(c: Composer, i: int) -> int:
    item = c.items[i]
    if item.value == (2,):
        value, end, j = _and_part(c, i + 1, item, 2, item.end)
        if value > 2:  # ذراعان ونصف
            c.add("number", item.start, end, Value(value), "dual")
            return j
    c.add("hint", item.start, item.end, Code("", tuple(item.value)), "words")
    return i + 1


def _on_hour(c: Composer, i: int) -> int:
    return i + 1


_HANDLERS = {
    "num": _on_number, "month": _on_month, "weekday": _on_weekday, "century": _on_century, "decade": _on_decade,
    "date": _on_date, "clock": _on_clock, "code": _on_code, "hint": _on_hint, "dual": _on_dual, "unit": _on_unit,
}  # fmt: skip
