"""Which pairs are fit for training: rules with reasons, and nothing dropped without one."""

from .apart import KeptApart
from .deciding import Decision, FilterSpec, Sorter, Tally, cut_for, decided
from .judging import REASONS, Filter, Scorer, Verdict
from .precision import Cut, Histogram
from .profile import PRESETS, Profile, load_profile, profile_of
from .rules import certainty, different_numbers, stored

__all__ = [
    "PRESETS", "REASONS", "Cut", "Decision", "Filter", "FilterSpec", "Histogram", "KeptApart", "Profile", "Scorer", "Sorter", "Tally",
    "Verdict", "certainty", "cut_for", "decided", "different_numbers", "load_profile", "profile_of", "stored",
]  # fmt: skip
