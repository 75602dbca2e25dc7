"""A document's text as it grows, piece by piece, and what every reader of a format is given."""

import importlib
import logging
import re
from dataclasses import dataclass
from types import ModuleType

from ..data import Document, Part
from ..errors import InputError, MissingExtra
from ..lang.ar.letters import INK
from .text import decoded, known_encoding

_BETWEEN = "\n\n"
_SPACES = re.compile(r"[^\S\n]+")
_BLANK = re.compile(r" ?\n[\s]*")


@dataclass(frozen=True, slots=True)
class Source:
    """The bytes of a file: `shown` is its name in messages, `lang` the language wanted of it."""

    shown: str
    lang: str
    data: bytes
    encoding: str | None
    max_bytes: int

    def text(self, declared: str | None = None) -> str:
        """The bytes as text: by byte order mark, else as the user named, else as the file declares, else UTF-8."""
        return decoded(self.data, self.shown, known_encoding(self.encoding) or declared)


class Draft:
    """Pieces of text, a blank line between them; the first and last character of a piece can be seen."""

    def __init__(self, shown: str, lang: str, limit: int) -> None:
        self.shown, self.lang, self.limit = shown, lang, limit
        self._pieces: list[str] = []
        self._parts: list[Part] = []
        self._length = 0
        self._lacks: dict[str, list[str]] = {}

    def add(self, text: str, kind: str, place: str) -> None:
        """Append a piece, trimmed; nothing where there is nothing to see. Raises InputError beyond the limit."""
        text = text.strip()
        if not text or not INK.search(text):
            return
        start = self._length + (len(_BETWEEN) if self._pieces else 0)
        if start + len(text) > self.limit:
            raise InputError(
                f"{self.shown}: holds more than {self.limit:,} characters of text; allow more with --max-bytes"
            )
        self._pieces.append(text)
        self._parts.append(Part(start, start + len(text), kind, place))
        self._length = start + len(text)

    def add_flowing(self, text: str, kind: str, place: str) -> None:
        """Append a piece whose white space means nothing but for line breaks, each of which begins a new piece."""
        for line in _BLANK.sub("\n", _SPACES.sub(" ", text)).split("\n"):
            self.add(line, kind, place)

    def lack(self, what: str, place: str) -> None:
        """Note that something is missing at a place; all of a sort are told in one warning, when the text is whole."""
        self._lacks.setdefault(what, []).append(place)

    def __len__(self) -> int:
        return len(self._parts)

    def document(self) -> Document:
        """The whole; raises InputError where there is no text."""
        for what, places in self._lacks.items():
            logging.getLogger(__name__).warning("%s: %s: %s", self.shown, what, listed(places))
        if not self._parts:
            raise InputError(f"{self.shown}: the file holds no text")
        return Document(self.shown, self.lang, _BETWEEN.join(self._pieces), tuple(self._parts))


def listed(places: list[str], most: int = 5) -> str:
    """How many places, and the first of them by name."""
    more = f" and {len(places) - most:,} more" if len(places) > most else ""
    return f"{len(places):,} ({', '.join(places[:most])}{more})"


def need(name: str, extra: str, shown: str) -> ModuleType:
    """The module of an optional dependency; raises MissingExtra, which says how to install it."""
    try:
        return importlib.import_module(name)
    except ImportError:
        suffix = f".{shown.rpartition('.')[2]}" if "." in shown else "it"
        raise MissingExtra(f"{shown}: reading {suffix} needs: pip install 'muwazi[{extra}]'") from None
