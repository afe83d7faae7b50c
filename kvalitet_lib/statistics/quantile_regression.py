"""Quantile regression, solved exactly: lines that a given share of the outcomes lies below."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.intervals import Floats
from kvalitet_lib.statistics.quantile_walk import Place, QuantileWalk

ALIKE = 1e-9  # a column closer than this to the span of those before it says nothing of its own
EXACT = 1e-13  # what least squares leaves is rounding below this share of the largest outcome


@dataclass(frozen=True)
class QuantileFit:
    """Quantile regressions of one outcome.

    Attributes
    ----------
    taus : ndarray, shape (k,)
        Quantiles, as asked for.
    coefficients : ndarray, shape (p, k)
        One column for each quantile; 0 in the rows of columns that were dropped.
    objective : ndarray, shape (k,)
        The check loss at the solution, in the unit of the outcome. It is unique; coefficients need not be when outcomes
        are tied.
    dropped : tuple of int
        Columns of the design that others already say.
    """

    taus: Floats
    coefficients: Floats
    objective: Floats
    dropped: tuple[int, ...] = ()

    def quantiles(self, design: ArrayLike) -> Floats:
        """Fitted quantiles of new rows, shape (m, p) → (m, k). They may cross where there are few rows."""
        return np.asarray(design, dtype=np.float64) @ self.coefficients


def quantile_regression(outcome: ArrayLike, design: ArrayLike, taus: ArrayLike, weights: ArrayLike | None = None) -> QuantileFit:
    """Exact quantile regressions, by linear programming with HiGHS.

    Parameters
    ----------
    outcome : array_like of float, shape (n,)
    design : array_like of float, shape (n, p)
        With a column of ones where an intercept is wanted. Columns that say nothing of their own are dropped, later ones
        first.
    taus : array_like of float, shape (k,) or ()
        Quantiles in (0, 1), in any order.
    weights : array_like of float, shape (n,), optional
        Not below 0; a weight of 2 is the row twice.

    Returns
    -------
    QuantileFit
        The minimum of the sum of ``w * (tau * max(r, 0) + (1 - tau) * max(-r, 0))`` over coefficients, with residuals
        ``r = y - X b``.

    Raises
    ------
    ContractError
        Shapes do not fit, a value is missing or infinite, a quantile lies outside (0, 1), or there are not more rows than
        columns.

    References
    ----------
    Koenker, R. & Bassett, G. (1978). Regression quantiles. Econometrica 46(1), 33-50.
    """
    y, x, levels, w = _read(outcome, design, taus, weights)
    kept = _independent(x)
    rows, amounts = _merged(np.column_stack([x[:, kept], y]), w)
    coefficients = np.zeros((x.shape[1], len(levels)))
    coefficients[kept] = _solved(rows[:, :-1], rows[:, -1], amounts, levels)
    dropped = tuple(np.setdiff1d(np.arange(x.shape[1]), kept).tolist())
    return QuantileFit(levels, coefficients, check_loss(y, x @ coefficients, levels, w), dropped)


def check_loss(outcome: Floats, quantiles: Floats, taus: Floats, weights: Floats | None = None) -> Floats:
    """What quantile regression minimises.

    Parameters
    ----------
    outcome : ndarray, shape (n,)
    quantiles : ndarray, shape (n, k)
        Fitted values for each of the quantiles.
    taus : ndarray, shape (k,)
    weights : ndarray, shape (n,), optional

    Returns
    -------
    ndarray, shape (k,)
        Sums in the unit of the outcome.
    """
    w = np.ones(len(outcome)) if weights is None else weights
    loss = np.empty(len(taus))
    for place, tau in enumerate(taus):
        residual = outcome - quantiles[:, place]
        loss[place] = w @ (residual * (tau - (residual < 0)))
    return loss


def _read(
    outcome: ArrayLike, design: ArrayLike, taus: ArrayLike, weights: ArrayLike | None
) -> tuple[Floats, Floats, Floats, Floats]:
    y, x = np.asarray(outcome, dtype=np.float64), np.asarray(design, dtype=np.float64)
    levels = np.atleast_1d(np.asarray(taus, dtype=np.float64))
    w = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=np.float64)
    if y.ndim != 1 or x.ndim != 2 or len(x) != len(y) or w.shape != y.shape:
        raise ContractError(
            f"quantile_regression needs n outcomes, an n × p design and n weights; it got {y.shape}, {x.shape} and {w.shape}."
        )
    if not (np.isfinite(y).all() and np.isfinite(x).all() and np.isfinite(w).all() and (w >= 0).all()):
        raise ContractError(
            "quantile_regression got values that are missing or infinite, or weights below 0. Leave those rows out first."
        )
    if not ((levels > 0) & (levels < 1)).all():
        raise ContractError("quantile_regression needs quantiles between 0 and 1, such as 0.5 for the median.")
    counted = w > 0
    y, x, w = y[counted], x[counted], w[counted]
    if len(y) <= x.shape[1]:
        raise ContractError(f"quantile_regression has {len(y)} rows for {x.shape[1]} columns. Take fewer columns or more rows.")
    return y, x, levels, w


def _independent(design: Floats) -> NDArray[np.int64]:
    """Columns that are not in the span of those before them."""
    size = np.sqrt((design**2).sum(axis=0))
    there = np.flatnonzero(size > 0)
    if not len(there):
        raise ContractError("quantile_regression got a design of noughts. Give it at least a column of ones.")
    kept: list[int] = []
    upper = np.linalg.qr(design[:, there] / size[there])[1]
    if (np.abs(np.diag(upper)) > ALIKE).all():
        return there
    # The diagonal alone misleads behind a column that was dropped, so each is tried in its turn.
    for place in range(len(there)):
        if abs(np.linalg.qr(upper[:, [*kept, place]])[1][-1, -1]) > ALIKE:
            kept.append(place)
    return there[kept]


def _merged(rows: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Rows that are alike as one, with the sum of their weights: whole scores in large year groups are alike in hundreds."""
    mark = rows @ np.random.default_rng(0).normal(size=rows.shape[1])
    _, first, which = np.unique(mark, return_index=True, return_inverse=True)
    if len(first) == len(rows) or not (rows[first][which] == rows).all():
        return rows, weights
    return rows[first], np.bincount(which, weights).astype(np.float64)


def _solved(design: Floats, outcome: Floats, weights: Floats, taus: Floats) -> Floats:
    """Coefficients of a design of full rank.

    Columns at right angles and of one size, and what least squares leaves of the outcome, keep the programme's
    tolerances meaningful whatever the units are: a quantile of what is left is a quantile less the same line.
    """
    turned, back = np.linalg.qr(design)
    size = np.sqrt(len(design))
    line = turned.T @ outcome
    left = outcome - turned @ line
    spread = float(np.sqrt((left**2).mean()))
    scale = spread if spread > EXACT * float(np.abs(outcome).max(initial=1.0)) else 1.0
    coefficients = np.empty((design.shape[1], len(taus)))
    for column, place in enumerate(_all_quantiles(QuantileWalk(left / scale, turned * size, weights), taus)):
        if place.basis is None:
            coefficients[:, column] = np.linalg.solve(back, line + place.coefficients * (scale * size))
        else:
            coefficients[:, column] = np.linalg.solve(design[place.basis], outcome[place.basis])
    return coefficients


def _all_quantiles(walk: QuantileWalk, taus: Floats) -> list[Place]:
    """Every quantile, from the one in the middle upwards and then downwards."""
    levels, which = np.unique(taus, return_inverse=True)
    middle = int(np.argmin(np.abs(levels - 0.5)))
    begun = walk.begin(levels[middle])
    found = {middle: begun}
    for way in (range(middle + 1, len(levels)), range(middle - 1, -1, -1)):
        before, last = None, begun
        for place in way:
            before, last = last, walk.onward(levels[place], last, before)
            found[place] = last
    return [found[place] for place in which]
