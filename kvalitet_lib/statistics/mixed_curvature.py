"""How sharply a mixed model's likelihood bends at its highest: whether it is the highest, and how sure the variances are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kvalitet_lib.statistics.intervals import Floats
from kvalitet_lib.statistics.mixed_equations import Equations, State

STEP = 2e-3  # of a parameter; differences of the deviance are then exact to about six digits


@dataclass(frozen=True, repr=False)
class Curvature:
    """Derivatives of the deviance at one point.

    Attributes
    ----------
    free : ndarray of bool, shape (p,)
        Parameters that are not held at 0.
    size : ndarray, shape (f,)
        By how much each free parameter was moved.
    step : ndarray, shape (p,)
        The Newton step; 0 where not free.
    promised : float
        What the step would lower the deviance by.
    is_lowest : bool
        Whether the deviance rises in all directions that are free.
    spread : ndarray, shape (f + 1, f + 1)
        Covariance of the free parameters and of the logarithm of the residual variance.
    residual_variance : float
    inverse : ndarray, shape (k, k)
        Of the cross products of the orthonormal fixed columns, and ``inverse_slopes`` (f, k, k) its derivatives.
    persons : int
    """

    free: NDArray[np.bool_]
    size: Floats
    step: Floats
    promised: float
    is_lowest: bool
    spread: Floats
    residual_variance: float
    inverse: Floats
    inverse_slopes: Floats
    persons: int

    def freedom(self, back: Floats) -> Floats:
        """Satterthwaite's degrees of freedom of coefficients that ``back`` (k, k) turns the orthonormal ones into.

        References
        ----------
        Satterthwaite, F. E. (1946). An approximate distribution of estimates of variance components.
        Biometrics Bull. 2(6), 110-114.
        """
        variance = np.einsum("ik,kl,il->i", back, self.inverse, back)
        slopes = np.einsum("ik,fkl,il->fi", back, self.inverse_slopes, back)
        gradient = np.vstack([slopes, variance])
        spread = np.einsum("fi,fg,gi->i", gradient, self.spread, gradient)
        most = float(self.persons - len(back))
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.clip(np.nan_to_num(2 * variance**2 / spread, nan=most, posinf=most), 1.0, most)


def curvature(equations: Equations, theta: Floats, reml: bool) -> Curvature:
    """Derivatives at ``theta`` by central differences; standard deviations of 0 are held there."""
    diagonal = np.array(equations.diagonal)
    here = equations.at(theta)
    used = equations.persons - equations.columns * reml
    residual = here.residual / used
    free = ~(diagonal & (theta == 0))
    places = np.flatnonzero(free)
    size = np.where(diagonal, np.minimum(STEP, theta / 2), STEP)[places]

    def height(state: State) -> float:
        level = state.level + (np.linalg.slogdet(state.products[:-1, :-1])[1] if reml else 0.0)
        return float(level + state.residual / residual)

    def moved(*moves: tuple[int, float]) -> State:
        there = theta.copy()
        for at, by in moves:
            there[places[at]] += by * size[at]
        return equations.at(there)

    f = len(places)
    beside = [(moved((at, 1.0)), moved((at, -1.0))) for at in range(f)]
    slope = np.array([(height(up) - height(down)) / 2 for up, down in beside]) / size
    residual_slope = np.array([(up.residual - down.residual) / 2 for up, down in beside]) / size / residual
    bends = np.diag([height(up) + height(down) - 2 * height(here) for up, down in beside]) if f else np.zeros((0, 0))
    for a in range(f):
        for b in range(a):
            corners = height(moved((a, 1.0), (b, 1.0))) + height(moved((a, -1.0), (b, -1.0)))
            bends[a, b] = bends[b, a] = (corners - height(moved((a, 1.0), (b, -1.0))) - height(moved((a, -1.0), (b, 1.0)))) / 4
    bends = bends / np.outer(size, size)
    whole = np.block([[bends, -residual_slope[:, None]], [-residual_slope[None, :], np.array([[float(used)]])]])
    profile = bends - np.outer(residual_slope, residual_slope) / used
    lowest = bool(f == 0 or np.linalg.eigvalsh(profile).min() > 0)
    newton = -np.linalg.solve(profile, slope) if lowest and f else np.zeros(f)
    step = np.zeros(len(theta))
    step[places] = newton
    inverses = [[np.linalg.inv(state.products[:-1, :-1]) for state in pair] for pair in beside]
    slopes = np.array([(up - down) / (2 * by) for (up, down), by in zip(inverses, size, strict=True)])
    k = equations.columns
    return Curvature(
        free=free,
        size=size,
        step=step,
        promised=float(-newton @ slope) / 2,
        is_lowest=lowest,
        spread=2 * np.linalg.pinv(whole),
        residual_variance=residual,
        inverse=np.asarray(np.linalg.inv(here.products[:-1, :-1]), dtype=np.float64),
        inverse_slopes=slopes.reshape(f, k, k),
        persons=equations.persons,
    )
