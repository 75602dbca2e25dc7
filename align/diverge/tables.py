"""The calibration tables of `models/flags`, and the small networks kept in them."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

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


def probability(log_odds: float) -> float:
    """From log odds to a probability between 0 and 1."""
    return float(1 / (1 + np.exp(-np.clip(log_odds, -30, 30))))
