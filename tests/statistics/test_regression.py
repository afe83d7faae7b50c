"""Least squares against R's answers for SALSA, against statsmodels, and against leaving each row out in turn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.regression import Regression, regress
from tests.statistics.reference import answers


@pytest.fixture
def rows() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(7)
    matrix = np.column_stack([np.ones(40), rng.normal(size=(40, 2)), rng.integers(0, 2, 40)])
    return matrix @ [10, 2, -1, 3] + rng.normal(size=40) * (1 + matrix[:, 3]), matrix, rng.uniform(0.5, 4, 40)


def test_r_says_the_same_of_salsa(shared: Path):
    said = answers(shared, "salsa_skane_2025")
    schools = pd.read_csv(shared / "statistics" / "data" / "salsa_skane_2025.csv")
    names = ["parents_edu", "pct_newly_immigrated", "pct_boys"]
    matrix = np.column_stack([np.ones(len(schools)), schools[names]])
    for outcome in ("merit", "pass"):
        fit = regress(schools[f"{outcome}_model"], matrix)
        for name, value in zip(["(Intercept)", *names], fit.coefficients, strict=True):
            assert value == pytest.approx(said[f"{outcome} coef {name}"], rel=1e-9)
        assert fit.r_squared == pytest.approx(said[f"{outcome} R2"], abs=1e-10)
        assert fit.residual_deviation == pytest.approx(said[f"{outcome} residual SD"], abs=1e-9)


@pytest.mark.parametrize("weighted", [False, True])
def test_statsmodels_says_the_same(rows, weighted: bool):
    y, matrix, weights = rows
    ours = regress(y, matrix, weights if weighted else None)
    theirs = (sm.WLS(y, matrix, weights) if weighted else sm.OLS(y, matrix)).fit()
    assert ours.coefficients == pytest.approx(theirs.params)
    assert ours.r_squared == pytest.approx(theirs.rsquared)
    assert ours.adjusted_r_squared == pytest.approx(theirs.rsquared_adj)
    assert ours.residual_deviation == pytest.approx(np.sqrt(theirs.scale))
    assert ours.covariance("ordinary") == pytest.approx(theirs.cov_params())
    for kind in ("hc0", "hc1", "hc2", "hc3"):
        assert ours.covariance(kind) == pytest.approx(theirs.get_robustcov_results(kind.upper()).cov_params()), kind


def test_studentised_residuals_and_leverage_are_those_of_statsmodels(rows):
    y, matrix, _ = rows
    influence = sm.OLS(y, matrix).fit().get_influence()
    fit = regress(y, matrix)
    residuals, deviations, freedom = fit.leave_one_out()
    assert (freedom == 35).all()
    assert fit.leverage == pytest.approx(influence.hat_matrix_diag)
    assert residuals / deviations == pytest.approx(influence.resid_studentized_external)


def test_partial_r2_is_what_columns_add_to_what_the_others_explain(rows):
    y, matrix, _ = rows
    whole, without = regress(y, matrix), regress(y, matrix[:, [0, 2]])
    assert whole.partial_r2([1, 3]) == pytest.approx(1 - whole.squares_left / without.squares_left)
    t = whole.coefficients[2] / np.sqrt(whole.covariance("ordinary")[2, 2])
    assert whole.partial_r2([2]) == pytest.approx(t**2 / (t**2 + whole.freedom))


def test_prediction_intervals_are_those_of_statsmodels(rows):
    y, matrix, _ = rows
    theirs = sm.OLS(y, matrix).fit().get_prediction(matrix[:5]).summary_frame(alpha=0.1)
    expected, (lower, upper) = regress(y, matrix).prediction(matrix[:5], level=0.9)
    assert expected == pytest.approx(theirs["mean"])
    assert lower == pytest.approx(theirs["obs_ci_lower"])
    assert upper == pytest.approx(theirs["obs_ci_upper"])


@pytest.mark.parametrize("weighted", [False, True])
def test_leaving_each_row_out_is_what_fitting_without_it_gives(rows, weighted: bool):
    y, matrix, weights = rows
    weights, chance = weights if weighted else np.ones(40), np.linspace(0.05, 0.6, 40)
    residuals, deviations, freedom = regress(y, matrix, weights).leave_one_out(chance)
    for row in range(0, 40, 7):
        others = np.arange(40) != row
        without = regress(y[others], matrix[others], weights[others])
        expected, (lower, upper) = without.prediction(matrix[row], chance[row], weights[row], own_chance=chance[others])
        assert residuals[row] == pytest.approx(y[row] - expected[0])
        margin = deviations[row] * stats.t.ppf(0.975, freedom[row])
        assert margin == pytest.approx((upper[0] - lower[0]) / 2, rel=0.02)  # degrees of freedom are those of all, scaled


def test_chance_that_is_known_leaves_more_degrees_of_freedom_the_more_of_it_there_is():
    rng = np.random.default_rng(11)
    matrix, chance = np.column_stack([np.ones(20), rng.normal(size=20)]), np.repeat([0.1, 9.0], 10)
    fit = regress(rng.normal(0, np.sqrt(1 + chance)), matrix)
    freedom = fit.leave_one_out(chance)[2]
    assert freedom[:10].max() < 17 < freedom[10:].min()


def test_what_lies_between_schools_beyond_chance_is_found_on_average():
    rng = np.random.default_rng(8)
    n = rng.integers(8, 90, size=24)
    matrix, chance = np.column_stack([np.ones(24), rng.normal(size=24)]), 40.0**2 / n
    found = [
        regress(rng.normal(0, np.sqrt(900 + chance)), matrix).between_variance(chance)
        for _ in range(600)
    ]  # fmt: skip
    assert np.mean(found) == pytest.approx(900, rel=0.05)


def test_schools_that_differ_less_than_chance_have_nothing_between_them(rows):
    y, matrix, _ = rows
    assert regress(y, matrix).between_variance(1e6) == 0


def alone() -> Regression:
    matrix = np.column_stack([np.ones(12), np.arange(12) % 4, np.arange(12) == 3])
    return regress(np.random.default_rng(9).normal(size=12), matrix)


def test_a_row_that_decides_a_coefficient_by_itself_has_no_deviation_and_spoils_no_others():
    fit = alone()
    residuals, deviations, _ = fit.leave_one_out()
    assert fit.alone.tolist() == [at == 3 for at in range(12)]
    assert np.isnan(residuals[3]) and np.isnan(deviations[3])
    assert np.isfinite(np.delete(deviations, 3)).all()
    without = regress(np.delete(fit.outcome, 3), np.delete(fit.matrix, 3, axis=0)[:, :2])
    assert fit.covariance("hc3")[:2, :2] == pytest.approx(without.covariance("hc3"))


def test_columns_of_very_different_size_are_no_trouble():
    rng = np.random.default_rng(10)
    big, small = 1e8 + rng.normal(size=50), 1e-6 * rng.normal(size=50)
    y = 2 * (big - 1e8) + 3e6 * small + rng.normal(size=50) * 0.01
    fit = regress(y, np.column_stack([np.ones(50), big, small]))
    assert fit.coefficients[1:] == pytest.approx([2, 3e6], rel=0.01)


@pytest.mark.parametrize(
    ("matrix", "said"),
    [
        (np.column_stack([np.ones(9), np.arange(9.0), 2 * np.arange(9.0) + 1]), "same thing"),
        (np.column_stack([np.ones(9), np.zeros(9)]), "nought everywhere"),
        (np.random.default_rng(0).normal(size=(9, 9)), "9 rows for 9 coefficients"),
    ],
)
def test_what_cannot_be_fitted_is_refused(matrix: np.ndarray, said: str):
    with pytest.raises(ContractError, match=said):
        regress(np.arange(9.0), matrix)


def test_a_weight_of_nought_is_refused():
    with pytest.raises(ContractError, match="above 0"):
        regress(np.arange(9.0), np.ones((9, 1)), np.zeros(9))
