"""What bounds a process: memory, processor time, and the life of the one that started it."""

import ctypes
import os
import signal
import sys

_DEATH = 1  # PR_SET_PDEATHSIG


def bound_memory(most: int | None) -> None:
    """Let this process have no more than so many bytes of data, where the system can: what wants more gets MemoryError."""
    if most is not None:
        _bound("RLIMIT_DATA", most)


def bound_seconds(most: int) -> None:
    """Let this process use so many seconds of the processor from now on; then the system ends it by SIGXCPU."""
    _bound("RLIMIT_CPU", int(sum(os.times()[:2])) + 1 + most)


def _bound(which: str, wanted: int) -> None:
    try:
        import resource

        kind = getattr(resource, which)
        _, most = resource.getrlimit(kind)
        resource.setrlimit(kind, (wanted if most == resource.RLIM_INFINITY else min(wanted, most), most))
    except (ImportError, AttributeError, ValueError, OSError):
        return


def die_with(parent: int) -> None:
    """Have the system end this process when its parent dies, where the system can."""
    if sys.platform == "linux":
        try:
            ctypes.CDLL(None).prctl(_DEATH, signal.SIGKILL, 0, 0, 0)
        except (OSError, AttributeError):
            return
        if os.getppid() != parent:
            os._exit(0)
