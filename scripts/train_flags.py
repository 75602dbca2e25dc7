"""Learn the weights of `models/flags` from data that lies beside the checkout.

usage: python scripts/train_flags.py projection words sentences spans typed calibration --data DIR --work DIR

`projection` learns the map from the embedded encoder's token states to a space in which words and their translations
are near: late interaction over a batch of translated pairs, half of it neighbours in their document, as in ColBERT
(Khattab and Zaharia 2020). The others learn from documents in which parts were deleted, inserted from the same document, dropped or changed,
and from the odd half of hand-made edits, which words, runs of words, sentences, facts and names have no counterpart.
`calibration`, after `train_reader.py`, learns from marked units of real documents how likely a candidate of any detector
holds; segments left alone also from documents whose gold says which have no counterpart.
"""

import argparse
import itertools
import json
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from align.data import Alignment, Bead, Document, Segment, Segmented, Span

MODELS = Path(__file__).resolve().parent.parent / "models" / "flags"


@dataclass
class Case:
    """Two lists of lines, their beads, and the places (side, line, start, end, kind, label) that are judged."""

    name: str
    ar: list[str]
    en: list[str]
    beads: list[tuple[list[int], list[int]]]
    gold: list[tuple[str, int, int, int, str]] = field(default_factory=list)
    ignored: list[tuple[str, int, int, int]] = field(default_factory=list)
    must_not: list[tuple[str, int, int, int]] = field(default_factory=list)


def as_document(lines: list[str], lang: str) -> Segmented:
    """Lines as a document, a segment a line."""
    segments, at = [], 0
    for number, line in enumerate(lines):
        segments.append(Segment(at, at + len(line), " ".join(line.split()), "body", 0, number))
        at += len(line) + 1
    return Segmented(Document("", lang, "\n".join(lines)), tuple(segments))


def as_alignment(beads: list[tuple[list[int], list[int]]]) -> Alignment:
    """Beads of consecutive lines as an alignment; both sides in order."""
    out, a, e = [], 0, 0
    for ar, en in beads:
        out.append(Bead(Span(a, a + len(ar)), Span(e, e + len(en)), 0.5, 0.9))
        a, e = a + len(ar), e + len(en)
    return Alignment(tuple(out))


def hard_cases(data: Path, odd: bool | None) -> list[Case]:
    """Hand-edited passages: the odd ones, the even ones, or (None) all; lines aligned as in their sources."""
    cases = []
    for line in (data / "pairs" / "hard_edits.jsonl").open(encoding="utf-8"):
        item = json.loads(line)
        if odd is not None and int(item["id"][1:]) % 2 != odd:
            continue
        places = {k: [(g["side"], g["line"], g["start"], g["end"], g.get("kind", "")) for g in item.get(k, [])] for k in ("flags", "natural", "must_not")}
        cases.append(Case(item["id"], item["ar"], item["en"], lined_up(item), places["flags"],
                          [p[:4] for p in places["natural"]], [p[:4] for p in places["must_not"]]))  # fmt: skip
    return cases


def lined_up(item: dict) -> list[tuple[list[int], list[int]]]:
    """Beads of a passage from the numbers of its source lines; lines without source stand alone."""
    ar, en = item["ar_src"], item["en_src"]
    beads, i, j = [], 0, 0
    while i < len(ar) or j < len(en):
        if i < len(ar) and j < len(en) and _key(ar[i]) == _key(en[j]) and _key(ar[i]) is not None:
            beads.append(([i], [j]))
            i, j = i + 1, j + 1
        elif i < len(ar) and (_key(ar[i]) is None or _key(ar[i]) not in [_key(x) for x in en[j:]]):
            beads.append(([i], []))
            i += 1
        else:
            beads.append(([], [j]))
            j += 1
    return beads


def _key(source: object) -> object:
    return tuple(source) if isinstance(source, list) else source


# ---- the space of words ------------------------------------------------------------------------------------------

PARALLEL = (("pairs/tatoeba_opus", 7000), ("train/tatoeba_anki", 8000), ("pairs/unpc", 4000), ("train/tldr", 1000),
            ("lexicons/names_wikidata_full", 9000), ("lexicons/lexicon_tico19_terms", 1000))  # fmt: skip
DOCUMENTS = (("tico19", 1), ("bitcoin_org", 1), ("react_docs", 1), ("opensource_guide", 1), ("cs229", 1), ("spec_docs", 1),
             ("cc_licences", 1), ("quran", 2), ("bible", 2))  # fmt: skip
"""Permissively licensed translations, in document order where they have one; every n-th pair is taken of documents."""


def parallel(data: Path) -> list[tuple[str, str]]:
    """Translated pairs without the documents of the hand-made edits."""
    rng = random.Random(1)
    hard = {json.loads(line)["doc"] for line in (data / "pairs" / "hard_edits.jsonl").open(encoding="utf-8")}
    out = []
    for name, most in PARALLEL:
        sides = [(data / f"{name}.{side}").read_text(encoding="utf-8").split("\n") for side in ("ar", "en")]
        pairs = [(a.strip(), e.strip()) for a, e in zip(*sides, strict=True) if a.strip() and e.strip()]
        if "unpc" not in name:
            rng.shuffle(pairs)
        out += pairs[:most]
    for name, step in DOCUMENTS:
        pairs = []
        for line in (data / "docs" / f"{name}.jsonl").open(encoding="utf-8"):
            item = json.loads(line)
            if item["doc"] not in hard:
                pairs += [(" ".join(item["ar"][i] for i in a), " ".join(item["en"][j] for j in e)) for a, e in item["gold"] if a and e]
        out += pairs[::step]
    return [(a[:1500], e[:1500]) for a, e in out]


def learn_projection(data: Path, encoder: object, dimension: int = 128, epochs: int = 3, batch: int = 64, longest: int = 40) -> None:
    """Learn the map from token states to `models/flags/projection.npz`; about a quarter of an hour on one core."""
    import torch

    from align.flags.words import WORD

    pairs = parallel(data)
    states = {}
    for k, side in enumerate(("ar", "en")):
        states[side] = []
        for at in range(0, len(pairs), 512):
            texts = [pair[k] for pair in pairs[at : at + 512]]
            words = [[m.span() for m in WORD.finditer(text)][:longest] for text in texts]
            states[side] += [torch.from_numpy(found).half() for found in encoder.word_states(texts, words)]
    kept = [i for i in range(len(pairs)) if all(len(states[s][i]) for s in states)]
    torch.manual_seed(0)
    sample = torch.cat([x for side in states.values() for x in side[::30]]).float()
    sample = sample / sample.norm(dim=1, keepdim=True).clamp_min(1e-6)
    middle = sample.mean(0)
    axes = torch.linalg.svd(sample - middle, full_matrices=False)[2][:dimension].T
    maps = torch.nn.Parameter(torch.stack([axes, axes]))
    biases = torch.nn.Parameter(-(middle @ axes).repeat(2, 1))
    gates, gate_biases = torch.nn.Parameter(torch.zeros(2, axes.shape[0])), torch.nn.Parameter(torch.zeros(2))
    scale = torch.nn.Parameter(torch.tensor(3.0))
    rates = [([maps, biases], 1e-3), ([gates, gate_biases], 3e-3), ([scale], 1e-2)]
    optimizer = torch.optim.AdamW([{"params": p, "lr": rate} for p, rate in rates], weight_decay=0.01)
    steps = epochs * (len(kept) // batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: max(0.05, 1 - step / steps))

    def seen(side: str, k: int, ids: list[int]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        x = torch.nn.utils.rnn.pad_sequence([states[side][i].float() for i in ids], batch_first=True)
        mask = torch.arange(x.shape[1])[None] < torch.tensor([len(states[side][i]) for i in ids])[:, None]
        x = x / x.norm(dim=-1, keepdim=True).clamp_min(1e-6)
        z = x @ maps[k] + biases[k]
        return z / z.norm(dim=-1, keepdim=True).clamp_min(1e-6), torch.nn.functional.softplus(8 * (x @ gates[k]) + gate_biases[k]) * mask, mask

    rng = random.Random(0)
    for _ in range(epochs):
        blocks = [kept[k : k + 16] for k in range(0, len(kept), 16)]  # neighbours in their document are the hardest to tell apart
        rng.shuffle(blocks)
        order = [i for block in blocks for i in block]
        for at in range(0, len(order) - batch, batch):
            ids = order[at : at + batch]
            (za, ga, ma), (zb, gb, mb) = seen("ar", 0, ids), seen("en", 1, ids)
            sims = torch.einsum("iad,jbd->ijab", za, zb).masked_fill(~(ma[:, None, :, None] & mb[None, :, None, :]), -1)
            there = (sims.max(3).values * ga[:, None]).sum(2) / ga.sum(1)[:, None]
            back = (sims.max(2).values * gb[None]).sum(2) / gb.sum(1)[None]
            target = torch.arange(batch)
            loss = sum(torch.nn.functional.cross_entropy(x * scale.exp(), target) for x in (there, there.T, back, back.T)) / 4
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    np.savez_compressed(MODELS / "projection.npz", **as_arrays(maps, biases, gates, gate_biases))


def as_arrays(maps: "torch.Tensor", biases: "torch.Tensor", gates: "torch.Tensor", gate_biases: "torch.Tensor") -> dict[str, np.ndarray]:
    """A learnt projection, Arabic and English along the first axis, as `align.flags` reads it."""
    stored = {}
    for k, side in enumerate(("ar", "en")):
        stored[f"{side}.map"] = maps[k].detach().numpy().astype(np.float16)
        stored[f"{side}.bias"] = biases[k].detach().numpy()
        stored[f"{side}.gate"] = 8 * gates[k].detach().numpy()
        stored[f"{side}.gate_bias"] = gate_biases[k].detach().numpy()
    return stored


# ---- edits -------------------------------------------------------------------------------------------------------

SOURCES = ("ntrex", "tico19", "xquad", "bitcoin_org", "opensource_guide", "react_docs")


def clean_cases(data: Path, sources: tuple[str, ...] = SOURCES, most: int = 14) -> Iterator[Case]:
    """Translated passages without the documents of the hand-made edits: the beads of documents, `most` at a time."""
    hard = {json.loads(line)["doc"] for line in (data / "pairs" / "hard_edits.jsonl").open(encoding="utf-8")}
    for source in sources:
        for line in (data / "docs" / f"{source}.jsonl").open(encoding="utf-8"):
            item = json.loads(line)
            if item["doc"] in hard:
                continue
            pairs = [(" ".join(item["ar"][i] for i in a), " ".join(item["en"][j] for j in e)) for a, e in item["gold"] if a and e]
            yield from passages(f"{source}:{item['doc']}", pairs, most)
    for name, size in (("flores200_devtest", 3), ("unpc", 8)):
        sides = [(data / "pairs" / f"{name}.{side}").read_text(encoding="utf-8").split("\n") for side in ("ar", "en")]
        pairs = [(a.strip(), e.strip()) for a, e in zip(*sides, strict=True) if a.strip() and e.strip()]
        pairs = pairs[: 600 if name == "unpc" else None]
        for k in range(0, len(pairs), size):
            yield from passages(f"{name}:{k}", pairs[k : k + size], size)


def passages(name: str, pairs: list[tuple[str, str]], most: int) -> Iterator[Case]:
    """Cases of at most `most` one-to-one lines."""
    for k in range(0, len(pairs), most):
        part = pairs[k : k + most]
        if part:
            beads = [([i], [i]) for i in range(len(part))]
            yield Case(f"{name}:{k}", [a for a, _ in part], [e for _, e in part], beads)


def edited(case: Case, encoder: object, rng: random.Random, rate: float = 0.4) -> Case:
    """The case with parts inserted from its own lines, and parts deleted whose counterpart is then one-sided."""
    from align.flags.words import joined, lines

    found = {side: lines(side, getattr(case, side), encoder.word_states) for side in ("ar", "en")}
    words = {side: [joined(side, [i], found[side]) for i in range(len(found[side]))] for side in ("ar", "en")}
    text = {"ar": list(case.ar), "en": list(case.en)}
    gold, ignored = list(case.gold), []
    for i in range(len(case.ar)):
        if rng.random() > rate or any(g[1] == i for g in gold) or min(len(words["ar"][i]), len(words["en"][i])) < 5:
            continue
        side = rng.choice(("ar", "en"))
        other = "en" if side == "ar" else "ar"
        if rng.random() < 0.6:
            done = deleted(words[side][i], words[other][i], text[other][i], rng)
            if done is None:
                continue
            text[other][i], (a, b), loose = done
            gold.append((side, i, a, b, "deleted"))
            ignored += [(other, i, *x) for x in loose]
        else:
            donors = [k for k in range(max(0, i - 6), min(len(case.ar), i + 7)) if k != i]
            done = inserted(words[side], text[side], i, donors, rng)
            if done is None:
                continue
            text[side][i], (a, b) = done
            gold.append((side, i, a, b, "inserted"))
    return Case(case.name, text["ar"], text["en"], case.beads, gold, ignored)


def merged(case: Case, rng: random.Random, rate: float = 0.4) -> Case:
    """The case with runs of lines joined into paragraphs, from some of which a line of one side is then dropped."""
    sides: dict[str, list[str]] = {"ar": [], "en": []}
    gold = []
    at = 0
    while at < len(case.ar):
        size = min(rng.choice((1, 2, 2, 3, 4, 5)), len(case.ar) - at)
        lost = rng.randrange(size) if size > 1 and rng.random() < rate else None
        short = rng.choice(("ar", "en"))
        for side, lines in sides.items():
            parts = getattr(case, side)[at : at + size]
            if lost is not None:
                if side == short:
                    parts = parts[:lost] + parts[lost + 1 :]
                else:
                    start = sum(len(p) + 1 for p in parts[:lost])
                    gold.append((side, len(lines), start, start + len(parts[lost]), "dropped"))
            lines.append(" ".join(parts))
        at += size
    beads = [([i], [i]) for i in range(len(sides["ar"]))]
    return Case(case.name, sides["ar"], sides["en"], beads, gold)


def inserted(words: list, text: list[str], at: int, donors: list[int], rng: random.Random) -> tuple[str, tuple[int, int]] | None:
    """A line with a part of another line of its side put in at a cut, and where that stands now."""
    rng.shuffle(donors)
    for k in donors:
        source = words[k]
        cuts = [i for i in range(len(source) + 1) if source.cuts[i] > 0]
        spans = [(a, b) for x, a in enumerate(cuts) for b in cuts[x + 1 :] if 2 <= b - a <= 14 and source.content[a:b].sum() >= 1]
        own = [i for i in range(1, len(words[at]) + 1) if words[at].cuts[i] > 0]
        if not spans or not own:
            continue
        a, b = rng.choice(spans)
        part = text[k][source.starts[a] : source.ends[b - 1]]
        place = rng.choice(own)
        line = text[at]
        end = int(words[at].ends[place - 1])
        glue = rng.choice((", ", " ")) if words[at].lang == "en" else rng.choice(("، ", " "))
        start = end + len(glue)
        return line[:end] + glue + part + line[end:], (start, start + len(part))
    return None


def deleted(words: object, other: object, text: str, rng: random.Random) -> tuple[str, tuple[int, int], list] | None:
    """The other side's line without what answers a part of this one; and where that part stands on this side."""
    sims = words.vectors @ other.vectors.T
    cuts = [i for i in range(len(words) + 1) if words.cuts[i] > 0]
    spans = [(a, b) for x, a in enumerate(cuts) for b in cuts[x + 1 :] if 1 <= b - a <= 14 and words.content[a:b].sum() >= 1 and b - a < len(words) * 0.6]
    rng.shuffle(spans)
    there = [i for i in range(len(other) + 1) if other.cuts[i] > 0]
    for a, b in spans[:25]:
        inside, outside = sims[a:b].max(0), np.delete(sims, slice(a, b), axis=0).max(0)
        gain = (inside - outside) * other.gates
        sums = np.concatenate([[0], np.cumsum(gain)])
        best = max(((sums[y] - sums[x], x, y) for k, x in enumerate(there) for y in there[k + 1 :] if y - x < len(other) * 0.6), default=None)
        if best is None:
            continue
        _, x, y = best
        lost = gain[np.r_[0:x, y : len(other)]]
        kept = gain[x:y]
        cover = (sims[a:b, x:y].max(1) * words.gates[a:b]).sum() / words.gates[a:b].sum()
        if cover < 0.55 or lost.max(initial=0) > 0.15 * max(other.gates.mean(), 1e-3) or (kept[other.content[x:y]] < -0.05).any():
            continue
        if not 0.4 < (other.ends[y - 1] - other.starts[x]) / (words.ends[b - 1] - words.starts[a]) < 2.2:
            continue
        start, end = int(other.starts[x]), int(other.ends[y - 1])
        left = text[:start].rstrip(" ،,") if y == len(other) or other.cuts[y] >= 3 else text[:start]
        line = left + (text[end:] if left != text[:start] else text[end:].lstrip(" "))
        return line, (int(words.starts[a]), int(words.ends[b - 1])), []
    return None


# ---- learning ----------------------------------------------------------------------------------------------------


def evidence_of(case: Case, encoder: object) -> "Evidence":  # noqa: F821
    """The evidence of a case under its own beads."""
    from align.flags.evidence import Evidence

    return Evidence(as_document(case.ar, "ar"), as_document(case.en, "en"), as_alignment(case.beads), encoder)


def marks(case: Case, side: str, lines: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which words lie in gold places, and which in ignored ones."""
    out = []
    for places in (case.gold, case.ignored):
        inside = np.zeros(len(starts), bool)
        for place in places:
            s, line, a, b = place[:4]
            if s == side:
                inside |= (lines == line) & (2 * (np.minimum(ends, b) - np.maximum(starts, a)) > ends - starts)
        out.append(inside)
    return out[0], out[1] & ~out[0]


def auc(scores: np.ndarray, labels: np.ndarray) -> float:
    """Area under the ROC curve; ties count half."""
    order = np.argsort(scores, kind="stable")
    ranks = np.empty(len(scores))
    ranks[order] = np.arange(1, len(scores) + 1)
    positive = labels.sum()
    return float((ranks[labels > 0].sum() - positive * (positive + 1) / 2) / max(1, positive * (len(labels) - positive)))


def fit(rows: np.ndarray, labels: np.ndarray, weights: np.ndarray, hidden: int, seed: int = 0, epochs: int = 30) -> dict:
    """A network of one hidden layer (none for 0) as its table, by cross entropy."""
    import torch

    torch.set_num_threads(1)  # tiny matrices: threads would only wait for each other
    torch.manual_seed(seed)
    mean, scale = rows.mean(0), rows.std(0) + 1e-3
    x = torch.tensor((rows - mean) / scale, dtype=torch.float32)
    y, w = torch.tensor(labels, dtype=torch.float32), torch.tensor(weights, dtype=torch.float32)
    sizes = [rows.shape[1], *([hidden] if hidden else []), 1]
    layers = [torch.nn.Linear(a, b) for a, b in zip(sizes, sizes[1:], strict=False)]
    parameters = [p for layer in layers for p in layer.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=0.01, weight_decay=0.02)
    steps = epochs * (len(x) // 1024 + 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.01, total_steps=steps)
    for _ in range(steps):
        pick = torch.randint(len(x), (min(1024, len(x)),))
        z = x[pick]
        for k, layer in enumerate(layers):
            z = layer(z)
            z = torch.tanh(z) if k + 1 < len(layers) else z
        loss = torch.nn.functional.binary_cross_entropy_with_logits(z[:, 0], y[pick], w[pick])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    rounded = lambda t: [[round(float(v), 4) for v in r] for r in t] if t.ndim == 2 else [round(float(v), 4) for v in t]
    return {"mean": rounded(mean), "scale": rounded(scale), "layers": [[rounded(m.weight.detach().numpy().T), rounded(m.bias.detach().numpy())] for m in layers]}


def write_table(name: str, table: dict) -> None:
    """A table of `models/flags`, each of its networks with the names of its inputs."""
    from align.flags import coverage, lone, spans, typed

    features = {"words": coverage.FEATURES, "sentences": lone.FEATURES, "spans": spans.FEATURES,
                "fact": typed.FACT_FEATURES, "name": typed.NAME_FEATURES}  # fmt: skip
    table = {part: {"features": features[name if name in features else part], **network} for part, network in table.items()}
    (MODELS / f"{name}.json").write_text(json.dumps(table, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


def made_edits(data: Path, work: Path, encoder: object, rounds: int = 2, seed: int = 7) -> list[Case]:
    """The edited passages, made once and kept in `work`."""
    path = work / "edits.json"
    if path.exists():
        return [Case(*item) for item in json.loads(path.read_text())]
    rng = random.Random(seed)
    clean = list(clean_cases(data))
    cases = [edited(case, encoder, rng) for _ in range(rounds) for case in clean]
    cases += [edited(merged(case, rng), encoder, rng, 0.25) for case in clean]
    work.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([[c.name, c.ar, c.en, c.beads, c.gold, c.ignored, c.must_not] for c in cases], ensure_ascii=False))
    return cases


def word_rows(cases: list[Case], encoder: object) -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
    """By language: rows of word features, labels, which to use, and the number of the case."""
    parts: dict[str, list] = {"ar": [], "en": []}
    for number, case in enumerate(cases):
        evidence = evidence_of(case, encoder)
        for bead in range(len(case.beads)):
            if not evidence.both[bead]:
                continue
            for side, found in evidence.sides(bead, evidence.findings(bead)).items():
                gold, ignored = marks(case, side, found.words.segment, found.words.starts, found.words.ends)
                parts[side].append((found.rows, gold, ~ignored, np.full(len(gold), number)))
    return {side: tuple(np.concatenate(x) for x in zip(*found, strict=True)) for side, found in parts.items()}


def span_rows(cases: list[Case], encoder: object, rng: random.Random, keep: int = 12) -> dict[str, tuple]:
    """By language: rows of candidate runs, targets, weights and case numbers.

    A run that is mostly a gold place is a hit; a smaller part of one is half a hit. Of the misses the most tempting are
    kept, and a sample of the rest.
    """
    from align.flags import coverage, spans

    parts: dict[str, list] = {"ar": [], "en": []}
    for number, case in enumerate(cases):
        evidence = evidence_of(case, encoder)
        for bead in range(len(case.beads)):
            if not evidence.both[bead]:
                continue
            sides = evidence.sides(bead, evidence.findings(bead))
            for side, found in sides.items():
                other = sides["en" if side == "ar" else "ar"]
                found.odds = coverage.log_odds(side, found.rows)
                (runs,) = spans.candidates([found], [letters_of(found, other, evidence)], [np.full(len(found.words), -np.inf)])
                gold, ignored = marks(case, side, found.words.segment, found.words.starts, found.words.ends)
                targets, weights = judged_runs(gold, ignored, runs, found.words.content)
                misses = np.flatnonzero((targets == 0) & (weights > 0))
                tempting = misses[np.argsort(-runs.rows[misses, 0])[:keep]]
                rest = np.setdiff1d(misses, tempting)
                sample = np.array(rng.sample(rest.tolist(), min(keep, len(rest))), np.int64)
                weights[sample] *= len(rest) / max(1, len(sample))
                chosen = np.concatenate([np.flatnonzero(targets > 0), tempting, sample]).astype(np.int64)
                parts[side].append((runs.rows[chosen], targets[chosen], weights[chosen], np.full(len(chosen), number)))
    return {side: tuple(np.concatenate(x) for x in zip(*found, strict=True)) for side, found in parts.items()}


def letters_of(own: object, other: object, evidence: object) -> float:
    """How long the other side would be in this language."""
    return evidence.expected(own.lang, len(other.text.text))


def judged_runs(gold: np.ndarray, ignored: np.ndarray, runs: object, content: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Targets and weights of runs of words."""
    weight = np.where(content, 1.0, 0.4)
    targets, weights = np.zeros(len(runs.starts)), np.ones(len(runs.starts))
    sums = np.concatenate([[0], np.cumsum(weight * gold)])
    every = np.concatenate([[0], np.cumsum(weight)])
    loose = np.concatenate([[0], np.cumsum(weight * ignored)])
    places = []
    start = None
    for i, inside in enumerate([*gold.tolist(), False]):
        if inside and start is None:
            start = i
        elif not inside and start is not None:
            places.append((start, i))
            start = None
    for k, (a, b) in enumerate(zip(runs.starts.tolist(), runs.stops.tolist(), strict=True)):
        size = every[b] - every[a]
        if (loose[b] - loose[a]) > 0.3 * size:
            weights[k] = 0
        inside = (sums[b] - sums[a]) / size
        if inside < 0.5:
            continue
        best = max((max(0.0, every[min(b, y)] - every[max(a, x)]) / (every[max(b, y)] - every[min(a, x)]) for x, y in places if x < b and a < y), default=0)
        targets[k] = 1.0 if best >= 0.65 else 0.5 * inside
        if best < 0.65:
            weights[k] = 0.5
    return targets, weights


# ---- the other two detectors -------------------------------------------------------------------------------------


def swapped(case: Case, rng: random.Random, rate: float = 0.15) -> Case:
    """The case with digits of some numbers changed on one side; both sides of such a line are then gold."""
    import re

    text = {"ar": list(case.ar), "en": list(case.en)}
    gold = list(case.gold)
    for i in range(len(case.ar)):
        if rng.random() > rate or any(g[1] == i for g in gold):
            continue
        side = rng.choice(("ar", "en"))
        numbers = list(re.finditer(r"(?<![\d.,])\d{2,7}(?![\d.,]*\d)", text[side][i]))
        other = text["en" if side == "ar" else "ar"][i]
        numbers = [m for m in numbers if len(re.findall(rf"(?<!\d){m[0]}(?!\d)", other)) == 1 == len(re.findall(rf"(?<!\d){m[0]}(?!\d)", text[side][i]))]
        if not numbers:
            continue
        m = rng.choice(numbers)
        digits = list(m[0])
        k = rng.randrange(len(digits))
        digits[k] = str((int(digits[k]) + rng.randrange(1, 9)) % 10)
        if digits[0] == "0" or "".join(digits) == m[0]:
            continue
        there = other.find(m[0])
        text[side][i] = text[side][i][: m.start()] + "".join(digits) + text[side][i][m.end() :]
        gold += [(side, i, m.start(), m.end(), "swapped"), ("en" if side == "ar" else "ar", i, there, there + len(m[0]), "swapped")]
    return Case(case.name, text["ar"], text["en"], case.beads, gold, case.ignored, case.must_not)


def typed_rows(cases: list[Case], encoder: object) -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Rows, labels and case numbers of the findings of facts and of names."""
    from align.flags import coverage
    from align.flags.judging import typed_row
    from align.flags.typed import STRUCTURAL

    parts: dict[str, list] = {"fact": [], "name": []}
    for number, case in enumerate(cases):
        evidence = evidence_of(case, encoder)
        for bead in range(len(case.beads)):
            if not evidence.both[bead]:
                continue
            found = evidence.findings(bead)
            sides = evidence.sides(bead, found)
            for side in sides.values():
                side.odds = coverage.log_odds(side.lang, side.rows)
            for item in found:
                line = sides[item.side].text.indices[0]
                touch = [_touches(item, p, line) for p in case.gold]
                loose = any(_touches(item, p, line) for p in case.ignored)
                if (loose and not any(touch)) or STRUCTURAL & set(item.evidence.get("grounds", ())):
                    continue
                parts["name" if item.kind == "name" else "fact"].append((typed_row(item, sides[item.side]), any(touch), number))
    return {kind: tuple(np.array(x) for x in zip(*found, strict=True)) for kind, found in parts.items()}


def _touches(item: object, place: tuple, line: int) -> bool:
    return place[0] == item.side and place[1] == line and 2 * (min(item.end, place[3]) - max(item.start, place[2])) >= item.end - item.start


def run_on(case: Case, rng: random.Random, rate: float = 0.5) -> Case:
    """The case with sentences of one side run into one: commas for full stops, so that no place changes."""
    import re

    text = {"ar": list(case.ar), "en": list(case.en)}
    for i in range(len(case.ar)):
        side, mark = rng.choice((("ar", "، "), ("en", ", ")))
        text[side][i] = re.sub(r"(?<=[^\W\d_]{3})\. ", lambda m: mark if rng.random() < rate else m[0], text[side][i])  # noqa: B023
    return Case(case.name, text["ar"], text["en"], case.beads, case.gold, case.ignored, case.must_not)


def sentence_rows(cases: list[Case], encoder: object) -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """By language: rows of sentences inside beads, labels, case numbers."""
    from align.flags import coverage, lone

    parts: dict[str, list] = {"ar": [], "en": []}
    for number, case in enumerate(cases):
        evidence = evidence_of(case, encoder)
        for bead in range(len(case.beads)):
            if not evidence.both[bead] or not any(evidence.words(s, bead).cuts[1:-1].max(initial=0) >= 4 for s in ("ar", "en")):
                continue
            sides = evidence.sides(bead, evidence.findings(bead))
            for side, found in sides.items():
                other = sides["en" if side == "ar" else "ar"]
                starts, stops, rows = lone.rows(found, other.words, coverage.log_odds(side, found.rows))
                gold, ignored = marks(case, side, found.words.segment, found.words.starts, found.words.ends)
                for a, b, row in zip(starts.tolist(), stops.tolist(), rows, strict=True):
                    share = gold[a:b].mean()
                    if ignored[a:b].any() or 0.35 < share < 0.75:
                        continue
                    parts[side].append((row, share >= 0.75, number))
    return {side: tuple(np.array(x) for x in zip(*found, strict=True)) for side, found in parts.items()}


# ---- all detectors together --------------------------------------------------------------------------------------

LONE = (("docs", "debian_handbook", 25), ("docs", "debian_handbook__noisy", 15), ("docs", "ntrex__noisy", 25), ("docs", "tico19__noisy", 8),
        ("docs", "react_docs__noisy", 6), ("docs", "mozilla_www__noisy", 20), ("docs", "cs229__noisy", 2), ("gold", "asp_summaries", 1),
        ("gold", "stories_ar_en", 24), ("gold", "thaqalayn", 47), ("gold", "tunisia_status_code", 4), ("gold", "rpi_then", 16))  # fmt: skip
"""Documents whose gold says which lines have no counterpart, and how many are taken."""
_EDIT, _SHORT, _LONE, _LONE_MOST = 1.0, 0.4, 0.5, 60
"""How much a candidate on a hand-made edit, one in a short pair and one of a lone segment counts beside one of a marked
unit, and how many lone segments of a collection count as such."""


class Weighed(NamedTuple):
    """Candidates to learn from: rows of `align.flags.calibration.FEATURES`, whether each holds, its weight, where from."""

    rows: np.ndarray
    right: np.ndarray
    weights: np.ndarray
    collections: np.ndarray

    @classmethod
    def of(cls, found: list[tuple[np.ndarray, bool, float, str]]) -> "Weighed":
        """From tuples of one candidate each."""
        rows, right, weights, collections = zip(*found, strict=True)
        return cls(np.stack(rows), np.array(right, float), np.array(weights), np.array(collections))


def candidates_of(ar: Segmented, en: Segmented, alignment: Alignment, encoder: object) -> list:
    """What all detectors find in a pair of documents."""
    from align.flags.evidence import Evidence
    from align.flags.judging import collected

    return [c for c in collected(Evidence(ar, en, alignment, encoder), None).described() if c.sure is None]  # the others are not weighed


def marked_candidates(data: Path, work: Path, encoder: object) -> Iterator[tuple[np.ndarray, bool, float, str]]:
    """Candidates on marked units, read by a reader that has not learnt from their group of collections."""
    import bench_marks
    from train_reader import GROUPS

    from align.flags import reader

    usual = reader.weights
    for document in bench_marks.marked(data):
        group = next(name for name, some in GROUPS.items() if document.collection in some)
        found = reader.read_weights(work / f"reader-{group}.npz")
        reader.weights = lambda found=found: found
        for candidate in candidates_of(document.ar, document.en, bench_marks.aligned(document, encoder), encoder):
            flag = candidate.flag
            if document.unit(flag.side, flag.start) is not None:
                yield candidate.row(), document.share(flag.side, flag.start, flag.end) >= 0.5, 1.0, document.collection
    reader.weights = usual


def found_alignment(ar: Segmented, en: Segmented, encoder: object) -> Alignment:
    """What the aligner makes of two documents: candidates are learnt with its similarities and confidences."""
    from align.pipeline import align_segmented

    return align_segmented(ar, en, encoder=encoder).alignment


def edited_candidates(data: Path, encoder: object) -> Iterator[tuple[np.ndarray, bool, float, str]]:
    """Candidates on the odd half of the hand-made edits; none where the translations differ by themselves."""
    for case in hard_cases(data, True):
        sides = as_document(case.ar, "ar"), as_document(case.en, "en")
        starts = {side: np.cumsum([0, *(len(line) + 1 for line in getattr(case, side))]) for side in ("ar", "en")}
        for candidate in candidates_of(*sides, found_alignment(*sides, encoder), encoder):
            flag = candidate.flag
            line = int(np.searchsorted(starts[flag.side], flag.start, side="right")) - 1
            at = range(flag.start - int(starts[flag.side][line]), flag.end - int(starts[flag.side][line]))
            on = [sum(any(p[0] == flag.side and p[1] == line and p[2] <= k < p[3] for p in places) for k in at) for places in (case.ignored, case.gold)]
            if 2 * on[0] < len(at):
                yield candidate.row(), 2 * sum(on) >= len(at), _EDIT, "edits"


def short_candidates(encoder: object) -> Iterator[tuple[np.ndarray, bool, float, str]]:
    """Candidates in the short pairs of `tests/typed_battery`, alone and between two plain sentences: texts of a line or
    three, of which marked documents have none."""
    before = ("افتُتحت القاعة الجديدة صباح أمس.", "The new hall was opened yesterday morning.")
    after = ("ثم غادر الجميع المكان.", "Then everyone left the place.")
    for path in sorted((MODELS.parent.parent / "tests" / "typed_battery").glob("*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line or line.startswith("#"):
                continue
            _, ar, en, *expected = line.split("\t")
            wanted = [want.split(":", 1) for want in expected if ":" in want]
            for pairs in ([(ar, en)], [before, (ar, en), after]):
                texts = {"ar": [a for a, _ in pairs], "en": [e for _, e in pairs]}
                sides = [as_document(texts[side], side) for side in ("ar", "en")]
                for candidate in candidates_of(*sides, found_alignment(*sides, encoder), encoder):
                    flag = candidate.flag
                    right = any(flag.side == side and _meets("\n".join(texts[side]), want, flag) for side, want in wanted)
                    yield candidate.row(), right, _SHORT, "short"


def _meets(text: str, wanted: str, flag: object) -> bool:
    """Whether a flag overlaps one of several places of a text, parted by `|`."""
    places = [(text.find(part), len(part)) for part in wanted.split("|")]
    return any(at >= 0 and flag.start < at + size and at < flag.end for at, size in places)


def lone_candidates(data: Path, encoder: object) -> Iterator[tuple[np.ndarray, bool, float, str]]:
    """Segments that the aligner left alone in documents with gold."""
    for folder, name, most in LONE:
        found = []
        with (data / folder / f"{name}.jsonl").open(encoding="utf-8") as file:
            for line in itertools.islice(file, most):
                item = json.loads(line)
                ar, en = (item["ar"], item["en"]) if folder == "docs" else (item["first"], item["second"])
                found += lone_of(ar, en, item["gold"], encoder)
        weight = _LONE * min(1, _LONE_MOST / max(1, len(found)))
        yield from ((row, right, weight, name.split("__")[0]) for row, right in found)


def lone_of(ar: list[str], en: list[str], gold: list, encoder: object) -> list[tuple[np.ndarray, bool]]:
    """Rows of the segments of a document that the aligner left alone, and whether the gold does too."""
    from align.flags.evidence import Evidence
    from align.flags.judging import Collector
    from align.pipeline import Options, align_segmented, segmented_pair

    texts = {"ar": [" ".join(line.split("\n")) for line in ar], "en": [" ".join(line.split("\n")) for line in en]}
    sides = segmented_pair(*(Document("", side, "\n".join(lines) + "\n") for side, lines in texts.items()), Options(segmented=True, language_check=False))
    alignment = align_segmented(*sides, encoder=encoder).alignment
    if all(bead.ar and bead.en for bead in alignment.beads):
        return []
    found = Collector(Evidence(*sides, alignment, encoder), None)
    for beads in found.evidence.batches():
        found.add_freedom(found.evidence.many_sides(beads, [[] for _ in beads]), beads)
    found.add_units()
    alone = {(side, i) for bead in gold if not (bead[0] and bead[1]) for side, some in zip(("ar", "en"), bead, strict=True) for i in some}
    starts = {side: np.cumsum([0, *(len(line) + 1 for line in lines)]) for side, lines in texts.items()}
    line_of = lambda flag: (flag.side, int(np.searchsorted(starts[flag.side], flag.start, side="right")) - 1)
    return [(candidate.row(), line_of(candidate.flag) in alone) for candidate in found.described()]


def learn_calibration(data: Path, work: Path, encoder: object) -> None:
    """The trees that weigh all detectors together (`calibration.npz`); needs `reader-GROUP.npz` of `train_reader.py`.

    What surer detectors and the reader say can only raise the probability.
    """
    from sklearn.linear_model import LogisticRegression
    from train_filter import as_arrays, depth_of

    from align.flags.calibration import FEATURES

    path = work / "candidates.npz"
    if path.exists():
        with np.load(path) as stored:
            found = Weighed(*(stored[name] for name in Weighed._fields))
    else:
        found = Weighed.of([*marked_candidates(data, work, encoder), *edited_candidates(data, encoder), *short_candidates(encoder), *lone_candidates(data, encoder)])
        np.savez(path, **found._asdict())
    real = (found.weights == 1) & ~np.isin(found.collections, ("edits", "short"))
    held = np.zeros(len(found.rows))
    for collection in np.unique(found.collections[real]):
        out = found.collections == collection
        held[out] = boosted(found, ~out).decision_function(found.rows[out])
    line = LogisticRegression(C=1e6).fit(held[real][:, None], found.right[real])
    slope, shift = float(line.coef_[0, 0]), float(line.intercept_[0])
    np.savez(work / "held.npz", odds=slope * held[real] + shift)
    p = 1 / (1 + np.exp(-slope * held[real] - shift))
    print(f"{real.sum()} candidates on marked units, {found.right[real].sum():.0f} right; each collection left out: AUC {auc(held[real], found.right[real]):.3f}")
    for low, high in itertools.pairwise((0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01)):
        here = (p >= low) & (p < high)
        if here.any():
            print(f"  {low:.2f} to {min(high, 1):.2f}: {here.sum()}, mean {p[here].mean():.3f}, right {found.right[real][here].mean():.3f}")
    model = boosted(found, np.ones(len(found.rows), bool))
    stored = as_arrays(model)
    numbers = [*stored.pop("numbers"), slope, shift, depth_of(stored)]
    np.savez_compressed(MODELS / "calibration.npz", **stored, numbers=np.array(numbers), usual=np.zeros(0, np.float32), features=np.array(FEATURES))


def boosted(found: Weighed, use: np.ndarray) -> object:
    """Boosted trees of some candidates; monotone in what detectors and reader say."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    from align.flags.calibration import FEATURES

    rising = [int(name.startswith(("odds_", "wide_")) or name in ("read_mean", "read_most", "read_least")) for name in FEATURES]
    model = HistGradientBoostingClassifier(max_iter=200, learning_rate=0.05, max_leaf_nodes=4, min_samples_leaf=20, l2_regularization=3,
                                           monotonic_cst=rising, random_state=0)  # fmt: skip
    return model.fit(found.rows[use], found.right[use], sample_weight=found.weights[use])


# ---- the whole ---------------------------------------------------------------------------------------------------

HARD = {"words": 4.0, "spans": 4.0, "sentences": 3.0, "typed": 8.0}
"""How often a hand-made edit counts against one made by the script."""


def both(made: tuple, hard: tuple, weight: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows, targets and weights of made and hand-made edits together."""
    rows, targets = (np.concatenate([a, b]) for a, b in zip(made[:2], hard[:2], strict=True))
    return rows, targets.astype(float), np.concatenate([np.ones(len(made[0])), np.full(len(hard[0]), weight)])


def learn_words(made: list[Case], hard: list[Case], encoder: object) -> None:
    """The networks of words, one a language."""
    found = [word_rows(cases, encoder) for cases in (made, hard)]
    kept = [{side: (x[0][x[2]], x[1][x[2]]) for side, x in part.items()} for part in found]
    write_table("words", {side: fit(*both(kept[0][side], kept[1][side], HARD["words"]), 16, epochs=20) for side in ("ar", "en")})


def learn_spans(made: list[Case], hard: list[Case], encoder: object) -> None:
    """The networks of runs of words."""
    rng = random.Random(3)
    found = [span_rows(cases, encoder, rng) for cases in (made, hard)]
    table = {}
    for side in ("ar", "en"):
        rows, targets, _ = both(found[0][side], found[1][side], 1.0)
        weights = np.concatenate([found[0][side][2], HARD["spans"] * found[1][side][2]])
        table[side] = fit(rows[weights > 0], targets[weights > 0], weights[weights > 0], 16)
    write_table("spans", table)


def learn_sentences(made: list[Case], hard: list[Case], encoder: object) -> None:
    """The networks of whole sentences inside beads; many a sentence is a part of one in the other version."""
    rng = random.Random(5)
    made = [run_on(case, rng) for case in made]
    found = [sentence_rows(cases, encoder) for cases in (made, hard)]
    write_table("sentences", {side: fit(*both(found[0][side], found[1][side], HARD["sentences"]), 8, epochs=100) for side in ("ar", "en")})


def learn_typed(made: list[Case], hard: list[Case], encoder: object) -> None:
    """The network of facts and, logistic, that of names: the more a name is one, the surer its absence tells."""
    rng = random.Random(3)
    found = [typed_rows(cases, encoder) for cases in ([swapped(case, rng) for case in made], hard)]
    hidden = {"fact": 4, "name": 0}
    write_table("typed", {kind: fit(*both(found[0][kind], found[1][kind], HARD["typed"]), size, epochs=500) for kind, size in hidden.items()})


def main() -> None:
    """Learn what the command line names, in the order in which one rests on the other."""
    steps = {"words": learn_words, "sentences": learn_sentences, "spans": learn_spans, "typed": learn_typed}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="+", choices=["projection", *steps, "calibration"])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="where the made edits are kept")
    options = parser.parse_args()
    from align.encode import load

    encoder = load()
    if "projection" in options.what:
        learn_projection(options.data, encoder)
        (options.work / "edits.json").unlink(missing_ok=True)
    names = [name for name in steps if name in options.what]
    if names:
        made = made_edits(options.data, options.work, encoder, rounds=1)
        hard = hard_cases(options.data, True)
        for name in names:
            steps[name](made, hard, encoder)
    if "calibration" in options.what:
        learn_calibration(options.data, options.work, encoder)


if __name__ == "__main__":
    main()
