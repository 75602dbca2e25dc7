"""OpenDocument texts (.odt): paragraphs, headings, list items, cells, notes in place, running heads; hidden text left out."""

from collections.abc import Collection, Iterator
from typing import Any

from ..errors import FormatError
from .containers import Archive, local
from .draft import Draft, Source, need

_T = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_SKIPPED = frozenset(
    {"note", "tracked-changes", "annotation", "annotation-end", "sequence-decls", "forms", "ruby-text"}
)
_HEADS = frozenset({"header", "footer", "header-left", "footer-left", "header-first", "footer-first"})


def fill(source: Source, draft: Draft) -> None:
    """Add the body with its notes, then running heads and feet (as furniture), once each."""
    need("lxml.etree", "office", source.shown)
    archive = Archive(source)
    if any(b"encryption-data" in archive.read(name) for name in ("META-INF/manifest.xml",) if name in archive.names):
        raise FormatError(f"{source.shown}: is protected by a password")
    content = archive.xml("content.xml")
    body = next((element for element in content.iter() if local(element) == "body"), None)
    if body is None:
        raise FormatError(f"{source.shown}: content.xml has no body")
    styles = archive.xml("styles.xml") if "styles.xml" in archive.names else ()
    walk = _Walk(draft, {name for root in (content, styles) for name in _hidden(root)})
    walk.blocks(body, "paragraph", "")
    seen: set[str] = set()
    for head in styles.iter() if len(styles) else ():
        if local(head) in _HEADS:
            for paragraph in head.iter(f"{_T}p"):
                text = " ".join(_text(paragraph).split())
                if text not in seen:
                    seen.add(text)
                    draft.add(text, "furniture", local(head).partition("-")[0])


class _Walk:
    """Goes through a body; lists and tables may hold each other."""

    def __init__(self, draft: Draft, hidden: set[str]) -> None:
        self.draft, self.hidden = draft, hidden
        self.paragraphs = self.tables = self.notes = 0

    def blocks(self, parent: Any, kind: str, place: str) -> None:
        """Adds the text of all blocks in `parent`, which make it `kind` at `place` unless they say otherwise."""
        for child in parent:
            name = local(child)
            if name in ("p", "h"):
                self.paragraphs += not place
                where = place or f"paragraph {self.paragraphs}"
                text = "" if child.get(f"{_T}style-name") in self.hidden else _text(child, self.hidden)
                self.draft.add_flowing(text, "heading" if name == "h" and kind != "cell" else kind, where)
                for note in child.iter(f"{_T}note-body"):
                    self.notes += 1
                    for paragraph in note.iter(f"{_T}p"):
                        self.draft.add_flowing(_text(paragraph, self.hidden), "paragraph", f"note {self.notes}")
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


def _hidden(root: Any) -> Iterator[str]:
    """The names of the styles whose text is not shown."""
    for properties in root.iter(f"{_STYLE}text-properties") if len(root) else ():
        if properties.get(f"{_T}display") == "none":
            yield properties.getparent().get(f"{_STYLE}name") or ""


def _text(paragraph: Any, hidden: Collection[str] = ()) -> str:
    """A paragraph's text with its own spaces and line breaks; those of the XML itself mean nothing."""
    parts = [" ".join((paragraph.text or "").split("\n"))]
    for child in paragraph:
        name = local(child)
        if name == "s":
            parts.append(" " * min(int(child.get(f"{_T}c", "1") if child.get(f"{_T}c", "1").isdigit() else 1), 100))
        elif name == "tab":
            parts.append("\t")
        elif name == "line-break":
            parts.append("\n")
        elif name and name not in _SKIPPED and name != "frame" and child.get(f"{_T}style-name") not in hidden:
            parts.append(_text(child, hidden))
        parts.append(" ".join((child.tail or "").split("\n")))
    return "".join(parts)
