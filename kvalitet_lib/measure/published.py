"""Figures as agencies publish them: our units, the municipality, the nation and the comparable municipalities."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from kvalitet_lib.indicators import Indicator, Kind
from kvalitet_lib.measure.measurement import in_long_form
from kvalitet_lib.measure.weighted import weighted_nation
from kvalitet_lib.municipality import Municipality
from kvalitet_lib.statistics import wilson

DECIMALS = 1  # of a mean made here, as in the agencies' own
FIGURE_IN_SOURCE = ["source", "indicator", "level", "unit", "school_year", "group"]
OWNERS = {
    "school": ("municipal", "independent", "all"),
    "municipality": ("municipal", "all"),
    "group": ("municipal", "all"),
    "nation": ("all",),
}


def published_figures(
    indicators: Mapping[str, Indicator], tables: Mapping[str, pd.DataFrame], municipality: Municipality, schools: set[str]
) -> pd.DataFrame:
    """Published figures in the long form, one per source.

    Which owners' schools: for the municipality and the comparable municipalities the municipal ones where the source
    says them apart, otherwise all; for the nation all; a school has its own owner. Sex groups become breakdown ``sex``.

    Parameters
    ----------
    indicators : mapping of str to Indicator
        By id; rows of other indicators are left out.
    tables : mapping of str to DataFrame
        ``published_values`` and, when there, ``reference_groups`` and ``schools``.
    municipality : Municipality
        Whose figures; ``comparable`` names the group.
    schools : set of str
        Codes of the schools with figures of our own. With those the register places in the municipality they are the
        schools kept; without a register all are.
    """
    if "published_values" not in tables:
        return in_long_form(pd.DataFrame())
    values = tables["published_values"]
    values = values[values.indicator.isin(indicators)]
    kept = values[_is_ours(values, tables, municipality, schools)]
    made_here = [
        group_means(values, _members(tables, municipality), municipality.comparable),
        weighted_nation(
            tables["published_values"], {id for id, one in indicators.items() if not one.stands_alone}, municipality.nation
        ),
    ]
    with_means = pd.concat([kept, *made_here], ignore_index=True)
    return _in_long_form(_one_owner(with_means), indicators, municipality.confidence)


def group_means(values: pd.DataFrame, members: set[str], group: str) -> pd.DataFrame:
    """Unweighted mean over the members of a group of municipalities, as rows of level ``group``.

    Each municipality weighs the same, whatever its size, as in the agencies' own group figures. At least half the
    members must have a value (our own choice), all from the same source and of the same owners.
    """
    of_members = values[values.level.eq("municipality") & values.unit.isin(members) & values.value.notna()]
    keys = ["source", "indicator", "owner_type", "school_year", "group"]
    means = of_members.groupby(keys, as_index=False, observed=True).agg(value=("value", "mean"), members=("unit", "nunique"))
    enough = means[means.members * 2 >= len(members)].drop(columns="members")
    return (
        enough.assign(level="group", unit=group, status="exists", decimals=DECIMALS)
        .reindex(columns=values.columns)
        .astype(values.dtypes)
    )


def _members(tables: Mapping[str, pd.DataFrame], municipality: Municipality) -> set[str]:
    if municipality.comparable in municipality.groups:
        return set(municipality.groups[municipality.comparable].members)
    if "reference_groups" not in tables:
        return set()
    groups = tables["reference_groups"]
    return set(groups.member[groups.group.eq(municipality.comparable)])


def _is_ours(
    values: pd.DataFrame, tables: Mapping[str, pd.DataFrame], municipality: Municipality, schools: set[str]
) -> pd.Series:
    school = values.level.eq("school")
    whole = values.level.eq("municipality") & (municipality.schools == "all")
    if "schools" in tables and municipality.schools == "own":
        register = tables["schools"]
        school &= values.unit.isin(schools | set(register.school[register.municipality.eq(municipality.code)]))
    return (
        school
        | whole
        | (values.level.eq("municipality") & values.unit.eq(municipality.code))
        | (values.level.eq("group") & values.unit.eq(municipality.comparable))
        | (values.level.eq("nation") & values.unit.eq(municipality.nation))
    )


def _one_owner(values: pd.DataFrame) -> pd.DataFrame:
    """One row per figure and source: of the owners preferred at that level, a group's published row before our mean."""
    preference = {(level, owner): place for level, owners in OWNERS.items() for place, owner in enumerate(owners)}
    place = pd.Series(
        [preference.get(pair, -1) for pair in zip(values.level, values.owner_type, strict=True)], index=values.index
    )
    chosen = values.assign(place=place)[place >= 0].sort_values("place", kind="stable")
    return chosen.drop_duplicates(FIGURE_IN_SOURCE).drop(columns="place")


def _in_long_form(values: pd.DataFrame, indicators: Mapping[str, Indicator], confidence: float) -> pd.DataFrame:
    shares = {id for id, one in indicators.items() if one.kind is Kind.SHARE}
    interval = values.status.eq("rounded") & values.lower.notna() & values.upper.notna()
    counted = values.indicator.isin(shares) & values.value.between(0, 1) & values.n.gt(0) & ~interval
    count = (values.value * values.n).where(counted)
    lower, upper = wilson(count, values.n.where(counted), confidence)
    return in_long_form(
        values.assign(
            breakdown=np.where(values.group.eq("all"), "all", "sex"),
            estimate=values.value.where(~values.status.eq("rounded")),
            lower=np.where(interval, values.lower, lower),
            upper=np.where(interval, values.upper, upper),
            count=count,
            method=np.select([interval, counted], ["agency_interval", "wilson"], "published"),
        )
    )
