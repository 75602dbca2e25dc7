"""Sentences to vectors, by encoder name. Nothing heavy is imported until an encoder is loaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    from sentence_transformers import SentenceTransformer

    from ..data import Vectors
    from .cache import CacheInfo
    from .registry import Model

EMBEDDED = "universal-sentence-encoder-multilingual"


@runtime_checkable
class Encoder(Protocol):
    """Texts to vectors.

    Where an encoder has them, `spans(texts, width)` replaces embedding every concatenation, and `form(text)` is what
    texts are turned into before they are compared.
    """

    name: str
    dimension: int

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Unit rows of texts, float32 of shape (len(texts), dimension); a zero row for an empty text."""
        ...


class SpanEncoder(Encoder, Protocol):
    """An encoder that knows vectors of spans by itself."""

    def spans(self, texts: Sequence[str], width: int) -> np.ndarray:
        """Unit rows of all spans of up to `width` texts, float32 of shape (width, len(texts), dimension)."""
        ...


class WordEncoder(Encoder, Protocol):
    """An encoder that knows states of words."""

    def word_states(self, texts: Sequence[str], words: Sequence[Sequence[tuple[int, int]]]) -> list[np.ndarray]:
        """States of words, half-open ranges of code points of each text; an array a text, a row a word."""
        ...


def prepare() -> None:
    """Start to load the embedded encoder's files on threads; worth calling while there is other work to do."""
    from .tokens import tokenizer
    from .weights import weights

    tokenizer()
    weights()


def load(name: str = EMBEDDED, *, device: str = "auto", batch_size: int = 32, precision: str = "auto",
         revision: str | None = None, cache: bool = True) -> Encoder:
    """The encoder called `name`: the embedded one (also `default`), or a sentence-transformers model by name or path.

    `device` is `auto`, `cpu`, `cuda`, ...; `precision` is `auto`, `float32`, `float16` or `bfloat16`; both, and
    `batch_size` and `revision`, are for transformers alone. Raises EncoderError for a model that cannot be found or
    loaded, MissingExtra where its package is not installed.
    """
    encoder: Encoder
    if name in (EMBEDDED, "default"):
        prepare()
        from .embedded import Embedded

        encoder = Embedded()
    else:
        from .transformer import Transformer

        encoder = Transformer(name, device=device, batch_size=batch_size, precision=precision, revision=revision)
    return cached(encoder) if cache else encoder


def as_encoder(given: object, batch_size: int = 32) -> Encoder:
    """An encoder for an object: itself where it is one, a SentenceTransformer as one; raises UsageError for all else."""
    if isinstance(given, Encoder):
        return given
    if hasattr(given, "encode") and any(hasattr(given, name) for name in ("get_embedding_dimension",
                                                                          "get_sentence_embedding_dimension")):
        from .transformer import Transformer

        return Transformer(_name_of(given), batch_size=batch_size, model=cast("SentenceTransformer", given))
    from ..errors import UsageError

    raise UsageError("an encoder is the name of a model, a SentenceTransformer, or an object with name, dimension and encode, "
                     f"not a {type(given).__name__}")


def _name_of(model: object) -> str:
    """What a SentenceTransformer was loaded as, as far as it knows."""
    card = getattr(model, "model_card_data", None)
    return str(getattr(card, "base_model", None) or getattr(card, "model_id", None) or "SentenceTransformer")


def load_second(name: str, *, device: str = "auto", batch_size: int = 32, precision: str = "auto",
                cache: bool = True) -> Encoder:
    """The encoder called `name` to stand beside another one, see `mixed`: its spans are pooled from what it says of each
    text by itself, so that no concatenation is embedded. Raises as `load` does.
    """
    from .pooled import Means, Pooled
    from .registry import E5

    if name in (EMBEDDED, "default"):
        return load(name, cache=cache)
    if name == E5 and not uses_card(name, device, second=True) and precision in ("auto", "float32"):
        from .e5_states import E5States

        return Pooled(E5States(), cache)
    from .transformer import Transformer

    encoder = Transformer(name, device=device, batch_size=batch_size, precision=precision)
    if encoder.has_states:
        return Pooled(encoder, cache)
    return Means(cached(encoder) if cache else encoder)


def uses_card(name: str, device: str, *, second: bool = False) -> bool:
    """Whether the encoder `name`, asked for on `device`, would run on a graphics card where there is one: as second
    encoder the small e5 does only where it is told to."""
    from .registry import E5

    usual = ("cpu",) if name != E5 or not second else ("cpu", "auto")
    return name not in (EMBEDDED, "default") and device not in usual


def mix(first: Encoder, second: Encoder, weight: float) -> Encoder:
    """Both encoders as one for aligning; the second counts `weight` times as much as the first."""
    from .mixed import Mixed

    return Mixed(first, second, weight)


def first_of(encoder: Encoder) -> Encoder:
    """The first of two encoders that were mixed; any other encoder is its own first."""
    from .mixed import Mixed

    return encoder.first if isinstance(encoder, Mixed) else encoder


def span_vectors(encoder: Encoder, texts: Sequence[str], width: int) -> Vectors:
    """Vectors of all runs of 1 to `width` neighbouring texts, joined by spaces, as they are compared when aligning.

    Texts are put into the encoder's own `form` where it has one. Uses the encoder's own `spans` where it has one;
    otherwise embeds every distinct concatenation once. Raises EncoderError where an encoder returns anything but
    finite rows of its dimension.
    """
    return _many_spans(encoder, [texts], width)[0]


def _many_spans(encoder: Encoder, lists: Sequence[Sequence[str]], width: int) -> list[Vectors]:
    """`span_vectors` of each list; every distinct concatenation of all of them is embedded once, in one call."""
    import numpy as np

    from ..data import Vectors
    from ..errors import EncoderError

    form = getattr(encoder, "form", None)
    if form is not None:
        lists = [[form(text) for text in texts] for texts in lists]
    spans = getattr(encoder, "spans", None)
    if spans is not None:
        return [Vectors(spans(texts, width) if texts else np.zeros((width, 0, encoder.dimension), np.float32))
                for texts in lists]
    index: dict[str, int] = {}
    grids = [_joined(texts, width, index) for texts in lists]
    rows = encoder.encode(list(index)) if index else np.zeros((0, encoder.dimension), np.float32)
    if rows.shape != (len(index), encoder.dimension) or not np.isfinite(rows).all():
        raise EncoderError(f"the encoder {encoder.name} returned shape {rows.shape} or numbers that are not finite, "
                           f"not {(len(index), encoder.dimension)}")
    found = []
    for places in grids:
        out = np.zeros((*places.shape, encoder.dimension), np.float32)
        out[places >= 0] = rows[places[places >= 0]]
        found.append(Vectors(out))
    return found


def _joined(texts: Sequence[str], width: int, index: dict[str, int]) -> np.ndarray:
    """Where in `index`, which grows, the runs of neighbouring texts stand; int64 of shape (width, texts), -1 for none."""
    import numpy as np

    places = np.full((width, len(texts)), -1, np.int64)
    kept = [text if text and not text.isspace() else "" for text in texts]
    for k in range(min(width, len(texts))):
        for i in range(len(texts) - k):
            joined = " ".join(filter(None, kept[i:i + k + 1]))
            if joined:
                places[k, i] = index.setdefault(joined, len(index))
    return places


class SideVectors(NamedTuple):
    """What is known of one side's texts: vectors of their spans; and, of encoders that give them, vectors of the first
    and last characters of each text, float16 of shape (sizes, texts, dimension), and states of words, an array a text.
    """

    spans: Vectors
    heads: np.ndarray | None = None
    tails: np.ndarray | None = None
    words: list[np.ndarray] | None = None


def side_vectors(encoder: Encoder, texts: Sequence[str], width: int, sizes: Sequence[int],
                 words: Sequence[Sequence[tuple[int, int]]] | None = None,
                 keep: Callable[[np.ndarray], np.ndarray] | None = None) -> SideVectors:
    """`span_vectors`, vectors of the first and last `sizes` characters of each text, and states of words, which are
    half-open ranges of code points of each text, or what `keep` makes of some words' states."""
    return many_side_vectors(encoder, [texts], width, sizes, [words], keep)[0]


def many_side_vectors(encoder: Encoder, lists: Sequence[Sequence[str]], width: int, sizes: Sequence[int],
                      words: Sequence[Sequence[Sequence[tuple[int, int]]] | None] | None = None,
                      keep: Callable[[np.ndarray], np.ndarray] | None = None) -> list[SideVectors]:
    """`side_vectors` of each list of texts, and of the words of each; no span reaches from one list into the next.

    All lists go to the encoder in one call, so that its batches are full. The vectors that the embedded encoder's
    machine code makes of one do not depend on the others; those of its NumPy pass do in their last bits.
    """
    from .mixed import Mixed, join

    if isinstance(encoder, Mixed):
        return [join(*parts, encoder.weight) for parts in zip(
            many_side_vectors(encoder.first, lists, width, sizes, words, keep),
            many_side_vectors(encoder.second, lists, width, sizes), strict=True)]
    both = getattr(encoder, "many_spans_and_edges", None)
    if both is None:
        return [SideVectors(vectors) for vectors in _many_spans(encoder, lists, width)]
    from ..data import Vectors

    shapes: list[list[str]] = []
    places: list[list[list[tuple[int, int]]] | None] = []
    form, form_words = getattr(encoder, "form", str), getattr(encoder, "form_words", None)
    for texts, some in zip(lists, words or [None] * len(lists), strict=True):
        if some is None or form_words is None:
            shapes.append([form(text) for text in texts])
            places.append(None)
        else:
            pairs = [form_words(text, ranges) for text, ranges in zip(texts, some, strict=True)]
            shapes.append([shape for shape, _ in pairs])
            places.append([ranges for _, ranges in pairs])
    return [SideVectors(Vectors(spans), *others) if texts else SideVectors(Vectors(spans))
            for texts, (spans, *others) in zip(lists, both(shapes, width, sizes, places, keep), strict=True)]


def cached(encoder: Encoder) -> Encoder:
    """`encoder` with the cache on disk before it; see `cache`."""
    from .cache import cached as wrap

    return wrap(encoder)


def clear_cache() -> tuple[int, int]:
    """Delete all cached vectors; how many files and bytes went."""
    from .cache import clear_cache as clear

    return clear()


def cache_info() -> CacheInfo:
    """Where the cache is and what it holds."""
    from .cache import cache_info as info

    return info()


def models() -> list[Model]:
    """All encoders known by name, the default first."""
    from .registry import models as known

    return known()


def export_model(folder: str | Path, *, force: bool = False) -> Path:
    """Write the embedded encoder as a sentence-transformers folder; see `export`."""
    from .export import export_model as write

    return write(folder, force=force)
