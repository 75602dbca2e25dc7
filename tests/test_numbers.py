"""Number words of both languages: written, read, and back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align.lang.ar import numbers as ar
from align.lang.en import numbers as en

FORMS = [
    (case, gender, definite, style)
    for case in ar.CASES
    for gender in ar.GENDERS
    for definite in (False, True)
    for style in ar.STYLES
]


@pytest.mark.parametrize(
    ("n", "form", "expected"),
    [
        (0, {}, "صفر"),
        (1, {}, "واحد"),
        (1, {"case": "accusative"}, "واحدًا"),
        (2, {}, "اثنان"),
        (2, {"case": "genitive", "gender": "feminine"}, "اثنتين"),
        (3, {}, "ثلاثة"),
        (3, {"gender": "feminine"}, "ثلاث"),
        (8, {"gender": "feminine"}, "ثماني"),
        (11, {}, "أحد عشر"),
        (11, {"gender": "feminine"}, "إحدى عشرة"),
        (12, {"case": "genitive"}, "اثني عشر"),
        (14, {"gender": "feminine"}, "أربع عشرة"),
        (21, {"gender": "feminine"}, "إحدى وعشرون"),
        (25, {"definite": True}, "الخمسة والعشرون"),
        (50, {"case": "genitive"}, "خمسين"),
        (100, {}, "مئة"),
        (100, {"style": "alef"}, "مائة"),
        (200, {"case": "genitive"}, "مئتين"),
        (300, {"style": "separate"}, "ثلاث مئة"),
        (853, {}, "ثمانمئة وثلاثة وخمسون"),
        (1993, {}, "ألف وتسعمئة وثلاثة وتسعون"),
        (2000, {"case": "accusative"}, "ألفين"),
        (3000, {}, "ثلاثة آلاف"),
        (11000, {}, "أحد عشر ألفًا"),
        (100000, {}, "مئة ألف"),
        (101144, {}, "مئة ألف وألف ومئة وأربعة وأربعون"),
        (2300000, {"case": "genitive"}, "مليونين وثلاثمئة ألف"),
        (10**9, {}, "مليار"),
        (10**12, {}, "تريليون"),
    ],
)
def test_arabic_words(n: int, form: dict, expected: str) -> None:
    assert ar.words(n, **form) == expected


@pytest.mark.parametrize(("case", "gender", "definite", "style"), FORMS, ids=["-".join(map(str, f)) for f in FORMS])
def test_arabic_round_trip_of_small_numbers(case: str, gender: str, definite: bool, style: str) -> None:
    for n in range(1500):
        assert ar.parse(ar.words(n, case, gender, definite, style)) == n


def test_arabic_round_trip_to_ten_thousand() -> None:
    for n in range(1500, 10_001):
        case, gender = ar.CASES[n % 3], ar.GENDERS[n % 2]
        assert ar.parse(ar.words(n, case, gender, n % 5 == 0, ar.STYLES[n % 7 % 3])) == n


@settings(max_examples=400, deadline=None)
@given(st.integers(0, 10**12), st.sampled_from(FORMS), st.sampled_from(["", "و", "ب", "ل", "وب", "ف"]))
def test_arabic_round_trip_with_clitics(n: int, form: tuple, clitic: str) -> None:
    case, gender, definite, style = form
    written = ar.words(n, case, gender, definite, style)
    if definite and clitic == "ل":
        glued = "لل" + written[2:]
    else:
        glued = clitic + written
    head = ar.key(glued.split()[0])
    if head in ar.lookalikes() or head[1:] in ar.lookalikes():
        glued = "و" + written
    assert ar.parse(glued) == n


@pytest.mark.parametrize("n", [-1, 10**15])
def test_numbers_out_of_range_are_refused(n: int) -> None:
    with pytest.raises(ValueError, match="not between"):
        ar.words(n)
    with pytest.raises(ValueError, match="not between"):
        en.words(n)


def test_unknown_forms_are_refused() -> None:
    with pytest.raises(ValueError, match="no such form"):
        ar.words(5, case="dative")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("الواحدة والخمسين", 51),
        ("مائة وثلاث وثمانين", 183),
        ("ألفي", 2000),
        ("ثلاثة فاصلة خمسة", 3.5),
        ("صفر فاصلة صفر خمسة", 0.05),
        ("مائة ألف مليون", 10**11),
        ("اربعة", 4),
        ("خَمْسُونَ", 50),
        ("ميتا", None),
        ("كمية", None),
        ("أحد", None),
        ("مئات آلاف", None),
        ("ثلاثة وأربعة", None),
    ],
)
def test_arabic_parse(text: str, expected: float | None) -> None:
    assert ar.parse(text) == expected


def test_hamza_seat_keeps_the_dead_apart_from_two_hundred() -> None:
    assert ar.atom("مئتا").value == 200
    assert ar.atom("ميتًا") is None


@pytest.mark.parametrize(
    ("word", "value", "joined", "article", "preposition"),
    [
        ("خمسون", 50, False, False, ""),
        ("وخمسون", 50, True, False, ""),
        ("بالخمسين", 50, False, True, "ب"),
        ("لثلاثين", 30, False, False, "ل"),
        ("للثلاثين", 30, False, True, "ل"),
        ("والخمسين", 50, True, True, ""),
        ("فثلاثة", 3, True, False, ""),
        ("واحد", 1, False, False, ""),
        ("وأحد", 1, True, False, ""),
    ],
)
def test_clitics_are_told(word: str, value: int, joined: bool, article: bool, preposition: str) -> None:
    a = ar.atom(word)
    assert (a.value, a.joined, a.article, a.preposition) == (value, joined, article, preposition)


@pytest.mark.parametrize(
    ("n", "expected"),
    [
        (0, "zero"),
        (21, "twenty-one"),
        (183, "one hundred and eighty-three"),
        (1001, "one thousand and one"),
        (5100, "five thousand one hundred"),
        (10**12, "one trillion"),
    ],
)
def test_english_words(n: int, expected: str) -> None:
    assert en.words(n) == expected


def test_english_round_trip_to_ten_thousand() -> None:
    for n in range(10_001):
        assert en.parse(en.words(n)) == n
        assert en.parse(en.words(n, use_and=False)) == n


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 10**12), st.booleans())
def test_english_round_trip(n: int, use_and: bool) -> None:
    assert en.parse(en.words(n, use_and)) == n


def test_english_ordinals_round_trip() -> None:
    for n in range(1, 3000):
        assert en.parse(en.ordinal(n)) == n


@pytest.mark.parametrize(
    ("n", "expected"), [(1, "first"), (12, "twelfth"), (21, "twenty-first"), (100, "one hundredth")]
)
def test_english_ordinals(n: int, expected: str) -> None:
    assert en.ordinal(n) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("two-thirds", 2 / 3),
        ("half a million", 500_000),
        ("two and a half", 2.5),
        ("one and a half million", 1_500_000),
        ("nineteen eighty-four", 1984),
        ("two dozen", 24),
        ("three point one four", 3.14),
        ("seven halves", None),
        ("thousands", None),
    ],
)
def test_english_parse(text: str, expected: float | None) -> None:
    assert en.parse(text) == (pytest.approx(expected) if expected is not None else None)
