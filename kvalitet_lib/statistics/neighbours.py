"""Who is most alike: the nearest neighbours of every unit."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def nearest_neighbours(values: ArrayLike, k: int) -> NDArray[np.int64]:
    """The k units most like each unit, by standardised Euclidean distance.

    Every column is divided by its standard deviation, so that none weighs more for being spread more.

    Parameters
    ----------
    values : array_like of float, shape (units, columns)
        What the units are compared on; nothing missing. A column in which all are alike does not count.
    k : int
        How many neighbours, fewer than there are units.

    Returns
    -------
    ndarray of int, shape (units, k)
        Row numbers of the neighbours, nearest first, never the unit itself. Equally near: first row first.

    Raises
    ------
    ValueError
        There are not more than k units.
    """
    table = np.asarray(values, dtype=np.float64)
    if len(table) <= k:
        raise ValueError(f"{k} neighbours need at least {k + 1} units; there are {len(table)}")
    spread = table.std(axis=0)
    scaled = table / np.where(spread > 0, spread, 1.0)
    distance = ((scaled[:, None, :] - scaled[None, :, :]) ** 2).sum(axis=2)
    np.fill_diagonal(distance, np.inf)
    return np.argsort(distance, axis=1, kind="stable")[:, :k].astype(np.int64)
