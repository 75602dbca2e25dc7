"""Scores against hand-worked values and against slow twins."""

import gzip
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align.data import Alignment, Bead, Span
from align.errors import DecodingError, FormatError, InputError, UsageError
from align.evaluate.alignment import (
    Rates,
    as_text,
    evaluate,
    index_beads,
    lint,
    parse_alignment,
    read_alignment,
)


def bead(ar="", en=""):
    """`bead("01", "2")` is ((0, 1), (2,))."""
    return tuple(map(int, ar)), tuple(map(int, en))


GOLD = [bead("0", "0"), bead("1", "12"), bead("2", ""), bead("", "3"), bead("34", "4")]

# name, gold, predicted, (strict right, lax right, predicted), (strict found, lax found, gold)
CASES = [
    ("identical", GOLD, GOLD, (5, 5, 5), (3, 3, 3)),
    (
        "one bead cut in two",
        GOLD,
        [bead("0", "0"), bead("1", "1"), bead("", "2"), bead("2", ""), bead("", "3"), bead("34", "4")],
        (4, 5, 6),
        (2, 3, 3),
    ),
    (
        "a null on the wrong line touches nothing",
        [bead("0", "0"), bead("1", "1")],
        [bead("0", ""), bead("1", "01")],
        (0, 1, 2),
        (0, 1, 2),
    ),
    (
        "a missed null costs no recall, one bead's precision",
        [bead("0", "0"), bead("1", "")],
        [bead("01", "0")],
        (0, 1, 1),
        (0, 1, 1),
    ),
    ("shifted by one", [bead("0", "0"), bead("1", "1")], [bead("0", "1"), bead("1", "0")], (0, 0, 2), (0, 0, 2)),
    ("repeated beads collapse", [bead("0", "0")], [bead("0", "0"), bead("0", "0")], (1, 1, 1), (1, 1, 1)),
    ("empty on both sides is no bead", [bead("0", "0")], [bead("0", "0"), bead()], (1, 1, 1), (1, 1, 1)),
    ("nothing predicted", [bead("0", "0")], [], (0, 0, 0), (0, 0, 1)),
    ("touching by one of many", [bead("012", "012")], [bead("0", "2"), bead("12", "01")], (0, 2, 2), (0, 1, 1)),
]


@pytest.mark.parametrize(("gold", "predicted", "test", "back"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_strict_and_lax_counts(gold, predicted, test, back):
    scores = evaluate([gold], [predicted])
    assert scores.strict == Rates(test[0], test[2], back[0], back[2])
    assert scores.lax == Rates(test[1], test[2], back[1], back[2])


def test_rates_are_worked_from_counts_summed_over_documents():
    golds = [GOLD, [bead("0", "0"), bead("1", "1")]]
    predictions = [GOLD, [bead("0", "1"), bead("1", "0")]]
    scores = evaluate(golds, predictions)
    assert scores.documents == 2
    assert (scores.strict.precision, scores.strict.recall) == (5 / 7, 3 / 5)
    assert scores.strict.f1 == pytest.approx(2 * (5 / 7) * (3 / 5) / (5 / 7 + 3 / 5))
    assert evaluate([GOLD], [[]]).strict.f1 == 0.0


def test_one_sided_lines_by_side():
    gold = [bead("0", "0"), bead("12", ""), bead("", "12")]
    predicted = [bead("0", "0"), bead("1", ""), bead("2", "1"), bead("", "2"), bead("3", "")]
    scores = evaluate([gold], [predicted])
    assert scores.one_sided["ar"] == Rates(right=1, predicted=2, found=1, gold=2)
    assert scores.one_sided["en"] == Rates(right=1, predicted=1, found=1, gold=2)
    assert scores.one_sided["both"] == Rates(right=2, predicted=3, found=2, gold=4)
    assert scores.one_sided["both"].f1 == pytest.approx(4 / 7)


def test_table_by_type():
    predicted = [bead("0", "0"), bead("1", "1"), bead("", "2"), bead("2", ""), bead("", "3"), bead("34", "4")]
    types = evaluate([GOLD], [predicted]).types
    assert list(types) == ["0:1", "1:0", "1:1", "1:2", "2:1"]
    assert types["0:1"] == Rates(right=1, predicted=2, found=1, gold=1)
    assert types["1:1"] == Rates(right=1, predicted=2, found=1, gold=1)
    assert types["1:2"] == Rates(right=0, predicted=0, found=0, gold=1)
    assert types["1:2"].precision == 0.0


def test_sentence_links_and_containment():
    gold = [bead("01", "012"), bead("2", "3")]
    predicted = [bead("0", "01"), bead("12", "23"), bead("", "4")]
    scores = evaluate([gold], [predicted])
    # Gold links 6 + 1; predicted 2 + 4; right: (0,0) (0,1) (1,2) (2,3).
    assert scores.links == Rates(right=4, predicted=6, found=4, gold=7)
    assert (scores.contained, scores.two_sided, scores.containment) == (1, 2, 0.5)


def test_a_huge_bead_is_counted_without_listing_its_links():
    many = tuple(range(20_000))
    scores = evaluate([[(many, many)]], [[(many[:10_000], many[:10_000]), (many[10_000:], many[10_000:])]])
    assert scores.links == Rates(right=2 * 10**8, predicted=2 * 10**8, found=2 * 10**8, gold=4 * 10**8)


# Slow twins


def slow_counts(gold, test):
    """Vecalign's definition, step by step: (strict hits, lax hits, number of test beads)."""
    gold = {b for b in gold if b[0] or b[1]}
    test = {b for b in test if b[0] or b[1]}
    strict = lax = 0
    for ar, en in test:
        if (ar, en) in gold:
            strict, lax = strict + 1, lax + 1
            continue
        answers = {j for gold_ar, gold_en in gold for i in gold_ar if i in ar for j in gold_en}
        lax += bool(answers & set(en))
    return strict, lax, len(test)


@st.composite
def tilings(draw):
    """Beads that cover two sides of the same sizes in order."""
    sizes = draw(st.tuples(st.integers(0, 7), st.integers(0, 7)))

    def tiling():
        beads, at = [], [0, 0]
        while at[0] < sizes[0] or at[1] < sizes[1]:
            take = [draw(st.integers(0, min(3, sizes[k] - at[k]))) for k in (0, 1)]
            if take == [0, 0]:
                take = [int(at[0] < sizes[0]), int(at[0] == sizes[0])]
            beads.append(tuple(tuple(range(at[k], at[k] + take[k])) for k in (0, 1)))
            at = [at[0] + take[0], at[1] + take[1]]
        return beads

    return tiling(), tiling()


@settings(max_examples=150, deadline=None)
@given(st.lists(tilings(), min_size=1, max_size=3))
def test_agrees_with_the_slow_twin(documents):
    golds, predictions = zip(*documents)
    scores = evaluate(golds, predictions)
    full = [[[b for b in beads if b[0] and b[1]] for beads in side] for side in (golds, predictions)]
    forth = [sum(c) for c in zip(*(slow_counts(g, p) for g, p in documents))]
    back = [sum(c) for c in zip(*(slow_counts(p, g) for g, p in zip(*full)))]
    assert scores.strict == Rates(forth[0], forth[2], back[0], back[2])
    assert scores.lax == Rates(forth[1], forth[2], back[1], back[2])
    links = [{(k, i, j) for k, beads in enumerate(side) for ar, en in beads for i in ar for j in en} for side in full]
    common = len(links[0] & links[1])
    assert scores.links == Rates(common, len(links[1]), common, len(links[0]))
    assert scores.defects == ()


@settings(max_examples=60, deadline=None)
@given(tilings())
def test_swapping_the_sides_swaps_the_one_sided_lines_and_keeps_strict(pair):
    swapped = [[(en, ar) for ar, en in beads] for beads in pair]
    scores, mirror = evaluate([pair[0]], [pair[1]]), evaluate([swapped[0]], [swapped[1]])
    assert scores.strict == mirror.strict
    assert scores.links == mirror.links
    assert scores.one_sided["ar"] == mirror.one_sided["en"]


# Intervals


def test_intervals_are_nil_wide_where_all_documents_score_alike():
    half = [bead("0", "0"), bead("1", "2"), bead("2", "1"), bead("3", "3")]
    full = [bead("0", "0"), bead("1", "1"), bead("2", "2"), bead("3", "3")]
    scores = evaluate([full] * 6, [half] * 6, samples=200, rng=np.random.default_rng(7))
    assert scores.resampled == "documents"
    interval = scores.intervals["strict.f1"]
    assert (interval.low, interval.high) == (0.5, 0.5)


def test_interval_over_documents_matches_the_binomial():
    right, wrong = [bead("0", "0")], [bead("0", ""), bead("", "0")]
    golds = [right] * 100
    predictions = [right] * 80 + [wrong] * 20
    scores = evaluate(golds, predictions, samples=4000, rng=np.random.default_rng(1))
    interval = scores.intervals["strict.recall"]
    # 0.80 +- 1.96 * sqrt(.8 * .2 / 100) = .722 to .878, on a grid of .01
    assert interval.low == pytest.approx(0.72, abs=0.011)
    assert interval.high == pytest.approx(0.88, abs=0.011)
    again = evaluate(golds, predictions, samples=4000, rng=np.random.default_rng(1))
    assert again.intervals == scores.intervals


def test_one_document_is_resampled_by_groups_of_beads_that_touch():
    gold = [((i,), (i,)) for i in range(200)]
    predicted = gold[:150] + [((), (j,)) for j in range(150, 200)] + [((i,), ()) for i in range(150, 200)]
    scores = evaluate([gold], [predicted], samples=1000, rng=np.random.default_rng(3))
    assert scores.resampled == "beads"
    interval = scores.intervals["strict.recall"]
    # .75 +- 1.96 * sqrt(.75 * .25 / 200) = .69 to .81
    assert interval.low == pytest.approx(0.69, abs=0.011)
    assert interval.high == pytest.approx(0.81, abs=0.011)


@pytest.mark.parametrize(
    ("golds", "predictions", "options", "message"),
    [
        ([GOLD], [], {}, "1 gold alignments but 0 predicted ones"),
        ([], [], {}, "nothing to evaluate"),
        ([GOLD], [GOLD], {"samples": 10}, "need a random generator"),
    ],
    ids=["uneven", "none", "no generator"],
)
def test_wrong_use(golds, predictions, options, message):
    with pytest.raises(UsageError, match=message):
        evaluate(golds, predictions, **options)


# Lint


@pytest.mark.parametrize(
    ("beads", "sizes", "found"),
    [
        (GOLD, (5, 5), []),
        ([bead("0", "0"), bead("01", "1")], (), ["ar segments in two beads or more: 1 (0)"]),
        ([bead("0", "0"), bead("3", "1")], (), ["ar segments in no bead: 2 (1, 2)"]),
        ([bead("0", "0")], (1, 3), ["en segments in no bead: 2 (1, 2)"]),
        ([bead("02", "0")], (), ["ar segments in no bead: 1 (1)", "ar segments skipped inside a bead: 1 (1)"]),
        ([bead("0", "1"), bead("1", "0")], (), ["en segments after a later segment: 1 (0)"]),
        ([bead("0", "0"), bead("1", "1")], (1, 2), ["ar segments beyond the last segment: 1 (1)"]),
        ([((0, 10**15), (0,))], (), None),
    ],
    ids=["sound", "twice", "hole", "short", "gap", "crossing", "beyond", "absurd"],
)
def test_lint(beads, sizes, found):
    defects = [str(defect) for defect in lint(beads, *sizes)]
    if found is None:
        assert defects[0] == f"ar segments in no bead: {10**15 - 1} (1, 2, 3, 4, 5, 6, 7, 8, ...)"
    else:
        assert defects == found


def test_defects_are_reported_with_the_documents_name_and_change_nothing():
    scores = evaluate([GOLD], [GOLD + [bead("9", "9")]], names=["law"])
    assert scores.strict == Rates(5, 6, 3, 3)
    assert "law, predicted: ar segments beyond the last segment: 1 (9)" in scores.defects
    assert "warning: law, predicted" in as_text(scores)


# Files


def test_reads_vecaligns_format_past_blank_lines():
    lines = ["[0, 1]:[2]:0.512300", "", "  ", "[]:[0]:0.000000", "[ 2 ] : [1,]", "[3]:[]:nan", "[4]:[3]\r"]
    assert parse_alignment(lines) == [bead("01", "2"), bead("", "0"), bead("2", "1"), bead("3", ""), bead("4", "3")]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("0-0 1-1", "expected [0, 1]:[2]:0.5, found '0-0 1-1'"),
        ("[0]", "expected [0, 1]:[2]:0.5, found '[0]'"),
        ("[0]:[x]", "found '[0]:[x]'"),
        ("[-1]:[0]", "found '[-1]:[0]'"),
        ("[0 1]:[0]", "found '[0 1]:[0]'"),
        ("[,]:[0]", "found '[,]:[0]'"),
        ("[0]:[0]:high", "found '[0]:[0]:high'"),
        ("[]:[]:0.1", "a segment on one side at least"),
        ("[٣]:[0]", "found '[٣]:[0]'"),
        ("[" + "1, " * 50 + "1]:", "1, 1,...'"),
    ],
)
def test_format_errors_name_file_and_line(tmp_path, line, why):
    path = tmp_path / "gold.txt"
    path.write_text(f"[0]:[0]\n\n{line}\n", encoding="utf-8")
    with pytest.raises(FormatError) as caught:
        read_alignment(path)
    assert str(caught.value).startswith(f"{path}:3: ")
    assert why in str(caught.value)


def test_files_compressed_missing_and_binary(tmp_path):
    packed = tmp_path / "gold.txt.gz"
    packed.write_bytes(gzip.compress(b"\xef\xbb\xbf[0]:[0, 1]:0.9\n"))
    assert read_alignment(packed) == [bead("0", "01")]
    with pytest.raises(InputError, match="missing.txt: cannot be read: No such file"):
        read_alignment(tmp_path / "missing.txt")
    (tmp_path / "latin.txt").write_bytes(b"[0]:[0]\xe9")
    with pytest.raises(DecodingError, match=r"latin.txt: is not UTF-8 \(byte 7\)"):
        read_alignment(tmp_path / "latin.txt")
    packed.write_bytes(b"no gzip")
    with pytest.raises(InputError, match=r"gold.txt.gz: cannot be read"):
        read_alignment(packed)


def test_index_beads_of_an_alignment():
    alignment = Alignment((Bead(Span(0, 2), Span(0, 1)), Bead(Span(2, 2), Span(1, 2)), Bead(Span(2, 3), Span(2, 4))))
    assert index_beads(alignment) == [bead("01", "0"), bead("", "1"), bead("2", "23")]


# Rendering


def test_as_dict_is_json_and_as_text_shows_the_same_figures():
    scores = evaluate([GOLD], [GOLD], samples=50, rng=np.random.default_rng(0))
    record = json.loads(json.dumps(scores.as_dict()))
    assert record["scorer"] == "vecalign"
    assert record["strict"] == {
        "precision": 1.0, "recall": 1.0, "f1": 1.0, "right": 5, "predicted": 5, "found": 3, "gold": 3,
    }  # fmt: skip
    assert record["containment"] == {"share": 1.0, "contained": 3, "two_sided": 3}
    assert record["intervals"]["strict.f1"] == [1.0, 1.0]
    assert record["bootstrap"] == {"resampled": "beads", "samples": 50, "level": 0.95}
    lines = as_text(scores).splitlines()
    assert lines[1].split() == ["strict", "1.000", "1.000", "1.000", "3", "3", "5", "5", "1.000", "to", "1.000"]
    assert "3 of 3 two-sided beads lie inside one gold bead (1.000)" in lines
    assert lines[-1].endswith("intervals from 50 bootstrap samples of groups of beads of the one document")
    assert next(line for line in lines if line.startswith("2:1")).split()[3:] == ["1.000", "1", "1", "1", "1"]
