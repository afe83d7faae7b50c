"""What compare promises, drawn on a whiteboard."""

from __future__ import annotations

import numpy as np
import pytest

from kvalitet_lib.compare import compare
from kvalitet_lib.statistics import wilson
from tests.spec.compare_sheets import EKKOPING, INDICATORS, compared, drawn


def test_a_clear_difference_is_above_or_below_and_a_small_one_similar():
    differences = compared(drawn("""
        indicator | level  | unit | estimate | n
        ----------+--------+------+----------+----
        reached   | school | A    | 0.95     | 100
        reached   | school | B    | 0.60     | 100
        reached   | school | C    | 0.78     | 100
        reached   | nation | SE   | 0.80     | -
    """), "nation").set_index("unit")  # fmt: skip
    assert differences.verdict.to_dict() == {"A": "above", "B": "below", "C": "similar"}
    assert differences.difference["A"] == pytest.approx(0.15)
    assert differences.difference_lower["A"] > 0 > differences.difference_upper["B"]


def test_above_is_better_only_where_more_is_better():
    differences = compared(drawn("""
        indicator | level  | unit | estimate | n
        ----------+--------+------+----------+----
        reached   | school | A    | 0.95     | 100
        absent    | school | A    | 0.95     | 100
        context   | school | A    | 0.95     | 100
        broken    | school | A    | 0.80     | 100
        reached   | nation | SE   | 0.80     | -
        absent    | nation | SE   | 0.80     | -
        context   | nation | SE   | 0.80     | -
        broken    | nation | SE   | 0.80     | -
    """), "nation").set_index("indicator")  # fmt: skip
    assert differences.better.to_dict() == {"reached": "better", "absent": "worse", "context": "neither", "broken": ""}


def test_a_nation_without_uncertainty_is_a_fixed_reference():
    differences = compared(drawn("""
        level  | unit | estimate | n
        -------+------+----------+---
        school | A    | 0.50     | 50
        nation | SE   | 0.80     | -
    """), "nation").iloc[0]  # fmt: skip
    lower, upper = wilson([25], [50])
    assert (differences.difference_lower, differences.difference_upper) == pytest.approx((lower[0] - 0.8, upper[0] - 0.8))


def test_about_100_is_never_taken_as_100():
    differences = compared(drawn("""
        level  | unit | estimate | lower | upper | status
        -------+------+----------+-------+-------+--------
        school | A    |          | 0.97  | 0.99  | rounded
        nation | SE   | 0.80     |       |       | exists
    """), "nation").iloc[0]  # fmt: skip
    assert np.isnan(differences.difference) and differences.verdict == "unknown"
    of_nation = compared(drawn("""
        level  | unit | estimate | lower | upper | status  | n
        -------+------+----------+-------+-------+---------+----
        school | A    | 0.80     |       |       | exists  | 50
        nation | SE   |          | 0.97  | 0.99  | rounded | -
    """), "nation").iloc[0]  # fmt: skip
    assert (of_nation.reference_missing_why, of_nation.verdict) == ("rounded", "unknown")
    assert np.isnan(of_nation.reference_estimate) and np.isnan(of_nation.difference)


@pytest.mark.parametrize("status, verdict", [("too_few", "too_few"), ("secondary", "too_few"), ("missing", "unknown")])
def test_a_hidden_figure_is_too_few_and_a_missing_one_unknown(status: str, verdict: str):
    differences = compared(drawn(f"""
        level  | unit | estimate | n | status
        -------+------+----------+---+-------
        school | A    | -        | - | {status}
        nation | SE   | 0.80     | - | exists
    """), "nation")  # fmt: skip
    assert list(differences.verdict) == [verdict]


def test_a_difference_of_a_figure_without_interval_is_known_but_not_judged():
    differences = compared(drawn("""
        level  | unit | estimate | n
        -------+------+----------+---
        school | A    | 0.10     | -
        nation | SE   | 0.80     | -
    """), "nation").iloc[0]  # fmt: skip
    assert differences.difference == pytest.approx(-0.7)
    assert (differences.verdict, differences.better) == ("unknown", "")


def test_a_nation_of_another_year_is_not_used_silently():
    differences = compared(drawn("""
        level  | unit | school_year | estimate | n
        -------+------+-------------+----------+---
        school | A    | 2023-24     | 0.50     | 50
        nation | SE   | 2022-23     | 0.80     | -
    """), "nation").iloc[0]  # fmt: skip
    assert (differences.reference_missing_why, differences.verdict) == ("no_reference", "unknown")
    assert np.isnan(differences.reference_estimate)


def test_schools_are_compared_with_the_municipality_and_both_with_comparable_municipalities():
    figures = drawn("""
        level        | unit    | estimate | n
        -------------+---------+----------+----
        school       | A       | 0.50     | 50
        municipality | 9001    | 0.70     | 300
        group        | similar | 0.75     | -
    """)
    assert compared(figures, "municipality").unit.tolist() == ["A"]
    assert compared(figures, "municipality").reference_estimate.tolist() == [0.70]
    assert set(compared(figures, "comparable").unit) == {"A", "9001"}
    assert (
        compare(figures, EKKOPING.model_copy(update={"comparable": ""}), INDICATORS)
        .to_frame()
        .query("reference == 'comparable'")
        .empty
    )


def test_girls_are_compared_with_the_nations_girls_where_there_are_such():
    differences = compared(drawn("""
        level  | unit | group | estimate | n
        -------+------+-------+----------+---
        school | A    | all   | 0.70     | 50
        school | A    | girl  | 0.90     | 25
        school | A    | boy   | 0.50     | 25
        nation | SE   | all   | 0.80     | -
        nation | SE   | girl  | 0.85     | -
    """), "nation").set_index("group")  # fmt: skip
    assert differences.reference_estimate.to_dict() == {"all": 0.80, "girl": 0.85}
    assert differences.family_size.to_dict() == {"all": 1, "girl": 1}


def test_own_earlier_is_the_previous_year_that_has_a_figure():
    differences = compared(drawn("""
        school_year | estimate | n  | status
        ------------+----------+----+--------
        2020-21     | 0.30     | 40 | exists
        2021-22     | 0.40     | 40 | exists
        2022-23     | -        | -  | too_few
        2023-24     | 0.90     | 40 | exists
    """), "own_earlier").set_index("school_year")  # fmt: skip
    assert differences.reference_year.dropna().to_dict() == {"2021-22": "2020-21", "2022-23": "2021-22", "2023-24": "2021-22"}
    assert differences.difference["2023-24"] == pytest.approx(0.5)
    assert differences.verdict.to_dict() == {"2020-21": "unknown", "2021-22": "similar", "2022-23": "too_few", "2023-24": "above"}
    assert differences.reference_missing_why["2020-21"] == "no_reference"


def test_own_earlier_keeps_units_indicators_and_groups_apart():
    differences = compared(drawn("""
        indicator | unit | school_year | estimate | n
        ----------+------+-------------+----------+---
        reached   | A    | 2022-23     | 0.30     | 40
        reached   | B    | 2023-24     | 0.40     | 40
        absent    | A    | 2023-24     | 0.50     | 40
    """), "own_earlier")  # fmt: skip
    assert set(differences.reference_missing_why) == {"no_reference"}


def test_a_break_in_the_series_breaks_the_comparison():
    differences = compared(drawn("""
        indicator | school_year | estimate | n
        ----------+-------------+----------+---
        broken    | 2021-22     | 0.90     | 40
        broken    | 2022-23     | 0.90     | 40
        broken    | 2023-24     | 0.10     | 40
        broken    | 2024-25     | 0.10     | 40
    """), "own_earlier").set_index("school_year")  # fmt: skip
    assert differences.reference_missing_why.to_dict() == {
        "2021-22": "no_reference",
        "2022-23": "",
        "2023-24": "break",
        "2024-25": "",
    }
    at_break = differences.loc["2023-24"]
    assert np.isnan(at_break.difference) and np.isnan(at_break.reference_estimate) and at_break.verdict == "unknown"


def test_an_earlier_year_without_interval_is_not_taken_as_certain():
    differences = compared(drawn("""
        school_year | estimate | n
        ------------+----------+---
        2022-23     | 0.10     | -
        2023-24     | 0.90     | 40
    """), "own_earlier").set_index("school_year")  # fmt: skip
    assert differences.verdict["2023-24"] == "unknown"


def test_numbers_of_pupils_are_compared_with_the_past_only():
    figures = drawn("""
        indicator | level  | unit | school_year | estimate | lower | upper
        ----------+--------+------+-------------+----------+-------+------
        pupils    | school | A    | 2022-23     | 200      | 173   | 230
        pupils    | school | A    | 2023-24     | 210      | 182   | 241
        pupils    | nation | SE   | 2023-24     | 1000000  | -     | -
    """)
    assert set(compare(figures, EKKOPING, INDICATORS).to_frame().reference) == {"own_earlier"}


def test_a_family_is_one_unit_one_year_and_one_reference():
    differences = compared(drawn("""
        indicator | level  | unit | school_year | estimate | n
        ----------+--------+------+-------------+----------+---
        reached   | school | A    | 2023-24     | 0.50     | 50
        absent    | school | A    | 2023-24     | 0.50     | 50
        context   | school | A    | 2023-24     | 0.50     | -
        reached   | school | A    | 2022-23     | 0.50     | 50
        reached   | school | B    | 2023-24     | 0.50     | 50
        reached   | nation | SE   | 2023-24     | 0.60     | -
        absent    | nation | SE   | 2023-24     | 0.60     | -
        context   | nation | SE   | 2023-24     | 0.60     | -
        reached   | nation | SE   | 2022-23     | 0.60     | -
    """), "nation")  # fmt: skip
    sizes = differences.set_index(["indicator", "unit", "school_year"]).family_size.to_dict()
    assert sizes == {
        ("reached", "A", "2023-24"): 2, ("absent", "A", "2023-24"): 2, ("context", "A", "2023-24"): 2,
        ("reached", "A", "2022-23"): 1, ("reached", "B", "2023-24"): 1,
    }  # fmt: skip
