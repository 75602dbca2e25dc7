"""Markdown: headings, paragraphs, list items, cells; code blocks line by line; front matter is no text."""

import re
from typing import Any

from .draft import Draft, Source, need
from .html import blocks

# What stands before the text for programs: YAML, TOML, or an object of JSON (Hugo).
_FRONT = re.compile(
    r"\A(?:---[ \t]*\n(?:.*?\n)??(?:---|\.\.\.)|\+\+\+[ \t]*\n(?:.*?\n)??\+\+\+|;;;[ \t]*\n(?:.*?\n)??;;;)[ \t]*(?:\n|\Z)", re.DOTALL
)
_KEY = re.compile(r"^[ \t]*[\w\"'.-]+[ \t]*[:=]|^[ \t]*(?:#|- |\[)", re.MULTILINE)
_KINDS = {"heading_open": "heading", "list_item_open": "list_item", "th_open": "cell", "td_open": "cell"}


def fill(source: Source, draft: Draft) -> None:
    """Add the text of each block, without marks of emphasis and targets of links."""
    library = need("markdown_it", "web", source.shown)
    text = source.text().replace("\r\n", "\n").replace("\r", "\n")
    front = _FRONT.match(text)
    # Two rules with prose between are no front matter: its first line names something.
    if front and _KEY.match(front[0], front[0].index("\n") + 1):
        # The lines stay, so that numbers of lines are those of the file.
        text = "\n" * front[0].count("\n") + text[front.end() :]
    inside: list[str] = []
    table = row = cell = line = 0
    for token in library.MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text):
        if token.map:
            line = token.map[0] + 1
        if token.type == "table_open":
            table, row = table + 1, 0
        elif token.type == "tr_open":
            row, cell = row + 1, 0
        cell += token.type in ("th_open", "td_open")
        if token.nesting > 0:
            inside.append(_KINDS.get(token.type, ""))
        elif token.nesting < 0:
            inside.pop()
        kind = next((kind for kind in reversed(inside) if kind), "paragraph")
        place = f"table {table} row {row} cell {cell}" if kind == "cell" else f"line {line}"
        if token.type == "inline":
            _add_inline(token.children or [], kind, place, draft)
        elif token.type in ("fence", "code_block"):
            for number, code in enumerate(token.content.split("\n"), line + (token.type == "fence")):
                draft.add(code, kind, f"line {number}")
        elif token.type == "html_block":
            for block in blocks(token.content, source.shown):
                draft.add_flowing(block.text, block.kind, place)


def _add_inline(children: list[Any], kind: str, place: str, draft: Draft) -> None:
    """Add running text: soft line breaks stay inside the part, hard ones begin a new part."""
    parts = [""]
    for child in children:
        if child.type == "hardbreak" or (child.type == "html_inline" and child.content.lower().startswith("<br")):
            parts.append("")
        elif child.type == "softbreak":
            parts[-1] += "\n"
        elif child.type in ("text", "code_inline", "image"):
            parts[-1] += child.content
    for part in parts:
        draft.add(part, kind, place)
