"""The plainest reason why a hidden number is safe: two groups at one school against the same two at another."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

from kvalitet_lib.disclosure.tables import Tables


def partners(room_up: np.ndarray, room_down: np.ndarray, school: np.ndarray, sums: Tables, width: float) -> np.ndarray:
    """With how many other schools each cell can exchange ``width`` persons, all that is shown staying as it is.

    Girls more and boys fewer at one school, boys more and girls fewer at another: every group's total and both schools'
    totals stay. Where no total across schools is in the way, one exchange inside the school is enough.

    Parameters
    ----------
    room_up, room_down : float array
        By how much each cell may change with every other cell as it is.
    school : int array
        Number of the cell's school.
    sums : Tables
    width : float

    Returns
    -------
    int array
        Number of such schools; a number beyond all schools where none is needed. Cells that take part in other sums
        besides are 0: they need a proper search.
    """
    pairs = _pairs(sums)
    able = np.zeros((len(room_up), school.max() + 3), dtype=bool)
    for _, rows in pairs.groupby(["across", "other_across"], sort=False):
        one, other = rows["cell"].to_numpy(), rows["other"].to_numpy()
        up = np.minimum(room_up[one], room_down[other])
        down = np.minimum(room_down[one], room_up[other])
        if rows["across"].iloc[0] < 0:
            able[one[up + down >= width], -1] = True
            able[other[up + down >= width], -1] = True
            continue
        enough = np.minimum.outer(up, down) + np.minimum.outer(down, up) >= width
        np.fill_diagonal(enough, False)
        for at, with_whom in enumerate(enough):
            able[one[at], school[one[with_whom]]] = True
            able[other[at], school[other[with_whom]]] = True
    return np.where(able[:, -1], able.shape[1], able[:, :-1].sum(axis=1))


def _pairs(sums: Tables) -> pd.DataFrame:
    """Pairs of parts of one school's sum, with the sums across schools they stand in (-1: none)."""
    members = pd.DataFrame(
        {"cell": sums.cell, "relation": sums.relation, "across": sums.across[sums.relation], "sign": sums.sign}
    )
    once = members.groupby("cell")["across"].agg(["size", "sum"])
    simple = once.index[(once["size"] - once["sum"]).eq(1) & once["sum"].le(1)]
    parts = members[members["cell"].isin(simple) & members["sign"].gt(0)]
    inside = parts[~parts["across"]].set_index("cell")["relation"]
    across = parts[parts["across"]].set_index("cell")["relation"].reindex(inside.index).fillna(-1).astype(int)
    rows: list[tuple[int, int]] = []
    for _, cells in pd.Series(inside.index, inside.to_numpy()).groupby(level=0):
        rows.extend(combinations(sorted(cells, key=lambda cell: (across[cell], cell)), 2))
    found = pd.DataFrame(rows, columns=["cell", "other"])
    found["across"], found["other_across"] = across[found["cell"]].to_numpy(), across[found["other"]].to_numpy()
    return found[found["across"].lt(0) == found["other_across"].lt(0)]
