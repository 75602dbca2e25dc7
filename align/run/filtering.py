"""The last pass of a run: all parts in order through a filter, into bitext that is kept and pairs that are not, with
reasons. Duplicates are found across documents, and thresholds move without anything being aligned again."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..data import Row
from ..engine.storage import Store, at_hand
from ..errors import MissingExtra, UsageError
from .ledger import Ledger
from .settings import FORMATS, Settings, is_part

if TYPE_CHECKING:
    from ..filter import Cut, Filter, Profile, Verdict

NAME = "filter.json"
BITEXT_FORMATS = (*FORMATS, "datasets")
"""What bitext may be written as: a part for each part of the run, or one dataset of Hugging Face's library."""

_WITH_REASONS = ("parquet", "jsonl", "tsv", "csv", "xlsx")  # formats that have room for reasons
_STATE = "bitext/state.json"  # of a dataset that is whole

SCORED = ("parquet", "jsonl", "tsv", "csv")
"""Formats of parts that hold what a filter goes by."""

_BATCH = 4_000  # rows judged at a time


@dataclass(frozen=True, slots=True)
class Sieve:
    """Which pairs are kept: `profile` is a preset's name or a TOML file, `precision` what the kept ones are to reach on
    the average, `format` what they are written as (that of the run's parts where None)."""

    profile: str = "default"
    precision: float | None = None
    format: str | None = None


def check(sieve: Sieve, settings: Settings) -> Profile:
    """The profile, where the run's parts will hold all it asks for; raises UsageError and InputError."""
    from ..filter import load_profile

    profile = load_profile(sieve.profile)
    if settings.format not in SCORED:
        raise UsageError(f"a filter goes by scores, which {settings.format} does not hold; parts are then written as "
                         f"{', '.join(SCORED)}, and --bitext-format may be {settings.format}")
    if sieve.format is not None and sieve.format not in BITEXT_FORMATS:
        raise UsageError(f"unknown format {sieve.format!r}; known are {', '.join(BITEXT_FORMATS)}")
    if sieve.format == "datasets":
        check_datasets()
    if profile.flags is not None and profile.flags.severities and not settings.with_flags:
        raise UsageError(f"the profile {profile.name!r} goes by flags, which this run does not look for")
    return profile


def run_filter(store: Store, ledger: Ledger, settings: Settings, sieve: Sieve,
               tick: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """Filter all parts into `bitext/` and `rejects/`, unless that is done already; returns what `filter.json` holds.

    A rejected pair has the column `reasons`. Bounded memory: what duplicates need is some 20 bytes a pair.
    """
    profile = check(sieve, settings)
    form = sieve.format or settings.format
    if form == "datasets" and store.is_remote:
        raise UsageError("--bitext-format datasets writes a folder of this machine, not object storage")
    bad_form = form if form in _WITH_REASONS else settings.format
    numbers = list(ledger.numbers())
    key = _key(ledger, profile.record(), sieve, form)
    known = json.loads(store.read_text(NAME) or "null")
    wanted = {name for number in numbers for name in _names(number, form, bad_form, settings)}
    there = set(filter(is_part, store.names("bitext") | store.names("rejects")))
    if known and known["key"] == key and (wanted == there or form == "datasets" and _STATE in store.names("bitext")
                                          and wanted <= {n for n in there if n.startswith("rejects/")}):  # fmt: skip
        return known
    # Without it, what stands in the two folders is not taken for whole.
    store.remove(NAME)
    for name in there if form == "datasets" else there - wanted:
        store.remove(name)
    store.make("bitext", "rejects")
    cut = None
    if sieve.precision is not None:
        cut = _cut(store, numbers, settings, profile, sieve.precision, tick)
    reasons: Counter[str] = Counter()
    kept = rejected = 0
    sieved = _filter(profile, settings)
    for number in numbers:
        with ExitStack() as stack:
            good, bad = (stack.enter_context(_sink(store, _base(folder, number, one), one, settings))
                         for folder, one in (("bitext", "parquet" if form == "datasets" else form),
                                             ("rejects", bad_form)))
            for rows in _batches(store, settings, number):
                for_good, for_bad = [], []
                for (_, row), why in _judged(sieved, rows, cut):
                    if why:
                        for_bad.append(dataclasses.replace(row, extra={**row.extra, "reasons": ",".join(why)}))
                        reasons.update(why)
                    else:
                        for_good.append(row)
                good.write(for_good)
                bad.write(for_bad)
                kept, rejected = kept + len(for_good), rejected + len(for_bad)
        tick()
    if form == "datasets":
        _as_dataset(store, numbers)
    record = {"key": key, "profile": profile.record(), "format": form, "kept": kept, "rejected": rejected,
              "reasons": dict(sorted(reasons.items(), key=lambda item: (-item[1], item[0]))),
              "precision": sieve.precision,
              "threshold": None if cut is None else _finite(cut.threshold),
              "expected_precision": None if cut is None else round(cut.expected, 6)}  # fmt: skip
    store.write_text(NAME, json.dumps(record, ensure_ascii=False, indent=1) + "\n")
    return record


def standing_filter(store: Store, ledger: Ledger) -> tuple[dict[str, Any] | None, bool]:
    """What `filter.json` holds where `bitext/` and `rejects/` are of the parts as they stand now, and whether they were
    not and have been taken away: bitext that looks whole must not lack, or hold, what the run does not."""
    there = set(filter(is_part, store.names("bitext") | store.names("rejects")))
    try:
        known = json.loads(store.read_text(NAME) or "null")
        if known is not None:
            sieve = Sieve(precision=known["precision"])
            if known["key"] == _key(ledger, known["profile"], sieve, known["format"]):
                return known, False
    except (ValueError, KeyError, TypeError):
        known = None
    store.remove(NAME)
    for name in there:
        store.remove(name)
    for folder in ("bitext", "rejects"):
        store.drop_folder(folder)
    return None, bool(there)


def _finite(value: float) -> float | None:
    return None if value == float("inf") else value


def _key(ledger: Ledger, profile: dict[str, Any], sieve: Sieve, form: str) -> str:
    """By what the two folders are known to be those of these parts and this filter."""
    digest = hashlib.sha256(json.dumps([profile, sieve.precision, form], sort_keys=True).encode("utf-8"))
    for key in ledger.done_keys():
        digest.update(key.encode("ascii"))
    return digest.hexdigest()


def _base(folder: str, number: int, form: str) -> str:
    return f"{folder}/part-{number:06d}" + ("" if form == "moses" else f".{form}")


def _names(number: int, form: str, bad_form: str, settings: Settings) -> Iterator[str]:
    """Files that a part becomes; those of a dataset are the library's own."""
    name = _base("bitext", number, form)
    if form != "datasets":
        yield from [f"{name}.{lang}" for lang in settings.options.langs] if form == "moses" else [name]
    yield _base("rejects", number, bad_form)


def check_datasets() -> None:
    """Raise MissingExtra now rather than after the work."""
    from importlib.util import find_spec

    if find_spec("datasets") is None:
        raise MissingExtra("--bitext-format datasets needs: pip install 'muwazi[datasets]'")


def _as_dataset(store: Store, numbers: Sequence[int]) -> None:
    """Put one dataset, for `datasets.load_from_disk`, in the place of the bitext's parts."""
    import os
    import shutil
    import tempfile

    import datasets

    parts = [f"{_base('bitext', number, 'parquet')}" for number in numbers]
    datasets.disable_progress_bars()
    with tempfile.TemporaryDirectory(prefix=".dataset", suffix=".part", dir=store.root) as draft:
        whole = os.path.join(draft, "whole")
        found = datasets.Dataset.from_parquet([store.at(name) for name in parts], cache_dir=os.path.join(draft, "cache"))
        found.save_to_disk(whole)
        # The state, without which the library takes a folder for no dataset, comes last.
        for name in sorted(os.listdir(whole), key="state.json".__eq__):
            shutil.move(os.path.join(whole, name), store.at(f"bitext/{name}"))
    for name in parts:
        store.remove(name)


class _sink(ExitStack):
    """An open file of rows under a name of the store."""

    def __init__(self, store: Store, name: str, form: str, settings: Settings) -> None:
        super().__init__()
        self.store, self.name, self.form, self.settings = store, name, form, settings

    def __enter__(self) -> Any:
        from .. import __version__
        from ..write.sinks import open_rows

        super().__enter__()
        langs = self.settings.options.langs
        if self.form == "moses":
            paths = [self.enter_context(self.store.writing(f"{self.name}.{lang}")) for lang in langs]
            path = paths[0].removesuffix(f".{langs[0]}")
        else:
            path = self.enter_context(self.store.writing(self.name))
        return self.enter_context(open_rows(path, format=self.form, force=True, langs=langs, version=__version__,
                                            **({"header": True} if self.form == "tsv" else {})))


def _filter(profile: Profile, settings: Settings) -> Filter:
    from ..filter import Filter

    return Filter(profile, settings.options.langs)


def _judged(sieved: Filter, rows: Sequence[Row], cut: Cut | None) -> Iterator[tuple[tuple[Verdict, Row], list[str]]]:
    """Verdicts and rows with the reasons, those of the promised precision among them."""
    for verdict, row in sieved.judge_with_rows(rows):
        why = list(verdict.reasons)
        if not why and cut is not None and not cut.keeps(row.confidence or 0.0):
            why = ["precision"]
        yield (verdict, row), why


def _cut(store: Store, numbers: Sequence[int], settings: Settings, profile: Profile, precision: float,
         tick: Callable[[], None]) -> Cut:
    """The threshold of confidence that the promised precision needs, from a pass that writes nothing."""
    from ..filter import Histogram

    histogram, sieved = Histogram(), _filter(profile, settings)
    for number in numbers:
        for rows in _batches(store, settings, number):
            for verdict, row in sieved.judge_with_rows(rows):
                if not verdict.reasons:
                    histogram.add(row.confidence or 0.0)
        tick()
    return histogram.cut(precision)


def _batches(store: Store, settings: Settings, number: int) -> Iterator[list[Row]]:
    """A part's rows, some thousands at a time; a part without rows has none."""
    from ..errors import InputError
    from ..read.bitext import read_bitext

    with at_hand(store.at(settings.part(number))) as path:
        batch: list[Row] = []
        try:
            for row in read_bitext(path, langs=settings.options.langs, format=settings.format):
                batch.append(row)
                if len(batch) == _BATCH:
                    yield batch
                    batch = []
        except InputError:
            # A part whose documents have all failed is an empty file, which is no bitext elsewhere.
            with open(path, "rb") as stream:
                if stream.read(1 << 16).strip():
                    raise
        if batch:
            yield batch
