"""What keeps one bad item of very many from ending the work on all others."""

import logging
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, TypeVar, cast

from .errors import MuwaziError

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")
_FATAL: tuple[type[Exception], ...] = (MuwaziError, MemoryError)  # of the input as a whole or of the place: the next item would not fare better


def reason(error: BaseException) -> str:
    """An unforeseen error in one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"


def guarded(otherwise: Callable[..., Any], *expected: type[Exception]) -> Callable[[F], F]:
    """Makes a function of texts answer what `otherwise` gives for the same arguments where it fails, and say so in the log.

    Errors of the classes `expected`, and those raised on purpose, pass.
    """

    passing = (*_FATAL, *expected)

    def around(function: F) -> F:
        @wraps(function)
        def call(*arguments: Any, **named: Any) -> Any:
            try:
                return function(*arguments, **named)
            except passing:
                raise
            except Exception as error:  # noqa: BLE001 - whatever a text does, the others go on
                text = next((part for part in arguments if isinstance(part, str)), "")
                logging.getLogger(function.__module__).warning(
                    "%s failed and is left out for %r (%s)", function.__name__, text[:60], reason(error))
                return otherwise(*arguments, **named)

        setattr(call, "unguarded", function)  # noqa: B010 - functions have no such attribute by their type
        return cast("F", call)

    return around


def answers(ask: Callable[[Sequence[Any]], Sequence[T]], items: Sequence[Any]) -> list[T | Exception]:
    """What `ask` answers for each item; for those with which it fails, the error: it is asked again in halves."""
    try:
        return list(ask(items))
    except _FATAL:
        raise
    except Exception as error:  # noqa: BLE001 - one item of these; the others go on
        if len(items) == 1:
            return [error]
    half = len(items) // 2
    return answers(ask, items[:half]) + answers(ask, items[half:])
