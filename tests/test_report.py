"""The review page as a file, the corrections that it saves, and what apply makes of them."""

import io
import json
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from report_pairs import AR, ATTACK, BEADS, EN, FLAGS, PAIR, SIGNATURE, attacked, flag, run, saved, segmented, written

from align.data import Alignment, Bead, Flag, Judged, Span
from align.errors import DecodingError, FormatError, InputError
from align.report import corrected, page, parse_corrections, plot, read_corrections, write_report
from align.report.digest import digest
from align.report.findings import findings, grouped
from align.report.listing import write_findings
from align.report.page import contents, plain
from align.report.saved import read_jsonl

# The file


class Elements(HTMLParser):
    """Every element and attribute of a page, and the text of each script."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.attributes, self.scripts = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        self.attributes += [(tag, *attr) for attr in attrs]

    def handle_data(self, data):
        if self.elements and self.elements[-1] == "script":
            self.scripts.append(data)


def test_hostile_text_adds_no_element_and_no_attribute():
    """The page of an attack has the elements and attributes of any other page, and its data read back equal."""
    plain_page, hostile = Elements(page(PAIR, SIGNATURE)), Elements(page(attacked(), ATTACK[0]))
    assert hostile.elements == plain_page.elements
    assert hostile.attributes == plain_page.attributes
    data = json.loads(hostile.scripts[0])
    assert data["sides"][1]["texts"] == [f"text {text}" for text in ATTACK]
    assert data["signature"] == ATTACK[0]
    assert not any(name.startswith("on") for _, name, _ in hostile.attributes)


def test_everything_in_the_page_is_utf8_and_from_the_page(tmp_path):
    """A lone surrogate is written as an escape; no address stands anywhere but in the name space of SVG."""
    write_report(tmp_path / "a.html", attacked(), force=False)
    text = (tmp_path / "a.html").read_text("utf-8")
    assert "\\ud800" in text
    assert page(PAIR).replace("http://www.w3.org/2000/svg", "").count("://") == 0
    assert page(PAIR, SIGNATURE) == page(PAIR, SIGNATURE)


def test_flags_have_places_in_segments_counted_as_the_script_counts():
    """Characters beyond the basic plane count two; a flag over two segments has an end in the second."""
    ar = segmented("ar", "أ😀ب😀ج", "دال")
    en = segmented("en", "a")
    beads = (Bead(Span(0, 2), Span(0, 1), 0.5, 0.5),)
    flags = (flag("ar", ar, "ج", "name", "only", 0), flag("ar", ar, "ج\n\nد", "clause", "only", 0),
             Flag("ar", 90, 99, "", "name", "only", 0.5, "low", 0))  # fmt: skip
    found = contents(Judged(ar, en, Alignment(beads), flags))["flags"]
    assert [(f["first"], f["from"], f["last"], f["to"]) for f in found] == [(0, 6, 0, 7), (0, 6, 1, 1)]


def test_evidence_becomes_json():
    """Tuples, sets, arrays and numbers that JSON lacks are turned into what it has."""
    import numpy as np

    given = {"a": (1, np.float32(0.5)), 2: {3}, "n": float("nan"), "v": np.arange(2), "s": Span(1, 2), "x": 1j}
    assert plain(given) == {"a": [1, 0.5], "2": [3], "n": None, "v": [0, 1], "s": [1, 2], "x": "1j"}


def test_dot_plot_is_one_picture_of_all_beads():
    """Well-formed XML with a rectangle a pair, a tick a one-sided bead, a frame a moved block; names are only text."""
    tree = ElementTree.fromstring(plot(PAIR))
    paths = {node.get("class"): node.get("d") for node in tree.iter("{http://www.w3.org/2000/svg}path")}
    assert {name: paths[name].count("z") for name in ("pair", "low", "first", "second", "moved")} == {
        "pair": 2, "low": 1, "first": 2, "second": 2, "moved": 1}  # fmt: skip
    assert paths["low"] == "M390.0 538.8H494.7V662.0H390.0z"
    assert "ar.txt" in "".join(tree.itertext())
    ElementTree.fromstring(plot(attacked()))
    ElementTree.fromstring(plot(Judged(segmented("ar"), segmented("en"), Alignment(()))))


# Corrections


def test_untouched_corrections_give_the_pair_back():
    """Segments, beads, blocks and flags are those that the page showed, on texts read anew."""
    found = corrected(parse_corrections(saved(PAIR)), AR.document, EN.document)
    assert found.alignment == PAIR.alignment
    assert [(f.side, f.start, f.text, f.bead, f.evidence) for f in found.flags] == [
        (f.side, f.start, f.text, f.bead, f.evidence) for f in FLAGS]  # fmt: skip
    assert [(s.start, s.end, s.kind, s.form) for s in found.en.segments] == [
        (s.start, s.end, s.kind, s.form) for s in EN.segments]  # fmt: skip
    assert [s.line for s in found.ar.segments] == [0, 3, 5, 7, 9]


def with_bead(number, **changes):
    record = saved(PAIR)
    record["beads"][number] |= changes
    return record


def test_what_a_person_made_is_sure_and_a_paired_block_is_gone():
    """An accepted bead keeps its similarity, a linked one has none; a block whose segments were paired is dropped."""
    record = with_bead(0, accepted=True)
    record["beads"][2] |= {"en": [4, 5], "sim": None, "confidence": None, "edited": True}
    del record["beads"][5]
    record["flags"][0]["state"] = "dismissed"
    found = parse_corrections(record)
    assert (found.accepted, found.edited, found.dismissed) == (1, 1, 1)
    judged = corrected(found, AR.document, EN.document)
    assert judged.alignment.beads[0] == Bead(Span(0, 1), Span(0, 1), 0.8, 1.0)
    assert judged.alignment.beads[2] == Bead(Span(2, 3), Span(4, 5), 0.0, 1.0)
    assert judged.alignment.blocks == ()
    assert [f.bead for f in judged.flags] == [0, 2, 5]


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ([], "is not a file of corrections that a page of muwazi saved"),
        ({"format": "else"}, "is not a file of corrections that a page of muwazi saved"),
        (saved(PAIR, schema=3), "has the schema 3; this version reads 1 to 2"),
        (saved(PAIR, edits=[{"side": "ar", "segment": 5, "text": "x"}]), "its edits name segments that are not there"),
        (saved(PAIR, edits=[{"side": "ar", "segment": 0, "text": " "}]), "its edits are missing or not what a page saves"),
        (saved(PAIR, texts={}), "its texts are missing or not what a page saves"),
        (saved(PAIR, beads=7), "its beads are missing or not what a page saves"),
        (saved(PAIR, flags=[{}]), "its flags are missing or not what a page saves"),
        (with_bead(2, ar=[2, 4]), "segment 3 of ar stands in two beads, 2 and 3"),
        (with_bead(6, en=[5, 7]), "bead 6 holds segment 6 of en, which has 6"),
        (with_bead(1, en=[1, 2]), "segment 2 of en stands in no bead"),
        (with_bead(3, ar=[3, 3]), "its beads are missing or not what a page saves"),
        (with_bead(3, ar=[True, 4]), "its beads are missing or not what a page saves"),
        (with_bead(3, confidence=float("nan")), "its beads are missing or not what a page saves"),
    ],
)
def test_broken_corrections_end_in_one_line(record, message):
    """Each says what is wrong with the file."""
    with pytest.raises(FormatError) as caught:
        parse_corrections(record, "c.json")
    assert str(caught.value) == f"c.json: {message}"


@pytest.mark.parametrize(
    ("old", "new"),
    [("مضى", "مشى"), ("الإعلانات", "الإعلانات كلها"), ("١٩٥٣.", "١٩٥٣.\n\nتتمة."), ("١٩٥٣.", "")],
    ids=["letter", "longer", "more", "shorter"],
)  # fmt: skip
def test_other_texts_are_refused(old, new):
    """A text that differs in what can be seen is not the one that was reviewed."""
    other = replace(AR.document, text=AR.document.text.replace(old, new))
    with pytest.raises(InputError, match="is not the first text that c.json was made for"):
        corrected(parse_corrections(saved(PAIR), "c.json"), other, EN.document)


def test_unreadable_corrections(tmp_path):
    """Neither JSON, nor UTF-8, nor there, nor of bearable depth."""
    bad = [("a", b"{", FormatError), ("b", b"\xff", DecodingError), ("d", b"[" * 99999, FormatError)]
    for name, data, error in bad:
        (tmp_path / name).write_bytes(data)
        with pytest.raises(error):
            read_corrections(tmp_path / name)
    with pytest.raises(InputError):
        read_corrections(tmp_path / "none")


def test_jsonl_reads_back_as_the_pair(tmp_path):
    """Segments, beads, blocks, flags and the digests; the white space between segments comes back by its length."""
    found = read_jsonl(written(tmp_path)[2])
    assert found.alignment.beads[:3] == BEADS[:3]
    assert [(b.kind, len(b.ar), len(b.en)) for b in found.alignment.beads] == [
        (b.kind, len(b.ar), len(b.en)) for b in BEADS]  # fmt: skip
    assert found.alignment.blocks == PAIR.alignment.blocks
    assert found.flags == FLAGS
    assert (digest(found.ar), digest(found.en)) == (digest(AR), digest(EN))


@pytest.mark.parametrize("line", ["{", "[]", '{"record": "bead"}', '{"record": "verse"}'])
def test_other_jsonl_is_refused(tmp_path, line):
    """The message names the line."""
    path = written(tmp_path)[2]
    path.write_text(path.read_text("utf-8") + line + "\n", "utf-8")
    with pytest.raises(FormatError, match=r"pair.jsonl:9: is not a bead or a block"):
        read_jsonl(path)


# Commands


def test_report_from_json_lines_writes_a_page_and_a_plot(tmp_path):
    """And refuses to write over either without --force, or over its input at all."""
    ar, _, pair = written(tmp_path)
    made = run("report", "--from", pair, "-o", tmp_path / "p.html", "--plot", tmp_path / "p.svg")
    assert made.exit_code == 0, made.output
    data = json.loads(Elements((tmp_path / "p.html").read_text("utf-8")).scripts[0])
    assert data["sides"][0]["digest"] == digest(AR)
    assert len(data["flags"]) == 4
    ElementTree.parse(tmp_path / "p.svg")
    assert "exists already" in str(run("report", "--from", pair, "-o", tmp_path / "p.html").exception)
    assert "input" in str(run("report", "--from", pair, "-o", pair, "--force").exception)
    assert "name the two files" in str(run("report", ar, "-o", tmp_path / "q.html").exception)


def test_apply_writes_every_format(tmp_path):
    """The corrected beads, with the raw text and without the flags that were dismissed."""
    ar, en, _ = written(tmp_path)
    record = with_bead(1, accepted=True)
    record["flags"][0]["state"] = "dismissed"
    path = tmp_path / "c.json"
    path.write_text(json.dumps(record), "utf-8")
    made = run("apply", path, ar, en)
    assert made.exit_code == 0, made.output
    assert made.stdout.splitlines()[1] == "لم ينزل منه أحدٌ؛ ثم مضى.\tNobody got off. It left.\t1.0000\t1\t1,2"
    assert "7 beads: 1 accepted, 0 edited; 3 flags kept, 1 dismissed" in made.stderr
    run("apply", path, ar, en, "-f", "jsonl", "-o", tmp_path / "out.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert [len(line["flags"]) for line in lines[:7]] == [1, 0, 1, 0, 0, 0, 1]
    run("apply", path, ar, en, "-f", "moses", "-o", tmp_path / "out")
    assert (tmp_path / "out.en").read_text("utf-8").count("\n") == 3
    made = run("apply", path, ar, en, "-f", "vecalign")
    assert made.stdout.splitlines()[3] == "[3]:[]:0.000000"
    assert "second text" in str(run("apply", path, ar, ar).exception)
    assert run("apply", path, ar, en, "-f", "papyrus").exit_code == 2


# Findings


def test_flags_of_one_thing_are_one_finding():
    """Two sides of a mismatch, what lies in a flag of its kind, and nothing else; a moved sentence and its counterpart."""
    ar, en = segmented("ar", "أ ب ج ٥ د"), segmented("en", "a b c 6 d e")
    there, here = (en.document.text.index("6"), en.document.text.index("6") + 1, "6"), (ar.document.text.index("٥"),) * 2 + ("٥",)
    here = (here[0], here[0] + 1, "٥")
    given = [
        flag("ar", ar, "٥", "number", "mismatch", 0, there), flag("ar", ar, "أ ب", "clause", "only", 0),
        flag("ar", ar, "ب", "name", "only", 0), flag("en", en, "6", "number", "mismatch", 0, here),
        flag("en", en, "d", "number", "mismatch", 0, (0, 1, "أ")), flag("en", en, "e", "name", "only", 0),
    ]  # fmt: skip
    assert grouped(given) == [[0, 3], [1, 2], [4], [5]]
    found = findings(Judged(ar, en, Alignment((Bead(Span(0, 1), Span(0, 1)),)), tuple(given)))
    assert [(one.category, one.ar, one.en) for one in found] == [
        ("missing from en", "أ ب", ""), ("missing from ar", "", "e"), ("stated differently", "٥", "6"),
        ("stated differently", "أ", "d")]  # fmt: skip


def test_grouping_many_flags_is_quick():
    """Twenty thousand flags in less than two seconds."""
    import time

    flags = [Flag("ar" if k % 2 else "en", 10 * k, 10 * k + 5, "", "number", "mismatch", 0.5, "low", k,
                  (10 * (k + (1 if k % 2 == 0 else -1)), 10 * (k + (1 if k % 2 == 0 else -1)) + 5, "")) for k in range(20_000)]  # fmt: skip
    start = time.process_time()
    assert len(grouped(flags)) == 10_000
    assert time.process_time() - start < 2


@pytest.mark.parametrize("format", ["xlsx", "html", "docx"])
def test_findings_as_a_list_for_people(format):
    """Both texts, what a person said, and no formula, in every format; hostile text stays text."""
    record = saved(PAIR)
    record["flags"][0] |= {"state": "confirmed", "comment": "=1+1"}
    judged = corrected(parse_corrections(record), AR.document, EN.document)
    stream = io.BytesIO()
    write_findings(stream, judged, format, "Trains")
    if format == "xlsx":
        openpyxl = pytest.importorskip("openpyxl")
        rows = list(openpyxl.load_workbook(io.BytesIO(stream.getvalue())).active.iter_rows())
        assert [cell.value for cell in rows[2]] == [
            "Stated differently", "number", 0.9, "confirmed", "٨", "seven", "=1+1", None, 1]  # fmt: skip
        assert rows[2][6].data_type == "s"
    elif format == "docx":
        docx = pytest.importorskip("docx")
        text = [cell.text for table in docx.Document(io.BytesIO(stream.getvalue())).tables for row in table.rows for cell in row.cells]
        assert text[4:8] == ["page furniture, 90%, open, bead 7", "", "Page 3", ""]
    else:
        text = stream.getvalue().decode()
        assert '<td lang="ar" dir="rtl">٨</td><td lang="en" dir="ltr">seven</td><td dir="auto">=1+1</td>' in text
    write_findings(io.BytesIO(), attacked(), format)


def test_report_takes_a_title_and_a_least_probability(tmp_path):
    """Flags below it are left out, of a page made from JSON lines too."""
    _, _, pair = written(tmp_path)
    for least, left in (("0.95", 0), ("0.5", 4)):
        made = run("report", "--from", pair, "-o", tmp_path / "p.html", "--title", "A </title>", "--min-probability", least, "--force")
        assert made.exit_code == 0, made.output
        data = json.loads(Elements((tmp_path / "p.html").read_text("utf-8")).scripts[0])
        assert (data["title"], len(data["flags"])) == ("A </title>", left)


def test_corrections_of_the_first_schema_are_read(tmp_path):
    """They know no states, comments or edits, only what was dismissed."""
    record = saved(PAIR, schema=1)
    del record["edits"]
    for one in record["flags"]:
        one["dismissed"] = one.pop("state") == "open" and one["kind"] == "number"
        del one["comment"], one["finding"]
    found = parse_corrections(record)
    assert (found.dismissed, len(found.flags), found.edits) == (2, 2, {})
