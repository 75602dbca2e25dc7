"""Where sentences end inside a paragraph of running text."""

import re
from collections.abc import Iterator

from ..lang import tables
from ..lang.ar import sentences as arabic
from ..lang.ar.letters import INK
from ..lang.en import sentences as english

# Invisible direction marks may stand between a full stop and the space after it.
_INVISIBLE = "\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
_CLOSING = "\"'”’»›)\\]}＂」』〉》“„«﴾"
_STOPS = ".!?؟۔…‼⁇⁈⁉。！？｡"
# The look-behind and the possessive repeats keep this linear on any text.
_END = re.compile(
    rf"(?<![{_STOPS}])([{_STOPS}]++)((?:\[[\d٠-٩]{{1,3}}\]|[{_CLOSING}{_INVISIBLE}])*+)(?=\s|$)"
    rf"|(?<=[ء-يًٌٍَُِّْ]{{3}})([.؟!?]++)(?=[ء-ي][ء-يًٌٍَُِّْ])"
    r"|(?<=[a-z]{3})([.?!])(?=(?:The|This|That|These|Those|It|He|She|They|We|In|But|However|When|After)\s)"
    # The end of a verse: ۝١ or ﴿١﴾.
    r"|(۝[\d٠-٩]{0,3}|﴿[\d٠-٩]{1,3}﴾)(?=\s|$)"
)
# What each of these ends begins with: a search for one class of characters is many times faster than for all of them.
_MARK = re.compile(f"[{_STOPS}۝﴿]")
_GAP = re.compile(r"\s*")
_OPENING = re.compile(rf"[\"'“‘«‹(\[{{„‚¿¡*_﴿{_INVISIBLE}-]*")
_WORD = re.compile(r"[^\s\"”»)\]،؛,;:]+")
_ENUMERATOR = re.compile(
    rf"(?i:[-*•(\[]?\s*(?:(?:{'|'.join((*arabic.enumerators(), *english.enumerators()))}|sec|sect|no|رقم)\.?\s+)?"
    rf"\(?(?:[\d٠-٩۰-۹]{{1,4}}(?:[.\-][\d٠-٩۰-۹]{{1,3}})*|[ivxlcdm]{{1,6}}|[a-z]|[ء-ي]ـ?)\)?(?:\([a-z\d]{{1,4}}\))*[{_INVISIBLE}]*)"
)
_SPACED_DATE = re.compile(r"[\d٠-٩]{1,2}\.\s?[\d٠-٩]{1,2}\.\s?[\d٠-٩]{2,4}")
_ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc]")
_NEAR = 400
_TOKEN = 40

# Where a sentence that is too long may be cut, best first; compiled when one turns up.
_CLAUSE = "|".join(word for code in ("ar", "en") for word in tables.ordered(f"{code}/sentences")["cut_before"])
_CUTS = (
    r"(?<=[؛;…])\s+|(?<=\.\.)\s+",
    rf"(?<=[:،,—–])\s+(?=(?:{_CLAUSE})\s)",
    r"(?<=[:،,—–])\s+",
    rf"\s+(?=(?:{_CLAUSE})\s)",
    r"\s+(?=[وف][ء-ي\u064b-\u0652]{3})",
    r"\s+",
)


def _past_gap(text: str, at: int, stop: int | None = None) -> int:
    """Where the white space ends that begins at `at`, which may be none; looked at up to `stop`."""
    found = _GAP.match(text, at, len(text) if stop is None else stop)
    return at if found is None else found.end()


def split(text: str, *, limit: int, cased: bool = True) -> list[tuple[int, int]]:
    """Half-open spans of the sentences of a paragraph, trimmed, in order; what lies between them is white space.

    A sentence longer than `limit` characters is cut at the best places it has (semicolons, commas before a
    conjunction, commas, conjunctions, spaces), without spaces at four times `limit`.
    """
    spans: list[tuple[int, int]] = []
    start = _past_gap(text, 0)
    for end, resume in _ends(text, start, cased):
        _append(spans, text, start, end, limit)
        start = resume
    end = len(text.rstrip())
    if start < end:
        _append(spans, text, start, end, limit)
    return spans


def _ends(text: str, start: int, cased: bool) -> Iterator[tuple[int, int]]:
    """Pairs of where a sentence ends and where the next begins."""
    quotes = _Quotes(text)
    size = len(text)
    for found in _found(text):
        end = found.end()
        resume = _past_gap(text, end)
        # A closing mark that stands apart still belongs to the sentence before it.
        while end < resume < size and _closes(text, resume, quotes):
            end = resume + 1
            resume = _past_gap(text, end)
        if resume >= size or (not text[resume].isalnum() and INK.search(text, resume) is None):
            return
        if (found.lastindex or 0) >= 3:
            ends = found[4] is None or _before(text, start, found.start())[0].islower()
        else:
            starts = end < resume and text[resume] not in _NO_START
            ends = starts and _is_end(text, start, found, end, resume, cased)
        if ends:
            yield end, resume
            start = resume


def _found(text: str) -> Iterator[re.Match[str]]:
    """What `_END.finditer` finds, many times faster."""
    past = 0
    for mark in _MARK.finditer(text):
        found = _END.match(text, mark.start()) if mark.start() >= past else None
        if found is not None:
            past = found.end()
            yield found


_NO_START = frozenset(_STOPS + ",،;؛:)]}")


class _Quotes:
    """Whether a straight quotation mark is open, counted from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.upto = 0
        self.count = 0

    def is_open(self, position: int) -> bool:
        """Whether an odd number of straight marks stand before `position` (which never goes back)."""
        if position > self.upto:
            self.count += self.text.count('"', self.upto, position)
            self.upto = position
        return self.count % 2 == 1


def _closes(text: str, position: int, quotes: _Quotes) -> bool:
    """Whether the mark at `position`, with a space before it, closes a quotation or a bracket."""
    mark = text[position]
    after = text[position + 1 : position + 2]
    # The same sign may open a quotation elsewhere: then a letter follows it at once.
    if mark not in _CLOSING or after.isalnum() or (after and after in "([{«“"):
        return mark in ")]}"
    return mark != '"' or quotes.is_open(position)


def _past_opening(text: str, at: int) -> int:
    """Where the opening quotes and brackets end that begin at `at`, which may be none."""
    found = _OPENING.match(text, at)
    return at if found is None else found.end()


def _is_end(text: str, start: int, found: re.Match[str], end: int, resume: int, cased: bool) -> bool:
    """Whether the marks found end the sentence that began at `start`, when the next word stands at `resume`."""
    stops, closing = found[1], found[2]
    at = found.start()
    if "." in stops and at - start <= _TOKEN and _ENUMERATOR.fullmatch(text, start, at):
        return False
    word_at = _past_opening(text, resume)
    matched = _WORD.match(text, word_at, word_at + _TOKEN)
    following = matched[0] if matched else text[resume]
    if not following.strip("-–—*•") and cased:
        matched = _WORD.match(text, _past_gap(text, word_at + len(following)), word_at + 3 * _TOKEN)
        following = matched[0] if matched else following
    if _inside_bracket(text, start, at, end, closing, stops, following):
        return False
    token, previous = _before(text, start, at)
    rules = arabic if _ARABIC.search(token) else english
    if stops == "." and rules is arabic and (")" in closing or text[resume] in "([") and arabic.is_short(token):
        return False
    if following[:1].islower() and cased and rules is english and (stops != "." or closing.strip(_INVISIBLE)):
        return False
    is_question = closing and any(mark in "!?؟" for mark in stops)
    if is_question and not _question_ends(text, start, at, closing, word_at, following):
        return False
    if "…" in stops or ".." in stops:
        return not _ARABIC.match(following) or arabic.ellipsis_ends(following)
    if stops != ".":
        return True
    if following[0].isdigit() and _in_date(text, at):
        return False
    if rules is english and _ARABIC.match(following):
        return not english.is_title(token)
    return not token or rules.full_stop_ends(token, previous, following, cased)


def _in_date(text: str, at: int) -> bool:
    """Whether the full stop at `at` stands inside a date such as 12. 3. 2020."""
    window = text[max(0, at - 6) : at + 12]
    inside = at - max(0, at - 6)
    return any(date.start() < inside < date.end() for date in _SPACED_DATE.finditer(window))


def _before(text: str, start: int, at: int) -> tuple[str, str]:
    """The token that stands before `at` and the word before it."""
    words = text[max(start, at - _TOKEN) : at].split()
    token = words[-1] if words else ""
    previous = words[-2] if len(words) > 1 else ""
    return token.lstrip("\"'“‘«(["), previous.strip("\"'“”‘«»()[]")


def _inside_bracket(text: str, start: int, at: int, end: int, closing: str, stops: str, following: str) -> bool:
    """Whether the stop stands in a bracket that was opened inside the sentence and goes on, or is only a remark."""
    low = max(start + 1, at - _NEAR)
    opened = text.rfind("(", low, at)
    if opened < 0 or text.rfind(")", low, at) > opened:
        return False
    if ")" in closing:
        return stops[-1] != "." and not following[:1].isupper()
    return text.find(")", end, end + _NEAR) >= 0


_PAIRS = {"”": "“", "»": "«", "’": "‘", "›": "‹", '"': '"'}


def _question_ends(text: str, start: int, at: int, closing: str, word_at: int, following: str) -> bool:
    """Whether a question or exclamation that ends a quotation ends the sentence around it too."""
    mark = next((c for c in closing if c in _PAIRS), None)
    if mark is None:
        return True
    opened = text.rfind(_PAIRS[mark], max(start, at - 3 * _NEAR), at)
    if opened < 0:
        return True
    words = text[word_at : word_at + 3 * _TOKEN].split()[:3]
    # No more than the neighbourhood is looked at, so that endless sentences cost no more than short ones.
    if not text[max(start, opened - _TOKEN) : opened].strip(" \t\n\r-–—"):
        rules = arabic if words and _ARABIC.search(words[0]) else english
        return not rules.speech_follows(words)
    # A quotation that a colon or a comma leads in ends its sentence; one in the middle of a phrase is a part of it.
    before = text[max(start, opened - _TOKEN) : opened].rstrip()
    return before.endswith((":", ",", "،")) or english.begins(following)


def _append(spans: list[tuple[int, int]], text: str, start: int, end: int, limit: int) -> None:
    """Adds the sentence, in pieces if it is too long."""
    while end - start > limit:
        seen = INK.search(text, start, end)
        stop, resume = _cut(text, seen.start() if seen else start, end, limit)
        # What cannot be seen is no piece of its own.
        if resume < end and not INK.search(text, resume, end):
            break
        spans.append((start, stop))
        start = resume
    if start < end:
        spans.append((start, end))


def _cut(text: str, start: int, end: int, limit: int) -> tuple[int, int]:
    """Where the first piece of a long sentence stops and where the rest begins."""
    low, high = start + limit // 3, min(start + limit, end)
    for pattern in _CUTS:
        last = next(reversed([*re.finditer(pattern, text[low:high])]), None)
        if last is not None:
            return low + last.start(), _past_gap(text, low + last.end(), end)
    blank = re.search(r"\s", text[high : min(start + 4 * limit, end)])
    if blank:
        return high + blank.start(), _past_gap(text, high + blank.start(), end)
    stop = min(start + 4 * limit, end)
    return stop, _past_gap(text, stop, end)
