"""The text of segments of translation files: each code inside becomes what it stands for, or a space between words."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .containers import local, unescaped

_CODES = frozenset({"bpt", "ept", "ph", "it", "ut", "x", "bx", "ex", "sc", "ec"})
_PAIRS = frozenset({"g", "pc"})
# Marks of emphasis and links, which stand inside words, too, and are nothing to read.
_NAMES = "a|abbr|b|bdi|bdo|big|cite|code|del|dfn|em|font|i|ins|kbd|mark|q|s|samp|small|span|strike|strong|sub|sup|tt|u|var"
_EMPHASIS = re.compile(rf"(?:\s*</?(?:{_NAMES})\b[^<>]*>)+\s*", re.IGNORECASE)
_EMPHASIS_TYPES = re.compile(rf"(?:x-)?(?:bold|italic|underlined?|link|font|color|fmt|html-(?:{_NAMES}))", re.IGNORECASE)
_BREAK = re.compile(r"<br\s*/?>|\\n", re.IGNORECASE)
_BREAK_TYPES = frozenset({"lb", "x-br", "x-lb", "x-html-br", "xlf:lb", "linebreak"})
_PLACEHOLDER = re.compile(
    r"%(?:\d+\$)?[-+0#']*\d*(?:\.\d+)?(?:hh?|ll?|[Lqjzt])?[@diouxXeEfFgGaAcsp]|%\(\w+\)[a-z]|%\{\w+\}|%%"
    r"|\$?\{\{?(?!\})\s*+[\w.,:# -]*+\s*+\}?\}|\$\w+\$|%\w+%|\[\w+\]"
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|\w{1,40});")
_SHOWN = re.compile(r"(?:displaytext|val)=\"([^\"]*)\"")

_GAP = "\0"  # a space, where two words would be glued without it


class Inline(NamedTuple):
    """The text of a segment, and the texts that stand by themselves inside its codes (`sub`: titles, labels)."""

    text: str
    subs: tuple[str, ...]


def inline(element: Any, data: Mapping[str, str] = {}) -> Inline:
    """What a reader sees of a segment; `data` holds the native codes that its elements refer to, by id."""
    subs: list[str] = []
    text = "".join(_pieces(element, data, subs))
    return Inline(_spaced(text), tuple(filter(None, (sub.strip() for sub in subs))))


def _pieces(element: Any, data: Mapping[str, str], subs: list[str]) -> Iterator[str]:
    """The text of an element's content with a mark where a gap may be needed."""
    yield element.text or ""
    for child in element:
        name = local(child)
        if name == "cp":
            yield _character(child.get("hex", ""))
        elif name == "sub":
            subs.append(_spaced("".join(_pieces(child, data, subs))))
            yield _GAP
        elif name in _CODES:
            yield _standing(child, data)
            _find_subs(child, data, subs)
        elif name in _PAIRS:
            edge = "" if _is_emphasis(child, data) else _GAP
            yield edge
            yield from _pieces(child, data, subs)
            yield edge
        elif name:
            yield from _pieces(child, data, subs)
        yield child.tail or ""


def _find_subs(code: Any, data: Mapping[str, str], subs: list[str]) -> None:
    for child in code:
        if local(child) == "sub":
            subs.append(_spaced("".join(_pieces(child, data, subs))))
        else:
            _find_subs(child, data, subs)


def _native(code: Any, data: Mapping[str, str]) -> str:
    """What a code is in the file that was translated, as far as is told."""
    for name in ("equiv-text", "equiv", "equivStart", "disp", "dispStart"):
        if code.get(name):
            return code.get(name)
    reference = code.get("dataRef") or code.get("dataRefStart")
    if reference in data:
        return data[reference]
    native = (code.text or "") + "".join(child.tail or "" for child in code)
    shown = _SHOWN.search(native) if native.startswith("<mq:") else None
    return unescaped(shown[1]) if shown else native


def _types(code: Any) -> set[str]:
    return {code.get(name) for name in ("ctype", "type", "subType") if code.get(name)}


def _is_emphasis(code: Any, data: Mapping[str, str]) -> bool:
    if any(_EMPHASIS_TYPES.fullmatch(name) for name in _types(code)):
        return True
    return _EMPHASIS.fullmatch(_native(code, data)) is not None


def _is_break(native: str) -> bool:
    shown = native.strip()
    return _BREAK.fullmatch(shown) is not None if shown else "\n" in native


def _standing(code: Any, data: Mapping[str, str]) -> str:
    """What stands for a code: a line break, a placeholder, a character, nothing for emphasis, else a gap."""
    native = _native(code, data)
    if _types(code) & _BREAK_TYPES or _is_break(native):
        return "\n"
    if _PLACEHOLDER.fullmatch(native.strip()):
        return native.strip()
    if _ENTITY.fullmatch(native.strip()):
        return unescaped(native.strip())
    return "" if _is_emphasis(code, data) else _GAP


def _character(code: str) -> str:
    try:
        found = chr(int(code, 16))
    except (ValueError, OverflowError):
        return "\ufffd"
    return "\ufffd" if "\ud800" <= found <= "\udfff" else found


_GAPS = re.compile(f"{_GAP}+")


def _spaced(text: str) -> str:
    """The text with a space for each gap between two letters or digits, and nothing for all others."""
    if _GAP not in text:
        return text
    return _GAPS.sub(lambda gap: " " if _is_between_words(text, gap) else "", text)


def _is_between_words(text: str, gap: re.Match[str]) -> bool:
    before, after = text[gap.start() - 1 : gap.start()], text[gap.end() : gap.end() + 1]
    # A sentence's mark, too, is followed by a space: Save.<x/>Cancel
    return (before.isalnum() or before in tuple(".!?؟:،,;؛")) and after.isalnum() and bool(before)
