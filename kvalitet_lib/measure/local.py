"""Figures we compute ourselves from the tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from kvalitet_lib.errors import ContractError
from kvalitet_lib.indicators import Indicator, all_indicators
from kvalitet_lib.measure.counted import PERSONS, count_rows, in_register, is_own, missing_tables, once_per_person
from kvalitet_lib.measure.figures import figures_by
from kvalitet_lib.measure.measurement import Measurement, in_long_form
from kvalitet_lib.municipality import Municipality

UNITS = ("school", "municipality")


def measure(
    indicator: Indicator | str, tables: Mapping[str, pd.DataFrame], by: Sequence[str] = ("school",), level: float = 0.95
) -> Measurement:
    """One indicator's figures for each group and school year, with uncertainty.

    A pupil who moved during the year and stands at two schools is counted at both; above the school (``school`` not in
    ``by``) once in each municipality, at the school delivered last.

    Parameters
    ----------
    indicator : Indicator or str
        An indicator or its id.
    tables : mapping of str to DataFrame
        The store, or any mapping from table names to frames that keep the contracts.
    by : sequence of str
        What to group by besides the school year: ``school``, ``municipality`` (as the table ``schools`` places the
        school that year) and any of the indicator's breakdowns.
    level : float
        Confidence level, in (0, 1).

    Returns
    -------
    Measurement
        One row per group: ``indicator``, ``by``, ``school_year, estimate, lower, upper, n, count, missing, method,
        status``. Shares are 0-1, other figures in the indicator's unit.

    Raises
    ------
    ContractError
        There is no such indicator, a table is not there, one cannot group by that, or the register does not know a school.
    """
    found = _find(indicator)
    columns = list(by)
    if strange := [name for name in columns if name not in (*UNITS, *found.breakdowns)]:
        raise ContractError(
            f"{found.id!r} cannot be measured by {', '.join(strange)}. "
            f"It can be measured by: {', '.join([*UNITS, *found.breakdowns])}."
        )
    rows = count_rows(found, tables)
    if "municipality" in columns:
        rows = rows.assign(municipality=_municipalities(rows, tables))
    if lacking := [name for name in columns if name not in rows]:
        raise ContractError(
            f"The rows counted for {found.id!r} do not say {', '.join(lacking)}.\n"
            "Load a table that does:  kvalitet load pupils FILE"
        )
    if "school" not in columns:
        rows = once_per_person(rows, within=[name for name in columns if name == "municipality"])
    keys = [*columns, "school_year"]
    figures = figures_by(found, rows, keys, level)
    figures.insert(0, "indicator", found.id)
    return Measurement(figures)


def local_figures(indicator: Indicator, tables: Mapping[str, pd.DataFrame], municipality: Municipality) -> pd.DataFrame:
    """Our own figures of one indicator in the long form: every school, and the municipality's own schools together.

    The municipality's own schools are those the register places in it with a municipal owner that year; a school the
    register does not know is taken to be its own, since its systems delivered it. Empty when a table is not there.
    """
    if indicator.count is None or missing_tables(indicator, tables):
        return in_long_form(pd.DataFrame())
    rows = _slim(count_rows(indicator, tables), indicator.breakdowns)
    own = once_per_person(rows[is_own(rows, tables, municipality)], []).assign(unit=municipality.code)
    levels = {"school": rows.assign(unit=rows.school), "municipality": own}
    breakdowns = ["all", *(name for name in indicator.breakdowns if name in rows)]
    parts = [_of_level(indicator, counted, level, name, municipality) for level, counted in levels.items() for name in breakdowns]
    return in_long_form(pd.concat(parts).assign(indicator=indicator.id, source="local"))


def _of_level(indicator: Indicator, rows: pd.DataFrame, level: str, breakdown: str, municipality: Municipality) -> pd.DataFrame:
    whole = breakdown == "all"
    figures = figures_by(indicator, rows, ["unit", "school_year", *([] if whole else [breakdown])], municipality.confidence)
    group = "all" if whole else _as_text(figures[breakdown])
    return figures.assign(level=level, breakdown=breakdown, group=group)


def _as_text(values: pd.Series) -> pd.Series:
    named = values.map({True: "yes", False: "no"}) if pd.api.types.is_bool_dtype(values) else values
    return named.astype("str")


def _slim(rows: pd.DataFrame, breakdowns: tuple[str, ...]) -> pd.DataFrame:
    """Only the columns that figures need, their codes numbered once so that every later grouping is quick."""
    keys = [name for name in ("school", "school_year", *breakdowns) if name in rows]
    others = [name for name in (*PERSONS, "children", "numerator", "denominator") if name in rows]
    return rows[[*keys, *others]].astype(dict.fromkeys(keys, "category"))


def _municipalities(rows: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> pd.Series:
    if "schools" not in tables:
        raise ContractError(
            "The store has no table schools, which says where a school lies.\nLoad it with:  kvalitet load schools FILE"
        )
    found = in_register(rows, tables["schools"]).municipality
    if found.isna().any():
        unknown = rows.loc[found.isna(), ["school", "school_year"]].drop_duplicates().sort_values(["school", "school_year"])
        listed = ", ".join(f"{row.school} in {row.school_year}" for row in unknown.head(5).itertuples())
        raise ContractError(
            f"The register does not know {len(unknown)} school{'s' if len(unknown) > 1 else ''} in that year: {listed}.\n"
            "Add them and load it again:  kvalitet load schools FILE"
        )
    return found


def _find(indicator: Indicator | str) -> Indicator:
    if isinstance(indicator, Indicator):
        return indicator
    known = all_indicators()
    if indicator not in known:
        raise ContractError(f"There is no indicator {indicator!r}. See them all:  kvalitet explain indicators")
    return known[indicator]
