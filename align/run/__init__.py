"""Corpora: many pairs of documents aligned unattended, on one machine or on many, and resumed where they stopped."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .driver import How, Outcome, Progress, dry_run, run
    from .inputs import Content, Source, find, from_content, from_folders, from_record, from_table
    from .settings import FORMATS, Settings, from_dict

__all__ = ["FORMATS", "Content", "How", "Outcome", "Progress", "Settings", "Source", "dry_run", "find",
           "from_content", "from_dict", "from_folders", "from_record", "from_table", "run", "verify"]  # fmt: skip

# Loaded when asked for: a worker, of which there are as many as cores, needs neither plan nor report.
_PLACES = {
    "driver": ("How", "Outcome", "Progress", "dry_run", "run", "verify"),
    "inputs": ("Content", "Source", "find", "from_content", "from_folders", "from_record", "from_table"),
    "settings": ("FORMATS", "Settings", "from_dict"),
}
_LAZY = {name: place for place, names in _PLACES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        from importlib import import_module

        return getattr(import_module(f".{_LAZY[name]}", __name__), name)
    raise AttributeError(f"module 'align.run' has no attribute {name!r}")
