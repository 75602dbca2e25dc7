"""The embedded encoder: sentences, and every span of neighbouring sentences, to unit vectors; offline."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..threads import one_blas_thread
from .form import form, form_words
from .network import EMBEDDING, Head, Network, Stream, each, lay_out, side_by_side
from .spans import Piece, Places, plan
from .tokens import BEGIN, END, Tokens, tokenizer
from .weights import weights

if TYPE_CHECKING:
    from .native import NativeNetwork

_LOG = logging.getLogger(__name__)
# Segments whose spans are worked out together: bounds memory, whatever the document.
_SEGMENTS = 512
# And at most so many characters of them.
_CHARACTERS = 100_000
# Characters after which machine code, once kept, has paid for its start.
_PAYS = 20_000


Keep = Callable[[np.ndarray], np.ndarray]
"""From states of words, float32 of shape (n, 640), to what is kept of each, of shape (n, any); threads may call it at once."""


class SpansAndEdges(NamedTuple):
    """What one pass tells of a list of texts, see `Embedded.spans_and_edges`."""

    spans: np.ndarray
    heads: np.ndarray
    tails: np.ndarray
    words: list[np.ndarray] | None


class _Room(NamedTuple):
    """Room for results of some lists of texts: vectors of spans of up to `width` texts, and of windows of `sizes` sizes.

    A list of n texts that begins at text `base` has the rows from `width * base` on, in the order of an array of shape
    (width, n), and windows from `2 * sizes * base` on, as of an array of shape (2, sizes, n).
    """

    width: int
    sizes: int
    spans: np.ndarray
    windows: np.ndarray

    @classmethod
    def of(cls, texts: int, width: int, sizes: int) -> _Room:
        return cls(width, sizes, np.zeros((width * texts, EMBEDDING), np.float32),
                   np.zeros((2 * sizes * texts, EMBEDDING), np.float16))

    def results(self, base: int, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Spans of a list, of shape (width, count, 512), and windows, of shape (2, sizes, count, 512)."""
        spans = self.spans[self.width * base:self.width * (base + count)]
        windows = self.windows[2 * self.sizes * base:2 * self.sizes * (base + count)]
        return spans.reshape(self.width, count, EMBEDDING), windows.reshape(2, self.sizes, count, EMBEDDING)


class _Pass(NamedTuple):
    """Pieces that go through the network together, and the room for their results."""

    pieces: list[Piece]
    room: _Room


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
        self._network: Network | NativeNetwork = Network(weights())
        self._head: Head = Head(weights())
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

    def _share(self, work: Callable[[slice], object], texts: Sequence[str]) -> list[Any]:
        """Results of `work` on batches of texts, side by side where the engine allows."""
        return self._each(work, [slice(*batch) for batch in _batches(texts, 0, len(texts))])

    def _each(self, work: Callable[..., object], items: Sequence[Any]) -> list[Any]:
        """Results of `work` on every item, side by side where the engine allows."""
        with one_blas_thread():
            return list((side_by_side if self._network.concurrent else map)(work, items))

    def _whole(self, tokens: Tokens) -> np.ndarray:
        """Unit rows of texts, each with both marks."""
        lengths = tokens.lengths
        counts = np.where(lengths > 0, lengths + 2, 0)
        sums = self._network.pool(lay_out(*_marked(tokens)), tokens.number)
        rows = each(slice(0, len(counts)))
        return self._head.vectors(self._head.hidden(sums, rows, counts), rows, counts)

    def spans(self, texts: Sequence[str], width: int) -> np.ndarray:
        """Vectors of every run of 1 to `width` neighbouring texts, float32 of shape (width, len(texts), 512).

        Row `[k, i]` is the vector of `" ".join(texts[i:i + k + 1])`: exact, since a token's features see REACH tokens
        on either side, so only the first and last REACH tokens of a span differ from those of the running text. Zero
        where the run would pass the end or holds no token.
        """
        return self.spans_and_edges(texts, width, ()).spans

    def spans_and_edges(self, texts: Sequence[str], width: int, sizes: Sequence[int],
                        words: Sequence[Sequence[tuple[int, int]]] | None = None,
                        keep: Keep | None = None) -> SpansAndEdges:
        """`spans`, vectors of the first and of the last `sizes` characters of each text, and states of `words`, from
        the same pass.

        The second and third are float16 of shape (len(sizes), len(texts), 512). A window goes on to the end of its
        word and takes what little would be left; its tokens see the text beyond it, so its vector is near to that of
        the window alone. The fourth is as `word_states`, but words see the texts before and after theirs as well.
        """
        return self.many_spans_and_edges([texts], width, sizes, [words], keep)[0]

    def many_spans_and_edges(self, lists: Sequence[Sequence[str]], width: int, sizes: Sequence[int],
                             words: Sequence[Sequence[Sequence[tuple[int, int]]] | None] | None = None,
                             keep: Keep | None = None) -> list[SpansAndEdges]:
        """`spans_and_edges` of each list of texts and of its words; lists go through the network together.

        No text sees those of another list. Machine code gives a list the same to the bit, whatever stands beside it;
        products of NumPy differ in their last bits with the number of their rows.
        """
        texts = [text for part in lists for text in part]
        words = [None] * len(lists) if words is None else words
        self._expect(texts)
        tokens = self._tokenizer.join(self._share(lambda batch: self._tokenizer(texts[batch]), texts))
        cuts = self._tokenizer.windows(tokens, sizes)
        places = None
        if any(part is not None for part in words):
            ranges = [text for part, some in zip(lists, words, strict=True) for text in some or [()] * len(part)]
            places = Places.of(ranges, *self._tokenizer.ranges(tokens, texts, ranges))
        passes, found = _passes(lists, texts, width, len(sizes))
        states = [state for some in self._each(lambda part: self._run(tokens, part, cuts, places, keep), passes)
                  for state in some]
        out, at = [], 0
        for (spans, edges), some in zip(found, words, strict=True):
            stop = at + spans.shape[1]
            out.append(SpansAndEdges(spans, edges[0], edges[1], None if some is None else states[at:stop]))
            at = stop
        return out

    def _run(self, tokens: Tokens, part: _Pass, cuts: np.ndarray, places: Places | None,
             keep: Keep | None) -> list[np.ndarray]:
        """Fill the room of a pass with vectors of the spans that begin in its pieces and of their windows; returns the
        states of their words, an array a text."""
        room = part.room
        todo = plan(tokens, part.pieces, room.width, cuts, places)
        sums = self._network.pool(todo.stream, todo.groups)
        hidden = self._head.hidden(sums, *todo.hidden)

        def give_span(some: slice, vectors: np.ndarray) -> None:
            room.spans[todo.span_rows[some]] = vectors

        def give_window(some: slice, vectors: np.ndarray) -> None:
            room.windows[todo.window_rows[some]] = self._head.halves(vectors)

        self._head.give_vectors(hidden, *todo.spans, give_span)
        self._head.give_vectors(hidden, *todo.windows, give_window)
        if len(todo.whole):
            single, of = np.unique(todo.singles, return_inverse=True)
            room.windows[todo.whole] = self._head.halves(room.spans[single])[of]
        if places is None:
            return []
        return _split(self._states(sums, *todo.words, keep), todo.word_counts)

    def word_states(self, texts: Sequence[str], words: Sequence[Sequence[tuple[int, int]]],
                    keep: Keep | None = None) -> list[np.ndarray]:
        """States of words in the context of their text's form, float32 of shape (words, 640) a text, or what `keep`
        makes of them.

        Words are half-open ranges of code points of each text, in order. A state is the sum of what the dense layers
        see of the tokens that overlap the word, divided by the root of their number.
        """
        self._expect(texts)
        found = self._share(lambda batch: self._words(texts[batch], words[batch], keep), texts)
        return [states for part in found for states in part]

    def _words(self, texts: Sequence[str], words: Sequence[Sequence[tuple[int, int]]],
               keep: Keep | None) -> list[np.ndarray]:
        shapes, words = zip(*map(form_words, texts, words), strict=True)
        tokens = self._tokenizer(shapes)
        places = Places.of(words, *self._tokenizer.ranges(tokens, shapes, words))
        ids, starts = _marked(tokens)
        shift = np.repeat(starts[:-1] + 1 - tokens.starts[:-1], np.diff(places.starts))
        begins, stops = places.begins + shift, places.stops + shift
        cuts = np.unique(np.concatenate([begins, stops]))
        if len(cuts) < 2:
            none = np.zeros((len(begins), self._head.wide), np.float32)
            return places.split(none if keep is None else keep(none))
        stream = lay_out(ids, starts)
        groups = np.repeat(np.arange(len(cuts) - 1), np.diff(cuts))
        sums = self._network.pool(Stream(stream.ids, stream.rows[cuts[0]:cuts[-1]], groups), len(cuts) - 1)
        runs = np.stack([np.searchsorted(cuts, begins), np.searchsorted(cuts, stops)], 1)[:, None]
        return places.split(self._states(sums, runs, stops - begins, keep))

    def _states(self, sums: np.ndarray, runs: np.ndarray, sizes: np.ndarray, keep: Keep | None) -> np.ndarray:
        """States of words of so many tokens, from runs of sums, or what `keep` makes of them."""
        return self._head.hidden(sums, runs, sizes, lambda part, hidden: _per_root(hidden, sizes[part], keep))


def _per_root(hidden: np.ndarray, sizes: np.ndarray, keep: Keep | None) -> np.ndarray:
    hidden /= np.sqrt(np.maximum(sizes, 1), dtype=np.float32)[:, None]
    return hidden if keep is None else keep(hidden)


def _split(rows: np.ndarray, counts: np.ndarray) -> list[np.ndarray]:
    """So many rows at a time."""
    stops = np.cumsum(counts)
    return [rows[start:stop] for start, stop in zip((stops - counts).tolist(), stops.tolist())]


def _batches(texts: Sequence[str], start: int, stop: int) -> Iterator[tuple[int, int]]:
    """The texts `start` to `stop` in stretches that are worked out together."""
    size = 0
    for at in range(start, stop):
        if at > start and (at - start == _SEGMENTS or size + len(texts[at]) > _CHARACTERS):
            yield start, at
            start, size = at, 0
        size += len(texts[at])
    if start < stop:
        yield start, stop


def _passes(lists: Sequence[Sequence[str]], texts: Sequence[str], width: int, sizes: int
            ) -> tuple[list[_Pass], list[tuple[np.ndarray, np.ndarray]]]:
    """Passes for lists of texts, `texts` all of them, and for each list the arrays that the passes fill.

    Where a long list is parted depends on it alone; short lists share a pass, and their room.
    """
    passes: list[_Pass] = []
    found: list[tuple[np.ndarray, np.ndarray]] = []
    waiting: list[tuple[int, int]] = []
    at = size = 0

    def flush() -> None:
        nonlocal waiting, size
        room = _Room.of(sum(stop - start for start, stop in waiting), width, sizes)
        pieces, base = [], 0
        for start, stop in waiting:
            pieces.append(Piece(start, stop, start, stop, base))
            found.append(room.results(base, stop - start))
            base += stop - start
        if base:
            passes.append(_Pass([piece for piece in pieces if piece.start < piece.stop], room))
        waiting, size = [], 0

    for part in lists:
        stop, long = at + len(part), sum(map(len, part))
        batches = list(_batches(texts, at, stop))
        if waiting and (len(batches) > 1 or stop - waiting[0][0] > _SEGMENTS or size + long > _CHARACTERS):
            flush()
        if len(batches) > 1:
            room = _Room.of(len(part), width, sizes)
            found.append(room.results(0, len(part)))
            passes += [_Pass([Piece(at, stop, *batch, 0)], room) for batch in batches]
        else:
            waiting.append((at, stop))
            size += long
        at = stop
    if waiting:
        flush()
    return passes, found


def _marked(tokens: Tokens) -> tuple[np.ndarray, np.ndarray]:
    """Every text with both marks; a text without tokens stays empty."""
    kept = tokens.lengths > 0
    starts = np.zeros(tokens.number + 1, np.int64)
    np.cumsum(tokens.lengths + 2 * kept, out=starts[1:])
    ids = np.empty(int(starts[-1]), np.int32)
    inside = np.ones(len(ids), bool)
    inside[starts[:-1][kept]] = inside[starts[1:][kept] - 1] = False
    ids[inside] = tokens.ids
    ids[starts[:-1][kept]] = BEGIN
    ids[starts[1:][kept] - 1] = END
    return ids, starts
