"""Options that several commands share, declared once, and what commands print with."""

import inspect
import sys
from collections.abc import Callable, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_type_hints

import typer

from ..cells import visible
from ..choices import BitextInput, Engine, ModelPrecision, listed, names
from ..errors import InputError, UsageError
from ..pipeline import MOST_SEGMENTS, MOST_WEIGHT, SECOND_WEIGHT, Options

if TYPE_CHECKING:
    from ..data import Document, Judged

UNRELATED = 13  # exit status of --fail-if-unrelated
_FAILED_SHOWN = 5
Command = TypeVar("Command", bound=Callable[..., None])


def _number(value: Any) -> Any:
    """The value of any option; NaN, which lies in every range, is none."""
    if value != value:
        raise typer.BadParameter("nan is not a number")
    return value


# Environment variables work for all options; to name each in the help would drown it.
option = partial(typer.Option, show_envvar=False, callback=_number)
# A choice whose names the help lists in words.
choice = partial(option, metavar="<str>", case_sensitive=False)


def format_option(known: Any, default: str = "tsv") -> Any:
    """The option for an output's format: one of a `Literal`."""
    return choice("--format", "-f", help=f"{listed(names(known))}. [by the name, else {default}]", show_default=False)


def _known_models() -> list[str]:
    from ..encode import models

    return [model.name for model in models()]


def _limit(name: str, side: str) -> Any:
    return option(name, min=1, max=MOST_SEGMENTS, help=f"Most {side}-side segments in a bead; 8 becomes 16 where it cuts beads off.")


ArFile = Annotated[str, typer.Argument(metavar="AR", help="Arabic (first) file; - for stdin.", show_default=False)]
EnFile = Annotated[str, typer.Argument(metavar="EN", help="English (second) file; - for stdin.", show_default=False)]
EnOfPair = Annotated[str | None, typer.Argument(metavar="[EN]", help="The English file of a pair.", show_default=False)]
Output = Annotated[str, option("--output", "-o", metavar="FILE", help="Where to write; - for stdout.")]
Force = Annotated[bool, option("--force", help="Replace an output that exists.")]
Header = Annotated[bool, option("--header", help="Begin the TSV with a line of column names.")]
InputFormat = Annotated[BitextInput, choice("--input-format", help=f"{', '.join(names(BitextInput))}.")]
AsJson = Annotated[bool, option("--json", help="As JSON.")]
IsSegmented = Annotated[bool, option("--segmented", help="Each line is one segment: never split, never joined.")]
Encoding = Annotated[str | None, option(help="Encoding of files without a byte order mark that are not UTF-8.")]
Langs = Annotated[str, option(help="Codes of the two languages, regions as in ar_EG-en; other than ar-en is aligned "
                                 "as well.")]
TargetPrecision = Annotated[float | None, option("--precision", min=0.0, max=1.0, metavar="SHARE", show_default=False,
                                                 help="With --filter: keep the most pairs of which this share can be expected "
                                                      "to be right, such as 0.98.")]
NoCache = Annotated[bool, option("--no-cache", help="Neither read nor write the cache of vectors.")]
MaxBytes = Annotated[int | None, option("--max-bytes", min=1, help="Largest input, unpacked. [256 MiB]",
                                              show_default=False)]
Glossary = Annotated[Path | None, option(metavar="FILE", help="Names that belong together: Arabic, tab, English.")]
FailIfUnrelated = Annotated[bool, option("--fail-if-unrelated", help="Exit with 13 if the two texts are probably no versions of "
                                          "one another.")]
Manifest = Annotated[Path | None, option("--manifest", metavar="FILE", help="Write what ran, on what, as JSON.")]


@dataclass(frozen=True, slots=True)
class Beads:
    """How texts are cut, put together and compared."""

    glossary: Glossary = None
    segmented: IsSegmented = False
    max_ar: Annotated[int, _limit("--max-ar", "first")] = 8
    max_en: Annotated[int, _limit("--max-en", "second")] = 8

    def fields(self) -> dict[str, Any]:
        """These options as fields of `Options`; raises InputError for a glossary that is not there."""
        check_glossary(self.glossary)
        return {"glossary": self.glossary, "segmented": self.segmented, "limits": (self.max_ar, self.max_en)}


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are read."""

    no_language_check: Annotated[bool, option("--no-language-check", help="Take the files whatever language they are in.")] = False
    langs: Langs = "ar-en"
    encoding: Encoding = None
    max_bytes: MaxBytes = None

    def fields(self) -> dict[str, Any]:
        """These options as fields of `Options`; raises UsageError for languages that are none."""
        return {"langs": languages(self.langs), "encoding": self.encoding, "max_bytes": self.max_bytes,
                "language_check": not self.no_language_check}


@dataclass(frozen=True, slots=True)
class Encoder:
    """What encodes, and where."""

    model: Annotated[str, option("--model", "-m", help="Encoder: default, or a sentence-transformers name or path.",
                                    autocompletion=_known_models)] = "default"
    device: Annotated[str, option(help="auto, cpu, cuda, cuda:1, mps ... for sentence-transformers models.")] = "auto"
    batch_size: Annotated[int, option(min=1, help="Sentences at once, for sentence-transformers models.")] = 32
    model_precision: Annotated[ModelPrecision, choice("--model-precision", help=f"{listed(names(ModelPrecision))}, for sentence-transformers "
                                             "models.")] = "auto"
    revision: Annotated[str | None, option(help="Revision of a sentence-transformers model on its hub.")] = None

    def fields(self) -> dict[str, Any]:
        """These options as fields of `Options`."""
        return {"encoder": self.model, "device": self.device, "batch_size": self.batch_size, "precision": self.model_precision,
                "revision": self.revision}


@dataclass(frozen=True, slots=True)
class Second:
    """What else sentences are compared by."""

    second_model: Annotated[str | None, option("--second-model", metavar="NAME", show_default=False, autocompletion=_known_models,
                                           help="Another encoder to compare sentences with beside the first, as --model "
                                                "names them.")] = None
    second_weight: Annotated[float, option("--second-weight", min=0.0, max=MOST_WEIGHT, help="What the second encoder counts "
                                       "where the first counts 1.")] = SECOND_WEIGHT
    thorough: Annotated[bool, option("--thorough", help="Better beads of free translations, for more time: the same as "
                                  "--second-model multilingual-e5-small.")] = False

    def fields(self) -> dict[str, Any]:
        """These options as fields of `Options`; raises MissingExtra where `thorough` lacks its package, and UsageError."""
        name = self.second_model
        if self.thorough:
            if name is not None:
                raise UsageError("--thorough names its second model itself; leave out one of --thorough and --second-model")
            from ..encode.registry import E5, check_installed

            check_installed(E5)
            name = E5
        elif name is None and self.second_weight != SECOND_WEIGHT:
            raise UsageError("--second-weight is for --second-model or --thorough")
        return {"second_model": name, "second_weight": self.second_weight}


@dataclass(frozen=True, slots=True)
class Hands:
    """Who does the work."""

    engine: Annotated[Engine, choice(help="local, or ray for a cluster.")] = "local"
    ray_address: Annotated[str | None, option(help="Address of a Ray cluster; without it one is started here.",
                                              show_default=False)] = None

    def check(self) -> None:
        """Raise UsageError for an address that no engine asks for."""
        if self.ray_address is not None and self.engine != "ray":
            raise UsageError("--ray-address is for --engine ray")


def expanded(command: Command) -> Command:
    """The command, with a parameter for each field of those parameters that are groups of options.

    Its signature, and so its help, has the options where the group stands.
    """
    hints = get_type_hints(command, include_extras=True)
    groups = {name: hint for name, hint in hints.items() if is_dataclass(hint)}
    parameters: list[inspect.Parameter] = []
    for parameter in inspect.signature(command).parameters.values():
        if parameter.name in groups:
            parameters += _options_of(groups[parameter.name])
        else:
            parameters.append(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=hints[parameter.name]))

    @wraps(command)
    def call(**given: Any) -> None:
        gathered = {name: group(**{field.name: given.pop(field.name) for field in fields(group)}) for name, group in groups.items()}
        command(**given, **gathered)

    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    call.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return call  # type: ignore[return-value]


def _options_of(group: Any) -> list[inspect.Parameter]:
    """The fields of a group as parameters; one without a default must be given."""
    hints = get_type_hints(group, include_extras=True)
    return [inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, annotation=hints[field.name],
                              default=_default(field)) for field in fields(group)]


def _default(field: Any) -> Any:
    if field.default_factory is not MISSING:
        return field.default_factory()
    return inspect.Parameter.empty if field.default is MISSING else field.default


def options_of(*groups: Beads | Reading | Encoder | Second, **more: Any) -> Options:
    """The pipeline's options from those of the command line, and from what else is known by its field's name."""
    known: dict[str, Any] = {}
    for group in groups:
        known |= group.fields()
    return Options(**(known | more))


def check_glossary(path: Path | None) -> None:
    """Raise InputError where a glossary is named that is not there."""
    if path is not None and not path.is_file():
        raise InputError(f"{path}: no such file")


def read_file(path: str, lang: str, encoding: str | None, max_bytes: int | None) -> "Document":
    """A document; raises as `read`."""
    from ..read import read

    return read(path, lang, encoding, **({} if max_bytes is None else {"max_bytes": max_bytes}))


def check_header(header: bool | None, format: str) -> None:
    """Raise UsageError for a header line that the format has no room for."""
    if header and format != "tsv":
        raise UsageError(f"a header line belongs to the format tsv, not to {format}")


def tell_failed(errors: Sequence[str], rest: str = "") -> None:
    """Name some of the files that failed on stderr, and exit with 1; nothing where none failed."""
    if not errors:
        return
    for error in errors[:_FAILED_SHOWN]:
        print(f"muwazi: {error}", file=sys.stderr)
    if len(errors) > _FAILED_SHOWN:
        print(f"muwazi: and {len(errors) - _FAILED_SHOWN} more files{rest}", file=sys.stderr)
    raise typer.Exit(1)


def counted(count: int, what: str) -> str:
    """A number and what is counted: `1 part`, `2,000 parts`."""
    return f"{count:,} {what}" + ("" if count == 1 else "s")


def paths_of(*names: str | Path | None) -> list[Path]:
    """The files among what was named: neither stdin nor what was left out."""
    return [Path(name) for name in names if name not in (None, "-")]


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
