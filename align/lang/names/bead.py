"""The names of one bead while they are matched: by lexicon, Latin letters, sound, acronyms, the rest of the document."""

from collections.abc import Iterable, Mapping
from functools import cache, cached_property

from .. import tables
from ..ar.letters import fold
from ..en.clauses import is_function
from .alike import SURE, are_places, is_near, is_same, sounds
from .comparison import NameMatch
from .find import Analysed, arabic_words, english_words, foreign, function_words
from .letters import arabic_mask, fold_latin, latin_needs, probability
from .lexicon import Lexicon
from .people import is_one_name
from .words import variants

_HOW = tables.weights("names/weights")["how"]
_FIRM = tables.weights("names/weights")["arabic"]["led"]
_STOPS = frozenset(",;.:()،؛؟!?\n«»\"")


@cache
def _letter_names() -> dict[str, frozenset[str]]:
    """What each Latin letter, a capital, is called in Arabic."""
    return {name[-1]: words for name, words in tables.lists("ar/names", fold).items() if name.startswith("letter_")}


@cache
def _all_letter_names() -> frozenset[str]:
    return frozenset().union(*_letter_names().values())




@cache
def _nisba() -> tuple[str, ...]:
    """Endings of an adjective of origin."""
    return tuple(arabic_words("nisba"))


class Bead:
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
        return are_places(self.lexicon, e.entries) and a.label == "known" and are_places(self.lexicon, a.entries)

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
        if best < SURE["word"] and self.firm(i):
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
                if p >= SURE["certain"] and p > best:
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
                    if p >= SURE["word"]:
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
            if p >= SURE["word"] and is_same(second, self.ar.tokens[j].form, True) < p:
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
                self.match((i, i + 1), (j, j + len(letters)), "acronym", _HOW["acronym"])
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
            self.match((i, i + 1), (j, stop), "expansion", _HOW["expansion"])
            return True
        return False

    def by_cooccurrence(self, i: int) -> bool:
        """A token that keeps standing with an Arabic expression of this bead in the whole document."""
        for form in self.cooccurring.get(self.en.tokens[i].form, ()):
            for j, token in enumerate(self.ar.tokens):
                if token.form == form or form in variants(token.form):
                    self.match((i, i + 1), (j, j + 1), "cooccurrence", _HOW["cooccurrence"])
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
                _ = self.by_letters(i) or self.by_cooccurrence(i) or self.by_expansion(i)
                continue
            _ = self.by_sound(i) or (token.label != "ordinary" and self.by_joined(i)) or self.by_cooccurrence(i)

    def explain_arabic(self) -> None:
        """Tries the Arabic candidates that no English name explained against all English words (tsunami, تسونامي)."""
        for j, token in enumerate(self.ar.tokens):
            if self.ar_explained[j] or token.label not in ("name", "known") or token.strength < _FIRM:
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
                    if 4 < len(latin) < 18 and (p := sounds(latin, token.form)) >= SURE["word"]:
                        best, place = p, i
                        break
            if place < 0 and len(token.form) > 4:
                # the beginning of a compound (coronavirus, كورونا)
                for i, other in enumerate(self.en.tokens):
                    if len(other.form) > len(token.form) + 3 and len(other.form) > 8:
                        n = len(token.form)
                        if max(is_same(other.form[:k], token.form, True) for k in (n, n + 1, n + 2)) >= SURE["inside"]:
                            best, place = SURE["inside"], i
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
                if not self.ar_explained[j] and any(is_near(latin, f) for f in variants(self.ar.tokens[j].form)):
                    self.match((i, i + 1), (j, j + 1), "transliteration", SURE["name"])
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
            best = max((probability(latin, part, SURE["name"]) for part in parts), default=0.0)
            if best < SURE["inside"] and len(form) > 14:
                every = (form[a : a + k] for k in range(max(4, n - 2), n + 2) for a in range(len(form) - k + 1))
                best = max((probability(latin, piece, SURE["name"]) for piece in every), default=0.0)
            if best >= SURE["inside"]:
                self.match((i, i + 1), (j, j + 1), "transliteration", best)
                return
