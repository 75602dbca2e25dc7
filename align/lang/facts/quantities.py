"""Items to numbers: plain, with units, money, percent, fractions and ordinals, in both languages."""

from dataclasses import dataclass
from functools import cache

from .contexts import arabic_words, english_words
from .items import Item
from .types import Code, Part, Value
from .units import sizes, is_money, of_country
from .walk import LINKS, Composer, is_year, is_year_mark

_TIMES = frozenset({"hour", "day", "week", "month", "year"})
_SINGULAR = {"مره": (1,), "decade": (10,), "age": (100,), "fortnight": (14, 15, 2)}


@cache
def _below() -> frozenset[str]:
    """What stands before the zero of ten below zero."""
    return arabic_words("below") | english_words("below")


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
            return item.value if item.raw in arabic_words("bound_behind") else ""
        if item is not None and item.role in ("num", "comma"):
            break
    return ""


@dataclass(slots=True)
class _Quantity:
    """What is known so far of the number at an item: `stop` is the position after what belongs to it."""

    value: float
    readings: tuple[float, ...]
    start: int
    end: int
    unit: str
    kind: str
    stop: int

    def takes(self, item: Item, stop: int, unit: str, kind: str = "") -> None:
        """Adds what `item` says, the last before position `stop`."""
        self.unit, self.end, self.stop, self.kind = unit, item.end, stop, kind or self.kind


def quantity(c: Composer, i: int) -> int:
    """A number with what it counts: percent, money, unit, or nothing."""
    item = c.items[i]
    kind = "ordinal" if item.ordinal else "fraction" if item.fraction and item.value < 1 else "number"
    said = _Quantity(item.value, item.readings, item.start, item.end, item.unit, kind, i + 1)
    before = c.at(i - 1)
    if before is not None and before.role == "money" and item.start - before.end <= 1:
        said.unit, said.kind, said.start = before.value, "money", before.start
    elif before is not None and before.role == "pct" and item.start == before.end:
        said.unit, said.kind, said.start = "%", "percent", before.start
    _counted_behind(c, item, said)
    _country_behind(c, said)
    if item.scale == _MILLION and said.kind == "money":
        said.readings = ()  # 5m dollars are no metres
    if item.scale == 1 and not item.ordinal and not said.unit:
        scale = _shared_scale(c, said.stop)
        if scale > 1:
            said.readings = (*said.readings, said.value * scale)
    if not said.unit and _is_numbered(before, item):
        said.unit = before.value  # الدقيقة 65
    if not item.ordinal and not item.several:
        said.value, said.end, said.stop = _and_part(c, said.stop, item, said.value, said.end)
    _apply_sign(c, i, item, said)
    bound = "several" if item.several else _bound(c, i) or _bound_after(c, said.stop) or "exact"
    if said.kind == "quantity" and said.unit == "year" and _is_age(c, i, said.stop):
        said.kind = "age"
    is_all = (said.start, said.end) == (item.start, item.end)
    parts = () if is_all else (Part("number", item.value, item.start, item.end),)
    value = Value(said.value, said.readings, bound, said.unit, item.ordinal)
    c.add(said.kind, said.start, said.end, value, item.form, parts)
    return said.stop


_MILLION = 10**6
_GAP, _FAR_GAP = 5, 14  # code points between a number and its unit, and over a word that is no item


def _counted_behind(c: Composer, item: Item, said: _Quantity) -> None:
    """Adds the unit, percent or currency that follows the number."""
    j = said.stop
    k = _over_links(c, j, item)
    following = c.at(k)
    gap = following.start - said.end if following is not None else 0
    if item.several and c.role(j) == "of" and c.role(j + 1) == "unit" and is_money(c.items[j + 1].value):
        said.takes(c.items[j + 1], j + 2, c.items[j + 1].value, "money")
    elif following is not None and (gap <= _GAP or k == j + 2) and not said.unit:
        _takes_following(c, k, item, following, said)
    elif following is None and c.role(k + 1) == "unit" and is_money(c.items[k + 1].value) and not said.unit:
        if c.items[k + 1].start - said.end < _FAR_GAP and not item.ordinal:
            said.takes(c.items[k + 1], k + 2, c.items[k + 1].value, "money")


def _over_links(c: Composer, j: int, item: Item) -> int:
    """Where the unit of a number stands over what may link it: 5-year, a quarter of an hour; `j` where nothing does."""
    is_link = c.role(j) in ("dash", "a", "skip", "of") and (item.fraction or c.role(j) == "dash")
    if is_link and c.role(j + 1) in ("unit", "pct"):
        return j if c.role(j) == "of" and c.items[j + 1].role == "unit" else j + 1
    if item.fraction and (c.role(j), c.role(j + 1), c.role(j + 2)) == ("of", "a", "unit"):
        return j + 2
    return j


def _takes_following(c: Composer, k: int, item: Item, following: Item, said: _Quantity) -> None:
    """Adds what the item at `k`, right behind the number, says of it."""
    behind = c.items[k + 1] if c.role(k + 1) == "unit" else None
    if following.role == "pct":
        said.takes(following, k + 1, following.value, "percent")
    elif following.role == "country" and behind is not None:
        said.takes(behind, k + 2, of_country(behind.value, following.value), "money")
    elif following.role == "unit" and not _claims_next(c, k) and not (item.ordinal and following.value == "times"):
        is_plain = said.kind in ("number", "fraction")
        said.takes(following, k + 1, following.value, ("money" if is_money(following.value) else "quantity") if is_plain else "")
    elif following.role == "hour" and item.fraction and not item.joined:
        said.takes(following, k + 1, "hour", "quantity")  # ثلاثة أرباع الساعة
    elif following.role == "square" and behind is not None:
        said.takes(behind, k + 2, behind.value)
    elif following.role == "skip" and behind is not None and is_money(behind.value):
        said.takes(behind, k + 2, behind.value, "money")
    elif following.role == "money":
        said.takes(following, k + 1, following.value, "money")


def _country_behind(c: Composer, said: _Quantity) -> None:
    """Adds the country of a currency, and the sterling of pounds."""
    following = c.at(said.stop)
    if said.kind == "money" and c.role(said.stop) == "country":
        said.takes(following, said.stop + 1, of_country(said.unit, following.value))
    elif said.unit == "pound" and c.role(said.stop) == "unit" and following.value == "gbp":
        said.takes(following, said.stop + 1, "gbp", "money")


def _is_numbered(before: Item | None, item: Item) -> bool:
    """Whether the number rather numbers the unit before it: الدقيقة 65, and not أيام الأسبوع السبعة."""
    if before is None or before.role != "unit" or before.value == "times" or not before.raw.startswith("ال"):
        return False
    if item.joined or item.fraction:
        return False
    return item.form != "words" or item.ordinal or before.raw not in arabic_words("one_of_it")


def _apply_sign(c: Composer, i: int, item: Item, said: _Quantity) -> None:
    """Makes a number negative that is told so, before it or behind."""
    minus = _minus(c, i, item) if said.unit in _SIGNED or is_money(said.unit) else None
    if minus is not None and not (minus.role == "dash" and c.role(said.stop) == "dash"):
        value = said.value
        said.value, said.start = -value, minus.start
        if said.unit in ("%", "pp") or minus.start == 0:
            said.readings = (*said.readings, value)  # a fall of 3 %, the sign of a list
    elif said.unit in _SIGNED and (below := _below_zero(c, said.stop, said.end)):
        said.value, said.end, said.stop = -said.value, c.items[below - 1].end, below


_SIGNED = ("", "degree", "%", "pp")  # what is counted below nothing
_MINUS = "-\u2212\u2013"


def _minus(c: Composer, i: int, item: Item) -> Item | None:
    """The minus before the number at `i`: the word, or a dash that hangs on it and on nothing before."""
    before = c.at(i - 1)
    if before is None or before.end < item.start - 1 or item.ordinal or item.fraction:
        return None
    if before.role == "minus" and c.role(i - 2) != "num":
        return before
    free = before.start == 0 or c.text[before.start - 1] in " \u00a0\n\t(:["
    is_sign = before.role == "dash" and before.value in _MINUS and before.end == item.start and item.form == "digits" and c.role(i - 2) not in ("num", "dash")
    return before if is_sign and free else None


def _below_zero(c: Composer, j: int, end: int) -> int:
    """The position after `below zero` or سالبة that follows a quantity which ends at `end`, or 0."""
    for ahead in range(3):
        item = c.at(j + ahead)
        if item is not None and item.role == "minus" and ahead == 0 and "\u0600" < item.raw[:1]:
            return j + 1  # عشر درجات سالبة
        if item is not None and item.role == "hint" and item.value == (0,):
            words = c.text[end : item.start].lower().split()
            return j + ahead + 1 if words and words[-1] in _below() else 0
        if item is not None and item.role not in ("bound", "prep"):
            return 0
    return 0


def _shared_scale(c: Composer, j: int) -> float:
    """The scale that a linked number says for both: two or three thousand, من 5 إلى 10 ملايين."""
    k = j + 1 if c.role(j) in LINKS else j
    if c.role(k) == "prep":
        k += 1
    other = c.at(k)
    if other is None or other.role != "num" or other.several or (k == j and not other.joined):
        return 1
    return other.scale


def _claims_next(c: Composer, k: int) -> bool:
    """Whether the unit at `k` is rather a mark for a year that follows it: 10 عام 2010."""
    return (
        is_year_mark(c.items[k])
        and c.items[k].raw in arabic_words("one_year")
        and is_year(c.at(k + 1), 1000, 2199)
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


def ordinal_part(c: Composer, i: int) -> int:
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


def on_dual(c: Composer, i: int) -> int:
    """يومين, سنتان: two of a unit, with ونصف where it follows."""
    item = c.items[i]
    value, end, j = _and_part(c, i + 1, item, 2, item.end)
    unit = item.value
    kind = "money" if is_money(unit) else "quantity"
    if kind == "money" and c.role(j) == "country":
        unit, end, j = of_country(unit, c.items[j].value), c.items[j].end, j + 1
    start = item.start + (1 if item.joined else 0)
    c.add(kind, start, end, Value(value, (), _bound(c, i) or "exact", unit), "dual")
    return j


def on_unit(c: Composer, i: int) -> int:
    """ساعة ونصف: one and a half of a unit; a unit alone says nothing."""
    item = c.items[i]
    value, end, j = _and_part(c, i + 1, item, 1, item.end)
    if value > 1:
        c.add("quantity", item.start, end, Value(value, (), "exact", item.value), "words")
        return j
    hint = _SINGULAR.get(item.raw) or (_SINGULAR.get(item.value) if item.value in ("decade", "age", "fortnight") else None)
    if hint is not None:
        c.add("hint", item.start, item.end, Code("", hint), "words")
    elif _is_one(c, i) and not item.raw.startswith("ال") and item.raw[-1:] != "s":
        c.add("hint", item.start, item.end, Code(item.value, (1,)), "words")
    return i + 1


def _is_one(c: Composer, i: int) -> bool:
    """Whether the unit at `i` may stand for one of it: a year, or what a smaller unit follows (كيلو و800 غرام)."""
    unit, following = c.items[i].value, c.at(i + 1)
    if following is not None and following.role == "num":
        return unit in sizes() and following.joined
    return unit in _TIMES


def on_hint(c: Composer, i: int) -> int:
    """Adds a hint, or the number that a dual noun with ونصف says."""
    item = c.items[i]
    if item.value == (2,):
        value, end, j = _and_part(c, i + 1, item, 2, item.end)
        if value > 2:  # ذراعان ونصف
            c.add("number", item.start, end, Value(value), "dual")
            return j
    c.add("hint", item.start, item.end, Code("", tuple(item.value)), "words")
    return i + 1
