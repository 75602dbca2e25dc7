"""Files written whole or not at all, and compressed or decompressed by their names."""

import contextlib
import io
import json
import os
import re
import secrets
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, BinaryIO, TextIO, cast

from .cells import Screen
from .errors import FormatError, InputError, MuwaziError, OutputError, UsageError

# What some reader takes for the end of a line, though JSON may hold it as it is; and what UTF-8 cannot hold.
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def json_line(value: Any) -> str:
    """`value` as JSON on one line for any reader: line separators and halves of characters are escaped."""
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))


def parsed_json(text: str, where: str, *, whole: bool = False) -> Any:
    """The value of a text of JSON; raises FormatError that says `where` it stands, with the line of a `whole` file."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise FormatError(f"{where}{f':{error.lineno}' if whole else ''}: is not JSON: {error.msg}") from None
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, brackets in brackets
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)[:100]
        raise FormatError(f"{where}{':1' if whole else ''}: is not JSON that can be read: {reason}") from None


def read_toml(path: Path, missing: type[MuwaziError] = UsageError) -> dict[str, Any]:
    """A file of TOML; raises `missing` where there is none, and UsageError."""
    import tomllib

    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise missing(f"{path}: no such file") from None
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{path}: is not TOML that can be read: {str(error)[:200]}") from None


COMPRESSED = (".gz", ".xz", ".zst")


def compression(path: str | os.PathLike[str]) -> str:
    """The suffix of `path` that names a compression, or an empty string."""
    suffix = Path(path).suffix.lower()
    return suffix if suffix in COMPRESSED else ""


def cache_folder(kind: str) -> Path:
    """A folder of this kind in the user's cache directory, which XDG_CACHE_HOME moves; it need not be there."""
    from platformdirs import user_cache_path

    return user_cache_path("muwazi", appauthor=False) / kind


def is_private(state: os.stat_result, *, readable: bool = True) -> bool:
    """Whether what has this state is ours and nobody else may write to it, or where it is not `readable` even read it.

    On systems without owners of files all is ours.
    """
    if not hasattr(os, "geteuid"):
        return True
    others = stat.S_IMODE(state.st_mode) & (0o022 if readable else 0o077)
    return state.st_uid == os.geteuid() and not others and not stat.S_ISLNK(state.st_mode)


def private_folder(path: Path) -> Path:
    """`path` as a folder for this user alone, made where it is missing; raises OSError where it is another's or a link."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    state = os.lstat(path)
    if stat.S_ISDIR(state.st_mode) and hasattr(os, "geteuid") and state.st_uid == os.geteuid() and state.st_mode & 0o077:
        os.chmod(path, 0o700)  # as earlier versions made it
        state = os.lstat(path)
    if not stat.S_ISDIR(state.st_mode) or not is_private(state, readable=False):
        raise PermissionError(13, "the folder is not for this user alone", str(path))
    return path


def read_bytes(path: str | os.PathLike[str]) -> bytes:
    """All bytes of a file, decompressed by its name; raises InputError when it is missing, unreadable or damaged."""
    try:
        with open(path, "rb") as raw, _decompressing(raw, compression(path)) as stream:
            return stream.read()
    except (OSError, EOFError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error) or "damaged"
        raise InputError(f"{path}: cannot be read: {reason}") from error
    except Exception as error:  # lzma.LZMAError, zlib.error and zstandard.ZstdError share no other base
        if type(error).__module__.split(".")[0] not in ("lzma", "_lzma", "zlib", "zstandard"):
            raise
        raise InputError(f"{path}: damaged {compression(path)} file: {error}") from error


@contextlib.contextmanager
def open_output(path: str | os.PathLike[str] | None, force: bool = False) -> Iterator[TextIO]:
    """A UTF-8 text stream (LF line ends) whose contents appear under `path` only when the block ends well.

    `-` or None is stdout. `.gz`, `.xz` and `.zst` are compressed, the same text to the same bytes. Devices and named
    pipes are written straight through. Raises OutputError for an existing file without `force`, for what cannot be
    written, and for text that UTF-8 cannot hold; then, and on any other exception, nothing is left behind.
    """
    if path is None or str(path) == "-":
        try:
            yield cast("TextIO", Screen(sys.stdout)) if sys.stdout.isatty() else sys.stdout
            sys.stdout.flush()
        except UnicodeEncodeError as error:
            raise _unwritable("standard output", error) from error
        except OSError as error:
            if isinstance(error, BrokenPipeError) or error.filename is not None:
                raise
            raise OutputError(f"standard output: cannot be written: {error.strerror or error}") from error
        return
    with open_outputs([path], force) as (stream,):
        yield stream


def refuse_terminal(stream: IO[Any], format: str) -> None:
    """Raise UsageError where bytes that are no text would go to a terminal."""
    if stream.isatty():
        raise UsageError(f"{format} is no text for a terminal: name a file with -o FILE.{format}, or redirect the output")


def binary(stream: TextIO, format: str) -> BinaryIO:
    """The bytes below a stream of text that `open_output` gave; raises UsageError for a terminal's."""
    refuse_terminal(stream, format)
    return stream.buffer


@contextlib.contextmanager
def open_outputs(paths: list[str | os.PathLike[str]], force: bool = False) -> Iterator[list[TextIO]]:
    """A stream for each of `paths` as in `open_output`, all of which appear or none."""
    targets = [_check(path, force) for path in paths]
    if len(set(targets)) < len(targets):
        raise OutputError(f"{paths[0]}: the outputs of one run need different names")
    drafts: list[_Draft] = []
    try:
        try:
            for path, target in zip(paths, targets):
                drafts.append(_Draft(str(path), target))
            yield [draft.stream for draft in drafts]
            for draft in drafts:
                draft.close()
            _publish(drafts, force)
        except UnicodeEncodeError as error:
            raise _unwritable(paths[0], error) from error
        except BrokenPipeError:
            raise
        except OSError as error:
            if error.filename is not None:  # of another file, which the block itself tried to open
                raise
            raise OutputError(f"{paths[0]}: cannot be written: {error.strerror}") from error
    finally:
        for draft in drafts:
            draft.discard()


def _unwritable(name: str | os.PathLike[str], error: UnicodeEncodeError) -> OutputError:
    """Which character `name` cannot take: in UTF-8 that is a lone surrogate."""
    code = ord(error.object[error.start])
    what = "a lone surrogate" if 0xD800 <= code <= 0xDFFF else "the character"
    return OutputError(f"{name}: {what} U+{code:04X} cannot be written as {error.encoding.upper()}")


_STREAMS = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}
_STREAM = re.compile(r"/(?:dev|proc/self)/fd/(\d{1,9})")


def stream_number(path: str | os.PathLike[str]) -> int | None:
    """The open descriptor that a name such as `/dev/stdout` or `/dev/fd/63` stands for; None for other names."""
    name = os.fspath(path)
    found = _STREAM.fullmatch(name)
    return int(found[1]) if found else _STREAMS.get(name)


def is_stream(path: str | os.PathLike[str]) -> bool:
    """Whether `path` is an open descriptor, a pipe, a socket or a device, to which is written straight through."""
    try:
        kind = stat.S_IFMT(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False
    return stream_number(path) is not None or kind not in (stat.S_IFREG, stat.S_IFDIR)


def _check(path: str | os.PathLike[str], force: bool) -> Path:
    """Where `path` really points; raises OutputError when nothing can or may be written there."""
    if is_stream(path):
        return Path(path)  # what a link to a pipe seems to point to is no path
    try:
        target = Path(os.path.realpath(path))
        is_folder, is_file, has_folder = target.is_dir(), target.is_file(), target.parent.is_dir()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise OutputError(f"{path}: cannot be written: {getattr(error, 'strerror', None) or error}") from error
    if is_folder:
        raise OutputError(f"{path}: is a folder; name a file in it")
    if not has_folder:
        raise OutputError(f"{path}: the folder {target.parent} does not exist; make it first")
    if is_file and not force:
        raise OutputError(f"{path}: exists already; --force overwrites it")
    return target


def check_writable(path: str | os.PathLike[str], force: bool = False) -> None:
    """Raise OutputError now for an output that could not be written later, before any work is done for it."""
    target = _check(path, force)
    if not is_stream(path) and not os.access(target if target.exists() else target.parent, os.W_OK):
        raise OutputError(f"{path}: cannot be written: permission denied")


class _Draft:
    """One output on its way: a temporary file beside its target, or the target itself when it is a device or pipe."""

    def __init__(self, path: str, target: Path) -> None:
        self.path, self.target = path, target
        self.temporary: Path | None = None
        self.stream: TextIO
        try:
            self.stream = self._open()
        except OSError as error:
            self.discard()
            raise OutputError(f"{path}: cannot be written: {error.strerror}") from error

    def _open(self) -> TextIO:
        if is_stream(self.target):
            number = stream_number(self.target)
            # Opened by its name, a file behind it would be written from its beginning, and a socket not at all.
            descriptor = os.open(self.target, os.O_WRONLY) if number is None else os.dup(number)
        else:
            self.temporary = self.target.with_name(f".{self.target.name[:100]}.{secrets.token_hex(6)}.part")
            descriptor = os.open(self.temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        self._raw = os.fdopen(descriptor, "wb", buffering=1 << 17)
        self._packed = _compressing(self._raw, compression(self.path))
        # The wrapper's own buffer makes many small writes cheap for the compressors.
        return io.TextIOWrapper(self._packed, encoding="utf-8", newline="\n", write_through=False)

    def close(self) -> None:
        """Write what is buffered through to the disk."""
        self.stream.flush()
        if self._packed is not self._raw:
            self.stream.close()  # ends the compressed data; the file below stays open
        self._raw.flush()
        if self.temporary:
            os.fsync(self._raw.fileno())
        self.stream.close()
        self._raw.close()

    def discard(self) -> None:
        """Close whatever is open without a word and remove the temporary file, if it is still there."""
        for name in ("stream", "_packed", "_raw"):
            with contextlib.suppress(Exception):
                getattr(self, name).close()
        if self.temporary:
            with contextlib.suppress(OSError):
                self.temporary.unlink()


def _publish(drafts: list[_Draft], force: bool) -> None:
    """Give every draft its target's name, and take all of them back when one fails."""
    waiting = [(draft, draft.temporary) for draft in drafts if draft.temporary]
    done: list[tuple[Path, Path | None]] = []
    try:
        for draft, temporary in waiting:
            saved = _set_aside(draft, temporary, keep=len(waiting) > 1)
            try:
                _rename(draft, temporary, force)
            except BaseException:
                if saved:
                    saved.unlink()
                raise
            done.append((draft.target, saved))
    except BaseException:
        for target, saved in done:
            with contextlib.suppress(OSError):
                target.unlink() if saved is None else os.replace(saved, target)
        raise
    for _, saved in done:
        if saved:
            saved.unlink()


def _set_aside(draft: _Draft, temporary: Path, keep: bool) -> Path | None:
    """Copy the permissions of a file that is about to be replaced and, to `keep` it until all is done, link it."""
    if not draft.target.is_file():
        return None
    os.chmod(temporary, stat.S_IMODE(draft.target.stat().st_mode))
    if not keep:
        return None
    saved = temporary.with_suffix(".old")
    os.link(draft.target, saved)
    return saved


def _rename(draft: _Draft, temporary: Path, force: bool) -> None:
    """Move the temporary file to its target; without `force` a file that appeared meanwhile is kept."""
    if force:
        os.replace(temporary, draft.target)
        return
    try:
        os.link(temporary, draft.target)
    except FileExistsError as error:
        raise OutputError(f"{draft.path}: exists already; --force overwrites it") from error
    except OSError:
        os.replace(temporary, draft.target)


def _compressing(raw: BinaryIO, suffix: str) -> BinaryIO:
    """A binary stream that compresses into `raw`; no time stamp and no name, so the same text gives the same bytes."""
    if suffix == ".gz":
        import gzip

        return cast("BinaryIO", gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=raw, mtime=0))
    if suffix == ".xz":
        import lzma

        return cast("BinaryIO", lzma.LZMAFile(raw, "wb"))
    if suffix == ".zst":
        import zstandard

        return zstandard.ZstdCompressor(level=6).stream_writer(raw, closefd=False)
    return raw


def _decompressing(raw: BinaryIO, suffix: str) -> BinaryIO:
    """A binary stream of what `raw` holds, decompressed."""
    if suffix == ".gz":
        import gzip

        return cast("BinaryIO", gzip.GzipFile(fileobj=raw, mode="rb"))
    if suffix == ".xz":
        import lzma

        return cast("BinaryIO", lzma.LZMAFile(raw, "rb"))
    if suffix == ".zst":
        import zstandard

        return zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True)
    return raw
