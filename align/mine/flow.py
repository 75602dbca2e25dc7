"""The stages of mining, one after the other: read, encode, search both ways, judge, choose."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..data import Document
from ..errors import InputError, OutputError
from ..pipeline import Clock, Options
from . import stages
from .blocks import Blocks, Folder
from .found import Found, Mining
from .inputs import Fetch, Input, here, of_files, of_texts
from .stages import MUCH, Engine, Given, Known, Local, Mapper

if TYPE_CHECKING:
    import numpy as np

    from ..encode import Encoder
    from ..neighbours import Plan
    from . import Candidates, Mined
    from .spill import Spool
    from .store import Lines

_SAMPLE = 60_000  # characters of a side by which its language is checked
_JUDGED = 20_000  # candidates whose words are in memory together
_MEANT = 20_000  # lines of a side whose mean tells how similar lines are that have nothing to do with each other
_WAVE = 256  # blocks of queries whose parts are on the disk before they are merged
HOPELESS = -5.0
"""Log odds by vectors alone below which words are not looked at."""
TOGETHER = 64
"""Shards of an index that one item looks through."""
Tell = Callable[[str, int, int], None]
"""Hears of progress: the stage, how much is done, of how much."""


def batches(count: int, size: int) -> Iterator[slice]:
    """Slices of at most `size` that cover `count`."""
    return (slice(start, min(start + size, count)) for start in range(0, count, size))


def mine_files(ar: Sequence[str | os.PathLike[str]], en: Sequence[str | os.PathLike[str]], options: Options = Options(),
               mining: Mining = Mining(), *, work: str | os.PathLike[str] | None = None, blocks: Blocks | None = None,
               encoder: Encoder | None = None, engine: Engine | None = None, fetch: Fetch = here,
               clock: Clock | None = None, tell: Tell | None = None) -> Found:
    """Mine the sentences of files of both languages, read and segmented as elsewhere; with `options.segmented`, lines.

    `work` is a folder in which an earlier run may have left vectors, and which stays; without it a temporary one is used
    until the result is dropped. `blocks` is another place for vectors and what searches find, `engine` has the stages
    done elsewhere, and `fetch` gives a path of this machine for one of `ar` and `en`. A file among several that cannot
    be read is listed in `failed`. Raises InputError, LanguageError, EncoderError, UsageError, OutputError.
    """
    return _mined([of_files(paths, lang, options, fetch) for paths, lang in zip((ar, en), options.langs, strict=True)],
                  options, mining, work, blocks, encoder, engine or Local(), clock or Clock(), tell)


def mine_lines(ar: Iterable[str], en: Iterable[str], options: Options = Options(), mining: Mining = Mining(), *,
               work: str | os.PathLike[str] | None = None, blocks: Blocks | None = None, encoder: Encoder | None = None,
               engine: Engine | None = None, clock: Clock | None = None) -> Found:
    """Mine lists of sentences; numbers of segments are places in the lists. Otherwise as `mine_files`."""
    given = [Input(f"<{lang}>", of_texts(texts, lang)) for texts, lang in zip((ar, en), options.langs, strict=True)]
    return _mined(given, options, mining, work, blocks, encoder, engine or Local(), clock or Clock(), None)


def _mined(given: Sequence[Input], options: Options, mining: Mining, work: str | os.PathLike[str] | None,
           blocks: Blocks | None, *others: Any) -> Found:
    """In the folder given, or in one that lives as long as the result."""
    if work is not None:
        place = Path(work)
        try:
            place.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{place}: cannot be the working folder: {error.strerror}") from None
        return _mined_in(place, blocks or Folder(str(place.absolute())), given, options, mining, *others)
    place = Path(tempfile.mkdtemp(prefix="muwazi-mine-"))
    try:
        found = _mined_in(place, blocks or Folder(str(place)), given, options, mining, *others)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    weakref.finalize(found, shutil.rmtree, place, True)
    return found


def _mined_in(place: Path, blocks: Blocks, given: Sequence[Input], options: Options, mining: Mining,
              encoder: Encoder | None, engine: Engine, clock: Clock, tell: Tell | None) -> Found:
    from . import cut

    tell = tell or (lambda stage, done, total: None)
    with clock.stage("read"):
        sides, counts = zip(*(_stored(one, lang, place, tell) for one, lang in zip(given, options.langs, strict=True)),
                            strict=True)
        if options.language_check:
            _check(sides, given, options.langs)
    much = sum(int(side.lengths.sum()) for side in sides) > MUCH
    with engine.working(Given(options, much, blocks), mining.memory, encoder) as work:
        with clock.stage("encode"):
            (known,) = work(stages.know, [None], encodes=True)
            vectors = encode_both(sides, options.langs, known, blocks, work, tell)
        with clock.stage("search"):
            sought = search_both(vectors, known.dimension, mining, options.langs, blocks, work, tell)
            floor = float(_mean(vectors[0], work) @ _mean(vectors[1], work))
        with clock.stage("judge"):
            has_words = options.langs == ("ar", "en") and known.has_words
            found = _Candidates.of(sought, sides, floor, min(4, mining.k), has_words, place)
            judged = _evidence(found, sides, known, blocks, work, tell) if has_words else []
            best = _chosen(found, judged, blocks, place)
            kept = cut(best, mining.precision, mining.min_probability, mining.min_margin, place)
            for name in judged:  # what they depend on besides is code, which may be another the next time
                blocks.remove(name)
    failed = tuple(failure for one in given for failure in one.failed)
    return Found(kept, sides[0], sides[1], len(best), sought.kinds, failed, mining.dedup, (counts[0], counts[1]))


def _stored(given: Input, lang: str, place: Path, tell: Tell) -> tuple[Lines, int]:
    """The lines of a side in their folder, and how many there were with copies."""
    from .store import Writer

    try:
        with Writer(place / lang) as writer:
            count = 0
            for line in given.lines:
                writer.add(line)
                count += 1
                if count % 10_000 == 0:
                    tell(f"read {lang}", count, 0)
            if not count:
                if given.failed:
                    raise InputError(f"none of {len(given.failed)} files could be read; the first: {given.failed[0][1]}")
                raise InputError(f"{given.name}: has no text")
            return writer.lines(), count
    except OSError as error:
        if error.filename is not None:
            raise
        raise OutputError(f"{place / lang}: cannot be written: {error.strerror or error}") from error


def _check(sides: Sequence[Lines], given: Sequence[Input], langs: tuple[str, str]) -> None:
    """Refuse swapped sides, other languages and the same text twice, by the first lines and some from all over."""
    import numpy as np

    from ..read import check_languages

    documents = []
    for side, one, lang in zip(sides, given, langs, strict=True):
        few = np.unique(np.linspace(0, len(side) - 1, min(len(side), 600)).astype(np.int64))
        documents.append(Document(one.name, lang, "\n".join(line.text for line in side.read(few))[:3 * _SAMPLE]))
    check_languages(*documents)


@dataclass(frozen=True, slots=True)
class Vectors:
    """Blocks of a side's vectors: their names and how many rows they have, in order."""

    names: tuple[str, ...]
    sizes: tuple[int, ...]

    def __len__(self) -> int:
        return sum(self.sizes)


def encode_both(sides: Sequence[Lines], langs: tuple[str, str], known: Known, blocks: Blocks, work: Mapper,
             tell: Tell) -> list[Vectors]:
    """The vectors of both sides; blocks that stand there are not made again."""
    from . import store

    names: dict[str, list[str]] = {lang: [] for lang in langs}
    sizes: dict[str, list[int]] = {lang: [] for lang in langs}
    done = dict.fromkeys(langs, 0)

    def missing() -> Iterator[stages.Encode]:
        for lang, side in zip(langs, sides, strict=True):
            for part in batches(len(side), store.SHARD):
                forms = [line.form for line in side.read(range(part.start, part.stop))]
                name = f"{lang}/vectors-{store.digest(known.signature, str(known.dimension), *forms)}.npy"
                names[lang].append(name)
                sizes[lang].append(len(forms))
                if blocks.shape(name) == (len(forms), known.dimension):
                    told(lang, len(forms))
                else:
                    waiting.append(lang)
                    yield stages.Encode(name, forms)

    def told(lang: str, count: int) -> None:
        done[lang] += count
        tell(f"encode {lang}", done[lang], len(sides[langs.index(lang)]))

    waiting: list[str] = []
    for number, count in enumerate(work(stages.encode, missing(), encodes=True)):
        told(waiting[number], count)
    return [Vectors(tuple(names[lang]), tuple(sizes[lang])) for lang in langs]


@dataclass(frozen=True, slots=True)
class Sought:
    """The neighbours of both sides, and the kinds of index that found them."""

    near: tuple[stages.Near, stages.Near]
    kinds: tuple[str, str]


class _Asked(NamedTuple):
    """A block of queries of the side `lang`, what to look through, and the name of what is found."""

    lang: str
    name: str
    queries: str
    size: int
    plan: Plan
    groups: tuple[tuple[stages.Shard, ...], ...]

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of what each group of shards holds."""
        if len(self.groups) == 1:
            return (self.name,)
        return tuple(f"{self.name.removesuffix('.npy')}-{number}.npy" for number in range(len(self.groups)))


def search_both(vectors: Sequence[Vectors], dimension: int, mining: Mining, langs: tuple[str, str], blocks: Blocks,
                work: Mapper, tell: Tell) -> Sought:
    """Neighbours of each side's rows among the other's; what an earlier run found is read.

    Kind and shards of the indexes depend on numbers of rows and on `mining` alone, and so does what is found.
    """
    from ..neighbours import plan_index
    from .store import digest

    k = max(mining.k, 5)
    near, kinds, todo = [], [], []
    done = dict.fromkeys(langs, 0)
    for own, base in ((0, 1), (1, 0)):
        plan = plan_index(len(vectors[base]), dimension, len(vectors[own]), mining.memory, mining.index, sharded=True)
        shards = _shards(vectors[base], plan, langs[base])
        whole = digest(f"{k} {plan}", *(" ".join(shard.vectors) for shard in shards))
        groups = tuple(tuple(shards[part]) for part in batches(len(shards), TOGETHER))
        asked = [_Asked(langs[own], f"{langs[own]}/near-{digest(whole, name)}.npy", name, size, plan, groups)
                 for name, size in zip(vectors[own].names, vectors[own].sizes, strict=True)]
        missing = [one for one in asked if blocks.shape(one.name) != (one.size, k)]
        if missing and plan.kind != "flat":
            _build(vectors[base], plan, shards, langs[base], blocks, work, tell)
        done[langs[own]] = len(vectors[own]) - sum(one.size for one in missing)
        near.append(stages.Near(blocks, tuple(one.name for one in asked)))
        kinds.append(plan.kind)
        todo += missing
    totals = {lang: len(side) for lang, side in zip(langs, vectors, strict=True)}
    for wave in batches(len(todo), _WAVE):
        some = todo[wave]
        items = [(one, stages.Search(part, one.queries, group, one.plan, k)) for one in some
                 for part, group in zip(one.parts, one.groups, strict=True) if blocks.shape(part) != (one.size, k)]
        for (one, item), _ in zip(items, work(stages.search, [item for _, item in items]), strict=True):
            if item.name == one.parts[-1]:
                done[one.lang] += one.size
                tell(f"search {one.lang}", done[one.lang], totals[one.lang])
        for _ in work(stages.merge, [stages.Merge(one.name, one.parts) for one in some if len(one.parts) > 1]):
            pass
    return Sought((near[0], near[1]), (kinds[0], kinds[1]))


def _shards(vectors: Vectors, plan: Plan, lang: str) -> list[stages.Shard]:
    """Neighbouring blocks, as many together as an index in memory may hold."""
    from ..neighbours import SHARD_ROWS
    from . import store

    trained = _trained(vectors, plan, lang)
    several = max(1, SHARD_ROWS[plan.kind] // store.SHARD)
    out, first = [], 0
    for part in batches(len(vectors.names), several):
        pieces = () if plan.kind == "flat" else tuple(f"{lang}/index-{store.digest(trained, name)}.npy" for name in vectors.names[part])
        out.append(stages.Shard(vectors.names[part], pieces, first))
        first += sum(vectors.sizes[part])
    return out


def _trained(vectors: Vectors, plan: Plan, lang: str) -> str:
    """The name of the cells and codes that are learnt from a side."""
    from .store import digest

    return f"{lang}/trained-{digest(str(plan), *vectors.names)}.npy"


def _build(vectors: Vectors, plan: Plan, shards: Sequence[stages.Shard], lang: str, blocks: Blocks, work: Mapper,
           tell: Tell) -> None:
    """Learn cells and codes, here and once, and have each block's piece of the index made."""
    from ..neighbours import packed, sample_size, train_index

    trained = _trained(vectors, plan, lang)
    if blocks.shape(trained) is None:
        blocks.save(trained, packed(train_index(_sampled(vectors, sample_size(plan), work), plan)))
    wanted = [stages.Piece(piece, name, trained) for shard in shards
              for piece, name in zip(shard.pieces, shard.vectors, strict=True)]
    missing = [item for item in wanted if blocks.shape(item.name) is None]
    for number, _ in enumerate(work(stages.index, missing), len(wanted) - len(missing) + 1):
        tell(f"index {lang}", number, len(wanted))


def _sampled(vectors: Vectors, most: int, work: Mapper) -> np.ndarray:
    """At most `most` rows, evenly spread over all blocks, as float32."""
    import numpy as np

    from ..neighbours import spread

    chosen = spread(len(vectors), most)
    starts = np.concatenate([[0], np.cumsum(vectors.sizes)])
    edges = np.searchsorted(chosen, starts)
    items = [stages.Sample(name, chosen[edges[at]:edges[at + 1]] - starts[at])
             for at, name in enumerate(vectors.names) if edges[at + 1] > edges[at]]
    return np.concatenate([rows.astype(np.float32) for rows in work(stages.sample, items)])


def _mean(vectors: Vectors, work: Mapper) -> np.ndarray:
    return _sampled(vectors, _MEANT, work).mean(0)


@dataclass(frozen=True, slots=True)
class _Candidates:
    """Candidates on the disk, taken up in parts of _JUDGED; `sizes` are the numbers of lines of both sides."""

    rows: Spool
    sizes: tuple[int, int]

    @classmethod
    def of(cls, sought: Sought, sides: Sequence[Lines], floor: float, k: int, has_words: bool, place: Path) -> _Candidates:
        """Those among the neighbours; where words are to be looked at, those that vectors alone do not rule out."""
        from . import RECORD, candidate_blocks
        from .spill import Spool

        rows = Spool(place, RECORD)
        for part in candidate_blocks(*sought.near, (sides[0].lengths, sides[1].lengths), floor, k, place):
            rows.add((_hopeful(part) if has_words else part).records())
        return cls(rows, (len(sides[0]), len(sides[1])))

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Candidates]:
        from . import Candidates

        return (Candidates.of(self.rows.read(part.start, part.stop), self.sizes) for part in batches(len(self.rows), _JUDGED))


def _hopeful(found: Candidates) -> Candidates:
    """The candidates that vectors alone do not rule out."""
    import numpy as np

    from .choosing import network, weights

    return found.take(np.flatnonzero(network(weights()["plain"]["first"], found.features) >= HOPELESS)) if len(found) else found


def _evidence(found: _Candidates, sides: Sequence[Lines], known: Known, blocks: Blocks, work: Mapper,
              tell: Tell) -> list[str]:
    """The names of the blocks that hold what words, numbers, dates and names tell of each part of the candidates."""
    import numpy as np

    from .. import __version__
    from .store import digest

    names: list[str] = []

    def missing() -> Iterator[stages.Judge]:
        for part in found:
            texts, places = [], []
            for side, ids in zip(sides, (part.ar, part.en), strict=True):
                lines, at = np.unique(ids, return_inverse=True)
                texts.append([line.form for line in side.read(lines)])
                places.append(at)
            whole = digest(__version__, known.signature, *map(str, map(len, texts)), *texts[0], *texts[1],
                           *(str(at.tolist()) for at in places))
            names.append(f"judged/judged-{whole}.npy")
            if blocks.shape(names[-1]) is None:
                yield stages.Judge(names[-1], (texts[0], texts[1]), (places[0], places[1]))

    done = 0
    for count in work(stages.judge, missing(), encodes=True):
        done += count
        tell("judge", done, len(found))
    return names


def _chosen(found: _Candidates, judged: Sequence[str], blocks: Blocks, place: Path) -> Mined:
    """The best pairs, by what was `judged` too where anything was."""
    from . import choose_parts

    parts = zip(found, map(blocks.load, judged), strict=True) if judged else ((part, None) for part in found)
    return choose_parts(parts, found.sizes, folder=place)
