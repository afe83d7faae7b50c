"""95 % intervals hold the truth 95 times in a hundred."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from kvalitet_lib.statistics import (
    difference_interval,
    garwood,
    median_interval,
    share_of_amounts,
    student_t,
    weighted_mean_interval,
    wilson,
)

SIMULATIONS = 4000


def share_that_hold(lower: np.ndarray, upper: np.ndarray, truth: np.ndarray | float) -> float:
    return float(((lower <= truth) & (truth <= upper)).mean())


@pytest.mark.parametrize("pupils", [10, 25, 60])
def test_wilson_holds_the_truth_on_average_over_schools(pupils: int):
    rng = np.random.default_rng(pupils)
    truth = rng.beta(8, 2, size=SIMULATIONS)
    lower, upper = wilson(rng.binomial(pupils, truth), np.full(SIMULATIONS, pupils))
    assert 0.93 <= share_that_hold(lower, upper, truth) <= 0.97


@pytest.mark.parametrize("pupils", [4, 20])
def test_t_interval_holds_the_mean(pupils: int):
    rng = np.random.default_rng(pupils)
    points = rng.normal(225, 60, size=(SIMULATIONS, pupils))
    lower, upper = student_t(points.mean(axis=1), points.std(axis=1, ddof=1), np.full(SIMULATIONS, pupils))
    assert 0.94 <= share_that_hold(lower, upper, 225) <= 0.96


@pytest.mark.parametrize("children", [5, 40, 300])
def test_garwood_holds_the_ratio_at_least_as_often_as_it_says(children: int):
    rng = np.random.default_rng(children)
    lower, upper = garwood(rng.poisson(children, size=SIMULATIONS), np.full(SIMULATIONS, 12.5))
    assert 0.945 <= share_that_hold(lower, upper, children / 12.5) <= 0.99


@pytest.mark.parametrize("pupils", [6, 11, 25, 80])
def test_order_statistics_hold_a_skewed_median_at_least_as_often_as_they_say(pupils: int):
    rng = np.random.default_rng(pupils)
    days = rng.exponential(6, size=(SIMULATIONS, pupils))
    lower, upper = median_interval(days.ravel(), np.repeat(np.arange(SIMULATIONS), pupils), SIMULATIONS)
    assert 0.945 <= share_that_hold(lower, upper, 6 * np.log(2)) <= 0.99


@pytest.mark.parametrize("pupils", [15, 60])
def test_share_of_hours_holds_the_truth_when_absence_clusters_in_pupils(pupils: int):
    rng = np.random.default_rng(pupils)
    hours = rng.uniform(600, 900, size=(SIMULATIONS, pupils))
    absent = hours * rng.beta(2, 14, size=(SIMULATIONS, pupils))
    group = np.repeat(np.arange(SIMULATIONS), pupils)
    lower, upper = share_of_amounts(absent.ravel(), hours.ravel(), group, SIMULATIONS)
    assert 0.93 <= share_that_hold(lower, upper, 2 / 16) <= 0.97


def test_newcombes_difference_holds_the_true_difference():
    rng = np.random.default_rng(21)
    girls, boys = rng.beta(8, 2, size=SIMULATIONS), rng.beta(7, 3, size=SIMULATIONS)
    a, b = rng.binomial(20, girls), rng.binomial(35, boys)
    lower, upper = difference_interval(a / 20, *wilson(a, np.full(SIMULATIONS, 20)), b / 35, *wilson(b, np.full(SIMULATIONS, 35)))
    assert 0.93 <= share_that_hold(lower, upper, girls - boys) <= 0.97


def test_difference_from_a_municipality_that_contains_the_school_is_wide_enough():
    rng = np.random.default_rng(22)
    school, others = rng.binomial(40, 0.8, size=SIMULATIONS), rng.binomial(60, 0.8, size=SIMULATIONS)
    whole = school + others
    fixed = whole / 100
    for reference in (wilson(whole, np.full(SIMULATIONS, 100)), (fixed, fixed)):
        lower, upper = difference_interval(school / 40, *wilson(school, np.full(SIMULATIONS, 40)), whole / 100, *reference)
        assert share_that_hold(lower, upper, 0.0) >= 0.95


def test_a_pooled_reference_of_five_schools_holds_their_common_truth():
    rng = np.random.default_rng(23)
    n = np.tile([12, 25, 30, 44, 60], (SIMULATIONS, 1))
    count = rng.binomial(n, 0.85)
    bounds = wilson(count, n)
    _, lower, upper = weighted_mean_interval(count / n, *bounds, n)
    assert 0.93 <= share_that_hold(lower, upper, 0.85) <= 0.97


def test_the_normal_quantile_alone_would_be_too_sure_of_small_groups():
    rng = np.random.default_rng(24)
    points = rng.normal(0, 1, size=(SIMULATIONS, 4))
    half = stats.norm.ppf(0.975) * points.std(axis=1, ddof=1) / 2
    assert share_that_hold(points.mean(axis=1) - half, points.mean(axis=1) + half, 0.0) < 0.90
