"""Which format a file's name tells: for all that is written, and for messages where a name and a format disagree."""

import os
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from .errors import UsageError
from .files import compression

_FORMATS = {"tsv": "tsv", "tab": "tsv", "csv": "csv", "jsonl": "jsonl", "ndjson": "jsonl", "tmx": "tmx", "xliff": "xliff",
            "xlf": "xliff", "xlsx": "xlsx", "parquet": "parquet", "html": "html", "htm": "html"}  # fmt: skip
BINARY = frozenset(["xlsx", "parquet"])
"""Formats that are no text, and never go to a terminal."""

# Documents, pictures and tables that are read only, or made by one command: anything else under such a name would
# deceive whoever opens the file.
_NEVER = frozenset(["xhtml", "docx", "docm", "dotx", "doc", "rtf", "odt", "ott", "pdf", "epub", "srt", "vtt", "md", "markdown", "po", "pot",
                    "arrow", "xls", "xlsm", "ods", "npy", "npz", "svg", "png", "jpg", "jpeg", "toml", "zip", "sdltm",
                    "pptx", "ass", "ssa", "sbv", "sdlxliff", "mqxliff", "mxliff", "strings", "stringsdict", "xcstrings",
                    "properties", "arb", "yml", "yaml"])  # fmt: skip


def suffix_of(name: str | os.PathLike[str]) -> str:
    """What a name ends in, in lower case and without its dot; the suffix of a compression is passed over."""
    text = os.fspath(name)
    return Path(text.removesuffix(text[len(text) - len(compression(text)):])).suffix.lower().removeprefix(".")


def format_of(name: str | os.PathLike[str]) -> str | None:
    """The format that a file's name tells; None where it tells none, as `.txt`, no suffix and `-` do."""
    return _FORMATS.get(suffix_of(name))


def fitting(name: str | os.PathLike[str], format: str | None, known: Sequence[str], default: str, what: str = "rows") -> str:
    """The format to write `name` in: the one that is asked for, else the one its suffix tells, else `default`.

    Raises UsageError for a format that is none of the `known` ones, for a suffix of a format that cannot be written
    here, and for a name and a format that contradict each other. `what` is written, in the message.
    """
    format = None if format is None else format.lower()
    if format is not None and format not in known:
        near = get_close_matches(format, known, 1)
        raise UsageError(f"unknown format {format!r}{f', did you mean {near[0]}?' if near else ';'} known are {', '.join(known)}")
    suffix, told = suffix_of(name), format_of(name)
    one_of = f"formats are {', '.join(known)}" if len(known) > 1 else f"it is written as {known[0]}"
    if told is None and suffix == "json" and format is None and default != "jsonl":
        cure = "; name it .jsonl for an object a line" if "jsonl" in known else ""
        raise UsageError(f"{name}: {what} cannot be written as json{cure}; {one_of}")
    if suffix in _NEVER or (told is not None and told not in known):
        raise UsageError(f"{name}: {what} cannot be written as {told or suffix}; {one_of}")
    if format is None:
        return told or default
    if told is not None and told != format:
        raise UsageError(f"{name}: is called {told} but asked for as {format}; leave out --format, or name the file otherwise")
    return format
