"""What the functions of Python give back: an aligned pair that shows itself, becomes a table, and is saved."""

from __future__ import annotations

import os
from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING, Any

from .data import Judged
from .lang.ar.letters import CONTROLS
from .tongues import script_in

if TYPE_CHECKING:
    import pandas

SHOWN = 100
"""Beads that a notebook shows of one result."""

_TABLE = "border-collapse:collapse;width:100%;table-layout:fixed"
_CELL = "vertical-align:top;padding:.3em .6em;border-top:1px solid #8884;white-space:normal"
_MARKS = {"high": "#f9b4b4", "medium": "#fbdca0", "low": "#dfe3f5"}


class Result(Judged):
    """Two segmented documents, their alignment and the flags found in it; see `Judged` for its fields."""

    __slots__ = ()

    @classmethod
    def of(cls, judged: Judged) -> Result:
        """The same pair with what this class adds."""
        return cls(judged.ar, judged.en, judged.alignment, judged.flags)

    def pairs(self) -> Iterator[tuple[str, str, float]]:
        """Text of the first side, text of the second and confidence of each bead; an empty text where one-sided."""
        from .write import bead_texts

        for (ar, en), bead in zip(bead_texts(self.ar, self.en, self.alignment), self.alignment.beads, strict=True):
            yield ar, en, bead.confidence

    def to_pandas(self) -> pandas.DataFrame:
        """A row a bead, with the columns of `muwazi align -o FILE.csv`; flags are lists of records.

        Raises MissingExtra.
        """
        try:
            import pandas
        except ImportError:
            from .errors import MissingExtra

            raise MissingExtra("to_pandas needs: pip install 'muwazi[pandas]'") from None
        from .pipeline import flags_by_bead
        from .write.rows import columns, rows, values

        found = list(rows(self.ar, self.en, self.alignment, flags_by_bead(self)))
        frame = pandas.DataFrame([values(row) for row in found], columns=columns(self.langs))
        frame["flags"] = [list(row.flags or ()) for row in found]
        for name in frame.columns:
            if name.endswith(("_start", "_end")):
                frame[name] = frame[name].astype("Int64")
        return frame

    def save(self, path: str | os.PathLike[str], format: str | None = None, *, force: bool = False) -> list[str]:
        """Write the pair in the format that the name tells (`.tsv`, `.jsonl`, `.csv`, `.tmx`, `.xliff`, `.xlsx`, `.parquet`,
        `.html` for a page to review it on), or in `format`: then also `vecalign`, `moses` and `datasets`; the names of
        the files that were written.

        Raises UsageError for a name of another kind, or one that contradicts the format, and OutputError for a file
        that exists, without `force`, or that cannot be written.
        """
        from .choices import WITHOUT_FLAGS
        from .pipeline import flags_by_bead
        from .report import write_report
        from .suffixes import fitting
        from .write import FORMATS, Shown, write

        chosen = fitting(path, format, (*FORMATS, "html"), "tsv", "an alignment")
        if chosen == "html":
            write_report(path, self, force=force)
            return [str(path)]
        flags = None if chosen in WITHOUT_FLAGS else flags_by_bead(self)
        return write(path, self.ar, self.en, self.alignment, format=chosen, force=force, suffixes=self.langs,
                     shown=Shown(flags=flags))

    @property
    def langs(self) -> tuple[str, str]:
        """The codes of the two languages."""
        return self.ar.document.lang, self.en.document.lang

    def __repr__(self) -> str:
        beads = self.alignment.beads
        paired = [bead.confidence for bead in beads if len(bead.ar) and len(bead.en)]
        alone = [sum(not len(getattr(bead, other)) for bead in beads) for other in ("en", "ar")]
        sure = f", mean confidence {sum(paired) / len(paired):.2f}" if paired else ""
        flags = f", {len(self.flags)} flag{'s' if len(self.flags) != 1 else ''}" if self.flags else ""
        return (f"<Result: {len(self.ar.segments)} {self.langs[0]} and {len(self.en.segments)} {self.langs[1]} segments, "
                f"{len(paired)} pair{'s' if len(paired) != 1 else ''}, alone {alone[0]} {self.langs[0]} and {alone[1]} "
                f"{self.langs[1]}{sure}{flags}>")

    def _repr_html_(self) -> str:
        """Two columns with the flags marked, for a notebook; all text is escaped."""
        shown = self.alignment.beads[:SHOWN]
        rows = "".join(self._row(bead) for bead in shown)
        left = len(self.alignment.beads) - len(shown)
        more = f"<p>… and {left:,} more beads; result.save(&quot;page.html&quot;) writes all</p>" if left else ""
        heads = "".join(f'<th style="text-align:center;width:46%">{escape(lang)}</th>' for lang in self.langs)
        return (f'<p>{escape(repr(self)[1:-1])}</p><table style="{_TABLE}"><tr>{heads}<th style="width:8%">conf.</th></tr>{rows}'
                f"</table>{more}")

    def _row(self, bead: Any) -> str:
        cells = "".join(self._cell(side, number, span)
                        for side, number, span in (("ar", 0, bead.ar), ("en", 1, bead.en)))
        return f"<tr>{cells}<td style=\"vertical-align:top;border-top:1px solid #8884\">{bead.confidence:.2f}</td></tr>"

    def _cell(self, side: str, number: int, span: Any) -> str:
        """One side of a bead as it stands in the document, in its own direction, with its flags marked."""
        segmented = (self.ar, self.en)[number]
        if not len(span):
            return f'<td style="{_CELL}">—</td>'
        segments = segmented.segments[span.start:span.stop]
        start, end = segments[0].start, segments[-1].end
        text = segmented.document.text
        is_right = script_in(text[start:end]) == "Arabic"
        direction, edge = ("rtl", "right") if is_right else ("ltr", "left")
        inside = "".join(self._marked(text, side, start, end))
        return (f'<td dir="{direction}" lang="{escape(self.langs[number])}" style="{_CELL};text-align:{edge}">{inside}</td>')

    def _marked(self, text: str, side: str, start: int, end: int) -> Iterator[str]:
        """The text from `start` to `end` with `mark` around what is flagged; flags inside others are passed over."""
        at = start
        found = sorted((flag for flag in self.flags if flag.side == side and flag.start < end and flag.end > start),
                       key=lambda flag: (flag.start, -flag.end))
        for flag in found:
            first, last = max(flag.start, at), min(flag.end, end)
            if first >= last:
                continue
            yield _html(text[at:first])
            told = f"{flag.kind} {flag.relation}, {flag.probability:.2f}"
            yield (f'<mark title="{escape(told)}" style="background:{_MARKS.get(flag.severity, "#dfe3f5")};color:#000">'
                   f"{_html(text[first:last])}</mark>")
            at = last
        yield _html(text[at:end])


def _html(text: str) -> str:
    """Escaped text without the controls that would turn the direction of what follows it."""
    return escape(CONTROLS.sub("", text))


def pairs(result: Judged) -> Iterator[tuple[str, str, float]]:
    """Text of the first side, text of the second side and confidence of each bead; an empty text where one-sided."""
    return Result.of(result).pairs()
