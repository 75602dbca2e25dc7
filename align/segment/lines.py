"""Lines of a text, and which of them belong to one paragraph."""

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from ..lang import language
from ..lang.ar.letters import INK

_INVISIBLE = "\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
_CLOSING = f"\"'”’»›)\\]}}＂」』\\s{_INVISIBLE}"
_TERMINATED = re.compile(f"[.!?؟…۔。！？](?:\\[[\\d٠-٩]{{1,3}}\\]|[{_CLOSING}])*$")
_TRAILING = re.compile(f"[*{_CLOSING}]+$")
_TRAILS = re.compile(f"[*{_CLOSING}]")
_BULLET = re.compile(
    r"(?:[-*+•●▪◦‣–—·○■□❖➢✓✔►▶·]\s|[•●▪◦‣○■□❖➢✓✔►▶]|#{1,6}\s|>\s"
    r"|\(?[\d٠-٩۰-۹]{1,3}(?:\.[\d٠-٩۰-۹]{1,3})*[.)\-ـ]\s?(?=\D)|\([a-zA-Zء-ي\divx]{1,3}\)\s|[a-zA-Zء-ي]\)\s)"
)
_LETTER_POINT = re.compile(r"(?:[a-zA-Z]|[أإابجدهوزحطي]|[ivx]{1,4})[.\-]\s")
_TABLE = re.compile(r"\t|\|.*\||\S(?: {3,})\S.*\S(?: {3,})\S")
_COMPOUND = re.compile(r"[^\W_][-‐\u00ad]$")
_FIRST_WORD = re.compile(r"\S+")

_MIN_WIDTH, _USUAL_WIDTH, _MAX_WIDTH = 30, 55, 200
# A shorter line is more likely a title, a greeting or an item than a part of a sentence.
_BRIEF, _PROSE = 20, 40


class Line(NamedTuple):
    """A line that holds something: its trimmed span, its number in the file, and blank lines before it.

    `terminated`: it ends as sentences end.
    """

    start: int
    end: int
    number: int
    text: str
    gap: int
    terminated: bool

    @property
    def last(self) -> str:
        """The last character, closing marks aside; a space where there are only such."""
        end = self.text[-1]
        return (_TRAILING.sub("", self.text[-24:])[-1:] or " ") if _TRAILS.match(end) else end

    @property
    def dangles(self) -> bool:
        """Whether it ends in a word that ends no sentence."""
        word = self.text[-24:].rpartition(" ")[2]
        return word in _dangling()


@cache
def _dangling() -> frozenset[str]:
    """Words of both languages that no sentence ends with."""
    return language("ar").dangling() | language("en").dangling()


def lines(text: str) -> list[Line]:
    """The lines of `text` that hold something to see, trimmed of white space."""
    found: list[Line] = []
    offset = number = gap = 0
    counted = "\n" if "\n" in text else "\r"
    for piece in _pieces(text):
        trimmed = piece.strip()
        if trimmed and (trimmed.isalnum() or INK.search(trimmed)):
            start = offset + piece.index(trimmed[0])
            end = start + len(trimmed)
            found.append(Line(start, end, number, trimmed, gap, _is_terminated(trimmed)))
            gap = 0
        else:
            gap += 1
        offset += len(piece)
        number += piece.endswith(counted)
    return found


# Breaks inside a line, which Word and others leave in running text: they end no line where line feeds do.
_SOFT = re.compile("[\v\f\x1c-\x1e\x85\u2028]")
_HARD = re.compile("(?<=[\n\u2029])|(?<=\r)(?!\n)")


def _pieces(text: str) -> list[str]:
    """The lines with their ends."""
    if _SOFT.search(text) is None or not ("\n" in text or "\r" in text or "\u2029" in text):
        return text.splitlines(keepends=True)
    return _HARD.split(text)


def _is_terminated(text: str) -> bool:
    return not text[-1].isalnum() and _TERMINATED.search(text, max(0, len(text) - 24)) is not None


def paragraphs(found: Sequence[Line], standing: Sequence[bool]) -> list[list[Line]]:
    """The lines grouped to paragraphs; those marked in `standing` (titles, page furniture) stay by themselves."""
    if not found:
        return []
    terminated = [line.terminated for line in found]
    if all(terminated[:-1]):
        return [[line] for line in found]
    layout = _Layout(found, terminated)
    groups = [[found[0]]]
    for i in range(1, len(found)):
        if not standing[i - 1] and not standing[i] and layout.continues(i):
            groups[-1].append(found[i])
        else:
            groups.append([found[i]])
    return groups


def _is_capitalised(text: str) -> bool:
    """Whether the longer words begin with capitals, as in English titles."""
    words = [word for word in text.split() if len(word) > 3 and word[0].isalpha()]
    return len(words) >= 3 and sum(word[0].isupper() for word in words) > 0.7 * len(words)


def _is_row(text: str) -> bool:
    """Whether the line is one of a table; most lines have no sign of it."""
    return ("|" in text or "\t" in text or "   " in text) and _TABLE.search(text) is not None


def _is_item(text: str) -> bool:
    """Whether the line begins as the items of lists do, which no two letters are."""
    return not text[:2].isalpha() and _BULLET.match(text) is not None


class _Layout:
    """How the lines of one document are laid out: wrapped at a width, or a paragraph on each line."""

    def __init__(self, found: Sequence[Line], terminated: Sequence[bool]) -> None:
        self.found = found
        self.terminated = terminated
        self.in_table = [_is_row(line.text) for line in found]
        self.starts_item = [row or _is_item(line.text) for row, line in zip(self.in_table, found)]
        self.lengths = [len(line.text) for line in found]
        self.small = [line.text[:1].islower() for line in found]
        self.width = self._wrap_width(0, len(found))
        self.blocks = {} if self.width else self._blocks()
        self.goes_on = self._runs()
        self.comma_runs = self._comma_runs()
        commas = sum(run > 0 for run in self.comma_runs)
        # Where many lines end in commas (verse, recitals, lists of items), a comma shows no broken sentence.
        self.commas_are_custom = commas >= 4 and commas > 0.15 * len(found) and not self.width

    def _wrap_width(self, first: int, stop: int) -> int:
        """The width at which the lines from `first` to `stop` are wrapped; 0 where they are not.

        Wrapped lines pile up just below the width, and most of those break off inside a sentence.
        """
        pairs = [i for i in range(first, stop - 1) if self.found[i + 1].gap == 0 and not self.starts_item[i + 1]]
        broken = sorted(self.lengths[i] for i in pairs if not self.terminated[i])
        if len(broken) < 3 or len(broken) < 0.4 * len(pairs):
            return 0
        width = broken[int(0.95 * (len(broken) - 1))]
        # A web address has no place to be wrapped at.
        longer = sum(self.lengths[i] > 1.15 * width and " " in self.found[i].text for i in range(first, stop))
        if not _MIN_WIDTH <= width <= _MAX_WIDTH or longer > 0.01 * (stop - first):
            return 0
        full = [i for i in pairs if self._is_full(i, width)]
        breaking = sum(not self.terminated[i] for i in full)
        # Short verses are of much the same length too, so narrow columns need the stricter proof.
        piled = width >= _USUAL_WIDTH and len(full) >= 6 and len(full) > 0.35 * len(pairs)
        piled = piled and breaking >= 0.65 * len(full)
        # In Latin script most lines that break off inside a sentence are followed by a small letter.
        after = [self.found[i + 1].text[0] for i in full if not self.terminated[i]]
        if sum(map(str.isupper, after)) > 0.5 * len(after):
            return 0
        return width if piled or breaking >= 0.85 * len(broken) else 0

    def _is_full(self, i: int, width: int) -> bool:
        """Whether the next line's first word would not have fitted on line `i`."""
        word = _FIRST_WORD.match(self.found[i + 1].text)
        return self.lengths[i] + 1 + len(word[0] if word else "") > 0.95 * width

    def _blocks(self) -> dict[int, int]:
        """For each line of a block between blank lines that is wrapped by itself, the width."""
        widths: dict[int, int] = {}
        first = 0
        for i in range(1, len(self.found) + 1):
            if i < len(self.found) and self.found[i].gap == 0:
                continue
            if i - first >= 3 and (width := self._wrap_width(first, i)):
                widths.update((k, width) for k in range(first, i))
            first = i
        return widths

    def _runs(self) -> set[int]:
        """The lines in small letters that go on with the line before, rather than being items of a list.

        A list of such items is told from wrapped text by its lines, some of which had room for another word.
        """
        going: set[int] = set()
        i = 1
        while i < len(self.found):
            first = i - 1
            while i < len(self.found) and self._breaks_small(i):
                i += 1
            run = range(first + 1, i)
            if run and self._is_wrapped(run):
                going.update(run)
            i += 1
        return going

    def _is_wrapped(self, run: range) -> bool:
        """Whether these lines in small letters, each after a line that did not end, are a sentence's."""
        before = self.lengths[run.start - 1 : run.stop - 1]
        if len(run) == 1:
            text = self.found[run.start - 1].text
            return before[0] >= _BRIEF and text.count(" ") >= 2 and not _is_capitalised(text)
        is_listed = run.start > 1 and self.small[run.start - 1] and self.found[run.start - 2].last in ":;؛"
        return not is_listed and _MIN_WIDTH <= max(before) <= _MAX_WIDTH and min(before) > 0.75 * max(before)

    def _breaks_small(self, i: int) -> bool:
        """Whether line `i` goes on in small letters after a line that did not end, no blank line between."""
        broken = self.small[i] and not self.terminated[i - 1] and self.found[i].gap == 0
        return broken and not self.starts_item[i] and self.found[i - 1].last not in ":;؛"

    def continues(self, i: int) -> bool:
        """Whether line `i` goes on with the paragraph of line `i - 1`."""
        before, line = self.found[i - 1], self.found[i]
        if self.starts_item[i] or self.in_table[i - 1]:
            return False
        if line.gap:
            return line.gap <= 2 and not self.terminated[i - 1] and self._broken_by_blank(i)
        width = self.width or self.blocks.get(i - 1, 0)
        if width and self._is_full(i - 1, width):
            return True
        if self.terminated[i - 1] or _LETTER_POINT.match(line.text):
            return False
        if width:
            return self.lengths[i - 1] > 0.5 * width and (self.small[i] or before.last in ",،")
        if i in self.goes_on:
            return True
        if self.lengths[i - 1] < _BRIEF:
            return False
        if _COMPOUND.search(before.text) or before.dangles:
            return True
        return self._breaks_at_comma(i)

    def _comma_runs(self) -> list[int]:
        """For each line that ends in a comma, how many such lines stand together; 0 for all others."""
        runs = [0] * len(self.found)
        first = 0
        for i in range(len(self.found) + 1):
            if i < len(self.found) and self.found[i].last in ",،":
                continue
            runs[first:i] = [i - first] * (i - first)
            first = i + 1
        return runs

    def _breaks_at_comma(self, i: int) -> bool:
        """Whether the comma before line `i` shows a broken sentence, and not an item of a list or a verse."""
        run = self.comma_runs[i - 1]
        return 0 < run < (2 if self.found[i].text[:1].isupper() else 3) and not self.commas_are_custom

    def _broken_by_blank(self, i: int) -> bool:
        """Whether a sentence goes on behind a blank line."""
        before, line = self.found[i - 1], self.found[i]
        if self.lengths[i - 1] < _PROSE or before.text.count(" ") < 5 or " " not in line.text:
            return False
        if before.dangles:
            return True
        if self.commas_are_custom or before.last in ":;؛":
            return False
        if before.last == "،":
            return self._breaks_at_comma(i) and not line.text.startswith(("وإذ", "إذ "))
        return self.small[i] and not self._is_small_item(i - 1) and not self._is_small_item(i + 1)

    def _is_small_item(self, i: int) -> bool:
        """Whether line `i`, between blank lines, begins in small letters after one that did not end."""
        if not 0 < i < len(self.found):
            return False
        return self.small[i] and self.found[i].gap > 0 and not self.terminated[i - 1]
