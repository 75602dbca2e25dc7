"""Candidate names in a text: capitalised English runs, Arabic tokens that are no ordinary words."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

from ...faults import guarded
from ...memoise import memoise
from .. import tables
from ..ar.letters import PRESENTED, fold, plain_with_offsets
from ..en import calendar
from ..en.units import plain_codes
from .letters import fold_arabic, fold_latin
from .lexicon import ENGLISH_TOKEN, LONGEST_WORD, Lexicon, bare, has_marks, is_marked_as, reliability, shipped_lexicon
from .people import is_arabic_name, is_often_arabic_name
from .words import (
    any_listed_arabic,
    foreignness,
    is_arabic_word,
    is_english_word,
    is_listed_arabic,
    is_rare_english_word,
    variants,
)


_WEIGHTS = tables.weights("names/weights")
_ENGLISH, _ARABIC = _WEIGHTS["english"], _WEIGHTS["arabic"]
_HEADLINE = 0.75  # the share of longer words with a capital from which on a text is a heading


@dataclass(frozen=True, slots=True)
class Name:
    """A candidate name: `text` stands at `start:end` (code points in the text it was found in).

    `kind` is `name` (no ordinary word), `known` (in the lexicon), `acronym`, `latin` (Latin letters in Arabic text) or
    `phrase` (capitalised ordinary words). `strength` (0 to 1) says how surely it is a name that a translation keeps.
    """

    start: int
    end: int
    text: str
    kind: str
    strength: float
    entries: tuple[int, ...] = ()
    tokens: tuple[int, int] = (0, 0)


@dataclass(init=False)
class Token:
    """A word of a text: where it stands, its folded form and what is known of it.

    Most words are plain, so that only what differs from the class is kept with each.
    """

    start: int
    end: int
    text: str
    form: str
    label: str = ""
    strength: float = 0.0
    entries: tuple[int, ...] = ()
    last: bool = False
    group: int = 0
    told: bool = False  # that an Arabic word is a name shows by more than its letters

    def __init__(self, start: int, end: int, text: str, form: str) -> None:
        self.start, self.end, self.text, self.form = start, end, text, form


@dataclass(slots=True)
class Analysed:
    """A text's tokens and the lexicon entries found: entry -> first tokens and numbers of tokens."""

    lang: str
    text: str
    tokens: list[Token]
    entries: dict[int, tuple[int, int]]
    names: tuple[Name, ...] = ()



@cache
def arabic_words(name: str) -> frozenset[str]:
    """A list of `ar/names.tsv`, folded."""
    return tables.lists("ar/names", fold)[name]


@cache
def english_words(name: str) -> frozenset[str]:
    """A list of `en/names.tsv`."""
    return tables.lists("en/names")[name]


@cache
def function_words() -> frozenset[str]:
    """Folded Arabic words of grammar and of address, which are no part of a name."""
    return arabic_words("function")


@cache
def _no_names() -> frozenset[str]:
    """What has a capital in English and names nothing: parts of the calendar, zones of time, units and currencies."""
    calendar_words = (*calendar.months(), *calendar.weekdays(), *calendar.names()["short_weekday"])
    codes = map(str.lower, plain_codes())
    return english_words("no_name") | english_words("interjection") | {*calendar_words, *codes}


_ROMAN = re.compile(r"[IVXLC]+$")
_START_BEFORE = re.compile(r"(?:^|[.!?:;…•*|/]|\s[-–—]|^[-–—]|[\"“‘«(\[]|\n)[\s\"“”‘’'«»()\[\]\-–—.]*$")
_MIXED = re.compile(r"[A-Z]{2,}[a-z]?$|[A-Z]{2,}[a-z]|^[A-Z][a-z]?[A-Z]{1,2}[a-z]?$")  # AMs, MWh, PoA, but not McIlroy
_DIGIT = re.compile(r"\d")


@memoise
def _english_word(token: str) -> tuple[str, str, bool, bool, bool]:
    """A token without its possessive ending; its Latin letters; whether it begins with a capital, is long, is all large."""
    word = bare(token)
    return word, fold_latin(word), word[0].isupper(), len(word) > 3 and word[0].isalpha(), word.isupper()


@guarded(lambda text, *_, **__: Analysed("en", text, [], {}))
def analyse_english(text: str, lexicon: Lexicon | None = None, ordinary: frozenset[str] = frozenset()) -> Analysed:
    """Tokens of an English text, labelled: what is a name, why, and how surely.

    `ordinary` holds words that the document writes in lower case.
    """
    lexicon = shipped_lexicon() if lexicon is None else lexicon
    tokens: list[Token] = []
    words: list[str] = []
    large: list[bool] = []
    count = capital = loud = 0  # of the longer words
    for match in ENGLISH_TOKEN.finditer(text):
        if match.end() - match.start() > LONGEST_WORD:
            continue
        word, form, is_large, is_long, is_loud = _english_word(match.group())
        start = match.start()
        tokens.append(Token(start, start + len(word), word, form))
        words.append(word)
        large.append(is_large)
        if is_long:
            count, capital, loud = count + 1, capital + is_large, loud + is_loud
    if not tokens:
        return Analysed("en", text, tokens, {})
    headline = count >= 3 and capital >= _HEADLINE * count
    shouting = loud * 2 > count > 1
    entries: dict[int, tuple[int, int]] = {}
    done = 0
    for i, word in enumerate(words):
        # Of a word in small letters with which no form begins there is nothing to say.
        if i < done or not (large[i] or lexicon.english_starts(word)):
            continue
        n, found = lexicon.in_english(words, i)
        if not large[i] and not (word[0].isalpha() and i + 1 < len(tokens) and large[i + 1]):
            # terms in lower case explain their Arabic forms, and are no names themselves
            for entry in found:
                entries.setdefault(entry, (i, n))
            continue
        if n and not (
            n == 1
            and _at_start(text, tokens[i].start)
            and words[i].lower() in english_words("ambiguous")
            and (shouting or len(words[i]) == 1 or not words[i].isupper())
            and not (i + 1 < len(tokens) and large[i + 1])
        ):
            for entry in found:
                entries.setdefault(entry, (i, n))
            known = _english_known(" ".join(words[i : i + n]), {lexicon.entries[e].kind for e in found})
            for j in range(i, i + n):
                tokens[j].label, tokens[j].entries, tokens[j].strength = "known", found, known
            tokens[i + n - 1].last = True
            done = i + n
        elif large[i]:
            _label(text, tokens, i, words, headline, shouting, ordinary)
    analysed = Analysed("en", text, tokens, entries)
    analysed.names = tuple(_english_names(text, tokens))
    return analysed


def _english_known(form: str, kinds: set[str]) -> float:
    """How surely an English form of the lexicon is kept by a translation."""
    if "glossary" in kinds:
        return _ENGLISH["glossary"]
    if kinds <= {"thing"}:
        return _ENGLISH["thing"]
    if " " not in form and form.lower() in english_words("ambiguous") and "country" not in kinds:
        return _ENGLISH["ambiguous"]
    if kinds & {"place", "person"} or form.endswith(("ia", "land", "stan")):
        kind = "place"
    else:
        kind = "country" if "country" in kinds else "org" if "org" in kinds else "other"
    return _ENGLISH[kind] * min(1.0, reliability("en", form, _ENGLISH["unmeasured"]))


def _at_start(text: str, start: int) -> bool:
    return bool(_START_BEFORE.search(text[max(0, start - 12) : start])) if start else True


def _label(
    text: str, tokens: list[Token], i: int, words: list[str], headline: bool, shouting: bool, ordinary: frozenset[str]
) -> None:
    """Sets the label and strength of a capitalised token that no lexicon holds."""
    token, word = tokens[i], words[i]
    low = word.lower()
    if low in _no_names() or len(word) == 1 or (word[0].isdigit()):
        return
    if _DIGIT.search(word):
        token.label, token.strength = "code", _ENGLISH["code"]
        return
    if low in english_words("title"):
        token.label, token.strength = "title", 0.0
        return
    capitals = sum(c.isupper() for c in word)
    loud = capitals == len(word) > 2 and (len(word) > 4 or _beside_capitals(words, i)) and (is_english_word(low) or is_rare_english_word(low))
    if (capitals == len(word) <= 11 and not shouting and not loud) or (len(word) <= 8 and capitals > 1 and _MIXED.search(word)):
        token.label, token.strength = "acronym", 0.0 if _ROMAN.match(word) else _ENGLISH["acronym"]
        return
    common = low in ordinary or is_english_word(low)
    if common:
        first = _at_start(text, token.start)
        token.label, token.strength = ("", 0.0) if first or headline else ("ordinary", _ENGLISH["ordinary"])
        return
    if "'" in word or "’" in word:
        parts = re.split("['’]", low)
        if parts[-1] in {"t", "re", "ll", "ve", "d", "m", "s"}:
            return
    first = _at_start(text, token.start)
    alone = not (
        i + 1 < len(words) and words[i + 1][:1].isupper() and text[token.end : tokens[i + 1].start] in (" ", "-")
    )
    token.label = "name"
    if is_rare_english_word(low):
        # an epithet (the Merciful), or a word of the dictionary that the document writes large
        behind_article = i > 0 and words[i - 1].lower() in ("the", "a", "an")
        token.strength = _ENGLISH["rare_first" if first or headline or (alone and behind_article) else "rare"]
        return
    token.strength = _ENGLISH["first" if first and alone or headline or shouting else "name"]
    if len(token.form) < 3:
        token.strength = _ENGLISH["short"]


def _beside_capitals(words: list[str], i: int) -> bool:
    """Whether a word beside word `i` is written in capitals: a heading inside the text, and no acronym."""
    return any(words[k].isupper() and len(words[k]) > 2 for k in (i - 1, i + 1) if 0 <= k < len(words))


def _english_names(text: str, tokens: list[Token]) -> Iterable[Name]:
    """Runs of labelled tokens as names."""
    i = 0
    while i < len(tokens):
        if not tokens[i].label or tokens[i].label == "title":
            i += 1
            continue
        j = i
        if tokens[i].label == "known":
            while not tokens[j].last:
                j += 1
        else:
            while j + 1 < len(tokens) and text[tokens[j].end : tokens[j + 1].start] in (" ", "-", "–"):
                following = tokens[j + 1]
                if following.label and following.label not in ("known", "title"):
                    j += 1
                elif (
                    following.text in english_words("inside") and j + 2 < len(tokens) and tokens[j + 2].label in ("name", "ordinary")
                ):
                    j += 2
                else:
                    break
        labels = {t.label for t in tokens[i : j + 1]}
        kind = next((k for k in ("known", "name", "acronym", "code") if k in labels), "phrase")
        strength = max(t.strength for t in tokens[i : j + 1])
        start, end = tokens[i].start, tokens[j].end
        yield Name(start, end, text[start:end], kind, strength, tokens[i].entries, (i, j + 1))
        i = j + 1


ARABIC_RUN = re.compile(
    "[\u0610-\u061a\u0621-\u065f\u0670-\u06d3\u06d5-\u06dc\u06df-\u06e8\u06ea-\u06ed\u06fa-\u06ff\ufb50-\ufdff\ufe70-\ufefc\u200c\u200d]+"
)
_ARABIC_TOKEN = re.compile(
    ARABIC_RUN.pattern + "|(?<![A-Za-zÀ-ɏ0-9])[0-9]*[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ0-9]*(?:['’.&+-][A-Za-zÀ-ɏ0-9]+)*"
)
_INSIDE_END = re.compile("[ةى](?=[\u0621-\u064a]{2})")
_HAS_LATIN = re.compile("[A-Za-z]").search
_TANWEEN = "\u064b"
_SURE_SHAPE = _WEIGHTS["sure"]["shape"]
_LONG = 7  # letters from which on a word that is in no list is hardly an ordinary one

@memoise
def foreign(form: str) -> float:
    """The probability that a folded Arabic word is a name by its shape; 0 for ordinary words."""
    forms = variants(form)
    if not arabic_words("given").isdisjoint(forms):
        return _ARABIC["given"]
    if len(form) < 3 or any_listed_arabic(forms):
        return 0.0
    if form.endswith("و") and len(form) > 4 and is_listed_arabic(form[:-1]):
        return 0.0  # many of them, before the word that they belong to: مسؤولو الشركة
    ordinary = is_arabic_word(form)
    if ordinary and len(form) < 5:
        return 0.0
    found = max(foreignness(f) if i == 0 else _ARABIC["clitic"] * foreignness(f) for i, f in enumerate(forms[:3]) if len(f) > 2)
    if ordinary and found < _ARABIC["by_chance"]:
        return 0.0  # endings and prefixes of verbs take few foreign names to a word by chance
    if found > _ARABIC["glued_from"] and _glued(form):
        found = _ARABIC["glued"]
    if len(form) > 17 or any(f.startswith(_measures()) for f in forms):
        found *= _ARABIC["measure"]
    return found




@cache
def _measures() -> tuple[str, ...]:
    """What units are made with: loanwords, not names."""
    return tuple(arabic_words("measure"))


def _glued(form: str) -> bool:
    """Whether a word is two or more ordinary words that lost the space between them."""
    n = len(form)
    if n < 7:
        return False
    return any(_whole(form[:cut]) and _whole(form[cut:]) for cut in range(2, n - 1))


@memoise
def _whole(form: str) -> bool:
    function = function_words()
    if form in function or (form[0] in "وفبكل" and form[1:] in function and len(form) > 2):
        return True
    return len(form) >= 4 and is_arabic_word(form)


def arabic_pieces(text: str) -> Iterable[tuple[int, int, str]]:
    """The words of an Arabic text and the Latin ones inside it: start, end, text; words run together are parted."""
    for match in _ARABIC_TOKEN.finditer(text):
        start = match.start()
        for part, _, _ in _parts(match.group()):
            yield start, start + len(part), part
            start += len(part)


@memoise
def _parts(word: str) -> tuple[tuple[str, str, float], ...]:
    """A word, or those that ran together in it, told by a letter that only ends words: as written, folded, `foreign`.

    A word in Latin letters has no folded form, nor has a run of letters that is too long for a word.
    """
    if word[0] < "\u0600":
        return ((word, "", 0.0),)
    cuts = [0, *(cut.end() for cut in _INSIDE_END.finditer(word))] if len(word) > 6 else [0]
    parts = [word[start:end] for start, end in pairwise([*cuts, len(word)])]
    folded = [(part, fold_arabic(part) if len(part) <= LONGEST_WORD else "") for part in parts]
    return tuple((part, form, foreign(form) if form else 0.0) for part, form in folded)


# A host is looked for where its first label begins alone, and has few labels, so that dotted text costs no more than other.
_ADDRESS = re.compile(
    r"://\S+|\bwww\.\S+|(?<![\w-])(?<![\w-]\.)(?:[a-z0-9-]{1,63}\.){1,9}(?:com|org|net|io|edu|cc|gov)\b\S*", re.IGNORECASE
)
# What names nothing in Latin letters: words in small letters, tags of languages (ar-SA), keys with digits.
_PLAIN_LATIN = re.compile(r"[a-z.&+-]+$|[a-z]{2,3}-[A-Z]{2}$|.*\d").match


@guarded(lambda text, *_, **__: Analysed("ar", text, [], {}))
def analyse_arabic(text: str, lexicon: Lexicon | None = None) -> Analysed:
    """Tokens of an Arabic text, labelled: what is a name, why, and how surely."""
    lexicon = shipped_lexicon() if lexicon is None else lexicon
    tokens: list[Token] = []
    forms: list[str] = []
    named_tokens: list[Token] = []
    after_trigger = False
    triggers, function = arabic_words("trigger"), function_words()
    shown = _ADDRESS.sub(lambda m: " " * len(m[0]), text) if "." in text and _HAS_LATIN(text) else text
    for match in _ARABIC_TOKEN.finditer(shown):
        end = match.start()
        for word, form, named in _parts(match.group()):
            start, end = end, end + len(word)
            if form:
                token = Token(start, end, word, form)
                if named and (form in function or (_TANWEEN in word and not is_arabic_name(form))):
                    named = 0.0  # an ending that foreign names do not take
                if named > _ARABIC["shape"] or (after_trigger and named > _ARABIC["shape_led"]):
                    token.label, token.strength = "name", max(named, _ARABIC["led"]) if after_trigger else named
                    named_tokens.append(token)
                    token.told = after_trigger or len(form) >= _LONG or is_often_arabic_name(form)
                after_trigger = form in triggers
            elif word[0] < "\u0600" and 1 < len(word) <= LONGEST_WORD:
                token = Token(start, end, word, fold_latin(word))
                token.label = "latin"
                is_name = len(word) > 3 and word[0].isupper() and word.isalpha()
                token.strength = _ARABIC["latin" if is_name else "latin_plain" if _PLAIN_LATIN(word) else "latin_other"]
                after_trigger = False
            else:
                continue
            tokens.append(token)
            forms.append(form)
    for one, two in pairwise(named_tokens) if len(named_tokens) > 1 else ():
        if min(one.strength, two.strength) >= _SURE_SHAPE and text[one.end : two.start] in (" ", "-") and one.form != two.form and not one.form.startswith("ال") and not two.form.startswith(("ال", "و")):
            one.told = two.told = True  # two words that no list holds, side by side, are hardly ordinary
    entries: dict[int, tuple[int, int]] = {}
    found = list(lexicon.in_arabic(forms))
    covered = {(k, e) for i, n, e in found if n > 1 for k in range(i, i + n)}
    for i, n, entry in found:
        if lexicon.entries[entry].marked and n == 1 and _is_another(tokens[i], i, entry, lexicon, covered):
            continue
        if entry not in entries or n > entries[entry][1]:
            entries[entry] = (i, n)
        for token in tokens[i : i + n]:
            token.entries = (*token.entries, entry)
            if n > 1:
                token.group = i + 1
    for token in tokens:
        if token.entries and token.label != "latin":
            strength = _known_strength(token, lexicon)
            if strength:
                token.label, token.strength = "known", strength
    analysed = Analysed("ar", text, tokens, entries)
    analysed.names = tuple(_arabic_names(text, tokens))
    return analysed


def _is_another(token: Token, i: int, entry: int, lexicon: Lexicon, covered: set[tuple[int, int]]) -> bool:
    """Whether token `i` is another name of the same letters: by its vowel marks, or inside a longer name (سلطنة عمان)."""
    forms = [form for form in lexicon.entries[entry].marked if fold_arabic(form) in token.form]
    return not all(is_marked_as(token.text, form) for form in forms) or ((i, entry) not in covered and any(k == i for k, _ in covered))


def _known_strength(token: Token, lexicon: Lexicon) -> float:
    """How surely an Arabic form of the lexicon names a place, rather than being an adjective or an ordinary word."""
    kinds = {lexicon.entries[e].kind for e in token.entries}
    if "glossary" in kinds:
        return _ARABIC["glossary"]
    if token.form in function_words():
        return 0.0
    if has_marks(token.text) and any(fold_arabic(form) in variants(token.form) for e in token.entries for form in lexicon.entries[e].marked):
        return _ARABIC["marked"]
    if token.group:
        kinds = {
            lexicon.entries[e].kind for e in token.entries if any(len(form) > 1 for form in lexicon.entries[e].arabic)
        }
        return _ARABIC["org" if "org" in kinds or not kinds & {"country", "place"} else "phrase"]
    if not kinds & {"country", "place"} or kinds & {"thing", "people"}:
        return 0.0
    single = {form[0] for e in token.entries for form in lexicon.entries[e].arabic if len(form) == 1}
    forms = variants(token.form)
    if token.form in _places_without_article():
        return _ARABIC["word_too"]
    # the name itself, not the adjective made from it
    noun = any(f in single or (f.endswith("يا") and "country" in kinds and f[:-2] in single) for f in forms)
    if any(f in arabic_words("word_too") for f in forms) and token.form not in _places_with_article():
        return _ARABIC["word_too"]
    aside = token.form.removeprefix("ال")
    if is_listed_arabic(token.form) and aside not in single:
        noun = False  # a word that only a clitic taken off turns into a place (بليون, ليون)
    # measured where parallel text has the form; otherwise the longer, the less likely an ordinary word
    is_word = is_arabic_word(token.form)
    guess = _ARABIC["unlisted" if not is_word else "long" if max(map(len, forms)) > 4 else "listed"]
    measured = reliability("ar", token.form, max([guess, *(reliability("ar", f, 0.0) for f in forms)]))
    return _ARABIC["noun" if noun else "adjective"] * measured


@cache
def _places_without_article() -> frozenset[str]:
    """Places that have the article: without it, or behind a ف that is rather a letter of the word, they are other words."""
    return frozenset(clitic + word for word in arabic_words("articled") for clitic in ("", "و", "ف"))


@cache
def _places_with_article() -> frozenset[str]:
    """Of the forms that are places and ordinary words, what is a place with the article."""
    return frozenset(clitic + word for word in arabic_words("place_with_article") for clitic in ("ال", "وال", "بال", "لل"))


def _arabic_names(text: str, tokens: list[Token]) -> Iterable[Name]:
    """Labelled tokens, neighbours joined, as names."""
    i = 0
    while i < len(tokens):
        label = tokens[i].label
        if not label:
            i += 1
            continue
        j = i + 1
        while (
            j < len(tokens)
            and tokens[j].label == label
            and text[tokens[j - 1].end : tokens[j].start] in (" ", "-", " - ")
        ):
            if label == "known":
                if tokens[j - 1].last or tokens[j - 1].group != tokens[j].group or not tokens[j].group:
                    break
            elif tokens[j].form.startswith("و") and len(tokens[j].form) > 4:
                break  # "and" begins another name
            j += 1
        strength = max(t.strength for t in tokens[i:j])
        start, end = tokens[i].start, tokens[j - 1].end
        yield Name(start, end, text[start:end], label, strength, tokens[i].entries, (i, j))
        i = j


def find_names(
    text: str, lang: str, lexicon: Lexicon | None = None, ordinary: frozenset[str] = frozenset()
) -> tuple[Name, ...]:
    """Candidate names of a text in `lang` (`ar` or `en`), in order; offsets are code points in `text`."""
    if PRESENTED.search(text):
        plain, offsets = plain_with_offsets(text)
        found = find_names(plain, lang, lexicon, ordinary)
        places = [(offsets[name.start], offsets[name.end - 1] + 1) for name in found]
        return tuple(replace(name, start=a, end=b, text=text[a:b]) for name, (a, b) in zip(found, places, strict=True))
    return (analyse_arabic(text, lexicon) if lang == "ar" else analyse_english(text, lexicon, ordinary)).names
