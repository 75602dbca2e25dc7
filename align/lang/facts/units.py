"""Canonical units: what they measure and how large they are in the dimension's base unit."""

# (dimension, size in base units)
SIZES: dict[str, tuple[str, float]] = {
    "mm": ("length", 0.001), "cm": ("length", 0.01), "m": ("length", 1), "km": ("length", 1000),
    "inch": ("length", 0.0254), "foot": ("length", 0.3048), "yard": ("length", 0.9144), "mile": ("length", 1609.344),
    "mg": ("mass", 1e-6), "g": ("mass", 0.001), "kg": ("mass", 1), "tonne": ("mass", 1000), "mt": ("mass", 1e9),
    "gt": ("mass", 1e12), "lb": ("mass", 0.4536),
    "ounce": ("mass", 0.02835), "stone": ("mass", 6.35),
    "ms": ("time", 0.001 / 86400), "second": ("time", 1 / 86400), "minute": ("time", 1 / 1440),
    "hour": ("time", 1 / 24),
    "day": ("time", 1), "week": ("time", 7), "fortnight": ("time", 14), "month": ("time", 30.4375),
    "year": ("time", 365.25), "decade": ("time", 3652.5), "age": ("time", 36525),
    "hectare": ("area", 1), "acre": ("area", 0.4047),
    "ml": ("volume", 0.001), "litre": ("volume", 1), "gallon": ("volume", 3.785), "barrel": ("volume", 159),
    "watt": ("power", 1), "kw": ("power", 1e3), "mw": ("power", 1e6), "gw": ("power", 1e9),
    "kb": ("data", 1), "mb": ("data", 1e3), "gb": ("data", 1e6), "tb": ("data", 1e9),
    "%": ("share", 0.01), "pp": ("share", 0.01),
}  # fmt: skip
MONEY = frozenset(
    "usd cent eur gbp pound jpy cny sar aed dinar lira rupee rouble shekel franc peso krona".split()
)  # fmt: skip
# كيلو is a kilogram, and now and then a kilometre. The pound of weight and of money share a word in English; the riyal and the rial share one in Arabic.
ALIKE = {
    frozenset(pair)
    for pair in (("pound", "lb"), ("pound", "gbp"), ("pound", "lira"), ("pound", "sar"), ("degree", "times"), ("kg", "km"))
}  # fmt: skip
# Units of a word with other meanings (meters, minutes, millions; a foot, a second, a degree): no ground against another dimension.
LOOSE = frozenset(("m", "second", "age", "foot", "degree", "times", "pound", "decade", "stone"))


def of_country(unit: str, country: str) -> str:
    """The currency of a country (`sar-qa`, the riyal of Qatar) from the name that it shares with others."""
    return f"{unit}-{country}" if country and unit in MONEY and unit not in ("eur", "cent") else unit


def is_money(unit: str) -> bool:
    """Whether a unit is a currency, of a country or of any."""
    return unit.partition("-")[0] in MONEY


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
    kinds = {SIZES[unit][0]} if unit in SIZES else set()
    if is_money(unit):
        kinds.add("money")
    return frozenset(kinds | {"mass"} if unit == "pound" else kinds)


def in_base(number: float, unit: str) -> tuple[str, float] | None:
    """The dimension and the size in its base unit, or None for units that do not convert."""
    size = SIZES.get(unit)
    return (size[0], number * size[1]) if size else None
