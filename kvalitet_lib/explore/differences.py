"""Whether schools differ more than chance alone would have them do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.oneway import anova_generic
from statsmodels.stats.proportion import proportions_chisquare

from kvalitet_lib.indicators import Kind

FEWEST = 3


@dataclass(frozen=True)
class Funnel:
    """Lines over a range of group sizes; all arrays are as long as ``n``.

    Attributes
    ----------
    n : array
        Group sizes, rising.
    centre : float
        The mean of all, each weighted by its size.
    limits : mapping of float to (array, array)
        Level → lower and upper limit around the centre.
    trend : array
        Weighted regression on the logarithm of the size: a slope says that size and value go together.
    """

    n: np.ndarray
    centre: float
    limits: dict[float, tuple[np.ndarray, np.ndarray]]
    trend: np.ndarray


def spread(schools: pd.DataFrame, level: float = 0.95) -> pd.Series:
    """Standard deviation between persons, read back from a t interval.

    Parameters
    ----------
    schools : DataFrame
        ``estimate, upper, n``; ``level`` is that of the interval.
    """
    quantile = stats.t.ppf((1 + level) / 2, schools["n"] - 1)
    return (schools["upper"] - schools["estimate"]) * np.sqrt(schools["n"]) / quantile


def between_schools(schools: pd.DataFrame, kind: Kind, level: float = 0.95) -> pd.DataFrame:
    """A test, for each school year, of whether all schools could share one value.

    Shares: chi-square. Means: Welch's analysis of variance. Other kinds are not tested.

    Parameters
    ----------
    schools : DataFrame
        Figures of one indicator for schools as a whole: ``school_year, estimate, upper, n, count``.
    level : float
        Confidence level of the intervals in the figures.

    Returns
    -------
    DataFrame
        ``school_year, schools, statistic, p``; years with fewer than three schools are left out.

    References
    ----------
    B. L. Welch (1951), On the comparison of several mean values, Biometrika 38, 330-336.
    """
    usable = schools[schools["n"].ge(2) & (schools["count"].notna() if kind is Kind.SHARE else schools["upper"].notna())]
    rows = []
    for year, one in usable.groupby("school_year"):
        if len(one) < FEWEST or kind not in (Kind.SHARE, Kind.MEAN):
            continue
        if kind is Kind.SHARE:
            statistic, p, _ = proportions_chisquare(one["count"], one["n"])
        else:
            test = anova_generic(one["estimate"], spread(one, level) ** 2, one["n"], use_var="unequal")
            statistic, p = test.statistic, test.pvalue
        rows.append((year, len(one), float(statistic), float(p)))
    return pd.DataFrame(rows, columns=["school_year", "schools", "statistic", "p"])


def funnel(schools: pd.DataFrame, kind: Kind, levels: tuple[float, ...] = (0.95, 0.998)) -> Funnel | None:
    """The lines of a funnel plot: where schools of each size are expected if chance is all that sets them apart.

    Parameters
    ----------
    schools : DataFrame
        ``estimate, upper, n`` of schools as a whole; any number of school years.
    levels : tuple of float
        Share of schools expected within the limits.

    Returns
    -------
    Funnel or None
        None with fewer than three schools, or for kinds other than shares and means.

    References
    ----------
    D. J. Spiegelhalter (2005), Funnel plots for comparing institutional performance, Statistics in Medicine 24, 1185-1202.
    """
    usable = schools[schools["n"].ge(2) & schools["estimate"].notna()]
    if kind is Kind.MEAN:
        usable = usable[spread(usable).gt(0)]
    if len(usable) < FEWEST or kind not in (Kind.SHARE, Kind.MEAN):
        return None
    centre = float(np.average(usable["estimate"], weights=usable["n"]))
    variance = centre * (1 - centre) if kind is Kind.SHARE else float(np.average(spread(usable) ** 2, weights=usable["n"] - 1))
    n = np.geomspace(usable["n"].min(), usable["n"].max(), 100)
    reach = {level: stats.norm.ppf((1 + level) / 2) * np.sqrt(variance / n) for level in levels}
    fit = sm.WLS(usable["estimate"], sm.add_constant(np.log(usable["n"]), has_constant="add"), weights=usable["n"]).fit()
    trend = fit.predict(sm.add_constant(np.log(n), has_constant="add"))
    return Funnel(n, centre, {level: (centre - one, centre + one) for level, one in reach.items()}, np.asarray(trend))
