"""How an outcome rises with a factor within each school."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from kvalitet_lib.statistics.intervals import Floats

FEWEST_PUPILS = 3  # two pupils lie on a line whatever it is


@dataclass(frozen=True)
class Slopes:
    """Least squares within each school.

    Attributes
    ----------
    slope, variance : ndarray, shape (schools,)
        NaN where too few pupils, or a factor that does not vary, say nothing.
    pupils : ndarray of int, shape (schools,)
    residual_variance : float
        Of pupils around their school's line, regarded as the same in all schools.
    """

    slope: Floats
    variance: Floats
    pupils: np.ndarray
    residual_variance: float

    @classmethod
    def fit(cls, outcome: ArrayLike, factor: ArrayLike, school: ArrayLike, schools: int, cell: ArrayLike | None = None) -> Slopes:
        """One line per school.

        Parameters
        ----------
        outcome, factor : array_like, shape (m,)
        school : array_like of int, shape (m,)
            ``0 <= school < schools``.
        schools : int
        cell : array_like of int, shape (m,), optional
            Numbered from 0: parts of schools (school years) that may each have their own level; the slope is the school's.
        """
        y, x, at = np.asarray(outcome, np.float64), np.asarray(factor, np.float64), np.asarray(school, np.int64)
        part = at if cell is None else np.asarray(cell, np.int64)
        pupils, levels = np.bincount(at, minlength=schools), np.bincount(part)
        y, x = (one - (np.bincount(part, one) / np.maximum(levels, 1))[part] for one in (y, x))
        freedom = pupils - np.bincount(at[np.unique(part, return_index=True)[1]], minlength=schools) - 1
        squares, products = np.bincount(at, x * x, schools), np.bincount(at, x * y, schools)
        flat = 1e-12 * pupils * max(float((x * x).mean()), np.finfo(float).tiny)
        known = (pupils >= FEWEST_PUPILS) & (freedom > 0) & (squares > flat)
        slope = np.divide(products, squares, out=np.full(schools, np.nan), where=known)
        rest = np.bincount(at, (y - np.where(known, slope, 0.0)[at] * x) ** 2, schools)
        left = float(freedom[known].sum())
        spread = float(rest[known].sum() / left) if left > 0 else float("nan")
        variance = np.divide(spread, squares, out=np.full(schools, np.nan), where=known)
        return cls(slope, variance, pupils, spread)
