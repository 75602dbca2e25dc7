"""Arguments in, pipeline called, result printed."""

import contextlib
import os
import sys

# Commands that need the embedded encoder unless another is named: its files are read while the rest is imported.
_ENCODING = {"align", "demo", "encode", "flag", "mine", "report", "score"}


def main() -> None:
    """Run the command."""
    open_missing_streams()
    try:
        _prepare(set(sys.argv[1:]))
        from .main import main as run

        run()
    except KeyboardInterrupt:
        # Before the program proper is there to say it.
        print("muwazi: interrupted", file=sys.stderr, flush=True)
        os._exit(130)  # see main.main


def open_missing_streams() -> None:
    """Open the standard streams that whoever started us has closed on the null device.

    Else the next file that is opened would take their place, and what is meant for the user would be written into it.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))


def open_studio() -> None:
    """Run `muwazi studio`, for a double click: there may be no terminal that could be written to."""
    open_missing_streams()
    from .main import main as run

    run(["studio", *sys.argv[1:]])


def _prepare(asked: set[str]) -> None:
    if asked & _ENCODING and not asked & {"-h", "--help", "-m", "--model", "--list"}:
        from ..encode import prepare
        from ..errors import MuwaziError

        with contextlib.suppress(MuwaziError):  # what is missing is told where it is needed
            prepare()
