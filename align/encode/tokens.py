"""Texts to token ids, with sentencepiece."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..errors import EncoderError
from .form import form_with_offsets
from .weights import resources

if TYPE_CHECKING:
    import numpy as np

BEGIN, END = 1, 2


class Tokens(NamedTuple):
    """Token ids of several texts one after another: text `i` has `ids[starts[i]:starts[i + 1]]`, without marks."""

    ids: np.ndarray
    starts: np.ndarray

    @property
    def count(self) -> int:
        """Number of texts."""
        return len(self.starts) - 1

    @property
    def lengths(self) -> np.ndarray:
        """Tokens of each text."""
        return self.starts[1:] - self.starts[:-1]


class Tokenizer:
    """The model's sentencepiece tokenizer, loaded on a thread (it takes 0.2 s and leaves the interpreter free)."""

    def __init__(self, path: Path):
        self._path = path
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._load, daemon=True)
        self._thread.start()

    def _load(self) -> None:
        try:
            from sentencepiece import SentencePieceProcessor

            self._processor = SentencePieceProcessor()
            self._processor.LoadFromSerializedProto(self._path.read_bytes())
        except (ImportError, OSError, RuntimeError, ValueError) as error:
            self._error = error

    def _ready(self):
        self._thread.join()
        if self._error is not None:
            raise EncoderError(f"the embedded encoder's tokenizer cannot be loaded: {self._error}") from self._error
        return self._processor

    def __call__(self, texts: Sequence[str]) -> Tokens:
        """Token ids of `texts`, each cut on its own; a text without any token has none."""
        import numpy as np

        pieces = self._ready().encode([_valid(text) for text in texts], out_type="numpy")
        starts = np.zeros(len(pieces) + 1, np.int64)
        np.cumsum([len(p) for p in pieces], out=starts[1:])
        return Tokens(np.concatenate([np.empty(0, np.int32), *pieces]), starts)

    def join(self, parts: Sequence[Tokens]) -> Tokens:
        """Tokens of some texts and of others after them as one."""
        import numpy as np

        shifts = np.cumsum([0, *(len(part.ids) for part in parts)])
        return Tokens(np.concatenate([np.empty(0, np.int32), *(part.ids for part in parts)]),
                      np.concatenate([*(part.starts[:-1] + shift for part, shift in zip(parts, shifts)), shifts[-1:]]))

    def offsets(self, texts: Sequence[str]) -> tuple[Tokens, list[list[tuple[int, int]]]]:
        """Token ids of the forms of texts, and the code points in each text that each token covers, spaces left out."""
        import numpy as np

        forms = [form_with_offsets(text) for text in texts]
        found = self._ready().encode([_valid(shape) for shape, _ in forms], out_type="offset_mapping")
        starts = np.zeros(len(found) + 1, np.int64)
        np.cumsum([len(f["ids"]) for f in found], out=starts[1:])
        ids = np.fromiter((i for f in found for i in f["ids"]), np.int32, count=int(starts[-1]))
        places = []
        for (shape, kept), pieces in zip(forms, found, strict=True):
            covered = []
            for start, end in pieces["offsets"]:
                while start < end and shape[start].isspace():
                    start += 1
                # The end is where the last character ends, marks after it included, not where the next one starts.
                covered.append((kept[start], kept[end] if end > start else kept[start]))
            places.append(covered)
        return Tokens(ids, starts), places


@cache
def tokenizer() -> Tokenizer:
    """The embedded model's tokenizer, one a process; the first call starts to load it."""
    return Tokenizer(resources() / "sp.model")


def _valid(text: str) -> str:
    """`text` with lone surrogates, which have no UTF-8, as question marks; the length stays."""
    try:
        text.encode()
        return text
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
