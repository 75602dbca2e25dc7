"""How far each word of a bead is covered by the words of the other side."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from ..learnt import Network
from .tables import network
from .words import CLAUSE, PHRASE, SENTENCE, Words

FEATURES = (
    "best", "second", "mean", "rival", "share", "near", "wide", "gate", "content", "ratio", "explained", "alone", "others",
    "letters", "elsewhere", "position", "local", "chunk", "chunk_both", "chunk_rival", "chunk_kept", "chunk_place",
)  # fmt: skip
"""What is known of a word, by name; see `features`."""

_SHARPNESS = 20.0  # of the softmax in which words of a side share a word of the other
_RUN = 2
_AT_ONCE = 32_768  # similarities that are looked at together


class Running(NamedTuple):
    """The words of both sides of beads in running text: bead k has the words `ranges[k]` (from, to, from, to) of `ar` and
    `en`; a sentence begins with the first of them. `opens` marks the words with which a chunk begins, see `chunks`, and
    `latin` holds those in Latin letters or digits, case folded, "" for others; beads of other documents, which have other
    `numbers`, are no neighbours."""

    ar: Words
    en: Words
    ranges: np.ndarray
    opens: tuple[np.ndarray, np.ndarray]
    latin: tuple[list[str], list[str]]
    numbers: np.ndarray

    @classmethod
    def of(cls, ar: Words, en: Words, ranges: np.ndarray, numbers: np.ndarray | None = None) -> "Running":
        """Beads with such words."""
        opens = np.zeros(len(ar), bool), np.zeros(len(en), bool)
        for own, side in zip(opens, (ar, en), strict=True):
            own[chunks(side)] = True
        first, second = ([word if word.isascii() else "" for word in map(str.casefold, side.texts)] for side in (ar, en))
        return cls(ar, en, ranges, opens, (first, second), np.zeros(len(ranges), np.int64) if numbers is None else numbers)

    def sizes(self, beads: np.ndarray) -> np.ndarray:
        """How many words the sides of some beads have, all Arabic sides first."""
        ranges = self.ranges[beads]
        return (ranges[:, [1, 3]] - ranges[:, [0, 2]]).T.reshape(-1)

    def batches(self, beads: Sequence[int]) -> Iterator[list[int]]:
        """The beads, so many at a time that their similarities fit a processor's cache."""
        sizes = self.sizes(np.asarray(beads, np.int64)).reshape(2, -1).prod(0).tolist()
        some: list[int] = []
        total = 0
        for bead, size in zip(beads, sizes, strict=True):
            if some and total + size > _AT_ONCE:
                yield some
                some, total = [], 0
            some.append(bead)
            total += size
        if some:
            yield some

    def same_letters(self, beads: Sequence[int]) -> np.ndarray:
        """Which words of the sides of some beads, all Arabic sides first, stand on the other side in the same Latin letters
        or digits."""
        places = self.ranges[beads].tolist()
        out = np.zeros(sum(b - a + d - c for a, b, c, d in places), bool)
        here, there = 0, sum(b - a for a, b, _, _ in places)
        for a, b, c, d in places:
            ar = self.latin[0][a:b]
            if any(ar):
                en = self.latin[1][c:d]
                for at, own, other in ((here, ar, set(en)), (there, en, set(ar))):
                    for i, word in enumerate(own):
                        if word and word in other:
                            out[at + i] = True
            here, there = here + b - a, there + d - c
        return out


class Similar(NamedTuple):
    """Similarities of the words of beads with both sides, every Arabic word's row and then every English word's row, one
    after another; and each word's best similarity in the neighbouring beads, -inf where there are none."""

    flat: np.ndarray
    elsewhere: np.ndarray


def similarities(running: Running, beads: np.ndarray, *, near: bool = True) -> Similar:
    """What the words of some beads, in order, have in common with those of their other side and, with `near`, of their
    neighbours."""
    last = len(running.ranges) - 1
    begin, end = max(int(beads[0]) - 2, 0), min(int(beads[-1]) + 2, last)  # neighbours, and theirs
    ranges = running.ranges[begin : end + 1] - running.ranges[begin, [0, 0, 2, 2]]
    edges = running.ranges[[begin, end], [[0, 1], [2, 3]]].tolist()
    ar, en = (side.vectors[slice(*edge)] for side, edge in zip((running.ar, running.en), edges, strict=True))
    beads = beads - begin
    sizes = np.prod(ranges[beads][:, [1, 3]] - ranges[beads][:, [0, 2]], axis=1)
    forth = int(sizes.sum())
    flat = np.empty(2 * forth, np.float32)
    starts = dict(zip(beads.tolist(), (np.cumsum(sizes) - sizes).tolist(), strict=True))
    elsewhere = [np.full(len(side), -np.inf, np.float32) for side in (ar, en)]
    found = np.unique(np.concatenate([beads - 1, beads, beads + 1])) if near else beads
    places, numbers = ranges.tolist(), running.numbers[begin : end + 1].tolist()
    for k in found[(found >= 0) & (found < len(places))].tolist():
        a, b, c, d = places[k]
        if a == b:
            continue
        low, high = c, d
        if near and k and numbers[k - 1] == numbers[k]:
            low = places[k - 1][2]
        if near and k + 1 < len(places) and numbers[k + 1] == numbers[k]:
            high = places[k + 1][3]
        if low == high:
            continue
        sims = ar[a:b] @ en[low:high].T
        at = starts.get(k)
        if at is not None:
            size = (b - a) * (d - c)
            inside = sims[:, c - low : d - low]
            flat[at : at + size].reshape(b - a, d - c)[:] = inside
            flat[forth + at : forth + at + size].reshape(d - c, b - a)[:] = inside.T
        if near:
            highest = sims.max(0)
            for x, y in ((low, c), (d, high)):
                if x < y:
                    np.maximum(elsewhere[1][x:y], highest[x - low : y - low], out=elsewhere[1][x:y])
                    np.maximum(elsewhere[0][a:b], sims[:, x - low : y - low].max(1), out=elsewhere[0][a:b])
    return Similar(flat, np.concatenate([side[expand(*ranges[beads, 2 * k : 2 * k + 2].T)] for k, side in enumerate(elsewhere)]))


def expand(starts: np.ndarray, stops: np.ndarray) -> np.ndarray:
    """The numbers of half-open ranges, one range after another."""
    sizes = stops - starts
    return np.arange(sizes.sum()) + np.repeat(starts - np.cumsum(sizes) + sizes, sizes)


def features(running: Running, beads: np.ndarray, explained: np.ndarray, alone: np.ndarray, ratios: np.ndarray,
             similar: Similar) -> np.ndarray:  # fmt: skip
    """One row a word of some beads, columns as in FEATURES, float32 of shape (words, len(FEATURES)).

    Words stand as in `Similar`: the Arabic sides of all beads, then the English ones; so do `explained`, which marks
    words that a fact or a name of the other side answers, and `alone`, those that have none there. `ratios` is the log
    of each bead's length ratio, positive where the Arabic is longer than usual.
    """
    ranges = running.ranges[beads]
    sides = _Sides.of(running, ranges)
    out = np.zeros((len(sides.number), len(FEATURES)), np.float32)
    if not len(out):
        return out
    n, m = sides.sizes[sides.number], sides.others[sides.number]
    every = np.arange(len(out))
    weights = sides.gates + 1e-3
    out[:, 4] = 1 / n
    full = sides.parted()
    if len(full.number):
        _compare(out, full, np.flatnonzero(m), similar.flat)
    best = out[:, 0]
    start, stop = sides.starts[sides.number], (sides.starts + sides.sizes)[sides.number]
    for column, reach in ((5, _RUN), (6, 3 * _RUN)):
        out[:, column] = _smooth(best, weights, np.maximum(every - reach, start), np.minimum(every + reach + 1, stop))
    out[:, 7] = weights / (np.bincount(sides.number, weights, len(sides.sizes))[sides.number] / n)
    out[:, 8] = sides.content
    out[:, 9] = np.concatenate([ratios, -ratios])[sides.number]
    out[:, 10] = explained
    out[:, 11] = alone
    out[:, 12] = np.log1p(m)
    out[:, 13] = np.log1p(sides.letters)
    out[:, 14] = np.where(np.isfinite(similar.elsewhere), best - similar.elsewhere, 0.0)
    out[:, 15] = (every - start) / n
    return out


class _Sides(NamedTuple):
    """Sides of beads one after another, all Arabic ones first: side k has `sizes[k]` words from `starts[k]` on, and its
    other side `others[k]`; the rest is known of each word: its side, whether a chunk starts with it."""

    sizes: np.ndarray
    others: np.ndarray
    starts: np.ndarray
    number: np.ndarray
    gates: np.ndarray
    content: np.ndarray
    letters: np.ndarray
    opens: np.ndarray

    @classmethod
    def of(cls, running: Running, ranges: np.ndarray) -> "_Sides":
        sizes = (ranges[:, [1, 3]] - ranges[:, [0, 2]]).T
        at, there = expand(ranges[:, 0], ranges[:, 1]), expand(ranges[:, 2], ranges[:, 3])
        ar, en, opens = running.ar, running.en, running.opens
        columns = [np.concatenate([one[at], two[there]]) for one, two in (
            (ar.gates, en.gates), (ar.content, en.content), (ar.ends - ar.starts, en.ends - en.starts), opens)]
        own = sizes.reshape(-1)
        return cls(own, sizes[::-1].reshape(-1), np.cumsum(own) - own, np.repeat(np.arange(len(own)), own), *columns)

    def parted(self) -> "_Sides":
        """The sides of beads that have words on both sides."""
        kept = (self.sizes > 0) & (self.others > 0)
        if kept.all():
            return self
        words = kept[self.number]
        sizes = self.sizes[kept]
        return _Sides(sizes, self.others[kept], np.cumsum(sizes) - sizes, np.repeat(np.arange(len(sizes)), sizes),
                      self.gates[words], self.content[words], self.letters[words], self.opens[words])  # fmt: skip

    def across(self) -> np.ndarray:
        """The other side of each side."""
        half = len(self.sizes) // 2
        return np.concatenate([np.arange(half, 2 * half), np.arange(half)])


def _compare(out: np.ndarray, sides: _Sides, at: np.ndarray, flat: np.ndarray) -> None:
    """Fills what similarities tell of words `at`; see `features`."""
    n, m = sides.sizes[sides.number], sides.others[sides.number]
    there = sides.starts[sides.across()][sides.number]  # the first word of the other side
    ends = np.cumsum(m)
    starts = ends - m
    column = np.arange(len(flat)) + np.repeat(there - starts, m)  # the other side's word of each similarity
    best = np.maximum.reduceat(flat, starts)
    first = _first(flat, best, starts, m)
    second = _second(flat, best, first, starts, m)
    near = column[first]
    every = np.arange(len(best))
    out[at, 0] = best
    out[at, 1] = second
    out[at, 2] = np.add.reduceat(flat, starts) / m
    rival = np.where(near[near] == every, second[near], best[near])
    out[at, 3] = np.where(n > 1, np.clip(best - rival, -0.5, 0.5), 0.0)
    sharp = np.exp(_SHARPNESS * (flat - best[column]))
    sharp /= np.bincount(column, sharp, len(best)).astype(np.float32)[column]
    out[at, 4] = np.maximum.reduceat(sharp, starts)
    out[at, 16:] = _by_chunks(sides, starts, flat)


def _by_chunks(sides: _Sides, starts: np.ndarray, flat: np.ndarray) -> np.ndarray:
    """What is known of the clause that each word stands in, shape (words, 6).

    The best similarity within the other side's clause that answers the word's own, and that clause's neighbours; how
    well the clause is covered there, and both cover each other; by how much that exceeds the best other claim to the
    answer; how well the answer is covered by this clause alone; how far the answer lies from its place in order.
    """
    parts = _Parts.of(sides, np.flatnonzero(sides.opens), starts, flat)
    cover, kept = parts.cover, parts.kept
    both = 0.5 * (cover + kept)
    size = parts.others  # of each chunk's row: the chunks of the other side
    row = np.cumsum(size) - size
    highest = np.maximum.reduceat(both, row)
    first = _first(both, highest, row, size)
    second = _second(both, highest, first, row, size, -1.0)
    answer = first - row
    theirs = parts.first_other + answer  # the number of the chunk that answers
    mine = parts.first_other[theirs] + first[theirs] - row[theirs] == np.arange(len(row))
    alone = parts.counts[parts.side] < 2
    rival = np.where(alone, 0.0, np.clip(highest - np.where(mine, second[theirs], highest[theirs]), -0.4, 0.4))
    edge = np.append(parts.at[1:], len(sides.number))
    begin, length = sides.starts[parts.side], sides.sizes[parts.side]
    middle = (parts.at - begin + edge - begin) / 2 / length
    number = np.repeat(np.arange(len(row)), edge - parts.at)
    # The highest similarity with the words of the answer and of the chunks beside it.
    base, width, here = parts.word_rows, size[number], answer[number]
    local = parts.highest[base + here]
    for other in (np.maximum(here - 1, 0), np.minimum(here + 1, width - 1)):
        local = np.maximum(local, parts.highest[base + other])
    out = np.empty((len(number), 6), np.float32)
    out[:, 0] = np.maximum(local, -1.0)
    for k, values in enumerate((cover[first], highest, rival, kept[first], np.abs(middle - middle[theirs])), 1):
        out[:, k] = values[number]
    return out


class _Parts(NamedTuple):
    """Parts of sides that begin with the words `at`, each of side `side`; a side has `counts[side]` of them.

    A part's other side has `others` parts, from the part `first_other` on. `cover` and `kept` have a row of them for
    each part one after another: how well it is covered by each, and the reverse. `highest` has such a row for every
    word, from `word_rows` on: its best similarity in each.
    """

    at: np.ndarray
    side: np.ndarray
    counts: np.ndarray
    others: np.ndarray
    first_other: np.ndarray
    cover: np.ndarray
    kept: np.ndarray
    highest: np.ndarray
    word_rows: np.ndarray

    @classmethod
    def of(cls, sides: _Sides, at: np.ndarray, starts: np.ndarray, flat: np.ndarray) -> "_Parts":
        side = sides.number[at]
        counts = np.bincount(side, minlength=len(sides.sizes))
        across = sides.across()
        firsts = np.cumsum(counts) - counts  # of the parts of each side
        others, first_other = counts[across][side], firsts[across][side]
        own = np.repeat(np.arange(len(at)), np.diff(at, append=len(sides.number)))  # the part of each word
        width = others[own]
        word_rows = np.cumsum(width) - width
        word = np.repeat(np.arange(len(own)), width)
        place = np.arange(len(word)) - word_rows[word]  # of a part among those of the other side
        opening = at[first_other[own][word] + place] - sides.starts[across][sides.number][word]
        highest = np.maximum.reduceat(flat, starts[word] + opening)
        weights = sides.gates * (sides.content + 0.2)
        row = np.cumsum(others) - others
        total = int(others.sum())
        cover: np.ndarray = np.bincount(row[own][word] + place, highest * weights[word], total)
        cover /= np.repeat(np.bincount(own, weights, len(at)) + 1e-6, others)
        part = np.repeat(np.arange(len(at)), others)
        place = np.arange(total) - row[part]
        kept = cover[row[first_other[part] + place] + part - firsts[side][part]]
        return cls(at, side, counts, others, first_other, cover, kept, highest, word_rows)


def covers(side: Words, other: Words, sims: np.ndarray, here: np.ndarray, there: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How well parts of a side are covered by parts of the other, and the reverse; both of shape (parts, other parts).

    Parts are given by the words they start with.
    """
    weights, back = side.gates * (side.content + 0.2), other.gates * (other.content + 0.2)
    cover = np.add.reduceat(np.maximum.reduceat(sims, there, axis=1) * weights[:, None], here, axis=0)
    cover /= np.add.reduceat(weights, here)[:, None] + 1e-6
    kept = np.add.reduceat(np.maximum.reduceat(sims, here, axis=0) * back, there, axis=1)
    kept /= np.add.reduceat(back, there) + 1e-6
    return cover, kept


def chunks(side: Words) -> np.ndarray:
    """Where clauses of a useful size start: at the ends of sentences, at marks and conjunctions, in long ones anywhere."""
    starts = [0] if len(side) else []
    cuts = side.cuts[:-1]
    found = np.flatnonzero(cuts[1:] >= PHRASE) + 1
    for i, cut in zip(found.tolist(), cuts[found].tolist(), strict=True):
        size = i - starts[-1]
        if cut == SENTENCE or (cut >= CLAUSE and size >= 4) or size >= 10:
            starts.append(i)
    return np.array(starts, np.int64)


def _first(flat: np.ndarray, highest: np.ndarray, starts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Where the highest value of each row stands in `flat`, the first of equal ones."""
    row = np.repeat(np.arange(len(starts)), sizes)
    found = np.flatnonzero(flat == highest[row])[::-1]
    first = np.empty(len(starts), np.int64)
    first[row[found]] = found  # of equal places the last one written stays
    return first


def _second(flat: np.ndarray, highest: np.ndarray, first: np.ndarray, starts: np.ndarray, sizes: np.ndarray,
            lone: float | None = None) -> np.ndarray:  # fmt: skip
    """The highest value of each row but the one at `first`; in rows of a single value `lone`, or that value."""
    rest = flat.copy()
    rest[first] = -np.inf
    return np.where(sizes > 1, np.maximum.reduceat(rest, starts), highest if lone is None else lone)


def _smooth(values: np.ndarray, weights: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """The weighted mean of the values `low[i]` to `high[i]`."""
    sums = np.zeros((2, len(values) + 1))
    np.cumsum(values * weights, out=sums[0, 1:])
    np.cumsum(weights, out=sums[1, 1:])
    return (sums[0, high] - sums[0, low]) / (sums[1, high] - sums[1, low])


@cache
def _network(lang: str) -> Network:
    return network("words", lang, FEATURES)


def log_odds(lang: str, rows: np.ndarray) -> np.ndarray:
    """The log odds that each word has no counterpart, from rows of `features`."""
    return _network(lang)(rows)
