"""Figures as they leave: hidden ones emptied, coarse ones as intervals, the rest rounded so that no count follows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from kvalitet_lib.disclosure.ledger import decimals_of
from kvalitet_lib.disclosure.primary import BANDS
from kvalitet_lib.disclosure.release import SEEN
from kvalitet_lib.indicators import Indicator
from kvalitet_lib.measure.shrunken import FEWEST_SCHOOLS, with_shrunken
from kvalitet_lib.municipality import Audience

AMOUNTS = ["difference", "difference_lower", "difference_upper"]
OUTSIDE = ("nation", "comparable")  # references that are no figures of ours: their own decimals tell nothing
VALUES = ["estimate", "lower", "upper", "n", "missing", "shrunken"]


def printed(
    batch: pd.DataFrame, shown: pd.DataFrame, indicators: Mapping[str, Indicator], audience: Audience, confidence: float
) -> pd.DataFrame:
    """The batch as it may leave: no ``count``, no ``largest``, nothing of what is hidden.

    Of a coarse figure only its band leaves ("~100" says at least 80 %, "60–80" what it says); the number of persons where
    it may be told. Intervals of means on few persons stay, since they tell the spread. ``shrunken`` is made anew from
    what is shown.
    """
    told = batch.assign(shown=shown["shown"])
    own = told["source"].eq("local")
    exact, coarse = told["shown"].eq("yes"), own & told["shown"].eq("rounded")
    told["shrunken"] = _shrunken(told[exact], indicators, audience, confidence).reindex(told.index)
    told = _rounded(told, own, indicators)
    spread = own & told["count"].isna() & told["method"].isin(["t", "wilson"]) & told["n"].lt(audience.smallest_deviation_group)
    told.loc[spread, ["lower", "upper"]] = np.nan
    told.loc[~exact, ["estimate", "missing", "shrunken"]] = np.nan
    told.loc[~exact & ~(coarse & shown["persons"]), "n"] = np.nan
    told.loc[~exact & ~told["shown"].eq("rounded"), ["lower", "upper"]] = np.nan
    told.loc[told["shown"].eq("protected"), "status"] = None
    for end, (lower, upper) in BANDS.items():
        told.loc[coarse & shown["end"].eq(end), ["lower", "upper", "original", "status"]] = [lower, upper, end, "rounded"]
    return told.drop(columns=["count", "largest"]).astype({"decimals": "Int64"})


def emptied(rows: pd.DataFrame, hidden: pd.Series) -> pd.DataFrame:
    """Printed rows, some of them hidden after all."""
    blank = rows.assign(**dict.fromkeys(VALUES, np.nan), shown="protected", status=None, original=None)
    return rows.where(~(hidden & rows["shown"].isin(SEEN)), blank).astype(rows.dtypes)


def _shrunken(figures: pd.DataFrame, indicators: Mapping[str, Indicator], audience: Audience, confidence: float) -> pd.Series:
    fewest = max(FEWEST_SCHOOLS, audience.fewest_degrees_of_freedom + 1)
    ours = figures[figures["source"].eq("local") & figures["n"].ge(audience.smallest_deviation_group)]
    return with_shrunken(ours, indicators, confidence, fewest)["shrunken"]


def _rounded(told: pd.DataFrame, own: pd.Series, indicators: Mapping[str, Indicator]) -> pd.DataFrame:
    decimals = told["indicator"].map({name: decimals_of(one) for name, one in indicators.items()})
    columns = ["estimate", "lower", "upper", "shrunken"]
    for places in decimals.unique():
        rows = own & decimals.eq(places)
        told.loc[rows, columns] = told.loc[rows, columns].round(places)
    told.loc[own, "missing"] = told.loc[own, "missing"].round(2)
    told.loc[own, "n"] = told.loc[own, "n"].round(0)
    return told


def printed_comparisons(comparisons: pd.DataFrame, indicators: Mapping[str, Indicator]) -> pd.DataFrame:
    """Comparisons with no more decimals than the figures they are made of."""
    decimals = comparisons["indicator"].map({name: decimals_of(one) for name, one in indicators.items()})
    told = comparisons.assign(p_adjusted=comparisons["p_adjusted"].round(4))
    for places in decimals.unique():
        rows = decimals.eq(places)
        told.loc[rows, AMOUNTS] = told.loc[rows, AMOUNTS].astype(float).round(places)
        ours = rows & ~told["reference"].isin(OUTSIDE)
        told.loc[ours, "reference_estimate"] = told.loc[ours, "reference_estimate"].astype(float).round(places)
    return told.assign(reference_estimate=told["reference_estimate"].astype(float).round(3))
