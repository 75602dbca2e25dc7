"""One run at a time on one output: a lock that goes when its process goes, or a lease on object storage."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
import socket
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

from ..errors import OutputError
from .storage import Store, file_system

_NAME = ".lock"
_LEASE = ".lease"
_NO_CONDITION = (errno.ENOSYS, errno.EOPNOTSUPP)  # of a store that cannot write only what is not there yet
# Seconds after which a lease that nobody renewed is free, and between two renewals.
_LASTS, _EVERY = 180.0, 30.0


@contextlib.contextmanager
def locked(store: Store) -> Iterator[None]:
    """Holds the output for this process; raises OutputError where another run has it."""
    with _lease(store) if store.is_remote else _lock(os.path.join(store.root, _NAME), store.shown):
        yield


@contextlib.contextmanager
def _lock(path: str, shown: str) -> Iterator[None]:
    try:
        # Not inherited: a worker that outlives its driver must not hold the lock.
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o666)
    except OSError as error:
        raise OutputError(f"{shown}: cannot be written: {error.strerror}") from error
    try:
        if not _take(descriptor):
            holder = os.pread(descriptor, 200, 0).decode("utf-8", "replace").strip() if hasattr(os, "pread") else ""
            raise OutputError(f"{shown}: another run works on it" + (f" ({holder})" if holder else ""))
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"process {os.getpid()} on {socket.gethostname()}\n".encode())
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> bool:
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        raise OutputError(f"the output's folder takes no locks: {error.strerror}") from error
    return True


@contextlib.contextmanager
def _lease(store: Store) -> Iterator[None]:
    """An object that says who works here and until when, renewed by a thread."""
    system, path = file_system(store.at(_LEASE))
    mine = f"process {os.getpid()} on {socket.gethostname()} {secrets.token_hex(8)}"

    def write(exclusive: bool = False) -> None:
        text = json.dumps({"holder": mine, "until": time.time() + _LASTS}).encode()
        system.pipe_file(path, text, **({"mode": "create"} if exclusive else {}))

    def holder() -> dict[str, Any] | None:
        system.invalidate_cache()
        try:
            found = json.loads(system.cat_file(path))
            return found if isinstance(found, dict) else None
        except (FileNotFoundError, ValueError):
            return None

    held = holder()
    if held is not None and held.get("until", 0) > time.time() and not _is_dead(str(held.get("holder"))):
        raise OutputError(f"{store.shown}: another run works on it ({held.get('holder', '').rpartition(' ')[0]}); "
                          f"its lease ends in {held['until'] - time.time():.0f} s unless it is renewed")
    try:
        try:
            write(exclusive=held is None)
        except FileExistsError:
            raise OutputError(f"{store.shown}: another run works on it") from None
        except (TypeError, OSError) as error:
            # A file system that knows no such mode, or a store that knows no such condition: the look below decides.
            if isinstance(error, OSError) and error.errno not in _NO_CONDITION:
                raise
            write()
        # Whoever wrote last of several that began at once holds it.
        if (holder() or {}).get("holder") != mine:
            raise OutputError(f"{store.shown}: another run works on it")
    except OutputError:
        raise
    except Exception as error:
        raise OutputError(f"{store.shown}: cannot be written: {' '.join(str(error).split())}") from error
    stop = threading.Event()

    def renew() -> None:
        while not stop.wait(_EVERY):
            with contextlib.suppress(Exception):
                write()

    thread = threading.Thread(target=renew, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        with contextlib.suppress(Exception):
            system.rm_file(path)


def _is_dead(holder: str) -> bool:
    """Whether a lease's holder is a process of this machine that has ended."""
    words = holder.split()
    if len(words) != 5 or words[3] != socket.gethostname() or not words[1].isdigit():
        return False
    try:
        os.kill(int(words[1]), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
