"""What a series did when something began: the terms of an interrupted time series, and the regression for counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

from kvalitet_lib.statistics.intervals import Floats

MOST_STEPS = 50
SETTLED = 1e-8  # relative change of the deviance at which R's glm, too, stops


def harmonics(times: ArrayLike, period: float, pairs: int) -> Floats:
    """Sine and cosine pairs of a season.

    Parameters
    ----------
    times : array_like of float, shape (n,)
    period : float
        Length of the season in units of the times, e.g. 12 for months.
    pairs : int
        How many pairs; more follow a more uneven season. A pair that turns in two steps has no sine.

    Returns
    -------
    ndarray, shape (n, 2 * pairs) or one column fewer
    """
    turns = 2 * np.pi * np.asarray(times, dtype=np.float64) / period
    columns = []
    for turn in range(1, pairs + 1):
        columns.append(np.cos(turn * turns))
        if 2 * turn != period:
            columns.append(np.sin(turn * turns))
    return np.column_stack(columns) if columns else np.empty((len(turns), 0))


@dataclass(frozen=True)
class Counts:
    """A log-linear regression of counts. Arrays have one element per column of the design.

    Attributes
    ----------
    coefficients : ndarray, shape (k,)
        On the log scale.
    covariance : ndarray, shape (k, k)
        When counts vary as much as Poisson's do; times ``dispersion`` when they vary more.
    dispersion : float
        Pearson's chi-square over n - k: 1 for Poisson counts.
    fitted : ndarray, shape (n,)
    residuals : ndarray, shape (n,)
        Pearson's: (count - fitted) / root of fitted.
    converged : bool
    """

    coefficients: Floats
    covariance: Floats
    dispersion: float
    fitted: Floats
    residuals: Floats
    converged: bool

    def standard_errors(self, dispersed: bool) -> Floats:
        """With the dispersion found (quasi-Poisson), or taking it to be 1."""
        return np.sqrt(np.diag(self.covariance) * (self.dispersion if dispersed else 1.0))


def count_regression(matrix: ArrayLike, counts: ArrayLike, population: ArrayLike | None = None) -> Counts:
    """Poisson regression with a log link, by reweighted least squares.

    Starts, stops and counts its dispersion as R's ``glm`` does, so that the figures agree to the last digit: the
    weights are those of the last step, one behind the fitted values.

    Parameters
    ----------
    matrix : array_like, shape (n, k)
        Full column rank, n > k.
    counts : array_like, shape (n,)
        Not below 0.
    population : array_like, shape (n,), optional
        Persons, or time at risk, behind each count, above 0 (enters as an offset).

    References
    ----------
    McCullagh, P. & Nelder, J. A. (1989). Generalized Linear Models. 2nd edition, Chapman & Hall, chapters 2 and 6.
    """
    design, count = np.asarray(matrix, dtype=np.float64), np.asarray(counts, dtype=np.float64)
    offset = np.zeros(len(count)) if population is None else np.log(np.asarray(population, dtype=np.float64))
    fitted = count + 0.1
    linear, deviance, converged = np.log(fitted), _deviance(count, fitted), False
    for _ in range(MOST_STEPS):
        root = np.sqrt(fitted)
        working = linear - offset + (count - fitted) / fitted
        weighted = design * root[:, None]
        coefficients, *_rest = np.linalg.lstsq(weighted, working * root, rcond=None)
        linear = np.clip(design @ coefficients + offset, -700, 700)
        fitted = np.exp(linear)
        before, deviance = deviance, _deviance(count, fitted)
        if abs(deviance - before) / (abs(deviance) + 0.1) < SETTLED:
            converged = True
            break
    dispersion = float(((root * (count - fitted) / fitted) ** 2).sum()) / max(len(count) - design.shape[1], 1)
    covariance = np.linalg.pinv(weighted.T @ weighted)
    residuals = np.asarray((count - fitted) / np.sqrt(fitted))
    return Counts(np.asarray(coefficients), np.asarray(covariance), dispersion, fitted, residuals, converged)


def _deviance(count: Floats, fitted: Floats) -> float:
    return float(2 * (special.xlogy(count, count) - special.xlogy(count, fitted) - (count - fitted)).sum())


def overdispersed(counts: Counts, columns: int) -> float:
    """p of counts that vary no more than Poisson's do (Pearson's chi-square)."""
    freedom = len(counts.fitted) - columns
    return float(stats.chi2.sf(counts.dispersion * freedom, freedom))
