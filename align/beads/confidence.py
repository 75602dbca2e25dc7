"""The probability that a bead is right, from what is seen of it and of its neighbours on the path."""

import math

import numpy as np

from ..learnt import logistic
from .features import Scorer
from .posteriors import Posteriors

PAIR = ("bias", "posterior", "cos", "unanswered", "least", "ratio", "size", "before", "after", "near_alone")
ALONE = ("bias", "posterior", "bead", "near", "before", "after", "near_alone")
_MOST = 7.0  # log odds beyond which posteriors tell no more


def evidence(path: np.ndarray, corners: np.ndarray, scorer: Scorer, found: Posteriors
             ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Similarity of each bead, shape (beads,), and the PAIR and ALONE features of each, a row a bead.

    `path` holds (n, m) steps and `corners` the corners where they end, both of shape (beads, 2).
    """
    n, m = path.T
    i, j = (corners - path).T
    two = (n > 0) & (m > 0)
    cos = np.zeros(len(path))
    cos[two] = scorer.spans_similarity(i[two], n[two], j[two], m[two])
    posterior = _log_odds(_shares(path, corners, found))
    stats = scorer.stats
    odds = [(side.bead + side.near) / 2 for side in (stats.first, stats.second)]
    mean, most = _over(odds, (i, j), (n, m))
    ratio = np.minimum(np.abs(scorer.log_ratio(i, n, j, m)), 2)
    padded = np.concatenate([[0.5], cos, [0.5]])
    alone = np.concatenate([[0, 0], ~two, [0, 0]]).astype(float)
    near = (alone[:-4] + alone[1:-3] + alone[3:-1] + alone[4:]) / 4
    ones = np.ones(len(path))
    pair = np.stack([ones, posterior, cos, mean, most, ratio, n + m - 2.0, padded[:-2], padded[2:], near], axis=1)
    bead, close = (np.where(n > 0, getattr(stats.first, name)[np.minimum(i, len(stats.first.near) - 1)],
                            getattr(stats.second, name)[np.minimum(j, len(stats.second.near) - 1)])
                   for name in ("bead", "near"))
    lone = np.stack([ones, posterior, bead, close, padded[:-2], padded[2:], near], axis=1)
    return cos, pair, lone


def probability(pair: np.ndarray, lone: np.ndarray, two: "np.ndarray | np.bool", weights: dict[str, dict[str, float]]) -> np.ndarray:
    """Probability that each bead is right, by logistic regression on its features; shape (beads,)."""
    logit = np.where(two, pair @ np.array([weights["pair"][k] for k in PAIR]),
                     lone @ np.array([weights["alone"][k] for k in ALONE]))
    return logistic(logit, math.inf)


def _log_odds(shares: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return np.clip(np.log(shares) - np.log1p(-np.minimum(shares, 1)), -_MOST, _MOST)


def _shares(path: np.ndarray, corners: np.ndarray, found: Posteriors) -> np.ndarray:
    """How likely each bead of the path is over all paths."""
    (n, m), (i, j) = path.T, corners.T
    out = np.where(n == 0, found.second_alone[j - 1], found.first_alone[i - 1])

    def keys(ends: np.ndarray, sizes: np.ndarray) -> np.ndarray:
        return ((ends[:, 0] * (int(corners[-1, 1]) + 1) + ends[:, 1]) * 16 + sizes[:, 0] - 1) * 16 + sizes[:, 1] - 1

    two = (n > 0) & (m > 0)
    known, asked = keys(found.ends, found.sizes), keys(corners[two], path[two])
    order = np.argsort(known)
    at = np.minimum(np.searchsorted(known[order], asked), max(len(known) - 1, 0))
    if len(known):
        out[two] = np.where(known[order][at] == asked, found.shares[order][at], 0)
    else:
        out[two] = 0
    return out


def _over(odds: list[np.ndarray], starts: tuple[np.ndarray, np.ndarray], sizes: tuple[np.ndarray, np.ndarray]
          ) -> tuple[np.ndarray, np.ndarray]:
    """Mean and greatest of the segments' values over both sides of each bead."""
    sums = np.zeros(len(sizes[0]))
    most = np.full(len(sums), -np.inf)
    for values, start, size in zip(odds, starts, sizes, strict=True):
        total = np.concatenate([[0], np.cumsum(values)])
        sums += total[start + size] - total[start]
        for k in range(int(size.max(initial=0))):
            inside = size > k
            most[inside] = np.maximum(most[inside], values[start[inside] + k])
    return sums / (sizes[0] + sizes[1]), most
