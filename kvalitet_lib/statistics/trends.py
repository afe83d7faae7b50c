"""Whether one series rises or falls: tests by rank, by share and by straight line."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

MOST_EXACT = 50  # from this length on, R's cor.test, too, uses the normal distribution


@dataclass(frozen=True)
class RankTrend:
    """Kendall's tau of a series against time.

    Attributes
    ----------
    tau : float
        Tau-b, -1 to 1; NaN for a series that never changes.
    p : float
        Two-sided; exact without ties and below 50 points, else from the normal distribution.
    smallest_p : float
        The smallest p that so short a series could have given, however even its rise: 2 / n!.
    """

    tau: float
    p: float
    smallest_p: float


def kendall(values: ArrayLike, times: ArrayLike) -> RankTrend:
    """Mann-Kendall test of a trend.

    Parameters
    ----------
    values, times : array_like of float, shape (n,)

    References
    ----------
    Kendall, M. G. (1938). A new measure of rank correlation. Biometrika 30(1/2), 81-93.
    Mann, H. B. (1945). Nonparametric tests against trend. Econometrica 13(3), 245-259.
    """
    value, time = np.asarray(values, dtype=np.float64), np.asarray(times, dtype=np.float64)
    smallest = min(1.0, 2 / math.factorial(min(len(value), 150)))
    if len(value) < 2 or np.ptp(value) == 0 or np.ptp(time) == 0:
        return RankTrend(math.nan, math.nan, smallest)
    ties = len(np.unique(value)) < len(value) or len(np.unique(time)) < len(time)
    method = "asymptotic" if ties or len(value) >= MOST_EXACT else "exact"
    found = stats.kendalltau(time, value, method=method)
    return RankTrend(float(found.statistic), float(found.pvalue), smallest)


@dataclass(frozen=True)
class ShareTrend:
    """A trend in shares, tested against shares that are all one.

    Attributes
    ----------
    slope : float
        Change of the share per unit of the scores, each share weighted by its trials.
    statistic, p : float
        Cochran-Armitage's chi-square with one degree of freedom, and its p.
    dispersion : float
        Scatter of the shares around their line as a multiple of what chance would give; NaN with two shares.
    dispersed_p : float
        p when a dispersion above 1 is taken in (F with 1 and m - 2 degrees of freedom); NaN with two shares.
    """

    slope: float
    statistic: float
    p: float
    dispersion: float
    dispersed_p: float


def cochran_armitage(successes: ArrayLike, trials: ArrayLike, scores: ArrayLike | None = None) -> ShareTrend:
    """Chi-square test of a linear trend in shares.

    Parameters
    ----------
    successes, trials : array_like of float, shape (m,)
        Counts per point in time; ``trials > 0``.
    scores : array_like of float, shape (m,), optional
        When; 1, 2, … unless given.

    Returns
    -------
    ShareTrend
        NaN throughout when all, or none, succeed.

    References
    ----------
    Armitage, P. (1955). Tests for linear trends in proportions and frequencies. Biometrics 11(3), 375-386.
    Cochran, W. G. (1954). Some methods for strengthening the common chi-square tests. Biometrics 10(4), 417-451.
    """
    count, n = np.asarray(successes, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    score = np.arange(1.0, len(n) + 1) if scores is None else np.asarray(scores, dtype=np.float64)
    common = count.sum() / n.sum()
    chance = common * (1 - common)
    away = score - (n @ score) / n.sum()
    room = float(n @ away**2)
    if chance <= 0 or room <= 0:
        return ShareTrend(*[math.nan] * 5)
    share = count / n
    slope = float(n @ (away * share)) / room
    statistic = slope**2 * room / chance
    left = float(n @ (share - common - slope * away) ** 2) / chance
    freedom = len(n) - 2
    dispersion = left / freedom if freedom > 0 else math.nan
    dispersed = float(stats.f.sf(statistic / max(1.0, dispersion), 1, freedom)) if freedom > 0 else math.nan
    return ShareTrend(slope, statistic, float(stats.chi2.sf(statistic, 1)), dispersion, dispersed)
