"""Mining: which sentences of two collections, in whatever order, translate each other.

Lines and vectors lie in a working folder, so that memory holds a few numbers a line; what stands there is used again.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .data import Document, place_of
from .errors import EncoderError, InputError, MuwaziError, UsageError
from .pipeline import MOST_CHARACTERS, Clock, Options, load_encoder

if TYPE_CHECKING:
    import numpy as np

    from .data import Neighbours
    from .encode import Encoder
    from .mine import Candidates, Mined
    from .mine.store import Lines
    from .write import Row

_SAMPLE = 60_000  # characters of a side by which its language is checked
_BATCH = 4096  # lines encoded at a time
_JUDGED = 20_000  # candidates whose words are in memory together
_HOPELESS = -5.0  # log odds by vectors alone below which words are not looked at
Tell = Callable[[str, int, int], None]
"""Hears of progress: the stage, how much is done, of how much."""


@dataclass(frozen=True, slots=True)
class Mining:
    """What is asked of mining.

    `k` neighbours are looked up each way; `memory` in bytes is for the index, `index` names its kind (flat, ivf, pq;
    None: the one that suits). Kept are pairs down to the mean probability `precision`, or, without it, of at least
    `min_probability`; and of at least `min_margin`. Without `dedup`, lines that repeat a line are paired like it.
    """

    k: int = 8
    memory: int = 4 << 30
    index: str | None = None
    precision: float | None = None
    min_probability: float = 0.5
    min_margin: float | None = None
    dedup: bool = True

    def __post_init__(self) -> None:
        if self.k < 1 or self.memory < 1 << 20:
            raise UsageError("--k is at least 1, --memory at least 1M")
        if self.precision is not None and not 0 < self.precision < 1:
            raise UsageError(f"--precision lies between 0 and 1, such as 0.95, not {self.precision:g}")


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Found:
    """Pairs that were kept, and the lines they are of; `share` is the estimated share of right ones among the best
    pairs of all lines, `expected` the mean probability of those kept, `failed` what could not be read, with its error."""

    pairs: Mined
    ar: Lines
    en: Lines
    considered: int
    index: tuple[str, str]
    failed: tuple[tuple[str, str], ...] = ()
    dedup: bool = True
    read: tuple[int, int] = (0, 0)

    @property
    def expected(self) -> float:
        """The mean probability of the pairs kept."""
        return float(self.pairs.probabilities.mean()) if len(self.pairs) else 0.0

    def rows(self) -> Iterator[Row]:
        """The pairs, the likeliest first, with both texts and where they stand; `confidence` is the probability."""
        from .mine.store import batches
        from .write import Row

        number = 0
        for part in batches(len(self.pairs), 1000):
            sides = self.ar.read(self.pairs.ar[part]), self.en.read(self.pairs.en[part])
            for k, (ar, en) in enumerate(zip(*sides, strict=True), part.start):
                both = [(ar, en)] if self.dedup else _repeated(self.ar.copies_of(int(self.pairs.ar[k])),
                                                               self.en.copies_of(int(self.pairs.en[k])))
                for one, two in both:
                    yield Row(number, _side(one), _side(two), float(self.pairs.sims[k]), float(self.pairs.probabilities[k]))
                    number += 1

    def margins(self) -> Iterator[float]:
        """The margin of each of `rows`."""
        for k in range(len(self.pairs)):
            times = 1 if self.dedup else max(len(self.ar.copies_of(int(self.pairs.ar[k]))),
                                             len(self.en.copies_of(int(self.pairs.en[k]))))
            yield from [float(self.pairs.margins[k])] * times


def _repeated(ar: list, en: list) -> list[tuple[Any, Any]]:
    """Every line of both lists at least once, side by side."""
    return [(ar[min(i, len(ar) - 1)], en[min(i, len(en) - 1)]) for i in range(max(len(ar), len(en)))]


def _side(line: Any) -> Any:
    from .write.rows import Side

    return Side(line.text, (line.segment,), line.start, line.end, line.place, line.document, line.kind)


def mine_files(ar: Sequence[str | os.PathLike[str]], en: Sequence[str | os.PathLike[str]], options: Options = Options(),
               mining: Mining = Mining(), *, work: str | os.PathLike[str] | None = None, encoder: Encoder | None = None,
               clock: Clock | None = None, tell: Tell | None = None) -> Found:
    """Mine the sentences of files of both languages, read and segmented as elsewhere; with `options.segmented`, lines.

    `work` is a folder in which an earlier run may have left vectors, and which stays; without it a temporary one is used
    until the result is dropped. A file among several that cannot be read is listed in `failed`. Raises InputError,
    LanguageError, EncoderError, UsageError.
    """
    return _mined([_of_files(paths, lang, options) for paths, lang in zip((ar, en), options.langs, strict=True)],
                  options, mining, work, encoder, clock or Clock(), tell)


def mine_lines(ar: Iterable[str], en: Iterable[str], options: Options = Options(), mining: Mining = Mining(), *,
               work: str | os.PathLike[str] | None = None, encoder: Encoder | None = None,
               clock: Clock | None = None) -> Found:
    """Mine lists of sentences; numbers of segments are places in the lists. Otherwise as `mine_files`."""
    given = [_Input(f"<{lang}>", _of_texts(texts, lang)) for texts, lang in zip((ar, en), options.langs, strict=True)]
    return _mined(given, options, mining, work, encoder, clock or Clock(), None)


@dataclass(slots=True)
class _Input:
    """The lines of a side as they come, what they are called in messages, and what could not be read."""

    name: str
    lines: Iterator[Any]
    failed: list[tuple[str, str]] = field(default_factory=list)


def _of_texts(texts: Iterable[str], lang: str) -> Iterator[Any]:
    from itertools import count, islice

    from .mine.store import Line
    from .pipeline import as_segmented

    numbers = count()
    given = iter(texts)
    while some := list(islice(given, _BATCH)):
        found = as_segmented(some, lang, f"<{lang}>")
        for part, text, number in zip(found.segments, some, numbers, strict=False):
            if part.form:
                yield Line(" ".join(text.split()), _clipped(part.form), f"<{lang}>", number, 0, len(text), f"line {number + 1}", "body")


def _of_files(paths: Sequence[str | os.PathLike[str]], lang: str, options: Options) -> _Input:
    name = os.fspath(paths[0]) if len(paths) == 1 else f"{os.path.commonpath([os.path.abspath(p) for p in paths])}"
    given = _Input(name, iter(()))

    def lines() -> Iterator[Any]:
        for path in paths:
            try:
                yield from _lines_of(os.fspath(path), lang, options)
            except MuwaziError as error:
                if len(paths) == 1 or isinstance(error, UsageError):
                    raise
                given.failed.append((os.fspath(path), str(error)))

    given.lines = lines()
    return given


def _lines_of(path: str, lang: str, options: Options) -> Iterator[Any]:
    """The lines of a file that hold anything; of plain text taken line by line no more than a part is in memory."""
    from .files import compression
    from .mine.store import Line
    from .read import FORMATS, blocks, read
    from .segment import segment
    from .write import flat

    shown = path.encode("utf-8", "backslashreplace").decode()
    if shown != path:
        raise InputError(f"{shown}: its name is not UTF-8, which no output could hold")
    suffix = Path(path.removesuffix(compression(path))).suffix.lower().removeprefix(".")
    limit = {} if options.max_bytes is None else {"max_bytes": options.max_bytes}
    if options.segmented and (suffix not in FORMATS or suffix in ("auto", "text")):
        documents: Iterator[Document] = (Document(path, lang, text) for text in blocks(path, options.encoding))
    else:
        documents = iter([read(path, lang, options.encoding, **limit)])
    before = offset = above = 0
    for document in documents:
        found = segment(document, segmented=options.segmented)
        for number, part in enumerate(found.segments):
            if part.form and (part.kind != "boilerplate" or options.segmented):
                place = place_of(document, part.start) if document.parts else f"line {above + part.line + 1}"
                yield Line(flat(found.text(number)), _clipped(part.form), path, before + number, offset + part.start,
                           offset + part.end, place, part.kind)
        before += len(found.segments)
        offset += len(document.text)
        above += document.text.count("\n")


def _clipped(form: str) -> str:
    return form if len(form) <= MOST_CHARACTERS else f"{form[:MOST_CHARACTERS // 2]} {form[-(MOST_CHARACTERS // 2):]}"


def _mined(given: Sequence[_Input], options: Options, mining: Mining, work: str | os.PathLike[str] | None,
           encoder: Encoder | None, clock: Clock, tell: Tell | None) -> Found:
    """In the folder given, or in one that lives as long as the result."""
    if work is not None:
        place = Path(work)
        try:
            place.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"{place}: cannot be the working folder: {error.strerror}") from None
        return _mined_in(place, given, options, mining, encoder, clock, tell)
    place = Path(tempfile.mkdtemp(prefix="muwazi-mine-"))
    try:
        found = _mined_in(place, given, options, mining, encoder, clock, tell)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    weakref.finalize(found, shutil.rmtree, place, True)
    return found


def _mined_in(place: Path, given: Sequence[_Input], options: Options, mining: Mining, encoder: Encoder | None,
              clock: Clock, tell: Tell | None) -> Found:
    from .mine import candidates, choose, cut
    from .neighbours import build_index, search

    with clock.stage("read"):
        sides, counts = zip(*(_stored(one, lang, place, tell) for one, lang in zip(given, options.langs, strict=True)),
                            strict=True)
        if options.language_check:
            _check(sides, given, options.langs)
    encoder = encoder or load_encoder(replace(options, cache=False))
    with clock.stage("encode"):
        shards = [_vectors(side, encoder, lang, tell) for side, lang in zip(sides, options.langs, strict=True)]
    with clock.stage("search"):
        k = max(mining.k, 5)
        near, kinds = [], []
        for own, base in ((0, 1), (1, 0)):
            index = build_index(shards[base], mining.memory, queries=len(sides[own]), kind=mining.index)
            kinds.append(index.plan.kind)
            near.append(_searched(lambda rows, index=index: search(index, rows, k), shards[own], shards[base],
                                  sides[own].folder, f"{k} {index.plan}", options.langs[own], tell))
    with clock.stage("judge"):
        floor = float(_mean(shards[0]) @ _mean(shards[1]))
        found = candidates(near[0], near[1], (sides[0].lengths, sides[1].lengths), floor, min(4, mining.k))
        extra = None
        if options.langs == ("ar", "en") and hasattr(encoder, "word_states"):
            found, extra = _evidence(found, sides, encoder, tell)
        best = choose(found, extra)
        kept = cut(best, mining.precision, mining.min_probability, mining.min_margin)
    failed = tuple(failure for one in given for failure in one.failed)
    return Found(kept, sides[0], sides[1], len(best), (kinds[0], kinds[1]), failed, mining.dedup, (counts[0], counts[1]))


def _mean(shards: Sequence[np.ndarray]) -> np.ndarray:
    import numpy as np

    from .neighbours import sample_rows

    return sample_rows(shards, 20_000).mean(0) if shards else np.zeros(1, np.float32)


def _stored(given: _Input, lang: str, place: Path, tell: Tell | None) -> tuple[Lines, int]:
    """The lines of a side in their folder, and how many there were with copies."""
    from .mine.store import Writer

    with Writer(place / lang) as writer:
        count = 0
        for line in given.lines:
            writer.add(line)
            count += 1
            if tell and count % 10_000 == 0:
                tell(f"read {lang}", count, 0)
        if not count:
            if given.failed:
                raise InputError(f"none of {len(given.failed)} files could be read; the first: {given.failed[0][1]}")
            raise InputError(f"{given.name}: has no text")
        return writer.lines(), count


def _check(sides: Sequence[Lines], given: Sequence[_Input], langs: tuple[str, str]) -> None:
    """Refuse swapped sides, other languages and the same text twice, by the first lines and some from all over."""
    import numpy as np

    from .read import check_languages

    documents = []
    for side, one, lang in zip(sides, given, langs, strict=True):
        few = np.unique(np.linspace(0, len(side) - 1, min(len(side), 600)).astype(np.int64))
        documents.append(Document(one.name, lang, "\n".join(line.text for line in side.read(few))[:3 * _SAMPLE]))
    check_languages(*documents)


def _vectors(side: Lines, encoder: Encoder, lang: str, tell: Tell | None) -> list[np.ndarray]:
    import numpy as np

    from .mine.store import batches, vectors

    form = getattr(encoder, "form", None)

    def encode(forms: list[str]) -> np.ndarray:
        rows = []
        for part in batches(len(forms), _BATCH):
            rows.append(np.asarray(encoder.encode([form(text) for text in forms[part]] if form else forms[part]), np.float32))
            if not np.isfinite(rows[-1]).all():
                raise EncoderError(f"the encoder {encoder.name} returned numbers that are not finite")
        return np.concatenate(rows)

    signature = getattr(encoder, "signature", encoder.name)
    return vectors(side, encode, signature, encoder.dimension,
                   (lambda done: tell(f"encode {lang}", done, len(side))) if tell else None)


def _searched(look: Callable[[np.ndarray], Neighbours], queries: Sequence[np.ndarray], base: Sequence[np.ndarray],
              folder: Path, recipe: str, lang: str, tell: Tell | None) -> Neighbours:
    """What `look` finds for all queries, shard by shard; what an earlier run found is read."""
    import numpy as np

    from .data import Neighbours
    from .mine.store import digest, kept, names

    def both(rows: np.ndarray) -> np.ndarray:
        found = look(rows)
        return np.stack([found.ids.astype(np.float64), found.sims.astype(np.float64)])

    whole = digest(recipe, *names(base))
    parts, done = [], 0
    for rows, name in zip(queries, names(queries), strict=True):
        found = kept(folder / f"near-{digest(whole, name)}.npy", lambda rows=rows: both(rows))
        parts.append((found[0].astype(np.int64), found[1].astype(np.float32)))
        done += len(rows)
        if tell:
            tell(f"search {lang}", done, sum(map(len, queries)))
    return Neighbours(np.concatenate([ids for ids, _ in parts]), np.concatenate([sims for _, sims in parts]))


def _evidence(found: Candidates, sides: Sequence[Lines], encoder: Any, tell: Tell | None) -> tuple[Candidates, np.ndarray]:
    """The candidates that are not hopeless, and what words, numbers, dates and names tell of them."""
    import numpy as np

    from .mine import agreement, cover, words
    from .mine.choosing import network, weights
    from .mine.store import batches

    found = found.take(np.flatnonzero(network(weights()["plain"]["first"], found.features) >= _HOPELESS)) if len(found) else found
    parts = [np.zeros((0, 10), np.float32)]
    for part in batches(len(found), _JUDGED):
        texts, near, places = [], [], []
        for lang, side, ids in zip(("ar", "en"), sides, (found.ar[part], found.en[part]), strict=True):
            lines, at = np.unique(ids, return_inverse=True)
            texts.append([line.form for line in side.read(lines)])
            near.append(words(lang, texts[-1], encoder.word_states))
            places.append(at)
        facts = [agreement(texts[0][i], texts[1][j]) for i, j in zip(*(at.tolist() for at in places), strict=True)]
        parts.append(np.concatenate([cover(*near, *places), np.array(facts, np.float32)], 1))
        if tell:
            tell("judge", part.stop, len(found))
    return found, np.concatenate(parts)
