"""Corners of the grid that are looked at together, and the beads that end there."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Corners:
    """Corners (i, j) of `rows` i and their `columns` j, and beads up to `limits` that end there.

    `columns` never fall from row to row; shape (rows, columns), or (1, columns) where all rows have the same. `most`
    bounds the beads of each row on both sides, shape (rows,); None for no more bounds.
    """

    rows: np.ndarray
    columns: np.ndarray
    limits: tuple[int, int]
    most: np.ndarray | None = None

    @classmethod
    def of(cls, rows: np.ndarray, columns: np.ndarray, limits: tuple[int, int],
           most: int | np.ndarray | None) -> "Corners":
        """Corners with bounds for all rows or each."""
        if most is None:
            return cls(rows, columns, limits)
        bounds = np.broadcast_to(most, rows.shape)
        largest = int(bounds.max())
        return cls(rows, columns, (min(limits[0], largest), min(limits[1], largest)), bounds)

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Rows, n, m, columns."""
        return len(self.rows), *self.limits, self.columns.shape[1]

    @property
    def alike(self) -> bool:
        """Whether all rows have the same columns."""
        return len(self.columns) == 1

    @property
    def sizes(self) -> tuple[np.ndarray, np.ndarray]:
        """Sizes of beads on each side, from 1 on."""
        return np.arange(1, self.limits[0] + 1), np.arange(1, self.limits[1] + 1)

    def begins(self) -> tuple[np.ndarray, np.ndarray]:
        """The first segments of the beads: shapes (rows, n, 1, 1) and (rows or 1, 1, m, columns); 0 for those that
        would begin before."""
        n, m = self.sizes
        return (np.maximum(self.rows[:, None] - n, 0)[:, :, None, None],
                np.maximum(self.columns[:, None] - m[:, None], 0)[:, None])

    def exist(self) -> np.ndarray:
        """Which beads there are, broadcastable to `shape`."""
        first, second = self.parts_exist()
        return first[:, :, None, None] & second[:, None]

    def parts_exist(self) -> tuple[np.ndarray, np.ndarray]:
        """Which parts of beads there are on each side: shapes (rows, n) and (rows or 1, m, columns)."""
        n, m = self.sizes
        first, second = self.rows[:, None] >= n, self.columns[:, None] >= m[:, None]
        if self.most is not None:
            first, second = first & (n <= self.most[:, None]), second & (m <= self.most[:, None])[:, :, None]
        return first, second

    def around(self) -> tuple["Corners", np.ndarray | None, int]:
        """These corners and those next to them, one row more above and below; which of them are wanted, None for all;
        and the place in each row but those two of its own first column."""
        rows = np.arange(self.rows[0] - 1, self.rows[-1] + 2)
        near = [np.clip(np.arange(k, len(rows) + k), 0, len(self.rows) - 1) for k in (-2, -1, 0)]
        most = None if self.most is None else np.max([self.most[at] for at in near], axis=0)
        if self.alike:
            wide = np.arange(self.columns[0, 0] - 1, self.columns[0, -1] + 2)[None]
            return Corners(rows, wide, self.limits, most), None, 1
        before, own, after = (self.columns[at, 0] for at in near)
        margin = int(np.maximum(own - before, 1).max())
        width = self.columns.shape[1]
        wide = (own - margin)[:, None] + np.arange(margin + width + max(int((after - own).max()), 1))
        wanted = ((wide >= np.minimum(before, own - 1)[:, None])
                  & (wide < np.maximum(after, own + 1)[:, None] + width))
        return Corners(rows, wide, self.limits, most), wanted, margin
