"""Learn `models/filter/pairs.npz`: how likely a pair is right and complete, from human translations with noise put in.

    python scripts/train_filter.py DATA [--work DIR]

DATA is as for `bench_filter.py`, whose `tune` half is learnt from. Pairs of a document, or a list, stay in their order; a
share of them, different from document to document, is set beside a neighbour's translation, cut short on one side, or given
a neighbour's sentence more on one side. `--work` keeps the features between runs. Needs scikit-learn.
"""

import argparse
import random
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from bench_filter import PAIRS, Pair, clean_pairs, noisy

OUT = Path(__file__).resolve().parent.parent / "models" / "filter" / "pairs.npz"
MOST = ((1, 700), (2, 700), (3, 1400))
"""Seeds, and the most pairs of a data set."""

_LEAST = 4
"""Words of each side from which on a pair is cut short: short ones are hard to tell, and a probability should say so."""

_KINDS = ("misaligned", "misaligned", "truncated", "truncated", "appended", "appended", "numbers")
_SHARES = (0, 0.05, 0.1, 0.2, 0.3, 0.5)
_BATCH = 500


def with_noise(data: Path, half: str, seed: int, most: int) -> list[Pair]:
    """Pairs in the order of their documents, some with noise."""
    rng = random.Random(f"{seed} {half}")
    pairs = clean_pairs(data, half, most, rng)
    beside = [replace(pair, dataset=f"{pair.dataset} in order") for pair in pairs]  # lists too have neighbours here
    shares: dict[str, float] = {}
    out = []
    for k, pair in enumerate(pairs):
        name = pair.dataset + (str(k // 100) if pair.dataset in PAIRS else pair.doc)
        made = None
        if rng.random() < shares.setdefault(name, rng.choice(_SHARES)):
            kinds = list(_KINDS)
            rng.shuffle(kinds)
            made = next((found for kind in kinds if (found := _spoilt(kind, beside, k, rng))), None)
        out.append(pair if made is None else replace(made, dataset=pair.dataset))
    return out


def _spoilt(kind: str, pairs: list[Pair], k: int, rng: random.Random) -> Pair | None:
    """As `noisy`, but shorter pairs are cut short too."""
    sides = [pairs[k].ar.split(), pairs[k].en.split()]
    if kind != "truncated" or min(map(len, sides)) >= 8:
        return noisy(kind, pairs, k, {}, rng)
    if min(map(len, sides)) < _LEAST:
        return None
    at = rng.randrange(2)
    keep = max(1, round(len(sides[at]) * rng.uniform(0.3, 0.7)))
    sides[at] = sides[at][:keep] if rng.random() < 0.7 else sides[at][-keep:]
    return replace(pairs[k], ar=" ".join(sides[0]), en=" ".join(sides[1]), kind=kind, origin=k)


def rows_of(data: Path, work: Path | None, half: str, seed: int, most: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features, kinds and data sets."""
    from align.encode import load
    from align.flags.pairs import features

    path = None if work is None else work / f"{half}.{seed}.{most}.npz"
    if path is not None and path.exists():
        with np.load(path) as stored:
            found, kinds, names = stored["rows"], stored["kinds"], stored["names"]
    else:
        pairs = with_noise(data, half, seed, most)
        encoder = load("default")
        parts = [pairs[k:k + _BATCH] for k in range(0, len(pairs), _BATCH)]
        found = np.concatenate([features([p.ar for p in part], [p.en for p in part], encoder) for part in parts])
        kinds, names = np.array([p.kind for p in pairs]), np.array([p.dataset for p in pairs])
        if path is not None:
            np.savez_compressed(path, rows=found, kinds=kinds, names=names)
    return found, kinds, names


def learnt(parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]], without: frozenset[str] = frozenset()
           ) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """The trees as they are stored, the rows that they were learnt from, and which of these are bad; `without` some data sets.

    `parts` are as `rows_of` gives them.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression

    from align.flags.pairs import COMPARED, FEATURES, Trees, with_context

    plain = np.concatenate([rows[(kinds == "clean") & ~np.isin(names, list(without))] for rows, kinds, names in parts])
    usual = np.median(plain[:, [FEATURES.index(name) for name in COMPARED]], axis=0)
    parts = [(with_context(rows, usual), *rest) for rows, *rest in parts]
    rows, kinds, names = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    use = (kinds != "numbers") & ~np.isin(names, list(without))  # numbers are the business of another rule
    rows, kinds, names = rows[use].astype(np.float64), kinds[use], names[use]
    bad = kinds != "clean"
    model = HistGradientBoostingClassifier(max_iter=300, learning_rate=0.06, max_leaf_nodes=15, min_samples_leaf=25,
                                           l2_regularization=2, random_state=0)
    # What calibrates has not been learnt from: each data set in turn.
    folds = np.array([hash_of(name) % 4 for name in names])
    held = np.zeros(len(rows))
    for fold in range(4):
        held[folds == fold] = model.fit(rows[folds != fold], bad[folds != fold]).decision_function(rows[folds == fold])
    line = LogisticRegression(C=1e6).fit(held[:, None], bad)
    model.fit(rows, bad)
    stored = as_arrays(model)
    stored["usual"] = usual.astype(np.float32)
    stored["features"], stored["compared"] = np.array(FEATURES), np.array(COMPARED)
    stored["numbers"] = np.array([*stored["numbers"], line.coef_[0, 0], line.intercept_[0], depth_of(stored)])
    assert np.abs(Trees.of(stored)(rows[:2000]) - model.decision_function(rows[:2000])).max() < 1e-3
    return stored, rows, bad


def main() -> None:
    """Learn, print how well it tells on documents kept apart, write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--work", type=Path)
    arguments = parser.parse_args()
    from align.flags.pairs import Trees

    parts = [rows_of(arguments.data, arguments.work, "tune", seed, most) for seed, most in MOST]
    stored, rows, bad = learnt(parts)
    OUT.parent.mkdir(exist_ok=True)
    np.savez_compressed(OUT, **stored)
    with np.load(OUT) as again:
        trees = Trees.of(again)
    print(f"{len(rows)} pairs, {bad.sum()} with noise; calibration {trees.line[0]:.2f} {trees.line[1]:.2f}; "
          f"{OUT.stat().st_size / 1000:.0f} kB")
    report(trees, arguments)


def hash_of(name: str) -> int:
    """A number of a name, the same in every process."""
    return sum(name.encode())


def as_arrays(model) -> dict[str, np.ndarray]:
    """The trees of the library's model."""
    nodes = [predictor[0].nodes for predictor in model._predictors]
    most = max(map(len, nodes))
    out = {"columns": np.zeros((len(nodes), most), np.int16), "thresholds": np.zeros((len(nodes), most), np.float32),
           "left": np.zeros((len(nodes), most), np.int16), "right": np.zeros((len(nodes), most), np.int16),
           "values": np.zeros((len(nodes), most), np.float32)}  # fmt: skip
    for k, tree in enumerate(nodes):
        n = len(tree)
        leaf = tree["is_leaf"].astype(bool)
        here = np.arange(n)
        out["columns"][k, :n] = np.where(leaf, 0, tree["feature_idx"])
        out["thresholds"][k, :n] = np.where(leaf, 0, tree["num_threshold"])
        out["left"][k, :n] = np.where(leaf, here, tree["left"])
        out["right"][k, :n] = np.where(leaf, here, tree["right"])
        out["values"][k, :n] = np.where(leaf, tree["value"], 0)
    out["numbers"] = np.array([float(model._baseline_prediction[0, 0])])
    return out


def depth_of(stored: dict[str, np.ndarray]) -> int:
    """How many steps lead from the root to the deepest leaf."""
    node = np.zeros((len(stored["left"]), 1), np.int64)
    for depth in range(64):
        trees = np.arange(len(node))[:, None]
        after = np.concatenate([stored["left"][trees, node], stored["right"][trees, node]], 1)
        if (after == np.concatenate([node, node], 1)).all():
            return depth
        node = np.sort(after, 1)
        node = node[:, ~(np.diff(node, axis=1, prepend=-1) == 0).all(0)]
    raise ValueError("a tree does not end")


def report(trees, arguments) -> None:
    """Print what is caught of the other half at fixed shares of clean pairs lost, and how well calibrated it is."""
    from align.flags.pairs import with_context

    slope, shift = trees.line
    for seed, most in ((1, 300), (2, 500)):
        rows, kinds, _ = rows_of(arguments.data, arguments.work, "confirm", seed, most)
        p = 1 / (1 + np.exp(slope * trees(with_context(rows, trees.usual)) + shift))
        clean = kinds == "clean"
        for lost in (0.01, 0.02, 0.05):
            cut = np.quantile(p[clean], lost)
            caught = ", ".join(f"{kind} {(p[kinds == kind] < cut).mean():.3f}" for kind in ("misaligned", "truncated", "appended"))
            print(f"seed {seed}, {lost:.0%} of clean pairs lost below {cut:.3f}: {caught}")
        told = kinds != "numbers"
        for low, high in ((0, 0.1), (0.1, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 0.97), (0.97, 1.01)):
            here = told & (p >= low) & (p < high)
            if here.any():
                print(f"  {low:.2f} to {min(high, 1):.2f}: {here.sum()} pairs, mean {p[here].mean():.3f}, right {clean[here].mean():.3f}")


if __name__ == "__main__":
    main()
