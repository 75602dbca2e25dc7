"""Both languages answer what other rooms ask; tables are read whole and hold what their comments promise."""

import inspect
from pathlib import Path

import pytest

import align
from align.lang import Language, language, tables

ROOM = Path(align.__file__).parent / "lang"
TABLES = sorted(path.relative_to(ROOM).with_suffix("").as_posix() for path in ROOM.rglob("*.tsv"))
MEMBERS = [name for name in vars(Language) if not name.startswith("_")]


@pytest.mark.parametrize("code", ["ar", "en"])
@pytest.mark.parametrize("name", MEMBERS)
def test_language_answers(code: str, name: str) -> None:
    asked, answer = inspect.signature(getattr(Language, name)), inspect.signature(getattr(language(code), name))
    first = [parameter.name for parameter in list(asked.parameters.values())[1:]]
    given = list(answer.parameters.values())
    assert len(given) >= len(first)
    assert all(parameter.default is not inspect.Parameter.empty for parameter in given[len(first):])


def test_language_code() -> None:
    assert [language(code).CODE for code in ("ar", "en")] == ["ar", "en"]
    with pytest.raises(ValueError, match="not 'fr'"):
        language("fr")


@pytest.mark.parametrize(
    ("code", "number", "word"), [("ar", 3, "ثلاثة"), ("ar", 200, "مئتان"), ("en", 42, "forty-two"), ("en", 1000, "one thousand")]
)
def test_language_reads_what_it_writes(code: str, number: int, word: str) -> None:
    assert language(code).write_number(number) == word
    assert language(code).read_number(word) == number


@pytest.mark.parametrize("table", TABLES)
def test_table_says_what_it_is(table: str) -> None:
    lines = (ROOM / f"{table}.tsv").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("# ") and lines[1].startswith("# "), "say what the table and its columns are"
    assert "columns" in " ".join(lines[:4]) or "," in " ".join(lines[1:4])
    assert all(line.strip() == line or line.endswith("\t") or "\t\t" in line for line in lines), "blanks at the end of a row"


@pytest.mark.parametrize("table", TABLES)
def test_rows_have_cells(table: str) -> None:
    rows = tables.rows(table)
    assert rows and all(row[0] for row in rows)
    assert all(len(row) > 1 or table == "names/consonants" for row in rows), "cells are parted by tabs"


@pytest.mark.parametrize("code", ["ar", "en"])
def test_units_of_words_are_rows_of_units(code: str) -> None:
    known = {row[0] for row in tables.rows("units")}
    unknown = set(language(code).units().values()) - known - COUNTED
    assert not unknown, f"give {sorted(unknown)} a row in units.tsv"


COUNTED = {"volt", "hz", "khz", "mhz", "ghz", "nm", "db", "calorie", "cent"}  # nothing converts them


@pytest.mark.parametrize(
    ("cell", "value"), [("12", 12), ("1/4", 0.25), ("0.001", 0.001), ("0.001/86400", 0.001 / 86400), ("", 0), ("1e+09", 1e9)]
)
def test_number_of_a_cell(cell: str, value: float) -> None:
    assert tables.number(cell) == value


def test_blank_inside_a_word() -> None:
    assert tables.words("كانون_الثاني يناير") == ["كانون الثاني", "يناير"]
