"""Arabic letters: what belongs to the script, and the folded form in which spellings compare equal."""

import re

# Harakat, Quranic marks, superscript alef, tatweel: they are dropped when folding.
MARKS = re.compile("[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u08d3-\u08ff]")
# Invisible direction and joining controls, and the byte order mark.
CONTROLS = re.compile("[\u200b-\u200f\u061c\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")
LETTER = re.compile("[\u0621-\u063a\u0641-\u064a\u066e-\u06d3\u06fa-\u06ff\u0750-\u077f\u08a0-\u08c9\ufb50-\ufdff\ufe70-\ufefc]")

_ONE_TO_ONE = {
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي", "ک": "ك", "ڪ": "ك",
    "ھ": "ه", "ہ": "ه", "ۀ": "ه", "ة": "ه", "ؤ": "و", "ئ": "ي",
    "٫": ".", "٬": ",", "،": ",", "؛": ";", "؟": "?", "٪": "%",
}
_DIGITS = {c: str(i) for digits in ("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹") for i, c in enumerate(digits)}
_DIGIT_TABLE = str.maketrans(_DIGITS)
_FOLD_TABLE = str.maketrans(_ONE_TO_ONE | _DIGITS)


def fold(text: str) -> str:
    """The comparable form of `text`: no marks, tatweel or controls; one alef, yeh, heh and kaf; ASCII digits."""
    return CONTROLS.sub("", MARKS.sub("", text)).translate(_FOLD_TABLE)


def fold_with_offsets(text: str) -> tuple[str, list[int]]:
    """`fold(text)` and, for every folded character and the end, the offset in `text` at which it stands."""
    kept = [i for i, c in enumerate(text) if not MARKS.match(c) and not CONTROLS.match(c)]
    return "".join(text[i] for i in kept).translate(_FOLD_TABLE), kept + [len(text)]


def fold_digits(text: str) -> str:
    """`text` with Eastern Arabic and Persian digits as ASCII digits, nothing else changed."""
    return text.translate(_DIGIT_TABLE)
