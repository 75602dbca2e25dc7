#!/usr/bin/env python3
"""What a promised precision is worth in pools of lines of many kinds, none of which mining has learnt from.

usage: bench_mine_pools.py [DATA] [--pools N] [--seed N]

Pools are made as train_mine.py makes its own, of the odd lines of Tatoeba and of the UN texts and of sets that it does not
read: news, encyclopedia, web pages, manuals, messages of programs. They have from 60 to 2,500 pairs, which are from 4 % to
all of their lines, on one side or on both; strangers are on the same subjects or on others. Where all pairs together are
better than a promise, keeping them all keeps it to the point. Beside precision stands the recall that a threshold chosen
in hindsight would give.
"""

import argparse
import random
from pathlib import Path

import numpy as np
import train_mine
from train_mine import HALVED, HERE, HOPELESS, Pair, evidence, families, floor, key, make_pool

from align.encode import load
from align.mine.candidates import candidates
from align.mine.choosing import choose, network, weights
from align.neighbours import build_index, search

LINES = ("train/mtgeneval", "train/ui_strings_long", "pairs/flores200_devtest", "pairs/xquad_questions")
DOCUMENTS = ("ntrex", "mozilla_www", "debian_handbook", "xquad")
PROMISES = (0.90, 0.95, 0.98)
MANY = 300  # pairs kept from which on a share of them is worth stating to the point


def unseen(data: Path) -> list[Pair]:
    """Pairs of which neither side was learnt from."""
    learnt: tuple[set[str], set[str]] = (set(), set())
    for pair in train_mine.read_pairs(data):
        for side in (0, 1):
            learnt[side].add(pair.keys[side])
    train_mine.LINES, train_mine.DOCUMENTS = LINES, DOCUMENTS
    found = train_mine.read_pairs(data)
    for name in HALVED:
        sides = [(data / f"{name}.{lang}").read_text("utf-8").split("\n")[1::2] for lang in ("ar", "en")]
        for ar, en in zip(*sides, strict=True):
            found.append(Pair(name, (" ".join(ar.split()), " ".join(en.split())), (key(ar), key(en))))
    found = [p for p in found if all(p.keys) and p.keys[0] not in learnt[0] and p.keys[1] not in learnt[1]]
    return list({p.keys: p for p in found}.values())


def main() -> None:
    """Print a line a pool, then the summary."""
    parser = argparse.ArgumentParser()
    parser.add_argument("data", nargs="?", type=Path, default=HERE.parent / "shared" / "data")
    parser.add_argument("--pools", type=int, default=60)
    parser.add_argument("--seed", type=int, default=8)
    asked = parser.parse_args()
    encoder = load(cache=False)
    rng = random.Random(asked.seed)
    pairs = unseen(asked.data)
    # Messages of programs are many and much alike.
    messages = [p for p in pairs if p.source == "train/ui_strings_long"]
    pairs = [p for p in pairs if p.source != "train/ui_strings_long"] + rng.sample(messages, min(len(messages), 6000))
    family = families(pairs, tuple(encoder.encode([p.texts[k] for p in pairs]) for k in (0, 1)))
    off: list[list[float]] = [[], [], []]
    f1, best_f1, recalls, ceilings = [], [], [], []
    for number in range(asked.pools):
        pool = make_pool(pairs, family, rng)
        vectors = [encoder.encode(side) for side in pool.texts]
        index = [build_index([rows], kind="flat") for rows in vectors]
        found = candidates(search(index[1], vectors[0], 8), search(index[0], vectors[1], 8),
                           tuple(np.array([len(t) for t in side]) for side in pool.texts), floor(*vectors))  # fmt: skip
        found = found.take(np.flatnonzero(network(weights()["plain"]["first"], found.features) >= HOPELESS))
        mined = choose(found, evidence(pool.texts, found, encoder, None))
        right = np.array([pair in pool.gold for pair in zip(mined.ar.tolist(), mined.en.tolist(), strict=True)])
        numbers, hits = np.arange(1, len(mined) + 1), np.cumsum(right)
        mean, precision = np.cumsum(mined.probabilities) / numbers, hits / numbers
        shown, recall, ceiling = [], [], []
        for promise, own in zip(PROMISES, off, strict=True):
            count = int(np.count_nonzero(mean >= promise))
            recall.append(hits[count - 1] / len(pool.gold) if count else 0.0)
            ceiling.append(hits[np.flatnonzero(precision >= promise)[-1]] / len(pool.gold) if (precision >= promise).any() else 0.0)
            if count:
                shown.append(f"{precision[count - 1]:.3f}")
                if count >= MANY:
                    own.append(0.0 if count == len(mined) and precision[-1] > promise else precision[count - 1] - promise)
        half = int(np.count_nonzero(mined.probabilities >= 0.5))
        all_f1 = 2 * hits / (numbers + len(pool.gold))
        f1.append(all_f1[half - 1] if half else 0.0)
        best_f1.append(all_f1.max())
        recalls.append(recall)
        ceilings.append(ceiling)
        print(f"{number}: {len(pool.texts[0])} x {len(pool.texts[1])}, {len(pool.gold)} pairs; right {right.mean():.3f}, estimated "
              f"{mined.share:.3f}; precision {' '.join(shown)}; F1 {f1[-1]:.3f} of {best_f1[-1]:.3f}", flush=True)  # fmt: skip
    print(f"\n| promised | pools with {MANY} pairs and more | off by, mean | within a point | worst below | recall | in hindsight |")
    print("|---|---|---|---|---|---|---|")
    for k, (promise, own) in enumerate(zip(PROMISES, off, strict=True)):
        print(f"| {promise:.2f} | {len(own)} | {np.mean(own):+.4f} | {np.mean(np.abs(own) <= 0.0101):.2f} | {min(own):+.3f} | "
              f"{np.mean(recalls, 0)[k]:.3f} | {np.mean(ceilings, 0)[k]:.3f} |")  # fmt: skip
    print(f"\nF1 at probability .5: {np.mean(f1):.3f}; with the best threshold of each pool: {np.mean(best_f1):.3f}")


if __name__ == "__main__":
    main()
