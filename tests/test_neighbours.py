"""Nearest rows and margins against hand-worked numbers and the plain product of all with all."""

import numpy as np
import pytest

from align import neighbours
from align.data import Neighbours
from align.neighbours import both_ways, margins, nearest


def units(rng, n, dimension):
    rows = rng.standard_normal((n, dimension)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_nearest_by_hand():
    found = nearest(np.float32([[1, 0], [0.6, 0.8]]), np.float32([[0, 1], [1, 0], [0.8, 0.6]]), 2)
    assert found.ids.tolist() == [[1, 2], [2, 0]]
    assert np.allclose(found.sims, [[1, 0.8], [0.96, 0.8]])


def test_fewer_rows_than_asked_for():
    found = nearest(np.float32([[1, 0]]), np.float32([[0, 1]]), 3)
    assert found.ids.tolist() == [[0, -1, -1]] and found.sims.tolist() == [[0, -1, -1]]


@pytest.mark.parametrize("n, m", [(0, 0), (0, 2), (2, 0)])
def test_nothing_to_find(n, m):
    found = nearest(np.zeros((n, 4), np.float32), np.zeros((m, 4), np.float32), 2)
    assert found.ids.tolist() == [[-1, -1]] * n and found.sims.shape == (n, 2)


def test_the_index_finds_what_the_products_find(monkeypatch):
    rng = np.random.default_rng(0)
    queries, base = units(rng, 40, 12), units(rng, 60, 12)
    plain = nearest(queries, base, 5)
    monkeypatch.setattr(neighbours, "_SMALL", 0)
    monkeypatch.setattr(neighbours, "_PART", 7)
    indexed = nearest(queries, base, 5)
    assert indexed.ids.tolist() == plain.ids.tolist() == np.argsort(-queries @ base.T, axis=1)[:, :5].tolist()
    assert np.allclose(indexed.sims, plain.sims, atol=1e-6)


@pytest.mark.parametrize("directions", [128, 16], ids=["whole", "reduced"])
def test_both_ways_finds_each_row_again(monkeypatch, directions):
    monkeypatch.setattr(neighbours, "_SMALL", 100 if directions == 16 else 10**9)
    monkeypatch.setattr(neighbours, "_REDUCED", directions)
    rng = np.random.default_rng(1)
    first = units(rng, 200, 24) + 0.3  # a direction that all have in common tells nothing
    order = rng.permutation(200)
    forward, backward = both_ways(first, first[order] + 0.1)
    assert order[forward.ids[:, 0]].tolist() == list(range(200))
    assert backward.ids[:, 0].tolist() == order.tolist()


def test_of_many_rows_some_are_looked_up():
    rng = np.random.default_rng(2)
    rows = units(rng, 100, 8)
    forward, backward = both_ways(rows, rows, most=10)
    looked = np.flatnonzero(forward.ids[:, 0] >= 0)
    assert len(looked) == 25 and looked[0] == 0 and looked[-1] == 99
    assert forward.ids[looked, 0].tolist() == looked.tolist()
    assert np.flatnonzero(backward.ids[:, 0] >= 0).tolist() == looked.tolist()


def test_both_ways_bears_zero_rows_and_empty_sides():
    zeros = np.zeros((3, 4), np.float32)
    for first, second in ((zeros, zeros), (zeros[:0], zeros), (zeros, zeros[:0])):
        forward, backward = both_ways(first, second)
        assert forward.ids.shape == (len(first), 4) and backward.ids.shape == (len(second), 4)
        assert np.isfinite(forward.sims).all() and np.isfinite(backward.sims).all()


def test_margin_by_hand():
    forward = Neighbours(np.array([[0, 1], [-1, -1]]), np.float32([[0.9, 0.5], [-1, -1]]))
    backward = Neighbours(np.array([[0, 1], [1, 0]]), np.float32([[0.9, 0.3], [0.4, 0.2]]))
    found = margins(np.array([0, -1]), forward, backward)
    # 0.9 over the mean of (0.9 + 0.5) / 2 and (0.9 + 0.3) / 2.
    assert found[0] == pytest.approx(0.9 / 0.65)
    assert np.isnan(found[1])
