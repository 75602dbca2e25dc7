"""What the structure of two versions ties together: numbered articles and chapters, list markers, times of cues.

The tags that translators keep: `المادة ٥` answers `Article 5`, `الفصل الثاني` answers `Chapter Two`, `(ب)` under the
first answers `(b)` under the second, and subtitles of one film are shown at the same moments.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import NamedTuple

from ..data import Segmented, place_of
from ..lang import tables
from ..lang.ar import numbers as arabic
from ..lang.ar.letters import fold
from ..lang.en import numbers as english
from ..lang.en.lexemes import roman


def _groups(column: int) -> dict[str, set[int]]:
    """Words that number the pieces of a text, with the groups (rows) in which any translates any other."""
    found: dict[str, set[int]] = {}
    for group, row in enumerate(tables.rows("sections", fold)):
        for word in row[column].split():
            found.setdefault(word, set()).add(group)
    return found


_ARABIC, _ENGLISH = _groups(0), _groups(1)
_LABEL = re.compile(
    rf"(?:#+ |[*_\"«“(\[]+)?(?:ال)?({'|'.join(_ARABIC)}|{'|'.join(_ENGLISH)})s?\b\.?\s*(?:رقم|no\.?|number)?\s*"
    r"[(\[]?\s*(\d{1,4}(?:\.\d{1,3})*|[^\s\d:.,;()\[\]–—]+)([^:.,;()\[\]–—\n]{0,40})",
    re.IGNORECASE,
)
_MARKER = re.compile(
    r"(?:#+ )?(?:[(\[]\s*(\d{1,3}|[a-z]|[ivx]{1,5}|[ء-ي]ـ?|هـ)\s*[)\]]"
    r"|(\d{1,3}(?:\.\d{1,3})*|[a-z]|[ivx]{1,5}|[ء-ي]|هـ)\s*[.)\-–ـ])\s*(?=\S)",
    re.IGNORECASE,
)
_ADDED = re.compile(r"\s*[)\]]?\s*(مكرر|bis|ter|quater|(?<!\s)[a-z](?![a-z]))")
_ABJAD = {letter: k for k, letter in enumerate("ا ب ج د ه و ز ح ط ي ك ل م ن س ع ف ص ق ر ش ت ث خ ذ ض ظ غ".split())}
_CUE = re.compile(r"cue \S+ (\d+):(\d\d):(\d\d\.\d+)")
_NEAR = 0.75  # seconds between cues that show the same words
_FEW = 0.4  # the share of cues that must have a partner before their times are trusted


class _Sign(NamedTuple):
    """A label of a segment: what it numbers, as groups, and its number."""

    groups: frozenset[int]
    number: str


def structure_links(first: Segmented, second: Segmented) -> list[tuple[int, int, float]]:
    """Pairs of segments that structure ties together, with a weight each, once a pair, in order of the first side.

    Labels tie when they stand once on each side; list markers below a tied label, or in the run of items that begins
    with the document, when they do; cues when they begin within three quarters of a second and most cues do. Ties that
    cross the longest chain of them are left out. The same triples as `signs.links`, to be added to them.
    """
    labels = _chain(_labels(first, second))
    ties = dict.fromkeys(labels, 1.0)
    for i, j in _chain([*labels, *_markers(first, second, labels)]):
        ties.setdefault((i, j), 0.5)
    for i, j in _cues(first, second):
        ties[i, j] = ties.get((i, j), 0.0) + 1.0
    return [(i, j, weight) for (i, j), weight in sorted(ties.items())]


def _labels(first: Segmented, second: Segmented) -> list[tuple[int, int]]:
    """Ties of labels such as Article 5."""
    sides = []
    for side in (first, second):
        found: dict[Hashable, list[int]] = defaultdict(list)
        for at, form in enumerate(side.forms):
            sign = _label(form)
            if sign:
                for group in sign.groups:
                    found[group, sign.number].append(at)
        sides.append(found)
    return sorted(
        {
            (here[0], sides[1][key][0])
            for key, here in sides[0].items()
            if len(here) == 1 and len(sides[1].get(key, ())) == 1
        }
    )


def _label(form: str) -> _Sign | None:
    """The label that a segment begins with."""
    found = _LABEL.match(fold(form[:120]).lower())
    if not found:
        return None
    word = found[1]
    groups = _ARABIC.get(word) or _ENGLISH.get(word) or set()
    number = _number(found[2], found[3])
    return _Sign(frozenset(groups), number) if number else None


def _number(word: str, rest: str) -> str:
    """A number in digits, in words of either language, or Roman; an empty string where there is none."""
    if word[0].isdigit():
        # Article 3a and Article 3 bis are others than Article 3.
        added = _ADDED.match(rest)
        return word + ("" if not added else "bis" if added[1] == "مكرر" else added[1])
    if word.isascii():
        value = (roman(word.upper()) if re.fullmatch("[ivxlc]+", word) else 0) or english.parse(word)
        return str(int(value)) if value else _letter(word)
    # Of compound ordinals the second word counts too: المادة الحادية والعشرون.
    parts = rest.split()
    for count in (2, 1, 0):
        counted = arabic.parse(" ".join([word, *parts[:count]])) if count <= len(parts) else None
        if counted:
            return str(int(counted))
    return ""


def _letter(word: str) -> str:
    return word if len(word) == 1 else ""


def _markers(first: Segmented, second: Segmented, labels: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Ties of list markers that stand once below the same label."""
    bounds = [0] + [i for i, _ in labels], [0] + [j for _, j in labels]
    found = []
    for k in range(len(labels) + 1):
        blocks = [
            _marked(side, starts[k], starts[k + 1] if k < len(labels) else len(side.segments))
            for side, starts in zip((first, second), bounds)
        ]
        found += [
            (here[0], blocks[1][key][0])
            for key, here in blocks[0].items()
            if len(here) == 1 and len(blocks[1].get(key, ())) == 1
        ]
    return found


def _marked(side: Segmented, start: int, stop: int) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for at in range(start, stop):
        # The label itself is no item.
        mark = _MARKER.match(fold(side.segments[at].form[:16]).lower())
        if mark:
            found[_position(mark[1] or mark[2])].append(at)
    return found


def _position(mark: str) -> str:
    """A marker as a key: letters of either alphabet by their place in the order of counting."""
    letter = mark.rstrip("ـ")
    if letter in _ABJAD:
        return f"letter {_ABJAD[letter]}"
    if len(letter) == 1 and "a" <= letter <= "z":
        return f"letter {ord(letter) - ord('a')}"
    return mark


def _cues(first: Segmented, second: Segmented) -> list[tuple[int, int]]:
    """Ties of subtitles by the moment at which they are shown."""
    if not first.document.parts or not second.document.parts:
        return []
    sides = [_times(first), _times(second)]
    if not all(sides):
        return []
    moments = [[moment for moment, _ in side] for side in sides]
    pairs = []
    for moment, i in sides[0]:
        there = _nearest(moments[1], moment)
        if abs(moments[1][there] - moment) <= _NEAR and moments[0][_nearest(moments[0], moments[1][there])] == moment:
            pairs.append((i, sides[1][there][1]))
    return pairs if len(pairs) >= _FEW * min(map(len, sides)) else []


def _times(side: Segmented) -> list[tuple[float, int]]:
    """The moments of the cues, each with the first segment of the cue, in order of time."""
    found: dict[float, int] = {}
    for at, segment in enumerate(side.segments):
        cue = _CUE.match(place_of(side.document, segment.start))
        if cue:
            found.setdefault(int(cue[1]) * 3600 + int(cue[2]) * 60 + float(cue[3]), at)
    return sorted(found.items())


def _nearest(moments: Sequence[float], moment: float) -> int:
    at = bisect_left(moments, moment)
    return min((k for k in (at - 1, at) if 0 <= k < len(moments)), key=lambda k: abs(moments[k] - moment))


def _chain(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run of ties in which both sides move forward; patience sorting."""
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    ordered = sorted(set(pairs), key=lambda pair: (pair[0], -pair[1]))
    for k, (_, j) in enumerate(ordered):
        at = bisect_left(ends, j)
        before.append(last[at - 1] if at else -1)
        ends[at : at + 1] = [j]
        last[at : at + 1] = [k]
    chain = []
    k = last[-1] if last else -1
    while k >= 0:
        chain.append(ordered[k])
        k = before[k]
    return chain[::-1]
