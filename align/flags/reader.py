"""A small network that reads the words of both sides of a bead together and says of each whether it is answered.

Words are rows of `inputs`; every layer lets each word look at all words of the bead, the more the nearer they are in
meaning (a learnt weight of their similarity) and in place; the last gives log odds that nothing answers the word. The
network is that of an encoder of Vaswani et al. (2017) with such biases; `scripts/train_reader.py` learns it.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .. import learnt
from .coverage import FEATURES as WORD_FEATURES

if TYPE_CHECKING:
    from .evidence import Side

DIMENSION = 128
"""How many of the first columns of `inputs` are the word's unit vector."""
_CUTS = 5
FEATURES = (
    *WORD_FEATURES, "log_odds", "gate", "grammar", "arabic",
    *(f"{side}_{k}" for side in ("before", "after") for k in range(_CUTS)),
)  # fmt: skip
"""The columns of `inputs` behind the vector, by name."""
_HEADS = 4
_AT_ONCE = 3_000  # words that go through the network together, with those that fill up short beads
_LIKE = 1.8  # how many times longer than the shortest the longest of them may be
_FAR = 30  # words, from which on distance makes no difference
_DEAD = -1e4
_HIGHEST = np.float32(60)  # of a score: its exponential is a number still


def inputs(side: "Side") -> np.ndarray:
    """The rows of the words of a side, float32 of shape (words, width): unit vector, features of cover, log odds, gate,
    grammar, the cuts before and after, language."""
    words = side.words
    cuts = np.zeros((2, len(words), _CUTS), np.float32)
    every = np.arange(len(words))
    cuts[0, every, words.cuts[:-1]] = 1
    cuts[1, every, words.cuts[1:]] = 1
    more = np.stack([np.clip(side.odds, -8, 8), words.gates, words.content, np.full(len(words), side.lang == "ar")], axis=1)
    return np.concatenate([words.vectors, side.rows, more, *cuts], axis=1, dtype=np.float32)


def geometry(vectors: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What attention weighs of each pair of words, float32 of shape (beads, 4, words, words): similarity across the sides,
    whether across, how far apart in share of the sides, how far apart in words within a side; and what is added for
    places without a word, of shape (beads, 1, 1, words).

    `vectors` are unit rows of shape (beads, words, dimension), Arabic words first; `sizes` of shape (beads, 2) holds how
    many words a bead has, and how many of them are Arabic.
    """
    count, longest = vectors.shape[:2]
    at = np.arange(longest)
    words, arabic = sizes[:, :1], sizes[:, 1:]
    first = at < arabic
    there = at < words
    place = np.where(first, at, at - arabic)
    share = ((place + 0.5) / np.where(first, np.maximum(arabic, 1), np.maximum(words - arabic, 1))).astype(np.float32)
    same = first[:, :, None] == first[:, None, :]
    cross = (~same).astype(np.float32)
    out = np.empty((count, 4, longest, longest), np.float32)
    out[:, 0] = (vectors @ vectors.transpose(0, 2, 1)) * cross
    out[:, 1] = cross
    out[:, 2] = np.abs(share[:, :, None] - share[:, None, :]) * cross
    out[:, 3] = np.minimum(np.abs(place[:, :, None] - place[:, None, :]), _FAR) * same
    return out, np.where(there, np.float32(0), np.float32(_DEAD))[:, None, None, :]


@cache
def weights() -> dict[str, np.ndarray]:
    """The shipped network."""
    return learnt.maps("flags/reader.npz", {"features": FEATURES})


def read_weights(path: Path) -> dict[str, np.ndarray]:
    """A network that `scripts/train_reader.py` wrote; raises LearntError."""
    return learnt.maps(path, {"features": FEATURES})


def log_odds(beads: Sequence[tuple[np.ndarray, int]]) -> list[np.ndarray]:
    """The log odds that nothing answers each word of some beads, given as rows of `inputs`, Arabic words first, and the
    number of these."""
    out: list[np.ndarray] = [np.zeros(0, np.float32)] * len(beads)
    order = sorted(range(len(beads)), key=lambda k: len(beads[k][0]))
    some: list[int] = []
    for k in order:
        size = len(beads[k][0])
        if some and ((len(some) + 1) * size > _AT_ONCE or size > _LIKE * len(beads[some[0]][0])):
            _fill(out, beads, some)
            some = []
        some.append(k)
    if some:
        _fill(out, beads, some)
    return out


def _fill(out: list[np.ndarray], beads: Sequence[tuple[np.ndarray, int]], some: list[int]) -> None:
    """Log odds of beads of like sizes, that of the longest last."""
    sizes = np.array([(len(beads[k][0]), beads[k][1]) for k in some])
    found = _network(np.concatenate([beads[k][0] for k in some]), sizes)
    at = 0
    for k, size in zip(some, sizes[:, 0].tolist(), strict=True):
        out[k] = found[at : at + size]
        at += size


def _network(rows: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Log odds of shape (words,) from the rows of all beads' words; see `geometry`."""
    w = weights()
    n, size = len(sizes), int(sizes[:, 0].max())
    there = np.arange(size) < sizes[:, :1]  # only attention sees the beads as rows of words, filled up to the longest

    def spread(values: np.ndarray) -> np.ndarray:
        out = np.zeros((n, size, values.shape[-1]), np.float32)
        out[there] = values
        return out

    places, dead = geometry(spread(rows[:, :DIMENSION]), sizes)
    x = ((rows - w["mean"]) * w["scale"]) @ w["first.map"] + w["first.bias"]
    width = x.shape[-1]
    seen = np.ones((n, _HEADS, size, width // _HEADS + 1), np.float32)
    for k in range(sum(name.endswith(".mix.map") for name in w)):
        own = {name.removeprefix(f"layers.{k}."): value for name, value in w.items() if name.startswith(f"layers.{k}.")}
        mixed = _normal(x, own["norms.0.map"], own["norms.0.bias"]) @ own["mix.map"] + own["mix.bias"]
        q, keys, v = spread(mixed).reshape(n, size, 3, _HEADS, width // _HEADS).transpose(2, 0, 3, 1, 4)
        scores = (q * np.float32((width // _HEADS) ** -0.5)) @ keys.transpose(0, 1, 3, 2)
        scores += (own["bias"] @ places.reshape(n, 4, -1)).reshape(scores.shape)
        scores += dead
        np.minimum(scores, _HIGHEST, out=scores)
        np.exp(scores, out=scores)
        seen[..., :-1] = v  # the column of ones beside it sums the weights
        mixed = scores @ seen
        mixed = (mixed[..., :-1] / mixed[..., -1:]).transpose(0, 2, 1, 3)[there].reshape(-1, width)
        x = x + mixed @ own["out.map"] + own["out.bias"]
        inner = np.maximum(_normal(x, own["norms.1.map"], own["norms.1.bias"]) @ own["up.map"] + own["up.bias"], 0)
        x = x + inner @ own["down.map"] + own["down.bias"]
    return (_normal(x, w["norm.map"], w["norm.bias"]) @ w["last.map"] + w["last.bias"])[:, 0]


def _normal(x: np.ndarray, gain: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Layer normalisation; products with a vector are faster than means of short rows."""
    share = np.full((x.shape[-1], 1), 1 / x.shape[-1], np.float32)
    centred = x - x @ share
    centred /= np.sqrt((centred * centred) @ share + np.float32(1e-5))
    centred *= gain
    centred += bias
    return centred
