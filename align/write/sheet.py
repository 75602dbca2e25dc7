"""Spreadsheets: CSV, and XLSX in which no cell is ever a formula."""

import contextlib
import csv
import itertools
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, TextIO

from ..errors import MissingExtra, OutputError
from .rows import Row, columns, legal, values

MAX_ROWS = 1_048_576
MAX_CELL = 32_767
"""What a sheet and a cell of it can hold, by the format's definition."""

_WIDTHS = (60, 60, 11, 9, 7, 7)


def write_csv(stream: TextIO, rows: Iterable[Row], *, langs: tuple[str, str] = ("ar", "en")) -> None:
    """Write all beads as CSV (RFC 4180) below a line of column names, texts exactly as they are.

    A CSV cell has no type, so a spreadsheet may take one that begins with `=` for a formula: use XLSX for people.
    """
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(columns(langs))
    writer.writerows(map(values, rows))


def write_xlsx(stream: BinaryIO, rows: Iterable[Row], *, langs: tuple[str, str] = ("ar", "en")) -> None:
    """Write all beads as a sheet of typed cells: texts are strings whatever they begin with, and are never cut.

    Right-to-left texts are set from the right. Characters that the format cannot hold become U+FFFD. Beads beyond the
    last row of a sheet go on in another. Raises OutputError for a text longer than a cell may be, and MissingExtra.
    """
    try:
        from openpyxl import Workbook
    except ImportError:
        raise MissingExtra("writing .xlsx needs: pip install 'muwazi[sheet]'") from None
    book = Workbook(write_only=True)
    try:
        _fill(book, iter(rows), langs)
        book.save(stream)
    except BaseException:
        # Sheets on their way are temporary files, which the library keeps unless told.
        for sheet in book.worksheets:
            with contextlib.suppress(Exception):
                sheet.close()
            with contextlib.suppress(Exception):
                sheet._writer.cleanup()
        raise


def _fill(book: Any, pending: Iterator[Row], langs: tuple[str, str]) -> None:
    """Add as many sheets as the rows need, one at least."""
    for count in itertools.count(1):
        batch = itertools.islice(pending, MAX_ROWS - 1)
        first = next(batch, None)
        if first is None and count > 1:
            return
        sheet = _sheet(book, "bitext" if count == 1 else f"bitext {count}", langs)
        for row in itertools.chain([first] if first else [], batch):
            sheet.append([_cell(sheet, value, k, langs, row.bead) for k, value in enumerate(values(row))])


def _sheet(book: Any, title: str, langs: tuple[str, str]) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for k, width in enumerate(_WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(k)].width = width
    names = []
    for name in columns(langs):
        cell = WriteOnlyCell(sheet, name)
        cell.font = Font(bold=True)
        names.append(cell)
    sheet.append(names)
    return sheet


def _cell(sheet: Any, value: Any, column: int, langs: tuple[str, str], bead: int) -> Any:
    """A number as a number, all else as a string."""
    from openpyxl.cell import WriteOnlyCell

    if not isinstance(value, str):
        return value
    text = legal(value)
    if len(text.encode("utf-16-le")) > 2 * MAX_CELL:
        raise OutputError(
            f"bead {bead}: its text is longer than a spreadsheet's cell may be ({MAX_CELL:,}); write it as csv or jsonl"
        )
    cell = WriteOnlyCell(sheet)
    # The library takes a string that begins with = for a formula unless the type is set by hand.
    cell._value, cell.data_type = text, "s"
    if column < 2:
        cell.alignment = _alignment(langs[column])
    return cell


_alignments: dict[str, Any] = {}


def _alignment(lang: str) -> Any:
    """How texts of a language are set in their cells."""
    from openpyxl.styles import Alignment

    if lang not in _alignments:
        is_right = lang.replace("_", "-").partition("-")[0].lower() in ("ar", "fa", "he", "ur", "ckb", "ps")
        _alignments[lang] = Alignment(
            horizontal="right" if is_right else "left",
            vertical="top",
            wrap_text=True,
            readingOrder=2 if is_right else 1,
        )
    return _alignments[lang]
