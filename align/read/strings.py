"""String tables of programs: every string under its key, which is the place of its part (kind `string`)."""

import re
from collections.abc import Iterator
from typing import Any

from ..errors import FormatError, InputError
from .draft import Draft, Source, need
from .tags import primary, speaks

CATEGORIES = frozenset({"zero", "one", "two", "few", "many", "other"})
"""The plural categories of CLDR, by which tables name the forms of one message."""

FORMS: dict[int, tuple[str, ...]] = {2: ("one", "other"), 6: ("zero", "one", "two", "few", "many", "other")}
"""The categories of the forms of a plural by their number, in English and in Arabic."""

UNTRANSLATED = "entries without translation"
EMPTY = "strings without text"
_MOST_NODES = 2_000_000
_LOCALE = re.compile(r"[a-z]{2,3}(?:[-_](?:[A-Z][a-z]{3}|[A-Z]{2}|\d{3}))*")


def add_string(draft: Draft, key: str, text: str, what: str = EMPTY) -> None:
    """Add a string, each of its lines as a part; one without text is told as `what`."""
    if not text.strip():
        draft.lack(what, key)
    for line in text.replace("\r\n", "\n").split("\n"):
        draft.add(line, "string", key)


def chosen_language(names: list[str], source: Source) -> str | None:
    """Which of a table's topmost keys is the language wanted; None where they are no languages.

    Raises FormatError where all are, but none is the one wanted.
    """
    if not names or not all(_LOCALE.fullmatch(name) for name in names):
        return None
    spoken = next((name for name in names if speaks(name, source.lang)), None)
    if spoken is None and len(names) == 1 and primary(names[0]) in ("ar", "en"):
        raise FormatError(f"{source.shown}: holds {names[0]}, but nothing in {source.lang}")
    return spoken


def fill_yaml(source: Source, draft: Draft) -> None:
    """Add every string of a YAML table, as of Rails; keys are joined by dots, a language at the top is left out."""
    library = need("yaml", "web", source.shown)
    try:
        root = library.compose(source.text(), Loader=library.SafeLoader)
    except library.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f":{mark.line + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or " ".join(str(error).split())[:100]
        raise FormatError(f"{source.shown}{where}: not YAML: {problem}") from None
    except (RecursionError, ValueError) as error:
        raise FormatError(f"{source.shown}: not YAML that can be read: {' '.join(str(error).split())[:100]}") from None
    if not isinstance(root, library.MappingNode):
        raise FormatError(f"{source.shown}: is no table of strings: keys and values are expected")
    top = {key.value: value for key, value in root.value if isinstance(key, library.ScalarNode)}
    spoken = chosen_language(list(top), source)
    walk = _Yaml(library, source.shown)
    for key, text in walk.leaves(top[spoken] if spoken else root, "", 0):
        add_string(draft, key, text)
    if not len(draft):
        raise FormatError(f"{source.shown}: holds no strings")


class _Yaml:
    """Goes through the nodes of a document; what anchors repeat counts each time, up to a limit."""

    def __init__(self, yaml: Any, shown: str) -> None:
        self.yaml, self.shown = yaml, shown
        self.count = 0

    def _counted(self, depth: int) -> None:
        self.count += 1
        if self.count > _MOST_NODES or depth > 64:
            raise InputError(f"{self.shown}: YAML that repeats itself too often or is nested too deeply")

    def leaves(self, node: Any, key: str, depth: int) -> Iterator[tuple[str, str]]:
        """Every string below a node with its key."""
        self._counted(depth)
        if isinstance(node, self.yaml.ScalarNode):
            if node.tag == "tag:yaml.org,2002:str":
                yield key, node.value
        elif isinstance(node, self.yaml.SequenceNode):
            for number, item in enumerate(node.value):
                yield from self.leaves(item, f"{key}.{number}", depth + 1)
        else:
            for name, item in self._pairs(node, depth):
                yield from self.leaves(item, f"{key}.{name}" if key else name, depth + 1)

    def _pairs(self, node: Any, depth: int) -> list[tuple[str, Any]]:
        """Names and values of a mapping, with those that it merges from others unless it has them itself."""
        own = {k.value: v for k, v in node.value if isinstance(k, self.yaml.ScalarNode) and k.value != "<<"}
        self._counted(depth)
        for k, v in node.value:
            if k.value == "<<":
                for base in v.value if isinstance(v, self.yaml.SequenceNode) else [v]:
                    if isinstance(base, self.yaml.MappingNode) and base is not node:
                        for name, value in self._pairs(base, depth + 1):
                            own.setdefault(name, value)
        return list(own.items())


def fill_properties(source: Source, draft: Draft) -> None:
    """Add the values of Java properties, escapes resolved."""
    library = need("javaproperties", "web", source.shown)
    try:
        found = library.loads(source.text())
    except (library.InvalidUEscapeError, ValueError) as error:
        raise FormatError(f"{source.shown}: not Java properties: {' '.join(str(error).split())[:100]}") from None
    for key, text in found.items():
        add_string(draft, key, text)
