"""Disks that are full for real, and signals in the middle of a command: one line, its status, and nothing left behind."""

import json
import signal
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NEWS = ROOT / "corpora/news"
resource = pytest.importorskip("resource")


def small(size):
    """For a process that is to start: no file may be longer than `size` bytes, as if the disk were full."""

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


COMMANDS = {
    "tsv": ("align", NEWS / "ar.txt", NEWS / "en.txt", "--no-flags", "-o", "out.tsv"),
    "gz": ("align", NEWS / "ar.txt", NEWS / "en.txt", "--no-flags", "-o", "out.tsv.gz"),
    "jsonl": ("align", NEWS / "ar.txt", NEWS / "en.txt", "-f", "jsonl", "-o", "out.jsonl"),
    "moses": ("align", NEWS / "ar.txt", NEWS / "en.txt", "-f", "moses", "-o", "out"),
    "xlsx": ("align", NEWS / "ar.txt", NEWS / "en.txt", "-f", "xlsx", "--no-flags", "-o", "out.xlsx"),
    "parquet": ("align", NEWS / "ar.txt", NEWS / "en.txt", "-f", "parquet", "--no-flags", "-o", "out.parquet"),
    "datasets": ("align", NEWS / "ar.txt", NEWS / "en.txt", "-f", "datasets", "--no-flags", "-o", "out"),
    "report": ("report", NEWS / "ar.txt", NEWS / "en.txt", "-o", "out.html"),
    "flag": ("flag", NEWS / "ar.txt", NEWS / "en.txt", "--min-probability", "0", "-o", "out.txt"),
    "segment": ("segment", NEWS / "ar.txt", "-o", "out.jsonl"),
    "encode": ("encode", NEWS / "ar.txt", "-o", "out.npy"),
    "filter": ("filter", "pairs.jsonl", "-o", "out.tsv", "--rejects", "rejected.jsonl", "--off", "confidence"),
    "score": ("score", "pairs.jsonl", "-o", "out.tsv"),
    "run": ("run", "ar", "en", "-o", "out", "-j", "1", "--format", "jsonl"),
}  # fmt: skip


@pytest.fixture
def place(tmp_path):
    rows = [json.dumps({"ar": f"وصل القطار رقم {k} إلى المدينة", "en": f"Train number {k} reached the city"}) for k in range(200)]
    (tmp_path / "pairs.jsonl").write_text("\n".join(rows), "utf-8")
    for lang in ("ar", "en"):
        (tmp_path / lang).mkdir()
        (tmp_path / lang / "a.txt").write_bytes((NEWS / f"{lang}.txt").read_bytes())
    return tmp_path


@pytest.mark.parametrize("name", COMMANDS)
def test_a_full_disk_ends_in_one_line(place, process, name):
    before = files(place)
    done = process(*COMMANDS[name], preexec_fn=small(1500), cwd=place, env={"XDG_CACHE_HOME": str(place.parent / "cache")})
    said = [line for line in done.err.splitlines() if " segments: " not in line]
    assert done.status == 7 and len(said) == 1 and "cannot be written" in said[0] and "Traceback" not in done.err, done.err
    left = [path for path in files(place) if path not in before and not (name == "run" and path in ("out/.lock", "out/ledger.sqlite"))]
    assert left == []


SLOW = ("score", "big.jsonl", "-o", "out.tsv", "--no-cache")


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_nothing(place, process, sign):
    row = json.dumps({"ar": "وصل القطار رقم 7 إلى المدينة مساء", "en": "Train number 8 reached the city in the evening"})
    (place / "big.jsonl").write_text((row + "\n") * 50_000, "utf-8")
    before = files(place)
    child = process(*SLOW, wait=False, cwd=place)
    for _ in range(600):
        if len(files(place)) > len(before):
            break
        time.sleep(0.05)
    assert len(files(place)) > len(before)
    child.send_signal(sign)
    child.communicate(timeout=30)
    assert child.returncode == 128 + sign
    assert files(place) == before
