"""TMX 1.4 translation memories: a unit for each bead with text on both sides."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TextIO

from .. import __version__
from ..data import Row, Side
from .rows import flags_in_words, in_words, is_legal, legal, shown


class Memory:
    """An open translation memory that takes rows as they come; characters that XML cannot hold become U+FFFD, and the unit
    says so in the property `x-replaced`.

    `langs` are the tags of the two sides, with a region if wanted (`ar-EG`).
    """

    def __init__(self, stream: TextIO, langs: tuple[str, str]) -> None:
        self.stream, self.langs = stream, langs
        stream.write(
            '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE tmx SYSTEM "tmx14.dtd">\n<tmx version="1.4">\n'
            f'<header creationtool="muwazi" creationtoolversion={attribute(__version__)} segtype="sentence" '
            f'o-tmf="muwazi" adminlang="en" srclang={attribute(langs[0])} datatype="plaintext"/>\n<body>\n'
        )

    def write(self, rows: Sequence[Row]) -> None:
        """Append the two-sided rows, whose properties hold confidence, similarity, type, flags and places."""
        self.stream.writelines(_unit(row, self.langs) for row in rows if row.is_pair)

    def finish(self) -> None:
        """Write the end."""
        self.stream.write("</body>\n</tmx>\n")


def _unit(row: Row, langs: tuple[str, str]) -> str:
    """A two-sided row as a unit; extra values are properties."""
    properties = {
        "confidence": shown(row.confidence),
        "sim": shown(row.sim),
        "type": row.type,
        "flags": flags_in_words(row.flags),
        **{name: "" if value is None else in_words(value) for name, value in row.extra.items()},
        "replaced": "control characters" if is_changed(row) else "",
    }
    variants = "".join(_variant(side, lang) for side, lang in zip((row.ar, row.en), langs))
    return f'<tu tuid="{row.bead}">{_properties(properties)}\n{variants}</tu>\n'


def _variant(side: Side, lang: str) -> str:
    told = _properties(
        {
            "document": side.document,
            "place": side.place,
            "segments": ",".join(map(str, side.segments)),
            "start": "" if side.start is None else str(side.start),
            "end": "" if side.end is None else str(side.end),
        }
    )
    return f"<tuv xml:lang={attribute(lang)}>{told}<seg>{content(side.text)}</seg></tuv>\n"


def _properties(named: dict[str, str]) -> str:
    return "".join(f"<prop type={attribute('x-' + name)}>{content(value)}</prop>" for name, value in named.items() if value)


def is_changed(row: Row) -> bool:
    """Whether a side holds characters that XML cannot."""
    return not (is_legal(row.ar.text) and is_legal(row.en.text))


def content(text: str) -> str:
    """Text as XML content that reads back equal: a parser would turn a bare carriage return into a line feed."""
    return legal(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


# The same few names and languages stand in every unit.
@lru_cache(maxsize=1024)
def attribute(text: str) -> str:
    """Text as a quoted XML attribute."""
    return '"' + content(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;") + '"'
