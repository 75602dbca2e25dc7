"""Columns for training: Parquet, and a folder that the Hugging Face `datasets` library loads by its path."""

import contextlib
import itertools
import os
import secrets
import shutil
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from ..data import Row
from ..errors import MissingExtra, OutputError
from .rows import in_words

EXTRA = "extra"
"""The column of values that have none of their own."""

_BATCH = 20_000
_FLAG_TEXTS = ("side", "text", "kind", "relation", "severity")
DATA = "data/train-00000-of-00001.parquet"
"""Where a folder's rows are."""


class RowsToParquet:
    """An open Parquet file (Zstandard) that takes rows as they come; raises MissingExtra.

    Columns: the two texts under their languages, confidence, sim, bead, type, then for each side segments (list of
    int), start, end, place, kind, document; flags as a list of structs. What a one-sided bead lacks is an empty text
    and null offsets. Lone surrogates, which UTF-8 cannot hold, become `?`.
    Extra values of the first rows have columns (numbers as numbers, all else as text); those that fit none, of later
    rows, go as JSON into a column `extra`, which is there when the first rows have extra values at all.
    """

    def __init__(self, stream: BinaryIO, langs: tuple[str, str]) -> None:
        self._arrow, self._parquet = _library()
        self.stream, self.langs = stream, langs
        self._writer: Any = None
        self._schema: Any = None
        self._extra: dict[str, bool] = {}  # whether a column is of numbers, by name
        self._waiting: list[Row] = []

    def write(self, rows: Sequence[Row]) -> None:
        """Append rows; they are written some thousands at a time."""
        self._waiting += rows
        if len(self._waiting) >= _BATCH:
            self._flush()

    def finish(self) -> None:
        """Write what waits, and the schema of a file without rows."""
        self._flush()
        self.close()

    def close(self) -> None:
        """Write the end of what has been written."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _flush(self) -> None:
        if self._schema is None:
            self._begin()
        if self._waiting:
            columns = _columns(self._waiting, self.langs) | self._other_columns()
            arrays = [_arrow_array(self._arrow, columns[field.name], field.type) for field in self._schema]
            self._writer.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))
            self._waiting = []

    def _begin(self) -> None:
        own = _schema(self._arrow, self.langs)
        found: dict[str, bool] = {}
        for row in self._waiting:
            for name, value in row.extra.items():
                if name not in own.names and name != EXTRA:
                    found[name] = found.get(name, True) and (value is None or _is_number(value))
        self._extra = found
        fields = [(name, self._arrow.float64() if is_number else self._arrow.string()) for name, is_number in found.items()]
        if any(row.extra for row in self._waiting):
            fields.append((EXTRA, self._arrow.string()))
        self._schema = self._arrow.schema([*own, *fields])
        self._writer = self._parquet.ParquetWriter(self.stream, self._schema, compression="zstd")

    def _other_columns(self) -> dict[str, list[Any]]:
        """The columns of extra values."""
        if EXTRA not in self._schema.names:
            return {}
        records: list[dict[str, Any]] = []
        last: Any = None
        for row in self._waiting:
            # The rows of one document have the same extra values.
            records.append(records[-1] if records and row.extra is last else self._others(row))
            last = row.extra
        return {name: [record.get(name) for record in records] for name in (*self._extra, EXTRA)}

    def _others(self, row: Row) -> dict[str, Any]:
        out: dict[str, Any] = {}
        late: dict[str, Any] = {}
        for name, value in row.extra.items():
            is_number = self._extra.get(name)
            if value is None:
                continue
            if is_number is None or (is_number and not _is_number(value)):
                late |= value if name == EXTRA and isinstance(value, dict) else {name: value}
            else:
                out[name] = value if is_number else in_words(value)
        return out | ({EXTRA: in_words(late)} if late else {})


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


@dataclass
class Draft:
    """A folder of rows on its way: where its rows go, and how many they are, which the one who writes them tells."""

    stream: BinaryIO
    count: int = 0


@contextlib.contextmanager
def dataset_draft(path: str | os.PathLike[str], *, langs: tuple[str, str], force: bool) -> Iterator[Draft]:
    """A folder for `datasets.load_dataset(path)`, a card and one Parquet file, that appears when the block ends well.

    The whole folder appears under its name or nothing does; `force` replaces one that was made here, and nothing else.
    Raises OutputError and MissingExtra.
    """
    _library()
    target = Path(os.path.realpath(path))
    check_folder(path, force)
    folder = target.with_name(f".{target.name[:100]}.{secrets.token_hex(6)}.part")
    try:
        (folder / "data").mkdir(parents=True)
        with open(folder / DATA, "wb") as stream:
            draft = Draft(stream)
            yield draft
            stream.flush()
            os.fsync(stream.fileno())
        (folder / "README.md").write_text(_card(langs, draft.count), encoding="utf-8")
        _publish(folder, target)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def check_folder(path: str | os.PathLike[str], force: bool) -> None:
    """Raise OutputError where a folder of rows may not be written."""
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        raise OutputError(f"{path}: the folder {target.parent} does not exist")
    if not target.exists():
        return
    if not target.is_dir():
        raise OutputError(f"{path}: is a file; the format datasets writes a folder")
    inside = {str(item.relative_to(target)) for item in target.rglob("*") if item.is_file()}
    if inside and not inside <= {"README.md", DATA}:
        raise OutputError(f"{path}: holds other files than a dataset; name another folder")
    if inside and not force:
        raise OutputError(f"{path}: exists already; --force overwrites it")


def _publish(draft: Path, target: Path) -> None:
    """Give the finished folder its name; the one it replaces goes only when it stands there."""
    if not target.exists():
        os.rename(draft, target)
        return
    old = draft.with_suffix(".old")
    os.rename(target, old)
    try:
        os.rename(draft, target)
    except BaseException:
        os.rename(old, target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _library() -> tuple[Any, Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise MissingExtra("writing Parquet needs: pip install 'muwazi[columns]'") from None
    return pyarrow, pyarrow.parquet


def _schema(arrow: Any, langs: tuple[str, str]) -> Any:
    flag = arrow.struct(
        [
            ("side", arrow.string()),
            ("start", arrow.int64()),
            ("end", arrow.int64()),
            ("text", arrow.string()),
            ("kind", arrow.string()),
            ("relation", arrow.string()),
            ("severity", arrow.string()),
            ("probability", arrow.float64()),
        ]
    )
    fields = [(lang, arrow.string()) for lang in langs]
    fields += [
        ("confidence", arrow.float64()),
        ("sim", arrow.float64()),
        ("bead", arrow.int64()),
        ("type", arrow.string()),
    ]
    for lang in langs:
        fields += [
            (f"{lang}_segments", arrow.list_(arrow.int64())),
            (f"{lang}_start", arrow.int64()),
            (f"{lang}_end", arrow.int64()),
            (f"{lang}_place", arrow.string()),
            (f"{lang}_kind", arrow.string()),
            (f"{lang}_document", arrow.string()),
        ]
    return arrow.schema([*fields, ("flags", arrow.list_(flag))])


def _columns(rows: Sequence[Row], langs: tuple[str, str]) -> dict[str, list[Any]]:
    """The values of the columns that all rows have, by name."""
    found: dict[str, list[Any]] = {
        "confidence": [row.confidence for row in rows],
        "sim": [row.sim for row in rows],
        "bead": [row.bead for row in rows],
        "type": [row.type for row in rows],
        "flags": [None if row.flags is None else [_flag(flag) for flag in row.flags] for row in rows],
    }
    for lang, sides in zip(langs, ([row.ar for row in rows], [row.en for row in rows])):
        found |= {
            lang: [side.text for side in sides],
            f"{lang}_segments": [side.segments for side in sides],
            f"{lang}_start": [side.start for side in sides],
            f"{lang}_end": [side.end for side in sides],
            f"{lang}_place": [side.place for side in sides],
            f"{lang}_kind": [side.kind for side in sides],
            f"{lang}_document": [side.document for side in sides],
        }
    return found


def _flag(flag: Any) -> dict[str, Any]:
    texts = {name: str(flag.get(name) or "") for name in _FLAG_TEXTS}
    return texts | {
        "start": flag.get("start"),
        "end": flag.get("end"),
        "probability": float(flag.get("probability") or 0.0),
    }


def _arrow_array(arrow: Any, values: Sequence[Any], kind: Any) -> Any:
    """The Arrow array of texts, numbers, lists or structs, None where there is none.

    Made of buffers: the library's own conversion of lists loads pandas wherever that is installed, which takes longer
    than aligning a thousand sentences.
    """
    types, size = arrow.types, len(values)
    is_there = None if None not in values else arrow.py_buffer(_bits([value is not None for value in values]))
    if types.is_string(kind):
        texts = [b"" if value is None else value.encode("utf-8", "replace") for value in values]
        content = arrow.py_buffer(b"".join(texts))
        return arrow.Array.from_buffers(kind, size, [is_there, _offsets(arrow, texts), content])
    if types.is_list(kind):
        lists = [value or () for value in values]
        items = _arrow_array(arrow, list(itertools.chain.from_iterable(lists)), kind.value_type)
        return arrow.Array.from_buffers(kind, size, [is_there, _offsets(arrow, lists)], children=[items])
    if types.is_struct(kind):
        fields = [_arrow_array(arrow, [value[field.name] for value in values], field.type) for field in kind]
        return arrow.Array.from_buffers(kind, size, [None], children=fields)
    code, number = ("q", int) if types.is_integer(kind) else ("d", float)
    numbers = array(code, [0 if value is None else number(value) for value in values])
    return arrow.Array.from_buffers(kind, size, [is_there, arrow.py_buffer(numbers)])


def _offsets(arrow: Any, items: Sequence[Any]) -> Any:
    """Where each of the items begins and the last one ends, all in one row."""
    return arrow.py_buffer(array("i", itertools.accumulate(map(len, items), initial=0)))


def _bits(values: Sequence[bool]) -> bytes:
    """A bit a value, the first one lowest."""
    return int("0" + "".join("01"[value] for value in reversed(values)), 2).to_bytes(len(values) // 8 + 1, "little")


def _card(langs: tuple[str, str], count: int) -> str:
    return (
        f"---\nlanguage:\n{''.join(_languages(langs))}task_categories:\n- translation\nconfigs:\n"
        f"- config_name: default\n  data_files:\n  - split: train\n    path: {DATA}\n---\n\n"
        f"# {langs[0]}–{langs[1]} bitext\n\n{count:,} aligned pairs, made with muwazi. `confidence` is the "
        "probability that a pair is right; `flags` list what stands in one version only.\n"
    )


def _languages(langs: tuple[str, str]) -> Iterator[str]:
    # The card knows languages without regions.
    for lang in dict.fromkeys(lang.replace("_", "-").partition("-")[0] for lang in langs):
        yield f"- {lang}\n"
