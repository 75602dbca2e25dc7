#!/usr/bin/env python3
"""Learn the aligner's weights (models/beads/weights.json) from documents with gold, and score collections left out.

usage: train_beads.py [DATA] [--left-out FILE]
DATA holds gold/*.jsonl and docs/*.jsonl; default: shared/data beside the checkout. With --left-out nothing is learnt anew but
the weights that each family of collections left out would have, which go to FILE for bench_probability.py.
needs: pip install numba

Every candidate bead of a document is an arc of a lattice. A conditional random field (Lafferty, McCallum and Pereira, 2001)
maximises the probability of the paths that agree with the gold: of the one path of exact beads, or of all paths that stay
inside units whose beads are not known, where a line left alone costs little, as not every omission was marked. What is known
of a document (`stats`, `answers`) is made anew from the posteriors of the last weights, a few rounds. Then whole families of
collections are left out in turn: logistic regression learns from their beads how sure beads are, and a line a collection tells how
well it was aligned without having been learnt from, beside Vecalign's programme (`pip install sentweave`) on the same vectors;
last, whether probabilities keep what they promise, those too of collections left out.
"""

import argparse
import json
import random
import sys
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numba import njit
from scipy.optimize import minimize

from align.beads import _EQUALLY_MANY, _MANY, _ROUNDS, Links, Side, confidence
from align.beads.anchors import band, chain, supported, sure_pairs
from align.beads.answers import with_answers
from align.beads.corners import Corners
from align.beads.features import Scorer
from align.beads.posteriors import LEAST, Posteriors
from align.beads.sides import WINDOWS
from align.beads.stats import estimated, usual
from align.data import Document
from align.encode import load, side_vectors
from align.evaluate.alignment import evaluate
from align.neighbours import both_ways
from align.segment import segment
from align.segment.signs import closings, lengths, links

HERE = Path(__file__).resolve().parents[1]
TARGET = HERE / "models" / "beads" / "weights.json"
# Where learning begins; features that have no weight yet begin with none.
CURRENT = json.loads(TARGET.read_text("utf-8"))
LIMITS = (8, 8)
# Collections: documents taken of each. Of those of many books at most two documents a book.
GOLD = {"transread": 11, "mac_dev": 6, "textberg_dev": 1, "aligner_eval": 9, "nejm": 6, "rasaif": 14, "bilinguator_ar_en": 7,
        "bilinguator_ar_xx": 8, "bilinguator_xx": 16, "stories_ar_en": 8, "stories_ar_xx": 8, "stories_xx_en": 8,
        "thaqalayn": 8, "tunisia_status_code": 4, "kobo_then": 6, "kobo_drift": 11, "kobo_drift_es_fr": 7, "rpi_then": 6,
        "asp_summaries": 1, "alibi": 5, "litpara": 8, "lonweb_tr_en": 6, "verne_lingtrain": 2}
DOCS = {"ntrex__noisy": 16, "ntrex__merged": 12, "ntrex": 6, "tico19__noisy": 5, "tico19__merged": 4, "tico19": 2,
        "debian_handbook": 16, "debian_handbook__noisy": 10, "mozilla_www__noisy": 14, "mozilla_www": 6,
        "react_docs__merged": 8, "react_docs__noisy": 7, "opensource_guide__merged": 6, "opensource_guide__noisy": 6,
        "bitcoin_org__merged": 9, "cs229__noisy": 3, "quran": 6, "bible": 8, "cc_licences__noisy": 1, "spec_docs__noisy": 1,
        "bible__reseg": 4, "ntrex__sent": 6}
REPLACED = {"ntrex": 16, "tico19": 7, "bible": 8, "react_docs": 5, "quran": 7}
# Collections that are left out together, as they share texts or makers.
FAMILIES = [{"ntrex", "textberg", "cs229"}, {"tico19", "transread", "alibi", "verne"}, {"mac", "aligner", "nejm", "mozilla"},
            {"bilinguator", "debian"}, {"bible", "rasaif", "react"}, {"quran", "stories", "asp", "opensource"},
            {"kobo", "bitcoin", "thaqalayn", "litpara"}, {"rpi", "tunisia", "lonweb", "cc", "spec"}]
# What a kind of document counts; and the probability of a line left alone where a unit says nothing of it.
WORTH = {"exact": 2.0, "replaced": 1.6, "noisy": 1.6, "merged": 1.0, "plain": 0.6, "group": 0.6}
UNMARKED = 0.03
# Taken from what it costs to leave a segment alone: chosen on collections left out, where the field is too shy.
READY = 0.3
NAMES, SKIPS = Scorer.FEATURES, Scorer.SKIPS
ALL = (*NAMES, *SKIPS)
# Candidates are beads of the band and so many columns around it whose score is within so much of the best path's.
_AROUND, _WITHIN, _WITHIN_GOLD = 12, 10.0, 8.0


def family(name: str) -> int:
    """Which of FAMILIES a collection belongs to."""
    first = name.removeprefix("replaced_").split("_")[0]
    return next(k for k, names in enumerate(FAMILIES) if first in names)


def kind(pair: "Pair") -> str:
    """A row of WORTH."""
    if pair.name.startswith("replaced_"):
        return "replaced"
    if "__noisy" in pair.name or pair.name in ("debian_handbook", "asp_summaries", "kobo_drift", "kobo_drift_es_fr"):
        return "noisy"
    if "__merged" in pair.name:
        return "merged"
    if pair.name in ("ntrex", "tico19", "bible", "quran", "mozilla_www"):
        return "plain"
    return "exact" if pair.exact else "group"


# Documents


def documents(data: Path) -> list[dict]:
    """All that is learnt from, as records of one form."""
    found = []
    for folder, wanted in (("gold", GOLD), ("docs", DOCS)):
        for name, most in wanted.items():
            records = [json.loads(line) for line in (data / folder / f"{name}.jsonl").open(encoding="utf-8")]
            random.Random(5).shuffle(records)
            books: dict[str, int] = defaultdict(int)
            for record in records:
                book = record["meta"].get("work", record["doc"])
                books[book] += 1
                first, second = (record["first"], record["second"]) if folder == "gold" else (record["ar"], record["en"])
                if books[book] <= 2 and len(first) * len(second) <= 300_000 and most:
                    most -= 1
                    found.append({"name": name, "sides": (first, second), "langs": record.get("langs", ["ar", "en"]),
                                  "exact": record["meta"].get("granularity", "exact") == "exact",
                                  "gold": [(tuple(a), tuple(b)) for a, b in record["gold"]]})
    for name, most in REPLACED.items():
        found += replaced(data, name, most)
    return found


def replaced(data: Path, name: str, most: int) -> list[dict]:
    """Documents some of whose second lines are those of other documents, of about the same length."""
    records = [json.loads(line) for line in (data / "docs" / f"{name}.jsonl").open(encoding="utf-8")]
    records = [d for d in records if len(d["ar"]) >= 10 and all(len(a) == len(e) == 1 for a, e in d["gold"])]
    rng, found = random.Random(name), []
    for k, record in list(enumerate(records))[1::max(1, len(records) // most)][:most]:
        pool = [line for other, d in enumerate(records) if other != k for line in d["en"]]
        second, gone, rate = list(record["en"]), set(), rng.choice([5, 7, 9, 14])
        for j, line in enumerate(second):
            if rng.random() < 1 / rate and len(line.split()) >= 5:
                second[j] = rng.choice(sorted(pool, key=lambda other: abs(len(other) - len(line)))[:40])
                pool.remove(second[j])
                gone.add(j)
        gold = []
        for a, e in record["gold"]:
            gold += [((a[0],), ()), ((), (e[0],))] if e[0] in gone else [(tuple(a), tuple(e))]
        found.append({"name": f"replaced_{name}", "sides": (record["ar"], second), "langs": ["ar", "en"], "exact": True,
                      "gold": gold})
    return found


@dataclass(slots=True)
class Pair:
    """A document pair ready to be aligned, and its lattice of candidate beads: arcs in the order of their ends."""

    name: str
    exact: bool
    gold: list
    scorer: Scorer
    arcs: np.ndarray = None
    starts: np.ndarray = None
    ends: np.ndarray = None
    nodes: int = 0
    right: np.ndarray = None
    price: np.ndarray = None
    worth: float = 1.0
    x: np.ndarray = None
    unknown: np.ndarray = None
    stats: list = field(default_factory=list)


def pair_of(record: dict, encoder) -> Pair | None:
    """The pair of a record; None where a line holds no text."""
    texts = []
    for lang, lines in zip(record["langs"], record["sides"], strict=True):
        text = "".join(" ".join(line.split()) + "\n" for line in lines)
        texts.append(segment(Document(lang, lang, text), segmented=True))
    if any(len(text.segments) != len(lines) or not all(text.forms) for text, lines in zip(texts, record["sides"], strict=True)):
        return None
    built = []
    for text in texts:
        found = side_vectors(encoder, text.forms, LIMITS[0], WINDOWS)
        built.append(Side(found.spans, np.array(lengths(text)), np.array(closings(text)), found.heads, found.tails))
    ties = np.array(links(*texts)).reshape(-1, 3)
    scorer = Scorer(*built, Links(ties[:, 0].astype(np.int64), ties[:, 1].astype(np.int64), ties[:, 2].astype(np.float32)),
                    CURRENT["path"], LIMITS)
    return Pair(record["name"], record["exact"], record["gold"], scorer)


# Lattices


@njit(cache=True, nogil=True)
def _forward(nodes, starts, ends, scores, sums):
    for k in range(nodes):
        sums[k] = -np.inf
    sums[0] = 0.0
    k = 0
    while k < len(starts):
        last, most = k, -np.inf
        while last < len(starts) and ends[last] == ends[k]:
            most = max(most, sums[starts[last]] + scores[last])
            last += 1
        if most > -np.inf:
            total = 0.0
            for arc in range(k, last):
                total += np.exp(sums[starts[arc]] + scores[arc] - most)
            sums[ends[k]] = most + np.log(total)
        k = last


@njit(cache=True, nogil=True)
def _backward(nodes, starts, ends, scores, sums):
    most, total = np.full(nodes, -np.inf), np.zeros(nodes)
    most[nodes - 1], total[nodes - 1] = 0.0, 1.0
    for arc in range(len(starts) - 1, -1, -1):
        end, start = ends[arc], starts[arc]
        if most[end] == -np.inf:
            continue
        value = most[end] + np.log(total[end]) + scores[arc]
        if value == -np.inf:
            continue
        if value > most[start]:
            total[start] = total[start] * np.exp(most[start] - value) + 1.0 if most[start] > -np.inf else 1.0
            most[start] = value
        else:
            total[start] += np.exp(value - most[start])
    for node in range(nodes):
        sums[node] = most[node] + np.log(total[node]) if total[node] > 0 else -np.inf


@njit(cache=True, nogil=True)
def _best(nodes, starts, ends, scores):
    best, back = np.full(nodes, -np.inf), np.full(nodes, -1)
    best[0] = 0.0
    for arc in range(len(starts)):
        value = best[starts[arc]] + scores[arc]
        if value > best[ends[arc]]:
            best[ends[arc]], back[ends[arc]] = value, arc
    path, node = [], nodes - 1
    while node > 0:
        path.append(back[node])
        node = starts[back[node]]
    return path[::-1], best[nodes - 1]


def marginals(nodes: int, starts: np.ndarray, ends: np.ndarray, scores: np.ndarray) -> tuple[float, np.ndarray]:
    """Log of the sum over all paths, and log probabilities of arcs."""
    ahead, behind = np.empty(nodes), np.empty(nodes)
    _forward(nodes, starts, ends, scores, ahead)
    _backward(nodes, starts, ends, scores, behind)
    return ahead[-1], ahead[starts] + scores + behind[ends] - ahead[-1]


def add_lattice(pair: Pair) -> bool:
    """Find the candidates; whether any path among them agrees with the gold."""
    scorer = pair.scorer
    n, m = len(scorer.first), len(scorer.second)
    near = both_ways(scorer.first.vectors.single, scorer.second.vectors.single)
    pairs, sims = sure_pairs(*near)
    anchors = pairs[chain(pairs, sims)]
    low, high = band(n, m, anchors[supported(anchors)])
    low = np.clip(np.concatenate([np.zeros(_AROUND, np.int64), low])[:n + 1] - _AROUND, 0, m)
    high = np.clip(np.concatenate([high[_AROUND:], np.full(_AROUND, m + 1)])[:n + 1] + _AROUND, 1, m + 1)
    arcs, scores = _all_arcs(scorer, low, high)
    order, starts, ends, nodes = _nodes(arcs, m)
    arcs, scores = arcs[order], scores[order]
    right = agrees(pair, arcs)
    kept = marginals(nodes, starts, ends, scores)[1] > -_WITHIN
    total, inside = marginals(nodes, starts, ends, np.where(right, scores, -np.inf))
    if not np.isfinite(total):
        return False
    kept |= inside > -_WITHIN_GOLD
    order, pair.starts, pair.ends, pair.nodes = _nodes(arcs[kept], m)
    pair.arcs, pair.right = arcs[kept][order], right[kept][order]
    one = (pair.arcs[:, 2:] == 0).any(1)
    pair.price = np.where(one & ~pair.right & (not pair.exact), np.log(UNMARKED), 0.0)
    if not pair.exact:
        pair.right = pair.right | one
    return True


def _all_arcs(scorer: Scorer, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Beads of a band, (end, end, n, m) a row, and their scores, half of them: flat, so that little is lost."""
    n = len(scorer.first)
    first, second = scorer.skips()
    arcs, scores = [], []
    for r0 in range(1, n + 1, 16):
        r1 = min(r0 + 16, n + 1)
        columns = np.arange(low[r0], high[r1 - 1])[None]
        values = scorer(r0, r1, columns)
        row, a, b, at = np.nonzero(np.isfinite(values))
        i, j = row + r0, columns[0, at]
        start = i - a - 1, j - b - 1
        inside = (j >= low[i]) & (j < high[i]) & (start[1] >= low[start[0]]) & (start[1] < high[start[0]])
        arcs.append(np.stack([i, j, a + 1, b + 1], 1)[inside])
        scores.append(values[row, a, b, at][inside])
    for i in range(n + 1):
        j = np.arange(low[i], high[i])
        if i:
            both = j[(j >= low[i - 1]) & (j < high[i - 1])]
            arcs.append(np.stack([np.full(len(both), i), both, np.ones_like(both), np.zeros_like(both)], 1))
            scores.append(np.full(len(both), first[i - 1] - 1))
        arcs.append(np.stack([np.full(len(j) - 1, i), j[1:], np.zeros_like(j[1:]), np.ones_like(j[1:])], 1))
        scores.append(second[j[1:] - 1] - 1)
    return np.concatenate(arcs), np.concatenate(scores).astype(np.float64) / 2


def _nodes(arcs: np.ndarray, m: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Arcs by end, and the numbers of the corners they join."""
    i, j, a, b = arcs.T
    starts, ends = (i - a) * (m + 1) + j - b, i * (m + 1) + j
    order = np.lexsort((starts, ends))
    corners = np.unique(np.concatenate([[0], starts, ends]))
    return order, np.searchsorted(corners, starts[order]), np.searchsorted(corners, ends[order]), len(corners)


def agrees(pair: Pair, arcs: np.ndarray) -> np.ndarray:
    """Which beads agree with the gold: are it, or lie inside a unit of it."""
    n, m = len(pair.scorer.first), len(pair.scorer.second)
    units = _units(pair.gold)
    of_first, of_second = np.zeros(n + 1, np.int64), np.zeros(m + 1, np.int64)
    for k, (a, b) in enumerate(units):
        of_first[list(a)], of_second[list(b)] = k, k
    lone = np.array([not (a and b) for a, b in units])
    # Units too broad for a bead cannot be asked to have none of their lines alone.
    loose = lone | np.array([len(a) > LIMITS[0] * max(len(b), 1) or len(b) > LIMITS[1] * max(len(a), 1) for a, b in units])
    i, j, a, b = arcs.T
    last, other_last = of_first[np.maximum(i - 1, 0)], of_second[np.maximum(j - 1, 0)]
    whole = (last == of_first[np.minimum(i - a, n)]) & (other_last == of_second[np.minimum(j - b, m)]) & (last == other_last)
    if pair.exact:
        exact = {(a, b) for a, b in pair.gold}
        is_exact = np.array([(a, b) in exact for a, b in units])
        sizes = np.array([(len(a), len(b)) for a, b in units])
        whole &= ~is_exact[last] | ((sizes[last, 0] == a) & (sizes[last, 1] == b))
    return np.where((a > 0) & (b > 0), whole, np.where(b == 0, loose[last], loose[other_last]))


def _units(gold: list) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Gold beads; those that have others inside them are one unit with these."""
    units, i, j = [], 0, 0
    first: list[int] = []
    second: list[int] = []
    for a, b in gold:
        first, second = sorted([*first, *a]), sorted([*second, *b])
        if first == list(range(i, i + len(first))) and second == list(range(j, j + len(second))):
            units.append((tuple(first), tuple(second)))
            i, j, first, second = i + len(first), j + len(second), [], []
    return units


# Features


def matrix(pair: Pair, scorer: Scorer) -> np.ndarray:
    """The features of all arcs, float32 of shape (arcs, ALL)."""
    out = np.zeros((len(pair.arcs), len(ALL)), np.float32)
    i, j, a, b = pair.arcs.T
    two = np.flatnonzero((a > 0) & (b > 0))
    for r0 in range(1, len(scorer.first) + 1, 12):
        rows = two[np.searchsorted(i[two], r0):np.searchsorted(i[two], r0 + 12)]
        if len(rows):
            corners = Corners(np.arange(r0, min(r0 + 12, len(scorer.first) + 1)),
                              np.arange(j[rows].min(), j[rows].max() + 1)[None], LIMITS)
            place = i[rows] - r0, a[rows] - 1, b[rows] - 1, j[rows] - corners.columns[0, 0]
            for name, values in scorer.features(corners):
                out[rows, NAMES.index(name)] = np.broadcast_to(values, corners.shape)[place]
    for alone, features, end in zip((b == 0, a == 0), scorer.skip_features(), (i, j), strict=True):
        out[alone, len(NAMES):] = features[end[alone] - 1]
    return out


def likely(pair: Pair, scores: np.ndarray) -> Posteriors:
    """What the aligner would be told of likely beads."""
    shares = np.exp(marginals(pair.nodes, pair.starts, pair.ends, scores)[1])
    i, j, a, b = pair.arcs.T
    two = (a > 0) & (b > 0) & (shares >= LEAST)
    alone, places = [], []
    for at, end, other, size in ((b == 0, i, j, len(pair.scorer.first)), (a == 0, j, i, len(pair.scorer.second))):
        total, moment = (np.bincount(end[at] - 1, values, size) for values in (shares[at], shares[at] * other[at]))
        alone.append(np.minimum(total, 1))
        places.append(np.divide(moment, total, out=np.full(size, np.nan), where=total > 0))
    return Posteriors(pair.arcs[two, :2], pair.arcs[two, 2:], np.minimum(shares[two], 1), *alone, *places)


def follow(pair: Pair, w: np.ndarray) -> Posteriors:
    """Learn of the document as the aligner does, and set the features of the last round; the posteriors before it."""
    scorer = pair.scorer.with_stats(usual(pair.scorer.first, pair.scorer.second))
    x = pair.unknown
    for _ in range(_ROUNDS):
        found = likely(pair, x @ w)
        scorer = scorer.with_stats(with_answers(estimated(found, scorer.first, scorer.second), found, scorer))
        x = matrix(pair, scorer)
    pair.scorer, pair.x = scorer, x
    return found


# Learning


def learn(pairs: list[Pair], start: np.ndarray, rounds: int = 60, ridge: float = 2e-4) -> np.ndarray:
    """The weights of the field by L-BFGS; features are brought to one scale."""
    size = sum(pair.worth * len(pair.gold) for pair in pairs)
    scale = np.sqrt(sum(pair.worth * (pair.x ** 2).sum(0) for pair in pairs)
                    / sum(pair.worth * len(pair.x) for pair in pairs)) + 1e-3

    def of_pair(pair: Pair, w: np.ndarray) -> tuple[float, np.ndarray]:
        scores = (pair.x @ w).astype(np.float64)
        total, all_paths = marginals(pair.nodes, pair.starts, pair.ends, scores)
        right, gold_paths = marginals(pair.nodes, pair.starts, pair.ends,
                                      np.where(pair.right, scores + pair.price, -np.inf))
        with np.errstate(invalid="ignore"):
            gold_paths = np.nan_to_num(np.exp(gold_paths))
        return pair.worth * (total - right), pair.worth * (pair.x.T @ (np.exp(all_paths) - gold_paths))

    def loss(v: np.ndarray) -> tuple[float, np.ndarray]:
        with ThreadPoolExecutor(2) as pool:
            values, gradients = zip(*pool.map(lambda pair: of_pair(pair, v / scale), pairs), strict=True)
        return (sum(values) / size + ridge * (v ** 2).sum() / 2,
                sum(gradients) / size / scale + ridge * v)

    found = minimize(loss, start * scale, jac=True, method="L-BFGS-B",
                     options={"maxiter": rounds, "maxcor": 30, "ftol": 1e-7})
    print(f"loss {found.fun:.5f} after {found.nit} rounds", flush=True)
    return found.x / scale


def ready(w: np.ndarray) -> np.ndarray:
    """The weights with segments left alone more readily."""
    w = w.copy()
    w[ALL.index("skip")] -= READY
    return w


def decode(pair: Pair, w: np.ndarray) -> list[int]:
    """The arcs of the aligner's path."""
    scores = (pair.x @ w).astype(np.float64)
    path, best = _best(pair.nodes, pair.starts, pair.ends, scores)
    n, m = len(pair.scorer.first), len(pair.scorer.second)
    i, j, a, b = pair.arcs.T
    even = np.flatnonzero((a == 1) & (b == 1) & (i == j))
    if n == m and len(even) == n and scores[even].sum() + _EQUALLY_MANY * min(1.0, n / _MANY) >= best:
        return even.tolist()
    return path


def beads_of(pair: Pair, path: list[int]) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Arcs as beads."""
    return [(tuple(range(i - a, i)), tuple(range(j - b, j))) for i, j, a, b in pair.arcs[path].tolist()]


def evidence(pair: Pair, w: np.ndarray, found: Posteriors) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Features of sureness of the path's beads of both sides and of lone segments, and which are right.

    In units whose beads are not known a bead of two sides is right where it lies inside one, and only lines that no unit has
    are rightly alone.
    """
    path = decode(pair, w)
    steps, ends = pair.arcs[path, 2:], pair.arcs[path, :2]
    two = steps.all(1)
    _, pairs, lone = confidence.evidence(steps, ends, pair.scorer, found)
    right = agrees(pair, pair.arcs[path])
    return pairs[two], right[two], lone[~two], right[~two]


def fit(x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Logistic regression by Newton's method, with a small ridge."""
    w = np.zeros(x.shape[1])
    for _ in range(40):
        p = 1 / (1 + np.exp(-x @ w))
        gradient = x.T @ (weights * (p - y)) + 0.5 * w
        hessian = (x * (weights * p * (1 - p))[:, None]).T @ x + 0.5 * np.eye(len(w))
        w -= np.linalg.solve(hessian, gradient)
    return w


def learn_confidence(seen: list[tuple[Pair, tuple]]) -> tuple[np.ndarray, np.ndarray]:
    """Logistic weights of beads, of collections whose beads are known, and of lone segments, each collection by the root of
    its size."""
    sizes: dict[str, int] = defaultdict(int)
    for pair, found in seen:
        sizes[pair.name] += len(found[1]) + len(found[3])
    out = []
    for k in (0, 2):
        kept = [(pair, found) for pair, found in seen if k or pair.exact]
        x, y = (np.concatenate([found[k + part] for _, found in kept]) for part in (0, 1))
        weights = np.concatenate([np.full(len(found[k]), sizes[pair.name] ** -0.5) for pair, found in kept])
        out.append(fit(x, y.astype(float), weights / weights.mean()))
    return out[0], out[1]


# Reports


def report(by_name: dict[str, list[tuple[Pair, list]]], rivals: dict[int, list]) -> None:
    """Scores a collection, ours and where they are there a rival's: strict and lax F1 where the gold is exact, units with one
    line on a side that came out as they are, and precision, recall and F1 of lines left alone."""
    for name in sorted(by_name):
        pairs, ours = zip(*by_name[name], strict=True)
        print(f"{name:22} {len(pairs):3}  {_row(pairs, ours)}", end="")
        print(f"   Vecalign {_row(pairs, [rivals[id(pair)] for pair in pairs])}" if rivals else "", flush=True)


def _row(pairs: list[Pair], tests: list) -> str:
    golds = [pair.gold for pair in pairs]
    found = evaluate(golds, tests)
    units = [unit in set(test) for gold, test in zip(golds, tests, strict=True) for unit in gold
             if unit[0] and unit[1] and min(map(len, unit)) == 1]
    one = found.one_sided["both"]
    exact = f"strict {found.strict.f1:.3f} lax {found.lax.f1:.3f}" if pairs[0].exact else " " * 22
    return f"{exact} units {np.mean(units or [0]):.3f} alone {one.precision:.2f} {one.recall:.2f} {one.f1:.3f} of {one.gold}"


def rivals_of(pairs: list[Pair], encoder) -> dict[int, list]:
    """What Vecalign's programme finds with the same vectors, by the pair's identity; nothing where it is not installed."""
    try:
        import sentweave  # noqa: F401
    except ImportError:
        print("sentweave is not installed: pip install sentweave")
        return {}
    from bench_quality import vecalign

    pad = encoder.encode(["PAD"])[0]
    return {id(pair): vecalign([side.vectors.spans for side in (pair.scorer.first, pair.scorer.second)], pad)
            for pair in pairs}


def promises(seen: list[tuple[Pair, tuple, tuple[np.ndarray, np.ndarray]]]) -> None:
    """Of exact collections: the share of beads of two sides that are right, by what was promised of each, and from .98 on."""
    p, y = (np.concatenate(part) for part in zip(*[(1 / (1 + np.exp(-found[0] @ w[0])), found[1])
                                                   for pair, found, w in seen if pair.exact], strict=True))
    for low, high in ((0, .5), (.5, .8), (.8, .9), (.9, .95), (.95, .98), (.98, 1.01)):
        inside = (p >= low) & (p < high)
        print(f"promised {low:.2f} to {min(high, 1):.2f}: mean {p[inside].mean():.3f}, right {y[inside].mean():.3f} of {inside.sum()}")


def as_tables(path: np.ndarray, two: np.ndarray, one: np.ndarray) -> dict[str, dict[str, float]]:
    """Weights as `weights.json` holds them."""
    return {"path": dict(zip(ALL, path.round(4).tolist(), strict=True)),
            "pair": dict(zip(confidence.PAIR, two.round(4).tolist(), strict=True)),
            "alone": dict(zip(confidence.ALONE, one.round(4).tolist(), strict=True))}


def without_each(pairs: list[Pair], found: list[Posteriors], w: np.ndarray) -> tuple[list[np.ndarray], list[tuple[Pair, tuple]]]:
    """The weights of the path that each family left out would have, and each pair with the evidence of the beads that those of
    its own family find."""
    paths, seen = [], []
    for k in range(len(FAMILIES)):
        own = ready(learn([pair for pair in pairs if family(pair.name) != k], w, 20))
        paths.append(own)
        seen += [(pair, evidence(pair, own, posteriors)) for pair, posteriors in zip(pairs, found, strict=True)
                 if family(pair.name) == k]
    return paths, seen


def main() -> None:
    """Learn, write, and score collections left out."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", nargs="?", type=Path, default=HERE.parent / "shared" / "data")
    parser.add_argument("--left-out", type=Path)
    chosen = parser.parse_args()
    data = chosen.data
    if not (data / "gold").is_dir():
        sys.exit(f"{data / 'gold'}: no such folder; name the folder that holds gold/*.jsonl and docs/*.jsonl")
    encoder = load()
    pairs = [pair for pair in (pair_of(record, encoder) for record in documents(data)) if pair and add_lattice(pair)]
    sizes: dict[str, int] = defaultdict(int)
    for pair in pairs:
        sizes[pair.name] += len(pair.gold)
    for pair in pairs:
        pair.worth = WORTH[kind(pair)] * min(sizes[pair.name], 3000) ** 0.5 / sizes[pair.name]
        pair.unknown = matrix(pair, pair.scorer)
    print(len(pairs), "documents,", sum(len(pair.arcs) for pair in pairs), "candidates", flush=True)
    w = np.array([CURRENT["path"].get(name, 0.0) for name in ALL])
    w[ALL.index("skip")] += READY
    for _ in range(1 if chosen.left_out else 3):
        found = [follow(pair, w) for pair in pairs]
        w = w if chosen.left_out else learn(pairs, w)
    paths, seen = without_each(pairs, found, w)
    own = [learn_confidence([(pair, part) for pair, part in seen if family(pair.name) != k]) for k in range(len(FAMILIES))]
    if chosen.left_out:
        tables = [{"names": sorted(names), **as_tables(path, *weights)}
                  for names, path, weights in zip(FAMILIES, paths, own, strict=True)]
        chosen.left_out.write_text(json.dumps(tables, indent=1) + "\n", "utf-8")
        return
    TARGET.write_text(json.dumps(as_tables(ready(w), *learn_confidence(seen)), indent=1) + "\n", "utf-8")
    by_name = defaultdict(list)
    for pair, _ in seen:
        by_name[pair.name].append((pair, beads_of(pair, decode(pair, paths[family(pair.name)]))))
    report(by_name, rivals_of(pairs, encoder))
    promises([(pair, part, own[family(pair.name)]) for pair, part in seen])


if __name__ == "__main__":
    main()
