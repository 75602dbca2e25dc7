#!/usr/bin/env python3
"""Mining beside plain cosine and LASER's margin, what a promised precision is worth, and the kinds of index.

usage: bench_mine.py [DATA] [--others N] [--work FOLDER] [--index KIND] [--rates FILE]

The pairs of DATA/pairs/tatoeba_opus and unpc are shuffled and diluted with N other lines (200,000), half of them on each
side. The others are real lines of DATA's other sets, each set on one side only, so that none translates another, and
without lines that nearly repeat one of the pairs or whose translation does; where real lines run out, lines made of
clauses of two of them. A pair found counts as right where a pair with the same two texts is among the gold, marks,
capitals and spelling of alef aside. What was learnt saw even lines of the gold only: figures are given for both halves
(pairs without any line of the gold count half in each). Thresholds of the baselines are their best on this very pool.
"""

import argparse
import atexit
import json
import random
import re
import resource
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np

from align.data import Neighbours
from align.encode import load
from align.lang.ar.letters import fold
from align.mine import Folder, Given, Local, Mining, mine_lines, stages
from align.mine.flow import encode_both, search_both
from align.neighbours import build_index, plan_index, sample_rows, sample_size, search, train_index
from align.pipeline import Clock, Options
from align.threads import cores

HERE = Path(__file__).resolve().parents[1]
GOLD = ("tatoeba_opus", "unpc")
AR_ONLY = ("train/tatoeba_anki", "train/mtgeneval", "train/tldr", "docs/ntrex", "docs/debian_handbook", "docs/quran", "docs/react_docs",
           "docs/opensource_guide")  # fmt: skip
EN_ONLY = ("train/ui_strings", "train/ui_strings_long", "pairs/flores200_devtest", "pairs/xquad_questions", "docs/tico19", "docs/bible",
           "docs/mozilla_www", "docs/bitcoin_org", "docs/cs229", "docs/spec_docs", "docs/cc_licences", "docs/xquad")  # fmt: skip
PROMISES = (0.90, 0.95, 0.98)
NEAR_TEXT = 80


def folded(text: str) -> str:
    """A text as two that differ in nothing that matters here agree."""
    return " ".join(fold(text).casefold().split())


def letters(text: str) -> str:
    """Letters and digits alone."""
    return " ".join(re.findall(r"[^\W_]+", folded(text)))


def read(data: Path, name: str) -> list[tuple[str, str]]:
    """Pairs of a set of lines or documents."""
    if name.startswith("docs/"):
        out = []
        for line in (data / f"{name}.jsonl").open(encoding="utf-8"):
            item = json.loads(line)
            out += [(" ".join(item["ar"][i] for i in a), " ".join(item["en"][j] for j in e)) for a, e in item["gold"]]
    else:
        sides = [(data / f"{name}.{lang}").read_text("utf-8").split("\n") for lang in ("ar", "en")]
        out = list(zip(*sides, strict=True))
    return [(" ".join(a.split()), " ".join(e.split())) for a, e in out]


def repeats_gold(lines: list[str], gold: list[str], encoder) -> np.ndarray:
    """Which lines nearly repeat one of the gold's in their own language."""
    from rapidfuzz import fuzz

    keys = [letters(text) for text in gold]
    index = build_index([encoder.encode(gold)])
    out = np.zeros(len(lines), bool)
    near = search(index, encoder.encode(lines), 5)
    for i, (ids, sims) in enumerate(zip(near.ids.tolist(), near.sims.tolist(), strict=True)):
        own = letters(lines[i])
        out[i] = any(sim > 0.95 or fuzz.ratio(own, keys[j]) >= NEAR_TEXT for j, sim in zip(ids, sims, strict=True) if j >= 0)
    return out


def clauses(text: str) -> list[str]:
    """Parts of a line between signs, or its halves."""
    parts = [part for part in re.split(r"(?<=[،,;؛:.!?؟…])\s+|\s+[—–-]\s+", text) if len(part) > 3]
    words = text.split()
    if len(parts) < 2 and len(words) >= 6:
        parts = [" ".join(words[: len(words) // 2]), " ".join(words[len(words) // 2 :])]
    return parts


def others(data: Path, side: int, count: int, gold: list[tuple[str, str]], encoder, rng: random.Random) -> tuple[list[str], int]:
    """Diluting lines of a side, and how many of them are real."""
    pairs = [pair for name in (AR_ONLY, EN_ONLY)[side] for pair in read(data, name) if pair[side]]
    pairs = list({folded(pair[side]): pair for pair in pairs}.values())
    bad = repeats_gold([p[side] for p in pairs], [g[side] for g in gold], encoder)
    bad |= repeats_gold([p[1 - side] or "—" for p in pairs], [g[1 - side] for g in gold], encoder)
    real = [pair[side] for pair, repeated in zip(pairs, bad.tolist(), strict=True) if not repeated]
    rng.shuffle(real)
    out = real[:count]
    parts = [found for text in real if (found := clauses(text))]
    while len(out) < count:
        out.append(f"{rng.choice(rng.choice(parts))} {rng.choice(rng.choice(parts))}")
    return out, min(len(real), count)


def curve(name: str, score: np.ndarray, right: np.ndarray, total: int) -> str:
    """Best F1 over all thresholds, and recall where precision is as high as each promise."""
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(right[order])
    precision, recall = hits / np.arange(1, len(hits) + 1), hits / total
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-9)
    best = int(f1.argmax())
    at = [recall[np.flatnonzero(precision >= p)[-1]] if (precision >= p).any() else 0.0 for p in PROMISES]
    return (f"| {name} | {precision[best]:.3f} | {recall[best]:.3f} | {f1[best]:.3f} | " + " | ".join(f"{r:.3f}" for r in at) + " |")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("data", nargs="?", type=Path, default=HERE.parent / "shared" / "data")
    parser.add_argument("--others", type=int, default=200_000)
    parser.add_argument("--work", type=Path)
    parser.add_argument("--index")
    parser.add_argument("--rates", type=Path, help="write what stages and indexes took as JSON, for cost_model.py")
    asked = parser.parse_args()
    work = asked.work or Path(tempfile.mkdtemp(prefix="bench-mine-"))
    if asked.work is None:
        atexit.register(shutil.rmtree, work, ignore_errors=True)
    rng = random.Random(0)
    encoder = load(cache=False)
    gold = [(pair, number % 2, name) for name in GOLD for number, pair in enumerate(read(asked.data, f"pairs/{name}")) if all(pair)]
    pool = []
    for side in (0, 1):
        more, real = others(asked.data, side, asked.others // 2, [pair for pair, _, _ in gold], encoder, rng)
        lines = [pair[side] for pair, _, _ in gold] + more
        rng.shuffle(lines)
        pool.append(lines)
        print(f"{('ar', 'en')[side]}: {len(gold)} lines of the gold, {real} other real lines, {len(more) - real} made of their clauses", flush=True)
    clock = Clock()
    found = mine_lines(*pool, Options(language_check=False), Mining(min_probability=0.0, index=asked.index), work=work, encoder=encoder, clock=clock)
    print(f"{found.index}; " + ", ".join(f"{stage} {s:.0f} s" for stage, s in clock.seconds.items())
          + f"; peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.1f} GB", flush=True)  # fmt: skip
    texts = [[folded(line.text) for line in side.read(range(len(side)))] for side in (found.ar, found.en)]
    right_pairs = {(folded(a), folded(e)) for (a, e), _, _ in gold}
    halves = [{folded(pair[side]): half for pair, half, _ in gold} for side in (0, 1)]

    def right(ar: np.ndarray, en: np.ndarray) -> np.ndarray:
        return np.array([(texts[0][i], texts[1][j]) in right_pairs for i, j in zip(ar.tolist(), en.tolist(), strict=True)])

    # The same neighbours for the baselines, which the working folder holds.
    options, folder = Options(language_check=False), Folder(str(work))

    def quiet(_stage: str, _done: int, _total: int) -> None:
        pass

    with Local().working(Given(options, True, folder), 4 << 30, encoder) as hands:
        (known,) = hands(stages.know, [None])
        vectors = encode_both((found.ar, found.en), options.langs, known, folder, hands, quiet)
        sought = search_both(vectors, known.dimension, Mining(index=asked.index), options.langs, folder, hands, quiet)
    forward, backward = (Neighbours(*(np.concatenate([getattr(part, name) for part in near]) for name in ("ids", "sims"))) for near in sought.near)
    shards = [[folder.load(name) for name in side.names] for side in vectors]
    n, k = len(forward.ids), 4
    best = forward.ids[:, 0]
    mutual = np.flatnonzero(backward.ids[best, 0] == np.arange(n))
    total = len(right_pairs)
    print("\n| | precision | recall | F1 | recall at .90 | at .95 | at .98 |\n|---|---|---|---|---|---|---|")
    print(curve("cosine, nearest both ways", forward.sims[mutual, 0], right(mutual, best[mutual]), total))
    around = forward.sims[:, :k].mean(1), backward.sims[:, :k].mean(1)
    one = forward.sims[:, :k] / ((around[0][:, None] + around[1][forward.ids[:, :k]]) / 2)
    two = backward.sims[:, :k] / ((around[1][:, None] + around[0][backward.ids[:, :k]]) / 2)
    there = forward.ids[np.arange(n), one.argmax(1)]
    back = backward.ids[np.arange(len(backward.ids)), two.argmax(1)]
    both = np.flatnonzero(back[there] == np.arange(n))
    print(curve("ratio margin, intersection", one.max(1)[both], right(both, there[both]), total))
    ar, en = np.concatenate([np.arange(n), back]), np.concatenate([there, np.arange(len(back))])
    score = np.concatenate([one.max(1), two.max(1)])
    used: tuple[set[int], set[int]] = (set(), set())
    taken = []
    for c in np.argsort(-score, kind="stable").tolist():
        if ar[c] not in used[0] and en[c] not in used[1]:
            used[0].add(ar[c])
            used[1].add(en[c])
            taken.append(c)
    print(curve("ratio margin, max", score[taken], right(ar[taken], en[taken]), total))
    mine = found.pairs
    own_right = right(mine.ar, mine.en)
    print(curve("muwazi mine", mine.probabilities, own_right, total))
    half_of = [[halves[side].get(text) for text in texts[side]] for side in (0, 1)]
    print("\n| promised | pairs | precision | recall | even lines | odd lines |\n|---|---|---|---|---|---|")
    mean = np.cumsum(mine.probabilities) / np.arange(1, len(mine) + 1)
    for promise in PROMISES:
        count = int(np.count_nonzero(mean >= promise))
        shares = []
        for half in (0, 1):
            hit = seen = 0.0
            for c in range(count):
                of = {half_of[0][mine.ar[c]], half_of[1][mine.en[c]]} - {None}
                weight = 0.5 if len(of) != 1 else float(half in of)
                seen += weight
                hit += weight * own_right[c]
            shares.append(hit / max(seen, 1))
        print(f"| {promise:.2f} | {count} | {own_right[:count].mean() if count else 0:.3f} | {own_right[:count].sum() / total:.3f} | "
              f"{shares[0]:.3f} | {shares[1]:.3f} |")  # fmt: skip
    print(f"\nestimated share of right pairs {mine.share:.3f}, true {own_right.mean():.3f}\n")
    sample = sample_rows(shards[0], 4000)
    reference = None
    rates: dict[str, object] = {"cores": cores(), "lines": sum(map(len, texts)), "stages": clock.seconds, "indexes": {}}
    print("| index | built | 4,000 lines looked up | nearest as with flat | 4 nearest | bytes a row |\n|---|---|---|---|---|---|")
    for kind in ("flat", "ivf", "pq"):
        start = time.perf_counter()
        rows = sum(map(len, shards[1]))
        plan = plan_index(rows, known.dimension, rows, kind=kind)
        trained = train_index(sample_rows(shards[1], sample_size(plan)), plan)
        learnt = time.perf_counter()
        index = build_index(shards[1], plan=plan, trained=trained)
        built = time.perf_counter()
        got = search(index, sample, 4)
        done = time.perf_counter()
        reference = reference or got
        rates["indexes"][kind] = {"rows": len(index), "queries": len(sample), "trained": learnt - start, "built": built - learnt, "searched": done - built}
        nearest = np.mean(got.ids[:, 0] == reference.ids[:, 0])
        four = np.mean([len(set(a) & set(b)) / 4 for a, b in zip(got.ids.tolist(), reference.ids.tolist(), strict=True)])
        print(f"| {kind} | {built - start:.1f} s | {done - built:.1f} s | {nearest:.3f} | {four:.3f} | {index.plan.code} |", flush=True)
    if asked.rates:
        asked.rates.write_text(json.dumps(rates, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
