"""Sentences of a bead that answer each other but stand in another order."""

from typing import NamedTuple

import numpy as np

from .coverage import covers
from .words import SENTENCE, Words

ALIKE = 0.42
"""How alike two sentences must be at least, each the other's best."""
MARGIN = 0.1
"""By how much they must be more alike than either is to any third."""


class Moved(NamedTuple):
    """Words `ar` and words `en` (half-open) that are one sentence, out of order."""

    ar: tuple[int, int]
    en: tuple[int, int]
    sim: float


def moved(ar: Words, en: Words) -> list[Moved]:
    """The sentences that stand off the longest chain (in words) of sentences in the same order on both sides."""
    sides = [np.flatnonzero(side.cuts[:-1] >= SENTENCE) for side in (ar, en)]
    if min(map(len, sides)) < 3:
        return []
    cover, kept = covers(ar, en, ar.vectors @ en.vectors.T, *sides)
    both = 0.5 * (cover + kept)
    ends = [np.append(starts[1:], len(side)) for starts, side in zip(sides, (ar, en), strict=True)]
    answer = both.argmax(1)
    pairs = [(i, int(j)) for i, j in enumerate(answer) if _belong(both, i, int(j))]
    kept_pairs = _chain(pairs, [int(ends[0][i] - sides[0][i]) for i, _ in pairs])
    out = []
    for i, j in pairs:
        if (i, j) not in kept_pairs and min(ends[0][i] - sides[0][i], ends[1][j] - sides[1][j]) >= 3:
            out.append(Moved((int(sides[0][i]), int(ends[0][i])), (int(sides[1][j]), int(ends[1][j])), float(both[i, j])))
    return out


def _belong(both: np.ndarray, i: int, j: int) -> bool:
    """Whether two sentences are each other's best, clearly."""
    rivals = max(np.delete(both[i], j).max(initial=-1.0), np.delete(both[:, j], i).max(initial=-1.0))
    return bool(both[i, j] >= max(ALIKE, rivals + MARGIN))


def _chain(pairs: list[tuple[int, int]], weights: list[int]) -> set[tuple[int, int]]:
    """The pairs that keep their order with the greatest sum of weights."""
    best: list[tuple[int, int]] = []  # weight of the chain that ends here, its last but one
    for k, (_, j) in enumerate(pairs):
        before = max(((best[x][0], x) for x in range(k) if pairs[x][1] < j), default=(0, -1))
        best.append((before[0] + weights[k], before[1]))
    at = max(range(len(pairs)), key=lambda k: best[k][0], default=-1)
    kept = set()
    while at >= 0:
        kept.add(pairs[at])
        at = best[at][1]
    return kept
