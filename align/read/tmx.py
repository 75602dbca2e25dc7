"""TMX translation memories: the units of one language."""

from ..errors import FormatError
from .containers import elements, local
from .draft import Draft, Source
from .inline import inline
from .strings import UNTRANSLATED
from .tags import primary, speaks

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def fill(source: Source, draft: Draft) -> None:
    """Add a part for each translation unit that has the language; raises FormatError where none has."""
    seen: set[str] = set()
    count = 0
    for count, unit in enumerate(elements(source.data, source.shown, "tu"), 1):
        place = f"tu {count}" + (f" {unit.get('tuid')}" if unit.get("tuid") else "")
        lacks = True
        for variant in unit:
            tag = (variant.get(_LANG) or variant.get("lang") or "") if local(variant) == "tuv" else ""
            seen.add(primary(tag))
            if speaks(tag, source.lang):
                lacks = False
                for segment in variant:
                    if local(segment) == "seg":
                        found = inline(segment)
                        if not found.text.strip():
                            draft.lack(UNTRANSLATED, place)
                        for number, text in enumerate((found.text, *found.subs)):
                            draft.add(text, "unit", f"{place} sub {number}" if number else place)
        if lacks:
            draft.lack(UNTRANSLATED, place)
    if not len(draft):
        langs = ", ".join(sorted(seen - {""})) or "no languages"
        raise FormatError(f"{source.shown}: holds {count} units in {langs}, but none in {source.lang}")
