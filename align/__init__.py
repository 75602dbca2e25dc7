"""muwazi: Arabic–English parallel text alignment. Nothing heavy is imported until it is used.

    import align

    result = align.align_texts(arabic, english)
    for ar, en, confidence in align.pairs(result):
        ...

`align_texts` takes two texts, `align_segments` two lists of segments, `align_vectors` given vectors, `align_files`
two files. `import muwazi` is the same package under its other name.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import errors
    from .calls import align_files, align_segments, align_texts
    from .lang import facts, names
    from .pipeline import Options, align_vectors
    from .result import Result, pairs

__version__ = "0.1.0"
__all__ = ["Options", "Result", "align_files", "align_segments", "align_texts", "align_vectors", "errors", "facts", "names",
           "pairs"]  # fmt: skip

_LAZY = {"align_files": "calls", "align_segments": "calls", "align_texts": "calls", "align_vectors": "pipeline",
         "Options": "pipeline", "Result": "result", "pairs": "result"}  # fmt: skip
_MODULES = {"errors": "errors", "facts": "lang.facts", "names": "lang.names"}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in _LAZY:
        return getattr(import_module(f".{_LAZY[name]}", __name__), name)
    if name in _MODULES:
        return import_module(f".{_MODULES[name]}", __name__)
    raise AttributeError(f"module 'align' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
