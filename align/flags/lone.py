"""Sentences inside a bead that no sentence of the other side answers."""

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from ..learnt import Network
from .coverage import covers
from .tables import network
from .words import SENTENCE, Words

if TYPE_CHECKING:
    from .evidence import Side

FEATURES = ("best", "cover", "below", "rival", "margin", "kept", "odds", "words", "own", "other", "more", "letters",
            "explained", "alone")  # fmt: skip


def rows(known: "Side", other: Words, odds: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Starts and stops of the sentences of a side (in words), and a row of FEATURES each; none for a single sentence."""
    side = known.words
    starts, there = (np.flatnonzero(words.cuts[:-1] >= SENTENCE) for words in (side, other))
    stops = np.append(starts[1:], len(side))
    if len(starts) < 2 or not len(there):
        return starts[:0], stops[:0], np.zeros((0, len(FEATURES)), np.float32)
    cover, kept = covers(side, other, side.vectors @ other.vectors.T, starts, there)
    both = 0.5 * (cover + kept)
    answer = both.argmax(1)
    number = np.arange(len(starts))
    best = both[number, answer]
    claims = both[:, answer].copy()
    claims[number, number] = -1.0
    second = both.copy()
    second[number, answer] = -1.0
    out = np.zeros((len(starts), len(FEATURES)), np.float32)
    out[:, 0] = best
    out[:, 1] = cover.max(1)
    out[:, 2] = best - np.median(best)
    out[:, 3] = best - claims.max(0)
    out[:, 4] = best - second.max(1) if len(there) > 1 else 0.3
    out[:, 5] = kept[number, answer]
    weights = side.gates * side.content + 1e-3
    out[:, 6] = np.add.reduceat(np.clip(odds, -4, 4) * weights, starts) / np.add.reduceat(weights, starts)
    out[:, 7] = np.log1p(stops - starts)
    out[:, 8], out[:, 9] = min(len(starts), 8), min(len(there), 8)
    out[:, 10] = np.clip(len(starts) - len(there), -3, 3)
    for k, marked in ((12, known.explained), (13, known.alone)):
        out[:, k] = np.add.reduceat(marked * weights, starts) / np.add.reduceat(weights, starts)
    out[:, 11] = np.log((len(side) + 1) / (len(other) + 1))
    return starts, stops, out


@cache
def _network(lang: str) -> Network:
    return network("sentences", lang, FEATURES)


def log_odds(lang: str, found: np.ndarray) -> np.ndarray:
    """The log odds that each sentence has no counterpart in the bead."""
    return _network(lang)(found) if len(found) else np.zeros(0, np.float32)
