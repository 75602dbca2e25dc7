"""Flags out: for the eye, as JSON lines, as a table, as a page."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Any, TextIO

from ..lang.ar.letters import CONTROLS
from ..cells import CsvWriter, line, visible
from ..data import Flag, Judged, Segmented
from ..files import binary, json_line

COLUMNS = ("side", "start", "end", "kind", "relation", "probability", "severity", "bead", "text", "counterpart", "why")
_BREAKS = re.compile("[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")
RELIABILITY = (("sure", 0.75), ("likely", 0.45), ("possible", 0.0))
"""How sure flags are, in words, and the least probability of each."""

_AROUND = 60  # code points shown before and behind a flag
# Within one reliability, what can be checked at a glance comes before what asks for reading.
_KINDS = ("number", "date", "name", "placeholder", "untranslated", "sentence", "heading", "clause", "phrase", "boilerplate")
_LANGS = {"ar": "Arabic", "en": "English"}


def flag_record(flag: Flag) -> dict[str, Any]:
    """A flag as a JSON-ready record; offsets are code points in the file as decoded."""
    return {
        "side": flag.side, "start": flag.start, "end": flag.end, "text": flag.text, "kind": flag.kind,
        "relation": flag.relation, "probability": round(flag.probability, 4), "severity": flag.severity,
        "bead": flag.bead,
        "counterpart": None if flag.counterpart is None else dict(zip(("start", "end", "text"), flag.counterpart,
                                                                     strict=True)),
        "evidence": flag.evidence,
    }


def pair_record(flag: Flag) -> dict[str, Any]:
    """A flag of a pair without a document as a record, which lies in no bead; offsets are code points in the pair's text."""
    record = flag_record(flag)
    del record["bead"]
    return record


def records_by_bead(flags: Iterable[Flag]) -> dict[int, list[dict[str, Any]]]:
    """Flags as records, by the number of their bead."""
    out: dict[int, list[dict[str, Any]]] = {}
    for flag in flags:
        out.setdefault(flag.bead, []).append(flag_record(flag))
    return out


def write_flags(stream: TextIO, judged: Judged, flags: Sequence[Flag], format: str) -> None:
    """Write flags as `text`, `jsonl`, `tsv`, `csv`, `xlsx` or `html`; raises MissingExtra.

    Text, sheet and page have the most reliable first below a line that says how many there are, the others keep the order
    given. JSON keeps the text as it stands, the others fold its line breaks.
    """
    if format == "text":
        stream.write(head(judged, flags) + "\n\n")
        stream.writelines(visible(as_text(judged, flag)) + "\n" for flag in by_reliability(flags))
    elif format == "html":
        stream.writelines(_page(judged, flags))
    elif format == "jsonl":
        stream.writelines(json_line(flag_record(flag)) + "\n" for flag in flags)
    elif format == "xlsx":
        from .table import write_sheet

        write_sheet(binary(stream, format), "flags", COLUMNS, map(cells, by_reliability(flags)))
    elif format == "csv":
        writer = CsvWriter(stream)
        writer.writerow(COLUMNS)
        writer.writerows(map(cells, flags))
    else:
        stream.write("\t".join(COLUMNS) + "\n")
        stream.writelines(line(map(str, cells(flag))) for flag in flags)


def cells(flag: Flag) -> list[Any]:
    """A flag as a line of a table with the columns COLUMNS, texts on one line each."""
    record = flag_record(flag)
    record["counterpart"] = flag.counterpart[2] if flag.counterpart else ""
    record["why"] = flag.evidence.get("why", "")
    return [_flat(value) if isinstance(value, str) else value for value in map(record.__getitem__, COLUMNS)]


def reliability(flag: Flag) -> str:
    """`sure`, `likely` or `possible`, by the flag's probability."""
    return next(name for name, least in RELIABILITY if flag.probability >= least)


def by_reliability(flags: Iterable[Flag]) -> list[Flag]:
    """The sure ones first; among equals those of low severity last, and numbers and dates, names, sentences, clauses and phrases,
    each in reading order."""
    ranks = {name: k for k, (name, _) in enumerate(RELIABILITY)}
    kinds = {kind: k for k, kind in enumerate(_KINDS)}
    return sorted(flags, key=lambda flag: (ranks[reliability(flag)], flag.severity == "low", kinds.get(flag.kind, len(kinds))))


def head(judged: Judged, flags: Sequence[Flag]) -> str:
    """How many flags there are in one line: `3 sure, 5 likely, 12 possible; 2 sentences missing from the English`."""
    counts = Counter(map(reliability, flags))
    told = ", ".join(f"{counts[name]} {name}" for name, _ in RELIABILITY if counts[name]) or "no flags"
    for side, other, segmented in (("ar", "en", judged.ar), ("en", "ar", judged.en)):
        count = _sentences(segmented, [f for f in flags if (f.side, f.kind, f.relation) == (side, "sentence", "only")])
        if count:
            told += f"; {count} sentence{'s' if count > 1 else ''} missing from the {_LANGS[other]}"
    return told


def _sentences(segmented: Segmented, flags: Sequence[Flag]) -> int:
    """How many segments the flags cover, each of which may cover a run of them."""
    return sum(any(flag.start < segment.end and segment.start < flag.end for flag in flags)
               for segment in segmented.segments if segment.form)


_STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}
article{border-top:1px solid #8888;padding:.6rem 0}h2{font-size:1rem;margin:0}p{margin:.3rem 0}mark{padding:0 .15em}
.sure mark{background:#f9b4b4;color:#000}.likely mark{background:#fbdca0;color:#000}.possible mark{background:#dfe3f5;color:#000}
.soft{opacity:.75;font-size:.9rem}"""


def _page(judged: Judged, flags: Sequence[Flag]) -> Iterator[str]:
    """One HTML file without a script: a flag a paragraph, in its own direction, with what answers it and why."""
    names = " and ".join(f"<bdi>{_html(side.document.id)}</bdi>" for side in (judged.ar, judged.en))
    yield (f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" '
           "content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
           '<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>Flags</title>\n'
           f"<style>{_STYLE}</style>\n</head>\n<body>\n<h1>Flags</h1>\n<p>{_html(head(judged, flags))}</p>\n"
           f'<p class="soft">{names}</p>\n')
    for flag in by_reliability(flags):
        before, after = _around(judged, flag)
        yield (f'<article class="{reliability(flag)}">\n<h2>{_LANGS.get(flag.side, flag.side)}: {flag.kind} {flag.relation}, '
               f"{reliability(flag)} ({flag.probability:.2f})</h2>\n"
               f"<p{_direction(flag.side)}>{_html(before)}<mark>{_html(flag.text)}</mark>{_html(after)}</p>\n")
        if flag.counterpart is not None:
            other = "en" if flag.side == "ar" else "ar"
            yield f"<p{_direction(other)}>{_html(flag.counterpart[2])}</p>\n"
        yield (f'<p class="soft">{_html(flag.evidence.get("why") or "")} · {flag.severity}, at {flag.start}–{flag.end}</p>\n'
               "</article>\n")
    yield "</body>\n</html>\n"


def _direction(side: str) -> str:
    return ' lang="ar" dir="rtl"' if side == "ar" else f' lang="{side}" dir="ltr"'


def _html(value: object) -> str:
    """Escaped text on one line, without characters that turn the direction of what follows."""
    return escape(CONTROLS.sub("", re.sub(r"\s+", " ", str(value))))


def as_text(judged: Judged, flag: Flag) -> str:
    """A flag for a person to read: what and how sure, the place in its sentence, what answers it, and why."""
    before, after = _around(judged, flag)
    lines = [f"{flag.side} {flag.kind} {flag.relation}  p {flag.probability:.2f}  {flag.severity}  "
             f"at {flag.start}-{flag.end}",
             f"    {before}⟦{_flat(flag.text)}⟧{after}"]
    if flag.counterpart is not None:
        lines.append(f"    other side: {_flat(flag.counterpart[2])}")
    if why := flag.evidence.get("why"):
        lines.append(f"    why: {why}")
    return "\n".join(lines) + "\n"


def _around(judged: Judged, flag: Flag) -> tuple[str, str]:
    """What stands before and behind a flag, cut at words."""
    text = (judged.ar if flag.side == "ar" else judged.en).document.text
    return (_cut(text[max(0, flag.start - _AROUND):flag.start], True), _cut(text[flag.end:flag.end + _AROUND], False))


def _cut(text: str, before: bool) -> str:
    """The words nearest to the flag, within its paragraph."""
    lines = text.split("\n\n")
    near = lines[-1] if before else lines[0]
    whole = near is not text and len(lines) > 1
    flat = _BREAKS.sub(" ", near)
    if not whole and len(text) == _AROUND:
        flat = "…" + flat.partition(" ")[2] if before else flat.rpartition(" ")[0] + "…"
    return flat


def _flat(text: str) -> str:
    return " ".join(text.split())
