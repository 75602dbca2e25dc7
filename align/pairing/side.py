"""What is kept of a folder's documents: some vectors of each on the disk, the rest in a few numbers."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

import numpy as np

KEPT = 256
"""Most sentences of which a document keeps vectors."""
_DIRECTIONS = 2 * KEPT


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is kept of one document: float16 unit `rows` of sentences in reading order, of each its length in
    characters and a hash of its words, and the hashes `keys` of numbers, dates and names, sorted, none twice.

    `digest` is the same for documents with the same words, `size` the length of all sentences in characters.
    """

    rows: np.ndarray
    lengths: np.ndarray
    hashes: np.ndarray
    keys: np.ndarray
    digest: int
    size: int


def kept(vectors: np.ndarray) -> np.ndarray:
    """Which sentences' vectors a document keeps: all, or of many those that stand out most in fixed directions.

    The sentence farthest out in a direction tends to be the same in a translation, so that what two versions keep
    belongs together, as it would not if each kept every so many.
    """
    n = len(vectors)
    if n <= KEPT:
        return np.arange(n)
    directions = np.random.default_rng(0).standard_normal((vectors.shape[1], _DIRECTIONS), dtype=np.float32)
    best = ((vectors - vectors.mean(0)) @ directions).argmax(0)
    chosen = best[np.sort(np.unique(best, return_index=True)[1])][:KEPT]
    return np.sort(chosen)


class Gathering:
    """Takes in the sketches of one side, one after the other; vectors go to a file without a name, until it is closed.

    A side taken from it stays good when it is closed.
    """

    def __init__(self, dimension: int) -> None:
        self._dimension = dimension
        self._file: IO[bytes] = tempfile.TemporaryFile(prefix="muwazi-")  # noqa: SIM115 - lives as long as its owner
        self._counts: list[int] = []
        self._lengths: list[np.ndarray] = []
        self._hashes: list[np.ndarray] = []
        self._keys: list[np.ndarray] = []
        self._digests: list[int] = []
        self._sizes: list[int] = []

    def __enter__(self) -> Gathering:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __len__(self) -> int:
        return len(self._counts)

    def add(self, sketch: Sketch) -> None:
        """Keep a document; its number is how many were kept before."""
        self._file.write(np.ascontiguousarray(sketch.rows, np.float16).tobytes())
        self._counts.append(len(sketch.rows))
        self._lengths.append(sketch.lengths.astype(np.int32))
        self._hashes.append(sketch.hashes.astype(np.uint64))
        self._keys.append(sketch.keys.astype(np.uint64))
        self._digests.append(sketch.digest)
        self._sizes.append(sketch.size)

    def side(self) -> Side:
        """All documents taken in so far; vectors are mapped from the file, not read."""
        self._file.flush()
        total = sum(self._counts)
        rows = np.zeros((0, self._dimension), np.float16)
        if total:
            rows = np.memmap(self._file, np.float16, "r", shape=(total, self._dimension))
        return Side(rows, _starts(self._counts), _joined(self._lengths, np.int32), _joined(self._hashes, np.uint64),
                    _joined(self._keys, np.uint64), _starts(list(map(len, self._keys))),
                    np.array(self._digests, np.uint64), np.array(self._sizes, np.int64))


def _starts(counts: Sequence[int]) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]).astype(np.int64)


def _joined(parts: Sequence[np.ndarray], kind: type) -> np.ndarray:
    return np.concatenate(parts) if parts else np.zeros(0, kind)


@dataclass(frozen=True, slots=True)
class Side:
    """The documents of one language: row `starts[k]` to `starts[k + 1]` are the sentences kept of document `k`."""

    rows: np.ndarray
    starts: np.ndarray
    lengths: np.ndarray
    hashes: np.ndarray
    keys: np.ndarray
    key_starts: np.ndarray
    digests: np.ndarray
    sizes: np.ndarray

    def __len__(self) -> int:
        return len(self.digests)

    def vectors(self, document: int) -> np.ndarray:
        """Rows of the sentences kept of a document, float32."""
        return np.asarray(self.rows[self.starts[document]:self.starts[document + 1]], np.float32)

    def keys_of(self, document: int) -> np.ndarray:
        """Hashes of its numbers, dates and names."""
        return self.keys[self.key_starts[document]:self.key_starts[document + 1]]
