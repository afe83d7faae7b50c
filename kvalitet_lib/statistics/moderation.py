"""Variances learnt from few observations, drawn towards what all groups have in common (empirical Bayes)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from kvalitet_lib.statistics.intervals import Floats

FEWEST_GROUPS = 5  # fewer say too little about how much variances differ: they are then taken to be equal; own rule


def moderate(variances: ArrayLike, freedom: ArrayLike) -> tuple[Floats, float]:
    """Variances drawn towards their common size, as far as chance explains that they differ.

    A group's own variance and the common one are weighted by degrees of freedom, so that estimate / standard error
    has a t distribution with the sum of both.

    Parameters
    ----------
    variances, freedom : array_like of float, shape (k,)
        Per group its variance and the degrees of freedom behind it; those without any get the common variance.

    Returns
    -------
    moderated : ndarray, shape (k,)
    prior_freedom : float
        How many degrees of freedom the common variance is worth; infinity where the groups differ no more than
        chance would have them do, or are fewer than five.

    References
    ----------
    Smyth, G. K. (2004). Linear models and empirical Bayes methods for assessing differential expression in microarray
    experiments. Stat. Appl. Genet. Mol. Biol. 3(1), article 3.
    """
    own, nu = np.asarray(variances, dtype=np.float64), np.asarray(freedom, dtype=np.float64)
    known = nu > 0
    common = float(nu[known] @ own[known] / nu[known].sum())
    usable = known & (own > 1e-10 * common)
    if usable.sum() < FEWEST_GROUPS:
        return np.full(own.shape, common), np.inf
    half = nu[usable] / 2
    logs = np.log(own[usable]) - special.digamma(half) + np.log(half)
    excess = float(logs.var(ddof=1) - special.polygamma(1, half).mean())
    if excess <= 0:
        return np.full(own.shape, common), np.inf
    prior = 2 * _trigamma_inverse(excess)
    centre = np.exp(logs.mean() + special.digamma(prior / 2) - np.log(prior / 2))
    return (prior * centre + nu * np.where(known, own, 0.0)) / (prior + nu), float(prior)


def _trigamma_inverse(value: float) -> float:
    """The x at which the trigamma function has a value (Newton's method on its reciprocal, convex and so sure to end)."""
    x = 0.5 + 1 / value
    for _ in range(50):
        trigamma = float(special.polygamma(1, x))
        step = trigamma * (1 - trigamma / value) / float(special.polygamma(2, x))
        x += step
        if abs(step) < 1e-10 * x:
            break
    return x
