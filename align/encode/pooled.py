"""Spans of neighbouring texts from vectors of each text, for encoders that would have to embed every concatenation.

A text's tokens are seen beside no other text: what they say of it is added up, and a span is the sum over its texts. That
costs an eighth of the work of all runs of up to eight texts (in tokens: a thirty-sixth), and is near to embedding them,
since mean pooling adds up tokens too; what a token learns from the other texts of its span is lost.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np

from . import Encoder
from .cache import cached

# A window that would leave fewer characters than this takes them too.
_REST = 8
# Texts whose tokens' states are in memory at once.
_TEXTS = 1024
_WORD = re.compile(r"\S+")


class States(NamedTuple):
    """States of a text's own tokens, float32 of shape (tokens, dimension), and where each ends in the text."""

    rows: np.ndarray
    ends: np.ndarray


class StatesEncoder(Protocol):
    """An encoder whose vector of a text is the mean of its tokens' states."""

    name: str
    dimension: int
    signature: str

    def encode(self, texts: Sequence[str]) -> np.ndarray: ...

    def states(self, texts: Sequence[str]) -> list[States]: ...


class Sides(NamedTuple):
    """Unit rows of spans, of shape (width, texts, dimension), and of the first and last characters of each text, of shape
    (sizes, texts, dimension), or None where the encoder has none; `words` is always None."""

    spans: np.ndarray
    heads: np.ndarray | None
    tails: np.ndarray | None
    words: None = None


class Pooled:
    """An encoder with states of tokens, which are summed over texts, their first and their last characters."""

    def __init__(self, encoder: StatesEncoder, cache: bool = True):
        self.name, self.dimension = encoder.name, encoder.dimension
        self._encoder, self._cache = encoder, cache
        self._sums: dict[tuple[int, ...], Encoder] = {}

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """See the encoder's own `encode`."""
        return self._encoder.encode(texts)

    def many_spans_and_edges(self, lists: Sequence[Sequence[str]], width: int, sizes: Sequence[int],
                             words: object = None, keep: object = None) -> list[Sides]:
        """Spans and windows of `sizes` characters of each list of texts; all texts go to the encoder in one call."""
        wanted = tuple(sizes)
        if wanted not in self._sums:
            sums = _Sums(self._encoder, wanted)
            self._sums[wanted] = cached(sums) if self._cache else sums
        rows = self._sums[wanted].encode([text for part in lists for text in part])
        parts = rows.reshape(len(rows), 1 + 2 * len(wanted), self.dimension).swapaxes(0, 1)
        found, at = [], 0
        for part in lists:
            whole, *windows = np.split(parts[:, at:at + len(part)], [1, 1 + len(wanted)])
            found.append(Sides(spans_of(whole[0], width), unit(windows[0]), unit(windows[1])))
            at += len(part)
        return found


class Means:
    """Any other encoder: a span is the mean of its texts' vectors by their lengths; there are no windows."""

    def __init__(self, encoder: Encoder):
        self.name, self.dimension = encoder.name, encoder.dimension
        self._encoder = encoder

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """See the encoder's own `encode`."""
        return self._encoder.encode(texts)

    def many_spans_and_edges(self, lists: Sequence[Sequence[str]], width: int, sizes: Sequence[int],
                             words: object = None, keep: object = None) -> list[Sides]:
        """Spans of each list of texts; all texts go to the encoder in one call."""
        rows = self._encoder.encode([text for part in lists for text in part])
        found, at = [], 0
        for part in lists:
            lengths = np.array([len(text) for text in part], np.float32)
            found.append(Sides(spans_of(rows[at:at + len(part)] * lengths[:, None], width), None, None))
            at += len(part)
        return found


def spans_of(sums: np.ndarray, width: int) -> np.ndarray:
    """Unit rows of all runs of 1 to `width` neighbouring texts, float32 of shape (width, texts, dimension), from one row
    a text; zero where the run would pass the end."""
    ends = np.zeros((len(sums) + 1, sums.shape[1]))
    np.cumsum(sums, axis=0, dtype=np.float64, out=ends[1:])
    out = np.zeros((width, *sums.shape), np.float32)
    for more in range(min(width, len(sums))):
        out[more, :len(sums) - more] = unit(ends[more + 1:] - ends[:len(sums) - more])
    return out


def unit(rows: np.ndarray) -> np.ndarray:
    """Rows of unit length, zero rows left zero."""
    norms = np.linalg.norm(rows, axis=-1, keepdims=True)
    return rows / np.where(norms > 0, norms, 1)


class _Sums:
    """An encoder's states summed over each text and its windows, one row a text, so that they can be kept as such."""

    def __init__(self, encoder: StatesEncoder, sizes: tuple[int, ...]):
        self.name, self._encoder, self._sizes = encoder.name, encoder, sizes
        self.dimension = (1 + 2 * len(sizes)) * encoder.dimension
        self.signature = f"{encoder.signature}\nsums 1 {sizes}"

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Sums over the whole text, its first and its last characters, float32 of shape (texts, dimension)."""
        out = np.zeros((len(texts), 1 + 2 * len(self._sizes), self._encoder.dimension), np.float32)
        for start in range(0, len(texts), _TEXTS):
            part = texts[start:start + _TEXTS]
            for row, text, states in zip(out[start:], part, self._encoder.states(part)):
                self._add_up(row, text, states)
        return out.reshape(len(texts), self.dimension)

    def _add_up(self, row: np.ndarray, text: str, states: States) -> None:
        sums = np.concatenate([np.zeros((1, self._encoder.dimension)), np.cumsum(states.rows, 0, dtype=np.float64)])
        stops, starts = _windows(text, self._sizes)
        row[0] = sums[-1]
        row[1:1 + len(stops)] = sums[np.searchsorted(states.ends, stops, side="right")]
        row[1 + len(stops):] = sums[-1] - sums[np.searchsorted(states.ends, starts, side="right")]


def _windows(text: str, sizes: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Where windows of `sizes` characters from the beginning of a text stop, and where those to its end begin: they hold
    whole words, and the whole text where little would be left."""
    words = np.array([match.span() for match in _WORD.finditer(text)], np.int64).reshape(-1, 2)
    if not len(words):
        return np.full(len(sizes), len(text)), np.zeros(len(sizes), np.int64)
    wanted = np.array(sizes, np.int64)
    stops = words[np.minimum(np.searchsorted(words[:, 1], wanted), len(words) - 1), 1]
    starts = words[np.maximum(np.searchsorted(words[:, 0], len(text) - wanted, side="right") - 1, 0), 0]
    return np.where(len(text) - stops < _REST, len(text), stops), np.where(starts < _REST, 0, starts)
