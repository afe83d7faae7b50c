"""A national figure where no agency file states one: the municipalities' published figures, weighted together."""

from __future__ import annotations

from collections.abc import Set

import numpy as np
import pandas as pd

SOURCE = "weighted"
PUPILS = "antal_elever_ak9"
DECIMALS = 1  # of a mean made here, as in the agencies' own
# Our own choice: with fewer municipalities the result is somebody's region, not the nation.
FEWEST_MUNICIPALITIES = 100


def weighted_nation(values: pd.DataFrame, indicators: Set[str], nation: str) -> pd.DataFrame:
    """Mean over all municipalities of each indicator, school year and sex, weighted by number of pupils.

    An agency's interval, such as ~100, counts with its middle. Municipalities whose figure is hidden or missing are
    left out. The weight is the number of pupils behind the figure or, where the source does not say it, the
    municipality's pupils in year 9 that year in the same source.

    Parameters
    ----------
    values : DataFrame
        Table ``published_values``.
    indicators : set of str
        Ids of the indicators wanted.
    nation : str
        Code of the nation, ``SE`` or ``NO``.

    Returns
    -------
    DataFrame
        Rows of ``published_values`` with level ``nation`` and source ``weighted``; ``n`` is the sum of the numbers of
        pupils where all are known, else empty.
    """
    everywhere = values[values.level.eq("municipality") & values.owner_type.eq("all")]
    wanted = everywhere[everywhere.indicator.isin(indicators)]
    figure = wanted.value.fillna((wanted.lower + wanted.upper) / 2)
    weight = wanted.n.fillna(pd.Series(_pupils(wanted, everywhere), index=wanted.index))
    known = wanted.assign(figure=figure, weight=weight, product=figure * weight)[figure.notna() & weight.gt(0)]
    keys = ["source", "indicator", "school_year", "group"]
    sums = known.groupby(keys, as_index=False, observed=True).agg(
        product=("product", "sum"),
        weight=("weight", "sum"),
        n=("n", lambda n: n.sum(skipna=False)),
        municipalities=("unit", "nunique"),
    )
    enough = sums[sums.municipalities.ge(FEWEST_MUNICIPALITIES)].sort_values("municipalities", ascending=False)
    one = enough.drop_duplicates(["indicator", "school_year", "group"])
    stated = one.assign(
        value=one["product"] / one.weight,
        source=SOURCE,
        level="nation",
        unit=nation,
        owner_type="all",
        status="exists",
        decimals=DECIMALS,
    )
    return stated.reindex(columns=values.columns).astype(values.dtypes)


def _pupils(wanted: pd.DataFrame, everywhere: pd.DataFrame) -> np.ndarray:
    """Each row's municipality's pupils in year 9, by source, school year and sex; NaN where the source has none."""
    keys = ["source", "unit", "school_year", "group"]
    pupils = everywhere[everywhere.indicator.eq(PUPILS)].drop_duplicates(keys).rename(columns={"value": "pupils"})
    return wanted[keys].merge(pupils[[*keys, "pupils"]], on=keys, how="left")["pupils"].to_numpy()
