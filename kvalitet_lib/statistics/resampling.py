"""How far estimates would move if other schools had been there: schools drawn anew with all their pupils (bootstrap)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from kvalitet_lib.statistics.intervals import Floats

MOST_FAILED = 0.05  # share of draws without an answer above which the others say too little; own rule
AT_ONCE = 4_000_000  # draws times units held in memory together

Statistic = Callable[[Floats], Mapping[str, Floats]]


def drawn(statistic: Statistic, units: int, draws: int, seed: int) -> dict[str, Floats]:
    """A statistic for each draw of as many units as there are, with replacement.

    Parameters
    ----------
    statistic : callable
        Takes how many times each draw holds each unit, shape (draws, units); returns arrays whose first axis is the draws.
    units, draws, seed : int

    References
    ----------
    Efron, B. & Tibshirani, R. J. (1993). An introduction to the bootstrap. Chapman & Hall, chapters 6 and 8.
    """
    rng = np.random.default_rng(seed)
    together = max(1, AT_ONCE // units)
    parts = []
    for first in range(0, draws, together):
        some = rng.multinomial(units, np.full(units, 1 / units), size=min(together, draws - first))
        parts.append(statistic(some.astype(np.float64)))
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def standard_error_of(values: ArrayLike, units: int) -> Floats:
    """Standard error from the estimates of all draws.

    Multiplied by ``sqrt(units / (units - 1))``: drawing from the sample itself makes the spread that much too small.

    Parameters
    ----------
    values : array_like, shape (draws, ...)
        NaN where a draw had no answer, for instance because it held nobody of one group.
    units : int
        How many units were drawn from.

    Returns
    -------
    ndarray, shape (...)
        NaN where more than ``MOST_FAILED`` of the draws had no answer, or all draws have the same.
    """
    each = np.asarray(values, dtype=np.float64)
    there = np.isfinite(each)
    count = there.sum(axis=0)
    mean = np.where(there, each, 0.0).sum(axis=0) / np.maximum(count, 1)
    variance = (np.where(there, each - mean, 0.0) ** 2).sum(axis=0) / np.maximum(count - 1, 1)
    spread = np.sqrt(variance * units / max(units - 1, 1))
    known = (count >= (1 - MOST_FAILED) * len(each)) & (count > 1) & (units > 1)
    return np.where(known & (spread > 1e-12 * np.abs(mean)), spread, np.nan)


def t_test(
    estimate: ArrayLike, standard_error: ArrayLike, freedom: ArrayLike, level: float = 0.95, null: ArrayLike = 0.0
) -> tuple[Floats, Floats, Floats]:
    """Interval of Student's t and the two-sided p-value that agrees with it.

    Parameters
    ----------
    estimate, standard_error : array_like, shape (k,)
        A standard error of NaN or 0 is unknown.
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
