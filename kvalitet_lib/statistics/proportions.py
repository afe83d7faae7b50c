"""Shares of few persons: the exact interval, and the difference between two shares."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from kvalitet_lib.statistics.differences import difference_interval
from kvalitet_lib.statistics.intervals import Bounds, Floats, wilson


def clopper_pearson(successes: ArrayLike, trials: ArrayLike, level: float = 0.95) -> Bounds:
    """Exact binomial interval of a share.

    Parameters
    ----------
    successes, trials : array_like of float, shape (k,)
        Counts per group, ``0 <= successes <= trials``.
    level : float
        Confidence level, in (0, 1). The interval holds the truth at least that often.

    Returns
    -------
    lower, upper : ndarray, shape (k,)
        Shares in [0, 1]; NaN where ``trials`` is 0 or either is unknown.

    References
    ----------
    Clopper, C. J. & Pearson, E. S. (1934). The use of confidence or fiducial limits illustrated in the case of the
    binomial. Biometrika 26(4), 404-413.
    """
    count, n = np.asarray(successes, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    known = (n > 0) & (count >= 0) & (count <= n)
    seen, of = np.where(known, count, 0.0), np.where(known, n, 1.0)
    tail = (1 - level) / 2
    # A beta distribution with a parameter of 0 has no quantile; nobody and everybody have the ends of the scale.
    lower = np.where(seen > 0, stats.beta.ppf(tail, np.maximum(seen, 1e-9), of - seen + 1), 0.0)
    upper = np.where(seen < of, stats.beta.ppf(1 - tail, seen + 1, np.maximum(of - seen, 1e-9)), 1.0)
    return np.where(known, lower, np.nan), np.where(known, upper, np.nan)


def newcombe(
    successes: ArrayLike, trials: ArrayLike, other_successes: ArrayLike, other_trials: ArrayLike, level: float = 0.95
) -> tuple[Floats, Floats, Floats]:
    """Difference between two independent shares with Newcombe's hybrid interval.

    Parameters
    ----------
    successes, trials, other_successes, other_trials : array_like of float, shape (k,)
        Counts per group and per group it is held against.
    level : float
        Confidence level, in (0, 1).

    Returns
    -------
    difference, lower, upper : ndarray, shape (k,)
        The first share minus the other, in [-1, 1]; NaN where either has no trials.

    References
    ----------
    Newcombe, R. G. (1998). Interval estimation for the difference between independent proportions: comparison of
    eleven methods. Stat. Med. 17(8), 873-890 (method 10, without continuity correction).
    """
    ours, theirs = _share(successes, trials), _share(other_successes, other_trials)
    lower, upper = difference_interval(
        ours, *wilson(successes, trials, level), theirs, *wilson(other_successes, other_trials, level)
    )
    return ours - theirs, lower, upper


def _share(successes: ArrayLike, trials: ArrayLike) -> Floats:
    count, n = np.asarray(successes, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    return np.divide(count, n, out=np.full(np.broadcast_shapes(count.shape, n.shape), np.nan), where=n > 0)
