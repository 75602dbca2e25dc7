"""The values that flow from stage to stage: frozen, slotted, each with a promise."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

# Reading and segmenting need no arrays, and loading NumPy costs more than both.
if TYPE_CHECKING:
    import numpy as np


class Part(NamedTuple):
    """A piece that stands by itself in the file a document was taken from: `document.text[start:end]`.

    `kind` is `paragraph`, `heading`, `list_item`, `cell`, `furniture` (running heads, page numbers, menus), `cue` (of
    subtitles), `unit` (of a translation memory) or `string` (of a table of strings); line breaks inside a part are soft.
    `place` says where it stood, as in `page 3`, `cue 12 00:01:02.000`, `table 2 row 3 cell 1`, or is the key of a string.
    """

    start: int
    end: int
    kind: str
    place: str


@dataclass(frozen=True, slots=True)
class Document:
    """A text as it was read; nothing alters `text`. Offsets everywhere are code points in it.

    `parts`, in order and none overlapping, hold every visible character of a text that was taken out of a format with
    structure; plain text has none. `origin` is a digest of the file that such a text was taken out of: the two sides of one
    bilingual file have the same.
    """

    id: str
    lang: str
    text: str
    parts: tuple[Part, ...] = ()
    origin: str = field(default="", compare=False)


def place_of(document: Document, offset: int) -> str:
    """Where the character at `offset` stood in the source: the place of its part, or `line 7` of plain text."""
    if document.parts:
        return document.parts[max(0, bisect_right(document.parts, offset, key=lambda part: part.start) - 1)].place
    return f"line {document.text.count(chr(10), 0, offset) + 1}"


def parts_between(document: Document, start: int, end: int) -> tuple[Part, ...]:
    """The parts, cut to size, that a stretch of the text goes over; one, as a rule, and several for sentences of subtitles."""
    first = max(0, bisect_right(document.parts, start, key=lambda part: part.start) - 1)
    last = max(first + 1, bisect_right(document.parts, end - 1, key=lambda part: part.start))
    return tuple(part._replace(start=max(part.start, start), end=min(part.end, end)) for part in document.parts[first:last])


def place_between(document: Document, start: int, end: int) -> str:
    """Where a stretch of the text stood: the place at which it begins, and of subtitles also that of its last cue."""
    place = place_of(document, start)
    last = document.parts[max(0, bisect_right(document.parts, end - 1, key=lambda part: part.start) - 1)] if document.parts else None
    return place if last is None or last.kind != "cue" or last.place == place else f"{place} to {last.place}"


@dataclass(frozen=True, slots=True)
class Segment:
    """A sentence: `document.text[start:end]` is where it stands, `form` is what encoders see.

    `kind` is `body`, `heading` or `boilerplate`; `paragraph` counts paragraphs from 0; `line` is the line of the
    file (from 0) on which the segment starts.
    """

    start: int
    end: int
    form: str
    kind: str = "body"
    paragraph: int = 0
    line: int = 0


@dataclass(frozen=True, slots=True)
class Segmented:
    """A document and its segments: in order, none overlap."""

    document: Document
    segments: tuple[Segment, ...]

    def text(self, index: int) -> str:
        """The original text of segment `index`, line breaks included."""
        segment = self.segments[index]
        return self.document.text[segment.start : segment.end]

    @property
    def forms(self) -> list[str]:
        """What encoders see, a string a segment."""
        return [segment.form for segment in self.segments]


@dataclass(frozen=True, slots=True)
class Vectors:
    """Unit rows of spans: `spans[k, i]` is the vector of segments `i..i+k` joined; zero where `i + k >= n`.

    `spans` is float32 of shape (width, n, dimension); an empty segment has a zero row.
    """

    spans: np.ndarray

    @property
    def width(self) -> int:
        """The longest span, in segments."""
        return int(self.spans.shape[0])

    @property
    def single(self) -> np.ndarray:
        """One row a segment, shape (n, dimension)."""
        single: np.ndarray = self.spans[0]
        return single

    def __len__(self) -> int:
        return int(self.spans.shape[1])


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The nearest rows of the other side: `ids` and `sims` of shape (n, k), nearest first; id -1 where there is none."""

    ids: np.ndarray
    sims: np.ndarray


class Span(NamedTuple):
    """A half-open run of segments."""

    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start


@dataclass(frozen=True, slots=True)
class Bead:
    """Arabic (first side) and English (second side) segments that answer each other; never empty on both sides.

    `sim` is the cosine of the two spans (0 when one-sided), `confidence` the calibrated probability that the bead
    is right; `probability` that it is a right and complete translation, None where it is one-sided or nobody asked.
    """

    ar: Span
    en: Span
    sim: float = 0.0
    confidence: float = 0.0
    probability: float | None = None

    @property
    def kind(self) -> str:
        """`n:m`."""
        return f"{len(self.ar)}:{len(self.en)}"


@dataclass(frozen=True, slots=True)
class Block:
    """A run of segments that stands elsewhere in the other version: a pair that crosses the path, or a one-sided run.

    `kind` is `moved` (both sides given) or `only` (one side empty).
    """

    ar: Span
    en: Span
    kind: str
    sim: float = 0.0


@dataclass(frozen=True, slots=True)
class Alignment:
    """Beads that cover both sides once, in order, and the blocks found beside the path."""

    beads: tuple[Bead, ...]
    blocks: tuple[Block, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Flag:
    """Content that one version has alone, states differently, or has elsewhere.

    `side` is `ar` or `en`; `start` and `end` are code points in that side's document and `text` what stands there.
    `kind` is one of number, date, name, placeholder, clause, phrase, sentence, heading, boilerplate, untranslated;
    `relation` one of only, mismatch, moved; `severity` one of high, medium, low; `probability` is calibrated. `bead` numbers the bead it lies in;
    `counterpart` is the nearest thing on the other side (start, end, text), None where there is none; `evidence`
    says why, for a person and for a program.
    """

    side: str
    start: int
    end: int
    text: str
    kind: str
    relation: str
    probability: float
    severity: str
    bead: int
    counterpart: tuple[int, int, str] | None = None
    evidence: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judged:
    """Two segmented documents, their alignment, and the flags found in it, in reading order."""

    ar: Segmented
    en: Segmented
    alignment: Alignment
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a row of bitext: an empty text, no segments and no offsets where it has nothing.

    `start` and `end` are code points in the document's text, `place` says where in the source that begins, `kind` is
    the segments' kind (`body` where they differ).
    """

    text: str = ""
    segments: tuple[int, ...] = ()
    start: int | None = None
    end: int | None = None
    place: str = ""
    document: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A bead, or a pair of any bitext, with both its sides, its scores and its flags (JSON-ready records).

    `sim`, `confidence` and `flags` are None where they are not known; no flags found is `()`. `extra` holds what else
    a file of bitext says of the pair, by the name of the column; `record` is the JSON object it was read from.
    """

    bead: int
    ar: Side
    en: Side
    sim: float | None = 0.0
    confidence: float | None = 0.0
    flags: tuple[Mapping[str, Any], ...] | None = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    record: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)

    @property
    def type(self) -> str:
        """`n:m`; a text of which no segments are known counts as one."""
        return f"{len(self.ar.segments) or int(bool(self.ar.text))}:{len(self.en.segments) or int(bool(self.en.text))}"

    @property
    def is_pair(self) -> bool:
        """Whether both sides have text."""
        return bool(self.ar.text and self.en.text)


class BadRow(Row):
    """A row that could not be read, without texts; `extra["error"]` says where it stands and what is wrong with it."""

    __slots__ = ()

    @classmethod
    def of(cls, number: int, error: Exception) -> BadRow:
        """The row in place of the one that raised `error`."""
        return cls(number, Side(""), Side(""), None, None, None, {"error": str(error)})
