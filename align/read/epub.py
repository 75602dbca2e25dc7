"""E-books (.epub): the chapters in reading order."""

from typing import Any
from urllib.parse import unquote

from ..errors import FormatError
from .containers import Archive, local
from .draft import Draft, Source
from .html import blocks, page_text

_PAGES = ("application/xhtml+xml", "text/html")


def fill(source: Source, draft: Draft) -> None:
    """Add the blocks of all chapters in the order of the spine; the table of contents becomes furniture."""
    archive = Archive(source)
    if "META-INF/encryption.xml" in archive.names and b"EncryptedKey" in archive.read("META-INF/encryption.xml"):
        raise FormatError(f"{source.shown}: is protected against copying")
    package = _package(archive)
    root = archive.xml(package)
    items = {item.get("id"): item for item in _named(root, "item")}
    for reference in _named(root, "itemref"):
        item = items.get(reference.get("idref"))
        if item is None or item.get("media-type") not in _PAGES:
            continue
        name = archive.beside(package, unquote(item.get("href") or "").partition("#")[0])
        if name not in archive.names:
            raise FormatError(f"{source.shown}: names a chapter that it does not hold: {name[:80]}")
        _add_chapter(archive, source, name, "nav" in (item.get("properties") or "").split(), draft)
    if not len(draft):
        raise FormatError(f"{source.shown}: has no chapters with text")


def _add_chapter(archive: Archive, source: Source, name: str, is_contents: bool, draft: Draft) -> None:
    page = Source(f"{source.shown}: {name}", source.lang, archive.read(name), None, source.max_bytes)
    if not page.data.strip():
        return
    for block in blocks(page_text(page), source.shown, f"{name} "):
        draft.add_flowing(block.text, "furniture" if is_contents else block.kind, block.place)


def _package(archive: Archive) -> str:
    """The name of the package document."""
    for entry in _named(archive.xml("META-INF/container.xml"), "rootfile"):
        name = archive.beside("", entry.get("full-path") or "")
        if name in archive.names:
            return name
    raise FormatError(f"{archive.shown}: names no package document")


def _named(root: Any, name: str) -> list[Any]:
    return [element for element in root.iter() if local(element) == name]
