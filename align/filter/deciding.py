"""Where it is decided which pairs are kept: verdicts, then the cut of a promised precision, counts of both, and where they go."""

import pickle
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self

from ..data import Row
from ..errors import InputError
from .judging import Filter, Verdict
from .precision import Cut, Histogram
from .profile import Profile, load_profile
from .rules import certainty

if TYPE_CHECKING:
    import os


@dataclass(frozen=True, slots=True)
class FilterSpec:
    """Which pairs are kept: `profile` is a preset's name or a TOML file, `precision` what the kept ones are to reach on
    the average, `format` what they are written as (where None, as whoever asks sees fit)."""

    profile: "str | os.PathLike[str]" = "default"
    precision: float | None = None
    format: str | None = None

    def load(self) -> Profile:
        """The profile; raises InputError and UsageError."""
        return load_profile(self.profile)


class Decision(NamedTuple):
    """A pair, which one of the input it was (from 1), and what became of it."""

    number: int
    row: Row
    verdict: Verdict

    @property
    def keep(self) -> bool:
        """Whether the pair is kept."""
        return self.verdict.keep

    def below(self, cut: Cut | None) -> "Decision":
        """The same, rejected where it was kept and the promised precision has no room for it."""
        if cut is None or not self.keep or cut.keeps(certainty(self.row) or 0.0):
            return self
        return self._replace(verdict=self.verdict._replace(reasons=("precision",)))

    def rejected(self, numbered: bool = True) -> Row:
        """The row with the reasons for which it is rejected and, if it is to be `numbered`, which pair of the input it was."""
        extra = {**self.row.extra, "reasons": ",".join(self.verdict.reasons)}
        return replace(self.row, extra={**extra, "number": self.number} if numbered else extra)

    def scored(self) -> Row:
        """The row with every number that rules went by and the reasons; scores with a place of their own are not repeated."""
        known = {f"score_{name}": round(value, 4) for name, value in self.verdict.scores.items()
                 if name not in ("confidence", "sim", "quality", "probability")}  # fmt: skip
        return replace(self.row, extra={**self.row.extra, **known, "reasons": ",".join(self.verdict.reasons)})


def decided(batches: Iterable[Sequence[Row]], judge: Filter, cut: Cut | None = None) -> Iterator[list[Decision]]:
    """What becomes of rows, batch by batch."""
    numbers = count(1)
    for batch in batches:
        yield [Decision(next(numbers), row, verdict).below(cut) for verdict, row in judge.judge_with_rows(batch)]


def cut_for(decisions: Iterable[Decision], precision: float | None) -> Cut | None:
    """The cut that a promised precision needs among decisions of all pairs; None where none is promised."""
    if precision is None:
        return None
    histogram = Histogram()
    for one in decisions:
        if one.keep:
            histogram.add(certainty(one.row) or 0.0)
    return histogram.cut(precision)


_HINTS = {
    "swapped": "most pairs are swapped: are the two files, or columns, in the right order?",
    "copy": "most pairs are copies: do both sides come from the same file or column?",
}


@dataclass(slots=True)
class Tally:
    """What became of the pairs, or beads."""

    what: str = "pairs"
    read: int = 0
    kept: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    alone: Counter[str] = field(default_factory=Counter)
    cut: Cut | None = None

    def add(self, reasons: Sequence[str]) -> None:
        """Count a pair."""
        self.read += 1
        self.kept += not reasons
        self.reasons.update(reasons)
        if len(reasons) == 1:
            self.alone[reasons[0]] += 1

    @property
    def rejected(self) -> int:
        """How many were rejected."""
        return self.read - self.kept

    @property
    def threshold(self) -> float | None:
        """The least confidence that the promised precision leaves; None where it leaves nothing, or is not promised."""
        return self.cut.threshold if self.cut is not None and self.cut.kept else None

    def record(self) -> dict[str, Any]:
        """JSON-ready counts: `read` = `kept` + `rejected`; a pair may have several `reasons`."""
        out: dict[str, Any] = {"read": self.read, "kept": self.kept, "rejected": self.rejected,
                               "reasons": dict(self.reasons.most_common()), "only_reason": dict(self.alone.most_common())}
        if self.cut is not None:
            out["precision"] = {"threshold": self.threshold, "expected": round(self.cut.expected, 6)}
        return out

    def text(self) -> str:
        """The counts in a line or two."""
        share = f" ({self.rejected / self.read:.1%})" if self.read else ""
        lines = [f"{self.read} {self.what}: {self.kept} kept, {self.rejected} rejected{share}"]
        if self.rejected:
            lines.append("reasons, of which one may have several: " + ", ".join(
                f"{name} {number}" for name, number in self.reasons.most_common()))
        if self.cut is not None:
            lines.append("no pair is sure enough for the promised precision" if self.threshold is None else
                         f"expected precision {self.cut.expected:.4f} (confidence {self.threshold:.4f} and more)")
        lines += [hint for reason, hint in _HINTS.items() if 2 * self.reasons[reason] > self.read]
        return "\n".join(lines)


class Sink(Protocol):
    """What takes rows."""

    def write(self, rows: Sequence[Row]) -> None:
        """Append rows."""


@dataclass(slots=True)
class Sorter:
    """Writes decided pairs where they belong, and counts them."""

    tally: Tally
    kept: Sink
    rejects: Sink | None = None
    numbered: bool = True

    def write(self, decisions: Sequence[Decision]) -> None:
        """Append pairs; those rejected have their reasons and, if they are to be `numbered`, which pair they were."""
        for one in decisions:
            self.tally.add(one.verdict.reasons)
        self.kept.write([one.row for one in decisions if one.keep])
        if self.rejects is not None:
            self.rejects.write([one.rejected(self.numbered) for one in decisions if not one.keep])


class Waiting:
    """Kept pairs that wait on the disk, in a file without a name, until all confidences are known."""

    def __init__(self) -> None:
        self.histogram = Histogram()
        self._file = tempfile.TemporaryFile()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, decisions: Sequence[Decision]) -> None:
        """Lay down a batch; raises InputError for pairs of which no confidence is known."""
        for one in decisions:
            found = certainty(one.row)
            if found is None:
                raise InputError(f"pair {one.number} has no confidence, which --precision needs; the profile has it computed "
                                 "unless its rule confidence is off")
            self.histogram.add(found)
        pickle.dump(decisions, self._file, pickle.HIGHEST_PROTOCOL)

    def __iter__(self) -> Iterator[list[Decision]]:
        end = self._file.tell()
        self._file.seek(0)
        while self._file.tell() < end:
            yield pickle.load(self._file)
