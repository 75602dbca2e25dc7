"""Texts from outside where a programme may take them for more than texts: cells of tables, and the user's screen."""

import csv
import re
from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any, TextIO

safe: ContextVar[bool] = ContextVar("safe", default=False)
"""Whether cells of TSV and CSV that a spreadsheet would take for a formula get an apostrophe in front."""

# A programme that reads TSV takes quotation marks around a cell away.
_FORMULA = re.compile(r"[\s\x00-\x1f]*\"?[=+\-@\uff0b\uff0d\uff1d\uff20]")
_NUMBER = re.compile(r"[+-]?\d[\d.,]*(?:[eE][+-]?\d+)?")
# Controls but tab and line feed, which move the cursor and more; what turns the direction of all that follows it.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]")


def cell(value: Any) -> Any:
    """A cell as it is written: with an apostrophe in front where it would be a formula and cells are to be `safe`."""
    if not safe.get() or not isinstance(value, str) or not _FORMULA.match(value) or _NUMBER.fullmatch(value):
        return value
    return "'" + value


def line(cells: Iterable[str]) -> str:
    """A line of TSV."""
    return "\t".join(map(cell, cells) if safe.get() else cells) + "\n"


def visible(text: str) -> str:
    """`text` as a screen may show it: controls and turns of direction as escapes, `\\\\x1b` and `\\\\u202e`."""
    return _UNSEEN.sub(lambda found: f"\\x{ord(found[0]):02x}" if found[0] < "\u0100" else f"\\u{ord(found[0]):04x}", text)


class CsvWriter:
    """A writer of CSV (RFC 4180 unless told otherwise) whose cells go through `cell`."""

    def __init__(self, stream: TextIO, delimiter: str = ",", end: str = "\r\n") -> None:
        self._writer = csv.writer(stream, delimiter=delimiter, lineterminator=end)

    def writerow(self, row: Iterable[Any]) -> None:
        """Write a row."""
        self._writer.writerow(map(cell, row) if safe.get() else row)

    def writerows(self, rows: Iterable[Iterable[Any]]) -> None:
        """Write rows."""
        self._writer.writerows((map(cell, row) for row in rows) if safe.get() else rows)


class Screen:
    """A stream to a terminal that makes what it writes `visible`."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write text."""
        return self._stream.write(visible(text))

    def writelines(self, lines: Iterable[str]) -> None:
        """Write lines."""
        self._stream.writelines(map(visible, lines))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
