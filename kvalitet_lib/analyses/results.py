"""Each pupil's results on the way through school: what was measured, when, and how it stands beside the others of that year."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from kvalitet_lib.indicators import Indicator
from kvalitet_lib.indicators.background import PUPIL
from kvalitet_lib.indicators.swedish_grades import POINTS, grades_set
from kvalitet_lib.measure.counted import count_rows, missing_tables

FINAL = {"se": "meritvarde", "no": "grunnskolepoeng"}
STAGES = {
    "se": {"prov_ak3": 3, "prov_ak6": 6, "betyg_ak6": 6, "prov_ak9": 9, "meritvarde": 9},
    "no": {"np5": 5, "np8": 8, "np9": 9, "grunnskolepoeng": 10},
}
CHAINS = {
    "se": (("prov_ak3", "prov_ak6"), ("prov_ak3", "betyg_ak6"), ("prov_ak6", "prov_ak9"), ("betyg_ak6", "meritvarde")),
    "no": (("np5", "np8"), ("np8", "np9"), ("np9", "grunnskolepoeng")),
}
COLUMNS = [*PUPIL, "year_group", "measure", "value", "z"]
FEWEST = 2


def results_of(country: str, tables: Mapping[str, pd.DataFrame], indicators: Mapping[str, Indicator]) -> pd.DataFrame:
    """All results of all pupils.

    Returns
    -------
    DataFrame
        ``pupil, school, school_year, year_group, measure, value, z``: one row per pupil, school year and measure. ``value``
        is points, for tests in several subjects or parts the mean of them; ``z`` is the value in standard deviations from
        the mean of all who have one that school year, subjects weighing alike.
    """
    of_country = {"se": _swedish, "no": _norwegian}[country]
    parts = [*of_country(tables), _final(country, tables, indicators)]
    there = [rows for rows in parts if len(rows)]
    return pd.concat(there, ignore_index=True)[COLUMNS] if there else pd.DataFrame(columns=COLUMNS)


def _final(country: str, tables: Mapping[str, pd.DataFrame], indicators: Mapping[str, Indicator]) -> pd.DataFrame:
    name = FINAL[country]
    if name not in indicators or missing_tables(indicators[name], tables):
        return pd.DataFrame(columns=COLUMNS)
    rows = count_rows(indicators[name], tables).dropna(subset="numerator")
    return _mean_of(rows.assign(points=rows["numerator"], subject="all"), name, STAGES[country][name])


def _swedish(tables: Mapping[str, pd.DataFrame]) -> list[pd.DataFrame]:
    found = []
    if "tests" in tables:
        taken = tables["tests"][tables["tests"]["status"].eq("taken")]
        points = taken["points"].fillna(taken["test_grade"].map(POINTS))
        subject = taken["test"].replace("SVA", "SV") + taken["part"].fillna("")
        rows = taken.assign(points=points.astype("float64"), subject=subject).dropna(subset="points")
        found += [_mean_of(rows[rows["year_group"].eq(year)], f"prov_ak{year}", year) for year in (3, 6, 9)]
    if "grades" in tables:
        graded = grades_set(tables["grades"], 6)
        found.append(_mean_of(graded.assign(subject="all"), "betyg_ak6", 6))
    return found


def _norwegian(tables: Mapping[str, pd.DataFrame]) -> list[pd.DataFrame]:
    if "tests" not in tables:
        return []
    taken = tables["tests"][tables["tests"]["status"].eq("taken") & tables["tests"]["part"].isna()]
    rows = taken.assign(points=taken["scale_points"].astype("float64"), subject=taken["test"]).dropna(subset="points")
    return [_mean_of(rows[rows["year_group"].eq(year)], f"np{year}", year) for year in (5, 8, 9)]


def _mean_of(rows: pd.DataFrame, measure: str, year_group: int) -> pd.DataFrame:
    """One row per pupil and school year: who stands at two schools is counted at the one delivered last."""
    once = ["pupil", "school_year"]
    kept = rows[["pupil", "school", "school_year", "subject", "points"]]
    by_subject = kept.groupby([*once, "subject"], as_index=False, sort=False).agg(
        school=("school", "last"), points=("points", "mean")
    )
    within = by_subject.groupby(["school_year", "subject"])["points"]
    spread = within.transform("std").where(within.transform("size").ge(FEWEST))
    by_subject["z"] = ((by_subject["points"] - within.transform("mean")) / spread.where(spread.gt(0))).astype("float64")
    by_pupil = by_subject.groupby(once, as_index=False, sort=False).agg(
        school=("school", "last"), value=("points", "mean"), z=("z", "mean")
    )
    standing = by_pupil.groupby("school_year")["z"]
    size = standing.transform("std")
    by_pupil["z"] = (by_pupil["z"] - standing.transform("mean")) / size.where(size.gt(0), np.nan)
    return by_pupil.assign(measure=measure, year_group=year_group)[COLUMNS]
