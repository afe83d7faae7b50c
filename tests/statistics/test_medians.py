"""Medians of groups, how much lies between groups, and persons who stand in several means."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from kvalitet_lib.statistics.between_groups import alike, share_between
from kvalitet_lib.statistics.medians import group_medians
from kvalitet_lib.statistics.same_persons import Part, of_means, with_the_lost

# Student's (1908) hours of sleep gained by two drugs, the same ten patients.
FIRST = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
SECOND = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])
PATIENTS, ALL = np.arange(10), np.zeros(10, dtype=int)


def test_the_interval_lies_between_the_places_on_either_side_of_the_level():
    found = group_medians(np.arange(1.0, 11), ALL, 1)
    # Of ten, the second and ninth hold the median 97.9 times in a hundred, the third and eighth 89.1 times.
    assert 2 < found.lower[0] < 3 and 8 < found.upper[0] < 9
    excess = (0.978515625 - 0.95) / (0.978515625 - 0.890625)
    inwards = 8 * excess / (2 + 6 * excess)
    assert (found.lower[0], found.upper[0]) == pytest.approx((2 + inwards, 9 - inwards))


def test_medians_are_the_usual_ones_and_groups_are_kept_apart_whatever_their_order():
    rng = np.random.default_rng(1)
    values, group = rng.normal(size=300), rng.integers(0, 7, 300)
    found = group_medians(values, group, 8)
    assert found.median[:7] == pytest.approx([np.median(values[group == one]) for one in range(7)])
    assert np.isnan([found.median[7], found.lower[7], found.p[7]]).all()
    order = rng.permutation(300)
    assert np.array_equal(found.lower, group_medians(values[order], group[order], 8).lower, equal_nan=True)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_p_and_interval_say_the_same_with_ties_and_without(level):
    rng = np.random.default_rng(2)
    for values in (rng.normal(size=4000), rng.integers(-6, 7, 4000).astype(float)):
        found = group_medians(values, np.repeat(np.arange(200), 20), 200, 0.0, level)
        outside = (found.lower > 0) | (found.upper < 0)
        assert (outside == (found.p < 1 - level)).mean() > 0.98 and outside.any()


def test_fewer_than_six_have_no_interval_at_95_percent():
    found = group_medians(np.arange(11.0), [0] * 5 + [1] * 6, 2)
    assert np.isnan(found.lower[0]) and np.isfinite(found.lower[1])


def test_nobody_at_all_has_no_median():
    assert np.isnan(group_medians([], [], 2).median).all()


def test_share_between_is_one_when_all_differences_are_between_and_nought_when_none_is():
    assert share_between([1, 1, 5, 5.0], [0, 0, 1, 1]) == 1
    assert share_between([1, 5, 1, 5.0], [0, 0, 1, 1]) == 0
    assert np.isnan([share_between([1, 2.0], [0, 1]), share_between([1, 1.0, 1], [0, 0, 1]), alike([1.0, 2], [0, 0])]).all()


def test_share_between_recovers_a_planted_share():
    rng = np.random.default_rng(3)
    group = np.repeat(np.arange(400), 25)
    values = rng.normal(size=400)[group] * np.sqrt(0.2) + rng.normal(size=len(group)) * np.sqrt(0.8)
    assert share_between(values, group) == pytest.approx(0.2, abs=0.03)
    assert alike(values, group) < 1e-9 < 0.001 < alike(rng.normal(size=len(group)), group)


def test_one_mean_of_changes_is_students_paired_comparison():
    found = of_means([Part(1, PATIENTS, ALL, SECOND - FIRST)], 1)
    expected = stats.ttest_rel(SECOND, FIRST)
    assert (found.estimate[0], found.p[0]) == pytest.approx((1.58, expected.pvalue))
    assert (found.lower[0], found.upper[0]) == pytest.approx((0.7001142, 2.4598858), abs=1e-6)


def test_two_means_of_different_persons_are_welchs_comparison():
    found = of_means([Part(1, PATIENTS, ALL, SECOND), Part(-1, PATIENTS + 100, ALL, FIRST)], 1)
    expected = stats.ttest_ind(SECOND, FIRST, equal_var=False)
    assert found.p[0] == pytest.approx(expected.pvalue)
    assert (found.lower[0], found.upper[0]) == pytest.approx(tuple(expected.confidence_interval()))


def test_two_means_of_the_same_persons_are_as_sure_as_their_differences():
    twice = of_means([Part(1, PATIENTS, ALL, SECOND), Part(-1, PATIENTS, ALL, FIRST)], 1)
    once = of_means([Part(1, PATIENTS, ALL, SECOND - FIRST)], 1)
    assert twice.standard_error == pytest.approx(once.standard_error)


def test_one_person_or_persons_all_alike_say_nothing_of_the_spread():
    found = of_means([Part(1, np.array([0, 1, 2]), np.array([0, 1, 1]), np.array([3.0, 4, 4]))], 3)
    assert found.estimate[:2] == pytest.approx([3, 4]) and np.isnan(found.estimate[2])
    assert np.isnan(found.p).all()


def test_those_lost_count_as_those_kept_of_the_same_fifth():
    earlier = np.repeat([1.0, 2, 3, 4, 5], 10)
    later = earlier + np.tile([0.0, 0.2], 25) + earlier
    later[:6] = np.nan
    found = with_the_lost(earlier, later)
    assert found.share == pytest.approx(0.12)
    assert np.nanmean(later - earlier) > 3.3 and found.reweighted == pytest.approx(3.1)
    assert found.lower < 3.1 < found.upper


def test_bounds_are_what_the_lowest_and_highest_end_would_give():
    found = with_the_lost([0, 0, 0, 0.0], [1, 3, np.nan, np.nan])
    assert (found.worst, found.best) == pytest.approx(((1 + 3 + 1 + 1) / 4, (1 + 3 + 3 + 3) / 4))
    assert found.turning == pytest.approx((-4 / 2 - 2) / np.sqrt(2))
    assert np.isnan(with_the_lost([0, 1, 2.0], [1, 1, 4.0]).turning)
