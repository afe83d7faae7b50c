"""Logistic regression against R's glm; separation told, and Firth's answer to it."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kvalitet_lib.statistics.logistic import clustered_covariance, fit_logistic
from tests.statistics.reference import answers

NAMES = ["failures", "absences", "Medu", "age", "sex", "studytime", "school"]


def portuguese(shared: Path) -> tuple[np.ndarray, np.ndarray]:
    rows = pd.read_csv(shared / "statistics" / "data" / "student_por.csv", sep=";")
    rows = rows.assign(sex=rows["sex"].eq("M"), school=rows["school"].eq("MS"))
    numbers = rows[NAMES].apply(pd.to_numeric).astype(float)
    return pd.to_numeric(rows["G3"]).lt(10).to_numpy(float), np.column_stack([np.ones(len(rows)), numbers])


def made_up(n: int = 400, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    matrix = np.column_stack([np.ones(n), rng.normal(size=(n, 2))])
    return (rng.random(n) < 1 / (1 + np.exp(-matrix @ [-1, 1, 0.5]))).astype(float), matrix


def test_coefficients_and_standard_errors_agree_with_r(shared: Path):
    said, (event, matrix) = answers(shared, "early_warning"), portuguese(shared)
    fit = fit_logistic(event, matrix)
    assert (len(event), event.sum()) == (said["n"], said["n_fail"])
    assert fit.converged and not fit.separated
    assert fit.coefficients == pytest.approx(list(said["coef_all"].values()), abs=1e-5)
    assert fit.standard_errors == pytest.approx(list(said["se_all"].values()), abs=1e-5)


def test_odd_rows_foretell_even_rows_as_in_r(shared: Path):
    said, (event, matrix) = answers(shared, "early_warning"), portuguese(shared)
    learns = np.arange(len(event)) % 2 == 0
    fit = fit_logistic(event[learns], matrix[learns])
    assert fit.coefficients == pytest.approx(list(said["coef_train"].values()), abs=1e-5)
    theirs = pd.read_csv(shared / "statistics" / Path(said["test predictions"]))
    assert fit.probabilities(matrix[~learns]) == pytest.approx(theirs["p"], abs=1e-7)


@pytest.mark.parametrize("quasi", [False, True])
def test_a_factor_that_separates_is_told_and_no_number_passes_for_an_answer(quasi: bool):
    event, matrix = made_up()
    telling = event * (matrix[:, 1] > 0) if quasi else event
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit = fit_logistic(event, np.column_stack([matrix, telling]))
    assert fit.separated and not fit.converged


def test_a_rare_factor_that_nearly_separates_is_not_called_separation():
    rng = np.random.default_rng(2)
    event, matrix = made_up(8000, 2)
    rare = np.zeros(8000)
    rare[rng.choice(np.flatnonzero(event == 0), 300, replace=False)] = 1
    assert fit_logistic(event, np.column_stack([matrix, rare])).separated
    rare[np.flatnonzero(event == 1)[0]] = 1
    nearly = fit_logistic(event, np.column_stack([matrix, rare]))
    assert nearly.converged and not nearly.separated


def test_an_event_that_never_happens_has_no_answer():
    assert fit_logistic(np.zeros(50), np.column_stack([np.ones(50), np.arange(50.0)])).separated


def test_columns_that_say_the_same_give_no_number():
    event, matrix = made_up()
    fit = fit_logistic(event, np.column_stack([matrix, matrix[:, 1] * 2]))
    assert np.isnan(fit.coefficients).all() and not fit.converged


def test_the_answer_does_not_hang_on_the_scale_or_level_of_columns():
    event, matrix = made_up()
    plain, scaled = fit_logistic(event, matrix), fit_logistic(event, matrix * [1, 1e6, 1e-6] + [0, 2024e6, 0])
    assert scaled.coefficients[1:] * [1e6, 1e-6] == pytest.approx(plain.coefficients[1:], rel=1e-6)


def test_firths_answer_in_a_table_of_four_is_to_add_half_to_each_cell():
    event = np.r_[np.ones(3), np.zeros(7), np.ones(10)]
    group = np.r_[np.zeros(10), np.ones(10)]
    fit = fit_logistic(event, np.column_stack([np.ones(20), group]), firth=True)
    low = np.log(3.5 / 7.5)
    assert fit.converged and fit.coefficients == pytest.approx([low, np.log(10.5 / 0.5) - low], abs=1e-7)


def test_firths_search_ends_on_small_and_awkward_data():
    rng = np.random.default_rng(6)
    ended = 0
    for _ in range(150):
        n = int(rng.integers(15, 60))
        matrix = np.column_stack([np.ones(n), rng.normal(size=(n, 3)), np.arange(n) < 3])
        event = (rng.random(n) < 0.2).astype(float)
        event[:2] = 1, 0
        ended += fit_logistic(event, matrix, firth=True).converged
    assert ended == 150


def test_with_every_pupil_a_school_of_its_own_the_sandwich_is_the_usual_robust_one():
    event, matrix = made_up()
    fit = fit_logistic(event, matrix)
    rest = event - fit.probabilities(matrix)
    meat = (matrix * rest[:, None]).T @ (matrix * rest[:, None])
    found = clustered_covariance(event, fit.probabilities(matrix), matrix, fit.covariance, np.arange(400))
    assert found == pytest.approx(400 / 399 * fit.covariance @ meat @ fit.covariance)
