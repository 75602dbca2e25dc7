"""Whether `align`, `score` and `filter` mean the same by the probability of a pair.

    python scripts/bench_probability.py DATA [--most N]

DATA holds `docs/NAME.jsonl`, documents with gold beads, and `pairs/NAME.ar|en`, pairs of lines. Each pair is given the
three numbers: the confidence of its bead when the lines around it are aligned, the `probability` of `score`, the
`quality` of `filter`. First for human translations of four kinds (news, medical, United Nations, everyday), as they are;
then for documents in which a share of the pairs was set beside a neighbour, cut short on one side, or given the
neighbour's sentence more on one side. Printed are how often two of them are more than a half apart, how often the pairs
that `filter` keeps are below a half for `score`, and each number's promises beside the share that came true.
"""

import argparse
import json
import random
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from align.flags.scoring import scores_of  # noqa: E402
from align.data import Row, Side  # noqa: E402
from align.flags.pairs import quick_scores  # noqa: E402
from align.filter import Filter  # noqa: E402
from align.pipeline import Options, align_segmented, as_segmented, load_encoder  # noqa: E402

SETS = ("ntrex", "tico19", "xquad", "opensource_guide", "react_docs", "mozilla_www")
TEXTS = {"news": "docs/ntrex", "medical": "docs/tico19", "united nations": "pairs/unpc", "everyday": "pairs/tatoeba_opus"}
KINDS = ("right", "misaligned", "truncated", "appended")
NUMBERS = ("kind", "align", "score", "filter", "kept")
BINS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.01)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--most", type=int, default=2000, help="pairs of all kinds together")
    chosen = parser.parse_args()
    encoder = load_encoder(Options(cache=False))
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
        if kind == "misaligned":
            en = other[1]
        elif kind == "truncated":
            words = en.split()
            en = " ".join(words[: max(1, len(words) // 2)])
        elif kind == "appended":
            ar = f"{ar} {other[0]}"
        out.append((kind, ar, en))
    return out


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
    judged = align_segmented(as_segmented(ars, "ar", "a"), as_segmented(ens, "en", "b"), options, encoder=encoder)
    confidence = {(b.ar.start, b.en.start): b.confidence for b in judged.alignment.beads if b.kind == "1:1"}
    for k, (kind, _, _) in enumerate(made):
        found["kind"].append(kind)
        found["score"].append(scores[k])
        found["filter"].append(quality[k])
        found["kept"].append(verdicts[k].keep)
        found["align"].append(confidence.get((k, k), np.nan))


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
    for name in ("score", "filter", "align") if right.any() else ():
        known = ~np.isnan(found[name])
        cells = []
        for low, high in zip(BINS, BINS[1:], strict=False):
            inside = known & (found[name] >= low) & (found[name] < high)
            if inside.sum() >= 5:
                cells.append(f"{found[name][inside].mean():.2f}: {right[inside].mean():.2f} of {inside.sum()}")
        print(f"{name}, promised and true: " + "; ".join(cells))


if __name__ == "__main__":
    main()
