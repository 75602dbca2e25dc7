"""Foreign formats read in a process of their own, with bounds of memory and time: what a file does to it ends there.

One process reads file after file, and another takes its place where one was ended. Both talk in lines of JSON.
"""

import atexit
import contextlib
import json
import os
import selectors
import subprocess
import sys
import threading
from typing import Any

from .. import errors
from ..data import Document, Part
from ..errors import FormatError, InputError, MuwaziError
from ..limits import bound_memory, bound_seconds, die_with

MEMORY, MEMORY_EACH = 700 * 2**20, 40
"""Bytes of memory for a file, and for each of its bytes on top."""

SECONDS, SECONDS_EACH = 10, {"pdf": 20 / 2**20}
"""Seconds of the processor for a file, and for each of its bytes on top; of others than these formats 2 a MiB."""

_PATIENCE = 5  # times as many seconds by the clock, on a machine that is busy


class Reader:
    """A process that reads files, started when the first is asked for."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def read(self, path: str, lang: str, encoding: str | None, max_bytes: int, format: str) -> Document:
        """As `formats.read`, from the other process; raises InputError where that is ended by the file."""
        shown = path
        size = _size(path)
        seconds = int(SECONDS + SECONDS_EACH.get(format, 2 / 2**20) * size)
        asked = {"path": path, "lang": lang, "encoding": encoding, "max_bytes": max_bytes, "format": format,
                 "memory": MEMORY + MEMORY_EACH * size, "seconds": seconds}
        with self._lock:
            answer = self._ask(asked, _PATIENCE * seconds)
        if isinstance(answer, str):
            raise InputError(f"{shown}: {answer}")
        if "error" in answer:
            name, message = answer["error"]
            kind = getattr(errors, name, FormatError)
            raise (kind if isinstance(kind, type) and issubclass(kind, MuwaziError) else FormatError)(message)
        return Document(answer["id"], answer["lang"], answer["text"],
                        None if answer["parts"] is None else tuple(Part(*part) for part in answer["parts"]))

    def _ask(self, asked: dict[str, Any], patience: float) -> Any:
        """The answer; in words where there is none."""
        process = self._process
        if process is None or process.poll() is not None:
            process = self._process = self._start()
        try:
            process.stdin.write(json.dumps(asked).encode() + b"\n")
            process.stdin.flush()
            line = _line(process, patience)
        except OSError:
            line = b""
        except BaseException:
            self.stop()
            raise
        if line.endswith(b"\n"):
            return json.loads(line)
        late = line is _LATE
        self.stop()
        if late or process.returncode == -24:  # SIGXCPU
            return f"takes longer than {asked['seconds']} seconds to read, which is too long for a file of its size"
        return f"ends the process that reads it (status {process.returncode})"

    def _start(self) -> "subprocess.Popen[bytes]":
        code = f"import sys; sys.path[:] = {sys.path!r}; from align.read.apart import serve; serve({os.getpid()})"
        atexit.register(self.stop)
        return subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL, bufsize=0)  # fmt: skip

    def stop(self) -> None:
        """End the process, if there is one."""
        process, self._process = self._process, None
        if process is not None:
            if process.poll() is None:
                process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):
                    stream.close()


_LATE = b"late"


def _line(process: "subprocess.Popen[bytes]", patience: float) -> bytes:
    """The next line of an answer; `_LATE` where nothing comes for so many seconds."""
    parts = []
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            if not selector.select(patience):
                return _LATE
            part = os.read(process.stdout.fileno(), 1 << 20)
            parts.append(part)
            if not part or part.endswith(b"\n"):
                return b"".join(parts)


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except (OSError, ValueError):
        return 0


# In the other process


def serve(parent: int) -> None:
    """Answer until the other side closes the pipe."""
    die_with(parent)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    for line in sys.stdin.buffer:
        answers.write(json.dumps(_answer(json.loads(line))).encode() + b"\n")
        answers.flush()
    os._exit(0)


def _answer(asked: dict[str, Any]) -> dict[str, Any]:
    from .formats import read

    bound_memory(asked.pop("memory"))
    bound_seconds(asked.pop("seconds"))
    path = asked.pop("path")
    try:
        found = read(path, **asked)
        return {"id": found.id, "lang": found.lang, "text": found.text,
                "parts": None if found.parts is None else [[p.start, p.end, p.kind, p.place] for p in found.parts]}
    except MuwaziError as error:
        return {"error": (type(error).__name__, str(error))}
    except MemoryError:
        return {"error": ("InputError", f"{path}: needs more memory to be read than a file of its size may")}
    except RecursionError:
        return {"error": ("FormatError", f"{path}: is nested too deeply")}
    except Exception as error:  # noqa: BLE001 - a parser's fault in a file from outside
        return {"error": ("FormatError", f"{path}: cannot be read ({type(error).__name__}: {str(error)[:150]})")}
