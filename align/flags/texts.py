"""The text of one side of a bead, and where its characters stand in the document."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from ..data import Segmented
from .places import Places


@dataclass(frozen=True, slots=True)
class BeadText:
    """Forms of segments `indices` joined by spaces; segment `indices[k]` begins at `bases[k]` of `text`."""

    text: str
    indices: tuple[int, ...]
    bases: tuple[int, ...]

    @classmethod
    def of(cls, segmented: Segmented, indices: Sequence[int]) -> "BeadText":
        """The text of some segments of a document."""
        bases = []
        parts = []
        at = 0
        for index in indices:
            bases.append(at)
            parts.append(segmented.segments[index].form)
            at += len(parts[-1]) + 1
        return cls(" ".join(parts), tuple(indices), tuple(bases))

    def base(self, index: int) -> int:
        """Where segment `index` begins in `text`."""
        return self.bases[self.indices.index(index)]

    def place(self, places: Places, start: int, end: int) -> tuple[int, int]:
        """Where `text[start:end]` stands in the document."""
        first, begin = self._within(start)
        last, stop = self._within(max(end - 1, start))
        return places.span(first, begin, begin + 1)[0], places.span(last, stop, stop + 1)[1]

    def _within(self, at: int) -> tuple[int, int]:
        k = max(bisect_right(self.bases, at) - 1, 0)
        return self.indices[k], at - self.bases[k]
