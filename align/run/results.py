"""What became of a corpus: failed documents, and a report of all of them, for programs and for people."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..engine.storage import Store
from ..errors import InputError
from ..files import open_output
from .ledger import Ledger
from .page import lines
from .unit import BINS

FAILED, JSON, HTML = "failed.jsonl", "report.json", "report.html"

_LONE = re.compile("[\ud800-\udfff]")
_encode = json.JSONEncoder(ensure_ascii=False).encode

WORST = 1000
"""Documents that the page lists."""


@dataclass
class Totals:
    """Sums over documents."""

    documents: int = 0
    failed: int = 0
    segments: list[int] = field(default_factory=lambda: [0, 0])
    characters: list[int] = field(default_factory=lambda: [0, 0])
    pairs: int = 0
    alone: list[int] = field(default_factory=lambda: [0, 0])
    moved: int = 0
    unrelated: int = 0
    confidence: float = 0.0
    covered: float = 0.0
    histogram: list[int] = field(default_factory=lambda: [0] * BINS)
    qualities: list[int] = field(default_factory=lambda: [0] * BINS)
    types: Counter[str] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)
    flagged: int = 0
    errors: Counter[str] = field(default_factory=Counter)

    def add(self, state: str, record: dict[str, Any]) -> None:
        """Count a document."""
        if state == "failed":
            self.failed += 1
            self.errors[record["error"]] += 1
            return
        self.documents += 1
        for name in ("segments", "characters", "alone"):
            both = getattr(self, name)
            for k in (0, 1):
                both[k] += record[name][k]
        self.pairs += record["pairs"]
        self.moved += record["moved"]
        self.unrelated += record["unrelated"]
        self.confidence += record["confidence"]
        self.covered += record["quality"] * sum(record["segments"])
        self.histogram = [a + b for a, b in zip(self.histogram, record["histogram"], strict=True)]
        self.qualities[min(int(record["quality"] * BINS), BINS - 1)] += 1
        self.types.update(record["types"])
        self.flags.update(record["flags"])
        self.flagged += bool(record["flags"])

    def record(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "documents": self.documents + self.failed,
            "aligned": self.documents,
            "failed": self.failed,
            "segments": self.segments,
            "characters": self.characters,
            "pairs": self.pairs,
            "alone": self.alone,
            "moved": self.moved,
            "unrelated": self.unrelated,
            "mean_confidence": round(self.confidence / self.pairs, 6) if self.pairs else None,
            "quality": round(self.covered / sum(self.segments), 6) if sum(self.segments) else None,
            "confidence_histogram": self.histogram,
            "quality_histogram": self.qualities,
            "types": dict(self.types.most_common()),
            "flags": dict(sorted(self.flags.items(), key=lambda item: (-item[1], item[0]))),
            "documents_with_flags": self.flagged,
            "errors": dict(sorted(self.errors.items(), key=lambda item: (-item[1], item[0]))),
        }


def totals(ledger: Ledger) -> Totals:
    """Sums over all documents of a run."""
    found = Totals()
    for _, state, record, _ in ledger.records():
        found.add(state, record)
    return found


def as_record(id: str, ar: str, en: str, state: str, record: dict[str, Any], seconds: float) -> dict[str, Any]:
    """A document's line of the report."""
    out: dict[str, Any] = {"id": id, "ar": ar, "en": en, "state": state, **record}
    if state == "done":
        pairs = out["pairs"]
        out["mean_confidence"] = round(out.pop("confidence") / pairs, 6) if pairs else None
    return {**out, "seconds": round(seconds, 3)}


def documents(ledger: Ledger, order: str = "worst") -> Iterator[dict[str, Any]]:
    """The report's documents, worst first: those that failed, then by quality."""
    for document, state, record, seconds in ledger.records(order):
        yield as_record(document.id, document.ar, document.en, state, record, seconds)


def write(store: Store, ledger: Ledger, about: dict[str, Any], links: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Write `failed.jsonl`, `report.json` and `report.html`; returns the report without its documents.

    `about` says what ran: it stands at the head of the report. Files that belong to no document since they could not
    be compared or named are among those that failed, without sides. `links` are the review pages of documents, by id.
    """
    with store.writing(FAILED) as path, open_output(path, force=True) as stream:
        for document, record in ledger.failed():
            line = {"id": document.id, "ar": document.ar, "en": document.en, **record}
            stream.write(_dumped(line) + "\n")
        for found in about.get("unreadable", ()):
            line = {"id": found["path"], "ar": None, "en": None, "error": "InputError", "line": None,
                    "message": found["error"], "status": InputError.status}
            stream.write(_dumped(line) + "\n")
    head = {**about, "total": totals(ledger).record(),
            "seconds": {name: round(value, 3) for name, value in sorted(ledger.seconds().items())}}
    with store.writing(JSON) as path, open_output(path, force=True) as stream:
        text = json.dumps(head, ensure_ascii=False, indent=1)
        stream.write(_legal(text.removesuffix("\n}")) + ',\n "documents": [')
        for k, record in enumerate(documents(ledger)):
            stream.write((",\n  " if k else "\n  ") + _dumped(record))
        stream.write("\n ]\n}\n")
    with store.writing(HTML) as path, open_output(path, force=True) as stream:
        stream.writelines(lines(head, documents(ledger), WORST, links or {}))
    return head


def _dumped(value: Any) -> str:
    return _legal(_encode(value))


def _legal(text: str) -> str:
    """`text` with lone surrogates, which stand in names of files that are not UTF-8, escaped as JSON does."""
    return _LONE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
