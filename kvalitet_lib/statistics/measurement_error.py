"""Regression on columns that are measured with error, such as an earlier test: what the error hides is put back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from kvalitet_lib.statistics.intervals import Floats
from kvalitet_lib.statistics.random_intercept import RELIABILITIES


def errors_in_variables(outcome: ArrayLike, matrix: ArrayLike, reliability: ArrayLike) -> Floats:
    """Coefficients of least squares with the error of the columns taken out of their cross products.

    Parameters
    ----------
    outcome : array_like, shape (n,)
    matrix : array_like, shape (n, k)
        With a column of ones where there is an intercept.
    reliability : array_like, shape (k,)
        Per column, the share of its variance that is not error, in (0, 1]; 1 where it is measured without error.

    Raises
    ------
    ValueError
        A reliability is lower than the data allow: more would be error than the column has of its own.

    References
    ----------
    Fuller, W. A. (1987). Measurement error models. Wiley, section 2.2.
    Lockwood, J. R. & McCaffrey, D. F. (2014). Correcting for test score measurement error in ANCOVA models for
    estimating treatment effects. J. Educ. Behav. Stat. 39(1), 22-52 (as in their R package eivtools).
    """
    y, x = np.asarray(outcome, dtype=np.float64), np.asarray(matrix, dtype=np.float64)
    return _solved(x.T @ x - len(x) * _error(x, reliability), x.T @ y)


def _error(x: Floats, reliability: ArrayLike) -> Floats:
    return np.diag((1 - np.asarray(reliability, dtype=np.float64)) * x.var(axis=0))


def _solved(products: Floats, wanted: Floats) -> Floats:
    size = np.sqrt(np.abs(np.diag(products)))
    if (size == 0).any() or np.linalg.eigvalsh(products / np.outer(size, size)).min() <= 1e-9:
        raise ValueError("The reliability is lower than the data allow.")
    return np.asarray(np.linalg.solve(products, wanted), dtype=np.float64)


@dataclass(frozen=True, repr=False)
class Corrected:
    """A model with one random intercept per group, corrected for error in some columns.

    Attributes
    ----------
    coefficients, standard_errors : ndarray, shape (k,)
        Errors by the jackknife over groups; NaN where leaving out a single group leaves nothing to estimate from.
    ratio, between_variance, within_variance : float
        ``within_variance`` holds what the error adds to what is left.
    effects, conditional_sd : ndarray, shape (J,)
        Best linear unbiased predictors of the groups' effects, and their standard deviations given all else.
    freedom : int
        Of the standard errors: groups less 1.
    """

    coefficients: Floats
    standard_errors: Floats
    ratio: float
    between_variance: float
    within_variance: float
    effects: Floats
    conditional_sd: Floats
    freedom: int


def corrected_random_intercept(outcome: ArrayLike, matrix: ArrayLike, group: ArrayLike, reliability: ArrayLike) -> Corrected:
    """Fit outcome = columns times coefficients + group + rest, with columns measured with error.

    The error of a column is independent between persons, has the same variance for all and does not go together with
    anything else. Whatever the variance ratio, it adds a known amount to the weighted cross products of generalised least
    squares, which is taken out (a corrected score). It also adds to what is left within groups, alike for all persons,
    so the ratio is found from the corrected residuals with the equation of restricted maximum likelihood; with
    reliabilities of 1 the answer is that of restricted maximum likelihood.

    Parameters
    ----------
    outcome : array_like, shape (n,)
    matrix : array_like, shape (n, k)
    group : array_like of int, shape (n,)
        Numbered from 0 without gaps.
    reliability : array_like, shape (k,)
        As in :func:`errors_in_variables`.

    Raises
    ------
    ValueError
        A reliability is lower than the data allow, or no variance ratio fits.

    References
    ----------
    Nakamura, T. (1990). Corrected score function for errors-in-variables models. Biometrika 77(1), 127-137.
    Buonaccorsi, J., Demidenko, E. & Tosteson, T. (2000). Estimation in longitudinal random effects models with
    measurement error. Stat. Sinica 10(3), 885-903.
    """
    y, x, member = np.asarray(outcome, dtype=np.float64), np.asarray(matrix, dtype=np.float64), np.asarray(group)
    sums = _Sums.of(y, x, member, _error(x, reliability))
    ratio = _ratio(sums)
    products, wanted, _ = sums.at(ratio)
    coefficients = _solved(products.sum(axis=0), wanted.sum(axis=0))
    left = sums.y - sums.x @ coefficients
    within = sums.residual(ratio, coefficients) / (len(y) - x.shape[1])
    return Corrected(
        coefficients=coefficients,
        standard_errors=_jackknife(products, wanted),
        ratio=ratio,
        between_variance=ratio * within,
        within_variance=within,
        effects=ratio * sums.n / (1 + ratio * sums.n) * left,
        conditional_sd=np.sqrt(within * ratio / (1 + ratio * sums.n)),
        freedom=len(sums.n) - 1,
    )


@dataclass(frozen=True)
class _Sums:
    n: Floats  # (J,)
    x: Floats  # (J, k), means
    y: Floats  # (J,)
    within: Floats  # (J, k + 1, k + 1), cross products about the means
    error: Floats  # (k, k), variance of the error

    @classmethod
    def of(cls, y: Floats, x: Floats, member: np.ndarray, error: Floats) -> _Sums:
        values = np.column_stack([x, y])
        n = np.bincount(member).astype(np.float64)
        means = np.stack([np.bincount(member, column) for column in values.T], axis=1) / n[:, None]
        about = values - means[member]
        k = values.shape[1]
        within = np.empty((len(n), k, k))
        for a in range(k):
            for b in range(a + 1):
                within[:, a, b] = within[:, b, a] = np.bincount(member, about[:, a] * about[:, b])
        return cls(n, means[:, :-1], means[:, -1], within, error)

    def at(self, ratio: float) -> tuple[Floats, Floats, Floats]:
        """Per group, corrected cross products of the columns, (J, k, k), and with the outcome, (J, k), and its weight."""
        weight = self.n / (1 + ratio * self.n)
        # Of n persons' errors, all but a part of their mean is in the weighted cross products.
        errors = self.n - ratio * weight
        products = self.within[:, :-1, :-1] + weight[:, None, None] * self.x[:, :, None] * self.x[:, None, :]
        wanted = self.within[:, :-1, -1] + (weight * self.y)[:, None] * self.x
        return products - errors[:, None, None] * self.error, wanted, weight

    def residual(self, ratio: float, coefficients: Floats) -> float:
        """Weighted residual sum of squares."""
        line = np.append(-coefficients, 1.0)
        left = self.y - self.x @ coefficients
        return float(line @ self.within.sum(axis=0) @ line + (self.n / (1 + ratio * self.n) * left**2).sum())


def _ratio(sums: _Sums) -> float:
    average = float(sums.n.mean())
    freedom = sums.n.sum() - sums.x.shape[1]

    def score(reliability: float) -> float:
        ratio = reliability / (1 - reliability) / average
        products, wanted, weight = sums.at(ratio)
        corrected = products.sum(axis=0)
        coefficients = _solved(corrected, wanted.sum(axis=0))
        plain = corrected + (sums.n - ratio * weight).sum() * sums.error
        squared = np.einsum("j,ji,jk->ik", weight**2, sums.x, sums.x)
        left = sums.y - sums.x @ coefficients
        falls = freedom * ((weight * left) ** 2).sum() / sums.residual(ratio, coefficients)
        return float(weight.sum() - np.trace(np.linalg.solve(plain, squared)) - falls)

    if score(0.0) >= 0:
        return 0.0
    rising = next((one for one in RELIABILITIES[1:] if score(one) > 0), None)
    if rising is None:
        raise ValueError("No variance ratio fits.")
    found = float(brentq(score, 0.0, rising, xtol=1e-14))
    return found / (1 - found) / average


def _jackknife(products: Floats, wanted: Floats) -> Floats:
    whole, sought = products.sum(axis=0), wanted.sum(axis=0)
    groups = len(products)
    size = np.sqrt(np.abs(np.diag(whole)))
    without = (whole - products) / np.outer(size, size)
    if np.abs(np.linalg.eigvalsh(without)).min() <= 1e-9:
        return np.full(len(sought), np.nan)
    each = np.linalg.solve(without, ((sought - wanted) / size)[..., None])[..., 0] / size
    return np.sqrt((groups - 1) / groups * ((each - each.mean(axis=0)) ** 2).sum(axis=0))
