"""The lines of one side on the disk: what is in memory does not grow with the texts.

A folder holds `lines.jsonl`, a record a line, and, without names, where the lines begin and which repeat each other.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np

from ..lang.ar.letters import fold
from .spill import Sorter, Spool, groups

SHARD = 1 << 15
"""Lines whose vectors stand in one file."""
_AT_ONCE = 1 << 14  # lines taken in before they are sorted among the others
_TAKEN = np.dtype([("digest", "<u8"), ("number", "<i8"), ("start", "<i8"), ("length", "<i4")])
_KINDRED = np.dtype([("first", "<i8"), ("number", "<i8"), ("start", "<i8"), ("length", "<i4")])


class Line(NamedTuple):
    """A line: its text on one line, what encoders see of it, and where it stands (`segment` from 0, code points)."""

    text: str
    form: str
    document: str
    segment: int
    start: int
    end: int
    place: str
    kind: str


class Writer:
    """Takes in lines; those that differ in nothing but marks, spelling of alef and the like, and capitals are kept once."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._stream = (folder / "lines.jsonl").open("wb")
        self._by_digest = Sorter(folder, _TAKEN, ("digest", "number"))
        self._waiting: list[tuple[int, int, int, int]] = []
        self._at = self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def add(self, line: Line) -> None:
        """Keep a line, as the first of its kind or as a copy."""
        folded = " ".join(fold(line.form).casefold().split()) or line.form
        digest = int.from_bytes(hashlib.blake2b(folded.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
        self._waiting.append((digest, self._count, self._at, len(line.form)))
        self._count += 1
        if len(self._waiting) == _AT_ONCE:
            self._sort_in()
        record = json.dumps([line.text, None if line.form == line.text else line.form, *line[2:]]) + "\n"
        self._at += self._stream.write(record.encode("ascii"))

    def _sort_in(self) -> None:
        self._by_digest.add(np.array(self._waiting, _TAKEN))
        self._waiting = []

    def lines(self) -> "Lines":
        """All lines taken in; no more can be added."""
        self._stream.close()
        self._sort_in()
        starts, lengths = Spool(self.folder, np.dtype("<i8")), Spool(self.folder, np.dtype("<i4"))
        copies, copied = Spool(self.folder, np.dtype("<i8")), Spool(self.folder, np.dtype("<i8"))
        for rows in self._by_first():
            is_first = rows["first"] == rows["number"]
            number = len(starts) - 1 + np.cumsum(is_first)
            starts.add(rows["start"][is_first])
            lengths.add(rows["length"][is_first])
            copies.add(rows["start"][~is_first])
            copied.add(number[~is_first])
        return Lines(self.folder, starts.mapped(), lengths.mapped(), copies.mapped(), copied.mapped())

    def _by_first(self) -> Sorter:
        """All lines in the order in which the first of their kind come, each below those that it repeats."""
        found = Sorter(self.folder, _KINDRED, ("first", "number"))
        for rows in groups(self._by_digest, "digest"):
            is_first = np.diff(rows["digest"], prepend=~rows["digest"][:1]) != 0
            out = np.empty(len(rows), _KINDRED)
            out["first"] = rows["number"][is_first][np.cumsum(is_first) - 1]
            for name in ("number", "start", "length"):
                out[name] = rows[name]
            found.add(out)
        return found


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of one side, each kind once: where their records begin, their lengths in characters; and of copies
    where theirs begin and which line they repeat, in the order of those lines, then as they stand. The arrays are mapped
    from the disk."""

    folder: Path
    starts: np.ndarray
    lengths: np.ndarray
    copies: np.ndarray
    copied: np.ndarray

    def __len__(self) -> int:
        return len(self.starts)

    def read(self, numbers: Sequence[int] | np.ndarray) -> list[Line]:
        """The lines of these numbers."""
        return self._at(self.starts[np.asarray(numbers, np.int64)])

    def copies_of(self, number: int) -> list[Line]:
        """The line of this number and those that repeat it, in the order in which they stand."""
        return self._at(np.concatenate([self.starts[number:number + 1], self.copies[self._copies(number)]]))

    def count_of(self, number: int) -> int:
        """How many `copies_of` gives."""
        found = self._copies(number)
        return 1 + found.stop - found.start

    def _copies(self, number: int) -> slice:
        first, last = np.searchsorted(self.copied, [number, number + 1]).tolist()
        return slice(first, last)

    def _at(self, offsets: np.ndarray) -> list[Line]:
        out: list[Any] = [None] * len(offsets)
        with (self.folder / "lines.jsonl").open("rb") as stream:
            for place in np.argsort(offsets, kind="stable").tolist():
                stream.seek(int(offsets[place]))
                text, form, *rest = json.loads(stream.readline())
                out[place] = Line(text, text if form is None else form, *rest)
        return out


def digest(*parts: str) -> str:
    """A digest of strings none of which can run into the next."""
    whole = hashlib.blake2b(digest_size=12)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        whole.update(len(data).to_bytes(8, "little"))
        whole.update(data)
    return whole.hexdigest()


def batches(count: int, size: int) -> Iterator[slice]:
    """Slices of at most `size` that cover `count`."""
    for start in range(0, count, size):
        yield slice(start, min(start + size, count))
