"""Differences between two estimates, and their p-values."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from kvalitet_lib.statistics import degrees_of_freedom, difference_interval, p_value, wilson


def test_difference_of_two_wilson_intervals_is_newcombes():
    lower, upper = difference_interval([56 / 70], *wilson([56], [70]), [48 / 80], *wilson([48], [80]))
    assert (lower[0], upper[0]) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_difference_of_two_normal_intervals_is_the_textbook_one():
    lower, upper = difference_interval([10.0], [7.0], [13.0], [4.0], [0.0], [8.0])
    assert (lower[0], upper[0]) == pytest.approx((1.0, 11.0))


def test_difference_from_a_reference_known_without_error_has_the_estimates_own_uncertainty():
    lower, upper = difference_interval([0.8], [0.7], [0.88], [0.5], [0.5], [0.5])
    assert (lower[0], upper[0]) == pytest.approx((0.2, 0.38))


def test_an_unknown_bound_makes_the_difference_uncertain_without_bounds():
    assert np.isnan(difference_interval([1.0], [np.nan], [np.nan], [0.0], [0.0], [0.0])).all()
    assert np.isnan(p_value([1.0], [np.nan], [np.nan]))[0]


@pytest.mark.parametrize("freedom", [np.inf, 2.0, 30.0])
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_p_is_below_the_level_just_when_the_interval_leaves_out_no_difference(freedom: float, level: float):
    differences = np.array([1.01, 0.99, -1.01, -0.99])
    p = p_value(differences, differences - 1, differences + 1, freedom, level)
    assert list(p < 1 - level) == [True, False, True, False]


def test_p_of_a_mean_against_a_known_value_is_students():
    sample = np.random.default_rng(3).normal(0.8, 1, size=5)
    half = stats.t.ppf(0.975, 4) * sample.std(ddof=1) / np.sqrt(5)
    freedom = degrees_of_freedom([half], [4], [0.0], [np.inf])
    p = p_value([sample.mean()], [sample.mean() - half], [sample.mean() + half], freedom)
    assert p[0] == pytest.approx(stats.ttest_1samp(sample, 0).pvalue)


def test_degrees_of_freedom_of_two_means_are_welchs():
    one, two = np.random.default_rng(4).normal(size=6), np.random.default_rng(5).normal(scale=3, size=9)
    halves = [stats.t.ppf(0.975, len(x) - 1) * x.std(ddof=1) / np.sqrt(len(x)) for x in (one, two)]
    expected = stats.ttest_ind(one, two, equal_var=False).df
    assert degrees_of_freedom([halves[0]], [5], [halves[1]], [8])[0] == pytest.approx(expected)


def test_degrees_of_freedom_are_infinite_when_no_spread_was_estimated():
    assert np.isinf(degrees_of_freedom([0.1], [np.inf], [0.0], [np.inf]))[0]


def test_no_difference_has_p_one_and_a_certain_difference_p_zero():
    assert p_value([0.0, 1.0], [0.0, 1.0], [0.0, 1.0]).tolist() == [1.0, 0.0]
