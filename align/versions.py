"""Whether two texts are versions of one another: what share of each is answered by the other."""

from .data import Judged, Segmented

UNRELATED = 0.3
"""Texts of which neither side has this share answered are probably no versions of one another; chosen on development documents,
see `scripts/bench_related.py`."""


def shares_answered(judged: Judged) -> tuple[float, float]:
    """Expected shares of both sides' characters that have a counterpart: those of beads of both sides, by confidence."""
    found = [0.0, 0.0]
    sides = judged.ar, judged.en
    for bead in judged.alignment.beads:
        if len(bead.ar) and len(bead.en):
            for k, span in enumerate((bead.ar, bead.en)):
                found[k] += bead.confidence * sum(len(part.form) for part in sides[k].segments[span.start:span.stop])
    return found[0] / _characters(sides[0]), found[1] / _characters(sides[1])


def unrelated(judged: Judged) -> bool:
    """Whether the two texts are probably no versions of one another: neither is answered by the other."""
    return max(shares_answered(judged)) < UNRELATED


def warning(judged: Judged) -> str | None:
    """One line for the user where the two texts are probably no versions of one another, with the reason; else None."""
    shares = shares_answered(judged)
    if max(shares) >= UNRELATED:
        return None
    langs = judged.ar.document.lang, judged.en.document.lang
    told = " and ".join(f"{100 * share:.0f} % of the {lang} text" for share, lang in zip(shares, langs, strict=True))
    return f"these are probably not two versions of one text: about {told} is answered by the other"


def _characters(side: Segmented) -> int:
    return max(1, sum(len(part.form) for part in side.segments))
