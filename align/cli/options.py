"""Options that several commands share, and what commands print with."""

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..cells import visible
from ..errors import InputError, UsageError
from ..pipeline import MOST_WEIGHT, SECOND_WEIGHT


if TYPE_CHECKING:
    from ..data import Judged

UNRELATED = 13  # exit status of --fail-if-unrelated


def _number(value: Any) -> Any:
    """The value of any option; NaN, which lies in every range, is none."""
    if value != value:
        raise typer.BadParameter("nan is not a number")
    return value


# Environment variables work for all options; to name each in the help would drown it.
option = partial(typer.Option, show_envvar=False, callback=_number)


def _known_models() -> list[str]:
    from ..encode import models

    return [model.name for model in models()]


ArFile = Annotated[str, typer.Argument(metavar="AR", help="Arabic (first) file; - for stdin.", show_default=False)]
EnFile = Annotated[str, typer.Argument(metavar="EN", help="English (second) file; - for stdin.", show_default=False)]
Output = Annotated[str, option("--output", "-o", metavar="FILE", help="Where to write; - for stdout.")]
Force = Annotated[bool, option("--force", help="Replace an output that exists.")]
IsSegmented = Annotated[bool, option("--segmented", help="Each line is one segment: never split, never joined.")]
NoCheck = Annotated[bool, option("--no-language-check", help="Take the files whatever language they are in.")]
Encoding = Annotated[str | None, option(help="Encoding of files without a byte order mark that are not UTF-8.")]
Langs = Annotated[str, option(help="Codes of the two languages, regions as in ar_EG-en; other than ar-en is aligned "
                                 "as well.")]
Model = Annotated[str, option("--model", "-m", help="Encoder: default, or a sentence-transformers name or path.",
                                    autocompletion=_known_models)]
Device = Annotated[str, option(help="auto, cpu, cuda, cuda:1, mps ... for sentence-transformers models.")]
BatchSize = Annotated[int, option(min=1, help="Sentences at once, for sentence-transformers models.")]
ModelPrecision = Annotated[str, option("--model-precision", help="auto, float32, float16 or bfloat16, for sentence-transformers "
                                       "models.")]
TargetPrecision = Annotated[float | None, option("--precision", min=0.0, max=1.0, metavar="SHARE", show_default=False,
                                                 help="With --filter: keep the most pairs of which this share can be expected "
                                                      "to be right, such as 0.98.")]
SecondModel = Annotated[str | None, option("--second-model", metavar="NAME", show_default=False, autocompletion=_known_models,
                                           help="Another encoder to compare sentences with beside the first, as --model "
                                                "names them.")]
SecondWeight = Annotated[float, option("--second-weight", min=0.0, max=MOST_WEIGHT, help="What the second encoder counts "
                                       "where the first counts 1.")]
Thorough = Annotated[bool, option("--thorough", help="Better beads of free translations, for more time: the same as "
                                  "--second-model multilingual-e5-small.")]
Revision = Annotated[str | None, option(help="Revision of a sentence-transformers model on its hub.")]
NoCache = Annotated[bool, option("--no-cache", help="Neither read nor write the cache of vectors.")]
MaxAr = Annotated[int, option("--max-ar", min=1, max=16, help="Most first-side segments in a bead; 8 becomes "
                                "16 where it cuts beads off.")]
MaxEn = Annotated[int, option("--max-en", min=1, max=16, help="Most second-side segments in a bead; 8 becomes "
                                "16 where it cuts beads off.")]
MaxBytes = Annotated[int | None, option("--max-bytes", min=1, help="Largest input, unpacked. [256 MiB]",
                                              show_default=False)]
Glossary = Annotated[Path | None, option(metavar="FILE", help="Names that belong together: Arabic, tab, English.")]
FailIfUnrelated = Annotated[bool, option("--fail-if-unrelated", help="Exit with 13 if the two texts are probably no versions of "
                                          "one another.")]
Manifest = Annotated[Path | None, option("--manifest", metavar="FILE", help="Write what ran, on what, as JSON.")]


def second(model: str | None, weight: float, thorough: bool) -> dict[str, Any]:
    """The second encoder and its weight as fields of `Options`; raises MissingExtra where `thorough` lacks its package."""
    if thorough and model is not None:
        raise UsageError("--thorough names its second model itself; leave out one of --thorough and --second-model")
    if thorough:
        from ..encode.registry import E5, check_installed

        check_installed(E5)
        model = E5
    elif model is None and weight != SECOND_WEIGHT:
        raise UsageError("--second-weight is for --second-model or --thorough")
    return {"second_model": model, "second_weight": weight}


def tell_unrelated(context: typer.Context, judged: "Judged", fail: bool) -> None:
    """Warn on stderr where two texts are probably no versions of one another; then exit, if that is asked for."""
    from ..versions import warning

    told = warning(judged)
    if told is not None:
        say(context, f"warning: {told}")
        if fail:
            raise typer.Exit(UNRELATED)


def format_for(context: typer.Context, output: str, format: str | None, known: Sequence[str], default: str,
               what: str = "rows") -> str:
    """The format of an output: as typed, else as its name tells, else from the configuration, else `default`.

    Raises UsageError as `suffixes.fitting`.
    """
    from ..suffixes import fitting, format_of

    source = context.get_parameter_source("format")
    if format is not None and getattr(source, "name", "") != "COMMANDLINE" and format_of(output) is not None:
        fitting("-", format, known, default, what)
        format = None
    return fitting(output, format, known, default, what)


def check_files(command: str, *paths: str) -> None:
    """Refuse folders where files go, and say which command takes folders."""
    for path in paths:
        if path != "-" and Path(path).is_dir():
            raise InputError(f"{path}: is a folder; {command} takes two files, and muwazi run AR_FOLDER EN_FOLDER -o FOLDER aligns "
                             "all of two folders")


def did_you_mean(given: str, known: Sequence[str]) -> str:
    """`, did you mean number?` where a known name is near; nothing where none is."""
    from difflib import get_close_matches

    near = get_close_matches(given, known, 1)
    return f", did you mean {near[0]}?" if near else ""


def check_suffix(path: Path | str | None, kind: str) -> None:
    """Refuse a name that belongs to another kind of file than the one (`html`, `svg`, `json`) that goes there."""
    from ..suffixes import format_of, suffix_of

    if path is None or str(path) == "-":
        return
    suffix = suffix_of(path)
    if format_of(path) not in (None, kind) or suffix in {"svg", "json", "npy", "npz", "docx", "pdf", "png", "jpg"} - {kind}:
        raise UsageError(f"{path}: is written as {kind}; name it .{kind}, not .{suffix}")


def languages(langs: str) -> tuple[str, str]:
    """Two codes from `ar-en`; a region, which goes with an underscore (`ar_EG-en`), is left out."""
    first, second = (tag.partition("-")[0].lower() for tag in tags(langs))
    return first, second


def tags(langs: str) -> tuple[str, str]:
    """Two language tags as files hold them from `ar-en` or `ar_EG-en_GB`: `ar-EG` and `en-GB`."""
    parts = [part.replace("_", "-") for part in langs.split("-")]
    if len(parts) != 2 or not all(parts) or parts[0].partition("-")[0].lower() == parts[1].partition("-")[0].lower():
        raise UsageError(f"--langs holds two different codes with a hyphen between, such as ar-en or ar_EG-en, not {langs!r}")
    for part in parts:
        code = part.partition("-")[0].lower()
        if not (code.isascii() and code.isalpha() and 2 <= len(code) <= 3):
            from ..tongues import NAMES

            right = next((known for known, name in NAMES.items() if name.lower() == code), None)
            raise UsageError(f"--langs: {part!r} is no code of a language" + (f"; {right} is" if right else ", such as ar, en or fr"))
    return parts[0], parts[1]


def say(context: typer.Context, text: str) -> None:
    """A line for the user on stderr, unless quiet."""
    if not context.obj["quiet"]:
        print(visible(text), file=sys.stderr)
