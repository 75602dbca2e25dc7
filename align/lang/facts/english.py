"""English text to items."""

import re

from .. import tables
from ..en import calendar, hijri, numbers, units
from ..en.lexemes import lexeme, phrase_heads
from ...memoise import memoise
from .contexts import english_words
from .items import (
    Item,
    Tokens,
    add_part,
    add_part_number,
    add_slashed,
    code,
    english_tokens,
    is_silent,
    mark_enumerator,
    number_item,
    numeral_items,
    numeric_date,
    readings,
    sign,
)
from .units import is_money

_BOUND_PHRASES = {
    ("more", "than"): "least", ("at", "least"): "least", ("less", "than"): "most", ("fewer", "than"): "most",
    ("up", "to"): "most", ("at", "most"): "most", ("close", "to"): "about", ("greater", "than"): "least",
    ("upwards", "of"): "least",
}  # fmt: skip
_SEMI_FINAL, _QUARTER_FINAL = (0.5, 4), (0.25, 8)
_FINALS = ("final", "finals", "finalist", "finalists")


def _is_idiom(word: str, following: str) -> bool:
    """Whether a number counts nothing, so that Arabic says it without one: third party, first aid."""
    return f"idiom_{word}" in tables.lists("en/contexts") and following in english_words(f"idiom_{word}")


def _half_of(word: str) -> str:
    """`am` or `pm` for a part of the day, else nothing."""
    return next((half for half in ("am", "pm") if word in english_words(half)), "")


class _Tokens(Tokens):
    """The tokens of a text, also in lower case."""

    __slots__ = ("lower",)

    def __init__(self, text: str):
        matches = list(english_tokens().finditer(text))
        kinds = [m.lastgroup for m in matches]
        words = [m.group() for m in matches]
        lexemes = [lexeme(w) if kind in _WORDS else None for kind, w in zip(kinds, words, strict=True)]
        self.kinds = ["word" if kind == "plain" else kind for kind in kinds]
        self.starts, self.ends, self.words = [m.start() for m in matches], [m.end() for m in matches], words
        self.lower = [w if lex is None else lex.lower for lex, w in zip(lexemes, words, strict=True)]
        self.lexemes = lexemes
        self.atoms = [
            _atom_of(kind, w) if lex is None else lex.atom for lex, kind, w in zip(lexemes, kinds, words, strict=True)
        ]


_WORDS = ("plain", "word")


def _atom_of(kind: str | None, word: str) -> numbers.Atom | None:
    """What a token that is no word contributes to a number."""
    if kind == "num":
        found = readings(word)
        return numbers.Atom("digits", found[0]) if found else None
    return numbers.atom(word) if kind == "sign" else None


# What stands around facts, and begins none.
_QUIET = frozenset(
    ("", "of", "and", "to", "a", "prep", "bound", "pct", "ampm", "era", "zone", "hour", "age", "skip", "square", "minus")
)
_QUIET_ATOMS = frozenset(("and", "of", "a", "point"))
_LOUD = frozenset(("semi", "half", "quarter", "third"))


@memoise
def _is_quiet(word: str) -> bool:
    """Whether no fact begins at a word, whatever stands beside it."""
    lex = lexeme(word)
    atom = lex.atom is None or lex.atom.role in _QUIET_ATOMS
    return lex.plain or (atom and lex.role in _QUIET and not lex.hint and lex.lower not in _LOUD)


def items(text: str) -> list[Item | None]:
    """The items of an English text in order; none where they could make no fact."""
    text = hijri.with_stand_ins(text)
    if is_silent(text, _is_quiet):
        return []
    t = _Tokens(text)
    out: list[Item | None] = []
    kinds, lexemes = t.kinds, t.lexemes
    i, n = 0, len(kinds)
    while i < n:
        kind = kinds[i]
        if kind == "word":
            if lexemes[i].plain:
                out.append(None)
                i += 1
            else:
                i = _word(t, i, out)
        elif kind == "num":
            i = _numeral(t, i, out)
        elif kind == "sign":
            i = _sign(t, i, out)
        else:
            i = _special(t, i, out)
    mark_enumerator(text, out)
    return out


def _special(t: _Tokens, i: int, out: list[Item | None]) -> int:
    """Codes, dates in digits, clock times and fraction signs."""
    kind, word, start, end = t.kinds[i], t.words[i], t.starts[i], t.ends[i]
    if kind == "clock":
        out.append(Item("clock", start, end, word))
    elif kind == "part":
        add_part(word, start, end, out)
    elif kind == "date" and (date := numeric_date(word)) is not None:
        out.append(Item("date", start, end, date))
    else:
        out.append(code(word, start, end))
    return i + 1


def _numeral(t: _Tokens, i: int, out: list[Item | None]) -> int:
    """A number in digits, with the letters glued to it or the scale that follows."""
    start, end, word = t.starts[i], t.ends[i], t.words[i]
    glued = t.lower[i + 1] if i + 1 < len(t.kinds) and t.kinds[i + 1] == "word" and t.starts[i + 1] == end else ""
    if not glued and t.lower[i + 1 : i + 3] in (["'", "s"], ["\u2019", "s"]) and t.ends[i + 2] == end + 2:
        found = readings(word)
        if found and found[0] % 10 == 0 and (1000 <= found[0] <= 2190 or 20 <= found[0] < 100):
            out.append(Item("decade", start, t.ends[i + 2], int(found[0])))
            return i + 3
    if glued:
        return _glued(t, i, glued, out)
    if t.atoms[i] is not None:
        reading = numbers.read(t.atoms, i)
        if reading is not None and reading.stop > i + 1 and t.lower[i + 1] != "a":
            out.append(_item(t, i, reading))
            return reading.stop
    if t.words[i + 1 : i + 2] == ["+"] and t.starts[i + 1] == end and i + 2 < len(t.kinds):
        scale = t.atoms[i + 2]
        found = readings(word)
        if scale is not None and scale.role == "scale" and found:
            item = Item("num", start, t.ends[i + 2], found[0] * scale.value, "mixed", word)
            item.scale = scale.value
            out.append(item)
            return i + 3
    # 2 1/2 and 1/2
    if i + 2 < len(t.kinds) and t.words[i + 1] in "/\u2044" and t.kinds[i + 2] == "num" and t.starts[i + 2] == end + 1:
        return add_slashed(t, i, out)
    if i and t.lower[i - 1] in english_words("numbered_part") and (stop := add_part_number(t, i, out)):
        return stop
    out.extend(numeral_items(word, start))
    return i + 1


def _glued(t: _Tokens, i: int, glued: str, out: list[Item | None]) -> int:
    """5ft, 3rd, 1930s, 7.55am, 2.8bn, 10k; anything else is a designation (4x4)."""
    start, word = t.starts[i], t.words[i]
    suffix = units.suffixes().get(glued) or units.suffixes().get(glued.removesuffix("s"))
    stop_start = t.starts[i + 1]
    found = numeral_items(word, start)
    item = found[-1]
    if item.role != "num":
        return _designation(t, i, out)
    if suffix == "ordinal":
        item.ordinal, item.end = True, t.ends[i + 1]
    elif glued == "z" and len(word) == 4:
        out.extend(found)
        out.append(Item("zone", stop_start, t.ends[i + 1], ""))
        return i + 2
    elif suffix == "plural":
        if float(item.value).is_integer() and item.value % 10 == 0 and (item.value >= 1000 or 20 <= item.value < 100):
            out.extend(found[:-1])
            out.append(Item("decade", start, t.ends[i + 1], int(item.value)))
            return i + 2
        item.end = t.ends[i + 1]
    elif suffix in ("am", "pm"):
        out.extend(found)
        out.append(Item("ampm", stop_start, t.ends[i + 1], suffix))
        return i + 2
    elif suffix == "k":
        item.value, item.scale, item.end, item.readings = item.value * 1000, 1000, t.ends[i + 1], ()
    elif suffix == "m|million":
        item.readings = (item.value,)
        item.value, item.scale, item.end = item.value * 10**6, 10**6, t.ends[i + 1]
    elif suffix == "b|billion" and not (out and out[-1] is not None and out[-1].role == "money"):
        return _designation(t, i, out)
    elif suffix in ("billion", "million", "b|billion") or glued in numbers.scales():
        scale = numbers.scales()[(suffix or glued).removeprefix("b|")]
        item.value, item.scale, item.end, item.readings = item.value * scale, scale, t.ends[i + 1], ()
    elif glued in units.units() or (
        suffix in ("g", "litre", "hour", "cent", "degree") and re.fullmatch(r"\d+(?:\.\d)?", word)
    ):
        unit = units.units().get(glued) or suffix
        out.extend(found)
        out.append(Item("unit", stop_start, t.ends[i + 1], unit))
        return i + 2
    else:
        return _designation(t, i, out)
    out.extend(found)
    return i + 2


def _designation(t: _Tokens, i: int, out: list[Item | None]) -> int:
    """802.11b, 4x4: everything glued to the digits at `i`."""
    j = i + 2
    while j < len(t.kinds) and t.starts[j] == t.ends[j - 1] and t.kinds[j] in ("num", "word", "code"):
        j += 1
    out.append(code("".join(t.words[i:j]), t.starts[i], t.ends[j - 1]))
    return j


def _item(t: _Tokens, i: int, reading: numbers.Reading) -> Item:
    """The number item of what was read from token `i` on."""
    item = number_item(t, i, reading)
    item.fraction, item.mark = reading.fraction, reading.year
    item.raw = t.lower[i]
    in_words = item.form == "words"
    if in_words and t.words[i][0].isupper() and i and t.kinds[i - 1] == "word" and _capital(t, reading.stop):
        item.form = "name"  # Thousand Oaks, the Six Nations
    if reading.ordinal and 3 <= reading.value <= 10 and in_words:
        item.readings = (1 / reading.value,)
    elif "dozen" in t.lower[i : reading.stop] and reading.value > 12 and in_words:
        item.readings = (reading.value / 12 * 10,)
    return item


def _sign(t: _Tokens, i: int, out: list[Item | None]) -> int:
    """Currency, percent, dashes, brackets, commas; °C with its letter, and no apostrophe of '90s."""
    word, end, n = t.words[i], t.ends[i], len(t.kinds)
    if word in "'’‘" and i + 1 < n and t.kinds[i + 1] == "num" and t.starts[i + 1] == end:
        return i + 1
    stop = i + 2 if word == "°" and i + 1 < n and t.lower[i + 1] in ("c", "f") else i + 1
    out.append(sign(word, t.starts[i], t.ends[stop - 1]))
    return stop


def _word(t: _Tokens, i: int, out: list[Item | None]) -> int:
    """A word that may begin a number or carry another role."""
    lower, start, end = t.lower[i], t.starts[i], t.ends[i]
    following = t.lower[i + 1] if i + 1 < len(t.kinds) else ""
    after = t.lower[i + 2] if i + 2 < len(t.kinds) else ""
    atom, lex = t.atoms[i], t.lexemes[i]
    if lower in ("g", "l") and i and t.kinds[i - 1] == "num" and start - t.ends[i - 1] == 1:
        out.append(Item("unit", start, end, "g" if lower == "g" else "litre"))
        return i + 1
    if atom is not None or lower in phrase_heads():
        phrase = _phrase(t, i, out, lower, following, after)
        if phrase:
            return phrase
    if atom is not None and atom.role not in ("and", "of", "hyphen", "point"):
        stop = _number(t, i, out)
        if stop:
            return stop
    role, value = lex.role, lex.value
    if lower in units.countries() and (is_money(units.units().get(following, "")) or following == "kong"):
        out.append(Item("country", start, end, units.countries()[lower], "words", lower))
        return i + (2 if following == "kong" else 1)
    if t.words[i] in units.currencies():
        out.append(Item("money", start, end, units.currencies()[t.words[i]]))
        return i + 1
    if role == "day?":
        sure = following in (",", ".") or (i + 1 < len(t.kinds) and t.kinds[i + 1] == "num")
        role = "weekday" if sure or lower not in calendar.names()["doubtful"] else ""
    if role == "weekday":
        item = Item("weekday", start, end, value, _name_form(t, i), lower)
        out.append(item)
        return i + 1
    if role == "roman":
        return _roman(t, i, out)
    if role == "roman?":  # (iii) where the other version has (3)
        bracketed = following == ")" and i and t.words[i - 1] == "("
        out.append(Item("hint", start, end, (value,)) if bracketed else None)
        return i + 1
    if not role:
        out.append(Item("hint", start, end, lex.hint) if lex.hint else None)
        return i + 1
    item = Item(role, start, end, value, "words", lower)
    if role == "month":
        if following == "." and len(lower) <= 4 and lower != "may" and t.starts[i + 1] == end and i + 2 < len(t.kinds):
            out.append(item)
            item.mark = False
            return i + 2
        item.mark = lower in calendar.names()["ambiguous"] or (lower in ("april", "june", "august") and _capital(t, i + 1))
    elif role == "century" and lower == "century":
        item.readings = (100,)
    out.append(item)
    return i + 1


def _capital(t: _Tokens, i: int) -> bool:
    """Whether the token at `i` is a word with a capital that is no month, weekday or number."""
    lex = t.lexemes[i] if i < len(t.kinds) else None
    return lex is not None and lex.capital and not lex.role and lex.atom is None


def _name_form(t: _Tokens, i: int) -> str:
    """`name` for a weekday that begins a name (Saturday Night Live, Sunday Times) or ends one (Black Friday), else
    `words`.
    """
    if t.lower[i] in ("sabbath", "sabbaths"):
        return "name"
    if i + 1 < len(t.kinds) and t.kinds[i + 1] == "word" and t.words[i][-2:] not in ("'s", "\u2019s"):
        following = t.lexemes[i + 1]
        if following.capital and following.lower in english_words("named_after_day"):
            return "name"
    if i and t.lexemes[i - 1] is not None and t.lexemes[i - 1].capital and t.lower[i - 1] in english_words("named_before_day"):
        return "name"
    return "words"


def _roman(t: _Tokens, i: int, out: list[Item | None]) -> int:
    """A Roman numeral behind a name (World War II, Super Bowl XLIX), behind `article`, or before a heading (III.)."""
    word, start, end, value = t.words[i], t.starts[i], t.ends[i], t.lexemes[i].value
    previous = t.words[i - 1] if i else ""
    named = previous[:1].isupper() and previous[-1:].islower() and previous.isalpha()
    numbered = previous.lower() in english_words("numbered")
    heading = not out and (i + 1 == len(t.kinds) or t.words[i + 1] in (".", ")"))
    if numbered or heading or (named and len(word) > 1):
        item = Item("num", start, end, value, "roman", word)
        item.ordinal = True
        out.append(item)
    elif previous == "(" and i + 1 < len(t.kinds) and t.words[i + 1] == ")":
        out.append(Item("hint", start, end, (value,)))
    else:
        out.append(None)
    return i + 1


def _phrase(t: _Tokens, i: int, out: list[Item | None], lower: str, following: str, after: str) -> int:
    """Phrases of several words: the position after one, or 0."""
    for grammar in (_bound_or_share, _half_of_day, _finals_and_idioms, _counted_loosely):
        stop = grammar(t, i, out, lower, following, after)
        if stop:
            return stop
    return _spoken_time(t, i, out)


def _bound_or_share(t: _Tokens, i: int, out: list[Item | None], lower: str, following: str, after: str) -> int:
    """more than, per cent, percentage points: the position after it, or 0."""
    if (lower, following) in _BOUND_PHRASES:
        item = Item("bound", t.starts[i], t.ends[i + 1], _BOUND_PHRASES[lower, following])
    elif lower == "per" and following == "cent":
        item = Item("pct", t.starts[i], t.ends[i + 1], "%")
    elif lower == "percentage" and following in ("points", "point"):
        item = Item("pct", t.starts[i], t.ends[i + 1], "pp")
    else:
        return 0
    out.append(item)
    return i + 2


def _half_of_day(t: _Tokens, i: int, out: list[Item | None], lower: str, following: str, after: str) -> int:
    """a.m., in the evening, at night: the position after it, or 0."""
    is_dotted = lower in ("a", "p") and following == "." and after == "m"
    if is_dotted and t.ends[i] == t.starts[i + 1] == t.starts[i + 2] - 1:
        stop = i + 4 if i + 3 < len(t.kinds) and t.words[i + 3] == "." else i + 3
        half = lower + "m"
    elif lower == "in" and following == "the" and _half_of(after):
        stop, half = i + 3, _half_of(after)
    elif lower == "at" and following == "night":
        stop, half = i + 2, _half_of(following)
    else:
        return 0
    out.append(Item("ampm", t.starts[i], t.ends[stop - 1], half))
    return stop


def _finals_and_idioms(t: _Tokens, i: int, out: list[Item | None], lower: str, following: str, after: str) -> int:
    """semi-final, the quarter of a town, every other day, third party: what only hints at a number; or 0."""
    if lower in ("semi", "quarter") and following == "-" and after in _FINALS:
        stop, numbers_said = i + 3, _SEMI_FINAL if lower == "semi" else _QUARTER_FINAL
    elif lower == "quarter" and (following in (*_FINALS, "back") or t.words[i][0].isupper()):
        stop, numbers_said = i + 1, _QUARTER_FINAL
    elif (
        lower == "quarter"
        and following not in english_words("of_quarter")
        and i
        and t.lower[i - 1] not in english_words("quartered")
        and t.atoms[i - 1] is None
    ):
        stop, numbers_said = i + 1, _QUARTER_FINAL  # of a town
    elif lower == "every" and following in ("other", "second"):
        stop, numbers_said = i + 2, (2,)
    elif _is_idiom(lower, following):
        stop, numbers_said = i + 1, (t.atoms[i].value,)
    else:
        return 0
    out.append(Item("hint", t.starts[i], t.ends[stop - 1], numbers_said))
    return stop


def _counted_loosely(t: _Tokens, i: int, out: list[Item | None], lower: str, following: str, after: str) -> int:
    """half a century, a couple of hundred, several thousand, a year and a half: the position after it, or 0."""
    several, unit = False, ""
    if lower in ("half", "quarter") and (century := _century_of(t, i)):
        stop, value, unit = century + 1, 0.5 if lower == "half" else 0.25, "age"
    elif lower == "couple" and following == "of" and after in english_words("round"):
        stop, value, several = i + 3, numbers.atom(after).value, True
    elif lower in ("few", "several", "many") and following in english_words("round"):
        stop, value, several = i + 2, numbers.atom(following).value, True
    elif lower in ("a", "an", "one") and tuple(t.lower[i + 2 : i + 5]) == ("and", "a", "half"):
        stop, value, unit = i + 5, 1.5, units.units().get(following, "")
    else:
        return 0
    item = Item("num", t.starts[i], t.ends[stop - 1], value, "words", lower)
    item.several, item.unit = several, unit
    out.append(item)
    return stop


def _century_of(t: _Tokens, i: int) -> int:
    """Where `century` stands behind the half or quarter at `i`, 0 where it does not."""
    j = i + 1
    while j < len(t.kinds) and j < i + 4 and t.lower[j] in ("-", "a", "of"):
        j += 1
    return j if j < len(t.kinds) and t.lower[j] == "century" else 0


def _spoken_time(t: _Tokens, i: int, out: list[Item | None]) -> int:
    """half past three, a quarter to five, twenty past six, at ten to nine: the position after it, or 0."""
    j = i + 1 if t.lower[i : i + 2] == ["a", "quarter"] else i
    minutes, stop = {"half": 30, "quarter": 15}.get(t.lower[j], 0), j + 1
    if not minutes:
        reading = numbers.read(t.atoms, i) if t.atoms[i] is not None and t.atoms[i].role in ("unit", "ten") else None
        if reading is None or reading.value not in (5, 10, 20, 25):
            return 0
        minutes, stop = int(reading.value), reading.stop
        if t.lower[stop : stop + 1] == ["minutes"]:
            stop += 1
        elif t.lower[stop : stop + 1] == ["to"] and (i == 0 or t.lower[i - 1] != "at"):
            return 0  # ten to nine may be a range
    link = t.lower[stop] if stop < len(t.kinds) else ""
    if link not in ("past", "to") or stop + 1 >= len(t.kinds) or t.atoms[stop + 1] is None:
        return 0
    hour = numbers.read(t.atoms, stop + 1)
    if hour is None or not 1 <= hour.value <= 12 or hour.ordinal or float(hour.value) != int(hour.value):
        return 0
    value = int(hour.value)
    clock = f"{value}:{minutes:02}" if link == "past" else f"{(value - 2) % 12 + 1}:{60 - minutes}"
    out.append(Item("clock", t.starts[i], t.ends[hour.stop - 1], clock, "words"))
    return hour.stop


def _number(t: _Tokens, i: int, out: list[Item | None]) -> int:
    """A number that starts with the word at `i`: the position after it, or 0."""
    reading = numbers.read(t.atoms, i)
    if reading is None:
        return 0
    lower = t.lower[i]
    previous = t.lower[i - 1] if i else ""
    following = t.lower[i + 1] if i + 1 < len(t.kinds) else ""
    if reading.stop == i + 1:
        if reading.several and lower == "scores" and following != "of":
            return 0
        if lower == "one" and (previous in english_words("no_one") or following in ("another", "'s")):
            out.append(Item("hint", t.starts[i], t.ends[i], (1,)))
            return i + 1
        if lower == "second" and out and out[-1] is not None and out[-1].role in ("num", "a", "dash"):
            behind = out[-2] if len(out) > 1 else None
            if out[-1].role == "num" or (out[-1].role == "dash" and behind is not None and behind.role == "num"):
                out.append(Item("unit", t.starts[i], t.ends[i], "second"))
                return i + 1
        if lower == "second" and previous == "per":
            return 0
        if lower == "zero" and previous in english_words("beside_zero"):
            out.append(Item("hint", t.starts[i], t.ends[i], (0,)))  # ten below zero is -10
            return i + 1
    item = _item(t, i, reading)
    if reading.stop == i + 1 and _is_share(t, i):
        item.value, item.readings, item.ordinal, item.fraction = 1 / reading.value, (reading.value,), False, True
    if t.lower[reading.stop : reading.stop + 1] == ["-"] and _is_compound(t, reading.stop):
        if reading.ordinal or reading.value < 2:
            out.append(Item("hint", t.starts[i], t.ends[reading.stop - 1], (reading.value,)))  # zero-day
            return reading.stop
        item.form = "compound"
    if lower in ("a", "an") and reading.fraction:
        item.start = t.starts[i + 1]
    out.append(item)
    return reading.stop


def _is_share(t: _Tokens, i: int) -> bool:
    """Whether the ordinal at `i` is a part of one: a fifth of the crop, by a third."""
    a = t.atoms[i]
    if a is None or a.role != "ordinal" or not 3 <= a.value <= 20 or not i or t.lower[i - 1] not in ("a", "an", "one"):
        return False
    lex = t.lexemes[i + 1] if i + 1 < len(t.kinds) else None
    return lex is None and t.lower[i + 1 : i + 2] != ["-"] or lex is not None and lex.role in ("of", "prep", "bound", "to", "and")


def _is_compound(t: _Tokens, i: int) -> bool:
    """Whether the hyphen at `i` ties a number to a word that is neither unit nor number: two-factor, third-party."""
    if i + 1 >= len(t.kinds) or t.starts[i] != t.ends[i - 1] or t.starts[i + 1] != t.ends[i]:
        return False
    lex = t.lexemes[i + 1]
    return lex is not None and not lex.role and lex.atom is None
