"""A mixed model written out in full matrices: slow, and short enough to be read as its own proof."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Dense:
    """Log likelihood, coefficients and their covariance, and per term the effects with their conditional covariance."""

    log_likelihood: float
    coefficients: np.ndarray
    covariance: np.ndarray
    effects: list[np.ndarray]
    conditional: list[np.ndarray]


def dense(y, x, matrices, covariances, residual, reml=True) -> Dense:
    """At given variances: ``matrices`` (n, J * q) and ``covariances`` (q, q) per term, a level's columns side by side."""
    n, k = x.shape
    spreads = [np.kron(np.eye(z.shape[1] // len(one)), one) for z, one in zip(matrices, covariances, strict=True)]
    v = residual * np.eye(n) + sum(z @ spread @ z.T for z, spread in zip(matrices, spreads, strict=True))
    inverse = np.linalg.inv(v)
    information = x.T @ inverse @ x
    coefficients = np.linalg.solve(information, x.T @ inverse @ y)
    left = y - x @ coefficients
    value = np.linalg.slogdet(v)[1] + left @ inverse @ left + (n - k * reml) * np.log(2 * np.pi)
    value += np.linalg.slogdet(information)[1] if reml else 0.0
    z, spread = np.hstack(matrices), np.zeros((0, 0))
    for one in spreads:
        spread = np.block([[spread, np.zeros((len(spread), len(one)))], [np.zeros((len(one), len(spread))), one]])
    effects = spread @ z.T @ inverse @ left
    given = spread - spread @ z.T @ inverse @ z @ spread
    cuts = np.cumsum([0, *(one.shape[1] for one in matrices)])
    widths = [len(one) for one in covariances]
    parts = [effects[a:b].reshape(-1, q) for a, b, q in zip(cuts, cuts[1:], widths, strict=False)]
    blocks = [
        np.array([given[at : at + q, at : at + q] for at in range(a, b, q)])
        for a, b, q in zip(cuts, cuts[1:], widths, strict=False)
    ]
    return Dense(float(-value / 2), coefficients, np.linalg.inv(information), parts, blocks)
