"""Swedish national tests: given these rows, this number."""

from __future__ import annotations

import pandas as pd
import pytest

from kvalitet_lib.indicators.se_tests import INDICATORS
from tests.spec.swedish_grade_sheets import straight
from tests.whiteboard import table

BY_ID = {one.id: one for one in INDICATORS}


def drawn_tests(drawing: str, **everyone: object) -> pd.DataFrame:
    """The table ``tests``; columns not drawn are the same for all, or empty."""
    given = {"school": "90012345", "school_year": "2024-25", "status": "taken", "sex": None, "part": None} | everyone
    drawn = table(drawing)
    rows = drawn.assign(**{name: value for name, value in given.items() if name not in drawn})
    rows = rows.reindex(columns=[*rows, *({"test_grade", "passed"} - set(rows))])
    return rows.assign(year_group=rows["year_group"].astype("Int64"), passed=rows["passed"].astype("boolean"))


# np6_svenska, np6_matematik, np6_engelska, np9_svenska, np9_matematik, np9_engelska


@pytest.mark.parametrize(("subject", "test"), [("svenska", "SV"), ("matematik", "MA"), ("engelska", "EN")])
@pytest.mark.parametrize("year_group", [6, 9])
def test_a_test_grade_is_worth_as_many_points_as_a_grade(year_group, subject, test):
    rows = drawn_tests(
        """
        pupil | test_grade
        ------+-----------
        a     | A
        b     | B
        c     | C
        d     | D
        e     | E
        f     | F
        """,
        test=test,
        year_group=year_group,
    )
    other_year = rows.assign(pupil="other", year_group=3)
    other_test = rows.assign(pupil="other", test="SVA")
    counted = BY_ID[f"np{year_group}_{subject}"].count(pd.concat([rows, other_year, other_test]))
    assert counted.numerator.tolist() == [20, 17.5, 15, 12.5, 10, 0]


def test_absent_and_exempt_pupils_are_missing_whatever_grade_is_delivered():
    rows = drawn_tests(
        """
        pupil | status | test_grade
        ------+--------+-----------
        a     | taken  | C
        b     | absent | F
        c     | exempt | -
        """,
        test="MA",
        year_group=9,
    )
    for indicator in ("np9_matematik", "np9_matematik_godkant"):
        assert BY_ID[indicator].count(rows).numerator.isna().tolist() == [False, True, True]


def test_the_grade_of_the_whole_test_is_counted_once_however_it_is_delivered():
    rows = drawn_tests(
        """
        pupil      | part | test_grade
        -----------+------+-----------
        whole_row  | A    | F
        whole_row  | -    | C
        each_part  | A    | C
        each_part  | B    | C
        own_grades | A    | C
        own_grades | B    | D
        """,
        test="MA",
        year_group=9,
    )
    counted = BY_ID["np9_matematik"].count(rows).set_index("pupil").numerator
    assert counted.dropna().to_dict() == {"whole_row": 15, "each_part": 15}
    assert counted.index.tolist() == ["each_part", "own_grades", "whole_row"]


def test_svenska_som_andrasprak_is_another_test_than_svenska():
    rows = drawn_tests("pupil | test_grade\n a | A", test="SVA", year_group=9)
    assert BY_ID["np9_svenska"].count(rows).empty


# np9_svenska_godkant, np9_matematik_godkant, np9_engelska_godkant


@pytest.mark.parametrize(("subject", "test"), [("svenska", "SV"), ("matematik", "MA"), ("engelska", "EN")])
def test_a_to_e_on_the_test_is_a_pass_and_f_is_not(subject, test):
    rows = drawn_tests("pupil | test_grade\n a | A\n e | E\n f | F", test=test, year_group=9)
    assert BY_ID[f"np9_{subject}_godkant"].count(rows).numerator.tolist() == [1, 1, 0]


# np3_svenska, np3_matematik


@pytest.mark.parametrize(("subject", "test"), [("svenska", "SV"), ("matematik", "MA")])
def test_year_three_is_the_share_who_passed_all_parts_of_those_who_took_all_parts(subject, test):
    rows = drawn_tests(
        """
        pupil   | part | status | passed
        --------+------+--------+-------
        all     | A    | taken  | yes
        all     | B    | taken  | yes
        one     | A    | taken  | yes
        one     | B    | taken  | no
        absent  | A    | taken  | yes
        absent  | B    | absent | -
        no_row  | A    | taken  | no
        """,
        test=test,
        year_group=3,
    )
    counted = BY_ID[f"np3_{subject}"].count(rows).set_index("pupil").numerator
    assert counted.dropna().to_dict() == {"all": 1, "one": 0}
    assert set(counted.index[counted.isna()]) == {"absent", "no_row"}


def test_year_three_delivered_as_whole_tests_is_read_as_one_part():
    rows = drawn_tests("pupil | passed\n a | yes\n b | no", test="MA", year_group=3)
    assert BY_ID["np3_matematik"].count(rows).numerator.tolist() == [1, 0]


# hogre_betyg_an_prov_svenska, hogre_betyg_an_prov_matematik, hogre_betyg_an_prov_engelska
# lagre_betyg_an_prov_svenska, lagre_betyg_an_prov_matematik, lagre_betyg_an_prov_engelska


@pytest.mark.parametrize(("subject", "test"), [("svenska", "SV"), ("matematik", "MA"), ("engelska", "EN")])
def test_grades_are_held_against_tests_only_for_pupils_with_both(subject, test):
    rows = drawn_tests(
        """
        pupil    | test_grade
        ---------+-----------
        higher   | D
        lower    | C
        same     | E
        streck   | E
        no_grade | E
        """,
        test=test,
        year_group=9,
    )
    sheets = [
        straight("higher", "C"),
        straight("lower", "D"),
        straight("same", "E"),
        straight("streck", "-"),
        straight("no_test", "A"),
    ]
    grades = pd.concat(sheets, ignore_index=True)
    higher = BY_ID[f"hogre_betyg_an_prov_{subject}"].count(rows, grades).set_index("pupil").numerator.to_dict()
    lower = BY_ID[f"lagre_betyg_an_prov_{subject}"].count(rows, grades).set_index("pupil").numerator.to_dict()
    assert higher == {"higher": 1, "lower": 0, "same": 0}
    assert lower == {"higher": 0, "lower": 1, "same": 0}


def test_a_grade_in_one_subject_is_not_held_against_a_test_in_another():
    rows = drawn_tests("pupil | test_grade\n a | A", test="EN", year_group=9)
    grades = straight("a", "E", ["SV", "MA"])
    assert BY_ID["hogre_betyg_an_prov_engelska"].count(rows, grades).empty


def test_term_grades_are_not_held_against_tests():
    rows = drawn_tests("pupil | test_grade\n a | E", test="MA", year_group=9)
    assert BY_ID["hogre_betyg_an_prov_matematik"].count(rows, straight("a", "A").assign(assessment="term")).empty


def test_test_results_can_be_broken_down_by_what_the_register_knows():
    pupils = table("""
        pupil | school   | school_year | year_group | sex  | parents_education | newly_arrived
        ------+----------+-------------+------------+------+-------------------+--------------
        a     | 90012345 | 2024-25     | 9          | girl | lower             | yes
    """)
    rows = drawn_tests("pupil | test_grade\n a | E", test="MA", year_group=9)
    counted = BY_ID["np9_matematik"].count(rows, pupils=pupils)
    assert counted[list(BY_ID["np9_matematik"].breakdowns)].iloc[0].tolist() == ["girl", "lower", True]


def test_the_series_of_year_nine_tests_is_broken_where_papers_had_leaked():
    assert set(BY_ID["np9_matematik"].breaks) == {"2017-18", "2018-19"}
