"""All that is known of the beads of a pair of documents before anything is judged."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..data import Alignment, Segmented, Span
from ..names.document import DocumentNames
from ..names.lexicon import Lexicon
from . import coverage
from .texts import BeadText
from .typed import Facts, Finding, explained_names, name_findings
from .words import Line, Words, joined, lines

USUAL = math.log(0.86)
"""The log of Arabic letters to English letters in translations."""
_TRUST = 600  # characters that weigh as much as the usual ratio


@dataclass(slots=True)
class Side:
    """One side of a bead: its words, what facts and names say of them, and a row of `coverage.FEATURES` a word."""

    lang: str
    text: BeadText
    words: Words
    explained: np.ndarray
    alone: np.ndarray
    ratio: float
    rows: np.ndarray
    odds: np.ndarray

    def offsets(self) -> tuple[np.ndarray, np.ndarray]:
        """Where the words start and end in the bead's text."""
        bases = dict(zip(self.text.indices, self.text.bases, strict=True))
        base = np.array([bases[i] for i in self.words.segment.tolist()], np.int64)
        return base + self.words.starts, base + self.words.ends


class Evidence:
    """The beads of two documents: texts, facts, names, words."""

    def __init__(self, ar: Segmented, en: Segmented, alignment: Alignment, encoder: Any, lexicon: Lexicon | None = None,
                 states: Mapping[str, Mapping[int, np.ndarray]] | None = None) -> None:  # fmt: skip
        self.alignment = alignment
        self.documents = {"ar": ar, "en": en}
        spans = [{"ar": bead.ar, "en": bead.en} for bead in alignment.beads]
        self.texts = {
            side: [BeadText.of(self.documents[side], _filled(self.documents[side], s[side])) for s in spans] for side in ("ar", "en")
        }
        self.both = [bool(a.text and e.text) for a, e in zip(self.texts["ar"], self.texts["en"], strict=True)]
        self._plain = {side: [text.text for text in self.texts[side]] for side in ("ar", "en")}
        self.facts = Facts(self._plain["ar"], self._plain["en"])
        self._lexicon = lexicon
        source = getattr(encoder, "word_states", None)
        self.lines: dict[str, list[Line]] = {
            side: lines(side, self.documents[side].forms, source, (states or {}).get(side)) for side in ("ar", "en")
        }
        self.usual = self._usual()

    @cached_property
    def names(self) -> DocumentNames:
        """The names of both documents."""
        return DocumentNames(self._plain["ar"], self._plain["en"], self._lexicon)

    def _usual(self) -> float:
        """The log of Arabic to English letters in these documents, drawn to what is usual."""
        pairs = [(len(a.text), len(e.text)) for a, e, both in zip(self.texts["ar"], self.texts["en"], self.both, strict=True) if both]
        ar, en = sum(p[0] for p in pairs), sum(p[1] for p in pairs)
        own = math.log((ar + 1) / (en + 1))
        own = min(max(own, USUAL - 0.3), USUAL + 0.3)
        return (own * en + USUAL * _TRUST) / (en + _TRUST)

    def expected(self, side: str, letters: int) -> float:
        """How many letters of `side` answer so many of the other side."""
        return letters * math.exp(self.usual if side == "ar" else -self.usual)

    def words(self, side: str, bead: int) -> Words:
        """The words of one side of a bead."""
        return joined(side, self.texts[side][bead].indices, self.lines[side])

    def findings(self, bead: int) -> list[Finding]:
        """Facts and names of a two-sided bead that differ or stand alone."""
        return self.facts.findings(bead) + name_findings(self.names, bead)

    def typed_places(self, bead: int, side: str) -> list[tuple[int, int]]:
        """Where facts and names stand in one side of a bead, answered or not."""
        names = self.names.beads[bead][0 if side == "ar" else 1].names
        return [(n.start, n.end) for n in names if n.strength > 0.1] + self.facts.places(bead, side)

    def sides(self, bead: int, found: Sequence[Finding]) -> dict[str, Side]:
        """Both sides of a two-sided bead."""
        words = {side: self.words(side, bead) for side in ("ar", "en")}
        letters = {side: len(self.texts[side][bead].text) for side in ("ar", "en")}
        ratio = math.log((letters["ar"] + 8) / (letters["en"] + 8)) - self.usual
        out = {}
        for side, other, sign in (("ar", "en", 1.0), ("en", "ar", -1.0)):
            text = self.texts[side][bead]
            own = Side(side, text, words[side], np.zeros(0, bool), np.zeros(0, bool), sign * ratio, np.zeros((0, 0)), np.zeros(0))
            starts, ends = own.offsets()
            known = self.facts.explained(bead, side) + explained_names(self.names, bead, side)
            own.explained = _marked(starts, ends, known) | _same_letters(words[side], words[other])
            own.alone = _marked(starts, ends, [(f.start, f.end) for f in found if f.side == side and f.row[0] >= 0.3]) & ~own.explained
            own.rows = coverage.features(words[side], words[other], own.explained, own.alone, own.ratio, self._nearby(side, bead, words[side]))
            out[side] = own
        return out

    def _nearby(self, side: str, bead: int, words: Words) -> np.ndarray | None:
        """Each word's best similarity in the neighbouring beads; None where there are none."""
        other = "en" if side == "ar" else "ar"
        parts = [self.lines[other][i].vectors for k in (bead - 1, bead + 1) if 0 <= k < len(self.both) for i in self.texts[other][k].indices]
        parts = [p for p in parts if len(p)]
        if not parts or not len(words):
            return None
        return (words.vectors @ np.concatenate(parts).T).max(1)


def _filled(document: Segmented, span: Span) -> list[int]:
    """The segments of a span that hold anything."""
    return [i for i in range(span.start, span.stop) if document.segments[i].form]


def _marked(starts: np.ndarray, ends: np.ndarray, spans: Iterable[tuple[int, int]]) -> np.ndarray:
    """Which words lie mostly inside one of the spans."""
    out = np.zeros(len(starts), bool)
    for a, b in spans:
        out |= 2 * (np.minimum(ends, b) - np.maximum(starts, a)) >= ends - starts
    return out


def _same_letters(side: Words, other: Words) -> np.ndarray:
    """Which words stand on the other side in the same Latin letters or digits."""
    there = {w.casefold() for w in other.texts}
    return np.array([w.isascii() and w.casefold() in there for w in side.texts], bool)
