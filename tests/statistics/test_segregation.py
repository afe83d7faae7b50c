"""Segregation by hand, and what chance alone gives."""

from __future__ import annotations

import numpy as np
import pytest

from kvalitet_lib.statistics.group_means import GroupMeans
from kvalitet_lib.statistics.segregation import (
    RandomAllocation,
    beyond_chance,
    dissimilarity,
    expected_dissimilarity,
    expected_isolation,
    isolation,
    p_of_allocation,
)

SIZES = np.array([5, 8, 8, 12, 20, 40, 60])


def test_two_schools_by_hand():
    assert dissimilarity([6, 2], [10, 10]) == pytest.approx(0.5 * (abs(6 / 8 - 4 / 12) + abs(2 / 8 - 8 / 12)))
    assert isolation([6, 2], [10, 10]) == pytest.approx(6 / 8 * 0.6 + 2 / 8 * 0.2)


def test_spread_evenly_is_0_and_kept_apart_is_1():
    assert dissimilarity([2, 4, 6], [10, 20, 30]) == pytest.approx(0)
    assert dissimilarity([10, 0], [10, 20]) == pytest.approx(1)
    assert isolation([2, 4, 6], [10, 20, 30]) == pytest.approx(0.2)


def test_what_chance_gives_is_the_mean_of_random_allocations():
    drawn = RandomAllocation.draw(30, SIZES, 40_000, seed=1)
    for values, exact in (
        (drawn.dissimilarity, expected_dissimilarity(30, SIZES)),
        (drawn.isolation, expected_isolation(30, SIZES)),
    ):
        assert values.mean() == pytest.approx(exact, abs=4 * values.std() / np.sqrt(len(values)))


def test_small_schools_look_segregated_by_chance_alone():
    assert expected_dissimilarity(40, np.full(50, 8)) > 0.3
    assert expected_dissimilarity(40_000, np.full(50, 8_000)) < 0.02


def test_the_exact_chance_in_the_smallest_case_there_is():
    # One member and one other, in two schools of one: they are always apart.
    assert expected_dissimilarity(1, [1, 1]) == pytest.approx(1)
    assert expected_isolation(1, [1, 1]) == pytest.approx(1)
    # One member among three in schools of 1 and 2: alone once in three, else beside one other.
    assert expected_isolation(1, [1, 2]) == pytest.approx(1 / 3 + 2 / 3 * 1 / 2)


def test_the_place_between_chance_and_complete_segregation():
    assert beyond_chance(0.3, 0.3) == 0 and beyond_chance(1.0, 0.3) == 1 and beyond_chance(0.2, 0.3) < 0
    assert p_of_allocation(2.0, np.zeros(99)) == pytest.approx(0.01)


def test_where_there_is_nobody_in_the_group_nothing_is_said():
    assert np.isnan(dissimilarity([0, 0], [10, 10])) and np.isnan(expected_dissimilarity(0, [10, 10]))
    assert np.isnan(expected_isolation(20, [10, 10]))


def test_the_gap_within_schools_is_least_squares_with_a_constant_for_each_school():
    rng = np.random.default_rng(2)
    school, in_b = rng.integers(0, 9, 200), rng.random(200) < 0.3
    school[school == 8] = 7
    in_b[school == 3] = False  # a school that holds one group only says nothing
    outcome = school + in_b * 2.0 + rng.normal(size=200)
    constants = (school[:, None] == np.arange(8)).astype(float)
    fitted = np.linalg.lstsq(np.column_stack([~in_b, constants]), outcome, rcond=None)[0][0]
    means = GroupMeans.of(outcome, in_b, school, school)
    assert means.within(np.ones((1, 8)))[0] == pytest.approx(fitted)
    twice = np.concatenate([np.arange(200), np.flatnonzero(school == 0)])
    again = np.where(np.arange(len(twice)) >= 200, 8, school[twice])
    apart = (again[:, None] == np.arange(9)).astype(float)
    doubled = np.linalg.lstsq(np.column_stack([~in_b[twice], apart]), outcome[twice], rcond=None)[0][0]
    assert means.within([[2, 1, 1, 1, 1, 1, 1, 1]])[0] == pytest.approx(doubled)
