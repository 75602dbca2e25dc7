"""Flags out: for the eye, as JSON lines, as TSV."""

import json
from collections.abc import Iterable
from typing import Any, TextIO

from .cells import line, visible
from .data import Flag, Judged

COLUMNS = ("side", "start", "end", "kind", "relation", "probability", "severity", "bead", "text", "counterpart", "why")
_AROUND = 60  # code points shown before and behind a flag


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


def write_flags(stream: TextIO, judged: Judged, flags: Iterable[Flag], format: str) -> None:
    """Write flags as `text`, `jsonl` or `tsv`; JSON keeps the text as it stands, the others fold its line breaks."""
    if format == "tsv":
        stream.write("\t".join(COLUMNS) + "\n")
    for flag in flags:
        if format == "jsonl":
            stream.write(json.dumps(flag_record(flag), ensure_ascii=False) + "\n")
        elif format == "tsv":
            record = flag_record(flag)
            record["counterpart"] = flag.counterpart[2] if flag.counterpart else ""
            record["why"] = flag.evidence.get("why", "")
            stream.write(line(_flat(str(record[name])) for name in COLUMNS))
        else:
            stream.write(visible(as_text(judged, flag)) + "\n")


def as_text(judged: Judged, flag: Flag) -> str:
    """A flag for a person to read: what and how sure, the place in its sentence, what answers it, and why."""
    text = (judged.ar if flag.side == "ar" else judged.en).document.text
    before, after = text[max(0, flag.start - _AROUND):flag.start], text[flag.end:flag.end + _AROUND]
    lines = [f"{flag.side} {flag.kind} {flag.relation}  p {flag.probability:.2f}  {flag.severity}  "
             f"at {flag.start}-{flag.end}",
             f"    {_cut(before, True)}⟦{_flat(flag.text)}⟧{_cut(after, False)}"]
    if flag.counterpart is not None:
        lines.append(f"    other side: {_flat(flag.counterpart[2])}")
    if why := flag.evidence.get("why"):
        lines.append(f"    why: {why}")
    return "\n".join(lines) + "\n"


def _cut(text: str, before: bool) -> str:
    """The words nearest to the flag, within its paragraph."""
    lines = text.split("\n\n")
    near = lines[-1] if before else lines[0]
    whole = near is not text and len(lines) > 1
    flat = near.replace("\n", " ")
    if not whole and len(text) == _AROUND:
        flat = "…" + flat.partition(" ")[2] if before else flat.rpartition(" ")[0] + "…"
    return flat


def _flat(text: str) -> str:
    return " ".join(text.split())
