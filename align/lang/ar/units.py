"""Arabic words for units of measure, currencies and counts of time, by canonical name; duals say the number two."""

from functools import cache

from .. import tables
from .numbers import key

_CONJUNCTIONS = ("و", "ب", "ل", "ف")
_ADJECTIVE_ENDINGS = ("", "ه", "ا", "ين", "ان", "ات")


@cache
def units() -> dict[str, str]:
    """The units by their folded words, with the article and without."""
    found = {word: unit for unit, words, *_ in tables.rows("ar/units", key) for word in words.split()}
    return found | {"ال" + word: unit for word, unit in found.items()}


@cache
def duals() -> dict[str, str]:
    """The units by their folded duals, with the article and conjunctions that they may bear."""
    stems = {stem: unit for unit, _, *more in tables.rows("ar/units", key) for cell in more for stem in cell.split()}
    plain = {stem + ending: unit for stem, unit in stems.items() for ending in ("ان", "ين")}
    found = dict(plain)
    for word, unit in plain.items():
        found["ال" + word] = found["وال" + word] = unit
        found |= {conjunction + word: unit for conjunction in _CONJUNCTIONS}
    return found


@cache
def countries() -> dict[str, str]:
    """The countries (ISO 3166, small letters) by the folded adjectives that tell currencies of one name apart."""
    return {
        article + stem + ending: country
        for country, _, *more in tables.rows("countries", key)
        for cell in more
        for stem in cell.split()
        for article in ("", "ال")
        for ending in _ADJECTIVE_ENDINGS
    }
