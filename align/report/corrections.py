"""The corrections that a page saves, checked, and put on the texts they were made for."""

import math
import os
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..data import Alignment, Bead, Block, Document, Flag, Judged, Segment, Segmented, Span
from ..errors import DecodingError, FormatError, InputError
from ..files import parsed_json, read_bytes
from ..lang.ar.letters import INK
from .digest import digest

FORMAT = "muwazi corrections"
SCHEMA = 2
"""Raised when an older reader would misunderstand the file."""
STATES = ("open", "confirmed", "dismissed")
"""What a reviewer may have said of a flag."""

_SIDES = ("ar", "en")
_NAMES = {"ar": "first", "en": "second"}


@dataclass(frozen=True, slots=True)
class Corrections:
    """A reviewed alignment: the segments' places, kinds and digest of each side, beads, blocks and flags.

    `places` holds (start, end, kind) of every segment of the first and of the second text; every segment stands in
    exactly one bead. `flags` are those that were kept, their texts still empty; the evidence of one that a person
    confirmed, commented on or added holds `review`, `comment` or `by`. `edits` are the texts that a person put in the
    place of segments', by side and number of the segment. `signature` is that of the run that made the page. Beads that
    a person accepted or made have confidence 1; those a person made have no similarity (0).
    """

    name: str
    langs: tuple[str, str]
    digests: tuple[str, str]
    places: tuple[tuple[tuple[int, int, str], ...], tuple[tuple[int, int, str], ...]]
    beads: tuple[Bead, ...]
    blocks: tuple[Block, ...]
    flags: tuple[Flag, ...]
    accepted: int
    edited: int
    dismissed: int
    signature: str = ""
    edits: Mapping[tuple[str, int], str] = field(default_factory=dict)
    confirmed: int = 0


def read_corrections(path: str | os.PathLike[str]) -> Corrections:
    """The corrections in a file that a page saved; raises InputError, DecodingError or FormatError, in one line."""
    try:
        text = read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DecodingError(f"{path}: is not UTF-8 (byte {error.start})") from error
    return parse_corrections(parsed_json(text, str(path), whole=True), str(path))


def parse_corrections(record: Any, name: str = "<corrections>") -> Corrections:
    """The corrections in the value that JSON held; raises FormatError that says which part is missing or wrong."""
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise FormatError(f"{name}: is not a file of corrections that a page of muwazi saved")
    if record.get("schema") not in (1, SCHEMA):
        raise FormatError(f"{name}: has the schema {record.get('schema')!r}; this version reads 1 to {SCHEMA}")
    part = "texts"
    try:
        texts = [record["texts"][side] for side in _SIDES]
        first, second = (tuple((_whole(start), _whole(end), str(kind)) for start, end, kind in text["segments"])
                         for text in texts)
        places = first, second
        digests = str(texts[0]["digest"]), str(texts[1]["digest"])
        langs = str(texts[0]["lang"]), str(texts[1]["lang"])
        part = "segments of ar"
        _check_order(first)
        part = "segments of en"
        _check_order(second)
        part = "beads"
        beads = tuple(map(_bead, record["beads"]))
        states = [(_truth(bead["accepted"]), _truth(bead["edited"])) for bead in record["beads"]]
        part = "blocks"
        blocks = tuple(Block(_span(block["ar"]), _span(block["en"]), str(block["kind"]), _share(block["sim"]))
                       for block in record["blocks"])
        part = "flags"
        flags = [(_flag(flag), _state(flag)) for flag in record["flags"]]
        part = "edits"
        edits = {(_side(edit["side"]), _whole(edit["segment"])): _text(edit["text"]) for edit in record.get("edits", ())}
        part = "signature"
        signature = str(record.get("signature", ""))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise FormatError(f"{name}: its {part} are missing or not what a page saves") from error
    _check_beads(name, beads, (len(places[0]), len(places[1])))
    for side, k in edits:
        if k >= len(places[_SIDES.index(side)]):
            raise FormatError(f"{name}: its edits name segments that are not there")
    for block in blocks:
        if block.ar.stop > len(places[0]) or block.en.stop > len(places[1]):
            raise FormatError(f"{name}: its blocks name segments that are not there")
    return Corrections(
        name, langs, digests, places, beads, _standing(blocks, beads), tuple(flag for flag, state in flags if state != "dismissed"),
        sum(accepted for accepted, _ in states), sum(edited for _, edited in states),
        sum(state == "dismissed" for _, state in flags), signature, edits,
        sum(state == "confirmed" for _, state in flags),
    )


def corrected(corrections: Corrections, ar: Document, en: Document) -> Judged:
    """The reviewed pair on its raw texts, segmented exactly as the page showed them.

    Raises InputError when a text is not the one that was reviewed, FormatError when the corrections leave some of it
    out or hold a flag outside it.
    """
    sides = [_segmented(corrections, at, document) for at, document in enumerate((ar, en))]
    owner = [_owners(corrections.beads, at, len(side.segments)) for at, side in enumerate(sides)]
    flags = [_placed(corrections.name, flag, sides, owner) for flag in corrections.flags]
    order = {"ar": 0, "en": 1}
    flags.sort(key=lambda flag: (flag.bead, order[flag.side], flag.start, -flag.end))
    return Judged(sides[0], sides[1], Alignment(corrections.beads, corrections.blocks), tuple(flags))


def _segmented(corrections: Corrections, at: int, document: Document) -> Segmented:
    name, text, places = corrections.name, document.text, corrections.places[at]
    other = f"{document.id}: is not the {_NAMES[_SIDES[at]]} text that {name} was made for"
    if places and places[-1][1] > len(text):
        raise InputError(other)
    segments: list[Segment] = []
    line = paragraph = past = 0
    for start, end, kind in places:
        gap = text[past:start]
        if INK.search(gap):
            raise InputError(other)
        line += text.count("\n", past, start)
        paragraph += bool(segments) and gap.count("\n") > 1
        segments.append(Segment(start, end, " ".join(text[start:end].split()), kind, paragraph, line))
        line += text.count("\n", start, end)
        past = end
    found = Segmented(document, tuple(segments))
    if INK.search(text, past) or digest(found) != corrections.digests[at]:
        raise InputError(other)
    return found


def _placed(name: str, flag: Flag, sides: Sequence[Segmented], owner: Sequence[list[int]]) -> Flag:
    """The flag with its text and with the bead in which it lies now."""
    at = _SIDES.index(flag.side)
    text, there = sides[at].document.text, sides[1 - at].document.text
    counterpart = flag.counterpart
    if not owner[at] or flag.end > len(text) or (counterpart is not None and counterpart[1] > len(there)):
        raise FormatError(f"{name}: its flags lie outside the texts")
    k = max(bisect_right(sides[at].segments, flag.start, key=lambda segment: segment.start) - 1, 0)
    if counterpart is not None:
        counterpart = (counterpart[0], counterpart[1], there[counterpart[0] : counterpart[1]])
    return replace(flag, text=text[flag.start : flag.end], bead=owner[at][k], counterpart=counterpart)


def _owners(beads: Sequence[Bead], at: int, size: int) -> list[int]:
    out = [0] * size
    for number, bead in enumerate(beads):
        for k in range(*(bead.ar, bead.en)[at]):
            out[k] = number
    return out


def _standing(blocks: Sequence[Block], beads: Sequence[Bead]) -> tuple[Block, ...]:
    """The blocks of which no segment has been paired since."""
    paired = [{k for bead in beads if len(bead.ar) and len(bead.en) for k in range(*span(bead))}
              for span in (lambda bead: bead.ar, lambda bead: bead.en)]  # fmt: skip
    return tuple(block for block in blocks
                 if paired[0].isdisjoint(range(*block.ar)) and paired[1].isdisjoint(range(*block.en)))


def _check_order(places: Sequence[tuple[int, int, str]]) -> None:
    past = 0
    for start, end, _ in places:
        if not past <= start <= end:
            raise ValueError(f"a segment from {start} to {end}")
        past = end


def _check_beads(name: str, beads: Sequence[Bead], sizes: tuple[int, int]) -> None:
    """Raise FormatError unless every segment stands in exactly one bead."""
    for at, (side, size) in enumerate(zip(_SIDES, sizes, strict=True)):
        seen: list[int | None] = [None] * size
        for number, bead in enumerate(beads):
            for k in range(*(bead.ar, bead.en)[at]):
                if k >= size:
                    raise FormatError(f"{name}: bead {number} holds segment {k} of {side}, which has {size}")
                if seen[k] is not None:
                    raise FormatError(f"{name}: segment {k} of {side} stands in two beads, {seen[k]} and {number}")
                seen[k] = number
        if None in seen:
            raise FormatError(f"{name}: segment {seen.index(None)} of {side} stands in no bead")


def _bead(record: dict[str, Any]) -> Bead:
    ar, en = _span(record["ar"]), _span(record["en"])
    if not len(ar) and not len(en):
        raise ValueError("a bead without segments")
    is_sure = _truth(record["accepted"]) or _truth(record["edited"])
    return Bead(ar, en, 0.0 if record["sim"] is None else _share(record["sim"]),
                1.0 if is_sure else _share(record["confidence"]))


def _flag(record: dict[str, Any]) -> Flag:
    side, evidence, counterpart = record["side"], record["evidence"], record["counterpart"]
    if side not in _SIDES or not isinstance(evidence, dict):
        raise ValueError("a flag without side or evidence")
    start, end = _span([record["start"], record["end"]])
    told = {"review": "confirmed"} if _state(record) == "confirmed" else {}
    if record.get("comment"):
        told["comment"] = str(record["comment"])
    return Flag(side, start, end, "", str(record["kind"]), str(record["relation"]), _share(record["probability"]),
                str(record["severity"]), 0, None if counterpart is None else (*_span(counterpart), ""), evidence | told)


def _state(record: dict[str, Any]) -> str:
    """What a reviewer said of a flag; the first schema knew only whether it was dismissed."""
    state = record.get("state", "dismissed" if _truth(record.get("dismissed", False)) else "open")
    if state not in STATES:
        raise ValueError(f"a flag that is {state!r}")
    return state


def _side(value: Any) -> str:
    if value not in _SIDES:
        raise ValueError(f"{value!r} is no side")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("an edit without text")
    return value


def _whole(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 2**53:
        raise ValueError(f"{value!r} is no place")
    return value


def _span(value: Any) -> Span:
    start, stop = map(_whole, value)
    if start > stop:
        raise ValueError(f"{value!r} is no span")
    return Span(start, stop)


def _share(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is no number")
    return float(value)


def _truth(value: Any) -> bool:
    if type(value) is not bool:
        raise ValueError(f"{value!r} is neither true nor false")
    return value
