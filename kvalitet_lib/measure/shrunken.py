"""Schools' figures drawn towards the mean of all schools."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from kvalitet_lib.indicators import Indicator, Kind
from kvalitet_lib.statistics import pooled_variances, shrink_means, shrink_shares

FEWEST_SCHOOLS = 5


def with_shrunken(
    figures: pd.DataFrame, indicators: Mapping[str, Indicator], level: float, fewest_schools: int = FEWEST_SCHOOLS
) -> pd.DataFrame:
    """The figures with ``shrunken`` for schools as a whole, where enough schools have a known variance.

    Shares need their number of persons; means need an interval of our own. Medians and ratios are left as they are.
    """
    of_schools = figures[figures.level.eq("school") & figures.breakdown.eq("all") & figures.estimate.notna() & figures.n.gt(0)]
    kinds = of_schools.indicator.map({id: one.kind for id, one in indicators.items()})
    shares = of_schools[kinds.eq(Kind.SHARE) & of_schools["count"].notna()]
    means = of_schools[kinds.eq(Kind.MEAN) & of_schools.method.eq("t")]
    shrunken = pd.Series(np.nan, index=figures.index)
    for schools in _families(shares, fewest_schools):
        shrunken[schools.index] = shrink_shares(schools["count"], schools.n)
    for schools in _families(means, fewest_schools):
        variances = pooled_variances(_deviations(schools, level), schools.n)
        if (variances > 0).all():
            shrunken[schools.index] = shrink_means(schools.estimate, variances)
    return figures.assign(shrunken=shrunken)


def _families(figures: pd.DataFrame, fewest: int) -> list[pd.DataFrame]:
    families = (schools for _, schools in figures.groupby(["indicator", "school_year"], observed=True))
    return [schools for schools in families if len(schools) >= fewest]


def _deviations(schools: pd.DataFrame, level: float) -> pd.Series:
    """Standard deviations between persons, read back from the t intervals."""
    return (schools.upper - schools.estimate) * np.sqrt(schools.n) / stats.t.ppf((1 + level) / 2, schools.n - 1)
