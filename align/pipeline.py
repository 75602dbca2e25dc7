"""The flow, for one pair: read, segment, encode, neighbours, beads, flags; the only place where the stages meet."""

from __future__ import annotations

import itertools
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from .data import Alignment, Bead, Block, Document, Judged, Segmented, Span
from .errors import EncoderError, InputError, UsageError

if TYPE_CHECKING:
    import numpy as np

    from .beads import Links, Side
    from .encode import Encoder

MOST_SEGMENTS = 16  # the highest limit of a bead on one side
USUAL_LIMIT = 8
_MOST_WHOLE = 20_000  # segments of a side up to which a pair is aligned as a whole, and its spans encoded at once
_PIECE = 4_000  # segments of a side, about, of the pieces into which a longer pair is cut where its path is sure
_MOST_GROWN = 20_000  # segments of a side from which on vectors of twice as many spans would take too much memory
MOST_AT_ONCE = 2_000_000  # characters of a side whose words' states are kept from encoding to the flags
MOST_WEIGHT = 10.0  # of a second encoder
SECOND_WEIGHT = 0.3  # what a second encoder counts beside the first
MOST_CHARACTERS = 8_000  # of one segment that encoders are given; more lines so long than a few would fill the memory


@dataclass(frozen=True, slots=True)
class Options:
    """How a pair is read, segmented, encoded and aligned.

    `langs` are the codes of the first and the second document; `limits` the most segments a bead may have on each
    side, 1 to 16 (8, the usual, becomes 16 where it cuts beads off); `segmented` takes each line as one segment; `encoding` names an encoding for files without a byte
    order mark that are not UTF-8; `glossary` is a file of names for the flags, `min_probability` the least that a flag
    must have (by default each kind has its own threshold; at 0 every candidate is listed). `second_model` names another
    encoder whose vectors stand beside the first's when spans are compared, and count `second_weight` times as much.
    """

    encoder: str = "default"
    device: str = "auto"
    batch_size: int = 32
    precision: str = "auto"
    revision: str | None = None
    cache: bool = True
    langs: tuple[str, str] = ("ar", "en")
    encoding: str | None = None
    max_bytes: int | None = None
    segmented: bool = False
    language_check: bool = True
    limits: tuple[int, int] = (USUAL_LIMIT, USUAL_LIMIT)
    glossary: str | os.PathLike[str] | None = None
    min_probability: float | None = None
    second_model: str | None = None
    second_weight: float = SECOND_WEIGHT

    def __post_init__(self) -> None:
        _check_limits(self.limits)
        _check_values(self)
        if not (isinstance(self.second_weight, int | float) and 0 < self.second_weight <= MOST_WEIGHT):
            raise UsageError(f"the weight of the second encoder lies above 0 and is at most {MOST_WEIGHT}, "
                             f"not {self.second_weight}")

    def recipe(self) -> dict[str, Any]:
        """The options that change the output, as the manifest keeps them."""
        record = {"langs": "-".join(self.langs), "beads": f"{self.limits[0]}x{self.limits[1]}",
                  "segmented": self.segmented, "encoding": self.encoding}
        return record | self.second()

    def second(self) -> dict[str, Any]:
        """The second encoder and its weight, as recipes keep them; nothing where there is none."""
        if self.second_model is None:
            return {}
        return {"second_model": self.second_model, "second_weight": self.second_weight}


def _check_values(options: Options) -> None:
    """Raise UsageError for a value of a wrong kind, which would else be met deep inside or not at all."""
    for name in ("encoder", "device", "precision", "revision", "encoding", "second_model"):
        value = getattr(options, name)
        if not isinstance(value, str) and not (value is None and name in ("revision", "encoding", "second_model")):
            raise UsageError(f"{name} is a text, not {value!r}")
    for name in ("cache", "segmented", "language_check"):
        if not isinstance(getattr(options, name), bool):
            raise UsageError(f"{name} is True or False, not {getattr(options, name)!r}")
    if not (isinstance(options.langs, tuple | list) and len(options.langs) == 2 and all(isinstance(c, str) and c for c in options.langs)):
        raise UsageError(f"langs are two codes, such as ar-en or ('ar', 'en'), not {options.langs!r}")
    for name in ("batch_size", "max_bytes"):
        value = getattr(options, name)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
            raise UsageError(f"{name} is a whole number of 1 or more, not {value!r}")
    least = options.min_probability
    if least is not None and not (isinstance(least, int | float) and 0 <= least <= 1):
        raise UsageError(f"min_probability lies from 0 to 1, not {least!r}")
    if options.precision not in ("auto", "float32", "float16", "bfloat16"):
        raise UsageError(f"model_precision is auto, float32, float16 or bfloat16, not {options.precision!r}")


def _check_limits(limits: tuple[int, int]) -> None:
    if not (isinstance(limits, tuple | list) and len(limits) == 2 and all(isinstance(limit, int) for limit in limits)):
        raise UsageError(f"limits are two whole numbers, the most segments of a bead on each side, not {limits!r}")
    if not all(1 <= limit <= MOST_SEGMENTS for limit in limits):
        raise UsageError(f"a bead holds 1 to {MOST_SEGMENTS} segments a side, not {limits[0]} and {limits[1]}")


@dataclass
class Clock:
    """Seconds spent in each stage, summed."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Adds the time inside to stage `name`."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start


def load_encoder(options: Options) -> Encoder:
    """The encoder that the options name, mixed with the second one where there is one."""
    from .encode import load, load_second, mix

    first = load(options.encoder, revision=options.revision, device=options.device, batch_size=options.batch_size,
                 precision=options.precision, cache=options.cache)
    if options.second_model is None:
        return first
    second = load_second(options.second_model, device=options.device, batch_size=options.batch_size,
                         precision=options.precision, cache=options.cache)
    return mix(first, second, options.second_weight)


def named_encoder(options: Options) -> Encoder | None:
    """The encoder that the options name; None for the embedded one alone, which is loaded while texts are read."""
    return None if options.encoder == "default" and options.second_model is None else load_encoder(options)


def align_files(ar: str | os.PathLike[str], en: str | os.PathLike[str], options: Options = Options(), *,
                encoder: Encoder | None = None, flags: bool = False, clock: Clock | None = None) -> Judged:
    """Read, segment and align two files (`-` for stdin, once); with `flags`, also find what stands in one only.

    Raises InputError, DecodingError, LanguageError, EncoderError, all with one line for the user.
    """
    from .read import read

    clock = clock or Clock()
    if str(ar) == "-" and str(en) == "-":
        raise UsageError("only one of the two files can be stdin")
    if encoder is None and options.encoder == "default":
        from .encode import prepare

        prepare()
    with clock.stage("read"):
        first, second = (read(path, lang, options.encoding, max_bytes=options.max_bytes)
                         for path, lang in zip((ar, en), options.langs, strict=True))
    return align_documents(first, second, options, encoder=encoder, flags=flags, clock=clock)


def align_documents(ar: Document, en: Document, options: Options = Options(), *, encoder: Encoder | None = None,
                    flags: bool = False, clock: Clock | None = None) -> Judged:
    """Segment and align two documents; see `align_files`."""
    clock = clock or Clock()
    with clock.stage("segment"):
        sides = segmented_pair(ar, en, options)
    return align_segmented(*sides, options, encoder=encoder, flags=flags, clock=clock)


def align_segmented(ar: Segmented, en: Segmented, options: Options = Options(), *, encoder: Encoder | None = None,
                    flags: bool = False, clock: Clock | None = None) -> Judged:
    """Align two segmented documents; every segment ends in exactly one bead. See `align_files`."""
    clock = clock or Clock()
    pair = with_text(ar, en)
    with clock.stage("encode"):
        encoder = encoder or load_encoder(options)
        (sides,) = encoded([pair], options, encoder, flags=flags)
    with clock.stage("align"):
        alignment = aligned(pair, sides, options, encoder)
    if not flags:
        return Judged(ar, en, alignment)
    with clock.stage("flags"):
        return flagged(pair, alignment, options, encoder, None if sides is None else sides.words)


# The stages one by one, for whoever has many pairs in hand


@dataclass(frozen=True, slots=True)
class Pair:
    """Two segmented documents, and of each the segments that hold text: `texts`, numbered `places` among all."""

    ar: Segmented
    en: Segmented
    texts: tuple[Segmented, Segmented]
    places: tuple[tuple[int, ...], tuple[int, ...]]


def segmented_pair(ar: Document, en: Document, options: Options) -> tuple[Segmented, Segmented]:
    """Both documents segmented, once their languages are those that the options ask for; raises LanguageError."""
    from .segment import segment

    if options.language_check:
        from .read import check_languages

        check_languages(ar, en)
    if ar.parts and en.parts:
        ar, en = _by_key(ar, en)
    return segment(ar, segmented=options.segmented), segment(en, segmented=options.segmented)


def _by_key(ar: Document, en: Document) -> tuple[Document, Document]:
    """Both documents with the second in the order of the first's keys, where both have keys; lone keys are told."""
    from .keyed import are_keyed, in_order_of, lone_keys

    if not are_keyed(ar, en):
        return ar, en
    for lacking, having, keys in zip((en, ar), (ar, en), lone_keys(ar, en), strict=True):
        if keys and ar.origin != en.origin:  # of one file the reader tells it
            more = f" and {len(keys) - 5:,} more" if len(keys) > 5 else ""
            logging.getLogger(__name__).warning("%s: lacks %s of the other's %s keys: %s%s", lacking.id, f"{len(keys):,}",
                                                f"{len({part.place for part in having.parts}):,}", ", ".join(keys[:5]), more)
    return ar, in_order_of(ar, en)


def with_text(ar: Segmented, en: Segmented) -> Pair:
    """The pair with its segments that hold text apart; raises InputError where a side has none."""
    places = tuple(tuple(k for k, s in enumerate(side.segments) if s.form) for side in (ar, en))
    for side, kept in zip((ar, en), places, strict=True):
        if not kept:
            raise InputError(f"{side.document.id}: has no text")
    first, second = (Segmented(side.document, tuple(side.segments[k] for k in kept))
                     for side, kept in zip((ar, en), places, strict=True))
    return Pair(ar, en, (first, second), (places[0], places[1]))


class Encoded(NamedTuple):
    """What the aligner needs of both sides of a pair; and for the flags, where the encoder gave them, what they take from
    the states of the words of every segment that holds text, a list of arrays a side."""

    ar: Side
    en: Side
    words: tuple[list[np.ndarray], list[np.ndarray]] | None = None


def encoded(pairs: Sequence[Pair], options: Options, encoder: Encoder, *, flags: bool = False) -> list[Encoded | None]:
    """Vectors of all spans, lengths, marks, and with `flags` states of words; the encoder gets all pairs at once. None for
    pairs so long that `aligned` encodes them piece by piece."""
    whole = [pair for pair in pairs if not _is_long(pair)]
    found = iter(_encoded(whole, options, encoder, flags) if whole else ())
    return [None if _is_long(pair) else next(found) for pair in pairs]


def _is_long(pair: Pair) -> bool:
    """Whether a pair is aligned in pieces."""
    from .keyed import are_keyed

    return (max(len(text.segments) for text in pair.texts) > _MOST_WHOLE
            and not are_keyed(pair.ar.document, pair.en.document))


def _encoded(pairs: Sequence[Pair], options: Options, encoder: Encoder, flags: bool = False) -> list[Encoded]:
    import numpy as np

    from .beads import WINDOWS, Side
    from .encode import SideVectors, many_side_vectors
    from .segment.signs import closings, lengths

    with_words = flags and hasattr(encoder, "word_states")
    found = []
    for k, (lang, limit) in enumerate(zip(("ar", "en"), options.limits, strict=True)):
        texts = [pair.texts[k] for pair in pairs]
        forms = [text.forms for text in texts]
        words = [_word_places(part) for part in forms] if with_words else None
        found.append(many_side_vectors(encoder, [list(map(_clipped, part)) for part in forms], limit, WINDOWS, words,
                                       _word_rows(lang) if with_words else None))

    def side(text: Segmented, vectors: SideVectors) -> Side:
        return Side(vectors.spans, np.array(lengths(text)), np.array(closings(text)), vectors.heads, vectors.tails,
                    np.array([part.kind == "boilerplate" for part in text.segments]))

    return [Encoded(side(pair.texts[0], ar), side(pair.texts[1], en),
                    None if ar.words is None or en.words is None else (ar.words, en.words))
            for pair, ar, en in zip(pairs, *found, strict=True)]


def _word_places(forms: Sequence[str]) -> list[list[tuple[int, int]]] | None:
    """Where the words of segments stand; None where their states would fill the memory, or a segment is clipped."""
    if sum(map(len, forms)) > MOST_AT_ONCE or max(map(len, forms)) > MOST_CHARACTERS:
        return None
    from .flags import word_places

    return word_places(forms)


def _word_rows(lang: str) -> Callable[[np.ndarray], np.ndarray]:
    from .flags import word_rows

    return word_rows(lang)


def is_embedded(encoder: Encoder) -> bool:
    """Whether the aligner's weights were learnt with vectors of this encoder: a mix has similarities of another range."""
    return hasattr(encoder, "spans_and_edges")


def aligned(pair: Pair, sides: Encoded | None, options: Options, encoder: Encoder, *, one_of_many: bool = False) -> Alignment:
    """The alignment of a pair; every segment, those without text too, ends in exactly one bead. `one_of_many` is quicker
    where many pairs follow each other. `sides` are as `encoded` gives them.

    Where a bead has all the segments that it may have and the next is left alone, a segment of the other side may be as
    long as a page: sides with the usual limit are then aligned once more with the highest, unless they are very long.
    """
    if sides is None:
        found = _in_pieces(pair, options, encoder)
        return _with_empty(found, pair.places, (len(pair.ar.segments), len(pair.en.segments)))
    found = _aligned(pair, sides, options.limits, encoder, one_of_many)
    limits = _grown(found, options.limits)
    if limits != options.limits and max(len(text.segments) for text in pair.texts) <= _MOST_GROWN:
        (wider,) = _encoded([pair], replace(options, limits=limits), encoder)
        found = _aligned(pair, wider, limits, encoder, one_of_many)
    return _with_empty(found, pair.places, (len(pair.ar.segments), len(pair.en.segments)))


def _in_pieces(pair: Pair, options: Options, encoder: Encoder) -> Alignment:
    """The alignment of the segments with text of a long pair, one piece after the other, so that no more than one piece's
    spans and scores are in memory."""
    from .beads import joined

    corners = [(0, 0), *_corners(pair, encoder), (len(pair.texts[0].segments), len(pair.texts[1].segments))]
    found = []
    for begin, end in itertools.pairwise(corners):
        piece = _piece(pair, begin, end)
        (sides,) = _encoded([piece], options, encoder)
        found.append((begin, _aligned(piece, sides, options.limits, encoder, True)))
    return joined(found)


def _piece(pair: Pair, begin: tuple[int, int], end: tuple[int, int]) -> Pair:
    """The segments with text between two corners of a pair, as a pair."""
    ar, en = (Segmented(text.document, text.segments[start:stop]) for text, start, stop in zip(pair.texts, begin, end, strict=True))
    return Pair(ar, en, (ar, en), (tuple(range(len(ar.segments))), tuple(range(len(en.segments)))))


def _corners(pair: Pair, encoder: Encoder) -> list[tuple[int, int]]:
    """Corners of a long pair's grid that surely lie on its path, so that no piece between them is much longer than _PIECE where
    that can be told. A stretch in which nothing is sure is looked at by itself, for there the nearest may be told better, and
    cut along its diagonal where it is as long as a long pair."""
    from .beads import along, cuts
    from .encode import span_vectors
    from .neighbours import in_groups

    singles = [span_vectors(encoder, [_clipped(form) for form in text.forms], 1).single for text in pair.texts]

    def inside(begin: tuple[int, int], end: tuple[int, int]) -> Iterator[tuple[int, int]]:
        sides = [rows[start:stop] for rows, start, stop in zip(singles, begin, end, strict=True)]
        sizes = len(sides[0]), len(sides[1])
        if max(sizes) <= 2 * _PIECE or not min(sizes):
            return
        found = cuts(in_groups(sides[0], sides[1]), _PIECE)
        if not len(found) and max(sizes) > _MOST_WHOLE:
            found = along(*sizes, _MOST_WHOLE)
        here = [begin, *((i + begin[0], j + begin[1]) for i, j in found.tolist()), end]
        for before, after in itertools.pairwise(here) if len(found) else ():
            yield from inside(before, after)
            if after != end:
                yield after

    return list(inside((0, 0), (len(singles[0]), len(singles[1]))))


def _grown(alignment: Alignment, limits: tuple[int, int]) -> tuple[int, int]:
    """The limits, with the highest for a side whose usual limit cuts beads off: beside a full bead stand segments alone, no
    more of them than it could take. Where one version goes on for longer, that tells of no bead."""
    grown = list(limits)
    beads = [(bead.ar, bead.en) for bead in alignment.beads]
    for k, full in enumerate(beads):
        for side in (0, 1):
            if len(full[side]) != limits[side] or limits[side] != USUAL_LIMIT or not len(full[1 - side]):
                continue
            for step in (-1, 1):
                if 0 < _alone_beside(beads, k, side, step) <= MOST_SEGMENTS - limits[side]:
                    grown[side] = MOST_SEGMENTS
    return grown[0], grown[1]


def _alone_beside(beads: Sequence[tuple[Span, Span]], k: int, side: int, step: int) -> int:
    """How many segments of a side stand alone in a row before (`step` -1) or after (1) bead `k`."""
    count = 0
    while 0 <= (k := k + step) < len(beads) and not len(beads[k][1 - side]):
        count += len(beads[k][side])
    return count


def _aligned(pair: Pair, sides: Encoded, limits: tuple[int, int], encoder: Encoder, one_of_many: bool) -> Alignment:
    """The alignment of the segments that hold text."""
    from .beads import align
    from .keyed import are_keyed
    from .neighbours import both_ways
    from .segment.signs import links

    if are_keyed(pair.ar.document, pair.en.document):
        return _with_empty(_keyed(pair, sides), pair.places, (len(pair.ar.segments), len(pair.en.segments)))
    near = both_ways(sides.ar.vectors.single, sides.en.vectors.single)
    ties = None
    if pair.ar.document.parts and pair.en.document.parts:
        from .segment.structure import structure_links

        ties = structure_links(*pair.texts)
    return align(sides.ar, sides.en, near, _links(links(*pair.texts)), limits=limits, ties=_links(ties or ()),
                 learnt_for=is_embedded(encoder), one_of_many=one_of_many)


def _keyed(pair: Pair, sides: Encoded) -> Alignment:
    """The alignment of two versions whose pieces have keys: what stands under one key answers each other."""
    from .keyed import key_spans

    return Alignment(tuple(Bead(ar, en, _similarity(sides, ar, en), 1.0) for ar, en in key_spans(*pair.texts)))


def _similarity(sides: Encoded, ar: Span, en: Span) -> float:
    """The cosine of two spans, of the mean of their segments where one is longer than the spans that were encoded."""
    import numpy as np

    if not len(ar) or not len(en):
        return 0.0
    rows = []
    for side, span in zip((sides.ar, sides.en), (ar, en), strict=True):
        vectors = side.vectors
        one = vectors.spans[len(span) - 1, span.start] if len(span) <= vectors.width else vectors.single[span.start : span.stop].mean(0)
        rows.append(one / (np.linalg.norm(one) or 1.0))
    return float(np.clip(rows[0] @ rows[1], -1.0, 1.0))


def flagged(pair: Pair, alignment: Alignment, options: Options, encoder: Encoder,
            words: tuple[list[np.ndarray], list[np.ndarray]] | None = None) -> Judged:
    """The alignment with its flags, and beads with their probability; `words` as `encoded` gives them save another pass of the encoder."""
    return flagged_together([pair], [alignment], options, encoder, [words])[0]


def flagged_together(pairs: Sequence[Pair], alignments: Sequence[Alignment], options: Options, encoder: Encoder,
                     words: Sequence[tuple[list[np.ndarray], list[np.ndarray]] | None]) -> list[Judged]:
    """`flagged` of several pairs, none of which knows of the others: faster where they are small."""
    from .encode import first_of
    from .flags import judge_together
    from .flags.pairs import LIKELY, bead_probabilities

    encoder = first_of(encoder)
    if not hasattr(encoder, "word_states"):
        # Phrases are found with the embedded encoder's states of words, whichever encoder aligned.
        encoder = load_encoder(Options(cache=options.cache))
    states = [None if known is None else {side: dict(zip(places, rows, strict=True))
                                          for side, places, rows in zip(("ar", "en"), pair.places, known, strict=True)}
              for pair, known in zip(pairs, words, strict=True)]
    least = options.min_probability
    # What is shown must not change what is probable.
    every = judge_together([(pair.ar, pair.en, alignment) for pair, alignment in zip(pairs, alignments, strict=True)], encoder,
                           glossary=options.glossary, min_probability=None if least is None else min(least, LIKELY), states=states)
    out = []
    for judged in every:
        beads = tuple(replace(bead, probability=p) for bead, p in zip(judged.alignment.beads, bead_probabilities(judged, encoder), strict=True))
        flags = tuple(flag for flag in judged.flags if least is None or flag.probability >= least)
        out.append(replace(judged, alignment=replace(judged.alignment, beads=beads), flags=flags))
    return out


def _clipped(form: str) -> str:
    """The beginning and the end of a segment too long for one vector to say anything of; others as they are."""
    if len(form) <= MOST_CHARACTERS:
        return form
    return f"{form[:MOST_CHARACTERS // 2]} {form[-(MOST_CHARACTERS // 2):]}"


def _links(found: Sequence[tuple[int, int, float]]) -> Links:
    """Triples of a first segment, a second segment and a weight, as the aligner takes them."""
    import numpy as np

    from .beads import Links

    columns = np.array(found).reshape(-1, 3)
    return Links(columns[:, 0].astype(np.int64), columns[:, 1].astype(np.int64), columns[:, 2].astype(np.float32))


def _with_empty(alignment: Alignment, places: Sequence[Sequence[int]], sizes: tuple[int, int]) -> Alignment:
    """The alignment of the segments at `places` as one of all segments: empty ones stand alone or inside a bead."""
    if all(len(kept) == size for kept, size in zip(places, sizes, strict=True)):
        return alignment
    after = [0, 0]
    beads = []

    def catch_up(side: int, stop: int) -> None:
        for k in range(after[side], stop):
            spans = [Span(after[0], after[0]), Span(after[1], after[1])]
            spans[side] = Span(k, k + 1)
            after[side] = k + 1
            beads.append(Bead(spans[0], spans[1], 0.0, 1.0))

    for bead in alignment.beads:
        spans = []
        for side, span in enumerate((bead.ar, bead.en)):
            if len(span):
                catch_up(side, places[side][span.start])
        for side, span in enumerate((bead.ar, bead.en)):
            stop = places[side][span.stop - 1] + 1 if len(span) else after[side]
            spans.append(Span(after[side], stop))
            after[side] = stop
        beads.append(Bead(spans[0], spans[1], bead.sim, bead.confidence))
    for side in (0, 1):
        catch_up(side, sizes[side])
    blocks = tuple(Block(_place(block.ar, places[0], sizes[0]), _place(block.en, places[1], sizes[1]), block.kind,
                         block.sim) for block in alignment.blocks)
    return Alignment(tuple(beads), blocks)


def _place(span: Span, places: Sequence[int], size: int) -> Span:
    start = places[span.start] if span.start < len(places) else size
    return Span(start, places[span.stop - 1] + 1 if len(span) else start)


def as_document(text: str, lang: str, id: str) -> Document:
    """A document for a text given in Python."""
    from .read import document

    return document(text, lang, id)


def as_segmented(texts: Sequence[str], lang: str, id: str) -> Segmented:
    """A list of segments as a document of one line each; line breaks inside a segment become spaces."""
    from .segment import segment

    lines = [" ".join(text.splitlines()) for text in texts]
    return segment(Document(id, lang, "".join(line + "\n" for line in lines)), segmented=True)


def align_vectors(first: np.ndarray, second: np.ndarray, *, lengths: tuple[Sequence[int], Sequence[int]] | None = None,
                  limits: tuple[int, int] = (USUAL_LIMIT, USUAL_LIMIT)) -> Alignment:
    """Align segments of which only vectors are known.

    `first` and `second` are float32 of shape (width, n, dimension): `[k, i]` the vector of segments i to i + k joined,
    anything where i + k >= n; or of shape (n, dimension), then the vector of a span is the mean of its segments',
    which is weaker. Rows need not be of unit length. `lengths` in characters, a number a segment, help to choose
    beads. Raises EncoderError for vectors that are no numbers, UsageError for shapes that do not fit.
    """
    import numpy as np

    from .beads import Side, align
    from .data import Vectors
    from .neighbours import both_ways

    _check_limits(limits)
    both = [np.asarray(given, np.float32) for given in (first, second)]
    for given in both:
        if given.ndim not in (2, 3):
            raise UsageError(f"vectors have the shape (n, dimension) or (width, n, dimension), not {given.shape}")
        if not all(np.isfinite(layer).all() for layer in given):
            raise EncoderError("the vectors given hold what is no number")
    if both[0].shape[-1] != both[1].shape[-1]:
        raise UsageError(f"the vectors of the two sides have different dimensions, {both[0].shape[-1]} and "
                         f"{both[1].shape[-1]}")
    sides = []
    for k, (given, limit) in enumerate(zip(both, limits, strict=True)):
        spans = _spans(given, limit)
        n = spans.shape[1]
        size = np.full(n, 100) if lengths is None else np.asarray(lengths[k])
        if len(size) != n:
            raise UsageError(f"{len(size)} lengths for {n} vectors")
        sides.append(Side(Vectors(spans), size, np.zeros(n, np.int64)))
    return align(sides[0], sides[1], both_ways(sides[0].vectors.single, sides[1].vectors.single), limits=limits)


def _spans(given: np.ndarray, limit: int) -> np.ndarray:
    """Unit rows by width, in place of what was given where that is of unit length already."""
    import numpy as np

    if given.ndim == 2:
        n = len(given)
        sums = np.concatenate([np.zeros((1, given.shape[1])), np.cumsum(given, axis=0, dtype=np.float64)])
        spans = np.zeros((min(limit, max(n, 1)), *given.shape), np.float32)
        for k in range(min(len(spans), n)):
            spans[k, : n - k] = sums[k + 1 :] - sums[: n - k]
        given = spans
    given = given[:limit]
    with np.errstate(over="ignore"):
        norms = np.sqrt(np.einsum("knd,knd->kn", given, given))
    # Norms that are no unit, or that overflowed or vanished in single precision.
    if not np.abs(norms[norms > 0] - 1).max(initial=0) <= 1e-3 or given[norms == 0].any():
        given = np.stack([_units(layer) for layer in given])
    return given


def _units(rows: np.ndarray) -> np.ndarray:
    """Rows of unit length, zero rows left zero; of double precision meanwhile, which no float32 overflows."""
    import numpy as np

    norms = np.linalg.norm(rows.astype(np.float64), axis=1, keepdims=True)
    return (rows / np.where(norms > 0, norms, 1)).astype(np.float32)


def flags_by_bead(judged: Judged) -> Mapping[int, list[dict[str, Any]]]:
    """The flags as JSON-ready records, by the number of their bead."""
    from .write.flags import records_by_bead

    return records_by_bead(judged.flags)
