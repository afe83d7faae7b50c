"""Least squares with what a careful reader asks of it: robust standard errors, leverage, studentised residuals, prediction."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.intervals import Bounds, Floats

Kind = Literal["ordinary", "hc0", "hc1", "hc2", "hc3"]
ALONE = 1e-9  # leverage this near 1: a row decides a coefficient by itself


@dataclass(frozen=True, repr=False)
class Regression:
    """A fitted linear model of n rows and k coefficients.

    Attributes
    ----------
    matrix, outcome, weights : ndarray, shape (n, k), (n,), (n,)
        As handed in; weights are 1 where none were.
    coefficients : ndarray, shape (k,)
    bread : ndarray, shape (k, k)
        Inverse of the weighted cross products of the matrix.
    residuals : ndarray, shape (n,)
        In the unit of the outcome.
    leverage : ndarray, shape (n,)
        In [0, 1]: how much a row decides its own expected value.
    """

    matrix: Floats
    outcome: Floats
    weights: Floats
    coefficients: Floats
    bread: Floats
    residuals: Floats
    leverage: Floats

    @property
    def freedom(self) -> int:
        """Residual degrees of freedom, n - k."""
        return self.matrix.shape[0] - self.matrix.shape[1]

    @property
    def fitted(self) -> Floats:
        return self.outcome - self.residuals

    @cached_property
    def squares_left(self) -> float:
        return float(self.weights @ self.residuals**2)

    @property
    def residual_deviation(self) -> float:
        """Residual standard deviation with divisor n - k; with weights, that of a row of weight 1."""
        return float(np.sqrt(self.squares_left / self.freedom))

    @cached_property
    def r_squared(self) -> float:
        """Share of the outcome's weighted variance explained, 0-1; the model is taken to hold an intercept."""
        centre = (self.weights @ self.outcome) / self.weights.sum()
        total = float(self.weights @ (self.outcome - centre) ** 2)
        return 1 - self.squares_left / total if total > 0 else float("nan")

    @property
    def adjusted_r_squared(self) -> float:
        return 1 - (1 - self.r_squared) * (len(self.outcome) - 1) / self.freedom

    def partial_r2(self, columns: ArrayLike) -> float:
        """Share of what the other columns leave of the outcome that some columns, by their places, explain together, 0-1."""
        at = np.asarray(columns, dtype=np.int64)
        own = self.coefficients[at]
        explained = float(own @ np.linalg.solve(self.bread[np.ix_(at, at)], own))
        return explained / (explained + self.squares_left) if explained > 0 else 0.0

    @property
    def alone(self) -> np.ndarray:
        """Rows that decide a coefficient by themselves, so that their residual says nothing; shape (n,), bool."""
        return self.leverage > 1 - ALONE

    def covariance(self, kind: Kind = "hc3") -> Floats:
        """Covariance of the coefficients, shape (k, k).

        ``ordinary`` takes all rows to be equally uncertain; ``hc0`` to ``hc3`` do not. ``hc3``, which leaves each row out of
        its own prediction, is the one for small samples.

        References
        ----------
        MacKinnon, J. G. & White, H. (1985). Some heteroskedasticity-consistent covariance matrix estimators with improved
        finite sample properties. J. Econometrics 29(3), 305-325.
        Long, J. S. & Ervin, L. H. (2000). Using heteroscedasticity consistent standard errors in the linear regression model.
        Am. Stat. 54(3), 217-224.
        """
        if kind == "ordinary":
            return self.bread * self.squares_left / self.freedom
        n, power = len(self.outcome), {"hc0": 0.0, "hc1": 0.0, "hc2": 0.5, "hc3": 1.0}[kind]
        left = np.where(self.alone, np.inf, 1 - self.leverage)  # a row alone fits exactly and has no say in the spread
        scores = self.matrix * (self.weights * self.residuals / left**power)[:, None]
        scale = n / self.freedom if kind == "hc1" else 1.0
        return scale * self.bread @ (scores.T @ scores) @ self.bread

    def leave_one_out(self, chance: ArrayLike = 0.0) -> tuple[Floats, Floats, Floats]:
        """Each row held against the model that the other rows make.

        Parameters
        ----------
        chance : array_like of float, shape (n,)
            Known variance of each outcome from chance alone, e.g. of a mean of few pupils; 0 where unknown.

        Returns
        -------
        residuals, deviations, freedom : ndarray, shape (n,)
            Outcome less what the others lead one to expect, the standard deviation of that, and its degrees of freedom; NaN
            where the others say nothing. Without ``chance`` residual over deviation is the externally studentised residual, on
            n - k - 1 degrees of freedom.
        """
        known = np.broadcast_to(np.asarray(chance, dtype=np.float64), self.outcome.shape)
        left = np.where(self.alone, np.nan, 1 - self.leverage)
        hat = self._hat
        residuals = self.residuals / left
        squares = self.squares_left - self.weights * self.residuals**2 / left
        between = np.maximum(squares - self._spent_without(hat, known, left), 0.0) / max(self.freedom - 1, 1)
        from_others = hat / left[:, None]  # row i: the weights with which the others predict it
        np.fill_diagonal(from_others, 0.0)
        parts = 1 / self.weights + np.square(from_others) @ (1 / self.weights)
        variance = between * parts + known + np.square(from_others) @ known
        said = np.isfinite(left) & (self.freedom >= 2) & (variance > 0)
        freedom = self._freedom(parts, between, variance, known) * (self.freedom - 1) / self.freedom
        return residuals, np.where(said, np.sqrt(variance), np.nan), np.where(said, freedom, np.nan)

    @property
    def _hat(self) -> Floats:
        """Row i: the weights with which all rows make its expected value, shape (n, n)."""
        return self.matrix @ self.bread @ (self.matrix * self.weights[:, None]).T

    def _freedom(self, parts: Floats, between: Floats | float, variance: Floats, known: Floats) -> Floats:
        """Degrees of freedom of a variance that holds the variance between units so many times (Satterthwaite)."""
        if not known.any():
            return np.full(np.shape(variance), float(self.freedom))
        unit = 1 / self.weights
        turned = (np.eye(len(unit)) - self._hat) * self.weights[:, None]
        turned = turned * turned.T
        # Half the variance of the squares left, when a unit's variance is between * unit + known.
        spread = between**2 * (unit @ turned @ unit) + 2 * between * (unit @ turned @ known) + known @ turned @ known
        return np.maximum((variance * self.freedom / parts) ** 2 / spread, 1.0)

    def _spent_without(self, hat: Floats, known: Floats, left: Floats) -> Floats:
        """What chance alone adds to the squares left when each row in turn is taken out."""
        own = self.weights * known
        cross = hat * hat.T  # (n, n): h_ij h_ji
        return (
            (own * (1 - self.leverage)).sum()
            - own * (1 - self.leverage)
            - ((cross * own[None, :]).sum(axis=1) - np.diag(cross) * own) / left
        )

    def between_variance(self, chance: ArrayLike) -> float:
        """Variance of the outcomes, of weight 1, beyond what is expected and beyond known chance; by moments, at least 0.

        References
        ----------
        Hedges, L. V. & Olkin, I. (1985). Statistical Methods for Meta-Analysis. Academic Press, ch. 9.
        """
        known = np.broadcast_to(np.asarray(chance, dtype=np.float64), self.outcome.shape)
        return max(0.0, (self.squares_left - float((self.weights * known * (1 - self.leverage)).sum())) / self.freedom)

    def prediction(
        self, rows: ArrayLike, chance: ArrayLike = 0.0, weights: ArrayLike = 1.0, own_chance: ArrayLike = 0.0, level: float = 0.95
    ) -> tuple[Floats, Bounds]:
        """Expected outcome of new rows, and the interval that holds a new outcome.

        Parameters
        ----------
        rows : array_like of float, shape (m, k)
        chance : array_like of float, shape (m,)
            Known variance of each new outcome from chance alone.
        weights : array_like of float, shape (m,)
            Weight of each new row.
        own_chance : array_like of float, shape (n,)
            The same for the rows the model was fitted on; with it, what is left over is the variance between units.
        level : float

        Returns
        -------
        expected, (lower, upper) : ndarray, shape (m,)
            Known chance is taken as known; the variance between units is estimated, with degrees of freedom accordingly.

        References
        ----------
        Satterthwaite, F. E. (1946). An approximate distribution of estimates of variance components.
        Biometrics Bull. 2(6), 110-114.
        """
        new, weight = np.atleast_2d(np.asarray(rows, dtype=np.float64)), np.asarray(weights, dtype=np.float64)
        known = np.broadcast_to(np.asarray(own_chance, dtype=np.float64), self.outcome.shape)
        between = self.between_variance(known)
        leaning = new @ self.bread @ (self.matrix * self.weights[:, None]).T  # the weights with which rows make a new one
        parts = 1 / weight + np.square(leaning) @ (1 / self.weights)
        variance = between * parts + np.asarray(chance, dtype=np.float64) + np.square(leaning) @ known
        margin = stats.t.ppf((1 + level) / 2, self._freedom(parts, between, variance, known)) * np.sqrt(variance)
        expected = new @ self.coefficients
        return expected, (expected - margin, expected + margin)


def regress(outcome: ArrayLike, matrix: ArrayLike, weights: ArrayLike | None = None) -> Regression:
    """Fit a linear model.

    Parameters
    ----------
    outcome : array_like of float, shape (n,)
    matrix : array_like of float, shape (n, k)
        With its intercept; columns that no others already say; more rows than columns.
    weights : array_like of float, shape (n,), optional
        Above 0; a row's variance is taken to be one over its weight.

    Raises
    ------
    ContractError
        Too few rows, or columns that say the same.
    """
    y, x = np.asarray(outcome, dtype=np.float64), np.asarray(matrix, dtype=np.float64)
    w = np.ones_like(y) if weights is None else np.asarray(weights, dtype=np.float64)
    if len(y) <= x.shape[1]:
        raise ContractError(f"There are {len(y)} rows for {x.shape[1]} coefficients. Use more rows or fewer factors.")
    if not (w > 0).all():
        raise ContractError("A weight lies above 0. Leave out the rows that should not count.")
    root = np.sqrt(w)
    scale = np.sqrt(np.square(x * root[:, None]).sum(axis=0))
    if (scale == 0).any():
        raise ContractError("A column is nought everywhere. Leave it out.")
    basis, triangle = np.linalg.qr(x * root[:, None] / scale)
    if np.abs(np.diag(triangle)).min() < 1e-9:
        raise ContractError("Two columns say the same thing, so their parts cannot be told apart. Leave one out.")
    inverse = np.linalg.inv(triangle) / scale[:, None]
    coefficients = inverse @ (basis.T @ (y * root))
    leverage = np.clip(np.square(basis).sum(axis=1), 0, 1)
    return Regression(x, y, w, coefficients, inverse @ inverse.T, y - x @ coefficients, leverage)
