"""What a spreadsheet or a terminal would take for more than text."""

import csv
import json
import os

import pytest

from align import cells

TEXTS = ("=HYPERLINK(1)", "+1+cmd", "-2+3", "@SUM(1)", " =1", "\t=1", "＝1", "＋x", '"=1+1"')
PLAIN = ("-5", "+3.5", "a=b", "", "-1,000.5", "كتاب", "1-2", "(=1)", '"""=1"""', '"a"=')


@pytest.fixture
def safe():
    token = cells.safe.set(True)
    yield
    cells.safe.reset(token)


def test_cells_of_formulas(safe):
    assert [cells.cell(text) for text in TEXTS] == ["'" + text for text in TEXTS]
    assert [cells.cell(text) for text in PLAIN] == list(PLAIN)
    assert cells.cell(-1.5) == -1.5 and cells.cell(None) is None


def test_cells_are_left_alone_unless_asked():
    assert [cells.cell(text) for text in TEXTS] == list(TEXTS)


@pytest.mark.parametrize("format", ["tsv", "csv"])
def test_safe_cells_in_every_command(muwazi, tmp_path, format):
    row = {"ar": "=ذهب الولد إلى المدرسة", "en": "+The boy went to school", "note": "@x", "confidence": 0.9}
    (tmp_path / "x.jsonl").write_text(json.dumps(row), "utf-8")
    out = tmp_path / f"o.{format}"
    off = [part for rule in ("confidence", "script", "language", "length", "ratio", "junk") for part in ("--off", rule)]
    for extra in ([], ["--safe-cells"]):
        assert muwazi("filter", tmp_path / "x.jsonl", "-o", out, "--force", *off, *extra).status == 0
        with open(out, encoding="utf-8", newline="") as stream:
            rows = list(csv.reader(stream, delimiter="\t" if format == "tsv" else ","))
        mark = "'" if extra else ""
        assert mark + row["ar"] in rows[1] and mark + row["en"] in rows[1] and mark + "@x" in rows[1]
    (tmp_path / "ar.txt").write_text("=ذهب الولد إلى المدرسة صباحا.\n", "utf-8")
    (tmp_path / "en.txt").write_text("=The boy went to school in the morning.\n", "utf-8")
    assert muwazi("align", tmp_path / "ar.txt", tmp_path / "en.txt", "-f", format, "-o", out, "--force", "--safe-cells").status == 0
    assert "'=ذهب" in out.read_text("utf-8") and "'=The" in out.read_text("utf-8")
    if format == "tsv":
        assert "'=ذهب" in muwazi("--safe-cells", "score", tmp_path / "x.jsonl").out


def test_sheets_hold_no_formulas(muwazi, tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    (tmp_path / "x.jsonl").write_text(json.dumps({"ar": "=1+1 كتاب", "en": "=A1", "=B1": "=C1", "confidence": 0.9}), "utf-8")
    off = [part for rule in ("confidence", "script", "language", "length", "ratio", "junk") for part in ("--off", rule)]
    assert muwazi("filter", tmp_path / "x.jsonl", "-o", tmp_path / "o.xlsx", *off).status == 0
    sheet = openpyxl.load_workbook(tmp_path / "o.xlsx").active
    assert {cell.data_type for line in sheet.iter_rows() for cell in line if isinstance(cell.value, str)} == {"s"}


def test_escapes_and_turns_of_direction_are_shown():
    assert cells.visible("a\x1b[31mb\u202ec\x9bd\u2066e\te\nf") == "a\\x1b[31mb\\u202ec\\x9bd\\u2066e\te\nf"
    assert cells.visible("نص \u200f\u200c عربي") == "نص \u200f\u200c عربي"


def test_text_output_and_messages_turn_nothing(muwazi, tmp_path):
    ar, en = tmp_path / "ar.txt", tmp_path / "en.txt"
    ar.write_text("وصل القطار إلى المدينة في الساعة ٨ \x1b[2J\u202e مساء.\nلم ينزل منه أحد.\n", "utf-8")
    en.write_text("The train came into the city at 9 \x1b]0;x\x07 in the evening.\nNobody got off.\n", "utf-8")
    done = muwazi("flag", ar, en, "--min-probability", "0")
    assert done.status == 0 and done.out and not {"\x1b", "\x07", "\u202e"} & set(done.out)
    done = muwazi("segment", tmp_path / "a\x1b[31m.txt")
    assert done.status == 3 and "\x1b" not in done.err and "a\\x1b[31m.txt: no such file" in done.err


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal")
def test_a_terminal_sees_no_escapes_of_documents(tmp_path, process):
    (tmp_path / "ar.txt").write_text("وصل القطار \x1b[2J إلى المدينة.\n", "utf-8")
    (tmp_path / "en.txt").write_text("The train \x1b[2J came into the city.\n", "utf-8")
    ours, theirs = os.openpty()
    done = process("align", "ar.txt", "en.txt", "--no-cache", stdout=theirs)
    os.close(theirs)
    shown = os.read(ours, 10_000)
    assert done.status == 0 and b"\\x1b[2J" in shown and b"\x1b" not in shown
    assert b"\x1b[2J" in process("align", "ar.txt", "en.txt", "--no-cache").out.encode()
