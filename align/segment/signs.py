"""What of a segment's text the aligner sees: how it ends, how long it is, what it shares with the other side."""

import re
from collections import defaultdict
from collections.abc import Collection

from ..data import Segmented
from ..lang.ar.letters import fold

_CLASSES = {".": 1, "?": 2, "!": 3, ":": 4, "…": 5, ",": 6, ";": 6, "-": 6, "–": 6, "—": 6, "؟": 2, "،": 6, "؛": 6}
_AFTER_MARK = " \"'»«”’“)]}*_"
# A numeral or a run of Latin letters; what it may begin with stands first, for which any text is searched fast.
_TOKEN = re.compile(r"[a-z\d](?:(?<=[a-z])[a-z]*+|\d*+)")
# Pairs of segments that one shared token may tie together; a commoner token says nothing.
_MOST_TIES = 25


def closings(segmented: Segmented) -> list[int]:
    """The class of the mark that ends each segment: 0 none, then . ? ! : … and comma or dash."""
    return [_CLASSES.get(form[-1:]) or _closing(form) for form in segmented.forms]


def _closing(form: str) -> int:
    """The class of a mark that other marks may follow."""
    end = fold(form[-12:]).rstrip(_AFTER_MARK)
    return _CLASSES.get(end[-1:], 0)


def lengths(segmented: Segmented) -> list[int]:
    """Characters of each segment without marks and tatweel, which writers give or leave as they like."""
    return list(map(len, _folded(segmented)))


def links(first: Segmented, second: Segmented) -> list[tuple[int, int, float]]:
    """Pairs of segments that share a numeral or a Latin word seldom seen, with a weight each, once a pair."""
    one = _places(first)
    places = one, _places(second, one.keys())
    ties: dict[tuple[int, int], float] = defaultdict(float)
    for token, here in places[0].items():
        there = places[1].get(token, ())
        if there and len(here) * len(there) <= _MOST_TIES:
            for i in here:
                for j in there:
                    ties[i, j] += 1 / max(len(here), len(there))
    return [(i, j, weight) for (i, j), weight in sorted(ties.items())]


def _places(segmented: Segmented, wanted: Collection[str] | None = None) -> dict[str, list[int]]:
    """The segments in which each token stands, of all tokens or those `wanted`; tokens in the order of the text."""
    found: dict[str, list[int]] = defaultdict(list)
    if wanted is not None and not wanted:
        return found
    for at, form in enumerate(_folded(segmented)):
        for token in dict.fromkeys(_TOKEN.findall(form.lower())):
            if token in wanted if wanted is not None else len(token) > 1 or token.isdigit():
                found[token].append(at)
    return found


def _folded(segmented: Segmented) -> list[str]:
    """The folded forms: of all at once, as no form holds a line's end, which is far faster than one by one."""
    return fold("\n".join(segmented.forms)).split("\n") if segmented.segments else []
