"""The probability that a bead is right, from what is seen of it and of its neighbours on the path."""

import numpy as np

from .features import Habits, Scorer, path_type

PAIR = ("bias", "cos", "ingain", "outgain", "ratio", "size", "type", "marks", "before", "after", "near_alone")
ALONE = ("bias", "best", "type", "before", "after", "near_alone")
_NEAR = 3  # segments to each side within which a one-sided segment's best counterpart is looked for


def evidence(path: np.ndarray, corners: np.ndarray, scorer: Scorer, habits: Habits
             ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Similarity of each bead, shape (beads,), and the PAIR and ALONE features of each, a row a bead.

    `path` holds (n, m) steps and `corners` the corners where they end, both of shape (beads, 2).
    """
    n, m = path.T
    i, j = (corners - path).T
    two = (n > 0) & (m > 0)
    cos = np.zeros(len(path))
    cos[two] = scorer.spans_similarity(i[two], n[two], j[two], m[two])
    inner = np.full(len(path), 9.0)
    outer = np.full(len(path), -1.0)
    for di, dn, dj, dm in ((0, -1, 0, 0), (1, -1, 0, 0), (0, 0, 0, -1), (0, 0, 1, -1)):
        at = np.flatnonzero(two & (n + dn > 0) & (m + dm > 0))
        less = scorer.spans_similarity(i[at] + di, n[at] + dn, j[at] + dj, m[at] + dm)
        inner[at] = np.fmin(inner[at], cos[at] - less)
    for di, dn, dj, dm in ((0, 1, 0, 0), (-1, 1, 0, 0), (0, 0, 0, 1), (0, 0, -1, 1)):
        outer = np.fmax(outer, scorer.spans_similarity(i + di, n + dn, j + dj, m + dm) - cos)
    inner[inner > 8] = 0
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
    best = np.zeros(len(path))
    for shift in range(-_NEAR, _NEAR + 1):
        for at, di, dj in ((np.flatnonzero(m == 0), 0, shift), (np.flatnonzero(n == 0), shift, 0)):
            best[at] = np.fmax(best[at], scorer.spans_similarity(i[at] + di, 1, j[at] + dj, 1))
    lone = np.stack([ones, best, types, padded[:-2], padded[2:], near], axis=1)
    return cos.astype(np.float64), pair, lone


def probability(pair: np.ndarray, lone: np.ndarray, two: np.ndarray, weights: dict[str, dict[str, float]]) -> np.ndarray:
    """Probability that each bead is right, by logistic regression on its features; shape (beads,)."""
    logit = np.where(two, pair @ np.array([weights["pair"][k] for k in PAIR]),
                     lone @ np.array([weights["alone"][k] for k in ALONE]))
    return 1 / (1 + np.exp(-logit))
