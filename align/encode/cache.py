"""Vectors kept on disk, so that the same text and encoder are not encoded twice; a failing cache only warns.

Encoders without `spans` (transformers, thousands of times dearer than a read) keep one row a text in an SQLite file.
The embedded encoder makes a vector in about the time that a row takes to look up, so it keeps only whole calls that
took seconds, one `.npy` file each; small inputs never touch the disk.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import logging
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from ..files import cache_folder, private_folder

if TYPE_CHECKING:
    import sqlite3

    from . import Encoder, SpanEncoder

_LOG = logging.getLogger(__name__)
_KINDS = ("vectors", "code")
# Characters from which a whole call is kept (about a second of work on two cores), bytes up to which its result is.
_LONG_CALL = 1_000_000
_LARGE = 256 << 20
# Bytes of the whole cache beyond which what was not used for longest goes, and texts looked up at once.
_MOST = 2 << 30
_BATCH = 500


class CacheInfo(NamedTuple):
    """Where the cache is and what it holds."""

    folder: Path
    files: int
    bytes: int


def folder() -> Path:
    """The folder of vectors in the user's cache directory, which XDG_CACHE_HOME moves."""
    return cache_folder("vectors")


def cache_info() -> CacheInfo:
    """What the cache holds: vectors, and machine code made for this processor."""
    sizes = [size for kind in _KINDS for _, size, _ in _files(cache_folder(kind))]
    return CacheInfo(folder().parent, len(sizes), sum(sizes))


def clear_cache() -> tuple[int, int]:
    """Delete all that is cached; how many files and bytes went."""
    count = total = 0
    for path, size, _ in (found for kind in _KINDS for found in _files(cache_folder(kind))):
        with contextlib.suppress(OSError):
            path.unlink()
            count, total = count + 1, total + size
    return count, total


def _files(where: Path) -> list[tuple[Path, int, float]]:
    """Files of the cache: path, bytes, time of last use."""
    found = []
    with contextlib.suppress(OSError):
        for path in where.iterdir():
            with contextlib.suppress(OSError):
                if path.is_file():
                    state = path.stat()
                    found.append((path, state.st_size, state.st_mtime))
    return found


def cached(encoder: Encoder, where: Path | None = None) -> Encoder:
    """`encoder` with the cache before it; everything else it offers stays."""
    return Calls(encoder, where) if hasattr(encoder, "spans") else Rows(encoder, where)


class _Cached:
    """What both kinds share: the encoder behind, the folder, and giving up at the first failure."""

    def __init__(self, encoder: Encoder, where: Path | None):
        self._encoder = encoder
        self._where = where
        self._works = True
        self.name, self.dimension = encoder.name, encoder.dimension

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["_encoder"], name)

    def _key(self, *parts: str) -> str:
        """A digest of the encoder and of some strings, none of which can run into the next."""
        digest = hashlib.blake2b(digest_size=20)
        for part in (getattr(self._encoder, "signature", self.name), str(self.dimension), *parts):
            data = part.encode("utf-8", "surrogatepass")
            digest.update(len(data).to_bytes(8, "little"))
            digest.update(data)
        return digest.hexdigest()

    def _folder(self) -> Path:
        if self._where is None:
            self._where = folder()
        return private_folder(self._where)

    def _give_up(self, error: BaseException) -> None:
        """Go on without the cache."""
        self._works = False
        _LOG.warning("the cache of vectors cannot be used: %s", error)

    def _trim(self) -> None:
        """Delete what was not used for longest until the cache is within its bounds."""
        files = sorted(_files(self._folder()), key=lambda file: file[2])
        total = sum(size for _, size, _ in files)
        for path, size, _ in files:
            if total <= _MOST:
                return
            with contextlib.suppress(OSError):
                path.unlink()
                total -= size


class Calls(_Cached):
    """Keeps the results of whole, long calls."""

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """See the encoder's own `encode`."""
        return self._kept("encode", texts, 1, lambda: self._encoder.encode(texts))

    def spans(self, texts: Sequence[str], width: int) -> np.ndarray:
        """See the encoder's own `spans`."""
        return self._kept(f"spans {width}", texts, width, lambda: cast("SpanEncoder", self._encoder).spans(texts, width))

    def _kept(self, kind: str, texts: Sequence[str], width: int, work: Callable[[], np.ndarray]) -> np.ndarray:
        if (not self._works or sum(map(len, texts)) < _LONG_CALL
                or 4 * width * len(texts) * self.dimension > _LARGE):
            return work()
        shape = (width, len(texts), self.dimension)[0 if kind != "encode" else 1:]
        try:
            path = self._folder() / f"{self._key(kind, *texts)}.npy"
            with contextlib.suppress(FileNotFoundError, ValueError, EOFError):
                found = np.load(io.BytesIO(_whole(path.read_bytes())), allow_pickle=False)
                if found.dtype == np.float32 and found.shape == shape:
                    os.utime(path)
                    return found
        except OSError as error:
            self._give_up(error)
            return work()
        result = work()
        partial = path.with_name(f"{path.stem}.{secrets.token_hex(6)}.part")
        try:
            data = io.BytesIO()
            np.save(data, result)
            with partial.open("xb") as file:
                file.write(_checked(data.getvalue()))
            partial.replace(path)
            self._trim()
        except OSError as error:
            with contextlib.suppress(OSError):
                partial.unlink()
            self._give_up(error)
        return result


class Rows(_Cached):
    """Keeps one row a text."""

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """See the encoder's own `encode`; only texts that are not there are encoded, each once."""
        if not self._works or not texts:
            return self._encoder.encode(texts)
        places: dict[str, list[int]] = {}
        for i, text in enumerate(texts):
            places.setdefault(text, []).append(i)
        keys = {text: bytes.fromhex(self._key(text)) for text in places}
        out = np.zeros((len(texts), self.dimension), np.float32)
        rows = self._read(list(keys.values()))
        missing = []
        for text, key in keys.items():
            if key in rows:
                out[places[text]] = rows[key]
            else:
                missing.append(text)
        if missing:
            fresh = self._encoder.encode(missing)
            for text, row in zip(missing, fresh, strict=True):
                out[places[text]] = row
            self._write([(keys[text], row.astype("<f4").tobytes()) for text, row in zip(missing, fresh, strict=True)])
        return out

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """The encoder's file; SQLite's own journal keeps it whole for several processes and through a kill."""
        import sqlite3

        path = self._folder() / f"{self._key()}.sqlite"
        base = sqlite3.connect(path, timeout=20, isolation_level=None)
        try:
            base.execute("PRAGMA synchronous=NORMAL")
            base.execute("CREATE TABLE IF NOT EXISTS rows (key BLOB PRIMARY KEY, row BLOB NOT NULL) WITHOUT ROWID")
            yield base
        finally:
            base.close()

    def _read(self, keys: list[bytes]) -> dict[bytes, np.ndarray]:
        import sqlite3

        found: dict[bytes, np.ndarray] = {}
        try:
            with self._open() as base:
                for at in range(0, len(keys), _BATCH):
                    batch = keys[at:at + _BATCH]
                    marks = ",".join("?" * len(batch))
                    for key, row in base.execute(f"SELECT key, row FROM rows WHERE key IN ({marks})", batch):
                        with contextlib.suppress(ValueError):
                            row = np.frombuffer(_whole(row), "<f4")
                            if len(row) == self.dimension:
                                found[key] = row
        except sqlite3.DatabaseError as error:
            self._damaged(error)
        except OSError as error:
            self._give_up(error)
        return found

    def _write(self, rows: list[tuple[bytes, bytes]]) -> None:
        import sqlite3

        if not self._works:
            return
        try:
            with self._open() as base:
                base.execute("BEGIN IMMEDIATE")
                base.executemany("INSERT OR REPLACE INTO rows VALUES (?, ?)", ((key, _checked(row)) for key, row in rows))
                base.execute("COMMIT")
            self._trim()
        except (sqlite3.DatabaseError, OSError) as error:
            self._give_up(error)

    def _damaged(self, error: sqlite3.DatabaseError) -> None:
        """Start the file anew where it is no database any more; otherwise go on without the cache."""
        import sqlite3

        if isinstance(error, sqlite3.OperationalError):
            self._give_up(error)
            return
        _LOG.warning("the cache of vectors was damaged and starts anew: %s", error)
        with contextlib.suppress(OSError):
            (self._folder() / f"{self._key()}.sqlite").unlink()


_SUM = 8  # bytes of the check value in front of what is kept: a disk may give back other bits than it was given


def _checked(data: bytes) -> bytes:
    """`data` behind its check value."""
    return hashlib.blake2b(data, digest_size=_SUM).digest() + data


def _whole(kept: bytes) -> bytes:
    """The data behind a check value; raises ValueError where they are not what they were."""
    data = kept[_SUM:]
    if hashlib.blake2b(data, digest_size=_SUM).digest() != kept[:_SUM]:
        raise ValueError("damaged")
    return data
