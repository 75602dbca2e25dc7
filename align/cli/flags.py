"""flag, score and evaluate-flags: what stands in one version only."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..data import BadRow, Row
from ..errors import InputError, UsageError
from ..pipeline import Clock, Options, load_encoder, named_encoder
from . import options as o
from .pair import check_output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..diverge import PairScore

KINDS = ("number", "date", "name", "clause", "phrase", "sentence", "boilerplate", "untranslated")
FORMATS = ("text", "jsonl", "tsv")
FOUND = 10  # exit status of --fail-on-flags
_PAIRS = 2000  # pairs scored at a time
_BREAKS = re.compile(r"[\t\r\n]+")  # what would break a line of TSV

MinProbability = Annotated[float | None, o.option("--min-probability", min=0.0, max=1.0, show_default=False,
                                                  help="Least probability of a flag; at 0 every candidate is listed. "
                                                       "[a threshold a kind]")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(epilog="Example: muwazi flag ar.txt en.txt --kind number --kind date")(flag)
    app.command(epilog="Example: muwazi score bitext.tsv -o scored.tsv")(score)
    app.command("evaluate-flags", epilog="Example: muwazi evaluate-flags gold.json flags.jsonl")(evaluate_flags)


def flag(
    context: typer.Context,
    ar: o.ArFile,
    en: o.EnFile,
    output: o.Output = "-",
    format: Annotated[str, o.option("--format", "-f", help="text, jsonl or tsv.",
                                    autocompletion=lambda: list(FORMATS))] = "text",
    min_probability: MinProbability = None,
    kind: Annotated[list[str], o.option(help=f"Only this kind; may be given again. One of {', '.join(KINDS)}.",
                                        show_default=False, autocompletion=lambda: list(KINDS))] = [],
    side: Annotated[str | None, o.option(help="Only what stands on this side: ar or en.")] = None,
    no_boilerplate: Annotated[bool, o.option("--no-boilerplate", help="No titles and page furniture.")] = False,
    fail_on_flags: Annotated[bool, o.option("--fail-on-flags", help=f"Exit with {FOUND} if anything is listed.")] = False,
    fail_if_unrelated: o.FailIfUnrelated = False,
    glossary: o.Glossary = None,
    segmented: o.IsSegmented = False,
    max_ar: o.MaxAr = 8,
    max_en: o.MaxEn = 8,
    force: o.Force = False,
    no_language_check: o.NoCheck = False,
    encoding: o.Encoding = None,
    max_bytes: o.MaxBytes = None,
    model: o.Model = "default",
    device: o.Device = "auto",
    batch_size: o.BatchSize = 32,
    model_precision: o.ModelPrecision = "auto",
    revision: o.Revision = None,
    second_model: o.SecondModel = None,
    second_weight: o.SecondWeight = o.SECOND_WEIGHT,
    thorough: o.Thorough = False,
    no_cache: o.NoCache = False,
) -> None:
    """Find what stands in one version only, or is stated differently: sentences, clauses, numbers, dates, names.

    Each flag has its side, its exact place in the file (code points), its kind, its relation (only: nothing answers
    it; mismatch: something else stands there; moved: it stands elsewhere), a probability, a severity, its nearest
    counterpart and the evidence.
    """
    from ..files import open_output
    from ..pipeline import align_files
    from ..write_flags import write_flags

    if format not in FORMATS:
        raise UsageError(f"unknown format {format!r}; known are {', '.join(FORMATS)}")
    if unknown := [name for name in kind if name not in KINDS]:
        raise UsageError(f"unknown kind {unknown[0]!r}; known are {', '.join(KINDS)}")
    if side not in (None, "ar", "en"):
        raise UsageError(f"--side is ar or en, not {side!r}")
    check_output(output, force, format, ("ar", "en"))
    chosen = Options(model, device, batch_size, model_precision, revision, not no_cache, ("ar", "en"), encoding, max_bytes,
                     segmented, not no_language_check, (max_ar, max_en), glossary, min_probability,
                     **o.second(second_model, second_weight, thorough))
    clock = Clock()
    judged = align_files(ar, en, chosen, encoder=named_encoder(chosen), flags=True, clock=clock)
    kept = [f for f in judged.flags if (not kind or f.kind in kind) and side in (None, f.side)
            and not (no_boilerplate and f.kind == "boilerplate")]
    with open_output(output, force) as stream:
        write_flags(stream, judged, kept, format)
    counts = Counter(f"{f.kind} {f.relation}" for f in kept)
    o.say(context, f"{len(kept)} flags" + (": " if kept else "")
          + ", ".join(f"{count} {name}" for name, count in counts.most_common())
          + f"; {len(judged.alignment.beads)} beads, {sum(clock.seconds.values()):.2f} s")
    o.tell_unrelated(context, judged, fail_if_unrelated)
    if fail_on_flags and kept:
        raise typer.Exit(FOUND)


def score(
    context: typer.Context,
    bitext: Annotated[str, typer.Argument(metavar="BITEXT", help="TSV, JSON lines or any other bitext; or the Arabic "
                                                                 "file of a pair; - for stdin.", show_default=False)],
    english: Annotated[str | None, typer.Argument(metavar="[EN]", help="The English file of a pair.",
                                                  show_default=False)] = None,
    output: o.Output = "-",
    format: Annotated[str, o.option("--format", "-f", help="tsv or jsonl.")] = "tsv",
    min_probability: MinProbability = None,
    glossary: o.Glossary = None,
    encoding: o.Encoding = None,
    max_bytes: o.MaxBytes = None,
    force: o.Force = False,
    no_cache: o.NoCache = False,
) -> None:
    """Give every pair of existing bitext the probability that it is right and complete, and its flags.

    BITEXT is TSV (Arabic, English, anything else), JSON lines (ar and en, texts or as align writes them), CSV, TMX,
    XLIFF, Parquet or a folder of such files, or with EN two files of equal lines. tsv adds two columns: the
    probability, and the flags as side:kind:relation:text with a bar between. jsonl adds probability and flags; their
    offsets are code points in the pair's own texts. A row that cannot be read or scored has probability 0 and says why.
    """
    from itertools import islice

    from ..cells import line
    from ..faults import answers
    from ..files import open_output
    from ..read.bitext import read_bitext
    from ..write.rows import in_words

    if format not in ("tsv", "jsonl"):
        raise UsageError(f"unknown format {format!r}; known are tsv and jsonl")
    check_output(output, force, format, ("ar", "en"))
    rows = read_bitext(bitext, english, encoding=encoding, max_bytes=max_bytes, keep_bad=True)
    first = list(islice(rows, _PAIRS))
    if not first:
        raise InputError(f"{bitext}: has no pairs")
    encoder = load_encoder(Options(cache=not no_cache))
    low = count = failed = 0

    def ask(some: "Sequence[Row]") -> "list[PairScore]":
        return _judged(some, encoder, glossary, min_probability)

    with open_output(output, force) as stream:
        part = first
        while part:
            for row, found in zip(part, answers(ask, part), strict=True):
                judged, error = _scored(row, found)
                failed += bool(error)
                low += judged.probability < 0.5
                if format == "jsonl":
                    record = _scored_record(row, judged) | ({"error": error} if error else {})
                    stream.write(json.dumps(record, ensure_ascii=False) + "\n")
                else:
                    flags = error or " | ".join(f"{f.side}:{f.kind}:{f.relation}:{' '.join(f.text.split())}" for f in judged.flags)
                    cells = [row.ar.text, row.en.text, *_other_cells(row)]
                    cells = [_BREAKS.sub(" ", cell) for cell in map(in_words, cells)]
                    stream.write(line([*cells, f"{judged.probability:.4f}", flags]))
            count += len(part)
            part = list(islice(rows, _PAIRS))
    o.say(context, f"{count} pairs, {low} below probability 0.5" + (f", of which {failed} could not be scored" if failed else ""))


def _judged(rows: "Sequence[Row]", encoder: Any, glossary: Path | None, least: float | None) -> "list[PairScore]":
    """The scores of rows; one that could not be read has none."""
    from ..diverge import PairScore, score_pairs

    whole = [row for row in rows if not isinstance(row, BadRow)]
    found = iter(score_pairs([row.ar.text for row in whole], [row.en.text for row in whole], encoder,
                             glossary=glossary, min_probability=least) if whole else ())
    return [PairScore(0.0, ()) if isinstance(row, BadRow) else next(found) for row in rows]


def _scored(row: Row, found: "PairScore | Exception") -> "tuple[PairScore, str]":
    """A row's score, and why it has none worth the name: then it is 0."""
    from ..diverge import PairScore
    from ..faults import reason

    if isinstance(found, Exception):
        return PairScore(0.0, ()), f"error: {reason(found)}"
    return found, f"error: {row.extra['error']}" if isinstance(row, BadRow) else ""


def _scored_record(row: Row, judged: "PairScore") -> dict[str, Any]:
    """The object that was read, or the texts and extra columns, with probability and flags."""
    from ..write_flags import flag_record

    rest = row.record if row.record is not None else row.extra
    return {**rest, "ar": row.ar.text, "en": row.en.text, "probability": round(judged.probability, 4),
            "flags": [{k: v for k, v in flag_record(f).items() if k != "bead"} for f in judged.flags]}


def _other_cells(row: Row) -> list[str]:
    """The columns beside the texts, as they were read."""
    if row.record is not None:
        return []
    aligned = [] if row.confidence is None else [f"{row.confidence:.4f}"]
    if row.ar.segments or row.en.segments:
        aligned += [",".join(map(str, side.segments)) for side in (row.ar, row.en)]
    return [*aligned, *row.extra.values()]


def evaluate_flags(
    gold: Annotated[Path, typer.Argument(metavar="GOLD", help="JSON of one document, or JSON lines of passages.",
                                         show_default=False)],
    predicted: Annotated[list[Path], typer.Argument(metavar="PREDICTED...", show_default=False,
                                                    help="JSON lines of flags, a file a document of GOLD.")],
    as_json: Annotated[bool, o.option("--json", help="As JSON.")] = False,
) -> None:
    """Score flags against gold: recall by kind and severity, precision, must-not violations, average precision."""
    from ..evaluate_flags import as_text, evaluate, read_flags, read_gold

    golds = read_gold(gold)
    if len(golds) != len(predicted):
        raise UsageError(f"{gold} describes {len(golds)} documents, but {len(predicted)} files of flags were given")
    scores = evaluate(golds, [read_flags(path) for path in predicted])
    typer.echo(json.dumps(scores.record(), indent=2) if as_json else as_text(scores))
