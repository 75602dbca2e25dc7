#!/usr/bin/env python3
"""Measure the aligner: large one-sided blocks, and speed and memory on given vectors beside `sentweave`.

usage: bench_align.py blocks LINES.ar LINES.en    3,000 lines, 10 to 50 % missing on one side at start, middle or end
       bench_align.py tails SET.jsonl ...         documents with gold, the Arabic without its last quarter: is what answers it left alone
       bench_align.py speed [N [DIMENSION]]       N lines a side of synthetic vectors (default 20,000 of 768)
       bench_align.py memory [N]                  peak memory with N lines a side (default 100,000 of 512)
       bench_align.py long LINES.ar LINES.en      CPU time and peak memory of two texts of a segment a line, nothing cached
       bench_align.py small LINES.ar LINES.en [N] CPU time of documents of N lines (default 40), with vectors given

`sentweave` is timed on the same vectors in the same run where it is installed. Synthetic vectors: both sides' spans
are noisy copies of common random directions; every tenth bead is 1:2, every twentieth line has no counterpart.
"""

import json
import resource
import sys
import time
from itertools import product
from pathlib import Path

import numpy as np

from align import align_segments, align_vectors
from align.beads import WINDOWS, Side, align
from align.encode import side_vectors
from align.neighbours import both_ways
from align.pipeline import Options, load_encoder


def score(alignment, gold: set, side: int, missing: range) -> tuple[float, float, bool]:
    """Share of gold pairs found, share of missing lines left alone, and whether the block is reported."""
    found = {(b.ar.start, b.en.start) for b in alignment.beads if len(b.ar) == len(b.en) == 1}
    alone = {(b.ar, b.en)[side].start for b in alignment.beads if not len((b.ar, b.en)[1 - side])}
    reported = any(block.kind == "only" and len(set(missing) & set(range(*(block.ar, block.en)[side])))
                   >= 0.9 * len(missing) for block in alignment.blocks)
    return len(gold & found) / len(gold), len(alone & set(missing)) / len(missing), reported


def blocks(ar_path: str, en_path: str) -> None:
    """One-sided blocks in 3,000 lines."""
    ar, en = (Path(p).read_text("utf-8").splitlines()[:3000] for p in (ar_path, en_path))
    encoder = load_encoder(Options())
    n = len(ar)
    print("missing  where   from  pairs right  block alone  reported  seconds")
    for share, where, side in product((0.1, 0.2, 0.3, 0.5), ("start", "middle", "end"), (0, 1)):
        size = int(n * share)
        start = {"start": 0, "middle": (n - size) // 2, "end": n - size}[where]
        sides = [ar, en]
        sides[side] = sides[side][:start] + sides[side][start + size:]
        kept = [k for k in range(n) if not start <= k < start + size]
        gold = {(k, at) if side == 1 else (at, k) for at, k in enumerate(kept)}
        clock = time.perf_counter()
        found = align_segments(*sides, encoder=encoder, language_check=False).alignment
        seconds = time.perf_counter() - clock
        right, alone, reported = score(found, gold, 1 - side, range(start, start + size))
        print(f"{share:7.0%}  {where:6}  {('ar', 'en')[side]:4}  {right:11.4f}  {alone:11.4f}  {reported!s:8}  "
              f"{seconds:7.1f}", flush=True)


_LEAST_UNITS = 16


def tails(paths: list[str]) -> None:
    """Documents whose English goes on for longer."""
    encoder = load_encoder(Options())
    print("set  documents  lines  left alone  documents whose last bead takes two and more of them")
    for path in map(Path, paths):
        documents = lines = alone = swallowed = 0
        for item in map(json.loads, path.read_text("utf-8").splitlines()):
            units = [unit for unit in item["gold"] if unit[0] and unit[1]]
            if len(units) < _LEAST_UNITS:
                continue
            ar_end, en_end = (max(some) + 1 for some in units[len(units) * 3 // 4 - 1])
            sides = [[" ".join(line.split()) for line in item[name if name in item else old]] for name, old in (("ar", "first"), ("en", "second"))]
            beads = align_segments(sides[0][:ar_end], sides[1], encoder=encoder, language_check=False).alignment.beads
            documents += 1
            lines += len(sides[1]) - en_end
            alone += sum(len(range(max(bead.en.start, en_end), bead.en.stop)) for bead in beads if not len(bead.ar))
            swallowed += max(bead.en.stop for bead in beads if len(bead.ar) and len(bead.en)) > en_end + 1
        print(f"{path.stem}  {documents}  {lines}  {alone / max(1, lines):.3f}  {swallowed}", flush=True)


def synthetic(n: int, dimension: int, width: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Span vectors of two sides, float32 of shape (width, lines, dimension), rows of unit length."""
    units = rng.standard_normal((n, dimension), dtype=np.float32)
    sides = []
    for every in (20, 21):
        lines = [units[k:k + 1] if k % 10 or every == 20 else np.stack([units[k] * 0.6, units[k] * 0.6])
                 for k in range(n) if k % every]
        rows = np.concatenate(lines)[:n]
        rows = rows + 0.7 * rng.standard_normal(rows.shape, dtype=np.float32)
        sums = np.concatenate([np.zeros((1, dimension), np.float32), np.cumsum(rows, axis=0)])
        spans = np.zeros((width, *rows.shape), np.float32)
        for k in range(width):
            spans[k, : len(rows) - k] = sums[k + 1 :] - sums[: len(rows) - k]
            spans[k, : len(rows) - k] /= np.linalg.norm(spans[k, : len(rows) - k], axis=1, keepdims=True)
        sides.append(spans)
    return sides[0], sides[1]


def speed(n: int, dimension: int) -> None:
    """Seconds for the vectors alone, beside sentweave's."""
    first, second = synthetic(n, dimension, 8, np.random.default_rng(0))
    clock = time.perf_counter()
    found = align_vectors(first, second)
    ours = time.perf_counter() - clock
    print(f"muwazi: {first.shape[1]} x {second.shape[1]} lines, dimension {dimension}, beads up to 8x8: {ours:.2f} s, "
          f"{len(found.beads)} beads")
    try:
        from sentweave.dp_utils import make_alignment_types, vecalign
    except ImportError:
        print("sentweave is not installed: pip install sentweave")
        return
    clock = time.perf_counter()
    vecalign(vecs0=first, vecs1=second, final_alignment_types=make_alignment_types(8), del_percentile_frac=0.2,
             width_over2=9, max_size_full_dp=300, costs_sample_size=20000, num_samps_for_norm=100)
    theirs = time.perf_counter() - clock
    print(f"sentweave: beads up to n + m = 8: {theirs:.2f} s; ratio {theirs / ours:.1f}")


def memory(n: int) -> None:
    """Peak memory of this process with given vectors."""
    first, second = synthetic(n, 512, 8, np.random.default_rng(0))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    clock = time.perf_counter()
    found = align_vectors(first, second)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"{first.shape[1]} x {second.shape[1]} lines: {time.perf_counter() - clock:.1f} s, {len(found.beads)} beads; "
          f"vectors and their making {before / 2**20:.2f} GiB, peak {after / 2**20:.2f} GiB")


def long(ar_path: str, en_path: str) -> None:
    """CPU time and peak memory of a pair, its encoding included."""
    sides = [Path(p).read_text("utf-8").splitlines() for p in (ar_path, en_path)]
    encoder = load_encoder(Options(cache=False))
    clock = time.process_time()
    found = align_segments(*sides, encoder=encoder, language_check=False).alignment
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{len(sides[0])} x {len(sides[1])} lines: {time.process_time() - clock:.1f} s of CPU, {peak:.2f} GiB at the most, "
          f"{len(found.beads)} beads")


def small(ar_path: str, en_path: str, size: int) -> None:
    """CPU time of short documents, with NumPy or machine code as one alone has it, and as one of many."""
    lines = [Path(p).read_text("utf-8").splitlines()[:50 * size] for p in (ar_path, en_path)]
    encoder = load_encoder(Options(cache=False))
    work = []
    for at in range(0, min(map(len, lines)), size):
        sides = []
        for part in (side[at:at + size] for side in lines):
            vectors = side_vectors(encoder, part, 8, WINDOWS)
            sides.append(Side(vectors.spans, np.array(list(map(len, part))), np.ones(len(part), np.int64), vectors.heads, vectors.tails))
        work.append((*sides, both_ways(sides[0].vectors.single, sides[1].vectors.single)))
    for many in (False, True):
        best = [np.inf] * len(work)
        for _ in range(5):
            for k, sides in enumerate(work):
                clock = time.process_time()
                align(*sides, one_of_many=many)
                best[k] = min(best[k], time.process_time() - clock)
        print(f"{len(work)} documents of {size} lines, {'one of many' if many else 'alone'}: {np.mean(best) * 1e3:.2f} ms each")


def main() -> None:
    """Choose what to measure."""
    match sys.argv[1:]:
        case ["blocks", ar, en]:
            blocks(ar, en)
        case ["tails", *sets] if sets:
            tails(sets)
        case ["speed", *rest] if len(rest) <= 2:
            speed(int(rest[0]) if rest else 20_000, int(rest[1]) if len(rest) > 1 else 768)
        case ["long", ar, en]:
            long(ar, en)
        case ["small", ar, en, *rest] if len(rest) <= 1:
            small(ar, en, int(rest[0]) if rest else 40)
        case ["memory", *rest] if len(rest) <= 1:
            memory(int(rest[0]) if rest else 100_000)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
