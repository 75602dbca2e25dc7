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
_ARABIC = {
    clitic + fold_arabic(stem + ending): direction
    for direction, stem in _STEMS.items()
    for ending in ("", "ي", "ية", "يين", "يون")
    for clitic in ("", "ال", "ب", "ل", "و", "بال", "لل", "وال", "في")
}


def directions(text: Analysed, first: int, stop: int) -> tuple[frozenset[str], tuple[int, int]]:
    """The directions said with the place of tokens `first` to `stop`, inside it or right beside it, and the run of tokens
    that they make with it."""
    table = _ENGLISH if text.lang == "en" else _ARABIC
    found = {i for i in range(first, stop) if _said(text, i, table)}
    low, high = first, stop
    of = 1 if text.lang == "en" and 0 < first and text.tokens[first - 1].form == "of" else 0
    for i in (first - 1 - of, first - 2 - of):
        if i < 0 or i != low - 1 - of or not _said(text, i, table) or not _touch(text, i, first):
            break
        found.add(i)
        low, of = i, 0
    while text.lang == "ar" and high < len(text.tokens) and _said(text, high, table) and _touch(text, high - 1, high):
        found.add(high)
        high += 1
    return frozenset("".join(_said(text, i, table) for i in found)), (low, high)


def _said(text: Analysed, i: int, table: dict[str, str]) -> str:
    token = text.tokens[i]
    return table.get(token.text.lower() if text.lang == "en" else token.form, "")


def _touch(text: Analysed, i: int, j: int) -> bool:
    """Whether there are only words between two tokens."""
    return not set(text.text[text.tokens[i].end : text.tokens[j].start]) & set(",;.:()،؛\n")
