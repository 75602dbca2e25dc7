"""Measure flags against everything that stands in one version only in real documents, marked by reading.

usage: python scripts/bench_marks.py --data DIR [--units tests/marks/aside.jsonl] [--sets SET,...] [--show]

The units of `tests/marks` lie in documents beside the checkout; whole documents are aligned and flagged, and what lies on
units that were read is judged. A flag is right if at least half of it is marked on its side; a mark is found if a right
flag overlaps it. Marks that are moved or doubtful are neither asked for nor held against a flag.
"""

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from train_flags import auc

from align.data import Alignment, Document, Flag, Segmented
from align.encode import load
from align.pipeline import Options, align_segmented, segmented_pair

KINDS = ("sentence", "clause", "phrase", "name", "number", "date")


@dataclass
class Marked:
    """A document with units that were read: `units` by (side, line), marks as (start, end, mark) of each side's text."""

    collection: str
    name: str
    ar: Segmented
    en: Segmented
    starts: dict[str, np.ndarray]
    units: dict[tuple[str, int], int]
    clean: set[int]
    marks: dict[str, list[tuple[int, int, dict]]] = field(default_factory=dict)

    def unit(self, side: str, start: int) -> int | None:
        """The unit in which a place of a side lies, None where it was not read."""
        line = int(np.searchsorted(self.starts[side], start, side="right")) - 1
        return self.units.get((side, line))

    def share(self, side: str, start: int, end: int) -> float:
        """How much of a place is marked."""
        inside = set()
        for a, b, _ in self.marks[side]:
            inside.update(range(max(a, start), min(b, end)))
        return len(inside) / max(1, end - start)

    def asked(self) -> list[tuple[str, int, int, dict]]:
        """Marks that are to be found."""
        return [(side, a, b, mark) for side, some in self.marks.items() for a, b, mark in some
                if not mark.get("moved") and mark.get("note") not in ("doubtful", "doubled line")]


def marked(data: Path, path: Path = ROOT / "tests" / "marks" / "units.jsonl", sets: Iterable[str] = ()) -> Iterator[Marked]:
    """The documents of marked units, first readings only."""
    by_document = defaultdict(list)
    for line in path.open(encoding="utf-8"):
        unit = json.loads(line)
        if unit.get("reading", 1) == 1 and (not sets or unit["set"] in sets):
            by_document[unit["set"], unit["doc"]].append(unit)
    for (collection, name), read in sorted(by_document.items()):
        texts = dict(zip(("ar", "en"), lines_of(data, collection, name), strict=True))
        documents = [Document("", side, "\n".join(" ".join(x.split("\n")) for x in texts[side]) + "\n") for side in ("ar", "en")]
        sides = segmented_pair(*documents, Options(segmented=True, language_check=False))
        starts = {side: np.cumsum([0, *(len(x) + 1 for x in texts[side])])[:-1] for side in ("ar", "en")}
        marks: dict[str, list] = {"ar": [], "en": []}
        for unit in read:
            for span in unit["spans"]:
                base = int(starts[span["side"]][span["line"]])
                marks[span["side"]].append((base + span["start"], base + span["end"], span))
        units = {(side, line): k for k, unit in enumerate(read) for side in ("ar", "en") for line in unit[side]}
        yield Marked(collection, name, *sides, starts, units, {k for k, unit in enumerate(read) if not unit["spans"]}, marks)


def lines_of(data: Path, collection: str, name: str) -> tuple[list[str], list[str]]:
    """Both sides of a document; of a list of pairs the thousands around what was read."""
    for folder in ("docs", "gold"):
        path = data / folder / f"{collection}.jsonl"
        if path.exists():
            for line in path.open(encoding="utf-8"):
                item = json.loads(line)
                if item["doc"] == name:
                    return (item["ar"], item["en"]) if folder == "docs" else (item["first"], item["second"])
    return tuple((data / "pairs" / f"{collection}.{side}").read_text(encoding="utf-8").split("\n")[:4000] for side in ("ar", "en"))  # type: ignore[return-value]


def aligned(document: Marked, encoder: object) -> Alignment:
    """The document as the aligner sees it; a list of pairs is longer than any document, and aligned as it is."""
    return align_segmented(document.ar, document.en, encoder=encoder).alignment


class Tally:
    """What flags found, and what they got wrong."""

    def __init__(self) -> None:
        self.flags, self.right, self.asked, self.found = Counter(), Counter(), Counter(), Counter()
        self.units = self.clean = self.clean_false = 0
        self.judged: list[tuple[float, bool]] = []

    def add(self, document: Marked, flags: Iterable[Flag], show: bool = False) -> None:
        """Judges the flags of a document."""
        found, false_in = set(), set()
        for f in flags:
            unit = document.unit(f.side, f.start)
            if unit is None:
                continue
            right = document.share(f.side, f.start, f.end) >= 0.5
            self.judged.append((f.probability, right))
            for key in ("all", f.kind, document.collection):
                self.flags[key] += 1
                self.right[key] += right
            if right:
                found |= {id(m) for a, b, m in document.marks[f.side] if a < f.end and b > f.start}
            else:
                false_in.add(unit)
            if show:
                print("+" if right else "-", document.collection, f.probability, f.severity, f.kind, f.relation, f.side, "|", f.text, "|", f.evidence.get("why"))
        for side, a, b, mark in document.asked():
            for key in (mark["severity"], mark["kind"], mark["relation"]):
                self.asked[key] += 1
                self.found[key] += id(mark) in found
            if show and id(mark) not in found and mark["severity"] != "low":
                text = (document.ar if side == "ar" else document.en).document.text
                print("missed", document.collection, mark["severity"], mark["kind"], mark["relation"], side, "|", text[a:b])
        self.units += len(set(document.units.values()))
        self.clean += len(document.clean)
        self.clean_false += len(document.clean & false_in)

    def report(self) -> dict:
        """Figures of all documents."""
        share = lambda a, b: round(a / b, 3) if b else None
        kinds = [k for k in (*KINDS, "boilerplate", "heading", "untranslated") if self.flags[k]]
        sets = [k for k in self.flags if k not in kinds and k != "all"]
        p, right = (np.array(x, float) for x in zip(*self.judged, strict=True)) if self.judged else (np.zeros(0), np.zeros(0))
        return {"units": self.units, "flags": self.flags["all"], "precision": share(self.right["all"], self.flags["all"]),
                **{k: share(self.found[k], self.asked[k]) for k in ("high", "medium", "low")},
                "clean_units_with_a_false_flag": share(self.clean_false, self.clean), "auc": round(auc(p, right), 3) if 0 < right.sum() < len(right) else None,
                "promised": round(float(p.mean()), 3) if len(p) else None,
                "recall_by_kind": {k: f"{self.found[k]}/{self.asked[k]}" for k in (*KINDS, "only", "mismatch") if self.asked[k]},
                "precision_by_kind": {k: f"{self.right[k]}/{self.flags[k]}" for k in kinds},
                "precision_by_set": {k: f"{self.right[k]}/{self.flags[k]}" for k in sorted(sets)}}  # fmt: skip


def main() -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--units", type=Path, default=ROOT / "tests" / "marks" / "units.jsonl", help="what was marked: all that flags were learnt from, or aside.jsonl")
    parser.add_argument("--sets", default="")
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    from align.flags import judge

    encoder = load()
    tally = Tally()
    for document in marked(options.data, options.units, sets=[s for s in options.sets.split(",") if s]):
        tally.add(document, judge(document.ar, document.en, aligned(document, encoder), encoder).flags, options.show)
    print(json.dumps(tally.report(), ensure_ascii=False))


if __name__ == "__main__":
    main()
