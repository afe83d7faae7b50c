"""No small group can be read, nor computed back from the table it stands in."""

from __future__ import annotations

import pandas as pd
import pytest

from kvalitet_lib.disclosure.hide import protect
from tests.disclosure.figures import INDICATORS, INTERNAL, PUBLIC, figures


def shown(drawing: str, audience=PUBLIC) -> list[str]:
    return list(protect(figures(drawing), INDICATORS, audience)["shown"])


def test_nine_pupils_are_too_few_for_the_public_and_ten_are_not():
    drawing = """
        unit     | estimate | n  | count
        ---------+----------+----+------
        90000001 | 0.5      | 10 | 5
        90000002 | 0.5      |  9 | 5
        90000003 | 0.5      |  8 | 4
    """
    assert shown(drawing) == ["yes", "too_few", "too_few"]


def test_an_audience_has_its_own_threshold():
    drawing = """
        unit     | estimate | n  | count
        ---------+----------+----+------
        90000001 | 0.5      | 9  | 4
    """
    assert shown(drawing, INTERNAL) == ["yes"]


def test_survey_answers_keep_the_strict_threshold_for_every_audience():
    drawing = """
        indicator | unit     | estimate | n | count
        ----------+----------+----------+---+------
        calm      | 90000001 | 0.5      | 9 | 4
    """
    assert shown(drawing, INTERNAL) == ["too_few"]


@pytest.mark.parametrize(
    ("count", "told"), [(0, "all_or_none"), (4, "all_or_none"), (5, "yes"), (35, "yes"), (36, "all_or_none"), (40, "all_or_none")]
)
def test_a_sensitive_share_of_nearly_all_or_nearly_none_is_hidden(count, told):
    drawing = f"""
        unit     | estimate      | n  | count
        ---------+---------------+----+------
        90000001 | {count / 40}  | 40 | {count}
        90000002 | {count / 40}  | 40 | {count}
    """
    assert shown(drawing) == [told, told]


def test_a_share_that_is_not_about_persons_may_be_all():
    drawing = """
        indicator | unit     | estimate | n  | count
        ----------+----------+----------+----+------
        qualified | 90000001 | 1.0      | 12 | 12
    """
    assert shown(drawing) == ["yes"]


def test_boys_are_hidden_when_girls_are_too_few_since_the_school_is_shown():
    drawing = """
        unit     | breakdown | group | estimate | n  | count
        ---------+-----------+-------+----------+----+------
        90000001 | all       | all   | 0.5      | 30 | 15
        90000001 | sex       | girl  | 0.5      |  8 | 4
        90000001 | sex       | boy   | 0.5      | 22 | 11
    """
    assert shown(drawing) == ["yes", "too_few", "complement"]


def test_one_hidden_school_takes_the_next_smallest_with_it():
    drawing = """
        unit     | estimate | n  | count
        ---------+----------+----+------
        90000001 | 0.5      |  9 | 4
        90000002 | 0.5      | 60 | 30
        90000003 | 0.5      | 20 | 10
    """
    assert shown(drawing) == ["too_few", "yes", "complement"]


def test_hidden_schools_that_together_are_too_few_take_another_with_them():
    drawing = """
        unit     | estimate | n  | count
        ---------+----------+----+------
        90000001 | 0.5      |  4 | 2
        90000002 | 0.5      |  4 | 2
        90000003 | 0.5      | 20 | 10
        90000004 | 0.5      | 60 | 30
    """
    assert shown(drawing) == ["too_few", "too_few", "complement", "yes"]


def test_what_an_agency_has_published_passes_with_the_agencys_own_marks():
    drawing = """
        unit     | estimate | n  | status    | source             | original
        ---------+----------+----+-----------+--------------------+---------
        90000001 | 0.82     | 9  | exists    | skolverket_export  | 82,0
        90000002 | -        | -  | too_few   | skolverket_export  | ..
        90000003 | -        | 30 | rounded   | skolverket_export  | ~100
        90000004 | -        | -  | missing   | skolverket_export  | .
    """
    assert shown(drawing) == ["yes", "agency", "rounded", "missing"]


def test_nothing_is_left_of_a_hidden_figure():
    drawing = """
        unit     | estimate | lower | upper | n | count
        ---------+----------+-------+-------+---+------
        90000001 | 0.5      | 0.2   | 0.8   | 9 | 4
    """
    row = protect(figures(drawing), INDICATORS, PUBLIC).iloc[0]
    assert row[["estimate", "lower", "upper", "n", "missing", "shrunken"]].isna().all()
    assert "count" not in row


def test_a_share_leaves_as_a_whole_per_cent_so_that_the_count_does_not_follow():
    drawing = """
        unit     | estimate          | lower | upper | n  | count
        ---------+-------------------+-------+-------+----+------
        90000001 | 0.486486486486    | 0.335 | 0.641 | 37 | 18
    """
    row = protect(figures(drawing), INDICATORS, PUBLIC).iloc[0]
    assert row["estimate"] == 0.49


def test_the_order_of_rows_does_not_change_what_is_shown():
    drawing = """
        unit     | breakdown | group | estimate | n  | count
        ---------+-----------+-------+----------+----+------
        90000001 | all       | all   | 0.5      | 30 | 15
        90000001 | sex       | girl  | 0.5      |  8 | 4
        90000001 | sex       | boy   | 0.5      | 22 | 11
        90000002 | all       | all   | 0.5      | 50 | 25
        90000002 | sex       | girl  | 0.5      | 20 | 10
        90000002 | sex       | boy   | 0.5      | 30 | 15
    """
    rows = figures(drawing)
    key = ["unit", "breakdown", "group"]
    one = protect(rows, INDICATORS, PUBLIC).set_index(key)["shown"].sort_index()
    other = protect(rows.sample(frac=1, random_state=3), INDICATORS, PUBLIC).set_index(key)["shown"].sort_index()
    pd.testing.assert_series_equal(one, other)


def test_staff_are_shown_from_three_posts_on():
    drawing = """
        indicator | unit     | estimate | n
        ----------+----------+----------+----
        teachers  | 90000001 | 0.5      | 2.9
        teachers  | 90000002 | 0.5      | 3.0
        teachers  | 90000003 | 0.5      | 2.5
    """
    assert shown(drawing) == ["too_few", "yes", "too_few"]
