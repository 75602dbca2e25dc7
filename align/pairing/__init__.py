"""Which documents of two collections are versions of one text: candidates, evidence, scores, one-to-one choice."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np

from ..threads import one_blas_thread
from .assign import assign
from .candidates import Search, candidates, main_directions, views
from .evidence import Compared, Evidence, Rarity, evidence, grounds
from .keys import hashed, keys
from .scores import POSSIBLE, Model, are_copies, leads, model
from .side import KEPT, Gathering, Side, Sketch, kept

__all__ = ["KEPT", "Candidates", "Evidence", "Gathering", "Model", "Search", "Side", "Sketch", "are_copies", "hashed",
           "kept", "keys", "match", "model", "sketch"]

_CANDIDATES = 6
_HELD = 256  # English documents that stay ready to be compared


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs of documents that were compared: numbers of the Arabic and the English one in `pairs`, sorted; of each the
    row of its `evidence` (as `Evidence` names the columns), its `scores` in log odds by itself, its probability beside
    its rivals, and whether it was `chosen`: each document at most once."""

    pairs: np.ndarray
    evidence: np.ndarray
    scores: np.ndarray
    probabilities: np.ndarray
    chosen: np.ndarray


def sketch(vectors: np.ndarray, forms: list[str], found: set[int]) -> Sketch:
    """What is kept of a document: unit `vectors` and `forms` of its sentences, `found` the keys in them."""
    places = kept(vectors)
    lengths = np.array(list(map(len, forms)), np.int32)
    hashes = np.array([hashed(forms[k]) for k in places], np.uint64)
    return Sketch(vectors[places].astype(np.float16), lengths[places], hashes, np.array(sorted(found), np.uint64),
                  hashed("\n".join(forms)), int(lengths.sum()))


def match(ar: Side, en: Side, general: tuple[np.ndarray, np.ndarray], search: Search, *, k: int = _CANDIDATES,
          weights: Model | None = None) -> Candidates:
    """The candidates of both sides with their probabilities, and which of them are chosen, whatever theirs.

    `general` are vectors of Arabic and of English sentences of any subject, by the same encoder; `search` finds the
    nearest vectors; `k` are looked at for each document. Of documents with the same words only the first is compared.
    """
    weights = weights or model()
    ready = grounds(ar, en, general)
    directions = main_directions((ar, en), np.concatenate([ground.bank for ground in ready]))
    first, second = (views(ground.side, ground.weight, ground.centre, directions) for ground in ready)
    pairs = candidates(first, second, search, k)
    pairs = pairs[_is_first(ar)[pairs[:, 0]] & _is_first(en)[pairs[:, 1]]]
    rarity = Rarity.of(ar, en)
    found = np.empty((len(pairs), len(Evidence._fields)), np.float32)
    # Pairs stand in the order of the Arabic documents, each of which is made ready once.
    get_ar, get_en = (lru_cache(size)(partial(Compared.of, ground, rarity(ground.side.keys)))
                      for ground, size in zip(ready, (1, _HELD), strict=True))
    with one_blas_thread():
        for row, (i, j) in enumerate(pairs.tolist()):
            found[row] = evidence(get_ar(i), get_en(j))
    scores = weights.scores(found)
    probabilities = weights.probabilities(scores, leads(pairs, scores, (ar, en)))
    chosen = np.zeros(len(pairs), bool)
    # A sure pair outweighs any number of doubtful ones; what is hardly possible links no groups.
    chosen[assign(pairs, np.where(scores > POSSIBLE, np.logaddexp(0, scores), 0))] = True
    return Candidates(pairs, found, scores, probabilities, chosen)


def _is_first(side: Side) -> np.ndarray:
    """Whether no earlier document has the same words."""
    first = np.zeros(len(side), bool)
    first[np.unique(side.digests, return_index=True)[1]] = True
    return first
