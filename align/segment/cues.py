"""Subtitles: which cues a sentence goes on over."""

import re
from collections.abc import Sequence

from ..data import Part
from .lines import Line

_CUE = re.compile(r"cue \S+ (\d+):(\d\d):(\d\d\.\d+)")
_TURN = re.compile(r"[\u200e\u200f\u202a-\u202e\s]*(?:[-‐–—♪#*(\[>]|[^\s:：]{2,20}:\s)")
_TRAILS = ("...", "…")
_LONGEST = 8  # cues of one sentence
_PAUSE = 8.0  # seconds from the beginning of one cue to that of the next, over which nobody goes on
_PUNCTUATED = 0.5  # the share of cues that end as sentences do, from which on the others are taken to go on


def runs(groups: Sequence[list[Line]], parts: Sequence[Part], cased: bool) -> list[tuple[int, int]]:
    """Half-open runs of cues (of `groups`, the lines of each of `parts`) over which running text goes on.

    Where most cues end as sentences do, one that does not goes on in the next unless a pause, a new speaker or a sign
    of music stands between; elsewhere only what surely is broken off does: at a comma, at a word that ends nothing,
    before a small letter.
    """
    ends = [group[-1].terminated for group in groups]
    is_punctuated = sum(ends) >= _PUNCTUATED * len(ends)
    found: list[tuple[int, int]] = []
    start = 0
    for i in range(1, len(groups) + 1):
        if i < len(groups) and i - start < _LONGEST and _goes_on(groups, parts, i, is_punctuated, cased):
            continue
        found.append((start, i))
        start = i
    return found


def _goes_on(groups: Sequence[list[Line]], parts: Sequence[Part], i: int, is_punctuated: bool, cased: bool) -> bool:
    before, after = groups[i - 1][-1], groups[i][0]
    if parts[i - 1].kind != "cue" or parts[i].kind != "cue" or parts[i - 1].place == parts[i].place:
        return False  # the turns of two speakers stand in one cue
    if _TURN.match(after.text) or _TURN.match(groups[i - 1][0].text) and before.text.endswith(("♪", "]", ")")):
        return False
    if not 0 <= _moment(parts[i]) - _moment(parts[i - 1]) <= _PAUSE:
        return False
    small = cased and after.text[:1].islower()
    if before.text.endswith(_TRAILS):
        return small or after.text.startswith(_TRAILS)
    if before.terminated:
        return False
    return is_punctuated or small or before.dangles or before.last in ",،;؛-–"


def _moment(part: Part) -> float:
    found = _CUE.match(part.place)
    return int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3]) if found else 0.0
