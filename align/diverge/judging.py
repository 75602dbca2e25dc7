"""From evidence to flags."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache, cached_property
from os import PathLike
from typing import Any

import numpy as np

from ..arabic.letters import plain_letters
from ..data import Alignment, Bead, Document, Flag, Judged, Segment, Segmented, Span
from ..keyed import LoneKeys
from ..names.lexicon import read_glossary, shipped_lexicon
from . import PairScore, lone, spans, typed, untranslated
from . import units as unit_room
from .evidence import Evidence, Side
from .moved import moved as moved_sentences
from .places import Places
from .spans import Candidates
from .tables import Network, probability, table
from .typed import Finding
from .words import CLAUSE, COMMA, SENTENCE

Glossary = str | PathLike[str] | Iterable[tuple[str, str]]
_OTHER = {"ar": "en", "en": "ar"}
_LISTED = 0.1  # from this probability on, sides without a doubtful word are passed over
_COVERED = -2.6  # log odds of a word that is surely covered
_LONG = 0.7
_TELLING = 3  # words of content in a sentence that says something of its own
_LEAST = -5.0  # log odds below which a run of words is not worth listing
_SURE_OF_KEYS = 0.99  # that what stands under a key which the other version lacks is missing there
_BESIDE_TEXT = 0.7  # that a heading is missing where the text below it alone is answered
_KINDS_ALONE = {"heading": "heading", "boilerplate": "boilerplate"}  # of a flag, by that of the segment; else sentence
_WHY_ALONE = {
    "heading": "a heading that the other version does not have",
    "boilerplate": "page furniture that the other version does not have",
    "sentence": "no sentence of the other version answers this one",
}


def judged(ar: Segmented, en: Segmented, alignment: Alignment, encoder: Any, glossary: Glossary | None,
           min_probability: float | None, states: Mapping[str, Mapping[int, np.ndarray]] | None = None) -> Judged:  # fmt: skip
    """See `judge`."""
    lexicon = shipped_lexicon().with_glossary(_pairs(glossary)) if glossary else None
    evidence = Evidence(ar, en, alignment, encoder, lexicon, states)
    maker = _Maker(evidence, min_probability)
    for beads in evidence.batches():
        maker.add_beads(beads)
    maker.add_units()
    order = {"ar": 0, "en": 1}
    flags = sorted(maker.flags, key=lambda f: (f.bead, order[f.side], f.start, -f.end))
    return Judged(ar, en, alignment, tuple(flags))


def _pairs(glossary: Glossary) -> list[tuple[str, str]]:
    return read_glossary(glossary) if isinstance(glossary, str | PathLike) else list(glossary)


@cache
def thresholds() -> dict[str, float]:
    """The probability from which flags of a kind are shown; `word` for phrases of a single word of content."""
    return table("thresholds")["shown"]


def _shown_as(kind: str, content: int) -> str:
    """Which threshold a run of words takes: a single word is easily put otherwise."""
    return "word" if kind == "phrase" and content < 2 else kind


def _threshold(flag: Flag) -> float:
    return thresholds()[_shown_as(flag.kind, int(flag.evidence.get("content", 2)))]


@cache
def _line(detector: str) -> tuple[float, float]:
    slope, shift = table("thresholds")["calibration"][detector]
    return slope, shift


def calibrated(detector: str, log_odds: float) -> float:
    """The probability that a detector's log odds mean (Platt 1999); detectors are `run`, `sentence`, `name`, `fact`, `unit`."""
    slope, shift = _line(detector)
    return probability(slope * log_odds + shift)


@cache
def _typed_network(name: str) -> Network:
    return Network.of(table("typed")[name])


class _Maker:
    """Collects the flags of a pair of documents."""

    def __init__(self, evidence: Evidence, least: float | None) -> None:
        self.evidence = evidence
        self.least = least
        self.places = {side: Places(document) for side, document in evidence.documents.items()}
        self.flags: list[Flag] = []
        self.runs: list[tuple[int, Side, int, int]] = []  # flags of runs of words: number, side, words from and to
        self.keys = LoneKeys(*(document.document for document in evidence.documents.values()))

    def shown(self, kind: str, p: float) -> bool:
        """Whether a flag of this probability is listed."""
        return p >= (thresholds()[kind] if self.least is None else self.least)

    def flag(self, bead: int, side: str, start: int, end: int, kind: str, relation: str, p: float, severity: str,
             counterpart: tuple[int, int] | None, evidence: dict[str, object]) -> None:  # fmt: skip
        """Adds a flag whose places are code points in the documents."""
        text = self.evidence.documents[side].document.text
        there = None
        if counterpart is not None:
            a, b = counterpart
            there = (a, b, self.evidence.documents[_OTHER[side]].document.text[a:b])
        self.flags.append(Flag(side, start, end, text[start:end], kind, relation, round(p, 4), severity, bead, there, evidence))

    def add_units(self) -> None:
        """Flags of segments that the aligner left alone."""
        found = unit_room.units(self.evidence)
        for unit in found:
            self.meet(unit)
        for unit, odds in zip(found, unit_room.log_odds(found).tolist(), strict=True):
            segment = self.evidence.documents[unit.side].segments[unit.index]
            if not says_something(segment.form) or self.keys.is_form(unit.side, segment.start):
                continue
            p = calibrated("unit", odds)
            kind = _KINDS_ALONE.get(segment.kind, "sentence")
            key = self.keys.lone(unit.side, segment.start)
            if key is not None:
                p, unit.moved, unit.nearest = _SURE_OF_KEYS, False, None
            relation = "moved" if unit.moved else "only"
            if unit.moved:
                p = max(p, 0.6)
            if not self.shown(kind, p):
                continue
            start, end = self.places[unit.side].span(unit.index, 0, len(segment.form))
            severity = "low" if kind == "boilerplate" else "medium" if unit.moved or kind == "heading" else "high"
            near = unit.place
            if near is None and unit.nearest is not None and (unit.moved or unit.row[1] > 0.5):
                there = self.evidence.documents[_OTHER[unit.side]].segments[unit.nearest]
                near = (there.start, there.end)
            why = f"the other version has nothing under the key {key}" if key is not None else _WHY_ALONE[kind]
            if unit.moved:
                why = "this stands elsewhere in the other version"
            self.flag(unit.bead, unit.side, start, end, kind, relation, p, severity, near,
                      {"why": why, "nearest": round(float(unit.row[1]), 3), "beside": round(float(unit.row[0]), 3)})  # fmt: skip

    def meet(self, unit: unit_room.Unit) -> None:
        """Calls a unit moved when a flagged run of words of the other side says the same, and that run too."""
        line = self.evidence.lines[unit.side][unit.index]
        if not len(line.vectors):
            return
        gates = line.gates * (np.array(line.content) + 0.2)
        for number, side, a, b in self.runs:
            flag = self.flags[number]
            if side.lang == unit.side or flag.relation == "moved" or abs(flag.bead - unit.bead) > unit_room.REACH:
                continue
            weights = side.words.gates[a:b] * (side.words.content[a:b] + 0.2)
            if unit_room.alike(side.words.vectors[a:b], weights / weights.sum(), line.vectors, gates) < unit_room.MET:
                continue
            segment = self.evidence.documents[unit.side].segments[unit.index]
            there = self.evidence.documents[unit.side].document.text[segment.start : segment.end]
            evidence = {**flag.evidence, "why": "this stands elsewhere in the other version"}
            self.flags[number] = replace(flag, relation="moved", severity="medium", counterpart=(segment.start, segment.end, there), evidence=evidence)
            unit.moved, unit.place = True, (flag.start, flag.end)
            return

    def add_beads(self, beads: Sequence[int]) -> None:
        """Flags inside two-sided beads."""
        found = [self.evidence.findings(bead) for bead in beads]
        doubtful: list[tuple[int, Side, Side, list[Finding]]] = []
        for bead, items, sides in zip(beads, found, self.evidence.many_sides(beads, found), strict=True):
            self.add_untranslated(bead)
            self.add_headings(bead)
            kept = [item for item, p in zip(items, probabilities(items, sides), strict=True)
                    if self.add_typed(bead, item, sides[item.side], p)]  # fmt: skip
            if any(side.words.vectors.shape[1] <= 1 or not len(side.words) for side in sides.values()):
                continue
            self.add_moved(bead, sides)
            doubtful += [(bead, side, sides[_OTHER[lang]], [item for item in kept if item.side == lang])
                         for lang, side in sides.items() if self.is_doubtful(side)]  # fmt: skip
        runs = spans.candidates([side for _, side, _, _ in doubtful], [
            self.evidence.expected(side.lang, len(other.text.text)) for _, side, other, _ in doubtful])  # fmt: skip
        odds = spans.many_log_odds([side.lang for _, side, _, _ in doubtful], runs)
        for part, run, some in zip(doubtful, runs, odds, strict=True):
            self.add_runs(*part, run, some)

    def add_untranslated(self, bead: int) -> None:
        """Flags the segments of a two-sided bead that were left in the other language."""
        if not self.shown("untranslated", untranslated.SURE):
            return
        for lang, document in self.evidence.documents.items():
            other = self.evidence.documents[_OTHER[lang]].segments
            answers = [other[i] for i in self.evidence.texts[_OTHER[lang]][bead].indices]
            for index in self.evidence.texts[lang][bead].indices:
                form = document.segments[index].form
                if answers and untranslated.is_untranslated(lang, form):
                    place = self.places[lang].span(index, 0, len(form))
                    self.flag(bead, lang, *place, "untranslated", "mismatch", untranslated.SURE, "high",
                              (answers[0].start, answers[-1].end), {"why": "this stands in the language of the other version"})  # fmt: skip

    def add_headings(self, bead: int) -> None:
        """Flags the headings of a two-sided bead that stand before what the other side has without any."""
        if not self.shown("heading", _BESIDE_TEXT):
            return
        segments = {lang: [(k, self.evidence.documents[lang].segments[k]) for k in self.evidence.texts[lang][bead].indices]
                    for lang in self.evidence.documents}  # fmt: skip
        for lang, own in segments.items():
            other = [segment for _, segment in segments[_OTHER[lang]]]
            headings = [(k, segment) for k, segment in own if segment.kind == "heading"]
            if not headings or len(own) <= len(other) or len(headings) == len(own) or any(s.kind == "heading" for s in other):
                continue
            for k, segment in headings:
                place = self.places[lang].span(k, 0, len(segment.form))
                self.flag(bead, lang, *place, "heading", "only", _BESIDE_TEXT, "medium", (other[0].start, other[-1].end),
                          {"why": "a heading before a text that has none in the other version"})  # fmt: skip

    def is_doubtful(self, side: Side) -> bool:
        """Whether any word of a side may be uncovered."""
        return (self.least is not None and self.least < _LISTED) or side.odds.max() >= _COVERED or side.ratio >= _LONG

    def add_moved(self, bead: int, sides: dict[str, Side]) -> None:
        """Flags sentences of the bead that stand in another order, on both sides."""
        for found in moved_sentences(sides["ar"].words, sides["en"].words):
            p = 0.5 + 0.4 * min(1.0, max(0.0, (found.sim - 0.5) / 0.3))
            if not self.shown("sentence", p):
                continue
            places = {lang: self.place(sides[lang], *getattr(found, lang)) for lang in ("ar", "en")}
            for lang, place in places.items():
                self.flag(bead, lang, *place, "sentence", "moved", p, "medium", places[_OTHER[lang]],
                          {"why": "this sentence stands at another place in the other version", "sim": round(found.sim, 3)})  # fmt: skip

    def place(self, side: Side, a: int, b: int) -> tuple[int, int]:
        """Where words `a` to `b` of a side stand in its document."""
        starts, ends = side.starts, side.ends
        return side.text.place(self.places[side.lang], int(starts[a]), int(ends[b - 1]))

    def add_typed(self, bead: int, item: Finding, side: Side, p: float) -> bool:
        """Flags a fact or name of probability `p`; whether it was listed."""
        if not self.shown(item.kind, p):
            return False
        start, end = side.text.place(self.places[item.side], item.start, item.end)
        other = _OTHER[item.side]
        there = None
        if item.counterpart is not None:
            there = self.evidence.texts[other][bead].place(self.places[other], *item.counterpart)
        elif item.elsewhere is not None:
            k, a, b = item.elsewhere
            there = self.evidence.texts[other][k].place(self.places[other], a, b)
        severity = "medium" if item.relation == "moved" else "high"
        self.flag(bead, item.side, start, end, item.kind, item.relation, p, severity, there, {"why": item.why, **item.evidence})
        return True

    @cached_property
    def floor(self) -> float:
        """Log odds below which no run of words is listed."""
        least = min(thresholds().values()) if self.least is None else self.least
        if least <= 0:
            return _LEAST
        odds = math.log(least / (1 - least)) if least < 1 else math.inf
        return max(_LEAST, min((odds - shift) / slope for slope, shift in map(_line, ("run", "sentence"))) - 1e-3)

    def add_runs(self, bead: int, side: Side, other: Side, kept: Sequence[Finding], runs: Candidates, odds: np.ndarray) -> None:
        """Flags runs of words without counterpart, and at probability 0 every word."""
        self._whole_sentences(side, other, runs, odds)
        best = spans.chosen(runs, odds, self.floor)
        if not best and (self.least is None or self.least > 0):
            return
        starts, ends = side.starts, side.ends
        named, typed_words = np.zeros(len(starts), bool), np.zeros(len(starts), bool)
        for item in kept:
            named |= (starts < item.end) & (ends > item.start)
        for a, b in self.evidence.typed_places(bead, side.lang):
            typed_words |= (starts < b) & (ends > a)
        for k in best:
            a, b = int(runs.starts[k]), int(runs.stops[k])
            kind = kind_of(side, a, b)
            # names and numbers alone are the business of their own detector
            doubt = 0.0 if (side.words.content[a:b] & ~typed_words[a:b]).any() else 2.0
            content = int(side.words.content[a:b].sum())
            if kind == "sentence" and content < _TELLING:
                doubt += 2.0  # So she told him.
            p = calibrated("sentence" if kind == "sentence" else "run", float(odds[k]) - doubt)
            if not self.shown(_shown_as(kind, content), p) or (named[a:b].any() and int((side.words.content[a:b] & ~named[a:b]).sum()) < 2):
                continue
            self.add_run(bead, side, other, a, b, kind, p, content)
        if self.least is not None and self.least <= 0:
            for i, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
                place = side.text.place(self.places[side.lang], start, end)
                self.flag(bead, side.lang, *place, "phrase", "only", 0.9 * calibrated("run", float(side.odds[i])), "low", None,
                          {"why": "a single word", "cover": round(float(side.rows[i, 0]), 3)})  # fmt: skip

    def _whole_sentences(self, side: Side, other: Side, runs: Candidates, odds: np.ndarray) -> None:
        """Raises the odds of runs that are whole sentences to what the sentences as such tell."""
        starts, stops, rows = lone.rows(side, other.words, side.odds)
        for a, b, value in zip(starts.tolist(), stops.tolist(), lone.log_odds(side.lang, rows).tolist(), strict=True):
            same = (runs.starts == a) & (runs.stops == b)
            # a sentence that has no counterpart is named whole, not by its worst clause
            inside = odds[(runs.starts >= a) & (runs.stops <= b)].max(initial=-np.inf)
            odds[same] = np.maximum(odds[same], max(value, inside + 0.01) if value > 0 else value)

    def add_run(self, bead: int, side: Side, other: Side, a: int, b: int, kind: str, p: float, content: int) -> None:
        """Flags words `a` to `b` of a side."""
        start, end = self.place(side, a, b)
        words = side.words
        weights = words.gates[a:b] * words.content[a:b] + 1e-3
        cover = float((side.rows[a:b, 0] * weights).sum() / weights.sum())
        severity = "high" if kind in ("sentence", "clause") else "medium" if content > 1 else "low"
        near = self.nearest(side, other, a, b)
        why = f"the other version has little that answers these words (cover {cover:.2f})"
        if content >= 3:
            self.runs.append((len(self.flags), side, a, b))
        self.flag(bead, side.lang, start, end, kind, "only", p, severity, near,
                  {"why": why, "cover": round(cover, 3), "content": content})  # fmt: skip

    def nearest(self, side: Side, other: Side, a: int, b: int) -> tuple[int, int] | None:
        """The word of the other side that comes nearest to words `a` to `b`."""
        if not len(other.words):
            return None
        sims = side.words.vectors[a:b] @ other.words.vectors.T
        best = int(sims.max(0).argmax())
        if sims[:, best].max() < 0.45:
            return None
        starts, ends = other.starts, other.ends
        return other.text.place(self.places[other.lang], int(starts[best]), int(ends[best]))


def probabilities(items: Sequence[Finding], sides: Mapping[str, Side]) -> list[float]:
    """How likely each finding holds; both sides of a mismatch as the surer one, doubtful ones by what stands around them."""
    found = []
    for item in items:
        ground = next((g for g in item.evidence.get("grounds", ()) if g in typed.STRUCTURAL), None)
        p = table("grounds")[ground] if ground else calibrated("name" if item.kind == "name" else "fact", typed_log_odds(item, sides[item.side]))
        found.append(p * _DOUBTFUL if item.doubtful and not is_bare(item, sides[item.side]) else p)
    surest: dict[tuple[str, int], float] = {}
    for item, p in zip(items, found, strict=True):
        if item.twin >= 0:
            surest[item.kind, item.twin] = max(p, surest.get((item.kind, item.twin), 0.0))
    return [surest.get((item.kind, item.twin), p) for item, p in zip(items, found, strict=True)]


_HALF_COVERED = -2.0
_AROUND = 4  # words to each side of a finding that are looked at
_DOUBTFUL = 0.4
_BARE = -1.0  # mean log odds from which on the words around a finding have no counterpart


def is_bare(item: Finding, side: Side) -> bool:
    """Whether the words of content around a finding have no counterpart either."""
    inside = np.flatnonzero((side.starts < item.end) & (side.ends > item.start))
    if not len(inside):
        return False
    around = np.r_[max(0, inside[0] - _AROUND) : inside[0], inside[-1] + 1 : min(len(side.odds), inside[-1] + 1 + _AROUND)]
    around = around[side.words.content[around]]
    return bool(len(around)) and float(side.odds[around].mean()) > _BARE


def typed_log_odds(item: Finding, side: Side) -> float:
    """The log odds that a fact or a name has no counterpart."""
    return float(_typed_network("name" if item.kind == "name" else "fact")(typed_row(item, side)[None])[0])


def typed_row(item: Finding, side: Side) -> np.ndarray:
    """The row of a finding with the cover of its words."""
    row = np.array(item.row, np.float32)
    starts, ends = side.starts, side.ends
    inside = (starts < item.end) & (ends > item.start)
    at = (typed.NAME_FEATURES if item.kind == "name" else typed.FACT_FEATURES).index("odds")
    row[at] = float(side.odds[inside].mean()) if inside.any() else 0.0
    if item.evidence.get("differs") in typed.COVERED or typed.is_place(item):
        row[at] = max(row[at], _HALF_COVERED)
    return row


def says_something(form: str) -> bool:
    """Whether a segment holds a letter or a digit: one of marks alone is never a finding."""
    return any(map(str.isalnum, form))


def kind_of(side: Side, a: int, b: int) -> str:
    """What a run of words is to a reader: a sentence, a clause, a phrase."""
    cuts = side.words.cuts
    if cuts[a] == SENTENCE and cuts[b] == SENTENCE and b - a > 2 and (a > 0 or b < len(side.words)):
        return "sentence"
    opened = cuts[a] in (CLAUSE, COMMA) and b - a >= 4
    return "clause" if opened or b - a >= 7 else "phrase"


def completeness(flags: Sequence[Flag]) -> float:
    """The probability that none of the flags holds; flags that overlap count once, with the surest."""
    p = 1.0
    last: dict[str, tuple[int, float]] = {}
    for flag in sorted((f for f in flags if f.relation != "moved"), key=lambda f: (f.side, f.start, -f.end)):
        end, sure = last.get(flag.side, (-1, 0.0))
        if flag.start < end:
            last[flag.side] = (max(end, flag.end), max(sure, flag.probability))
        else:
            p *= 1 - sure
            last[flag.side] = (flag.end, flag.probability)
    for _, sure in last.values():
        p *= 1 - sure
    return p


def scored(ar_texts: Sequence[str], en_texts: Sequence[str], encoder: Any, glossary: Glossary | None,
           min_probability: float | None) -> list[PairScore]:  # fmt: skip
    """See `score_pairs`."""
    if len(ar_texts) != len(en_texts):
        raise ValueError(f"{len(ar_texts)} Arabic and {len(en_texts)} English texts: expected one of each a pair")
    out = []
    glossary = _pairs(glossary) if glossary else None
    for ar, en in zip(ar_texts, en_texts, strict=True):
        sides = [_single(text, lang) for text, lang in ((ar, "ar"), (en, "en"))]
        alignment = Alignment((Bead(Span(0, 1), Span(0, 1), 0.0, 1.0),))
        every = judged(*sides, alignment, encoder, glossary, 0.02)
        flags = tuple(f for f in every.flags if f.probability >= (_threshold(f) if min_probability is None else min_probability))
        out.append(PairScore(completeness(every.flags), flags))
    return out


def _single(text: str, lang: str) -> Segmented:
    return Segmented(Document("", lang, text), (Segment(0, len(text), plain_letters(" ".join(text.split()))),))
