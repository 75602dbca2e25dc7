"""One probability over all detectors: how likely a candidate holds, from what its detector says and what stands around it.

Detectors look at a finding in itself; whether it holds depends on how sure the bead is, how freely the document is
translated, how much of the side the finding takes, and on what the reader says of its words.
"""

import math
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from ..data import Flag
from ..learnt import arrays, logistic
from .coverage import FEATURES as WORD_FEATURES
from .tables import Trees, probability
from .words import CLAUSE, Words

if TYPE_CHECKING:
    from .evidence import Side
    from .typed import Finding
    from .units import Unit

DETECTORS = ("fact", "name", "run", "sentence", "unit", "moved")
FEATURES = (
    *DETECTORS, *(f"odds_{name}" for name in DETECTORS), "mismatch", "elsewhere", "doubtful", "structural", "date",
    "read_mean", "read_most", "read_least", "read_rest", "read_other", "wide_mean", "wide_most", "wide_odds", "cover", "beside", "rest", "content", "share", "ratio", "length",
    "confidence", "similar", "segments", "opens", "closes", "nearest", "furniture", "free", "lone", "crowd", "arabic",
)  # fmt: skip
"""What is known of a candidate, by name; see `row`."""

_AT = {name: i for i, name in enumerate(FEATURES)}
_WIDE = [_AT[name] for name in ("wide_mean", "wide_most", "wide_odds")]
_GAIN, _ODDS = 1.0, 2.0  # words are hardly less answered than so where more is read, and have hardly higher odds of their own
_BEST, _ELSEWHERE = WORD_FEATURES.index("best"), WORD_FEATURES.index("elsewhere")
_SURE = 6.0  # log odds beyond which nothing is surer


@dataclass(slots=True)
class Candidate:
    """A flag as its detector found it, with the log odds that it gave; `values` are FEATURES by name. What tells of itself,
    such as a key that one table lacks, is as `sure` as that. `spot` holds its words in its side of the bead, from and to.
    Both sides of a mismatch have one `twin`."""

    flag: Flag
    detector: str
    odds: float
    values: dict[str, float] = field(default_factory=dict)
    sure: float | None = None
    spot: tuple[int, int] | None = None
    twin: tuple[int, str, int] | None = None

    def row(self) -> np.ndarray:
        """A row of FEATURES; what is not known is 0."""
        out = np.zeros(len(FEATURES), np.float32)
        out[_AT[self.detector]] = 1
        out[_AT[f"odds_{self.detector}"]] = np.clip(self.odds, -_SURE, _SURE)
        flag = self.flag
        out[_AT["mismatch"]], out[_AT["elsewhere"]] = flag.relation == "mismatch", flag.relation == "moved"
        out[_AT["date"]], out[_AT["arabic"]] = flag.kind == "date", flag.side == "ar"
        out[_AT["length"]] = np.log1p(flag.end - flag.start)
        for name, value in self.values.items():
            out[_AT[name]] = value
        return out


def of_words(side: "Side", other: "Side", read: np.ndarray, read_other: np.ndarray, a: int, b: int) -> dict[str, float]:
    """What is known of words `a` to `b` of a side; `read` are the reader's log odds of all its words, `read_other` those of
    the other side's."""
    words = side.words
    inside = np.zeros(len(words), bool)
    inside[a:b] = True
    weights = _weights(words)
    own, rest = weights * inside, weights * ~inside
    mean = lambda values, by: float((values * by).sum() / max(by.sum(), 1e-6))  # noqa: E731
    read = np.clip(read, -_SURE, _SURE)
    heavy = read[a:b][words.content[a:b]]
    values = {
        "read_mean": mean(read, own), "read_most": float(heavy.max(initial=-_SURE)), "read_least": float(heavy.min(initial=_SURE)) if len(heavy) else 0.0,
        "read_rest": mean(read, rest), "read_other": _mean(np.clip(read_other, -_SURE, _SURE), other),
        "content": float(np.log1p(words.content[a:b].sum())), "share": float(own.sum() / weights.sum()), "ratio": side.ratio,
        "opens": float(words.cuts[a] >= CLAUSE) + float(words.cuts[a] > CLAUSE), "closes": float(words.cuts[b] >= CLAUSE) + float(words.cuts[b] > CLAUSE),
    }  # fmt: skip
    if side.rows.shape[1]:
        values |= {"cover": mean(side.rows[:, _BEST], own), "beside": mean(side.rows[:, _ELSEWHERE], own), "rest": mean(side.rows[:, _BEST], rest)}
    return values


def in_window(side: "Side", read: np.ndarray, a: int, b: int) -> dict[str, float]:
    """What is known of words `a` to `b` of a side of a bead with its neighbours."""
    words = side.words
    weights = _weights(words)[a:b]
    heavy = np.clip(read[a:b], -_SURE, _SURE)
    mean = lambda values: float((values * weights).sum() / weights.sum())  # noqa: E731
    return {"wide_mean": mean(heavy), "wide_most": float(heavy[words.content[a:b]].max(initial=-_SURE)), "wide_odds": mean(np.clip(side.odds[a:b], -_SURE, _SURE))}


def _mean(values: np.ndarray, side: "Side") -> float:
    weights = _weights(side.words)
    return float((values * weights).sum() / weights.sum()) if len(values) else 0.0


def _weights(words: "Words") -> np.ndarray:
    """How much each word counts: by its content, and little where it is grammar."""
    return words.gates * np.where(words.content, 1.0, 0.2) + 1e-3


def of_finding(item: "Finding") -> dict[str, float]:
    """What is known of a fact or name."""
    from .typed import STRUCTURAL

    return {"doubtful": item.doubtful, "structural": bool(STRUCTURAL & set(item.evidence.get("grounds", ())))}


def of_unit(unit: "Unit") -> dict[str, float]:
    """What is known of a segment that the aligner left alone."""
    return {"nearest": float(unit.row[1]), "beside": float(unit.row[0]), "content": float(unit.row[2]), "furniture": float(unit.row[4]), "share": 1.0}


def log_of(p: float) -> float:
    """Log odds of a probability, bounded."""
    return float(np.clip(np.log(max(p, 1e-4) / max(1 - p, 1e-4)), -_SURE, _SURE))


_LINES = {"run": (1, 0.35), "sentence": (1, 1.5), "name": (1.5, 1.1), "fact": (1.5, 1.0), "unit": (1, 0), "moved": (1, 0)}
"""Slope and shift of the log odds of each detector."""


def in_a_pair(candidate: Candidate) -> float:
    """How likely a candidate holds in a pair without a document, of which too little is known for the trees: by its
    detector and by the reader."""
    if candidate.sure is not None:
        return candidate.sure
    slope, shift = _LINES[candidate.detector]
    odds = slope * candidate.odds + shift
    return probability(0.5 * (odds + candidate.values["read_mean"] + 1) if "read_mean" in candidate.values else odds)


@cache
def _trees() -> Trees:
    return Trees.of(arrays("flags/calibration.npz", {"features": FEATURES}))


def _most_around(rows: np.ndarray) -> np.ndarray:
    """The highest that is to be expected of what the words around tell, to columns _WIDE."""
    most = np.full((len(rows), len(_WIDE)), _SURE, np.float32)
    read = rows[:, _AT["unit"]] == 0
    for column, name in enumerate(("read_mean", "read_most")):
        most[read, column] = np.minimum(rows[read, _AT[name]] + _GAIN, _SURE)
    most[read, 2] = _ODDS
    return most


def probabilities(found: list[Candidate], *, most: bool = False) -> np.ndarray:
    """How likely each candidate holds; both sides of a mismatch as the surer one. `most`: if nothing around it answers it."""
    if not found:
        return np.zeros(0)
    slope, shift = _trees().line
    rows = np.stack([c.row() for c in found])
    if most:
        rows[:, _WIDE] = _most_around(rows)
    p = logistic(slope * _trees()(rows) + shift, math.inf)
    each = [own if c.sure is None else c.sure for c, own in zip(found, p.tolist(), strict=True)]
    surest: dict[object, float] = {}
    for c, own in zip(found, each, strict=True):
        surest[c.twin] = max(own, surest.get(c.twin, 0.0))
    return np.array([own if c.twin is None else surest[c.twin] for c, own in zip(found, each, strict=True)])
