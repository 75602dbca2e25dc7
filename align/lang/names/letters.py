"""How likely two strings in Latin and in Arabic letters are one name: a table of letter pairs and a small search."""

import math
import unicodedata
from functools import lru_cache
from itertools import repeat, zip_longest
from operator import add, mul
from typing import NamedTuple

from ... import learnt
from ...memoise import memoise
from .. import tables
from ..ar.letters import fold

LATIN = "abcdefghijklmnopqrstuvwxyz"
SCRIPT = "ءابتثجحخدذرزسشصضطظعغفقكلمنهويپچژگ"

_OTHER_LETTERS = dict(tables.rows("names/letters"))
_PERSIAN = str.maketrans({letter: other for letter, other in _OTHER_LETTERS.items() if letter > "\u0600"})
_LATIN_SPECIAL = str.maketrans({letter: other for letter, other in _OTHER_LETTERS.items() if letter < "\u0600"})
_SCRIPT_SET = frozenset(SCRIPT)
_LATIN_SET = frozenset(LATIN)
# Every character that folds to a letter, with that letter.
_FOLDED = {c: folded for c in map(chr, range(0x600, 0x700)) if (folded := fold(c).translate(_PERSIAN)) in _SCRIPT_SET}


def fold_arabic(text: str) -> str:
    """Letters of `text` alone, folded, foreign letters as their Arabic neighbours."""
    return "".join(map(_FOLDED.get, text, repeat("")))


@memoise
def fold_latin(text: str) -> str:
    """Letters of `text` alone: lower case a to z, marks resolved (`š` as `sh`, `é` as `e`)."""
    low = text.lower()
    if low.isascii():
        if low.isalpha():
            return low
    else:
        low = unicodedata.normalize("NFKD", low.translate(_LATIN_SPECIAL))
    return "".join(c for c in low if c in _LATIN_SET)


# A run of one to three Latin letters: how many, the score of nothing (-inf where it must be something), of Arabic runs.
Option = tuple[int, float, dict[str, float]]


class _Table:
    """The trained log probabilities (nats) of chunk pairs, and of letters that meet by chance."""

    def __init__(self) -> None:
        pairs: dict[str, dict[str, float]] = {}
        self.latin_chance: dict[str, float] = {}
        self.arabic_chance: dict[str, float] = {}
        self.best_arabic: dict[str, float] = {}
        for latin, arabic, score in learnt.rows("names/letters.tsv"):
            value = int(score) / 100
            if arabic == "*":
                self.latin_chance[latin] = value
            elif latin == "*":
                self.arabic_chance[arabic] = value
            else:
                pairs.setdefault(latin, {})[arabic] = value
                if arabic:
                    self.best_arabic[arabic] = max(value, self.best_arabic.get(arabic, -math.inf))
        self.best_latin = {latin: max(answers.values()) for latin, answers in pairs.items()}
        self.options: dict[str, Option] = {
            latin: (len(latin), answers.pop("", -math.inf), answers) for latin, answers in pairs.items()
        }


@lru_cache(maxsize=1)
def _table() -> _Table:
    return _Table()


_UNKNOWN = -13.0  # a letter that nothing answers, on either side
_BEAM = 6.5
_LOST = 20.0  # a search this far behind the best spelling is given up
_RARE = -8.0  # the chance of a letter that no name had


@memoise
def _compiled(latin: str) -> tuple[list[list[Option]], list[float], float]:
    """For `^latin$`: what may start at every place, the best score of every beginning, its score by chance."""
    table, marked = _table(), f"^{latin}$"
    twos = [*map(add, marked, marked[1:])]
    ideal = [0.0] + [-math.inf] * len(marked)
    options: list[list[Option]] = []
    for i, runs in enumerate(zip_longest(marked, twos, map(add, twos, marked[2:]))):
        starts = []
        ideal[i + 1] = max(ideal[i + 1], ideal[i] + _UNKNOWN)
        for k, run in enumerate(runs, i + 1):
            if run in table.options:
                starts.append(table.options[run])
                ideal[k] = max(ideal[k], ideal[i] + table.best_latin[run])
        options.append(starts)
    return options, ideal, sum(map(table.latin_chance.get, marked, repeat(_RARE)))


@memoise
def _arabic_compiled(arabic: str) -> tuple[list[str], list[str], list[float], float]:
    """For `^arabic$`: its letters, its pairs of letters, the best score of every beginning, its score by chance."""
    table, marked = _table(), f"^{arabic}$"
    ones, twos = [*marked, ""], [*map(add, marked, marked[1:]), "", ""]
    best, ideal, chance = table.best_arabic.get, [0.0], 0.0
    for j, letter in enumerate(marked):
        score = ideal[j] + max(best(letter, _UNKNOWN), _UNKNOWN)
        if j and (pair := best(twos[j - 1])) is not None and ideal[j - 1] + pair > score:
            score = ideal[j - 1] + pair
        ideal.append(score)
        chance += table.arabic_chance.get(letter, _RARE)
    return ones, twos, ideal, chance


def joint(latin: str, arabic: str, least: float = -math.inf) -> float:
    """The log probability (nats) of the best segmentation of both folded names; -inf when far from any.

    A score below `least` may come back as any lower one: the search leaves what cannot reach it even if all that
    follows, on either side, meets its likeliest counterpart. What it leaves never held the best path; as the beam
    follows the best path so far, it can only widen for the others.
    """
    options, ideal, _ = _compiled(latin)
    ones, twos, arabic_ideal, _ = _arabic_compiled(arabic)
    m = len(arabic_ideal) - 1
    if min(ideal[-1], arabic_ideal[m]) < least:
        return -math.inf
    behind = ideal[-1] - least
    lost = min(_LOST, behind)
    floors = [score - arabic_ideal[m] + least for score in arabic_ideal]
    rows = [[-math.inf] * (m + 3) for _ in range(len(options) + 3)]
    rows[0][0] = 0.0
    for i, starts in enumerate(options):
        row, following = rows[i], rows[i + 1]
        top = max(row)
        if top < ideal[i] - lost:
            if max(following) > -math.inf or max(rows[i + 2]) > -math.inf:
                continue
            return -math.inf
        floor = max(top - _BEAM, ideal[i] - behind)
        for j, lowest in enumerate(floors):
            score = row[j]
            if score < floor or score < lowest:
                continue
            missed = score + _UNKNOWN
            if missed > following[j]:  # noqa: PLR1730 (max costs a call here)
                following[j] = missed
            one, two = ones[j], twos[j]
            if one and missed > following[j + 1]:
                following[j + 1] = missed  # one letter for another
            for k, silent, chunks in starts:
                target = rows[i + k]
                if score + silent > target[j]:  # noqa: PLR1730
                    target[j] = score + silent
                if one in chunks and score + chunks[one] > target[j + 1]:
                    target[j + 1] = score + chunks[one]
                if two in chunks and score + chunks[two] > target[j + 2]:
                    target[j + 2] = score + chunks[two]
    return max(score + _UNKNOWN * (m - j) for j, score in enumerate(rows[len(options)][: m + 1]))


def features(latin: str, arabic: str) -> tuple[float, float, float] | None:
    """Log ratio to chance, and how far the pair falls behind the likeliest counterpart of each; None when hopeless."""
    together = joint(latin, arabic)
    return None if together == -math.inf else _features(latin, arabic, together)


def _features(latin: str, arabic: str, together: float) -> tuple[float, float, float]:
    _, ideal, chance = _compiled(latin)
    _, _, arabic_ideal, arabic_chance = _arabic_compiled(arabic)
    return together - chance - arabic_chance, ideal[-1] - together, arabic_ideal[-1] - together


@lru_cache(maxsize=1)
def _weights() -> tuple[float, ...]:
    similarity = learnt.record("names/model.toml")["similarity"]
    learnt.check(similarity.get("features"), JUDGED, "names/model.toml")
    return tuple(similarity["weights"])


JUDGED = ("ratio", "behind_latin", "behind_arabic", "ratio_a_letter", "behind_latin_a_letter", "behind_arabic_a_letter",
          "latin_letters", "bias")  # fmt: skip
"""What the logistic calibration sees, by name; see `judged`."""


def judged(found: tuple[float, float, float], latin: int, arabic: int) -> tuple[float, ...]:
    """The values of JUDGED: `features`, the same a letter, and the lengths."""
    ratio, behind_latin, behind_arabic = found
    return (
        min(ratio, 40.0), behind_latin, behind_arabic,
        ratio / (latin + arabic), behind_latin / latin, behind_arabic / arabic, min(latin, 10), 1.0,
    )  # fmt: skip


def probability(latin: str, arabic: str, least: float = 0.0) -> float:
    """The calibrated probability that two folded names are one, when either is as likely before they are seen.

    One below `least` may come back as any lower one, sooner.
    """
    if len(latin) < 2 or not arabic or not plausible(latin, arabic):
        return 0.0
    return spelled(latin, arabic, least)


@lru_cache(maxsize=1 << 16)
def spelled(latin: str, arabic: str, least: float = 0.0) -> float:
    """`probability` of two names that are plausible."""
    together = joint(latin, arabic, _needed(latin, arabic, least) if least else -math.inf)
    if together == -math.inf:
        return 0.0
    seen = judged(_features(latin, arabic, together), len(latin), len(arabic))
    x = sum(map(mul, _weights(), seen))
    return learnt.chance(x)


def _needed(latin: str, arabic: str, least: float) -> float:
    """The joint score without which two names cannot have a probability of `least`.

    Log odds are linear in the score, or lower where the ratio to chance is capped; where they would fall with it (the
    shortest names) any score may do.
    """
    rate, by_chance, by_latin, by_arabic, constant = _rates(len(latin), len(arabic))
    if rate <= 0.05:
        return -math.inf
    _, ideal, chance = _compiled(latin)
    _, _, arabic_ideal, arabic_chance = _arabic_compiled(arabic)
    x = by_latin * ideal[-1] + by_arabic * arabic_ideal[-1] - by_chance * (chance + arabic_chance) + constant
    return (math.log(least / (1 - least)) - x) / rate - 1e-6


@lru_cache(maxsize=1 << 10)
def _rates(latin: int, arabic: int) -> tuple[float, float, float, float, float]:
    """How log odds grow with the joint score, fall with chance and grow with either ideal, for names of two lengths."""
    ratio, behind_latin, behind_arabic, ratio_each, latin_each, arabic_each, length, constant = _weights()
    by_chance = ratio + ratio_each / (latin + arabic)
    by_latin, by_arabic = behind_latin + latin_each / latin, behind_arabic + arabic_each / arabic
    rate = by_chance - by_latin - by_arabic if ratio >= 0 else -math.inf
    return rate, by_chance, by_latin, by_arabic, length * min(latin, 10) + constant


_ANSWERS = {latin: "".join(arabic) for latin, *arabic in tables.rows("names/consonants")}
_BIT = {c: 1 << i for i, c in enumerate("بپتثجچحخدذرزژسشصضطظغفقكگلمنويه")}
_LATIN_BITS = {c: sum(_BIT[a] for a in answers) for c, answers in _ANSWERS.items()}
_MUST = frozenset("bdfgklmnprstvz")
_SPOKEN = _MUST | frozenset("cjqx")
_LOOSE = sum(_BIT[c] for c in "حويه")
_NO_CONSONANTS = {ord(c): None for c in SCRIPT if not _BIT.get(c, 0) & ~_LOOSE}


class LatinSound(NamedTuple):
    """What a folded Latin name may sound like in Arabic letters; sets of letters are bits.

    `made` holds the letters that it may give, `consonants` those that answer each spoken consonant, doubled ones once,
    and `places` for each letter the consonants, as bits by their place, that it may answer.
    """

    made: int
    consonants: tuple[str, ...]
    places: dict[str, int]


@memoise
def latin_needs(latin: str) -> tuple[int, ...]:
    """For each sure consonant of a folded Latin name the Arabic letters, as bits, that answer it."""
    return tuple({c: _LATIN_BITS[c] for c in latin if c in _MUST}.values())


@memoise
def latin_sound(latin: str) -> LatinSound:
    """The sound of a folded Latin name."""
    made, last = _LOOSE, ""
    consonants: list[str] = []
    places: dict[str, int] = {}
    for c in latin:
        made |= _LATIN_BITS[c]
        if c != last and c in _SPOKEN:
            place = 1 << len(consonants)
            consonants.append(_ANSWERS[c])
            for letter in _ANSWERS[c]:
                places[letter] = places.get(letter, 0) | place
        last = c
    return LatinSound(made, tuple(consonants), places)


@memoise
def arabic_mask(arabic: str) -> int:
    """The letters of a folded Arabic word as bits."""
    return sum(map(_BIT.get, set(arabic), repeat(0)))


@memoise
def arabic_consonants(arabic: str) -> str:
    """The consonants of a folded Arabic word."""
    return arabic.translate(_NO_CONSONANTS)


def has_consonants(latin: str, mask: int) -> bool:
    """Whether letters (as bits) hold all but one or two of the consonants that a Latin name needs, in any order.

    What holds for none of a word's letters holds for no part of it.
    """
    left = slack(latin)
    for need in latin_needs(latin):
        if not mask & need:
            left -= 1
            if left < 0:
                return False
    return True


def slack(latin: str) -> int:
    """How many of the consonants that a folded Latin name needs may be missing."""
    return 1 if len(latin) < 8 else 2


def plausible(latin: str, arabic: str) -> bool:
    """Whether consonants and lengths leave a chance at all: a cheap test that few true pairs fail."""
    n, m = len(latin), len(arabic)
    if m > n + 2 or n > 2 * m + 4:
        return False
    sound, mask, consonants = latin_sound(latin), arabic_mask(arabic), arabic_consonants(arabic)
    if (mask & ~sound.made).bit_count() > slack(latin) - (n < 6) or not has_consonants(latin, mask):
        return False
    left, right = len(sound.consonants), len(consonants)
    if not left or not right:
        return True
    common = shared_consonants(sound, consonants)
    return common >= 0.66 * right and common >= 0.5 * left


def shared_consonants(latin: LatinSound, consonants: str) -> int:
    """The length of the longest common subsequence of consonants, all places at once as bits (Hyyrö 2004)."""
    places, full = latin.places, (1 << len(latin.consonants)) - 1
    left = full
    for letter in consonants:
        met = places.get(letter)
        if met:
            met &= left
            left = ((left + met) | (left & ~met)) & full
    return (full & ~left).bit_count()


def consonants_in_common(latin: str, arabic: str) -> float:
    """The longest common sequence of consonants as a share of the longer side; 0 where fewer than two agree."""
    sound, consonants = latin_sound(latin), arabic_consonants(arabic)
    common = shared_consonants(sound, consonants)
    return common / max(len(sound.consonants), len(consonants)) if common > 1 else 0.0


def same_start(latin: str, arabic: str) -> bool:
    """Whether the first consonants of two names may answer each other."""
    left, right = latin_sound(latin).consonants, arabic_consonants(arabic)
    return bool(left and right and right[0] in left[0])
