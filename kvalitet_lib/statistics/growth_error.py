"""What groups' growth would be if earlier scores were measured without error (SIMEX)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.growth_norms import GrowthNorms
from kvalitet_lib.statistics.intervals import Floats

MORE_ERROR = (0.5, 1.0, 1.5, 2.0)  # times the error there is already
DRAWS = 4


def corrected_means(
    score: ArrayLike, priors: ArrayLike, group: ArrayLike, groups: int, reliability: float, *, fewest: int = 1, seed: int = 0
) -> Floats:
    """Groups' mean growth percentiles, carried back to no error in the earlier scores.

    An error in the earlier score makes those who come with low scores seem weaker than they are, and groups with a weak
    intake seem to grow too little. More and more error is added by drawing, growth percentiles are made anew each time, and
    the curve the means follow is carried back to none (a parabola: at a reliability of 0.9 it reaches all the way, at 0.8
    about two thirds).

    Parameters
    ----------
    score : array_like of float, shape (n,)
        NaN where missing.
    priors : array_like of float, shape (n, k)
        Earlier scores, the latest first; NaN where missing.
    group : array_like of int, shape (n,)
        Which group each belongs to, ``0 <= group < groups``; below 0 for none.
    groups : int
        How many groups there are.
    reliability : float
        Share of the earlier scores' variance that is not error, in (0, 1].
    fewest : int
        Pupils a norm needs.
    seed : int
        The same seed makes the same draws.

    Returns
    -------
    ndarray, shape (groups,)
        NaN where a group has nobody with a percentile.

    Raises
    ------
    ContractError
        ``reliability`` is no such share.

    References
    ----------
    Cook, J. R. & Stefanski, L. A. (1994). Simulation-extrapolation estimation in parametric measurement error models.
    J. Am. Stat. Assoc. 89(428), 1314-1328.
    Shang, Y., VanIwaarden, A. & Betebenner, D. W. (2015). Covariate measurement error correction for student growth
    percentiles using the SIMEX method. Educ. Meas. Issues Pract. 34(1), 4-14.
    """
    if not 0 < reliability <= 1:
        raise ContractError(f"A reliability lies above 0 and is at most 1, such as 0.85; it was given as {reliability}.")
    own, earlier, member = np.asarray(score, dtype=np.float64), np.asarray(priors, dtype=np.float64), np.asarray(group)
    error = np.sqrt(1 - reliability) * np.nanstd(earlier, axis=0)
    rng = np.random.default_rng(seed)
    levels = [0.0, *MORE_ERROR]
    means = [_means(own, earlier, member, groups, fewest)]
    for level in MORE_ERROR:
        drawn = []
        for _ in range(DRAWS):
            noise = rng.normal(size=earlier.shape) * error * np.sqrt(level)
            drawn.append(_means(own, earlier + noise, member, groups, fewest))
        means.append(np.mean(drawn, axis=0))
    curve = np.vander(levels, 3)
    parabola = np.linalg.lstsq(curve, np.array(means), rcond=None)[0]
    return np.vander([-1.0], 3)[0] @ parabola


def _means(score: Floats, priors: Floats, member: np.ndarray, groups: int, fewest: int) -> Floats:
    percentile = GrowthNorms.of(score, priors, fewest=fewest).percentiles(score, priors)
    known = np.isfinite(percentile) & (member >= 0)
    n = np.bincount(member[known], minlength=groups)
    return np.bincount(member[known], percentile[known], minlength=groups) / np.where(n > 0, n, np.nan)
