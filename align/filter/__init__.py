"""Which pairs are fit for training: rules with reasons, and nothing dropped without one."""

from .apart import KeptApart
from .judging import REASONS, Filter, Scorer, Verdict, certainty, different_numbers, stored
from .precision import Cut, Histogram
from .profile import PRESETS, Profile, load_profile, profile_of

__all__ = [
    "PRESETS", "REASONS", "Cut", "Filter", "Histogram", "KeptApart", "Profile", "Scorer", "Verdict", "certainty", "different_numbers",
    "load_profile", "profile_of", "stored",
]  # fmt: skip
