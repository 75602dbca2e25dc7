"""Runs of words that a reader would name, and how likely each has no counterpart."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ..learnt import Network
from .coverage import FEATURES as WORD_FEATURES
from .coverage import expand
from .tables import network
from .words import CLAUSE, COMMA, PHRASE, SENTENCE

if TYPE_CHECKING:
    from .evidence import Side

FEATURES = (
    "mean", "total", "high", "low", "over", "content", "words", "begin_phrase", "begin_clause", "begin_mark", "begin_sentence",
    "end_phrase", "end_clause", "end_mark", "end_sentence", "outside", "surplus", "left_over", "share", "best", "edge_left", "edge_right",
    "inner", "alone", "ratio", "local", "chunk", "chunk_both", "chunk_rival", "chunk_kept", "chunk_place", "rival", "share_of", "elsewhere",
)  # fmt: skip
_MEANS = [WORD_FEATURES.index(name) for name in (
    "local", "chunk", "chunk_both", "chunk_rival", "chunk_kept", "chunk_place", "rival", "share", "elsewhere")]  # fmt: skip
LONGEST = 40
_FLOORS = (-1.0, 0.0)  # log odds from which on a word seems uncovered
_READ_FLOORS = (-2.5, -1.5, 0.0)  # and to the reader
_CUT_MOST = 60


@dataclass(frozen=True, slots=True)
class Candidates:
    """Runs of words: half-open `starts[i]:stops[i]`, a row of FEATURES each."""

    starts: np.ndarray
    stops: np.ndarray
    rows: np.ndarray


def candidates(sides: "Sequence[Side]", other_letters: Sequence[float], read: Sequence[np.ndarray]) -> list[Candidates]:
    """For each side every run between two cuts, and every run of words that seem uncovered, by their own log odds or by
    those of the reader, `read`.

    `other_letters` is the length of each side's other side in letters of its own.
    """
    if not sides:
        return []
    # A side has a place for each word and one more for its end, where nothing counts.
    sizes = np.array([len(side.words) for side in sides])
    number = np.repeat(np.arange(len(sizes)), sizes + 1)
    lasts = np.cumsum(sizes + 1) - 1
    firsts = lasts - sizes
    is_word = np.ones(len(number), bool)
    is_word[lasts] = False
    cuts = np.concatenate([side.words.cuts for side in sides])
    content, explained = np.zeros((2, len(number)), bool)
    columns = np.zeros((len(number), 8 + len(_MEANS)))
    bounded = np.full(len(number), -2.0)
    odds = np.concatenate([side.odds for side in sides])
    known = np.concatenate([side.rows for side in sides])
    lone = np.concatenate([side.alone for side in sides])
    content[is_word] = np.concatenate([side.words.content for side in sides])
    explained[is_word] = np.concatenate([side.explained for side in sides])
    bounded[is_word] = np.clip(odds, -4, 4)
    weights = np.where(explained[is_word] | lone, 0.15, 1.0) * np.where(content[is_word], 1.0, 0.25)
    for k, values in enumerate((weights, weights * bounded[is_word], content[is_word], weights * known[:, 0], weights * (odds > 0), lone,
                                explained[is_word], np.concatenate([side.ends - side.starts + 1 for side in sides]))):  # fmt: skip
        columns[is_word, k] = values
    columns[is_word, 8:] = weights[:, None] * known[:, _MEANS]
    unsure = np.full(len(number), -np.inf)
    unsure[is_word] = odds
    doubted = np.full(len(number), -np.inf)
    doubted[is_word] = np.concatenate(read)
    uncovered = [unsure > floor for floor in _FLOORS] + [doubted > floor for floor in _READ_FLOORS]
    starts, stops = _runs(cuts, content, uncovered, number, firsts, lasts)
    rows = _rows(starts, stops, cuts, bounded, content & ~explained, columns, firsts, lasts, number)
    of = number[starts]
    rows[:, 24] = np.array([side.ratio for side in sides])[of]
    letters, total = rows[:, 16].copy(), rows[:, 17].copy()
    other = np.asarray(other_letters, float)[of]
    rows[:, 16] = np.clip((total - other) / np.maximum(letters, 1), -2, 3)
    rows[:, 17] = np.log((total - letters + 8) / (other + 8))
    starts -= firsts[of]
    stops -= firsts[of]
    edges = np.searchsorted(of, np.arange(len(sizes) + 1)).tolist()
    return [Candidates(starts[x:y], stops[x:y], rows[x:y]) for x, y in pairwise(edges)]


def _rows(starts: np.ndarray, stops: np.ndarray, cuts: np.ndarray, bounded: np.ndarray, counted: np.ndarray,
          columns: np.ndarray, firsts: np.ndarray, lasts: np.ndarray, number: np.ndarray) -> np.ndarray:  # fmt: skip
    """Rows of FEATURES but for what the lengths of sides tell: `surplus` holds the run's letters, `left_over` the side's.

    `counted` marks words of which the highest and the lowest count.
    """
    sums = np.zeros((len(columns) + 1, columns.shape[1]))
    np.cumsum(columns, axis=0, out=sums[1:])
    inside = sums[stops] - sums[starts]
    whole = (sums[lasts] - sums[firsts])[number[starts]]
    weight = np.maximum(inside[:, 0], 1e-3)
    rest = np.maximum(whole[:, 0] - inside[:, 0], 1e-3)
    rows = np.zeros((len(starts), len(FEATURES)), np.float32)
    rows[:, 0] = inside[:, 1] / weight
    rows[:, 1] = np.sign(inside[:, 1]) * np.log1p(np.abs(inside[:, 1]))
    rows[:, 2] = _highest(np.where(counted, bounded, -5.0), starts, stops)
    rows[:, 3] = -_highest(np.where(counted, -bounded, -5.0), starts, stops)
    rows[:, 4] = inside[:, 4] / weight
    rows[:, 5] = np.log1p(inside[:, 2])
    rows[:, 6] = np.log1p(stops - starts)
    levels = np.array([PHRASE, CLAUSE, COMMA, SENTENCE])
    rows[:, 7:11] = cuts[starts][:, None] == levels
    rows[:, 11:15] = cuts[stops][:, None] == levels
    rows[:, 15] = (whole[:, 1] - inside[:, 1]) / rest
    rows[:, 16], rows[:, 17] = inside[:, 7], whole[:, 7]
    rows[:, 18] = inside[:, 7] / np.maximum(whole[:, 7], 1)
    rows[:, 19] = inside[:, 3] / weight
    rows[:, 20] = bounded[starts - 1]  # of the place after the side before this one, if none
    rows[:, 21] = bounded[stops]
    marks = np.zeros(len(cuts) + 1)
    np.cumsum(cuts >= COMMA, out=marks[1:])
    rows[:, 22] = np.minimum(marks[stops] - marks[starts + 1], 5)
    rows[:, 23] = np.log1p(inside[:, 5]) - np.log1p(inside[:, 6])
    rows[:, 25:] = inside[:, 8:] / weight[:, None]
    return rows


def _highest(values: np.ndarray, starts: np.ndarray, stops: np.ndarray) -> np.ndarray:
    """The highest value of each run, from tables of the highest of every 1, 2, 4, ... neighbours."""
    if not len(starts):
        return np.zeros(0)
    tables = [values]
    longest = (stops - starts).max()
    step = 1
    while 2 * step <= longest:
        last = tables[-1]
        tables.append(np.concatenate([np.maximum(last[:-step], last[step:]), last[len(last) - step :]]))
        step *= 2
    level = np.frexp(stops - starts)[1] - 1
    stacked = np.stack(tables)
    return np.maximum(stacked[level, starts], stacked[level, stops - (1 << level)])


def _runs(cuts: np.ndarray, content: np.ndarray, uncovered: Sequence[np.ndarray], number: np.ndarray, firsts: np.ndarray,
          lasts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Where candidates start and stop, in order; the places of side k are `firsts[k]` to `lasts[k]`."""
    is_cut = cuts > 0
    many = np.bincount(number, is_cut) > _CUT_MOST
    if many.any():
        weak = (cuts <= PHRASE) & many[number]
        weak[firsts] = weak[lasts] = False
        is_cut &= ~weak
    cut = np.flatnonzero(is_cut)
    after = np.arange(1, len(cut) + 1)
    until = np.searchsorted(cut, np.minimum(cut + LONGEST, lasts[number[cut]]), side="right")
    starts = [np.repeat(cut, until - after)]
    stops = [cut[expand(after, until)]]
    # long sentences and parts between marks stay candidates as a whole
    hard = np.flatnonzero(cuts >= SENTENCE)
    same = np.flatnonzero(np.diff(number[hard]) == 0)
    starts.append(hard[same])
    stops.append(hard[same + 1])
    for doubtful in uncovered:
        begin, end = _uncovered(cuts, content, doubtful)
        starts.append(begin)
        stops.append(end)
    keys = np.unique(np.concatenate(starts) * len(cuts) + np.concatenate(stops))
    return keys // len(cuts), keys % len(cuts)


def _uncovered(cuts: np.ndarray, content: np.ndarray, doubtful: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Runs of content words that are `doubtful` (grammar words between them allowed), inside one clause."""
    found = np.flatnonzero(content & doubtful)
    part = np.cumsum((cuts >= COMMA) | (content & ~doubtful))[found]
    first = np.flatnonzero(np.diff(part, prepend=-1))
    starts, stops = found[first], found[np.append(first[1:], len(found)) - 1] + 1 if len(found) else found
    short = stops - starts <= LONGEST
    return starts[short], stops[short]


@cache
def _network(lang: str) -> Network:
    return network("spans", lang, FEATURES)


def log_odds(lang: str, rows: np.ndarray) -> np.ndarray:
    """The log odds that each candidate has no counterpart."""
    return _network(lang)(rows) if len(rows) else np.zeros(0, np.float32)


def many_log_odds(langs: Sequence[str], found: Sequence[Candidates]) -> list[np.ndarray]:
    """`log_odds` of several sides of these languages."""
    out: list[np.ndarray] = [np.zeros(0, np.float32)] * len(found)
    for lang in set(langs):
        which = [k for k, own in enumerate(langs) if own == lang]
        odds = log_odds(lang, np.concatenate([found[k].rows for k in which]))
        at = 0
        for k in which:
            out[k] = odds[at : at + len(found[k].rows)]
            at += len(found[k].rows)
    return out


def chosen(found: Candidates, odds: np.ndarray, floor: float) -> list[int]:
    """Candidates from `floor` on, best first, none overlapping an earlier one."""
    taken: list[tuple[int, int]] = []
    out = []
    high = np.flatnonzero(odds >= floor)
    order = high[np.argsort(-odds[high], kind="stable")]
    for i, a, b in zip(order.tolist(), found.starts[order].tolist(), found.stops[order].tolist(), strict=True):
        if all(b <= x or y <= a for x, y in taken):
            taken.append((a, b))
            out.append(i)
    return out


READ = 0.5
"""How much the reader counts beside the runs' own log odds when runs are chosen."""


def weighed(side: "Side", found: Candidates, odds: np.ndarray, read: np.ndarray) -> np.ndarray:
    """Log odds of candidates of a side together with the mean of the reader's log odds of their words."""
    weights = np.where(side.words.content, 1.0, 0.25)
    sums = np.zeros((2, len(weights) + 1))
    np.cumsum([weights, weights * np.clip(read, -6, 6)], axis=1, out=sums[:, 1:])
    size, total = sums[:, found.stops] - sums[:, found.starts]
    return (1 - READ) * odds + READ * total / size
