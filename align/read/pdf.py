"""PDF: paragraphs, headings, list items and cells in reading order, running heads and page numbers told apart.

The order of reading is worked out from where the glyphs stand on the page, never from the order in which a file draws
them, which for Arabic may be either.
"""

import io
import logging
import math
import re
import time
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any, NamedTuple

from ..errors import FormatError, InputError, MuwaziError
from .bidi import Glyph, attach_marks, backward, folded_forms, is_right_to_left, logical, turned_words
from .draft import Draft, Source, need
from .tags import primary

MAX_PAGES = 3000
MAX_SECONDS = 900
MAX_STREAM = 64 * 2**20
"""How large a page's description may be when it is unpacked, in bytes."""

_WIDE = 1.75  # of the distance of lines, in sizes of type
_GAP = 1.8  # between cells or columns, in sizes of type
_TERMINATED = re.compile("[.!?؟…:؛](?:[\"'”’»)\\]]|\\s)*$")
_BULLET = re.compile(
    r"(?:[-*+•●▪◦‣–—·○■□❖➢✓►▶]|\(?(?:[\d٠-٩۰-۹]{1,3}|[a-zA-Zء-ي]|[ivxIVX]{1,5})(?:\.[\d٠-٩]{1,3})*[.)\-–])(?:\s|$)"
)
_LONE_NUMBER = re.compile(
    r"\W*(?:(?:page|p|صفحة|الصفحة|ص)\.?\s*)?[\divxlc]{1,5}\s*(?:(?:of|/|من)\s*\d{1,5})?\W*", re.IGNORECASE
)
_DIGITS = re.compile(r"[\d٠-٩۰-۹]+")
_ENDS_IN_ADDRESS = re.compile(r"https?://\S+$")
# What browsers print at the edges of a page.
_PRINTED = re.compile(r"file://\S+(?: #/#)?|#[/.]#[/.]#, #:#(?: [AP]M)?.{0,100}")
_IMAGE = re.compile(rb"/Subtype\s*/Image")
_TWICE = re.compile(rb"/Filter\s*\[\s*/(?:FlateDecode|Fl|LZWDecode|LZW)\s*/(?:FlateDecode|Fl|LZWDecode|LZW)")
_STREAM = re.compile(rb"stream\r?\n")


class Line(NamedTuple):
    """A line of one column, or a cell: its text and its box; `edge` is where reading begins."""

    text: str
    x0: float
    x1: float
    y: float
    size: float
    bold: bool
    cell: bool
    rtl: bool
    column: tuple[float, float]


@dataclass(slots=True)
class Page:
    """A page's lines in reading order, and text that stands at an angle."""

    number: int
    lines: list[Line]
    aslant: str = ""


@dataclass(slots=True)
class Paragraph:
    """Lines that belong together."""

    lines: list[Line]
    first: int
    last: int
    kind: str = "paragraph"

    @property
    def place(self) -> str:
        """The page or pages it stands on."""
        return f"page {self.first}" if self.first == self.last else f"pages {self.first}-{self.last}"

    @property
    def text(self) -> str:
        """Its lines, line breaks kept."""
        return "\n".join(line.text for line in self.lines)


def fill(source: Source, draft: Draft) -> None:
    """Add the pages' text; raises InputError for scans, passwords, and more than MAX_PAGES or MAX_SECONDS."""
    need("pdfminer", "pdf", source.shown)
    logger = logging.getLogger("pdfminer")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        _check_streams(source)
        pages = list(_pages(source))
    except (MuwaziError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - hostile and broken files fail in any part of the parser, with any exception
        _refuse_protected(error, source.shown)
        raise FormatError(
            f"{source.shown}: a damaged PDF: {' '.join(str(error).split())[:120] or type(error).__name__}"
        ) from None
    finally:
        logger.setLevel(level)
    if not any(page.lines for page in pages):
        raise InputError(f"{source.shown}: holds no text on its {len(pages)} pages; a scan must go through OCR first")
    _write(_mended(pages), draft)


def _refuse_protected(error: Exception, shown: str) -> None:
    if type(error).__name__ in ("PDFPasswordIncorrect", "PDFEncryptionError"):
        raise InputError(f"{shown}: is protected by a password") from None


def _check_streams(source: Source) -> None:
    """Raises InputError for streams that would unpack beyond the limit; the parser has none of its own."""
    data = source.data
    if _TWICE.search(data):
        raise InputError(f"{source.shown}: holds a stream packed twice: refused as a bomb")
    for found in _STREAM.finditer(data):
        if data[found.end() : found.end() + 1] not in (b"\x78", b"\x48", b"\x58", b"\x68", b"\x38"):
            continue
        head = data[max(0, found.start() - 600) : found.start()]
        if _IMAGE.search(head[head.rfind(b" obj") :]):
            continue
        unpacker, left, at = zlib.decompressobj(), MAX_STREAM, found.end()
        try:
            while not unpacker.eof and at < len(data):
                piece = data[at : at + 65536]
                at += len(piece)
                while piece and left >= 0:
                    left -= len(unpacker.decompress(piece, 2**20))
                    piece = unpacker.unconsumed_tail
                if left < 0:
                    raise InputError(
                        f"{source.shown}: holds a stream that unpacks to more than {MAX_STREAM:,} bytes: "
                        "refused as a bomb"
                    )
        except zlib.error:
            continue


def _pages(source: Source) -> Iterator[Page]:
    from pdfminer.pdfdocument import PDFDocument
    from pdfminer.pdfinterp import PDFResourceManager
    from pdfminer.pdfpage import PDFPage
    from pdfminer.pdfparser import PDFParser
    from pdfminer.pdftypes import dict_value, int_value

    document = PDFDocument(PDFParser(io.BytesIO(source.data)))
    told = dict_value(document.catalog.get("Pages", {})).get("Count", 0)
    if (int_value(told) if told else 0) > MAX_PAGES:
        raise InputError(f"{source.shown}: has {int_value(told):,} pages, more than the {MAX_PAGES:,} allowed")
    manager = PDFResourceManager()
    deadline = time.monotonic() + MAX_SECONDS
    device = _device(manager, deadline, source)
    interpreter = _interpreter(manager, device)
    for number, page in enumerate(PDFPage.create_pages(document), 1):
        if number > MAX_PAGES:
            raise InputError(f"{source.shown}: has more than the {MAX_PAGES:,} pages allowed")
        device.clear()
        interpreter.process_page(page)
        yield _laid_out(device.glyphs, device.aslant, device.reversed_runs, number, _share(source.lang))


def _share(lang: str) -> float:
    """How much of a page must be in letters written from right to left for its lines to run that way."""
    return 0.15 if primary(lang) in ("ar", "fa", "ur", "he") else 0.5


def _interpreter(manager: Any, device: Any) -> Any:
    """The parser's reader of pages, which also tells the device what rectangle can be seen.

    Printers draw a line on both pages that it could stand on, and hide it on one by such a rectangle.
    """
    from pdfminer.pdfinterp import PDFPageInterpreter
    from pdfminer.utils import apply_matrix_pt

    class Interpreter(PDFPageInterpreter):
        def init_state(self, ctm: Any) -> None:
            super().init_state(ctm)
            self._hidden: list[Any] = []

        def do_q(self) -> None:
            super().do_q()
            self._hidden.append(device.clip)

        def do_Q(self) -> None:
            super().do_Q()
            if self._hidden:
                device.clip = self._hidden.pop()

        def do_Do(self, xobjid_arg: Any) -> None:
            clip = device.clip
            super().do_Do(xobjid_arg)
            device.clip = clip

        def do_W(self) -> None:
            self._clip()

        def do_W_a(self) -> None:
            self._clip()

        def _clip(self) -> None:
            points = [
                apply_matrix_pt(self.ctm, (float(step[k]), float(step[k + 1]))) for step in self.curpath for k in range(1, len(step) - 1, 2)
            ]
            xs, ys = {round(x, 2) for x, _ in points}, {round(y, 2) for _, y in points}
            if len(xs) == 2 and len(ys) == 2:
                x0, y0, x1, y1 = device.clip
                device.clip = max(x0, min(xs)), max(y0, min(ys)), min(x1, max(xs)), min(y1, max(ys))

    return Interpreter(manager, device)


_EVERYTHING = (-math.inf, -math.inf, math.inf, math.inf)


def _device(manager: Any, deadline: float, source: Source) -> Any:
    """What the parser draws on: it keeps glyphs and nothing else."""
    from pdfminer.pdfdevice import PDFTextDevice
    from pdfminer.pdffont import PDFUnicodeNotDefined
    from pdfminer.utils import decode_text

    class Device(PDFTextDevice):
        def __init__(self) -> None:
            super().__init__(manager)
            self.total = 0
            self.clear()

        def clear(self) -> None:
            self.glyphs: list[Glyph] = []
            self.aslant: list[str] = []
            self.reversed_runs = False
            self.tags: list[tuple[str | None, int]] = []
            self.clip = _EVERYTHING

        def render_char(
            self,
            matrix: Any,
            font: Any,
            fontsize: float,
            scaling: float,
            rise: float,
            cid: int,
            ncs: Any,
            graphicstate: Any,
        ) -> float:
            self._count()
            try:
                text = font.to_unichr(cid)
            except PDFUnicodeNotDefined:
                text = ""
            width = font.char_width(cid) * fontsize * scaling
            a, b, c, d, x, y = matrix
            size = abs(fontsize) * math.hypot(c, d)
            text = folded_forms(text.replace("\0", "").replace("\xa0", " "))
            x0, y0, x1, y1 = self.clip
            if not (x0 - size <= x <= x1 + size and y0 - 0.5 * size <= y <= y1 + 0.5 * size):
                return width
            if abs(b) > abs(a):
                self.aslant.append(text)
            elif size > 0.5:
                left, right = sorted((x, x + width * a))
                bold = "bold" in str(font.fontname).lower() or "black" in str(font.fontname).lower()
                self.glyphs.append(Glyph(text, left, right, y, size, bold, len(self.glyphs)))
            return width

        def _count(self) -> None:
            self.total += 1
            if self.total > source.max_bytes:
                raise InputError(f"{source.shown}: holds more than {source.max_bytes:,} characters")
            if self.total % 1000 == 0 and time.monotonic() > deadline:
                raise InputError(f"{source.shown}: took longer than {MAX_SECONDS} seconds to read; split it")

        def begin_tag(self, tag: Any, props: Any = None) -> None:
            self._count()
            actual = props.get("ActualText") if isinstance(props, dict) else None
            self.reversed_runs |= getattr(tag, "name", "") == "ReversedChars"
            self.tags.append((None if actual is None else decode_text(actual), len(self.glyphs)))

        def end_tag(self) -> None:
            actual, first = self.tags.pop() if self.tags else (None, 0)
            covered = self.glyphs[first:]
            if actual is None or not covered:
                return
            # A letter and its marks: the letter stands on the line.
            head = max(covered, key=lambda glyph: glyph.x1 - glyph.x0)
            if all(abs(glyph.y - head.y) < head.size for glyph in covered):
                del self.glyphs[first:]
                text = folded_forms(actual)
                self.glyphs.append(
                    head._replace(
                        text=text,
                        x0=min(glyph.x0 for glyph in covered),
                        order=first,
                        x1=max(glyph.x1 for glyph in covered),
                    )
                )

        def do_tag(self, tag: Any, props: Any = None) -> None:
            return

        def begin_page(self, page: Any, ctm: Any) -> None:
            return

        def end_page(self, page: Any) -> None:
            while self.tags:
                self.end_tag()

        def begin_figure(self, name: str, bbox: Any, matrix: Any) -> None:
            self._count()

        def end_figure(self, name: str) -> None:
            return

        def paint_path(self, graphicstate: Any, stroke: bool, fill: bool, evenodd: bool, path: Any) -> None:
            return

        def render_image(self, name: str, stream: Any) -> None:
            return

    return Device()


# Lines


def _laid_out(glyphs: Sequence[Glyph], aslant: Sequence[str], reversed_runs: bool, number: int, share: float) -> Page:
    """A page's lines in the order of reading."""
    told = [glyph for glyph in glyphs if glyph.text]
    told = [glyph._replace(order=k) for k, glyph in enumerate(told)]
    joined = _levelled(attach_marks(told, reversed_runs))
    right_to_left = is_right_to_left("".join(glyph.text for glyph in joined), share)
    pieces = [piece for row in _rows(joined) for piece in _pieces(row)]
    lines = _in_columns(pieces, right_to_left, mend=False)
    # A line alone can mislead: أولا looks like a word backwards.
    if sum(backward(line.text) for line in lines if line.rtl) > 0:
        lines = _in_columns(pieces, right_to_left, mend=True)
    return Page(number, lines, "".join(aslant).strip())


def _levelled(glyphs: list[Glyph]) -> list[Glyph]:
    """Glyphs that fonts raise or lower for their shape alone, put back on the line of those drawn before and after."""
    out = list(glyphs)
    for k in range(1, len(glyphs) - 1):
        before, glyph, after = out[k - 1], glyphs[k], glyphs[k + 1]
        near = 1.5 * glyph.size
        is_between = abs(before.y - after.y) < 0.1 * glyph.size and abs(before.x0 - glyph.x0) < near
        if is_between and 0 < abs(glyph.y - before.y) < near and abs(after.x0 - glyph.x0) < near:
            out[k] = glyph._replace(y=before.y)
    return out


def _rows(glyphs: Sequence[Glyph]) -> list[list[Glyph]]:
    """Glyphs whose baselines agree, each row from left to right; rows from top to bottom."""
    rows: list[list[Glyph]] = []
    base = height = 0.0
    for glyph in sorted(glyphs, key=lambda glyph: -glyph.y):
        if rows and base - glyph.y <= 0.42 * max(height, glyph.size):
            rows[-1].append(glyph)
            if glyph.size > height:
                base, height = glyph.y, glyph.size
        else:
            rows.append([glyph])
            base, height = glyph.y, glyph.size
    return [_from_left(row) for row in rows]


def _from_left(row: list[Glyph]) -> list[Glyph]:
    """A row ordered by the eye; of glyphs at one place, by where their stream was going; what was drawn twice, once."""
    drawn = sorted(row, key=lambda glyph: glyph.order)
    leftwards = sum(b.x0 < a.x0 - 0.01 for a, b in pairwise(drawn)) > 0.5 * (len(drawn) - 1)
    ordered = sorted(row, key=lambda glyph: (round(glyph.x0, 1), -glyph.order if leftwards else glyph.order))
    out: list[Glyph] = []
    for glyph in ordered:
        if any(
            before.text == glyph.text
            and abs(before.x0 - glyph.x0) < 0.06 * glyph.size
            and not glyph.text.isspace()
            and abs(before.order - glyph.order) > 1
            for before in out[-2:]
        ):
            continue
        out.append(glyph)
    return out


def _pieces(row: list[Glyph]) -> list[list[Glyph]]:
    """A row cut where nothing stands for a while; spaces count as nothing."""
    pieces: list[list[Glyph]] = []
    reach = -math.inf
    for glyph in row:
        if glyph.text.isspace():
            if pieces:
                pieces[-1].append(glyph)
            continue
        if not pieces or glyph.x0 - reach > _GAP * glyph.size:
            pieces.append([])
        pieces[-1].append(glyph)
        reach = max(reach, glyph.x1)
    for piece in pieces:
        while piece[-1].text.isspace():
            piece.pop()
    return _with_bullets(pieces)


def _with_bullets(pieces: list[list[Glyph]]) -> list[list[Glyph]]:
    """Pieces in which bullets and numbers of items stand with their text, on whichever side it is."""
    texts = ["".join(glyph.text for glyph in piece).strip() for piece in pieces]
    if len(pieces) == 2 and any(len(text) <= 6 and _BULLET.fullmatch(text + " ") for text in texts):
        return [pieces[0] + pieces[1]]
    return pieces


def _in_columns(pieces: list[list[Glyph]], right_to_left: bool, *, mend: bool) -> list[Line]:
    """Lines in the order of reading: two columns one after the other, the cells of other rows one by one.

    With `mend`, lines whose letters stand backwards are turned.
    """
    if not pieces:
        return []
    boxes = [(min(g.x0 for g in piece), max(g.x1 for g in piece), piece) for piece in pieces]
    gutter = _gutter(boxes)
    out: list[Line] = []
    if gutter is None:
        left, right = min(box[0] for box in boxes), max(box[1] for box in boxes)
        for _, row in _grouped(boxes):
            row.sort(key=lambda box: box[0], reverse=right_to_left)
            out.extend(_line(piece, right_to_left, len(row) > 1, (left, right), mend) for _, _, piece in row)
        return out
    band: list[tuple[float, float, list[Glyph]]] = []
    for box in boxes:
        if box[0] < gutter < box[1]:
            out.extend(_columns(band, gutter, right_to_left, mend))
            out.append(_line(box[2], right_to_left, False, (min(b[0] for b in boxes), max(b[1] for b in boxes)), mend))
            band = []
        else:
            band.append(box)
    return out + _columns(band, gutter, right_to_left, mend)


def _columns(
    band: list[tuple[float, float, list[Glyph]]], gutter: float, right_to_left: bool, mend: bool
) -> list[Line]:
    sides = [[box[2] for box in band if box[1] <= gutter], [box[2] for box in band if box[0] >= gutter]]
    if right_to_left:
        sides.reverse()
    return [line for side in sides for line in _in_columns(side, right_to_left, mend=mend)]


def _grouped(boxes: list[Any]) -> Iterator[tuple[float, list[Any]]]:
    """Boxes that share a baseline, in order."""
    row: list[Any] = []
    for box in boxes:
        if row and abs(row[0][2][0].y - box[2][0].y) > 0.42 * max(row[0][2][0].size, box[2][0].size):
            yield row[0][2][0].y, row
            row = []
        row.append(box)
    if row:
        yield row[0][2][0].y, row


def _gutter(boxes: list[tuple[float, float, list[Glyph]]]) -> float | None:
    """Where the white strip between two columns of running text is; None on pages of one column and in tables."""
    left, right = min(box[0] for box in boxes), max(box[1] for box in boxes)
    best = None
    for x in sorted(
        {box[0] - 0.1 for box in boxes if left + 0.25 * (right - left) < box[0] < left + 0.75 * (right - left)}
    ):
        ahead = [box for box in boxes if box[0] >= x]
        behind = [box for box in boxes if box[1] <= x]
        across = len(boxes) - len(ahead) - len(behind)
        if min(len(ahead), len(behind)) < 5 or across > 0.25 * len(boxes):
            continue
        if min(_usual_length(ahead), _usual_length(behind)) < 18:
            continue
        room = x + 0.1 - max(box[1] for box in behind)
        if room > 0 and (best is None or (across, -room) < best[0]):
            best = (across, -room), x + 0.1 - room / 2
    return best[1] if best else None


def _usual_length(boxes: Sequence[tuple[float, float, list[Glyph]]]) -> float:
    return median(len(piece) for _, _, piece in boxes)


def _line(piece: list[Glyph], page_is_rtl: bool, cell: bool, column: tuple[float, float], mend: bool) -> Line:
    raw = "".join(glyph.text for glyph in piece)
    has_right = is_right_to_left(raw) or (page_is_rtl and any("\u0600" <= c <= "\u06ff" and c.isalpha() for c in raw))
    text = " ".join(logical(piece, has_right).split())
    if mend and has_right and backward(text) > 0:
        ordered = "".join(glyph.text for glyph in sorted(piece, key=lambda glyph: glyph.order))
        # Letters drawn left to right in reading order: only words are turned, or the whole line is.
        whole = " ".join(ordered.split())
        text = whole if backward(whole) < backward(turned_words(text)) else turned_words(text)
    sizes = Counter(round(glyph.size, 1) for glyph in piece)
    bold = sum(glyph.bold for glyph in piece) > 0.7 * len(piece)
    return Line(
        text,
        min(g.x0 for g in piece),
        max(g.x1 for g in piece),
        piece[0].y,
        sizes.most_common(1)[0][0],
        bold,
        cell,
        has_right or (page_is_rtl and not any(map(str.isalpha, raw))),
        column,
    )


# Pages


def _mended(pages: Sequence[Page]) -> list[tuple[str, Paragraph]]:
    """The paragraphs of all pages, with those that go on over a page's end in one, furniture before them."""
    furniture = _furniture(pages)
    body = [line for page in pages for k, line in enumerate(page.lines) if (page.number, k) not in furniture]
    weights: Counter[float] = Counter()
    for line in body:
        weights[line.size] += len(line.text)
    usual = weights.most_common(1)[0][0] if weights else 0.0
    some_bold = sum(line.bold for line in body) < 0.4 * len(body)
    leading = _leading(pages)
    out: list[tuple[str, Paragraph]] = []
    held: Paragraph | None = None
    for page in pages:
        kept = [line for k, line in enumerate(page.lines) if (page.number, k) not in furniture]
        found = _paragraphs(kept, page.number, leading)
        for paragraph in found:
            paragraph.kind = _kind(paragraph, usual, some_bold)
        if held and found and _goes_on(held, found[0]):
            held.lines += found[0].lines
            held.last = page.number
            found = found[1:]
        elif held:
            out.append((held.kind, held))
            held = None
        out.extend(
            ("furniture", Paragraph([line], page.number, page.number, "furniture"))
            for k, line in enumerate(page.lines)
            if (page.number, k) in furniture
        )
        if page.aslant:
            line = Line(page.aslant, 0, 0, 0, 0, False, False, False, (0, 0))
            out.append(("furniture", Paragraph([line], page.number, page.number, "furniture")))
        if found:
            if held:
                out.append((held.kind, held))
            out.extend((each.kind, each) for each in found[:-1])
            held = found[-1]
    if held:
        out.append((held.kind, held))
    return out


def _write(found: list[tuple[str, Paragraph]], draft: Draft) -> None:
    for kind, paragraph in found:
        draft.add(paragraph.text, kind, paragraph.place)


def _furniture(pages: Sequence[Page]) -> set[tuple[int, int]]:
    """Lines near the edges of pages that come back on others, but for their numbers, and lone page numbers."""
    places: dict[str, set[int]] = {}
    edges: dict[tuple[int, int], str] = {}
    for page in pages:
        by_height = sorted(range(len(page.lines)), key=lambda k: -page.lines[k].y)
        heights = sorted({round(page.lines[k].y) for k in by_height}, reverse=True)
        outer = {*heights[:2], *heights[-2:]} if len(heights) > 4 else {*heights[:1], *heights[-1:]}
        for k in by_height:
            line = page.lines[k]
            if round(line.y) in outer and len(line.text) <= 160:
                key = _DIGITS.sub("#", line.text).strip()
                edges[page.number, k] = key
                places.setdefault(key, set()).add(page.number)
    several = max(2, math.ceil(0.2 * len(pages)))
    if len(pages) > 1:
        found = {at for at, key in edges.items() if len(places[key]) >= min(several, 10)}
    else:
        lines = pages[0].lines if pages else []
        printed = {round(lines[k].y) for (_, k), key in edges.items() if _PRINTED.fullmatch(key)}
        found = {at for at in edges if round(lines[at[1]].y) in printed}  # the title beside the date, too
    numbers = {at for at, key in edges.items() if _LONE_NUMBER.fullmatch(key.replace("#", "1"))}
    # On a single page a number alone may be a cell; "1/1" is none.
    return found | {at for at in numbers if len(pages) > 1 or "/" in edges[at] or len(edges[at]) > 3}


def _leading(pages: Sequence[Page]) -> float:
    """How far apart the lines of a paragraph stand, in sizes of type: nearer than most others in the document."""
    steps = sorted(
        (a.y - b.y) / b.size
        for page in pages
        for a, b in pairwise(page.lines)
        if not b.cell and abs(a.size - b.size) < 0.5 and 0.8 * b.size < a.y - b.y < 3 * b.size
    )
    return steps[len(steps) // 10] if steps else 0.0


def _paragraphs(lines: Sequence[Line], number: int, leading: float) -> list[Paragraph]:
    """The lines of a page cut at their paragraphs' ends."""
    found: list[Paragraph] = []
    for k, line in enumerate(lines):
        if k and found and _continues(lines[k - 1], line, leading):
            found[-1].lines.append(line)
        else:
            found.append(Paragraph([line], number, number))
    return found


def _continues(before: Line, line: Line, leading: float) -> bool:
    """Whether a line goes on with the paragraph of the line before it."""
    if line.cell or before.cell or _BULLET.match(line.text) or before.bold != line.bold:
        return False
    if abs(before.size - line.size) > 0.08 * max(before.size, line.size):
        return False
    step = before.y - line.y
    if step <= 0:  # the next column
        return _breaks_off(before, line)
    if leading and step > 1.3 * leading * line.size:
        return False
    width = max(1.0, line.column[1] - line.column[0])
    # Room that the next word would have fitted in shows that the line was not broken by the margin.
    room = (before.x0 - before.column[0]) if before.rtl else (before.column[1] - before.x1)
    word = len(line.text.split(" ")[0]) / max(1, len(line.text)) * (line.x1 - line.x0)
    has_ended = _TERMINATED.search(before.text) is not None
    # Lines as far apart as paragraphs are: double spacing, or paragraphs of one line each.
    if leading > _WIDE and room > word + 0.02 * width:
        return False
    if room > word + 0.08 * width and (has_ended or room > 0.35 * width):
        return False
    indent = (line.column[1] - line.x1) if line.rtl else (line.x0 - line.column[0])
    outdent = (before.column[1] - before.x1) if before.rtl else (before.x0 - before.column[0])
    return not (indent - outdent > 1.2 * line.size and has_ended)


def _breaks_off(before: Line, line: Line) -> bool:
    """Whether a paragraph goes on in the next column or on the next page."""
    if _ENDS_IN_ADDRESS.search(before.text) and not line.text[:1].islower():
        return False
    return not _TERMINATED.search(before.text) and not _BULLET.match(line.text) and len(before.text) > 25


def _goes_on(held: Paragraph, first: Paragraph) -> bool:
    """Whether the last paragraph of a page goes on as the first of the next."""
    a, b = held.lines[-1], first.lines[0]
    if held.kind not in ("paragraph", "list_item") or first.kind != "paragraph" or b.cell:
        return False
    room = (a.x0 - a.column[0]) if a.rtl else (a.column[1] - a.x1)
    word = len(b.text.split(" ")[0]) / max(1, len(b.text)) * (b.x1 - b.x0)
    is_full = room < word + 0.1 * (a.column[1] - a.column[0])
    return _breaks_off(a, b) and is_full and abs(a.size - b.size) < 0.08 * a.size


def _kind(paragraph: Paragraph, usual: float, some_bold: bool) -> str:
    first = paragraph.lines[0]
    if first.cell:
        return "cell"
    length = sum(len(line.text) for line in paragraph.lines)
    is_large = min(line.size for line in paragraph.lines) > 1.1 * usual
    is_bold = some_bold and all(line.bold for line in paragraph.lines)
    if (is_large or is_bold) and length <= 200 and not re.search("[.؟!]$", paragraph.lines[-1].text):
        return "heading"
    return "list_item" if _BULLET.match(first.text) else "paragraph"
