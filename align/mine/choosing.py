"""One partner a line, and how likely it is right: a small network, the rivals of each pair, and the pool at hand.

Candidates come a part at a time; what is known of all of them is sorted on the disk. The network gives the log of how
much likelier a candidate looks if it is right than if it is wrong; what that means where nobody knows how many are right
is the matter of `pool`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import UsageError
from ..learnt import Network, check, record
from .candidates import FEATURES, Candidates
from .cover import FEATURES as OF_WORDS
from .facts import FEATURES as OF_FACTS
from .pool import Curve, steps
from .spill import Sorter, Spool, groups, names_of

RIVALS = ("odds", "lead", "other_lead")
"""What the second step sees: log odds of the first, and by how much they exceed the best rival's of either line."""
_FAR = 8.0
_USUAL = 6.0  # deviations from the mean beyond which a feature tells no more
_PART = 1 << 17  # pairs looked at together
_RIVAL = np.dtype([("ar", "<i8"), ("en", "<i8"), ("sim", "<f4"), ("margin", "<f4"), ("against", "<f8"), ("lead", "<f8"),
                   ("other_lead", "<f8")])  # fmt: skip
_PAIR = np.dtype([("ar", "<i8"), ("en", "<i8"), ("sim", "<f4"), ("margin", "<f4"), ("value", "<f8")])


@dataclass(frozen=True, slots=True)
class Mined:
    """Pairs, the likeliest first: rows, cosines, margins, calibrated probabilities; `share` is the estimated share of
    right ones among all lines' best pairs. The arrays of large pools are mapped from the disk."""

    ar: np.ndarray
    en: np.ndarray
    sims: np.ndarray
    margins: np.ndarray
    probabilities: np.ndarray
    share: float

    def __len__(self) -> int:
        return len(self.ar)

    @classmethod
    def of(cls, pairs: np.ndarray, share: float) -> "Mined":
        """Pairs as they lie on the disk, the `value` their probabilities."""
        ar, en, sims, margins, probabilities = (pairs[name] for name in names_of(_PAIR))
        return cls(ar, en, sims, margins, probabilities, share)

    def records(self, part: slice) -> np.ndarray:
        """Some of the pairs as they lie on the disk."""
        columns = (self.ar, self.en, self.sims, self.margins, self.probabilities)
        out = np.empty(len(self.ar[part]), _PAIR)
        for name, values in zip(names_of(_PAIR), columns, strict=True):
            out[name] = values[part]
        return out


@cache
def weights() -> dict[str, Any]:
    """The learnt numbers: a model for each kind of evidence."""
    found = record("mine/weights.json")
    for name, features in (("plain", FEATURES), ("words", (*FEATURES, *OF_WORDS, *OF_FACTS))):
        check(found[name]["first"].get("features"), features, "mine/weights.json")
        check(found[name]["second"].get("features"), RIVALS, "mine/weights.json")
    return found


def network(model: dict[str, Any], rows: np.ndarray) -> np.ndarray:
    """Log odds of rows by layers of tanh on standardised inputs."""
    return Network.of(model, kind="float64", most=_USUAL)(rows)


def choose(found: Candidates, extra: np.ndarray | None = None, model: dict[str, Any] | None = None) -> Mined:
    """The best pairs of `choose_parts` among candidates that are in memory, in the order of the first side's lines."""
    return choose_parts([(found, extra)], found.sizes, model)


def choose_parts(parts: Iterable[tuple[Candidates, np.ndarray | None]], sizes: tuple[int, int], model: dict[str, Any] | None = None,
                 folder: Path | None = None) -> Mined:  # fmt: skip
    """The best pairs, each line in one at most, with their probabilities, the likeliest first.

    Candidates come in the order of the first side's lines, with the features of `cover` and `facts`, a row a candidate,
    or None in all parts: then the plain model judges. Lines are given to each other in the order of the candidates'
    odds. A byte a line is in memory, what is known of candidates lies in `folder`.
    """
    parts = iter(parts)
    first = next(parts, None)
    if first is None:
        return Mined.of(np.zeros(0, _PAIR), 0.0)
    model = model or weights()["plain" if first[1] is None else "words"]
    last, edges = model["second"], np.asarray(model["kinds"]["edges"])
    best, counts = Spool(folder, _PAIR), np.zeros(len(edges) + 1, np.int64)
    free = Free(sizes)
    for rows in _by_odds(chain([first], parts), model["first"], folder):
        rows = rows[free.take(rows["ar"], rows["en"])]
        told = _rivals(-rows["against"], rows["lead"], rows["other_lead"])
        logits = ((told - last["mean"]) / last["scale"]) @ np.array(last["weights"]) + last["bias"]
        counts += np.bincount(steps(logits, edges), minlength=len(counts))
        best.add(_pairs(rows, logits))
    if not len(best):
        return Mined.of(np.zeros(0, _PAIR), 0.0)
    curve = Curve.of(counts, model["kinds"])
    ordered, out = Sorter(folder, _PAIR, ("value", "ar", "en")), Spool(folder, _PAIR)
    for rows in best:
        ordered.add(_pairs(rows, -curve(rows["value"])))
    for rows in ordered:
        out.add(_pairs(rows, -rows["value"]))
    return Mined.of(out.mapped(), curve.share)


def _pairs(rows: np.ndarray, value: np.ndarray) -> np.ndarray:
    out = np.empty(len(rows), _PAIR)
    for name in ("ar", "en", "sim", "margin"):
        out[name] = rows[name]
    out["value"] = value
    return out


def _by_odds(parts: Iterable[tuple[Candidates, np.ndarray | None]], model: dict[str, Any], folder: Path | None) -> Sorter:
    """Candidates in falling order of their odds, with their leads over the rivals of both lines."""
    by_en, by_odds = Sorter(folder, _RIVAL, ("en", "ar")), Sorter(folder, _RIVAL, ("against", "ar", "en"))
    for rows in groups(_with_odds(parts, model), "ar"):
        rows["lead"] = _lead(rows["ar"], -rows["against"])
        by_en.add(rows)
    for rows in groups(by_en, "en"):
        rows["other_lead"] = _lead(rows["en"], -rows["against"])
        by_odds.add(rows)
    return by_odds


def _with_odds(parts: Iterable[tuple[Candidates, np.ndarray | None]], model: dict[str, Any]) -> Iterator[np.ndarray]:
    for found, extra in parts:
        out = np.zeros(len(found), _RIVAL)
        out["ar"], out["en"], out["sim"], out["margin"] = found.ar, found.en, found.sims, found.margins
        out["against"] = -network(model, found.features if extra is None else np.concatenate([found.features, extra], 1))
        yield out


class Free:
    """The lines of both sides that have no partner yet."""

    def __init__(self, sizes: tuple[int, int]) -> None:
        self.sides = bytearray(b"\1") * sizes[0], bytearray(b"\1") * sizes[1]
        self._arrays = [np.frombuffer(side, bool) for side in self.sides]

    def take(self, ar: np.ndarray, en: np.ndarray) -> np.ndarray:
        """The numbers of pairs, each taken only if both its lines are still free when its turn comes."""
        one, two = self.sides
        kept = []
        left = np.flatnonzero(self._arrays[0][ar] & self._arrays[1][en])
        for number, i, j in zip(left.tolist(), ar[left].tolist(), en[left].tolist(), strict=True):
            if one[i] and two[j]:
                one[i] = two[j] = 0
                kept.append(number)
        return np.array(kept, np.int64)


def greedy(found: Candidates, odds: np.ndarray) -> np.ndarray:
    """Candidates in falling order of their odds, each only if both lines are still free."""
    order = np.lexsort((found.en, found.ar, -odds))
    return order[Free(found.sizes).take(found.ar[order], found.en[order])]


def rivals(found: Candidates, odds: np.ndarray) -> np.ndarray:
    """RIVALS of every candidate, a row each."""
    return _rivals(odds, _lead(found.ar, odds), _lead(found.en, odds))


def _rivals(odds: np.ndarray, lead: np.ndarray, other_lead: np.ndarray) -> np.ndarray:
    return np.stack([odds, np.minimum(lead, other_lead), np.maximum(lead, other_lead)], 1)


def _lead(own: np.ndarray, odds: np.ndarray) -> np.ndarray:
    """By how much each candidate exceeds the best other one of its line, of which all are there."""
    order = np.lexsort((-odds, own))
    line, value = own[order], odds[order]
    first = np.diff(line, prepend=-1) != 0
    next_ = ~first & np.concatenate([[False], first[:-1]])
    number = np.cumsum(first) - 1
    best, second = value[first], np.full(np.count_nonzero(first), -_FAR)
    second[number[next_]] = value[next_]
    out = np.empty(len(odds))
    out[order] = np.clip(value - np.where(value >= best[number], second[number], best[number]), -_FAR, _FAR)
    return out


def cut(mined: Mined, precision: float | None = None, least: float = 0.5, min_margin: float | None = None,
        folder: Path | None = None) -> Mined:  # fmt: skip
    """The pairs to keep: as many as leave the mean probability at `precision`; without it, those of `least` and more.

    `min_margin` also drops pairs whose margin is lower. They lie in `folder`. Raises UsageError for a precision that is
    none.
    """
    if precision is not None and not 0 < precision < 1:
        raise UsageError(f"a precision lies between 0 and 1, such as 0.95, not {precision:g}")
    kept, total, seen, count = Spool(folder, _PAIR), 0.0, 0, 0
    for start in range(0, len(mined), _PART):
        rows = mined.records(slice(start, start + _PART))
        if min_margin is not None:
            rows = rows[rows["margin"] >= min_margin]
        good = rows["value"] >= least
        if precision is not None:
            sums = np.cumsum(np.concatenate([[total], rows["value"]]))
            good = sums[1:] / np.arange(seen + 1, seen + len(rows) + 1) >= precision
            total, seen = sums[-1], seen + len(rows)
        count += int(np.count_nonzero(good))
        kept.add(rows)
    return Mined.of(kept.mapped()[:count], mined.share)
