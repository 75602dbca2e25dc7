"""TMX translation memories: the units of one language."""

from typing import Any

from ..errors import FormatError
from .containers import elements, local
from .draft import Draft, Source
from .tags import primary, speaks

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
# Codes of another program inside a segment, which are no text; those in `hi` and `sub` are.
_CODES = frozenset({"bpt", "ept", "ph", "it", "ut"})


def fill(source: Source, draft: Draft) -> None:
    """Add a part for each translation unit that has the language; raises FormatError where none has."""
    seen: set[str] = set()
    count = 0
    for count, unit in enumerate(elements(source.data, source.shown, "tu"), 1):
        place = f"tu {count}" + (f" {unit.get('tuid')}" if unit.get("tuid") else "")
        for variant in unit:
            tag = (variant.get(_LANG) or variant.get("lang") or "") if local(variant) == "tuv" else ""
            seen.add(primary(tag))
            if speaks(tag, source.lang):
                for segment in variant:
                    if local(segment) == "seg":
                        draft.add(inline_text(segment, _CODES), "unit", place)
    if not len(draft):
        langs = ", ".join(sorted(seen - {""})) or "no languages"
        raise FormatError(f"{source.shown}: holds {count} units in {langs}, but none in {source.lang}")


def inline_text(element: Any, codes: frozenset[str]) -> str:
    """The text inside an element, that of markup named in `codes` left out."""
    parts = [element.text or ""]
    for child in element:
        if isinstance(child.tag, str) and local(child) not in codes:
            parts.append(inline_text(child, codes))
        parts.append(child.tail or "")
    return "".join(parts)
