"""How much pupils are away: a heavy-tailed share of the time, reported by month (SE) or for the year (NO)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kvalitet_lib.sources.synthetic.places import Plan
from kvalitet_lib.sources.synthetic.planting import Effect, plant
from kvalitet_lib.sources.synthetic.population import LAST_COMPULSORY, stream
from kvalitet_lib.sources.synthetic.schooling import choose
from kvalitet_lib.sources.synthetic.sizes import SIZES

MONTHS = ("09", "11", "02", "04")  # four months a year are delivered, two before and two after the turn of the year
SCHOOL_DAYS = 190
MEDIAN_SHARE = {"se": 0.046, "no": 0.032}
SIGMA = {"se": 0.78, "no": 0.95}
CHOSEN = 8


@dataclass(frozen=True)
class Attendance:
    """Absence of pupils in compulsory school.

    ``rows`` are pupils and years (n). In Sweden ``possible``, ``absent`` and ``unexcused`` are hours, shape (n, 4); in
    Norway ``absent`` is whole days and ``hours`` single hours, shape (n, 1).
    """

    rows: pd.DataFrame
    possible: np.ndarray
    absent: np.ndarray
    unexcused: np.ndarray
    hours: np.ndarray
    realised: Mapping[str, float]
    chosen: tuple[str, ...]

    @property
    def a_tenth(self) -> np.ndarray:
        """Whether the pupil was away at least a tenth of the time, shape (n,)."""
        return _a_tenth(self.absent, self.possible)


def attendance(plan: Plan, population: pd.DataFrame, seed: int) -> Attendance:
    """Absence of every pupil from year group 1 to the last of compulsory school."""
    rng = stream(seed, plan.country, "attendance")
    rows = population[(population.step <= LAST_COMPULSORY) & (population.year_group >= 1)].reset_index(drop=True)
    possible = _possible(plan, rows, rng)
    luck = rng.gamma(6, 1 / 6, possible.shape) if plan.country == "se" else np.ones(possible.shape)

    def absent(hidden: np.ndarray, which: np.ndarray) -> np.ndarray:
        return np.minimum(possible[which], np.rint(possible[which] * luck[which] * np.exp(hidden)))

    def a_tenth(hidden: np.ndarray, which: np.ndarray) -> np.ndarray:
        return _a_tenth(absent(hidden, which), possible[which]).astype(float)

    everyone = np.arange(len(rows))
    base = _base(plan, rows, rng)
    effects = _effects(plan, rows)
    planted = plant(base, effects, a_tenth, per_unit=4)
    chosen: tuple[str, ...] = ()
    if plan.measures_from is not None:
        all_along = [
            place.code for place in plan.places if plan.is_open(place.code, 0) and plan.is_open(place.code, plan.years - 1)
        ]
        present = pd.Series(-a_tenth(planted.hidden, everyone))
        chosen = choose(plan, rows, present, all_along, stay_out=("absent", "tiny"), count=CHOSEN, rng=rng)
        reached = (rows.spring.isin(chosen) & (rows.year >= plan.measures_from)).to_numpy(float)
        effects.append(Effect("attendance_measure", SIZES[plan.country].attendance, reached, np.ones(1)))
        planted = plant(base, effects, a_tenth, per_unit=4)
    away = absent(planted.hidden, everyone)
    truant = rng.beta(0.35, 2.2, (len(rows), 1)) * np.where(rows.step.to_numpy()[:, None] >= 7, 1, 0.45)
    unexcused = rng.binomial(away.astype(int), truant)
    hours = rng.poisson(3 + 90 * np.exp(planted.hidden) * rng.gamma(0.8, 1, (len(rows), 1)))
    return Attendance(rows, possible, away, unexcused, hours, planted.realised, chosen)


def _a_tenth(absent: np.ndarray, possible: np.ndarray) -> np.ndarray:
    return absent.sum(axis=1) * 10 >= possible.sum(axis=1)


def _possible(plan: Plan, rows: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    if plan.country == "no":
        return np.full((len(rows), 1), float(SCHOOL_DAYS))
    days = rng.integers(18, 22, (plan.years, len(MONTHS)))
    hours_a_day = 4.2 + 0.2 * rows.step.to_numpy()[:, None]
    return np.rint(days[rows.year.to_numpy()] * hours_a_day)


def _base(plan: Plan, rows: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Logarithm of the share of time away, before planted effects, shape (n, 1)."""
    codes = [place.code for place in plan.places]
    of_school = pd.Series(np.where(np.isin(codes, plan.roles.get("absent", ())), 0, rng.normal(0, 0.06, len(codes))), index=codes)
    of_year = rng.normal(0, 0.02, plan.years)
    person = 0.8 * rows.absence_proneness + 0.55 * rng.normal(size=len(rows)) + 0.05 * (rows.step - 4.5) - 0.12 * rows.education
    shares = np.log(MEDIAN_SHARE[plan.country]) + SIGMA[plan.country] * person
    return (shares + rows.spring.map(of_school) + of_year[rows.year]).to_numpy()[:, None]


def _effects(plan: Plan, rows: pd.DataFrame) -> list[Effect]:
    years_on = np.maximum(0, rows.year - plan.rising_from + 1)
    exposure = (rows.spring.isin(plan.roles["absent"]) * years_on).to_numpy(float)
    return [Effect("rising_absence", SIZES[plan.country].rising, exposure, np.ones(1))]
