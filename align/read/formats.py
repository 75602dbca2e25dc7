"""Which reader a file's name asks for."""

import importlib
import os
from pathlib import PurePath
from typing import TYPE_CHECKING

from ..data import Document
from ..errors import InputError, UsageError
from ..files import COMPRESSED
from .draft import Draft, Source
from .text import MAX_BYTES, known_encoding, raw_bytes
from .text import read as read_text

if TYPE_CHECKING:
    from .apart import Reader

READERS: dict[str, tuple[str, str]] = {
    "html": ("html", "fill"), "htm": ("html", "fill"), "xhtml": ("html", "fill"), "docx": ("docx", "fill"),
    "docm": ("docx", "fill"), "odt": ("odt", "fill"), "pdf": ("pdf", "fill"), "epub": ("epub", "fill"),
    "srt": ("subtitles", "fill"), "vtt": ("subtitles", "fill"), "md": ("markdown", "fill"),
    "markdown": ("markdown", "fill"), "json": ("jsontext", "fill_json"), "jsonl": ("jsontext", "fill_lines"),
    "ndjson": ("jsontext", "fill_lines"), "tmx": ("tmx", "fill"), "xliff": ("xliff", "fill"), "xlf": ("xliff", "fill"),
    "po": ("po", "fill"), "pot": ("po", "fill"),
}  # fmt: skip
"""Module and function for each suffix; whatever has another suffix is plain text."""

FORMATS: tuple[str, ...] = ("auto", "text", *READERS)
"""What `read` may be told to take a file for."""


apart: "Reader | None" = None
"""The process in which foreign formats are read; None for this one. See `read_apart`."""


def read_apart() -> None:
    """From now on read foreign formats in another process, with bounds of memory and time."""
    global apart
    from .apart import Reader

    apart = apart or Reader()


def read(
    path: str | os.PathLike, lang: str, encoding: str | None = None, *, max_bytes: int = MAX_BYTES, format: str = "auto"
) -> Document:
    """The text of a file, by its name or by `format` (`text` for plain text); `-` is stdin, plain text unless told.

    Formats with structure give a document with parts; of bilingual ones (.tmx, .xliff, .po, .json with language keys)
    the side in `lang`. Nothing in a file is run, fetched or unpacked to disk; `max_bytes` bounds the file, what it
    unpacks to and the text. Raises as `text.read`, FormatError for a file that breaks its format, and MissingExtra,
    which says what to install.
    """
    name = os.fspath(path)
    if format not in FORMATS:
        raise UsageError(f"unknown input format {format!r}; known are {', '.join(FORMATS)}")
    kind = _suffix(name) if format == "auto" else format
    if kind not in READERS:
        return read_text(path, lang, encoding, max_bytes=max_bytes)
    known_encoding(encoding)
    if apart is not None and name != "-":
        return apart.read(name, lang, encoding, max_bytes, kind)
    shown = "<stdin>" if name == "-" else name
    data = raw_bytes(name, shown, max_bytes)
    if not data:
        raise InputError(f"{shown}: the file is empty")
    draft = Draft(shown, lang, max_bytes)
    module, function = READERS[kind]
    getattr(importlib.import_module(f".{module}", __package__), function)(
        Source(shown, lang, data, encoding, max_bytes), draft
    )
    return draft.document()


def _suffix(name: str) -> str:
    """The suffix that names a format, that of a compression left out."""
    pure = PurePath(name)
    if pure.suffix.lower() in COMPRESSED:
        pure = pure.with_suffix("")
    return pure.suffix.lower().removeprefix(".")
