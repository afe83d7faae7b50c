"""Several sources state the same figure: which one is shown, and where they disagree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from kvalitet_lib.indicators import Indicator
from kvalitet_lib.measure.measurement import DISAGREEMENT, FIGURE


def most_trusted(candidates: pd.DataFrame, trust: Sequence[str]) -> pd.DataFrame:
    """One row per figure: from the first source in ``trust`` that states it, or else the first that says why not.

    Sources that ``trust`` does not name come after those it does, by name.
    """
    places = {source: place for place, source in enumerate(trust)}
    states_nothing = candidates.estimate.isna() & candidates.method.ne("agency_interval")
    ordered = candidates.assign(states_nothing=states_nothing, place=candidates.source.map(places).fillna(len(places)))
    ordered = ordered.sort_values(["states_nothing", "place", "source"], kind="stable")
    return ordered.drop_duplicates(FIGURE).drop(columns=["states_nothing", "place"]).reset_index(drop=True)


def disagreements(candidates: pd.DataFrame, shown: pd.DataFrame, indicators: Mapping[str, Indicator]) -> pd.DataFrame:
    """Figures that another source states otherwise than the one shown, beyond rounding.

    Two figures agree when they differ by no more than half a unit of the last decimal of the coarser. A figure without
    stated decimals is taken as exact; an interval such as ~100 agrees with any figure inside it.

    Returns
    -------
    DataFrame
        ``indicator, level, unit, school_year, group, shown_source, other_source, difference`` (other minus shown, in
        the indicator's unit; from the nearer end of an interval).
    """
    pairs = _with_ends(shown).merge(_with_ends(candidates), on=FIGURE, suffixes=("_shown", "_other"))
    pairs = pairs[pairs.source_shown.ne(pairs.source_other)]
    above = (pairs.low_other - pairs.high_shown).clip(lower=0)
    below = (pairs.low_shown - pairs.high_other).clip(lower=0)
    difference = above - below
    decimals = np.fmin(_decimals(pairs.decimals_shown), _decimals(pairs.decimals_other))
    unit = np.where(pairs.indicator.isin([id for id, one in indicators.items() if one.is_share]), 0.01, 1.0)
    rounding = np.where(np.isnan(decimals), 0.0, 0.5 * 10.0**-decimals) * unit
    differ = difference.abs() > rounding + 1e-9 * unit
    found = pairs.assign(difference=difference, shown_source=pairs.source_shown, other_source=pairs.source_other)[differ]
    return found[list(DISAGREEMENT)].astype(DISAGREEMENT).reset_index(drop=True)


def _with_ends(figures: pd.DataFrame) -> pd.DataFrame:
    """Stated figures as what they may be: one point, or an agency's interval."""
    interval = figures.method.eq("agency_interval")
    ends = figures.assign(
        low=figures.lower.where(interval, figures.estimate), high=figures.upper.where(interval, figures.estimate)
    )
    return ends.loc[ends.low.notna(), [*FIGURE, "source", "decimals", "low", "high"]]


def _decimals(decimals: pd.Series) -> np.ndarray:
    return decimals.to_numpy(dtype=np.float64, na_value=np.nan)
