"""Which documents belong together: manifests, folders paired by the names of their files, runs that were saved."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import os
import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..engine.storage import Store, absolute, at_hand, is_folder, is_url, joined, parent, walk
from ..errors import DecodingError, FormatError, InputError, UsageError
from ..files import COMPRESSED, parsed_json
from ..pipeline import Options
from .ledger import Entry
from .settings import SCHEMA

TABLES = (".csv", ".tsv", ".jsonl", ".ndjson")
"""What a manifest's name ends in, a compression's suffix behind it left out."""

PAIRS = "pairs.jsonl"
"""Where an output keeps which files were paired by content."""

_NAMES = {"ar": ("ar", "ara", "arb", "arabic", "عربي", "العربية", "عربية"),
          "en": ("en", "eng", "english", "انجليزي", "الإنجليزية", "إنجليزي")}  # fmt: skip
_ID = ("id", "name", "document", "doc")
_PATH = ("", "_path", "_file", "path", "file")
_BETWEEN = re.compile(r"[._\-\s]+")
_FIELD = re.compile(r"\{(\w+)\}")


@dataclass
class Source:
    """Where entries come from. `ar_base` and `en_base` are the folders that relative paths start from; `record` says
    the same for `run.json`; `unpaired` counts files that no rule put together, by side, once entries were read, and
    `unreadable` are those that could not be compared or named. `prepare`, given the output, comes before the
    entries; `places_of`, given an id, tells where in the manifest it stands."""

    ar_base: str
    en_base: str
    record: dict[str, Any]
    entries: Any
    unpaired: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)
    unreadable: list[dict[str, str]] = field(default_factory=list)
    prepare: Any = None
    places_of: Any = None


def names_of(lang: str) -> tuple[str, ...]:
    """How file names call a language: its code, with a region too, and for Arabic and English in words."""
    code = lang.casefold()
    return (*_NAMES.get(code.partition("_")[0], (code.partition("_")[0],)), code)


def is_table(path: str) -> bool:
    """Whether a path is named like a manifest."""
    return _bare(path).lower().endswith(TABLES)


def _bare(path: str) -> str:
    for suffix in COMPRESSED:
        if path.lower().endswith(suffix):
            return path[: -len(suffix)]
    return path


def from_table(path: str, langs: tuple[str, str]) -> Source:
    """Entries of a manifest: CSV or TSV with or without names of columns, or a JSON object a line."""
    base = parent(path)
    source = Source(base, base, {"manifest": absolute(path)}, lambda: (entry for _, entry in _table(path, langs)))
    source.places_of = lambda id: [where for where, entry in _table(path, langs) if entry.id == id]
    return source


def _table(path: str, langs: tuple[str, str]) -> Iterator[tuple[str, Entry]]:
    """Entries with the `path:line` that each stands in."""
    count = 0
    with at_hand(path) as local, _text(local, path) as stream:
        found = _objects if _bare(path).lower().endswith((".jsonl", ".ndjson")) else _lines
        for where, (id, ar, en) in found(stream, path, langs):
            if not ar or not en:
                raise FormatError(f"{where}: names no {'Arabic' if not ar else 'English'} file" if langs == ("ar", "en")
                                  else f"{where}: names no {langs[0] if not ar else langs[1]} file")
            if "\0" in ar + en + id:
                raise FormatError(f"{where}: has a NUL in a name")
            if not is_utf8(ar + en + id):
                raise FormatError(f"{where}: has a name that is not UTF-8")
            count += 1
            yield where, Entry(id or ar, ar, en)
    if not count:
        raise InputError(f"{path}: names no documents")


@contextlib.contextmanager
def _text(local: str, shown: str) -> Iterator[io.TextIOBase]:
    """A manifest's text, decompressed as it is read; failures are ours."""
    import gzip
    import lzma

    suffix = local[len(_bare(local)):].lower()
    try:
        if suffix == ".zst":
            import zstandard

            with open(local, "rb") as raw, zstandard.ZstdDecompressor().stream_reader(raw) as packed:
                yield io.TextIOWrapper(packed, encoding="utf-8-sig", newline="")
        else:
            openers: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".xz": lzma.open}
            opener = openers.get(suffix, open)
            with opener(local, "rt", encoding="utf-8-sig", newline="") as stream:
                yield stream
    except UnicodeDecodeError as error:
        raise DecodingError(f"{shown}: is not UTF-8 (byte 0x{error.object[error.start]:02x})") from None
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise InputError(f"{shown}: cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _objects(stream: Any, path: str, langs: tuple[str, str]) -> Iterator[tuple[str, tuple[str, str, str]]]:
    for number, line in enumerate(stream, 1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        record = parsed_json(line, where)
        if not isinstance(record, dict):
            raise FormatError(f"{where}: is no JSON object with the paths of two files")
        keys = {str(key).casefold(): value for key, value in record.items()}
        found = []
        for name in (_ID, _columns(langs[0]), _columns(langs[1])):
            value = next((keys[key] for key in name if key in keys), "")
            if isinstance(value, int) and not isinstance(value, bool) and name is _ID:
                value = str(value)
            if not isinstance(value, str):
                raise FormatError(f"{where}: {name[0]} is not a string")
            found.append(value)
        yield where, (found[0], found[1], found[2])


def _columns(lang: str) -> tuple[str, ...]:
    return tuple(name + suffix for name in names_of(lang) for suffix in _PATH)


def _lines(stream: Any, path: str, langs: tuple[str, str]) -> Iterator[tuple[str, tuple[str, str, str]]]:
    is_tsv = _bare(path).lower().endswith(".tsv")
    options = {"delimiter": "\t", "quoting": csv.QUOTE_NONE} if is_tsv else {"strict": True}
    reader = csv.reader(stream, **options)
    order: tuple[int, int, int] | None = None
    try:
        for cells in reader:
            where = f"{path}:{reader.line_num}"
            if not any(cell.strip() for cell in cells):
                continue
            if order is None:
                order, is_head = _order([cell.strip().casefold() for cell in cells], where, langs)
                if is_head:
                    continue
            if len(cells) <= max(order[1:]):
                raise FormatError(f"{where}: has {len(cells)} columns; an Arabic and an English path are needed")
            first, second, third = (cells[k].strip() if 0 <= k < len(cells) else "" for k in order)
            yield where, (first, second, third)
    except csv.Error as error:
        raise FormatError(f"{path}:{reader.line_num}: is not {'TSV' if is_tsv else 'CSV'}: {error}") from None


def _order(cells: Sequence[str], where: str, langs: tuple[str, str]) -> tuple[tuple[int, int, int], bool]:
    """Which columns hold id and paths (-1 for none), and whether these cells were their names."""
    known = [_ID, _columns(langs[0]), _columns(langs[1])]
    at = [next((cells.index(name) for name in names if name in cells), -1) for names in known]
    if at[1] >= 0 and at[2] >= 0:
        return (at[0], at[1], at[2]), True
    if len(cells) < 2:
        raise FormatError(f"{where}: has one column; an Arabic and an English path are needed")
    return (2 if len(cells) > 2 else -1, 0, 1), False


# Folders


def from_folders(first: str, second: str, langs: tuple[str, str], pattern: str | None = None) -> Source:
    """Entries of two folders, or of one that holds both sides, put together by what their files are called."""
    record = {"folders": [absolute(path) for path in dict.fromkeys((first, second))], "pattern": pattern}
    source = Source(first, second, record, None)
    source.entries = lambda: _paired(source, langs, _pattern(pattern, langs))
    return source


def _pattern(pattern: str | None, langs: tuple[str, str]) -> re.Pattern[str] | None:
    """`{id}/{lang}.txt` as an expression; raises UsageError."""
    if pattern is None:
        return None
    if sorted(_FIELD.findall(pattern)) != ["id", "lang"] or "{}" in pattern:
        raise UsageError(f"--pattern has {{id}} and {{lang}} once each, such as '{{id}}.{{lang}}.txt', not {pattern!r}")
    pieces = re.split(r"(\{id\}|\{lang\}|\*)", pattern)
    names = "|".join(re.escape(name) for lang in langs for name in names_of(lang))
    made = {"{id}": "(?P<id>.+)", "{lang}": f"(?P<lang>{names})", "*": "[^/]*"}
    return re.compile("".join(made.get(piece, re.escape(piece)) for piece in pieces), re.IGNORECASE)


def key(path: str, lang: str) -> str:
    """What a file is called apart from its language and its format: `a/report_AR.txt` and `a/report_EN.docx` agree."""
    return _called(path, lang).casefold()


def _called(path: str, lang: str) -> str:
    """`key` as it is written."""
    parts = _bare(path).split("/")
    stem, dot, _ = parts[-1].rpartition(".")
    # What follows the last dot may be the language itself, as in `report.ar`.
    parts[-1] = stem if dot and stem and parts[-1].rpartition(".")[2].casefold() not in names_of(lang) else parts[-1]
    return "/".join(filter(None, (_without(part, lang) for part in parts)))


def _name(path: str) -> str:
    """A file's name as it is written, without its format: what follows the last dot of its last part."""
    bare = _bare(path)
    folder, slash, last = bare.rpartition("/")
    stem, dot, _ = last.rpartition(".")
    return folder + slash + (stem if dot and stem else last)


def _without(part: str, lang: str) -> str:
    """A piece of a path without the language's name where that stands as a word of its own."""
    words = _BETWEEN.split(part)
    names = names_of(lang)
    if "_" in lang and lang.casefold() in part.casefold():
        part = re.sub(re.escape(lang), lang.partition("_")[0], part, flags=re.IGNORECASE)
        words = _BETWEEN.split(part)
    if not any(word.casefold() in names for word in words):
        return part
    # A language named at the end of the file's name counts before one elsewhere in it.
    last = max(k for k, word in enumerate(words) if word.casefold() in names)
    return ".".join(word for k, word in enumerate(words) if k != last and word)


def _speaks(path: str, lang: str) -> bool:
    return any(word.casefold() in names_of(lang) for part in _bare(path).split("/") for word in _BETWEEN.split(part))


def _paired(source: Source, langs: tuple[str, str], pattern: re.Pattern[str] | None) -> Iterator[Entry]:
    """Pairs of files, sorted by name; the names are held and joined in a file of SQLite's, not in memory."""
    base = sqlite3.connect("", isolation_level=None)
    try:
        base.execute("PRAGMA temp_store=FILE")
        base.execute("CREATE TABLE files (side INTEGER, key TEXT, id TEXT, name TEXT, own INTEGER, path TEXT)")
        base.execute("CREATE TABLE pairs (id TEXT, ar TEXT, en TEXT)")
        base.execute("BEGIN")
        source.unreadable = []
        is_one = source.ar_base == source.en_base
        for folder, sides in ((source.ar_base, (0, 1) if is_one else (0,)), (source.en_base, () if is_one else (1,))):
            if sides:
                base.executemany("INSERT INTO files VALUES (?, ?, ?, ?, ?, ?)", _keys(source, folder, sides, langs, pattern))
        base.execute("CREATE INDEX by_key ON files (key, side)")
        base.execute("CREATE INDEX by_name ON files (name, side)")
        # Files that name their own language; those called alike, whatever language their names tell; then the others.
        if not is_one and pattern is None:
            _join(base, "key", "own", langs)
            _join(base, "name", "1", langs)
        _join(base, "key", "1", langs)
        base.execute("COMMIT")
        source.unpaired = {lang: base.execute("SELECT count(*) FROM files WHERE side = ?", (k,)).fetchone()[0]
                           for k, lang in enumerate(langs)}
        source.examples = {lang: [path for (path,) in base.execute(
            "SELECT path FROM files WHERE side = ? ORDER BY key, path LIMIT 5", (k,))] for k, lang in enumerate(langs)}
        count = 0
        for entry in base.execute("SELECT id, ar, en FROM pairs ORDER BY id"):
            count += 1
            yield Entry(*entry)
        if not count:
            raise InputError(source.ar_base + (f" and {source.en_base}" if not is_one else "")
                             + f": no {langs[0]} file and {langs[1]} file have the same name; name --pattern, or --pair by "
                             "content"
                             + (f" ({source.unreadable[0]['error']})" if source.unreadable else ""))
    finally:
        base.close()


def _join(base: sqlite3.Connection, column: str, which: str, langs: tuple[str, str]) -> None:
    """Move the files of both sides that agree in `column`, of those of which `which` holds, to the pairs.

    Raises InputError where more than one file of a side would be meant.
    """
    twice = base.execute(
        f"SELECT {column}, sum(side = 0), sum(side = 1) FROM files WHERE {which} GROUP BY {column} "
        "HAVING sum(side = 0) AND sum(side = 1) AND count(*) > 2 LIMIT 1").fetchone()
    if twice is not None:
        found, ars, ens = twice
        side, times = (0, ars) if ars > 1 else (1, ens)
        two = [path for (path,) in base.execute(f"SELECT path FROM files WHERE {column} = ? AND side = ? AND {which} "
                                                "ORDER BY path LIMIT 2", (found, side))]
        raise InputError(f"{times} {langs[side]} files have the name {found!r} apart from language and format "
                         f"({', '.join(two)}); write a manifest, or name --pattern")
    # A pair is called by what both names have in common, unless a file of the other pairs is called so itself.
    common = ("CASE WHEN a.id = '' THEN a.path WHEN a.id != a.name AND EXISTS (SELECT 1 FROM files c WHERE c.name = a.id) "
              "THEN a.name ELSE a.id END")
    base.execute(
        f"INSERT INTO pairs SELECT {'a.name' if column == 'name' else common}, a.path, b.path FROM files a JOIN files b "
        f"ON a.{column} = b.{column} AND a.side = 0 AND b.side = 1 WHERE {which.replace('own', 'a.own AND b.own')}")
    base.execute("DELETE FROM files WHERE side = 0 AND path IN (SELECT ar FROM pairs) OR side = 1 AND path IN (SELECT en FROM pairs)")


def is_utf8(name: str) -> bool:
    """Whether a name can be written: the bytes of others stand in it as lone surrogates."""
    return not any("\ud800" <= c <= "\udfff" for c in name)


def _keys(source: Source, folder: str, sides: tuple[int, ...], langs: tuple[str, str], pattern: re.Pattern[str] | None
          ) -> Iterator[tuple[int, str, str, str, bool, str]]:
    """Of each file: side, what it is paired by, the same as it is written, its name, whether that tells its own language,
    and path; one whose name is not UTF-8 goes to the source's unreadable ones."""
    for path, _ in walk(folder):
        if not is_utf8(path):
            shown = path.encode("utf-8", "backslashreplace").decode("utf-8")
            source.unreadable.append({"path": shown, "error": f"{shown}: its name is not UTF-8"})
            continue
        if pattern is not None:
            match = pattern.fullmatch(path)
            if match is None:
                continue
            said = [k for k, lang in enumerate(langs) if match["lang"].casefold() in names_of(lang)]
            if said and said[0] in sides:
                yield said[0], match["id"].casefold(), match["id"], _name(path), True, path
            continue
        if len(sides) == 1:
            yield _keyed(sides[0], path, langs[sides[0]])
            continue
        said = [k for k in sides if _speaks(path, langs[k])]
        if len(said) == 2:
            # `en/report_ar.txt`: the word nearest to the end of the path counts.
            said = [max(said, key=lambda k: _last_place(path, langs[k]))]
        if said:
            yield _keyed(said[0], path, langs[said[0]])


def _keyed(side: int, path: str, lang: str) -> tuple[int, str, str, str, bool, str]:
    called = _called(path, lang)
    return side, called.casefold(), called, _name(path), _speaks(path, lang), path


def _last_place(path: str, lang: str) -> int:
    words = re.split(r"[/._\-\s]+", _bare(path))
    return max(k for k, word in enumerate(words) if word.casefold() in names_of(lang))


# By content


@dataclass(frozen=True, slots=True)
class Content:
    """How files are paired by content: how they are read and encoded, and the least probability of a pair."""

    options: Options
    min_probability: float = 0.5


def from_content(first: str, second: str, content: Content) -> Source:
    """Entries of two folders, or of one that holds both sides, put together by what stands in the files.

    The pairs are kept in the output, and found anew only where a file has come, gone or changed.
    """
    for folder in (first, second):
        if is_url(folder):
            raise UsageError(f"{folder}: --pair compares files of this machine")
        _check_there(folder, "folder")
        if not is_folder(folder):
            raise UsageError(f"{folder}: is no folder; --pair takes two folders, or one that holds both languages")
    folders = [absolute(path) for path in dict.fromkeys((first, second))]
    record = {"folders": folders, "pair": True, "min_probability": content.min_probability}
    source = Source(folders[0], folders[-1], record, None)
    source.prepare = lambda store, dry=False: _compare(source, folders, content, store, dry)
    return source


def _compare(source: Source, folders: list[str], content: Content, store: Store | None, dry: bool) -> None:
    """Have the pairs: those kept in the output where they are of the same files, else new ones, which are kept."""
    chosen = content.options
    digest = hashlib.sha256(repr((content.min_probability, chosen.encoder, chosen.revision, chosen.langs, chosen.encoding,
                                  chosen.segmented, chosen.max_bytes, chosen.language_check, SCHEMA)).encode())
    for folder in folders:
        for name, found in walk(folder):
            digest.update(f"{name}\0{found}\0".encode("utf-8", "surrogatepass"))
    key = digest.hexdigest()
    text = None if store is None else store.read_text(PAIRS)
    lines = [json.loads(line) for line in (text or "").splitlines()]
    if not lines or lines[0].get("key") != key:
        lines = [{"key": key}, *_compared(folders, content)]
        if store is not None and not dry:
            store.write_text(PAIRS, "".join(json.dumps(line) + "\n" for line in lines))
    source.unpaired = dict.fromkeys(chosen.langs, 0)
    source.examples = {lang: [] for lang in chosen.langs}
    source.unreadable = [{"path": line["path"], "error": line["error"]} for line in lines if "error" in line]
    for line in lines:
        if "lang" in line:
            source.unpaired[line["lang"]] += 1
            if len(source.examples[line["lang"]]) < 5:
                source.examples[line["lang"]].append(line["path"])
    source.entries = lambda: (Entry(line["ar"], line["ar"], line["en"]) for line in lines if "ar" in line)


def _compared(folders: list[str], content: Content) -> Iterator[dict[str, Any]]:
    """A record a pair, then one a file left alone, then one a file that could not be read; paths within the folders."""
    from ..pairing.documents import documents_in, pair_documents

    files = [documents_in(folder) for folder in folders]
    found = pair_documents(files[0], files[1] if len(files) == 2 else None, content.options,
                           min_probability=content.min_probability)

    def short(path: str) -> str:
        for folder in folders:
            if path.startswith(folder.rstrip("/") + "/"):
                return path[len(folder.rstrip("/")) + 1:]
        return path

    for pair in found.pairs:
        yield {"ar": short(pair.match.ar), "en": short(pair.match.en), "probability": round(pair.match.probability, 4),
               "score": round(pair.match.score, 3)}
    for left in found.unpaired:
        yield {"path": short(left.path), "lang": left.lang}
    for failed in found.failed:
        yield {"path": short(failed.path), "error": failed.error.replace(failed.path, short(failed.path))}


# Runs that were saved


def from_record(record: dict[str, Any], options: Options, name: str) -> Source:
    """The source that `run.json` describes; raises FormatError."""
    langs = options.langs
    try:
        if "manifest" in record:
            return from_table(record["manifest"], langs)
        if "folders" in record:
            folders = record["folders"]
            if record.get("pair"):
                return from_content(folders[0], folders[-1], Content(options, record["min_probability"]))
            return from_folders(folders[0], folders[-1], langs, record.get("pattern"))
    except (TypeError, KeyError, IndexError):
        pass
    raise FormatError(f"{name}:1: does not say which inputs the run had")


def find(first: str, second: str | None, langs: tuple[str, str], pattern: str | None) -> Source:
    """The source that one or two paths given by a user are; raises InputError and UsageError."""
    if second is not None:
        for path in (first, second):
            _check_there(path, "folder")
            if not is_folder(path):
                raise UsageError(f"{path}: is no folder; two folders, or one manifest or folder, are given (a single "
                                 "pair of files is aligned with muwazi align)")
        if first.rstrip("/") == second.rstrip("/"):
            raise UsageError(f"{first}: is given twice; a folder that holds both sides is given once")
        return from_folders(first, second, langs, pattern)
    if is_folder(first):
        return from_folders(first, first, langs, pattern)
    if pattern is not None:
        _check_there(first, "file or folder")
        raise UsageError("--pattern is for folders")
    if is_table(first):
        return from_table(first, langs)
    _check_there(first, "file or folder")
    raise UsageError(f"{first}: a manifest is named .csv, .tsv or .jsonl; a run that was saved run.json")


def _check_there(path: str, what: str) -> None:
    """Raise InputError where nothing stands; of object storage only folders are asked for before they are read."""
    if not is_url(path) and not os.path.lexists(path):
        raise InputError(f"{path}: no such {what}")


def where(source: Source, entry: Entry) -> tuple[str, str]:
    """Where both files of an entry are."""
    return joined(source.ar_base, entry.ar), joined(source.en_base, entry.en)
