"""What pupils know when compulsory school ends and on the way there, with the planted effects in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kvalitet_lib.sources.synthetic.grading import NORWEGIAN, SWEDISH, Grading
from kvalitet_lib.sources.synthetic.places import Plan
from kvalitet_lib.sources.synthetic.planting import Effect, Planted, plant
from kvalitet_lib.sources.synthetic.population import stream
from kvalitet_lib.sources.synthetic.sizes import SIZES, Sizes

GRADINGS = {"se": SWEDISH, "no": NORWEGIAN}
FINAL, HALFWAY = 9, 6  # steps; HALFWAY is only graded in Sweden (year 6)
NEWLY_ARRIVED, SECOND_LANGUAGE = -1.1, -0.25  # in pupils' standard deviations, as all below
TALENT, GRADE_NOISE, TEST_NOISE = 0.38, 0.25, 0.42
SCHOOLS_DIFFER, COHORTS_DIFFER = 0.045, 0.045
YEARLY = (0.0, -0.01, -0.03, -0.02, 0.01)
TESTS_LIE_LOWER = {"SV": 0.12, "MA": 0.28, "EN": 0.0}
NO_EXAMS = ("2020-21", "2021-22")
NOT_STUDIED, GRADED, NO_BASIS, EXEMPT = range(4)
WEAKEST, OTHERS = 5, 3


@dataclass(frozen=True)
class Results:
    """Grades of one step, all school years.

    ``rows`` are pupils (n); ``given`` (n, k) is GRADED, NO_BASIS, EXEMPT or NOT_STUDIED; ``steps`` (n, k) the place on the
    grade scale; ``test_steps`` has one column for each of ``tests`` (SE).
    """

    grading: Grading
    rows: pd.DataFrame
    given: np.ndarray
    steps: np.ndarray
    test_steps: pd.DataFrame
    realised: Mapping[str, float]
    chosen: tuple[str, ...] = ()

    @property
    def totals(self) -> np.ndarray:
        """Merit value or grunnskolepoeng, shape (n,)."""
        return self.grading.total(np.where(self.given == GRADED, self.grading.worth[self.steps], np.nan))


def schooling(plan: Plan, population: pd.DataFrame, seed: int) -> tuple[Results, Results | None]:
    """Final results, and in Sweden results of year 6, of everyone who got that far."""
    school_effects = _school_effects(plan, stream(seed, plan.country, "schools"))
    final, planted = _final(plan, _at(population, FINAL), school_effects, seed)
    if plan.country == "no":
        return final, None
    return final, _halfway(plan, _at(population, HALFWAY), school_effects, planted, seed)


def _at(population: pd.DataFrame, step: int) -> pd.DataFrame:
    return population[population.step == step].sort_values(["year", "spring", "pupil"], ignore_index=True)


def _final(plan: Plan, rows: pd.DataFrame, school_effects: pd.Series, seed: int) -> tuple[Results, Planted]:
    grading, sizes = GRADINGS[plan.country], SIZES[plan.country]
    rng = stream(seed, plan.country, "final")
    given = _given(plan, rows, grading, rng)
    base, noise = _knowledge(rows, grading, school_effects, rng)

    def total(hidden: np.ndarray, which: np.ndarray) -> np.ndarray:
        return grading.total(np.where(given[which] == GRADED, grading.worth[grading.steps(hidden)], np.nan))

    effects = _background(plan, rows, grading, sizes)
    planted = plant(base, effects, total, per_unit=grading.spread / grading.spread_of_total)
    chosen: tuple[str, ...] = ()
    if plan.measures_from is not None:
        so_far = pd.Series(total(planted.hidden, np.arange(len(rows))))
        chosen = choose(
            plan,
            rows,
            so_far,
            [place.code for place in plan.with_final_grades],
            stay_out=("excellent", "improving", "tiny", "lenient"),
            count=WEAKEST + OTHERS,
            rng=rng,
        )
        reached = (rows.spring.isin(chosen) & (rows.year >= plan.measures_from)).to_numpy(float)
        effects = [*effects, Effect("merit_measure", sizes.measure, reached, np.ones(len(grading.subjects)))]
        planted = plant(base, effects, total, per_unit=grading.spread / grading.spread_of_total)
    tests = _tests(grading, planted.hidden - noise, rng) if plan.country == "se" else pd.DataFrame()
    hidden, realised = _with_lenience(plan, rows, grading, planted.hidden, tests, sizes.lenient)
    results = Results(grading, rows, given, grading.steps(hidden), tests, {**planted.realised, **realised}, chosen)
    return results, planted


def _halfway(plan: Plan, rows: pd.DataFrame, school_effects: pd.Series, planted: Planted, seed: int) -> Results:
    grading = GRADINGS[plan.country]
    rng = stream(seed, plan.country, "halfway")
    given = _given(plan, rows, grading, rng)
    base, noise = _knowledge(rows, grading, school_effects, rng)
    hidden = base - 0.15 * grading.spread
    for effect in _background(plan, rows, grading, SIZES[plan.country]):
        hidden = hidden + effect.shifted(planted.shifts[effect.name])
    chosen: tuple[str, ...] = ()
    if plan.measures_from is not None:
        seen = grading.total(np.where(given == GRADED, grading.worth[grading.steps(hidden)], np.nan))
        ends_here = [
            place.code
            for place in plan.places
            if place.last == HALFWAY and plan.is_open(place.code, plan.years - 1) and plan.is_open(place.code, 0)
        ]
        chosen = choose(plan, rows, pd.Series(seen), ends_here, stay_out=(), count=6, rng=rng)
    return Results(grading, rows, given, grading.steps(hidden), _tests(grading, hidden - noise, rng), {}, chosen)


def choose(
    plan: Plan,
    rows: pd.DataFrame,
    outcome: pd.Series,
    eligible: list[str],
    stay_out: tuple[str, ...],
    count: int,
    rng: np.random.Generator,
) -> tuple[str, ...]:
    """Schools for a measure: most of them last year's lowest, so that chance alone lifts them the year after."""
    assert plan.measures_from is not None
    barred = {code for role in stay_out for code in plan.roles.get(role, ())}
    last_year = rows.year == plan.measures_from - 1
    means = outcome[last_year].groupby(rows.spring[last_year]).mean().sort_values()
    candidates = [code for code in means.index if code in eligible and code not in barred]
    weakest = candidates[: count - OTHERS]
    rest = sorted(candidates[count - OTHERS :])
    return tuple(sorted([*weakest, *rng.choice(rest, size=OTHERS, replace=False).tolist()]))


def _school_effects(plan: Plan, rng: np.random.Generator) -> pd.Series:
    """Small lasting differences and yearly luck by (school, year); neither where an effect is planted."""
    special = {code for role in ("excellent", "improving", "lenient") for code in plan.roles.get(role, ())}
    codes = [place.code for place in plan.places]
    ordinary = np.array([code not in special for code in codes])
    lasting = ordinary * rng.normal(0, SCHOOLS_DIFFER, len(codes))
    luck = ordinary[:, None] * rng.normal(0, COHORTS_DIFFER, (len(codes), plan.years))
    yearly = luck - luck.mean(axis=1, keepdims=True) + np.array(YEARLY[: plan.years])
    index = pd.MultiIndex.from_product([codes, range(plan.years)])
    return pd.Series((lasting[:, None] + yearly).ravel(), index=index)


def _knowledge(
    rows: pd.DataFrame, grading: Grading, school_effects: pd.Series, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Hidden knowledge (n, k) before planted effects, and the part of it that is chance in grade setting."""
    shape = (len(rows), len(grading.subjects))
    of_school = school_effects.reindex(pd.MultiIndex.from_arrays([rows.spring, rows.year])).to_numpy()
    person = rows.ability + NEWLY_ARRIVED * rows.newly_arrived + SECOND_LANGUAGE * rows.second_language + of_school
    noise = grading.spread * GRADE_NOISE * rng.normal(size=shape)
    talent = grading.spread * TALENT * rng.normal(size=shape)
    return grading.centre + grading.ease + grading.spread * person.to_numpy()[:, None] + talent + noise, noise


def _background(plan: Plan, rows: pd.DataFrame, grading: Grading, sizes: Sizes) -> list[Effect]:
    everything = np.ones(len(grading.subjects))
    effects = [
        Effect("girls", sizes.girls, rows.girl.to_numpy(float), grading.girls, between=(0, 1)),
        Effect("education", sizes.education, rows.education.to_numpy(float), everything, between=(-1, 1)),
    ]
    for role, size, degree in (
        ("excellent", sizes.excellent, np.ones(len(rows))),
        ("improving", sizes.improving, rows.year.to_numpy(float)),
    ):
        if role in plan.roles:
            effects.append(Effect(role, size, rows.spring.isin(plan.roles[role]).to_numpy(float) * degree, everything))
    return effects


def _given(plan: Plan, rows: pd.DataFrame, grading: Grading, rng: np.random.Generator) -> np.ndarray:
    given = np.full((len(rows), len(grading.subjects)), GRADED)
    newly, second = rows.newly_arrived.to_numpy(), rows.second_language.to_numpy()
    given[newly[:, None] & (rng.random(given.shape) < 0.12)] = NO_BASIS
    drawn = rng.random(len(rows))
    studies_language = drawn < 1 / (1 + np.exp(-1.5 - 1.1 * rows.ability + 1.5 * newly))
    if plan.country == "se":
        given[~studies_language, grading.column("M2")] = NOT_STUDIED
        given[~(second & (rng.random(len(rows)) < 0.4)), grading.column("ML")] = NOT_STUDIED
        return given
    given[~studies_language, grading.column("FSP1001")] = NOT_STUDIED
    given[second & (rng.random(len(rows)) < 0.7), grading.column("NOR1260")] = EXEMPT
    written = [grading.column(f"{subject}-skriftlig") for subject in ("NOR", "MAT", "ENG")]
    oral = grading.column("SAF-muntlig")
    held = (~rows.school_year.isin(NO_EXAMS)).to_numpy()
    given[:, [*written, oral]] = NOT_STUDIED
    given[held, rng.choice(written, size=int(held.sum()))] = GRADED
    given[held & (rng.random(len(rows)) < 0.6), oral] = GRADED
    return given


def _tests(grading: Grading, knowledge: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Place on the grade scale in the national tests: the same knowledge, another chance."""
    return pd.DataFrame(
        {
            subject: grading.steps(
                knowledge[:, grading.column(subject)]
                - lower * grading.spread
                + rng.normal(0, TEST_NOISE * grading.spread, len(knowledge))
            )
            for subject, lower in TESTS_LIE_LOWER.items()
        }
    )


def _with_lenience(
    plan: Plan, rows: pd.DataFrame, grading: Grading, hidden: np.ndarray, tests: pd.DataFrame, size: float
) -> tuple[np.ndarray, dict[str, float]]:
    """Raise grades, not knowledge, in the tested subjects of one school."""
    if "lenient" not in plan.roles:
        return hidden, {}
    tested = ["SV", "MA", "EN"] if plan.country == "se" else ["NOR1259", "MAT1015", "ENG1012"]
    mathematics = grading.column(tested[1])

    def outcome(values: np.ndarray, which: np.ndarray) -> np.ndarray:
        steps = grading.steps(values)[:, 0]
        return steps > tests.MA.to_numpy()[which] if plan.country == "se" else grading.worth[steps]

    at_school = rows.spring.isin(plan.roles["lenient"]).to_numpy(float)
    effect = Effect("lenient", size, at_school, np.ones(1))
    planted = plant(
        hidden[:, [mathematics]], [effect], lambda values, which: outcome(values, which).astype(float), per_unit=grading.spread
    )
    weights = np.isin(grading.subjects, tested).astype(float)
    return hidden + planted.shifts["lenient"] * np.outer(at_school, weights), dict(planted.realised)
