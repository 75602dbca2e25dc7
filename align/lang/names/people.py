"""Names of people and how they are spelled in both languages: what is the same name, what another, what no name."""

from functools import cache
from typing import NamedTuple

from ... import learnt
from ...memoise import memoise

from .letters import probability
from .words import is_listed_arabic, variants

_ENOUGH = 8  # how often two forms must have been met to be told apart
_ALIKE, _OFTEN = 0.5, 25  # and how often where they sound alike (Hassan, Hussein)
_SLIP = 0.02  # the share of a form's counterparts below which one is a slip
_CERTAIN_NAME = 12  # how often an ordinary Arabic word must have been a name to be taken for one


class People(NamedTuple):
    """How often Latin and Arabic forms (folded, without article) answered each other, and how often each was met."""

    pairs: dict[tuple[str, str], int]
    latin: dict[str, int]
    arabic: dict[str, int]


@cache
def people() -> People:
    """The table `people.tsv.xz` of `models/names`."""
    pairs: dict[tuple[str, str], int] = {}
    latin: dict[str, int] = {}
    arabic: dict[str, int] = {}
    for en, ar, count in learnt.rows("names/people.tsv.xz"):
        n = int(count)
        pairs[en, ar] = n
        latin[en] = latin.get(en, 0) + n
        arabic[ar] = arabic.get(ar, 0) + n
    return People(pairs, latin, arabic)


def _latin_forms(latin: str) -> list[str]:
    known = people().latin
    return [form for form in (latin, latin[2:] if latin[:2] in ("al", "el") else "") if form in known]


def _arabic_forms(form: str) -> list[str]:
    """The forms in the table that a folded word may be: itself, or else what is left without clitics or article."""
    known = people().arabic
    if form in known:
        return [form]
    return [rest for rest in variants(form) if rest in known]


def is_one_name(latin: str, form: str) -> bool | None:
    """Whether a folded Latin and a folded Arabic name are one, as their spellings tell; None where they do not."""
    table = people()
    ours, theirs = _latin_forms(latin), _arabic_forms(form)
    if not ours or not theirs:
        return None
    best = max(table.pairs.get((e, a), 0) / min(table.latin[e], table.arabic[a]) for e in ours for a in theirs)
    if best >= _SLIP:
        return True
    often = min(max(table.latin[e] for e in ours), max(table.arabic[a] for a in theirs))
    if often < _ENOUGH:
        return None
    alike = max(probability(e, a) for e in ours for a in theirs)
    return False if alike < _ALIKE or often >= _OFTEN else None


@memoise
def is_latin_name(latin: str) -> bool:
    """Whether a folded Latin word is the name of people."""
    return bool(_latin_forms(latin))


@memoise
def is_often_arabic_name(form: str) -> bool:
    """Whether a folded Arabic word, with its clitics, has often been the name of people."""
    table = people().arabic
    return any(table[f] >= _CERTAIN_NAME for f in _arabic_forms(form))


@memoise
def is_arabic_name(form: str) -> bool:
    """Whether a folded Arabic word, with its clitics, can be the name of people: of ordinary words only those that often are."""
    table = people().arabic
    return any(table[f] >= (_CERTAIN_NAME if is_listed_arabic(f) or is_listed_arabic(form) else 2) for f in _arabic_forms(form))
