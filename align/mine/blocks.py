"""Where blocks lie: arrays that appear under their names when they are whole, in a folder or wherever else."""

from __future__ import annotations

import contextlib
import os
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Protocol

from ..errors import InputError, OutputError

if TYPE_CHECKING:
    import numpy as np


class Blocks(Protocol):
    """Arrays by name, such as `ar/vectors-0a1b.npy`; the same ones wherever the object is unpickled."""

    def shape(self, name: str) -> tuple[int, ...] | None:
        """The shape of an array that stands there, whole; None where none does."""
        ...

    def load(self, name: str) -> np.ndarray:
        """The array, mapped into memory where it can be, to be read only; raises InputError where it is not there."""
        ...

    def save(self, name: str, rows: np.ndarray) -> None:
        """Write the array, whole or not at all; raises OutputError."""
        ...

    def remove(self, name: str) -> None:
        """Take the array away if it is there."""
        ...


@dataclass(frozen=True, slots=True)
class Folder:
    """Blocks in a folder; on a cluster, one that all machines see."""

    root: str

    def shape(self, name: str) -> tuple[int, ...] | None:
        """The shape of an array that stands there; None also where a failing disk has cut it short."""
        found = mapped(os.path.join(self.root, name))
        return None if found is None else found.shape

    def load(self, name: str) -> np.ndarray:
        """The array, mapped into memory."""
        found = mapped(os.path.join(self.root, name))
        if found is None:
            raise InputError(f"{os.path.join(self.root, name)}: is gone or damaged; every machine must see this folder")
        return found

    def save(self, name: str, rows: np.ndarray) -> None:
        """Write the array under a name of its own, and rename it when it is on the disk."""
        path = os.path.join(self.root, name)
        draft = f"{path}.{secrets.token_hex(6)}.part"
        try:
            with contextlib.suppress(FileExistsError):
                os.mkdir(os.path.dirname(path))
            with open(draft, "wb") as stream:
                write(stream, rows)
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(draft, path)
        except OSError as error:
            raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from error
        finally:
            with contextlib.suppress(OSError):
                os.unlink(draft)

    def remove(self, name: str) -> None:
        """Take the file away if it is there."""
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(self.root, name))


def mapped(path: str) -> np.ndarray | None:
    """The array of a file, mapped into memory; None where there is none that is whole."""
    import numpy as np

    with contextlib.suppress(FileNotFoundError, ValueError, EOFError):
        return np.load(path, mmap_mode="r", allow_pickle=False)
    return None


def write(stream: BinaryIO, rows: np.ndarray) -> None:
    """Write an array as `numpy.save` does, by plain writes, which tell why they fail."""
    import numpy as np

    rows = np.ascontiguousarray(rows)
    np.lib.format.write_array_header_1_0(stream, np.lib.format.header_data_from_array_1_0(rows))
    stream.write(rows.reshape(-1).view(np.uint8).data)
