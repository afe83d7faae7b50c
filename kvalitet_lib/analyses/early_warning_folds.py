"""Risks foretold for pupils by models that have never seen their school or their cohort."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kvalitet_lib.analyses.factor_matrix import Factors
from kvalitet_lib.statistics.intervals import Floats
from kvalitet_lib.statistics.logistic import Logistic, fit_logistic

Mask = NDArray[np.bool_]
MOST_PARTS = 40  # schools (or cohorts) left out one at a time; more are left out some at a time, for the time it takes


@dataclass(frozen=True)
class Foretold:
    """A model of all rows it may learn from, and the risks of the rows it is tested on.

    Attributes
    ----------
    model : Logistic
        Of all rows, or of those it was told to learn from.
    risk : ndarray, shape (m,)
        NaN in rows that are not tested.
    models : int
        How many models foretold them.
    reason : str
        Why there are no risks, ``reasons.<id>``; empty when there are.
    """

    model: Logistic
    risk: Floats
    models: int
    reason: str = ""


def foretell(event: Floats, factors: Factors, parts: list[NDArray[np.int64]], learns: Mask | None, firth: bool) -> Foretold:
    """Fit on some, foretell the others.

    Parameters
    ----------
    event : ndarray, shape (m,)
        1 where it happened.
    factors : Factors
    parts : list of int arrays, shape (m,)
        Schools and cohorts: a row's model has seen none of its own. Used where ``learns`` is not given.
    learns : ndarray of bool, shape (m,), optional
        The rows to learn from; all others are tested.
    firth : bool
    """
    matrix = factors.matrix
    own = np.ones(len(event), dtype=bool) if learns is None else learns
    model = fitted(event[own], matrix[own], firth)
    risk, models = np.full(len(event), np.nan), 0
    if reason := _why_not(model, event[own]):
        return Foretold(model, risk, 0, "terms_coincide" if reason == "ew_in_one_place" else reason)
    if learns is not None:
        risk[~learns] = model.probabilities(matrix[~learns])
        return Foretold(model, risk, 1)
    for tested, learnt in _folds(parts):
        if reason := "" if learnt.any() else "ew_no_other_pupils":
            return Foretold(model, risk, models, reason)
        # Not begun from the model of all: not even the last decimals of a risk may come from the pupil's own school.
        other = fitted(event[learnt], matrix[learnt], firth)
        if reason := _why_not(other, event[learnt]):
            return Foretold(model, risk, models, reason)
        risk[tested] = other.probabilities(matrix[tested])
        models += 1
    return Foretold(model, risk, models, "" if models else "ew_no_other_pupils")


def fitted(event: Floats, matrix: Floats, firth: bool) -> Logistic:
    """One model; with Firth's penalty its constant is set anew, so that as many events are foretold as there were.

    References
    ----------
    Puhr, R., Heinze, G., Nold, M., Lusa, L. & Geroldinger, A. (2017). Firth's logistic regression with rare events: accurate
    effect estimates and predictions? Stat. Med. 36(14), 2302-2317.
    """
    model = fit_logistic(event, matrix, firth=firth)
    if not firth or not model.converged or np.ptp(event) <= 0:
        return model
    factors = matrix[:, 1:] @ model.coefficients[1:]
    level = fit_logistic(event, np.ones((len(event), 1)), offset=factors, start=model.coefficients[:1])
    coefficients = np.concatenate([level.coefficients, model.coefficients[1:]])
    return Logistic(coefficients, model.covariance, model.deviance, level.converged, False)


def _why_not(model: Logistic, event: Floats) -> str:
    if np.ptp(event) <= 0:
        return "ew_few_events"
    if np.isnan(model.coefficients).any():
        return "ew_in_one_place"
    if model.separated:
        return "ew_separation"
    return "" if model.converged else "not_converged"


def _folds(parts: list[NDArray[np.int64]]) -> Iterator[tuple[Mask, Mask]]:
    """Rows to test and rows to learn from: those of no part of theirs. Where schools are many some are left out together."""
    if not parts:
        return
    parts = [part % MOST_PARTS for part in parts]
    together = pd.factorize(pd.MultiIndex.from_arrays(parts))[0] if len(parts) > 1 else parts[0]
    for one in np.unique(together):
        tested = together == one
        first = int(np.argmax(tested))
        yield tested, np.logical_and.reduce([part != part[first] for part in parts])
