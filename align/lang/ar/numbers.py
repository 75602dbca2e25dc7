"""Arabic number words: every case, gender, state and clitic, read and written.

`atom` says what a single written word can contribute to a number, `read` adds up a run of such words, `words` writes a
number out. Reading is lenient where writers are (hamza, taa marbuta, case), writing follows the grammar.
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from ...memoise import memoise
from .. import tables

_DROPPED = re.compile("[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
_SILENT_SEAT = re.compile("([ىيو][\u064b-\u065f]*)\u0670")
_LIKE = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ک": "ك", "ڪ": "ك", "ھ": "ه", "ہ": "ه", "ة": "ه"}
)
_ALEF = str.maketrans({"ٱ": "ا", "ی": "ي", "ک": "ك", "ڪ": "ك", "ھ": "ه", "ہ": "ه"})


def bare(word: str) -> str:
    """`word` without vowel marks, tatweel and controls, letters as written otherwise."""
    return _DROPPED.sub("", word).translate(_ALEF)


def key(word: str) -> str:
    """The form under which spellings of one word meet; the seats of hamza (ئ, ؤ) stay, so ميتا is not مئتا."""
    if "\u0670" in word:  # ثَلَٰثَة: a small alef is an alef, except on ى and و
        word = _SILENT_SEAT.sub(r"\1", word).replace("\u0670", "ا")
    return _DROPPED.sub("", word).translate(_LIKE)


class Atom(NamedTuple):
    """What one word contributes: its role, its value, and the clitics that stood before it.

    Roles: `unit` 1 to 10, `ten` 20 to 90, `teen` the عشر of 11 to 19, `eleven` the أحد of 11, `hundred`, `scale` (ألف),
    `dual` (ألفان), `plural` (آلاف), `ordinal`, `first` (أول), `fraction`, `fractions` (أرباع: the value is 1/4), `point`
    (فاصلة),
    `tens` (عشرات: an unknown number of tens), `zero`, `digits`.
    """

    role: str
    value: float
    joined: bool = False
    article: bool = False
    preposition: str = ""
    digits: bool = False


_TEN_ENDINGS = ("ون", "ين")
_DUAL_ENDINGS = ("ان", "ين", "ا", "ي")
_SCALE_DUAL_ENDINGS = ("ان", "ين", "ي")
_ORDINAL_ENDINGS = ("", "ه", "ا")
_POSSESSIVES = ("ه", "ها", "هم", "هن", "هما")


@cache
def _table() -> dict[str, dict[str, float]]:
    """The values of folded words by their role, as the table has them."""
    return tables.numbered("ar/numbers", key)


def ten_stems() -> dict[str, float]:
    """The tens by their folded words without ون or ين."""
    return _table()["ten_stem"]


@cache
def lookalikes() -> frozenset[str]:
    """Ordinary words that look like a clitic and a number word, or like a number word."""
    return frozenset(_table()["lookalike"])


def _bases() -> dict[str, tuple[str, float]]:
    """Every number word without clitics: its role and value. Where a word is two things, what stands below wins."""
    table = _table()
    found: dict[str, tuple[str, float]] = {}

    def add(role: str, stems: dict[str, float], endings: tuple[str, ...] = ("",), times: int = 1) -> None:
        for stem, value in stems.items():
            for ending in endings:
                found[stem + ending] = (role, times * value)

    add("fractions", table["fractions"], ("", *_POSSESSIVES))
    add("fraction", table["fraction_stem"], ("", *_POSSESSIVES))
    add("fraction", table["fraction"])
    add("ordinal", table["ordinal_stem"], _ORDINAL_ENDINGS)
    add("ordinal", table["ordinal"])
    add("first", table["first"])
    add("unit", table["unit"])
    add("ten", table["ten_stem"], _TEN_ENDINGS)
    add("hundred", table["hundred"])
    add("hundred", table["hundred_dual"], _DUAL_ENDINGS)
    for hundred in table["hundred"]:
        add("hundred", table["hundred_stem"], (hundred,))
    add("tens", table["tens"])
    add("scale", table["scale"], ("", "ا"))
    add("dual", table["scale"], _SCALE_DUAL_ENDINGS, 2)
    add("plural", table["plural"], ("", "ا"))
    for role in ("eleven", "zero", "point"):
        add(role, table[role])
    return found


# What may stand before a number word: (written, joined, article, preposition). ك goes on nothing that begins so by
# itself (كمية), because only whole number words follow here.
_CLITICS = [
    (conjunction + middle, bool(conjunction), article, preposition)
    for conjunction in ("", "و", "ف")
    for middle, article, preposition in (
        ("", False, ""), ("ال", True, ""), ("ب", False, "ب"), ("ل", False, "ل"), ("ك", False, "ك"), ("لل", True, "ل"),
        ("بال", True, "ب"), ("كال", True, "ك"),
    )
]  # fmt: skip

@cache
def lexicon() -> dict[str, Atom]:
    """Every number word with every clitic it can carry, by `key`."""
    bases = _bases()
    table: dict[str, Atom] = {}
    for written, joined, article, preposition in reversed(_CLITICS):
        for form, (role, value) in bases.items():
            table[written + form] = Atom(role, value, joined, article, preposition)
    for form, (role, value) in bases.items():
        table[form] = Atom(role, value)
    for form in lookalikes():
        for conjunction in ("", "و", "ف"):
            table.pop(conjunction + form, None)
    return table


@memoise
def atom(word: str) -> Atom | None:
    """What `word` contributes to a number, or None."""
    written = bare(word)
    if "\u064f" in word and (part := _part(word, written)):
        return part
    if written in ("وأحد", "فأحد"):  # beside واحد
        return Atom("eleven", 1, joined=True)
    found = lexicon().get(key(word))
    if found is not None and _is_other_word(word, written):
        return None
    return found


_PART_HEAD = re.compile("[خستعث]\u064f")


def _part(word: str, written: str) -> Atom | None:
    """خُمس, عُشر: with u after the first letter the word is a part of one, not a count."""
    stem = written.removeprefix("و").removeprefix("ال")
    parts = _table()["vowelled"]
    if stem not in parts or not _PART_HEAD.search(word):
        return None
    return Atom("fraction", parts[stem], written.startswith("و"), "ال" in written[:3])


# ألست (am I not), ألفى (found); with vowel marks ألّف (wrote) and ألِف (the letter).
_NOT_NUMBERS = re.compile("[وف]?(?:ألست|ألفى)")
_MARKED_OTHERWISE = re.compile("أ\u064e?ل(?:\u0651|\u0650)")


def _is_other_word(word: str, written: str) -> bool:
    """Whether hamza or vowel marks, as the writer put them, show that a number word is another word."""
    return bool(_NOT_NUMBERS.fullmatch(written)) or ("ل" in written and bool(_MARKED_OTHERWISE.search(word)))


class Reading(NamedTuple):
    """A number that was read: `stop` is the position after its last word.

    `several` marks an unknown multiple (آلاف, عشرات الآلاف: the value is then the size that is counted), `scale` the
    last scale said aloud (ألف, مليون), `digits` whether digits were part of it.
    """

    value: float
    stop: int
    ordinal: bool = False
    several: bool = False
    scale: float = 1
    digits: bool = False


Atoms = Sequence[Atom | None]


def _get(atoms: Atoms, i: int) -> Atom | None:
    return atoms[i] if i < len(atoms) else None


def _teen(atoms: Atoms, i: int) -> bool:
    """Whether the word at `i` is the bare عشر of 11 to 19."""
    a = _get(atoms, i)
    return a is not None and a.role == "unit" and a.value == 10 and not (a.joined or a.article or a.preposition)


def _joined(atoms: Atoms, i: int, roles: tuple[str, ...]) -> Atom | None:
    """The word at `i` if it is joined by و and has one of `roles`."""
    a = _get(atoms, i)
    return a if a is not None and a.joined and not a.preposition and a.role in roles else None


def _small(atoms: Atoms, i: int) -> tuple[float, int, bool] | None:
    """A number below 100 that starts at `i`: value, stop, ordinal."""
    a = atoms[i]
    if a is None:
        return None
    if a.role == "eleven":
        if _teen(atoms, i + 1):
            return 11, i + 2, False
        tens = _joined(atoms, i + 1, ("ten",))
        return (tens.value + 1, i + 2, False) if tens else None
    if a.role == "ten":
        return a.value, i + 1, False
    if a.role == "first":
        return 1, i + 1, True
    if a.role not in ("unit", "ordinal"):
        return None
    ordinal = a.role == "ordinal"
    if a.value <= 9:
        if _teen(atoms, i + 1):
            return a.value + 10, i + 2, ordinal
        tens = _joined(atoms, i + 1, ("ten",))
        if tens and (a.article == tens.article or (a.article and not ordinal)):
            return a.value + tens.value, i + 2, ordinal
    return a.value, i + 1, ordinal


def _below_thousand(atoms: Atoms, i: int) -> tuple[float, int, bool] | None:
    """A number below 1,000 in words that starts at `i`: value, stop, ordinal."""
    a = atoms[i]
    if a is None:
        return None
    if a.role == "hundred":
        value, stop = a.value, i + 1
    else:
        small = _small(atoms, i)
        if small is None or small[2] or not 3 <= small[0] <= 9:
            return small
        value, stop, _ = small
        following = _get(atoms, stop)
        if following is None or following.role != "hundred" or following.value != 100 or following.joined:
            return small
        if following.preposition:
            return small
        value, stop = value * 100, stop + 1
    if stop < len(atoms) and _joined(atoms, stop, ("unit", "ten", "eleven", "ordinal", "first")):
        rest = _small(atoms, stop)
        if rest is not None:
            return value + rest[0], rest[1], rest[2]
    return value, stop, False


def _scale_after(atoms: Atoms, i: int) -> Atom | None:
    """The scale word at `i` that multiplies what stands before it."""
    a = _get(atoms, i)
    return a if a is not None and a.role in ("scale", "plural") and not a.joined and not a.preposition else None


def _chunk(atoms: Atoms, i: int) -> tuple[float, int, bool, float, bool] | None:
    """A multiplier with its scale, or either alone: value, stop, ordinal, scale, digits."""
    a = atoms[i]
    if a is None:
        return None
    if a.role == "scale":
        value, stop, scale = a.value, i + 1, a.value
    elif a.role == "dual":
        value, stop, scale = a.value, i + 1, a.value / 2
    elif a.role == "digits":
        following = _scale_after(atoms, i + 1)
        if following is None:
            return a.value, i + 1, False, 1, True
        value, stop, scale = a.value * following.value, i + 2, following.value
    else:
        below = _below_thousand(atoms, i)
        if below is None:
            return None
        value, stop, ordinal = below
        following = None if ordinal else _scale_after(atoms, stop)
        if following is None or (value == 1 and following.role == "scale"):
            return value, stop, ordinal, 1, False
        value, stop, scale = value * following.value, stop + 1, following.value
    following = _scale_after(atoms, stop)
    if following is not None and following.role == "scale" and following.value > scale:
        value, stop, scale = value * following.value, stop + 1, scale * following.value
    return value, stop, False, scale, a.role == "digits"


def _several(atoms: Atoms, i: int) -> Reading | None:
    """عشرات, آلاف, مئات الآلاف, عشرات آلاف الملايين: an unknown multiple."""
    a = atoms[i]
    if a is None or a.role not in ("tens", "plural"):
        return None
    value, stop = a.value, i + 1
    while (following := _get(atoms, stop)) is not None and not following.joined and not following.preposition:
        if following.role not in ("plural", "scale"):
            break
        repeated = following == atoms[stop - 1]  # الملايين الملايين
        value, stop = value if repeated else value * following.value, stop + 1
    return Reading(value, stop, several=True, scale=value)


def _ascended(atoms: Atoms, value: float, stop: int) -> tuple[float, int]:
    """A number below 100 with the hundreds and thousands behind it, as older prose counts: ثمان وخمسين وستمئة."""
    a = _joined(atoms, stop, ("hundred", "unit"))
    hundreds = _below_thousand(atoms, stop) if a is not None and not a.article else None
    if hundreds is not None and hundreds[0] >= 100 and hundreds[0] % 100 == 0:
        value, stop = value + hundreds[0], hundreds[1]
    elif value <= 20 or value % 10 == 0:
        return value, stop
    thousands = _joined(atoms, stop, ("scale", "dual"))
    if thousands is not None and not thousands.article and thousands.value in (1000, 2000):
        value, stop = value + thousands.value, stop + 1
    return value, stop


def read(atoms: Atoms, i: int, ascending: bool = False) -> Reading | None:
    """The longest number that starts with the word at `i`, whose own و belongs to the sentence.

    With `ascending`, as behind the word for year, tens may be followed by their hundreds: خمسين ومئة is 150 and not
    fifty and a hundred.
    """
    if atoms[i] is None:
        return None
    several = _several(atoms, i)
    if several is not None:
        return several
    if atoms[i].role == "zero":
        return _point(atoms, Reading(0, i + 1))
    first = _chunk(atoms, i)
    if first is None:
        return None
    value, stop, ordinal, scale, digits = first
    if not ordinal and not digits and scale == 1 and value < 100 and (ascending or value > 20 and value % 10):
        value, stop = _ascended(atoms, value, stop)
    if scale == 1 and value < 100 and atoms[i].article:
        hundred = _joined(atoms, stop, ("hundred",))
        if hundred is not None and hundred.article:  # الحادي والمئة
            value, stop, ordinal = value + hundred.value, stop + 1, True
    lowest = scale
    while not ordinal and lowest > 1 and stop < len(atoms):
        a = atoms[stop]
        if a is None or not a.joined or a.preposition:
            break
        rest = _chunk(atoms, stop)
        if rest is None or not (rest[0] < lowest or (rest[3] == lowest and rest[0] <= 2 * lowest < value)):
            break
        value, stop, ordinal, lowest = value + rest[0], rest[1], rest[2], rest[3]
        digits = digits or rest[4]
    return _point(atoms, Reading(value, stop, ordinal, False, max(1, lowest), digits))


def _point(atoms: Atoms, reading: Reading) -> Reading:
    """`reading` with the decimals that follow فاصلة, if any: ثلاثة فاصلة خمسة is 3.5."""
    a = _get(atoms, reading.stop)
    if a is None or a.role != "point" or a.joined or reading.ordinal:
        return reading
    decimals, stop = "", reading.stop + 1
    while (digit := _get(atoms, stop)) is not None and digit.role == "zero":
        decimals, stop = decimals + "0", stop + 1
    rest = _chunk(atoms, stop) if stop < len(atoms) else None
    if rest is not None and float(rest[0]).is_integer() and rest[0] < 1000:
        decimals, stop = decimals + str(int(rest[0])), rest[1]
    if not decimals:
        return reading
    value = float(f"{int(reading.value)}.{decimals}")
    after = _scale_after(atoms, stop)
    if after is not None:
        return Reading(value * after.value, stop + 1, scale=after.value, digits=reading.digits)
    return Reading(value, stop, digits=reading.digits)


def parse(text: str) -> float | None:
    """The value of `text` if it is one number in Arabic words and nothing else, else None."""
    atoms = [atom(word) for word in text.split()]
    reading = read(atoms, 0) if atoms else None
    if reading is None or reading.stop != len(atoms) or reading.several:
        return None
    return reading.value


@cache
def _written() -> dict[str, dict[int, list[str]]]:
    """The words of each value by their role, as the table writes them."""
    found: dict[str, dict[int, list[str]]] = {}
    for role, value, cell in tables.rows("ar/numbers"):
        if role in ("unit", "ten_stem", "scale", "plural"):
            found.setdefault(role, {}).setdefault(int(value), []).extend(cell.split())
    return found


def _one(n: int, feminine: bool) -> str:
    """1 to 10, but 2, with a masculine or a `feminine` counted noun."""
    return _written()["unit"][n][feminine]


CASES = ("nominative", "accusative", "genitive")
GENDERS = ("masculine", "feminine")
STYLES = ("fused", "alef", "separate")


def _two(gender: str, oblique: bool, construct: bool) -> str:
    """اثنان in the form asked for; `construct` is the form before عشر."""
    stem = "اثنت" if gender == "feminine" else "اثن"
    return stem + (("ي" if oblique else "ا") if construct else ("ين" if oblique else "ان"))


def _ones(n: int, case: str, gender: str) -> str:
    """1 to 10 in words."""
    if n == 2:
        return _two(gender, case != "nominative", False)
    word = _one(n, gender == "feminine")
    return word + "ًا" if word == "واحد" and case == "accusative" else word


def _below_hundred(n: int, case: str, gender: str) -> list[str]:
    """1 to 99 as the parts that و joins."""
    feminine = gender == "feminine"
    if n <= 10:
        return [_ones(n, case, gender)]
    if n < 20:
        if n == 11:
            return ["إحدى عشرة" if feminine else "أحد عشر"]
        head = _two(gender, case != "nominative", True) if n == 12 else _one(n - 10, feminine)
        return [f"{head} {'عشرة' if feminine else 'عشر'}"]
    tens = _written()["ten_stem"][n // 10 * 10][0] + ("ون" if case == "nominative" else "ين")
    if n % 10 == 0:
        return [tens]
    head = "إحدى" if n % 10 == 1 and feminine else _ones(n % 10, case, gender)
    return [head, tens]


def _hundreds(n: int, case: str, gender: str, style: str) -> list[str]:
    """1 to 999 as the parts that و joins."""
    parts: list[str] = []
    hundred = "مائة" if style == "alef" else "مئة"
    if n >= 200 and n < 300:
        parts.append(hundred[:-1] + "ت" + ("ان" if case == "nominative" else "ين"))
    elif n >= 100:
        count = "" if n < 200 else _one(n // 100, True)
        stem = count and count + " " if style == "separate" else count.removesuffix("ي")
        parts.append(stem + hundred)
    return parts + (_below_hundred(n % 100, case, gender) if n % 100 else [])


def _scaled(count: int, singular: str, plural: str, case: str, style: str) -> list[str]:
    """`count` thousands, millions ... as the parts that و joins."""
    dual = singular + ("ان" if case == "nominative" else "ين")
    if count >= 100 and count % 100 in (1, 2):
        # مئة ألف وألف, مئة ألف وألفان: a scale counts 1 and 2 by its own form.
        return [*_scaled(count - count % 100, singular, plural, case, style), singular if count % 100 == 1 else dual]
    if count == 1:
        return [singular]
    if count == 2:
        return [dual]
    parts = _hundreds(count, case, "masculine", style)
    rest = count % 100
    parts[-1] += " " + (plural if 3 <= rest <= 10 else singular if rest == 0 else singular + "ًا")
    return parts


def words(
    n: int,
    case: str = "nominative",
    gender: str = "masculine",
    definite: bool = False,
    style: str = "fused",
) -> str:
    """The integer `n` (0 to under 10^15) in words.

    `case` is one of CASES; `gender` is that of the counted noun; `definite` puts the article on every joined part;
    `style` is `fused` (ثلاثمئة), `alef` (ثلاثمائة) or `separate` (ثلاث مئة). Raises ValueError outside the range.
    """
    if not 0 <= n < 10**15:
        raise ValueError(f"{n} is not between 0 and 10^15")
    if case not in CASES or gender not in GENDERS or style not in STYLES:
        raise ValueError(f"no such form: {case}, {gender}, {style}")
    if n == 0:
        return "الصفر" if definite else "صفر"
    parts: list[str] = []
    written = _written()
    for scale in sorted(written["scale"], reverse=True):
        count, n = divmod(n, scale)
        if count:
            parts += _scaled(count, written["scale"][scale][0], written["plural"][scale][0], case, style)
    if n:
        parts += _hundreds(n, case, gender, style)
    if definite:
        parts = ["ال" + part for part in parts]
    return " و".join(parts)
