"""What a printed share says of the count behind it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from kvalitet_lib.attack.printed import counts_behind, decimals, half_a_unit, wilson
from tests.attack.drawn import SHARE, drawn, told


def behind(estimate: float, n: int, places: int = 2, interval: tuple[float, float] | None = None, finely: int = 2):
    """Fewest and most persons behind one printed share."""
    lower, upper = interval or (np.nan, np.nan)
    off = [np.array([0.5 * 10.0**-digits]) for digits in (places, finely, finely)]
    one = [np.array([value], dtype=float) for value in (estimate, lower, upper, n)]
    fewest, most = counts_behind(*one, tuple(off), 0.95)  # type: ignore[arg-type]
    return int(fewest[0]), int(most[0])


@pytest.mark.parametrize(
    ("estimate", "n", "places", "counts"),
    [
        (0.37, 40, 2, (15, 15)),  # 14.6 to 15.0
        (0.37, 100, 2, (37, 37)),  # below 100 persons whole per cents tell every count
        (0.37, 400, 2, (146, 150)),  # 146.0 to 150.0, both ends included
        (0.3712, 4000, 4, (1485, 1485)),  # 1484.6 to 1485.0
        (0.3712, 40000, 4, (14846, 14850)),
        (0.0, 40, 2, (0, 0)),
        (1.0, 400, 2, (398, 400)),
    ],
)
def test_a_share_and_its_persons_leave_only_some_counts(estimate, n, places, counts):
    assert behind(estimate, n, places) == counts


def test_an_interval_s_ends_leave_fewer_counts_than_the_share_alone():
    """148 of 400: at three decimals the interval is that of no other count."""
    ends = proportion_confint(148, 400, method="wilson")
    assert behind(0.37, 400) == (146, 150)
    assert behind(0.37, 400, interval=tuple(np.round(ends, 3)), finely=3) == (148, 148)


def test_an_interval_that_fits_no_count_at_both_ends_is_left_aside():
    lower, upper = np.round(proportion_confint(148, 400, method="wilson"), 3)
    for ends in ((0.1, 0.9), (lower, 0.9), (0.1, upper)):
        assert behind(0.37, 400, interval=ends, finely=3) == (146, 150)


@given(st.integers(1, 3000), st.floats(0, 1), st.integers(2, 4), st.integers(2, 4))
def test_the_true_count_is_always_among_those_left(n, part, places, finely):
    count = round(part * n)
    ends = proportion_confint(count, n, method="wilson")
    low, high = behind(round(count / n, places), n, places, tuple(np.round(ends, finely)), finely)
    assert low <= count <= high
    assert high - low <= np.floor(n * 10.0**-places + 1e-6)


@given(st.integers(1, 2000), st.floats(0, 1), st.sampled_from([0.9, 0.95, 0.99]))
def test_wilson_s_interval_is_statsmodels_own(n, part, level):
    count = round(part * n)
    low, high = wilson(np.array([float(count)]), np.array([float(n)]), level)
    assert [low[0], high[0]] == pytest.approx(proportion_confint(count, n, 1 - level, method="wilson"), abs=1e-12)


def test_decimals_are_those_printed_without_zeros_at_the_end_and_not_those_of_the_computer():
    texts = pd.Series(["0.5", "0.50", "12", "", "0.125", "0.30000000000000004", "1e-3", "x"])
    assert decimals(texts).tolist() == [1, 1, 0, 0, 3, 1, 3, 0]
    assert half_a_unit(texts[:1], np.array([2])).tolist() == [0.005]


def test_shares_with_four_decimals_tell_a_hidden_school_s_count_in_a_large_municipality(tmp_path):
    """With two decimals 3,040 pupils leave 31 counts; with four, one."""
    rows = """
        unit | n    | count | shown
        9001 | 3040 | 1203  | yes
        a    | 1500 | 601   | yes
        b    | 1500 | 599   | yes
        c    | 40   | 3     | no
    """
    coarse, fine = (drawn(rows, indicator=SHARE, decimals=places).written(tmp_path / f"{places}") for places in (2, 4))
    assert told(coarse) == set()
    assert "recovered count c all" in told(fine)
