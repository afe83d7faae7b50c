"""Dominance against what domir prints of mtcars, and against all models fitted one by one."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.dominance import dominance

# Motor Trend 1974, 32 cars: miles per gallon, manual gear, cylinders, carburettors (Henderson & Velleman 1981).
MPG = [21, 21, 22.8, 21.4, 18.7, 18.1, 14.3, 24.4, 22.8, 19.2, 17.8, 16.4, 17.3, 15.2, 10.4, 10.4, 14.7, 32.4, 30.4, 33.9, 21.5,
       15.5, 15.2, 13.3, 19.2, 27.3, 26, 30.4, 15.8, 19.7, 15, 21.4]  # fmt: skip
AM = [1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1]
CYL = [6, 6, 4, 6, 8, 6, 8, 4, 4, 6, 6, 8, 8, 8, 8, 8, 8, 4, 4, 4, 4, 8, 8, 8, 8, 4, 4, 4, 8, 6, 8, 4]
CARB = [4, 4, 1, 1, 2, 1, 4, 2, 2, 4, 4, 3, 3, 3, 4, 4, 4, 1, 2, 1, 1, 2, 2, 4, 2, 1, 2, 2, 4, 6, 8, 2]


def r_squared(y: np.ndarray, columns: list[np.ndarray]) -> float:
    x = np.column_stack([np.ones(len(y)), *columns])
    left = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    return float(1 - left @ left / ((y - y.mean()) @ (y - y.mean())))


def test_domir_says_the_same_of_cars():
    found = dominance(MPG, [AM, CYL, CARB])
    assert found.r_squared == pytest.approx(0.8113023, abs=5e-8)
    assert found.general == pytest.approx([0.2156848, 0.4173094, 0.1783081], abs=5e-8)
    assert found.conditional[0, 2] == pytest.approx(0.07076149, abs=5e-9)


def test_parts_add_up_to_what_is_explained_beyond_what_is_always_in():
    rng = np.random.default_rng(1)
    columns = [rng.normal(size=60), rng.normal(size=(60, 3)), rng.normal(size=60), rng.integers(0, 2, 60)]
    always = rng.normal(size=(60, 2))
    y = columns[0] + columns[1] @ [0.5, -1, 0.2] + always[:, 0] + rng.normal(size=60)
    found = dominance(y, columns, always)
    assert found.general.sum() == pytest.approx(found.r_squared - found.r_squared_always)
    assert found.r_squared == pytest.approx(r_squared(y, [always, *columns]))
    assert found.r_squared_always == pytest.approx(r_squared(y, [always]))


def test_every_part_is_the_mean_of_what_a_factor_adds_to_all_models_of_that_size():
    rng = np.random.default_rng(2)
    columns = list(rng.normal(size=(4, 40)) + rng.normal(size=40))
    y = columns[0] - 2 * columns[2] + rng.normal(size=40)
    found = dominance(y, columns)
    for one in range(4):
        others = [other for other in range(4) if other != one]
        for size in range(4):
            adds = [
                r_squared(y, [columns[one], *(columns[k] for k in held)]) - r_squared(y, [columns[k] for k in held])
                for held in combinations(others, size)
            ]
            assert found.conditional[one, size] == pytest.approx(np.mean(adds), abs=1e-10)


def test_a_factor_that_adds_more_to_every_model_dominates_completely_and_not_the_other_way_round():
    found = dominance(MPG, [AM, CYL, CARB])
    assert found.complete[1].tolist() == [1, 0, 1]
    assert (found.complete == -found.complete.T).all()
    rng = np.random.default_rng(3)
    one, noise = rng.normal(size=(2, 50))
    crossed = dominance(one + rng.normal(size=50), [one + noise, noise])
    assert crossed.conditional[1, 0] < crossed.conditional[0, 0]


def test_factors_that_say_the_same_share_what_is_explained():
    x, noise = np.random.default_rng(4).normal(size=(2, 50))
    found = dominance(x + noise, [x, 3 * x + 1])
    assert found.general == pytest.approx([found.r_squared / 2] * 2)
    assert (found.complete == 0).all()


def test_a_factor_that_does_not_vary_adds_nothing():
    rng = np.random.default_rng(5)
    x = rng.normal(size=50)
    found = dominance(x + rng.normal(size=50), [x, np.full(50, 1e6 / 3)])
    assert found.general[1] == 0


@pytest.mark.parametrize("factors", [[], [np.arange(12.0)] * 9])
def test_no_factor_and_more_than_eight_are_refused(factors: list[np.ndarray]):
    with pytest.raises(ContractError, match="1 to 8 factors"):
        dominance(np.arange(12.0) ** 2, factors)


def test_an_outcome_that_does_not_vary_and_factors_of_other_rows_are_refused():
    with pytest.raises(ContractError, match="same outcome"):
        dominance(np.ones(12), [np.arange(12.0)])
    with pytest.raises(ContractError, match="same pupils"):
        dominance(np.arange(12.0), [np.arange(11.0)])
