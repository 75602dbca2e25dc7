"""What a written Arabic word can be in a statement of a number or a date, clitics and all, once per spelling."""

from typing import NamedTuple

from ...memoise import memoise
from . import calendar, numbers, suras, units
from .numbers import bare, key

_PREFIXES = frozenset(("وال", "فال", "بال", "كال", "ولل", "وب", "ول", "فب", "فل", "لل", "ال", "و", "ف", "ب", "ل", "ك"))
_LIGHT = frozenset(("", "و", "ب", "ل", "ف", "ال", "وال", "لل", "بال"))


def _rows(table: dict[str, object]) -> dict[str, object]:
    """A table of words to values from one of space-separated words to values."""
    return {word: value for words, value in table.items() for word in words.split()}


# Whole words, clitics included: role, value, and whether the word also marks a year or a month that follows.
_EXACT: dict[str, tuple[str, object, bool]] = _rows({
    "بالمئه بالمائه بالميه بالمايه": ("pct", "%", False),
    "عام سنه العام السنه عامي سنتي لعام لسنه بعام وعام وسنه بسنه للعام عاما اعوام والعام وعامي الاعوام السنوات لعامي "
    "سنوات بالعام": ("unit", "year", True),
    "شهر شهري لشهر بشهر وشهر الشهر": ("unit", "month", True),
    "الساعه بالساعه للساعه والساعه": ("hour", "", False),
    "القرن القرنين القرنان للقرن بالقرن والقرن والقرنين القرون": ("century", "century", False),
    "الالفيه للالفيه": ("century", "millennium", False),
    "الميلاد الميلادي ميلادي ميلاديه الميلاديه للميلاد ميلاديا": ("era", "ad", False),
    "هجري هجريه الهجري الهجريه للهجره هجريا ه": ("era", "ah", False),
    "م": ("unit", "m", False),
})  # fmt: skip
_BOUNDS = _rows({
    "نحو حوالي قرابه زهاء تقريبا يقارب يقرب تقارب قراب يناهز": "about",
    "يزيد تزيد يفوق تفوق يتجاوز تتجاوز تجاوز اكثر فوق الاقل يقل تقل": "least",
    "اقل دون الاكثر": "most",
})  # fmt: skip
_PREPOSITIONS = (
    "في منذ قبل بعد خلال بين مطلع اوائل اواخر بدايه نهايه منتصف موسم بحلول صيف شتاء خريف اثناء مذ لغايه"
).split()
_LATER: dict[str, tuple[str, object, bool]] = (
    _rows({
        "صباحا ص فجرا صباح الصباح": ("ampm", "am", False),
        "مساء عصرا ظهرا المساء": ("ampm", "pm", False),
        "ليلا نهارا": ("ampm", "", False),
        "الي حتي": ("to", None, False),
        "غرينتش جرينتش بتوقيت بالتوقيت": ("zone", "", False),
        "الا": ("less", None, False),
        "ناقص سالب سالبه بالسالب": ("minus", None, False),
        "نقطه نقاط نقط النقاط بنقطه بنقاط": ("points", None, False),
        "العمر عمره عمرها عمرهم بعمر عمر سن اعمارهم اعمارهن": ("age", "", False),
    })
    | {word: ("country", country, False) for word, country in units.COUNTRIES.items()}
    | {word: ("of", word, False) for word in ("من", "عن", "علي")}
    | {clitic + word: ("bound", bound, False) for word, bound in _BOUNDS.items() for clitic in ("", "ب", "و")}
    | {clitic + word: ("prep", clitic + word, False) for word in _PREPOSITIONS for clitic in ("", "و")}
)  # fmt: skip
_HINTS: dict[str, tuple[float, ...]] = _rows({
    "كلا كلتا كلاهما كلتاهما كليهما كلتيهما كلي ضعف ضعفي ضعفا ضعفين ضعفان مضاعفه مضاعف تضاعف تضاعفت يتضاعف تتضاعف "
    "ضاعف ضاعفت زوج زوجا توام توامان ثنائي ثنائيه ثنائيا مزدوج مزدوجه الطرفين شفع مثني اخري مجددا": (2,),
    "ثلاثي ثلاثيه ثالوث": (3,), "رباعي رباعيه رباع": (4,), "خماسي خماسيه": (5,), "سداسي سداسيه": (6,),
    "سباعي سباعيه": (7,),
    "منتصف": (0.5, 12, 24), "الظهر ظهر": (12,), "وحيد وحيده وحيدا مره هدف": (1,), "دزينه دزينات": (12,), "الفيه": (1000,),
    "اوائل بدايه مطلع مستهل اولي اوليه اساسا اوليا مبدئيا": (1,), "ربع": (0.25, 3, 15, 8), "فصلي": (0.25, 3),
    "نصفي": (0.5,), "مراهق مراهقه": (10,), "دزينتين دزينتان": (24, 2, 12), "مئوي مئويه": (100, 200), "يوبيل": (25, 50, 60),
    "عشريني عشرينيه": (20,), "ثلاثيني ثلاثينيه": (30,), "اربعيني اربعينيه": (40,), "خمسيني خمسينيه": (50,),
    "ستيني ستينيه": (60,), "سبعيني سبعينيه": (70,), "ثمانيني ثمانينيه": (80,), "تسعيني تسعينيه": (90,),
})  # fmt: skip
# Heads of month names in two words.
HEADS = frozenset(("كانون", "تشرين", "ربيع", "جمادي", "ذو", "ذي", "ذا"))
_MONTHS = {name: month for name, month in calendar.MONTHS.items() if " " not in name} | {
    name: 100 + month for name, month in calendar.HIJRI_MONTHS.items() if " " not in name
}
MONTH_PAIRS = {tuple(name.split()): month for name, month in calendar.MONTHS.items() if " " in name} | {
    tuple(name.split()): 100 + month for name, month in calendar.HIJRI_MONTHS.items() if " " in name
}
_STEMS = (
    frozenset(calendar.DECADES) | frozenset(_MONTHS) | HEADS | frozenset(calendar.WEEKDAYS) | frozenset(units.DUALS)
    | frozenset(units.UNITS)
)  # fmt: skip
# Words whose neighbours decide what they are.
_LOOKED_AT = frozenset(("ق", "ك")) | frozenset(calendar.WEEKDAYS) | frozenset(suras.NUMBERS)


class Lexeme(NamedTuple):
    """What one spelling can be: a number `atom`, a `role` with its `value`, a `hint` of a hidden number, or `plain`.

    Months of the Hijri calendar have 100 added. `joined` says that the sentence's و or ف stands before the word of the
    role; `mark` that a year word or month word announces a number, or that a month's name is also another word.
    """

    key: str
    atom: numbers.Atom | None
    role: str = ""
    value: object = None
    joined: bool = False
    mark: bool = False
    hint: tuple[float, ...] = ()
    plain: bool = False


def _stripped(word: str) -> list[tuple[str, str]]:
    """`word` and what is left of it after each clitic that it may carry: (clitic, rest)."""
    found = [("", word)]
    if word[:1] in "وفبلكا":
        found += [(word[:n], word[n:]) for n in (3, 2, 1) if word[:n] in _PREFIXES and len(word) - n >= 2]
    return found


def _is_other_than_month(clitic: str, rest: str, written: str) -> bool:
    """Whether a month's letters are here another word: the father, was practising, a word with the article."""
    if clitic.endswith("ال") or clitic in ("لل", "ك", "ف"):
        return not (rest == "محرم" and clitic == "ال")
    if rest == "اب":
        return "آب" not in written
    if rest == "صفر" and clitic:
        return True
    return rest in calendar.AMBIGUOUS and clitic not in ("", "و", "ب", "ل")


def _stem_role(clitic: str, rest: str, written: str, counts: bool) -> tuple[str, object, bool] | None:
    """The role of a word behind its clitic; `counts` says that the whole word is a number anyway."""
    if rest in calendar.DECADES and clitic != "ف":
        return "decade", calendar.DECADES[rest], False
    if rest in _MONTHS and not _is_other_than_month(clitic, rest, written):
        return "month", _MONTHS[rest], rest in calendar.AMBIGUOUS or _MONTHS[rest] > 100
    if rest in HEADS:
        return "head", rest, False
    if rest in calendar.WEEKDAYS and clitic.endswith(("ال", "لل")) and clitic != "كال":
        return "weekday", calendar.WEEKDAYS[rest], False
    if rest in units.DUALS and clitic in _LIGHT:
        return "dual", units.DUALS[rest], False
    # بطن is no ton; a ثانية is a second, and the second one
    if rest in units.UNITS and (not counts or rest == "ثانيه" and not clitic) and (clitic in ("", "ال", "لل", "بال") or (clitic in ("ب", "ل") and len(rest) > 3)):
        return "unit", units.UNITS[rest], False
    return None


def _hint(word: str, options: list[tuple[str, str]]) -> tuple[float, ...]:
    """The numbers that a word hides: those of the table, and two for every dual of a noun."""
    for _, rest in options:
        if rest in _HINTS:
            return _HINTS[rest]
    if len(word) >= 5 and word.endswith(("ان", "ين", "تا", "تي", "يهما", "تيه", "تيها", "تاه", "تاها")):
        return (2,)
    return ()


@memoise
def lexeme(word: str) -> Lexeme:
    """The lexeme of a spelling."""
    folded = key(word)
    # a part of one (خُمس) shows by its vowel alone
    atom = numbers.atom(word) if folded in numbers.lexicon() or "\u064f" in word else None
    exact = _EXACT.get(folded)
    if exact is not None:
        return Lexeme(folded, None if exact[0] == "pct" else atom, *exact[:2], mark=exact[2])
    options = _stripped(folded)
    for clitic, rest in options:
        if rest in _STEMS:
            role = _stem_role(clitic, rest, bare(word), atom is not None)
            if role is not None:
                return Lexeme(folded, atom, *role[:2], joined=clitic[:1] in ("و", "ف"), mark=role[2])
    later = _LATER.get(folded)
    if later is not None:
        return Lexeme(folded, atom, *later[:2])
    if folded.removeprefix("ب") in ("نقطتين", "نقطتان"):
        return Lexeme(folded, None, "points", hint=(2,))
    hint = _hint(folded, options) if atom is None else ()
    return Lexeme(folded, atom, hint=hint, plain=atom is None and not hint and folded not in _LOOKED_AT)
