"""How sure the effects of groups are, each beside the mean of all, with what is unknown about the variances reckoned in."""

from __future__ import annotations

import numpy as np

from kvalitet_lib.statistics.intervals import Floats
from kvalitet_lib.statistics.random_intercept import RandomIntercept, deviance

POINTS = 41  # at which the posterior of the variance ratio is taken
REACH = 12.0  # of deviance above its lowest; beyond it the posterior weighs less than exp(-6) of its height
HIGHEST = 30.0  # ratio of standard deviations beyond which nobody looks


def effect_errors(fit: RandomIntercept) -> Floats:
    """Standard error of each predicted effect, as the distance from the mean effect of the same groups.

    ``conditional_sd`` takes variances and coefficients as known; it is 0 for all groups when the variance between
    groups is estimated as 0, which is not knowledge. Here the coefficients are estimated, and the ratio of the standard
    deviations (between groups over within) is averaged over its posterior under a uniform prior: the mean of the error
    variances plus the mean squared distance of the predictions. It is never below ``conditional_sd``.

    Parameters
    ----------
    fit : RandomIntercept

    Returns
    -------
    ndarray, shape (J,)
        Above 0.

    References
    ----------
    Kass, R. E. & Steffey, D. (1989). Approximate Bayesian inference in conditionally independent hierarchical models.
    J. Am. Stat. Assoc. 84(407), 717-726.
    Gelman, A. (2006). Prior distributions for variance parameters in hierarchical models. Bayesian Anal. 1(3), 515-534.
    Henderson, C. R. (1975). Best linear unbiased estimation and prediction under a selection model.
    Biometrics 31(2), 423-447 (the error variance when coefficients are estimated).
    """
    ratios, weights = _posterior(fit)
    errors, effects = (np.stack(part) for part in zip(*(_given(fit, ratio) for ratio in ratios), strict=True))
    variance = weights @ errors + weights @ (effects - fit.effects) ** 2
    return np.maximum(np.sqrt(variance), fit.conditional_sd)


def _posterior(fit: RandomIntercept) -> tuple[Floats, Floats]:
    """Variance ratios at even steps of the ratio of standard deviations, and the weight of each."""
    best = np.sqrt(fit.ratio)
    smallest_step = 0.1 / np.sqrt(fit.sums.persons)
    away = smallest_step * 2.0 ** np.arange(30)
    heights = deviance(fit.sums, np.array([best**2]), True)

    def reached(side: Floats) -> float:
        far = deviance(fit.sums, side**2, True) - heights > REACH
        return float(side[far.argmax()] if far.any() else side[-1])

    upper = reached(np.minimum(best + away, HIGHEST))
    lower = reached(np.maximum(best - away, 0.0))
    ratios = np.linspace(lower, upper, POINTS) ** 2
    height = deviance(fit.sums, ratios, True)
    weights = np.exp(-(height - height.min()) / 2)
    return ratios, weights / weights.sum()


def _given(fit: RandomIntercept, ratio: float) -> tuple[Floats, Floats]:
    """Error variance and prediction of each group's effect at a variance ratio."""
    sums = fit.sums
    weight = sums.n / (1 + ratio * sums.n)
    xx, xy, yy = sums.weighted(weight)
    xx, xy = xx + sums.within_xx, xy + sums.within_xy
    inverse = np.linalg.inv(xx)
    coefficients = inverse @ xy
    within = float(yy + sums.within_yy - xy @ coefficients) / (sums.persons - sums.columns)
    shrink = ratio * weight
    own = ratio / (1 + ratio * sums.n)
    turned = shrink[:, None] * sums.x
    turned = turned - turned.mean(axis=0)
    # Of each distance from the mean of all distances: a group is itself a part of that mean.
    spread = own * (1 - 2 / sums.groups) + own.sum() / sums.groups**2 + np.einsum("ji,ik,jk->j", turned, inverse, turned)
    return within * spread, shrink * (sums.y - sums.x @ coefficients)
