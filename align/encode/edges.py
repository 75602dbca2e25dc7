"""Vectors of the beginnings and ends of texts, for encoders that give windows cheaply."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

# A window that would leave less than this many characters takes them too.
_REST = 8
# Texts worked on at once: bounds memory.
_TEXTS = 4096


def edge_vectors(encoder, texts: Sequence[str], sizes: Sequence[int]) -> "tuple[np.ndarray, np.ndarray] | None":
    """Unit rows of the first and the last `sizes` characters of each text, each window ending at a word's end.

    Two float16 arrays of shape (len(sizes), len(texts), dimension); a short text stands for its own windows. None for
    an encoder without `windows`.
    """
    import numpy as np

    if not hasattr(encoder, "windows"):
        return None
    heads, tails = (np.zeros((len(sizes), len(texts), encoder.dimension), np.float16) for _ in range(2))
    for at in range(0, len(texts), _TEXTS):
        batch = texts[at:at + _TEXTS]
        parts = [[(0, _head(text, size)) for size in sizes] + [(_tail(text, size), len(text)) for size in sizes]
                 for text in batch]
        for i, found in enumerate(encoder.windows(batch, parts)):
            heads[:, at + i], tails[:, at + i] = found.inside[:len(sizes)], found.inside[len(sizes):]
    return heads, tails


def _head(text: str, size: int) -> int:
    """Where the word that holds character `size` ends, or the end of the text if little is left."""
    end = text.find(" ", size)
    return len(text) if end < 0 or len(text) - end < _REST else end


def _tail(text: str, size: int) -> int:
    """Where the word that holds the character `size` from the end begins, or 0 if little is left."""
    start = text.rfind(" ", 0, max(len(text) - size, 0)) + 1
    return 0 if start < _REST else start
