"""OpenDocument texts (.odt): paragraphs, headings, list items, cells, notes, running heads."""

from typing import Any

from ..errors import FormatError
from .containers import Archive, local
from .draft import Draft, Source, need

_T = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_SKIPPED = frozenset(
    {"note", "tracked-changes", "annotation", "annotation-end", "sequence-decls", "forms", "ruby-text"}
)
_HEADS = frozenset({"header", "footer", "header-left", "footer-left", "header-first", "footer-first"})


def fill(source: Source, draft: Draft) -> None:
    """Add the body, then its notes, then running heads and feet (as furniture), once each."""
    need("lxml.etree", "office", source.shown)
    archive = Archive(source)
    if any(b"encryption-data" in archive.read(name) for name in ("META-INF/manifest.xml",) if name in archive.names):
        raise FormatError(f"{source.shown}: is protected by a password")
    content = archive.xml("content.xml")
    body = next((element for element in content.iter() if local(element) == "body"), None)
    if body is None:
        raise FormatError(f"{source.shown}: content.xml has no body")
    walk = _Walk(draft)
    walk.blocks(body, "paragraph", "")
    for count, note in enumerate((element for element in body.iter() if local(element) == "note-body"), 1):
        for paragraph in note.iter(f"{_T}p"):
            draft.add_flowing(_text(paragraph), "paragraph", f"note {count}")
    seen: set[str] = set()
    for head in archive.xml("styles.xml").iter() if "styles.xml" in archive.names else ():
        if local(head) in _HEADS:
            for paragraph in head.iter(f"{_T}p"):
                text = " ".join(_text(paragraph).split())
                if text not in seen:
                    seen.add(text)
                    draft.add(text, "furniture", local(head).partition("-")[0])


class _Walk:
    """Goes through a body; lists and tables may hold each other."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.paragraphs = self.tables = 0

    def blocks(self, parent: Any, kind: str, place: str) -> None:
        """Adds the text of all blocks in `parent`, which make it `kind` at `place` unless they say otherwise."""
        for child in parent:
            name = local(child)
            if name in ("p", "h"):
                self.paragraphs += not place
                where = place or f"paragraph {self.paragraphs}"
                self.draft.add_flowing(_text(child), "heading" if name == "h" and kind != "cell" else kind, where)
            elif name == "table":
                self.tables += 1
                self._table(child, place + " " * bool(place) + f"table {self.tables}")
            elif name in ("list", "list-item", "list-header"):
                self.blocks(child, "list_item", place)
            elif name and name not in _SKIPPED:
                self.blocks(child, kind, place)

    def _table(self, table: Any, place: str) -> None:
        rows = [
            element
            for element in table.iter()
            if local(element) == "table-row"
            and next((above for above in element.iterancestors() if local(above) == "table"), None) is table
        ]
        for r, row in enumerate(rows, 1):
            for c, cell in enumerate((each for each in row if local(each) == "table-cell"), 1):
                self.blocks(cell, "cell", f"{place} row {r} cell {c}")


def _text(paragraph: Any) -> str:
    """A paragraph's text with its own spaces and line breaks; those of the XML itself mean nothing."""
    parts = [" ".join((paragraph.text or "").split("\n"))]
    for child in paragraph:
        name = local(child)
        if name == "s":
            parts.append(" " * _spaces(child.get(f"{_T}c", "1")))
        elif name == "tab":
            parts.append("\t")
        elif name == "line-break":
            parts.append("\n")
        elif name and name not in _SKIPPED and name != "frame":
            parts.append(_text(child))
        parts.append(" ".join((child.tail or "").split("\n")))
    return "".join(parts)


def _spaces(told: str) -> int:
    """How many spaces an element stands for, 100 at most."""
    if not told.isdecimal():
        return 1
    return min(int(told), 100) if len(told) < 4 else 100
