"""JSON and JSON lines: the side of a language where the data are bilingual, else the texts they hold, or every string
of a table of strings (ARB, i18next and the like)."""

import json
import re
from collections.abc import Iterator
from typing import Any

from ..errors import FormatError
from .draft import Draft, Source
from .kinds import suffix_of
from .strings import add_string, chosen_language
from .tags import primary, speaks

# Keys whose strings are texts, when no language is named anywhere.
_TEXTS = frozenset(
    "text texts content contents body title headline heading subtitle description summary abstract lead paragraph "
    "paragraphs sentence sentences segment segments line lines caption question answer context article".split()
)
_HEADINGS = frozenset({"title", "headline", "heading"})
_DEEPEST = 64
# Names of files that hold a table of strings of one language: ar.json, messages_en.json, locales/ar/common.json.
_LOCALE_NAME = re.compile(r"(?:^|[/\\._-])(?:ar|en)(?:[-_][A-Za-z]{2,4})?(?:\.json|[/\\][\w.-]+\.json)$", re.IGNORECASE)
_MESSAGES = frozenset({"message", "description", "placeholders"})


def fill_json(source: Source, draft: Draft) -> None:
    """Add the texts of one JSON value, each with its JSON pointer as its place, or the strings of a table."""
    value = _loaded(source)
    if isinstance(value, dict) and isinstance(value.get("strings"), dict) and "sourceLanguage" in value:
        from .apps import fill_xcstrings

        fill_xcstrings(source, draft)
    elif isinstance(value, dict) and _is_table(value, source):
        _fill_table(value, source, draft)
    else:
        _fill([("", value)], source, draft)


def fill_table(source: Source, draft: Draft) -> None:
    """Add every string of a table such as ARB, each with its key as its place."""
    value = _loaded(source)
    if not isinstance(value, dict):
        raise FormatError(f"{source.shown}: is no table of strings: an object of keys and texts is expected")
    _fill_table(value, source, draft)


def _loaded(source: Source) -> Any:
    try:
        return json.loads(source.text())
    except json.JSONDecodeError as error:
        raise FormatError(f"{source.shown}:{error.lineno}: not JSON: {error.msg}") from None
    except (RecursionError, ValueError) as error:
        raise FormatError(f"{source.shown}: not JSON that can be read: {error}") from None


def _is_table(value: dict[str, Any], source: Source) -> bool:
    """Whether an object is a table of strings, by its keys, its file's name, or because few of its strings stand under
    the keys of texts."""
    if suffix_of(source.shown) == "arb" or "@@locale" in value:
        return True
    if chosen_language(list(value), source) and all(isinstance(item, dict) for item in value.values()):
        return all(isinstance(inner, str | dict) for item in value.values() for inner in item.values())
    found = list(_strings(value, "", "", 0, source.shown))
    if not found or any(lang for _, _, lang, _ in found):
        return False
    if _LOCALE_NAME.search(source.shown.removesuffix(".gz")):
        return True
    return sum(key in _TEXTS for _, key, _, _ in found) * 2 < len(found)


def _fill_table(value: dict[str, Any], source: Source, draft: Draft) -> None:
    spoken = chosen_language(list(value), source)
    if spoken and isinstance(value[spoken], dict):
        value = value[spoken]
    if value and all(isinstance(item, dict) and "message" in item and item.keys() <= _MESSAGES for item in value.values()):
        value = {key: item["message"] for key, item in value.items()}
    for key, text in _leaves(value, "", 0, source.shown):
        add_string(draft, key, text)


def _leaves(value: Any, key: str, depth: int, shown: str) -> Iterator[tuple[str, str]]:
    """Every string with its keys joined by dots; what describes other keys (`@key`, `$schema`) is left out."""
    if depth > _DEEPEST:
        raise FormatError(f"{shown}: JSON nested deeper than {_DEEPEST} levels")
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _leaves(item, f"{key}.{number}", depth + 1, shown)
    elif isinstance(value, dict):
        for name, item in value.items():
            if not name.startswith(("@", "$")):
                yield from _leaves(item, f"{key}.{name}" if key else name, depth + 1, shown)


def fill_lines(source: Source, draft: Draft) -> None:
    """Add the texts of JSON lines, each with its line and JSON pointer as its place."""
    values = []
    for number, line in enumerate(source.text().split("\n"), 1):
        if not line.strip():
            continue
        try:
            values.append((f"line {number}", json.loads(line)))
        except json.JSONDecodeError as error:
            raise FormatError(f"{source.shown}:{number}: not JSON: {error.msg}") from None
        except (RecursionError, ValueError) as error:
            raise FormatError(f"{source.shown}:{number}: not JSON that can be read: {error}") from None
    _fill(values, source, draft)


def _fill(values: list[tuple[str, Any]], source: Source, draft: Draft) -> None:
    found = [(place, *item) for place, value in values for item in _strings(value, "", "", 0, source.shown)]
    langs = {primary(lang) for _, _, _, lang, _ in found if lang}
    if langs & {"ar", "en", primary(source.lang)} and len(langs) > 1:
        if primary(source.lang) not in langs:
            raise FormatError(f"{source.shown}: holds {', '.join(sorted(langs))}, but nothing in {source.lang}")
        chosen = [item for item in found if speaks(item[3], source.lang)]
    else:
        chosen = [item for item in found if item[2] in _TEXTS or not item[2]]
        chosen = chosen or [item for item in found if " " in item[4].strip()]
    for place, pointer, key, lang, text in chosen:
        where = " ".join(filter(None, (place, pointer)))
        kind = "heading" if key in _HEADINGS else "unit" if lang else "paragraph"
        for paragraph in text.replace("\r\n", "\n").split("\n\n"):
            draft.add(paragraph, kind, where)


def _strings(
    value: Any, pointer: str, key: str, depth: int, shown: str, lang: str = ""
) -> Iterator[tuple[str, str, str, str]]:
    """Every string with its pointer, its nearest key that names no language, and the language of a key above it."""
    if depth > _DEEPEST:
        raise FormatError(f"{shown}: JSON nested deeper than {_DEEPEST} levels")
    if isinstance(value, str):
        yield pointer, key, lang, value
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _strings(item, f"{pointer}/{number}", key, depth + 1, shown, lang)
    elif isinstance(value, dict):
        if lang and isinstance(value.get("text"), str):
            # Of a record with a whole text and its pieces, the whole is enough.
            value = {"text": value["text"]}
        tagged = _tags(value)
        for name, item in value.items():
            escaped = name.replace("~", "~0").replace("/", "~1")
            if name in tagged:
                yield from _strings(item, f"{pointer}/{escaped}", key, depth + 1, shown, name)
            elif not lang or name in _TEXTS:
                yield from _strings(item, f"{pointer}/{escaped}", name.lower(), depth + 1, shown, lang)


def _tags(value: dict[str, Any]) -> set[str]:
    """The keys of an object that are language tags: at least two of them, of languages that differ."""
    tags = {name for name in value if name != "id" and 2 <= len(name) <= 7 and _is_tag(primary(name))}
    known = {primary(name) for name in tags}
    return tags if len(known) > 1 and known & {"ar", "en"} else set()


def _is_tag(name: str) -> bool:
    return len(name) == 2 and name.isascii() and name.isalpha()
