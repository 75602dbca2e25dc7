"""The last pass of a run: all parts in order through a filter, into bitext that is kept and pairs that are not, with
reasons. Duplicates are found across documents, and thresholds move without anything being aligned again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..choices import WITH_REASONS, WITH_SCORES, PartBitextFormat, names
from ..data import Row
from ..engine.storage import Store, at_hand
from ..errors import MissingExtra, UsageError
from .ledger import Ledger
from .settings import Settings, is_part

if TYPE_CHECKING:
    from ..filter import Cut, Decision, FilterSpec, Profile, Tally

NAME = "filter.json"
BITEXT_FORMATS = names(PartBitextFormat)
"""What bitext may be written as: a part for each part of the run, or one dataset of Hugging Face's library."""

_STATE = "bitext/state.json"  # of a dataset that is whole

_BATCH = 4_000  # rows judged at a time


def check(spec: FilterSpec, settings: Settings) -> Profile:
    """The profile, where the run's parts will hold all it asks for; raises UsageError and InputError."""
    profile = spec.load()
    if settings.format not in WITH_SCORES:
        raise UsageError(f"a filter goes by scores, which {settings.format} does not hold; parts are then written as "
                         f"{', '.join(WITH_SCORES)}, and --bitext-format may be {settings.format}")
    if spec.format is not None and spec.format not in BITEXT_FORMATS:
        raise UsageError(f"unknown format {spec.format!r}; known are {', '.join(BITEXT_FORMATS)}")
    if spec.format == "datasets":
        check_datasets()
    if profile.flags is not None and profile.flags.severities and not settings.with_flags:
        raise UsageError(f"the profile {profile.name!r} goes by flags, which this run does not look for")
    return profile


@dataclass(frozen=True, slots=True)
class _Plan:
    """What the last pass reads and writes: the run's parts, and a file each for what is kept and what is not."""

    store: Store
    settings: Settings
    numbers: tuple[int, ...]
    form: str

    @property
    def bad_form(self) -> str:
        """The format of what is rejected."""
        return self.form if self.form in WITH_REASONS else self.settings.format

    @property
    def forms(self) -> dict[str, str]:
        """The format of a part in each folder; a dataset is made of Parquet."""
        return {"bitext": "parquet" if self.form == "datasets" else self.form, "rejects": self.bad_form}

    @property
    def wanted(self) -> set[str]:
        """Files that the parts become; those of a dataset are the library's own."""
        return {name for number in self.numbers for name in _names(number, self.form, self.bad_form, self.settings)}

    def is_done(self, there: set[str]) -> bool:
        """Whether of the files that the folders hold all are there that will be, and no others."""
        if self.form == "datasets":
            return _STATE in there and self.wanted <= {name for name in there if name.startswith("rejects/")}
        return self.wanted == there

    def clear(self, there: set[str]) -> None:
        """Take away what is not written anew; without the record what stands in the two folders is not taken for whole."""
        self.store.remove(NAME)
        for name in there if self.form == "datasets" else there - self.wanted:
            self.store.remove(name)
        self.store.make("bitext", "rejects")


def run_filter(store: Store, ledger: Ledger, settings: Settings, spec: FilterSpec,
               tick: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """Filter all parts into `bitext/` and `rejects/`, unless that is done already; returns what `filter.json` holds.

    A rejected pair has the column `reasons`. Bounded memory: what duplicates need is some 20 bytes a pair.
    """
    profile = check(spec, settings)
    form = spec.format or settings.format
    if form == "datasets" and store.is_remote:
        raise UsageError("--bitext-format datasets writes a folder of this machine, not object storage")
    plan = _Plan(store, settings, tuple(ledger.numbers()), form)
    key = _key(ledger, profile.record(), spec.precision, form)
    known = json.loads(store.read_text(NAME) or "null")
    there = _parts(store)
    if known and known["key"] == key and plan.is_done(there):
        return known
    plan.clear(there)
    tally = _filtered(plan, profile, spec.precision, tick)
    if form == "datasets":
        _as_dataset(store, plan.numbers)
    record = {"key": key, "profile": profile.record(), "format": form, "kept": tally.kept, "rejected": tally.rejected,
              "reasons": dict(sorted(tally.reasons.items(), key=lambda item: (-item[1], item[0]))),
              "precision": spec.precision,
              "threshold": tally.threshold,
              "expected_precision": None if tally.cut is None else round(tally.cut.expected, 6)}  # fmt: skip
    store.write_text(NAME, json.dumps(record, ensure_ascii=False, indent=1) + "\n")
    return record


def _filtered(plan: _Plan, profile: Profile, precision: float | None, tick: Callable[[], None]) -> Tally:
    """Write what is kept and what is not, part by part, after a pass that finds the cut where a precision is promised."""
    from ..filter import Sorter, Tally, cut_for

    tally = Tally()
    if precision is not None:
        tally.cut = cut_for((one for _, found in _decided(plan, profile, None, tick) for batch in found for one in batch), precision)
    for number, found in _decided(plan, profile, tally.cut, tick):
        with ExitStack() as stack:
            kept, rejects = (stack.enter_context(_sink(plan.store, _base(folder, number, form), form, plan.settings))
                             for folder, form in plan.forms.items())
            sorter = Sorter(tally, kept, rejects, numbered=False)
            for batch in found:
                sorter.write(batch)
    return tally


def _decided(plan: _Plan, profile: Profile, cut: Cut | None, tick: Callable[[], None]
             ) -> Iterator[tuple[int, Iterator[list[Decision]]]]:
    """Each part's number and what becomes of its pairs; what was seen in one is remembered in the next."""
    from ..filter import Filter, decided

    judge = Filter(profile, plan.settings.options.langs)
    for number in plan.numbers:
        yield number, decided(_batches(plan.store, plan.settings, number), judge, cut)
        tick()


def _parts(store: Store) -> set[str]:
    return set(filter(is_part, store.names("bitext") | store.names("rejects")))


def standing_filter(store: Store, ledger: Ledger) -> tuple[dict[str, Any] | None, bool]:
    """What `filter.json` holds where `bitext/` and `rejects/` are of the parts as they stand now, and whether they were
    not and have been taken away: bitext that looks whole must not lack, or hold, what the run does not."""
    there = _parts(store)
    try:
        known = json.loads(store.read_text(NAME) or "null")
        if known is not None and known["key"] == _key(ledger, known["profile"], known["precision"], known["format"]):
            return known, False
    except (ValueError, KeyError, TypeError):
        known = None
    store.remove(NAME)
    for name in there:
        store.remove(name)
    for folder in ("bitext", "rejects"):
        store.drop_folder(folder)
    return None, bool(there)


def _key(ledger: Ledger, profile: dict[str, Any], precision: float | None, form: str) -> str:
    """By what the two folders are known to be those of these parts and this filter."""
    digest = hashlib.sha256(json.dumps([profile, precision, form], sort_keys=True).encode("utf-8"))
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
        from ..write.sinks import open_rows

        super().__enter__()
        langs = self.settings.options.langs
        if self.form == "moses":
            paths = [self.enter_context(self.store.writing(f"{self.name}.{lang}")) for lang in langs]
            path = paths[0].removesuffix(f".{langs[0]}")
        else:
            path = self.enter_context(self.store.writing(self.name))
        return self.enter_context(open_rows(path, format=self.form, force=True, langs=langs, header=self.form == "tsv"))


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
