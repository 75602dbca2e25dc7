"""Where a run reads and writes: folders of this machine, or object storage by URL (`s3://`, `gs://`) through fsspec."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InputError, MissingExtra, OutputError, UsageError

_CHUNK = 1 << 20
# What a name may end in that some part of a run has begun to write and never finished.
_DRAFTS = (".part", ".old")


def is_url(path: str | os.PathLike[str]) -> bool:
    """Whether a path is a URL of some file system rather than a path of this one."""
    return "://" in os.fspath(path)


def joined(base: str, path: str) -> str:
    """`path` as seen from the folder `base`; URLs and absolute paths stay as they are."""
    if is_url(path) or os.path.isabs(path) or not base:
        return path
    return f"{base.rstrip('/')}/{path}" if is_url(base) else os.path.join(base, path)


def parent(path: str) -> str:
    """The folder that a file stands in."""
    return path.rpartition("/")[0] if is_url(path) else os.path.dirname(os.path.abspath(path))


def file_system(url: str) -> tuple[Any, str]:
    """The file system of a URL and the path in it; raises MissingExtra and UsageError."""
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        raise MissingExtra(f"{url}: reading and writing URLs needs: pip install 'muwazi[cloud]'") from None
    try:
        return url_to_fs(url)
    except ImportError as error:
        raise MissingExtra(f"{url}: {' '.join(str(error).split())} (pip install 'muwazi[cloud]')") from None
    except ValueError as error:
        raise UsageError(f"{url}: {' '.join(str(error).split())}") from None


def stamp(path: str) -> str | None:
    """What changes when a file does, cheap to ask for: size and time, or an object's tag; None where it is missing."""
    if not is_url(path):
        try:
            state = os.stat(path)
        except (OSError, ValueError):
            return None
        return f"{state.st_size} {state.st_mtime_ns}"
    system, inside = file_system(path)
    try:
        return _stamp_of(system.info(inside))
    except FileNotFoundError:
        return None
    except Exception as error:
        raise InputError(f"{path}: cannot be looked up: {_reason(error)}") from error


def _stamp_of(info: dict[str, Any]) -> str:
    tag = info.get("ETag") or info.get("etag") or info.get("md5Hash") or info.get("mtime") or info.get("created") or ""
    return f"{info.get('size') or 0} {tag}"


def size_of(stamp: str | None) -> int:
    """The bytes that a stamp tells of."""
    return int(stamp.partition(" ")[0]) if stamp else 0


def sha256(path: str) -> str | None:
    """64 hexadecimal digits of a file's bytes; None where it cannot be read."""
    digest = hashlib.sha256()
    try:
        with opened(path) as stream:
            while part := stream.read(_CHUNK):
                digest.update(part)
    except (OSError, ValueError):
        return None
    return digest.hexdigest()


def beside(path: str, name: str) -> bool:
    """Whether a file called `name` stands in the folder of `path`."""
    return stamp(joined(parent(path), name)) is not None


@contextlib.contextmanager
def opened(path: str) -> Iterator[Any]:
    """The bytes of a file or an object as a stream."""
    if not is_url(path):
        with open(path, "rb") as stream:
            yield stream
        return
    system, inside = file_system(path)
    with system.open(inside, "rb") as stream:
        yield stream


@contextlib.contextmanager
def at_hand(path: str) -> Iterator[str]:
    """A path of this machine with the contents of `path`, which it is where it can be; raises InputError."""
    if not is_url(path):
        # A pipe or a device may be waited for without end.
        if os.path.exists(path) and not (os.path.isfile(path) or os.path.isdir(path)):
            raise InputError(f"{path}: is no regular file")
        yield path
        return
    system, inside = file_system(path)
    with tempfile.TemporaryDirectory(prefix="muwazi-") as folder:
        target = os.path.join(folder, inside.rstrip("/").rpartition("/")[2][-200:] or "file")
        try:
            system.get_file(inside, target)
        except FileNotFoundError:
            raise InputError(f"{path}: no such file") from None
        except Exception as error:
            raise InputError(f"{path}: cannot be read: {_reason(error)}") from error
        yield target


def walk(folder: str) -> Iterator[tuple[str, str]]:
    """Files below a folder, hidden ones left out: relative path with `/`, stamp. Raises InputError."""
    if not is_url(folder):
        if not os.path.isdir(folder):
            raise InputError(f"{folder}: no such folder")
        for where, folders, files in os.walk(folder):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(files):
                if not name.startswith("."):
                    full = os.path.join(where, name)
                    found = stamp(full)
                    if found is not None:
                        yield os.path.relpath(full, folder).replace(os.sep, "/"), found
        return
    system, inside = file_system(folder)
    root = inside.rstrip("/") + "/"
    try:
        found = system.find(inside, detail=True)
    except Exception as error:
        raise InputError(f"{folder}: cannot be listed: {_reason(error)}") from error
    if not found:
        raise InputError(f"{folder}: no such folder, or nothing in it")
    for path, info in sorted(found.items()):
        name = path.removeprefix(root)
        if not any(part.startswith(".") for part in name.split("/")):
            yield name, _stamp_of(info)


def is_folder(path: str) -> bool:
    """Whether a path is a folder, or a prefix of objects."""
    if not is_url(path):
        return os.path.isdir(path)
    system, inside = file_system(path)
    return bool(system.isdir(inside))


def _reason(error: BaseException) -> str:
    return getattr(error, "strerror", None) or " ".join(str(error).split()) or type(error).__name__


@dataclass(frozen=True, slots=True)
class Store:
    """The folder that a run writes to, local or by URL; names in it are relative, with `/`. `called` is what the user
    calls it."""

    root: str
    called: str = ""

    @property
    def shown(self) -> str:
        """What messages call it."""
        return self.called or self.root

    @property
    def is_remote(self) -> bool:
        """Whether it is object storage."""
        return is_url(self.root)

    def at(self, name: str) -> str:
        """Path or URL of what is called `name`."""
        return joined(self.root, name)

    def make(self, *folders: str) -> None:
        """Make the folder and folders in it; raises OutputError."""
        if self.is_remote:
            return
        for folder in ("", *folders):
            try:
                os.makedirs(os.path.join(self.root, folder), exist_ok=True)
            except OSError as error:
                raise OutputError(f"{self.shown}: cannot be made: {error.strerror}") from error

    @contextlib.contextmanager
    def writing(self, name: str) -> Iterator[str]:
        """A path of this machine to write to; what stands there when the block ends well is under `name`, whole.

        On this machine it is the final path, which the block itself fills by renaming. Raises OutputError.
        """
        if not self.is_remote:
            path = os.path.join(self.root, name)
            yield path
            _sync_folder(os.path.dirname(path))
            return
        system, inside = file_system(self.at(name))
        with tempfile.TemporaryDirectory(prefix="muwazi-") as folder:
            draft = os.path.join(folder, name.rpartition("/")[2])
            yield draft
            try:
                system.put_file(draft, inside)
            except Exception as error:
                raise OutputError(f"{self.at(name)}: cannot be written: {_reason(error)}") from error

    def write_text(self, name: str, text: str) -> None:
        """A small file, whole or not at all."""
        from ..files import open_output

        with self.writing(name) as path, open_output(path, force=True) as stream:
            stream.write(text)

    def read_text(self, name: str) -> str | None:
        """A small file's text; None where there is none."""
        try:
            with opened(self.at(name)) as stream:
                return stream.read().decode("utf-8")
        except FileNotFoundError:
            return None
        except Exception as error:
            raise InputError(f"{self.at(name)}: cannot be read: {_reason(error)}") from error

    def names(self, folder: str) -> set[str]:
        """Names of the files in a folder, `folder/` included."""
        return set(self.stamps(folder))

    def stamps(self, folder: str) -> dict[str, str]:
        """Names of the files in a folder, `folder/` included, with their stamps (see `stamp`)."""
        if not self.is_remote:
            try:
                with os.scandir(os.path.join(self.root, folder)) as entries:
                    return {f"{folder}/{entry.name}": f"{entry.stat().st_size} {entry.stat().st_mtime_ns}" for entry in entries
                            if entry.is_file() and not entry.name.startswith(".")}
            except FileNotFoundError:
                return {}
        system, inside = file_system(self.at(folder))
        system.invalidate_cache()
        try:
            found = system.find(inside, maxdepth=1, detail=True)
        except FileNotFoundError:
            return {}
        return {f"{folder}/{path.rpartition('/')[2]}": _stamp_of(info) for path, info in found.items()}

    def strangers(self, own: Callable[[str], bool], folders: Sequence[str]) -> list[str]:
        """What stands there, hidden files left out, and is neither `own` nor a folder of `folders`, in order.

        A link in the place of such a folder is a stranger too: whatever it leads to is not ours.
        """
        if self.is_remote:
            found = {name.lstrip("/") for folder in ("", *folders) for name in self.names(folder)}
            return sorted(name for name in found if not name.rpartition("/")[2].startswith(".") and not own(name))
        out = []
        for folder in ("", *folders):
            prefix = f"{folder}/" if folder else ""
            if folder and os.path.islink(os.path.join(self.root, folder)):
                continue
            with contextlib.suppress(FileNotFoundError, NotADirectoryError), os.scandir(os.path.join(self.root, folder)) as entries:
                for entry in entries:
                    is_ours = entry.is_dir(follow_symlinks=False) if not folder and entry.name in folders else (
                        own(prefix + entry.name) and not entry.is_dir(follow_symlinks=False))
                    if not entry.name.startswith(".") and not is_ours:
                        out.append(prefix + entry.name)
        return sorted(out)

    def remove(self, name: str) -> None:
        """Take a file away if it is there; raises OutputError where its folder is a link."""
        if not self.is_remote:
            folder = os.path.dirname(os.path.join(self.root, name))
            if "/" in name and os.path.islink(folder):
                raise OutputError(f"{folder}: is a link; nothing is deleted through it")
            with contextlib.suppress(FileNotFoundError):
                os.unlink(os.path.join(self.root, name))
            return
        system, inside = file_system(self.at(name))
        with contextlib.suppress(FileNotFoundError):
            system.rm_file(inside)

    def drop_folder(self, folder: str) -> None:
        """Remove a folder in it where that is empty; object storage has none."""
        if not self.is_remote:
            with contextlib.suppress(OSError):
                os.rmdir(os.path.join(self.root, folder))

    def is_empty(self) -> bool:
        """Whether nothing but hidden files stands there."""
        if not self.is_remote:
            try:
                return not any(not name.startswith(".") for name in os.listdir(self.root))
            except FileNotFoundError:
                return True
            except NotADirectoryError:
                raise OutputError(f"{self.shown}: is a file; a run writes a folder") from None
        system, inside = file_system(self.root)
        system.invalidate_cache()
        try:
            return not [path for path in system.find(inside)
                        if not path.removeprefix(inside).lstrip("/").startswith(".")]
        except FileNotFoundError:
            return True

    def sweep(self, *folders: str) -> None:
        """Remove what a killed process had begun to write in these folders; only whoever holds the lock may."""
        if self.is_remote:
            return
        for folder in ("", *folders):
            with contextlib.suppress(FileNotFoundError), os.scandir(os.path.join(self.root, folder)) as entries:
                for entry in entries:
                    if entry.name.startswith(".") and entry.name.endswith(_DRAFTS):
                        with contextlib.suppress(OSError):
                            shutil.rmtree(entry.path) if entry.is_dir(follow_symlinks=False) else os.unlink(entry.path)


def _sync_folder(path: str) -> None:
    """Make names in a folder last through a loss of power."""
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def absolute(path: str) -> str:
    """A path that does not depend on the working directory."""
    return path.rstrip("/") if is_url(path) else str(Path(path).absolute())
