"""What a run has planned and what is done: one SQLite file, each change one transaction that is on the disk.

The plan is fixed when a document is first seen: documents keep their order and their unit for good, new ones are put
into new units. A unit is done when its files stand under their names and its row says so; a process that is killed
between the two leaves a unit that is done once more, to the same bytes.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..errors import FormatError, OutputError
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
            self._base.executescript(_TABLES)

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    @contextlib.contextmanager
    def _clear(self) -> Iterator[None]:
        """SQLite's errors as ours."""
        try:
            yield
        except sqlite3.OperationalError as error:
            raise OutputError(f"{self.path}: cannot be written: {error}") from error
        except sqlite3.DatabaseError as error:
            raise FormatError(f"{self.path}:1: is damaged ({error}); --force starts anew") from error

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
            base.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, json.dumps(value)))

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

    def _look(self, base: sqlite3.Connection, found: Planned, known: tuple, digests: Any) -> int:
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

    def again(self, files: Any, present: set[str]) -> int:
        """Let units whose `files(unit)` are not all `present` be done again; how many."""
        lost = []
        with self._clear():
            for (unit,) in self._base.execute("SELECT unit FROM units WHERE done = 1"):
                if not present.issuperset(files(unit)):
                    lost.append(unit)
        self._undo(lost)
        return len(lost)

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

    def commit(self, unit: int, key: str, done: Sequence[Done], seconds: Mapping[str, float]) -> None:
        """A unit is done: its documents' records and the unit's row, in one transaction that is on the disk after."""
        with self._change() as base:
            base.executemany(
                "UPDATE documents SET state = ?, ar_sha = ?, en_sha = ?, quality = ?, record = ?, seconds = ? "
                "WHERE number = ?",
                [("failed" if d.failed else "done", d.ar_sha, d.en_sha, d.quality,
                  json.dumps(d.record, ensure_ascii=True, sort_keys=True), d.seconds, d.number) for d in done])
            base.execute("UPDATE units SET done = 1, key = ?, seconds = ? WHERE unit = ?",
                         (key, json.dumps(dict(seconds)), unit))

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


def remove(path: str) -> None:
    """Delete a ledger and what SQLite keeps beside it."""
    for suffix in ("", "-journal", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path + suffix)
