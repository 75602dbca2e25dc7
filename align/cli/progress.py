"""Progress on stderr: a bar on a terminal, else a line every so often, nothing when quiet."""

import sys
import time
from typing import Any, Self

import typer

_EVERY = 15.0  # seconds between two lines of progress where there is no terminal


class Meter:
    """Counts what is done of `total`, or of what nobody knows the size of; a context manager.

    `what` is counted, in the plural; without `lines` nothing is said where there is no terminal. A subclass may say more
    with `rate` and count several things with `task`.
    """

    def __init__(self, context: typer.Context, what: str, total: int | None = None, *, lines: bool = True) -> None:
        self.quiet, self.what, self.total, self.lines = context.obj["quiet"], what, total, lines
        self.start = self.last = time.monotonic()
        self.bar: Any = None
        self._tasks: dict[str, Any] = {}

    def __enter__(self) -> Self:
        if not self.quiet and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

            columns = [TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[said]}")]
            self.bar = Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True)
            self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.stop()

    def __call__(self, done: int, total: int | None = None) -> None:
        """So many are done by now, of so many."""
        now = time.monotonic()
        rate = f"{done / (now - self.start):,.0f}/s" if now > self.start else ""
        self.tell(self.what, done, self.total if total is None else total, rate)

    def tell(self, what: str, done: int, total: int | None, rate: str) -> None:
        """So many of a thing are done by now, of so many, so fast."""
        if self.quiet:
            return
        of = f" of {total:,}" if total else ""
        if self.bar is not None:
            if what not in self._tasks:
                self._tasks[what] = self.bar.add_task(what, total=total, said="")
            self.bar.update(self._tasks[what], completed=done, total=total, said=", ".join(filter(None, (f"{done:,}{of}", rate))))
        elif self.lines and time.monotonic() - self.last >= _EVERY:
            self.last = time.monotonic()
            print(f"muwazi: {', '.join(filter(None, (f'{done:,}{of} {what}', rate)))}", file=sys.stderr, flush=True)


class Stages(Meter):
    """Counts what is done in each of several stages, on a terminal."""

    def __init__(self, context: typer.Context) -> None:
        super().__init__(context, "", lines=False)
        self._begun: dict[str, float] = {}

    def __call__(self, stage: str, done: int, total: int | None = None) -> None:  # type: ignore[override]
        """So many are done by now in a stage, of so many."""
        seconds = time.monotonic() - self._begun.setdefault(stage, time.monotonic())
        self.tell(stage, done, total or None, f"{done / seconds:,.0f}/s" if seconds > 0 else "")
