"""The findings of a pair as a list for people: a spreadsheet, a page, a Word document."""

import re
from collections.abc import Sequence
from html import escape
from typing import Any, BinaryIO

from ..data import Judged
from ..errors import MissingExtra
from .findings import Finding, findings

FORMATS = ("xlsx", "html", "docx")
HEADER = ("finding", "kind", "probability", "state", "ar", "en", "comment", "added by a person", "bead")
# What XML and spreadsheets cannot hold.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_KINDS = {"boilerplate": "page furniture", "untranslated": "not translated"}
_NAMES = {"ar": "Arabic", "en": "English", "fr": "French", "de": "German", "es": "Spanish", "fa": "Persian", "ur": "Urdu"}
_RIGHT_TO_LEFT = ("ar", "fa", "he", "ur", "ckb", "ps")


def write_findings(stream: BinaryIO, judged: Judged, format: str, title: str = "") -> None:
    """Write the findings of a judged pair as `xlsx`, `html` or `docx`; raises MissingExtra, KeyError for another format."""
    found = findings(judged)
    langs = (judged.ar.document.lang, judged.en.document.lang)
    title = title or " · ".join(side.document.id.replace("\\", "/").rsplit("/", 1)[-1] for side in (judged.ar, judged.en))
    {"xlsx": _xlsx, "html": _html, "docx": _docx}[format](stream, found, langs, title)


def said(category: str, langs: tuple[str, str]) -> str:
    """A list's name with the languages of the pair: `Missing from the English`."""
    if category in ("missing from ar", "missing from en"):
        return f"Missing from the {name(langs[category.endswith('en')])}"
    return category.capitalize()


def name(lang: str) -> str:
    """A language in English, its code where that is not known here."""
    return _NAMES.get(lang.replace("_", "-").partition("-")[0].lower(), lang)


def _is_right(lang: str) -> bool:
    return lang.replace("_", "-").partition("-")[0].lower() in _RIGHT_TO_LEFT


def _cells(one: Finding, langs: tuple[str, str]) -> tuple[str | float | int, ...]:
    return (said(one.category, langs), _KINDS.get(one.kind, one.kind), round(one.probability, 4), one.state, one.ar, one.en,
            one.comment, "yes" if one.own else "", one.bead + 1)  # fmt: skip


def _legal(text: str) -> str:
    return _ILLEGAL.sub("\ufffd", text)


def _xlsx(stream: BinaryIO, found: Sequence[Finding], langs: tuple[str, str], title: str) -> None:
    try:
        from openpyxl import Workbook
        from openpyxl.styles import Alignment, Font
    except ImportError:
        raise MissingExtra("writing .xlsx needs: pip install 'muwazi[sheet]'") from None
    book = Workbook()
    sheet = book.active
    sheet.title = "findings"
    sheet.freeze_panes = "A2"
    for letter, width in zip("ABCDEFGHI", (24, 14, 11, 11, 60, 60, 40, 16, 7), strict=True):
        sheet.column_dimensions[letter].width = width
    for row, cells in enumerate((HEADER, *(_cells(one, langs) for one in found)), 1):
        for column, value in enumerate(cells, 1):
            cell = sheet.cell(row, column)
            if isinstance(value, str):
                # The library takes a string that begins with = for a formula unless the type is set by hand.
                cell._value, cell.data_type = _legal(value)[:32_767], "s"
            else:
                cell.value = value
            if row == 1:
                cell.font = Font(bold=True)
            elif column in (5, 6):
                right = _is_right(langs[column - 5])
                cell.alignment = Alignment(horizontal="right" if right else "left", vertical="top", wrap_text=True,
                                           readingOrder=2 if right else 1)  # fmt: skip
    book.save(stream)


_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem;max-width:75rem}table{border-collapse:collapse;width:100%}"
    "td,th{border:1px solid #bbb;padding:.4rem .6rem;text-align:start;vertical-align:top}[dir=rtl]{font-size:1.1em}"
    "@media print{body{margin:0;font-size:9pt}tr{break-inside:avoid}}"
)


def _html(stream: BinaryIO, found: Sequence[Finding], langs: tuple[str, str], title: str) -> None:
    def cell(text: str, lang: str = "", mark: str = "td") -> str:
        told = f' lang="{escape(lang)}" dir="{"rtl" if _is_right(lang) else "ltr"}"' if lang else ' dir="auto"'
        return f"<{mark}{told}>{escape(_legal(text))}</{mark}>"

    shown = escape(_legal(title))
    parts = [
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{shown}</title><style>{_STYLE}</style></head>',
        f"<body><h1><bdi>{shown}</bdi></h1>",
    ]
    head = "".join(cell(text, mark="th") for text in ("kind", "sure", "state", name(langs[0]), name(langs[1]), "comment", "bead"))
    for category in dict.fromkeys(one.category for one in found):
        inside = [one for one in found if one.category == category]
        parts.append(f"<h2>{escape(said(category, langs))} ({len(inside)})</h2><table><thead><tr>{head}</tr></thead><tbody>")
        for one in inside:
            parts.append("<tr>" + cell(_KINDS.get(one.kind, one.kind)) + cell(f"{int(100 * one.probability)}%") + cell(one.state)
                         + cell(one.ar, langs[0]) + cell(one.en, langs[1]) + cell(one.comment) + cell(str(one.bead + 1)) + "</tr>")  # fmt: skip
        parts.append("</tbody></table>")
    parts.append("</body></html>\n" if found else "<p>No findings.</p></body></html>\n")
    stream.write("".join(parts).encode())


def _docx(stream: BinaryIO, found: Sequence[Finding], langs: tuple[str, str], title: str) -> None:
    try:
        import docx
        from docx.oxml import OxmlElement
    except ImportError:
        raise MissingExtra("writing .docx needs: pip install 'muwazi[office]'") from None
    document = docx.Document()
    document.add_heading(_legal(title), 0)
    if not found:
        document.add_paragraph("No findings.")

    def fill(cell: Any, text: str, lang: str) -> None:
        paragraph = cell.paragraphs[0]
        run = paragraph.add_run(_legal(text))
        if _is_right(lang):
            paragraph._p.get_or_add_pPr().append(OxmlElement("w:bidi"))
            run._r.get_or_add_rPr().append(OxmlElement("w:rtl"))

    for category in dict.fromkeys(one.category for one in found):
        inside = [one for one in found if one.category == category]
        document.add_heading(f"{said(category, langs)} ({len(inside)})", 1)
        table = document.add_table(rows=1, cols=4)
        table.style = "Table Grid"
        for cell, text in zip(table.rows[0].cells, ("", name(langs[0]), name(langs[1]), "comment"), strict=True):
            cell.paragraphs[0].add_run(text).bold = True
        for one in inside:
            cells = table.add_row().cells
            fill(cells[0], f"{_KINDS.get(one.kind, one.kind)}, {int(100 * one.probability)}%, {one.state}, bead {one.bead + 1}", "en")
            fill(cells[1], one.ar, langs[0])
            fill(cells[2], one.en, langs[1])
            fill(cells[3], one.comment, "en")
    document.save(stream)
