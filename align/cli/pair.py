"""pair: which files of two folders, or of one, are versions of one text."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..choices import PairingFormat, listed, names
from ..errors import InputError, UsageError
from . import options as o
from .outputs import check_output
from .progress import Meter

if TYPE_CHECKING:
    from ..pairing.documents import Pairing


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command(epilog="Example: muwazi pair arabic/ english/ -o pairs.tsv   |   muwazi pair both/ --all")(pair)


@o.expanded
def pair(
    context: typer.Context,
    paths: Annotated[list[str] | None, typer.Argument(
        metavar="AR_DIR EN_DIR | PATH...", show_default=False,
        help="Folder of Arabic and folder of English files; or one folder, or files, of both languages.")] = None,
    *,
    output: o.Output = "-",
    format: Annotated[PairingFormat | None, o.choice("--format", "-f", help=f"{listed(names(PairingFormat))}; by default as "
                                                     "OUTPUT is called.")] = None,
    min_probability: Annotated[float, o.option(min=0, max=1, help="Least probability of a pair.")] = 0.5,
    all_: Annotated[bool, o.option("--all", help="Best candidates of every file, paired or not, with scores.")] = False,
    ar_list: Annotated[str | None, o.option(metavar="FILE", help="Arabic files, a path a line; - for stdin.")] = None,
    en_list: Annotated[str | None, o.option(metavar="FILE", help="English files, a path a line; - for stdin.")] = None,
    force: o.Force = False,
    segmented: o.IsSegmented = False,
    reading: o.Reading,
    encoder: o.Encoder,
) -> None:
    """Find out which files are versions of one text, by their content, and leave the others alone.

    Folders are searched with what is in them; files may have any format that is read. Each file is paired with one
    other at most. The output lists pairs: id, Arabic and English path, score (log odds by the pair's own evidence),
    probability (beside its rivals), and why. jsonl holds all evidence, and files left alone and files that failed too.
    With --all, tsv and csv have a line for each candidate of each file, paired or not. Exit status 1: a file failed.
    """
    from ..files import open_output
    from ..pairing.documents import pair_documents
    from ..pipeline import Clock
    from ..write.pairing import write_pairing

    kind = o.format_for(context, output, format, names(PairingFormat), "tsv", "pairs of documents")
    chosen = o.options_of(reading, encoder, segmented=segmented, cache=False)
    ar, en = _inputs(paths or [], ar_list, en_list)
    check_output(output, force, kind, chosen.langs)
    clock = Clock()
    with Meter(context, "files", lines=False) as tell:
        found = pair_documents(ar, en, chosen, min_probability=min_probability, clock=clock, progress=tell)
    with open_output(output, force) as stream:
        write_pairing(stream, found, kind, all_)
    o.say(context, summary(found, sum(clock.seconds.values())))
    o.tell_failed([failed.error for failed in found.failed], "; --format jsonl lists all")


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


def summary(found: "Pairing", seconds: float) -> str:
    """How it went, in one line."""
    alone = [sum(left.lang == lang for left in found.unpaired) for lang in found.langs]
    copies = sum(left.copy_of is not None for left in found.unpaired)
    count = len(found.pairs)
    return (f"{count} {'pair' if count == 1 else 'pairs'}; "
            f"left alone {alone[0]} {found.langs[0]} and {alone[1]} {found.langs[1]}"
            + (f" ({copies} of them copies)" if copies else "")
            + (f"; {len(found.failed)} failed" if found.failed else "") + f"; {seconds:.1f} s")
