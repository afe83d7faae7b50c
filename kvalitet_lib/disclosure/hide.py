"""Which figures an audience may see: smallest groups, all or none, and the complement inside each table."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from kvalitet_lib.indicators import Indicator, Kind
from kvalitet_lib.municipality import Audience

AGENCY = {"too_few": "agency", "secondary": "agency", "rounded": "rounded", "missing": "missing", "not_applicable": "missing"}
PRIMARY = ("too_few", "all_or_none")
VALUES = ["estimate", "lower", "upper", "n", "missing", "shrunken"]
DECIMALS = {"share": 2, "signed_share": 2, "time_share": 3, "persons": 0}
TABLES = (
    ["indicator", "level", "unit", "school_year", "breakdown"],  # the groups of one unit add up to the unit
    ["indicator", "level", "school_year", "breakdown", "group"],  # the schools add up to the municipality
)


def protect(figures: pd.DataFrame, indicators: Mapping[str, Indicator], audience: Audience) -> pd.DataFrame:
    """Add ``shown`` to every figure and empty those that may not be seen.

    Parameters
    ----------
    figures : DataFrame
        A Measurement in the long form of CONTRIBUTING.md, with ``count``; the whole batch.
    indicators : mapping of id to Indicator
    audience : Audience
        Its thresholds, in persons.

    Returns
    -------
    DataFrame
        The same rows without ``count``. Shares are rounded to whole per cents and other figures to
        one decimal, so that a count cannot be computed back from a share beside ``n``.

    Notes
    -----
    A figure an agency has published is public already and passes as it is, with the agency's own marks.
    Of our own figures, those on too few persons are hidden, and sensitive shares where fewer than
    ``smallest_count`` have, or lack, what is counted. Where what is hidden in a table could be computed
    from its total, the smallest figure left is hidden too (the complement rule; see Hundepool et al. 2012,
    Statistical Disclosure Control, ch. 4), until nothing changes.
    """
    batch = figures.reset_index(drop=True).copy()
    batch["shown"] = _primary(batch, indicators, audience)
    smallest = _smallest(batch, indicators, audience)
    while True:
        more = [row for table in TABLES for row in _complements(batch, table, smallest)]
        if not more:
            break
        batch.loc[more, "shown"] = "complement"
    return _emptied(_rounded(batch, indicators))


def _primary(batch: pd.DataFrame, indicators: Mapping[str, Indicator], audience: Audience) -> pd.Series:
    own = batch["source"].eq("local")
    shown = pd.Series("yes", index=batch.index)
    shown = shown.mask(~own, batch["status"].map(AGENCY).fillna("yes"))
    shown = shown.mask(shown.eq("yes") & batch["estimate"].isna(), "missing")
    few = own & batch["n"].lt(_smallest(batch, indicators, audience))
    sensitive = batch["indicator"].map(lambda name: indicators[name].sensitive and indicators[name].kind is Kind.SHARE)
    part = np.minimum(batch["count"], batch["n"] - batch["count"])
    extreme = own & sensitive & part.lt(audience.smallest_count)
    return shown.mask(extreme, "all_or_none").mask(few, "too_few")


def _smallest(batch: pd.DataFrame, indicators: Mapping[str, Indicator], audience: Audience) -> pd.Series:
    return batch["indicator"].map(lambda name: _smallest_of(indicators[name], audience)).astype(float)


def _smallest_of(indicator: Indicator, audience: Audience) -> int:
    if "staffing" in indicator.needs:
        return audience.smallest_posts
    return audience.smallest_survey_group if indicator.survey else audience.smallest_group


def _complements(batch: pd.DataFrame, table: list[str], smallest: pd.Series) -> list[int]:
    """Figures to hide because those hidden beside them in the same table could be computed from the total.

    That is so when only one is hidden, or when all that is hidden together rests on fewer persons than
    the smallest group.
    """
    inside = batch["source"].eq("local") & (batch["breakdown"].ne("all") if table == TABLES[0] else batch["level"].eq("school"))
    parts = batch[inside]
    hidden = parts["shown"].isin([*PRIMARY, "complement"])
    by = [parts[name] for name in table]
    how_many = hidden.groupby(by).transform("sum")
    persons = parts["n"].where(hidden, 0).groupby(by).transform("sum")
    open_to_attack = how_many.gt(0) & (how_many.eq(1) | persons.lt(smallest[parts.index]))
    candidates = parts[open_to_attack & parts["shown"].eq("yes")]
    return list(candidates.sort_values(["n", "unit", "group"]).drop_duplicates(table).index)


def _rounded(batch: pd.DataFrame, indicators: Mapping[str, Indicator]) -> pd.DataFrame:
    own = batch["source"].eq("local")
    decimals = batch["indicator"].map(lambda name: DECIMALS.get(indicators[name].unit, 1))
    for places in decimals.unique():
        rows = own & decimals.eq(places)
        columns = ["estimate", "lower", "upper", "shrunken"]
        batch.loc[rows, columns] = batch.loc[rows, columns].round(places)
    batch.loc[own, "missing"] = batch.loc[own, "missing"].round(2)
    batch.loc[own, "n"] = batch.loc[own, "n"].round(0)
    return batch


def _emptied(batch: pd.DataFrame) -> pd.DataFrame:
    hidden = batch["shown"].ne("yes")
    batch.loc[hidden, [name for name in VALUES if name not in ("lower", "upper")]] = np.nan
    batch.loc[hidden & batch["shown"].ne("rounded"), ["lower", "upper"]] = np.nan
    batch["decimals"] = batch["decimals"].astype("Int64")
    return batch.drop(columns="count")
