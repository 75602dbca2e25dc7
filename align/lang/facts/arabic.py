"""Arabic text to items."""

import re
from functools import cache

from ..ar import calendar, numbers, suras
from ..ar.letters import fold_digits
from ..ar.lexemes import Lexeme, lexeme
from ..ar.numbers import Atom, bare
from ..en import units as latin_units
from ...memoise import memoise
from .contexts import arabic_words
from .items import (
    DASHES,
    Item,
    Tokens,
    add_part,
    add_part_number,
    add_slashed,
    arabic_tokens,
    code,
    is_silent,
    mark_enumerator,
    number_item,
    numeral_items,
    numeric_date,
    readings,
    sign,
)
from .units import is_money

_ARTICLES_AND_PREPOSITIONS = ("", "ال", "بال", "وال", "لل", "ب", "ل", "و")
_CODE = 3  # letters of a code of currencies
_BEFORE_TIME = ("prep", "of", "bound", "to")


@cache
def _numbered_parts() -> frozenset[str]:
    """What has numbers of several parts, so that 3.10 is no decimal."""
    return frozenset(before + word for word in arabic_words("numbered_part") for before in _ARTICLES_AND_PREPOSITIONS)


_NOTHING = Lexeme("قط", None, plain=True)  # what a token that is no word is


@cache
def _before_in_names() -> dict[str, tuple[str, ...]]:
    """By a number word what may stand before it in a name, where it is no number: السبع of بئر السبع."""
    found: dict[str, tuple[str, ...]] = {}
    for name in arabic_words("name_with_number"):
        first, _, number = name.partition(" ")
        found[number] = (*found.get(number, ()), first)
    return found


class _Tokens(Tokens):
    """The tokens of a text; a clitic glued to digits is dropped and remembered in `joined`."""

    __slots__ = ()

    def __init__(self, text: str):
        kinds, starts, ends, words, lexemes, atoms = [], [], [], [], [], []
        pending, clitics = None, arabic_words("clitic")
        for match in arabic_tokens().finditer(text):
            kind, word, start = match.lastgroup, match.group(), match.start()
            lex, value = _NOTHING, None
            if kind == "plain":
                kind = "word"
            if kind == "word":
                lex = lexeme(word)
                if pending is not None and pending.key in ("و", "ف"):
                    lex = lexeme(pending.key + word)  # a conjunction written apart: ستة و عشرين
                value = lex.atom
                if len(word) <= 5 and lex.key in clitics:
                    after = text[match.end() : match.end() + 2].lstrip(" \u200f\u200e-–")
                    apart = lex.key in ("و", "ف") and text[match.end() : match.end() + 1] == " " and after[:1].isalpha()
                    if after[:1].isdigit() or apart:
                        pending = lex
                        continue
            elif kind == "num":
                found = readings(word)
                if found:
                    value = Atom("digits", found[0], pending is not None and pending.key[0] in "وف", digits=True)
            kinds.append(kind)
            starts.append(start)
            ends.append(match.end())
            words.append(word)
            lexemes.append(lex)
            atoms.append(value)
            pending = None
        self.kinds, self.starts, self.ends, self.words, self.lexemes, self.atoms = kinds, starts, ends, words, lexemes, atoms
        self._settle()

    def _settle(self) -> None:
        """Takes their number away from words that their neighbours show to be something else."""
        lexemes, atoms, n = self.lexemes, self.atoms, len(self.kinds)
        for i, lex in enumerate(lexemes):
            a = atoms[i]
            if a is None or a.role == "digits":
                continue
            if lex.role == "weekday":
                following = atoms[i + 1] if i + 1 < n else None
                tens = following is not None and following.joined and following.role == "ten"
                if not tens and not (a.role == "eleven" and following is not None and following.value == 10):
                    atoms[i] = None
            elif i and lexemes[i - 1].key.endswith(_before_in_names().get(lex.key, ())):
                atoms[i] = None
            elif lex.key == "تسع" and a.role == "unit" and i + 1 < n and self.kinds[i + 1] == "num":
                atoms[i] = None  # the verb, to hold: تسع 500 شخص
            elif lex.role in ("pct", "month", "unit", "bound", "era"):
                if lex.key in ("ثانيه", "صفر") or lex.role != "unit":
                    continue
                atoms[i] = None


# What stands around facts, and begins none.
_QUIET = frozenset(("of", "to", "prep", "bound", "pct", "ampm", "era", "zone", "hour", "age", "less", "country", "points", "minus"))


@memoise
def _is_quiet(word: str) -> bool:
    """Whether no fact begins at a word, whatever stands beside it."""
    lex = lexeme(word)
    if lex.key in arabic_words("clitic"):
        return False
    return lex.plain or (lex.atom is None and lex.role in _QUIET and not lex.hint and lex.key not in calendar.weekdays())


def items(text: str) -> list[Item | None]:
    """The items of an Arabic text in order; none where they could make no fact."""
    if is_silent(text, _is_quiet):
        return []
    t = _Tokens(text)
    out: list[Item | None] = []
    i, n = 0, len(t.kinds)
    while i < n:
        kind = t.kinds[i]
        if kind == "word":
            if t.lexemes[i].plain:
                lower = t.words[i]
                if lower[0] < "\u0250":
                    i = _latin(t, i, out)
                    continue
                out.append(None)
                i += 1
                continue
            i = _word(t, i, out)
        elif kind == "num":
            i = _numeral(t, i, out)
        elif kind == "sign":
            out.append(sign(t.words[i], t.starts[i], t.ends[i]))
            i += 1
        elif kind == "clock":
            out.append(Item("clock", t.starts[i], t.ends[i], t.words[i]))
            i += 1
        elif kind == "part":
            add_part(t.words[i], t.starts[i], t.ends[i], out)
            i += 1
        else:
            date = numeric_date(t.words[i]) if kind == "date" else None
            if date is not None:
                out.append(Item("date", t.starts[i], t.ends[i], date))
            else:
                out.append(code(t.words[i], t.starts[i], t.ends[i]))
            i += 1
    mark_enumerator(text, out)
    return out


def _latin(t: _Tokens, i: int, out: list[Item | None]) -> int:
    """A Latin word inside Arabic: a unit or AM and PM right after a number, else nothing."""
    lower = t.words[i].lower()
    previous = out[-1] if out else None
    if previous is not None and previous.role in ("num", "clock") and lower in ("am", "pm"):
        out.append(Item("ampm", t.starts[i], t.ends[i], lower))
    elif previous is not None and previous.role == "num" and lower in latin_units.units():
        out.append(Item("unit", t.starts[i], t.ends[i], latin_units.units()[lower]))
    elif t.words[i] in latin_units.currencies():
        out.append(Item("money", t.starts[i], t.ends[i], latin_units.currencies()[t.words[i]]))
    elif is_money(lower) and latin_units.units().get(lower) == lower and len(lower) == _CODE:
        out.append(Item("money", t.starts[i], t.ends[i], lower))
    elif previous is not None and previous.role == "num" and previous.end == t.starts[i] and previous.form == "digits":
        out[-1] = code(previous.raw + t.words[i], previous.start, t.ends[i])
    else:
        out.append(None)
    return i + 1


def _joined(t: _Tokens, i: int) -> bool:
    a = t.atoms[i]
    return a is not None and a.joined


def _numeral(t: _Tokens, i: int, out: list[Item | None]) -> int:
    """A number in digits, with the scale that follows it; or one glued or hyphened to a name: كوفيد-19."""
    start, end, word = t.starts[i], t.ends[i], t.words[i]
    if _is_code(t, i, out):
        out[-2:] = [None, code(word, start, end)]
        return i + 1
    if i + 2 < len(t.kinds) and t.words[i + 1] == "/" and t.kinds[i + 2] == "num" and t.starts[i + 2] == end + 1:
        return add_slashed(t, i, out)
    if t.atoms[i] is not None:
        reading = numbers.read(t.atoms, i)
        if reading is not None and reading.stop > i + 1:
            item = _item(t, i, reading)
            item.joined = _joined(t, i)
            return _finish(t, item, reading.stop, out)
    if i and t.lexemes[i - 1].key in _numbered_parts() and (stop := add_part_number(t, i, out)):
        return stop
    found = numeral_items(word, start)
    found[0].joined = _joined(t, i)
    out.extend(found)
    return i + 1


def _is_code(t: _Tokens, i: int, out: list[Item | None]) -> bool:
    """Whether the digits at `i` hang by a hyphen on a word that is no number, month or the like."""
    if i < 2 or t.kinds[i - 1] != "sign" or t.words[i - 1] not in DASHES or t.kinds[i - 2] != "word":
        return False
    if t.ends[i - 2] != t.starts[i - 1] or t.ends[i - 1] != t.starts[i] or len(out) < 2:
        return False
    lex = t.lexemes[i - 2]
    return lex.plain or bool(lex.hint)


def _item(t: _Tokens, i: int, reading: numbers.Reading) -> Item:
    """The number item of what was read from token `i` on, with the spelling of its first word."""
    item = number_item(t, i, reading)
    item.raw = t.lexemes[i].key if t.kinds[i] == "word" else t.words[i]
    return item


def _without_and(word: str, start: int, joined: bool) -> int:
    """The offset after the و or ف that the word at `start` begins with, if it is one."""
    if not joined or word[:1] not in "وف":
        return start
    match = re.match("[\u0640\u064b-\u065f]*", word[1:])
    return start + 1 + match.end()


def _finish(t: _Tokens, item: Item, stop: int, out: list[Item | None]) -> int:
    """Adds the fractions that follow a number (ونصف المليون, أرباع) and appends it."""
    n = len(t.kinds)
    if stop + 1 < n and item.value < 100 and t.lexemes[stop].key == "بعد" and item.form == "words":
        a = t.atoms[stop + 1]
        if a is not None and a.role == "hundred" and a.article:  # الحادية والثلاثون بعد المائة
            item.value, item.end, item.ordinal = item.value + a.value, t.ends[stop + 1], True
            stop += 2
    if stop < n and not item.ordinal:
        a = t.atoms[stop]
        if a is not None and a.role == "fractions" and not a.joined and item.value <= 20:
            item.value, item.end, item.fraction = item.value * a.value, t.ends[stop], True
            stop += 1
            stop = _of_scale(t, item, stop)
        elif a is not None and a.role == "fraction" and a.joined and not a.article and t.lexemes[stop].key[-1] in "فعث":
            item.value, item.end = item.value + a.value * item.scale, t.ends[stop]
            stop += 1
            b = t.atoms[stop] if stop < n else None
            if b is not None and b.role == "scale" and not b.joined:
                if item.scale == 1:
                    item.value, item.scale = item.value * b.value, b.value
                item.end = t.ends[stop]
                stop += 1
        elif a is not None and a.joined and a.role == "unit" and stop + 1 < n:
            b = t.atoms[stop + 1]
            if b is not None and b.role == "fractions" and not b.joined:
                item.value, item.end = item.value + a.value * b.value * item.scale, t.ends[stop + 1]
                stop += 2
    out.append(item)
    return stop


def _of_scale(t: _Tokens, item: Item, stop: int) -> int:
    """نصف مليون, ثلاثة أرباع المليون: the fraction of a scale."""
    b = t.atoms[stop] if stop < len(t.kinds) else None
    if b is not None and b.role == "scale" and not b.joined and not b.preposition:
        item.value, item.scale, item.end, item.fraction = item.value * b.value, b.value, t.ends[stop], False
        return stop + 1
    return stop


def _word(t: _Tokens, i: int, out: list[Item | None]) -> int:
    """A word that may begin a number or carry another role."""
    for grammar in _WORD_GRAMMARS:
        stop = grammar(t, i, out)
        if stop:
            return stop
    return _with_role(t, i, out)


def _following(t: _Tokens, i: int) -> str:
    """The folded word after token `i`, if it is a word."""
    return t.lexemes[i + 1].key if i + 1 < len(t.kinds) and t.kinds[i + 1] == "word" else ""


def _month_in_two_words(t: _Tokens, i: int, out: list[Item | None]) -> int:
    """تشرين الأول, ربيع 1: the position after it, or 0."""
    lex = t.lexemes[i]
    if lex.role != "head":
        return 0
    second = _following(t, i) or (fold_digits(t.words[i + 1]) if t.kinds[i + 1 : i + 2] == ["num"] else "")
    month = calendar.all_months().get((lex.value, second))
    if month is None:
        out.append(None)
        return i + 1
    item = Item("month", _without_and(t.words[i], t.starts[i], lex.joined), t.ends[i + 1], month, "words")
    item.mark, item.joined = month > calendar.HIJRI, lex.joined
    out.append(item)
    return i + 2


_ERA_WORDS, _GENERAL = ("الميلاد", "ميلاد"), ("العامين", "العامان")
_OF_PERCENT = ("مئويه", "مئويتين", "مئويتان")


def _phrase(t: _Tokens, i: int, out: list[Item | None]) -> int:
    """في المئة, قبل الميلاد, بعد الظهر, كيلو متر, ق.م: the position after a phrase of two words, or 0."""
    key_, start, following = t.lexemes[i].key, t.starts[i], _following(t, i)
    item = None
    if key_ == "في" and following in arabic_words("percent"):
        bracket = not out or out[-1] is None or out[-1].role == "close"
        behind = out[-2] if bracket and len(out) > 1 else out[-1] if out else None  # [خمسة وستين] في المائة
        item = Item("pct", start, t.ends[i + 1], "%") if behind is not None and behind.role == "num" else None
    elif key_ == "قبل" and following in _ERA_WORDS:
        item = Item("era", start, t.ends[i + 1], "bc")
    elif key_ == "بعد" and following == "الظهر":
        item = Item("ampm", start, t.ends[i + 1], "pm")
    elif key_ == "كيلو" and (following in arabic_words("metre") or following in arabic_words("gram")):
        item = Item("unit", start, t.ends[i + 1], "km" if following in arabic_words("metre") else "kg")
    elif key_ in ("ق", "ك") and i + 2 < len(t.kinds) and t.words[i + 1] == "." and t.lexemes[i + 2].key == "م":
        role, value = ("era", "bc") if key_ == "ق" else ("unit", "km")
        out.append(Item(role, start, t.ends[i + 2], value))
        return i + 3
    if item is None:
        return 0
    out.append(item)
    return i + 2


def _sura(t: _Tokens, i: int, out: list[Item | None]) -> int:
    """The number of a sura that is cited by its name: the position after it, or 0."""
    lex = t.lexemes[i]
    if lex.key not in suras.suras() or not _is_cited(t, i):
        return 0
    out.append(Item("hint", t.starts[i], t.ends[i], (suras.suras()[lex.key],)))
    return i + 1


def _country(t: _Tokens, i: int, out: list[Item | None]) -> int:
    """The country of the currency before it: the position after it, or 0."""
    lex = t.lexemes[i]
    if lex.role != "country":
        return 0
    previous = out[-1] if out else None
    behind = previous is not None and previous.role in ("unit", "dual") and is_money(previous.value)
    out.append(Item("country", t.starts[i], t.ends[i], lex.value, "words", lex.key) if behind else None)
    return i + 1


def _points(t: _Tokens, i: int, out: list[Item | None]) -> int:
    """نقطة مئوية, and نقطتين مئويتين with its number: the position after it, or 0."""
    lex, start = t.lexemes[i], t.starts[i]
    if lex.role != "points":
        return 0
    if _following(t, i) not in _OF_PERCENT:
        out.append(Item("hint", start, t.ends[i], lex.hint) if lex.hint else None)
        return i + 1
    if lex.hint:
        out.append(Item("num", start, start, 2, "dual", lex.key))  # نقطتين مئويتين
    out.append(Item("pct", start, t.ends[i + 1], "pp"))
    return i + 2


def _day(t: _Tokens, i: int, out: list[Item | None]) -> int:
    """يوم before a date, and a weekday without article behind it: the position after it, or 0."""
    key_, start, end, following = t.lexemes[i].key, t.starts[i], t.ends[i], _following(t, i)
    if key_ == "يوم":
        dated = i + 1 < len(t.kinds) and t.lexemes[i + 1].role in ("weekday", "month")
        if not dated and following not in calendar.weekdays() and t.kinds[i + 1 : i + 2] != ["num"]:
            return 0
        out.append(Item("prep", start, end, "في", "words", "في"))
        return i + 1
    if key_ not in calendar.weekdays() or not i:
        return 0
    before = t.lexemes[i - 1].key
    if before not in arabic_words("before_day") and (key_ == "احد" or before != "كل"):
        return 0
    if key_ == "احد" and following.startswith("ال"):
        return 0  # صباح أحد الأيام: one of the days
    out.append(Item("weekday", start, end, calendar.weekdays()[key_], "words", key_))
    return i + 1


def _number_word(t: _Tokens, i: int, out: list[Item | None]) -> int:
    """A number in words: the position after it, or 0."""
    atom = t.atoms[i]
    if atom is None or t.lexemes[i].key in ("ثانيه", "الثانيه") and _is_unit_place(out[-1] if out else None):
        return 0
    return _number(t, i, atom, out)


_WORD_GRAMMARS = (_month_in_two_words, _sura, _country, _points, _phrase, _day, _number_word)


def _with_role(t: _Tokens, i: int, out: list[Item | None]) -> int:
    """Adds what a word is by itself and returns the next position."""
    lex, start, end = t.lexemes[i], t.starts[i], t.ends[i]
    if not lex.role:
        out.append(Item("hint", start, end, lex.hint) if lex.hint else None)
        return i + 1
    item = Item(lex.role, start, end, lex.value, "words", lex.key)
    item.mark, item.joined = lex.mark, lex.joined
    previous = out[-1] if out else None
    if lex.role == "weekday" and lex.value == 0 and i and t.lexemes[i - 1].key.endswith(("ين", "ان")):
        item.form = "name"  # الممثلين الاثنين: the two
    elif lex.role == "dual" and lex.key in _GENERAL and (previous is None or previous.role not in _BEFORE_TIME):
        item = Item("hint", start, end, (2,))  # المدعين العامين: general, not two years
    elif lex.role in ("month", "dual"):
        item.start = _without_and(t.words[i], start, lex.joined)
    out.append(item)
    return i + 1


def _is_cited(t: _Tokens, i: int) -> bool:
    """Whether the word at `i` is the name of a sura: behind سورة, or before a colon or comma and a number of a verse."""
    before = t.lexemes[i - 1].key if i else ""
    if before.endswith("سوره") or (before == "ال" and i > 1 and t.lexemes[i - 2].key.endswith("سوره")):
        return True
    if t.kinds[i + 1 : i + 2] != ["sign"] or t.words[i + 1] not in ":،,/":
        return False
    return t.kinds[i + 2 : i + 3] == ["num"] or t.lexemes[i + 2 : i + 3] != [] and t.lexemes[i + 2].key in arabic_words("verse")


def _is_construct_dual(t: _Tokens, i: int, previous: Item | None) -> bool:
    """Whether the scale at `i` may be a dual that has lost its ن before a unit: ألفا لتر, مليونا دولار."""
    if not t.lexemes[i].key.endswith("ا") or "\u064b" in t.words[i] or i + 1 >= len(t.kinds):
        return False
    return t.lexemes[i + 1].role == "unit" and (previous is None or previous.role != "num")


def _is_letter(t: _Tokens, i: int) -> bool:
    """Whether the ألف at `i` is rather the letter: a heading (ألف - مقدمة), the end of a name, or ألفا (alpha)."""
    if bare(t.words[i]) == "ألفا" and "\u064b" not in t.words[i]:
        return True
    if i and t.lexemes[i - 1].key in arabic_words("lettered") or i + 1 < len(t.kinds) and t.lexemes[i + 1].key in ("وباء", "باء"):
        return True
    return i + 1 >= len(t.kinds) or t.kinds[i + 1] == "sign"


def _is_unit_place(previous: Item | None) -> bool:
    """Whether a ثانية here counts seconds: it follows a number."""
    return previous is not None and previous.role == "num" and not previous.ordinal


def _behind_day(out: list[Item | None]) -> bool:
    """Whether a number stands right before, or before a من."""
    last = out[-1] if out else None
    if last is not None and last.role == "of":
        last = out[-2] if len(out) > 1 else None
    return last is not None and last.role == "num"


def _number(t: _Tokens, i: int, atom: Atom, out: list[Item | None]) -> int:
    """A number that starts with the word at `i`: the position after it, or 0."""
    lex = t.lexemes[i]
    previous = out[-1] if out else None
    start = _without_and(t.words[i], t.starts[i], atom.joined)
    if atom.role == "fraction":
        item = Item("num", start, t.ends[i], atom.value, "words", lex.key)
        item.fraction, item.joined, item.mark = True, atom.joined, atom.article
        stop = _of_scale(t, item, i + 1)
        out.append(item)
        return stop
    if atom.role == "unit" and lex.key in ("ثانيه",) and previous is None:
        return 0
    reading = numbers.read(t.atoms, i, ascending=i > 0 and t.lexemes[i - 1].key in arabic_words("year"))
    if reading is None:
        return 0
    if atom.role == "zero" and reading.stop == i + 1 and i and t.lexemes[i - 1].key in arabic_words("beside_zero"):
        out.append(Item("hint", t.starts[i], t.ends[i], (0,)))  # ten below zero is -10
        return i + 1
    if reading.stop == i + 1 and atom.role == "scale" and _is_construct_dual(t, i, previous):
        item = _item(t, i, reading)
        item.start, item.joined = start, atom.joined
        item.value, item.readings, item.form = 2 * reading.value, (reading.value,), "words"
        out.append(item)
        return i + 1
    if reading.stop == i + 1 and atom.role == "scale" and reading.value == 1000 and _is_letter(t, i):
        out.append(Item("hint", t.starts[i], t.ends[i], (1000, 2000)))
        return i + 1
    if lex.key in ("ثانيه", "ثانيا", "اخري") and reading.stop == i + 1 and t.lexemes[i - 1].key.endswith("مره"):
        out.append(Item("hint", t.starts[i], t.ends[i], (2,)))
        return i + 1
    if lex.role == "month" and reading.stop == i + 1 and _behind_day(out):  # صفر
        return 0
    item = _item(t, i, reading)
    item.start = start
    item.joined, item.mark = atom.joined, atom.article
    if item.ordinal and reading.stop == i + 1 and lex.key[-1] == "ا":
        item.form = "marker"  # ثالثا
    return _finish(t, item, reading.stop, out)
