"""Norway: given these days and hours, this absence."""

import pandas as pd

from kvalitet_lib.contracts import Absence, Pupils, column_types
from kvalitet_lib.indicators.no_attendance import INDICATORS
from kvalitet_lib.measure import measure
from tests.whiteboard import table

INDICATOR = {one.id: one for one in INDICATORS}


def absence(drawing: str) -> pd.DataFrame:
    drawn = table(drawing).assign(school="912345678", school_year="2023-24")
    drawn = drawn.assign(period="year") if "period" not in drawn else drawn
    return drawn.reindex(columns=list(column_types(Absence))).astype(column_types(Absence))


def pupils(drawing: str) -> pd.DataFrame:
    drawn = table(drawing).assign(school="912345678", school_year="2023-24")
    return drawn.reindex(columns=list(column_types(Pupils))).astype(column_types(Pupils))


def by_pupil(indicator: str, *tables: pd.DataFrame) -> dict[str, float | None]:
    found = INDICATOR[indicator].count(*tables)
    return {pupil: None if pd.isna(one) else one for pupil, one in zip(found["pupil"], found["numerator"], strict=True)}


def test_days_and_hours_are_counted_apart():
    rows = absence("pupil | absent_days | absent_hours\na | 6 | 5\nb | 0 | 12")
    assert by_pupil("fravaersdager_median", rows) == {"a": 6.0, "b": 0.0}
    assert by_pupil("fravaerstimer_median", rows) == {"a": 5.0, "b": 12.0}


def test_only_year_ten_counts_towards_the_diploma_and_an_unknown_year_group_is_kept():
    rows = absence("pupil | absent_days\na | 6\nb | 9\nc | 3")
    register = pupils("pupil | year_group\na | 10\nb | 9")
    assert by_pupil("fravaersdager_median", rows, register) == {"a": 6.0, "c": 3.0}
    assert by_pupil("fravaersdager_median", rows) == {"a": 6.0, "b": 9.0, "c": 3.0}


def test_months_are_added_up_unless_the_whole_year_is_delivered():
    rows = absence("""
        pupil | period  | absent_days
        a     | 2023-10 | 2
        a     | 2023-11 | 3
        b     | 2023-10 | 2
        b     | year    | 7
        """)
    assert by_pupil("fravaersdager_median", rows) == {"a": 5.0, "b": 7.0}


def test_a_month_without_data_makes_the_year_missing():
    rows = absence("pupil | period | absent_days\na | 2023-10 | 2\na | 2023-11 | -\nb | 2023-10 | 4")
    assert by_pupil("fravaersdager_median", rows) == {"a": None, "b": 4.0}


def test_a_tenth_of_the_year_is_nineteen_days_and_nineteen_is_enough():
    rows = absence("pupil | absent_days | absent_hours\na | 18.5 | 90\nb | 19 | 0\nc | 190 | 0\nd | | 3")
    assert by_pupil("fravaer_10_prosent", rows) == {"a": 0.0, "b": 1.0, "c": 1.0, "d": None}


def test_the_share_with_much_absence_counts_every_year_group():
    rows = absence("pupil | absent_days\na | 20\nb | 20")
    found = INDICATOR["fravaer_10_prosent"].count(rows, pupils("pupil | year_group | sex\na | 10 | girl\nb | 3 | boy"))
    assert found["numerator"].tolist() == [1.0, 1.0]
    assert found["year_group"].tolist() == [10, 3]
    assert found["sex"].tolist() == ["girl", "boy"]


def test_our_own_threshold_says_that_it_is_our_own():
    assert "own rule" in INDICATOR["fravaer_10_prosent"].source


def test_the_median_is_the_middle_pupils_days_however_many_the_last_one_has():
    rows = absence("pupil | absent_days\na | 2\nb | 6\nc | 150")
    assert measure(INDICATOR["fravaersdager_median"], {"absence": rows}).to_frame()["estimate"].tolist() == [6.0]
