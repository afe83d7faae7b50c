"""Value added finds what was planted: intervals hold the truth as often as they say, and alike schools stay alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from scipy import stats

from kvalitet_lib.analyses.school_rows import school_rows
from kvalitet_lib.analyses.value_added import value_added
from kvalitet_lib.statistics.group_effects import effect_errors
from kvalitet_lib.statistics.group_sums import group_sums
from kvalitet_lib.statistics.measurement_error import corrected_random_intercept
from kvalitet_lib.statistics.mixed_model import fit_mixed_model
from kvalitet_lib.statistics.mixed_terms import RandomTerm
from kvalitet_lib.statistics.multiplicity import benjamini_hochberg
from kvalitet_lib.statistics.random_intercept import fit_random_intercept
from kvalitet_lib.statistics.rank_simulation import Ranks, simulate_ranks
from tests.analyses.made_up_schools import pupils

TIMES = 500
SCHOOLS, BETWEEN, WITHIN = 30, 0.3, 0.75  # an intraclass correlation of 0.14, as in the Exam schools
TRUE = np.array([1.0, 0.6, -0.3])
RELIABILITY = 0.8


@dataclass(frozen=True)
class Drawn:
    """Made-up pupils: outcome, columns (the last is the school's), school, and the schools' true effects."""

    y: np.ndarray
    x: np.ndarray
    code: np.ndarray
    effects: np.ndarray


def drawn(
    rng: np.random.Generator, between: float = BETWEEN, slope: float = 0.0, schools: int = SCHOOLS, most: int = 60
) -> Drawn:
    code = np.repeat(np.arange(schools), rng.integers(8, most, schools))
    prior = rng.normal(size=len(code)) + 0.5 * rng.normal(size=schools)[code]
    x = np.column_stack([np.ones(len(code)), prior, rng.normal(size=schools)[code]])
    effects = rng.normal(0, between, schools)
    left = rng.normal(0, WITHIN, len(code)) + slope * rng.normal(size=schools)[code] * prior
    return Drawn(x @ TRUE + effects[code] + left, x, code, effects)


def about_95(share: float) -> bool:
    return 0.93 <= share <= 0.97


@pytest.fixture(scope="module")
def fits() -> list[tuple[Drawn, object]]:
    rng = np.random.default_rng(2024)
    towns = [drawn(rng) for _ in range(TIMES)]
    return [(town, fit_random_intercept(group_sums(town.y, town.x, town.code))) for town in towns]


def test_planted_variances_and_coefficients_are_found(fits):
    assert np.mean([fit.between_variance for _, fit in fits]) == pytest.approx(BETWEEN**2, rel=0.05)
    assert np.mean([fit.within_variance for _, fit in fits]) == pytest.approx(WITHIN**2, rel=0.01)
    assert np.mean([fit.coefficients for _, fit in fits], axis=0) == pytest.approx(TRUE, abs=0.01)
    assert all(fit.converged for _, fit in fits)


def test_intervals_of_coefficients_cover_for_pupils_and_for_schools(fits):
    reach = [stats.t.ppf(0.975, fit.freedom) * fit.standard_errors for _, fit in fits]
    held = np.mean([np.abs(fit.coefficients - TRUE) <= one for (_, fit), one in zip(fits, reach, strict=True)], axis=0)
    assert all(about_95(one) for one in held), held


def test_intervals_of_single_schools_cover_on_average_over_schools(fits):
    held = [np.abs(town.effects - town.effects.mean() - fit.effects) <= 1.96 * effect_errors(fit) for town, fit in fits]
    assert about_95(np.mean(np.concatenate(held)))


def test_with_ten_schools_intervals_reckon_with_what_is_unknown_of_the_variances():
    rng = np.random.default_rng(9)
    held, as_if_known = [], []
    for _ in range(300):
        town = drawn(rng, between=0.2, schools=10, most=30)
        fit = fit_random_intercept(group_sums(town.y, town.x, town.code))
        far = np.abs(town.effects - town.effects.mean() - fit.effects)
        held.append(far <= 1.96 * effect_errors(fit))
        as_if_known.append(far <= 1.96 * fit.conditional_sd)
    assert np.mean(as_if_known) < 0.85 and 0.92 <= np.mean(held) <= 0.98


@pytest.fixture(scope="module")
def ranked(fits) -> list[tuple[np.ndarray, Ranks]]:
    """True places, 0 the highest, and simulated ranks."""
    simulated = [simulate_ranks(fit.effects, effect_errors(fit), draws=400) for _, fit in fits[:250]]
    return [((-town.effects).argsort().argsort(), ranks) for (town, _), ranks in zip(fits, simulated, strict=False)]


def test_intervals_of_ranks_cover_the_true_ranks(ranked):
    held = [(ranks.lower <= place + 1) & (place + 1 <= ranks.upper) for place, ranks in ranked]
    assert 0.93 <= np.mean(held) <= 0.98, "ranks are whole numbers: their intervals hold somewhat more than they say"


def test_schools_said_to_be_surely_in_the_top_quarter_are_there(ranked):
    sure = np.concatenate([ranks.top for _, ranks in ranked])
    there = np.concatenate([place < SCHOOLS // 4 for place, _ in ranked])
    for low, high in ((0.0, 0.1), (0.3, 0.7), (0.9, 1.01)):
        some = (sure >= low) & (sure < high)
        assert there[some].mean() == pytest.approx(sure[some].mean(), abs=0.04)


def test_alike_schools_do_not_stand_out_more_often_than_chance_allows():
    rng = np.random.default_rng(7)
    told, p = [], []
    for _ in range(200):
        town = drawn(rng, between=0.0)
        fit = fit_random_intercept(group_sums(town.y, town.x, town.code))
        each = 2 * stats.norm.sf(np.abs(fit.effects) / effect_errors(fit))
        adjusted, _ = benjamini_hochberg(each, np.zeros(SCHOOLS, dtype=np.int64))
        told.append((adjusted < 0.05).any())
        p.append(fit.ratio)
    # Of 200 towns, chance leaves at most 20 (0.999 of a binomial of 0.05) where any school stands out.
    assert sum(told) <= stats.binom.ppf(0.999, 200, 0.05)
    assert np.mean(np.array(p) == 0) > 0.4


def test_a_planted_school_stands_out():
    rows = pupils(schools=30, size=60, between=0.15, seed=3)
    far = rows["points"] + 0.9 * rows["school"].eq("s007")
    schools = value_added(rows.assign(points=far), "points ~ prior + girl").tables["schools"].set_index("school")
    assert schools.loc["s007", "stands_out"] and schools.loc["s007", "rank_upper"] <= 3


def test_once_error_is_reckoned_with_the_true_slope_is_found_and_its_interval_covers():
    rng = np.random.default_rng(11)
    held, found, plain = [], [], []
    for time in range(TIMES):
        town = drawn(rng, most=40)
        error = np.sqrt((1 - RELIABILITY) / RELIABILITY * 1.25)
        x = town.x.copy()
        x[:, 1] += rng.normal(0, error, len(x))
        fit = corrected_random_intercept(town.y, x, town.code, [1, RELIABILITY, 1])
        held.append(np.abs(fit.coefficients - TRUE) <= stats.t.ppf(0.975, fit.freedom) * fit.standard_errors)
        found.append([*fit.coefficients, fit.between_variance])
        if time < 50:
            plain.append(fit_random_intercept(group_sums(town.y, x, town.code)).coefficients[1])
    assert np.mean(plain) < 0.52
    assert np.mean(found, axis=0) == pytest.approx([*TRUE, BETWEEN**2], abs=0.015)
    assert all(about_95(one) for one in np.mean(held, axis=0)), np.mean(held, axis=0)


def test_with_slopes_that_vary_intervals_of_the_mean_slope_and_of_schools_cover():
    rng = np.random.default_rng(12)
    held, schools = [], []
    for _ in range(TIMES):
        town = drawn(rng, slope=0.3, schools=20, most=30)
        fit = fit_mixed_model(town.y, town.x, [RandomTerm.of(town.code, town.x[:, :2])])
        assert fit.converged
        held.append(np.abs(fit.coefficients - TRUE) <= stats.t.ppf(0.975, fit.freedom) * fit.standard_errors)
        effects = fit.effects[0]
        far = np.abs(town.effects - town.effects.mean() - effects.predicted[:, 0])
        schools.append(far <= 1.96 * effects.standard_error[:, 0])
    assert all(about_95(one) for one in np.mean(held, axis=0)), np.mean(held, axis=0)
    assert about_95(np.mean(np.concatenate(schools)))


def test_movers_weighted_by_their_time_give_back_the_schools_effects():
    rng = np.random.default_rng(13)
    held, icc = [], []
    for _ in range(120):
        code = rng.integers(0, 15, (300, 2))
        code[:15, 0] = np.arange(15)
        share = np.where(rng.random(300) < 0.6, 1.0, rng.random(300))
        weight = np.column_stack([share, 1 - share])
        effects = rng.normal(0, 0.5, 15)
        y = (effects[code] * weight).sum(axis=1) + rng.normal(0, WITHIN, 300)
        fit = fit_mixed_model(y, np.ones((300, 1)), [RandomTerm.of(code, None, weight)])
        found = fit.effects[0]
        far = np.abs(effects - effects.mean() - found.predicted[:, 0])
        held.append(far <= 1.96 * found.standard_error[:, 0])
        icc.append(fit.covariances[0][0, 0])
    assert np.mean(icc) == pytest.approx(0.25, rel=0.1)
    assert about_95(np.mean(held))


def test_a_rule_of_the_rows_does_not_move_who_is_whose_pupil():
    rows = pupils(schools=12, size=10).sample(frac=1, random_state=4)
    used = school_rows(rows, "points ~ prior", "value_added", school="school")
    assert (used.schools[used.code] == used.frame["school"]).all()
