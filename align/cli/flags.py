"""flag, score and evaluate-flags: what stands in one version only."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from ..errors import FormatError, InputError, UsageError
from ..pipeline import Clock, Options, load_encoder
from . import options as o
from .pair import check_output

KINDS = ("number", "date", "name", "clause", "phrase", "sentence", "boilerplate")
FORMATS = ("text", "jsonl", "tsv")
FOUND = 10  # exit status of --fail-on-flags
_PAIRS = 2000  # pairs scored at a time

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
    precision: o.Precision = "auto",
    revision: o.Revision = None,
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
    chosen = Options(model, device, batch_size, precision, revision, not no_cache, ("ar", "en"), encoding, max_bytes,
                     segmented, not no_language_check, (max_ar, max_en), glossary, min_probability)
    clock = Clock()
    encoder = load_encoder(chosen) if chosen.encoder != "default" else None
    judged = align_files(ar, en, chosen, encoder=encoder, flags=True, clock=clock)
    kept = [f for f in judged.flags if (not kind or f.kind in kind) and side in (None, f.side)
            and not (no_boilerplate and f.kind == "boilerplate")]
    with open_output(output, force) as stream:
        write_flags(stream, judged, kept, format)
    counts = Counter(f"{f.kind} {f.relation}" for f in kept)
    o.say(context, f"{len(kept)} flags" + (": " if kept else "")
          + ", ".join(f"{count} {name}" for name, count in counts.most_common())
          + f"; {len(judged.alignment.beads)} beads, {sum(clock.seconds.values()):.2f} s")
    if fail_on_flags and kept:
        raise typer.Exit(FOUND)


def score(
    context: typer.Context,
    bitext: Annotated[str, typer.Argument(metavar="BITEXT", help="TSV or JSON lines; or the Arabic file of a pair.",
                                          show_default=False)],
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

    BITEXT is TSV (Arabic, English, anything else), JSON lines (ar and en, texts or as align writes them), or with EN
    two files of equal lines. tsv adds two columns: the probability, and the flags as side:kind:relation:text with a
    bar between. jsonl adds probability and flags; their offsets are code points in the pair's own texts.
    """
    from ..diverge import score_pairs
    from ..files import open_output
    from ..read import read
    from ..write_flags import flag_record

    if format not in ("tsv", "jsonl"):
        raise UsageError(f"unknown format {format!r}; known are tsv and jsonl")
    check_output(output, force, format, ("ar", "en"))
    limit = {} if max_bytes is None else {"max_bytes": max_bytes}
    texts = [read(path, "und", encoding, **limit).text for path in (bitext, english) if path is not None]
    rows = list(_two_files(bitext, english, *texts) if english is not None else _one_file(bitext, texts[0]))
    if not rows:
        raise InputError(f"{bitext}: has no pairs")
    encoder = load_encoder(Options(cache=not no_cache))
    low = 0
    with open_output(output, force) as stream:
        for start in range(0, len(rows), _PAIRS):
            part = rows[start:start + _PAIRS]
            found = score_pairs([ar for ar, _, _ in part], [en for _, en, _ in part], encoder, glossary=glossary,
                                min_probability=min_probability)
            for (ar, en, rest), judged in zip(part, found, strict=True):
                low += judged.probability < 0.5
                if format == "jsonl":
                    record = {**(rest if isinstance(rest, dict) else {}), "ar": ar, "en": en,
                              "probability": round(judged.probability, 4),
                              "flags": [{k: v for k, v in flag_record(f).items() if k != "bead"} for f in judged.flags]}
                    stream.write(json.dumps(record, ensure_ascii=False) + "\n")
                else:
                    others = rest if isinstance(rest, list) else []
                    flags = " | ".join(f"{f.side}:{f.kind}:{f.relation}:{' '.join(f.text.split())}" for f in judged.flags)
                    stream.write("\t".join([ar, en, *others, f"{judged.probability:.4f}", flags]) + "\n")
    o.say(context, f"{len(rows)} pairs, {low} below probability 0.5")


def _lines(text: str) -> list[str]:
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    return lines[:-1] if not lines[-1] else lines


def _two_files(ar: str, en: str, first: str, second: str) -> Iterator[tuple[str, str, list[str]]]:
    a, e = _lines(first), _lines(second)
    if len(a) != len(e):
        raise FormatError(f"{ar} has {len(a)} lines and {en} has {len(e)}; the two files of a pair have equally many")
    for one, two in zip(a, e, strict=True):
        yield one, two, []


def _one_file(path: str, text: str) -> Iterator[tuple[str, str, list[str] | dict]]:
    for number, line in enumerate(_lines(text), 1):
        if not line.strip():
            continue
        if not line.startswith("{"):
            cells = line.split("\t")
            if len(cells) < 2:
                raise FormatError(f"{path}:{number}: has no tab between Arabic and English")
            yield cells[0], cells[1], cells[2:]
            continue
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            raise FormatError(f"{path}:{number}: is not JSON: {error.msg}") from None
        if record.get("record", "bead") != "bead":
            continue
        sides = [record.get(side) for side in ("ar", "en")]
        sides = [side.get("text") if isinstance(side, dict) else side for side in sides]
        if not all(isinstance(side, str) for side in sides):
            raise FormatError(f"{path}:{number}: has no texts under ar and en")
        yield sides[0], sides[1], record


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
