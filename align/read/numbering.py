"""The automatic numbers of a Word document's paragraphs, as Word shows them before their text."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..lang.ar.letters import ALPHABET, COUNTING

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
          (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
_DEEPEST = 9
_MOST_LETTERS = 780  # the last number that Word writes in letters


@dataclass(slots=True)
class _Level:
    """How one level of a list is numbered: `text` holds `%1` for the number of the first level."""

    start: int = 1
    format: str = "decimal"
    text: str = ""
    restart: int = -1
    legal: bool = False


@dataclass(slots=True)
class _List:
    """A list of the document: its levels, and where it counts together with others of the same scheme."""

    scheme: str
    levels: dict[int, _Level]
    starts: dict[int, int] = field(default_factory=dict)


class Numbering:
    """Counts the numbered paragraphs of a document in their order; empty where the document defines no lists."""

    def __init__(self, numbering: Any, styles: Any) -> None:
        self._lists: dict[str, _List] = {}
        self._of_style: dict[str, tuple[str, int]] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._started: set[tuple[str, int]] = set()
        if numbering is not None:
            self._read_lists(numbering)
        if styles is not None:
            self._read_styles(styles)

    def label(self, paragraph: Any) -> str:
        """The number before a paragraph, an empty string for none and for bullets; counts on as Word does."""
        found = self._place(paragraph)
        if found is None:
            return ""
        number, depth = found
        listed = self._lists.get(number)
        level = listed.levels.get(depth) if listed else None
        if listed is None or level is None:
            return ""
        counts = self._counts.setdefault(listed.scheme, {})
        if depth in listed.starts and (number, depth) not in self._started:
            self._started.add((number, depth))
            counts[depth] = listed.starts[depth]
        else:
            counts[depth] = counts[depth] + 1 if depth in counts else level.start
        for deeper in [k for k in counts if k > depth]:
            # A level begins anew after any higher one, or only after the level that it names; 0 is never.
            restart = listed.levels[deeper].restart if deeper in listed.levels else -1
            if restart < 0 or depth < restart:
                del counts[deeper]
        return _shown(listed.levels, level, counts)

    def _place(self, paragraph: Any) -> tuple[str, int] | None:
        """The list and the level of a paragraph, by itself or by its style; None for none."""
        style = paragraph.find(f"{_W}pPr/{_W}pStyle")
        from_style = self._of_style.get(_value(style)) if style is not None else self._of_style.get("")
        own = paragraph.find(f"{_W}pPr/{_W}numPr")
        if own is None:
            return from_style
        number = _value(own.find(f"{_W}numId")) or (from_style[0] if from_style else "")
        depth = _value(own.find(f"{_W}ilvl"))
        # Number 0 takes the numbering of a style away.
        return None if number in ("", "0") else (number, whole(depth, from_style[1] if from_style else 0))

    def _read_lists(self, numbering: Any) -> None:
        schemes: dict[str, dict[int, _Level]] = {}
        links: dict[str, str] = {}
        styles: dict[str, str] = {}
        for scheme in numbering.iter(f"{_W}abstractNum"):
            name = scheme.get(f"{_W}abstractNumId", "")
            schemes[name] = {_depth(level): _level(level) for level in scheme.iter(f"{_W}lvl")}
            links[name] = _value(scheme.find(f"{_W}numStyleLink"))
            if own := _value(scheme.find(f"{_W}styleLink")):
                styles[own] = name
        for number in numbering.iter(f"{_W}num"):
            scheme = _value(number.find(f"{_W}abstractNumId"))
            scheme = styles.get(links.get(scheme, ""), scheme)
            levels = dict(schemes.get(scheme, {}))
            starts: dict[int, int] = {}
            for override in number.iter(f"{_W}lvlOverride"):
                depth = _depth(override)
                start = _value(override.find(f"{_W}startOverride"))
                if start.isdecimal():
                    starts[depth] = whole(start, 0)
                if (level := override.find(f"{_W}lvl")) is not None:
                    levels[depth] = _level(level)
            self._lists[number.get(f"{_W}numId", "")] = _List(scheme, levels, starts)
        first = {listed.scheme: number for number, listed in reversed(self._lists.items())}
        for scheme in numbering.iter(f"{_W}abstractNum"):
            for level in scheme.iter(f"{_W}lvl"):
                name, number = _value(level.find(f"{_W}pStyle")), first.get(scheme.get(f"{_W}abstractNumId", ""))
                if name and number is not None:
                    self._of_style.setdefault(name, (number, _depth(level)))

    def _read_styles(self, styles: Any) -> None:
        """Takes in which styles number their paragraphs, also by the styles on which they are based."""
        own: dict[str, tuple[str, int]] = {}
        based: dict[str, str] = {}
        for style in styles.iter(f"{_W}style"):
            name = style.get(f"{_W}styleId", "")
            based[name] = _value(style.find(f"{_W}basedOn"))
            numbered = style.find(f"{_W}pPr/{_W}numPr")
            if numbered is not None:
                number, depth = _value(numbered.find(f"{_W}numId")), _value(numbered.find(f"{_W}ilvl"))
                known = self._of_style.get(name)
                own[name] = (number or (known[0] if known else ""), whole(depth, known[1] if known else 0))
            if style.get(f"{_W}default") == "1" and style.get(f"{_W}type") == "paragraph" and name in own:
                own[""] = own[name]
        for name in based:
            at, seen = name, set()
            while at and at not in own and at not in seen:
                seen.add(at)
                at = based.get(at, "")
            if at in own and own[at][0] not in ("", "0"):
                self._of_style[name] = own[at]
            elif at in own:
                self._of_style.pop(name, None)


def _depth(element: Any) -> int:
    """The level that an element speaks of, from 0."""
    return whole(element.get(f"{_W}ilvl", "0"), 0)


def whole(told: str, otherwise: int) -> int:
    """The number that an attribute tells; `otherwise` where it tells none, or one beyond all numbers of lists."""
    return int(told) if told.isdecimal() and len(told) < 10 else otherwise


def _value(element: Any) -> str:
    return "" if element is None else element.get(f"{_W}val", "")


def _level(element: Any) -> _Level:
    start, restart = (_value(element.find(f"{_W}{name}")) for name in ("start", "lvlRestart"))
    legal = element.find(f"{_W}isLgl")
    return _Level(
        whole(start, 0),
        _value(element.find(f"{_W}numFmt")) or "decimal",
        _value(element.find(f"{_W}lvlText")),
        whole(restart, -1),
        legal is not None and legal.get(f"{_W}val", "1") not in ("0", "false"),
    )


def _shown(levels: dict[int, _Level], level: _Level, counts: dict[int, int]) -> str:
    """The text of a level with its numbers in it; nothing for a bullet."""
    if level.format in ("bullet", "none") or "%" not in level.text:
        return "" if level.format == "bullet" else level.text.strip()
    text = level.text
    for depth in range(_DEEPEST):
        mark = f"%{depth + 1}"
        if mark in text:
            other = levels.get(depth, _Level())
            name = "decimal" if level.legal and depth in levels else other.format
            text = text.replace(mark, written(counts.get(depth, other.start), name))
    return text.strip()


def written(number: int, name: str) -> str:
    """A number in one of Word's formats; formats that are not known are given in digits."""
    return _FORMATS.get(name, str)(number)


def _letters(alphabet: str) -> Callable[[int], str]:
    def lettered(number: int) -> str:
        if number > _MOST_LETTERS:
            return str(number)
        # After the last letter each is doubled: aa, bb.
        return alphabet[(number - 1) % len(alphabet)] * ((number - 1) // len(alphabet) + 1) if number > 0 else ""

    return lettered


def _roman(number: int) -> str:
    if not 0 < number < 4000:
        return str(number)
    out = ""
    for value, sign in _ROMAN:
        out += sign * (number // value)
        number %= value
    return out


def _ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


_EASTERN = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_LATIN = "abcdefghijklmnopqrstuvwxyz"
_FORMATS: dict[str, Callable[[int], str]] = {
    "none": lambda number: "",
    "decimalZero": "{:02}".format,
    "lowerLetter": _letters(_LATIN),
    "upperLetter": _letters(_LATIN.upper()),
    "lowerRoman": _roman,
    "upperRoman": lambda number: _roman(number).upper(),
    "ordinal": _ordinal,
    "arabicAlpha": _letters(ALPHABET),
    "arabicAbjad": _letters(COUNTING),
    "hindiNumbers": str,
    "arabicIndic": lambda number: str(number).translate(_EASTERN),
    "decimalEnclosedParen": "({})".format,
    "decimalEnclosedFullstop": "{}.".format,
    "numberInDash": "- {} -".format,
}
