"""The reader and the calibration: twins, padding, feature names, what raises a probability."""

import sys
from pathlib import Path

import numpy as np
import pytest

import align
from align.data import Alignment, Bead, Document, Flag, Span
from align.encode import load
from align.errors import LearntError
from align.flags import calibration, judge, judging, reader
from align.flags.calibration import FEATURES, Candidate
from align.pipeline import MOST_SEGMENTS, Options, align_segmented, segmented_pair

SCRIPTS = Path(__file__).resolve().parent.parent / "scripts"


@pytest.fixture(scope="module")
def encoder():
    return load(cache=False)


@pytest.fixture(scope="module")
def beads():
    """Rows of four beads as the reader takes them, made up."""
    rng = np.random.default_rng(0)
    width = len(reader.weights()["mean"])
    out = []
    for ar, en in ((4, 6), (11, 9), (1, 2), (30, 44)):
        rows = rng.normal(size=(ar + en, width)).astype(np.float32)
        rows[:, : reader.DIMENSION] /= np.linalg.norm(rows[:, : reader.DIMENSION], axis=1, keepdims=True)
        out.append((rows, ar))
    return out


def test_a_bead_reads_the_same_in_any_company(beads):
    together = reader.log_odds(beads)
    for bead, found in zip(beads, together, strict=True):
        (alone,) = reader.log_odds([bead])
        assert len(found) == len(bead[0]) and np.allclose(found, alone, atol=1e-3)


def test_no_beads_are_read():
    assert reader.log_odds([]) == []


def test_the_network_is_the_one_that_was_learnt(beads):
    torch = pytest.importorskip("torch")
    sys.path.insert(0, str(SCRIPTS))
    try:
        import train_reader
    finally:
        sys.path.remove(str(SCRIPTS))
    model = train_reader.stored(Path(align.__file__).resolve().parent.parent / "models" / "flags" / "reader.npz").eval()
    for (rows, ar), found in zip(beads, reader.log_odds(beads), strict=True):
        with torch.no_grad():
            learnt = model(rows[None], np.array([[len(rows), ar]])).numpy()[0]
        assert np.allclose(found, learnt, atol=2e-3)


def candidate(detector: str = "run", odds: float = 1.0, **values: float) -> Candidate:
    return Candidate(Flag("en", 0, 30, "x" * 30, "clause", "only", 0.0, "low", 0), detector, odds, values)


def test_rows_hold_features_by_name():
    row = candidate(odds=2.5, read_mean=1.5, ratio=-0.25).row()
    assert dict(zip(FEATURES, row.tolist(), strict=True)) | {"length": 0} == dict.fromkeys(FEATURES, 0) | {
        "run": 1, "odds_run": 2.5, "read_mean": 1.5, "ratio": -0.25}  # fmt: skip


@pytest.mark.parametrize("name", ["read_mean", "wide_mean", "wide_odds"])
def test_what_the_reader_doubts_is_likelier(name):
    low, high = calibration.probabilities([candidate(**{name: value}) for value in (-4.0, 4.0)])
    assert low <= high


def test_both_sides_of_a_mismatch_are_as_sure_as_the_surer():
    found = [candidate("fact", odds) for odds in (-3.0, 5.0)]
    apart = calibration.probabilities(found)
    for one in found:
        one.twin = (0, "number", 0)
    assert apart[0] < apart[1] and calibration.probabilities(found).tolist() == [apart[1]] * 2


def test_what_tells_of_itself_is_not_weighed():
    found = candidate("unit", -6.0)
    found.sure = 0.99
    assert calibration.probabilities([found]).tolist() == [0.99]


def test_trees_of_other_features_are_refused(monkeypatch):
    monkeypatch.setattr(calibration, "FEATURES", (*FEATURES[1:], FEATURES[0]))
    calibration._trees.cache_clear()
    try:
        with pytest.raises(LearntError, match="other features"):
            calibration.probabilities([candidate()])
    finally:
        calibration._trees.cache_clear()


@pytest.mark.parametrize(("kind", "relation", "content", "p", "expected"), [
    ("number", "mismatch", 3, 0.9, "high"), ("number", "mismatch", 3, 0.4, "medium"), ("clause", "only", 6, 0.8, "high"),
    ("clause", "only", 6, 0.3, "medium"), ("phrase", "only", 1, 0.9, "low"), ("phrase", "only", 3, 0.9, "medium"),
    ("phrase", "only", 3, 0.3, "low"), ("sentence", "moved", 6, 0.9, "medium"), ("boilerplate", "only", 6, 0.9, "low"),
])  # fmt: skip
def test_severity_goes_by_kind_size_and_probability(kind, relation, content, p, expected):
    flag = Flag("en", 0, 30, "x" * 30, kind, relation, p, "low", 0, None, {"content": content})
    assert judging.severity(flag, p) == expected


LONG_AR = ("وصل القطار إلى المحطة، ونزل منه الركاب، وحمل كل واحد حقيبته، وسأل شيخ عن الفندق، فدلّه صبي على الطريق، ومشى الشيخ "
           "ببطء، وكان الجو بارداً، وسقط بعض المطر، وفتح البائع دكانه، واشترت امرأة خبزاً، ثم رنّ جرس المدرسة، وركض الأولاد إلى صفوفهم")  # fmt: skip
LONG_EN = ("The train arrived at the station.", "The passengers got off it.", "Each one carried his bag.", "An old man asked about the hotel.",
           "A boy showed him the way.", "The old man walked slowly.", "The weather was cold.", "Some rain fell.", "The seller opened his shop.",
           "A woman bought bread.", "Then the school bell rang.", "The children ran to their classes.")  # fmt: skip
BEFORE = (("كان ذلك في شتاء بعيد.", "That was in a distant winter."), ("لا أنسى ذلك اليوم أبداً.", "I never forget that day."))
AFTER = (("بعد سنوات عدت إلى القرية.", "Years later I returned to the village."), ("لم أجد أحداً أعرفه.", "I found nobody whom I knew."))


def long_pair(limits=(8, 8)):
    ar = [a for a, _ in BEFORE] + [LONG_AR] + [a for a, _ in AFTER]
    en = [e for _, e in BEFORE] + [*LONG_EN] + [e for _, e in AFTER]
    options = Options(segmented=True, limits=limits)
    documents = [Document("", side, "\n".join(lines) + "\n") for side, lines in (("ar", ar), ("en", en))]
    return segmented_pair(*documents, options), options


def test_a_line_as_long_as_a_page_takes_all_its_sentences(encoder):
    sides, options = long_pair()
    found = align_segmented(*sides, options, encoder=encoder).alignment
    assert max(len(bead.en) for bead in found.beads) > 8
    assert all(bead.ar and bead.en for bead in found.beads)


def test_limits_that_were_asked_for_hold(encoder):
    sides, options = long_pair((7, 7))
    found = align_segmented(*sides, options, encoder=encoder).alignment
    assert max(len(bead.en) for bead in found.beads) <= 7 < MOST_SEGMENTS


def test_what_the_next_bead_answers_is_not_missing(encoder):
    """A sentence that the aligner put on the wrong side of a border is answered beside it."""
    ar = ["وصل الوزير إلى المطار صباح أمس. واستقبله السفير عند المدخل الكبير.", "ثم عقدا اجتماعاً طويلاً في قاعة الفندق."]
    en = ["The minister arrived at the airport yesterday morning.",
          "The ambassador received him at the great entrance. Then they held a long meeting in the hotel's hall."]
    sides = segmented_pair(Document("", "ar", "\n".join(ar)), Document("", "en", "\n".join(en)), Options(segmented=True))
    wrong = Alignment((Bead(Span(0, 1), Span(0, 1), 0.6, 0.8), Bead(Span(1, 2), Span(1, 2), 0.6, 0.8)))
    right = {(f.side, f.kind) for f in judge(*sides, wrong, encoder).flags if f.probability >= 0.5}
    assert ("ar", "sentence") not in right and ("en", "sentence") not in right


def test_very_long_sides_keep_their_limits(encoder, monkeypatch):
    monkeypatch.setattr("align.pipeline._MOST_GROWN", 10)
    sides, options = long_pair()
    assert max(len(bead.en) for bead in align_segmented(*sides, options, encoder=encoder).alignment.beads) <= 8
