"""Least squares whose rows come in clusters, such as pupils in schools: standard errors that hold, also with few clusters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.intervals import Floats

KINDS = ("CR0", "CR1", "CR2", "CR3")
SINGULAR = 1e-10  # a direction that a cluster alone decides: nothing is left of it to estimate from


@dataclass(frozen=True, repr=False)
class LeastSquares:
    """A weighted least-squares fit; every array is already multiplied by the square root of the weights.

    Attributes
    ----------
    coefficients : ndarray, shape (k,)
    residuals : ndarray, shape (n,)
    design : ndarray, shape (n, k)
    inverse : ndarray, shape (k, k)
        Inverse of the design's cross product.
    """

    coefficients: Floats
    residuals: Floats
    design: Floats
    inverse: Floats

    @property
    def classical(self) -> Floats:
        """Covariance of the coefficients when rows are independent and equally spread, shape (k, k)."""
        rows, terms = self.design.shape
        return self.inverse * float(self.residuals @ self.residuals) / (rows - terms)

    @property
    def hc1(self) -> Floats:
        """White's covariance for rows that are independent, times ``n / (n - k)``, shape (k, k)."""
        rows, terms = self.design.shape
        scores = self.design * self.residuals[:, None]
        return rows / (rows - terms) * self.inverse @ (scores.T @ scores) @ self.inverse


def least_squares(outcome: ArrayLike, design: ArrayLike, weights: ArrayLike | None = None) -> LeastSquares:
    """Least squares of an outcome on the columns of a design.

    Parameters
    ----------
    outcome : array_like, shape (n,)
    design : array_like, shape (n, k)
        With its column of ones, when there is to be one. Fixed effects of clusters may be taken out of outcome and design
        beforehand: with clusters as clusters, CR2 is the same as with a dummy for each (Pustejovsky & Tipton 2018).
    weights : array_like, shape (n,), optional
        Above 0; inverse variances, up to a factor.

    Raises
    ------
    ContractError
        Columns say the same thing, or there are more of them than rows.
    """
    root = np.sqrt(np.ones(len(np.asarray(outcome))) if weights is None else np.asarray(weights, dtype=np.float64))
    y, x = np.asarray(outcome, dtype=np.float64) * root, np.asarray(design, dtype=np.float64) * root[:, None]
    if x.shape[0] <= x.shape[1] or np.linalg.matrix_rank(x) < x.shape[1]:
        raise ContractError(
            f"Least squares on {x.shape[0]} rows: the {x.shape[1]} columns of the design say the same thing in part. "
            "Leave out the columns that others already say."
        )
    inverse = np.linalg.inv(x.T @ x)
    coefficients = np.asarray(np.linalg.lstsq(x, y, rcond=None)[0], dtype=np.float64)
    return LeastSquares(coefficients, y - x @ coefficients, x, (inverse + inverse.T) / 2)


def cluster_covariance(fit: LeastSquares, clusters: ArrayLike, kind: str = "CR1", terms: int | None = None) -> Floats:
    """Covariance of the coefficients when rows of one cluster may depend on one another in any way.

    Parameters
    ----------
    clusters : array_like, shape (n,)
        Which cluster each row belongs to.
    kind : str
        ``CR0`` without a correction; ``CR1`` times ``G / (G - 1) * (n - 1) / (n - k)``, as Stata and the R package sandwich
        have it; ``CR2`` unbiased when rows are independent and equally spread (bias-reduced linearisation); ``CR3`` the
        jackknife that leaves out one cluster at a time, times ``(G - 1) / G``.
    terms : int, optional
        The k of CR1, when not the number of columns.

    Returns
    -------
    ndarray, shape (k, k)

    References
    ----------
    Bell, R. M. & McCaffrey, D. F. (2002). Bias reduction in standard errors for linear regression with multi-stage samples.
    Surv. Methodol. 28(2), 169-181.
    Pustejovsky, J. E. & Tipton, E. (2018). Small-sample methods for cluster-robust variance estimation and hypothesis testing
    in fixed effects models. J. Bus. Econ. Stat. 36(4), 672-683.
    MacKinnon, J. G., Nielsen, M. Ø. & Webb, M. D. (2023). Cluster-robust inference: a guide to empirical practice.
    J. Econom. 232(2), 272-299.
    """
    if kind not in KINDS:
        raise ContractError(f"There is no cluster-robust covariance {kind!r}. Choose one of: {', '.join(KINDS)}.")
    members = _members(clusters)
    count = len(members)
    rows, columns = fit.design.shape
    scores = np.stack([_adjusted(fit, own, kind).T @ fit.residuals[own] for own in members])
    meat = scores.T @ scores
    if kind == "CR1":
        meat *= count / (count - 1) * (rows - 1) / (rows - (columns if terms is None else terms))
    if kind == "CR3":
        meat *= (count - 1) / count
    return fit.inverse @ meat @ fit.inverse


def two_way_covariance(fit: LeastSquares, first: ArrayLike, second: ArrayLike, both: str = "CR1") -> Floats:
    """Covariance when rows that share either of two kinds of cluster may depend on one another, such as school and year.

    Each of the three parts has CR1's correction with its own number of clusters ("conventional" in other programs).

    Parameters
    ----------
    first, second : array_like, shape (n,)
        Which cluster of either kind each row belongs to.
    both : str
        Kind of the part that is taken away, for rows that share both: ``CR1``, or ``CR0`` (sandwich's ``multi0``).

    Returns
    -------
    ndarray, shape (k, k)
        A variance can come out below 0 with few clusters; its root is then NaN and nothing should be said.

    References
    ----------
    Cameron, A. C., Gelbach, J. B. & Miller, D. L. (2011). Robust inference with multiway clustering.
    J. Bus. Econ. Stat. 29(2), 238-249.
    """
    one, other = (np.unique(np.asarray(clusters), return_inverse=True)[1] for clusters in (first, second))
    pairs = one.astype(np.int64) * (int(other.max(initial=0)) + 1) + other
    return cluster_covariance(fit, one) + cluster_covariance(fit, other) - cluster_covariance(fit, pairs, both)


def satterthwaite(fit: LeastSquares, clusters: ArrayLike, contrast: ArrayLike) -> float:
    """Degrees of freedom of a t test with the CR2 standard error of a combination of coefficients.

    Parameters
    ----------
    contrast : array_like, shape (k,)
        Factor of each coefficient in the combination.

    Returns
    -------
    float
        Above 0; small when few clusters decide the coefficient, however many clusters there are.

    References
    ----------
    Pustejovsky & Tipton (2018), as in :func:`cluster_covariance`.
    """
    wanted = fit.inverse @ np.asarray(contrast, dtype=np.float64)
    parts = [(own, _adjusted(fit, own, "CR2") @ wanted) for own in _members(clusters)]
    lengths = np.array([part @ part for _, part in parts])
    shared = np.stack([fit.design[own].T @ part for own, part in parts])
    gram = np.diag(lengths) - shared @ fit.inverse @ shared.T
    return float(np.trace(gram) ** 2 / (gram**2).sum())


def _members(clusters: ArrayLike) -> list[NDArray[np.int64]]:
    """The rows of each cluster.

    Raises
    ------
    ContractError
        There is only one cluster.
    """
    number = np.unique(np.asarray(clusters), return_inverse=True)[1]
    count = int(number.max(initial=0)) + 1
    if count < 2:
        raise ContractError("Standard errors by cluster need at least two clusters.")
    return np.split(np.argsort(number, kind="stable"), np.cumsum(np.bincount(number))[:-1])


def _adjusted(fit: LeastSquares, own: NDArray[np.int64], kind: str) -> Floats:
    """A cluster's rows of the design, turned so that its residuals are as large as its errors, shape (own, k)."""
    design = fit.design[own]
    if kind in ("CR0", "CR1"):
        return design
    # The cluster's part of the hat matrix is u s² u' with no more directions than there are coefficients: no matrix as
    # large as the cluster is needed.
    u, s, _ = np.linalg.svd(design @ np.linalg.cholesky(fit.inverse), full_matrices=False)
    left = np.clip(1 - s**2, 0, None)
    power = -0.5 if kind == "CR2" else -1.0
    factor = np.where(left > SINGULAR, np.where(left > SINGULAR, left, 1.0) ** power, 0.0)
    return design + (u * (factor - 1)) @ (u.T @ design)
