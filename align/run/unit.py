"""One unit of work, stage by stage: read and segment, encode and align, write. Every engine calls these functions."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from ..data import Judged, Row
from ..engine.storage import Store, at_hand, sha256
from ..errors import EncoderError, MuwaziError, WorkerKilled
from ..pipeline import (
    Clock,
    Encoded,
    Options,
    Pair,
    aligned,
    encoded,
    flagged_together,
    load_encoder,
    segmented_pair,
    with_text,
)
from ..threads import one_blas_thread
from ..versions import UNRELATED, shares_answered
from .ledger import Document, Done, Unit
from .settings import Settings, flags_part

if TYPE_CHECKING:
    from ..encode import Encoder

BATCH = 400_000
"""Characters of text whose vectors are in memory at once; a longer document is alone."""

TOGETHER = 50_000
"""Characters of text whose flags are looked for at once."""

BINS = 10
"""Bins of equal width of the histogram of confidence."""

Tell = Callable[[str, str], None]
"""Told of each document, and what is done with it, before it is done."""


def _silent(_id: str, _stage: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Task:
    """A unit and where its files are: (Arabic, English) for each of its documents; `doomed` are those that have killed
    their process before and are not touched again, with the reason."""

    unit: int
    documents: tuple[Document, ...]
    places: tuple[tuple[str, str], ...]
    doomed: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a document is not in the output."""

    error: str
    status: int
    message: str
    line: int | None = None

    def record(self) -> dict[str, Any]:
        """For JSON."""
        return dataclasses.asdict(self)


@dataclass(slots=True)
class Work:
    """A document on its way: its pair once it is read, its alignment once it is aligned, or its failure."""

    document: Document
    digests: tuple[str | None, str | None] = (None, None)
    pair: Pair | None = None
    judged: Judged | None = None
    failure: Failure | None = None
    seconds: float = 0.0

    @property
    def characters(self) -> int:
        """Characters of both texts."""
        return 0 if self.pair is None else len(self.pair.ar.document.text) + len(self.pair.en.document.text)


@dataclass(frozen=True, slots=True)
class Result:
    """A unit whose files stand under their names: what to commit."""

    unit: int
    key: str
    documents: tuple[Done, ...]
    seconds: dict[str, float]
    parts: dict[str, tuple[int, str, int]] = field(default_factory=dict)
    """By the name of each file its bytes, their SHA-256, and when it was written (ns)."""


# Read and segment


def read_unit(task: Task, settings: Settings, clock: Clock, tell: Tell = _silent) -> list[Work]:
    """The unit's documents read and segmented; one that cannot be is a failure and stops nothing."""
    return [_read(document, place, task.doomed.get(document.number), settings, clock, tell)
            for document, place in zip(task.documents, task.places, strict=True)]


def _read(document: Document, places: tuple[str, str], doom: str | None, settings: Settings, clock: Clock,
          tell: Tell) -> Work:
    from ..read import read

    work = Work(document)
    start = time.perf_counter()
    chosen = settings.options
    if doom is not None:
        work.failure = killed(doom)
        return work
    tell(document.id, "read")
    shown = (document.ar, document.en)
    local = places
    try:
        with ExitStack() as stack:
            with clock.stage("read"):
                local = stack.enter_context(at_hand(places[0])), stack.enter_context(at_hand(places[1]))
                work.digests = sha256(local[0]), sha256(local[1])
                ar, en = (dataclasses.replace(read(path, lang, chosen.encoding, max_bytes=chosen.max_bytes), id=name)
                          for path, lang, name in zip(local, chosen.langs, shown, strict=True))
            with clock.stage("segment"):
                work.pair = with_text(*segmented_pair(ar, en, chosen))
    except Exception as error:  # noqa: BLE001 - whatever a document does, the others go on
        work.failure = _failure(error, (*zip(local, shown), *zip(places, shown)))
    work.seconds = time.perf_counter() - start
    return work


def killed(why: str) -> Failure:
    """The failure of a document that ends whatever works on it."""
    return Failure(WorkerKilled.__name__, WorkerKilled.status, why)


def _failure(error: BaseException, names: Sequence[tuple[str, str]] = ()) -> Failure:
    """An exception as it is reported, files called as the user calls them."""
    text = " ".join(str(error).split())
    for long, shown in names:
        text = text.replace(long, shown)
    if isinstance(error, MuwaziError):
        found = re.match(r".*?:(\d+): ", text)
        return Failure(type(error).__name__, error.status, text, int(found[1]) if found else None)
    if isinstance(error, MemoryError):
        return Failure("MemoryError", 1, "not enough memory for this document")
    return Failure(type(error).__name__, 1, text or type(error).__name__)


# Encode and align


def align_unit(works: Sequence[Work], settings: Settings, encoder: Encoder, clock: Clock, tell: Tell = _silent) -> None:
    """Align the documents that were read, and find their flags: the vectors of as many as fit are made at once."""
    for batch in _batches([work for work in works if work.pair is not None]):
        _align(batch, settings, encoder, clock, tell)


def _batches(works: Sequence[Work]) -> Iterator[list[Work]]:
    batch: list[Work] = []
    size = 0
    for work in works:
        if batch and size + work.characters > BATCH:
            yield batch
            batch, size = [], 0
        batch.append(work)
        size += work.characters
    if batch:
        yield batch


def _align(batch: list[Work], settings: Settings, encoder: Encoder, clock: Clock, tell: Tell) -> None:
    tell(batch[0].document.id, "encode")
    start = time.perf_counter()
    try:
        with clock.stage("encode"):
            vectors = encoded([_pair(work) for work in batch], settings.options, encoder, flags=settings.with_flags)
    except EncoderError:
        raise
    except Exception as error:  # noqa: BLE001 - one document of these; the others go on
        if len(batch) == 1:
            _fail(batch[0], error)
            return
        for work in batch:
            _align([work], settings, encoder, clock, tell)
        return
    _share_time(batch, start)
    words = []
    with one_blas_thread():
        for work, sides in zip(batch, _taken(vectors), strict=True):
            tell(work.document.id, "align")
            start = time.perf_counter()
            _align_one(work, sides, settings, encoder, clock)
            words.append(None if sides is None else sides.words)
            work.seconds += time.perf_counter() - start
        if settings.with_flags:
            for group in _groups(batch):
                tell(batch[group.start].document.id, "flags")
                with clock.stage("flags"):
                    _flag(batch[group], words[group], settings, encoder)
                words[group] = [None] * len(words[group])
    for work in batch:
        work.pair = None


def _share_time(works: Sequence[Work], start: float) -> None:
    """Add the time since `start` to that of documents, by their sizes."""
    rate = (time.perf_counter() - start) / max(1, sum(work.characters for work in works))
    for work in works:
        work.seconds += rate * work.characters


def _groups(works: Sequence[Work]) -> Iterator[slice]:
    """Runs of documents that are judged together."""
    first = size = 0
    for k, work in enumerate(works):
        if k > first and size + work.characters > TOGETHER:
            yield slice(first, k)
            first, size = k, 0
        size += work.characters
    yield slice(first, len(works))


def _taken(vectors: list[Encoded | None]) -> Iterator[Encoded | None]:
    """Each in turn, and none kept."""
    vectors.reverse()
    while vectors:
        yield vectors.pop()


def _pair(work: Work) -> Pair:
    if work.pair is None:
        raise ValueError("the document was not read, or is aligned already")
    return work.pair


def _judged(work: Work) -> Judged:
    if work.judged is None:
        raise ValueError("the document is not aligned")
    return work.judged


def _align_one(work: Work, sides: Encoded | None, settings: Settings, encoder: Encoder, clock: Clock) -> None:
    pair = _pair(work)
    try:
        with clock.stage("align"):
            alignment = aligned(pair, sides, settings.options, encoder, one_of_many=True)
        work.judged = Judged(pair.ar, pair.en, alignment)
    except EncoderError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a document does, the others go on
        _fail(work, error)


def _flag(works: Sequence[Work], words: Sequence[Any], settings: Settings, encoder: Encoder) -> None:
    """Find the flags of aligned documents; of each alone where they fail together."""
    kept = [(work, known) for work, known in zip(works, words, strict=True) if work.judged is not None]
    start = time.perf_counter()
    try:
        found = flagged_together([_pair(work) for work, _ in kept], [_judged(work).alignment for work, _ in kept], settings.options,
                                 _with_states(encoder), [known for _, known in kept]) if kept else []
    except EncoderError:
        raise
    except Exception as error:  # noqa: BLE001 - one document of these; the others go on
        if len(kept) == 1:
            _fail(kept[0][0], error)
            return
        for work, known in kept:
            _flag([work], [known], settings, encoder)
        return
    for (work, _), judged in zip(kept, found, strict=True):
        work.judged = judged
    _share_time([work for work, _ in kept], start)


def _with_states(encoder: Encoder) -> Encoder:
    """An encoder that finds phrases: this one, or the embedded one, loaded once a process."""
    return encoder if hasattr(encoder, "word_states") else _embedded()


@cache
def _embedded() -> Encoder:
    return ready_encoder(Options(cache=False))


def ready_encoder(options: Options) -> Encoder:
    """The encoder, with the engine that is best for much work: the same for the first document as for the last."""
    encoder = load_encoder(options)
    if hasattr(encoder, "settle"):
        encoder.settle()
    return encoder


def _fail(work: Work, error: BaseException) -> None:
    work.failure, work.judged, work.pair = _failure(error), None, None


# Write


def write_unit(task: Task, works: Sequence[Work], settings: Settings, store: Store, recipe: str, clock: Clock) -> Result:
    """Write the unit's files, each whole, and return what to commit; raises OutputError.

    The same documents give the same bytes, whoever writes them and when.
    """
    from ..files import open_output
    from ..write.flags import records_by_bead
    from ..write.sinks import open_rows

    with clock.stage("write"):
        flags = [records_by_bead(work.judged.flags) if settings.with_flags and work.judged is not None else None for work in works]
        parts: dict[str, tuple[int, str, int]] = {}
        with ExitStack() as stack:
            path = stack.enter_context(_written(store, settings, task.unit, parts))
            with open_rows(path, format=settings.format, force=True, langs=settings.options.langs,
                           header=settings.format == "tsv") as sink:
                for work, found in zip(works, flags, strict=True):
                    if work.judged is not None:
                        sink.write(_rows(work, found))
        if settings.with_flags:
            lines = [json.dumps({"document": work.document.id, **flag}, ensure_ascii=False)
                     for work, found in zip(works, flags, strict=True) for flag in _in_order(found)]
            with _measured(store, flags_part(task.unit), parts) as path, open_output(path, force=True) as stream:
                stream.writelines(_legal(line) + "\n" for line in lines)
    done = tuple(_done(work) for work in works)
    return Result(task.unit, unit_key(recipe, works), done, dict(clock.seconds), parts)


@contextmanager
def _measured(store: Store, name: str, parts: dict[str, tuple[int, str, int]]) -> Iterator[str]:
    """A path to write a file to (see `Store.writing`), which is measured before it leaves this machine."""
    with store.writing(name) as path:
        yield path
        state = os.stat(path)
        parts[name] = state.st_size, sha256(path) or "", state.st_mtime_ns


@contextmanager
def _written(store: Store, settings: Settings, unit: int, parts: dict[str, tuple[int, str, int]]) -> Iterator[str]:
    """A path to write a unit's part to; of a pair of files, their prefix."""
    part = settings.part(unit)
    with ExitStack() as stack:
        if settings.format != "moses":
            yield stack.enter_context(_measured(store, part, parts))
            return
        langs = settings.options.langs
        paths = [stack.enter_context(_measured(store, f"{part}.{lang}", parts)) for lang in langs]
        yield paths[0].removesuffix(f".{langs[0]}")


def _in_order(flags: Mapping[int, list[dict[str, Any]]] | None) -> Iterator[dict[str, Any]]:
    for _, found in sorted((flags or {}).items()):
        yield from found


def _legal(text: str) -> str:
    """`text` with lone surrogates, which UTF-8 cannot hold, as U+FFFD."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def _rows(work: Work, flags: Mapping[int, list[dict[str, Any]]] | None) -> list[Row]:
    from ..write import rows

    judged = _judged(work)
    return list(rows(judged.ar, judged.en, judged.alignment, flags, extra={"document": work.document.id}))


def unit_key(recipe: str, works: Sequence[Work]) -> str:
    """By what a unit's content is known: the recipe, its documents' names and the digests of their files."""
    named = json.dumps([recipe, *([w.document.id, *w.digests] for w in works)], ensure_ascii=True)
    return hashlib.sha256(named.encode("ascii")).hexdigest()


def _done(work: Work) -> Done:
    if work.failure is not None:
        return Done(work.document.number, work.failure.record(), True, *work.digests, -1.0, work.seconds)
    record = summary(_judged(work))
    return Done(work.document.number, record, False, *work.digests, record["quality"], work.seconds)


def summary(judged: Judged) -> dict[str, Any]:
    """A document's figures for the report.

    `quality` is the mean over all segments of both sides of the confidence of their bead, 0 for a segment that stands
    alone: the share of the text that has a counterpart one can rely on. `answered` are the shares of both sides' characters
    that are answered, see `versions`.
    """
    sizes = len(judged.ar.segments), len(judged.en.segments)
    pairs = alone_ar = alone_en = 0
    confidence = covered = 0.0
    histogram = [0] * BINS
    types: Counter[str] = Counter()
    for bead in judged.alignment.beads:
        if not len(bead.en):
            alone_ar += len(bead.ar)
        elif not len(bead.ar):
            alone_en += len(bead.en)
        else:
            pairs += 1
            confidence += bead.confidence
            covered += bead.confidence * (len(bead.ar) + len(bead.en))
            histogram[min(int(bead.confidence * BINS), BINS - 1)] += 1
            types[bead.kind] += 1
    answered = shares_answered(judged)
    kinds = Counter(f"{flag.kind} {flag.relation}" for flag in judged.flags)
    return {
        "segments": list(sizes),
        "characters": [len(judged.ar.document.text), len(judged.en.document.text)],
        "pairs": pairs,
        "alone": [alone_ar, alone_en],
        "moved": sum(block.kind == "moved" for block in judged.alignment.blocks),
        "confidence": round(float(confidence), 6),
        "quality": round(float(covered) / max(1, sum(sizes)), 6),
        "answered": [round(float(share), 6) for share in answered],
        "unrelated": max(answered) < UNRELATED,
        "histogram": histogram,
        "types": dict(sorted(types.items())),
        "flags": dict(sorted(kinds.items())),
    }


def task_of(unit: Unit, places: Sequence[tuple[str, str]], doomed: Mapping[int, str] | None = None) -> Task:
    """A unit of the plan with its files' places."""
    return Task(unit.number, unit.documents, tuple(places), dict(doomed or {}))
