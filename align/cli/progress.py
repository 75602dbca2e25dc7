"""Progress on stderr: a bar on a terminal, else a line every so often, nothing when quiet."""

import sys
import time
from typing import Any, Self

import typer

_EVERY = 15.0  # seconds between two lines of progress where there is no terminal


class Meter:
    """Counts what is done of `total`, or of what nobody knows the size of; a context manager.

    `what` is counted, in the plural.
    """

    def __init__(self, context: typer.Context, what: str, total: int | None = None) -> None:
        self.quiet, self.what, self.total = context.obj["quiet"], what, total
        self.start = self.last = time.monotonic()
        self.bar: Any = None
        self.task: Any = None

    def __enter__(self) -> Self:
        if not self.quiet and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

            columns = [TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[said]}")]
            self.bar = Progress(*columns, *([TimeRemainingColumn()] if self.total else []), console=Console(stderr=True),
                                transient=True)  # fmt: skip
            self.task = self.bar.add_task(self.what, total=self.total, said="")
            self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.stop()

    def __call__(self, done: int) -> None:
        """So many are done by now."""
        if self.quiet:
            return
        now = time.monotonic()
        of = f" of {self.total:,}" if self.total else ""
        rate = f", {done / (now - self.start):,.0f}/s" if now > self.start else ""
        if self.bar is not None:
            self.bar.update(self.task, completed=done, said=f"{done:,}{of}{rate}")
        elif now - self.last >= _EVERY:
            self.last = now
            print(f"muwazi: {done:,}{of} {self.what}{rate}", file=sys.stderr, flush=True)
