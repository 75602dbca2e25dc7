"""align, segment and demo: one pair, or one file, from raw text."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..choices import WITHOUT_FLAGS, AlignmentFormat, names
from ..data import Judged
from ..files import json_line
from ..pipeline import Clock, Options
from . import options as o
from .outputs import check_others, check_output, keep_apart

if TYPE_CHECKING:
    from ..encode import Encoder
    from ..manifest import Manifest
    from .filter import BeadFilter

FORMATS = names(AlignmentFormat)
Format = Annotated[AlignmentFormat | None, o.format_option(AlignmentFormat)]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(epilog="Example: muwazi align ar.txt en.txt --format jsonl -o pair.jsonl")(align)
    app.command(epilog="Example: muwazi segment report.txt --lang ar")(segment)
    app.command(epilog="Example: muwazi demo story")(demo)


@dataclass(frozen=True, slots=True)
class _Beside:
    """What is written beside the bitext."""

    manifest: o.Manifest = None
    report: Annotated[Path | None, o.option(metavar="FILE.html", help="Also write a page to review the pair on.")] = None
    plot: Annotated[Path | None, o.option(metavar="FILE.svg", help="Also draw the alignment as a dot-plot.")] = None

    def check(self, force: bool) -> list[Path]:
        """The files that there will be; refuses what could not be written."""
        return check_others(force, (self.report, "html"), (self.plot, "svg"), (self.manifest, "json"))

    def write(self, judged: Judged, record: "Manifest | None", force: bool) -> None:
        """Write what was asked for; `record` is of this run."""
        if self.manifest is not None:
            record.write(self.manifest, force)
        if self.report is not None:
            from ..report import write_report

            write_report(self.report, judged, record.signature, force)
        if self.plot is not None:
            write_plot(self.plot, judged, force)


@dataclass(frozen=True, slots=True)
class _Filtering:
    """Which beads are written."""

    filter: Annotated[str | None, o.option("--filter", metavar="PROFILE", help="Write only beads fit for training: default, "
                                           "strict, permissive, or a TOML file.", show_default=False)] = None
    rejects: Annotated[str | None, o.option("--rejects", metavar="FILE", help="Where beads go that --filter rejects, with "
                                            "their reasons.", show_default=False)] = None
    precision: o.TargetPrecision = None

    def plan(self, langs: tuple[str, str], force: bool) -> "BeadFilter | None":
        """By what beads are kept, and where the others go; raises UsageError and InputError."""
        from ..errors import UsageError

        if self.filter is None:
            if self.rejects is not None or self.precision is not None:
                raise UsageError(f"--{'rejects' if self.rejects is not None else 'precision'} goes with --filter")
            return None
        from ..filter import load_profile
        from .filter import BeadFilter, Outputs

        return BeadFilter(load_profile(self.filter), self.precision,
                          Outputs.of("-", "tsv", rejects=self.rejects, langs=langs, force=force))


@o.expanded
def align(
    context: typer.Context,
    ar: o.ArFile,
    en: o.EnFile,
    *,
    output: o.Output = "-",
    format: Format = None,
    header: o.Header = False,
    flags: Annotated[bool, o.option(help="Look for flags where the format has room for them, or a filter goes by them.")] = True,
    beads: o.Beads,
    beside: _Beside,
    filtering: _Filtering,
    force: o.Force = False,
    fail_if_unrelated: o.FailIfUnrelated = False,
    reading: o.Reading,
    encoder: o.Encoder,
    second: o.Second,
    no_cache: o.NoCache = False,
) -> None:
    """Align two versions of a text, sentence by sentence.

    Every sentence of both files ends in exactly one bead (a group of sentences that answer each other, or a sentence
    that stands in one version only). tsv: Arabic, English, confidence, numbers of the Arabic and of the English
    segments, from 0. jsonl: everything, with offsets and flags. moses: two files, OUTPUT.ar and OUTPUT.en. vecalign:
    [ar numbers]:[en numbers]:similarity. csv, tmx, xliff, xlsx, parquet and datasets are for other programs.
    """
    from ..pipeline import align_files, flags_by_bead, named_encoder
    from ..write import Shown, write

    format = o.format_for(context, output, format, FORMATS, "tsv", "an alignment")
    o.check_files("align", ar, en)
    o.check_header(header, format)
    chosen = o.options_of(reading, encoder, beads, second, cache=not no_cache)
    tags = o.tags(reading.langs)
    outputs = check_output(output, force, format, tags) + beside.check(force)
    plan = filtering.plan(tags, force)
    keep_apart(o.paths_of(ar, en), outputs + (plan.outputs.check() if plan else []))
    clock, loaded = Clock(), named_encoder(chosen)
    # What a filter keeps must not depend on the format.
    wanted = beside.report is not None or flags and (plan is not None or format not in WITHOUT_FLAGS)
    with_flags = wanted and chosen.langs == ("ar", "en")
    judged = align_files(ar, en, chosen, encoder=loaded, flags=with_flags, clock=clock)
    shown = Shown(header, flags_by_bead(judged) if with_flags else None)
    told = None
    with clock.stage("write"):
        if plan is None:
            write(output, judged.ar, judged.en, judged.alignment, format=format, force=force, suffixes=tags, shown=shown)
        else:
            from .filter import write_filtered_beads

            told = write_filtered_beads(output, judged, plan, format=format, shown=shown)
    if beside.manifest is not None or beside.report is not None:
        extra = {"format": format} if plan is None else {"format": format, "filter": plan.profile.name}
        record = manifest_of(chosen, (ar, en), judged, clock, extra, loaded)
    else:
        record = None
    beside.write(judged, record, force)
    o.say(context, summary(judged, clock) + ("" if told is None else "\n" + told.text()))
    if flags and format not in WITHOUT_FLAGS and not with_flags:
        o.say(context, f"no flags: they are known for Arabic and English, in this order, not for --langs {reading.langs}")
    o.tell_unrelated(context, judged, fail_if_unrelated)


def write_plot(path: Path, judged: Judged, force: bool) -> None:
    """Write the dot-plot of an alignment."""
    from ..files import open_output
    from ..report import plot

    picture = plot(judged)
    with open_output(path, force) as stream:
        stream.write(picture)


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


def manifest_of(options: Options, paths: tuple[str, str], judged: Judged, clock: Clock, extra: dict[str, str],
                encoder: "Encoder | None") -> "Manifest":
    """What ran, on what."""
    from ..manifest import EncoderRecord, Manifest, Source
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
    return Manifest(EncoderRecord(encoder.name, options.revision or "", encoder.dimension),
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
    from ..segment import as_records
    from ..segment import segment as cut

    o.format_for(context, output, None, ("jsonl",), "jsonl", "segments")
    check_output(output, force)
    found = cut(o.read_file(file, lang, encoding, max_bytes), segmented=segmented)
    with open_output(output, force) as stream:
        for record in as_records(found):
            stream.write(json_line(record) + "\n")


def _corpora() -> list[str]:
    from ..shipped import names

    return names("corpora")


@o.expanded
def demo(
    context: typer.Context,
    corpus: Annotated[str, typer.Argument(help="A shipped pair.", autocompletion=_corpora)] = "news",
    *,
    list_: Annotated[bool, o.option("--list", help="Name the shipped pairs.")] = False,
    second: o.Second,
) -> None:
    """Align a shipped pair, offline, and show it with its score against the gold alignment."""
    from ..errors import UsageError
    from ..evaluate.alignment import evaluate, index_beads, read_alignment
    from ..pipeline import align_files
    from ..shipped import folder

    known = _corpora()
    if list_:
        typer.echo("\n".join(known))
        return
    if corpus not in known:
        raise UsageError(f"no shipped pair is called {corpus!r}{o.did_you_mean(corpus, known) or ';'} there are {', '.join(known)}")
    place = folder("corpora") / corpus
    clock = Clock()
    judged = align_files(place / "ar.txt", place / "en.txt", o.options_of(second), flags=True, clock=clock)
    _show(judged)
    gold = read_alignment(place / "gold.txt")
    scores = evaluate([gold], [index_beads(judged.alignment)])
    o.say(context, summary(judged, clock))
    o.say(context, f"against the gold alignment: strict F1 {scores.strict.f1:.3f}, lax F1 {scores.lax.f1:.3f}")


def _show(judged: Judged) -> None:
    """Print every bead with its confidence, its texts and its flags."""
    from ..cells import visible
    from ..write import bead_texts

    texts = bead_texts(judged.ar, judged.en, judged.alignment)
    for number, (bead, pair) in enumerate(zip(judged.alignment.beads, texts, strict=True)):
        typer.echo(f"{bead.kind}  confidence {bead.confidence:.2f}")
        for text in pair:
            typer.echo(visible(f"  {text or '—'}"))
        for flag in judged.flags:
            if flag.bead == number:
                typer.echo(f"    ! {flag.side} {flag.kind} {flag.relation}: {' '.join(flag.text.split())}")
        typer.echo()
