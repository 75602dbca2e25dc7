"""Which pairs a filter keeps: every rule with its thresholds, as a TOML file or one of the presets."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from ..choices import DuplicateSides, Kind, Severity, names
from ..errors import InputError, UsageError
from ..files import read_toml
from .rules import (
    Boilerplate, Confidence, Copy, Duplicates, Encoding, Flags, Junk, Language, Length, Markup, NearDuplicates, Numbers, Ratio,
    Rule, Script, Similarity, Swapped, Whole,
)  # fmt: skip

KINDS, SEVERITIES, SIDES = names(Kind), names(Severity), names(DuplicateSides)


@dataclass(frozen=True, slots=True)
class Profile:
    """Rules by name; None is a rule that is off."""

    name: str = "default"
    length: Length | None = Length()
    ratio: Ratio | None = Ratio()
    script: Script | None = Script()
    language: Language | None = Language()
    copy: Copy | None = Copy()
    boilerplate: Boilerplate | None = Boilerplate()
    duplicates: Duplicates | None = Duplicates()
    near_duplicates: NearDuplicates | None = NearDuplicates()
    confidence: Confidence | None = Confidence()
    similarity: Similarity | None = None
    flags: Flags | None = None
    numbers: Numbers | None = Numbers()
    encoding: Encoding | None = Encoding()
    markup: Markup | None = Markup()
    junk: Junk | None = Junk()

    @property
    def wants_scores(self) -> bool:
        """Whether a rule needs what only an encoder can tell."""
        return self.confidence is not None or self.similarity is not None

    @property
    def pair_rules(self) -> list[Rule]:
        """The rules that look at one pair alone, in the order in which they are asked."""
        swapped = Swapped() if self.script or self.language else None
        return [rule for rule in (self.length, self.ratio, self.encoding, Whole(), self.markup, self.junk, self.copy, swapped,
                                  self.script, self.language, self.numbers, self.boilerplate) if rule is not None]  # fmt: skip

    def record(self) -> dict[str, Any]:
        """The profile as TOML holds it: a table a rule, `false` for a rule that is off."""
        out: dict[str, Any] = {"name": self.name}
        for name in _RULES:
            rule = getattr(self, name)
            out[name] = False if rule is None else {f.name: getattr(rule, f.name) for f in fields(rule)}
        if self.flags is not None:
            out["flags"] = {**self.flags.severities, "probability": self.flags.probability}
        return out


_RULES: dict[str, type] = {
    "length": Length, "ratio": Ratio, "script": Script, "language": Language, "copy": Copy, "boilerplate": Boilerplate,
    "duplicates": Duplicates, "near_duplicates": NearDuplicates, "confidence": Confidence, "similarity": Similarity,
    "flags": Flags, "numbers": Numbers, "encoding": Encoding, "markup": Markup, "junk": Junk,
}  # fmt: skip

PRESETS: dict[str, Profile] = {
    "default": Profile(),
    "strict": Profile(
        "strict",
        length=Length(4, 1000, 2, 150),
        ratio=Ratio(4.5),
        script=Script(0.7, 0.85),
        language=Language(0.35, 0.5),
        copy=Copy(0.5),
        boilerplate=Boilerplate(most_repeats=5),
        duplicates=Duplicates("either"),
        near_duplicates=NearDuplicates("pair", 0.7, 6, False),
        confidence=Confidence(0.8, 0.85, 0.85, True),
        similarity=Similarity(0.3),
        flags=Flags({kind: "medium" for kind in KINDS}),
        markup=Markup(0.2),
        junk=Junk(0.55, 6),
    ),
    "permissive": Profile(
        "permissive",
        length=Length(1, 10_000, 1, 1500),
        ratio=Ratio(9.0),
        script=Script(0.3, 0.5),
        language=Language(0.15, 0.25, 4),
        copy=Copy(0.95),
        boilerplate=Boilerplate(marked=False, look=False, most_repeats=100),
        near_duplicates=None,
        confidence=Confidence(0.2, 0.2, 0.2),
        numbers=None,
        markup=Markup(0.8),
        junk=Junk(0.25, 15),
    ),
}
"""The profiles that come with the program, by name."""


def load_profile(name: str | os.PathLike[str]) -> Profile:
    """A preset by its name, or the profile in a TOML file; raises InputError and UsageError, in one line."""
    if str(name) in PRESETS:
        return PRESETS[str(name)]
    path = Path(name)
    if path.suffix != ".toml" and not path.exists():
        raise UsageError(f"no profile is called {str(name)!r}; there are {', '.join(PRESETS)}, or name a TOML file")
    return profile_of(read_toml(path, InputError), str(path), path.stem)


def profile_of(record: Mapping[str, Any], where: str, name: str = "profile") -> Profile:
    """The profile that a mapping describes: `base`, a preset's name, and what differs from it, a table a rule.

    `false` turns a rule off. Raises UsageError for what is not known or cannot be.
    """
    base = record.get("base", "default")
    if not isinstance(base, str) or base not in PRESETS:
        raise UsageError(f"{where}: base is one of {', '.join(PRESETS)}, not {base!r}")
    changed: dict[str, Any] = {"name": str(record.get("name", name))}
    for key, value in record.items():
        if key in ("base", "name"):
            continue
        if key not in _RULES:
            raise UsageError(f"{where}: {key} is no rule; rules are {', '.join(_RULES)}")
        changed[key] = _rule(key, value, getattr(PRESETS[base], key), where)
    return replace(PRESETS[base], **changed)


def _rule(key: str, value: Any, base: Any, where: str) -> Any:
    if value is False:
        return None
    if value is True:
        return base or _RULES[key]()
    if not isinstance(value, Mapping):
        raise UsageError(f"{where}: {key} is a table of thresholds, or false, not {value!r}")
    if key == "flags":
        return _flags(value, base, where)
    rule = base or _RULES[key]()
    known = {f.name: getattr(rule, f.name) for f in fields(rule)}
    for name, given in value.items():
        if name not in known:
            raise UsageError(f"{where}: {key} has no threshold {name}; it has {', '.join(known)}")
        _check(f"{where}: {key}.{name}", given, known[name])
        known[name] = type(known[name])(given)
    return _RULES[key](**known)


def _check(what: str, given: Any, standing: Any) -> None:
    """Raise UsageError for a value of another kind than the one that stands."""
    if isinstance(standing, bool):
        fits, wanted = isinstance(given, bool), "true or false"
    elif isinstance(standing, str):
        fits, wanted = given in SIDES, f"one of {', '.join(SIDES)}"
    elif isinstance(standing, int):
        fits, wanted = isinstance(given, int) and not isinstance(given, bool) and given >= 0, "a whole number from 0"
    else:
        fits, wanted = isinstance(given, int | float) and not isinstance(given, bool), "a number"
    if not fits:
        raise UsageError(f"{what} is {wanted}, not {given!r}")


def _flags(value: Mapping[str, Any], base: Flags | None, where: str) -> Flags:
    severities = dict(base.severities) if base else {}
    probability = base.probability if base else Flags().probability
    for name, given in value.items():
        if name == "probability":
            _check(f"{where}: flags.probability", given, 0.5)
            probability = float(given)
        elif name not in KINDS:
            raise UsageError(f"{where}: flags has no kind {name}; kinds are {', '.join(KINDS)}")
        elif given is False:
            severities.pop(name, None)
        elif given in SEVERITIES:
            severities[name] = given
        else:
            raise UsageError(f"{where}: flags.{name} is one of {', '.join(SEVERITIES)}, or false, not {given!r}")
    return Flags(severities, probability)
