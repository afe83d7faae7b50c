"""Which indicators count the same persons, and which series of figures are one and the same number."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kvalitet_lib.attack.definitions import SAME_PERSONS
from kvalitet_lib.attack.printed import Floats

# The same number this often, and not only because there is but one: then it is taken for the same number everywhere.
ENOUGH_CELLS = 5
DIFFERENT_VALUES = 2
# Single series are many, and small numbers agree by chance: they must agree longer before one believes it.
ENOUGH_POINTS = 10
DIFFERENT_POINTS = 5


def same_persons(cells: pd.DataFrame) -> pd.Series:
    """A number for each cell's population: indicators whose persons agree in every cell where both are visible.

    Parameters
    ----------
    cells : DataFrame
        Columns of ``Cells.frame``, and ``true_persons`` from those who know.

    Returns
    -------
    Series of int
        Same index as ``cells``.
    """
    exact = cells["persons_low"].where(cells["persons_low"].eq(cells["persons_high"]) & cells["whole"])
    persons = cells.assign(exact=exact).pivot(index="place", columns="indicator", values="exact")
    values = persons.to_numpy(dtype=np.float64)
    truth = cells.pivot(index="place", columns="indicator", values="true_persons")[persons.columns].to_numpy(dtype=np.float64)
    names = [str(name) for name in persons.columns]
    classes: list[list[int]] = []
    for new in range(len(names)):
        apart = values - values[:, [new]]
        agrees = apart == 0
        conflict = ((~np.isnan(apart) & ~agrees) | (np.abs(truth - truth[:, [new]]) > 0)).any(axis=0)
        several = np.array([len(set(values[agrees[:, old], new])) >= DIFFERENT_VALUES for old in range(len(names))])
        seen = (agrees.sum(axis=0) >= ENOUGH_CELLS) & several
        joined = next(
            (
                one
                for one in classes
                if not conflict[one].any() and any(seen[old] or _defined(names[old], names[new]) for old in one)
            ),
            None,
        )
        if joined is None:
            classes.append([new])
        else:
            joined.append(new)
    numbers = {names[member]: number for number, one in enumerate(classes) for member in one}
    return cells["indicator"].map(numbers).astype(np.int64)


def _defined(one: str, other: str) -> bool:
    return any(one in group and other in group for group in SAME_PERSONS)


def echoes(low: Floats, high: Floats) -> list[tuple[int, int]]:
    """Pairs of series that state the same number at every point where both are visible, and nowhere cannot.

    Parameters
    ----------
    low, high : ndarray, shape (series, points)
        Bounds of what each states, the same where it is known; NaN where it states nothing. A point is a unit and a
        school year.

    Returns
    -------
    list of (int, int)
        Rows, the smaller number first.
    """
    exact = low == high
    known = exact.astype(np.float64)
    numbers = np.where(exact, low, 0.0)
    # Sum of squared differences over common points, as three matrix products.
    apart = (numbers**2) @ known.T + known @ (numbers**2).T - 2 * numbers @ numbers.T
    alike = (np.abs(apart) < 0.5) & (known @ known.T >= ENOUGH_POINTS)
    pairs = [(int(one), int(other)) for one, other in np.argwhere(np.triu(alike, 1))]
    return [
        (one, other)
        for one, other in pairs
        if len(np.unique(low[one][exact[one] & exact[other]])) >= DIFFERENT_POINTS
        and not ((low[one] > high[other]) | (low[other] > high[one])).any()
    ]
