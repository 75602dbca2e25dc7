"""Numbers, dates and names of beads: what the other side answers, and what it does not."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from ..lang import facts as fact_room
from ..lang.en import clauses
from ..lang.facts import Comparison, Fact
from ..lang.names import NameAlert
from ..lang.names.comparison import NameComparison
from ..lang.names.find import Analysed

FACT_FEATURES = ("weight", "sure", "date", "mismatch", "affinity", "near", "far", "rivals", "repeated", "odds")
NAME_FEATURES = ("strength", "mismatch", "acronym", "latin", "words", "odds", "arabic")

_WEAK = 0.29  # names no surer than this are ordinary words as a rule (كنت), which the words' own detector judges
_REACH = 100  # beads to each side in which a fact is looked for


class NamesOfBeads(Protocol):
    """The names of one pair of documents, or of several: what each bead's texts hold, and how its names answer each other."""

    beads: list[tuple[Analysed, Analysed]]

    def compare(self, bead: int) -> NameComparison:
        """What answers what in a bead."""


@dataclass(slots=True)
class Finding:
    """A fact or name without counterpart, in code points of the bead's text; `row` holds what is known of it.

    The two sides of a mismatch have one number as `twin`. What is `doubtful` is shown only with a second ground: words
    around it that nothing answers.
    """

    side: str
    start: int
    end: int
    kind: str
    relation: str
    row: list[float]
    why: str
    counterpart: tuple[int, int] | None = None
    elsewhere: tuple[int, int, int] | None = None
    evidence: dict[str, Any] = field(default_factory=dict)
    twin: int = -1
    doubtful: bool = False


class Facts:
    """The facts of all beads; `reach` gives the beads of the same document up to so far from one, where there are several."""

    def __init__(self, ar_texts: Sequence[str], en_texts: Sequence[str], reach: Callable[[int, int], range] | None = None) -> None:
        self._reach = reach or (lambda bead, most: range(max(0, bead - most), min(len(ar_texts), bead + most + 1)))
        self._texts = {"ar": ar_texts, "en": en_texts}
        self._facts = {
            "ar": [fact_room.extract(text, "ar", hints=True) for text in ar_texts],
            "en": [fact_room.extract(text, "en", hints=True) for text in en_texts],
        }
        self.compared = [
            fact_room.compare(ar, en, texts=(ar_text, en_text)) if ar_text and en_text else Comparison()
            for ar, en, ar_text, en_text in zip(self._facts["ar"], self._facts["en"], ar_texts, en_texts, strict=True)
        ]

    def explained(self, bead: int, side: str) -> list[tuple[int, int]]:
        """The places of the facts that the other side answers."""
        return [(f.start, f.end) for f in (getattr(m, side) for m in self.compared[bead].matched)]

    def places(self, bead: int, side: str) -> list[tuple[int, int]]:
        """The places of all facts."""
        return [(f.start, f.end) for f in self._facts[side][bead] if f.kind != "hint"]

    def findings(self, bead: int) -> list[Finding]:
        """The facts of a bead that differ or stand alone."""
        comparison = self.compared[bead]
        out = []
        for number, m in enumerate(comparison.mismatches):
            for side, own, other in (("ar", m.ar, m.en), ("en", m.en, m.ar)):
                near, far, _ = self._elsewhere(bead, side, own)
                row = [m.weight, m.weight**4, own.family == "date", 1.0, m.affinity, near, far, 0.0, 0.0, 0.0]
                why = f"“{own.text}” stands where the other version says “{other.text}”"
                start, end = (own.start, own.end) if m.why in COVERED else own.core
                grounds = {"grounds": ["placeholder"]} if own.family == "placeholder" else {}
                out.append(Finding(side, start, end, own.family, "mismatch", row, why, (other.start, other.end),
                                   evidence={"weight": m.weight, "affinity": m.affinity, "differs": m.why, **grounds}, twin=number))  # fmt: skip
        for u in comparison.only:
            if u.fact.form == "marker" or _is_idle(u):
                continue  # the number of a paragraph or an item, which versions set or leave out
            near, far, place = self._elsewhere(bead, u.side, u.fact)
            s = u.strength
            row = [s.weight, s.weight**4, u.fact.family == "date", 0.0, 0.0, near, far, min(s.rivals, 3), s.repeated, 0.0]
            relation = "moved" if place is not None else "only"
            why = f"nothing in the pair answers “{u.fact.text}”" + ("; it stands elsewhere" if place is not None else "")
            grounds = {"grounds": ["placeholder"]} if u.fact.family == "placeholder" else {}
            text = self._texts[u.side][bead]
            if is_reference(text, u.fact.start, u.fact.end):
                grounds = {"grounds": ["reference"]}
                last = out[-1] if out else None
                if last is not None and last.side == u.side and last.evidence.get("grounds") == ["reference"] and text[last.end : u.fact.start] in _JOINTS:
                    last.end, last.row = u.fact.end, max(last.row, row)
                    last.why = f"nothing in the pair answers “{text[last.start : last.end]}”"
                    continue
            out.append(Finding(u.side, u.fact.start, u.fact.end, u.fact.family, relation, row, why, elsewhere=place,
                               evidence={"weight": s.weight, "kind": u.fact.kind, **grounds}, doubtful=_is_doubtful(u, relation)))  # fmt: skip
        return out

    def _elsewhere(self, bead: int, side: str, fact: Fact) -> tuple[float, float, tuple[int, int, int] | None]:
        """Whether a neighbouring bead, or any, has the fact on the other side; and where it does so unanswered."""
        other = "en" if side == "ar" else "ar"
        near = far = 0.0
        place = None
        for k in self._reach(bead, _REACH):
            if k == bead or not self._facts[other][k]:
                continue
            found = fact_room.find_value(fact, self._facts[other][k])
            if found is None:
                continue
            far = 1.0
            lone = self._is_alone(k, other, found)
            if abs(k - bead) == 1:
                near = max(near, 1.0 if lone else 0.5)
            if lone and (place is None or abs(k - bead) < abs(place[0] - bead)):
                place = (k, found.start, found.end)
        return near, far, place

    def _is_alone(self, bead: int, side: str, fact: Fact) -> bool:
        """Whether a fact of a bead has no counterpart there."""
        comparison = self.compared[bead]
        return not any(getattr(m, side) is fact for m in comparison.matched)


_BRACKETED = re.compile(r"[(\[{﴿][^()\[\]{}﴿﴾]{0,24}$")
_CLOSED = re.compile(r"[^()\[\]{}﴿﴾]{0,12}[)\]}﴾]")
_NOTED = re.compile(r"[^\W\d_]$|\D[.,;:!?”’\"»؟،؛]$")
_LONGEST_NOTE = 3
_JOINTS = (":", ": ", "/", "-", "–")


def is_reference(text: str, start: int, end: int) -> bool:
    """Whether digits refer to another place, as versions do or do not at will: a verse or a source in brackets (2:158), the
    number of a note behind a word."""
    start, end = _whole_reference(text, start, end)
    if not text[start:end].replace(":", "").replace("/", "").isdecimal():
        return False
    if (closed := _CLOSED.match(text, end)) and (before := _BRACKETED.search(text, max(0, start - 25), start)):
        ahead, behind = (any(map(str.isalpha, part)) for part in (text[before.start() + 1 : start], text[end : closed.end() - 1]))
        return not behind and (":" in text[start:end] or (end - start <= _LONGEST_NOTE and not ahead))  # (15:30 GMT) is a time
    return end - start <= _LONGEST_NOTE and _NOTED.search(text, max(0, start - 2), start) is not None and text[end : end + 1] in ("", " ", "\n")


def _whole_reference(text: str, start: int, end: int) -> tuple[int, int]:
    """The chapter and the verse of which digits are one."""
    if text[end : end + 1] == ":" and (behind := _DIGITS.match(text, end + 1)):
        end = behind.end()
    elif text[start - 1 : start] == ":" and (before := _DIGITS_BEFORE.search(text, max(0, start - 5), start - 1)):
        start = before.start()
    return start, end


_DIGITS, _DIGITS_BEFORE = re.compile(r"\d{1,3}(?!\d)"), re.compile(r"(?<!\d)\d{1,3}$")


COVERED = ("unit", "sign")
"""What may differ between facts whose words answer each other: their cover tells nothing, and the number is not named alone."""



def _is_doubtful(u: fact_room.Unmatched, relation: str) -> bool:
    """Whether a fact is too common for its absence to tell: one and two, the dual of what is also another word, and what
    merely stands elsewhere unless it is a date, a measure or a large number."""
    if u.fact.family == "placeholder":
        return False
    if u.fact.form == "dual":
        return True
    if u.fact.family == "date" or (u.strength.measured and getattr(u.fact.value, "unit", "") != "times"):
        return False
    return u.strength.small or (relation == "moved" and u.strength.magnitude < _LARGE)


def _is_idle(u: fact_room.Unmatched) -> bool:
    """Whether a fact is one or two in words: an article, a pronoun or an adverb in the other language as a rule."""
    return u.strength.small and u.fact.form == "words" and not u.strength.measured and u.fact.kind in ("number", "ordinal")


_LARGE = 2.0  # the common logarithm from which on a number is hardly said twice by chance


def name_findings(names: NamesOfBeads, bead: int) -> list[Finding]:
    """The names of a bead that stand alone or replace one another."""
    english = names.beads[bead][1].text
    alerts = [a for a in names.compare(bead).alerts if a.strength > _WEAK and not _is_usual(a) and not _is_adjective(a)
              and not _is_spelled_out(a.name.text, english)]  # fmt: skip
    found = [_name(a) for a in alerts]
    places = {(a.side, a.name.start, a.name.end): k for k, a in enumerate(alerts)}
    for k, (alert, item) in enumerate(zip(alerts, found, strict=True)):
        other = "en" if alert.side == "ar" else "ar"
        twin = places.get((other, *alert.nearest)) if alert.nearest else None
        if alert.relation == "mismatch" and twin is not None:
            item.twin = min(k, twin)
    return found


_ADJECTIVE = 0.4  # Arabic forms of places that may be adjectives or other words are no surer (صورته)


def _is_adjective(alert: NameAlert) -> bool:
    """Whether an Arabic word names a place by its stem alone."""
    single = alert.name.kind == "known" and alert.side == "ar" and len(alert.name.text.split()) == 1
    return single and alert.relation == "only" and alert.strength <= _ADJECTIVE


def _is_spelled_out(name: str, text: str) -> bool:
    """Whether a name is an acronym whose words stand in the English of the bead: SVM beside support vector machines."""
    if not (name.isascii() and name.isupper() and _FEWEST_INITIALS <= len(name) <= _MOST_INITIALS):
        return False
    words = _WORD.findall(text)
    return any(name.lower() in "".join(word[0] for word in some).lower()
               for some in (words, [word for word in words if not clauses.is_function(word.lower())]))  # fmt: skip


_FEWEST_INITIALS, _MOST_INITIALS = 3, 6  # of two letters there are words by chance
_WORD = re.compile("[A-Za-z]+")


def _is_usual(alert: NameAlert) -> bool:
    """Whether one version gives a part of a name more than the other: a given name, a title's name, as all translators do."""
    return alert.relation == "only" and "partly found" in alert.why and len(alert.name.text.split()) == 1


def is_place(item: Finding) -> bool:
    """Whether a finding surely is a conventional name, which any other of its sort covers: Indonesia, الهند."""
    return "known" in item.evidence.get("grounds", ()) and item.row[0] >= _KNOWN


_KNOWN = 0.6


def _is_perhaps_ordinary(alert: NameAlert) -> bool:
    """Whether an Arabic name may be ordinary words: an institution or a thing named by such (كرة القدم), or a word that no
    list holds and that does not look foreign enough."""
    return alert.side == "ar" and alert.strength <= (_TERM if alert.name.kind == "known" else _UNSURE)


_TERM, _UNSURE = 0.35, 0.43
STRUCTURAL = frozenset(("part", "direction", "place", "placeholder"))
"""Grounds on which two names contradict each other, or a placeholder is missing, whatever their words' cover says."""


def _name(alert: NameAlert) -> Finding:
    name = alert.name
    row = [alert.strength, alert.relation == "mismatch", name.kind == "acronym", name.kind == "latin",
           np.log1p(len(name.text.split())), 0.0, alert.side == "ar"]  # fmt: skip
    if alert.relation == "mismatch":
        why = f"another name stands where “{name.text}” is expected"
    elif alert.relation == "moved":
        why = f"“{name.text}” stands elsewhere in the other version"
    else:
        why = f"nothing in the pair answers the name “{name.text}”"
    doubtful = (alert.relation == "moved" or "elsewhere in the document" in alert.why
                or (alert.relation == "only" and (name.kind == "acronym" or _is_perhaps_ordinary(alert))))  # fmt: skip
    return Finding(alert.side, name.start, name.end, "name", alert.relation, [float(x) for x in row], why, alert.nearest,
                   evidence={"strength": alert.strength, "grounds": list(alert.why)}, doubtful=doubtful)  # fmt: skip


def explained_names(names: NamesOfBeads, bead: int, side: str) -> list[tuple[int, int]]:
    """The places of names that the other side answers."""
    return [getattr(match, side) for match in names.compare(bead).matched]
