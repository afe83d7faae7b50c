"""What comparisons and differences between sources tell of figures that are hidden beside them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from kvalitet_lib.attack.reading import Seen
from kvalitet_lib.attack.weakness import CELL, Weakness

VISIBLE = ("yes", "rounded")
RESULTS = ["difference", "difference_lower", "difference_upper", "p", "p_adjusted"]
STATED = ["indicator", "level", "unit", "school_year", "group"]
JUDGED = ("above", "below", "similar")


def by_comparison(seen: Seen) -> list[Weakness]:
    """Comparisons that state or judge a hidden figure, on either side."""
    rows = seen.comparisons
    if rows.empty:
        return []
    state = seen.figures.drop_duplicates(CELL).set_index(CELL)["shown"]
    own_hidden = ~_state(state, rows[CELL]).isin(VISIBLE).to_numpy()
    judged = rows["verdict"].isin(JUDGED).to_numpy() | rows["better"].ne("").to_numpy()
    told = np.logical_or.reduce([rows[name].ne("").to_numpy() for name in RESULTS]) | judged
    other = reference_cells(rows, seen)
    other_state = _state(state, other)
    other_hidden = (other_state.ne("") & ~other_state.isin(VISIBLE)).to_numpy()
    stated = told | rows["reference_estimate"].ne("").to_numpy()
    return [*_derived(rows.loc[own_hidden & told, CELL]), *_derived(other[other_hidden & stated])]


def by_disagreement(seen: Seen) -> list[Weakness]:
    """Differences from another source, whose figure anybody can look up, beside a figure that is hidden."""
    hidden = seen.figures[seen.figures["shown"].isin(["protected", "too_few", "all_or_none", "complement"])]
    told = {tuple(str(one.get(name, "")) for name in STATED) for one in seen.disagreements}
    keys = zip(*(hidden[name] for name in STATED), strict=True)
    return list(_derived(hidden.loc[np.fromiter((key in told for key in keys), dtype=bool, count=len(hidden)), CELL]))


def reference_cells(rows: pd.DataFrame, seen: Seen) -> pd.DataFrame:
    """The figure each comparison is held against; a unit of no name where it is no one figure."""
    homes = seen.units[seen.units["level"].eq("school")].drop_duplicates("unit").set_index("unit")["municipality"]
    place = rows["unit"].map(homes).fillna("").replace("", seen.code).where(rows["level"].eq("school"), rows["unit"])
    units = {"municipality": place, "own_earlier": rows["unit"], "comparable": pd.Series(seen.comparable, index=rows.index)}
    levels = {"municipality": "municipality", "comparable": "group"}
    unit, level = pd.Series("", index=rows.index), rows["level"]
    for reference, where in units.items():
        chosen = rows["reference"].eq(reference)
        unit = unit.mask(chosen, where)
        level = level.mask(chosen, levels[reference]) if reference in levels else level
    year = rows["reference_year"].where(rows["reference_year"].ne(""), rows["school_year"])
    return rows[CELL].assign(level=level, unit=unit, school_year=year)


def _state(state: pd.Series, cells: pd.DataFrame) -> pd.Series:
    """How each figure is shown; empty where the release does not have it."""
    found = state.reindex(pd.MultiIndex.from_frame(cells[CELL])).fillna("")
    return found.set_axis(cells.index)


def _derived(cells: pd.DataFrame) -> Iterator[Weakness]:
    return (Weakness("derived", "", *cell) for cell in cells[CELL].drop_duplicates().itertuples(index=False, name=None))
