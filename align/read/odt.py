"""OpenDocument texts (.odt): paragraphs, headings, list items with their numbers, cells, notes in place, running heads; hidden
text is left out."""

from collections.abc import Collection, Iterator
from typing import Any

from ..errors import FormatError
from .containers import Archive, local
from .draft import Draft, Source, need
from .odt_lists import Lists, Place

_T = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
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
    styles: Any = archive.xml("styles.xml") if "styles.xml" in archive.names else ()
    walk = _Walk(draft, {name for root in (content, styles) for name in _hidden(root)}, Lists(styles, content))
    walk.blocks(body, "paragraph", "")
    seen: set[str] = set()
    heads = styles.iter() if len(styles) else ()
    for head in heads:
        if local(head) in _HEADS:
            for paragraph in head.iter(f"{_T}p"):
                text = " ".join(_text(paragraph).split())
                if text not in seen:
                    seen.add(text)
                    draft.add(text, "furniture", local(head).partition("-")[0])


class _Walk:
    """Goes through a body; lists and tables may hold each other."""

    def __init__(self, draft: Draft, hidden: set[str], lists: Lists) -> None:
        self.draft, self.hidden, self.lists = draft, hidden, lists
        self.label = ""  # the number that stands before the next paragraph
        self.paragraphs = self.tables = self.notes = 0

    def blocks(self, parent: Any, kind: str, place: str, at: Place | None = None) -> None:
        """Adds the text of all blocks in `parent`, which make it `kind` at `place` unless they say otherwise; `at` is where
        in a list it stands."""
        for child in parent:
            name = local(child)
            if name in ("p", "h"):
                self.paragraphs += not place
                where = place or f"paragraph {self.paragraphs}"
                text = "" if child.get(f"{_T}style-name") in self.hidden else _text(child, self.hidden)
                label = self.lists.heading(child) if name == "h" and at is None else self.label
                self.label = ""
                text = f"{label} {text}" if label and text.strip() else text
                self.draft.add_flowing(text, "heading" if name == "h" and kind != "cell" else kind, where)
                for box in child.iter(f"{_DRAW}text-box"):
                    if not any(local(above) == "text-box" for above in box.iterancestors()):
                        self.blocks(box, "paragraph", f"{where} text box")
                for note in child.iter(f"{_T}note-body"):
                    if next(above for above in note.iterancestors() if local(above) in ("p", "h")) is not child:
                        continue  # it stands in a text box, with which it came
                    self.notes += 1
                    for paragraph in note.iter(f"{_T}p"):
                        self.draft.add_flowing(_text(paragraph, self.hidden), "paragraph", f"note {self.notes}")
            elif name == "table":
                self.tables += 1
                self._table(child, place + " " * bool(place) + f"table {self.tables}")
            elif name == "list":
                self.blocks(child, "list_item", place, self.lists.enter(child, at))
            elif name in ("list-item", "list-header"):
                # An item that holds but a deeper list is not counted.
                has_text = any(local(inner) in ("p", "h") for inner in child)
                self.label = self.lists.item(at, child) if name == "list-item" and at and has_text else ""
                self.blocks(child, "list_item", place, at)
            elif name and name not in _SKIPPED:
                self.blocks(child, kind, place, at)

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
            parts.append(" " * _spaces(child.get(f"{_T}c", "1")))
        elif name == "tab":
            parts.append("\t")
        elif name == "line-break":
            parts.append("\n")
        elif name and name not in _SKIPPED and name != "frame" and child.get(f"{_T}style-name") not in hidden:
            parts.append(_text(child, hidden))
        parts.append(" ".join((child.tail or "").split("\n")))
    return "".join(parts)


def _spaces(told: str) -> int:
    """How many spaces an element stands for, 100 at most."""
    if not told.isdecimal():
        return 1
    return min(int(told), 100) if len(told) < 4 else 100
