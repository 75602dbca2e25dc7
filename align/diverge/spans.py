"""Runs of words that a reader would name, and how likely each has no counterpart."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from .coverage import FEATURES as WORD_FEATURES
from .tables import Network, table
from .words import CLAUSE, COMMA, PHRASE, SENTENCE, Words

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
_CUT_MOST = 60


@dataclass(frozen=True, slots=True)
class Candidates:
    """Runs of words: half-open `starts[i]:stops[i]`, a row of FEATURES each."""

    starts: np.ndarray
    stops: np.ndarray
    rows: np.ndarray


def candidates(side: Words, odds: np.ndarray, known: "Side", other_letters: float) -> Candidates:
    """Every run between two cuts, and every run of words that seem uncovered.

    `odds` are the words' log odds of having no counterpart, `known` what else is known of them; `other_letters` is the
    length of the other side in letters of this one.
    """
    best, explained, alone, ratio = known.rows[:, 0], known.explained, known.alone, known.ratio
    n = len(side)
    starts, stops = _runs(side, odds)
    bounded = np.clip(odds, -4, 4)
    weights = np.where(explained | alone, 0.15, 1.0) * np.where(side.content, 1.0, 0.25)
    columns = np.empty((n, 8 + len(_MEANS)))
    for k, values in enumerate((weights, weights * bounded, side.content, weights * best, weights * (odds > 0), alone, explained,
                                side.ends - side.starts + 1)):  # fmt: skip
        columns[:, k] = values
    columns[:, 8:] = weights[:, None] * known.rows[:, _MEANS]
    sums = np.zeros((n + 1, columns.shape[1]))
    np.cumsum(columns, axis=0, out=sums[1:])
    inside = sums[stops] - sums[starts]
    whole = sums[-1]
    weight = np.maximum(inside[:, 0], 1e-3)
    rest = np.maximum(whole[0] - inside[:, 0], 1e-3)
    letters, total = inside[:, 7], whole[7]
    before, after = side.cuts[starts], side.cuts[stops]
    rows = np.zeros((len(starts), len(FEATURES)), np.float32)
    rows[:, 0] = inside[:, 1] / weight
    rows[:, 1] = np.sign(inside[:, 1]) * np.log1p(np.abs(inside[:, 1]))
    counted = side.content & ~explained
    rows[:, 2] = _highest(np.where(counted, bounded, -5.0), starts, stops)
    rows[:, 3] = -_highest(np.where(counted, -bounded, -5.0), starts, stops)
    rows[:, 4] = inside[:, 4] / weight
    rows[:, 5] = np.log1p(inside[:, 2])
    rows[:, 6] = np.log1p(stops - starts)
    levels = np.array([PHRASE, CLAUSE, COMMA, SENTENCE])
    rows[:, 7:11] = before[:, None] == levels
    rows[:, 11:15] = after[:, None] == levels
    rows[:, 15] = (whole[1] - inside[:, 1]) / rest
    rows[:, 16] = np.clip((total - other_letters) / np.maximum(letters, 1), -2, 3)
    rows[:, 17] = np.log((total - letters + 8) / (other_letters + 8))
    rows[:, 18] = letters / max(total, 1)
    rows[:, 19] = inside[:, 3] / weight
    padded = np.concatenate([[-2.0], bounded, [-2.0]])
    rows[:, 20] = padded[starts]
    rows[:, 21] = padded[stops + 1]
    marks = np.zeros(n + 2)
    np.cumsum(side.cuts >= COMMA, out=marks[1:])
    rows[:, 22] = np.minimum(marks[stops] - marks[starts + 1], 5)
    rows[:, 23] = np.log1p(inside[:, 5]) - np.log1p(inside[:, 6])
    rows[:, 24] = ratio
    rows[:, 25:] = inside[:, 8:] / weight[:, None]
    return Candidates(starts, stops, rows)


def _highest(values: np.ndarray, starts: np.ndarray, stops: np.ndarray) -> np.ndarray:
    """The highest value of each run, from tables of the highest of every 1, 2, 4, ... neighbours."""
    tables = [values]
    step = 1
    while 2 * step <= len(values):
        last = tables[-1]
        tables.append(np.concatenate([np.maximum(last[:-step], last[step:]), last[len(last) - step :]]))
        step *= 2
    if not len(starts):
        return np.zeros(0)
    level = np.frexp(stops - starts)[1] - 1
    stacked = np.stack(tables)
    return np.maximum(stacked[level, starts], stacked[level, stops - (1 << level)])


def _runs(side: Words, odds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where candidates start and stop."""
    n = len(side)
    cut = [i for i in range(n + 1) if side.cuts[i] > 0]
    if len(cut) > _CUT_MOST:
        cut = [i for i in cut if side.cuts[i] > PHRASE or i in (0, n)]
    found = {(a, b) for x, a in enumerate(cut) for b in cut[x + 1 :] if b - a <= LONGEST}
    # long sentences and parts between marks stay candidates as a whole
    hard = [i for i in range(n + 1) if side.cuts[i] >= SENTENCE]
    found |= {(a, b) for a, b in zip(hard, hard[1:], strict=False)}
    found |= set(_uncovered(side, odds))
    if not found:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    pairs = np.array(sorted(found), np.int64)
    return pairs[:, 0], pairs[:, 1]


def _uncovered(side: Words, odds: np.ndarray) -> list[tuple[int, int]]:
    """Runs of content words with poor cover (grammar words between them allowed), inside one sentence."""
    runs = []
    for floor in (-1.0, 0.0):
        start = -1
        last = -1
        for i in range(len(side)):
            if side.cuts[i] >= COMMA and start >= 0:
                runs.append((start, last + 1))
                start = -1
            if side.content[i]:
                if odds[i] > floor:
                    start = i if start < 0 else start
                    last = i
                elif start >= 0:
                    runs.append((start, last + 1))
                    start = -1
        if start >= 0:
            runs.append((start, last + 1))
    return [(a, b) for a, b in runs if b - a <= LONGEST]


@cache
def _network(lang: str) -> Network:
    return Network.of(table("spans")[lang])


def log_odds(lang: str, rows: np.ndarray) -> np.ndarray:
    """The log odds that each candidate has no counterpart."""
    return _network(lang)(rows) if len(rows) else np.zeros(0, np.float32)


def chosen(found: Candidates, odds: np.ndarray, floor: float) -> list[int]:
    """Candidates above `floor`, best first, none overlapping an earlier one."""
    taken: list[tuple[int, int]] = []
    out = []
    for i in np.argsort(-odds, kind="stable").tolist():
        if odds[i] < floor:
            break
        a, b = int(found.starts[i]), int(found.stops[i])
        if all(b <= x or y <= a for x, y in taken):
            taken.append((a, b))
            out.append(i)
    return out
