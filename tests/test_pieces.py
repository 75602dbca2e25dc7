"""Long pairs in pieces: where they are cut, and that the pieces together say what the whole says."""

from importlib import import_module

import numpy as np
import pytest

from align import Options, pipeline
from align.beads import along, cuts, joined, posteriors
from align.beads.pieces import likely_pairs
from align.data import Alignment, Bead, Block, Neighbours, Span
from align.errors import EncoderError
from align.neighbours import in_groups

TEXTS = ["The ship left the harbour at dawn.", "Bread was dear that winter.", "Her uncle repaired clocks.",
         "Nobody knew the old road.", "The judge asked for silence.", "Rain fell for nine days.",
         "They sold the horse in May.", "A letter came from the capital.", "The bridge was never finished.",
         "Children played by the well."]


def neighbours_of(ids, sims):
    return Neighbours(np.array(ids, np.int64), np.array(sims, np.float32))


def test_neighbours_alike_are_all_likely_and_clear_ones_alone():
    found = neighbours_of([[0, 5, 9], [1, 6, 9], [2, 3, 4], [-1, -1, -1]],
                          [[0.9, 0.3, 0.2], [0.8, 0.8, 0.1], [0.5, 0.48, 0.49], [-1, -1, -1]])
    pairs, sims = likely_pairs(found)
    # Of the third nothing tells whether there are more alike; the second has two answers, the last first.
    assert pairs.tolist() == [[0, 0], [1, 6], [1, 1]]
    assert sims == pytest.approx([0.9, 0.8, 0.8])


def diagonal(n, gap=None):
    """Neighbours of n segments that answer each other one by one; those of `gap` have none."""
    ids, sims = np.stack([np.arange(n), np.full(n, -1)], 1), np.tile(np.float32([0.9, -1]), (n, 1))
    if gap is not None:
        ids[gap], sims[gap] = -1, -1
    return Neighbours(ids, sims)


def test_cuts_lie_on_the_path_about_a_size_apart():
    found = cuts(diagonal(1000), 100)
    assert (found[:, 0] == found[:, 1]).all()
    apart = np.diff(found[:, 0])
    assert (apart[:-1] == 100).all() and 50 <= apart[-1] <= 150 and found[-1, 0] >= 850


def test_nothing_is_cut_where_nothing_is_sure():
    found = cuts(diagonal(1000, slice(200, 700)), 100)
    assert not ((found[:, 0] > 199) & (found[:, 0] < 700)).any()
    assert len(cuts(diagonal(1000, slice(None)), 100)) == 0


def test_repeated_texts_are_told_apart_by_their_order():
    """Each segment has an answer in every copy of the text, all alike; the chain takes those of its own copy."""
    period, copies = 50, 4
    i = np.arange(period * copies)
    ids = np.concatenate([i[:, None] % period + period * np.arange(copies), np.full((len(i), 1), -1)], 1)
    sims = np.tile(np.float32([0.9] * copies + [-1]), (len(i), 1))
    found = cuts(Neighbours(ids, sims), 40)
    assert len(found) >= 3 and (found[:, 0] == found[:, 1]).all()


def test_corners_along_a_diagonal():
    assert along(10, 4, 4).tolist() == [[3, 1], [6, 2]]
    assert along(3, 4, 4).tolist() == []


def test_rows_are_looked_up_in_groups_of_neighbours():
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((400, 16), dtype=np.float32)
    found = in_groups(rows, rows + 0.05 * rng.standard_normal(rows.shape, dtype=np.float32), 3, most=100)
    asked = np.flatnonzero(found.ids[:, 0] >= 0)
    assert 96 <= len(asked) <= 120 and (found.ids[asked, 0] == asked).all()
    assert (np.diff(asked) == 1).mean() > 0.8
    assert (in_groups(rows, rows, 3).ids[:, 0] == np.arange(400)).all()
    with pytest.raises(EncoderError, match="not numbers"):
        in_groups(np.full((4, 4), np.nan, np.float32), rows[:4, :4])


def test_pieces_are_joined_where_they_begin():
    one = Alignment((Bead(Span(0, 1), Span(0, 2), 0.5, 0.9), *(Bead(Span(k, k + 1), Span(2, 2)) for k in (1, 2, 3))))
    two = Alignment((*(Bead(Span(k, k + 1), Span(0, 0)) for k in (0, 1)), Bead(Span(2, 3), Span(0, 1), 0.6, 0.8)),
                    (Block(Span(0, 2), Span(0, 1), "moved", 0.7),))
    found = joined([((0, 0), one), ((4, 2), two)])
    assert [(*bead.ar, *bead.en) for bead in found.beads] == [(0, 1, 0, 2), (1, 2, 2, 2), (2, 3, 2, 2), (3, 4, 2, 2),
                                                              (4, 5, 2, 2), (5, 6, 2, 2), (6, 7, 2, 3)]
    assert found.beads[-1].confidence == 0.8
    # The run that stands alone goes on over the cut.
    assert found.blocks == (Block(Span(4, 6), Span(2, 3), "moved", 0.7), Block(Span(1, 6), Span(2, 2), "only"))


def long_pair(copies):
    lines = [f"{text[:-1]} in year {1000 + 7 * k}." for k in range(copies) for text in TEXTS]
    return lines, [*lines[:37], *lines[45:]]


def test_a_long_pair_in_pieces_has_the_path_of_the_whole(monkeypatch):
    first, second = long_pair(20)
    sides = pipeline.as_segmented(first, "en", "a"), pipeline.as_segmented(second, "en", "b")
    options = Options(language_check=False, langs=("en", "en"))
    encoder = pipeline.load_encoder(options)
    whole = pipeline.align_segmented(*sides, options, encoder=encoder).alignment
    sizes = []
    aligned = pipeline._aligned
    monkeypatch.setattr(pipeline, "_aligned", lambda pair, *more: sizes.append(len(pair.texts[0].segments)) or aligned(pair, *more))
    monkeypatch.setattr(pipeline, "_MOST_WHOLE", 100)
    monkeypatch.setattr(pipeline, "_PIECE", 40)
    pieces = pipeline.align_segmented(*sides, options, encoder=encoder).alignment
    assert len(sizes) >= 3 and sum(sizes) == 200
    assert [(bead.ar, bead.en) for bead in pieces.beads] == [(bead.ar, bead.en) for bead in whole.beads]
    assert [(block.ar, block.en) for block in pieces.blocks] == [(block.ar, block.en) for block in whole.blocks]


def test_a_long_pair_of_strangers_is_cut_along_its_diagonal(monkeypatch):
    monkeypatch.setattr(pipeline, "_MOST_WHOLE", 50)
    monkeypatch.setattr(pipeline, "_PIECE", 10)
    monkeypatch.setattr("align.beads.cuts", lambda found, size: np.zeros((0, 2), np.int64))
    first, second = long_pair(12)
    sides = pipeline.as_segmented(first, "en", "a"), pipeline.as_segmented(second, "en", "b")
    found = pipeline.align_segmented(*sides, Options(language_check=False, langs=("en", "en"))).alignment
    assert sum(len(bead.ar) for bead in found.beads) == len(first)
    assert sum(len(bead.en) for bead in found.beads) == len(second)


def test_flags_of_a_long_pair_are_found(monkeypatch):
    monkeypatch.setattr(pipeline, "_MOST_WHOLE", 50)
    monkeypatch.setattr(pipeline, "_PIECE", 20)
    first, second = long_pair(6)
    sides = pipeline.as_segmented(first, "en", "a"), pipeline.as_segmented(second, "en", "b")
    found = pipeline.align_segmented(*sides, Options(language_check=False, langs=("en", "en")), flags=True)
    assert len(found.alignment.beads) >= 52


def test_worth_that_is_not_kept_is_asked_for_again(monkeypatch):
    from test_beads import scorer_of
    from test_beads import sides as made

    from align.beads.path import blocks_of

    first, second, links = made(3, 40, 40)
    scorer = scorer_of(first, second, links, (3, 3))
    low, high = np.zeros(41, np.int64), np.full(41, 41)
    blocks = blocks_of(low, high, 3, 3, None, None)
    given = scorer, *scorer.skips(), low, high, 3, 3, None, blocks
    kept = posteriors(*given)
    monkeypatch.setattr(import_module("align.beads.posteriors"), "_HELD", 0)
    again = posteriors(*given)
    for name in ("ends", "sizes", "shares", "first_alone", "second_alone"):
        assert np.array_equal(getattr(kept, name), getattr(again, name))
