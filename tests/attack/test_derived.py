"""What is made from hidden figures gives them away: means read back, values drawn together, comparisons, similar schools."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kvalitet_lib.statistics.shrinkage import shrink_shares
from tests.attack.drawn import SHARE, YEAR, Drawn, drawn, told


def means(decimals: int) -> Drawn:
    """Nine girls beside sixteen boys; the girls' mean is hidden."""
    boys = 215.123456
    everybody = (16 * boys + 9 * 240.5) / 25
    return drawn(f"""
        unit | group | n  | estimate                  | shown
        a    | all   | 25 | {everybody:.{decimals}f}  | yes
        a    | boy   | 16 | {boys:.{decimals}f}       | yes
        a    | girl  | 9  | 240.5                     | no
    """)


def test_the_mean_of_a_small_group_is_read_back_when_the_others_are_printed_finely(tmp_path):
    found = told(means(3).written(tmp_path / "r"))
    assert found == {"recovered n a girl", "recovered sum a girl", "shown a all", "shown a boy"}


def test_and_is_not_when_they_have_one_decimal(tmp_path):
    """Rounding leaves (25 + 16) x 0.1 points for nine girls: half a point each, more than the tenth a figure is shown with."""
    assert told(means(1).written(tmp_path / "r")) == {"recovered n a girl"}


COUNTS, SIZES = np.array([30.0, 36, 34, 25, 42, 3]), np.array([50.0, 60, 55, 40, 70, 30])


@pytest.mark.parametrize(("drawn_with", "found"), [(6, {"derived f all"}), (5, set())])
def test_values_drawn_towards_a_mean_in_which_a_hidden_school_takes_part_give_it_away(tmp_path, drawn_with, found):
    """School f, hidden, has far fewer who passed than the others."""
    towards = shrink_shares(COUNTS[:drawn_with], SIZES[:drawn_with])
    shrunken = [*np.round(towards, 2)[:5], np.nan]
    rows = ["unit | n | count | shrunken | shown"]
    for unit, n, count, value in zip("abcdef", SIZES, COUNTS, shrunken, strict=True):
        rows.append(f"{unit} | {n:.0f} | {count:.0f} | {'' if unit == 'f' else value} | {'no' if unit == 'f' else 'yes'}")
    assert told(drawn("\n".join(rows), indicator=SHARE).written(tmp_path / "r")) == found


TWO = """
    unit | n  | count | shown
    9001 | 90 | 50    | {municipality}
    a    | 30 | 20    | {a}
    b    | 30 | 15    | no
    c    | 30 | 15    | no
"""
COMPARED = {
    "indicator": SHARE,
    "level": "school",
    "unit": "a",
    "school_year": YEAR,
    "breakdown": "all",
    "group": "all",
    "reference": "municipality",
    "reference_year": YEAR,
}


@pytest.mark.parametrize(
    "said",
    [{"difference": "0.11"}, {"difference_lower": "-0.02"}, {"p_adjusted": "0.04"}, {"verdict": "above"}, {"better": "better"}],
)
def test_a_comparison_that_says_anything_of_a_hidden_figure_gives_it_away(tmp_path, said):
    one = drawn(TWO.format(municipality="yes", a="no"), indicator=SHARE, comparisons=[COMPARED | said])
    assert told(one.written(tmp_path / "r")) == {"derived a all"}


def test_a_comparison_that_says_nothing_gives_nothing_away(tmp_path):
    one = drawn(TWO.format(municipality="yes", a="no"), indicator=SHARE, comparisons=[COMPARED | {"verdict": "too_few"}])
    assert told(one.written(tmp_path / "r")) == set()


@pytest.mark.parametrize("said", [{"reference_estimate": "0.56"}, {"difference": "0.11"}])
def test_a_comparison_with_a_hidden_municipality_gives_the_municipality_away(tmp_path, said):
    one = drawn(TWO.format(municipality="no", a="yes"), indicator=SHARE, comparisons=[COMPARED | said])
    assert told(one.written(tmp_path / "r")) == {"derived 9001 all"}


def test_a_comparison_with_a_hidden_figure_of_the_year_before_gives_that_away(tmp_path):
    rows = """
        unit | school_year | n  | count | shown
        a    | 2023-24     | 30 | 20    | no
        a    | 2024-25     | 30 | 20    | yes
    """
    said = COMPARED | {"reference": "own_earlier", "reference_year": "2023-24", "difference": "0.01"}
    one = drawn(rows, indicator=SHARE, comparisons=[said])
    assert told(one.written(tmp_path / "r")) == {"derived a all"}


@pytest.mark.parametrize(("stated", "found"), [("0.6123", {"recovered count c all"}), ("0.61", set())])
def test_a_reference_with_more_decimals_than_its_figure_tells_the_figure_s_count(tmp_path, stated, found):
    """Of 400, 0.61 is 242 to 246 and 0.6123 is 245 (0.6125): all but c are known, so c is."""
    rows = """
        unit | n   | count | shown
        9001 | 400 | 245   | yes
        a    | 80  | 50    | yes
        b    | 90  | 60    | yes
        d    | 90  | 52    | yes
        e    | 90  | 79    | yes
        c    | 50  | 4     | no
    """
    exactly = {"0.6123": "0.6125"}.get(stated, stated)
    one = drawn(rows, indicator=SHARE, comparisons=[COMPARED | {"reference_estimate": exactly, "verdict": "similar"}])
    assert told(one.written(tmp_path / "r")) & {"recovered count c all"} == found


def test_a_difference_from_another_source_beside_a_hidden_figure_gives_it_away(tmp_path):
    says = {"indicator": SHARE, "level": "school", "unit": "b", "school_year": YEAR, "group": "all", "difference": 0.02}
    one = drawn(TWO.format(municipality="yes", a="yes"), indicator=SHARE)
    assert told(one.written(tmp_path / "r")) == set()
    assert told(replace(one, about={"disagreements": [says]}).written(tmp_path / "s")) == {"derived b all"}


def neighbours(mean_of: list[int]) -> Drawn:
    """Ten schools on a line by their intake; the third is hidden; the first is held against the mean of some of them."""
    count = np.array([30, 32, 10, 34, 36, 38, 28, 31, 33, 35])
    rows = ["indicator | unit | n | count | shown"]
    for place in range(10):
        rows.append(f"foraldrar_eftergymnasial | s{place} | 50 | {5 + 4 * place} | yes")
        rows.append(f"{SHARE} | s{place} | 50 | {count[place]} | {'no' if place == 2 else 'yes'}")
    value = count[mean_of].sum() / (50 * len(mean_of))
    said = COMPARED | {"unit": "s0", "reference": "similar_schools", "reference_estimate": f"{value:.2f}", "verdict": "similar"}
    return drawn("\n".join(rows), comparisons=[said])


@pytest.mark.parametrize(("mean_of", "found"), [([1, 2, 3, 4, 5], {"derived s2 all"}), ([1, 3, 4, 5, 6], set())])
def test_a_mean_of_similar_schools_gives_away_the_hidden_one_among_them(tmp_path, mean_of, found):
    assert told(neighbours(mean_of).written(tmp_path / "r")) == found
