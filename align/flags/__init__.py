"""What stands in one version only: from an alignment to flags.

Three detectors kept apart, each with its own calibration: segments that the aligner left alone (`units`), numbers, dates
and names (`typed`), phrases and clauses by the cover of their words (`coverage`, `spans`).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np

    from ..data import Alignment, Flag, Judged, Segmented
    from .judging import Glossary

__all__ = ["PairScore", "bead_probability", "judge", "judge_together", "score_pairs", "word_places", "word_rows"]


class PairScore(NamedTuple):
    """The probability that a pair is a right and complete translation, and its flags (offsets are code points in its texts)."""

    probability: float
    flags: "tuple[Flag, ...]"


def judge(ar: "Segmented", en: "Segmented", alignment: "Alignment", encoder: Any, *,
          glossary: "Glossary | None" = None, min_probability: float | None = None,
          states: "Mapping[str, Mapping[int, np.ndarray]] | None" = None) -> "Judged":  # fmt: skip
    """The flags of an aligned pair, in reading order.

    `glossary` is a user's file of names (see `align.lang.names.lexicon.read_glossary`) or pairs of an Arabic and an English
    name. Without `min_probability` each kind has its own threshold; at 0 every candidate and every word is listed. An encoder without `word_states` finds no
    phrases. `states`, by side (`ar`, `en`) and number of the segment, are states of the words that `word_places` finds,
    or what `word_rows` makes of them, for those that are known already.
    """
    from .judging import judged

    return judged(ar, en, alignment, encoder, glossary, min_probability, states)


def judge_together(pairs: "Sequence[tuple[Segmented, Segmented, Alignment]]", encoder: Any, *,
                   glossary: "Glossary | None" = None, min_probability: float | None = None,
                   states: "Sequence[Mapping[str, Mapping[int, np.ndarray]] | None] | None" = None) -> "list[Judged]":  # fmt: skip
    """`judge` of each of several pairs, much faster where they are small; probabilities may differ in their last digit.

    `states` are those of each pair.
    """
    from .judging import judged_together

    return judged_together(pairs, encoder, glossary, min_probability, states)


def word_places(texts: Sequence[str]) -> list[list[tuple[int, int]]]:
    """Where the words of segments stand whose states are compared, half-open ranges of code points of each text."""
    from .words import places

    return places(texts)


def word_rows(lang: str) -> "Callable[[np.ndarray], np.ndarray]":
    """What turns states of words, of shape (n, 640), into all that the flags take from them, a fifth as large."""
    from .words import rows_of

    return rows_of(lang)


def bead_probability(flags: "Sequence[Flag]", confidence: float = 1.0) -> float:
    """The probability that a bead is right and complete: that it is right, and that none of its flags holds.

    Flags that lie in one another tell of the same thing and count once.
    """
    from .judging import completeness

    return confidence * completeness(flags)


def score_pairs(ar_texts: Sequence[str], en_texts: Sequence[str], encoder: Any, *,
                glossary: "Glossary | None" = None, min_probability: float | None = None,
                confidences: "Sequence[float | None] | None" = None) -> list[PairScore]:  # fmt: skip
    """Scores of given pairs that stand beside one another, as in a document: flags of each on its own, with the names of all
    as company, and the probability by how the words of both sides cover each other, by the pairs around it, by its flagged
    facts, and by the aligner's confidence where `confidences` hold one.

    With an encoder that has no `word_states` the probability goes by flags alone. Raises ValueError for lists of different
    lengths.
    """
    from .pairs import scored

    return scored(ar_texts, en_texts, encoder, glossary, min_probability, confidences)
