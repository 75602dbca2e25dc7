"""English text to items."""

import re
from functools import lru_cache

from ..english import calendar, numbers, units
from .items import DASHES, PARTS, TOKEN, Item, numeral_items, numeric_date, readings
from .types import Code

_ROMAN = re.compile("(?=[XVI])(X{0,3})(IX|IV|V?I{0,3})")
_ROMAN_DIGITS = {"I": 1, "V": 5, "X": 10}
_PREPOSITIONS = frozenset(
    "in since until till by from to of between during after before circa early late mid through throughout around for "
    "last next this spring summer autumn winter fall year season and year's ending ended beginning starting".split()
)
_NO_ONE = frozenset("no any every some each this that which another only other the".split())
_ZONES = frozenset("utc gmt bst est edt pst pdt cet hrs".split())
_BOUNDS = {
    "about": "about", "around": "about", "approximately": "about", "roughly": "about", "some": "about", "nearly": "about",
    "almost": "about", "circa": "about", "over": "least", "above": "least", "exceeding": "least", "under": "most",
    "below": "most",
}  # fmt: skip
_BOUND_PHRASES = {
    ("more", "than"): "least", ("at", "least"): "least", ("less", "than"): "most", ("fewer", "than"): "most",
    ("up", "to"): "most", ("at", "most"): "most", ("close", "to"): "about", ("greater", "than"): "least",
    ("upwards", "of"): "least",
}  # fmt: skip
_HINTS: dict[str, tuple[float, ...]] = {
    word: values
    for words, values in {
        "both pair pairs couple couples twice double doubled doubles doubling twin twins duo twofold dual either bilateral "
        "binary second-half two-way two-time half-dozen biannual mutual": (2,),
        "triple tripled triples tripling trio thrice threefold treble trilateral triplets trinity": (3,),
        "quadruple quadrupled quartet foursome fourfold": (4,),
        "quintet fivefold quintuple": (5,), "tenfold decades decade": (10,), "fortnight": (14, 2), "once single sole alone": (1,),
        "noon midday": (12,), "midnight": (0, 12, 24), "semi semifinal semifinals": (0.5, 4), "quarterfinal quarterfinals": (0.25, 8),
        "halftime halfway midway middle mid": (0.5,), "century": (100,), "quarterly": (0.25, 3, 4), "teenager teenagers teens": (10,),
        "nil zero": (0,), "dozen": (12,), "initially initial primarily primary originally former beginning earliest early "
        "start premier prime inaugural firstly": (1,), "latter secondly again secondary": (2,), "millennium millennia": (1000,),
        "halve halved": (0.5, 2), "thirdly": (3,), "biennial": (2,), "monthly": (1,), "solo": (1,), "half": (0.5,),
    }.items()
    for word in words.split()
    for values in (values,)
}  # fmt: skip
_MORNING = {"morning": "am", "afternoon": "pm", "evening": "pm", "night": "pm"}
_NAMED_AFTER_SUNDAY = frozenset("times telegraph mail mirror express world post herald people".split())


@lru_cache(maxsize=1)
def _lexicon() -> dict[str, tuple[str, object]]:
    """Role and value of every word that matters besides number words."""
    table: dict[str, tuple[str, object]] = {word: ("prep", word) for word in _PREPOSITIONS}
    table |= {word: ("unit", unit) for word, unit in units.UNITS.items() if len(word) > 1}
    table |= {word: ("bound", bound) for word, bound in _BOUNDS.items()}
    table |= {word: ("month", month) for word, month in calendar.MONTHS.items()}
    table |= {word: ("month", 100 + month) for word, month in calendar.HIJRI_MONTHS.items()}
    table |= {word: ("weekday", day) for word, day in calendar.WEEKDAYS.items()}
    table |= {word: ("decade", value) for word, value in calendar.DECADES.items()}
    table |= {word: ("zone", "") for word in _ZONES}
    table |= {
        "century": ("century", "century"), "centuries": ("century", "century"), "millennium": ("century", "millennium"),
        "percent": ("pct", "%"), "pc": ("pct", "%"), "percentage": ("pct", "%"), "am": ("ampm", "am"), "pm": ("ampm", "pm"),
        "ad": ("era", "ad"), "ce": ("era", "ad"), "bc": ("era", "bc"), "bce": ("era", "bc"), "ah": ("era", "ah"),
        "o'clock": ("hour", ""), "o’clock": ("hour", ""), "of": ("of", ""), "and": ("and", ""), "to": ("to", ""), "old": ("age", ""),
        "aged": ("age", ""), "age": ("age", ""), "a": ("a", ""), "an": ("a", ""), "the": ("skip", ""), "us": ("skip", ""),
        "or": ("and", ""), "through": ("to", ""), "until": ("to", ""), "past": ("past", 1), "degrees": ("unit", "degree"),
        "th": ("skip", ""), "canadian": ("skip", ""), "hong": ("skip", ""), "square": ("square", ""), "cubic": ("square", ""),
    }  # fmt: skip
    return table


_CAPITAL_ONLY = calendar.AMBIGUOUS | {"ah", "ad", "us", "ce", "mar"}


def roman(word: str) -> int:
    """The value of a Roman numeral from II to XXXIX, 0 for anything else."""
    match = _ROMAN.fullmatch(word)
    if match is None or not word:
        return 0
    tens, ones = match.groups()
    return 10 * len(tens) + {"IX": 9, "IV": 4}.get(ones, 5 * ones.count("V") + ones.count("I"))


class _Tokens:
    """The tokens of a text in columns: what kind, where, as written and in lower case."""

    __slots__ = ("kinds", "starts", "ends", "words", "lower", "atoms")

    def __init__(self, text: str):
        lexicon = numbers.lexicon()
        self.kinds, self.starts, self.ends, self.words, self.lower, self.atoms = [], [], [], [], [], []
        for match in TOKEN.finditer(text):
            kind, word = match.lastgroup, match.group()
            lower = word.lower()
            self.kinds.append(kind)
            self.starts.append(match.start())
            self.ends.append(match.end())
            self.words.append(word)
            self.lower.append(lower)
            if kind == "word" or kind == "sign":
                self.atoms.append(lexicon.get(lower))
            elif kind == "num":
                found = readings(word)
                self.atoms.append(numbers.Atom("digits", found[0]) if found else None)
            else:
                self.atoms.append(None)


def items(text: str) -> list[Item | None]:
    """The items of an English text in order; empty if nothing in it can be a fact."""
    t = _Tokens(text)
    lexicon = _lexicon()
    out: list[Item | None] = []
    i, n = 0, len(t.kinds)
    while i < n:
        kind = t.kinds[i]
        if kind == "word":
            lower = t.lower[i]
            if t.atoms[i] is None and lower not in lexicon and lower not in _HINTS and not (
                t.words[i][0] in "IVX" and roman(t.words[i])
            ) and lower not in calendar.WEEKDAY_ABBREVIATIONS and lower not in ("p", "per", "c", "shaban"):
                out.append(None)
                i += 1
                continue
            i = _word(t, i, out)
        elif kind == "num":
            i = _numeral(t, i, out)
        elif kind == "sign":
            i = _sign(t, i, out)
        else:
            i = _special(t, i, out)
    return out


def _special(t: _Tokens, i: int, out: list[Item | None]) -> int:
    """Codes, dates in digits, clock times and fraction signs."""
    kind, word, start, end = t.kinds[i], t.words[i], t.starts[i], t.ends[i]
    if kind == "clock":
        out.append(Item("clock", start, end, word))
    elif kind == "part":
        item = Item("num", start, end, PARTS[word], raw=word)
        item.fraction = True
        previous = out[-1] if out else None
        if previous is not None and previous.role == "num" and previous.form == "digits" and start - previous.end <= 1:
            previous.value, previous.end = previous.value + item.value, end
        else:
            out.append(item)
    elif kind == "date" and (date := numeric_date(word)) is not None:
        out.append(Item("date", start, end, date))
    else:
        out.append(code(word, start, end))
    return i + 1


def code(word: str, start: int, end: int) -> Item:
    """The item of a designation with digits."""
    found = tuple(int(digits) for digits in re.findall(r"\d+", word) if len(digits) < 16)
    letters = "".join(c for c in word.casefold() if c.isalpha())
    return Item("code", start, end, Code(letters, found))


def _numeral(t: _Tokens, i: int, out: list[Item | None]) -> int:
    """A number in digits, with the letters glued to it or the scale that follows."""
    start, end, word = t.starts[i], t.ends[i], t.words[i]
    glued = t.lower[i + 1] if i + 1 < len(t.kinds) and t.kinds[i + 1] == "word" and t.starts[i + 1] == end else ""
    if glued:
        return _glued(t, i, glued, out)
    if t.atoms[i] is not None:
        reading = numbers.read(t.atoms, i)
        if reading is not None and reading.stop > i + 1 and t.lower[i + 1] != "a":
            out.append(_item(t, i, reading))
            return reading.stop
    # 2 1/2 and 1/2
    if i + 2 < len(t.kinds) and t.words[i + 1] == "/" and t.kinds[i + 2] == "num" and t.starts[i + 2] == end + 1:
        return _slashed(t, i, out)
    out.extend(numeral_items(word, start))
    return i + 1


def _slashed(t: _Tokens, i: int, out: list[Item | None]) -> int:
    """1/2, 24/7, 9/11, 2019/20: a fraction, years, or a designation."""
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


def _glued(t: _Tokens, i: int, glued: str, out: list[Item | None]) -> int:
    """5ft, 3rd, 1930s, 7.55am, 2.8bn, 10k; anything else is a designation (4x4)."""
    start, end, word = t.starts[i], t.ends[i], t.words[i]
    suffix = units.SUFFIXES.get(glued) or units.SUFFIXES.get(glued.removesuffix("s"))
    stop_start = t.starts[i + 1]
    found = numeral_items(word, start)
    item = found[-1]
    if glued in ("'s", "’s"):
        suffix = "plural"
    if suffix == "ordinal":
        item.ordinal, item.end = True, t.ends[i + 1]
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
    elif suffix in ("billion", "million") or glued in numbers.SCALES:
        scale = numbers.SCALES[suffix or glued]
        item.value, item.scale, item.end, item.readings = item.value * scale, scale, t.ends[i + 1], ()
    elif glued in units.UNITS or suffix in ("g", "litre", "hour", "cent", "degree"):
        unit = units.UNITS.get(glued) or suffix
        out.extend(found)
        out.append(Item("unit", stop_start, t.ends[i + 1], unit))
        return i + 2
    else:
        j = i + 2
        while j < len(t.kinds) and t.starts[j] == t.ends[j - 1] and t.kinds[j] in ("num", "word", "code"):
            j += 1
        out.append(code("".join(t.words[i:j]), start, t.ends[j - 1]))
        return j
    out.extend(found)
    return i + 2


def _item(t: _Tokens, i: int, reading: numbers.Reading) -> Item:
    """The number item of what was read from token `i` on."""
    has_digits = any(t.kinds[k] == "num" for k in range(i, reading.stop))
    item = Item("num", t.starts[i], t.ends[reading.stop - 1], reading.value, "mixed" if has_digits else "words")
    if has_digits and reading.scale > 1 and t.kinds[i] == "num":
        item.readings = tuple(r * reading.scale for r in readings(t.words[i])[1:])
    item.ordinal, item.several, item.fraction = reading.ordinal, reading.several, reading.fraction
    item.scale, item.mark = reading.scale, reading.year
    item.raw = t.lower[i]
    return item


def _sign(t: _Tokens, i: int, out: list[Item | None]) -> int:
    """Currency, percent, dashes, brackets, commas."""
    word, start, end = t.words[i], t.starts[i], t.ends[i]
    if word in units.CURRENCY_SIGNS:
        out.append(Item("money", start, end, units.CURRENCY_SIGNS[word]))
    elif word in "%٪":
        out.append(Item("pct", start, end, "%"))
    elif word in DASHES:
        out.append(Item("dash", start, end, word))
    elif word in ",،":
        out.append(Item("comma", start, end))
    elif word == "/":
        out.append(Item("slash", start, end))
    elif word == "(":
        out.append(Item("open", start, end))
    elif word == ")":
        out.append(Item("close", start, end))
    elif word == "°":
        stop = end
        if i + 1 < len(t.kinds) and t.lower[i + 1] in ("c", "f"):
            stop, i = t.ends[i + 1], i + 1
        out.append(Item("unit", start, stop, "degree"))
    elif word in "'’‘" and i + 1 < len(t.kinds) and t.kinds[i + 1] == "num" and t.starts[i + 1] == end:
        pass  # '90s
    else:
        out.append(None)
    return i + 1


def _word(t: _Tokens, i: int, out: list[Item | None]) -> int:
    """A word that may begin a number or carry another role."""
    lower, word, start, end = t.lower[i], t.words[i], t.starts[i], t.ends[i]
    following = t.lower[i + 1] if i + 1 < len(t.kinds) else ""
    after = t.lower[i + 2] if i + 2 < len(t.kinds) else ""
    phrase = _phrase(t, i, out, lower, following, after)
    if phrase:
        return phrase
    atom = t.atoms[i]
    if atom is not None and atom.role not in ("and", "of", "hyphen", "point"):
        stop = _number(t, i, out)
        if stop:
            return stop
    if lower in calendar.WEEKDAY_ABBREVIATIONS and lower not in ("sun", "sat", "wed", "mon") and word[0].isupper():
        out.append(Item("weekday", start, end, calendar.WEEKDAY_ABBREVIATIONS[lower]))
        return i + 1
    role = _lexicon().get(lower)
    if role is not None and lower in _CAPITAL_ONLY and not word[0].isupper():
        role = None
    if role is not None and role[0] == "weekday":
        if following in _NAMED_AFTER_SUNDAY and t.words[i + 1][0].isupper():
            role = None
        elif not word[0].isupper():
            role = None
    if role is None:
        value = roman(word)
        previous = t.words[i - 1] if i else ""
        if value >= 1 and previous[:1].isupper() and previous[-1:].islower() and (value > 1 or previous == "War"):
            if word not in ("V", "X", "I") or previous in ("War", "Type", "Charles", "Henry", "Phase", "Part", "Article", "Chapter"):
                item = Item("num", start, end, value, "roman", word)
                item.ordinal = True
                out.append(item)
                return i + 1
        if lower in _HINTS:
            out.append(Item("hint", start, end, _HINTS[lower]))
        else:
            out.append(None)
        return i + 1
    item = Item(role[0], start, end, role[1], "words", lower)
    if role[0] == "month":
        item.mark = lower in calendar.AMBIGUOUS
    out.append(item)
    return i + 1


def _phrase(t: _Tokens, i: int, out: list[Item | None], lower: str, following: str, after: str) -> int:
    """Phrases of several words: the position after one, or 0."""
    pair = _BOUND_PHRASES.get((lower, following))
    if pair:
        out.append(Item("bound", t.starts[i], t.ends[i + 1], pair))
        return i + 2
    if lower in ("a", "p") and following == "." and after == "m" and t.ends[i] == t.starts[i + 1] == t.starts[i + 2] - 1:
        stop = i + 4 if i + 3 < len(t.kinds) and t.words[i + 3] == "." else i + 3
        out.append(Item("ampm", t.starts[i], t.ends[stop - 1], lower + "m"))
        return stop
    if lower == "per" and following == "cent":
        out.append(Item("pct", t.starts[i], t.ends[i + 1], "%"))
        return i + 2
    if lower == "percentage" and following in ("points", "point"):
        out.append(Item("pct", t.starts[i], t.ends[i + 1], "%"))
        return i + 2
    if (lower == "in" and following == "the" and after in _MORNING) or (lower == "at" and following == "night"):
        stop = i + 3 if following == "the" else i + 2
        out.append(Item("ampm", t.starts[i], t.ends[stop - 1], _MORNING[after if following == "the" else following]))
        return stop
    if lower in ("semi", "quarter") and following == "-" and after in ("final", "finals", "finalist", "finalists"):
        out.append(Item("hint", t.starts[i], t.ends[i + 2], _HINTS[lower + "final"] if lower == "semi" else (0.25, 8)))
        return i + 3
    if lower == "quarter" and (following in ("final", "finals", "back", "finalist") or t.words[i][0].isupper()):
        out.append(Item("hint", t.starts[i], t.ends[i], (0.25, 8)))
        return i + 1
    if lower in ("few", "several", "many") and following in ("hundred", "thousand", "million", "billion", "dozen"):
        item = Item("num", t.starts[i], t.ends[i + 1], numbers.atom(following).value, "words", lower)
        item.several = True
        out.append(item)
        return i + 2
    if lower in ("a", "an", "one") and following in ("hour", "year", "day", "month", "week", "mile", "minute", "decade"):
        if tuple(t.lower[i + 2 : i + 5]) == ("and", "a", "half"):
            item = Item("num", t.starts[i], t.ends[i + 4], 1.5, "words", lower)
            item.unit = units.UNITS[following]
            out.append(item)
            return i + 5
    if lower == "half" and following == "past" and i + 2 < len(t.kinds):
        hour = numbers.read(t.atoms, i + 2) if t.atoms[i + 2] is not None else None
        if hour is not None and 1 <= hour.value <= 12:
            out.append(Item("clock", t.starts[i], t.ends[hour.stop - 1], f"{int(hour.value)}:30", "words"))
            return hour.stop
    if lower == "quarter" and following in ("past", "to") and i + 2 < len(t.kinds):
        hour = numbers.read(t.atoms, i + 2) if t.atoms[i + 2] is not None else None
        if hour is not None and 1 <= hour.value <= 12:
            clock = f"{int(hour.value)}:15" if following == "past" else f"{int(hour.value - 1) or 12}:45"
            out.append(Item("clock", t.starts[i], t.ends[hour.stop - 1], clock, "words"))
            return hour.stop
    return 0


def _number(t: _Tokens, i: int, out: list[Item | None]) -> int:
    """A number that starts with the word at `i`: the position after it, or 0."""
    reading = numbers.read(t.atoms, i)
    if reading is None:
        return 0
    lower = t.lower[i]
    previous = t.lower[i - 1] if i else ""
    following = t.lower[i + 1] if i + 1 < len(t.kinds) else ""
    if reading.stop == i + 1:
        if lower == "one" and (previous in _NO_ONE or following in ("another", "'s")):
            out.append(Item("hint", t.starts[i], t.ends[i], (1,)))
            return i + 1
        if lower == "second" and out and out[-1] is not None and out[-1].role in ("num", "a", "dash"):
            behind = out[-2] if len(out) > 1 else None
            if out[-1].role == "num" or (out[-1].role == "dash" and behind is not None and behind.role == "num"):
                out.append(Item("unit", t.starts[i], t.ends[i], "second"))
                return i + 1
        if lower == "second" and previous == "per":
            return 0
    item = _item(t, i, reading)
    if lower in ("a", "an") and reading.fraction:
        item.start = t.starts[i + 1]
    out.append(item)
    return reading.stop
