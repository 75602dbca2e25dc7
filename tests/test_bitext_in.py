"""Bitext read row by row: every format that is written, and those of others; bounded memory, bad files."""

import gzip
import io
import itertools
import json
import lzma
import sys
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest

from align.data import Row, Side
from align.errors import DecodingError, FormatError, InputError, UsageError
from align.read.bitext import flags_from_words, read_bitext, row_of
from align.write import sinks
from align.write.sinks import open_rows

FLAGS = ({"side": "ar", "start": 3, "end": 5, "text": "١٢", "kind": "number", "relation": "only", "probability": 0.91,
          "severity": "high"},)  # fmt: skip
ROWS = [
    Row(3, Side("وَصَلَ القِطَارُ إلى «المدينة»", (3, 4), 10, 40, "page 1", "تقرير & <x>.docx", "body"),
        Side("The train <b>arrived</b> & \"left\"", (5,), 11, 44, "line 9", 'r"e.html', "heading"), 0.8125, 0.9375, FLAGS,
        {"topic": "قطارات", "grade": 0.5}),
    Row(4, Side("\u200fنصّ\u200f \u2067مختلط\u2069 12٪", (5,), 41, 50, "page 2", "تقرير & <x>.docx", "body"),
        Side("=mixed\u200cwidth; a, b", (6, 7), 45, 60, "line 12", 'r"e.html', "body"), 0.5, 0.25, (),
        {"topic": "خلط", "grade": 0.25}),
]  # fmt: skip
ALONE = Row(5, Side("وحدها", (6,), 51, 56, "page 2", "تقرير & <x>.docx", "body"), Side(document='r"e.html'), 0.0, 1.0, (),
            {"topic": "", "grade": 0.75})  # fmt: skip


def written(path: Path, rows: list[Row], format: str, **options) -> Path:
    with open_rows(path, format=format, **options) as sink:
        for row in rows:
            sink.write([row])
    return path


def texts(rows) -> list[tuple[str, str]]:
    return [(row.ar.text, row.en.text) for row in rows]


# What is written reads back equal


@pytest.mark.parametrize("name", ["x.jsonl", "x.jsonl.zst", "x.parquet"])
def test_what_keeps_everything_reads_back_equal(tmp_path, name):
    pytest.importorskip("pyarrow")
    format = "parquet" if name.endswith("parquet") else "jsonl"
    found = list(read_bitext(written(tmp_path / name, [*ROWS, ALONE], format)))
    assert found == [*ROWS, ALONE]


@pytest.mark.parametrize("name", ["x.csv", "x.csv.gz", "x.tsv", "x.tsv.xz", "x.xlsx"])
def test_tables_read_back_with_flags_in_words(tmp_path, name):
    format = name.split(".")[1]
    if format == "xlsx":
        pytest.importorskip("openpyxl")
    options = {"header": True} if format == "tsv" else {}
    found = list(read_bitext(written(tmp_path / name, [*ROWS, ALONE], format, **options)))
    flag = {"side": "ar", "kind": "number", "relation": "only", "text": "١٢", "severity": "high"}
    for got, row in zip(found, [*ROWS, ALONE], strict=True):
        assert {k: str(v) for k, v in got.extra.items() if v} == {k: str(v) for k, v in row.extra.items() if v}
        flags = (flag,) if row.flags else got.flags
        assert not row.flags or got.flags == (flag,)
        assert replace(got, extra={}) == replace(row, extra={}, flags=flags)


def test_translation_memories_read_back(tmp_path):
    pytest.importorskip("lxml")
    for format in ("tmx", "xliff"):
        found = list(read_bitext(written(tmp_path / f"x.{format}", [*ROWS, ALONE], format)))
        assert texts(found) == texts(ROWS)  # they have no room for one-sided beads
        for got, row in zip(found, ROWS, strict=True):
            assert (got.bead, got.sim, got.confidence) == (row.bead, row.sim, row.confidence)
            for one, other in ((got.ar, row.ar), (got.en, row.en)):
                assert (one.place, one.document) == (other.place, other.document)
            assert got.extra == {"topic": row.extra["topic"], "grade": str(row.extra["grade"])}
        assert [flag["text"] for flag in found[0].flags] == ["١٢"]
        assert found[1].flags is None


def test_an_own_memory_keeps_segments_and_offsets(tmp_path):
    pytest.importorskip("lxml")
    first = next(read_bitext(written(tmp_path / "x.tmx", ROWS, "tmx")))
    assert (first.ar.segments, first.ar.start, first.en.end) == ((3, 4), 10, 44)


def test_a_pair_of_files_reads_back(tmp_path):
    written(tmp_path / "x.gz", [*ROWS, ALONE], "moses")
    found = list(read_bitext(tmp_path / "x.ar.gz", tmp_path / "x.en.gz"))
    assert texts(found) == texts(ROWS)
    assert [(row.bead, row.confidence, row.flags) for row in found] == [(0, None, None), (1, None, None)]


def test_a_data_set_reads_back(tmp_path):
    pytest.importorskip("pyarrow")
    written(tmp_path / "set", [*ROWS, ALONE], "datasets")
    assert "2 aligned pairs" in (tmp_path / "set" / "README.md").read_text("utf-8")
    found = list(read_bitext(tmp_path / "set"))
    assert [replace(row, extra={}) for row in found] == [replace(row, extra={}) for row in ROWS]


def test_langs_name_the_sides(tmp_path):
    pytest.importorskip("lxml")
    for format in ("csv", "tmx", "xliff", "jsonl"):
        path = written(tmp_path / f"x.{format}", ROWS, format, langs=("ar_EG", "en"))
        assert texts(read_bitext(path)) == texts(read_bitext(path, langs=("ar_EG", "en"))) == texts(ROWS)


def test_values_that_only_later_rows_have_are_not_lost(tmp_path):
    pytest.importorskip("pyarrow")
    late = replace(ROWS[1], extra={"topic": "خلط", "note": {"a": [1]}})
    for format in ("csv", "tsv"):
        path = written(tmp_path / f"x.{format}", [ROWS[0], late], format, **({"header": True} if format == "tsv" else {}))
        assert list(read_bitext(path))[1].extra["note"] == {"a": [1]}


# Files of others


@pytest.mark.parametrize(("name", "text", "extra"), [
    ("x.tsv", "كلب\ta dog\nقط\ta cat\n", {}),
    ("x.tsv", "كلب\ta dog\tzoo\nقط\ta cat\tzoo\n", {"3": "zoo"}),
    ("x.tsv", "id\tEnglish\tArabic\n7\ta dog\tكلب\n7\ta cat\tقط\n", {"id": "7"}),
    ("x.txt", "en\tar-EG\na dog\tكلب\na cat\tقط\n", {}),
    ("x.csv", "ar;en;n\n\"كلب\";a dog;1\nقط;a cat;1\n", {"n": "1"}),
    ("x.csv", "كلب,a dog\r\nقط,a cat\r\n", {}),
    ("x.jsonl", '{"ar": "كلب", "en": "a dog"}\n\n{"ar": "قط", "en": "a cat"}', {}),
    ("x.ndjson", '{"translation": {"ar": "كلب", "en": "a dog"}, "id": 7}\n{"translation": {"en": "a cat", "ar": "قط"}, "id": 7}',
     {"id": 7}),
    ("bitext", '{"en": "a dog", "arb": "كلب"}\n{"en": "a cat", "arb": "قط"}\n', {}),
    ("x.tmx", '<tmx version="1.4"><header/><body><tu><prop type="id">7</prop><tuv xml:lang="EN-us"><seg>a <ph>x</ph>dog</seg>'
     '</tuv><tuv xml:lang="ar-SA"><seg>كلب</seg></tuv></tu><tu><prop type="id">7</prop><tuv xml:lang="ar"><seg>قط</seg></tuv>'
     '<tuv xml:lang="en"><seg>a cat</seg></tuv></tu></body></tmx>', {"id": "7"}),
    ("x.xlf", '<xliff version="1.2"><file source-language="en" target-language="ar"><body><trans-unit id="a"><source>a dog'
     '</source><target>كلب</target></trans-unit><trans-unit id="a"><source>a cat</source><target>قط</target></trans-unit>'
     '</body></file></xliff>', {"id": "a"}),
    ("x.xliff", '<xliff version="2.0" srcLang="ar" trgLang="en"><file id="f"><unit id="u"><segment><source>كلب</source>'
     '<target>a dog</target></segment><segment><source>قط</source><target>a cat</target></segment></unit></file></xliff>',
     {"id": "u"}),
])  # fmt: skip
def test_files_of_others(tmp_path, name, text, extra):
    path = tmp_path / name
    path.write_text(text, "utf-8", newline="")
    found = list(read_bitext(path))
    assert texts(found) == [("كلب", "a dog"), ("قط", "a cat")]
    assert [(row.confidence, row.flags, dict(row.extra)) for row in found] == [(None, None, extra)] * 2
    assert [row.bead for row in found] == [0, 1]


def test_encodings_and_stdin(tmp_path, monkeypatch):
    (tmp_path / "a.tsv").write_text("كلب\ta dog\n", "utf-16")
    (tmp_path / "b.tsv").write_bytes("كلب\ta dog\n".encode("cp1256"))
    assert texts(read_bitext(tmp_path / "a.tsv")) == [("كلب", "a dog")]
    assert texts(read_bitext(tmp_path / "b.tsv", encoding="cp1256")) == [("كلب", "a dog")]
    with pytest.raises(DecodingError, match=r"b\.tsv: byte 0 \(0x9f|b\.tsv: byte \d+ \(0x\w\w\) is not UTF-8"):
        list(read_bitext(tmp_path / "b.tsv"))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO('\ufeff{"ar": "كلب", "en": "a dog"}\n'.encode())))
    assert texts(read_bitext("-")) == [("كلب", "a dog")]


def test_columns_are_named(tmp_path):
    (tmp_path / "x.tsv").write_text("0.5\ta dog\tكلب\n", "utf-8")
    row, = read_bitext(tmp_path / "x.tsv", columns=("confidence", "en", "ar"))
    assert (row.ar.text, row.en.text, row.confidence) == ("كلب", "a dog", 0.5)
    place = tmp_path / "both"
    place.mkdir()
    (place / "1.tsv").write_text("0.5\ta dog\tكلب\n", "utf-8")
    (place / "2.jsonl").write_text('{"ar": "قط", "en": "a cat"}', "utf-8")
    assert texts(read_bitext(place, columns=("confidence", "en", "ar"))) == [("كلب", "a dog"), ("قط", "a cat")]
    with pytest.raises(UsageError, match="the columns need ar and en; given are a, b"):
        next(read_bitext(tmp_path / "x.tsv", columns=("a", "b")))


def test_what_align_and_score_write_without_names_is_known(tmp_path):
    (tmp_path / "a.tsv").write_text("كلب\ta dog\t0.9871\t3,4\t5\nقط\t\t1.0000\t5\t\n", "utf-8")
    one, two = read_bitext(tmp_path / "a.tsv")
    assert (one.confidence, one.ar.segments, one.en.segments, one.type, one.extra) == (0.9871, (3, 4), (5,), "2:1", {})
    assert (two.en.text, two.type) == ("", "1:0")
    (tmp_path / "s.tsv").write_text("كلب\ta dog\tzoo\t0.2500\tar:name:only:ريكس | en:number:mismatch:5: 6\n", "utf-8")
    row, = read_bitext(tmp_path / "s.tsv")
    assert dict(row.extra) == {"3": "zoo", "probability": 0.25}
    assert [(flag["side"], flag["kind"], flag["text"]) for flag in row.flags] == [("ar", "name", "ريكس"), ("en", "number", "5: 6")]


def test_a_line_like_a_score_among_others_stays_as_it_is(tmp_path):
    (tmp_path / "x.tsv").write_text("كلب\ta dog\tx\nقط\ta cat\t0.9871\t3\t5\n", "utf-8")
    assert [dict(row.extra) for row in read_bitext(tmp_path / "x.tsv")] == [{"3": "x"}, {"3": "0.9871", "4": "3", "5": "5"}]


def test_the_output_of_align_keeps_its_record(muwazi, tmp_path):
    news = Path(__file__).parent.parent / "corpora" / "news"
    assert muwazi("align", news / "ar.txt", news / "en.txt", "-f", "jsonl", "-o", tmp_path / "x.jsonl").status == 0
    rows = list(read_bitext(tmp_path / "x.jsonl"))
    records = [json.loads(line) for line in (tmp_path / "x.jsonl").read_text("utf-8").splitlines()]
    records = [record for record in records if record["record"] == "bead"]
    assert [row.type for row in rows] == [record["type"] for record in records]
    assert [row.record for row in rows] == records
    assert [len(row.flags) for row in rows] == [len(record["flags"]) for record in records]
    ends = [record["ar"]["segments"][-1]["end"] if record["ar"]["segments"] else None for record in records]
    assert [row.ar.end for row in rows] == ends
    with open_rows(tmp_path / "y.jsonl", format="jsonl") as sink:
        sink.write(rows)
    assert [json.loads(line) for line in (tmp_path / "y.jsonl").read_text("utf-8").splitlines()] == records


def test_folders_of_shards(tmp_path):
    place = tmp_path / "shards"
    (place / "deep").mkdir(parents=True)
    (place / "2.tsv").write_text("قط\ta cat\n", "utf-8")
    (place / "deep" / "1.jsonl.gz").write_bytes(gzip.compress('{"ar": "جمل", "en": "a camel"}'.encode()))
    (place / "1.ar.xz").write_bytes(lzma.compress("كلب\n".encode()))
    (place / "1.en.xz").write_bytes(lzma.compress(b"a dog\n"))
    (place / ".3.tsv").write_text("لا\tno\n", "utf-8")
    (place / "README.md").write_text("no bitext", "utf-8")
    assert texts(read_bitext(place)) == [("كلب", "a dog"), ("قط", "a cat"), ("جمل", "a camel")]


def test_a_saved_data_set_of_arrow_files(tmp_path):
    arrow = pytest.importorskip("pyarrow")
    table = arrow.table({"translation": [{"ar": "كلب", "en": "a dog"}, {"ar": "قط", "en": "a cat"}], "id": [1, 2]})
    with arrow.OSFile(str(tmp_path / "data-00000-of-00001.arrow"), "wb") as out, arrow.ipc.new_stream(out, table.schema) as stream:
        stream.write_table(table)
    found = list(read_bitext(tmp_path))
    assert texts(found) == [("كلب", "a dog"), ("قط", "a cat")]
    assert [row.extra["id"] for row in found] == [1, 2]


# What is wrong is told in one line


@pytest.mark.parametrize(("name", "text", "message"), [
    ("x.tsv", "كلب\ta dog\nقط\n", r"x\.tsv:2: has no tab between Arabic and English"),
    ("x.jsonl", '{"fr": "chien"}', r"x\.jsonl:1: has no texts under ar and en"),
    ("x.jsonl", '{"ar": "كلب", "en": "a"}\n{"ar', r"x\.jsonl:2: is not JSON"),
    ("x.jsonl", "[1]", r"x\.jsonl:1: is no JSON object"),
    ("x.jsonl", '{"ar": "ك", "en": "a", "confidence": "high"}', r"x\.jsonl:1: confidence is no number but 'high'"),
    ("x.jsonl", '{"ar": "ك", "en": "a", "confidence": 5}', r"x\.jsonl:1: confidence is 5, not from 0 to 1; a percentage is to"),
    ("x.jsonl", '{"ar": "ك", "en": "a", "confidence": -1}', r"x\.jsonl:1: confidence is -1, not from 0 to 1$"),
    ("x.jsonl", '{"ar": "ك", "en": "a", "confidence": true}', r"x\.jsonl:1: confidence is no number but 'True'"),
    ("x.jsonl", '{"ar": "ك", "en": "a", "confidence": NaN}', r"x\.jsonl:1: confidence is not a finite number but nan"),
    ("x.csv", "ar,en,confidence\nك,a,1\nك,a,87.5\n", r"x\.csv:3: confidence is 87\.5, not from 0 to 1; a percentage"),
    ("x.tsv", "ar\ten\tconfidence\nك\ta\tnan\n", r"x\.tsv:2: confidence is not a finite number"),
    ("x.tsv", "ك\ta\t0.9871\t1\t2\nك\ta\t1.5\t3\t4\n", r"x\.tsv:2: confidence is 1\.5, not from 0 to 1"),
    ("x.jsonl", '{"ar": "ك", "en": "a", "flags": 7}', r"x\.jsonl:1: flags are no list of objects"),
    ("x.jsonl", '{"ar": "ك", "en": "a", "flags": [{"probability": "p"}]}', r"x\.jsonl:1: the probability of a flag is no number"),
    ("x.jsonl", "[" * 100_000, r"x\.jsonl:1: is not JSON that can be read"),
    ("x.jsonl", '{"ar": "ك", "en": "a", "n": ' + "9" * 5000 + "}", r"x\.jsonl:1: is not JSON that can be read"),
    ("x.csv", "كلب\n", r"x\.csv:1: has one column, not two"),
    ("x.csv", 'ar,en\n"كلب,a dog\n', r"x\.csv:\d: is not CSV"),
    ("x.tmx", '<tmx><body><tu><tuv xml:lang="fr"><seg>chien</seg></tuv></tu></body></tmx>',
     r"x\.tmx: holds 1 units in fr, but none in ar and en"),
    ("x.tmx", "<tmx><body><tu>", r"x\.tmx: not well-formed XML"),
    ("x.tmx", '<!DOCTYPE tmx [<!ENTITY a "b">]><tmx><body/></tmx>', r"x\.tmx: declares XML entities"),
    ("x.xlf", '<xliff version="1.2"><file source-language="en" target-language="fr"><body><trans-unit id="1"><source>a'
     '</source></trans-unit></body></file></xliff>', r"x\.xlf: holds units in en and fr, but none in ar and en"),
])  # fmt: skip
def test_what_breaks_a_format(tmp_path, name, text, message):
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(FormatError, match=message):
        list(read_bitext(tmp_path / name))


def test_an_odd_record_stops_nothing(tmp_path):
    records = ['{"ar": 3, "en": 4.5}', '{"ar": "كلب"}', '{"ar": "كلب", "en": ["a"]}', '{"ar": {"segments": 1}, "en": null}',
               '{}', '{"ar": true, "en": 2.0, "id": 9}', '{"translation": {"en": "a dog"}}']  # fmt: skip
    (tmp_path / "x.jsonl").write_text("\n".join(records), "utf-8")
    found = list(read_bitext(tmp_path / "x.jsonl"))
    assert texts(found) == [("3", "4.5"), ("كلب", ""), ("كلب", ""), ("", ""), ("", ""), ("true", "2"), ("", "a dog")]
    assert [row.bead for row in found] == list(range(7)) and dict(found[5].extra) == {"id": 9}
    (tmp_path / "x.tsv").write_text("ar\ten\nكلب\ta dog\nقط\n", "utf-8")
    assert texts(read_bitext(tmp_path / "x.tsv")) == [("كلب", "a dog"), ("قط", "")]


def test_cells_that_hold_numbers_are_texts(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for cells in (("ar", "en", "n"), (2019, 2019.0, 1), (0.5, "half", 2), ("كلب", None, 3)):
        book.active.append(cells)
    book.save(tmp_path / "x.xlsx")
    assert texts(read_bitext(tmp_path / "x.xlsx")) == [("2019", "2019"), ("0.5", "half"), ("كلب", "")]


def test_a_table_without_a_column_is_an_error(tmp_path):
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    parquet.write_table(arrow.table({"ar": ["كلب"], "fr": ["chien"]}), tmp_path / "x.parquet")
    with pytest.raises(FormatError, match=r"x\.parquet: row 1: has no texts under ar and en"):
        list(read_bitext(tmp_path / "x.parquet"))


def test_bad_inputs(tmp_path):
    (tmp_path / "empty.tsv").write_text("")
    (tmp_path / "a.ar").write_text("كلب\nقط\n", "utf-8")
    (tmp_path / "a.en").write_text("a dog\na cat\na camel\n", "utf-8")
    (tmp_path / "x.parquet").write_text("no", "utf-8")
    (tmp_path / "cut.tsv.gz").write_bytes(gzip.compress("كلب\ta dog\n".encode() * 5000)[:-20])
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match=r"empty\.tsv: the file is empty"):
        read_bitext(tmp_path / "empty.tsv")
    with pytest.raises(InputError, match="no such file"):
        read_bitext(tmp_path / "none.parquet")
    with pytest.raises(InputError, match="no such file"):
        read_bitext(tmp_path / "none.tsv")
    with pytest.raises(FormatError, match="has 2 lines and .* has 3; the two files of a pair have equally many"):
        list(read_bitext(tmp_path / "a.ar", tmp_path / "a.en"))
    with pytest.raises(FormatError, match="has 3 lines and .* has 2; the two files"):
        list(read_bitext(tmp_path / "a.en", tmp_path / "a.ar"))
    with pytest.raises(InputError, match="the folder holds no file of bitext"):
        read_bitext(tmp_path / "folder")
    with pytest.raises(UsageError, match="unknown format of bitext 'doc'"):
        read_bitext(tmp_path / "empty.tsv", format="doc")
    with pytest.raises(InputError, match=r"cut\.tsv\.gz: cannot be read"):
        list(read_bitext(tmp_path / "cut.tsv.gz"))
    with pytest.raises(InputError, match="holds more than 10 bytes of text; allow more with --max-bytes"):
        list(read_bitext(tmp_path / "a.ar", tmp_path / "a.en", max_bytes=10))
    shards = tmp_path / "shards"
    shards.mkdir()
    (shards / "one.tsv").write_text("مرحبا\tHello\n")
    with pytest.raises(InputError, match=r"one\.tsv: holds more than 10 bytes of text"):
        list(read_bitext(shards, max_bytes=10))
    pytest.importorskip("pyarrow")
    with pytest.raises(FormatError, match="is not Parquet that can be read"):
        list(read_bitext(tmp_path / "x.parquet"))


def test_flags_in_words():
    assert flags_from_words("") == ()
    one, two = flags_from_words("number moved ar «٨٥٣»; phrase only en «of the; house»")
    assert (one["text"], one["severity"], two["text"], two["severity"]) == ("٨٥٣", "medium", "of the; house", "medium")


def test_a_row_of_named_values():
    row = row_of({"ar": "كلب", "en": None, "ar_segments": "1,2", "ar_start": "5", "flags": None, "x": 1}, 7, "here")
    assert row == Row(7, Side("كلب", (1, 2), 5), Side(""), None, None, None, {"x": 1})
    with pytest.raises(FormatError, match="here: start is no whole number but 'five'"):
        row_of({"ar": "كلب", "en": "", "ar_start": "five"}, 0, "here")


@pytest.mark.parametrize("name", ["x.tsv", "x.csv", "x.jsonl", "x.tmx", "x.xliff", "x.parquet"])
def test_memory_does_not_grow_with_the_file(tmp_path, name):
    pytest.importorskip("pyarrow")
    format = name.split(".")[1]
    body = "قرأ الطالب كتابا عن تاريخ المدينة القديمة " * 20
    with open_rows(tmp_path / name, format=format) as sink:
        for start in range(0, 6_000, 1000):
            sink.write([Row(k, Side(f"{body}{k}"), Side(f"A student read a book {k}"), None, None, None)
                        for k in range(start, start + 1000)])  # fmt: skip
    rows = read_bitext(tmp_path / name)
    tracemalloc.start()
    try:
        list(itertools.islice(rows, 3_000))
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        left = sum(1 for _ in rows)
        grown = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    assert left == 3_000
    assert grown < 6_000_000  # the texts of the second half alone take three times as much


def test_every_format_of_rows_is_read_back(tmp_path):
    assert set(sinks.ROW_FORMATS) == {"tsv", "jsonl", "moses", "csv", "tmx", "xliff", "xlsx", "parquet", "datasets"}
    with pytest.raises(UsageError, match="the format moses writes two files"), open_rows("-", format="moses"):
        pass
    with pytest.raises(UsageError, match="unknown format 'doc'"), open_rows(tmp_path / "x", format="doc"):
        pass


# score reads what this reads


def test_score_takes_a_memory_and_keeps_what_it_says(muwazi, tmp_path):
    pytest.importorskip("lxml")
    path = written(tmp_path / "x.tmx", ROWS, "tmx")
    done = muwazi("score", path, "-f", "jsonl", "-o", tmp_path / "s.jsonl")
    assert done.status == 0 and done.err.startswith("2 pairs, ")
    one, two = [json.loads(line) for line in (tmp_path / "s.jsonl").read_text("utf-8").splitlines()]
    assert (one["ar"], one["topic"], two["en"]) == (ROWS[0].ar.text, "قطارات", ROWS[1].en.text)
    assert 0 <= one["probability"] <= 1
    again = list(read_bitext(tmp_path / "s.jsonl"))
    assert [row.extra["probability"] for row in again] == [one["probability"], two["probability"]]


def test_score_keeps_the_lines_of_tsv_as_they_are(muwazi, tmp_path):
    line = "وصل القطار إلى المدينة.\tThe train reached the city.\t0.9871\t3,4\t5"
    (tmp_path / "x.tsv").write_text(line + "\n", "utf-8")
    done = muwazi("score", tmp_path / "x.tsv", "-q")
    assert done.status == 0 and done.out.startswith((f"{line}\t0.", f"{line}\t1."))
    assert done.out.count("\t") == 6
