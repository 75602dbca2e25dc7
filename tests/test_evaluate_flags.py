"""Flags scored against gold: hand-worked counts, average precision, calibration, and the files."""

import json

import pytest

from align.errors import FormatError
from align.evaluate.flags import (
    Flagged,
    Gold,
    Place,
    average_precision,
    calibration_error,
    evaluate,
    overlap,
    read_flags,
    read_gold,
)

GOLD = Gold(
    (Place("en", 10, 20, "date", "high"), Place("ar", 5, 15, "clause", "medium"), Place("en", 50, 60, "name", "high")),
    (Place("en", 30, 40, "phrase", "low"),),
    (Place("en", 70, 80), Place("ar", 40, 50)),
    4,
)


@pytest.mark.parametrize(
    ("a", "b", "shared"), [((0, 5), (5, 9), 0), ((0, 5), (4, 9), 1), ((2, 3), (0, 9), 1), ((7, 9), (0, 3), 0)]
)
def test_overlap(a, b, shared):
    assert overlap(a, b) == overlap(b, a) == shared


def test_hits_misses_and_false_flags():
    flags = [
        Flagged("en", 10, 20, "date", 0.9),  # exact
        Flagged("ar", 10, 20, "clause", 0.7),  # half of it on the clause
        Flagged("en", 18, 30, "phrase", 0.4),  # two of twelve on the date: false
        Flagged("en", 32, 38, "phrase", 0.6),  # optional: neither
        Flagged("en", 74, 90, "name", 0.3),  # 6 of 10 of what must not be flagged, and false
    ]
    scores = evaluate([GOLD], [flags])
    assert (scores.hits, scores.wanted, scores.false, scores.flags) == (2, 3, 2, 5)
    assert scores.recall == pytest.approx(2 / 3)
    assert scores.precision == pytest.approx(3 / 5)
    assert (scores.violations, scores.must_not) == (1, 2)
    assert scores.kinds == {"date": [1, 1], "clause": [1, 1], "name": [0, 1]}
    assert scores.severities == {"high": [1, 2], "medium": [1, 1]}
    assert scores.false_per_100_pairs == 50.0
    # thresholds .9, .7, .4, .3: precision 1, 1, 2/3, 2/4; recall rises at the first two by a third each
    assert scores.average_precision == pytest.approx(2 / 3)


def test_a_flag_on_the_wrong_side_is_false():
    scores = evaluate([GOLD], [[Flagged("ar", 50, 60, "name", 0.5)]])
    assert (scores.hits, scores.false) == (0, 1)


def test_half_of_a_must_not_place_is_no_violation():
    assert evaluate([GOLD], [[Flagged("en", 70, 75, "name", 0.5)]]).violations == 0
    assert evaluate([GOLD], [[Flagged("en", 70, 76, "name", 0.5)]]).violations == 1


def test_one_flag_hits_two_places():
    gold = Gold((Place("en", 0, 10, "clause"), Place("en", 4, 8, "date")))
    scores = evaluate([gold], [[Flagged("en", 0, 10, "clause", 0.8)]])
    assert scores.kinds == {"clause": [1, 1], "date": [1, 1]}


def test_no_flags_and_no_gold():
    assert evaluate([GOLD], [[]]).record()["precision"] == 1.0
    empty = evaluate([Gold(())], [[]])
    assert (empty.recall, empty.average_precision, empty.calibration_error, empty.false_per_100_pairs) == (0, 0, 0, 0)


def test_documents_must_match():
    with pytest.raises(ValueError, match="1 gold and 2 predicted"):
        evaluate([GOLD], [[], []])


def test_average_precision_by_hand():
    judged = [(0.9, True), (0.8, False), (0.7, True)]
    assert average_precision(judged, [0.9, 0.7], 2) == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)
    assert average_precision([(0.5, True), (0.5, False)], [0.5], 1) == pytest.approx(0.5)


def test_calibration_error_by_hand():
    # bin .9: two flags, mean .95, one right: gap .45 of 2; bin .1: one flag .1, wrong: gap .1
    assert calibration_error([(0.95, True), (0.95, False), (0.1, False)]) == pytest.approx((2 * 0.45 + 0.1) / 3)
    assert calibration_error([(1.0, True)]) == 0.0


def test_gold_of_a_document(tmp_path):
    gold = {
        "sentences": {"ar": [{"id": "a1", "start": 0, "end": 9}], "en": [{"id": "e1", "start": 0, "end": 4}]},
        "divergences": [
            {"side": "en", "start": 1, "end": 3, "type": "date", "severity": "high", "expect": "flag"},
            {"side": "ar", "start": 2, "end": 5, "type": "phrase", "severity": "low", "expect": "optional"},
        ],
        "unaligned_units": [{"unit": "e1", "type": "boilerplate", "severity": "low", "expect": "flag"}],
        "must_not_flag": [{"type": "number", "ar": {"start": 6, "end": 8}, "en": {"start": 0, "end": 1}}],
        "alignment": [{}, {}, {}],
    }
    path = tmp_path / "gold.json"
    path.write_text(json.dumps(gold, indent=1), encoding="utf-8")
    (read,) = read_gold(path)
    assert read.wanted == (Place("en", 1, 3, "date", "high"), Place("en", 0, 4, "boilerplate", "low"))
    assert read.optional == (Place("ar", 2, 5, "phrase", "low"),)
    assert [p.side for p in read.must_not] == ["ar", "en"]
    assert read.pairs == 3


def test_gold_of_passages_counts_lines(tmp_path):
    item = {"ar": ["سطر", "ثان"], "en": ["one", "two three"], "flags": [{"side": "en", "line": 1, "start": 4, "end": 9, "kind": "phrase"}]}
    path = tmp_path / "gold.jsonl"
    path.write_text(json.dumps(item, ensure_ascii=False) + "\n" + json.dumps(item) + "\n", encoding="utf-8")
    first, second = read_gold(path)
    assert first == second
    place = first.wanted[0]
    assert "one\ntwo three\n"[place.start : place.end] == "three"
    assert first.pairs == 2


def test_flags_are_read(tmp_path):
    path = tmp_path / "flags.jsonl"
    path.write_text('{"side": "ar", "start": 1, "end": 4, "kind": "name", "probability": 0.5}\n\n', encoding="utf-8")
    assert read_flags(path) == [Flagged("ar", 1, 4, "name", 0.5)]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "flags.jsonl:1: is not JSON"),
        ('{"side": "ar"}', "flags.jsonl:1: expected a flag with side, start and end"),
        ('{"side": "fr", "start": 0, "end": 1}', "flags.jsonl:1: expected side ar or en"),
        ('{"side": "ar", "start": 5, "end": 1}', "flags.jsonl:1: expected side ar or en"),
    ],
)
def test_bad_flags_name_their_line(tmp_path, line, message):
    path = tmp_path / "flags.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(FormatError, match=message):
        read_flags(path)


@pytest.mark.parametrize("text", ["", "[1, 2]\n", '{"ar": 3}\n', "{\n"])
def test_bad_gold_is_told(tmp_path, text):
    path = tmp_path / "gold.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FormatError, match="gold.json"):
        read_gold(path)


def test_shipped_corpora_have_gold_that_is_read():
    from align.shipped import folder, names

    for name in names("corpora"):
        (gold,) = read_gold(folder("corpora") / name / "gold.json")
        assert gold.pairs > 0
