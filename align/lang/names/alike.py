"""Whether a Latin and an Arabic string are one name: their spellings under clitics, endings and origins."""

from collections.abc import Iterable
from functools import cache, lru_cache

from ...memoise import memoise
from .. import tables
from ..ar.letters import fold
from .find import arabic_pieces, english_words, foreign
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
    same_start,
    shared_consonants,
    slack,
    spelled,
)
from .lexicon import ENGLISH_TOKEN, Lexicon, bare, shipped_lexicon
from .people import is_one_name
from .words import variants

_WEIGHTS = tables.weights("names/weights")
SURE = _WEIGHTS["sure"]
_FAR, _TOLD = _WEIGHTS["far"], _WEIGHTS["how"]["told"]


@cache
def _name_tails() -> tuple[str, ...]:
    """Endings that an Arabic name takes, in the order in which they are tried."""
    return tuple(tables.ordered("ar/names", fold)["tail"])


@cache
def _latin_tails() -> tuple[str, ...]:
    """Endings of origin and of number that a Latin name takes, in the order in which they are tried."""
    return tuple(tables.ordered("en/names")["tail"])


@memoise
def _forms(form: str) -> tuple[str, ...]:
    """The forms under which an Arabic word may be a name: without clitics, then without nisba and case endings."""
    forms = list(variants(form))
    for base in tuple(forms):
        for tail in _name_tails():
            if base.endswith(tail) and len(base) - len(tail) >= 3:
                forms.append(base[: -len(tail)])
    return tuple(f for f in dict.fromkeys(forms) if len(f) > 1)



def sounds(latin: str, form: str, endings: bool = True, least: float = SURE["name"]) -> float:
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
                if p >= SURE["certain"]:
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
            if best >= SURE["certain"]:
                return best
    if foreign:
        return best if best >= SURE["name"] else 0.0
    sure = SURE["short" if len(latin) <= 3 or len(form) <= 3 else "word"]
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
        if n == len(words) and are_places(lexicon, whole) and are_places(lexicon, entries):
            return 0.0  # two places of the lexicon (Niger, نيجيريا)
    joined = _join_probability("".join(en_words), "".join(ar_words))
    return max(joined, _in_order(en_words, ar_words))


def are_places(lexicon: Lexicon, entries: Iterable[int]) -> bool:
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


@lru_cache(maxsize=1 << 14)
def is_near(latin: str, form: str) -> bool:
    """Whether two names that stand alone on both sides are more alike than chance: laxer than `sounds`."""
    if len(form) < 3 or not same_start(latin, form):
        return False
    common = consonants_in_common(latin, form)
    if common <= _FAR["consonants"]:
        return False
    if common == 1.0 or foreign(form) > _FAR["odd"]:
        return True
    found = features(latin, form)
    return found is not None and found[0] > _FAR["ratio"]
