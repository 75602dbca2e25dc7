"""What the studio computes: it aligns in the background, one pair and one corpus at a time, and again from a point on."""

import contextlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..data import Alignment, Bead, Document, Judged, Segmented, Span
from ..errors import InputError, MuwaziError, UsageError
from ..pipeline import Clock, Options, align_documents, align_segmented, flagged, load_encoder, with_text
from ..report import corrected, parse_corrections
from ..report.page import contents
from .store import SIDES, Store, counts, write_json


class _Told(Clock):
    """A clock that tells which stage has begun."""

    def __init__(self, tell: Any) -> None:
        super().__init__()
        self.tell = tell

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[None]:
        self.tell(name)
        with super().stage(name):
            yield


class Worker:
    """Aligns what was asked for: pairs in a thread of their own, which has the encoder to itself, corpora in processes.

    `progress` holds how far each thing is, by its id.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.progress: dict[str, str] = {}
        self._pairs = ThreadPoolExecutor(1, thread_name_prefix="studio-pairs")
        self._corpora = ThreadPoolExecutor(1, thread_name_prefix="studio-corpora")

    def review(self, id: str) -> None:
        """Align a review's two files when the thread is free."""
        self.store.note("reviews", id, state="waiting", error="")
        self._pairs.submit(self._guarded, "reviews", id, self._align)

    def corpus(self, id: str) -> None:
        """Pair and align a corpus's two folders when the thread is free."""
        self.store.note("corpora", id, state="waiting", error="")
        self._corpora.submit(self._guarded, "corpora", id, self._run)

    def realign(self, id: str, record: Mapping[str, Any], at: int) -> "Future[dict[str, Any]]":
        """See `realigned`; done when the thread is free."""
        return self._pairs.submit(realigned, self.store, id, record, at)

    def stop(self) -> None:
        """Begin nothing more."""
        for pool in (self._pairs, self._corpora):
            pool.shutdown(wait=False, cancel_futures=True)

    def _guarded(self, kind: str, id: str, work: Any) -> None:
        try:
            self.store.note(kind, id, state="running")
            work(id)
            self.store.note(kind, id, state="done")
        except Exception as error:  # noqa: BLE001 - whatever one piece of work does, the next begins
            told = str(error) if isinstance(error, MuwaziError) else f"something went wrong ({type(error).__name__}: {error})"
            told = told.replace(" (or --no-language-check)", "")
            for folder in (str(self.store.folder / kind / id) + "/", str(self.store.folder) + "/"):
                told = told.replace(folder, "")
            with contextlib.suppress(MuwaziError, OSError):
                self.store.note(kind, id, state="failed", error=told)
        finally:
            self.progress.pop(id, None)

    def _align(self, id: str) -> None:
        meta = self.store.meta("reviews", id)
        options = Options(language_check=meta["check"], cache=False)
        documents = documents_of(self.store, id)
        clock = _Told(lambda stage: self.progress.__setitem__(id, stage))
        judged = align_documents(*documents, options, flags=True, clock=clock)
        held = contents(judged, signature_of(options), meta.get("title", ""))
        write_json(self.store.path("reviews", id) / "page.json", held)
        self.store.note("reviews", id, unrelated=held["unrelated"] is not None, counts=counts(untouched(held)))

    def _run(self, id: str) -> None:
        from ..run import Content, How, Settings, find, from_content, run

        folder = self.store.path("corpora", id)
        options = Options(cache=False)
        names = json.loads((folder / "names.json").read_text("utf-8"))
        table = paired_by_name(names)
        if table is None:
            source = from_content(str(folder / "ar"), str(folder / "en"), Content(options))
        else:
            with open(folder / "pairs.jsonl", "w", encoding="utf-8") as stream:
                stream.writelines(json.dumps(row) + "\n" for row in table)
            source = find(str(folder / "pairs.jsonl"), None, options.langs, None)

        def tell(now: Any) -> None:
            self.progress[id] = f"{now.standing.documents_done}/{now.standing.documents}"

        run(source, str(folder / "run"), Settings(options, format="jsonl"), How(jobs=max(1, (os.cpu_count() or 2) - 1)), progress=tell)


def signature_of(options: Options) -> str:
    """The line that says how a review was aligned."""
    from .. import __version__

    return "|".join(["muwazi", f"v:{__version__}", f"enc:{options.encoder}", f"beads:{options.limits[0]}x{options.limits[1]}",
                     f"langs:{'-'.join(options.langs)}"])  # fmt: skip


def paired_by_name(names: Mapping[str, Mapping[str, str]]) -> list[dict[str, str]] | None:
    """Pairs of files whose names say that they belong together; None where that leaves most of a side alone."""
    from ..run.inputs import key

    sides: list[dict[str, str]] = []
    for side in SIDES:
        keyed: dict[str, str] = {}
        for stored, shown in names[side].items():
            if keyed.setdefault(key(shown, side), stored) != stored:
                return None
        sides.append(keyed)
    both = [name for name in sides[0] if name in sides[1]]
    if not both or 2 * len(both) < min(map(len, sides)):
        return None
    return [{"id": name, "ar": f"ar/{sides[0][name]}", "en": f"en/{sides[1][name]}"} for name in both]


def documents_of(store: Store, id: str) -> tuple[Document, Document]:
    """Both files of a review, read, under the names that the user gave them; tables of strings in one order."""
    from ..keyed import are_keyed, in_order_of
    from ..read import read

    names = store.meta("reviews", id)["names"]
    ar, en = (replace(read(store.file(id, side), side), id=names[side]) for side in SIDES)
    return ar, in_order_of(ar, en) if are_keyed(ar, en) else en


def judged_of(store: Store, id: str, record: Mapping[str, Any] | None = None) -> tuple[Judged, Any]:
    """A review as it was saved, or as `record` says, on its texts, and the corrections themselves."""
    if record is None:
        record = store.corrections(id)[1] or untouched(json.loads((store.path("reviews", id) / "page.json").read_text("utf-8")))
    found = parse_corrections(record, "the review")
    return corrected(found, *documents_of(store, id)), found


def untouched(held: Mapping[str, Any]) -> dict[str, Any]:
    """What a page would save before anybody touched it."""
    from ..report.corrections import FORMAT

    return {
        "format": FORMAT,
        "schema": held["schema"],
        "version": held["version"],
        "signature": held["signature"],
        "texts": {name: {"id": side["id"], "lang": side["lang"], "digest": side["digest"],
                         "segments": [list(place) for place in zip(side["starts"], side["ends"], side["kinds"], strict=True)]}
                  for name, side in zip(SIDES, held["sides"], strict=True)},
        "beads": [{"ar": bead[:2], "en": bead[2:4], "sim": bead[4], "confidence": bead[5], "accepted": False, "edited": False}
                  for bead in held["beads"]],
        "blocks": [{"ar": block["spans"][0], "en": block["spans"][1], "kind": block["kind"], "sim": block["sim"]}
                   for block in held["blocks"]],
        "flags": [{**{name: flag[name] for name in ("start", "end", "kind", "relation", "probability", "severity", "evidence", "finding")},
                   "side": SIDES[flag["side"]], "state": flag["state"], "comment": flag["comment"],
                   "counterpart": flag["counterpart"] and [flag["counterpart"]["start"], flag["counterpart"]["end"]]}
                  for flag in held["flags"]],
        "edits": [],
    }  # fmt: skip


# Again from a point on


def realigned(store: Store, id: str, record: Mapping[str, Any], at: int) -> dict[str, Any]:
    """Beads and flags of a review aligned again behind bead `at`: what a person accepted or made there stays.

    Raises UsageError where beads that a person linked cross the point or one another.
    """
    judged, found = judged_of(store, id, record)
    if not 0 <= at < len(found.beads):
        raise UsageError("there is no such bead")
    options = Options(language_check=False, cache=False)
    encoder = load_encoder(options)
    sure = [bool(bead["accepted"] or bead["edited"]) for bead in record["beads"]]
    beads = list(found.beads[: at + 1])
    past = _end(beads)
    fixed = [bead for k, bead in enumerate(found.beads) if k > at and sure[k]]
    for bead in (*fixed, None):
        stop = _starts(bead, past) if bead is not None else (len(judged.ar.segments), len(judged.en.segments))
        beads += _between(judged, past, stop, options, encoder)
        if bead is not None:
            beads.append(bead)
            past = _end([bead], past)
    alignment = Alignment(tuple(beads), judged.alignment.blocks)
    fresh = flagged(with_text(judged.ar, judged.en), alignment, options, encoder)
    held = contents(fresh)
    # A person's own beads have no measure that the page would show.
    made = {(tuple(bead["ar"]), tuple(bead["en"])) for bead in record["beads"] if bead["edited"]}
    for row in held["beads"]:
        if ((row[0], row[1]), (row[2], row[3])) in made:
            row[4:] = [None, None]
    return {"beads": held["beads"], "flags": held["flags"]}


def _end(beads: list[Bead], past: tuple[int, int] = (0, 0)) -> tuple[int, int]:
    """The first segments of both sides behind beads that cover all before them."""
    stops = (max([past[0], *(bead.ar.stop for bead in beads)]), max([past[1], *(bead.en.stop for bead in beads)]))
    covered = [sum(len(span) for span in spans) for spans in ([b.ar for b in beads], [b.en for b in beads])]
    if past == (0, 0) and tuple(covered) != stops:
        raise UsageError("beads that were linked out of order cross this point; align again from behind them")
    return stops


def _starts(bead: Bead, past: tuple[int, int]) -> tuple[int, int]:
    # A side without segments stands somewhere too; where that has been passed meanwhile, it stands here.
    starts = [span.start if len(span) else max(span.start, before)
              for span, before in zip((bead.ar, bead.en), past, strict=True)]  # fmt: skip
    if any(start < before for start, before in zip(starts, past, strict=True)):
        raise UsageError("beads that were linked out of order stand behind this point; align again from behind them")
    return starts[0], starts[1]


def _between(judged: Judged, start: tuple[int, int], stop: tuple[int, int], options: Options, encoder: Any) -> list[Bead]:
    """Beads of the segments between two points, aligned by themselves."""
    sides = [Segmented(side.document, side.segments[a:b])
             for side, a, b in zip((judged.ar, judged.en), start, stop, strict=True)]
    try:
        found = align_segmented(sides[0], sides[1], options, encoder=encoder).alignment.beads
    except InputError:  # a side has no text there
        end = len(sides[0].segments)
        found = (*(Bead(Span(k, k + 1), Span(0, 0), 0.0, 1.0) for k in range(end)),
                 *(Bead(Span(end, end), Span(k, k + 1), 0.0, 1.0) for k in range(len(sides[1].segments))))  # fmt: skip
    a, b = start
    return [Bead(Span(x.ar.start + a, x.ar.stop + a), Span(x.en.start + b, x.en.stop + b), x.sim, x.confidence) for x in found]


# Corpora


def corpus_rows(store: Store, id: str) -> list[dict[str, Any]]:
    """The documents of a corpus, the worst first: id, names, quality, pairs, flags, what failed, its review if any."""
    meta = store.meta("corpora", id)
    report = json.loads((Path(meta["run"]) / "report.json").read_text("utf-8"))
    names = meta.get("names", {})
    reviews = {one["document"]: one["id"] for one in store.all("reviews") if one.get("corpus") == id}
    rows = []
    for document in report["documents"]:
        shown = [names.get(side, {}).get(Path(document[side]).name, document[side]) for side in SIDES]
        rows.append({"id": document["id"], "names": shown, "state": document["state"],
                     "quality": document.get("quality"), "error": document.get("message", document.get("error", "")),
                     "flags": document.get("flags"), "review": reviews.get(document["id"])})
    return rows


def open_document(store: Store, id: str, document: str) -> str:
    """A new review of one document of a corpus; raises Missing, InputError."""
    from ..engine.storage import joined
    from ..run.inputs import from_record
    from ..run.settings import from_dict

    meta = store.meta("corpora", id)
    run = Path(meta["run"])
    saved = json.loads((run / "run.json").read_text("utf-8"))
    report = json.loads((run / "report.json").read_text("utf-8"))
    row = next((row for row in report["documents"] if row["id"] == document), None)
    if row is None:
        raise InputError("the corpus has no such document")
    source = from_record(saved["inputs"], from_dict(saved["settings"], str(run)).options, str(run / "run.json"))
    paths = [joined(base, row[side]) for base, side in zip((source.ar_base, source.en_base), SIDES, strict=True)]
    names = meta.get("names", {})
    shown = {side: names.get(side, {}).get(Path(row[side]).name, Path(row[side]).name) for side in SIDES}
    return new_review(store, {side: Path(path) for side, path in zip(SIDES, paths, strict=True)}, shown, check=False,
                      title="" if names else document, corpus=id, document=document)


def new_review(store: Store, files: Mapping[str, Path], names: Mapping[str, str], **more: Any) -> str:
    """A review of two files, which are copied into its folder; raises InputError."""
    from .store import suffix_of

    for side in SIDES:
        if not files[side].is_file():
            raise InputError(f"{names[side]}: is not there any more")
    id, path = store.make("reviews")
    suffixes = {side: suffix_of(files[side].name) for side in SIDES}
    for side in SIDES:
        shutil.copyfile(files[side], path / f"{side}{suffixes[side]}")
    store.note("reviews", id, state="waiting", error="", names=dict(names), suffixes=suffixes,
               counts=counts({"beads": [], "flags": []}), **more)
    return id
