"""split: a bitext in parts for training, tuning and testing."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .. import __version__
from ..choices import SplitFormat, listed, names
from ..data import Row
from ..errors import InputError, OutputError, UsageError
from . import options as o
from .progress import Meter

if TYPE_CHECKING:
    from ..filter import KeptApart
    from ..write.sinks import Sink

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
    format: Annotated[SplitFormat, o.choice("--format", "-f", help=f"{listed(names(SplitFormat))}.")] = "tsv",
    input_format: o.InputFormat = "auto",
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

    if bitext == "-":
        raise UsageError("split reads its input twice: name a file or folder, not stdin")
    if sum(share for share in (dev, test) if share < 1) >= 1:
        raise UsageError("the shares of --dev and --test leave nothing to train on")
    codes = o.languages(langs)
    parts = _Parts(Path(output), format, o.tags(langs), force)
    parts.check()

    def rows() -> Iterator[Row]:
        from ..read.bitext import read_bitext

        return read_bitext(bitext, langs=codes, format=input_format, encoding=encoding)

    kept = kept_apart(against, codes, encoding)
    sizes = _sizes(rows())
    if not sizes:
        raise InputError(f"{bitext}: has no pairs")
    placed = assigned(sizes, dev, test, seed)
    told = _written(context, rows, placed, kept, parts)
    documents = Counter(placed.get(name, "train") for name in sizes)
    parts.write_record({"version": __version__, "seed": seed, "dev": dev, "test": test, "against": against,
                        "documents": {part: documents[part] for part in PARTS}, **told})
    named = sum(not name.startswith("#") for name in sizes)
    left = told["left_out"]
    o.say(context, ", ".join(f"{told['pairs'][part]:,} {part}" for part in PARTS)
          + f" pairs of {len(sizes):,} " + ("documents" if named else "pairs, which name no documents")
          + (f"; left out {sum(left.values()):,}: " + ", ".join(f"{count:,} {name}" for name, count in left.items()) if left
             else "; none left out"))


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


@dataclass(frozen=True, slots=True)
class _Parts:
    """The files that a split writes to its folder."""

    folder: Path
    format: str
    langs: tuple[str, str]
    force: bool

    def path(self, part: str) -> Path:
        """The file of a part, or the prefix of its two."""
        return self.folder / (part if self.format == "moses" else f"{part}.{self.format}")

    def check(self) -> None:
        """Make the folder where it is not there; refuse files that exist."""
        from ..files import check_writable
        from ..filter.splits import PARTS
        from ..write.targets import files_of

        if self.folder.exists() and not self.folder.is_dir():
            raise OutputError(f"{self.folder}: is a file; split writes a folder")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{self.folder}: cannot be made: {error.strerror}") from None
        for path in [file for part in PARTS for file in files_of(self.path(part), self.format, self.langs)]:
            check_writable(path, self.force)
        for name in ("left_out.jsonl", "split.json"):
            check_writable(self.folder / name, self.force)

    def open(self, stack: ExitStack, part: str) -> "Sink":
        """An open sink of a part that ends with the stack."""
        from ..write.sinks import open_rows

        return stack.enter_context(open_rows(self.path(part), format=self.format, force=self.force, langs=self.langs,
                                             header=self.format == "tsv"))

    def write_record(self, record: dict[str, Any]) -> None:
        """Write what was done, as JSON."""
        from ..files import open_output

        with open_output(self.folder / "split.json", self.force) as stream:
            stream.write(json.dumps(record, ensure_ascii=False, indent=1) + "\n")


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


def _written(context: typer.Context, rows: Callable[[], Iterator[Row]], placed: dict[str, str], kept: "KeptApart | None",
             parts: _Parts) -> dict[str, Any]:  # fmt: skip
    """Write the parts; counts of pairs by part and of those left out by reason."""
    from ..filter import KeptApart
    from ..filter.splits import PARTS
    from ..write.sinks import open_rows

    counts, left = Counter(dict.fromkeys(PARTS, 0)), Counter()
    others: KeptApart = KeptApart()
    with ExitStack() as stack:
        sinks = {part: parts.open(stack, part) for part in PARTS}
        out = stack.enter_context(open_rows(parts.folder / "left_out.jsonl", format="jsonl", force=parts.force, langs=parts.langs))
        tell = stack.enter_context(Meter(context, "pairs"))
        done = 0
        # Test first, then dev, then train: each is kept apart from those before it.
        for part in ("test", "dev", "train"):
            numbered = ((number, row) for number, row in enumerate(rows())
                        if (row.is_pair or part == "train") and placed.get(_document(row, number), "train") == part)
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
