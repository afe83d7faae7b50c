"""Linear relations between quantities, as one sparse matrix with a lower and an upper bound per row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from kvalitet_lib.attack.printed import Floats

TOUCH = 1e-6


@dataclass(frozen=True)
class Relations:
    """``low <= matrix @ quantities <= high``, one row per relation."""

    matrix: sparse.csr_array
    low: Floats
    high: Floats

    def __len__(self) -> int:
        return len(self.low)

    def rows(self, chosen: NDArray[np.int64] | NDArray[np.bool_]) -> Relations:
        return Relations(self.matrix[chosen], self.low[chosen], self.high[chosen])

    def within(self, low: ArrayLike, high: ArrayLike) -> Relations:
        return replace(self, low=np.broadcast_to(low, len(self)).copy(), high=np.broadcast_to(high, len(self)).copy())

    def reach(self, low: Floats, high: Floats) -> tuple[Floats, Floats]:
        """Lowest and highest each row can be when the quantities stay within their own bounds."""
        above, below = self.matrix.maximum(0), self.matrix.minimum(0)
        return above @ low + below @ high, above @ high + below @ low


def relations(entries: Sequence[tuple[ArrayLike, ArrayLike, float]], rows: int, quantities: int) -> Relations:
    """Relations from (row numbers, quantity numbers, factor); each row is 0 until said otherwise.

    A quantity that stands on both sides of a relation drops out of it.
    """
    row = np.concatenate([np.asarray(one, dtype=np.int64) for one, _, _ in entries])
    column = np.concatenate([np.asarray(one, dtype=np.int64) for _, one, _ in entries])
    factor = np.concatenate([np.full(len(np.asarray(one)), times) for one, _, times in entries])
    matrix = sparse.csr_array((factor, (row, column)), shape=(rows, quantities))
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    return Relations(matrix, np.zeros(rows), np.zeros(rows))


def together(parts: list[Relations], quantities: int) -> Relations:
    """All relations, each once; the tightest bounds where the same is said twice."""
    some = [part for part in parts if len(part)] or [relations([((), (), 1.0)], 0, quantities)]
    matrix = sparse.csr_array(sparse.vstack([part.matrix for part in some], format="csr"))
    low, high = np.concatenate([part.low for part in some]), np.concatenate([part.high for part in some])
    mark = np.random.default_rng(1).integers(1, 2**40, size=matrix.shape[1]).astype(np.float64)
    _, first, same = np.unique(matrix @ mark, return_index=True, return_inverse=True)
    lowest, highest = np.full(len(first), -np.inf), np.full(len(first), np.inf)
    np.maximum.at(lowest, same, low)
    np.minimum.at(highest, same, high)
    return Relations(matrix[first], lowest, highest)
