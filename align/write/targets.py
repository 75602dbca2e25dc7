"""Which files an output becomes."""

import os
from pathlib import Path

from ..errors import UsageError
from .bitext import moses_paths

_NOT_ONE_STREAM = {"moses": "two files: name their prefix with -o PREFIX", "datasets": "a folder: name it with -o FOLDER"}


def is_stdout(target: str | os.PathLike[str] | None) -> bool:
    """Whether a target is standard output: `-` or None."""
    return target is None or str(target) == "-"


def files_of(target: str | os.PathLike[str] | None, format: str, langs: tuple[str, str] = ("ar", "en")) -> list[Path]:
    """The files, or the folder, that a target becomes in a format; none on stdout.

    Raises UsageError for a format that stdout cannot take.
    """
    if target is None or str(target) == "-":
        if format in _NOT_ONE_STREAM:
            raise UsageError(f"the format {format} writes {_NOT_ONE_STREAM[format]}")
        return []
    return [*moses_paths(target, langs)] if format == "moses" else [Path(target)]
