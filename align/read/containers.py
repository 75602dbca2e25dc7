"""Archives and XML from outside: bounded, and with nothing fetched, expanded or written."""

import html
import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

from ..errors import FormatError, InputError
from .draft import Source, need
from .text import Readable

MAX_MEMBERS = 20_000
MAX_RATIO = 300
"""How many times larger than its compressed form an archive may be; text and XML stay far below."""

MAX_NODES = 8_000_000
"""How many tags and attributes a document may have: a tree takes some hundred bytes for each, text or not."""

MAX_INSIDE = 200_000
"""How many elements may stand inside one unit of a translation memory."""

_SMALL = 16 * 2**20
_PIECE = 2**20


class Archive:
    """A ZIP archive in memory whose members are known to stay within the limits when they are unpacked."""

    def __init__(self, source: Source) -> None:
        self.shown = source.shown
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(source.data))
            members = self._zip.infolist()
        except (zipfile.BadZipFile, ValueError, OSError, EOFError, RuntimeError, IndexError) as error:
            raise FormatError(f"{self.shown}: damaged or cut off: {_line(error)}") from None
        self.names = {member.filename: member for member in members}
        self._left = source.max_bytes
        self._check(members, len(source.data))

    def _check(self, members: list[zipfile.ZipInfo], packed: int) -> None:
        if len(members) > MAX_MEMBERS:
            raise InputError(f"{self.shown}: holds {len(members):,} members, more than the {MAX_MEMBERS:,} allowed")
        total = sum(member.file_size for member in members)
        if total > self._left:
            raise InputError(
                f"{self.shown}: unpacks to {total:,} bytes, more than the {self._left:,} allowed; "
                "allow more with --max-bytes"
            )
        if total > _SMALL and total > MAX_RATIO * packed:
            raise InputError(f"{self.shown}: unpacks to {total // packed:,} times its size: refused as a ZIP bomb")
        for member in members:
            if member.filename.startswith(("/", "\\")) or ".." in member.filename.replace("\\", "/").split("/"):
                raise InputError(
                    f"{self.shown}: holds a member whose name leads out of the archive: {member.filename[:80]!r}"
                )
            if member.flag_bits & 1:
                raise InputError(f"{self.shown}: is protected by a password")

    def read(self, name: str) -> bytes:
        """A member's bytes; raises FormatError where it is missing or damaged, InputError beyond the limit."""
        if name not in self.names:
            raise FormatError(f"{self.shown}: holds no {name}")
        parts = []
        try:
            with self._zip.open(name) as stream:
                while piece := stream.read(_PIECE):
                    parts.append(piece)
                    # What the archive's index says of sizes may be a lie.
                    self._left -= len(piece)
                    if self._left < 0:
                        raise InputError(
                            f"{self.shown}: unpacks to more bytes than allowed; allow more with --max-bytes"
                        )
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError, IndexError) as error:
            raise FormatError(f"{self.shown}: {name} is damaged: {_line(error)}") from None
        return b"".join(parts)

    def xml(self, name: str) -> Any:
        """The root element of an XML member."""
        return parse_xml(self.read(name), f"{self.shown}: {name}")

    def beside(self, name: str, reference: str) -> str:
        """The member that `reference` in member `name` means, which need not exist."""
        return posixpath.normpath(posixpath.join(posixpath.dirname(name), reference))


def check_nodes(data: bytes, shown: str) -> None:
    """Raise InputError for markup of more than MAX_NODES tags and attributes."""
    if len(data) > MAX_NODES and data.count(b"<") + data.count(b"=\"") + data.count(b"='") > MAX_NODES:
        raise InputError(f"{shown}: holds more than {MAX_NODES:,} tags and attributes: refused as a bomb")


def parse_xml(data: bytes, shown: str) -> Any:
    """The root element; raises FormatError for what is no XML and for entities that a document declares, InputError for
    more than MAX_NODES tags and attributes."""
    check_nodes(data, shown)
    etree = need("lxml.etree", "web", shown)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise FormatError(f"{shown}: not well-formed XML: {_line(error)}") from None
    _refuse_entities(root, shown)
    return root


def elements(data: bytes | Readable, shown: str, *names: str) -> Iterator[Any]:
    """The elements of these local names, one by one as they end, whatever the namespace; each is emptied after use.

    `data` is the whole file, or a stream that is read as needed.

    Raises FormatError as `parse_xml` does. Memory stays that of one element.
    """
    etree = need("lxml.etree", "web", shown)
    events = etree.iterparse(
        io.BytesIO(data) if isinstance(data, bytes) else data,
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        is_first = True
        depth = inside = 0
        for event, element in events:
            if is_first:
                _refuse_entities(element, shown)
                is_first = False
            name = local(element)
            is_unit = name in names and name not in _CONTAINERS
            depth += is_unit and event == "start"
            inside = inside + 1 if depth else 0
            if inside > 2 * MAX_INSIDE:
                raise InputError(f"{shown}: holds a {name} with more than {MAX_INSIDE:,} elements in it: refused as a bomb")
            depth -= is_unit and event == "end"
            if name not in names:
                if event == "end" and not depth and name not in _CONTAINERS:
                    _drop(element, names)
                continue
            if event == "start":
                if local(element) not in _CONTAINERS:
                    continue
                yield element
            elif local(element) not in _CONTAINERS:
                yield element
                element.clear(keep_tail=True)
                while element.getprevious() is not None and local(element.getprevious()) in names:
                    del element.getparent()[0]
    except etree.XMLSyntaxError as error:
        raise FormatError(f"{shown}: not well-formed XML: {_line(error)}") from None


def _drop(element: Any, names: Sequence[str]) -> None:
    """Forget an element that nobody asks for, and those before it: its parent stays."""
    if element.getparent() is None or len(element) and any(local(child) in names for child in element.iter() if child is not element):
        return
    element.clear(keep_tail=False)
    while (before := element.getprevious()) is not None and local(before) not in names and local(before) not in _CONTAINERS:
        element.getparent().remove(before)


# Elements that are handed out when they begin, for their attributes, and not emptied.
_CONTAINERS = frozenset({"file", "header", "xliff", "tmx"})


def local(element: Any) -> str:
    """An element's name without its namespace; an empty string for what is no element."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


_NO_CHARACTER = re.compile(r"&#\d{8,};?")


def unescaped(text: str) -> str:
    """`text` with references to characters as these characters; those beyond all that there are become U+FFFD."""
    return html.unescape(_NO_CHARACTER.sub("\ufffd", text))


def _refuse_entities(root: Any, shown: str) -> None:
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and any(True for _ in declared.iterentities()):
        raise FormatError(f"{shown}: declares XML entities, which are not expanded")


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
