"""Slopes within schools, against least squares with everything in one model."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from kvalitet_lib.statistics.resampling import drawn, standard_error_of, t_test
from kvalitet_lib.statistics.slopes import Slopes


def test_slopes_and_their_variances_are_those_of_one_model_with_all_schools():
    rng = np.random.default_rng(1)
    school, year = np.repeat(np.arange(4), 25), rng.integers(0, 3, 100)
    factor = rng.normal(size=100)
    outcome = school + year * school + (1 + school) * factor + rng.normal(size=100)
    cell = school * 3 + year
    found = Slopes.fit(outcome, factor, school, 4, cell)
    schools, cells = (school[:, None] == np.arange(4)).astype(float), (cell[:, None] == np.unique(cell)).astype(float)
    fitted = sm.OLS(outcome, np.column_stack([schools * factor[:, None], cells])).fit()
    assert found.slope == pytest.approx(fitted.params[:4])
    assert np.sqrt(found.variance) == pytest.approx(fitted.bse[:4])


def test_a_school_of_two_pupils_or_of_pupils_all_alike_has_no_slope():
    found = Slopes.fit([1, 2, 3, 4, 5, 1, 2, 4, 9], [0, 1, 5, 5, 5, 0, 1, 2, 3], [0, 0, 1, 1, 1, 2, 2, 2, 2], 4)
    assert np.isnan(found.slope[[0, 1, 3]]).all() and np.isfinite(found.slope[2]) and np.isfinite(found.variance[2])


def test_drawing_schools_anew_gives_the_standard_error_of_a_mean_of_schools():
    values = np.random.default_rng(3).normal(size=30)
    found = drawn(lambda weights: {"mean": weights @ values / 30}, 30, 20_000, seed=1)["mean"]
    assert standard_error_of(found, 30) == pytest.approx(values.std(ddof=1) / np.sqrt(30), rel=0.02)


def test_the_same_seed_gives_the_same_draws_however_many_are_held_in_memory(monkeypatch):
    def mean(weights):
        return {"mean": weights @ np.arange(50.0)}

    at_once = drawn(mean, 50, 40, seed=2)["mean"]
    monkeypatch.setattr("kvalitet_lib.statistics.resampling.AT_ONCE", 500)
    assert np.array_equal(drawn(mean, 50, 40, seed=2)["mean"], at_once)


def test_draws_without_an_answer_leave_no_standard_error_when_they_are_many():
    values = np.random.default_rng(4).normal(size=(100, 2))
    values[:4, 0], values[:8, 1] = np.nan, np.nan
    assert np.isfinite(standard_error_of(values, 10)).tolist() == [True, False]
    assert np.isnan(standard_error_of(np.ones((100, 1)), 10)).all()


def test_p_and_interval_agree_about_the_null():
    lower, upper, p = t_test([1.0, 1.0], [0.4, np.nan], 9)
    assert (p[0] < 0.05) == (lower[0] > 0) and np.isnan([lower[1], upper[1], p[1]]).all()
    assert t_test([2.262], [1.0], 9)[2][0] == pytest.approx(0.05, abs=1e-4)
