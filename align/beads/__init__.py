"""The path of beads through the grid of segments: arrays in, an alignment out; no text, no file, no model."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial

import numpy as np

from ..data import Alignment, Bead, Block, Neighbours, Span
from ..errors import EncoderError
from ..learnt import check, record
from ..threads import one_blas_thread
from . import kernels
from .anchors import band, chain, most_segments, runs, shares_between, supported, sure_pairs
from .answers import with_answers
from .compiled_scores import CompiledScorer
from .confidence import ALONE, PAIR, evidence, probability
from .features import Scorer
from .path import Block as Rows
from .path import Scores, blocks_of, scored_path
from .pieces import along, cuts
from .posteriors import Posteriors, posteriors
from .sides import MARKS, WINDOWS, Links, Side
from .stats import Alone, DocumentStats, by_place, estimated, share_alone

__all__ = ["MARKS", "WINDOWS", "Links", "Side", "align", "along", "cuts", "joined"]

# Grids up to so many corners are known as a whole before they are walked; of larger ones samples tell what they are like.
_WHOLE = 60_000
# Grids of more corners, those outside the band among them, are worth machine code: to load it takes about as long as to align 40 lines without it.
_COMPILED = 400
# Rounds in which likely beads tell of the document, and that of likely beads.
_ROUNDS = 2
# Scores of a grid that are kept from round to round, in numbers.
_KEPT = 200_000_000
# The 75th percentile of segments' similarity to their nearest, centred, with the embedded encoder.
_USUAL = 0.7
# What equal numbers of segments are worth in scores for a path of 1:1 beads alone, and from how many on; fewer are
# equally many by chance more often.
_EQUALLY_MANY, _MANY = 3.0, 50
# Shortest run of crossing anchors that is reported as moved, and of one-sided segments that is reported as a block.
_MOVED, _ALONE = 2, 5


@cache
def weights() -> dict[str, dict[str, float]]:
    """The learnt weights: `path` for scores of beads and of segments left alone, and `pair` and `alone` for the
    probability that these are right."""
    found = record("beads/weights.json")
    for part, features in (("path", (*Scorer.FEATURES, *Scorer.SKIPS)), ("pair", PAIR), ("alone", ALONE)):
        check(tuple(found[part]), features, "beads/weights.json")
    return found


def align(first: Side, second: Side, neighbours: tuple[Neighbours, Neighbours], links: Links | None = None, *,
          limits: tuple[int, int] = (8, 8), learnt_for: bool = True, ties: Links | None = None,
          one_of_many: bool = False) -> Alignment:
    """The most likely beads of up to `limits` segments a side, in order, and the blocks found beside them.

    `neighbours` are those of the first side's segments among the second's and the other way round, ids -1 where a
    segment was not looked up; `links` ties segments that share something rare,
    `ties` those that the structure of both documents puts together. Beads cover both sides once, one-sided
    segments one a bead. Spans wider than the vectors are not considered. The weights were learnt with the embedded
    encoder; for vectors of another (`learnt_for` false) similarities are scaled to its range. Machine code, which takes
    a moment to make, is used for large grids, and for small ones of `one_of_many`; what comes out is the same but for
    rounding. Raises EncoderError for vectors that are no numbers.

    The path maximises a sum of learnt bead scores by exact dynamic programming, after Gale and Church (1993) and
    Thompson and Koehn (Vecalign, 2019), inside a band around a chain of mutual nearest neighbours; its weights are those
    of a conditional random field (Lafferty, McCallum and Pereira, 2001). Sums over all paths tell first how this pair
    was translated and which segments are answered: beads and segments left alone are then scored with that.
    """
    if first.vectors.spans.shape[2] != second.vectors.spans.shape[2]:
        raise EncoderError(f"the two sides' vectors have different dimensions, "
                           f"{first.vectors.spans.shape[2]} and {second.vectors.spans.shape[2]}")
    with one_blas_thread():
        scale = 1.0 if learnt_for else _scale(neighbours[0])
        return _align(first, second, neighbours, links or Links.none(), limits, scale, ties, one_of_many)


def _align(first: Side, second: Side, neighbours: tuple[Neighbours, Neighbours], links: Links,
           limits: tuple[int, int], scale: float, ties: Links | None, one_of_many: bool) -> Alignment:
    n, m = len(first), len(second)
    limits = min(limits[0], first.vectors.width), min(limits[1], second.vectors.width)
    if not n or not m:
        steps = np.array([(1, 0)] * n + [(0, 1)] * m, np.int64).reshape(-1, 2)
        return Alignment(_as_beads(steps, np.zeros(n + m), np.ones(n + m)), _blocks_alone(steps))
    learnt = weights()
    pairs, sims = sure_pairs(*neighbours)
    kept = chain(pairs, sims)
    anchors = pairs[kept]
    anchors = anchors[supported(anchors)]
    low, high = band(n, m, anchors)
    whole = int((high - low).sum()) <= _WHOLE
    machine = kernels.machine() if one_of_many or (n + 1) * (m + 1) > _COMPILED else None
    make = Scorer if machine is None else partial(CompiledScorer, machine)
    scorer = make(first, second, links, learnt["path"], limits, scale=scale, ties=ties, keep=whole)
    grid = _Grid(low, high, limits, machine, None if whole else most_segments(n, m, anchors))
    if whole:
        for _ in range(_ROUNDS):
            found = grid.posteriors(scorer, scorer)
            scorer = scorer.with_stats(with_answers(estimated(found, first, second), found, scorer))
        scores = grid.kept(scorer)
    else:
        scorer = scorer.with_stats(_sampled(scorer, anchors, low, high, machine))
        scores = grid.kept(scorer)
        found = grid.posteriors(scores, scorer)
        scorer = scorer.with_stats(with_answers(scorer.stats, found, scorer))
    path, best = grid.best_path(scores, scorer)
    if n == m and whole and (grid.line_by_line(scores, scorer) + _EQUALLY_MANY * min(1.0, n / _MANY) >= best):
        # Equally many segments: most likely each answers one, and nothing but clear evidence should tell otherwise.
        path = [(1, 1)] * n
    steps = np.asarray(path)
    seen, pair, lone = evidence(steps, np.cumsum(steps, axis=0), scorer, found)
    beads = _as_beads(steps, np.minimum(seen / scale, 1), probability(pair, lone, steps.all(1), learnt))
    return Alignment(beads, (*_moved(pairs[~kept], sims[~kept], steps), *_blocks_alone(steps)))


def joined(pieces: Sequence[tuple[tuple[int, int], Alignment]]) -> Alignment:
    """One alignment of those of pieces that follow each other, each given with the corner at which it begins."""
    beads = [Bead(_shifted(bead.ar, i), _shifted(bead.en, j), bead.sim, bead.confidence)
             for (i, j), piece in pieces for bead in piece.beads]
    moved = [replace(block, ar=_shifted(block.ar, i), en=_shifted(block.en, j))
             for (i, j), piece in pieces for block in piece.blocks if block.kind == "moved"]
    steps = np.array([(len(bead.ar), len(bead.en)) for bead in beads], np.int64).reshape(-1, 2)
    return Alignment(tuple(beads), (*moved, *_blocks_alone(steps)))


def _shifted(span: Span, by: int) -> Span:
    return Span(span.start + by, span.stop + by)


class _Grid:
    """A band of corners, in blocks, and what may be asked of it; `most` bounds beads near each row."""

    def __init__(self, low: np.ndarray, high: np.ndarray, limits: tuple[int, int], machine: kernels.Machine | None,
                 most: np.ndarray | None):
        self._band, self._limits, self._machine, self._most = (low, high), limits, machine, most
        self._blocks = blocks_of(low, high, *limits, most, machine)

    def kept(self, scorer: Scorer) -> Scores:
        """The scores, reckoned once where there is room for them."""
        if sum(_size(block, self._limits) for block in self._blocks) > _KEPT:
            return scorer
        done: dict[int, np.ndarray] = {}

        def scores(start: int, stop: int, columns: np.ndarray, *most: int | np.ndarray) -> np.ndarray:
            if start not in done:
                done[start] = scorer(start, stop, columns, *most)
            return done[start]

        return scores

    def posteriors(self, scores: Scores, scorer: Scorer) -> Posteriors:
        """Likely beads; those of the best path where the sums over all paths leave the range of numbers."""
        try:
            return posteriors(scores, *scorer.skips(), *self._band, *self._limits, self._machine, self._blocks)
        except ValueError:
            return _certain(np.asarray(self.best_path(scores, scorer)[0]), len(scorer.first), len(scorer.second))

    def line_by_line(self, scores: Scores, scorer: Scorer) -> float:
        """The score of the path of 1:1 beads, inside the band or not."""
        low, high = self._band
        rows = np.arange(len(low))
        if ((rows < low) | (rows >= high)).any():
            return _line_by_line(scorer, len(scorer.first))
        total = 0.0
        for block in self._blocks:
            i = rows[block.start:block.stop]
            at = i - block.start
            first = np.broadcast_to(block.columns[:, 0], len(i))
            total += float(scores(block.start, block.stop, block.columns, *block.most)[at, 0, 0, i - first].sum())
        return total

    def best_path(self, scores: Scores, scorer: Scorer) -> tuple[list[tuple[int, int]], float]:
        """The path of the highest score, and that."""
        return scored_path(scores, *scorer.skips(), *self._band, *self._limits, self._most, self._machine, self._blocks)


def _size(block: Rows, limits: tuple[int, int]) -> int:
    return (block.stop - block.start) * limits[0] * limits[1] * block.columns.shape[1]


def _certain(steps: np.ndarray, n: int, m: int) -> Posteriors:
    """A path's beads, as if there were no other."""
    ends = np.cumsum(steps, axis=0)
    two = steps.all(1)
    alone, places = [np.zeros(n), np.zeros(m)], [np.full(n, np.nan), np.full(m, np.nan)]
    for side in (0, 1):
        at = steps[:, 1 - side] == 0
        alone[side][ends[at, side] - 1], places[side][ends[at, side] - 1] = 1, ends[at, 1 - side]
    return Posteriors(ends[two], steps[two], np.ones(int(two.sum())), *alone, *places)


def _scale(forward: Neighbours) -> float:
    """What brings the similarities of good pairs to where they are with the encoder that the weights were learnt with."""
    best = forward.sims[forward.ids[:, 0] >= 0, 0]
    return float(np.clip(_USUAL / max(np.percentile(best, 75), 1e-3), 0.7, 1.8)) if len(best) else 1.0


def _line_by_line(scorer: Scorer, n: int) -> float:
    """The score of the path of `n` 1:1 beads."""
    total = 0.0
    for start in range(1, n + 1, 16):
        stop = min(start + 16, n + 1)
        scores = scorer(start, stop, np.arange(start, stop)[:, None])[:, 0, 0]
        total += float(scores.sum())
    return total


def _sampled(scorer: Scorer, anchors: np.ndarray, low: np.ndarray, high: np.ndarray, machine: kernels.Machine | None
             ) -> DocumentStats:
    """What stretches between anchors, spread over the document, tell of it; where one side stands alone, all anchors."""
    n, m = len(scorer.first), len(scorer.second)
    found = [_stretch(scorer, anchors[at:], low, high, machine) for at in _spread(anchors)]
    together = Posteriors(*(np.concatenate([getattr(part, name) for part in found if part is not None] or [empty])
                            for name, empty in (("ends", np.zeros((0, 2), np.int64)), ("sizes", np.zeros((0, 2), np.int64)),
                                                ("shares", np.zeros(0)), ("first_alone", np.zeros(0)),
                                                ("second_alone", np.zeros(0)), ("first_places", np.zeros(0)),
                                                ("second_places", np.zeros(0)))))
    stats = estimated(together, scorer.first, scorer.second)
    first, second = (replace(Alone.of(alone, side.bead, side.near), place=by_place(part, share_alone(alone)))
                     for side, alone, part in zip((stats.first, stats.second), (together.first_alone, together.second_alone),
                                                  shares_between(anchors, n, m), strict=True))
    return replace(stats, first=first, second=second)


def _spread(anchors: np.ndarray) -> Sequence[int]:
    """Anchors spread over the document."""
    return np.linspace(0, max(len(anchors) - 1, 0), 9).astype(int)[:-1].tolist() if len(anchors) else []


def _stretch(scorer: Scorer, anchors: np.ndarray, low: np.ndarray, high: np.ndarray, machine: kernels.Machine | None
             ) -> Posteriors | None:
    """Likely beads of the stretch that begins at the first anchor; None where it is too short or too long to tell."""
    stop = int(np.searchsorted(anchors[:, 0], anchors[0, 0] + 80, side="right")) - 1
    (i, j), (i2, j2) = anchors[0].tolist(), anchors[stop].tolist()
    if not 2 <= i2 - i <= 200 or not 2 <= j2 - j <= 400:
        return None
    first, second = scorer.skips()
    inside = (np.clip(low[i:i2 + 1] - j, 0, j2 - j),
              np.append(np.clip(high[i:i2] - j, 1, j2 - j + 1), j2 - j + 1))
    blocks = blocks_of(*inside, *scorer.limits, None, machine)
    try:
        found = posteriors(lambda r0, r1, columns: scorer(r0 + i, r1 + i, columns + j), first[i:i2], second[j:j2], *inside,
                           *scorer.limits, machine, blocks)
    except ValueError:
        return None
    # A bead that begins before the stretch is none of it.
    own = (found.ends >= found.sizes).all(1)
    return replace(found, ends=found.ends[own] + (i, j), sizes=found.sizes[own], shares=found.shares[own])


def _as_beads(steps: np.ndarray, sims: np.ndarray, sure: np.ndarray) -> tuple[Bead, ...]:
    """The steps of a path as beads with their similarity and confidence."""
    ends = np.cumsum(steps, axis=0)
    columns = (*(ends - steps).T, *ends.T, sims, sure)
    return tuple(Bead(Span(i, i_end), Span(j, j_end), sim, p)
                 for i, j, i_end, j_end, sim, p in zip(*(column.tolist() for column in columns), strict=True))


def _moved(pairs: np.ndarray, sims: np.ndarray, steps: np.ndarray) -> tuple[Block, ...]:
    """Runs of sure pairs beside the chain whose segments the path did not pair with others."""
    if len(pairs) < _MOVED:
        return ()
    ends = np.cumsum(steps, axis=0)
    alone_first, alone_second = (np.isin(pairs[:, side], ends[steps[:, 1 - side] == 0, side] - 1) for side in (0, 1))
    free = alone_first | alone_second
    out = []
    for start, stop in runs(pairs, _MOVED):
        if free[start:stop].mean() >= 0.5:
            (i, j), (i_end, j_end) = pairs[start].tolist(), (pairs[stop - 1] + 1).tolist()
            out.append(Block(Span(i, i_end), Span(j, j_end), "moved", float(sims[start:stop].mean())))
    return tuple(out)


def _blocks_alone(steps: np.ndarray) -> tuple[Block, ...]:
    """Long runs of segments that stand in one version only; no bead with both sides lies between them."""
    out: list[Block] = []
    if np.count_nonzero(steps == 0) < _ALONE:
        return ()
    ends = np.cumsum(steps, axis=0)
    stretch = np.cumsum(steps.all(1))
    for side in (0, 1):
        alone = np.flatnonzero(steps[:, 1 - side] == 0)
        _, first, count = np.unique(stretch[alone], return_index=True, return_counts=True)
        for at, size in zip(first[count >= _ALONE], count[count >= _ALONE], strict=True):
            start, stop = (ends - steps)[alone[at]].tolist(), ends[alone[at + size - 1]].tolist()
            span, empty = Span(start[side], stop[side]), Span(start[1 - side], start[1 - side])
            out.append(Block(*((span, empty) if side == 0 else (empty, span)), "only"))
    return tuple(out)
