"""split: a bitext in parts for training, tuning and testing."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .. import __version__
from ..data import Row
from ..errors import InputError, OutputError, UsageError
from . import options as o
from .filter import INPUTS
from .progress import Meter

if TYPE_CHECKING:
    from ..filter import KeptApart

# As `align.write.sinks` has them, but for datasets, which is a folder of one split.
FORMATS = ("tsv", "jsonl", "moses", "csv", "tmx", "xliff", "xlsx", "parquet")
_BATCH = 2000


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command(epilog="Example: muwazi split corpus/bitext -o sets --dev 2000 --test 2000 --against flores.tsv")(split)


Against = Annotated[list[str], o.option("--against", metavar="FILE", show_default=False,
                                        help="A test set, or PREFIX of PREFIX.ar and PREFIX.en: pairs that nearly repeat one of its "
                                             "sides are left out; may be given again.")]


def split(
    context: typer.Context,
    bitext: Annotated[str, typer.Argument(metavar="BITEXT", help="Any bitext: a file, or a folder such as the bitext/ of a run.",
                                          show_default=False)],
    output: Annotated[str, o.option("--output", "-o", metavar="FOLDER", help="Folder to write to.", show_default=False)],
    dev: Annotated[float, o.option(min=0, help="Pairs to tune on: a number, or a share below 1.")] = 0.01,
    test: Annotated[float, o.option(min=0, help="Pairs to test on: a number, or a share below 1.")] = 0.01,
    against: Against = [],
    seed: Annotated[int, o.option(help="Another seed draws other documents.")] = 0,
    format: Annotated[str, o.option("--format", "-f", help=f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}.",
                                    autocompletion=lambda: list(FORMATS))] = "tsv",
    input_format: Annotated[str, o.option("--input-format", help=f"{', '.join(INPUTS)}.", autocompletion=lambda: list(INPUTS))] = "auto",
    langs: o.Langs = "ar-en",
    encoding: o.Encoding = None,
    force: o.Force = False,
) -> None:
    """Split a bitext into train, dev and test, no document of which is in two of them.

    Where the pairs name their documents these stay whole; other pairs are drawn one by one. Pairs of train that nearly
    repeat one of dev or test, and pairs of dev that nearly repeat one of test, are left out, as are those that repeat a
    test set of --against; left_out.jsonl has them with the reason. The same input and seed give the same parts.
    """
    from ..filter.splits import PARTS, assigned

    if format not in FORMATS:
        raise UsageError(f"unknown format {format!r}{o.did_you_mean(format, FORMATS) or ';'} known are {', '.join(FORMATS)}")
    if bitext == "-":
        raise UsageError("split reads its input twice: name a file or folder, not stdin")
    if sum(share for share in (dev, test) if share < 1) >= 1:
        raise UsageError("the shares of --dev and --test leave nothing to train on")
    codes, tags = o.languages(langs), o.tags(langs)
    folder = _folder(output, format, tags, force)

    def rows() -> Iterator[Row]:
        from ..read.bitext import read_bitext

        return read_bitext(bitext, langs=codes, format=input_format, encoding=encoding)

    kept = kept_apart(against, codes, encoding)
    sizes = _sizes(rows())
    if not sizes:
        raise InputError(f"{bitext}: has no pairs")
    parts = assigned(sizes, dev, test, seed)
    told = _written(context, rows, parts, kept, folder, format, tags, force)
    record = {"version": __version__, "seed": seed, "dev": dev, "test": test, "against": against, "documents": {
        part: Counter(parts.get(name, "train") for name in sizes)[part] for part in PARTS}, **told}
    from ..files import open_output

    with open_output(folder / "split.json", force) as stream:
        stream.write(json.dumps(record, ensure_ascii=False, indent=1) + "\n")
    named = sum(not name.startswith("#") for name in sizes)
    o.say(context, ", ".join(f"{told['pairs'][part]:,} {part}" for part in PARTS)
          + f" pairs of {len(sizes):,} " + ("documents" if named else "pairs, which name no documents")
          + (f"; left out {sum(told['left_out'].values()):,}: "
             + ", ".join(f"{count:,} {name}" for name, count in told["left_out"].items()) if told["left_out"] else "; none left out"))


def kept_apart(paths: list[str], langs: tuple[str, str], encoding: str | None = None) -> "KeptApart | None":
    """The pairs of test sets, to keep others apart from; None where there are none. Raises as `read_bitext`."""
    from ..filter import KeptApart
    from ..read.bitext import read_bitext

    if not paths:
        return None
    found = KeptApart()
    for path in paths:
        two = [f"{path}.{lang}" for lang in langs]
        is_prefix = not Path(path).exists() and all(map(Path.exists, map(Path, two)))
        rows = read_bitext(*two, langs=langs, encoding=encoding) if is_prefix else read_bitext(path, langs=langs, encoding=encoding)
        before = found.count
        while batch := list(islice(rows, _BATCH)):
            found.add(batch)
        if found.count == before:
            raise InputError(f"{path}: has no pairs to keep others apart from")
    return found


def _folder(output: str, format: str, langs: tuple[str, str], force: bool) -> Path:
    """The folder, made where it is not there; refuses files that exist."""
    from ..files import check_writable
    from ..filter.splits import PARTS

    folder = Path(output)
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{output}: is a file; split writes a folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{output}: cannot be made: {error.strerror}") from None
    for name in (*PARTS, "left_out", "split"):
        ending = ".jsonl" if name == "left_out" else ".json" if name == "split" else "." + format
        for path in ([folder / f"{name}.{lang}" for lang in langs] if format == "moses" and name in PARTS else [folder / (name + ending)]):
            check_writable(path, force)
    return folder


def _document(row: Row, number: int) -> str:
    from ..filter.splits import document_of

    return document_of(str(row.extra.get("document") or row.ar.document or row.en.document or ""), number)


def _sizes(rows: Iterator[Row]) -> dict[str, int]:
    """Pairs of each document."""
    sizes: Counter[str] = Counter()
    for number, row in enumerate(rows):
        if row.is_pair:
            sizes[_document(row, number)] += 1
    return sizes


def _written(context: typer.Context, rows: Any, parts: dict[str, str], kept: "KeptApart | None", folder: Path, format: str,
             langs: tuple[str, str], force: bool) -> dict[str, Any]:  # fmt: skip
    """Write the parts; counts of pairs by part and of those left out by reason."""
    from ..filter import KeptApart
    from ..filter.splits import PARTS
    from ..write.sinks import open_rows

    counts, left = Counter(dict.fromkeys(PARTS, 0)), Counter()
    others: KeptApart = KeptApart()
    with ExitStack() as stack:
        sinks = {part: stack.enter_context(open_rows(folder / (part if format == "moses" else f"{part}.{format}"), format=format,
                                                     force=force, langs=langs, version=__version__,
                                                     header=True if format == "tsv" else False)) for part in PARTS}
        out = stack.enter_context(open_rows(folder / "left_out.jsonl", format="jsonl", force=force, langs=langs))
        tell = stack.enter_context(Meter(context, "pairs"))
        done = 0
        # Test first, then dev, then train: each is kept apart from those before it.
        for part in ("test", "dev", "train"):
            numbered = ((number, row) for number, row in enumerate(rows())
                        if (row.is_pair or part == "train") and parts.get(_document(row, number), "train") == part)
            while batch := list(islice(numbered, _BATCH)):
                good, bad = _apart([row for _, row in batch], part, kept, others)
                sinks[part].write(good)
                out.write(bad)
                counts[part] += len(good)
                left.update(row.extra["reason"] for row in bad)
                if part != "train":
                    others.add(good)
                done += len(batch)
                tell(done)
    return {"pairs": dict(counts), "left_out": dict(left)}


def _apart(rows: list[Row], part: str, kept: "KeptApart | None", others: "KeptApart") -> tuple[list[Row], list[Row]]:
    """The rows that stay in a part, and those that do not with the reason."""
    in_set = kept.repeats(rows) if kept is not None else [False] * len(rows)
    # Within one part repeats do no harm here; what was added before is of the other parts.
    elsewhere = others.repeats(rows) if part != "test" and others.count else [False] * len(rows)
    good, bad = [], []
    for row, one, two in zip(rows, in_set, elsewhere, strict=True):
        reason = "one_sided" if not row.is_pair else "test_set" if one else "other_part" if two else ""
        (bad if reason else good).append(replace(row, extra={**row.extra, "reason": reason}) if reason else row)
    return good, bad
