"""Shares of few: the exact interval and the difference between two, against R."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kvalitet_lib.statistics import wilson
from kvalitet_lib.statistics.proportions import clopper_pearson, newcombe
from tests.statistics.reference import answers


def test_every_reference_case_of_small_numbers_agrees_with_r(shared: Path):
    said = answers(shared, "wilson")
    intervals = {"Wilson": wilson, "Clopper-Pearson": clopper_pearson}
    for name, value in said.items():
        if name.startswith("Newcombe"):
            _, lower, upper = newcombe([56], [70], [48], [80])
        else:
            counts, _, kind = name.partition(" ")
            successes, trials = map(int, counts.split("/"))
            lower, upper = intervals[kind]([successes], [trials])
        assert (lower[0], upper[0]) == pytest.approx(value, abs=1e-9), name
    assert len(said) == 13


def test_one_of_29_has_the_interval_of_wilson_and_not_the_one_binconf_makes_of_it():
    lower, _ = wilson([1], [29])
    assert lower[0] == pytest.approx(0.00611, abs=5e-6)
    assert abs(lower[0] - 0.00177) > 0.004


def test_newcombes_published_difference_agrees():
    difference, lower, upper = newcombe([56], [70], [48], [80])
    assert (difference[0], lower[0], upper[0]) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


def test_nobody_and_everybody_reach_the_ends_of_the_scale():
    lower, upper = clopper_pearson([0, 20], [20, 20])
    assert (lower[0], upper[1]) == (0, 1) and upper[0] < 0.2 and lower[1] > 0.8


def test_a_share_of_no_one_is_unknown():
    assert np.isnan(clopper_pearson([0, 3], [0, 2])).all()
    assert np.isnan(newcombe([0], [0], [3], [10])).all()
