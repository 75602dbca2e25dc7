"""Arabic: where clauses and phrases begin, and which words carry grammar; words are given folded."""

from ..grammar import Grammar
from .letters import fold

_GLUED = "وبلف"  # and, in, for, as: glued to a word, they begin a phrase

# Many words merely begin with these letters.
_GRAMMAR = Grammar("ar/grammar", lambda word: len(word) > 3 and word[0] in _GLUED, fold)
function_words, is_function, opens = _GRAMMAR.function_words, _GRAMMAR.is_function, _GRAMMAR.opens
