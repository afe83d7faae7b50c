"""Ranks as intervals: against the published simulation of the Exam schools, and in their limits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kvalitet_lib.statistics.rank_simulation import pairs_told_apart, simulate_ranks
from kvalitet_lib.statistics.shrinkage import shrink_means
from tests.statistics.reference import answers

HITS_IN_45_AT_BATS = np.array([18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7])


def test_ranks_of_the_exam_schools_are_those_that_others_simulated(shared):
    told = answers(shared, "exam_va")
    rows = pd.read_csv(shared / "statistics" / "data" / "ref_exam_rank_sim.csv")
    ranks = simulate_ranks(rows["blup"], rows["cond_sd"], draws=20_000)
    assert np.abs(ranks.mean - rows["rank_mean"]).max() < 1
    assert np.abs(ranks.lower - rows["rank_lo"]).max() <= 1
    assert np.abs(ranks.upper - rows["rank_hi"]).max() <= 1
    assert np.abs(ranks.top - rows["p_top_quartile"]).max() <= 0.02
    assert (ranks.upper - ranks.lower).mean() == pytest.approx(told["mean width of 95% rank interval"], abs=0.3)
    assert abs((ranks.top > 0.95).sum() - told["n schools with P(top quartile)>.95"]) <= 1


def test_the_mean_rank_is_the_sum_of_the_chances_that_others_lie_higher():
    effects, errors = np.array([0.9, 0.2, -0.1, -1.0]), np.array([0.5, 0.3, 0.8, 0.2])
    z = (effects[None, :] - effects[:, None]) / np.hypot(errors[None, :], errors[:, None])
    exact = 1 + stats.norm.cdf(z).sum(axis=1) - 0.5
    assert simulate_ranks(effects, errors, draws=100_000).mean == pytest.approx(exact, abs=0.02)


def test_what_is_surely_apart_has_one_place_and_what_is_not_has_all():
    sure = simulate_ranks([3.0, 1.0, 2.0], np.full(3, 1e-6), draws=500)
    assert (sure.lower == [1, 3, 2]).all() and (sure.upper == [1, 3, 2]).all()
    assert sure.top == pytest.approx([1, 0, 0])
    for errors in (np.zeros(20), np.full(20, np.nan)):
        unsure = simulate_ranks(np.arange(20.0), errors)
        assert unsure.mean == pytest.approx(np.full(20, 10.5), abs=0.4)
        assert (unsure.lower <= 2).all() and (unsure.upper >= 19).all()
        assert unsure.top == pytest.approx(np.full(20, 0.25), abs=0.02)


def test_probabilities_of_the_top_quarter_add_up_to_the_places_there_are():
    rng = np.random.default_rng(1)
    for units, places in ((3, 1), (8, 2), (65, 16)):
        ranks = simulate_ranks(rng.normal(size=units), rng.uniform(0.1, 1, units), draws=300)
        assert ranks.top.sum() == pytest.approx(places)


def test_the_same_seed_gives_the_same_ranks_and_many_units_are_drawn_fewer_times(monkeypatch):
    effects, errors = np.linspace(-1, 1, 10), np.full(10, 0.5)
    first, second = (simulate_ranks(effects, errors, draws=1000, seed=5) for _ in range(2))
    assert (first.mean == second.mean).all() and (first.upper == second.upper).all()
    assert (first.mean != simulate_ranks(effects, errors, draws=1000, seed=6).mean).any()
    monkeypatch.setattr("kvalitet_lib.statistics.rank_simulation.MOST_DRAWN", 100)
    fewer = simulate_ranks(effects, errors, draws=1000, seed=5)
    assert (fewer.mean == simulate_ranks(effects, errors, draws=10, seed=5).mean).all()


def test_pairs_are_told_apart_when_their_difference_is_larger_than_its_own_error_explains():
    # Differences 1, 2 and 3 with errors of sqrt 2 times 0.6: only those above 1.66 are told apart.
    assert pairs_told_apart([0.0, 1.0, 3.0], [0.6, 0.6, 0.6]) == pytest.approx(2 / 3)
    assert np.isnan(pairs_told_apart([0.0], [1.0]))


def test_efron_and_morris_batters_are_shrunken_by_their_published_factor(shared):
    told = answers(shared, "efron_morris")
    averages = HITS_IN_45_AT_BATS / 45
    common = averages.mean()
    shrunken = shrink_means(averages, np.full(18, common * (1 - common) / 45))
    factor = np.ptp(shrunken) / np.ptp(averages)
    assert factor == pytest.approx(told["c"], abs=1e-9)
    assert factor == pytest.approx(told["published c"], abs=5e-4)
    assert shrunken == pytest.approx(told["JS estimates"], abs=1e-9)
