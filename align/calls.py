"""The functions of Python: texts, segments or files in, a result out; options are called as the command calls them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import fields, replace
from difflib import get_close_matches
from typing import Any

from .errors import UsageError
from .pipeline import (
    Clock,
    Options,
    align_documents,
    align_segmented,
    as_document,
    as_segmented,
    load_encoder,
)
from .pipeline import align_files as aligned_files
from .result import Result

# What the command's options are among the fields of `Options`.
_COMMAND = ("model", "model_precision", "max_ar", "max_en", "no_cache", "no_language_check", "thorough")
_FIELDS = tuple(field.name for field in fields(Options) if field.name != "encoder")
OPTIONS: tuple[str, ...] = tuple(sorted({*_COMMAND, *_FIELDS}))
"""Names of all options of these functions."""


def align_texts(ar: str, en: str, *, flags: bool = False, encoder: Any = None, **options: Any) -> Result:
    """Segment and align two texts; offsets in the result are code points in them.

    `flags` also finds what stands in one text only. `encoder` is a SentenceTransformer, the name of a model, or any
    object with `name`, `dimension` and `encode`. `options` are those of `muwazi align`, with underscores: langs,
    max_ar, max_en, segmented, second_model, thorough, glossary ... Raises InputError for a text without words,
    LanguageError for texts that are not in their languages, UsageError for options and values that are none.
    """
    for name, text in (("first", ar), ("second", en)):
        if not isinstance(text, str):
            raise UsageError(f"align_texts takes two texts; the {name} is a {type(text).__name__}"
                             + ("; align_segments takes lists of segments" if isinstance(text, Sequence) else ""))
    chosen = options_of("align_texts", encoder, options)
    return Result.of(align_documents(as_document(ar, chosen.langs[0], "<first text>"),
                                     as_document(en, chosen.langs[1], "<second text>"), chosen,
                                     encoder=_encoder(encoder, chosen), flags=flags))


def align_segments(ar: Sequence[str], en: Sequence[str], *, flags: bool = False, encoder: Any = None,
                   **options: Any) -> Result:
    """Align two lists of segments, which are never split or joined; numbers of segments are indices of the lists.

    Options as for `align_texts`. Empty segments are allowed and stand alone.
    """
    chosen = options_of("align_segments", encoder, options)
    lists = [_segments(given, name) for given, name in ((ar, "first"), (en, "second"))]
    return Result.of(align_segmented(as_segmented(lists[0], chosen.langs[0], "<first list>"),
                                     as_segmented(lists[1], chosen.langs[1], "<second list>"), chosen,
                                     encoder=_encoder(encoder, chosen), flags=flags))


def align_files(ar: str | os.PathLike[str], en: str | os.PathLike[str], options: Options | None = None, *,
                flags: bool = False, encoder: Any = None, clock: Clock | None = None, **more: Any) -> Result:
    """Read, segment and align two files (`-` for stdin, once).

    `options` may be given as a whole, as keywords, or both, then the keywords count. Errors as of `align_texts`, and
    those of reading.
    """
    chosen = options_of("align_files", encoder, more, options)
    return Result.of(aligned_files(ar, en, chosen, encoder=_encoder(encoder, chosen), flags=flags, clock=clock))


def _segments(given: Any, name: str) -> list[str]:
    if isinstance(given, str) or not hasattr(given, "__iter__"):
        raise UsageError(f"align_segments takes two lists of segments; the {name} is a {type(given).__name__}"
                         + ("; align_texts takes texts" if isinstance(given, str) else ""))
    found = list(given)
    wrong = next((k for k, text in enumerate(found) if not isinstance(text, str)), None)
    if wrong is not None:
        raise UsageError(f"align_segments takes texts; segment {wrong} of the {name} list is a {type(found[wrong]).__name__}")
    return found


def options_of(function: str, encoder: Any, given: dict[str, Any], base: Options | None = None) -> Options:
    """Options from keywords, which may be called as the command calls them; raises TypeError and UsageError."""
    for name in given:
        if name not in OPTIONS:
            near = get_close_matches(name, OPTIONS, 1)
            raise TypeError(f"{function} has no option {name!r}" + (f"; did you mean {near[0]}?" if near else
                                                                    f"; known are {', '.join(OPTIONS)}"))
    more = dict(given)
    base = base or Options()
    if isinstance(encoder, str | os.PathLike):
        more["encoder"] = encoder
    if "model" in more:
        if encoder is not None:
            raise UsageError("encoder and model say the same; give one of them")
        more["encoder"] = more.pop("model")
    if "model_precision" in more:
        more["precision"] = more.pop("model_precision")
    for name in ("encoder", "second_model"):
        if isinstance(more.get(name), os.PathLike):
            more[name] = os.fspath(more[name])
    for name, field in (("no_cache", "cache"), ("no_language_check", "language_check")):
        if name in more:
            more[field] = not more.pop(name)
    limits = more.get("limits", base.limits)
    if "max_ar" in more or "max_en" in more:
        more["limits"] = (more.pop("max_ar", limits[0]), more.pop("max_en", limits[1]))
    if more.pop("thorough", False):
        if more.get("second_model") is not None:
            raise UsageError("thorough names its second model itself; leave out one of thorough and second_model")
        from .encode.registry import E5, check_installed

        check_installed(E5)
        more["second_model"] = E5
    if isinstance(more.get("langs"), str):
        more["langs"] = tuple(more["langs"].split("-"))
    try:
        return replace(base, **more)
    except (TypeError, ValueError) as error:
        raise UsageError(f"{function}: {error}") from None


def _encoder(given: Any, options: Options) -> Any:
    """An encoder that the stages can use; None for the default."""
    from .encode import as_encoder, load_second, mix

    if given is None or isinstance(given, str | os.PathLike):
        return None if options.encoder == "default" and options.second_model is None else load_encoder(options)
    first = as_encoder(given, options.batch_size)
    if options.second_model is None:
        return first
    return mix(first, load_second(options.second_model, device=options.device, batch_size=options.batch_size,
                                  precision=options.precision, cache=options.cache), options.second_weight)
