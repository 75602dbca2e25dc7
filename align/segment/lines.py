"""Lines of a text, and which of them belong to one paragraph."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..arabic.letters import INK

_TERMINATED = re.compile(
    "[.!?؟…۔。！？](?:\\[[\\d٠-٩]{1,3}\\]|[\"'”’»›)\\]}＂」』\\s\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff])*$"
)
_TRAILING = "\"'”’»›)]}* \t\u00a0\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
_BULLET = re.compile(
    r"(?:[-*+•●▪◦‣–—·○■□❖➢✓✔►▶·]\s|[•●▪◦‣○■□❖➢✓✔►▶]|#{1,6}\s|>\s"
    r"|\(?[\d٠-٩۰-۹]{1,3}(?:\.[\d٠-٩۰-۹]{1,3})*[.)\-ـ]\s?(?=\D)|\([a-zA-Zء-ي\divx]{1,3}\)\s|[a-zA-Zء-ي]\)\s)"
)
_LETTER_POINT = re.compile(r"(?:[a-zA-Z]|[أإابجدهوزحطي]|[ivx]{1,4})[.\-]\s")
_TABLE = re.compile(r"\t|\|.*\||\S(?: {3,})\S.*\S(?: {3,})\S")
_COMPOUND = re.compile(r"[^\W_][-‐\u00ad]$")
_FIRST_WORD = re.compile(r"\S+")

_MIN_WIDTH, _MAX_WIDTH = 30, 200
_PROSE = 40


@dataclass(frozen=True, slots=True)
class Line:
    """A line that holds something: its trimmed span, its number in the file, and blank lines before it."""

    start: int
    end: int
    number: int
    text: str
    gap: int

    @property
    def terminated(self) -> bool:
        """Whether it ends as sentences end."""
        return _TERMINATED.search(self.text, max(0, len(self.text) - 24)) is not None

    @property
    def last(self) -> str:
        """The last character, closing marks aside."""
        return self.text.rstrip(_TRAILING)[-1:]


def lines(text: str) -> list[Line]:
    """The lines of `text` that hold something to see, trimmed of white space."""
    found: list[Line] = []
    offset = number = gap = 0
    counted = "\n" if "\n" in text else "\r"
    for piece in text.splitlines(keepends=True):
        trimmed = piece.strip()
        if trimmed and (trimmed.isalnum() or INK.search(trimmed)):
            start = offset + piece.index(trimmed[0])
            found.append(Line(start, start + len(trimmed), number, trimmed, gap))
            gap = 0
        else:
            gap += 1
        offset += len(piece)
        number += piece.endswith(counted)
    return found


def paragraphs(found: Sequence[Line], standing: Sequence[bool]) -> list[list[Line]]:
    """The lines grouped to paragraphs; those marked in `standing` (titles, page furniture) stay by themselves."""
    if not found:
        return []
    terminated = [line.terminated for line in found]
    starts_item = [_starts_item(line.text) for line in found]
    layout = _Layout(found, terminated, starts_item)
    groups = [[found[0]]]
    for i in range(1, len(found)):
        if not standing[i - 1] and not standing[i] and layout.continues(i):
            groups[-1].append(found[i])
        else:
            groups.append([found[i]])
    return groups


def _starts_item(text: str) -> bool:
    return _BULLET.match(text) is not None or _TABLE.search(text) is not None


class _Layout:
    """How the lines of one document are laid out: wrapped at a width, or a paragraph on each line."""

    def __init__(self, found: Sequence[Line], terminated: Sequence[bool], starts_item: Sequence[bool]) -> None:
        self.found = found
        self.terminated = terminated
        self.starts_item = starts_item
        self.longest = max(len(line.text) for line in found)
        self.width = self._width()
        self.blocks = self._blocks()
        commas = [line for line in found if line.last in ",،"]
        # Where many lines end in commas (verse, recitals, lists of items), a comma shows no broken sentence.
        self.commas_are_custom = len(commas) >= 4 and len(commas) > 0.15 * len(found) and not self.width

    def _width(self) -> int:
        """The width at which the whole document is wrapped, 0 where it is not."""
        pairs = [i for i in range(len(self.found) - 1) if self.found[i + 1].gap == 0 and not self.starts_item[i + 1]]
        return self._wrap_width(pairs, self.longest)

    def _wrap_width(self, pairs: Sequence[int], longest: int) -> int:
        """The width that the lines `pairs`, each followed by another, are wrapped at; 0 where they vary too much."""
        broken = sorted(len(self.found[i].text) for i in pairs if not self.terminated[i])
        if len(broken) < 3 or len(broken) < 0.4 * len(pairs):
            return 0
        high = broken[int(0.95 * (len(broken) - 1))]
        if not _MIN_WIDTH <= high <= _MAX_WIDTH or longest > 1.3 * high:
            return 0
        full = sum(self._is_full(i, high) for i in pairs if not self.terminated[i])
        return high if full >= 0.8 * len(broken) else 0

    def _is_full(self, i: int, width: int) -> bool:
        """Whether the next line's first word would not have fitted on line `i`."""
        word = _FIRST_WORD.match(self.found[i + 1].text)
        return len(self.found[i].text) + 1 + len(word[0] if word else "") > 0.88 * width

    def _blocks(self) -> dict[int, int]:
        """For each line of a block between blank lines that is wrapped by itself, the width."""
        widths: dict[int, int] = {}
        if self.width:
            return widths
        first = 0
        for i in range(1, len(self.found) + 1):
            if i < len(self.found) and self.found[i].gap == 0:
                continue
            if i - first >= 3:
                self._measure(first, i, widths)
            first = i
        return widths

    def _measure(self, first: int, stop: int, widths: dict[int, int]) -> None:
        pairs = [i for i in range(first, stop - 1) if not self.starts_item[i + 1]]
        width = self._wrap_width(pairs, max(len(self.found[i].text) for i in range(first, stop)))
        if width:
            widths.update((i, width) for i in range(first, stop))

    def continues(self, i: int) -> bool:
        """Whether line `i` goes on with the paragraph of line `i - 1`."""
        before, line = self.found[i - 1], self.found[i]
        if self.starts_item[i] or _TABLE.search(before.text):
            return False
        if line.gap:
            return line.gap <= 2 and not self.terminated[i - 1] and self._broken_by_blank(before, line)
        width = self.width or self.blocks.get(i - 1, 0)
        if width and self._is_full(i - 1, width):
            return True
        if self.terminated[i - 1] or _LETTER_POINT.match(line.text):
            return False
        if width:
            return len(before.text) > 0.5 * width and (line.text[:1].islower() or before.last in ",،")
        return self._goes_on(before, line)

    def _goes_on(self, before: Line, line: Line) -> bool:
        """Whether a line of prose that is not wrapped at a known width breaks off inside a sentence."""
        if len(before.text) < _MIN_WIDTH:
            return False
        if _COMPOUND.search(before.text):
            return True
        if before.last in ",،":
            return not self.commas_are_custom
        return line.text[:1].islower()

    def _broken_by_blank(self, before: Line, line: Line) -> bool:
        """Whether a sentence goes on behind a blank line."""
        if len(before.text) < _PROSE or before.text.count(" ") < 5:
            return False
        if self.commas_are_custom or before.last in ":;؛":
            return False
        if before.last == "،":
            return " " in line.text and not line.text.startswith(("وإذ", "إذ "))
        return line.text[:1].islower() and " " in line.text
