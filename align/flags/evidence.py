"""All that is known of the beads of a pair of documents before anything is judged."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from ..data import Alignment, Segmented, Span
from ..lang.names.document import DocumentNames
from ..lang.names.lexicon import Lexicon
from ..lang.names.match import NameComparison
from . import coverage
from .coverage import Running
from .texts import BeadText
from .typed import Facts, Finding, explained_names, name_findings
from .words import Line, Words, joined, lines

USUAL = math.log(0.86)
"""The log of Arabic letters to English letters in translations."""
_TRUST = 600  # characters that weigh as much as the usual ratio


@dataclass(slots=True)
class Side:
    """One side of a bead: its words and where they stand in its text, what facts and names say of them, a row of
    `coverage.FEATURES` a word, and the log odds that it has no counterpart."""

    lang: str
    text: BeadText
    words: Words
    starts: np.ndarray
    ends: np.ndarray
    explained: np.ndarray
    alone: np.ndarray
    ratio: float
    rows: np.ndarray
    odds: np.ndarray


class Evidence:
    """The beads of two documents: texts, facts, names, words.

    They may be several pairs of documents one after the other; `numbers` then says of each bead from which it is.
    """

    def __init__(self, ar: Segmented, en: Segmented, alignment: Alignment, encoder: Any, lexicon: Lexicon | None = None,
                 states: Mapping[str, Mapping[int, np.ndarray]] | None = None, numbers: np.ndarray | None = None) -> None:  # fmt: skip
        self.alignment = alignment
        self.numbers = np.zeros(len(alignment.beads), np.int64) if numbers is None else numbers
        counts = np.bincount(self.numbers, minlength=1)
        self.documents_beads = list(pairwise([0, *np.cumsum(counts).tolist()]))  # from and to, a pair of documents
        self.documents = {"ar": ar, "en": en}
        spans = [{"ar": bead.ar, "en": bead.en} for bead in alignment.beads]
        self.texts = {
            side: [BeadText.of(self.documents[side], _filled(self.documents[side], s[side])) for s in spans] for side in ("ar", "en")
        }
        self.both = [bool(a.text and e.text) for a, e in zip(self.texts["ar"], self.texts["en"], strict=True)]
        self._plain = {side: [text.text for text in self.texts[side]] for side in ("ar", "en")}
        self.facts = Facts(self._plain["ar"], self._plain["en"], partial(_reach, self.documents_beads, self.numbers))
        self._lexicon = lexicon
        source = getattr(encoder, "word_states", None)
        self.lines: dict[str, list[Line]] = {
            side: lines(side, self.documents[side].forms, source, (states or {}).get(side)) for side in ("ar", "en")
        }
        self.usual = self._usual()
        self._words = {side: joined(side, range(len(found)), found) for side, found in self.lines.items()}
        self._whole = {side: _Whole.of(self._words[side], self.lines[side], self.texts[side]) for side in ("ar", "en")}
        ranges = np.concatenate([self._whole[side].ranges for side in ("ar", "en")], axis=1)
        self.running = Running.of(self._words["ar"], self._words["en"], ranges, self.numbers)

    @cached_property
    def names(self) -> "DocumentNames | _NamesApart":
        """The names of both documents, or of each pair of them."""
        if len(self.documents_beads) == 1:
            return DocumentNames(self._plain["ar"], self._plain["en"], self._lexicon)
        return _NamesApart(self._plain, self.documents_beads, self.numbers, self._lexicon)

    def reach(self, bead: int, most: int) -> range:
        """The beads of the same document up to so far before and after a bead, which is among them."""
        return _reach(self.documents_beads, self.numbers, bead, most)

    def _usual(self) -> np.ndarray:
        """The log of Arabic to English letters in each bead's document, drawn to what is usual."""
        out = np.empty(len(self.both))
        for first, stop in self.documents_beads:
            pairs = [(len(self.texts["ar"][k].text), len(self.texts["en"][k].text)) for k in range(first, stop) if self.both[k]]
            ar, en = sum(p[0] for p in pairs), sum(p[1] for p in pairs)
            own = math.log((ar + 1) / (en + 1))
            own = min(max(own, USUAL - 0.3), USUAL + 0.3)
            out[first:stop] = (own * en + USUAL * _TRUST) / (en + _TRUST)
        return out

    def expected(self, side: str, letters: int, bead: int = 0) -> float:
        """How many letters of `side` answer so many of the other side, where a bead stands."""
        usual = float(self.usual[bead])
        return letters * math.exp(usual if side == "ar" else -usual)

    def words(self, side: str, bead: int) -> Words:
        """The words of one side of a bead."""
        return self._words[side].part(*self._whole[side].ranges[bead].tolist())

    def findings(self, bead: int) -> list[Finding]:
        """Facts and names of a two-sided bead that differ or stand alone."""
        facts = {side: self.facts.places(bead, side) for side in ("ar", "en")}
        names = [f for f in name_findings(self.names, bead) if not any(a < f.end and f.start < b for a, b in facts[f.side])]
        return self.facts.findings(bead) + names

    def typed_places(self, bead: int, side: str) -> list[tuple[int, int]]:
        """Where facts and names stand in one side of a bead, answered or not."""
        names = self.names.beads[bead][0 if side == "ar" else 1].names
        return [(n.start, n.end) for n in names if n.strength > 0.1] + self.facts.places(bead, side)

    def batches(self) -> Iterator[list[int]]:
        """The two-sided beads, as many as are best looked at together at a time."""
        return self.running.batches(np.flatnonzero(self.both).tolist())

    def sides(self, bead: int, found: Sequence[Finding]) -> dict[str, Side]:
        """Both sides of a two-sided bead, whose `findings` are given."""
        return self.many_sides([bead], [found])[0]

    def many_sides(self, beads: Sequence[int], found: Sequence[Sequence[Finding]]) -> list[dict[str, Side]]:
        """`sides` of several beads, none of which stands before the last."""
        which = np.asarray(beads, np.int64)
        letters = {side: np.array([len(self.texts[side][bead].text) for bead in beads]) for side in ("ar", "en")}
        ratios = np.log((letters["ar"] + 8) / (letters["en"] + 8)) - self.usual[which]
        lone = [[(f.side, f.start, f.end) for f in some if f.row[0] >= 0.3] for some in found]
        explained, alone = [], []
        for side in ("ar", "en"):
            whole = self._whole[side]
            known = [self.facts.explained(bead, side) + explained_names(self.names, bead, side) for bead in beads]
            explained.append(whole.marked(which, known))
            alone.append(whole.marked(which, [[(a, b) for s, a, b in some if s == side] for some in lone]))
        explained = np.concatenate(explained) | self.running.same_letters(beads)
        alone = np.concatenate(alone) & ~explained
        sizes = self.running.sizes(which).reshape(2, -1)
        count = int(sizes[0].sum())
        if all(side.vectors.shape[1] > 1 for side in self._words.values()):
            rows = coverage.features(self.running, which, explained, alone, ratios, coverage.similarities(self.running, which))
            odds = np.concatenate([coverage.log_odds("ar", rows[:count]), coverage.log_odds("en", rows[count:])])
        else:
            rows, odds = np.zeros((len(explained), 0), np.float32), np.zeros(len(explained), np.float32)
        out: list[dict[str, Side]] = [{} for _ in beads]
        at = 0
        for k, (side, sign) in enumerate((("ar", 1.0), ("en", -1.0))):
            whole = self._whole[side]
            for bead, size, ratio, sides in zip(beads, sizes[k].tolist(), ratios.tolist(), out, strict=True):
                start, stop = whole.ranges[bead].tolist()
                own = slice(at, at + size)
                sides[side] = Side(side, self.texts[side][bead], self._words[side].part(start, stop), whole.starts[start:stop],
                                   whole.ends[start:stop], explained[own], alone[own], sign * ratio, rows[own], odds[own])  # fmt: skip
                at += size
        return out

    def windows(self, beads: Sequence[int], reach: int) -> list[tuple[dict[str, Side], dict[str, int]]]:
        """Beads, in order, with up to `reach` words before and after on both sides, and where the bead's own words begin
        there; one-sided beads too. Facts and names are not looked at but for words in the same letters."""
        which = np.asarray(beads, np.int64)
        own = self.running.ranges[which]
        edges = np.array(self.documents_beads)[self.numbers[which]]  # beads of the same document; its words:
        least, most = self.running.ranges[edges[:, 0]][:, ::2], self.running.ranges[edges[:, 1] - 1][:, 1::2]
        ranges = own.copy()
        for k, opens in enumerate(self.running.opens):  # a window begins with a chunk
            begins = np.flatnonzero(opens)
            if len(begins):
                ranges[:, 2 * k] = begins[np.maximum(np.searchsorted(begins, own[:, 2 * k] - reach, side="right") - 1, 0)]
        ranges[:, ::2] = np.maximum(ranges[:, ::2], least)
        ranges[:, 1::2] = np.minimum(own[:, 1::2] + reach, most)
        running = self.running._replace(ranges=ranges)
        numbers = np.arange(len(which))
        letters = [np.concatenate([[0], np.cumsum(self._whole[side].ends - self._whole[side].starts + 1)]) for side in ("ar", "en")]
        sizes = [total[ranges[:, 2 * k + 1]] - total[ranges[:, 2 * k]] for k, total in enumerate(letters)]
        ratios = np.log((sizes[0] + 8) / (sizes[1] + 8)) - self.usual[which]
        explained = running.same_letters(numbers.tolist())
        alone = np.zeros(len(explained), bool)
        rows = coverage.features(running, numbers, explained, alone, ratios, coverage.similarities(running, numbers, near=False))
        count = int(running.sizes(numbers).reshape(2, -1)[0].sum())
        odds = np.concatenate([coverage.log_odds("ar", rows[:count]), coverage.log_odds("en", rows[count:])])
        out: list[tuple[dict[str, Side], dict[str, int]]] = [({}, {}) for _ in beads]
        at = 0
        for k, (side, sign) in enumerate((("ar", 1.0), ("en", -1.0))):
            whole = self._whole[side]
            for (sides, offsets), (start, stop), first, ratio in zip(out, ranges[:, 2 * k : 2 * k + 2].tolist(), own[:, 2 * k].tolist(), ratios.tolist(), strict=True):
                part = slice(at, at + stop - start)
                sides[side] = Side(side, BeadText("", (), ()), self._words[side].part(start, stop), whole.starts[start:stop], whole.ends[start:stop],
                                   explained[part], alone[part], sign * ratio, rows[part], odds[part])  # fmt: skip
                offsets[side] = first - start
                at += stop - start
        return out


def _reach(edges: Sequence[tuple[int, int]], numbers: np.ndarray, bead: int, most: int) -> range:
    """See `Evidence.reach`; no method, which would keep in memory the evidence that it is a part of."""
    first, stop = edges[numbers[bead]]
    return range(max(first, bead - most), min(stop, bead + most + 1))


class _NamesApart:
    """The names of several pairs of documents, one after the other."""

    def __init__(self, texts: Mapping[str, Sequence[str]], edges: Sequence[tuple[int, int]], numbers: np.ndarray, lexicon: Lexicon | None) -> None:
        self._edges, self._numbers = edges, numbers.tolist()
        self._each = [DocumentNames(texts["ar"][first:stop], texts["en"][first:stop], lexicon) for first, stop in edges]
        self.beads = [bead for names in self._each for bead in names.beads]

    def compare(self, bead: int) -> NameComparison:
        """As that of the bead's documents."""
        number = self._numbers[bead]
        return self._each[number].compare(bead - self._edges[number][0])


class _Whole(NamedTuple):
    """All words of one document: which of them each bead has (from, to), and where they stand in the bead's text."""

    ranges: np.ndarray
    starts: np.ndarray
    ends: np.ndarray

    @classmethod
    def of(cls, words: Words, found: Sequence[Line], texts: Sequence[BeadText]) -> "_Whole":
        edges = np.cumsum([0, *(len(line.spans) for line in found)])
        bases = np.zeros(len(found), np.int64)
        ranges = np.zeros((len(texts), 2), np.int64)
        at = 0
        for row, text in zip(ranges, texts, strict=True):
            if text.indices:
                bases[list(text.indices)] = text.bases
                at = edges[text.indices[-1] + 1]
                row[:] = edges[text.indices[0]], at
            else:
                row[:] = at
        base = bases[words.segment]
        return cls(ranges, base + words.starts, base + words.ends)

    def marked(self, beads: np.ndarray, spans: Sequence[Sequence[tuple[int, int]]]) -> np.ndarray:
        """Which words of some beads lie mostly inside one of the spans, given for each bead in code points of its text."""
        words = coverage.expand(*self.ranges[beads].T)
        out = np.zeros(len(words), bool)
        counts = [len(some) for some in spans]
        if not any(counts):
            return out
        sizes = np.diff(self.ranges[beads])[:, 0]
        firsts = np.cumsum(sizes) - sizes
        bead = np.repeat(np.arange(len(counts)), counts)
        places = np.array([span for some in spans for span in some])
        span = np.repeat(np.arange(len(places)), sizes[bead])
        word = coverage.expand(firsts[bead], (firsts + sizes)[bead])
        starts, ends = self.starts[words][word], self.ends[words][word]
        inside = 2 * (np.minimum(ends, places[span, 1]) - np.maximum(starts, places[span, 0])) >= ends - starts
        out[word[inside]] = True
        return out


def _filled(document: Segmented, span: Span) -> list[int]:
    """The segments of a span that hold anything."""
    return [i for i in range(span.start, span.stop) if document.segments[i].form]
