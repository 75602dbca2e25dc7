"""The embedded encoder: sentences, and every span of neighbouring sentences, to unit vectors; offline."""

from collections.abc import Sequence

import numpy as np

from .network import REACH, Head, Network, lay_out, one_blas_thread
from .tokens import BEGIN, END, Tokens, form, tokenizer
from .weights import weights

# Segments whose spans are worked out together: bounds memory, whatever the document.
_SEGMENTS = 2048
# A span has its first and its last tokens apart only if it is at least so long.
_APART = 2 * REACH


class Embedded:
    """Google's universal-sentence-encoder-multilingual v3 from packaged weights, in our own forward pass."""

    name = "universal-sentence-encoder-multilingual"
    dimension = 512
    device = "cpu"

    def __init__(self) -> None:
        self._tokenizer = tokenizer()
        self._network = Network(weights())
        self._head = Head(weights())

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Unit rows of texts, float32 of shape (len(texts), 512); a text without tokens has a zero row."""
        with one_blas_thread():
            return self._whole(self._tokenizer([form(text) for text in texts]))

    def _whole(self, tokens: Tokens) -> np.ndarray:
        lengths = tokens.lengths
        sums = self._pool(*_marked(tokens))
        counts = np.where(lengths > 0, lengths + 2, 0)
        return self._head.vectors(self._head.project(sums, counts), counts)

    def _pool(self, ids: np.ndarray, starts: np.ndarray, first: np.ndarray | None = None,
              last: np.ndarray | None = None) -> np.ndarray:
        return self._network.pool(lay_out(ids, starts, first, last), len(starts) - 1)

    def spans(self, texts: Sequence[str], width: int) -> np.ndarray:
        """Vectors of every run of 1 to `width` neighbouring texts, float32 of shape (width, len(texts), 512).

        Row `[k, i]` is the vector of `" ".join(texts[i:i + k + 1])`: exact, since a token's features see REACH tokens
        on either side, so only the first and last REACH tokens of a span differ from those of the running text. Zero
        where the run would pass the end or holds no token.
        """
        tokens = self._tokenizer([form(text) for text in texts])
        out = np.zeros((width, len(texts), self.dimension), np.float32)
        with one_blas_thread():
            for start in range(0, len(texts), _SEGMENTS):
                self._block(tokens, start, min(start + _SEGMENTS, len(texts)), out)
        return out

    def _block(self, tokens: Tokens, start: int, stop: int, out: np.ndarray) -> None:
        """Vectors of the spans that begin in segments `start` to `stop`."""
        width, n = out.shape[0], tokens.count
        until = min(stop + width - 1, n)
        begins, ends = tokens.starts[:-1], tokens.starts[1:]
        running = self._running(tokens, start, until)
        opening = self._openings(tokens, begins[start:stop])
        closing = self._closings(tokens, ends[start:until])
        total = np.zeros((stop - start, self.dimension), np.float32)
        for k in range(min(width, n - start)):
            here = np.arange(start, min(stop, n - k))
            if not len(here):
                break
            total[:len(here)] += running[here + k - start]
            lengths = ends[here + k] - begins[here]
            counts = np.where(lengths > 0, lengths + 2, 0)
            spans = total[:len(here)] + opening[here - start] + closing[here + k - start]
            out[k, here] = self._head.vectors(spans, counts)
            short = here[(lengths > 0) & (lengths < _APART)]
            if len(short):
                out[k, short] = self._whole(_slices(tokens, begins[short], ends[short + k]))

    def _running(self, tokens: Tokens, start: int, until: int) -> np.ndarray:
        """Projected sums of segments in the running text, no marks between them."""
        low, high = int(tokens.starts[start]), int(tokens.starts[until])
        before, after = max(low - REACH, 0), min(high + REACH, len(tokens.ids))
        stream = lay_out(tokens.ids[before:after], np.array([0, after - before]))
        lengths = tokens.lengths[start:until]
        groups = np.repeat(np.arange(until - start), lengths)
        kept = type(stream)(stream.ids, stream.rows[low - before:high - before], groups)
        return self._head.project(self._network.pool(kept, until - start), lengths)

    def _openings(self, tokens: Tokens, begins: np.ndarray) -> np.ndarray:
        """What a mark before a token and the tokens' new context add to the running sum, for spans from there."""
        stops = np.minimum(begins + _APART, len(tokens.ids))
        marked = _gather(tokens.ids, begins, stops, before=BEGIN)
        fresh = self._pool(*marked, np.zeros(len(begins), np.int64), np.full(len(begins), 1 + REACH))
        froms = np.maximum(begins - REACH, 0)
        plain = _gather(tokens.ids, froms, stops)
        stale = self._pool(*plain, begins - froms, begins - froms + REACH)
        return self._head.project(fresh - stale, np.ones(len(begins)))

    def _closings(self, tokens: Tokens, ends: np.ndarray) -> np.ndarray:
        """The same for a mark after the last token of spans that end there."""
        froms = np.maximum(ends - _APART, 0)
        marked = _gather(tokens.ids, froms, ends, after=END)
        size = ends - froms
        fresh = self._pool(*marked, size - REACH, size + 1)
        stops = np.minimum(ends + REACH, len(tokens.ids))
        plain = _gather(tokens.ids, froms, stops)
        stale = self._pool(*plain, size - REACH, size)
        return self._head.project(fresh - stale, np.ones(len(ends)))


def _gather(ids: np.ndarray, froms: np.ndarray, stops: np.ndarray, before: int | None = None,
            after: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Slices of `ids`, each with a mark put before or after it: all their ids, and where each slice starts."""
    lead = int(before is not None)
    sizes = stops - froms + lead + int(after is not None)
    starts = np.zeros(len(froms) + 1, np.int64)
    np.cumsum(sizes, out=starts[1:])
    place = np.arange(starts[-1]) - np.repeat(starts[:-1] + lead - froms, sizes)
    out = ids[np.clip(place, 0, max(len(ids) - 1, 0))] if len(ids) else np.zeros(int(starts[-1]), np.int32)
    if before is not None:
        out[starts[:-1]] = before
    if after is not None:
        out[starts[1:] - 1] = after
    return out, starts


def _marked(tokens: Tokens) -> tuple[np.ndarray, np.ndarray]:
    """Every text with both marks; a text without tokens stays empty."""
    kept = tokens.lengths > 0
    sizes = tokens.lengths + 2 * kept
    starts = np.zeros(tokens.count + 1, np.int64)
    np.cumsum(sizes, out=starts[1:])
    ids = np.empty(int(starts[-1]), np.int32)
    inside = np.ones(len(ids), bool)
    inside[starts[:-1][kept]] = inside[starts[1:][kept] - 1] = False
    ids[inside] = tokens.ids
    ids[starts[:-1][kept]] = BEGIN
    ids[starts[1:][kept] - 1] = END
    return ids, starts


def _slices(tokens: Tokens, begins: np.ndarray, ends: np.ndarray) -> Tokens:
    """Runs of tokens as texts of their own."""
    ids, starts = _gather(tokens.ids, begins, ends)
    return Tokens(ids, starts)
