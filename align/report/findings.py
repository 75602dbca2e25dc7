"""Flags as findings: one for each thing that the two versions do not share, with what both sides say of it."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from ..data import Flag, Judged

CATEGORIES = ("missing from en", "missing from ar", "stated differently", "moved")
"""In the order in which a list shows them; `ar` is the first side, `en` the second, whatever their languages."""

_OTHER = {"ar": "en", "en": "ar"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One mismatch: its flags, of one side or both, and the texts in which it shows.

    `category` is one of CATEGORIES, `kind` that of its longest flag, `probability` the highest of its flags. `ar` and
    `en` are what stands there, empty where nothing does; `bead` numbers its first bead. `state` is `open` or
    `confirmed`, `comment` a reviewer's; `own` tells a finding that a reviewer added.
    """

    category: str
    kind: str
    probability: float
    ar: str
    en: str
    bead: int
    flags: tuple[Flag, ...]
    state: str = "open"
    comment: str = ""
    own: bool = False


def findings(judged: Judged) -> list[Finding]:
    """The findings of a judged pair, by category, the most probable first, then in reading order."""
    found = [_finding([judged.flags[k] for k in group]) for group in grouped(judged.flags)]
    order = {category: k for k, category in enumerate(CATEGORIES)}
    return sorted(found, key=lambda one: (order[one.category], one.kind == "boilerplate", -one.probability, one.bead))


def grouped(flags: Sequence[Flag]) -> list[list[int]]:
    """Numbers of flags that tell of one thing, each flag in one group, groups in the order of their first flags.

    Two flags of different sides belong together when each names the other's place as its counterpart; two of one side
    when one lies in the other and both say the same of it.
    """
    leader = list(range(len(flags)))

    def root(k: int) -> int:
        while leader[k] != k:
            leader[k] = leader[leader[k]]
            k = leader[k]
        return k

    for a, b in (*_nested(flags), *_answering(flags)):
        first, second = sorted((root(a), root(b)))
        leader[second] = first
    groups: dict[int, list[int]] = {}
    for k in range(len(flags)):
        groups.setdefault(root(k), []).append(k)
    return list(groups.values())


def _nested(flags: Sequence[Flag]) -> Iterable[tuple[int, int]]:
    """Pairs of a flag and one of its side and relation that lies in it."""
    order = sorted(range(len(flags)), key=lambda k: (flags[k].side, flags[k].relation, flags[k].start, -flags[k].end))
    outer: int | None = None
    for k in order:
        if outer is not None and _key(flags[k]) == _key(flags[outer]) and flags[k].end <= flags[outer].end:
            yield outer, k
        elif outer is None or _key(flags[k]) != _key(flags[outer]) or flags[k].end > flags[outer].end:
            outer = k


def _key(flag: Flag) -> tuple[str, str, bool]:
    # What stands in the wrong language is told apart from what is stated differently.
    return flag.side, flag.relation, flag.kind == "untranslated"


def _answering(flags: Sequence[Flag]) -> Iterable[tuple[int, int]]:
    """Pairs of flags of different sides whose counterparts are each other's places."""
    places: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for k, flag in enumerate(flags):
        if flag.relation != "only":
            places.setdefault((flag.side, flag.relation), []).append((flag.start, k))
    reach: dict[tuple[str, str], list[int]] = {}  # how far the flags up to one extend
    for key, found in places.items():
        found.sort()
        reach[key] = list(accumulate((flags[k].end for _, k in found), max))
    for k, flag in enumerate(flags):
        key = (_OTHER[flag.side], flag.relation)
        if flag.side != "ar" or flag.counterpart is None or key not in places:
            continue
        start, end, _ = flag.counterpart
        at = bisect_left(places[key], (max(end, start + 1), -1)) - 1
        while at >= 0 and reach[key][at] >= start:
            other = places[key][at][1]
            if _meet(flags[other], start, end) and _meets_back(flags[other], flag):
                yield k, other
            at -= 1


def _meet(flag: Flag, start: int, end: int) -> bool:
    return flag.start < max(end, start + 1) and start < max(flag.end, flag.start + 1)


def _meets_back(flag: Flag, other: Flag) -> bool:
    return flag.counterpart is not None and _meet(other, flag.counterpart[0], flag.counterpart[1])


def category(flag: Flag) -> str:
    """The list in which a flag's finding stands."""
    if flag.relation == "only":
        return f"missing from {_OTHER[flag.side]}"
    return "moved" if flag.relation == "moved" else "stated differently"


def _finding(flags: Sequence[Flag]) -> Finding:
    longest = max(flags, key=lambda flag: flag.end - flag.start)
    evidence: Mapping[str, object] = next((f.evidence for f in flags if f.evidence.get("comment")), longest.evidence)
    return Finding(
        category(longest),
        longest.kind,
        max(flag.probability for flag in flags),
        _text(flags, "ar"),
        _text(flags, "en"),
        min(flag.bead for flag in flags),
        tuple(flags),
        "confirmed" if any(flag.evidence.get("review") == "confirmed" for flag in flags) else "open",
        str(evidence.get("comment", "")),
        any(flag.evidence.get("by") == "reviewer" for flag in flags),
    )


def _text(flags: Sequence[Flag], side: str) -> str:
    """What a finding says on one side: its longest flag there, else the counterpart of one from the other side."""
    own = [flag.text for flag in flags if flag.side == side]
    if not own and flags[0].relation != "only":
        own = [flag.counterpart[2] for flag in flags if flag.counterpart is not None]
    return " ".join(max(own, key=len, default="").split())
