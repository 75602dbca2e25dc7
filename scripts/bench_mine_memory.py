#!/usr/bin/env python3
"""What mining's driver has in memory, by the number of lines: it must not grow with them.

usage: bench_mine_memory.py [--lines N ...] [--work FOLDER]

Each size has a process of its own. Lines are made up, one in twenty repeats the one before; so are neighbours, 8 a line: for
two lines of five the right one comes first, all others are by chance. Measured is the most private memory, beside that of the
program itself, while lines are read, while pairs are chosen among candidates by vectors and lengths, and while they are
fetched as for output. Bytes are of a line of both sides together. Linux only.
"""

import argparse
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from align.data import Neighbours
from align.mine import Found, candidate_blocks, choose_parts, cut
from align.mine.choosing import weights
from align.mine.store import SHARD, Line, Lines, Writer

LANGS = ("ar", "en")


def private() -> int:
    """Bytes of private memory of this process."""
    return int(re.search(r"RssAnon:\s+(\d+)", Path("/proc/self/status").read_text())[1]) << 10


class Peak:
    """Watches memory from a thread and prints what each stage took."""

    def __init__(self, lines: int) -> None:
        self.lines, self.base = lines, private()
        self.most = 0
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while True:
            self.most = max(self.most, private())
            time.sleep(0.005)

    def of(self, name: str, stage: Callable[[], Any]) -> Any:
        """A stage's result."""
        self.most, start = private(), time.perf_counter()
        result = stage()
        used, seconds = max(self.most, private()) - self.base, time.perf_counter() - start
        print(f"| {self.lines:,} | {name} | {used / 2**20:.0f} MB | {used / 2 / self.lines:.0f} | {seconds:.1f} s |", flush=True)
        return result


def read(lang: str, count: int, work: Path) -> Lines:
    """Made-up lines of a side."""
    rng, text = random.Random(lang), ""
    with Writer(work / lang) as writer:
        for number in range(count):
            if number % 20 != 19:
                text = f"{number} " + " ".join(f"w{rng.randrange(5000)}" for _ in range(6))
            writer.add(Line(text, text, "a.txt", number, 0, len(text), f"line {number + 1}", "body"))
        return writer.lines()


class Made:
    """Neighbours of a side, a block after the other."""

    def __init__(self, lines: int, others: int) -> None:
        self.lines, self.others = lines, others

    def __iter__(self):
        for start in range(0, self.lines, SHARD):
            rng, own = np.random.default_rng(start), np.arange(start, min(start + SHARD, self.lines))
            ids = rng.integers(0, self.others, (len(own), 8))
            sims = -np.sort(-(0.2 + 0.2 * rng.random(ids.shape)), 1)
            right = (own % 10 < 4) & (own < self.others)
            ids[right, 0], sims[right, 0] = own[right], 0.75 + 0.1 * np.sin(own[right])
            yield Neighbours(ids, sims.astype(np.float32))


def measured(count: int, work: Path) -> None:
    """Print what mining so many lines a side takes."""
    weights()
    peak = Peak(count)
    sides = peak.of("read", lambda: [read(lang, count, work) for lang in LANGS])
    sizes = len(sides[0]), len(sides[1])

    def chosen():
        found = candidate_blocks(Made(*sizes), Made(*sizes[::-1]), (sides[0].lengths, sides[1].lengths), 0.1, folder=work)
        return cut(choose_parts(((part, None) for part in found), sizes, folder=work), folder=work)

    kept = peak.of("choose", chosen)
    found = Found(kept, *sides, len(kept), ("pq", "pq"))
    peak.of("fetch", lambda: sum(len(row.ar.text) for row in found.rows()))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--lines", type=int, nargs="+", default=[50_000, 200_000, 1_000_000, 3_000_000])
    parser.add_argument("--work", type=Path, help="folder for what lies on the disk (temporary)")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        measured(asked.lines[0], asked.work)
        return
    print("| lines a side | stage | memory | bytes a line | time |\n|---|---|---|---|---|", flush=True)
    for count in asked.lines:
        work = Path(tempfile.mkdtemp(prefix="bench-mine-memory-", dir=asked.work))
        try:
            subprocess.run([sys.executable, __file__, "--one", "--lines", str(count), "--work", str(work)], check=True)
        finally:
            shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
