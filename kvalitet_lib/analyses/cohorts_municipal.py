"""The municipality's pupils as the analysis of cohorts takes them: everyone in two year groups, with or without a result."""

from __future__ import annotations

import pandas as pd

from kvalitet_lib.analyses.municipal_rows import MunicipalRows
from kvalitet_lib.analyses.results import STAGES

ONCE = ["pupil", "school_year"]


def rows_of_chain(town: MunicipalRows, earlier: str, later: str) -> tuple[pd.DataFrame, int, int]:
    """Pupils in the year groups of two results, who were there whether they have a result or not.

    Returns
    -------
    DataFrame
        ``pupil, school, school_year, year_group, z``: results in standard deviations from the mean of those followed.
    int
        The later year group.
    int
        Years between the two.
    """
    stages = STAGES[town.country]
    levels = {stages[earlier]: earlier, stages[later]: later}
    here = town.pupils[town.pupils["year_group"].isin(list(levels))]
    here = here[[*ONCE, "school", "year_group"]].astype({"year_group": "float64"})
    results = town.results[town.results["measure"].isin(list(levels.values()))]
    results = results[[*ONCE, "school", "year_group", "z"]].astype({"year_group": "float64"})
    # Who has a result and is missing from the register was there all the same; the result's school is where it was given.
    together = pd.concat([results, here[~_in(here, results)]], ignore_index=True).drop_duplicates(ONCE)
    return _beside_the_followed(together, town.pairs(earlier, later), levels), stages[later], stages[later] - stages[earlier]


def _beside_the_followed(rows: pd.DataFrame, both: pd.DataFrame, levels: dict[int, str]) -> pd.DataFrame:
    """Results in standard deviations of the pupils who can be followed, from their mean.

    Beside the mean of everyone, those who stay would seem to rise whenever newcomers come with low results.
    """
    first, last = min(levels), max(levels)
    for level, year, z in ((first, "year_earlier", "earlier_z"), (last, "school_year", "later_z")):
        known = both.dropna(subset=["earlier_z", "later_z"]).groupby(year)[z].agg(["mean", "std"])
        known = known[known["std"].gt(0)]
        mine = rows["year_group"].eq(level) & rows["school_year"].isin(known.index)
        of_year = known.loc[rows.loc[mine, "school_year"]]
        rows.loc[mine, "z"] = (rows.loc[mine, "z"].to_numpy() - of_year["mean"].to_numpy()) / of_year["std"].to_numpy()
    return rows


def _in(rows: pd.DataFrame, others: pd.DataFrame) -> pd.Series:
    known = pd.MultiIndex.from_frame(others[ONCE])
    return pd.Series(pd.MultiIndex.from_frame(rows[ONCE]).isin(known), index=rows.index)
