"""Whether the numbers, dates and names of two lines agree."""

import numpy as np

from ..lang.facts import compare, extract
from ..lang.names import match_names

FEATURES = ("facts_same", "facts_apart", "names_same", "names_apart")
"""What facts and names tell of a pair, by name; see `agreement`."""
_MOST = 4.0


def agreement(ar: str, en: str) -> np.ndarray:
    """Facts that agree, weights of those that contradict or stand alone, and the same of names, float32 of shape (4,)."""
    found = compare(extract(ar, "ar", True), extract(en, "en", True), (len(ar), len(en)))
    apart = sum(m.weight for m in found.mismatches) + sum(u.strength.weight for u in found.only)
    names = match_names(ar, en)
    alone = sum(alert.strength for alert in (*names.only_ar, *names.only_en))
    values = (sum(m.agreement for m in found.matched), apart, len(names.matched), alone)
    return np.minimum(np.array(values, np.float32), _MOST)
