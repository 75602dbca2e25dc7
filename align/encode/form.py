"""The form of a text in which the embedded encoder compares best; the original is kept elsewhere.

What it does was measured to help in finding the right sentence of the other language, see the model's card; folding
more (alef and yeh variants, teh marbuta) was measured to hurt.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence

# Arabic marks, Quranic signs, tatweel; invisible direction and joining controls, byte order mark, soft hyphen.
_DROP = re.compile(
    "[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u08d3-\u08ff"
    "\u200b-\u200f\u061c\u202a-\u202e\u2060-\u2069\ufeff\u00ad]"
)
_CHANGE = re.compile("[\u0671\u0660-\u0669\u06f0-\u06f9\u066a-\u066c]")
_TABLE = {0x671: "ا", 0x66A: "%", 0x66B: ".", 0x66C: ","}
_TABLE |= {zero + digit: str(digit) for zero in (0x660, 0x6F0) for digit in range(10)}
_DAGGER = "\u0670"
_WORD = re.compile("[\u0620-\u065f\u0670-\u06d3\u06d6-\u06ed]*\u0670[\u0620-\u065f\u0670-\u06d3\u06d6-\u06ed]*")
# Words that are written without an alef today although one is heard.
_WITHOUT = re.compile(
    "(?:[وفبكل]|ال|أ)*(?:هذا|هذه|هذان|هذين|هؤلاء|ذلك|ذلكم|ذلكما|لكن|لكنه|لكنها|لكنهم|لكنا|لكني|الله|لله|اللهم|"
    "[إا]له|[إا]لهكم|[إا]لهنا|[إا]لهه|رحمن|أولئك|اولئك|أولئكم|طه|يس)"
)
# A waw or yeh that only carries the small alef, inside a word.
_CARRIED = re.compile("([\u064b-\u0652]*)[وىي](?=[\u0640\u0653]*\u0670[\u064b-\u065f]*[\u0620-\u064a])")


def form(text: str) -> str:
    """`text` without marks, tatweel and invisible controls, with ASCII digits and a plain alef for alef wasla.

    A small alef above the line is an alef, as it is written today, but in the words that go without.
    """
    if text.isascii():
        return text
    if _DAGGER in text:
        text = _WORD.sub(_spell, text)
    text = _DROP.sub("", text)
    return text.translate(_TABLE) if _CHANGE.search(text) else text


def form_with_offsets(text: str) -> tuple[str, list[int]]:
    """`form(text)` and, for every character of it and the end, the offset in `text` at which it stands."""
    # The spelling of small alefs keeps the length: what goes becomes a tatweel, which is dropped here.
    spelt = _WORD.sub(_spell, text) if _DAGGER in text else text
    kept: list[int] = []
    last = 0
    for dropped in _DROP.finditer(spelt):
        kept += range(last, dropped.start())
        last = dropped.end()
    kept += range(last, len(spelt))
    return _DROP.sub("", spelt).translate(_TABLE), [*kept, len(text)]


def form_words(text: str, words: Sequence[tuple[int, int]]) -> tuple[str, Sequence[tuple[int, int]]]:
    """`form(text)`, and where the ranges of code points `words` of `text` stand in it."""
    shape = form(text)
    if len(shape) == len(text):
        return shape, words
    _, kept = form_with_offsets(text)
    return shape, [(bisect_left(kept, start), bisect_left(kept, end)) for start, end in words]


def _spell(match: re.Match[str]) -> str:
    """A word with small alefs, in as many characters: alefs where they are written today, else tatweels."""
    word = match.group()
    if _WITHOUT.fullmatch(_DROP.sub("", word).replace("\u0671", "ا")):
        return word.replace(_DAGGER, "\u0640")
    word = _CARRIED.sub(lambda carrier: carrier.group()[:-1] + "\u0640", word)
    # At the end of a word the small alef only marks how the letter before it sounds.
    word = re.sub("([ىي][\u0640\u064b-\u065f]*)\u0670(?=[\u064b-\u065f\u06d6-\u06ed]*$)", "\\1\u0640", word)
    return word.replace(_DAGGER, "ا")
