"""Segments that were left in the other version's language."""

import re
from collections.abc import Sequence

from ..lang.ar import clauses as arabic
from ..lang.ar.letters import fold
from ..lang.en import clauses as english
from ..lang.names.letters import fold_arabic
from ..lang.names.words import is_arabic_word, is_english_word

SURE = 0.95
"""The probability that such a segment wants translation."""

_ARABIC = re.compile("[\u0620-\u065f\u066e-\u06d3]+")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]+(?:['\u2019][a-z]+)?")
# What is the same in every language: commands, paths, addresses, markup, keys.
_CODE = re.compile(r"://|www\.|\w@\w|[{}<>\\|=_$#`]|(?:^|\s)--?[a-z]|\w/\w|\w\.\w+\(|\b\w+\.(?:py|js|com|org|net|html?|txt|md)\b")
_FEWEST = {"ar": 3, "en": 2}  # words: a name, a title of a work or a brand has fewer, or has them in capitals


def is_untranslated(lang: str, form: str) -> bool:
    """Whether a segment of the version in `lang` (`ar`, `en`) is running text of the other language."""
    own, other = (_ARABIC, _LATIN) if lang == "ar" else (_LATIN, _ARABIC)
    foreign = other.findall(form)
    if len(foreign) < _FEWEST[lang] or own.search(form) or _CODE.search(form):
        return False
    words = _english_words(foreign) if lang == "ar" else _arabic_words(foreign)
    return words >= max(2, len(foreign) / 2)


def _english_words(words: Sequence[str]) -> int:
    """How many words are ordinary ones in small letters; none if there is no grammar among them."""
    small = [w for w in words if w[0].islower()]
    if not any(english.is_function(w) for w in small):
        return 0
    return sum(is_english_word(w.replace("\u2019", "'").partition("'")[0]) for w in small)


def _arabic_words(words: Sequence[str]) -> int:
    """How many words are ordinary ones."""
    return sum(arabic.is_function(fold(w)) or is_arabic_word(fold_arabic(w)) for w in words)
