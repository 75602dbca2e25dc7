"""flag, score and evaluate-flags: what stands in one version only."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from ..data import BadRow, Row
from ..errors import InputError, LanguageError, UsageError
from ..files import json_line
from ..pipeline import Clock, Options, load_encoder, named_encoder
from . import options as o
from .align import check_output, keep_apart

if TYPE_CHECKING:
    from ..flags import PairScore

KINDS = ("number", "date", "name", "placeholder", "clause", "phrase", "sentence", "heading", "boilerplate",
         "untranslated")
FORMATS = ("text", "jsonl", "tsv", "csv", "xlsx", "html")
SCORED = ("tsv", "jsonl", "csv", "xlsx", "parquet")
FOUND = 10  # exit status of --fail-on-flags
_PAIRS = 2000  # pairs read at a time
_STEP = 250  # pairs scored at a time, among which each has its neighbours
_BREAKS = re.compile("[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")  # what would break a line of TSV

HIGH_RECALL = 0.12  # the least probability with --recall high
RECALLS = ("usual", "high")
Recall = Annotated[str, o.option("--recall", help=f"usual, or high: also what is less likely, the same as --min-probability {HIGH_RECALL}.",
                                 autocompletion=lambda: list(RECALLS))]
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
    format: Annotated[str | None, o.option("--format", "-f", help=f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}. [by the name, "
                                           "else text]", show_default=False, autocompletion=lambda: list(FORMATS))] = None,
    min_probability: MinProbability = None,
    recall: Recall = "usual",
    kind: Annotated[list[str], o.option(help=f"Only this kind; may be given again. One of {', '.join(KINDS)}.",
                                        show_default=False, autocompletion=lambda: list(KINDS))] = [],
    side: Annotated[str | None, o.option(help="Only what stands on this side: ar or en.")] = None,
    no_boilerplate: Annotated[bool, o.option("--no-boilerplate", help="No page furniture.")] = False,
    fail_on_flags: Annotated[bool, o.option("--fail-on-flags", help=f"Exit with {FOUND} if anything is listed.")] = False,
    fail_if_unrelated: o.FailIfUnrelated = False,
    glossary: o.Glossary = None,
    segmented: o.IsSegmented = False,
    max_ar: o.MaxAr = 8,
    max_en: o.MaxEn = 8,
    force: o.Force = False,
    no_language_check: o.NoCheck = False,
    langs: Annotated[str, o.option(help="Which file is which: ar-en, or en-ar where the English one comes first.")] = "ar-en",
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
    counterpart and the evidence. text and html show the most reliable first, jsonl and the tables keep the order of
    reading.
    """
    from ..files import open_output
    from ..pipeline import align_files
    from ..write.flags import COLUMNS, by_reliability, cells, write_flags

    format = o.format_for(context, output, format, FORMATS, "text", "flags")
    if unknown := [name for name in kind if name not in KINDS]:
        raise UsageError(f"unknown kind {unknown[0]!r}{o.did_you_mean(unknown[0], KINDS)}; known are {', '.join(KINDS)}")
    if side not in (None, "ar", "en"):
        raise UsageError(f"--side is ar or en, not {side!r}")
    if recall not in RECALLS:
        raise UsageError(f"--recall is {' or '.join(RECALLS)}, not {recall!r}")
    if recall == "high" and min_probability is None:
        min_probability = HIGH_RECALL
    o.check_files("flag", ar, en)
    ar, en = _arabic_first(ar, en, langs)
    keep_apart([Path(path) for path in (ar, en) if path != "-"], check_output(output, force, format, ("ar", "en")))
    if glossary is not None and not glossary.is_file():
        raise InputError(f"{glossary}: no such file")
    chosen = Options(model, device, batch_size, model_precision, revision, not no_cache, ("ar", "en"), encoding, max_bytes,
                     segmented, not no_language_check, (max_ar, max_en), glossary, min_probability,
                     **o.second(second_model, second_weight, thorough))
    clock = Clock()
    judged = align_files(ar, en, chosen, encoder=named_encoder(chosen), flags=True, clock=clock)
    kept = [f for f in judged.flags if (not kind or f.kind in kind) and side in (None, f.side)
            and not (no_boilerplate and f.kind == "boilerplate")]
    with open_output(output, force) as stream:
        if format == "xlsx":
            from ..files import binary
            from ..write.table import write_sheet

            write_sheet(binary(stream, format), "flags", COLUMNS, map(cells, by_reliability(kept)))
        else:
            write_flags(stream, judged, kept, format)
    counts = Counter(f"{f.kind} {f.relation}" for f in kept)
    o.say(context, f"{len(kept)} flags" + (": " if kept else "")
          + ", ".join(f"{count} {name}" for name, count in counts.most_common())
          + f"; {len(judged.alignment.beads)} beads, {sum(clock.seconds.values()):.2f} s")
    o.tell_unrelated(context, judged, fail_if_unrelated)
    if fail_on_flags and kept:
        raise typer.Exit(FOUND)


def _arabic_first(first: str, second: str, langs: str) -> tuple[str, str]:
    """The two files, the Arabic one first; raises UsageError for languages of which no flags are known."""
    codes = o.languages(langs)
    if set(codes) != {"ar", "en"}:
        raise UsageError(f"flags are known for Arabic and English, not for {langs}; muwazi align takes other languages")
    return (first, second) if codes == ("ar", "en") else (second, first)


def score(
    context: typer.Context,
    bitext: Annotated[str, typer.Argument(metavar="BITEXT", help="TSV, JSON lines or any other bitext; or the Arabic "
                                                                 "file of a pair; - for stdin.", show_default=False)],
    english: Annotated[str | None, typer.Argument(metavar="[EN]", help="The English file of a pair.",
                                                  show_default=False)] = None,
    output: o.Output = "-",
    format: Annotated[str | None, o.option("--format", "-f", help=f"{', '.join(SCORED[:-1])} or {SCORED[-1]}. [by the name, else "
                                           "tsv]", show_default=False, autocompletion=lambda: list(SCORED))] = None,
    min_probability: MinProbability = None,
    glossary: o.Glossary = None,
    encoding: o.Encoding = None,
    max_bytes: o.MaxBytes = None,
    force: o.Force = False,
    no_cache: o.NoCache = False,
) -> None:
    """Give every pair of existing bitext the probability that it is right and complete, and its flags.

    BITEXT is TSV (Arabic, English, anything else), JSON (ar and en, texts or as align writes them), CSV, TMX, XLIFF, PO,
    Parquet or a folder of such files, or with EN two files of equal lines. The probability is the one that filter goes
    by, where what is usual is told by the pairs around each, less where a number, date or name is flagged. tsv adds two
    columns: the probability, and the flags as side:kind:relation:text with a bar between. The other formats have
    probability and flags; their offsets are code points in the pair's own texts. A row that cannot be read or scored has
    probability 0 and says why.
    """
    from itertools import islice

    from ..faults import answers
    from ..garbage import keep_what_is_loaded
    from ..read.bitext import read_bitext
    from .progress import Meter

    format = o.format_for(context, output, format, SCORED, "tsv", "scored pairs")
    keep_apart([Path(path) for path in (bitext, english) if path not in (None, "-")],
               check_output(output, force, format, ("ar", "en")))
    if glossary is not None and not glossary.is_file():
        raise InputError(f"{glossary}: no such file")
    rows = read_bitext(bitext, english, encoding=encoding, max_bytes=max_bytes, keep_bad=True)
    part = list(islice(rows, _PAIRS))
    if not part:
        raise InputError(f"{bitext}: has no pairs")
    refuse_swapped(part, bitext)
    encoder = load_encoder(Options(cache=not no_cache))
    low = count = failed = 0

    def ask(some: Sequence[Row]) -> "list[PairScore]":
        return _scores(some, encoder, glossary, min_probability)

    with _scored_sink(output, format, force) as write, Meter(context, "pairs") as tell:
        while part:
            for some in (part[at:at + _STEP] for at in range(0, len(part), _STEP)):
                found = [_scored(row, one) for row, one in zip(some, answers(ask, some), strict=True)]
                failed += sum(bool(one.error) for one in found)
                low += sum(one.score.probability < 0.5 for one in found)
                write(found)
                count += len(some)
                tell(count)
                if count == len(some):  # by now all is loaded
                    keep_what_is_loaded()
            part = list(islice(rows, _PAIRS))
    o.say(context, f"{count} pairs, {low} below probability 0.5" + (f", of which {failed} could not be scored" if failed else ""))


class _Scored(NamedTuple):
    """A row with its score; `error` says why it has none worth the name, which is then 0."""

    row: Row
    score: "PairScore"
    error: str = ""


def _scored(row: Row, found: "PairScore | Exception") -> _Scored:
    from ..flags import PairScore
    from ..faults import reason

    if isinstance(found, Exception):
        return _Scored(row, PairScore(0.0, ()), f"error: {reason(found)}")
    return _Scored(row, found, f"error: {row.extra['error']}" if isinstance(row, BadRow) else "")


def refuse_swapped(rows: Sequence[Row], name: str) -> None:
    """Raise LanguageError where most pairs have English on the Arabic side and Arabic on the English side."""
    from ..tongues import are_swapped

    swapped = sum(are_swapped(row.ar.text, row.en.text) for row in rows if row.is_pair)
    if 2 * swapped > sum(row.is_pair for row in rows):
        raise LanguageError(f"{name}: the sides are swapped, English stands where Arabic should; give the Arabic column or file "
                            "first")


def _scores(rows: Sequence[Row], encoder: Any, glossary: Path | None, min_probability: float | None) -> "list[PairScore]":
    """The score of each row; a row that could not be read, or that is no pair, has probability 0."""
    from ..flags import PairScore, score_pairs

    whole = [row for row in rows if not isinstance(row, BadRow)]
    found = iter(score_pairs([row.ar.text for row in whole], [row.en.text for row in whole], encoder, glossary=glossary,
                             min_probability=min_probability, confidences=[row.confidence for row in whole]))
    scores = [PairScore(0.0, ()) if isinstance(row, BadRow) else next(found) for row in rows]
    return [score if row.is_pair else score._replace(probability=0.0) for row, score in zip(rows, scores, strict=True)]


@contextmanager
def _scored_sink(output: str, format: str, force: bool) -> Iterator[Callable[[Sequence[_Scored]], None]]:
    """What writes scored pairs."""
    from .. import __version__
    from ..files import open_output
    from ..write.sinks import open_rows

    if format in ("tsv", "jsonl"):
        shown = _scored_line if format == "tsv" else _scored_object
        with open_output(output, force) as stream:
            yield lambda pairs: stream.writelines(map(shown, pairs))
        return
    with open_rows(output, format=format, force=force, version=__version__) as sink:
        yield lambda pairs: sink.write([
            replace(one.row, flags=tuple(_own_flags(one.score)), extra=_scored_extra(one)) for one in pairs])


def _scored_extra(one: _Scored) -> dict[str, Any]:
    error = {"error": one.error} if one.error else {}
    return {**one.row.extra, "probability": round(one.score.probability, 4), **error}


def _scored_line(one: _Scored) -> str:
    from ..cells import line
    from ..write.rows import in_words

    row, judged = one.row, one.score
    flags = one.error or " | ".join(f"{f.side}:{f.kind}:{f.relation}:{' '.join(f.text.split())}" for f in judged.flags)
    cells = [_BREAKS.sub(" ", cell) for cell in map(in_words, [row.ar.text, row.en.text, *_other_cells(row)])]
    return line([*cells, f"{judged.probability:.4f}", flags])


def _scored_object(one: _Scored) -> str:
    return json_line(_scored_record(one.row, one.score) | ({"error": one.error} if one.error else {})) + "\n"


def _own_flags(judged: "PairScore") -> list[dict[str, Any]]:
    """Flags as records, without the bead, which a pair has none of."""
    from ..write.flags import flag_record

    return [{k: v for k, v in flag_record(f).items() if k != "bead"} for f in judged.flags]


def _scored_record(row: Row, judged: "PairScore") -> dict[str, Any]:
    """The object that was read, or the texts and extra columns, with probability and flags."""
    rest = row.record if row.record is not None else row.extra
    return {**rest, "ar": row.ar.text, "en": row.en.text, "probability": round(judged.probability, 4),
            "flags": _own_flags(judged)}


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
    from ..evaluate.flags import as_text, evaluate, read_flags, read_gold

    golds = read_gold(gold)
    if len(golds) != len(predicted):
        raise UsageError(f"{gold} describes {len(golds)} documents, but {len(predicted)} files of flags were given")
    scores = evaluate(golds, [read_flags(path) for path in predicted])
    typer.echo(json.dumps(scores.record(), indent=2) if as_json else as_text(scores))
