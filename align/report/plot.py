"""The alignment as a picture: a dot-plot in SVG."""

from collections.abc import Iterable
from html import escape

from ..data import Bead, Judged
from ..lang.ar.letters import CONTROLS

_SIZE = 720.0
_LEFT, _TOP, _RIGHT, _BOTTOM = 76.0, 46.0, 16.0, 58.0
_LOW = 0.5  # confidence below which a pair is drawn as doubtful

_STYLE = """
svg{background:#fffefb;color:#22262b;font:13px system-ui,"Segoe UI","Noto Sans","Noto Sans Arabic",sans-serif}
text{fill:#5f656d}.frame{fill:none;stroke:#d8d2c6}.grid{stroke:#ece7dd}
.pair{fill:#0b6b63;stroke:#0b6b63}.low{fill:#c0392f;stroke:#c0392f}.pair,.low{stroke-width:1.6;stroke-linejoin:round}
.first{fill:#c98a12}.second{fill:#3b77b8}.moved{fill:none;stroke:#7b3fb5;stroke-width:1.6;stroke-dasharray:5 3}
@media(prefers-color-scheme:dark){svg{background:#15181b;color:#e5e2da}text{fill:#9da3aa}.frame{stroke:#3a4047}
.grid{stroke:#262b30}.pair{fill:#4fb8ab;stroke:#4fb8ab}.low{fill:#f0897f;stroke:#f0897f}.first{fill:#d9a441}
.second{fill:#6aa3de}.moved{stroke:#c193ee}}
""".replace("\n", "")


def plot(judged: Judged) -> str:
    """A dot-plot of the alignment as SVG: the second text from left to right, the first from top to bottom.

    A pair is a rectangle over its segments, doubtful ones (confidence below 0.5) in another colour; one-sided segments
    stand on the margins, moved blocks are framed. The picture needs nothing from outside and follows a dark scheme.
    """
    n, m = len(judged.ar.segments), len(judged.en.segments)
    wide, high = _SIZE - _LEFT - _RIGHT, _SIZE - _TOP - _BOTTOM

    def x(k: float) -> float:
        return _LEFT + wide * k / max(m, 1)

    def y(k: float) -> float:
        return _TOP + high * k / max(n, 1)

    beads = judged.alignment.beads
    paired = [bead for bead in beads if len(bead.ar) and len(bead.en)]
    lone = [[bead for bead in beads if not len(bead.en)], [bead for bead in beads if not len(bead.ar)]]
    moved = [block for block in judged.alignment.blocks if block.kind == "moved"]

    def boxes(chosen: Iterable[Bead]) -> str:
        return "".join(_box(x(b.en.start), y(b.ar.start), x(b.en.stop), y(b.ar.stop)) for b in chosen)

    marks = [
        ("pair", boxes(bead for bead in paired if bead.confidence >= _LOW)),
        ("low", boxes(bead for bead in paired if bead.confidence < _LOW)),
        ("first", "".join(_box(_LEFT - 12, y(b.ar.start), _LEFT - 4, max(y(b.ar.stop), y(b.ar.start) + 1))
                          for b in lone[0])),
        ("second", "".join(_box(x(b.en.start), _TOP - 12, max(x(b.en.stop), x(b.en.start) + 1), _TOP - 4)
                           for b in lone[1])),
        ("moved", "".join(_box(x(b.en.start) - 3, y(b.ar.start) - 3, x(b.en.stop) + 3, y(b.ar.stop) + 3)
                          for b in moved)),
    ]  # fmt: skip
    low = sum(bead.confidence < _LOW for bead in paired)
    names = [_name(side.document.id) for side in (judged.ar, judged.en)]
    legend = [("pair", f"{len(paired) - low} pairs"), ("low", f"{low} doubtful"),
              ("first", f"{len(lone[0])} in the first only"), ("second", f"{len(lone[1])} in the second only"),
              ("moved", f"{len(moved)} moved blocks")]
    size = f"{_SIZE:.0f}"
    start = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" width="{size}" height="{size}" '
        'role="img">'
    )
    parts = [
        start,
        f'<title>{names[0]} against {names[1]}: {", ".join(text for _, text in legend)}</title>',
        f"<style>{_STYLE}</style>",
    ]
    for k in _ticks(m):
        parts.append(f'<path class="grid" d="M{x(k):.1f} {_TOP}V{_SIZE - _BOTTOM}"/>'
                     f'<text x="{x(k):.1f}" y="{_SIZE - _BOTTOM + 16}" text-anchor="middle">{k}</text>')
    for k in _ticks(n):
        parts.append(f'<path class="grid" d="M{_LEFT} {y(k):.1f}H{_SIZE - _RIGHT}"/>'
                     f'<text x="{_LEFT - 16}" y="{y(k) + 4:.1f}" text-anchor="end">{k}</text>')
    parts.append(f'<rect class="frame" x="{_LEFT}" y="{_TOP}" width="{wide}" height="{high}"/>')
    parts += [f'<path class="{name}" d="{path}"/>' for name, path in marks if path]
    parts.append(f'<text x="{_LEFT}" y="20"><tspan unicode-bidi="isolate">{names[1]}</tspan> →</text>')
    parts.append(f'<text transform="translate(18 {_TOP}) rotate(90)"><tspan unicode-bidi="isolate">{names[0]}</tspan> →'
                 "</text>")
    at = _LEFT
    for name, text in legend:
        parts.append(f'<rect class="{name}" x="{at:.0f}" y="{_SIZE - 22}" width="10" height="10"/>'
                     f'<text x="{at + 15:.0f}" y="{_SIZE - 12.5}">{text}</text>')
        at += 30 + 6.6 * len(text)
    return "".join(parts) + "</svg>\n"


def _box(x0: float, y0: float, x1: float, y1: float) -> str:
    return f"M{x0:.1f} {y0:.1f}H{x1:.1f}V{y1:.1f}H{x0:.1f}z"


def _ticks(n: int) -> list[int]:
    """At most seven round numbers from 0 to `n`."""
    step = next(step for tens in range(12) for step in (10**tens, 2 * 10**tens, 5 * 10**tens) if n <= 6 * step)
    return list(range(0, n + 1, step))


def _name(id: str) -> str:
    """The end of a document's name as XML text: no control, no lone surrogate, no direction mark."""
    name = id.replace("\\", "/").rsplit("/", 1)[-1]
    clean = "".join(c if c.isprintable() else "\ufffd" for c in CONTROLS.sub("", name))
    return escape(clean if len(clean) <= 60 else "…" + clean[-59:])
