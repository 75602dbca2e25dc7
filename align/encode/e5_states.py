"""States of tokens of multilingual-e5-small, with NumPy: without PyTorch, whose import takes as long as a chapter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..threads import one_blas_thread
from .bert import Bert, Norm, layers
from .e5 import read
from .network import side_by_side
from .pooled import States, unit
from .registry import E5

PROMPT = "query: "
# Tokens at once on one thread.
_BATCH = 512


class _Text(NamedTuple):
    """Token ids of a text, marks and prompt included, which of them are its own, and where those end in it."""

    ids: np.ndarray
    own: slice
    ends: np.ndarray


class E5States:
    """multilingual-e5-small on processors; raises as `e5.read` does."""

    name = E5
    device = "cpu"
    signature = f"{E5} numpy 1"

    def __init__(self) -> None:
        stored = read()
        self.dimension = stored.wide
        self._most, self._tokenizer, self._tensors = stored.places, stored.tokenizer, stored.tensors
        self._places = stored.tensors["emb.pos"].reshape(-1, stored.wide) + stored.tensors["emb.type"][:stored.wide]
        self._norm = Norm(stored.tensors["emb.ln.w"], stored.tensors["emb.ln.b"], stored.eps)
        self._bert = Bert(layers(stored.tensors, stored.layers, stored.heads, stored.eps), stored.heads)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Unit rows of texts, float32 of shape (len(texts), 384); a zero row for an empty text."""
        out = np.zeros((len(texts), self.dimension), np.float32)
        for i, rows in self._all_states(self._read(texts)):
            out[i] = rows.mean(0)
        return unit(out)

    def states(self, texts: Sequence[str]) -> list[States]:
        """States of the tokens of each text, seen with the prompt and both marks, which have none in the result."""
        found = self._read(texts)
        out = [States(np.zeros((0, self.dimension), np.float32), np.zeros(0, np.int64))] * len(texts)
        for i, rows in self._all_states(found):
            out[i] = States(rows[found[i].own], found[i].ends)
        return out

    def _read(self, texts: Sequence[str]) -> list[_Text]:
        found = self._tokenizer.encode_batch([PROMPT + text.encode("utf-8", "replace").decode() for text in texts])
        return [_text(np.array(one.ids), np.array(one.offsets)[:, 1] - len(PROMPT), self._most) for one in found]

    def _all_states(self, texts: Sequence[_Text]) -> list[tuple[int, np.ndarray]]:
        """The number of each text that has tokens of its own, and states of all its tokens; batches hold few lengths."""
        order = sorted((i for i, text in enumerate(texts) if len(text.ends)), key=lambda i: len(texts[i].ids))
        batches: list[list[int]] = []
        room = 0
        for i in order:
            room -= len(texts[i].ids)
            if room < 0:
                batches.append([])
                room = _BATCH - len(texts[i].ids)
            batches[-1].append(i)

        def work(batch: list[int]) -> list[tuple[int, np.ndarray]]:
            lengths = [len(texts[i].ids) for i in batch]
            rows = self._states([texts[i].ids for i in batch], lengths)
            return list(zip(batch, np.split(rows, np.cumsum(lengths)[:-1]), strict=True))

        with one_blas_thread():
            return [pair for found in side_by_side(work, batches) for pair in found]

    def _states(self, sequences: Sequence[np.ndarray], lengths: Sequence[int]) -> np.ndarray:
        """States of the tokens of sequences in order of their lengths, one after another."""
        rows = self._tensors.rows("emb.word", np.concatenate(sequences), self.dimension)
        rows += self._places[np.concatenate([np.arange(length) for length in lengths])]
        sizes, counts = np.unique(lengths, return_counts=True)
        return self._bert(self._norm(rows), list(zip(counts.tolist(), sizes.tolist(), strict=True)))


def _text(ids: np.ndarray, ends: np.ndarray, most: int) -> _Text:
    """What is seen of a text of more than `most` tokens is its beginning; the last token is a mark."""
    if len(ids) > most:
        ids, ends = np.append(ids[:most - 1], ids[-1]), np.append(ends[:most - 1], ends[-1])
    own = np.flatnonzero(ends > 0)
    if not len(own):
        return _Text(ids, slice(0, 0), np.zeros(0, np.int64))
    return _Text(ids, slice(own[0], own[-1] + 1), ends[own])
