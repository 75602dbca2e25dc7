"""Flags against gold places: recall by kind and severity, precision, must-not violations, calibration.

A flag hits a gold place if it overlaps it and at least half of the flag lies on gold or optional places. A flag of
which less than half lies there is false. A flag that covers more than half of a place that must not be flagged
violates it.
"""

import json
import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..errors import DecodingError, FormatError
from ..files import read_bytes

BINS = 10


class Place(NamedTuple):
    """Half-open code points of one side's document, and what stands there."""

    side: str
    start: int
    end: int
    kind: str = ""
    severity: str = ""


class Flagged(NamedTuple):
    """A flag as it is scored."""

    side: str
    start: int
    end: int
    kind: str
    probability: float


@dataclass(frozen=True, slots=True)
class Gold:
    """What should be flagged, what may be, what must not; `pairs` counts the beads, for rates."""

    wanted: tuple[Place, ...]
    optional: tuple[Place, ...] = ()
    must_not: tuple[Place, ...] = ()
    pairs: int = 0


@dataclass(slots=True)
class Scores:
    """Counts summed over documents; `shares` gives (hit, all) by kind and by severity."""

    kinds: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    severities: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    flags: int = 0
    false: int = 0
    hits: int = 0
    wanted: int = 0
    violations: int = 0
    must_not: int = 0
    pairs: int = 0
    judged: list[tuple[float, bool]] = field(default_factory=list)
    reached: list[float] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """The share of gold places that were hit; 0 where there are none."""
        return self.hits / self.wanted if self.wanted else 0.0

    @property
    def precision(self) -> float:
        """The share of flags that are not false; 1 where there are none."""
        return 1 - self.false / self.flags if self.flags else 1.0

    @property
    def average_precision(self) -> float:
        """The area under precision over recall as the threshold falls; equal probabilities fall together."""
        return average_precision(self.judged, self.reached, self.wanted)

    @property
    def calibration_error(self) -> float:
        """Expected calibration error: the mean gap of probability and share of true flags over ten equal bins."""
        return calibration_error(self.judged)

    @property
    def false_per_100_pairs(self) -> float:
        """False flags for every 100 pairs of segments; 0 where no pairs are known."""
        return 100 * self.false / self.pairs if self.pairs else 0.0

    def record(self) -> dict[str, Any]:
        """The scores, ready for JSON."""
        rates = {"recall": self.recall, "precision": self.precision, "average_precision": self.average_precision,
                 "calibration_error": self.calibration_error, "false_per_100_pairs": self.false_per_100_pairs}  # fmt: skip
        counts = {"flags": self.flags, "false": self.false, "hits": self.hits, "wanted": self.wanted,
                  "must_not_violations": self.violations, "must_not": self.must_not, "pairs": self.pairs}  # fmt: skip
        groups = {name: {kind: {"hits": hit, "wanted": every, "recall": round(hit / every, 4)} for kind, (hit, every) in sorted(found.items())}
                  for name, found in (("by_kind", self.kinds), ("by_severity", self.severities))}  # fmt: skip
        return {**{name: round(value, 4) for name, value in rates.items()}, **counts, **groups}


def as_text(scores: Scores) -> str:
    """The scores for a person to read."""
    found = scores.record()
    lines = [f"flags {scores.flags}, false {scores.false}; gold places {scores.wanted}, hit {scores.hits}",
             f"recall {scores.recall:.3f}  precision {scores.precision:.3f}  average precision "
             f"{scores.average_precision:.3f}  calibration error {scores.calibration_error:.3f}",
             f"must-not places flagged {scores.violations} of {scores.must_not}"]
    if scores.pairs:
        lines.append(f"false flags per 100 pairs {scores.false_per_100_pairs:.1f}")
    for title, group in (("kind", found["by_kind"]), ("severity", found["by_severity"])):
        lines.append(f"\n{title:12} {'hit':>5} {'of':>5} {'recall':>7}")
        lines += [f"{name or '-':12} {row['hits']:5} {row['wanted']:5} {row['recall']:7.3f}" for name, row in group.items()]
    return "\n".join(lines)


def overlap(a: tuple[int, int], b: tuple[int, int]) -> int:
    """Code points that two half-open ranges share."""
    return max(0, min(a[1], b[1]) - max(a[0], b[0]))


def _covered(span: tuple[int, int], places: Iterable[Place]) -> int:
    """Code points of `span` that lie on any of the places."""
    inside: set[int] = set()
    for place in places:
        inside.update(range(max(span[0], place.start), min(span[1], place.end)))
    return len(inside)


def evaluate(golds: Sequence[Gold], predicted: Sequence[Sequence[Flagged]]) -> Scores:
    """The scores of flags, a sequence a document, against gold; raises ValueError for different numbers of documents."""
    if len(golds) != len(predicted):
        raise ValueError(f"{len(golds)} gold and {len(predicted)} predicted documents")
    scores = Scores()
    for gold, flags in zip(golds, predicted, strict=True):
        _add(scores, gold, flags)
    return scores


def _add(scores: Scores, gold: Gold, flags: Sequence[Flagged]) -> None:
    best = [0.0] * len(gold.wanted)
    for flag in flags:
        span = (flag.start, flag.end)
        own = [place for place in (*gold.wanted, *gold.optional) if place.side == flag.side]
        good = 2 * _covered(span, own) >= max(1, flag.end - flag.start)
        touched = [i for i, place in enumerate(gold.wanted) if place.side == flag.side and overlap(span, place[1:3])]
        if good:
            for i in touched:
                best[i] = max(best[i], flag.probability, 1e-9)
        # a flag that lies on optional places only is neither right nor wrong
        if not good or touched:
            scores.judged.append((flag.probability, good))
        scores.flags += 1
        scores.false += not good
        scores.violations += any(
            place.side == flag.side and 2 * overlap(span, place[1:3]) > place.end - place.start for place in gold.must_not
        )
    for place, reached in zip(gold.wanted, best, strict=True):
        for groups, key in ((scores.kinds, place.kind), (scores.severities, place.severity)):
            if key:
                groups[key][0] += reached > 0
                groups[key][1] += 1
        scores.hits += reached > 0
    scores.reached += [p for p in best if p > 0]
    scores.wanted += len(gold.wanted)
    scores.must_not += len(gold.must_not)
    scores.pairs += gold.pairs


def average_precision(judged: Sequence[tuple[float, bool]], reached: Sequence[float], wanted: int) -> float:
    """The mean of precision at each rise of recall.

    `judged` holds each flag's probability and whether it is right, `reached` the highest probability at which each
    gold place was hit, `wanted` the number of gold places.
    """
    if not wanted:
        return 0.0
    total = before = 0.0
    for level in sorted({p for p, _ in judged}, reverse=True):
        right = sum(good for p, good in judged if p >= level)
        every = sum(p >= level for p, _ in judged)
        recall = sum(p >= level for p in reached) / wanted
        total += (recall - before) * right / every
        before = recall
    return total


def calibration_error(judged: Sequence[tuple[float, bool]]) -> float:
    """Expected calibration error over equal bins of probability (Guo et al. 2017, section 2); 0 where there is nothing."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for p, good in judged:
        bins[min(int(p * BINS), BINS - 1)].append((p, good))
    gaps = (abs(sum(p for p, _ in part) - sum(good for _, good in part)) for part in bins if part)
    return sum(gaps) / max(1, len(judged))


# Reading


def read_flags(path: str | os.PathLike[str]) -> list[Flagged]:
    """Flags from JSON lines with side, start, end, kind and probability; raises FormatError with `path:line`."""
    out = []
    for number, line in enumerate(_text(path).split("\n"), 1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        item = _parsed(line, where)
        try:
            flag = Flagged(item["side"], int(item["start"]), int(item["end"]), str(item.get("kind", "")), float(item.get("probability", 1.0)))
            _check_place(flag)
        except (KeyError, TypeError, OverflowError, AttributeError) as error:
            raise FormatError(f"{where}: expected a flag with side, start and end ({str(error)[:100]})") from None
        except ValueError:
            raise FormatError(f"{where}: expected side ar or en and 0 <= start <= end") from None
        out.append(flag)
    return out


def read_gold(path: str | os.PathLike[str]) -> list[Gold]:
    """Gold of one document (JSON, as in `corpora`) or of many (JSON lines of passages); raises FormatError.

    A document has `divergences`, `unaligned_units` and `must_not_flag`; a passage `flags`, `natural` and `must_not`
    with places counted in its lines, whose document is the lines each with a line feed.
    """
    text = _text(path)
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        whole = None
    if isinstance(whole, dict):
        items = [(str(path), whole)]
    else:
        items = [(f"{path}:{n}", _parsed(line, f"{path}:{n}")) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
    if not items:
        raise FormatError(f"{path}: holds no gold")
    return [_gold(item, where) for where, item in items]


def _gold(item: Any, where: str) -> Gold:
    try:
        found = _document(item) if "divergences" in item or "unaligned_units" in item else _passage(item)
        for place in (*found.wanted, *found.optional, *found.must_not):
            _check_place(place)
        return found
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError, RecursionError) as error:
        raise FormatError(f"{where}: is no gold of flags ({type(error).__name__}: {str(error)[:100]})") from None


_FARTHEST = 2**53


def _check_place(place: Place | Flagged) -> None:
    """Raise ValueError for what is no place in a text."""
    if place.side not in ("ar", "en") or not isinstance(place.kind, str):
        raise ValueError(f"a place on side {str(place.side)[:20]!r} of kind {str(place.kind)[:20]!r}")
    if type(place.start) is not int or type(place.end) is not int or not 0 <= place.start <= place.end <= _FARTHEST:
        raise ValueError(f"a place from {str(place.start)[:20]} to {str(place.end)[:20]}")
    if isinstance(place, Place) and not isinstance(place.severity, str):
        raise ValueError(f"the severity {str(place.severity)[:20]}")
    if isinstance(place, Flagged) and not 0 <= place.probability <= 1:
        raise ValueError(f"the probability {place.probability}")


def _document(item: dict[str, Any]) -> Gold:
    units = {unit["id"]: (side, unit) for side in ("ar", "en") for unit in item["sentences"][side]}
    wanted: list[Place] = []
    optional: list[Place] = []
    must_not = []
    for d in item.get("divergences", ()):
        place = Place(d["side"], d["start"], d["end"], d["type"], d.get("severity", ""))
        (wanted if d.get("expect", "flag") == "flag" else optional).append(place)
    for u in item.get("unaligned_units", ()):
        side, unit = units[u["unit"]]
        place = Place(side, unit["start"], unit["end"], u["type"], u.get("severity", ""))
        (wanted if u.get("expect", "flag") == "flag" else optional).append(place)
    for n in item.get("must_not_flag", ()):
        must_not += [Place(side, n[side]["start"], n[side]["end"], n["type"]) for side in ("ar", "en") if side in n]
    pairs = len(item.get("alignment", ())) or max(len(item["sentences"]["ar"]), len(item["sentences"]["en"]))
    return Gold(tuple(wanted), tuple(optional), tuple(must_not), pairs)


def _passage(item: dict[str, Any]) -> Gold:
    bases: dict[str, list[int]] = {}
    for side in ("ar", "en"):
        bases[side] = [0]
        for line in item[side]:
            bases[side].append(bases[side][-1] + len(line) + 1)

    def places(name: str) -> tuple[Place, ...]:
        return tuple(
            Place(g["side"], bases[g["side"]][g["line"]] + g["start"], bases[g["side"]][g["line"]] + g["end"], g.get("kind", ""), g.get("severity", ""))
            for g in item.get(name, ())
        )

    return Gold(places("flags"), places("natural"), places("must_not"), len(item["en"]))


def _parsed(line: str, where: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{where}: is not JSON ({str(error)[:100]})") from None


def _text(path: str | os.PathLike[str]) -> str:
    try:
        return read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DecodingError(f"{path}: is not UTF-8 (byte {error.start})") from error
