"""encode, models, export-model, evaluate and cache: what belongs to no pair."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from ..choices import CacheAction
from ..errors import InputError, OutputError, UsageError
from ..pipeline import load_encoder
from . import options as o
from .progress import Meter

_LINES = 16384  # lines encoded between two looks at the progress


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(epilog="Example: muwazi encode lines.txt -o vectors.npy")(encode)
    app.command(epilog="Example: muwazi models --json")(models)
    app.command("export-model", epilog="Example: muwazi export-model ./use-m3")(export_model)
    app.command(epilog="Example: muwazi evaluate gold.txt predicted.txt")(evaluate)
    app.command(epilog="Example: muwazi cache clear")(cache)


@o.expanded
def encode(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="A line a text; - for stdin.", show_default=False)],
    output: Annotated[str, o.option("--output", "-o", metavar="FILE", help="Where to write the .npy file.",
                                        show_default=False)],
    *,
    force: o.Force = False,
    encoding: o.Encoding = None,
    max_bytes: o.MaxBytes = None,
    encoder: o.Encoder,
    no_cache: o.NoCache = False,
) -> None:
    """Write the vectors of a file's lines: a NumPy array of float32, a unit row per line, zero for an empty line.

    An array that exists under this name is replaced; any other file only with --force.
    """
    from ..files import check_writable

    options = o.options_of(encoder, cache=not no_cache)
    target = Path(output)
    if output == "-":
        raise UsageError("vectors are written to a file; name it with -o FILE.npy")
    o.check_suffix(target, "npy")
    check_writable(target, force or _is_array(target))
    if options.encoder == "default":
        from ..encode import prepare

        prepare()
    lines = [line.removesuffix("\r") for line in o.read_file(file, "und", encoding, max_bytes).text.split("\n")]
    if not lines[-1]:
        lines.pop()
    if not lines:
        raise InputError(f"{file}: has no text")
    loaded = load_encoder(options)
    _write_vectors(context, target, lines, loaded)
    o.say(context, f"{len(lines)} lines, {loaded.name}, {loaded.dimension} dimensions, on {loaded.device}")


def _write_vectors(context: typer.Context, target: Path, lines: list[str], encoder: Any) -> None:
    """Write a row for each line; the file appears when all are there."""
    import os

    import numpy as np

    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        rows = np.lib.format.open_memmap(draft, "w+", np.float32, (len(lines), encoder.dimension))
        with Meter(context, "lines", len(lines), lines=False) as tell:
            for start in range(0, len(lines), _LINES):
                batch = lines[start:start + _LINES]
                rows[start:start + len(batch)] = encoder.encode(batch)
                tell(start + len(batch))
        rows.flush()
        del rows
        os.replace(draft, target)
    except OSError as error:
        raise OutputError(f"{target}: cannot be written: {error.strerror or error}") from None
    finally:
        draft.unlink(missing_ok=True)


def _is_array(path: Path) -> bool:
    """Whether a NumPy array is stored there."""
    try:
        with path.open("rb") as stream:
            return stream.read(6) == b"\x93NUMPY"
    except OSError:
        return False


def models(as_json: o.AsJson = False) -> None:
    """List the encoders known by name; any other sentence-transformers model is taken by name or path."""
    from dataclasses import asdict

    from ..encode import models as known

    if as_json:
        typer.echo(json.dumps([asdict(model) for model in known()], ensure_ascii=False, indent=2))
        return
    for model in known():
        typer.echo(f"{model.name}\n    {model.dimension} dimensions, {model.licence}, "
                   f"{'ready' if model.installed else 'needs: ' + model.cure}")


def export_model(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to make.", show_default=False)],
    force: o.Force = False,
) -> None:
    """Write the embedded encoder as a sentence-transformers folder, to be loaded with SentenceTransformer(DIR)."""
    from ..encode import export_model as export

    o.say(context, f"wrote {export(folder, force=force)}")


def evaluate(
    gold: Annotated[Path, typer.Argument(metavar="GOLD", help="Alignment file, or folder of them.", show_default=False)],
    predicted: Annotated[Path, typer.Argument(metavar="PREDICTED", help="The like, with the same names.",
                                              show_default=False)],
    as_json: o.AsJson = False,
    samples: Annotated[int, o.option(min=0, help="Bootstrap samples; 0 for no intervals.")] = 1000,
    seed: Annotated[int, o.option(help="Seed of the bootstrap.")] = 0,
) -> None:
    """Score alignments against gold: strict and lax F1 as Vecalign's scorer has them, one-sided lines, bead types.

    Files hold a bead a line, [0, 1]:[2]:0.5, with [] for none.
    """
    import numpy as np

    from ..evaluate.alignment import as_text, read_alignment
    from ..evaluate.alignment import evaluate as score

    pairs = _same_names(gold, predicted)
    scores = score([read_alignment(a) for a, _ in pairs], [read_alignment(b) for _, b in pairs], samples=samples,
                   rng=np.random.default_rng(seed), names=[str(b) for _, b in pairs])
    typer.echo(json.dumps(scores.as_dict(), indent=2) if as_json else as_text(scores))


def _same_names(gold: Path, predicted: Path) -> list[tuple[Path, Path]]:
    """Pairs of files: the two given, or those of equal names in two folders."""
    if gold.is_dir() != predicted.is_dir():
        raise UsageError("GOLD and PREDICTED are two files or two folders")
    if not gold.is_dir():
        return [(gold, predicted)]
    found = sorted(path for path in gold.iterdir() if path.is_file() and not path.name.startswith("."))
    missing = [path.name for path in found if not (predicted / path.name).is_file()]
    if missing:
        raise InputError(f"{predicted / missing[0]}: no such file, but {gold / missing[0]} is there")
    if not found:
        raise InputError(f"{gold}: holds no files")
    return [(path, predicted / path.name) for path in found]


def cache(
    action: Annotated[CacheAction, typer.Argument(metavar="info|clear", help="Show the cache of vectors and machine code, or empty it.")] = "info",
) -> None:
    """Show or empty the cache of vectors and machine code."""
    from ..encode import cache_info, clear_cache

    if action == "clear":
        files, size = clear_cache()
        typer.echo(f"removed {files} files, {size / 1e6:.1f} MB")
    else:
        info = cache_info()
        typer.echo(f"{info.folder}: {info.files} files, {info.bytes / 1e6:.1f} MB")
