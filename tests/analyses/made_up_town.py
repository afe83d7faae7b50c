"""A made-up municipality's rows, without a store: two tests a year apart, with pupils who come and go."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

YEARS = ("2022-23", "2023-24", "2024-25")


@dataclass(frozen=True)
class Town:
    """As much of ``MunicipalRows`` as growth and cohorts ask for: np8 in year group 8 and np9 the year after."""

    pupils: pd.DataFrame
    results: pd.DataFrame
    leavers: pd.DataFrame
    country: str = "no"
    outcome: str = "np9"
    confidence: float = 0.95
    chains: tuple[tuple[str, str], ...] = (("np8", "np9"),)

    def pairs(self, earlier: str, later: str) -> pd.DataFrame:
        first, last = (self.results[self.results["measure"].eq(name)] for name in (earlier, later))
        both = last.merge(first, on="pupil", suffixes=("", "_earlier"))
        both = both.merge(self.pupils[["pupil", "school_year", "girl", "parents_education"]], on=["pupil", "school_year"])
        return both.rename(columns={"z": "later_z", "z_earlier": "earlier_z", "school_year_earlier": "year_earlier"})


def town(schools: int = 12, pupils: int = 30, lifted: str = "", lift: float = 0.0, seed: int = 1) -> Town:
    """Classes of ``schools`` × ``pupils`` begin in each year; a tenth of them are gone a year later and as many come."""
    rng = np.random.default_rng(seed)
    parts = []
    for place, begun in enumerate(YEARS):
        count = schools * pupils
        known = rng.normal(size=count)
        person = pd.DataFrame({
            "pupil": [f"p{place}-{one}" for one in range(count)],
            "school": [f"s{one % schools:02d}" for one in range(count)],
            "girl": rng.integers(0, 2, count).astype(float),
            "parents_education": rng.choice(["lower", "higher"], count),
        })  # fmt: skip
        np8 = 50 + 8 * known + 4 * rng.normal(size=count)
        np9 = 54 + 8 * known + 4 * rng.normal(size=count) + lift * person["school"].eq(lifted)
        gone, new = np.arange(count) % 10 == 0, np.arange(count) % 10 == 1
        parts.append(person.assign(school_year=begun, year_group=8, measure="np8", value=np8)[~new])
        if place + 1 < len(YEARS):
            parts.append(person.assign(school_year=YEARS[place + 1], year_group=9, measure="np9", value=np9)[~gone])
    rows = pd.concat(parts, ignore_index=True)
    of_year = rows.groupby(["school_year", "measure"])["value"]
    rows["z"] = (rows["value"] - of_year.transform("mean")) / of_year.transform("std")
    rows["year_group"] = rows["year_group"].astype("Int64")
    final = rows[rows["measure"].eq("np9")]
    leavers = final[["pupil", "school", "school_year"]].assign(
        outcome=final["value"].round(), eligible=final["value"].gt(45 + rng.normal(size=len(final))).astype(float)
    )
    background = ["pupil", "school", "school_year", "year_group", "girl", "parents_education"]
    return Town(rows[background], rows[["pupil", "school", "school_year", "year_group", "measure", "value", "z"]], leavers)
