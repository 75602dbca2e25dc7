"""align, segment and demo: one pair, or one file, from raw text."""

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .. import __version__
from ..data import Judged
from ..files import json_line
from ..pipeline import Clock, Options
from . import options as o

if TYPE_CHECKING:
    from ..encode import Encoder

# As `align.write` has them; named here since to import it takes longer than to print help.
FORMATS = ("tsv", "jsonl", "vecalign", "moses", "csv", "tmx", "xliff", "xlsx", "parquet", "datasets")
WITHOUT_FLAGS = {"tsv", "vecalign", "moses"}


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(epilog="Example: muwazi align ar.txt en.txt --format jsonl -o pair.jsonl")(align)
    app.command(epilog="Example: muwazi segment report.txt --lang ar")(segment)
    app.command(epilog="Example: muwazi demo story")(demo)


def align(
    context: typer.Context,
    ar: o.ArFile,
    en: o.EnFile,
    output: o.Output = "-",
    format: Annotated[str | None, o.option("--format", "-f", help=f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}. [by the name, "
                                           "else tsv]", show_default=False, autocompletion=lambda: list(FORMATS))] = None,
    header: Annotated[bool, o.option("--header", help="Begin the TSV with a line of column names.")] = False,
    flags: Annotated[bool, o.option(help="Look for flags where the format has room for them, or a filter goes by them.")] = True,
    glossary: o.Glossary = None,
    segmented: o.IsSegmented = False,
    max_ar: o.MaxAr = 8,
    max_en: o.MaxEn = 8,
    manifest: o.Manifest = None,
    report: Annotated[Path | None, o.option(metavar="FILE.html", help="Also write a page to review the pair on.")] = None,
    plot: Annotated[Path | None, o.option(metavar="FILE.svg", help="Also draw the alignment as a dot-plot.")] = None,
    filter: Annotated[str | None, o.option("--filter", metavar="PROFILE", help="Write only beads fit for training: default, "
                                           "strict, permissive, or a TOML file.", show_default=False)] = None,
    rejects: Annotated[str | None, o.option("--rejects", metavar="FILE", help="Where beads go that --filter rejects, with "
                                            "their reasons.", show_default=False)] = None,
    precision: o.TargetPrecision = None,
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
    """Align two versions of a text, sentence by sentence.

    Every sentence of both files ends in exactly one bead (a group of sentences that answer each other, or a sentence
    that stands in one version only). tsv: Arabic, English, confidence, numbers of the Arabic and of the English
    segments, from 0. jsonl: everything, with offsets and flags. moses: two files, OUTPUT.ar and OUTPUT.en. vecalign:
    [ar numbers]:[en numbers]:similarity. csv, tmx, xliff, xlsx, parquet and datasets are for other programs.
    """
    from ..errors import InputError, UsageError
    from ..pipeline import align_files, flags_by_bead, named_encoder
    from ..write import write

    format = o.format_for(context, output, format, FORMATS, "tsv", "an alignment")
    for path, kind in ((report, "html"), (plot, "svg"), (manifest, "json")):
        o.check_suffix(path, kind)
    o.check_files("align", ar, en)
    chosen = Options(model, device, batch_size, model_precision, revision, not no_cache, o.languages(langs), encoding,
                     max_bytes, segmented, not no_language_check, (max_ar, max_en), glossary,
                     **o.second(second_model, second_weight, thorough))
    if header and format != "tsv":
        raise UsageError(f"a header line belongs to the format tsv, not to {format}")
    tags = o.tags(langs)
    outputs = check_output(output, force, format, tags)
    for path in (manifest, report, plot):
        if path is not None:
            outputs += check_output(str(path), force, "tsv", chosen.langs)
    if filter is None and (rejects is not None or precision is not None):
        raise UsageError(f"--{'rejects' if rejects is not None else 'precision'} goes with --filter")
    if filter is not None:
        from ..filter import load_profile
        from .filter import Outputs
        from .filter import filtered_beads as write_filtered

        profile = load_profile(filter)
        plan = Outputs.of("-", "tsv", rejects, None, tags, force)
        outputs += plan.check([])
    keep_apart([Path(path) for path in (ar, en) if path != "-"], outputs)
    if glossary is not None and not glossary.is_file():
        raise InputError(f"{glossary}: no such file")
    clock = Clock()
    # What a filter keeps must not depend on the format.
    wanted = report is not None or flags and (filter is not None or format not in WITHOUT_FLAGS)
    with_flags = wanted and chosen.langs == ("ar", "en")
    encoder = named_encoder(chosen)
    judged = align_files(ar, en, chosen, encoder=encoder, flags=with_flags, clock=clock)
    found = flags_by_bead(judged) if with_flags else None
    told = None
    with clock.stage("write"):
        if filter is not None:
            told = write_filtered(output, judged, found, profile, plan, precision, format=format, header=header)
        else:
            write(output, judged.ar, judged.en, judged.alignment, format=format, force=force, header=header, flags=found,
                  suffixes=tags, version=__version__)
    if manifest is not None or report is not None:
        extra = {"format": format} if filter is None else {"format": format, "filter": profile.name}
        record = _manifest(chosen, (ar, en), judged, clock, extra, encoder)
        if manifest is not None:
            record.write(manifest, force)
        if report is not None:
            from ..report import write_report

            write_report(report, judged, record.signature, force)
    if plot is not None:
        from ..files import open_output
        from ..report import plot as draw

        with open_output(plot, force) as stream:
            stream.write(draw(judged))
    o.say(context, summary(judged, clock) + ("" if told is None else "\n" + told.text()))
    if flags and format not in WITHOUT_FLAGS and not with_flags:
        o.say(context, f"no flags: they are known for Arabic and English, in this order, not for --langs {langs}")
    o.tell_unrelated(context, judged, fail_if_unrelated)


def check_output(output: str, force: bool, format: str, langs: tuple[str, str]) -> list[Path]:
    """The files that an output will be, none for stdout; refuses what could not be written before any work is done."""
    from ..errors import UsageError
    from ..files import check_writable, refuse_terminal
    from ..suffixes import BINARY
    from ..write import moses_paths

    if output == "-":
        if format == "moses":
            raise UsageError("the format moses writes two files: name their prefix with -o PREFIX")
        if format == "datasets":
            raise UsageError("the format datasets writes a folder: name it with -o FOLDER")
        if format in BINARY:
            refuse_terminal(sys.stdout, format)
        return []
    if format == "datasets":
        from ..write.columns import check_folder

        check_folder(output, force)
        return [Path(output)]
    paths = [*moses_paths(output, langs)] if format == "moses" else [Path(output)]
    for path in paths:
        check_writable(path, force)
    return paths


def keep_apart(inputs: list[Path], outputs: list[Path]) -> None:
    """Refuse to write over an input, or two outputs into one file."""
    from ..errors import UsageError

    for at, path in enumerate(outputs):
        taken = [*inputs, *outputs[:at]]
        if path.is_file() or path in taken:
            same = [other for other in taken if other == path or other.exists() and path.exists()
                    and other.samefile(path)]
            if same:
                raise UsageError(f"{path}: is an input or another output of the same run")


def summary(judged: Judged, clock: Clock) -> str:
    """How the alignment went, in one line."""
    kinds = Counter(bead.kind for bead in judged.alignment.beads)
    lone = {side: sum(1 for b in judged.alignment.beads if not len(getattr(b, other)))
            for side, other in (("ar", "en"), ("en", "ar"))}
    paired = [b.confidence for b in judged.alignment.beads if len(b.ar) and len(b.en)]
    types = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common() if "0" not in kind.split(":"))
    moved = sum(block.kind == "moved" for block in judged.alignment.blocks)
    langs = judged.ar.document.lang, judged.en.document.lang
    return (f"{len(judged.ar.segments)} {langs[0]} and {len(judged.en.segments)} {langs[1]} segments: "
            f"{len(paired)} pairs ({types or 'none'}), alone {lone['ar']} {langs[0]} and {lone['en']} {langs[1]}"
            + (f", {moved} moved blocks" if moved else "")
            + (f", mean confidence {sum(paired) / len(paired):.2f}" if paired else "")
            + f"; {sum(clock.seconds.values()):.2f} s")


def _manifest(options: Options, paths: tuple[str, str], judged: Judged, clock: Clock, extra: dict[str, str],
              encoder: "Encoder | None"):
    from ..manifest import EncoderRecord, Source
    from ..manifest import Manifest as Record
    from ..pipeline import load_encoder

    sources = []
    for path, side in zip(paths, (judged.ar, judged.en), strict=True):
        text = side.document.text
        data = text.encode("utf-8", "surrogatepass") if path == "-" else Path(path).read_bytes()
        sources.append(Source.of(path, data, len(text)))
    encoder = encoder or load_encoder(options)
    beads = judged.alignment.beads
    counts = {"ar_segments": len(judged.ar.segments), "en_segments": len(judged.en.segments), "beads": len(beads),
              "alone_ar": sum(not len(b.en) for b in beads), "alone_en": sum(not len(b.ar) for b in beads),
              "blocks": len(judged.alignment.blocks), "flags": len(judged.flags)}
    return Record(EncoderRecord(encoder.name, options.revision or "", encoder.dimension),
                  {**options.recipe(), **extra}, tuple(sources), counts=counts,
                  seconds={name: round(value, 4) for name, value in clock.seconds.items()})


def segment(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="File to segment; - for stdin.", show_default=False)],
    lang: Annotated[str, o.option(help="Its language: ar or en.")] = "ar",
    output: o.Output = "-",
    segmented: o.IsSegmented = False,
    encoding: o.Encoding = None,
    max_bytes: o.MaxBytes = None,
    force: o.Force = False,
) -> None:
    """Show a file's sentences as JSON lines: index, start and end in code points, text, form, kind, paragraph, line."""
    from ..files import open_output
    from ..read import read
    from ..segment import as_records
    from ..segment import segment as cut

    o.format_for(context, output, None, ("jsonl",), "jsonl", "segments")
    check_output(output, force, "jsonl", ("ar", "en"))
    limit = {} if max_bytes is None else {"max_bytes": max_bytes}
    found = cut(read(file, lang, encoding, **limit), segmented=segmented)
    with open_output(output, force) as stream:
        for record in as_records(found):
            stream.write(json_line(record) + "\n")


def _corpora() -> list[str]:
    from ..shipped import names

    return names("corpora")


def demo(
    context: typer.Context,
    corpus: Annotated[str, typer.Argument(help="A shipped pair.", autocompletion=_corpora)] = "news",
    list_: Annotated[bool, o.option("--list", help="Name the shipped pairs.")] = False,
    second_model: o.SecondModel = None,
    second_weight: o.SecondWeight = o.SECOND_WEIGHT,
    thorough: o.Thorough = False,
) -> None:
    """Align a shipped pair, offline, and show it with its score against the gold alignment."""
    from ..cells import visible
    from ..errors import UsageError
    from ..evaluate.alignment import evaluate, index_beads, read_alignment
    from ..pipeline import align_files
    from ..shipped import folder, names
    from ..write import bead_texts

    if list_:
        for name in names("corpora"):
            typer.echo(name)
        return
    if corpus not in names("corpora"):
        known = names("corpora")
        raise UsageError(f"no shipped pair is called {corpus!r}{o.did_you_mean(corpus, known) or ';'} there are {', '.join(known)}")
    place = folder("corpora") / corpus
    clock = Clock()
    options = Options(**o.second(second_model, second_weight, thorough))
    judged = align_files(place / "ar.txt", place / "en.txt", options, flags=True, clock=clock)
    flags = [[] for _ in judged.alignment.beads]
    for flag in judged.flags:
        flags[flag.bead].append(flag)
    for bead, (ar, en), found in zip(judged.alignment.beads, bead_texts(judged.ar, judged.en, judged.alignment), flags,
                                     strict=True):
        typer.echo(f"{bead.kind}  confidence {bead.confidence:.2f}")
        for text in (ar, en):
            typer.echo(visible(f"  {text or '—'}"))
        for flag in found:
            typer.echo(f"    ! {flag.side} {flag.kind} {flag.relation}: {' '.join(flag.text.split())}")
        typer.echo()
    gold = read_alignment(place / "gold.txt")
    scores = evaluate([gold], [index_beads(judged.alignment)])
    o.say(context, summary(judged, clock))
    o.say(context, f"against the gold alignment: strict F1 {scores.strict.f1:.3f}, lax F1 {scores.lax.f1:.3f}")
