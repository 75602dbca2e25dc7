"""Word documents (.docx) as they are read on the page: automatic numbers, notes and text boxes in place, hidden text left
out, tracked changes as if accepted; macros are never looked at."""

import io
import re
from collections.abc import Iterator
from typing import Any

from ..errors import FormatError
from .containers import Archive, local, parse_xml
from .draft import Draft, Source, need
from .numbering import Numbering

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# What stands in a paragraph but is no text of it: deletions, field codes, old copies of drawings.
_SKIPPED = frozenset({"del", "moveFrom", "instrText", "delText", "Fallback", "txbxContent", "pPr", "rPr", "rt"})
_HEADING = re.compile(r"heading ?\d|title|subtitle|العنوان|عنوان", re.IGNORECASE)
_LIST = re.compile(r"list|قائمة", re.IGNORECASE)
_NOTES = (("footnotes", "footnote"), ("endnotes", "endnote"))


def fill(source: Source, draft: Draft) -> None:
    """Add the body, then foot- and endnotes, then running heads and feet (as furniture), once each."""
    library = need("docx", "office", source.shown)
    archive = Archive(source)
    # The library parses these too; broken or hostile XML is to be told in our words.
    for name in archive.names:
        if name.endswith((".xml", ".rels")):
            archive.xml(name)
    try:
        document = library.Document(io.BytesIO(source.data))
        styles = _Styles(document)
    except Exception as error:  # noqa: BLE001 - zip, XML, relationships and content types each fail in their own way
        raise FormatError(f"{source.shown}: not a Word document: {' '.join(str(error).split())[:150]}") from None
    _Body(document, styles, source.shown, draft).add()
    seen: set[str] = set()
    for word, text in _heads(document):
        if text not in seen:
            seen.add(text)
            draft.add(text, "furniture", word)


class _Styles:
    """What a document's styles say: which make headings, which make lists, which hide their text."""

    def __init__(self, document: Any) -> None:
        self.kinds: dict[str, str] = {}
        self.hidden: dict[str, bool] = {}
        based: dict[str, str] = {}
        for style in document.styles.element.iter(f"{_W}style"):
            name, own = style.find(f"{_W}name"), style.get(f"{_W}styleId", "")
            label = name.get(f"{_W}val", "") if name is not None else ""
            outline = style.find(f"{_W}pPr/{_W}outlineLvl")
            if _HEADING.match(label) or (outline is not None and outline.get(f"{_W}val", "9") != "9"):
                self.kinds[own] = "heading"
            elif _LIST.match(label) or style.find(f"{_W}pPr/{_W}numPr") is not None:
                self.kinds[own] = "list_item"
            base = style.find(f"{_W}basedOn")
            based[own] = base.get(f"{_W}val", "") if base is not None else ""
            if (hides := _switch(style.find(f"{_W}rPr"), "vanish")) is not None:
                self.hidden[own] = hides
        for own in based:
            at, seen = own, set()
            while at and at not in self.hidden and at not in seen:
                seen.add(at)
                at = based.get(at, "")
            self.hidden.setdefault(own, self.hidden.get(at, False))

    def kind(self, paragraph: Any) -> str:
        """`heading`, `list_item` or `paragraph`."""
        style = paragraph.find(f"{_W}pPr/{_W}pStyle")
        own = self.kinds.get(style.get(f"{_W}val", "")) if style is not None else None
        outline = paragraph.find(f"{_W}pPr/{_W}outlineLvl")
        if own == "heading" or (outline is not None and outline.get(f"{_W}val", "9") != "9"):
            return "heading"
        return "list_item" if paragraph.find(f"{_W}pPr/{_W}numPr") is not None else own or "paragraph"

    def hides(self, run: Any, of_paragraph: bool) -> bool:
        """Whether a run of text is hidden, by itself, by its style or by that of its paragraph."""
        own = run.find(f"{_W}rPr")
        if (told := _switch(own, "vanish")) is not None:
            return told
        style = None if own is None else own.find(f"{_W}rStyle")
        return of_paragraph or (style is not None and self.hidden.get(style.get(f"{_W}val", ""), False))

    def hides_paragraph(self, paragraph: Any) -> bool:
        """Whether the style of a paragraph hides its text."""
        style = paragraph.find(f"{_W}pPr/{_W}pStyle")
        return style is not None and self.hidden.get(style.get(f"{_W}val", ""), False)


def _switch(properties: Any, name: str) -> bool | None:
    """Whether a property is on; None where nothing is said of it."""
    found = None if properties is None else properties.find(f"{_W}{name}")
    return None if found is None else found.get(f"{_W}val", "1") not in ("0", "false", "off")


class _Body:
    """Goes through a document's body in the order of reading."""

    def __init__(self, document: Any, styles: _Styles, shown: str, draft: Draft) -> None:
        self.body, self.draft, self.styles = document.element.body, draft, styles
        numbering = None
        self.notes: dict[tuple[str, str], Any] = {}
        for part in document.part.rels.values():
            if part.is_external:
                continue
            if part.reltype.endswith("/numbering"):
                numbering = parse_xml(part.target_part.blob, shown)
            for name, word in _NOTES:
                if part.reltype.endswith("/" + name):
                    for note in parse_xml(part.target_part.blob, shown).iter(f"{_W}{word}"):
                        if note.get(f"{_W}type", "normal") == "normal":
                            self.notes[word, note.get(f"{_W}id", "")] = note
        self.numbering = Numbering(numbering, document.styles.element)
        self.before = ""  # the text of paragraphs before whose mark is deleted

    def add(self) -> None:
        """Adds all blocks; notes that nothing refers to come last."""
        paragraphs = tables = 0
        for block in _blocks(self.body):
            if local(block) == "p":
                paragraphs += 1
                self.paragraph(block, self.styles.kind(block), f"paragraph {paragraphs}")
            else:
                tables += 1
                self.table(block, f"table {tables}")
        self.draft.add_flowing(self.before, "paragraph", f"paragraph {paragraphs}")
        self.before = ""
        for key in list(self.notes):
            self.note(*key)

    def paragraph(self, paragraph: Any, kind: str, place: str) -> None:
        """Adds a paragraph with its number, then what is anchored in it: text boxes and notes."""
        text = self.before + self.text(paragraph)
        if _mark_is_deleted(paragraph):
            # Without its mark a paragraph goes on in the next, whose number and style are those of both.
            self.before = text
        else:
            self.before = ""
            label = self.numbering.label(paragraph)
            if text.strip():
                self.draft.add_flowing(f"{label} {text}" if label else text, kind, place)
        waiting, self.before = self.before, ""
        self.anchored(paragraph, place)
        self.before = waiting

    def anchored(self, paragraph: Any, place: str) -> None:
        """Adds the text boxes and the notes that belong to a paragraph."""
        for element in paragraph.iter(f"{_W}txbxContent", f"{_W}footnoteReference", f"{_W}endnoteReference"):
            if any(local(above) in ("Fallback", "del", "moveFrom") for above in element.iterancestors()):
                continue
            if local(element) != "txbxContent":
                self.note(local(element).removesuffix("Reference"), element.get(f"{_W}id", ""))
            elif next(above for above in element.iterancestors() if local(above) == "p") in (paragraph, None):
                self.blocks(element, f"{place} text box")

    def note(self, word: str, number: str) -> None:
        """Adds a foot- or endnote, once."""
        found = self.notes.pop((word, number), None)
        if found is not None:
            self.blocks(found, f"{word} {number}")

    def blocks(self, element: Any, place: str) -> None:
        """Adds the paragraphs and tables of a text box or a note, which stand at one place."""
        for block in _blocks(element):
            if local(block) == "p":
                self.paragraph(block, "paragraph", place)
            else:
                self.table(block, f"{place} table")

    def table(self, table: Any, place: str) -> None:
        """Adds a table row by row; a table within a cell is read where it stands."""
        for r, row in enumerate(_of(table, "tr"), 1):
            if row.find(f"{_W}trPr/{_W}del") is not None:
                continue
            for c, cell in enumerate(_of(row, "tc"), 1):
                if cell.find(f"{_W}tcPr/{_W}cellDel") is not None:
                    continue
                where = f"{place} row {r} cell {c}"
                for block in _blocks(cell):
                    if local(block) == "p":
                        self.paragraph(block, "cell", where)
                    else:
                        self.table(block, where)

    def text(self, paragraph: Any) -> str:
        """A paragraph's text, hidden runs left out."""
        return _text(paragraph, self.styles, self.styles.hides_paragraph(paragraph))


def _mark_is_deleted(paragraph: Any) -> bool:
    """Whether a tracked change takes away the end of a paragraph, which then goes on in the next."""
    marks = paragraph.find(f"{_W}pPr/{_W}rPr")
    return marks is not None and any(local(child) in ("del", "moveFrom") for child in marks)


def _blocks(parent: Any) -> Iterator[Any]:
    """Paragraphs and tables in order, also those inside content controls and tracked insertions."""
    for child in parent:
        if local(child) in ("p", "tbl"):
            yield child
        elif local(child) in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag"):
            yield from _blocks(child)


def _of(parent: Any, name: str) -> Iterator[Any]:
    for child in parent:
        if local(child) == name:
            yield child
        elif local(child) in ("sdt", "sdtContent", "ins", "customXml"):
            yield from _of(child, name)


def _text(paragraph: Any, styles: _Styles | None = None, is_hidden: bool = False) -> str:
    """A paragraph's text, line breaks as such, insertions taken, deletions and hidden runs left out."""
    parts: list[str] = []
    pending = list(reversed(paragraph))
    while pending:
        element = pending.pop()
        name = local(element)
        if name in _SKIPPED or not name or (name == "r" and styles is not None and styles.hides(element, is_hidden)):
            continue
        if name == "t":
            parts.append(element.text or "")
        elif name in ("tab", "ptab"):
            parts.append("\t")
        elif name in ("br", "cr"):
            parts.append("\n" if element.get(f"{_W}type", "textWrapping") == "textWrapping" else " ")
        elif name == "noBreakHyphen":
            parts.append("-")
        elif name == "softHyphen":
            parts.append("\u00ad")
        elif name == "sym":
            parts.append(" ")  # a sign of a font of its own, which no code point names
        else:
            pending.extend(reversed(element))
    return "".join(parts)


def _heads(document: Any) -> Iterator[tuple[str, str]]:
    """The running heads and feet."""
    for section in document.sections:
        for name in (
            "header",
            "first_page_header",
            "even_page_header",
            "footer",
            "first_page_footer",
            "even_page_footer",
        ):
            holder = getattr(section, name)
            if not holder.is_linked_to_previous:
                for paragraph in holder._element.iter(f"{_W}p"):
                    text = " ".join(_text(paragraph).split())
                    if text:
                        yield name.rpartition("_")[2], text
