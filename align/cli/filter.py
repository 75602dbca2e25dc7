"""filter: which pairs of a bitext are fit for training."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .. import __version__
from ..choices import Preset, RowFormat, names
from ..data import Judged, Row
from ..errors import InputError, UsageError
from ..suffixes import fitting
from . import options as o
from .outputs import check_output, keep_apart

if TYPE_CHECKING:
    from ..filter import Decision, Filter, Profile, Tally
    from ..write import Shown
    from ..write.sinks import Sink

FORMATS = names(RowFormat)
_BATCH = 2000


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("filter", epilog="Example: muwazi filter bitext.tsv -o kept.tsv --rejects rejected.jsonl --precision 0.98")(
        filter_)


@dataclass(frozen=True, slots=True)
class _Rules:
    """By what pairs are kept."""

    preset: Annotated[Preset | None, o.option(metavar="NAME", help=f"One of {', '.join(names(Preset))}. [default]",
                                              show_default=False)] = None
    profile: Annotated[Path | None, o.option(metavar="FILE.toml", help="Rules and thresholds of your own.",
                                             show_default=False)] = None
    precision: Annotated[float | None, o.option(min=0.0, max=1.0, help="Keep the most pairs of which this share can be "
                                                "expected to be right.", show_default=False)] = None
    min_confidence: Annotated[float | None, o.option("--min-confidence", min=0.0, max=1.0, show_default=False,
                                                     help="Least confidence, quality or probability of a pair.")] = None
    off: Annotated[list[str], o.option("--off", metavar="RULE", help="Turn a rule off; may be given again.",
                                       show_default=False)] = ()

    def load(self) -> "Profile":
        """The profile that the options name; raises UsageError and InputError."""
        from ..filter import load_profile, profile_of
        from ..filter.rules import Confidence

        if self.preset is not None and self.profile is not None:
            raise UsageError("--preset and --profile exclude each other; a profile names its base itself")
        chosen = load_profile(self.profile if self.profile is not None else self.preset or "default")
        if self.min_confidence is not None:
            complete = chosen.confidence is not None and chosen.confidence.complete
            chosen = replace(chosen, confidence=Confidence(*[self.min_confidence] * 3, complete=complete))
        if self.off:
            rules = [name.replace("-", "_") for name in self.off]
            record = profile_of(dict.fromkeys(rules, False), "--off")
            chosen = replace(chosen, **{rule: getattr(record, rule) for rule in rules})
        return chosen


@dataclass(frozen=True, slots=True)
class _Sample:
    """A look at what the rules take."""

    sample: Annotated[Path | None, o.option("--sample", metavar="FILE.html", show_default=False,
                                            help="Only write a page that shows what each rule takes of a sample of the pairs.")] = None
    sample_size: Annotated[int, o.option("--sample-size", min=1, help="Pairs of that sample.")] = 4000


@dataclass(frozen=True, slots=True)
class _Files:
    """Where pairs go."""

    output: o.Output = "-"
    format: Annotated[RowFormat | None, o.format_option(RowFormat)] = None
    rejects: Annotated[str | None, o.option("--rejects", metavar="FILE", help="Where rejected pairs go, with their reasons; "
                                            "its format goes by its name, else it is JSON lines.")] = None
    scored: Annotated[str | None, o.option("--scored", metavar="FILE", help="Every pair with all scores, to filter anew "
                                           "without an encoder; as --rejects.")] = None

    def plan(self, context: typer.Context, langs: tuple[str, str], force: bool, header: bool | None) -> "Outputs":
        """The outputs; raises UsageError."""
        format = o.format_for(context, self.output, self.format, FORMATS, "tsv")
        return Outputs.of(self.output, format, rejects=self.rejects, scored=self.scored, langs=langs, force=force, header=header)


@o.expanded
def filter_(
    context: typer.Context,
    bitext: Annotated[str, typer.Argument(metavar="BITEXT", help="Any bitext: a file, a folder, - for stdin; or the Arabic "
                                                                 "file of a pair.", show_default=False)],
    english: o.EnOfPair = None,
    *,
    files: _Files,
    rules: _Rules,
    input_format: o.InputFormat = "auto",
    columns: Annotated[str | None, o.option(metavar="NAMES", help="Names of the columns of TSV or CSV without a header, such "
                                            "as confidence,en,ar.", show_default=False)] = None,
    header: Annotated[bool | None, o.option("--header/--no-header", help="Begin TSV with a line of column names. [where there "
                                            "are scores or other named values]", show_default=False)] = None,
    counts: Annotated[Path | None, o.option("--counts", metavar="FILE.json", help="Also write the counts as JSON.")] = None,
    thorough: Annotated[bool, o.option("--thorough", help="Ask every rule about every pair: also costly ones about pairs "
                                       "that are rejected already.")] = False,
    against: Annotated[list[str], o.option("--against", metavar="FILE", show_default=False,
                                           help="A test set, or PREFIX of PREFIX.ar and PREFIX.en: pairs that nearly repeat one of "
                                                "its sides are rejected; may be given again.")] = [],
    sample: _Sample,
    langs: o.Langs = "ar-en",
    encoding: o.Encoding = None,
    max_bytes: Annotated[int | None, o.option("--max-bytes", min=1, help="Largest text input, unpacked. [no limit]",
                                              show_default=False)] = None,
    force: o.Force = False,
) -> None:
    """Keep the pairs of a bitext that are fit for training, and say of every other pair why it is not.

    BITEXT is TSV, CSV, JSON lines, TMX, XLIFF, Parquet, XLSX or a folder of such files; with EN two files of equal lines.
    It is read as a stream. Confidence, quality, similarity and flags that it holds are taken as they are; what is missing
    is found with the embedded encoder if a rule needs it, and is stored with the pairs.
    """
    from ..filter import Filter
    from ..read.bitext import read_bitext
    from .split import kept_apart

    profile, inputs, codes = rules.load(), o.paths_of(bitext, english), o.languages(langs)
    if sample.sample is not None:
        if files != _Files() or counts is not None:
            raise UsageError("--sample only writes its page; leave out -o, --rejects, --scored and --counts, or --sample")
        o.check_suffix(sample.sample, "html")
        keep_apart(inputs, check_output(sample.sample, force))
    plan = files.plan(context, o.tags(langs), force, header)
    if files.output == "-" and str(counts) == "-":
        raise UsageError("--counts names a file where stdout is for the pairs that are kept")
    keep_apart(inputs, plan.check([] if counts is None else [counts]))
    rows = read_bitext(bitext, english, langs=codes, format=input_format, encoding=encoding, max_bytes=max_bytes,
                       columns=None if columns is None else [name.strip() for name in columns.split(",")], keep_bad=True)
    first = next(rows, None)
    if first is None:
        raise InputError(f"{bitext}: has no pairs")
    judge = Filter(profile, codes, EncoderScorer(), thorough=thorough or sample.sample is not None,
                   apart=kept_apart(against, codes, encoding))
    if sample.sample is not None:
        _preview(context, chain([first], rows), judge, sample, force)
        return
    told = write_filtered(chain([first], rows), judge, plan, rules.precision)
    if counts is not None:
        _write_counts(counts, told, profile, force)
    o.say(context, told.text())


def _preview(context: typer.Context, rows: Iterable[Row], judge: "Filter", sample: _Sample, force: bool) -> None:
    """Write the page of what each rule takes of a sample."""
    from ..files import open_output
    from ..filter import Tally, decided
    from ..filter.preview import page, sampled

    chosen, total = sampled(rows, sample.sample_size)
    found = [one for batch in decided(_batches(chosen), judge) for one in batch]
    told = Tally()
    for one in found:
        told.add(one.verdict.reasons)
    with open_output(sample.sample, force) as stream:
        stream.writelines(page([(one.verdict, one.row) for one in found], total, judge.profile.name))
    o.say(context, f"a sample of {len(found):,} of {total:,} pairs\n{told.text()}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """Where kept, rejected and all pairs go, a name and a format each."""

    kept: tuple[str, str]
    rejects: tuple[str, str] | None
    scored: tuple[str, str] | None
    langs: tuple[str, str]
    force: bool
    header: bool | None

    @classmethod
    def of(cls, output: str, format: str | None, *, langs: tuple[str, str], force: bool, rejects: str | None = None,
           scored: str | None = None, header: bool | None = False) -> "Outputs":  # fmt: skip
        """The outputs that options name; raises UsageError."""
        format = fitting(output, format, FORMATS, "tsv")
        o.check_header(header, format)
        if "-" in (rejects, scored):
            raise UsageError("--rejects and --scored name files; stdout is for the pairs that are kept")
        beside = [None if name is None else (name, fitting(name, None, FORMATS, "jsonl")) for name in (rejects, scored)]
        return cls(kept=(output, format), rejects=beside[0], scored=beside[1], langs=langs, force=force, header=header)

    def check(self, others: Sequence[Path] = ()) -> list[Path]:
        """The files that will be, with the others; refuses what could not be written, before any work."""
        named = [which for which in (self.kept, self.rejects, self.scored) if which is not None]
        return [path for name, format in [*named, *((other, "") for other in others)]
                for path in check_output(name, self.force, format, self.langs)]

    def open(self, stack: ExitStack, which: tuple[str, str] | None, header: bool | None = True) -> "Sink | None":
        """An open sink that ends with the stack."""
        from ..write.sinks import open_rows

        if which is None:
            return None
        name, format = which
        return stack.enter_context(open_rows(name, format=format, force=self.force, langs=self.langs, header=header))


def write_filtered(rows: Iterable[Row], judge: "Filter", plan: Outputs, precision: float | None = None) -> "Tally":
    """Judge rows as they come and write them where they belong; with `precision` in a second pass over what is left."""
    from ..filter import Sorter, Tally, decided
    from ..filter.deciding import Waiting

    told = Tally()
    with ExitStack() as stack:
        # The first to close is the last to open: where the pairs kept cannot be written, nothing is.
        scored, rejects = plan.open(stack, plan.scored), plan.open(stack, plan.rejects)
        sorter = Sorter(told, plan.open(stack, plan.kept, plan.header), rejects)
        waiting = None if precision is None else stack.enter_context(Waiting())
        for batch in decided(_batches(rows), judge):
            if waiting is None:
                sorter.write(batch)
            else:
                waiting.add([one for one in batch if one.keep])
                sorter.write([one for one in batch if not one.keep])
            if scored is not None:
                scored.write([one.scored() for one in batch])
        if waiting is not None:
            told.cut = waiting.histogram.cut(precision)
            for batch in waiting:
                sorter.write([one.below(told.cut) for one in batch])
    return told


@dataclass(frozen=True, slots=True)
class BeadFilter:
    """Which beads of an aligned pair are written, and where the others go."""

    profile: "Profile"
    precision: float | None
    outputs: Outputs

    def decide(self, judged: Judged, told: "Tally", flags: Any) -> "list[Decision]":
        """What becomes of each bead; `told` counts them."""
        from ..filter import Filter, cut_for, decided
        from ..write import rows

        profile = self.profile
        if self.precision is not None and profile.confidence is not None:
            # What is promised is right and complete pairs.
            profile = replace(profile, confidence=replace(profile.confidence, complete=True))
        judge = Filter(profile, (judged.ar.document.lang, judged.en.document.lang), EncoderScorer())
        (found,) = decided([list(rows(judged.ar, judged.en, judged.alignment, flags))], judge)
        told.cut = cut_for(found, self.precision)
        found = [one.below(told.cut) for one in found]
        for one in found:
            told.add(one.verdict.reasons)
        return found


def write_filtered_beads(output: str, judged: Judged, plan: BeadFilter, *, format: str, shown: "Shown") -> "Tally":
    """Write the beads of an aligned pair that a filter keeps, in any format of `align`, and the others to the rejects."""
    from ..filter import Tally
    from ..write import WRITERS, write

    told, outputs = Tally("beads"), plan.outputs
    found = plan.decide(judged, told, shown.flags)
    kept = {one.row.bead: one.row for one in found if one.keep}
    with ExitStack() as stack:
        if format in WRITERS:
            write(output, judged.ar, judged.en, judged.alignment, format=format, force=outputs.force,
                  shown=replace(shown, only=kept.keys()))
        else:
            outputs.open(stack, (output, format), False).write(list(kept.values()))
        rejects = outputs.open(stack, outputs.rejects)
        if rejects is not None:
            rejects.write([one.rejected() for one in found if not one.keep])
    return told


def _write_counts(path: Path, told: "Tally", profile: "Profile", force: bool) -> None:
    """Write the counts and the profile as JSON."""
    from ..files import open_output

    with open_output(path, force) as stream:
        stream.write(json.dumps({**told.record(), "profile": profile.record(), "version": __version__}, indent=2) + "\n")


class EncoderScorer:
    """What a filter asks of an encoder, which is loaded when the first question comes."""

    def __init__(self) -> None:
        self._encoder: Any = None

    def _loaded(self) -> Any:
        if self._encoder is None:
            from ..pipeline import Options, load_encoder

            # Vectors of a corpus are asked for once; to keep them would fill the cache with it.
            self._encoder = load_encoder(Options(cache=False))
        return self._encoder

    def quick(self, rows: Sequence[Row]) -> list[tuple[float, float]]:
        """Similarity and quality of each pair, a bead's by its confidence too."""
        from ..flags.pairs import bead_scores

        found = bead_scores([row.ar.text for row in rows], [row.en.text for row in rows], [row.confidence for row in rows],
                            self._loaded())
        return list(zip(found.sims.tolist(), found.probabilities.tolist(), strict=True))

    def flags(self, rows: Sequence[Row]) -> list[tuple[dict[str, Any], ...]]:
        """The flags of each pair; offsets are code points in its own texts."""
        from ..flags.judging import flagged_pairs
        from ..write.flags import pair_record

        found = flagged_pairs([row.ar.text for row in rows], [row.en.text for row in rows], self._loaded(), None, None)
        return [tuple(map(pair_record, pair.flags)) for pair in found]


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    pending = iter(rows)
    while batch := list(islice(pending, _BATCH)):
        yield batch
