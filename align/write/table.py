"""Any table as a sheet: for records that are no bitext, such as flags."""

from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO

from ..errors import MissingExtra
from .rows import legal
from .sheet import MAX_CELL, _sheet


def write_sheet(stream: BinaryIO, title: str, names: Sequence[str], lines: Iterable[Sequence[Any]]) -> None:
    """Write lines below a line of names as XLSX: texts are strings whatever they begin with, numbers are numbers.

    Texts longer than a cell may be are cut, with an ellipsis at the end. Raises MissingExtra.
    """
    try:
        from openpyxl import Workbook
    except ImportError:
        raise MissingExtra("writing .xlsx needs: pip install 'muwazi[sheet]'") from None
    book = Workbook(write_only=True)
    sheet = _sheet(book, title, names, widths=())
    for line in lines:
        sheet.append([_cell(sheet, value) for value in line])
    book.save(stream)


def _cell(sheet: Any, value: Any) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment

    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet)
    text = legal(value)
    # A cell's length is counted in units of UTF-16.
    cell._value = text if len(text.encode("utf-16-le")) <= 2 * MAX_CELL else text[:MAX_CELL // 2 - 1] + "…"
    cell.data_type = "s"  # or a text that begins with = would be a formula
    cell.alignment = Alignment(vertical="top", wrap_text=True)
    return cell
