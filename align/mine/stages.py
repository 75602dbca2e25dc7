"""What is done to one block at a time, here or on a machine of a cluster: functions of a worker and an item.

Each writes a block, or returns a few numbers; none depends on what the worker did before, so that an item which was lost
with a process is done again elsewhere, to the same bytes. No item is larger than a block of lines.
"""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast

from ..errors import EncoderError
from ..pipeline import Options, load_encoder
from ..threads import ahead, one_blas_thread
from .blocks import Blocks

if TYPE_CHECKING:
    import numpy as np

    from ..data import Neighbours
    from ..encode import Encoder, WordEncoder
    from ..neighbours import Index, Plan

_BATCH = 4096  # lines encoded at a time
MUCH = 20_000
"""Characters of all lines from which machine code is worth its start: the encoder takes it at once, or never."""

Stage = Callable[["Worker", Any], Any]
"""An item in, its result out; both small enough to be sent."""
Mapper = Callable[..., Iterator[Any]]
"""`(stage, items, encodes=False)` to the results, in the order of the items; `encodes` where the encoder is wanted."""


@dataclass(frozen=True, slots=True)
class Given:
    """What workers know from the start: how to encode, whether there is `much` to encode, and where blocks lie."""

    options: Options
    much: bool
    blocks: Blocks


class Engine(Protocol):
    """Has stages done by workers."""

    def working(self, given: Given, memory: int, encoder: Encoder | None = None) -> AbstractContextManager[Mapper]:
        """Within the block, what takes a stage and items to results; indexes take about `memory` bytes of a machine."""
        ...


class Worker:
    """A process's encoder, and the indexes that it looked into last, `room` of them."""

    def __init__(self, given: Given, encoder: Encoder | None = None, room: int = 1) -> None:
        self.given, self.blocks, self.room = given, given.blocks, room
        self._encoder = encoder
        self._indexes: OrderedDict[Shard, Index] = OrderedDict()

    @cached_property
    def encoder(self) -> Encoder:
        """The encoder, with the arithmetic that it keeps to the end."""
        encoder = self._encoder or load_encoder(replace(self.given.options, cache=False, second_model=None))
        if self.given.much and hasattr(encoder, "settle"):
            encoder.settle()
        return encoder

    def index(self, plan: Plan, shard: Shard) -> Index:
        """The index over a shard."""
        from ..neighbours import joined_index

        found = self._indexes.pop(shard, None)
        if found is None:
            while len(self._indexes) >= self.room:
                self._indexes.popitem(last=False)
            found = joined_index(plan, [self.blocks.load(name) for name in shard.pieces],
                                 [self.blocks.load(name) for name in shard.vectors], shard.first)
        self._indexes[shard] = found
        return found


class Local:
    """Stages done here, one item after the other; each uses all cores."""

    @contextlib.contextmanager
    def working(self, given: Given, memory: int, encoder: Encoder | None = None) -> Iterator[Mapper]:
        """As `Engine.working` says."""
        worker = Worker(given, encoder, max(1, memory // _SHARD_BYTES))

        def results(stage: Stage, items: Iterable[Any], encodes: bool = False) -> Iterator[Any]:
            if stage is index:
                return ahead(partial(stage, worker), list(items))
            return (stage(worker, item) for item in items)

        yield results


_SHARD_BYTES = 200 << 20  # of an index in memory, more or less; see `neighbours.SHARD_ROWS`


class Known(NamedTuple):
    """What is to be known of an encoder: its name, what vectors depend on, their dimension, whether it knows words."""

    name: str
    signature: str
    dimension: int
    has_words: bool


def know(worker: Worker, _: None) -> Known:
    """Look at the encoder."""
    encoder = worker.encoder
    return Known(encoder.name, getattr(encoder, "signature", encoder.name), encoder.dimension, hasattr(encoder, "word_states"))


class Encode(NamedTuple):
    """Lines to encode, and the name of their block."""

    name: str
    forms: list[str]


def encode(worker: Worker, item: Encode) -> int:
    """Write a block of unit rows, float16 of shape (lines, dimension); how many there are."""
    import numpy as np

    from .store import batches

    encoder, rows = worker.encoder, []
    form = getattr(encoder, "form", None)
    for part in batches(len(item.forms), _BATCH):
        forms = item.forms[part]
        found = np.asarray(encoder.encode([form(text) for text in forms] if form else forms), np.float32)
        if not np.isfinite(found).all():
            raise EncoderError(f"the encoder {encoder.name} returned numbers that are not finite")
        rows.append(found.astype(np.float16))
    worker.blocks.save(item.name, np.concatenate(rows))
    return len(item.forms)


class Sample(NamedTuple):
    """Rows of a block, by their numbers in it."""

    name: str
    rows: np.ndarray


def sample(worker: Worker, item: Sample) -> np.ndarray:
    """The rows, float16."""
    return worker.blocks.load(item.name)[item.rows]


class Piece(NamedTuple):
    """A block of vectors to put into the index whose learnt cells are `trained`; `name` is the piece's."""

    name: str
    vectors: str
    trained: str


def index(worker: Worker, item: Piece) -> None:
    """Write a block's piece of an index."""
    from ..neighbours import index_piece

    with one_blas_thread():
        worker.blocks.save(item.name, index_piece(worker.blocks.load(item.trained), worker.blocks.load(item.vectors)))


class Shard(NamedTuple):
    """Neighbouring blocks whose index is in memory together: their vectors, the pieces of their index (none where all
    rows are compared), and the number of their first row."""

    vectors: tuple[str, ...]
    pieces: tuple[str, ...]
    first: int


class Search(NamedTuple):
    """A block of queries, and shards to look them up in; `name` is that of what is found."""

    name: str
    queries: str
    shards: tuple[Shard, ...]
    plan: Plan
    k: int


def search(worker: Worker, item: Search) -> int:
    """Write the `k` nearest rows of some shards for each query of a block; how many queries."""
    from ..neighbours import merge_neighbours, visited
    from ..neighbours import search as look

    queries = worker.blocks.load(item.queries)
    found = cells = None
    with one_blas_thread():
        for shard in item.shards:
            held = worker.index(item.plan, shard)
            # To find the cells takes as long as to look into them, or longer: once is enough for all shards.
            cells = visited(held, queries) if cells is None else cells
            part = look(held, queries, item.k, cells)
            found = part if found is None else merge_neighbours([found, part], item.k)
    worker.blocks.save(item.name, _records(found))
    return len(queries)


class Merge(NamedTuple):
    """What searches of different shards found for one block of queries; `name` is that of the nearest of all."""

    name: str
    parts: tuple[str, ...]


def merge(worker: Worker, item: Merge) -> None:
    """Write the nearest of all shards, and take the parts away."""
    from ..neighbours import merge_neighbours

    # Done again after the worker died, the parts may be gone already.
    if worker.blocks.shape(item.name) is None:
        found = list(Near(worker.blocks, item.parts))
        worker.blocks.save(item.name, _records(merge_neighbours(found)))
    for name in item.parts:
        worker.blocks.remove(name)


@dataclass(frozen=True, slots=True)
class Near:
    """What `search` and `merge` wrote, a block after the other, read anew each time."""

    blocks: Blocks
    names: tuple[str, ...]

    def __iter__(self) -> Iterator[Neighbours]:
        from ..data import Neighbours

        for name in self.names:
            rows = self.blocks.load(name)
            yield Neighbours(rows["ids"], rows["sims"])


def _records(found: Any) -> np.ndarray:
    import numpy as np

    rows = np.empty(found.ids.shape, [("ids", "<i8"), ("sims", "<f4")])
    rows["ids"], rows["sims"] = found.ids, found.sims
    return rows


class Judge(NamedTuple):
    """Candidates: lines of both sides, and which two of them are each candidate's; `name` is that of what is told."""

    name: str
    texts: tuple[list[str], list[str]]
    places: tuple[np.ndarray, np.ndarray]


def judge(worker: Worker, item: Judge) -> int:
    """Write what words, numbers, dates and names tell of candidates, float32, a row each; how many there are."""
    import numpy as np

    from . import agreement, cover, words

    encoder = cast("WordEncoder", worker.encoder)
    with one_blas_thread():
        ar, en = (words(lang, texts, encoder.word_states) for lang, texts in zip(("ar", "en"), item.texts, strict=True))
        facts = [agreement(item.texts[0][i], item.texts[1][j]) for i, j in zip(*(at.tolist() for at in item.places), strict=True)]
        worker.blocks.save(item.name, np.concatenate([cover(ar, en, *item.places), np.array(facts, np.float32)], 1))
    return len(facts)
