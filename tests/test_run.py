"""Corpora: plans, units, failures, kills, resumption, reports; what is done is done once, to the same bytes."""

import contextlib
import errno
import importlib.util
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from align.encode import kernels
from align.engine.lease import _is_dead, locked
from align.engine.storage import Store, size_of
from align.errors import DamagedError, DecodingError, FormatError, InputError, OutputError, UsageError
from align.filter import FilterSpec
from align.pipeline import Options
from align.run import How, Settings, find, from_dict, run
from align.run.driver import Progress
from align.run.inputs import key
from align.run.ledger import Change, Done, Entry, Ledger, Planned
from align.run.local import LocalEngine, _Trial
from align.run.unit import Failure, Task, Work, _batches, _failure, unit_key

SENTENCES = (
    ("وصل الوزير إلى القاهرة مساء يوم الاثنين.", "The minister arrived in Cairo on Monday evening."),
    ("تضم المكتبة أكثر من ثلاثة آلاف مخطوطة.", "The library holds more than three thousand manuscripts."),
    ("لم يُعلن بعد عن موعد الانتخابات القادمة.", "The date of the next elections has not been announced yet."),
    ("ارتفعت أسعار القمح بنسبة خمسة في المئة.", "Wheat prices rose by five per cent."),
    ("يعمل في المصنع مئتا عامل من أبناء القرية.", "Two hundred workers from the village are employed in the factory."),
    ("كتب الشاعر قصيدته الأولى وهو في السابعة عشرة.", "The poet wrote his first poem when he was seventeen."),
    ("أغلقت المدارس أبوابها بسبب العاصفة الرملية.", "Schools closed their doors because of the sandstorm."),
    ("هذا الدواء لا يُعطى للأطفال دون سن السادسة.", "This medicine is not given to children under the age of six."),
    ("افتُتح المتحف الجديد قرب النهر قبل عامين.", "The new museum opened near the river two years ago."),
    ("تُزرع أشجار الزيتون على سفوح التلال.", "Olive trees are grown on the slopes of the hills."),
    ("سافر المهندسون إلى الميناء لفحص السفينة.", "The engineers travelled to the port to inspect the ship."),
    ("وُقّعت الاتفاقية في جنيف بعد مفاوضات طويلة.", "The agreement was signed in Geneva after long negotiations."),
)


def lay(folder: Path, count: int, size: int = 4) -> tuple[Path, Path]:
    """Two folders with `count` pairs of `size` lines each."""
    for side, lang in enumerate(("ar", "en")):
        (folder / lang).mkdir(parents=True)
        for k in range(count):
            lines = [SENTENCES[(k + i) % len(SENTENCES)][side] for i in range(size)]
            (folder / lang / f"{k:03d}.txt").write_text("\n".join(lines) + "\n", "utf-8")
    return folder / "ar", folder / "en"


def source(folders, pattern=None):
    return find(str(folders[0]), str(folders[1]) if folders[1] is not None else None, ("ar", "en"), pattern)


def settings(**changes):
    return Settings(**{"flags": False, "format": "jsonl", "unit_documents": 3, **changes})


INLINE = How(engine="inline")


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a run that does not hold times, and the report without them."""
    out = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if not path.is_file() or name in ("ledger.sqlite", ".lock", "report.html"):
            continue
        data = path.read_bytes()
        if name == "report.json":
            record = json.loads(data)
            del record["seconds"]
            for one in record["documents"]:
                del one["seconds"]
            data = json.dumps(record).encode()
        out[name] = data
    return out


def same(one: dict[str, bytes], two: dict[str, bytes]) -> bool:
    """Whether runs wrote the same bytes; where the encoder has no machine code, whose products depend on nothing else, decimals
    may differ in what was their last bits: by 1e-4."""
    if kernels.available() or one.keys() != two.keys():
        return one == two
    decimal = re.compile(rb"\d+\.\d+(?:e-\d+)?")
    pairs = [(as_text(name, one[name]), as_text(name, two[name])) for name in one]
    return all(decimal.split(first) == decimal.split(second)
               and all(abs(float(x) - float(y)) < 1e-4 for x, y in zip(decimal.findall(first), decimal.findall(second), strict=True))
               for first, second in pairs)


def as_text(name: str, data: bytes) -> bytes:
    """A part's rows as JSON where it is Parquet; other files as they are."""
    if not name.endswith(".parquet"):
        return data
    import io

    from pyarrow import parquet

    return json.dumps(parquet.read_table(io.BytesIO(data)).to_pylist()).encode()


def records(folder: Path) -> list[dict]:
    return [json.loads(line) for path in sorted((folder / "shards").glob("*.jsonl"))
            for line in path.read_text("utf-8").splitlines()]


# Inputs


@pytest.mark.parametrize(("ar", "en"), [
    ("report.ar.txt", "report.en.txt"),
    ("report_AR.docx", "report_EN.txt"),
    ("ar/2024/report.txt.gz", "en/2024/report.txt"),
    ("News-Arabic.txt", "News-English.html"),
    ("report.ar", "report.en"),
    ("تقرير_عربي.txt", "تقرير_english.txt"),
    ("v1.2.ar.txt", "v1.2.en.txt"),
])  # fmt: skip
def test_names_that_belong_together(ar, en):
    assert key(ar, "ar") == key(en, "en")


@pytest.mark.parametrize(("one", "other"), [("report.ar.txt", "reports.en.txt"), ("a/x.txt", "b/x.txt"),
                                            ("market.txt", "mket.txt"), ("v1.2.ar.txt", "v1.3.en.txt")])
def test_names_that_do_not(one, other):
    assert key(one, "ar") != key(other, "en")


def test_a_language_inside_a_word_is_no_language():
    assert key("arena.txt", "ar") == "arena"
    assert key("open_en.txt", "en") == "open"


def test_one_folder_holds_both_sides(tmp_path):
    for name in ("a.ar.txt", "a.en.txt", "b/ar/x.txt", "b/en/x.txt", "c.ar.txt", "notes.txt", ".ar.en"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x", "utf-8")
    found = source((tmp_path, None))
    assert list(found.entries()) == [Entry("a", "a.ar.txt", "a.en.txt"), Entry("b/x", "b/ar/x.txt", "b/en/x.txt")]
    assert found.unpaired == {"ar": 1, "en": 0}
    assert found.examples == {"ar": ["c.ar.txt"], "en": []}


def test_a_pattern_says_what_names_mean(tmp_path):
    for name in ("k7-x_ARABIC.txt", "k7-x_english.txt", "k8_arabic.md", "other.txt"):
        (tmp_path / name).write_text("x", "utf-8")
    found = source((tmp_path, None), "{id}_{lang}.*")
    assert list(found.entries()) == [Entry("k7-x", "k7-x_ARABIC.txt", "k7-x_english.txt")]
    for wrong in ("{id}.txt", "{lang}", "{id}{id}{lang}", "{name}.{lang}"):
        with pytest.raises(UsageError, match="once each"):
            list(source((tmp_path, None), wrong).entries())


def test_two_files_of_one_name_are_refused(tmp_path):
    for name in ("ar/x.txt", "ar/x.html", "en/x.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x", "utf-8")
    with pytest.raises(InputError, match=r"2 ar files have the name 'x' .*x\.html, x\.txt.*manifest"):
        list(source((tmp_path / "ar", tmp_path / "en")).entries())


@pytest.mark.parametrize(("name", "text", "expected"), [
    ("m.csv", "id,en,ar\n1,e/1.txt,a/1.txt\n2,e/2.txt,a/2.txt\n", [("1", "a/1.txt", "e/1.txt"),
                                                                  ("2", "a/2.txt", "e/2.txt")]),
    ("m.csv", "a/1.txt,e/1.txt\n\n\"a,2\",e/2.txt\n", [("a/1.txt", "a/1.txt", "e/1.txt"), ("a,2", "a,2", "e/2.txt")]),
    ("m.tsv", "a \"1\".txt\te.txt\tnumber one\n", [("number one", "a \"1\".txt", "e.txt")]),
    ("m.tsv", "\ufeffArabic\tEnglish\r\nعربي.txt\tx.txt\r\n", [("عربي.txt", "عربي.txt", "x.txt")]),
    ("m.jsonl", '{"ar": "a", "en": "e", "id": 7}\n\n{"ar_path": "b", "en_path": "f"}\n', [("7", "a", "e"),
                                                                                       ("b", "b", "f")]),
])  # fmt: skip
def test_manifests(tmp_path, name, text, expected):
    (tmp_path / name).write_text(text, "utf-8", newline="")
    found = source((tmp_path / name, None))
    assert [tuple(entry) for entry in found.entries()] == expected
    assert found.ar_base == found.en_base == str(tmp_path)


@pytest.mark.parametrize(("name", "data", "error", "said"), [
    ("m.csv", b"id,ar,en\n1,a.txt\n", FormatError, r"m\.csv:2: has 2 columns"),
    ("m.csv", b"ar,en\na.txt,\n", FormatError, r"m\.csv:2: names no English file"),
    ("m.csv", b"alone\n", FormatError, r"m\.csv:1: has one column"),
    ("m.csv", b"ar,en\n", InputError, "names no documents"),
    ("m.csv", b'ar,en\n"a" x,e\n', FormatError, r"m\.csv:2: is not CSV"),
    ("m.tsv", b"ar\ten\n\xe3\tx\n", DecodingError, "is not UTF-8"),
    ("m.jsonl", b"{}\n", FormatError, r"m\.jsonl:1: names no Arabic file"),
    ("m.jsonl", b"[1]\n", FormatError, r"m\.jsonl:1: is no JSON object"),
    ("m.jsonl", b'{"ar": 3, "en": "x"}\n', FormatError, r"m\.jsonl:1: ar is not a string"),
])  # fmt: skip
def test_bad_manifests(tmp_path, name, data, error, said):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(error, match=said):
        list(source((tmp_path / name, None)).entries())


def test_a_name_that_is_not_utf8_fails_alone(tmp_path, muwazi):
    folders = lay(tmp_path / "in", 2)
    for folder in folders:
        try:
            Path(os.fsdecode(os.fsencode(folder) + b"/b\xff.txt")).write_text("x", "utf-8")
        except OSError:
            pytest.skip("file names are always UTF-8 here")
    command = ("run", *folders, "-o", tmp_path / "out", "--format", "jsonl", "--no-flags", "-j", 1)
    said = "2 files could not be paired: b\\udcff.txt: its name is not UTF-8, ..."
    result = muwazi(*command, "--dry-run")
    assert (result.status, result.out.splitlines()[0][:11]) == (0, "2 documents")
    assert said in result.out
    result = muwazi(*command)
    assert result.status == 11
    assert "2 documents (2 new): 2 aligned, 0 failed" in result.err
    assert said in result.err
    failed = [json.loads(line) for line in (tmp_path / "out/failed.jsonl").read_text("utf-8").splitlines()]
    assert [(one["id"], one["message"], one["status"]) for one in failed] == [
        ("b\\udcff.txt", "b\\udcff.txt: its name is not UTF-8", 3)] * 2
    assert {r["document"] for r in records(tmp_path / "out")} == {"000", "001"}
    assert "such as <bdi>b\\udcff.txt: its name is not UTF-8</bdi>" in (tmp_path / "out/report.html").read_text("utf-8")


def test_a_manifest_names_files_that_can_be_written(tmp_path):
    (tmp_path / "m.jsonl").write_text('{"ar": "a", "en": "e"}\n{"ar": "b\\udcff", "en": "e"}\n', "utf-8")
    with pytest.raises(FormatError, match=r"m\.jsonl:2: has a name that is not UTF-8"):
        list(source((tmp_path / "m.jsonl", None)).entries())


def test_one_is_counted_as_one(tmp_path, muwazi):
    folders = lay(tmp_path / "in", 1, size=1)
    (folders[0] / "alone.txt").write_text("كلمة\n", "utf-8")
    command = ("run", *folders, "-o", tmp_path / "out", "-j", 1, "--no-flags", "--format", "jsonl")
    assert muwazi(*command, "--dry-run").out.startswith("1 document in 1 part, ")
    said = muwazi(*command).err
    assert "1 document (1 new): 1 aligned, 0 failed, 1 file without a counterpart; " in said
    assert "1 ar and 1 en segment: 1 pair, alone 0 ar and 0 en" in said
    assert "<p>1 document: 1 aligned, 0 failed</p>" in (tmp_path / "out/report.html").read_text("utf-8")
    (folders[1] / "000.txt").rename(folders[1] / "other.txt")
    assert f"{folders[0]} and {folders[1]}: no ar file and en file have the same name" in muwazi(*command).err


# The plan


def planned(*names, stamp="10 1"):
    return [Planned(Entry(name, name + ".ar", name + ".en"), stamp, stamp) for name in names]


def plan(ledger, entries, *, most=3, size=1000, whole=True, digests=lambda _: (None, None)):
    return ledger.plan(iter(entries), lambda _: (size, most), size_of, digests, is_whole=whole)


def units(ledger):
    return [[document.id for document in unit.documents] for unit in ledger.waiting()]


@pytest.fixture
def ledger(tmp_path):
    with contextlib.closing(Ledger(str(tmp_path / "ledger.sqlite"))) as found:
        yield found


def finish(ledger, unit, failed=False, digest="d"):
    done = [Done(d.number, {"segments": [1, 1]}, failed, digest, digest, 0.5, 0.1) for d in unit.documents]
    ledger.commit(unit.number, "key", done, {"align": 1.0})


def test_units_are_closed_by_number_and_by_bytes(ledger):
    assert plan(ledger, planned(*"abcde")) == Change(5, 0, 0)
    assert units(ledger) == [["a", "b", "c"], ["d", "e"]]
    assert plan(ledger, [*planned(*"abcde"), *planned("f", "g", stamp="300 1"), *planned("h", stamp="2000 1"),
                         *planned("i")]) == Change(4, 0, 0)
    # New documents never enter an old unit; a large one is alone.
    assert units(ledger) == [["a", "b", "c"], ["d", "e"], ["f"], ["g"], ["h"], ["i"]]


def test_only_what_changed_is_done_again(ledger):
    plan(ledger, planned(*"abcdef"))
    for unit in list(ledger.waiting()):
        finish(ledger, unit)
    assert units(ledger) == []
    # A new stamp with the old content changes nothing; new content does; a longer list adds.
    again = [*planned("a", "b", "c"), *planned("d", stamp="10 2"), *planned("e", "f", "g")]
    assert plan(ledger, again, digests=lambda _: ("d", "d")) == Change(1, 0, 0)
    assert units(ledger) == [["g"]]
    changed = [*planned("a", stamp="10 3"), *again[1:]]
    assert plan(ledger, changed, digests=lambda _: ("new", "d")) == Change(0, 1, 0)
    assert units(ledger) == [["a", "b", "c"], ["g"]]


def test_documents_that_are_gone_are_taken_out(ledger):
    plan(ledger, planned(*"abcd"))
    for unit in list(ledger.waiting()):
        finish(ledger, unit)
    assert plan(ledger, planned("a", "c", "d"), whole=False) == Change(0, 0, 0)
    assert plan(ledger, planned("a", "c", "d")) == Change(0, 0, 1)
    assert units(ledger) == [["a", "c"]]
    assert [document.id for document, *_ in ledger.records()] == ["a", "c", "d"]
    assert plan(ledger, planned(*"abcd")) == Change(0, 1, 0)
    assert units(ledger) == [["a", "b", "c"]]


def test_what_is_gone_or_has_changed_counts_as_it_is(ledger):
    plan(ledger, planned(*"abcde"))
    for unit in list(ledger.waiting()):
        finish(ledger, unit)
    assert ledger.standing() == (2, 2, 5, 5, 100, 100)
    plan(ledger, [*planned("a"), *planned("b", stamp="70 1")], digests=lambda _: ("new", "d"))
    # Of a, b, c one is gone and one has grown; of d, e nothing is left.
    assert ledger.standing() == (1, 0, 2, 0, 160, 0)
    plan(ledger, planned(*"abd"), digests=lambda _: ("d", "d"))
    assert ledger.standing() == (2, 0, 3, 0, 60, 0)
    assert [unit.bytes for unit in ledger.waiting()] == [40, 20]


def test_an_id_stands_for_one_document(ledger):
    with pytest.raises(FormatError, match="'b' stands for two"):
        plan(ledger, planned("a", "b", "b"))
    assert units(ledger) == []


def test_lost_parts_and_failed_documents_are_done_again(ledger):
    plan(ledger, planned(*"abcdef"))
    one, two = ledger.waiting()
    finish(ledger, one)
    finish(ledger, two, failed=True)
    assert ledger.again(lambda unit: [f"part-{unit}"], {"part-0", "part-1"}) == 0
    assert ledger.again(lambda unit: [f"part-{unit}"], {"part-1"}) == 1
    assert units(ledger) == [["a", "b", "c"]]
    assert ledger.retry_failed() == 1
    assert units(ledger) == [["a", "b", "c"], ["d", "e", "f"]]


def test_a_damaged_ledger_says_so(tmp_path):
    (tmp_path / "ledger.sqlite").write_bytes(b"not a database, and long enough to be none" * 10)
    with pytest.raises(DamagedError, match=r"ledger\.sqlite: is damaged"):
        Ledger(str(tmp_path / "ledger.sqlite"))


def test_any_flipped_bit_of_a_ledger_is_found_or_changes_nothing(tmp_path):
    path = tmp_path / "ledger.sqlite"
    with contextlib.closing(Ledger(str(path))) as ledger:
        plan(ledger, planned(*(f"document {k}" for k in range(40))))
        for unit in list(ledger.waiting())[:9]:
            finish(ledger, unit)
        before = list(ledger.records()), ledger.standing(), units(ledger)
    whole = path.read_bytes()
    rng = random.Random(7)
    found = 0
    for _ in range(400):
        data = bytearray(whole)
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        path.write_bytes(data)
        try:
            with contextlib.closing(Ledger(str(path))) as ledger:
                assert (list(ledger.records()), ledger.standing(), units(ledger)) == before
        except DamagedError as error:
            found += 1
            assert "--force starts anew" in str(error)
        except OutputError:  # a version of the file's own format that no library writes
            found += 1
    assert found > 50


def test_a_ledger_of_an_earlier_version_is_completed(tmp_path):
    path = str(tmp_path / "ledger.sqlite")
    with contextlib.closing(Ledger(path)) as ledger:
        plan(ledger, planned("a"))
        finish(ledger, next(ledger.waiting()))
    base = sqlite3.connect(path)
    for table in ("meta", "units", "documents"):
        base.execute(f"DROP TRIGGER {table}_insert")
        base.execute(f"DROP TRIGGER {table}_update")
        base.execute(f"ALTER TABLE {table} DROP COLUMN checked")
    base.execute("ALTER TABLE units DROP COLUMN parts")
    base.close()
    with contextlib.closing(Ledger(path)) as ledger:
        assert ledger.standing().documents_done == 1 and ledger.again(lambda _: ["x"], {"x": "1 2"}) == 0


# Units


def test_failures_keep_class_status_and_line():
    assert _failure(FormatError("/long/a.po:12: has no end"), [("/long/a.po", "a.po")]) == Failure(
        "FormatError", 8, "a.po:12: has no end", 12)
    assert _failure(InputError("a.txt: the file is empty")).line is None
    assert _failure(MemoryError()).message == "not enough memory for this document"
    assert _failure(KeyError("x")) == Failure("KeyError", 1, "'x'")


def test_a_unit_is_known_by_recipe_names_and_contents():
    from align.run.ledger import Document

    def work(id="a", digests=("1", "2")):
        return Work(Document(0, id, "a", "b"), digests)

    keys = {unit_key("r", [work()]), unit_key("s", [work()]), unit_key("r", [work("b")]),
            unit_key("r", [work(digests=("1", "3"))]), unit_key("r", [work(), work()]), unit_key("r", [work("a", ("2", "1"))])}
    assert len(keys) == 6
    assert unit_key("r", [work()]) == unit_key("r", [work()])


def test_batches_hold_whole_documents_in_order(monkeypatch):
    class Fake:
        def __init__(self, characters):
            self.characters = characters

    monkeypatch.setattr("align.run.unit.BATCH", 10)
    sizes = [[work.characters for work in batch] for batch in _batches([Fake(n) for n in (4, 5, 2, 30, 1, 9, 1)])]
    assert sizes == [[4, 5], [2], [30], [1, 9], [1]]


def test_settings_survive_json():
    chosen = settings(options=Options(cache=False, langs=("ar_EG", "en"), limits=(3, 4), encoding="cp1256"))
    assert from_dict(json.loads(json.dumps(chosen.as_dict()))) == chosen
    with pytest.raises(FormatError, match="missing or unknown"):
        from_dict({"options": {"tongue": 1}})


# Runs


def test_a_run_is_the_alignment_of_each_pair(tmp_path):
    from align import align_files, pairs

    folders = lay(tmp_path / "in", 4)
    outcome = run(source(folders), str(tmp_path / "out"), settings(), INLINE)
    assert outcome.standing[:4] == (2, 2, 4, 4)
    found = records(tmp_path / "out")
    assert [(r["document"], r["bead"]) for r in found] == [(f"{k:03d}", b) for k in range(4) for b in range(4)]
    for k in range(4):
        alone = list(pairs(align_files(folders[0] / f"{k:03d}.txt", folders[1] / f"{k:03d}.txt", Options(cache=False))))
        own = [(r["ar"], r["en"]) for r in found if r["document"] == f"{k:03d}"]
        assert own == [(ar, en) for ar, en, _ in alone] == [SENTENCES[(k + i) % 12] for i in range(4)]
    total = outcome.report["total"]
    assert (total["pairs"], total["segments"], total["alone"], total["types"]) == (16, [16, 16], [0, 0], {"1:1": 16})


def test_parts_of_other_formats_hold_the_same_rows(tmp_path):
    from align.read.bitext import read_bitext

    folders = lay(tmp_path / "in", 2)
    for format in ("parquet", "tsv", "csv"):
        run(source(folders), str(tmp_path / format), settings(format=format), INLINE)
        found = list(read_bitext(tmp_path / format / "shards" / f"part-000000.{format}"))
        assert [(row.ar.text, row.en.text) for row in found] == [SENTENCES[(k + i) % 12] for k in (0, 1) for i in range(4)]
        assert [row.extra["document"] for row in found] == ["000"] * 4 + ["001"] * 4
    run(source(folders), str(tmp_path / "moses"), settings(format="moses"), INLINE)
    assert sorted(p.name for p in (tmp_path / "moses" / "shards").iterdir()) == ["part-000000.ar", "part-000000.en"]


def test_flags_name_their_document(tmp_path):
    folders = lay(tmp_path / "in", 2)
    (folders[1] / "001.txt").write_text(
        (folders[1] / "001.txt").read_text("utf-8").replace("five per cent", "nine per cent"), "utf-8")
    outcome = run(source(folders), str(tmp_path / "out"), settings(flags=True), INLINE)
    found = [json.loads(line) for line in (tmp_path / "out/flags/part-000000.jsonl").read_text("utf-8").splitlines()]
    assert ("001", "number", "mismatch", "nine") in {(f["document"], f["kind"], f["relation"], f["text"])
                                                              for f in found}
    assert all(f["document"] == "001" for f in found)
    assert sum(outcome.report["total"]["flags"].values()) == len(found)


def test_a_bad_document_stops_nothing(tmp_path, muwazi):
    folders = lay(tmp_path / "in", 4)
    (folders[0] / "001.txt").write_bytes(b"\xca\xc7\xd1\xed\xce\n" * 20)
    (folders[1] / "002.txt").write_bytes(b"")
    (tmp_path / "in/m.csv").write_text("ar,en,id\n" + "".join(
        f"ar/{k:03d}.txt,en/{k:03d}.txt,d{k}\n" for k in range(4)) + "ar/none.txt,en/000.txt,lost\n", "utf-8")
    result = muwazi("run", tmp_path / "in/m.csv", "-o", tmp_path / "out", "--format", "jsonl", "--no-flags", "-j", 1)
    assert result.status == 11
    assert "5 documents (5 new): 2 aligned, 3 failed" in result.err
    failed = [json.loads(line) for line in (tmp_path / "out/failed.jsonl").read_text("utf-8").splitlines()]
    assert [(f["id"], f["error"], f["status"]) for f in failed] == [
        ("d1", "DecodingError", 4), ("d2", "InputError", 3), ("lost", "InputError", 3)]
    assert failed[0]["message"].startswith("ar/001.txt: byte 0 (0xca) is not UTF-8")
    assert failed[2]["message"] == "ar/none.txt: no such file"
    assert {r["document"] for r in records(tmp_path / "out")} == {"d0", "d3"}
    report = json.loads((tmp_path / "out/report.json").read_text("utf-8"))
    assert [d["state"] for d in report["documents"]] == ["failed"] * 3 + ["done"] * 2
    # What was repaired is done the next time, and nothing else.
    lay(tmp_path / "new", 4)
    (folders[0] / "001.txt").write_bytes((tmp_path / "new/ar/001.txt").read_bytes())
    (folders[1] / "002.txt").write_bytes((tmp_path / "new/en/002.txt").read_bytes())
    (folders[0] / "none.txt").write_bytes((tmp_path / "new/ar/000.txt").read_bytes())
    result = muwazi("run", tmp_path / "in/m.csv", "-o", tmp_path / "out", "--format", "jsonl", "--no-flags", "-j", 1)
    assert result.status == 0
    assert "5 documents (3 changed): 5 aligned, 0 failed" in result.err


def test_a_run_goes_on_and_grows(tmp_path):
    folders = lay(tmp_path / "in", 5)
    seen = []
    run(source(folders), str(tmp_path / "out"), settings(), How(engine="inline", limit=3), progress=seen.append)
    assert seen[-1].standing.documents == 3
    before = contents(tmp_path / "out")
    inode = (tmp_path / "out/shards/part-000000.jsonl").stat().st_ino
    outcome = run(source(folders), str(tmp_path / "out"), settings(), INLINE)
    assert outcome.change == Change(2, 0, 0)
    assert (tmp_path / "out/shards/part-000000.jsonl").stat().st_ino == inode
    run(source(folders), str(tmp_path / "whole"), settings(), INLINE)
    assert contents(tmp_path / "out") == contents(tmp_path / "whole") != before


def test_a_limit_takes_nothing_out_and_says_so(tmp_path, muwazi):
    command = ("run", *lay(tmp_path / "in", 4), "-o", tmp_path / "out", "--format", "jsonl", "--no-flags", "-j", 1)
    assert "--limit" not in muwazi(*command, "--limit", 3).err
    said = f"--limit 2 takes nothing out: {tmp_path / 'out'} has 3 documents from before; name another folder for fewer"
    assert said in muwazi(*command, "--limit", 2).err.replace("muwazi: ", "").splitlines()
    assert said in muwazi(*command, "--limit", 2, "--dry-run").out.splitlines()
    assert len({r["document"] for r in records(tmp_path / "out")}) == 3


def test_other_settings_are_refused(tmp_path):
    folders = lay(tmp_path / "in", 1)
    run(source(folders), str(tmp_path / "out"), settings(), INLINE)
    with pytest.raises(UsageError, match=r"begun with other settings \(beads \[8, 8\], now \[2, 8\]\); --force"):
        run(source(folders), str(tmp_path / "out"), settings(options=Options(cache=False, limits=(2, 8))), INLINE)
    run(source(folders), str(tmp_path / "out"), settings(format="tsv"), How(engine="inline", force=True))
    assert [p.name for p in (tmp_path / "out/shards").iterdir()] == ["part-000000.tsv"]


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    folders = lay(tmp_path / "in", 1)
    (tmp_path / "out").mkdir()
    (tmp_path / "out/thesis.txt").write_text("mine", "utf-8")
    for how in (INLINE, How(engine="inline", force=True)):
        with pytest.raises(OutputError, match="name another folder"):
            run(source(folders), str(tmp_path / "out"), settings(), how)
    assert (tmp_path / "out/thesis.txt").read_text("utf-8") == "mine"
    with pytest.raises(OutputError, match="is a file"):
        run(source(folders), str(tmp_path / "out/thesis.txt"), settings(), INLINE)


@pytest.mark.parametrize("name", ["notes.txt", "shards/notes.txt", "flags/part-000000.jsonl/x", "mine/x", "shards/part-0.tsv.zip"])
def test_force_removes_all_that_is_its_own_or_nothing(tmp_path, name):
    folders = lay(tmp_path / "in", 3)
    out = tmp_path / "out"
    run(source(folders), str(out), settings(), INLINE)
    foreign = out / name
    if foreign.parent.is_file():
        foreign.parent.unlink()
    foreign.parent.mkdir(exist_ok=True, parents=True)
    foreign.write_text("mine", "utf-8")
    before = contents(out)
    with pytest.raises(OutputError, match=rf"holds what no run has made \({name.removesuffix('/x')}\), so --force removes nothing"):
        run(source(folders), str(out), settings(format="tsv"), How(engine="inline", force=True))
    assert contents(out) == before


def test_force_deletes_nothing_through_a_link(tmp_path):
    folders = lay(tmp_path / "in", 1)
    out = tmp_path / "out"
    run(source(folders), str(out), settings(), INLINE)
    (out / "shards").rename(tmp_path / "elsewhere")
    (out / "shards").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputError, match=r"holds what no run has made \(shards\)"):
        run(source(folders), str(out), settings(format="tsv"), How(engine="inline", force=True))
    assert [p.name for p in (tmp_path / "elsewhere").iterdir()] == ["part-000000.jsonl"]
    with pytest.raises(OutputError, match="is a link; nothing is deleted through it"):
        Store(str(out)).remove("shards/part-000000.jsonl")


def test_damaged_parts_are_found_and_made_again(tmp_path, muwazi):
    folders = lay(tmp_path / "in", 5)
    out = tmp_path / "out"
    command = ("run", *folders, "-o", out, "-j", 1, "--format", "jsonl", "--part-documents", 2)
    assert muwazi(*command).status == 0
    good = contents(out)
    checked = muwazi(*command, "--verify")
    assert checked.status == 0 and checked.err == "6 files as written\n"
    one, two = out / "shards/part-000001.jsonl", out / "flags/part-000000.jsonl"
    state = one.stat()
    data = bytearray(one.read_bytes())
    data[40] ^= 1
    one.write_bytes(data)
    os.utime(one, ns=(state.st_atime_ns, state.st_mtime_ns))  # as a disk does it
    two.write_bytes(two.read_bytes() + b"{}\n")
    checked = muwazi(*command, "--verify")
    assert checked.status == 14 and checked.err.count("\n") == 1
    assert "2 of 6 files missing or not as written (flags/part-000000.jsonl, shards/part-000001.jsonl)" in checked.err
    assert muwazi(*command).status == 0 and contents(out) == good
    one.write_bytes(one.read_bytes()[:-5])
    assert muwazi(*command).status == 0 and contents(out) == good
    one.write_bytes(one.read_bytes().replace(b"0", b"1", 1))  # of the same size, at another time
    assert muwazi(*command).status == 0 and contents(out) == good
    assert muwazi("run", out / "run.json", "--verify").status == 0
    (out / "ledger.sqlite").write_bytes(b"\0" * 5000)
    for extra in ((), ("--verify",)):
        done = muwazi(*command, *extra)
        assert done.status == 14 and "ledger.sqlite: is damaged" in done.err and done.err.count("\n") == 1


def test_two_runs_on_one_output_are_refused(tmp_path):
    folders = lay(tmp_path / "in", 1)
    (tmp_path / "out").mkdir()
    with locked(Store(str(tmp_path / "out"))), pytest.raises(OutputError, match=f"another run works on it.*{os.getpid()}"):
        run(source(folders), str(tmp_path / "out"), settings(), INLINE)
    run(source(folders), str(tmp_path / "out"), settings(), INLINE)


def test_a_full_disk_ends_in_one_line_and_goes_on(tmp_path, monkeypatch):
    folders = lay(tmp_path / "in", 5)
    real = os.fsync
    count = 0

    def full(descriptor):
        nonlocal count
        if os.readlink(f"/proc/self/fd/{descriptor}").endswith(".part"):
            count += 1
            if count == 3:  # run.json and the first part are written
                raise OSError(28, "No space left on device")
        real(descriptor)

    if not Path("/proc/self/fd").is_dir():
        pytest.skip("needs /proc to see which file is written")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match=r"part-000001\.jsonl: cannot be written: No space left on device"):
        run(source(folders), str(tmp_path / "out"), settings(), INLINE)
    monkeypatch.undo()
    assert not list((tmp_path / "out").rglob("*.part"))
    with contextlib.closing(Ledger(str(tmp_path / "out/ledger.sqlite"))) as ledger:
        assert ledger.standing().units_done == 1
    run(source(folders), str(tmp_path / "out"), settings(), INLINE)
    run(source(folders), str(tmp_path / "whole"), settings(), INLINE)
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def test_a_dry_run_writes_nothing(tmp_path, muwazi):
    folders = lay(tmp_path / "in", 4)
    result = muwazi("run", *folders, "-o", tmp_path / "out", "--dry-run", "--part-documents", 3)
    assert result.status == 0
    assert result.out.startswith("4 documents in 2 parts, 2.")
    assert "done already: 0 documents in 0 parts, 0 bytes" in result.out
    assert "left to do: about" in result.out
    assert not (tmp_path / "out").exists()
    run(source(folders), str(tmp_path / "out"), settings(), INLINE)
    (folders[0] / "003.txt").write_bytes((folders[0] / "000.txt").read_bytes())
    before = contents(tmp_path / "out")
    result = muwazi("run", *folders, "-o", tmp_path / "out", "--dry-run", "--part-documents", 3, "--format", "jsonl",
                    "--no-flags")
    assert "done already: 3 documents in 1 part," in result.out
    assert "changed: 1, gone: 0" in result.out
    assert contents(tmp_path / "out") == before
    (folders[0] / "001.txt").unlink()
    result = muwazi("run", *folders, "-o", tmp_path / "out", "--dry-run", "--part-documents", 3, "--format", "jsonl",
                    "--no-flags")
    assert result.out.startswith("3 documents in 2 parts")
    assert "done already: 0 documents in 0 parts, 0 bytes" in result.out


def test_a_saved_run_repeats_itself(tmp_path, muwazi):
    folders = lay(tmp_path / "in", 2)
    run(source(folders), str(tmp_path / "out"), settings(), INLINE)
    result = muwazi("run", tmp_path / "out/run.json", "-o", tmp_path / "again", "-j", 1)
    assert result.status == 0
    assert contents(tmp_path / "again") == contents(tmp_path / "out")
    # Without another folder it goes on with its own.
    assert "(nothing new)" in muwazi("run", tmp_path / "out/run.json").err
    (tmp_path / "alone.json").write_bytes((tmp_path / "out/run.json").read_bytes())
    assert muwazi("run", tmp_path / "alone.json").status == 2


def test_the_manifest_of_a_pair_repeats_it(tmp_path, muwazi):
    folders = lay(tmp_path / "in", 1)
    ar, en = (folder / "000.txt" for folder in folders)
    assert muwazi("align", ar, en, "-o", tmp_path / "a.jsonl", "-f", "jsonl", "--manifest", tmp_path / "m.json").status == 0
    assert muwazi("run", tmp_path / "m.json", "-o", tmp_path / "b.jsonl").status == 0
    assert (tmp_path / "b.jsonl").read_bytes() == (tmp_path / "a.jsonl").read_bytes()
    en.write_text("Something else.\n", "utf-8")
    result = muwazi("run", tmp_path / "m.json")
    assert (result.status, result.err) == (3, f"muwazi: {en}: has changed since the manifest was written\n")


@pytest.mark.parametrize(("arguments", "status", "said"), [
    (("none.csv", "-o", "out"), 3, "none.csv: cannot be read: No such file or directory"),
    (("in",), 2, "name the folder of the output with -o FOLDER"),
    (("nofile", "-o", "out"), 3, "nofile: no such file or folder"),
    (("nothere/", "-o", "out"), 3, "nothere/: no such file or folder"),
    (("nothere", "-o", "out", "--pair"), 3, "nothere: no such folder"),
    (("in/ar", "in/none", "-o", "out"), 3, "in/none: no such folder"),
    (("in/ar", "in/ar/000.txt", "-o", "out"), 2, "in/ar/000.txt: is no folder"),
    (("in/twice.csv", "-o", "out"), 8, "in/twice.csv:5: the id 'x' stands for two documents; each needs its own "),
    (("in/twice.csv", "-o", "out"), 8, "own (it stands in line 2 too)"),
    (("in/ar/000.txt", "-o", "out"), 2, "a manifest is named .csv, .tsv or .jsonl"),
    (("in/ar", "-o", "out"), 3, "in/ar: no ar file and en file have the same name"),
    (("in", "-o", "out", "-f", "pdf"), 2, "unknown format 'pdf'"),
    (("in", "-o", "out", "--engine", "slurm"), 2, "--engine is local or ray"),
    (("in/bad.json", "-o", "out"), 8, "in/bad.json:1: is neither a saved run nor a manifest"),
])  # fmt: skip
def test_what_cannot_be_run_says_why(tmp_path, muwazi, monkeypatch, arguments, status, said):
    lay(tmp_path / "in", 1)
    (tmp_path / "in/bad.json").write_text("{}", "utf-8")
    (tmp_path / "in/twice.csv").write_text("id,ar,en\nx,a,e\ny,b,f\n\nx,c,g\nx,d,h\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    result = muwazi("run", *arguments)
    assert result.status == status
    assert said in result.err
    assert result.err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_the_page_holds_everything_and_nothing_runs(tmp_path):
    lay(tmp_path / "in", 2)
    evil = '<script>alert("x")</script>'
    (tmp_path / "in/m.jsonl").write_text(json.dumps({"ar": "ar/000.txt", "en": "en/000.txt", "id": evil}) + "\n"
                                         + json.dumps({"ar": f"{evil}.txt", "en": "en/001.txt"}) + "\n", "utf-8")
    outcome = run(source((tmp_path / "in/m.jsonl", None)), str(tmp_path / "out"), settings(), INLINE)
    assert outcome.failed == 1
    page = (tmp_path / "out/report.html").read_text("utf-8")
    assert page.count("<script>") == 1
    assert "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;</bdi>" in page
    assert "InputError: &lt;script&gt;" in page
    assert "http" not in page.replace("http-equiv", "")
    assert "2 documents: 1 aligned, 1 failed" in page
    # Failed first, then by quality.
    assert page.index('<tr class="failed">') < page.index("<tr><td")


def test_progress_tells_rate_and_remaining_time():
    from align.run.ledger import Standing

    now = Progress(Standing(10, 4, 100, 40, 1000, 400), 200, 20, 500, 1, 10.0)
    assert (now.rate, now.remaining) == (50.0, 30.0)
    assert Progress(Standing(1, 0, 1, 0, 10, 0), 0, 0, 0, 0, 1.0).remaining is None


# Filter and pairing


def test_a_filter_sees_all_documents_at_once(tmp_path, muwazi):
    folders = lay(tmp_path / "in", 7)
    (folders[0] / "000.txt").write_text("كلمة\n" + (folders[0] / "000.txt").read_text("utf-8"), "utf-8")
    command = ("run", *folders, "-o", tmp_path / "out", "--format", "jsonl", "--no-flags", "--part-documents", 3, "-j", 1,
               "--filter")
    result = muwazi(*command, "default")
    assert result.status == 0
    good, bad = ([json.loads(line) for path in sorted((tmp_path / "out" / folder).iterdir())
                  for line in path.read_text("utf-8").splitlines()] for folder in ("bitext", "rejects"))
    # Documents overlap: each pair is kept where it stands first, and what stands alone is no pair.
    texts = [(r["ar"], r["en"]) for r in good]
    assert len(set(texts)) == len(texts) >= 9
    assert set(texts) <= set(SENTENCES)
    assert len(good) + len(bad) == len(records(tmp_path / "out"))
    assert all(r["reasons"] for r in bad)
    reasons = {r["ar"]: r["reasons"] for r in bad if not r["en"]}
    assert reasons in ({}, {"كلمة": "one_sided"})
    assert sum("duplicate" in r["reasons"].split(",") for r in bad) >= 15
    assert [r["document"] for r in good] == sorted(r["document"] for r in good)
    said = json.loads((tmp_path / "out/filter.json").read_text("utf-8"))
    assert (said["kept"], said["rejected"]) == (len(good), len(bad))
    assert f"{len(good):,} pairs kept by default, {len(bad):,} rejected" in result.err
    # The same again is not done again; another promise is, and nothing is aligned anew.
    inode = (tmp_path / "out/bitext/part-000000.jsonl").stat().st_ino
    shard = (tmp_path / "out/shards/part-000000.jsonl").stat().st_ino
    muwazi(*command, "default")
    assert (tmp_path / "out/bitext/part-000000.jsonl").stat().st_ino == inode
    result = muwazi(*command, "default", "--precision", "0.9", "--bitext-format", "moses")
    assert "(expected precision 0.9" in result.err
    assert sorted(p.name for p in (tmp_path / "out/bitext").iterdir())[:2] == ["part-000000.ar", "part-000000.en"]
    assert not (tmp_path / "out/bitext/part-000000.jsonl").exists()
    assert (tmp_path / "out/shards/part-000000.jsonl").stat().st_ino == shard
    lines = [path.read_text("utf-8").count("\n") for path in (tmp_path / "out/bitext").glob("part-000000.*")]
    assert lines[0] == lines[1] > 0


def test_bitext_of_an_earlier_state_does_not_stay(tmp_path, muwazi):
    folders = lay(tmp_path / "in", 4)
    out = tmp_path / "out"
    command = ("run", *folders, "-o", out, "--format", "jsonl", "--no-flags", "--part-documents", 3, "-j", 1)
    assert muwazi(*command, "--filter", "default", "--precision", "0.9").status == 0
    said = json.loads((out / "filter.json").read_text("utf-8"))
    before = contents(out / "bitext"), contents(out / "rejects")
    # Nothing has changed: it stays, and the report goes on telling of it.
    result = muwazi(*command)
    assert "removed" not in result.err
    assert (contents(out / "bitext"), contents(out / "rejects")) == before
    assert json.loads((out / "report.json").read_text("utf-8"))["filter"] == said
    for folder in folders:
        (folder / "000.txt").unlink()
    result = muwazi(*command)
    assert "removed bitext/ and rejects/, which were of an earlier state; --filter makes them anew" in result.err
    assert {path.name for path in out.iterdir()}.isdisjoint({"bitext", "rejects", "filter.json"})
    assert "filter" not in json.loads((out / "report.json").read_text("utf-8"))
    assert "removed" not in muwazi(*command).err
    assert muwazi(*command, "--filter", "default", "--precision", "0.9").status == 0
    assert {r["document"] for path in (out / "bitext").iterdir()
            for r in map(json.loads, path.read_text("utf-8").splitlines())} <= {"001", "002", "003"}


@pytest.mark.parametrize(("extra", "said"), [
    (("--filter", "none"), "no profile is called 'none'"),
    (("--filter", "strict", "--no-flags"), "'strict' goes by flags"),
    (("--filter", "default", "-f", "tmx"), "which tmx does not hold"),
    (("--precision", "0.9"), "--precision is for --filter"),
    (("--pair", "--pattern", "{id}.{lang}"), "give one of them"),
])
def test_filters_that_cannot_be_are_refused_at_once(tmp_path, muwazi, extra, said):
    result = muwazi("run", *lay(tmp_path / "in", 1), "-o", tmp_path / "out", *extra)
    assert result.status == 2
    assert said in result.err
    assert not (tmp_path / "out").exists()


def test_files_are_paired_by_content_once(tmp_path, muwazi, monkeypatch):
    (tmp_path / "in").mkdir()
    for k, name in enumerate(("zeta", "alpha")):
        for side, lang in enumerate(("ar", "en")):
            lines = [SENTENCES[6 * k + i][side] for i in range(6)]
            # Names say nothing: what is called 0 on one side is called 1 on the other.
            (tmp_path / "in" / f"{lang}{k if side else 1 - k}-{name if side else ''}.txt").write_text("\n".join(lines), "utf-8")
    command = ("run", tmp_path / "in", "--pair", "-o", tmp_path / "out", "--format", "jsonl", "--no-flags", "-j", 1)
    result = muwazi(*command)
    assert result.status == 0, result.err
    assert "2 documents (2 new): 2 aligned, 0 failed" in result.err
    assert {(r["ar"], r["en"]) for r in records(tmp_path / "out")} == set(SENTENCES)

    def refuse(*_, **__):
        raise AssertionError("compared again")

    monkeypatch.setattr("align.pairing.documents.pair_documents", refuse)
    assert "2 documents (nothing new)" in muwazi(*command).err
    assert "2 documents (nothing new)" in muwazi("run", tmp_path / "out/run.json", "-o", tmp_path / "out").err
    # Pairs that another least probability leaves out would lose their work.
    before = contents(tmp_path / "out")
    for extra in ((), ("--dry-run",)):
        result = muwazi(*command, "--min-pair-probability", "1", *extra)
        assert result.status == 2
        assert "begun with other settings (min_pair_probability 0.5, now 1); --force" in result.err
    assert contents(tmp_path / "out") == before


# Object storage

S3 = """
import json, os, signal, subprocess, sys, time, warnings
warnings.simplefilter("ignore")
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
host, port = server.get_host_and_port()
os.environ.update(AWS_ENDPOINT_URL=f"http://{host}:{port}", AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x",
                  AWS_DEFAULT_REGION="us-east-1")
import fsspec
fs = fsspec.filesystem("s3", use_listings_cache=False)
fs.mkdir("corpus")
fs.put(sys.argv[1] + "/", "corpus/in/", recursive=True)
command = [sys.executable, "-m", "align", "run", "s3://corpus/in", "-o", "s3://corpus/out", "--no-flags", "--format", "jsonl",
           "--part-documents", "1", "-j", "1"]
first = subprocess.Popen(command, stderr=subprocess.PIPE)
end = time.monotonic() + 60
while time.monotonic() < end and first.poll() is None and not fs.exists("corpus/out/units/part-000001.json"):
    time.sleep(0.05)
first.send_signal(signal.SIGSTOP)  # so that it cannot be done before the second has begun
second = subprocess.run(command, capture_output=True)
first.kill()
first.communicate()
before = len(fs.ls("corpus/out/units"))
third = subprocess.run(command, capture_output=True)
fs.get("corpus/out/", sys.argv[2] + "/", recursive=True)
print(json.dumps([second.returncode, second.stderr.decode(), before, third.returncode, third.stderr.decode()]))
os._exit(0)
"""


@pytest.mark.skipif(any(importlib.util.find_spec(name) is None for name in ("moto", "flask", "s3fs")),
                    reason="needs pip install 'moto[server]' s3fs")
def test_on_object_storage_it_is_the_same(tmp_path):
    folders = lay(tmp_path / "in", 8)
    (folders[0] / "003.txt").write_bytes(b"")
    run(source((tmp_path / "in", None)), str(tmp_path / "whole"), settings(unit_documents=1), INLINE)
    child = subprocess.run([sys.executable, "-c", S3, str(tmp_path / "in"), str(tmp_path / "out")], cwd=tmp_path,
                           capture_output=True, timeout=240, check=True,
                           env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)})
    status, said, before, last, how = json.loads(child.stdout.splitlines()[-1])
    assert status == OutputError.status, said
    assert "s3://corpus/out: another run works on it (process" in said
    # The lease of a process that is dead on this machine is no obstacle; what it had done is done.
    assert 2 <= before < 8
    assert last == 11, how
    assert "7 aligned, 1 failed" in how
    one, two = contents(tmp_path / "out"), contents(tmp_path / "whole")
    assert {name for name in one if name.startswith("units/")} == {f"units/part-{k:06d}.json" for k in range(8)}
    for name in ("shards/part-000000.jsonl", "shards/part-000003.jsonl", "shards/part-000007.jsonl", "failed.jsonl"):
        assert one[name] == two[name]
    assert json.loads(one["report.json"])["total"] == json.loads(two["report.json"])["total"]


def test_an_output_by_url_knows_what_is_done(tmp_path):
    fsspec = pytest.importorskip("fsspec")
    system = fsspec.filesystem("memory")
    folders = lay(tmp_path / "in", 4)
    try:
        run(source(folders), "memory://out", settings(), How(engine="inline", limit=3))
        seen = []
        run(source(folders), "memory://out", settings(), INLINE, progress=seen.append)
        assert seen[0].standing[:4] == (2, 1, 4, 3)
        seen.clear()
        run(source(folders), "memory://out", settings(), INLINE, progress=seen.append)
        assert seen[0].standing[:4] == (2, 2, 4, 4)
        assert not system.exists("/out/.lease")
        system.pipe_file("/thesis/mine.txt", b"x")
        with pytest.raises(OutputError, match="holds other files than a run"):
            run(source(folders), "memory://thesis", settings(), INLINE)
    finally:
        for folder in ("/out", "/thesis"):
            system.rm(folder, recursive=True)


@pytest.mark.parametrize(("error", "is_taken"), [
    (OSError(errno.ENOSYS, "a header implies functionality that is not implemented"), True),
    (TypeError("pipe_file() got an unexpected keyword argument 'mode'"), True),
    (OSError(errno.EACCES, "access denied"), False),
    (ValueError("no such bucket"), False),
], ids=["no-condition", "no-mode", "denied", "other"])
def test_a_store_that_cannot_write_only_what_is_new_takes_a_lease_all_the_same(monkeypatch, error, is_taken):
    from fsspec.implementations.memory import MemoryFileSystem

    plain = MemoryFileSystem.pipe_file

    def without(self, path, value, **how):
        if how:
            raise error
        plain(self, path, value)

    monkeypatch.setattr(MemoryFileSystem, "pipe_file", without)
    with pytest.raises(OutputError, match="cannot be written") if not is_taken else contextlib.nullcontext(), locked(Store("memory://leased")):
        assert MemoryFileSystem().exists("/leased/.lease")


def test_a_lease_of_the_dead_is_free_and_of_the_living_is_not():
    import socket

    assert not _is_dead(f"process {os.getpid()} on {socket.gethostname()} ab12")
    assert not _is_dead("process 1 on some.other.host ab12")
    assert not _is_dead("anything")
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert _is_dead(f"process {child.pid} on {socket.gethostname()} ab12")


# Processes


def started(arguments, tmp_path, **env):
    return subprocess.Popen([sys.executable, "-m", "align", "run", *map(str, arguments)], cwd=tmp_path,
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                            env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent), **env})


def until(condition, child=None, seconds=60):
    """Wait for a condition, or for the end of a process; whether the condition came true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        if child is not None and child.poll() is not None:
            return False
        time.sleep(0.002)
    raise AssertionError("nothing happened")


def workers_of(pid):
    """Processes whose parent is `pid`."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(path.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(path.parent.name))
    return found


def done_units(out):
    try:
        with contextlib.closing(sqlite3.connect(f"file:{out}/ledger.sqlite?mode=ro", uri=True)) as base:
            return base.execute("SELECT sum(done) FROM units").fetchone()[0] or 0
    except sqlite3.Error:
        return 0


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="needs /proc to find processes")


@needs_proc
def test_killed_at_any_moment_it_goes_on_to_the_same_bytes(tmp_path):
    folders = lay(tmp_path / "in", 20)
    (folders[0] / "007.txt").write_bytes(b"\xff\xff")
    run(source(folders), str(tmp_path / "whole"), settings(unit_documents=2, format="parquet"), INLINE)
    out = tmp_path / "out"
    arguments = (*folders, "-o", out, "--no-flags", "--part-documents", 2, "-j", 2)
    rng = random.Random(7)
    orphans = []
    for goal in (0, 1, 3, 5, 8):
        child = started(arguments, tmp_path)
        # Somewhere between two parts: when the next draft or part appears, or at once.
        until(lambda goal=goal: done_units(out) >= goal, child)
        seen = len(list(out.rglob("*")))
        if rng.random() < 0.7:
            until(lambda seen=seen: len(list(out.rglob("*"))) != seen, child)
        orphans += workers_of(child.pid)
        child.kill()
        child.communicate()
    # The lock and the workers went with it.
    until(lambda: not any(Path(f"/proc/{pid}/cmdline").is_file() and b"align.run" in Path(f"/proc/{pid}/cmdline").read_bytes()
                          for pid in orphans))
    child = started(arguments, tmp_path)
    _, err = child.communicate(timeout=120)
    assert child.returncode == 11, err
    assert same(contents(out), contents(tmp_path / "whole"))


@needs_proc
def test_a_killed_worker_costs_nothing(tmp_path):
    folders = lay(tmp_path / "in", 8)
    run(source(folders), str(tmp_path / "whole"), settings(), INLINE)
    engine = LocalEngine(settings(), Store(str(tmp_path / "out")), "recipe", jobs=1)
    killed = []

    def kill_once(now):
        if now.standing.units_done == 1 and not killed:
            killed.extend(workers_of(os.getpid()))
            for pid in killed:
                os.kill(pid, signal.SIGKILL)

    assert engine.threads >= 1
    outcome = run(source(folders), str(tmp_path / "out"), settings(), How(jobs=1), progress=kill_once)
    assert killed
    assert outcome.failed == 0
    assert same(contents(tmp_path / "out"), contents(tmp_path / "whole"))


@needs_proc
def test_a_document_that_kills_its_worker_is_left_out(tmp_path):
    """A reader that ends its process, as a crash in a library does, takes nothing with it but its document."""
    folders = lay(tmp_path / "in", 5)
    hook = tmp_path / "hook"
    hook.mkdir()
    (hook / "sitecustomize.py").write_text(
        "import os, signal, sys\n"
        "def watch(event, arguments):\n"
        "    if event == 'open' and str(arguments[0]).endswith('ar/001.txt') and any('align.run.worker' in a for a in sys.orig_argv):\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "sys.addaudithook(watch)\n", "utf-8")
    child = started((*folders, "-o", tmp_path / "out", "--no-flags", "--format", "jsonl", "--part-documents", 3, "-j", 1),
                    tmp_path, PYTHONPATH=f"{hook}:{Path(__file__).parent.parent}")
    _, err = child.communicate(timeout=120)
    assert child.returncode == 11, err
    (failed,) = [json.loads(line) for line in (tmp_path / "out/failed.jsonl").read_text("utf-8").splitlines()]
    assert (failed["id"], failed["error"], failed["status"]) == ("001", "WorkerKilled", 12)
    assert failed["message"] == "its worker process was killed by SIGKILL (out of memory?)"
    assert {r["document"] for r in records(tmp_path / "out")} == {"000", "002", "003", "004"}


def test_what_is_no_file_is_not_waited_for(tmp_path):
    if not hasattr(os, "mkfifo"):
        pytest.skip("needs named pipes")
    folders = lay(tmp_path / "in", 2)
    (folders[1] / "001.txt").unlink()
    os.mkfifo(folders[1] / "001.txt")
    outcome = run(source(folders), str(tmp_path / "out"), settings(), INLINE)
    assert outcome.failed == 1
    assert '"en/001.txt: is no regular file"' in (tmp_path / "out/failed.jsonl").read_text("utf-8").replace(
        '"001.txt:', '"en/001.txt:')


@needs_proc
def test_a_worker_has_no_more_memory_than_it_may(tmp_path):
    code = ("from align.limits import bound_memory\nimport numpy as np\nbound_memory(400_000_000)\n"
            "try:\n    np.zeros(10**9, np.uint8)\nexcept MemoryError:\n    print('refused')\n"
            "print(len(np.zeros(10**7, np.uint8)))\n")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=Path(__file__).parent.parent, check=True)
    assert done.stdout.decode().split() == ["refused", "10000000"]


def test_a_trial_finds_the_guilty():
    from align.run.ledger import Document

    documents = tuple(Document(k, str(k), "a", "b") for k in range(3))
    trial = _Trial(Task(4, documents, (("a", "b"),) * 3), "why")
    asked = []
    while (task := trial.next()) is not None:
        asked.append(task.documents[0].number)
        trial.tell("killed" if task.documents[0].number == 1 else None)
    # Twice the guilty one, for once may be chance.
    assert asked == [0, 1, 1, 2]
    assert trial.verdict().doomed == {1: "killed"}


@needs_proc
@pytest.mark.parametrize(("sign", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped_it_loses_nothing(tmp_path, sign, status):
    folders = lay(tmp_path / "in", 12)
    child = started((*folders, "-o", tmp_path / "out", "--no-flags", "--format", "jsonl", "--part-documents", 1, "-j", 1),
                    tmp_path)
    assert until(lambda: done_units(tmp_path / "out") >= 2, child)
    child.send_signal(sign)
    child.communicate(timeout=30)
    assert child.returncode == status
    kept = done_units(tmp_path / "out")
    assert 2 <= kept < 12
    seen = []
    run(source(folders), str(tmp_path / "out"), settings(unit_documents=1), INLINE, progress=seen.append)
    assert seen[0].standing.units_done == kept
    assert len(records(tmp_path / "out")) == 48


def test_without_pyarrow_the_usual_format_needs_none(tmp_path, monkeypatch):
    import importlib.util

    from align.cli.run import _usual_format

    assert _usual_format(str(tmp_path)) == "parquet"
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert _usual_format(str(tmp_path)) == "jsonl"


def test_a_folder_keeps_its_format(tmp_path, muwazi):
    from align.shipped import folder

    command = ("run", folder("corpora"), "-o", tmp_path / "out", "--no-flags")
    assert muwazi(*command, "-f", "jsonl", "--limit", "2").status == 0
    again = muwazi(*command, "--limit", "2")
    assert again.status == 0 and "nothing new" in again.err
    assert {path.suffix for path in (tmp_path / "out" / "shards").iterdir()} == {".jsonl"}


# Corpora as people have them


@pytest.mark.parametrize(("ar", "en", "id"), [
    ("x-en.txt", "x-en.txt", "x-en"),
    ("Report_AR.txt", "Report_EN.docx", "Report"),
    ("sub/Doc.1.txt", "sub/Doc.1.html", "sub/Doc.1"),
    ("Doc.ar", "Doc.en", "Doc"),
    ("plain.txt", "plain-en.txt", "plain"),
])
def test_files_of_two_folders_are_paired_by_names_and_called_as_written(tmp_path, ar, en, id):
    for side, name in (("ar", ar), ("en", en)):
        path = tmp_path / side / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    assert [tuple(entry) for entry in source((tmp_path / "ar", tmp_path / "en")).entries()] == [(id, ar, en)]


def test_a_name_of_its_own_language_counts_before_an_equal_one(tmp_path):
    for side, names in (("ar", ("x-ar.txt", "x.txt", "y-en.txt")), ("en", ("x-en.txt", "x.txt", "y-en.txt", "z.txt"))):
        (tmp_path / side).mkdir()
        for name in names:
            (tmp_path / side / name).write_text("x")
    found = source((tmp_path / "ar", tmp_path / "en"))
    assert sorted(map(tuple, found.entries())) == [("x", "x.txt", "x.txt"), ("x-ar", "x-ar.txt", "x-en.txt"), ("y-en", "y-en.txt", "y-en.txt")]
    assert found.unpaired == {"ar": 0, "en": 1} and found.examples["en"] == ["z.txt"]


def test_two_hundred_files_that_all_name_one_language_are_pairs(tmp_path):
    folders = lay(tmp_path / "in", 200, size=1)
    for folder in folders:
        for path in folder.iterdir():
            path.rename(folder / f"Doc{path.stem}-en.txt")
    found = source(folders)
    entries = list(found.entries())
    assert len(entries) == 200 and entries[0].id == "Doc000-en" and not any(found.unpaired.values())


def test_parts_are_small_at_first_and_grow(tmp_path):
    growing = Settings()
    rooms = [growing.room(unit)[1] for unit in range(200)]
    assert rooms[0] == 4 and rooms == sorted(rooms) and max(rooms) == 256 and rooms[15:17] == [4, 8]
    assert [Settings(unit_documents=7).room(k)[1] for k in (0, 99)] == [7, 7]
    folders = lay(tmp_path / "in", 60, size=2)
    outcome = run(source(folders), str(tmp_path / "out"), settings(unit_documents=None), INLINE)
    assert outcome.standing.units == 15
    with pytest.raises(UsageError):
        Settings(unit_documents=0)


def test_progress_counts_documents_and_both_workers_have_some(tmp_path):
    folders = lay(tmp_path / "in", 40, size=60)  # long enough that the parts do not end between two looks
    seen = []
    run(source(folders), str(tmp_path / "out"), settings(unit_documents=20), How(jobs=2), progress=seen.append)
    told = [now.standing.documents_done + now.in_hand for now in seen]
    assert any(now.in_hand for now in seen) and max(told) == 40
    assert len(set(told)) > 3  # more steps than the two parts make


def test_an_interrupt_keeps_what_is_done_and_says_so(tmp_path, process):
    folders = lay(tmp_path / "in", 120, size=60)
    child = process("run", *folders, "-o", "out", "--format", "jsonl", "--log-format", "text", wait=False)
    ledger = tmp_path / "out" / "shards"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (ledger.is_dir() and len(list(ledger.glob("*.jsonl"))) > 1):
        time.sleep(0.05)
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=30)
    found = re.search(rb"interrupted; (\d+) of 120 documents are done and kept", err)
    assert child.returncode == 130 and found and 0 < int(found[1]) < 120, err
    outcome = run(source(folders), str(tmp_path / "out"), from_run(tmp_path / "out"), How(jobs=2))
    assert outcome.standing.documents_done == 120 and outcome.change.new == 0


def from_run(folder):
    """The settings that a run was begun with."""
    from align.run import from_dict

    return from_dict(json.loads((folder / "run.json").read_text("utf-8"))["settings"])


def test_a_dry_run_says_what_is_left_out_and_how_long_it_takes(tmp_path, muwazi):
    folders = lay(tmp_path / "in", 6)
    (folders[1] / "003.txt").unlink()
    (folders[1] / "extra.txt").write_text("Nobody answers this.\n")
    (tmp_path / "pairs.csv").write_text("id,ar,en\ngood,in/ar/000.txt,in/en/000.txt\nswapped,in/en/001.txt,in/ar/001.txt\n"
                                        "lost,in/ar/000.txt,in/en/nowhere.txt\n")
    manifest = muwazi("run", tmp_path / "pairs.csv", "-o", tmp_path / "out", "--dry-run")
    assert "will fail: 1 document without a file (lost)" in manifest.out
    assert "of 2 documents aligned for trial 1 failed: in/en/001.txt looks English" in manifest.out
    result = muwazi("run", *folders, "-o", tmp_path / "out", "--dry-run")
    assert result.status == 0 and not (tmp_path / "out").exists()
    assert "left out: 1 ar file without a counterpart (003.txt)" in result.out
    assert "left out: 1 en file without a counterpart (extra.txt)" in result.out
    assert re.search(r"left to do: about \d+ s on this machine", result.out)


@pytest.mark.parametrize("format", ["parquet", "jsonl", "csv", "tsv"])
def test_a_document_of_a_run_is_shown_as_it_was_aligned(tmp_path, format):
    from align import align_files
    from align.run.review import read_document

    folders = lay(tmp_path / "in", 3)
    run(source(folders), str(tmp_path / "out"), settings(flags=True, format=format), INLINE)
    judged, signature = read_document(str(tmp_path / "out"), "001")
    alone = align_files(folders[0] / "001.txt", folders[1] / "001.txt", flags=True)
    assert [(b.ar, b.en) for b in judged.alignment.beads] == [(b.ar, b.en) for b in alone.alignment.beads]
    assert judged.ar.segments == alone.ar.segments and "001" in signature
    assert [(f.side, f.start, f.text) for f in judged.flags] == [(f.side, f.start, f.text) for f in alone.flags]
    (folders[0] / "001.txt").write_text("شيء آخر.\n", "utf-8")
    with pytest.raises(InputError, match="has changed since the run read it"):
        read_document(str(tmp_path / "out"), "001")


def test_reviews_are_linked_from_the_report(tmp_path, muwazi):
    folders = lay(tmp_path / "in", 4)
    with open(folders[1] / "002.txt", "a", encoding="utf-8") as stream:
        stream.write("The museum in Vienna bought 317 paintings from the widow.\n")
    assert muwazi("run", *folders, "-o", tmp_path / "out", "--reviews", 2, "-j", 1).status == 0
    links = re.findall(r'href="(reviews/[^"]+)"', (tmp_path / "out" / "report.html").read_text("utf-8"))
    assert len(links) == 2 and all((tmp_path / "out" / link).is_file() for link in links)
    page = tmp_path / "page.html"
    asked = ("report", "--from", tmp_path / "out", "--document", "002", "-o", page)
    counts = []
    for more in ([], ["--min-probability", 1], ["--no-flags"]):
        result = muwazi(*asked, "--title", "Second of four", *more, "--force")
        assert result.status == 0 and "Second of four" in page.read_text("utf-8"), result.err
        counts.append(page.read_text("utf-8").count('"severity":"'))
    assert counts[0] > counts[1] == counts[2] == 0
    for given, told in ((["--document", "02"], "did you mean 002"), (["--document", "nope"], "report.json lists all"), ([], "--document ID")):
        result = muwazi("report", "--from", tmp_path / "out", *given, "-o", tmp_path / "x.html")
        assert result.status in (2, 3) and told in result.err
    with pytest.raises(UsageError, match="segments"):
        run(source(folders), str(tmp_path / "tmx"), settings(format="tmx"), How(engine="inline", reviews=2))


def test_bitext_is_a_dataset_that_its_library_loads(tmp_path):
    datasets = pytest.importorskip("datasets")
    folders = lay(tmp_path / "in", 4)
    outcome = run(source(folders), str(tmp_path / "out"), settings(flags=True), INLINE, spec=FilterSpec("permissive", format="datasets"))
    found = datasets.load_from_disk(str(tmp_path / "out" / "bitext"))
    assert len(found) == outcome.report["filter"]["kept"] > 0 and {"ar", "en", "confidence", "document"} <= set(found.column_names)
    before = sorted(path.stat().st_mtime_ns for path in (tmp_path / "out" / "bitext").iterdir())
    run(source(folders), str(tmp_path / "out"), settings(flags=True), INLINE, spec=FilterSpec("permissive", format="datasets"))
    assert before == sorted(path.stat().st_mtime_ns for path in (tmp_path / "out" / "bitext").iterdir())
    run(source(folders), str(tmp_path / "out"), settings(flags=True), INLINE, spec=FilterSpec("permissive", format="csv"))
    for folder in ("bitext", "rejects"):
        assert {path.suffix for path in (tmp_path / "out" / folder).iterdir()} == {".csv"}


def test_force_takes_datasets_and_reviews_away(tmp_path):
    pytest.importorskip("datasets")
    folders = lay(tmp_path / "in", 3)
    run(source(folders), str(tmp_path / "out"), settings(flags=True), How(engine="inline", reviews=2), spec=FilterSpec("permissive", format="datasets"))
    assert list((tmp_path / "out" / "reviews").iterdir()) and (tmp_path / "out" / "bitext" / "state.json").exists()
    run(source(folders), str(tmp_path / "out"), settings(format="tsv"), How(engine="inline", force=True))
    assert not (tmp_path / "out" / "reviews").exists() and not (tmp_path / "out" / "bitext").exists()
    run(source(folders), str(tmp_path / "out2"), settings(flags=True), How(engine="inline", reviews=1))
    (tmp_path / "out2" / "reviews" / "notes.html").write_text("mine")
    with pytest.raises(OutputError, match=r"no run has made \(reviews/notes.html\)"):
        run(source(folders), str(tmp_path / "out2"), settings(format="tsv"), How(engine="inline", force=True))
    run(source(folders), str(tmp_path / "out2"), settings(flags=True), INLINE)
    assert [path.name for path in (tmp_path / "out2" / "reviews").iterdir()] == ["notes.html"]


def test_parts_of_tsv_are_read_by_pandas(tmp_path):
    pandas = pytest.importorskip("pandas")
    folders = lay(tmp_path / "in", 3)
    (folders[1] / "001.txt").write_text('"It was raining," he said.\n"Trains were late.\nHe said "no" to us.\n', "utf-8")
    run(source(folders), str(tmp_path / "out"), settings(flags=True, format="tsv"), INLINE)
    from align.read.bitext import read_bitext

    for path in (tmp_path / "out" / "shards").iterdir():
        rows = list(read_bitext(path))
        frame = pandas.read_csv(path, sep="\t", keep_default_na=False)
        assert frame["en"].tolist() == [row.en.text for row in rows] and frame["ar"].tolist() == [row.ar.text for row in rows]
        assert any(text.startswith('"It was') for text in frame["en"])
