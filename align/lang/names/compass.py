"""Directions that tell places of one name apart: North and South Korea, northern and southern Italy."""

from functools import cache

from .. import tables
from ..ar.letters import fold
from .find import Analysed



@cache
def _english() -> dict[str, str]:
    """Directions (n, sw) by their English words."""
    return {word: direction for direction, words, *_ in tables.rows("names/compass") for word in words.split()}


@cache
def _arabic(before: bool) -> dict[str, str]:
    """Directions by their folded Arabic words: those that stand before a place, or those behind it, with the article."""
    clitics = ("", "ب", "ل", "و", "وب", "ول") if before else ("ال",)
    endings = ("", "ي") if before else ("ي", "يه", "يين", "يون", "يتين", "يتان")
    return {
        clitic + stem + ending: direction
        for direction, _, *stems in tables.rows("names/compass", fold)
        for stem in stems
        for ending in endings
        for clitic in clitics
    }


def directions(text: Analysed, first: int, stop: int) -> tuple[frozenset[str], tuple[int, int]]:
    """The directions said with the place of tokens `first` to `stop`, inside it or right beside it, and the run of tokens
    that they make with it."""
    is_english = text.lang == "en"
    before = _english() if is_english else _arabic(before=True)
    behind = {} if is_english else _arabic(before=False)
    inside = behind | before
    found = {i: inside[w] for i in range(first, stop) if (w := _word(text, i)) in inside}
    low, high = first, stop
    gap = 2 if is_english and first > 1 and text.tokens[first - 1].form == "of" else 1
    for _ in range(2):
        i = low - gap
        if i < 0 or _word(text, i) not in before or not _touch(text, i, low):
            break
        found[i], low, gap = before[_word(text, i)], i, 1
    while high < len(text.tokens) and _word(text, high) in behind and _touch(text, high - 1, high):
        found[high] = behind[_word(text, high)]
        high += 1
    return frozenset("".join(found.values())), (low, high)


def _word(text: Analysed, i: int) -> str:
    token = text.tokens[i]
    return token.text.lower() if text.lang == "en" else token.form


def _touch(text: Analysed, i: int, j: int) -> bool:
    """Whether there are only words between two tokens."""
    return not set(text.text[text.tokens[i].end : text.tokens[j].start]) & set(",;.:()،؛\n")
