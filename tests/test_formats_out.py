"""Every written format, read back by the reader that people use for it."""

import csv
import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align.data import Alignment, Bead, Document, Part, Segment, Segmented, Span
from align.errors import MissingExtra, OutputError, UsageError
from align.read import read
from align.write import Row, rows, sinks, write
from align.write.columns import DATA, RowsToParquet, _arrow_array, _schema
from align.write.formats import write_rows
from align.write.rows import Side, columns, flags_in_words, legal, values
from align.write.sinks import _open

# Everything that formats are known to lose or to take for something else.
TEXTS = [
    ("وَصَلَ القِطَارُ إلى «المدينة»، ثمّ…", "The train <b>arrived</b> & \"left\" 'again'"),
    ("\u200fنصّ\u200f \u2067مختلط\u2069 مع English 12٪", "\u202bmixed\u202c \u200d zero\u200cwidth \ufeffmark"),
    ("سطر\nثانٍ\tوجدولة", "a line\nanother\ttab, comma; semicolon"),
    ("=1+1", "@SUM(A1)"),
    ("-٥ درجات", "+44 20"),
    ("الله أكبر 🕌 ﷺ", "]]> <!-- &amp; &#13; 𝔘 end"),
    ("  فراغ  مزدوج  ", "e\u0301 and \u00e9"),
    ("عودة\rالسطر", "carriage\r\nreturn"),
]
FLAGS = ({"side": "ar", "start": 3, "end": 5, "text": "١٢\n", "kind": "number", "relation": "only",
          "probability": 0.91, "severity": "high", "bead": 0, "counterpart": None, "evidence": {"a": 1}},)  # fmt: skip


def made(texts: list[tuple[str, str]] = TEXTS) -> list[Row]:
    """A row for each pair, and one one-sided row after them."""
    out = [
        Row(
            k,
            Side(ar, (k,), 10 * k, 10 * k + 5, f"page {k}", "تقرير & <x>.docx", "body"),
            Side(en, (k, k + 1), 20 * k, 20 * k + 9, f"line {k}", 'r"e.html', "heading"),
            0.5,
            0.25 + k / 100,
            FLAGS if k == 0 else (),
        )
        for k, (ar, en) in enumerate(texts)
    ]
    return [
        *out,
        Row(len(out), Side("وحده", (9,), 1, 5, "page 9", "تقرير & <x>.docx", "body"), Side(document='r"e.html')),
    ]


def text_of(format: str, found: list[Row], langs: tuple[str, str] = ("ar", "en")) -> str:
    stream = io.StringIO()
    with _open(stream, format, langs, None, False) as sink:
        sink.write(found)
    return stream.getvalue()


def book_of(found: list[Row]) -> io.BytesIO:
    stream = io.BytesIO()
    with sinks._xlsx(stream, ("ar", "en")) as sink:
        sink.write(found)
    return stream


def parquet_of(found: list[Row], langs: tuple[str, str] = ("ar", "en")) -> io.BytesIO:
    stream = io.BytesIO()
    sink = RowsToParquet(stream, langs)
    sink.write(found)
    sink.finish()
    return io.BytesIO(stream.getvalue())


def dataset(path: Path, found, **options) -> Path:
    write_rows(path, found, format="datasets", **options)
    return path


def test_rows_of_an_alignment() -> None:
    ar = Segmented(
        Document("a.docx", "ar", "أهلًا\n\nوسهلًا", (Part(0, 5, "heading", "page 1"), Part(7, 13, "cell", "page 2"))),
        (Segment(0, 5, "", "heading"), Segment(7, 13, "")),
    )
    en = Segmented(Document("b.txt", "en", "Hello and\nwelcome"), (Segment(0, 17, "", line=0),))
    alignment = Alignment((Bead(Span(0, 2), Span(0, 1), 0.5, 0.9), Bead(Span(2, 2), Span(1, 1))))
    first, second = rows(ar, en, alignment, {0: list(FLAGS)})
    assert first == Row(
        0,
        Side("أهلًا وسهلًا", (0, 1), 0, 13, "page 1", "a.docx", "body"),
        Side("Hello and welcome", (0,), 0, 17, "line 1", "b.txt", "body"),
        0.5,
        0.9,
        FLAGS,
    )
    assert (first.type, first.is_pair, second.is_pair) == ("2:1", True, False)
    assert next(rows(ar, en, alignment, breaks=True)).en.text == "Hello and\nwelcome"
    assert flags_in_words(FLAGS) == "number only ar «١٢»"


def test_legal() -> None:
    assert legal("a\x00b\x1bc\ud800d\ufffee\t\n\r\x85") == "a\ufffdb\ufffdc\ufffdd\ufffde\t\n\r\x85"


# CSV and XLSX


def test_csv_reads_back() -> None:
    found = list(csv.DictReader(io.StringIO(text_of("csv", made()), newline="")))
    assert [(row["ar"], row["en"]) for row in found] == [*TEXTS, ("وحده", "")]
    assert found[0] | {} == {
        "ar": TEXTS[0][0], "en": TEXTS[0][1], "confidence": "0.25", "sim": "0.5", "bead": "0", "type": "1:2",
        "ar_segments": "0", "en_segments": "0,1", "ar_start": "0", "ar_end": "5", "en_start": "0", "en_end": "9",
        "ar_place": "page 0", "en_place": "line 0", "ar_kind": "body", "en_kind": "heading",
        "ar_document": "تقرير & <x>.docx", "en_document": 'r"e.html', "flags": "number only ar «١٢»",
    }  # fmt: skip
    assert found[-1]["en_start"] == ""


def test_xlsx_reads_back_and_holds_no_formula(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    stream = book_of(made())
    sheet = openpyxl.load_workbook(io.BytesIO(stream.getvalue())).active
    assert tuple(cell.value for cell in sheet[1]) == columns(("ar", "en"))
    # Spreadsheets know one kind of line break.
    wanted = [tuple(text.replace("\r\n", "\n").replace("\r", "\n") for text in pair) for pair in TEXTS]
    got = [(row[0].value, row[1].value) for row in sheet.iter_rows(min_row=2)]
    assert [tuple((text or "").replace("\r\n", "\n").replace("\r", "\n") for text in pair) for pair in got] == [
        *wanted, ("وحده", ""),
    ]  # fmt: skip
    assert {cell.data_type for row in sheet.iter_rows(min_row=2, max_col=2) for cell in row if cell.value} == {"s"}
    assert b"<f>" not in zipfile.ZipFile(stream).read("xl/worksheets/sheet1.xml")
    assert sheet["A2"].alignment.readingOrder == 2
    assert sheet["C2"].value == 0.25


def test_xlsx_refuses_to_cut_a_text() -> None:
    pytest.importorskip("openpyxl")
    with pytest.raises(OutputError, match=r"bead 0: its text is longer than a spreadsheet's cell may be \(32,767\)"):
        book_of(made([("س" * 32_768, "x")]))
    book_of(made([("س" * 32_767, "x")]))


def test_xlsx_of_nothing_and_of_more_than_a_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    assert openpyxl.load_workbook(book_of([])).active.max_row == 1
    monkeypatch.setattr("align.write.sheet.MAX_ROWS", 5)
    book = openpyxl.load_workbook(book_of(made()))
    assert [(sheet.title, sheet.max_row) for sheet in book] == [("bitext", 5), ("bitext 2", 5), ("bitext 3", 2)]


# TMX and XLIFF

TMX_DTD = """
<!ELEMENT tmx (header,body)><!ATTLIST tmx version CDATA #REQUIRED>
<!ELEMENT header (note|prop)*><!ATTLIST header creationtool CDATA #REQUIRED creationtoolversion CDATA #REQUIRED
 segtype (block|paragraph|sentence|phrase) #REQUIRED o-tmf CDATA #REQUIRED adminlang CDATA #REQUIRED
 srclang CDATA #REQUIRED datatype CDATA #REQUIRED>
<!ELEMENT body (tu*)><!ELEMENT tu ((note|prop)*,tuv+)><!ATTLIST tu tuid CDATA #IMPLIED>
<!ELEMENT tuv ((note|prop)*,seg)><!ATTLIST tuv xml:lang CDATA #REQUIRED>
<!ELEMENT seg (#PCDATA)><!ELEMENT note (#PCDATA)><!ELEMENT prop (#PCDATA)><!ATTLIST prop type CDATA #REQUIRED>
"""


def test_tmx_reads_back() -> None:
    storage = pytest.importorskip("translate.storage.tmx", reason="translate-toolkit is not installed")
    text = text_of("tmx", made(), ("ar-EG", "en-GB"))
    units = storage.tmxfile.parsestring(text.encode()).units
    assert [(str(unit.source), str(unit.target)) for unit in units] == TEXTS


def test_tmx_is_valid_and_says_what_is_known() -> None:
    etree = pytest.importorskip("lxml.etree")
    root = etree.fromstring(text_of("tmx", made(), ("ar-EG", "en")).encode())
    checker = etree.DTD(io.StringIO(TMX_DTD))
    assert checker.validate(root), checker.error_log
    unit = root.find("body/tu")
    assert {prop.get("type"): prop.text for prop in unit.findall("prop")} == {
        "x-confidence": "0.2500", "x-sim": "0.5000", "x-type": "1:2", "x-flags": "number only ar «١٢»",
    }  # fmt: skip
    variant = unit.find("tuv")
    assert variant.get("{http://www.w3.org/XML/1998/namespace}lang") == "ar-EG"
    assert {prop.get("type"): prop.text for prop in variant.findall("prop")} == {
        "x-document": "تقرير & <x>.docx", "x-place": "page 0", "x-segments": "0", "x-start": "0", "x-end": "5",
    }  # fmt: skip


def test_xliff_reads_back() -> None:
    storage = pytest.importorskip("translate.storage.xliff", reason="translate-toolkit is not installed")
    units = storage.xlifffile.parsestring(text_of("xliff", made(), ("ar", "en-GB")).encode()).units
    assert [(str(unit.source), str(unit.target)) for unit in units] == TEXTS
    assert "0.2500" in units[0].getnotes()


def test_xliff_follows_its_schema() -> None:
    etree = pytest.importorskip("lxml.etree")
    space = "{urn:oasis:names:tc:xliff:document:1.2}"
    root = etree.fromstring(text_of("xliff", made(), ("ar", "en-GB")).encode())
    assert (root.tag, root.get("version")) == (f"{space}xliff", "1.2")
    (file,) = root
    assert dict(file.attrib) == {"original": "تقرير & <x>.docx", "source-language": "ar", "target-language": "en-GB",
                                 "datatype": "plaintext"}  # fmt: skip
    assert [child.tag for child in file] == [f"{space}header", f"{space}body"]
    units = list(file[1])
    assert [child.tag.removeprefix(space) for child in units[0]] == ["source", "target"] + ["note"] * 7
    assert {note.get("from"): note.text for note in units[0].iter(f"{space}note")} == {
        "muwazi-confidence": "0.2500", "muwazi-sim": "0.5000", "muwazi-type": "1:2",
        "muwazi-flags": "number only ar «١٢»", "muwazi-source-place": "page 0", "muwazi-target-place": "line 0",
        "muwazi-target-document": 'r"e.html',
    }  # fmt: skip
    assert len({unit.get("id") for unit in units}) == len(TEXTS)


@pytest.mark.parametrize("format", ["tmx", "xliff"])
def test_control_characters_are_replaced_and_told(format) -> None:
    etree = pytest.importorskip("lxml.etree")
    root = etree.fromstring(text_of(format, made([("أ\x00ب", "c\x1bd\ud800"), ("x", "y")])).encode())
    texts = [element.text for element in root.iter() if element.tag.rpartition("}")[2] in ("seg", "source", "target")]
    assert texts[:2] == ["أ\ufffdب", "c\ufffdd\ufffd"]
    assert [e.text for e in root.iter() if "replaced" in (e.get("type") or e.get("from") or "")] == [
        "control characters"
    ]


@pytest.mark.parametrize("name", ["a.tmx", "a.xliff", "a.jsonl"])
def test_our_own_files_are_read_again(tmp_path: Path, name: str) -> None:
    pytest.importorskip("lxml")
    ar = Segmented(Document("a", "ar", "نعم & لا"), (Segment(0, 8, "x"),))
    en = Segmented(Document("b", "en", "Yes <no>"), (Segment(0, 8, "x"),))
    write(tmp_path / name, ar, en, Alignment((Bead(Span(0, 1), Span(0, 1)),)), format=name[2:])
    assert read(tmp_path / name, "ar").text == "نعم & لا"
    assert read(tmp_path / name, "en").text == "Yes <no>"


# Columns


def test_parquet_reads_back() -> None:
    pytest.importorskip("pyarrow")
    from pyarrow import parquet

    found = parquet.read_table(parquet_of(made())).to_pylist()
    assert len(found) == len(TEXTS) + 1
    assert [(row["ar"], row["en"]) for row in found] == [*TEXTS, ("وحده", "")]
    assert found[0] | {"ar": "", "en": ""} == {
        "ar": "", "en": "", "confidence": 0.25, "sim": 0.5, "bead": 0, "type": "1:2", "ar_segments": [0],
        "ar_start": 0, "ar_end": 5, "ar_place": "page 0", "ar_kind": "body", "ar_document": "تقرير & <x>.docx",
        "en_segments": [0, 1], "en_start": 0, "en_end": 9, "en_place": "line 0", "en_kind": "heading",
        "en_document": 'r"e.html',
        "flags": [{"side": "ar", "start": 3, "end": 5, "text": "١٢\n", "kind": "number", "relation": "only",
                   "severity": "high", "probability": 0.91}],
    }  # fmt: skip
    assert found[-1]["en_start"] is None
    assert found[1]["flags"] == []


def test_parquet_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyarrow")
    from pyarrow import parquet

    monkeypatch.setattr("align.write.columns._BATCH", 4)
    table = parquet.read_table(parquet_of(made([(f"نص {k}", f"text {k} \ud800") for k in range(10)]), ("de", "fr")))
    assert table.column("fr").to_pylist() == [*(f"text {k} ?" for k in range(10)), ""]


_TEXTS = st.none() | st.text("نص text 字\U0001f600", max_size=5)
_FLAGS = st.fixed_dictionaries({
    **dict.fromkeys(("side", "text", "kind", "relation", "severity"), _TEXTS), "start": st.none() | st.integers(0, 9),
    "end": st.none() | st.integers(0, 9), "probability": st.floats(0, 1)})
_VALUES = {"string": _TEXTS, "double": st.none() | st.floats(0, 1), "int64": st.none() | st.integers(-(2**63), 2**63 - 1),
           "list<item: int64>": st.none() | st.lists(st.integers(0, 9), max_size=3).map(tuple),
           "list": st.none() | st.lists(_FLAGS, max_size=2)}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_columns_are_those_that_the_library_makes(data) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    for kind in {str(field.type): field.type for field in _schema(pyarrow, ("ar", "en"))}.values():
        values = data.draw(st.lists(_VALUES.get(str(kind), _VALUES["list"]), max_size=20))
        made_here = _arrow_array(pyarrow, values, kind)
        made_here.validate(full=True)
        assert made_here.to_pylist() == pyarrow.array(values, kind).to_pylist()
        assert made_here.equals(pyarrow.array(values, kind))


def test_parquet_needs_no_pandas() -> None:
    pytest.importorskip("pyarrow")
    code = ("import io, sys\nsys.modules['pandas'] = None\nfrom align.data import Row, Side\n"
            "from align.write.columns import RowsToParquet\n"
            "def write():\n    sink = RowsToParquet(io.BytesIO(), ('ar', 'en'))\n"
            "    sink.write([Row(0, Side('a'), Side('b'), extra={'id': 'x', 'n': 1})])\n    sink.finish()\n"
            "write()\ndel sys.modules['pandas']\nwrite()\n"
            "sys.exit('pandas' in sys.modules)")
    subprocess.run([sys.executable, "-c", code], check=True)


def test_dataset_folder(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    target = dataset(tmp_path / "set", made())
    assert sorted(str(p.relative_to(target)) for p in target.rglob("*") if p.is_file()) == ["README.md", DATA]
    card = (target / "README.md").read_text("utf-8")
    assert "language:\n- ar\n- en\n" in card
    assert f"{len(TEXTS)} aligned pairs" in card
    assert list(tmp_path.iterdir()) == [target]
    with pytest.raises(OutputError, match="exists already; --force overwrites it"):
        dataset(target, made())
    dataset(target, made(TEXTS[:2]), force=True)
    assert "2 aligned pairs" in (target / "README.md").read_text("utf-8")
    (target / "mine.txt").write_text("x")
    with pytest.raises(OutputError, match="holds other files than a dataset"):
        dataset(target, made(), force=True)
    assert list(tmp_path.iterdir()) == [target]


def test_a_dataset_that_fails_leaves_nothing(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")

    def failing():
        yield made()[0]
        raise OSError(28, "No space left on device")

    with pytest.raises(OutputError, match="cannot be written: No space left"):
        dataset(tmp_path / "set", failing())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_dataset_loads_with_its_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyarrow")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_DATASETS_OFFLINE", "1")
    library = pytest.importorskip("datasets", reason="the library datasets is not installed")
    target = dataset(tmp_path / "set", made())
    found = library.load_dataset(str(target), cache_dir=str(tmp_path / "cache"))["train"]
    assert list(zip(found["ar"], found["en"])) == TEXTS
    assert found[0]["flags"][0]["text"] == "١٢\n"


# By name


@pytest.mark.parametrize("format", ["csv", "tmx", "xliff", "xlsx", "parquet", "datasets"])
def test_files_are_whole_and_guarded(tmp_path: Path, format: str) -> None:
    pytest.importorskip("openpyxl")
    pytest.importorskip("pyarrow")
    path = tmp_path / f"a.{format}"
    write_rows(path, made(), format=format)
    with pytest.raises(OutputError, match="exists already; --force overwrites it"):
        write_rows(path, made(), format=format)
    write_rows(path, made(TEXTS[:1]), format=format, force=True)

    def failing():
        yield made()[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_rows(tmp_path / "b", failing(), format=format)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_binary_formats_on_stdout(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    pytest.importorskip("pyarrow")
    write_rows("-", made(), format="parquet")
    assert capsysbinary.readouterr().out[:4] == b"PAR1"


def test_wrong_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = Segmented(Document("a", "ar", "نعم"), (Segment(0, 3, "نعم"),))
    alignment = Alignment((Bead(Span(0, 1), Span(0, 1)),))
    with pytest.raises(UsageError, match="the format datasets writes a folder: name it with -o FOLDER"):
        write("-", one, one, alignment, format="datasets")
    with pytest.raises(UsageError, match="the format vecalign is not made of rows"):
        write_rows(tmp_path / "x", [], format="vecalign")
    for module, format, extra in (
        ("openpyxl", "xlsx", "sheet"),
        ("pyarrow", "parquet", "columns"),
        ("pyarrow", "datasets", "columns"),
    ):
        monkeypatch.setitem(__import__("sys").modules, module, None)
        with pytest.raises(MissingExtra, match=rf"needs: pip install 'muwazi\[{extra}\]'"):
            write(tmp_path / "x", one, one, alignment, format=format)
    assert list(tmp_path.iterdir()) == []


def test_values_follow_columns() -> None:
    assert all(len(values(row)) == len(columns(("ar", "en"))) for row in made())
