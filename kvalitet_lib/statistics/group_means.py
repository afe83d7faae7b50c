"""Mean outcomes of two groups cell by cell (school years, schools), for all units or for each draw of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from kvalitet_lib.statistics.intervals import Floats


@dataclass(frozen=True)
class GroupMeans:
    """Pupils and sums of their outcomes, by group, unit drawn together and cell.

    Attributes
    ----------
    pupils, totals : ndarray, shape (2, units, cells), or (2, units)
        Group A first. Where each cell is a unit of its own (schools), nothing is kept of the others.
    """

    pupils: Floats
    totals: Floats

    @classmethod
    def of(cls, outcome: ArrayLike, in_b: ArrayLike, unit: ArrayLike, cell: ArrayLike) -> GroupMeans:
        """Sum rows.

        Parameters
        ----------
        outcome : array_like, shape (m,)
        in_b : array_like of bool, shape (m,)
        unit, cell : array_like of int, shape (m,)
            Each numbered from 0 without gaps.
        """
        y, part = np.asarray(outcome, dtype=np.float64), np.asarray(cell, dtype=np.int64)
        who, drawn = np.asarray(in_b, dtype=np.int64), np.asarray(unit, dtype=np.int64)
        own = np.array_equal(drawn, part)
        shape = (2, int(drawn.max()) + 1) if own else (2, int(drawn.max()) + 1, int(part.max()) + 1)
        place, size = np.ravel_multi_index((who, drawn) if own else (who, drawn, part), shape), int(np.prod(shape))
        pupils = np.bincount(place, minlength=size).astype(np.float64)
        totals = np.bincount(place, weights=y, minlength=size).astype(np.float64)
        return cls(pupils.reshape(shape), totals.reshape(shape))

    def means(self, weights: ArrayLike) -> Floats:
        """Mean outcome of each group in each cell, shape (2, draws, cells), for weights (draws, units); NaN of nobody."""
        pupils, totals = self._drawn(weights)
        return np.divide(totals, pupils, out=np.full(totals.shape, np.nan), where=pupils > 0)

    def gaps(self, weights: ArrayLike) -> Floats:
        """Mean of A minus mean of B in each cell, shape (draws, cells)."""
        ours, theirs = self.means(weights)
        return ours - theirs

    def within(self, weights: ArrayLike) -> Floats:
        """The gap between pupils of the same cell, shape (draws,): what least squares gives with a constant per cell.

        Cells that hold one group only say nothing; NaN where no cell holds both.
        """
        pupils, _ = self._drawn(weights)
        pairs = np.divide(pupils[0] * pupils[1], pupils.sum(axis=0), out=np.zeros(pupils.shape[1:]), where=pupils.min(axis=0) > 0)
        there = pairs.sum(axis=-1)
        apart = (pairs * np.where(pairs > 0, self.gaps(weights), 0.0)).sum(axis=-1)
        return np.divide(apart, there, out=np.full(there.shape, np.nan), where=there > 0)

    def _drawn(self, weights: ArrayLike) -> tuple[Floats, Floats]:
        weight = np.atleast_2d(np.asarray(weights, dtype=np.float64))
        if self.pupils.ndim == 2:
            return weight * self.pupils[:, None, :], weight * self.totals[:, None, :]
        return weight @ self.pupils, weight @ self.totals
