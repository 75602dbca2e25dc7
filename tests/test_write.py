"""Formats and whole-file output, byte for byte and with real Arabic."""

import csv
import errno
import gzip
import io
import json
import lzma
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align.data import Alignment, Bead, Block, Document, Segment, Segmented, Span
from align.errors import InputError, OutputError, UsageError
from align.evaluate.alignment import index_beads, parse_alignment, read_alignment
from align.files import open_output, open_outputs, read_bytes
from align.write import (
    FORMATS,
    Shown,
    bead_texts,
    flat,
    moses_paths,
    rows,
    write,
    write_jsonl,
    write_moses,
    write_tsv,
    write_vecalign,
)


def segmented(lang, *texts):
    """A document of `texts`, a blank line between them, every text a segment."""
    segments, start = [], 0
    for text in texts:
        segments.append(Segment(start, start + len(text), form=f"form of {text}", kind="body"))
        start += len(text) + 2
    return Segmented(Document(lang, lang, "\n\n".join(texts)), tuple(segments))


AR = segmented("ar", "وصلَ القطارُ في الثامنة\tمساءً.", "لم ينزل منه أحدٌ؛ ثم مضى.", "قالت سلمى: «سنعود غدًا!»")
EN = segmented("en", "The train came in\nat eight in the evening.", "Nobody got off.", "It left.", "Page 3")
ALIGNMENT = Alignment(
    (
        Bead(Span(0, 1), Span(0, 1), 0.87654321, 0.98765),
        Bead(Span(1, 2), Span(1, 3), 0.5, 0.75),
        Bead(Span(2, 3), Span(3, 3)),
        Bead(Span(3, 3), Span(3, 4), 0.0, 1.0),
    ),
    (Block(Span(0, 2), Span(1, 3), "moved", 0.61), Block(Span(3, 3), Span(3, 4), "only")),
)
TSV = (
    "وصلَ القطارُ في الثامنة مساءً.\tThe train came in at eight in the evening.\t0.9877\t0\t0\n"
    "لم ينزل منه أحدٌ؛ ثم مضى.\tNobody got off. It left.\t0.7500\t1\t1,2\n"
    "قالت سلمى: «سنعود غدًا!»\t\t0.0000\t2\t\n"
    "\tPage 3\t1.0000\t\t3\n"
)
VECALIGN = "[0]:[0]:0.876543\n[1]:[1, 2]:0.500000\n[2]:[]:0.000000\n[]:[3]:0.000000\n"


def written(writer, *args, **options):
    stream = io.StringIO()
    writer(stream, AR, EN, ALIGNMENT, *args, **options)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("بسمِ اللهِ", "بسمِ اللهِ"),
        ("سطرٌ\nوسطر", "سطرٌ وسطر"),
        ("a \t\r\n  b\u2028c\x85d", "a b c d"),
        ("Commander-in-\nChief", "Commander-in-Chief"),
        ("pre-\nand post-war", "pre- and post-war"),
        ("co\u00ad\noperate", "cooperate"),
        ("1990-\n1995", "1990- 1995"),
        ("two  spaces\u00a0kept", "two  spaces\u00a0kept"),
        ("\u200fكتاب\u200f", "\u200fكتاب\u200f"),
        ("  ends\n", "ends"),
        ("", ""),
        ("\n", ""),
    ],
)
def test_flat(text, line):
    assert flat(text) == line


def test_tsv_has_original_texts_confidence_and_segment_numbers():
    assert written(write_tsv) == TSV
    assert written(write_tsv, Shown(header=True)) == "ar\ten\tconfidence\tar_segments\ten_segments\n" + TSV


def test_vecalign_reads_back_equal():
    text = written(write_vecalign)
    assert text == VECALIGN
    assert parse_alignment(text.splitlines()) == index_beads(ALIGNMENT)


def test_jsonl_holds_everything():
    flag = {"side": "en", "start": 22, "end": 27, "text": "eight", "kind": "number"}
    records = [json.loads(line) for line in written(write_jsonl, Shown(flags={0: [flag]})).splitlines()]
    assert [record["record"] for record in records] == ["bead"] * 4 + ["block"] * 2
    assert records[0] == {
        "record": "bead", "bead": 0, "type": "1:1", "sim": 0.876543, "confidence": 0.98765,
        "ar": {
            "text": "وصلَ القطارُ في الثامنة مساءً.",
            "segments": [
                {"segment": 0, "start": 0, "end": 30, "kind": "body", "text": "وصلَ القطارُ في الثامنة\tمساءً."}
            ],
        },
        "en": {
            "text": "The train came in at eight in the evening.",
            "segments": [
                {"segment": 0, "start": 0, "end": 42, "kind": "body",
                 "text": "The train came in\nat eight in the evening."}
            ],
        },
        "flags": [flag],
    }  # fmt: skip
    assert records[1]["flags"] == []
    assert records[1]["en"]["text"] == "Nobody got off. It left."
    for record in records[:4]:
        for side, source in (("ar", AR), ("en", EN)):
            for segment in record[side]["segments"]:
                assert source.document.text[segment["start"] : segment["end"]] == segment["text"]
    assert records[3]["ar"] == {"text": "", "segments": []}
    assert records[4] == {
        "record": "block", "type": "moved", "sim": 0.61,
        "ar": {"first": 0, "last": 1, "start": 0, "end": 57},
        "en": {"first": 1, "last": 2, "start": 44, "end": 69},
    }  # fmt: skip
    assert records[5]["ar"] is None
    assert "flags" not in json.loads(written(write_jsonl).splitlines()[0])


def test_a_known_probability_stands_behind_the_confidence_and_in_a_column(tmp_path):
    beads = tuple(replace(bead, probability=0.43218 if k == 0 else None) for k, bead in enumerate(ALIGNMENT.beads))
    known = replace(ALIGNMENT, beads=beads)
    stream = io.StringIO()
    write_jsonl(stream, AR, EN, known)
    records = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert list(records[0])[4:6] == ["confidence", "probability"] and records[0]["probability"] == 0.4322
    assert "probability" not in records[1]
    found = list(rows(AR, EN, known))
    assert [row.extra["probability"] for row in found] == [0.4322, None, None, None]
    assert all("probability" not in row.extra for row in rows(AR, EN, ALIGNMENT))
    write(tmp_path / "x.csv", AR, EN, known, format="csv")
    table = list(csv.DictReader((tmp_path / "x.csv").read_text("utf-8").splitlines()))
    assert [line["probability"] for line in table] == ["0.4322", "", "", ""]


def test_jsonl_is_a_line_a_record_for_any_reader():
    text = 'a\u2028b\u0085c\x0bd"\\\x7f\ud800'
    one = segmented("en", text)
    stream = io.StringIO()
    write_jsonl(stream, one, one, Alignment((Bead(Span(0, 1), Span(0, 1)),)), Shown(flags={0: [{"text": text}]}))
    (line,) = stream.getvalue().splitlines()
    line.encode("utf-8")
    assert json.loads(line)["ar"]["segments"][0]["text"] == text
    assert json.loads(line)["flags"][0]["text"] == text


def test_moses_pair_leaves_one_sided_beads_out(tmp_path):
    assert write_moses(tmp_path / "out", AR, EN, ALIGNMENT) == 2
    assert (tmp_path / "out.ar").read_text("utf-8") == "وصلَ القطارُ في الثامنة مساءً.\nلم ينزل منه أحدٌ؛ ثم مضى.\n"
    assert (tmp_path / "out.en").read_bytes() == (
        b"The train came in at eight in the evening.\nNobody got off. It left.\n"
    )


def test_moses_names():
    assert moses_paths("a.b/out") == (Path("a.b/out.ar"), Path("a.b/out.en"))
    assert moses_paths("out.gz", ("de", "fr")) == (Path("out.de.gz"), Path("out.fr.gz"))


def test_moses_has_no_empty_lines(tmp_path):
    blank = segmented("en", "", "Second.")
    pair = Alignment((Bead(Span(0, 1), Span(0, 1)), Bead(Span(1, 2), Span(1, 2))))
    assert write_moses(tmp_path / "x", segmented("ar", "أول.", "ثانٍ."), blank, pair) == 1
    assert (tmp_path / "x.ar").read_text("utf-8") == "ثانٍ.\n"


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.text(st.sampled_from("كتَابٌ ـ\u200c\u200f٣٤،؟«»ab1\t\n\r\u2028-"), max_size=12), min_size=1, max_size=6)
)
def test_every_format_keeps_a_bead_a_line(texts):
    one = segmented("ar", *texts)
    alignment = Alignment(tuple(Bead(Span(k, k + 1), Span(k, k + 1), 0.25, 0.5) for k in range(len(texts))))
    for writer in (write_tsv, write_jsonl, write_vecalign):
        stream = io.StringIO()
        writer(stream, one, one, alignment)
        assert len(stream.getvalue().splitlines()) == len(texts)
        if writer is write_tsv:
            rows = [line.split("\t") for line in stream.getvalue().splitlines()]
            assert [(row[0], row[1]) for row in rows] == list(bead_texts(one, one, alignment))
        if writer is write_jsonl:
            assert [json.loads(x)["ar"]["segments"][0]["text"] for x in stream.getvalue().splitlines()] == texts


# By name


@pytest.mark.parametrize("name", FORMATS)
def test_write_by_format_name(tmp_path, name):
    names = write(tmp_path / "out", AR, EN, ALIGNMENT, format=name)
    assert names == ([f"{tmp_path}/out.ar", f"{tmp_path}/out.en"] if name == "moses" else [f"{tmp_path}/out"])
    assert sorted(map(str, tmp_path.iterdir())) == sorted(names)
    if name == "vecalign":
        assert read_alignment(tmp_path / "out") == index_beads(ALIGNMENT)


def test_write_to_stdout(capsys):
    assert write("-", AR, EN, ALIGNMENT) == []
    assert capsys.readouterr().out == TSV


@pytest.mark.parametrize(
    ("target", "options", "message"),
    [
        ("x", {"format": "tmx9"}, f"unknown format 'tmx9'; known are {', '.join(FORMATS)}"),
        ("-", {"format": "moses"}, "the format moses writes two files: name their prefix with -o PREFIX"),
        ("x", {"format": "jsonl", "shown": Shown(header=True)}, "a header line belongs to the format tsv, not to jsonl"),
    ],
)
def test_wrong_use(target, options, message):
    with pytest.raises(UsageError) as caught:
        write(target, AR, EN, ALIGNMENT, **options)
    assert str(caught.value) == message


# Whole files


@pytest.mark.parametrize("suffix", ["", ".gz", ".xz", ".zst"])
def test_compressed_by_name_and_repeatable(tmp_path, suffix):
    paths = [tmp_path / f"{k}.tsv{suffix}" for k in (1, 2)]
    for path in paths:
        write(path, AR, EN, ALIGNMENT)
    first, second = (path.read_bytes() for path in paths)
    assert first == second
    assert read_bytes(paths[0]).decode("utf-8") == TSV
    if suffix == ".gz":
        assert gzip.decompress(first).decode("utf-8") == TSV
    if suffix == ".xz":
        assert lzma.decompress(first).decode("utf-8") == TSV


def test_an_existing_file_is_refused_without_force_and_left_alone(tmp_path):
    path = tmp_path / "out.tsv"
    path.write_text("precious")
    with pytest.raises(OutputError) as caught:
        write(path, AR, EN, ALIGNMENT)
    assert str(caught.value) == f"{path}: exists already; --force overwrites it"
    assert caught.value.status == 7
    assert path.read_text() == "precious"
    path.chmod(0o600)
    write(path, AR, EN, ALIGNMENT, force=True)
    assert path.read_text("utf-8") == TSV
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["out.tsv"]


def test_a_file_that_appears_meanwhile_is_kept(tmp_path):
    path = tmp_path / "out.txt"
    with pytest.raises(OutputError, match="exists already"), open_output(path) as stream:
        stream.write("late")
        path.write_text("early")
    assert path.read_text() == "early"
    assert os.listdir(tmp_path) == ["out.txt"]


def test_new_files_have_the_usual_permissions(tmp_path):
    (tmp_path / "plain").write_text("")
    write(tmp_path / "out", AR, EN, ALIGNMENT)
    assert (tmp_path / "out").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit, ValueError, MemoryError])
def test_nothing_is_left_behind_when_the_writer_stops(tmp_path, stop):
    path = tmp_path / "out.tsv.gz"
    with pytest.raises(stop), open_output(path) as stream:
        stream.write("half")
        raise stop
    assert os.listdir(tmp_path) == []


def test_an_unwritable_place_is_told_in_one_line(tmp_path):
    missing = tmp_path / "no" / "out.tsv"
    with pytest.raises(OutputError) as caught:
        write(missing, AR, EN, ALIGNMENT)
    assert str(caught.value) == f"{missing}: the folder {missing.parent} does not exist; make it first"
    with pytest.raises(OutputError, match="is a folder; name a file in it"):
        write(tmp_path, AR, EN, ALIGNMENT)
    with pytest.raises(OutputError, match="cannot be written: File name too long"):
        write(tmp_path / ("x" * 300), AR, EN, ALIGNMENT)
    assert os.listdir(tmp_path) == []


def test_a_full_disk_is_told_in_one_line(tmp_path):
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full here")
    with pytest.raises(OutputError, match="/dev/full: cannot be written: No space left on device"):
        write(full, AR, EN, ALIGNMENT)
    path = tmp_path / "out.tsv"
    with pytest.raises(OutputError, match="No space left"), open_output(path) as stream:
        stream.write("half")
        raise OSError(errno.ENOSPC, "No space left on device")
    assert os.listdir(tmp_path) == []


def test_an_error_of_another_file_stays_what_it_is(tmp_path):
    with pytest.raises(FileNotFoundError), open_output(tmp_path / "out"):
        (tmp_path / "other").read_text()
    assert os.listdir(tmp_path) == []


def test_a_lone_surrogate_cannot_be_written(tmp_path):
    with pytest.raises(OutputError) as caught, open_output(tmp_path / "out") as stream:
        stream.write("كتاب\ud83d")
    assert str(caught.value) == f"{tmp_path}/out: a lone surrogate U+D83D cannot be written as UTF-8"
    assert os.listdir(tmp_path) == []


def test_stdout_that_cannot_hold_arabic(monkeypatch):
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    with pytest.raises(OutputError) as caught:
        write("-", AR, EN, ALIGNMENT)
    assert str(caught.value) == "standard output: the character U+0648 cannot be written as ASCII"


def test_devices_are_written_straight_through():
    write("/dev/null", AR, EN, ALIGNMENT)
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


def test_a_link_is_followed_not_replaced(tmp_path):
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    write(tmp_path / "link", AR, EN, ALIGNMENT, force=True)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text("utf-8") == TSV


def test_a_pair_is_written_both_or_neither(tmp_path):
    (tmp_path / "out.en").write_text("precious")
    with pytest.raises(OutputError, match=r"out.en: exists already"):
        write_moses(tmp_path / "out", AR, EN, ALIGNMENT)
    assert os.listdir(tmp_path) == ["out.en"]


def test_the_first_of_a_pair_is_taken_back_when_the_second_fails(tmp_path, monkeypatch):
    first, second = tmp_path / "x.ar", tmp_path / "x.en"
    first.write_text("old ar")
    second.write_text("old en")
    replace, calls = os.replace, []

    def failing(source, target):
        calls.append(target)
        if len(calls) == 2:
            raise OSError(errno.EIO, "Input/output error")
        replace(source, target)

    monkeypatch.setattr(os, "replace", failing)
    with pytest.raises(OutputError, match="Input/output error"), open_outputs([first, second], force=True) as streams:
        for stream in streams:
            stream.write("new")
    assert (first.read_text(), second.read_text()) == ("old ar", "old en")
    assert sorted(os.listdir(tmp_path)) == ["x.ar", "x.en"]


def test_two_outputs_of_one_name(tmp_path):
    with pytest.raises(OutputError, match="need different names"), open_outputs([tmp_path / "a", tmp_path / "a"]):
        pass


def test_damaged_compressed_files(tmp_path):
    for suffix in (".gz", ".xz", ".zst"):
        path = tmp_path / f"x{suffix}"
        path.write_bytes(b"not compressed at all")
        with pytest.raises(InputError, match=r"x\.(gz|xz|zst): "):
            read_bytes(path)
    whole = gzip.compress(b"x" * 1000)
    (tmp_path / "cut.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="cut.gz"):
        read_bytes(tmp_path / "cut.gz")


def test_edited_texts_are_marked_in_every_format_that_has_room(tmp_path):
    """The edited text stands in the place of the original, which is kept; without edits nothing of it is there."""
    import io

    from align.data import Alignment, Bead, Document, Segment, Segmented, Span
    from align.write import rows, write, write_jsonl, write_moses, write_tsv

    ar = Segmented(Document("a", "ar", "أب. ج."), (Segment(0, 3, "أب."), Segment(4, 6, "ج.")))
    en = Segmented(Document("e", "en", "Ab. C."), (Segment(0, 3, "Ab."), Segment(4, 6, "C.")))
    found = Alignment((Bead(Span(0, 1), Span(0, 1), 0.5, 0.9), Bead(Span(1, 2), Span(1, 2), 0.5, 0.9)))
    edits = {("en", 0): "Better\nab.", ("ar", 1): "جيم."}
    stream = io.StringIO()
    write_tsv(stream, ar, en, found, Shown(header=True, edits=edits))
    assert stream.getvalue().splitlines() == [
        "ar\ten\tconfidence\tar_segments\ten_segments\tedited", "أب.\tBetter ab.\t0.9000\t0\t0\ten", "جيم.\tC.\t0.9000\t1\t1\tar"]  # fmt: skip
    for header, there in ((True, '"""Ab"" he said."'), (False, '"Ab" he said.')):
        stream = io.StringIO()
        write_tsv(stream, ar, en, found, Shown(header=header, edits={("en", 0): '"Ab" he said.'}))
        assert stream.getvalue().splitlines()[int(header)] == f"أب.\t{there}\t0.9000\t0\t0\ten"
    stream = io.StringIO()
    write_jsonl(stream, ar, en, found, Shown(edits=edits))
    first = json.loads(stream.getvalue().splitlines()[0])
    assert first["en"] == {"text": "Better ab.", "segments": [
        {"segment": 0, "start": 0, "end": 3, "kind": "body", "text": "Ab.", "edited": "Better ab."}]}  # fmt: skip
    assert [(row.en.text, row.extra) for row in rows(ar, en, found, edits=edits)] == [
        ("Better ab.", {"edited": "en", "ar_original": "", "en_original": "Ab."}),
        ("C.", {"edited": "ar", "ar_original": "ج.", "en_original": ""}),
    ]
    assert write_moses(tmp_path / "m", ar, en, found, shown=Shown(edits=edits)) == 2
    assert (tmp_path / "m.en").read_text("utf-8") == "Better ab.\nC.\n"
    for format, told in {"csv": "en_original", "tmx": "x-en_original", "xliff": "muwazi-en_original"}.items():
        for kept, there in ((edits, True), ({}, False)):
            write(tmp_path / "x", ar, en, found, format=format, force=True, shown=Shown(edits=kept))
            assert (told in (tmp_path / "x").read_text("utf-8")) == there
