"""A parametric bootstrap of the model with one random intercept, drawn from what its likelihood needs to know."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kvalitet_lib.statistics.intervals import Floats
from kvalitet_lib.statistics.random_intercept import RandomIntercept, best_ratio, generalised_least_squares


@dataclass(frozen=True, repr=False)
class Replicates:
    """What R made-up sets of outcomes gave; those that did not converge are left out.

    Attributes
    ----------
    between_variance, within_variance, alike : ndarray, shape (R,)
        ``alike`` is the intraclass correlation.
    coefficients : ndarray, shape (R, k)
    """

    between_variance: Floats
    within_variance: Floats
    alike: Floats
    coefficients: Floats


def bootstrap(fit: RandomIntercept, replicates: int = 500, seed: int = 1) -> Replicates:
    """Draw outcomes from a fitted model and fit it to each.

    No person is drawn: the means of the groups and the cross products about them are, each from its own exact
    distribution, which gives the same replicates as drawing persons would.

    Parameters
    ----------
    fit : RandomIntercept
    replicates : int
        R.
    seed : int
        The same seed gives the same replicates.
    """
    rng, sums = np.random.default_rng(seed), fit.sums
    k, sd = sums.columns, np.sqrt(fit.within_variance)
    size, turn = np.linalg.eigh(sums.within_xx) if k else (np.zeros(0), np.zeros((0, 0)))
    varies = size > 1e-10 * sums.persons
    root = turn * np.sqrt(np.where(varies, size, 0.0))
    coefficients = sums.kept(fit.coefficients)

    scatter = np.sqrt(fit.between_variance + fit.within_variance / sums.n)
    y = sums.x @ coefficients + rng.normal(size=(replicates, sums.groups)) * scatter
    noise = rng.normal(size=(replicates, k)) * sd
    chance = noise @ root.T
    centre = coefficients @ sums.within_xx
    within_yy = (
        centre @ coefficients
        + 2 * chance @ coefficients
        + (noise[:, varies] ** 2).sum(axis=1)
        + fit.within_variance * rng.chisquare(sums.residual_freedom, replicates)
    )
    drawn = sums.with_outcomes(y, centre + chance, within_yy)
    ratio, converged = best_ratio(drawn, fit.reml)
    found, residual = generalised_least_squares(drawn, ratio)
    within = residual / (sums.persons - k * fit.reml)
    return Replicates(
        between_variance=(ratio * within)[converged],
        within_variance=within[converged],
        alike=(ratio / (1 + ratio))[converged],
        coefficients=sums.given(found)[converged],
    )
