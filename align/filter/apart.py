"""Texts that others must not repeat: those of test sets, and of the other parts of a corpus that is split."""

from collections.abc import Iterable, Sequence

import numpy as np

from ..data import Row
from .duplicates import NearTexts
from .texts import Look, hashed, look

_TABLES = 3
_FEW_WORDS = 4  # a side of fewer words is said by anybody: only the same pair repeats it


class KeptApart:
    """Sides of pairs, found again where another pair has one of them, or nearly so.

    A side repeats another one where it has the same words in the same order, from 4 words on, or, from `min_words` on,
    a share of `share` of its words (Jaccard; found by MinHash: of two sides that share 0.8 of their words 0.999 are
    found). Shorter sides are compared as pairs.
    """

    def __init__(self, share: float = 0.7, min_words: int = 8) -> None:
        self.min_words = min_words
        self._near = {side: [NearTexts(share, seed) for seed in range(1, _TABLES + 1)] for side in (0, 1)}
        self._whole: set[tuple[int, int]] = set()
        self.count = 0

    def add(self, rows: Iterable[Row]) -> None:
        """Keep others apart from these pairs."""
        looks = [(look(row.ar.text), look(row.en.text)) for row in rows]
        self.count += len(looks)
        for pair in looks:
            self._whole.update(_keys(pair))
        for side, tables in self._near.items():
            words = [self._words(pair[side]) for pair in looks]
            for table in tables:
                table.add(words)

    def repeats(self, rows: Sequence[Row]) -> list[bool]:
        """Whether each pair repeats one that was added."""
        return self.repeated([(look(row.ar.text), look(row.en.text)) for row in rows])

    def repeated(self, looks: Sequence[tuple[Look, Look]]) -> list[bool]:
        """As `repeats`, of pairs that have been looked at."""
        found = np.array([not self._whole.isdisjoint(_keys(pair)) for pair in looks], bool)
        for side, tables in self._near.items():
            words = [self._words(pair[side]) for pair in looks]
            for table in tables:
                found |= table.has(words)
        return found.tolist()

    def _words(self, side: Look) -> list[int]:
        return [] if len(side.words) < self.min_words else list(map(hashed, set(side.words)))


def _keys(pair: tuple[Look, Look]) -> Iterable[tuple[int, int]]:
    """What a pair is found again by: each side that is long enough, else the two together."""
    texts = [" ".join(side.words) for side in pair]
    long = [side for side in (0, 1) if len(pair[side].words) >= _FEW_WORDS]
    yield from ((side, hash(texts[side])) for side in long)
    if not long and any(texts):
        yield 2, hash("\t".join(texts))
