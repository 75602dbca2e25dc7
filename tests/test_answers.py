"""What likely beads tell of a document pair, and which of its segments are answered."""

from dataclasses import replace

import numpy as np
import pytest
from test_beads import BOTH, pairs_in

from align import beads
from align.beads import MARKS, Links, Side, _certain, _Grid, align, kernels, weights
from align.beads.answers import _aligned, _by_bead, _by_place, with_answers
from align.beads.compiled_scores import CompiledScorer
from align.beads.features import Scorer
from align.beads.posteriors import Posteriors
from align.beads.stats import (
    _ALONE,
    _ALONE_BELIEF,
    _BELIEF,
    _PLACE_BELIEF,
    _RATIO_BELIEF,
    _SPREAD,
    PATH_TYPES,
    TYPE_SHARES,
    Alone,
    by_place,
    difference,
    estimated,
    share_alone,
    total_ratio,
    usual,
)
from align.data import Vectors
from align.neighbours import both_ways

# What documents are like on the whole


def side_of(lengths, closings=None):
    """A side of segments of so many characters, of which no more is known."""
    n = len(lengths)
    return Side(Vectors(np.zeros((1, n, 4), np.float32)), np.asarray(lengths),
                np.zeros(n, int) if closings is None else np.asarray(closings))


def likely(beads, n, m, alone=((), ())):
    """Posteriors of (i, j, n, m, share) beads by end corner, and of (segment, share) that are left alone."""
    ends, sizes = (np.array([bead[k:k + 2] for bead in beads], np.int64).reshape(-1, 2) for k in (0, 2))
    left, places = [np.zeros(n), np.zeros(m)], [np.full(n, np.nan), np.full(m, np.nan)]
    for side, given in zip(left, alone, strict=True):
        for at, share in given:
            side[at] = share
    return Posteriors(ends, sizes, np.array([bead[4] for bead in beads], float), *left, *places)


def each_with_each(n, share=1.0):
    return [(k, k, 1, 1, share) for k in range(1, n + 1)]


def test_types_are_counted_by_probability_and_smoothed():
    found = likely([(1, 1, 1, 1, 1.0), (3, 2, 2, 1, 0.5), (4, 6, 1, 4, 0.25), (4, 7, 1, 5, 0.25)], 4, 7,
                   alone=([(1, 0.5)], [(2, 1.0), (6, 0.5)]))
    known = estimated(found, side_of([9] * 4), side_of([9] * 7))
    counts = np.array([1, 0, 0, 0.5, 0.5, 0, 0, 0, 0.5, 1.5])
    assert np.exp(known.types) == pytest.approx((counts + _BELIEF * TYPE_SHARES) / (4 + _BELIEF))
    assert np.exp(known.types).sum() == pytest.approx(1)


def test_documents_of_which_nothing_was_found_are_as_usual():
    first, second = side_of([9, 19]), side_of([9, 29, 19])
    assert np.exp(usual(first, second).ratio) == pytest.approx(2)  # 60 characters for 30, with a space each
    for known in (usual(first, second), estimated(likely([], 2, 3), first, second)):
        assert known.types == pytest.approx(np.log(TYPE_SHARES))
        assert known.spread == pytest.approx(_SPREAD) and known.ratio == pytest.approx(np.log(2))
        for side, size in ((known.first, 2), (known.second, 3)):
            assert np.exp(side.place) == pytest.approx(np.full(size, np.exp(side.share)))
            assert not side.bead.any() and not side.near.any() and len(side.bead) == len(side.near) == size
    assert len(TYPE_SHARES) == PATH_TYPES and TYPE_SHARES.sum() == pytest.approx(1)


@pytest.mark.parametrize("a, b, ratio, expected", [
    (40, 80, 0, 1600 / 720), (80, 40, 0, 1600 / 720), (60, 60, 0, 0), (30, 60, np.log(2), 0), (30, 90, np.log(2), 1),
    (10, 400, 0, 16)], ids=["longer", "shorter", "equal", "as usual", "longer than usual", "not beyond 16"])
def test_difference_of_lengths(a, b, ratio, expected):
    assert difference(np.array([a]), np.array([b]), ratio) == pytest.approx([expected], abs=1e-5)


@pytest.mark.parametrize("a, b, shares, expected", [
    ([40, 60, 80], [80, 60, 40], [1, 1, 1], (3200 / 720 + _BELIEF * _SPREAD) / (3 + _BELIEF)),
    ([40, 60, 80], [80, 60, 40], [0.5, 1, 0.5], (1600 / 720 + _BELIEF * _SPREAD) / (2 + _BELIEF)),
    ([60, 10, 60, 400], [60, 400, 60, 10], [1] * 4, (2 * 9 + _BELIEF * _SPREAD) / (4 + _BELIEF)),
    ([50] * 40, [50] * 40, [1] * 40, 0.15)], ids=["sure", "less sure", "no bead tells more than 9", "never less than 0.15"])
def test_spread_of_lengths_by_hand(a, b, shares, expected):
    found = likely([(k + 1, k + 1, 1, 1, share) for k, share in enumerate(shares)], len(a), len(b))
    known = estimated(found, side_of(np.array(a) - 1), side_of(np.array(b) - 1))
    assert known.ratio == pytest.approx(0) and known.spread == pytest.approx(expected, rel=1e-5)


def test_marks_by_hand():
    # 40 pairs of full stops, and 80 questions that are half likely to answer exclamations.
    closings = [1] * 40 + [2] * 80, [1] * 40 + [3] * 80
    found = likely([(k, k, 1, 1, 1.0 if k <= 40 else 0.5) for k in range(1, 121)], 120, 120)
    marks = estimated(found, *(side_of([9] * 120, marks) for marks in closings)).marks
    # Before there were 0.15 of each, one more of each with itself, and 6 more of full stops: 20.35, and 80 are seen.
    total, row, column = 100.35, 0.15 * 7 + 1 + 40, 0.15 * 7 + 1 + 40
    assert marks[2, 3] == pytest.approx(np.log(40.15 * total / (row * column)) / 3, abs=1e-6)
    assert marks[2, 3] > 0.25
    stops = 0.15 * 7 + 7 + 40
    assert marks[1, 1] == pytest.approx(np.log(47.15 * total / stops**2) / 3, abs=1e-6)
    assert marks[1, 3] == pytest.approx(-1)  # log(0.15 * total / (stops * column)) / 3 is -1.63
    assert marks[3, 2] == pytest.approx(np.log(0.15 * total / (2.05 * 2.05)) / 3, abs=1e-6)
    assert np.abs(marks).max() <= 1 and marks.shape == (MARKS, MARKS)


def test_marks_are_those_that_end_the_bead():
    # One bead of three segments against two, again and again: only the last of each side tells.
    closings = [4, 5, 2] * 50, [6, 3] * 50
    found = likely([(3 * k, 2 * k, 3, 2, 1.0) for k in range(1, 51)], 150, 100)
    known = estimated(found, side_of([9] * 150, closings[0]), side_of([9] * 100, closings[1])).marks
    # 0.15 of each, one more of each with itself and 6 of full stops are 20.35, and 50 are seen.
    assert known[2, 3] == pytest.approx(np.log(50.15 * 70.35 / 52.05**2) / 3, abs=1e-6)
    for others in ((4, 6), (5, 6), (5, 0)):
        assert known[others] == pytest.approx(np.log(0.15 * 70.35 / 2.05**2) / 3, abs=1e-6)


# Ratio of lengths


def test_the_ratio_of_lengths_by_hand():
    # Three sure beads of ratios 1.5, 1.2, 1; all have nearly the same weight, so that the median is 1.2.
    found = likely(each_with_each(3), 3, 4, alone=((), [(3, 1.0)]))
    first, second = side_of([99, 99, 99]), side_of([149, 119, 99, 629])
    assert total_ratio(first, second) == pytest.approx(np.log(1000 / 300))
    # Three beads' worth of that, and some of all characters.
    expected = (3 * np.log(1.2) + _RATIO_BELIEF * np.log(1000 / 300)) / (3 + _RATIO_BELIEF)
    assert estimated(found, first, second).ratio == pytest.approx(expected)


def test_long_beads_tell_more_of_the_ratio_of_lengths():
    # Weights go by the root of the length: that of the bead of 1600 is 4 times one of 100, more than three of these.
    found = likely(each_with_each(4), 4, 4)
    first, second = side_of([1599, 99, 99, 99]), side_of([1599, 199, 199, 199])
    total = np.log(2200 / 1900)
    assert estimated(found, first, second).ratio == pytest.approx((4 * 0 + _RATIO_BELIEF * total) / (4 + _RATIO_BELIEF))
    unsure = replace(found, shares=np.array([0.3, 1, 1, 1]))
    expected = (3.3 * np.log(2) + _RATIO_BELIEF * total) / (3.3 + _RATIO_BELIEF)
    assert estimated(unsure, first, second).ratio == pytest.approx(expected)


def test_unlikely_beads_tell_nothing_of_the_ratio_of_lengths():
    first, second = side_of([49] * 20 + [9] * 400), side_of([99] * 20 + [199] * 400)
    sure = likely(each_with_each(20), 420, 420)
    more = likely([(k, k, 1, 1, 1.0 if k <= 20 else 0.04) for k in range(1, 421)], 420, 420)
    total = np.log((20 * 100 + 400 * 200) / (20 * 50 + 400 * 10))
    expected = (20 * np.log(2) + _RATIO_BELIEF * total) / (20 + _RATIO_BELIEF)
    for found in (sure, more):
        assert estimated(found, first, second).ratio == pytest.approx(expected)


@pytest.mark.parametrize("side", [0, 1], ids=["first", "second"])
def test_lines_of_one_side_do_not_tell_of_the_ratio_of_lengths(side):
    # 100 lines and their answers, 1.2 times as long; 40 long lines more on one side.
    rng = np.random.default_rng(side)
    lengths = rng.integers(30, 200, 100)
    both = [lengths, np.rint((lengths + 1) * 1.2).astype(int) - 1]
    both[side] = np.concatenate([both[side], np.full(40, 300)])
    sides = [side_of(given) for given in both]
    alone = [(), ()]
    alone[side] = [(k, 1.0) for k in range(100, 140)]
    found = estimated(likely(each_with_each(100), len(both[0]), len(both[1]), alone), *sides)
    assert abs(total_ratio(*sides) - np.log(1.2)) > 0.4
    assert found.ratio == pytest.approx(np.log(1.2), abs=0.04)
    assert found.spread < 0.2


@pytest.mark.parametrize("given", [[(1, 1), (2, 1), (1, 1), (1, 2)] * 9, [(1, 1), (1, 3), (0, 1), (1, 1), (1, 0)] * 8])
def test_what_is_known_of_swapped_sides_is_swapped(given):
    rng = np.random.default_rng(3)
    path = np.array(given)
    sizes = path.sum(0)
    first, second = (side_of(rng.integers(20, 90, size), rng.integers(0, MARKS, size)) for size in sizes)
    there = estimated(_certain(path, *sizes), first, second)
    back = estimated(_certain(path[:, ::-1], *sizes[::-1]), second, first)
    assert there.ratio == pytest.approx(-back.ratio, abs=1e-9) and there.ratio != 0
    assert there.marks == pytest.approx(back.marks.T, abs=1e-6)
    # Documents on the whole are not the same both ways: what was counted is.
    counts = [np.exp(known.types) * (len(path) + _BELIEF) - _BELIEF * TYPE_SHARES for known in (there, back)]
    assert counts[0] == pytest.approx(counts[1][[0, 4, 5, 6, 1, 2, 3, 7, 9, 8]], abs=1e-6)


# Shares that are left alone


def test_shares_left_alone_by_hand():
    # 1.5 of three, and what is believed before anything is seen.
    assert share_alone(np.array([1.0, 0.0, 0.5])) == pytest.approx((1.5 + _ALONE * _ALONE_BELIEF) / (3 + _ALONE_BELIEF))
    assert share_alone(np.zeros(0)) == pytest.approx(_ALONE)
    assert share_alone(np.ones(10**6)) == pytest.approx(1, abs=1e-3)


def test_shares_around_a_place_by_hand():
    # Four segments are all within reach of each other.
    shares = np.exp(by_place(np.array([0, 1, 0, 0.5]), 0.1))
    assert shares == pytest.approx(np.full(4, (1.5 + 0.1 * _PLACE_BELIEF) / (4 + _PLACE_BELIEF)))
    # Of twenty, four on either side are; at the ends there are fewer.
    alone = np.zeros(20)
    alone[[6, 17]] = 1
    sizes = np.array([5, 6, 7, 8, *[9] * 12, 8, 7, 6, 5])
    near = np.array([0, 0, *[1] * 9, 0, 0, *[1] * 7])
    assert np.exp(by_place(alone, 0.1)) == pytest.approx((near + 0.1 * _PLACE_BELIEF) / (sizes + _PLACE_BELIEF))
    known = Alone.of(alone, np.zeros(20), np.ones(20))
    share = (2 + _ALONE * _ALONE_BELIEF) / (20 + _ALONE_BELIEF)
    assert np.exp(known.share) == pytest.approx(share)
    assert np.exp(known.place) == pytest.approx((near + share * _PLACE_BELIEF) / (sizes + _PLACE_BELIEF))
    assert not known.bead.any() and known.near.all()


# Answers


def units(rows):
    return rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-12)


def like(rng, rows, sims):
    """Unit rows of given similarities to other unit rows."""
    noise = rng.standard_normal(rows.shape)
    noise -= (noise * rows).sum(1, keepdims=True) * rows
    sims = np.asarray(sims)[:, None]
    return sims * rows + np.sqrt(1 - sims**2) * units(noise)


def side_of_rows(rows, width=4, lengths=None):
    """A side of segments, spans of which are their sums."""
    sums = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0)])
    spans = np.zeros((width, *rows.shape), np.float32)
    for k in range(min(width, len(rows))):
        spans[k, :len(rows) - k] = sums[k + 1:] - sums[:len(rows) - k]
    return Side(Vectors(units(spans).astype(np.float32)), np.full(len(rows), 60) if lengths is None else lengths,
                np.zeros(len(rows), int))


REPLACED = np.r_[10, 30:34, 77, 100:103]


def document(seed, sims, n=120, dimension=200):
    """Both sides of n lines, similar to each other by about `sims`, but those that were REPLACED by others' on the second."""
    rng = np.random.default_rng(seed)
    rows = units(rng.standard_normal((n, dimension)))
    answers = like(rng, rows, sims + rng.uniform(-0.04, 0.04, n))
    answers[REPLACED] = units(rng.standard_normal((len(REPLACED), dimension)))
    return side_of_rows(rows), side_of_rows(answers)


def scored(first, second, machine):
    make = Scorer if machine is None else lambda *given: CompiledScorer(machine, *given, keep=True)
    return make(first, second, Links.none(), weights()["path"], (4, 4))


def answered(first, second, path, machine=None):
    scorer = scored(first, second, machine)
    found = _certain(np.array(path), len(first), len(second))
    return with_answers(estimated(found, first, second), found, scorer)


PATHS = {"paired": [(1, 1)] * 120,
         "alone": [step for k in range(120) for step in ([(1, 0), (0, 1)] if k in REPLACED else [(1, 1)])]}


@BOTH
@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
@pytest.mark.parametrize("sims", [0.35, 0.5, 0.75])
def test_replaced_segments_are_not_answered_and_all_others_are(machine, sims, path):
    first, second = document(1, sims)
    known = answered(first, second, path, machine)
    gone = np.isin(np.arange(120), REPLACED)
    for side in (known.first, known.second):
        assert side.near[gone].min() > 2 and side.bead[gone].min() > 2
        assert side.near[~gone].max() < -2 and side.bead.min() == side.bead[~gone].max() == 0
        assert np.abs(side.near).max() <= 6 and side.bead.max() <= 8
        # All nine of 120 and none else, and what is believed before anything is seen.
        assert np.exp(side.share) == pytest.approx((9 + _ALONE * _ALONE_BELIEF) / (120 + _ALONE_BELIEF), abs=5e-3)
        odds = np.exp(side.place)
        assert odds[[31, 32, 101]].min() > 1.2 * odds[50:70].max()


def test_what_is_answered_in_one_document_is_chance_in_another():
    # A segment is similar to its own place by 0.3: nearly as much as all others are, or far less in a document of which
    # all places are similar to each other by as much.
    near = {}
    for sims, dimension in ((0.35, 400), (0.8, 16)):
        rng = np.random.default_rng(4)
        rows = units(rng.standard_normal((150, dimension)))
        given = np.full(150, sims)
        given[70] = 0.3
        known = answered(side_of_rows(rows), side_of_rows(like(rng, rows, given)), [(1, 1)] * 150)
        near[sims] = (known.first.bead + known.first.near)[70]
        others = np.delete(known.first.near, 70)
        assert np.mean(others < 0) > 0.98
    assert near[0.35] < -2 and near[0.8] > 0


@pytest.mark.parametrize("sims", [0.5, 0.75])
def test_parts_of_merged_segments_are_answered(sims):
    # Each segment of the first side answers three of the second, each of which is the less similar to it: by root 1 / 3.
    rng = np.random.default_rng(5)
    parts = units(rng.standard_normal((180, 200)))
    wholes = units(parts.reshape(60, 3, 200).sum(1))
    first, second = side_of_rows(like(rng, wholes, np.full(60, sims)), lengths=np.full(60, 180)), side_of_rows(parts)
    known = answered(first, second, [(1, 3)] * 60)
    assert known.first.near.max() < 0 and known.first.bead.max() == 0
    assert np.mean(known.second.near < 0) > 0.95 and np.mean(known.second.bead == 0) > 0.95
    assert np.exp(known.first.share) < 0.03 and np.exp(known.second.share) < 0.03


def test_what_segments_are_aligned_with_by_hand():
    rng = np.random.default_rng(11)
    first, second = (side_of_rows(units(rng.standard_normal((size, 50))), lengths=np.array(lengths))
                     for size, lengths in ((3, [9, 19, 29]), (4, [9, 29, 59, 9])))
    scorer = scored(first, second, None)
    # The first is one third of its bead; the second is two thirds of one, or in another bead by itself.
    found = likely([(2, 1, 2, 1, 0.6), (2, 2, 1, 2, 0.2), (3, 4, 1, 2, 0.0005)], 3, 4)

    def of(*span):
        return float(scorer.spans_similarity(*(np.array([k]) for k in span))[0])

    one, two = _aligned(found, scorer)
    assert one.sims == pytest.approx([of(0, 1, 0, 1), (0.6 * of(1, 1, 0, 1) + 0.2 * of(1, 1, 0, 2)) / 0.8, 0], abs=1e-5)
    assert one.parts == pytest.approx([np.sqrt(1 / 3), (0.6 * np.sqrt(2 / 3) + 0.2) / 0.8, 1])
    assert two.sims == pytest.approx([(0.6 * of(0, 2, 0, 1) + 0.2 * of(1, 1, 0, 1)) / 0.8, of(1, 1, 1, 1), 0, 0], abs=1e-5)
    assert two.parts == pytest.approx([(0.6 + 0.2 * np.sqrt(1 / 4)) / 0.8, np.sqrt(3 / 4), 1, 1])


def test_parts_may_be_less_similar_than_wholes():
    # 80 answered segments, a whole one and a third part of another's bead, both similar by 0.3.
    sims, parts = np.r_[np.full(80, 0.6), 0.3, 0.3], np.r_[np.ones(80), 1, np.sqrt(1 / 3)]
    odds, shares = _by_bead(sims, parts, np.zeros(82), 0.15, (slice(0, 40), slice(40, None)))
    assert odds[80] > odds[81] + 2 and shares[80] > 3 * shares[81]


def test_the_broader_chance_is_the_less_a_similarity_tells():
    rng = np.random.default_rng(12)
    usual_sims, best = np.full(100, 0.7), np.array([0.1, 0.4, 0.7])
    narrow, broad = (_by_place(best, usual_sims, np.zeros(100), 0.2 + spread * rng.standard_normal(400))
                     for spread in (0.03, 0.2))
    assert narrow[0] > 0 > narrow[1] > narrow[2] and broad[0] > 0 > broad[2]
    assert broad[1] > narrow[1] + 2


def test_answers_are_looked_for_where_a_segment_stands_alone():
    # Nothing is aligned with these, but their answers stand there.
    first, second = document(13, 0.6)
    path = [step for k in range(120) for step in ([(1, 0), (0, 1)] if 40 <= k < 44 else [(1, 1)])]
    known = answered(first, second, path)
    for side in (known.first, known.second):
        assert side.near[40:44].max() < -2 and side.bead[40:44].min() > 2
        assert side.near[REPLACED].min() > 2


def test_a_place_that_is_not_known_for_certain_is_looked_for_around():
    # Answers stand one segment off: beads put each beside its answer, as likely before it as behind.
    first, second = document(6, 0.6)
    ends = np.array([(k, k + d) for k in range(2, 119) for d in (-1, 1)])
    found = Posteriors(ends, np.ones_like(ends), np.full(len(ends), 0.5), np.zeros(120), np.zeros(120),
                       np.full(120, np.nan), np.full(120, np.nan))
    known = with_answers(estimated(found, first, second), found, scored(first, second, None))
    gone = np.isin(np.arange(120), REPLACED)
    for side in (known.first, known.second):
        inside = np.isin(np.arange(120), np.arange(3, 116))
        assert side.near[gone].min() > 0 > side.near[~gone & inside].max()
        # The beads themselves speak against nearly all of them.
        assert np.mean(side.bead[~gone & inside] > 0) > 0.9


def test_answers_of_swapped_sides_are_swapped():
    first, second = document(2, 0.5)
    second = side_of_rows(np.delete(second.vectors.single, [5, 60, 61], axis=0))
    path = [(1, 0) if k in (5, 60, 61) else (1, 1) for k in range(120)]
    there = answered(first, second, path)
    back = answered(second, first, [(b, a) for a, b in path])
    for one, other in ((there.first, back.second), (there.second, back.first)):
        # Chance is seen at other places then, so that numbers are not quite the same.
        assert ((one.near > 0) == (other.near > 0)).all() and ((one.bead > 0) == (other.bead > 0)).all()
        assert one.near == pytest.approx(other.near, abs=1) and one.share == pytest.approx(other.share, abs=0.05)
    assert np.flatnonzero(there.first.near > 0).tolist() == sorted([5, 60, 61, *REPLACED.tolist()])


@BOTH
def test_segments_too_few_to_tell_of_chance(machine):
    rng = np.random.default_rng(7)
    for n, m in ((1, 1), (1, 4), (3, 2)):
        rows = units(rng.standard_normal((n + m, 50)))
        path = [(1, 1)] * min(n, m) + [(1, 0)] * (n - m) + [(0, 1)] * (m - n)
        known = answered(side_of_rows(rows[:n]), side_of_rows(rows[n:]), path, machine)
        assert len(known.first.near) == n and len(known.second.near) == m
        for side in (known.first, known.second):
            assert all(np.isfinite(part).all() for part in (side.place, side.bead, side.near))
        assert known.first.near.min() > 0  # nothing is like anything here


# The whole


def aligned(first, second, **options):
    return align(first, second, both_ways(first.vectors.single, second.vectors.single), **options)


def kinds(found, at):
    """The beads that hold segments `at` of the first side or the second."""
    return [bead.kind for bead in found.beads if np.isin(np.r_[bead.ar.start:bead.ar.stop], at).any()
            or np.isin(np.r_[bead.en.start:bead.en.stop], at).any()]


@pytest.mark.parametrize("machine", [False, True], ids=["numpy", "compiled"])
@pytest.mark.parametrize("most", [10**9, 0], ids=["known as a whole", "known by samples"])
@pytest.mark.parametrize("sims", [0.45, 0.75])
def test_replaced_lines_stand_alone(monkeypatch, sims, most, machine):
    monkeypatch.setattr(beads, "_WHOLE", most)
    known = []

    def seen(*given):
        known.append(with_answers(*given))
        return known[-1]

    monkeypatch.setattr(beads, "with_answers", seen)
    found = aligned(*document(3, sims, dimension=500), one_of_many=machine)
    assert pairs_in(found) == {(k, k) for k in range(120) if k not in REPLACED}
    assert sorted(kinds(found, REPLACED)) == ["0:1"] * 9 + ["1:0"] * 9
    # Two rounds tell of what is known as a whole, all of it once of what samples told of first.
    assert len(known) == (2 if most else 1)
    for side in (known[-1].first, known[-1].second):
        assert np.flatnonzero(side.near + side.bead > 0).tolist() == REPLACED.tolist()


@pytest.mark.parametrize("machine", [False, True], ids=["numpy", "compiled"])
@pytest.mark.parametrize("side", [0, 1], ids=["1:3", "3:1"])
def test_merged_lines_stay_together(side, machine):
    # Every fourth of the merged side's lines answers three; their sum is as similar as all others are.
    rng = np.random.default_rng(8)
    rows = units(rng.standard_normal((90, 200)))
    groups, k = [], 0
    while k < 90:
        size = 3 if len(groups) % 4 == 1 and k < 87 else 1
        groups.append((k, k + size))
        k += size
    merged = units(np.array([rows[a:b].sum(0) for a, b in groups]))
    whole = side_of_rows(like(rng, merged, np.full(len(merged), 0.7)), lengths=np.array([60 * (b - a) for a, b in groups]))
    split = side_of_rows(rows)
    found = aligned(*((whole, split) if side == 0 else (split, whole)), one_of_many=machine)
    spans = [tuple(bead.en if side == 0 else bead.ar) for bead in found.beads]
    assert spans == groups
    assert sum(bead.kind == ("1:3" if side == 0 else "3:1") for bead in found.beads) == 15


@pytest.mark.parametrize("size", [45, 400])
def test_swapped_sides_swap_the_alignment(size):
    rng = np.random.default_rng(size)
    rows = units(rng.standard_normal((size, 200)))
    both = []
    for every in (7, 11):  # lines are joined in pairs on one side, or on the other; some are gone
        starts = [k for k in range(size) if k % every != 3]
        joined = np.add.reduceat(rows, starts, axis=0)
        lengths = 61 * np.diff([*starts, size]) - 1
        kept = np.arange(len(starts)) % 17 != every
        both.append(side_of_rows(like(rng, units(joined), np.full(len(joined), 0.75))[kept], lengths=lengths[kept]))
    there, back = aligned(*both), aligned(*both[::-1])
    assert pairs_in(there) == {(i, j) for j, i in pairs_in(back)}
    assert {(*bead.ar, *bead.en) for bead in there.beads if len(bead.ar) and len(bead.en)} == {
        (*bead.en, *bead.ar) for bead in back.beads if len(bead.ar) and len(bead.en)}
    assert {"1:1", "1:2", "2:1", "1:0", "0:1"} <= {bead.kind for bead in there.beads}


@pytest.mark.parametrize("side", [0, 1], ids=["first", "second"])
def test_sums_over_all_paths_keep_the_ratio_of_lengths(side):
    # 100 lines and answers 1.3 times as long; 40 lines more on one side, in three stretches, which nothing answers.
    rng = np.random.default_rng(9)
    rows = units(rng.standard_normal((100, 200)))
    lengths = rng.integers(40, 160, 100)
    answers = like(rng, rows, np.full(100, 0.6))
    both = [[rows, lengths], [answers, np.rint((lengths + 1) * 1.3).astype(int) - 1]]
    at = np.repeat([20, 55, 80], [10, 18, 12])
    vectors, sizes = both[side]
    both[side] = [np.insert(vectors, at, units(rng.standard_normal((40, 200))), axis=0), np.insert(sizes, at, 200)]
    first, second = (side_of_rows(vectors, lengths=sizes) for vectors, sizes in both)
    n, m = len(first), len(second)
    scorer = scored(first, second, None)
    grid = _Grid(np.zeros(n + 1, int), np.full(n + 1, m + 1), (4, 4), None, None)
    found = grid.posteriors(scorer, scorer)
    known = estimated(found, first, second)
    assert abs(total_ratio(first, second) - np.log(1.3)) > 0.3
    assert known.ratio == pytest.approx(np.log(1.3), abs=0.05)
    # Twice, as `align` does, and what is left alone is found.
    found = grid.posteriors(*[scorer.with_stats(with_answers(known, found, scorer))] * 2)
    alone = (found.first_alone, found.second_alone)
    assert alone[1 - side].max() < 0.1
    extra = at + np.arange(40)
    assert alone[side][extra].min() > 0.9 and np.delete(alone[side], extra).max() < 0.1


def test_machine_code_tells_the_same_of_answers():
    first, second = document(10, 0.5)
    second = replace(second, lengths=np.random.default_rng(0).integers(20, 200, 120))
    plain, compiled = (answered(first, second, PATHS["alone"], machine) for machine in (None, kernels.machine()))
    for one, other in ((plain.first, compiled.first), (plain.second, compiled.second)):
        assert one.share == pytest.approx(other.share, abs=1e-4)
        for name in ("place", "bead", "near"):
            assert getattr(one, name) == pytest.approx(getattr(other, name), abs=1e-2)
