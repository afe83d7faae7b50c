"""Weights, not below 0 and adding up to 1, with which some columns come closest to a target."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize

from kvalitet_lib.statistics.intervals import Floats

FIRST_STEPS, MOST_STEPS = 100, 10_000  # synthdid's, before and after small weights are dropped
SMALL = 0.25  # of the largest weight


def nearest_weights(columns: ArrayLike, target: ArrayLike, ridge: float = 0.0) -> Floats:
    """The weights that come closest, exactly (active set).

    Minimises ``|columns @ w - target|² + ridge |w|²``. As the weights add up to 1, this is the point of a polytope nearest
    the origin, and that point has the direction of a least squares solution with no constraint but the signs.

    Parameters
    ----------
    columns : array_like, shape (m, n)
    target : array_like, shape (m,)
    ridge : float
        Above 0 the answer is unique; at 0 several answers may come equally close, of which this is one.

    Returns
    -------
    ndarray, shape (n,)

    References
    ----------
    Lawson, C. L. & Hanson, R. J. (1974). Solving Least Squares Problems. Prentice-Hall, chapter 23.
    Wolfe, P. (1976). Finding the nearest point in a polytope. Math. Program. 11, 128-149.
    """
    corners = np.asarray(columns, dtype=np.float64) - np.asarray(target, dtype=np.float64)[:, None]
    n = corners.shape[1]
    if ridge > 0:
        corners = np.vstack([corners, np.sqrt(ridge) * np.eye(n)])
    scale = float(np.sqrt((corners**2).sum(axis=0)).min())
    system = np.vstack([corners / (scale or 1.0), np.ones(n)])
    direction, _ = optimize.nnls(system, np.append(np.zeros(len(corners)), 1.0), maxiter=30 * n + 100)
    return np.asarray(direction / direction.sum())


def stepwise_weights(columns: ArrayLike, target: ArrayLike, ridge: float, enough: float) -> Floats:
    """The weights that come close, by the steps that the R package synthdid takes (Frank and Wolfe).

    A hundred steps from equal weights; weights below a quarter of the largest are dropped; then ten thousand steps more, or
    until one gains less than ``enough``² in mean square. It stops short of the best weights, and alike in both programs, so
    that what others have published with synthdid comes out to the last digit.

    Parameters
    ----------
    columns, target, ridge
        As for ``nearest_weights``.
    enough : float
        In units of the target.

    References
    ----------
    Arkhangelsky, D., Athey, S., Hirshberg, D. A., Imbens, G. W. & Wager, S. (2021). Synthetic difference-in-differences.
    Am. Econ. Rev. 111(12), 4088-4118.
    """
    matrix, wanted = np.asarray(columns, dtype=np.float64), np.asarray(target, dtype=np.float64)
    n = matrix.shape[1]
    first = _walk(matrix, wanted, ridge, np.full(n, 1 / n), enough, FIRST_STEPS)
    kept = np.where(first <= first.max() * SMALL, 0.0, first)
    return _walk(matrix, wanted, ridge, kept / kept.sum(), enough, MOST_STEPS)


def _walk(matrix: Floats, target: Floats, ridge: float, start: Floats, enough: float, most: int) -> Floats:
    """Steps towards the corner that pulls most; products are carried along, so that a step costs one column."""
    gram, pull, rows = matrix.T @ matrix, matrix.T @ target, len(target)
    weights, lean = start, gram @ start
    squared, distance, size = float(start @ lean), float(target @ target), float(start @ start)
    before, now = np.inf, np.inf
    for step_number in range(most):
        if step_number >= 2 and not before - now > enough**2:
            break
        slope = lean - pull + ridge * weights
        corner = int(slope.argmin())
        bend = gram[corner, corner] - 2 * lean[corner] + squared + ridge * (1 - 2 * weights[corner] + size)
        if bend <= 0:
            break
        step = min(1.0, max(0.0, float(slope @ weights - slope[corner]) / bend))
        squared = (1 - step) ** 2 * squared + 2 * step * (1 - step) * lean[corner] + step**2 * gram[corner, corner]
        weights = (1 - step) * weights
        weights[corner] += step
        lean = (1 - step) * lean + step * gram[:, corner]
        size = float(weights @ weights)
        before, now = now, (ridge * size + squared - 2 * float(pull @ weights) + distance) / rows
    return weights
