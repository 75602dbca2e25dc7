"""Alignments to files: TSV, JSON lines, a Moses pair, Vecalign's index format.

Texts are the original ones, diacritics and all, never the folded forms that encoders see. The segments of a bead are
joined by a space; line breaks and tabs inside them become a space (see `flat`), so that every format has a bead a
line for any reader.

`tsv`       Arabic text, English text, confidence (4 decimals), Arabic and English segment numbers (from 0, commas
            between). A one-sided bead has an empty text and no numbers on the other side. No quoting, no header
            unless asked for, so that line k is bead k for `cut`, `paste` and the tools of machine translation.
`jsonl`     everything; see `write_jsonl`.
`moses`     PREFIX.ar and PREFIX.en, line k of the one translates line k of the other; two-sided beads only.
`vecalign`  `[0, 1]:[2]:0.812345`, segment numbers and similarity; `[]` for none.
"""

import json
import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring
from pathlib import Path
from typing import Any, Protocol, TextIO

from ..cells import cell
from ..data import Alignment, Bead, Block, Part, Segment, Segmented, Span, parts_between, place_between
from ..files import compression, open_outputs

HEADER = ("ar", "en", "confidence", "ar_segments", "en_segments")
"""The names of the TSV's columns."""

# Everything that some reader takes for the end of a line or a field: str.splitlines, spreadsheets, terminals.
_BREAKS = "\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029"
_BREAK = re.compile(f"[{_BREAKS}]")
_RUN = re.compile(f" *[{_BREAKS}][ {_BREAKS}]*")
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# A compound broken after its hyphen, but not a suspended one ("pre- and post-war").
_HYPHEN = re.compile(r"(?<=[^\W\d_]-)[ \t]*\r?\n[ \t]*(?=[^\W\d_])(?!(?:and|or|to)\b)")
_encode = json.JSONEncoder(ensure_ascii=False).encode
_SOFT_HYPHEN = re.compile("\u00ad[ \t]*\r?\n[ \t]*")


Edits = Mapping[tuple[str, int], str]
"""Texts that a person put in the place of a document's, by side (`ar`, `en`) and number of the segment."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What is written of an alignment beside its beads, and which of these.

    `header` puts a line of column names above TSV. `flags` are records by the number of the bead, for all formats that
    have room for them. `edits` are texts that a person put in the place of segments', which all formats but `moses` and
    `vecalign` mark. `only` are the numbers of the beads that are written, all where it is None; blocks stay.
    """

    header: bool = False
    flags: Mapping[int, Sequence[Mapping[str, Any]]] | None = None
    edits: Edits | None = None
    only: Collection[int] | None = None


def edited_of(edits: Edits | None, side: str) -> dict[int, str]:
    """The edited texts of one side on one line each, by the number of the segment."""
    return {k: flat(text) for (name, k), text in (edits or {}).items() if name == side}


def flat(text: str) -> str:
    """`text` on one line: breaks and tabs become a space, a word broken at a hyphen is joined, the ends are stripped.

    Nothing else changes: no diacritic, no direction control, no space within a line.
    """
    if _BREAK.search(text):
        text = _RUN.sub(" ", _HYPHEN.sub("", _SOFT_HYPHEN.sub("", text)))
    return text.strip()


def quoted(cell: str) -> str:
    """A cell as it stands in TSV below a line of names: one that begins with a quotation mark in quotation marks, those
    in it doubled, since what reads tables (pandas, spreadsheets) takes the mark for the beginning of a quoted cell."""
    return '"' + cell.replace('"', '""') + '"' if cell.startswith('"') else cell


def flat_texts(segmented: Segmented, edited: Mapping[int, str] | None = None) -> list[str]:
    """Every segment's original text on one line, or what it has been edited to."""
    text = segmented.document.text
    texts = [flat(text[segment.start : segment.end]) for segment in segmented.segments]
    return [edited.get(k, one) for k, one in enumerate(texts)] if edited else texts


def bead_texts(
    ar: Segmented, en: Segmented, alignment: Alignment, edits: Edits | None = None
) -> Iterator[tuple[str, str]]:
    """The Arabic and the English text of every bead, empty on the side that a one-sided bead lacks."""
    ar_texts, en_texts = flat_texts(ar, edited_of(edits, "ar")), flat_texts(en, edited_of(edits, "en"))
    for bead in alignment.beads:
        yield _joined(ar_texts, bead.ar), _joined(en_texts, bead.en)


def _shown(
    ar: Segmented, en: Segmented, alignment: Alignment, shown: Shown
) -> Iterator[tuple[int, Bead, tuple[str, str]]]:
    """Number, bead and the two texts of every bead that is to be written."""
    for number, (bead, texts) in enumerate(zip(alignment.beads, bead_texts(ar, en, alignment, shown.edits), strict=True)):
        if shown.only is None or number in shown.only:
            yield number, bead, texts


def _joined(texts: list[str], span: Span) -> str:
    return texts[span.start] if len(span) == 1 else " ".join(filter(None, texts[span.start : span.stop]))


# Formats on one stream


class Writer(Protocol):
    """Writes an alignment to a text stream."""

    def __call__(
        self, stream: TextIO, ar: Segmented, en: Segmented, alignment: Alignment, shown: Shown = ...
    ) -> None: ...


def write_tsv(
    stream: TextIO,
    ar: Segmented,
    en: Segmented,
    alignment: Alignment,
    shown: Shown = Shown(),
) -> None:
    """Write a bead a line: two texts, confidence, segment numbers of both sides; first the columns' names if asked, then
    texts are `quoted`, for what reads tables reads such a file.

    Where texts were edited, a sixth column names the sides (`ar`, `en`, `ar,en`) of which the bead holds edited ones.
    """
    edits = shown.edits
    if shown.header:
        stream.write("\t".join((*HEADER, *(("edited",) if edits else ()))) + "\n")
    told = quoted if shown.header else str
    for _, bead, (ar_text, en_text) in _shown(ar, en, alignment, shown):
        last = f"\t{','.join(_edited_sides(bead, edits))}" if edits else ""
        stream.write(
            f"{cell(told(ar_text))}\t{cell(told(en_text))}\t{bead.confidence:.4f}\t"
            f"{_numbers(bead.ar, ',')}\t{_numbers(bead.en, ',')}{last}\n"
        )


def _edited_sides(bead: Bead, edits: Edits) -> list[str]:
    spans = {"ar": bead.ar, "en": bead.en}
    return [side for side, span in spans.items() if any((side, k) in edits for k in range(*span))]


def write_vecalign(
    stream: TextIO, ar: Segmented, en: Segmented, alignment: Alignment, shown: Shown = Shown()
) -> None:
    """Write a bead a line as `[ar]:[en]:sim`; `evaluate.read_alignment` and Vecalign's own scorer read it back."""
    stream.writelines(
        f"[{_numbers(bead.ar, ', ')}]:[{_numbers(bead.en, ', ')}]:{bead.sim:.6f}\n"
        for number, bead in enumerate(alignment.beads)
        if shown.only is None or number in shown.only
    )


def write_jsonl(
    stream: TextIO,
    ar: Segmented,
    en: Segmented,
    alignment: Alignment,
    shown: Shown = Shown(),
) -> None:
    """Write a JSON object a line: every bead in order, then every block found beside the path.

    A bead::

        {"record": "bead", "bead": 4, "type": "1:2", "sim": 0.8123, "confidence": 0.9871,
         "ar": {"text": "...", "segments": [{"segment": 3, "start": 868, "end": 1157, "kind": "body", "text": "..."}]},
         "en": {"text": "...", "segments": [{...}, {...}]},
         "flags": [...]}

    `start` and `end` are code points in the document as decoded; a segment's `text` is exactly what stands there, line
    breaks included, a side's `text` its segments on one line; `place` says where in a document with structure that
    stood (`page 3`, `cue 12 00:01:02.000`), and is left out for plain text; of a sentence that goes on over several cues
    of subtitles, `cues` gives each with its place, its offsets and its words. A missing side has an empty text and no segments.
    A bead whose `probability` is known has it behind `confidence`. `flags`, given by the number of the bead, are written as they are, and as `[]` for a bead that has none; without
    `flags` the key is left out. A segment that a person edited has `edited` beside its `text`, which stays what stands
    in the document; the side's `text` holds the edited one.

    A block, a run of segments that stands elsewhere (`moved`) or only in one version (`only`)::

        {"record": "block", "type": "moved", "sim": 0.7411,
         "ar": {"first": 12, "last": 19, "start": 3021, "end": 4408}, "en": {"first": 2, "last": 9, ...}}

    `first` and `last` are segment numbers, both inclusive; a missing side is null.
    """
    # One search of the whole text spares most documents the careful quoting of each of their strings.
    flags, edits = shown.flags, shown.edits
    careful = bool(edits) or any(_UNSAFE.search(side.document.text) for side in (ar, en))
    quoted = _quoted if careful else encode_basestring
    sides = [_segment_records(side, quoted, edited_of(edits, name)) for side, name in ((ar, "ar"), (en, "en"))]
    for number, bead, texts in _shown(ar, en, alignment, shown):
        ar_side, en_side = (
            f'{{"text": {quoted(text)}, "segments": [{", ".join(records[span.start : span.stop])}]}}'
            for text, records, span in zip(texts, sides, (bead.ar, bead.en))
        )
        known = "" if bead.probability is None else f', "probability": {_number(round(bead.probability, 4))}'
        extra = "" if flags is None else f', "flags": {_dumped(list(flags.get(number, ())))}'
        stream.write(
            f'{{"record": "bead", "bead": {number}, "type": "{bead.kind}", "sim": {_number(bead.sim)}, '
            f'"confidence": {_number(bead.confidence)}{known}, "ar": {ar_side}, "en": {en_side}{extra}}}\n'
        )
    stream.writelines(_dumped(_block_record(block, ar, en)) + "\n" for block in alignment.blocks)


def _quoted(text: str) -> str:
    """`text` as a JSON string with nothing in it that some reader takes for a line end or that UTF-8 cannot hold."""
    return _UNSAFE.sub(_escaped, encode_basestring(text))


def _dumped(value: Any) -> str:
    return _UNSAFE.sub(_escaped, _encode(value))


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def _numbers(span: Span, between: str) -> str:
    return str(span.start) if len(span) == 1 else between.join(map(str, range(span.start, span.stop)))


def _number(value: float) -> str:
    """Six decimals at most, without the zeros that follow."""
    return repr(round(float(value), 6))


def _segment_records(segmented: Segmented, quoted: Callable[[str], str], edited: Mapping[int, str]) -> list[str]:
    """The JSON object of every segment."""
    document = segmented.document
    text = document.text

    def place(segment: Segment) -> str:
        if not document.parts:
            return ""
        over = parts_between(document, segment.start, segment.end)
        own = f'"place": {quoted(place_between(document, segment.start, segment.end))}, '
        return own if len(over) == 1 else own + f'"cues": [{", ".join(map(cue, over))}], '

    def cue(part: Part) -> str:
        return (f'{{"place": {quoted(part.place)}, "start": {part.start}, "end": {part.end}, '
                f'"text": {quoted(text[part.start : part.end])}}}')  # fmt: skip

    def changed(k: int) -> str:
        return f', "edited": {quoted(edited[k])}' if k in edited else ""

    return [
        f'{{"segment": {k}, "start": {segment.start}, "end": {segment.end}, "kind": "{segment.kind}", {place(segment)}'
        f'"text": {quoted(text[segment.start : segment.end])}{changed(k)}}}'
        for k, segment in enumerate(segmented.segments)
    ]


def _block_record(block: Block, ar: Segmented, en: Segmented) -> dict[str, Any]:
    def side(segmented: Segmented, span: Span) -> dict[str, int] | None:
        if not len(span):
            return None
        first, last = segmented.segments[span.start], segmented.segments[span.stop - 1]
        return {"first": span.start, "last": span.stop - 1, "start": first.start, "end": last.end}

    sim = round(float(block.sim), 6)
    return {"record": "block", "type": block.kind, "sim": sim, "ar": side(ar, block.ar), "en": side(en, block.en)}


# A pair of files


def write_moses(
    prefix: str | os.PathLike[str],
    ar: Segmented,
    en: Segmented,
    alignment: Alignment,
    *,
    force: bool = False,
    suffixes: tuple[str, str] = ("ar", "en"),
    shown: Shown = Shown(),
) -> int:
    """Write PREFIX.ar and PREFIX.en, both or neither, and return their number of lines.

    Edited texts stand in them as any other: two files of plain lines have no room to say so.

    Beads with no text on a side are left out: an empty line breaks the tools that read such pairs. A compression is
    named at the end of the prefix: `out.gz` gives `out.ar.gz` and `out.en.gz`. Raises OutputError.
    """
    lines = 0
    with open_outputs(list(moses_paths(prefix, suffixes)), force) as (ar_stream, en_stream):
        for _, _, (ar_text, en_text) in _shown(ar, en, alignment, shown):
            if ar_text and en_text:
                ar_stream.write(ar_text + "\n")
                en_stream.write(en_text + "\n")
                lines += 1
    return lines


def moses_paths(prefix: str | os.PathLike[str], suffixes: tuple[str, str] = ("ar", "en")) -> tuple[Path, Path]:
    """The two files of a Moses pair."""
    packed = compression(prefix)
    stem = str(prefix)[: len(str(prefix)) - len(packed)]
    return Path(f"{stem}.{suffixes[0]}{packed}"), Path(f"{stem}.{suffixes[1]}{packed}")
