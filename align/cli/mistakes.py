"""What a wrong call is told: what was wrong, and the call that would be right, in one line."""

import re
from pathlib import Path
from typing import Any

from ..choices import listed
from .options import did_you_mean

_EXTRA = re.compile(r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)$", re.DOTALL)
_MISSING = re.compile(r"Missing (argument|option) ['\"](.*?)['\"]")
_COMMAND = re.compile(r"No such command '(.*?)'", re.DOTALL)
_OPTION = re.compile(r"No such option: (\S+)")
_CHOICE = re.compile(r"(?:Invalid value for [^:]*: )?'(.*)' is not one of ", re.DOTALL)


def told(error: Any, arguments: list[str]) -> str:
    """The message for a usage error of the command line's library, whose own words name no cure."""
    message = error.format_message()
    context = getattr(error, "ctx", None)
    command = getattr(context, "command", None)
    if found := _EXTRA.search(message):
        return _too_many(found[1].split(), command)
    if found := _MISSING.match(message):
        return _missing(found[1], found[2], command)
    if found := _COMMAND.match(message):
        return _no_command(found[1], message, arguments)
    if (found := _OPTION.match(message)) and command is not None:
        return _no_option(found[1], getattr(error, "possibilities", None), command)
    if (found := _CHOICE.match(message)) and getattr(error, "param", None) is not None:
        return _no_choice(found[1], error.param, command)
    return message if command is None or message.count("--") else f"{message} (see muwazi {_name(command)} --help)"


def _name(command: Any) -> str:
    return "" if command.name in (None, "muwazi") else command.name


def _arguments(command: Any) -> list[str]:
    """The arguments that a command takes, as its help calls them."""
    return [p.metavar or p.name.upper() for p in command.params if p.param_type_name == "argument"]


def _writes(command: Any) -> bool:
    return any("-o" in p.opts for p in command.params)


def _too_many(extra: list[str], command: Any) -> str:
    if command is None:
        return f"{' '.join(extra)}: one argument too many"
    taken = _arguments(command)
    takes = f"takes {' and '.join(taken)}" if taken else "takes no arguments"
    if _writes(command):
        return f"{command.name} {takes}; {' '.join(extra)} is too many: to write there, say -o {extra[0]}"
    return f"{command.name} {takes}; {' '.join(extra)} is too many (see muwazi {command.name} --help)"


def _missing(kind: str, what: str, command: Any) -> str:
    name = command.name if command is not None else "muwazi"
    if kind == "option":
        short = next((o for o in ("-o",) if o in what), what.split(" / ")[0].strip("'"))
        metavar = next((p.metavar for p in command.params if short in p.opts and p.metavar), "VALUE") if command else "VALUE"
        return f"{name} needs {what.replace(chr(39), '')}: say {short} {metavar}"
    taken = _arguments(command) if command is not None else [what]
    return f"{name} takes {' and '.join(taken)}: {what} is missing (see muwazi {name} --help)"


def _no_command(given: str, message: str, arguments: list[str]) -> str:
    if Path(given).exists():
        files = [argument for argument in arguments if not argument.startswith("-")][:2]
        if all(Path(name).is_dir() for name in files):
            return f"{given} is a folder, not a command: say muwazi run {' '.join(files)} -o FOLDER"
        return f"{given} is a file, not a command: say muwazi align {' '.join(files)}"
    near = message.partition("Did you mean ")[2].rstrip("?").strip("'\"")
    return f"no command is called {given!r}" + (f"; did you mean {near}?" if near else "; muwazi --help lists them")


def _no_option(given: str, possible: Any, command: Any) -> str:
    where = f"muwazi {_name(command)}".strip()
    near = ", ".join(possible or ())
    return f"{where} has no option {given}" + (f"; did you mean {near}?" if near else f"; {where} --help lists them")


def _no_choice(given: str, param: Any, command: Any) -> str:
    known = tuple(param.type.choices)
    near = did_you_mean(given.lower(), known)
    if param.name == "format":
        return f"unknown format {given!r}{near or ';'} known are {', '.join(known)}"
    named = _name(command) if param.param_type_name == "argument" else max(param.opts, key=len)
    verb = "takes" if param.param_type_name == "argument" else "is"
    return f"{named} {verb} {listed(known)}, not {given!r}{near}"
