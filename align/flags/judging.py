"""From evidence to flags."""

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from os import PathLike
from typing import Any

import numpy as np

from ..lang.ar.letters import plain_letters
from ..data import Alignment, Bead, Document, Flag, Judged, Segment, Segmented, Span
from ..keyed import LoneKeys, are_keyed
from ..learnt import Network
from ..lang.names.lexicon import Lexicon, read_glossary, shipped_lexicon
from ..threads import one_blas_thread
from . import PairScore, calibration, lone, reader, spans, typed, untranslated
from . import units as unit_room
from .calibration import Candidate
from .evidence import Evidence, Side
from .moved import moved as moved_sentences
from .places import Places
from .spans import Candidates
from .tables import network, probability, table
from .together import Pair, States, Together
from .typed import Finding
from .words import CLAUSE, COMMA, SENTENCE

Glossary = str | PathLike[str] | Iterable[tuple[str, str]]
_OTHER = {"ar": "en", "en": "ar"}
_LISTED = 0.1  # from this probability on, sides without a doubtful word are passed over
_COVERED = -2.6  # log odds of a word that is surely covered
_LEAST_TYPED = -3.0  # log odds below which a fact or name is not looked at
_LONG = 0.7
_AROUND_BEADS = 30  # words before and after a bead that are read with it
_WINDOWS = 64  # beads whose windows are in memory together
_TELLING = 3  # words of content in a sentence that says something of its own
_LEAST = -3.0  # log odds below which a run of words is not worth listing
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
    return judged_together([(ar, en, alignment)], encoder, glossary, min_probability, [states])[0]


def judged_together(pairs: Sequence[Pair], encoder: Any, glossary: Glossary | None, min_probability: float | None,
                    states: Sequence[States | None] | None = None) -> list[Judged]:  # fmt: skip
    """See `judge_together`."""
    states = [None] * len(pairs) if states is None else states
    lexicon = _lexicon(glossary)
    flags: list[list[Flag]] = [[] for _ in pairs]
    alone = [k for k, (ar, en, _) in enumerate(pairs) if len(pairs) == 1 or are_keyed(ar.document, en.document)]
    rest = [k for k in range(len(pairs)) if k not in alone]
    with one_blas_thread():  # the products are small: threads would wait for one another
        for k in alone:
            flags[k] = collected(Evidence(*pairs[k], encoder, lexicon, states[k]), min_probability).flags()
        if rest:
            joined = Together.of([pairs[k] for k in rest], [states[k] for k in rest])
            found = collected(Evidence(*joined[:3], encoder, lexicon, joined.states, joined.numbers), min_probability).flags()
            for k, own in zip(rest, joined.apart(found), strict=True):
                flags[k] = own
    return [Judged(*pair, tuple(sorted(own, key=_in_order))) for pair, own in zip(pairs, flags, strict=True)]


def collected(evidence: Evidence, min_probability: float | None) -> "Collector":
    """All candidates of a pair of documents."""
    maker = Collector(evidence, min_probability)
    for beads in evidence.batches():
        maker.add_beads(beads)
    maker.add_units()
    return maker


def _lexicon(glossary: Glossary | None) -> Lexicon | None:
    if not glossary:
        return None
    if isinstance(glossary, str | PathLike):
        changed = os.stat(glossary).st_mtime_ns if os.path.isfile(glossary) else None
        return _read_lexicon(os.fspath(glossary), changed)
    return shipped_lexicon().with_glossary(glossary)


@lru_cache(maxsize=4)
def _read_lexicon(path: str, _changed: int | None) -> Lexicon:
    """The lexicon with a user's file, made once for all documents and pairs."""
    return shipped_lexicon().with_glossary(read_glossary(path))


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
def _typed_network(name: str) -> Network:
    return network("typed", name, typed.NAME_FEATURES if name == "name" else typed.FACT_FEATURES)


@dataclass(slots=True)
class _Run:
    """Words `a` to `b` of a side that a candidate flags."""

    candidate: Candidate
    side: Side
    a: int
    b: int


class Collector:
    """Collects what the detectors find in a pair of documents, and weighs it together."""

    def __init__(self, evidence: Evidence, least: float | None) -> None:
        self.evidence = evidence
        self.least = least
        self.places = {side: Places(document) for side, document in evidence.documents.items()}
        self.found: list[Candidate] = []
        self.runs: list[_Run] = []
        self.units: list[tuple[Candidate, unit_room.Unit]] = []
        self.headings: set[tuple[str, int]] = set()  # sides and places of headings that stand alone beside text
        self.free: dict[int, list[float]] = {}  # by document, how freely its beads are translated: the mean log odds of their words
        self.keys = LoneKeys(*(document.document for document in evidence.documents.values()))

    def add(self, bead: int, side: str, start: int, end: int, kind: str, relation: str, detector: str, odds: float,
            counterpart: tuple[int, int] | None, evidence: dict[str, object], values: dict[str, float],
            sure: float | None = None) -> Candidate:  # fmt: skip
        """Adds a candidate whose places are code points in the documents."""
        text = self.evidence.documents[side].document.text
        there = None
        if counterpart is not None:
            a, b = counterpart
            there = (a, b, self.evidence.documents[_OTHER[side]].document.text[a:b])
        flag = Flag(side, start, end, text[start:end], kind, relation, 0.0, "low", bead, there, evidence)
        self.found.append(Candidate(flag, detector, odds, values, sure))
        return self.found[-1]

    def described(self) -> list[Candidate]:
        """All candidates, with what is known of the beads and the documents that they stand in."""
        self._describe()
        self._look_around(self.found)
        return self.found

    def _describe(self) -> None:
        beads = self.evidence.alignment.beads
        free, lone = [], []
        for number, (first, stop) in enumerate(self.evidence.documents_beads):
            two_sided = sum(self.evidence.both[first:stop])
            free.append(float(np.mean(self.free[number])) if number in self.free else -4.0)
            lone.append(math.log((stop - first - two_sided + 0.5) / (two_sided + 0.5)))
        crowd = np.bincount([c.flag.bead for c in self.found], minlength=len(beads))
        for c in self.found:
            bead, number = beads[c.flag.bead], int(self.evidence.numbers[c.flag.bead])
            c.values |= {"confidence": calibration.log_of(bead.confidence), "similar": bead.sim, "segments": len(bead.ar) + len(bead.en),
                         "free": free[number], "lone": lone[number], "crowd": math.log1p(int(crowd[c.flag.bead]))}  # fmt: skip

    def flags(self) -> list[Flag]:
        """What is shown."""
        self._describe()
        # Only for what may be shown is it worth reading what stands around.
        found = [c for c, most in zip(self.found, calibration.probabilities(self.found, most=True).tolist(), strict=True) if self._is_shown(c, most)]
        self._look_around(found)
        out = []
        for candidate, p in zip(found, calibration.probabilities(found).tolist(), strict=True):
            if self._is_shown(candidate, p):
                candidate.flag = replace(candidate.flag, probability=round(p, 4), severity=severity(candidate.flag, p))
                out.append(candidate)
        shown = {id(c) for c in out}
        self._meet([run for run in self.runs if id(run.candidate) in shown], [(c, unit) for c, unit in self.units if id(c) in shown and c.sure is None])
        copied = {c.flag.bead for c in out if c.flag.kind == "untranslated"}  # their words answer nothing that could be compared
        return [c.flag for c in out if c.flag.kind == "untranslated" or c.flag.bead not in copied] + self._single_words()

    def _is_shown(self, candidate: Candidate, p: float) -> bool:
        return p >= (_threshold(candidate.flag) if self.least is None else self.least)

    def _look_around(self, candidates: Sequence[Candidate]) -> None:
        """What the reader says of candidates when the words around their beads are read as well."""
        by_bead: dict[int, list[tuple[Candidate, tuple[int, int]]]] = {}
        for candidate in candidates:
            if candidate.spot is not None:
                by_bead.setdefault(candidate.flag.bead, []).append((candidate, candidate.spot))
        beads = sorted(by_bead)
        for start in range(0, len(beads), _WINDOWS):
            some = beads[start : start + _WINDOWS]
            found = dict(zip(some, self.evidence.windows(some, _AROUND_BEADS), strict=True))
            read = self._read([(bead, sides) for bead, (sides, _) in found.items()])
            for bead, odds in read.items():
                within, begins = found[bead]
                for candidate, (a, b) in by_bead[bead]:
                    side = candidate.flag.side
                    candidate.values |= calibration.in_window(within[side], odds[side], begins[side] + a, begins[side] + b)

    def add_units(self) -> None:
        """Segments that the aligner left alone."""
        found = unit_room.units(self.evidence)
        for unit, odds in zip(found, unit_room.log_odds(found).tolist(), strict=True):
            segment = self.evidence.documents[unit.side].segments[unit.index]
            if not says_something(segment.form) or self.keys.is_form(unit.side, segment.start):
                continue
            kind = _KINDS_ALONE.get(segment.kind, "sentence")
            key = self.keys.lone(unit.side, segment.start)
            if key is not None:
                unit.moved, unit.nearest = False, None
            start, end = self.places[unit.side].span(unit.index, 0, len(segment.form))
            near = unit.place
            if near is None and unit.nearest is not None and (unit.moved or unit.row[1] > 0.5):
                there = self.evidence.documents[_OTHER[unit.side]].segments[unit.nearest]
                near = (there.start, there.end)
            why = f"the other version has nothing under the key {key}" if key is not None else _WHY_ALONE[kind]
            if unit.moved:
                why = _MOVED
            evidence = {"why": why, "nearest": round(float(unit.row[1]), 3), "beside": round(float(unit.row[0]), 3)}
            candidate = self.add(unit.bead, unit.side, start, end, kind, "moved" if unit.moved else "only", "unit", odds, near,
                                 evidence, calibration.of_unit(unit), _SURE_OF_KEYS if key is not None else None)  # fmt: skip
            self.units.append((candidate, unit))
            words = np.flatnonzero(self.evidence.words(unit.side, unit.bead).segment == unit.index)
            if len(words):
                candidate.spot = int(words[0]), int(words[-1]) + 1

    def _meet(self, runs: Sequence[_Run], alone: Sequence[tuple[Candidate, unit_room.Unit]]) -> None:
        """Calls a unit moved when a flagged run of words of the other side says the same, and that run too."""
        for candidate, unit in alone:
            line = self.evidence.lines[unit.side][unit.index]
            if not len(line.vectors):
                continue
            gates = line.gates * (np.array(line.content) + 0.2)
            for run in runs:
                flag = run.candidate.flag
                if flag.side == unit.side or flag.relation == "moved" or flag.bead not in self.evidence.reach(unit.bead, unit_room.REACH):
                    continue
                words = run.side.words
                weights = words.gates[run.a : run.b] * (words.content[run.a : run.b] + 0.2)
                if unit_room.alike(words.vectors[run.a : run.b], weights / weights.sum(), line.vectors, gates) < unit_room.MET:
                    continue
                own = candidate.flag
                run.candidate.flag = _met(flag, own)
                candidate.flag = _met(own, flag)
                break

    def add_beads(self, beads: Sequence[int]) -> None:
        """What stands alone inside two-sided beads."""
        found = [self.evidence.findings(bead) for bead in beads]
        every = list(zip(beads, found, self.evidence.many_sides(beads, found), strict=True))
        self.add_freedom([sides for _, _, sides in every], beads)
        doubtful = [(n, side) for n, (_, _, sides) in enumerate(every) if _has_words(sides) for side in sides.values() if self.is_doubtful(side)]
        wanted = {n for n, (_, items, _) in enumerate(every) if items} | {n for n, _ in doubtful}
        read = self._read([(n, every[n][2]) for n in sorted(wanted)])
        runs = spans.candidates([side for _, side in doubtful], [
            self.evidence.expected(side.lang, len(every[n][2][_OTHER[side.lang]].text.text), every[n][0]) for n, side in doubtful],
            [read[n][side.lang] for n, side in doubtful])  # fmt: skip
        odds = spans.many_log_odds([side.lang for _, side in doubtful], runs)
        for (n, side), run, some in zip(doubtful, runs, odds, strict=True):
            self._whole_sentences(side, every[n][2][_OTHER[side.lang]], run, some)
        for n, (bead, items, sides) in enumerate(every):
            self.add_typed(bead, items, sides, read.get(n))
            self.add_headings(bead)
            self.add_untranslated(bead)
            if n in read:
                self.add_moved(bead, sides, read[n])
        for (n, side), run, some in zip(doubtful, runs, odds, strict=True):
            self.add_runs(*every[n], side, read[n], run, some)

    def add_freedom(self, every: Sequence[Mapping[str, Side]], beads: Sequence[int]) -> None:
        """How freely some beads are translated, of which both sides are given."""
        for sides, bead in zip(every, beads, strict=True):
            if _has_words(sides):
                self.free.setdefault(int(self.evidence.numbers[bead]), []).extend(float(side.odds.mean()) for side in sides.values())

    def _read(self, beads: Sequence[tuple[int, Mapping[str, Side]]]) -> dict[int, dict[str, np.ndarray]]:
        """What the reader says of the words of beads, by number and side."""
        rows = [np.concatenate([reader.inputs(sides["ar"]), reader.inputs(sides["en"])]) for _, sides in beads if _has_words(sides)]
        kept = [(n, sides) for n, sides in beads if _has_words(sides)]
        odds = reader.log_odds([(row, len(sides["ar"].words)) for row, (_, sides) in zip(rows, kept, strict=True)])
        return {n: {"ar": some[: len(sides["ar"].words)], "en": some[len(sides["ar"].words) :]} for (n, sides), some in zip(kept, odds, strict=True)}

    def add_untranslated(self, bead: int) -> None:
        """The segments of a two-sided bead that were left in the other language."""
        for lang, document in self.evidence.documents.items():
            other = self.evidence.documents[_OTHER[lang]].segments
            answers = [other[i] for i in self.evidence.texts[_OTHER[lang]][bead].indices]
            for index in self.evidence.texts[lang][bead].indices:
                form = document.segments[index].form
                if answers and untranslated.is_untranslated(lang, form):
                    place = self.places[lang].span(index, 0, len(form))
                    self.add(bead, lang, *place, "untranslated", "mismatch", "unit", calibration.log_of(untranslated.SURE),
                             (answers[0].start, answers[-1].end), {"why": "this stands in the language of the other version"}, {}, untranslated.SURE)  # fmt: skip

    def add_headings(self, bead: int) -> None:
        """Headings of a two-sided bead that stand before what the other side has without any."""
        segments = {lang: [(k, self.evidence.documents[lang].segments[k]) for k in self.evidence.texts[lang][bead].indices]
                    for lang in self.evidence.documents}  # fmt: skip
        for lang, own in segments.items():
            other = [segment for _, segment in segments[_OTHER[lang]]]
            headings = [(k, segment) for k, segment in own if segment.kind == "heading"]
            if not headings or len(own) <= len(other) or len(headings) == len(own) or any(s.kind == "heading" for s in other):
                continue
            for k, segment in headings:
                place = self.places[lang].span(k, 0, len(segment.form))
                self.headings.add((lang, place[0]))
                self.add(bead, lang, *place, "heading", "only", "unit", calibration.log_of(_BESIDE_TEXT), (other[0].start, other[-1].end),
                         {"why": "a heading before a text that has none in the other version"}, {}, _BESIDE_TEXT)  # fmt: skip

    def is_doubtful(self, side: Side) -> bool:
        """Whether any word of a side may be uncovered."""
        return (self.least is not None and self.least < _LISTED) or side.odds.max() >= _COVERED or side.ratio >= _LONG

    def add_moved(self, bead: int, sides: Mapping[str, Side], read: Mapping[str, np.ndarray]) -> None:
        """Sentences of the bead that stand in another order, on both sides."""
        for found in moved_sentences(sides["ar"].words, sides["en"].words):
            spots = {lang: getattr(found, lang) for lang in ("ar", "en")}
            places = {lang: self.place(sides[lang], *spot) for lang, spot in spots.items()}
            for lang, place in places.items():
                values = calibration.of_words(sides[lang], sides[_OTHER[lang]], read[lang], read[_OTHER[lang]], *spots[lang])
                candidate = self.add(bead, lang, *place, "sentence", "moved", "moved", 10 * (found.sim - 0.5), places[_OTHER[lang]],
                                     {"why": "this sentence stands at another place in the other version", "sim": round(found.sim, 3)}, values)  # fmt: skip
                candidate.spot = spots[lang]

    def place(self, side: Side, a: int, b: int) -> tuple[int, int]:
        """Where words `a` to `b` of a side stand in its document."""
        starts, ends = side.starts, side.ends
        return side.text.place(self.places[side.lang], int(starts[a]), int(ends[b - 1]))

    def add_typed(self, bead: int, items: Sequence[Finding], sides: Mapping[str, Side], read: Mapping[str, np.ndarray] | None) -> None:
        """Facts and names that differ or stand alone."""
        for item, odds in zip(items, typed_odds(items, sides), strict=True):
            if odds < _LEAST_TYPED and self.least is None:
                continue
            side = sides[item.side]
            start, end = side.text.place(self.places[item.side], item.start, item.end)
            other = _OTHER[item.side]
            there = None
            if item.counterpart is not None:
                there = self.evidence.texts[other][bead].place(self.places[other], *item.counterpart)
            elif item.elsewhere is not None:
                k, a, b = item.elsewhere
                there = self.evidence.texts[other][k].place(self.places[other], a, b)
            values = calibration.of_finding(item)
            spot = np.flatnonzero((side.starts < item.end) & (side.ends > item.start))
            if read is not None and len(spot):
                values |= calibration.of_words(side, sides[other], read[item.side], read[other], int(spot[0]), int(spot[-1]) + 1)
            candidate = self.add(bead, item.side, start, end, item.kind, item.relation, "name" if item.kind == "name" else "fact", odds, there,
                                 {"why": item.why, **item.evidence}, values,
                                 table("grounds")["placeholder"] if item.kind == "placeholder" else None)  # fmt: skip
            candidate.twin = (bead, item.kind, item.twin) if item.twin >= 0 else None
            if read is not None and len(spot):
                candidate.spot = int(spot[0]), int(spot[-1]) + 1

    @cached_property
    def floor(self) -> float:
        """Log odds below which no run of words is looked at."""
        return _LEAST if self.least is None else min(_LEAST, math.log(max(self.least, 1e-3)))

    def add_runs(self, bead: int, items: Sequence[Finding], sides: Mapping[str, Side], side: Side, read: Mapping[str, np.ndarray],
                 runs: Candidates, odds: np.ndarray) -> None:  # fmt: skip
        """Runs of words without counterpart."""
        own = read[side.lang]
        best = spans.chosen(runs, spans.weighed(side, runs, odds, own), self.floor)
        starts, ends = side.starts, side.ends
        named, typed_words = np.zeros(len(starts), bool), np.zeros(len(starts), bool)
        for item in items:
            if item.side == side.lang:
                named |= (starts < item.end) & (ends > item.start)
        for a, b in self.evidence.typed_places(bead, side.lang):
            typed_words |= (starts < b) & (ends > a)
        other = sides[_OTHER[side.lang]]
        for k in best:
            a, b = int(runs.starts[k]), int(runs.stops[k])
            content = side.words.content[a:b]
            # names and numbers alone are the business of their own detector
            if not (content & ~typed_words[a:b]).any() or (named[a:b].any() and int((content & ~named[a:b]).sum()) < 2):
                continue
            kind = kind_of(side, a, b)
            values = calibration.of_words(side, other, own, read[other.lang], a, b)
            start, end = self.place(side, a, b)
            if (side.lang, start) in self.headings:
                continue
            why = f"the other version has little that answers these words (cover {values.get('cover', 0):.2f})"
            candidate = self.add(bead, side.lang, start, end, kind, "only", "sentence" if kind == "sentence" else "run", float(odds[k]),
                                 self.nearest(side, other, a, b), {"why": why, "cover": round(values.get("cover", 0), 3), "content": int(content.sum())},
                                 values)  # fmt: skip
            candidate.spot = a, b
            if content.sum() >= _TELLING:
                self.runs.append(_Run(candidate, side, a, b))

    def _single_words(self) -> list[Flag]:
        """Every word with its log odds, where all is to be listed."""
        if self.least is None or self.least > 0:
            return []
        out = []
        for beads in self.evidence.batches():
            found = [self.evidence.findings(bead) for bead in beads]
            every = dict(zip(beads, self.evidence.many_sides(beads, found), strict=True))
            read = self._read(list(every.items()))
            for bead, sides in every.items():
                for lang, side in sides.items() if bead in read else ():
                    for i in range(len(side.words)):
                        start, end = self.place(side, i, i + 1)
                        p = 0.9 * probability(0.5 * float(side.odds[i]) + 0.5 * float(read[bead][lang][i]))
                        out.append(Flag(lang, start, end, self.evidence.documents[lang].document.text[start:end], "phrase", "only", round(p, 4), "low", bead,
                                        None, {"why": "a single word", "cover": round(float(side.rows[i, 0]), 3)}))  # fmt: skip
        return out

    def _whole_sentences(self, side: Side, other: Side, runs: Candidates, odds: np.ndarray) -> None:
        """Raises the odds of runs that are whole sentences to what the sentences as such tell."""
        starts, stops, rows = lone.rows(side, other.words, side.odds)
        for a, b, value in zip(starts.tolist(), stops.tolist(), lone.log_odds(side.lang, rows).tolist(), strict=True):
            same = (runs.starts == a) & (runs.stops == b)
            # a sentence that has no counterpart is named whole, not by its worst clause
            inside = odds[(runs.starts >= a) & (runs.stops <= b)].max(initial=-np.inf)
            odds[same] = np.maximum(odds[same], max(value, inside + 0.01) if value > 0 else value)

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


_MOVED = "this stands elsewhere in the other version"


def _met(flag: Flag, there: Flag) -> Flag:
    """A flag whose content stands where another flag of the other side is."""
    return replace(flag, relation="moved", severity="medium" if flag.severity == "high" else flag.severity,
                   counterpart=(there.start, there.end, there.text), evidence={**flag.evidence, "why": _MOVED})  # fmt: skip


def _has_words(sides: Mapping[str, Side]) -> bool:
    return all(len(side.words) and side.words.vectors.shape[1] > 1 for side in sides.values())


_HIGH = 0.5
_MEDIUM = 0.4


def severity(flag: Flag, p: float) -> str:
    """How much a reader would mind, from what it is, how much of it there is and how likely it holds."""
    content = int(flag.evidence.get("content", 3))
    if flag.kind == "boilerplate" or (flag.kind == "phrase" and content < 2) or "reference" in flag.evidence.get("grounds", ()):
        return "low"
    if flag.relation == "moved":
        return "medium" if p >= _MEDIUM else "low"
    large = flag.kind in ("number", "date", "name", "placeholder", "sentence", "clause", "untranslated")
    if large and p >= _HIGH:
        return "high"
    return "medium" if p >= _MEDIUM or large else "low"


def typed_odds(items: Sequence[Finding], sides: Mapping[str, Side]) -> list[float]:
    """The log odds of findings; both sides of a mismatch as the surer one, doubtful ones less by what stands around them."""
    found = []
    for item in items:
        ground = next((g for g in item.evidence.get("grounds", ()) if g in typed.STRUCTURAL), None)
        odds = calibration.log_of(table("grounds")[ground]) if ground else typed_log_odds(item, sides[item.side])
        found.append(odds - _DOUBT if item.doubtful and not is_bare(item, sides[item.side]) else odds)
    surest: dict[tuple[str, int], float] = {}
    for item, odds in zip(items, found, strict=True):
        if item.twin >= 0:
            surest[item.kind, item.twin] = max(odds, surest.get((item.kind, item.twin), -math.inf))
    return [surest.get((item.kind, item.twin), odds) for item, odds in zip(items, found, strict=True)]


_HALF_COVERED = -2.0
_AROUND = 4  # words to each side of a finding that are looked at
_DOUBT = 2.0  # log odds that a doubtful finding loses
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


def flagged_pairs(ar_texts: Sequence[str], en_texts: Sequence[str], encoder: Any, glossary: Glossary | None,
           min_probability: float | None) -> list[PairScore]:  # fmt: skip
    """The flags of pairs, and the probability that no candidate of any holds."""
    if len(ar_texts) != len(en_texts):
        raise ValueError(f"{len(ar_texts)} Arabic and {len(en_texts)} English texts: expected one of each a pair")
    out = []
    with one_blas_thread():  # the products are small: threads would wait for one another
        for start in range(0, len(ar_texts), _PAIRS):
            part = slice(start, start + _PAIRS)
            out += scores_of(*evidence_of_pairs(ar_texts[part], en_texts[part], encoder, glossary), min_probability)
    return out


_PAIRS = 500  # pairs that are looked at together


def evidence_of_pairs(ar_texts: Sequence[str], en_texts: Sequence[str], encoder: Any, glossary: Glossary | None) -> tuple[Together, Evidence]:
    """Pairs as documents of one bead each, and what is known of them."""
    alignment = Alignment((Bead(Span(0, 1), Span(0, 1), 0.0, 1.0),))
    pairs = [(_single(ar, "ar"), _single(en, "en"), alignment) for ar, en in zip(ar_texts, en_texts, strict=True)]
    joined = Together.of(pairs, [None] * len(pairs))
    return joined, Evidence(*joined[:3], encoder, _lexicon(glossary), joined.states, joined.numbers)


def scores_of(joined: Together, evidence: Evidence, min_probability: float | None) -> list[PairScore]:
    """Scores of `evidence_of_pairs`."""
    found = collected(evidence, min_probability)
    flags = joined.apart(sorted(found.flags(), key=_in_order))
    told: list[list[Flag]] = [[] for _ in evidence.both]
    for c in found.found:
        told[c.flag.bead].append(replace(c.flag, probability=calibration.in_a_pair(c)))
    return [PairScore(completeness(some), tuple(own)) for some, own in zip(told, flags, strict=True)]


def _in_order(flag: Flag) -> tuple[int, str, int, int]:
    """Where a flag stands in reading order, the Arabic first."""
    return flag.bead, flag.side, flag.start, -flag.end


def _single(text: str, lang: str) -> Segmented:
    return Segmented(Document("", lang, text), (Segment(0, len(text), plain_letters(" ".join(text.split()))),))
