"""The program: options of every command, errors to one line and an exit status."""

import contextlib
import logging
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from .. import __version__
from ..cells import safe, visible
from ..choices import LogFormat
from ..errors import MuwaziError, OutputError, UsageError
from ..files import read_toml
from . import align, filter, flags, mine, mistakes, pair, review, run, split, studio, tools
from .options import choice, option

CONTEXT = {"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "MUWAZI"}
# Options of the program that may stand behind the command too; with a value or without.
_ANYWHERE = {"-q": False, "--quiet": False, "-v": False, "-vv": False, "--verbose": False, "--debug": False,
             "--safe-cells": False, "--log-format": True, "--config": True}

app = typer.Typer(name="muwazi", no_args_is_help=True, context_settings=CONTEXT, pretty_exceptions_enable=False,
                  add_completion=True, rich_markup_mode=None,
                  help="Arabic–English parallel text: align two versions of a text, find what stands in one only.",
                  epilog="Example: muwazi align ar.txt en.txt -o bitext.tsv   |   muwazi demo")
for module in (align, flags, filter, split, review, studio, pair, mine, run, tools):
    module.register(app)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"muwazi {__version__}")
        raise typer.Exit


@app.callback()
def _program(
    context: typer.Context,
    version: Annotated[bool, option("--version", "-V", callback=_version, is_eager=True,
                                          help="Print the version and stop.")] = False,
    quiet: Annotated[bool, option("--quiet", "-q", help="Nothing on stderr but errors.")] = False,
    verbose: Annotated[int, option("--verbose", "-v", count=True, help="Say more; twice for all.")] = 0,
    log_format: Annotated[LogFormat, choice(help="text, or json: an object a line on stderr.")] = "text",
    config: Annotated[Path | None, option(help="TOML file with options, at the top or in a table a command.",
                                                dir_okay=False)] = None,
    safe_cells: Annotated[bool, option("--safe-cells", help="Put an apostrophe before cells of TSV and CSV that a spreadsheet "
                                       "would take for a formula.")] = False,
    debug: Annotated[bool, option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    safe.set(safe_cells)
    _start_logging(quiet, verbose, log_format)
    context.obj = {"quiet": quiet}
    if config is not None:
        context.default_map = _read_config(config, context.command.commands)


def _read_config(path: Path, commands: Mapping[str, Any]) -> dict[str, Any]:
    """Options by command: those at the top of the file hold for each command that knows them."""
    found = read_toml(path)
    tables = {key: value for key, value in found.items() if isinstance(value, dict)}
    top = {key: value for key, value in found.items() if key not in tables}
    known = {name: {spelt.lstrip("-").replace("-", "_"): parameter.name for parameter in command.params
                    for spelt in (*parameter.opts, *parameter.secondary_opts)} for name, command in commands.items()}
    for key in top:
        if not any(_plain(key) in options for options in known.values()):
            raise UsageError(f"{path}: {key} is no option of muwazi")
    for name, table in tables.items():
        if name not in known:
            raise UsageError(f"{path}: [{name}] is no command of muwazi")
        for key in table:
            if _plain(key) not in known[name]:
                raise UsageError(f"{path}: {key} is no option of muwazi {name}")
    return {name: {options[_plain(key)]: value for key, value in {**top, **tables.get(name, {})}.items()
                   if _plain(key) in options} for name, options in known.items()}


def _plain(key: str) -> str:
    return key.replace("-", "_")


class _Plain(logging.Formatter):
    """A line for people."""

    def format(self, record: logging.LogRecord) -> str:
        return visible(super().format(record))


class _Json(logging.Formatter):
    """A JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        import json

        return json.dumps({"level": record.levelname.lower(), "logger": record.name, "message": record.getMessage()},
                          ensure_ascii=False)


def _start_logging(quiet: bool, verbose: int, log_format: str) -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(_Json() if log_format == "json" else _Plain("muwazi: %(message)s"))
    level = logging.ERROR if quiet else (logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)]
    root = logging.getLogger("align")
    root.handlers, root.propagate = [handler], False
    root.setLevel(level)


def _hoisted(arguments: list[str]) -> list[str]:
    """The arguments with the program's own options, wherever they stood, in front."""
    front, rest = [], []
    at = 0
    while at < len(arguments):
        argument = arguments[at]
        if argument == "--":
            return [*front, *rest, *arguments[at:]]
        name = argument.partition("=")[0]
        takes = _ANYWHERE.get(name) if "=" in argument else _ANYWHERE.get(argument)
        if takes is None or ("=" in argument and not takes):
            rest.append(argument)
        elif takes and "=" not in argument and at + 1 < len(arguments):
            front += arguments[at:at + 2]
            at += 1
        else:
            front.append(argument)
        at += 1
    return front + rest


def _stop(signum: int, _frame: object) -> None:
    raise SystemExit(128 + signum)


def main(arguments: list[str] | None = None) -> None:
    """Run the command; every error ends in one line on stderr and its exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace" if stream is sys.stderr else "strict")
    from ..read.formats import read_apart

    read_apart()
    for name in ("SIGTERM", "SIGHUP"):  # so that what was begun is tidied away
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _stop)
    try:
        status = _run(arguments)
    except SystemExit as stop:
        status = stop.code if isinstance(stop.code, int) else 1
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    # Nothing is left to tidy; and a thread may still be loading the encoder in C++, which aborts when the interpreter
    # goes away under it.
    os._exit(status)


def _run(arguments: list[str]) -> int:
    debug = "--debug" in arguments
    usage_errors = typer.BadParameter.__mro__[2]  # the base of typer's own, whose module's name has changed
    try:
        _invoke(_hoisted(arguments))
        sys.stdout.flush()
        return 0
    except BrokenPipeError:
        # Whoever read us has seen enough. Nothing more can be written, not even by the interpreter at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except typer.Exit as stop:
        return stop.exit_code
    except (KeyboardInterrupt, typer.Abort) as stop:
        return _complain(str(stop) or "interrupted", 130)
    except usage_errors as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            error.show()
            return 2
        return _complain(mistakes.told(error, arguments), 2)
    except MuwaziError as error:
        if debug:
            raise
        return _complain(str(error), error.status)
    except MemoryError:
        return _complain("not enough memory for this input", 1)
    except OSError as error:
        if debug:
            raise
        where = f"{error.filename}: " if error.filename else ""
        return _complain(f"{where}{error.strerror or error}", OutputError.status)
    except Exception as error:
        if debug:
            raise
        return _complain(f"internal error ({type(error).__name__}: {error}); --debug shows where", 1)


def _invoke(arguments: list[str]) -> None:
    """Run a command without typer's own handling of interrupts and closed pipes, which ends in other statuses."""
    if "_MUWAZI_COMPLETE" in os.environ:
        app(args=arguments, prog_name="muwazi", standalone_mode=False)
    command = typer.main.get_command(app)
    with command.make_context("muwazi", arguments) as context:
        command.invoke(context)


def _complain(message: str, status: int) -> int:
    print("muwazi: " + visible(" ".join(message.split())), file=sys.stderr)
    return status
