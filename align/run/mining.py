"""Mining on many machines: the stages of `align.mine` as tasks of a Ray cluster, blocks on object storage if need be.

Encoding and judging, which want the encoder, are done by a pool of actors, on graphics cards where the cluster has some;
all else by tasks. Ray runs again what was lost with a process or a machine; blocks are written whole, so that what is
done twice is the same. The driver holds no text and no vectors beyond what is in hand.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..engine.storage import file_system
from ..errors import InputError, MuwaziError, OutputError, UsageError
from ..files import private_folder
from ..mine import Given, Worker
from ..mine.blocks import mapped, write
from ..mine.stages import Mapper, Stage
from ..threads import limit
from .cluster import A_CARD, ACTOR, cards_for, connected, imported
from .local import error_of
from .worker import described

if TYPE_CHECKING:
    import numpy as np

    from ..encode import Encoder

_AHEAD = 2  # items in the hands of a process and waiting for it
_DONE = 8  # results a process that wait for an earlier one
_PATIENCE = 60.0  # seconds for machines to delete their copies
_TRIES = 5  # processes that may die with the same item in hand


class RayEngine:
    """Has stages done on a Ray cluster: that at `address`, or one of this machine with `jobs` processes."""

    def __init__(self, address: str | None = None, jobs: int | None = None) -> None:
        self.ray, self.address, self.jobs = imported(), address, jobs

    @contextlib.contextmanager
    def working(self, given: Given, memory: int, encoder: Encoder | None = None) -> Iterator[Mapper]:
        """As `align.mine.Engine` says; each process has one shard of an index in memory, whatever `memory` is.

        Raises a stage's error, and MuwaziError where the cluster fails.
        """
        if encoder is not None:
            raise UsageError("the encoder is named in the options where other processes are to load it")
        with connected(self.ray, self.address, self.jobs):
            pool = _Pool(self.ray, given)
            try:
                yield pool.results
                pool.forget()
            finally:
                pool.dismiss()


class _Pool:
    """Actors with the encoder, as long as they are wanted, and tasks."""

    def __init__(self, ray: Any, given: Given) -> None:
        self.ray, self.given, self.key = ray, given, secrets.token_hex(8)
        there = ray.cluster_resources()
        self.processes = max(1, int(there.get("CPU", 1)))
        self.cards = cards_for(given.options, there)
        self.actors: list[Any] = []
        self.task = ray.remote(num_cpus=1, max_retries=_TRIES)(_done_by_task)

    def results(self, stage: Stage, items: Iterable[Any], encodes: bool = False) -> Iterator[Any]:
        """Results in the order of the items, of which a few are in hand at a time."""
        if not encodes:
            self.dismiss()  # their processors are wanted
        hands = _Hands(self, stage, (self.cards * A_CARD or self.processes) if encodes else self.processes, encodes)
        try:
            for item in items:
                while hands.are_full:
                    hands.wait()
                    yield from hands.finished()
                hands.take(item)
            while hands.busy:
                hands.wait()
                yield from hands.finished()
        except self.ray.exceptions.RayError as error:
            raise MuwaziError(f"the Ray cluster failed: {' '.join(str(error).split())[:500]}") from error

    def actor(self, number: int) -> Any:
        """The actor of that number, begun if it is the next: there are no more of them than were wanted at a time."""
        if number == len(self.actors):
            place = {"num_gpus": 1 / A_CARD, "num_cpus": ACTOR} if self.cards else {"num_cpus": 1}
            self.actors.append(self.ray.remote(max_restarts=-1, max_task_retries=_TRIES, **place)(_Actor).remote(self.given))
        return self.actors[number]

    def dismiss(self) -> None:
        """End the actors."""
        for actor in self.actors:
            with contextlib.suppress(Exception):
                self.ray.kill(actor)
        self.actors = []

    def forget(self) -> None:
        """Have every machine delete its copies of blocks."""
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy as On

        if not isinstance(self.given.blocks, Objects):
            return
        task = self.ray.remote(num_cpus=0, max_retries=0)(_forget)
        left = [task.options(scheduling_strategy=On(node["NodeID"], soft=True)).remote(self.given.blocks)
                for node in self.ray.nodes() if node["Alive"]]
        self.ray.wait(left, num_returns=len(left), timeout=_PATIENCE)


class _Hands:
    """Items in hand: which process has how many, and what waits for an earlier result."""

    def __init__(self, pool: _Pool, stage: Stage, most: int, encodes: bool) -> None:
        self.pool, self.stage, self.most, self.encodes = pool, stage, most, encodes
        self.busy: dict[Any, int] = {}
        self.order: deque[Any] = deque()
        self.loads = [0] * most

    @property
    def are_full(self) -> bool:
        """Whether the next item has to wait."""
        return len(self.busy) >= self.most * _AHEAD or len(self.order) >= self.most * _DONE

    def take(self, item: Any) -> None:
        """Give an item to the process that has least to do."""
        hand = min(range(self.most), key=self.loads.__getitem__)
        if self.encodes:
            answer = self.pool.actor(hand).do.remote(self.stage, item)
        else:
            answer = self.pool.task.remote(self.pool.key, self.pool.given, self.stage, item)
        self.loads[hand] += 1
        self.busy[answer] = hand
        self.order.append(answer)

    def wait(self) -> None:
        """Until some item is done; the first one, if too many wait for it."""
        late = len(self.order) >= self.most * _DONE
        done, _ = self.pool.ray.wait([self.order[0]] if late else list(self.busy), num_returns=1)
        for answer in done:
            if answer in self.busy:
                self.loads[self.busy.pop(answer)] -= 1

    def finished(self) -> Iterator[Any]:
        """Results whose turn it is."""
        while self.order and self.order[0] not in self.busy:
            value, error = self.pool.ray.get(self.order.popleft())
            if error is not None:
                raise error_of(*error)
            yield value


def _tried(worker: Worker, stage: Stage, item: Any) -> tuple[Any, tuple[str, int, str] | None]:
    """A result, or the error instead of it, described."""
    try:
        return stage(worker, item), None
    except (MuwaziError, OSError) as error:
        return None, described(error)


class _Actor:
    """A worker whose encoder stays loaded."""

    def __init__(self, given: Given) -> None:
        limit(1)
        self.worker = Worker(given)

    def do(self, stage: Stage, item: Any) -> Any:
        """A stage's result for an item."""
        return _tried(self.worker, stage, item)


_worker: tuple[str, Worker] | None = None


def _done_by_task(key: str, given: Given, stage: Stage, item: Any) -> Any:
    """The same by a task; the process keeps the index that it looked into last."""
    global _worker
    if _worker is None or _worker[0] != key:
        limit(1)
        _worker = key, Worker(given)
    return _tried(_worker[1], stage, item)


def _forget(blocks: Objects) -> None:
    blocks.forget()


@dataclass(frozen=True, slots=True)
class Objects:
    """Blocks on object storage; each machine keeps copies of those that it read, as far as its disk has room."""

    root: str

    def shape(self, name: str) -> tuple[int, ...] | None:
        """The shape that an object's first bytes tell of; objects are there whole or not at all."""
        import io

        import numpy as np

        system, path = file_system(f"{self.root}/{name}")
        try:
            stream = io.BytesIO(system.cat_file(path, 0, 1 << 10))
            np.lib.format.read_magic(stream)
            return np.lib.format.read_array_header_1_0(stream)[0]
        except (FileNotFoundError, ValueError):
            return None
        except Exception as error:
            raise InputError(f"{self.root}/{name}: cannot be looked up: {_reason(error)}") from error

    def load(self, name: str) -> np.ndarray:
        """The array of the copy here, which is fetched if there is none."""
        copy = self._copies / name.replace("/", "-")
        found = mapped(str(copy))
        if found is None:
            self._fetch(name, copy)
            found = mapped(str(copy))
        if found is None:
            raise InputError(f"{self.root}/{name}: is damaged")
        with contextlib.suppress(OSError):
            os.utime(copy)
        return found

    def save(self, name: str, rows: np.ndarray) -> None:
        """Write a file here and upload it."""
        system, path = file_system(f"{self.root}/{name}")
        with tempfile.TemporaryDirectory(prefix="muwazi-") as folder:
            draft = os.path.join(folder, "block.npy")
            try:
                with open(draft, "wb") as stream:
                    write(stream, rows)
            except OSError as error:
                raise OutputError(f"{draft}: cannot be written: {_reason(error)}") from error
            try:
                system.put_file(draft, path)
            except Exception as error:
                raise OutputError(f"{self.root}/{name}: cannot be written: {_reason(error)}") from error

    def remove(self, name: str) -> None:
        """Delete the object, and the copy here."""
        system, path = file_system(f"{self.root}/{name}")
        with contextlib.suppress(FileNotFoundError):
            system.rm_file(path)
        with contextlib.suppress(OSError):
            (self._copies / name.replace("/", "-")).unlink()

    def is_empty(self) -> bool:
        """Whether no vectors stand there."""
        system, path = file_system(self.root)
        system.invalidate_cache()
        return not system.glob(f"{path}/*/vectors-*")

    def clear(self) -> None:
        """Delete all blocks."""
        system, path = file_system(self.root)
        system.invalidate_cache()
        with contextlib.suppress(FileNotFoundError):
            system.rm(path, recursive=True)

    def forget(self) -> None:
        """Delete the copies of this machine."""
        shutil.rmtree(self._copies, ignore_errors=True)

    @property
    def _copies(self) -> Path:
        from ..mine.store import digest

        return _copies_of(digest(self.root))

    def _fetch(self, name: str, copy: Path) -> None:
        system, path = file_system(f"{self.root}/{name}")
        private_folder(copy.parent)
        draft = copy.with_name(f"{copy.name}.{secrets.token_hex(6)}.part")
        try:
            _make_room(copy.parent, int(system.info(path)["size"]))
            system.get_file(path, str(draft))
            draft.replace(copy)
        except FileNotFoundError:
            raise InputError(f"{self.root}/{name}: is gone") from None
        except Exception as error:
            kind = OutputError if getattr(error, "errno", None) == errno.ENOSPC else InputError
            raise kind(f"{self.root}/{name}: cannot be fetched to {copy.parent}: {_reason(error)}") from error
        finally:
            draft.unlink(missing_ok=True)


@cache
def _copies_of(key: str) -> Path:
    """The folder of copies that processes of this user share; one of this process alone where another user took its name."""
    user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "")
    shared = Path(tempfile.gettempdir()) / f"muwazi-blocks-{user}-{key}"
    try:
        return private_folder(shared)
    except PermissionError:
        return Path(tempfile.mkdtemp(prefix="muwazi-blocks-"))


def _make_room(folder: Path, size: int) -> None:
    """Delete the copies that were not used for longest until all of them fill half of what is free at most.

    Who has one mapped keeps it to the end.
    """
    states = []
    with contextlib.suppress(OSError):
        for entry in os.scandir(folder):
            if entry.name.endswith(".npy"):
                state = entry.stat()
                states.append((state.st_mtime, state.st_size, entry.path))
    total = sum(size for _, size, _ in states)
    most = (shutil.disk_usage(folder).free + total) // 2
    for _, bytes, path in sorted(states):
        if total + size <= most:
            break
        with contextlib.suppress(OSError):
            os.unlink(path)
        total -= bytes


def _reason(error: BaseException) -> str:
    return getattr(error, "strerror", None) or " ".join(str(error).split()) or type(error).__name__
