"""One HTML file that holds an aligned pair, everything needed to review it, and no way out.

The page's data stand in it as JSON, in which nothing can end a script element; its script writes them as text nodes
only. A content security policy lets the page's own style and script in, by their hashes, and nothing else: no network,
no inline handler, no frame, no form.
"""

import base64
import hashlib
import json
import math
import os
import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from .. import __version__
from ..data import Flag, Judged, Segmented, Span
from ..files import open_output
from ..lang.ar.letters import CONTROLS, MARKS, fold
from ..versions import shares_answered, unrelated
from .corrections import SCHEMA
from .digest import digest
from .findings import grouped

Edits = Mapping[tuple[str, int], str]
_FOLDER = Path(__file__).resolve().parent / "parts"
# The script's parts, in the order of what they tell; they share one scope, and the last one begins.
_SCRIPTS = ("words", "texts", "rows", "filters", "walking", "corrections", "notes", "findings", "dialogs", "figures",
            "exports", "saving", "events")
# What could end the element that holds the data, what some parser takes for a line end, what UTF-8 cannot hold, and
# what an HTML parser replaces or drops.
_UNSAFE = re.compile("[<>&\x7f-\x9f\u2028\u2029\ufeff\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")
_SLOT = re.compile(r"\{\{(\w+)\}\}")
_WIDE = re.compile("[\U00010000-\U0010ffff]")


def write_report(path: str | os.PathLike[str] | None, judged: Judged, signature: str = "", force: bool = False,
                 title: str = "", edits: Edits | None = None) -> None:
    """Write the page for an aligned pair to `path` (`-` or None: stdout), whole or not at all; raises OutputError.

    `signature` is the manifest's line (`Manifest.signature`), shown on the page and kept in the corrections it saves;
    `title` stands above it in place of the files' names. `edits` are texts that a person has put in the place of
    segments' before, by side and number of the segment.
    """
    text = page(judged, signature, title, edits)
    with open_output(path, force) as stream:
        stream.write(text)


def page(judged: Judged, signature: str = "", title: str = "", edits: Edits | None = None) -> str:
    """The HTML of the page for an aligned pair; the same pair gives the same page. Arguments as for `write_report`."""
    return page_of(contents(judged, signature, title, edits))


def page_of(held: Mapping[str, Any], more: Path | None = None, connect: str = "'none'") -> str:
    """The HTML of the page that holds `contents`, its `words` too where they are other than the page's own; `more` is a script that stands before the last part and shares its
    scope, `connect` whom the page may ask for anything."""
    template, style, script = _parts(more)
    policy = (f"default-src 'none'; script-src '{hash_of(script)}'; style-src '{hash_of(style)}'; img-src data:; "
              f"connect-src {connect}; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; "
              "trusted-types 'none'")
    slots = {"policy": policy, "version": __version__, "style": style, "script": script,
             "data": dumped({"words": words(), **held})}
    return _SLOT.sub(lambda match: slots[match[1]], template)


@cache
def _parts(more: Path | None = None) -> tuple[str, str, str]:
    """The frame, the style and the script of every page."""
    paths = [_FOLDER / name for name in ("frame.html", "style.css", *(f"{name}.js" for name in _SCRIPTS))]
    if more is not None:
        paths.insert(-1, more)
    frame, style, *scripts = (path.read_text("utf-8") for path in paths)
    return frame, style, '"use strict";\n(() => {\n' + "\n".join(scripts) + "})();\n"


@cache
def words() -> dict[str, Any]:
    """What the interface says, by language; what it says in English is its own key."""
    return {"ar": json.loads((_FOLDER / "ar.json").read_text("utf-8"))}


def hash_of(text: str) -> str:
    """What a content security policy calls a script or a style."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def dumped(value: Any) -> str:
    """JSON that stays inside its element and survives UTF-8 and an HTML parser, whatever strings `value` holds."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def contents(judged: Judged, signature: str = "", title: str = "", edits: Edits | None = None) -> dict[str, Any]:
    """What the page knows, for JSON: texts, beads, blocks, flags with places in segments, the table of folding.

    A flag's `finding` numbers the finding that it belongs to; what a reviewer said of it before is its `state` and its
    `comment`.

    Places in a text that only the script uses are counted in UTF-16 units, as the script counts.
    """
    sides = (judged.ar, judged.en)
    alignment = judged.alignment
    finders = [_finder(side) for side in sides]
    told = [flag for flag in judged.flags if finders[flag.side == "en"](flag.start, flag.end) is not None]
    numbers = {k: number for number, group in enumerate(grouped(told)) for k in group}
    flags = [{**_flag(flag, sides, finders), "finding": numbers[k]} for k, flag in enumerate(told)]
    beads = [[*bead.ar, *bead.en, _number(bead.sim), _number(bead.confidence)] for bead in alignment.beads]
    return {
        "schema": SCHEMA,
        "version": __version__,
        "signature": signature,
        "title": title,
        # As shares of both texts that are answered by the other; None where these are enough.
        "unrelated": [round(share, 2) for share in shares_answered(judged)] if unrelated(judged) else None,
        # Stored work belongs to this alignment and these flags, not to another of the same texts.
        "digest": _digest(beads, flags, edits or {}),
        "sides": [_side(side) for side in sides],
        "beads": beads,
        "blocks": [{"spans": [list(block.ar), list(block.en)], "kind": block.kind, "sim": _number(block.sim)}
                   for block in alignment.blocks],
        "flags": flags,
        "edits": [[f"{int(side == 'en')} {k}", text] for (side, k), text in (edits or {}).items()],
        "fold": {"dropped": f"{MARKS.pattern}|{CONTROLS.pattern}", "pairs": _folded_letters()},
    }


def _digest(beads: list[list[float]], flags: list[dict[str, Any]], edits: Edits) -> str:
    told = [(f["side"], f["start"], f["end"], f["state"], f["comment"]) for f in flags]
    return hashlib.sha256(repr((beads, told, sorted(edits.items()))).encode("utf-8", "surrogatepass")).hexdigest()


def _side(side: Segmented) -> dict[str, Any]:
    return {
        "id": side.document.id,
        "lang": side.document.lang,
        "digest": digest(side),
        "starts": [segment.start for segment in side.segments],
        "ends": [segment.end for segment in side.segments],
        "kinds": [segment.kind for segment in side.segments],
        "texts": [side.text(k) for k in range(len(side.segments))],
    }


@cache
def _folded_letters() -> dict[str, str]:
    """The letters of the Arabic block that `fold` replaces one by one."""
    letters = map(chr, range(0x0600, 0x0700))
    return {letter: fold(letter) for letter in letters if fold(letter) not in ("", letter)}


def _finder(side: Segmented) -> Callable[[int, int], tuple[int, int, int, int] | None]:
    """A function from a place in the document to its first and last segment and the UTF-16 offsets in them."""
    text = side.document.text
    starts = [segment.start for segment in side.segments]
    is_wide = bool(_WIDE.search(text))

    def units(start: int, end: int) -> int:
        return end - start + (len(_WIDE.findall(text, start, end)) if is_wide else 0)

    def offset(k: int, place: int) -> int:
        segment = side.segments[k]
        return units(segment.start, min(max(place, segment.start), segment.end))

    def find(start: int, end: int) -> tuple[int, int, int, int] | None:
        if not starts or not 0 <= start <= end <= len(text):
            return None
        first = max(bisect_right(starts, start) - 1, 0)
        if start >= side.segments[first].end and end > start and first + 1 < len(starts) and starts[first + 1] < end:
            first += 1  # it begins in the white space before a segment
        last = max(bisect_right(starts, max(end - 1, start)) - 1, first)
        return first, offset(first, start), last, offset(last, end)

    return find


def _flag(flag: Flag, sides: Sequence[Segmented], finders: Sequence[Any]) -> dict[str, Any]:
    """A flag with the segments it lies in."""
    at = 0 if flag.side == "ar" else 1
    first, begin, last, stop = finders[at](flag.start, flag.end)
    counterpart = None
    if flag.counterpart is not None:
        start, end, text = flag.counterpart
        text = text or sides[1 - at].document.text[start:end]
        there = finders[1 - at](start, end)
        counterpart = {"start": start, "end": end, "text": text, "segment": there and there[0]}
    return {
        "side": at, "first": first, "from": begin, "last": last, "to": stop, "start": flag.start, "end": flag.end,
        "text": sides[at].document.text[flag.start : flag.end], "kind": flag.kind, "relation": flag.relation,
        "probability": _number(flag.probability), "severity": flag.severity, "counterpart": counterpart,
        "evidence": {key: value for key, value in plain(flag.evidence).items() if key not in ("review", "comment")},
        "state": "confirmed" if flag.evidence.get("review") == "confirmed" else "open",
        "comment": str(flag.evidence.get("comment", "")),
    }  # fmt: skip


def _number(value: float) -> float:
    """Six decimals at most; zero for what is no number."""
    value = float(value)
    return round(value, 6) if math.isfinite(value) else 0.0


def plain(value: Any) -> Any:
    """`value` as JSON can hold it: evidence may carry tuples, sets, NumPy numbers and anything with a string form."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, Span | list | tuple | set | frozenset):
        return [plain(one) for one in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return str(value)
