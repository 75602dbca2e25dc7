"""Rows to files as they come: an open file of bitext, in any format made of rows, that takes batch after batch.

A format with columns takes those of the first batch; a value that no column fits, which only later rows have, goes as
JSON into the column `extra`, and `read_bitext` puts it back. Texts in TSV and Moses pairs are set on one line each.
"""

import contextlib
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol, TextIO

from ..cells import CsvWriter, line
from ..choices import RowFormat, names
from ..data import Row
from ..errors import UsageError
from ..files import binary, open_output, open_outputs
from .bitext import _dumped, flat, quoted
from .rows import columns, in_words, rounded, shown, tagged_rightly, values
from .targets import files_of

ROW_FORMATS = names(RowFormat)
"""The formats that rows can be written in as they come, the default first."""

_LONE = re.compile("[\ud800-\udfff]")

EXTRA = "extra"
"""The column of values that have none of their own."""


class Sink(Protocol):
    """An open file of rows."""

    def write(self, rows: Sequence[Row]) -> None:
        """Append rows."""


@contextlib.contextmanager
def open_rows(
    target: str | os.PathLike[str] | None,
    *,
    format: str = "tsv",
    force: bool = False,
    langs: tuple[str, str] = ("ar", "en"),
    header: bool | None = False,
    spare: bool = True,
) -> Iterator[Sink]:
    """A sink whose file appears under `target` (`-` or None: stdout) only when the block ends well.

    One-sided rows are left out of `moses`, `tmx`, `xliff` and `datasets`, which have no room for them. `header` is for
    `tsv`; None has one where columns would else lose their meaning. `spare` leaves `csv` a column for values that only later
    rows have. Halves of surrogate pairs, which JSON can say and UTF-8 cannot hold, become U+FFFD but for `jsonl`; `tmx` and
    `xliff` say so. Raises UsageError for an unknown format or one that stdout cannot take, else as `write`.
    """
    if format not in ROW_FORMATS:
        raise UsageError(f"unknown format {format!r}; known are {', '.join(ROW_FORMATS)}")
    files = files_of(target, format, langs)
    with contextlib.ExitStack() as stack:
        if format == "datasets":
            from .columns import dataset_draft

            draft = stack.enter_context(dataset_draft(target, langs=langs, force=force))
            sink: Sink = _Counting(stack.enter_context(_parquet(draft.stream, langs)), draft)
        elif format == "moses":
            sink = _Moses(*stack.enter_context(open_outputs(files, force)))
        else:
            stream = stack.enter_context(open_output(target, force))
            sink = stack.enter_context(_open(stream, format, langs, header, spare))
        if format in ("tmx", "xliff"):
            sink = _Tagged(sink, langs)
        yield sink if format in _SAYS_OR_SEES else _Whole(sink)


# Formats that escape halves of surrogate pairs, or replace them and say so.
_SAYS_OR_SEES = {"jsonl", "tmx", "xliff"}


@contextlib.contextmanager
def _open(stream: TextIO, format: str, langs: tuple[str, str], header: bool | None, spare: bool) -> Iterator[Sink]:
    if format in ("parquet", "xlsx"):
        raw = binary(stream, format)
        with (_parquet if format == "parquet" else _xlsx)(raw, langs) as sink:
            yield sink
        raw.flush()
    elif format == "jsonl":
        yield _Lines(stream, langs)
    elif format == "tsv":
        yield _Tsv(stream, langs, header)
    else:
        sink = _finished(stream, format, langs, spare)
        yield sink
        sink.finish()


def _finished(stream: TextIO, format: str, langs: tuple[str, str], spare: bool) -> Any:
    """A sink that has something to write when all rows are there."""
    if format == "csv":
        return _Csv(stream, langs, spare)
    if format == "tmx":
        from .tmx import Memory

        return Memory(stream, langs)
    from .xliff import Files

    return Files(stream, langs)


class _Whole:
    """Sets U+FFFD for halves of surrogate pairs."""

    def __init__(self, inner: Sink) -> None:
        self.inner = inner

    def write(self, rows: Sequence[Row]) -> None:
        """Append rows."""
        self.inner.write(rows if _are_whole(rows) else [whole_row(row) for row in rows])


def _are_whole(rows: Sequence[Row]) -> bool:
    """Whether nothing in rows without flags is to be set right, as in nearly all: one look at all of their texts."""
    texts = [text for row in rows for side in (row.ar, row.en) for text in (side.text, side.document)]
    extra = None
    for row in rows:
        if row.flags:
            return False
        if row.extra is not extra:
            extra = row.extra
            texts += extra
            texts += extra.values()
    try:
        "".join(texts).encode("utf-8")
    except (TypeError, UnicodeEncodeError):  # a value that is no text, or half a pair
        return False
    return True


def whole_row(row: Row) -> Row:
    """A row with U+FFFD for halves of surrogate pairs, which also stand in names of files that are not UTF-8."""
    sides = [side if _whole(side.text) is side.text and _whole(side.document) is side.document
             else replace(side, text=_whole(side.text), document=_whole(side.document)) for side in (row.ar, row.en)]  # fmt: skip
    flags = None if row.flags is None else row.flags and tuple(map(_whole, row.flags))
    extra = row.extra and _whole(row.extra)
    if sides[0] is row.ar and sides[1] is row.en and flags == row.flags and extra == row.extra:
        return row
    return replace(row, ar=sides[0], en=sides[1], flags=flags, extra=extra)


def _whole(value: Any) -> Any:
    """A value with whole characters only, the same object where it is a text that has no others."""
    if isinstance(value, str):
        return value if value.isascii() or _LONE.search(value) is None else _LONE.sub("\ufffd", value)
    if isinstance(value, Mapping):
        return {_whole(key): _whole(item) for key, item in value.items()}
    return [_whole(item) for item in value] if isinstance(value, list | tuple) else value


class _Tagged:
    """Refuses pairs whose sides are swapped, by the first batch: the format says which language each text is in."""

    def __init__(self, inner: Sink, langs: tuple[str, str]) -> None:
        self.inner, self.langs, self.is_first = inner, langs, True

    def write(self, rows: Sequence[Row]) -> None:
        """Append rows."""
        if self.is_first and rows:
            self.is_first = False
            rows = list(tagged_rightly(rows, self.langs))
        self.inner.write(rows)


class _Counting:
    """Passes on the rows that have both sides, and tells a folder of rows how many it holds, for its card."""

    def __init__(self, inner: Sink, draft: Any) -> None:
        self.inner, self.draft = inner, draft

    def write(self, rows: Sequence[Row]) -> None:
        """Append the two-sided rows."""
        pairs = [row for row in rows if row.is_pair]
        self.draft.count += len(pairs)
        self.inner.write(pairs)


class _Moses:
    """Two files of equal lines."""

    def __init__(self, ar: TextIO, en: TextIO) -> None:
        self.ar, self.en = ar, en

    def write(self, rows: Sequence[Row]) -> None:
        """Append the rows that have text on both sides."""
        pairs = [(flat(row.ar.text), flat(row.en.text)) for row in rows if row.is_pair]
        pairs = [pair for pair in pairs if all(pair)]
        self.ar.writelines(f"{ar}\n" for ar, _ in pairs)
        self.en.writelines(f"{en}\n" for _, en in pairs)


class _Lines:
    """A JSON object a line: the one that was read, with what has become known since; else one of flat keys."""

    def __init__(self, stream: TextIO, langs: tuple[str, str]) -> None:
        self.stream, self.langs = stream, langs

    def write(self, rows: Sequence[Row]) -> None:
        """Append rows."""
        self.stream.writelines(_dumped(record_of(row, self.langs)) + "\n" for row in rows)


def record_of(row: Row, langs: tuple[str, str] = ("ar", "en")) -> dict[str, Any]:
    """A row as a JSON-ready object; what is not known is left out."""
    known = {"confidence": rounded(row.confidence), "sim": rounded(row.sim),
             "flags": None if row.flags is None else list(row.flags)}  # fmt: skip
    known = {name: value for name, value in known.items() if value is not None}
    if row.record is not None:
        return {**row.record, **{k: v for k, v in known.items() if k not in row.record}, **row.extra}
    out: dict[str, Any] = {langs[0]: row.ar.text, langs[1]: row.en.text, **known}
    flags = out.pop("flags", None)
    out["bead"] = row.bead
    if row.ar.segments or row.en.segments:
        out["type"] = row.type
    for lang, side in zip(langs, (row.ar, row.en)):
        found = {"segments": list(side.segments), "start": side.start, "end": side.end, "place": side.place,
                 "kind": side.kind, "document": side.document}  # fmt: skip
        out |= {f"{lang}_{name}": value for name, value in found.items() if value not in ("", None, [])}
    return {**out, **({} if flags is None else {"flags": flags}), **row.extra}


class _Columns:
    """Which columns a table has, from its first rows."""

    def __init__(self, langs: tuple[str, str]) -> None:
        self.langs = langs
        self.own = columns(langs)
        self.extra: list[str] | None = None

    def settle(self, rows: Sequence[Row]) -> None:
        """Choose the columns of extra values."""
        self.extra = [name for name in dict.fromkeys(name for row in rows for name in row.extra)
                      if name not in self.own and name != EXTRA]  # fmt: skip

    def others(self, row: Row) -> list[Any]:
        """The values of the extra columns, the last of those that have none."""
        found = [cell(row.extra.get(name)) for name in self.extra or ()]
        late = {name: value for name, value in row.extra.items() if name not in (self.extra or ())}
        left = dict(late.pop(EXTRA)) if isinstance(late.get(EXTRA), Mapping) else {}
        left |= {name if name not in self.own else f"{name} (extra)": value for name, value in late.items()}
        return [*found, json.dumps(left, ensure_ascii=False) if left else ""]


def cell(value: Any) -> Any:
    """A value as a table's cell holds it: lists and objects as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, int | float) else in_words(value)


class _Csv(_Columns):
    """CSV (RFC 4180) below a line of names, with a column for values that have none where it is `spare`d.

    A cell of CSV has no type, so a spreadsheet may take one that begins with `=` for a formula: use XLSX for people, or see
    `align.cells`.
    """

    def __init__(self, stream: TextIO, langs: tuple[str, str], spare: bool) -> None:
        super().__init__(langs)
        self.writer, self.spare = CsvWriter(stream), spare

    def write(self, rows: Sequence[Row]) -> None:
        """Append rows."""
        if self.extra is None and rows:
            self._begin(rows)
        last = None if self.spare else -1
        self.writer.writerows((*values(row), *self.others(row)[:last]) for row in rows)

    def finish(self) -> None:
        """Write the names of a table without rows."""
        if self.extra is None:
            self._begin(())

    def _begin(self, rows: Sequence[Row]) -> None:
        self.settle(rows)
        self.writer.writerow((*self.own, *self.extra, *((EXTRA,) if self.spare else ())))


class _Tsv(_Columns):
    """TSV: the two texts, then what the first rows have, in the order of `columns`; names above them if asked.

    Below a header cells are `quoted`. Without a header only texts, confidence, segments and extra columns are written. Left to itself (None) it has a
    header unless there are but the texts, or those with confidence and segments, or with columns that never had a name.
    """

    _PLAIN = ("confidence", "segments")

    def __init__(self, stream: TextIO, langs: tuple[str, str], header: bool | None) -> None:
        super().__init__(langs)
        self.stream, self.header = stream, header
        self.chosen: list[int] = []

    def write(self, rows: Sequence[Row]) -> None:
        """Append rows."""
        if self.extra is None and rows:
            self._begin(rows)
        lines = []
        for row in rows:
            cells = [row.ar.text, row.en.text]
            if self.chosen:
                all_cells = values(row)
                cells += [shown(all_cells[k]) if self.own[k] in ("confidence", "sim") else all_cells[k]
                          for k in self.chosen]  # fmt: skip
            if row.extra or self.extra:
                others = self.others(row)
                cells += others if self.header or others[-1] else others[:-1]
            texts = [flat(cell) if isinstance(cell, str) else "" if cell is None else str(cell) for cell in cells]
            lines.append(line(map(quoted, texts) if self.header else texts))
        self.stream.writelines(lines)

    def _begin(self, rows: Sequence[Row]) -> None:
        self.settle(rows)
        table = [values(row) for row in rows]
        if self.header is None:
            there = [name for k, name in enumerate(self.own) if k > 1 and name.endswith(self._PLAIN)
                     and any(cells[k] not in (None, "") for cells in table)]  # fmt: skip
            is_known = not there or (len(there) == 3 and not self.extra)
            self.header = not is_known or not all(name.isdecimal() for name in self.extra)
        has_flags = any(row.flags is not None for row in rows)
        for k, name in enumerate(self.own):
            if k < 2 or not (self.header or name.endswith(self._PLAIN)):
                continue
            if name == "flags":
                is_there = has_flags
            elif name in ("bead", "type"):
                is_there = any(row.ar.segments or row.en.segments for row in rows)
            else:
                is_there = any(cells[k] not in (None, "") for cells in table)
            if is_there:
                self.chosen.append(k)
        if self.header:
            self.stream.write("\t".join([*self.langs, *(self.own[k] for k in self.chosen), *self.extra, EXTRA]) + "\n")


@contextlib.contextmanager
def _parquet(stream: Any, langs: tuple[str, str]) -> Iterator[Sink]:
    from .columns import RowsToParquet

    sink = RowsToParquet(stream, langs)
    try:
        yield sink
        sink.finish()
    finally:
        sink.close()


@contextlib.contextmanager
def _xlsx(stream: Any, langs: tuple[str, str]) -> Iterator[Sink]:
    from .sheet import Book

    book = Book(langs)
    try:
        yield book
        book.save(stream)
    finally:
        book.discard()
