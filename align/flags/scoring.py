"""Pairs without a document: how likely each is right and complete, its flagged facts counted in."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..data import BadRow, Row
from ..faults import answers, reason
from . import PairScore, bead_probability, score_pairs
from .pairs import quick_scores

if TYPE_CHECKING:
    import os

    from ..encode import Encoder

LIKELY = 0.5
"""The least probability of a flag that counts, and of a pair that is likely right."""

_FACTS = frozenset(["number", "date", "name", "untranslated"])
_STEP = 250  # pairs scored at a time, among which each has its neighbours


class Scored(NamedTuple):
    """A row with its score; `error` says why it has none worth the name, which is then 0."""

    row: Row
    score: PairScore
    error: str = ""

    @classmethod
    def of(cls, row: Row, found: PairScore | Exception) -> "Scored":
        """The row with what was found of it, which may be an error."""
        if isinstance(found, Exception):
            return cls(row, PairScore(0.0, ()), f"error: {reason(found)}")
        return cls(row, found, f"error: {row.extra['error']}" if isinstance(row, BadRow) else "")


def scored(rows: Sequence[Row], encoder: "Encoder", glossary: "str | os.PathLike[str] | None" = None,
           min_probability: float | None = None) -> Iterator[list[Scored]]:
    """Rows with their scores, some hundreds at a time; one that cannot be scored says so and stops nothing."""
    for at in range(0, len(rows), _STEP):
        some = rows[at:at + _STEP]
        found = answers(lambda part: scores_of(part, encoder, glossary, min_probability), some)
        yield list(map(Scored.of, some, found))


def scores_of(rows: Sequence[Row], encoder: "Encoder", glossary: "str | os.PathLike[str] | None" = None,
              min_probability: float | None = None) -> list[PairScore]:
    """The flags of pairs, and the probability that filter gives them, less where they state a fact differently.

    How a pair is covered tells little of one number, date or name, so the flags of these count beside it. A row that
    could not be read has neither.
    """
    whole = [row for row in rows if not isinstance(row, BadRow)]
    if not whole:
        return [PairScore(0.0, ())] * len(rows)
    texts = [row.ar.text for row in whole], [row.en.text for row in whole]
    # What is shown must not change what is probable.
    least = None if min_probability is None else min(min_probability, LIKELY)
    flagged = score_pairs(*texts, encoder, glossary=glossary, min_probability=least)
    found = zip(quick_scores(*texts, encoder).probabilities.tolist(), flagged, strict=True)
    return [PairScore(0.0, ()) if isinstance(row, BadRow) else _weighed(row, *next(found), min_probability) for row in rows]


def _weighed(row: Row, quality: float, found: PairScore, min_probability: float | None) -> PairScore:
    """A pair's score by its quality and the facts flagged in it, with the flags that are to be shown."""
    # A mismatch is flagged on both sides, and is one thing.
    telling = [flag for flag in found.flags if flag.kind in _FACTS and flag.probability >= LIKELY
               and (flag.side, flag.relation) != ("en", "mismatch")]
    shown = [flag for flag in found.flags if min_probability is None or flag.probability >= min_probability]
    return PairScore(bead_probability(telling, quality) if row.is_pair else 0.0, tuple(shown))
