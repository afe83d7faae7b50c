"""How far an estimate would move if other schools had been there: schools drawn anew with all their pupils (bootstrap)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from kvalitet_lib.statistics.intervals import Floats

MOST_FAILED = 0.05  # share of draws without an answer above which the others say too little; own rule


def draws_of_units(units: int, draws: int, seed: int) -> Floats:
    """How many times each draw holds each unit.

    Parameters
    ----------
    units : int
        Schools (or pupils) to draw from; as many are drawn, with replacement.
    draws : int
    seed : int

    Returns
    -------
    ndarray, shape (draws, units)

    References
    ----------
    Efron, B. & Tibshirani, R. J. (1993). An introduction to the bootstrap. Chapman & Hall, chapters 6 and 8.
    """
    rng = np.random.default_rng(seed)
    return rng.multinomial(units, np.full(units, 1 / units), size=draws).astype(np.float64)


def standard_error_of(drawn: ArrayLike, units: int) -> Floats:
    """Standard error from the estimates of all draws.

    Multiplied by ``sqrt(units / (units - 1))``: drawing from the sample itself makes the spread that much too small.

    Parameters
    ----------
    drawn : array_like, shape (draws, ...)
        NaN where a draw had no answer, for instance because it held nobody of one group.
    units : int
        How many units were drawn from.

    Returns
    -------
    ndarray, shape (...)
        NaN where more than ``MOST_FAILED`` of the draws had no answer, or all draws have the same.
    """
    values = np.asarray(drawn, dtype=np.float64)
    there = np.isfinite(values)
    count = there.sum(axis=0)
    enough = (count >= (1 - MOST_FAILED) * len(values)) & (count > 1)
    safe = np.where(there, values, 0.0)
    mean = safe.sum(axis=0) / np.maximum(count, 1)
    variance = (np.where(there, values - mean, 0.0) ** 2).sum(axis=0) / np.maximum(count - 1, 1)
    spread = np.sqrt(variance * units / max(units - 1, 1))
    alike = spread <= 1e-12 * np.maximum(np.abs(mean), 1e-300)
    return np.where(enough & ~alike & (units > 1), spread, np.nan)


def t_test(
    estimate: ArrayLike, standard_error: ArrayLike, freedom: ArrayLike, level: float = 0.95, null: ArrayLike = 0.0
) -> tuple[Floats, Floats, Floats]:
    """Interval of Student's t and the two-sided p-value that agrees with it.

    Parameters
    ----------
    estimate, standard_error : array_like, shape (k,)
        NaN or 0 as standard error: unknown.
    freedom : array_like
        Degrees of freedom; infinity for the normal distribution.
    level : float
        Confidence level, in (0, 1).
    null : array_like
        The value that means no difference.

    Returns
    -------
    lower, upper, p : ndarray, shape (k,)
    """
    value, error = np.asarray(estimate, dtype=np.float64), np.asarray(standard_error, dtype=np.float64)
    error = np.where(error > 0, error, np.nan)
    half = stats.t.ppf((1 + level) / 2, freedom) * error
    p = 2 * stats.t.sf(np.abs(value - np.asarray(null, dtype=np.float64)) / error, freedom)
    return value - half, value + half, p
