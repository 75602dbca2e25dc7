"""The path of beads through the grid of segments: arrays in, an alignment out; no text, no file, no model."""

import json
from functools import cache, partial

import numpy as np

from ..data import Alignment, Bead, Block, Neighbours, Span
from ..errors import EncoderError
from ..shipped import folder
from ..threads import one_blas_thread
from . import kernels
from .anchors import band, chain, most_segments, runs, supported, sure_pairs
from .compiled_scores import CompiledScorer
from .confidence import evidence, probability
from .features import Habits, Scorer, habits, shares_between
from .path import best_path, blocks_of, scored_path
from .sides import MARKS, WINDOWS, Links, Side

__all__ = ["MARKS", "WINDOWS", "Links", "Side", "align"]

# Grids up to so many corners get a first path of their own; of larger ones samples are walked first.
_FIRST_PATH = 60_000
# Rounds in which the last path's habits score the next one; the paths that they begin with, by how much less each likes
# to leave a segment alone than the weights say: texts with and without one-sided segments explain themselves differently.
_ROUNDS, _RELUCTANCE = 2, (0.0, 1.0)
# The 75th percentile of segments' similarity to their nearest, centred, with the embedded encoder.
_USUAL = 0.7
# What equal numbers of segments are worth in scores for a path of 1:1 beads alone, and from how many on; fewer are
# equally many by chance more often.
_EQUALLY_MANY, _MANY = 1.5, 50
# Shortest run of crossing anchors that is reported as moved, and of one-sided segments that is reported as a block.
_MOVED, _ALONE = 2, 5


@cache
def weights() -> dict[str, dict[str, float]]:
    """The learnt weights: `first` for a path that knows nothing of the document, `second` for those after it, and
    `confidence` for the probability that a bead is right."""
    return json.loads((folder("models") / "beads" / "weights.json").read_text("utf-8"))


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
    Thompson and Koehn (Vecalign, 2019), inside a band around a chain of mutual nearest neighbours; its weights come
    from a structured perceptron (Collins, 2002). A first path tells how this pair was translated; the next are scored
    with that.
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
    few = int((high - low).sum()) <= _FIRST_PATH
    machine = kernels.machine() if one_of_many or not few else None
    make = Scorer if machine is None else partial(CompiledScorer, machine)
    scorer = make(first, second, links, learnt["first"], limits, scale=scale, ties=ties, keep=few)
    if few:
        alone = scorer.skips()
        blocks = blocks_of(low, high, *limits, None, machine)
        paths = [best_path(scorer, *(x - less for x in alone), low, high, *limits, None, machine, blocks)
                 for less in _RELUCTANCE]
        if paths[0] == paths[1]:
            del paths[1:]
        starts = [(path, habits(path, scorer)) for path in paths]
        rounds, most = _ROUNDS, None
    else:
        starts = [((), _sampled(scorer, anchors, low, high, machine))]
        rounds, most, blocks = 1, most_segments(n, m, anchors), None
    best = -np.inf
    for steps, known in starts:
        for _ in range(rounds):
            before = steps
            scorer = scorer.with_habits(known, learnt["second"])
            steps, score = scored_path(scorer, *scorer.skips(), low, high, *limits, most, machine, blocks)
            if steps == before:
                break  # the habits are those that led to it
            known = habits(steps, scorer)
        if score > best:
            best, path, final = score, steps, known
    if n == m and few:
        # Equally many segments: most likely each answers one, and nothing but clear evidence should tell otherwise.
        even = [(1, 1)] * n
        known = final if path == even else habits(even, scorer)
        if path != even and (_line_by_line(scorer.with_habits(known, learnt["second"]), n)
                             + _EQUALLY_MANY * min(1.0, n / _MANY) >= best):
            path, final = even, known
    scorer, known = scorer.with_habits(final, learnt["second"]), final
    steps = np.asarray(path)
    seen, pair, lone = evidence(steps, np.cumsum(steps, axis=0), scorer, known)
    beads = _as_beads(steps, np.minimum(seen / scale, 1), probability(pair, lone, steps.all(1), learnt["confidence"]))
    return Alignment(beads, (*_moved(pairs[~kept], sims[~kept], steps), *_blocks_alone(steps)))


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
             ) -> Habits:
    """Habits from stretches between anchors, spread over the document; where one side stands alone, from all anchors."""
    path: list[tuple[int, int]] = []
    corners: list[tuple[int, int]] = []
    n, m = len(scorer.first), len(scorer.second)
    starts = np.linspace(0, max(len(anchors) - 1, 0), 9).astype(int)[:-1]
    for at in starts if len(anchors) else []:
        stop = at
        while stop + 1 < len(anchors) and anchors[stop + 1][0] - anchors[at][0] <= 80:
            stop += 1
        (i, j), (i2, j2) = anchors[at], anchors[stop]
        if not 2 <= i2 - i <= 200 or not 2 <= j2 - j <= 400:
            continue
        alone = scorer.skips()
        steps = best_path(lambda r0, r1, columns, i=i, j=j: scorer(r0 + i, r1 + i, columns + j),
                          alone[0][i:i2], alone[1][j:j2],
                          np.clip(low[i:i2 + 1] - j, 0, j2 - j), np.append(np.clip(high[i:i2] - j, 1, j2 - j + 1),
                                                                          j2 - j + 1), *scorer.limits, machine=machine)
        for step in steps:
            i, j = i + step[0], j + step[1]
            path.append(step)
            corners.append((int(i), int(j)))
    return habits(path, scorer, corners, alone=shares_between(anchors, n, m))


def _as_beads(steps: np.ndarray, sims: np.ndarray, sure: np.ndarray) -> tuple[Bead, ...]:
    """The steps of a path as beads with their similarity and confidence."""
    ends = np.cumsum(steps, axis=0)
    columns = (*(ends - steps).T, *ends.T, sims, sure)
    return tuple(Bead(Span(i, k), Span(j, l), sim, p)
                 for i, j, k, l, sim, p in zip(*(column.tolist() for column in columns), strict=True))


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
            (i, j), (k, l) = pairs[start].tolist(), (pairs[stop - 1] + 1).tolist()
            out.append(Block(Span(i, k), Span(j, l), "moved", float(sims[start:stop].mean())))
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
