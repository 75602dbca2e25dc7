"""Two encoders as one: the vectors of both are joined, side by side, when a side's spans are asked for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from . import Encoder, SideVectors
from .pooled import unit


class Mixed:
    """An encoder whose vectors are those of `first` with those of `second` at `weight` beside them.

    Where spans are compared when aligning, the cosine of two joined rows is (a + weight * b) / (1 + weight) for the
    centred cosines a and b of the two encoders, see `join`. Words' states are the first's. Its `name` is the first's
    too: what makes it another encoder is the second's name and the weight.
    """

    def __init__(self, first: Encoder, second: Encoder, weight: float):
        self.first, self.second, self.weight = first, second, weight
        self.name = first.name
        self.dimension = first.dimension + second.dimension

    def __getattr__(self, name: str) -> object:
        # Whoever asks for anything else, such as spans, would get those of the first alone.
        if name != "word_states":
            raise AttributeError(name)
        return self.__dict__["first"].word_states

    def settle(self) -> None:
        """Take the engines for much work, where the encoders have several."""
        for encoder in (self.first, self.second):
            if hasattr(encoder, "settle"):
                encoder.settle()

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Unit rows of texts, float32 of shape (len(texts), dimension); a zero row for an empty text."""
        return _beside(self.first.encode(texts), self.second.encode(texts), self.weight)


def join(first: SideVectors, second: SideVectors, weight: float) -> SideVectors:
    """What two encoders know of one side's texts as one.

    Each encoder's rows have their mean over single texts taken away and are made unit length before they are put side by
    side, so that neither the length nor the spread of one encoder's vectors tells how much it counts. Joined rows are of
    unit length, and their own mean is nearly zero: a few hundredths, since what is unit length is no longer quite
    centred. Windows are centred likewise; where an encoder has none, its whole texts stand in for them.
    """
    one, two = first.spans.spans, second.spans.spans
    mean, other = _mean(one[0]), _mean(two[0])
    spans = np.empty((*one.shape[:2], one.shape[2] + two.shape[2]), np.float32)
    for out, rows, more in zip(spans, one, two, strict=True):
        out[:] = _beside(_centred(rows, mean), _centred(more, other), weight)
    edges: list[np.ndarray | None] = []
    for some, more in ((first.heads, second.heads), (first.tails, second.tails)):
        known = more if some is None else some
        if known is None:
            edges.append(None)
            continue
        sizes = len(known)
        edges.append(np.stack([
            _beside(_centred(one[0] if some is None else some[k], mean),
                    _centred(two[0] if more is None else more[k], other), weight).astype(np.float16)
            for k in range(sizes)]) if sizes else np.zeros((0, *spans.shape[1:]), np.float16))
    return SideVectors(type(first.spans)(spans), edges[0], edges[1], first.words)


def _mean(rows: np.ndarray) -> np.ndarray:
    """The mean of a side's texts, a little nearer to zero where they are few, as the aligner takes it."""
    return (rows.sum(0, dtype=np.float64) / (len(rows) + 1)).astype(np.float32)


def _centred(rows: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Unit rows with the mean taken away; zero rows stay zero."""
    rows = rows.astype(np.float32, copy=False)
    return unit((rows - mean) * rows.any(-1, keepdims=True))


def _beside(rows: np.ndarray, more: np.ndarray, weight: float) -> np.ndarray:
    return unit(np.concatenate([rows, np.float32(weight ** 0.5) * more], axis=-1))
