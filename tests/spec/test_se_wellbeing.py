"""Skolenkäten: given these rows, this number."""

from __future__ import annotations

import pytest

from kvalitet_lib.indicators.se_wellbeing import INDICATORS
from tests.whiteboard import table

BY_ID = {one.id: one for one in INDICATORS}
ITEMS = {
    "skolenkaten_trygghet": "trygghet",
    "skolenkaten_studiero": "studiero",
    "skolenkaten_stod": "stod",
    "skolenkaten_stimulans": "stimulans",
    "skolenkaten_nojdhet": "nojdhet",
}
ANSWERS = table("""
    respondent | school   | school_year | year_group | respondents | sex  | answer | steps
    -----------+----------+-------------+------------+-------------+------+--------+------
    a          | 90012345 | 2023-24     | 8          | pupil       | girl | 4      | 4
    b          | 90012345 | 2023-24     | 8          | pupil       | girl | 3      | 4
    c          | 90012345 | 2023-24     | 8          | pupil       | boy  | 2      | 4
    d          | 90012345 | 2023-24     | 8          | pupil       | boy  | 1      | 4
    e          | 90012345 | 2023-24     | 5          | pupil       | boy  | -      | 4
    f          | 90012345 | 2023-24     | 5          | guardian    | -    | 1      | 4
    g          | 90012345 | 2023-24     | 5          | staff       | -    | 1      | 4
""")


def test_there_is_one_index_for_each_area():
    assert set(BY_ID) == set(ITEMS)


@pytest.mark.parametrize(("indicator", "item"), ITEMS.items())
def test_four_steps_are_worth_ten_two_thirds_one_third_and_nothing(indicator, item):
    counted = BY_ID[indicator].count(ANSWERS.assign(item=item))
    assert counted.numerator.dropna().tolist() == pytest.approx([10, 20 / 3, 10 / 3, 0])


@pytest.mark.parametrize("indicator", ITEMS)
def test_each_index_reads_its_own_statement_only(indicator):
    assert BY_ID[indicator].count(ANSWERS.assign(item="something_else")).empty


def test_five_steps_are_worth_a_quarter_of_ten_each():
    five = ANSWERS.assign(item="trygghet", steps=5)
    assert BY_ID["skolenkaten_trygghet"].count(five).numerator.dropna().tolist() == [7.5, 5, 2.5, 0]


def test_no_answer_and_dont_know_are_missing():
    counted = BY_ID["skolenkaten_trygghet"].count(ANSWERS.assign(item="trygghet"))
    assert counted.respondent[counted.numerator.isna()].tolist() == ["e"]


def test_guardians_and_staff_are_not_pupils():
    counted = BY_ID["skolenkaten_trygghet"].count(ANSWERS.assign(item="trygghet"))
    assert counted.respondents.unique().tolist() == ["pupil"]


def test_every_index_is_held_to_the_strict_rule_for_surveys():
    assert all(one.survey and one.sensitive for one in INDICATORS)
