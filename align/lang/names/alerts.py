"""Names of a bead that nothing answers: how much that says, and which of them stand in each other's place."""

from dataclasses import replace
from functools import cache

from .. import tables
from ..ar import calendar
from . import parts
from .alike import are_places
from .bead import Bead
from .comparison import NameAlert
from .compass import directions
from .find import Analysed, Name, Token, arabic_words
from .letters import consonants_in_common, fold_arabic, fold_latin, probability, same_start
from .lexicon import Lexicon
from .words import variants

_WEIGHTS = tables.weights("names/weights")
_LEFT, _LONE, _MISMATCH = _WEIGHTS["left"], _WEIGHTS["lone"], _WEIGHTS["mismatch"]
_PART = _MISMATCH["part"]
_STEEP = 6  # the power to which the shape of a word is raised


@cache
def _calendar_words() -> frozenset[str]:
    """Folded Arabic names of months, their first words too, and of weekdays with the article."""
    months = (name[0] for name in calendar.all_months())
    return frozenset(map(fold_arabic, (*months, *("ال" + day for day in calendar.weekdays()))))


def joined(alerts: list[NameAlert], analysed: Analysed) -> list[NameAlert]:
    """Alerts with nothing between them but a blank or a hyphen as one (Shakhtar, Donetsk)."""
    out: list[NameAlert] = []
    for alert in alerts:
        last = out[-1] if out else None
        if (
            last is not None and min(last.strength, alert.strength) >= _LEFT["beside"]
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


def judge_english(bead: Bead, name: Name) -> NameAlert | None:
    tokens, explained = bead.en.tokens, bead.en_explained
    inside = range(*name.tokens)
    if name.kind == "known":
        letters = sum(len(tokens[i].form) for i in inside)
        if sum(len(tokens[i].form) for i in inside if explained[i]) >= _LEFT["english_found"] * letters:
            return None
        share = _LEFT["title"] if _beside_acronym(bead, inside) else 1.0
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
        return NameAlert("en", part, "only", strength * _LEFT["surname" if len(missing) == 1 else "parts"], why)
    return NameAlert("en", name, "only", strength, (name.kind,))


def _beside_acronym(bead: Bead, inside: range) -> bool:
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


def judge_arabic(bead: Bead, name: Name) -> NameAlert | None:
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
        if sum(len(tokens[i].form) for i in left) < _LEFT["arabic_found"] * sum(len(tokens[i].form) for i in inside):
            return None
        return NameAlert("ar", name, "only", name.strength, (name.kind,))
    strengths = [_arabic_strength(tokens[i]) for i in left]
    missing = _longest(left, strengths)
    strength = max(_arabic_strength(tokens[i]) for i in missing)
    if name.kind == "name" and len(missing) > 1:
        # two words that no list holds, side by side, are hardly ordinary
        doubt = 1.0
        for i in missing:
            doubt *= 1 - _LONE["joined"] * _arabic_strength(tokens[i])
        strength = max(strength, 1 - doubt)
    beside = [
        i
        for i in inside
        if explained[i] and not tokens[i].form.startswith(_article()) and abs(i - missing[0]) <= len(missing)
    ]
    if beside and name.kind == "name":
        part = _span(tokens, bead.ar.text, missing[0], missing[-1] + 1, name, strength)
        return NameAlert(
            "ar", part, "only", strength * _LEFT["surname" if len(missing) == 1 else "arabic_parts"], (name.kind, "partly found")
        )
    return NameAlert(
        "ar", _span(tokens, bead.ar.text, missing[0], missing[-1] + 1, name, strength), "only", strength, (name.kind,)
    )


def _latin_in_english(bead: Bead, token: Token) -> bool:
    key = token.text.casefold()
    return key in bead.en.text.casefold() or (len(token.form) > 2 and any(t.form == token.form for t in bead.en.tokens))


@cache
def _article() -> tuple[str, ...]:
    """What an Arabic word with the article begins with."""
    return tuple(arabic_words("article"))


def _arabic_strength(token: Token) -> float:
    strength = token.strength
    if token.label == "name":
        forms = variants(token.form)
        if any(f in _calendar_words() for f in forms):
            return 0.0
        # most words of middling shape are ordinary ones that no list holds
        strength = _LONE["long" if len(token.form) > 4 else "short"] * strength**_STEEP
        if not token.told:
            strength *= _LONE["untold"]
        # foreign names seldom take the article, and verbs and plurals end otherwise
        if token.form.startswith(_article()):
            strength *= _LONE["article"]
    return strength


def mismatches(only_ar: list[NameAlert], only_en: list[NameAlert]) -> tuple[list[NameAlert], list[NameAlert]]:
    """Pairs names that stand alone on both sides: each is the other's nearest counterpart, and may have replaced it."""
    firm_ar = [a for a in only_ar if a.strength >= _MISMATCH["firm"]]
    firm_en = [a for a in only_en if a.strength >= _MISMATCH["firm"]]
    if len(firm_ar) == 1 and len(firm_en) == 1:
        a, e = firm_ar[0], firm_en[0]
        latin, form = fold_latin(e.name.text), fold_arabic(a.name.text)
        alike = consonants_in_common(latin, form)
        named = a.name.kind == e.name.kind == "name"
        gain = _MISMATCH["alike_share"] if named and alike > _MISMATCH["alike"] and same_start(latin, form) else 1.0
        if "partly found" in a.why and "partly found" in e.why:
            gain = _MISMATCH["first_name"]  # another first name before the same surname, say
        both = (min(_MISMATCH["most"], a.strength * gain), min(_MISMATCH["most"], e.strength * gain))
        p = probability(latin, form) if len(form) < 20 else 0.0
        only_ar[only_ar.index(a)] = replace(
            a, relation="mismatch", strength=both[0], nearest=(e.name.start, e.name.end), nearest_probability=p
        )
        only_en[only_en.index(e)] = replace(
            e, relation="mismatch", strength=both[1], nearest=(a.name.start, a.name.end), nearest_probability=p
        )
    return only_ar, only_en


def with_parts(bead: Bead, only_ar: list[NameAlert], only_en: list[NameAlert]) -> tuple[list[NameAlert], list[NameAlert]]:
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


def mark_places(lexicon: Lexicon, only_ar: list[NameAlert], only_en: list[NameAlert]) -> None:
    """Notes of two places that stand alone, one a side, and of one kind, that they stand in each other's place."""
    found = [[k for k, x in enumerate(alerts) if x.strength >= _MISMATCH["place_from"] and are_places(lexicon, x.name.entries)]
             for alerts in (only_ar, only_en)]  # fmt: skip
    if [len(places) for places in found] != [1, 1]:
        return
    (j,), (i,) = found
    a, e = only_ar[j], only_en[i]
    kinds = [{lexicon.entries[x].kind for x in alert.name.entries} & {"country", "place"} for alert in (a, e)]
    if kinds[0].isdisjoint(kinds[1]):
        return
    for alerts, k, own, other in ((only_ar, j, a, e), (only_en, i, e, a)):
        alerts[k] = replace(own, relation="mismatch", strength=max(own.strength, _MISMATCH["place"]), why=(*own.why, "place"),
                            nearest=(other.name.start, other.name.end))  # fmt: skip


def add_directions(bead: Bead, only_ar: list[NameAlert], only_en: list[NameAlert]) -> None:
    """Adds an alert on each side for a place that both have, in another direction: North Korea, كوريا الجنوبية."""
    for (i, n), (j, m) in bead.places:
        east, west = directions(bead.en, i, i + n), directions(bead.ar, j, j + m)
        if not east[0] or not west[0] or east[0] == west[0]:
            continue
        e, a = (_span(x.tokens, x.text, *run, _NAMELESS, _PART) for x, run in ((bead.en, east[1]), (bead.ar, west[1])))
        only_en.append(NameAlert("en", e, "mismatch", _PART, ("known", "direction"), (a.start, a.end)))
        only_ar.append(NameAlert("ar", a, "mismatch", _PART, ("known", "direction"), (e.start, e.end)))


_NAMELESS = Name(0, 0, "", "known", _PART)
