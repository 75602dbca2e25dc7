"""Pairs with the probability that they are right, and their flags, in the formats of `score`."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..cells import line
from ..data import Row
from ..files import json_line, open_output
from .flags import pair_record
from .rows import in_words
from .sinks import open_rows

if TYPE_CHECKING:
    from ..flags.scoring import Scored

_BREAKS = re.compile("[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")  # what would break a line of TSV


@contextmanager
def open_scored(output: str, format: str, force: bool) -> Iterator[Callable[[Sequence["Scored"]], None]]:
    """What writes scored pairs as they come; the file appears when the block ends well.

    `tsv` has the cells that were read, the probability, and the flags as side:kind:relation:text; `jsonl` the object that
    was read, or the texts and other cells; the other formats are those of `open_rows`.
    """
    if format in ("tsv", "jsonl"):
        shown = _line if format == "tsv" else _object
        with open_output(output, force) as stream:
            yield lambda pairs: stream.writelines(map(shown, pairs))
        return
    with open_rows(output, format=format, force=force) as sink:
        yield lambda pairs: sink.write(list(map(_row, pairs)))


def _told(one: "Scored") -> dict[str, Any]:
    """What every format adds beside the flags."""
    return {"probability": round(one.score.probability, 4)}


def _error(one: "Scored") -> dict[str, str]:
    return {"error": one.error} if one.error else {}


def _flags(one: "Scored") -> list[dict[str, Any]]:
    return list(map(pair_record, one.score.flags))


def _row(one: "Scored") -> Row:
    return replace(one.row, flags=tuple(_flags(one)), extra={**one.row.extra, **_told(one), **_error(one)})


def _line(one: "Scored") -> str:
    row = one.row
    flags = one.error or " | ".join(f"{f.side}:{f.kind}:{f.relation}:{' '.join(f.text.split())}" for f in one.score.flags)
    cells = [_BREAKS.sub(" ", in_words(cell)) for cell in (row.ar.text, row.en.text, *_other_cells(row))]
    return line([*cells, f"{one.score.probability:.4f}", flags])


def _object(one: "Scored") -> str:
    row = one.row
    rest = row.record if row.record is not None else row.extra
    return json_line({**rest, "ar": row.ar.text, "en": row.en.text, **_told(one), "flags": _flags(one), **_error(one)}) + "\n"


def _other_cells(row: Row) -> list[str]:
    """The columns beside the texts, as they were read."""
    if row.record is not None:
        return []
    aligned = [] if row.confidence is None else [f"{row.confidence:.4f}"]
    if row.ar.segments or row.en.segments:
        aligned += [",".join(map(str, side.segments)) for side in (row.ar, row.en)]
    return [*aligned, *row.extra.values()]
