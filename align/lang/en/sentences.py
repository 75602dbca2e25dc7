"""English: which full stops end a sentence."""

import re

# Short forms that stand before a name or the rest of a sentence, and never end one.
_NEVER = frozenset(
    "mr mrs ms mx messrs mmes dr drs prof profs rev fr ste hon gen lt col maj capt cpt cmdr adm sgt cpl pvt brig "
    "gov sen sens rep reps pres supt det insp amb atty treas asst assoc mt vs viz cf e.g i.e eg ie approx ca circa "
    "incl excl".split()
)
# Short forms, some of them words, that end no sentence where a number stands behind them.
_BEFORE_NUMBER = frozenset(
    "no nos fig figs eq eqs vol vols p pp n ch sec sect art arts par para tab ex ref refs ed cat nr app".split()
)
# Short forms that may end a sentence: they do where the next word is one that begins sentences.
_EITHER = frozenset(
    "inc ltd co corp bros llc plc jr sr st u.s u.k u.n u.s.a u.a.e u.s.s.r e.u d.c b.c a.d b.c.e c.e ph.d m.d b.a m.a "
    "b.sc m.sc m.b.a l.a n.y a.k.a ave blvd rd sq ft oz lb lbs hr hrs min mins max avg yr yrs ct dept govt univ assn "
    "natl intl conf proc supp suppl illus est dist temp misc spec hist mgmt bldg gal esp resp sp spp subsp var eds "
    "trans repr tel esq".split()
)
# Short forms of states, which are other words in small letters.
_STATES = frozenset(
    "Calif Mass Tex Fla Penn Pa Conn Ariz Wis Minn Mich Ill Wash Ore Okla Tenn Ala Ga Va Md Mo Kan Nev Colo".split()
)
_MONTHS = frozenset("jan feb mar apr jun jul aug sep sept oct nov dec".split())
_DAYS = frozenset("mon tue tues wed thu thur thurs fri sat".split())
_CALENDAR = re.compile(
    "(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may|june|july|august|september|october"
    "|november|december", re.IGNORECASE
)  # fmt: skip
# Words that begin sentences far more often than names.
_STARTERS = frozenset(
    "the a an this that these those it its he she they we you i his her their our my your there here in on at by "
    "for from with without of as if when while where what who why how which since because after before during "
    "although though however moreover furthermore therefore thus then also but and or so yet nor not no yes all "
    "both each every some many most much more several few one two three another other such only even just still "
    "now today yesterday to under over between among through until unless once despite according meanwhile "
    "instead indeed finally first second third last next later earlier is are was were do does did can could will "
    "would should may might must has have had let please be make see use try note".split()
)
_SPEECH = frozenset(
    "said says asked asks replied replies cried cries shouted shouts whispered answered exclaimed added demanded "
    "inquired wondered murmured muttered called yelled screamed responded insisted continued repeated".split()
)
_ROMAN = frozenset("ivxlcdm")
# Words that no sentence ends with, conjunctions between the items of a list left out.
DANGLING = frozenset("the a an of than whose his their its our my your although because upon".split())
ENUMERATOR_WORDS = (
    "article|art|section|chapter|clause|rule|part|annex|appendix|figure|fig|table|step|note|question|lesson"
)


def full_stop_ends(token: str, previous: str, following: str, cased: bool) -> bool:
    """Whether the full stop after `token` ends a sentence.

    `token` is what stands before it (no white space inside), `previous` the word before that, `following` the word
    after it without opening quotes; `cased` is False for texts without capitals.
    """
    low = token.lower()
    if low in _NEVER:
        return False
    if low in _BEFORE_NUMBER and (following[:1].isdigit() or _is_roman(following)):
        return False
    if cased and following[:1].islower() and not _begins_small(low, token, following):
        return False
    if low in _MONTHS or low in _DAYS:
        return not following[:1].isdigit() and following.lower().rstrip(".") not in _MONTHS
    if low in ("a.m", "p.m"):
        return not (following.isupper() and len(following) > 1) and not _CALENDAR.fullmatch(following.rstrip(".,"))
    if low in ("etc", "al"):
        return not following[:1].isdigit()
    if low in _EITHER or token in _STATES:
        return following.lower() in _STARTERS
    if len(token) == 1 and token.isalpha():
        return _ends_after_letter(token, previous, following)
    if _is_dotted(token):
        return following.lower() in _STARTERS
    return True


def begins(word: str) -> bool:
    """Whether the word has a capital and is one that begins sentences far more often than names."""
    return word[:1].isupper() and word.lower() in _STARTERS


def is_title(token: str) -> bool:
    """Whether the token, with its full stop, leads a name in: Mr, Dr."""
    return token.lower() in _NEVER


def _begins_small(low: str, token: str, following: str) -> bool:
    """Whether a word in small letters may begin a sentence: after a whole word, or a name such as iPhone."""
    is_word = len(token) >= 4 and token.isalpha() and token == low and low not in _EITHER and low not in _BEFORE_NUMBER
    return is_word or (len(following) > 2 and following[1].isupper())


def speech_follows(words: list[str]) -> bool:
    """Whether the words after a quotation say who spoke: “Really?” John asked."""
    return any(word.lower().strip(".,;:!?") in _SPEECH for word in words[:3])


def _ends_after_letter(token: str, previous: str, following: str) -> bool:
    """Whether the full stop after a single letter is the sentence's: "Plan B. The", against "J. K. Rowling"."""
    if following.lower() not in _STARTERS or (len(following) == 1 and following != "I"):
        return False
    is_initial = token.isupper() and previous[:1].isupper() and (len(previous.rstrip(".")) == 1 or len(previous) > 4)
    return not is_initial or following.lower() in ("the", "he", "she", "it", "they", "this")


def _is_roman(word: str) -> bool:
    return word.isupper() and set(word.lower()) <= _ROMAN and word != "I"


def _is_dotted(token: str) -> bool:
    """Single letters with full stops between: U.N, Ph.D."""
    parts = token.split(".")
    return len(parts) > 1 and all(part.isalpha() and len(part) <= 2 for part in parts)
