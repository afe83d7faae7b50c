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


def effects_of(equations: Equations, state: State, residual_variance: float) -> tuple[Effects, ...]:
    """Effects of all terms.

    Returns
    -------
    tuple of Effects
        In the order of the terms.
    """
    rest, rest_spread = _of_rest(equations, state)
    solutions: dict[int, Floats] = {}
    spreads: dict[int, Floats] = {}
    first = 0
    for at in equations.left:
        term = equations.terms[at]
        last = first + term.levels * term.width
        solutions[at] = rest[first:last].reshape(term.levels, term.width, -1)
        part, place = equations.places.part[first:last], equations.places.place[first:last]
        block = place.reshape(term.levels, term.width)
        spreads[at] = rest_spread[part[:: term.width, None, None], block[:, :, None], block[:, None, :]]
        first = last
    if equations.gone is not None:
        solutions[equations.gone], spreads[equations.gone] = _of_eliminated(equations, state, rest, rest_spread)
    inverse = np.linalg.inv(state.products[:-1, :-1])
    found = []
    for at in range(len(equations.terms)):
        turn, solved, spread = equations.turn_back[at], solutions[at], spreads[at]
        by_column = turn @ solved[:, :, :-1]
        predicted = (turn @ solved[:, :, -1:])[:, :, 0] - by_column @ state.coefficients
        own = turn @ spread @ turn.T
        # Levels are taken as unrelated given the rest, which is exact for a single term.
        count = len(own)
        centred = by_column - by_column.mean(axis=0)
        estimated = centred @ inverse @ centred.transpose(0, 2, 1)
        error = own * (1 - 2 / count) + own.sum(axis=0) / count**2 + estimated
        found.append(Effects(predicted, residual_variance * own, residual_variance * error))
    return tuple(found)


def _of_rest(equations: Equations, state: State) -> tuple[Floats, Floats]:
    """Effects of the rest's columns for each fixed column and the outcome, (R, k + 1), and their spread by part, (C, m, m)."""
    if not equations.left:
        return np.zeros((0, equations.columns + 1)), np.zeros((0, 0, 0))
    inverse = np.asarray(np.linalg.inv(state.rest), dtype=np.float64)
    solved = _unbanded(state.bands, inverse @ state.rest_wanted)
    half = _unbanded(state.bands, inverse)
    return equations.places.gathered(solved), _unbanded(state.bands, half.transpose(0, 2, 1))


def _of_eliminated(equations: Equations, state: State, rest: Floats, rest_spread: Floats) -> tuple[Floats, Floats]:
    assert equations.block is not None and equations.gone is not None
    q = state.lower.shape[1]
    turn = state.turned[:, :, -q:]
    across = turn.transpose(0, 2, 1)
    own = across @ turn
    wanted = equations.block.wanted
    if not equations.left:
        return own @ wanted, own
    met = equations.block.rest
    solved = own @ (wanted - (met @ rest).reshape(wanted.shape))
    return solved, own + _through_rest(equations, own, rest_spread)


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
