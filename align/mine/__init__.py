"""Mining: which sentences of two collections, in whatever order, translate each other.

Of each candidate among what the search found `candidate_blocks` says what the vectors and the lengths tell, `cover` and
`agreement` what words and facts do; `choose_parts` gives every line one partner at most and calibrates; `cut` draws the
line where a promised share of the pairs is right. All work on parts: what is in memory does not grow with the texts.

`mine_files` and `mine_lines` drive it. Lines, vectors and what a search found lie in a working folder, in blocks; what
stands there is used again. The stages work on one block at a time, on this machine or on those of a cluster.
"""

from .blocks import Blocks, Folder
from .candidates import RECORD, Candidates, candidate_blocks, candidates
from .choosing import Mined, choose, choose_parts, cut
from .cover import Words, cover, words
from .facts import agreement
from .flow import mine_files, mine_lines
from .found import Found, Mining
from .stages import Engine, Given, Local, Worker

__all__ = ["RECORD", "Blocks", "Candidates", "Engine", "Folder", "Found", "Given", "Local", "Mined", "Mining", "Words", "Worker",
           "agreement", "candidate_blocks", "candidates", "choose", "choose_parts", "cover", "cut", "mine_files", "mine_lines",
           "words"]  # fmt: skip
