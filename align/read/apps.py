"""String tables of apps: Android's strings.xml, Apple's .strings, .stringsdict and .xcstrings, Qt's .ts."""

import json
import plistlib
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from ..errors import FormatError
from .containers import local, parse_xml
from .draft import Draft, Source
from .strings import CATEGORIES, EMPTY, FORMS, UNTRANSLATED, add_string
from .tags import primary, speaks

_ANDROID_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_ANDROID_SIGNS = {"n": "\n", "t": "\t"}
_APPLE = re.compile(
    r'\s+|/\*.*?\*/|//[^\n]*|(?P<key>"(?:[^"\\]|\\.)*+"|[\w.$/-]+)\s*(?:=\s*(?P<value>"(?:[^"\\]|\\.)*+"|[\w.$/-]+)\s*)?;',
    re.DOTALL,
)
_APPLE_ESCAPE = re.compile(r"\\(?:[uU]([0-9a-fA-F]{4})|([0-7]{3})|(.))", re.DOTALL)
_APPLE_SIGNS = {"n": "\n", "r": "\r", "t": "\t"}
_VARIABLE = re.compile(r"%(?:\d+\$)?#@\w+@")


def fill_android(source: Source, draft: Draft) -> None:
    """Add strings, plurals (`files.one`) and arrays (`days.0`) of an Android resource file, escapes resolved."""
    root = parse_xml(source.data, source.shown)
    for element in root:
        name = element.get("name") or ""
        if element.get("translatable") == "false":
            continue
        if local(element) == "string":
            _add_android(draft, name, element)
        elif local(element) in ("string-array", "array"):
            for number, item in enumerate(child for child in element if local(child) == "item"):
                _add_android(draft, f"{name}.{number}", item)
        elif local(element) == "plurals":
            for item in element:
                if local(item) == "item":
                    _add_android(draft, f"{name}.{item.get('quantity')}", item)


def _add_android(draft: Draft, key: str, element: Any) -> None:
    text = "".join(element.itertext())
    if not re.match(r"\s*[@?][\w+:]+/", text):  # what points to another resource has no text of its own
        add_string(draft, key, _from_android(text))


def _from_android(text: str) -> str:
    """The text that Android shows: white space outside of quotation marks single, escapes resolved."""
    parts = re.split(r'((?<!\\)(?:\\\\)*")', text)
    out, is_quoted = [], False
    for part in parts:
        if part.endswith('"') and set(part[:-1]) <= {"\\"}:
            out.append(part[:-1])
            is_quoted = not is_quoted
        else:
            out.append(part if is_quoted else re.sub(r"\s+", " ", part))
    joined = "".join(out)
    return _whole(_ANDROID_ESCAPE.sub(
        lambda found: chr(int(found[1], 16)) if found[1] else _ANDROID_SIGNS.get(found[2], found[2]),
        joined if is_quoted else joined.strip(),
    ))  # fmt: skip


def _whole(text: str) -> str:
    """A text whose characters beyond the first plane are written as two halves, with each as one."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def fill_strings(source: Source, draft: Draft) -> None:
    """Add the values of an Apple table of strings, as text or as a property list."""
    if source.data.startswith((b"bplist00", b"<?xml")):
        for key, value in _property_list(source).items():
            if isinstance(value, str):
                add_string(draft, key, value)
        return
    text = source.text(_wide_without_mark(source.data))
    at = 0
    while at < len(text):
        found = _APPLE.match(text, at)
        if found is None:
            line = text.count("\n", 0, at) + 1
            raise FormatError(f'{source.shown}:{line}: not a table of strings: "key" = "value"; is expected')
        if found["key"]:
            key = _from_apple(found["key"])
            add_string(draft, key, key if found["value"] is None else _from_apple(found["value"]))
        at = found.end()


def _wide_without_mark(data: bytes) -> str | None:
    """UTF-16, which Apple's own tools wrote, where no byte order mark says so."""
    for name, zero in (("utf-16-le", data[1:2]), ("utf-16-be", data[:1])):
        if zero == b"\0":
            return name
    return None


def _from_apple(text: str) -> str:
    if not text.startswith('"'):
        return text

    def resolved(found: re.Match[str]) -> str:
        if found[1]:
            return chr(int(found[1], 16))
        return chr(int(found[2], 8)) if found[2] else _APPLE_SIGNS.get(found[3], found[3])

    return _whole(_APPLE_ESCAPE.sub(resolved, text[1:-1]))


def fill_stringsdict(source: Source, draft: Draft) -> None:
    """Add every form of every message of an Apple table of plurals, as `key.variable.one`."""
    for key, message in _property_list(source).items():
        if not isinstance(message, dict):
            continue
        for name, value in message.items():
            if isinstance(value, dict):
                for category, text in value.items():
                    if category in CATEGORIES and isinstance(text, str):
                        add_string(draft, f"{key}.{name}.{category}", text)
            elif name == "NSStringLocalizedFormatKey" and isinstance(value, str) and _VARIABLE.sub("", value).strip():
                add_string(draft, key, value)
    if not len(draft):
        raise FormatError(f"{source.shown}: holds no strings")


def _property_list(source: Source) -> dict[str, Any]:
    try:
        found = plistlib.loads(source.data)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - the library raises what its parsers raise
        raise FormatError(f"{source.shown}: not a property list: {' '.join(str(error).split())[:100]}") from None
    if not isinstance(found, dict):
        raise FormatError(f"{source.shown}: a property list without keys, not a table of strings")
    return found


def fill_xcstrings(source: Source, draft: Draft) -> None:
    """Add the strings of one language of an Apple string catalogue, forms as `key.one`; of the source language the
    keys themselves where nothing else stands for them."""
    try:
        catalogue = json.loads(source.text())
        strings, first = catalogue["strings"], catalogue.get("sourceLanguage", "en")
        entries = [(key, entry) for key, entry in strings.items() if isinstance(entry, dict)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise FormatError(f"{source.shown}: not a string catalogue: JSON with sourceLanguage and strings is expected") from None
    is_source = speaks(first, source.lang)
    known = {primary(tag) for _, entry in entries for tag in _localizations(entry)} | {primary(first)}
    if primary(source.lang) not in known:
        raise FormatError(f"{source.shown}: holds {', '.join(sorted(known))}, but nothing in {source.lang}")
    for key, entry in entries:
        if entry.get("shouldTranslate") is False:
            continue
        found = next((value for tag, value in _localizations(entry).items() if speaks(tag, source.lang)), None)
        texts = list(_variants(found, "")) if isinstance(found, dict) else []
        if not texts:
            texts = [("", key)] if is_source else [("", "")]
        for suffix, text in texts:
            add_string(draft, key + suffix, text, UNTRANSLATED)


def _localizations(entry: dict[str, Any]) -> dict[str, Any]:
    found = entry.get("localizations")
    return found if isinstance(found, dict) else {}


def _variants(value: Any, suffix: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    """The texts of a localization with what to add to its key: by plural category, by device, by substitution."""
    if not isinstance(value, dict) or depth > 8:
        return
    unit = value.get("stringUnit")
    if isinstance(unit, dict) and isinstance(unit.get("value"), str) and unit.get("state") != "new":
        yield suffix, unit["value"]
    for sort in (value.get("variations") or {}).values() if isinstance(value.get("variations"), dict) else ():
        for name, inner in sort.items() if isinstance(sort, dict) else ():
            yield from _variants(inner, f"{suffix}.{name}", depth + 1)
    for name, inner in (value.get("substitutions") or {}).items() if isinstance(value.get("substitutions"), dict) else ():
        yield from _variants(inner, f"{suffix}.{name}", depth + 1)


def fill_ts(source: Source, draft: Draft) -> None:
    """Add the sources or the translations of a Qt catalogue, forms as `context 3.1`; what is obsolete is left out."""
    root = parse_xml(source.data, source.shown)
    lang, first = root.get("language") or "", root.get("sourcelanguage") or "en"
    is_target = speaks(lang, source.lang) if lang else not speaks(first, source.lang)
    if not is_target and not speaks(first, source.lang):
        raise FormatError(f"{source.shown}: its messages are in {first} and {lang}, not in {source.lang}")
    for context in root.iter("context"):
        name = context.findtext("name") or "context"
        counts: Counter[str] = Counter()
        for number, message in enumerate(context.iter("message"), 1):
            translation = message.find("translation")
            kind = "" if translation is None else translation.get("type") or ""
            if kind in ("obsolete", "vanished"):
                continue
            key = message.get("id") or f"{name} {number}"
            counts[key] += 1
            _add_message(draft, message, translation, f"{key} {counts[key]}" if counts[key] > 1 else key, is_target)


def _add_message(draft: Draft, message: Any, translation: Any, key: str, is_target: bool) -> None:
    """Add a message's source, or its translation; of a plural the last, most common form answers the source."""
    holder = translation if is_target else message.find("source")
    forms = ["" if holder is None else "".join(holder.itertext())]
    if is_target and holder is not None and message.get("numerus") == "yes":
        forms = ["".join(form.itertext()) for form in holder.iter("numerusform")] or forms
    for name, form in zip(FORMS.get(len(forms), map(str, range(len(forms)))), forms[:-1]):
        if form.strip():
            add_string(draft, f"{key}#{name}", form)
    add_string(draft, key, forms[-1], UNTRANSLATED if is_target else EMPTY)
