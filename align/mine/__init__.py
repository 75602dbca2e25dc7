"""Which lines of two unordered texts translate each other: from neighbours both ways to pairs with a probability.

`candidate_blocks` says of each candidate among what the search found what the vectors and the lengths tell, `cover` and
`agreement` what words and facts do; `choose_parts` gives every line one partner at most and calibrates; `cut` draws the
line where a promised share of the pairs is right. All work on parts: what is in memory does not grow with the texts.
"""

from .candidates import RECORD, Candidates, candidate_blocks, candidates
from .choosing import Mined, choose, choose_parts, cut
from .cover import Words, cover, words
from .facts import agreement

__all__ = ["RECORD", "Candidates", "Mined", "Words", "agreement", "candidate_blocks", "candidates", "choose", "choose_parts",
           "cover", "cut", "words"]
