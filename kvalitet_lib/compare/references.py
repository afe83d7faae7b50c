"""What each figure is held against."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from kvalitet_lib.compare.similar import similar_schools
from kvalitet_lib.indicators import Indicator
from kvalitet_lib.measure import FIGURE
from kvalitet_lib.municipality import Municipality

SAME = ["indicator", "school_year", "breakdown", "group"]
SERIES = ["indicator", "level", "unit", "breakdown", "group"]
OF_REFERENCE = ["estimate", "lower", "upper", "n", "method", "status"]


def against_references(
    figures: pd.DataFrame, municipality: Municipality, indicators: Mapping[str, Indicator], places: Mapping[str, str]
) -> pd.DataFrame:
    """Every school's and the municipality's figures beside each of their references.

    ``places`` says which municipality a school lies in; one that it does not name lies in the settings' own.

    Returns
    -------
    DataFrame
        ``FIGURE``, ``OF_REFERENCE`` of the figure, ``reference``, ``reference_year``, ``reference_missing_why`` (empty
        when there is a reference) and ``reference_estimate``, ``reference_lower``, ... of the reference.
    """
    own = figures[figures.level.isin(["school", "municipality"])]
    whole = own[own.breakdown.eq("all")]
    # A number of pupils is large or small with the unit, and a deviation is a comparison already.
    comparable_size = whole[~whole.indicator.isin([id for id, one in indicators.items() if one.stands_alone])]
    schools = comparable_size[comparable_size.level.eq("school")]
    nation = figures[figures.level.eq("nation") & figures.unit.eq(municipality.nation)]
    sexes = own[own.breakdown.eq("sex")].merge(nation[SAME], on=SAME)
    schools = schools.assign(place=schools.unit.map(lambda unit: places.get(unit, municipality.code)))
    municipal = figures[figures.level.eq("municipality")].assign(place=lambda rows: rows.unit)
    parts = [
        _same_year(pd.concat([comparable_size, sexes]), _without_error(nation), "nation"),
        _same_year(schools, _without_error(municipal), "municipality", by=[*SAME, "place"]),
        _own_earlier(whole, indicators),
    ]
    if municipality.comparable:
        group = figures[figures.level.eq("group") & figures.unit.eq(municipality.comparable)]
        place = comparable_size.unit.where(
            comparable_size.level.eq("municipality"), comparable_size.unit.map(lambda unit: places.get(unit, municipality.code))
        )
        parts.append(_same_year(comparable_size[place.eq(municipality.code)], _without_error(group), "comparable"))
    similar = similar_schools(figures, indicators)
    if similar is not None:
        outcomes = schools[~schools.indicator.isin(similar.intake)]
        parts.append(_same_year(outcomes, similar.figures, "similar_schools", by=[*SAME, "unit"]))
    return pd.concat(parts, ignore_index=True)


def _without_error(reference: pd.DataFrame) -> pd.DataFrame:
    """A reference published without its uncertainty is regarded as known without error."""
    unknown = reference.estimate.notna() & (reference.lower.isna() | reference.upper.isna())
    return reference.assign(
        lower=reference.lower.where(~unknown, reference.estimate), upper=reference.upper.where(~unknown, reference.estimate)
    )


def _same_year(own: pd.DataFrame, references: pd.DataFrame, name: str, by: list[str] = SAME) -> pd.DataFrame:
    named = references[[*by, *OF_REFERENCE]].rename(columns={column: f"reference_{column}" for column in OF_REFERENCE})
    pairs = own[[*dict.fromkeys([*FIGURE, *by]), *OF_REFERENCE]].merge(named, on=by, how="left", validate="many_to_one")
    return pairs[[*FIGURE, *OF_REFERENCE, *(f"reference_{column}" for column in OF_REFERENCE)]].assign(
        reference=name, reference_year=pairs.school_year, reference_missing_why=_why(pairs)
    )


def _own_earlier(own: pd.DataFrame, indicators: Mapping[str, Indicator]) -> pd.DataFrame:
    """Each figure beside the same unit's latest earlier one, unless the series broke between them."""
    ordered = own.sort_values([*SERIES, "school_year"], ignore_index=True)
    place = pd.Series(np.arange(len(ordered), dtype=np.float64)).where(ordered.estimate.notna())
    series = [ordered[name] for name in SERIES]
    earlier = place.groupby(series).ffill().groupby(series).shift()
    found = earlier.notna()
    taken = ordered.iloc[earlier.fillna(0).astype(np.int64)].set_axis(ordered.index)
    references = taken[OF_REFERENCE].where(found, axis=0).add_prefix("reference_")
    pairs = pd.concat([ordered[[*FIGURE, *OF_REFERENCE]], references], axis=1)
    pairs["reference_year"] = taken.school_year.where(found)
    why = _why(pairs)
    broken = found & _breaks_between(pairs.indicator, pairs.reference_year, pairs.school_year, indicators)
    numbers = ["reference_estimate", "reference_lower", "reference_upper"]
    pairs[numbers] = pairs[numbers].mask(broken)
    return pairs.assign(reference="own_earlier", reference_missing_why=why.mask(broken, "break"))


def _why(pairs: pd.DataFrame) -> pd.Series:
    """Why there is nothing to compare with: no such figure, or the status of one that has no value."""
    return pairs.reference_status.fillna("no_reference").where(pairs.reference_estimate.isna(), "")


def _breaks_between(ids: pd.Series, earlier: pd.Series, later: pd.Series, indicators: Mapping[str, Indicator]) -> pd.Series:
    broken = pd.Series(False, index=ids.index)
    for id, one in indicators.items():
        for first_year in one.breaks:
            broken |= ids.eq(id) & earlier.lt(first_year) & later.ge(first_year)
    return broken
