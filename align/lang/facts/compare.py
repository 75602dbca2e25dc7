"""Facts of two versions set against each other: which agree, which contradict, which stand in one version only."""

from collections.abc import Sequence

from ...faults import guarded
from .. import tables
from . import placeholders
from .agreement import agreement
from .carried import unmatched
from .comparison import Comparison, Match, Mismatch, Side, Strength, Unmatched, reach
from .explained import drop_sections, drop_shares, drop_sums, explain, is_telling
from .replaced import mismatches, unit_mismatches
from .types import Fact

_APART = tables.weights("facts/weights")["agreement"]["apart"]
_SAME = tables.weights("facts/weights")["enough"]["repeated"]
_NOTHING = Comparison()
MOST_FACTS = 2_000  # of both sides together; the work grows with the product


@guarded(lambda *_, **__: _NOTHING)
def compare(ar: Sequence[Fact], en: Sequence[Fact], lengths: tuple[int, int] | None = None,
            texts: tuple[str, str] | None = None) -> Comparison:  # fmt: skip
    """Sets the facts of an aligned pair against each other, one to one.

    Pass what `extract(..., hints=True)` gives: hints explain numbers but are never reported missing. `lengths` are those
    of the two texts in code points; without them the order of the facts tells which stand in each other's place. With
    the `texts` themselves, words that are no facts can answer an ordinary reading of a fact (Monday, both). Where both
    sides have more than MOST_FACTS, as in a table on one line, nothing is compared.
    """
    if not ar and not en or len(ar) + len(en) > MOST_FACTS:
        return _NOTHING
    if any(fact.kind == "placeholder" for fact in (*ar, *en)):
        return _with_placeholders(ar, en, lengths, texts)
    left = Side("ar", ar, lengths[0] if lengths else 0, texts[0] if texts else "")
    right = Side("en", en, lengths[1] if lengths else 0, texts[1] if texts else "")
    matches = _match(left, right)
    if left.rest or right.rest:
        drop_sections(left, right)
        drop_sections(right, left)
        for side, other in ((left, right), (right, left)):
            if side.rest and other.rest:
                drop_sums(side, other)
                drop_shares(side, other)
        explain(left, right)
        explain(right, left)
    found = mismatches(left, right) if left.rest and right.rest else []
    only = [unmatched(left, right, f) for f in left.rest if f.kind != "code" or is_telling(f, right)]
    only += [unmatched(right, left, f) for f in right.rest if f.kind != "code" or is_telling(f, left)]
    found += unit_mismatches(matches)
    return Comparison(tuple(matches), tuple(found), tuple(only))


def _with_placeholders(ar: Sequence[Fact], en: Sequence[Fact], lengths: tuple[int, int] | None,
                       texts: tuple[str, str] | None) -> Comparison:  # fmt: skip
    """The comparison of versions with placeholders, which answer placeholders alone, or a number said in words."""
    marks, others = ([[f for f in side if (f.kind == "placeholder") is wanted] for side in (ar, en)] for wanted in (True, False))
    pairs, ar_alone, en_alone = placeholders.pair(*marks)
    ar_alone, en_told = placeholders.told_in_words(ar_alone, others[1])
    en_alone, ar_told = placeholders.told_in_words(en_alone, others[0])
    found = compare(*others, lengths, texts)
    told = {id(fact) for fact in (*ar_told, *en_told)}
    both = min(len(ar_alone), len(en_alone))
    return Comparison(
        (*found.matched, *(Match(a, e, 1.0) for a, e in pairs)),
        (*found.mismatches, *(Mismatch(a, e, 1.0, 1.0, "placeholder") for a, e in zip(ar_alone, en_alone, strict=False))),
        (*(one for one in found.only if id(one.fact) not in told),
         *(Unmatched("ar", fact, _OF_PLACEHOLDERS) for fact in ar_alone[both:]),
         *(Unmatched("en", fact, _OF_PLACEHOLDERS) for fact in en_alone[both:])),
    )  # fmt: skip


_OF_PLACEHOLDERS = Strength("placeholder", "digits", 0.0, False, False, False, False, False, False, 0, 1.0)


def _match(left: Side, right: Side) -> list[Match]:
    candidates = []
    for i, a in enumerate(left.real):
        for j in reach(i, len(left.real), len(right.real)):
            e = right.real[j]
            score, difference = agreement(a, e)
            if score:
                candidates.append((score - _APART * abs(left.place(a) - right.place(e)), score, difference, i, j))
    if not candidates:
        return []
    candidates.sort(key=lambda c: -c[0])
    taken_left: set[int] = set()
    taken_right: set[int] = set()
    matches = []
    for _, score, difference, i, j in candidates:
        if i in taken_left or j in taken_right:
            continue
        taken_left.add(i)
        taken_right.add(j)
        a, e = left.real[i], right.real[j]
        matches.append(Match(a, e, score, difference))
        if difference == "part":
            _loosen(left, a, e)
            _loosen(right, e, a)
    left.matched = [left.real[i] for i in sorted(taken_left)]
    right.matched = [right.real[j] for j in sorted(taken_right)]
    left.rest = [f for i, f in enumerate(left.real) if i not in taken_left]
    right.rest = [f for j, f in enumerate(right.real) if j not in taken_right]
    matches.sort(key=lambda m: m.ar.start)
    return matches


def _loosen(side: Side, fact: Fact, other: Fact) -> None:
    """Notes which parts of `fact` its counterpart lacks; a fact that stands apart there may supply them."""
    known = set(other.numbers)
    side.loose += [(part.name, part.value) for part in fact.parts if part.value not in known]


@guarded(lambda *_: None)
def find_value(fact: Fact, facts: Sequence[Fact]) -> Fact | None:
    """The fact among `facts` (of other beads, either side) that says the same as `fact`, or None: what was only
    moved.
    """
    best, found = 0.0, None
    for other in facts:
        if other.kind in ("hint", "placeholder"):
            continue
        score, _ = agreement(fact, other)
        if score >= _SAME and score > best:
            best, found = score, other
    return found
