"""A worker process of the local engine: units in, results out, and an end as soon as its driver has one.

Driver and worker talk in pickled, length-prefixed messages over the worker's standard streams. What libraries print
goes to the standard error that both share.
"""

from __future__ import annotations

import os
import pickle
import queue
import signal
import struct
import threading
from itertools import count
from typing import IO, Any, BinaryIO

from ..engine.storage import Store
from ..errors import MuwaziError
from ..garbage import keep_what_is_loaded
from ..limits import bound_memory, die_with
from ..pipeline import Clock
from ..threads import limit
from .settings import Settings
from .unit import Task, align_unit, read_unit, ready_encoder, write_unit

_HEAD = struct.Struct("<Q")


def send(stream: IO[bytes], message: Any) -> None:
    """Write one message."""
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    stream.write(_HEAD.pack(len(data)) + data)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:
    """Read one message; raises EOFError where the other side is gone."""
    head = stream.read(_HEAD.size)
    if len(head) < _HEAD.size:
        raise EOFError
    (size,) = _HEAD.unpack(head)
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return pickle.loads(data)


def main(parent: int) -> None:
    """Work on what the driver, process `parent`, sends until it closes the pipe."""
    die_with(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    tasks: queue.Queue[Any] = queue.Queue()
    # Read on a thread of its own, so that the end of the driver is seen in the middle of work.
    threading.Thread(target=_listen, args=(os.fdopen(os.dup(0), "rb"), tasks), daemon=True).start()
    try:
        settings, root, recipe, threads, memory = tasks.get()
        limit(threads)
        bound_memory(memory)
        encoder = ready_encoder(settings.options)
        send(answers, ("ready", os.getpid()))
        for number in count():
            _work(tasks.get(), settings, Store(root), recipe, encoder, answers)
            if not number:  # by now all is loaded
                keep_what_is_loaded()
    except BrokenPipeError:
        os._exit(1)
    except BaseException as error:  # noqa: BLE001 - the driver says what happened
        send(answers, ("fatal", described(error)))
        os._exit(1)


def described(error: BaseException) -> tuple[str, int, str]:
    """An error's class, exit status and message, to be raised again in another process."""
    if isinstance(error, MuwaziError):
        return type(error).__name__, error.status, str(error)
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return "OutputError", 7, f"{where}{error.strerror or error}"
    return "MuwaziError", 1, f"internal error of a worker ({type(error).__name__}: {error})"


def _work(message: tuple[str, Task], settings: Settings, store: Store, recipe: str, encoder: Any,
          answers: BinaryIO) -> None:
    """Do one task; `probe` only tries a document, and writes nothing."""
    kind, task = message
    clock = Clock()

    def tell(id: str, stage: str) -> None:
        send(answers, ("at", id, stage))

    works = read_unit(task, settings, clock, tell)
    align_unit(works, settings, encoder, clock, tell)
    if kind == "probe":
        send(answers, ("probed", task.unit))
        return
    send(answers, ("done", write_unit(task, works, settings, store, recipe, clock)))


def _listen(stream: BinaryIO, tasks: queue.Queue[Any]) -> None:
    try:
        while True:
            tasks.put(receive(stream))
    except (EOFError, OSError):
        os._exit(0)
