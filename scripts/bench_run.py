#!/usr/bin/env python3
"""Measure corpus runs: speed beside encoding alone, memory, cost by size; and what kills leave behind.

usage: bench_run.py speed DOCS [LINES ...]   end to end beside encoding alone, for so many lines a side (default 10,000
                                             and 100,000); options --flags, --jobs N, --lines-a-document N (3 for tiny
                                             ones), --json FILE; documents a second of a core are told beside the rates
       bench_run.py kills DOCS [N [KILLS]]   N documents (2,000), the run killed (SIGKILL) at KILLS (50) random moments and
                                             started again each time; its output compared with that of an undisturbed run
       bench_run.py ray DOCS [N [KILLS]]     the same on Ray: an actor, a worker and the driver killed in turn (9 times)
       bench_run.py page DOCS [N]            the time and the size of the report of N documents (100,000)

DOCS is a folder of *.jsonl files, a document a line: {"doc", "ar": [lines], "en": [lines], "gold": [[[0], [0]], ...]}.
Documents are cut from them, again and again with other cuts, until there are enough; every document's lines are real.
Encoding alone is measured twice: as the share of the workers' time that they encode in the same run, and by processes
that do nothing but encode the same documents' sentences in batches of the same size, all spans and windows as the
aligner needs them. Rates are for a second of a core, as the system accounts it, so that other work on the machine distorts them little.
"""

import argparse
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

PROGRAM = [sys.executable, "-m", "align"]
ROOT = Path(__file__).resolve().parent.parent
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))


def pieces(folder: Path, size: int) -> Iterator[tuple[list[str], list[str]]]:
    """Both sides' lines of cuts of about `size` beads, without end."""
    documents = [json.loads(line) for path in sorted(folder.glob("*.jsonl")) if "__" not in path.name
                 for line in path.read_text("utf-8").splitlines()]
    if not documents:
        sys.exit(f"{folder}: holds no *.jsonl with documents")
    rng = random.Random(0)
    while True:
        for document in documents:
            beads = document["gold"]
            at = rng.randrange(max(1, min(size, len(beads) // 2)))
            while at < len(beads):
                step = max(2, round(size * rng.uniform(0.5, 1.5)))
                part = beads[at:at + step]
                at += step
                ar = [document["ar"][k] for found, _ in part for k in found]
                en = [document["en"][k] for _, found in part for k in found]
                if ar and en:
                    yield ar, en


def lay(folder: Path, docs: Path, size: int, *, documents: int | None = None, lines: int | None = None) -> int:
    """Write a corpus of so many documents, or of so many lines on its smaller side; how many documents it has."""
    for lang in ("ar", "en"):
        (folder / lang).mkdir(parents=True)
    count, have = 0, [0, 0]
    for ar, en in pieces(docs, size):
        if count == documents or (lines is not None and min(have) >= lines):
            break
        where = f"{count // 1000:05d}"
        for k, (lang, text) in enumerate((("ar", ar), ("en", en))):
            (folder / lang / where).mkdir(exist_ok=True)
            (folder / lang / where / f"{count:07d}.txt").write_text("\n".join(text) + "\n", "utf-8")
            have[k] += len(text)
        count += 1
    return count


def family(pid: int) -> dict[int, str]:
    """A process and all below it, with their command lines."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            children.setdefault(int(path.read_text().rpartition(")")[2].split()[1]), []).append(int(path.parent.name))
        except OSError:
            continue
    found, todo = {}, [pid]
    while todo:
        one = todo.pop()
        todo += children.get(one, [])
        try:
            found[one] = Path(f"/proc/{one}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
    return found


class Memory(threading.Thread):
    """The most memory that a process and those below it had at once: resident, shared pages counted once."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.most, self.stop = pid, 0, threading.Event()

    def run(self) -> None:
        """Look about twice a second."""
        while not self.stop.wait(0.5):
            total = 0
            for pid in family(self.pid):
                try:
                    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                        if line.startswith("Pss:"):
                            total += int(line.split()[1]) << 10
                except OSError:
                    continue
            self.most = max(self.most, total)


def bytes_in(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


# Speed


def encode_only(shares: list[list[Path]], limits: tuple[int, int] = (8, 8)) -> tuple[float, int]:
    """Seconds of a core that encoding the documents takes, and how many sentences that were."""
    code = ("import json, sys, time\nfrom align.beads import WINDOWS\nfrom align.encode import many_side_vectors\n"
            "from align.pipeline import Options\nfrom align.read import read\nfrom align.run.unit import BATCH, ready_encoder\n"
            "from align.segment import segment\nfrom align.threads import limit\n"
            "limit(1)\nencoder = ready_encoder(Options(cache=False))\n"
            "sides = [(lang, [segment(read(path, lang)).forms for path in paths]) for lang, paths in json.load(sys.stdin)]\n"
            "print('ready', flush=True)\nsys.stdin.close()\nstart = time.process_time()\ncount = 0\n"
            "for lang, texts in sides:\n    batch, size = [], 0\n    for k, forms in enumerate(texts):\n"
            "        batch.append([form for form in forms if form])\n        size += sum(map(len, forms))\n"
            "        if size >= BATCH // 2 or k == len(texts) - 1:\n"
            "            many_side_vectors(encoder, batch, 8, WINDOWS)\n            count += sum(map(len, batch))\n"
            "            batch, size = [], 0\n"
            "print(json.dumps([time.process_time() - start, count]))\n")
    env = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    children = []
    for share in shares:
        child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env)
        given = [(lang, [str(p).replace("/ar/", f"/{lang}/") for p in share]) for lang in ("ar", "en")]
        child.stdin.write(json.dumps(given).encode())
        child.stdin.close()
        children.append(child)
    found = [json.loads(child.stdout.read().split(b"\n")[1]) for child in children]
    for child in children:
        child.wait()
    return sum(seconds for seconds, _ in found), sum(count for _, count in found)


def speed(docs: Path, sizes: list[int], flags: bool, jobs: int, per_document: int, target: Path | None) -> None:
    """End to end beside encoding alone, by size."""
    rows = []
    print("lines a side  documents  seconds  core seconds  sentences/core s  encoding/core s  end to end  encode share  "
          "peak MB  output B/sentence  documents/core s  worker seconds by stage")
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            count = lay(folder / "in", docs, per_document, lines=size)
            start = time.perf_counter()
            child = subprocess.Popen([*PROGRAM, "run", str(folder / "in/ar"), str(folder / "in/en"), "-o", str(folder / "out"),
                                      "-j", str(jobs), "-q", *([] if flags else ["--no-flags"])])
            memory = Memory(child.pid)
            memory.start()
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = status
            wall, cpu = time.perf_counter() - start, usage.ru_utime + usage.ru_stime
            memory.stop.set()
            memory.join()
            if status:
                sys.exit(f"the run ended with status {status}")
            head = json.loads((folder / "out/report.json").read_text("utf-8").partition(',\n "documents": [')[0] + "}")
            sentences = sum(head["total"]["segments"])
            stages = head["seconds"]
            # A part of the whole is enough for the encoder's rate, and as large as the machine is quick.
            paths = sorted((folder / "in/ar").rglob("*.txt"))[:max(jobs, int(count * min(1, 20_000 / size)))]
            alone, encoded = encode_only([paths[k::jobs] for k in range(jobs)])
            row = {"lines": size, "documents": count, "jobs": jobs, "flags": flags, "seconds": round(wall, 1),
                   "core_seconds": round(cpu, 1), "sentences": sentences, "pairs": head["total"]["pairs"],
                   "characters": sum(head["total"]["characters"]), "rate": round(sentences / cpu, 1), "document_rate": round(count / cpu, 1),
                   "encoding_rate": round(encoded / alone, 1),
                   "end_to_end": round(sentences / cpu / (encoded / alone), 3),
                   "encode_share": round(stages["encode"] / sum(stages.values()), 3),
                   "busy": round(sum(stages.values()) / (wall * jobs), 3),
                   "input_bytes": bytes_in(folder / "in"), "peak_bytes": memory.most, "output_bytes": bytes_in(folder / "out"), "stages": stages}
            rows.append(row)
            print(f"{size:12,}  {count:9,}  {wall:7.1f}  {cpu:12.1f}  {row['rate']:16,.0f}  {row['encoding_rate']:15,.0f}  "
                  f"{row['end_to_end']:10.0%}  {row['encode_share']:12.0%}  {memory.most / 1e6:7,.0f}  "
                  f"{row['output_bytes'] / sentences:17.0f}  {row['document_rate']:16,.1f}  "
                  + ", ".join(f"{name} {value:.1f}" for name, value in stages.items()), flush=True)
    if target is not None:
        target.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")


# Kills


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of an output, without what tells times."""
    out = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if not path.is_file() or name in (".lock", "ledger.sqlite", "report.html"):
            continue
        data = path.read_bytes()
        if name == "report.json":
            report = json.loads(data)
            del report["seconds"]
            for document in report["documents"]:
                del document["seconds"]
            data = json.dumps(report).encode()
        out[name] = data
    return out


def corpus_with_faults(folder: Path, docs: Path, count: int) -> None:
    """A corpus in which one document in a hundred cannot be read."""
    lay(folder, docs, 10, documents=count)
    for path in sorted((folder / "ar").rglob("*.txt"))[17::100]:
        path.write_bytes(b"\xc7\xe1\xd3\xe1\xc7\xe3 \xff")


def compared(one: Path, other: Path) -> None:
    """Say whether two outputs are equal, and end with a status that says so too."""
    a, b = contents(one), contents(other)
    wrong = sorted(name for name in a.keys() | b.keys() if a.get(name) != b.get(name))
    print(f"{len(b)} files, {sum(map(len, b.values())):,} bytes: " + (f"DIFFERENT: {', '.join(wrong[:5])}" if wrong else
                                                                     "equal to the byte"))
    sys.exit(1 if wrong else 0)


def kills(docs: Path, count: int, most: int, seed: int = 1) -> None:
    """Kill the driver, and now and then a worker before it, at random moments."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        corpus_with_faults(folder / "in", docs, count)
        command = [*PROGRAM, "run", str(folder / "in"), "--part-documents", "5", "-q", "-o"]
        start = time.perf_counter()
        subprocess.run([*command, str(folder / "whole")], check=False)
        whole = time.perf_counter() - start
        print(f"{count} documents undisturbed: {whole:.0f} s", flush=True)
        done = workers = moments = 0
        ended = False
        while done < most:
            child = subprocess.Popen([*command, str(folder / "out")])
            # From the first moments of the driver to the middle of the work, so that the last kill meets work as well.
            wait = rng.uniform(0.05, 2 * (4 + whole / most))
            end = time.monotonic() + wait
            strike = time.monotonic() + rng.uniform(0, wait) if rng.random() < 0.4 else None
            while time.monotonic() < end and child.poll() is None:
                if strike is not None and time.monotonic() > strike:
                    strike = None
                    hands = [pid for pid in family(child.pid) if pid != child.pid]
                    if hands:
                        os.kill(rng.choice(hands), signal.SIGKILL)
                        workers += 1
                time.sleep(0.01)
            if child.poll() is not None:
                ended = True
                break
            child.kill()
            child.wait()
            done += 1
            moments = len(list((folder / "out/shards").glob("*")))
        print(f"killed {done} times with {workers} workers besides; {moments} of {-(-count // 5)} parts stood then"
              + ("; it was done before the last kill" if ended else ""), flush=True)
        last = subprocess.run([*command, str(folder / "out")], check=False)
        print(f"then left alone: exit status {last.returncode}")
        compared(folder / "out", folder / "whole")


def ray(docs: Path, count: int, most: int) -> None:
    """Kill an actor, a worker and the driver in turn."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        corpus_with_faults(folder / "in", docs, count)
        command = [*PROGRAM, "run", str(folder / "in"), "--part-documents", "5", "-q", "-o"]
        subprocess.run([*command, str(folder / "whole")], check=False)
        done: dict[str, int] = {}
        child = None
        rng = random.Random(1)
        while sum(done.values()) < most:
            if child is None or child.poll() is not None:
                child = subprocess.Popen([*command, str(folder / "out"), "--engine", "ray"])
            what = ("ray::MapWorker", "ray::Map(_", "driver")[sum(done.values()) % 3]
            before = len(list((folder / "out/shards").glob("*")))
            target = before + rng.randrange(1, 12)
            while child.poll() is None and len(list((folder / "out/shards").glob("*"))) < target:
                time.sleep(0.02)
            while child.poll() is None:
                found = ([child.pid] if what == "driver" else
                         [pid for pid, command_line in family(child.pid).items() if command_line.startswith(what)])
                if found:
                    os.kill(rng.choice(found), signal.SIGKILL)
                    done[what] = done.get(what, 0) + 1
                    if what == "driver":
                        child.wait()
                    break
                time.sleep(0.005)
            else:
                if len(list((folder / "out/shards").glob("*"))) >= -(-count // 5):
                    break
        if child is not None and child.poll() is None:
            child.wait()
        print(f"killed: {', '.join(f'{name} {times}' for name, times in done.items())}", flush=True)
        last = subprocess.run([*command, str(folder / "out"), "--engine", "ray"], check=False)
        print(f"then left alone: exit status {last.returncode}")
        compared(folder / "out", folder / "whole")


# The report


def page(count: int) -> None:
    """The report of many documents, from a ledger filled for it."""
    from align.engine.storage import Store, size_of
    from align.run import Settings
    from align.run.ledger import Done, Entry, Ledger, Planned
    from align.run.results import write

    rng = random.Random(0)
    folder = Path(tempfile.mkdtemp())
    try:
        ledger = Ledger(str(folder / "ledger.sqlite"))
        start = time.perf_counter()
        change = ledger.plan((Planned(Entry(f"document {k}", f"ar/{k}.txt", f"en/{k}.txt"), "5000 1", "5000 1")
                              for k in range(count)), 4 << 20, 256, size_of, lambda _: None, is_whole=True)
        print(f"plan of {change.new:,} documents: {time.perf_counter() - start:.1f} s")
        start = time.perf_counter()
        for unit in ledger.waiting():
            done = []
            for document in unit.documents:
                quality = rng.random()
                record = {"segments": [50, 50], "characters": [5000, 6000], "pairs": 45, "alone": [3, 2], "moved": 0,
                          "confidence": 40.0, "quality": round(quality, 6), "histogram": [0] * 9 + [45],
                          "types": {"1:1": 40, "1:2": 5}, "flags": {"number only": 2}}
                done.append(Done(document.number, record, False, "0" * 64, "1" * 64, quality, 0.1))
            ledger.commit(unit.number, "2" * 64, done, {"encode": 10.0})
        print(f"{ledger.standing().units:,} commits: {time.perf_counter() - start:.1f} s")
        start = time.perf_counter()
        about = {"version": "0", "recipe_hash": "0" * 64, "inputs": {"manifest": "m.csv"}, "langs": ["ar", "en"],
                 "with_flags": Settings().with_flags, "unpaired": {}, "unpaired_examples": {}}
        write(Store(str(folder)), ledger, about)
        print(f"report: {time.perf_counter() - start:.1f} s, report.json {(folder / 'report.json').stat().st_size / 1e6:.1f} MB, "
              f"report.html {(folder / 'report.html').stat().st_size / 1e6:.1f} MB, ledger "
              f"{(folder / 'ledger.sqlite').stat().st_size / 1e6:.1f} MB, peak "
              f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.0f} MB")
        ledger.close()
    finally:
        shutil.rmtree(folder)


def main() -> None:
    """Run the benchmark that the arguments name."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("speed", "kills", "ray", "page"))
    parser.add_argument("docs", type=Path)
    parser.add_argument("numbers", type=int, nargs="*")
    parser.add_argument("--flags", action="store_true")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--lines-a-document", type=int, default=100)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    numbers = given.numbers
    if given.what == "speed":
        speed(given.docs, numbers or [10_000, 100_000], given.flags, given.jobs, given.lines_a_document, given.json)
    elif given.what == "kills":
        kills(given.docs, *(numbers + [2000, 50][len(numbers):])[:2])
    elif given.what == "ray":
        ray(given.docs, *(numbers + [400, 9][len(numbers):])[:2])
    else:
        page((numbers or [100_000])[0])


if __name__ == "__main__":
    main()
