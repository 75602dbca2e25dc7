"""mine: sentences of two collections that translate each other, whatever their order."""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import LanguageError, UsageError
from . import options as o

if TYPE_CHECKING:
    from ..mining import Found

FORMATS = ("tsv", "jsonl", "moses", "csv", "tmx", "xliff", "xlsx", "parquet", "datasets")
INDEXES = ("flat", "ivf", "pq")
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
    format: Annotated[str, o.option("--format", "-f", help=f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}.",
                                    autocompletion=lambda: list(FORMATS))] = "tsv",
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
    work: Annotated[Path | None, o.option(metavar="FOLDER", show_default=False,
                                          help="Where vectors are kept for the next run. [OUTPUT.mining until it ends]")] = None,
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
    from ..mining import Mining, mine_files
    from ..pipeline import Clock, Options
    from .pair import check_output

    if format not in FORMATS:
        raise UsageError(f"unknown format {format!r}; known are {', '.join(FORMATS)}")
    if header and format != "tsv":
        raise UsageError(f"a header line belongs to the format tsv, not to {format}")
    if index is not None and index not in INDEXES:
        raise UsageError(f"--index is {', '.join(INDEXES[:-1])} or {INDEXES[-1]}, not {index!r}")
    chosen = Options(model, device, batch_size, model_precision, revision, False, o.languages(langs), encoding, max_bytes,
                     segmented, not no_language_check)
    wanted = Mining(k, _bytes(memory), index, precision, min_probability, min_margin, dedup)
    check_output(output, force, format, o.tags(langs))
    sides = _files(ar), _files(en)
    if sides[0] == sides[1]:
        raise LanguageError(f"{ar} and {en} are the same; give an Arabic and an English version")
    clock = Clock()
    with _progress(context) as tell, _working(work, output) as place:
        found = mine_files(*sides, chosen, wanted, work=place, clock=clock, tell=tell)
        with clock.stage("write"):
            _write(output, found, format, header, force, o.tags(langs))
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
    if Path(path).is_dir():
        from ..pair_documents import documents_in

        return documents_in(path)
    return [path]


@contextmanager
def _working(work: Path | None, output: str) -> Iterator[Path | None]:
    """The working folder: the one named; else one beside the output that goes when all is done, and stays, with what
    it holds, where the run is stopped; None for standard output."""
    if work is not None or output == "-":
        yield work
        return
    place = Path(f"{output.rstrip('/')}.mining")
    there = place.exists()
    if there and not any(place.glob("*/lines.jsonl")) and any(place.iterdir()):
        raise UsageError(f"{place}: exists and is no working folder; name one with --work")
    try:
        yield place
    except (KeyboardInterrupt, SystemExit):
        if any(place.glob("*/vectors-*")):
            print(f"muwazi: what was encoded stays in {place}; the same command goes on from there", file=sys.stderr)
        else:
            shutil.rmtree(place, ignore_errors=True)
        raise
    except BaseException:
        if not there:
            shutil.rmtree(place, ignore_errors=True)
        raise
    shutil.rmtree(place, ignore_errors=True)


def _write(output: str, found: "Found", format: str, header: bool, force: bool, langs: tuple[str, str]) -> None:
    from .. import __version__
    from ..files import open_output, open_outputs
    from ..write import moses_paths
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
                stream.write("\t".join((
                    row.ar.text, row.en.text, f"{row.confidence:.4f}", str(row.ar.segments[0]), str(row.en.segments[0]),
                    f"{row.sim:.4f}", f"{margin:.4f}", row.ar.place, row.en.place, row.ar.document, row.en.document)) + "\n")
                continue
            sides = {lang: {"text": side.text, "segment": side.segments[0], "start": side.start, "end": side.end,
                            "place": side.place, "document": side.document} for lang, side in zip(langs, (row.ar, row.en), strict=True)}
            record = {"record": "bead", "bead": row.bead, "confidence": round(row.confidence, 6), "sim": round(row.sim, 6),
                      "margin": round(margin, 6), **sides}
            stream.write(json.dumps(record, ensure_ascii=False) + "\n")


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
