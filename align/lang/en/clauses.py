"""English: where clauses and phrases begin, and which words carry grammar; words are given in small letters."""

from ..grammar import Grammar

_GRAMMAR = Grammar("en/grammar", lambda word: len(word) > 5 and word.endswith("ing"))
function_words, is_function, opens = _GRAMMAR.function_words, _GRAMMAR.is_function, _GRAMMAR.opens
