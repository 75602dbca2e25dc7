"""Pairs worth a look, and what their neighbourhood tells of them."""

from dataclasses import dataclass

import numpy as np

from ..data import Neighbours

AROUND = 4
"""Neighbours that tell how crowded it is around a line."""
FEATURES = (
    "sim", "margin", "ar_gap", "en_gap", "ar_rank", "en_rank", "ar_crowd", "en_crowd", "ratio", "size", "ar_over", "en_over",
)  # fmt: skip
"""What is known of every candidate, by name."""
_LEAST = 0.05  # similarity below which a neighbourhood counts as empty
_PROMISING = 1.0  # margin from which a candidate that is not the nearest both ways is kept


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


def candidates(forward: Neighbours, backward: Neighbours, lengths: tuple[np.ndarray, np.ndarray], floor: float = 0.0,
               k: int = AROUND) -> Candidates:  # fmt: skip
    """Pairs that stand among the `k` nearest of one of their lines and stand out from the neighbours of both.

    `lengths` are those of the lines in characters; `floor` is the mean similarity of lines that have nothing to do with
    each other, which encoders put at very different heights. The margin is the ratio of Artetxe and Schwenk,
    Margin-based Parallel Corpus Mining (2019), without the pair itself among the neighbours.
    """
    sizes = len(forward.ids), len(backward.ids)
    ar, en, sims = _edges(forward, backward, k)
    sims = (sims - floor) / (1 - floor)
    ranks, gaps, crowds = [], [], []
    for near, own, other in ((forward, ar, en), (backward, en, ar)):
        above = (_reach(near) - floor) / (1 - floor)
        rank = _rank(near.ids, own, other)
        ranks.append(np.log1p(rank))
        gaps.append(sims - np.where(rank == 0, above[own, min(1, above.shape[1] - 1)], above[own, 0]))
        crowds.append(_around(above, own, rank))
    margin = sims / np.maximum((crowds[0] + crowds[1]) / 2, _LEAST)
    kept = (margin > _PROMISING) | ((ranks[0] == 0) & (ranks[1] == 0))
    one, two = lengths[0][ar] + 4.0, lengths[1][en] + 4.0
    ratio = np.log(one / two)
    mutual = (ranks[0] == 0) & (ranks[1] == 0)
    sure = mutual & (margin >= np.median(margin[mutual])) if mutual.any() else kept
    usual = float(np.median(ratio[sure])) if sure.any() else 0.0
    features = np.stack([sims, np.minimum(margin, 5), *gaps, *ranks, *crowds, np.abs(ratio - usual),
                         np.log(np.minimum(one, two)), sims - crowds[0], sims - crowds[1]], axis=1)  # fmt: skip
    whole = (sims * (1 - floor) + floor).astype(np.float32)
    return Candidates(ar, en, whole, margin.astype(np.float32), features.astype(np.float32), sizes).take(np.flatnonzero(kept))


def _edges(forward: Neighbours, backward: Neighbours, k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each pair once, by rows of the first side, then of the second."""
    n, m = len(forward.ids), len(backward.ids)
    f, b = forward.ids[:, :k], backward.ids[:, :k]
    ar = np.concatenate([np.repeat(np.arange(n), f.shape[1]), b.ravel()])
    en = np.concatenate([f.ravel(), np.repeat(np.arange(m), b.shape[1])])
    sims = np.concatenate([forward.sims[:, :k].ravel(), backward.sims[:, :k].ravel()]).astype(np.float64)
    there = (ar >= 0) & (en >= 0)
    ar, en, sims = ar[there], en[there], sims[there]
    _, first = np.unique(ar * np.int64(max(m, 1)) + en, return_index=True)
    return ar[first], en[first], sims[first]


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
