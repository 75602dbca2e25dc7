#!/usr/bin/env python3
"""Learn the weights that pair documents (models/pairing/weights.json) from documents with gold.

usage: train_pairing.py [DATA] [--write]    DATA holds docs/*.jsonl; default: shared/data beside the checkout

Pools are made of the documents of half of the sources (by a hash of their names): whole documents, documents with lines
missing on both sides, a third of one version against the whole other one, pieces of a few lines (so that there are
others of the same article), large pools and pools of a handful, and sites whose pages differ in little (see
template_sites.py), with a third or nine tenths of the counterparts taken away. Logistic regression on all candidates gives log odds; a second one on those chosen adds the lead over rivals. The
other half is only scored. With --write the weights are kept.
"""

import argparse
import hashlib
import json
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from template_sites import FORMS, filled, framed

from align.data import Document
from align.encode import load, span_vectors
from align.neighbours import nearest
from align.pairing import Gathering, Model, Side, Sketch, keys, match, sketch
from align.pairing.assign import assign
from align.pairing.documents import _general
from align.pairing.evidence import FEATURES, features
from align.pairing.scores import LAST, POSSIBLE, leads
from align.segment import segment

HERE = Path(__file__).resolve().parents[1]
TARGET = HERE / "models" / "pairing" / "weights.json"
OWN = 0.5  # weight of a pair's own log odds beside its lead, which ends at a few and alone could tell no sure pair from surer
SITES = ("forms", "forms, few pairs", "frames", "frames, few pairs")
# Sides a document has in a pool: its lines in Arabic and in English.
Text = tuple[str, ...]


class Item(NamedTuple):
    """A document of a pool, with both of its versions."""

    name: str
    ar: Text
    en: Text


class Pool(NamedTuple):
    """Documents of the two sides in any order; the same name on both is a pair."""

    ar: list[tuple[str, Text]]
    en: list[tuple[str, Text]]

    @property
    def gold(self) -> set[tuple[int, int]]:
        """Numbers of the documents that belong together."""
        places = {name: number for number, (name, _) in enumerate(self.en)}
        return {(number, places[name]) for number, (name, _) in enumerate(self.ar) if name in places}


def sources(data: Path, noisy: bool) -> Iterator[tuple[str, dict]]:
    """Name and record of every document, either of the plain sets or of those with lines missing."""
    for path in sorted((data / "docs").glob("*.jsonl")):
        if "__" in path.stem and not (noisy and path.stem.endswith("__noisy")) or noisy != ("__" in path.stem):
            continue
        for line in path.read_text("utf-8").splitlines():
            record = json.loads(line)
            yield f"{path.stem.split('__')[0]}/{record['doc'].split('__')[0]}", record


def is_learnt(name: str) -> bool:
    """Whether a source belongs to the half that is learnt from."""
    return hashlib.sha1(name.encode()).digest()[0] % 2 == 0


def lines(record: dict, beads: list) -> tuple[Text, Text]:
    """Both sides of some beads."""
    ar, en = ([record[side][k] for bead in beads for k in bead[at]] for at, side in enumerate(("ar", "en")))
    return tuple(ar), tuple(en)


def partial(name: str, record: dict, rng: random.Random) -> Item:
    """One version whole, a third of the other."""
    beads = record["gold"]
    size = max(1, len(beads) // 3)
    start = rng.randint(0, len(beads) - size)
    ar, en = lines(record, beads[start:start + size])
    return Item(name, tuple(record["ar"]), en) if rng.random() < 0.5 else Item(name, ar, tuple(record["en"]))


def pieces(name: str, record: dict, rng: random.Random, least: int, most: int) -> list[Item]:
    """Some pieces of `least` to `most` beads."""
    beads, out, at = record["gold"], [], 0
    while at < len(beads):
        size = rng.randint(least, most)
        out.append(Item(f"{name}#{at}", *lines(record, beads[at:at + size])))
        at += size
    rng.shuffle(out)
    return out[:12]


def pool(items: list[Item], gone: float, rng: random.Random) -> Pool:
    """Both sides shuffled, a share of counterparts gone, in turn of either side."""
    items = [item for item in items if "".join(item.ar).strip() and "".join(item.en).strip()]
    items = sorted(items)
    rng.shuffle(items)
    count = round(len(items) * gone)
    ar = [(item.name, item.ar) for k, item in enumerate(items) if k >= count or k % 2]
    en = [(item.name, item.en) for k, item in enumerate(items) if k >= count or not k % 2]
    rng.shuffle(ar)
    rng.shuffle(en)
    return Pool(ar, en)


def scenarios(data: Path, learnt: bool, seed: int) -> dict[str, list[Pool]]:
    """Pools by the name of what they try."""
    rng = random.Random(seed)
    plain, noisy = ([x for x in sources(data, kind) if is_learnt(x[0]) == learnt] for kind in (False, True))
    whole = [Item(name, tuple(record["ar"]), tuple(record["en"])) for name, record in plain]
    missing = [Item(name, tuple(record["ar"]), tuple(record["en"])) for name, record in noisy]
    thirds = [partial(name, record, rng) for name, record in plain]
    short = [piece for name, record in plain for piece in pieces(name, record, rng, 1, 2)]
    longer = [piece for name, record in plain for piece in pieces(name, record, rng, 3, 10)]
    rng.shuffle(short)
    rng.shuffle(longer)
    out = {"whole": [pool(whole, 1 / 3, rng)], "whole, few pairs": [pool(whole, 0.9, rng)],
           "lines missing": [pool(missing, 1 / 3, rng)], "a third": [pool(thirds, 1 / 3, rng)],
           "1 to 2 lines": [pool(short[:600], 1 / 3, rng)],
           "1 to 2 lines, few pairs": [pool(short[600:1000], 0.9, rng)],
           "3 to 10 lines": [pool(longer[:500], 1 / 3, rng)],
           "3 to 10 lines, few pairs": [pool(longer[500:900], 0.9, rng)]}
    kinds: dict[str, list[Item]] = {}
    for item in whole:
        kinds.setdefault(item.name.split("/")[0], []).append(item)
    out["of one kind"] = [pool(items, 1 / 3, rng) for items in kinds.values() if len(items) > 10]
    # A handful of one article or of one kind: nothing else tells what is usual.
    groups: dict[str, list[Item]] = {}
    for piece in longer:
        groups.setdefault(piece.name.split("#")[0], []).append(piece)
    handfuls = [rng.sample(items, min(len(items), rng.randint(1, 5)))
                for items in [*groups.values(), *kinds.values()] * 2]
    out["handfuls"] = [found for items in handfuls for found in [pool(items, 0.5, rng)] if found.ar and found.en]
    return out


def names(data: Path, name: str) -> list[tuple[str, str]]:
    """Arabic and English names of a list that have both."""
    sides = [(data / "lexicons" / f"{name}.{lang}").read_text("utf-8").split("\n") for lang in ("ar", "en")]
    return [row for row in zip(*sides, strict=True) if all(row)]


def sites(data: Path, learnt: bool, seed: int) -> dict[str, list[Pool]]:
    """Pools of pages of one form each, and of pages that share a frame and little else."""
    rng = random.Random(seed + learnt)
    places = [name for name in names(data, "names_cldr") if name[1][0].isupper()]
    people = [name for k, name in enumerate(names(data, "names_wikidata_full")) if k % 2 == learnt]
    out: dict[str, list[Pool]] = {name: [] for name in SITES}
    for k, form in enumerate(FORMS):
        if (k % 2 == 0) == learnt:
            pages = [Item(f"form{k}#{n}", *filled(form, people, places, rng)) for n in range(40)]
            out["forms"].append(pool(pages, 1 / 3, rng))
            out["forms, few pairs"].append(pool(pages, 0.9, rng))
    long = [x for x in sources(data, False) if is_learnt(x[0]) == learnt and len(x[1]["gold"]) >= 16]
    pairs = {name: [tuple(" ".join(record[lang][k] for k in bead[at]) for at, lang in enumerate(("ar", "en")))
                    for bead in record["gold"] if all(bead)] for name, record in long}  # fmt: skip
    for number in range(10):
        around = rng.choice(sorted(pairs))
        frame = pairs[around][:rng.randint(6, 12)]
        pages = []
        for name in rng.sample(sorted(pairs), min(24, len(pairs))):
            if name != around:
                size = rng.randint(2, 6)
                start = rng.randint(0, max(0, len(pairs[name]) - size))
                pages.append(Item(f"frame{number}/{name}", *framed(frame, pairs[name][start:start + size])))
        out["frames"].append(pool(pages, 1 / 3, rng))
        out["frames, few pairs"].append(pool(pages, 0.8, rng))
    return out


class Maker:
    """Sketches of texts, each made once."""

    def __init__(self) -> None:
        self.encoder = load(cache=False)
        self.general = _general(self.encoder)

    @cache  # noqa: B019 - one object, which lives to the end
    def sketch(self, text: Text, lang: str) -> Sketch:
        """What is kept of a document of these lines."""
        document = Document("<text>", lang, "".join(line + "\n" for line in text))
        forms = [part.form for part in segment(document).segments if part.form]
        return sketch(span_vectors(self.encoder, forms, 1).single, forms, keys(forms, lang))

    def sides(self, given: Pool) -> tuple[Side, Side]:
        """Both sides of a pool."""
        out = []
        for documents, lang in ((given.ar, "ar"), (given.en, "en")):
            with Gathering(self.encoder.dimension) as gathering:
                for _, text in documents:
                    gathering.add(self.sketch(text, lang))
                out.append(gathering.side())
        return out[0], out[1]


class Seen(NamedTuple):
    """A pool's candidates: numbers, features, whether they are right, both sides, and how many pairs there are."""

    pairs: np.ndarray
    features: np.ndarray
    right: np.ndarray
    sides: tuple[Side, Side]
    pool: Pool


def look(maker: Maker, given: Pool) -> Seen:
    """The candidates of a pool; the weights do not matter for them."""
    sides = maker.sides(given)
    none = Model(np.zeros(len(FEATURES)), 0.0, (0.0, 0.0, 0.0))
    found = match(*sides, maker.general, nearest, weights=none)
    gold = given.gold
    right = np.array([tuple(pair) in gold for pair in found.pairs.tolist()], float)
    return Seen(found.pairs, features(found.evidence), right, sides, given)


def logistic(rows: np.ndarray, right: np.ndarray, weight: np.ndarray, prior: np.ndarray, known: np.ndarray | float = 0.0
             ) -> np.ndarray:  # fmt: skip
    """Weights and a bias by Newton's method, each held towards zero by a Gaussian prior of this precision; `known` log odds
    are added to theirs."""
    x = np.column_stack([rows, np.ones(len(rows))])
    hold = np.diag(np.append(prior, 1e-6))
    out = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(x @ out + known, -30, 30)))
        bent = (x * (weight * p * (1 - p))[:, None]).T @ x + hold
        step = np.linalg.solve(bent, x.T @ (weight * (right - p)) - hold @ out)
        out += step * min(1.0, 3 / np.abs(step).max())
    return out


# What must not count against its nature whatever the data say: 1 raises the odds, -1 lowers them.
SIGNS = np.array([1, 1, 1, 1, 1, 1, -1, -1, 1, -1])
# Half of the documents are technical and keep Latin words; in others they come and go with credits and menus.
PRIOR = np.where(np.array(FEATURES) == "latin", 16.0, 1.0)


def signed(rows: np.ndarray, right: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """As `logistic`, without the features whose weights would have the wrong sign."""
    used = np.ones(len(SIGNS), bool)
    while True:
        found = logistic(rows[:, used], right, weight, PRIOR[used])
        wrong = np.flatnonzero(found[:-1] * SIGNS[used] < 0)
        if not len(wrong):
            out = np.zeros(len(SIGNS) + 1)
            out[np.append(used, True)] = found
            return out
        used[np.flatnonzero(used)[wrong]] = False


def learn(seen: dict[str, list[Seen]]) -> Model:
    """The weights of both steps; every scenario counts the same, SITES a third."""
    rows, right, weight = [], [], []
    for name, group in seen.items():
        total = sum(len(one.pool.gold) for one in group) * (3 if name in SITES else 1)
        for one in group:
            rows.append(one.features)
            right.append(one.right)
            weight.append(np.full(len(one.right), 600 / total))
    first = signed(*map(np.concatenate, (rows, right, weight)))
    model = Model(first[:-1], float(first[-1]), (1.0, 0.0, 0.0))
    rows, right, weight = [], [], []
    for name, group in seen.items():
        total = sum(len(one.pool.gold) for one in group) * (3 if name in SITES else 1)
        for one in group:
            scores, lead, chosen = decide(one, model)
            rows.append(np.column_stack([scores, lead])[chosen])
            right.append(one.right[chosen])
            weight.append(np.full(len(chosen), 600 / total))
    known, lead = np.concatenate(rows).T
    ahead, bias = logistic(lead[:, None], np.concatenate(right), np.concatenate(weight), np.ones(1), OWN * known)
    return Model(model.weights, model.bias, (OWN, float(ahead), float(bias)))


def decide(one: Seen, model: Model) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores, leads, and numbers of the candidates chosen."""
    scores = one.features @ model.weights + model.bias
    gains = np.where(scores > POSSIBLE, np.logaddexp(0, scores), 0)
    return scores, leads(one.pairs, scores, one.sides), assign(one.pairs, gains)


def judged(group: list[Seen], model: Model, least: float = 0.5) -> str:
    """Precision, recall, F1, strangers left alone, and how well calibrated, of the pools of a scenario."""
    hits = said = gold = strangers = disturbed = 0
    loss = []
    for one in group:
        scores, lead, chosen = decide(one, model)
        sure = model.probabilities(scores, lead)
        pairs = one.pool.gold
        paired = [{a for a, _ in pairs}, {b for _, b in pairs}]
        kept = chosen[sure[chosen] >= least]
        hits += int(one.right[kept].sum())
        said += len(kept)
        gold += len(pairs)
        strangers += len(one.pool.ar) + len(one.pool.en) - 2 * len(pairs)
        disturbed += sum(int(one.pairs[k, side]) not in paired[side] for k in kept for side in (0, 1))
        p = np.clip(sure[chosen], 1e-6, 1 - 1e-6)
        loss += (-np.where(one.right[chosen] > 0, np.log(p), np.log(1 - p))).tolist()
    precision, recall = hits / max(said, 1), hits / max(gold, 1)
    return (f"pairs {gold:4d}  precision {precision:.3f}  recall {recall:.3f}  "
            f"F1 {2 * precision * recall / max(precision + recall, 1e-9):.3f}  "
            f"strangers alone {1 - disturbed / max(strangers, 1):.3f} of {strangers:4d}  log loss {np.mean(loss):.3f}")


def main() -> None:
    """Learn, print what the weights do on both halves, and keep them where told to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", type=Path, default=HERE.parent / "shared" / "data")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    maker = Maker()
    seen = {learnt: {name: [look(maker, given) for given in pools]
                     for name, pools in (scenarios(arguments.data, learnt, 7) | sites(arguments.data, learnt, 5)).items()}
            for learnt in (True, False)}
    found = learn(seen[True])
    print({name: round(float(w), 2) for name, w in zip(FEATURES, found.weights, strict=True)}, round(found.bias, 2),
          [round(x, 2) for x in found.last])
    for learnt in (True, False):
        print("learnt from" if learnt else "not learnt from")
        for name, group in seen[learnt].items():
            print(f"  {name:26s} {judged(group, found)}")
    if arguments.write:
        record = {"weights": {name: round(float(w), 4) for name, w in zip(FEATURES, found.weights, strict=True)},
                  "bias": round(found.bias, 4), "last": dict(zip(LAST, [round(x, 4) for x in found.last], strict=True))}
        TARGET.parent.mkdir(exist_ok=True)
        TARGET.write_text(json.dumps(record, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
