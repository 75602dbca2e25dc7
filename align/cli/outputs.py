"""Where a command writes: refused before any work is done where it cannot be."""

import sys
from pathlib import Path

from . import options as o


def check_output(output: str | Path, force: bool, format: str = "", langs: tuple[str, str] = ("ar", "en")) -> list[Path]:
    """The files that an output will be, none for stdout; refuses what could not be written."""
    from ..files import check_writable, refuse_terminal
    from ..suffixes import BINARY
    from ..write.targets import files_of

    paths = files_of(output, format, langs)
    if not paths and format in BINARY:
        refuse_terminal(sys.stdout, format)
    if format == "datasets":
        from ..write.columns import check_folder

        check_folder(output, force)
        return paths
    for path in paths:
        check_writable(path, force)
    return paths


def check_others(force: bool, *named: tuple[Path | str | None, str]) -> list[Path]:
    """The files that go beside an output, each with the kind that its name must have; refuses as `check_output`."""
    for path, kind in named:
        o.check_suffix(path, kind)
    return [found for path, _ in named if path is not None for found in check_output(path, force)]


def keep_apart(inputs: list[Path], outputs: list[Path]) -> None:
    """Refuse to write over an input, or two outputs into one file."""
    from ..errors import UsageError

    for at, path in enumerate(outputs):
        taken = [*inputs, *outputs[:at]]
        if path.is_file() or path in taken:
            same = [other for other in taken if other == path or other.exists() and path.exists()
                    and other.samefile(path)]
            if same:
                raise UsageError(f"{path}: is an input or another output of the same run")
