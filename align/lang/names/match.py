"""Which names of a bead have their counterpart on the other side, and how: sound, lexicon, Latin letters, company."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache

from ...faults import guarded
from ...memoise import memoise
from .. import tables
from ..ar import calendar
from ..ar.letters import PRESENTED, fold, plain_with_offsets
from ..en.clauses import is_function

from .find import Analysed, Name, Token, analyse_arabic, analyse_english, arabic_pieces, arabic_words, english_words, foreign, function_words
from .letters import (
    arabic_consonants,
    arabic_mask,
    consonants_in_common,
    features,
    fold_arabic,
    fold_latin,
    has_consonants,
    latin_needs,
    latin_sound,
    plausible,
    probability,
    same_start,
    shared_consonants,
    slack,
    spelled,
)
from . import parts
from .compass import directions
from .lexicon import ENGLISH_TOKEN, Lexicon, bare, shipped_lexicon
from .people import is_one_name
from .words import is_english_word, variants

# A name that no list explains must sound like its counterpart at least this surely.
SURE = 0.25
SURE_WORD = 0.4  # when the counterpart is an ordinary word
SURE_SHORT = 0.7  # when three letters or fewer speak


@dataclass(frozen=True, slots=True)
class NameMatch:
    """An English and an Arabic span (code points) that name the same, how that is known, and how surely."""

    ar: tuple[int, int]
    en: tuple[int, int]
    how: str
    probability: float


@dataclass(frozen=True, slots=True)
class NameAlert:
    """A name with no counterpart in the bead.

    `relation` is `only`, `mismatch` (another name stands in its place) or `moved` (found elsewhere in the document).
    `strength` (0 to 1) says how surely content is missing; `why` names what it rests on; `nearest` is the span (code
    points) on the other side that comes closest, with its probability of being the same name.
    """

    side: str
    name: Name
    relation: str
    strength: float
    why: tuple[str, ...]
    nearest: tuple[int, int] | None = None
    nearest_probability: float = 0.0


@dataclass(frozen=True, slots=True)
class NameComparison:
    """The names of a bead: those that answer each other, and those of one side only."""

    matched: tuple[NameMatch, ...]
    only_ar: tuple[NameAlert, ...]
    only_en: tuple[NameAlert, ...]

    @property
    def alerts(self) -> tuple[NameAlert, ...]:
        """All names without counterpart, Arabic ones first."""
        return self.only_ar + self.only_en


@cache
def _letter_names() -> dict[str, frozenset[str]]:
    """What each Latin letter, a capital, is called in Arabic."""
    return {name[-1]: words for name, words in tables.lists("ar/names", fold).items() if name.startswith("letter_")}


@cache
def _all_letter_names() -> frozenset[str]:
    return frozenset().union(*_letter_names().values())


_STOPS = frozenset(",;.:()،؛؟!?\n«»\"")


@cache
def _name_tails() -> tuple[str, ...]:
    """Endings that an Arabic name takes, in the order in which they are tried."""
    return tuple(tables.ordered("ar/names", fold)["tail"])


@cache
def _latin_tails() -> tuple[str, ...]:
    """Endings of origin and of number that a Latin name takes, in the order in which they are tried."""
    return tuple(tables.ordered("en/names")["tail"])


@cache
def _calendar_words() -> frozenset[str]:
    """Folded Arabic names of months, their first words too, and of weekdays with the article."""
    months = (name[0] for name in calendar.all_months())
    return frozenset(map(fold_arabic, (*months, *("ال" + day for day in calendar.weekdays()))))


@memoise
def _forms(form: str) -> tuple[str, ...]:
    """The forms under which an Arabic word may be a name: without clitics, then without nisba and case endings."""
    forms = list(variants(form))
    for base in tuple(forms):
        for tail in _name_tails():
            if base.endswith(tail) and len(base) - len(tail) >= 3:
                forms.append(base[: -len(tail)])
    return tuple(f for f in dict.fromkeys(forms) if len(f) > 1)


_TOLD = 0.97  # when the spellings of the name are known
_CERTAIN = 0.65  # no other form is looked at


def sounds(latin: str, form: str, endings: bool = True, least: float = SURE) -> float:
    """The probability that a folded Arabic word is the folded Latin name, under any clitics, and `endings` if asked.

    One below `least` may come back as any lower one.
    """
    if not has_consonants(latin, arabic_mask(form)):
        return 0.0
    sound = latin_sound(latin)
    if 2 * shared_consonants(sound, arabic_consonants(form)) < len(sound.consonants):
        return 0.0
    best = 0.0
    if len(latin) > 1:
        for candidate in _forms(form) if endings else variants(form):
            if plausible(latin, candidate):
                p = spelled(latin, candidate, least)
                if p >= _CERTAIN:
                    return p
                best = max(best, p)
    return best


@memoise
def _latin_forms(token: str) -> tuple[str, ...]:
    """The forms under which an English word may be a name: as it is, without plural, without ending of origin."""
    forms = [token]
    for tail in _latin_tails():
        if token.endswith(tail) and len(token) - len(tail) >= 4:
            forms.append(token[: -len(tail)])
    if token.startswith(("al", "el")) and len(token) > 5:
        forms.append(token[2:])
    if len(token) < 9:
        # letters of pinyin
        for letters, sound in (("q", "ch"), ("x", "sh"), ("zh", "j")):
            if token.startswith(letters) and token[len(letters) : len(letters) + 1] in ("i", "u", "a", "e", "o"):
                forms.append(sound + token[len(letters) :])
    return tuple(forms)


def is_same(latin: str, form: str, foreign: bool) -> float:
    """The probability of `sounds` over the forms of both, 0 where not sure enough; `foreign`: no ordinary word."""
    return _is_same_foreign(f"{latin} {form}") if foreign else _is_same_ordinary(f"{latin} {form}")


@memoise
def _is_same_foreign(names: str) -> float:
    return _is_same(*names.split(" "), True)


@memoise
def _is_same_ordinary(names: str) -> float:
    return _is_same(*names.split(" "), False)


class ArabicNames:
    """Names among which those are looked for that a Latin name may be: `is_same` is 0 for all others."""

    def __init__(self, names: Iterable[str]) -> None:
        import numpy as np

        self._names = list(names)
        self._masks = np.array([arabic_mask(name) for name in self._names], np.int64)

    def like(self, latin: str) -> list[str]:
        """The names that hold the consonants of a folded Latin name."""
        import numpy as np

        found = np.zeros(len(self._names), bool)
        for candidate in _latin_forms(latin):
            missed = np.zeros(len(self._names), np.int64)
            for need in latin_needs(candidate):
                missed += (self._masks & need) == 0
            found |= missed <= slack(candidate)
        return [self._names[i] for i in np.flatnonzero(found).tolist()]


class LatinNames:
    """Names among which those are looked for that an Arabic name may be: `is_same` is 0 for all others."""

    def __init__(self, names: Iterable[str]) -> None:
        import numpy as np

        self._names = list(names)
        forms = [(i, form) for i, name in enumerate(self._names) for form in _latin_forms(name)]
        needs = [latin_needs(form) for _, form in forms]
        self._owners = np.array([i for i, _ in forms], np.int64)
        self._slack = np.array([slack(form) for _, form in forms], np.int64)
        self._needs = np.zeros((max(map(len, needs), default=0), len(forms)), np.int64)
        for k, some in enumerate(needs):
            self._needs[: len(some), k] = some

    def like(self, arabic: str) -> list[str]:
        """The names whose consonants a folded Arabic name holds."""
        import numpy as np

        missed = ((self._needs != 0) & ((self._needs & arabic_mask(arabic)) == 0)).sum(0)
        return [self._names[i] for i in np.unique(self._owners[missed <= self._slack]).tolist()]


def _is_same(latin: str, form: str, foreign: bool) -> float:
    told = is_one_name(latin, form)
    if told is not None:
        return _TOLD if told else 0.0
    if len(form) == 2 and len(latin) > 3:
        return 0.0
    best, mask = 0.0, arabic_mask(form)
    for candidate in _latin_forms(latin):
        if has_consonants(candidate, mask):
            best = max(best, sounds(candidate, form, foreign))
            if best >= _CERTAIN:
                return best
    if foreign:
        return best if best >= SURE else 0.0
    sure = SURE_SHORT if len(latin) <= 3 or len(form) <= 3 else SURE_WORD
    return best if best >= sure else 0.0


def same_name_probability(ar: str, en: str, lexicon: Lexicon | None = None) -> float:
    """The probability that an Arabic and a Latin string are the same name, words compared in order.

    Conventional names (Egypt, مصر) are certain. Words without counterpart count as doubt, in proportion.
    """
    lexicon = shipped_lexicon() if lexicon is None else lexicon
    ar_words = [w for w in (fold_arabic(piece) for _, _, piece in arabic_pieces(ar)) if w]
    words = [bare(m.group()) for m in ENGLISH_TOKEN.finditer(en)]
    en_words = [w for w in map(fold_latin, words) if w and w not in english_words("silent")] or [w for w in map(fold_latin, words) if w]
    if not en_words or not ar_words:
        return 0.0
    for tokens in (words, [w[:1].upper() + w[1:] for w in words]):
        n, entries = lexicon.in_english(tokens, 0)
        whole = {e for _, m, e in lexicon.in_arabic(ar_words) if m == len(ar_words)}
        if n == len(words) and not whole.isdisjoint(entries):
            return 1.0
        if n == len(words) and _places(lexicon, whole) and _places(lexicon, entries):
            return 0.0  # two places of the lexicon (Niger, نيجيريا)
    joined = _join_probability("".join(en_words), "".join(ar_words))
    return max(joined, _in_order(en_words, ar_words))


def _places(lexicon: Lexicon, entries: Iterable[int]) -> bool:
    return any(lexicon.entries[e].kind in ("country", "place") for e in entries)


def _join_probability(latin: str, arabic: str) -> float:
    if len(latin) > 24 or len(arabic) > 24:
        return 0.0
    return max(sounds(f, arabic, least=0.0) for f in _latin_forms(latin))


def _in_order(en_words: list[str], ar_words: list[str]) -> float:
    """The best monotone pairing of words: the mean probability over the longer side, by dynamic programming."""
    n, m = len(en_words), len(ar_words)
    best = [[0.0] * (m + 1) for _ in range(n + 1)]
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            value = max(
                best[i - 1][j], best[i][j - 1], best[i - 1][j - 1] + _join_probability(en_words[i - 1], ar_words[j - 1])
            )
            if j > 1:
                value = max(
                    value,
                    best[i - 1][j - 2] + 2 * _join_probability(en_words[i - 1], ar_words[j - 2] + ar_words[j - 1]),
                )
            if i > 1:
                pair = _join_probability(en_words[i - 2] + en_words[i - 1], ar_words[j - 1])
                value = max(value, best[i - 2][j - 1] + 2 * pair)
            best[i][j] = value
    return min(1.0, best[n][m] / max(n, m))


class _Bead:
    """The state of one comparison."""

    def __init__(self, ar: Analysed, en: Analysed, lexicon: Lexicon, cooccurring: Mapping[str, Iterable[str]]) -> None:
        self.ar, self.en, self.lexicon, self.cooccurring = ar, en, lexicon, cooccurring
        self.matched: list[NameMatch] = []
        self.links: list[tuple[int, int]] = []
        self.places: list[tuple[tuple[int, int], tuple[int, int]]] = []  # English and Arabic: first token, how many
        self.ar_explained = [False] * len(ar.tokens)
        self.en_explained = [False] * len(en.tokens)
        self.near: dict[int, tuple[float, int]] = {}
        self.ar_latin: dict[str, int] = {}
        for i, token in enumerate(ar.tokens):
            if token.label == "latin":
                low = token.text.casefold().rstrip(".")
                for key in (low, *low.replace("&", "-").split("-")):
                    if len(key) > 1:
                        self.ar_latin.setdefault(key, i)

    @cached_property
    def masks(self) -> list[int]:
        """The letters of each Arabic word as bits."""
        return [arabic_mask(t.form) for t in self.ar.tokens]

    @cached_property
    def foreign(self) -> list[int]:
        """The Arabic words that look like names, each once."""
        return [i for i in self._distinct if self._is_odd(i)]

    @cached_property
    def rest(self) -> list[int]:
        """The other Arabic words of content, each once."""
        return [i for i in self._distinct if not self._is_odd(i)]

    @cached_property
    def _distinct(self) -> list[int]:
        first: dict[str, int] = {}
        for i, token in enumerate(self.ar.tokens):
            if token.label != "latin" and token.form not in function_words():
                first.setdefault(token.form, i)
        return list(first.values())

    def _is_odd(self, i: int) -> bool:
        token = self.ar.tokens[i]
        return token.label == "name" or foreign(token.form) > 0

    def match(self, en: tuple[int, int], ar: tuple[int, int], how: str, probability: float) -> None:
        """Notes that English tokens and Arabic tokens (half-open runs) name the same."""
        for i in range(*en):
            self.en_explained[i] = True
        self.links += [(en[0], ar[0]), (en[1] - 1, ar[1] - 1)]
        if en[1] - en[0] == 1 and how != "lexicon":
            said = self.en.tokens[en[0]].form
            for i, token in enumerate(self.en.tokens):
                if token.form == said and token.label:
                    self.en_explained[i] = True
        forms = {self.ar.tokens[j].form for j in range(*ar)}
        for j, token in enumerate(self.ar.tokens):
            if ar[0] <= j < ar[1] or (how != "lexicon" and token.form in forms):
                self.ar_explained[j] = True
        self.matched.append(
            NameMatch(
                (self.ar.tokens[ar[0]].start, self.ar.tokens[ar[1] - 1].end),
                (self.en.tokens[en[0]].start, self.en.tokens[en[1] - 1].end),
                how,
                probability,
            )
        )

    def apart(self, i: int, j: int) -> bool:
        """Whether the lexicon has an English and an Arabic token as two places."""
        e, a = self.en.tokens[i], self.ar.tokens[j]
        if not e.entries or not a.entries or not set(e.entries).isdisjoint(a.entries):
            return False
        return _places(self.lexicon, e.entries) and a.label == "known" and _places(self.lexicon, a.entries)

    def by_lexicon(self) -> None:
        """Entries found on both sides."""
        lexicon = self.lexicon
        for entry, (i, n) in self.en.entries.items():
            if entry in self.ar.entries:
                j, m = self.ar.entries[entry]
                how = "glossary" if lexicon.entries[entry].kind == "glossary" else "lexicon"
                self.match((i, i + n), (j, j + m), how, 1.0)
                if lexicon.entries[entry].kind in ("country", "place"):
                    self.places.append(((i, n), (j, m)))
        shared = {e for e in self.en.entries if e in self.ar.entries}
        for j, token in enumerate(self.ar.tokens):
            if token.entries and not shared.isdisjoint(token.entries):
                self.ar_explained[j] = True
        for i, token in enumerate(self.en.tokens):
            if token.entries and not shared.isdisjoint(token.entries):
                self.en_explained[i] = True

    def by_latin(self, i: int) -> bool:
        """A token that stands in Latin letters in the Arabic text."""
        key = self.en.tokens[i].text.casefold().rstrip(".")
        j = self.ar_latin.get(key)
        if j is None:
            form = self.en.tokens[i].form
            for text, place in self.ar_latin.items():
                if fold_latin(text) == form or (
                    len(form) > 3 and (form in fold_latin(text) or fold_latin(text).startswith(form))
                ):
                    j = place
                    break
        if j is None:
            return False
        self.match((i, i + 1), (j, j + 1), "latin", 1.0)
        return True

    def likely(self, latin: str, places: list[int]) -> list[int]:
        """The Arabic words that have nearly all consonants of a name: what a cheap look at the letters leaves."""
        needed = latin_needs(latin)
        allowed = 2 if len(latin) < 8 else 3
        if len(needed) <= allowed:
            allowed = len(needed) - 1 if needed else 0
        found, masks = [], self.masks
        for j in places:
            mask, missed = masks[j], 0
            for need in needed:
                if not mask & need:
                    missed += 1
                    if missed > allowed:
                        break
            else:
                found.append(j)
        return found

    def firm(self, i: int) -> bool:
        """Whether a token is more than a capitalised ordinary word: a name, or beside one."""
        tokens = self.en.tokens
        if tokens[i].label != "ordinary":
            return True
        return any(tokens[k].label in ("name", "known", "title") for k in (i - 1, i + 1) if 0 <= k < len(tokens))

    def by_sound(self, i: int) -> bool:
        """A token that sounds like an Arabic word: foreign-looking ones first, then any, then two neighbours joined."""
        latin = self.en.tokens[i].form
        if len(latin) < 2:
            return False
        tokens = self.ar.tokens
        best, place = 0.0, -1
        own = self.en.tokens[i].entries
        for j in self.likely(latin, self.foreign):
            p = 0.0 if own and self.apart(i, j) else is_same(latin, tokens[j].form, True)
            if p > best:
                best, place = p, j
        if best < SURE_WORD and self.firm(i):
            for j in self.likely(latin, self.rest):
                if own and self.apart(i, j):
                    continue
                p = is_same(latin, tokens[j].form, False)
                if p > best:
                    best, place = p, j
        if place < 0 and self.en.tokens[i].label == "name":
            # what is called after it, be it an ordinary word by now (البهائية)
            for j in self.likely(latin, self.rest):
                p = is_same(latin, tokens[j].form, True) if tokens[j].form.endswith(_nisba()) else 0.0
                if p >= _CERTAIN and p > best:
                    best, place = p, j
        if place >= 0:
            self.match((i, i + 1), (place, place + 1), "transliteration", best)
            return True
        if len(latin) >= 5 and self.firm(i):
            needed = latin_needs(latin)
            for j in range(len(tokens) - 1):
                mask = self.masks[j] | self.masks[j + 1]
                if sum(not mask & need for need in needed) > 1:
                    continue
                if tokens[j].label == "latin" or tokens[j + 1].label == "latin" or len(tokens[j + 1].form) > len(latin):
                    continue
                joined = tokens[j].form + tokens[j + 1].form
                if len(joined) <= len(latin) + 2:
                    p = sounds(latin, joined)
                    if p >= SURE_WORD:
                        self.match((i, i + 1), (j, j + 2), "transliteration", p)
                        return True
        return False

    def by_joined(self, i: int) -> bool:
        """A token and the next one, joined, as one Arabic word (Abu Dhabi, أبوظبي)."""
        if i + 1 >= len(self.en.tokens):
            return False
        latin = self.en.tokens[i].form + self.en.tokens[i + 1].form
        if not 4 <= len(latin) <= 18 or not self.en.tokens[i + 1].form:
            return False
        second = self.en.tokens[i + 1].form
        for j in self.likely(latin, self.foreign + self.rest):
            p = sounds(latin, self.ar.tokens[j].form)
            if p >= SURE_WORD and is_same(second, self.ar.tokens[j].form, True) < p:
                self.match((i, i + 2), (j, j + 1), "transliteration", p)
                return True
        return False

    def by_letters(self, i: int) -> bool:
        """An acronym whose letters are named one after the other (إف بي آي)."""
        letters = [c for c in self.en.tokens[i].text if c.isalpha()]
        if not all(c.isascii() for c in letters):
            return False
        forms = [t.form for t in self.ar.tokens]
        for j in range(len(forms) - len(letters) + 1):
            heads = variants(forms[j]) if forms[j] else ()
            if any(h in _letter_names()[letters[0].upper()] for h in (*heads, forms[j])) and all(
                forms[j + k] in _letter_names()[c.upper()] for k, c in enumerate(letters[1:], 1)
            ):
                self.match((i, i + 1), (j, j + len(letters)), "acronym", 0.95)
                return True
        joined = "".join(letters).lower()
        return len(joined) > 2 and self.by_sound(i)

    def by_expansion(self, i: int) -> bool:
        """An acronym where the Arabic text writes an institution or a term out in words: PHE, هيئة الصحة العامة."""
        tokens, size = self.ar.tokens, len(self.en.tokens[i].text)
        for j, token in enumerate(tokens):
            if self.ar_explained[j] or arabic_words("expanded").isdisjoint(variants(token.form)):
                continue
            stop, words = j + 1, 1
            while stop < len(tokens) and words <= size and not set(self.ar.text[tokens[stop - 1].end : tokens[stop].start]) & _STOPS:
                words += tokens[stop].form not in function_words()
                stop += 1
            inside = tokens[j + 1 : stop]
            if not inside or inside[0].form in function_words() or inside[0].form in _all_letter_names() or inside[0].label in ("name", "latin"):
                continue
            self.match((i, i + 1), (j, stop), "expansion", 0.5)
            return True
        return False

    def by_company(self, i: int) -> bool:
        """A token whose company in the document is an Arabic expression of this bead."""
        for form in self.cooccurring.get(self.en.tokens[i].form, ()):
            for j, token in enumerate(self.ar.tokens):
                if token.form == form or form in variants(token.form):
                    self.match((i, i + 1), (j, j + 1), "cooccurrence", 0.7)
                    return True
        return False

    def explain_english(self) -> None:
        """Tries every labelled English token."""
        for i, token in enumerate(self.en.tokens):
            if self.en_explained[i] or not token.label or token.label in ("title", "code"):
                if token.label == "code" and not self.en_explained[i]:
                    self.by_latin(i)
                continue
            if self.ar_latin and self.by_latin(i):
                continue
            if token.label == "acronym" or (token.label == "known" and token.text.isupper() and len(token.text) < 7):
                _ = self.by_letters(i) or self.by_company(i) or self.by_expansion(i)
                continue
            if (
                not self.by_sound(i)
                and not (token.label != "ordinary" and self.by_joined(i))
                and not self.by_company(i)
            ):
                continue

    def explain_arabic(self) -> None:
        """Tries the Arabic candidates that no English name explained against all English words (tsunami, تسونامي)."""
        for j, token in enumerate(self.ar.tokens):
            if self.ar_explained[j] or token.label not in ("name", "known") or token.strength < 0.7:
                continue
            best, place = 0.0, -1
            for i, other in enumerate(self.en.tokens):
                if len(other.form) < 3 or other.text in english_words("common") or not self.likely(other.form, [j]) or self.apart(i, j):
                    continue
                p = is_same(other.form, token.form, True)
                if p > best:
                    best, place = p, i
            if place < 0 and len(token.form) > 4:
                for i in range(len(self.en.tokens) - 1):
                    latin = self.en.tokens[i].form + self.en.tokens[i + 1].form
                    if self.apart(i, j) or self.apart(i + 1, j) or any(is_function(t.text.lower()) for t in self.en.tokens[i : i + 2]):
                        continue
                    if 4 < len(latin) < 18 and (p := sounds(latin, token.form)) >= SURE_WORD:
                        best, place = p, i
                        break
            if place < 0 and len(token.form) > 4:
                # the beginning of a compound (coronavirus, كورونا)
                for i, other in enumerate(self.en.tokens):
                    if len(other.form) > len(token.form) + 3 and len(other.form) > 8:
                        n = len(token.form)
                        if max(is_same(other.form[:k], token.form, True) for k in (n, n + 1, n + 2)) >= 0.6:
                            best, place = 0.6, i
                            break
            if place >= 0:
                self.match((place, place + 1), (j, j + 1), "transliteration", best)

    def explain_leftovers(self) -> None:
        """Names that nothing explained: words run together, and spellings far from the usual ones."""
        left = [
            i
            for i, t in enumerate(self.en.tokens)
            if not self.en_explained[i] and t.label in ("name", "known", "ordinary") and len(t.form) > 3
        ]
        if not left:
            return
        odd = [
            j
            for j, t in enumerate(self.ar.tokens)
            if not self.ar_explained[j] and len(t.form) > 2 and t.label != "latin" and foreign(t.form) > 0
        ]
        for i in left:
            if self.en_explained[i]:
                continue
            latin = self.en.tokens[i].form
            known = self.en.tokens[i].entries
            for j in odd:
                if known and self.ar.tokens[j].entries or is_one_name(latin, self.ar.tokens[j].form) is False:
                    continue  # a table has both, and holds them apart
                if not self.ar_explained[j] and any(_near(latin, f) for f in variants(self.ar.tokens[j].form)):
                    self.match((i, i + 1), (j, j + 1), "transliteration", SURE)
                    break
            else:
                self.inside(i)

    def inside(self, i: int) -> None:
        """A token that stands at the beginning or the end of a long Arabic word that lost its spaces."""
        latin = self.en.tokens[i].form
        n = len(latin)
        for j, token in enumerate(self.ar.tokens):
            form = token.form
            if len(form) < 8 or token.label == "latin" or self.apart(i, j) or (len(form) < 14 and foreign(form) == 0.0):
                continue
            ends = range(max(3, n - 3), min(len(form) - 2, n + 2))
            parts = (part for k in ends for part in (form[:k], form[-k:]))
            best = max((probability(latin, part, SURE) for part in parts), default=0.0)
            if best < 0.6 and len(form) > 14:
                every = (form[a : a + k] for k in range(max(4, n - 2), n + 2) for a in range(len(form) - k + 1))
                best = max((probability(latin, piece, SURE) for piece in every), default=0.0)
            if best >= 0.6:
                self.match((i, i + 1), (j, j + 1), "transliteration", best)
                return


@lru_cache(maxsize=1 << 14)
def _near(latin: str, form: str) -> bool:
    """Whether two names that stand alone on both sides are more alike than chance: laxer than `sounds`."""
    if len(form) < 3 or not same_start(latin, form):
        return False
    common = consonants_in_common(latin, form)
    if common <= 0.62:
        return False
    if common == 1.0 or foreign(form) > 0.5:
        return True
    found = features(latin, form)
    return found is not None and found[0] > 9


_NO_NAMES = NameComparison((), (), ())
_MOST_PAIRS = 4_000_000  # of words of both sides that are compared: no sentence, and no paragraph, has so many


@guarded(lambda *_, **__: _NO_NAMES)
def compare_analysed(
    ar: Analysed, en: Analysed, lexicon: Lexicon | None = None, cooccurring: Mapping[str, Iterable[str]] | None = None
) -> NameComparison:
    """Compares two analysed texts that answer each other; nothing of texts of more than some thousand words."""
    if not ar.names and not en.names and not (ar.entries and en.entries) or len(ar.tokens) * len(en.tokens) > _MOST_PAIRS:
        return _NO_NAMES
    bead = _Bead(ar, en, shipped_lexicon() if lexicon is None else lexicon, cooccurring or {})
    bead.by_lexicon()
    bead.explain_english()
    bead.explain_arabic()
    bead.explain_leftovers()
    only_en = [a for name in en.names if (a := _judge_english(bead, name))]
    only_ar = [a for name in ar.names if (a := _judge_arabic(bead, name))]
    if any(a.name.kind == "acronym" and len(a.name.text) > 3 for a in only_en):
        # its expansion may well hold the name of a place
        only_ar = [
            replace(a, strength=0.5 * a.strength, why=(*a.why, "acronym")) if a.name.kind == "known" else a
            for a in only_ar
        ]
    only_ar, only_en = _mismatches(_joined(only_ar, ar), _joined(only_en, en))
    only_ar, only_en = _with_parts(bead, only_ar, only_en)
    _mark_places(bead.lexicon, only_ar, only_en)
    _add_directions(bead, only_ar, only_en)
    return NameComparison(tuple(bead.matched), tuple(only_ar), tuple(only_en))


def match_names(ar_text: str, en_text: str, lexicon: Lexicon | None = None, ordinary: frozenset[str] = frozenset(),
                cooccurring: Mapping[str, Iterable[str]] | None = None) -> NameComparison:  # fmt: skip
    """Compares the names of an Arabic and an English text that answer each other; offsets are code points in them."""
    if PRESENTED.search(ar_text):
        plain, offsets = plain_with_offsets(ar_text)
        return _in_arabic_at(match_names(plain, en_text, lexicon, ordinary, cooccurring), ar_text, offsets)
    return compare_analysed(
        analyse_arabic(ar_text, lexicon), analyse_english(en_text, lexicon, ordinary), lexicon, cooccurring
    )


def _in_arabic_at(found: NameComparison, text: str, offsets: Sequence[int]) -> NameComparison:
    """A comparison whose Arabic places are those of `text`, by the offset at which each character that was compared stands."""

    def place(start: int, end: int) -> tuple[int, int]:
        return offsets[start], offsets[end - 1] + 1

    def moved(name: Name) -> Name:
        start, end = place(name.start, name.end)
        return replace(name, start=start, end=end, text=text[start:end])

    return NameComparison(
        tuple(replace(match, ar=place(*match.ar)) for match in found.matched),
        tuple(replace(alert, name=moved(alert.name)) for alert in found.only_ar),
        tuple(replace(alert, nearest=alert.nearest and place(*alert.nearest)) for alert in found.only_en),
    )


def _joined(alerts: list[NameAlert], analysed: Analysed) -> list[NameAlert]:
    """Alerts with nothing between them but a blank or a hyphen as one (Shakhtar, Donetsk)."""
    out: list[NameAlert] = []
    for alert in alerts:
        last = out[-1] if out else None
        if (
            last is not None and min(last.strength, alert.strength) >= 0.3
            and analysed.text[last.name.end : alert.name.start] in (" ", "-")
            and not (alert.side == "ar" and alert.name.text.startswith("و"))
        ):  # fmt: skip
            name = replace(
                last.name,
                end=alert.name.end,
                text=analysed.text[last.name.start : alert.name.end],
                tokens=(last.name.tokens[0], alert.name.tokens[1]),
                entries=last.name.entries + alert.name.entries,
            )
            out[-1] = replace(last, name=name, strength=max(last.strength, alert.strength))
        else:
            out.append(alert)
    return out


def _span(tokens: list[Token], text: str, first: int, stop: int, name: Name, strength: float) -> Name:
    start, end = tokens[first].start, tokens[stop - 1].end
    return Name(start, end, text[start:end], name.kind, strength, name.entries, (first, stop))


_PARTLY = 0.4  # a surname where the other side has the full name, or the reverse


def _judge_english(bead: _Bead, name: Name) -> NameAlert | None:
    tokens, explained = bead.en.tokens, bead.en_explained
    inside = range(*name.tokens)
    if name.kind == "known":
        letters = sum(len(tokens[i].form) for i in inside)
        if sum(len(tokens[i].form) for i in inside if explained[i]) >= 0.6 * letters:
            return None
        share = _IN_TITLE if _beside_acronym(bead, inside) else 1.0
        return NameAlert("en", name, "only", share * name.strength, (name.kind,))
    needed = [i for i in inside if tokens[i].label in ("name", "known", "acronym")]
    if not needed:
        needed = [i for i in inside if tokens[i].label in ("ordinary", "code")]
    missing = _longest(
        [i for i in needed if not explained[i]], [tokens[i].strength for i in needed if not explained[i]]
    )
    if not missing:
        return None
    strength = max(tokens[i].strength for i in missing)
    beside = [
        i for i in inside if explained[i] and tokens[i].label in ("name", "known", "ordinary") and i not in missing
    ]
    if beside:
        why = (name.kind, "partly found")
        part = _span(tokens, bead.en.text, missing[0], missing[-1] + 1, name, strength)
        return NameAlert("en", part, "only", strength * (_PARTLY if len(missing) == 1 else 0.7), why)
    return NameAlert("en", name, "only", strength, (name.kind,))


_IN_TITLE = 0.35  # the place in the name of an institution: NHS England


def _beside_acronym(bead: _Bead, inside: range) -> bool:
    """Whether an English name stands right beside an acronym that is answered."""
    tokens = bead.en.tokens
    for i, k in ((inside[0] - 1, inside[0]), (inside[-1], inside[-1] + 1)):
        other = i if i < inside[0] else k
        if i < 0 or k >= len(tokens) or bead.en.text[tokens[i].end : tokens[k].start] != " ":
            continue
        if bead.en_explained[other] and tokens[other].text.isupper() and len(tokens[other].text) > 1:
            return True
    return False


def _longest(missing: list[int], strengths: list[float]) -> list[int]:
    """The strongest unbroken run of token numbers."""
    best: list[int] = []
    best_value = -1.0
    run: list[int] = []
    value = 0.0
    for i, strength in zip(missing, strengths, strict=True):
        if run and i != run[-1] + 1:
            run, value = [], 0.0
        run = [*run, i]
        value += strength
        if value > best_value:
            best, best_value = run, value
    return best


def _judge_arabic(bead: _Bead, name: Name) -> NameAlert | None:
    tokens, explained = bead.ar.tokens, bead.ar_explained
    inside = range(*name.tokens)
    if name.kind == "latin":
        left = [i for i in inside if not explained[i] and not _latin_in_english(bead, tokens[i])]
    else:
        left = [i for i in inside if not explained[i]]
    if not left:
        return None
    if name.kind == "known":
        # "new" alone does not answer نيو أورلينز
        if sum(len(tokens[i].form) for i in left) < 0.4 * sum(len(tokens[i].form) for i in inside):
            return None
        return NameAlert("ar", name, "only", name.strength, (name.kind,))
    strengths = [_arabic_strength(tokens[i]) for i in left]
    missing = _longest(left, strengths)
    strength = max(_arabic_strength(tokens[i]) for i in missing)
    if name.kind == "name" and len(missing) > 1:
        # two words that no list holds, side by side, are hardly ordinary
        doubt = 1.0
        for i in missing:
            doubt *= 1 - 0.8 * _arabic_strength(tokens[i])
        strength = max(strength, 1 - doubt)
    beside = [
        i
        for i in inside
        if explained[i] and not tokens[i].form.startswith(_article()) and abs(i - missing[0]) <= len(missing)
    ]
    if beside and name.kind == "name":
        part = _span(tokens, bead.ar.text, missing[0], missing[-1] + 1, name, strength)
        return NameAlert(
            "ar", part, "only", strength * (_PARTLY if len(missing) == 1 else 0.8), (name.kind, "partly found")
        )
    return NameAlert(
        "ar", _span(tokens, bead.ar.text, missing[0], missing[-1] + 1, name, strength), "only", strength, (name.kind,)
    )


def _latin_in_english(bead: _Bead, token: Token) -> bool:
    key = token.text.casefold()
    return key in bead.en.text.casefold() or (len(token.form) > 2 and any(t.form == token.form for t in bead.en.tokens))


@cache
def _article() -> tuple[str, ...]:
    """What an Arabic word with the article begins with."""
    return tuple(arabic_words("article"))


@cache
def _nisba() -> tuple[str, ...]:
    """Endings of an adjective of origin."""
    return tuple(arabic_words("nisba"))


def _arabic_strength(token: Token) -> float:
    strength = token.strength
    if token.label == "name":
        forms = variants(token.form)
        if any(f in _calendar_words() for f in forms):
            return 0.0
        strength = (
            0.9 if len(token.form) > 4 else 0.75
        ) * strength**6  # most words of middling shape are ordinary ones that no list holds
        if not token.told:
            strength *= 0.5
        # foreign names seldom take the article, and verbs and plurals end otherwise
        if token.form.startswith(_article()):
            strength *= 0.4
    return strength


_FIRM = 0.36  # institutions and things are weaker: they do not stand in a person's place


def _mismatches(only_ar: list[NameAlert], only_en: list[NameAlert]) -> tuple[list[NameAlert], list[NameAlert]]:
    """Pairs names that stand alone on both sides: each is the other's nearest counterpart, and may have replaced it."""
    firm_ar = [a for a in only_ar if a.strength >= _FIRM]
    firm_en = [a for a in only_en if a.strength >= _FIRM]
    if len(firm_ar) == 1 and len(firm_en) == 1:
        a, e = firm_ar[0], firm_en[0]
        latin, form = fold_latin(e.name.text), fold_arabic(a.name.text)
        alike = consonants_in_common(latin, form)
        named = a.name.kind == e.name.kind == "name"
        gain = 0.5 if named and alike > 0.5 and same_start(latin, form) else 1.0
        if "partly found" in a.why and "partly found" in e.why:
            gain = 1.8  # another first name before the same surname, say
        both = (min(0.95, a.strength * gain), min(0.95, e.strength * gain))
        p = probability(latin, form) if len(form) < 20 else 0.0
        only_ar[only_ar.index(a)] = replace(
            a, relation="mismatch", strength=both[0], nearest=(e.name.start, e.name.end), nearest_probability=p
        )
        only_en[only_en.index(e)] = replace(
            e, relation="mismatch", strength=both[1], nearest=(a.name.start, a.name.end), nearest_probability=p
        )
    return only_ar, only_en


_PART = 0.95


def _with_parts(bead: _Bead, only_ar: list[NameAlert], only_en: list[NameAlert]) -> tuple[list[NameAlert], list[NameAlert]]:
    """The alerts with one on each side for every part in which a name differs, in place of what overlaps it."""
    if not only_ar and not only_en:
        return only_ar, only_en
    persons = frozenset(e for e in (*bead.ar.entries, *bead.en.entries) if bead.lexicon.entries[e].kind == "person")
    found = parts.differing(bead.ar, bead.en, bead.links, bead.ar_explained, bead.en_explained, persons)
    if not found and only_en and (alone := parts.replaced(bead.ar, bead.en, bead.ar_explained, bead.en_explained)):
        found = [alone]
    for i, j in found:
        e, a = bead.en.tokens[i], bead.ar.tokens[j]
        for side, own, other, alerts in (("en", e, a, only_en), ("ar", a, e, only_ar)):
            place = i if side == "en" else j
            alerts[:] = [x for x in alerts if x.name.end <= own.start or x.name.start >= own.end]
            name = Name(own.start, own.end, own.text, "name", _PART, own.entries, (place, place + 1))
            alerts.append(NameAlert(side, name, "mismatch", _PART, ("name", "part"), (other.start, other.end)))
    return only_ar, only_en


_SURE_PLACE = 0.3


def _mark_places(lexicon: Lexicon, only_ar: list[NameAlert], only_en: list[NameAlert]) -> None:
    """Notes of two places that stand alone, one a side, and of one kind, that they stand in each other's place."""
    found = [[k for k, x in enumerate(alerts) if x.strength >= _SURE_PLACE and _places(lexicon, x.name.entries)]
             for alerts in (only_ar, only_en)]  # fmt: skip
    if [len(places) for places in found] != [1, 1]:
        return
    (j,), (i,) = found
    a, e = only_ar[j], only_en[i]
    kinds = [{lexicon.entries[x].kind for x in alert.name.entries} & {"country", "place"} for alert in (a, e)]
    if kinds[0].isdisjoint(kinds[1]):
        return
    for alerts, k, own, other in ((only_ar, j, a, e), (only_en, i, e, a)):
        alerts[k] = replace(own, relation="mismatch", strength=max(own.strength, 0.7), why=(*own.why, "place"),
                            nearest=(other.name.start, other.name.end))  # fmt: skip


def _add_directions(bead: _Bead, only_ar: list[NameAlert], only_en: list[NameAlert]) -> None:
    """Adds an alert on each side for a place that both have, in another direction: North Korea, كوريا الجنوبية."""
    for (i, n), (j, m) in bead.places:
        east, west = directions(bead.en, i, i + n), directions(bead.ar, j, j + m)
        if not east[0] or not west[0] or east[0] == west[0]:
            continue
        e, a = (_span(x.tokens, x.text, *run, _NAMELESS, _PART) for x, run in ((bead.en, east[1]), (bead.ar, west[1])))
        only_en.append(NameAlert("en", e, "mismatch", _PART, ("known", "direction"), (a.start, a.end)))
        only_ar.append(NameAlert("ar", a, "mismatch", _PART, ("known", "direction"), (e.start, e.end)))


_NAMELESS = Name(0, 0, "", "known", _PART)


def english_words_of(texts: Iterable[str]) -> frozenset[str]:
    """The words that texts write in lower case, in the form in which `analyse_english` asks for them."""
    import re

    pattern = re.compile(r"\b[a-z]{2,}\b")
    return frozenset(w for text in texts for w in pattern.findall(text) if not is_english_word(w))
