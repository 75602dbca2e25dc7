"""Whether `align`, `score` and `filter` mean the same by the probability of a pair.

    python scripts/bench_probability.py DATA [--most N]
    python scripts/bench_probability.py DATA --work DIR [--beads FILE] [--learn]

DATA holds `docs/NAME.jsonl`, documents with gold beads, and `pairs/NAME.ar|en`, pairs of lines. Each pair is given the
three numbers: the `probability` of its bead when the lines around it are aligned, the `probability` of `score`, the
`quality` of `filter`; and the bead's confidence, which promises less. First for human translations of four kinds (news, medical, United Nations, everyday), as they are;
then for documents in which a share of the pairs was set beside a neighbour, cut short on one side, or given the
neighbour's sentence more on one side. Printed are how often two of them are more than a half apart, how often the pairs
that `filter` keeps are below a half for `score`, and each number's promises beside the share that came true.

With `--work` each family of collections is left out in turn: the model of quality is learnt without it (features are kept in
DIR), and so were the aligner's weights if FILE is what `train_beads.py --left-out` wrote (else those shipped are taken). For
every collection, spoilt as above and as it is with its gold beads, a line tells the mean of each number beside the share that
is right, and what a promised precision of 0.98 keeps. `--learn` then writes `models/filter/beads.json`, by which a bead's
quality and confidence are weighed together; the figures are of weights that the family left out had no part in.
"""

import argparse
import json
import random
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from align import beads as aligning
from align.data import Row, Side
from align.filter import Filter
from align.flags import pairs as by_pairs
from align.flags.judging import flagged_pairs
from align.flags.pairs import quick_scores
from align.flags.scoring import scores_of
from align.flags.tables import Trees
from align.pipeline import Options, align_segmented, as_segmented, load_encoder

SETS = ("ntrex", "tico19", "xquad", "opensource_guide", "react_docs", "mozilla_www")
TEXTS = {"news": "docs/ntrex", "medical": "docs/tico19", "united nations": "pairs/unpc", "everyday": "pairs/tatoeba_opus"}
KINDS = ("right", "misaligned", "truncated", "appended")
# Collections that are left out together, by the first word of their names: they share texts, or are too few alone.
FAMILIES = ({"ntrex", "cs229"}, {"tico19", "xquad"}, {"mozilla", "flores200"}, {"debian", "unpc"}, {"bible", "react"},
            {"quran", "opensource"}, {"bitcoin", "tatoeba"})  # fmt: skip
GOLD = ("ntrex", "ntrex__noisy", "ntrex__merged", "tico19", "tico19__noisy", "tico19__merged", "xquad", "debian_handbook",
        "debian_handbook__noisy", "opensource_guide", "opensource_guide__noisy", "opensource_guide__merged", "react_docs",
        "react_docs__noisy", "react_docs__merged", "mozilla_www", "mozilla_www__noisy", "bitcoin_org", "bitcoin_org__noisy",
        "bitcoin_org__merged", "cs229", "cs229__noisy", "bible", "quran", "cc_licences__noisy", "spec_docs__noisy")  # fmt: skip
EACH = 300  # pairs, or beads, of a collection
SCORED = 40  # of those, pairs that flags are looked for in
NUMBERS = ("kind", "align", "confidence", "score", "filter", "kept")
BINS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.01)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--most", type=int, default=2000, help="pairs of all kinds together")
    parser.add_argument("--work", type=Path, help="leave collections out; the folder keeps features")
    parser.add_argument("--beads", type=Path, help="weights of the aligner without each family")
    parser.add_argument("--learn", action="store_true", help="write models/filter/beads.json")
    chosen = parser.parse_args()
    encoder = load_encoder(Options(cache=False))
    if chosen.work is not None:
        leave_out(chosen, encoder)
        return
    rng = random.Random(7)
    found = {name: [] for name in NUMBERS}
    for kind, name in TEXTS.items():
        begun = len(found["kind"])
        for pairs in translations(chosen.data / name):
            if len(found["kind"]) - begun >= chosen.most // 4:
                break
            measure([(kind, ar, en) for ar, en in pairs], encoder, found)
    print("Translations as they are:")
    tell({name: np.array(values) for name, values in found.items()}, tuple(TEXTS))
    print("\nWith spoilt pairs among them:")
    found = {name: [] for name in NUMBERS}
    documents = list(read_documents(chosen.data))
    rng.shuffle(documents)
    for pairs in documents:
        if len(found["kind"]) >= chosen.most:
            break
        measure(spoilt(pairs, rng), encoder, found)
    tell({name: np.array(values[:chosen.most]) for name, values in found.items()}, KINDS)


def translations(place: Path):
    """Lists of up to 50 pairs that stand beside one another."""
    if place.parent.name == "docs":
        for line in place.with_suffix(".jsonl").read_text("utf-8").splitlines():
            yield one_to_one(json.loads(line))[:50]
        return
    lines = [Path(f"{place}.{lang}").read_text("utf-8").splitlines() for lang in ("ar", "en")]
    pairs = list(zip(*lines, strict=True))
    yield from (pairs[at:at + 50] for at in range(0, len(pairs), 50))


def one_to_one(record):
    """The pairs of one line on each side of a document."""
    beads = record.get("beads") or record.get("gold") or []
    return [(record["ar"][a[0]], record["en"][b[0]]) for a, b, *_ in beads if len(a) == len(b) == 1]


def read_documents(data: Path):
    """Lists of the pairs of one line on each side, a list a document, of at most 60 pairs."""
    for name in SETS:
        path = data / "docs" / f"{name}.jsonl"
        if not path.is_file():
            print(f"{path}: not there, left out", file=sys.stderr)
            continue
        for line in path.read_text("utf-8").splitlines():
            pairs = [pair for pair in one_to_one(json.loads(line)) if min(map(len, pair)) >= 20]
            if len(pairs) >= 12:
                yield pairs[:60]


def spoilt(pairs, rng):
    """The pairs with their kinds: most are right, as in a corpus, and a share of each other kind."""
    out = []
    for k, (ar, en) in enumerate(pairs):
        kind = rng.choices(KINDS, (70, 10, 10, 10))[0]
        other = pairs[(k + 1) % len(pairs)]
        if kind == "misaligned" and plain(en) == plain(other[1]):
            kind = "right"
        elif kind == "misaligned":
            en = other[1]
        elif kind == "truncated":
            words = en.split()
            en = " ".join(words[: max(1, len(words) // 2)])
        elif kind == "appended":
            ar = f"{ar} {other[0]}"
        out.append((kind, ar, en))
    return out


def plain(text: str) -> str:
    """Its letters and digits alone."""
    return "".join(filter(str.isalnum, text)).lower()


def measure(made, encoder, found) -> None:
    """Append the three numbers of each pair."""
    ars, ens = [ar for _, ar, _ in made], [en for _, _, en in made]
    # As filter sees a corpus, spoilt pairs among their neighbours; score must say the same of them.
    rows = [Row(k, Side(ar), Side(en), None, None, None) for k, (ar, en) in enumerate(zip(ars, ens, strict=True))]
    scores = [one.probability for one in scores_of(rows, encoder)]
    quality = quick_scores(ars, ens, encoder).probabilities.tolist()
    judge = Filter(scorer=Scorer(encoder))
    verdicts = judge.judge(rows)
    options = Options(segmented=True, language_check=False)
    judged = align_segmented(as_segmented(ars, "ar", "a"), as_segmented(ens, "en", "b"), options, encoder=encoder, flags=True)
    of_beads = {b.ar.start: b for b in judged.alignment.beads if b.kind == "1:1" and b.ar == b.en}
    for k, (kind, _, _) in enumerate(made):
        found["kind"].append(kind)
        found["score"].append(scores[k])
        found["filter"].append(quality[k])
        found["kept"].append(verdicts[k].keep)
        bead = of_beads.get(k)
        found["align"].append(np.nan if bead is None else bead.probability)
        found["confidence"].append(np.nan if bead is None else bead.confidence)


class Scorer:
    """What a filter asks of an encoder."""

    def __init__(self, encoder) -> None:
        self.encoder = encoder

    def quick(self, rows):
        """Similarity and quality of each pair."""
        found = quick_scores([row.ar.text for row in rows], [row.en.text for row in rows], self.encoder)
        return list(zip(found.sims.tolist(), found.probabilities.tolist(), strict=True))


def tell(found, kinds) -> None:
    """Print the figures."""
    right = found["kind"] == "right"
    print(f"{len(right)} pairs: " + ", ".join(f"{(found['kind'] == kind).sum()} {kind}" for kind in kinds))
    for one, two in (("score", "filter"), ("align", "score"), ("align", "filter")):
        both = ~np.isnan(found[one]) & ~np.isnan(found[two])
        apart = np.abs(found[one] - found[two])[both] > 0.5
        by_kind = ", ".join(f"{kind} {np.mean(apart[found['kind'][both] == kind]):.3f}" for kind in kinds
                          if (found["kind"][both] == kind).any())
        print(f"{one} and {two} more than a half apart: {apart.mean():.3f} of {both.sum()} ({by_kind})")
    kept = found["kept"]
    print(f"of {kept.sum()} pairs that filter keeps score calls {np.mean(found['score'][kept] < 0.5):.3f} below a half")
    for name in ("score", "filter", "align", "confidence") if right.any() else ():
        known = ~np.isnan(found[name])
        cells = []
        for low, high in zip(BINS, BINS[1:], strict=False):
            inside = known & (found[name] >= low) & (found[name] < high)
            if inside.sum() >= 5:
                cells.append(f"{found[name][inside].mean():.2f}: {right[inside].mean():.2f} of {inside.sum()}")
        print(f"{name}, promised and true: " + "; ".join(cells))


# Collections left out


@dataclass(slots=True)
class Columns:
    """What is known of pairs of one collection, arrays of one length: `quality` by a model without it, `confidence` of the
    bead (nan where the aligner made another), `facts` the probability that none is flagged rightly (nan where flags
    were not looked for), whether the bead is `right` and whether it is the `whole` translation too."""

    name: str
    quality: np.ndarray
    confidence: np.ndarray
    facts: np.ndarray
    right: np.ndarray
    whole: np.ndarray
    probability: np.ndarray | None = None

    @property
    def family(self) -> int:
        """Which of FAMILIES it belongs to; -1 where nothing was learnt from it."""
        first = self.name.split("_")[0]
        return next((k for k, names in enumerate(FAMILIES) if first in names), -1)


def leave_out(chosen, encoder) -> None:
    """Measure every collection by what was learnt without it, and print."""
    import train_filter

    chosen.work.mkdir(exist_ok=True)
    parts = [train_filter.rows_of(chosen.data, chosen.work, "tune", seed, most) for seed, most in train_filter.MOST]
    names = sorted({str(name) for *_, found in parts for name in found})
    trees = {-1: by_pairs.trees()}
    for k, family in enumerate(FAMILIES):
        without = frozenset(name for name in names if name.split("_")[0] in family)
        trees[k] = Trees.of(train_filter.learnt(parts, without)[0])
    tables = json.loads(chosen.beads.read_text("utf-8")) if chosen.beads else []
    spoilt_ones = [of_spoilt(chosen.data, name, trees, tables, encoder) for name in names]
    gold = [of_gold(chosen.data, name, trees, tables, encoder) for name in GOLD]
    weights = [weigh(spoilt_ones, gold, k) for k in range(-1, len(FAMILIES))]
    for columns in (*spoilt_ones, *gold):
        columns.probability = weighed(columns, weights[columns.family + 1])
    print(f"weights of log odds of quality and confidence, and bias: {', '.join(f'{w:.3f}' for w in weights[0])}")
    print("\nA share of the pairs spoilt")
    tell_collections(spoilt_ones)
    print("\nDocuments as the aligner cuts them")
    tell_collections(gold)
    if chosen.learn:
        path = Path(__file__).resolve().parent.parent / "models" / "filter" / "beads.json"
        path.write_text(json.dumps(dict(zip(("quality", "confidence", "bias"), np.round(weights[0], 3).tolist(), strict=True)))
                        + "\n", "utf-8")


@contextmanager
def aligner(name: str, tables):
    """The aligner with the weights that were learnt without a collection, where there are such."""
    own = next((table for table in tables if name.split("_")[0] in table["names"]), None)
    before = aligning.weights
    if own is not None:
        aligning.weights = lambda: own
    try:
        yield
    finally:
        aligning.weights = before


def quality_of(rows: np.ndarray, trees) -> np.ndarray:
    """Quality of the pairs of a document, from rows of `features`."""
    slope, shift = trees.line
    odds = trees(by_pairs.with_context(rows, trees.usual)) * slope + shift
    return 1 / (1 + np.exp(np.clip(odds + by_pairs.strangeness(rows[:, by_pairs.FEATURES.index("sim")]), -30, 30)))


def of_spoilt(data: Path, name: str, trees, tables, encoder) -> Columns:
    """A collection with a share of its pairs spoilt."""
    rng, found, flagged = random.Random(name), [], 0
    for document in documents_of(data, name, rng):
        made = spoilt(document, rng)
        ars, ens = [ar for _, ar, _ in made], [en for _, _, en in made]
        with aligner(name, tables):
            judged = align_segmented(as_segmented(ars, "ar", "a"), as_segmented(ens, "en", "b"),
                                     Options(segmented=True, language_check=False), encoder=encoder)
        confidence = {b.ar.start: b.confidence for b in judged.alignment.beads if b.kind == "1:1" and b.ar == b.en}
        facts = [np.nan] * len(made)
        if flagged < SCORED:
            facts[:SCORED] = [by_pairs.facts_agree(one.flags) for one in flagged_pairs(ars[:SCORED], ens[:SCORED], encoder, None, None)]
            flagged += len(made)
        rows = by_pairs.features(ars, ens, encoder)
        found += [(row, confidence.get(k, np.nan), facts[k], kind in ("right", "truncated"), kind == "right", len(made))
                  for k, (row, (kind, *_)) in enumerate(zip(rows, made, strict=True))]
    return columns_of(name, found, trees)


def columns_of(name: str, found, trees) -> Columns:
    """Columns of tuples: a row of features, confidence, facts, right, whole, and of how many its document is."""
    out = Columns(name, np.zeros(len(found)), *(np.array(values) for values in list(zip(*found, strict=True))[1:5]))
    at = 0
    while at < len(found):
        stop = at + found[at][-1]
        out.quality[at:stop] = quality_of(np.stack([row for row, *_ in found[at:stop]]), trees[out.family])
        at = stop
    return out


def documents_of(data: Path, name: str, rng):
    """Lists of neighbouring pairs of one line on each side, EACH pairs of a collection."""
    if (data / "docs" / f"{name}.jsonl").is_file():
        found = [one_to_one(json.loads(line)) for line in (data / "docs" / f"{name}.jsonl").read_text("utf-8").splitlines()]
    else:
        found = list(translations(data / "pairs" / name))
    found = [[pair for pair in document if min(map(len, pair)) >= 20][:60] for document in found]
    if name == "xquad":  # of paragraphs, five a document
        found = [sum(found[at:at + 4], []) for at in range(0, len(found), 4)]
    found = [document for document in found if len(document) >= 12]
    rng.shuffle(found)
    count = 0
    for document in found:
        if count >= EACH:
            return
        count += len(document)
        yield document


def of_gold(data: Path, name: str, trees, tables, encoder) -> Columns:
    """The beads of both sides that the aligner makes of a collection; right are those of the gold, whole those in which
    no sentence is known to have been lost."""
    records = [json.loads(line) for line in (data / "docs" / f"{name}.jsonl").read_text("utf-8").splitlines()]
    random.Random(name).shuffle(records)
    found = []
    for record in records:
        if len(found) >= EACH:
            break
        ars, ens = record["ar"], record["en"]
        with aligner(name, tables):
            judged = align_segmented(as_segmented(ars, "ar", "a"), as_segmented(ens, "en", "b"),
                                     Options(segmented=True, language_check=False), encoder=encoder)
        two = [bead for bead in judged.alignment.beads if len(bead.ar) and len(bead.en)]
        if not two:
            continue
        gold = {(tuple(a), tuple(b)) for a, b in record["gold"]}
        lost = {(part["extra_in"], part["index"]) for part in record["meta"].get("partial", ())}
        rows = by_pairs.features([" ".join(ars[slice(*b.ar)]) for b in two], [" ".join(ens[slice(*b.en)]) for b in two], encoder)
        for bead, row in zip(two, rows, strict=True):
            right = (tuple(range(*bead.ar)), tuple(range(*bead.en))) in gold
            is_whole = lost.isdisjoint([("ar", k) for k in range(*bead.ar)] + [("en", k) for k in range(*bead.en)])
            found.append((row, bead.confidence, np.nan, right, right and is_whole, len(two)))
    return columns_of(name, found, trees)


def odds_of(columns: Columns) -> np.ndarray:
    """Log odds of quality and confidence, and ones; shape (pairs, 3)."""
    both = [np.clip(values, 1e-4, 1 - 1e-4) for values in (columns.quality, columns.confidence)]
    return np.stack([*(np.log(p / (1 - p)) for p in both), np.ones(len(columns.quality))], 1)


def weigh(spoilt_ones, gold, family: int) -> np.ndarray:
    """Logistic weights of quality and confidence, and a bias, without a family; both kinds of documents count alike."""
    from sklearn.linear_model import LogisticRegression

    xs, ys, weights = [], [], []
    for some in (spoilt_ones, gold):
        kept = [columns for columns in some if columns.family != family or family < 0]
        x, y = np.concatenate([odds_of(columns) for columns in kept]), np.concatenate([columns.whole for columns in kept])
        known = ~np.isnan(x).any(1)
        xs.append(x[known])
        ys.append(y[known])
        weights.append(np.full(known.sum(), 1000 / known.sum()))
    model = LogisticRegression(C=1e3, max_iter=500)
    model.fit(np.concatenate(xs)[:, :2], np.concatenate(ys), np.concatenate(weights))
    return np.array([*model.coef_[0], model.intercept_[0]])


def weighed(columns: Columns, weights: np.ndarray) -> np.ndarray:
    """The probability of a bead."""
    return 1 / (1 + np.exp(-odds_of(columns) @ weights))


def kept_of(p: np.ndarray, y: np.ndarray, promised: float) -> str:
    """How many of the surest have the promised mean, and the share of these that is right."""
    order = np.argsort(-p)
    fits = np.flatnonzero(np.cumsum(p[order]) >= promised * np.arange(1, len(p) + 1))
    count = fits[-1] + 1 if len(fits) else 0
    return f"{count} {y[order[:count]].mean():.3f}" if count else "0"


def tell_collections(found) -> None:
    """Print a line a collection, one of all, and bins of each number."""
    whole = Columns("all", *(np.concatenate([getattr(columns, name) for columns in found]) for name in
                             ("quality", "confidence", "facts", "right", "whole", "probability")))
    print("collection               pairs  quality | scored   score | beads right confidence .98 | whole probability .98")
    for columns in (*found, whole):
        bead, scored = ~np.isnan(columns.confidence), ~np.isnan(columns.facts)
        of_score = (f"{scored.sum():4} {columns.whole[scored].mean():.3f} {(columns.quality * columns.facts)[scored].mean():.3f}"
                    if scored.any() else "              -")
        print(f"{columns.name:24} {len(bead):5} {columns.whole.mean():.3f} {columns.quality.mean():.3f} | {of_score} | "
              f"{bead.sum():5} {columns.right[bead].mean():.3f} {columns.confidence[bead].mean():.3f} "
              f"{kept_of(columns.confidence[bead], columns.right[bead], 0.98)} | {columns.whole[bead].mean():.3f} "
              f"{columns.probability[bead].mean():.3f} {kept_of(columns.probability[bead], columns.whole[bead], 0.98)}")
    bead, scored = ~np.isnan(whole.confidence), ~np.isnan(whole.facts)
    for name, p, y in (("quality", whole.quality, whole.whole), ("score", (whole.quality * whole.facts)[scored], whole.whole[scored]),
                       ("confidence", whole.confidence[bead], whole.right[bead]),
                       ("probability", whole.probability[bead], whole.whole[bead])):
        cells = [f"{p[inside].mean():.2f}: {y[inside].mean():.2f} of {inside.sum()}" for low, high in zip(BINS, BINS[1:], strict=False)
                 if (inside := (p >= low) & (p < high)).sum() >= 5]
        if cells:
            print(f"{name}, promised and true: " + "; ".join(cells))
    numbers = {"filter": whole.quality, "score": whole.quality * whole.facts, "align": whole.probability}
    for one, two in (("score", "filter"), ("align", "score"), ("align", "filter")):
        apart = np.abs(numbers[one] - numbers[two])
        if (known := ~np.isnan(apart)).any():
            print(f"{one} and {two} more than a half apart: {np.mean(apart[known] > 0.5):.3f} of {known.sum()}")


if __name__ == "__main__":
    main()
