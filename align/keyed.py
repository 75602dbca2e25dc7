"""Versions that name their pieces: tables of strings and bilingual files, whose pieces answer each other by their keys."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

from .data import Document, Part, Segmented, Span, place_of

_FORM = re.compile(r"(.+?)(?:[._#-](zero|one|two|few|many|other)|#\d+)")
_BETWEEN = "\n\n"

Key = tuple[str, int]
"""A place in a file, and how often it stood there before."""


class Keys(NamedTuple):
    """The keys that only one of two versions has, forms of plurals that its language alone needs left out."""

    first: tuple[str, ...]
    second: tuple[str, ...]


def are_keyed(first: Document, second: Document) -> bool:
    """Whether two documents are tables of strings, or the two sides of one bilingual file."""
    if not first.parts or not second.parts:
        return False
    kinds = {part.kind for document in (first, second) for part in document.parts}
    if kinds == {"string"}:
        return True
    if kinds != {"unit"} or not first.origin or first.origin != second.origin:
        return False
    # Places in JSON name the language, too, and are no keys.
    return not {part.place for part in first.parts}.isdisjoint(part.place for part in second.parts)


def in_order_of(first: Document, second: Document) -> Document:
    """The second document with its parts in the order of the first's keys; what it has alone stays behind what it followed."""
    wanted = {key: rank for rank, (key, _) in enumerate(_groups(first.parts))}
    ranked: list[tuple[float, list[Part]]] = []
    last = -1.0
    for key, parts in _groups(second.parts):
        last = wanted.get(key, last)
        ranked.append((last, parts))
    if all(a[0] <= b[0] for a, b in zip(ranked, ranked[1:], strict=False)):
        return second
    pieces: list[str] = []
    moved: list[Part] = []
    at = 0
    for _, parts in sorted(ranked, key=lambda item: item[0]):
        for part in parts:
            piece = second.text[part.start : part.end]
            moved.append(part._replace(start=at, end=at + len(piece)))
            pieces.append(piece)
            at += len(piece) + len(_BETWEEN)
    return replace(second, text=_BETWEEN.join(pieces), parts=tuple(moved))


def _groups(parts: Sequence[Part]) -> Iterator[tuple[Key, list[Part]]]:
    """The parts that stand at one place, one after the other, with their key."""
    seen: Counter[str] = Counter()
    for place, group in groupby(parts, key=lambda part: part.place):
        yield (place, seen[place]), list(group)
        seen[place] += 1


def lone_keys(first: Document, second: Document) -> Keys:
    """The keys that stand in one of two keyed documents alone."""
    places = [dict.fromkeys(part.place for part in document.parts) for document in (first, second)]
    one, two = (tuple(key for key in own if key not in other and not is_form(key, other))
                for own, other in (places, places[::-1]))  # fmt: skip
    return Keys(one, two)


def is_form(key: str, others: dict[str, None] | frozenset[str]) -> bool:
    """Whether a key names a plural form that the other language has no need of: it has the same message in other forms."""
    found = _FORM.fullmatch(key)
    if found is None:
        return False
    base = found[1]
    return base in others or any(f"{base}{mark}other" in others for mark in "._#-")


def merged(first: Sequence[str], second: Sequence[str]) -> list[str]:
    """All keys of two versions, of which the second is in the order of the first, each once."""
    places = {key: at for at, key in enumerate(first)}
    out: dict[str, None] = {}
    done = 0
    for key in second:
        if key in places:
            out.update(dict.fromkeys(first[done : places[key]]))
            done = max(done, places[key] + 1)
        out[key] = None
    out.update(dict.fromkeys(first[done:]))
    return list(out)


class LoneKeys:
    """Of two documents (the Arabic and the English one), which places are keys that the other lacks; none where they have
    no keys."""

    def __init__(self, ar: Document, en: Document) -> None:
        self._documents = {"ar": ar, "en": en} if are_keyed(ar, en) else {}
        self._places = {side: dict.fromkeys(part.place for part in found.parts) for side, found in self._documents.items()}

    def lone(self, side: str, offset: int) -> str | None:
        """The key under which the character at `offset` stands, if the other side lacks it."""
        if not self._documents:
            return None
        key = place_of(self._documents[side], offset)
        return None if key in self._places["en" if side == "ar" else "ar"] else key

    def is_form(self, side: str, offset: int) -> bool:
        """Whether it stands under a key that is a plural form which the other language does not have."""
        key = self.lone(side, offset)
        return key is not None and is_form(key, self._places["en" if side == "ar" else "ar"])


def key_spans(first: Segmented, second: Segmented) -> Iterator[tuple[Span, Span]]:
    """The segments of both sides that stand under one key, in order, each segment once; the span of a side that lacks
    the key is empty. Where both sides have equally many segments, each answers its like."""
    one, two = _spans(first), _spans(second)
    here, there = dict(one), dict(two)
    i = j = 0
    at = [0, 0]
    while i < len(one) or j < len(two):
        key = one[i][0] if i < len(one) else None
        other = two[j][0] if j < len(two) else None
        if key is not None and key == other:
            yield from _paired(here[key], there[key])
            i, j, at = i + 1, j + 1, [here[key].stop, there[key].stop]
        elif key is not None and (other is None or key not in there or other in here):
            yield from ((Span(k, k + 1), Span(at[1], at[1])) for k in range(*one[i][1]))
            i, at = i + 1, [one[i][1].stop, at[1]]
        else:
            yield from ((Span(at[0], at[0]), Span(k, k + 1)) for k in range(*two[j][1]))
            j, at = j + 1, [at[0], two[j][1].stop]


def _spans(segmented: Segmented) -> list[tuple[Key, Span]]:
    """The runs of segments at one place, with their keys."""
    found: list[tuple[Key, Span]] = []
    seen: Counter[str] = Counter()
    numbers = range(len(segmented.segments))
    for place, group in groupby(numbers, key=lambda k: place_of(segmented.document, segmented.segments[k].start)):
        run = list(group)
        found.append(((place, seen[place]), Span(run[0], run[-1] + 1)))
        seen[place] += 1
    return found


def _paired(first: Span, second: Span) -> Iterator[tuple[Span, Span]]:
    if len(first) != len(second):
        yield first, second
        return
    for i, j in zip(range(*first), range(*second), strict=True):
        yield Span(i, i + 1), Span(j, j + 1)
