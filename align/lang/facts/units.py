"""Canonical units: what they measure and how large they are in the dimension's base unit."""

from functools import cache

from .. import tables

MONEY = "money"
# كيلو is a kilogram, and now and then a kilometre. The pound of weight and of money share a word in English; the riyal and the rial share one in Arabic.
ALIKE = {
    frozenset(pair)
    for pair in (("pound", "lb"), ("pound", "gbp"), ("pound", "lira"), ("pound", "sar"), ("degree", "times"), ("kg", "km"))
}  # fmt: skip


@cache
def sizes() -> dict[str, tuple[str, float]]:
    """The dimension of units and their size in its base unit."""
    rows = tables.rows("units")
    return {unit: (dimension, tables.number(size)) for unit, dimension, size, *_ in rows if dimension and dimension != MONEY}


@cache
def money() -> frozenset[str]:
    """The currencies."""
    return frozenset(row[0] for row in tables.rows("units") if row[1] == MONEY)


@cache
def loose() -> frozenset[str]:
    """Units of a word with other meanings, which are no ground against another dimension."""
    return frozenset(row[0] for row in tables.rows("units") if "loose" in row[3:])


def of_country(unit: str, country: str) -> str:
    """The currency of a country (`sar-qa`, the riyal of Qatar) from the name that it shares with others."""
    return f"{unit}-{country}" if country and unit in money() and unit not in ("eur", "cent") else unit


def is_money(unit: str) -> bool:
    """Whether a unit is a currency, of a country or of any."""
    return unit.partition("-")[0] in money()


def same(first: str, second: str) -> bool:
    """Whether two units can be one: equal, one of them or its country unnamed, or known to share a word."""
    if first == second or not first or not second:
        return True
    if first == "gbp" or second == "gbp":
        first, second = (("pound-gb" if unit == "gbp" else unit) for unit in (first, second))
    (one, here), (other, there) = ((unit.partition("-")[::2]) for unit in (first, second))
    if here and there and here != there:
        return False
    return one == other or frozenset((one, other)) in ALIKE


def kinds_of(unit: str) -> frozenset[str]:
    """What a unit can measure: its dimension, `money`, both for the pound; nothing for what is only counted."""
    kinds = {sizes()[unit][0]} if unit in sizes() else set()
    if is_money(unit):
        kinds.add(MONEY)
    return frozenset(kinds | {"mass"} if unit == "pound" else kinds)


def in_base(number: float, unit: str) -> tuple[str, float] | None:
    """The dimension and the size in its base unit, or None for units that do not convert."""
    size = sizes().get(unit)
    return (size[0], number * size[1]) if size else None
