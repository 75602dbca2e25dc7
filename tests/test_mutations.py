"""Every file that a command reads, with one part of it made into something else: no fault of ours, whatever it is."""

import copy
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NEWS = ROOT / "corpora/news"
HUGE = "HUGE"  # stands for a number of 5,000 digits, which JSON can say and Python will not read
DEEP = "DEEP"  # stands for brackets in brackets
ODD = [None, True, -1, 2**70, 0.5, 1e308, float("nan"), float("-inf"), "", "x", "\ud800", "\0", "٣", [], ["x"], [[0, 1]], {}, {"x": 1}, HUGE, DEEP]


def spots(value, path=()):
    """Where something else could stand in a JSON value: all its parts, and names that might be missing."""
    yield path
    for key in value if isinstance(value, dict) else range(min(len(value), 2)) if isinstance(value, list) else ():
        yield from spots(value[key], (*path, key))


def changed(value, path, other):
    """A copy of a JSON value with `other` at one place, as text."""
    if not path:
        found = other
    else:
        found = copy.deepcopy(value)
        inner = found
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = other
    return json.dumps(found).replace(json.dumps(HUGE), "9" * 5000).replace(json.dumps(DEEP), "[" * 3000 + "]" * 3000)


EVERY = 1 if os.environ.get("MUWAZI_FUZZ") else 5  # by hand every odd value stands everywhere, else each place gets a fifth of them


def mutations(value, odd=ODD):
    for k, path in enumerate(spots(value)):
        for other in odd[k % EVERY :: EVERY]:
            yield changed(value, path, other)
        if path and isinstance(path[-1], str):
            found = copy.deepcopy(value)
            inner = found
            for key in path[:-1]:
                inner = inner[key]
            del inner[path[-1]]
            yield json.dumps(found)


def check(muwazi, *arguments, allowed=()):
    """Run a command: it may say no, in one line with a status of its own, and not that it does not know why."""
    done = muwazi(*arguments)
    assert "internal error" not in done.err and (done.status != 1 or done.status in allowed), (arguments, done.err[:300])
    if done.status not in (0, 10, 11, 13):
        assert done.err.replace("may differ\n", "").count("\n") == 1, done.err
    return done


GOLD = {"ar": "x", "en": "y", "pairs": 3, "sides": {"ar": "ar.txt", "en": "en.txt"},
        "omissions": [{"side": "ar", "start": 1, "end": 4, "kind": "number", "severity": "high"}],
        "must_flag": [{"side": "ar", "start": 1, "end": 4, "kind": "number", "severity": "high"}],
        "must_not_flag": [{"side": "en", "start": 1, "end": 4}], "optional": [{"side": "en", "start": 6, "end": 7}]}  # fmt: skip
FLAG = {"side": "ar", "start": 1, "end": 4, "kind": "number", "relation": "only", "probability": 0.7, "severity": "high"}


def test_gold_and_flags(muwazi, tmp_path):
    gold, flags = tmp_path / "gold.json", tmp_path / "flags.jsonl"
    flags.write_text(json.dumps(FLAG) + "\n")
    for name in ("gold.json", "gold.jsonl"):
        for text in mutations(GOLD):
            (tmp_path / name).write_text(text + "\n", "utf-8")
            check(muwazi, "evaluate-flags", tmp_path / name, flags)
    gold.write_text(json.dumps(GOLD))
    for text in mutations(FLAG):
        flags.write_text(text + "\n", "utf-8")
        check(muwazi, "evaluate-flags", gold, flags)


def test_alignments(muwazi, tmp_path):
    good = tmp_path / "good"
    good.write_text("[0]:[0]:0.5\n[1, 2]:[1]:0.4\n")
    for line in ("[9]:[9]:" + "9" * 5000, "[" + "9" * 5000 + "]:[0]", "[-1]:[0]", "[0]:[0]:nan", "[0, 0]:[0]", "[٣]:[٣]", "[99999999999]:[0]",
                 "[1]:[1]:1e999", "\0", "[" * 5000):  # fmt: skip
        (tmp_path / "bad").write_text(line + "\n", "utf-8")
        check(muwazi, "evaluate", tmp_path / "bad", good)
        check(muwazi, "evaluate", good, tmp_path / "bad")


def test_corrections(muwazi, tmp_path):
    from report_pairs import AR, EN, PAIR, saved

    for side, name in ((AR, "ar.txt"), (EN, "en.txt")):
        (tmp_path / name).write_text(side.document.text, "utf-8")
    record = saved(PAIR)
    record["edits"] = [{"side": "ar", "segment": 0, "text": "كتاب"}]
    record["flags"] = [one | {"state": "confirmed", "comment": "so"} for one in record["flags"]]
    (tmp_path / "c.json").write_text(json.dumps(record), "utf-8")
    assert muwazi("apply", tmp_path / "c.json", tmp_path / "ar.txt", tmp_path / "en.txt").status == 0
    for text in mutations(record):
        (tmp_path / "c.json").write_text(text, "utf-8")
        check(muwazi, "apply", tmp_path / "c.json", tmp_path / "ar.txt", tmp_path / "en.txt")


def test_manifests_of_pairs(muwazi, tmp_path):
    command = ("align", NEWS / "ar.txt", NEWS / "en.txt", "--no-flags", "-o", tmp_path / "out.tsv", "--manifest", tmp_path / "m.json")
    assert muwazi(*command).status == 0
    saved = json.loads((tmp_path / "m.json").read_text())
    saved["inputs"][0]["sha256"] = "0" * 64  # so that nothing is aligned
    for text in mutations(saved):
        (tmp_path / "bad.json").write_text(text, "utf-8")
        check(muwazi, "run", tmp_path / "bad.json", "-o", tmp_path / "again.tsv", "--force")


def test_saved_runs(muwazi, tmp_path):
    for lang in ("ar", "en"):
        (tmp_path / lang).mkdir()
        (tmp_path / lang / "a.txt").write_bytes((NEWS / f"{lang}.txt").read_bytes())
    command = ("run", tmp_path / "ar", tmp_path / "en", "-o", tmp_path / "out", "-j", 1, "--no-flags", "--format", "jsonl")
    assert muwazi(*command).status == 0
    saved = json.loads((tmp_path / "out/run.json").read_text())
    for text in mutations(saved, ODD[::3]):
        (tmp_path / "out/run.json").write_text(text, "utf-8")
        check(muwazi, "run", tmp_path / "out/run.json", "-o", tmp_path / "out", "--verify")
    for text in list(mutations(saved, ODD[::3]))[::3]:
        (tmp_path / "bad.json").write_text(text, "utf-8")
        check(muwazi, "run", tmp_path / "bad.json", "-o", tmp_path / "none", "--force", "--dry-run", "--limit", 1)


def test_manifests_of_corpora(muwazi, tmp_path):
    record = {"id": "a", "ar": "a.txt", "en": "b.txt", "date": "2020-01-01"}
    for text in mutations(record):
        (tmp_path / "m.jsonl").write_text(text + "\n", "utf-8")
        check(muwazi, "run", tmp_path / "m.jsonl", "-o", tmp_path / "none", "--dry-run")
    for text in ("ar,en\n\"" + "x" * 200_000 + "\",b\n", "ar,en\na,\0\n", "ar,en\n\"a\n", "id,ar,en\n,,\n", "ar\ten\na\tb\n", "ar,en\r\rb,c", "\0"):
        for name in ("m.csv", "m.tsv"):
            (tmp_path / name).write_text(text, "utf-8")
            check(muwazi, "run", tmp_path / name, "-o", tmp_path / "none", "--dry-run")


BEAD = {"bead": 0, "ar": {"text": "ذهب الولد إلى المدرسة صباحا", "document": "x", "segments": [{"segment": 0, "start": 0, "end": 9, "place": "line 1", "kind": "body"}]},
        "en": {"text": "The boy went to school in the morning"}, "confidence": 0.9, "sim": 0.5, "quality": 0.4, "probability": 0.6,
        "flags": [{"side": "ar", "kind": "number", "relation": "only", "severity": "high", "probability": 0.6, "start": 0, "end": 2}]}  # fmt: skip


def test_bitext(muwazi, tmp_path):
    good = json.dumps({"ar": "كان الجو جميلا في العاصمة أمس", "en": "The weather was fine in the capital yesterday", "confidence": 0.99})
    (tmp_path / "x.jsonl").write_text("\n".join([good, *mutations(BEAD)]), "utf-8")
    for extra in ([], ["--preset", "strict"], ["--off", "confidence"], ["--precision", "0.9"], ["-f", "xlsx"], ["-f", "csv"], ["-f", "tmx"]):
        check(muwazi, "filter", tmp_path / "x.jsonl", "-o", tmp_path / "out", "--force", "--rejects", tmp_path / "r.jsonl",
              "--scored", tmp_path / "s.parquet", *extra)  # fmt: skip
    check(muwazi, "score", tmp_path / "x.jsonl", "-o", tmp_path / "out", "--force")
    flat = {"ar": "ذهب الولد", "en": "The boy went", "confidence": 0.9, "sim": 0.5, "ar_segments": "0,1", "ar_start": 0, "flags": "number only ar «3»"}
    for text in mutations(flat):
        (tmp_path / "y.jsonl").write_text(text + "\n" + json.dumps(flat), "utf-8")
        check(muwazi, "filter", tmp_path / "y.jsonl", "-o", tmp_path / "out", "--force", "--off", "confidence")


def test_columns_of_other_types(muwazi, tmp_path):
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    import datetime

    texts = {"ar": ["كان الجو جميلا"] * 2, "en": ["The weather was fine"] * 2}
    invalid = arrow.Array.from_buffers(arrow.utf8(), 2, [None, arrow.py_buffer(b"\0\0\0\0\1\0\0\0\2\0\0\0"), arrow.py_buffer(b"\xff\xfe")])
    far = arrow.array([10**17, -(10**17)], arrow.timestamp("us"))
    others = [arrow.array([b"\xff", None]), arrow.array([[1], []]), arrow.array([1, None]), arrow.array([True, False]), invalid, far,
              arrow.array([datetime.date(1, 1, 1), None]), arrow.array([datetime.timedelta(days=10**6), None]),
              arrow.array([{"a": 1}, None]), arrow.array([float("nan"), float("inf")]), arrow.nulls(2)]  # fmt: skip
    for other in others:
        for name in ("ar", "confidence", "note", "flags", "bead", "extra"):
            table = arrow.table({**texts, name: other})
            parquet.write_table(table, tmp_path / "x.parquet")
            with arrow.ipc.new_stream(str(tmp_path / "x.arrow"), table.schema) as stream:
                stream.write_table(table)
            for file in ("x.parquet", "x.arrow"):
                for format in ("tsv", "jsonl", "xlsx"):
                    check(muwazi, "filter", tmp_path / file, "-o", tmp_path / "out", "--force", "-f", format, "--off", "confidence")


CHARSETS = ("rot13", "rot_13", "punycode", "idna", "undefined", "unicode_escape", "raw_unicode_escape", "utf-7", "hex", "base64", "zip", "bz2",
            "uu", "quopri", "mbcs", "oem", "klingon", "utf_8_sig", "utf-16", "utf-32", "cp037", "x" * 500, "a.b", "..", "charmap")  # fmt: skip


@pytest.mark.parametrize("charset", CHARSETS)
def test_charsets(muwazi, tmp_path, charset):
    files = {"a.html": f'<meta charset="{charset}"><p>Hello \\x41 there</p>', "b.xhtml": f'<?xml version="1.0" encoding="{charset}"?><p>Hello</p>',
             "c.po": f'msgid ""\nmsgstr "Content-Type: text/plain; charset={charset}\\n"\n\nmsgid "a"\nmsgstr "b"\n',
             "d.tmx": f'<?xml version="1.0" encoding="{charset}"?><tmx><body/></tmx>', "e.xliff": f'<?xml version="1.0" encoding="{charset}"?><xliff/>'}  # fmt: skip
    for name, text in files.items():
        (tmp_path / name).write_text(text)
        done = check(muwazi, "segment", tmp_path / name, "--lang", "en")
        assert done.status in (0, 3, 4, 8)
    (tmp_path / "t.txt").write_text("Hello there. It is cold.\n")
    for command in (("segment", tmp_path / "t.txt", "--lang", "en"), ("filter", tmp_path / "t.txt"), ("segment", tmp_path / "a.html", "--lang", "en")):
        assert check(muwazi, *command, "--encoding", charset).status in (0, 2, 3, 4, 8)


def test_profiles_and_settings(muwazi, tmp_path):
    (tmp_path / "x.tsv").write_text("كان الجو جميلا\tThe weather was fine\n", "utf-8")
    values = ("1", "-1", "true", "'x'", "[]", "{}", "nan", "inf", "9" * 5000, "1979-05-27", "07:32:00", "[" * 500 + "]" * 500, "{ most = 'x' }", "{ nothing = 1 }")
    for rule in ("length", "ratio", "confidence", "flags", "base", "name", "near_duplicates", "nothing"):
        for value in values:
            (tmp_path / "p.toml").write_text(f"{rule} = {value}\n")
            check(muwazi, "filter", tmp_path / "x.tsv", "--profile", tmp_path / "p.toml", "--off", "confidence")
    for value in values:
        (tmp_path / "c.toml").write_text(f"[segment]\nlang = {value}\n")
        check(muwazi, "--config", tmp_path / "c.toml", "segment", tmp_path / "x.tsv")
        (tmp_path / "c.toml").write_text(f"langs = {value}\n[align]\nmax-ar = {value}\n")
        check(muwazi, "--config", tmp_path / "c.toml", "filter", tmp_path / "x.tsv", "--off", "confidence")


def test_glossaries(muwazi, tmp_path):
    for name in ("g.tsv", "g.csv"):
        for text in ('"' + "x" * 200_000 + '",y\n', "\0\t\0\n", "قط\tcat\tx\n", '"a\nb\n', "a" * 300_000 + "\tقط\n", "قط,cat\n\"", "\ufeff#\n"):
            (tmp_path / name).write_text(text, "utf-8")
            check(muwazi, "align", NEWS / "ar.txt", NEWS / "en.txt", "--glossary", tmp_path / name, "-f", "jsonl", "-o", tmp_path / "out", "--force")


NUMBERS = ("9" * 5000, "-1", "x", "", "1e9", "99999999999999999999", "٣")


@pytest.mark.parametrize("number", NUMBERS)
def test_numbers_in_documents(muwazi, tmp_path, number):
    import hostile

    files = {"a.srt": f"{number}\n00:00:01,000 --> {number}:00:02,000\nHello\n", "a.vtt": f"WEBVTT\n\n{number}:00.000 --> 00:02.000\nHello\n",
             "a.html": f'<table><tr><td colspan="{number}">Hello<td rowspan={number}>x</table><ol start="{number}"><li value="{number}">there</ol>',
             "a.md": f"{number}. Hello\n\n[x]: <{number}>\n", "a.json": f'{{"en": "Hello", "n": {number or 0}}}', "a.po": f'#: a:{number}\nmsgid "a"\nmsgstr[{number}] "b"\n',
             "a.xliff": f'<xliff version="{number}"><file source-language="en"><body><trans-unit id="{number}"><source>Hello</source></trans-unit></body></file></xliff>',
             "a.tmx": f'<tmx version="{number}"><body><tu tuid="{number}"><tuv xml:lang="en"><seg>Hello</seg></tuv></tu></body></tmx>'}  # fmt: skip
    w = f'<w:p><w:pPr><w:outlineLvl w:val="{number}"/><w:numPr><w:ilvl w:val="{number}"/><w:numId w:val="{number}"/></w:numPr></w:pPr><w:r><w:t>Hello</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="{number}"/></w:tcPr><w:p><w:r><w:t>x</w:t></w:r></w:p></w:tc></w:tr></w:tbl>'
    o = f'<text:h text:outline-level="{number}">Hello</text:h><text:p>a<text:s text:c="{number}"/>b</text:p>'
    data = {name: text.encode() for name, text in files.items()} | {"a.docx": hostile.docx(w), "a.odt": hostile.odt(o)}
    for name, content in data.items():
        (tmp_path / name).write_bytes(content)
        check(muwazi, "segment", tmp_path / name, "--lang", "en")


def test_names_that_are_not_utf8(tmp_path):
    name = b"x\xff.txt"
    (Path(tmp_path) / "a").mkdir()
    try:
        with open(bytes(tmp_path) + b"/" + name, "wb") as stream:
            stream.write("وصل الوفد يوم الاثنين. وبقي ثلاثة أيام في حلب.\n".encode())
    except OSError:
        pytest.skip("names of files are UTF-8 here")
    english = tmp_path / "en.txt"
    english.write_text("The delegation arrived on Monday. It stayed in Aleppo for three days.\n")
    for format in ("tsv", "csv", "jsonl", "tmx", "xliff", "xlsx", "parquet"):
        command = [sys.executable, "-m", "align", "align", bytes(tmp_path) + b"/" + name, str(english), "-f", format, "-o", f"out.{format}", "--no-flags"]
        done = subprocess.run(command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}, capture_output=True, timeout=60)
        assert done.returncode == 0, (format, done.stderr)
