"""No small group can be read, nor computed back from the table it stands in."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.disclosure.figures import INTERNAL, PUBLIC, figures, leaves


def shown(drawing: str, audience=PUBLIC) -> list[str]:
    return list(leaves(figures(drawing), audience)["shown"])


def test_nine_pupils_are_too_few_for_the_public_and_ten_are_not():
    drawing = """
        unit     | estimate | n  | count
        ---------+----------+----+------
        90000001 | 0.5      | 10 | 5
        90000002 | 0.5      |  9 | 5
        90000003 | 0.5      |  8 | 4
    """
    assert shown(drawing) == ["yes", "protected", "protected"]


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
    assert shown(drawing, INTERNAL) == ["protected"]


@pytest.mark.parametrize(("count", "told"), [(0, "~0"), (4, "~0"), (5, ""), (35, ""), (36, "~100"), (40, "~100")])
def test_a_sensitive_share_that_nearly_all_or_nearly_none_have_is_told_as_a_fifth_of_the_scale(count, told):
    drawing = f"""
        unit     | estimate      | n  | count
        ---------+---------------+----+------
        90000001 | {count / 40}  | 40 | {count}
    """
    row = leaves(figures(drawing)).iloc[0]
    assert (row["original"] if row["shown"] == "rounded" else "") == told
    assert (row["shown"] == "yes") == (told == "")
    if told:
        assert (row["lower"], row["upper"]) == {"~0": (0, 0.2), "~100": (0.8, 1)}[told]
        assert pd.isna(row["estimate"])


def test_in_a_group_where_four_are_more_than_a_fifth_nearly_all_is_hidden():
    drawing = """
        unit     | estimate | n  | count
        ---------+----------+----+------
        90000001 | 0.9      | 19 | 17
        90000002 | 0.9      | 20 | 18
    """
    assert shown(drawing) == ["protected", "rounded"]


def test_a_share_that_is_not_about_persons_may_be_all():
    drawing = """
        indicator | unit     | estimate | n  | count
        ----------+----------+----------+----+------
        qualified | 90000001 | 1.0      | 12 | 12
    """
    assert shown(drawing) == ["yes"]


def test_boys_are_told_as_a_band_when_girls_are_too_few_since_the_school_is_shown():
    drawing = """
        unit     | breakdown | group | estimate | n  | count
        ---------+-----------+-------+----------+----+------
        90000001 | all       | all   | 0.5      | 30 | 15
        90000001 | sex       | girl  | 0.5      |  8 | 4
        90000001 | sex       | boy   | 0.5      | 22 | 11
    """
    told = leaves(figures(drawing))
    assert list(told["shown"]) == ["yes", "protected", "rounded"]
    assert told.loc[2, "original"] == "40–60"
    assert told.loc[1:2, "n"].isna().all(), "the boys' number would give the girls'"


def test_a_school_on_its_own_may_be_hidden_alone_as_no_total_gives_it_away():
    drawing = """
        unit     | estimate | n  | count
        ---------+----------+----+------
        90000001 | 0.5      |  9 | 4
        90000002 | 0.5      | 60 | 30
    """
    assert shown(drawing) == ["protected", "yes"]


def test_beside_a_municipality_a_hidden_school_takes_as_many_others_as_heads_may_pool_and_one_more():
    drawing = """
        level        | unit     | indicator | estimate | n
        -------------+----------+-----------+----------+----
        municipality | 9001     | points    | 200      | 259
        school       | 90000001 | points    | 200      |  9
        school       | 90000002 | points    | 200      | 60
        school       | 90000003 | points    | 200      | 20
        school       | 90000004 | points    | 200      | 50
        school       | 90000005 | points    | 200      | 40
        school       | 90000006 | points    | 200      | 80
    """
    told = shown(drawing)
    assert told[:2] == ["yes", "protected"]
    assert told.count("protected") == 4


def test_in_a_municipality_of_two_schools_the_total_goes_rather_than_one_head_reading_the_other():
    drawing = """
        level        | unit     | indicator | estimate | n
        -------------+----------+-----------+----------+----
        municipality | 9001     | points    | 200      |  69
        school       | 90000001 | points    | 200      |  9
        school       | 90000002 | points    | 200      | 60
    """
    assert shown(drawing)[:2] == ["protected", "protected"]


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
    row = leaves(figures(drawing)).iloc[0]
    assert row[["estimate", "lower", "upper", "n", "missing", "shrunken"]].isna().all()
    assert "count" not in row


def test_a_share_leaves_as_a_whole_per_cent_so_that_the_count_does_not_follow():
    drawing = """
        unit     | estimate          | lower | upper | n  | count
        ---------+-------------------+-------+-------+----+------
        90000001 | 0.486486486486    | 0.335 | 0.641 | 37 | 18
    """
    row = leaves(figures(drawing)).iloc[0]
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
    one = leaves(rows).set_index(key)["shown"].sort_index()
    other = leaves(rows.sample(frac=1, random_state=3).reset_index(drop=True)).set_index(key)["shown"].sort_index()
    pd.testing.assert_series_equal(one, other)


def test_staff_are_shown_from_three_posts_on():
    drawing = """
        indicator | unit     | estimate | n
        ----------+----------+----------+----
        teachers  | 90000001 | 0.5      | 2.9
        teachers  | 90000002 | 0.5      | 3.0
        teachers  | 90000003 | 0.5      | 2.5
    """
    assert shown(drawing) == ["protected", "yes", "protected"]
