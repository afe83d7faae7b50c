"""How sure we are of a difference between two estimates that each have an interval."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from kvalitet_lib.statistics.intervals import Bounds, Floats


def difference_interval(
    estimate: ArrayLike,
    lower: ArrayLike,
    upper: ArrayLike,
    reference: ArrayLike,
    reference_lower: ArrayLike,
    reference_upper: ArrayLike,
) -> Bounds:
    """Interval of ``estimate - reference`` recovered from the two intervals (square-and-add, MOVER).

    With two Wilson intervals this is Newcombe's interval of the difference between two shares. A reference known
    without error has ``reference_lower == reference == reference_upper``.

    Parameters
    ----------
    estimate, lower, upper, reference, reference_lower, reference_upper : array_like of float, shape (k,)
        In the same unit, all at the same level. The two estimates are regarded as independent; when the estimate is
        a part of the reference, or the two move together, the interval is too wide rather than too narrow.

    Returns
    -------
    lower, upper : ndarray, shape (k,)
        NaN where any bound is unknown.

    References
    ----------
    Newcombe, R. G. (1998). Interval estimation for the difference between independent proportions: comparison of
    eleven methods. Stat. Med. 17(8), 873-890 (method 10).
    Zou, G. Y. & Donner, A. (2008). Construction of confidence limits about effect measures: a general approach.
    Stat. Med. 27(10), 1693-1702.
    """
    ours, low, high, theirs, their_low, their_high = (
        np.asarray(bound, dtype=np.float64) for bound in (estimate, lower, upper, reference, reference_lower, reference_upper)
    )
    difference = ours - theirs
    return difference - np.hypot(ours - low, their_high - theirs), difference + np.hypot(high - ours, theirs - their_low)


def degrees_of_freedom(
    half: ArrayLike, freedom: ArrayLike, reference_half: ArrayLike, reference_freedom: ArrayLike, level: float = 0.95
) -> Floats:
    """Degrees of freedom of a difference between two estimates (Welch-Satterthwaite).

    Parameters
    ----------
    half, reference_half : array_like of float, shape (k,)
        Half the width of each interval; 0 for a reference known without error.
    freedom, reference_freedom : array_like of float, shape (k,)
        Degrees of freedom behind each interval; infinity for one that does not rest on an estimated spread.
    level : float
        Confidence level of the intervals.

    Returns
    -------
    ndarray, shape (k,)
        Infinity where neither interval rests on an estimated spread; NaN where either is unknown.

    References
    ----------
    Welch, B. L. (1947). The generalization of 'Student's' problem when several different population variances are
    involved. Biometrika 34(1/2), 28-35.
    """
    ours, theirs = np.asarray(freedom, dtype=np.float64), np.asarray(reference_freedom, dtype=np.float64)
    variance = (np.asarray(half, dtype=np.float64) / stats.t.ppf((1 + level) / 2, ours)) ** 2
    reference_variance = (np.asarray(reference_half, dtype=np.float64) / stats.t.ppf((1 + level) / 2, theirs)) ** 2
    spread = variance**2 / ours + reference_variance**2 / theirs
    total = np.broadcast_to((variance + reference_variance) ** 2, np.shape(spread))
    return np.divide(total, spread, out=np.where(np.isnan(spread), np.nan, np.inf), where=spread > 0)


def p_value(
    difference: ArrayLike, lower: ArrayLike, upper: ArrayLike, freedom: ArrayLike = np.inf, level: float = 0.95
) -> Floats:
    """Two-sided p-value of no difference that agrees with the interval: below ``1 - level`` just when 0 lies outside.

    The distance from the difference to the bound nearer 0 is taken as the quantile of a normal distribution, or of
    Student's t when the degrees of freedom are finite.

    Parameters
    ----------
    difference, lower, upper : array_like of float, shape (k,)
        A difference and its interval.
    freedom : array_like of float, shape (k,)
        Degrees of freedom; infinity for the normal distribution.
    level : float
        Confidence level of the interval.

    Returns
    -------
    ndarray, shape (k,)
        In [0, 1]; NaN where the interval is unknown.
    """
    size, low, high, nu = (np.asarray(one, dtype=np.float64) for one in (difference, lower, upper, freedom))
    half = np.where(size > 0, size - low, high - size)
    size, half, nu = np.broadcast_arrays(np.abs(size), half, nu)
    distance = np.divide(size, half, out=np.where(size == 0, 0.0, np.inf), where=half > 0)
    p = 2 * stats.t.sf(distance * stats.t.ppf((1 + level) / 2, nu), nu)
    return np.where(np.isfinite(half), np.minimum(p, 1.0), np.nan)
