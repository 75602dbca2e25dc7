#!/usr/bin/env python3
"""Measures which documents `muwazi pair` pairs and which it leaves alone, beside simple ways to pair, and how fast.

usage: bench_pair.py DATA [--seeds FOLDER] [--scale N ...]

DATA holds docs/*.jsonl. Documents are written, a line a line, into two folders under names that say nothing, a part of
the counterparts taken away, in turn of either side; then the folders are paired as the command does it. "learnt" are
the documents of those halves of the sources from which train_pairing.py learns the weights, "kept" the others.

The baselines see the same sentences and the same vectors: the cosine of mean vectors and its ratio margin, pairs that
are each other's best; and digits in common times closeness in length. Each has the threshold that serves it best in
hindsight. --seeds names a folder with one pair and Arabic reports on the same subject. --scale times collections of
so many documents a side, made of DATA/pairs, against encoding alone.
"""

import argparse
import random
import re
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from train_pairing import HERE, Item, Maker, Pool, is_learnt, partial, pool, sites, sources

from align.encode import load, span_vectors
from align.pairing.documents import documents_in, pair_documents
from align.pipeline import Clock

Chosen = dict[tuple[int, int], float]
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Result:
    """What was paired: precision, recall, F1, and the share of strangers left alone."""

    precision: float
    recall: float
    f1: float
    alone: float

    @classmethod
    def of(cls, given: Pool, said: set[tuple[int, int]]) -> "Result":
        """Pairs by number against the gold of a pool."""
        gold = given.gold
        hits = len(gold & said)
        precision, recall = hits / max(len(said), 1), hits / max(len(gold), 1)
        strangers = len(given.ar) + len(given.en) - 2 * len(gold)
        known = [{pair[k] for pair in gold} for k in (0, 1)]
        disturbed = sum(pair[k] not in known[k] for pair in said for k in (0, 1))
        return cls(precision, recall, 2 * precision * recall / max(precision + recall, 1e-9),
                   1 - disturbed / max(strangers, 1))

    def __str__(self) -> str:
        return f"P {self.precision:.3f} R {self.recall:.3f} F1 {self.f1:.3f} alone {self.alone:.3f}"


def write(given: Pool, folder: Path) -> tuple[list[str], list[str]]:
    """The documents of a pool as files whose names are numbers; paths of both sides."""
    out = []
    for lang, side in (("ar", given.ar), ("en", given.en)):
        (folder / lang).mkdir()
        for number, (_, lines) in enumerate(side):
            (folder / lang / f"{number:05d}.txt").write_text("".join(line + "\n" for line in lines), "utf-8")
        out.append(documents_in(folder / lang) if side else [])
    return out[0], out[1]


def ours(given: Pool, maker: Maker) -> tuple[set[tuple[int, int]], float]:
    """What `pair_documents` pairs, and the seconds that it takes."""
    with tempfile.TemporaryDirectory() as folder:
        ar, en = write(given, Path(folder))
        start = time.perf_counter()
        found = pair_documents(ar, en, encoder=maker.encoder)
        seconds = time.perf_counter() - start
    assert not found.failed, found.failed[:3]
    return {(int(Path(p.match.ar).stem), int(Path(p.match.en).stem)) for p in found.pairs}, seconds


def mutual(values: np.ndarray) -> Chosen:
    """Pairs each of which is the best of the other, with their value."""
    forth, back = values.argmax(1), values.argmax(0)
    return {(i, int(j)): float(values[i, j]) for i, j in enumerate(forth) if back[j] == i}


def hindsight(given: Pool, chosen: Chosen) -> Result:
    """The best F1 that any threshold gives."""
    ordered = sorted(chosen, key=lambda pair: -chosen[pair])
    results = [Result.of(given, set(ordered[:n])) for n in range(1, len(ordered) + 1)]
    return max(results, key=lambda result: result.f1)


def mean_cosine(given: Pool, maker: Maker) -> np.ndarray:
    """Cosines of centred mean vectors."""
    sides = []
    for documents, lang in ((given.ar, "ar"), (given.en, "en")):
        rows = np.stack([maker.sketch(text, lang).rows.astype(np.float32).mean(0) for _, text in documents])
        rows -= rows.mean(0)
        sides.append(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9))
    return sides[0] @ sides[1].T


def margin(given: Pool, maker: Maker) -> np.ndarray:
    """Cosines of mean vectors over the mean of the four nearest of both."""
    cosines = mean_cosine(given, maker) + 1  # positive throughout
    near = [np.sort(cosines, axis=axis).take(range(-min(4, cosines.shape[axis]), 0), axis).mean(axis)
            for axis in (1, 0)]
    return 2 * cosines / (near[0][:, None] + near[1][None, :])


def digits(given: Pool, _maker: Maker) -> np.ndarray:
    """Shares of numbers in common, times how near the lengths are to the usual ratio."""
    numbers, lengths = [], []
    for documents in (given.ar, given.en):
        texts = ["\n".join(text) for _, text in documents]
        numbers.append([{str(int(found)) for found in _NUMBER.findall(text)} for text in texts])
        lengths.append(np.log([max(len(text), 1) for text in texts]))
    shared = np.array([[(len(a & e) + 0.1) / (len(a | e) + 0.2) for e in numbers[1]] for a in numbers[0]])
    usual = np.median(lengths[1]) - np.median(lengths[0])
    return shared * np.exp(-np.abs(lengths[1][None, :] - lengths[0][:, None] - usual))


BASELINES: dict[str, Callable[[Pool, Maker], np.ndarray]] = {"mean vectors, cosine": mean_cosine,
                                                             "mean vectors, margin": margin, "digits, length": digits}


def pools(data: Path) -> Iterator[tuple[str, Pool]]:
    """Pools by name: all documents, both halves, kinds, few pairs, thirds, sites; a third of the counterparts is away."""
    rng = random.Random(20)
    sets = {noisy: [(name, record) for name, record in sources(data, noisy)] for noisy in (False, True)}
    items = {noisy: [Item(name, tuple(record["ar"]), tuple(record["en"])) for name, record in found]
             for noisy, found in sets.items()}
    for noisy, kind in ((False, "all"), (True, "lines missing")):
        yield kind, pool(items[noisy], 1 / 3, rng)
        for learnt, half in ((True, "learnt"), (False, "kept")):
            yield f"{kind}, {half}", pool([item for item in items[noisy] if is_learnt(item.name) == learnt], 1 / 3, rng)
    kinds = sorted({item.name.split("/")[0] for item in items[False]})
    for kind in kinds:
        some = [item for item in items[False] if item.name.startswith(kind + "/")]
        if len(some) >= 9:
            yield f"only {kind}", pool(some, 1 / 3, rng)
    for learnt, half in ((True, "learnt"), (False, "kept")):
        some = [item for item in items[False] if is_learnt(item.name) == learnt]
        yield f"nine tenths away, {half}", pool(some, 0.9, rng)
        thirds = [partial(name, record, rng) for name, record in sets[False] if is_learnt(name) == learnt]
        yield f"a third of one side, {half}", pool(thirds, 1 / 3, rng)
        for kind, given in sites(data, learnt, 20).items():
            for number, one in enumerate(given[:3], 1):
                yield f"{kind} {number}, {half}", one


def seeds(folder: Path) -> None:
    """The pair found in a folder with both languages, and what is left."""
    found = pair_documents([path for path in documents_in(folder) if path.endswith(".txt")])
    for one in found.pairs:
        print(f"  {Path(one.match.ar).name} = {Path(one.match.en).name}  p {one.match.probability:.3f}")
    for left in found.unpaired:
        best = left.best[0]
        print(f"  {Path(left.path).name} alone; its best candidate: score {best.score:.1f}, p {best.probability:.3f}")


def collection(data: Path, size: int, folder: Path) -> int:
    """Files of so many documents a side, half of them pairs, of random sentence pairs; sentences written.

    Sentences stand in several documents, so that strangers are no strangers: it is for speed.
    """
    rng = random.Random(size)
    lines = [(a, e) for name in ("unpc", "tatoeba_opus")
             for a, e in zip(*((data / "pairs" / f"{name}.{lang}").read_text("utf-8").splitlines()
                               for lang in ("ar", "en")), strict=True)]
    count = 0
    for lang in ("ar", "en"):
        (folder / lang).mkdir()
    for number in range(size + size // 2):
        chosen = [rng.choice(lines) for _ in range(rng.randint(5, 30))]
        for k, lang in enumerate(("ar", "en")):
            if number < size // 2 or (number - size // 2) % 2 == k:
                text = "".join(pair[k] + "\n" for pair in chosen)
                (folder / lang / f"{number:07d}.txt").write_text(text, "utf-8")
                count += len(chosen)
    return count


def scale(data: Path, sizes: list[int]) -> None:
    """Seconds in all and to pair, against encoding the same sentences alone; peak memory so far."""
    encoder = load(cache=False)
    span_vectors(encoder, ["This is what starts the engine."] * 5000, 1)
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            sentences = collection(data, size, folder)
            clock, start = Clock(), time.perf_counter()
            ar, en = documents_in(folder / "ar"), documents_in(folder / "en")
            found = pair_documents(ar, en, encoder=encoder, clock=clock)
            whole = time.perf_counter() - start
            right = sum(Path(p.match.ar).name == Path(p.match.en).name for p in found.pairs)
            some = [*ar[:1000], *en[:1000]]
            forms = [line for path in some for line in Path(path).read_text("utf-8").splitlines()]
            start = time.perf_counter()
            for at in range(0, len(forms), 4096):
                span_vectors(encoder, forms[at:at + 4096], 1)
            encoding = (time.perf_counter() - start) * sentences / len(forms)
        documents = len(found.pairs) * 2 + len(found.unpaired)
        print(f"  {documents} documents, {sentences} sentences: {documents / whole:.0f} documents/s, "
              f"{sentences / whole:.0f} sentences/s; encoding alone {encoding / whole:.0%} of the time, "
              f"pairing {clock.seconds['pair'] / whole:.0%}; {right} of {size // 2} pairs found; peak memory "
              f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB", flush=True)


def main() -> None:
    """Print everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", type=Path, default=HERE.parent / "shared" / "data")
    parser.add_argument("--seeds", type=Path)
    parser.add_argument("--scale", type=int, nargs="*", default=[])
    arguments = parser.parse_args()
    if arguments.seeds:
        print("seeds")
        seeds(arguments.seeds)
    if arguments.scale:
        print("scale")
        scale(arguments.data, arguments.scale)
        return
    maker = Maker()
    for name, given in pools(arguments.data):
        said, seconds = ours(given, maker)
        print(f"{name}: {len(given.ar)} Arabic, {len(given.en)} English documents, {len(given.gold)} pairs")
        print(f"  {'muwazi pair':22s} {Result.of(given, said)}   {seconds:.1f} s")
        for label, baseline in BASELINES.items():
            print(f"  {label:22s} {hindsight(given, mutual(baseline(given, maker)))}", flush=True)


if __name__ == "__main__":
    main()
