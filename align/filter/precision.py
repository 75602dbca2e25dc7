"""The cut that keeps as many pairs as a promised precision allows."""

import math

_BINS = 10_000


class Histogram:
    """Confidences counted in narrow bins, with the sum of each bin, so that their means are exact.

    The expected precision of a set of pairs is the mean of their confidences, as far as these are calibrated. The
    largest set with a given mean at least is all pairs above a threshold, which two passes find: one to fill the
    histogram, one to cut.
    """

    def __init__(self) -> None:
        self._counts = [0] * (_BINS + 1)
        self._sums = [0.0] * (_BINS + 1)

    def add(self, confidence: float) -> None:
        """Count a pair."""
        k = _bin(confidence)
        self._counts[k] += 1
        self._sums[k] += min(1.0, max(0.0, confidence))

    def cut(self, precision: float) -> "Cut":
        """The lowest threshold from which on the mean confidence is at least `precision`."""
        count, total = 0, 0.0
        best = Cut(math.inf, 0, 0.0)
        for k in range(_BINS, -1, -1):
            if not self._counts[k]:
                continue
            count += self._counts[k]
            total += self._sums[k]
            # Means fall from bin to bin, so the first bin that breaks the promise is the end.
            if total < precision * count - 1e-9:
                break
            best = Cut(k / _BINS, count, total / count)
        return best


class Cut:
    """A threshold of confidence, how many pairs it keeps, and their expected precision."""

    __slots__ = ("expected", "kept", "threshold")

    def __init__(self, threshold: float, kept: int, expected: float) -> None:
        self.threshold, self.kept, self.expected = threshold, kept, expected

    def keeps(self, confidence: float) -> bool:
        """Whether a pair of this confidence is kept."""
        return math.isfinite(self.threshold) and _bin(confidence) >= round(self.threshold * _BINS)


def _bin(confidence: float) -> int:
    return int(min(1.0, max(0.0, confidence)) * _BINS)
