"""The lines of a side, out of files or lists, as they come."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..data import Document, place_of
from ..errors import InputError, MuwaziError, UsageError
from ..pipeline import MOST_CHARACTERS, Options

_BATCH = 4096  # texts in memory together
Fetch = Callable[[str], AbstractContextManager[str]]
"""Gives a path of this machine, as long as the block lasts, for what is to be read."""


def here(path: str) -> AbstractContextManager[str]:
    """The path itself."""
    return nullcontext(path)


@dataclass(slots=True)
class Input:
    """The lines of a side as they come, what they are called in messages, and what could not be read."""

    name: str
    lines: Iterator[Any]
    failed: list[tuple[str, str]] = field(default_factory=list)


def of_texts(texts: Iterable[str], lang: str) -> Iterator[Any]:
    """Sentences of a list as lines; empty ones are left out."""
    from itertools import count, islice

    from ..pipeline import as_segmented
    from .store import Line

    numbers = count()
    given = iter(texts)
    while some := list(islice(given, _BATCH)):
        found = as_segmented(some, lang, f"<{lang}>")
        for part, text, number in zip(found.segments, some, numbers, strict=False):
            if part.form:
                yield Line(" ".join(text.split()), _clipped(part.form), f"<{lang}>", number, 0, len(text), f"line {number + 1}", "body")


def of_files(paths: Sequence[str | os.PathLike[str]], lang: str, options: Options, fetch: Fetch = here) -> Input:
    """The lines of files, one after the other; what cannot be read of several files is listed."""
    name = os.fspath(paths[0]) if len(paths) == 1 else f"{os.path.commonpath([os.path.abspath(p) for p in paths])}"
    given = Input(name, iter(()))

    def lines() -> Iterator[Any]:
        for path in paths:
            try:
                yield from lines_of(os.fspath(path), lang, options, fetch)
            except MuwaziError as error:
                if len(paths) == 1 or isinstance(error, UsageError):
                    raise
                given.failed.append((os.fspath(path), str(error)))

    given.lines = lines()
    return given


def lines_of(path: str, lang: str, options: Options, fetch: Fetch = here) -> Iterator[Any]:
    """The lines of a file that hold anything; of plain text taken line by line no more than a part is in memory."""
    shown = path.encode("utf-8", "backslashreplace").decode()
    if shown != path:
        raise InputError(f"{shown}: its name is not UTF-8, which no output could hold")
    with fetch(path) as local:
        try:
            yield from _lines_in(local, path, lang, options)
        except MuwaziError as error:
            if local == path:
                raise
            raise type(error)(str(error).replace(local, path)) from error


def _lines_in(local: str, path: str, lang: str, options: Options) -> Iterator[Any]:
    """The lines of the file `local`, which is called `path`."""
    from ..files import compression
    from ..read import FORMATS, blocks, read
    from ..segment import segment
    from ..write import flat
    from .store import Line

    suffix = Path(path.removesuffix(compression(path))).suffix.lower().removeprefix(".")
    if options.segmented and (suffix not in FORMATS or suffix in ("auto", "text")):
        documents: Iterator[Document] = (Document(path, lang, text) for text in blocks(local, options.encoding))
    else:
        documents = iter([read(local, lang, options.encoding, max_bytes=options.max_bytes)])
    before = offset = above = 0
    for document in documents:
        found = segment(document, segmented=options.segmented)
        for number, part in enumerate(found.segments):
            if part.form and (part.kind != "boilerplate" or options.segmented):
                place = place_of(document, part.start) if document.parts else f"line {above + part.line + 1}"
                yield Line(flat(found.text(number)), _clipped(part.form), path, before + number, offset + part.start,
                           offset + part.end, place, part.kind)
        before += len(found.segments)
        offset += len(document.text)
        above += document.text.count("\n")


def _clipped(form: str) -> str:
    return form if len(form) <= MOST_CHARACTERS else f"{form[:MOST_CHARACTERS // 2]} {form[-(MOST_CHARACTERS // 2):]}"
