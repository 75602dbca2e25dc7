"""Word documents (.docx): paragraphs, headings, list items, cells, notes, running heads; macros are never looked at."""

import io
import re
from collections.abc import Iterator
from typing import Any

from ..errors import FormatError
from .containers import Archive, local, parse_xml
from .draft import Draft, Source, need

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
    except Exception as error:  # zip, XML, relationships and content types each fail in their own way
        raise FormatError(f"{source.shown}: not a Word document: {' '.join(str(error).split())[:150]}") from None
    styles = _Styles(document)
    _add_body(document.element.body, styles, draft)
    for part in document.part.rels.values():
        for name, word in _NOTES:
            if part.reltype.endswith("/" + name) and not part.is_external:
                _add_notes(parse_xml(part.target_part.blob, source.shown), word, draft)
    seen: set[str] = set()
    for word, text in _heads(document):
        if text not in seen:
            seen.add(text)
            draft.add(text, "furniture", word)


class _Styles:
    """What a document's styles say: which make headings, which make lists."""

    def __init__(self, document: Any) -> None:
        self.kinds: dict[str, str] = {}
        for style in document.styles.element.iter(f"{_W}style"):
            name = style.find(f"{_W}name")
            label = name.get(f"{_W}val", "") if name is not None else ""
            outline = style.find(f"{_W}pPr/{_W}outlineLvl")
            if _HEADING.match(label) or (outline is not None and outline.get(f"{_W}val", "9") != "9"):
                self.kinds[style.get(f"{_W}styleId", "")] = "heading"
            elif _LIST.match(label) or style.find(f"{_W}pPr/{_W}numPr") is not None:
                self.kinds[style.get(f"{_W}styleId", "")] = "list_item"

    def kind(self, paragraph: Any) -> str:
        """`heading`, `list_item` or `paragraph`."""
        style = paragraph.find(f"{_W}pPr/{_W}pStyle")
        own = self.kinds.get(style.get(f"{_W}val", "")) if style is not None else None
        outline = paragraph.find(f"{_W}pPr/{_W}outlineLvl")
        if own == "heading" or (outline is not None and outline.get(f"{_W}val", "9") != "9"):
            return "heading"
        return "list_item" if paragraph.find(f"{_W}pPr/{_W}numPr") is not None else own or "paragraph"


def _add_body(body: Any, styles: _Styles, draft: Draft) -> None:
    paragraphs = tables = 0
    for block in _blocks(body):
        if local(block) == "p":
            paragraphs += 1
            _add_paragraph(block, styles.kind(block), f"paragraph {paragraphs}", draft)
        else:
            tables += 1
            _add_table(block, f"table {tables}", draft)


def _blocks(parent: Any) -> Iterator[Any]:
    """Paragraphs and tables in order, also those inside content controls and tracked insertions."""
    for child in parent:
        if local(child) in ("p", "tbl"):
            yield child
        elif local(child) in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag"):
            yield from _blocks(child)


def _add_paragraph(paragraph: Any, kind: str, place: str, draft: Draft) -> None:
    draft.add_flowing(_text(paragraph), kind, place)
    for box in paragraph.iter(f"{_W}txbxContent"):
        if not any(local(above) == "Fallback" for above in box.iterancestors()):
            for inner in _blocks(box):
                for each in [inner] if local(inner) == "p" else inner.iter(f"{_W}p"):
                    draft.add_flowing(_text(each), "paragraph", f"{place} text box")


def _add_table(table: Any, place: str, draft: Draft) -> None:
    """Row by row; a table within a cell is read where it stands."""
    rows = [row for row in _of(table, "tr")]
    for r, row in enumerate(rows, 1):
        for c, cell in enumerate(_of(row, "tc"), 1):
            where = f"{place} row {r} cell {c}"
            for block in _blocks(cell):
                if local(block) == "p":
                    _add_paragraph(block, "cell", where, draft)
                else:
                    _add_table(block, where, draft)


def _of(parent: Any, name: str) -> Iterator[Any]:
    for child in parent:
        if local(child) == name:
            yield child
        elif local(child) in ("sdt", "sdtContent", "ins", "customXml"):
            yield from _of(child, name)


def _text(paragraph: Any) -> str:
    """A paragraph's text, line breaks as such, insertions taken and deletions left out."""
    parts: list[str] = []
    pending = list(reversed(paragraph))
    while pending:
        element = pending.pop()
        name = local(element)
        if name in _SKIPPED or not name:
            continue
        if name == "t":
            parts.append(element.text or "")
        elif name == "tab":
            parts.append("\t")
        elif name in ("br", "cr"):
            parts.append("\n" if element.get(f"{_W}type", "textWrapping") == "textWrapping" else " ")
        elif name == "noBreakHyphen":
            parts.append("-")
        elif name == "softHyphen":
            parts.append("\u00ad")
        else:
            pending.extend(reversed(element))
    return "".join(parts)


def _add_notes(root: Any, word: str, draft: Draft) -> None:
    for note in root.iter(f"{_W}{word}"):
        if note.get(f"{_W}type", "normal") == "normal":
            for paragraph in note.iter(f"{_W}p"):
                draft.add_flowing(_text(paragraph), "paragraph", f"{word} {note.get(f'{_W}id', '')}")


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
