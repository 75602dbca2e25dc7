"""Answers kept: functions of one string that running text asks again and again."""

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
_MOST = 1 << 18
_LONGEST = 256  # a longer string is hardly asked for again


class _Memory(dict[str, T]):
    """The answers of a function; all are forgotten when there are too many."""

    __slots__ = ("_function",)

    def __init__(self, function: Callable[[str], T]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, key: str) -> T:
        if len(key) > _LONGEST:
            return self._function(key)
        if len(self) >= _MOST:
            self.clear()
        self[key] = answer = self._function(key)
        return answer


def memoise(function: Callable[[str], T]) -> Callable[[str], T]:
    """`function` with its answers kept.

    A plain dict is found faster than an entry of `functools.lru_cache`, and strings and numbers in it cost the garbage
    collector nothing, where every entry there is one more object to visit.
    """
    return _Memory(function).__getitem__
