"""One random intercept per group, exactly, from per-group sums: the likelihood is searched in one dimension."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize.elementwise import find_root

from kvalitet_lib.statistics.group_sums import GroupSums
from kvalitet_lib.statistics.intervals import Floats

# The search runs over the reliability of a group of average size, r n / (1 + r n) for a variance ratio r: it lies in [0, 1).
RELIABILITIES = np.array([0, 1e-4, 0.003, 0.03, 0.1, 0.25, 0.45, 0.65, 0.8, 0.9, 0.96, 0.99, 0.999, 1 - 1e-5, 1 - 1e-7])
STEP = 1e-5  # of the logarithm, for the one derivative that is taken numerically


@dataclass(frozen=True, repr=False)
class RandomIntercept:
    """A fitted model: outcome = columns times coefficients + one effect per group + what is left.

    Attributes
    ----------
    sums : GroupSums
    reml : bool
        Restricted maximum likelihood, else maximum likelihood.
    ratio : float
        Variance between groups over variance within; 0 when groups differ no more than chance would have them do.
    between_variance, within_variance : float
    coefficients, standard_errors : ndarray, shape (k,)
        Generalised least squares given the variances.
    covariance : ndarray, shape (k, k)
        Of the coefficients.
    log_likelihood : float
        Restricted where ``reml``.
    effects, conditional_sd : ndarray, shape (J,)
        Best linear unbiased predictors of the groups' effects, which are 0 on average, and their standard deviations
        given the outcomes when variances and coefficients are taken as known.
    converged : bool
        False when the likelihood rises for ever, as it does when nothing is left within groups.
    """

    sums: GroupSums
    reml: bool
    ratio: float
    between_variance: float
    within_variance: float
    coefficients: Floats
    standard_errors: Floats
    covariance: Floats
    log_likelihood: float
    effects: Floats
    conditional_sd: Floats
    converged: bool

    @property
    def alike(self) -> float:
        """Intraclass correlation: the share of the variance that lies between groups, 0-1."""
        return self.ratio / (1 + self.ratio)

    @property
    def residual_means(self) -> Floats:
        """Each group's mean of what the coefficients do not explain, not shrunken, shape (J,)."""
        return self.sums.y - self.sums.x @ self.sums.kept(self.coefficients)

    @cached_property
    def freedom(self) -> Floats:
        """Satterthwaite's degrees of freedom of the coefficients, shape (k,).

        References
        ----------
        Satterthwaite, F. E. (1946). An approximate distribution of estimates of variance components.
        Biometrics Bull. 2(6), 110-114.
        """
        left = self.sums.persons - self.sums.columns
        if self.ratio <= 0:
            return np.full(self.sums.columns, float(left))
        at, nearby = self.ratio * np.exp(STEP * np.array([0.0, 1.0])), self.ratio * np.exp(-STEP)
        here, above, below = (_solve(self.sums, np.array([one])) for one in (at[0], at[1], nearby))
        run = at[1] - nearby
        curve = (_score(self.sums, above, at[1:], self.reml) - _score(self.sums, below, np.array([nearby]), self.reml))[0] / run
        used = self.sums.persons - self.sums.columns * self.reml
        slope = _residual_slope(self.sums, here, at[:1])[0] / self.within_variance
        # The score is of the profile over the residual variance; the information is of both parameters.
        information = np.array([[used, -slope], [-slope, curve + slope**2 / used]]) / 2
        sizes = [np.diag(self.sums.back @ np.linalg.inv(one.xx[0]) @ self.sums.back.T) for one in (above, below)]
        variance = self.standard_errors**2
        gradient = np.stack([variance, self.within_variance * (sizes[0] - sizes[1]) / run])
        spread = np.einsum("ik,ij,jk->k", gradient, np.linalg.pinv(information), gradient)
        with np.errstate(divide="ignore"):
            return np.clip(np.where(spread > 0, 2 * variance**2 / spread, left), 1.0, left)


@dataclass(frozen=True)
class _Solved:
    xx: Floats  # (R, k, k)
    coefficients: Floats  # (R, k), as the columns are kept
    residual: Floats  # (R,): the weighted residual sum of squares


def _solve(sums: GroupSums, ratio: Floats) -> _Solved:
    xx, xy, yy = sums.weighted(sums.n / (1 + ratio[..., None] * sums.n))
    xx, xy = xx + sums.within_xx, xy + sums.within_xy
    coefficients = np.asarray(np.linalg.solve(xx, xy[..., None])[..., 0] if sums.columns else xy, dtype=np.float64)
    return _Solved(xx, coefficients, yy + sums.within_yy - (xy * coefficients).sum(axis=-1))


def generalised_least_squares(sums: GroupSums, ratio: Floats) -> tuple[Floats, Floats]:
    """Coefficients of the columns as kept, shape (R, k), and residual sum of squares, shape (R,), at variance ratios (R,).

    The residual sum falls as the ratio grows.
    """
    solved = _solve(sums, ratio)
    return solved.coefficients, solved.residual


def _residual_slope(sums: GroupSums, solved: _Solved, ratio: Floats) -> Floats:
    weight = sums.n / (1 + ratio[..., None] * sums.n)
    left = sums.y - solved.coefficients @ sums.x.T
    return -((weight * left) ** 2).sum(axis=-1)


def deviance(sums: GroupSums, ratio: Floats, reml: bool) -> Floats:
    """-2 log likelihood at a variance ratio, coefficients and residual variance profiled out; shape (R,)."""
    return _deviance(sums, _solve(sums, ratio), ratio, reml)


def _deviance(sums: GroupSums, solved: _Solved, ratio: Floats, reml: bool) -> Floats:
    freedom = sums.persons - sums.columns * reml
    level = np.log1p(ratio[..., None] * sums.n).sum(axis=-1)
    if reml:
        level = level + np.linalg.slogdet(solved.xx)[1] - 2 * np.linalg.slogdet(sums.back)[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(freedom * (1 + np.log(2 * np.pi * solved.residual / freedom)) + level)


def _score(sums: GroupSums, solved: _Solved, ratio: Floats, reml: bool) -> Floats:
    """The derivative of the profile deviance with respect to the ratio."""
    weight = sums.n / (1 + ratio[..., None] * sums.n)
    rises = weight.sum(axis=-1)
    if reml and sums.columns:
        squared = (weight**2 @ sums.outer).reshape(solved.xx.shape)
        rises = rises - np.trace(np.linalg.solve(solved.xx, squared), axis1=-2, axis2=-1)
    freedom = sums.persons - sums.columns * reml
    return np.asarray(rises + freedom * _residual_slope(sums, solved, ratio) / solved.residual)


def best_ratio(sums: GroupSums, reml: bool = True) -> tuple[Floats, NDArray[np.bool_]]:
    """The variance ratio at which each outcome is most likely.

    Parameters
    ----------
    sums : GroupSums
        With one outcome, or R outcomes.

    Returns
    -------
    ratio, converged : ndarray, shape (R,)
    """
    many = sums if sums.y.ndim == 2 else sums.with_outcomes(sums.y[None], sums.within_xy[None], sums.within_yy[None])
    average = sums.persons / sums.groups
    ratios = RELIABILITIES / (1 - RELIABILITIES) / average
    seen = np.stack([deviance(many, np.array([one]), reml) for one in ratios])
    lowest = np.where(np.isfinite(seen), seen, np.inf).argmin(axis=0)
    below, above = np.maximum(lowest - 1, 0), np.minimum(lowest + 1, len(ratios) - 1)
    each = np.arange(len(lowest), dtype=np.float64)

    def score(reliability: Floats, which: Floats) -> Floats:
        chosen = which.astype(np.int64)
        one = many.with_outcomes(many.y[chosen], many.within_xy[chosen], many.within_yy[chosen])
        ratio = reliability / (1 - reliability) / average
        return _score(one, _solve(one, ratio), ratio, reml)

    falls = score(RELIABILITIES[below], each) < 0
    rises = score(RELIABILITIES[above], each) > 0
    none = (lowest <= 1) & ~falls & (below == 0)
    inside = falls & rises
    found = np.zeros(len(lowest))
    if inside.any():
        ends = RELIABILITIES[below[inside]], RELIABILITIES[above[inside]]
        root = find_root(score, ends, args=(each[inside],), tolerances={"xatol": 1e-15, "xrtol": 1e-13, "fatol": 0, "frtol": 0})
        found[inside] = root.x
    return found / (1 - found) / average, none | inside


def fit_random_intercept(sums: GroupSums, reml: bool = True) -> RandomIntercept:
    """Fit one outcome.

    Raises
    ------
    ValueError
        Nothing is left within groups or between them, or columns say the same thing: nothing can be estimated.

    References
    ----------
    Harville, D. A. (1977). Maximum likelihood approaches to variance component estimation and to related problems.
    J. Am. Stat. Assoc. 72(358), 320-338.
    Bates, D., Maechler, M., Bolker, B. & Walker, S. (2015). Fitting linear mixed-effects models using lme4.
    J. Stat. Softw. 67(1). The likelihood and its constants are those given there.
    """
    if sums.residual_freedom < 1 or sums.between_freedom < 1:
        raise ValueError("fit_random_intercept needs groups and persons beyond what the columns take.")
    ratios, converged = best_ratio(sums, reml)
    ratio = ratios[0]
    solved = _solve(sums, ratios)
    within = float(solved.residual[0]) / (sums.persons - sums.columns * reml)
    covariance = within * sums.back @ np.linalg.inv(solved.xx[0]) @ sums.back.T
    shrink = ratio * sums.n / (1 + ratio * sums.n)
    return RandomIntercept(
        sums=sums,
        reml=reml,
        ratio=float(ratio),
        between_variance=float(ratio * within),
        within_variance=within,
        coefficients=sums.given(solved.coefficients[0]),
        standard_errors=np.sqrt(np.diag(covariance)),
        covariance=covariance,
        log_likelihood=float(-_deviance(sums, solved, ratios, reml)[0] / 2),
        effects=shrink * (sums.y - sums.x @ solved.coefficients[0]),
        conditional_sd=np.sqrt(within * ratio / (1 + ratio * sums.n)),
        converged=bool(converged[0]) and within > 0,
    )
