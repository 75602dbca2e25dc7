"""The embedded model's forward pass, in NumPy: token ids to pooled features to unit vectors.

Universal sentence encoder, multilingual, version 3 (Yang et al. 2020, "Multilingual universal sentence encoder for
semantic retrieval"): token embeddings; three branches, each a projection, a layer norm and two residual convolutions
over windows of 2, 3 or 5 tokens; a layer norm over the embedding beside the three branches; a sum over tokens divided
by the root of their number; four dense layers with two shortcuts.

Whatever depends on one token alone (embedding, projection, its norm, and its part in the first convolution at each
place of the window) is computed once per distinct token and then gathered.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from ..threads import cores
from .weights import Weights

WIDTH = 256
# (window, tokens to the left of its centre), for the three branches.
ORDERS = ((2, 0), (3, 1), (5, 2))
# Tokens that a feature sees on either side: two convolutions of at most two tokens each.
REACH = 4
GAP = 2
BRANCHES = WIDTH * len(ORDERS)
EMBEDDING = 512
FEATURES = EMBEDDING + BRANCHES
HIDDEN = 640
# Rows worked out at once on one thread: few enough for the caches.
_BLOCK = 512
_ROWS = 384
# Rows for which the tables are made ready at once, and tokens that they hold; a stretch always fits.
_STRETCH = 8192
_MOST_TOKENS = 3 * _STRETCH


@dataclass(frozen=True, slots=True)
class Stream:
    """Token sequences one after another, GAP zeros (and no token) before, between and after them.

    `ids` holds token id + 1, 0 in gaps. The rows `rows` (increasing) are summed into `groups` (not decreasing).
    """

    ids: np.ndarray
    rows: np.ndarray
    groups: np.ndarray


def lay_out(ids: np.ndarray, starts: np.ndarray, first: np.ndarray | None = None,
            last: np.ndarray | None = None) -> Stream:
    """Sequences `ids[starts[i]:starts[i + 1]]` as a stream, group `i` the sum of tokens `first[i]` to `last[i]` of
    sequence `i` (from 0, `last` excluded; the whole sequence by default)."""
    lengths = np.diff(starts)
    at = starts[:-1] + GAP * np.arange(1, len(lengths) + 1)
    stream = np.zeros(int(starts[-1]) + GAP * (len(lengths) + 1), np.int32)
    places = np.arange(int(starts[-1])) + np.repeat(at - starts[:-1], lengths)
    stream[places] = ids + 1
    groups = np.repeat(np.arange(len(lengths)), lengths)
    if first is None or last is None:
        return Stream(stream, places, groups)
    place = places - at[groups]
    wanted = (place >= first[groups]) & (place < last[groups])
    return Stream(stream, places[wanted], groups[wanted])


def join(streams: Sequence[Stream]) -> tuple[Stream, list[int]]:
    """Streams as one, and where the groups of each begin in it (and end, at last)."""
    shift = np.cumsum([0, *(len(s.ids) for s in streams)])
    group = np.cumsum([0, *(int(s.groups[-1]) + 1 if len(s.groups) else 0 for s in streams)])
    return Stream(np.concatenate([s.ids for s in streams]),
                  np.concatenate([s.rows + d for s, d in zip(streams, shift)]),
                  np.concatenate([s.groups + d for s, d in zip(streams, group)])), group.tolist()


class Shares(NamedTuple):
    """The rows of a stream in shares that are summed one by one, none of which parts a group.

    `groups` numbers rows anew, since a group of more rows than a share is summed in pieces from its own beginning;
    `owners` is the group of each piece, `bounds` are the rows at which shares begin and end. So no sum depends on what
    else is in the stream.
    """

    groups: np.ndarray
    owners: np.ndarray
    bounds: list[int]

    @classmethod
    def of(cls, groups: np.ndarray, most: int) -> Shares:
        """Shares of at most `most` rows of these `groups`."""
        firsts = np.flatnonzero(np.diff(groups, prepend=-1))
        sizes = np.diff(firsts, append=len(groups))
        begins = (np.arange(len(groups)) - np.repeat(firsts, sizes)) % most == 0
        starts = np.flatnonzero(begins)
        stops, bounds = np.append(starts[1:], len(groups)), [0]
        while bounds[-1] < len(groups):
            bounds.append(int(stops[np.searchsorted(stops, bounds[-1] + most, side="right") - 1]))
        return cls(np.cumsum(begins) - 1, groups[starts], bounds)

    def stretches(self, most: int) -> Iterator[list[slice]]:
        """The shares, so many at a time that they have at most `most` rows, or one."""
        parts: list[slice] = []
        for start, stop in zip(self.bounds, self.bounds[1:]):
            if parts and stop - parts[0].start > most:
                yield parts
                parts = []
            parts.append(slice(start, stop))
        if parts:
            yield parts

    def whole(self, sums: np.ndarray, count: int) -> np.ndarray:
        """Sums by piece as sums by group, `count` of them."""
        if len(sums) == count and np.array_equal(self.owners, np.arange(count)):
            return sums
        out = np.zeros((count, sums.shape[1]), sums.dtype)
        new = np.diff(self.owners, prepend=-1) > 0
        out[self.owners[new]] = sums[new]
        for piece in np.flatnonzero(~new):
            out[self.owners[piece]] += sums[piece]
        return out


def sum_runs(rows: np.ndarray, runs: np.ndarray) -> np.ndarray:
    """Sums of runs of rows: for every `(a, b)` of `runs[i]`, result `i` adds the rows `a` to `b`, or takes away the
    rows `b` to `a`; `runs` is int64 of shape (results, runs of each, 2)."""
    out = np.zeros((len(runs), rows.shape[1]), rows.dtype)
    for at, end in runs.transpose(1, 2, 0):
        single = end - at == 1
        out[single] += rows[at[single]]
        # A sum over a slice at a time is several times faster than `np.add.reduceat`.
        rest = np.flatnonzero((end != at) & ~single)
        for i, start, stop in zip(rest.tolist(), at[rest].tolist(), end[rest].tolist()):
            if start < stop:
                out[i] += np.add.reduce(rows[start:stop], axis=0)
            else:
                out[i] -= np.add.reduce(rows[stop:start], axis=0)
    return out


def each(part: slice) -> np.ndarray:
    """Every row of a part by itself, as runs."""
    rows = np.arange(part.start, part.stop)
    return np.stack([rows, rows + 1], axis=1)[:, None]


class TokenTables:
    """What depends on one token alone, computed at its first appearance; row 0 is no token and all zeros."""

    def __init__(self, weights: Weights):
        w = weights
        self._weights = weights
        self._projection = np.concatenate([w.dense(f"proj{n}") for n, _ in ORDERS], axis=1)
        self._bias = np.concatenate([w.dense(f"proj_b{n}") for n, _ in ORDERS])
        self._gain = np.concatenate([w.dense(f"ln_g{n}") for n, _ in ORDERS])
        self._shift = np.concatenate([w.dense(f"ln_b{n}") for n, _ in ORDERS])
        # One matrix a branch: the products of a token at every place of the window stand side by side.
        self._first = [np.concatenate(np.split(w.dense(f"w1_{n}"), n), axis=1) for n, _ in ORDERS]
        self._first_bias = []
        for n, left in ORDERS:
            bias = np.zeros(n * WIDTH, np.float32)
            bias[left * WIDTH:(left + 1) * WIDTH] = w.dense(f"b1_{n}")
            self._first_bias.append(bias)
        self._eps = float(w.dense("eps"))
        # Untouched rows cost address space only.
        self.embedding = np.empty((_MOST_TOKENS, EMBEDDING), np.float32)
        self.inner = np.empty((_MOST_TOKENS, BRANCHES), np.float32)
        self.products = np.empty((_MOST_TOKENS, sum(n for n, _ in ORDERS) * WIDTH), np.float32)
        self._clear()

    def _clear(self) -> None:
        self._slots = np.zeros(131072, np.int32)
        self._count = 1
        for table in (self.embedding, self.inner, self.products):
            table[0] = 0

    def slots(self, ids: np.ndarray) -> np.ndarray:
        """Rows of the tables for a stream of token id + 1 (0 for none); computes those not met before."""
        new = np.unique(ids[(self._slots[ids] == 0) & (ids > 0)])
        if self._count + len(new) > _MOST_TOKENS:
            self._clear()
            new = np.unique(ids[ids > 0])
        if len(new):
            rows = slice(self._count, self._count + len(new))
            self.embedding[rows], self.inner[rows], self.products[rows] = self.compute(new - 1)
            self._slots[new] = np.arange(rows.start, rows.stop)
            self._count = rows.stop
        return self._slots[ids]

    def compute(self, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Embedding, normed projections and first-convolution products of tokens, with the first bias at the centre."""
        embedding = self._weights.table(ids)
        inner = embedding @ self._projection
        inner += self._bias
        inner -= inner.mean(axis=1, keepdims=True)
        inner *= 1 / np.sqrt(np.einsum("ij,ij->i", inner, inner) / BRANCHES + self._eps)[:, None]
        inner *= self._gain
        inner += self._shift
        products = np.empty((len(ids), sum(n for n, _ in ORDERS) * WIDTH), np.float32)
        at = 0
        for i, (n, _) in enumerate(ORDERS):
            part = products[:, at:at + n * WIDTH]
            np.matmul(inner[:, i * WIDTH:(i + 1) * WIDTH], self._first[i], out=part)
            part += self._first_bias[i]
            at += n * WIDTH
        return embedding, inner, products


class Network:
    """Streams to pooled features, in float32 with NumPy alone; calls from several threads take turns."""

    concurrent = False

    def __init__(self, weights: Weights):
        self.tables = TokenTables(weights)
        self._turn = threading.Lock()
        self._second = [weights.dense(f"w2_{n}") for n, _ in ORDERS]
        self._second_bias = np.concatenate([weights.dense(f"b2_{n}") for n, _ in ORDERS])
        self._eps = float(weights.dense("eps"))

    def pool(self, stream: Stream, count: int) -> np.ndarray:
        """Sums of normed token features (before gain and shift) by group, float32 of shape (count, 1280)."""
        shares = Shares.of(stream.groups, _BLOCK)
        sums = np.empty((len(shares.owners), FEATURES), np.float32)
        with self._turn:
            self._add(stream, shares, sums)
        return shares.whole(sums, count)

    def _add(self, stream: Stream, shares: Shares, sums: np.ndarray) -> None:
        for parts in shares.stretches(_STRETCH):
            rows = stream.rows[parts[0].start:parts[-1].stop]
            low, high = max(int(rows[0]) - REACH, 0), min(int(rows[-1]) + REACH + 1, len(stream.ids))
            slots = self.tables.slots(stream.ids[low:high])
            done = side_by_side(partial(self._part, slots, stream.rows, low), parts)
            for part, (branches, embedding) in zip(parts, done, strict=True):
                pieces = shares.groups[part]
                firsts = np.flatnonzero(np.diff(pieces, prepend=-1))
                runs = np.stack([firsts, np.append(firsts[1:], len(pieces))], axis=1)[:, None]
                sums[pieces[firsts], :EMBEDDING] = sum_runs(embedding, runs)
                sums[pieces[firsts], EMBEDDING:] = sum_runs(branches, runs)

    def _part(self, slots: np.ndarray, rows: np.ndarray, low: int, part: slice) -> tuple[np.ndarray, np.ndarray]:
        return self.features(slots, rows[part] - low)

    def features(self, slots: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Normed features of the tokens at `rows` of a stream of table slots: branches and embedding."""
        low, high = max(int(rows[0]) - REACH, 0), min(int(rows[-1]) + REACH + 1, len(slots))
        slots, rows = slots[low:high], rows - low
        inner = self._first_layer(slots)
        branches = self._second_layer(inner, rows)
        embedding = self.tables.embedding[slots[rows]]
        mean = (embedding.sum(axis=1) + branches.sum(axis=1)) / FEATURES
        embedding -= mean[:, None]
        branches -= mean[:, None]
        square = np.einsum("ij,ij->i", embedding, embedding) + np.einsum("ij,ij->i", branches, branches)
        scale = 1 / np.sqrt(square / FEATURES + self._eps)
        embedding *= scale[:, None]
        branches *= scale[:, None]
        return branches, embedding

    def _first_layer(self, slots: np.ndarray) -> np.ndarray:
        """Output of the first residual convolution for a window of the stream, GAP zero rows added on both sides."""
        n = len(slots)
        products = self.tables.products[slots]
        out = np.zeros((n + 2 * GAP, BRANCHES), np.float32)
        inner = out[GAP:GAP + n]
        at = 0
        for i, (order, left) in enumerate(ORDERS):
            part = inner[:, i * WIDTH:(i + 1) * WIDTH]
            for place in range(order):
                product = products[:, at:at + WIDTH]
                shift = place - left
                part[max(-shift, 0):n - max(shift, 0)] += product[max(shift, 0):n + min(shift, 0)]
                at += WIDTH
        np.maximum(inner, 0, out=inner)
        inner += self.tables.inner[slots]
        inner[slots == 0] = 0
        return out

    def _second_layer(self, inner: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Output of the second residual convolution at `rows` of the window."""
        out = np.empty((len(rows), BRANCHES), np.float32)
        for i, (order, left) in enumerate(ORDERS):
            columns = slice(i * WIDTH, (i + 1) * WIDTH)
            branch = inner[:, columns]
            window = np.empty((len(rows), order * WIDTH), np.float32)
            for place in range(order):
                window[:, place * WIDTH:(place + 1) * WIDTH] = branch[rows + (GAP + place - left)]
            np.matmul(window, self._second[i], out=out[:, columns])
        out += self._second_bias
        np.maximum(out, 0, out=out)
        out += inner[rows + GAP]
        return out


_INSIDE = threading.local()


def side_by_side(work: Callable[[Any], Any], items: Sequence[Any]) -> Iterator[Any]:
    """Results of `work` on every item, in order, on as many threads as there are cores; within another such call, on
    the calling thread."""
    threads = min(cores(), len(items))
    if threads < 2 or getattr(_INSIDE, "yes", False):
        return map(work, items)
    results: list[Any] = [None] * len(items)
    errors: list[BaseException] = []
    left = iter(range(len(items)))

    def run() -> None:
        _INSIDE.yes = True
        try:
            for i in left:
                if errors:
                    return
                results[i] = work(items[i])
        except BaseException as error:  # noqa: BLE001 - raised again on the calling thread
            errors.append(error)
        finally:
            _INSIDE.yes = False

    others = [threading.Thread(target=run, daemon=True) for _ in range(threads - 1)]
    for thread in others:
        thread.start()
    run()
    for thread in others:
        thread.join()
    if errors:
        raise errors[0]
    return iter(results)


class Head:
    """Pooled features to unit vectors, in two steps.

    `hidden` is linear up to the root of the number of tokens, so hidden values of parts of a text add up to those of
    the whole; `vectors` does the rest.
    """

    wide = HIDDEN

    def __init__(self, weights: Weights):
        output, entry = weights.dense("cnn_W"), np.concatenate([weights.dense("d0"), weights.dense("p1")], axis=1)
        self._gain = weights.dense("ln_g")
        self._per_token = (weights.dense("ln_b") @ output + weights.dense("cnn_b")) @ entry
        self._load(weights, output, entry)

    def _load(self, weights: Weights, output: np.ndarray, entry: np.ndarray) -> None:
        matrices = [output, entry, *map(weights.dense, ("d1", "d2", "p3", "d3"))]
        self._layers: list[Callable[[np.ndarray], np.ndarray]] = [matrix.__rmatmul__ for matrix in matrices]

    def hidden(self, sums: np.ndarray, runs: np.ndarray, lengths: np.ndarray,
               keep: Callable[[slice, np.ndarray], np.ndarray] = lambda part, hidden: hidden) -> np.ndarray:
        """Sums of `runs` of pooled features of shape (n, 1280), over `lengths` tokens, as hidden values of shape
        (len(runs), 640), or what `keep` makes of some rows, given with their place, while they are in the cache."""
        wide = keep(slice(0, 0), np.zeros((0, HIDDEN), np.float32)).shape[1]
        out = np.empty((len(runs), wide), np.float32)
        in_parts(lambda part: keep(part, self._enter(sums, runs[part], lengths[part])), out.__setitem__, len(out))
        return out

    def vectors(self, hidden: np.ndarray, runs: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """Unit rows of sums of `runs` of hidden values over `lengths` tokens, marks included; zero rows where there are
        none."""
        out = np.empty((len(runs), EMBEDDING), np.float32)
        self.give_vectors(hidden, runs, lengths, out.__setitem__)
        return out

    def give_vectors(self, hidden: np.ndarray, runs: np.ndarray, lengths: np.ndarray,
                     give: Callable[[slice, np.ndarray], object]) -> None:
        """`vectors`, some rows at a time, each time with their place, to `give`, which threads may call at once."""
        in_parts(lambda part: self._finish(self._leave(hidden, runs[part]), lengths[part]), give, len(runs))

    def halves(self, vectors: np.ndarray) -> np.ndarray:
        """Vectors in half precision."""
        return vectors.astype(np.float16)

    def _enter(self, sums: np.ndarray, runs: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """Hidden values of sums of `runs` of pooled features."""
        output, entry, *_ = self._layers
        return entry(output(sum_runs(sums, runs) * self._gain)) + lengths.astype(np.float32)[:, None] * self._per_token

    def _leave(self, hidden: np.ndarray, runs: np.ndarray) -> np.ndarray:
        """What the last layer gives for sums of `runs` of hidden values, its tanh excepted."""
        _, _, d1, d2, p3, d3 = self._layers
        hidden = sum_runs(hidden, runs)
        first = np.maximum(hidden[:, :HIDDEN // 2], 0)
        second = d1(first)
        second += hidden[:, HIDDEN // 2:]
        np.maximum(second, 0, out=second)
        third = d2(second)
        np.maximum(third, 0, out=third)
        out = p3(second)
        out += d3(third)
        return out

    @staticmethod
    def _finish(out: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        # No dense layer adds a constant, so the root of the number of tokens can wait until here.
        out *= (1 / np.sqrt(np.maximum(lengths, 1), dtype=np.float32))[:, None]
        np.tanh(out, out=out)
        scale = 1 / np.sqrt(np.maximum(np.einsum("ij,ij->i", out, out), np.float32(1e-12)))
        scale[lengths == 0] = 0
        out *= scale[:, None]
        return out


def in_parts(work: Callable[[slice], np.ndarray], give: Callable[[slice, np.ndarray], object], rows: int) -> None:
    """`work` on stretches of rows side by side, each result given on at once."""
    parts = [slice(at, min(at + _ROWS, rows)) for at in range(0, rows, _ROWS)]
    for _ in side_by_side(lambda part: give(part, work(part)), parts):
        pass
