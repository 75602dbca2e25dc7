"""One partner a line, and how likely it is right: a small network, the rivals of each pair, and the pool at hand.

The network gives the log of how much likelier a candidate looks if it is right than if it is wrong; what that means where
nobody knows how many are right is the matter of `pool`.
"""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from ..errors import UsageError
from ..shipped import folder
from .candidates import Candidates
from .pool import probabilities as in_pool

RIVALS = ("odds", "lead", "other_lead")
"""What the second step sees: log odds of the first, and by how much they exceed the best rival's of either line."""
_FAR = 8.0


@dataclass(frozen=True, slots=True)
class Mined:
    """Pairs, the likeliest first: rows, cosines, margins, calibrated probabilities; `share` is the estimated share of
    right ones among all lines' best pairs."""

    ar: np.ndarray
    en: np.ndarray
    sims: np.ndarray
    margins: np.ndarray
    probabilities: np.ndarray
    share: float

    def __len__(self) -> int:
        return len(self.ar)

    def take(self, rows: np.ndarray) -> "Mined":
        """Some of the pairs."""
        return Mined(self.ar[rows], self.en[rows], self.sims[rows], self.margins[rows], self.probabilities[rows], self.share)


@cache
def weights() -> dict[str, Any]:
    """The learnt numbers: a model for each kind of evidence."""
    return json.loads((folder("models") / "mine" / "weights.json").read_text("utf-8"))


def network(model: dict[str, Any], rows: np.ndarray) -> np.ndarray:
    """Log odds of rows by layers of tanh on standardised inputs."""
    x = np.clip((rows - np.array(model["mean"])) / np.array(model["scale"]), -6, 6)
    for matrix, bias in model["layers"][:-1]:
        x = np.tanh(x @ np.array(matrix) + np.array(bias))
    matrix, bias = model["layers"][-1]
    return (x @ np.array(matrix) + np.array(bias))[:, 0]


def choose(found: Candidates, extra: np.ndarray | None = None, model: dict[str, Any] | None = None) -> Mined:
    """The best pairs, each line in one at most, with their probabilities, the likeliest first.

    `extra` holds the features of `cover` and `facts`, a row a candidate; without them the plain model judges. Lines are
    given to each other in the order of the candidates' odds.
    """
    model = model or weights()["plain" if extra is None else "words"]
    if not len(found):
        nothing = np.zeros(0, np.float32)
        return Mined(found.ar, found.en, nothing, nothing, nothing.astype(np.float64), 0.0)
    rows = found.features if extra is None else np.concatenate([found.features, extra], 1)
    odds = network(model["first"], rows)
    taken = greedy(found, odds)
    last = model["second"]
    logits = ((rivals(found, odds)[taken] - last["mean"]) / last["scale"]) @ np.array(last["weights"]) + last["bias"]
    probabilities, share = in_pool(logits, model["kinds"])
    order = np.lexsort((found.en[taken], found.ar[taken], -probabilities))
    taken = taken[order]
    return Mined(found.ar[taken], found.en[taken], found.sims[taken], found.margins[taken], probabilities[order], share)


def greedy(found: Candidates, odds: np.ndarray) -> np.ndarray:
    """Candidates in falling order of their odds, each only if both lines are still free."""
    free = np.ones(found.sizes[0], bool), np.ones(found.sizes[1], bool)
    kept = []
    order = np.lexsort((found.en, found.ar, -odds))
    for number, i, j in zip(order.tolist(), found.ar[order].tolist(), found.en[order].tolist(), strict=True):
        if free[0][i] and free[1][j]:
            free[0][i] = free[1][j] = False
            kept.append(number)
    return np.array(kept, np.int64)


def rivals(found: Candidates, odds: np.ndarray) -> np.ndarray:
    """RIVALS of every candidate, a row each."""
    leads = []
    for own, size in zip((found.ar, found.en), found.sizes, strict=True):
        best, second = np.full(size, -_FAR), np.full(size, -_FAR)
        order = np.lexsort((-odds, own))
        line, value = own[order], odds[order]
        first = np.diff(line, prepend=-1) != 0
        next_ = ~first & np.concatenate([[False], first[:-1]])
        best[line[first]], second[line[next_]] = value[first], value[next_]
        leads.append(np.clip(odds - np.where(odds >= best[own], second[own], best[own]), -_FAR, _FAR))
    return np.stack([odds, np.minimum(*leads), np.maximum(*leads)], 1)


def cut(mined: Mined, precision: float | None = None, least: float = 0.5, min_margin: float | None = None) -> Mined:
    """The pairs to keep: as many as leave the mean probability at `precision`; without it, those of `least` and more.

    `min_margin` also drops pairs whose margin is lower. Raises UsageError for a precision that is none.
    """
    if precision is not None and not 0 < precision < 1:
        raise UsageError(f"a precision lies between 0 and 1, such as 0.95, not {precision:g}")
    if min_margin is not None:
        mined = mined.take(np.flatnonzero(mined.margins >= min_margin))
    if precision is None:
        return mined.take(np.flatnonzero(mined.probabilities >= least))
    mean = np.cumsum(mined.probabilities) / np.arange(1, len(mined) + 1)
    return mined.take(np.arange(int(np.count_nonzero(mean >= precision))))
