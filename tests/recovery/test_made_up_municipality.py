"""What was planted in the made-up municipality can be found in its numbers, and what was not planted cannot."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats

from kvalitet_lib.sources.synthetic.answers import truths_of
from kvalitet_lib.sources.synthetic.places import plan
from kvalitet_lib.sources.synthetic.planting import Effect, plant
from kvalitet_lib.sources.synthetic.town import Town, build
from kvalitet_lib.sources.synthetic.truths import Truths

SEED = 2025
BACKGROUND = "girl + education + newly_arrived + second_language"
ABILITY = "ability + I(ability**2) + I(ability**3)"
ALPHA = 0.01
AS_UNSURE_AS_LUCK = 50  # so many pupils' chance is as large as a school's yearly luck
CHOSEN_BY = 2  # the year before the measures begin


@pytest.fixture(scope="module", params=["se", "no"])
def town(request: pytest.FixtureRequest) -> Town:
    return build(plan(request.param), SEED)


@pytest.fixture(scope="module")
def truths(town: Town) -> Truths:
    return truths_of(town, small=False)


@pytest.fixture(scope="module")
def leavers(town: Town, truths: Truths) -> pd.DataFrame:
    """One row is one pupil who leaves compulsory school, with what no delivery shows: ability."""
    rows = town.final.rows
    at = {name: rows.spring.isin(truths[name].schools) for name in ("improving_school", "merit_measure")}
    staffed = town.staff[(town.staff.provision == "school") & town.staff.band.isin(["all", "8-10"])].set_index(["school", "year"])
    staff = staffed.reindex(pd.MultiIndex.from_arrays([rows.spring, rows.year])).reset_index(drop=True)
    return rows.assign(
        total=town.final.totals,
        newly_arrived=rows.newly_arrived.astype(int),
        second_language=rows.second_language.astype(int),
        improves=at["improving_school"] * rows.year,
        measure=(at["merit_measure"] & (rows.year >= 3)).astype(int),
        school_year_cell=rows.spring + rows.school_year,
        qualified=staff.qualified / staff.posts,
        pupils_per_post=staff.children / staff.posts,
        class_size=rows.groupby(["spring", "year", "class_name"]).pupil.transform("size"),
    )


def fitted(formula: str, rows: pd.DataFrame, cluster: str):
    """Least squares, standard errors clustered."""
    return smf.ols(formula, rows).fit(cov_type="cluster", cov_kwds={"groups": pd.factorize(rows[cluster])[0]})


def interval(fit, term: str) -> tuple[float, float]:
    lower, upper = fit.conf_int(ALPHA).loc[term]
    return float(lower), float(upper)


@pytest.fixture(scope="module")
def school_years(leavers: pd.DataFrame):
    """Results of schools by year with the same pupils everywhere, regressed on school, year and what was planted.

    One row is one school in one year, so that its luck counts as luck. The year by which schools were chosen for the
    measure is left out: it is low because they were chosen for being low.
    """
    pupils = smf.ols(f"total ~ C(spring) * C(year) + {BACKGROUND} + {ABILITY}", leavers).fit()
    known = [term for term in pupils.params.index if "spring" not in term and "year" not in term and term != "Intercept"]
    design = pd.DataFrame(pupils.model.exog, columns=pupils.model.exog_names, index=leavers.index)
    level = leavers.total - design[known] @ pupils.params[known]
    cells = leavers.assign(level=level).groupby(["spring", "year"], as_index=False)
    rows = cells.agg(
        level=("level", "mean"), pupils=("pupil", "size"), improves=("improves", "first"), measure=("measure", "first")
    )
    rows = rows[rows.year != CHOSEN_BY]
    precision = rows.pupils / (rows.pupils + AS_UNSURE_AS_LUCK)
    return smf.wls("level ~ C(spring) + C(year) + improves + measure", rows, weights=precision).fit()


@pytest.mark.parametrize(("truth", "term"), [("girls_ahead", "girl"), ("parents_education", "education")])
def test_gaps_between_pupils_are_found_from_what_deliveries_show(
    leavers: pd.DataFrame, truths: Truths, truth: str, term: str
) -> None:
    lower, upper = interval(fitted(f"total ~ {BACKGROUND} + C(spring) * C(year)", leavers, "pupil"), term)
    assert 0 < lower < truths[truth].size < upper


def test_the_improving_school_improves_as_much_as_planted(truths: Truths, school_years) -> None:
    lower, upper = interval(school_years, "improves")
    assert 0 < lower < truths["improving_school"].size < upper


def test_the_effect_of_the_measure_lies_in_its_99_per_cent_interval(truths: Truths, school_years) -> None:
    lower, upper = interval(school_years, "measure")
    assert lower < truths["merit_measure"].size < upper


def test_the_excellent_school_lies_as_far_above_the_others_as_planted(town: Town, truths: Truths, school_years) -> None:
    (excellent,) = truths["excellent_school"].schools
    special = {code for role in ("excellent", "improving", "lenient", "tiny") for code in town.plan.roles[role]}
    levels = {place.code: school_years.params.get(f"C(spring)[T.{place.code}]", 0.0) for place in town.plan.with_final_grades}
    others = np.array([level for code, level in levels.items() if code not in special])
    margin = stats.t.ppf(1 - ALPHA / 2, len(others) - 1) * others.std(ddof=1) * np.sqrt(1 + 1 / len(others))
    above = levels[excellent] - others.mean()
    assert 0 < above - margin < truths["excellent_school"].size < above + margin


def test_every_effect_came_to_what_was_wanted(truths: Truths) -> None:
    for truth in truths.truths:
        if truth.size:
            assert truth.realised == pytest.approx(truth.size, rel=0.03), truth.name


def test_chance_alone_lifts_the_schools_chosen_for_a_measure(town: Town, leavers: pd.DataFrame, truths: Truths) -> None:
    chosen = leavers[leavers.spring.isin(truths["merit_measure"].schools)]
    last_year, this_year = (chosen[chosen.year == year].total.mean() for year in (2, 3))
    assert this_year - last_year > truths["merit_measure"].size


def test_staff_and_class_size_do_nothing_once_intake_is_held_equal(leavers: pd.DataFrame) -> None:
    formula = f"total ~ qualified + pupils_per_post + class_size + {BACKGROUND} + C(spring) + C(year) + improves + measure"
    fit = fitted(formula, leavers, "school_year_cell")
    for term in ("qualified", "pupils_per_post", "class_size"):
        lower, upper = interval(fit, term)
        assert lower < 0 < upper, term


def test_girls_are_not_ahead_in_mathematics(town: Town, leavers: pd.DataFrame) -> None:
    final = town.final
    mathematics = final.steps[:, final.grading.column("MA" if town.plan.country == "se" else "MAT1015")]
    fit = fitted(f"mark ~ {BACKGROUND} + C(year)", leavers.assign(mark=final.grading.worth[mathematics]), "school_year_cell")
    lower, upper = interval(fit, "girl")
    assert lower < 0 < upper


def test_grades_are_higher_than_knowledge_at_one_school_only(town: Town, leavers: pd.DataFrame, truths: Truths) -> None:
    final, lenient = town.final, leavers.spring.isin(truths["lenient_school"].schools)
    if town.plan.country == "se":
        above = pd.Series(final.steps[:, final.grading.column("MA")] > final.test_steps.MA.to_numpy()).astype(float)
    else:
        standing, exam = (final.steps[:, final.grading.column(code)] for code in ("MAT1015", "MAT-skriftlig"))
        sat = final.given[:, final.grading.column("MAT-skriftlig")] == 1
        above = pd.Series(standing - exam).where(sat).astype(float)
    gap = fitted("above ~ lenient", leavers.assign(above=above, lenient=lenient.astype(int)).dropna(subset="above"), "pupil")
    lower, upper = interval(gap, "lenient")
    assert 0 < lower < truths["lenient_school"].size < upper


def test_effects_on_absence_lie_in_their_99_per_cent_interval(town: Town, truths: Truths) -> None:
    away = town.attendance
    rising, measure = (away.rows.spring.isin(truths[name].schools) for name in ("rising_absence", "attendance_measure"))
    rows = away.rows.assign(
        a_tenth=away.a_tenth.astype(int),
        rising_absence=rising * np.maximum(0, away.rows.year - 1),
        attendance_measure=(measure & (away.rows.year >= 3)).astype(int),
    )
    cells = rows[rows.year != CHOSEN_BY].groupby(["spring", "year"], as_index=False)
    schools = cells.agg(
        a_tenth=("a_tenth", "mean"), pupils=("pupil", "size"), rising_absence=("rising_absence", "first"),
        attendance_measure=("attendance_measure", "first"),
    )  # fmt: skip
    fit = smf.wls("a_tenth ~ rising_absence + attendance_measure + C(spring) + C(year)", schools, weights=schools.pupils).fit()
    for truth in ("rising_absence", "attendance_measure"):
        lower, upper = interval(fit, truth)
        assert lower < truths[truth].size < upper
    assert interval(fit, "rising_absence")[0] > 0


def test_pupils_answer_lower_at_the_unsafe_school(town: Town, truths: Truths) -> None:
    item, points = ("trygghet", 10 / 3) if town.plan.country == "se" else ("trivsel", 1.0)
    rows = town.wellbeing.rows.assign(index=town.wellbeing.answers[item] * points).dropna(subset="index")
    rows["index"] -= rows.groupby("year_group")["index"].transform("mean")
    schools = rows.groupby("school")["index"].agg(["mean", "size"]).query("size >= 100")["mean"]
    (unsafe,) = truths["unsafe_school"].schools
    elsewhere = schools.drop(unsafe)
    below = schools[unsafe] - elsewhere.mean()
    margin = stats.t.ppf(1 - ALPHA / 2, len(elsewhere) - 1) * elsewhere.std(ddof=1)
    assert below - margin < truths["unsafe_school"].size < below + margin < 0


def test_the_measure_without_effect_changes_nothing(town: Town, truths: Truths) -> None:
    chosen = truths["measure_without_effect"].schools
    if town.halfway is not None:
        rows = town.halfway.rows.assign(outcome=town.halfway.totals)
    else:
        rows = town.wellbeing.rows.assign(spring=town.wellbeing.rows.school, outcome=town.wellbeing.answers.motivasjon)
    rows = rows.assign(reached=(rows.spring.isin(chosen) & (rows.year >= 3)).astype(int), cell=rows.spring + rows.school_year)
    formula = "outcome ~ reached + girl + education + newly_arrived + second_language + C(spring) + C(year) + C(step)"
    lower, upper = interval(fitted(formula, rows.dropna(subset="outcome"), "cell"), "reached")
    assert lower < 0 < upper


def test_an_effect_is_planted_with_exactly_the_size_asked_for() -> None:
    hidden = np.random.default_rng(1).normal(0, 1, (4000, 1))
    half = (np.arange(4000) % 2).astype(float)

    def above_one(values: np.ndarray, rows: np.ndarray) -> np.ndarray:
        return (values[:, 0] > 1).astype(float)

    planted = plant(hidden, [Effect("more", 0.10, half, np.ones(1))], above_one, per_unit=1)
    gained = (planted.hidden[half == 1, 0] > 1).mean() - (hidden[half == 1, 0] > 1).mean()
    assert gained == pytest.approx(0.10, abs=0.001)
    assert (planted.hidden[half == 0] == hidden[half == 0]).all()
