"""From glyphs as they stand on a page, left to right, to text in the order in which it is read."""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from ..lang.ar.letters import plain_letters

_RIGHT = re.compile("[\u0590-\u05ff\u0620-\u064a\u066e-\u06d3\u06fa-\u08c9\ufb1d-\ufdff\ufe70-\ufefc]")
_DIGIT = re.compile("[0-9٠-٩۰-۹]")
_BRACKETS = {"(": ")", "[": "]", "{": "}", "«": "»", "‹": "›", "“": "”", "<": ">"}
_OPENING, _CLOSING = frozenset(_BRACKETS), frozenset(_BRACKETS.values())
_MIRRORED = _BRACKETS | {close: opening for opening, close in _BRACKETS.items()}
_BETWEEN_DIGITS = frozenset(".,/:٫٬،")
# What may stand between a Latin word and a number that goes with it: Windows 10, COVID-19, Office (2019).
_BEFORE_NUMBER = frozenset({" ", " - ", " (", ": "})
_AFTER_CLOSING = frozenset(".,:;!?،؛؟…") | _CLOSING
# Words that fill any Arabic text, and how a word cannot begin: enough to see that its letters stand backwards.
_COMMON = frozenset("في من على إلى الى عن أن ان هذا هذه التي الذي كان لم قد بعد بين ذلك كل مع كما".split())
_BACKWARD = frozenset(word[::-1] for word in _COMMON)
_WORD = re.compile("[\u0621-\u063a\u0641-\u064a]+")


class Glyph(NamedTuple):
    """A letter (its marks with it) or a ligature: what it says, in reading order, and where it stands."""

    text: str
    x0: float
    x1: float
    y: float
    size: float
    bold: bool
    order: int


def folded_forms(text: str) -> str:
    """Presentation forms of Arabic as the letters that they show; everything else as it is."""
    return plain_letters(text)


def is_right_to_left(text: str, share: float = 0.5) -> bool:
    """Whether at least `share` of the letters are of a right-to-left script."""
    right = len(_RIGHT.findall(text))
    return right > 0 and right >= share * sum(map(str.isalpha, text))


def attach_marks(glyphs: Sequence[Glyph], reversed_runs: bool) -> list[Glyph]:
    """Glyphs with the combining marks joined to their letters, in the order of the page's stream.

    Where a stream runs in the order of the eye (rightwards through Arabic) a mark comes before its letter, where it
    runs in reading order, after it; `reversed_runs` says which, where a mark has no neighbours to tell.
    """
    out: list[Glyph] = []
    waiting: list[Glyph] = []
    for glyph in glyphs:
        if not all(unicodedata.combining(c) for c in glyph.text):
            if waiting:
                # Marks of a stream in the eye's order come backwards, too.
                marks = "".join(mark.text for mark in reversed(waiting))
                glyph = glyph._replace(text=glyph.text + marks)
                waiting.clear()
            out.append(glyph)
            continue
        if _is_arabic_mark(glyph.text) and _runs_right(out, glyphs, glyph, reversed_runs):
            waiting.append(glyph)
        elif out:
            out[-1] = out[-1]._replace(text=out[-1].text + glyph.text)
    if waiting and out:
        out[-1] = out[-1]._replace(text=out[-1].text + "".join(mark.text for mark in waiting))
    return out


def _is_arabic_mark(text: str) -> bool:
    return "\u0610" <= text[0] <= "\u06ed"


def _runs_right(out: Sequence[Glyph], glyphs: Sequence[Glyph], mark: Glyph, default: bool) -> bool:
    """Whether the stream moves rightwards around a mark."""
    after = next((g for g in glyphs[mark.order + 1 : mark.order + 6] if not unicodedata.combining(g.text[0])), None)
    before = out[-1] if out else None
    if after is None or before is None or abs(after.y - before.y) > 0.5 * mark.size:
        return default
    return after.x0 > before.x0


def logical(row: Sequence[Glyph], right_to_left: bool) -> str:
    """The text of glyphs that stand on one line, ordered from left to right, in reading order."""
    items = _with_spaces(row)
    kinds = [_kind(item) for item in items]
    if not right_to_left:
        return "".join(_runs_turned(items, kinds))
    items.reverse()
    kinds.reverse()
    _turn_numbers(items, kinds)
    _turn_latin(items, kinds)
    return "".join(_mended_brackets(items, kinds))


def _with_spaces(row: Sequence[Glyph]) -> list[str]:
    """The texts with a space at each gap that is wide enough for one."""
    items: list[str] = []
    for k, glyph in enumerate(row):
        if k and not items[-1].isspace() and not glyph.text.isspace():
            gap = glyph.x0 - max(row[k - 1].x1, row[k - 1].x0)
            if gap > 0.17 * max(glyph.size, row[k - 1].size):
                items.append(" ")
        items.append(glyph.text)
    return items


def _kind(text: str) -> str:
    """R for right-to-left letters, L for others, D for digits, N for the rest."""
    if _RIGHT.search(text) or text in "\u200f\u061c":
        return "R"
    if _DIGIT.search(text):
        return "D"
    return "L" if any(map(str.isalpha, text)) else "N"


def _runs_turned(items: list[str], kinds: list[str]) -> list[str]:
    """Right-to-left runs inside a left-to-right line, turned."""
    out: list[str] = []
    at = 0
    while at < len(items):
        if kinds[at] != "R":
            out.append(items[at])
            at += 1
            continue
        last = at
        for k in range(at, len(items)):
            if kinds[k] == "L":
                break
            last = k if kinds[k] == "R" else last
        run, run_kinds = items[at : last + 1][::-1], kinds[at : last + 1][::-1]
        _turn_numbers(run, run_kinds)
        out.extend(_mended_brackets(run, run_kinds))
        at = last + 1
    return out


def _turn_numbers(items: list[str], kinds: list[str]) -> None:
    """Give the digits of each number, which were turned with the line, their own order again."""
    at = 0
    while at < len(items):
        if kinds[at] != "D":
            at += 1
            continue
        stop = at + 1
        while stop < len(items) and (
            kinds[stop] == "D" or (items[stop] in _BETWEEN_DIGITS and stop + 1 < len(items) and kinds[stop + 1] == "D")
        ):
            stop += 1
        items[at:stop] = items[at:stop][::-1]
        # From here on the number is one thing, whatever stands in it.
        items[at:stop] = ["".join(items[at:stop])]
        kinds[at:stop] = ["D"]
        at += 1


def _turn_latin(items: list[str], kinds: list[str]) -> None:
    """Give runs of Latin words, which were turned with the line, their own order again.

    A number that stands to the right of such a word belongs to its run ("Windows 10"), one to the left does not.
    """
    at = 0
    while at < len(items):
        if kinds[at] == "R":
            at += 1
            continue
        stop = at
        while stop < len(items) and kinds[stop] != "R":
            stop += 1
        inside = [k for k in range(at, stop) if kinds[k] == "L"]
        if inside:
            first, last = inside[0], inside[-1]
            while (number := _number_beside(items, kinds, at, first)) is not None:
                first = number
            # Brackets around the run's own end stand outside the letters, but inside the run.
            if first > at and items[first - 1] in _CLOSING and _MIRRORED[items[first - 1]] in items[first:last]:
                first -= 1
            items[first : last + 1] = items[first : last + 1][::-1]
            kinds[first : last + 1] = ["L"] * (last + 1 - first)
        at = stop


def _number_beside(items: list[str], kinds: list[str], at: int, first: int) -> int | None:
    """Where the number stands that goes with the run which ends at `first`."""
    number = next((k for k in range(first - 1, at - 1, -1) if kinds[k] != "N"), None)
    if number is None:
        return None
    between = "".join(items[number + 1 : first][::-1])
    # static:5000 and inet:10002@127.0.0.1 are one word.
    is_word = len(between) <= 2 and not any(c.isspace() or c in "()[]{}" for c in between)
    # Numbers in groups come before their unit: 0.000 000 01 BTC.
    is_group = number - at >= 2 and items[number - 1] == " " and kinds[number - 2] == "D"
    is_beside = kinds[first] == "L" and between in _BEFORE_NUMBER and not is_group
    is_address = kinds[first] == "L" and between == "@"  # 12345@example.org, which stands the other way round
    return number if (is_word or is_beside) and not is_address else None


def _mended_brackets(items: list[str], kinds: list[str]) -> list[str]:
    """Brackets and quotation marks as they are meant: some fonts tell the shape, some the character.

    What stands around one tells an opening from a closing one; where it does not, the shape was mirrored.
    """
    out = list(items)
    for k, item in enumerate(items):
        if kinds[k] != "N" or item not in _MIRRORED or item in "<>":
            continue
        before = items[k - 1][-1:] if k else " "
        after = items[k + 1][:1] if k + 1 < len(items) else " "
        opens = (before.isspace() or before in _OPENING) and not after.isspace()
        closes = not before.isspace() and (after.isspace() or after in _AFTER_CLOSING)
        if opens != closes:
            wanted = _OPENING if opens else _CLOSING
            out[k] = item if item in wanted else _MIRRORED[item]
        else:
            out[k] = _MIRRORED[item]
    return out


def backward(text: str) -> int:
    """How many words say that Arabic letters stand backwards, less those that say they don't."""
    score = 0
    for word in _WORD.findall(text):
        if word in _COMMON or (len(word) > 3 and word.startswith("ال")) or (len(word) > 2 and word.endswith("ة")):
            score -= 1
        elif word in _BACKWARD or (len(word) > 3 and word.endswith("لا")) or (len(word) > 2 and word[0] in "ةى"):
            score += 1
    return score


def turned_words(text: str) -> str:
    """Each Arabic word with its letters in the other order, marks staying with their letters."""
    return re.sub("[\u0610-\u061a\u0620-\u065f\u066e-\u06d3]+", lambda found: _turned(found[0]), text)


def _turned(word: str) -> str:
    letters: list[str] = []
    for c in word:
        if letters and unicodedata.combining(c):
            letters[-1] += c
        else:
            letters.append(c)
    return "".join(reversed(letters))
