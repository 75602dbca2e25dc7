"""The suras of the Quran by name: a verse is cited by the name in Arabic, and by the number in most other languages."""

from functools import cache

from .. import tables
from .numbers import key


@cache
def suras() -> dict[str, int]:
    """The numbers of the suras by their folded names."""
    return {name: int(number) for number, names in tables.rows("ar/suras", key) for name in tables.words(names)}
