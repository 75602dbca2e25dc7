"""The engine of many machines: units flow through Ray Data, from reading to parts that are written, by the same stages.

Reading and segmenting, and writing, are tasks; encoding and aligning are done by a pool of actors, each with its
encoder loaded, on a graphics card where the cluster has some. Vectors, which are a hundred times larger than the text,
stay in the actor that made them. Ray runs again what was lost with a process or a machine; units are written whole, so
that what is done twice is the same.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import pickle
import signal
import socket
import sys
import warnings
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from ..engine.storage import Store
from ..errors import MissingExtra, MuwaziError
from ..pipeline import Clock, Options
from ..threads import cores, limit
from .settings import Settings
from .unit import Result, Task, Work, align_unit, killed, read_unit, ready_encoder, write_unit
from .worker import described

_LOG = logging.getLogger(__name__)
# Units that one data set of Ray's holds: what the driver has in memory, and how often actors begin anew.
_WINDOW = 10_000
# What an actor and a task take of a processor: both fit on one.
ACTOR, _TASK = 0.9, 0.1
# Deaths with the same document in hand until that is left out.
_DEATHS = 3
# Actors that share a graphics card: one aligns while the other encodes.
A_CARD = 2
_PATIENCE = 10.0  # seconds to wait for an answer from a cluster's address
_STORE = 2_000_000_000  # bytes of memory for Ray's objects, on a cluster that is begun here


class RayEngine:
    """Runs tasks on a Ray cluster; results come as they are ready."""

    def __init__(self, settings: Settings, store: Store, recipe: str, *, address: str | None = None,
                 jobs: int | None = None) -> None:
        self.ray = imported()
        import_module("ray.data")
        logging.getLogger("ray.data").setLevel(logging.CRITICAL)
        self.settings, self.store, self.recipe, self.address, self.jobs = settings, store, recipe, address, jobs

    def run(self, tasks: Iterator[Task], tick: Callable[[int], None] = lambda _: None) -> Iterator[Result]:
        """Results of all tasks, in the order in which they are done.

        A document that was in hand when its process died three times is left out. Raises a stage's error where that
        is of the place (a full disk, an encoder that fails), and MuwaziError where the cluster fails.
        """
        first = next(tasks, None)
        if first is None:
            return
        with connected(self.ray, self.address, self.jobs):
            watch = self.ray.remote(num_cpus=0, max_restarts=-1, max_task_retries=-1)(_Watch).remote()
            waiting = itertools.chain([first], tasks)
            while window := list(itertools.islice(waiting, _WINDOW)):
                for row in self._rows(window, watch):
                    kind, value = pickle.loads(row["out"])
                    if kind == "fatal":
                        raise _error(value)
                    yield value
                    tick(0)

    def _rows(self, window: list[Task], watch: Any) -> Iterator[dict[str, Any]]:
        """The pipeline over some units."""
        ray = self.ray
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        context.print_on_execution_start = False
        context.execution_options.preserve_order = False
        # A stage that fails is our error and is told as such; what Ray runs again is what was lost with a process.
        context.max_errored_blocks = 0
        there = ray.cluster_resources()
        cards = cards_for(self.settings.options, there)
        actors = self.jobs or (cards * A_CARD if cards else max(1, int(there.get("CPU", 1))))
        place = {"num_gpus": 1 / A_CARD, "num_cpus": ACTOR} if cards else {"num_cpus": ACTOR}
        given = (self.settings, self.store, self.recipe, watch)
        items = [{"in": pickle.dumps(task, pickle.HIGHEST_PROTOCOL)} for task in window]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            data = ray.data.from_items(items, override_num_blocks=len(items))
            data = data.map(_read, fn_args=given, num_cpus=_TASK)
            data = data.map(_Aligner, fn_constructor_args=given, compute=ray.data.ActorPoolStrategy(
                min_size=min(actors, len(items)), max_size=min(actors, len(items)), max_tasks_in_flight_per_actor=2),
                            **place)
            data = data.map(_write, fn_args=given, num_cpus=_TASK)
            try:
                yield from data.iter_rows()
            except MuwaziError:
                raise
            except ray.exceptions.RayError as error:
                raise MuwaziError(f"the Ray cluster failed: {' '.join(str(error).split())[:500]}") from error


def imported() -> Any:
    """Ray, told to be quiet; raises MissingExtra."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    try:
        import ray
    except ImportError:
        raise MissingExtra("--engine ray needs: pip install 'muwazi[ray]'") from None
    logging.getLogger("ray").setLevel(logging.CRITICAL)
    return ray


@contextlib.contextmanager
def connected(ray: Any, address: str | None, jobs: int | None = None) -> Iterator[None]:
    """A connection to the cluster, or a cluster of this machine that ends with us."""
    if address is not None:
        _reach(address)
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR, "configure_logging": True}
    if ray.is_initialized():
        yield
        return
    ended = signal.getsignal(signal.SIGTERM)
    with warnings.catch_warnings(), _hushed():
        warnings.simplefilter("ignore")
        try:
            if address is not None:
                ray.init(address=address, **quiet)
            else:
                ray.init(num_cpus=jobs or cores(), include_dashboard=False, object_store_memory=_STORE, **quiet)
        except Exception as error:
            raise MuwaziError(f"no Ray cluster at {address or 'this machine'}: "
                              f"{' '.join(str(error).split())[:300]}") from error
    with _told_to_the_log(), _ending_by(ended):
        try:
            yield
        finally:
            ray.shutdown()


@contextlib.contextmanager
def _ending_by(handler: Any) -> Iterator[None]:
    """SIGTERM does what `handler`, which Ray has put its own in the place of, does; Ray turns its status into 1."""
    met: list[int] = []

    def note(signum: int, frame: Any) -> None:
        met.append(signum)
        handler(signum, frame)

    with contextlib.suppress(ValueError):  # on another thread than the main one
        if callable(handler):
            signal.signal(signal.SIGTERM, note)
    try:
        yield
    except SystemExit:
        if met:
            raise SystemExit(128 + met[0]) from None
        raise
    finally:
        with contextlib.suppress(ValueError):
            if callable(handler):
                signal.signal(signal.SIGTERM, handler)


@contextlib.contextmanager
def _told_to_the_log() -> Iterator[None]:
    """Ray prints on standard output, where results may go, that it does again what was lost: that is for the log."""
    import ray._private.worker as inside

    printed = getattr(inside, "print_to_stdstream", None)
    if printed is None:
        yield
        return
    inside.print_to_stdstream = lambda data, *_args, **_options: _LOG.info("Ray: %s", " ".join(map(str, data.get("lines", ()))))
    try:
        yield
    finally:
        inside.print_to_stdstream = printed


def cards_for(options: Options, there: dict[str, float]) -> int:
    """Graphics cards, of what is there, that an encoder makes use of."""
    from ..encode import uses_card

    wanted = uses_card(options.encoder, options.device) or (
        options.second_model is not None and uses_card(options.second_model, options.device, second=True))
    return int(there.get("GPU", 0)) if wanted and options.device in ("auto", "cuda") else 0


def _error(described_error: tuple[str, int, str]) -> MuwaziError:
    from .local import error_of

    return error_of(*described_error)


def _reach(address: str) -> None:
    """Raise MuwaziError where nobody listens at `host:port`, which Ray itself finds out in minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdigit():
        return  # "auto" and the like, which Ray looks up
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_PATIENCE).close()
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or error
        raise MuwaziError(f"no Ray cluster at {address}: {why}") from error


@contextlib.contextmanager
def _hushed() -> Iterator[None]:
    """Keeps what Ray's own libraries say while they start from our standard error; failures come as exceptions."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


class _Watch:
    """Knows which document each unit's process has in hand, and with which one in hand it died how often."""

    def __init__(self) -> None:
        self.in_hand: dict[tuple[int, str], int] = {}
        self.deaths: dict[int, int] = {}

    def begin(self, unit: int, stage: str) -> dict[int, int]:
        """A stage of a unit begins, again if its process died before it ended: deaths so far by document."""
        number = self.in_hand.pop((unit, stage), None)
        if number is not None:
            self.deaths[number] = self.deaths.get(number, 0) + 1
        return dict(self.deaths)

    def hold(self, unit: int, stage: str, number: int) -> None:
        """A document is taken up."""
        self.in_hand[unit, stage] = number

    def end(self, unit: int, stage: str) -> None:
        """The stage has ended, and no document is in hand."""
        self.in_hand.pop((unit, stage), None)


@contextlib.contextmanager
def _watched(watch: Any, task: Task, stage: str) -> Iterator[tuple[Callable[[str, str], None], dict[int, str], bool]]:
    """What to tell of each document, those that have killed too often with the reason, and whether any has at all."""
    import ray

    deaths = {number: count for number, count in ray.get(watch.begin.remote(task.unit, stage)).items()
              if number in {document.number for document in task.documents}}
    doomed = {number: f"the process that worked on it died {count} times (out of memory?)"
              for number, count in deaths.items() if count >= _DEATHS}
    numbers = {document.id: document.number for document in task.documents}

    def tell(id: str, _what: str) -> None:
        ray.get(watch.hold.remote(task.unit, stage, numbers[id]))

    yield tell, doomed, bool(deaths)
    ray.get(watch.end.remote(task.unit, stage))


def _packed(kind: str, *values: Any) -> bytes:
    return pickle.dumps((kind, *values), pickle.HIGHEST_PROTOCOL)


def _read(row: dict[str, Any], settings: Settings, _store: Store, _recipe: str, watch: Any) -> dict[str, Any]:
    """Task in, task and what was read out."""
    task: Task = pickle.loads(row["in"])
    clock = Clock()
    with _watched(watch, task, "read") as (tell, doomed, _):
        task = Task(task.unit, task.documents, task.places, {**task.doomed, **doomed})
        works = read_unit(task, settings, clock, tell)
    return {"out": _packed("read", task, works, clock)}


class _Aligner:
    """Encodes and aligns; an actor of the pool."""

    def __init__(self, settings: Settings, _store: Store, _recipe: str, watch: Any) -> None:
        limit(1)
        self.settings, self.watch = settings, watch
        self.encoder: Any = None
        self.error: tuple[str, int, str] | None = None
        try:
            self.encoder = ready_encoder(settings.options)
        except MuwaziError as error:
            self.error = described(error)

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """What was read in, what is aligned out."""
        _, task, works, clock = pickle.loads(row["out"])
        if self.error is not None:
            return {"out": _packed("fatal", self.error)}
        try:
            with _watched(self.watch, task, "align") as (tell, doomed, is_again):
                for work in works:
                    if work.document.number in doomed:
                        _leave_out(work, doomed[work.document.number])
                # After a death each document is alone, so that the one in hand is the one that kills.
                for part in [[work] for work in works] if is_again else [works]:
                    align_unit(part, self.settings, self.encoder, clock, tell)
        except MuwaziError as error:
            return {"out": _packed("fatal", described(error))}
        return {"out": _packed("aligned", task, works, clock)}


def _leave_out(work: Work, why: str) -> None:
    work.pair, work.failure = None, killed(why)


def _write(row: dict[str, Any], settings: Settings, store: Store, recipe: str, _watch: Any) -> dict[str, Any]:
    """What is aligned in, the result to commit out, once the unit's files stand under their names."""
    kind, *values = pickle.loads(row["out"])
    if kind == "fatal":
        return row
    task, works, clock = values
    try:
        return {"out": _packed("done", write_unit(task, works, settings, store, recipe, clock))}
    except (MuwaziError, OSError) as error:
        return {"out": _packed("fatal", described(error))}
