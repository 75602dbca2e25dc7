"""What the rules need to know of one side of a pair, found in one pass."""

import re
from collections import Counter
from functools import lru_cache
from typing import NamedTuple

from ..lang.ar.letters import fold
from .duplicates import word_hash

_TOKEN = re.compile(r"[^\W_]+")
_CAPITALS = re.compile(r"(?<![^\W_])[A-Z\u00c0-\u00de][^\W_]*")
# A word with a capital first that is not in capitals, and what apostrophes and hyphens join to it.
_TITLED = re.compile("(?<![^\\W_])([A-Z\u00c0-\u00de](?![A-Z\u00c0-\u00de])[^\\W_]*)((?:['`\u2019\u02bb\u02bc\u02be\u02bf-][^\\W_]+)*)")
_BEGINNING = re.compile(r"(?:^|[.!?:;\n]|\d[.)])[\W_]*$")
_NONE: frozenset[str] = frozenset()
_INK = re.compile(r"\S")
_RUN = re.compile(r"([^\s\d])\1{4,}")
_WORD_RUN = re.compile(r"(?<!\w)(\w{1,12})(?:\W+\1){3,}(?!\w)")
_SYLLABLES = re.compile(r"(\w{2,3})\1{4,}")
_MARKUP = re.compile(
    r"<[/!]?[A-Za-z][^<>]*>|&(?:#\d+|#x[0-9A-Fa-f]+|[A-Za-z]{2,8});|(?:https?|ftp)://\S+|www\.\S+|\{\{[^{}]*\}\}|\$\{[^{}]*\}"
    r"|%(?:\([A-Za-z_]\w*\))?[sdif]\b|\[/?[a-z]+(?:=[^\]]*)?\]|\\[nrt]\b|[\w.+-]+@[\w-]+\.[\w.]+"
)
_LONE = re.compile("[\ud800-\udfff]")
_MAY_BE_MARKUP = re.compile(r"[<&:{%\[\\@]|www\.")
# UTF-8 taken for Latin-1, Windows-1252 or Windows-1256; Windows-1256 taken for Windows-1252; what could not be read.
_TAIL = "\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122"
_ARABIC_TAIL = "[طظ][\u0080-\u00a0\u00a2-\u00aa\u00ac-\u00ba\u2020-\u2022\u2026-\u203a\u20ac\u2122\u0152\u0153\u0192]"
_BYTES = "ÇÈÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîï"
_BROKEN = re.compile(
    f"[ØÙÛÚÃÂ][{_TAIL}]|â[\u0080-\u009f€‚][\u0080-\u00bf\u2018-\u2122™œžŸ]|{_ARABIC_TAIL}|\ufffd|[{_BYTES}]{{3,}}"
)
_SUSPICIOUS = re.compile(f"[\u0080-\u009f\ufffd{_BYTES}ÃÂ]|{_ARABIC_TAIL}")


class Look(NamedTuple):
    """A side: its folded words in lower case, by script, and counts of its characters."""

    chars: int
    ink: int
    words: list[str]
    arabic: list[str]
    latin: list[str]
    letters: tuple[int, int, int]
    digits: int
    names: frozenset[str]
    inner: frozenset[str]
    all_letters: int


def look(text: str) -> Look:
    """The look of a side."""
    folded = fold(text)
    words = _TOKEN.findall(folded.lower())
    arabic: list[str] = []
    latin: list[str] = []
    other = digits = 0
    for word in words:
        first = word[0]
        if "a" <= first <= "z" or "\u00df" <= first <= "\u024f":
            latin.append(word)
        elif "\u0600" <= first <= "\u08ff" or "\ufb50" <= first <= "\ufefc":
            arabic.append(word)
        elif first.isdigit():
            digits += len(word)
        else:
            other += len(word)
    names = frozenset(map(str.lower, _CAPITALS.findall(folded))) if latin else _NONE
    inner = _inner_names(folded) if names else _NONE
    counts = (len("".join(arabic)), len("".join(latin)), other)
    return Look(len(folded), len(_INK.findall(folded)) if len(words) < 3 else len(folded) - folded.count(" "), words, arabic,
                latin, counts, digits, names, inner, sum(counts))  # fmt: skip


def _inner_names(text: str) -> frozenset[str]:
    """Words, in lower case, that have a capital where no sentence begins, or that are joined to one that has."""
    found = set()
    for match in _TITLED.finditer(text):
        if not _BEGINNING.search(text, max(0, match.start() - 8), match.start()):
            found.add(match[1].lower())
        if match[2]:
            found.update(_TOKEN.findall(match[2].lower()))
    return frozenset(found)


def letter_share(one: Look, other: Look) -> float:
    """The share of letters in what can be seen of a text; digits that the other text has too do not lower it."""
    ink = one.ink
    letters = one.all_letters
    if letters and one.digits and other.digits:
        figures, there = (Counter("".join(word for word in side.words if word[0].isdigit())) for side in (one, other))
        ink -= sum(count for mark, count in (figures & there).items() if mark.isdigit())
        letters += sum(count for mark, count in figures.items() if not mark.isdigit())
    return (letters + 0.5) / (ink + 0.5)


def markup_share(text: str) -> float:
    """How much of a text is tags, entities, addresses and placeholders."""
    if not _MAY_BE_MARKUP.search(text):
        return 0.0
    return sum(match.end() - match.start() for match in _MARKUP.finditer(text)) / max(1, len(text.strip()))


def broken_share(text: str) -> float:
    """How much of a text is letters that are the bytes of another encoding."""
    if text.isascii() or not _SUSPICIOUS.search(text):
        return 0.0
    return sum(match.end() - match.start() for match in _BROKEN.finditer(text)) / max(1, len(text.strip()))


def is_whole(text: str) -> bool:
    """Whether a text has no half of a surrogate pair, which is no character and which UTF-8 cannot hold."""
    return text.isascii() or _LONE.search(text) is None


def made_whole(text: str) -> str:
    """A text with U+FFFD for halves of surrogate pairs."""
    return _LONE.sub("\ufffd", text)


def longest_run(text: str, words: list[str]) -> int:
    """The longest run of one letter, one syllable or one word, in repetitions; `words` are those of the text.

    Only runs that take a third of the text count: a shout in a sentence is none.
    """
    if 2 * len(set(words)) > len(words) and not [word for word in words if len(word) > 5 and len(set(word)) < 4]:
        return 0
    most, least = 0, 0.3 * len(text)
    for pattern in (_RUN, _SYLLABLES, _WORD_RUN):
        for match in pattern.finditer(text):
            if match.end() - match.start() >= least:
                most = max(most, match[0].count(match[1]))
    return most


@lru_cache(maxsize=1 << 17)
def hashed(word: str) -> int:
    """The hash of a word, remembered: a corpus has few different words."""
    return word_hash(word)
