"""Months of the Hijri calendar as English writes them: in two words, with marks and apostrophes of every kind."""

import re
from functools import cache

from .. import tables

_MARK = "['\u2019\u2018\u02be\u02bf\u02bb\u02bc`\u00b4]?"
_ARTICLE = rf"(?:[ -](?:al|el|ul|l|ath|ats?|as){_MARK}[ -]|[ -]{_MARK}l[ -]|(?:u|ul|ul-|ul |u{_MARK}l-?|{_MARK}l-|l-|l |l| )|[ -])"
# Each letter with a mark as the bare one, length for length.
_PLAIN = str.maketrans("āáâäàḍḏḥīíîįṣṭūúûẓĀḌḤĪṢṬŪẒ", "aaaaaddhiiiistuuuzADHISTUZ")
_HEAD = re.compile(
    r"\b(?:Muhar|Safar|Rabi|Jum|Raja|Sha.?b|Rama|Shaw|[DT]h[uio](?:l|[ '\u2018\u2019-])|Z[uio][l -]"
    r"|MUHAR|SAFAR|RABI|JUM|RAJA|SHA.?B|RAMA|SHAW|[DT]H[UIO](?:L|[ '\u2018\u2019-])|Z[UIO][L -])"
)


@cache
def _month() -> re.Pattern[str]:
    """The pattern of all names of months, a group a month."""
    names: dict[int, list[str]] = {}
    for kind, month, cell in tables.rows("en/calendar"):
        if kind == "hijri":
            names.setdefault(int(month), []).extend(cell.split())
    parts = []
    for month, patterns in names.items():
        found = "|".join(patterns).replace("~", " ").replace("'", _MARK).replace("_", _ARTICLE)
        parts.append(f"(?P<m{month}>{found})")
    return re.compile(rf"\b(?:{'|'.join(parts)})(?![a-z])", re.IGNORECASE)


def months(text: str) -> list[tuple[int, int, int]]:
    """The months that are named in a text: start, end (code points), number; none overlap."""
    plain = text if text.isascii() else text.translate(_PLAIN)
    if _HEAD.search(plain) is None:
        return []
    return [(m.start(), m.end(), int(m.lastgroup[1:])) for m in _month().finditer(plain) if m.group()[0].isupper()]


_STAND_IN = "\u0126"  # begins a word that stands for a month, and no other in English
_FIRST = 0x100


def with_stand_ins(text: str) -> str:
    """`text` with each month as one word of the same length that `month_of` knows, so that scanners need no phrases."""
    pieces, done = [], 0
    for start, end, month in months(text):
        pieces += (text[done:start], _STAND_IN, chr(_FIRST + month) * (end - start - 1))
        done = end
    return "".join(pieces) + text[done:] if pieces else text


def month_of(word: str) -> int:
    """The month that a stand-in stands for, 0 for other words."""
    month = ord(word[1]) - _FIRST if word[0] == _STAND_IN and len(word) > 1 else 0
    return month if 1 <= month <= 12 else 0
