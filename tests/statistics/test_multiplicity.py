"""Adjusting for many comparisons."""

from __future__ import annotations

import numpy as np
import pytest

from kvalitet_lib.statistics import benjamini_hochberg

THROMBOLYSIS = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1.0,
]  # fmt: skip


def test_four_of_the_fifteen_trials_of_benjamini_and_hochberg_stand_where_bonferroni_keeps_three():
    adjusted, size = benjamini_hochberg(THROMBOLYSIS, np.zeros(15, dtype=int))
    assert (adjusted < 0.05).sum() == 4
    assert (np.array(THROMBOLYSIS) * 15 < 0.05).sum() == 3
    assert adjusted[:4] == pytest.approx([0.0015, 0.003, 0.0095, 0.035625])
    assert set(size) == {15}


def test_families_are_adjusted_apart_and_in_any_order():
    adjusted, size = benjamini_hochberg([0.01, 0.04, 0.02, 0.04], [0, 1, 0, 1])
    assert adjusted == pytest.approx([0.02, 0.04, 0.02, 0.04])
    assert size.tolist() == [2, 2, 2, 2]


def test_what_was_not_tested_does_not_count():
    adjusted, size = benjamini_hochberg([0.01, np.nan, np.nan], [0, 0, 1])
    assert adjusted[0] == 0.01 and np.isnan(adjusted[1:]).all()
    assert size.tolist() == [1, 1, 0]


def test_no_comparisons_at_all_are_no_error():
    adjusted, size = benjamini_hochberg([], [])
    assert len(adjusted) == len(size) == 0
