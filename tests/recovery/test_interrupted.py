"""Planted steps of a series are found, and intervals cover in series as short as schools have them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kvalitet_lib.analyses.policy_change_interrupted import interrupted
from kvalitet_lib.statistics.ar1 import ar1_regression
from kvalitet_lib.statistics.autocorrelation import newey_west, usual_lags
from kvalitet_lib.statistics.interrupted_series import count_regression

SIMULATIONS = 500


def design(points: int, before: int) -> np.ndarray:
    time = np.arange(1.0, points + 1)
    return np.column_stack([np.ones(points), time, time > before])


def errors(rng: np.random.Generator, points: int, alike: float) -> np.ndarray:
    """First-order autoregression with variance 1."""
    found = rng.normal(size=points)
    for place in range(1, points):
        found[place] = alike * found[place - 1] + np.sqrt(1 - alike**2) * found[place]
    return found


@pytest.mark.parametrize(("points", "before", "alike"), [(24, 12, 0.4), (60, 36, 0.4)])
@pytest.mark.parametrize("model", ["ols", "gls_ar1"])
def test_intervals_of_a_step_hold_the_truth_95_times_in_100(model, points, before, alike):
    rng = np.random.default_rng(points)
    matrix = design(points, before)
    held = []
    for _ in range(SIMULATIONS):
        value = matrix @ [10.0, 0.1, 2.0] + errors(rng, points, alike)
        found = newey_west(matrix, value, usual_lags(points)) if model == "ols" else ar1_regression(matrix, value)
        lower, upper = (bound[2] for bound in found.interval())
        held.append(lower <= 2.0 <= upper)
    assert 0.93 <= np.mean(held) <= 0.97


def test_newey_and_wests_own_standard_errors_would_not_have_held():
    rng = np.random.default_rng(1)
    matrix = design(60, 36)
    held = []
    for _ in range(SIMULATIONS):
        value = errors(rng, 60, 0.4)
        found = newey_west(matrix, value, 12)
        held.append(abs(found.coefficients[2]) <= 2 * found.standard_errors[2])
    assert np.mean(held) < 0.85


@pytest.mark.parametrize("spread", [0.0, 0.15])
def test_intervals_of_a_ratio_hold_the_truth_95_times_in_100_when_counts_vary_more_than_poisson(spread):
    rng = np.random.default_rng(2)
    matrix = design(48, 24)
    mean = np.exp(matrix @ [4.0, 0.005, -0.3])
    held = []
    for _ in range(SIMULATIONS):
        uneven = rng.gamma(1 / spread**2, spread**2, 48) if spread else 1.0
        found = count_regression(matrix, rng.poisson(mean * uneven))
        held.append(abs(found.coefficients[2] + 0.3) <= 1.96 * found.standard_errors(dispersed=True)[2])
    assert 0.93 <= np.mean(held) <= 0.97


def test_a_planted_step_is_found_and_where_there_is_none_few_are_told_of_one():
    rng = np.random.default_rng(3)
    time = np.arange(1, 21)

    def told(step: float) -> bool:
        level = 20 + step * (time > 10) + errors(rng, 20, 0.2)
        row = interrupted(pd.DataFrame({"month": time, "level": level}), "level", time="month", starts=11)["level"]
        return bool(row["p"] < 0.05)

    # How often a step is told where there is none follows from the intervals above, over many more series.
    assert sum(told(4.0) for _ in range(30)) > 20
    assert sum(told(0.0) for _ in range(30)) <= 4
