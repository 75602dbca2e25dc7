"""report and apply: a page to review an aligned pair on, and the way back from it."""

from pathlib import Path
from typing import Annotated

import typer

from ..data import Judged
from . import options as o


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(epilog="Example: muwazi report ar.txt en.txt -o pair.html")(report)
    app.command(epilog="Example: muwazi apply ar-en.corrections.json ar.txt en.txt -o bitext.tsv")(apply)


def report(
    context: typer.Context,
    output: Annotated[str, o.option("--output", "-o", metavar="FILE", help="Where to write the page; - for stdout.",
                                    show_default=False)],
    ar: Annotated[str | None, typer.Argument(metavar="AR", help="Arabic (first) file; - for stdin.",
                                             show_default=False)] = None,
    en: Annotated[str | None, typer.Argument(metavar="EN", help="English (second) file; - for stdin.",
                                             show_default=False)] = None,
    from_: Annotated[Path | None, o.option("--from", metavar="FILE", help="Show this output of align --format jsonl, or, with "
                                           "--document, of a run.",
                                           show_default=False)] = None,
    document: Annotated[str | None, o.option("--document", metavar="ID", help="The document of the run in the folder --from.",
                                             show_default=False)] = None,
    recipe: Annotated[Path | None, o.option("--recipe", metavar="FILE", help="Manifest of that run, for its signature.",
                                            show_default=False)] = None,
    plot: Annotated[Path | None, o.option("--plot", metavar="FILE", help="Write the dot-plot too, as SVG.")] = None,
    title: Annotated[str, o.option(metavar="TEXT", help="Title of the page, in place of the files' names.",
                                   show_default=False)] = "",
    flags: Annotated[bool, o.option(help="Show flags of one-sided content.")] = True,
    min_probability: Annotated[float | None, o.option("--min-probability", min=0.0, max=1.0, show_default=False,
                                                      help="Show flags from this probability on; 0 shows every "
                                                           "candidate. [by kind]")] = None,
    glossary: o.Glossary = None,
    segmented: o.IsSegmented = False,
    max_ar: o.MaxAr = 8,
    max_en: o.MaxEn = 8,
    manifest: o.Manifest = None,
    force: o.Force = False,
    fail_if_unrelated: o.FailIfUnrelated = False,
    no_language_check: o.NoCheck = False,
    langs: o.Langs = "ar-en",
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
    """Write a page on which a person reviews an aligned pair: one HTML file, which needs no network.

    It shows the beads side by side, what stands in one version only and why, and lets a reviewer accept, merge, split,
    move and link. What the page saves goes to apply.
    """
    from ..errors import InputError, UsageError
    from ..pipeline import Options
    from ..report import write_report
    from .align import check_output, keep_apart

    if (from_ is None) == (ar is None) or (ar is None) != (en is None):
        raise UsageError("name the two files, AR and EN, or the output of an earlier run with --from")
    if document is not None and from_ is None:
        raise UsageError("--document goes with --from FOLDER, the folder of a run")
    if from_ is not None and from_.is_dir() and document is None:
        raise UsageError(f"{from_}: is a folder; with --document ID a document of the run in it is shown, and "
                         f"{from_ / 'report.html'} lists them all")
    if from_ is None and recipe is not None:
        raise UsageError("--recipe belongs to --from; a fresh run has a recipe of its own")
    if from_ is not None and manifest is not None:
        raise UsageError("--manifest belongs to a fresh run, not to --from")
    if ar is not None and en is not None:
        o.check_files("report", ar, en)
    chosen = Options(model, device, batch_size, model_precision, revision, not no_cache, o.languages(langs), encoding,
                     max_bytes, segmented, not no_language_check, (max_ar, max_en), glossary, min_probability,
                     **o.second(second_model, second_weight, thorough))
    if glossary is not None and not glossary.is_file():
        raise InputError(f"{glossary}: no such file")
    outputs = [path for target in (output, plot, manifest) if target is not None
               for path in check_output(str(target), force, "html", chosen.langs)]
    keep_apart([Path(path) for path in (ar, en, from_, recipe) if path not in (None, "-")], outputs)
    for path, kind in ((output, "html"), (plot, "svg"), (manifest, "json")):
        o.check_suffix(path, kind)
    if from_ is None:
        judged, signature = _aligned(context, (ar, en), chosen, flags, manifest, force)
        edits = {}
    else:
        judged, signature, edits = _saved(from_, document, recipe, chosen.langs, min_probability or 0.0 if flags else 2.0)
    write_report(output, judged, signature, force, title, edits)
    if plot is not None:
        _write_plot(plot, judged, force)
    o.tell_unrelated(context, judged, fail_if_unrelated)


def _aligned(context: typer.Context, paths: tuple[str, str], chosen, flags: bool,
             manifest: Path | None, force: bool) -> tuple[Judged, str]:
    """The pair, aligned now, and the signature of this run."""
    from ..pipeline import Clock, align_files, named_encoder
    from .align import _manifest, summary

    clock = Clock()
    encoder = named_encoder(chosen)
    judged = align_files(*paths, chosen, encoder=encoder, flags=flags and chosen.langs == ("ar", "en"),
                         clock=clock)
    record = _manifest(chosen, paths, judged, clock, {"format": "html"}, encoder)
    if manifest is not None:
        record.write(manifest, force)
    o.say(context, summary(judged, clock))
    return judged, record.signature


def _saved(path: Path, document: str | None, recipe: Path | None, langs: tuple[str, str],
           least: float) -> tuple[Judged, str, dict[tuple[str, int], str]]:
    """The pair as an earlier run wrote it, or a document of a run in a folder, with flags from a probability on, the
    signature of the run's manifest, and the texts that a person edited."""
    from dataclasses import replace

    from ..manifest import read_manifest
    from ..report.saved import read_reviewed

    if document is not None:
        from ..run.review import read_document

        judged, signature = read_document(str(path), document)
        edits = {}
    else:
        judged, edits = read_reviewed(path, langs)
        signature = ""
    if recipe is not None:
        signature = read_manifest(recipe).signature
    return replace(judged, flags=tuple(flag for flag in judged.flags if flag.probability >= least)), signature, edits


def _write_plot(path: Path, judged: Judged, force: bool) -> None:
    from ..files import open_output
    from ..report import plot

    picture = plot(judged)
    with open_output(path, force) as stream:
        stream.write(picture)


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}" + ("" if count == 1 else "s")


def _formats() -> list[str]:
    from ..write import FORMATS

    return list(FORMATS)


def apply(
    context: typer.Context,
    corrections: Annotated[Path, typer.Argument(metavar="CORRECTIONS", help="File that the page saved.",
                                                show_default=False)],
    ar: o.ArFile,
    en: o.EnFile,
    output: o.Output = "-",
    format: Annotated[str | None, o.option("--format", "-f", help="As for align: tsv, jsonl, moses, vecalign ... [by the name, "
                                           "else tsv]", show_default=False, autocompletion=_formats)] = None,
    header: Annotated[bool, o.option("--header", help="Begin the TSV with a line of column names.")] = False,
    force: o.Force = False,
    encoding: o.Encoding = None,
    max_bytes: o.MaxBytes = None,
) -> None:
    """Write bitext from the corrections that a review page saved and the two texts it was made from.

    Other texts are refused. Beads that were accepted or edited have confidence 1; flags that were dismissed are left
    out.
    """
    from ..errors import UsageError
    from ..keyed import are_keyed, in_order_of
    from ..pipeline import flags_by_bead
    from ..read import read
    from ..report import corrected, read_corrections
    from ..write import FORMATS, write
    from .align import WITHOUT_FLAGS, check_output, keep_apart

    format = o.format_for(context, output, format, FORMATS, "tsv", "an alignment")
    if header and format != "tsv":
        raise UsageError(f"a header line belongs to the format tsv, not to {format}")
    if ar == "-" and en == "-":
        raise UsageError("only one of the two files can be stdin")
    found = read_corrections(corrections)
    keep_apart([corrections, *(Path(path) for path in (ar, en) if path != "-")],
               check_output(output, force, format, found.langs))
    limit = {} if max_bytes is None else {"max_bytes": max_bytes}
    documents = [read(path, lang, encoding, **limit) for path, lang in zip((ar, en), found.langs, strict=True)]
    if are_keyed(*documents):
        documents[1] = in_order_of(*documents)
    judged = corrected(found, *documents)
    write(output, judged.ar, judged.en, judged.alignment, format=format, force=force, header=header,
          flags=flags_by_bead(judged) if format not in WITHOUT_FLAGS else None, suffixes=found.langs, edits=found.edits)
    confirmed = f" ({found.confirmed} confirmed)" if found.confirmed else ""
    texts = f"; {_many(len(found.edits), 'text')} edited" if found.edits else ""
    if texts and format in ("moses", "vecalign"):
        texts += f", which {format} has no room to mark"
    o.say(context, f"{len(found.beads)} beads: {found.accepted} accepted, {found.edited} edited; "
                   f"{len(found.flags)} flags kept{confirmed}, {found.dismissed} dismissed{texts}")
