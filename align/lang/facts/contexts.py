"""Words that a number or a date stands beside: the `contexts.tsv` of each language."""

from functools import cache

from .. import tables
from ..ar.numbers import key


@cache
def arabic_words(name: str) -> frozenset[str]:
    """A list of `ar/contexts.tsv`, folded by `numbers.key`."""
    return tables.lists("ar/contexts", key)[name]


@cache
def english_words(name: str) -> frozenset[str]:
    """A list of `en/contexts.tsv`."""
    return tables.lists("en/contexts")[name]
