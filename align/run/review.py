"""One document of a run as an aligned pair again, to be reviewed: its texts read anew, its beads and flags from the parts."""

from __future__ import annotations

import dataclasses
import itertools
import json
import os
import sqlite3
from collections.abc import Iterable
from contextlib import ExitStack, closing
from typing import Any

from ..data import Alignment, Bead, Judged, Row, Segmented, Span
from ..engine.storage import Store, absolute, at_hand, is_url, sha256
from ..errors import FormatError, InputError, MuwaziError, UsageError
from ..filter import stored
from ..pipeline import segmented_pair
from .inputs import from_record, where
from .ledger import NAME, Entry, Ledger
from .settings import Settings, flags_part, from_dict, is_part

READABLE = ("parquet", "jsonl", "csv", "tsv")
"""Formats of parts that say which segments a bead has."""


def is_run(path: str) -> bool:
    """Whether a run's output stands in a folder of this machine."""
    return os.path.isfile(os.path.join(path, "run.json"))


def read_document(folder: str, id: str) -> tuple[Judged, str]:
    """The document called `id` of the run in `folder`, and the line that names the run's recipe.

    Raises InputError for a folder without a run, an id that it does not have, a document that failed or is not done yet,
    and files that are gone or have changed since; UsageError for parts that do not tell segments.
    """
    if is_url(folder):
        raise UsageError(f"{folder}: documents of runs are reviewed on this machine; fetch the folder first")
    store = Store(absolute(folder), folder)
    record = _saved(store)
    settings = from_dict(record["settings"], f"{folder}/run.json")
    if settings.format not in READABLE:
        raise UsageError(f"{folder}: its parts are {settings.format}, which does not tell segments; runs written as "
                         f"{', '.join(READABLE)} can be reviewed")
    unit, entry, digests = _looked_up(store, id)
    source = from_record(record["inputs"], settings.options, f"{folder}/run.json")
    sides = _segmented(where(source, entry), entry, digests, settings)
    beads = _beads(_rows(store, settings, unit, id), sides, f"{folder}/{settings.part(unit)}")
    flags = _flags(store, unit, id) if settings.with_flags else ()
    return Judged(*sides, Alignment(tuple(beads)), tuple(flags)), f"{id} · run {record['recipe_hash'][:12]}"


def write(store: Store, ledger: Ledger, count: int) -> dict[str, str]:
    """Write pages to review the `count` worst documents on into `reviews/`; links to them by id.

    Pages of an earlier state go. A document that cannot be shown any more has no page.
    """
    from ..report import write_report

    if store.is_remote:
        return {}
    for name in filter(is_part, store.names("reviews")):
        store.remove(name)
    if not count:
        store.drop_folder("reviews")
        return {}
    store.make("reviews")
    links = {}
    done = (document for document, state, _, _ in ledger.records("worst") if state == "done")
    for document in itertools.islice(done, count):
        name = f"reviews/{document.number:06d}.html"
        try:
            judged, signature = read_document(store.root, document.id)
        except MuwaziError:
            continue
        write_report(store.at(name), judged, signature, force=True)
        links[document.id] = name
    return links


def _saved(store: Store) -> dict[str, Any]:
    text = store.read_text("run.json")
    if text is None:
        raise InputError(f"{store.shown}: holds no run of muwazi")
    try:
        record = json.loads(text)
        record["settings"], record["inputs"], record["recipe_hash"]
    except (ValueError, KeyError, TypeError):
        raise FormatError(f"{store.shown}/run.json:1: is no saved run") from None
    return record


def _looked_up(store: Store, id: str) -> tuple[int, Entry, tuple[str | None, str | None]]:
    """The unit of a document, its files, and the digests of what was read of them; the ledger is only read."""
    path = store.at(NAME)
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as base:
            found = base.execute("SELECT unit, ar, en, state, record, ar_sha, en_sha FROM documents WHERE id = ? AND gone = 0",
                                 (id,)).fetchone()
            if found is None:
                near = [name for (name,) in base.execute("SELECT id FROM documents WHERE instr(lower(id), lower(?)) AND gone = 0 "
                                                         "ORDER BY length(id), id LIMIT 3", (id,))]
    except sqlite3.Error as error:
        raise InputError(f"{path}: cannot be read: {error}") from error
    if found is None:
        raise InputError(f"{store.shown}: has no document {id!r}" + (f"; did you mean {', '.join(near)}?" if near else
                                                                     "; report.json lists all"))
    unit, ar, en, state, record, *digests = found
    if state == "failed":
        raise InputError(f"{store.shown}: the document {id!r} failed: {json.loads(record)['message']}")
    if state != "done":
        raise InputError(f"{store.shown}: the document {id!r} is not done yet")
    return unit, Entry(id, ar, en), (digests[0], digests[1])


def _segmented(places: tuple[str, str], entry: Entry, digests: tuple[str | None, str | None], settings: Settings
               ) -> tuple[Segmented, Segmented]:  # fmt: skip
    """Both files read and segmented as the run did it, once they are what they were."""
    from ..read import read

    chosen = dataclasses.replace(settings.options, language_check=False)
    for place, digest in zip(places, digests, strict=True):
        now = sha256(place)
        if now is None:
            raise InputError(f"{place}: is gone, so its text cannot be shown")
        if digest is not None and now != digest:
            raise InputError(f"{place}: has changed since the run read it; run again, then review")
    with ExitStack() as stack:
        local = [stack.enter_context(at_hand(place)) for place in places]
        ar, en = (dataclasses.replace(read(path, lang, chosen.encoding, max_bytes=chosen.max_bytes), id=name)
                  for path, lang, name in zip(local, chosen.langs, entry[1:], strict=True))
    return segmented_pair(ar, en, chosen)


def _rows(store: Store, settings: Settings, unit: int, id: str) -> list[Row]:
    from ..read.bitext import read_bitext

    part = store.at(settings.part(unit))
    return [row for row in read_bitext(part, langs=settings.options.langs, format=settings.format)
            if row.extra.get("document") == id]


def _beads(rows: Iterable[Row], sides: tuple[Segmented, Segmented], name: str) -> list[Bead]:
    """Beads that cover both sides; raises FormatError where the part says something else."""
    past = [0, 0]
    beads = []
    for row in rows:
        spans = []
        for k, side in enumerate((row.ar, row.en)):
            numbers = side.segments
            if numbers and numbers != tuple(range(past[k], past[k] + len(numbers))):
                raise FormatError(f"{name}:1: bead {row.bead} does not follow the one before it")
            spans.append(Span(past[k], past[k] + len(numbers)))
            past[k] += len(numbers)
        beads.append(Bead(spans[0], spans[1], row.sim or 0.0, row.confidence or 0.0, stored(row, "probability")))
    if past != [len(side.segments) for side in sides]:
        raise FormatError(f"{name}:1: has {past[0]} and {past[1]} segments of a document that has "
                          f"{len(sides[0].segments)} and {len(sides[1].segments)}; was it written by another version?")
    return beads


def _flags(store: Store, unit: int, id: str) -> list[Any]:
    from ..report.saved import flag_of

    found = []
    for number, line in enumerate((store.read_text(flags_part(unit)) or "").splitlines(), 1):
        try:
            record = json.loads(line)
            if record["document"] == id:
                found.append(flag_of(record, int(record["bead"])))
        except (ValueError, KeyError, TypeError) as error:
            raise FormatError(f"{store.shown}/{flags_part(unit)}:{number}: is no flag") from error
    return found
