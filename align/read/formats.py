"""Which reader a file's content, name or the user asks for."""

import importlib
import os
from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING

from ..data import Document
from ..errors import InputError, UsageError
from .draft import Draft, Source
from .kinds import SUFFIXES, kind_of
from .text import MAX_BYTES, known_encoding, plain, raw_bytes

if TYPE_CHECKING:
    from .apart import Reader

READERS: dict[str, tuple[str, str]] = {
    "html": ("html", "fill"), "docx": ("docx", "fill"), "odt": ("odt", "fill"), "pdf": ("pdf", "fill"),
    "epub": ("epub", "fill"), "srt": ("subtitles", "fill"), "vtt": ("subtitles", "fill"), "ass": ("subtitles", "fill_ass"),
    "sbv": ("subtitles", "fill"), "md": ("markdown", "fill"), "json": ("jsontext", "fill_json"),
    "jsonl": ("jsontext", "fill_lines"), "tmx": ("tmx", "fill"), "xliff": ("xliff", "fill"), "po": ("po", "fill"),
    "arb": ("jsontext", "fill_table"), "yaml": ("strings", "fill_yaml"), "properties": ("strings", "fill_properties"),
    "strings": ("apps", "fill_strings"), "stringsdict": ("apps", "fill_stringsdict"),
    "xcstrings": ("apps", "fill_xcstrings"), "android": ("apps", "fill_android"), "ts": ("apps", "fill_ts"),
}  # fmt: skip
"""Module and function for each format; all else is plain text."""

FORMATS: tuple[str, ...] = ("auto", "text", *dict.fromkeys((*READERS, *SUFFIXES)))
"""What `read` may be told to take a file for."""


apart: "Reader | None" = None
"""The process in which foreign formats are read; None for this one. See `read_apart`."""


def read_apart() -> None:
    """From now on read foreign formats in another process, with bounds of memory and time."""
    global apart
    from .apart import Reader

    apart = apart or Reader()


def read(
    path: str | os.PathLike[str], lang: str, encoding: str | None = None, *, max_bytes: int | None = None, format: str = "auto"
) -> Document:
    """The text of a file, or of stdin (`-`), by its content and its name, or by `format` (`text` for plain text).

    Formats with structure give a document with parts; of bilingual ones (.tmx, .xliff, .po, .json with language keys)
    the side in `lang`. Nothing in a file is run, fetched or unpacked to disk; `max_bytes` (MAX_BYTES if None) bounds the
    file, what it unpacks to and the text. What the file lacks, such as translations, is told as a warning of the logger
    `align.read`. Raises as `text.read`, InputError for formats that are known but not read, with their cure,
    FormatError for a file that breaks its format, and MissingExtra, which says what to install.
    """
    name = os.fspath(path)
    if format not in FORMATS:
        raise UsageError(f"unknown input format {format!r}; known are {', '.join(FORMATS)}")
    known = known_encoding(encoding)
    shown = "<stdin>" if name == "-" else name
    max_bytes = MAX_BYTES if max_bytes is None else max_bytes
    data = raw_bytes(name, shown, max_bytes)
    if not data:
        raise InputError(f"{shown}: the file is empty")
    kind = kind_of(name, data) if format == "auto" else SUFFIXES.get(format, format)
    if kind not in READERS:
        return plain(data, shown, lang, known)
    return drafted(Source(shown, lang, data, encoding, max_bytes), kind)


def drafted(source: Source, kind: str) -> Document:
    """The document that the bytes of a format with structure hold; read in the process apart where there is one."""
    return read_here(source, kind) if apart is None else apart.read(source, kind)


def read_here(source: Source, kind: str) -> Document:
    """As `drafted`, in this process."""
    draft = Draft(source.shown, source.lang, source.max_bytes)
    module, function = READERS[kind]
    getattr(importlib.import_module(f".{module}", __package__), function)(source, draft)
    return replace(draft.document(), origin=blake2b(source.data, digest_size=16).hexdigest())
