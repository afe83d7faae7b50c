"""Estimates of small groups drawn towards the mean of all groups, as far as chance explains them (empirical Bayes)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from kvalitet_lib.statistics.intervals import Floats


def shrink_shares(successes: ArrayLike, trials: ArrayLike) -> Floats:
    """Shares drawn towards the common share, by a beta-binomial model fitted with moments.

    Parameters
    ----------
    successes, trials : array_like of float, shape (k,)
        Amounts per group, ``trials > 0``, at least two groups.

    Returns
    -------
    ndarray, shape (k,)
        Shares in [0, 1]. When the groups differ no more than chance, all are the common share.

    References
    ----------
    Kleinman, J. C. (1973). Proportions with extraneous variance: single and independent samples.
    J. Am. Stat. Assoc. 68(341), 46-54.
    """
    count, n = np.asarray(successes, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    common = count.sum() / n.sum()
    spread = (n * (count / n - common) ** 2).sum()
    chance = common * (1 - common)
    groups_less_one = len(n) - 1
    room = n.sum() - (n**2).sum() / n.sum() - groups_less_one
    if chance <= 0 or room <= 0:
        return np.full(n.shape, common)
    alike = float(np.clip((spread / chance - groups_less_one) / room, 0, 1))
    own = n * alike / (n * alike + 1 - alike)
    return common + own * (count / n - common)


def shrink_means(estimates: ArrayLike, variances: ArrayLike) -> Floats:
    """Means drawn towards the common mean, by a normal-normal model.

    The variance between groups is found with moments and never below 0. Morris' correction for having few groups is
    used, so with equal variances this is the estimator of Efron and Morris.

    Parameters
    ----------
    estimates, variances : array_like of float, shape (k,)
        Per group, its mean and the variance of that mean (above 0). At least four groups.

    Returns
    -------
    ndarray, shape (k,)
        In the unit of the estimates.

    References
    ----------
    DerSimonian, R. & Laird, N. (1986). Meta-analysis in clinical trials. Control. Clin. Trials 7(3), 177-188.
    Efron, B. & Morris, C. (1977). Stein's paradox in statistics. Sci. Am. 236(5), 119-127.
    Morris, C. N. (1983). Parametric empirical Bayes inference: theory and applications.
    J. Am. Stat. Assoc. 78(381), 47-55.
    """
    value, chance = np.asarray(estimates, dtype=np.float64), np.asarray(variances, dtype=np.float64)
    precision = 1 / chance
    groups_less_one = len(value) - 1
    centre = (precision * value).sum() / precision.sum()
    excess = (precision * (value - centre) ** 2).sum() - groups_less_one
    between = max(0.0, excess / (precision.sum() - (precision**2).sum() / precision.sum()))
    weight = 1 / (chance + between)
    mean = (weight * value).sum() / weight.sum()
    drawn = (groups_less_one - 2) / groups_less_one * chance / (chance + between)
    return mean + (1 - drawn) * (value - mean)


def pooled_variances(standard_deviations: ArrayLike, n: ArrayLike) -> Floats:
    """Variance of each group's mean when persons are regarded as equally spread in all groups.

    A group of three has too little to say about its own spread; all groups together do not.

    Parameters
    ----------
    standard_deviations, n : array_like of float, shape (k,)
        Standard deviation with divisor ``n - 1`` (NaN where unknown) and number of persons, per group.

    Returns
    -------
    ndarray, shape (k,)
        NaN everywhere when no group knows its spread.
    """
    deviation, persons = np.asarray(standard_deviations, dtype=np.float64), np.asarray(n, dtype=np.float64)
    freedom = np.where(np.isfinite(deviation), persons - 1, 0.0)
    if freedom.sum() <= 0:
        return np.full(persons.shape, np.nan)
    return (freedom * np.nan_to_num(deviation) ** 2).sum() / freedom.sum() / persons
