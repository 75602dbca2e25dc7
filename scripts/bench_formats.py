#!/usr/bin/env python3
"""Alignment from documents of other formats beside that from plain text.

    python scripts/bench_formats.py DOCS.jsonl... [--documents N] [--formats html,docx,pdf,epub]

Each line of DOCS is {"ar": [lines], "en": [lines], "gold": [[ar numbers, en numbers], ...]}. Every pair is written in
each format (PDF by a headless Chromium, skipped where there is none), read back, segmented with a part a segment, and
aligned. Segments are matched to the original lines by their letters, so that what a format loses, splits or joins
counts against it; strict F1 as in Vecalign's scorer.
"""

import argparse
import html
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from align.data import Segmented
from align.encode import load
from align.evaluate.alignment import evaluate
from align.pipeline import Options, align_segmented
from align.read import read
from align.segment import segment

HEADS = {"ar": "الوثيقة والمرجع", "en": "The document"}


def page(lines: list[str], lang: str, *, framed: bool) -> str:
    """A web page with the lines as paragraphs, `framed` by a menu and a footer."""
    menu = "".join(f'<li><a href="/{k}">{word}</a></li>' for k, word in enumerate(("About", "News", "Contact")))
    body = "".join(f"<p>{html.escape(line)}</p>\n" for line in lines)
    side = "rtl" if lang == "ar" else "ltr"
    head = f'<!DOCTYPE html><html lang="{lang}" dir="{side}"><head><meta charset="utf-8"><title>x</title></head><body>'
    if not framed:
        return f"{head}{body}</body></html>"
    return f"{head}<nav><ul>{menu}</ul></nav><main>{body}</main><footer>{HEADS[lang]} 2020</footer></body></html>"


def as_html(lines: list[str], lang: str, folder: Path) -> Path:
    """A web page."""
    path = folder / f"{lang}.html"
    path.write_text(page(lines, lang, framed=True), encoding="utf-8")
    return path


def as_docx(lines: list[str], lang: str, folder: Path) -> Path:
    """A Word document."""
    import docx

    made = docx.Document()
    for line in lines:
        made.add_paragraph("".join(c for c in line if c.isprintable() or c == "\t"))
    made.sections[0].header.paragraphs[0].text = HEADS[lang]
    path = folder / f"{lang}.docx"
    made.save(path)
    return path


def as_epub(lines: list[str], lang: str, folder: Path) -> Path:
    """An e-book of chapters of fifty paragraphs."""
    path = folder / f"{lang}.epub"
    names = [f"c{k}.xhtml" for k in range(0, len(lines), 50)]
    items = "".join(f'<item id="{n}" href="{n}" media-type="application/xhtml+xml"/>' for n in names)
    spine = "".join(f'<itemref idref="{n}"/>' for n in names)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "META-INF/container.xml", '<container><rootfiles><rootfile full-path="p.opf"/></rootfiles></container>'
        )
        archive.writestr("p.opf", f"<package><manifest>{items}</manifest><spine>{spine}</spine></package>")
        for k, name in enumerate(names):
            text = "".join(f"<p>{html.escape(line)}</p>" for line in lines[50 * k : 50 * k + 50])
            archive.writestr(name, f'<html xmlns="http://www.w3.org/1999/xhtml"><body>{text}</body></html>')
    return path


def as_pdf(lines: list[str], lang: str, folder: Path) -> Path:
    """A PDF that Chromium prints, page heads and numbers included."""
    source, path = folder / f"{lang}.html", folder / f"{lang}.pdf"
    source.write_text(page(lines, lang, framed=False), encoding="utf-8")
    command = [
        "chromium",
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        f"--user-data-dir={folder / 'profile'}",
        f"--print-to-pdf={path}",
        str(source),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return path


MAKERS = {"html": as_html, "docx": as_docx, "epub": as_epub, "pdf": as_pdf}


def letters(text: str) -> str:
    """What of a text is compared: letters and digits."""
    return "".join(filter(str.isalnum, text))


def numbers(found: Segmented, lines: list[str]) -> list[tuple[int, ...]]:
    """For each segment the numbers of the lines that its letters come from, in order of both; none for furniture."""
    ends, total = [], 0
    whole = "".join(map(letters, lines))
    for line in lines:
        total += len(letters(line))
        ends.append(total)
    out, at, k = [], 0, 0
    for part in found.segments:
        key = letters(part.form)
        if not key or whole[at : at + len(key)] != key:
            near = whole.find(key, at, at + 20_000) if len(key) > 8 else -1
            if near < 0:
                out.append(())
                continue
            at = near
        stop = at + len(key)
        while k < len(ends) and ends[k] <= at:
            k += 1
        last = k
        while last < len(ends) - 1 and ends[last] < stop:
            last += 1
        out.append(tuple(range(k, last + 1)))
        at = stop
    return out


def main() -> None:
    """Print a line a set and format."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("docs", nargs="+", type=Path)
    parser.add_argument("--documents", type=int, default=5)
    parser.add_argument("--formats", default="html,docx,epub,pdf")
    chosen = parser.parse_args()
    encoder, options = load("default"), Options(language_check=False)
    for path in chosen.docs:
        documents = [json.loads(line) for line in path.read_text("utf-8").splitlines()[: chosen.documents]]
        golds = [[(tuple(a), tuple(e)) for a, e in document["gold"]] for document in documents]
        for name in ["txt", *chosen.formats.split(",")]:
            if name == "pdf" and not shutil.which("chromium"):
                print("pdf: left out, there is no chromium", file=sys.stderr)
                continue
            tests, lost, count = [], 0, 0
            for document in documents:
                sides, places = [], []
                with tempfile.TemporaryDirectory() as folder:
                    for lang in ("ar", "en"):
                        lines = [line.strip() for line in document[lang]]
                        if name == "txt":
                            file = Path(folder) / f"{lang}.txt"
                            file.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
                        else:
                            file = MAKERS[name](lines, lang, Path(folder))
                        found = segment(read(file, lang), segmented=True)
                        kept = Segmented(
                            found.document, tuple(s for s in found.segments if s.kind != "boilerplate" or name == "txt")
                        )
                        sides.append(kept)
                        places.append(numbers(kept, lines))
                        seen = {k for each in places[-1] for k in each}
                        lost += sum(bool(letters(line)) and k not in seen for k, line in enumerate(lines))
                        count += len(lines)
                judged = align_segmented(*sides, options, encoder=encoder)
                tests.append(
                    [
                        tuple(
                            tuple(sorted({n for s in range(*span) for n in side[s]}))
                            for span, side in zip((bead.ar, bead.en), places)
                        )
                        for bead in judged.alignment.beads
                    ]
                )
            tests = [[bead for bead in test if bead[0] or bead[1]] for test in tests]
            print(
                f"{path.stem} {name}: strict F1 {evaluate(golds, tests).strict.f1:.4f}, lines lost {lost} of {count}",
                flush=True,
            )


if __name__ == "__main__":
    main()
