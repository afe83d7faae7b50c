"""Cubic B-splines: a curve through four knots that need not be a straight line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.interpolate import BSpline

from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.intervals import Floats

DEGREE = 3
FIFTHS = (0.2, 0.4, 0.6, 0.8)
STRETCH = 0.1


@dataclass(frozen=True)
class Spline:
    """A cubic B-spline basis without intercept.

    Attributes
    ----------
    knots : tuple of float
        Rising, between the boundaries.
    boundaries : tuple of float
        The curve's two ends; values outside are taken at the nearer one.

    References
    ----------
    de Boor, C. (1978). A practical guide to splines. New York: Springer.
    """

    knots: tuple[float, ...]
    boundaries: tuple[float, float]

    def __post_init__(self) -> None:
        low, high = self.boundaries
        if not low < high or list(self.knots) != sorted(set(self.knots)) or not all(low < knot < high for knot in self.knots):
            raise ContractError("A spline needs knots that rise and lie between its two boundaries. Check knots and boundaries.")

    @classmethod
    def of(cls, values: ArrayLike, shares: Sequence[float] = FIFTHS, stretch: float = STRETCH) -> Spline:
        """Knots at shares of the values, boundaries beyond the lowest and highest by a part of their distance.

        Parameters
        ----------
        values : array_like of float, shape (n,)
            At least two different ones.
        shares : sequence of float
            In (0, 1). Knots that coincide, as with whole scores, count once; those at the boundaries not at all.
        stretch : float
            How far beyond, as a share of the range.

        Raises
        ------
        ContractError
            There are not two different values.

        References
        ----------
        Betebenner, D. (2009). Norm- and criterion-referenced student growth. Educ. Meas. Issues Pract. 28(4), 42-51.
        """
        known = np.asarray(values, dtype=np.float64)
        if not len(known) or not (low := float(known.min())) < (high := float(known.max())):
            raise ContractError("A spline needs at least two different values: one value says nothing of who has come how far.")
        low, high = low - stretch * (high - low), high + stretch * (high - low)
        knots = sorted({float(knot) for knot in np.quantile(known, shares) if low < knot < high})
        return cls(tuple(knots), (low, high))

    @property
    def columns(self) -> int:
        """How many columns the basis has."""
        return len(self.knots) + DEGREE

    def basis(self, values: ArrayLike) -> Floats:
        """The basis at the values, shape (n,) → (n, columns)."""
        low, high = self.boundaries
        ends = np.repeat([[low], [high]], DEGREE + 1, axis=1)
        inside = np.clip(np.asarray(values, dtype=np.float64), low, high)
        # The first column is left to the intercept.
        return BSpline.design_matrix(inside, np.concatenate([ends[0], self.knots, ends[1]]), DEGREE).toarray()[:, 1:]

    def beyond(self, values: ArrayLike) -> int:
        """How many values lie outside the boundaries."""
        known = np.asarray(values, dtype=np.float64)
        return int(((known < self.boundaries[0]) | (known > self.boundaries[1])).sum())
