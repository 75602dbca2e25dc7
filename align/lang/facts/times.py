"""Items to times of day, in both languages."""

from .items import Item
from .types import Clock, Code, Part
from .walk import Composer


def spoken(c: Composer, i: int) -> int:
    """3 p.m., 7.55am, الساعة الثامنة والنصف, الثالثة عصرا, 0800 UTC, eight in the morning: the position after it, or
    0.
    """
    item = c.items[i]
    if item.fraction or item.several or item.scale > 1:
        return 0
    if _is_military(c, i):
        c.add("time", item.start, item.end, Clock(int(item.value // 100 * 60 + item.value % 100)))
        return i + 2
    hour, minutes = int(item.value), round((item.value - int(item.value)) * 100)
    if minutes and (minutes >= 60 or len(item.raw.replace("\u066b", ".").split(".")[-1]) != 2):
        return 0
    sure = c.role(i - 1) == "hour" and item.start - c.items[i - 1].end <= 2
    j, end = i + 1, item.end
    if sure or item.ordinal:
        hour, minutes, told, j = _arabic_minutes(c, i, hour, minutes, sure)
        sure, end = sure or told, c.items[j - 1].end
    if c.role(j) == "skip":
        j += 1
    if c.role(j) == "hour" and not sure and c.items[j].start <= item.end + 2:
        if "\u0600" < c.text[c.items[j].start]:
            return 0  # 800 كيلومتر الساعة: the الساعة of something else
        sure, end, j = True, c.items[j].end, j + 1
    if c.role(j) == "of" and c.role(j + 1) == "ampm":
        j += 1
    half = ""
    if c.role(j) == "ampm":
        half, end, sure = c.items[j].value, c.items[j].end, True
        j += 1
    if not sure or hour > 24:
        return 0
    part = Part("hour", item.value, item.start, item.end)
    c.add("time", item.start, end, _clock(hour, minutes, half), item.form, (part,))
    return j


def _is_military(c: Composer, i: int) -> bool:
    """Whether four digits are a time: 0800 UTC, 2359Z, 1100 hours."""
    item, following = c.items[i], c.at(i + 1)
    if following is None or not (following.role == "zone" or (following.role == "unit" and following.raw == "hours")):
        return False
    digits = item.form == "digits" and len(item.raw) == 4 and item.raw.isdigit()
    return digits and item.value % 100 < 60 and item.value <= 2400


def _arabic_minutes(c: Composer, i: int, hour: int, minutes: int, sure: bool) -> tuple[int, int, bool, int]:
    """What follows the hour at `i`: والنصف, وعشرون دقيقة, إلا ربعا; hour, minutes, whether it is a time, next
    position.
    """
    after, j = c.at(i + 1), i + 1
    if after is not None and after.role == "num" and after.joined:
        if after.fraction:
            minutes = round(after.value * 60)
            more, sign = (c.at(j + 2), -1) if c.role(j + 1) == "less" else (c.at(j + 1), 1)
            stop = j + (3 if sign < 0 else 2)
            if more is not None and more.role == "num" and (more.joined or sign < 0) and more.value < 30:
                if c.role(stop) == "unit" and c.items[stop].value == "minute":  # والنصف وخمس دقائق
                    return hour, minutes + sign * int(more.value), True, stop + 1
            return hour, minutes, after.mark and hour <= 12, j + 1
        if c.role(j + 1) == "unit" and c.items[j + 1].value == "minute" and after.value < 60:
            return hour, int(after.value), True, j + 2
    elif c.role(j) == "less" and c.role(j + 1) == "num" and hour <= 12:
        less = c.items[j + 1]
        back, unit = int(round(less.value * 60) if less.fraction else less.value), c.role(j + 2) == "unit"
        if 0 < back < 60 and (less.fraction or unit):
            return (hour - 2) % 12 + 1, 60 - back, True, j + (3 if unit else 2)
    return hour, minutes, sure, j


def _clock(hour: int, minutes: int, half: str) -> Clock:
    """The time of an hour as said (1 to 12, or 0 and 13 to 24), its minutes and its half of the day."""
    if hour > 12 or hour == 0:
        return Clock(hour % 24 * 60 + minutes, "24")
    if half:
        return Clock((hour % 12 + (12 if half == "pm" else 0)) * 60 + minutes, half)
    return Clock(hour % 12 * 60 + minutes)


def either_order(first: int, second: int) -> Clock:
    """A time whose hour and minutes may stand in either order: 47/10 and 00:11 are 10:47 and 11:00."""
    values = [_clock(h, m, "") for h, m in ((first, second), (second, first)) if h <= 24 and m < 60]
    values.sort(key=lambda clock: clock.minutes % 60 % 5)  # minutes are more often round than not
    return Clock(values[0].minutes, values[0].half, tuple(other.minutes for other in values[1:]))


def on_clock(c: Composer, i: int) -> int:
    """8:00, 12:55 p.m."""
    item = c.items[i]
    hour, minutes, *_ = (int(part) for part in item.value.split(":"))
    end, half, j = item.end, "", i + 1
    if hour > 24 or minutes > 59:
        c.add("code", item.start, item.end, Code("", (hour, minutes)))
        return j
    if c.role(j) == "ampm":
        half, end, j = c.items[j].value, c.items[j].end, j + 1
    parts = (Part("hour", hour, item.start, item.end), Part("minute", minutes, item.start, item.end))
    value = _clock(hour, minutes, half)
    if not half and c.role(i - 1) == "hour" and hour != minutes and minutes <= 24:
        value = Clock(value.minutes, value.half, (_clock(minutes, hour, "").minutes,))
    c.add("time", item.start, end, value, item.form, parts)
    return j


def on_code(c: Composer, i: int) -> int:
    """A designation; behind الساعة 47/10 is a time."""
    item = c.items[i]
    if c.role(i - 1) == "hour" and _is_clock(item):
        c.add("time", item.start, item.end, either_order(*item.value.numbers))
    else:
        c.add("code", item.start, item.end, item.value)
    return i + 1


def _is_clock(item: Item) -> bool:
    numbers = item.value.numbers
    return len(numbers) == 2 and min(numbers) < 24 and max(numbers) < 60
