"""Ordinary words of both languages, and how foreign an Arabic string looks."""

import zlib
from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import repeat
from operator import add

from ... import learnt
from ...memoise import memoise
from .. import tables
from ..ar.letters import fold


def listed(words: str) -> list[str]:
    """The words of a text set as a block."""
    return words.split()


# Proclitics, longest first: conjunction, preposition, article, in the orders in which they occur.
_PROCLITICS = frozenset(
    {c + p for c in ("", "و", "ف") for p in ("", "ب", "ل", "ك", "ال", "بال", "كال", "لل", "ا")} - {"", "ا", "وا", "فا"}
)
_LONGEST_PROCLITIC = max(map(len, _PROCLITICS))
_VERBAL = ("", "س", "وس", "فس", "و", "ف", "ل", "ول", "فل", "ا")
_PERSONS = ("ي", "ت", "ن", "ا")


@cache
def _endings() -> tuple[frozenset[str], int]:
    """What an Arabic word may end with, nothing too, and the length of the longest."""
    endings = tables.lists("ar/endings", fold)["word"] | {""}
    return endings, max(map(len, endings))


@memoise
def variants(word: str) -> tuple[str, ...]:
    """A folded word as it stands and without each run of clitics it may begin with, the longest first."""
    found = [word]
    for cut in range(min(_LONGEST_PROCLITIC, len(word) - 2), 0, -1):
        if word[:cut] in _PROCLITICS:
            found.append(word[cut:])
    return tuple(found)


@lru_cache(maxsize=2)
def _list(lang: str) -> frozenset[str]:
    return frozenset(learnt.text(f"names/words.{lang}.txt.xz").split("\n"))


def _has_stem(word: str, known: frozenset[str]) -> bool:
    """Whether the word without clitics and endings, or with another ending in their place, is known."""
    endings, longest = _endings()
    for rest in variants(word):
        if rest in known:
            return True
        for cut in range(1, min(longest, len(rest) - 3) + 1):
            if rest[-cut:] in endings:
                stem = rest[:-cut]
                if stem in known or stem + "ه" in known or stem + "ي" in known:
                    return True
                if rest.endswith("ايه") and stem + "اء" in known:
                    return True
    return False


def any_listed_arabic(words: Iterable[str]) -> bool:
    """Whether one of these folded words stands in the list as it is."""
    return not _list("ar").isdisjoint(words)


def is_listed_arabic(word: str) -> bool:
    """Whether a folded word stands in the list as it is."""
    return word in _list("ar")


@memoise
def is_arabic_word(word: str) -> bool:
    """Whether a folded Arabic word, or what is left without clitics, endings and verbal prefixes, is ordinary."""
    known = _list("ar")
    if _has_stem(word, known):
        return True
    endings, longest = _endings()
    # other persons of a known imperfect: يكتبون for نكتب
    for prefix in _VERBAL:
        if not word.startswith(prefix):
            continue
        rest = word[len(prefix) :]
        if rest[:1] in _PERSONS and len(rest) > 3:
            for cut in range(min(longest, len(rest) - 4) + 1):
                if rest[len(rest) - cut :] in endings:
                    body = rest[1 : len(rest) - cut]
                    if body in known or any(p + body in known for p in _PERSONS if p != rest[0]):
                        return True
    return False


@memoise
def is_english_word(word: str) -> bool:
    """Whether a lower-case English word, or its stem without a regular ending, is an ordinary one."""
    known = _list("en")
    if word in known:
        return True
    for ending, gives in _english_endings():
        if word.endswith(ending) and len(word) - len(ending) >= (2 if ending == "ies" else 3):
            stem = word[: -len(ending)]
            if any(stem + g in known for g in gives) or (len(stem) > 3 and stem[-1] == stem[-2] and stem[:-1] in known):
                return True
    for prefix in _built()["prefix"]:
        if word.startswith(prefix) and len(word) - len(prefix) >= 4 and is_english_word(word[len(prefix) :]):
            return True
    return any(word[:cut] in known and word[cut:] in known for cut in range(4, len(word) - 3))


def bloom_places(word: str, size: int) -> tuple[int, ...]:
    """The bits of a Bloom filter of `size` bits that stand for a word: double hashing (Kirsch, Mitzenmacher 2006)."""
    data = word.encode()
    a, b = zlib.crc32(data), zlib.crc32(data, 0x9E3779B9) | 1
    return tuple((a + i * b) % size for i in range(5))


@lru_cache(maxsize=1)
def _rare() -> bytes:
    return learnt.data("names/rare.en.bloom")


@cache
def _built() -> dict[str, tuple[str, ...]]:
    """Endings and beginnings of English words by their kind."""
    return {name: tuple(found) for name, found in tables.ordered("en/names").items() if name in ("learned", "derived", "prefix")}


@cache
def _english_endings() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Regular endings of English words, and what may stand in place of each in the word that it is made of."""
    rows = tables.rows("en/endings")
    return tuple((ending, tuple(stem.replace("-", "") for stem in cell.split())) for ending, cell in rows)


@memoise
def is_rare_english_word(word: str) -> bool:
    """Whether a lower-case word stands in a large dictionary, or is built like a term of science (2 in 100 are not)."""
    if word.endswith(_built()["learned"]) or (len(word) > 10 and word.endswith(_built()["derived"])):
        return True
    data = _rare()
    for form in (
        word,
        word[:-1] if word.endswith("s") else "",
        word[:-3] + "y" if word.endswith("ies") else "",
        word[:-2] if word.endswith("es") else "",
        word[:-3] if word.endswith("ing") else "",
        word[:-2] if word.endswith("ed") else "",
    ):
        if len(form) > 3 and all(data[p >> 3] >> (p & 7) & 1 for p in bloom_places(form, len(data) * 8)):
            return True
    return False


_SKELETON = str.maketrans(
    {c: ("V" if c in "اوي" else "E" if c in "حعضظصطثذقءخ" else "C") for c in "ءابتثجحخدذرزسشصضطظعغفقكلمنهويپچژگ"}
)


def runs(word: str) -> list[str]:
    """What the shape of a word shows: its runs of 2 to 4 letters, its consonants and vowels, its emphatic letters."""
    marked = f"^{word}$"
    skeleton = word.translate(_SKELETON)
    twos = [*map(add, marked, marked[1:])]
    threes = [*map(add, twos, marked[2:])]
    found = [*twos, *threes, *map(add, threes, marked[3:])]
    found += [
        f"={skeleton}",
        f"={len(word)}{skeleton.count('V')}",
        f"={skeleton.count('E')}",
        f"={skeleton[:3]}-",
        f"=-{skeleton[-3:]}",
    ]
    return found


@lru_cache(maxsize=1)
def _shape() -> dict[str, float]:
    return {run: int(weight) / 100 for run, weight in learnt.rows("names/shape.tsv")}


@memoise
def foreignness(word: str) -> float:
    """How likely a folded Arabic-script word that no list holds is a (foreign) name, by its letters alone: 0 to 1."""
    shape = _shape()
    z = shape[""] + sum(map(shape.get, runs(word), repeat(0.0)))
    return learnt.chance(z)
