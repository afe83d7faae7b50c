"""Regression whose errors follow a first-order autoregression: by maximum likelihood, and averaged over what it may be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special, stats

from kvalitet_lib.statistics.intervals import Floats

# Even steps on Fisher's scale, artanh: from clearly negative to nearly a random walk.
GRID = np.tanh(np.linspace(-1.2, 2.6, 77))
HALVINGS, NEWTONS = 10, 4


@dataclass(frozen=True)
class Ar1:
    """Generalised least squares with first-order autocorrelation. Arrays have one element per column.

    Attributes
    ----------
    coefficients, standard_errors : ndarray, shape (k,)
        At the correlation of maximum likelihood; standard errors with residual variance over n - k.
    correlation : float
        Between neighbours, maximum likelihood.
    residuals : ndarray, shape (n,)
        Whitened: free of autocorrelation when the model is right.
    matrix : ndarray, shape (n, k)
        The design, whitened alike.
    spread : tuple of three ndarrays
        For each correlation of a grid: how likely (g,), coefficients (g, k) and standard errors (g, k).
    freedom : int
        n - k.
    """

    coefficients: Floats
    standard_errors: Floats
    correlation: float
    residuals: Floats
    matrix: Floats
    spread: tuple[Floats, Floats, Floats]
    freedom: int

    def interval(self, level: float = 0.95) -> tuple[Floats, Floats]:
        """Intervals that take in that the correlation is itself not known: the t of each correlation, averaged."""
        _, centre, error = self.spread
        reach = stats.t.ppf(0.5 + level / 2, self.freedom) * error
        low, high = (centre - reach).min(axis=0), (centre + reach).max(axis=0)
        return self._quantile((1 - level) / 2, low, high), self._quantile((1 + level) / 2, low, high)

    @property
    def p(self) -> Floats:
        """Two-sided p that agree with the intervals."""
        below = self._below(0.0)
        return np.asarray(2 * np.minimum(below, 1 - below))

    def _quantile(self, part: float, low: Floats, high: Floats) -> Floats:
        """Where the averaged distribution reaches ``part``: halving until it is near, then Newton's steps."""
        likely, centre, error = self.spread
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            under = self._below(middle) < part
            low, high = np.where(under, middle, low), np.where(under, high, middle)
        at = (low + high) / 2
        for _ in range(NEWTONS):
            density = likely @ (_density((at - centre) / error, self.freedom) / error)
            at = np.clip(at - (self._below(at) - part) / density, low, high)
        return np.asarray(at)

    def _below(self, at: Floats | float) -> Floats:
        likely, centre, error = self.spread
        return np.asarray(likely @ special.stdtr(self.freedom, (at - centre) / error))


def _density(distance: Floats, freedom: float) -> Floats:
    """Of Student's t."""
    scale = np.exp(special.gammaln((freedom + 1) / 2) - special.gammaln(freedom / 2)) / np.sqrt(freedom * np.pi)
    return np.asarray(scale * (1 + distance**2 / freedom) ** (-(freedom + 1) / 2))


def ar1_regression(matrix: ArrayLike, outcome: ArrayLike, steps: ArrayLike | None = None) -> Ar1:
    """Regression with first-order autoregressive errors.

    Maximum likelihood takes the correlation to be smaller than it is in short series, and then knows too much. The
    interval therefore averages over correlations, weighted by their restricted likelihood and evenly on Fisher's scale.

    Parameters
    ----------
    matrix : array_like, shape (n, k)
        Full column rank, rows in order of time, n > k.
    outcome : array_like, shape (n,)
    steps : array_like of int, shape (n - 1,), optional
        Time between neighbours in whole steps; 1 unless given.

    References
    ----------
    Pinheiro, J. C. & Bates, D. M. (2000). Mixed-Effects Models in S and S-PLUS. Springer, chapter 5.
    """
    search = _Search.of(matrix, outcome, steps)
    found = search.likeliest()
    design, value, _ = search.whitened(np.array([found]))
    coefficients, *_ = np.linalg.lstsq(design[0], value[0], rcond=None)
    residuals = value[0] - design[0] @ coefficients
    variance = float(residuals @ residuals) / search.freedom
    errors = np.sqrt(variance * np.diag(np.linalg.inv(design[0].T @ design[0])))
    _, likelihood, centre, error = search.at(GRID)
    likely = np.exp(likelihood - likelihood.max())
    return Ar1(coefficients, errors, found, residuals, design[0], (likely / likely.sum(), centre, error), search.freedom)


def restricted_ar1(matrix: ArrayLike, outcome: ArrayLike) -> float:
    """Correlation between neighbouring errors of a regression, by restricted maximum likelihood (to about 0.01)."""
    likelihood = _Search.of(matrix, outcome, None).at(GRID)[1]
    best = int(np.clip(np.argmax(likelihood), 1, len(GRID) - 2))
    below, top, above = likelihood[best - 1 : best + 2]
    bend = below - 2 * top + above
    step = float(np.clip((below - above) / (2 * bend), -1, 1)) if bend < 0 else 0.0
    return float(np.tanh(np.arctanh(GRID[best]) + step * (np.arctanh(GRID[1]) - np.arctanh(GRID[0]))))


def correlation(apart: NDArray[np.int64], neighbours: float) -> Floats:
    """Correlation matrix of points so many steps apart."""
    return np.asarray(np.power(float(neighbours), apart.astype(np.float64)))


@dataclass(frozen=True)
class _Search:
    design: Floats
    value: Floats
    steps: Floats

    @classmethod
    def of(cls, matrix: ArrayLike, outcome: ArrayLike, steps: ArrayLike | None) -> _Search:
        design, value = np.asarray(matrix, dtype=np.float64), np.asarray(outcome, dtype=np.float64)
        return cls(design, value, np.ones(len(value) - 1) if steps is None else np.asarray(steps, dtype=np.float64))

    @property
    def freedom(self) -> int:
        return len(self.value) - self.design.shape[1]

    def whitened(self, correlations: Floats) -> tuple[Floats, Floats, Floats]:
        """Designs (g, n, k), outcomes (g, n) and logged determinants (g,) when errors have been made independent."""
        past = np.power(correlations[:, None], self.steps)
        fresh = 1 - past**2
        scale = 1 / np.sqrt(fresh)
        design = np.repeat(self.design[None], len(correlations), axis=0)
        value = np.repeat(self.value[None], len(correlations), axis=0)
        design[:, 1:] = (self.design[1:] - past[:, :, None] * self.design[:-1]) * scale[:, :, None]
        value[:, 1:] = (self.value[1:] - past * self.value[:-1]) * scale
        return design, value, np.log(fresh).sum(axis=1)

    def at(self, correlations: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Likelihood, restricted likelihood (g,), coefficients and standard errors (g, k) at each correlation."""
        design, value, volume = self.whitened(correlations)
        orthogonal, upper = np.linalg.qr(design)
        turned = np.einsum("gnk,gn->gk", orthogonal, value)
        inverse = np.linalg.inv(upper)
        scatter = np.maximum((value**2).sum(axis=1) - (turned**2).sum(axis=1), np.finfo(float).tiny)
        information = 2 * np.log(np.abs(np.diagonal(upper, axis1=1, axis2=2))).sum(axis=1)
        n = len(self.value)
        whole = -0.5 * (n * np.log(scatter) + volume)
        restricted = -0.5 * (self.freedom * np.log(scatter) + volume + information)
        centre = np.einsum("gkj,gj->gk", inverse, turned)
        error = np.sqrt(scatter[:, None] / self.freedom * (inverse**2).sum(axis=2))
        return whole, restricted, centre, error

    def likeliest(self) -> float:
        """The correlation at which the likelihood is highest."""
        best = int(np.argmax(self.at(GRID)[0]))
        bounds = (GRID[max(best - 1, 0)], GRID[min(best + 1, len(GRID) - 1)])
        found = optimize.minimize_scalar(
            lambda one: -float(self.at(np.array([one]))[0][0]), bounds=bounds, method="bounded", options={"xatol": 1e-8}
        )
        return float(found.x)
