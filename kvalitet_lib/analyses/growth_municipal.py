"""The municipality's pupils as the analysis of growth takes them: who came from one result to the next, and who is on the way."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kvalitet_lib.analyses.municipal_rows import MunicipalRows
from kvalitet_lib.analyses.results import STAGES

SEX = {1.0: "girl", 0.0: "boy"}
FEWEST_BEFORE = 1500  # with fewer, the two curves' fifteen columns blur more than a second result tells; own rule
COLUMNS = ["pupil", "school", "school_year", "earlier", "later", "points"]


def results_of_chain(town: MunicipalRows, earlier: str, later: str) -> tuple[pd.DataFrame, list[str]]:
    """Everyone with the later result in a year in which pupils can be followed, and those lost since the earlier one.

    Results are in standard deviations, for each year from the mean of the pupils who can be followed: years may differ, and
    newcomers with low results do not make all others seem to rise.

    Returns
    -------
    DataFrame
        ``pupil, school, school_year, later, earlier``, ``before`` (the result before the earlier, where pupils can be followed so
        far), ``points`` (the later result as it is), ``sex, parents_education``. Those without the later result have no school.
    list of str
        The columns of earlier results, the latest first.
    """
    both = town.pairs(earlier, later)[["pupil", "school_year", "year_earlier", "earlier_z"]].dropna(subset="earlier_z")
    results = town.results
    last = results[results["measure"].eq(later) & results["school_year"].isin(both["school_year"])]
    rows = last.rename(columns={"z": "later", "value": "points"}).merge(both, on=["pupil", "school_year"], how="left")
    first = results[results["measure"].eq(earlier) & results["school_year"].isin(both["year_earlier"])]
    lost = first[~first["pupil"].isin(rows["pupil"])].rename(columns={"z": "earlier_z"})
    years = both.drop_duplicates("year_earlier").set_index("year_earlier")["school_year"]
    lost = lost.assign(school_year=lost["school_year"].map(years), school=None, later=np.nan, points=np.nan)
    everyone = pd.concat([rows, lost], ignore_index=True).rename(columns={"earlier_z": "earlier"})
    followed = everyone.dropna(subset=["earlier", "later"]).groupby("school_year")[["earlier", "later"]]
    centre, spread = followed.mean(), followed.std()
    for name in ("earlier", "later"):
        of_year = [everyone["school_year"].map(one[name]) for one in (centre, spread)]
        everyone[name] = (everyone[name] - of_year[0]) / of_year[1].where(of_year[1].gt(0))
    background = town.pupils.drop_duplicates("pupil", keep="last")[["pupil", "girl", "parents_education"]]
    everyone = everyone[COLUMNS].merge(background, on="pupil", how="left")
    everyone = everyone.assign(sex=everyone["girl"].map(SEX), before=everyone["pupil"].map(_before(town, earlier)))
    enough = (everyone["before"].notna() & everyone["later"].notna()).sum() >= FEWEST_BEFORE
    return everyone, ["earlier", "before"] if enough else ["earlier"]


def _before(town: MunicipalRows, earlier: str) -> pd.Series:
    """By pupil, the result before the earlier one; empty where there is none."""
    for first, second in town.chains:
        if second == earlier:
            return town.pairs(first, second).drop_duplicates("pupil", keep="last").set_index("pupil")["earlier_z"]
    return pd.Series(dtype="float64")


def coming_to(town: MunicipalRows, earlier: str, later: str) -> pd.DataFrame:
    """Pupils of the newest school year who are between the two results, at the school where they are now."""
    now = town.pupils[town.pupils["school_year"].eq(town.pupils["school_year"].max())]
    between = now["year_group"].between(STAGES[town.country][earlier], STAGES[town.country][later], inclusive="left")
    results = town.results[town.results["measure"].eq(earlier)].drop_duplicates("pupil", keep="last")
    found = now[between.fillna(False).astype(bool)].merge(results[["pupil", "z"]], on="pupil", how="left")
    return found.rename(columns={"z": "earlier"})[["pupil", "school", "earlier"]].assign(later=np.nan, before=np.nan)


def usual_threshold(town: MunicipalRows, later: str, rows: pd.DataFrame) -> float | None:
    """The final result that best tells those who were eligible from those who were not, as ``later`` of the newest year.

    Eligibility is decided by passes in certain subjects, not by points, so no official number of points says it. Own rule:
    the number of points at which the fewest leavers are on the wrong side. None for results on the way, when all were
    eligible, or none.
    """
    known = town.leavers.dropna(subset=["outcome", "eligible"])
    newest = rows.dropna(subset=["points", "later"]).drop_duplicates(["school_year", "points"]).sort_values("points")
    newest = newest[newest["school_year"].eq(newest["school_year"].max())]
    if later != town.outcome or known["eligible"].nunique() < 2 or len(newest) < 2:
        return None
    by_points = known.groupby("outcome")["eligible"].agg(["sum", "size"]).sort_index()
    eligible_below = by_points["sum"].cumsum() - by_points["sum"]
    others_above = (by_points["size"] - by_points["sum"])[::-1].cumsum()[::-1]
    points = float((eligible_below + others_above).idxmin())
    return float(np.interp(points, newest["points"], newest["later"]))
