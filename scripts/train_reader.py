"""Learn the reader of `models/flags`: a small network that reads the words of both sides of a bead together.

usage: python scripts/train_reader.py examples learn marks tune --data DIR --work DIR

`examples` makes beads with known answers from translations that lie beside the checkout: parts deleted, inserted,
replaced, dropped and changed as in `train_flags.py`, lines merged, sentences run on, ends of lines moved into the next
bead, and words put otherwise, which a free translator does. `learn` trains the network (PyTorch) and writes it for
`align.flags.reader`. Documents that `tests/marks` or the hand-made edits take their units from are left out.
`marks` makes examples of the units of `tests/marks`, alone and with the words around them; `tune` goes on learning with
these and as many made ones, and once without each of GROUPS, for measuring.
"""

import argparse
import itertools
import json
import random
import re
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

import train_flags as edits
from train_flags import Case

SOURCES = ("ntrex", "tico19", "xquad", "react_docs", "cs229", "cc_licences", "spec_docs", "bible", "quran")
FREE = ("stories_ar_en", "tunisia_status_code", "rpi_then")
"""Collections whose licence allows it; those of `FREE` are translated freely and paired by units."""
PAIRS = (("tatoeba_opus", "pairs", 2000, 6), ("unpc", "pairs", 4000, 10), ("flores200_devtest", "pairs", 516, 3),
         ("xquad_questions", "pairs", 600, 4), ("mtgeneval", "train", 1151, 2), ("tatoeba_anki", "train", 3000, 6),
         ("tldr", "train", 600, 6))  # fmt: skip
"""Lists of pairs: how many are taken, and how many lines make a passage."""
_LONGEST = 1500  # letters of a line
_MOST_WORDS = 150  # of both sides of a bead, from which on it is left out


def left_out(data: Path) -> set[tuple[str, str]]:
    """Documents from which something is measured elsewhere, and the lines of `unpc` that were marked."""
    out = {("", json.loads(line)["doc"]) for line in (data / "pairs" / "hard_edits.jsonl").open(encoding="utf-8")}
    for path in (HERE.parent / "tests" / "marks" / "units.jsonl", data / "pairs" / "natural.jsonl"):
        for line in path.open(encoding="utf-8"):
            unit = json.loads(line)
            out.add((unit["set"], str(unit["unit"]) if unit["set"] == "unpc" else unit["doc"]))
    return out


def clean(data: Path) -> Iterator[tuple[bool, Case]]:
    """Translated passages, and whether they are free translations."""
    kept_out = left_out(data)
    for folder, names in (("docs", SOURCES), ("gold", FREE)):
        for name in names:
            for line in (data / folder / f"{name}.jsonl").open(encoding="utf-8"):
                item = json.loads(line)
                if (name, item["doc"]) in kept_out or ("", item["doc"]) in kept_out:
                    continue
                ar, en = (item.get("ar"), item.get("en")) if folder == "docs" else (item["first"], item["second"])
                pairs = [(_joined(ar, a), _joined(en, e)) for a, e in item["gold"] if a and e]
                for case in edits.passages(f"{name}:{item['doc']}", _fitting(pairs), 14):
                    yield folder == "gold", case
    for name, folder, most, size in PAIRS:
        sides = [(data / folder / f"{name}.{side}").read_text(encoding="utf-8").split("\n") for side in ("ar", "en")]
        pairs = [(" ".join(a.split()), " ".join(e.split())) for k, (a, e) in enumerate(zip(*sides, strict=True))
                 if (name, str(k)) not in kept_out]
        for k in range(0, most, size):
            for case in edits.passages(f"{name}:{k}", _fitting(pairs[k : min(most, k + size)]), size):
                yield False, case


def _joined(lines: list[str], indices: list[int]) -> str:
    return " ".join(" ".join(lines[i] for i in indices).split())


def _fitting(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(a, e) for a, e in pairs if 3 < len(a) < _LONGEST and 3 < len(e) < _LONGEST]


# ---- changes -----------------------------------------------------------------------------------------------------


def replaced(case: Case, encoder: object, rng: random.Random, rate: float = 0.12) -> Case:
    """The case with parts of a line for which something else of the document stands on the other side."""
    words = words_of(case, encoder)
    text = {"ar": list(case.ar), "en": list(case.en)}
    gold = list(case.gold)
    for i in range(len(case.ar)):
        if rng.random() > rate or any(g[1] == i for g in gold) or min(len(words[s][i]) for s in words) < 6:
            continue
        side = rng.choice(("ar", "en"))
        other = "en" if side == "ar" else "ar"
        done = edits.deleted(words[side][i], words[other][i], text[other][i], rng)
        part = _part_of(words[other], text[other], i, rng)
        if done is None or part is None:
            continue
        line, (a, b), _ = done
        at = len(line[: _shared(line, text[other][i])].rstrip())
        at = line.rfind(" ", 0, at + 1) + 1 if at < len(line) else at
        start = at + (at == len(line))
        text[other][i] = f"{line[:at]}{' ' * (at == len(line))}{part} {line[at:]}".rstrip()
        gold += [(side, i, a, b, "replaced"), (other, i, start, start + len(part), "replaced")]
    return Case(case.name, text["ar"], text["en"], case.beads, gold, case.ignored)


def _shared(one: str, two: str) -> int:
    return next((k for k, (x, y) in enumerate(zip(one, two, strict=False)) if x != y), min(len(one), len(two)))


def _part_of(words: list, text: list[str], at: int, rng: random.Random) -> str | None:
    """A part of another line of the side, 2 to 8 words between two cuts."""
    donors = [k for k in range(max(0, at - 6), min(len(words), at + 7)) if k != at and len(words[k]) > 3]
    rng.shuffle(donors)
    for k in donors:
        cuts = np.flatnonzero(words[k].cuts > 0).tolist()
        spans = [(a, b) for x, a in enumerate(cuts) for b in cuts[x + 1 :] if 2 <= b - a <= 8 and words[k].content[a:b].any()]
        if spans:
            a, b = rng.choice(spans)
            return text[k][words[k].starts[a] : words[k].ends[b - 1]]
    return None


def words_of(case: Case, encoder: object) -> dict[str, list]:
    """The words of each line, by side."""
    from align.flags.words import joined, lines

    found = {side: lines(side, getattr(case, side), encoder.word_states) for side in ("ar", "en")}
    return {side: [joined(side, [i], some) for i in range(len(some))] for side, some in found.items()}


def strayed(case: Case, rng: random.Random, rate: float = 0.15) -> Case:
    """The case with the last sentence or clause of some lines at the head of the next line, as where beads go wrong."""
    text = {"ar": list(case.ar), "en": list(case.en)}
    marked = {g[1] for g in case.gold} | {g[1] for g in case.ignored}
    for i in range(len(case.ar) - 1):
        if rng.random() > rate or {i, i + 1} & marked:
            continue
        lines = text[rng.choice(("ar", "en"))]
        ends = [m.end() for m in re.finditer(r"[.!?؟،,;؛:] ", lines[i])]
        if ends and len(lines[i]) - ends[-1] < 0.6 * len(lines[i]):
            lines[i], lines[i + 1] = lines[i][: ends[-1]].rstrip(), f"{lines[i][ends[-1]:]} {lines[i + 1]}"
    return Case(case.name, text["ar"], text["en"], case.beads, case.gold, case.ignored)


def loosened(case: Case, stock: dict[str, list[str]], rng: random.Random, rate: float = 0.12) -> Case:
    """The case with some words of one side of a line put otherwise: another word in their place, of about that length."""
    text = {"ar": list(case.ar), "en": list(case.en)}
    for i in range(len(case.ar)):
        if rng.random() < 0.5:
            continue
        side = rng.choice(("ar", "en"))
        places = [g for g in (*case.gold, *case.ignored) if g[0] == side and g[1] == i]
        if places:
            continue  # places must keep their offsets
        share = rng.random() * rate * 2
        words = text[side][i].split(" ")
        text[side][i] = " ".join(rng.choice(stock[side]) if len(w) > 3 and w.isalpha() and w.islower() | (side == "ar") and rng.random() < share
                                 else w for w in words)  # fmt: skip
    return Case(case.name, text["ar"], text["en"], case.beads, case.gold, case.ignored)


def variants(case: Case, free: bool, stock: dict[str, list[str]], encoder: object, rng: random.Random) -> Iterator[Case]:
    """The case changed in several ways."""
    for _ in range(6 if free else 3):
        whole = edits.merged(case, rng, 0.3) if rng.random() < 0.6 else case
        if rng.random() < 0.5:
            whole = strayed(whole, rng)
        if rng.random() < 0.5:
            whole = loosened(whole, stock, rng)
        if rng.random() < 0.5:
            whole = replaced(whole, encoder, rng, 0.25)
        if rng.random() < 0.8:
            whole = edits.edited(whole, encoder, rng, 0.5)
        if rng.random() < 0.3:
            whole = edits.swapped(whole, rng)
        if rng.random() < 0.35:
            whole = edits.run_on(whole, rng)
        yield whole


# ---- examples ----------------------------------------------------------------------------------------------------


def examples(data: Path, work: Path, seed: int = 5) -> None:
    """Beads as arrays, saved in `work/examples.npz`; see `Examples`."""
    from align.encode import load

    encoder = load()
    rng = random.Random(seed)
    cases = list(clean(data))
    rng.shuffle(cases)
    stock = {side: [w for _, case in cases for line in getattr(case, side)[:3] for w in line.split() if len(w) > 3 and w.isalpha()]
             for side in ("ar", "en")}  # fmt: skip
    beads: list[tuple] = []
    start = time.time()
    for number, (free, case) in enumerate(cases):
        for made in variants(case, free, stock, encoder, rng):
            beads += beads_of(made, encoder)
        if number % 500 == 0:
            print(f"{number} of {len(cases)} passages, {len(beads)} beads, {time.time() - start:.0f} s", flush=True)
    save(work / "examples.npz", beads)


def beads_of(case: Case, encoder: object) -> list[tuple]:
    """Rows of the reader's input and labels (1 not answered, 0 answered, -1 left out) of each two-sided bead's words."""
    from align.flags.reader import inputs

    evidence = edits.evidence_of(case, encoder)
    which = [bead for bead in range(len(case.beads)) if evidence.both[bead]]
    out = []
    for bead in which:
        sides = evidence.sides(bead, evidence.findings(bead))
        rows, labels = [], []
        for side in ("ar", "en"):
            own = sides[side]
            gold, ignored = edits.marks(case, side, own.words.segment, own.words.starts, own.words.ends)
            rows.append(inputs(own))
            labels.append(np.where(ignored, -1, gold).astype(np.int8))
        sizes = [len(some) for some in labels]
        if min(sizes) and sum(sizes) <= _MOST_WORDS:
            out.append((np.concatenate(rows).astype(np.float16), np.concatenate(labels), sizes[0]))
    return out


def save(path: Path, beads: list[tuple]) -> None:
    """Beads one after another: `rows`, `labels`, the number of words and of Arabic words of each bead."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, rows=np.concatenate([b[0] for b in beads]), labels=np.concatenate([b[1] for b in beads]),
             sizes=np.array([[len(b[1]), b[2]] for b in beads]))  # fmt: skip


# ---- learning ----------------------------------------------------------------------------------------------------


class Examples:
    """Beads of `examples`: a row of input and a label (1 not answered, 0 answered, -1 left out) for each word."""

    def __init__(self, path: Path) -> None:
        with np.load(path) as stored:
            self.rows, self.labels, self.sizes = stored["rows"], stored["labels"], stored["sizes"]
        self.edges = np.concatenate([[0], np.cumsum(self.sizes[:, 0])])

    def batches(self, which: np.ndarray, words: int, rng: np.random.Generator | None) -> list[np.ndarray]:
        """Beads of like sizes, about so many words together."""
        noise = rng.random(len(which)) * 12 if rng is not None else 0
        order = which[np.argsort(self.sizes[which, 0] + noise, kind="stable")]
        out, some = [], []
        for k in order.tolist():
            if some and (len(some) + 1) * self.sizes[k, 0] > words:
                out.append(np.array(some))
                some = []
            some.append(k)
        out.append(np.array(some))
        if rng is not None:
            rng.shuffle(out)
        return out

    def batch(self, which: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Padded rows (beads, words, width) and labels (-1 where there is no word) of some beads, and their sizes."""
        longest = self.sizes[which, 0].max()
        rows = np.zeros((len(which), longest, self.rows.shape[1]), np.float32)
        labels = np.full((len(which), longest), -1, np.int8)
        for i, k in enumerate(which.tolist()):
            part = slice(self.edges[k], self.edges[k + 1])
            rows[i, : self.sizes[k, 0]] = self.rows[part]
            labels[i, : self.sizes[k, 0]] = self.labels[part]
        return rows, labels, self.sizes[which]


def network(mean: np.ndarray, scale: np.ndarray, width: int = 128, layers: int = 3, heads: int = 4) -> "torch.nn.Module":
    """The reader in PyTorch; its twin is `align.flags.reader`."""
    import torch
    from torch import nn

    from align.flags.reader import DIMENSION, geometry

    class Layer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norms = nn.ModuleList([nn.LayerNorm(width), nn.LayerNorm(width)])
            self.mix, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
            self.up, self.down = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
            bias = torch.zeros(heads, 4)
            bias[:, 0], bias[:, 2] = torch.linspace(0, 8, heads), -torch.linspace(4, 1, heads)
            bias[:, 3] = -torch.linspace(0.5, 0, heads)
            self.bias = nn.Parameter(bias)

        def forward(self, x: torch.Tensor, places: torch.Tensor, dead: torch.Tensor) -> torch.Tensor:
            n, size, _ = x.shape
            q, k, v = self.mix(self.norms[0](x)).view(n, size, 3, heads, width // heads).permute(2, 0, 3, 1, 4)
            scores = q @ k.transpose(-1, -2) * (width // heads) ** -0.5 + torch.einsum("hf,nfij->nhij", self.bias, places) + dead
            seen = torch.softmax(scores, -1) @ v
            x = x + self.out(seen.transpose(1, 2).reshape(n, size, width))
            return x + nn.functional.dropout(self.down(torch.relu(self.up(self.norms[1](x)))), 0.1, self.training)

    class Reader(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("mean", torch.from_numpy(mean))
            self.register_buffer("scale", torch.from_numpy(scale))
            self.first = nn.Linear(len(mean), width)
            self.layers = nn.ModuleList([Layer() for _ in range(layers)])
            self.norm, self.last = nn.LayerNorm(width), nn.Linear(width, 1)
            self.last.bias.data.fill_(-2.0)

        def forward(self, rows: np.ndarray, sizes: np.ndarray) -> torch.Tensor:
            places, dead = map(torch.from_numpy, geometry(rows[..., :DIMENSION], sizes))
            x = nn.functional.dropout(self.first((torch.from_numpy(rows) - self.mean) * self.scale), 0.1, self.training)
            for layer in self.layers:
                x = layer(x, places, dead)
            return self.last(self.norm(x))[..., 0]

    return Reader()


_CONTENT = -12
"""The column of `align.flags.reader.inputs` that marks words of content."""
DETECTOR = slice(-14, -13)
"""The column with the log odds of `coverage`."""


def standard(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and reciprocal deviation of each column; unit vectors keep their direction."""
    from align.flags.reader import DIMENSION

    sample = rows[:: max(1, len(rows) // 200_000)].astype(np.float32)
    mean, scale = sample.mean(0), 1 / np.maximum(sample.std(0), 0.05)
    mean[:DIMENSION], scale[:DIMENSION] = 0, DIMENSION**0.5 / 2
    return mean, scale


def measured(model: "torch.nn.Module", found: Examples, which: np.ndarray, words: int) -> float:
    """How well the words of content of some beads are told apart."""
    import torch

    scores, labels = [], []
    model.eval()
    with torch.no_grad():
        for some in found.batches(which, words, None):
            rows, own, sizes = found.batch(some)
            counted = (own >= 0) & (rows[..., _CONTENT] > 0)
            scores.append(model(rows, sizes).numpy()[counted])
            labels.append(own[counted])
    return round(edits.auc(np.concatenate(scores), np.concatenate(labels).astype(float)), 4)


def write(model: "torch.nn.Module", path: Path) -> None:
    """The network as `align.flags.reader` reads it, in half precision, with the names of its inputs."""
    from align.flags import reader

    stored = {name.replace(".weight", ".map"): value.numpy() for name, value in model.state_dict().items()}
    np.savez_compressed(path, **{
        name: (value.T if value.ndim == 2 and name.endswith(".map") else value).astype(np.float16) for name, value in stored.items()}, features=np.array(reader.FEATURES))  # fmt: skip


def learn(work: Path, epochs: int = 6, words: int = 2600) -> None:
    """Learn from the examples of `work`, one bead in twenty kept aside, and write `work/reader-made.npz`."""
    import torch

    torch.manual_seed(0)
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    found = Examples(work / "examples.npz")
    aside = np.arange(len(found.sizes)) // 40 % 20 == 0  # whole passages
    mean, scale = standard(found.rows)
    model = network(mean, scale)
    matrices = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim == 1]
    optimizer = torch.optim.AdamW([{"params": matrices, "weight_decay": 0.01}, {"params": others, "weight_decay": 0}], lr=1e-3)
    kept = np.flatnonzero(~aside)
    steps = epochs * len(found.batches(kept, words, rng))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-3, total_steps=steps + 50, pct_start=0.05)
    start, seen = time.time(), 0
    for epoch in range(epochs):
        model.train()
        for which in found.batches(kept, words, rng):
            rows, labels, sizes = found.batch(which)
            rows[..., DETECTOR] *= rng.random((len(which), 1, 1)) < 0.7  # so that it does not lean on them alone
            loss = descend(model, optimizer, rows, labels, sizes)
            if seen < steps + 49:
                schedule.step()
            seen += 1
            if seen % 200 == 0:
                print(f"epoch {epoch} step {seen} of {steps} loss {loss:.4f} {time.time() - start:.0f} s", flush=True)
        print(f"epoch {epoch}: AUC of words aside {measured(model, found, np.flatnonzero(aside), words)}", flush=True)
        write(model, work / "reader-made.npz")


# ---- real texts --------------------------------------------------------------------------------------------------

GROUPS = {
    "free": ("stories_ar_en", "bilinguator_ar_en", "rasaif", "thaqalayn"),
    "formal": ("tunisia_status_code", "unpc", "xquad", "tico19", "ntrex", "cc_licences"),
    "technical": ("cs229", "spec_docs", "rpi_then", "kobo_then", "kobo_drift", "debian_handbook", "react_docs"),
}
"""Collections of `tests/marks` that are left out together."""
_AROUND = 30  # words before and after a bead that are read with it
_WIDEST = 400


def marked_examples(data: Path, work: Path) -> None:
    """The marked units as examples, in `work/marks-COLLECTION.npz`."""
    import bench_marks

    from align.encode import load
    from align.flags.evidence import Evidence

    encoder = load()
    beads: dict[str, list[tuple]] = {}
    for document in bench_marks.marked(data):
        evidence = Evidence(document.ar, document.en, bench_marks.aligned(document, encoder), encoder)
        beads.setdefault(document.collection, []).extend(read_beads(document, evidence))
    for collection, found in beads.items():
        save(work / f"marks-{collection}.npz", found)


def read_beads(document: object, evidence: object) -> Iterator[tuple]:
    """Examples of the two-sided beads of a document that lie on units that were read, each alone and in its window."""
    from align.flags.reader import inputs

    labels: dict[int, tuple[np.ndarray, np.ndarray]] = {}
    for beads in evidence.batches():
        for bead, sides in zip(beads, evidence.many_sides(beads, [evidence.findings(bead) for bead in beads]), strict=True):
            both = tuple(labels_of(document, evidence, bead, sides[side]) for side in ("ar", "en"))
            if any((some >= 0).any() for some in both) and all(map(len, both)):
                labels[bead] = both
                yield np.concatenate([inputs(sides["ar"]), inputs(sides["en"])]).astype(np.float16), np.concatenate(both), len(both[0])
    for start in range(0, len(labels), 64):
        some = sorted(labels)[start : start + 64]
        for bead, (sides, begins) in zip(some, evidence.windows(some, _AROUND), strict=True):
            both = []
            for side, own in zip(("ar", "en"), labels[bead], strict=True):
                both.append(np.full(len(sides[side].words), -1, np.int8))
                both[-1][begins[side] : begins[side] + len(own)] = own
            if sum(map(len, both)) <= _WIDEST:
                yield np.concatenate([inputs(sides["ar"]), inputs(sides["en"])]).astype(np.float16), np.concatenate(both), len(both[0])


def labels_of(document: object, evidence: object, bead: int, side: object) -> np.ndarray:
    """1 for words of a side that are marked, 0 for others, -1 where the text was not read."""
    from align.flags.places import Places

    places = Places(getattr(document, side.lang))
    out = np.full(len(side.words), -1, np.int8)
    for i, (a, b) in enumerate(zip(side.starts.tolist(), side.ends.tolist(), strict=True)):
        start, end = side.text.place(places, a, b)
        if document.unit(side.lang, start) is not None:
            out[i] = document.share(side.lang, start, end) >= 0.5
    return out


class Several(Examples):
    """The examples of several files."""

    def __init__(self, paths: Iterable[Path]) -> None:
        parts = [Examples(path) for path in paths]
        self.rows, self.labels, self.sizes = (np.concatenate([getattr(part, name) for part in parts]) for name in ("rows", "labels", "sizes"))
        self.edges = np.concatenate([[0], np.cumsum(self.sizes[:, 0])])


def tune(work: Path, epochs: int = 3, words: int = 2600, rate: float = 2e-4) -> None:
    """Goes on learning from the marks: without each group (`work/reader-GROUP.npz`), then from all (`models/flags`)."""
    import torch

    torch.set_num_threads(1)
    made = Examples(work / "examples.npz")
    paths = {path.stem.removeprefix("marks-"): path for path in sorted(work.glob("marks-*.npz"))}
    for group, left_out in (*GROUPS.items(), (None, ())):
        model = stored(work / "reader-made.npz")
        found = Several(path for name, path in paths.items() if name not in left_out)
        torch.manual_seed(0)
        rng = np.random.default_rng(0)
        optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.01)
        steps = epochs * len(found.batches(np.arange(len(found.sizes)), words, rng))
        made_batches = itertools.cycle(made.batches(np.arange(len(made.sizes)), words, rng))
        model.train()
        step = 0
        for _ in range(epochs):
            for which in found.batches(np.arange(len(found.sizes)), words, rng):
                for source, some, weight in ((found, which, 1.0), (made, next(made_batches), 0.5)):
                    rows, labels, sizes = source.batch(some)
                    descend(model, optimizer, rows, labels, sizes, weight)
                step += 1
                for parameters in optimizer.param_groups:
                    parameters["lr"] = rate * (1 - 0.95 * step / steps)
        if group:
            aside = Several(path for name, path in paths.items() if name in left_out)
            print(f"{group} left out: AUC of words {measured(model, aside, np.arange(len(aside.sizes)), words)}", flush=True)
        write(model, work / f"reader-{group}.npz" if group else edits.MODELS / "reader.npz")


def descend(model: "torch.nn.Module", optimizer: "torch.optim.Optimizer", rows: np.ndarray, labels: np.ndarray, sizes: np.ndarray,
            weight: float = 1.0) -> float:  # fmt: skip
    """One step down the loss of some beads; grammar counts less."""
    import torch

    y = torch.from_numpy(labels.astype(np.float32)).clamp(min=0)
    weights = torch.from_numpy((labels >= 0) * np.where(rows[..., _CONTENT] > 0, 1.0, 0.4)).float()
    loss = torch.nn.functional.binary_cross_entropy_with_logits(model(rows, sizes), y, weights, reduction="sum") / weights.sum().clamp(min=1)
    optimizer.zero_grad()
    (weight * loss).backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return float(loss.detach())


def stored(path: Path) -> "torch.nn.Module":
    """A network that `write` wrote."""
    import torch

    from align.flags.reader import read_weights

    found = read_weights(path)
    model = network(found["mean"], found["scale"])
    model.load_state_dict({name: torch.from_numpy(np.ascontiguousarray(value.T if name.endswith(".weight") and value.ndim == 2 else value))
                           for name in model.state_dict() for value in [found[name.replace(".weight", ".map")]]})  # fmt: skip
    return model


def main() -> None:
    """Do what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="+", choices=["examples", "learn", "marks", "tune"])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="where the examples are kept")
    options = parser.parse_args()
    if "examples" in options.what:
        examples(options.data, options.work)
    if "learn" in options.what:
        learn(options.work)
    if "marks" in options.what:
        marked_examples(options.data, options.work)
    if "tune" in options.what:
        tune(options.work)


if __name__ == "__main__":
    main()
