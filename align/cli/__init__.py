"""Arguments in, pipeline called, result printed."""

import contextlib
import os
import sys

# Commands that need the embedded encoder unless another is named: its files are read while the rest is imported.
_ENCODING = {"align", "demo", "encode", "flag", "mine", "report", "score"}


def main() -> None:
    """Run the command."""
    try:
        _prepare(set(sys.argv[1:]))
        from .main import main as run

        run()
    except KeyboardInterrupt:
        # Before the program proper is there to say it.
        print("muwazi: interrupted", file=sys.stderr, flush=True)
        os._exit(130)  # see main.main


def open_studio() -> None:
    """Run `muwazi studio`, for a double click: there may be no terminal that could be written to."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # for as long as the process
    from .main import main as run

    run(["studio", *sys.argv[1:]])


def _prepare(asked: set[str]) -> None:
    if asked & _ENCODING and not asked & {"-h", "--help", "-m", "--model", "--list"}:
        from ..encode import prepare
        from ..errors import MuwaziError

        with contextlib.suppress(MuwaziError):  # what is missing is told where it is needed
            prepare()
