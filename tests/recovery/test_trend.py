"""Planted trends are found, their intervals cover, and where nothing changes few are told that anything does."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.trend import trend
from kvalitet_lib.statistics.multiplicity import adjusted_p
from kvalitet_lib.statistics.short_series import Slopes, slopes

SIMULATIONS, TOWNS = 500, 200
MEAN, DIFFER = 1.0, 1.2  # of the schools' true slopes, per year


def drawn(
    rng: np.random.Generator, schools: int, years: int, *, wobble: float = 3.0, carry_over: float = 0.0, common: float = 0.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """True slopes (schools,), values and persons (schools, years): wobble, sampling error and what a year gave all."""
    truth = rng.normal(MEAN, DIFFER, schools)
    persons = np.repeat(rng.integers(20, 110, (schools, 1)), years, axis=1)
    moved = rng.normal(size=(schools, years))
    for year in range(1, years):
        moved[:, year] = carry_over * moved[:, year - 1] + np.sqrt(1 - carry_over**2) * moved[:, year]
    value = rng.normal(220, 10, (schools, 1)) + truth[:, None] * np.arange(years) + wobble * moved
    value = value + rng.normal(0, 1, value.shape) * 28 / np.sqrt(persons) + common * rng.normal(size=years)
    return truth, value, persons


def fitted(value: np.ndarray, persons: np.ndarray, known: str) -> Slopes:
    schools, years = value.shape
    told = (
        {"variances": (28**2 / persons).ravel()}
        if known == "errors"
        else {"sizes": persons.ravel()}
        if known == "persons"
        else {}
    )
    return slopes(value.ravel(), np.tile(np.arange(years), schools), np.repeat(np.arange(schools), years), **told)


@pytest.mark.parametrize(
    ("known", "schools", "years", "common"), [("errors", 15, 5, 0.0), ("persons", 10, 5, 1.0), ("nothing", 20, 5, 2.0)]
)
def test_intervals_of_each_school_and_of_their_mean_hold_the_truth_95_times_in_100(known, schools, years, common):
    rng = np.random.default_rng(schools)
    held, of_mean = [], []
    for _ in range(SIMULATIONS):
        truth, value, persons = drawn(rng, schools, years, common=common)
        found = fitted(value, persons, known)
        lower, upper = found.interval()
        held.append(((lower <= truth) & (truth <= upper)).mean())
        low, high = found.mean_interval()
        of_mean.append(low <= MEAN <= high)
    assert 0.93 <= np.mean(held) <= 0.97
    assert 0.93 <= np.mean(of_mean) <= 0.97


def test_intervals_still_nearly_hold_when_a_good_year_lingers():
    rng = np.random.default_rng(9)
    held = []
    for _ in range(100):
        truth, value, persons = drawn(rng, 30, 5, wobble=5.0, carry_over=0.5)
        lower, upper = fitted(value, persons, "errors").interval()
        held.append(((lower <= truth) & (truth <= upper)).mean())
    assert np.mean(held) >= 0.91


def test_how_much_schools_truly_differ_is_found_beneath_what_chance_adds():
    rng = np.random.default_rng(3)
    true, raw = [], []
    for _ in range(60):
        _, value, persons = drawn(rng, 60, 5)
        found = fitted(value, persons, "errors")
        assert found.pooled is not None
        true.append(found.pooled.between)
        raw.append(found.slope.var(ddof=1))
    assert np.mean(true) == pytest.approx(DIFFER**2, rel=0.25)
    assert np.mean(raw) > 2 * DIFFER**2


def test_slopes_drawn_towards_the_mean_lie_nearer_the_truth():
    rng = np.random.default_rng(4)
    errors = []
    for _ in range(60):
        truth, value, persons = drawn(rng, 30, 5)
        found = fitted(value, persons, "errors")
        assert found.pooled is not None
        errors.append([((one - truth) ** 2).mean() for one in (found.slope, found.pooled.shrunken)])
    measured, shrunken = np.mean(errors, axis=0)
    assert shrunken < 0.6 * measured


def calm_town(rng: np.random.Generator, schools: int, years: int = 5) -> pd.DataFrame:
    """Schools that do not change, with sampling errors and years that wobble."""
    persons = rng.integers(20, 110, schools * years)
    error = 50 / np.sqrt(persons)
    value = np.repeat(rng.normal(220, 10, schools), years) + rng.normal(size=len(error)) * np.hypot(error, 3)
    names, time = np.repeat(np.arange(schools), years), np.tile(np.arange(2020, 2020 + years), schools)
    return pd.DataFrame({"school": names, "school_year": time, "estimate": value, "error": error, "n": persons})


def test_where_no_school_changes_at_most_one_town_in_twenty_is_told_that_a_school_does_and_as_few_that_all_do():
    rng = np.random.default_rng(5)
    of_schools, of_all = [], []
    for _ in range(TOWNS):
        rows = calm_town(rng, schools=30)
        found = slopes(rows["estimate"], rows["school_year"], rows["school"], variances=rows["error"] ** 2)
        of_schools.append((adjusted_p(found.p) < 0.05).any())
        of_all.append(found.mean_p < 0.05)
    most = 0.05 + 2 * np.sqrt(0.05 * 0.95 / TOWNS)
    assert np.mean(of_schools) <= most
    assert np.mean(of_all) <= most


def test_where_no_school_changes_a_finding_says_nothing():
    rng = np.random.default_rng(7)
    said = [trend(calm_town(rng, schools=10), standard_error="error").claim > Claim.NOTHING for _ in range(20)]
    assert sum(said) <= 4  # a school or all of them, each in one town of twenty


def test_one_school_that_rises_is_found_among_those_that_do_not():
    rng = np.random.default_rng(6)
    found, false = [], []
    for _ in range(25):
        rows = calm_town(rng, schools=15)
        rows.loc[rows["school"].eq(3), "estimate"] += 12 * np.arange(5)
        shown = trend(rows, standard_error="error").tables["schools"].set_index("school")["p_adjusted"] < 0.05
        found.append(shown["3"])
        false.append(shown.drop("3").sum())
    assert np.mean(found) > 0.8
    assert np.mean(false) < 0.2
