"""How strong something unmeasured would have to be to change an answer: robustness values, bounds and E-values.

A confounder is described by two shares: ``r2_factor``, how much of what is left of the factor it goes with once the
measured covariates are held equal, and ``r2_outcome``, how much of what is left of the outcome once the factor is held
equal, too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats
from scipy.linalg import qr

from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.intervals import Bounds, Floats

LOG_RATIO_PER_DEVIATION = 0.91  # a standardised difference as a log risk ratio (VanderWeele & Ding 2017)
ROUNDING = 1e-9  # share of a column below which what is left of it is rounding
LOG_RATIO_MARGIN = 1.78  # standard errors of a standardised difference to a 95 % limit (the same)


def partial_r2(t: ArrayLike, freedom: ArrayLike) -> Floats:
    """Share of what is left of the outcome that one coefficient explains.

    Parameters
    ----------
    t, freedom : array_like of float, shape (k,)
        The coefficient over its ordinary standard error, and residual degrees of freedom (above 0).

    Returns
    -------
    ndarray, shape (k,)
        In [0, 1].
    """
    squared = np.square(_floats(t))
    return squared / (squared + _known_freedom(freedom))


def partial_f2(t: ArrayLike, freedom: ArrayLike) -> Floats:
    """Cohen's f² of one coefficient: its partial R² over what is left after it."""
    return np.square(_floats(t)) / _known_freedom(freedom)


def robustness_value(t: ArrayLike, freedom: ArrayLike, q: float = 1.0, alpha: float | None = None) -> Floats:
    """Smallest share of both factor and outcome that a confounder must explain to take away a part of the estimate.

    Parameters
    ----------
    t, freedom : array_like of float, shape (k,)
        The coefficient over its ordinary standard error, and residual degrees of freedom (above 1).
    q : float
        The part to take away; 1 brings the estimate to nought.
    alpha : float, optional
        When given: so much that what is left is no longer significant at this level.

    Returns
    -------
    ndarray, shape (k,)
        In [0, 1]; 0 where nothing more is needed.

    References
    ----------
    Cinelli, C. & Hazlett, C. (2020). Making sense of sensitivity: extending omitted variable bias.
    J. R. Stat. Soc. B 82(1), 39-67.
    """
    reached, critical = _reached(t, freedom, q), _critical(freedom, alpha)
    gap = np.maximum(reached - critical, 0.0)
    equal = (np.sqrt(gap**4 + 4 * gap**2) - gap**2) / 2
    # Where few are left, a confounder that explained as much of the outcome would rather narrow the interval: then the
    # worst one explains less of the outcome, and its part in the factor alone decides.
    alone = (reached**2 - critical**2) / (1 + reached**2)
    decided_by_factor = (gap > 0) & (reached * critical > 1)
    return np.where(decided_by_factor, alone, equal)


def extreme_robustness_value(t: ArrayLike, freedom: ArrayLike, q: float = 1.0, alpha: float | None = None) -> Floats:
    """What a confounder must explain of the factor if it explained all that is left of the outcome; else as above."""
    reached, critical = _reached(t, freedom, q), _critical(freedom, alpha)
    return np.maximum(reached**2 - critical**2, 0.0) / (1 + reached**2)


@dataclass(frozen=True)
class Adjusted:
    """What an estimate would be had the confounder been measured; arrays of one shape, in the estimate's unit."""

    estimate: Floats
    standard_error: Floats
    t: Floats
    lower: Floats
    upper: Floats


def adjusted(
    estimate: ArrayLike,
    standard_error: ArrayLike,
    freedom: ArrayLike,
    r2_factor: ArrayLike,
    r2_outcome: ArrayLike,
    level: float = 0.95,
) -> Adjusted:
    """The estimate with a confounder of the given strength taken into account, in the direction that weakens it.

    Parameters
    ----------
    estimate, standard_error, freedom : array_like of float, shape (k,)
        As fitted by least squares, with the ordinary standard error and residual degrees of freedom (above 1).
    r2_factor, r2_outcome : array_like of float, shape (k,)
        Strength of the confounder, in [0, 1). NaN gives NaN.
    level : float
        Confidence level of the interval.

    References
    ----------
    Cinelli & Hazlett (2020), as above, equations 7 and 8. The interval has the degrees of freedom of the fit, as that of the
    authors' program has; with the confounder they would be one fewer.
    """
    size, error, left, of_factor, of_outcome = np.broadcast_arrays(
        *(_floats(one) for one in (estimate, standard_error, _known_freedom(freedom), r2_factor, r2_outcome))
    )
    if (of_factor >= 1).any() or (of_factor < 0).any() or (of_outcome < 0).any() or (of_outcome > 1).any():
        raise ContractError("A confounder's shares lie in 0-1, and it cannot explain all of the factor. Give smaller shares.")
    bias = np.sqrt(of_outcome * of_factor / (1 - of_factor)) * error * np.sqrt(left)
    moved = np.sign(size) * (np.abs(size) - bias)
    spread = np.sqrt((1 - of_outcome) / (1 - of_factor)) * error * np.sqrt(left / (left - 1))
    margin = stats.t.ppf((1 + level) / 2, left) * spread
    t = np.divide(moved, spread, out=np.full(moved.shape, np.nan), where=spread > 0)
    return Adjusted(moved, spread, t, moved - margin, moved + margin)


def benchmark(covariate_r2_factor: ArrayLike, covariate_r2_outcome: ArrayLike, times: ArrayLike) -> tuple[Floats, Floats]:
    """Strength of a confounder that is so many times as strong as a measured covariate.

    Parameters
    ----------
    covariate_r2_factor : array_like of float, shape (k,)
        Share of the factor that the covariate goes with, the other covariates held equal.
    covariate_r2_outcome : array_like of float, shape (k,)
        Share of the outcome that the covariate explains, factor and other covariates held equal.
    times : array_like of float, shape (k,)
        How many times as strong.

    Returns
    -------
    r2_factor, r2_outcome : ndarray, shape (k,)
        NaN where nothing can be that strong because the covariate leaves too little; ``r2_outcome`` is at most 1.

    References
    ----------
    Cinelli & Hazlett (2020), as above, section 4.4 (bounds on the strength of the confounder by covariate comparison).
    """
    own_factor, own_outcome, k = np.broadcast_arrays(
        *(_floats(one) for one in (covariate_r2_factor, covariate_r2_outcome, times))
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        of_factor = k * own_factor / (1 - own_factor)
        shared = k * own_factor**2 / ((1 - k * own_factor) * (1 - own_factor))
        possible = (of_factor < 1) & (k * own_factor < 1) & (shared < 1) & (own_outcome < 1)
        of_outcome = ((np.sqrt(k) + np.sqrt(shared)) / np.sqrt(1 - shared)) ** 2 * own_outcome / (1 - own_outcome)
    return np.where(possible, of_factor, np.nan), np.where(possible, np.minimum(of_outcome, 1.0), np.nan)


def covariate_strength(outcome: ArrayLike, factor: ArrayLike, own: ArrayLike, others: ArrayLike) -> tuple[float, float]:
    """How strongly a measured covariate goes with factor and outcome.

    Parameters
    ----------
    outcome, factor : array_like of float, shape (n,)
    own : array_like of float, shape (n, p)
        The covariate's columns, taken together.
    others : array_like of float, shape (n, m)
        Everything else that is held equal, with its intercept; columns may say the same thing.

    Returns
    -------
    r2_factor : float
        Share it explains of what the others leave of the factor, in [0, 1].
    r2_outcome : float
        Share it explains of what the others and the factor leave of the outcome, in [0, 1].
    """
    y, x, held = _floats(outcome), _floats(factor), _floats(others)
    covariate = _floats(own).reshape(len(y), -1)
    left = _without(held, np.column_stack([y, x, covariate]))
    of_factor = _share_explained(left[:, 1], left[:, 2:])
    further = _without(left[:, 1:2], left[:, [0, *range(2, left.shape[1])]])
    return of_factor, _share_explained(further[:, 0], further[:, 1:])


def risk_ratio_of_odds(odds_ratio: ArrayLike, common: bool = True) -> Floats:
    """Risk ratio of an odds ratio: the same for a rare outcome (below 15 %), about its square root for a common one."""
    return np.sqrt(_ratios(odds_ratio)) if common else _ratios(odds_ratio)


def risk_ratio_of_hazards(hazard_ratio: ArrayLike, common: bool = True) -> Floats:
    """Risk ratio of a hazard ratio: the same for a rare outcome (below 15 %), an approximation for a common one."""
    ratio = _ratios(hazard_ratio)
    return (1 - 0.5 ** np.sqrt(ratio)) / (1 - 0.5 ** np.sqrt(1 / ratio)) if common else ratio


def risk_ratio_of_difference(deviations: ArrayLike) -> Floats:
    """Risk ratio that a difference between means, in standard deviations of the outcome, would be about as large as."""
    return np.exp(LOG_RATIO_PER_DEVIATION * _floats(deviations))


def risk_ratio_limits_of_difference(deviations: ArrayLike, standard_error: ArrayLike) -> Bounds:
    """The 95 % limits of :func:`risk_ratio_of_difference`, from the standard error in standard deviations."""
    centre, margin = LOG_RATIO_PER_DEVIATION * _floats(deviations), LOG_RATIO_MARGIN * _floats(standard_error)
    return np.exp(centre - margin), np.exp(centre + margin)


def e_value(risk_ratio: ArrayLike, null: float = 1.0) -> Floats:
    """How strongly, as risk ratios, a confounder must go with both factor and outcome to explain an association away.

    Parameters
    ----------
    risk_ratio : array_like of float, shape (k,)
        Above 0. Below 1 the factor protects; what matters is the distance from ``null``.
    null : float
        The ratio one would be brought to.

    Returns
    -------
    ndarray, shape (k,)
        At least 1, where nothing is needed.

    References
    ----------
    VanderWeele, T. J. & Ding, P. (2017). Sensitivity analysis in observational research: introducing the E-value.
    Ann. Intern. Med. 167(4), 268-274.
    """
    away = _ratios(risk_ratio) / float(_ratios(null))
    ratio = np.maximum(away, 1 / away)
    return ratio + np.sqrt(ratio * (ratio - 1))


def e_value_of_limit(risk_ratio: ArrayLike, lower: ArrayLike, upper: ArrayLike, null: float = 1.0) -> Floats:
    """E-value of the interval's limit nearest ``null``; 1 where the interval holds ``null``.

    Raises
    ------
    ContractError
        A limit lies on the wrong side of the ratio.
    """
    ratio, low, high = (_ratios(one) for one in (risk_ratio, lower, upper))
    if (low > ratio).any() or (ratio > high).any():
        raise ContractError("An interval must hold its own estimate. Give lower, then upper, of the same ratio.")
    nearest = np.where(ratio > null, low, high)
    return np.where((low <= null) & (null <= high), 1.0, e_value(nearest, null))


def _reached(t: ArrayLike, freedom: ArrayLike, q: float) -> Floats:
    if not q > 0:
        raise ContractError("q is the part of the estimate to take away and lies above 0; 1 takes away all of it.")
    return q * np.abs(_floats(t)) / np.sqrt(_known_freedom(freedom))


def _critical(freedom: ArrayLike, alpha: float | None) -> Floats:
    if alpha is None:
        return np.zeros_like(_floats(freedom))
    left = _known_freedom(freedom) - 1
    return stats.t.ppf(1 - alpha / 2, left) / np.sqrt(left)


def _known_freedom(freedom: ArrayLike) -> Floats:
    left = _floats(freedom)
    if (left <= 1).any():
        raise ContractError("Fewer than two degrees of freedom are left, so nothing can be said of what is unmeasured.")
    return left


def _ratios(ratio: ArrayLike) -> Floats:
    given = _floats(ratio)
    if (given <= 0).any():
        raise ContractError("A ratio lies above 0. Give the ratio itself, not its logarithm.")
    return given


def _without(matrix: Floats, columns: Floats) -> Floats:
    """What a matrix leaves of columns; nought where that is rounding."""
    basis, triangle, _ = qr(matrix, mode="economic", pivoting=True)
    diagonal = np.abs(np.diag(triangle))
    basis = basis[:, : int((diagonal > ROUNDING * diagonal.max(initial=0.0)).sum())]
    left = columns - basis @ (basis.T @ columns)
    kept = np.linalg.norm(left, axis=0) > ROUNDING * np.linalg.norm(columns, axis=0)
    return np.where(kept, left, 0.0)


def _share_explained(target: Floats, columns: Floats) -> float:
    before = float(target @ target)
    after = _without(columns, target[:, None])[:, 0]
    return float(np.clip(1 - after @ after / before, 0, 1)) if before > 0 else 0.0


def _floats(values: ArrayLike) -> Floats:
    return np.asarray(values, dtype=np.float64)
