"""The tables of `models/flags`, and the boosted trees of others."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from ..learnt import Network, logistic, record


@cache
def table(name: str) -> dict[str, Any]:
    """The table `NAME.json` of `models/flags`."""
    return record(f"flags/{name}.json")


def network(name: str, part: str, features: Sequence[str]) -> Network:
    """The network `part` of a table (the whole of it where that is empty), for rows of `features`; raises LearntError."""
    held = table(name)
    return Network.checked(held[part] if part else held, features, f"flags/{name}.json")


class Trees(NamedTuple):
    """Boosted decision trees (Friedman 2001): arrays of shape (trees, nodes); a leaf points to itself.

    `line` is the slope and the shift that calibrate the sum (Platt 1999), `start` what the sum begins with, `usual` what
    is usual of the columns that are compared with it (none for trees that compare none).
    """

    columns: np.ndarray
    thresholds: np.ndarray
    left: np.ndarray
    right: np.ndarray
    values: np.ndarray
    start: float
    line: tuple[float, float]
    depth: int
    usual: np.ndarray

    @classmethod
    def of(cls, stored: Mapping[str, np.ndarray]) -> "Trees":
        """The trees of a file."""
        start, slope, shift, depth = stored["numbers"].tolist()
        columns, thresholds, left, right, values = (stored[name] for name in ("columns", "thresholds", "left", "right", "values"))
        return cls(columns, thresholds, left, right, values, start, (slope, shift), int(depth), stored["usual"])

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        """Log odds of rows, before calibration."""
        trees = np.arange(len(self.columns))
        out = np.empty(len(rows))
        for begin in range(0, len(rows), _AT_ONCE):
            part = rows[begin : begin + _AT_ONCE]
            lines = np.arange(len(part))[:, None]
            node = np.zeros((len(part), len(trees)), np.int64)
            for _ in range(self.depth):
                low = part[lines, self.columns[trees, node]] <= self.thresholds[trees, node]
                node = np.where(low, self.left[trees, node], self.right[trees, node])
            out[begin : begin + _AT_ONCE] = self.start + self.values[trees, node].sum(1)
        return out


_AT_ONCE = 4096  # rows that go through trees together


def probability(log_odds: float) -> float:
    """From log odds to a probability between 0 and 1."""
    return float(logistic(np.array(log_odds)))
