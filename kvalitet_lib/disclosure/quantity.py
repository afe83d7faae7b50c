"""One number for every cell, as it is and as a reader knows it."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

WIDTH = 3.0  # persons: an interval narrower than this is as good as the number
STILL = 1e-6
OUTSIDE = -1


@dataclass(frozen=True)
class Quantity:
    """One number for every cell (persons, or a count of persons), as it is and as a reader knows it.

    Attributes
    ----------
    value : float array
        The true numbers.
    lower, upper : float array
        What a reader knows of them; equal to ``value`` where the cell is shown.
    widest_lower, widest_upper : float array
        What would be known if the cell were hidden altogether.
    protect : bool array
        Must not be bounded more closely than ``WIDTH`` where it is not shown.
    price : float array
        What hiding the cell costs; infinite where that is of no use.
    school : int array
        Number of the school whose head knows the cell, or ``OUTSIDE``.
    whole : bool array
        The cell is a unit's total, which ties the unit's breakdowns together.
    """

    value: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    widest_lower: np.ndarray
    widest_upper: np.ndarray
    protect: np.ndarray
    price: np.ndarray
    school: np.ndarray
    whole: np.ndarray

    @property
    def unknown(self) -> np.ndarray:
        return self.upper - self.lower > STILL

    def among(self, cells: np.ndarray) -> Quantity:
        """The same for some of the cells."""
        return Quantity(*(getattr(self, field.name)[cells] for field in fields(self)))

    def opened(self, cells: np.ndarray) -> Quantity:
        """The same with more cells hidden altogether."""
        lower, upper = self.lower.copy(), self.upper.copy()
        lower[cells], upper[cells] = self.widest_lower[cells], self.widest_upper[cells]
        return replace(self, lower=lower, upper=upper)
