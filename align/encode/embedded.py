"""The embedded encoder: sentences, and every span of neighbouring sentences, to unit vectors; offline."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from .form import form, form_words
from ..threads import one_blas_thread
from .network import REACH, Head, Network, Stream, join, lay_out, side_by_side, sum_runs
from .tokens import BEGIN, END, Tokens, tokenizer
from .weights import weights

_LOG = logging.getLogger(__name__)
# Segments whose spans are worked out together: bounds memory, whatever the document.
_SEGMENTS = 512
# And at most so many characters of them.
_CHARACTERS = 100_000
# A span has its first and its last tokens apart only if it is at least so long.
_APART = 2 * REACH
# Characters after which machine code has paid for its start (0.3 to 0.5 s).
_PAYS = 60_000


class _Places(NamedTuple):
    """The tokens of words: text `i` has the words `starts[i]` to `starts[i + 1]`, word `w` tokens `begins[w]` to `stops[w]`."""

    begins: np.ndarray
    stops: np.ndarray
    starts: np.ndarray

    @classmethod
    def of(cls, words: Sequence[Sequence[object]], begins: np.ndarray, stops: np.ndarray) -> _Places:
        return cls(begins, stops, np.cumsum([0, *map(len, words)]))

    @classmethod
    def none(cls, texts: int) -> _Places:
        return cls(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(texts + 1, np.int64))

    def within(self, start: int, stop: int) -> _Places:
        """Those of the texts `start` to `stop`."""
        low, high = self.starts[start], self.starts[stop]
        return _Places(self.begins[low:high], self.stops[low:high], self.starts[start:stop + 1] - low)

    def split(self, rows: np.ndarray) -> list[np.ndarray]:
        """One row a word as an array a text."""
        return np.split(rows, self.starts[1:-1])


class Embedded:
    """Google's universal-sentence-encoder-multilingual v3 from packaged weights, in our own forward pass.

    `engine` is `numpy`, `native` (machine code, see `kernels`) or `auto`: NumPy until there is enough work for machine
    code to pay for its start, where the processor has what it needs.
    """

    name = "universal-sentence-encoder-multilingual"
    dimension = 512
    device = "cpu"
    # What vectors depend on, for the cache: the weights, the form and the forward pass.
    signature = f"{name} 3"
    # Aligning compares texts in this form; `encode` and `spans` take texts as they are.
    form = staticmethod(form)
    form_words = staticmethod(form_words)

    def __init__(self, engine: str = "auto") -> None:
        self._tokenizer = tokenizer()
        self._network: Network = Network(weights())
        self._head = Head(weights())
        self._met = 0
        self.engine = "numpy"
        self._may_change = engine == "auto"
        if engine == "native":
            self._change()

    def _change(self) -> None:
        from .native import NativeHead, NativeNetwork

        self._network, self._head, self.engine = NativeNetwork(weights()), NativeHead(weights()), "native"

    def _expect(self, texts: Sequence[str]) -> None:
        """Take the engine that suits the work done so far and these texts."""
        if self._may_change:
            self._met += sum(map(len, texts))
            if self._met > _PAYS:
                from . import kernels

                self._may_change = False
                if kernels.available():
                    try:
                        self._change()
                    except RuntimeError as error:
                        _LOG.warning("no machine code could be made, NumPy goes on: %s", error)

    def settle(self) -> None:
        """Take the engine for much work now and for good: results then never depend on how much was done before."""
        self._met = _PAYS
        self._expect(["much"])
        self._may_change = False

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Unit rows of texts, float32 of shape (len(texts), 512); a text without tokens has a zero row."""
        self._expect(texts)
        out = np.empty((len(texts), self.dimension), np.float32)

        def work(batch: slice) -> None:
            out[batch] = self._whole(self._tokenizer(texts[batch]))

        self._share(work, texts)
        return out

    def _share(self, work: Callable[[slice], object], texts: Sequence[str]) -> list:
        """Results of `work` on batches of texts, side by side where the engine allows."""
        batches, start, size = [], 0, 0
        for at, text in enumerate(texts):
            if at > start and (at - start == _SEGMENTS or size + len(text) > _CHARACTERS):
                batches.append(slice(start, at))
                start, size = at, 0
            size += len(text)
        if start < len(texts):
            batches.append(slice(start, len(texts)))
        with one_blas_thread():
            return list((side_by_side if self._network.concurrent else map)(work, batches))

    def _whole(self, tokens: Tokens) -> np.ndarray:
        """Unit rows of texts, each with both marks."""
        lengths = tokens.lengths
        counts = np.where(lengths > 0, lengths + 2, 0)
        sums = self._network.pool(lay_out(*_marked(tokens)), tokens.count)
        return self._head.vectors(self._head.hidden(sums, counts), counts)

    def spans(self, texts: Sequence[str], width: int) -> np.ndarray:
        """Vectors of every run of 1 to `width` neighbouring texts, float32 of shape (width, len(texts), 512).

        Row `[k, i]` is the vector of `" ".join(texts[i:i + k + 1])`: exact, since a token's features see REACH tokens
        on either side, so only the first and last REACH tokens of a span differ from those of the running text. Zero
        where the run would pass the end or holds no token.
        """
        return self.spans_and_edges(texts, width, ())[0]

    def spans_and_edges(self, texts: Sequence[str], width: int, sizes: Sequence[int],
                        words: Sequence[Sequence[tuple[int, int]]] | None = None
                        ) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[np.ndarray] | None]:
        """`spans`, vectors of the first and of the last `sizes` characters of each text, and states of `words`, from
        the same pass.

        The second and third are float16 of shape (len(sizes), len(texts), 512). A window goes on to the end of its
        word and takes what little would be left; its tokens see the text beyond it, so its vector is near to that of
        the window alone. The fourth is as `word_states`, but words see the texts before and after theirs as well.
        """
        self._expect(texts)
        out = np.zeros((width, len(texts), self.dimension), np.float32)
        edges = np.zeros((2, len(sizes), len(texts), self.dimension), np.float16)
        tokens = self._tokenizer.join(self._share(lambda batch: self._tokenizer(texts[batch]), texts))
        cuts = self._tokenizer.windows(tokens, sizes)
        places = None if words is None else _Places.of(words, *self._tokenizer.ranges(tokens, texts, words))
        found = self._share(lambda batch: self._block(tokens, batch.start, batch.stop, out, cuts, edges, places), texts)
        return out, edges[0], edges[1], None if places is None else [states for part in found for states in part]

    def _block(self, tokens: Tokens, start: int, stop: int, out: np.ndarray, cuts: np.ndarray,
               edges: np.ndarray, places: _Places | None) -> list[np.ndarray]:
        """Vectors of the spans that begin in segments `start` to `stop`, and of their windows; returns the states of
        their words."""
        width, n = out.shape[0], tokens.count
        until = min(stop + width - 1, n)
        begins, ends = tokens.starts[:-1], tokens.starts[1:]
        inner = cuts[:, :, start:stop]
        words = _Places.none(stop - start) if places is None else places.within(start, stop)
        (running, opening, closing), windows, states = self._parts(tokens, begins[start:until], ends[start:until],
                                                                   inner, words)
        total = np.zeros((stop - start, self._head.wide), np.float32)
        short: list[tuple[int, np.ndarray]] = []
        # All rows go through the dense layers together: in a small document each pass costs a read of their weights.
        hiddens, counts = [], []
        for k in range(min(width, n - start)):
            m = min(stop, n - k) - start
            total[:m] += running[k:k + m]
            lengths = ends[start + k:start + k + m] - begins[start:start + m]
            hiddens.append(total[:m] + opening[:m] + closing[k:k + m])
            counts.append(np.where(lengths > 0, lengths + 2, 0))
            short.append((k, start + np.flatnonzero((lengths > 0) & (lengths < _APART))))
        here = slice(start, stop)
        long = np.stack([inner[0] - begins[here], ends[here] - inner[1]])
        part = long < ends[here] - begins[here]
        marks = opening[:stop - start] + closing[:stop - start]
        hiddens.append((windows + marks)[part])
        counts.append(long[part] + 2)
        vectors = self._head.vectors(np.concatenate(hiddens), np.concatenate(counts))
        for k in range(min(width, n - start)):
            m = min(stop, n - k) - start
            out[k, start:start + m], vectors = vectors[:m], vectors[m:]
        edges[:, :, here] = out[0, here]
        edges[:, :, here][part] = vectors
        places = np.concatenate([here for _, here in short])
        if len(places):
            stops = np.concatenate([ends[here + k] for k, here in short])
            vectors = self._whole(Tokens(*_gather(tokens.ids, begins[places], stops)))
            for k, here in short:
                out[k, here], vectors = vectors[:len(here)], vectors[len(here):]
        return words.split(states)

    def _parts(self, tokens: Tokens, begins: np.ndarray, ends: np.ndarray, inner: np.ndarray, words: _Places
               ) -> tuple[tuple[np.ndarray, ...], np.ndarray, np.ndarray]:
        """Hidden values of neighbouring segments in the running text, and what a mark before or after each changes;
        hidden values of the windows that end (`inner[0]`) and begin (`inner[1]`) inside the first segments, of
        the shape of `inner` and one more axis; and states of words of these.

        A mark is a token of its own, and gives the REACH tokens beside it another context than in the running text.
        """
        ids = tokens.ids
        low, high = int(begins[0]), int(ends[-1])
        cuts = np.unique(np.clip(np.concatenate([begins, ends, begins + REACH, ends - REACH, inner.ravel()]), low, high))
        fine = np.unique(np.concatenate([cuts, words.begins, words.stops]))
        before, after = max(low - REACH, 0), min(high + REACH, len(ids))
        text = lay_out(ids[before:after], np.array([0, after - before]))
        text = Stream(text.ids, text.rows[low - before:high - before],
                      np.repeat(np.arange(len(fine) - 1), np.diff(fine)))
        stops, froms = np.minimum(begins + _APART, len(ids)), np.maximum(ends - _APART, 0)
        first = lay_out(*_gather(ids, begins, stops, before=BEGIN), np.zeros(len(begins), np.int64),
                        np.full(len(begins), 1 + REACH))
        last = lay_out(*_gather(ids, froms, ends, after=END), ends - froms - REACH, ends - froms + 1)
        stream, groups = join([text, first, last])
        sums = self._network.pool(stream, groups[-1] + 1)
        marked = [np.zeros((len(begins), sums.shape[1]), np.float32) for _ in range(2)]
        for part, at, end in zip(marked, groups[1:-1], groups[2:], strict=True):
            part[:end - at] = sums[at:end]
        states = self._word_rows(sums, fine, words.begins, words.stops)
        places = np.searchsorted(fine, cuts)
        sums = sum_runs(sums, places[:-1], places[1:])
        at, end, head, tail = (np.searchsorted(cuts, np.clip(x, low, high))
                               for x in (begins, ends, begins + REACH, ends - REACH))
        size, count = inner.shape[1:]
        places = np.searchsorted(cuts, inner)
        froms = np.concatenate([at, np.tile(at[:count], size), places[1].ravel()])
        stops = np.concatenate([end, places[0].ravel(), np.tile(end[:count], size)])
        lengths = np.concatenate([ends - begins, (inner[0] - begins[:count]).ravel(), (ends[:count] - inner[1]).ravel()])
        rows = np.concatenate([sum_runs(sums, froms, stops), marked[0] - sum_runs(sums, at, head),
                               marked[1] - sum_runs(sums, tail, end)])
        one = np.ones(2 * len(begins), np.int64)
        hidden = self._head.hidden(rows, np.concatenate([lengths, one]))
        k = len(begins)
        windows = hidden[k:len(hidden) - 2 * k].reshape(*inner.shape, hidden.shape[1])
        return (hidden[:k], hidden[-2 * k:-k], hidden[-k:]), windows, states

    def word_states(self, texts: Sequence[str], words: Sequence[Sequence[tuple[int, int]]]) -> list[np.ndarray]:
        """States of words in the context of their text's form, float32 of shape (words, 640) a text.

        Words are half-open ranges of code points of each text, in order. A state is the sum of what the dense layers
        see of the tokens that overlap the word, divided by the root of their number.
        """
        self._expect(texts)
        found = self._share(lambda batch: self._words(texts[batch], words[batch]), texts)
        return [states for part in found for states in part]

    def _words(self, texts: Sequence[str], words: Sequence[Sequence[tuple[int, int]]]) -> list[np.ndarray]:
        shapes, words = zip(*map(form_words, texts, words), strict=True)
        tokens = self._tokenizer(shapes)
        places = _Places.of(words, *self._tokenizer.ranges(tokens, shapes, words))
        ids, starts = _marked(tokens)
        shift = np.repeat(starts[:-1] + 1 - tokens.starts[:-1], np.diff(places.starts))
        begins, stops = places.begins + shift, places.stops + shift
        cuts = np.unique(np.concatenate([begins, stops]))
        if len(cuts) < 2:
            return places.split(np.zeros((len(begins), self._head.wide), np.float32))
        stream = lay_out(ids, starts)
        groups = np.repeat(np.arange(len(cuts) - 1), np.diff(cuts))
        sums = self._network.pool(Stream(stream.ids, stream.rows[cuts[0]:cuts[-1]], groups), len(cuts) - 1)
        return places.split(self._word_rows(sums, cuts, begins, stops))

    def _word_rows(self, sums: np.ndarray, cuts: np.ndarray, begins: np.ndarray, stops: np.ndarray) -> np.ndarray:
        """States of the words of tokens `begins` to `stops`, from sums of the tokens between neighbouring `cuts`."""
        rows = sum_runs(sums, np.searchsorted(cuts, begins), np.searchsorted(cuts, stops))
        sizes = stops - begins
        return self._head.hidden(rows, sizes) / np.sqrt(np.maximum(sizes, 1), dtype=np.float32)[:, None]


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
    starts = np.zeros(tokens.count + 1, np.int64)
    np.cumsum(tokens.lengths + 2 * kept, out=starts[1:])
    ids = np.empty(int(starts[-1]), np.int32)
    inside = np.ones(len(ids), bool)
    inside[starts[:-1][kept]] = inside[starts[1:][kept] - 1] = False
    ids[inside] = tokens.ids
    ids[starts[:-1][kept]] = BEGIN
    ids[starts[1:][kept] - 1] = END
    return ids, starts
