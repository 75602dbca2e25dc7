"""Mining: which sentences of two collections, in whatever order, translate each other.

Lines, vectors and what a search found lie in a working folder, in blocks; what stands there is used again. The stages
work on one block at a time, on this machine or on those of a cluster.
"""

from .blocks import Blocks, Folder
from .found import Found, Mining
from .flow import mine_files, mine_lines
from .stages import Engine, Given, Local, Worker

__all__ = ["Blocks", "Engine", "Folder", "Found", "Given", "Local", "Mining", "Worker", "mine_files", "mine_lines"]
