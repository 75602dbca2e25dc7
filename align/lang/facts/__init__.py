"""Numbers, quantities and dates in Arabic and English text: found, normalised, compared."""

from dataclasses import replace

from ..ar.letters import PRESENTED, plain_with_offsets
from ...faults import guarded
from . import arabic, english
from .compare import compare, find_value
from .comparison import Comparison, Match, Mismatch, Strength, Unmatched
from .compose import facts as _facts
from .items import code, hide_addresses
from .placeholders import find as find_placeholders
from .types import Clock, Code, Date, Fact, Part, Placeholder, Value

__all__ = [
    "Clock", "Code", "Comparison", "Date", "Fact", "Match", "Mismatch", "Part", "Placeholder", "Strength", "Unmatched", "Value",
    "compare", "extract", "find_value",
]  # fmt: skip

_FINDERS = (find_placeholders,)
"""Finders of what has a form of its own in any language: a text to the text with it blanked at equal length, and the facts."""

_SCANNERS = {"ar": arabic.items, "en": english.items}


def extract(text: str, lang: str, hints: bool = False) -> tuple[Fact, ...]:
    """The facts of `text` in its order, none overlapping; offsets are code points in `text`.

    `lang` is `ar` or `en`. With `hints`, also the words that are no facts but can explain a number of the other version
    (both, twice, a dual noun; web addresses with digits); `compare` wants them. Raises ValueError for other languages, and
    for no text: what cannot be read has no facts.
    """
    if lang not in _SCANNERS:
        raise ValueError(f"facts are known for ar and en, not {lang!r}")
    return _extract(text, lang, hints)


@guarded(lambda *_: ())
def _extract(text: str, lang: str, hints: bool) -> tuple[Fact, ...]:
    if PRESENTED.search(text):
        plain, offsets = plain_with_offsets(text)
        return tuple(_moved(fact, text, offsets) for fact in _extract(plain, lang, hints))
    shown, addresses = hide_addresses(text)
    marks: list[Fact] = []
    for find in _FINDERS:
        shown, found = find(shown)
        marks += found
    items = _SCANNERS[lang](shown)
    if not any(items) and not addresses and not marks:
        return ()
    facts = _facts(text, items)
    if marks:
        facts = sorted([*facts, *marks], key=lambda fact: fact.start)
    if not hints:
        return tuple(fact for fact in facts if fact.kind != "hint")
    for start, end in addresses:
        address = code(text[start:end], start, end)
        facts.append(Fact(start, end, text[start:end], "hint", address.value))
    return tuple(sorted(facts, key=lambda fact: fact.start) if addresses else facts)


def _moved(fact: Fact, text: str, offsets: list[int]) -> Fact:
    """A fact of a text without presentation forms where it stands in the text with them."""
    start, end = offsets[fact.start], offsets[fact.end - 1] + 1
    parts = tuple(part._replace(start=offsets[part.start], end=offsets[part.end - 1] + 1) for part in fact.parts)
    return replace(fact, start=start, end=end, text=text[start:end], parts=parts)
