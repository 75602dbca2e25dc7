"""Arabic letters: what belongs to the script, and the folded form in which spellings compare equal."""

import re
import unicodedata

_MARKS = "\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u08d3-\u08ff"
_CONTROLS = "\u200b-\u200f\u061c\u202a-\u202e\u2060-\u2069\ufeff\u00ad"
# Harakat, Quranic marks, superscript alef, tatweel: they are dropped when folding.
MARKS = re.compile(f"[{_MARKS}]")
# Invisible direction and joining controls, and the byte order mark.
CONTROLS = re.compile(f"[{_CONTROLS}]")
LETTER = re.compile(
    "[\u0621-\u063a\u0641-\u064a\u066e-\u06d3\u06fa-\u06ff\u0750-\u077f\u08a0-\u08c9\ufb50-\ufdff\ufe70-\ufefc]"
)
# What can be seen: neither white space nor NUL nor an invisible control.
INK = re.compile(rf"[^\s\0{_CONTROLS}]")

ALPHABET = "أبتثجحخدذرزسشصضطظعغفقكلمنهوي"
"""The letters in the order of dictionaries, with which lists are lettered."""
COUNTING = "أبجدهوزحطيكلمنسعفصقرشتثخذضظغ"
"""The letters in the order of counting (abjad)."""

_DROPPED = re.compile(f"[{_MARKS}{_CONTROLS}]")
# The marks that vocalised text is full of: one replacement each is faster than one of every place.
_HARAKAT = "\u0640\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0670\u06e1\u06da\u06d6\u06d7\u0653\u06e6\u06e5\u06ed"

_ONE_TO_ONE = {
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي", "ک": "ك", "ڪ": "ك",
    "ھ": "ه", "ہ": "ه", "ۀ": "ه", "ة": "ه", "ؤ": "و", "ئ": "ي",
    "٫": ".", "٬": ",", "،": ",", "؛": ";", "؟": "?", "٪": "%",
}
_DIGITS = {c: str(i) for digits in ("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹") for i, c in enumerate(digits)}
_FOLDED = _ONE_TO_ONE | _DIGITS


# Letters as they look at the beginning, in the middle and at the end of words, and ligatures; not the ornate brackets and
# signs between them, which show nothing else.
PRESENTED = re.compile("[\ufb50-\ufbb1\ufbd3-\ufd3d\ufd50-\ufd8f\ufd92-\ufdc7\ufdf0-\ufdfc\ufe70-\ufe72\ufe74\ufe76-\ufefc]")


def plain_letters(text: str) -> str:
    """`text` with presentation forms as the letters that they show (NFKC of these alone), everything else as it is."""
    return PRESENTED.sub(lambda found: _shown_by(found[0]), text) if PRESENTED.search(text) else text


def plain_with_offsets(text: str) -> tuple[str, list[int]]:
    """`plain_letters(text)` and, for each of its characters and the end, the offset in `text` at which it stands."""
    pieces = [_shown_by(char) if PRESENTED.match(char) else char for char in text]
    return "".join(pieces), [at for at, piece in enumerate(pieces) for _ in piece] + [len(text)]


def _shown_by(char: str) -> str:
    """The letters of a presentation form; those of a vowel mark stand on a space, which is no part of it."""
    return unicodedata.normalize("NFKC", char).strip(" ")


def fold(text: str) -> str:
    """The comparable form of `text`: no marks, tatweel, controls or presentation forms; one alef, yeh, heh and kaf; ASCII
    digits."""
    if text.isascii():
        return text
    text = plain_letters(text)
    if _DROPPED.search(text):
        for mark in _HARAKAT:
            text = text.replace(mark, "")
        text = _DROPPED.sub("", text)
    return _replaced(text, _FOLDED)


def _replaced(text: str, pairs: dict[str, str]) -> str:
    """`text` with each key as its value; some four times faster than `str.translate` on Arabic."""
    for old, new in pairs.items():
        if old in text:
            text = text.replace(old, new)
    return text


def fold_with_offsets(text: str) -> tuple[str, list[int]]:
    """`fold(text)` and, for every folded character and the end, the offset in `text` at which it stands."""
    text, origins = plain_with_offsets(text)
    offsets: list[int] = []
    past = 0
    for dropped in _DROPPED.finditer(text):
        offsets.extend(origins[past : dropped.start()])
        past = dropped.end()
    offsets.extend(origins[past:])
    return fold(text), offsets


def fold_digits(text: str) -> str:
    """`text` with Eastern Arabic and Persian digits as ASCII digits, nothing else changed."""
    return text if text.isascii() else _replaced(text, _DIGITS)
