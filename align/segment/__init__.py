"""Documents to sentences with offsets; the text itself is never altered."""

import re
import string
from collections.abc import Iterator

from ..data import Document, Part, Segment, Segmented
from .forms import Former
from .furniture import is_furniture, kinds
from .lines import Line, lines, paragraphs
from .sentences import split

__all__ = ["as_records", "segment"]

LIMIT = 1000
"""How long a sentence may get, in characters, before it is cut at its clauses."""


def segment(document: Document, *, segmented: bool = False, limit: int = LIMIT) -> Segmented:
    """The document's sentences, titles and page furniture, in order, none overlapping.

    Every character that can be seen stands in one segment; `form` is the segment's text with line breaks joined and
    white space single. With `segmented`, a segment is one line exactly as it stands (empty lines too), so that numbers
    of segments are numbers of lines: lines end at a line feed, and a carriage return before it is no part of the line.
    Of a document with parts, sentences never go over the edge of a part, but for those of subtitles, which go on over
    cues; with `segmented` each part is a segment.
    """
    if segmented:
        return Segmented(document, tuple(_as_parts(document) if document.parts else _as_lines(document.text)))
    if document.parts:
        return Segmented(document, tuple(_in_parts(document, limit)))
    return Segmented(document, tuple(_sentences(document, limit)))


def as_records(segmented: Segmented) -> Iterator[dict[str, object]]:
    """One JSON-ready record a segment: index, start, end, text, form, kind, paragraph, line."""
    for index, part in enumerate(segmented.segments):
        yield {
            "index": index,
            "start": part.start,
            "end": part.end,
            "text": segmented.text(index),
            "form": part.form,
            "kind": part.kind,
            "paragraph": part.paragraph,
            "line": part.line,
        }


def _as_lines(text: str) -> Iterator[Segment]:
    former = Former(text)
    pieces = text.split("\n")
    if not pieces[-1]:
        pieces.pop()
    start = paragraph = 0
    was_blank = True
    for number, piece in enumerate(pieces):
        end = start + len(piece) - piece.endswith("\r")
        form = former.form(start, end)
        paragraph += bool(not form and not was_blank)
        was_blank = not form
        kind = "boilerplate" if form and is_furniture(form) else "body"
        yield Segment(start, end, form, _told(kind, form), paragraph, number)
        start += len(piece) + 1


# What is told of a part by its format; the rest is told by its text.
_KINDS = {"heading": "heading", "furniture": "boilerplate"}


def _as_parts(document: Document) -> Iterator[Segment]:
    former = Former(document.text)
    lines_before = _LineNumbers(document.text)
    for number, part in enumerate(document.parts):
        form = former.form(part.start, part.end)
        kind = _told(_KINDS.get(part.kind, "body"), form)
        yield Segment(part.start, part.end, form, kind, number, lines_before.at(part.start))


def _in_parts(document: Document, limit: int) -> Iterator[Segment]:
    text = document.text.replace("\0", " ")
    former = Former(document.text)
    cased = _is_cased(text)
    found = lines(text)
    marks = {line.start: mark for line, mark in zip(found, kinds(found))}
    at = 0
    filled: list[tuple[int, Part, list[Line]]] = []
    for number, part in enumerate(document.parts):
        group = []
        while at < len(found) and found[at].start < part.end:
            group.append(found[at])
            at += 1
        if group:
            filled.append((number, part, group))
    for start, stop in _runs(document, filled, cased):
        number, part, group = filled[start]
        kind = _KINDS.get(part.kind, "body")
        # Titles and phrases of pages are known by their looks, too, where the format says no more than "paragraph".
        if part.kind == "paragraph" and len(group) == 1:
            kind = marks[group[0].start]
        lines_of_run = [line for _, _, group in filled[start:stop] for line in group]
        yield from _paragraph(text, lines_of_run, kind, number, former, limit, cased)


def _runs(document: Document, filled: list[tuple[int, Part, list[Line]]], cased: bool) -> list[tuple[int, int]]:
    """Which parts are read as one: each by itself, but for cues over which a sentence goes on."""
    if not any(part.kind == "cue" for _, part, _ in filled):
        return [(k, k + 1) for k in range(len(filled))]
    from .cues import runs

    return runs([group for _, _, group in filled], [part for _, part, _ in filled], cased)


class _LineNumbers:
    """Counts line feeds up to offsets that never go back."""

    def __init__(self, text: str) -> None:
        self._text, self._upto, self._count = text, 0, 0

    def at(self, offset: int) -> int:
        """The number, from 0, of the line that `offset` stands on."""
        self._count += self._text.count("\n", self._upto, offset)
        self._upto = offset
        return self._count


def _sentences(document: Document, limit: int) -> Iterator[Segment]:
    # NULs count as spaces; the replacement keeps every offset.
    text = document.text.replace("\0", " ")
    former = Former(document.text)
    found = lines(text)
    marks = kinds(found)
    groups = paragraphs(found, [mark != "body" for mark in marks])
    cased = _is_cased(text)
    done = 0
    for number, group in enumerate(groups):
        kind = marks[done]
        done += len(group)
        yield from _paragraph(text, group, kind, number, former, limit, cased)


def _paragraph(
    text: str, group: list[Line], kind: str, number: int, former: Former, limit: int, cased: bool
) -> Iterator[Segment]:
    """The segments of one paragraph, each with the line on which it starts."""
    base = group[0].start
    whole = text[base : group[-1].end]
    # Titles stay whole, whatever stops they hold.
    spans = [(0, len(whole))] if kind == "heading" else split(whole, limit=limit, cased=cased)
    at = 0
    for start, end in spans:
        while at + 1 < len(group) and group[at + 1].start <= base + start:
            at += 1
        form = former.form(base + start, base + end)
        # A line that is one sentence was looked at as a line.
        own = "boilerplate" if kind == "body" and len(spans) > 1 and is_furniture(form) else kind
        yield Segment(base + start, base + end, form, _told(own, form), number, group[at].number)


def _told(kind: str, form: str) -> str:
    """The kind of a segment; one without a letter or digit, such as `* * *`, is furniture whatever it stands for."""
    return kind if not form or form[0].isalnum() or any(map(str.isalnum, form)) else "boilerplate"


_SMALL, _CAPITAL = string.ascii_lowercase.encode(), string.ascii_uppercase.encode()
# All beyond ASCII but Hebrew, Arabic and general punctuation, which have no case.
_MAY_BE_CASED = re.compile("[^\x00-\x7f\u0590-\u06ff\u2000-\u206f]")


def _is_cased(text: str) -> bool:
    """Whether capitals begin sentences here: not in text all in small letters, nor in one without Latin letters."""
    sample = text[:20_000]
    plain = sample.encode("ascii", "ignore")
    beyond = _MAY_BE_CASED.findall(sample)
    small = len(plain) - len(plain.translate(None, _SMALL)) + sum(map(str.islower, beyond))
    capital = len(plain) - len(plain.translate(None, _CAPITAL)) + sum(map(str.isupper, beyond))
    return capital * 200 >= small and small * 20 >= capital
