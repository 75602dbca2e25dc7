"""JSON and JSON lines: the side of a language where the data are bilingual, else the texts they hold."""

import json
from collections.abc import Iterator
from typing import Any

from ..errors import FormatError
from .draft import Draft, Source
from .tags import primary, speaks

# Keys whose strings are texts, when no language is named anywhere.
_TEXTS = frozenset(
    "text texts content contents body title headline heading subtitle description summary abstract lead paragraph "
    "paragraphs sentence sentences segment segments line lines caption question answer context article".split()
)
_HEADINGS = frozenset({"title", "headline", "heading"})
_DEEPEST = 64


def fill_json(source: Source, draft: Draft) -> None:
    """Add the texts of one JSON value, each with its JSON pointer as its place."""
    text = source.text()
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise FormatError(f"{source.shown}:{error.lineno}: not JSON: {error.msg}") from None
    except (RecursionError, ValueError) as error:
        raise FormatError(f"{source.shown}: not JSON that can be read: {error}") from None
    _fill([("", value)], source, draft)


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
