"""Pairs for the tests of the review page, one of them an attack, and what the page saves of them."""

from typer.testing import CliRunner

from align.cli.main import app
from align.data import Alignment, Bead, Block, Document, Flag, Judged, Segment, Segmented, Span
from align.report.digest import digest
from align.report.findings import grouped


def segmented(lang, *texts, kinds=(), id=None):
    """A document of `texts`, a blank line between them, every text a segment."""
    segments, start = [], 0
    for k, text in enumerate(texts):
        kind = dict(kinds).get(k, "body")
        segments.append(Segment(start, start + len(text), " ".join(text.split()), kind))
        start += len(text) + 2
    return Segmented(Document(id or f"texts/{lang}.txt", lang, "\n\n".join(texts)), tuple(segments))


def flag(side, segmented, text, kind, relation, bead, counterpart=None, **evidence):
    """A flag on the first place of `text`."""
    start = segmented.document.text.index(text)
    return Flag(side, start, start + len(text), text, kind, relation, 0.9, "high", bead, counterpart, evidence)


AR = segmented("ar", "وصلَ القطارُ في الساعة ٨\nمساءً.", "لم ينزل منه أحدٌ؛ ثم مضى.", "قالت سلمى: «سنعود غدًا!»",
               "الإعلانات", "أُغلقت المحطة عام ١٩٥٣.")  # fmt: skip
EN = segmented("en", "The train came in at seven in the evening.", "Nobody got off.", "It left.",
               "The station closed in 1953.", "“We’ll be back tomorrow!” said Salma.", "Page 3", kinds={5: "boilerplate"})  # fmt: skip
BEADS = (
    Bead(Span(0, 1), Span(0, 1), 0.8, 0.97),
    Bead(Span(1, 2), Span(1, 3), 0.7, 0.75),
    Bead(Span(2, 3), Span(3, 3), 0.0, 0.6),
    Bead(Span(3, 4), Span(3, 3), 0.0, 0.9),
    Bead(Span(4, 5), Span(3, 4), 0.6, 0.31),
    Bead(Span(5, 5), Span(4, 5), 0.0, 0.6),
    Bead(Span(5, 5), Span(5, 6), 0.0, 1.0),
)
FLAGS = (
    flag("ar", AR, "٨", "number", "mismatch", 0, (22, 27, "seven"), why="8 against 7", reading=8.0),
    flag("en", EN, "seven", "number", "mismatch", 0, (23, 24, "٨"), why="7 against 8"),
    flag("ar", AR, "قالت سلمى: «سنعود غدًا!»", "sentence", "moved", 2, (EN.segments[4].start, EN.segments[4].end, ""),
         why="this stands elsewhere"),
    flag("en", EN, "Page 3", "boilerplate", "only", 6, why="page furniture"),
)  # fmt: skip
PAIR = Judged(AR, EN, Alignment(BEADS, (Block(Span(2, 3), Span(4, 5), "moved", 0.7),)), FLAGS)
SIGNATURE = "muwazi|v:test|enc:fake|recipe:123"


def saved(judged, **changes):
    """What the page saves for a pair that nobody touched."""
    sides = {"ar": judged.ar, "en": judged.en}
    numbers = {k: number for number, group in enumerate(grouped(judged.flags)) for k in group}
    record = {
        "format": "muwazi corrections", "schema": 2, "version": "x", "signature": SIGNATURE, "saved": "",
        "texts": {name: {"id": side.document.id, "lang": side.document.lang, "digest": digest(side),
                         "segments": [[s.start, s.end, s.kind] for s in side.segments]}
                  for name, side in sides.items()},
        "beads": [{"ar": list(b.ar), "en": list(b.en), "sim": b.sim, "confidence": b.confidence, "accepted": False,
                   "edited": False} for b in judged.alignment.beads],
        "blocks": [{"ar": list(b.ar), "en": list(b.en), "kind": b.kind, "sim": b.sim} for b in judged.alignment.blocks],
        "flags": [{"side": f.side, "start": f.start, "end": f.end, "kind": f.kind, "relation": f.relation,
                   "probability": f.probability, "severity": f.severity,
                   "counterpart": f.counterpart and list(f.counterpart[:2]), "evidence": f.evidence, "state": "open", "comment": "", "finding": numbers[k]}
                  for k, f in enumerate(judged.flags)],
        "edits": [],
    }  # fmt: skip
    return record | changes


ATTACK = (
    "</script><script>window.hit=1</script>",
    "<img src=x onerror=\"window.hit=2\"><svg onload='window.hit=3'>",
    "--><!-- </title></style><iframe srcdoc='<script>parent.hit=4</script>'>",
    '{{script}} {{data}} ${window.hit=5} javascript:window.hit=6 "\'`&lt;b&gt;&#60;b&#62;',
    "\u202e\u2067لا <b onmouseover=window.hit=7>نص</b>\u2028\u2029\x00\x1b\x85\ufeff\uffff ]]> \ud800 \U0001f600",
)


def attacked():
    """A pair in which texts, names, flags and evidence all try to break out."""
    ar = segmented("ar", *(f"نص {text}" for text in ATTACK), id=f"{ATTACK[0]}/{ATTACK[1]}.txt")
    en = segmented("en", *(f"text {text}" for text in ATTACK), id=ATTACK[1])
    beads = tuple(Bead(Span(k, k + 1), Span(k, k + 1), 0.5, 0.5) for k in range(len(ATTACK)))
    flags = [Flag("en", s.start, s.end, en.text(k), ATTACK[0], ATTACK[1], 0.5, ATTACK[2], k,
                  (ar.segments[k].start, ar.segments[k].end, ar.text(k)), {"why": ATTACK[1], ATTACK[0]: ATTACK[2]})
             for k, s in enumerate(en.segments)]  # fmt: skip
    blocks = (Block(Span(0, 1), Span(4, 5), "moved", 0.5),)
    return Judged(ar, en, Alignment(beads, blocks), tuple(flags))


def written(tmp_path, judged=PAIR):
    """The two texts of a pair as files, and its JSON lines."""
    from align.pipeline import flags_by_bead
    from align.write import Shown, write

    for name, side in (("ar", judged.ar), ("en", judged.en)):
        (tmp_path / f"{name}.txt").write_text(side.document.text, "utf-8", newline="")
    write(tmp_path / "pair.jsonl", judged.ar, judged.en, judged.alignment, format="jsonl", force=True,
          shown=Shown(flags=flags_by_bead(judged)))  # fmt: skip
    return tmp_path / "ar.txt", tmp_path / "en.txt", tmp_path / "pair.jsonl"


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])
