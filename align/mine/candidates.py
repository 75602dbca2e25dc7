"""Pairs worth a look, and what their neighbourhood tells of them: a block of lines at a time, whatever their number.

What a pair's neighbourhood looks like from one line stands in that line's block of neighbours, from the other in another
block. So the pairs found go to the blocks of the other side, sorted, and come back with what is to be seen from there.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..data import Neighbours
from .spill import Reader, Sorter, Spool, median, names_of

AROUND = 4
"""Neighbours that tell how crowded it is around a line."""
FEATURES = (
    "sim", "margin", "ar_gap", "en_gap", "ar_rank", "en_rank", "ar_crowd", "en_crowd", "ratio", "size", "ar_over", "en_over",
)  # fmt: skip
"""What is known of every candidate, by name."""
RECORD = np.dtype([("ar", "<i8"), ("en", "<i8"), ("sim", "<f4"), ("margin", "<f4"), ("features", "<f4", (len(FEATURES),))])
"""A candidate on the disk."""
_RATIO = FEATURES.index("ratio")
_LEAST = 0.05  # similarity below which a neighbourhood counts as empty
_PROMISING = 1.0  # margin from which a candidate that is not the nearest both ways is kept
_EDGE = np.dtype([("ar", "<i8"), ("en", "<i8"), ("sim", "<f4")])
_SEEN = np.dtype([*_EDGE.descr, ("length", "<i4"), ("rank", "<i2"), ("gap", "<f8"), ("crowd", "<f8")])
_FOUND = np.dtype([*RECORD.descr, ("whole_margin", "<f8"), ("ratio", "<f8"), ("mutual", "?")])
_VALUE = np.dtype([("value", "<f8")])


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs of rows `ar[c]`, `en[c]`, their cosine `sims`, ratio `margins`, and FEATURES, a row a pair.

    `sizes` are the numbers of rows of both sides.
    """

    ar: np.ndarray
    en: np.ndarray
    sims: np.ndarray
    margins: np.ndarray
    features: np.ndarray
    sizes: tuple[int, int]

    def __len__(self) -> int:
        return len(self.ar)

    def take(self, rows: np.ndarray) -> "Candidates":
        """Some of the candidates."""
        return Candidates(self.ar[rows], self.en[rows], self.sims[rows], self.margins[rows], self.features[rows], self.sizes)

    def records(self) -> np.ndarray:
        """The candidates as they lie on the disk."""
        out = np.empty(len(self), RECORD)
        for name, values in zip(names_of(RECORD), (self.ar, self.en, self.sims, self.margins, self.features), strict=True):
            out[name] = values
        return out

    @classmethod
    def of(cls, records: np.ndarray, sizes: tuple[int, int]) -> "Candidates":
        """What `records` gave."""
        ar, en, sims, margins, features = (records[name] for name in names_of(RECORD))
        return cls(ar, en, sims, margins, features, sizes)


def candidates(forward: Neighbours, backward: Neighbours, lengths: tuple[np.ndarray, np.ndarray], floor: float = 0.0,
               k: int = AROUND) -> Candidates:  # fmt: skip
    """The candidates of `candidate_blocks`, all together, of neighbours that are in memory."""
    parts = [part.records() for part in candidate_blocks([forward], [backward], lengths, floor, k)]
    return Candidates.of(np.concatenate([np.zeros(0, RECORD), *parts]), (len(forward.ids), len(backward.ids)))


def candidate_blocks(forward: Iterable[Neighbours], backward: Iterable[Neighbours], lengths: tuple[np.ndarray, np.ndarray],
                     floor: float = 0.0, k: int = AROUND, folder: Path | None = None) -> Iterator[Candidates]:  # fmt: skip
    """Pairs that stand among the `k` nearest of one of their lines and stand out from the neighbours of both.

    Neighbours come in blocks of lines, those of the first side twice; the pairs in the order of their lines. `lengths`
    are those of the lines in characters; `floor` is the mean similarity of lines that have nothing to do with each
    other, which encoders put at very different heights. The margin is the ratio of Artetxe and Schwenk, Margin-based
    Parallel Corpus Mining (2019), without the pair itself among the neighbours. What is not in hand lies in `folder`.
    """
    sizes = len(lengths[0]), len(lengths[1])
    found = Spool(folder, _FOUND)
    seen = Reader(_seen_from_second(forward, backward, lengths[1], floor, k, folder), _SEEN, "ar")
    for start, near in _numbered(forward):
        edges = seen.below(start + len(near.ids))
        found.add(_weighed(near, start, edges, lengths[0][start:start + len(near.ids)], floor))
    usual = _usual(found, folder)
    for rows in found:
        part = Candidates.of(rows, sizes)
        features = part.features.copy()
        features[:, _RATIO] = np.abs(rows["ratio"] - usual)
        yield Candidates(part.ar, part.en, part.sims, part.margins, features, sizes)


def _numbered(blocks: Iterable[Neighbours]) -> Iterator[tuple[int, Neighbours]]:
    """Blocks with the numbers of their first lines."""
    start = 0
    for near in blocks:
        yield start, near
        start += len(near.ids)


def _seen_from_second(forward: Iterable[Neighbours], backward: Iterable[Neighbours], lengths: np.ndarray, floor: float,
                      k: int, folder: Path | None) -> Sorter:  # fmt: skip
    """Each pair once, by lines of the first side, then of the second, with what the second's neighbours tell of it."""
    routed = Sorter(folder, _EDGE, ("en", "ar"))
    for start, near in _numbered(forward):
        routed.add(_edges(near, start, k, "ar", "en"))
    found = Sorter(folder, _SEEN, ("ar", "en"))
    ready = Reader(routed, _EDGE, "en")
    for start, near in _numbered(backward):
        edges = np.concatenate([ready.below(start + len(near.ids)), _edges(near, start, k, "en", "ar")])
        order = np.lexsort([edges["ar"], edges["en"]])  # of two that are alike, that of the first side comes first
        edges = edges[order]
        same = (np.diff(edges["ar"], prepend=-1) == 0) & (np.diff(edges["en"], prepend=-1) == 0)
        edges = edges[~same]
        rows = np.empty(len(edges), _SEEN)
        for name in names_of(_EDGE):
            rows[name] = edges[name]
        own = edges["en"] - start
        rows["length"] = lengths[start:start + len(near.ids)][own]
        rows["rank"], rows["gap"], rows["crowd"] = _seen(near, own, edges["ar"], _raised(edges["sim"], floor), floor)
        found.add(rows)
    return found


def _edges(near: Neighbours, start: int, k: int, own: str, other: str) -> np.ndarray:
    """The `k` nearest of each line of a block, as pairs."""
    ids = near.ids[:, :k]
    out = np.empty(ids.size, _EDGE)
    out[own] = np.repeat(np.arange(start, start + len(ids)), ids.shape[1])
    out[other], out["sim"] = ids.ravel(), near.sims[:, :k].ravel()
    return out[out[other] >= 0]


def _raised(sims: np.ndarray, floor: float) -> np.ndarray:
    """Similarities above that of lines that have nothing to do with each other, which becomes 0."""
    return (sims.astype(np.float64) - floor) / (1 - floor)


def _seen(near: Neighbours, own: np.ndarray, other: np.ndarray, sims: np.ndarray, floor: float) -> tuple[np.ndarray, ...]:
    """Of pairs of lines `own` of a block: the other's rank, by how much it exceeds the best other, how crowded it is."""
    above = _raised(_reach(near), floor)
    rank = _rank(near.ids, own, other)
    gap = sims - np.where(rank == 0, above[own, min(1, above.shape[1] - 1)], above[own, 0])
    return rank, gap, _around(above, own, rank)


def _weighed(near: Neighbours, start: int, edges: np.ndarray, lengths: np.ndarray, floor: float) -> np.ndarray:
    """The candidates among the pairs of a block of the first side's lines; their "ratio" is not yet what is usual here."""
    own, sims = edges["ar"] - start, _raised(edges["sim"], floor)
    rank, gap, crowd = _seen(near, own, edges["en"], sims, floor)
    ranks, crowds = (np.log1p(rank), np.log1p(edges["rank"].astype(np.int64))), (crowd, edges["crowd"])
    margin = sims / np.maximum((crowds[0] + crowds[1]) / 2, _LEAST)
    one, two = lengths[own] + 4.0, edges["length"] + 4.0
    ratio, mutual = np.log(one / two), (rank == 0) & (edges["rank"] == 0)
    out = np.empty(len(edges), _FOUND)
    out["ar"], out["en"], out["margin"], out["whole_margin"] = edges["ar"], edges["en"], margin, margin
    out["sim"] = sims * (1 - floor) + floor
    out["ratio"], out["mutual"] = ratio, mutual
    out["features"] = np.stack([sims, np.minimum(margin, 5), gap, edges["gap"], *ranks, *crowds, np.zeros(len(edges)),
                                np.log(np.minimum(one, two)), sims - crowds[0], sims - crowds[1]], axis=1)  # fmt: skip
    return out[(margin > _PROMISING) | mutual]


def _usual(found: Spool, folder: Path | None) -> float:
    """The usual log ratio of lengths: the median over the better half of pairs that are the nearest both ways, or of all."""
    margins, ratios = Sorter(folder, _VALUE, ("value",)), Sorter(folder, _VALUE, ("value",))
    for rows in found:
        margins.add(rows["whole_margin"][rows["mutual"]].astype(_VALUE))
    least = median(margins) if len(margins) else None
    for rows in found:
        sure = rows["mutual"] & (rows["whole_margin"] >= least) if least is not None else slice(None)
        ratios.add(rows["ratio"][sure].astype(_VALUE))
    return median(ratios) if len(ratios) else 0.0


def _reach(near: Neighbours) -> np.ndarray:
    """Similarities with what is missing as the lowest that is there: a small pool is no empty neighbourhood."""
    sims = near.sims.astype(np.float64)
    lowest = np.where(near.ids >= 0, sims, np.inf).min(1)
    return np.where(near.ids >= 0, sims, np.where(np.isfinite(lowest), lowest, 0)[:, None])


def _rank(ids: np.ndarray, own: np.ndarray, other: np.ndarray) -> np.ndarray:
    found = ids[own] == other[:, None]
    return np.where(found.any(1), found.argmax(1), ids.shape[1])


def _around(sims: np.ndarray, own: np.ndarray, rank: np.ndarray) -> np.ndarray:
    """The mean similarity of the nearest AROUND lines other than the one of that rank."""
    near = sims[own, : AROUND + 1]
    count = near.shape[1]
    inside = rank < count
    left = near.sum(1) - near[np.arange(len(own)), np.where(inside, rank, count - 1)]
    return left / (count - 1) if count > 1 else np.zeros(len(own))
