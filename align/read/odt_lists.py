"""The automatic numbers of the lists and headings of OpenDocument texts."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .containers import local
from .numbering import whole, written

_T = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_XML_ID = "{http://www.w3.org/XML/1998/namespace}id"
_TEMPLATE = re.compile(r"%(\d{1,2})%")
_DEEPEST = 10
_FORMATS = {"1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman", "": "none"}


@dataclass(frozen=True, slots=True)
class _Level:
    """How a level is numbered; `template` holds `%1%` for the number of the first level."""

    start: int
    format: str
    template: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where in its list a text stands: the list's style, its level from 1, and the counts of all levels."""

    style: str
    depth: int
    counts: dict[int, int]


class Lists:
    """Counts the items of lists and the headings of one document."""

    def __init__(self, *roots: Any) -> None:
        self._styles: dict[str, dict[int, _Level]] = {}
        self._outline: dict[int, _Level] = {}
        self._heads: dict[int, int] = {}
        self._of: dict[str, dict[int, int]] = {}
        self._last: dict[str, dict[int, int]] = {}
        for root in roots:
            for style in root.iter(f"{_T}list-style", f"{_T}outline-style") if len(root) else ():
                levels = dict(_levels(style))
                if local(style) == "outline-style":
                    self._outline = levels
                else:
                    self._styles[style.get(f"{_STYLE}name") or ""] = levels

    def enter(self, element: Any, outer: Place | None) -> Place:
        """The place of the items of a list, which begins anew or goes on with another."""
        style = element.get(f"{_T}style-name") or (outer.style if outer else "")
        counts: dict[int, int] = {}
        if outer is not None:
            counts = outer.counts
        elif (before := element.get(f"{_T}continue-list")) in self._of:
            counts = self._of[before]
        elif element.get(f"{_T}continue-numbering") == "true":
            counts = self._last.get(style, counts)
        self._of[element.get(_XML_ID) or ""] = self._last[style] = counts
        return Place(style, outer.depth + 1 if outer else 1, counts)

    def item(self, place: Place, item: Any) -> str:
        """The number of an item, which is counted; an empty string where it shows none."""
        levels = self._styles.get(item.get(f"{_T}style-override") or place.style, {})
        return _counted(levels, place.counts, place.depth, item.get(f"{_T}start-value"))

    def heading(self, element: Any) -> str:
        """The number of a heading outside of lists."""
        depth = whole(element.get(f"{_T}outline-level", ""), 0)
        if not 0 < depth <= _DEEPEST or element.get(f"{_T}is-list-header") == "true":
            return ""
        return _counted(self._outline, self._heads, depth, element.get(f"{_T}start-value"))


def _levels(style: Any) -> Iterator[tuple[int, _Level]]:
    for level in style:
        depth = whole(level.get(f"{_T}level", ""), 0)
        if local(level) not in ("list-level-style-number", "outline-level-style") or not 0 < depth <= _DEEPEST:
            continue
        name = level.get(f"{_STYLE}num-format") or ""
        start, shown = level.get(f"{_T}start-value", "1"), level.get(f"{_T}display-levels", "1")
        first = max(1, depth - whole(shown, 1) + 1)
        template = next((value for key, value in level.attrib.items() if key.endswith("}num-list-format")), None)
        if template is None:
            numbers = ".".join(f"%{k}%" for k in range(first, depth + 1))
            template = (level.get(f"{_STYLE}num-prefix") or "") + numbers + (level.get(f"{_STYLE}num-suffix") or "")
        yield depth, _Level(whole(start, 1), _format(name), template if name else "")


def _format(name: str) -> str:
    """The name in Word of a format, which for Arabic letters is given by the first of them."""
    if name in _FORMATS:
        return _FORMATS[name]
    letters = [letter.strip() for letter in name.split(",")]
    if "ب" not in letters:
        return "decimal"
    return "arabicAbjad" if letters[2:3] == ["ج"] else "arabicAlpha"


def _counted(levels: dict[int, _Level], counts: dict[int, int], depth: int, start: str | None) -> str:
    level = levels.get(depth)
    first = level.start if level else 1
    counts[depth] = whole(start or "", counts.get(depth, first - 1) + 1)
    for deeper in [k for k in counts if k > depth]:
        del counts[deeper]
    if level is None:
        return ""

    def number(found: re.Match[str]) -> str:
        other = levels.get(int(found[1]))
        return written(counts.get(int(found[1]), other.start if other else 1), other.format if other else "decimal")

    return _TEMPLATE.sub(number, level.template).strip()
