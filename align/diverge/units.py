"""Segments that the aligner left alone: content, page furniture, or something that only moved."""

from dataclasses import dataclass

import numpy as np

from .evidence import Evidence
from .tables import Network, table

FEATURES = ("beside", "anywhere", "words", "confidence", "furniture", "moved")
REACH = 20  # beads to each side in which a counterpart is looked for


@dataclass(slots=True)
class Unit:
    """A segment without counterpart: a row of FEATURES, and where something like it stands (a segment of the other side, or a place inside one)."""

    side: str
    bead: int
    index: int
    row: np.ndarray
    nearest: int | None
    moved: bool
    place: tuple[int, int] | None = None


def units(evidence: Evidence) -> list[Unit]:
    """The segments of one-sided beads, in order."""
    moved = {side: set() for side in ("ar", "en")}
    for block in evidence.alignment.blocks:
        if block.kind == "moved":
            moved["ar"].update(range(block.ar.start, block.ar.stop))
            moved["en"].update(range(block.en.start, block.en.stop))
    out = []
    for number, bead in enumerate(evidence.alignment.beads):
        if evidence.both[number]:
            continue
        for side, span in (("ar", bead.ar), ("en", bead.en)):
            for index in evidence.texts[side][number].indices:
                if span.start <= index < span.stop:
                    out.append(_unit(evidence, side, number, index, index in moved[side], bead.confidence))
    return out


def _unit(evidence: Evidence, side: str, bead: int, index: int, moved: bool, confidence: float) -> Unit:
    other = "en" if side == "ar" else "ar"
    line = evidence.lines[side][index]
    segment = evidence.documents[side].segments[index]
    row = np.zeros(len(FEATURES), np.float32)
    row[2] = np.log1p(len(line.spans))
    row[3] = confidence
    row[4] = segment.kind != "body"
    row[5] = moved
    best, nearest = 0.0, None
    beside = 0.0
    if line.vectors.shape[1] > 1 and len(line.spans):
        weights = line.gates * line.content + 1e-3
        weights = weights / weights.sum()
        for k in range(max(0, bead - REACH), min(len(evidence.both), bead + REACH + 1)):
            for there in evidence.texts[other][k].indices:
                vectors = evidence.lines[other][there].vectors
                if not len(vectors):
                    continue
                score = alike(line.vectors, weights, vectors, evidence.lines[other][there].gates)
                if abs(k - bead) == 1:
                    beside = max(beside, score)
                if score > best:
                    best, nearest = score, there
    row[0], row[1] = beside, best
    return Unit(side, bead, index, row, nearest, moved or (best >= MOVED and nearest is not None and _is_alone(evidence, other, nearest)))


MOVED = 0.42
"""How alike two segments that stand alone must be for one to be the other, moved."""
MET = 0.38
"""The same for a segment that stands alone and a run of words that nothing in its own bead answers."""


def alike(vectors: np.ndarray, weights: np.ndarray, there: np.ndarray, gates: np.ndarray) -> float:
    """How well two texts cover each other's words, -1 to 1; `weights` sum to 1."""
    sims = vectors @ there.T
    back = gates + 1e-3
    return float(0.5 * (sims.max(1) @ weights) + 0.5 * (sims.max(0) @ back) / back.sum())


def _is_alone(evidence: Evidence, side: str, index: int) -> bool:
    return any(index in evidence.texts[side][k].indices for k, both in enumerate(evidence.both) if not both)


def log_odds(found: list[Unit]) -> np.ndarray:
    """The log odds that each unit's content stands in one version only."""
    if not found:
        return np.zeros(0, np.float32)
    return Network.of(table("units"))(np.stack([unit.row for unit in found]))
