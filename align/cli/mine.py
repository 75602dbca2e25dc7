"""mine: sentences of two collections that translate each other, whatever their order."""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import LanguageError, OutputError, UsageError
from ..files import json_line
from . import options as o

if TYPE_CHECKING:
    from ..mine import Blocks, Engine, Found

FORMATS = ("tsv", "jsonl", "moses", "csv", "tmx", "xliff", "xlsx", "parquet", "datasets")
INDEXES = ("flat", "ivf", "pq")
ENGINES = ("local", "ray")
HEADER = ("ar", "en", "confidence", "ar_segment", "en_segment", "sim", "margin", "ar_place", "en_place", "ar_document",
          "en_document")
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
_FAILED_SHOWN = 5


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command(epilog="Example: muwazi mine ar.txt en.txt --segmented --precision .95 -o pairs.tsv")(mine)


def mine(
    context: typer.Context,
    ar: Annotated[str, typer.Argument(metavar="AR", help="Arabic (first) file or folder of files.", show_default=False)],
    en: Annotated[str, typer.Argument(metavar="EN", help="English (second) file or folder of files.", show_default=False)],
    output: o.Output = "-",
    format: Annotated[str | None, o.option("--format", "-f", help=f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}. [by the name, "
                                           "else tsv]", show_default=False, autocompletion=lambda: list(FORMATS))] = None,
    header: Annotated[bool, o.option("--header", help="Begin the TSV with a line of column names.")] = False,
    precision: Annotated[float | None, o.option(
        "--precision", show_default=False, metavar="SHARE",
        help="Share of right pairs that the output is to reach, such as .95.")] = None,
    min_probability: Annotated[float, o.option(min=0.0, max=1.0, help="Least probability, without --precision.")] = 0.5,
    min_margin: Annotated[float | None, o.option(help="Least margin as well.", show_default=False)] = None,
    k: Annotated[int, o.option("--k", min=1, max=256, help="Neighbours looked up each way.")] = 8,
    memory: Annotated[str, o.option(metavar="SIZE", help="Memory for the index, such as 500M or 16G.")] = "4G",
    index: Annotated[str | None, o.option(help="flat (exact), ivf or pq. [by size and memory]", show_default=False,
                                          autocompletion=lambda: list(INDEXES))] = None,
    dedup: Annotated[bool, o.option(help="Pair only the first of lines that repeat each other.")] = True,
    work: Annotated[str | None, o.option(metavar="FOLDER", show_default=False,
                                         help="Where vectors are kept for the next run. [OUTPUT.mining until it ends]")] = None,
    engine: Annotated[str, o.option(help="local, or ray for a cluster.", autocompletion=lambda: list(ENGINES))] = "local",
    ray_address: Annotated[str | None, o.option(help="Address of a Ray cluster; without it one is started here.",
                                                show_default=False)] = None,
    force: o.Force = False,
    segmented: o.IsSegmented = False,
    no_language_check: o.NoCheck = False,
    langs: o.Langs = "ar-en",
    encoding: o.Encoding = None,
    max_bytes: o.MaxBytes = None,
    model: o.Model = "default",
    device: o.Device = "auto",
    batch_size: o.BatchSize = 32,
    model_precision: o.ModelPrecision = "auto",
    revision: o.Revision = None,
) -> None:
    """Find the sentences of two collections that translate each other, in whatever order they stand.

    Each sentence is in one pair at most. tsv: Arabic, English, confidence (the probability that the pair is right),
    numbers of the two segments in their files from 0, cosine, margin over the neighbours, places and files; the surest
    pairs first. moses: two files. The same command goes on where an earlier one was stopped.
    """
    from ..mine import Local, Mining, mine_files
    from ..pipeline import Clock, Options
    from ..engine.storage import at_hand

    format = o.format_for(context, output, format, FORMATS, "tsv", "pairs")
    if header and format != "tsv":
        raise UsageError(f"a header line belongs to the format tsv, not to {format}")
    if index is not None and index not in INDEXES:
        raise UsageError(f"--index is {', '.join(INDEXES[:-1])} or {INDEXES[-1]}, not {index!r}")
    if engine not in ENGINES:
        raise UsageError(f"--engine is {' or '.join(ENGINES)}, not {engine!r}")
    if ray_address is not None and engine != "ray":
        raise UsageError("--ray-address is for --engine ray")
    chosen = Options(model, device, batch_size, model_precision, revision, False, o.languages(langs), encoding, max_bytes,
                     segmented, not no_language_check)
    wanted = Mining(k, _bytes(memory), index, precision, min_probability, min_margin, dedup)
    sides = _files(ar), _files(en)
    if sides[0] == sides[1]:
        raise LanguageError(f"{ar} and {en} are the same; give an Arabic and an English version")
    clock = Clock()
    with _target(output, force, format, o.tags(langs)) as target:
        hands = Local() if engine == "local" else _ray(ray_address)
        with _progress(context) as tell, _working(work, output) as (place, blocks):
            found = mine_files(*sides, chosen, wanted, work=place, blocks=blocks, engine=hands, fetch=at_hand, clock=clock,
                               tell=tell)
            with clock.stage("write"):
                _write(target, found, format, header, force, o.tags(langs))
    o.say(context, summary(found, chosen.langs, clock.seconds))
    if found.failed:
        for _, error in found.failed[:_FAILED_SHOWN]:
            print(f"muwazi: {error}", file=sys.stderr)
        if len(found.failed) > _FAILED_SHOWN:
            print(f"muwazi: and {len(found.failed) - _FAILED_SHOWN} more files", file=sys.stderr)
        raise typer.Exit(1)


def _bytes(text: str) -> int:
    """A number of bytes such as `500M` or `1.5G`."""
    number, unit = text.strip().lower().removesuffix("b").removesuffix("i"), ""
    if number and number[-1] in _UNITS:
        number, unit = number[:-1], number[-1]
    try:
        size = float(number) * _UNITS[unit]
        if not 1 <= size < float("inf"):
            raise ValueError
    except ValueError:
        raise UsageError(f"--memory is a size such as 500M or 4G, not {text!r}") from None
    return int(size)


def _files(path: str) -> list[str]:
    from ..engine.storage import is_folder, is_url, joined, walk

    if is_url(path):
        return [joined(path, name) for name, _ in walk(path)] if is_folder(path) else [path]
    if Path(path).is_dir():
        from ..pairing.documents import documents_in

        return documents_in(path)
    return [path]


def _ray(address: str | None) -> "Engine":
    from ..run.mining import RayEngine

    return RayEngine(address)


@contextmanager
def _target(output: str, force: bool, format: str, langs: tuple[str, str]) -> Iterator[str]:
    """Where to write what goes to `output`: there, or, for object storage, in a folder whose contents are uploaded when
    the block ends well. Refuses what could not be written before any work is done."""
    from ..engine.storage import Store, is_url, parent, stamp
    from ..write import moses_paths
    from .align import check_output

    if not is_url(output):
        check_output(output, force, format, langs)
        yield output
        return
    name = output.rstrip("/").rpartition("/")[2]
    names = [path.name for path in moses_paths(name, langs)] if format == "moses" else [name]
    if format == "datasets":
        raise UsageError("the format datasets writes a folder, which object storage has none of: name one of this machine")
    store = Store(parent(output.rstrip("/")))
    for one in names:
        if stamp(store.at(one)) is not None and not force:
            raise OutputError(f"{store.at(one)}: exists already; --force overwrites it")
    with ExitStack() as stack:
        paths = [stack.enter_context(store.writing(one)) for one in names]
        with TemporaryDirectory(prefix="muwazi-") as folder:
            yield str(Path(folder) / name)
            for one, path in zip(names, paths, strict=True):
                shutil.move(Path(folder) / one, path)


@contextmanager
def _working(work: str | None, output: str) -> Iterator[tuple[Path | None, "Blocks | None"]]:
    """The working folder, and other blocks than its own: those named; else those beside the output that go when all is
    done, and stay, with what they hold, where the run is stopped; none for standard output."""
    from ..engine.storage import is_url

    root = work if work is not None else None if output == "-" else f"{output.rstrip('/')}.mining"
    if root is None:
        yield None, None
        return
    is_kept = work is not None
    with _remote(root, is_kept) if is_url(root) else _local(Path(root), is_kept) as found:
        yield found


@contextmanager
def _local(place: Path, is_kept: bool) -> Iterator[tuple[Path, None]]:
    from ..engine.lease import locked
    from ..engine.storage import Store

    there = place.exists()
    if not is_kept and not any(place.glob("*/lines.jsonl")) and any(
            path.is_file() and path.name != ".lock" for path in place.rglob("*")):  # a run killed at once leaves no more
        raise UsageError(f"{place}: exists and is no working folder; name one with --work")
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{place}: cannot be the working folder: {error.strerror}") from None
    with locked(Store(str(place))):
        for draft in place.glob("*/*.part"):  # of a run that was killed
            draft.unlink(missing_ok=True)
        try:
            yield place, None
        except BaseException:
            if any(place.glob("*/vectors-*")):
                _stays(str(place))
            elif not there:
                shutil.rmtree(place, ignore_errors=True)
            raise
        if not is_kept:
            shutil.rmtree(place, ignore_errors=True)


@contextmanager
def _remote(root: str, is_kept: bool) -> Iterator[tuple[None, "Blocks"]]:
    from ..engine.lease import locked
    from ..run.mining import Objects
    from ..engine.storage import Store

    blocks = Objects(root.rstrip("/"))
    try:
        with locked(Store(blocks.root)):
            try:
                yield None, blocks
            except BaseException:
                if not blocks.is_empty():
                    _stays(root)
                raise
        if not is_kept:
            blocks.clear()
    finally:
        blocks.forget()


def _stays(place: str) -> None:
    print(f"muwazi: what was encoded stays in {place}; the same command goes on from there", file=sys.stderr)


def _write(output: str, found: "Found", format: str, header: bool, force: bool, langs: tuple[str, str]) -> None:
    from .. import __version__
    from ..cells import line
    from ..files import open_output, open_outputs
    from ..write import moses_paths
    from ..write.bitext import quoted
    from ..write.formats import write_rows

    if format == "moses":
        with open_outputs(list(moses_paths(output, langs)), force) as (ar, en):
            for row in found.rows():
                ar.write(row.ar.text + "\n")
                en.write(row.en.text + "\n")
        return
    if format not in ("tsv", "jsonl"):
        write_rows(output, found.rows(), format=format, force=force, langs=langs, version=__version__)
        return
    with open_output(output, force) as stream:
        if header:
            stream.write("\t".join(HEADER) + "\n")
        for row, margin in zip(found.rows(), found.margins(), strict=True):
            if format == "tsv":
                texts = (quoted(row.ar.text), quoted(row.en.text)) if header else (row.ar.text, row.en.text)
                stream.write(line((
                    *texts, f"{row.confidence:.4f}", str(row.ar.segments[0]), str(row.en.segments[0]),
                    f"{row.sim:.4f}", f"{margin:.4f}", row.ar.place, row.en.place, row.ar.document, row.en.document)))
                continue
            sides = {lang: {"text": side.text, "segment": side.segments[0], "start": side.start, "end": side.end,
                            "place": side.place, "document": side.document} for lang, side in zip(langs, (row.ar, row.en), strict=True)}
            record = {"record": "bead", "bead": row.bead, "confidence": round(row.confidence, 6), "sim": round(row.sim, 6),
                      "margin": round(margin, 6), **sides}
            stream.write(json_line(record) + "\n")


def summary(found: "Found", langs: tuple[str, str], seconds: dict[str, float]) -> str:
    """How it went, in one line."""
    read = " and ".join(f"{count:,} {lang}" for count, lang in zip(found.read, langs, strict=True))
    copies = sum(found.read) - len(found.ar) - len(found.en)
    kinds = " and ".join(dict.fromkeys(found.index))
    return (f"{read} sentences" + (f" ({copies:,} repeated)" if copies else "")
            + f": {len(found.pairs):,} pairs, expected precision {found.expected:.3f}" + f"; index {kinds}; "
            + ", ".join(f"{name} {value:.1f} s" for name, value in seconds.items()))


@contextmanager
def _progress(context: typer.Context) -> Iterator[Callable[[str, int, int], None] | None]:
    """What tells of progress, where a person looks."""
    if context.obj["quiet"] or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
                   TimeRemainingColumn(), console=Console(stderr=True), transient=True)
    tasks: dict[str, int] = {}

    def tell(stage: str, done: int, total: int) -> None:
        if stage not in tasks:
            tasks[stage] = bar.add_task(stage, rate="", total=total or None)
        task = tasks[stage]
        bar.update(task, completed=done, rate=f"{bar.tasks[task].speed or 0:,.0f}/s")

    with bar:
        yield tell
