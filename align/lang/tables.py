"""Tables of words that lie beside the rules that use them, read when they are first asked for.

A table is a TSV file: a row a line, its words last, parted by blanks; inside one of them `_` stands for a blank. Lines
that begin with `#` say what the table and its columns are. A row may be as many lines as one likes, its first cells the
same in each.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path

_ROOM = Path(__file__).parent
Fold = Callable[[str], str]


@cache
def rows(table: str, fold: Fold | None = None) -> list[list[str]]:
    """The rows of `align/lang/TABLE.tsv` as cells, folded by `fold` if given; not to be altered, as they are read once."""
    text = (_ROOM / f"{table}.tsv").read_text(encoding="utf-8")
    if fold is not None:
        text = fold(text)
    return [line.split("\t") for line in text.split("\n") if line and line[0] != "#"]


def words(cell: str) -> list[str]:
    """The words of a cell."""
    found = cell.split()
    return [word.replace("_", " ") for word in found] if "_" in cell else found


@cache
def lists(table: str, fold: Fold | None = None) -> dict[str, frozenset[str]]:
    """The lists of a table of two columns, the name of a list and its words."""
    return {name: frozenset(found) for name, found in ordered(table, fold).items()}


def ordered(table: str, fold: Fold | None = None) -> dict[str, list[str]]:
    """The lists of a table of two columns, their words in its order."""
    found: dict[str, list[str]] = {}
    for name, cell in rows(table, fold):
        found.setdefault(name, []).extend(words(cell))
    return found


def numbered(table: str, fold: Fold | None = None) -> dict[str, dict[str, float]]:
    """The values of words by their kind, from a table of three columns: kind, number, words; 0 where no number stands."""
    found: dict[str, dict[str, float]] = {}
    for kind, value, cell in rows(table, fold):
        found.setdefault(kind, {}).update(dict.fromkeys(words(cell), number(value)))
    return found


def number(cell: str) -> float:
    """A number as a table has it: 12, 0.5, 1/3; 0 for an empty cell."""
    above, _, below = cell.partition("/")
    if below:
        return number(above) / number(below)
    return int(above or 0) if "." not in above and "e" not in above else float(above)


@cache
def weights(table: str) -> dict[str, dict[str, float]]:
    """The weights of a table by group and case; what stands behind them says why."""
    found: dict[str, dict[str, float]] = {}
    for group, case, weight, *_ in rows(table):
        found.setdefault(group, {})[case] = float(weight)
    return found
