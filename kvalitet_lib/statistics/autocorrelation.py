"""Regression over time when neighbouring points resemble one another: what is left is tested, allowed for, or modelled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from kvalitet_lib.statistics.ar1 import correlation, restricted_ar1
from kvalitet_lib.statistics.intervals import Floats


@dataclass(frozen=True)
class LongRun:
    """Least squares with standard errors that allow for autocorrelation (Newey-West). Arrays have one element per column.

    Attributes
    ----------
    coefficients : ndarray, shape (k,)
    covariance : ndarray, shape (k, k)
        Newey and West's, with the small-sample factor n / (n - k) when adjusted.
    residuals : ndarray, shape (n,)
    inflation : ndarray, shape (k,)
        What the variances must be multiplied by: the residuals of a fitted line scatter less than the errors did, and
        the more so the more neighbours resemble one another.
    freedom : ndarray, shape (k,)
        Degrees of freedom of the estimated variances (Satterthwaite).
    lags : int
    """

    coefficients: Floats
    covariance: Floats
    residuals: Floats
    inflation: Floats
    freedom: Floats
    lags: int

    @property
    def standard_errors(self) -> Floats:
        """Newey and West's, as other programs print them."""
        return np.sqrt(np.diag(self.covariance))

    def interval(self, level: float = 0.95) -> tuple[Floats, Floats]:
        """Confidence intervals that hold in series of a few dozen points, too."""
        reach = stats.t.ppf((1 + level) / 2, self.freedom) * np.sqrt(self.inflation) * self.standard_errors
        return self.coefficients - reach, self.coefficients + reach

    @property
    def p(self) -> Floats:
        """Two-sided p that agree with the intervals."""
        distance = np.abs(self.coefficients) / (np.sqrt(self.inflation) * self.standard_errors)
        return np.asarray(2 * stats.t.sf(distance, self.freedom))


def usual_lags(points: int) -> int:
    """Newey and West's rule of thumb for how many lags to allow for: 4 (n / 100)^(2/9)."""
    return int(np.floor(4 * (points / 100) ** (2 / 9)))


def newey_west(matrix: ArrayLike, outcome: ArrayLike, lags: int, adjust: bool = True) -> LongRun:
    """Least squares on a series in order of time, allowing for autocorrelation up to so many lags.

    The covariance is Newey and West's, with Bartlett's weights. On a few dozen points it is known to be too small.
    Intervals therefore use what its expectation and its spread would be, in this very design, if errors followed a
    first-order autoregression with the correlation found by restricted maximum likelihood.

    Parameters
    ----------
    matrix : array_like, shape (n, k)
        Full column rank, rows in order of time. For a weighted regression multiply rows by the root of their weight.
    outcome : array_like, shape (n,)
    lags : int
        0 or more.
    adjust : bool
        Multiply the covariance by n / (n - k).

    References
    ----------
    Bell, R. M. & McCaffrey, D. F. (2002). Bias reduction in standard errors for linear regression with multi-stage
    samples. Surv. Methodol. 28(2), 169-181 (for the idea of judging a robust variance under a working model).
    Newey, W. K. & West, K. D. (1987). A simple, positive semi-definite, heteroskedasticity and autocorrelation
    consistent covariance matrix. Econometrica 55(3), 703-708.
    """
    design, value = np.asarray(matrix, dtype=np.float64), np.asarray(outcome, dtype=np.float64)
    n, k = design.shape
    onto = np.linalg.solve(design.T @ design, design.T)
    coefficients = onto @ value
    residuals = value - design @ coefficients
    apart = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    kernel = np.clip(1 - apart / (lags + 1), 0, None)
    factor = n / (n - k) if adjust else 1.0
    scores = onto * residuals
    covariance = factor * scores @ kernel @ scores.T
    errors = correlation(apart, restricted_ar1(design, value))
    annihilator = np.eye(n) - design @ onto
    inflation, freedom = np.empty(k), np.empty(k)
    for column, weights in enumerate(onto):
        quadratic = annihilator @ (np.outer(weights, weights) * kernel) @ annihilator @ errors
        expected = float(np.trace(quadratic))
        inflation[column] = (weights @ errors @ weights) / (factor * expected)
        freedom[column] = expected**2 / float((quadratic * quadratic.T).sum())
    return LongRun(coefficients, covariance, residuals, inflation, freedom, lags)


def durbin_watson(residuals: ArrayLike) -> float:
    """Durbin and Watson's statistic: near 2 without, below 2 with autocorrelation of neighbours; NaN when all is 0.

    References
    ----------
    Durbin, J. & Watson, G. S. (1950). Testing for serial correlation in least squares regression: I.
    Biometrika 37(3/4), 409-428.
    """
    left = np.asarray(residuals, dtype=np.float64)
    whole = float(left @ left)
    return float((np.diff(left) ** 2).sum()) / whole if whole > 0 else np.nan


def breusch_godfrey(matrix: ArrayLike, residuals: ArrayLike, lags: int) -> tuple[float, float]:
    """Whether what a regression leaves still resembles what it left before.

    Parameters
    ----------
    matrix : array_like, shape (n, k)
    residuals : array_like, shape (n,)
        In order of time.
    lags : int
        At least 1, and fewer than n - k.

    Returns
    -------
    statistic, p : float
        Lagrange multiplier n R², and its chi-square p with so many degrees of freedom as lags.

    References
    ----------
    Breusch, T. S. (1978). Testing for autocorrelation in dynamic linear models. Aust. Econ. Pap. 17(31), 334-355.
    Godfrey, L. G. (1978). Testing against general autoregressive and moving average error models when the regressors
    include lagged dependent variables. Econometrica 46(6), 1293-1301.
    """
    design, left = np.asarray(matrix, dtype=np.float64), np.asarray(residuals, dtype=np.float64)
    before = np.column_stack([np.concatenate([np.zeros(lag), left[:-lag]]) for lag in range(1, lags + 1)])
    wide = np.column_stack([design, before])
    unexplained = left - wide @ np.linalg.lstsq(wide, left, rcond=None)[0]
    whole = float(left @ left)
    statistic = len(left) * (1 - float(unexplained @ unexplained) / whole) if whole > 0 else 0.0
    return statistic, float(stats.chi2.sf(statistic, lags))
