"""Where clauses and phrases begin and which words carry grammar, as the `grammar.tsv` of a language has it."""

from collections.abc import Callable
from functools import cached_property

from . import tables

CLAUSE, PHRASE = 2, 1


class Grammar:
    """The lists of a language's table, read when they are first asked for; words are given folded by `fold`.

    `begins_phrase` tells whether a word that no list has begins a phrase by its letters.
    """

    def __init__(self, table: str, begins_phrase: Callable[[str], bool], fold: tables.Fold | None = None) -> None:
        self._table, self._begins_phrase, self._fold = table, begins_phrase, fold

    @cached_property
    def _lists(self) -> dict[str, frozenset[str]]:
        return tables.lists(self._table, self._fold)

    def function_words(self) -> frozenset[str]:
        """The words that carry grammar rather than content."""
        return self._lists["function"]

    def is_function(self, word: str) -> bool:
        """Whether a word carries grammar rather than content."""
        return word in self._lists["function"]

    def opens(self, word: str) -> int:
        """How strongly a word begins something that can be left out: 2 a clause, 1 a phrase, 0 not."""
        if word in self._lists["clause"]:
            return CLAUSE
        return PHRASE if word in self._lists["phrase"] or self._begins_phrase(word) else 0
