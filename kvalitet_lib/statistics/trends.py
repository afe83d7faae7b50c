"""Whether one series rises or falls: tests by rank, by share and by straight line."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from kvalitet_lib.statistics.intervals import Floats

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
    n = len(value)
    smallest = min(1.0, 2 / math.factorial(min(n, 150)))
    if n < 2 or np.ptp(value) == 0 or np.ptp(time) == 0:
        return RankTrend(math.nan, math.nan, smallest)
    if len(np.unique(value)) < n or len(np.unique(time)) < n or n >= MOST_EXACT:
        found = stats.kendalltau(time, value, method="asymptotic")
        return RankTrend(float(found.statistic), float(found.pvalue), smallest)
    later = value[np.argsort(time)]
    rising = int((np.triu(later[None, :] - later[:, None], 1) > 0).sum())
    at_most = _chances_of_pairs(n)
    pairs = n * (n - 1) // 2
    tail = min(at_most[rising], 1 - (at_most[rising - 1] if rising else 0.0))
    return RankTrend(2 * rising / pairs - 1, min(1.0, 2 * float(tail)), smallest)


@cache
def _chances_of_pairs(n: int) -> Floats:
    """Chance that at most 0, 1, 2, … pairs of n points in random order rise: each further point rises above 0 to i others."""
    chance = np.ones(1)
    for others in range(1, n):
        chance = np.convolve(chance, np.full(others + 1, 1 / (others + 1)))
    return np.asarray(chance.cumsum())


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
