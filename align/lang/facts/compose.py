"""Items to facts: which grammar reads which item."""

from . import dates, quantities, times
from .items import Item
from .types import Fact
from .walk import Composer, is_day


def facts(text: str, items: list[Item | None]) -> list[Fact]:
    """The facts of a text in its order, none overlapping."""
    c = Composer(text, items)
    i, n = 0, len(items)
    while i < n:
        item = items[i]
        handler = _HANDLERS.get(item.role) if item is not None else None
        i = handler(c, i) if handler is not None else i + 1
    return c.facts


def _on_number(c: Composer, i: int) -> int:
    """A number is the first of these that it can be: a day, a time, a century, half of something, a year, a
    quantity.
    """
    stop = dates.day_month(c, i) if is_day(c.items[i]) else 0
    for grammar in _GRAMMARS:
        stop = stop or grammar(c, i)
    return stop


_GRAMMARS = (
    times.spoken, dates.century_after, quantities.ordinal_part, dates.year, dates.year_range, quantities.quantity,
)  # fmt: skip
_HANDLERS = {
    "num": _on_number, "month": dates.on_month, "weekday": dates.on_weekday, "century": dates.on_century,
    "decade": dates.on_decade, "date": dates.on_date, "clock": times.on_clock, "code": times.on_code,
    "hint": quantities.on_hint, "dual": quantities.on_dual, "unit": quantities.on_unit,
}  # fmt: skip
