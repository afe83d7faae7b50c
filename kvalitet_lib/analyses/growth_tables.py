"""Growth percentiles gathered: by school, by school and year, by group, and what each may be tested against."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kvalitet_lib.analyses.growth_rows import Pupils, codes_of
from kvalitet_lib.analyses.rows import Floats
from kvalitet_lib.statistics.intervals import student_t
from kvalitet_lib.statistics.medians import group_medians
from kvalitet_lib.statistics.multiplicity import benjamini_hochberg

MIDDLE = 50.0
"""The percentile half of the norm lies above."""


def gathered(pupils: Pupils, percentile: Floats, column: str, level: float) -> pd.DataFrame:
    """One row is one group: median and mean percentile with intervals, tested against the middle of the norm.

    Columns ``group``, ``estimate, lower, upper`` (the median), ``p, p_adjusted`` (Benjamini and Hochberg over all groups here),
    ``mean, mean_lower, mean_upper``, ``n`` (pupils with a percentile) and ``missing`` (share of the group without).
    """
    code, groups = codes_of(pupils, column)
    return _summed(code, groups, percentile, level).rename(columns={"name": "group"})


def by_school_year(pupils: Pupils, percentile: Floats, school: str, school_year: str, level: float) -> pd.DataFrame:
    """One row is one school in one school year: as ``gathered``, with ``school`` and ``school_year``."""
    code, schools = codes_of(pupils, school)
    year, years = codes_of(pupils, school_year)
    both = np.where((code >= 0) & (year >= 0), code * len(years) + year, -1)
    there, place = np.unique(both[both >= 0], return_inverse=True)
    member = np.full(len(both), -1)
    member[both >= 0] = place
    found = _summed(member, [str(one) for one in there], percentile, level)
    found.insert(0, "school", [schools[one // len(years)] for one in there])
    found.insert(1, "school_year", [years[one % len(years)] for one in there])
    return found.drop(columns="name")


def _summed(code: np.ndarray, groups: list[str], percentile: Floats, level: float) -> pd.DataFrame:
    member = code >= 0
    known = member & np.isfinite(percentile)
    size = np.bincount(code[member], minlength=len(groups)).astype(np.float64)
    n = np.bincount(code[known], minlength=len(groups)).astype(np.float64)
    medians = group_medians(percentile[known], code[known], len(groups), MIDDLE, level)
    persons = np.where(n > 0, n, np.nan)
    mean = np.bincount(code[known], percentile[known], minlength=len(groups)) / persons
    squares = np.bincount(code[known], (percentile[known] - mean[code[known]]) ** 2, minlength=len(groups))
    lower, upper = student_t(mean, np.sqrt(squares / np.where(n > 1, n - 1, np.nan)), n, level)
    # A group too small for an interval of its median is not tested either.
    p = np.where(np.isfinite(medians.lower), medians.p, np.nan)
    return pd.DataFrame(
        {
            "name": groups,
            "estimate": medians.median,
            "lower": medians.lower,
            "upper": medians.upper,
            "p": p,
            "p_adjusted": benjamini_hochberg(p, np.zeros(len(p), dtype=np.int64))[0],
            "mean": mean,
            "mean_lower": lower,
            "mean_upper": upper,
            "n": n,
            "missing": 1 - n / np.where(size > 0, size, np.nan),
        }
    )


def all_together(percentile: Floats, missing: float, level: float, own_norm: bool) -> dict[str, object]:
    """All pupils' median; against an earlier norm group it is tested, against themselves it is 50 by construction."""
    known = percentile[np.isfinite(percentile)]
    medians = group_medians(known, np.zeros(len(known), dtype=np.int64), 1, MIDDLE, level)
    tested = {} if own_norm else {"null": MIDDLE, "p": float(medians.p[0])}
    return {
        "term": "all",
        "estimate": float(medians.median[0]),
        "lower": float(medians.lower[0]),
        "upper": float(medians.upper[0]),
        "n": len(known),
        "missing": missing,
        **tested,
    }
