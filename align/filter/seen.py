"""Rules that know what came before: whole and near duplicates, what recurs, what is kept apart."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from .apart import KeptApart
from .duplicates import Counts, NearTexts
from .profile import Profile
from .rules import Case, NearDuplicates
from .texts import Look, hashed

BOTH = ("ar", "en")


class Memory:
    """What has been seen; `reason` is what a pair is rejected for, after one of the reasons `unless` it is not."""

    reason = ""
    unless: frozenset[str] = frozenset()
    score: str | None = None
    """The name under which the count is told, if it is."""

    @property
    def nbytes(self) -> int:
        """The memory that it takes."""
        return self.table.nbytes

    def before(self, cases: Sequence[Case], keys: Mapping[str, np.ndarray]) -> list[int]:
        """How often each pair, or one of its sides, came before; all are remembered."""
        raise NotImplementedError

    def accept(self, before: int) -> bool:
        """Whether a pair that came so often before is fit."""
        return not before

    def ask(self, cases: Sequence[Case], keys: Mapping[str, np.ndarray]) -> None:
        """Put counts and reasons down in the cases."""
        for case, before in zip(cases, self.before(cases, keys), strict=True):
            if self.score is not None:
                case.scores[self.score] = max(case.scores.get(self.score, 0), before)
            if not self.accept(before) and case.reasons.isdisjoint(self.unless):
                case.reasons.add(self.reason)


class Repeated(Memory):
    """Texts that came, letters folded."""

    reason = "duplicate"

    def __init__(self, side: str) -> None:
        self.side, self.table = side, Counts()

    def before(self, cases: Sequence[Case], keys: Mapping[str, np.ndarray]) -> list[int]:
        return self.table.add(keys[self.side]).tolist()


class Recurring(Repeated):
    """Texts that come again and again."""

    reason, score = "boilerplate", "repeats"

    def __init__(self, side: str, most: int) -> None:
        super().__init__(side)
        self.most = most

    def accept(self, before: int) -> bool:
        return before < self.most


class Near(Memory):
    """Texts that nearly came."""

    reason, unless = "near_duplicate", frozenset(["duplicate"])

    def __init__(self, side: str, rule: NearDuplicates) -> None:
        self.side, self.rule, self.table = side, rule, NearTexts(rule.share)

    def before(self, cases: Sequence[Case], keys: Mapping[str, np.ndarray]) -> list[int]:
        return self.table.add([_near_words((case.ar, case.en), self.side, self.rule) for case in cases]).tolist()


class Apart(Memory):
    """Sides of test sets, and of what else pairs are kept apart from; nothing is added to them."""

    reason, nbytes = "test_set", 0

    def __init__(self, apart: KeptApart) -> None:
        self.apart = apart

    def before(self, cases: Sequence[Case], keys: Mapping[str, np.ndarray]) -> list[int]:
        return self.apart.repeated([(case.ar, case.en) for case in cases])


def memories(profile: Profile, apart: KeptApart | None) -> list[Memory]:
    """What a profile has to remember, in the order in which it is asked."""
    near = profile.near_duplicates
    found: list[Memory] = [] if apart is None else [Apart(apart)]
    found += [Repeated(side) for side in _sides(profile.duplicates.by if profile.duplicates else "off")]
    if profile.boilerplate:
        found += [Recurring(side, profile.boilerplate.most_repeats) for side in BOTH]
    return found + [Near(side, near) for side in _sides(near.by if near else "off")]


def keys_of(cases: Sequence[Case]) -> dict[str, np.ndarray]:
    """64 bits of the words of each side, and of each pair, never 0."""
    keys = {"ar": _keys(" ".join(case.ar.words) or case.row.ar.text for case in cases),
            "en": _keys(" ".join(case.en.words) or case.row.en.text for case in cases)}  # fmt: skip
    with np.errstate(over="ignore"):
        keys["pair"] = np.maximum(keys["ar"] * np.uint64(0x9E3779B97F4A7C15) ^ keys["en"], np.uint64(1))
    return keys


def _sides(by: str) -> tuple[str, ...]:
    return {"off": (), "either": BOTH}.get(by, (by,))


def _keys(texts: Iterable[str]) -> np.ndarray:
    """64 bits of each text, never 0."""
    digests = b"".join(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest() for text in texts)
    return np.maximum(np.frombuffer(digests, np.uint64), np.uint64(1))


def _near_words(looks: tuple[Look, Look], side: str, rule: NearDuplicates) -> list[int]:
    """Hashes of the words that a near duplicate would share; none where a side that counts is too short to tell."""
    ar, en = looks
    words = ar.words + en.words if side == "pair" else (ar if side == "ar" else en).words
    sides = (ar, en) if side == "pair" else (ar if side == "ar" else en,)
    if min(len(found.words) for found in sides) < rule.min_words:
        return []
    found = list(map(hashed, set(words)))
    if rule.numbers and (ar.digits or en.digits):
        # With the numbers in every hash, texts of other numbers have no word in common.
        numbers = hashed(" ".join(sorted(word for word in words if word[0].isdigit())))
        found = [value ^ numbers for value in found]
    return found
