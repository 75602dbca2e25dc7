"""English words and signs for units of measure, currencies and counts of time, by canonical name."""

from functools import cache

from .. import tables


@cache
def units() -> dict[str, str]:
    """The units by their words in small letters."""
    return {word: unit for unit, words in tables.rows("en/units") for word in words.split()}


@cache
def suffixes() -> dict[str, str]:
    """What letters glued to digits say (5ft, 10m, 7am): a unit, a scale, a half of the day, or two of these with a bar."""
    return {letters: said for said, cell in tables.rows("en/suffixes") for letters in cell.split()}


@cache
def countries() -> dict[str, str]:
    """The countries (ISO 3166, small letters) by the adjectives that tell currencies of one name apart."""
    return {word: country for country, words, *_ in tables.rows("countries") for word in words.split()}


@cache
def currencies() -> dict[str, str]:
    """The currencies by their signs and by their codes (ISO 4217, in capitals)."""
    return {sign: currency for sign, currency, *_ in tables.rows("currencies")}


@cache
def plain_codes() -> frozenset[str]:
    """Codes of currencies that are hardly the short form of something else."""
    return frozenset(sign for sign, _, *more in tables.rows("currencies") if more)
