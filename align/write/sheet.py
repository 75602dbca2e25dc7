"""Spreadsheets: XLSX in which no cell is ever a formula."""

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

from ..data import Row
from ..errors import MissingExtra, OutputError
from .rows import columns, in_words, legal, values

MAX_ROWS = 1_048_576
MAX_CELL = 32_767
"""What a sheet and a cell of it can hold, by the format's definition."""

_WIDTHS = (60, 60, 11, 9, 7, 7)


class Book:
    """A book of sheets of typed cells that takes rows as they come; extra values have columns when the first rows have them.

    Texts are strings whatever they begin with, and are never cut; right-to-left ones are set from the right. Characters
    that the format cannot hold become U+FFFD. Raises OutputError for a text longer than a cell may be, and MissingExtra.
    """

    def __init__(self, langs: tuple[str, str]) -> None:
        try:
            from openpyxl import Workbook
        except ImportError:
            raise MissingExtra("writing .xlsx needs: pip install 'muwazi[sheet]'") from None
        self.langs = langs
        self._book = Workbook(write_only=True)
        self._sheet: Any = None
        self._extra: list[str] = []
        self._left = 0
        self._saved = False

    def write(self, rows: Sequence[Row]) -> None:
        """Append rows; beyond the last row of a sheet they go on in another."""
        if self._sheet is None and rows:
            own = columns(self.langs)
            self._extra = [name for name in dict.fromkeys(name for row in rows for name in row.extra) if name not in own]
        for row in rows:
            if not self._left:
                self._begin()
            self._left -= 1
            cells = [*values(row), *self._others(row)]
            with _disk_errors():
                self._sheet.append([_cell(self._sheet, value, k, self.langs, row.bead) for k, value in enumerate(cells)])

    def _others(self, row: Row) -> list[Any]:
        if not row.extra:
            return []
        found = [row.extra.get(name) for name in self._extra]
        late = {name: value for name, value in row.extra.items() if name not in self._extra}
        cells = [value if value is None or isinstance(value, int | float) else in_words(value) for value in found]
        return [*cells, in_words(late)] if late else cells

    def _begin(self) -> None:
        count = len(self._book.worksheets)
        names = (*columns(self.langs), *self._extra, *(("extra",) if self._extra else ()))
        self._sheet = _sheet(self._book, f"bitext {count + 1}" if count else "bitext", names)
        self._left = MAX_ROWS - 1

    def save(self, stream: BinaryIO) -> None:
        """Write the book, with one sheet at least."""
        if self._sheet is None:
            self._begin()
        with _disk_errors():
            self._book.save(stream)
        self._saved = True

    def discard(self) -> None:
        """Remove the temporary files of sheets on their way, which the library keeps unless told."""
        if self._saved:
            return
        for sheet in self._book.worksheets:
            with contextlib.suppress(Exception):
                sheet.close()
            with contextlib.suppress(Exception):
                sheet._writer.cleanup()


@contextlib.contextmanager
def _disk_errors() -> Iterator[None]:
    """The library's own error of a temporary file that cannot be written, as ours."""
    try:
        yield
    except Exception as error:
        if type(error).__name__ != "SerialisationError":
            raise
        raise OutputError(f"{tempfile.gettempdir()}: a sheet cannot be written there: {error}") from error


def _sheet(book: Any, title: str, columns: Sequence[str], widths: Sequence[int] = _WIDTHS) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for k, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(k)].width = width
    names = []
    for name in columns:
        cell = WriteOnlyCell(sheet)
        cell._value, cell.data_type = legal(name), "s"  # see _cell
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
