"""Prediction intervals hold new schools, chance is not taken for deviation, and a school that does more is found."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.expected_results import expected_results
from kvalitet_lib.statistics.regression import regress

SIMULATIONS, TOWNS = 800, 200
SCHOOLS, NEW = 30, 12
TRUE = np.array([200.0, 12.0, -8.0, 3.0])
BETWEEN, PUPIL = 10.0, 60.0


def drawn(rng: np.random.Generator, schools: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Results, intake and number of pupils of schools that differ by more than their pupils' chance."""
    n = rng.choice([16, 25, 40, 70, 120], schools)
    matrix = np.column_stack([np.ones(schools), rng.normal(size=(schools, 3))])
    return matrix @ TRUE + rng.normal(0, np.sqrt(BETWEEN**2 + PUPIL**2 / n)), matrix, n


@pytest.fixture(scope="module")
def simulated() -> pd.DataFrame:
    """One row is one new school in one simulation: its size, and whether each kind of interval holds its result."""
    rng, rows = np.random.default_rng(21), []
    for _ in range(SIMULATIONS):
        y, matrix, n = drawn(rng, SCHOOLS)
        new_y, new, new_n = drawn(rng, NEW)
        fit = regress(y, matrix)
        _, (lower, upper) = fit.prediction(new, PUPIL**2 / new_n, own_chance=PUPIL**2 / n)
        _, (alike_lower, alike_upper) = fit.prediction(new)
        rows.append(
            np.column_stack([new_n, (lower <= new_y) & (new_y <= upper), (alike_lower <= new_y) & (new_y <= alike_upper)])
        )
    return pd.DataFrame(np.vstack(rows), columns=["n", "by_size", "alike"])


def test_prediction_intervals_hold_the_results_of_new_schools(simulated: pd.DataFrame):
    assert 0.93 <= simulated["by_size"].mean() <= 0.97
    assert 0.93 <= simulated["alike"].mean() <= 0.97


@pytest.mark.parametrize("n", [16, 40, 120])
def test_intervals_that_know_of_size_hold_small_and_large_schools_alike(simulated: pd.DataFrame, n: int):
    assert 0.93 <= simulated.loc[simulated["n"].eq(n), "by_size"].mean() <= 0.97


def test_intervals_that_do_not_know_of_size_miss_small_schools_too_often(simulated: pd.DataFrame):
    by_size = simulated.groupby("n")["alike"].mean()
    assert by_size[16] < 0.93 and by_size[120] > 0.97


def test_the_formulas_coefficients_lie_in_their_intervals():
    rng, held = np.random.default_rng(22), []
    for _ in range(SIMULATIONS):
        y, matrix, _ = drawn(rng, SCHOOLS)
        fit = regress(y, matrix)
        margin = stats.t.ppf(0.975, fit.freedom) * np.sqrt(np.diag(fit.covariance("hc3")))
        held.append(np.abs(fit.coefficients - TRUE) <= margin)
    assert 0.93 <= np.mean(held) <= 0.97


def test_schools_that_are_as_expected_are_told_so_nineteen_times_in_twenty():
    false, told = 0, []
    for seed in range(TOWNS):
        y, matrix, n = drawn(np.random.default_rng(5000 + seed), SCHOOLS)
        rows = pd.DataFrame(matrix[:, 1:], columns=["a", "b", "c"]).assign(school=range(SCHOOLS), y=y, e=PUPIL / np.sqrt(n))
        found = expected_results(rows, "y", ["a", "b", "c"], standard_error="e")
        false += found.claim > Claim.NOTHING
        told.append(found.estimates["p"].dropna().lt(0.05).mean())
    # Two standard deviations of a binomial count; the schools of a town are not independent, but towns are.
    assert false <= 0.05 * TOWNS + 2 * np.sqrt(0.05 * 0.95 * TOWNS)
    assert 0.03 <= np.mean(told) <= 0.07


def test_a_school_that_does_much_more_is_found_and_the_others_are_not():
    found_it, others = 0, 0
    for seed in range(40):
        y, matrix, n = drawn(np.random.default_rng(9000 + seed), SCHOOLS)
        n[0], y[0] = 120, matrix[0] @ TRUE + 60
        rows = pd.DataFrame(matrix[:, 1:], columns=["a", "b", "c"]).assign(school=range(SCHOOLS), y=y, e=PUPIL / np.sqrt(n))
        told = expected_results(rows, "y", ["a", "b", "c"], standard_error="e").to_frame().query("claim == 'differs'")["group"]
        found_it += "0" in set(told)
        others += len(set(told) - {"0"})
    assert found_it >= 24 and others <= 6


def test_shrunken_deviations_lie_nearer_the_truth_than_raw_ones():
    rng, raw, shrunken = np.random.default_rng(23), [], []
    for _ in range(60):
        n = rng.choice([16, 25, 40, 70, 120], SCHOOLS)
        matrix, of_school = np.column_stack([np.ones(SCHOOLS), rng.normal(size=(SCHOOLS, 1))]), rng.normal(0, BETWEEN, SCHOOLS)
        y = matrix @ [200, 12] + of_school + rng.normal(0, PUPIL / np.sqrt(n))
        rows = pd.DataFrame({"a": matrix[:, 1], "school": range(SCHOOLS), "y": y, "e": PUPIL / np.sqrt(n)})
        table = expected_results(rows, "y", ["a"], standard_error="e").tables["schools"]
        raw.append(np.mean((table["deviation"] - of_school) ** 2))
        shrunken.append(np.mean((table["shrunken"] - of_school) ** 2))
    assert np.mean(shrunken) < 0.75 * np.mean(raw)
