"""What the aligner knows of the two sides: vectors, lengths, closing marks, links; no text and no model."""

from dataclasses import dataclass

import numpy as np

from ..data import Vectors
from ..errors import EncoderError

# Lengths, in characters, of the windows at the beginning and end of a segment; each goes on to the end of its word.
WINDOWS = (20, 40, 80, 160)
MARKS = 7  # classes of closing marks: none, full stop, question, exclamation, colon, ellipsis, comma or dash


@dataclass(frozen=True, slots=True)
class Side:
    """One side's segments, as the aligner sees them.

    `vectors` holds the spans; `lengths` characters a segment, shape (n,); `closings` the class of the mark that ends
    each segment, 0 to MARKS - 1, shape (n,); `heads` and `tails` unit rows of the beginning and the end of each
    segment in windows of WINDOWS characters, shape (len(WINDOWS), n, dimension), or None where the encoder has none:
    then whole segments stand in for them. `furniture` tells titles and page furniture, shape (n,): they seldom make a
    bead with anything else; None for none.
    """

    vectors: Vectors
    lengths: np.ndarray
    closings: np.ndarray
    heads: np.ndarray | None = None
    tails: np.ndarray | None = None
    furniture: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.vectors)


@dataclass(frozen=True, slots=True)
class Links:
    """Things that stand on both sides and seldom: `weights[k]` ties segment `first[k]` to `second[k]`."""

    first: np.ndarray
    second: np.ndarray
    weights: np.ndarray

    @classmethod
    def none(cls) -> "Links":
        """No links."""
        return cls(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32))


class Centred:
    """Spans of one side with the mean of its segments taken away, without a copy of them; `rows` one after the other.

    The cosine of centred spans is (x.y - x.v - u.y + u.v) / (|x - u| |y - v|) for the means u and v; this holds the
    parts that belong to one side. Zero rows (nothing there) stay at similarity 0.
    """

    def __init__(self, spans: np.ndarray):
        self.spans = np.ascontiguousarray(spans, np.float32)
        self.rows = self.spans.reshape(-1, spans.shape[2])
        single = spans[0]
        self.mean = (single.sum(0, dtype=np.float64) / (len(single) + 1)).astype(np.float32)

    def meet(self, other: "Centred", scale: float = 1.0) -> None:
        """Work out what the similarity to the other side needs: `products` of all spans with its mean, `norms` of all
        spans less the own mean (infinite for zero rows, so that they are similar to nothing), both (width, n). A `scale`
        on both sides multiplies their similarities.

        Raises EncoderError for vectors that are no numbers.
        """
        both = (self.rows @ np.stack([self.mean, other.mean], axis=1)).reshape(*self.spans.shape[:2], 2)
        if not np.isfinite(both).all():
            raise EncoderError("the encoder gave vectors that are not numbers")
        self.products = np.ascontiguousarray(both[..., 1])
        self.norms = self.lengths(self.spans, both[..., 0]) / np.float32(np.sqrt(scale))

    def lengths(self, rows: np.ndarray, products: np.ndarray) -> np.ndarray:
        """Length of unit rows less the mean, given their products with it; infinite for zero rows."""
        norms = np.sqrt(np.maximum(1 - 2 * products + self.mean @ self.mean, 1e-12))
        norms[~np.any(rows[..., :4], axis=-1)] = np.inf
        return norms

    def ending(self, corners: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, ...]:
        """Of the spans of `sizes` segments that end at `corners`: rows in `rows`, products, norms, and which exist; row -1
        for those that do not."""
        width, n = self.spans.shape[:2]
        starts = corners - sizes
        exist = (starts >= 0) & (corners <= n) & (sizes > 0) & (sizes <= width)
        at = np.where(exist, (sizes - 1) * n + starts, -1)
        return at, self.products.take(at), self.norms.take(at), exist

    def units(self, at: slice | np.ndarray = slice(None)) -> np.ndarray:
        """Unit rows of single segments, centred; shape (segments, dimension)."""
        return (self.spans[0, at] - self.mean) / self.norms[0, at][:, None]
