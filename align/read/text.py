"""Plain text, compressed or not, to a `Document`; an encoding is never guessed."""

import codecs
import os
import sys
from collections.abc import Iterator
from typing import Protocol

from ..data import Document
from ..errors import DecodingError, InputError, MissingExtra, UsageError
from ..lang.ar.letters import INK

MAX_BYTES = 256 * 2**20
"""How many bytes of (decompressed) text are read before a file is refused."""

_CHUNK = 2**20
# UTF-32 before UTF-16: its little-endian mark begins with the other's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What the first bytes of files that are no plain text look like, so that the refusal can say what the file is.
_MAGIC = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive (.docx, .epub and .odt are such)"),
    (b"\xd0\xcf\x11\xe0", "an old Office document; save it as .docx and give that"),
    (b"\x1f\x8b", "gzip data: its name should end in .gz"),
    (b"\xfd7zXZ\x00", "xz data: its name should end in .xz"),
    (b"\x28\xb5\x2f\xfd", "Zstandard data: its name should end in .zst"),
    (b"BZh", "bzip2 data, which is not read"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3", "a database"),
    (b"{\\rtf", "an RTF document"),
)
_CONTROL_BYTES = bytes(set(range(32)) - set(b"\t\n\x0b\x0c\r\x1b")) + b"\x7f"


class Readable(Protocol):
    """A stream of bytes to read from."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, `size` at most; none at the end."""
        ...


def read(path: str | os.PathLike[str], lang: str, encoding: str | None = None, *, max_bytes: int | None = None) -> Document:
    """The text of a file, or of stdin where `path` is `-`, with line ends and everything else as they stand there.

    Names that end in `.gz`, `.xz` or `.zst` are decompressed. The text is UTF-8, UTF-16 or UTF-32 where it starts with
    their byte order mark, otherwise what `encoding` names, otherwise UTF-8. A byte order mark is no part of the text:
    offset 0 is the character after it. Raises InputError (missing, unreadable, empty, binary, more than `max_bytes`,
    MAX_BYTES if None), DecodingError, UsageError (unknown encoding) and MissingExtra (`.zst` without zstandard).
    """
    name = os.fspath(path)
    known = known_encoding(encoding)
    shown = "<stdin>" if name == "-" else name
    return plain(raw_bytes(name, shown, MAX_BYTES if max_bytes is None else max_bytes), shown, lang, known)


def plain(data: bytes, shown: str, lang: str, known: str | None) -> Document:
    """The bytes of a plain file as a document; raises as `read`."""
    if not data:
        raise InputError(f"{shown}: the file is empty")
    text = decoded(data, shown, known)
    if not INK.search(text):
        raise InputError(f"{shown}: the file holds nothing but white space")
    return Document(shown, lang, text)


def blocks(path: str | os.PathLike[str], encoding: str | None = None, *, size: int = 32 * _CHUNK) -> Iterator[str]:
    """The text of a plain file of any length, in blocks that end where a line does; raises as `read`."""
    name = os.fspath(path)
    known = known_encoding(encoding)
    shown = "<stdin>" if name == "-" else name
    held, mark, first = b"", b"", True
    try:
        for part in _chunks(name):
            held += part
            if first:
                found, length = _marked(held, known)
                mark, first = held[:length], False
                # Line feeds of wider encodings are no single bytes.
                wide = found.replace("_", "-").startswith(("utf-16", "utf-32"))
            end = held.rfind(b"\n") + 1
            if len(held) >= size and end and not wide:
                yield decoded(held[:end], shown, known) if held.startswith(mark) else decoded(mark + held[:end], shown, known)
                held = held[end:]
    except FileNotFoundError:
        raise InputError(f"{shown}: no such file") from None
    except IsADirectoryError:
        raise InputError(f"{shown}: is a directory, not a file") from None
    except PermissionError:
        raise InputError(f"{shown}: no permission to read it") from None
    except (OSError, EOFError, ValueError) as error:
        raise InputError(f"{shown}: cannot be read ({_reason(error)})") from None
    if first:
        raise InputError(f"{shown}: the file is empty")
    if held:
        yield decoded(held if held.startswith(mark) else mark + held, shown, known)


def document(text: str, lang: str, id: str = "<text>") -> Document:
    """A document of a text that is already in memory."""
    return Document(id, lang, text)


def known_encoding(encoding: str | None) -> str | None:
    """The codec's own name for an encoding of text; raises UsageError for anything else."""
    if encoding is None:
        return None
    try:
        found = codecs.lookup(encoding)
    except (LookupError, ValueError):
        raise UsageError(f"--encoding {encoding}: no such encoding; cp1256, iso-8859-6, utf-16-le are some") from None
    if not _is_of_text(found):
        raise UsageError(f"--encoding {encoding}: not an encoding of text")
    return found.name


# Codecs that turn text into other text, or bytes into names, and those that differ from machine to machine.
_NO_TEXT = frozenset({"punycode", "idna", "undefined", "unicode_escape", "raw_unicode_escape", "unicode-escape",
                      "raw-unicode-escape", "utf-7", "charmap", "mbcs", "oem"})  # fmt: skip


def _is_of_text(found: codecs.CodecInfo) -> bool:
    """Whether a codec is an encoding of text: base64, zip, rot13 and the like are codecs too."""
    return getattr(found, "_is_text_encoding", True) and found.name not in _NO_TEXT


def declared_encoding(name: str) -> str | None:
    """The codec's own name for the encoding that a file declares; None where that is none of text."""
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    return found.name if _is_of_text(found) else None


def raw_bytes(name: str, shown: str, max_bytes: int) -> bytes:
    """What the file holds, decompressed by its name; `shown` is how messages call it. Raises InputError."""
    try:
        parts: list[bytes] = []
        size = 0
        for part in _chunks(name):
            parts.append(part)
            size += len(part)
            if size > max_bytes:
                raise InputError(f"{shown}: holds more than {max_bytes:,} bytes of text; allow more with --max-bytes")
        return b"".join(parts)
    except FileNotFoundError:
        raise InputError(f"{shown}: no such file") from None
    except IsADirectoryError:
        raise InputError(f"{shown}: is a directory, not a file") from None
    except PermissionError:
        raise InputError(f"{shown}: no permission to read it") from None
    except (OSError, EOFError, ValueError) as error:
        raise InputError(f"{shown}: cannot be read ({_reason(error)})") from None


def _reason(error: BaseException) -> str:
    """The cause of a failure, in a few words on one line."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return " ".join(str(error).split()) or type(error).__name__


def _chunks(name: str) -> Iterator[bytes]:
    """The decompressed bytes of the file, piece by piece; damaged data raise OSError or EOFError."""
    if name == "-":
        if sys.stdin is None:
            raise OSError("stdin is closed")
        yield from _pieces(sys.stdin.buffer)
    elif name.endswith(".gz"):
        yield from _gzip(name)
    elif name.endswith(".xz"):
        yield from _xz(name)
    elif name.endswith(".zst"):
        yield from _zstandard(name)
    else:
        with open(name, "rb") as stream:
            yield from _pieces(stream)


def _pieces(stream: Readable, size: int = _CHUNK) -> Iterator[bytes]:
    while part := stream.read(size):
        yield part


def _gzip(name: str) -> Iterator[bytes]:
    import gzip
    import zlib

    try:
        with gzip.open(name, "rb") as stream:
            yield from _pieces(stream)
    except zlib.error as error:
        raise OSError(f"damaged gzip data: {error}") from None


def _xz(name: str) -> Iterator[bytes]:
    import lzma

    try:
        with lzma.open(name, "rb") as stream:
            yield from _pieces(stream)
    except lzma.LZMAError as error:
        raise OSError(f"damaged xz data: {error}") from None


def _zstandard(name: str) -> Iterator[bytes]:
    try:
        import zstandard
    except ImportError:
        raise MissingExtra(f"{name}: reading .zst needs: pip install zstandard") from None
    # The library's file reader takes a cut-off frame for a whole one, so frames are followed here. A kilobyte of data
    # grows to some 30 MB at most, which keeps the limit of size meaningful.
    try:
        with open(name, "rb") as stream:
            frame = None
            for part in _pieces(stream, 1024):
                while part:
                    frame = frame or zstandard.ZstdDecompressor().decompressobj()
                    yield frame.decompress(part)
                    part = frame.unused_data if frame.eof else b""
                    frame = None if frame.eof else frame
            if frame is not None:
                raise EOFError("the compressed data end too early")
    except zstandard.ZstdError as error:
        raise OSError(f"damaged Zstandard data: {error}") from None


def decoded(data: bytes, shown: str, named: str | None) -> str:
    """`data` as text: by its byte order mark, else as `named`, else as UTF-8."""
    encoding, mark = _marked(data, named)
    if not encoding.startswith(("utf-16", "utf-32")):
        _refuse_binary(data, shown, named)
    try:
        text = data[mark:].decode(encoding)
    except UnicodeDecodeError as error:
        is_told = bool(mark or named)
        raise DecodingError(_undecodable(data, shown, encoding, mark + error.start, is_told=is_told)) from None
    except UnicodeError as error:
        raise DecodingError(f"{shown}: is not {encoding} ({_reason(error)[:100]}); name the right encoding with --encoding") from None
    if text.count("\0") * 10 > len(text):
        raise InputError(f"{shown}: a binary file, not text")
    return text


def _marked(data: bytes, named: str | None) -> tuple[str, int]:
    """The encoding to use and how many bytes of mark stand before the text; a mark outweighs what was named."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding, len(mark)
    return named or "utf-8", 0


def _refuse_binary(data: bytes, shown: str, named: str | None) -> None:
    """Raises InputError where the bytes are no text; a few stray NULs or control bytes are borne."""
    for magic, what in _MAGIC:
        if data.startswith(magic):
            raise InputError(f"{shown}: not plain text but {what}")
    sample, middle = data, len(data) // 2
    if len(data) > 3 * _CHUNK:
        sample = data[:_CHUNK] + data[middle : middle + _CHUNK] + data[-_CHUNK:]
    controls = len(sample) - len(sample.translate(None, _CONTROL_BYTES))
    if controls * 10 > len(sample):
        hint = "" if named else _wide_hint(sample)
        raise InputError(f"{shown}: a binary file, not text{hint}")


def _wide_hint(sample: bytes) -> str:
    """What to try where the bytes look like UTF-16 without its mark."""
    guess = _looks_wide(sample)
    return f"; if it is UTF-16 without a byte order mark: --encoding {guess}" if guess else ""


def _looks_wide(sample: bytes) -> str | None:
    even, odd = sample[0::2], sample[1::2]
    # In UTF-16 of Arabic or English one byte of each pair is nearly always 00 or 06.
    for half, order in ((odd, "utf-16-le"), (even, "utf-16-be")):
        if half and (half.count(0) + half.count(6)) > 0.8 * len(half):
            return order
    return None


def _undecodable(data: bytes, shown: str, encoding: str, offset: int, *, is_told: bool) -> str:
    """The message for a byte that is not in the encoding; `is_told`: by its mark or by the user."""
    what = f"{shown}: byte {offset} (0x{data[offset]:02x}) is not"
    if is_told and encoding != "utf-8":
        return f"{what} {encoding}; name the right encoding with --encoding"
    sample = data[:_CHUNK]
    wide = _looks_wide(sample)
    if wide:
        return f"{what} UTF-8; it looks like UTF-16 without a byte order mark: try --encoding {wide}"
    hint = " (cp1256 is common in Arabic files)" if _looks_cp1256(sample) else ""
    return f"{what} UTF-8; name its encoding with --encoding{hint}"


def _looks_cp1256(sample: bytes) -> bool:
    """Whether runs of bytes that are Arabic letters in Windows-1256 make up most of the bytes beyond ASCII."""
    high = [byte for byte in sample[:20000] if byte >= 0x80]
    letters = sum(0xC0 <= byte <= 0xED and byte not in b"\xd7\xe0\xe2\xe7\xe8\xe9\xea\xeb" for byte in high)
    return len(high) >= 4 and letters > 0.7 * len(high)
