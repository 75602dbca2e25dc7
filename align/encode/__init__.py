"""Sentences to vectors, by encoder name. Nothing heavy is imported until an encoder is loaded."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np

    from ..data import Vectors

EMBEDDED = "universal-sentence-encoder-multilingual"


@runtime_checkable
class Encoder(Protocol):
    """Texts to vectors. `spans(texts, width)`, where an encoder has it, replaces embedding every concatenation."""

    name: str
    dimension: int

    def encode(self, texts: Sequence[str]) -> "np.ndarray":
        """Unit rows of texts, float32 of shape (len(texts), dimension); a zero row for an empty text."""
        ...


def prepare() -> None:
    """Start to load the embedded encoder's files on threads; worth calling while there is other work to do."""
    from .tokens import tokenizer
    from .weights import weights

    tokenizer()
    weights()


def load(name: str = EMBEDDED, *, device: str = "auto", batch_size: int = 32, precision: str = "auto",
         revision: str | None = None) -> Encoder:
    """The encoder called `name`: the embedded one, or a sentence-transformers model by name or local path.

    Raises EncoderError for a model that cannot be found or loaded, MissingExtra where its package is not installed.
    """
    if name in (EMBEDDED, "default"):
        prepare()
        from .embedded import Embedded

        return Embedded()
    from .transformer import Transformer

    return Transformer(name, device=device, batch_size=batch_size, precision=precision, revision=revision)


def span_vectors(encoder: Encoder, texts: Sequence[str], width: int) -> "Vectors":
    """Vectors of all runs of 1 to `width` neighbouring texts, joined by spaces.

    Uses the encoder's own `spans` where it has one; otherwise embeds every distinct concatenation once.
    """
    import numpy as np

    from ..data import Vectors

    if not texts:
        return Vectors(np.zeros((width, 0, encoder.dimension), np.float32))
    spans = getattr(encoder, "spans", None)
    if spans is not None:
        return Vectors(spans(texts, width))
    index: dict[str, int] = {}
    places = np.full((width, len(texts)), -1, np.int64)
    for k in range(min(width, len(texts))):
        for i in range(len(texts) - k):
            joined = " ".join(text for text in texts[i:i + k + 1] if text and not text.isspace())
            if joined:
                places[k, i] = index.setdefault(joined, len(index))
    rows = encoder.encode(list(index)) if index else np.zeros((0, encoder.dimension), np.float32)
    out = np.zeros((width, len(texts), encoder.dimension), np.float32)
    out[places >= 0] = rows[places[places >= 0]]
    return Vectors(out)
