"""English: where clauses and phrases begin, and which words carry grammar."""

from functools import cache

from .. import tables

CLAUSE, PHRASE = 2, 1


@cache
def _grammar() -> dict[str, frozenset[str]]:
    return tables.lists("en/grammar")


def function_words() -> frozenset[str]:
    """The lower-case words that carry grammar rather than content."""
    return _grammar()["function"]


def opens(word: str) -> int:
    """How strongly a lower-case word begins something that can be left out: 2 a clause, 1 a phrase, 0 not."""
    grammar = _grammar()
    if word in grammar["clause"]:
        return CLAUSE
    if word in grammar["phrase"]:
        return PHRASE
    return PHRASE if len(word) > 5 and word.endswith("ing") else 0


def is_function(word: str) -> bool:
    """Whether a lower-case word carries grammar rather than content."""
    return word in function_words()
