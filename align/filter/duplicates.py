"""What has been seen before, in tables of fixed cost: whole texts by a hash, near ones by MinHash in bands.

Memory: a key of `Counts` takes 10 bytes in a table between 30 and 60 % full, 17 to 33 bytes; a text of `NearTexts` has
five keys and numbers of 4 bytes in such tables and a signature of 20 bytes, 90 to 175 bytes. While a table grows it
stands twice.
"""

from math import ceil
from zlib import crc32

import numpy as np

_FULL = 0.6
_START = 1 << 12
_MOST = 65_535
_BANDS, _ROWS = 5, 4
_SIZE = _BANDS * _ROWS


class _Table:
    """Keys, none 0, with a value each, in a table with open addressing."""

    def __init__(self, keys: type, values: type) -> None:
        self._keys, self._values = np.zeros(_START, keys), np.zeros(_START, values)
        self._size = 0

    @property
    def nbytes(self) -> int:
        """The memory that the table takes."""
        return self._keys.nbytes + self._values.nbytes

    def _put(self, unique: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where keys, all different, stand from now on, and whether each is new."""
        while self._size + len(unique) > _FULL * len(self._keys):
            self._grow()
        places, is_new = _places(self._keys, unique)
        self._keys[places] = unique
        self._size += int(is_new.sum())
        return places, is_new

    def _grow(self) -> None:
        old, values = self._keys, self._values
        self._keys, self._values = np.zeros(2 * len(old), old.dtype), np.zeros(2 * len(old), values.dtype)
        kept = np.flatnonzero(old)
        places, _ = _places(self._keys, old[kept])
        self._keys[places], self._values[places] = old[kept], values[kept]


class Counts(_Table):
    """How often keys have come."""

    def __init__(self) -> None:
        super().__init__(np.uint64, np.uint16)

    def add(self, keys: np.ndarray) -> np.ndarray:
        """How often each key (uint64, not 0) came before, those earlier in `keys` counted; at most 65,535."""
        if not len(keys):
            return np.zeros(0, np.int64)
        unique, inverse, count = np.unique(keys, return_inverse=True, return_counts=True)
        places, _ = self._put(unique)
        before = self._values[places].astype(np.int64)
        self._values[places] = np.minimum(before + count, _MOST)
        order = np.argsort(inverse, kind="stable")
        rank = np.empty(len(keys), np.int64)
        starts = np.concatenate([[0], np.cumsum(count)[:-1]])
        rank[order] = np.arange(len(keys)) - starts[inverse[order]]
        return before[inverse] + rank


class _Firsts(_Table):
    """The number under which each key first came; keys are 32 bits, for a collision costs no more than a near text."""

    def __init__(self) -> None:
        super().__init__(np.uint32, np.uint32)

    def add(self, keys: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        """The number of the first text with each key, its own where the key is new."""
        unique, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
        places, is_new = self._put(unique)
        self._values[places[is_new]] = numbers[first[is_new]]
        return self._values[places][inverse]

    def find(self, keys: np.ndarray) -> np.ndarray:
        """The number of the first text with each key, -1 where there is none."""
        unique, inverse = np.unique(keys, return_inverse=True)
        places, is_new = _places(self._keys, unique)
        return np.where(is_new, -1, self._values[places].astype(np.int64))[inverse]


def _places(table: np.ndarray, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where each of `keys`, all different and none 0, stands in a table or may be put, and whether it is new there.

    Linear probing, a step for all keys at a time; of several new keys at one free place the first in order has it.
    """
    mask = np.uint64(len(table) - 1)
    at = (_mixed(keys.astype(np.uint64)) & mask).astype(np.int64)
    places = np.full(len(keys), -1, np.int64)
    is_new = np.zeros(len(keys), bool)
    waiting = np.arange(len(keys))
    claimed = np.zeros(0, np.int64)
    while len(waiting):
        here = at[waiting]
        found = table[here]
        same = found == keys[waiting]
        places[waiting[same]] = here[same]
        free = (found == 0) & ~same
        # A free place goes to one key; the others, and later ones, go on.
        candidates = waiting[free]
        spots = here[free]
        if len(spots):
            if len(claimed):
                open_ = ~np.isin(spots, claimed)
                candidates, spots = candidates[open_], spots[open_]
            spots, one = np.unique(spots, return_index=True)
            winners = candidates[one]
            places[winners] = spots
            is_new[winners] = True
            claimed = np.concatenate([claimed, spots])
        waiting = waiting[places[waiting] < 0]
        at[waiting] = (at[waiting] + 1) & int(mask)
    return places, is_new


def _mixed(keys: np.ndarray) -> np.ndarray:
    """Bits spread over the whole word (Steele et al. 2014, splitmix64)."""
    with np.errstate(over="ignore"):
        keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return keys ^ (keys >> np.uint64(31))


class NearTexts:
    """Sets of words that have come, found again by MinHash (Broder 1997) in bands.

    Two sets with a share `s` of words in common (Jaccard) meet in a band with the probability 1 - (1 - s^4)^5: 0.99 for
    0.9, 0.93 for 0.8, 0.28 for 0.5. A meeting counts when as many of the 20 minima agree as `share` asks for.
    """

    def __init__(self, share: float, seed: int = 20) -> None:
        self._needed = max(1, ceil(share * _SIZE - 0.5))
        rng = np.random.default_rng(seed)
        self._seeds = rng.integers(1, 1 << 63, _SIZE).astype(np.uint64)
        self._bands = [_Firsts() for _ in range(_BANDS)]
        self._signatures = np.zeros((_START, _SIZE), np.uint8)
        self._count = 0

    @property
    def nbytes(self) -> int:
        """The memory that the tables take."""
        return self._signatures.nbytes + sum(band.nbytes for band in self._bands)

    def add(self, words: list[list[int]]) -> np.ndarray:
        """Whether each set of hashed words is nearly one that came before, earlier ones of `words` counted.

        Only sets that are new are remembered as such. An empty set is near to none.
        """
        return self._met(words, is_added=True)

    def has(self, words: list[list[int]]) -> np.ndarray:
        """Whether each set is nearly one that was added; nothing is remembered."""
        return self._met(words, is_added=False)

    def _met(self, words: list[list[int]], is_added: bool) -> np.ndarray:
        out = np.zeros(len(words), bool)
        full = [k for k, found in enumerate(words) if found]
        if not full or not (is_added or self._count):
            return out
        values = self._minima([words[k] for k in full])
        short = (values & np.uint64(0xFF)).astype(np.uint8)
        numbers = np.arange(self._count, self._count + len(full), dtype=np.uint32)
        if is_added:
            while self._count + len(full) > len(self._signatures):
                self._signatures = np.concatenate([self._signatures, np.zeros_like(self._signatures)])
            self._signatures[self._count : self._count + len(full)] = short
            self._count += len(full)
        near = np.zeros(len(full), bool)
        for k, band in enumerate(self._bands):
            keys = _band_keys(values, k)
            firsts = band.add(keys, numbers) if is_added else band.find(keys)
            met = firsts < numbers if is_added else firsts >= 0
            agree = (self._signatures[firsts[met]] == short[met]).sum(1)
            near[np.flatnonzero(met)[agree >= self._needed]] = True
        out[full] = near
        return out

    def _minima(self, words: list[list[int]]) -> np.ndarray:
        """The least value of each hash function over each set, shape (sets, 20)."""
        lengths = np.array([len(found) for found in words])
        flat = np.array([word for found in words for word in found], np.uint64)
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        out = np.empty((len(words), _SIZE), np.uint64)
        for k in range(_SIZE):
            out[:, k] = np.minimum.reduceat(_mixed(flat ^ self._seeds[k]), starts)
        return out


def _band_keys(values: np.ndarray, band: int) -> np.ndarray:
    """32 bits of the minima that belong to a band, never 0."""
    keys = np.full(len(values), band + 1, np.uint64)
    with np.errstate(over="ignore"):
        for column in range(band * _ROWS, (band + 1) * _ROWS):
            keys = _mixed(keys * np.uint64(0x9E3779B97F4A7C15) + values[:, column])
    return np.maximum((keys >> np.uint64(32)).astype(np.uint32), np.uint32(1))


def word_hash(word: str) -> int:
    """32 bits of a word, the same in every process."""
    return crc32(word.encode("utf-8", "surrogatepass"))
