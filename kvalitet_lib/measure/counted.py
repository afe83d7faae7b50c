"""The rows an indicator counts, and which of them belong to a municipality."""

from __future__ import annotations

import inspect
from collections.abc import Mapping

import pandas as pd

from kvalitet_lib.errors import ContractError
from kvalitet_lib.indicators import Indicator
from kvalitet_lib.municipality import Municipality

PERSONS = ("pupil", "respondent")
REQUIRED = ("school", "school_year", "numerator", "denominator")
REGISTER = ["school", "municipality", "owner_type"]


def count_rows(indicator: Indicator, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The indicator's counted rows, from every table its function names that there is.

    Raises
    ------
    ContractError
        The indicator exists only as published, a table it needs is not there, or its function forgot a column.
    """
    if indicator.count is None:
        raise ContractError(
            f"{indicator.id!r} exists only as an agency publishes it. Load the agency's file:  kvalitet load published FILE"
        )
    if lacking := missing_tables(indicator, tables):
        raise ContractError(
            f"Cannot measure {indicator.id!r}: the store has no table {', '.join(lacking)}.\n"
            f"Load it with:  kvalitet load {lacking[0]} FILE"
        )
    named = inspect.signature(indicator.count).parameters
    rows = indicator.count(**{name: tables[name] for name in named if name in tables})
    if forgotten := [name for name in REQUIRED if name not in rows]:
        raise ContractError(f"The counting function of {indicator.id!r} gives no column {', '.join(forgotten)}. Add it there.")
    return rows


def missing_tables(indicator: Indicator, tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Tables without which the indicator cannot be counted."""
    parameters = inspect.signature(indicator.count).parameters.values() if indicator.count else ()
    without_default = [one.name for one in parameters if one.default is inspect.Parameter.empty]
    return [name for name in dict.fromkeys([*indicator.needs, *without_default]) if name not in tables]


def person_column(rows: pd.DataFrame) -> str | None:
    """The column that says whose row it is, when rows are persons'."""
    return next((name for name in PERSONS if name in rows), None)


def once_per_person(rows: pd.DataFrame, within: list[str]) -> pd.DataFrame:
    """Rows without those of a person's earlier schools: who moved is counted at the school delivered last."""
    person = person_column(rows)
    if person is None:
        return rows
    last_school = rows.groupby([*within, "school_year", person], sort=False, observed=True).school.transform("last")
    return rows[rows.school.eq(last_school)]


def in_register(rows: pd.DataFrame, schools: pd.DataFrame) -> pd.DataFrame:
    """Each row's municipality and owner type, by the school's code and the years the register's row is valid.

    Returns
    -------
    DataFrame
        Columns ``municipality`` and ``owner_type``, as many rows and the same index as ``rows``; empty where the
        register does not know the school in that year.
    """
    keys = ["school", "school_year"]
    present = rows[keys].drop_duplicates().astype("str")
    candidates = present.merge(schools[[*REGISTER, "valid_from", "valid_to"]], on="school")
    valid = candidates.valid_from.fillna("").le(candidates.school_year) & candidates.valid_to.fillna("9999").ge(
        candidates.school_year
    )
    known = candidates[valid].drop_duplicates(keys, keep="last").astype(rows[keys].dtypes)
    placed = rows[keys].merge(known, on=keys, how="left", validate="many_to_one")
    return placed[["municipality", "owner_type"]].set_axis(rows.index)


def is_own(rows: pd.DataFrame, tables: Mapping[str, pd.DataFrame], municipality: Municipality) -> pd.Series:
    """Which rows belong to the municipality's own schools: those the register places in it with a municipal owner that year.

    A school the register does not know is taken to be its own, since its systems delivered it.
    """
    if "schools" not in tables:
        return pd.Series(True, index=rows.index)
    place = in_register(rows, tables["schools"])
    ours = place.municipality.eq(municipality.code) & place.owner_type.eq("municipal")
    return ours | place.municipality.isna()
