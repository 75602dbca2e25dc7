"""Pairs of documents judged in one go, none of which knows of the others: arrays of many small ones cost as much as those
of a single large one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ..data import Alignment, Bead, Block, Document, Flag, Segment, Segmented, Span

Pair = tuple[Segmented, Segmented, Alignment]
States = Mapping[str, Mapping[int, np.ndarray]]
"""By side (`ar`, `en`) and number of the segment, what is known of its words already."""


class _Shift(NamedTuple):
    """By how much places of a pair moved: those of beads, and by side those of segments and of characters."""

    bead: int
    segments: dict[str, int]
    characters: dict[str, int]


class Together(NamedTuple):
    """Documents as one: `numbers` says of each bead from which pair it is, `states` is as those of single pairs."""

    ar: Segmented
    en: Segmented
    alignment: Alignment
    numbers: np.ndarray
    states: dict[str, dict[int, np.ndarray]]
    shifts: list[_Shift]

    @classmethod
    def of(cls, pairs: Sequence[Pair], states: Sequence[States | None]) -> "Together":
        """Pairs one after the other."""
        texts: dict[str, list[str]] = {"ar": [], "en": []}
        segments: dict[str, list[Segment]] = {"ar": [], "en": []}
        known: dict[str, dict[int, np.ndarray]] = {"ar": {}, "en": {}}
        ends = {"ar": 0, "en": 0}
        beads: list[Bead] = []
        blocks: list[Block] = []
        shifts = []
        for (ar, en, alignment), some in zip(pairs, states, strict=True):
            shift = _Shift(len(beads), {side: len(own) for side, own in segments.items()}, dict(ends))
            shifts.append(shift)
            for side, document in (("ar", ar), ("en", en)):
                base, first = ends[side], shift.segments[side]
                texts[side].append(document.document.text)
                segments[side] += [Segment(s.start + base, s.end + base, s.form, s.kind, s.paragraph, s.line) for s in document.segments]
                ends[side] += len(document.document.text) + 1
                known[side] |= {first + index: rows for index, rows in ((some or {}).get(side) or {}).items()}
            first_ar, first_en = shift.segments.values()
            beads += [Bead(_moved(b.ar, first_ar), _moved(b.en, first_en), b.sim, b.confidence) for b in alignment.beads]
            blocks += [Block(_moved(b.ar, first_ar), _moved(b.en, first_en), b.kind, b.sim) for b in alignment.blocks]
        numbers = np.repeat(np.arange(len(pairs)), [len(alignment.beads) for _, _, alignment in pairs])
        ar, en = (Segmented(Document("", side, "\n".join(texts[side])), tuple(own)) for side, own in segments.items())
        return cls(ar, en, Alignment(tuple(beads), tuple(blocks)), numbers, known, shifts)

    def apart(self, flags: Sequence[Flag]) -> Iterator[list[Flag]]:
        """The flags of each pair, with places as they are in it."""
        out: list[list[Flag]] = [[] for _ in self.shifts]
        for flag in flags:
            number = int(self.numbers[flag.bead])
            out[number].append(_back(flag, self.shifts[number]))
        yield from out


def _moved(span: Span, by: int) -> Span:
    return Span(span.start + by, span.stop + by)


def _back(flag: Flag, shift: _Shift) -> Flag:
    own, other = shift.characters[flag.side], shift.characters["en" if flag.side == "ar" else "ar"]
    there = flag.counterpart
    return replace(flag, start=flag.start - own, end=flag.end - own, bead=flag.bead - shift.bead,
                   counterpart=None if there is None else (there[0] - other, there[1] - other, there[2]))  # fmt: skip
