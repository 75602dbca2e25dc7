"""The engine of one machine: a few worker processes, each with a unit in hand; what kills a worker is found and left."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from .. import errors
from ..engine.storage import Store
from ..errors import MuwaziError
from ..pipeline import Clock
from ..threads import cores
from .settings import Settings
from .unit import Result, Task, align_unit, read_unit, ready_encoder, write_unit
from .worker import receive, send

# A worker's memory with its encoder's tables full, and what a batch takes: workers are not begun that would not fit.
_WORKER = 1_500_000_000
# Workers that end before they are ready, one after another, until that is taken for an error of the place.
_MOST_FALSE_STARTS = 5
_TRIES = 2
_TELLING = 0.1  # seconds between two looks at how far the documents in hand are


def default_jobs() -> int:
    """Workers for this machine: one a core, as far as the memory goes."""
    memory = free_memory()
    return max(1, cores() if memory is None else min(cores(), memory // _WORKER))


def free_memory() -> int | None:
    """Bytes of memory that are free or can be freed, within the limit of this process's group; None if unknown."""
    found = []
    try:
        with open("/proc/meminfo", encoding="ascii") as stream:
            found += [int(line.split()[1]) << 10 for line in stream if line.startswith("MemAvailable:")]
    except (OSError, ValueError):
        pass
    try:
        with open("/sys/fs/cgroup/memory.max", encoding="ascii") as most, \
                open("/sys/fs/cgroup/memory.current", encoding="ascii") as now:
            found.append(int(most.read()) - int(now.read()))
    except (OSError, ValueError):  # no such group, or "max"
        pass
    return max(0, min(found)) if found else None


class _Worker:
    """A process and what it has in hand."""

    def __init__(self, engine: LocalEngine, events: queue.Queue[Any]) -> None:
        self.kind = ""
        self.task: Task | None = None
        self.ready = False
        self.since = time.monotonic()
        self.at = ""
        self.begun = 0
        self.late = False
        code = f"import sys; sys.path[:] = {sys.path!r}; from align.run.worker import main; main({os.getpid()})"
        threads = str(engine.threads)
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        self.process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        env={**os.environ, **dict.fromkeys(names, threads)}, bufsize=0)
        given, told = self.process.stdin, self.process.stdout
        assert given is not None and told is not None
        self.stdin = given
        self.stdout = os.fdopen(os.dup(told.fileno()), "rb")
        told.close()
        self.ear = threading.Thread(target=self._listen, args=(events,), daemon=True)
        self.ear.start()
        self.tell((engine.settings, engine.store.root, engine.recipe, engine.threads, engine.memory))

    def _listen(self, events: queue.Queue[Any]) -> None:
        try:
            with self.stdout as stream:
                while True:
                    events.put((self, *receive(stream)))
        except (EOFError, OSError, ValueError):
            self.process.wait()
            events.put((self, "ended"))

    def tell(self, message: Any) -> None:
        """Send a message; that nobody reads it is seen elsewhere."""
        with contextlib.suppress(OSError):
            send(self.stdin, message)

    def give(self, kind: str, task: Task) -> None:
        """Put a task into its hands."""
        self.kind, self.task, self.since, self.at, self.begun = kind, task, time.monotonic(), "start", 0
        self.tell((kind, task))

    def stop(self) -> None:
        """End it now; what it has in hand is lost, which costs nothing but time."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.ear.join()
        with contextlib.suppress(OSError):
            self.stdin.close()

    @property
    def why(self) -> str:
        """Of what it died, in words."""
        if self.late:
            return "it took longer than --timeout allows"
        code = self.process.returncode
        if code is not None and code < 0:
            try:
                name = signal.Signals(-code).name
            except ValueError:
                name = f"signal {-code}"
            hint = " (out of memory?)" if name == "SIGKILL" else ""
            return f"its worker process was killed by {name}{hint}"
        return f"its worker process ended with status {code}"


class InlineEngine:
    """Runs tasks in this process, one after another; what kills it kills the run."""

    def __init__(self, settings: Settings, store: Store, recipe: str) -> None:
        self.settings, self.store, self.recipe = settings, store, recipe

    def run(self, tasks: Iterator[Task], tick: Callable[[int], None] = lambda _: None) -> Iterator[Result]:
        """Results of all tasks, in order."""
        encoder = None
        for task in tasks:
            encoder = encoder or ready_encoder(self.settings.options)
            clock = Clock()
            works = read_unit(task, self.settings, clock)
            align_unit(works, self.settings, encoder, clock)
            yield write_unit(task, works, self.settings, self.store, self.recipe, clock)
            tick(0)


class LocalEngine:
    """Runs tasks on worker processes of this machine; results come as they are ready."""

    def __init__(self, settings: Settings, store: Store, recipe: str, *, jobs: int | None = None,
                 timeout: float | None = None) -> None:
        self.settings, self.store, self.recipe, self.timeout = settings, store, recipe, timeout
        self.jobs = jobs or default_jobs()
        self.threads = max(1, cores() // self.jobs)
        free = free_memory()
        # What one worker may have while the others have what they usually need.
        self.memory = None if free is None else max(2 * _WORKER, free - self.jobs * _WORKER)

    def run(self, tasks: Iterator[Task], tick: Callable[[int], None] = lambda _: None) -> Iterator[Result]:
        """Results of all tasks, in the order in which they are done; `tick` is told every so often how many documents are
        aligned but not yet written.

        A task whose worker dies is tried once more whole; then its documents are tried one by one, each in a worker of
        its own, and the task is done without those that kill it twice. Raises the worker's error where that is of the
        place (a full disk, an encoder that fails).
        """
        yield from _Run(self, tasks, tick).results()


class _Run:
    """One go of the engine."""

    def __init__(self, engine: LocalEngine, tasks: Iterator[Task], tick: Callable[[int], None]) -> None:
        self.engine, self.tasks, self.tick = engine, tasks, tick
        self.events: queue.Queue[Any] = queue.Queue()
        self.workers: list[_Worker] = []
        self.again: deque[tuple[str, Task]] = deque()
        self.tries: dict[int, int] = {}
        self.trials: dict[int, _Trial] = {}
        self.acquitted: dict[int, int] = {}
        self.false_starts = 0
        self.is_dry = False
        self.told = 0.0

    def results(self) -> Iterator[Result]:
        """See `LocalEngine.run`."""
        try:
            self._fill()
            while self.workers:
                try:
                    event = self.events.get(timeout=1.0)
                except queue.Empty:
                    self._look_at_clock()
                    self._tell()
                    continue
                result = self._take(*event)
                if result is not None:
                    yield result
                    self._tell()
                self._look_at_clock()
                if event[1] != "at":
                    self._fill()
        finally:
            for worker in self.workers:
                worker.stop()

    def _tell(self) -> None:
        """Tell how many documents of units on their way are aligned: of those begun all but the last."""
        now = time.monotonic()
        if now - self.told >= _TELLING:
            self.told = now
            self.tick(sum(max(0, w.begun - 1) for w in self.workers if w.task is not None and w.kind == "unit"))

    def _fill(self) -> None:
        """Give every idle worker something to do; begin workers where there is more, end those that nothing is left for."""
        while not self.is_dry and len(self.again) < self.engine.jobs:
            task = next(self.tasks, None)
            if task is None:
                self.is_dry = True
            else:
                self.again.append(("unit", task))
        for worker in [w for w in self.workers if w.ready and w.task is None]:
            if self.again:
                worker.give(*self.again.popleft())
            elif not self.trials:
                self.workers.remove(worker)
                worker.stop()
        starting = sum(not worker.ready for worker in self.workers)
        while len(self.workers) < self.engine.jobs and starting < len(self.again):
            self.workers.append(_Worker(self.engine, self.events))
            starting += 1

    def _take(self, worker: _Worker, kind: str, *rest: Any) -> Result | None:
        if worker not in self.workers:
            return None  # it was ended on purpose; its last words say nothing
        if kind == "ready":
            worker.ready, self.false_starts = True, 0
        elif kind == "at":
            worker.since, worker.at = time.monotonic(), f"{rest[1]} {rest[0]}"
            worker.begun += rest[1] == "align"
            self._tell()
        elif kind == "done":
            worker.task = None
            return rest[0]
        elif kind == "probed":
            task, worker.task = worker.task, None
            if task is not None:
                self._tried(task, None)
            # The next trial deserves a process that has nothing behind it.
            self.workers.remove(worker)
            worker.stop()
        elif kind == "fatal":
            name, status, message = rest[0]
            raise error_of(name, status, message)
        elif kind == "ended":
            self.workers.remove(worker)
            worker.stop()
            self._bury(worker)
        return None

    def _bury(self, worker: _Worker) -> None:
        """A worker has died: see to what it had in hand."""
        task = worker.task
        if not worker.ready:
            self.false_starts += 1
            if self.false_starts >= _MOST_FALSE_STARTS:
                raise MuwaziError(f"workers end before they are ready ({worker.why})")
            return
        if task is None:
            return
        if worker.kind == "probe":
            self._tried(task, worker.why)
            return
        tries = self.tries[task.unit] = self.tries.get(task.unit, 0) + 1
        if tries < _TRIES:
            self.again.appendleft(("unit", task))
        elif len(task.doomed) == len(task.documents):
            raise MuwaziError(f"unit {task.unit} cannot be written: {worker.why}")
        else:
            self.trials[task.unit] = _Trial(task, worker.why)
            self._go_on(self.trials[task.unit])

    def _go_on(self, trial: _Trial) -> None:
        """The next document of a unit that is tried document by document, or the unit without those that kill."""
        todo = trial.next()
        if todo is not None:
            self.again.appendleft(("probe", todo))
            return
        unit = trial.task.unit
        del self.trials[unit]
        self.tries[unit] = 0
        if not trial.found:
            self.acquitted[unit] = self.acquitted.get(unit, 0) + 1
            if self.acquitted[unit] >= _TRIES:
                # Together they kill, alone they do not: there is no other way to have the rest of the run.
                trial.doom_all()
        self.again.appendleft(("unit", trial.verdict()))

    def _tried(self, task: Task, why: str | None) -> None:
        trial = self.trials[task.unit]
        trial.tell(why)
        self._go_on(trial)

    def _look_at_clock(self) -> None:
        if self.engine.timeout is None:
            return
        for worker in self.workers:
            if worker.task is not None and worker.ready and time.monotonic() - worker.since > self.engine.timeout:
                worker.late = True
                worker.process.kill()
                worker.since = time.monotonic()


class _Trial:
    """A unit that has killed its workers, document by document: one that kills twice is guilty."""

    def __init__(self, task: Task, why: str) -> None:
        self.task, self.why = task, why
        self.at, self.deaths = 0, 0
        self.found: dict[int, str] = {}

    def next(self) -> Task | None:
        """The task to try: one document alone."""
        while self.at < len(self.task.documents) and self.task.documents[self.at].number in self.task.doomed:
            self.at += 1
        if self.at == len(self.task.documents):
            return None
        return Task(self.task.unit, (self.task.documents[self.at],), (self.task.places[self.at],))

    def tell(self, why: str | None) -> None:
        """What became of the last try: None, or of what the worker died."""
        if why is not None:
            self.deaths += 1
            if self.deaths < _TRIES:
                return
            self.found[self.task.documents[self.at].number] = why
        self.at, self.deaths = self.at + 1, 0

    def doom_all(self) -> None:
        """No document of the unit is done."""
        self.found = {document.number: self.why for document in self.task.documents}

    def verdict(self) -> Task:
        """The unit without the guilty."""
        return Task(self.task.unit, self.task.documents, self.task.places, {**self.task.doomed, **self.found})


def error_of(name: str, status: int, message: str) -> MuwaziError:
    """A worker's error, raised here."""
    kind = getattr(errors, name, MuwaziError)
    return kind(message) if isinstance(kind, type) and issubclass(kind, MuwaziError) else MuwaziError(message)
