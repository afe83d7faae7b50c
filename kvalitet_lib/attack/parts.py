"""The unknowns cut into parts that have nothing to do with each other, each beside one table that fits."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from kvalitet_lib.attack.fitting import fitting
from kvalitet_lib.attack.narrowing import with_room_for
from kvalitet_lib.attack.printed import Floats
from kvalitet_lib.attack.relations import TOUCH, Relations


@dataclass(frozen=True)
class Part:
    """Quantities that hang together, numbered anew.

    Attributes
    ----------
    places : ndarray of int, shape (k,)
        Their numbers in the whole.
    given : Relations
        Between them alone; what is known stands in the bounds.
    low, high, at : ndarray, shape (k,)
        Their bounds, and a table that fits: the true one, as far as it is known.
    """

    places: NDArray[np.int64]
    given: Relations
    low: Floats
    high: Floats
    at: Floats


def parts_of(given: Relations, low: Floats, high: Floats, truth: Floats) -> Iterator[Part]:
    """The parts, each with only the relations that can bind.

    Parameters
    ----------
    given : Relations
    low, high : ndarray, shape (k,)
        Bounds after narrowing.
    truth : ndarray, shape (k,)
        NaN where nobody knows.
    """
    free = high > low + TOUCH
    least, most = given.reach(low, high)
    binding = given.rows((least < given.low - TOUCH) | (most > given.high + TOUCH))
    fixed = binding.matrix @ np.where(free, 0.0, low)
    places = np.flatnonzero(free)
    reduced = Relations(sparse.csr_array(binding.matrix[:, places]), binding.low - fixed, binding.high - fixed)
    for columns, rows in _connected(reduced.matrix):
        chosen = reduced.rows(rows)
        alone = Relations(sparse.csr_array(chosen.matrix[:, columns]), chosen.low, chosen.high)
        yield _with_fitting(places[columns], _without_detours(alone), low, high, truth)


def _connected(matrix: sparse.csr_array) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    _rows, columns = matrix.shape
    links = sparse.block_array([[None, abs(matrix).T], [abs(matrix), None]], format="csr")
    count, label = connected_components(links, directed=False)
    order = np.argsort(label, kind="stable")
    ends = np.searchsorted(label[order], np.arange(count + 1))
    for start, end in itertools.pairwise(ends):
        members = order[start:end]
        if (members >= columns).any():
            yield members[members < columns], members[members >= columns] - columns


def _with_fitting(places: NDArray[np.int64], given: Relations, low: Floats, high: Floats, truth: Floats) -> Part:
    known = truth[places]
    unknown = np.isnan(known)
    at, broken = fitting(given, np.where(unknown, low[places], known), np.where(unknown, high[places], known))
    believed = with_room_for(given, at, at) if not unknown.all() else given.rows(np.logical_not(broken))
    return Part(places, believed, np.minimum(low[places], at), np.maximum(high[places], at), at)


def _without_detours(given: Relations) -> Relations:
    """The relations without each "no more than" that follows from two others."""
    entries = np.diff(given.matrix.indptr)
    total = given.matrix.sum(axis=1)
    orders = np.flatnonzero((entries == 2) & (total == 0) & (given.high == 0) & ~np.isfinite(given.low))
    if not len(orders):
        return given
    picked = given.matrix[orders]
    less, more = (np.asarray((sign * picked).argmax(axis=1)).ravel() for sign in (1, -1))
    size = given.matrix.shape[1]
    steps = sparse.csr_array((np.ones(len(orders)), (less, more)), shape=(size, size))
    if (steps * steps.T).nnz:
        return given
    detours = steps @ steps
    implied = np.asarray(detours[less, more]).ravel() > 0
    return given.rows(np.setdiff1d(np.arange(len(given)), orders[implied]))
