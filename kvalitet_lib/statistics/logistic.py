"""Logistic regression by maximum likelihood, or by Firth's penalised likelihood where events are few or factors separate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit

from kvalitet_lib.statistics.intervals import Floats

MOST_STEPS = 25  # as R's glm
TOLERANCE = 1e-8  # relative change of the deviance at which the search has ended, as R's glm
FIRTH_STEPS = 200
FIRTH_TOLERANCE = 1e-9
SHORTEST = 1e-6  # share of a step
ROUNDING = 1e-10  # of the loss: what is no worse than this is no worse
EXACT = 1e-6  # a deviance below this: every outcome is fitted exactly
RANK = 1e-9  # a column that adds less than this of itself to those before says nothing new; own rule
THIN = 0.05  # information in the weakest direction, of the mean weight, below which it is asked whether it vanishes; own rule
FURTHER = 10  # steps taken then: under separation each makes the weakest information about e times smaller
VANISHED = float(np.exp(-FURTHER / 2))


@dataclass(frozen=True)
class Logistic:
    """A fitted logistic regression.

    Attributes
    ----------
    coefficients : ndarray, shape (k,)
        Log odds per unit; NaN when the columns cannot be told apart.
    covariance : ndarray, shape (k, k)
        Inverse of the Fisher information at the last step's weights, as R's glm reports it.
    deviance : float
        Minus twice the log likelihood (without any penalty).
    converged : bool
    separated : bool
        Some combination of the columns tells events from others without a fault, at least at one end, so that no finite
        answer exists. Never with Firth's penalty.
    """

    coefficients: Floats
    covariance: Floats
    deviance: float
    converged: bool
    separated: bool

    @property
    def standard_errors(self) -> Floats:
        return np.sqrt(np.diag(self.covariance))

    def probabilities(self, matrix: ArrayLike) -> Floats:
        """The probability of the event for each row of a matrix, shape (m, k)."""
        return expit(np.asarray(matrix, dtype=np.float64) @ self.coefficients)


def fit_logistic(
    outcome: ArrayLike, matrix: ArrayLike, *, offset: ArrayLike = 0.0, start: ArrayLike | None = None, firth: bool = False
) -> Logistic:
    """Fit by Fisher scoring.

    Parameters
    ----------
    outcome : array_like, shape (m,)
        1 where the event happened, else 0.
    matrix : array_like, shape (m, k)
        Columns; nothing is added, so a constant must be one of them.
    offset : array_like
        Log odds known beforehand.
    start : array_like, shape (k,), optional
        Coefficients to begin with.
    firth : bool
        Whether to penalise by Jeffreys' prior.

    Returns
    -------
    Logistic

    References
    ----------
    McCullagh, P. & Nelder, J. A. (1989). Generalized linear models, 2nd ed. Chapman & Hall.
    Albert, A. & Anderson, J. A. (1984). On the existence of maximum likelihood estimates in logistic regression models.
    Biometrika 71(1), 1-10 (separation).
    Firth, D. (1993). Bias reduction of maximum likelihood estimates. Biometrika 80(1), 27-38.
    Heinze, G. & Schemper, M. (2002). A solution to the problem of separation in logistic regression.
    Stat. Med. 21(16), 2409-2419.
    """
    y, x = np.asarray(outcome, dtype=np.float64), np.asarray(matrix, dtype=np.float64)
    known = np.broadcast_to(np.asarray(offset, dtype=np.float64), y.shape)
    width = x.shape[1]
    # On an orthonormal basis the search does not depend on how the columns are scaled.
    basis, upper = np.linalg.qr(x)
    diagonal = np.abs(np.diag(upper)) / np.maximum(np.sqrt((x**2).sum(axis=0))[: len(upper)], np.finfo(float).tiny)
    if len(y) < width or diagonal.min(initial=1.0) <= RANK:
        return Logistic(np.full(width, np.nan), np.full((width, width), np.nan), float("nan"), False, False)
    begin = None if start is None else upper @ np.asarray(start, dtype=np.float64)
    place, information, converged, separated = (_penalised if firth else _scored)(y, basis, known, begin)
    linear = basis @ place + known
    back = np.linalg.inv(upper)
    covariance = back @ np.linalg.pinv(information, hermitian=True) @ back.T
    return Logistic(back @ place, covariance, _deviance(y, linear), converged and not separated, separated)


def clustered_covariance(
    outcome: ArrayLike, probabilities: ArrayLike, matrix: ArrayLike, covariance: ArrayLike, cluster: NDArray[np.int64]
) -> Floats:
    """Covariance of the coefficients that allows for pupils of one school to be alike (sandwich).

    Parameters
    ----------
    outcome, probabilities : array_like, shape (m,)
    matrix : array_like, shape (m, k)
    covariance : array_like, shape (k, k)
        Inverse of the Fisher information.
    cluster : array of int, shape (m,)
        Numbered from 0; at least two.

    References
    ----------
    Liang, K.-Y. & Zeger, S. L. (1986). Longitudinal data analysis using generalized linear models. Biometrika 73(1), 13-22.
    """
    rest = np.asarray(outcome, dtype=np.float64) - np.asarray(probabilities, dtype=np.float64)
    scores = rest[:, None] * np.asarray(matrix, dtype=np.float64)
    clusters = int(cluster.max()) + 1
    sums = np.stack([np.bincount(cluster, column, clusters) for column in scores.T], axis=1)
    bread = np.asarray(covariance, dtype=np.float64)
    return clusters / (clusters - 1) * bread @ (sums.T @ sums) @ bread


_Found = tuple[Floats, Floats, bool, bool]


def _scored(y: Floats, basis: Floats, offset: Floats, begin: Floats | None) -> _Found:
    """R's glm: from the outcomes themselves, until the deviance stands still; the information is the last step's."""
    linear = logit((y + 0.5) / 2) if begin is None else basis @ begin + offset
    before, converged = _deviance(y, linear), False
    place, information = np.zeros(basis.shape[1]), np.eye(basis.shape[1])
    for _ in range(MOST_STEPS):
        place, information = _step(y, basis, offset, linear)
        linear = basis @ place + offset
        deviance = _deviance(y, linear)
        if not np.isfinite(deviance):
            return place, information, False, False
        if converged := abs(deviance - before) < TOLERANCE * (abs(deviance) + 0.1):
            break
        before = deviance
    if before < EXACT:
        return place, information, converged, True
    weakest = float(np.linalg.eigvalsh(information)[0])
    thin = weakest < THIN * float(_weights(linear).mean()) or not converged
    return place, information, converged, thin and _vanishes(y, basis, offset, linear, weakest)


def _vanishes(y: Floats, basis: Floats, offset: Floats, linear: Floats, weakest: float) -> bool:
    """Whether the weakest information goes on shrinking: at a maximum it stands still, under separation it has none."""
    information = np.eye(basis.shape[1])
    for _ in range(FURTHER):
        place, information = _step(y, basis, offset, linear)
        linear = basis @ place + offset
    return float(np.linalg.eigvalsh(information)[0]) < VANISHED * weakest


def _step(y: Floats, basis: Floats, offset: Floats, linear: Floats) -> tuple[Floats, Floats]:
    weight = np.maximum(_weights(linear), np.finfo(float).tiny)
    working = linear - offset + (y - expit(linear)) / weight
    information = basis.T @ (weight[:, None] * basis)
    return np.linalg.pinv(information, rcond=1e-14, hermitian=True) @ (basis.T @ (weight * working)), information


def _penalised(y: Floats, basis: Floats, offset: Floats, begin: Floats | None) -> _Found:
    place = np.zeros(basis.shape[1]) if begin is None else begin
    loss, information, step = _penalised_at(y, basis, offset, place)
    before = np.zeros_like(step)
    for _ in range(FIRTH_STEPS):
        if np.abs(step).max(initial=0.0) < FIRTH_TOLERANCE * (1 + np.abs(place).max(initial=0.0)):
            return place, information, True, False
        # The expected information leaves out the penalty's own curvature: steps may swing to and fro for ever.
        length = 0.5 if step @ before < 0 else 1.0
        onward = _penalised_at(y, basis, offset, place + length * step)
        while onward[0] > loss + ROUNDING * (abs(loss) + 1) and length > SHORTEST:
            length /= 2
            onward = _penalised_at(y, basis, offset, place + length * step)
        place, before = place + length * step, step
        loss, information, step = onward
    return place, information, False, False


def _penalised_at(y: Floats, basis: Floats, offset: Floats, place: Floats) -> tuple[float, Floats, Floats]:
    """The penalised loss, the information, and the next step."""
    linear = basis @ place + offset
    fitted, weight = expit(linear), _weights(linear)
    information = basis.T @ (weight[:, None] * basis)
    inverse = np.linalg.pinv(information, hermitian=True)
    leverage = weight * np.einsum("ij,jk,ik->i", basis, inverse, basis)
    loss = _deviance(y, linear) - float(np.linalg.slogdet(information)[1])
    return loss, information, inverse @ (basis.T @ (y - fitted + leverage * (0.5 - fitted)))


def _weights(linear: Floats) -> Floats:
    fitted = expit(linear)
    return fitted * (1 - fitted)


def _deviance(y: Floats, linear: Floats) -> float:
    return float(2 * (np.logaddexp(0, linear) - y * linear).sum())
