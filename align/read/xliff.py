"""XLIFF 1.2 and 2: sources or targets, whichever are in the language asked for."""

from collections.abc import Iterator
from typing import Any

from ..errors import FormatError
from .containers import elements, local
from .draft import Draft, Source
from .tags import speaks
from .tmx import inline_text

_CODES = frozenset({"bpt", "ept", "ph", "it", "x", "bx", "ex", "sc", "ec", "cp"})


def fill(source: Source, draft: Draft) -> None:
    """Add a part for each unit of the language; raises FormatError where there is none."""
    side, langs = "", ("", "")
    count = 0
    for element in elements(source.data, source.shown, "xliff", "file", "trans-unit", "unit"):
        if local(element) in ("xliff", "file"):
            langs = (
                element.get("source-language") or element.get("srcLang") or langs[0],
                element.get("target-language") or element.get("trgLang") or langs[1],
            )
            side = next((name for name, tag in zip(("source", "target"), langs) if speaks(tag, source.lang)), "")
            continue
        count += 1
        place = f"unit {element.get('id') or count}"
        for text in _texts(element, side):
            draft.add(text, "unit", place)
    if not len(draft):
        known = " and ".join(filter(None, langs)) or "no named language"
        raise FormatError(f"{source.shown}: holds {count} units in {known}, but no text in {source.lang}")


def _texts(unit: Any, side: str) -> Iterator[str]:
    """The texts of one side: of a unit itself in version 1.2, of each of its segments in version 2."""
    for child in unit:
        if local(child) == side:
            yield inline_text(child, _CODES)
        elif local(child) in ("segment", "ignorable"):
            yield from _texts(child, side)
