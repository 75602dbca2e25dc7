"""What all tests share: no test touches the user's caches or the network, and the command runs inside the test."""

import gc
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent


class Result(NamedTuple):
    """What a command left: exit status, standard output, standard error."""

    status: int
    out: str
    err: str


@pytest.fixture(scope="session", autouse=True)
def _apart(tmp_path_factory):
    """The cache of vectors in a folder of its own, the model hub at a port that refuses."""
    kept = {name: value for name, value in os.environ.items() if name.startswith("MUWAZI_")}
    for name in kept:
        del os.environ[name]
    patch = pytest.MonkeyPatch()
    patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
    patch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    yield
    patch.undo()
    os.environ.update(kept)


@pytest.fixture
def muwazi(capsys):
    """The command, run in this process as `main` does it; returns a Result."""
    from align.cli.main import _run

    def run(*arguments):
        capsys.readouterr()
        status = _run([str(argument) for argument in arguments])
        return Result(status, *capsys.readouterr())

    return run


@pytest.fixture
def seconds():
    """The processor time of a call: the least of three, without the collector, whose work grows with all other tests."""

    def measure(function, *arguments):
        found = []
        gc.collect()
        gc.disable()
        try:
            for _ in range(3):
                start = time.process_time()
                function(*arguments)
                found.append(time.process_time() - start)
        finally:
            gc.enable()
        return min(found)

    return measure


def heard(more=None):
    """For a process that is to start: it hears signals though the tests run in the background, where they are ignored."""

    def restore():
        for name in ("SIGINT", "SIGHUP", "SIGTERM"):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
        if more is not None:
            more()

    return restore if os.name == "posix" else more


@pytest.fixture
def process(tmp_path):
    """The command in a process of its own; returns a Result with bytes decoded, or the process with `wait=False`."""
    started = []

    def run(*arguments, wait=True, timeout=60, program=("-m", "align"), stdin=subprocess.DEVNULL, **options):
        env = {**os.environ, "PYTHONPATH": str(ROOT), **options.pop("env", {})}
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "cwd": tmp_path, "env": env, **options}
        given = stdin if isinstance(stdin, bytes) else None
        child = subprocess.Popen([sys.executable, *program, *map(str, arguments)], preexec_fn=heard(options.pop("preexec_fn", None)),
                                 stdin=subprocess.PIPE if given is not None else stdin, **options)
        started.append(child)
        if not wait:
            return child
        out, err = child.communicate(given, timeout=timeout)
        return Result(child.returncode, (out or b"").decode(), (err or b"").decode())

    yield run
    for child in started:
        if child.poll() is None:
            child.kill()
        child.communicate()


@pytest.fixture(autouse=True)
def plain_logging():
    """Commands run in this process set up logging; what they set up ends with the test."""
    yield
    logger = logging.getLogger("align")
    logger.handlers, logger.propagate = [], True
    logger.setLevel(logging.NOTSET)
