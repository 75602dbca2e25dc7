"""muwazi: Arabic–English parallel text alignment. Nothing heavy is imported until it is used.

    import align

    result = align.align_texts(arabic, english)
    for ar, en, confidence in align.pairs(result):
        ...

`align_texts` takes two texts, `align_segments` two lists of segments, `align_vectors` given vectors, `align_files`
two files.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .data import Alignment, Judged
    from .pipeline import align_files, align_vectors

__version__ = "0.1.0"
__all__ = ["align_files", "align_segments", "align_texts", "align_vectors", "pairs"]

_LAZY = {"align_files": "pipeline", "align_vectors": "pipeline"}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        from importlib import import_module

        return getattr(import_module(f".{_LAZY[name]}", __name__), name)
    raise AttributeError(f"module 'align' has no attribute {name!r}")


def align_texts(ar: str, en: str, *, flags: bool = False, encoder: Any = None, **options: Any) -> "Judged":
    """Segment and align two texts; offsets in the result are code points in them.

    `flags` also finds what stands in one text only. `encoder` is an encoder object (anything with `name`, `dimension`
    and `encode`); `options` are the fields of `pipeline.Options`. Raises InputError for a text without words,
    LanguageError for texts that are not in their languages.
    """
    from .pipeline import Options, align_documents, as_document

    chosen = Options(**options)
    return align_documents(as_document(ar, chosen.langs[0], "<first text>"),
                           as_document(en, chosen.langs[1], "<second text>"), chosen, encoder=encoder, flags=flags)


def align_segments(ar: Sequence[str], en: Sequence[str], *, flags: bool = False, encoder: Any = None,
                   **options: Any) -> "Judged":
    """Align two lists of segments, which are never split or joined; numbers of segments are indices of the lists.

    Options as for `align_texts`. Empty segments are allowed and stand alone.
    """
    from .pipeline import Options, align_segmented, as_segmented

    chosen = Options(**options)
    return align_segmented(as_segmented(ar, chosen.langs[0], "<first list>"),
                           as_segmented(en, chosen.langs[1], "<second list>"), chosen, encoder=encoder, flags=flags)


def pairs(result: "Judged") -> Iterator[tuple[str, str, float]]:
    """Text of the first side, text of the second side and confidence of each bead; an empty text where one-sided."""
    from .write import bead_texts

    for (ar, en), bead in zip(bead_texts(result.ar, result.en, result.alignment), result.alignment.beads, strict=True):
        yield ar, en, bead.confidence
