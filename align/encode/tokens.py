"""Texts to token ids, with sentencepiece."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import EncoderError
from .weights import resources

if TYPE_CHECKING:
    import numpy as np

UNKNOWN, BEGIN, END = 0, 1, 2
# A window that would leave fewer characters than this takes them too.
_REST = 8


class Tokens(NamedTuple):
    """Token ids of several texts one after another: text `i` has `ids[starts[i]:starts[i + 1]]`, without marks."""

    ids: np.ndarray
    starts: np.ndarray

    @property
    def number(self) -> int:
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

    def _ready(self) -> Any:
        self._thread.join()
        if self._error is not None:
            raise EncoderError(f"the embedded encoder's tokenizer cannot be loaded: {self._error}") from self._error
        return self._processor

    def __call__(self, texts: Sequence[str]) -> Tokens:
        """Token ids of `texts`, each cut on its own; a text without any token has none."""
        import numpy as np

        processor = self._ready()
        texts = [_valid(text) for text in texts]
        pieces = processor.encode(texts, out_type="numpy")
        for i, ids in enumerate(pieces):
            if not ids.all():
                pieces[i] = np.repeat(ids, _sizes(ids.tolist(), processor.encode(texts[i], out_type=str)))
        starts = np.zeros(len(pieces) + 1, np.int64)
        np.cumsum([len(p) for p in pieces], out=starts[1:])
        return Tokens(np.concatenate([np.empty(0, np.int32), *pieces]), starts)

    def join(self, parts: Sequence[Tokens]) -> Tokens:
        """Tokens of some texts and of others after them as one."""
        import numpy as np

        shifts = np.cumsum([0, *(len(part.ids) for part in parts)])
        return Tokens(np.concatenate([np.empty(0, np.int32), *(part.ids for part in parts)]),
                      np.concatenate([*(part.starts[:-1] + shift for part, shift in zip(parts, shifts)), shifts[-1:]]))

    def windows(self, tokens: Tokens, sizes: Sequence[int]) -> np.ndarray:
        """Where windows of `sizes` characters from the beginning of each text end, and where those to its end begin.

        Token positions in `tokens.ids`, int64 of shape (2, len(sizes), texts); windows hold whole words, and the whole
        text where fewer than _REST characters would be left.
        """
        import numpy as np

        begins, ends = tokens.starts[:-1], tokens.starts[1:]
        if not sizes or not len(tokens.ids):
            return np.stack([np.repeat(ends[None], len(sizes), 0), np.repeat(begins[None], len(sizes), 0)])
        kinds, places = np.unique(tokens.ids, return_inverse=True)
        pieces = self._ready().id_to_piece(kinds.tolist())
        long = np.array([len(piece) for piece in pieces])[places]
        is_first = np.array([piece.startswith("\u2581") for piece in pieces])[places]
        is_first[begins[begins < ends]] = True
        chars = np.concatenate([[0], np.cumsum(long)])
        words = np.append(np.flatnonzero(is_first), len(tokens.ids))
        out = np.empty((2, len(sizes), len(begins)), np.int64)
        for k, size in enumerate(sizes):
            cut = words[np.minimum(np.searchsorted(words, np.searchsorted(chars, chars[begins] + size)), len(words) - 1)]
            cut = np.minimum(cut, ends)
            out[0, k] = np.where(chars[ends] - chars[cut] < _REST, ends, cut)
            start = np.searchsorted(chars, chars[ends] - size, side="right") - 1
            cut = np.maximum(words[np.maximum(np.searchsorted(words, start, side="right") - 1, 0)], begins)
            out[1, k] = np.where(chars[cut] - chars[begins] < _REST, begins, cut)
        return out

    def ranges(self, tokens: Tokens, texts: Sequence[str], words: Sequence[Sequence[tuple[int, int]]]
               ) -> tuple[np.ndarray, np.ndarray]:
        """The tokens that overlap each word, as positions in `tokens.ids`: first and one past the last, both int64.

        `tokens` are those of `texts`; words are half-open ranges of code points of each text, those of one text after
        those of another in the result. A word has a token at least, unless its text has none.
        """
        import numpy as np

        begins, ends = tokens.starts[:-1], tokens.starts[1:]
        # Texts stand one behind another here, two characters apart.
        bases = np.cumsum([0, *(len(text) + 2 for text in texts)])
        kinds, places = np.unique(tokens.ids, return_inverse=True)
        pieces = self._ready().id_to_piece(kinds.tolist())
        long = np.array([1 if kind == UNKNOWN else len(piece) for kind, piece in zip(kinds, pieces)], np.int64)[places]
        spaced = np.array([piece.startswith("\u2581") for piece in pieces], bool)[places]
        chars = np.concatenate([[0], np.cumsum(long)])
        # A space stands before each text, which is no character of it.
        shift = np.repeat(bases[:-1] - chars[begins] - 1, tokens.lengths)
        stops = chars[1:] + shift
        froms = stops - long + spaced
        # Where characters were replaced by others on the way to tokens, their number can differ: those are asked for.
        odd = np.flatnonzero((tokens.lengths > 0) & (chars[ends] - chars[begins] != [len(text) + 1 for text in texts]))
        for i, found in zip(odd.tolist(), self._offsets([texts[i] for i in odd.tolist()]), strict=True):
            froms[begins[i]:ends[i]], stops[begins[i]:ends[i]] = (bases[i] + found).T
        counts = [len(ranges) for ranges in words]
        wanted = np.array([word for ranges in words for word in ranges], np.int64).reshape(-1, 2)
        wanted += np.repeat(bases[:-1], counts)[:, None]
        low, high = np.repeat(begins, counts), np.repeat(ends, counts)
        at = np.searchsorted(np.maximum(stops, froms + 1), wanted[:, 0], side="right")
        at = np.clip(at, low, np.maximum(high - 1, low))
        return at, np.clip(np.searchsorted(froms, wanted[:, 1], side="left"), np.minimum(at + 1, high), high)

    def _offsets(self, texts: Sequence[str]) -> list[np.ndarray]:
        """The code points that each token of each text covers, spaces left out, int64 of shape (tokens, 2)."""
        import numpy as np

        out = []
        found = self._ready().encode([_valid(text) for text in texts], out_type="offset_mapping") if texts else []
        for text, pieces in zip(texts, found, strict=True):
            covered = []
            for size, (start, end) in zip(_sizes(pieces["ids"], pieces["pieces"]), pieces["offsets"], strict=True):
                while start < end and text[start].isspace():
                    start += 1
                if size > 1 and end - start == size:
                    covered += [(at, at + 1) for at in range(start, end)]
                else:
                    covered += [(start, end)] * size
            out.append(np.array(covered, np.int64).reshape(-1, 2))
        return out


@cache
def tokenizer() -> Tokenizer:
    """The embedded model's tokenizer, one a process; the first call starts to load it."""
    return Tokenizer(resources() / "sp.model")


def _sizes(ids: Sequence[int], pieces: Sequence[str]) -> list[int]:
    """Tokens that each piece counts as: sentencepiece reports a run of unknown characters as one, the package whose
    weights these are takes each for a token, and we follow it."""
    return [len(piece) if token == UNKNOWN else 1 for token, piece in zip(ids, pieces, strict=True)]


def _valid(text: str) -> str:
    """`text` with lone surrogates, which have no UTF-8, as question marks; the length stays."""
    try:
        text.encode()
        return text
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
