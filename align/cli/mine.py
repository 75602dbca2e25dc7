"""mine: sentences of two collections that translate each other, whatever their order."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from ..choices import Index, RowFormat, names
from ..errors import LanguageError, OutputError, UsageError
from . import options as o
from .outputs import check_output
from .progress import Stages

if TYPE_CHECKING:
    from ..mine import Blocks, Engine, Found, Mining

_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command(epilog="Example: muwazi mine ar.txt en.txt --segmented --precision 0.95 -o pairs.tsv")(mine)


@dataclass(frozen=True, slots=True)
class _Search:
    """What is looked for, and how."""

    precision: Annotated[float | None, o.option(
        "--precision", show_default=False, metavar="SHARE",
        help="Share of right pairs that the output is to reach, such as 0.95.")] = None
    min_probability: Annotated[float, o.option(min=0.0, max=1.0, help="Least probability, without --precision.")] = 0.5
    min_margin: Annotated[float | None, o.option(help="Least margin as well.", show_default=False)] = None
    k: Annotated[int, o.option("--k", min=1, max=256, help="Neighbours looked up each way.")] = 8
    memory: Annotated[str, o.option(metavar="SIZE", help="Memory for the index, such as 500M or 16G.")] = "4G"
    index: Annotated[Index | None, o.choice(help="flat (exact), ivf or pq. [by size and memory]", show_default=False)] = None
    dedup: Annotated[bool, o.option(help="Pair only the first of lines that repeat each other.")] = True

    def wanted(self) -> "Mining":
        """What is asked of mining; raises UsageError."""
        from ..mine import Mining

        return Mining(k=self.k, memory=_bytes(self.memory), index=self.index, precision=self.precision,
                      min_probability=self.min_probability, min_margin=self.min_margin, dedup=self.dedup)


@o.expanded
def mine(
    context: typer.Context,
    ar: Annotated[str, typer.Argument(metavar="AR", help="Arabic (first) file or folder of files.", show_default=False)],
    en: Annotated[str, typer.Argument(metavar="EN", help="English (second) file or folder of files.", show_default=False)],
    *,
    output: o.Output = "-",
    format: Annotated[RowFormat | None, o.format_option(RowFormat)] = None,
    header: o.Header = False,
    search: _Search,
    work: Annotated[str | None, o.option(metavar="FOLDER", show_default=False,
                                         help="Where vectors are kept for the next run. [OUTPUT.mining until it ends]")] = None,
    hands: o.Hands,
    force: o.Force = False,
    segmented: o.IsSegmented = False,
    reading: o.Reading,
    encoder: o.Encoder,
) -> None:
    """Find the sentences of two collections that translate each other, in whatever order they stand.

    Each sentence is in one pair at most. tsv: Arabic, English, confidence (the probability that the pair is right),
    numbers of the two segments in their files from 0, cosine, margin over the neighbours, places and files; the surest
    pairs first. moses: two files. The same command goes on where an earlier one was stopped.
    """
    from ..engine.storage import at_hand
    from ..mine import Local, mine_files
    from ..pipeline import Clock
    from ..write.mined import write_mined

    format = o.format_for(context, output, format, names(RowFormat), "tsv", "pairs")
    o.check_header(header, format)
    hands.check()
    chosen = o.options_of(reading, encoder, segmented=segmented, cache=False)
    wanted, tags = search.wanted(), o.tags(reading.langs)
    sides = _files(ar), _files(en)
    if sides[0] == sides[1]:
        raise LanguageError(f"{ar} and {en} are the same; give an Arabic and an English version")
    clock = Clock()
    with _target(output, force, format, tags) as target:
        engine = Local() if hands.engine == "local" else _ray(hands.ray_address)
        with Stages(context) as tell, _working(work, output) as (place, blocks):
            found = mine_files(*sides, chosen, wanted, work=place, blocks=blocks, engine=engine, fetch=at_hand, clock=clock,
                               tell=tell)
            with clock.stage("write"):
                write_mined(target, found, format, header=header, force=force, langs=tags)
    o.say(context, summary(found, chosen.langs, clock.seconds))
    o.tell_failed([error for _, error in found.failed])


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
    from ..write.targets import files_of

    if not is_url(output):
        check_output(output, force, format, langs)
        yield output
        return
    name = output.rstrip("/").rpartition("/")[2]
    if format == "datasets":
        raise UsageError("the format datasets writes a folder, which object storage has none of: name one of this machine")
    parts = [path.name for path in files_of(name, format, langs)]
    store = Store(parent(output.rstrip("/")))
    for one in parts:
        if stamp(store.at(one)) is not None and not force:
            raise OutputError(f"{store.at(one)}: exists already; --force overwrites it")
    with ExitStack() as stack:
        paths = [stack.enter_context(store.writing(one)) for one in parts]
        with TemporaryDirectory(prefix="muwazi-") as folder:
            yield str(Path(folder) / name)
            for one, path in zip(parts, paths, strict=True):
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


def summary(found: "Found", langs: tuple[str, str], seconds: dict[str, float]) -> str:
    """How it went, in one line."""
    read = " and ".join(f"{count:,} {lang}" for count, lang in zip(found.read, langs, strict=True))
    copies = sum(found.read) - len(found.ar) - len(found.en)
    kinds = " and ".join(dict.fromkeys(found.index))
    return (f"{read} sentences" + (f" ({copies:,} repeated)" if copies else "")
            + f": {len(found.pairs):,} pairs, expected precision {found.expected:.3f}" + f"; index {kinds}; "
            + ", ".join(f"{name} {value:.1f} s" for name, value in seconds.items()))
