"""Measure the segmenter: boundary F1 on documents whose lines are sentences, layouts undone, and speed.

`python scripts/bench_segment.py FOLDER` reads `FOLDER/NAME.jsonl`, one document a line with `ar` and `en` lists of
lines. The lines of a document are joined by spaces and split again; a boundary is right where two lines met. Lines
without a sentence's end (titles, list items) cannot be found again and are left out of the text. Every third document
is kept aside; figures are printed apart for it. Then the lines are laid out as files are (one paragraph a line, with
blank lines between, wrapped at 72 columns with and without blank lines), and the share of segments that come out of
each layout as they come out of the single lines is printed.
"""

import argparse
import json
import re
import textwrap
import time
from collections import Counter
from pathlib import Path

from align.read import document
from align.segment import segment

SETS = ("ntrex", "tico19", "xquad__sent", "debian_handbook__sent", "opensource_guide__sent", "react_docs__sent")
_ENDS = re.compile("[.!?؟…](?:\\[\\d+\\]|[\"'”’»)\\]\u200e\u200f])*$")


def boundaries(lines: list[str], lang: str) -> tuple[set[int], set[int]]:
    """The offsets at which sentences end in the joined lines: true ones, found ones; the last is left out."""
    text = " ".join(lines)
    true, offset = set(), 0
    for line in lines:
        offset += len(line) + 1
        true.add(offset - 1)
    found = {part.end for part in segment(document(text, lang)).segments}
    return true - {len(text)}, found - {len(text)}


def score(documents: list[list[str]], lang: str, show: int) -> tuple[int, int, int]:
    """Boundaries that are right, found and true, summed over documents; prints up to `show` errors."""
    right = found = true = 0
    for lines in documents:
        lines = [" ".join(line.split()) for line in lines]
        lines = [line for line in lines if _ENDS.search(line)]
        wanted, got = boundaries(lines, lang)
        right, found, true = right + len(wanted & got), found + len(got), true + len(wanted)
        text = " ".join(lines)
        for offset in sorted(wanted ^ got)[:show]:
            what = "MISSED" if offset in wanted else "EXTRA "
            print(f"    {what} {text[max(0, offset - 50) : offset]!r} | {text[offset : offset + 40]!r}")
    return right, found, true


def _wrapped(lines: list[str]) -> list[str]:
    return ["\n".join(textwrap.wrap(line, 72)) for line in lines]


LAYOUTS = {
    "lines": "\n".join,
    "blank lines": "\n\n".join,
    "wrapped, blank lines": lambda lines: "\n\n".join(_wrapped(lines)),
    "wrapped": lambda lines: "\n".join(_wrapped(lines)),
}


def survival(documents: list[list[str]], lang: str) -> str:
    """For each layout, the share of the single lines' segments that are found in it."""
    kept: Counter[str] = Counter()
    total = 0
    for lines in documents:
        lines = [" ".join(line.split()) for line in lines if line.strip()]
        wanted = Counter(form for line in lines for form in segment(document(line, lang)).forms)
        total += wanted.total()
        for name, lay_out in LAYOUTS.items():
            found = Counter(segment(document(lay_out(lines), lang)).forms)
            kept[name] += (wanted & found).total()
    return "  ".join(f"{name} {kept[name] / total:.3f}" for name in LAYOUTS)


def f1(counts: tuple[int, int, int]) -> str:
    """Precision, recall and F1 as one cell."""
    right, found, true = counts
    if not found or not true:
        return "-"
    precision, recall = right / found, right / true
    return f"P {precision:.3f} R {recall:.3f} F1 {2 * precision * recall / max(precision + recall, 1e-9):.3f} ({true})"


def speed(lines: list[str], lang: str) -> str:
    """Megabytes of UTF-8 a minute and lines a second over 5 MB of the lines, one a line."""
    text = "\n".join(lines)
    text = (text + "\n") * (5_000_000 // len(text.encode()) + 1)
    started = time.perf_counter()
    count = len(segment(document(text, lang)).segments)
    seconds = time.perf_counter() - started
    return f"{len(text.encode()) / 1e6 / seconds * 60:.0f} MB/min, {count / seconds:,.0f} segments/s"


def main() -> None:
    """Prints a table for the tuned and the kept-aside documents of each set, then the speed."""
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--sets", nargs="*", default=SETS)
    arguments.add_argument("--show", type=int, default=0, help="errors to print per document")
    options = arguments.parse_args()
    everything: dict[str, list[str]] = {"ar": [], "en": []}
    for name in options.sets:
        documents = [json.loads(line) for line in (options.folder / f"{name}.jsonl").open(encoding="utf-8")]
        for lang in ("ar", "en"):
            parts = [d[lang] for d in documents]
            aside = parts[::3] if len(parts) > 2 else []
            tuned = [p for i, p in enumerate(parts) if i % 3 or not aside]
            print(f"{name:24} {lang}  tuned {f1(score(tuned, lang, options.show))}   aside {f1(score(aside, lang, 0))}")
            print(f"{'':24} {lang}  {survival(parts, lang)}")
            everything[lang] += [line for part in parts for line in part]
    for lang, lines in everything.items():
        print(f"speed {lang}: {speed(lines, lang)}; as one line: {speed([' '.join(lines)], lang)}")


if __name__ == "__main__":
    main()
