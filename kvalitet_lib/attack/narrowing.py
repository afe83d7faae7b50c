"""What follows by simple substitution: each quantity's bounds from the bounds of the others in a relation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kvalitet_lib.attack.printed import Floats
from kvalitet_lib.attack.relations import TOUCH, Relations

MOST_ROUNDS = 60


class Contradiction(Exception):  # noqa: N818
    """Some relations cannot hold together with what is printed."""

    def __init__(self, rows: NDArray[np.int64]) -> None:
        self.rows = rows


def narrowed(given: Relations, low: Floats, high: Floats, whole: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """The tightest bounds that relations taken one at a time leave, repeated until nothing changes.

    Parameters
    ----------
    given : Relations
    low, high : ndarray, shape (k,)
        Bounds to begin with.
    whole : ndarray of bool, shape (k,)
        Quantities that are whole numbers: their bounds are rounded inwards.

    Returns
    -------
    low, high : ndarray, shape (k,)

    Raises
    ------
    Contradiction
        Names the relations that leave nothing.
    """
    entries = given.matrix.tocoo()
    row, place, factor = entries.row, entries.col, entries.data
    low, high = low.copy(), high.copy()
    for _ in range(MOST_ROUNDS):
        least, most = given.reach(low, high)
        if (broken := (least > given.high + TOUCH) | (most < given.low - TOUCH)).any():
            raise Contradiction(np.flatnonzero(broken))
        positive = factor > 0
        mine_low = np.where(positive, factor * low[place], factor * high[place])
        mine_high = np.where(positive, factor * high[place], factor * low[place])
        # What the others leave for this one's share of the relation.
        at_most = (given.high[row] - (least[row] - mine_low)) / factor
        at_least = (given.low[row] - (most[row] - mine_high)) / factor
        new_high, new_low = high.copy(), low.copy()
        np.minimum.at(new_high, place, np.where(positive, at_most, at_least))
        np.maximum.at(new_low, place, np.where(positive, at_least, at_most))
        new_high = np.where(whole, np.floor(new_high + TOUCH), new_high)
        new_low = np.where(whole, np.ceil(new_low - TOUCH), new_low)
        if (crossed := new_low > new_high + TOUCH).any():
            raise Contradiction(np.unique(row[crossed[place]]))
        new_high = np.maximum(new_low, new_high)
        if not ((new_high < high - TOUCH) | (new_low > low + TOUCH)).any():
            return new_low, new_high
        low, high = new_low, new_high
    return low, high


def believable(given: Relations, low: Floats, high: Floats, whole: NDArray[np.bool_]) -> tuple[Relations, Floats, Floats]:
    """The relations without those that contradict what is printed, and the bounds the rest leave.

    A whole number that is printed with a fraction lies between the whole numbers around it.
    """
    low, high = np.where(whole, np.floor(low + TOUCH), low), np.where(whole, np.ceil(high - TOUCH), high)
    while True:
        try:
            return given, *narrowed(given, low, high, whole)
        except Contradiction as found:
            given = given.rows(np.setdiff1d(np.arange(len(given)), found.rows))


def with_room_for(given: Relations, low: Floats, high: Floats) -> Relations:
    """Relations stretched until they reach the bounds: those who know may know that one does not quite hold."""
    least, most = given.reach(low, high)
    return given.within(np.minimum(given.low, most), np.maximum(given.high, least))
