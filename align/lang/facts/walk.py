"""The walk over a text's items: what stands where, and the facts found so far."""

from .items import Item
from .types import Clock, Code, Date, Fact, Part, Value

LINKS = ("dash", "to", "and", "slash")


class Composer:
    """The items of a text, looked at by position, and the facts made of them, in order and without overlap."""

    __slots__ = ("facts", "items", "text")

    def __init__(self, text: str, items: list[Item | None]):
        self.text, self.items = text, items
        self.facts: list[Fact] = []

    def at(self, i: int) -> Item | None:
        """The item at `i`, None outside."""
        return self.items[i] if 0 <= i < len(self.items) else None

    def role(self, i: int) -> str:
        """The role at `i`, empty where there is none."""
        item = self.items[i] if 0 <= i < len(self.items) else None
        return item.role if item is not None else ""

    def add(
        self,
        kind: str,
        start: int,
        end: int,
        value: Value | Date | Clock | Code,
        form: str = "digits",
        parts: tuple[Part, ...] = (),
    ) -> None:
        """Appends a fact unless it would overlap the one before."""
        if self.facts and start < self.facts[-1].end:
            start = self.facts[-1].end
            if start >= end:
                return
        self.facts.append(Fact(start, end, self.text[start:end], kind, value, form, parts))


def is_day(item: Item | None) -> bool:
    """Whether an item can be the day of a month."""
    if item is None or item.role != "num" or item.fraction or item.several:
        return False
    value = item.value
    return 1 <= value <= 31 and value == int(value) and (item.form != "digits" or len(item.raw) <= 2)


def is_year(item: Item | None, low: int = 1000, high: int = 2500) -> bool:
    """Whether an item can be a year from `low` to `high`: plain digits or a number in words."""
    if item is None or item.role != "num" or item.fraction or item.several or item.ordinal:
        return False
    if item.form == "digits" and (not item.raw.isdigit() or len(item.raw) > 4):
        return False
    return low <= item.value <= high and item.value == int(item.value)


def is_year_mark(item: Item | None) -> bool:
    """Whether an item is the word "year" as a mark before a year."""
    return item is not None and item.role == "unit" and item.value == "year" and item.mark
