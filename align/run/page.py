"""The report of a corpus as one HTML file: totals, histograms, failures by kind, and the worst documents in a table.

Everything stands in it as escaped text, so that it is read without a script too; its only script sorts the table. A
content security policy lets the page's own style and script in, by their hashes, and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from .. import __version__
from ..lang.ar.letters import CONTROLS

_PARTS = Path(__file__).resolve().parent / "parts"
_BAD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# Columns of the table: title, whether it is text.
_COLUMNS = (("document", True), ("quality", False), ("confidence", False), ("pairs", False), ("alone", False),
            ("segments", False), ("flags", False), ("seconds", False), ("note", True))  # fmt: skip


def lines(head: Mapping[str, Any], worst: Iterable[Mapping[str, Any]], most: int,
          links: Mapping[str, str] | None = None) -> Iterator[str]:
    """The page, piece by piece: `head` as in `report.json`, and up to `most` of its documents, worst first;
    `links` are pages to review documents on, by id."""
    style, script = ((_PARTS / name).read_text("utf-8") for name in ("style.css", "sort.js"))
    policy = (f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src data:; "
              "base-uri 'none'; form-action 'none'")
    total, langs = head["total"], head["langs"]
    yield (f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
           f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
           '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
           '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
           f'<meta name="generator" content="muwazi {__version__}">\n<link rel="icon" href="data:,">\n'
           f"<title>Corpus report</title>\n<style>{style}</style>\n</head>\n<body>\n")
    yield (f"<h1>Corpus report</h1>\n<p>{_many(total['documents'])}: {_count(total['aligned'])} aligned, "
           f"{_count(total['failed'])} failed</p>\n<p class=\"soft\">{_inputs(head)} · recipe "
           f"{_text(head['recipe_hash'][:12])} · muwazi {_text(head['version'])}</p>\n<div class=\"panels\">\n")
    yield _panel("Text", _pairs(_sums(total, langs)))
    yield _panel("Confidence of pairs", _histogram(total["confidence_histogram"]))
    yield _panel("Quality of documents", _histogram(total["quality_histogram"])
                 + '<p class="soft">mean over all segments of the confidence of their pair, 0 for one that stands '
                 "alone</p>")
    yield _panel("Shapes of pairs", _bars(list(total["types"].items())[:10]))
    if head["with_flags"]:
        yield _panel("Flags", f"<p>in {_many(total['documents_with_flags'])}</p>"
                     + _bars(list(total["flags"].items())[:16]))
    if total["errors"]:
        yield _panel("Failures", _bars(list(total["errors"].items())))
    if found := head.get("filter"):
        yield _panel("Bitext", _pairs([("kept", _count(found["kept"])), ("rejected", _count(found["rejected"])),
                                       *([("expected precision", f"{found['expected_precision']:.3f}")]
                                         if found["expected_precision"] is not None else [])])
                     + f'<p class="soft">profile {_text(found["profile"]["name"])}; rejected for</p>'
                     + _bars(list(found["reasons"].items())[:12]))
    if any(head["unpaired"].values()):
        examples = ", ".join(_name(name) for names in head["unpaired_examples"].values() for name in names)
        yield _panel("Files without a counterpart", _pairs(list(head["unpaired"].items()))
                     + f'<p class="soft">such as {examples}</p>')
    if unreadable := head.get("unreadable"):
        examples = "; ".join(_name(found["error"]) for found in unreadable[:5])
        yield _panel("Files that could not be paired", f'<p>{_count(len(unreadable))}</p><p class="soft">such as {examples}</p>')
    if head["seconds"]:
        yield _panel("Seconds of work", _pairs([(name, f"{value:,.1f}") for name, value in head["seconds"].items()]))
    shown = min(most, total["documents"])
    yield (f'</div>\n<div class="wide"><table>\n<caption>The {_count(shown)} worst of {_many(total["documents"])}: '
           "those that failed, then by quality. All are in report.json. A page to review one of them on: "
           "<code>muwazi report --from FOLDER --document ID -o page.html</code>, FOLDER being where this report "
           "stands.</caption>\n<thead><tr>")
    for title, is_text in _COLUMNS:
        yield f'<th scope="col"{" class=text" if is_text else ""}><button type="button">{title}</button></th>'
    yield "</tr></thead>\n<tbody>\n"
    for record in itertools.islice(worst, most):
        yield _row(record, (links or {}).get(record["id"]))
    yield f"</tbody>\n</table></div>\n<script>{script}</script>\n</body>\n</html>\n"


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _text(value: Any) -> str:
    """Escaped text without characters that an HTML parser drops or that change the direction of what follows."""
    return escape(_BAD.sub("\ufffd", CONTROLS.sub("", str(value))))


def _name(value: Any) -> str:
    """A name that keeps its own direction."""
    return f"<bdi>{_text(value)}</bdi>"


def _count(value: int) -> str:
    return f"{value:,}"


def _many(count: int) -> str:
    return f"{_count(count)} document{'' if count == 1 else 's'}"


def _inputs(head: Mapping[str, Any]) -> str:
    inputs = head["inputs"]
    names = [inputs["manifest"]] if "manifest" in inputs else inputs.get("folders", [])
    return " and ".join(map(_name, names))


def _panel(title: str, inside: str) -> str:
    return f"<section><h2>{title}</h2>{inside}</section>\n"


def _sums(total: Mapping[str, Any], langs: Sequence[str]) -> list[tuple[str, str]]:
    both = [("segments", total["segments"]), ("characters", total["characters"]), ("alone", total["alone"])]
    found = [(f"{name}, {lang}", _count(value)) for name, values in both
             for lang, value in zip(langs, values, strict=True)]
    found += [("pairs", _count(total["pairs"])), ("moved blocks", _count(total["moved"]))]
    if total["unrelated"]:
        found.append(("documents that are probably no versions of one another", _count(total["unrelated"])))
    if total["mean_confidence"] is not None:
        found.append(("mean confidence", f"{total['mean_confidence']:.3f}"))
    if total["quality"] is not None:
        found.append(("quality", f"{total['quality']:.3f}"))
    return found


def _pairs(items: Sequence[tuple[str, Any]]) -> str:
    return "<dl>" + "".join(f"<dt>{_text(name)}</dt><dd>{_text(value)}</dd>" for name, value in items) + "</dl>"


def _bars(items: Sequence[tuple[str, int]]) -> str:
    most = max((count for _, count in items), default=0) or 1
    return '<div class="bars">' + "".join(
        f'<span>{_text(name)}</span><meter max="{most}" value="{count}"></meter><span class="count">{_count(count)}</span>'
        for name, count in items) + "</div>"


def _histogram(counts: Sequence[int]) -> str:
    size = len(counts)
    return _bars([(f"{k / size:.1f}–{(k + 1) / size:.1f}", count) for k, count in reversed(list(enumerate(counts)))])


def _row(record: Mapping[str, Any], link: str | None = None) -> str:
    if record["state"] == "failed":
        note = f"{record['error']}: {record['message']}"
        cells = [_cell(record["id"], text=True), *[_cell("")] * 6, _cell(f"{record['seconds']:.2f}"),
                 f'<td class="text state"><bdi>{_text(note)}</bdi></td>']
        return f'<tr class="failed">{"".join(cells)}</tr>\n'
    confidence = record["mean_confidence"]
    note = ", ".join(f"{count} {name}" for name, count in
                     sorted(record["flags"].items(), key=lambda item: (-item[1], item[0]))[:3])
    if record["unrelated"]:
        shares = " and ".join(f"{100 * share:.0f} %" for share in record["answered"])
        note = f"probably not two versions of one text, {shares} answered" + (f"; {note}" if note else "")
    numbers = [f"{record['quality']:.3f}", "" if confidence is None else f"{confidence:.3f}", record["pairs"],
               sum(record["alone"]), sum(record["segments"]), sum(record["flags"].values()), f"{record['seconds']:.2f}"]
    name = _cell(record["id"], text=True)
    if link is not None:
        name = f'<td class="text"><a href="{escape(link)}"><bdi>{_text(record["id"])}</bdi></a></td>'
    return f"<tr>{name}{''.join(map(_cell, numbers))}{_cell(note, text=True)}</tr>\n"


def _cell(value: Any, text: bool = False) -> str:
    return f'<td class="text"><bdi>{_text(value)}</bdi></td>' if text else f"<td>{_text(value)}</td>"
