"""The pieces that both languages' scanners hand over: numbers, units, months, marks of time, each with its place.

A scanner turns a text into a list of items, None for words that matter to no fact; their order and neighbourhood is
all that `compose` looks at.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from ..ar import numbers as ar_numbers
from ..ar.letters import fold_digits
from ..en import calendar, numbers, units
from .contexts import english_words
from .types import Code, Date
from .units import is_money


class Item:
    """A piece of a text: `role` says what it is, `value` what it says.

    Roles: `num`, `month`, `weekday`, `unit`, `dual`, `pct`, `money`, `square`, `bound`, `century`, `decade`, `hour`,
    `ampm`, `era`, `zone`, `less`, `minus`, `country`, `dash`, `to`, `and`, `of`, `comma`, `slash`, `open`, `close`, `prep`, `age`, `date`,
    `clock`, `code`, `hint`, `a`, `skip`.
    """

    __slots__ = (
        "end",
        "form",
        "fraction",
        "joined",
        "mark",
        "ordinal",
        "raw",
        "readings",
        "role",
        "scale",
        "several",
        "start",
        "unit",
        "value",
    )  # fmt: skip

    def __init__(self, role, start, end, value=0, form="digits", raw=""):
        self.role, self.start, self.end, self.value, self.form, self.raw = role, start, end, value, form, raw
        self.readings = ()
        self.ordinal = self.several = self.fraction = self.joined = self.mark = False
        self.scale, self.unit = 1, ""

    def __repr__(self) -> str:
        return f"Item({self.role}, {self.value!r}, {self.start}:{self.end})"


_GROUP = "[ \u00a0\u202f\u2009\u2008]"
_SEPARATOR = "[.,\u066c\u066b\u060c'\u2019]"
_LATIN = "A-Za-z\u00c0-\u024f"
_ARABIC = "\u0620-\u065f\u066e-\u06d3\u06d5-\u06ed\u06fa-\u06ff"


def _before_hyphen() -> str:
    """A pattern for words that stand before a hyphen and a number without making a code of it."""
    currencies = (word for word, unit in units.units().items() if is_money(unit))
    codes = (code.lower() for code in units.currencies() if code.isalpha())
    words = english_words("before_hyphen")
    return "|".join(sorted({*words, *calendar.months(), *currencies, *codes, *numbers.tens()}, reverse=True))


def _token(reversed_groups: str) -> re.Pattern[str]:
    """The scanner of one language; `reversed_groups` is a pattern for numerals with their groups in reverse."""
    return re.compile(
        rf"""
      (?P<plain>[{_ARABIC}][{_ARABIC}\u200c\u200d]*|[{_LATIN}]+(?=[ ,.;:!?")\n]|\Z))
    | (?P<code>(?<![\w$€£])(?!(?i:{_before_hyphen()})[-–]?\d)
        (?:[{_LATIN}]+(?:[-–/][{_LATIN}]+){{0,6}}[-–/]?\d\w*(?:[-–/.]\w*\d\w*)*))
    | (?P<date>(?<![\d/.])\d{{1,4}}(?P<sep>[/.\-–])\d{{1,2}}(?P=sep)\d{{1,4}}(?![\d]|[/.\-–]\d))
    | (?P<phone>(?<!\d)(?:\+|00)\d{{1,3}}(?:[ -]\d{{1,4}}){{2,6}}(?!\d)
        |\(0\d{{1,4}}\)[ ]?\d{{2,8}}(?:[ -]\d{{2,4}}){{0,3}}(?!\d)|(?<!\d)0[1-9]\d{{0,3}}[ -]\d{{5,8}}(?!\d)
        |(?<!\d)0[1-9]\d{{1,3}}(?:[ -]\d{{3,4}}){{1,3}}(?!\d)
        |(?<![\d.,])\d{{3,4}}(?:[ -]\d{{3,4}}){{0,2}}[ -]0[1-9]\d{{2,3}}(?!\d))
    | (?P<dotted>(?!\d{{1,3}}(?:\.\d{{3}}){{2,}}(?![\d.]))\d+(?:\.\d+){{2,}}
        |\+?\d+(?:-\d+){{2,}}|\+\d{{7,}}|\d+(?:/\d+){{2,}})
    | (?P<clock>\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?!\d))
    | (?P<num>(?<![\d.,])(?:{reversed_groups}\d{{1,3}}(?:{_GROUP}\d{{3}}){{1,6}})(?![\d])(?:[.,\u066b]\d+)?
        |\d+(?:{_SEPARATOR}\d+)*)
    | (?P<word>[{_LATIN}]+(?:['\u2019](?:s|S|t|re|ve|ll|clock)(?![{_LATIN}]))?)
    | (?P<part>[½¼¾⅓⅔⅛⅜⅝⅞])
    | (?P<sign>[^\s\w\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff])
    """,
        re.VERBOSE,
    )


@lru_cache(maxsize=1)
def english_tokens() -> re.Pattern[str]:
    """The scanner of English text."""
    return _token("")


@lru_cache(maxsize=1)
def arabic_tokens() -> re.Pattern[str]:
    """The scanner of Arabic text.

    It also takes 600 10 for 10 600: the groups of a numeral as right-to-left typesetting leaves them.
    """
    return _token(rf"\d{{3}}(?:[.,]\d{{1,2}})?(?:{_GROUP}\d{{3}}){{0,5}}{_GROUP}\d{{1,2}}(?!\d)|")


_WORD = re.compile(
    rf"[{_ARABIC}][{_ARABIC}\u200c\u200d]*|[{_LATIN}]+(?:['\u2019](?:s|S|t|re|ve|ll|clock)(?![{_LATIN}]))?"
)
_TELLING = re.compile(r"[\d½¼¾⅓⅔⅛⅜⅝⅞°]")


def is_silent(text: str, is_quiet: Callable[[str], bool]) -> bool:
    """Whether a text has no digits, and no word at which a fact could begin: half of all sentences are so."""
    return _TELLING.search(text) is None and all(map(is_quiet, _WORD.findall(text)))


PARTS = {"½": 1 / 2, "¼": 1 / 4, "¾": 3 / 4, "⅓": 1 / 3, "⅔": 2 / 3, "⅛": 1 / 8, "⅜": 3 / 8, "⅝": 5 / 8, "⅞": 7 / 8}
DASHES = frozenset("-–—‐‑−~")
_ADDRESS = re.compile(
    r"(?:https?://|ftp://|www\.)[^\s\u0600-\u06ff]+"
    r"|(?<![A-Za-z0-9_.+-])[A-Za-z0-9_.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
    r"|(?<![A-Za-z0-9_.])(?:[A-Za-z0-9-]{1,63}\.){1,8}(?:com|org|net|edu|gov|info|io)\b(?:/[^\s\u0600-\u06ff]*)?"
)
LONGEST = 40  # a longer row of digits is a key or a table, not a number
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_THOUSANDS_DOT = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?")
_SEPARATORS = str.maketrans({"\u066b": ".", "\u060c": ",", "\u066c": "'", "\u2019": "'"})


def hide_addresses(text: str) -> tuple[str, list[tuple[int, int]]]:
    """`text` with web and mail addresses blanked at equal length, and where they stood."""
    if "@" not in text and "://" not in text and "www." not in text and ".com" not in text and ".org" not in text:
        return text, []
    spans = [match.span() for match in _ADDRESS.finditer(text)]
    return _ADDRESS.sub(lambda match: "\u2016" + " " * (len(match[0]) - 1), text), spans


_DECIMAL = re.compile(r"\d+(?:\.\d+)?")
_APOSTROPHES = re.compile(r"\d{1,3}(?:'\d{3})+(?:[.,]\d+)?")


def _numbers(*numerals: str) -> tuple[float, ...]:
    """The values of plain decimals, each once; none where one of them is no decimal."""
    if not all(map(_DECIMAL.fullmatch, numerals)):
        return ()
    found = ((float(digits), len(digits)) for digits in numerals)
    return tuple(dict.fromkeys(int(value) if value.is_integer() and size < 16 else value for value, size in found))


@lru_cache(maxsize=1 << 14)
def readings(numeral: str) -> tuple[float, ...]:
    """What a numeral can mean, the likeliest first; empty when it is a list of several numbers.

    150.000 is 150 and 150,000; 25,2 is 25.2; 1,234 is 1,234 and 1.234; ٫ is a decimal point and nothing else.
    """
    if len(numeral) > LONGEST:
        return ()
    plain = fold_digits(numeral)
    sure = "\u066b" in plain
    plain = plain.translate(_SEPARATORS)
    if plain.isdigit():
        return _numbers(plain)
    if any(c in plain for c in " \u00a0\u202f\u2009\u2008"):
        return _spaced(re.split("[ \u00a0\u202f\u2009\u2008]", plain))
    if "'" in plain:
        return _numbers(plain.replace("'", "").replace(",", ".")) if _APOSTROPHES.fullmatch(plain) else ()
    commas, dots = plain.count(","), plain.count(".")
    if _THOUSANDS.fullmatch(plain):
        whole = plain.replace(",", "")
        return _numbers(whole) if commas > 1 or dots else _numbers(whole, plain.replace(",", "."))
    if _THOUSANDS_DOT.fullmatch(plain) and not sure:
        whole = plain.replace(".", "").replace(",", ".")
        return _numbers(whole) if dots > 1 or commas else _numbers(plain, whole)
    if dots == 1 and not commas:
        return _numbers(plain)
    if commas == 1 and not dots and len(plain.split(",")[1]) <= 2:
        return _numbers(plain.replace(",", "."))
    if commas > 1 and dots <= 1 and all(len(g) in (2, 3) for g in plain.split(".")[0].split(",")[1:]):
        return _numbers(plain.replace(",", ""))  # 1,23,45,678 as in India
    return ()


def _spaced(groups: list[str]) -> tuple[float, ...]:
    """What groups of digits with blanks between them mean, in their order and, as right-to-left typesetting leaves them,
    in reverse."""
    backward = "".join(reversed(groups)).replace(",", ".")
    if re.fullmatch(r"\d{3}[.,]\d{1,2}", groups[0]):  # 630.8 1
        return _numbers(backward) if groups[-1].isdigit() else ()
    forward = "".join(groups).replace(",", ".")
    if not all(len(group) == 3 for group in groups[:-1]):
        return _numbers(forward)
    if not groups[-1].isdigit():
        return _numbers(forward)
    return _numbers(backward) if len(groups[-1]) < 3 or groups[0] == "000" else _numbers(forward, backward)


_SIGNS: dict[str, tuple[str, object]] = {
    "%": ("pct", "%"), "٪": ("pct", "%"), ",": ("comma", 0), "،": ("comma", 0), "/": ("slash", 0), "(": ("open", 0), ")": ("close", 0),
    "°": ("unit", "degree"), **{dash: ("dash", dash) for dash in DASHES},
}  # fmt: skip


def sign(mark: str, start: int, end: int) -> Item | None:
    """The item of a sign: currency, percent, dash, bracket, comma, degree; None for others."""
    if mark in units.currencies():
        return Item("money", start, end, units.currencies()[mark])
    role, value = _SIGNS.get(mark, ("", None))
    return Item(role, start, end, value) if role else None


def code(word: str, start: int, end: int) -> Item:
    """The item of a designation with digits."""
    found = tuple(int(digits) for digits in re.findall(r"\d+", word) if len(digits) < 16)
    letters = "".join(c for c in word.casefold() if c.isalpha())
    return Item("code", start, end, Code(letters, found))


def add_part(word: str, start: int, end: int, out: list[Item | None]) -> None:
    """Adds ½, alone or to the whole number that it stands behind."""
    previous = out[-1] if out else None
    if previous is not None and previous.role == "num" and previous.form == "digits" and start - previous.end <= 1:
        previous.value, previous.end = previous.value + PARTS[word], end
        return
    item = Item("num", start, end, PARTS[word], raw=word)
    item.fraction = True
    out.append(item)


class Tokens:
    """The tokens of a text in columns: of what kind, where, as written, and what each word or number can be."""

    __slots__ = ("atoms", "ends", "kinds", "lexemes", "starts", "words")


def number_item(t: Tokens, i: int, reading: ar_numbers.Reading | numbers.Reading) -> Item:
    """The number item of what was read from token `i` on."""
    has_digits = any(t.kinds[k] == "num" for k in range(i, reading.stop))
    item = Item("num", t.starts[i], t.ends[reading.stop - 1], reading.value, "mixed" if has_digits else "words")
    if has_digits and t.kinds[i] == "num" and reading.scale > 1:
        item.readings = tuple(r * reading.scale for r in readings(t.words[i])[1:])
    item.ordinal, item.several, item.scale = reading.ordinal, reading.several, reading.scale
    return item


def add_part_number(t: Tokens, i: int, out: list[Item | None]) -> int:
    """Adds the digits behind a clause or a version as a designation if they have two parts (5.4, 5-4): the position after
    them, or 0."""
    word, start, end = t.words[i], t.starts[i], t.ends[i]
    if word.count(".") == 1:
        out.append(code(word, start, end))
        return i + 1
    if t.kinds[i + 1 : i + 3] == ["sign", "num"] and t.words[i + 1] in DASHES and t.starts[i + 2] - end == 1:
        out.append(code(word + "-" + t.words[i + 2], start, t.ends[i + 2]))
        return i + 3
    return 0


def add_slashed(t: Tokens, i: int, out: list[Item | None]) -> int:
    """Adds 1/2, 2 1/2, 9/11, 2019/20 from token `i` on, a fraction, years, or a designation: the position after it."""
    first, second = readings(t.words[i]), readings(t.words[i + 2])
    start, end = t.starts[i], t.ends[i + 2]
    raw = t.words[i] + "/" + t.words[i + 2]
    if first and second and len(t.words[i]) == 4 and 1000 <= first[0] <= 2199:
        out.extend(numeral_items(t.words[i], start))
        out.append(Item("dash", t.starts[i + 1], t.ends[i + 1], "/"))
        out.extend(numeral_items(t.words[i + 2], t.starts[i + 2]))
    elif first and second and 0 < first[0] < second[0] <= 10 and isinstance(first[0], int):
        previous = out[-1] if out else None
        if previous is not None and previous.role == "num" and previous.form == "digits" and start - previous.end == 1:
            previous.value, previous.end = previous.value + first[0] / second[0], end
        else:
            item = Item("num", start, end, first[0] / second[0], raw=raw)
            item.fraction = True
            out.append(item)
    else:
        out.append(code(raw, start, end))
    return i + 3


def numeral_items(numeral: str, start: int) -> list[Item]:
    """The numbers of a numeral that stands at `start`: one, or several where commas separate a list."""
    if len(numeral) > LONGEST:
        return [Item("code", start, start + len(numeral), Code("", ()))]
    found = readings(numeral)
    if found:
        item = Item("num", start, start + len(numeral), found[0], raw=numeral)
        item.readings = found[1:]
        return [item]
    items = []
    for match in re.finditer(r"\d+(?:\.\d+)?", numeral):
        values = readings(match.group()) or (0,)
        items.append(Item("num", start + match.start(), start + match.end(), values[0], raw=match.group()))
    return items


_ENUMERATOR = re.compile(r"\s*[\"'`(\[]?\d{1,3}\s*[.)\]\-–—`'\u2019](?:\s|(?=[^\W\d]))")


def mark_enumerator(text: str, items: list[Item | None]) -> None:
    """Marks the number of a paragraph or list item that opens `text` as doubtful: `12. The`, `٣٧ - قدمت`."""
    if not _ENUMERATOR.match(text):
        return
    for item in items:
        if item is not None and item.role == "num":
            if item.form == "digits" and text[: item.start].strip() in ("", '"', "'", "`", "(", "["):
                item.form = "marker"
            return
        if item is not None and item.role not in ("open", "dash"):
            return


def full_year(n: int) -> int:
    """The year that two digits stand for."""
    return n if n >= 100 else n + (1900 if n >= 50 else 2000)


@lru_cache(maxsize=1 << 12)
def numeric_date(text: str) -> Date | None:
    """27/9/2020, 2020-09-27, 27.09.20 as a date, with both orders of day and month where they are open; else None."""
    first, middle, last = (fold_digits(part) for part in re.split(r"[/.\-–]", text))
    a, b, c = int(first), int(middle), int(last)
    if len(first) == 4:
        options = [(a, b, c), (a, c, b)] if len(last) <= 2 else []
    elif len(first) <= 2 and len(last) in (2, 4):
        year = c if len(last) == 4 else full_year(c)
        options = [(year, b, a), (year, a, b)]
    else:
        return None
    if len(last) == 2 and len(first) != 4 and "." in text and len(middle) == 1:
        return None  # a section or a version rather than a date
    good = [(y, m, d) for y, m, d in options if 1 <= m <= 12 and 1 <= d <= 31 and 1000 <= y <= 2500]
    if not good:
        return None
    dates = [Date(y, m, d, calendar="hijri" if y < 1500 else "gregorian") for y, m, d in dict.fromkeys(good)]
    return Date(*good[0], calendar=dates[0].calendar, readings=tuple(dates[1:]))
