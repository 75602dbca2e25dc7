"""Beads as rows of a table: the texts, and everything that is known of them, as named columns."""

import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..data import Alignment, Bead, Row, Segmented, Side, Span, place_between
from ..errors import LanguageError
from ..tongues import are_swapped, script_in
from .bitext import Edits, edited_of, flat_texts

# What XML 1.0 and spreadsheets cannot hold: controls but tab and line ends, lone surrogates, two non-characters.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def rows(
    ar: Segmented,
    en: Segmented,
    alignment: Alignment,
    flags: Mapping[int, Sequence[Mapping[str, Any]]] | None = None,
    *,
    breaks: bool = False,
    extra: Mapping[str, Any] | None = None,
    edits: Edits | None = None,
) -> Iterator[Row]:
    """Every bead in order; texts on one line each, or with `breaks` exactly as they stand in the documents.

    Without `flags` the rows' flags are None; `extra` is what all of them have beside the bead. Where the probability of any
    bead is known, all have it as an extra value, None those of which it is not. Texts that a person
    edited stand in place of those of the documents; such rows have the names of these sides and the original texts as
    extra values, the other rows nothing under the same names.
    """
    sides = [_Sides(ar, breaks, edited_of(edits, "ar")), _Sides(en, breaks, edited_of(edits, "en"))]
    extra = extra or {}
    is_known = any(bead.probability is not None for bead in alignment.beads)
    for number, bead in enumerate(alignment.beads):
        found = None if flags is None else tuple(flags.get(number, ()))
        told = {**extra, **_told(sides, bead)} if edits else extra
        if is_known:
            told = {**told, "probability": None if bead.probability is None else round(bead.probability, 4)}
        yield Row(number, sides[0].at(bead.ar), sides[1].at(bead.en), bead.sim, bead.confidence, found, told)


def _told(sides: Sequence["_Sides"], bead: Bead) -> dict[str, str]:
    """What says that texts of a bead are edited, and what stood there before."""
    spans = {"ar": (sides[0], bead.ar), "en": (sides[1], bead.en)}
    before = {name: side.original(span) for name, (side, span) in spans.items()}
    return {"edited": ",".join(name for name, text in before.items() if text),
            **{f"{name}_original": text for name, text in before.items()}}  # fmt: skip


class _Sides:
    """Makes the sides of one document's beads."""

    def __init__(self, segmented: Segmented, breaks: bool, edited: Mapping[int, str]) -> None:
        self.segmented = segmented
        document = segmented.document
        self.edited = edited
        self.before = [segmented.text(k) for k in range(len(segmented.segments))] if breaks else flat_texts(segmented)
        self.texts = [edited.get(k, text) for k, text in enumerate(self.before)] if edited else self.before
        self.places = [
            place_between(document, s.start, s.end) if document.parts else f"line {s.line + 1}" for s in segmented.segments
        ]

    def original(self, span: Span) -> str:
        """What stood in a bead before a person edited it; empty where nobody did."""
        if self.edited.keys().isdisjoint(range(*span)):
            return ""
        return " ".join(filter(None, self.before[span.start : span.stop]))

    def at(self, span: Span) -> Side:
        """The side of a bead."""
        start, stop = span
        if start == stop:
            return Side(document=self.segmented.document.id)
        chosen = self.segmented.segments[start:stop]
        if len(chosen) == 1:
            one = chosen[0]
            id = self.segmented.document.id
            return Side(self.texts[start], (start,), one.start, one.end, self.places[start], id, one.kind)
        kinds = {segment.kind for segment in chosen}
        text = " ".join(filter(None, self.texts[start:stop]))
        return Side(
            text,
            tuple(range(start, stop)),
            chosen[0].start,
            chosen[-1].end,
            self._place(start, stop),
            self.segmented.document.id,
            kinds.pop() if len(kinds) == 1 else "body",
        )


    def _place(self, start: int, stop: int) -> str:
        """Where a run of segments stands."""
        document, segments = self.segmented.document, self.segmented.segments
        if not document.parts:
            return self.places[start]
        return place_between(document, segments[start].start, segments[stop - 1].end)


def columns(langs: tuple[str, str]) -> tuple[str, ...]:
    """The names of a row's columns, those of a side under its language."""
    a, b = langs
    return (
        a,
        b,
        "confidence",
        "sim",
        "bead",
        "type",
        f"{a}_segments",
        f"{b}_segments",
        f"{a}_start",
        f"{a}_end",
        f"{b}_start",
        f"{b}_end",
        f"{a}_place",
        f"{b}_place",
        f"{a}_kind",
        f"{b}_kind",
        f"{a}_document",
        f"{b}_document",
        "flags",
    )


def values(row: Row) -> tuple[Any, ...]:
    """A row's values by `columns`: numbers of segments with commas between, flags in words."""
    a, b = row.ar, row.en
    return (
        a.text,
        b.text,
        rounded(row.confidence),
        rounded(row.sim),
        row.bead,
        row.type,
        ",".join(map(str, a.segments)),
        ",".join(map(str, b.segments)),
        a.start,
        a.end,
        b.start,
        b.end,
        a.place,
        b.place,
        a.kind,
        b.kind,
        a.document,
        b.document,
        flags_in_words(row.flags),
    )


def tagged_rightly(found: Iterable[Row], langs: tuple[str, str]) -> Iterator[Row]:
    """The rows as they come; raises LanguageError where most pairs of the first hundred have their sides swapped.

    For formats that say which language a text is in.
    """
    rows = iter(found)
    first = list(itertools.islice(rows, 100))
    pairs = [row for row in first if row.is_pair]
    if 2 * sum(are_swapped(row.ar.text, row.en.text, langs) for row in pairs) > len(pairs):
        raise LanguageError(f"the text under xml:lang={langs[0]} is {script_in(pairs[0].ar.text)} script and that under "
                            f"xml:lang={langs[1]} is {script_in(pairs[0].en.text)}: the sides are swapped; swap the inputs or "
                            "--langs")
    yield from first
    yield from rows


def rounded(score: float | None, digits: int = 6) -> float | None:
    """A score as files hold it; None where it is not known."""
    return None if score is None else round(float(score), digits)


def shown(score: float | None) -> str:
    """A score with four decimals; nothing where it is not known."""
    return "" if score is None else f"{score:.4f}"


def flags_in_words(flags: Sequence[Mapping[str, Any]] | None) -> str:
    """Flags on one line: `number only ar «853»; name mismatch en «Goran»`."""
    return "; ".join(
        f"{flag.get('kind', '')} {flag.get('relation', '')} {flag.get('side', '')} "
        f"«{' '.join(str(flag.get('text', '')).split())}»"
        for flag in flags or ()
    )


def in_words(value: Any) -> str:
    """A value as text: lists and objects as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def legal(text: str) -> str:
    """`text` with what XML 1.0 and spreadsheets cannot hold as U+FFFD: a reader sees that something was there."""
    return _ILLEGAL.sub("\ufffd", text)


def is_legal(text: str) -> bool:
    """Whether XML 1.0 and spreadsheets can hold all of `text`."""
    return _ILLEGAL.search(text) is None
