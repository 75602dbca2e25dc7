"""The embedded model's forward pass in machine code made at run time: the same results as `network`, much sooner.

Worth its start (half a second the first time, a quarter of that once the code is kept) from a hundred sentences on.
"""

import threading
from functools import partial

import numpy as np

from . import kernels
from .network import BRANCHES, EMBEDDING, FEATURES, HIDDEN, ORDERS, REACH, WIDTH, Head, Shares, Stream, side_by_side
from .weights import Weights

_PLACES = sum(n for n, _ in ORDERS)
_ROW = EMBEDDING + BRANCHES + _PLACES * WIDTH
# Rows at once on one thread: their activations stay in its cache beside the weights.
_BLOCK = 192
# Rows for which the table is made ready at once; tokens that the table holds (370 MB when full).
_STRETCH = 32768
_MOST_TOKENS = 49152
_ROWS = 384


class _Table:
    """What depends on one token alone, for tokens met so far; row 0 is no token and all zeros.

    `jobs` are the fillings under way: rows are given out first and worked out then, so that threads do so at once.
    """

    def __init__(self) -> None:
        # Untouched rows cost address space only.
        self.rows = np.empty((_MOST_TOKENS, _ROW), np.float16)
        self.stats = np.empty((_MOST_TOKENS, 2), np.float32)
        self.rows[0] = self.stats[0] = 0
        self.slots = np.zeros(131072, np.int32)
        self.count = 1
        self.jobs: list[threading.Event] = []
        self.broken: BaseException | None = None


class NativeNetwork:
    """Streams to pooled features; see `network.Network`, whose duty it takes over. Threads may call it at once."""

    concurrent = True

    def __init__(self, weights: Weights):
        self._weights = weights
        self._eps = float(weights.dense("eps"))
        self._run, dense, *_, self._engine = kernels.compiled(ORDERS, WIDTH, EMBEDDING, self._eps)
        self._projections = [kernels.Dense(dense, weights.dense(f"proj{n}")) for n, _ in ORDERS]
        self._bias = np.concatenate([weights.dense(f"proj_b{n}") for n, _ in ORDERS])
        self._gain = np.concatenate([weights.dense(f"ln_g{n}") for n, _ in ORDERS])
        self._shift = np.concatenate([weights.dense(f"ln_b{n}") for n, _ in ORDERS])
        self._first = [kernels.Dense(dense, np.concatenate(np.split(weights.dense(f"w1_{n}"), n), axis=1))
                       for n, _ in ORDERS]
        self._first_bias = [weights.dense(f"b1_{n}") for n, _ in ORDERS]
        packed, factors = zip(*(_packed(weights.dense(f"w2_{n}"), n) for n, _ in ORDERS), strict=True)
        self._second = np.concatenate(packed)
        self._factors = np.array(factors, np.float32)
        self._second_bias = np.concatenate([weights.dense(f"b2_{n}") for n, _ in ORDERS])
        self._table = _Table()
        self._lock = threading.Lock()
        self._scratch = threading.local()

    def _look_up(self, ids: np.ndarray) -> tuple[_Table, np.ndarray]:
        """A table that holds the tokens of a stream of token id + 1 (0 for none), and their rows in it."""
        with self._lock:
            table = self._table
            new = np.unique(ids[table.slots[ids] == 0])
            new = new[new > 0]
            if table.count + len(new) > _MOST_TOKENS:
                # Other threads may still read the old one.
                table = self._table = _Table()
                new = np.unique(ids)
                new = new[new > 0]
            first = table.count
            table.count += len(new)
            table.slots[new] = np.arange(first, table.count)
            slots = table.slots[ids]
            waits = [job for job in table.jobs if not job.is_set()]
            job = threading.Event()
            table.jobs = [*waits, job]
        try:
            parts = [slice(at, min(at + _ROWS, len(new))) for at in range(0, len(new), _ROWS)]
            for _ in side_by_side(lambda part: self._fill(table, new[part] - 1, first + part.start), parts):
                pass
        except BaseException as error:
            table.broken = error
            raise
        finally:
            job.set()
        for other in waits:
            other.wait()
        if table.broken is not None:
            raise table.broken
        return table, slots

    def _fill(self, table: _Table, ids: np.ndarray, at: int) -> None:
        """Work out rows of the table from `at` on: embedding, normed projections, first products."""
        rows = table.rows[at:at + len(ids)]
        embedding = self._weights.table(ids)
        rows[:, :EMBEDDING] = embedding
        table.stats[at:at + len(ids), 0] = embedding.sum(axis=1)
        table.stats[at:at + len(ids), 1] = np.einsum("ij,ij->i", embedding, embedding)
        inner = np.concatenate([projection(embedding) for projection in self._projections], axis=1)
        inner += self._bias
        inner -= inner.mean(axis=1, keepdims=True)
        inner *= 1 / np.sqrt(np.einsum("ij,ij->i", inner, inner) / BRANCHES + self._eps)[:, None]
        inner *= self._gain
        inner += self._shift
        rows[:, EMBEDDING:EMBEDDING + BRANCHES] = inner
        start = EMBEDDING + BRANCHES
        for i, (n, left) in enumerate(ORDERS):
            products = self._first[i](inner[:, i * WIDTH:(i + 1) * WIDTH])
            products[:, left * WIDTH:(left + 1) * WIDTH] += self._first_bias[i]
            rows[:, start:start + n * WIDTH] = products
            start += n * WIDTH

    def pool(self, stream: Stream, count: int) -> np.ndarray:
        """Sums of normed token features (before gain and shift) by group, float32 of shape (count, 1280)."""
        shares = Shares.of(stream.groups, _BLOCK)
        sums = np.zeros((len(shares.owners), FEATURES), np.float32)
        for parts in shares.stretches(_STRETCH):
            rows = stream.rows[parts[0].start:parts[-1].stop]
            low, high = max(int(rows[0]) - REACH, 0), min(int(rows[-1]) + REACH + 1, len(stream.ids))
            slots = np.zeros(high - low + 2 * REACH, np.int32)
            table, slots[REACH:-REACH] = self._look_up(stream.ids[low:high])
            work = partial(self._part, table, slots, stream.rows, REACH - low, shares.groups, sums)
            for _ in side_by_side(work, parts):
                pass
        return shares.whole(sums, count)

    def _part(self, table: _Table, slots: np.ndarray, rows: np.ndarray, shift: int, groups: np.ndarray,
              sums: np.ndarray, part: slice) -> None:
        """Add some rows to their groups, which have no others."""
        rows, groups = rows[part], groups[part]
        low = int(rows[0]) + shift - REACH
        size = int(rows[-1]) + shift + REACH + 1 - low
        window = slots[low:low + size]
        padded = np.empty(-(-len(rows) // kernels.TILE) * kernels.TILE, np.int64)
        padded[:len(rows)] = rows
        padded[len(rows):] = rows[-1]
        padded += shift - low
        inner, integers, scales, starts = self._buffers(size)
        self._run(window.ctypes.data, size, padded.ctypes.data, len(rows), groups.ctypes.data,
                  table.rows.ctypes.data, table.stats.ctypes.data, self._second.ctypes.data,
                  self._second_bias.ctypes.data, self._factors.ctypes.data, inner.ctypes.data, integers.ctypes.data,
                  scales.ctypes.data, starts.ctypes.data, sums.ctypes.data)

    def _buffers(self, size: int) -> tuple[np.ndarray, ...]:
        """Room for one block's activations, kept by each thread."""
        if getattr(self._scratch, "size", 0) < size:
            self._scratch.size = size = 2 * size
            self._scratch.buffers = (np.empty((size, BRANCHES), np.float32), np.empty((size, BRANCHES), np.int8),
                                     np.empty((size, 4), np.float32), np.empty((size, 4), np.int32))
        return self._scratch.buffers


class NativeHead(Head):
    """Pooled features to unit vectors; see `network.Head`."""

    def _load(self, weights: Weights, output: np.ndarray, entry: np.ndarray) -> None:
        _, dense, sums, self._half, self._engine = kernels.compiled(ORDERS, WIDTH, EMBEDDING, float(weights.dense("eps")))
        self._output, self._d0, self._p1 = (kernels.Dense(dense, rows) for rows in (
            output, weights.dense("d0"), weights.dense("p1")))
        self._d1, self._d2, self._p3, self._d3 = (kernels.Dense(dense, weights.dense(name))
                                                  for name in ("d1", "d2", "p3", "d3"))
        self._pooled = kernels.Sums(sums, self._gain)
        self._added = kernels.Sums(sums, np.ones(HIDDEN, np.float32))

    def halves(self, vectors: np.ndarray) -> np.ndarray:
        """Vectors in half precision."""
        return kernels.halves(self._half, vectors)

    def _enter(self, sums: np.ndarray, runs: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        rows = self._output(self._pooled(sums, runs))
        shares = np.zeros(len(rows), np.float32)
        shares[:len(lengths)] = lengths
        first, second = np.split(self._per_token, 2)
        out = np.empty((len(lengths), HIDDEN), np.float32)
        out[:, :len(first)] = self._d0(rows, beside=first, shares=shares)[:len(lengths)]
        out[:, len(first):] = self._p1(rows, beside=second, shares=shares)[:len(lengths)]
        return out

    def _leave(self, hidden: np.ndarray, runs: np.ndarray) -> np.ndarray:
        rows = self._added(hidden, runs)
        second = self._d1(rows[:, :HIDDEN // 2], rectified=True, beside=rows[:, HIDDEN // 2:], floor=0.0)
        third = self._d2(second, floor=0.0)
        return self._d3(third, beside=self._p3(second))[:len(runs)]


def _packed(weights: np.ndarray, order: int) -> tuple[np.ndarray, float]:
    """Weights of a second convolution, unsigned, in the order in which the kernel reads them; their scale."""
    integers, scale = kernels.as_whole(weights)
    blocks = integers.reshape(order, WIDTH // 4, 4, WIDTH // kernels.WIDE, kernels.COLUMNS, kernels.LANES)
    unsigned = (blocks.transpose(3, 0, 1, 4, 5, 2).astype(np.int16) + 128).astype(np.uint8)
    return np.ascontiguousarray(unsigned).reshape(-1), scale
