"""Sums over paths against all paths one by one, in NumPy and in compiled code; and where sums leave the range of numbers."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_beads import BOTH, all_paths, bands, grid, of_rows, pairs_in, value

import align
from align import beads
from align.beads import _certain, _Grid, kernels
from align.beads.path import Block, blocks_of
from align.beads.posteriors import LEAST, posteriors

QUICK = settings(max_examples=40, deadline=None)


def by_all_paths(score, skips, low, high, most_n, most_m):
    """Probability of each bead by end corner and size; of each segment's standing alone, by side; and where, in the mean."""
    n, m = len(skips[0]), len(skips[1])
    shares, alone, places = {}, (np.zeros(n), np.zeros(m)), (np.zeros(n), np.zeros(m))
    paths = list(all_paths(n, m, most_n, most_m))
    weights = np.exp([value(path, score, *skips, low, high) for path in paths])
    for path, weight in zip(paths, (weights / weights.sum()).tolist(), strict=True):
        i = j = 0
        for a, e in path if weight else ():
            i, j = i + a, j + e
            if a and e:
                shares[i, j, a, e] = shares.get((i, j, a, e), 0.0) + weight
            else:
                side, at, corner = (0, i - 1, j) if a else (1, j - 1, i)
                alone[side][at] += weight
                places[side][at] += weight * corner
    with np.errstate(invalid="ignore"):
        return shares, alone, tuple(place / share for place, share in zip(places, alone, strict=True))


def found_in(score, skips, low, high, most_n, most_m, machine, blocks=None):
    blocks = blocks_of(low, high, most_n, most_m, None, machine) if blocks is None else blocks
    return posteriors(partial(of_rows, score), *skips, low, high, most_n, most_m, machine, blocks)


def as_dict(found):
    out = {(*end, *size): share for end, size, share in
           zip(found.ends.tolist(), found.sizes.tolist(), found.shares.tolist(), strict=True)}
    assert len(out) == len(found.shares)  # none is told of twice
    return out


def same_beads(one, other, atol=1e-5):
    """Whether two dictionaries agree; what is just as likely as LEAST may be missing in either."""
    assert all(abs(one.get(key, LEAST) - other.get(key, LEAST)) <= atol for key in one.keys() | other.keys())


def whole(n, m):
    return np.zeros(n + 1, int), np.full(n + 1, m + 1)


def alone_of(found):
    return found.first_alone, found.second_alone, found.first_places, found.second_places


@BOTH
@QUICK
@given(st.integers(0, 5), st.integers(0, 5), st.integers(1, 3), st.integers(1, 3), st.booleans(), st.booleans(),
       st.integers(0, 10**6))
def test_probabilities_are_those_of_all_paths(machine, n, m, most_n, most_m, full, row_by_row, seed):
    n, m = (n, m) if n + m <= 8 else (min(n, 4), min(m, 4))  # there are a great many paths
    rng = np.random.default_rng(seed)
    score = 2 * grid(rng, n, m, most_n, most_m)
    skips = rng.normal(-0.5, 1, n), rng.normal(-0.5, 1, m)
    low, high = bands(rng, n, m, full)
    # Beads reach back over the borders of blocks.
    blocks = [Block(i, i + 1, np.arange(low[i], high[i])[None]) for i in range(1, n + 1)] if row_by_row else None
    found = found_in(score, skips, low, high, most_n, most_m, machine, blocks)
    shares, alone, places = by_all_paths(score, skips, low, high, most_n, most_m)
    told = as_dict(found)
    assert min(told.values(), default=1) >= LEAST
    assert all(told[key] == pytest.approx(shares[key], abs=1e-5) for key in told)
    assert all(key in told for key, share in shares.items() if share > LEAST + 1e-5)
    for one, other in zip(alone_of(found), (*alone, *places), strict=True):
        assert one == pytest.approx(other, abs=1e-5, nan_ok=True)


@BOTH
def test_probabilities_are_those_of_all_paths_of_five_by_five(machine):
    rng = np.random.default_rng(5)
    score, skips = grid(rng, 5, 5, 2, 2), (rng.normal(-0.5, 1, 5), rng.normal(-0.5, 1, 5))
    found = found_in(score, skips, *whole(5, 5), 2, 2, machine)
    shares, alone, places = by_all_paths(score, skips, *whole(5, 5), 2, 2)
    same_beads(as_dict(found), {key: share for key, share in shares.items() if share >= LEAST})
    for one, other in zip(alone_of(found), (*alone, *places), strict=True):
        assert one == pytest.approx(other, abs=1e-5)


@BOTH
def test_one_segment_a_side_by_hand(machine):
    # A pair is worth 2, and to leave both alone 3 * 1 / 2, in either order: 2 / 5, and 3 / 5 for leaving alone.
    score = np.full((2, 1, 1, 2), -np.inf, np.float32)
    score[1, 0, 0, 1] = np.log(2)
    skips = np.log([3.0]), np.log([0.5])
    found = found_in(score, skips, *whole(1, 1), 1, 1, machine)
    assert as_dict(found) == pytest.approx({(1, 1, 1, 1): 0.4})
    assert [float(part[0]) for part in alone_of(found)] == pytest.approx([0.6, 0.6, 0.5, 0.5])
    # Where the band leaves no room for the pair alone, there is one order only: 2 / 3.5.
    found = found_in(score, skips, np.array([0, 1]), np.array([2, 2]), 1, 1, machine)
    assert as_dict(found) == pytest.approx({(1, 1, 1, 1): 2 / 3.5})
    assert [float(part[0]) for part in alone_of(found)] == pytest.approx([1.5 / 3.5, 1.5 / 3.5, 1, 0])


@QUICK
@given(st.integers(1, 90), st.integers(1, 90), st.integers(1, 4), st.integers(1, 4), st.booleans(), st.integers(0, 10**6))
def test_compiled_code_tells_the_same_of_ragged_rows(n, m, most_n, most_m, full, seed):
    rng = np.random.default_rng(seed)
    score = 2 * grid(rng, n, m, most_n, most_m)
    skips = rng.normal(-1, 1, n), rng.normal(-1, 1, m)
    low, high = bands(rng, n, m, full)
    plain, compiled = (found_in(score, skips, low, high, most_n, most_m, machine) for machine in (None, kernels.machine()))
    same_beads(as_dict(plain), as_dict(compiled))
    for one, other in zip(alone_of(compiled), alone_of(plain), strict=True):
        assert one == pytest.approx(other, abs=1e-5, nan_ok=True)


@BOTH
@QUICK
@given(st.integers(1, 12), st.integers(1, 12), st.integers(1, 4), st.integers(1, 4), st.integers(0, 10**6))
def test_sides_swapped_swap_the_probabilities(machine, n, m, most_n, most_m, seed):
    rng = np.random.default_rng(seed)
    score = 2 * grid(rng, n, m, most_n, most_m)
    skips = rng.normal(-0.5, 1, n), rng.normal(-0.5, 1, m)
    there = found_in(score, skips, *whole(n, m), most_n, most_m, machine)
    back = found_in(score.transpose(3, 2, 1, 0), skips[::-1], *whole(m, n), most_m, most_n, machine)
    same_beads(as_dict(there), {(i, j, a, e): share for (j, i, e, a), share in as_dict(back).items()})
    swapped = back.second_alone, back.first_alone, back.second_places, back.first_places
    for one, other in zip(alone_of(there), swapped, strict=True):
        assert one == pytest.approx(other, abs=1e-5)


@BOTH
@QUICK
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 10**6))
def test_each_segment_ends_somewhere(machine, n, m, seed):
    rng = np.random.default_rng(seed)
    score, skips = 4 * grid(rng, n, m, 2, 3), (rng.normal(-3, 1, n), rng.normal(-3, 1, m))
    found = found_in(score, skips, *bands(rng, n, m, False), 2, 3, machine)
    for side, total in enumerate((found.first_alone.copy(), found.second_alone.copy())):
        for end, size, share in zip(found.ends[:, side], found.sizes[:, side], found.shares, strict=True):
            total[end - size:end] += share
        # Beads that are less likely than LEAST are missing; there are fewer than 2 * 3 * (2 or 3) of each corner.
        assert total.max() <= 1 + 1e-4 and total.min() >= 1 - LEAST * 18 * max(n, m)
        assert np.median(total) > 0.97


@BOTH
@pytest.mark.parametrize("swapped", [False, True], ids=["row", "column"])
def test_sums_stay_in_range_however_much_stands_on_one_side_only(machine, swapped):
    # One segment against 3000, to leave each of which alone is worth exp(-2): a pair with any of them is worth exp(3), to
    # leave the one alone exp(-1), at any of 3001 corners.
    size = 3000
    n, m = (size, 1) if swapped else (1, size)
    score = np.full((n + 1, 1, 1, m + 1), 3, np.float32)
    score[0], score[..., 0] = -np.inf, -np.inf
    skips = (np.full(size, -2.0), np.array([-1.0])) if swapped else (np.array([-1.0]), np.full(size, -2.0))
    found = found_in(score, skips, *whole(n, m), 1, 1, machine)
    one, many, place, places = alone_of(found)
    if swapped:
        one, many, place, places = many, one, places, place
    pairs, left = size * np.exp(3 + 2), (size + 1) * np.exp(-1)
    assert one[0] == pytest.approx(left / (pairs + left)) and place[0] == pytest.approx(size / 2)
    assert many == pytest.approx(np.full(size, 1 - np.exp(5) / (pairs + left)))
    # The one stands before those that come later.
    assert (np.diff(places) > 0).all() and places[0] < 1e-3 and places[-1] > 1 - 1e-3


@BOTH
@pytest.mark.parametrize("worth, skip", [(-200, -800), (200, -1), (np.nan, -1)], ids=["underflow", "overflow", "no number"])
def test_sums_that_leave_the_range_of_numbers_are_refused(machine, worth, skip):
    score = np.full((4, 2, 2, 5), worth, np.float32)
    score[~np.isfinite(grid(np.random.default_rng(0), 3, 4, 2, 2))] = -np.inf
    skips = np.full(3, skip), np.full(4, -1)
    with pytest.raises(ValueError, match="leave the range of numbers"):
        found_in(score, skips, *whole(3, 4), 2, 2, machine)


def test_a_path_as_if_there_were_no_other():
    found = _certain(np.array([(1, 1), (0, 1), (2, 1), (1, 0), (0, 1), (1, 3)]), 5, 7)
    assert found.ends.tolist() == [[1, 1], [3, 3], [5, 7]]
    assert found.sizes.tolist() == [[1, 1], [2, 1], [1, 3]]
    assert found.shares.tolist() == [1, 1, 1]
    assert found.first_alone.tolist() == [0, 0, 0, 1, 0]
    assert found.second_alone.tolist() == [0, 1, 0, 1, 0, 0, 0]
    nan = np.nan
    assert np.array_equal(found.first_places, [nan, nan, nan, 3, nan], equal_nan=True)
    assert np.array_equal(found.second_places, [nan, 1, nan, 4, nan, nan, nan], equal_nan=True)


class Given:
    """What `_Grid` asks of a scorer."""

    def __init__(self, score, skips):
        self.first, self.second = skips
        self._score, self.skips = score, lambda: skips

    def __call__(self, r0, r1, columns, most=None):
        return of_rows(self._score, r0, r1, columns)


@BOTH
def test_the_best_path_tells_where_sums_cannot(machine):
    score = np.full((5, 2, 2, 6), -1, np.float32)
    score[~np.isfinite(grid(np.random.default_rng(0), 4, 5, 2, 2))] = -np.inf
    for i, n, m, j in ((1, 1, 1, 1), (2, 1, 1, 3), (4, 2, 2, 5)):
        score[i, n - 1, m - 1, j] = 5
    skips = np.full(4, -2.0), np.full(5, -2.0)
    for more in (0, 200):  # sums first, then none
        scorer = Given(score + np.float32(more * (score > 0)), skips)
        found = _Grid(*whole(4, 5), (2, 2), machine, None).posteriors(scorer, scorer)
        likely = as_dict(found)
        if more:
            assert likely == {(1, 1, 1, 1): 1, (2, 3, 1, 1): 1, (4, 5, 2, 2): 1}
            assert found.second_alone.tolist() == [0, 1, 0, 0, 0] and found.second_places[1] == 1
        else:
            assert 0.9 < likely[1, 1, 1, 1] < 1 and 0.9 < likely[2, 3, 1, 1] < 1 and 0.9 < likely[4, 5, 2, 2] < 1


@pytest.mark.parametrize("most", [10**9, 0], ids=["known as a whole", "known by samples"])
def test_aligning_goes_on_where_sums_cannot_be_taken(monkeypatch, most):
    rng = np.random.default_rng(1)
    first = rng.standard_normal((200, 48))
    second = first + 0.3 * rng.standard_normal(first.shape)
    kept = np.r_[:20, 24:200]
    asked = []

    def refused(*_):
        asked.append(1)
        raise ValueError("the sums over paths leave the range of numbers")

    monkeypatch.setattr(beads, "posteriors", refused)
    monkeypatch.setattr(beads, "_WHOLE", most)
    found = align.align_vectors(first, second[kept])
    assert len(asked) == (2 if most else 9)  # two rounds; or eight stretches and then all of it
    assert pairs_in(found) == {(i, j) for j, i in enumerate(kept.tolist())}
    assert [tuple(bead.ar) for bead in found.beads if not len(bead.en)] == [(20, 21), (21, 22), (22, 23), (23, 24)]
