"""Which sums of token features make the vectors of all spans of neighbouring texts, of their windows and words.

A mark is a token of its own: it gives the REACH tokens beside it another context than they have in the running text. A
span therefore has F, the begin mark and the first tokens; a middle, which is running text; and L, the last tokens and
the end mark. F depends on where the span begins alone and L on where it ends, so the span of the texts i to j + 1 has
middle(j, j + 1) + L(j + 1) - L(j) more than that of i to j, whatever i is: the spans of one text each and a step from
each text to the next make all others by adding. Only spans too short for a middle are looked at one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .network import REACH, Stream, join, lay_out
from .tokens import BEGIN, END, Tokens

# A span has its first and its last tokens apart only if it is at least so long.
_APART = 2 * REACH


class Places(NamedTuple):
    """The tokens of words: text `i` has the words `starts[i]` to `starts[i + 1]`, word `w` tokens `begins[w]` to `stops[w]`."""

    begins: np.ndarray
    stops: np.ndarray
    starts: np.ndarray

    @classmethod
    def of(cls, words: Sequence[Sequence[object]], begins: np.ndarray, stops: np.ndarray) -> Places:
        """Places of the words of each text."""
        return cls(begins, stops, np.cumsum([0, *map(len, words)]))

    def split(self, rows: np.ndarray) -> list[np.ndarray]:
        """One row a word as an array a text."""
        edges = self.starts.tolist()
        return [rows[start:stop] for start, stop in zip(edges, edges[1:])]


class Piece(NamedTuple):
    """The texts `start` to `stop` of the list of texts `first` to `last`, whose results begin at text `base` of a room."""

    first: int
    last: int
    start: int
    stop: int
    base: int


class Sums(NamedTuple):
    """Rows to be made by adding runs of others, see `network.sum_runs`, over so many tokens each."""

    runs: np.ndarray
    lengths: np.ndarray


class Plan(NamedTuple):
    """What is to be pooled, and what to be made of it.

    `hidden` adds pooled sums, `spans` and `windows` add rows of `hidden`. `span_rows` and `window_rows` are their rows
    in a room. The windows `whole` are the vectors of the spans `singles`. `words` adds pooled sums, `word_counts` is the
    number of words of each text.
    """

    stream: Stream
    groups: int
    hidden: Sums
    spans: Sums
    windows: Sums
    span_rows: np.ndarray
    window_rows: np.ndarray
    whole: np.ndarray
    singles: np.ndarray
    words: Sums
    word_counts: np.ndarray


def plan(tokens: Tokens, pieces: Sequence[Piece], width: int, cuts: np.ndarray, words: Places | None) -> Plan:
    """How to make the spans of up to `width` texts that begin in `pieces`, windows that end and begin at `cuts` (token
    positions of shape (2, sizes, texts), see `Tokenizer.windows`), and states of words.

    No token sees those of another piece's list.
    """
    ids, starts = tokens
    first, last, start, stop, base = np.array(pieces, np.int64).T
    until = np.minimum(stop + width - 1, last)
    low, high = starts[first], starts[last]
    # Running text that is summed, and what of it is seen.
    froms, tos = np.maximum(starts[start] - REACH, low), np.minimum(starts[until] + REACH, high)
    before, after = np.maximum(froms - REACH, low), np.minimum(tos + REACH, high)
    bounds = np.append(0, np.cumsum(tos - froms))
    shift = froms - bounds[:-1]
    running = lay_out(*gather(ids, before, after), froms - before, tos - before)

    # Per text: its piece, its tokens in the running text, where its first ones stop and its last ones begin.
    piece, at = _ranges(start, until)
    begins, ends = starts[at] - shift[piece], starts[at + 1] - shift[piece]
    heads, tails = np.minimum(begins + REACH, bounds[piece + 1]), np.maximum(ends - REACH, bounds[piece])
    own = np.flatnonzero(at < stop[piece])
    inner = cuts[:, :, at[own]] - shift[piece[own]]
    word_begins, word_stops, word_counts = _words(words, start, stop, shift)

    # The running text is summed between neighbouring cuts; `rank` counts the cuts before a token.
    is_cut = np.zeros(bounds[-1] + 1, bool)
    for places in (bounds, begins, ends, heads, tails, inner, word_begins, word_stops):
        is_cut[places] = True
    rank = np.cumsum(is_cut) - 1
    running = Stream(running.ids, running.rows, rank[:-1])

    # Spans, by the text that they begin at (a place in `own`) and the number of texts that follow.
    further = np.arange(width)
    there = at[own][:, None] + further < last[piece[own]][:, None]
    lengths = ends[np.minimum(own[:, None] + further, len(at) - 1)] - begins[own][:, None]
    lengths[~there] = 0
    text, more = np.nonzero(lengths)
    lengths = lengths[text, more]
    few = np.flatnonzero(lengths < _APART)
    head_of, tail_of, size = own[text[few]], own[text[few]] + more[few], lengths[few]

    opening, opened = _apart(_opening(ids, starts[at], high[piece]), head_of)
    closing, closed = _apart(_closing(ids, starts[at + 1], low[piece]), tail_of)
    # Tokens of short spans that see both marks; the others stand in the opening or in the closing part.
    lone = np.maximum(size + 1 - REACH, 0)
    between = lay_out(*gather(ids, starts[at[head_of]], starts[at[tail_of] + 1], before=BEGIN, after=END), lone,
                      np.minimum(REACH, size + 1) + 1)
    stream, group = join([running, opening, closing, between])
    opened, closed = opened + group[1], closed + group[2]
    between_groups = group[3] + np.arange(len(few))

    first_of, last_of = np.stack([opened[:-1], opened[1:]], 1), np.stack([closed[:-1], closed[1:]], 1)
    steps = np.flatnonzero(np.diff(piece) == 0)
    side, kind, of = np.nonzero((inner[0] < ends[own], inner[1] > begins[own]))
    cut, where = inner[side, kind, of], own[of]
    lead, trail = rank[heads[where]], rank[tails[where]]
    from_cut = side.astype(bool)
    hidden = _put_together(
        # texts: F + middle + L
        ((first_of[own], last_of[own], _runs(rank[heads[own]], rank[tails[own]])), (ends - begins)[own] + 2),
        # steps
        ((last_of[steps + 1], last_of[steps, ::-1], _runs(rank[tails[steps]], rank[tails[steps + 1]])), (ends - begins)[steps + 1]),
        # windows: what both marks change, and the running text
        ((first_of[where], last_of[where], _runs(lead, np.where(from_cut, rank[begins[where]], rank[cut])),
          _runs(np.where(from_cut, rank[cut], rank[ends[where]]), trail)),
         np.where(from_cut, ends[where] - cut, cut - begins[where]) + 2),
        # short spans
        ((_runs(opened[head_of], opened[head_of] + lone), _runs(between_groups, between_groups + 1),
          _runs(closed[tail_of + 1] - lone, closed[tail_of + 1])), size + 2))

    row = np.cumsum([len(own), len(steps), len(of)])
    stepped = row[0] + np.searchsorted(steps, own)[text]
    spans = np.stack([_runs(text, text + 1), _runs(stepped, stepped + more)], 1)
    spans[few, 0] = _runs(row[2] + np.arange(len(few)), row[2] + np.arange(len(few)) + 1)
    spans[few, 1] = 0
    windows = np.arange(row[1], row[2])
    count, sizes = (last - first)[piece[own]], cuts.shape[1]
    single = width * base[piece[own]] + at[own] - first[piece[own]]
    edge = 2 * sizes * base[piece[own]] + at[own] - first[piece[own]]
    is_whole = np.ones(inner.shape, bool)
    is_whole[side, kind, of] = False
    sides, kinds, singles = np.nonzero(is_whole)
    return Plan(stream, group[-1], hidden, Sums(spans, lengths + 2),
                Sums(_runs(windows, windows + 1)[:, None], hidden.lengths[row[1]:row[2]]),
                single[text] + more * count[text], edge[of] + (side * sizes + kind) * count[of],
                edge[singles] + (sides * sizes + kinds) * count[singles], single[singles],
                Sums(_runs(rank[word_begins], rank[word_stops])[:, None], word_stops - word_begins), word_counts)


def _runs(froms: np.ndarray, stops: np.ndarray) -> np.ndarray:
    """One run for each row, of shape (rows, 2)."""
    return np.stack([froms, stops], 1)


def _put_together(*kinds: tuple[Sequence[np.ndarray], np.ndarray]) -> Sums:
    """Rows of several kinds, each with its runs, none of more than four, and its lengths, one below the other."""
    lengths = np.concatenate([lengths for _, lengths in kinds])
    runs, at = np.zeros((len(lengths), 4, 2), np.int64), 0
    for some, sizes in kinds:
        for i, run in enumerate(some):
            runs[at:at + len(sizes), i] = run
        at += len(sizes)
    return Sums(runs, lengths)


def _ranges(froms: np.ndarray, stops: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of each range one after another: which range each is of, and itself."""
    sizes = stops - froms
    which = np.repeat(np.arange(len(sizes)), sizes)
    return which, np.arange(len(which)) + (froms - np.cumsum(sizes) + sizes)[which]


def _words(words: Places | None, start: np.ndarray, stop: np.ndarray, shift: np.ndarray
           ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where the words of the texts of some pieces begin and stop in the running text, and how many a text has."""
    if words is None:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64)
    piece, at = _ranges(words.starts[start], words.starts[stop])
    _, texts = _ranges(start, stop)
    return words.begins[at] - shift[piece], words.stops[at] - shift[piece], np.diff(words.starts)[texts]


def _opening(ids: np.ndarray, begins: np.ndarray, most: np.ndarray) -> tuple[Stream, np.ndarray]:
    """A begin mark and the REACH tokens after it, at each place, as they stand before the rest of a text that goes on
    until `most`; how many tokens, the mark included, each has."""
    stops = np.minimum(begins + _APART, most)
    stream = lay_out(*gather(ids, begins, stops, before=BEGIN), np.zeros(len(begins), np.int64),
                     np.full(len(begins), 1 + REACH))
    return stream, 1 + np.minimum(stops - begins, REACH)


def _closing(ids: np.ndarray, ends: np.ndarray, least: np.ndarray) -> tuple[Stream, np.ndarray]:
    """As `_opening`, the tokens before an end mark."""
    froms = np.maximum(ends - _APART, least)
    stream = lay_out(*gather(ids, froms, ends, after=END), ends - froms - REACH, ends - froms + 1)
    return stream, 1 + np.minimum(ends - froms, REACH)


def _apart(found: tuple[Stream, np.ndarray], single: np.ndarray) -> tuple[Stream, np.ndarray]:
    """A stream with its tokens in a group for each sequence, but those of the sequences `single` each by itself; where
    the groups of each sequence begin (and end, at last)."""
    stream, sizes = found
    alone = np.zeros(len(sizes), bool)
    alone[single] = True
    begins = np.append(0, np.cumsum(np.where(alone, sizes, 1)))
    within = np.arange(len(stream.rows)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return Stream(stream.ids, stream.rows, np.repeat(begins[:-1], sizes) + within * np.repeat(alone, sizes)), begins


def gather(ids: np.ndarray, froms: np.ndarray, stops: np.ndarray, before: int | None = None,
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
