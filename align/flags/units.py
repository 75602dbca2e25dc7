"""Segments that the aligner left alone: content, page furniture, or something that only moved."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..data import Block
from .evidence import Evidence
from .tables import network

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
    moved: dict[str, dict[int, Block]] = {"ar": {}, "en": {}}
    for block in evidence.alignment.blocks:
        if block.kind == "moved":
            for side in ("ar", "en"):
                moved[side].update(dict.fromkeys(range(*getattr(block, side)), block))
    out = []
    for number, bead in enumerate(evidence.alignment.beads):
        if evidence.both[number]:
            continue
        for side, span in (("ar", bead.ar), ("en", bead.en)):
            for index in evidence.texts[side][number].indices:
                if span.start <= index < span.stop:
                    own = moved[side].get(index)
                    unit = _unit(evidence, side, number, index, own is not None, bead.confidence)
                    near = own or moved[side].get(index - 1) or moved[side].get(index + 1)
                    if near is not None:
                        _place(evidence, unit, near)
                    out.append(unit)
    return out


def _unit(evidence: Evidence, side: str, bead: int, index: int, moved: bool, confidence: float) -> Unit:
    other = "en" if side == "ar" else "ar"
    segment = evidence.documents[side].segments[index]
    row = np.zeros(len(FEATURES), np.float32)
    row[2] = np.log1p(len(evidence.lines[side][index].spans))
    row[3] = confidence
    row[4] = segment.kind != "body"
    row[5] = moved
    near = {there: k for k in evidence.reach(bead, REACH) for there in evidence.texts[other][k].indices}
    scores = _scores(evidence, side, index, list(near))
    nearest = max(scores, key=scores.__getitem__, default=None)
    best = max(scores.values(), default=0.0)
    row[0] = max((score for there, score in scores.items() if abs(near[there] - bead) == 1), default=0.0)
    row[1] = best
    return Unit(side, bead, index, row, nearest, moved or (nearest is not None and best >= MOVED and _is_alone(evidence, other, nearest)))


def _scores(evidence: Evidence, side: str, index: int, others: Sequence[int]) -> dict[int, float]:
    """How well segments of the other side answer a segment, where that is above 0."""
    line, there = evidence.lines[side][index], evidence.lines["en" if side == "ar" else "ar"]
    if line.vectors.shape[1] <= 1 or not len(line.spans):
        return {}
    weights = line.gates * line.content + 1e-3
    weights = weights / weights.sum()
    others = [k for k in others if len(there[k].spans)]
    if not others:
        return {}
    found = alikes(line.vectors, weights, [there[k].vectors for k in others], [there[k].gates for k in others])
    return {k: score for k, score in zip(others, found.tolist(), strict=True) if score > 0}


def _place(evidence: Evidence, unit: Unit, block: Block) -> None:
    """Looks for the counterpart of a unit in or beside a moved block in what the block answers, which keeps its order."""
    own, there = (block.ar, block.en) if unit.side == "ar" else (block.en, block.ar)
    scores = _scores(evidence, unit.side, unit.index, range(*there))
    if not unit.moved and max(scores.values(), default=0.0) < BESIDE:
        return
    unit.moved = True
    at = (unit.index - own.start) / len(own)
    unit.nearest = max(scores, key=lambda k: scores[k] - 0.3 * abs((k - there.start) / len(there) - at), default=unit.nearest)


BESIDE = 0.34
"""How alike a segment beside a moved block and one that the block answers must be for it to have moved with them."""
MOVED = 0.42
"""How alike two segments that stand alone must be for one to be the other, moved."""
MET = 0.38
"""The same for a segment that stands alone and a run of words that nothing in its own bead answers."""


def alike(vectors: np.ndarray, weights: np.ndarray, there: np.ndarray, gates: np.ndarray) -> float:
    """How well two texts cover each other's words, -1 to 1; `weights` sum to 1."""
    return float(alikes(vectors, weights, [there], [gates])[0])


def alikes(vectors: np.ndarray, weights: np.ndarray, there: Sequence[np.ndarray], gates: Sequence[np.ndarray]) -> np.ndarray:
    """`alike` of a text and each of several others, all of which have words."""
    sims = vectors @ np.concatenate(there).T
    sizes = [len(some) for some in gates]
    starts = np.cumsum(sizes, dtype=np.int64) - np.array(sizes, np.int64)
    back = np.concatenate(gates) + 1e-3
    forth: np.ndarray = weights @ np.maximum.reduceat(sims, starts, axis=1)
    return 0.5 * forth + 0.5 * np.add.reduceat(sims.max(0) * back, starts) / np.add.reduceat(back, starts)


def _is_alone(evidence: Evidence, side: str, index: int) -> bool:
    return any(index in evidence.texts[side][k].indices for k, both in enumerate(evidence.both) if not both)


def log_odds(found: list[Unit]) -> np.ndarray:
    """The log odds that each unit's content stands in one version only."""
    if not found:
        return np.zeros(0, np.float32)
    return network("units", "", FEATURES)(np.stack([unit.row for unit in found]))
