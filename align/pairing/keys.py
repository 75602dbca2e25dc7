"""Numbers, dates and names of a text as keys that both languages share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import blake2b

from ..lang.ar.letters import fold
from ..lang.facts import Clock, Code, Date, Fact, Value, extract

_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:[.+-][A-Za-z0-9_]+)*")
_NAME = re.compile(r"(?<=[a-z,;:'’»)\]] )(?:[A-Z][a-z]+(?:['’-][A-Za-z]+)*)(?: [A-Z][a-z'’-]+)*")
_WORD = re.compile("[\u0620-\u064a\u066e-\u06d3]{3,}")
_SMALL = 10
"""Smaller whole numbers stand in any text."""


def hashed(text: str) -> int:
    """64 bits of a text."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


FACTS, LATIN, NAMES = range(3)
"""Kinds of keys, told by a key's lowest two bits."""


def keys(texts: Iterable[str], lang: str) -> set[int]:
    """Keys of 64 bits of what a translation keeps: numbers and dates, words in Latin letters, consonants of names.

    An English text gives all its words as they may stand in an Arabic one, an Arabic text all its words as they may
    spell a name of an English one: what is common to both is what counts. `lang` is `ar` or `en`.
    """
    facts: set[str] = set()
    latin: set[str] = set()
    names: set[str] = set()
    for text in texts:
        for fact in extract(text, lang):
            facts.update(_of_fact(fact))
        if lang == "ar":
            names.update(bones for word in _WORD.findall(fold(text)) for bones in _arabic_bones(word))
        else:
            names.update(_latin_bones(word) for name in _NAME.findall(text) for word in name.split())
        latin.update(word.lower() for word in _LATIN.findall(text) if len(word) > 2)
    names.discard("")
    return {_key(kind, text) for kind, found in ((FACTS, facts), (LATIN, latin), (NAMES, names)) for text in found}


@lru_cache(maxsize=1 << 18)
def _key(kind: int, text: str) -> int:
    return hashed(text) >> 2 << 2 | kind


def _of_fact(fact: Fact) -> Iterator[str]:
    value = fact.value
    if isinstance(value, Value):
        if value.number >= _SMALL or value.number % 1:
            yield f"n{value.number:g}"
    elif isinstance(value, Code):
        yield f"c{value.letters.lower()}{value.numbers}"
    elif isinstance(value, Clock):
        yield f"t{value.minutes % 720}"
    elif isinstance(value, Date):
        if value.year:
            yield f"n{value.year:g}"
        if value.month and value.day:
            yield f"d{value.month}-{value.day}"


# What is heard of consonants across the two scripts, in eight classes; vowels, glides and breath are dropped.
_LATIN_SOUNDS = (("x", "ks"), ("sch", "x"), ("tch", "x"), ("sh", "x"), ("ch", "x"), ("ph", "f"), ("th", "t"),
                 ("kh", "k"), ("gh", "k"), ("dh", "d"), ("ck", "k"), ("ce", "s"), ("ci", "s"), ("cy", "s"))
_LATIN_CLASSES = {ord(c): k for letters, k in (("bp", "b"), ("t", "t"), ("d", "d"), ("fv", "f"), ("sz", "s"),
                                                ("cgjkq", "k"), ("l", "l"), ("m", "m"), ("n", "n"), ("r", "r"))
                  for c in letters}
_ARABIC_CLASSES = {ord(c): k for letters, k in (
    ("بپ", "b"), ("تطث", "t"), ("دذض", "d"), ("فڤ", "f"), ("سصزظ", "s"), ("جغقكخگ", "k"), ("شچ", "x"),
    ("ل", "l"), ("م", "m"), ("ن", "n"), ("ر", "r")) for c in letters}
_LEAST = 3  # consonants; with fewer any two words meet


def _kept(text: str, classes: dict[int, str]) -> str:
    """Classes of the letters that have one, none twice in a row."""
    out: list[str] = []
    for letter in text:
        sound = classes.get(ord(letter)) or (letter if letter == "x" else "")
        if sound and (not out or out[-1] != sound):
            out.append(sound)
    return "".join(out)


@lru_cache(maxsize=1 << 16)
def _latin_bones(word: str) -> str:
    """The consonant classes of a name in Latin letters, or nothing where they are few."""
    low = word.lower().removesuffix("'s").removesuffix("’s")
    for old, new in _LATIN_SOUNDS:
        if old in low:
            low = low.replace(old, new)
    bones = _kept(low, _LATIN_CLASSES)
    return bones if len(bones) >= _LEAST else ""


@lru_cache(maxsize=1 << 17)
def _arabic_bones(word: str) -> tuple[str, ...]:
    """The consonant classes that a folded Arabic word may stand for, with and without what is glued to its front."""
    word = word.removeprefix("و") if len(word) > 4 else word
    forms = [word]
    if word[0] in "بلكف" and len(word) > 4:
        forms.append(word[1:])
    forms += [form.removeprefix("ال").removeprefix("لل") for form in forms if form.startswith(("ال", "لل"))]
    bones = {_kept(form.replace("تش", "ش"), _ARABIC_CLASSES) for form in forms}
    return tuple(sorted(b for b in bones if len(b) >= _LEAST))
