"""Which lines of two unordered texts translate each other: from neighbours both ways to pairs with a probability.

`candidates` takes what the search found, `Evidence` says of each candidate what the vectors, the lengths and, where they
are known, the words and facts tell; `choose` gives every line one partner at most and calibrates; `cut` draws the line
where a promised share of the pairs is right.
"""

from .candidates import Candidates, candidates
from .choosing import Mined, choose, cut
from .cover import Words, cover, words
from .facts import agreement

__all__ = ["Candidates", "Mined", "Words", "agreement", "candidates", "choose", "cover", "cut", "words"]
