"""What a run has planned and what is done: one SQLite file, each change one transaction that is on the disk.

The plan is fixed when a document is first seen: documents keep their order and their unit for good, new ones are put
into new units. A unit is done when its files stand under their names and its row says so; a process that is killed
between the two leaves a unit that is done once more, to the same bytes.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..engine.storage import size_of
from ..errors import DamagedError, FormatError, OutputError
from .settings import SCHEMA

NAME = "ledger.sqlite"

_TABLES = """
BEGIN;
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS units (
    unit INTEGER PRIMARY KEY, documents INTEGER NOT NULL, bytes INTEGER NOT NULL, done INTEGER NOT NULL DEFAULT 0,
    key TEXT, seconds TEXT);
CREATE TABLE IF NOT EXISTS documents (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, ar TEXT NOT NULL, en TEXT NOT NULL, unit INTEGER NOT NULL,
    ar_stamp TEXT, en_stamp TEXT, ar_sha TEXT, en_sha TEXT, gone INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL
    DEFAULT '', quality REAL, record TEXT, seconds REAL);
CREATE INDEX IF NOT EXISTS documents_by_unit ON documents (unit);
CREATE INDEX IF NOT EXISTS units_by_state ON units (done, unit);
COMMIT;
"""
_COLUMNS = {
    "meta": ("key", "value"),
    "units": ("unit", "documents", "bytes", "done", "key", "seconds", "parts"),
    "documents": ("number", "id", "ar", "en", "unit", "ar_stamp", "en_stamp", "ar_sha", "en_sha", "gone", "state", "quality",
                  "record", "seconds"),
}  # fmt: skip
"""The columns of each table over which the check value of a row is taken: a disk may give back other bits than it was given."""


def _check_of(*values: object) -> int:
    """A number of 62 bits by which a row is known."""
    return int.from_bytes(hashlib.blake2b(repr(values).encode("utf-8", "surrogatepass"), digest_size=8).digest()) >> 2


def _triggers() -> str:
    """Statements that keep the column `checked` of every row true, whoever changes the row."""
    out = []
    for table, columns in _COLUMNS.items():
        for what in ("INSERT", "UPDATE"):
            values = ", ".join(f"NEW.{name}" for name in columns)
            out.append(f"CREATE TRIGGER IF NOT EXISTS {table}_{what.lower()} AFTER {what} ON {table} BEGIN UPDATE {table} SET "
                       f"checked = check_of({values}) WHERE {columns[0]} = NEW.{columns[0]}; END;")
    return "\n".join(out)


class RepeatedId(FormatError):
    """An id that stands for two documents."""

    def __init__(self, id: str) -> None:
        super().__init__(f"the id {id!r} stands for two documents; each needs its own")
        self.id = id


class Entry(NamedTuple):
    """A pair of documents as the input names it; paths are relative to the input's folders, or absolute, or URLs."""

    id: str
    ar: str
    en: str


class Planned(NamedTuple):
    """An entry with the stamps of its files (see `store.stamp`)."""

    entry: Entry
    ar_stamp: str | None
    en_stamp: str | None


class Document(NamedTuple):
    """A document of a unit of work: its number in the run, its name, its paths as shown."""

    number: int
    id: str
    ar: str
    en: str


class Unit(NamedTuple):
    """A unit of work."""

    number: int
    bytes: int
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one document: `record` for the report, `failed` or not, digests of the bytes that were read."""

    number: int
    record: Mapping[str, Any]
    failed: bool
    ar_sha: str | None
    en_sha: str | None
    quality: float
    seconds: float


class Standing(NamedTuple):
    """How far a run is."""

    units: int
    units_done: int
    documents: int
    documents_done: int
    bytes: int
    bytes_done: int


class Change(NamedTuple):
    """What a new look at the inputs changed in the plan."""

    new: int
    changed: int
    gone: int


class Ledger:
    """The open file; only one process at a time opens it (see `lock`)."""

    def __init__(self, path: str) -> None:
        self.path = path
        with self._clear():
            self._base = sqlite3.connect(path, isolation_level=None, timeout=60)
            self._base.execute("PRAGMA synchronous=FULL")
            # Sorting millions of names must not fill the memory.
            self._base.execute("PRAGMA temp_store=FILE")
            self._base.create_function("check_of", -1, _check_of, deterministic=True)
            self._check_pages()
            self._base.executescript(_TABLES)
            self._complete()
            self._base.executescript(_triggers())
            self._check_rows()

    def _complete(self) -> None:
        """Add the columns that a ledger of an earlier version lacks."""
        for table, columns in _COLUMNS.items():
            there = {row[1] for row in self._base.execute(f"PRAGMA table_info({table})")}
            if "parts" in columns and "parts" not in there:
                self._base.execute(f"ALTER TABLE {table} ADD COLUMN parts TEXT")
            if "checked" not in there:
                self._base.execute(f"ALTER TABLE {table} ADD COLUMN checked INTEGER")
                self._base.execute(f"UPDATE {table} SET checked = check_of({', '.join(columns)})")

    def _check_pages(self) -> None:
        """Raise DamagedError for a file whose pages or indexes do not go together."""
        found = self._base.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if found != "ok":
            raise self._damage(" ".join(found.split())[:200])

    def _check_rows(self) -> None:
        """Raise DamagedError for a file with a row that is not as it was written, or that has lost one."""
        for table, columns in _COLUMNS.items():
            lost = self._base.execute(f"SELECT {columns[0]} FROM {table} WHERE checked IS NOT check_of({', '.join(columns)}) "
                                      "LIMIT 1").fetchone()  # fmt: skip
            if lost is not None:
                raise self._damage(f"the row {str(lost[0])[:60]} of {table} is not as it was written")
        lost = self._base.execute("SELECT unit FROM units WHERE documents != (SELECT count(*) FROM documents WHERE "
                                  "documents.unit = units.unit AND gone = 0) LIMIT 1").fetchone()  # fmt: skip
        if lost is not None:
            raise self._damage(f"the part {lost[0]} has lost documents")

    def _damage(self, what: str) -> DamagedError:
        return DamagedError(f"{self.path}: is damaged ({what}); --force starts anew")

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    @contextlib.contextmanager
    def _clear(self) -> Iterator[None]:
        """SQLite's errors as ours."""
        try:
            yield
        except sqlite3.OperationalError as error:
            if "decode" in str(error):
                raise self._damage("a text in it is not UTF-8") from error
            raise OutputError(f"{self.path}: cannot be written: {error}") from error
        except sqlite3.DatabaseError as error:
            raise self._damage(str(error)) from error

    @contextlib.contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of it lasts, or nothing."""
        with self._clear():
            self._base.execute("BEGIN IMMEDIATE")
            try:
                yield self._base
                self._base.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._base.execute("ROLLBACK")
                raise

    def meta(self, key: str) -> Any:
        """A value kept beside the plan; None where there is none."""
        with self._clear():
            found = self._base.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return json.loads(found[0]) if found else None

    def keep(self, key: str, value: Any) -> None:
        """Keep a JSON-ready value beside the plan."""
        with self._change() as base:
            base.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (key, json.dumps(value)))

    def check_schema(self) -> None:
        """Raise FormatError for a file that another version of the program laid out."""
        found = self.meta("schema")
        if found is None:
            self.keep("schema", SCHEMA)
        elif found != SCHEMA:
            raise FormatError(f"{self.path}:1: has the schema {found!r}; this version reads {SCHEMA}")

    # The plan

    def plan(self, entries: Iterable[Planned], space: Callable[[int], tuple[int, int]], sizes: Any, digests: Any, *,
             is_whole: bool) -> Change:
        """Take documents into the plan, in one transaction; `is_whole`: those not among them are gone.

        `space(unit)` tells the bytes and documents that a unit has room for, `sizes(stamp)` a file's bytes,
        `digests(entry)` the digests of both files, asked for only where a stamp has changed. Raises RepeatedId for an id that occurs twice.
        """
        new = changed = 0
        with self._change() as base:
            base.execute("CREATE TEMP TABLE IF NOT EXISTS seen (number INTEGER PRIMARY KEY)")
            base.execute("DELETE FROM seen")
            number = base.execute("SELECT coalesce(max(number), -1) + 1 FROM documents").fetchone()[0]
            unit = base.execute("SELECT coalesce(max(unit), -1) FROM units").fetchone()[0]
            room = room_documents = 0
            for found in entries:
                entry = found.entry
                known = base.execute("SELECT number, ar, en, unit, ar_stamp, en_stamp, ar_sha, en_sha, gone FROM "
                                     "documents WHERE id = ?", (entry.id,)).fetchone()
                if known is not None:
                    try:
                        base.execute("INSERT INTO seen VALUES (?)", (known[0],))
                    except sqlite3.IntegrityError:
                        raise RepeatedId(entry.id) from None
                    changed += self._look(base, found, known, digests)
                    continue
                size = sizes(found.ar_stamp) + sizes(found.en_stamp)
                if not room_documents or room < size:
                    unit += 1
                    room, room_documents = space(unit)
                    base.execute("INSERT INTO units (unit, documents, bytes) VALUES (?, 0, 0)", (unit,))
                room, room_documents = room - size, room_documents - 1
                base.execute("INSERT INTO documents (number, id, ar, en, unit, ar_stamp, en_stamp) "
                             "VALUES (?, ?, ?, ?, ?, ?, ?)", (number, *entry, unit, found.ar_stamp, found.en_stamp))
                base.execute("INSERT INTO seen VALUES (?)", (number,))
                number += 1
                new += 1
            gone = self._forget(base) if is_whole else 0
            self._recount(base)
        return Change(new, changed, gone)

    def _look(self, base: sqlite3.Connection, found: Planned, known: tuple[Any, ...], digests: Any) -> int:
        """Whether a document of the plan is not what it was; if so its unit is to be done again."""
        number, ar, en, unit, ar_stamp, en_stamp, ar_sha, en_sha, gone = known
        is_same = (ar, en) == found.entry[1:] and not gone
        if is_same and (ar_stamp, en_stamp) == found[1:]:
            return 0
        base.execute("UPDATE documents SET ar = ?, en = ?, ar_stamp = ?, en_stamp = ?, gone = 0 WHERE number = ?",
                     (*found.entry[1:], *found[1:], number))
        if is_same and (ar_sha or en_sha) and digests(found.entry) == (ar_sha, en_sha):
            return 0
        base.execute("UPDATE units SET done = 0 WHERE unit = ?", (unit,))
        return 1

    def _forget(self, base: sqlite3.Connection) -> int:
        """Mark documents that the input holds no more; their units are to be done again without them."""
        missing = "gone = 0 AND number NOT IN (SELECT number FROM seen)"
        base.execute(f"UPDATE units SET done = 0 WHERE unit IN (SELECT unit FROM documents WHERE {missing})")
        return base.execute(f"UPDATE documents SET gone = 1, state = '', record = NULL, quality = NULL, seconds = NULL "
                            f"WHERE {missing}").rowcount

    def _recount(self, base: sqlite3.Connection) -> None:
        """Let each unit's row tell the documents that are there, and their bytes, with which their stamps begin."""
        base.execute(
            "UPDATE units SET (documents, bytes) = (SELECT count(*), coalesce(sum(coalesce(CAST(ar_stamp AS INTEGER), 0) "
            "+ coalesce(CAST(en_stamp AS INTEGER), 0)), 0) FROM documents WHERE documents.unit = units.unit AND gone = 0)")

    def again(self, files: Any, present: Mapping[str, str], digest: Callable[[str], str | None] = lambda _: None) -> int:
        """Let units whose `files(unit)` are not all `present`, or not as they were written, be done again; how many.

        `present` gives the stamp of each file. Where it is not that of the file as it was written, its `digest` tells.
        """
        lost = []
        with self._clear():
            for unit, parts in self._base.execute("SELECT unit, parts FROM units WHERE done = 1"):
                known = json.loads(parts or "{}")
                if any(name not in present or (name in known and not _is_same(present[name], known[name], name, digest))
                       for name in files(unit)):  # fmt: skip
                    lost.append(unit)
        self._undo(lost)
        return len(lost)

    def verify(self, present: Mapping[str, str], digest: Callable[[str], str | None]) -> tuple[int, list[str]]:
        """How many files the units that are done have, and which of them are missing or have other bytes than were written:
        their units are to be done again."""
        lost, bad, count = [], [], 0
        with self._clear():
            for unit, parts in self._base.execute("SELECT unit, parts FROM units WHERE done = 1 ORDER BY unit"):
                known = json.loads(parts or "{}")
                count += len(known)
                found = [name for name, (size, sha, _) in known.items()
                         if name not in present or size_of(present[name]) != size or digest(name) != sha]
                if found:
                    lost.append(unit)
                    bad += found
        self._undo(lost)
        return count, bad

    def retry_failed(self) -> int:
        """Let units with failed documents be done again; how many."""
        with self._clear():
            found = [unit for (unit,) in self._base.execute("SELECT DISTINCT unit FROM documents WHERE state = 'failed'")]
        self._undo(found)
        return len(found)

    def _undo(self, units: Sequence[int]) -> None:
        if units:
            with self._change() as base:
                base.executemany("UPDATE units SET done = 0 WHERE unit = ?", ((unit,) for unit in units))

    # Work

    def waiting(self) -> Iterator[Unit]:
        """Units that are not done, in order, fetched as they are asked for."""
        last = -1
        while True:
            with self._clear():
                found = self._base.execute("SELECT unit, bytes FROM units WHERE done = 0 AND unit > ? "
                                           "ORDER BY unit LIMIT 1", (last,)).fetchone()
            if found is None:
                return
            last = found[0]
            yield self.unit(last)

    def unit(self, unit: int) -> Unit:
        """A unit of the plan with the documents that are still there."""
        with self._clear():
            size = self._base.execute("SELECT bytes FROM units WHERE unit = ?", (unit,)).fetchone()[0]
            rows = self._base.execute("SELECT number, id, ar, en FROM documents WHERE unit = ? AND gone = 0 "
                                      "ORDER BY number", (unit,)).fetchall()
        return Unit(unit, size, tuple(Document(*row) for row in rows))

    def commit(self, unit: int, key: str, done: Sequence[Done], seconds: Mapping[str, float],
               parts: Mapping[str, Sequence[Any]] | None = None) -> None:
        """A unit is done: its documents' records and the unit's row, in one transaction that is on the disk after."""
        with self._change() as base:
            base.executemany(
                "UPDATE documents SET state = ?, ar_sha = ?, en_sha = ?, quality = ?, record = ?, seconds = ? "
                "WHERE number = ?",
                [("failed" if d.failed else "done", d.ar_sha, d.en_sha, d.quality,
                  json.dumps(d.record, ensure_ascii=True, sort_keys=True), d.seconds, d.number) for d in done])
            base.execute("UPDATE units SET done = 1, key = ?, seconds = ?, parts = ? WHERE unit = ?",
                         (key, json.dumps(dict(seconds)), json.dumps(dict(parts or {})), unit))

    def standing(self) -> Standing:
        """How far the run is; a unit whose documents are all gone counts no more."""
        with self._clear():
            units = self._base.execute("SELECT coalesce(sum(documents > 0), 0), coalesce(sum((documents > 0) * done), 0), "
                                       "coalesce(sum(documents), 0), coalesce(sum(documents * done), 0), coalesce(sum(bytes), 0), "
                                       "coalesce(sum(bytes * done), 0) FROM units").fetchone()
        return Standing(*units)

    def numbers(self) -> Iterator[int]:
        """The numbers of all units, in order."""
        with self._clear():
            count = self._base.execute("SELECT count(*) FROM units").fetchone()[0]
        yield from range(count)

    def done_keys(self) -> Iterator[str]:
        """The keys of the units that are done, in order."""
        with self._clear():
            yield from (key for (key,) in self._base.execute("SELECT key FROM units WHERE done = 1 ORDER BY unit"))

    # What became of it

    def records(self, order: str = "number") -> Iterator[tuple[Document, str, dict[str, Any], float]]:
        """Documents that are done, with their state, record and seconds; by `number`, or `worst` first."""
        chosen = {"number": "number", "worst": "state = 'done', quality, number"}[order]
        with self._clear():
            for row in self._base.execute("SELECT number, id, ar, en, state, record, seconds FROM documents "
                                          f"WHERE state != '' AND gone = 0 ORDER BY {chosen}"):
                yield Document(*row[:4]), row[4], json.loads(row[5]), row[6]

    def failed(self) -> Iterator[tuple[Document, dict[str, Any]]]:
        """Documents that failed, in order, and why."""
        with self._clear():
            for row in self._base.execute("SELECT number, id, ar, en, record FROM documents "
                                          "WHERE state = 'failed' AND gone = 0 ORDER BY number"):
                yield Document(*row[:4]), json.loads(row[4])

    def count_failed(self) -> int:
        """How many documents failed."""
        with self._clear():
            return self._base.execute("SELECT count(*) FROM documents WHERE state = 'failed' AND gone = 0").fetchone()[0]

    def missing(self, most: int) -> tuple[int, list[str]]:
        """How many documents lack a file, and the ids of the first `most`."""
        where = "FROM documents WHERE gone = 0 AND (ar_stamp IS NULL OR en_stamp IS NULL)"
        with self._clear():
            count = self._base.execute(f"SELECT count(*) {where}").fetchone()[0]
            found = self._base.execute(f"SELECT id {where} ORDER BY number LIMIT ?", (most,)).fetchall()
        return count, [id for (id,) in found]

    def seconds(self) -> dict[str, float]:
        """Seconds of work by stage, over all units."""
        total: dict[str, float] = {}
        with self._clear():
            for (found,) in self._base.execute("SELECT seconds FROM units WHERE done = 1"):
                for name, value in json.loads(found).items():
                    total[name] = total.get(name, 0.0) + value
        return total


def _is_same(stamp: str, known: Sequence[Any], name: str, digest: Callable[[str], str | None]) -> bool:
    """Whether a file of this stamp holds what was written: its bytes, their SHA-256, and when that was, are `known`."""
    size, sha, when = known
    return size_of(stamp) == size and (stamp == f"{size} {when}" or digest(name) == sha)


def remove(path: str) -> None:
    """Delete a ledger and what SQLite keeps beside it."""
    for suffix in ("", "-journal", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path + suffix)
