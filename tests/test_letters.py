"""Arabic letters and their folded form."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from align.lang.ar.letters import (
    CONTROLS,
    INK,
    LETTER,
    MARKS,
    PRESENTED,
    fold,
    fold_digits,
    fold_with_offsets,
    plain_letters,
    plain_with_offsets,
)

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
    "presentation forms": ("\ufeb3\ufefc\ufee1 \ufdf2 \ufe70\ufe77", "سلام الله "),
    "nothing": ("", ""),
}

def test_presentation_forms_alone_become_plain() -> None:
    assert plain_letters("\ufe8e\ufedf\ufe98 1/2 ① Ａ ﴾x﴿") == "الت 1/2 ① Ａ ﴾x﴿"
    assert plain_with_offsets("a\ufefb\ufe76") == ("aلا\u064e", [0, 1, 1, 2, 3])
    assert plain_letters("plain") == "plain"


LETTERS = "كتبأإآىةؤئ ـًٌٍَُِّْٰۖ١۲٫٬،؛؟٪aZé1 .\n\u200c\u200f\u202b\ufeff\u00ad\ud800😀\ufefb\ufe91"
MIXED = st.text(st.sampled_from(list(LETTERS)), max_size=40)


@pytest.mark.parametrize(("text", "expected"), FOLDED.values(), ids=FOLDED.keys())
def test_fold(text: str, expected: str) -> None:
    assert fold(text) == expected


def test_offsets_lead_back_to_the_letters() -> None:
    assert fold_with_offsets("هُـوَ أَ") == ("هو ا", [0, 3, 5, 6, 8])
    assert fold_with_offsets("ab") == ("ab", [0, 1, 2])
    assert fold_with_offsets("َ") == ("", [1])
    assert fold_with_offsets("\ufeb3\ufefc\ufee1.") == ("سلام.", [0, 1, 1, 2, 3, 4])


@given(MIXED)
def test_folding_with_offsets_is_folding(text: str) -> None:
    folded, offsets = fold_with_offsets(text)
    # All letters of a ligature stand where it does.
    assert folded == fold(text) == "".join(fold(text[offset]) for offset in dict.fromkeys(offsets[:-1]))
    assert len(offsets) == len(folded) + 1 and offsets[-1] == len(text)
    assert all(a < b or (a == b and text[a] == "\ufefb") for a, b in pairwise(offsets))
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


@pytest.mark.parametrize("sign", ["\ufd3e", "\ufd3f", "\ufdcf", "\ufd40", "\ufe73", "\ufe75"])
def test_signs_that_show_nothing_else_stay(sign: str) -> None:
    assert plain_letters(sign) == sign and not PRESENTED.search(sign)


def test_every_presentation_form_becomes_another_letter() -> None:
    assert not [c for c in map(chr, range(0x10000)) if PRESENTED.match(c) and PRESENTED.search(plain_letters(c))]
