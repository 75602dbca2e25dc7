"""A run from its inputs to its report: plan, work, commit; what was done before is not done again."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from .. import __version__
from ..engine.lease import locked
from ..engine.storage import Store, absolute, at_hand, is_url, sha256, size_of, stamp
from ..errors import FormatError, MissingExtra, OutputError, UsageError
from ..pipeline import Clock
from . import results, review
from .filtering import NAME as FILTER
from .filtering import check, run_filter, standing_filter
from .inputs import PAIRS, Source, where
from .ledger import NAME, Change, Done, Entry, Ledger, Planned, RepeatedId, Standing, remove
from .settings import Settings, digest, is_part
from .unit import Result, Task, align_unit, read_unit, ready_encoder, task_of

if TYPE_CHECKING:
    from ..filter import FilterSpec

RUN = "run.json"
FOLDERS = ("shards", "flags", "units", "bitext", "rejects", "reviews")
"""Folders that a run makes; `units` only on object storage, where it stands for the ledger."""

_RESULTS = (results.FAILED, results.JSON, results.HTML, FILTER, PAIRS)
_OWN = frozenset([*_RESULTS, RUN, *(NAME + suffix for suffix in ("", "-journal", "-wal", "-shm"))])
_CHUNK = 1000
_LOOKERS = 32
# Bytes of documents, and how many of them, that a dry run aligns to tell how long it would take.
_TRIAL, _TRIALS = 300_000, 50
_TRIAL_UNITS, _LOOKED_AT = 25, 5_000
_NAMED = 5  # documents without a file whose names are told
# Seconds that a worker needs before it loads anything, and how much longer a byte takes beside others at work, with
# what is written.
_BEGUN, _BESIDES = 1.0, 1.25


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: all there is, what is done, and what this start of it has done in `seconds`; `in_hand` are
    documents of parts on their way that are aligned but not yet written."""

    standing: Standing
    bytes_before: int
    documents: int
    segments: int
    failed: int
    seconds: float
    in_hand: int = 0

    @property
    def rate(self) -> float:
        """Segments a second since this start."""
        return self.segments / self.seconds if self.seconds > 0 else 0.0

    @property
    def remaining(self) -> float | None:
        """Seconds until the end, by bytes of files; None before anything is done."""
        here = self.standing.bytes_done - self.bytes_before
        if here <= 0 or self.seconds <= 0:
            return None
        return (self.standing.bytes - self.standing.bytes_done) * self.seconds / here


@dataclass(frozen=True, slots=True)
class Trial:
    """What a dry run has found out: documents of the corpus without a file, and, of some that were aligned for trial, how
    many failed, with their messages; `pace` is the seconds until workers are ready and those that a byte of files takes."""

    missing: tuple[int, list[str]]
    tried: int = 0
    failed: tuple[tuple[str, str], ...] = ()
    pace: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to: how it stands, what a look at its inputs changed, the head of its report (None if dry).

    `trial` is what a dry run has found out; files without a counterpart stand in the source. `done_now` are the documents that this start has done.
    `dropped_bitext`: what an earlier filter had written was not of these parts any more and was taken away.
    """

    standing: Standing
    change: Change
    failed: int
    report: dict[str, Any] | None
    seconds: float
    trial: Trial | None = None
    dropped_bitext: bool = False
    done_now: int = 0


@dataclass(frozen=True, slots=True)
class How:
    """How a run is done, which changes nothing of its output.

    `engine` is `local`, `inline` (in this process) or `ray`; `jobs` workers (by default one a core as memory allows); `limit` takes the first so
    many documents of the input; `timeout` in seconds is for one step of one document; `reviews` are the worst documents
    of which pages to review them on are written.
    """

    engine: str = "local"
    jobs: int | None = None
    limit: int | None = None
    force: bool = False
    retry_failed: bool = False
    timeout: float | None = 3600.0
    ray_address: str | None = None
    reviews: int = 0


def run(source: Source, output: str, settings: Settings, how: How = How(), *, spec: FilterSpec | None = None,
        progress: Callable[[Progress], None] = lambda _: None) -> Outcome:
    """Align a corpus into the folder `output`, or go on with it; with `spec`, filter all of it at the end.

    Raises OutputError where another run works there, something else stands there, or the disk is full; UsageError
    where the run there was begun with other settings; what the inputs raise. What was done stays done.
    """
    check_library(settings)
    if how.reviews and settings.format not in review.READABLE:
        raise UsageError(f"--reviews needs parts that tell segments: {', '.join(review.READABLE)}, not {settings.format}")
    if spec is not None:
        check(spec, settings)
    store = Store(absolute(output), output)
    is_new = store.is_empty() and not store.is_remote and not os.path.exists(store.root)
    store.make()
    with _unless_begun(store, is_new), locked(store):
        store.sweep(*FOLDERS)
        if how.force:
            clear(store)
        recipe = settings.recipe()
        with _ledger(store) as ledger:
            _check_recipe(store, ledger, recipe)
            _check_pairing(store, source)
            store.make("shards", *(["flags"] if settings.with_flags else []))
            if source.prepare is not None:
                source.prepare(store)
            change = _plan(ledger, source, settings, how)
            if how.retry_failed:
                ledger.retry_failed()
            present = store.stamps("shards") | store.stamps("flags")
            ledger.again(settings.files, present, lambda name: sha256(store.at(name)))
            ledger.keep("generation", (ledger.meta("generation") or 0) + 1)
            _save(store, ledger)
            store.write_text(RUN, json.dumps(saved(source, settings, recipe), ensure_ascii=False, indent=1) + "\n")
            start = time.monotonic()
            before = ledger.standing().documents_done
            _work(store, ledger, source, settings, how, progress)
            _save(store, ledger)
            told = about(source, settings, recipe)
            dropped = False
            if spec is not None:
                told["filter"] = run_filter(store, ledger, settings, spec)
            else:
                filtered, dropped = standing_filter(store, ledger)
                if filtered is not None:
                    told["filter"] = filtered
            links = review.write(store, ledger, how.reviews)
            head = results.write(store, ledger, told, links)
            return Outcome(ledger.standing(), change, ledger.count_failed(), head, time.monotonic() - start,
                           dropped_bitext=dropped, done_now=ledger.standing().documents_done - before)


def verify(output: str) -> tuple[int, list[str]]:
    """How many parts a run's folder should hold, and those that are missing or not as they were written, in order.

    The units of the latter are done again by the next start. Raises DamagedError for a damaged ledger, OutputError where
    no run stands in the folder or another run works there.
    """
    store = Store(absolute(output), output)
    if store.read_text(RUN) is None:
        raise OutputError(f"{store.shown}: holds no run of muwazi to verify")
    with locked(store), _ledger(store) as ledger:
        found = store.stamps("shards") | store.stamps("flags")
        count, damaged = ledger.verify(found, lambda name: sha256(store.at(name)))
        _save(store, ledger)
        return count, damaged


@contextlib.contextmanager
def _unless_begun(store: Store, is_new: bool) -> Iterator[None]:
    """Takes a new folder away again where the run ends before it has a plan, as with inputs that cannot be read."""
    try:
        yield
    finally:
        if is_new and not os.path.exists(store.at(RUN)):
            remove(store.at(NAME))
            store.remove(".lock")
            for folder in (*FOLDERS, ""):
                store.drop_folder(folder)


def dry_run(source: Source, output: str, settings: Settings, how: How = How()) -> Outcome:
    """What `run` would do, with nothing written or locked: the plan as it would be, and what of it is done already."""
    store = Store(absolute(output), output)
    store.is_empty()
    with tempfile.TemporaryDirectory(prefix="muwazi-") as folder:
        path = os.path.join(folder, NAME)
        if not how.force and store.read_text(RUN) is not None:
            _download(store, path)
            if not store.is_remote and os.path.isfile(store.at(NAME) + "-journal"):
                shutil.copyfile(store.at(NAME) + "-journal", path + "-journal")
        with contextlib.closing(Ledger(path)) as ledger:
            if store.is_remote and not how.force:
                _recover(store, ledger)
            _check_recipe(store, ledger, settings.recipe(), dry=True)
            if not how.force:
                _check_pairing(store, source)
            if source.prepare is not None:
                source.prepare(None if how.force else store, dry=True)
            change = _plan(ledger, source, settings, how)
            if how.retry_failed:
                ledger.retry_failed()
            trial = _tried(ledger, source, settings, how)
            return Outcome(ledger.standing(), change, ledger.count_failed(), None, 0.0, trial)


def _tried(ledger: Ledger, source: Source, settings: Settings, how: How) -> Trial:
    """Documents from all over the corpus that wait, aligned for trial: what fails, the seconds until workers are ready, and
    those that a byte of files takes on all of them."""
    from .local import default_jobs

    chosen = _trial(ledger, source)
    missing = ledger.missing(_NAMED)
    if not chosen:
        return Trial(missing)
    start = time.perf_counter()
    encoder = ready_encoder(settings.options)
    # The first one also pays for what is compiled and loaded once.
    align_unit(read_unit(chosen[0][0], settings, Clock()), settings, encoder, Clock())
    begun = time.perf_counter() - start
    start = time.perf_counter()
    # All of them as one unit, as they are encoded together in a run.
    tasks = [task for task, _ in chosen]
    together = Task(0, tuple(d for task in tasks for d in task.documents), tuple(p for task in tasks for p in task.places))
    works = read_unit(together, settings, Clock())
    align_unit(works, settings, encoder, Clock())
    pace = (time.perf_counter() - start) / sum(size for _, size in chosen)
    failed = tuple((work.document.id, work.failure.message) for work in works if work.failure is not None)
    workers = max(1, min(how.jobs or default_jobs(), ledger.standing().units))
    return Trial(missing, len(works), failed, (_BEGUN + begun, pace * _BESIDES / workers))


def _trial(ledger: Ledger, source: Source) -> list[tuple[Task, int]]:
    """Documents that wait, one a task with the bytes of its files, from units that stand evenly among all that wait."""
    waiting = [unit.number for unit in itertools.islice(ledger.waiting(), _LOOKED_AT)]
    step = max(1, len(waiting) // _TRIAL_UNITS)
    chosen: list[tuple[Task, int]] = []
    for number in waiting[::step]:
        unit, taken = ledger.unit(number), 0
        for document in unit.documents:
            places = where(source, Entry(document.id, document.ar, document.en))
            sizes = [size_of(stamp(one)) for one in places]
            size = sum(sizes)
            if not all(sizes) or size > _TRIAL or sum(s for _, s in chosen) + size > _TRIAL and chosen:
                continue
            chosen.append((Task(number, (document,), (places,)), size))
            taken += 1
            if len(chosen) == _TRIALS or taken == max(1, _TRIALS // max(1, len(waiting[::step]))):
                break
    return chosen


def check_library(settings: Settings) -> None:
    """Raise MissingExtra now for a format whose library is not there, rather than in a worker."""
    from importlib.util import find_spec

    needs = {"parquet": ("pyarrow", "columns"), "xlsx": ("openpyxl", "sheet")}
    package, extra = needs.get(settings.format, ("", ""))
    if package and find_spec(package) is None:
        raise MissingExtra(f"writing {settings.format} needs: pip install 'muwazi[{extra}]'")


def clear(store: Store) -> None:
    """Take away what an earlier run has left; raises OutputError, and has removed nothing, where there is anything else."""
    if store.read_text(RUN) is None and not store.is_empty():
        raise OutputError(f"{store.shown}: holds no run of muwazi, so --force removes nothing; name another folder")
    strangers = store.strangers(lambda name: name in _OWN or is_part(name), FOLDERS)
    if strangers:
        more = f" and {len(strangers) - 1:,} more" if len(strangers) > 1 else ""
        raise OutputError(f"{store.shown}: holds what no run has made ({strangers[0]}{more}), so --force removes nothing; "
                          "move it, or name another folder")
    for folder in FOLDERS:
        for name in store.names(folder):
            store.remove(name)
        store.drop_folder(folder)
    for name in _RESULTS:
        store.remove(name)
    if store.is_remote:
        store.remove(NAME)
    else:
        remove(store.at(NAME))
    # Last: whoever is killed before can still be told to go on.
    store.remove(RUN)


@contextlib.contextmanager
def _ledger(store: Store) -> Iterator[Ledger]:
    """The output's ledger; of object storage, which holds no database, a copy brought up to date."""
    if not store.is_remote:
        path = store.at(NAME)
        if not os.path.isfile(path) and not store.is_empty():
            raise OutputError(f"{store.shown}: holds other files than a run; name another folder")
        with contextlib.closing(Ledger(path)) as ledger:
            ledger.check_schema()
            yield ledger
        return
    with tempfile.TemporaryDirectory(prefix="muwazi-") as folder:
        path = os.path.join(folder, NAME)
        there = NAME in {name.rpartition("/")[2] for name in store.names("")}
        if there:
            _download(store, path)
        elif not store.is_empty():
            raise OutputError(f"{store.shown}: holds other files than a run; name another folder")
        with contextlib.closing(Ledger(path)) as ledger:
            ledger.check_schema()
            _recover(store, ledger)
            yield ledger


def _download(store: Store, path: str) -> None:
    with at_hand(store.at(NAME)) as local:
        shutil.copyfile(local, path)


def _save(store: Store, ledger: Ledger) -> None:
    """Keep the ledger beside the output on object storage."""
    if store.is_remote:
        with store.writing(NAME) as path:
            shutil.copyfile(ledger.path, path)


def _recover(store: Store, ledger: Ledger) -> None:
    """Take the units that were done since the ledger was last kept from the objects that say so."""
    generation = ledger.meta("generation")
    for name in sorted(store.names("units")):
        record = json.loads(store.read_text(name) or "null")
        if record and record["generation"] == generation:
            done = [Done(**{**one, "record": one["record"]}) for one in record["documents"]]
            ledger.commit(record["unit"], record["key"], done, record["seconds"], record.get("parts"))


def _check_recipe(store: Store, ledger: Ledger, recipe: dict[str, Any], dry: bool = False) -> None:
    """Raise UsageError where the run was begun with another recipe."""
    before = ledger.meta("recipe")
    if before is None:
        if not dry:
            ledger.keep("recipe", recipe)
        return
    if before == recipe:
        return
    names = sorted(name for name in before.keys() | recipe.keys() if before.get(name) != recipe.get(name))
    what = ", ".join(f"{name} {_short(before.get(name))}, now {_short(recipe.get(name))}" for name in names)
    raise UsageError(f"{store.shown}: was begun with other settings ({what}); --force starts anew, or name another folder")


def _check_pairing(store: Store, source: Source) -> None:
    """Raise UsageError where files were paired by content to another probability: pairs would come and go by it."""
    text = store.read_text(RUN)
    if text is None:
        return
    try:
        before = json.loads(text)["inputs"].get("min_probability")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise FormatError(f"{store.at(RUN)}:1: is no saved run; --force starts anew") from None
    now = source.record.get("min_probability")
    if None not in (before, now) and before != now:
        raise UsageError(f"{store.shown}: was begun with other settings (min_pair_probability {before:g}, now {now:g}); "
                         "--force starts anew, or name another folder")


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."


def saved(source: Source, settings: Settings, recipe: dict[str, Any]) -> dict[str, Any]:
    """The contents of `run.json`: what repeats the run. It holds no times, so that equal runs have equal files."""
    return {"kind": "run", "schema": recipe["schema"], "version": __version__, "recipe_hash": digest(recipe),
            "inputs": source.record, "settings": settings.as_dict(), "recipe": recipe}


def about(source: Source, settings: Settings, recipe: dict[str, Any]) -> dict[str, Any]:
    """The head of the report."""
    return {"kind": "report", "version": __version__, "recipe_hash": digest(recipe), "inputs": source.record,
            "langs": list(settings.options.langs), "format": settings.format, "with_flags": settings.with_flags,
            "unpaired": source.unpaired, "unpaired_examples": source.examples,
            **({"unreadable": source.unreadable} if source.unreadable else {})}


# The plan


def _plan(ledger: Ledger, source: Source, settings: Settings, how: How) -> Change:
    entries = source.entries()
    if how.limit is not None:
        entries = itertools.islice(entries, how.limit)

    def digests(entry: Entry) -> tuple[str | None, str | None]:
        ar, en = where(source, entry)
        return sha256(ar), sha256(en)

    try:
        return ledger.plan(_stamped(entries, source), settings.room, size_of, digests,
                           is_whole=how.limit is None)
    except RepeatedId as error:
        places = source.places_of(error.id) if source.places_of is not None else []
        if len(places) < 2:
            raise
        raise FormatError(f"{places[1]}: {error} (it stands in line {places[0].rpartition(':')[2]} too)") from None


def _stamped(entries: Iterable[Entry], source: Source) -> Iterator[Planned]:
    """Entries with the stamps of their files; objects are asked for side by side."""
    from concurrent.futures import ThreadPoolExecutor

    waiting = iter(entries)
    with ThreadPoolExecutor(_LOOKERS) as pool:
        while chunk := list(itertools.islice(waiting, _CHUNK)):
            places = [place for entry in chunk for place in where(source, entry)]
            found = list((pool.map if any(map(is_url, places)) else map)(stamp, places))
            yield from (Planned(entry, found[2 * k], found[2 * k + 1]) for k, entry in enumerate(chunk))


# Work


def _work(store: Store, ledger: Ledger, source: Source, settings: Settings, how: How,
          progress: Callable[[Progress], None]) -> None:
    """Do all units that wait, and commit each."""
    start = time.monotonic()
    before = ledger.standing()
    documents = segments = 0
    now = before

    def tick(in_hand: int = 0) -> None:
        progress(Progress(now, before.bytes_done, documents, segments, failed, time.monotonic() - start, in_hand))

    failed = ledger.count_failed()
    tasks = _tasks(ledger, source)
    engine = _engine(store, settings, how)
    tick()
    # Closed at once when something stops us, so that no worker is left.
    with contextlib.closing(engine.run(tasks, tick)) as results:
        for result in results:
            _commit(store, ledger, result)
            done = [d for d in result.documents if not d.failed]
            documents += len(result.documents)
            segments += sum(sum(d.record["segments"]) for d in done)
            now, failed = ledger.standing(), ledger.count_failed()
            tick()


def _tasks(ledger: Ledger, source: Source) -> Iterator[Task]:
    for unit in ledger.waiting():
        places = [where(source, Entry(document.id, document.ar, document.en)) for document in unit.documents]
        yield task_of(unit, places)


def _engine(store: Store, settings: Settings, how: How) -> Any:
    recipe = digest(settings.recipe())
    if how.engine == "inline":
        from .local import InlineEngine

        return InlineEngine(settings, store, recipe)
    if how.engine == "local":
        from .local import LocalEngine

        return LocalEngine(settings, store, recipe, jobs=how.jobs, timeout=how.timeout)
    if how.engine == "ray":
        from .cluster import RayEngine

        return RayEngine(settings, store, recipe, address=how.ray_address, jobs=how.jobs)
    raise UsageError(f"--engine is local or ray, not {how.engine!r}")


def _commit(store: Store, ledger: Ledger, result: Result) -> None:
    """Commit a unit; on object storage as an object too, from which `_recover` learns of it."""
    if store.is_remote:
        record = {"unit": result.unit, "generation": ledger.meta("generation"), "key": result.key,
                  "seconds": result.seconds, "parts": result.parts, "documents": [asdict(done) for done in result.documents]}
        store.write_text(f"units/part-{result.unit:06d}.json", json.dumps(record, ensure_ascii=True) + "\n")
    ledger.commit(result.unit, result.key, result.documents, result.seconds, result.parts)
