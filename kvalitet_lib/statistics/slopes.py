"""How an outcome rises with a factor within each school, and how much schools differ in that."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, stats

from kvalitet_lib.statistics.intervals import Floats

FEWEST_PUPILS = 3  # two pupils lie on a line whatever it is


@dataclass(frozen=True)
class Slopes:
    """Least squares within each school.

    Attributes
    ----------
    slope, variance : ndarray, shape (schools,)
        NaN where fewer than three pupils, or a factor that does not vary, say nothing.
    pupils : ndarray of int, shape (schools,)
    residual_variance : float
        Of pupils around their school's line, regarded as the same in all schools.
    """

    slope: Floats
    variance: Floats
    pupils: np.ndarray
    residual_variance: float

    @classmethod
    def fit(cls, outcome: ArrayLike, factor: ArrayLike, school: ArrayLike, schools: int) -> Slopes:
        """One line per school.

        Parameters
        ----------
        outcome, factor : array_like, shape (m,)
        school : array_like of int, shape (m,)
            ``0 <= school < schools``.
        schools : int
        """
        y, x, at = np.asarray(outcome, np.float64), np.asarray(factor, np.float64), np.asarray(school, np.int64)
        pupils = np.bincount(at, minlength=schools)
        y, x = (one - (np.bincount(at, one, schools) / np.maximum(pupils, 1))[at] for one in (y, x))
        squares, products = np.bincount(at, x * x, schools), np.bincount(at, x * y, schools)
        known = (pupils >= FEWEST_PUPILS) & (squares > 1e-12 * np.maximum(pupils, 1) * max(float((x * x).sum()), 1e-300) / len(y))
        slope = np.divide(products, squares, out=np.full(schools, np.nan), where=known)
        rest = np.bincount(at, (y - np.where(known, slope, 0.0)[at] * x) ** 2, schools)
        freedom = float((pupils - 2)[known].sum())
        spread = float(rest[known].sum() / freedom) if freedom > 0 else float("nan")
        return cls(slope, np.where(known, spread / np.where(known, squares, 1.0), np.nan), pupils, spread)


@dataclass(frozen=True)
class Heterogeneity:
    """Estimates that differ by chance and, perhaps, in truth: a normal-normal model.

    Attributes
    ----------
    mean, standard_error : float
        Mean of the true values; standard error by Hartung and Knapp, with ``k - 1`` degrees of freedom.
    variance : float
        Between the true values (Paule and Mandel); never below 0.
    variance_lower, variance_upper : float
        Interval of it that inverts Cochran's Q (Q profile).
    q, p : float
        Cochran's Q, and how often chance alone gives one as large.
    shrunken, shrunken_error : ndarray, shape (k,)
        Each estimate drawn towards the mean as far as chance explains it, and its standard error with the variance
        between regarded as known.

    References
    ----------
    Paule, R. C. & Mandel, J. (1982). Consensus values and weighting factors. J. Res. Natl. Bur. Stand. 87(5), 377-385.
    Viechtbauer, W. (2007). Confidence intervals for the amount of heterogeneity in meta-analysis. Stat. Med. 26(1), 37-52.
    Hartung, J. & Knapp, G. (2001). On tests of the overall treatment effect in meta-analysis with normally distributed
    responses. Stat. Med. 20(12), 1771-1782.
    """

    mean: float
    standard_error: float
    variance: float
    variance_lower: float
    variance_upper: float
    q: float
    p: float
    shrunken: Floats
    shrunken_error: Floats

    @classmethod
    def of(cls, estimates: ArrayLike, variances: ArrayLike, level: float = 0.95) -> Heterogeneity:
        """Fit the model.

        Parameters
        ----------
        estimates, variances : array_like, shape (k,)
            At least two estimates, and the variance of each (above 0).
        level : float
            Confidence level of the interval of the variance between.
        """
        value, chance = np.asarray(estimates, dtype=np.float64), np.asarray(variances, dtype=np.float64)
        freedom = len(value) - 1

        def q_at(between: float) -> float:
            weight = 1 / (chance + between)
            return float((weight * (value - (weight * value).sum() / weight.sum()) ** 2).sum())

        def where_q_is(target: float) -> float:
            if q_at(0.0) <= target:
                return 0.0
            above = float(value.var(ddof=1) + chance.max())
            while q_at(above) > target:
                above *= 4
            return float(optimize.brentq(lambda between: q_at(between) - target, 0.0, above, xtol=1e-14 * above))

        between = where_q_is(freedom)
        weight = 1 / (chance + between)
        mean = float((weight * value).sum() / weight.sum())
        error = float(np.sqrt((weight * (value - mean) ** 2).sum() / freedom / weight.sum()))
        own = between / (chance + between)
        tail = (1 - level) / 2
        return cls(
            mean,
            error,
            between,
            where_q_is(float(stats.chi2.ppf(1 - tail, freedom))),
            where_q_is(float(stats.chi2.ppf(tail, freedom))),
            q_at(0.0),
            float(stats.chi2.sf(q_at(0.0), freedom)),
            mean + own * (value - mean),
            np.sqrt(own * chance + ((1 - own) * error) ** 2),
        )
