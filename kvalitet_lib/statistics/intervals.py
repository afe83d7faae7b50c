"""Confidence intervals of shares, means, medians and ratios, each with the method its field expects.

Groups of persons are regarded as samples: the pupils of one year could have been others. The interval says how far
chance alone may carry a figure of that many persons (the superpopulation view).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

Floats = NDArray[np.float64]
Bounds = tuple[Floats, Floats]


def wilson(successes: ArrayLike, trials: ArrayLike, level: float = 0.95) -> Bounds:
    """Wilson score interval of a share.

    Parameters
    ----------
    successes, trials : array_like of float, shape (k,)
        Amounts per group, ``0 <= successes <= trials``. They need not be whole: posts are counted in parts.
    level : float
        Confidence level, in (0, 1).

    Returns
    -------
    lower, upper : ndarray, shape (k,)
        Shares in [0, 1]; NaN where ``trials`` is 0 or unknown.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
    J. Am. Stat. Assoc. 22(158), 209-212.
    """
    count, n = _floats(successes), _floats(trials)
    known = (n > 0) & np.isfinite(count)
    lower, upper = proportion_confint(np.where(known, count, 0.0), np.where(known, n, 1.0), alpha=1 - level, method="wilson")
    return np.where(known, np.clip(lower, 0, 1), np.nan), np.where(known, np.clip(upper, 0, 1), np.nan)


def student_t(means: ArrayLike, standard_deviations: ArrayLike, n: ArrayLike, level: float = 0.95) -> Bounds:
    """Student's t interval of a mean.

    Parameters
    ----------
    means, standard_deviations, n : array_like, shape (k,)
        Mean, standard deviation with divisor ``n - 1``, and number of persons, per group.
    level : float
        Confidence level, in (0, 1).

    Returns
    -------
    lower, upper : ndarray, shape (k,)
        In the unit of the mean. NaN where one person, or persons who are all alike, say nothing about the spread.

    References
    ----------
    Student (1908). The probable error of a mean. Biometrika 6(1), 1-25.
    """
    mean, deviation, persons = _floats(means), _floats(standard_deviations), _floats(n)
    known = (persons >= 2) & (deviation > 0)
    freedom = np.where(known, persons - 1, 1.0)
    half = stats.t.ppf((1 + level) / 2, freedom) * deviation / np.sqrt(freedom + 1)
    return np.where(known, mean - half, np.nan), np.where(known, mean + half, np.nan)


def garwood(counts: ArrayLike, exposures: ArrayLike, level: float = 0.95) -> Bounds:
    """Exact Poisson interval of a ratio such as pupils per post.

    The count above the line is regarded as Poisson, the amount below it as known.

    Parameters
    ----------
    counts, exposures : array_like of float, shape (k,)
        What is counted (pupils) and what it is divided by (posts), per group.
    level : float
        Confidence level, in (0, 1). The interval holds the truth at least that often.

    Returns
    -------
    lower, upper : ndarray, shape (k,)
        In counts per exposure; NaN where the exposure is 0 or unknown.

    References
    ----------
    Garwood, F. (1936). Fiducial limits for the Poisson distribution. Biometrika 28(3/4), 437-442.
    """
    count, exposure = _floats(counts), _floats(exposures)
    known = (exposure > 0) & (count >= 0)
    seen, per = np.where(known, count, 0.0), np.where(known, exposure, np.nan)
    tail = (1 - level) / 2
    # A gamma of shape 0 has no quantile; the lower limit of nothing counted is 0.
    lower = np.where(seen > 0, stats.gamma.ppf(tail, np.where(seen > 0, seen, 1.0)), 0.0)
    return lower / per, stats.gamma.ppf(1 - tail, seen + 1) / per


def median_interval(values: ArrayLike, group: ArrayLike, groups: int, level: float = 0.95) -> Bounds:
    """Order-statistic interval of each group's median, without assuming any distribution.

    Parameters
    ----------
    values : array_like of float, shape (m,)
        One value per person.
    group : array_like of int, shape (m,)
        Which group the person belongs to, ``0 <= group < groups``.
    groups : int
        How many groups there are, k.
    level : float
        Confidence level, in (0, 1). The interval holds the truth at least that often.

    Returns
    -------
    lower, upper : ndarray, shape (k,)
        Two of the group's own values; NaN where it is too small for the level (fewer than 6 persons at 95 %).

    References
    ----------
    Thompson, W. R. (1936). On confidence ranges for the median. Ann. Math. Stat. 7(3), 122-128.
    """
    value, member = _floats(values), np.asarray(group, dtype=np.int64)
    ordered = value[np.lexsort((value, member))]
    size = np.bincount(member, minlength=groups)
    first = np.cumsum(size) - size
    # The k-th smallest and k-th largest miss the median with probability 2 P(Bin(n, 1/2) < k), at most 1 - level.
    place = stats.binom.ppf((1 - level) / 2, size, 0.5)
    known = (size > 0) & (place >= 1)
    low = np.where(known, first + place - 1, 0).astype(np.int64)
    high = np.where(known, first + size - place, 0).astype(np.int64)
    if not len(ordered):
        return np.full(groups, np.nan), np.full(groups, np.nan)
    return np.where(known, ordered[low], np.nan), np.where(known, ordered[high], np.nan)


def share_of_amounts(parts: ArrayLike, wholes: ArrayLike, group: ArrayLike, groups: int, level: float = 0.95) -> Bounds:
    """Interval of a share of amounts that persons have unequal parts in, e.g. of all pupils' hours.

    Hours are not independent, pupils are: the ratio's variance between persons is turned into the number of
    independent trials that would be as uncertain, and those into a Wilson interval.

    Parameters
    ----------
    parts, wholes : array_like of float, shape (m,)
        Per person, ``0 <= parts <= wholes`` (hours absent, hours possible).
    group : array_like of int, shape (m,)
        Which group the person belongs to, ``0 <= group < groups``.
    groups : int
        How many groups there are, k.
    level : float
        Confidence level, in (0, 1).

    Returns
    -------
    lower, upper : ndarray, shape (k,)
        Shares in [0, 1]; NaN where a group has fewer than two persons.

    References
    ----------
    Korn, E. L. & Graubard, B. I. (1998). Confidence intervals for proportions with small expected number of
    positive counts estimated from survey data. Survey Methodology 24(2), 193-201 (the number of trials; they use it
    in the Clopper-Pearson interval).
    """
    part, whole, member = _floats(parts), _floats(wholes), np.asarray(group, dtype=np.int64)
    persons = np.bincount(member, minlength=groups).astype(np.float64)
    total = np.bincount(member, whole, minlength=groups)
    share = np.divide(np.bincount(member, part, minlength=groups), total, out=np.full(groups, np.nan), where=total > 0)
    residual = part - share[member] * whole
    freedom = np.where(persons > 1, persons - 1, np.nan)
    spread = np.bincount(member, residual**2, minlength=groups)
    variance = persons / freedom * np.divide(spread, total**2, out=np.full(groups, np.nan), where=total > 0)
    small_sample = (stats.norm.ppf((1 + level) / 2) / stats.t.ppf((1 + level) / 2, freedom)) ** 2
    # Persons who are all alike say nothing about the spread: then each counts as one trial.
    trials = np.where(variance > 0, share * (1 - share) / np.where(variance > 0, variance, 1.0) * small_sample, persons)
    trials = np.where(np.isfinite(variance), trials, np.nan)
    return wilson(share * trials, trials, level)


def _floats(values: ArrayLike) -> Floats:
    return np.asarray(values, dtype=np.float64)
