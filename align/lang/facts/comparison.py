"""What a comparison of two versions' facts tells, and one version's side of it while it is made."""

from collections.abc import Sequence
from dataclasses import dataclass

from .types import Fact

STRICTNESS = 0.5  # an unmatched fact below this weight is too weak to report


@dataclass(frozen=True, slots=True)
class Strength:
    """What speaks for and against reporting a fact that found no counterpart; `weight` (0 to 1) sums it up by hand.

    `magnitude` is log10 of 1 + the largest number, `rivals` the facts of the same family left over on the other side,
    `repeated` whether the same fact found its counterpart elsewhere in the pair.
    """

    kind: str
    form: str
    magnitude: float
    small: bool
    ordinal: bool
    several: bool
    ambiguous: bool
    measured: bool
    repeated: bool
    rivals: int
    weight: float


@dataclass(frozen=True, slots=True)
class Match:
    """Two facts that agree; `difference` names what they still leave apart (`bound`, `unit`, `part`), else empty."""

    ar: Fact
    en: Fact
    agreement: float
    difference: str = ""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Two facts that answer each other and say different things."""

    ar: Fact
    en: Fact
    affinity: float
    weight: float
    why: str = "value"


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A fact of one version that nothing in the other answers."""

    side: str
    fact: Fact
    strength: Strength


@dataclass(frozen=True, slots=True)
class Comparison:
    """The facts of an aligned pair: every real fact is in one of the three fields or explained by a hint."""

    matched: tuple[Match, ...] = ()
    mismatches: tuple[Mismatch, ...] = ()
    only: tuple[Unmatched, ...] = ()

    def alarms(self, strictness: float = STRICTNESS) -> tuple[Mismatch | Unmatched, ...]:
        """What is worth reporting: mismatches and one-sided facts of at least this weight."""
        found: list[Mismatch | Unmatched] = [m for m in self.mismatches if m.weight >= strictness]
        return (*found, *(u for u in self.only if u.strength.weight >= strictness))


class Side:
    """One version while it is compared: what is left over, what explains, what was matched."""

    __slots__ = ("hints", "loose", "matched", "name", "places", "real", "rest", "text")

    def __init__(self, name: str, facts: Sequence[Fact], length: int, text: str):
        self.name, self.text = name, text
        self.real = [f for f in facts if f.kind != "hint"]
        self.hints = [f for f in facts if f.kind == "hint"]
        self.rest = list(self.real)
        if length:
            self.places = {f.start: f.start / length for f in self.real}
        else:
            self.places = {f.start: (k + 0.5) / len(self.real) for k, f in enumerate(self.real)}
        self.matched: list[Fact] = []
        self.loose: list[tuple[str, float]] = []  # parts of matched facts that the counterpart does not have

    def place(self, fact: Fact) -> float:
        """The relative position of a fact, 0 to 1."""
        return self.places[fact.start]


MANY = 200  # facts on each side from which on only neighbours in order are compared


def reach(i: int, n: int, m: int) -> range:
    """The facts of a side with `m` of them that fact `i` of `n` is compared with: all, or a window where there are
    very many.
    """
    if n <= MANY or m <= MANY:
        return range(m)
    middle = i * m // n
    return range(max(0, middle - MANY), min(m, middle + MANY))
