"""An aligned pair out of the JSON lines that an earlier run wrote."""

import json
import os
from typing import Any

from ..data import Alignment, Bead, Block, Document, Flag, Judged, Segment, Segmented, Span
from ..errors import DecodingError, FormatError, InputError
from ..files import read_bytes

_SIDES = ("ar", "en")


def read_jsonl(path: str | os.PathLike[str], langs: tuple[str, str] = ("ar", "en")) -> Judged:
    """The pair in a file of JSON lines, with the texts of the documents; see `read_reviewed`."""
    return read_reviewed(path, langs)[0]


def read_reviewed(
    path: str | os.PathLike[str], langs: tuple[str, str] = ("ar", "en")
) -> tuple[Judged, dict[tuple[str, int], str]]:
    """The pair in a file of JSON lines, and the texts that a person put in the place of segments'.

    What stood between segments comes back as spaces, so that all places hold. Raises InputError when the file cannot be
    read or has no beads, FormatError (`path:line`) when a line is none that the format `jsonl` writes.
    """
    parts: tuple[dict[int, tuple[int, int, str, str]], ...] = ({}, {})
    beads: list[Bead] = []
    blocks: list[Block] = []
    flags: list[Flag] = []
    edits: dict[tuple[str, int], str] = {}
    number, stops = 0, [0, 0]
    try:
        lines = read_bytes(path).decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise DecodingError(f"{path}: is not UTF-8 (byte {error.start})") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            if record["record"] == "bead":
                spans = [_segments(record[side], part, stop)
                         for side, part, stop in zip(_SIDES, parts, stops, strict=True)]
                if not any(map(len, spans)):
                    raise ValueError("a bead without segments")
                stops = [span.stop for span in spans]
                edits |= {(side, part["segment"]): str(part["edited"]) for side in _SIDES
                          for part in record[side]["segments"] if part.get("edited")}  # fmt: skip
                flags += [flag_of(flag, len(beads)) for flag in record.get("flags", ())]
                beads.append(Bead(spans[0], spans[1], float(record["sim"]), float(record["confidence"]),
                                  record.get("probability")))
            elif record["record"] == "block":
                blocks.append(Block(_run(record["ar"]), _run(record["en"]), str(record["type"]), float(record["sim"])))
            else:
                raise ValueError("an unknown record")
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise FormatError(f"{path}:{number}: is not a bead or a block as --format jsonl writes them") from error
    if not beads:
        raise InputError(f"{path}: holds no beads; write it with align --format jsonl")
    sides = [_segmented(part, f"{path} ({lang})", lang, str(path)) for part, lang in zip(parts, langs, strict=True)]
    if any(block.ar.stop > len(parts[0]) or block.en.stop > len(parts[1]) for block in blocks):
        raise FormatError(f"{path}:{number}: a block names segments that are not there")
    return Judged(sides[0], sides[1], Alignment(tuple(beads), tuple(blocks)), tuple(flags)), edits


def _segments(side: dict[str, Any], into: dict[int, tuple[int, int, str, str]], past: int) -> Span:
    """Notes a bead's segments of one side and returns their span, which is empty at `past` where there are none."""
    numbers = []
    for segment in side["segments"]:
        k, start, end, text = segment["segment"], segment["start"], segment["end"], segment["text"]
        if k in into or not 0 <= start <= end or len(text) != end - start:
            raise ValueError("a segment twice, or with a text of another length")
        into[k] = (start, end, str(segment["kind"]), text)
        numbers.append(k)
    if not numbers:
        return Span(past, past)
    if numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        raise ValueError("segments of one bead that do not follow each other")
    return Span(numbers[0], numbers[-1] + 1)


def _run(side: dict[str, int] | None) -> Span:
    return Span(0, 0) if side is None else Span(side["first"], side["last"] + 1)


def _segmented(parts: dict[int, tuple[int, int, str, str]], id: str, lang: str, path: str) -> Segmented:
    texts, segments, past = [], [], 0
    if sorted(parts) != list(range(len(parts))):
        raise FormatError(f"{path}: the numbers of the {lang} segments have gaps")
    for k in range(len(parts)):
        start, end, kind, text = parts[k]
        if start < past:
            raise FormatError(f"{path}: the {lang} segments {k - 1} and {k} overlap")
        texts += [" " * (start - past), text]
        segments.append(Segment(start, end, " ".join(text.split()), kind))
        past = end
    return Segmented(Document(id, lang, "".join(texts)), tuple(segments))


def flag_of(record: dict[str, Any], bead: int) -> Flag:
    """The flag of a record as JSON lines hold it; raises KeyError, TypeError and ValueError for what is none."""
    there = record["counterpart"]
    if record["side"] not in _SIDES:
        raise ValueError("a flag on no side")
    return Flag(record["side"], int(record["start"]), int(record["end"]), str(record["text"]), str(record["kind"]),
                str(record["relation"]), float(record["probability"]), str(record["severity"]), bead,
                None if there is None else (int(there["start"]), int(there["end"]), str(there["text"])),
                dict(record["evidence"]))
