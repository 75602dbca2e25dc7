"""What a run is asked to do: everything that its output depends on, and nothing else."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from .. import __version__
from ..choices import PartFormat, names
from ..errors import FormatError, UsageError
from ..files import read_bytes
from ..pipeline import Options

SCHEMA = 1
"""Raised when an older reader would misunderstand a run's folder."""

FORMATS = names(PartFormat)
"""What a run's parts may be written as, the default first."""

_SUFFIX = {"moses": ""}

MOST_BYTES, MOST_DOCUMENTS = 4 << 20, 256
"""What a part has room for at the most unless another number is asked for."""

# What the first parts have room for, and after how many parts that doubles.
_FIRST_BYTES, _FIRST_DOCUMENTS, _STEP = 256 << 10, 4, 16


@dataclass(frozen=True, slots=True)
class Settings:
    """How documents are read, aligned and written, and how they are put together into units of work.

    A unit is closed at `unit_bytes` of files or `unit_documents`, whichever comes first; it becomes one part. Where
    neither is given the first units are small and later ones grow: of a small corpus something is done soon, on all
    cores, and a large one has no more parts than it needs.
    """

    options: Options = Options(cache=False)
    flags: bool = True
    format: str = "parquet"
    unit_bytes: int | None = None
    unit_documents: int | None = None

    def __post_init__(self) -> None:
        if self.format not in FORMATS:
            raise UsageError(f"unknown format {self.format!r}; known are {', '.join(FORMATS)}")
        if min(self.unit_bytes or 1, self.unit_documents or 1) < 1 or 0 in (self.unit_bytes, self.unit_documents):
            raise UsageError("a part holds at least one byte and one document")

    @property
    def with_flags(self) -> bool:
        """Whether flags are looked for: they are known for Arabic and English alone."""
        return self.flags and self.options.langs == ("ar", "en")

    def room(self, unit: int) -> tuple[int, int]:
        """The bytes of files and the documents that unit `unit` has room for."""
        if self.unit_bytes is None and self.unit_documents is None:
            times = 2 ** min(unit // _STEP, 30)
            return min(MOST_BYTES, _FIRST_BYTES * times), min(MOST_DOCUMENTS, _FIRST_DOCUMENTS * times)
        return self.unit_bytes or MOST_BYTES, self.unit_documents or MOST_DOCUMENTS

    def part(self, unit: int) -> str:
        """The name of a unit's part."""
        return f"shards/part-{unit:06d}{_SUFFIX.get(self.format, '.' + self.format)}"

    def files(self, unit: int) -> list[str]:
        """Every file that a unit becomes."""
        part = self.part(unit)
        parts = [f"{part}.{lang}" for lang in self.options.langs] if self.format == "moses" else [part]
        return [*parts, flags_part(unit)] if self.with_flags else parts

    def recipe(self) -> dict[str, Any]:
        """All that the output depends on beside the inputs, JSON-ready."""
        chosen = self.options
        glossary = None
        if chosen.glossary is not None:
            glossary = hashlib.sha256(read_bytes(chosen.glossary)).hexdigest()
        return {
            "schema": SCHEMA,
            "version": __version__,
            "encoder": {"name": chosen.encoder, "revision": chosen.revision, "precision": chosen.precision,
                        "batch_size": chosen.batch_size if chosen.encoder != "default" else None},
            "langs": list(chosen.langs),
            "beads": list(chosen.limits),
            "segmented": chosen.segmented,
            "encoding": chosen.encoding,
            "max_bytes": chosen.max_bytes,
            "language_check": chosen.language_check,
            "flags": self.with_flags,
            "min_probability": chosen.min_probability if self.with_flags else None,
            "glossary": glossary,
            "format": self.format,
            "part_bytes": self.unit_bytes,
            "part_documents": self.unit_documents,
            **chosen.second(),
        }  # fmt: skip

    def as_dict(self) -> dict[str, Any]:
        """The settings for JSON; `from_dict` is its inverse."""
        record = asdict(self)
        record["options"]["glossary"] = None if self.options.glossary is None else str(self.options.glossary)
        return record


def from_dict(record: Mapping[str, Any], name: str = "run.json") -> Settings:
    """The settings in a JSON object; raises FormatError."""
    try:
        given = dict(record["options"])
        given["langs"], given["limits"] = tuple(given["langs"]), tuple(given["limits"])
        unknown = given.keys() - {field.name for field in fields(Options)}
        if unknown:
            raise KeyError(min(unknown))
        settings = Settings(**{**record, "options": Options(**given)})
        _check_kinds(settings.options, Options())
        _check_kinds(settings, Settings())
        return settings
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise FormatError(f"{name}: the settings have missing or unknown parts ({error})") from None


_OPEN = {"max_bytes": int, "unit_bytes": int, "unit_documents": int, "min_probability": int | float, "langs": tuple, "limits": tuple,
         "second_weight": int | float}


def _check_kinds(given: Any, usual: Any) -> None:
    """Raise TypeError for a field whose value is not of the kind that its default is of; what has none is text."""
    for field in fields(usual):
        value, default = getattr(given, field.name), getattr(usual, field.name)
        kind = _OPEN.get(field.name, str if default is None else type(default))
        if value is None and default is None:
            continue
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool) or value != value:
            raise TypeError(f"{field.name} is {str(value)[:40]!r}")
    if isinstance(given, Options):
        texts = [value for field in fields(given) if isinstance(value := getattr(given, field.name), str)]
        if not all(isinstance(lang, str) for lang in given.langs) or len(given.langs) != 2 or any("\0" in text for text in texts):
            raise TypeError("the languages or names are no texts")


def digest(recipe: Mapping[str, Any]) -> str:
    """64 hexadecimal digits, equal for equal recipes."""
    text = json.dumps(recipe, sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


_PART = re.compile(r"(?:shards|flags|units|bitext|rejects)/part-\d{6,}(?:\.[a-z]+){0,2}|reviews/\d{6,}\.html"
                   r"|bitext/(?:state\.json|dataset_info\.json|data-\d{5,}-of-\d{5,}\.arrow)")  # fmt: skip


def is_part(name: str) -> bool:
    """Whether a run would give a file this name in one of its folders."""
    return _PART.fullmatch(name) is not None


def flags_part(unit: int) -> str:
    """The name of the file with a unit's flags."""
    return f"flags/part-{unit:06d}.jsonl"
