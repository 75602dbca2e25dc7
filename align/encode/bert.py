"""The forward pass of a BERT encoder (Devlin et al. 2019) in float32 with NumPy: it starts at once, and needs no PyTorch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

# Rows whose activations go through one function at a time: they stay in the cache of the processor.
_ROWS = 64
# Of the error function, by Abramowitz and Stegun (1964), 7.1.26; its error is below 1.5e-7.
_ERF = 0.3275911, (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592)


class Dense(NamedTuple):
    """A dense layer: `weight` of shape (inputs, outputs), `bias` of shape (outputs,)."""

    weight: np.ndarray
    bias: np.ndarray

    @classmethod
    def of(cls, weight: np.ndarray, bias: np.ndarray) -> Dense:
        """From weights of shape (outputs, inputs), as models store them."""
        return cls(np.ascontiguousarray(weight.T, np.float32), np.ascontiguousarray(bias, np.float32))

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        out = rows @ self.weight
        out += self.bias
        return out


class Norm(NamedTuple):
    """Rows brought to mean 0 and variance 1, then stretched and shifted; works in place."""

    gain: np.ndarray
    shift: np.ndarray
    eps: float

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        rows -= rows.mean(1, keepdims=True)
        variance = np.einsum("ij,ij->i", rows, rows) / np.float32(rows.shape[1])
        rows *= (1 / np.sqrt(variance + np.float32(self.eps)))[:, None]
        rows *= self.gain
        rows += self.shift
        return rows


class Layer(NamedTuple):
    """One layer: `together` makes queries (already scaled), keys and values of all heads."""

    together: Dense
    attended: Dense
    attended_norm: Norm
    inner: Dense
    outer: Dense
    outer_norm: Norm


class Bert:
    """States of tokens from their embeddings. Calls from several threads work at once; results do not depend on what
    else is in a batch but in their last bits."""

    def __init__(self, layers: Sequence[Layer], heads: int):
        self._layers = layers
        self._heads = heads

    def __call__(self, rows: np.ndarray, shapes: Sequence[tuple[int, int]]) -> np.ndarray:
        """States of all tokens, float32 of the shape of `rows`.

        `rows` holds embeddings of sequences one after another; `shapes` says how many neighbouring sequences have which
        length.
        """
        for layer in self._layers:
            mixed = layer.attended(self._attend(layer.together(rows), shapes))
            mixed += rows
            rows = layer.attended_norm(mixed)
            grown = layer.inner(rows)
            _gelu(grown)
            out = layer.outer(grown)
            out += rows
            rows = layer.outer_norm(out)
        return rows

    def _attend(self, together: np.ndarray, shapes: Sequence[tuple[int, int]]) -> np.ndarray:
        """What every token takes from the values of its own sequence."""
        wide = together.shape[1] // 3
        out = np.empty((len(together), wide), np.float32)
        at = 0
        for count, length in shapes:
            here = slice(at, at + count * length)
            split = together[here].reshape(count, length, 3, self._heads, -1).transpose(2, 0, 3, 1, 4)
            shares = split[0] @ split[1].swapaxes(2, 3)
            shares -= shares.max(-1, keepdims=True)
            np.exp(shares, out=shares)
            shares /= shares.sum(-1, keepdims=True)
            out[here].reshape(count, length, self._heads, -1).swapaxes(1, 2)[...] = shares @ split[2]
            at = here.stop
        return out


def layers(tensors: Mapping[str, np.ndarray], count: int, heads: int, eps: float) -> list[Layer]:
    """Layers from flat arrays called `l0.q.w`, `l0.q.b` and so on: query, key and value (q, k, v), attention's output and
    its norm (ao, aln), the layers between and their norm (fi, fo, oln)."""

    def parts(name: str) -> tuple[np.ndarray, np.ndarray]:
        bias = tensors[f"{name}.b"]
        return tensors[f"{name}.w"].reshape(len(bias), -1), bias

    def dense(name: str) -> Dense:
        return Dense.of(*parts(name))

    def norm(name: str) -> Norm:
        return Norm(tensors[f"{name}.w"], tensors[f"{name}.b"], eps)

    out = []
    for at in (f"l{number}." for number in range(count)):
        (query, query_bias), (key, key_bias), (value, value_bias) = map(parts, (at + "q", at + "k", at + "v"))
        scale = np.float32((len(query_bias) // heads) ** -0.5)
        together = Dense.of(np.concatenate([query * scale, key, value]),
                            np.concatenate([query_bias * scale, key_bias, value_bias]))
        out.append(Layer(together, dense(at + "ao"), norm(at + "aln"), dense(at + "fi"), dense(at + "fo"), norm(at + "oln")))
    return out


def _gelu(rows: np.ndarray) -> None:
    """Every number times the normal distribution function of it, in place (Hendrycks and Gimpel 2016)."""
    for start in range(0, len(rows), _ROWS):
        part = rows[start:start + _ROWS]
        size = np.abs(part)
        scaled = size * np.float32(0.5 ** 0.5)
        near = scaled * np.float32(_ERF[0])
        near += 1
        np.reciprocal(near, out=near)
        tail = np.zeros_like(near)
        for factor in _ERF[1]:
            tail += np.float32(factor)
            tail *= near
        scaled *= scaled
        np.negative(scaled, out=scaled)
        np.exp(scaled, out=scaled)
        tail *= scaled
        # `tail` is what the error function lacks to 1 on this side of 0.
        tail *= size
        tail *= np.float32(0.5)
        np.maximum(part, 0, out=part)
        part -= tail
