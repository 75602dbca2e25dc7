"""Arabic: where clauses and phrases begin, and which words carry grammar."""

from functools import cache

from .. import tables
from .letters import fold

CLAUSE, PHRASE = 2, 1
_GLUED = "وبلف"  # and, in, for, as: glued to a word, they begin a phrase


@cache
def _grammar() -> dict[str, frozenset[str]]:
    return tables.lists("ar/grammar", fold)


def function_words() -> frozenset[str]:
    """The folded words that carry grammar rather than content."""
    return _grammar()["function"]


def opens(word: str) -> int:
    """How strongly a folded word begins something that can be left out: 2 a clause, 1 a phrase, 0 not."""
    grammar = _grammar()
    if word in grammar["clause"]:
        return CLAUSE
    if word in grammar["phrase"]:
        return PHRASE
    return PHRASE if len(word) > 3 and word[0] in _GLUED else 0  # many words merely begin with these letters


def is_function(word: str) -> bool:
    """Whether a folded word carries grammar rather than content."""
    return word in function_words()
