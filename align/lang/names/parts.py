"""Parts of names that stand beside one and the same name in both versions and differ: محمد مرسي against Ahmed Morsi.

A name that both versions have is an anchor. What stands before it, or behind it, as a part of the same name on both
sides must answer: given names, names of fathers, family names. Particles between them (ibn, abu, al) are passed over.
"""

from collections.abc import Sequence

from .find import Analysed, Token, arabic_words, english_words, function_words
from .letters import consonants_in_common, probability
from .people import is_arabic_name, is_latin_name, is_one_name, people
from .words import is_english_word, is_listed_arabic, variants

_KINDS = ("son", "father", "mother")  # of particles that answer each other
_UNLIKE = 0.02  # and the probability below which they are none
_VERY_OFTEN = 25
_LONGEST = 3  # parts of a name that are passed over
_ALIKE = 0.75  # the share of consonants in common from which two parts may be one name badly spelled


def differing(ar: Analysed, en: Analysed, links: Sequence[tuple[int, int]], ar_explained: Sequence[bool],
              en_explained: Sequence[bool], persons: frozenset[int]) -> list[tuple[int, int]]:  # fmt: skip
    """Pairs of an English and an Arabic token that are the same part of one name and do not answer each other.

    `links` are the tokens, English and Arabic, that are known to be one name; `persons` the entries of the lexicon that
    are names of people.
    """
    found: dict[tuple[int, int], None] = {}
    if not any(t.text[0].isupper() and not done and t.label not in ("", "title") for t, done in zip(en.tokens, en_explained, strict=True)):
        return []
    for i, j in (*links, *_kunyas(ar, en)):
        for step in (-1, 1):
            e = _unanswered(en, i, step, english_words("particle"), en_explained)
            a = _unanswered(ar, j, step, arabic_words("particle"), ar_explained)
            if e is None or a is None:
                continue
            latin, arabic = en.tokens[e], ar.tokens[a]
            nisba = step > 0 and _is_nisba(arabic) and is_arabic_name(ar.tokens[j].form)
            listed = not persons.isdisjoint(latin.entries) and not persons.isdisjoint(arabic.entries)
            if listed or (_is_part(en, e) and (nisba or _can_be_name(arabic, step)) and _apart(latin.form, arabic.form)):
                found[e, a] = None
    return list(found)


def replaced(ar: Analysed, en: Analysed, ar_explained: Sequence[bool], en_explained: Sequence[bool]) -> tuple[int, int] | None:
    """The one name of people that each version has alone, if both are known to be other names: Dina, رنا."""
    ours = [i for i, t in enumerate(en.tokens) if not en_explained[i] and t.label in ("name", "known") and t.form not in english_words("particle") and is_latin_name(t.form)]
    theirs = [j for j, t in enumerate(ar.tokens) if not ar_explained[j] and _is_person(t.form)]
    if len({en.tokens[i].form for i in ours}) != 1 or len({ar.tokens[j].form for j in theirs}) != 1:
        return None
    i, j = ours[0], theirs[0]
    return (i, j) if is_one_name(en.tokens[i].form, ar.tokens[j].form) is False else None


def _is_person(form: str) -> bool:
    """Whether a word without clitics has very often been the name of people, and is no other word."""
    return people().arabic.get(form, 0) >= _VERY_OFTEN and form not in arabic_words("particle") and not is_listed_arabic(form) and form not in function_words()


def _unanswered(text: Analysed, i: int, step: int, particles: frozenset[str], explained: Sequence[bool]) -> int | None:
    """The next part of the name of token `i` that is not explained, over those that are."""
    for _ in range(_LONGEST):
        found = _beside(text, i, step, particles)
        if found is None or not explained[found]:
            return found
        if text.lang == "en" and not text.tokens[found].text[0].isupper():
            return None
        i = found
    return None


def _beside(text: Analysed, i: int, step: int, particles: frozenset[str]) -> int | None:
    """The token next to token `i`, particles passed over, with nothing but blanks and hyphens between."""
    j = i + step
    while 0 <= j < len(text.tokens):
        low, high = (text.tokens[j], text.tokens[j + 1]) if step < 0 else (text.tokens[j - 1], text.tokens[j])
        if text.text[low.end : high.start].strip(" -\u2010\u2011'\u2019\u02bf\u02be"):
            return None
        if text.tokens[j].form not in particles:
            return j
        j += step
    return None


def _kunyas(ar: Analysed, en: Analysed) -> list[tuple[int, int]]:
    """Particles that stand once in each version, as tokens before the name that they belong to: Umm Walid, أم خالد."""
    found = []
    for kind in _KINDS:
        latin, arabic = english_words(kind), arabic_words(kind)
        ours = [i for i, t in enumerate(en.tokens) if t.form in latin and (t.text[0].isupper() or kind == "son")]
        theirs = [j for j, t in enumerate(ar.tokens) if t.form in arabic]
        if len(ours) == len(theirs) == 1:
            found.append((ours[0], theirs[0]))
    return found


def _is_part(en: Analysed, i: int) -> bool:
    """Whether an English token is a part of a name: capitalised, no title, no ordinary word unless people are called so."""
    token = en.tokens[i]
    if token.label in ("title", "acronym", "code") or not token.text[:1].isupper() or len(token.form) < 2:
        return False
    if token.label == "name":
        return True
    return is_latin_name(token.form) and (token.label == "known" or not is_english_word(token.text.lower()))


def _is_nisba(token: Token) -> bool:
    """Whether a word is built as a family name after a place or a trade: العيسمي."""
    return token.form.startswith("ال") and token.form.endswith("ي") and len(token.form) > 5


def _can_be_name(token: Token, step: int) -> bool:
    if token.form in function_words() or token.form in arabic_words("formula") or token.label == "latin" or len(token.form) < 2:
        return False
    if step > 0 and token.form.startswith(("و", "ف")) and not is_arabic_name(token.form):
        return False
    return token.label == "name" or is_arabic_name(token.form)


def _apart(latin: str, form: str) -> bool:
    """Whether two parts are surely not one name."""
    told = is_one_name(latin, form)
    if told is not None:
        return not told
    return consonants_in_common(latin, form) < _ALIKE and max(probability(latin, f) for f in variants(form)) < _UNLIKE
