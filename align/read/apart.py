"""Foreign formats read in a process of their own, with bounds of memory and time: what a file does to it ends there.

One process reads file after file, and another takes its place where one was ended. What is asked is a line of JSON and
the bytes of the file; the answer is a line of JSON.
"""

import atexit
import contextlib
import json
import logging
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
from .draft import Source

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

    def read(self, source: Source, kind: str) -> Document:
        """As `formats.read_here`, from the other process; raises InputError where that is ended by the file."""
        size = len(source.data)
        seconds = int(SECONDS + SECONDS_EACH.get(kind, 2 / 2**20) * size)
        asked = {"shown": source.shown, "lang": source.lang, "encoding": source.encoding, "max_bytes": source.max_bytes,
                 "kind": kind, "bytes": size, "memory": MEMORY + MEMORY_EACH * size, "seconds": seconds,
                 "level": logging.getLogger(_LOGGER).getEffectiveLevel()}  # fmt: skip
        with self._lock:
            answer = self._ask(asked, source.data, _PATIENCE * seconds)
        if isinstance(answer, str):
            raise InputError(f"{source.shown}: {answer}")
        for name, level, message in answer["said"]:
            logging.getLogger(name).log(level, "%s", message)
        if "error" in answer:
            name, message = answer["error"]
            named: object = getattr(errors, str(name), FormatError)
            raise (named if isinstance(named, type) and issubclass(named, MuwaziError) else FormatError)(message)
        parts = tuple(Part(*part) for part in answer["parts"])
        return Document(answer["id"], answer["lang"], answer["text"], parts, answer["origin"])

    def _ask(self, asked: dict[str, Any], data: bytes, patience: float) -> Any:
        """The answer; in words where there is none."""
        process = self._process
        if process is None or process.poll() is not None:
            process = self._process = self._start()
        try:
            _write(process, json.dumps(asked).encode() + b"\n")
            _write(process, data)
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
            for stream in filter(None, (process.stdin, process.stdout)):
                with contextlib.suppress(OSError):
                    stream.close()


_LATE = b"late"
_LOGGER = "align"


def _write(process: "subprocess.Popen[bytes]", data: bytes) -> None:
    assert process.stdin is not None
    left = memoryview(data)
    while left:
        left = left[process.stdin.write(left):]


def _line(process: "subprocess.Popen[bytes]", patience: float) -> bytes:
    """The next line of an answer; `_LATE` where nothing comes for so many seconds."""
    assert process.stdout is not None
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


# In the other process


def serve(parent: int) -> None:
    """Answer until the other side closes the pipe."""
    die_with(parent)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    heard = _Heard()
    logging.getLogger(_LOGGER).addHandler(heard)
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        bound_memory(asked["memory"])
        data = sys.stdin.buffer.read(asked["bytes"])
        logging.getLogger(_LOGGER).setLevel(asked["level"])
        source = Source(asked["shown"], asked["lang"], data, asked["encoding"], asked["max_bytes"])
        bound_seconds(asked["seconds"])
        answers.write(json.dumps(_answer(source, asked["kind"]) | {"said": heard.taken()}).encode() + b"\n")
        answers.flush()
        del data, source
    os._exit(0)


class _Heard(logging.Handler):
    """Keeps what is logged, to be said in the process that asked."""

    def __init__(self) -> None:
        super().__init__()
        self._records: list[tuple[str, int, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record."""
        self._records.append((record.name, record.levelno, record.getMessage()))

    def taken(self) -> list[tuple[str, int, str]]:
        """The records since the last call: logger, level, message."""
        found, self._records = self._records, []
        return found


def _answer(source: Source, kind: str) -> dict[str, Any]:
    from .formats import read_here

    try:
        found = read_here(source, kind)
        return {"id": found.id, "lang": found.lang, "text": found.text, "origin": found.origin,
                "parts": [[p.start, p.end, p.kind, p.place] for p in found.parts]}
    except MuwaziError as error:
        return {"error": (type(error).__name__, str(error))}
    except MemoryError:
        return {"error": ("InputError", f"{source.shown}: needs more memory to be read than a file of its size may")}
    except RecursionError:
        return {"error": ("FormatError", f"{source.shown}: is nested too deeply")}
    except Exception as error:  # noqa: BLE001 - a parser's fault in a file from outside
        return {"error": ("FormatError", f"{source.shown}: cannot be read ({type(error).__name__}: {str(error)[:150]})")}
