"""One pair from texts, segments, vectors or files to beads, and how encoders of other makes fit in."""

import re

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import align
from align.data import Alignment, Bead, Block, Span
from align.errors import EncoderError, InputError, LanguageError, UsageError
from align.pipeline import Clock, Options, _clipped, _grown, _with_empty
from align.shipped import folder

AR = "عاد الرئيس إلى العاصمة مساء أمس. وقال إن المحادثات كانت صعبة.\nولم تُحدَّد مواعيد جديدة بعدُ."
EN = "The president returned to the capital last night. He said the talks had been hard.\nNo new dates were set."
ONE_TO_ONE = [((0, 1), (0, 1)), ((1, 2), (1, 2)), ((2, 3), (2, 3))]


class Letters:
    """A fake encoder: counts of letters, so that equal texts are equal and nothing else matters."""

    name, dimension = "letters", 32

    def __init__(self):
        self.seen = []

    def encode(self, texts):
        self.seen += texts
        rows = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for letter in text.lower():
                if letter.isalnum():
                    row[ord(letter) % self.dimension] += 1
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def spans(alignment):
    return [(tuple(bead.ar), tuple(bead.en)) for bead in alignment.beads]


def assert_tiles(alignment, n, m):
    """Beads cover both sides once, in order, none is empty on both."""
    i = j = 0
    for bead in alignment.beads:
        assert len(bead.ar) or len(bead.en)
        assert 0 <= bead.confidence <= 1 and -1.001 <= bead.sim <= 1.001
        if len(bead.ar):
            assert bead.ar.start == i
            i = bead.ar.stop
        if len(bead.en):
            assert bead.en.start == j
            j = bead.en.stop
    assert (i, j) == (n, m)


# Texts


def test_two_texts():
    result = align.align_texts(AR, EN)
    assert spans(result.alignment) == ONE_TO_ONE
    assert [text for text, _, _ in align.pairs(result)] == [
        "عاد الرئيس إلى العاصمة مساء أمس.", "وقال إن المحادثات كانت صعبة.", "ولم تُحدَّد مواعيد جديدة بعدُ."]
    for _, en, confidence in align.pairs(result):
        assert en in EN and 0.5 < confidence <= 1
    for side, text in ((result.ar, AR), (result.en, EN)):
        assert side.document.text == text
        for k, segment in enumerate(side.segments):
            assert text[segment.start:segment.end] == side.text(k)
    assert result.flags == ()


def test_sides_swapped_swap_the_result():
    there = align.align_texts(AR, EN)
    back = align.align_texts(EN, AR, langs=("en", "ar"))
    assert spans(back.alignment) == [(en, ar) for ar, en in spans(there.alignment)]


def test_texts_in_wrong_languages_are_refused_unless_told():
    long = [text * 5 for text in (AR, EN)]
    with pytest.raises(LanguageError, match="<first text>"):
        align.align_texts(*long[::-1])
    align.align_texts(*long[::-1], language_check=False, encoder=Letters())


@pytest.mark.parametrize("ar, en, name", [("", EN, "<first text>"), (AR, " \n\t", "<second text>"),
                                          ("\u200f\n\ufeff", EN, "<first text>")], ids=["empty", "blank", "marks"])
def test_a_text_without_words_is_refused(ar, en, name):
    with pytest.raises(InputError, match=name):
        align.align_texts(ar, en, encoder=Letters())


def test_options_that_do_not_exist_or_fit():
    with pytest.raises(TypeError, match="colour"):
        align.align_texts(AR, EN, colour="red")
    for limits in ((0, 8), (8, 17), (-1, 1)):
        with pytest.raises(UsageError, match="1 to 16"):
            align.align_texts(AR, EN, limits=limits)


# Segments


def test_two_lists():
    result = align.align_segments(["نعم. لا.", "عاد الرئيس إلى العاصمة.", "وقال إن المحادثات صعبة."],
                                  ["Yes. No.", "The president returned to the capital, and he said the talks were hard."])
    assert spans(result.alignment) == [((0, 1), (0, 1)), ((1, 3), (1, 2))]
    assert result.ar.text(0) == "نعم. لا."


def test_limits_hold():
    en = ["The president returned to the capital, and he said the talks were hard."]
    for limits, kinds in (((8, 8), {"2:1"}), ((1, 1), {"1:1", "1:0"})):
        found = align.align_segments(["عاد الرئيس إلى العاصمة.", "وقال إن المحادثات صعبة."], en, limits=limits)
        assert {bead.kind for bead in found.alignment.beads} == kinds


def test_empty_segments_stand_alone_or_inside_a_bead():
    ar = ["", "عاد الرئيس إلى العاصمة مساء أمس.", "", "وقال إن المحادثات كانت صعبة.", " ", ""]
    en = ["The president returned to the capital last night.", "", "", "He said the talks had been hard."]
    result = align.align_segments(ar, en)
    assert_tiles(result.alignment, 6, 4)
    pairs = [(tuple(b.ar), tuple(b.en)) for b in result.alignment.beads if len(b.ar) and len(b.en)]
    assert pairs == [((1, 2), (0, 1)), ((3, 4), (3, 4))]
    alone = [bead for bead in result.alignment.beads if not (len(bead.ar) and len(bead.en))]
    assert {bead.kind for bead in alone} == {"1:0", "0:1"} and len(alone) == 6


def test_line_breaks_inside_a_segment_do_not_shift_the_next():
    result = align.align_segments(["عاد الرئيس\nإلى العاصمة.", "وقال:\u2028صعبة."],
                                  ["He returned\r\nhome.", "He said: hard."])
    assert [len(side.segments) for side in (result.ar, result.en)] == [2, 2]
    assert result.en.text(0) == "He returned home."


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(*(st.lists(st.text(st.characters() | st.sampled_from("اب .\n\u064b\u0640\u200c٣ab"), max_size=8),
                  min_size=1, max_size=9) for _ in range(2)))
def test_any_two_lists_are_tiled(ar, en):
    try:
        result = align.align_segments(ar, en, encoder=Letters(), language_check=False)
    except InputError as error:
        assert "has no text" in str(error)
        return
    assert_tiles(result.alignment, len(ar), len(en))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(*(st.text(st.characters() | st.sampled_from("اب .؟!\n\n\u064b\u0640\u200c\u202b٣abX"), max_size=80)
         for _ in range(2)))
def test_any_two_texts_are_tiled_with_offsets(ar, en):
    try:
        result = align.align_texts(ar, en, encoder=Letters(), language_check=False)
    except InputError as error:
        assert "has no text" in str(error)
        return
    assert_tiles(result.alignment, len(result.ar.segments), len(result.en.segments))
    for side, text in ((result.ar, ar), (result.en, en)):
        at = 0
        for segment in side.segments:
            assert at <= segment.start < segment.end <= len(text)
            assert not re.search(r"\w", text[at:segment.start])
            at = segment.end
        assert not re.search(r"\w", text[at:])


@pytest.mark.parametrize("beads, places, sizes, expected", [
    ([((0, 1), (0, 1))], ([1], [0]), (3, 1), [((0, 1), (0, 0)), ((1, 2), (0, 1)), ((2, 3), (1, 1))]),
    ([((0, 2), (0, 1))], ([0, 2], [1]), (3, 2), [((0, 0), (0, 1)), ((0, 3), (1, 2))]),
    ([((0, 1), (0, 0)), ((1, 2), (0, 1))], ([0, 1], [2]), (2, 3),
     [((0, 1), (0, 0)), ((1, 1), (0, 1)), ((1, 1), (1, 2)), ((1, 2), (2, 3))]),
], ids=["around", "inside", "before"])
def test_empty_segments_are_put_back(beads, places, sizes, expected):
    alignment = Alignment(tuple(Bead(Span(*ar), Span(*en), 0.5, 0.5) for ar, en in beads))
    assert spans(_with_empty(alignment, places, sizes)) == expected


def test_blocks_are_counted_with_empty_segments():
    alignment = Alignment((Bead(Span(0, 1), Span(0, 0)), Bead(Span(1, 2), Span(0, 1))),
                          (Block(Span(0, 2), Span(0, 0), "only"), Block(Span(0, 1), Span(0, 1), "moved", 0.5)))
    found = _with_empty(alignment, ([1, 3], [1]), (5, 2))
    assert [(tuple(b.ar), tuple(b.en), b.kind, b.sim) for b in found.blocks] == [
        ((1, 4), (1, 1), "only", 0.0), ((1, 2), (1, 2), "moved", 0.5)]


# Vectors


def test_given_vectors():
    rows = np.random.default_rng(1).standard_normal((12, 16)).astype(np.float32)
    found = align.align_vectors(rows, rows[[0, 1, 2, 6, 7, 8, 9, 10, 11]] * 7)
    assert_tiles(found, 12, 9)
    pairs = [(tuple(b.ar), tuple(b.en)) for b in found.beads if len(b.ar) and len(b.en)]
    assert pairs == [((i, i + 1), (j, j + 1)) for i, j in zip([0, 1, 2, 6, 7, 8, 9, 10, 11], range(9), strict=True)]
    assert all(bead.sim > 0.8 for bead in found.beads if len(bead.ar) and len(bead.en))


def test_scale_changes_nothing_even_beyond_single_precision():
    rng = np.random.default_rng(2)
    first = rng.standard_normal((40, 16)).astype(np.float32)
    second = first[5:] + 0.3 * rng.standard_normal((35, 16)).astype(np.float32)
    plain = align.align_vectors(first, second)
    assert spans(align.align_vectors(first * np.float32(1e30), second * np.float32(1e-30))) == spans(plain)


@pytest.mark.parametrize("n, m", [(0, 0), (0, 3), (3, 0), (1, 1), (1, 1000), (1000, 1)])
def test_odd_sizes_are_tiled(n, m):
    rng = np.random.default_rng(3)
    assert_tiles(align.align_vectors(rng.standard_normal((n, 8)), rng.standard_normal((m, 8))), n, m)


def test_zero_rows_are_tiled():
    rows = np.random.default_rng(4).standard_normal((9, 8))
    rows[4] = 0
    assert_tiles(align.align_vectors(rows, rows), 9, 9)
    assert_tiles(align.align_vectors(np.zeros((5, 8)), rows), 5, 9)
    assert_tiles(align.align_vectors(np.zeros((5, 8)), np.zeros((3, 8))), 5, 3)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("layers", [None, 3])
def test_vectors_that_are_no_numbers_are_refused(bad, layers):
    rows = np.ones((5, 8) if layers is None else (layers, 5, 8))
    odd = rows.copy()
    odd[..., 1, 2] = bad
    with pytest.raises(EncoderError, match="no number"):
        align.align_vectors(rows, odd)


@pytest.mark.parametrize("first, second, options, said", [
    ((5, 8), (5, 9), {}, "8 and 9"),
    ((5,), (5, 8), {}, "shape"),
    ((5, 8), (1, 2, 3, 4), {}, "shape"),
    ((5, 8), (4, 8), {"lengths": ([1] * 5, [1] * 5)}, "5 lengths for 4 vectors"),
    ((5, 8), (4, 8), {"limits": (0, 1)}, "1 to 16"),
], ids=["dimension", "flat", "deep", "lengths", "limits"])
def test_vectors_that_do_not_fit_are_refused(first, second, options, said):
    with pytest.raises(UsageError, match=said):
        align.align_vectors(np.ones(first), np.ones(second), **options)


# Files


def test_two_files(tmp_path):
    (tmp_path / "ar").write_bytes(AR.encode("utf-16"))
    (tmp_path / "en").write_text(EN.replace("\n", "\r\n"), "utf-8", newline="")
    clock = Clock()
    result = align.align_files(tmp_path / "ar", str(tmp_path / "en"), clock=clock)
    assert spans(result.alignment) == ONE_TO_ONE
    assert list(clock.seconds) == ["read", "segment", "encode", "align"]
    assert result.en.document.text == EN.replace("\n", "\r\n")
    with pytest.raises(UsageError, match="stdin"):
        align.align_files("-", "-")


def test_flags_point_into_the_texts():
    place = folder("corpora") / "news"
    result = align.align_files(place / "ar.txt", place / "en.txt", flags=True)
    assert result.flags
    for flag in result.flags:
        text = (result.ar if flag.side == "ar" else result.en).document.text
        assert text[flag.start:flag.end] == flag.text
        assert 0 <= flag.bead < len(result.alignment.beads)


def test_the_result_does_not_depend_on_the_run():
    place = folder("corpora") / "story"
    one, two = (align.align_files(place / "ar.txt", place / "en.txt") for _ in range(2))
    assert one == two


# Encoders of other makes


def test_an_encoder_needs_no_more_than_a_name_a_dimension_and_encode():
    encoder = Letters()
    lines = ["عاد الرئيس إلى العاصمة", "قال إن المحادثات صعبة", "لم تحدد مواعيد"]
    result = align.align_segments(lines, lines, encoder=encoder, language_check=False)
    assert spans(result.alignment) == ONE_TO_ONE
    assert " ".join(lines) in encoder.seen


@pytest.mark.parametrize("rows", [lambda n: np.full((n, 32), np.nan, np.float32), lambda n: np.ones((n, 31), np.float32),
                                  lambda n: np.ones((n + 1, 32), np.float32)], ids=["nan", "dimension", "count"])
def test_an_encoder_that_returns_nonsense_is_refused(rows):
    encoder = Letters()
    encoder.encode = lambda texts: rows(len(texts))
    with pytest.raises(EncoderError):
        align.align_segments(["عاد الرئيس", "قال"], ["He returned", "He said"], encoder=encoder)


def test_encoders_are_given_no_endless_text():
    encoder = Letters()
    long = " ".join(f"كلمة{k}" for k in range(100_000))
    result = align.align_segments([long, "عاد"], ["word " * 50_000, "returned"], encoder=encoder)
    assert_tiles(result.alignment, 2, 2)
    assert result.ar.text(0) == long
    assert max(map(len, encoder.seen)) < 20_000
    assert _clipped("x" * 8000) == "x" * 8000
    assert _clipped("a" * 5000 + "b" * 5000) == "a" * 4000 + " " + "b" * 4000


def test_german_and_french():
    de = ["Der Präsident kehrte gestern Abend in die Hauptstadt zurück.", "Die Gespräche seien schwierig gewesen, sagte er."]
    fr = ["Le président est rentré hier soir dans la capitale.", "Il a dit que les discussions avaient été difficiles."]
    result = align.align_texts("\n\n".join(de), "\n\n".join(fr), langs=("de", "fr"))
    assert [(ar, en) for ar, en, _ in align.pairs(result)] == list(zip(de, fr, strict=True))


def test_recipe_names_what_changes_the_output():
    assert Options(limits=(3, 4), segmented=True).recipe() == {
        **Options().recipe(), "beads": "3x4", "segmented": True}


@pytest.mark.parametrize(("kinds", "expected"), [
    ([(1, 8), (0, 1), (1, 1)], (8, 16)),
    ([(1, 1), (0, 1), (0, 7), (1, 8)], (8, 16)),
    ([(8, 1), (1, 0)], (16, 8)),
    ([(1, 8), (0, 4), (0, 5)], (8, 8)),
    ([(1, 8), (1, 1), (0, 1)], (8, 8)),
    ([(1, 8), (1, 0)], (8, 8)),
    ([(0, 8), (0, 1)], (8, 8)),
], ids=["after", "before", "arabic", "more-than-it-could-take", "not-beside", "other-side", "no-bead"])
def test_the_limit_grows_where_it_cuts_a_bead_off_and_not_where_a_version_goes_on(kinds, expected):
    beads, at = [], [0, 0]
    for sizes in kinds:
        beads.append(Bead(*(Span(start, start + size) for start, size in zip(at, sizes, strict=True))))
        at = [start + size for start, size in zip(at, sizes, strict=True)]
    assert _grown(Alignment(tuple(beads)), (8, 8)) == expected
