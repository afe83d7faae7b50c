"""Schools with a similar intake: each school's nearest neighbours, and their figures put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kvalitet_lib.indicators import Indicator, Kind
from kvalitet_lib.statistics import nearest_neighbours, weighted_mean_interval

# Our own choice: enough schools to even out chance, few enough to be alike in a municipality of some twenty schools.
NEIGHBOURS = 5


@dataclass(frozen=True)
class SimilarSchools:
    """For each school, indicator and year: the figure of the schools most like it.

    ``intake`` are the indicators that say which schools are alike; they are not compared themselves.
    """

    figures: pd.DataFrame
    intake: tuple[str, ...]


def nearest_schools(intake: pd.DataFrame, k: int = NEIGHBOURS) -> pd.DataFrame:
    """The k schools whose intake is most like each school's.

    Parameters
    ----------
    intake : DataFrame
        Index: school codes; one column per intake indicator, shares 0-1, nothing missing.
    k : int
        How many; fewer than there are schools.

    Returns
    -------
    DataFrame
        Index: school codes; columns ``0`` (nearest) to ``k - 1``, holding codes, never the school's own.
    """
    places = nearest_neighbours(intake.to_numpy(dtype=np.float64), k)
    return pd.DataFrame(intake.index.to_numpy()[places], index=intake.index)


def similar_schools(figures: pd.DataFrame, indicators: Mapping[str, Indicator]) -> SimilarSchools | None:
    """The figure of each school's five nearest neighbours, weighted by their persons; None without intake figures.

    Neighbours are chosen among the schools that have the figure in question, so a school's reference is always five
    schools. With fewer than six such schools there is none.
    """
    ids = tuple(id for id, one in indicators.items() if one.area == "intake" and one.kind is Kind.SHARE)
    of_schools = figures[figures.level.eq("school") & figures.breakdown.eq("all") & figures.estimate.notna()]
    intake = of_schools[of_schools.indicator.isin(ids)]
    if intake.empty:
        return None
    by_year = {
        year: rows.pivot(index="unit", columns="indicator", values="estimate").dropna()
        for year, rows in intake.groupby("school_year")
    }
    outcomes = of_schools[~of_schools.indicator.isin(ids) & of_schools.school_year.isin(by_year)]
    pooled = [_pooled(schools, by_year[str(year)]) for (_, year), schools in outcomes.groupby(["indicator", "school_year"])]
    empty = of_schools.iloc[:0]
    return SimilarSchools(pd.concat([empty, *(one for one in pooled if len(one))], ignore_index=True), ids)


def _pooled(schools: pd.DataFrame, intake: pd.DataFrame) -> pd.DataFrame:
    known = schools[schools.unit.isin(intake.index)].set_index("unit", drop=False)
    if len(known) <= NEIGHBOURS:
        return known.iloc[:0]
    neighbours = nearest_schools(intake.loc[known.index])
    places = known.index.get_indexer(neighbours.to_numpy().ravel()).reshape(neighbours.shape)
    estimate, lower, upper, n = (known[name].to_numpy(dtype=np.float64)[places] for name in ("estimate", "lower", "upper", "n"))
    has_persons = (n > 0).all(axis=1, keepdims=True)
    mean, low, high = weighted_mean_interval(estimate, lower, upper, np.where(has_persons, n, 1.0))
    return known.assign(estimate=mean, lower=low, upper=high, n=n.sum(axis=1), method="pooled", status="exists")
