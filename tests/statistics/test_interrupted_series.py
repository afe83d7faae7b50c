"""Terms and regressions of an interrupted time series."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kvalitet_lib.statistics.ar1 import ar1_regression
from kvalitet_lib.statistics.autocorrelation import newey_west
from kvalitet_lib.statistics.interrupted_series import Counts, count_regression, harmonics, overdispersed
from tests.statistics.reference import answers

STARTS = 37  # January 2005, the first month without smoking


@pytest.fixture
def sicily(shared: Path) -> pd.DataFrame:
    return pd.read_csv(shared / "statistics" / "data" / "sicily_its.csv")


def design(months: pd.DataFrame, *, season: bool = False, slope: bool = False) -> np.ndarray:
    after = (months["time"] >= STARTS).to_numpy(dtype=float)
    columns = [np.ones(len(months)), months["time"], after]
    columns += [after * (months["time"] - (STARTS - 1))] if slope else []
    columns += list(harmonics(months["time"], 12, 2).T) if season else []
    return np.column_stack(columns)


def told_of(found: Counts, term: int, dispersed: bool) -> dict[str, float]:
    coefficient, error = found.coefficients[term], found.standard_errors(dispersed)[term]
    bounds = coefficient + np.array([-1, 1]) * 1.959963984540054 * error
    return {
        "rr": np.exp(coefficient), "lo": np.exp(bounds[0]), "hi": np.exp(bounds[1]), "b": coefficient, "se": error,
        "disp": found.dispersion if dispersed else 1.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("variant", "dispersed", "season"), [("poisson", False, False), ("quasi", True, False), ("season", True, True)]
)
def test_the_smoking_ban_lowered_admissions_as_much_as_r_says(shared, sicily, variant, dispersed, season):
    told = answers(shared, "its_sicily")
    found = count_regression(design(sicily, season=season), sicily["aces"], sicily["stdpop"])
    for name, value in told_of(found, 2, dispersed).items():
        assert value == pytest.approx(told[f"{variant} {name}"], abs=1e-6), name


def test_a_change_of_slope_is_counted_from_the_last_month_before(shared, sicily):
    told = answers(shared, "its_sicily")["season + slope change"]
    found = count_regression(design(sicily, season=True, slope=True), sicily["aces"], sicily["stdpop"])
    for term, name in ((2, "level"), (3, "slope")):
        assert told_of(found, term, True) == pytest.approx(told[name], abs=1e-6)


@pytest.mark.parametrize("model", ["OLS + Newey-West lag 12 (adjust=TRUE)", "GLS AR(1) ML"])
def test_least_squares_that_allow_for_autocorrelation_are_those_of_sandwich_and_nlme(shared, sicily, model):
    told = answers(shared, "its_sicily")[model]
    rate = sicily["aces"] / sicily["stdpop"] * 100_000
    matrix = design(sicily, slope=True)
    found = newey_west(matrix, rate, 12) if model.startswith("OLS") else ar1_regression(matrix, rate)
    tolerance = {"abs": 1e-6} if model.startswith("OLS") else {"rel": 1e-3}
    assert list(found.coefficients) == pytest.approx(
        [told["coef"][one] for one in ("(Intercept)", "time", "smokban", "post")], **tolerance
    )
    assert list(found.standard_errors) == pytest.approx(
        [told["se"][one] for one in ("(Intercept)", "time", "smokban", "post")], **tolerance
    )
    if "phi" in told:
        assert found.correlation == pytest.approx(told["phi"], rel=1e-3)


def test_counts_that_vary_more_than_poisson_are_found_out():
    rng = np.random.default_rng(1)
    matrix = np.column_stack([np.ones(60), np.arange(60)])
    mean = np.exp(matrix @ [4, 0.005])
    even, uneven = rng.poisson(mean), rng.poisson(mean * rng.gamma(10, 0.1, 60))
    assert overdispersed(count_regression(matrix, even), 2) > 0.05
    assert overdispersed(count_regression(matrix, uneven), 2) < 1e-6


def test_a_regression_of_counts_without_change_gives_back_the_rate():
    found = count_regression(np.ones((4, 1)), [10, 20, 30, 40], [100, 200, 300, 400])
    assert np.exp(found.coefficients) == pytest.approx(0.1)
    assert found.fitted == pytest.approx([10, 20, 30, 40])


def test_a_season_of_two_steps_has_one_wave_and_no_season_has_none():
    assert harmonics(range(8), 2, 1).shape == (8, 1)
    assert harmonics(range(8), 4, 2).shape == (8, 3)
    assert harmonics(range(8), 12, 0).shape == (8, 0)


def test_a_missing_month_counts_as_two_steps_between_its_neighbours():
    rng = np.random.default_rng(8)
    errors = np.zeros(400)
    for month in range(1, 400):
        errors[month] = 0.9 * errors[month - 1] + rng.normal()
    kept = np.sort(rng.permutation(400)[:150])
    line = np.column_stack([np.ones(150), kept])
    told, ignored = ar1_regression(line, errors[kept], np.diff(kept)), ar1_regression(line, errors[kept])
    assert told.correlation == pytest.approx(0.9, abs=0.05)
    assert ignored.correlation < told.correlation


def test_intervals_and_p_of_averaged_regressions_agree():
    rng = np.random.default_rng(9)
    found = ar1_regression(np.column_stack([np.ones(30), np.arange(30)]), rng.normal(size=30))
    for column, p in enumerate(found.p):
        bounds = [bound[column] for bound in found.interval(1 - p)]
        assert np.abs(bounds).min() == pytest.approx(0, abs=1e-10)


def test_intervals_grow_when_neighbours_resemble_one_another():
    rng = np.random.default_rng(10)
    shocks = rng.normal(size=80)
    alike = np.zeros(80)
    for month in range(1, 80):
        alike[month] = 0.8 * alike[month - 1] + 0.6 * shocks[month]
    line = np.column_stack([np.ones(80), np.arange(80)])
    for fit in (lambda y: newey_west(line, y, 4), lambda y: ar1_regression(line, y)):
        widths = [np.subtract(*fit(y).interval()[::-1])[1] for y in (shocks, alike)]
        assert widths[1] > 2 * widths[0]
