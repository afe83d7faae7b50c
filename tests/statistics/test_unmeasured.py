"""Unmeasured confounding against sensemakr, against a search for the worst confounder, and against published E-values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.optimize import brentq

from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.regression import regress
from kvalitet_lib.statistics.unmeasured import (
    adjusted,
    benchmark,
    covariate_strength,
    e_value,
    e_value_of_limit,
    extreme_robustness_value,
    partial_f2,
    partial_r2,
    risk_ratio_limits_of_difference,
    risk_ratio_of_difference,
    risk_ratio_of_hazards,
    risk_ratio_of_odds,
    robustness_value,
)
from tests.statistics.reference import answers

HELD = ["age", "farmer_dar", "herder_dar", "pastvoted", "hhsize_darfur", "female"]


def darfur(shared: Path) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray], np.ndarray]:
    rows = pd.read_csv(shared / "statistics" / "data" / "darfur.csv")
    villages = pd.get_dummies(rows["village"], drop_first=True).to_numpy(float)
    rest = np.column_stack([np.ones(len(rows)), villages])
    return (
        rows["peacefactor"].to_numpy(),
        rows["directlyharmed"].to_numpy(float),
        {n: rows[n].to_numpy(float) for n in HELD},
        rest,
    )


def test_all_that_sensemakr_says_of_darfur_is_said_here_too(shared: Path):
    said = answers(shared, "darfur_sens")
    y, harmed, held, rest = darfur(shared)
    fit = regress(y, np.column_stack([harmed, *held.values(), rest]))
    estimate, error = fit.coefficients[0], np.sqrt(fit.covariance("ordinary")[0, 0])
    t = estimate / error
    ours = {
        "estimate": estimate,
        "se": error,
        "t_statistic": t,
        "r2yd.x": partial_r2(t, fit.freedom),
        "rv_q": robustness_value(t, fit.freedom),
        "rv_qa": robustness_value(t, fit.freedom, alpha=0.05),
        "f2yd.x": partial_f2(t, fit.freedom),
        "dof": fit.freedom,
    }
    for name, value in ours.items():
        assert value == pytest.approx(said[name], abs=1e-10), name
    others = np.column_stack([*(column for name, column in held.items() if name != "female"), rest])
    own = covariate_strength(y, harmed, held["female"], others)
    of_factor, of_outcome = benchmark(*own, [1, 2, 3])
    moved = adjusted(estimate, error, fit.freedom, of_factor, of_outcome)
    for at, row in enumerate(said["bounds 1x,2x,3x female"]):
        assert of_factor[at] == pytest.approx(row["r2dz.x"], abs=1e-10)
        assert of_outcome[at] == pytest.approx(row["r2yz.dx"], abs=1e-10)
        assert moved.estimate[at] == pytest.approx(row["adjusted_estimate"], abs=1e-10)
        assert moved.standard_error[at] == pytest.approx(row["adjusted_se"], abs=1e-10)
        assert moved.t[at] == pytest.approx(row["adjusted_t"], abs=1e-8)
        assert moved.lower[at] == pytest.approx(row["adjusted_lower_CI"], abs=1e-10)
        assert moved.upper[at] == pytest.approx(row["adjusted_upper_CI"], abs=1e-10)


@pytest.mark.parametrize(("t", "freedom"), [(4.2, 783), (2.5, 40), (8.0, 7), (3.3, 7)])
def test_no_weaker_confounder_would_do_what_the_robustness_value_says(t: float, freedom: int):
    critical = stats.t.ppf(0.975, freedom - 1)

    def least_t(share: float) -> float:
        """The smallest t that a confounder of at most this share of either can leave."""
        of_outcome = np.linspace(0, share, 4001)
        return float(adjusted(t, 1.0, freedom, share, of_outcome).t.min() - critical)

    wanted = brentq(least_t, 1e-9, 0.999)
    assert robustness_value(t, freedom, alpha=0.05) == pytest.approx(wanted, abs=1e-4)


def test_with_the_robustness_value_the_estimate_is_nought_and_with_half_of_q_it_is_halved():
    for q, left in ((1.0, 0.0), (0.5, 0.5)):
        share = robustness_value(3.0, 50, q)
        assert adjusted(0.3, 0.1, 50, share, share).estimate == pytest.approx(0.3 * left, abs=1e-12)


def test_a_confounder_that_explains_all_of_the_outcome_needs_the_partial_r2_of_the_factor():
    assert extreme_robustness_value(3.0, 50) == pytest.approx(partial_r2(3.0, 50))
    assert robustness_value(0.5, 50, alpha=0.05) == 0
    assert extreme_robustness_value(0.5, 50, alpha=0.05) == 0


def test_a_negative_estimate_is_weakened_as_much_as_a_positive_one():
    up, down = adjusted(0.4, 0.1, 60, 0.05, 0.1), adjusted(-0.4, 0.1, 60, 0.05, 0.1)
    assert down.estimate == pytest.approx(-up.estimate)
    assert (down.lower, down.upper) == (pytest.approx(-up.upper), pytest.approx(-up.lower))


def test_the_confounder_that_was_left_out_brings_the_estimate_to_where_the_formula_says():
    rng = np.random.default_rng(4)
    hidden, covariate = rng.normal(size=(2, 300))
    factor = 0.6 * hidden + 0.4 * covariate + rng.normal(size=300)
    y = 0.5 * factor + 0.8 * hidden - 0.3 * covariate + rng.normal(size=300)
    held = np.column_stack([np.ones(300), covariate])
    without, with_it = (regress(y, np.column_stack([factor, held, *more])) for more in ([], [hidden]))
    strength = covariate_strength(y, factor, hidden, held)
    error = np.sqrt(without.covariance("ordinary")[0, 0])
    moved = adjusted(without.coefficients[0], error, without.freedom, *strength)
    assert moved.estimate == pytest.approx(with_it.coefficients[0])
    assert moved.standard_error == pytest.approx(np.sqrt(with_it.covariance("ordinary")[0, 0]))


def test_a_benchmark_that_leaves_no_room_for_anything_as_strong_says_nothing():
    of_factor, of_outcome = benchmark([0.6, 0.3, 0.1], [0.1, 0.1, 0.9], [1, 3, 1])
    assert np.isnan(of_factor[:2]).all() and np.isnan(of_outcome[:2]).all()
    assert of_outcome[2] == 1
    assert np.isnan(adjusted(1.0, 0.1, 30, of_factor[:2], of_outcome[:2]).estimate).all()


def test_covariates_that_say_the_same_thing_are_counted_once():
    rng = np.random.default_rng(5)
    y, factor, own = rng.normal(size=(3, 80))
    ones = np.ones((80, 1))
    twice = covariate_strength(y, factor, np.column_stack([own, 2 * own]), np.column_stack([ones, ones]))
    assert twice == pytest.approx(covariate_strength(y, factor, own, ones))
    assert covariate_strength(y, factor, np.full(80, 3.0), ones) == pytest.approx((0.0, 0.0))


def test_the_e_value_of_vanderweele_and_ding(shared: Path):
    said = answers(shared, "evalue")
    assert e_value(3.9) == pytest.approx(said["E-value"], abs=1e-9)
    assert e_value_of_limit(3.9, 1.8, 8.4) == pytest.approx(said["E-value CI"], abs=1e-9)


def test_e_values_that_are_printed_elsewhere():
    assert e_value(3.9) == pytest.approx(7.26, abs=0.005)  # maternal smoking, VanderWeele & Ding 2017
    assert e_value_of_limit(3.9, 1.8, 8.7) == pytest.approx(3.0, abs=0.005)
    assert e_value(0.80) == pytest.approx(1.81, abs=0.005)  # leukaemia, the same; a factor that protects
    assert e_value_of_limit(0.80, 0.71, 0.91) == pytest.approx(1.43, abs=0.005)


def test_a_factor_that_protects_needs_as_strong_a_confounder_as_one_that_harms():
    assert e_value([0.5, 0.25]) == pytest.approx(e_value([2.0, 4.0]))
    assert e_value(1.0) == 1.0
    assert e_value(2.0, null=2.0) == 1.0
    assert e_value(3.0, null=1.5) == pytest.approx(e_value(2.0))


def test_an_interval_that_holds_one_needs_no_confounder():
    assert e_value_of_limit([1.3, 0.9], [0.9, 0.7], [1.9, 1.1]) == pytest.approx([1.0, 1.0])
    with pytest.raises(ContractError, match="hold its own estimate"):
        e_value_of_limit(2.0, 2.5, 3.0)


def test_ratios_of_odds_and_hazards_and_differences_become_ratios_of_risks():
    assert risk_ratio_of_odds(4.0) == pytest.approx(2.0)
    assert risk_ratio_of_odds(4.0, common=False) == 4.0
    assert risk_ratio_of_hazards(0.56) == pytest.approx((1 - 0.5 ** np.sqrt(0.56)) / (1 - 0.5 ** np.sqrt(1 / 0.56)))
    assert risk_ratio_of_hazards(1.0) == pytest.approx(1.0)
    assert risk_ratio_of_hazards(0.56, common=False) == 0.56
    assert risk_ratio_of_difference(0.5) == pytest.approx(np.exp(0.455))
    assert risk_ratio_limits_of_difference(0.5, 0.25) == pytest.approx((np.exp(0.455 - 0.445), np.exp(0.455 + 0.445)))


@pytest.mark.parametrize("wrong", [0.0, -1.0])
def test_a_ratio_of_nought_or_less_is_refused(wrong: float):
    with pytest.raises(ContractError, match="above 0"):
        e_value(wrong)


def test_impossible_strengths_and_too_few_degrees_of_freedom_are_refused():
    with pytest.raises(ContractError, match="0-1"):
        adjusted(1.0, 0.1, 30, 1.0, 0.5)
    with pytest.raises(ContractError, match="degrees of freedom"):
        robustness_value(2.0, 1)
    with pytest.raises(ContractError, match="above 0"):
        robustness_value(2.0, 30, q=0)
