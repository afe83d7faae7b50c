"""How much lies between groups, exactly, whatever their sizes: a test and an interval from the F distribution."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import fdtrc

from kvalitet_lib.statistics.group_sums import GroupSums
from kvalitet_lib.statistics.intervals import Floats
from kvalitet_lib.statistics.random_intercept import generalised_least_squares

HIGHEST = 1 - 1e-9  # reliability of an average group beyond which a ratio is not looked for


def between_groups_p(sums: GroupSums) -> float:
    """P-value of groups that do not differ at all, given the columns: the F test of one level for each group.

    Parameters
    ----------
    sums : GroupSums
        With one outcome.
    """
    return _confidence_at_or_below(sums, 0.0)


def ratio_quantiles(sums: GroupSums, probabilities: ArrayLike) -> Floats:
    """Points of the confidence distribution of the variance ratio (between groups over within).

    The points at 0.025 and 0.975 are an exact 95 % interval when persons and groups scatter normally.

    Parameters
    ----------
    sums : GroupSums
        With one outcome.
    probabilities : array_like of float, shape (m,)
        In (0, 1).

    Returns
    -------
    ndarray, shape (m,)
        0 where no positive ratio reaches the probability: groups differ no more than chance would have them do.

    References
    ----------
    Harville, D. A. & Fenech, A. P. (1985). Confidence intervals for a variance ratio, or for heritability, in an
    unbalanced mixed linear model. Biometrics 41(1), 137-152 (after Wald, A. (1940), Ann. Math. Stat. 11(1), 96-100).
    """
    average = sums.persons / sums.groups
    at_nothing = between_groups_p(sums)

    def at(probability: float) -> float:
        if probability <= at_nothing:
            return 0.0
        root = float(brentq(lambda one: _confidence_at_or_below(sums, one / (1 - one) / average) - probability, 0.0, HIGHEST))
        return root / (1 - root) / average

    return np.array([at(float(one)) for one in np.atleast_1d(probabilities)])


def alike_interval(sums: GroupSums, level: float = 0.95) -> tuple[float, float]:
    """Exact interval of the intraclass correlation: the share of the variance that lies between groups, 0-1."""
    lower, upper = ratio_quantiles(sums, [(1 - level) / 2, (1 + level) / 2])
    return float(lower / (1 + lower)), float(upper / (1 + upper))


def _confidence_at_or_below(sums: GroupSums, ratio: float) -> float:
    """Confidence that the ratio is at most so large. The weighted residual sum at the true ratio, less what is left within
    groups, is chi-squared and independent of what is left within groups."""
    between, within = sums.between_freedom, sums.residual_freedom
    excess = max(float(generalised_least_squares(sums, np.array(ratio))[1] - sums.within_residual), 0.0)
    return float(fdtrc(between, within, excess / between / (float(sums.within_residual) / within)))
