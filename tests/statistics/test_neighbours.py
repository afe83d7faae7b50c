"""Nearest neighbours."""

from __future__ import annotations

import numpy as np
import pytest

from kvalitet_lib.statistics import nearest_neighbours


def test_nearest_come_first_and_no_one_is_their_own_neighbour():
    assert nearest_neighbours([[0.0], [1.0], [3.0], [7.0]], 2).tolist() == [[1, 2], [0, 2], [1, 0], [2, 1]]


def test_a_widely_spread_column_weighs_no_more_than_a_narrow_one():
    table = np.array([[0.0, 0.0], [100.0, 0.0], [0.0, 0.01], [100.0, 0.01], [60.0, 0.0]])
    assert nearest_neighbours(table, 1)[0, 0] == nearest_neighbours(table * [0.001, 1000], 1)[0, 0]


def test_a_column_in_which_all_are_alike_does_not_count():
    assert nearest_neighbours([[1.0, 0.0], [1.0, 2.0], [1.0, 3.0]], 1).ravel().tolist() == [1, 2, 1]


def test_too_few_units_are_refused():
    with pytest.raises(ValueError, match="at least 6 units; there are 5"):
        nearest_neighbours(np.zeros((5, 1)), 5)
