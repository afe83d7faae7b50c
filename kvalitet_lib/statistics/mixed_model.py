"""Mixed models with any random terms, nested, crossed or weighted, by (restricted) maximum likelihood."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize

from kvalitet_lib.statistics.intervals import Floats
from kvalitet_lib.statistics.mixed_curvature import Curvature, curvature
from kvalitet_lib.statistics.mixed_effects import Effects, Moves, effects_of, predicted_effects
from kvalitet_lib.statistics.mixed_equations import Equations, State
from kvalitet_lib.statistics.mixed_terms import RandomTerm

# Of each standard deviation, in standard deviations of the residual, and of what lies beside it in a triangle.
STARTS = ((0.05, -0.02), (0.15, 0.05), (0.4, -0.15), (1.0, 0.3))
SHORTER = (1.0, 0.5, 0.2)  # parts of a Newton step that are tried
NEAR_NOTHING = 1e-3  # a standard deviation below this share of the residual's is held to be 0
ALLOWED = 1e-4  # deviance that another Newton step may still promise; beyond it there is no stable answer
ROUNDS = 6


@dataclass(frozen=True, repr=False)
class MixedModel:
    """A fitted model: outcome = columns times coefficients + random terms + what is left.

    Attributes
    ----------
    equations : Equations
    state : State
        Solved at the most likely covariances.
    theta : ndarray
        Lower triangles of the terms' covariances, in the standardised columns and relative to the residual.
    reml : bool
    curves : Curvature
        How sharply the likelihood bends there.
    converged : bool
        False when no point was found from which the likelihood falls in all directions.
    """

    equations: Equations
    state: State
    theta: Floats
    reml: bool
    curves: Curvature
    converged: bool

    @property
    def freedom_used(self) -> int:
        return self.equations.persons - self.equations.columns * self.reml

    @property
    def residual_variance(self) -> float:
        return self.state.residual / self.freedom_used

    @cached_property
    def covariances(self) -> tuple[Floats, ...]:
        """Per term, the covariance of its effects, shape (q, q), in the order of its columns."""
        return covariances_of(self.equations, self.theta, self.residual_variance)

    @property
    def log_likelihood(self) -> float:
        """Restricted where ``reml``."""
        return -profile_deviance(self.equations, self.state, self.reml) / 2

    @property
    def coefficients(self) -> Floats:
        """Shape (k,)."""
        return np.linalg.solve(self.equations.triangle, self.equations.first + self.state.coefficients)

    @cached_property
    def covariance(self) -> Floats:
        """Of the coefficients given the variances, shape (k, k)."""
        return self.residual_variance * self._back @ np.linalg.inv(self.state.products[:-1, :-1]) @ self._back.T

    @property
    def standard_errors(self) -> Floats:
        return np.sqrt(np.diag(self.covariance))

    @property
    def freedom(self) -> Floats:
        """Satterthwaite's degrees of freedom of the coefficients, shape (k,)."""
        return self.curves.freedom(self._back)

    @property
    def at_boundary(self) -> tuple[bool, ...]:
        """Per term, whether its covariance is singular: a variance of 0, or effects that go together wholly."""
        return tuple(bool((np.abs(np.diag(root)) <= NEAR_NOTHING).any()) for root in self.state.roots)

    @cached_property
    def effects(self) -> tuple[Effects, ...]:
        """Per term, the predicted effects of its levels."""
        slopes = []
        for at, by in zip(np.flatnonzero(self.curves.free), self.curves.size, strict=True):
            moved = [self.theta + np.where(np.arange(len(self.theta)) == at, one, 0.0) for one in (by, -by)]
            up, down = (predicted_effects(self.equations, self.equations.at(one)) for one in moved)
            slopes.append(tuple((above - below) / (2 * by) for above, below in zip(up, down, strict=True)))
        moves = Moves(tuple(slopes), self.curves.spread[:-1, :-1])
        return effects_of(self.equations, self.state, self.residual_variance, moves)

    @property
    def _back(self) -> Floats:
        return np.linalg.inv(self.equations.triangle)


def covariances_of(equations: Equations, theta: Floats, residual_variance: float) -> tuple[Floats, ...]:
    """Per term, the covariance of its effects in the columns as given."""
    turned = [turn @ root for root, turn in zip(equations.roots(theta), equations.turn_back, strict=True)]
    return tuple(residual_variance * one @ one.T for one in turned)


def profile_deviance(equations: Equations, state: State, reml: bool) -> float:
    """-2 log likelihood, coefficients and residual variance profiled out."""
    freedom = equations.persons - equations.columns * reml
    value = freedom * (1 + np.log(2 * np.pi * state.residual / freedom)) + state.level
    if reml:
        value += np.linalg.slogdet(state.products[:-1, :-1])[1] + 2 * np.log(np.abs(np.diag(equations.triangle))).sum()
    return float(value)


def fit_mixed_model(outcome: ArrayLike, matrix: ArrayLike, terms: Sequence[RandomTerm], reml: bool = True) -> MixedModel:
    """Fit a mixed model.

    Parameters
    ----------
    outcome : array_like, shape (n,)
    matrix : array_like, shape (n, k)
        Fixed columns, the intercept among them where there is one.
    terms : sequence of RandomTerm
        At least one.
    reml : bool
        Restricted maximum likelihood, else maximum likelihood.

    Raises
    ------
    ValueError
        Columns say the same thing, there are no more persons than columns, or nothing is left to explain.

    References
    ----------
    Bates, D., Maechler, M., Bolker, B. & Walker, S. (2015). Fitting linear mixed-effects models using lme4.
    J. Stat. Softw. 67(1): the profiled likelihood in the relative covariance factor.
    Browne, W. J., Goldstein, H. & Rasbash, J. (2001). Multiple membership multiple classification (MMMC) models.
    Stat. Model. 1(2), 103-124: members of several levels, weighted.
    """
    equations = Equations(outcome, matrix, terms)
    if equations.persons <= equations.columns + 1:
        raise ValueError("fit_mixed_model needs more persons than columns.")

    def value(theta: Floats) -> float:
        return profile_deviance(equations, equations.at(theta), reml)

    diagonal = np.array(equations.diagonal)
    starts = sorted((np.where(diagonal, *one) for one in STARTS), key=value)
    theta, bends = _settled(equations, value, starts[0], reml)
    for start in starts[1:]:
        # A point inside, from which the likelihood falls in all directions, is taken; at the edge there may be others.
        if bends.is_lowest and bends.promised <= ALLOWED and bends.free.all():
            break
        other, others = _settled(equations, value, start, reml)
        if value(other) < value(theta) - ALLOWED or (others.is_lowest and not bends.is_lowest):
            theta, bends = other, others
    state = equations.at(theta)
    sound = bool(np.isfinite(profile_deviance(equations, state, reml))) and state.residual > 0
    return MixedModel(equations, state, theta, reml, bends, sound and bends.is_lowest and bends.promised <= ALLOWED)


def _settled(equations: Equations, value: Callable[[Floats], float], start: Floats, reml: bool) -> tuple[Floats, Curvature]:
    """Where the search from one start comes to rest, drawn closer by Newton steps; and how the deviance bends there."""
    diagonal = np.array(equations.diagonal)
    theta = _lowest(equations, value, start)
    bends = curvature(equations, theta, reml)
    for _ in range(ROUNDS):
        if not bends.is_lowest or bends.promised <= ALLOWED / 100:
            break
        steps = [theta + part * bends.step for part in SHORTER]
        closer = min((np.where(diagonal, np.maximum(one, 0.0), one) for one in steps), key=value)
        if not value(closer) < value(theta):
            break
        theta = closer
        bends = curvature(equations, theta, reml)
    return theta, bends


def _lowest(equations: Equations, value: Callable[[Floats], float], start: Floats) -> Floats:
    """The lowest point by quasi-Newton steps.

    The likelihood is even in each standard deviation, so its slope at 0 is 0 whether or not it falls from there: the search
    is not held to one side of 0, where it would come to rest.
    """
    found = minimize(value, start, method="L-BFGS-B", options={"ftol": 1e-12, "gtol": 1e-5}).x
    theta = _upright(equations, found)
    return np.where(np.array(equations.diagonal) & (theta < NEAR_NOTHING), 0.0, theta)


def _upright(equations: Equations, theta: Floats) -> Floats:
    """The same covariances with no standard deviation below 0: a column of a triangle may change its sign."""
    turned = []
    for root in equations.roots(theta):
        signs = np.where(np.diag(root) < 0, -1.0, 1.0)
        turned.append((root * signs)[np.tril_indices(len(root))])
    return np.concatenate(turned)
