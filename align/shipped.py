"""Where the shipped `models/` and `corpora/` are: inside the wheel, or beside the package in a checkout."""

from pathlib import Path

from .errors import InputError

_PACKAGE = Path(__file__).resolve().parent


def folder(kind: str) -> Path:
    """The folder of shipped `models` or `corpora`; raises InputError when the installation lacks it."""
    for base in (_PACKAGE / "_shipped", _PACKAGE.parent):
        if (base / kind).is_dir():
            return base / kind
    raise InputError(f"the shipped {kind} are missing from this installation; reinstall muwazi")


def names(kind: str) -> list[str]:
    """Names of the shipped models or corpora, sorted."""
    return sorted(p.name for p in folder(kind).iterdir() if p.is_dir() and not p.name.startswith((".", "_")))
