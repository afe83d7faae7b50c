"""The predicted effects of a mixed model's levels, and how sure each is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kvalitet_lib.statistics.intervals import Floats
from kvalitet_lib.statistics.mixed_equations import Equations, State


@dataclass(frozen=True, repr=False)
class Effects:
    """The effects of one term's J levels, in the order of its q columns.

    Attributes
    ----------
    predicted : ndarray, shape (J, q)
        Best linear unbiased predictors.
    conditional : ndarray, shape (J, q, q)
        Their covariance given the outcomes when variances and coefficients are taken as known.
    error : ndarray, shape (J, q, q)
        The same with the coefficients estimated, each effect as the distance from the mean effect of all levels.
    """

    predicted: Floats
    conditional: Floats
    error: Floats

    @property
    def conditional_sd(self) -> Floats:
        """Shape (J, q)."""
        return np.sqrt(np.diagonal(self.conditional, axis1=1, axis2=2))

    @property
    def standard_error(self) -> Floats:
        """Shape (J, q); never below ``conditional_sd``."""
        return np.maximum(np.sqrt(np.diagonal(self.error, axis1=1, axis2=2)), self.conditional_sd)


def effects_of(equations: Equations, state: State, residual_variance: float, moves: Moves) -> tuple[Effects, ...]:
    """Effects of all terms.

    Parameters
    ----------
    moves : Moves
        How the effects move with the covariances, and how sure those are.

    Returns
    -------
    tuple of Effects
        In the order of the terms.

    References
    ----------
    Kackar, R. N. & Harville, D. A. (1984). Approximations for standard errors of estimators of fixed and random effects in
    mixed linear models. J. Am. Stat. Assoc. 79(388), 853-862.
    Prasad, N. G. N. & Rao, J. N. K. (1990). The estimation of the mean squared error of small-area estimators.
    J. Am. Stat. Assoc. 85(409), 163-171: what is unknown of the covariances counts twice.
    """
    solutions, spreads = _solutions(equations, state), _spreads(equations, state)
    inverse = np.linalg.inv(state.products[:-1, :-1])
    found = []
    for at, solved in enumerate(solutions):
        turn = equations.turn_back[at]
        by_column = turn @ solved[:, :, :-1]
        own = turn @ spreads[at] @ turn.T
        # Levels are taken as unrelated given the rest, which is exact for a single term.
        count = len(own)
        centred = by_column - by_column.mean(axis=0)
        estimated = centred @ inverse @ centred.transpose(0, 2, 1)
        spread = residual_variance * (own * (1 - 2 / count) + own.sum(axis=0) / count**2 + estimated)
        found.append(Effects(_predicted(turn, solved, state), residual_variance * own, spread + 2 * moves.spread_of(at)))
    return tuple(found)


def predicted_effects(equations: Equations, state: State) -> tuple[Floats, ...]:
    """Predicted effects of all terms, each of shape (J, q), without how sure they are."""
    solutions = _solutions(equations, state)
    return tuple(_predicted(turn, solved, state) for turn, solved in zip(equations.turn_back, solutions, strict=True))


@dataclass(frozen=True, repr=False)
class Moves:
    """How all terms' effects move with each free parameter, and how sure the parameters are.

    Attributes
    ----------
    slopes : tuple of tuple of ndarray
        Per parameter and term, shape (J, q).
    spread : ndarray, shape (f, f)
        Covariance of the parameters.
    """

    slopes: tuple[tuple[Floats, ...], ...]
    spread: Floats

    def spread_of(self, term: int) -> Floats:
        """What not knowing the parameters adds to the covariance of a term's effects, shape (J, q, q)."""
        if not self.slopes:
            return np.zeros(1)
        slopes = np.stack([one[term] for one in self.slopes])
        return np.einsum("fja,fg,gjb->jab", slopes, self.spread, slopes)


def _predicted(turn: Floats, solved: Floats, state: State) -> Floats:
    return np.asarray((turn @ solved[:, :, -1:])[:, :, 0] - turn @ solved[:, :, :-1] @ state.coefficients)


def _solutions(equations: Equations, state: State) -> list[Floats]:
    """Per term, its effects for each fixed column and the outcome, shape (J, q, k + 1), in its standardised columns."""
    rest = np.zeros((0, equations.columns + 1))
    if equations.left:
        rest = equations.places.gathered(_unbanded(state.bands, _solved(state)))
    found: dict[int, Floats] = {}
    first = 0
    for at in equations.left:
        term = equations.terms[at]
        last = first + term.levels * term.width
        found[at] = rest[first:last].reshape(term.levels, term.width, -1)
        first = last
    if equations.gone is not None and equations.block is not None:
        wanted = equations.block.wanted
        if equations.left:
            wanted = wanted - (equations.block.rest @ rest).reshape(wanted.shape)
        found[equations.gone] = _own(state) @ wanted
    return [found[at] for at in range(len(equations.terms))]


def _spreads(equations: Equations, state: State) -> list[Floats]:
    """Per term, what is unknown of its effects in residual variances, shape (J, q, q), in its standardised columns."""
    found: dict[int, Floats] = {}
    rest = np.zeros((0, 0, 0))
    if equations.left:
        half = _unbanded(state.bands, np.asarray(np.linalg.inv(state.rest), dtype=np.float64))
        rest = _unbanded(state.bands, half.transpose(0, 2, 1))
    first = 0
    for at in equations.left:
        term = equations.terms[at]
        last = first + term.levels * term.width
        part, place = equations.places.part[first:last], equations.places.place[first:last]
        block = place.reshape(term.levels, term.width)
        found[at] = rest[part[:: term.width, None, None], block[:, :, None], block[:, None, :]]
        first = last
    if equations.gone is not None:
        own = _own(state)
        found[equations.gone] = own + _through_rest(equations, own, rest) if equations.left else own
    return [found[at] for at in range(len(equations.terms))]


def _solved(state: State) -> Floats:
    return np.asarray(np.linalg.solve(state.rest, state.rest_wanted), dtype=np.float64)


def _own(state: State) -> Floats:
    """Of the term eliminated, what is unknown of its effects when all others are known."""
    q = state.lower.shape[1]
    turn = state.turned[:, :, -q:]
    return turn.transpose(0, 2, 1) @ turn


def _through_rest(equations: Equations, own: Floats, rest_spread: Floats) -> Floats:
    """What is unknown of the rest, as it reaches the levels eliminated; part by part."""
    assert equations.block is not None
    q = own.shape[1]
    columns = equations.block.rest.indices[equations.pair_places[:, 0]]
    reach = np.einsum("pab,pb->pa", own[equations.level_of_pair], equations.pairs)
    added = np.zeros_like(own)
    part = equations.places.part[columns]
    order = np.argsort(part, kind="stable")
    edges = np.flatnonzero(np.diff(part[order])) + 1
    for some in np.split(order, edges):
        levels, at = np.unique(equations.level_of_pair[some], return_inverse=True)
        laid = np.zeros((len(levels), q, rest_spread.shape[1]))
        laid[at, :, equations.places.place[columns[some]]] = reach[some]
        added[levels] = laid @ rest_spread[part[some[0]]] @ laid.transpose(0, 2, 1)
    return added


def _unbanded(bands: tuple[Floats, ...], values: Floats) -> Floats:
    """The scaling times values, shape (C, m, c): the transpose of ``banded``."""
    scaled = bands[0][:, :, None] * values
    for d, band in enumerate(bands[1:], start=1):
        scaled[:, d:] += band[:, :-d, None] * values[:, :-d]
    return scaled
