"""Placeholders and tags of messages: `%2$s`, `{count}`, `<b>`; a translation has all of them, in whatever order.

The arguments of a printf format are compared by their number and kind, names by their spelling, tags by their name. Of a
message with forms (`{count, plural, one {…} other {…}}`) the argument counts, and once what all its forms hold.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from .types import Fact, Placeholder, Value

_MAY = re.compile(r"[%{<$]")
_NAME = r"(?!(?:and|or)\b)[A-Za-z_][\w.-]*|\d{1,3}"
_ATTRIBUTE = r"\s+[\w:.-]+(?:\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'))?"
_MARK = re.compile(
    rf"""(?P<printf>(?<![\d\u0660-\u0669%])%(?:(?P<number>\d{{1,2}})\$)?[-+0\#]*\d*(?:\.\d+)?(?:hh?|ll?|[qjzt])?(?P<sort>[@diusfgxXoc]))
    |(?P<forms>\{{\s*(?P<argument>{_NAME})\s*,\s*(?:plural|select|selectordinal)\s*,)
    |(?P<name>%\(\w+\)[a-z]|\{{\{{\s*(?:{_NAME})(?:\s*,[^{{}}]*+)?\s*+\}}\}}|[$%\#]?\{{\s*(?:{_NAME})(?:\s*,[^{{}}]*+)?\s*+\}}|\$t\([\w.:-]+\))
    |(?P<tag></?(?P<element>[A-Za-z][\w:-]*|\d{{1,2}})(?:{_ATTRIBUTE})*\s*/?>)""",
    re.ASCII | re.VERBOSE,
)
_FORM = re.compile(r"\s*(?:offset:\d+\s*)?(?:=\d+|[\w-]+)\s*\{")
_IDENTITY = re.compile(r"\bid\s*=\s*[\"']?([\w.-]+)")
_SORTS = {"i": "d", "u": "d", "@": "s"}
_COUNTS = re.compile(r"count|num|number|quantity|total|n|size|amount|\d+", re.IGNORECASE)
_NESTED = 6


def find(text: str) -> tuple[str, list[Fact]]:
    """`text` with placeholders and tags blanked at equal length, and a fact for each of them."""
    if _MAY.search(text) is None:
        return text, []
    found = list(_found(text, 0, len(text), 0, Counter()))
    shown = list(text)
    for fact in found:
        shown[fact.start : fact.end] = "\u2016" + " " * (fact.end - fact.start - 1)
    return "".join(shown), found


def _found(text: str, start: int, end: int, depth: int, arguments: Counter[str]) -> Iterator[Fact]:
    """The placeholders between two offsets; `arguments` counts those of printf that have no number."""
    at = start
    while (mark := _MARK.search(text, at, end)) is not None:
        at = mark.end()
        if mark["forms"] and depth < _NESTED:
            yield _fact(mark, "{" + mark["argument"] + "}", counts=True)
            at, inner = _forms(text, mark.end(), end, depth, arguments)
            yield from inner
        elif mark["printf"]:
            sort = _SORTS.get(mark["sort"], mark["sort"])
            arguments[""] += not mark["number"]
            number = mark["number"] or str(arguments[""])
            yield _fact(mark, f"%{number}{sort}", counts=sort == "d")
        elif mark["name"]:
            name = re.sub(r"\s+", "", mark["name"])
            yield _fact(mark, name, counts=_COUNTS.fullmatch(name.strip("$%#{}()").split(",")[0]) is not None)
        elif mark["tag"]:
            yield _fact(mark, _tag(mark), counts=False)


def _forms(text: str, at: int, end: int, depth: int, arguments: Counter[str]) -> tuple[int, list[Fact]]:
    """Where a message with forms ends, and what its forms hold, each placeholder once."""
    inside: dict[str, Fact] = {}
    while (form := _FORM.match(text, at, end)) is not None:
        stop = _closing(text, form.end(), end)
        for fact in _found(text, form.end(), stop, depth + 1, Counter(arguments)):
            inside.setdefault(fact.value.name, fact)
        at = stop + 1
    return min(_closing(text, at, end) + 1, end), list(inside.values())


def _closing(text: str, at: int, end: int) -> int:
    """The offset of the brace that closes the one before `at`."""
    open_braces = 1
    for brace in re.compile("[{}]").finditer(text, at, end):
        open_braces += 1 if brace[0] == "{" else -1
        if not open_braces:
            return brace.start()
    return end


def _tag(mark: re.Match[str]) -> str:
    """A tag by its name, that of its number where it has one; `<br/>` is `<br>`."""
    identity = _IDENTITY.search(mark[0])
    return ("</" if mark[0].startswith("</") else "<") + mark["element"].lower() + (f" {identity[1]}" if identity else "") + ">"


def _fact(mark: re.Match[str], name: str, *, counts: bool) -> Fact:
    return Fact(mark.start(), mark.end(), mark[0], "placeholder", Placeholder(name, counts))


def pair(ar: Sequence[Fact], en: Sequence[Fact]) -> tuple[list[tuple[Fact, Fact]], list[Fact], list[Fact]]:
    """The placeholders of two versions that answer each other, and those of either that nothing answers."""
    there: dict[str, list[Fact]] = defaultdict(list)
    for fact in reversed(en):
        there[fact.value.name].append(fact)
    pairs, alone = [], []
    for fact in ar:
        same = there[fact.value.name]
        if same:
            pairs.append((fact, same.pop()))
        else:
            alone.append(fact)
    left = {id(fact) for facts in there.values() for fact in facts}
    return pairs, alone, [fact for fact in en if id(fact) in left]


def told_in_words(alone: Sequence[Fact], other: Sequence[Fact]) -> tuple[list[Fact], list[Fact]]:
    """What of `alone` stays when the other version may tell a number in words (one file, ملفان), and the facts that do so."""
    words = [fact for fact in other if isinstance(fact.value, Value) and fact.value.number in (0, 1, 2) and fact.form != "digits"]
    left = []
    told = []
    for fact in alone:
        if fact.value.counts and words:
            told.append(words.pop(0))
        else:
            left.append(fact)
    return left, told
