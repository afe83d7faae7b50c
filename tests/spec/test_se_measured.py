"""From Swedish rows to a figure: one indicator of each kind, measured for the school."""

from __future__ import annotations

import pandas as pd
import pytest

from kvalitet_lib.measure import measure
from tests.spec.swedish_grade_sheets import straight
from tests.whiteboard import table

SHEETS = [straight("a", "A", M2="A"), straight("b", "E"), straight("c", "E", MA="F"), straight("d", "F")]
GRADES = pd.concat(SHEETS, ignore_index=True)


def figure(indicator: str, **tables: pd.DataFrame) -> pd.Series:
    return measure(indicator, tables).to_frame().iloc[0]


def test_a_share_counts_pupils_without_any_pass_and_a_mean_leaves_them_out():
    eligible = figure("behorighet_yrkesprogram", grades=GRADES)
    merit = figure("meritvarde", grades=GRADES)
    assert (eligible.estimate, eligible.n, eligible.missing) == (0.5, 4, 0)
    assert (merit.estimate, merit.n, merit.missing) == (pytest.approx((340 + 160 + 150) / 3), 3, 0)


def test_pupils_per_teacher_are_all_pupils_over_all_posts():
    staffing = table("""
        school   | school_year | provision | year_band | children | staff_fte | qualified_fte
        ---------+-------------+-----------+-----------+----------+-----------+--------------
        90012345 | 2024-25     | school    | all       | 300      | 25.0      | 20.0
    """)
    assert figure("elever_per_larare", staffing=staffing).estimate == 12
    assert figure("lararbehorighet", staffing=staffing).estimate == 0.8


def test_the_number_of_pupils_is_a_count():
    pupils = table("""
        pupil | school   | school_year | year_group | sex  | parents_education | newly_arrived
        ------+----------+-------------+------------+------+-------------------+--------------
        a     | 90012345 | 2024-25     | 1          | girl | higher            | no
        b     | 90012345 | 2024-25     | 9          | boy  | -                 | -
    """)
    assert figure("antal_elever", pupils=pupils).estimate == 2
    assert figure("foraldrar_eftergymnasial", pupils=pupils).missing == 0.5


def test_absence_without_leave_is_a_share_of_hours_but_rests_on_pupils():
    absence = table("""
        pupil | school   | school_year | period | possible_hours | absent_hours | unexcused_hours
        ------+----------+-------------+--------+----------------+--------------+----------------
        a     | 90012345 | 2024-25     | year   | 300            | 60           | 30
        b     | 90012345 | 2024-25     | year   | 100            | 2            | 0
    """)
    without_leave = figure("ogiltig_franvaro", absence=absence)
    assert (without_leave.estimate, without_leave.n) == (pytest.approx(30 / 400), 2)
    assert figure("franvaro_20", absence=absence).estimate == 0.5
