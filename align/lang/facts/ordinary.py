"""What else the words of a fact can mean, and the words of the other language that answer them so.

A word that is a number or a day only by one of its readings is no finding where another of them is answered: الاثنين is
Monday and both, الألف a thousand and the letter A, and 0 results are لا توجد نتائج.
"""

import re
from functools import cache

from ..ar.letters import fold
from .types import Date, Fact, Value

_NOTHING_AR = (
    "لا لم لن ليس ليست ليسوا لست لسنا بلا دون بدون عدم انعدام غير خال خاليه ولا ولم وليس وليست فلا فلم "
    "فليس اي ايه يخلو تخلو"
)
_NOTHING_EN = (
    "no not none nothing never without nobody neither nor isn't aren't wasn't weren't don't doesn't "
    "didn't haven't hasn't can't empty free"
)
_ONE_AR = (
    "واحد واحده احد احدي احدهم احداهن احدهما احداهما وحيد وحيده وحده وحدها فقط ذات مره كل اي نفس نفسه "
    "نفسها الاخر الاخري بعض بعضهم بعضهما"
)
_ONE_EN = (
    "a an one another any anyone anybody someone somebody only alone single same each every nobody other"
)

# By the language and the folded word, or the number, of a fact: words of the other language.
_ANSWERS = {
    ("en", 0): _NOTHING_AR,
    ("ar", 0): _NOTHING_EN,
    ("en", 1): _ONE_AR,
    ("ar", 1): _ONE_EN,
    ("ar", "الاثنين"): "two both pair couple either them they each other another between",
    ("ar", "الاثنان"): "two both pair couple either them they each other another between",
    ("ar", "الاحد"): "one anyone anybody someone somebody nobody any",
    ("ar", "احد"): "one anyone anybody someone somebody nobody any a an",
    ("ar", "الالف"): "a alpha aleph alif millennium millennial",
    ("ar", "الالفيه"): "millennium millennial",
    ("ar", "السبت"): "sabbath dill",
    ("ar", "الخميس"): "army",
    ("ar", "ربيع"): "spring",
    ("ar", "ثانيه"): "again another",
    ("ar", "نصف"): "mid middle halfway midnight midday noon",
    ("ar", "منتصف"): "mid middle halfway midnight midday noon",
    ("en", "quarter"): "حي الحي احياء ناحيه جهه جهات حاره",
    ("en", "quarters"): "مقر مقرات مسكن مساكن سكن غرف غرفه ثكنات",
    ("en", "half"): "شطر وسط منتصف جزء بعض احدهما",
    ("en", "may"): "قد ربما يمكن يجوز عسي",
    ("en", "march"): "مسيره المسيره زحف سار",
    ("en", "second"): "لحظه برهه اخري اخر مجددا",
    ("en", "seconds"): "لحظات لحظه",
    ("en", "minute"): "لحظه برهه",
    ("en", "minutes"): "لحظات لحظه",
    ("en", "third"): "اخر خارجي خارجيه",
}  # fmt: skip
_ARABIC_WORD = re.compile(r"[\u0621-\u064a]+")
_ENGLISH_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")


@cache
def _answers(lang: str, key: str | float) -> frozenset[str]:
    return frozenset(_ANSWERS.get((lang, key), "").split())


def _keys(fact: Fact) -> list[str | float]:
    """Under what a fact may be looked up: its words, and its number where it says no more."""
    value = fact.value
    keys: list[str | float] = [fold(fact.text).lower().removeprefix("a ").removeprefix("و")]
    if isinstance(value, Value) and value.number in (0, 1) and not value.ordinal and value.unit in ("", "times"):
        keys.append(value.number)
    if isinstance(value, Date) and value.weekday is not None:
        keys.append(fold(fact.text).split(" ")[-1])
    return keys


def is_answered(fact: Fact, lang: str, other: str) -> bool:
    """Whether an ordinary reading of a fact in `lang` is answered by a word of the other version's text `other`."""
    wanted = frozenset().union(*(_answers(lang, key) for key in _keys(fact)))
    if not wanted:
        return False
    if lang == "ar":
        return not wanted.isdisjoint(_ENGLISH_WORD.findall(other.lower().replace("\u2019", "'")))
    return not wanted.isdisjoint(_ARABIC_WORD.findall(fold(other)))
