"""Estimates from several schools put together when the schools themselves differ (random effects)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, stats

from kvalitet_lib.statistics.intervals import Floats


@dataclass(frozen=True)
class Pooled:
    """The mean of what schools' estimates are about, and how much it truly differs between them.

    Attributes
    ----------
    mean, standard_error, freedom : float
        Mean of the schools, its standard error after Knapp and Hartung, and the degrees of freedom of its t.
    between : float
        Variance between schools beyond chance (restricted maximum likelihood), never below 0.
    weights : ndarray, shape (k,)
        Share of each school in the mean; they add up to 1.
    kept : ndarray, shape (k,)
        Share of a school's own deviation from the mean that is not expected to be chance, 0-1.
    shrunken : ndarray, shape (k,)
        ``mean + kept * (estimate - mean)``.
    heterogeneity, heterogeneity_p : float
        Cochran's Q and its p: whether schools differ more than chance would have them do.
    """

    mean: float
    standard_error: float
    freedom: float
    between: float
    weights: Floats
    kept: Floats
    shrunken: Floats
    heterogeneity: float
    heterogeneity_p: float

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Confidence interval of the mean (Knapp-Hartung)."""
        reach = float(stats.t.ppf((1 + level) / 2, self.freedom)) * self.standard_error
        return self.mean - reach, self.mean + reach

    @property
    def p(self) -> float:
        """Two-sided p of a mean of 0."""
        return float(2 * stats.t.sf(abs(self.mean) / self.standard_error, self.freedom)) if self.standard_error > 0 else np.nan


def pool(estimates: ArrayLike, variances: ArrayLike) -> Pooled:
    """Random-effects mean of independent estimates.

    Parameters
    ----------
    estimates, variances : array_like of float, shape (k,)
        Per school an estimate and the variance chance gives it (above 0, regarded as known). At least two schools.

    Raises
    ------
    ValueError
        Fewer than two estimates, or a variance that is not above 0.

    References
    ----------
    Knapp, G. & Hartung, J. (2003). Improved tests for a random effects meta-regression with a single covariate.
    Stat. Med. 22(17), 2693-2710.
    Viechtbauer, W. (2005). Bias and efficiency of meta-analytic variance estimators in the random-effects model.
    J. Educ. Behav. Stat. 30(3), 261-293.
    """
    value, chance = np.asarray(estimates, dtype=np.float64), np.asarray(variances, dtype=np.float64)
    if len(value) < 2 or not (np.isfinite(value).all() and np.isfinite(chance).all() and (chance > 0).all()):
        raise ValueError("pool needs at least two estimates, each with a variance above 0")
    between = _between(value, chance)
    weight = 1 / (chance + between)
    share = weight / weight.sum()
    mean = float(share @ value)
    freedom = len(value) - 1
    spread = float((weight * (value - mean) ** 2).sum()) / freedom
    kept = between / (chance + between)
    heterogeneity = _q(0.0, value, chance)
    return Pooled(
        mean, float(np.sqrt(spread / weight.sum())), float(freedom), between, share, kept, mean + kept * (value - mean),
        heterogeneity, float(stats.chi2.sf(heterogeneity, freedom)),
    )  # fmt: skip


def between_interval(estimates: ArrayLike, variances: ArrayLike, level: float = 0.95) -> tuple[float, float]:
    """Confidence interval of the variance between schools (Q profile).

    Parameters
    ----------
    estimates, variances : array_like of float, shape (k,)
        As for ``pool``.
    level : float
        Confidence level, in (0, 1).

    Returns
    -------
    lower, upper : float
        Variances, never below 0.

    References
    ----------
    Viechtbauer, W. (2007). Confidence intervals for the amount of heterogeneity in meta-analysis.
    Stat. Med. 26(1), 37-52.
    """
    value, chance = np.asarray(estimates, dtype=np.float64), np.asarray(variances, dtype=np.float64)
    high, low = stats.chi2.ppf([(1 + level) / 2, (1 - level) / 2], len(value) - 1)
    return _where_q_is(high, value, chance), _where_q_is(low, value, chance)


def _q(between: float, value: Floats, chance: Floats) -> float:
    """Generalised Q: falls as ``between`` rises."""
    weight = 1 / (chance + between)
    return float((weight * (value - (weight @ value) / weight.sum()) ** 2).sum())


def _where_q_is(wanted: float, value: Floats, chance: Floats) -> float:
    if _q(0.0, value, chance) <= wanted:
        return 0.0
    upper = max(float(value.var()), float(chance.max())) * 4
    while _q(upper, value, chance) > wanted:
        upper *= 4
    return float(optimize.brentq(lambda between: _q(between, value, chance) - wanted, 0.0, upper, xtol=1e-12 * upper))


def _between(value: Floats, chance: Floats) -> float:
    """The variance at which the restricted likelihood is highest."""
    scale = float(value.var(ddof=1)) + float(chance.mean())

    def badness(root: float) -> float:
        weight = 1 / (chance + scale * root**2)
        mean = (weight @ value) / weight.sum()
        return float((weight * (value - mean) ** 2).sum() - np.log(weight).sum() + np.log(weight.sum()))

    # Searched on the scale of standard deviations: the likelihood is flat near 0 on that of variances.
    steps = np.linspace(0.0, 2.0, 41)
    best = int(np.argmin([badness(step) for step in steps]))
    bounds = (steps[max(best - 1, 0)], steps[min(best + 1, 40)])
    found = optimize.minimize_scalar(badness, bounds=bounds, method="bounded", options={"xatol": 1e-10})
    return float(scale * found.x**2) if found.fun < badness(0.0) - 1e-9 else 0.0
