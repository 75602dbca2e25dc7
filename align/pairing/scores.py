"""From evidence to log odds, and from the log odds of rivals to a probability."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from ..learnt import check, logistic, record
from .evidence import FEATURES, features
from .side import Side

LAST = ("score", "lead", "bias")
"""What the last step weighs, by name."""
POSSIBLE = -4.0
"""Log odds below which a candidate is never chosen."""
LEAST = -2.0
"""A document without a rival is scored as if it had one of these log odds."""
_MOST = 5.0  # log odds beyond which to be ahead of a rival says no more
_SAME = 0.95  # of its text, by length, that a document has in common with its copy


@dataclass(frozen=True, slots=True)
class Model:
    """A weight for each of FEATURES and a bias give log odds; `last` weighs them, the lead over the best rival, and a
    bias."""

    weights: np.ndarray
    bias: float
    last: tuple[float, float, float]

    def scores(self, found: np.ndarray) -> np.ndarray:
        """Log odds of rows of `Evidence`, each candidate by itself."""
        return features(found) @ self.weights + self.bias

    def probabilities(self, scores: np.ndarray, leads: np.ndarray) -> np.ndarray:
        """Of candidates to be versions of one text, from their log odds and their leads; see `leads`."""
        own, ahead, bias = self.last
        return logistic(own * scores + ahead * leads + bias)


@cache
def model() -> Model:
    """The shipped weights; raises LearntError when they are not what they should be."""
    name = "pairing/weights.json"
    found = record(name)
    check(tuple(found.get("weights", ())), FEATURES, name)
    check(tuple(found.get("last", ())), LAST, name)
    own, ahead, bias = found["last"].values()
    return Model(np.array(list(found["weights"].values())), float(found["bias"]), (own, ahead, bias))


def leads(pairs: np.ndarray, scores: np.ndarray, sides: tuple[Side, Side]) -> np.ndarray:
    """By how much each candidate is ahead of the best other candidate of either of its documents, in log odds.

    Negative where another is ahead. A copy of a document is no rival of it.
    """
    lead = np.minimum(*(_lead(pairs, scores, column, sides[1 - column]) for column in (0, 1)))
    return np.clip(lead, -_MOST, _MOST)


def _lead(pairs: np.ndarray, scores: np.ndarray, column: int, others: Side) -> np.ndarray:
    """The lead among the candidates of the documents in `column`."""
    out = np.empty(len(pairs))
    order = np.lexsort((-scores, pairs[:, column]))
    owners = pairs[order, column]
    for group in np.split(order, np.flatnonzero(np.diff(owners)) + 1) if len(order) else ():
        for at in group:
            own = pairs[at, 1 - column]
            rivals = (k for k in group if k != at and not are_copies(others, pairs[k, 1 - column], own))
            best = next(rivals, None)
            out[at] = scores[at] - max(LEAST, LEAST if best is None else scores[best])
    return out


def are_copies(side: Side, one: int, other: int) -> bool:
    """Whether two documents of a side are one text but for a few sentences."""
    if one == other or side.digests[one] == side.digests[other]:
        return True
    if not _SAME < side.sizes[one] / max(side.sizes[other], 1) < 1 / _SAME:
        return False
    a, b = (slice(side.starts[k], side.starts[k + 1]) for k in (one, other))
    in_both = np.isin(side.hashes[a], side.hashes[b])
    return bool(side.lengths[a][in_both].sum() >= _SAME * side.lengths[a].sum())
