"""Swedish absence: given these rows, this number."""

from __future__ import annotations

import pandas as pd
import pytest

from kvalitet_lib.indicators.se_attendance import INDICATORS
from tests.whiteboard import table

BY_ID = {one.id: one for one in INDICATORS}
SHARES = {"franvaro_10": 0.10, "franvaro_15": 0.15, "franvaro_20": 0.20}


def absence(drawing: str) -> pd.DataFrame:
    drawn = table(drawing)
    rows = drawn.assign(**{name: None for name in ("absent_hours", "unexcused_hours") if name not in drawn})
    hours = ["possible_hours", "absent_hours", "unexcused_hours"]
    return rows.assign(school_year="2024-25", **{name: rows[name].astype(float) for name in hours})


@pytest.mark.parametrize(("indicator", "threshold"), SHARES.items())
def test_exactly_the_threshold_counts_and_just_below_does_not(indicator, threshold):
    rows = absence(f"""
        pupil | school   | period | possible_hours | absent_hours
        ------+----------+--------+----------------+-------------
        at    | 90012345 | year   | 880            | {threshold * 880}
        below | 90012345 | year   | 880            | {threshold * 880 - 0.1}
    """)
    assert BY_ID[indicator].count(rows).set_index("pupil").numerator.to_dict() == {"at": 1, "below": 0}


def test_months_are_added_up_before_the_share_is_taken():
    rows = absence("""
        pupil | school   | period  | possible_hours | absent_hours
        ------+----------+---------+----------------+-------------
        a     | 90012345 | 2024-09 | 100            | 19
        a     | 90012345 | 2024-10 | 100            | 0
        b     | 90012345 | 2024-09 | 20             | 8
        b     | 90012345 | 2024-10 | 20             | 0
    """)
    assert BY_ID["franvaro_10"].count(rows).set_index("pupil").numerator.to_dict() == {"a": 0, "b": 1}


def test_hours_add_up_to_the_threshold_in_spite_of_rounding_in_the_computer():
    rows = absence("""
        pupil | school   | period  | possible_hours | absent_hours
        ------+----------+---------+----------------+-------------
        a     | 90012345 | 2024-09 | 1.0            | 0.1
        a     | 90012345 | 2024-10 | 1.0            | 0.2
        a     | 90012345 | 2024-11 | 1.0            | 0.0
        a     | 90012345 | 2024-12 | 3.0            | 0.3
    """)
    assert BY_ID["franvaro_10"].count(rows).numerator.tolist() == [1]


def test_a_row_for_the_whole_year_goes_before_the_months():
    rows = absence("""
        pupil | school   | period  | possible_hours | absent_hours
        ------+----------+---------+----------------+-------------
        a     | 90012345 | 2024-09 | 100            | 90
        a     | 90012345 | year    | 880            | 90
    """)
    assert BY_ID["franvaro_15"].count(rows).numerator.tolist() == [0]


def test_where_only_absence_without_leave_is_delivered_total_absence_has_no_rows_and_the_other_has():
    rows = absence("""
        pupil | school   | period  | possible_hours | unexcused_hours
        ------+----------+---------+----------------+----------------
        a     | 90012345 | 2024-10 | 88             | 22
    """)
    for indicator in SHARES:
        assert BY_ID[indicator].count(rows).empty
    assert BY_ID["ogiltig_franvaro"].count(rows)[["numerator", "denominator"]].iloc[0].tolist() == [22, 88]


def test_a_pupil_without_hours_at_a_school_that_delivered_is_missing():
    rows = absence("""
        pupil | school   | period | possible_hours | absent_hours
        ------+----------+--------+----------------+-------------
        a     | 90012345 | year   | 880            | 10
        b     | 90012345 | year   | 880            | -
        c     | 90012345 | year   | 0              | 0
        d     | 90012346 | year   | 880            | -
    """)
    counted = BY_ID["franvaro_10"].count(rows).set_index("pupil").numerator
    assert counted.isna().to_dict() == {"a": False, "b": True, "c": True}


def test_a_pupil_who_could_not_attend_a_single_hour_is_missing_in_absence_without_leave():
    rows = absence("""
        pupil | school   | period | possible_hours | unexcused_hours
        ------+----------+--------+----------------+----------------
        a     | 90012345 | year   | 880            | 10
        b     | 90012345 | year   | 0              | 0
    """)
    counted = BY_ID["ogiltig_franvaro"].count(rows).set_index("pupil")
    assert counted.numerator.isna().to_dict() == {"a": False, "b": True}


def test_absence_without_leave_is_a_share_of_hours_and_not_of_pupils():
    rows = absence("""
        pupil | school   | period  | possible_hours | unexcused_hours
        ------+----------+---------+----------------+----------------
        a     | 90012345 | 2024-10 | 80             | 8
        a     | 90012345 | 2024-11 | 120            | 0
        b     | 90012345 | 2024-10 | 200            | 0
    """)
    counted = BY_ID["ogiltig_franvaro"].count(rows)
    assert (counted.numerator.sum(), counted.denominator.sum()) == (8, 400)


def test_a_month_without_hours_of_absence_is_left_out_of_both_sums():
    rows = absence("""
        pupil | school   | period  | possible_hours | absent_hours
        ------+----------+---------+----------------+-------------
        a     | 90012345 | 2024-09 | 100            | 15
        a     | 90012345 | 2024-10 | 100            | -
    """)
    assert BY_ID["franvaro_15"].count(rows).numerator.tolist() == [1]


def test_absence_can_be_broken_down_by_what_the_register_knows():
    pupils = table("""
        pupil | school   | school_year | year_group | sex  | parents_education | newly_arrived
        ------+----------+-------------+------------+------+-------------------+--------------
        a     | 90012345 | 2024-25     | 8          | girl | lower             | yes
    """)
    rows = absence("""
        pupil | school   | period | possible_hours | absent_hours
        ------+----------+--------+----------------+-------------
        a     | 90012345 | year   | 880            | 10
    """)
    for one in INDICATORS:
        if one.id != "ogiltig_franvaro":
            assert one.count(rows, pupils)[list(one.breakdowns)].iloc[0].tolist() == ["girl", 8, "lower", True]
