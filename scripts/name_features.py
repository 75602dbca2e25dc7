"""Write into the files of `models/` the names of the features that their numbers stand for, in the order of the code.

usage: python scripts/name_features.py

For files that were learnt before they held such names: the numbers are not touched. Never run it to silence a LearntError
after features were added, taken out or put in another order: then the weights must be learnt again.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from align.flags import coverage, lone, pairs, reader, spans, typed, units
from align.learnt import path
from align.mine.candidates import FEATURES as OF_CANDIDATES
from align.mine.choosing import RIVALS
from align.mine.cover import FEATURES as OF_WORDS
from align.mine.facts import FEATURES as OF_FACTS

FLAGS: dict[str, dict[str, Sequence[str]]] = {
    "words": {"ar": coverage.FEATURES, "en": coverage.FEATURES},
    "sentences": {"ar": lone.FEATURES, "en": lone.FEATURES},
    "spans": {"ar": spans.FEATURES, "en": spans.FEATURES},
    "typed": {"fact": typed.FACT_FEATURES, "name": typed.NAME_FEATURES},
}


def networks(record: dict[str, Any], names: Mapping[str, Sequence[str]]) -> None:
    """Name the inputs of each network of a record."""
    for part, features in names.items():
        name(record[part], features)


def name(network: dict[str, Any], features: Sequence[str]) -> None:
    """Name the inputs of a network, before its numbers; raises ValueError where there are more or fewer."""
    if len(network["mean"]) != len(features):
        raise ValueError(f"{len(network['mean'])} inputs, but {len(features)} features")
    network.pop("features", None)
    held = dict(network)
    network.clear()
    network.update(features=list(features), **held)


def mine(record: dict[str, Any]) -> None:
    """Name the inputs of both steps of both models."""
    for part, features in (("plain", OF_CANDIDATES), ("words", (*OF_CANDIDATES, *OF_WORDS, *OF_FACTS))):  # fmt: skip
        name(record[part]["first"], features)
        name(record[part]["second"], RIVALS)


def rewritten(file: str, change: Callable[[dict[str, Any]], None], **form: Any) -> None:
    """Change a JSON file."""
    record = json.loads(path(file).read_text("utf-8"))
    change(record)
    path(file).write_text(json.dumps(record, ensure_ascii=False, **form) + "\n", "utf-8")


def with_arrays(file: str, more: Mapping[str, Sequence[str]]) -> None:
    """Add arrays of names to an NPZ file."""
    with np.load(path(file)) as stored:
        held = {key: stored[key] for key in stored.files}
    np.savez_compressed(path(file), **{**held, **{key: np.array(names) for key, names in more.items()}})


def files() -> Iterator[str]:
    """Write all; the names of the files as they are done."""
    compact = {"separators": (",", ":")}
    for file, names in FLAGS.items():
        rewritten(f"flags/{file}.json", lambda record, names=names: networks(record, names), **compact)
        yield f"flags/{file}.json"
    rewritten("flags/units.json", lambda record: name(record, units.FEATURES))
    yield "flags/units.json"
    rewritten("mine/weights.json", mine)
    yield "mine/weights.json"
    with_arrays("flags/reader.npz", {"features": reader.FEATURES})
    yield "flags/reader.npz"
    with_arrays("filter/pairs.npz", {"features": pairs.FEATURES, "compared": pairs.COMPARED})
    yield "filter/pairs.npz"


if __name__ == "__main__":
    for file in files():
        print(file)
