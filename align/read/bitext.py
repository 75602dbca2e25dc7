"""Bitext that exists already, row by row: TSV, CSV, JSON, two files of lines, TMX, XLIFF, catalogues, Parquet, folders.

Nothing but catalogues of messages and JSON is read whole: lines are decoded as they come, XML is parsed unit by unit, tables come in batches. What a file
says beside the two texts is kept: confidence, similarity, flags, documents and places in their fields, all else as
`extra` columns.
"""

import codecs
import contextlib
import csv
import itertools
import json
import math
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from ..choices import BitextInput, names
from ..data import BadRow, Document, Row, Side
from ..errors import DecodingError, FormatError, InputError, UsageError
from ..files import COMPRESSED, parsed_json
from ..keyed import in_order_of, merged
from .containers import Archive, check_nodes, elements, local
from .draft import Source, need
from .formats import drafted
from .inline import Inline, inline
from .kinds import WHAT, kind_of, suffix_of
from .tags import primary, speaks
from .text import MAX_BYTES, _chunks, _marked, _reason, _refuse_binary, known_encoding, raw_bytes
from .xliff import NAMES as XLIFF_NAMES
from .xliff import texts as unit_texts

R = TypeVar("R")
_Layout = Callable[[list[str], int, str], Row]

BITEXT_FORMATS = names(BitextInput)
"""What `read_bitext` may be told to take a file for; `datasets` is any folder of files of bitext."""

MAX_LINE = 64 * 2**20
"""The longest line, in characters."""

EXTRA = "extra"
"""The column, as JSON, of values that have none of their own."""

_SUFFIXES = {"tsv": "tsv", "tab": "tsv", "txt": "tsv", "csv": "csv", "jsonl": "jsonl", "ndjson": "jsonl", "tmx": "tmx",
             "xliff": "xliff", "xlf": "xliff", "sdlxliff": "xliff", "mqxliff": "xliff", "mxliff": "xliff", "po": "po",
             "pot": "po", "xcstrings": "xcstrings", "json": "json", "parquet": "parquet", "arrow": "arrow", "xlsx": "xlsx"}  # fmt: skip
# Catalogues, which hold both languages and are read whole, once a language.
_CATALOGUES = ("po", "ts", "xcstrings")
_BINARY = ("parquet", "arrow", "xlsx")
_BATCH = 2_000  # rows of a table at a time
_CONFIDENCE = re.compile(r"0\.\d{1,6}|1\.0{1,6}")
_DECIMAL = re.compile(r"-?\d+(?:\.\d+)?|nan", re.IGNORECASE)
_SEGMENTS = re.compile(r"(?:\d+(?:,\d+)*)?")
_SCORED = re.compile(r"(?:(?:ar|en):[a-z]+:[a-z]+:.*)?")
_FLAG = re.compile(r"(\w+) (\w+) (ar|en) «([^»]*)»(?:; |$)")
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_NUMBERS = ("confidence", "sim")
_SIDE = ("segments", "start", "end", "place", "document", "kind")
_SEVERITIES = {"boilerplate": "low", "phrase": "medium"}


def read_bitext(
    path: str | os.PathLike[str],
    en: str | os.PathLike[str] | None = None,
    *,
    langs: tuple[str, str] = ("ar", "en"),
    format: str = "auto",
    encoding: str | None = None,
    max_bytes: int | None = None,
    columns: Sequence[str] | None = None,
    keep_bad: bool = False,
) -> Iterator[Row]:
    """The rows of a file or folder of bitext, in order, read as they are asked for.

    `path` is a file, a folder, or `-` for stdin (text formats); with `en` two files of equal lines. `.gz`, `.xz` and
    `.zst` are decompressed. A file's format is told by its name, else by how it begins. `langs` are the names of the
    two sides in columns, keys and tags. `columns` names the columns of TSV or CSV that has no header; without it they
    are Arabic, English, anything else. `max_bytes` bounds the unpacked size of a file. Units of one side are rows too.
    With `keep_bad` a row behind the first that breaks its format is a BadRow, and the others are read all the same.
    Raises InputError, DecodingError, FormatError (`path:line`), UsageError and MissingExtra.
    """
    name, other = os.fspath(path), None if en is None else os.fspath(en)
    if format not in BITEXT_FORMATS:
        raise UsageError(f"unknown format of bitext {format!r}; known are {', '.join(BITEXT_FORMATS)}")
    encoding = known_encoding(encoding)
    if other is not None:
        if name == other == "-":
            raise UsageError("only one of the two files can be stdin")
        if columns is not None:
            raise UsageError("two files of lines have no columns to name")
        return _moses((name, other), encoding, max_bytes)
    if format == "moses":
        raise UsageError("the format moses is two files: give the Arabic and the English one")
    if name != "-" and os.path.isdir(name):
        return _folder(Path(name), langs, encoding, max_bytes, columns, keep_bad)
    opened = _Input(name, encoding, max_bytes, keep_bad)
    kind = opened.kind(format)
    if columns is not None and kind not in ("tsv", "csv"):
        raise UsageError(f"{opened.shown}: columns are named for TSV and CSV without a header, not for {kind}")
    return _READERS[kind](opened, langs, columns)


class _Input:
    """A file of bitext, or stdin, that is read once from front to back."""

    def __init__(self, name: str, encoding: str | None, max_bytes: int | None, keep_bad: bool = False) -> None:
        self.name, self.keep_bad = name, keep_bad
        self.shown = "<stdin>" if name == "-" else name
        self.encoding, self.max_bytes = encoding, max_bytes
        self._first: bytes | None = None
        self._rest: Iterator[bytes] = iter(())

    def kind(self, format: str) -> str:
        """The format: as told, by the name, or by the first characters."""
        told = _SUFFIXES.get(suffix_of(self.name), "") if format == "auto" else format
        if told == "datasets":
            raise UsageError(f"{self.shown}: is no folder, which the format datasets is")
        if told in _BINARY:
            if self.name == "-":
                raise UsageError(f"{told} cannot be read from stdin; name a file")
            if not os.path.isfile(self.name):
                raise InputError(f"{self.shown}: no such file")
            if Path(self.name).suffix.lower() in COMPRESSED:
                raise UsageError(f"{self.shown}: {told} is compressed in itself; unpack it first")
            return told
        start = self._peek()
        if not start.strip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"):
            raise InputError(f"{self.shown}: the file {'holds nothing but white space' if start else 'is empty'}")
        if format != "auto" or told not in ("tsv", "json", ""):
            return told
        head = start[:4096].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
        if head.startswith((b"{", b"[")):
            return "json" if told == "json" or head.startswith(b"[") else "jsonl"
        known = kind_of(self.name, start)
        if known in _CATALOGUES or known in ("tmx", "xliff"):
            return known
        if known != "text":
            raise FormatError(f"{self.shown}: {WHAT[known]}, not bitext; give two versions to align")
        return "tsv"

    def row(self, number: int, make: Callable[..., R], *arguments: Any) -> R | BadRow:
        """The row that `make` gives; a BadRow where it breaks the format, is not the first, and such rows are kept."""
        try:
            return make(*arguments)
        except FormatError as error:
            if not self.keep_bad or not number:
                raise
            return BadRow.of(number, error)

    def whole(self) -> "_Input":
        """The same, of a format that is read whole: bounded by MAX_BYTES where nothing else was asked for."""
        self.max_bytes = MAX_BYTES if self.max_bytes is None else self.max_bytes
        return self

    def _peek(self) -> bytes:
        if self._first is None:
            self._rest = self.chunks()
            self._first = next(self._rest, b"")
        return self._first

    def stream(self) -> Iterator[bytes]:
        """All bytes from the beginning."""
        first = self._peek()
        if first:
            yield first
        yield from self._rest

    def chunks(self) -> Iterator[bytes]:
        """Decompressed pieces; what fails becomes InputError."""
        size = 0
        try:
            for part in _chunks(self.name):
                size += len(part)
                if self.max_bytes is not None and size > self.max_bytes:
                    raise InputError(f"{self.shown}: holds more than {self.max_bytes:,} bytes of text; allow more with "
                                     "--max-bytes")  # fmt: skip
                yield part
        except FileNotFoundError:
            raise InputError(f"{self.shown}: no such file") from None
        except PermissionError:
            raise InputError(f"{self.shown}: no permission to read it") from None
        except (OSError, EOFError, ValueError) as error:
            raise InputError(f"{self.shown}: cannot be read ({_reason(error)})") from None

    def texts(self) -> Iterator[str]:
        """The text, piece by piece, without its byte order mark."""
        decoder, done, is_told = None, 0, False
        for part in self.stream():
            if decoder is None:
                name, mark = _marked(part, self.encoding)
                is_told = bool(mark or self.encoding)
                if not name.startswith(("utf-16", "utf-32")):
                    _refuse_binary(part, self.shown, self.encoding)
                decoder, part, done = codecs.getincrementaldecoder(name)(), part[mark:], mark
            yield self._decoded(decoder, part, done, is_told, False)
            done += len(part)
        if decoder is not None:
            yield self._decoded(decoder, b"", done, is_told, True)

    def _decoded(self, decoder: codecs.IncrementalDecoder, part: bytes, done: int, is_told: bool, final: bool) -> str:
        try:
            return decoder.decode(part, final)
        except UnicodeDecodeError as error:
            at = done + error.start - (len(error.object) - len(part))
            hint = "name the right encoding with --encoding" if is_told else (
                "name its encoding with --encoding (cp1256 is common in Arabic files)")  # fmt: skip
            raise DecodingError(f"{self.shown}: byte {at} (0x{error.object[error.start]:02x}) is not "
                                f"{error.encoding.upper()}; {hint}") from None  # fmt: skip
        except UnicodeError as error:
            raise DecodingError(f"{self.shown}: cannot be decoded ({_reason(error)[:100]}); name the right encoding with "
                                "--encoding") from None  # fmt: skip

    def lines(self) -> Iterator[str]:
        """The lines, without their ends; a file that ends without one has a last line all the same."""
        rest: list[str] = []
        waiting, number = 0, 0
        for text in self.texts():
            first, found, behind = text.partition("\n")
            if not found:
                rest.append(text)
                waiting += len(text)
                if waiting > MAX_LINE:
                    raise FormatError(f"{self.shown}:{number + 1}: the line is longer than {MAX_LINE:,} characters")
                continue
            *lines, last = behind.split("\n")
            number += 1 + len(lines)
            yield "".join([*rest, first]).removesuffix("\r")
            for line in lines:
                yield line.removesuffix("\r")
            rest, waiting = [last], len(last)
        if waiting:
            yield "".join(rest).removesuffix("\r")

    def binary(self) -> "_Stream":
        """The bytes as a stream for parsers."""
        return _Stream(self.stream())


class _Stream:
    """What a parser reads from, piece by piece."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts, self._left = parts, b""

    def read(self, size: int = -1) -> bytes:
        """The next bytes, `size` at most; none at the end."""
        if not self._left:
            self._left = next(self._parts, b"")
        part = self._left if size < 0 else self._left[:size]
        self._left = self._left[len(part):]
        return part


# Rows from named values


def row_of(record: Mapping[str, Any], number: int, where: str, langs: tuple[str, str] = ("ar", "en")) -> Row:
    """The row that named values make: texts under the languages, what a row has fields for, and all else as extra.

    Takes the columns of CSV, Parquet and XLSX as written here, the objects of `align --format jsonl`, and the
    `translation` of data sets; empty strings are missing values, and so is a text that is none; numbers are taken as
    texts. Raises FormatError for a first record (`number` 0) under neither language: these are other files.
    """
    given = _inner(record)
    sides: list[Side] = []
    known: set[str | None] = {"translation"} if given is not record else set()
    keys = [_key(given, lang) for lang in langs]
    if number == 0 and keys == [None, None]:
        raise FormatError(_without(where, langs))
    for lang, key in zip(langs, keys):
        value = given.get(key) if key is not None else None
        known.add(key)
        if isinstance(value, Mapping):
            sides.append(_nested_side(value))
            continue
        names = {f"{lang}_{name}": name for name in _SIDE}
        found = {name: record[key] for key, name in names.items() if key in record}
        known |= names.keys()
        sides.append(_flat_side(_as_text(value), found, where))
    numbers = {name: _number(record.get(name), name, where) for name in _NUMBERS}
    _check_share(numbers["confidence"], "confidence", where)
    bead = record.get("bead")
    known |= {"confidence", "sim", "bead", "type", "flags", "record"}
    extra = {key: value for key, value in record.items() if key not in known}
    if EXTRA in extra:
        extra |= _unpacked(extra.pop(EXTRA))
    first, second = sides
    return Row(
        number if bead in (None, "") else _int(bead, "bead", where),
        first,
        second,
        numbers["sim"],
        numbers["confidence"],
        _flags(record["flags"], where) if "flags" in record else None,
        extra,
    )


def _without(where: str, langs: tuple[str, str]) -> str:
    return f"{where}: has no texts under {langs[0]} and {langs[1]}"


def _as_text(value: Any) -> str:
    """A cell or a JSON value as text: numbers, truth values and dates as they read, what is missing or a list as none."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, list | tuple | bytes) or isinstance(value, float) and not math.isfinite(value):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value)


def _unpacked(value: Any) -> Mapping[str, Any]:
    """The values in the column of those that have none of their own."""
    if not value:
        return {}
    with contextlib.suppress(TypeError, ValueError):
        found = value if isinstance(value, Mapping) else json.loads(value)
        if isinstance(found, Mapping):
            return found
    return {EXTRA: value}


def _inner(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Where the texts of a record stand: in its `translation`, or in itself."""
    inner = record.get("translation")
    return inner if isinstance(inner, Mapping) else record


def _key(record: Mapping[str, Any], lang: str) -> str | None:
    """The key under which a language's text stands: the tag itself, or one of the same language."""
    if lang in record:
        return lang
    return next((key for key in record if isinstance(key, str) and _is_tag(key) and primary(key) == primary(lang)), None)


def _is_tag(name: str) -> bool:
    return bool(re.fullmatch(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*|arabic|english", name, re.IGNORECASE))


def _nested_side(value: Mapping[str, Any]) -> Side:
    segments = value.get("segments") or []
    text = value.get("text")
    text = _as_text(None if isinstance(text, Mapping) else text)
    if not segments or not isinstance(segments, list) or not all(map(_is_segment, segments)):
        return Side(text, document=str(value.get("document") or ""))
    kinds = {str(s.get("kind") or "body") for s in segments}
    return Side(
        text,
        tuple(s["segment"] for s in segments),
        segments[0].get("start"),
        segments[-1].get("end"),
        str(segments[0].get("place") or ""),
        str(value.get("document") or ""),
        kinds.pop() if len(kinds) == 1 else "body",
    )


def _is_segment(found: Any) -> bool:
    """Whether a value tells a segment's number, and where it stands if anything."""
    if not isinstance(found, dict):
        return False
    numbers = [found.get("segment"), *(found[name] for name in ("start", "end") if found.get(name) is not None)]
    return all(isinstance(number, int) and abs(number) < 2**53 for number in numbers)


def _flat_side(text: str, found: Mapping[str, Any], where: str) -> Side:
    if not found:
        return Side(text)
    segments = found.get("segments")
    if isinstance(segments, str):
        segments = [part for part in segments.split(",") if part]
    elif isinstance(segments, int | float):  # a spreadsheet's cell
        segments = [segments]
    start, end = (None if found.get(name) in (None, "") else _int(found[name], name, where) for name in ("start", "end"))
    return Side(
        text,
        tuple(_int(k, "segments", where) for k in (() if segments is None else segments)),
        start,
        end,
        *(str(found.get(name) or "") for name in ("place", "document", "kind")),
    )


def _int(value: Any, name: str, where: str) -> int:
    try:
        if abs(found := int(value)) < 2**53:
            return found
        raise ValueError
    except (TypeError, ValueError, OverflowError):
        raise FormatError(f"{where}: {name} is no whole number but {str(value)[:40]!r}") from None


def _number(value: Any, name: str, where: str) -> float | None:
    if value is None or value == "":
        return None
    try:
        found = float("true" if isinstance(value, bool) else value)
    except (TypeError, ValueError, OverflowError):
        raise FormatError(f"{where}: {name} is no number but {str(value)[:40]!r}") from None
    if not math.isfinite(found):
        raise FormatError(f"{where}: {name} is not a finite number but {found}")
    return found


def _check_share(value: float | None, name: str, where: str) -> None:
    """Raise FormatError for what is no share of one."""
    if value is not None and not 0 <= value <= 1:
        hint = "; a percentage is to be divided by 100" if 1 < value <= 100 else ""
        raise FormatError(f"{where}: {name} is {value:g}, not from 0 to 1{hint}")


def _flags(value: Any, where: str) -> tuple[Mapping[str, Any], ...] | None:
    """Flags as records; from words where a format holds them so. None is not known."""
    if value is None:
        return None
    if isinstance(value, str):
        return flags_from_words(value)
    if not isinstance(value, list | tuple) or not all(isinstance(flag, Mapping) for flag in value):
        raise FormatError(f"{where}: flags are no list of objects")
    for flag in value:
        _number(flag.get("probability"), "the probability of a flag", where)
        for name in ("start", "end"):
            if flag.get(name) is not None and (not isinstance(flag[name], int) or abs(flag[name]) >= 2**53):
                raise FormatError(f"{where}: the {name} of a flag is no whole number but {str(flag[name])[:40]!r}")
        for name in ("side", "kind", "relation", "severity", "text"):
            if not isinstance(flag.get(name, ""), str | None):
                raise FormatError(f"{where}: the {name} of a flag is no text but {str(flag[name])[:40]!r}")
    return tuple(value)


def flags_from_words(text: str) -> tuple[Mapping[str, Any], ...]:
    """Flags as tables and notes hold them: `number only ar «853»; name mismatch en «Goran»`, or as `score` does.

    The severity, which the words do not tell, is that of the kind; offsets are not known.
    """
    found = [(kind, relation, side, said) for kind, relation, side, said in _FLAG.findall(text)]
    if not found and text:
        parts = [part.split(":", 3) for part in text.split(" | ")]
        found = [(part[1], part[2], part[0], part[3]) for part in parts if len(part) == 4]
    return tuple(
        {"side": side, "kind": kind, "relation": relation, "text": said,
         "severity": "medium" if relation == "moved" else _SEVERITIES.get(kind, "high")}
        for kind, relation, side, said in found
    )  # fmt: skip


# Readers of formats


def _tsv(source: _Input, langs: tuple[str, str], columns: Sequence[str] | None) -> Iterator[Row]:
    names = None if columns is None else _checked(columns, langs)
    layout: Callable[[list[str], int, str], Row] | None = None
    number = 0
    for line_number, line in enumerate(source.lines(), 1):
        if not line.strip():
            continue
        cells = line.split("\t")
        if line_number == 1 and _is_header(cells, langs):
            _refuse_names(source, columns)
            names = _unique(cells)
            continue
        if names is not None:
            cells = list(map(_unquoted, cells))
            yield source.row(number, row_of, dict(_zipped(names, cells)), number, f"{source.shown}:{line_number}", langs)
        elif len(cells) == 2:
            yield Row(number, Side(cells[0]), Side(cells[1]), None, None, None)
        else:
            if len(cells) > 2:
                layout = layout or _layout(cells)
            yield source.row(number, layout if layout and len(cells) > 2 else _untabbed, cells, number, f"{source.shown}:{line_number}")
        number += 1


def _untabbed(_cells: list[str], _number: int, where: str) -> Row:
    raise FormatError(f"{where}: has no tab between Arabic and English")


def _unquoted(cell: str) -> str:
    """A cell of TSV below a header without the quotation marks that a cell got which began with one: three at the least.

    Other cells in quotation marks are taken as they are: in most TSV a mark is a mark.
    """
    if len(cell) > 3 and cell.startswith('"""') and cell.endswith('"'):
        inner = cell[1:-1]
        if '"' not in inner.replace('""', ""):
            return inner.replace('""', '"')
    return cell


def _layout(cells: list[str]) -> _Layout:
    """How lines without a header are to be read, from the first: as `align` or `score` write them, or as they are."""
    if len(cells) == 5 and _CONFIDENCE.fullmatch(cells[2]) and all(map(_SEGMENTS.fullmatch, cells[3:])):
        return _aligned
    if len(cells) >= 4 and _CONFIDENCE.fullmatch(cells[-2]) and all(map(_SCORED.fullmatch, cells[-1].split(" | "))):
        inner = _layout(cells[:-2]) if len(cells) > 4 else _plain
        return lambda row, number, where: _scored(row, number, where, inner)
    return _plain


def _plain(cells: list[str], number: int, where: str = "") -> Row:
    return Row(number, Side(cells[0]), Side(cells[1]), None, None, None,
               {str(k): cell for k, cell in enumerate(cells[2:], 3)})  # fmt: skip


def _aligned(cells: list[str], number: int, where: str) -> Row:
    if len(cells) == 5 and _DECIMAL.fullmatch(cells[2]) and all(map(_SEGMENTS.fullmatch, cells[3:])):
        _check_share(_number(cells[2], "confidence", where), "confidence", where)
    if len(cells) != 5 or not _CONFIDENCE.fullmatch(cells[2]) or not all(map(_SEGMENTS.fullmatch, cells[3:])):
        return _plain(cells, number)
    numbers = [tuple(_int(k, "a segment", where) for k in cell.split(",") if k) for cell in cells[3:]]
    return Row(number, Side(cells[0], numbers[0]), Side(cells[1], numbers[1]), None, float(cells[2]), None)


def _scored(cells: list[str], number: int, where: str, inner: _Layout) -> Row:
    if len(cells) < 4 or not _CONFIDENCE.fullmatch(cells[-2]):
        return _plain(cells, number)
    row = inner(cells[:-2], number, where)
    extra = {**row.extra, "probability": float(cells[-2])}
    return Row(number, row.ar, row.en, None, row.confidence, flags_from_words(cells[-1]), extra)


def _is_header(cells: list[str], langs: tuple[str, str]) -> bool:
    named = {cell.strip(): "" for cell in cells}
    return all(_key(named, lang) is not None for lang in langs)


def _refuse_names(source: _Input, columns: Sequence[str] | None) -> None:
    if columns is not None:
        raise UsageError(f"{source.shown}: has a header, which names its columns; columns are named for files without one")


def _unique(names: Sequence[str]) -> list[str]:
    """Names of columns, each once: a second `note` becomes `note 2`."""
    out: dict[str, None] = {}
    for k, name in enumerate(names, 1):
        name = name.strip() or str(k)
        out[name if name not in out else f"{name} {k}"] = None
    return list(out)


def _checked(columns: Sequence[str], langs: tuple[str, str]) -> list[str]:
    if not _is_header(list(columns), langs):
        raise UsageError(f"the columns need {langs[0]} and {langs[1]}; given are {', '.join(columns)}")
    return _unique(columns)


def _zipped(names: list[str], cells: list[str]) -> Iterator[tuple[str, str]]:
    yield from zip(names, cells)
    for k in range(len(names), len(cells)):
        yield str(k + 1), cells[k]


def _csv(source: _Input, langs: tuple[str, str], columns: Sequence[str] | None) -> Iterator[Row]:
    names = None if columns is None else _checked(columns, langs)
    csv.field_size_limit(MAX_LINE)
    lines = _with_ends(source)
    first = next(lines, "")
    counts = {mark: first.count(mark) for mark in (",", ";", "\t")}
    reader = csv.reader(_chained(first, lines), delimiter=max(counts, key=counts.__getitem__), strict=True)
    number = 0
    try:
        for cells in reader:
            if not any(cells):
                continue
            where = f"{source.shown}:{reader.line_num}"
            if reader.line_num == 1 and _is_header(cells, langs):
                _refuse_names(source, columns)
                names = _unique(cells)
                continue
            if names is None:
                yield source.row(number, _plain if len(cells) > 1 else _one_column, cells, number, where)
            else:
                yield source.row(number, row_of, dict(_zipped(names, cells)), number, where, langs)
            number += 1
    except csv.Error as error:
        raise FormatError(f"{source.shown}:{reader.line_num}: is not CSV: {error}") from None


def _one_column(_cells: list[str], _number: int, where: str) -> Row:
    raise FormatError(f"{where}: has one column, not two")


def _chained(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _with_ends(source: _Input) -> Iterator[str]:
    """Lines with their ends, at line feeds only: a quoted cell may hold any other break."""
    rest: list[str] = []
    for text in source.texts():
        *lines, last = text.split("\n")
        for line in lines:
            yield "".join([*rest, line, "\n"])
            rest = []
        rest.append(last)
        if sum(map(len, rest)) > MAX_LINE:
            raise FormatError(f"{source.shown}: a line is longer than {MAX_LINE:,} characters")
    if last := "".join(rest):
        yield last


def _jsonl(source: _Input, langs: tuple[str, str], columns: Sequence[str] | None) -> Iterator[Row]:
    yield from _json_lines(source, source.lines(), langs)


def _json_lines(source: _Input, lines: Iterable[str], langs: tuple[str, str]) -> Iterator[Row]:
    number = 0
    for line_number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        row: Row | None = source.row(number, _of_json, line, number, f"{source.shown}:{line_number}", langs)
        if row is not None:
            yield row
            number += 1


def _of_json(line: str, number: int, where: str, langs: tuple[str, str]) -> Row | None:
    """The row of a line of JSON; None for what is no bead."""
    record = parsed_json(line, where)
    if not isinstance(record, dict):
        raise FormatError(f"{where}: is no JSON object")
    if record.get("record", "bead") != "bead":
        return None
    return _of_object(record, number, where, langs)


def _of_object(record: Any, number: int, where: str, langs: tuple[str, str]) -> Row:
    row = row_of(record, number, where, langs)
    return Row(row.bead, row.ar, row.en, row.sim, row.confidence, row.flags, row.extra, record)


def _json(source: _Input, langs: tuple[str, str], columns: Sequence[str] | None) -> Iterator[Row]:
    """The records of a JSON array, or of one that stands in an object; an object a line is JSON lines."""
    text = "".join(source.whole().texts())
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":
            yield from _json_lines(source, text.split("\n"), langs)
            return
        raise FormatError(f"{source.shown}:{error.lineno}: is not JSON: {error.msg}") from None
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{source.shown}: is not JSON that can be read: {_reason(error)[:100]}") from None
    records = value
    if isinstance(value, dict):
        lists = [item for item in value.values() if isinstance(item, list)]
        records = lists[0] if len(lists) == 1 and None in [_key(value, lang) for lang in langs] else [value]
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise FormatError(f"{source.shown}: is JSON, but no list of objects with texts under {langs[0]} and {langs[1]}")
    for number, record in enumerate(records):
        yield source.row(number, _of_object, record, number, f"{source.shown}: record {number + 1}", langs)


def _catalogue(kind: str) -> Callable[[_Input, tuple[str, str], Sequence[str] | None], Iterator[Row]]:
    """A reader of files that hold both languages, by the keys of their messages; also those without translation."""

    def rows(source: _Input, langs: tuple[str, str], columns: Sequence[str] | None) -> Iterator[Row]:
        data = b"".join(source.whole().stream())
        first, second = (
            drafted(Source(source.shown, lang, data, source.encoding, source.max_bytes or MAX_BYTES), kind) for lang in langs
        )
        sides = _by_place(first), _by_place(in_order_of(first, second))
        for number, place in enumerate(merged(*map(list, sides))):
            texts = [side.get(place, "") for side in sides]
            ar, en = (Side(text, place=place, document=source.shown if text else "") for text in texts)
            yield Row(number, ar, en, None, None, None)

    return rows


def _by_place(document: Document) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in document.parts:
        text = document.text[part.start : part.end]
        found[part.place] = f"{found[part.place]}\n{text}" if part.place in found else text
    return found


def _moses(names: tuple[str, str], encoding: str | None, max_bytes: int | None) -> Iterator[Row]:
    lines = [_Input(name, encoding, max_bytes) for name in names]
    for source in lines:
        source.kind("tsv")  # an empty or missing file is told now
    streams = [source.lines() for source in lines]
    number = -1
    for number, ar in enumerate(streams[0]):
        en = next(streams[1], None)
        if en is None:
            count = number + 1 + sum(1 for _ in streams[0])
            raise FormatError(_uneven(names, count, number))
        yield Row(number, Side(ar), Side(en), None, None, None)
    left = sum(1 for _ in streams[1])
    if left:
        raise FormatError(_uneven(names, number + 1, number + 1 + left))


def _uneven(names: tuple[str, str], ar: int, en: int) -> str:
    return f"{names[0]} has {ar} lines and {names[1]} has {en}; the two files of a pair have equally many"


def _tmx(source: _Input, langs: tuple[str, str], columns: Sequence[str] | None) -> Iterator[Row]:
    seen: set[str] = set()
    has_both = False
    number = -1
    for number, unit in enumerate(elements(source.binary(), source.shown, "tu")):
        where = f"{source.shown}: tu {number + 1}"
        said = _props(unit)
        sides: dict[str, Side] = {}
        found: dict[str, Inline] = {}
        for variant in unit:
            if local(variant) != "tuv":
                continue
            tag = variant.get(_XML_LANG) or variant.get("lang") or ""
            seen.add(primary(tag))
            for lang in langs:
                if lang not in sides and speaks(tag, lang):
                    found[lang] = next((inline(part) for part in variant if local(part) == "seg"), Inline("", ()))
                    own = _props(variant)
                    sides[lang] = _flat_side(found[lang].text, own, where)
                    said |= {f"{lang}_{name}": value for name, value in own.items() if name not in _SIDE}
        has_both |= len(sides) == 2
        bead = unit.get("tuid") or ""
        named = {"bead": int(bead) if bead.isdecimal() and len(bead) < 19 else None, **dict.fromkeys(langs, ""), **said}
        row = row_of(named, number, where, langs)
        extra = row.extra if not bead or bead.isdecimal() and len(bead) < 19 else {"tuid": bead, **row.extra}
        ar, en = (sides.get(lang, Side()) for lang in langs)
        yield Row(row.bead, ar, en, row.sim, row.confidence, row.flags, extra)
        for pair in itertools.zip_longest(*(found[lang].subs for lang in langs if lang in found), fillvalue=""):
            if len(pair) == 2:
                yield Row(row.bead, Side(pair[0]), Side(pair[1]), None, None, None)
    if not has_both:
        known = ", ".join(sorted(seen - {""})) or "no languages"
        raise FormatError(f"{source.shown}: holds {number + 1} units in {known}, but none in {langs[0]} and {langs[1]}")


def _props(element: Any) -> dict[str, str]:
    """The properties of an element, by name without `x-`."""
    return {(prop.get("type") or "").removeprefix("x-"): prop.text or ""
            for prop in element if local(prop) == "prop" and prop.get("type")}  # fmt: skip


def _xliff(source: _Input, langs: tuple[str, str], columns: Sequence[str] | None) -> Iterator[Row]:
    order: dict[str, str] = {}
    tags, document = ("", ""), ""
    number, has_both = 0, False
    for element in elements(source.binary(), source.shown, *XLIFF_NAMES):
        if local(element) in ("xliff", "file"):
            tags = (
                element.get("source-language") or element.get("srcLang") or tags[0],
                element.get("target-language") or element.get("trgLang") or tags[1],
            )
            document = element.get("original") or (element.get("id") if local(element) == "file" else "") or document
            order = {lang: name for name, tag in zip(("source", "target"), tags) for lang in langs if speaks(tag, lang)}
            continue
        notes = {(note.get("from") or note.get("category") or ""): note.text or ""
                 for note in element.iter() if local(note) == "note"}  # fmt: skip
        said = {key.removeprefix("muwazi-"): text for key, text in notes.items() if key.startswith("muwazi-")}
        extra = {key or "note": text for key, text in notes.items() if not key.startswith("muwazi-")}
        for _, texts in unit_texts(element):
            if len(order) < 2:
                continue
            has_both = True
            bead = element.get("id") or ""
            told = {"source": (said.get("source-place", ""), document),
                    "target": (said.get("target-place", ""), said.get("target-document", ""))}  # fmt: skip
            sides = [Side(texts.get(order[lang], ""), place=told[order[lang]][0], document=told[order[lang]][1])
                     for lang in langs]  # fmt: skip
            named = {k: v for k, v in said.items() if not k.startswith(("source-", "target-"))}
            named = {"bead": int(bead) if bead.isdecimal() and len(bead) < 19 else None, **dict.fromkeys(langs, ""), **named}
            row = row_of(named, number, f"{source.shown}: unit {bead}", langs)
            own = {} if not bead or bead.isdecimal() and len(bead) < 19 else {"id": bead}
            ar, en = sides
            yield Row(row.bead, ar, en, row.sim, row.confidence, row.flags, {**own, **row.extra, **extra})
            number += 1
    if not has_both:
        known = " and ".join(filter(None, tags)) or "no named language"
        raise FormatError(f"{source.shown}: holds units in {known}, but none in {langs[0]} and {langs[1]}")


def _records(source: _Input, langs: tuple[str, str], batches: Iterable[list[dict[str, Any]]]) -> Iterator[Row]:
    number = 0
    for batch in batches:
        for record in batch:
            if isinstance(record, Exception) and number == 0:
                raise FormatError(f"{source.shown}: row 1: cannot be read: {_reason(record)[:100]}")
            given = {} if isinstance(record, Exception) else _inner(record)
            if number == 0 and None in [_key(given, lang) for lang in langs]:
                raise FormatError(_without(f"{source.shown}: row 1", langs))  # a table has its columns or has them not
            yield source.row(number, _of_record, record, number, f"{source.shown}: row {number + 1}", langs)
            number += 1


def _of_record(record: Any, number: int, where: str, langs: tuple[str, str]) -> Row:
    """The row of a record of a table, whose values may be of any kind, or which could not be read."""
    if isinstance(record, Exception):
        raise FormatError(f"{where}: cannot be read: {_reason(record)[:100]}")
    row = row_of(record, number, where, langs)
    return replace(row, extra={name: _simple(value) for name, value in row.extra.items()}) if row.extra else row


def _simple(value: Any) -> Any:
    """A value that JSON can hold: bytes and dates as text."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(key): _simple(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_simple(item) for item in value]
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


def _values(batch: Any) -> list[Any]:
    """The rows of a batch of a table; in the place of one that cannot be read, as with text that is no UTF-8, the error."""
    try:
        return batch.to_pylist()
    except (ValueError, OverflowError) as error:
        if batch.num_rows == 1:
            return [error]
    half = batch.num_rows // 2
    return _values(batch.slice(0, half)) + _values(batch.slice(half))


def _parquet(source: _Input, langs: tuple[str, str], columns: Sequence[str] | None) -> Iterator[Row]:
    parquet = need("pyarrow.parquet", "columns", source.shown)
    arrow = need("pyarrow", "columns", source.shown)

    def batches() -> Iterator[list[dict[str, Any]]]:
        try:
            # A dictionary that many rows share is kept once, and no more of a row group is read than is asked for.
            with parquet.ParquetFile(source.name, memory_map=False, pre_buffer=False) as table:
                for batch in table.iter_batches(_BATCH):
                    yield _values(batch)
        except (arrow.ArrowInvalid, OSError) as error:
            raise FormatError(f"{source.shown}: is not Parquet that can be read: {_reason(error)[:200]}") from None

    return _records(source, langs, batches())


def _arrow(source: _Input, langs: tuple[str, str], columns: Sequence[str] | None) -> Iterator[Row]:
    arrow = need("pyarrow", "columns", source.shown)

    def batches() -> Iterator[list[dict[str, Any]]]:
        try:
            with arrow.memory_map(source.name) as data, arrow.ipc.open_stream(data) as stream:
                for batch in stream:
                    for start in range(0, batch.num_rows, _BATCH):
                        yield _values(batch.slice(start, _BATCH))
        except (arrow.ArrowInvalid, OSError) as error:
            raise FormatError(f"{source.shown}: is not an Arrow stream: {_reason(error)[:200]}") from None

    return _records(source, langs, batches())


def _xlsx(source: _Input, langs: tuple[str, str], columns: Sequence[str] | None) -> Iterator[Row]:
    openpyxl = need("openpyxl", "sheet", source.shown)

    def batches() -> Iterator[list[dict[str, Any]]]:
        _check_sheets(source)
        try:
            book = openpyxl.load_workbook(source.name, read_only=True, data_only=True)
        except Exception as error:  # noqa: BLE001 - the library raises what its parts raise
            raise FormatError(f"{source.shown}: is not XLSX that can be read: {_reason(error)[:200]}") from None
        try:
            for sheet in book.worksheets:
                rows = sheet.iter_rows(values_only=True)
                names = [str(cell or "") for cell in next(rows, ())]
                if not _is_header(names, langs):
                    raise FormatError(f"{source.shown}: the sheet {sheet.title!r} has no columns {' and '.join(langs)}")
                names = _unique(names)
                for cells in rows:
                    if any(cell is not None for cell in cells):
                        yield [dict(zip(names, cells))]
        finally:
            book.close()

    return _records(source, langs, batches())


_MOST_ROWS, _MOST_CELLS = 1_048_576, 16_384  # of a sheet, and of its rows, in any program that writes such files
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]{0,300}?\sr=[\"'](\d{1,20})")


def _check_sheets(source: _Input) -> None:
    """Raise InputError for a workbook that would grow beyond bounds when it is read: its library has none of its own."""
    data = raw_bytes(source.name, source.shown, MAX_BYTES)
    book = Archive(Source(source.shown, "", data, None, source.max_bytes or MAX_BYTES))
    for name in book.names:
        if not name.endswith(".xml"):
            continue
        markup = book.read(name)
        check_nodes(markup, f"{source.shown}: {name}")
        if any(int(found[1]) > _MOST_ROWS for found in _ROW.finditer(markup)):
            raise FormatError(f"{source.shown}: {name} has rows beyond {_MOST_ROWS:,}, the last of a sheet")
        if markup.count(b"<c") > _MOST_CELLS and max(part.count(b"<c") for part in markup.split(b"<row")) > 3 * _MOST_CELLS:
            raise FormatError(f"{source.shown}: {name} has a row of more than {_MOST_CELLS:,} cells")


def _folder(place: Path, langs: tuple[str, str], encoding: str | None, max_bytes: int | None, columns: Sequence[str] | None,
            keep_bad: bool) -> Iterator[Row]:  # fmt: skip
    """The rows of all files of bitext in a folder and the folders in it, by name; `X.ar` goes with `X.en`."""
    files = sorted(path for path in place.rglob("*") if path.is_file() and not _is_hidden(path, place))
    names = {str(path) for path in files}
    found: list[tuple[str, str | None]] = []
    for path in map(str, files):
        suffix = suffix_of(path)
        if suffix == langs[0]:
            packed = Path(path).suffix if Path(path).suffix.lower() in COMPRESSED else ""
            other = path.removesuffix(packed).removesuffix(langs[0]) + langs[1] + packed
            if other in names:
                found.append((path, other))
        elif suffix in _SUFFIXES and suffix != "txt":
            found.append((path, None))
    if not found:
        raise InputError(f"{place}: the folder holds no file of bitext ({', '.join(sorted(set(_SUFFIXES) - {'txt'}))})")

    def rows() -> Iterator[Row]:
        for one, two in found:
            has_columns = two is None and _SUFFIXES[suffix_of(one)] in ("tsv", "csv")
            yield from read_bitext(one, two, langs=langs, encoding=encoding, max_bytes=max_bytes, keep_bad=keep_bad,
                                   columns=columns if has_columns else None)  # fmt: skip

    return rows()


def _is_hidden(path: Path, place: Path) -> bool:
    """Whether a name says that it is no data: `.part`, `_SUCCESS`, what a data set's loader keeps beside its shards."""
    parts = path.relative_to(place).parts
    return any(part.startswith((".", "_")) for part in parts) or parts[-1].startswith("cache-")


_READERS: dict[str, Callable[[_Input, tuple[str, str], Sequence[str] | None], Iterator[Row]]] = {
    "tsv": _tsv, "csv": _csv, "jsonl": _jsonl, "json": _json, "tmx": _tmx, "xliff": _xliff,
    **{kind: _catalogue(kind) for kind in _CATALOGUES}, "parquet": _parquet, "arrow": _arrow,
    "xlsx": _xlsx,
}  # fmt: skip
