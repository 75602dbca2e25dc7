"""XLIFF 1.2 and 2, also as Trados, memoQ and Phrase write it: sources or targets, whichever are in the language asked for."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from ..errors import FormatError
from .containers import elements, local
from .draft import Draft, Source
from .inline import Inline, inline
from .strings import UNTRANSLATED
from .tags import speaks

# What a target holds in these states is the source again, or nothing.
_UNTRANSLATED = frozenset({"new", "needs-translation", "needs-adaptation"})
NAMES = ("xliff", "file", "trans-unit", "unit")
"""The elements from which units and their languages are known."""


class Text(NamedTuple):
    """One segment of a unit: what to add to the unit's place, and the text of each side that it has."""

    place: str
    sides: dict[str, str]


def fill(source: Source, draft: Draft) -> None:
    """Add a part for each segment of the language; those without translation are told. Raises FormatError where there is none."""
    side, langs = "", ("", "")
    count = 0
    for element in elements(source.data, source.shown, *NAMES):
        if local(element) in ("xliff", "file"):
            langs = (
                element.get("source-language") or element.get("srcLang") or langs[0],
                element.get("target-language") or element.get("trgLang") or langs[1],
            )
            side = next((name for name, tag in zip(("source", "target"), langs) if speaks(tag, source.lang)), "")
            continue
        count += 1
        place = f"unit {element.get('id') or count}"
        for text in texts(element):
            if side and not text.sides.get(side, "").strip() and text.sides.get("source", "").strip():
                draft.lack(UNTRANSLATED, place + text.place)
            draft.add(text.sides.get(side, ""), "unit", place + text.place)
    if not len(draft):
        known = " and ".join(filter(None, langs)) or "no named language"
        raise FormatError(f"{source.shown}: holds {count} units in {known}, but no text in {source.lang}")


def texts(unit: Any) -> Iterator[Text]:
    """The segments of a unit, of one that is not to be translated none; what stands inside codes by itself comes last."""
    if not _is_translated(unit):
        return
    data = {item.get("id"): "".join(item.itertext()) for group in unit if local(group) == "originalData" for item in group}
    pieces = [child for child in unit if local(child) in ("segment", "ignorable")]
    if not pieces:
        yield from _segments(unit, "", data)
    for number, piece in enumerate(pieces, 1):
        yield from _segments(piece, f" segment {piece.get('id') or number}" if len(pieces) > 1 else "", data)


def _is_translated(unit: Any) -> bool:
    """Whether neither the unit nor what is around it says that it is not to be translated."""
    told = (element.get("translate") for element in (unit, *unit.iterancestors()))
    return next((value for value in told if value), "yes") != "no"


def _segments(holder: Any, place: str, data: dict[str, str]) -> Iterator[Text]:
    """The segments of a holder of source and target: each `mrk` of a segmented one, else the whole."""
    found = {local(child): child for child in holder if local(child) in ("source", "seg-source", "target")}
    target = found.get("target")
    if target is not None and target.get("state") in _UNTRANSLATED:
        del found["target"]
    marked = {
        side: {mark.get("mid") or str(k): mark for k, mark in enumerate(_marks(found[name]), 1)}
        for side, name in (("source", "seg-source"), ("target", "target"))
        if name in found
    }
    order = list(dict.fromkeys(key for marks in marked.values() for key in marks))
    if marked.get("source") and order:
        for key in order:
            where = f"{place} segment {key}" if len(order) > 1 else place
            yield from _text({side: inline(marks[key], data) for side, marks in marked.items() if key in marks}, where)
    else:
        yield from _text({side: inline(found[side], data) for side in ("source", "target") if side in found}, place)


def _marks(element: Any) -> list[Any]:
    return [mark for mark in element.iter() if local(mark) == "mrk" and mark.get("mtype") == "seg"]


def _text(sides: dict[str, Inline], place: str) -> Iterator[Text]:
    yield Text(place, {side: found.text for side, found in sides.items()})
    for k in range(max((len(found.subs) for found in sides.values()), default=0)):
        yield Text(f"{place} sub {k + 1}", {side: found.subs[k] for side, found in sides.items() if k < len(found.subs)})
