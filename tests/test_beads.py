"""The path against all paths, features against their plain definition, anchors, bands, blocks."""

import itertools
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import align
from align import beads
from align.beads import MARKS, WINDOWS, Links, Side, kernels, weights
from align.beads import align as align_sides
from align.beads.anchors import band, chain, runs, shares_between, supported, sure_pairs
from align.beads.compiled_scores import CompiledScorer
from align.beads.confidence import ALONE, PAIR, evidence, probability
from align.beads.corners import Corners
from align.beads.features import Scorer
from align.beads.path import best_path, scored_path
from align.beads.posteriors import Posteriors
from align.beads.stats import PATH_TYPES, Alone, path_type, usual
from align.data import Neighbours, Vectors
from align.errors import EncoderError
from align.neighbours import both_ways

QUICK = settings(max_examples=60, deadline=None)
# NumPy's way, and that of compiled code.
BOTH = pytest.mark.parametrize("machine", [None, kernels.machine()], ids=["numpy", "compiled"])


# The path


def all_paths(n, m, most_n, most_m):
    """Every sequence of steps from (0, 0) to (n, m)."""
    if n == m == 0:
        yield []
        return
    steps = [(a, e) for a in range(1, most_n + 1) for e in range(1, most_m + 1)] + [(1, 0), (0, 1)]
    for a, e in steps:
        if a <= n and e <= m:
            for before in all_paths(n - a, m - e, most_n, most_m):
                yield [*before, (a, e)]


def value(path, score, skip_first, skip_second, low, high):
    """Sum of the scores of a path; -inf where it leaves the band."""
    total, i, j = 0.0, 0, 0
    for a, e in path:
        i, j = i + a, j + e
        if not low[i] <= j < high[i]:
            return -np.inf
        total += score[i, a - 1, e - 1, j] if a and e else skip_first[i - 1] if a else skip_second[j - 1]
    return total


def grid(rng, n, m, most_n, most_m):
    """Random scores of every bead by end corner; -inf where there is none."""
    score = rng.normal(size=(n + 1, most_n, most_m, m + 1)).astype(np.float32)
    for i, a, e, j in itertools.product(range(n + 1), range(most_n), range(most_m), range(m + 1)):
        if i < a + 1 or j < e + 1:
            score[i, a, e, j] = -np.inf
    return score


def bands(rng, n, m, full):
    """Columns of each row, never falling, with at least one path that steps by one."""
    if full:
        return np.zeros(n + 1, int), np.full(n + 1, m + 1)
    low, high = np.sort(rng.integers(0, m + 1, n + 1)), np.sort(rng.integers(1, m + 2, n + 1))
    low[0], high[n] = 0, m + 1
    for i in range(n + 1):
        high[i] = max(high[i], low[i] + 1, low[min(i + 1, n)] + 1)
    return low, np.maximum.accumulate(high)


def of_rows(score, r0, r1, columns):
    """Scores of each row's own columns."""
    columns = np.broadcast_to(columns, (r1 - r0, columns.shape[1]))
    return np.take_along_axis(score[r0:r1], columns[:, None, None], axis=3)


def best(score, skips, low, high, most_n, most_m, machine=None):
    return best_path(partial(of_rows, score), *skips, low, high, most_n, most_m, machine=machine)


@BOTH
@QUICK
@given(st.integers(0, 6), st.integers(0, 6), st.integers(1, 3), st.integers(1, 3), st.booleans(), st.integers(0, 10**6))
def test_no_path_is_better(machine, n, m, most_n, most_m, full, seed):
    n, m = (n, m) if n + m <= 9 else (min(n, 4), min(m, 5))  # there are a great many paths
    rng = np.random.default_rng(seed)
    score = grid(rng, n, m, most_n, most_m)
    skips = rng.normal(-0.5, 0.5, n), rng.normal(-0.5, 0.5, m)
    low, high = bands(rng, n, m, full)
    found = best(score, skips, low, high, most_n, most_m, machine)
    assert (sum(a for a, _ in found), sum(e for _, e in found)) == (n, m)
    most = max(value(path, score, *skips, low, high) for path in all_paths(n, m, most_n, most_m))
    assert value(found, score, *skips, low, high) == pytest.approx(most, abs=1e-6)


def test_no_path_is_better_in_a_grid_of_six_by_six():
    rng = np.random.default_rng(6)
    score = grid(rng, 6, 6, 2, 2)
    skips = rng.normal(-0.5, 0.5, 6), rng.normal(-0.5, 0.5, 6)
    low, high = bands(rng, 6, 6, True)
    most = max(value(path, score, *skips, low, high) for path in all_paths(6, 6, 2, 2))
    assert value(best(score, skips, low, high, 2, 2), score, *skips, low, high) == pytest.approx(most, abs=1e-6)


@QUICK
@given(st.integers(0, 12), st.integers(0, 12), st.integers(1, 4), st.integers(1, 4), st.integers(0, 10**6))
def test_sides_swapped_swap_the_path(n, m, most_n, most_m, seed):
    rng = np.random.default_rng(seed)
    score = grid(rng, n, m, most_n, most_m)
    skips = rng.normal(-0.5, 0.5, n), rng.normal(-0.5, 0.5, m)
    full, other = (np.zeros(n + 1, int), np.full(n + 1, m + 1)), (np.zeros(m + 1, int), np.full(m + 1, n + 1))
    there = best(score, skips, *full, most_n, most_m)
    back = [(a, e) for e, a in best(score.transpose(3, 2, 1, 0), skips[::-1], *other, most_m, most_n)]
    # Segments alone beside each other may stand in either order: the pairs and the sum are the same.
    assert value(back, score, *skips, *full) == pytest.approx(value(there, score, *skips, *full), abs=1e-6)
    assert pairs_of(back) == pairs_of(there)


@QUICK
@given(st.integers(1, 90), st.integers(1, 90), st.integers(1, 4), st.integers(1, 4), st.integers(0, 10**6))
def test_compiled_code_takes_the_same_path(n, m, most_n, most_m, seed):
    rng = np.random.default_rng(seed)
    score = grid(rng, n, m, most_n, most_m)
    skips = rng.normal(-0.5, 0.5, n), rng.normal(-0.5, 0.5, m)
    low, high = bands(rng, n, m, False)
    ways = [scored_path(partial(of_rows, score), *skips, low, high, most_n, most_m, machine=machine)
            for machine in (None, kernels.machine())]
    assert ways[0] == ways[1]


def pairs_of(path):
    corners = np.cumsum([(0, 0), *path], axis=0).tolist()
    return [(tuple(start), step) for start, step in zip(corners, path, strict=False) if all(step)]


@BOTH
def test_a_band_that_no_path_can_cross_is_refused(machine):
    score, skips = grid(np.random.default_rng(0), 3, 3, 1, 1), (np.zeros(3), np.zeros(3))
    with pytest.raises(ValueError, match="corner"):
        best(score, skips, np.array([1, 1, 1, 1]), np.array([4] * 4), 1, 1, machine)
    with pytest.raises(ValueError, match="corner"):
        best(score, skips, np.array([0] * 4), np.array([3] * 4), 1, 1, machine)
    with pytest.raises(ValueError, match="crosses"):
        best(score, skips, np.array([0, 0, 3, 3]), np.array([1, 1, 4, 4]), 1, 1, machine)


# Features


def sides(seed, n, m, width=3, dimension=6):
    """Two random sides with unit spans, and links."""
    rng = np.random.default_rng(seed)
    out = []
    for size in (n, m):
        spans = rng.normal(size=(width, size, dimension)).astype(np.float32)
        spans /= np.linalg.norm(spans, axis=2, keepdims=True)
        for k in range(width):
            spans[k, max(size - k, 0):] = 0
        out.append(Side(Vectors(spans), rng.integers(5, 60, size), rng.integers(0, 7, size)))
    links = Links(rng.integers(0, n, 4), rng.integers(0, m, 4), rng.random(4).astype(np.float32))
    return *out, links


def some_stats(seed, first, second):
    """Stats unlike the usual ones."""
    rng = np.random.default_rng(seed)
    return replace(usual(first, second), types=np.log(rng.dirichlet(np.ones(PATH_TYPES))), spread=rng.uniform(0.2, 3),
                   ratio=rng.normal(0, 0.5), marks=rng.uniform(-1, 1, (MARKS, MARKS)).astype(np.float32))


def scorer_of(first, second, links, limits):
    return Scorer(first, second, links, weights()["path"], limits)


def table(scorer, n, m):
    """Features of the whole grid by name, spread to (n + 1, most, most, m + 1)."""
    corners = Corners(np.arange(n + 1), np.arange(m + 1)[None], scorer.limits)
    return {name: np.broadcast_to(values, corners.shape) for name, values in scorer.features(corners)}


def centred_cos(first, second, i, a, j, e):
    """Cosine of the spans less the mean of their side's segments (as if one segment more were zero)."""
    x, y = first.vectors.spans, second.vectors.spans
    x, y = (side[k - 1, at] - side[0].sum(0) / (side.shape[1] + 1) for side, at, k in ((x, i, a), (y, j, e)))
    return x @ y / (np.linalg.norm(x) * np.linalg.norm(y))


def beads_of(n, m, limits):
    """Every bead of a grid: its first segments and its sizes."""
    for i, j, a, e in itertools.product(range(n), range(m), range(1, limits[0] + 1), range(1, limits[1] + 1)):
        if i + a <= n and j + e <= m:
            yield i, a, j, e


@pytest.mark.parametrize("n, m", [(4, 5), (1, 6), (6, 2)])
@pytest.mark.parametrize("known", [False, True], ids=["usual", "known"])
def test_features_are_what_their_names_say(n, m, known):
    first, second, links = sides(n, n, m)
    stats = some_stats(n, first, second) if known else usual(first, second)
    scorer = scorer_of(first, second, links, (3, 3))
    found = table(scorer.with_stats(stats) if known else scorer, n, m)
    ratio = stats.ratio if known else np.log((second.lengths + 1).sum() / (first.lengths + 1).sum())
    for i, a, j, e in beads_of(n, m, (3, 3)):
        at = i + a, a - 1, e - 1, j + e
        cos = centred_cos(first, second, i, a, j, e)
        assert found["cos"][at] == pytest.approx(cos, abs=1e-5)
        assert found["cosmass"][at] == pytest.approx(cos * (a + e), abs=1e-4)
        assert found["size"][at] == 2 - a - e
        assert found["both"][at] == 1 - min(a, e)
        assert found["single"][at] == (a == e == 1)
        long, broad = (first.lengths[i:i + a] + 1).sum() * np.exp(ratio), (second.lengths[j:j + e] + 1).sum()
        off, square = abs(np.log(broad / long)), min((long - broad)**2 / (6 * (long + broad)), 16)
        assert found["ratio"][at] == pytest.approx(-min(off, 2), abs=1e-5)
        assert found["ratio2"][at] == pytest.approx(-min(off**2, 2), abs=1e-5)
        x, y = first.closings[i + a - 1], second.closings[j + e - 1]
        assert found["endings"][at] == -int(x != y and max(x, y) > 1)
        assert found["surprise"][at] == pytest.approx(-np.sqrt(square) / 4, abs=1e-5)
        assert found["spread"][at] == pytest.approx(-min(square / stats.spread, 9) / 9, abs=1e-5)
        assert found["type"][at] == pytest.approx(stats.types[path_type(a, e)], abs=1e-6)
        assert found["marks"][at] == stats.marks[x, y]
        smaller = [(i + 1, a - 1, j, e), (i, a - 1, j, e), (i, a, j + 1, e - 1), (i, a, j, e - 1)]
        gains = [cos - centred_cos(first, second, *bead) for bead in smaller if bead[1] and bead[3]]
        assert found["ingain"][at] == pytest.approx(np.clip(min(gains, default=0), -0.3, 0.1), abs=1e-5)
        larger = [(i - 1, a + 1, j, e), (i, a + 1, j, e), (i, a, j - 1, e + 1), (i, a, j, e + 1)]
        gains = [centred_cos(first, second, *bead) - cos for bead in larger
                 if bead[0] >= 0 and bead[2] >= 0 and bead[1] <= 3 and bead[3] <= 3
                 and bead[0] + bead[1] <= n and bead[2] + bead[3] <= m]
        most = max(gains, default=-1)
        assert found["outgain"][at] == pytest.approx(-np.clip(most, -0.1, 0.3), abs=1e-5)
        inside = leaving = 0
        for p, q, weight in zip(links.first, links.second, links.weights, strict=True):
            here, there = i <= p < i + a, j <= q < j + e
            inside += weight * (here and there)
            leaving += weight * (here != there)
        assert found["link"][at] == pytest.approx(min(inside, 3), abs=1e-5)
        assert found["cross"][at] == pytest.approx(-min(leaving, 3), abs=1e-5)


def test_features_do_not_depend_on_the_block_that_is_asked_for():
    first, second, links = sides(9, 7, 8)
    scorer = scorer_of(first, second, links, (3, 2))
    whole = scorer(0, 8, np.arange(9)[None])
    for r0, r1, c0, c1 in ((1, 3, 0, 9), (2, 8, 3, 7), (5, 6, 8, 9)):
        part = scorer(r0, r1, np.arange(c0, c1)[None])
        assert np.allclose(part, whole[r0:r1, :, :, c0:c1], atol=1e-5)


@BOTH
def test_each_row_may_ask_for_columns_and_sizes_of_its_own(machine):
    first, second, links = sides(9, 12, 40)
    # What a longer bead would add tells only as far as longer beads are looked for.
    make = Scorer if machine is None else partial(CompiledScorer, machine)
    scorer = make(first, second, links, weights()["path"] | {"outgain": 0.0}, (3, 3))
    whole = scorer(0, 13, np.arange(41)[None])
    starts = np.array([0, 1, 1, 4, 20, 21, 29, 34])  # rows 3 to 10, with a leap
    columns = starts[:, None] + np.arange(7)
    expected = of_rows(whole, 3, 11, columns)
    assert np.allclose(scorer(3, 11, columns), expected, atol=1e-5)
    most = np.array([1, 3, 3, 2, 2, 2, 1, 3])
    for row, bound in zip(expected, most.tolist(), strict=True):
        row[bound:] = row[:, bound:] = -np.inf
    assert np.allclose(scorer(3, 11, columns, most), expected, atol=1e-5)


@pytest.mark.parametrize("depth", [5, 16, 50])
@pytest.mark.parametrize("tall, wide", [(1, 1), (1, 7), (3, 5), (8, 9)])
def test_compiled_products_are_those_of_numpy(depth, tall, wide):
    rng = np.random.default_rng(depth)
    x, y = (rng.standard_normal((size, depth), dtype=np.float32) for size in (20, 30))
    ix, iy = rng.integers(-1, 20, (6, tall)), rng.integers(-1, 30, (6, wide))
    wanted = (ix >= 0)[:, :, None] & (iy >= 0)[:, None]
    expected = np.einsum("pad,pld->pal", x[ix], y[iy])
    assert np.allclose(kernels.products(x, ix, y, iy)[wanted], expected[wanted], atol=1e-4)
    assert np.allclose(kernels.machine().products(x, ix, y, iy)[wanted], expected[wanted], atol=1e-4)


def with_windows(rng, side):
    """The side with windows around its segments, and titles among them."""
    single = side.vectors.spans[0]
    windows = single + 0.05 * rng.standard_normal((2, len(WINDOWS), *single.shape))
    windows /= np.linalg.norm(windows, axis=3, keepdims=True)
    return replace(side, heads=windows[0].astype(np.float16), tails=windows[1].astype(np.float16),
                   furniture=rng.random(len(side)) < 0.2)


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("name", [*Scorer.FEATURES, "all"])
def test_compiled_scores_are_those_of_numpy(name, keep):
    rng = np.random.default_rng(1)
    first, second, links = sides(15, 21, 40)
    ties = Links(np.array([3, 9]), np.array([5, 17]), np.array([1.0, 2.0], np.float32))
    first, second = (with_windows(rng, side) for side in (first, second))
    only = weights()["path"] if name == "all" else dict.fromkeys(weights()["path"], 0.0) | {name: 1.0}
    given = first, second, links, only, (3, 3)
    plain, compiled = Scorer(*given, ties=ties), CompiledScorer(kernels.machine(), *given, ties=ties, keep=keep)
    known = some_stats(2, first, second)
    starts = np.array([0, 1, 1, 4, 20, 21, 29, 33])[:, None]
    asked = [(1, 22, np.arange(41)[None]), (1, 22, np.arange(41)[None]), (5, 9, np.arange(3, 37)[None])]
    # What is kept has no bounds.
    asked += [] if keep else [(4, 12, starts + np.arange(7)), (4, 12, starts + np.arange(7), np.array([1, 3, 3, 2, 2, 2, 1, 3])),
                              (5, 9, np.arange(3, 37)[None], 2)]
    for one, other in ((plain, compiled), (plain.with_stats(known), compiled.with_stats(known))):
        for block in asked:
            expected, found = one(*block), other(*block)
            assert (np.isinf(expected) == np.isinf(found)).all()
            assert np.allclose(found[np.isfinite(found)], expected[np.isfinite(found)], atol=1e-5)
            assert np.ptp(expected[np.isfinite(expected)]) > 0 or name == "bias"


def test_similarities_of_a_whole_grid_are_looked_up():
    first, second, links = sides(16, 6, 7)
    given = first, second, links, weights()["path"], (3, 2)
    plain, compiled = Scorer(*given), CompiledScorer(kernels.machine(), *given, keep=True)
    asked = np.array(list(itertools.product(range(-1, 7), range(4), range(-1, 8), range(4)))).T
    expected, found = (scorer.spans_similarity(*asked) for scorer in (plain, compiled))
    inside = (asked[3] <= 2) & (asked[0] + asked[1] <= 6) & (asked[2] + asked[3] <= 7) & (asked[[1, 3]].min(0) > 0) & (asked.min(0) >= 0)
    assert np.isfinite(found[inside]).all() and np.isnan(found[~inside]).all()
    assert np.allclose(found[inside], expected[inside], atol=1e-5)


@pytest.mark.parametrize("depth", [3, 16, 32, 50])
def test_compiled_similarities_of_half_precision_are_what_they_say(depth):
    rng = np.random.default_rng(depth)
    x, y = rng.standard_normal((9, depth)).astype(np.float16), rng.standard_normal((7, depth), dtype=np.float32)
    x_less, x_scale, y_less, y_scale = (rng.random(size, dtype=np.float32) for size in (9, 9, 7, 7))
    i, j = rng.integers(0, 9, (4, 1)), rng.integers(0, 7, (4, 5))
    expected = (np.einsum("ad,bd->ab", x.astype(float), y)[i, j] - x_less[i] - y_less[j]) * x_scale[i] * y_scale[j]
    assert np.allclose(kernels.machine().halves(x, i, x_less, x_scale, y, j, y_less, y_scale), expected, atol=1e-5)


@BOTH
def test_what_is_kept_is_what_would_be_scored_again(machine):
    first, second, links = sides(11, 6, 7)
    make = Scorer if machine is None else partial(CompiledScorer, machine)
    keeping, fresh = (make(first, second, links, weights()["path"], (3, 3), keep=keep) for keep in (True, False))
    columns, seen = np.arange(8)[None], []
    for seed in (None, 1, 2, 1):
        if seed is not None:
            known = some_stats(seed, first, second)
            keeping, fresh = keeping.with_stats(known), fresh.with_stats(known)
        seen.append(fresh(1, 7, columns))
        for _ in range(2):
            assert np.allclose(keeping(1, 7, columns), seen[-1], atol=1e-5)
    # What is known of the document tells, and is forgotten once something else is known.
    there = np.isfinite(seen[0])
    assert np.abs(seen[0][there] - seen[1][there]).max() > 0.1 and np.abs(seen[1][there] - seen[2][there]).max() > 0.1
    assert np.allclose(seen[1], seen[3], atol=1e-6)


@BOTH
def test_the_path_of_single_lines_is_worth_the_sum_of_its_beads(machine):
    first, second, links = sides(12, 37, 37)
    make = Scorer if machine is None else partial(CompiledScorer, machine)
    scorer = make(first, second, links, weights()["path"], (3, 3))
    whole = scorer_of(first, second, links, (3, 3))(0, 38, np.arange(38)[None])
    assert beads._line_by_line(scorer, 37) == pytest.approx(sum(whole[k, 0, 0, k] for k in range(1, 38)), abs=1e-3)


def test_what_it_is_worth_to_leave_segments_alone():
    first, second, links = sides(13, 3, 1)
    first = replace(first, lengths=np.array([10, 10, 130]), closings=np.array([1, 0, 2]))
    given = {"skip": 2.0, "share": 0.5, "place": 1.0, "bead_alone": 0.25, "near": 0.1, "near_alone": 0.05, "short": 0.7}
    scorer = Scorer(first, second, links, weights()["path"] | given, (2, 1))
    a, b = scorer.with_stats(replace(
        scorer.stats, first=Alone(-2.0, np.array([-1.0, -3.0, 0.0]), np.array([4.0, -1.0, 0.0]), np.array([2.0, -6.0, 0.0])),
        second=Alone(-1.0, np.array([-0.5]), np.array([0.0]), np.array([1.0])))).skips()
    # -2 / 2 - 2 for the document; place, bead (never less than 0), near (more than its weight above 0); and the first is
    # a sentence of 10 characters where 50 are usual.
    assert a.tolist() == pytest.approx([-3 - 1 + 1 + 0.2 + 0.1 + 0.7 * np.log(2.5), -3 - 3 + 0 - 0.6, -3])
    assert b.tolist() == pytest.approx([-2.5 - 0.5 + 0.1 + 0.05])


@BOTH
def test_segments_are_held_against_windows_of_much_longer_ones(machine):
    rng = np.random.default_rng(14)
    first, second, links = sides(14, 12, 15)
    first, second = (with_windows(rng, side) for side in (first, second))
    second = replace(second, lengths=rng.integers(5, 300, 15))
    make = Scorer if machine is None else partial(CompiledScorer, machine)
    scorer = make(first, second, links, weights()["path"], (3, 3))
    ratio = (second.lengths + 1).sum() / (first.lengths + 1).sum()
    for side, (one, two, factor) in enumerate(((first, second, ratio), (second, first, 1 / ratio))):
        own, other = (at.ravel() for at in np.indices((len(one), len(two))))
        found = scorer.window_similarity(side, own, other)
        means = [part.vectors.single.sum(0) / (len(part) + 1) for part in (one, two)]
        for i, j, sim in zip(own, other, found, strict=True):
            fit = np.abs(np.log(np.array(WINDOWS) * 1.15 / (one.lengths[i] * factor))).argmin()
            if WINDOWS[fit] * 1.25 >= two.lengths[j]:
                assert np.isnan(sim)
                continue
            x = one.vectors.single[i] - means[0]
            near = [windows[fit, j].astype(float) - means[1] for windows in (two.heads, two.tails)]
            assert sim == pytest.approx(max(x @ y / np.linalg.norm(x) / np.linalg.norm(y) for y in near), abs=2e-3)
    found = scorer.window_similarity(0, *(at.ravel() for at in np.indices((12, 15))))
    assert 20 < np.isnan(found).sum() < 160
    # One side's windows may be missing.
    none = make(replace(first, heads=None, tails=None), second, links, weights()["path"], (3, 3))
    again = none.window_similarity(0, *(at.ravel() for at in np.indices((12, 15))))
    assert again == pytest.approx(found, abs=2e-3, nan_ok=True)
    assert np.isnan(none.window_similarity(1, *(at.ravel() for at in np.indices((15, 12))))).all()


def test_beads_that_leave_the_grid_have_no_score():
    first, second, links = sides(3, 3, 4)
    score = scorer_of(first, second, links, (3, 3))(0, 4, np.arange(5)[None])
    exist = {(i + a, a - 1, e - 1, j + e) for i, a, j, e in beads_of(3, 4, (3, 3))}
    assert {tuple(at) for at in np.argwhere(np.isfinite(score)).tolist()} == exist


@pytest.mark.parametrize("name", ["cos", "cosmass", "size", "both", "single", "ratio", "ratio2", "ingain", "outgain",
                                  "link", "cross", "endings", "edge", "edgemin"])
def test_features_of_swapped_sides_are_the_same(name):
    first, second, links = sides(5, 5, 6)
    there = table(scorer_of(first, second, links, (3, 2)), 5, 6)
    back = table(scorer_of(second, first, Links(links.second, links.first, links.weights), (2, 3)), 6, 5)
    for i, a, j, e in beads_of(5, 6, (3, 2)):
        assert there[name][i + a, a - 1, e - 1, j + e] == pytest.approx(back[name][j + e, e - 1, a - 1, i + a], abs=1e-5)


def test_types_of_beads():
    assert [path_type(*kind) for kind in ((1, 1), (1, 2), (1, 3), (1, 4), (1, 8), (2, 1), (3, 1), (4, 1), (8, 1), (2, 2),
                                          (1, 0), (0, 1))] == [0, 1, 2, 3, 3, 4, 5, 6, 6, 7, 8, 9]


def test_shares_between_anchors():
    first, second = shares_between(np.array([[2, 2], [40, 4]]), 50, 10)
    # 37 segments between the anchors against one: what twelve cannot explain stands alone.
    assert first[3:40] == pytest.approx(1 - 12 / 37)
    assert not first[:3].any() and not first[40:].any() and not second.any()


# Anchors


def brute_chain(pairs, sims):
    """Weight of the heaviest subset that rises on both sides."""
    best_weight = 0.0
    for chosen in itertools.chain.from_iterable(itertools.combinations(range(len(pairs)), k)
                                                for k in range(len(pairs) + 1)):
        steps = [(pairs[a], pairs[b]) for a, b in itertools.pairwise(chosen)]
        if all(x[0] < y[0] and x[1] < y[1] for x, y in steps):
            best_weight = max(best_weight, sum(sims[k] for k in chosen))
    return best_weight


@QUICK
@given(st.lists(st.tuples(st.integers(0, 9), st.floats(0.25, 1, width=16)), max_size=10))
def test_the_chain_is_the_heaviest(given_pairs):
    pairs = np.array([(i, j) for i, (j, _) in enumerate(given_pairs)], np.int64).reshape(-1, 2)
    sims = np.array([sim for _, sim in given_pairs], np.float32)
    kept = chain(pairs, sims)
    assert (np.diff(pairs[kept], axis=0) > 0).all()
    assert sims[kept].sum() == pytest.approx(brute_chain(pairs.tolist(), sims.tolist()), abs=1e-5)


def test_sure_pairs_are_mutual_similar_and_clear():
    forward = Neighbours(np.array([[0, 1], [1, 0], [2, 1], [3, 0], [-1, -1]]),
                         np.float32([[0.9, 0.4], [0.9, 0.85], [0.25, 0.1], [0.8, 0.1], [-1, -1]]))
    backward = Neighbours(np.array([[0, 1], [1, 2], [2, 0], [1, 3]]),
                          np.float32([[0.9, 0.4], [0.9, 0.85], [0.25, 0.1], [0.9, 0.1]]))
    pairs, sims = sure_pairs(forward, backward)
    # The second is hardly nearer than the next, the third not similar, the fourth not mutual, the last not looked up.
    assert pairs.tolist() == [[0, 0]] and sims.tolist() == pytest.approx([0.9])


def test_a_lone_pair_supports_nothing():
    assert supported(np.array([[0, 0], [1, 1], [2, 3], [400, 9]])).tolist() == [True, True, True, False]
    assert supported(np.array([[0, 0], [1, 1]])).tolist() == [False, False]
    assert supported(np.zeros((0, 2), int)).tolist() == []


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 900), st.integers(1, 900), st.integers(0, 60), st.integers(0, 10**6))
def test_the_band_never_leaves_out_the_chain(n, m, count, seed):
    rng = np.random.default_rng(seed)
    count = min(count, n, m)
    anchors = np.stack([np.sort(rng.choice(size, count, replace=False)) for size in (n, m)], axis=1)
    low, high = band(n, m, anchors)
    assert low[0] == 0 and high[n] == m + 1
    assert (np.diff(low) >= 0).all() and (np.diff(high) >= 0).all()
    assert (low >= 0).all() and (high <= m + 1).all() and (high > low).all()
    assert (low[1:] < high[:-1]).all()  # one row leads to the next
    for i, j in anchors.tolist():
        assert low[i] <= j < high[i] and low[i + 1] <= j + 1 < high[i + 1]
    zeros = np.full((40, 1, 1, m + 1), -1, np.float32)
    path = best_path(lambda r0, r1, columns: zeros[:r1 - r0, :, :, columns[0]], np.zeros(n), np.zeros(m), low, high, 1, 1)
    assert np.sum(path, axis=0).tolist() == [n, m]


def test_runs_allow_small_gaps():
    pairs = np.array([[0, 50], [1, 51], [3, 54], [9, 2], [20, 30], [21, 31]])
    assert runs(pairs, 2) == [(0, 3), (4, 6)]
    assert runs(pairs, 3) == [(0, 3)]
    assert runs(np.zeros((0, 2), int), 2) == []


# The whole


def noisy(seed, n, dimension=48, noise=0.35):
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((n, dimension)).astype(np.float32)
    return rows, rows + noise * rng.standard_normal(rows.shape).astype(np.float32)


def pairs_in(alignment):
    return {(i, j) for bead in alignment.beads for i in range(*bead.ar) for j in range(*bead.en)}


@pytest.mark.parametrize("start", [0, 350, 700], ids=["start", "middle", "end"])
@pytest.mark.parametrize("side", [0, 1], ids=["first", "second"])
def test_a_missing_block_of_thirty_per_cent_is_found(start, side):
    first, second = noisy(start + side, 1000)
    there = [*range(start), *range(start + 300, 1000)]
    given_sides = (first, second[there]) if side == 0 else (first[there], second)
    found = align.align_vectors(*given_sides)
    gold = {(i, j) if side == 0 else (j, i) for j, i in enumerate(there)}
    assert len(pairs_in(found) & gold) >= 0.995 * len(gold)
    (block,) = found.blocks
    long, empty = (block.ar, block.en) if side == 0 else (block.en, block.ar)
    assert block.kind == "only" and len(empty) == 0
    assert abs(long.start - start) <= 2 and abs(long.stop - start - 300) <= 2
    alone = [bead for bead in found.beads if not len(bead.en if side == 0 else bead.ar)]
    assert all(len(bead.ar) + len(bead.en) == 1 for bead in alone) and abs(len(alone) - 300) <= 4


def test_a_moved_block_is_reported():
    first, second = noisy(7, 400)
    order = [*range(50), *range(80, 300), *range(50, 80), *range(300, 400)]
    found = align.align_vectors(first, second[order])
    (moved,) = [block for block in found.blocks if block.kind == "moved"]
    assert (tuple(moved.ar), tuple(moved.en)) == ((50, 80), (270, 300))
    assert moved.sim > 0.8


def large(seed):
    """Two sides of some 600 lines that are like each other, joined here and there; with gaps, windows, titles and links."""
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((700, 32)).astype(np.float32)
    both = []
    for kept in (np.flatnonzero(rng.random(700) > 0.1), np.r_[0:300, 340:700]):
        starts = np.r_[0, 1 + np.flatnonzero(rng.random(len(kept) - 1) > 0.06)]
        single = np.add.reduceat(rows[kept], starts, axis=0)
        single += 0.5 * rng.standard_normal(single.shape).astype(np.float32)
        lengths = 50 * np.diff([*starts, len(kept)]) + rng.integers(-9, 10, len(single))
        spans = np.zeros((8, *single.shape), np.float32)
        sums = np.concatenate([np.zeros((1, 32)), np.cumsum(single, axis=0)])
        for k in range(8):
            spans[k, :len(single) - k] = sums[k + 1:] - sums[:len(single) - k]
        spans /= np.maximum(np.linalg.norm(spans, axis=2, keepdims=True), 1e-9)
        windows = (single + 0.3 * rng.standard_normal((2, len(WINDOWS), *single.shape))).astype(np.float16)
        windows /= np.linalg.norm(windows, axis=3, keepdims=True)
        both.append(Side(Vectors(spans), lengths, rng.integers(0, 7, len(single)), *windows, rng.random(len(single)) < 0.02))
    links = Links(rng.integers(0, 500, 50), rng.integers(0, 500, 50), rng.random(50).astype(np.float32))
    return both, links


@pytest.mark.parametrize("whole", [True, False], ids=["known as a whole", "known by samples"])
def test_large_grids_are_aligned_alike_with_and_without_compiled_code(monkeypatch, whole):
    monkeypatch.setattr(beads, "_WHOLE", 10**9 if whole else 0)
    monkeypatch.setattr(beads, "_COMPILED", 0)
    both, links = large(10)
    sampled = beads._sampled
    near = both_ways(both[0].vectors.single, both[1].vectors.single)
    asked = []
    monkeypatch.setattr(beads, "_sampled", lambda *given: asked.append(1) or sampled(*given))
    compiled = align_sides(*both, near, links, ties=links)
    monkeypatch.setattr(kernels, "machine", lambda: None)
    plain = align_sides(*both, near, links, ties=links)
    assert len(asked) == (0 if whole else 2)
    assert [(bead.ar, bead.en) for bead in compiled.beads] == [(bead.ar, bead.en) for bead in plain.beads]
    assert {"1:1", "1:2", "2:1", "1:0", "0:1"} <= {bead.kind for bead in plain.beads}
    assert [bead.sim for bead in compiled.beads] == pytest.approx([bead.sim for bead in plain.beads], abs=1e-5)
    # NumPy bounds beads by the row of a block that may have the longest, compiled code each row by itself.
    assert [b.confidence for b in compiled.beads] == pytest.approx([b.confidence for b in plain.beads], abs=1e-3)
    assert compiled.blocks == plain.blocks


@pytest.mark.parametrize("seed", range(4))
def test_small_documents_are_aligned_alike_with_and_without_compiled_code(seed):
    rng = np.random.default_rng(seed)
    first, second, links = sides(seed, 23, 23 if seed % 2 else 26)
    first, second = (with_windows(rng, side) for side in (first, second))
    near = both_ways(first.vectors.single, second.vectors.single)
    compiled, plain = (align_sides(first, second, near, links, limits=(3, 3), one_of_many=many) for many in (True, False))
    assert [(bead.ar, bead.en) for bead in compiled.beads] == [(bead.ar, bead.en) for bead in plain.beads]
    assert [b.confidence for b in compiled.beads] == pytest.approx([b.confidence for b in plain.beads], abs=1e-4)


def test_where_nothing_can_be_compiled_there_is_no_machine(monkeypatch):
    def broken(*_):
        raise RuntimeError("no such target")

    for name, value in (("processor", lambda: None), ("functions", broken)):
        with monkeypatch.context() as patch:
            patch.setattr(kernels, name, value)
            assert kernels.machine.__wrapped__() is None


def test_merged_segments_are_found():
    first, second = noisy(8, 60)
    merged = [second[k:k + 2].sum(0) if k % 6 == 0 else second[k] for k in range(60) if k % 6 != 1]
    found = align.align_vectors(first, np.array(merged))
    assert [bead.kind for bead in found.beads] == [kind for _ in range(10) for kind in ("2:1", *["1:1"] * 4)]


@pytest.mark.parametrize("n, m", [(0, 4), (4, 0), (0, 0)])
def test_an_empty_side(n, m):
    empty = [Side(Vectors(np.zeros((2, k, 4), np.float32)), np.ones(k), np.zeros(k, int)) for k in (n, m)]
    found = align_sides(*empty, both_ways(np.zeros((n, 4)), np.zeros((m, 4))))
    assert [bead.kind for bead in found.beads] == ["1:0"] * n + ["0:1"] * m


def test_vectors_that_are_no_numbers_and_other_dimensions_are_refused():
    first, second, _ = sides(2, 4, 4)
    near = both_ways(first.vectors.single, second.vectors.single)
    first.vectors.spans[0, 1, 2] = np.nan
    with pytest.raises(EncoderError, match="not numbers"):
        align_sides(first, second, near)
    other = Side(Vectors(second.vectors.spans[:, :, :3]), second.lengths, second.closings)
    with pytest.raises(EncoderError, match="different dimensions, 6 and 3"):
        align_sides(first, other, near)


def test_large_documents_are_aligned_by_samples_as_they_are_by_all(monkeypatch):
    rng = np.random.default_rng(11)
    rows = rng.standard_normal((900, 48)).astype(np.float32)
    second = rows + 0.4 * rng.standard_normal(rows.shape).astype(np.float32)
    kept = np.flatnonzero(rng.random(900) > 0.15)
    found = []
    for whole in (10**9, 0):
        monkeypatch.setattr(beads, "_WHOLE", whole)
        found.append(align.align_vectors(rows, second[kept]))
    gold = {(i, j) for j, i in enumerate(kept.tolist())}
    assert [len(pairs_in(one) & gold) / len(gold) >= 0.99 for one in found] == [True, True]
    assert len(pairs_in(found[0]) ^ pairs_in(found[1])) <= 0.01 * len(gold)


# Confidence


def test_evidence_of_beads_by_hand():
    first, second, links = sides(17, 5, 4)
    scorer = scorer_of(first, second, links, (2, 2))
    odds = (np.array([-4.0, 2, -6, 8, 0]), np.array([-2.0, 1, 1, -3])), (np.array([-1.0, -1, 5, 0]), np.array([-3.0, 1, 1, 2]))
    known = replace(scorer.stats, first=Alone(-3.0, np.zeros(5), odds[0][0], np.array([2.0, -4, -2, 0, 1])),
                    second=Alone(-3.0, np.zeros(4), odds[1][0], odds[1][1]), ratio=0.3)
    scorer = scorer.with_stats(known)
    path = np.array([(1, 1), (1, 0), (2, 1), (0, 1), (1, 1)])
    corners = np.cumsum(path, axis=0)
    # The third bead is not told of, which is no probability, and the last one certain; beads of other sizes end there too.
    found = Posteriors(np.array([(5, 4), (1, 1), (4, 2), (1, 1)]), np.array([(1, 1), (1, 1), (1, 1), (1, 2)]),
                       np.array([1.0, 0.9, 0.3, 0.05]), np.array([0, 0.2, 0, 0, 0]), np.array([0, 0, 0.5, 0]),
                       np.full(5, np.nan), np.full(4, np.nan))
    sims, pair, lone = evidence(path, corners, scorer, found)
    cos = [centred_cos(first, second, 0, 1, 0, 1), 0, centred_cos(first, second, 2, 2, 1, 1), 0,
           centred_cos(first, second, 4, 1, 3, 1)]
    assert sims == pytest.approx(cos, abs=1e-5)
    posterior = [np.log(9), np.log(0.25), -7, 0, 7]
    # Half of bead and near: -1, -1, -4, 4, 0.5 of the first side's segments, and -2, 0, 3, 1 of the second's.
    of_pairs = dict(zip(PAIR, pair.T, strict=True))
    assert (of_pairs["bias"] == 1).all() and of_pairs["posterior"] == pytest.approx(posterior)
    assert of_pairs["cos"] == pytest.approx(cos, abs=1e-5)
    assert of_pairs["unanswered"][[0, 2, 4]] == pytest.approx([-1.5, 0, 0.75])
    assert of_pairs["least"][[0, 2, 4]] == pytest.approx([-1, 4, 1])
    assert of_pairs["size"].tolist() == [0, -1, 1, -1, 0]
    for at, (i, a, j, e) in ((0, (0, 1, 0, 1)), (2, (2, 2, 1, 1)), (4, (4, 1, 3, 1))):
        off = np.log((second.lengths[j:j + e] + 1).sum() / (first.lengths[i:i + a] + 1).sum()) - 0.3
        assert of_pairs["ratio"][at] == pytest.approx(min(abs(off), 2), abs=1e-6)
    of_lone = dict(zip(ALONE, lone.T, strict=True))
    assert (of_lone["bias"] == 1).all() and of_lone["posterior"] == pytest.approx(posterior)
    assert of_lone["bead"][[1, 3]].tolist() == [2, 5] and of_lone["near"][[1, 3]].tolist() == [-4, 1]
    for table_of in (of_pairs, of_lone):
        assert table_of["before"] == pytest.approx([0.5, *cos[:-1]], abs=1e-5)
        assert table_of["after"] == pytest.approx([*cos[1:], 0.5], abs=1e-5)
        assert table_of["near_alone"].tolist() == [0.25, 0.25, 0.5, 0.25, 0.25]


def test_probabilities_of_beads_by_hand():
    names = {"pair": dict.fromkeys(PAIR, 0.0) | {"bias": 1.0, "posterior": 2.0, "cos": -3.0},
             "alone": dict.fromkeys(ALONE, 0.0) | {"bias": -1.0, "near": 0.5}}
    pair, lone = np.zeros((2, len(PAIR))), np.zeros((2, len(ALONE)))
    pair[:, :3] = [[1, 0.5, 0.25], [9, 9, 9]]
    lone[:, ALONE.index("near")], lone[:, 0] = 4, 1
    found = probability(pair, lone, np.array([True, False]), names)
    assert found == pytest.approx([1 / (1 + np.exp(-1.25)), 1 / (1 + np.exp(-1))])


def test_confidence_falls_where_nothing_fits():
    first, second = noisy(9, 100)
    rng = np.random.default_rng(0)
    second[40:60] = rng.standard_normal((20, 48))
    found = align.align_vectors(first, second)
    sure = [bead.confidence for bead in found.beads if len(bead.ar) and len(bead.en) and
            (bead.ar.stop <= 38 or bead.ar.start >= 62)]
    assert min(sure) > 0.8
    paired = [bead for bead in found.beads if len(bead.ar) and len(bead.en) and bead.ar.start >= 40 and bead.ar.stop <= 60]
    assert all(bead.confidence < min(sure) for bead in paired)
