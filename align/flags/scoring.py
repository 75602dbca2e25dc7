"""Rows of bitext with the score of each: batch by batch, and one that cannot be scored says so."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..data import BadRow, Row
from ..faults import answers, reason
from . import PairScore, score_pairs

if TYPE_CHECKING:
    import os

    from ..encode import Encoder

STEP = 250
"""Pairs scored at a time, among which each has its neighbours."""


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
    for at in range(0, len(rows), STEP):
        some = rows[at:at + STEP]
        found = answers(lambda part: scores_of(part, encoder, glossary, min_probability), some)
        yield list(map(Scored.of, some, found))


def scores_of(rows: Sequence[Row], encoder: "Encoder", glossary: "str | os.PathLike[str] | None" = None,
              min_probability: float | None = None) -> list[PairScore]:
    """The score of each row; a row that could not be read, or that is no pair, has probability 0."""
    whole = [row for row in rows if not isinstance(row, BadRow)]
    found = iter(score_pairs([row.ar.text for row in whole], [row.en.text for row in whole], encoder, glossary=glossary,
                             min_probability=min_probability, confidences=[row.confidence for row in whole]))
    scores = [PairScore(0.0, ()) if isinstance(row, BadRow) else next(found) for row in rows]
    return [score if row.is_pair else score._replace(probability=0.0) for row, score in zip(rows, scores, strict=True)]
