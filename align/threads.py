"""Work shared out in blocks: matrix products on the calling thread alone, blocks on as many threads as cores."""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


_most: int | None = None
_alone = False


def limit(threads: int) -> None:
    """Let this process count on no more than so many processors: others work beside it."""
    global _most
    _most = threads


def cores() -> int:
    """Processors that this process may use."""
    there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return there if _most is None else min(there, _most)


@cache
def _blas() -> Any:
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:
        return None
    return ThreadpoolController()


def one_blas_thread() -> AbstractContextManager[Any]:
    """Keeps NumPy's matrix products on the calling thread: products as small as ours lose many times their own time
    in waiting for other threads as soon as another process wants a core. Inside of itself it costs nothing."""
    return nullcontext() if _alone else _one_blas_thread()


@contextmanager
def _one_blas_thread() -> Iterator[None]:
    global _alone
    controller = _blas()
    with controller.limit(limits=1, user_api="blas") if controller else nullcontext():
        _alone = True
        try:
            yield
        finally:
            _alone = False


def ahead(work: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
    """Results of `work` on every item, in order; threads work on the next few while the caller uses one."""
    threads = cores()
    if threads < 2 or len(items) < 3:
        yield from map(work, items)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(threads) as pool:
        waiting = deque(pool.submit(work, item) for item in items[: threads + 1])
        try:
            for item in items[threads + 1 :]:
                yield waiting.popleft().result()
                waiting.append(pool.submit(work, item))
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
