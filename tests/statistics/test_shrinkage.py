"""Shrinkage against Efron and Morris, and in its limits."""

from __future__ import annotations

import numpy as np
import pytest

from kvalitet_lib.statistics import pooled_variances, shrink_means, shrink_shares

HITS_IN_45_AT_BATS = np.array([18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7])


def test_efron_and_morris_batters_are_drawn_to_a_fifth_of_their_distance_from_the_mean():
    averages = HITS_IN_45_AT_BATS / 45
    common = averages.mean()
    shrunken = shrink_means(averages, np.full(18, common * (1 - common) / 45))
    factors = (shrunken - common) / (averages - common)
    assert factors == pytest.approx(np.full(18, 0.2117), abs=5e-5)
    assert shrunken[[0, -1]] == pytest.approx([0.29391, 0.24218], abs=1e-5)


def test_means_that_differ_less_than_chance_are_drawn_as_far_as_the_number_of_groups_allows():
    shrunken = shrink_means([10.0, 10.1, 9.9, 10.0, 10.0], np.full(5, 4.0))
    assert shrunken - 10 == pytest.approx(np.array([0, 0.05, -0.05, 0, 0]))


def test_small_groups_are_drawn_more_than_large_ones():
    shrunken = shrink_means([0.0, 0.0, 20.0, 20.0, 10.0, 3.0], [0.1, 25.0, 0.1, 25.0, 0.1, 0.1])
    assert abs(shrunken[1] - 0) > 10 * abs(shrunken[0] - 0)


def test_shares_that_differ_no_more_than_chance_all_become_the_common_share():
    assert shrink_shares([5, 5, 5, 5, 5], [10, 10, 10, 10, 10]) == pytest.approx(np.full(5, 0.5))
    assert shrink_shares([0, 0, 0], [10, 20, 30]) == pytest.approx(np.zeros(3))


def test_shares_of_large_groups_that_truly_differ_are_left_nearly_alone():
    shares = np.array([0.2, 0.4, 0.6, 0.8, 0.5])
    assert shrink_shares(shares * 10_000, np.full(5, 10_000)) == pytest.approx(shares, abs=1e-3)


def test_shrunken_shares_are_nearer_the_truth_than_raw_ones():
    rng = np.random.default_rng(11)
    truth = rng.beta(16, 4, size=4000)
    n = rng.integers(5, 40, size=4000)
    count = rng.binomial(n, truth)
    raw, shrunken = ((count / n - truth) ** 2).mean(), ((shrink_shares(count, n) - truth) ** 2).mean()
    best = (((count + 16) / (n + 20) - truth) ** 2).mean()
    assert shrunken < 0.6 * raw
    assert shrunken == pytest.approx(best, rel=0.02)


def test_shrunken_means_are_nearer_the_truth_than_raw_ones():
    rng = np.random.default_rng(12)
    truth, chance = rng.normal(220, 10, size=3000), rng.uniform(20, 900, size=3000)
    raw = rng.normal(truth, np.sqrt(chance))
    best = (chance * 220 + 100 * raw) / (chance + 100)
    assert ((shrink_means(raw, chance) - truth) ** 2).mean() == pytest.approx(((best - truth) ** 2).mean(), rel=0.02)


def test_spread_is_pooled_over_groups_by_their_degrees_of_freedom():
    assert pooled_variances([2.0, 4.0, np.nan], [3, 3, 1]) == pytest.approx(np.array([10 / 3, 10 / 3, 10]))
    assert np.isnan(pooled_variances([np.nan], [1])).all()
