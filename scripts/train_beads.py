#!/usr/bin/env python3
"""Learn the aligner's weights (models/beads/weights.json) from documents with gold.

usage: train_beads.py [DATA]    DATA holds docs/*.jsonl; default: shared/data beside the checkout

Documents are merged, cut and thinned by rules of our own so that there are beads of all kinds; half of the source
documents (by a hash of their names) are kept aside and only scored. A structured perceptron with a margin learns the
path's weights, first without and then with what a first path tells of the document; logistic regression learns the
confidence of beads.
"""

import json
import random
import re
import sys
import zlib
from pathlib import Path

import numpy as np

from align.beads import align, anchors, confidence, features, path, sides
from align.beads import weights as current
from align.beads.corners import Corners
from align.data import Document
from align.encode import load, side_vectors
from align.evaluate import evaluate
from align.neighbours import both_ways
from align.segment import segment
from align.segment.signs import closings, lengths, links

HERE = Path(__file__).resolve().parents[1]
TARGET = HERE / "models" / "beads" / "weights.json"
LIMITS = (8, 8)
# What to make of which set: see `remake`.
PLAN = [(name, manner) for name, manners in {
    "ntrex": "free even torn as_is", "tico19": "free even torn as_is", "opensource_guide": "free torn",
    "mozilla_www": "free torn as_is",
    "react_docs": "free even", "cs229": "free", "bible": "free torn as_is", "bible__reseg": "free even",
    "debian_handbook": "free as_is", "xquad__sent": "free", "debian_handbook__sent": "even",
    "opensource_guide__sent": "free", "react_docs__sent": "even", "bitcoin_org": "free torn", "spec_docs": "even",
    "cc_licences": "even", "quran": "free as_is",
}.items() for manner in manners.split()]
ASIDE = ["ntrex__merged", "tico19__merged", "opensource_guide__merged", "react_docs__merged", "ntrex__noisy",
         "tico19__noisy", "debian_handbook", "react_docs__noisy", "mozilla_www__noisy", "debian_handbook__noisy",
         "opensource_guide__noisy", "ntrex", "bible", "quran"]


def is_aside(doc: str) -> bool:
    """Whether a source document is only scored, never learnt from."""
    return zlib.crc32(doc.encode()) % 2 == 1


def cut(text: str, rng: random.Random) -> tuple[str, str] | None:
    """A line cut in two behind a comma well inside it."""
    places = [m.end() for m in re.finditer("[،,؛;:] ", text) if 20 < m.end() < len(text) - 20]
    if not places:
        return None
    at = rng.choice(places)
    return text[:at].strip(), text[at:].strip()


def remake(doc: dict, manner: str, rng: random.Random) -> dict | None:
    """A stretch of a document with neighbouring beads merged on one side and some beads of one side alone.

    `free` merges most beads up to 1:8, sometimes with a line cut across (2:n); `even` a third of them up to 1:4;
    `torn` few, and lines of one side are gone in runs; `as_is` nothing.
    """
    units = [([doc["ar"][i] for i in a], [doc["en"][j] for j in e]) for a, e in doc["gold"]]
    units = [u for u in units if any(map(str.strip, u[0] + u[1]))]
    if len(units) < 12:
        return None
    size = rng.randint(25, 70)
    start = rng.randint(0, max(0, len(units) - size))
    units = units[start:start + size]
    merged = {"free": rng.uniform(0.35, 0.75), "even": rng.uniform(0.15, 0.5), "torn": rng.uniform(0.05, 0.2)}.get(manner, 0)
    gone = {"free": rng.choice([0, 0, 0.03]), "even": rng.choice([0, 0, 0.02]),
            "torn": rng.choice([0.05, 0.1, 0.2, 0.35])}.get(manner, 0)
    arabic = rng.random() < 0.8
    beads, k = [], 0
    while k < len(units):
        a, e = units[k]
        k += 1
        if not a or not e:
            beads.append((a, e))
            continue
        wanted = 1
        if rng.random() < merged:
            wanted = (rng.choices([2, 3, 4, 5, 6, 7, 8], [36, 24, 16, 10, 6, 4, 4]) if manner == "free"
                      else rng.choices([2, 3, 4], [70, 22, 8]))[0]
        a, e = list(a), list(e)
        while wanted > 1 and k < len(units) and all(units[k]) and max(len(a + units[k][0]), len(e + units[k][1])) <= 8:
            a, e, k, wanted = a + units[k][0], e + units[k][1], k + 1, wanted - 1
        if len(a) > 1 or len(e) > 1:
            this = arabic if rng.random() < 0.9 else not arabic
            joined, other = (a, e) if this else (e, a)
            at = rng.randrange(1, max(len(joined) - 1, 2))
            halves = cut(joined[at], rng) if manner == "free" and len(joined) > 2 and rng.random() < 0.2 else None
            joined = ([" ".join([*joined[:at], halves[0]]), " ".join([halves[1], *joined[at + 1:]])] if halves
                      else [" ".join(joined)])
            a, e = (joined, other) if this else (other, joined)
        beads.append((a, e))
    left, of_arabic = 0, False
    out = {"ar": [], "en": [], "gold": []}
    for a, e in beads:
        if not left and rng.random() < gone / 2:
            left, of_arabic = rng.choice([1, 1, 1, 2, 3, 6, 12]), rng.random() < 0.5
        if left and a and e:
            left -= 1
            a, e = (a, []) if of_arabic else ([], e)
        x, y = len(out["ar"]), len(out["en"])
        out["ar"] += a
        out["en"] += e
        if a and e:
            out["gold"].append((tuple(range(x, x + len(a))), tuple(range(y, y + len(e)))))
        else:
            out["gold"] += [((x + i,), ()) for i in range(len(a))] + [((), (y + i,)) for i in range(len(e))]
    few = len(out["ar"]) < 5 or len(out["en"]) < 5
    return None if few or len(out["ar"]) * len(out["en"]) > 9000 else out


class Pair:
    """A document pair, ready to be aligned and to be learnt from."""

    def __init__(self, doc: dict, name: str, encoder):
        self.name, self.doc = name, doc
        self.gold = [(tuple(a), tuple(e)) for a, e in doc["gold"]]
        both = []
        for lang in ("ar", "en"):
            text = "".join(line.replace("\n", " ") + "\n" for line in doc[lang])
            both.append(segment(Document(lang, lang, text), segmented=True))
        built = []
        for s in both:
            found = side_vectors(encoder, s.forms, LIMITS[0], sides.WINDOWS)[:3]
            built.append(sides.Side(found[0], np.array(lengths(s)), np.array(closings(s)), *found[1:]))
        self.first, self.second = built
        found = links(*both)
        self.links = sides.Links(np.array([f[0] for f in found], np.int64), np.array([f[1] for f in found], np.int64),
                                 np.array([f[2] for f in found], np.float32))
        self.neighbours = both_ways(self.first.vectors.single, self.second.vectors.single)

    def scorer(self, weights: dict[str, float], habits: features.Habits | None = None) -> features.Scorer:
        """A scorer for the whole grid."""
        return features.Scorer(self.first, self.second, self.links, weights, LIMITS, habits)


NAMES = features.Scorer.FEATURES
SKIPS = features.Scorer.SKIPS


class Grid:
    """All features of all beads of a pair: `beads` of shape (features, rows, n, m, columns), by end corner."""

    def __init__(self, pair: Pair, habits: features.Habits | None):
        scorer = pair.scorer(dict.fromkeys((*NAMES, *SKIPS), 0.0), habits)
        n, m = len(pair.first), len(pair.second)
        self.gold, self.name = pair.gold, pair.name
        corners = Corners(np.arange(1, n + 1), np.arange(m + 1)[None], LIMITS)
        self.exist = corners.exist()
        self.beads = np.zeros((len(NAMES), *self.exist.shape), np.float16)
        for name, values in scorer.features(corners):
            self.beads[NAMES.index(name)] = values
        zero = (np.zeros(n), np.zeros(m))
        alone = zero if habits is None else (habits.first_alone, habits.second_alone)
        self.skips = [np.stack([-np.ones(len(x)), x]) for x in alone]

    def best(self, w: np.ndarray, margin: float = 0.0) -> list[tuple[int, int]]:
        """The best path by weights `w`, or the worst offender if beads that are not gold are given a margin a line."""
        total = np.tensordot(w[:len(NAMES)].astype(np.float32), self.beads.astype(np.float32), 1)
        total[~self.exist] = -np.inf
        skips = [w[len(NAMES):] @ x for x in self.skips]
        if margin:
            sizes = np.arange(1, 9)
            total += margin * (sizes[:, None] + sizes)[None, :, :, None] / 2
            skips = [x + margin / 2 for x in skips]
            for a, e in self.gold:
                if a and e:
                    total[a[-1], len(a) - 1, len(e) - 1, e[-1] + 1] -= margin * (len(a) + len(e)) / 2
                elif a:
                    skips[0][a[0]] -= margin / 2
                else:
                    skips[1][e[0]] -= margin / 2
        n, m = len(skips[0]), len(skips[1])
        return path.best_path(lambda r0, r1, columns: total[r0 - 1:r1 - 1, :, :, columns[0]], *skips,
                              np.zeros(n + 1, np.int64), np.full(n + 1, m + 1), *LIMITS)

    def sum(self, steps: list[tuple[int, int]]) -> np.ndarray:
        """Features summed over a path."""
        total = np.zeros(len(NAMES) + len(SKIPS))
        i = j = 0
        for n, m in steps:
            i, j = i + n, j + m
            if n and m:
                total[:len(NAMES)] += self.beads[:, i - 1, n - 1, m - 1, j]
            else:
                total[len(NAMES):] += self.skips[0][:, i - 1] if n else self.skips[1][:, j - 1]
        return total


def steps_of(gold: list[tuple[tuple[int, ...], tuple[int, ...]]]) -> list[tuple[int, int]]:
    """Gold beads as steps; they stand in order."""
    return [(len(a), len(e)) for a, e in gold]


def learn(grids: list[Grid], w: np.ndarray, frozen: set[str], rounds: int = 6, rate: float = 0.01,
          margin: float = 0.15) -> np.ndarray:
    """Averaged structured perceptron with a margin."""
    rng = np.random.default_rng(0)
    free = np.array([name not in frozen for name in (*NAMES, *SKIPS)])
    total, count = np.zeros_like(w), 0
    for turn in range(rounds):
        step = rate * (1 if turn < rounds / 2 else 0.5)
        for k in rng.permutation(len(grids)):
            grid = grids[k]
            if any(max(len(a), len(e)) > 8 for a, e in grid.gold):
                continue
            better = grid.sum(steps_of(grid.gold)) - grid.sum(grid.best(w, margin))
            w = w + step * free * better / np.sqrt(1 + len(grid.gold))
            if turn:
                total, count = total + w, count + 1
    return total / count


def fit(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Logistic regression by Newton's method, with a small ridge."""
    w = np.zeros(x.shape[1])
    for _ in range(40):
        p = 1 / (1 + np.exp(-x @ w))
        gradient = x.T @ (p - y) + 0.5 * w
        hessian = (x * (p * (1 - p))[:, None]).T @ x + 0.5 * np.eye(len(w))
        w -= np.linalg.solve(hessian, gradient)
    return w


def as_dict(w: np.ndarray) -> dict[str, float]:
    """Weights by name."""
    return {name: round(float(v), 4) for name, v in zip((*NAMES, *SKIPS), w, strict=True)}


def learn_path(pairs: list[Pair], start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights of the first path and of those after it."""
    first = learn([Grid(p, None) for p in pairs], start, set(features.Scorer.HABITS))
    grids = []
    for pair in pairs:
        scorer = pair.scorer(as_dict(first))
        steps = Grid(pair, None).best(first)
        grids.append(Grid(pair, features.habits(steps, scorer)))
    second = first.copy()
    for name in ("type", "alone"):
        second[(*NAMES, *SKIPS).index(name)] = 0.05
    return first, learn(grids, second, set())


def learn_confidence(pairs: list[Pair], weights: dict) -> dict[str, dict[str, float]]:
    """Logistic weights of beads found in pairs that the path was not learnt from as well as those it was."""
    x: dict[bool, list] = {True: [], False: []}
    y: dict[bool, list] = {True: [], False: []}
    for pair in pairs:
        scorer = pair.scorer(weights["first"])
        low, high = anchors.band(len(pair.first), len(pair.second), np.zeros((0, 2), np.int64))
        steps = path.best_path(scorer, *scorer.skips(), low, high, *LIMITS)
        for _ in range(2):
            known = features.habits(steps, scorer)
            scorer = scorer.with_habits(known, weights["second"])
            steps = path.best_path(scorer, *scorer.skips(), low, high, *LIMITS)
        known = features.habits(steps, scorer)
        corners = np.cumsum(steps, axis=0)
        _, two, one = confidence.evidence(np.asarray(steps), corners, scorer, known)
        gold = set(pair.gold)
        for k, ((n, m), (i, j)) in enumerate(zip(steps, corners.tolist(), strict=True)):
            is_two = bool(n and m)
            x[is_two].append(two[k] if is_two else one[k])
            y[is_two].append((tuple(range(i - n, i)), tuple(range(j - m, j))) in gold)
    return {"pair": dict(zip(confidence.PAIR, fit(np.array(x[True]), np.array(y[True])).round(4).tolist(), strict=True)),
            "alone": dict(zip(confidence.ALONE, fit(np.array(x[False]), np.array(y[False])).round(4).tolist(), strict=True))}


def report(pairs: list[Pair], title: str) -> None:
    """Scores of the aligner as it stands, a line a set."""
    sets: dict[str, tuple[list, list]] = {}
    for pair in pairs:
        found = align(pair.first, pair.second, pair.neighbours, pair.links, limits=LIMITS)
        beads = [(tuple(range(*b.ar)), tuple(range(*b.en))) for b in found.beads]
        gold, mine = sets.setdefault(pair.name, ([], []))
        gold.append(pair.gold)
        mine.append(beads)
    strict = []
    for name, (gold, mine) in sets.items():
        s = evaluate(gold, mine)
        strict.append(s.strict.f1)
        print(f"{title:6} {name:30} {len(gold):3} docs  strict {s.strict.f1:.4f}  lax {s.lax.f1:.4f}  "
              f"one-sided {s.one_sided['both'].f1:.3f} of {s.one_sided['both'].gold}", flush=True)
    print(f"{title:6} mean strict {np.mean(strict):.4f}")


def documents(data: Path, name: str) -> list[dict]:
    """The documents of a set."""
    return [json.loads(line) for line in (data / "docs" / f"{name}.jsonl").open(encoding="utf-8")]


def main() -> None:
    """Learn, write, score."""
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent / "shared" / "data"
    if not (data / "docs").is_dir():
        sys.exit(f"{data / 'docs'}: no such folder; name the folder that holds docs/*.jsonl")
    encoder = load()
    learnt, aside = [], []
    for name, manner in PLAN:
        made = []
        for doc in documents(data, name):
            new = remake(doc, manner, random.Random(zlib.crc32(f"{name} {manner} {doc['doc']}".encode())))
            if new:
                made.append((doc["doc"], new))
        random.Random(0).shuffle(made)
        for doc, new in made[:20]:
            (aside if is_aside(doc) else learnt).append(Pair(new, f"{name} {manner}", encoder))
    print(len(learnt), "pairs to learn from,", len(aside), "aside", flush=True)
    start = np.zeros(len(NAMES) + len(SKIPS))
    for name, value in (("cos", 1.0), ("ratio", 0.2), ("skip", 0.1)):
        start[(*NAMES, *SKIPS).index(name)] = value
    first, second = learn_path(learnt, start)
    found = {"first": as_dict(first), "second": as_dict(second)}
    print(json.dumps(found), flush=True)
    found["confidence"] = learn_confidence(learnt, found)
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    current.cache_clear()
    report(aside, "aside")
    for name in ASIDE:
        docs = [d for d in documents(data, name) if is_aside(d["doc"])]
        report([Pair(d, name, encoder) for d in docs], "aside")


if __name__ == "__main__":
    main()
