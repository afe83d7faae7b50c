"""Posts and qualifications per school: they follow intake a little, and do nothing to results."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kvalitet_lib.sources.synthetic.places import UPPER_STEPS, Plan
from kvalitet_lib.sources.synthetic.population import stream

BANDS = {"1-4": (0, 3), "5-7": (4, 6), "8-10": (7, 9)}
GROUP_SIZE = {"1-4": 13.6, "5-7": 16.2, "8-10": 16.9}
HOURS_A_YEAR = {"1-4": 640, "5-7": 740, "8-10": 820}
AFTER_SCHOOL_STEPS = 3
QUALIFIED = {"se": 0.73, "no": 0.95}


def staff(plan: Plan, population: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Staffing of every school, preschool and after-school centre.

    Returns
    -------
    DataFrame
        ``school``, ``year``, ``provision`` (school, preschool, after_school), ``band`` (all, or 1-4 … in Norway),
        ``children``, ``posts``, ``qualified`` (full-time equivalents), ``pupil_hours``, ``teacher_hours``.
    """
    rng = stream(seed, plan.country, "staff")
    pupils = population[population.step < UPPER_STEPS[0]].assign(school=population.autumn)
    schools = _schools(plan, pupils, rng)
    centres = (
        pupils[pupils.step <= AFTER_SCHOOL_STEPS].groupby(["school", "year"], as_index=False).agg(children=("pupil", "size"))
    )
    centres = centres.assign(
        children=np.rint(centres.children * rng.uniform(0.6, 0.8, len(centres))), provision="after_school", band="all"
    )
    centres = centres.assign(posts=centres.children / rng.normal(20.5, 1.8, len(centres)))
    centres = centres.assign(qualified=centres.posts * np.clip(rng.normal(0.27, 0.08, len(centres)), 0.02, 0.9))
    preschools = pd.DataFrame(
        [{"school": place.code, "year": year, "size": place.cohort} for place in plan.preschools for year in range(plan.years)]
    )
    preschools = preschools.assign(
        children=np.rint(preschools["size"] * rng.uniform(0.9, 1.05, len(preschools))), provision="preschool", band="all"
    )
    preschools = preschools.assign(posts=preschools.children / rng.normal(5.2, 0.3, len(preschools)))
    preschools = preschools.assign(qualified=preschools.posts * np.clip(rng.normal(0.42, 0.07, len(preschools)), 0.05, 0.95))
    everything = pd.concat([schools, centres, preschools.drop(columns="size")], ignore_index=True)
    everything["posts"] = np.maximum(everything.posts, 0.5).round(2)
    everything["qualified"] = np.minimum(everything.qualified.round(2), everything.posts)
    return everything.sort_values(["provision", "school", "year", "band"], ignore_index=True)


def _schools(plan: Plan, pupils: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    codes = [place.code for place in plan.places]
    intake = pupils.groupby("school").intake.mean()
    lasting = pd.DataFrame({"ratio": rng.normal(0, 0.07, len(codes)), "qualified": rng.normal(0, 0.05, len(codes))}, index=codes)
    banded = pupils.assign(
        band="all" if plan.country == "se" else pd.cut(pupils.step, [-1, 3, 6, 9], labels=list(BANDS)).astype(str)
    )
    rows = banded.groupby(["school", "year", "band"], as_index=False).agg(children=("pupil", "size"))
    count = len(rows)
    crowding = np.exp(rows.school.map(lasting.ratio) + rng.normal(0, 0.05, count))
    typical = rows.band.map({"all": 12.0, **GROUP_SIZE}).to_numpy() * (1 if plan.country == "se" else 0.78)
    share = QUALIFIED[plan.country] + rows.school.map(lasting.qualified) * (1 if plan.country == "se" else 0.4)
    share = share + 0.04 * rows.school.map(intake) + rng.normal(0, 0.03, count)
    posts = rows.children / (typical * crowding)
    rows = rows.assign(provision="school", posts=posts, qualified=posts * np.clip(share, 0.3, 1))
    if plan.country == "no":
        received = rows.children * rows.band.map(HOURS_A_YEAR)
        rows = rows.assign(pupil_hours=received, teacher_hours=(received / (rows.band.map(GROUP_SIZE) * crowding)).round())
    return rows
