"""What of a segment's text the aligner sees: how it ends, how long it is, what it shares with the other side."""

import re
from collections import defaultdict

from ..arabic.letters import fold
from ..data import Segmented

_CLASSES = {".": 1, "?": 2, "!": 3, ":": 4, "…": 5, ",": 6, ";": 6, "-": 6, "–": 6, "—": 6}
_AFTER_MARK = " \"'»«”’“)]}*_"
_TOKEN = re.compile(r"\d+|[a-z]{2,}")
# Pairs of segments that one shared token may tie together; a commoner token says nothing.
_MOST_TIES = 25


def closings(segmented: Segmented) -> list[int]:
    """The class of the mark that ends each segment: 0 none, then . ? ! : … and comma or dash."""
    out = []
    for form in segmented.forms:
        end = fold(form[-12:]).rstrip(_AFTER_MARK)
        out.append(_CLASSES.get(end[-1], 0) if end else 0)
    return out


def lengths(segmented: Segmented) -> list[int]:
    """Characters of each segment without marks and tatweel, which writers give or leave as they like."""
    return [len(fold(form)) for form in segmented.forms]


def links(first: Segmented, second: Segmented) -> list[tuple[int, int, float]]:
    """Pairs of segments that share a numeral or a Latin word seldom seen, with a weight each, once a pair."""
    places = []
    for side in (first, second):
        found: dict[str, list[int]] = defaultdict(list)
        for at, form in enumerate(side.forms):
            for token in set(_TOKEN.findall(fold(form).lower())):
                found[token].append(at)
        places.append(found)
    ties: dict[tuple[int, int], float] = defaultdict(float)
    for token, here in places[0].items():
        there = places[1].get(token, ())
        if there and len(here) * len(there) <= _MOST_TIES:
            for i in here:
                for j in there:
                    ties[i, j] += 1 / max(len(here), len(there))
    return [(i, j, weight) for (i, j), weight in sorted(ties.items())]
