"""What ran, on what, with which options: a JSON file that repeats the run, and the line printed from it."""

import builtins
import hashlib
import json
import os
import platform
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from typing import Any

from . import __version__
from .errors import DecodingError, FormatError, InputError
from .files import open_output, parsed_json, read_bytes

SCHEMA = 1
"""Raised when an older reader would misunderstand the file."""


@dataclass(frozen=True, slots=True)
class Source:
    """An input: `bytes` and `sha256` of the file as it stood on the disk, `chars` of its decoded text."""

    path: str
    sha256: str
    bytes: int
    chars: int

    @classmethod
    def of(cls, path: str | os.PathLike[str], data: builtins.bytes, chars: int) -> "Source":
        """The record of a file with the content `data`."""
        return cls(str(path), hashlib.sha256(data).hexdigest(), len(data), chars)


@dataclass(frozen=True, slots=True)
class EncoderRecord:
    """Which encoder made the vectors."""

    name: str
    revision: str = ""
    dimension: int = 0


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True)
class Manifest:
    """A run's recipe (`version`, `encoder`, `options`, `inputs`, `seed`) and what became of it.

    Equal recipes give equal output. `options` holds strings, numbers, booleans, None and lists of them; `counts` are
    numbers of segments, beads, one-sided lines, blocks and the like, `seconds` wall-clock times by stage, `started` is
    UTC in ISO 8601.
    """

    encoder: EncoderRecord
    options: dict[str, Any]
    inputs: tuple[Source, ...]
    seed: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    started: str = field(default_factory=_now)
    version: str = __version__
    python: str = field(default_factory=platform.python_version)
    platform: str = field(default_factory=lambda: f"{platform.system()} {platform.machine()}")

    @property
    def recipe_hash(self) -> str:
        """64 hexadecimal digits, the same for the same version, encoder, options, seed and input contents.

        Paths, times and counts do not enter: a moved file is the same input. A run is resumed by this key.
        """
        recipe = {
            "schema": SCHEMA,
            "version": self.version,
            "encoder": asdict(self.encoder),
            "options": self.options,
            "inputs": [source.sha256 for source in self.inputs],
            "seed": self.seed,
        }
        canonical = json.dumps(recipe, sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(canonical.encode("ascii")).hexdigest()

    @property
    def signature(self) -> str:
        """The recipe on one line, such as `muwazi|v:0.1.0|enc:use-m3|dim:512|beads:8x8|seed:0|recipe:3f2a91c0d4be`."""
        encoder = self.encoder
        name = f"{encoder.name}@{encoder.revision[:12]}" if encoder.revision else encoder.name
        parts = [("v", self.version), ("enc", name), ("dim", encoder.dimension), *sorted(self.options.items())]
        parts += [("seed", self.seed), ("recipe", self.recipe_hash[:12])]
        return "|".join(["muwazi", *(f"{_plain(key)}:{_plain(value)}" for key, value in parts)])

    def as_dict(self) -> dict[str, Any]:
        """Everything for JSON, with the schema's number, the signature and the hash for people to read."""
        return {"schema": SCHEMA, "signature": self.signature, "recipe_hash": self.recipe_hash, **asdict(self)}

    def write(self, path: str | os.PathLike[str] | None, force: bool = False) -> None:
        """Write the manifest as JSON, whole or not at all (`-` or None: stdout); raises OutputError."""
        with open_output(path, force) as stream:
            stream.write(json.dumps(self.as_dict(), ensure_ascii=False, indent=2) + "\n")


def read_manifest(path: str | os.PathLike[str]) -> Manifest:
    """The manifest in a JSON file; raises FormatError (`path:line`) when it is none, InputError when unreadable."""
    try:
        text = read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DecodingError(f"{path}: is not UTF-8 (byte {error.start})") from error
    return parse_manifest(parsed_json(text, str(path), whole=True), str(path))


def parse_manifest(record: Any, name: str = "<manifest>") -> Manifest:
    """The manifest in the value that JSON held; raises FormatError that says which part is missing or wrong."""
    if not isinstance(record, dict) or "recipe_hash" not in record:
        raise FormatError(f"{name}:1: is not a manifest of muwazi")
    if record.get("schema") != SCHEMA:
        raise FormatError(f"{name}:1: has the schema {record.get('schema')!r}; this version reads {SCHEMA}")
    values: dict[str, Any] = {field.name: record.get(field.name) for field in fields(Manifest)}
    kinds = {"options": dict, "inputs": list, "counts": dict, "seconds": dict, "encoder": dict, "seed": int}
    for key, value in values.items():
        if not isinstance(value, kinds.get(key, str)):
            raise FormatError(f"{name}:1: {key!r} is {'missing' if value is None else 'not what it should be'}")
    try:
        values["encoder"] = EncoderRecord(**values["encoder"])
        values["inputs"] = tuple(Source(**source) for source in values["inputs"])
        _check_fields(values["encoder"], *values["inputs"])
    except TypeError as error:
        raise FormatError(f"{name}:1: the encoder or an input has missing or unknown parts") from error
    return Manifest(**values)


def _check_fields(*records: "Source | EncoderRecord") -> None:
    """Raise TypeError where a value is not of the kind that its field has."""
    for record in records:
        for field_ in fields(record):
            value, kind = getattr(record, field_.name), str if field_.type in (str, "str") else int
            if type(value) is not kind or isinstance(value, str) and "\0" in value:
                raise TypeError(f"{field_.name} is no {kind.__name__}")


def check_inputs(manifest: Manifest) -> None:
    """Raise InputError when an input is no longer what the manifest describes."""
    for source in manifest.inputs:
        if source.path == "-":
            raise InputError("the manifest read stdin, which cannot be repeated; save the input as a file")
        try:
            with open(source.path, "rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
        except (OSError, ValueError) as error:  # ValueError: a name that no file can have
            raise InputError(f"{source.path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
        if digest != source.sha256:
            raise InputError(f"{source.path}: has changed since the manifest was written")


def _plain(value: Any) -> str:
    """A part of the signature: no bar, no white space; `no` and `yes` for booleans, lists joined by a plus."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return "+".join(map(_plain, value)) or "none"
    return "_".join(str("none" if value is None else value).replace("|", "/").split())
