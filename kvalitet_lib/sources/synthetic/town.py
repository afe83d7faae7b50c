"""A made-up municipality with everything that happened in it, before anything is written down as deliveries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kvalitet_lib.sources.synthetic.attendance import Attendance, attendance
from kvalitet_lib.sources.synthetic.places import Plan
from kvalitet_lib.sources.synthetic.population import populate
from kvalitet_lib.sources.synthetic.schooling import Results, schooling
from kvalitet_lib.sources.synthetic.staff import staff
from kvalitet_lib.sources.synthetic.wellbeing import Wellbeing, wellbeing


@dataclass(frozen=True)
class Town:
    """Raw frames with what no delivery shows: ability, intake, exposure."""

    plan: Plan
    seed: int
    population: pd.DataFrame
    final: Results
    halfway: Results | None
    attendance: Attendance
    wellbeing: Wellbeing
    staff: pd.DataFrame

    def names(self, schools: pd.Series, years: pd.Series) -> np.ndarray:
        """What each school was called in that year."""
        plan = self.plan
        known = {(place.code, year): plan.name_in(place.code, year) for place in plan.places for year in range(plan.years)}
        known |= {(place.code, year): place.name for place in plan.preschools for year in range(plan.years)}
        return np.array([known[key] for key in zip(schools, years, strict=True)])

    def totals_by_school(self) -> pd.DataFrame:
        """Final results by (school, year): ``total``, ``pupils`` and the intake they came from."""
        rows = self.final.rows
        return (
            rows.assign(total=self.final.totals)
            .groupby(["spring", "year"])
            .agg(
                total=("total", "mean"),
                pupils=("total", "size"),
                education=("education", "mean"),
                girls=("girl", "mean"),
                newly_arrived=("newly_arrived", "mean"),
            )
        )


def build(plan: Plan, seed: int) -> Town:
    """Let people live in the municipality for as many years as the plan has."""
    population = populate(plan, seed)
    final, halfway = schooling(plan, population, seed)
    return Town(
        plan,
        seed,
        population,
        final,
        halfway,
        attendance(plan, population, seed),
        wellbeing(plan, population, seed),
        staff(plan, population, seed),
    )
