"""How far the words of two lines answer each other, for many pairs at once."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from ..learnt import maps

FEATURES = ("ar_cover", "en_cover", "ar_lack", "en_lack", "weight_ratio", "weight")
"""What words tell of a pair, by name."""
_STEP = 4  # numbers of words are rounded up to multiples of this, so that many pairs have the same shape
_AT_ONCE = 6_000_000  # numbers in memory together
_WORD = re.compile(r"\d[\d.,٬٫٠-٩]*\d|[\w\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed]+(?:['’]\w+)*")
_MOST_WORDS = 64  # of a line; more tell little more
_MOST_CHARACTERS = 2000
_LINES = 1024  # lines whose words' states are in memory together

States = Callable[[Sequence[str], Sequence[Sequence[tuple[int, int]]]], list[np.ndarray]]
"""Texts and the places of their words to an array of states a text, of shape (words, 640); see `Embedded.word_states`."""


@dataclass(frozen=True, slots=True)
class Words:
    """Words of lines: `rows` unit vectors one below the other, `gates` what each carries, `starts` where lines begin.

    `starts` has one more, the end.
    """

    rows: np.ndarray
    gates: np.ndarray
    starts: np.ndarray


@cache
def projection() -> Mapping[str, np.ndarray]:
    """The learnt map from words' states to the space in which words and their translations are near."""
    return maps("mine/projection.npz")


def words(lang: str, texts: Sequence[str], states: States, table: Mapping[str, np.ndarray] | None = None) -> Words:
    """The words of lines in `lang`, `ar` or `en`; vectors float16 of shape (words, 128)."""
    table = projection() if table is None else table
    rows, gates, counts = [np.zeros((0, table[f"{lang}.map"].shape[1]), np.float16)], [np.zeros(0, np.float32)], [0]
    for start in range(0, len(texts), _LINES):
        part = [text[:_MOST_CHARACTERS] for text in texts[start:start + _LINES]]
        places = [[match.span() for match in _WORD.finditer(text)][:_MOST_WORDS] for text in part]
        found = states(part, places)
        counts += map(len, found)
        unit = np.concatenate(found)
        unit = unit / np.maximum(np.linalg.norm(unit, axis=1, keepdims=True), 1e-6)
        mapped = unit @ table[f"{lang}.map"] + table[f"{lang}.bias"]
        rows.append((mapped / np.maximum(np.linalg.norm(mapped, axis=1, keepdims=True), 1e-6)).astype(np.float16))
        gates.append(np.logaddexp(0, unit @ table[f"{lang}.gate"] + table[f"{lang}.gate_bias"]).astype(np.float32))
    return Words(np.concatenate(rows), np.concatenate(gates), np.cumsum(counts))


def cover(ar: Words, en: Words, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """FEATURES of pairs of lines `first[p]` of `ar` and `second[p]` of `en`, a row a pair; zero without words.

    A word is covered as well as its nearest word of the other line (Khattab and Zaharia, ColBERT, 2020), and counts as
    much as it carries; `lack` is the root of the mean square of what is not covered.
    """
    out = np.zeros((len(first), len(FEATURES)), np.float32)
    counts = np.diff(ar.starts)[first], np.diff(en.starts)[second]
    rounded = [-(-count // _STEP) * _STEP for count in counts]
    there = np.flatnonzero((counts[0] > 0) & (counts[1] > 0))
    order = there[np.lexsort((rounded[1][there], rounded[0][there]))]
    shapes = np.stack([rounded[0][order], rounded[1][order]], 1)
    edges = np.flatnonzero(np.any(np.diff(shapes, axis=0, prepend=-1, append=-1) != 0, axis=1))
    for begin, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        n, m = shapes[begin].tolist()
        size = max(1, _AT_ONCE // ((n + m) * ar.rows.shape[1] + n * m))
        for at in range(begin, end, size):
            part = order[at:min(at + size, end)]
            out[part] = _block(ar, en, first[part], second[part], n, m)
    return out


def _block(ar: Words, en: Words, first: np.ndarray, second: np.ndarray, n: int, m: int) -> np.ndarray:
    one, one_gates, one_there = _padded(ar, first, n)
    two, two_gates, two_there = _padded(en, second, m)
    sims = np.matmul(one, two.transpose(0, 2, 1))
    sims[~(one_there[:, :, None] & two_there[:, None, :])] = -1
    sums = one_gates.sum(1), two_gates.sum(1)
    out = np.empty((len(first), len(FEATURES)), np.float32)
    for k, (best, gates, there) in enumerate(((sims.max(2), one_gates, one_there), (sims.max(1), two_gates, two_there))):
        out[:, k] = (best * gates).sum(1) / sums[k]
        out[:, 2 + k] = np.sqrt((np.where(there, 1 - best, 0) ** 2 * gates).sum(1) / sums[k])
    out[:, 4] = np.log(sums[0] / sums[1])
    out[:, 5] = np.log(sums[0] + sums[1])
    return out


def _padded(words: Words, lines: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vectors, gates (zero beyond the end) and presence of the words of lines, all with `most` words."""
    places = np.arange(most)
    begins = words.starts[lines]
    there = places < (words.starts[lines + 1] - begins)[:, None]
    at = np.minimum(begins[:, None] + places, len(words.rows) - 1)
    return words.rows[at].astype(np.float32), (words.gates[at] + 1e-6) * there, there
