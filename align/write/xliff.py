"""XLIFF 1.2, the version that nearly every translation tool reads: a unit for each bead with text on both sides."""

from collections.abc import Sequence
from typing import TextIO

from .. import __version__
from ..data import Row
from .rows import flags_in_words, in_words, shown
from .tmx import attribute, content, is_changed


class Files:
    """An open file of XLIFF that takes rows as they come: a `file` for each document, with notes.

    The notes, told apart by `from`, hold confidence, similarity, type, flags and places. Characters that XML cannot hold
    become U+FFFD, and a note says so.
    """

    def __init__(self, stream: TextIO, langs: tuple[str, str]) -> None:
        self.stream, self.langs = stream, langs
        self._documents: tuple[str, str] | None = None
        stream.write(
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2">\n'
        )

    def write(self, rows: Sequence[Row]) -> None:
        """Append the two-sided rows, in a `file` for each run of them with the same documents."""
        for row in rows:
            if not row.is_pair:
                continue
            documents = (row.ar.document, row.en.document)
            if documents != self._documents:
                self._close()
                self._open(documents)
            self.stream.write(_unit(row))

    def finish(self) -> None:
        """Write the end; the format wants one `file` at least."""
        if self._documents is None:
            self._open(("", ""))
        self._close()
        self.stream.write("</xliff>\n")

    def _open(self, documents: tuple[str, str]) -> None:
        self._documents = documents
        self.stream.write(
            f"<file original={attribute(documents[0])} source-language={attribute(self.langs[0])} "
            f'target-language={attribute(self.langs[1])} datatype="plaintext">\n<header><tool tool-id="muwazi" '
            f'tool-name="muwazi" tool-version={attribute(__version__)}/></header>\n<body>\n'
        )

    def _close(self) -> None:
        if self._documents is not None:
            self.stream.write("</body>\n</file>\n")


def _unit(row: Row) -> str:
    notes = {
        "confidence": shown(row.confidence),
        "sim": shown(row.sim),
        "type": row.type,
        "flags": flags_in_words(row.flags),
        "source-place": row.ar.place,
        "target-place": row.en.place,
        "target-document": row.en.document,
        **{name: "" if value is None else in_words(value) for name, value in row.extra.items()},
        "replaced": "control characters" if is_changed(row) else "",
    }
    told = "".join(f"<note from={attribute('muwazi-' + name)}>{content(value)}</note>" for name, value in notes.items() if value)
    return (
        f'<trans-unit id="{row.bead}" xml:space="preserve"><source>{content(row.ar.text)}</source>'
        f"<target>{content(row.en.text)}</target>{told}</trans-unit>\n"
    )
