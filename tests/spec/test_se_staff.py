"""Swedish staff and early years: given these rows, this number."""

from __future__ import annotations

import pytest

from kvalitet_lib.indicators.indicator import Kind
from kvalitet_lib.indicators.se_staff import INDICATORS
from tests.whiteboard import table

BY_ID = {one.id: one for one in INDICATORS}
STAFFING = table("""
    school   | school_year | provision    | year_band | children | staff_fte | qualified_fte
    ---------+-------------+--------------+-----------+----------+-----------+--------------
    90012345 | 2024-25     | school       | all       | 300      | 25.0      | 20.0
    90012345 | 2024-25     | preschool    | all       | 60       | 12.0      | 5.0
    90012345 | 2024-25     | after_school | all       | 100      | 5.0       | 1.5
    90012346 | 2024-25     | school       | all       | -        | 10.0      | -
    90012347 | 2024-25     | school       | all       | 40       | 0.0       | 0.0
""")


@pytest.mark.parametrize(
    ("indicator", "numerator", "denominator"),
    [
        ("lararbehorighet", 20, 25),
        ("elever_per_larare", 300, 25),
        ("forskola_barn_per_tjanst", 60, 12),
        ("forskola_legitimation", 5, 12),
        ("fritidshem_elever_per_tjanst", 100, 5),
        ("fritidshem_hogskoleutbildning", 1.5, 5),
    ],
)
def test_each_provision_is_counted_by_its_own_posts(indicator, numerator, denominator):
    counted = BY_ID[indicator].count(STAFFING).set_index("school").loc["90012345"]
    assert counted[["numerator", "denominator"]].tolist() == [numerator, denominator]


@pytest.mark.parametrize("indicator", ["lararbehorighet", "elever_per_larare"])
def test_a_unit_without_figures_or_without_posts_is_missing(indicator):
    counted = BY_ID[indicator].count(STAFFING).set_index("school")
    assert counted.numerator.isna().to_dict() == {"90012345": False, "90012346": True, "90012347": True}
    assert counted.denominator.isna().equals(counted.numerator.isna())


def test_qualified_posts_are_a_share_and_children_per_post_a_ratio():
    assert {one.id for one in INDICATORS if one.kind is Kind.SHARE} == {
        "lararbehorighet",
        "forskola_legitimation",
        "fritidshem_hogskoleutbildning",
    }
    assert all(one.kind in (Kind.SHARE, Kind.RATIO) for one in INDICATORS)
