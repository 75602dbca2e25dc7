"""Web pages: every block of text, with menus, headers, footers and the like told from the content."""

import logging
import re
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import FormatError
from .containers import check_nodes
from .draft import Draft, Source, need
from .text import declared_encoding

_CHARSET = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)|<\?xml[^>]{0,100}?encoding=[\"']([\w.:-]+)", re.IGNORECASE
)
_PROLOGUE = re.compile(r"\s*<\?xml[^>]*\?>")
_SKIPPED = frozenset("script style noscript template svg head iframe object canvas audio video map datalist "
                     "math rp rt annotation".split())  # fmt: skip
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img input ins kbd mark meter nobr "
    "output progress q ruby rb s samp small span strike strong sub sup time tt u var wbr".split()
)
_FURNITURE = frozenset({"nav", "footer", "aside", "form", "button", "select", "menu", "dialog"})
_FURNITURE_ROLES = frozenset({"navigation", "banner", "contentinfo", "search", "complementary", "menu", "menubar",
                              "dialog", "alert"})  # fmt: skip
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_NOT_WORD = re.compile(r"[\W_]+")
# A longer block that is not made of links is content, whatever the extractor says.
_SURELY_LONG = 150


@dataclass(slots=True)
class Block:
    """A block's text, line breaks only where the page breaks the line, and how much of it is links."""

    text: str
    kind: str
    place: str
    linked: int


def fill(source: Source, draft: Draft) -> None:
    """Add the page's blocks; those beside the main content become furniture."""
    text = page_text(source)
    found = blocks(text, source.shown)
    # The extractor is slow to load and only asked about what could be a menu.
    if any(_could_be_beside(block) for block in found):
        found = _with_furniture(found, _main_content(text, source.shown))
    if all(block.kind == "furniture" for block in found):
        # A page that is one form or one dialog is all content.
        found = [replace(block, kind="paragraph") for block in found]
    for block in found:
        draft.add_flowing(block.text, block.kind, block.place)


def page_text(source: Source) -> str:
    """The page as text: by its mark, as the user named it, as it declares itself, else UTF-8."""
    found = _CHARSET.search(source.data[:4096])
    name = (found[1] or found[2]).decode("ascii") if found else "utf-8"
    declared = declared_encoding(name)
    if declared is None:
        raise FormatError(f"{source.shown}: declares the unknown encoding {name[:60]!r}; name its own with --encoding")
    # A declaration that could be read as ASCII is no UTF-16.
    return source.text(None if declared.startswith(("utf-16", "utf-32")) else declared)


def blocks(text: str, shown: str, prefix: str = "") -> list[Block]:
    """The blocks of a page or a chapter in order; `prefix` goes before their places."""
    etree = need("lxml.etree", "web", shown)
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    data = text[found.end() if (found := _PROLOGUE.match(text)) else 0 :].replace("\0", " ").encode("utf-8", "replace")
    check_nodes(data, shown)
    try:
        root = etree.fromstring(data, parser) if data.strip() else None
    except (etree.XMLSyntaxError, ValueError) as error:
        raise FormatError(f"{shown}: not HTML that can be read: {' '.join(str(error).split())[:150]}") from None
    walk = _Walk(prefix)
    if root is not None:
        events = etree.iterwalk(root, events=("start", "end"))
        for event, element in events:
            if event == "end":
                walk.end(element)
            elif not walk.start(element):
                events.skip_subtree()
        walk.flush()
    return walk.found


@dataclass(slots=True)
class _Context:
    """What a block element says of the text in it."""

    kind: str
    place: str
    is_furniture: bool = False
    is_article: bool = False
    is_pre: bool = False


@dataclass(slots=True)
class _Walk:
    """A pass over a tree that gathers text and cuts it at the edges of block elements."""

    prefix: str
    found: list[Block] = field(default_factory=list)
    _text: list[str] = field(default_factory=list)
    _contexts: list[_Context] = field(default_factory=lambda: [_Context("paragraph", "line 1")])
    _tables: list[list[int]] = field(default_factory=list)
    _table_count: int = 0
    _links: int = 0
    _linked: int = 0

    def start(self, element: Any) -> bool:
        """Takes in an element's beginning; false where nothing inside it is to be read."""
        tag = element.tag if isinstance(element.tag, str) else "script"
        if tag in _SKIPPED or "hidden" in element.attrib or _HIDDEN.search(element.get("style", "")):
            return False
        if tag == "br":
            self._text.append("\n")
        elif tag == "a":
            self._links += 1
        elif tag not in _INLINE:
            self.flush()
            self._contexts.append(self._entered(element, tag))
        self._take(element.text)
        return True

    def end(self, element: Any) -> None:
        """Takes in an element's end and the text after it."""
        tag = element.tag if isinstance(element.tag, str) else "script"
        is_skipped = tag in _SKIPPED or "hidden" in element.attrib or _HIDDEN.search(element.get("style", ""))
        if tag == "a" and not is_skipped:
            self._links -= 1
        elif tag not in _INLINE and tag != "br" and not is_skipped:
            self.flush()
            self._contexts.pop()
            if tag == "table":
                self._tables.pop()
        self._take(element.tail)

    def flush(self) -> None:
        """Ends the block of text gathered so far."""
        text = "".join(self._text)
        if text.strip():
            context = self._contexts[-1]
            kind = "furniture" if context.is_furniture else context.kind
            self.found.append(Block(text, kind, self.prefix + context.place, self._linked))
        self._text.clear()
        self._linked = 0

    def _take(self, text: str | None) -> None:
        if not text:
            return
        # Line breaks of the source are spaces except where they are preformatted.
        text = text.replace("\r\n", "\n") if self._contexts[-1].is_pre else " ".join(re.split(r"\s", text))
        self._text.append(text)
        if self._links:
            self._linked += len(text.strip())

    def _entered(self, element: Any, tag: str) -> _Context:
        outer = self._contexts[-1]
        new = replace(outer, place=f"line {element.sourceline}" if not self._tables else outer.place)
        if tag in ("article", "main"):
            new.is_article = True
        # The header of an article holds its title, that of a page its menus.
        is_frame = (
            tag in _FURNITURE or element.get("role") in _FURNITURE_ROLES or (tag == "header" and not new.is_article)
        )
        new.is_furniture = outer.is_furniture or is_frame
        if tag in _HEADINGS:
            new.kind = "heading"
        elif tag in ("li", "dt", "dd"):
            new.kind = "list_item"
        elif tag == "pre":
            new.is_pre = True
        elif tag == "table":
            self._table_count += 1
            self._tables.append([self._table_count, 0, 0])
        elif tag == "tr" and self._tables:
            self._tables[-1][1] += 1
            self._tables[-1][2] = 0
        elif tag in ("td", "th") and self._tables:
            self._tables[-1][2] += 1
            table, row, cell = self._tables[-1]
            new.kind, new.place = "cell", f"table {table} row {row} cell {cell}"
        elif tag == "caption":
            new.kind = "heading"
        return new


def _main_content(text: str, shown: str) -> str | None:
    """The letters of the page's main content, None where the extractor finds none."""
    trafilatura = need("trafilatura", "web", shown)
    logger = logging.getLogger("trafilatura")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        main = trafilatura.extract(
            text, output_format="txt", include_comments=False, include_tables=True, favor_recall=True, deduplicate=False
        )
    except Exception:  # noqa: BLE001 - it only tells content from furniture, and pages can be odd in more ways than it lists
        main = None
    finally:
        logger.setLevel(level)
    return _letters(main) if main else None


def _with_furniture(found: list[Block], main: str | None) -> list[Block]:
    """The blocks, with those made furniture that are short or made of links and no part of the main content."""
    letters = [_letters(block.text) for block in found]
    if main is None or len(main) < 0.4 * sum(map(len, letters)):
        return found
    return [
        replace(block, kind="furniture") if _could_be_beside(block) and key not in main else block
        for block, key in zip(found, letters)
    ]


def _could_be_beside(block: Block) -> bool:
    """Whether a block may be a menu's entry: short and made of links."""
    if block.kind in ("heading", "furniture") or len(block.text) >= _SURELY_LONG:
        return False
    return block.linked > 0.5 * len(block.text.strip())


def _letters(text: str) -> str:
    return _NOT_WORD.sub("", text)
