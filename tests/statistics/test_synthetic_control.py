"""Synthetic comparisons, their weights and their placebos."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kvalitet_lib.statistics.placebos import average, jackknife_error, placebos
from kvalitet_lib.statistics.simplex import nearest_weights, stepwise_weights
from kvalitet_lib.statistics.synthetic_control import METHODS, predictor_weights, synthetic
from tests.statistics.reference import answers

BEFORE = 19  # 1970-1988


@pytest.fixture
def prop99(shared: Path) -> pd.DataFrame:
    """One row is one state, California last; one column is one year."""
    rows = pd.read_csv(shared / "statistics" / "data" / "prop99_synthdid.csv")
    wide = rows.pivot(index="State", columns="Year", values="PacksPerCapita")
    return pd.concat([wide.drop("California"), wide.loc[["California"]]])


@pytest.mark.parametrize(("method", "name"), [("synthetic_did", "sdid"), ("synthetic_control", "sc"), ("did", "did")])
def test_proposition_99_lowered_sales_as_much_as_synthdid_says(shared, prop99, method, name):
    told = answers(shared, "prop99")
    assert synthetic(prop99, 1, BEFORE, method, as_synthdid=True).effect == pytest.approx(told[name], abs=0.001)


def test_california_is_made_of_the_states_that_synthdid_names(shared, prop99):
    told = answers(shared, "prop99")["SC weights"]
    weights = pd.Series(synthetic(prop99, 1, BEFORE, "synthetic_control", as_synthdid=True).unit_weights, prop99.index[:-1])
    assert {state: weights[state] for state in told} == pytest.approx(told, abs=0.005)
    assert weights.drop(list(told)).max() < 0.005


def test_placebos_spread_as_much_as_synthdid_says(shared, prop99):
    told = answers(shared, "prop99")["placebo SE of SDID (random)"]
    panel = prop99.to_numpy()
    found = placebos(38, [(1, BEFORE)], estimates(panel, "synthetic_did"), np.random.default_rng(1))
    assert found.exhaustive and len(found.effects) == 38
    assert found.standard_error == pytest.approx(told, rel=0.25)


def estimates(panel: np.ndarray, method: str):
    return lambda kept, standing, before: synthetic(np.vstack([panel[kept], panel[standing]]), len(standing), before, method)


def test_the_best_weights_fit_no_worse_than_those_at_which_synthdid_stops(prop99):
    earlier, california = prop99.to_numpy()[:-1, :BEFORE], prop99.to_numpy()[-1, :BEFORE]
    best, stopped = nearest_weights(earlier.T, california), stepwise_weights(earlier.T, california, 0.0, 1e-5)
    misfit = [((weights @ earlier - california) ** 2).sum() for weights in (best, stopped)]
    assert misfit[0] < misfit[1]
    assert best == pytest.approx(stopped, abs=0.01)


@pytest.mark.parametrize("ridge", [0.0, 0.5, 50.0])
def test_no_other_weights_come_closer(ridge):
    rng = np.random.default_rng(3)
    columns, target = rng.normal(size=(6, 4)), rng.normal(size=6)
    weights = nearest_weights(columns, target, ridge)
    assert (weights >= 0).all() and weights.sum() == pytest.approx(1)

    def loss(one: np.ndarray) -> float:
        return float(((columns @ one - target) ** 2).sum() + ridge * (one**2).sum())

    for corner, other in itertools.product(np.eye(4), (0.001, 0.1, 1.0)):
        assert loss((1 - other) * weights + other * corner) >= loss(weights) - 1e-12


def test_a_target_that_is_a_mixture_is_taken_apart_whatever_its_scale():
    rng = np.random.default_rng(4)
    columns, mixture = rng.normal(size=(20, 5)), np.array([0.5, 0.3, 0.2, 0.0, 0.0])
    for scale in (1e-6, 1.0, 1e6):
        assert nearest_weights(scale * columns, scale * (columns @ mixture)) == pytest.approx(mixture, abs=1e-7)


def test_importances_of_predictors_are_not_unique_but_the_weights_and_the_fit_are_what_counts():
    # A predictor on which all donors are alike can be given any importance: the same donors come out, fitting equally well.
    rng = np.random.default_rng(5)
    donors = np.vstack([rng.normal(size=(3, 8)), np.ones(8)])
    course = rng.normal(size=(8, 10))
    mixture = np.r_[0.6, 0.4, np.zeros(6)]
    treated, ours = donors @ mixture, mixture @ course
    for importance in ([1, 1, 1, 1], [1, 1, 1, 1000], [70, 3, 12, 0], [0.001, 0.001, 0.001, 5]):
        weights = predictor_weights(donors, treated, importance)
        assert weights == pytest.approx(mixture, abs=1e-6)
        assert ((weights @ course - ours) ** 2).mean() == pytest.approx(0, abs=1e-10)


def test_importances_choose_between_predictors_that_disagree():
    donors = np.array([[0.0, 1.0], [1.0, 0.0]])
    first, second = predictor_weights(donors, [0.0, 0.0], [1, 0]), predictor_weights(donors, [0.0, 0.0], [0, 1])
    assert first == pytest.approx([1, 0]) and second == pytest.approx([0, 1])


@pytest.mark.parametrize("method", METHODS[:2])
def test_a_step_that_nobody_else_took_is_found_and_an_even_distance_is_not_taken_for_one(method):
    rng = np.random.default_rng(6)
    theirs = rng.normal(size=(6, 1)) + np.sin(np.arange(12)) + np.outer(rng.normal(size=6), np.arange(12) / 10)
    ours = theirs[:3].mean(axis=0) + np.where(np.arange(12) >= 8, 5.0, 0.0)
    distance = 0.0 if method == "synthetic_control" else 40.0
    assert synthetic(np.vstack([theirs, ours + distance]), 1, 8, method).effect == pytest.approx(5, abs=0.2)


def test_controls_that_never_move_are_weighted_evenly():
    found = synthetic(np.vstack([np.zeros((4, 6)), np.r_[np.zeros(4), 1, 1]]), 1, 4, "synthetic_did")
    assert found.unit_weights == pytest.approx([0.25] * 4)
    assert found.effect == pytest.approx(1)


def test_cohorts_weigh_by_units_and_times():
    rng = np.random.default_rng(7)
    early, late = synthetic(rng.normal(size=(8, 10)), 2, 4, "did"), synthetic(rng.normal(size=(7, 10)), 1, 7, "did")
    assert average([early, late], [2, 1])[0] == pytest.approx((12 * early.effect + 3 * late.effect) / 15)


def test_no_placebo_without_two_left_to_compare_with():
    found = placebos(3, [(2, 4)], estimates(np.zeros((3, 6)), "did"), np.random.default_rng(1))
    assert len(found.effects) == 0 and np.isnan(found.standard_error)


def test_placebos_of_several_are_the_same_from_the_same_seed():
    panel = np.random.default_rng(8).normal(size=(12, 8))
    drawn = [placebos(12, [(2, 4), (1, 6)], estimates(panel, "did"), np.random.default_rng(9), draws=20) for _ in range(2)]
    assert np.array_equal(drawn[0].effects, drawn[1].effects)
    assert all(len(set(who)) == 3 for who in drawn[0].who)


def test_a_permutation_p_counts_what_was_found_among_the_placebos():
    panel = np.random.default_rng(10).normal(size=(19, 8))
    found = placebos(19, [(1, 4)], estimates(panel, "did"), np.random.default_rng(1))
    assert found.p(1e9) == pytest.approx(1 / 20) and found.p(0.0) == 1.0


def test_the_jackknife_of_plain_means_is_the_standard_error_of_two_means():
    rng = np.random.default_rng(11)
    theirs, ours = rng.normal(size=(30, 6)), rng.normal(size=(20, 6))
    fitted = [synthetic(np.vstack([theirs, ours]), 20, 3, "did")]
    change = [rows[:, 3:].mean(axis=1) - rows[:, :3].mean(axis=1) for rows in (theirs, ours)]
    usual = np.sqrt(sum(one.var(ddof=1) / len(one) for one in change))
    assert jackknife_error(theirs, [ours], fitted) == pytest.approx(usual, rel=0.03)


def test_one_treated_unit_cannot_be_left_out():
    panel = np.random.default_rng(12).normal(size=(8, 6))
    assert np.isnan(jackknife_error(panel[:7], [panel[7:]], [synthetic(panel, 1, 3, "did")]))
