"""Records of numbers that lie on the disk, in the order in which they come or sorted, however many there are.

Their files have no names: they lie in a folder with enough room and go with the object, whatever ends the process.
"""

from __future__ import annotations

import contextlib
import tempfile
import weakref
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from ..errors import OutputError

_Key = tuple[float, ...]


def names_of(kind: np.dtype) -> tuple[str, ...]:
    """The names of a record's fields, in order; none of what is no record."""
    return kind.names or ()

RUN = 64 << 20
"""Bytes of records in memory together where they are sorted."""
BLOCK = 4 << 20
"""Bytes read at a time where they are not."""


class Spool:
    """Records of one dtype in the order in which they come, in a file in `folder`."""

    def __init__(self, folder: Path | None, kind: np.dtype) -> None:
        self.folder, self.kind, self.count = Path(folder or tempfile.gettempdir()), np.dtype(kind), 0
        with _told(self.folder):
            self._stream = tempfile.TemporaryFile(dir=self.folder)  # noqa: SIM115 - closed with the object
        weakref.finalize(self, self._stream.close)

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[np.ndarray]:
        size = max(1, BLOCK // self.kind.itemsize)
        return (self.read(start, start + size) for start in range(0, self.count, size))

    def add(self, rows: np.ndarray) -> None:
        """Append records; raises OutputError, which names the folder, where the disk takes no more."""
        if not len(rows):
            return
        with _told(self.folder):
            self._stream.seek(self.count * self.kind.itemsize)
            self._stream.write(np.ascontiguousarray(rows, self.kind).view(np.uint8).data)
            self._stream.flush()
        self.count += len(rows)

    def read(self, start: int, stop: int) -> np.ndarray:
        """Some of the records."""
        self._stream.seek(start * self.kind.itemsize)
        return np.frombuffer(self._stream.read((min(stop, self.count) - start) * self.kind.itemsize), self.kind)

    def mapped(self) -> np.ndarray:
        """All records, to be read only: mapped into memory, of which the system takes back what others need."""
        return np.memmap(self._stream, self.kind, "r", shape=(self.count,)) if self.count else np.zeros(0, self.kind)


@contextlib.contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Turns the OSError of a file that has no name into one that names its folder."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written: {error.strerror or error}") from error


class Sorter:
    """Records in the order of the fields `keys`: sorted in runs that fit in memory, which are merged as they are read.

    They may be read more than once; none can be added after the first time.
    """

    def __init__(self, folder: Path | None, kind: np.dtype, keys: Sequence[str]) -> None:
        self.folder, self.kind, self.keys = folder, np.dtype(kind), tuple(keys)
        self.count = self._held = 0
        self._waiting: list[np.ndarray] = []
        self._spool: Spool | None = None
        self._runs: list[tuple[_Key, int, int]] = []  # the first record's key, where the run begins, where it ends

    def __len__(self) -> int:
        return self.count

    def add(self, rows: np.ndarray) -> None:
        """Take records in."""
        self._waiting.append(rows)
        self.count += len(rows)
        self._held += len(rows)
        if self._held * self.kind.itemsize >= RUN:
            self._spill()

    def __iter__(self) -> Iterator[np.ndarray]:
        if self._spool is None:
            self._waiting = [self._sorted()]
            found: Iterable[np.ndarray] = self._waiting
        else:
            self._spill()
            found = self._merged(self._spool)
        size = max(1, BLOCK // self.kind.itemsize)
        return (rows[start:start + size] for rows in found for start in range(0, len(rows), size))

    def _sorted(self) -> np.ndarray:
        rows = np.concatenate([np.zeros(0, self.kind), *self._waiting])
        self._waiting, self._held = [], 0
        return rows[np.lexsort([rows[key] for key in reversed(self.keys)])]

    def _spill(self) -> None:
        if not self._held:
            return
        if self._spool is None:
            self._spool = Spool(self.folder, self.kind)
        rows = self._sorted()
        self._runs.append((self._key(rows[0]), len(self._spool), len(self._spool) + len(rows)))
        self._spool.add(rows)

    def _key(self, row: np.void) -> _Key:
        return tuple(row[key].item() for key in self.keys)

    def _merged(self, spool: Spool) -> Iterator[np.ndarray]:
        """Blocks of the whole: what is in no run's unread part is sorted together; only runs that overlap are open."""
        ahead = max(1, RUN // 2 // len(self._runs) // self.kind.itemsize)
        later = sorted(self._runs, reverse=True)
        begun: list[_Run] = []
        while begun or later:
            # Nothing beyond the last key that is read of any open run can be told from what is still to be read.
            bound = min((run.last for run in begun if run.last is not None), default=None)
            while later and (bound is None or later[-1][0] <= bound):
                _, start, stop = later.pop()
                begun.append(_Run(self, spool, start, stop, ahead))
                bound = min((run.last for run in begun if run.last is not None), default=None)
            parts = [run.upto(bound) for run in begun]
            begun = [run for run in begun if run.is_open]
            rows = np.concatenate(parts)
            yield rows[np.lexsort([rows[key] for key in reversed(self.keys)])]


class _Run:
    """A sorted run, of which a part is in memory; `last` is the key up to which it is known, None if it is to its end."""

    def __init__(self, sorter: Sorter, spool: Spool, start: int, stop: int, ahead: int) -> None:
        self.sorter, self.spool, self.start, self.stop, self.ahead = sorter, spool, start, stop, ahead
        self.rows = np.zeros(0, spool.kind)
        self.last: _Key | None = None
        self._read()

    def _read(self) -> None:
        if not len(self.rows) and self.start < self.stop:
            stop = min(self.start + self.ahead, self.stop)
            self.rows, self.start = self.spool.read(self.start, stop), stop
        self.last = self.sorter._key(self.rows[-1]) if self.start < self.stop else None

    @property
    def is_open(self) -> bool:
        """Whether anything is left."""
        return len(self.rows) > 0

    def upto(self, bound: _Key | None) -> np.ndarray:
        """The records whose keys are at most `bound`, taken away; all for None."""
        count = len(self.rows) if bound is None else self._at_most(bound)
        found, self.rows = self.rows[:count], self.rows[count:]
        self._read()
        return found

    def _at_most(self, bound: _Key) -> int:
        low, high = 0, len(self.rows)
        for key, value in zip(self.sorter.keys, bound, strict=True):
            column = self.rows[key][low:high]
            low, high = low + int(np.searchsorted(column, value, "left")), low + int(np.searchsorted(column, value, "right"))
        return high


class Reader:
    """Takes sorted records as far as they are wanted."""

    def __init__(self, blocks: Iterable[np.ndarray], kind: np.dtype, key: str) -> None:
        self.key, self._blocks, self._rest = key, iter(blocks), np.zeros(0, kind)

    def below(self, value: int) -> np.ndarray:
        """The next records, those whose `key` is below `value`."""
        parts = [self._rest]
        while not len(parts[-1]) or parts[-1][self.key][-1] < value:
            block = next(self._blocks, None)
            if block is None:
                break
            parts.append(block)
        rows = np.concatenate(parts)
        count = int(np.searchsorted(rows[self.key], value))
        self._rest = rows[count:].copy()
        return rows[:count]


def groups(blocks: Iterable[np.ndarray], key: str) -> Iterator[np.ndarray]:
    """Blocks of sorted records cut anew so that those of one `key` are together."""
    rest: list[np.ndarray] = []
    for block in blocks:
        if not len(block):
            continue
        start = int(np.searchsorted(block[key], block[key][-1]))
        if start or (rest and rest[-1][key][-1] != block[key][0]):
            whole = np.concatenate([*rest, block[:start]])
            rest = []
            if len(whole):
                yield whole
        rest.append(block[start:])
    if rest:
        yield np.concatenate(rest)


def median(values: Sorter) -> float:
    """The median of sorted numbers, whose only field is `value`."""
    middle, before, found = {(len(values) - 1) // 2, len(values) // 2}, 0, []
    for rows in values:
        found += [rows["value"][place - before] for place in sorted(middle) if before <= place < before + len(rows)]
        before += len(rows)
    return float(np.mean(found))
