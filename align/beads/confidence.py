"""The probability that a bead is right, from what is seen of it and of its neighbours on the path."""

import numpy as np

from .features import Habits, Scorer, path_type

PAIR = ("bias", "cos", "ingain", "outgain", "ratio", "size", "type", "marks", "before", "after", "near_alone")
ALONE = ("bias", "best", "type", "before", "after", "near_alone")
# What a bead is held against, as changes of (i, n, j, m): without an outer segment of its own, and with one more.
_WITHIN = ((0, -1, 0, 0), (1, -1, 0, 0), (0, 0, 0, -1), (0, 0, 1, -1))
_AROUND = ((0, 1, 0, 0), (-1, 1, 0, 0), (0, 0, 0, 1), (0, 0, -1, 1))
_SHIFTS = range(-3, 4)  # places at which a one-sided segment's best counterpart is looked for
_ASKED = np.array([(0, 0, 0, 0), *_WITHIN, *_AROUND, *((0, 0, k, 0) for k in _SHIFTS), *((k, 0, 0, 0) for k in _SHIFTS)]).T


def evidence(path: np.ndarray, corners: np.ndarray, scorer: Scorer, habits: Habits
             ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Similarity of each bead, shape (beads,), and the PAIR and ALONE features of each, a row a bead.

    `path` holds (n, m) steps and `corners` the corners where they end, both of shape (beads, 2).
    """
    n, m = path.T
    i, j = (corners - path).T
    two = (n > 0) & (m > 0)
    asked = np.stack([i, n, j, m])[:, None] + _ASKED[:, :, None]
    asked[1::2, -2 * len(_SHIFTS):] = 1
    sims = scorer.spans_similarity(*asked.reshape(4, -1)).reshape(asked.shape[1:])
    within, around, best_second, best_first = np.split(sims[1:], np.cumsum([len(_WITHIN), len(_AROUND), len(_SHIFTS)]))
    cos = np.where(two, sims[0], 0)
    inner = cos - np.fmax.reduce(within)
    inner = np.where(two & ~np.isnan(inner), inner, 0)
    outer = np.fmax(-1.0, np.fmax.reduce(around) - cos)
    types = habits.types[path_type(n, m)]
    ratio = np.minimum(np.abs(scorer.log_ratio(i, n, j, m)), 2)
    marks = habits.marks[scorer.first.closings[np.maximum(i + n - 1, 0)],
                         scorer.second.closings[np.maximum(j + m - 1, 0)]]
    padded = np.concatenate([[0.5], cos, [0.5]])
    alone = np.concatenate([[0, 0], ~two, [0, 0]]).astype(float)
    near = (alone[:-4] + alone[1:-3] + alone[3:-1] + alone[4:]) / 4
    ones = np.ones(len(path))
    pair = np.stack([ones, cos, np.clip(inner, -0.3, 0.3), np.clip(outer, -0.3, 0.3), ratio, n + m - 2.0, types, marks,
                     padded[:-2], padded[2:], near], axis=1)
    best = np.fmax.reduce(np.where(m == 0, best_second, np.where(n == 0, best_first, 0)), initial=0)
    lone = np.stack([ones, best, types, padded[:-2], padded[2:], near], axis=1)
    return cos.astype(np.float64), pair, lone


def probability(pair: np.ndarray, lone: np.ndarray, two: np.ndarray, weights: dict[str, dict[str, float]]) -> np.ndarray:
    """Probability that each bead is right, by logistic regression on its features; shape (beads,)."""
    logit = np.where(two, pair @ np.array([weights["pair"][k] for k in PAIR]),
                     lone @ np.array([weights["alone"][k] for k in ALONE]))
    return 1 / (1 + np.exp(-logit))
