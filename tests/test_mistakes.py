"""What users get wrong, and what they are told: one line with its cure, and an exit status; nothing wrong is written."""

import os
import re
import sys

import pytest

from align.cli.main import app
from align.data import Row, Side
from align.errors import LanguageError, UsageError
from align.suffixes import fitting, format_of
from align.tongues import are_swapped
from align.write.sinks import open_rows

AR = ("وصل الوفد إلى المدينة يوم الاثنين، وبقي فيها ثلاثة أيام قبل أن يعود إلى العاصمة.\n"
      "قال الوزير إن الحكومة ستبني مدرسة جديدة في كل قرية من قرى الجنوب.\n")
EN = ("The delegation arrived in the city on Monday and stayed there for three days before it returned to the capital.\n"
      "The minister said that the government would build a new school in each of the villages of the south.\n")
PERSIAN = "دولت گفت که ساختن پل نو تا پایان سال تمام خواهد شد و مردم از آن استفاده می‌کنند.\n"


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with an Arabic, an English and a Persian text, scored and swapped bitext, and folders; the current one."""
    for name, text in (("ar.txt", AR), ("en.txt", EN), ("fa.txt", PERSIAN)):
        (tmp_path / name).write_text(text, "utf-8")
    lines = list(zip(AR.splitlines(), EN.splitlines(), strict=True))
    (tmp_path / "pairs.tsv").write_text("".join(f"{ar}\t{en}\n" for ar, en in lines), "utf-8")
    (tmp_path / "swapped.tsv").write_text("".join(f"{en}\t{ar}\n" for ar, en in lines), "utf-8")
    (tmp_path / "old.doc").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


# What was typed; the exit status; what the one line says, in which the cure stands.
MISTAKES = [
    ("align ar.txt en.txt out.tsv", 2, "to write there, say -o out.tsv"),
    ("align ar.txt", 2, "align takes AR and EN: EN is missing"),
    ("align a b", 3, "muwazi run AR_FOLDER EN_FOLDER -o FOLDER"),
    ("flag a b", 3, "flag takes two files"),
    ("report a b -o page.html", 3, "report takes two files"),
    ("report ar.txt en.txt", 2, "say -o FILE"),
    ("encode ar.txt", 2, "say -o FILE"),
    ("encode ar.txt -o v.tsv", 2, "name it .npy"),
    ("ar.txt en.txt", 2, "say muwazi align ar.txt en.txt"),
    ("a b", 2, "say muwazi run a b -o FOLDER"),
    ("algin ar.txt en.txt", 2, "did you mean align?"),
    ("xyzzy", 2, "muwazi --help lists them"),
    ("align ar.txt en.txt --fromat tsv", 2, "did you mean --format"),
    ("models foo", 2, "models takes no arguments"),
    ("align ar.txt en.txt --format tsx", 2, "did you mean tsv?"),
    ("align ar.txt en.txt -o x.docx", 2, "cannot be written as docx; formats are tsv, jsonl"),
    ("align ar.txt en.txt -o x.json", 2, "name it .jsonl"),
    ("align ar.txt en.txt -o x.xlsx --format tsv", 2, "leave out --format"),
    ("align ar.txt en.txt -o x.tsv --report page.tsv", 2, "name it .html"),
    ("align ar.txt en.txt -o x.tsv --plot plot.png", 2, "name it .svg"),
    ("flag ar.txt en.txt -o x.tmx", 2, "formats are text, jsonl, tsv, csv, xlsx, html"),
    ("flag ar.txt en.txt --kind numbr", 2, "did you mean number?"),
    ("flag ar.txt en.txt --side arabic", 2, "ar or en"),
    ("flag ar.txt en.txt --langs de-fr", 2, "muwazi align takes other languages"),
    ("segment ar.txt -o x.tsv", 2, "it is written as jsonl"),
    ("score pairs.tsv -o x.tmx", 2, "formats are tsv, jsonl, csv, xlsx, parquet"),
    ("score swapped.tsv", 5, "give the Arabic column or file first"),
    ("filter pairs.tsv -o x.docx", 2, "formats are tsv"),
    ("pair a b -o x.xlsx", 2, "formats are tsv, jsonl, csv"),
    ("mine ar.txt en.txt -o x.html", 2, "formats are tsv"),
    ("run a b -o x.parquet", 2, "a run writes a folder"),
    ("run ar.txt en.txt -o o", 2, "muwazi align"),
    ("run a b", 2, "-o FOLDER"),
    ("demo nope", 2, "there are law, moved, news, story, vocalised"),
    ("demo nws", 2, "did you mean news?"),
    ("cache clean", 2, "info or clear"),
    ("align en.txt ar.txt", 5, "give the Arabic file first"),
    ("align ar.txt en.txt --langs en-ar", 5, "give the English file first"),
    ("align fa.txt en.txt", 5, "should be Arabic but looks Persian"),
    ("align ar.txt ar.txt", 5, "hold the same text"),
    ("align ar.txt en.txt --langs arabic-english", 2, "no code of a language; ar is"),
    ("align ar.txt en.txt --langs ar", 2, "such as ar-en"),
    ("align ar.txt en.txt --langs en-ar --no-language-check -o x.tmx", 5, "the sides are swapped"),
    ("align ar.txt en.txt --max-ar 99", 2, "1<=x<=16"),
    ("align ar.txt en.txt -o ar.txt --force", 2, "is an input"),
    ("align ar.txt en.txt -o no/x.tsv", 7, "make it first"),
    ("align ar.txt en.txt -o pairs.tsv", 7, "--force"),
    ("align old.doc en.txt", 3, "save it as .docx"),
    ("align ar.txt nothing.txt", 3, "no such file"),
    ("align ar.txt en.txt --precision 0.9", 2, "goes with --filter"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "status", "told"), MISTAKES, ids=[typed for typed, _, _ in MISTAKES])
def test_a_mistake_ends_in_one_line_with_its_cure(muwazi, here, typed, status, told):
    before = sorted(os.listdir("."))
    result = muwazi(*typed.split())
    assert (result.status, result.out) == (status, "")
    assert re.fullmatch(r"muwazi: [^\n]+\n", result.err), result.err
    assert told in result.err
    assert sorted(os.listdir(".")) == before


def test_every_command_that_writes_refuses_a_name_that_says_something_else(muwazi, here):
    given = {"align": ["ar.txt", "en.txt"], "flag": ["ar.txt", "en.txt"], "segment": ["ar.txt"], "encode": ["ar.txt"],
             "report": ["ar.txt", "en.txt"], "score": ["pairs.tsv"], "filter": ["pairs.tsv"], "pair": ["a", "b"],
             "mine": ["ar.txt", "en.txt"], "apply": ["x.json", "ar.txt", "en.txt"]}  # fmt: skip
    writing = {command.name or command.callback.__name__ for command in app.registered_commands
               if "output" in command.callback.__annotations__} - {"run"}  # fmt: skip
    for name in writing & given.keys():
        result = muwazi(name, *given[name], "-o", "x.docx")
        assert result.status == 2 and "docx" in result.err, (name, result)
    assert given.keys() <= writing


@pytest.mark.parametrize(("suffix", "begins"), [
    ("tsv", "وصل".encode()), ("jsonl", b"{"), ("csv", b"ar,en"), ("tmx", b"<?xml"), ("xlf", b"<?xml"), ("xlsx", b"PK"),
    ("parquet", b"PAR1"), ("tsv.gz", b"\x1f\x8b"), ("txt", "وصل".encode()),
])
def test_the_format_follows_the_name(muwazi, here, suffix, begins):
    assert muwazi("align", "ar.txt", "en.txt", "-o", f"out.{suffix}").status == 0
    assert (here / f"out.{suffix}").read_bytes().startswith(begins)


@pytest.mark.parametrize(("suffix", "begins"), [("csv", b"ar,en"), ("xlsx", b"PK"), ("parquet", b"PAR1"), ("jsonl", b"{")])
def test_scored_pairs_follow_the_name(muwazi, here, suffix, begins):
    assert muwazi("score", "pairs.tsv", "-o", f"out.{suffix}").status == 0
    assert (here / f"out.{suffix}").read_bytes().startswith(begins)


def test_a_name_on_the_command_line_says_more_than_a_file_of_options(muwazi, here):
    (here / "muwazi.toml").write_text('format = "jsonl"\n')
    assert muwazi("align", "ar.txt", "en.txt", "-o", "x.csv", "--config", "muwazi.toml").status == 0
    assert (here / "x.csv").read_text("utf-8").startswith("ar,en")
    assert muwazi("align", "ar.txt", "en.txt", "-o", "x", "--config", "muwazi.toml").status == 0
    assert (here / "x").read_text("utf-8").startswith("{")


@pytest.mark.parametrize(("name", "format"), [
    ("a.TSV", "tsv"), ("a.tab", "tsv"), ("a.ndjson.zst", "jsonl"), ("a.xlf", "xliff"), ("a.txt", None), ("-", None), ("a", None),
    ("a.parquet", "parquet"), ("a.b/c", None), (".tsv", None),
])
def test_a_name_tells_its_format(name, format):
    assert format_of(name) == format


def test_a_format_asked_for_stands_where_the_name_tells_nothing():
    assert fitting("x.txt", "XLSX", ("tsv", "xlsx"), "tsv") == "xlsx"
    with pytest.raises(UsageError, match="leave out --format"):
        fitting("x.tsv", "xlsx", ("tsv", "xlsx"), "tsv")


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="no terminals here")
@pytest.mark.parametrize("format", ["xlsx", "parquet"])
def test_what_is_no_text_never_goes_to_a_terminal(here, monkeypatch, format):
    _, inner = os.openpty()
    with open(inner, "w") as terminal:
        monkeypatch.setattr(sys, "stdout", terminal)
        with pytest.raises(UsageError, match=f"name a file with -o FILE.{format}"), open_rows("-", format=format):
            pass


ROWS = [Row(k, Side(ar), Side(en)) for k, (ar, en) in enumerate(zip(AR.splitlines(), EN.splitlines(), strict=True))]


@pytest.mark.parametrize("format", ["tmx", "xliff"])
@pytest.mark.parametrize("langs", [("ar", "en"), ("en", "ar"), ("ar-EG", "en-GB")], ids="-".join)
def test_no_text_is_written_under_the_other_language(tmp_path, format, langs):
    rows = ROWS if langs[0].startswith("ar") else [Row(r.bead, r.en, r.ar) for r in ROWS]
    with open_rows(tmp_path / "good", format=format, langs=langs) as sink:
        sink.write(rows)
    with pytest.raises(LanguageError, match="swapped"), open_rows(tmp_path / "bad", format=format, langs=langs[::-1]) as sink:
        sink.write(rows)
    assert not (tmp_path / "bad").exists()


def test_which_texts_are_swapped():
    assert are_swapped(EN, AR) and not are_swapped(AR, EN)
    assert not are_swapped(AR, AR) and not are_swapped("12", "13") and not are_swapped(EN, AR, ("de", "en"))
