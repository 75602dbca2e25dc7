"""What encoders there are: the records of `models/NAME/model.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass

from .. import shipped
from ..errors import FormatError, MissingExtra

EMBEDDED = "universal-sentence-encoder-multilingual"
E5 = "multilingual-e5-small"


@dataclass(frozen=True, slots=True)
class Model:
    """An encoder that is known by name. `cure` is what to install where it is not `installed`, else empty."""

    name: str
    dimension: int
    source: str
    revision: str
    licence: str
    languages: tuple[str, ...]
    limits: str
    package: str
    installed: bool
    cure: str


def check_installed(name: str) -> None:
    """Raise MissingExtra, which says the cure, for a model that is known and not installed."""
    for model in models():
        if model.name == name and not model.installed:
            raise MissingExtra(f"{name} needs: {model.cure}")


def models() -> list[Model]:
    """All encoders known by name, the default first."""
    from importlib.util import find_spec

    found = []
    for name in shipped.names("models"):
        path = shipped.folder("models") / name / "model.toml"
        if not path.is_file():
            continue
        try:
            record = tomllib.loads(path.read_text(encoding="utf-8"))
            if record.get("kind") != "encoder":
                continue
            there = find_spec(record["module"]) is not None
            found.append(Model(name=record["name"], dimension=record["dimension"], source=record["source"],
                               revision=record["revision"], licence=record["licence"],
                               languages=tuple(record["languages"]), limits=record["limits"],
                               package=record["package"], installed=there,
                               cure="" if there else f"pip install {record['cure']}"))
        except (tomllib.TOMLDecodeError, KeyError) as error:
            raise FormatError(f"{path}: {error}") from None
    return sorted(found, key=lambda model: (model.name != EMBEDDED, model.name))
