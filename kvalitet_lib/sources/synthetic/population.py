"""The people: pupils who begin, move up a year group each year, move house, leave and are replaced."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from kvalitet_lib.sources.synthetic.places import UPPER_STEPS, Plan

LAST_COMPULSORY = 9
LEAVES, MOVES_IN_SUMMER, MOVES_MID_YEAR = 0.02, 0.02, 0.01
NEWLY_ARRIVED_YEARS = 4
BORN_HERE = -99
INTAKE_SPREAD = 0.55


def stream(seed: int, *what: str) -> np.random.Generator:
    """Random numbers of their own for one part, so that a change in one part leaves the others alone."""
    return np.random.default_rng([seed, *"/".join(what).encode()])


def populate(plan: Plan, seed: int) -> pd.DataFrame:
    """Everyone who goes to school, year by year.

    Returns
    -------
    DataFrame
        One row is one pupil in one school year (``year`` counts from 0): ``pupil`` (six digits), ``step`` (0 in the
        first year group), ``year_group``, ``autumn`` and ``spring`` (school codes, different for those who move
        mid-year), ``girl`` (0/1), ``education`` (-1 lower, 0 upper secondary, 1 higher), ``newly_arrived``,
        ``second_language``, ``ability`` and ``absence_proneness`` (standardised), ``intake`` (the area's), ``class_name``.
    """
    rng = stream(seed, plan.country, "population")
    areas = [place.code for place in plan.places if place.cohort]
    town = _Town(plan, rng, np.array([plan.place(code).cohort for code in areas]))
    present = town.first_inhabitants()
    years = []
    for year in range(plan.years):
        if year:
            present = town.next_year(present, year)
        moving = (rng.random(len(present)) < MOVES_MID_YEAR) & (present.step <= LAST_COMPULSORY)
        autumn = present.area
        present = present.assign(area=np.where(moving, town.somewhere(len(present)), present.area))
        years.append(present.assign(year=year, autumn_area=autumn))
    return _described(pd.concat(years, ignore_index=True), plan, areas, rng)


class _Town:
    """Who lives where, and how that changes from one year to the next."""

    def __init__(self, plan: Plan, rng: np.random.Generator, cohorts: np.ndarray) -> None:
        self._plan, self._rng, self._cohorts = plan, rng, cohorts
        self._intake = rng.permutation(np.linspace(-1, 1, len(cohorts))) * INTAKE_SPREAD * np.sqrt(3)
        self._known = 0

    def first_inhabitants(self) -> pd.DataFrame:
        compulsory = [self._families(self._wobbled(), step, year=0) for step in range(LAST_COMPULSORY + 1)]
        if not self._plan.upper_cohort:
            return pd.concat(compulsory, ignore_index=True)
        share = self._cohorts / self._cohorts.sum()
        upper = [
            self._families(self._rng.multinomial(self._plan.upper_cohort, share), step, year=0)
            for step in range(UPPER_STEPS[0], UPPER_STEPS[1] + 1)
        ]
        return pd.concat([*compulsory, *upper], ignore_index=True)

    def next_year(self, present: pd.DataFrame, year: int) -> pd.DataFrame:
        rng = self._rng
        staying = present[rng.random(len(present)) >= LEAVES]
        moving = rng.random(len(staying)) < MOVES_IN_SUMMER
        older = staying.assign(step=staying.step + 1, area=np.where(moving, self.somewhere(len(staying)), staying.area))
        compulsory, leaving, upper = (
            older[older.step <= 9],
            older[older.step == UPPER_STEPS[0]],
            older[older.step.between(11, 12)],
        )
        going_on = leaving.iloc[np.sort(rng.permutation(len(leaving))[: self._plan.upper_cohort])]
        moved_in = [self._families(rng.poisson(self._cohorts * LEAVES), step, year, moved_in=True) for step in range(1, 10)]
        return pd.concat([compulsory, going_on, upper, self._families(self._wobbled(), 0, year), *moved_in], ignore_index=True)

    def somewhere(self, count: int) -> np.ndarray:
        return self._rng.choice(len(self._cohorts), size=count, p=self._cohorts / self._cohorts.sum())

    def _wobbled(self) -> np.ndarray:
        """This year's beginners: birth cohorts are not all alike."""
        return np.maximum(4, np.rint(self._rng.normal(self._cohorts, 0.5 * np.sqrt(self._cohorts)))).astype(int)

    def _families(self, counts: np.ndarray, step: int, year: int, moved_in: bool = False) -> pd.DataFrame:
        rng, count = self._rng, int(counts.sum())
        area = np.repeat(np.arange(len(counts)), counts)
        intake = self._intake[area]
        lower, higher = 0.12 * np.exp(-0.7 * intake), 0.44 + 0.17 * intake
        drawn = rng.random(count)
        from_abroad = rng.random(count) < (0.45 if moved_in else 0.022 * step * np.exp(-0.6 * intake))
        arrived = np.where(from_abroad, year - (0 if moved_in else rng.integers(0, max(step, 1) + 1, count)), BORN_HERE)
        second_language = from_abroad | (rng.random(count) < 0.10 * np.exp(-0.9 * intake))
        girl = (rng.random(count) < 0.487).astype(int)
        education = np.where(drawn < lower, -1, np.where(drawn > 1 - higher, 1, 0))
        ability = _balanced(rng.normal(0, 1, count), girl, education) + 0.12 * intake
        self._known += count
        return pd.DataFrame(
            {
                "person": np.arange(self._known - count, self._known),
                "area": area,
                "step": step,
                "girl": girl,
                "education": education,
                "arrived": arrived,
                "second_language": second_language,
                "ability": ability,
                "absence_proneness": rng.normal(0, 1, count) * 0.95 - 0.3 * ability,
                "intake": intake,
                "seat": rng.random(count),
            }
        )


def _balanced(drawn: np.ndarray, *traits: np.ndarray) -> np.ndarray:
    """Chance without what it happens to share with sex and parents' education, so that planted gaps are not drowned in it."""
    known = np.column_stack([np.ones(len(drawn)), *traits])
    if len(drawn) <= known.shape[1]:
        return drawn
    coefficients, *_ = np.linalg.lstsq(known, drawn, rcond=None)
    rest = drawn - known @ coefficients
    return rest / rest.std()


def _described(rows: pd.DataFrame, plan: Plan, areas: Sequence[str], rng: np.random.Generator) -> pd.DataFrame:
    ids = rng.permutation(10**6)[: rows.person.max() + 1]
    steps = range(UPPER_STEPS[1] + 1 if plan.upper_cohort else LAST_COMPULSORY + 1)
    codes = np.array([[[plan.school_of(area, step, year) for year in range(plan.years)] for step in steps] for area in areas])
    autumn = codes[rows.autumn_area, rows.step, rows.year]
    spring = codes[rows.area, rows.step, rows.year]
    year_group = rows.step + plan.first_year_group + (rows.step >= UPPER_STEPS[0])
    size = rows.groupby([rows.year, spring, rows.step]).person.transform("size")
    letter = np.array(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))[(rows.seat * np.ceil(size / 25)).astype(int)]
    return pd.DataFrame(
        {
            "pupil": pd.Series(ids[rows.person]).map("{:06d}".format),
            "year": rows.year,
            "school_year": np.array(plan.school_years)[rows.year],
            "step": rows.step,
            "year_group": year_group,
            "autumn": autumn,
            "spring": spring,
            "girl": rows.girl,
            "education": rows.education,
            "newly_arrived": (rows.year - rows.arrived) < NEWLY_ARRIVED_YEARS,
            "second_language": rows.second_language,
            "ability": rows.ability,
            "absence_proneness": rows.absence_proneness,
            "intake": rows.intake,
            "class_name": year_group.astype(str) + letter,
        }
    )


def stints(population: pd.DataFrame) -> pd.DataFrame:
    """One row is one pupil at one school in one school year: pupils who move mid-year have two, autumn first."""
    moved = population[population.autumn != population.spring]
    both = pd.concat([population.assign(school=population.autumn, order=0), moved.assign(school=moved.spring, order=1)])
    return both.sort_values(["year", "school", "year_group", "pupil", "order"], kind="stable", ignore_index=True)
