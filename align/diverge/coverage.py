"""How far each word of a bead is covered by the words of the other side."""

from functools import cache

import numpy as np

from .tables import Network, table
from .words import CLAUSE, PHRASE, SENTENCE, Words

FEATURES = (
    "best", "second", "mean", "rival", "share", "near", "wide", "gate", "content", "ratio", "explained", "alone", "others",
    "letters", "elsewhere", "position", "local", "chunk", "chunk_both", "chunk_rival", "chunk_kept", "chunk_place",
)  # fmt: skip
"""What is known of a word, by name; see `features`."""

_SHARPNESS = 20.0  # of the softmax in which words of a side share a word of the other
_RUN = 2


def features(side: Words, other: Words, explained: np.ndarray, alone: np.ndarray, ratio: float,
             elsewhere: np.ndarray | None = None) -> np.ndarray:  # fmt: skip
    """One row a word of `side`, columns as in FEATURES, shape (words, len(FEATURES)).

    `explained` marks words that a fact or a name of the other side answers, `alone` those that have none there;
    `ratio` is the log of the bead's length ratio, positive where this side is longer than usual; `elsewhere` is each
    word's best similarity in the neighbouring beads.
    """
    n, m = len(side), len(other)
    out = np.zeros((n, len(FEATURES)), np.float32)
    if not n:
        return out
    sims = side.vectors @ other.vectors.T if m else np.zeros((n, 1), np.float32)
    near, every = sims.argmax(1), np.arange(n)
    best = sims[every, near]
    out[:, 0] = best
    out[:, 1] = _second(sims, near) if sims.shape[1] > 1 else best
    out[:, 2] = sims.mean(1)
    if n > 1:
        claim = sims.argmax(0)
        first, second = sims.max(0)[near], _second(sims.T, claim)[near]
        out[:, 3] = np.clip(best - np.where(claim[near] == every, second, first), -0.5, 0.5)
    sharp = np.exp(_SHARPNESS * (sims - sims.max(0, keepdims=True)))
    out[:, 4] = (sharp / sharp.sum(0, keepdims=True)).max(1)
    weights = side.gates + 1e-3
    out[:, 5] = _smooth(best, weights, _RUN)
    out[:, 6] = _smooth(best, weights, 3 * _RUN)
    out[:, 7] = weights / weights.mean()
    out[:, 8] = side.content
    out[:, 9] = ratio
    out[:, 10] = explained
    out[:, 11] = alone
    out[:, 12] = np.log1p(m)
    out[:, 13] = np.log1p(side.ends - side.starts)
    out[:, 14] = best - elsewhere if elsewhere is not None else 0.0
    out[:, 15] = np.arange(n) / n
    if m:
        out[:, 16:] = _by_chunks(side, other, sims)
    return out


def _by_chunks(side: Words, other: Words, sims: np.ndarray) -> np.ndarray:
    """What is known of the clause that each word stands in, shape (words, 6).

    The best similarity within the other side's clause that answers the word's own, and that clause's neighbours; how
    well the clause is covered there, and both cover each other; by how much that exceeds the best other claim to the
    answer; how well the answer is covered by this clause alone; how far the answer lies from its place in order.
    """
    here, there = chunks(side), chunks(other)
    cover, kept = covers(side, other, sims, here, there)
    both = 0.5 * (cover + kept)
    answer = both.argmax(1)
    rows = np.arange(len(here))
    claims = both[:, answer].copy()  # column k: how well every clause answers the answer of clause k
    claims[rows, rows] = -1.0
    rival = both[rows, answer] - claims.max(0) if len(here) > 1 else np.zeros(1)
    number = np.repeat(rows, np.diff([*here, len(side)]))
    column = np.repeat(np.arange(len(there)), np.diff([*there, len(other)]))
    near = np.abs(column[None, :] - answer[number][:, None]) <= 1
    out = np.zeros((len(side), 6), np.float32)
    out[:, 0] = np.where(near, sims, -1.0).max(1)
    out[:, 1] = cover[rows, answer][number]
    out[:, 2] = both[rows, answer][number]
    out[:, 3] = np.clip(rival, -0.4, 0.4)[number]
    out[:, 4] = kept[rows, answer][number]
    middle = (here + np.append(here[1:], len(side))) / 2 / len(side)
    place = (there + np.append(there[1:], len(other))) / 2 / len(other)
    out[:, 5] = np.abs(middle - place[answer])[number]
    return out


def covers(side: Words, other: Words, sims: np.ndarray, here: np.ndarray, there: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How well parts of a side are covered by parts of the other, and the reverse; both of shape (parts, other parts).

    Parts are given by the words they start with.
    """
    weights, back = side.gates * (side.content + 0.2), other.gates * (other.content + 0.2)
    cover = np.add.reduceat(np.maximum.reduceat(sims, there, axis=1) * weights[:, None], here, axis=0)
    cover /= np.add.reduceat(weights, here)[:, None] + 1e-6
    kept = np.add.reduceat(np.maximum.reduceat(sims, here, axis=0) * back, there, axis=1)
    kept /= np.add.reduceat(back, there) + 1e-6
    return cover, kept


def chunks(side: Words) -> np.ndarray:
    """Where clauses of a useful size start: at the ends of sentences, at marks and conjunctions, in long ones anywhere."""
    starts = [0]
    for i in range(1, len(side)):
        size = i - starts[-1]
        cut = side.cuts[i]
        if cut == SENTENCE or (cut >= CLAUSE and size >= 4) or (cut >= PHRASE and size >= 10):
            starts.append(i)
    return np.array(starts, np.int64)


def _second(values: np.ndarray, first: np.ndarray) -> np.ndarray:
    """The highest value of each row but the one at `first`."""
    rest = values.copy()
    rest[np.arange(len(rest)), first] = -np.inf
    return rest.max(1)


def _smooth(values: np.ndarray, weights: np.ndarray, reach: int) -> np.ndarray:
    """The weighted mean over `reach` neighbours to each side."""
    sums = np.zeros((2, len(values) + 1))
    np.cumsum(values * weights, out=sums[0, 1:])
    np.cumsum(weights, out=sums[1, 1:])
    low = np.maximum(np.arange(len(values)) - reach, 0)
    high = np.minimum(np.arange(len(values)) + reach + 1, len(values))
    return (sums[0, high] - sums[0, low]) / (sums[1, high] - sums[1, low])


@cache
def _network(lang: str) -> Network:
    return Network.of(table("words")[lang])


def log_odds(lang: str, rows: np.ndarray) -> np.ndarray:
    """The log odds that each word has no counterpart, from rows of `features`."""
    return _network(lang)(rows)
