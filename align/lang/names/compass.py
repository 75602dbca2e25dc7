"""Directions that tell places of one name apart: North and South Korea, northern and southern Italy."""

from .find import Analysed
from .letters import fold_arabic

_ENGLISH = {
    form: direction
    for direction, forms in {
        "n": "north northern", "s": "south southern", "e": "east eastern", "w": "west western",
        "ne": "northeast northeastern", "nw": "northwest northwestern", "se": "southeast southeastern",
        "sw": "southwest southwestern",
    }.items()
    for form in forms.split()
}  # fmt: skip
_STEMS = {"n": "شمال", "s": "جنوب", "e": "شرق", "w": "غرب"}
_BEFORE = {
    clitic + fold_arabic(stem + ending): direction
    for direction, stem in _STEMS.items()
    for ending in ("", "ي")
    for clitic in ("", "ب", "ل", "و", "وب", "ول")
}
_BEHIND = {
    "ال" + fold_arabic(stem + ending): direction
    for direction, stem in _STEMS.items()
    for ending in ("ي", "ية", "يين", "يون", "يتين", "يتان")
}


def directions(text: Analysed, first: int, stop: int) -> tuple[frozenset[str], tuple[int, int]]:
    """The directions said with the place of tokens `first` to `stop`, inside it or right beside it, and the run of tokens
    that they make with it."""
    before, inside = (_ENGLISH, _ENGLISH) if text.lang == "en" else (_BEFORE, _BEHIND | _BEFORE)
    found = {i: inside[w] for i in range(first, stop) if (w := _word(text, i)) in inside}
    low, high = first, stop
    gap = 2 if text.lang == "en" and first > 1 and text.tokens[first - 1].form == "of" else 1
    for _ in range(2):
        i = low - gap
        if i < 0 or _word(text, i) not in before or not _touch(text, i, low):
            break
        found[i], low, gap = before[_word(text, i)], i, 1
    while text.lang == "ar" and high < len(text.tokens) and _word(text, high) in _BEHIND and _touch(text, high - 1, high):
        found[high] = _BEHIND[_word(text, high)]
        high += 1
    return frozenset("".join(found.values())), (low, high)


def _word(text: Analysed, i: int) -> str:
    token = text.tokens[i]
    return token.text.lower() if text.lang == "en" else token.form


def _touch(text: Analysed, i: int, j: int) -> bool:
    """Whether there are only words between two tokens."""
    return not set(text.text[text.tokens[i].end : text.tokens[j].start]) & set(",;.:()،؛\n")
