"""What is asked of mining, and what it finds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import UsageError

if TYPE_CHECKING:
    from ..write import Row
    from . import Mined
    from .store import Lines


@dataclass(frozen=True, slots=True)
class Mining:
    """What is asked of mining.

    `k` neighbours are looked up each way; `memory` in bytes is for the index, `index` names its kind (flat, ivf, pq;
    None: the one that suits). Kept are pairs down to the mean probability `precision`, or, without it, of at least
    `min_probability`; and of at least `min_margin`. Without `dedup`, lines that repeat a line are paired like it.
    """

    k: int = 8
    memory: int = 4 << 30
    index: str | None = None
    precision: float | None = None
    min_probability: float = 0.5
    min_margin: float | None = None
    dedup: bool = True

    def __post_init__(self) -> None:
        if self.k < 1 or self.memory < 1 << 20:
            raise UsageError("--k is at least 1, --memory at least 1M")
        if self.precision is not None and not 0 < self.precision < 1:
            raise UsageError(f"--precision lies between 0 and 1, such as 0.95, not {self.precision:g}")


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Found:
    """Pairs that were kept, and the lines they are of; `share` is the estimated share of right ones among the best
    pairs of all lines, `expected` the mean probability of those kept, `failed` what could not be read, with its error."""

    pairs: Mined
    ar: Lines
    en: Lines
    considered: int
    index: tuple[str, str]
    failed: tuple[tuple[str, str], ...] = ()
    dedup: bool = True
    read: tuple[int, int] = (0, 0)

    @property
    def expected(self) -> float:
        """The mean probability of the pairs kept."""
        return float(self.pairs.probabilities.mean()) if len(self.pairs) else 0.0

    def rows(self) -> Iterator[Row]:
        """The pairs, the likeliest first, with both texts and where they stand; `confidence` is the probability."""
        from ..write import Row
        from .store import batches

        number = 0
        for part in batches(len(self.pairs), 1000):
            sides = self.ar.read(self.pairs.ar[part]), self.en.read(self.pairs.en[part])
            for k, (ar, en) in enumerate(zip(*sides, strict=True), part.start):
                both = [(ar, en)] if self.dedup else _repeated(self.ar.copies_of(int(self.pairs.ar[k])),
                                                               self.en.copies_of(int(self.pairs.en[k])))
                for one, two in both:
                    yield Row(number, _side(one), _side(two), float(self.pairs.sims[k]), float(self.pairs.probabilities[k]))
                    number += 1

    def margins(self) -> Iterator[float]:
        """The margin of each of `rows`."""
        for k in range(len(self.pairs)):
            times = 1 if self.dedup else max(self.ar.count_of(int(self.pairs.ar[k])), self.en.count_of(int(self.pairs.en[k])))
            yield from [float(self.pairs.margins[k])] * times


def _repeated(ar: list[Any], en: list[Any]) -> list[tuple[Any, Any]]:
    """Every line of both lists at least once, side by side."""
    return [(ar[min(i, len(ar) - 1)], en[min(i, len(en) - 1)]) for i in range(max(len(ar), len(en)))]


def _side(line: Any) -> Any:
    from ..write.rows import Side

    return Side(line.text, (line.segment,), line.start, line.end, line.place, line.document, line.kind)
