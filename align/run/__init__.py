"""Corpora: many pairs of documents aligned unattended, on one machine or on many, and resumed where they stopped."""

from .driver import How, Outcome, Progress, dry_run, run
from .inputs import Source, find, from_folders, from_record, from_table
from .settings import FORMATS, Settings, from_dict

__all__ = ["FORMATS", "How", "Outcome", "Progress", "Settings", "Source", "dry_run", "find", "from_dict",
           "from_folders", "from_record", "from_table", "run"]  # fmt: skip
