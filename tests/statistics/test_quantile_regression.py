"""Quantile regression against quantreg, against a general linear programme, and where rows are few, tied or alike."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics import quantile_walk
from kvalitet_lib.statistics.growth_percentiles import GrowthNorm
from kvalitet_lib.statistics.quantile_regression import check_loss, quantile_regression
from kvalitet_lib.statistics.quantile_walk import QuantileWalk
from tests.statistics.reference import answers

TAUS = np.arange(0.05, 1, 0.05)
# Boscovich's arcs at Quito, the Cape, Rome, Paris and in Lapland: sine of latitude squared, length of a degree in toises.
ARCS = np.array([[0.0, 56751], [0.2987, 57037], [0.4648, 56979], [0.5762, 57074], [0.8386, 57422]])


def least(outcome: np.ndarray, design: np.ndarray, tau: float, weights: np.ndarray) -> float:
    """The smallest check loss, by a general programme in coefficients and residuals."""
    rows, columns = design.shape
    cost = np.concatenate([np.zeros(columns), tau * weights, (1 - tau) * weights])
    equal = np.column_stack([design, np.eye(rows), -np.eye(rows)])
    bounds = [(None, None)] * columns + [(0, None)] * (2 * rows)
    return float(linprog(cost, A_eq=equal, b_eq=outcome, bounds=bounds, method="highs").fun)


def with_intercept(*columns: np.ndarray) -> np.ndarray:
    return np.column_stack([np.ones(len(columns[0])), *columns])


def test_engels_food_expenditure_agrees_with_quantreg(shared: Path):
    engel = pd.read_csv(shared / "statistics" / "data" / "engel.csv")
    said = answers(shared, "engel_qr")
    fit = quantile_regression(engel["foodexp"], with_intercept(engel["income"]), [0.05, 0.25, 0.5, 0.75, 0.95])
    expected = np.array(said["coef taus .05,.25,.5,.75,.95 (row1 intercept,row2 slope)"])
    assert fit.coefficients == pytest.approx(expected, rel=1e-9)
    assert fit.objective == pytest.approx(said["objective"], rel=1e-12)


def test_the_line_of_least_absolute_deviations_passes_through_quito_and_lapland():
    fit = quantile_regression(ARCS[:, 1], with_intercept(ARCS[:, 0]), 0.5)
    residual = ARCS[:, 1] - fit.quantiles(with_intercept(ARCS[:, 0]))[:, 0]
    assert (np.abs(residual) < 1e-9).sum() == 2
    assert fit.coefficients[:, 0] == pytest.approx([56751, (57422 - 56751) / 0.8386])


def test_quantiles_of_a_group_are_its_order_statistics():
    values = np.array([3.0, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5])
    fit = quantile_regression(values, np.ones((11, 1)), [0.3, 0.5, 0.9])
    assert fit.coefficients[0] == pytest.approx(np.quantile(values, [0.3, 0.5, 0.9], method="inverted_cdf"))


@pytest.mark.parametrize("whole", [1500, 15])
@pytest.mark.parametrize("kind", ["plain", "tied", "grouped", "weighted", "far from nought", "large beside small"])
def test_the_loss_is_the_smallest_there_is_whether_rows_are_left_out_or_not(kind, whole, monkeypatch):
    monkeypatch.setattr(quantile_walk, "SOLVED_WHOLE", whole)
    rng = np.random.default_rng(len(kind))
    for _ in range(6):
        rows = int(rng.integers(20, 120))
        design = with_intercept(rng.normal(size=rows), rng.normal(size=rows))
        outcome, weights = rng.normal(size=rows), np.ones(rows)
        if kind in ("tied", "grouped"):
            outcome = rng.integers(0, 6, rows).astype(float)
        if kind == "grouped":
            design = with_intercept(rng.integers(0, 3, rows), rng.integers(0, 2, rows))
        if kind == "weighted":
            weights = rng.integers(0, 4, rows).astype(float)
        if kind == "far from nought":
            outcome += 1e6
        if kind == "large beside small":
            design, outcome = design * [1, 1e-4, 1e5], outcome * 1e4
        fit = quantile_regression(outcome, design, [0.1, 0.25, 0.5, 0.77], weights)
        expected = [least(outcome - 1e6 * (kind == "far from nought"), design, tau, weights) for tau in fit.taus]
        assert fit.objective == pytest.approx(expected, rel=1e-7, abs=1e-6)


def test_many_rows_are_solved_as_exactly_as_by_one_large_programme():
    rng = np.random.default_rng(4)
    earlier = rng.normal(size=6000)
    design = with_intercept(earlier, earlier**2, np.maximum(earlier, 0) ** 3)
    outcome = earlier + rng.standard_t(3, 6000) * (1 + 0.3 * np.abs(earlier))
    fit = quantile_regression(outcome, design, [0.01, 0.5, 0.98])
    scaled, back = np.linalg.qr(design)
    walk = QuantileWalk(outcome, scaled * np.sqrt(6000), np.ones(6000))
    for place, tau in enumerate(fit.taus):
        whole = walk._settle(tau, outcome, np.ones(6000, dtype=bool), None)
        coefficients = np.linalg.solve(back, whole.coefficients * np.sqrt(6000))
        assert fit.objective[place] == pytest.approx(check_loss(outcome, (design @ coefficients)[:, None], [tau])[0], rel=1e-13)


def test_rows_fixed_at_the_wrong_side_join_the_rest():
    rng = np.random.default_rng(5)
    outcome, design = rng.normal(size=3000), with_intercept(rng.normal(size=3000))
    walk = QuantileWalk(outcome, design, np.ones(3000))
    begun = walk.begin(0.5)
    walk._width = 0.001  # so that far too few rows are looked at
    far = walk.onward(0.8, begun, replace(begun, tau=0.49))
    assert (far.residual < 0).mean() == pytest.approx(0.8, abs=2 / 3000)


def test_the_share_below_a_quantile_is_the_quantile():
    rng = np.random.default_rng(6)
    design = with_intercept(rng.normal(size=2000), rng.normal(size=2000))
    outcome = rng.exponential(size=2000)
    below = (outcome[:, None] < quantile_regression(outcome, design, TAUS).quantiles(design) - 1e-9).mean(axis=0)
    assert np.abs(below - TAUS).max() <= 3 / 2000


def test_quantiles_come_in_the_order_asked_for_and_may_repeat():
    outcome, design = np.random.default_rng(7).normal(size=50), np.ones((50, 1))
    fit = quantile_regression(outcome, design, [0.9, 0.1, 0.9, 0.5])
    assert fit.coefficients[0, 0] == fit.coefficients[0, 2] > fit.coefficients[0, 3] > fit.coefficients[0, 1]


def test_a_row_of_weight_two_is_the_row_twice():
    rng = np.random.default_rng(8)
    outcome, design, weights = rng.normal(size=60), with_intercept(rng.normal(size=60)), rng.integers(1, 4, 60)
    once = quantile_regression(outcome, design, TAUS, weights)
    twice = quantile_regression(np.repeat(outcome, weights), np.repeat(design, weights, axis=0), TAUS)
    assert once.objective == pytest.approx(twice.objective, rel=1e-12)


def test_columns_that_others_already_say_are_dropped_and_named():
    rng = np.random.default_rng(9)
    first, outcome = rng.normal(size=80), rng.normal(size=80)
    design = np.column_stack([np.ones(80), first, 2 * first - 3, np.zeros(80), rng.normal(size=80)])
    fit = quantile_regression(outcome, design, [0.25, 0.5])
    assert fit.dropped == (2, 3)
    assert (fit.coefficients[[2, 3]] == 0).all()
    assert fit.objective == pytest.approx(quantile_regression(outcome, design[:, [0, 1, 4]], [0.25, 0.5]).objective)


@pytest.mark.parametrize("value", [7.0, 0.0])
def test_outcomes_that_are_all_alike_have_that_quantile(value):
    fit = quantile_regression(np.full(40, value), with_intercept(np.arange(40.0)), [0.1, 0.9])
    assert fit.coefficients[0] == pytest.approx([value, value]) and fit.objective == pytest.approx([0, 0], abs=1e-9)


@pytest.mark.parametrize(
    ("outcome", "design", "taus", "said"),
    [
        ([1, 2, np.nan], np.ones((3, 1)), 0.5, "missing or infinite"),
        ([1, 2, 3], np.array([[1], [np.inf], [1.0]]), 0.5, "missing or infinite"),
        ([1, 2, 3], np.ones((3, 1)), 1.0, "between 0 and 1"),
        ([1, 2, 3], np.ones((3, 3)), 0.5, "more rows"),
        ([1, 2, 3], np.ones((4, 1)), 0.5, "n × p"),
        ([1, 2, 3], np.zeros((3, 1)), 0.5, "column of ones"),
    ],
)
def test_what_cannot_be_solved_is_refused_in_words(outcome, design, taus, said):
    with pytest.raises(ContractError, match=said):
        quantile_regression(outcome, design, taus)


def test_scores_in_whole_points_have_several_solutions_and_one_loss(shared: Path):
    """With discrete scores coefficients are not unique: the loss is what may be compared."""
    expected = answers(shared, "sgp_math_g5")["check-loss objective, taus .1...9"]
    pupils = pd.read_csv(shared / "statistics" / "data" / "sgp_math_g5.csv")
    norm = GrowthNorm.of(pupils["ss5"], pupils["ss4"], taus=np.arange(1, 10) / 10)
    assert norm.fit.objective == pytest.approx(expected, rel=1e-12)
    shuffled = pupils.sample(frac=1, random_state=1)
    again = GrowthNorm.of(shuffled["ss5"], shuffled["ss4"], taus=np.arange(1, 10) / 10)
    assert again.fit.objective == pytest.approx(norm.fit.objective, rel=1e-13)
