"""Whether risks are as high as they say: calibration, and what else is asked of risks on pupils the model has not seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from scipy.special import logit
from statsmodels.nonparametric.smoothers_lowess import lowess

from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.discrimination import auc
from kvalitet_lib.statistics.intervals import Floats
from kvalitet_lib.statistics.logistic import clustered_covariance, fit_logistic

NEAREST = 1e-12  # risks of exactly 0 or 1 have no log odds; they are moved this little inside
SPAN = 2 / 3  # share of the persons whom each point of the smooth curve looks at, as in lowess by default


@dataclass(frozen=True)
class Calibration:
    """How risks stand beside outcomes. Good ones have slope 1, intercept and calibration in the large 0, and O/E 1.

    Attributes
    ----------
    n, events : int
    slope, intercept : float
        Of a logistic regression of the outcome on the log odds of the risk. A slope below 1: risks are too extreme.
    in_the_large : float
        Intercept when the slope is 1: above 0, more events than foretold.
    observed_to_expected : float
    brier : float
        Mean squared distance between risk and outcome.
    slope_error, intercept_error, in_the_large_error, observed_to_expected_error, brier_error : float
        Standard errors.

    References
    ----------
    Cox, D. R. (1958). Two further applications of a model for binary regression. Biometrika 45(3/4), 562-565.
    Van Calster, B. et al. (2019). Calibration: the Achilles heel of predictive analytics. BMC Medicine 17, 230.
    Brier, G. W. (1950). Verification of forecasts expressed in terms of probability. Mon. Weather Rev. 78(1), 1-3.
    """

    n: int
    events: int
    slope: float
    intercept: float
    in_the_large: float
    observed_to_expected: float
    brier: float
    slope_error: float
    intercept_error: float
    in_the_large_error: float
    observed_to_expected_error: float
    brier_error: float


def calibration(outcome: ArrayLike, risk: ArrayLike, cluster: NDArray[np.int64] | None = None) -> Calibration:
    """Calibration of risks for persons the model has not seen.

    Parameters
    ----------
    outcome : array_like, shape (m,)
        1 where the event happened, else 0; both must occur.
    risk : array_like, shape (m,)
        In [0, 1].
    cluster : array of int, shape (m,), optional
        Numbered from 0 without gaps, at least two: pupils of one school, who may be alike. Without it standard errors of
        slope and intercepts are those of the model, and everyone is regarded as independent.

    Raises
    ------
    ContractError
        A risk is no probability.
    """
    y, p = _checked(outcome, risk)
    log_odds, everyone = logit(p), np.ones((len(y), 1))
    recalibrated = fit_logistic(y, np.column_stack([np.ones(len(y)), log_odds]))
    shifted = fit_logistic(y, everyone, offset=log_odds, start=[0.0])
    covariances = [recalibrated.covariance, shifted.covariance]
    if cluster is not None:
        matrix = np.column_stack([np.ones(len(y)), log_odds])
        fitted = recalibrated.probabilities(matrix)
        moved = 1 / (1 + np.exp(-(log_odds + shifted.coefficients[0])))
        covariances = [
            clustered_covariance(y, fitted, matrix, recalibrated.covariance, cluster),
            clustered_covariance(y, moved, everyone, shifted.covariance, cluster),
        ]
    (both, large), member = covariances, np.arange(len(y)) if cluster is None else cluster
    return Calibration(
        len(y),
        int(y.sum()),
        float(recalibrated.coefficients[1]),
        float(recalibrated.coefficients[0]),
        float(shifted.coefficients[0]),
        float(y.sum() / p.sum()),
        float(((y - p) ** 2).mean()),
        float(np.sqrt(both[1, 1])),
        float(np.sqrt(both[0, 0])),
        float(np.sqrt(large[0, 0])),
        _error_of_sum(y - p * y.sum() / p.sum(), member) / float(p.sum()),  # of a ratio of sums, linearised
        _error_of_sum((y - p) ** 2 - ((y - p) ** 2).mean(), member) / len(y),
    )


def _error_of_sum(values: Floats, member: NDArray[np.int64]) -> float:
    sums = np.bincount(member, values)
    return float(np.sqrt(len(sums) / max(len(sums) - 1, 1) * (sums**2).sum()))


def smooth_calibration(outcome: ArrayLike, risk: ArrayLike) -> Floats:
    """Share with the event among those of about the same risk (lowess without robustness steps), shape (m,).

    References
    ----------
    Cleveland, W. S. (1979). Robust locally weighted regression and smoothing scatterplots. J. Am. Stat. Assoc. 74(368), 829-836.
    Austin, P. C. & Steyerberg, E. W. (2014). Graphical assessment of internal and external calibration of logistic regression
    models by using loess smoothers. Stat. Med. 33(3), 517-535.
    """
    y, p = _checked(outcome, risk)
    if p.max() - p.min() <= 0:
        return np.full(len(p), y.mean())
    order = np.argsort(p, kind="stable")
    smooth = lowess(y[order], p[order], frac=SPAN, it=0, delta=0.01 * (p.max() - p.min()), is_sorted=True, return_sorted=False)
    places, at = np.unique(p[order], return_inverse=True)
    mean = np.bincount(at, smooth) / np.bincount(at)
    return np.interp(p, places, mean)


def validation(outcome: ArrayLike, risk: ArrayLike) -> dict[str, float]:
    """Everything usually asked of risks on new persons, by the names of ``val.prob`` in the R package rms.

    Returns
    -------
    dict
        ``Dxy``, ``C (ROC)``, ``R2`` (Nagelkerke, of the risk as it is told), ``D``, ``U``, ``Q`` with their chi-squares and
        p-values, ``Brier``, ``Intercept``, ``Slope``, ``Emax``, ``E90``, ``Eavg`` (distance between risk and its smooth
        calibration: largest, 90th percentile, mean), ``S:z``, ``S:p`` (Spiegelhalter's test of calibration).

    References
    ----------
    Harrell, F. E. (2015). Regression modeling strategies, 2nd ed. Springer, chapter 10.
    Spiegelhalter, D. J. (1986). Probabilistic prediction in patient management and clinical trials. Stat. Med. 5(5), 421-433.
    Nagelkerke, N. J. D. (1991). A note on a general definition of the coefficient of determination. Biometrika 78(3), 691-692.
    """
    y, p = _checked(outcome, risk)
    n, share = len(y), float(y.mean())
    log_odds = logit(p)
    fit = fit_logistic(y, np.column_stack([np.ones(n), log_odds]))
    empty = -2 * n * (share * np.log(share) + (1 - share) * np.log(1 - share))
    as_told = float(2 * (np.logaddexp(0, log_odds) - y * log_odds).sum())
    gained, unreliable = empty - as_told, as_told - fit.deviance
    discrimination, unreliability = (gained - 1) / n, (unreliable - 2) / n
    apart = np.abs(p - smooth_calibration(y, p))
    area = auc(y, p).estimate
    z = float(((y - p) * (1 - 2 * p)).sum() / np.sqrt(((1 - 2 * p) ** 2 * p * (1 - p)).sum()))
    return {
        "Dxy": 2 * area - 1,
        "C (ROC)": area,
        "R2": float((1 - np.exp(-gained / n)) / (1 - np.exp(-empty / n))),
        "D": discrimination,
        "D:Chi-sq": gained,
        "D:p": float(stats.chi2.sf(gained, 1)),
        "U": unreliability,
        "U:Chi-sq": unreliable,
        "U:p": float(stats.chi2.sf(unreliable, 2)),
        "Q": discrimination - unreliability,
        "Brier": float(((y - p) ** 2).mean()),
        "Intercept": float(fit.coefficients[0]),
        "Slope": float(fit.coefficients[1]),
        "Emax": float(apart.max()),
        "E90": float(np.quantile(apart, 0.9)),
        "Eavg": float(apart.mean()),
        "S:z": z,
        "S:p": float(2 * stats.norm.sf(abs(z))),
    }


def _checked(outcome: ArrayLike, risk: ArrayLike) -> tuple[Floats, Floats]:
    y, p = np.asarray(outcome, dtype=np.float64), np.asarray(risk, dtype=np.float64)
    if not (np.isfinite(p).all() and ((p >= 0) & (p <= 1)).all()):
        raise ContractError("A risk must be a probability, from 0 to 1, for everyone.")
    if not (np.isin(y, (0, 1)).all() and 0 < y.sum() < len(y)):
        raise ContractError("Calibration needs outcomes of 0 and 1, and at least one of each.")
    return y, np.clip(p, NEAREST, 1 - NEAREST)
