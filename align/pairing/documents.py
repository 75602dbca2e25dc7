"""Which files of two folders, or of one with both languages, are versions of one text.

Every file is read once: segmented, encoded together with others, and let go; what is kept of it is little, and its
vectors lie on the disk. A file that cannot be read is listed with its error and stops nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING

from ..errors import InputError, MuwaziError
from ..pipeline import MOST_CHARACTERS, Clock, Options, load_encoder

if TYPE_CHECKING:
    import numpy as np

    from ..data import Document
    from ..encode import Encoder
    from . import Candidates, Side, Sketch

SENTENCES = 4096
"""Sentences encoded together, of however many documents."""
BEST = 3
"""Candidates listed of a document."""


@dataclass(frozen=True, slots=True)
class Match:
    """Two files compared: `score` in log odds by their own evidence, the calibrated `probability` beside their rivals.

    `ar_share` and `en_share` (0 to 1) are what of each the other answers, by weight; `sentences` how many that is,
    `order` from -1 to 1 how far in the same order, `facts` and `names` shares of rare numbers and names in common, and
    `ratio` the English characters for each Arabic one.
    """

    ar: str
    en: str
    score: float
    probability: float
    ar_share: float
    en_share: float
    sentences: float
    order: float
    facts: float
    names: float
    ratio: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Two files that belong together, under an `id` that no other pair has.

    `copies` are files with the same text as one of them, which stay unpaired.
    """

    id: str
    match: Match
    copies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unpaired:
    """A file left alone, its best candidates, and the file that it repeats, where it is a copy."""

    path: str
    lang: str
    best: tuple[Match, ...] = ()
    copy_of: str | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """A file that could not be read, and why, in one line; bytes of its name that are not UTF-8 stand as `\\udcff`."""

    path: str
    error: str


@dataclass(frozen=True, slots=True)
class Pairing:
    """Every file given is in one of the three, but for a file paired; `best` are its best candidates, by path.

    `pairs` stand in the order of the Arabic files given.
    """

    pairs: tuple[Pair, ...]
    unpaired: tuple[Unpaired, ...]
    failed: tuple[Failed, ...]
    best: dict[str, tuple[Match, ...]]
    langs: tuple[str, str] = ("ar", "en")


def documents_in(folder: str | os.PathLike[str]) -> list[str]:
    """All files below a folder, sorted; hidden ones, what is in hidden folders, pipes and devices are passed over.

    Raises InputError where the folder cannot be read or holds no file.
    """
    def refuse(error: OSError) -> None:
        raise InputError(f"{error.filename}: cannot be read: {error.strerror}")

    found = []
    for place, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        inside = (os.path.join(place, name) for name in names if not name.startswith("."))
        # Links that lead nowhere are told of when they are read.
        found += [path for path in inside if os.path.isfile(path) or not os.path.exists(path)]
    if not found:
        raise InputError(f"{folder}: holds no files")
    return sorted(found)


def pair_documents(ar: Sequence[str | os.PathLike[str]], en: Sequence[str | os.PathLike[str]] | None = None,
                   options: Options = Options(), *, min_probability: float = 0.5, encoder: Encoder | None = None,
                   clock: Clock | None = None, progress: Callable[[int, int], None] | None = None) -> Pairing:
    """Pair files one to one where they are versions of one text, and leave the others alone.

    Without `en`, `ar` holds files of both languages, which are told apart. `options` say how files are read and
    encoded; `progress` is told how many of how many files are read. Raises only what concerns the whole: EncoderError,
    or InputError where no file at all could be read.
    """
    from ..neighbours import nearest
    from . import Gathering, match

    clock = clock or Clock()
    encoder = encoder or load_encoder(replace(options, cache=False, second_model=None))
    if en is None:
        work: list[tuple[str, str | None]] = [(os.fspath(path), None) for path in ar]
    else:
        work = [(os.fspath(path), lang) for side, lang in zip((ar, en), options.langs, strict=True) for path in side]
    paths: dict[str, list[str]] = {lang: [] for lang in options.langs}
    failed: list[Failed] = []
    first, second = options.langs
    with Gathering(encoder.dimension) as one, Gathering(encoder.dimension) as other, clock.stage("read"):
        sides = {first: one, second: other}
        for done, (path, lang, result) in enumerate(_sketches(work, options, encoder), 1):
            if isinstance(result, str):
                failed.append(Failed(path.encode("utf-8", "backslashreplace").decode(), result))
            else:
                sides[lang].add(result)
                paths[lang].append(path)
            if progress:
                progress(done, len(work))
        both = one.side(), other.side()
    if work and len(failed) == len(work):
        raise InputError(f"none of {len(work)} files could be read; the first: {failed[0].error}")
    with clock.stage("pair"):
        found = match(*both, _general(encoder), nearest)
    return _told(found, both, tuple(paths.values()), options.langs, tuple(failed), min_probability)


@dataclass(frozen=True, slots=True)
class _Read:
    """A file's sentences and keys, or the error instead."""

    path: str
    lang: str
    forms: list[str]
    keys: set[int]
    error: str = ""


def _read(options: Options, given: tuple[str, str | None]) -> _Read:
    """Whatever is wrong with a file is its result: one file must not stop a million others."""
    from ..segment import segment
    from . import keys

    path, lang = given
    try:
        _check_name(path)
        document = _document(path, lang, options)
        lang = document.lang
        parts = [part for part in segment(document, segmented=options.segmented).segments if part.form]
        # Menus and running heads are the same on all pages of a site, or in all files of a publisher.
        forms = [part.form for part in parts if part.kind != "boilerplate"] or [part.form for part in parts]
        if not forms:
            raise InputError(f"{path}: has no text")
        found = keys(forms, lang) if lang in ("ar", "en") else set()
        return _Read(path, lang, [form[:MOST_CHARACTERS] for form in forms], found)
    except MuwaziError as error:
        return _Read(path, lang or "", [], set(), str(error))
    except Exception as error:  # noqa: BLE001 - of a reader's library, on a file that nobody has met yet
        return _Read(path, lang or "", [], set(), f"{path}: cannot be read ({type(error).__name__}: {error})")


def _check_name(path: str) -> None:
    """Raises InputError for a name that no output could hold."""
    shown = path.encode("utf-8", "backslashreplace").decode()
    if shown != path:
        raise InputError(f"{shown}: its name is not UTF-8")


def _document(path: str, lang: str | None, options: Options) -> Document:
    """The document in a file, checked to be in `lang`, or in the language found."""
    from ..read import check_language, language_of, read

    if lang is not None:
        document = read(path, lang, options.encoding, max_bytes=options.max_bytes)
        if options.language_check:
            check_language(document)
        return document
    try:
        document = read(path, "und", options.encoding, max_bytes=options.max_bytes)
    except InputError:
        # Formats that hold several languages are asked for one of them.
        for own in options.langs:
            read(path, own, options.encoding, max_bytes=options.max_bytes)
        raise InputError(f"{path}: holds both languages itself; align takes it as both of its files") from None
    return replace(document, lang=language_of(document))


def _sketches(work: Sequence[tuple[str, str | None]], options: Options, encoder: Encoder
              ) -> Iterator[tuple[str, str, Sketch | str]]:
    """Path, language and sketch of every file, in order, or its error.

    Files are not read on threads beside the encoder: both would want the interpreter, and nothing was won.
    """
    waiting: list[_Read] = []
    size = 0
    for given in work:
        waiting.append(_read(options, given))
        size += len(waiting[-1].forms)
        if size >= SENTENCES:
            yield from _encoded(waiting, encoder)
            waiting, size = [], 0
    yield from _encoded(waiting, encoder)


def _encoded(documents: list[_Read], encoder: Encoder) -> Iterator[tuple[str, str, Sketch | str]]:
    from ..encode import span_vectors
    from . import sketch

    rows = span_vectors(encoder, [form for document in documents for form in document.forms], 1).single
    at = 0
    for document in documents:
        own = rows[at:at + len(document.forms)]
        at += len(document.forms)
        yield (document.path, document.lang,
               document.error or sketch(own, document.forms, document.keys))


def _general(encoder: Encoder) -> tuple[np.ndarray, np.ndarray]:
    """Vectors of the Arabic and the English sentences of the shipped corpora."""
    from ..encode import span_vectors
    from ..read import read
    from ..segment import segment
    from ..shipped import folder

    out = []
    for lang in ("ar", "en"):
        forms = [part.form for path in sorted(folder("corpora").glob(f"*/{lang}.txt"))
                 for part in segment(read(path, lang)).segments if part.form]
        out.append(span_vectors(encoder, forms, 1).single)
    return out[0], out[1]


def _told(found: Candidates, sides: tuple[Side, ...], paths: tuple[list[str], ...], langs: tuple[str, str],
          failed: tuple[Failed, ...], min_probability: float) -> Pairing:
    """Numbers of documents as paths: what is paired, what is left, the best candidates of each."""
    best: list[dict[int, list[int]]] = [{}, {}]
    for row in (-found.scores).argsort(kind="stable").tolist():
        for own, number in zip(best, found.pairs[row].tolist(), strict=True):
            if len(own.setdefault(number, [])) < BEST:
                own[number].append(row)
    taken: list[dict[int, int]] = [{}, {}]
    for row in (found.chosen & (found.probabilities >= min_probability)).nonzero()[0].tolist():
        for rows_of, number in zip(taken, found.pairs[row].tolist(), strict=True):
            rows_of[number] = row
    original = [_repeats(side.digests) | _nearly(found.pairs, k, side, best[1 - k], taken)
                for k, side in enumerate(sides)]
    copies: list[dict[int, list[str]]] = [{}, {}]
    for k in (0, 1):
        for copy, first in original[k].items():
            copies[k].setdefault(first, []).append(paths[k][copy])
    told = cache(partial(_match, found, paths))
    pairs: list[Pair] = []
    unpaired: list[Unpaired] = []
    for row in (row for _, row in sorted(taken[0].items())):
        same = [path for k in (0, 1) for path in copies[k].get(int(found.pairs[row, k]), ())]
        pairs.append(Pair(f"{len(pairs) + 1:06d}", told(row), tuple(same)))
    for k, lang in enumerate(langs):
        for number, path in enumerate(paths[k]):
            if number not in taken[k]:
                of = original[k].get(number)
                rows = best[k].get(number, ()) or (best[k].get(of, ()) if of is not None else ())
                unpaired.append(Unpaired(path, lang, tuple(map(told, rows)), None if of is None else paths[k][of]))
    listed = {paths[k][number]: tuple(map(told, rows)) for k in (0, 1) for number, rows in sorted(best[k].items())}
    return Pairing(tuple(pairs), tuple(unpaired), failed, listed, langs)


def _repeats(digests: np.ndarray) -> dict[int, int]:
    """Documents with the words of an earlier one, and the number of that one."""
    first: dict[int, int] = {}
    found = ((number, first.setdefault(digest, number)) for number, digest in enumerate(digests.tolist()))
    return {number: original for number, original in found if original != number}


def _nearly(pairs: np.ndarray, k: int, side: Side, best: dict[int, list[int]], taken: list[dict[int, int]]
            ) -> dict[int, int]:
    """Unpaired documents of side `k` that nearly repeat one whose counterpart they are a candidate for."""
    from . import are_copies

    out = {}
    for partner, row in taken[1 - k].items():
        for other in best[partner]:
            number, own = int(pairs[other, k]), int(pairs[row, k])
            if number != own and number not in taken[k] and are_copies(side, number, own):
                out[number] = own
    return out


def _match(found: Candidates, paths: Iterable[list[str]], row: int) -> Match:
    import math

    from . import Evidence

    seen = Evidence(*map(float, found.evidence[row]))
    ar, en = (names[number] for names, number in zip(paths, found.pairs[row].tolist(), strict=True))
    return Match(ar, en, float(found.scores[row]), float(found.probabilities[row]), seen.ar_share, seen.en_share,
                 seen.amount, seen.order, seen.facts, seen.names, math.exp(seen.ratio))
