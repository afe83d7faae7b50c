"""Norway: given these marks, these points."""

import pandas as pd
import pytest

from kvalitet_lib.contracts import Grades, Pupils, column_types
from kvalitet_lib.indicators.no_results import INDICATORS
from kvalitet_lib.measure import measure
from tests.whiteboard import table

INDICATOR = {one.id: one for one in INDICATORS}
COMPUTED = [one for one in INDICATORS if one.count]


def grades(drawing: str) -> pd.DataFrame:
    """Marks of one school; where the drawing is silent: year 10, final marks, nothing stated."""
    drawn = table(drawing).assign(school="912345678", school_year="2023-24")
    usual = {"year_group": 10, "assessment": "final"}
    drawn = drawn.assign(**{column: value for column, value in usual.items() if column not in drawn})
    drawn["grade"] = drawn["grade"].astype("str")
    return drawn.reindex(columns=list(column_types(Grades))).astype(column_types(Grades))


def marks_of_one_pupil(*marks: str) -> pd.DataFrame:
    rows = "\n".join(f"a | SUB{number} | {mark}" for number, mark in enumerate(marks))
    return grades(f"pupil | subject | grade\n{rows}")


def pupils(drawing: str) -> pd.DataFrame:
    drawn = table(drawing).assign(school="912345678", school_year="2023-24")
    return drawn.reindex(columns=list(column_types(Pupils))).astype(column_types(Pupils))


def points(rows: pd.DataFrame, register: pd.DataFrame | None = None) -> dict[str, float]:
    counted = INDICATOR["grunnskolepoeng"].count(rows, register)
    return dict(zip(counted["pupil"], counted["numerator"], strict=True))


def test_points_are_the_mean_of_all_marks_times_ten():
    assert points(marks_of_one_pupil("4", "5", "3", "4")) == {"a": 40.0}


def test_the_mean_is_rounded_to_two_decimals_before_it_is_multiplied():
    # 25 / 6 = 4.1667 → 4.17 → 41.7
    assert points(marks_of_one_pupil("4", "4", "4", "4", "4", "5")) == {"a": 41.7}


def test_a_mean_halfway_between_two_hundredths_is_rounded_upwards():
    # 33 / 8 = 4.125 → 4.13
    assert points(marks_of_one_pupil("4", "4", "4", "4", "4", "4", "4", "5")) == {"a": 41.3}


def test_exam_marks_weigh_as_much_as_final_marks():
    rows = grades("""
        pupil | subject | grade | assessment
        a     | NOR1267 | 4     | final
        a     | MAT0015 | 4     | final
        a     | MAT0015 | 5     | exam_written
        a     | NOR1269 | 3     | exam_oral
        """)
    assert points(rows) == {"a": 40.0}


def test_half_of_the_subjects_without_a_mark_still_gives_points():
    assert points(marks_of_one_pupil("5", "5", "IV", "IV")) == {"a": 50.0}


def test_more_than_half_of_the_subjects_without_a_mark_gives_none_and_is_missing():
    found = INDICATOR["grunnskolepoeng"].count(marks_of_one_pupil("5", "5", "IV", "IV", "IV"))
    assert found["numerator"].isna().all()
    assert found["denominator"].tolist() == [1.0]


def test_an_exam_in_a_subject_is_not_one_more_subject():
    # Two subjects of five have a mark; the exam must not make it three marks of six.
    rows = pd.concat(
        [
            marks_of_one_pupil("5", "5", "IV", "IV", "IV"),
            grades("pupil | subject | grade | assessment\na | SUB0 | 5 | exam_written"),
        ]
    )
    assert pd.isna(points(rows)["a"])


def test_an_exam_in_a_subject_does_not_make_the_missing_ones_weigh_more():
    # Two subjects of four have a mark: half, and so enough.
    exam = grades("pupil | subject | grade | assessment\na | SUB0 | IV | exam_oral")
    assert points(pd.concat([marks_of_one_pupil("5", "5", "IV", "IV"), exam])) == {"a": 50.0}


def test_exemption_is_neither_a_mark_nor_a_missing_one():
    # Of three subjects that count, two have a mark; with FRI as missing it would be two of five.
    assert points(marks_of_one_pupil("3", "4", "IV", "FRI", "FRI")) == {"a": 35.0}


def test_term_marks_and_other_year_groups_do_not_count():
    rows = grades("""
        pupil | subject | grade | assessment | year_group
        a     | NOR1267 | 4     | final      | 10
        a     | NOR1267 | 2     | term       | 10
        b     | NOR1267 | 6     | final      | 9
        """)
    assert points(rows) == {"a": 40.0}


def test_points_stated_by_the_delivering_system_go_before_ours():
    rows = grades("""
        pupil | subject | grade | stated_points
        a     | NOR1267 | 1     | 30.55
        a     | MAT0015 | 2     | 30.55
        b     | NOR1267 | 3     | -
        """)
    assert points(rows) == {"a": 30.55, "b": 30.0}


def test_stated_points_of_zero_mean_that_none_were_calculated():
    rows = grades("pupil | subject | grade | stated_points\na | NOR1267 | 5 | 0.0\nb | NOR1267 | 4 | 42.5")
    assert pd.isna(points(rows)["a"])
    assert points(rows)["b"] == 42.5


def test_a_pupil_of_the_register_without_any_mark_is_missing():
    register = pupils("pupil | year_group | sex\na | 10 | girl\nb | 10 | boy\nc | 9 | boy")
    found = INDICATOR["grunnskolepoeng"].count(marks_of_one_pupil("4", "4"), register)
    assert found.set_index("pupil")["numerator"].isna().to_dict() == {"a": False, "b": True}
    assert found.set_index("pupil")["sex"].to_dict() == {"a": "girl", "b": "boy"}


def test_breakdowns_come_from_the_register_unless_the_delivery_says_them():
    register = pupils("""
        pupil | year_group | sex  | parents_education | newly_arrived | second_language
        a     | 10         | girl | higher            | no            | yes
        """)
    rows = grades("pupil | subject | grade | sex\na | NOR1267 | 4 | boy")
    found = INDICATOR["grunnskolepoeng"].count(rows, register).iloc[0]
    assert (found["sex"], found["parents_education"], found["newly_arrived"], found["second_language"]) == (
        "boy",
        "higher",
        False,
        True,
    )


@pytest.mark.parametrize("one", COMPUTED, ids=lambda one: one.id)
def test_counted_rows_hold_every_column_one_may_break_down_by_even_without_a_register(one):
    delivery = pupils("pupil | year_group\na | 10") if one.needs == ("pupils",) else marks_of_one_pupil("4")
    assert set(one.breakdowns) <= set(one.count(delivery).columns)


def test_a_subject_mark_is_the_mean_of_the_pupils_marks_in_that_subject():
    rows = grades("""
        pupil | subject | grade | assessment
        a     | NOR1267 | 4     | final
        a     | NOR1268 | 3     | final
        a     | MAT0015 | 6     | final
        a     | NOR1267 | 1     | exam_written
        b     | NOR1267 | 5     | final
        """)
    found = INDICATOR["standpunkt_norsk"].count(rows)
    assert found["numerator"].tolist() == [3.5, 5.0]


def test_exam_marks_are_those_of_written_and_oral_exams_only():
    rows = grades("""
        pupil | subject | grade | assessment
        a     | MAT0015 | 6     | final
        a     | MAT0015 | 4     | exam_written
        b     | MAT0015 | 3     | exam_oral
        c     | MAT0015 | 5     | final
        """)
    found = INDICATOR["eksamen_matematikk"].count(rows)
    assert dict(zip(found["pupil"], found["numerator"], strict=True)) == {"a": 4.0, "b": 3.0}


@pytest.mark.parametrize(
    ("indicator", "mark"),
    [
        ("standpunkt_norsk", 1.0),
        ("standpunkt_matematikk", 2.0),
        ("standpunkt_engelsk", 3.0),
        ("eksamen_norsk", 4.0),
        ("eksamen_matematikk", 5.0),
        ("eksamen_engelsk", 6.0),
    ],
)
def test_a_subject_is_known_by_the_beginning_of_its_code(indicator, mark):
    rows = grades("""
        pupil | subject | grade | assessment
        a     | NOR1267 | 1     | final
        a     | MAT0015 | 2     | final
        a     | ENG0012 | 3     | final
        a     | NOR1269 | 4     | exam_oral
        a     | MAT0015 | 5     | exam_written
        a     | ENG0013 | 6     | exam_oral
        a     | SAF0010 | 1     | final
        """)
    assert INDICATOR[indicator].count(rows)["numerator"].tolist() == [mark]


def test_iv_in_a_subject_is_missing_and_exemption_is_left_out():
    found = INDICATOR["standpunkt_engelsk"].count(grades("pupil | subject | grade\na | ENG0012 | IV\nb | ENG0012 | FRI"))
    assert found["pupil"].tolist() == ["a"]
    assert found["numerator"].isna().all()


def test_unknown_background_is_missing_not_a_no():
    register = pupils("""
        pupil | year_group | parents_education | newly_arrived
        a     | 8          | higher            | yes
        b     | 8          | lower             | no
        c     | 8          | upper_secondary   | no
        d     | 8          |                   | -
        """)
    for one in ("foreldre_hoyere_utdanning", "nyankomne"):
        found = INDICATOR[one].count(register)["numerator"]
        assert found.tolist()[:3] == [1.0, 0.0, 0.0]
        assert pd.isna(found.iloc[3])


def test_every_pupil_of_the_register_is_counted_once():
    assert INDICATOR["antall_elever"].count(pupils("pupil | year_group\na | 1\nb | 10"))["numerator"].sum() == 2


def test_exam_free_years_stand_between_two_breaks():
    assert list(INDICATOR["grunnskolepoeng"].breaks) == ["2019-20", "2022-23"]
    assert INDICATOR["standpunkt_norsk"].breaks == {}


def test_skolebidrag_exists_only_as_published():
    assert INDICATOR["skolebidrag"].count is None


def test_the_mean_is_over_pupils_with_points_and_says_how_many_have_none():
    rows = grades("""
        pupil | subject | grade
        a     | NOR1267 | 4
        b     | NOR1267 | 5
        c     | NOR1267 | IV
        """)
    figure = measure(INDICATOR["grunnskolepoeng"], {"grades": rows}).to_frame().iloc[0]
    assert (figure["estimate"], figure["n"]) == (45.0, 2)
    assert figure["missing"] == pytest.approx(1 / 3)


def test_pupils_are_counted_by_school_and_year_group():
    register = pupils("pupil | year_group\na | 1\nb | 1\nc | 2")
    figures = measure(INDICATOR["antall_elever"], {"pupils": register}, by=("school", "year_group")).to_frame()
    assert dict(zip(figures["year_group"], figures["estimate"], strict=True)) == {1: 2, 2: 1}
