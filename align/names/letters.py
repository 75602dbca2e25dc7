"""How likely two strings in Latin and in Arabic letters are one name: a table of letter pairs and a small search."""

import math
import tomllib
import unicodedata
from functools import lru_cache

from align.arabic.letters import fold
from align.shipped import folder

LATIN = "abcdefghijklmnopqrstuvwxyz"
SCRIPT = "ءابتثجحخدذرزسشصضطظعغفقكلمنهويپچژگ"

_PERSIAN = str.maketrans(
    {
        "ڤ": "ف",
        "ٹ": "ت",
        "ڈ": "د",
        "ڑ": "ر",
        "ں": "ن",
        "ے": "ي",
        "ڨ": "گ",
        "ګ": "گ",
        "ڭ": "گ",
        "ۍ": "ي",
        "ە": "ه",
        "ڼ": "ن",
        "ړ": "ر",
        "ځ": "ز",
        "ښ": "ش",
        "ټ": "ت",
        "څ": "س",
        "ۆ": "و",
    }
)
_LATIN_SPECIAL = str.maketrans(
    {
        "š": "sh",
        "ş": "sh",
        "ș": "sh",
        "ś": "sh",
        "č": "ch",
        "ć": "ch",
        "ž": "zh",
        "ż": "zh",
        "ź": "zh",
        "ß": "ss",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "dh",
        "þ": "th",
        "æ": "ae",
        "œ": "o",
        "ı": "i",
        "ə": "a",
        "ŋ": "ng",
    }
)
_SCRIPT_SET = frozenset(SCRIPT)
_LATIN_SET = frozenset(LATIN)


@lru_cache(maxsize=1 << 16)
def fold_arabic(text: str) -> str:
    """Letters of `text` alone, folded, foreign letters as their Arabic neighbours."""
    return "".join(c for c in fold(text).translate(_PERSIAN) if c in _SCRIPT_SET)


@lru_cache(maxsize=1 << 16)
def fold_latin(text: str) -> str:
    """Letters of `text` alone: lower case a to z, marks resolved (`š` as `sh`, `é` as `e`)."""
    low = text.lower()
    if low.isascii():
        if low.isalpha():
            return low
    else:
        low = unicodedata.normalize("NFKD", low.translate(_LATIN_SPECIAL))
    return "".join(c for c in low if c in _LATIN_SET)


Chunks = dict[str, float]


class _Table:
    """The trained log probabilities (nats) of chunk pairs, and of letters that meet by chance."""

    def __init__(self) -> None:
        self.chunks: dict[str, Chunks] = {}
        self.latin_chance: dict[str, float] = {}
        self.arabic_chance: dict[str, float] = {}
        self.best_latin: Chunks = {}
        self.best_arabic: Chunks = {}
        text = (folder("models") / "names" / "letters.tsv").read_text(encoding="utf-8")
        for line in text.splitlines():
            latin, arabic, score = line.split("\t")
            value = int(score) / 100
            if arabic == "*":
                self.latin_chance[latin] = value
            elif latin == "*":
                self.arabic_chance[arabic] = value
            else:
                self.chunks.setdefault(latin, {})[arabic] = value
                self.best_latin[latin] = max(value, self.best_latin.get(latin, -math.inf))
                if arabic:
                    self.best_arabic[arabic] = max(value, self.best_arabic.get(arabic, -math.inf))


@lru_cache(maxsize=1)
def _table() -> _Table:
    return _Table()


Options = tuple[tuple[int, Chunks], ...]
_UNKNOWN = -13.0  # a letter that nothing answers, on either side
_BEAM = 6.5
_LOST = 20.0  # a search this far behind the best spelling is given up


def _best_path(marked: str, best: Chunks, longest: int) -> list[float]:
    """The log probability of the likeliest counterpart of every beginning of `marked`."""
    scores = [0.0] + [-math.inf] * len(marked)
    for i in range(len(marked)):
        scores[i + 1] = max(scores[i + 1], scores[i] + _UNKNOWN)
        for k in range(1, longest + 1):
            value = best.get(marked[i : i + k])
            if value is not None and i + k <= len(marked):
                scores[i + k] = max(scores[i + k], scores[i] + value)
    return scores


@lru_cache(maxsize=1 << 14)
def _compiled(latin: str) -> tuple[tuple[Options, ...], list[float], float]:
    """For `^latin$`: what may start at every place, the best score of every beginning, its score by chance."""
    table, marked = _table(), f"^{latin}$"
    options = tuple(
        tuple(
            (k, table.chunks[marked[i : i + k]])
            for k in (1, 2, 3)
            if marked[i : i + k] in table.chunks and i + k <= len(marked)
        )
        for i in range(len(marked))
    )
    return options, _best_path(marked, table.best_latin, 3), sum(table.latin_chance.get(c, -8.0) for c in marked)


@lru_cache(maxsize=1 << 15)
def _arabic_bounds(arabic: str) -> tuple[float, float]:
    """The score of the likeliest Latin counterpart of `^arabic$`, and its score by chance."""
    table, marked = _table(), f"^{arabic}$"
    return _best_path(marked, table.best_arabic, 2)[-1], sum(table.arabic_chance.get(c, -8.0) for c in marked)


def joint(latin: str, arabic: str) -> float:
    """The log probability (nats) of the best segmentation of both folded names; -inf when far from any."""
    options, ideal, _ = _compiled(latin)
    marked = f"^{arabic}$"
    m = len(marked)
    rows: list[dict[int, float]] = [{} for _ in range(len(options) + 3)]
    rows[0][0] = 0.0
    for i, starts in enumerate(options):
        row = rows[i]
        if not row:
            continue
        top = max(row.values())
        if top < ideal[i] - _LOST:
            if rows[i + 1] or rows[i + 2]:
                continue
            return -math.inf
        floor = top - _BEAM
        following = rows[i + 1]
        for j in sorted(row):
            score = row[j]
            if score < floor:
                continue
            missed = score + _UNKNOWN
            if j not in following or missed > following[j]:
                following[j] = missed
            one, two = marked[j : j + 1], marked[j : j + 2]
            if one and (j + 1 not in following or missed > following[j + 1]):
                following[j + 1] = missed  # one letter for another
            for k, chunks in starts:
                target = rows[i + k]
                if "" in chunks:
                    value = score + chunks[""]
                    if j not in target or value > target[j]:
                        target[j] = value
                if one in chunks and one:
                    value = score + chunks[one]
                    if j + 1 not in target or value > target[j + 1]:
                        target[j + 1] = value
                if two in chunks and j + 2 <= m:
                    value = score + chunks[two]
                    if j + 2 not in target or value > target[j + 2]:
                        target[j + 2] = value
    end = rows[len(options)]
    return max((score + _UNKNOWN * (m - j) for j, score in end.items()), default=-math.inf)


def features(latin: str, arabic: str) -> tuple[float, float, float] | None:
    """Log ratio to chance, and how far the pair falls behind the likeliest counterpart of each; None when hopeless."""
    together = joint(latin, arabic)
    if together == -math.inf:
        return None
    _, ideal, chance = _compiled(latin)
    arabic_ideal, arabic_chance = _arabic_bounds(arabic)
    return together - chance - arabic_chance, ideal[-1] - together, arabic_ideal - together


@lru_cache(maxsize=1)
def _weights() -> tuple[float, ...]:
    with (folder("models") / "names" / "model.toml").open("rb") as file:
        return tuple(tomllib.load(file)["similarity"]["weights"])


def judged(found: tuple[float, float, float], latin: int, arabic: int) -> tuple[float, ...]:
    """What the logistic calibration sees: `features`, the same a letter, and the lengths."""
    ratio, behind_latin, behind_arabic = found
    return (
        min(ratio, 40.0), behind_latin, behind_arabic,
        ratio / (latin + arabic), behind_latin / latin, behind_arabic / arabic, min(latin, 10), 1.0,
    )  # fmt: skip


@lru_cache(maxsize=1 << 16)
def probability(latin: str, arabic: str) -> float:
    """The calibrated probability that two folded names are one, when either is as likely before they are seen."""
    if len(latin) < 2 or not arabic or not plausible(latin, arabic):
        return 0.0
    found = features(latin, arabic)
    if found is None:
        return 0.0
    x = sum(w * v for w, v in zip(_weights(), judged(found, len(latin), len(arabic)), strict=True))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, x))))


# Consonants that answer each other; the rest (h, w, y, vowels; ا و ي ع ه ح ء) may come and go.
_ANSWERS = {
    "b": "بپ", "c": "كسصشجتقخچ", "d": "دضذظط", "f": "ف", "g": "غجقكگخ", "j": "جخيشهژغ", "k": "كقخ", "l": "ل", "m": "م",
    "n": "ن", "p": "بپف", "q": "قكغ", "r": "رغ", "s": "سصشزثژ", "t": "تطثشد", "v": "فوب", "x": "كسزشخق", "z": "زظذضتسژ",
    "h": "خشثغذچ", "w": "وف", "y": "ي", "u": "", "i": "", "o": "", "a": "", "e": "",
}  # fmt: skip
_BIT = {c: 1 << i for i, c in enumerate("بپتثجچحخدذرزژسشصضطظغفقكگلمنويه")}
_LATIN_BITS = {c: sum(_BIT[a] for a in answers) for c, answers in _ANSWERS.items()}
_MUST = frozenset("bdfgklmnprstvz")
_LOOSE = sum(_BIT[c] for c in "حويه")


@lru_cache(maxsize=1 << 15)
def latin_masks(latin: str) -> tuple[int, tuple[int, ...]]:
    """The Arabic letters (as bits) that a folded Latin name may give, and for each consonant those that answer it."""
    made = _LOOSE
    for c in latin:
        made |= _LATIN_BITS[c]
    return made, tuple({c: _LATIN_BITS[c] for c in latin if c in _MUST}.values())


@lru_cache(maxsize=1 << 15)
def arabic_mask(arabic: str) -> int:
    """The letters of a folded Arabic word as bits."""
    mask = 0
    for c in arabic:
        mask |= _BIT.get(c, 0)
    return mask


def has_consonants(latin: str, arabic: str) -> bool:
    """Whether an Arabic word has all but one or two of the consonants that a Latin name needs, in any order.

    What holds for none of a word's letters holds for no part of it.
    """
    mask = arabic_mask(arabic)
    slack = 1 if len(latin) < 8 else 2
    for need in latin_masks(latin)[1]:
        if not mask & need:
            slack -= 1
            if slack < 0:
                return False
    return True


def plausible(latin: str, arabic: str) -> bool:
    """Whether consonants and lengths leave a chance at all: a cheap test that few true pairs fail."""
    n, m = len(latin), len(arabic)
    if m > n + 2 or n > 2 * m + 4:
        return False
    slack = 1 if n < 8 else 2
    if (arabic_mask(arabic) & ~latin_masks(latin)[0]).bit_count() > slack - (n < 6):
        return False
    if not has_consonants(latin, arabic):
        return False
    left, right = len(latin_consonants(latin)), len(arabic_consonants(arabic))
    if not left or not right:
        return True
    common = shared_consonants(latin, arabic)
    return common >= 0.66 * right and common >= 0.5 * left


@lru_cache(maxsize=1 << 15)
def latin_consonants(latin: str) -> tuple[int, ...]:
    """The Arabic letters that each consonant may answer, doubled ones once."""
    return tuple(_LATIN_BITS[c] for i, c in enumerate(latin) if (c in _MUST or c in "cjqx") and latin[i - 1 : i] != c)


@lru_cache(maxsize=1 << 15)
def arabic_consonants(arabic: str) -> tuple[int, ...]:
    """The consonants of a folded Arabic word as bits."""
    return tuple(bit for c in arabic if (bit := _BIT.get(c, _LOOSE)) & ~_LOOSE)


@lru_cache(maxsize=1 << 15)
def _consonant_places(latin: str) -> dict[int, int]:
    """For each Arabic letter (as a bit) the consonants, as bits by their place, that it may answer."""
    places: dict[int, int] = {}
    for i, answers in enumerate(latin_consonants(latin)):
        while answers:
            letter = answers & -answers
            places[letter] = places.get(letter, 0) | 1 << i
            answers ^= letter
    return places


def shared_consonants(latin: str, arabic: str) -> int:
    """The length of the longest common subsequence of consonants, all places at once as bits (Hyyrö 2004)."""
    places = _consonant_places(latin)
    full = (1 << len(latin_consonants(latin))) - 1
    left = full
    for letter in arabic_consonants(arabic):
        met = left & places.get(letter, 0)
        left = ((left + met) | (left & ~met)) & full
    return (full & ~left).bit_count()


def consonants_in_common(latin: str, arabic: str) -> float:
    """The longest common sequence of consonants as a share of the longer side; 0 where fewer than two agree."""
    common = shared_consonants(latin, arabic)
    return common / max(len(latin_consonants(latin)), len(arabic_consonants(arabic))) if common > 1 else 0.0


def same_start(latin: str, arabic: str) -> bool:
    """Whether the first consonants of two names may answer each other."""
    left, right = latin_consonants(latin), arabic_consonants(arabic)
    return bool(left and right and left[0] & right[0])
