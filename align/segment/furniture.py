"""Titles and page furniture: what a page repeats or adds around its text."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import pairwise

from ..lang import tables
from ..lang.ar.letters import fold
from .lines import Line


@cache
def _phrases(name: str) -> tuple[str, ...]:
    """A list of `furniture.tsv` of both languages, folded, in its order."""
    both = (tables.ordered(f"{code}/furniture", fold)[name] for code in ("en", "ar"))
    return tuple(phrase for phrases in both for phrase in phrases)


@cache
def _begun() -> frozenset[str]:
    """The first letters of beginnings."""
    return frozenset(beginning[:4] for beginning in _phrases("beginning"))


@cache
def _menu() -> frozenset[str]:
    """The entries of menus."""
    return frozenset(_phrases("menu"))


_SEPARATOR = re.compile(r"\s*(?:[|•·»›>/←→]|::)\s*")
_SEPARATES = re.compile("[|•·»›>/←→:]")
_SITE = re.compile(r"\s[|–—\-:»•]\s")
_NUMBERED = re.compile(
    r"(?:chapter|part|section|book|act|scene|article|الفصل|الباب|القسم|الجزء|الكتاب|المبحث|المطلب|الماده|الفرع)"
    r" [\w() -]{1,16}"
)
_EDGES = " \t.,:;!?…*«»\"“”'‘’()[]{}<>|•·-–—_=+#→←»›‹▼▲✕×©®™\u00a0؛ـ"
_PAGE = re.compile(r"(?:page|p|pg|صفحه|الصفحه|ص)\.? ?\d+(?: ?(?:of|/|من) ?\d+)?|\d+ ?(?:/|of|من) ?\d+")
_RIGHTS = re.compile(
    r"\W*(?:©|\([Cc]\)\s*\d{4}|[Cc]opyright\s*(?:©|\([Cc]\)|\d{4}))"
    r"|.{0,60}(?:All rights reserved|الحقوق محفوظة)\W*\d*\W*$"
)
# Without any of these no line claims rights.
_RIGHTS_SIGNS = ("©", "(c)", "(C)", "opyright", "rights reserved", "الحقوق محفوظة")
_NUMBER = re.compile(r"\d{1,4}")
_RULE = re.compile(r"[-_=*~#•·.—–+|<>/\\×\s]{3,}")
_MARKDOWN_HEADING = re.compile(r"#{1,6}\s+\S")
_LETTERS = re.compile(r"[^\W\d_]")
_LONGEST = 160


def kinds(found: Sequence[Line]) -> list[str]:
    """The kind of each line as far as it stands by itself: `boilerplate`, `heading`, or `body` for all the rest."""
    short = "\n".join(line.text for line in found if len(line.text) <= _LONGEST)
    # All of it is folded at once, which takes a fraction of the time that line by line takes.
    plain = iter(_plain(short).split("\n"))
    keys = [_trimmed(next(plain)) if len(line.text) <= _LONGEST else "" for line in found]
    shares = _shares(found)
    marks = ["boilerplate" if key and (is_phrase(key) or _is_page(key)) else "body" for key in keys]
    may_claim = any(sign in short for sign in _RIGHTS_SIGNS)
    for i, line in enumerate(found):
        if len(line.text) <= _LONGEST and (_RULE.fullmatch(line.text) or (may_claim and _RIGHTS.match(line.text))):
            marks[i] = "boilerplate"
    _mark_page_numbers(keys, marks)
    _mark_menus(found, keys, marks)
    _mark_repeats(found, keys, marks, is_punctuated=shares >= 0.5)
    _mark_headings(found, keys, marks, is_punctuated=shares >= 0.4)
    return marks


def is_furniture(form: str) -> bool:
    """Whether a sentence is one of those that pages add."""
    return len(form) <= _LONGEST and _may_begin(form.partition(" ")[0]) and is_phrase(_key(form))


def is_phrase(key: str) -> bool:
    """Whether a folded line is a known phrase of page furniture, or begins as one."""
    if key in _known():
        return True
    if key[:4] not in _begun() or not key.startswith(_phrases("beginning")):
        return False
    colon = next((b for b in _phrases("before_colon") if key.startswith(b)), None)
    return colon is None or key[len(colon) :].lstrip()[:1] in (":", "|", "")


@cache
def _known() -> frozenset[str]:
    return frozenset(_phrases("line"))


@cache
def _first_words() -> frozenset[str]:
    return frozenset(phrase.partition(" ")[0] for phrase in (*_known(), *_phrases("beginning")))


# Most sentences begin with one of few words, none of them a phrase's.
@lru_cache(maxsize=1 << 14)
def _may_begin(word: str) -> bool:
    """Whether a sentence may be a phrase of page furniture, by its first word; one of marks alone says nothing."""
    first = _key(word).partition(" ")[0]
    return not first or first in _first_words() or first.startswith(_phrases("beginning"))


def _key(text: str) -> str:
    """A line as it is compared: folded, small letters, single spaces, no marks at its edges."""
    return _trimmed(_plain(text))


def _plain(text: str) -> str:
    return fold(text).lower().replace(",", " ")


def _trimmed(text: str) -> str:
    return " ".join(text.split()).strip(_EDGES)


def _is_page(key: str) -> bool:
    """Whether the line is the number of a page, as in `page 3 of 7`."""
    return key[-1].isdigit() and _PAGE.fullmatch(key) is not None


def _shares(found: Sequence[Line]) -> float:
    """The share of the longer lines that end as sentences do."""
    long = [line for line in found if len(line.text) >= 40]
    return sum(line.terminated for line in long) / len(long) if long else 0.0


def _mark_page_numbers(keys: Sequence[str], marks: list[str]) -> None:
    """Marks lines that hold only a number where at least three of them count on."""
    numbered = [(i, int(key)) for i, key in enumerate(keys) if key and _NUMBER.fullmatch(key)]
    if len(numbered) < 3:
        return
    steps = [b[1] - a[1] for a, b in pairwise(numbered) if b[0] - a[0] > 2]
    if len(steps) >= 2 and all(1 <= step <= 3 for step in steps):
        for i, _ in numbered:
            marks[i] = "boilerplate"


def _mark_menus(found: Sequence[Line], keys: Sequence[str], marks: list[str]) -> None:
    """Marks lines made of a menu's entries, and runs of lines of which most are such entries."""
    entries = [bool(key) and _is_entry(key) for key in keys]
    for i, line in enumerate(found):
        if len(line.text) <= _LONGEST and not entries[i] and _SEPARATES.search(line.text):
            parts = _SEPARATOR.split(line.text)
            if len(parts) >= 3 and sum(map(_is_entry, map(_key, parts))) >= 0.5 * len(parts):
                marks[i] = "boilerplate"
    if sum(entries) < 3:
        return
    first = 0
    for i in range(len(found) + 1):
        # A menu's other entries are as short as those known.
        if i < len(found) and keys[i] and keys[i].count(" ") <= 2 and not found[i].terminated and len(keys[i]) <= 30:
            continue
        run = [k for k in range(first, i) if entries[k]]
        if len(run) >= 3 and len(run) >= 0.6 * (run[-1] + 1 - run[0]):
            marks[run[0] : run[-1] + 1] = ["boilerplate"] * (run[-1] + 1 - run[0])
        first = i + 1


def _is_entry(key: str) -> bool:
    return key in _menu() or key in _known()


def _mark_repeats(found: Sequence[Line], keys: Sequence[str], marks: list[str], *, is_punctuated: bool) -> None:
    """Marks every repetition of the document's title, and running heads: short lines that keep coming back."""
    counts = Counter(key for key in keys if key)
    titles = _titles(found, keys)
    # A page title may be the heading and the name of the site.
    is_titled = any(counts[title] >= (2 if title == keys[0] else 1) for title in titles)
    if not is_titled and max(counts.values(), default=0) < 3:
        return
    for i, (line, key) in enumerate(zip(found, keys)):
        if not key or marks[i] != "body" or line.terminated:
            continue
        is_head = counts[key] >= 3 and is_punctuated and " " in key and line.last not in ":,،;؛" and len(key) <= 100
        if is_head or (is_titled and (i == 0 or key in titles)):
            marks[i] = "boilerplate"


def _titles(found: Sequence[Line], keys: Sequence[str]) -> set[str]:
    """What the document's title may be repeated as: its first line, and the parts of it beside a site's name."""
    if not found or found[0].terminated or found[0].last in ",،;؛" or not keys[0]:
        return set()
    parts = [_key(part) for part in _SITE.split(found[0].text)]
    return {title for title in (keys[0], parts[0], parts[-1]) if title.count(" ") >= (1 if title == keys[0] else 2)}


def _mark_headings(found: Sequence[Line], keys: Sequence[str], marks: list[str], *, is_punctuated: bool) -> None:
    """Marks short lines without a sentence's end that stand before a longer text."""
    for i, line in enumerate(found):
        if marks[i] != "body":
            continue
        is_named = _MARKDOWN_HEADING.match(line.text) or (keys[i] and _NUMBERED.fullmatch(keys[i]))
        if is_named or (is_punctuated and _is_heading(found, i)):
            marks[i] = "heading"


def _is_heading(found: Sequence[Line], i: int) -> bool:
    line = found[i]
    if len(line.text) > 100 or line.terminated or line.last in ",،;؛:" or not _LETTERS.search(line.text):
        return False
    if line.text.count(" ") > 13 or line.text[:1].islower() or line.text[:1] in "-*•·–—|":
        return False
    if i + 1 == len(found):
        return False
    # A wrapped line is no heading: the line before it must have ended, the next must begin afresh.
    before_ends = i == 0 or line.gap > 0 or found[i - 1].terminated or len(found[i - 1].text) < 60
    after = found[i + 1]
    if not before_ends or after.text[:1].islower():
        return False
    if after.gap == 0 and len(line.text) > 0.7 * len(after.text):
        return False
    return len(after.text) >= 1.5 * len(line.text) or (after.gap > 0 and len(line.text) < 60)
