"""One-to-one: the choice of candidate pairs with the greatest sum of scores."""

from __future__ import annotations

import numpy as np

_EXACT = 200  # documents of a side in a group up to which the best choice is worked out


def assign(pairs: np.ndarray, gains: np.ndarray) -> np.ndarray:
    """Numbers of the chosen pairs, sorted: no document twice, and the sum of `gains` greatest.

    Pairs without a positive gain are never chosen. Groups of more than a few hundred documents that hang together are
    chosen from greedily, the greatest gain first.
    """
    useful = np.flatnonzero(gains > 0)
    chosen: list[int] = []
    for group in _groups(pairs[useful]):
        members = useful[group]
        sizes = [len(np.unique(pairs[members, side])) for side in (0, 1)]
        pick = _best if max(sizes) <= _EXACT else _greedy
        chosen += members[pick(pairs[members], gains[members])].tolist()
    return np.array(sorted(chosen), np.int64)


def _groups(pairs: np.ndarray) -> list[np.ndarray]:
    """Numbers of pairs that hang together by their documents."""
    parent: dict[tuple[int, int], tuple[int, int]] = {}

    def root(node: tuple[int, int]) -> tuple[int, int]:
        while parent.setdefault(node, node) != node:
            parent[node] = node = parent[parent[node]]
        return node

    for ar, en in pairs.tolist():
        parent[root((0, ar))] = root((1, en))
    groups: dict[tuple[int, int], list[int]] = {}
    for number, (ar, _) in enumerate(pairs.tolist()):
        groups.setdefault(root((0, ar)), []).append(number)
    return [np.array(group) for group in groups.values()]


def _greedy(pairs: np.ndarray, gains: np.ndarray) -> list[int]:
    taken: tuple[set[int], set[int]] = (set(), set())
    out = []
    for number in np.argsort(-gains, kind="stable").tolist():
        ar, en = pairs[number].tolist()
        if ar not in taken[0] and en not in taken[1]:
            taken[0].add(ar)
            taken[1].add(en)
            out.append(number)
    return out


def _best(pairs: np.ndarray, gains: np.ndarray) -> list[int]:
    """The best choice within a group, by shortest augmenting paths; a document may stay alone."""
    if len(pairs) == 1:
        return [0]
    (ars, row), (ens, column) = (np.unique(pairs[:, side], return_inverse=True) for side in (0, 1))
    n, m = len(ars), len(ens)
    # A column of its own for every row: to stay alone costs nothing, to be paired its gain less.
    costs = np.zeros((n, m + n))
    costs[:, :m] = gains.sum() + 1.0
    costs[row, column] = -gains
    number = np.full((n, m + n), -1)
    number[row, column] = np.arange(len(pairs))
    found = number[np.arange(n), _hungarian(costs)]
    return found[found >= 0].tolist()


def _hungarian(costs: np.ndarray) -> np.ndarray:
    """For each row the column that it gets, at the least sum of costs; needs no fewer columns than rows.

    Jonker and Volgenant, A Shortest Augmenting Path Algorithm for Dense and Sparse Linear Assignment Problems (1987).
    """
    n, m = costs.shape
    over_rows, over_columns = np.zeros(n + 1), np.zeros(m + 1)
    owner = np.full(m + 1, n)  # the row that has a column; row n has none
    for row in range(n):
        owner[m], at = row, m
        least, before = np.full(m, np.inf), np.full(m, m)
        visited = np.zeros(m + 1, bool)
        while owner[at] != n:
            visited[at] = True
            own = owner[at]
            reduced = costs[own] - over_rows[own] - over_columns[:m]
            better = ~visited[:m] & (reduced < least)
            least[better], before[better] = reduced[better], at
            nearest = int(np.where(visited[:m], np.inf, least).argmin())
            step = least[nearest]
            over_rows[owner[visited]] += step
            over_columns[visited] -= step
            least[~visited[:m]] -= step
            at = nearest
        while at != m:
            owner[at] = owner[before[at]]
            at = before[at]
    out = np.empty(n, np.int64)
    held = np.flatnonzero(owner[:m] < n)
    out[owner[held]] = held
    return out
