"""flag, score and evaluate-flags: what stands in one version only."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from ..choices import FlagFormat, Kind, ScoredFormat, Side, names
from ..choices import Recall as RecallName
from ..data import Flag, Row
from ..errors import InputError, LanguageError, UsageError
from ..pipeline import Clock, Options, load_encoder, named_encoder
from . import options as o
from .outputs import check_output, keep_apart

# The command line's library takes lists of the members of an enumeration only.
_Kind = StrEnum("_Kind", {name: name for name in names(Kind)})  # type: ignore[misc]
FOUND = 10  # exit status of --fail-on-flags
_PAIRS = 2000  # pairs read at a time

HIGH_RECALL = 0.12  # the least probability with --recall high
Recall = Annotated[RecallName, o.choice("--recall", help=f"usual, or high: also what is less likely, the same as --min-probability {HIGH_RECALL}.")]
MinProbability = Annotated[float | None, o.option("--min-probability", min=0.0, max=1.0, show_default=False,
                                                  help="Least probability of a flag; at 0 every candidate is listed. "
                                                       "[a threshold a kind]")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(epilog="Example: muwazi flag ar.txt en.txt --kind number --kind date")(flag)
    app.command(epilog="Example: muwazi score bitext.tsv -o scored.tsv")(score)
    app.command("evaluate-flags", epilog="Example: muwazi evaluate-flags gold.json flags.jsonl")(evaluate_flags)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which flags are listed."""

    min_probability: MinProbability = None
    recall: Recall = "usual"
    kind: Annotated[list[_Kind], o.choice(help=f"Only this kind; may be given again. One of {', '.join(names(Kind))}.",
                                         show_default=False)] = ()
    side: Annotated[Side | None, o.choice(help="Only what stands on this side: ar or en.")] = None
    no_boilerplate: Annotated[bool, o.option("--no-boilerplate", help="No page furniture.")] = False

    @property
    def least(self) -> float | None:
        """The least probability; None where each kind has its own."""
        return HIGH_RECALL if self.recall == "high" and self.min_probability is None else self.min_probability

    def chosen(self, flags: Sequence[Flag]) -> list[Flag]:
        """Those of the flags that are wanted."""
        return [flag for flag in flags if (not self.kind or flag.kind in self.kind) and self.side in (None, flag.side)
                and not (self.no_boilerplate and flag.kind == "boilerplate")]


@dataclass(frozen=True, slots=True)
class _Reading(o.Reading):
    """How files are read of which the flags are known in two languages only."""

    langs: Annotated[str, o.option(help="Which file is which: ar-en, or en-ar where the English one comes first.")] = "ar-en"


@o.expanded
def flag(
    context: typer.Context,
    ar: o.ArFile,
    en: o.EnFile,
    *,
    output: o.Output = "-",
    format: Annotated[FlagFormat | None, o.format_option(FlagFormat, "text")] = None,
    wanted: _Wanted,
    fail_on_flags: Annotated[bool, o.option("--fail-on-flags", help=f"Exit with {FOUND} if anything is listed.")] = False,
    fail_if_unrelated: o.FailIfUnrelated = False,
    beads: o.Beads,
    force: o.Force = False,
    reading: _Reading,
    encoder: o.Encoder,
    second: o.Second,
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
    from ..write.flags import write_flags

    format = o.format_for(context, output, format, names(FlagFormat), "text", "flags")
    o.check_files("flag", ar, en)
    ar, en = _arabic_first(ar, en, reading.langs)
    keep_apart(o.paths_of(ar, en), check_output(output, force, format))
    chosen = o.options_of(reading, encoder, beads, second, langs=("ar", "en"), min_probability=wanted.least, cache=not no_cache)
    clock = Clock()
    judged = align_files(ar, en, chosen, encoder=named_encoder(chosen), flags=True, clock=clock)
    kept = wanted.chosen(judged.flags)
    with open_output(output, force) as stream:
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
    english: o.EnOfPair = None,
    output: o.Output = "-",
    format: Annotated[ScoredFormat | None, o.format_option(ScoredFormat)] = None,
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
    from ..flags.pairs import LIKELY
    from ..flags.scoring import scored
    from ..garbage import keep_what_is_loaded
    from ..read.bitext import read_bitext
    from ..write.scored import open_scored
    from .progress import Meter

    format = o.format_for(context, output, format, names(ScoredFormat), "tsv", "scored pairs")
    keep_apart(o.paths_of(bitext, english), check_output(output, force, format))
    o.check_glossary(glossary)
    rows = read_bitext(bitext, english, encoding=encoding, max_bytes=max_bytes, keep_bad=True)
    part = list(islice(rows, _PAIRS))
    if not part:
        raise InputError(f"{bitext}: has no pairs")
    refuse_swapped(part, bitext)
    encoder = load_encoder(Options(cache=not no_cache))
    low = count = failed = 0
    with open_scored(output, format, force) as write, Meter(context, "pairs") as tell:
        while part:
            for found in scored(part, encoder, glossary, min_probability):
                failed += sum(bool(one.error) for one in found)
                low += sum(one.score.probability < LIKELY for one in found)
                write(found)
                count += len(found)
                tell(count)
                if count == len(found):  # by now all is loaded
                    keep_what_is_loaded()
            part = list(islice(rows, _PAIRS))
    o.say(context, f"{count} pairs, {low} below probability 0.5" + (f", of which {failed} could not be scored" if failed else ""))


def refuse_swapped(rows: Sequence[Row], name: str) -> None:
    """Raise LanguageError where most pairs have English on the Arabic side and Arabic on the English side."""
    from ..tongues import are_swapped

    swapped = sum(are_swapped(row.ar.text, row.en.text) for row in rows if row.is_pair)
    if 2 * swapped > sum(row.is_pair for row in rows):
        raise LanguageError(f"{name}: the sides are swapped, English stands where Arabic should; give the Arabic column or file "
                            "first")


def evaluate_flags(
    gold: Annotated[Path, typer.Argument(metavar="GOLD", help="JSON of one document, or JSON lines of passages.",
                                         show_default=False)],
    predicted: Annotated[list[Path], typer.Argument(metavar="PREDICTED...", show_default=False,
                                                    help="JSON lines of flags, a file a document of GOLD.")],
    as_json: o.AsJson = False,
) -> None:
    """Score flags against gold: recall by kind and severity, precision, must-not violations, average precision."""
    from ..evaluate.flags import as_text, evaluate, read_flags, read_gold

    golds = read_gold(gold)
    if len(golds) != len(predicted):
        raise UsageError(f"{gold} describes {len(golds)} documents, but {len(predicted)} files of flags were given")
    scores = evaluate(golds, [read_flags(path) for path in predicted])
    typer.echo(json.dumps(scores.record(), indent=2) if as_json else as_text(scores))
