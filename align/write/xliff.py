"""XLIFF 1.2, the version that nearly every translation tool reads: a unit for each bead with text on both sides."""

from collections.abc import Iterable
from itertools import groupby
from typing import TextIO

from ..data import Row
from .rows import flags_in_words, shown
from .tmx import attribute, content, is_changed


def write_xliff(
    stream: TextIO, rows: Iterable[Row], *, langs: tuple[str, str] = ("ar", "en"), version: str = ""
) -> None:
    """Write the two-sided beads as translation units, in a `file` for each document, with notes.

    The notes, told apart by `from`, hold confidence, similarity, type, flags and places. Characters that XML cannot
    hold become U+FFFD, and a note says so.
    """
    stream.write(
        '<?xml version="1.0" encoding="UTF-8"?>\n<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2">\n'
    )
    is_empty = True
    for documents, found in groupby(
        (row for row in rows if row.is_pair), lambda row: (row.ar.document, row.en.document)
    ):
        is_empty = False
        _open(stream, documents[0], langs, version)
        stream.writelines(map(_unit, found))
        stream.write("</body>\n</file>\n")
    if is_empty:
        _open(stream, "", langs, version)
        stream.write("</body>\n</file>\n")
    stream.write("</xliff>\n")


def _open(stream: TextIO, original: str, langs: tuple[str, str], version: str) -> None:
    stream.write(
        f"<file original={attribute(original)} source-language={attribute(langs[0])} "
        f'target-language={attribute(langs[1])} datatype="plaintext">\n<header><tool tool-id="muwazi" '
        f'tool-name="muwazi" tool-version={attribute(version or "0")}/></header>\n<body>\n'
    )


def _unit(row: Row) -> str:
    notes = {
        "confidence": shown(row.confidence),
        "sim": shown(row.sim),
        "type": row.type,
        "flags": flags_in_words(row.flags),
        "source-place": row.ar.place,
        "target-place": row.en.place,
        "target-document": row.en.document,
        "replaced": "control characters" if is_changed(row) else "",
    }
    told = "".join(f'<note from="muwazi-{name}">{content(value)}</note>' for name, value in notes.items() if value)
    return (
        f'<trans-unit id="{row.bead}" xml:space="preserve"><source>{content(row.ar.text)}</source>'
        f"<target>{content(row.en.text)}</target>{told}</trans-unit>\n"
    )
