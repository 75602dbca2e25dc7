"""A corpus in parts for training, tuning and testing: by documents, the same for the same seed."""

import hashlib
from collections.abc import Mapping

PARTS = ("train", "dev", "test")
"""The parts, the largest first."""


def document_of(document: str | None, number: int) -> str:
    """What is never divided: a pair's document, or the pair itself where none is named."""
    return document if document else f"#{number}"


def assigned(sizes: Mapping[str, int], dev: float, test: float, seed: int) -> dict[str, str]:
    """The part of each document but those of train, by its number of pairs in `sizes`.

    `dev` and `test` are numbers of pairs, or shares where they are below 1; documents are drawn in an order that depends
    on their names and the seed alone, one that would go far beyond what is wanted is passed over while others are left.
    """
    total = sum(sizes.values())
    waiting = sorted(sizes, key=lambda name: _drawn(name, seed))
    out: dict[str, str] = {}
    for part, wanted in (("test", test), ("dev", dev)):
        wanted = round(wanted * total) if wanted < 1 else int(wanted)
        taken = 0
        for name in waiting:
            if taken >= wanted:
                break
            if name not in out and (taken + sizes[name] <= 1.1 * wanted + 1):
                out[name] = part
                taken += sizes[name]
    return out


def _drawn(name: str, seed: int) -> bytes:
    return hashlib.blake2b(f"{seed}\0{name}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
