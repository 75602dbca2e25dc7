"""Alignments against gold: Vecalign's strict and lax scores, one-sided lines, bead types, intervals.

The alignment format is Vecalign's: a bead a line, `[0, 1]:[2]:0.5`, segment numbers of both sides from 0, `[]` for
none, then an optional score.
"""

import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from ..data import Alignment
from ..errors import DecodingError, FormatError, UsageError
from ..files import read_bytes

if TYPE_CHECKING:
    import numpy as np

IndexBead = tuple[tuple[int, ...], tuple[int, ...]]
"""A bead as segment numbers of the Arabic (first) and the English (second) side."""

_LINE = re.compile(r"\s*\[([\d,\s]*)\]\s*:\s*\[([\d,\s]*)\]\s*(?::\s*(\S+)\s*)?", re.ASCII)


# Reading


def read_alignment(path: str | os.PathLike[str]) -> list[IndexBead]:
    """Beads of a file in Vecalign's format, in its order; raises FormatError with `path:line`.

    Blank lines are skipped, where Vecalign's own reader stops at the first one. `.gz`, `.xz` and `.zst` are
    decompressed by their names.
    """
    try:
        text = read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DecodingError(f"{path}: is not UTF-8 (byte {error.start})") from error
    return parse_alignment(text.split("\n"), str(path))


def parse_alignment(lines: Iterable[str], name: str = "<alignment>") -> list[IndexBead]:
    """Beads of lines in Vecalign's format; raises FormatError with `name:line`."""
    beads = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise FormatError(f"{name}:{number}: expected [0, 1]:[2]:0.5, found {_shown(line)}")
        ar, en, score = match.groups()
        try:
            bead = _indices(ar), _indices(en)
            if score is not None:
                float(score)
        except ValueError:
            raise FormatError(f"{name}:{number}: expected [0, 1]:[2]:0.5, found {_shown(line)}") from None
        if bead == ((), ()):
            raise FormatError(f"{name}:{number}: a bead needs a segment on one side at least, found {_shown(line)}")
        beads.append(bead)
    return beads


def index_beads(alignment: Alignment) -> list[IndexBead]:
    """The beads of an alignment as segment numbers."""
    return [(tuple(range(*bead.ar)), tuple(range(*bead.en))) for bead in alignment.beads]


def _indices(text: str) -> tuple[int, ...]:
    """Numbers between commas; one comma may follow the last, as in a Python list."""
    if not text.strip():
        return ()
    parts = text.split(",")
    if len(parts) > 1 and not parts[-1].strip():
        parts.pop()
    return tuple(map(int, parts))


def _shown(line: str) -> str:
    line = line.strip()
    return repr(line if len(line) <= 60 else line[:57] + "...")


# Lint


@dataclass(frozen=True, slots=True)
class Defect:
    """What is wrong with a list of beads: `kind` is `twice`, `missing`, `beyond`, `gap` or `crossing`.

    `count` segments of `side` are concerned, `first` holds the lowest of their numbers, eight at most.
    """

    kind: str
    side: str
    count: int
    first: tuple[int, ...]

    def __str__(self) -> str:
        what = {
            "twice": "in two beads or more",
            "missing": "in no bead",
            "beyond": "beyond the last segment",
            "gap": "skipped inside a bead",
            "crossing": "after a later segment",
        }[self.kind]
        shown = ", ".join(map(str, self.first)) + (", ..." if self.count > len(self.first) else "")
        return f"{self.side} segments {what}: {self.count} ({shown})"


def lint(beads: Sequence[IndexBead], ar: int | None = None, en: int | None = None) -> list[Defect]:
    """What keeps `beads` from covering both sides once and in order.

    `ar` and `en` are the numbers of segments, where they are known; otherwise each side ends with its highest number.
    An empty list means that the beads tile both sides.
    """
    defects = []
    for side, which, size in (("ar", 0, ar), ("en", 1, en)):
        runs = [bead[which] for bead in beads if bead[which]]
        counts = Counter(chain.from_iterable(runs))
        known = sorted(counts)
        size = max(known, default=-1) + 1 if size is None else size
        skipped = [_absent(sorted(run), min(run), max(run)) for run in runs if max(run) - min(run) >= len(run)]
        found = (
            ("twice", *_few([i for i in known if counts[i] > 1])),
            ("missing", *_absent([i for i in known if i < size], 0, size)),
            ("beyond", *_few([i for i in known if i >= size])),
            ("gap", sum(n for n, _ in skipped), tuple(chain.from_iterable(first for _, first in skipped))[:8]),
            ("crossing", *_few(sorted(_crossing(runs)))),
        )
        defects += [Defect(kind, side, count, first) for kind, count, first in found if count]
    return defects


def _few(segments: list[int]) -> tuple[int, tuple[int, ...]]:
    """How many, and the first eight."""
    return len(segments), tuple(segments[:8])


def _absent(known: list[int], start: int, stop: int) -> tuple[int, tuple[int, ...]]:
    """How many numbers from `start` to before `stop` are not in the sorted `known`, and the first eight.

    Only the gaps are walked, so one absurdly high number costs nothing.
    """
    count = 0
    first: list[int] = []
    for i in chain(known, (stop,)):
        if i > start:
            count += i - start
            first += range(start, min(i, start + 8 - len(first)))
        start = max(start, i + 1)
    return count, tuple(first)


def _crossing(runs: list[tuple[int, ...]]) -> set[int]:
    """Segments lower than one that came before."""
    found, highest = set(), -1
    for i in chain.from_iterable(runs):
        if i < highest:
            found.add(i)
        highest = max(highest, i)
    return found


# Scores


@dataclass(frozen=True, slots=True)
class Rates:
    """`right` of `predicted` things are in the gold, `found` of `gold` things in the prediction."""

    right: int
    predicted: int
    found: int
    gold: int

    @property
    def precision(self) -> float:
        """0 where nothing is predicted."""
        return self.right / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """0 where the gold is empty."""
        return self.found / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall, 0 where both are."""
        precision, recall = self.precision, self.recall
        return 2 * precision * recall / (precision + recall) if precision + recall else 0.0

    def as_dict(self) -> dict[str, float | int]:
        """Counts and rates by name."""
        return {
            "precision": self.precision, "recall": self.recall, "f1": self.f1,
            "right": self.right, "predicted": self.predicted, "found": self.found, "gold": self.gold,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a rate lies in the share `level` of the resampled collections."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Scores:
    """How predicted alignments compare with gold, summed over documents.

    `strict` and `lax` are Vecalign's (Thompson & Koehn 2019, after Sennrich & Volk 2011): sets of beads; precision
    keeps one-sided beads, recall drops them; strict is an identical bead, lax one that touches the gold links of its
    segments. `one_sided` counts single lines, by side and in `both`. `types` holds rates by `n:m`. `links` counts
    pairs of single segments. `contained` of `two_sided` predicted beads stay inside one gold bead.
    `intervals` has `precision`, `recall` and `f1` of `strict`, `lax` and `one_sided`, such as `strict.f1`;
    `resampled` says of what (`documents`, or `beads` where there is one document only).
    """

    documents: int
    strict: Rates
    lax: Rates
    one_sided: dict[str, Rates]
    types: dict[str, Rates]
    links: Rates
    contained: int
    two_sided: int
    intervals: dict[str, Interval]
    resampled: str = ""
    samples: int = 0
    level: float = 0.95
    defects: tuple[str, ...] = ()

    @property
    def containment(self) -> float:
        """Share of predicted two-sided beads that stay inside one gold bead; 0 where there are none."""
        return self.contained / self.two_sided if self.two_sided else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain dicts, lists and numbers, for JSON."""
        return {
            "scorer": "vecalign",
            "documents": self.documents,
            "strict": self.strict.as_dict(),
            "lax": self.lax.as_dict(),
            "one_sided": {side: rates.as_dict() for side, rates in self.one_sided.items()},
            "types": {kind: rates.as_dict() for kind, rates in self.types.items()},
            "links": self.links.as_dict(),
            "containment": {"share": self.containment, "contained": self.contained, "two_sided": self.two_sided},
            "intervals": {name: [each.low, each.high] for name, each in self.intervals.items()},
            "bootstrap": {"resampled": self.resampled, "samples": self.samples, "level": self.level},
            "defects": list(self.defects),
        }


def evaluate(
    golds: Sequence[Sequence[IndexBead]],
    predictions: Sequence[Sequence[IndexBead]],
    *,
    samples: int = 0,
    rng: "np.random.Generator | None" = None,
    level: float = 0.95,
    names: Sequence[str] | None = None,
) -> Scores:
    """Scores of `predictions` against `golds`, one list of beads a document.

    With `samples` above 0, percentile bootstrap intervals from `rng`: over documents, or for a single document over
    its groups of gold and predicted beads that share a segment. Defects (see `lint`) are reported in the result,
    after the document's name, and change nothing. Raises UsageError when the numbers of documents differ.
    """
    if len(golds) != len(predictions):
        raise UsageError(f"{len(golds)} gold alignments but {len(predictions)} predicted ones; give them in pairs")
    if not golds:
        raise UsageError("nothing to evaluate: no gold alignment given")
    if samples and rng is None:
        raise UsageError("bootstrap intervals need a random generator (rng)")
    pairs = [(_plain(gold), _plain(predicted)) for gold, predicted in zip(golds, predictions)]
    tallies = [_tally(gold, predicted) for gold, predicted in pairs]
    total = [sum(column) for column in zip(*tallies)]
    intervals: dict[str, Interval] = {}
    if samples and rng is not None:
        rows = tallies if len(pairs) > 1 else [_tally(*group) for group in _groups(*pairs[0])]
        intervals = _bootstrap(rows, samples, rng, level)
    return Scores(
        documents=len(pairs),
        strict=Rates(*total[0:4]),
        lax=Rates(*total[4:8]),
        one_sided={"both": Rates(*total[8:12]), **{side: _one_sided(pairs, side) for side in ("ar", "en")}},
        types=_types(pairs),
        links=_links(pairs),
        contained=sum(_contained(*pair) for pair in pairs),
        two_sided=sum(1 for _, predicted in pairs for ar, en in predicted if ar and en),
        intervals=intervals,
        resampled=("documents" if len(pairs) > 1 else "beads") if samples else "",
        samples=samples,
        level=level,
        defects=tuple(_defects(pairs, names)),
    )


def _plain(beads: Sequence[IndexBead]) -> list[IndexBead]:
    """Beads as tuples, those that are empty on both sides left out."""
    return [(tuple(ar), tuple(en)) for ar, en in beads if len(ar) or len(en)]


def _defects(pairs: list[tuple[list[IndexBead], list[IndexBead]]], names: Sequence[str] | None) -> Iterable[str]:
    for k, (gold, predicted) in enumerate(pairs):
        name = names[k] if names else f"document {k + 1}"
        for defect in lint(gold):
            yield f"{name}, gold: {defect}"
        sizes = (1 + max(chain((-1,), *(bead[side] for bead in gold))) for side in (0, 1))
        for defect in lint(predicted, *sizes):
            yield f"{name}, predicted: {defect}"


def _hits(gold: set[IndexBead], test: set[IndexBead]) -> tuple[int, int, int]:
    """Strict hits, lax hits and number of `test` beads, Vecalign's `_precision`."""
    homes: dict[int, list[frozenset[int]]] = defaultdict(list)
    for ar, en in gold:
        answers = frozenset(en)
        for i in ar:
            homes[i].append(answers)
    lax = 0
    for ar, en in test - gold:
        near = {id(answers): answers for i in ar for answers in homes.get(i, ())}
        lax += any(not answers.isdisjoint(en) for answers in near.values())
    strict = len(test & gold)
    return strict, strict + lax, len(test)


def _tally(gold: Sequence[IndexBead], predicted: Sequence[IndexBead]) -> tuple[int, ...]:
    """Counts of `Rates` for strict, lax and one-sided lines, twelve in all."""
    everything = set(gold), set(predicted)
    two_sided = [{bead for bead in beads if bead[0] and bead[1]} for beads in everything]
    strict, lax, tests = _hits(*everything)
    strict_found, lax_found, golds = _hits(two_sided[1], two_sided[0])
    want, got = (_lone_lines(beads) for beads in everything)
    both = len(want & got)
    return strict, tests, strict_found, golds, lax, tests, lax_found, golds, both, len(got), both, len(want)


def _lone_lines(beads: Iterable[IndexBead]) -> set[tuple[str, int]]:
    """Side and number of every segment that has no counterpart."""
    return {("ar", i) for ar, en in beads if not en for i in ar} | {("en", j) for ar, en in beads if not ar for j in en}


def _one_sided(pairs: list[tuple[list[IndexBead], list[IndexBead]]], side: str) -> Rates:
    right = predicted = gold = 0
    for pair in pairs:
        want, got = ({line for line in _lone_lines(beads) if line[0] == side} for beads in pair)
        right, predicted, gold = right + len(want & got), predicted + len(got), gold + len(want)
    return Rates(right, predicted, right, gold)


def _types(pairs: list[tuple[list[IndexBead], list[IndexBead]]]) -> dict[str, Rates]:
    """Rates of identical beads by `n:m`, smaller beads first."""
    right: Counter[tuple[int, int]] = Counter()
    predicted: Counter[tuple[int, int]] = Counter()
    gold: Counter[tuple[int, int]] = Counter()
    for gold_beads, predicted_beads in pairs:
        want, got = set(gold_beads), set(predicted_beads)
        for counter, beads in ((gold, want), (predicted, got), (right, want & got)):
            counter.update((len(ar), len(en)) for ar, en in beads)
    kinds = sorted(gold.keys() | predicted.keys(), key=lambda kind: (sum(kind), kind))
    return {f"{n}:{m}": Rates(right[n, m], predicted[n, m], right[n, m], gold[n, m]) for n, m in kinds}


def _links(pairs: list[tuple[list[IndexBead], list[IndexBead]]]) -> Rates:
    """Rates of the pairs of single segments that the beads join."""
    right = predicted = gold = 0
    for gold_beads, predicted_beads in pairs:
        want, got = set(gold_beads), set(predicted_beads)
        homes: tuple[dict[int, list[int]], dict[int, list[int]]] = defaultdict(list), defaultdict(list)
        for k, bead in enumerate(want):
            for side in (0, 1):
                for i in bead[side]:
                    homes[side][i].append(k)
        for bead in got:
            # Counted by overlap, not listed: a bead of 10,000 x 10,000 has a hundred million links.
            ar, en = (Counter(k for i in bead[side] for k in homes[side].get(i, ())) for side in (0, 1))
            right += sum(n * en[k] for k, n in ar.items())
        predicted += sum(len(ar) * len(en) for ar, en in got)
        gold += sum(len(ar) * len(en) for ar, en in want)
    return Rates(right, predicted, right, gold)


def _contained(gold: list[IndexBead], predicted: list[IndexBead]) -> int:
    """How many predicted two-sided beads lie inside one gold bead."""
    homes = [{i: k for k, bead in enumerate(gold) for i in bead[side]} for side in (0, 1)]
    count = 0
    for bead in predicted:
        if bead[0] and bead[1]:
            inside = {homes[side].get(i, -1) for side in (0, 1) for i in bead[side]}
            count += len(inside) == 1 and -1 not in inside
    return count


def _groups(gold: list[IndexBead], predicted: list[IndexBead]) -> list[tuple[list[IndexBead], list[IndexBead]]]:
    """The smallest groups of gold and predicted beads between which no segment is shared, as (gold, predicted)."""
    parents: dict[tuple[int, int], tuple[int, int]] = {}

    def root(node: tuple[int, int]) -> tuple[int, int]:
        while parents.setdefault(node, node) != node:
            parents[node] = node = parents[parents[node]]
        return node

    def nodes(bead: IndexBead) -> list[tuple[int, int]]:
        return [(side, i) for side in (0, 1) for i in bead[side]]

    for bead in chain(gold, predicted):
        first, *others = nodes(bead)
        for other in others:
            parents[root(other)] = root(first)
    groups: dict[tuple[int, int], tuple[list[IndexBead], list[IndexBead]]] = defaultdict(lambda: ([], []))
    for which, beads in enumerate((gold, predicted)):
        for bead in beads:
            groups[root(nodes(bead)[0])][which].append(bead)
    return list(groups.values())


_INTERVALS: tuple[tuple[str, int], ...] = (("strict", 0), ("lax", 4), ("one_sided", 8))


def _bootstrap(
    rows: Sequence[tuple[int, ...]], samples: int, rng: "np.random.Generator", level: float
) -> dict[str, Interval]:
    """Percentile intervals of rates over resampled `rows` of counts (Efron 1979)."""
    import numpy as np

    # Equal rows are drawn together: a multinomial over the distinct ones is the same bootstrap, and much smaller.
    counts, repeats = np.unique(np.asarray(rows, dtype=np.int64), axis=0, return_counts=True)
    weights = rng.multinomial(len(rows), repeats / len(rows), size=samples)
    sums = (weights @ counts).astype(np.float64)
    tail = (1 - level) / 2
    intervals = {}
    for name, at in _INTERVALS:
        right, predicted, found, gold = sums[:, at : at + 4].T
        precision = np.divide(right, predicted, out=np.zeros(samples), where=predicted > 0)
        recall = np.divide(found, gold, out=np.zeros(samples), where=gold > 0)
        both = precision + recall
        f1 = np.divide(2 * precision * recall, both, out=np.zeros(samples), where=both > 0)
        for rate, values in (("precision", precision), ("recall", recall), ("f1", f1)):
            low, high = np.quantile(values, [tail, 1 - tail])
            intervals[f"{name}.{rate}"] = Interval(float(low), float(high))
    return intervals


# Text


def as_text(scores: Scores) -> str:
    """The scores as a table for a terminal, lines without a line end at the last."""
    rows: list[tuple[str, Rates, str]] = [
        ("strict", scores.strict, "strict"),
        ("lax", scores.lax, "lax"),
        ("sentence links", scores.links, ""),
        ("one-sided lines", scores.one_sided["both"], "one_sided"),
        ("  ar", scores.one_sided["ar"], ""),
        ("  en", scores.one_sided["en"], ""),
    ]
    lines = [f"{'':<16}{'P':>7}{'R':>7}{'F1':>7}{'gold':>8}{'found':>8}{'pred.':>8}{'right':>8}" + _percent(scores)]
    lines += [_row(name, rates) + _range(scores, key) for name, rates, key in rows]
    lines += ["", f"{'bead type':<16}{'P':>7}{'R':>7}{'F1':>7}{'gold':>8}{'found':>8}{'pred.':>8}{'right':>8}"]
    lines += [_row(kind, rates) for kind, rates in scores.types.items()]
    lines += [
        "",
        f"{scores.contained} of {scores.two_sided} two-sided beads lie inside one gold bead ({scores.containment:.3f})",
        f"{scores.documents} document(s); strict and lax as Vecalign counts them" + _resampling(scores),
    ]
    return "\n".join(lines + [f"warning: {defect}" for defect in scores.defects])


def _row(name: str, rates: Rates) -> str:
    values = f"{rates.precision:>7.3f}{rates.recall:>7.3f}{rates.f1:>7.3f}"
    return f"{name:<16}{values}{rates.gold:>8}{rates.found:>8}{rates.predicted:>8}{rates.right:>8}"


def _percent(scores: Scores) -> str:
    return f"   F1, {scores.level:.0%} interval" if scores.intervals else ""


def _range(scores: Scores, key: str) -> str:
    interval = scores.intervals.get(f"{key}.f1")
    return f"   {interval.low:.3f} to {interval.high:.3f}" if interval else ""


def _resampling(scores: Scores) -> str:
    if not scores.samples:
        return ""
    units = "groups of beads of the one document" if scores.resampled == "beads" else "documents"
    return f"; intervals from {scores.samples} bootstrap samples of {units}"
