"""What a comparison of the names of a bead tells."""

from dataclasses import dataclass

from .find import Name


@dataclass(frozen=True, slots=True)
class NameMatch:
    """An English and an Arabic span (code points) that name the same, how that is known, and how surely."""

    ar: tuple[int, int]
    en: tuple[int, int]
    how: str
    probability: float


@dataclass(frozen=True, slots=True)
class NameAlert:
    """A name with no counterpart in the bead.

    `relation` is `only`, `mismatch` (another name stands in its place) or `moved` (found elsewhere in the document).
    `strength` (0 to 1) says how surely content is missing; `why` names what it rests on; `nearest` is the span (code
    points) on the other side that comes closest, with its probability of being the same name.
    """

    side: str
    name: Name
    relation: str
    strength: float
    why: tuple[str, ...]
    nearest: tuple[int, int] | None = None
    nearest_probability: float = 0.0


@dataclass(frozen=True, slots=True)
class NameComparison:
    """The names of a bead: those that answer each other, and those of one side only."""

    matched: tuple[NameMatch, ...]
    only_ar: tuple[NameAlert, ...]
    only_en: tuple[NameAlert, ...]

    @property
    def alerts(self) -> tuple[NameAlert, ...]:
        """All names without counterpart, Arabic ones first."""
        return self.only_ar + self.only_en
