"""filter: which pairs of a bitext are fit for training."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .. import __version__
from ..data import Judged, Row
from ..errors import InputError, UsageError
from ..suffixes import fitting
from . import options as o
from .align import check_output, keep_apart

if TYPE_CHECKING:
    from ..filter import Filter, Profile, Verdict
    from ..write.sinks import Sink

# As `align.write.sinks`, `align.read.bitext` and `align.filter` have them; to import these takes longer than help.
FORMATS = ("tsv", "jsonl", "moses", "csv", "tmx", "xliff", "xlsx", "parquet", "datasets")
INPUTS = ("auto", "tsv", "csv", "jsonl", "json", "tmx", "xliff", "po", "ts", "xcstrings", "parquet", "arrow", "xlsx", "datasets")
PRESETS = ("default", "strict", "permissive")
_BATCH = 2000

Preset = Annotated[str | None, o.option(metavar="NAME", help=f"One of {', '.join(PRESETS)}. [default]", show_default=False,
                                        autocompletion=lambda: list(PRESETS))]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("filter", epilog="Example: muwazi filter bitext.tsv -o kept.tsv --rejects rejected.jsonl --precision 0.98")(
        filter_)


def filter_(
    context: typer.Context,
    bitext: Annotated[str, typer.Argument(metavar="BITEXT", help="Any bitext: a file, a folder, - for stdin; or the Arabic "
                                                                 "file of a pair.", show_default=False)],
    english: Annotated[str | None, typer.Argument(metavar="[EN]", help="The English file of a pair.",
                                                  show_default=False)] = None,
    output: o.Output = "-",
    format: Annotated[str | None, o.option("--format", "-f", help=f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}. [by the name, "
                                           "else tsv]", show_default=False, autocompletion=lambda: list(FORMATS))] = None,
    rejects: Annotated[str | None, o.option("--rejects", metavar="FILE", help="Where rejected pairs go, with their reasons; "
                                            "its format goes by its name, else it is JSON lines.")] = None,
    scored: Annotated[str | None, o.option("--scored", metavar="FILE", help="Every pair with all scores, to filter anew "
                                           "without an encoder; as --rejects.")] = None,
    preset: Preset = None,
    profile: Annotated[Path | None, o.option(metavar="FILE.toml", help="Rules and thresholds of your own.",
                                             show_default=False)] = None,
    precision: Annotated[float | None, o.option(min=0.0, max=1.0, help="Keep the most pairs of which this share can be "
                                                "expected to be right.", show_default=False)] = None,
    min_confidence: Annotated[float | None, o.option("--min-confidence", min=0.0, max=1.0, show_default=False,
                                                     help="Least confidence, quality or probability of a pair.")] = None,
    off: Annotated[list[str], o.option("--off", metavar="RULE", help="Turn a rule off; may be given again.",
                                       show_default=False)] = [],
    input_format: Annotated[str, o.option("--input-format", help=f"{', '.join(INPUTS)}.",
                                          autocompletion=lambda: list(INPUTS))] = "auto",
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
    sample: Annotated[Path | None, o.option("--sample", metavar="FILE.html", show_default=False,
                                            help="Only write a page that shows what each rule takes of a sample of the pairs.")] = None,
    sample_size: Annotated[int, o.option("--sample-size", min=1, help="Pairs of that sample.")] = 4000,
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

    chosen = chosen_profile(preset, profile, min_confidence, off)
    if sample is not None:
        o.check_suffix(sample, "html")
        if output != "-" or rejects is not None or scored is not None or counts is not None:
            raise UsageError("--sample only writes its page; leave out -o, --rejects, --scored and --counts, or --sample")
        keep_apart([Path(name) for name in (bitext, english) if name not in (None, "-")],
                   check_output(str(sample), force, "html", ("ar", "en")))
    codes = o.languages(langs)
    plan = Outputs.of(output, o.format_for(context, output, format, FORMATS, "tsv"), rejects, scored, o.tags(langs), force, header)
    if output == "-" and str(counts) == "-":
        raise UsageError("--counts names a file where stdout is for the pairs that are kept")
    plan.check([Path(name) for name in (bitext, english) if name not in (None, "-")], counts)
    rows = read_bitext(bitext, english, langs=codes, format=input_format, encoding=encoding, max_bytes=max_bytes,
                       columns=None if columns is None else [name.strip() for name in columns.split(",")], keep_bad=True)
    first = next(rows, None)
    if first is None:
        raise InputError(f"{bitext}: has no pairs")
    from .split import kept_apart

    judge = Filter(chosen, codes, EncoderScorer(), thorough=thorough or sample is not None,
                   apart=kept_apart(against, codes, encoding))
    if sample is not None:
        _preview(context, _chained(first, rows), judge, sample, sample_size, force)
        return
    told = filtered(_chained(first, rows), judge, plan, precision)
    if counts is not None:
        write_counts(counts, told, chosen, force)
    o.say(context, told.text())


def _preview(context: typer.Context, rows: Iterable[Row], judge: "Filter", path: Path, size: int, force: bool) -> None:
    """Write the page of what each rule takes of a sample."""
    from ..files import open_output
    from ..filter.preview import page, sampled

    chosen, total = sampled(rows, size)
    found = [one for batch in _batches(chosen) for one in judge.judge_with_rows(batch)]
    with open_output(path, force) as stream:
        stream.writelines(page(found, total, judge.profile.name))
    told = Told()
    for verdict, _ in found:
        told.add(verdict.reasons)
    o.say(context, f"a sample of {len(found):,} of {total:,} pairs\n{told.text()}")


def chosen_profile(preset: str | None, path: Path | None, min_confidence: float | None = None,
                   off: Sequence[str] = ()) -> "Profile":  # fmt: skip
    """The profile that options name; raises UsageError and InputError."""
    from ..filter import load_profile
    from ..filter.profile import Confidence, profile_of

    if preset is not None and path is not None:
        raise UsageError("--preset and --profile exclude each other; a profile names its base itself")
    if preset is not None and preset not in PRESETS:
        raise UsageError(f"--preset is one of {', '.join(PRESETS)}, not {preset!r}")
    chosen = load_profile(path if path is not None else preset or "default")
    if min_confidence is not None:
        complete = chosen.confidence is not None and chosen.confidence.complete
        chosen = replace(chosen, confidence=Confidence(min_confidence, min_confidence, min_confidence, complete))
    if off:
        record = profile_of({name.replace("-", "_"): False for name in off}, "--off")
        chosen = replace(chosen, **{name.replace("-", "_"): getattr(record, name.replace("-", "_")) for name in off})
    return chosen


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where kept, rejected and all pairs go, a name and a format each."""

    kept: tuple[str, str]
    rejects: tuple[str, str] | None
    scored: tuple[str, str] | None
    langs: tuple[str, str]
    force: bool
    header: bool | None

    @classmethod
    def of(cls, output: str, format: str | None, rejects: str | None, scored: str | None, langs: tuple[str, str],
           force: bool, header: bool | None = False) -> "Outputs":  # fmt: skip
        """The outputs that options name; raises UsageError."""
        format = fitting(output, format, FORMATS, "tsv")
        if header and format != "tsv":
            raise UsageError(f"a header line belongs to the format tsv, not to {format}")
        if "-" in (rejects, scored):
            raise UsageError("--rejects and --scored name files; stdout is for the pairs that are kept")
        beside = [None if name is None else (name, fitting(name, None, FORMATS, "jsonl")) for name in (rejects, scored)]
        return cls((output, format), *beside, langs, force, header)

    def check(self, inputs: list[Path], counts: Path | None = None) -> list[Path]:
        """The files that will be; refuses what could not be written, and outputs that are inputs, before any work."""
        paths = []
        for name, format in [which for which in (self.kept, self.rejects, self.scored) if which is not None]:
            if format == "datasets":
                from ..write.columns import check_folder

                if name != "-":
                    check_folder(name, self.force)
            else:
                paths += check_output(name, self.force, format, self.langs)
        if counts is not None:
            paths += check_output(str(counts), self.force, "jsonl", self.langs)
        keep_apart(inputs, paths)
        return paths

    def open(self, stack: ExitStack, which: tuple[str, str] | None, header: bool | None = True) -> "Sink | None":
        """An open sink that ends with the stack."""
        from ..write.sinks import open_rows

        if which is None:
            return None
        name, format = which
        return stack.enter_context(open_rows(name, format=format, force=self.force, langs=self.langs, version=__version__,
                                             header=header if format == "tsv" else False))


_HINTS = {
    "swapped": "most pairs are swapped: are the two files, or columns, in the right order?",
    "copy": "most pairs are copies: do both sides come from the same file or column?",
}


@dataclass(slots=True)
class Told:
    """What became of the pairs, or beads."""

    what: str = "pairs"
    read: int = 0
    kept: int = 0
    reasons: Counter = field(default_factory=Counter)
    alone: Counter = field(default_factory=Counter)
    threshold: float | None = None
    expected: float | None = None

    def add(self, reasons: Sequence[str]) -> None:
        """Count a pair."""
        self.read += 1
        self.kept += not reasons
        self.reasons.update(reasons)
        if len(reasons) == 1:
            self.alone[reasons[0]] += 1

    def record(self) -> dict[str, Any]:
        """JSON-ready counts: `read` = `kept` + `rejected`; a pair may have several `reasons`."""
        out: dict[str, Any] = {"read": self.read, "kept": self.kept, "rejected": self.read - self.kept,
                               "reasons": dict(self.reasons.most_common()), "only_reason": dict(self.alone.most_common())}
        if self.expected is not None:
            out["precision"] = {"threshold": self.threshold, "expected": round(self.expected, 6)}
        return out

    def text(self) -> str:
        """The counts in a line or two."""
        lost = self.read - self.kept
        share = f" ({lost / self.read:.1%})" if self.read else ""
        lines = [f"{self.read} {self.what}: {self.kept} kept, {lost} rejected{share}"]
        if lost:
            lines.append("reasons, of which one may have several: " + ", ".join(
                f"{name} {count}" for name, count in self.reasons.most_common()))
        if self.expected is not None:
            lines.append("no pair is sure enough for the promised precision" if self.threshold is None else
                         f"expected precision {self.expected:.4f} (confidence {self.threshold:.4f} and more)")
        for reason, hint in _HINTS.items():
            if 2 * self.reasons[reason] > self.read:
                lines.append(hint)
        return "\n".join(lines)


def filtered(rows: Iterable[Row], judge: "Filter", plan: Outputs, precision: float | None = None) -> Told:
    """Judge rows as they come and write them where they belong; with `precision` in a second pass over what is left."""
    told = Told()
    with ExitStack() as stack:
        # The first to close is the last to open: where the pairs kept cannot be written, nothing is.
        scored, rejects, kept = (plan.open(stack, plan.scored), plan.open(stack, plan.rejects),
                                 plan.open(stack, plan.kept, plan.header))  # fmt: skip
        waiting = stack.enter_context(Waiting()) if precision is not None else None
        at = 0
        for batch in _batches(rows):
            good, bad, every = [], [], []
            for number, (verdict, row) in enumerate(judge.judge_with_rows(batch), at + 1):
                if verdict.reasons:
                    told.add(verdict.reasons)
                    bad.append(with_reasons(row, verdict.reasons, number))
                else:
                    good.append((number, row) if waiting is not None else row)
                    if waiting is None:
                        told.add(())
                every.append(with_scores(row, verdict.scores, verdict.reasons))
            at += len(batch)
            if waiting is not None:
                waiting.add(good)
            else:
                kept.write(good)
            if rejects is not None:
                rejects.write(bad)
            if scored is not None:
                scored.write(every)
        if waiting is not None:
            _cut(waiting, precision, told, kept, rejects)
    return told


def _cut(waiting: "Waiting", precision: float, told: Told, kept: "Sink", rejects: "Sink | None") -> None:
    """Write the pairs that wait, those that the promised precision has no room for with that reason."""
    from ..filter import certainty

    cut = waiting.histogram.cut(precision)
    told.expected = cut.expected
    told.threshold = cut.threshold if cut.kept else None
    for batch in waiting:
        good, bad = [], []
        for number, row in batch:
            reasons = () if cut.keeps(certainty(row) or 0.0) else ("precision",)
            told.add(reasons)
            if reasons:
                bad.append(with_reasons(row, reasons, number))
            else:
                good.append(row)
        kept.write(good)
        if rejects is not None:
            rejects.write(bad)


class Waiting:
    """Pairs that wait on the disk, in a file without a name, until all confidences are known."""

    def __init__(self) -> None:
        import tempfile

        from ..filter import Histogram

        self.histogram = Histogram()
        self._file = tempfile.TemporaryFile()

    def __enter__(self) -> "Waiting":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, numbered: list[tuple[int, Row]]) -> None:
        """Lay down a batch; raises InputError for pairs of which no confidence is known."""
        import pickle

        from ..filter import certainty

        for number, row in numbered:
            found = certainty(row)
            if found is None:
                raise InputError(f"pair {number} has no confidence, which --precision needs; the profile has it computed "
                                 "unless its rule confidence is off")
            self.histogram.add(found)
        pickle.dump(numbered, self._file, pickle.HIGHEST_PROTOCOL)

    def __iter__(self) -> Iterator[list[tuple[int, Row]]]:
        import pickle

        end = self._file.tell()
        self._file.seek(0)
        while self._file.tell() < end:
            yield pickle.load(self._file)


def filtered_beads(output: str, judged: Judged, flags: Mapping[int, Sequence[Mapping[str, Any]]] | None, profile: "Profile",
                   plan: Outputs, precision: float | None = None, *, format: str, header: bool) -> Told:  # fmt: skip
    """Write the beads of an aligned pair that a profile keeps, in any format of `align`, and the others to the rejects.

    With `precision`, of those only the surest, as `filtered` does.

    In formats of lines a bead's line is the one that it has without a filter; blocks stay.
    """
    import io

    from ..files import open_output
    from ..filter import Filter
    from ..write import WRITERS, rows
    from ..write.sinks import open_rows

    told = Told("beads")
    if precision is not None and profile.confidence is not None:
        # What is promised is right and complete pairs.
        profile = replace(profile, confidence=replace(profile.confidence, complete=True))
    verdicts = Filter(profile, (judged.ar.document.lang, judged.en.document.lang), EncoderScorer()).judge_with_rows(
        list(rows(judged.ar, judged.en, judged.alignment, flags)))  # fmt: skip
    if precision is not None:
        verdicts = _surest(verdicts, precision, told)
    for verdict, _ in verdicts:
        told.add(verdict.reasons)
    keep = [verdict.keep for verdict, _ in verdicts]
    with ExitStack() as stack:
        if format in WRITERS:
            stream = stack.enter_context(open_output(output, plan.force))
            text = io.StringIO()
            options = {"jsonl": {"flags": flags}, "tsv": {"header": header}}.get(format, {})
            WRITERS[format](text, judged.ar, judged.en, judged.alignment, **options)
            lines = text.getvalue().split("\n")[:-1]
            first = int(format == "tsv" and header)
            stream.writelines(line + "\n" for k, line in enumerate(lines)
                              if not first <= k < first + len(keep) or keep[k - first])  # fmt: skip
        else:
            sink = stack.enter_context(open_rows(output, format=format, force=plan.force, langs=plan.langs,
                                                 version=__version__))  # fmt: skip
            sink.write([row for verdict, row in verdicts if verdict.keep])
        rejects = plan.open(stack, plan.rejects)
        if rejects is not None:
            rejects.write([with_reasons(row, verdict.reasons, number) for number, (verdict, row) in enumerate(verdicts, 1)
                           if verdict.reasons])  # fmt: skip
    return told


def _surest(verdicts: Sequence[tuple["Verdict", Row]], precision: float, told: Told) -> list[tuple["Verdict", Row]]:
    """Verdicts in which kept rows that a promised precision has no room for are rejected."""
    from ..filter import Histogram, certainty

    histogram = Histogram()
    for verdict, row in verdicts:
        if verdict.keep:
            histogram.add(certainty(row) or 0.0)
    cut = histogram.cut(precision)
    told.expected, told.threshold = cut.expected, cut.threshold if cut.kept else None
    return [(verdict._replace(reasons=("precision",)) if verdict.keep and not cut.keeps(certainty(row) or 0.0) else verdict, row)
            for verdict, row in verdicts]  # fmt: skip


def with_reasons(row: Row, reasons: Sequence[str], number: int) -> Row:
    """A rejected pair: why, and as which pair of the input it came, from 1."""
    return replace(row, extra={**row.extra, "reasons": ",".join(reasons), "number": number})


def with_scores(row: Row, scores: Mapping[str, float], reasons: Sequence[str]) -> Row:
    """A pair with every number that rules went by; those that have a place of their own are not repeated."""
    known = {name: value for name, value in scores.items() if name not in ("confidence", "sim", "quality", "probability")}
    return replace(row, extra={**row.extra, **{f"score_{name}": round(value, 4) for name, value in known.items()},
                               "reasons": ",".join(reasons)})  # fmt: skip


def write_counts(path: Path, told: Told, profile: "Profile", force: bool) -> None:
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
        from ..write.flags import flag_record

        found = flagged_pairs([row.ar.text for row in rows], [row.en.text for row in rows], self._loaded(), None, None)
        return [tuple({k: v for k, v in flag_record(flag).items() if k != "bead"} for flag in pair.flags) for pair in found]


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    pending = iter(rows)
    while batch := list(islice(pending, _BATCH)):
        yield batch


def _chained(first: Row, rest: Iterator[Row]) -> Iterator[Row]:
    yield first
    yield from rest
