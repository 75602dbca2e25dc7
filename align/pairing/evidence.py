"""What speaks for a candidate pair: sentences that answer each other, their order, keys in common, length."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..learnt import logistic
from .candidates import bulk, weights
from .keys import FACTS, LATIN, NAMES
from .side import Side

BANK = 1024
"""Sentences of a side against which the others are measured."""
_RANKS = slice(1, 5)
"""The neighbours in the bank that make the background; the nearest may be the translation itself."""
SLOPE, LEVEL = 20.0, 0.2
"""From a similarity over its background to how much it counts: a half at LEVEL."""
_NEAR = 2  # sentences by which an answer may miss the sentence that it answers
_SENTENCE = 60.0  # characters of a sentence that counts as one


@dataclass(frozen=True, slots=True)
class Ground:
    """A side made ready to be compared: its centre, and of each sentence kept its weight and its background.

    `background[s]` is the mean similarity of sentence `s` to the nearest sentences of the other side at large; `bank`
    are such sentences of the own side, centred unit rows.
    """

    side: Side
    centre: np.ndarray
    weight: np.ndarray
    background: np.ndarray
    bank: np.ndarray


def centred(rows: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """Unit rows of the differences from `centre`; float32."""
    rows = rows - centre
    return (rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)).astype(np.float32)


def grounds(ar: Side, en: Side, general: tuple[np.ndarray, np.ndarray]) -> tuple[Ground, Ground]:
    """Both sides made ready; `general` are vectors of Arabic and English sentences that eke out small collections."""
    weight = [weights(side) for side in (ar, en)]
    banks, centres = [], []
    for side, w, more in zip((ar, en), weight, general, strict=True):
        rows = _sample(side, w)
        lacking = BANK - len(rows)
        rows = np.concatenate([rows, more[:max(lacking, 0)]]) if lacking > 0 else rows
        banks.append(_distinct(rows))
        centres.append(banks[-1].mean(0) if len(banks[-1]) else np.zeros(side.rows.shape[1], np.float32))
    ready = [centred(bank, centre) for bank, centre in zip(banks, centres, strict=True)]
    return (Ground(ar, centres[0], weight[0], _background(ar, centres[0], ready[1]), ready[0]),
            Ground(en, centres[1], weight[1], _background(en, centres[1], ready[0]), ready[1]))


def _sample(side: Side, weight: np.ndarray) -> np.ndarray:
    """At most BANK sentences, spread evenly over those with something to say."""
    places = np.flatnonzero(weight >= np.median(weight) / 2) if len(weight) else np.zeros(0, np.int64)
    chosen = places[np.linspace(0, len(places) - 1, min(BANK, len(places))).astype(np.int64)]
    return np.asarray(side.rows[chosen], np.float32)


def _distinct(rows: np.ndarray) -> np.ndarray:
    """The rows without those that nearly repeat an earlier one."""
    repeats = np.tril(rows @ rows.T, -1).max(1, initial=0) > 0.98
    return rows[~repeats]


def _background(side: Side, centre: np.ndarray, bank: np.ndarray, batch: int = 4096) -> np.ndarray:
    out = np.zeros(len(side.rows), np.float32)
    if not len(bank):
        return out
    ranks = min(_RANKS.stop, len(bank))
    for start in range(0, len(out), batch):
        sims = centred(np.asarray(side.rows[start:start + batch], np.float32), centre) @ bank.T
        best = np.sort(np.partition(sims, -ranks, axis=1)[:, -ranks:], axis=1)[:, ::-1]
        out[start:start + batch] = (best[:, _RANKS] if ranks > 1 else best).mean(1)
    return out


_HELD = 3.0  # nats by which shares of keys are held back where there are few
_UNSEEN = 20  # documents without a key that are supposed beside those seen


class Evidence(NamedTuple):
    """Of a candidate pair: the share of each side that the other answers (0 to 1, by weight), and how many sentences
    that is; `nearness`, by how much the answers are nearer than the background, on the side where less; `order` from -1
    (backwards) to 1 (as in the other version), 0 where too little is answered.

    `facts` is the share (0 to 1, by rarity) of the numbers and dates of one side that the other has, `conflict` of
    those it lacks, `latin` of the Arabic side's words in Latin letters that the other lacks, `names` of the English
    side's names that the other has; all small where there is little to share. `ratio` is the natural logarithm of
    English over Arabic characters.
    """

    ar_share: float
    en_share: float
    nearness: float
    amount: float
    order: float
    facts: float
    conflict: float
    latin: float
    names: float
    ratio: float


FEATURES = ("least", "most", "nearness", "amount", "order", "facts", "conflict", "latin", "names", "length")


def features(found: np.ndarray) -> np.ndarray:
    """What scores are made from, a column for each of FEATURES, of rows of `Evidence`."""
    shares = np.sort(found[:, :2], axis=1)
    return np.column_stack([shares, found[:, 2], np.log1p(found[:, 3]), found[:, 4:9], np.abs(found[:, 9])])


@dataclass(frozen=True, slots=True)
class Rarity:
    """How much it says to have a key: the logarithm of how few documents have it, of the side where more have it."""

    keys: np.ndarray
    nats: np.ndarray

    @classmethod
    def of(cls, ar: Side, en: Side) -> Rarity:
        """Of all keys of both sides."""
        keys = np.unique(np.concatenate([ar.keys, en.keys]))
        share = np.zeros(len(keys))
        for side in (ar, en):
            own, counts = np.unique(side.keys, return_counts=True)
            at = np.searchsorted(keys, own)
            share[at] = np.maximum(share[at], (counts + 0.5) / (len(side) + _UNSEEN))
        return cls(keys, -np.log(np.minimum(share, 1.0)))

    def __call__(self, keys: np.ndarray) -> np.ndarray:
        """Nats of each key, float32."""
        return self.nats[np.searchsorted(self.keys, keys)].astype(np.float32)


@dataclass(frozen=True, slots=True)
class Compared:
    """A document ready to be compared: centred unit `rows` of its sentences, of each half its `background`, its `share`
    of the document's weight, the `rarity` (1 where no other document of the side has it), and the `amount`: how much of a
    sentence it is, times its rarity; the keys, their kinds and nats, the nats of each kind.
    """

    rows: np.ndarray
    background: np.ndarray
    share: np.ndarray
    rarity: np.ndarray
    amount: np.ndarray
    keys: np.ndarray
    kinds: np.ndarray
    nats: np.ndarray
    has: np.ndarray
    size: int

    @classmethod
    def of(cls, ground: Ground, rarities: np.ndarray, document: int) -> Compared:
        """A document of a side; `rarities` are the nats of all keys of the side."""
        side = ground.side
        own = slice(side.starts[document], side.starts[document + 1])
        weight, keys = ground.weight[own], side.keys_of(document)
        kinds, nats = (keys & np.uint64(3)).astype(np.int64), rarities[side.key_starts[document]:][:len(keys)]
        # What all pages of a site say, in the same order on each, is no evidence for any two of them.
        rarity = weight / bulk(side.lengths[own])
        return cls(centred(side.vectors(document), ground.centre), ground.background[own] / 2, weight / weight.sum(), rarity,
                   np.minimum(side.lengths[own] / _SENTENCE, 1) * rarity, keys, kinds, nats,
                   np.bincount(kinds, nats, minlength=3), int(side.sizes[document]))

    def common(self, other: Compared) -> np.ndarray:
        """Nats, by kind, of the keys that another document has too."""
        if not len(self.keys) or not len(other.keys):
            return np.zeros(3)
        there = other.keys[np.minimum(np.searchsorted(other.keys, self.keys), len(other.keys) - 1)] == self.keys
        return np.bincount(self.kinds[there], self.nats[there], minlength=3)


def evidence(ar: Compared, en: Compared) -> Evidence:
    """What speaks for an Arabic and an English document as versions of one text."""
    over = ar.rows @ en.rows.T
    over -= ar.background[:, None]
    over -= en.background
    n, m = over.shape
    to_en, to_ar = over.argmax(1), over.argmax(0)
    ar_best, en_best = over[np.arange(n), to_en], over[to_ar, np.arange(m)]
    ar_back = np.abs(to_ar[to_en] - np.arange(n)) <= _NEAR
    en_back = np.abs(to_en[to_ar] - np.arange(m)) <= _NEAR
    ar_sure, en_sure = _sure(ar_best) * ar_back, _sure(en_best) * en_back
    common = ar.common(en)
    facts = min(ar.has[FACTS], en.has[FACTS])
    return Evidence(float(ar_sure @ ar.share), float(en_sure @ en.share),
                    float(min((ar_best * ar_back) @ ar.share, (en_best * en_back) @ en.share)),
                    float(min(ar_sure @ ar.amount, en_sure @ en.amount)), _order(ar_sure * ar.rarity, to_en),
                    float(common[FACTS] / (facts + _HELD)), float((facts - common[FACTS]) / (facts + _HELD)),
                    float((ar.has[LATIN] - common[LATIN]) / (ar.has[LATIN] + _HELD)),
                    float(common[NAMES] / (en.has[NAMES] + _HELD)), math.log(max(en.size, 1) / max(ar.size, 1)))


def _sure(over: np.ndarray) -> np.ndarray:
    return logistic(SLOPE * (over - LEVEL), math.inf)


def _order(sure: np.ndarray, to: np.ndarray) -> float:
    """Weighted share of pairs of answers in the same order less that of those crossed; shrunk where they are few."""
    at = np.flatnonzero(sure > 0.05)
    if len(at) < 2:
        return 0.0
    sure, to = sure[at], to[at]
    together = np.triu(np.outer(sure, sure), 1)
    steps = np.sign(to[None, :] - to[:, None])
    return float((together * steps).sum() / (together[steps != 0].sum() + 1.0))
