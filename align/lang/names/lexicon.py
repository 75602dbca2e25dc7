"""Conventional names: shipped exonyms and a user's glossary, looked up in running text of both languages."""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from ... import learnt
from ...errors import FormatError, InputError
from .. import tables
from ..ar.letters import fold

from .letters import fold_arabic
from .words import variants

LONGEST_WORD = 64  # letters; what is longer is no word, and no name
ENGLISH_TOKEN = re.compile(r"(?:[A-Za-z]\.){2,}|[A-Za-zÀ-ɏ0-9]+(?:['’ʼ‘][A-Za-zÀ-ɏ]+)*")


@cache
def _endings() -> tuple[frozenset[str], int]:
    """What an Arabic name may take without naming something else, nothing too, and the length of the longest."""
    endings = tables.lists("ar/endings", fold)["name"] | {""}
    return endings, max(map(len, endings))


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a lexicon: its kind, its number and its forms (English tokens as written, Arabic tokens folded).

    `marked` holds Arabic words that the line writes with vowel marks, because without them they are another name too.
    """

    number: int
    kind: str
    english: tuple[tuple[str, ...], ...]
    arabic: tuple[tuple[str, ...], ...]
    marked: tuple[str, ...] = ()


def english_tokens(text: str) -> tuple[str, ...]:
    """The tokens of an English form, without possessive endings."""
    return tuple(bare(m.group()) for m in ENGLISH_TOKEN.finditer(text))


def bare(token: str) -> str:
    """A token without possessive ending."""
    return token[:-2] if token[-2:] in ("'s", "’s") else token


def arabic_tokens(text: str) -> tuple[str, ...]:
    """The folded words of an Arabic form, each without its article."""
    words = ((w, fold_arabic(w)) for w in re.split(r"[\s\-–ـ]+", text))
    # the article, not the first letters of ألمان or إلياس
    return tuple(f[2:] if w.startswith("ال") and len(f) > 4 and f != "الله" else f for w, f in words if f)


class Lexicon:
    """Entries that say which English and Arabic expressions name the same thing."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self.entries = tuple(entries)
        self._english: dict[str, list[tuple[tuple[str, ...], int]]] = {}
        self._arabic: dict[str, list[tuple[tuple[str, ...], int]]] = {}
        for place, entry in enumerate(self.entries):
            for form in entry.english:
                self._english.setdefault(form[0].casefold(), []).append((form, place))
            for form in entry.arabic:
                self._arabic.setdefault(form[0], []).append((form, place))
        for forms in (*self._english.values(), *self._arabic.values()):
            forms.sort(key=lambda f: -len(f[0]))
        self._english_starts: dict[str, tuple[tuple[tuple[str, ...], int], ...]] = {}
        self._heads = frozenset(word[:3] for word in self._arabic)
        self._starts: dict[str, tuple[tuple[tuple[str, ...], int], ...]] = {}

    def __len__(self) -> int:
        return len(self.entries)

    def english_starts(self, token: str) -> tuple[tuple[tuple[str, ...], int], ...]:
        """The forms whose first word a token is: (form, entry)."""
        forms = self._english_starts.get(token)
        if forms is None:
            forms = tuple(f for f in self._english.get(token.casefold(), ()) if _same_case(f[0][0], token))
            if len(self._english_starts) < 200_000:
                self._english_starts[token] = forms
        return forms

    def in_english(self, tokens: list[str], start: int) -> tuple[int, tuple[int, ...]]:
        """The longest form that begins at `start`: how many tokens it takes and the entries it stands for."""
        forms = self.english_starts(tokens[start])
        if not forms:
            return 0, ()
        best, found = 0, []
        for form, place in forms:
            n = len(form)
            if n < best or start + n > len(tokens):
                continue
            if all(_same_case(f, t) for f, t in zip(form[1:], tokens[start + 1 : start + n], strict=True)):
                if n > best:
                    best, found = n, []
                found.append(place)
        return best, tuple(found)

    def arabic_starts(self, word: str) -> tuple[tuple[tuple[str, ...], int], ...]:
        """The forms whose first word `word` (folded) may be, with clitics and endings: (form, entry)."""
        known = self._starts.get(word)
        if known is None:
            found = []
            endings, longest = _endings()
            for rest in variants(word):
                if rest[:3] not in self._heads and rest[:2] not in self._heads:
                    continue
                for cut in range(min(longest, len(rest) - 2) + 1):
                    stem = rest[: len(rest) - cut]
                    if stem in self._arabic and rest[len(stem) :] in endings:
                        found += self._arabic[stem]
            known = tuple(dict.fromkeys(found))
            if len(self._starts) < 200_000:
                self._starts[word] = known
        return known

    def in_arabic(self, words: list[str]) -> Iterator[tuple[int, int, int]]:
        """All forms in a text of folded words: (first word, words taken, entry)."""
        for i, word in enumerate(words):
            for form, place in self.arabic_starts(word):
                n = len(form)
                if n == 1 or (
                    i + n <= len(words)
                    and all(_inflected(f, w) for f, w in zip(form[1:], words[i + 1 : i + n], strict=True))
                ):
                    yield i, n, place

    def with_glossary(self, pairs: Iterable[tuple[str, str]]) -> "Lexicon":
        """A lexicon that also holds a user's (Arabic, English) pairs."""
        entries = list(self.entries)
        for arabic, english in pairs:
            ar_form, en_form = arabic_tokens(arabic), english_tokens(english)
            if ar_form and en_form:
                entries.append(Entry(len(entries), "glossary", (en_form,), (ar_form,)))
        return Lexicon(entries)


_MARKS = re.compile("[\u064b-\u0652]")
_MARKED_LETTER = re.compile("([\u0621-\u064a])([\u064b-\u0652]*)")


def has_marks(written: str) -> bool:
    """Whether a word is written with vowel marks."""
    return bool(_MARKS.search(written))


def is_marked_as(written: str, form: str) -> bool:
    """Whether a word as written may be a marked form: where both say what a letter bears, they agree (عُمان, عمّان).

    A word without marks may be any form.
    """
    if not _MARKS.search(written):
        return True
    letters, wanted = _MARKED_LETTER.findall(written), _MARKED_LETTER.findall(form)
    ours, theirs = "".join(a for a, _ in letters), "".join(a for a, _ in wanted)
    at = ours.find(theirs)
    if at < 0:
        return True
    own = letters[at : at + len(wanted)]
    return all(("\u0651" in a) == ("\u0651" in b) and (not a or not b or a == b) for (_, a), (_, b) in zip(own, wanted, strict=True))


def _same_case(form: str, token: str) -> bool:
    return form == token or (token.isupper() and len(token) > 3 and form.upper() == token)


@lru_cache(maxsize=1 << 14)
def _inflected(form: str, word: str) -> bool:
    for rest in variants(word):
        if rest.startswith(form) and rest[len(form) :] in _endings()[0]:
            return True
    return False


def read_exonyms(path: Path) -> Iterator[Entry]:
    """The entries of a table `kind<TAB>English|English<TAB>Arabic|Arabic`; raises FormatError."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = line.split("\t")
        if len(fields) != 3:
            raise FormatError(f"{path}:{number}: expected kind, English and Arabic forms parted by tabs")
        english = tuple(form for form in map(english_tokens, fields[1].split("|")) if form)
        arabic = tuple(dict.fromkeys(form for form in map(arabic_tokens, fields[2].split("|")) if form))
        marked = tuple(word for word in re.split(r"[\s|]+", fields[2]) if _MARKS.search(word))
        yield Entry(number, fields[0], english, arabic, marked)


@lru_cache(maxsize=1)
def _measured() -> dict[tuple[str, str], float]:
    found = {}
    for lang, form, n, hits in learnt.rows("names/forms.tsv"):
        found[lang, form] = (int(hits) + 1.4) / (int(n) + 2)
    return found


def reliability(lang: str, form: str, otherwise: float = 0.7) -> float:
    """How often a form of the lexicon, where it stands in parallel text, has its entry on the other side."""
    return _measured().get((lang, form), otherwise)


@lru_cache(maxsize=1)
def shipped_lexicon() -> Lexicon:
    """The exonyms of `models/names/`."""
    return Lexicon(read_exonyms(learnt.path("names/exonyms.tsv")))


def _rows(rows: Any, path: Path) -> Iterator[list[str]]:
    """The rows of a reader of CSV; raises FormatError for what is none."""
    try:
        yield from rows
    except csv.Error as error:
        raise FormatError(f"{path}:{rows.line_num}: is not CSV that can be read: {error}") from None


def read_glossary(path: str | Path) -> list[tuple[str, str]]:
    """A user's (Arabic, English) pairs from a TSV, or a CSV by its name; blank lines and `#` lines are passed over.

    Raises InputError when the file cannot be read, FormatError naming path and line when a row is not two fields in
    Arabic and Latin script (either order).
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(f"{path}: the glossary is not UTF-8 (byte {error.start})") from None
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None
    delimiter = "," if path.suffix.lower() == ".csv" else "\t"
    pairs = []
    rows = csv.reader(
        text.splitlines(), delimiter=delimiter, quoting=csv.QUOTE_MINIMAL if delimiter == "," else csv.QUOTE_NONE
    )
    for row in _rows(rows, path):
        fields = [f.strip() for f in row]
        if not any(fields) or fields[0].startswith("#"):
            continue
        where = f"{path}:{rows.line_num}"
        if len(fields) < 2 or not fields[0] or not fields[1]:
            parted = "a comma" if delimiter == "," else "a tab"
            raise FormatError(f"{where}: expected an Arabic and an English name parted by {parted}")
        arabic, english = fields[:2]
        if not fold_arabic(arabic) and fold_arabic(english):
            arabic, english = english, arabic
        if not fold_arabic(arabic) or not english_tokens(english):
            raise FormatError(f"{where}: expected an Arabic and an English name, found {fields[0]!r} and {fields[1]!r}")
        pairs.append((arabic, english))
    return pairs
