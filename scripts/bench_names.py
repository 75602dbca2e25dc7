"""Measures the names of `align.lang.names`: the letter model, recall of one-sided names, false alarms, speed.

usage: bench_names.py similarity --pairs AR EN [--pairs AR EN ...]     held-out pairs against near misses
       bench_names.py edits EDITS.jsonl [--half odd|even]              recall on hand-edited passages
       bench_names.py clean NAME=FILE.jsonl | NAME=AR,EN ...           alarms a line on clean translations
       bench_names.py removed NAME=FILE.jsonl | NAME=AR,EN ...         a matched name cut out of one side: is it told?
       bench_names.py speed NAME=FILE.jsonl | NAME=AR,EN ...           pairs a second, new and known words, facts too

Documents are JSON lines with `ar`, `en` (lines) and `gold` (beads as lists of line numbers). An edited passage has
`ar`, `en`, `ar_src`, `en_src` (where each line comes from), `flags`, `must_not` and `natural` spans.
"""

import argparse
import json
import random
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from rapidfuzz import fuzz
from train_names import held_out, near_misses, read_pairs, strangers

from align.lang.facts import compare, extract
from align.lang.names import DocumentNames, match_names
from align.lang.names.document import NameAlert
from align.lang.names.letters import probability

Beads = list[tuple[str, str]]
THRESHOLD = 0.5
_PLAIN = dict(
    zip(
        "ابتثجحخدذرزسشصضطظعغفقكلمنهويپچژگ",
        "a b t th j h kh d dh r z s sh s d t z a gh f q k l m n h u i p ch zh g".split(),
        strict=True,
    )
)


def romanised(arabic: str) -> str:
    """Each letter by its usual Latin counterpart: what a fuzzy comparison without a model sees."""
    return "".join(_PLAIN.get(c, "") for c in arabic)


def auc(positive: list[float], negative: list[float]) -> float:
    """The chance that a positive scores above a negative, ties half."""
    p, n = np.array(positive), np.sort(np.array(negative))
    return float((np.searchsorted(n, p, "left") + np.searchsorted(n, p, "right")).mean() / 2 / len(n))


def similarity(files: list[tuple[Path, Path]], size: int = 4000) -> None:
    """Prints AUC of the model and of rapidfuzz over a plain romanisation."""
    pairs = [p for ar, en in files for p in read_pairs(ar, en)]
    known: dict[str, set[str]] = {}
    for a, e in pairs:
        known.setdefault(e, set()).add(a)
    rng = random.Random(11)
    right = sorted({p for p in pairs if held_out(p[1]) and 2 < len(p[1]) < 14 and 1 < len(p[0]) < 12})
    right = rng.sample(right, min(size, len(right)))
    scorers: dict[str, Callable[[str, str], float]] = {
        "letter pairs": lambda a, e: probability(e, a),
        "rapidfuzz": lambda a, e: fuzz.ratio(e, romanised(a)),
    }
    for label, wrong in (("near misses", near_misses(right, known, rng)), ("strangers", strangers(right, known, rng))):
        figures = [f"{name} {auc([f(*p) for p in right], [f(*p) for p in wrong]):.4f}" for name, f in scorers.items()]
        print(f"AUC against {label} ({len(right)} and {len(wrong)} pairs): {', '.join(figures)}")


def read_sets(arguments: list[str]) -> dict[str, list[Beads]]:
    """Documents as lists of (Arabic, English) beads; lines of a plain pair of files are documents of their own."""
    sets = {}
    for argument in arguments:
        name, _, files = argument.partition("=")
        documents = []
        if "," in files:
            ar, en = (Path(f).read_text(encoding="utf-8").split("\n") for f in files.split(","))
            documents = [[(a, e)] for a, e in zip(ar, en, strict=True) if a and e]
        else:
            for line in Path(files).read_text(encoding="utf-8").splitlines():
                d = json.loads(line)
                beads = [(" ".join(d["ar"][i] for i in a), " ".join(d["en"][i] for i in e)) for a, e in d["gold"]]
                documents.append([b for b in beads if b[0] and b[1]])
        sets[name] = documents
    return sets


def clean(sets: dict[str, list[Beads]], show: bool) -> None:
    """Prints alarms a line."""
    for name, documents in sets.items():
        lines, alarms = 0, []
        for beads in documents:
            names = DocumentNames([a for a, _ in beads], [e for _, e in beads])
            lines += len(beads)
            alarms += [
                (a, beads[i]) for i in range(len(beads)) for a in names.compare(i).alerts if a.strength >= THRESHOLD
            ]
        en = sum(a.side == "en" for a, _ in alarms)
        print(
            f"{name}: {lines} lines, {en / lines:.4f} English and {(len(alarms) - en) / lines:.4f} Arabic alarms a line"
        )
        for alarm, (ar, en_text) in alarms if show else ():
            print(
                f"  {alarm.side} {alarm.name.text!r} {alarm.relation} {alarm.strength:.2f}"
                f" | {ar if alarm.side == 'en' else en_text}"
            )


def removed(sets: dict[str, list[Beads]], size: int = 300) -> None:
    """Cuts a matched name out of one side of a bead and asks whether the other side's is told."""
    for name, documents in sets.items():
        rng = random.Random(5)
        beads = [b for d in documents for b in d]
        rng.shuffle(beads)
        told, asked = {"ar": 0, "en": 0}, {"ar": 0, "en": 0}
        for ar, en in beads:
            found = match_names(ar, en)
            matches = [
                m for m in found.matched if m.probability >= 0.8 and en[m.en[0]].isupper() and len(en[slice(*m.en)]) > 3
            ]
            once = [m for m in matches if en.count(en[slice(*m.en)]) == 1 and ar.count(ar[slice(*m.ar)]) == 1]
            if not once:
                continue
            match = rng.choice(once)
            for side in ("ar", "en"):
                if asked[side] >= size:
                    continue
                asked[side] += 1
                if side == "en":
                    cut = match_names(ar[: match.ar[0]] + ar[match.ar[1] :], en)
                    told[side] += _covered(cut.only_en, match.en)
                else:
                    cut = match_names(ar, en[: match.en[0]] + en[match.en[1] :])
                    told[side] += _covered(cut.only_ar, match.ar)
        print(
            f"{name}: told {told['en']} of {asked['en']} English, {told['ar']} of {asked['ar']} Arabic names"
            " whose other side was cut"
        )


def _covered(alerts: tuple[NameAlert, ...], span: tuple[int, int]) -> bool:
    return any(a.strength >= THRESHOLD and a.name.start < span[1] and span[0] < a.name.end for a in alerts)


def edits(path: Path, half: str, show: bool) -> None:
    """Prints recall of names, false alarms and violations on hand-edited passages whose lines are aligned."""
    total = hit = lines = false = bad = spans = 0
    for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
        if half != "all" and (int(row["id"][1:]) % 2 == 1) != (half == "odd"):
            continue
        sources = dict.fromkeys(map(str, row["en_src"]))
        beads = [
            tuple([i for i, s in enumerate(row[f"{side}_src"]) if str(s) == key] for side in ("ar", "en"))
            for key in sources
        ]
        beads = [b for b in beads if all(b)]
        names = DocumentNames(
            *([" ".join(row[side][i] for i in b[k]) for b in beads] for k, side in enumerate(("ar", "en")))
        )
        flags = []
        for number, bead in enumerate(beads):
            for alert in names.compare(number).alerts:
                if alert.strength < THRESHOLD:
                    continue
                offset = 0
                for i in bead[0 if alert.side == "ar" else 1]:
                    end = offset + len(row[alert.side][i]) + 1
                    if offset <= alert.name.start < end:
                        flags.append(
                            (alert.side, i, alert.name.start - offset, alert.name.end - offset, alert.name.text)
                        )
                    offset = end
        lines += len(beads)
        for gold in row["flags"]:
            if gold["kind"] == "name":
                total += 1
                found = any(_overlap(f, gold) for f in flags)
                hit += found
                if show and not found:
                    print(f"  missed {row['id']} {gold['side']} {gold['text']}")
        spans += len(row["must_not"])
        bad += sum(any(2 * _overlap(f, m) > m["end"] - m["start"] for f in flags) for m in row["must_not"])
        for f in flags:
            if not any(2 * _overlap(f, g) >= f[3] - f[2] for g in row["flags"] + row["natural"]):
                false += 1
                if show:
                    print(f"  false {row['id']} {f[0]} {f[4]}")
    print(
        f"{half}: {hit} of {total} names told, {false} false in {lines} lines, {bad} of {spans} must-not spans flagged"
    )


def _overlap(flag: tuple, span: dict) -> int:
    same = flag[0] == span["side"] and flag[1] == span["line"]
    return max(0, min(flag[3], span["end"]) - max(flag[2], span["start"])) if same else 0


def speed(sets: dict[str, list[Beads]]) -> None:
    """Prints pairs a second of processor time, typed facts alone, names alone and both, beside a plain loop.

    Everything is loaded before. The first pass over the first set meets its words for the first time; the second knows
    them all, and so does, of later sets, the first pass in part. Time is one core's: nothing here runs beside itself.
    """
    _work([[("مرحبا غورانبوي 5", "Hello Goranboy 5")]])
    for name, documents in sets.items():
        n = sum(map(len, documents))
        for words in ("words met for the first time", "words known"):
            before = _reference()
            facts, names = _work(documents)
            loop = (before + _reference()) / 2
            rates = f"facts {n / facts:.0f}, names {n / names:.0f}, both {n / (facts + names):.0f} pairs a second"
            print(f"{name}, {words}: {rates}; a million dictionary updates in the same run: {loop:.3f} s")


def _work(documents: list[Beads]) -> tuple[float, float]:
    """The seconds of processor time that the facts and the names of documents take."""
    facts = names = 0.0
    for beads in documents:
        start = time.process_time()
        for ar, en in beads:
            compare(extract(ar, "ar", hints=True), extract(en, "en", hints=True))
        middle = time.process_time()
        found = DocumentNames([a for a, _ in beads], [e for _, e in beads])
        for i in range(len(found)):
            found.compare(i)
        facts, names = facts + middle - start, names + time.process_time() - middle
    return facts, names


def _reference() -> float:
    start = time.process_time()
    table: dict[int, int] = {}
    for i in range(1_000_000):
        table[i & 1023] = table.get(i & 511, 0) + 1
    return time.process_time() - start


def main() -> None:
    """Reads the arguments and measures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["similarity", "edits", "clean", "removed", "speed"])
    parser.add_argument("sets", nargs="*")
    parser.add_argument("--pairs", nargs=2, type=Path, action="append", default=[])
    parser.add_argument("--half", choices=["all", "odd", "even"], default="all")
    parser.add_argument("--show", action="store_true", help="list what was missed or false")
    options = parser.parse_args()
    if options.what == "similarity":
        similarity(options.pairs)
    elif options.what == "edits":
        edits(Path(options.sets[0]), options.half, options.show)
    else:
        sets = read_sets(options.sets)
        {"clean": lambda: clean(sets, options.show), "removed": lambda: removed(sets), "speed": lambda: speed(sets)}[
            options.what
        ]()


if __name__ == "__main__":
    main()
