"""pair: which files of two folders, or of one, are versions of one text."""

import csv
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from ..errors import InputError, UsageError
from ..files import json_line
from . import options as o

if TYPE_CHECKING:
    from ..pairing.documents import Match, Pairing

FORMATS = ("tsv", "jsonl", "csv")
COLUMNS = ("id", "ar", "en", "score", "probability", "why")
_FAILED_SHOWN = 5


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command(epilog="Example: muwazi pair arabic/ english/ -o pairs.tsv   |   muwazi pair both/ --all")(pair)


def pair(
    context: typer.Context,
    paths: Annotated[list[str] | None, typer.Argument(
        metavar="AR_DIR EN_DIR | PATH...", show_default=False,
        help="Folder of Arabic and folder of English files; or one folder, or files, of both languages.")] = None,
    output: o.Output = "-",
    format: Annotated[str | None, o.option("--format", "-f", help="tsv, jsonl or csv; by default as OUTPUT is called.",
                                           autocompletion=lambda: list(FORMATS))] = None,
    min_probability: Annotated[float, o.option(min=0, max=1, help="Least probability of a pair.")] = 0.5,
    all_: Annotated[bool, o.option("--all", help="Best candidates of every file, paired or not, with scores.")] = False,
    ar_list: Annotated[str | None, o.option(metavar="FILE", help="Arabic files, a path a line; - for stdin.")] = None,
    en_list: Annotated[str | None, o.option(metavar="FILE", help="English files, a path a line; - for stdin.")] = None,
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
    """Find out which files are versions of one text, by their content, and leave the others alone.

    Folders are searched with what is in them; files may have any format that is read. Each file is paired with one
    other at most. The output lists pairs: id, Arabic and English path, score (log odds by the pair's own evidence),
    probability (beside its rivals), and why. jsonl holds all evidence, and files left alone and files that failed too.
    With --all, tsv and csv have a line for each candidate of each file, paired or not. Exit status 1: a file failed.
    """
    from ..files import open_output
    from ..pairing.documents import pair_documents
    from ..pipeline import Clock, Options
    from .align import check_output

    kind = o.format_for(context, output, format, FORMATS, "tsv", "pairs of documents")
    chosen = Options(model, device, batch_size, model_precision, revision, False, o.languages(langs), encoding, max_bytes,
                     segmented, not no_language_check)
    ar, en = _inputs(paths or [], ar_list, en_list)
    check_output(output, force, kind, chosen.langs)
    clock = Clock()
    found = pair_documents(ar, en, chosen, min_probability=min_probability, clock=clock, progress=_progress(context))
    with open_output(output, force) as stream:
        _WRITERS[kind](stream, found, all_)
    o.say(context, summary(found, sum(clock.seconds.values())))
    if found.failed:
        for failed in found.failed[:_FAILED_SHOWN]:
            print(f"muwazi: {failed.error}", file=sys.stderr)
        more = len(found.failed) - _FAILED_SHOWN
        if more > 0:
            print(f"muwazi: and {more} more files; --format jsonl lists all", file=sys.stderr)
        raise typer.Exit(1)


def _inputs(paths: list[str], ar_list: str | None, en_list: str | None) -> tuple[list[str], list[str] | None]:
    """Arabic and English files; the second None where both languages stand in the first."""
    if ar_list is not None or en_list is not None:
        if paths or ar_list is None or en_list is None or ar_list == en_list:
            raise UsageError("--ar-list and --en-list go together, are two lists, and leave no room for other paths")
        return _listed(ar_list), _listed(en_list)
    if not paths:
        raise UsageError("give two folders (Arabic, English), or one folder or files of both languages")
    for path in paths:
        if not Path(path).exists():
            raise InputError(f"{path}: no such file or folder")
    from ..pairing.documents import documents_in

    if len(paths) == 2 and all(Path(path).is_dir() for path in paths):
        if Path(paths[0]).samefile(paths[1]):
            raise UsageError(f"{paths[0]} and {paths[1]} are one folder; give it once if it holds both languages")
        return documents_in(paths[0]), documents_in(paths[1])
    found = [file for path in paths for file in (documents_in(path) if Path(path).is_dir() else [path])]
    return list(dict.fromkeys(found)), None


def _listed(path: str) -> list[str]:
    """The paths in a list, blank lines left out."""
    from ..read import read

    return [line.strip() for line in read(path, "und", format="text").text.splitlines() if line.strip()]


def _progress(context: typer.Context) -> Callable[[int, int], None] | None:
    """What tells of the files read, where a person looks."""
    if context.obj["quiet"] or not sys.stderr.isatty():
        return None
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(TextColumn("read"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
                   TimeRemainingColumn(), console=Console(stderr=True), transient=True)
    task = bar.add_task("read", rate="")

    def tell(done: int, total: int) -> None:
        if done == 1:
            bar.start()
        bar.update(task, completed=done, total=total, rate=f"{bar.tasks[0].speed or 0:.0f}/s")
        if done == total:
            bar.stop()

    return tell


def why(match: "Match") -> str:
    """What speaks for a pair, in a few words."""
    parts = [f"answered {match.ar_share:.0%} of ar, {match.en_share:.0%} of en", f"{match.sentences:.1f} sentences"]
    if match.sentences >= 2:
        parts.append(f"order {match.order:.2f}")
    if match.facts >= 0.005:
        parts.append(f"numbers {match.facts:.0%}")
    if match.names >= 0.005:
        parts.append(f"names {match.names:.0%}")
    return ", ".join(parts)


def summary(found: "Pairing", seconds: float) -> str:
    """How it went, in one line."""
    alone = [sum(left.lang == lang for left in found.unpaired) for lang in found.langs]
    copies = sum(left.copy_of is not None for left in found.unpaired)
    count = len(found.pairs)
    return (f"{count} {'pair' if count == 1 else 'pairs'}; "
            f"left alone {alone[0]} {found.langs[0]} and {alone[1]} {found.langs[1]}"
            + (f" ({copies} of them copies)" if copies else "")
            + (f"; {len(found.failed)} failed" if found.failed else "") + f"; {seconds:.1f} s")


def _record(match: "Match") -> dict[str, Any]:
    from dataclasses import asdict

    return {key: round(value, 4) if isinstance(value, float) else value for key, value in asdict(match).items()}


def _write_jsonl(stream: TextIO, found: "Pairing", _all: bool) -> None:
    """A line a pair, then one a file left alone, then one a file that failed."""
    for one in found.pairs:
        line: dict[str, Any] = {"kind": "pair", "id": one.id, **_record(one.match), "why": why(one.match)}
        if one.copies:
            line["copies"] = list(one.copies)
        if _all:
            line["rivals"] = [_record(other) for path in (one.match.ar, one.match.en)
                              for other in found.best.get(path, ()) if other != one.match]
        stream.write(json_line(line) + "\n")
    for left in found.unpaired:
        line = {"kind": "alone", "path": left.path, "lang": left.lang, "copy_of": left.copy_of,
                "best": [_record(match) for match in (left.best if _all else left.best[:1])]}
        stream.write(json_line(line) + "\n")
    for failed in found.failed:
        line = {"kind": "failed", "path": failed.path, "error": failed.error}
        stream.write(json_line(line) + "\n")


def _rows(found: "Pairing", all_: bool) -> Iterator[tuple[str, ...]]:
    """The columns of each pair, or of each candidate, its id empty where it is no pair."""
    def row(id: str, match: "Match") -> tuple[str, ...]:
        return id, match.ar, match.en, f"{match.score:.2f}", f"{match.probability:.4f}", why(match)

    if not all_:
        for one in found.pairs:
            note = f", much the same text in {', '.join(one.copies)}" if one.copies else ""
            *rest, reason = row(one.id, one.match)
            yield *rest, reason + note
        return
    ids = {(one.match.ar, one.match.en): one.id for one in found.pairs}
    told = set()
    for matches in found.best.values():
        for match in matches:
            if (match.ar, match.en) not in told:
                told.add((match.ar, match.en))
                yield row(ids.get((match.ar, match.en), ""), match)


def _cells(found: "Pairing", all_: bool) -> Iterator[list[Any]]:
    from ..cells import cell

    yield list(COLUMNS)
    yield from ([cell(value) for value in row] for row in _rows(found, all_))


def _write_tsv(stream: TextIO, found: "Pairing", all_: bool) -> None:
    csv.writer(stream, delimiter="\t", lineterminator="\n").writerows(_cells(found, all_))


def _write_csv(stream: TextIO, found: "Pairing", all_: bool) -> None:
    csv.writer(stream, lineterminator="\n").writerows(_cells(found, all_))


_WRITERS = {"tsv": _write_tsv, "jsonl": _write_jsonl, "csv": _write_csv}
