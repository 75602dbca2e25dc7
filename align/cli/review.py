"""report and apply: a page to review an aligned pair on, and the way back from it."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from ..choices import WITHOUT_FLAGS, AlignmentFormat
from ..data import Judged
from ..pipeline import Options
from . import options as o
from .align import FORMATS, manifest_of, summary, write_plot
from .outputs import check_others, check_output, keep_apart


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(epilog="Example: muwazi report ar.txt en.txt -o pair.html")(report)
    app.command(epilog="Example: muwazi apply ar-en.corrections.json ar.txt en.txt -o bitext.tsv")(apply)


@dataclass(frozen=True, slots=True)
class _Saved:
    """An output of an earlier run."""

    from_: Annotated[Path | None, o.option("--from", metavar="FILE", help="Show this output of align --format jsonl, or, with "
                                           "--document, of a run.",
                                           show_default=False)] = None
    document: Annotated[str | None, o.option("--document", metavar="ID", help="The document of the run in the folder --from.",
                                             show_default=False)] = None
    recipe: Annotated[Path | None, o.option("--recipe", metavar="FILE", help="Manifest of that run, for its signature.",
                                            show_default=False)] = None

    def check(self, ar: str | None, en: str | None, manifest: Path | None) -> None:
        """Raise UsageError for what contradicts itself, or the files that are named."""
        from ..errors import UsageError

        path = self.from_
        if (path is None) == (ar is None) or (ar is None) != (en is None):
            raise UsageError("name the two files, AR and EN, or the output of an earlier run with --from")
        if self.document is not None and path is None:
            raise UsageError("--document goes with --from FOLDER, the folder of a run")
        if path is not None and path.is_dir() and self.document is None:
            raise UsageError(f"{path}: is a folder; with --document ID a document of the run in it is shown, and "
                             f"{path / 'report.html'} lists them all")
        if path is None and self.recipe is not None:
            raise UsageError("--recipe belongs to --from; a fresh run has a recipe of its own")
        if path is not None and manifest is not None:
            raise UsageError("--manifest belongs to a fresh run, not to --from")

    def read(self, langs: tuple[str, str], least: float) -> tuple[Judged, str, dict[tuple[str, int], str]]:
        """The pair as an earlier run wrote it, or a document of a run in a folder, with flags from a probability on, the
        signature of the run's manifest, and the texts that a person edited."""
        from ..manifest import read_manifest
        from ..report.saved import read_reviewed

        edits: dict[tuple[str, int], str] = {}
        signature = ""
        if self.document is not None:
            from ..run.review import read_document

            judged, signature = read_document(str(self.from_), self.document)
        else:
            judged, edits = read_reviewed(self.from_, langs)
        if self.recipe is not None:
            signature = read_manifest(self.recipe).signature
        return replace(judged, flags=tuple(flag for flag in judged.flags if flag.probability >= least)), signature, edits


@o.expanded
def report(
    context: typer.Context,
    output: Annotated[str, o.option("--output", "-o", metavar="FILE", help="Where to write the page; - for stdout.",
                                    show_default=False)],
    ar: Annotated[str | None, typer.Argument(metavar="AR", help="Arabic (first) file; - for stdin.",
                                             show_default=False)] = None,
    en: Annotated[str | None, typer.Argument(metavar="EN", help="English (second) file; - for stdin.",
                                             show_default=False)] = None,
    *,
    saved: _Saved,
    plot: Annotated[Path | None, o.option("--plot", metavar="FILE", help="Write the dot-plot too, as SVG.")] = None,
    title: Annotated[str, o.option(metavar="TEXT", help="Title of the page, in place of the files' names.",
                                   show_default=False)] = "",
    flags: Annotated[bool, o.option(help="Show flags of one-sided content.")] = True,
    min_probability: Annotated[float | None, o.option("--min-probability", min=0.0, max=1.0, show_default=False,
                                                      help="Show flags from this probability on; 0 shows every "
                                                           "candidate. [by kind]")] = None,
    beads: o.Beads,
    manifest: o.Manifest = None,
    force: o.Force = False,
    fail_if_unrelated: o.FailIfUnrelated = False,
    reading: o.Reading,
    encoder: o.Encoder,
    second: o.Second,
    no_cache: o.NoCache = False,
) -> None:
    """Write a page on which a person reviews an aligned pair: one HTML file, which needs no network.

    It shows the beads side by side, what stands in one version only and why, and lets a reviewer accept, merge, split,
    move and link. What the page saves goes to apply.
    """
    from ..report import write_report

    saved.check(ar, en, manifest)
    o.check_files("report", *map(str, o.paths_of(ar, en)))
    chosen = o.options_of(reading, encoder, beads, second, min_probability=min_probability, cache=not no_cache)
    keep_apart(o.paths_of(ar, en, saved.from_, saved.recipe), o.paths_of(output, plot, manifest))
    check_others(force, (output, "html"), (plot, "svg"), (manifest, "json"))
    if saved.from_ is None:
        judged, signature = _aligned(context, (ar, en), chosen, flags, manifest, force)
        edits = {}
    else:
        judged, signature, edits = saved.read(chosen.langs, min_probability or 0.0 if flags else 2.0)
    write_report(output, judged, signature, force, title, edits)
    if plot is not None:
        write_plot(plot, judged, force)
    o.tell_unrelated(context, judged, fail_if_unrelated)


def _aligned(context: typer.Context, paths: tuple[str, str], chosen: Options, flags: bool,
             manifest: Path | None, force: bool) -> tuple[Judged, str]:
    """The pair, aligned now, and the signature of this run."""
    from ..pipeline import Clock, align_files, named_encoder

    clock = Clock()
    encoder = named_encoder(chosen)
    judged = align_files(*paths, chosen, encoder=encoder, flags=flags and chosen.langs == ("ar", "en"),
                         clock=clock)
    record = manifest_of(chosen, paths, judged, clock, {"format": "html"}, encoder)
    if manifest is not None:
        record.write(manifest, force)
    o.say(context, summary(judged, clock))
    return judged, record.signature


def apply(
    context: typer.Context,
    corrections: Annotated[Path, typer.Argument(metavar="CORRECTIONS", help="File that the page saved.",
                                                show_default=False)],
    ar: o.ArFile,
    en: o.EnFile,
    output: o.Output = "-",
    format: Annotated[AlignmentFormat | None, o.choice("--format", "-f", help="As for align: tsv, jsonl, moses, vecalign ... [by "
                                                       "the name, else tsv]", show_default=False)] = None,
    header: o.Header = False,
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
    from ..report import corrected, read_corrections
    from ..write import Shown, write

    format = o.format_for(context, output, format, FORMATS, "tsv", "an alignment")
    o.check_header(header, format)
    if ar == "-" and en == "-":
        raise UsageError("only one of the two files can be stdin")
    found = read_corrections(corrections)
    keep_apart(o.paths_of(corrections, ar, en), check_output(output, force, format, found.langs))
    documents = [o.read_file(path, lang, encoding, max_bytes) for path, lang in zip((ar, en), found.langs, strict=True)]
    if are_keyed(*documents):
        documents[1] = in_order_of(*documents)
    judged = corrected(found, *documents)
    flags = None if format in WITHOUT_FLAGS else flags_by_bead(judged)
    write(output, judged.ar, judged.en, judged.alignment, format=format, force=force, suffixes=found.langs,
          shown=Shown(header, flags, found.edits))
    confirmed = f" ({found.confirmed} confirmed)" if found.confirmed else ""
    texts = f"; {o.counted(len(found.edits), 'text')} edited" if found.edits else ""
    if texts and format in ("moses", "vecalign"):
        texts += f", which {format} has no room to mark"
    o.say(context, f"{len(found.beads)} beads: {found.accepted} accepted, {found.edited} edited; "
                   f"{len(found.flags)} flags kept{confirmed}, {found.dismissed} dismissed{texts}")
