"""The lines of one side and their vectors on the disk: what is in memory does not grow with the texts.

A folder holds `lines.jsonl`, a record a line, and shards of vectors that are called by a digest of the encoder and the
lines they are of. A shard that stands there is whole, and right; so a run that was stopped goes on, and lines added at
the end of a file cost no more than themselves.
"""

import contextlib
import hashlib
import json
import os
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np

from ..arabic.letters import fold

SHARD = 1 << 15
"""Lines whose vectors stand in one file."""


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
        self._seen: dict[int, int] = {}
        self._starts, self._lengths = array("q"), array("i")
        self._copies, self._copied = array("q"), array("q")
        self._at = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def add(self, line: Line) -> None:
        """Keep a line, as the first of its kind or as a copy."""
        folded = " ".join(fold(line.form).casefold().split()) or line.form
        digest = int.from_bytes(hashlib.blake2b(folded.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
        number = self._seen.setdefault(digest, len(self._starts))
        if number == len(self._starts):
            self._starts.append(self._at)
            self._lengths.append(len(line.form))
        else:
            self._copies.append(self._at)
            self._copied.append(number)
        record = json.dumps([line.text, None if line.form == line.text else line.form, *line[2:]]) + "\n"
        self._at += self._stream.write(record.encode("ascii"))

    def lines(self) -> "Lines":
        """All lines taken in; no more can be added."""
        self._stream.close()
        return Lines(self.folder, np.array(self._starts, np.int64), np.array(self._lengths, np.int32),
                     np.array(self._copies, np.int64), np.array(self._copied, np.int64))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of one side, each kind once: where their records begin, their lengths in characters; and of copies
    where theirs begin and which line they repeat."""

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
        order = np.argsort(self.copied, kind="stable") if not len(self.copied) or np.any(np.diff(self.copied) < 0) else None
        copied = self.copied if order is None else self.copied[order]
        first, last = np.searchsorted(copied, [number, number + 1])
        rows = np.arange(first, last) if order is None else order[first:last]
        return self._at(np.concatenate([self.starts[number:number + 1], np.sort(self.copies[rows])]))

    def _at(self, offsets: np.ndarray) -> list[Line]:
        out: list[Any] = [None] * len(offsets)
        with (self.folder / "lines.jsonl").open("rb") as stream:
            for place in np.argsort(offsets, kind="stable").tolist():
                stream.seek(int(offsets[place]))
                text, form, *rest = json.loads(stream.readline())
                out[place] = Line(text, text if form is None else form, *rest)
        return out


def vectors(lines: Lines, encode: Callable[[list[str]], np.ndarray], signature: str, dimension: int,
            tell: Callable[[int], None] | None = None) -> list[np.ndarray]:  # fmt: skip
    """Unit rows of all lines, float16, as memory-mapped shards in order; those that stand there are not made again.

    `encode` gives float32 rows of forms; `tell` hears how many lines are done.
    """
    out = []
    for start in range(0, len(lines), SHARD):
        stop = min(start + SHARD, len(lines))
        forms = [line.form for line in lines.read(range(start, stop))]
        path = lines.folder / f"vectors-{digest(signature, str(dimension), *forms)}.npy"
        shard = _mapped(path, (stop - start, dimension))
        if shard is None:
            write_whole(path, encode(forms).astype(np.float16))
            shard = _mapped(path, (stop - start, dimension))
        if shard is None:
            raise OSError(f"{path} cannot be read back")
        out.append(shard)
        if tell:
            tell(stop)
    return out


def names(shards: Sequence[np.ndarray]) -> list[str]:
    """The names of the files that shards are mapped from."""
    return [Path(shard.filename).name for shard in shards]  # type: ignore[attr-defined]


def kept(path: Path, make: Callable[[], np.ndarray]) -> np.ndarray:
    """The array in the file, made and written if it is not there."""
    with contextlib.suppress(FileNotFoundError, ValueError, EOFError):
        return np.load(path, allow_pickle=False)
    made = make()
    write_whole(path, made)
    return made


def digest(*parts: str) -> str:
    """A digest of strings none of which can run into the next."""
    whole = hashlib.blake2b(digest_size=12)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        whole.update(len(data).to_bytes(8, "little"))
        whole.update(data)
    return whole.hexdigest()


def write_whole(path: Path, rows: np.ndarray) -> None:
    """Write an array that appears under its name when it is complete and on the disk."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with draft.open("wb") as stream:
            np.save(stream, rows)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _mapped(path: Path, shape: tuple[int, int]) -> np.ndarray | None:
    with contextlib.suppress(FileNotFoundError, ValueError, EOFError):
        found = np.load(path, mmap_mode="r", allow_pickle=False)
        if found.shape == shape and found.dtype == np.float16:
            return found
    return None


def batches(count: int, size: int) -> Iterator[slice]:
    """Slices of at most `size` that cover `count`."""
    for start in range(0, count, size):
        yield slice(start, min(start + size, count))
