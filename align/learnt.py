"""What was learnt: the files of `models/` are read here and nowhere else, and the names of features are checked.

Weights that are read by position hold the names of the features that they were learnt with; where the code has others,
or the same in another order, they mean something else, and LearntError says so before a single number is wrong.
"""

from __future__ import annotations

import json
import lzma
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import LearntError
from .shipped import folder

if TYPE_CHECKING:
    import numpy as np

HIGHEST = 30.0
"""Log odds beyond which a probability is certain."""


def path(name: str | Path) -> Path:
    """Where the file ROOM/FILE of `models/` lies, or a file of one's own; raises InputError where all are missing."""
    return name if isinstance(name, Path) else folder("models").joinpath(*name.split("/"))


def data(name: str) -> bytes:
    """The bytes of a file of `models/`, those of `.xz` unpacked; raises LearntError where it is missing or damaged."""
    try:
        held = path(name).read_bytes()
        return lzma.decompress(held) if name.endswith(".xz") else held
    except (OSError, lzma.LZMAError) as error:
        raise _damaged(name, error) from None


def text(name: str) -> str:
    """The text of a file of `models/`; raises LearntError."""
    try:
        return data(name).decode("utf-8")
    except UnicodeDecodeError as error:
        raise _damaged(name, error) from None


def rows(name: str) -> list[list[str]]:
    """The cells of each line of a TSV; raises LearntError."""
    return [line.split("\t") for line in text(name).splitlines()]


def record(name: str) -> dict[str, Any]:
    """The object of a JSON or TOML file; raises LearntError."""
    try:
        found = tomllib.loads(text(name)) if name.endswith(".toml") else json.loads(text(name))
    except ValueError as error:
        raise _damaged(name, error) from None
    if not isinstance(found, dict):
        raise LearntError(f"{path(name)}: is no object of named values")
    return found


def arrays(name: str | Path, features: Mapping[str, Sequence[str]] = {}) -> dict[str, np.ndarray]:
    """The arrays of an NPZ file by name; of each in `features` the file must hold these names, in this order.

    Raises LearntError.
    """
    import zipfile

    import numpy as np

    try:
        with np.load(path(name), allow_pickle=False) as stored:
            found = {key: stored[key] for key in stored.files}
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise _damaged(name, error) from None
    for key, names in features.items():
        check(found[key].tolist() if key in found else None, names, name)
    return found


def maps(name: str | Path, features: Mapping[str, Sequence[str]] = {}) -> dict[str, np.ndarray]:
    """The numbers of an NPZ file of matrices and biases, as float32; `features` as in `arrays`; raises LearntError."""
    import numpy as np

    return {key: values.astype(np.float32) for key, values in arrays(name, features).items() if values.dtype.kind == "f"}


def check(stored: Sequence[str] | None, features: Sequence[str], name: str | Path) -> None:
    """Raise LearntError unless the names `stored` in the file `name` are the `features` of the code, in their order."""
    if stored is not None and tuple(stored) == tuple(features):
        return
    if stored is None:
        raise LearntError(f"{path(name)}: does not name the features that it was learnt with; learn it again (see scripts/)")
    others = sorted({*stored} ^ {*features})
    told = f"{', '.join(others[:5])} on one side only" if others else "the same in another order"
    raise LearntError(f"{path(name)}: was learnt with other features ({told}); learn it again (see scripts/)")


@dataclass(frozen=True, slots=True)
class Network:
    """Standardised inputs, layers with tanh between, one output: log odds.

    `most` bounds standardised inputs on both sides, where it is given.
    """

    mean: np.ndarray
    scale: np.ndarray
    layers: tuple[tuple[np.ndarray, np.ndarray], ...]
    most: float | None = None

    @classmethod
    def of(cls, stored: Mapping[str, Any], *, kind: str = "float32", most: float | None = None) -> Network:
        """The network in a record, its numbers of the given `kind`."""
        import numpy as np

        layers = tuple((np.array(w, kind), np.array(b, kind)) for w, b in stored["layers"])
        return cls(np.array(stored["mean"], kind), np.array(stored["scale"], kind), layers, most)

    @classmethod
    def checked(cls, stored: Mapping[str, Any], features: Sequence[str], name: str) -> Network:
        """The network in a record of the file `name`, for rows of these `features`; raises LearntError."""
        check(stored.get("features"), features, name)
        return cls.of(stored)

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        """Log odds of rows, shape (rows,)."""
        import numpy as np

        x = (rows - self.mean) / self.scale
        if self.most is not None:
            x = np.clip(x, -self.most, self.most)
        for weights, bias in self.layers[:-1]:
            x = np.tanh(x @ weights + bias)
        weights, bias = self.layers[-1]
        odds: np.ndarray = (x @ weights + bias)[:, 0]
        return odds


def logistic(log_odds: np.ndarray, most: float = HIGHEST) -> np.ndarray:
    """From log odds to probabilities between 0 and 1; beyond `most` all are as certain."""
    import numpy as np

    chances: np.ndarray = 1 / (1 + np.exp(-(log_odds if most == math.inf else np.clip(log_odds, -most, most))))
    return chances


def chance(log_odds: float) -> float:
    """`logistic` of a single number."""
    return 1 / (1 + math.exp(-max(-HIGHEST, min(HIGHEST, log_odds))))


def _damaged(name: str | Path, error: Exception) -> LearntError:
    return LearntError(f"{path(name)}: is missing or damaged ({type(error).__name__}: {error}); reinstall muwazi")
