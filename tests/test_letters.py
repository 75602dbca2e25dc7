"""Arabic letters and their folded form."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from align.arabic.letters import CONTROLS, INK, LETTER, MARKS, fold, fold_digits, fold_with_offsets

FOLDED = {
    "harakat": ("كَتَبَ الطَّالِبُ", "كتب الطالب"),
    "tanwin": ("كتابًا جميلاً", "كتابا جميلا"),
    "superscript alef": ("هٰذا", "هذا"),
    "quranic marks": ("ٱلۡعِدَّةَۖ", "العده"),
    "tatweel": ("مـــرحبـا", "مرحبا"),
    "alefs": ("أحمد إلى آمال ٱلله", "احمد الي امال الله"),
    "yehs": ("علی علي على", "علي علي علي"),
    "heh and teh marbuta": ("مدرسة مدرسه", "مدرسه مدرسه"),
    "hamza seats": ("مسؤول شئون", "مسوول شيون"),
    "kafs": ("کتاب", "كتاب"),
    "eastern digits": ("١٢٣٬٤٥٦٫٧", "123,456.7"),
    "persian digits": ("۱۳۹۹", "1399"),
    "marks of punctuation": ("نعم، لا؛ لماذا؟ ٥٪", "نعم, لا; لماذا? 5%"),
    "controls": ("\u200fمر\u200cحبا\u202c\ufeff", "مرحبا"),
    "latin as it is": ("Résumé A-1", "Résumé A-1"),
    "nothing": ("", ""),
}

LETTERS = "كتبأإآىةؤئ ـًٌٍَُِّْٰۖ١۲٫٬،؛؟٪aZé1 .\n\u200c\u200f\u202b\ufeff\u00ad\ud800😀"
MIXED = st.text(st.sampled_from(list(LETTERS)), max_size=40)


@pytest.mark.parametrize(("text", "expected"), FOLDED.values(), ids=FOLDED.keys())
def test_fold(text: str, expected: str) -> None:
    assert fold(text) == expected


def test_offsets_lead_back_to_the_letters() -> None:
    assert fold_with_offsets("هُـوَ أَ") == ("هو ا", [0, 3, 5, 6, 8])
    assert fold_with_offsets("ab") == ("ab", [0, 1, 2])
    assert fold_with_offsets("َ") == ("", [1])


@given(MIXED)
def test_folding_with_offsets_is_folding(text: str) -> None:
    folded, offsets = fold_with_offsets(text)
    assert folded == fold(text) == "".join(fold(text[offset]) for offset in offsets[:-1])
    assert len(offsets) == len(folded) + 1 and offsets[-1] == len(text)
    assert all(a < b for a, b in pairwise(offsets))
    assert fold(folded) == folded


@given(MIXED)
def test_digits_alone_change(text: str) -> None:
    changed = fold_digits(text)
    assert len(changed) == len(text)
    assert all(a == b or (a in "٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹" and int(a) == int(b)) for a, b in zip(text, changed))


def test_classes() -> None:
    assert "".join(LETTER.findall("كتاب book ١٢،ﷺ")) == "كتابﷺ"
    assert MARKS.findall("مَـرْ") == ["َ", "ـ", "ْ"]
    assert CONTROLS.findall("a\u200fb\u00ad") == ["\u200f", "\u00ad"]
    assert [bool(INK.search(text)) for text in ("\u200f\u00a0\n\0", "\u200f.", "م")] == [False, True, True]


@given(st.text("اأإآىيكةـ\u064b\u0652\u0670\u06d6\u08d3\u200f\u00ad،؟٣۴a.\n"))
def test_a_text_is_folded_as_its_characters_are(text: str) -> None:
    assert fold(text) == "".join(map(fold, text))
    assert fold("".join(c for c in text if not MARKS.match(c) and not CONTROLS.match(c))) == fold(text)
