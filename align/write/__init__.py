"""Alignments to files: lines of text, spreadsheets, translation memories, columns."""

from .bitext import (
    HEADER,
    Shown,
    Writer,
    bead_texts,
    flat,
    flat_texts,
    moses_paths,
    write_jsonl,
    write_moses,
    write_tsv,
    write_vecalign,
)
from .formats import FORMATS, WRITERS, write
from .rows import Row, rows

__all__ = [
    "FORMATS",
    "HEADER",
    "WRITERS",
    "Row",
    "Shown",
    "Writer",
    "bead_texts",
    "flat",
    "flat_texts",
    "moses_paths",
    "rows",
    "write",
    "write_jsonl",
    "write_moses",
    "write_tsv",
    "write_vecalign",
]
