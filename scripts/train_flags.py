"""Learn the weights of `models/flags` from data that lies beside the checkout.

usage: python scripts/train_flags.py projection|edits|words|spans|typed|units --data DIR [--work DIR]

`projection` learns the map from the embedded encoder's token states to a space in which words and their translations
are near: late interaction over a batch of translated pairs, half of it neighbours in their document, as in ColBERT
(Khattab and Zaharia 2020). `edits` makes documents in which parts were deleted or inserted from the same document,
`words` and `spans` learn from these and from hand-made edits which words and runs of words have no counterpart, `typed`
and `units` calibrate the other two detectors.
"""

import argparse
import json
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from align.data import Alignment, Bead, Document, Segment, Segmented, Span  # noqa: E402


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
    from align.diverge.words import joined, lines

    found = {side: lines(side, getattr(case, side), encoder.token_states) for side in ("ar", "en")}
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
    from align.diverge.evidence import Evidence

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
    for step in range(steps):
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
    rounded = lambda t: [[round(float(v), 4) for v in r] for r in t] if t.ndim == 2 else [round(float(v), 4) for v in t]  # noqa: E731
    return {"mean": rounded(mean), "scale": rounded(scale), "layers": [[rounded(m.weight.detach().numpy().T), rounded(m.bias.detach().numpy())] for m in layers]}


MODELS = Path(__file__).resolve().parent.parent / "models" / "flags"


def write_table(name: str, table: dict) -> None:
    """A table of `models/flags`."""
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
    from align.diverge import coverage, spans

    parts: dict[str, list] = {"ar": [], "en": []}
    for number, case in enumerate(cases):
        evidence = evidence_of(case, encoder)
        for bead in range(len(case.beads)):
            if not evidence.both[bead]:
                continue
            sides = evidence.sides(bead, evidence.findings(bead))
            for side, found in sides.items():
                other = sides["en" if side == "ar" else "ar"]
                odds = coverage.log_odds(side, found.rows)
                runs = spans.candidates(found.words, odds, found, letters_of(found, other, evidence))
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
        numbers = [m for m in re.finditer(r"(?<![\d.,])\d{2,7}(?![\d.,]*\d)", text[side][i])]
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
    from align.diverge import coverage
    from align.diverge.judging import typed_row

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
                if loose and not any(touch):
                    continue
                parts["name" if item.kind == "name" else "fact"].append((typed_row(item, sides[item.side]), any(touch), number))
    return {kind: tuple(np.array(x) for x in zip(*found, strict=True)) for kind, found in parts.items()}


def _touches(item: object, place: tuple, line: int) -> bool:
    return place[0] == item.side and place[1] == line and 2 * (min(item.end, place[3]) - max(item.start, place[2])) >= item.end - item.start


def unit_rows(data: Path, names: tuple[str, ...], encoder: object, most: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Rows and labels of the segments that the aligner leaves alone in documents with known beads."""
    from align.diverge.evidence import Evidence
    from align.diverge.units import units
    from align.pipeline import align_segmented

    rows, labels = [], []
    for name in names:
        for line in (data / "docs" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()[:most]:
            item = json.loads(line)
            sides = as_document(item["ar"], "ar"), as_document(item["en"], "en")
            lone = {("ar", i) for a, e in item["gold"] if not e for i in a} | {("en", j) for a, e in item["gold"] if not a for j in e}
            alignment = align_segmented(*sides, encoder=encoder).alignment
            for unit in units(Evidence(*sides, alignment, encoder)):
                rows.append(unit.row)
                labels.append((unit.side, unit.index) in lone)
    return np.array(rows), np.array(labels)


def sentence_rows(cases: list[Case], encoder: object) -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """By language: rows of sentences inside beads, labels, case numbers."""
    from align.diverge import coverage, lone

    parts: dict[str, list] = {"ar": [], "en": []}
    for number, case in enumerate(cases):
        evidence = evidence_of(case, encoder)
        for bead in range(len(case.beads)):
            if not evidence.both[bead] or not any(evidence.words(s, bead).cuts[1:-1].max(initial=0) >= 4 for s in ("ar", "en")):
                continue
            sides = evidence.sides(bead, evidence.findings(bead))
            for side, found in sides.items():
                other = sides["en" if side == "ar" else "ar"]
                starts, stops, rows = lone.rows(found.words, other.words, coverage.log_odds(side, found.rows))
                gold, ignored = marks(case, side, found.words.segment, found.words.starts, found.words.ends)
                for a, b, row in zip(starts.tolist(), stops.tolist(), rows, strict=True):
                    share = gold[a:b].mean()
                    if ignored[a:b].any() or 0.35 < share < 0.75:
                        continue
                    parts[side].append((row, share >= 0.75, number))
    return {side: tuple(np.array(x) for x in zip(*found, strict=True)) for side, found in parts.items()}
