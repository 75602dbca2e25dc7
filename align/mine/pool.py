"""From log odds to probabilities in a pool of which nobody knows how many pairs are right.

The log odds of right and of wrong pairs are mixtures of normals, learnt from many pools. In the pool at hand both may lie
elsewhere and spread otherwise (freer translations, stranger strangers), and any share of pairs may be right: five
numbers, which are fitted to all pairs of the pool, drawn to what was usual (after Belin and Rubin, A Method for
Calibrating False-Match Rates in Record Linkage, 1995).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

SPREADS = (0.8, 0.2, 1.5, 0.3)
"""How far a pool usually departs: place and log of scale of wrong, then of right pairs."""
_DOUBT = 2.0  # right and wrong pairs thought of beside those there: a few lines tell little of the share
_EDGES = np.linspace(-12, 12, 121)
_STEPS = np.array([0.4, 0.1, 0.6, 0.15, 1.0])
_FINEST = 0.01
_STARTS = (-3.0, -1.0, 1.0)


def probabilities(odds: np.ndarray, shapes: Mapping[str, Sequence[Sequence[float]]]) -> tuple[np.ndarray, float]:
    """The probability of each pair, never falling as the log odds rise, and the share of right ones.

    `shapes` holds the mixtures `wrong` and `right`: weights, means and standard deviations.
    """
    odds = np.clip(odds, _EDGES[0] + 0.01, _EDGES[-1] - 0.01)
    counts = np.histogram(odds, _EDGES)[0].astype(float)
    middles = (_EDGES[1:] + _EDGES[:-1]) / 2
    there = counts > 0
    wrong, right = (np.array(shapes[name]) for name in ("wrong", "right"))

    def parts(at: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        share = 1 / (1 + np.exp(-at[4]))
        return (1 - share) * _density(wrong, at[0], np.exp(at[1]), x), share * _density(right, at[2], np.exp(at[3]), x)

    def fits(at: np.ndarray) -> float:
        share = 1 / (1 + np.exp(-at[4]))
        seen = counts[there] @ np.log(sum(parts(at, middles[there])) + 1e-12)
        return float(seen - 0.5 * ((at[:4] / SPREADS) ** 2).sum() + _DOUBT * (np.log(share) + np.log(1 - share)))

    best = max((_climbed(fits, np.array([0, 0, 0, 0, start])) for start in _STARTS), key=fits)
    bad, good = parts(best, odds)
    found = np.clip(good / (good + bad + 1e-300), 1e-4, 1 - 1e-4)
    order = np.argsort(odds, kind="stable")
    found[order] = np.maximum.accumulate(found[order])
    return found, float(1 / (1 + np.exp(-best[4])))


def _climbed(fits: Any, at: np.ndarray) -> np.ndarray:
    """The nearest peak, by steps along each number that halve where none leads up."""
    value, steps = fits(at), _STEPS.copy()
    while steps[0] > _FINEST:
        moved = False
        for number in range(len(at)):
            for sign in (1, -1):
                other = at.copy()
                other[number] += sign * steps[number]
                if (new := fits(other)) > value:
                    at, value, moved = other, new, True
                    break
        if not moved:
            steps /= 2
    return at


def _density(mixture: np.ndarray, shift: float, scale: float, x: np.ndarray) -> np.ndarray:
    weights, means, spreads = mixture
    spreads = scale * spreads
    return (weights * np.exp(-0.5 * ((x[:, None] - shift - scale * means) / spreads) ** 2) / spreads).sum(1) / np.sqrt(2 * np.pi)
