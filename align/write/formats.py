"""Which writer a format's name asks for."""

import os
from collections.abc import Iterable
from itertools import islice

from ..choices import AlignmentFormat, names
from ..data import Alignment, Segmented
from ..errors import UsageError
from ..files import open_output
from .bitext import Shown, Writer, write_jsonl, write_moses, write_tsv, write_vecalign
from .rows import Row, rows
from .sinks import ROW_FORMATS, open_rows
from .targets import files_of, is_stdout

WRITERS: dict[str, Writer] = {"tsv": write_tsv, "jsonl": write_jsonl, "vecalign": write_vecalign}
"""The formats of whole alignments that go to one stream of text."""

FORMATS = names(AlignmentFormat)
"""Every format's name, the default first."""

_AT_ONCE = 2000  # rows


def write(
    target: str | os.PathLike[str] | None,
    ar: Segmented,
    en: Segmented,
    alignment: Alignment,
    *,
    format: str = "tsv",
    force: bool = False,
    suffixes: tuple[str, str] = ("ar", "en"),
    shown: Shown = Shown(),
) -> list[str]:
    """Write `alignment` to `target` (a path, a prefix for `moses`, `-` or None for stdout); return the files' names.

    `suffixes` end the names of a `moses` pair and are the language tags of the others; `shown` says what is written beside
    the beads. Raises UsageError for an unknown format, an option that the format lacks, or `moses` and `datasets` on
    stdout; OutputError as `files.open_output`; MissingExtra.
    """
    if format not in FORMATS:
        raise UsageError(f"unknown format {format!r}; known are {', '.join(FORMATS)}")
    if shown.header and format != "tsv":
        raise UsageError(f"a header line belongs to the format tsv, not to {format}")
    files = files_of(target, format, suffixes)
    if format == "moses":
        write_moses(target, ar, en, alignment, force=force, suffixes=suffixes, shown=shown)
    elif format in WRITERS:
        with open_output(target, force) as stream:
            WRITERS[format](stream, ar, en, alignment, shown)
    else:
        found = rows(ar, en, alignment, shown.flags, edits=shown.edits)
        write_rows(target, (row for row in found if shown.only is None or row.bead in shown.only), format=format, force=force,
                   langs=suffixes)
    return [] if is_stdout(target) else [str(path) for path in files]


def write_rows(
    target: str | os.PathLike[str] | None,
    found: Iterable[Row],
    *,
    format: str,
    force: bool = False,
    langs: tuple[str, str] = ("ar", "en"),
) -> None:
    """Write rows that all have the same extra values, of one document or of many, as a table; errors as `write`."""
    if format not in ROW_FORMATS or format in WRITERS:
        raise UsageError(f"the format {format} is not made of rows")
    pending = iter(found)
    with open_rows(target, format=format, force=force, langs=langs, spare=False) as sink:
        while batch := list(islice(pending, _AT_ONCE)):
            sink.write(batch)
