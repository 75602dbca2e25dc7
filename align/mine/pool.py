"""From log odds to probabilities in a pool of which nobody knows how many pairs are right.

The log odds of a pool's pairs are counted in steps. What is found there is a mixture of kinds of lines, learnt from many
pools: lines that have a counterpart, from those that are easily told to those of free translations and of collections full
of near copies, each kind with right and wrong pairs; and strangers, of which all pairs are wrong, on the same subjects as
the other side or on none of them. How much of each kind is in the pool at hand is estimated from its own counts (as
documents are taken apart into topics: Hofmann, Probabilistic Latent Semantic Analysis, 1999), which is a problem with one
peak only, held by what is usual where the lines are few.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..learnt import logistic

ROUNDS = 500
_LEAST, _MOST = 1e-4, 1 - 1e-4


def steps(odds: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """The number of the step that each of the log odds falls in; the first and the last are open."""
    return np.searchsorted(edges, odds)


def probabilities(odds: np.ndarray, kinds: Mapping[str, Sequence[Any]]) -> tuple[np.ndarray, float]:
    """The probability of each pair, never falling as the log odds rise, and the share of right ones."""
    curve = Curve.of(np.bincount(steps(odds, np.asarray(kinds["edges"])), minlength=len(kinds["edges"]) + 1), kinds)
    return curve(odds), curve.share


@dataclass(frozen=True, slots=True)
class Curve:
    """From log odds to probabilities, between the `middles` of steps; `share` is that of right pairs in the pool."""

    middles: np.ndarray
    logits: np.ndarray
    share: float

    @classmethod
    def of(cls, counts: np.ndarray, kinds: Mapping[str, Sequence[Any]]) -> "Curve":
        """The curve of a pool with so many pairs in each of the `steps`.

        `kinds` holds the inner `edges` of the steps, `right` and `wrong` with a row a kind and a column a step, together
        1 in every kind, and `usual`, how many lines of each kind are thought of beside those there.
        """
        edges, right, wrong = (np.asarray(kinds[name], np.float64) for name in ("edges", "right", "wrong"))
        shares = mixture(counts.astype(np.float64), right + wrong, np.asarray(kinds["usual"], np.float64))
        good, bad = shares @ right, shares @ wrong
        found = np.clip(np.maximum.accumulate(good / np.maximum(good + bad, 1e-12)), _LEAST, _MOST)
        width = edges[1] - edges[0]
        middles = np.concatenate([edges[:1] - width / 2, (edges[1:] + edges[:-1]) / 2, edges[-1:] + width / 2])
        return cls(middles, np.log(found / (1 - found)), float(good.sum() / max(good.sum() + bad.sum(), 1e-12)))

    def __call__(self, odds: np.ndarray) -> np.ndarray:
        """The probabilities of pairs with these log odds."""
        return np.clip(logistic(np.interp(odds, self.middles, self.logits), math.inf), _LEAST, _MOST)


def mixture(counts: np.ndarray, kinds: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """Shares of kinds, each a row of frequencies, that best explain counts, with `usual` counts beside them."""
    shares = usual / usual.sum()
    for _ in range(ROUNDS):
        seen = shares @ kinds
        shares = shares * (kinds @ (counts / np.maximum(seen, 1e-12))) + usual
        shares /= shares.sum()
    return shares
