"""Which differences are more than chance, when this many were looked at."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from kvalitet_lib.compare.comparison import COLUMNS, DTYPES, REFERENCES, Verdict
from kvalitet_lib.indicators import Better, Indicator
from kvalitet_lib.measure import FIGURE
from kvalitet_lib.municipality import Municipality
from kvalitet_lib.statistics import benjamini_hochberg, degrees_of_freedom, difference_interval, p_value

FAMILY = ["level", "unit", "school_year", "reference", "breakdown"]
HIDDEN = ("too_few", "secondary")
CLEAR = (Verdict.ABOVE, Verdict.BELOW)


def with_verdicts(pairs: pd.DataFrame, municipality: Municipality, indicators: Mapping[str, Indicator]) -> pd.DataFrame:
    """Figures beside their references, with difference, interval, adjusted p-value and verdict: the frame of a Comparison."""
    level = municipality.confidence
    difference = pairs.estimate - pairs.reference_estimate
    lower, upper = difference_interval(
        pairs.estimate, pairs.lower, pairs.upper, pairs.reference_estimate, pairs.reference_lower, pairs.reference_upper
    )
    freedom = degrees_of_freedom(
        (pairs.upper - pairs.lower) / 2,
        _freedom(pairs.method, pairs.n),
        (pairs.reference_upper - pairs.reference_lower) / 2,
        _freedom(pairs.reference_method, pairs.reference_n),
        level,
    )
    p = p_value(difference, lower, upper, freedom, level)
    adjusted, size = benjamini_hochberg(p, pairs.groupby(FAMILY, sort=False).ngroup())
    verdict = _verdict(pairs, difference, adjusted, municipality.false_discovery_rate)
    found = pairs.assign(
        difference=difference,
        difference_lower=lower,
        difference_upper=upper,
        p=p,
        p_adjusted=adjusted,
        family_size=size,
        verdict=verdict,
        better=_better(pairs.indicator, verdict, indicators),
    )
    return _in_order(found[COLUMNS].astype(DTYPES), indicators)


def _freedom(method: pd.Series, n: pd.Series) -> np.ndarray:
    """Only a t interval rests on a spread estimated from few persons."""
    return np.where(method.eq("t"), n - 1, np.inf)


def _verdict(pairs: pd.DataFrame, difference: pd.Series, adjusted: np.ndarray, rate: float) -> np.ndarray:
    hidden = pairs.estimate.isna() & pairs.status.isin(HIDDEN)
    clear = adjusted < rate
    cases = [hidden, np.isnan(adjusted), clear & difference.gt(0), clear & difference.lt(0)]
    return np.select(cases, [Verdict.TOO_FEW, Verdict.UNKNOWN, Verdict.ABOVE, Verdict.BELOW], Verdict.SIMILAR)


def _better(ids: pd.Series, verdict: np.ndarray, indicators: Mapping[str, Indicator]) -> np.ndarray:
    """Whether a clear difference is for the better; empty when there is no clear difference."""
    direction = ids.map({id: one.better.value for id, one in indicators.items()})
    good = (direction.eq(Better.HIGHER) & (verdict == Verdict.ABOVE)) | (direction.eq(Better.LOWER) & (verdict == Verdict.BELOW))
    return np.select([~np.isin(verdict, CLEAR), direction.eq(Better.NEITHER), good], ["", "neither", "better"], "worse")


def _in_order(differences: pd.DataFrame, indicators: Mapping[str, Indicator]) -> pd.DataFrame:
    places = {"indicator": list(indicators), "reference": list(REFERENCES)}

    def place(column: pd.Series) -> pd.Series:
        return column.map({name: i for i, name in enumerate(places[str(column.name)])}) if column.name in places else column

    return differences.sort_values([*FIGURE, "reference"], key=place, ignore_index=True)
