"""The calibration tables of `models/flags`, and the small networks kept in them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from ..shipped import folder


@cache
def table(name: str) -> dict[str, Any]:
    """The table `NAME.json` of `models/flags`."""
    return json.loads((folder("models") / "flags" / f"{name}.json").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Network:
    """Standardised inputs, layers with tanh between, one output: log odds."""

    mean: np.ndarray
    scale: np.ndarray
    layers: tuple[tuple[np.ndarray, np.ndarray], ...]

    @classmethod
    def of(cls, stored: dict[str, Any]) -> "Network":
        """The network as a table holds it."""
        layers = tuple((np.array(w, np.float32), np.array(b, np.float32)) for w, b in stored["layers"])
        return cls(np.array(stored["mean"], np.float32), np.array(stored["scale"], np.float32), layers)

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        """Log odds of rows, shape (rows,)."""
        x = (rows - self.mean) / self.scale
        for weights, bias in self.layers[:-1]:
            x = np.tanh(x @ weights + bias)
        weights, bias = self.layers[-1]
        return (x @ weights + bias)[:, 0]


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
        arrays = (stored[name] for name in ("columns", "thresholds", "left", "right", "values"))
        return cls(*arrays, start, (slope, shift), int(depth), stored["usual"])

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
    return float(1 / (1 + np.exp(-np.clip(log_odds, -30, 30))))
