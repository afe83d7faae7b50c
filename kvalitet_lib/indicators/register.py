"""Pupils the register knows of but a delivery is silent about: they belong to the group, without data."""

from __future__ import annotations

import pandas as pd


def with_unreported(counted: pd.DataFrame, pupils: pd.DataFrame | None, year_group: int) -> pd.DataFrame:
    """Counted rows, and an empty one for each pupil of the year group that the delivery says nothing about.

    Parameters
    ----------
    counted : DataFrame
        One row per pupil: ``pupil``, ``school``, ``school_year``, ``numerator``, ``denominator``.
    pupils : DataFrame, optional
        Table ``pupils``. Without it nobody can be missed.
    year_group : int

    Returns
    -------
    DataFrame
        Rows are added only for schools and years with at least one counted row, and never for a pupil
        counted at another school that year.
    """
    if pupils is None or counted.empty:
        return counted
    expected = pupils.loc[pupils["year_group"].eq(year_group).fillna(False), ["pupil", "school", "school_year"]]
    delivered = _among(expected, counted, ["school", "school_year"])
    counted_somewhere = _among(expected, counted, ["pupil", "school_year"])
    unreported = expected[delivered & ~counted_somewhere]
    return pd.concat([counted, unreported.assign(numerator=float("nan"), denominator=1.0)], ignore_index=True)


def _among(rows: pd.DataFrame, others: pd.DataFrame, keys: list[str]) -> pd.Series:
    known = pd.MultiIndex.from_frame(others[keys])
    return pd.Series(pd.MultiIndex.from_frame(rows[keys]).isin(known), index=rows.index)
