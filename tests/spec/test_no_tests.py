"""Norway: given these tests, these scale points and these shares on the lowest levels."""

import pandas as pd
import pytest

from kvalitet_lib.contracts import CONTRACTS, column_types
from kvalitet_lib.indicators.no_tests import INDICATORS
from kvalitet_lib.measure import measure
from tests.whiteboard import table

INDICATOR = {one.id: one for one in INDICATORS}


def sittings(drawing: str) -> pd.DataFrame:
    """Whole tests at one school; where the drawing is silent: reading in year 5, taken."""
    drawn = table(drawing).assign(school="912345678", school_year="2023-24")
    usual = {"year_group": 5, "test": "lesing", "status": "taken"}
    drawn = drawn.assign(**{column: value for column, value in usual.items() if column not in drawn})
    return drawn.reindex(columns=list(column_types(CONTRACTS["tests"]))).astype(column_types(CONTRACTS["tests"]))


def numerators(indicator: str, rows: pd.DataFrame) -> list[float | None]:
    found = INDICATOR[indicator].count(rows)["numerator"]
    return [None if pd.isna(one) else one for one in found]


def test_scale_points_are_those_of_pupils_who_took_the_test():
    rows = sittings("""
        pupil | status | scale_points
        a     | taken  | 38
        b     | absent | -
        c     | exempt | -
        d     | taken  | 51.5
        """)
    assert numerators("np5_lesing", rows) == [38.0, None, None, 51.5]


def test_points_beside_an_absence_are_not_used():
    assert numerators("np5_lesing", sittings("pupil | status | scale_points\na | absent | 44\nb | taken | 50")) == [None, 50.0]


def test_a_school_where_all_were_absent_has_a_group_but_no_figure():
    rows = sittings("pupil | status | scale_points | level\na | absent | | -\nb | absent | | -")
    assert numerators("np5_lesing", rows) == [None, None]
    assert numerators("np5_lesing_niva_1", rows) == [None, None]


@pytest.mark.parametrize(
    ("indicator", "year_group", "expected"),
    [
        ("np5_lesing_niva_1", 5, [1.0, 0.0, 0.0]),
        ("np8_lesing_niva_1_2", 8, [1.0, 1.0, 0.0]),
        ("np9_lesing_niva_1_2", 9, [1.0, 1.0, 0.0]),
    ],
)
def test_the_lowest_level_of_three_and_the_two_lowest_of_five_are_counted(indicator, year_group, expected):
    rows = sittings("pupil | level\na | 1\nb | 2\nc | 3").assign(year_group=pd.array([year_group] * 3, dtype="Int64"))
    assert numerators(indicator, rows) == expected


def test_a_level_is_never_worked_out_from_points():
    assert numerators("np5_lesing_niva_1", sittings("pupil | scale_points | level\na | 35 | -\nb | 60 | 3")) == [None, 0.0]


ALL_TESTS = """
    pupil | year_group | test    | scale_points | level
    a     | 5          | lesing  | 51           | 1
    b     | 5          | regning | 52           | 2
    c     | 5          | engelsk | 53           | 3
    d     | 8          | lesing  | 81           | 2
    e     | 8          | regning | 82           | 3
    f     | 8          | engelsk | 83           | 5
    g     | 9          | lesing  | 91           | 3
    h     | 9          | regning | 92           | 2
    """


@pytest.mark.parametrize(
    ("indicator", "expected"),
    [
        ("np5_lesing", 51.0),
        ("np5_regning", 52.0),
        ("np5_engelsk", 53.0),
        ("np8_lesing", 81.0),
        ("np8_regning", 82.0),
        ("np8_engelsk", 83.0),
        ("np9_lesing", 91.0),
        ("np9_regning", 92.0),
        ("np5_lesing_niva_1", 1.0),
        ("np5_regning_niva_1", 0.0),
        ("np8_lesing_niva_1_2", 1.0),
        ("np8_regning_niva_1_2", 0.0),
        ("np9_lesing_niva_1_2", 0.0),
        ("np9_regning_niva_1_2", 1.0),
    ],
)
def test_each_indicator_counts_its_own_test_and_year_group(indicator, expected):
    assert numerators(indicator, sittings(ALL_TESTS)) == [expected]


def test_a_part_of_a_test_is_not_the_test():
    assert numerators("np5_lesing", sittings("pupil | part | scale_points\na | | 47\na | del_1 | 20")) == [47.0]


def test_a_pupil_of_the_register_whom_the_delivery_leaves_out_is_missing():
    register = table("pupil | year_group | sex\na | 5 | girl\nb | 5 | boy\nc | 6 | boy").assign(
        school="912345678", school_year="2023-24"
    )
    register = register.reindex(columns=list(column_types(CONTRACTS["pupils"]))).astype(column_types(CONTRACTS["pupils"]))
    found = INDICATOR["np5_lesing"].count(sittings("pupil | scale_points\na | 47"), register)
    assert found.set_index("pupil")["numerator"].isna().to_dict() == {"a": False, "b": True}
    assert found["sex"].tolist() == ["girl", "boy"]


@pytest.mark.parametrize("one", INDICATORS, ids=lambda one: one.id)
def test_no_trend_runs_across_the_new_scale_of_autumn_2022(one):
    assert one.breaks["2022-23"] == "nasjonale_prover_ny_skala"


@pytest.mark.parametrize("one", INDICATORS, ids=lambda one: one.id)
def test_counted_rows_hold_every_column_one_may_break_down_by_even_without_a_register(one):
    rows = sittings("pupil | scale_points | level\na | 47 | 2")
    assert set(one.breakdowns) <= set(one.count(rows).columns)


def test_more_pupils_on_the_lowest_levels_is_worse_and_higher_points_are_better():
    assert {one.better.value for one in INDICATORS if one.kind.value == "share"} == {"lower"}
    assert {one.better.value for one in INDICATORS if one.kind.value == "mean"} == {"higher"}


def test_the_share_on_the_lowest_level_is_of_pupils_placed_on_a_level():
    rows = sittings("""
        pupil | status | level
        a     | taken  | 1
        b     | taken  | 2
        c     | taken  | 3
        d     | taken  | 3
        e     | absent | -
        """)
    figure = measure(INDICATOR["np5_lesing_niva_1"], {"tests": rows}).to_frame().iloc[0]
    assert (figure["estimate"], figure["n"], figure["missing"]) == (0.25, 4, pytest.approx(0.2))
