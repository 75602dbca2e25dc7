"""What a written English word can be in a statement of a number or a date, once per spelling."""

import re
from functools import lru_cache
from typing import NamedTuple

from ...memoise import memoise
from . import calendar, hijri, numbers, units

_ROMAN = re.compile("(?=[LXVI])(XL|L?X{0,3})(IX|IV|V?I{0,3})")
# Words that begin with a number: foursome, fivefold.
_COMPOUND = re.compile(
    "(two|three|four|five|six|seven|eight|nine)(?:some|fold|ball|pack|pence|penny|way|person|year|legged)"
)
# Words that the scanner looks at because a phrase may begin with them.
PHRASE_HEADS = frozenset(
    "a p per in at semi quarter few couple several many an one half third more less fewer up close greater upwards "
    "percentage every g l".split()
)
_PREPOSITIONS = (
    "in since by from between during after before circa early late mid throughout around for last next this spring "
    "summer autumn winter fall season ending ended beginning starting till on"
).split()
_BOUNDS = {
    "about": "about", "approximately": "about", "roughly": "about", "some": "about", "nearly": "about",
    "almost": "about",
    "around": "about", "circa": "about", "over": "least", "above": "least", "exceeding": "least", "under": "most",
    "below": "most",
}  # fmt: skip


def _rows(table: dict[str, object]) -> dict[str, object]:
    """A table of words to values from one of space-separated words to values."""
    return {word: value for words, value in table.items() for word in words.split()}


# Words that hide a number which the other version may say aloud.
_HINTS: dict[str, tuple[float, ...]] = _rows({
    "both pair pairs couple couples twice double doubled doubles doubling twin twins duo twofold dual either "
    "bilateral binary "
    "biennial biennium bienniums biennia mutual latter secondly again secondary": (2,),
    "triple tripled triples tripling trio thrice threefold treble trilateral triplets trinity thirdly quarters "
    "trimester "
    "trimesters": (3,),
    "quadruple quadrupled quartet fourfold": (4,), "quintet quintuple": (5,), "tenfold": (10,), "fortnight": (14, 2),
    "once single sole solo alone monthly": (1,), "noon midday": (12,), "midnight": (0, 12, 24), "nil": (0,),
    "biannual biannually semiannual": (0.5, 2), "alternate": (2,), "centenary centennial": (100,),
    "bicentenary bicentennial": (200, 100, 2), "tercentenary tricentennial": (300, 100, 3), "jubilee": (25, 50, 60),
    "semi semifinal semifinals": (0.5, 4), "quarterfinal quarterfinals": (0.25, 8),
    "halftime halfway midway middle mid half": (0.5,), "halve halved": (0.5, 2), "quarterly": (0.25, 3, 4),
    "teenager teenagers teens": (10,), "pentecost": (50,), "beersheba": (7,), "millennium millennia": (1000,),
    "initially initial primarily primary originally former beginning earliest early start premier prime inaugural "
    "firstly": (1,),
    "stone": (60,), "alpha": (1000, 2000),  # written ستون and ألفا in Arabic
})  # fmt: skip


@lru_cache(maxsize=1)
def _lexicon() -> dict[str, tuple[str, object]]:
    """Role and value of every word that matters besides number words; later tables win."""
    table: dict[str, tuple[str, object]] = {word: ("prep", word) for word in _PREPOSITIONS}
    table |= {word: ("unit", unit) for word, unit in units.UNITS.items() if len(word) > 1}
    table |= {word: ("bound", bound) for word, bound in _BOUNDS.items()}
    table |= {word: ("month", month) for word, month in calendar.MONTHS.items()}
    table |= {word: ("weekday", day) for word, day in calendar.WEEKDAYS.items()}
    table |= {word: ("decade", value) for word, value in calendar.DECADES.items()}
    table |= _rows({
        "utc gmt bst est edt pst pdt cet hrs": ("zone", ""),
        "century centuries": ("century", "century"), "millennium": ("century", "millennium"),
        "percent pc percentage": ("pct", "%"), "am": ("ampm", "am"), "pm": ("ampm", "pm"),
        "ad ce": ("era", "ad"), "bc bce": ("era", "bc"), "ah": ("era", "ah"), "o'clock o’clock": ("hour", ""),
        "minus negative": ("minus", None), "of": ("of", ""), "and or": ("and", ""), "to through until": ("to", ""), "old aged age": ("age", ""),
        "a an": ("a", ""), "the us th": ("skip", ""), "square cubic": ("square", ""),
    })  # fmt: skip
    return table


_CAPITAL_ONLY = calendar.AMBIGUOUS | {"ah", "ad", "us", "ce"}


def roman(word: str) -> int:
    """The value of a Roman numeral from 1 to 89, 0 for anything else."""
    match = _ROMAN.fullmatch(word)
    if match is None:
        return 0
    tens, ones = match.groups()
    high = 40 if tens == "XL" else 50 * tens.count("L") + 10 * tens.count("X")
    return high + {"IX": 9, "IV": 4}.get(ones, 5 * ones.count("V") + ones.count("I"))


class Lexeme(NamedTuple):
    """What one spelling can be: a number `atom`, a `role` with its `value`, a `hint` of a hidden number, or `plain`.

    Months of the Hijri calendar have 100 added; the role `day?` is an abbreviated weekday, `roman` a Roman
    numeral and `roman?` one in small letters, which is one in brackets alone.
    """

    lower: str
    capital: bool
    atom: numbers.Atom | None
    role: str = ""
    value: object = None
    hint: tuple[float, ...] = ()
    plain: bool = False


@memoise
def lexeme(word: str) -> Lexeme:
    """The lexeme of a spelling, its possessive left out."""
    lower = word.lower().removesuffix("'s").removesuffix("\u2019s")
    capital = word[0].isupper()
    atom = numbers.atom(lower)
    hint = _HINTS.get(lower, ())
    role, value = _lexicon().get(lower, ("", None))
    if hijri_month := hijri.month_of(word):
        role, value = "month", 100 + hijri_month
    if not capital and (role in ("weekday", "month") or lower in _CAPITAL_ONLY) or capital and lower == "stone":
        role = ""
    if not role and capital and lower in calendar.WEEKDAY_ABBREVIATIONS:
        role, value = "day?", calendar.WEEKDAY_ABBREVIATIONS[lower]
    if not role and atom is None and not hint:
        compound = _COMPOUND.match(lower)
        if compound:
            hint = (numbers.UNITS[compound.group(1)],)
        elif word[0] in "LXVI" and (number := roman(word)):
            role, value = "roman", number
        elif word[0] in "lxvi" and len(word) > 1 and (number := roman(word.upper())):
            role, value = "roman?", number
    plain = not role and atom is None and not hint and lower not in PHRASE_HEADS and lower not in units.COUNTRIES
    plain = plain and word not in units.CURRENCY_CODES
    return Lexeme(lower, capital, atom, role, value, hint, plain)
