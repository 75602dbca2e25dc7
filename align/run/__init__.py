"""Corpora: many pairs of documents aligned unattended, on one machine or on many, and resumed where they stopped."""

from .driver import How, Outcome, Progress, dry_run, run
from .filtering import Sieve
from .inputs import Content, Source, find, from_content, from_folders, from_record, from_table
from .settings import FORMATS, Settings, from_dict

__all__ = ["FORMATS", "Content", "How", "Outcome", "Progress", "Settings", "Sieve", "Source", "dry_run", "find",
           "from_content", "from_dict", "from_folders", "from_record", "from_table", "run"]  # fmt: skip
