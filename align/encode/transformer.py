"""Any sentence-transformers model, by name or local path, as an encoder."""

from collections.abc import Sequence

import numpy as np

from ..errors import EncoderError


class Transformer:
    """A sentence-transformers model; it pools, normalises and prompts as its own configuration says."""

    def __init__(self, name: str, *, device: str = "auto", batch_size: int = 32, precision: str = "auto",
                 revision: str | None = None):
        import sentence_transformers

        self.name = name
        self._batch_size = batch_size
        try:
            self._model = sentence_transformers.SentenceTransformer(
                name, device=None if device == "auto" else device, revision=revision)
        except Exception as error:
            raise EncoderError(f"cannot load the model {name}: {str(error).splitlines()[0]}") from None
        self.device = str(self._model.device)
        self.dimension = int(self._model.get_sentence_embedding_dimension())

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Unit rows of texts, float32 of shape (len(texts), dimension); a zero row for an empty text."""
        out = np.zeros((len(texts), self.dimension), np.float32)
        kept = [i for i, text in enumerate(texts) if text.strip()]
        if kept:
            out[kept] = self._model.encode([texts[i] for i in kept], batch_size=self._batch_size,
                                           normalize_embeddings=True, show_progress_bar=False)
        return out
