"""run: a corpus of document pairs, unattended."""

import json
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Self

import typer

from ..errors import FailedDocuments, FormatError, InputError, UsageError
from ..files import parsed_json
from ..pipeline import Options
from ..suffixes import format_of
from . import options as o

# As `align.run` has them; named here since to import it takes longer than to print help.
FORMATS = ("parquet", "jsonl", "tsv", "csv", "moses", "tmx", "xliff", "xlsx")
ENGINES = ("local", "ray")
_NAMED = 5  # files that are named where some are left out
_EVERY = 15.0  # seconds between two lines of progress where there is no terminal


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(epilog="Example: muwazi run ar/ en/ -o corpus   |   muwazi run manifest.csv -o corpus")(run)


def run(
    context: typer.Context,
    source: Annotated[str, typer.Argument(metavar="INPUT", show_default=False,
                                          help="Manifest (.csv, .tsv, .jsonl), folder, saved run.json or manifest.")],
    en: Annotated[str | None, typer.Argument(metavar="[EN]", show_default=False,
                                             help="The English folder, where INPUT is the Arabic one.")] = None,
    output: Annotated[str | None, o.option("--output", "-o", metavar="FOLDER", show_default=False,
                                           help="Folder of the output; begun anew or gone on with. [that of a run.json]")] = None,
    format: Annotated[str | None, o.option("--format", "-f", show_default=False, autocompletion=lambda: list(FORMATS),
                                           help=f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}. [that of the folder, else parquet "
                                                "where pyarrow is installed, else jsonl]")] = None,
    flags: Annotated[bool, o.option(help="Look for what stands in one version only.")] = True,
    pattern: Annotated[str | None, o.option(metavar="PATTERN", show_default=False,
                                            help="Names of files, such as '{id}.{lang}.txt' or '{lang}/{id}.html'.")] = None,
    pair: Annotated[bool, o.option("--pair", help="Pair the files of the folders by their content.")] = False,
    min_pair_probability: Annotated[float, o.option(min=0, max=1, help="Least probability of a pair of files.")] = 0.5,
    filter_: Annotated[str | None, o.option("--filter", metavar="PROFILE", show_default=False,
                                            help="Also write bitext/ and rejects/: default, strict, permissive or a TOML "
                                                 "file.")] = None,
    precision: o.TargetPrecision = None,
    bitext_format: Annotated[str | None, o.option(
        help="Format of bitext/ and, where it has room for reasons, of rejects/; datasets is one folder for "
             "datasets.load_from_disk. [that of --format]", show_default=False,
        autocompletion=lambda: [*FORMATS, "datasets"])] = None,
    limit: Annotated[int | None, o.option(min=1, help="Only the first documents.", show_default=False)] = None,
    dry_run: Annotated[bool, o.option("--dry-run", help="Say what there is to do, and do nothing.")] = False,
    verify: Annotated[bool, o.option("--verify", help="Check that all parts are as they were written; align nothing.")] = False,
    retry_failed: Annotated[bool, o.option("--retry-failed", help="Try failed documents again.")] = False,
    force: Annotated[bool, o.option("--force", help="Delete the run that stands in the folder and start anew.")] = False,
    jobs: Annotated[int | None, o.option("--jobs", "-j", min=1, show_default=False,
                                         help="Workers. [a core each, as far as memory goes]")] = None,
    engine: Annotated[str, o.option(help="local, or ray for a cluster.", autocompletion=lambda: list(ENGINES))] = "local",
    ray_address: Annotated[str | None, o.option(help="Address of a Ray cluster; without it one is started here.",
                                                show_default=False)] = None,
    timeout: Annotated[float, o.option(min=0, help="Seconds for one step of one document; 0 for no end.")] = 3600,
    part_bytes: Annotated[int | None, o.option(min=1, show_default=False, help="Bytes of files after which a part is closed. "
                                               "[first parts 256 KiB, later ones up to 4 MiB]")] = None,
    part_documents: Annotated[int | None, o.option(min=1, show_default=False, help="Documents after which a part is closed. "
                                                   "[first parts 4, later ones up to 256]")] = None,
    reviews: Annotated[int, o.option(min=0, help="Also write pages to review so many of the worst documents on, which the report "
                                     "links to.")] = 0,
    glossary: o.Glossary = None,
    segmented: o.IsSegmented = False,
    max_ar: o.MaxAr = 8,
    max_en: o.MaxEn = 8,
    no_language_check: o.NoCheck = False,
    langs: o.Langs = "ar-en",
    encoding: o.Encoding = None,
    max_bytes: o.MaxBytes = None,
    model: o.Model = "default",
    device: o.Device = "auto",
    batch_size: o.BatchSize = 32,
    model_precision: o.ModelPrecision = "auto",
    revision: o.Revision = None,
    second_model: o.SecondModel = None,
    second_weight: o.SecondWeight = o.SECOND_WEIGHT,
    thorough: o.Thorough = False,
) -> None:
    """Align a corpus: many pairs of documents, unattended.

    The same command goes on where an earlier one stopped, however it was stopped. FOLDER gets shards/ (every bead, with
    texts, confidence, flags and places), flags/, failed.jsonl, report.json, report.html, run.json. A bad document is
    listed and stops nothing; then the exit status is 11.
    """
    from ..run import Content, How, Settings, Sieve, find, from_content, from_dict, from_record
    from ..run import dry_run as look
    from ..run import run as work
    from ..run.ledger import NAME as LEDGER
    from ..engine.storage import beside

    options = Options(model, device, batch_size, model_precision, revision, False, o.languages(langs), encoding, max_bytes,
                      segmented, not no_language_check, (max_ar, max_en), glossary,
                      **o.second(second_model, second_weight, thorough))
    if engine not in ENGINES:
        raise UsageError(f"--engine is {' or '.join(ENGINES)}, not {engine!r}")
    if ray_address is not None and engine != "ray":
        raise UsageError("--ray-address is for --engine ray")
    if glossary is not None and not glossary.is_file():
        raise InputError(f"{glossary}: no such file")
    saved = _saved(source, en)
    if saved is not None and saved.get("kind") != "run":
        _repeat_pair(context, source, saved, output, force)
        return
    if output is None and saved is not None and beside(source, LEDGER):
        output = source.rpartition("/")[0] or "."
    if output is None:
        raise UsageError("name the folder of the output with -o FOLDER")
    if (named := format_of(output)) is not None and not Path(output).is_dir():
        raise UsageError(f"{output}: a run writes a folder; name one, such as -o corpus, and --format {named} for its parts")
    if verify:
        _verify(context, output)
        return
    if saved is not None:
        settings = from_dict(saved["settings"], source)
        found = from_record(saved["inputs"], settings.options, source)
        from ..run.settings import digest

        if digest(settings.recipe()) != saved["recipe_hash"]:
            o.say(context, f"muwazi: {source}: was written by version {saved['version']}, or its glossary has changed; "
                           "the output may differ")
    else:
        settings = Settings(options, flags, format or _usual_format(output), part_bytes, part_documents)
        if pair and pattern is not None:
            raise UsageError("--pair goes by content, --pattern by names; give one of them")
        found = (from_content(source, en or source, Content(options, min_pair_probability)) if pair
                 else find(source, en, options.langs, pattern))
    if filter_ is None and (precision is not None or bitext_format is not None):
        raise UsageError(f"--{'precision' if precision is not None else 'bitext-format'} is for --filter")
    sieve = None if filter_ is None else Sieve(filter_, precision, bitext_format)
    how = How(engine, jobs, limit, force, retry_failed, timeout or None, ray_address, reviews)
    if dry_run:
        outcome = look(found, output, settings, how)
        typer.echo("\n".join([*_plan(outcome), *_left_out(found), *_unreadable(found.unreadable),
                              *_limited(outcome, output, limit)]))
        return
    with _Meter(context.obj["quiet"]) as meter:
        try:
            outcome = work(found, output, settings, how, sieve=sieve, progress=meter)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(meter.left_at()) from None
    for line in [*_summary(outcome, output), *_limited(outcome, output, limit)]:
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
        raise DamagedError(f"{output.rstrip('/')}: {len(damaged):,} of {_many(count, 'file')} missing or not as written ({first}); "
                           "the next start does their documents again")
    o.say(context, f"{_many(count, 'file')} as written")


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
    from ..write import write
    from .align import FORMATS as KNOWN
    from .align import WITHOUT_FLAGS, check_output, summary

    manifest = parse_manifest(record, path)
    check_inputs(manifest)
    chosen = manifest.options
    format = chosen.get("format", "tsv")
    try:
        limits = tuple(int(part) for part in str(chosen["beads"]).split("x"))
        langs = o.languages(chosen["langs"])
        ar, en = (source.path for source in manifest.inputs)
        if format not in KNOWN or len(limits) != 2:
            raise ValueError
    except (KeyError, ValueError):
        raise FormatError(f"{path}:1: has options that this version does not know") from None
    from ..encode.registry import EMBEDDED

    name = manifest.encoder.name
    options = Options("default" if name == EMBEDDED else name, revision=manifest.encoder.revision or None, langs=langs,
                      encoding=chosen.get("encoding"), segmented=bool(chosen.get("segmented")), limits=limits,
                      **{key: chosen[key] for key in ("second_model", "second_weight") if key in chosen})
    if manifest.version != __version__:
        o.say(context, f"muwazi: {path}: was written by version {manifest.version}; the output may differ")
    target = output or "-"
    format = o.format_for(context, target, format if output is None or format_of(target) is None else None, KNOWN, "tsv",
                          "an alignment")
    check_output(target, force, format, langs)
    clock = Clock()
    with_flags = format not in WITHOUT_FLAGS and langs == ("ar", "en")
    encoder = named_encoder(options)
    judged = align_files(ar, en, options, encoder=encoder, flags=with_flags, clock=clock)
    with clock.stage("write"):
        write(target, judged.ar, judged.en, judged.alignment, format=format, force=force,
              flags=flags_by_bead(judged) if with_flags else None, suffixes=langs, version=__version__)
    o.say(context, summary(judged, clock))


class _Meter:
    """Progress on stderr: a bar on a terminal, else a line every so often, nothing when quiet."""

    def __init__(self, quiet: bool) -> None:
        self.quiet = quiet
        self.bar: Any = None
        self.task: Any = None
        self.last = time.monotonic()
        self.now: Any = None

    def left_at(self) -> str:
        """What an interrupted run is told: what of it lasts."""
        if self.now is None:
            return "interrupted before any document was done"
        done, all_ = self.now.standing.documents_done, self.now.standing.documents
        return f"interrupted; {done:,} of {_many(all_, 'document')} are done and kept, the same command goes on from there"

    def __enter__(self) -> Self:
        if not self.quiet and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

            self.bar = Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
                                TextColumn("{task.fields[said]}"), console=Console(stderr=True), transient=True)
            self.task = self.bar.add_task("documents", total=None, said="")
            self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.stop()

    def __call__(self, now: Any) -> None:
        self.now = now
        if self.quiet:
            return
        done = now.standing.documents_done + now.in_hand
        if self.bar is not None:
            self.bar.update(self.task, total=now.standing.documents, completed=done, said=_rate(now) or "starting")
        elif 0 < done < now.standing.documents and time.monotonic() - self.last >= _EVERY:
            self.last = time.monotonic()
            said = f"{done:,} of {_many(now.standing.documents, 'document')}"
            print(f"muwazi: {', '.join(filter(None, (said, _rate(now))))}", file=sys.stderr, flush=True)


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
    lines = [f"{_many(now.documents, 'document')} in {_many(now.units, 'part')}, {_size(now.bytes)}",
             f"done already: {_many(now.documents_done, 'document')} in {_many(now.units_done, 'part')}, "
             + _size(now.bytes_done)]
    if outcome.change.changed or outcome.change.gone:
        lines.append(f"changed: {outcome.change.changed:,}, gone: {outcome.change.gone:,}")
    trial = outcome.trial
    if trial is not None and trial.missing[0]:
        count, names = trial.missing
        lines.append(f"will fail: {_many(count, 'document')} without a file ({', '.join(names)}{', ...' if count > len(names) else ''})")
    if trial is not None and trial.failed:
        told = "; ".join(message for _, message in trial.failed[:2])
        lines.append(f"of {_many(trial.tried, 'document')} aligned for trial {len(trial.failed)} failed: {told}"
                     + ("; ..." if len(trial.failed) > 2 else ""))
    if trial is not None and trial.pace is not None:
        begin, a_byte = trial.pace
        lines.append(f"left to do: about {_span(begin + (now.bytes - now.bytes_done) * a_byte)} on this machine")
    return lines


def _many(count: int, what: str) -> str:
    """A number and what is counted: `1 part`, `2,000 parts`."""
    return f"{count:,} {what}" + ("" if count == 1 else "s")


def _left_out(source: Any) -> list[str]:
    """A line a side on files without a counterpart, with some of their names."""
    lines = []
    for lang, count in source.unpaired.items():
        if count:
            names = source.examples.get(lang, [])[:_NAMED]
            lines.append(f"left out: {_many(count, lang + ' file')} without a counterpart ({', '.join(names)}"
                         + (", ..." if count > len(names) else "") + ")")
    return lines


def _unreadable(files: list[dict[str, str]]) -> list[str]:
    """A line on files that could not be put together with others, if any."""
    if not files:
        return []
    return [f"{_many(len(files), 'file')} could not be paired: {files[0]['error']}"
            + (", ..." if len(files) > 1 else "")]


def _limited(outcome: Any, output: str, limit: int | None) -> list[str]:
    """A line where --limit asks for fewer documents than were planned before, which it does not take out."""
    if limit is None or outcome.standing.documents <= limit:
        return []
    there = _many(outcome.standing.documents, "document")
    return [f"--limit {limit:,} takes nothing out: {output.rstrip('/')} has {there} from before; name another folder for fewer"]


def _size(bytes: int) -> str:
    value = float(bytes)
    for name in ("bytes", "kB", "MB", "GB", "TB"):
        if value < 1000 or name == "TB":
            return _many(bytes, "byte") if name == "bytes" else f"{value:.1f} {name}"
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
    first = (_many(total["documents"], "document") + (f" ({', '.join(looked)})" if looked else " (nothing new)")
             + f": {total['aligned']:,} aligned, {total['failed']:,} failed"
             + (f", {_many(unpaired, 'file')} without a counterpart" if unpaired else "") + f"; {outcome.seconds:.2f} s")
    second = (f"{total['segments'][0]:,} {langs[0]} and {_many(total['segments'][1], langs[1] + ' segment')}: "
              f"{_many(total['pairs'], 'pair')}, alone {total['alone'][0]:,} {langs[0]} and {total['alone'][1]:,} {langs[1]}"
              + (f", mean confidence {total['mean_confidence']:.2f}" if total["pairs"] else "")
              + (f", {_many(sum(total['flags'].values()), 'flag')}" if outcome.report["with_flags"] else "")
              + f"; report: {output.rstrip('/')}/report.html")
    lines = [first, *_unreadable(outcome.report.get("unreadable", [])), second]
    if found := outcome.report.get("filter"):
        why = ", ".join(f"{count:,} {name}" for name, count in list(found["reasons"].items())[:5])
        sure = found["expected_precision"]
        lines.append(f"{_many(found['kept'], 'pair')} kept by {found['profile']['name']}"
                     + (f" (expected precision {sure:.3f})" if sure is not None else "")
                     + f", {found['rejected']:,} rejected" + (f": {why}" if why else ""))
    if outcome.dropped_bitext:
        lines.append("removed bitext/ and rejects/, which were of an earlier state; --filter makes them anew")
    return lines
