"""Mined pairs, with the margin over their neighbours, in every format."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..cells import line
from ..data import Row
from ..files import json_line, open_output
from .bitext import quoted
from .formats import write_rows
from .rows import shown
from .sinks import open_rows

if TYPE_CHECKING:
    from ..mine import Found

HEADER = ("ar", "en", "confidence", "ar_segment", "en_segment", "sim", "margin", "ar_place", "en_place", "ar_document",
          "en_document")
"""The names of the TSV's columns."""


def write_mined(output: str, found: "Found", format: str, *, header: bool = False, force: bool = False,
                langs: tuple[str, str] = ("ar", "en")) -> None:
    """Write the pairs, the surest first; `tsv` and `jsonl` have the margin, the other formats are those of rows."""
    if format == "moses":
        with open_rows(output, format=format, force=force, langs=langs) as sink:
            for row in found.rows():
                sink.write([row])
    elif format in ("tsv", "jsonl"):
        with open_output(output, force) as stream:
            if header:
                stream.write("\t".join(HEADER) + "\n")
            stream.writelines(_tsv(found, header) if format == "tsv" else _jsonl(found, langs))
    else:
        write_rows(output, found.rows(), format=format, force=force, langs=langs)


def _with_margins(found: "Found") -> Iterator[tuple[Row, float]]:
    return zip(found.rows(), found.margins(), strict=True)


def _tsv(found: "Found", header: bool) -> Iterator[str]:
    told = quoted if header else str
    for row, margin in _with_margins(found):
        ar, en = row.ar, row.en
        yield line((told(ar.text), told(en.text), shown(row.confidence), str(ar.segments[0]), str(en.segments[0]), shown(row.sim),
                    shown(margin), ar.place, en.place, ar.document, en.document))


def _jsonl(found: "Found", langs: tuple[str, str]) -> Iterator[str]:
    for row, margin in _with_margins(found):
        sides = {lang: {"text": side.text, "segment": side.segments[0], "start": side.start, "end": side.end,
                        "place": side.place, "document": side.document}
                 for lang, side in zip(langs, (row.ar, row.en), strict=True)}
        yield json_line({"record": "bead", "bead": row.bead, "confidence": round(row.confidence, 6), "sim": round(row.sim, 6),
                         "margin": round(margin, 6), **sides}) + "\n"
