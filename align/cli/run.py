"""run: a corpus of document pairs, unattended."""

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..choices import WITHOUT_FLAGS, AlignmentFormat, PartBitextFormat, PartFormat, listed, names
from ..errors import FailedDocuments, FormatError, InputError, UsageError
from ..files import parsed_json
from ..pipeline import Options
from ..suffixes import format_of
from . import options as o
from .options import counted
from .outputs import check_output
from .progress import Meter

if TYPE_CHECKING:
    from ..filter import FilterSpec
    from ..run import How, Settings, Source

_NAMED = 5  # files that are named where some are left out


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(epilog="Example: muwazi run ar/ en/ -o corpus   |   muwazi run manifest.csv -o corpus")(run)


@dataclass(frozen=True, slots=True)
class _Search:
    """How the pairs of documents are found."""

    pattern: Annotated[str | None, o.option(metavar="PATTERN", show_default=False,
                                            help="Names of files, such as '{id}.{lang}.txt' or '{lang}/{id}.html'.")] = None
    pair: Annotated[bool, o.option("--pair", help="Pair the files of the folders by their content.")] = False
    min_pair_probability: Annotated[float, o.option(min=0, max=1, help="Least probability of a pair of files.")] = 0.5

    def source(self, given: str, en: str | None, options: Options) -> "Source":
        """The pairs of documents; raises UsageError and InputError."""
        from ..run import Content, find, from_content

        if self.pair and self.pattern is not None:
            raise UsageError("--pair goes by content, --pattern by names; give one of them")
        if self.pair:
            return from_content(given, en or given, Content(options, self.min_pair_probability))
        return find(given, en, options.langs, self.pattern)


@dataclass(frozen=True, slots=True)
class _Filtering:
    """Which pairs go to bitext/."""

    filter_: Annotated[str | None, o.option("--filter", metavar="PROFILE", show_default=False,
                                            help="Also write bitext/ and rejects/: default, strict, permissive or a TOML "
                                                 "file.")] = None
    precision: o.TargetPrecision = None
    bitext_format: Annotated[PartBitextFormat | None, o.choice(
        help="Format of bitext/ and, where it has room for reasons, of rejects/; datasets is one folder for "
             "datasets.load_from_disk. [that of --format]", show_default=False)] = None

    def spec(self) -> "FilterSpec | None":
        """Which pairs are kept; None where nothing is filtered. Raises UsageError."""
        if self.filter_ is None:
            if self.precision is not None or self.bitext_format is not None:
                raise UsageError(f"--{'precision' if self.precision is not None else 'bitext-format'} is for --filter")
            return None
        from ..filter import FilterSpec

        return FilterSpec(self.filter_, self.precision, self.bitext_format)


@dataclass(frozen=True, slots=True)
class _Task:
    """What is done, and by how many."""

    limit: Annotated[int | None, o.option(min=1, help="Only the first documents.", show_default=False)] = None
    dry_run: Annotated[bool, o.option("--dry-run", help="Say what there is to do, and do nothing.")] = False
    verify: Annotated[bool, o.option("--verify", help="Check that all parts are as they were written; align nothing.")] = False
    retry_failed: Annotated[bool, o.option("--retry-failed", help="Try failed documents again.")] = False
    force: Annotated[bool, o.option("--force", help="Delete the run that stands in the folder and start anew.")] = False
    jobs: Annotated[int | None, o.option("--jobs", "-j", min=1, show_default=False,
                                         help="Workers. [a core each, as far as memory goes]")] = None


@dataclass(frozen=True, slots=True)
class _Pieces:
    """In which pieces the work is done and shown."""

    timeout: Annotated[float, o.option(min=0, help="Seconds for one step of one document; 0 for no end.")] = 3600
    part_bytes: Annotated[int | None, o.option(min=1, show_default=False, help="Bytes of files after which a part is closed. "
                                               "[first parts 256 KiB, later ones up to 4 MiB]")] = None
    part_documents: Annotated[int | None, o.option(min=1, show_default=False, help="Documents after which a part is closed. "
                                                   "[first parts 4, later ones up to 256]")] = None
    reviews: Annotated[int, o.option(min=0, help="Also write pages to review so many of the worst documents on, which the report "
                                     "links to.")] = 0


@o.expanded
def run(
    context: typer.Context,
    source: Annotated[str, typer.Argument(metavar="INPUT", show_default=False,
                                          help="Manifest (.csv, .tsv, .jsonl), folder, saved run.json or manifest.")],
    en: Annotated[str | None, typer.Argument(metavar="[EN]", show_default=False,
                                             help="The English folder, where INPUT is the Arabic one.")] = None,
    *,
    output: Annotated[str | None, o.option("--output", "-o", metavar="FOLDER", show_default=False,
                                           help="Folder of the output; begun anew or gone on with. [that of a run.json]")] = None,
    format: Annotated[PartFormat | None, o.choice("--format", "-f", show_default=False, help=f"{listed(names(PartFormat))}. [that "
                                                  "of the folder, else parquet where pyarrow is installed, else jsonl]")] = None,
    flags: Annotated[bool, o.option(help="Look for what stands in one version only.")] = True,
    search: _Search,
    filtering: _Filtering,
    task: _Task,
    hands: o.Hands,
    pieces: _Pieces,
    beads: o.Beads,
    reading: o.Reading,
    encoder: o.Encoder,
    second: o.Second,
) -> None:
    """Align a corpus: many pairs of documents, unattended.

    The same command goes on where an earlier one stopped, however it was stopped. FOLDER gets shards/ (every bead, with
    texts, confidence, flags and places), flags/, failed.jsonl, report.json, report.html, run.json. A bad document is
    listed and stops nothing; then the exit status is 11.
    """
    from ..run import How, Settings

    options = o.options_of(reading, encoder, beads, second, cache=False)
    hands.check()
    saved = _saved(source, en)
    if saved is not None and saved.get("kind") != "run":
        _repeat_pair(context, source, saved, output, task.force)
        return
    output = _folder(output, source, saved)
    if task.verify:
        _verify(context, output)
        return
    if saved is not None:
        settings, found = _repeated(context, source, saved)
    else:
        settings = Settings(options, flags, format or _usual_format(output), pieces.part_bytes, pieces.part_documents)
        found = search.source(source, en, options)
    spec = filtering.spec()
    how = How(hands.engine, task.jobs, task.limit, task.force, task.retry_failed, pieces.timeout or None, hands.ray_address,
              pieces.reviews)
    if task.dry_run:
        _look(found, output, settings, how)
    else:
        _work(context, found, output, settings, how, spec)


def _folder(output: str | None, source: str, saved: dict[str, Any] | None) -> str:
    """The folder of the output, which is that of a saved run where none is named; raises UsageError."""
    from ..engine.storage import beside
    from ..run.ledger import NAME as LEDGER

    if output is None and saved is not None and beside(source, LEDGER):
        output = source.rpartition("/")[0] or "."
    if output is None:
        raise UsageError("name the folder of the output with -o FOLDER")
    if (named := format_of(output)) is not None and not Path(output).is_dir():
        raise UsageError(f"{output}: a run writes a folder; name one, such as -o corpus, and --format {named} for its parts")
    return output


def _repeated(context: typer.Context, source: str, saved: dict[str, Any]) -> "tuple[Settings, Source]":
    """Settings and inputs of a saved run."""
    from ..run import from_dict, from_record
    from ..run.settings import digest

    settings = from_dict(saved["settings"], source)
    found = from_record(saved["inputs"], settings.options, source)
    if digest(settings.recipe()) != saved["recipe_hash"]:
        o.say(context, f"muwazi: {source}: was written by version {saved['version']}, or its glossary has changed; "
                       "the output may differ")
    return settings, found


def _look(found: "Source", output: str, settings: "Settings", how: "How") -> None:
    """Say what there is to do."""
    from ..run import dry_run

    outcome = dry_run(found, output, settings, how)
    typer.echo("\n".join([*_plan(outcome), *_left_out(found), *_unreadable(found.unreadable),
                          *_limited(outcome, output, how.limit)]))


def _work(context: typer.Context, found: "Source", output: str, settings: "Settings", how: "How",
          spec: "FilterSpec | None") -> None:
    """Do what there is to do, and say how it went; exits with 11 where documents failed."""
    from ..run import run as work

    with _Meter(context) as meter:
        try:
            outcome = work(found, output, settings, how, spec=spec, progress=meter)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(meter.left_at()) from None
    for line in [*_summary(outcome, output), *_limited(outcome, output, how.limit)]:
        o.say(context, line)
    if outcome.failed or outcome.report.get("unreadable"):
        raise typer.Exit(FailedDocuments.status)


def _verify(context: typer.Context, output: str) -> None:
    """Check the parts of a run; raises DamagedError where one is not as it was written."""
    from ..errors import DamagedError
    from ..run import verify

    count, damaged = verify(output)
    if damaged:
        first = ", ".join(damaged[:5]) + (", ..." if len(damaged) > 5 else "")
        raise DamagedError(f"{output.rstrip('/')}: {len(damaged):,} of {counted(count, 'file')} missing or not as written ({first}); "
                           "the next start does their documents again")
    o.say(context, f"{counted(count, 'file')} as written")


def _saved(source: str, en: str | None) -> dict[str, Any] | None:
    """The JSON object in a file that a run or a single pair has saved; None where INPUT is something else."""
    from ..engine.storage import opened

    if en is not None or not source.lower().endswith(".json"):
        return None
    try:
        with opened(source) as stream:
            text = stream.read().decode("utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"{source}: no such file") from None
    except OSError as error:
        raise InputError(f"{source}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise FormatError(f"{source}:1: is not UTF-8 (byte {error.start})") from None
    record = parsed_json(text, source, whole=True)
    if not isinstance(record, dict) or "recipe_hash" not in record:
        raise FormatError(f"{source}:1: is neither a saved run nor a manifest of a pair")
    if record.get("kind") == "run" and not (isinstance(record.get("settings"), dict)
                                            and isinstance(record.get("inputs"), dict)):
        raise FormatError(f"{source}:1: does not say which inputs and settings the run had")
    return record


def _usual_format(output: str) -> str:
    """The format of the run that stands in a folder, else the best that is installed."""
    from importlib.util import find_spec

    with suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
        return str(json.loads((Path(output) / "run.json").read_text("utf-8"))["settings"]["format"])
    return "parquet" if find_spec("pyarrow") else "jsonl"


def _repeat_pair(context: typer.Context, path: str, record: dict[str, Any], output: str | None, force: bool) -> None:
    """Align again the pair that a manifest describes, once its inputs are what they were."""
    from .. import __version__
    from ..manifest import check_inputs, parse_manifest
    from ..pipeline import Clock, align_files, flags_by_bead, named_encoder
    from ..write import Shown, write
    from .align import summary

    known = names(AlignmentFormat)
    manifest = parse_manifest(record, path)
    check_inputs(manifest)
    format = manifest.options.get("format", "tsv")
    try:
        ar, en = (source.path for source in manifest.inputs)
        if format not in known:
            raise ValueError
        options = _options_in(manifest)
    except (KeyError, ValueError):
        raise FormatError(f"{path}:1: has options that this version does not know") from None
    if manifest.version != __version__:
        o.say(context, f"muwazi: {path}: was written by version {manifest.version}; the output may differ")
    target = output or "-"
    format = o.format_for(context, target, format if output is None or format_of(target) is None else None, known, "tsv",
                          "an alignment")
    check_output(target, force, format, options.langs)
    clock = Clock()
    with_flags = format not in WITHOUT_FLAGS and options.langs == ("ar", "en")
    judged = align_files(ar, en, options, encoder=named_encoder(options), flags=with_flags, clock=clock)
    with clock.stage("write"):
        write(target, judged.ar, judged.en, judged.alignment, format=format, force=force, suffixes=options.langs,
              shown=Shown(flags=flags_by_bead(judged) if with_flags else None))
    o.say(context, summary(judged, clock))


def _options_in(manifest: Any) -> Options:
    """The options that a manifest records; raises KeyError and ValueError."""
    from ..encode.registry import EMBEDDED

    chosen, name = manifest.options, manifest.encoder.name
    limits = tuple(int(part) for part in str(chosen["beads"]).split("x"))
    if len(limits) != 2:
        raise ValueError(limits)
    return Options("default" if name == EMBEDDED else name, revision=manifest.encoder.revision or None,
                   langs=o.languages(chosen["langs"]), encoding=chosen.get("encoding"), segmented=bool(chosen.get("segmented")),
                   limits=limits, **{key: chosen[key] for key in ("second_model", "second_weight") if key in chosen})


class _Meter(Meter):
    """Tells of documents that are done, and of how fast sentences go."""

    def __init__(self, context: typer.Context) -> None:
        super().__init__(context, "documents")
        self.now: Any = None

    def left_at(self) -> str:
        """What an interrupted run is told: what of it lasts."""
        if self.now is None:
            return "interrupted before any document was done"
        done, all_ = self.now.standing.documents_done, self.now.standing.documents
        return f"interrupted; {done:,} of {counted(all_, 'document')} are done and kept, the same command goes on from there"

    def __call__(self, now: Any) -> None:  # type: ignore[override]
        """The run stands here by now."""
        self.now = now
        done, all_ = now.standing.documents_done + now.in_hand, now.standing.documents
        if self.bar is not None:
            self.tell(self.what, done, all_, _rate(now) or "starting")
        elif 0 < done < all_:
            self.tell("document" if all_ == 1 else self.what, done, all_, _rate(now))


def _rate(now: Any) -> str:
    parts = [f"{now.rate:,.0f} sentences/s"] if now.segments else []
    if now.remaining is not None:
        parts.append(f"{_span(now.remaining)} left")
    if now.failed:
        parts.append(f"{now.failed:,} failed")
    return ", ".join(parts)


def _span(seconds: float) -> str:
    """A time in words: `3 d 04 h`, `2 h 05 min`, `4 min 10 s`, `12 s`."""
    seconds = int(seconds + 0.5)
    for size, name, small, less in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if seconds >= size:
            return f"{seconds // size} {name} {seconds % size // small:02d} {less}"
    return f"{seconds} s"


def _plan(outcome: Any) -> list[str]:
    now = outcome.standing
    lines = [f"{counted(now.documents, 'document')} in {counted(now.units, 'part')}, {_size(now.bytes)}",
             f"done already: {counted(now.documents_done, 'document')} in {counted(now.units_done, 'part')}, "
             + _size(now.bytes_done)]
    if outcome.change.changed or outcome.change.gone:
        lines.append(f"changed: {outcome.change.changed:,}, gone: {outcome.change.gone:,}")
    trial = outcome.trial
    if trial is not None and trial.missing[0]:
        count, names = trial.missing
        lines.append(f"will fail: {counted(count, 'document')} without a file ({', '.join(names)}{', ...' if count > len(names) else ''})")
    if trial is not None and trial.failed:
        told = "; ".join(message for _, message in trial.failed[:2])
        lines.append(f"of {counted(trial.tried, 'document')} aligned for trial {len(trial.failed)} failed: {told}"
                     + ("; ..." if len(trial.failed) > 2 else ""))
    if trial is not None and trial.pace is not None:
        begin, a_byte = trial.pace
        lines.append(f"left to do: about {_span(begin + (now.bytes - now.bytes_done) * a_byte)} on this machine")
    return lines


def _left_out(source: Any) -> list[str]:
    """A line a side on files without a counterpart, with some of their names."""
    lines = []
    for lang, count in source.unpaired.items():
        if count:
            names = source.examples.get(lang, [])[:_NAMED]
            lines.append(f"left out: {counted(count, lang + ' file')} without a counterpart ({', '.join(names)}"
                         + (", ..." if count > len(names) else "") + ")")
    return lines


def _unreadable(files: list[dict[str, str]]) -> list[str]:
    """A line on files that could not be put together with others, if any."""
    if not files:
        return []
    return [f"{counted(len(files), 'file')} could not be paired: {files[0]['error']}"
            + (", ..." if len(files) > 1 else "")]


def _limited(outcome: Any, output: str, limit: int | None) -> list[str]:
    """A line where --limit asks for fewer documents than were planned before, which it does not take out."""
    if limit is None or outcome.standing.documents <= limit:
        return []
    there = counted(outcome.standing.documents, "document")
    return [f"--limit {limit:,} takes nothing out: {output.rstrip('/')} has {there} from before; name another folder for fewer"]


def _size(bytes: int) -> str:
    value = float(bytes)
    for name in ("bytes", "kB", "MB", "GB", "TB"):
        if value < 1000 or name == "TB":
            return counted(bytes, "byte") if name == "bytes" else f"{value:.1f} {name}"
        value /= 1000
    return ""


def _summary(outcome: Any, output: str) -> list[str]:
    """How the run went, in two lines."""
    total, change = outcome.report["total"], outcome.change
    langs = outcome.report["langs"]
    looked = [f"{count:,} {name}" for count, name in ((change.new, "new"), (change.changed, "changed"),
                                                     (change.gone, "gone")) if count]
    if not looked and outcome.done_now:
        looked = [f"{outcome.done_now:,} done now"]
    unpaired = sum(outcome.report["unpaired"].values())
    first = (counted(total["documents"], "document") + (f" ({', '.join(looked)})" if looked else " (nothing new)")
             + f": {total['aligned']:,} aligned, {total['failed']:,} failed"
             + (f", {counted(unpaired, 'file')} without a counterpart" if unpaired else "") + f"; {outcome.seconds:.2f} s")
    second = (f"{total['segments'][0]:,} {langs[0]} and {counted(total['segments'][1], langs[1] + ' segment')}: "
              f"{counted(total['pairs'], 'pair')}, alone {total['alone'][0]:,} {langs[0]} and {total['alone'][1]:,} {langs[1]}"
              + (f", mean confidence {total['mean_confidence']:.2f}" if total["pairs"] else "")
              + (f", {counted(sum(total['flags'].values()), 'flag')}" if outcome.report["with_flags"] else "")
              + f"; report: {output.rstrip('/')}/report.html")
    lines = [first, *_unreadable(outcome.report.get("unreadable", [])), second]
    if found := outcome.report.get("filter"):
        why = ", ".join(f"{count:,} {name}" for name, count in list(found["reasons"].items())[:5])
        sure = found["expected_precision"]
        lines.append(f"{counted(found['kept'], 'pair')} kept by {found['profile']['name']}"
                     + (f" (expected precision {sure:.3f})" if sure is not None else "")
                     + f", {found['rejected']:,} rejected" + (f": {why}" if why else ""))
    if outcome.dropped_bitext:
        lines.append("removed bitext/ and rejects/, which were of an earlier state; --filter makes them anew")
    return lines
