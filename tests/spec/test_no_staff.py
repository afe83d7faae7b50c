"""Norway: given these posts and hours, this group size and this share of qualified staff."""

import pandas as pd
import pytest

from kvalitet_lib.contracts import Staffing, column_types
from kvalitet_lib.indicators.no_staff import INDICATORS
from kvalitet_lib.measure import measure
from tests.whiteboard import table

INDICATOR = {one.id: one for one in INDICATORS}


def staffing(drawing: str) -> pd.DataFrame:
    """Staff of one unit in one year; where the drawing is silent: a school, all years."""
    drawn = table(drawing)
    usual = {"school": "912345678", "school_year": "2023-24", "provision": "school", "year_band": "all"}
    drawn = drawn.assign(**{column: value for column, value in usual.items() if column not in drawn})
    return drawn.reindex(columns=list(column_types(Staffing))).astype(column_types(Staffing))


def total(indicator: str, rows: pd.DataFrame) -> float:
    found = INDICATOR[indicator].count(rows)
    return found["numerator"].sum() / found["denominator"].sum()


def test_group_size_is_hours_received_by_hours_given_over_all_bands():
    rows = staffing("year_band | pupil_hours | teacher_hours\n1-4 | 30000 | 2000\n5-7 | 20000 | 1000")
    found = INDICATOR["gruppestorrelse_2"].count(rows)
    assert dict(zip(found["year_band"], found["numerator"] / found["denominator"], strict=True)) == {"1-4": 15.0, "5-7": 20.0}
    assert total("gruppestorrelse_2", rows) == pytest.approx(50000 / 3000)


def test_bands_and_a_line_for_all_years_are_not_counted_twice():
    rows = staffing("year_band | staff_fte | qualified_fte\n1-4 | 10 | 9\n5-7 | 10 | 10\nall | 20 | 19")
    found = INDICATOR["laerere_med_godkjent_utdanning"].count(rows)
    assert found["denominator"].sum() == 20
    assert found["year_band"].tolist() == ["1-4", "5-7"]


def test_the_line_for_all_years_counts_where_only_it_has_the_figures_and_is_no_band():
    rows = staffing("""
        year_band | staff_fte | qualified_fte | pupil_hours | teacher_hours
        1-4       |           |               | 30000       | 2000
        all       | 20        | 19            |             | -
        """)
    found = INDICATOR["laerere_med_godkjent_utdanning"].count(rows)
    assert (found["numerator"].tolist(), found["denominator"].tolist()) == ([19.0], [20.0])
    assert found["year_band"].isna().all()
    assert INDICATOR["gruppestorrelse_2"].count(rows)["year_band"].tolist() == ["1-4"]


def test_one_school_with_bands_does_not_hide_another_without():
    rows = staffing("""
        school    | year_band | staff_fte | qualified_fte
        912345678 | 1-4       | 10        | 9
        912345678 | all       | 10        | 9
        987654321 | all       | 8         | 8
        """)
    assert INDICATOR["laerere_med_godkjent_utdanning"].count(rows)["denominator"].sum() == 18


def test_no_posts_or_no_answer_is_missing_not_nought():
    rows = staffing("school | staff_fte | qualified_fte\n912345678 | 0 | 0\n987654321 | 5 | -\n911111111 | 4 | 3")
    found = INDICATOR["laerere_med_godkjent_utdanning"].count(rows)
    assert found["numerator"].isna().tolist() == [True, True, False]


def test_nobody_qualified_is_nought():
    assert total("laerere_med_godkjent_utdanning", staffing("staff_fte | qualified_fte\n4 | 0")) == 0


def test_school_barnehage_and_sfo_are_kept_apart():
    rows = staffing("""
        provision    | children | staff_fte | qualified_fte
        school       | 300      | 30        | 27
        preschool    | 54       | 9         | 4
        after_school | 80       | 5         | 1
        """)
    assert total("laerere_med_godkjent_utdanning", rows) == pytest.approx(0.9)
    assert total("barnehage_barn_per_arsverk", rows) == 6
    assert total("barnehage_pedagogisk_utdanning", rows) == pytest.approx(4 / 9)
    assert total("sfo_barn_per_arsverk", rows) == 16


@pytest.mark.parametrize("one", INDICATORS, ids=lambda one: one.id)
def test_counted_rows_hold_every_column_one_may_break_down_by(one):
    assert set(one.breakdowns) <= set(one.count(staffing("staff_fte | qualified_fte\n4 | 0")).columns)


def test_group_size_of_a_school_is_the_ratio_of_all_hours_not_the_mean_of_its_bands():
    rows = staffing("""
        year_band | children | pupil_hours | teacher_hours
        1-4       | 60       | 30000       | 2000
        5-7       | 40       | 20000       | 1000
        """)
    figure = measure(INDICATOR["gruppestorrelse_2"], {"staffing": rows}).to_frame().iloc[0]
    assert figure["estimate"] == pytest.approx(50000 / 3000)
    assert figure["n"] == 100
