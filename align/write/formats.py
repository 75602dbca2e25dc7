"""Which writer a format's name asks for."""

import importlib
import os
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from ..data import Alignment, Segmented
from ..errors import UsageError
from ..files import binary, open_output
from .bitext import Edits, Writer, moses_paths, write_jsonl, write_moses, write_tsv, write_vecalign
from .rows import Row, rows, tagged_rightly

WRITERS: dict[str, Writer] = {"tsv": write_tsv, "jsonl": write_jsonl, "vecalign": write_vecalign}
"""The formats of whole alignments that go to one stream of text."""

# Module and function of the formats made of rows, loaded when one is asked for.
_TABLES = {"csv": ("sheet", "write_csv"), "tmx": ("tmx", "write_tmx"), "xliff": ("xliff", "write_xliff")}
_BINARY = {"xlsx": ("sheet", "write_xlsx"), "parquet": ("columns", "write_parquet")}

FORMATS: tuple[str, ...] = (*WRITERS, "moses", *_TABLES, *_BINARY, "datasets")
"""Every format's name, the default first."""


def write(
    target: str | os.PathLike[str] | None,
    ar: Segmented,
    en: Segmented,
    alignment: Alignment,
    *,
    format: str = "tsv",
    force: bool = False,
    header: bool = False,
    flags: Mapping[int, Sequence[Mapping[str, Any]]] | None = None,
    suffixes: tuple[str, str] = ("ar", "en"),
    version: str = "",
    edits: Edits | None = None,
) -> list[str]:
    """Write `alignment` to `target` (a path, a prefix for `moses`, `-` or None for stdout); return the files' names.

    `header` is for `tsv`, `flags` (by number of bead) for all formats that have room for them; `suffixes` end the
    names of a `moses` pair and are the language tags of the others, `version` is the program's; `edits` are texts that
    a person put in the place of segments', which all formats but `moses` and `vecalign` mark. Raises UsageError for
    an unknown format, an option that the format lacks, or `moses` and `datasets` on stdout; OutputError as
    `files.open_output`; MissingExtra.
    """
    stdout = target is None or str(target) == "-"
    if format not in FORMATS:
        raise UsageError(f"unknown format {format!r}; known are {', '.join(FORMATS)}")
    if header and format != "tsv":
        raise UsageError(f"a header line belongs to the format tsv, not to {format}")
    if stdout and format == "moses":
        raise UsageError("the format moses writes two files: name their prefix with -o PREFIX")
    if stdout and format == "datasets":
        raise UsageError("the format datasets writes a folder: name it with -o FOLDER")
    if format == "moses":
        write_moses(target, ar, en, alignment, force=force, suffixes=suffixes, edits=edits)
        return [str(path) for path in moses_paths(target, suffixes)]
    if format in WRITERS:
        with open_output(target, force) as stream:
            options = {"jsonl": {"flags": flags, "edits": edits}, "tsv": {"header": header, "edits": edits}}.get(format, {})
            WRITERS[format](stream, ar, en, alignment, **options)
    else:
        write_rows(target, rows(ar, en, alignment, flags, edits=edits), format=format, force=force, langs=suffixes, version=version)
    return [] if stdout else [str(target)]


def write_rows(
    target: str | os.PathLike[str] | None,
    found: Iterable[Row],
    *,
    format: str,
    force: bool = False,
    langs: tuple[str, str] = ("ar", "en"),
    version: str = "",
) -> None:
    """Write rows, of one document or of many, as one of the formats of tables; errors as `write`."""
    if format == "datasets":
        from .columns import write_dataset

        write_dataset(target, found, langs=langs, force=force)
        return
    if format not in _TABLES and format not in _BINARY:
        raise UsageError(f"the format {format} is not made of rows")
    module, function = _TABLES.get(format) or _BINARY[format]
    options = {"version": version} if format in ("tmx", "xliff") else {}
    writer = partial(getattr(importlib.import_module(f".{module}", __package__), function), langs=langs, **options)
    from .sinks import whole_row  # which imports this module's neighbours too

    if format in ("tmx", "xliff"):
        found = tagged_rightly(found, langs)
    with open_output(target, force) as stream:
        if format in _TABLES:
            writer(stream, map(whole_row, found) if format == "csv" else found)
            return
        raw = binary(stream, format)
        writer(raw, found)
        raw.flush()
