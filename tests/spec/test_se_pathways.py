"""Swedish upper secondary school: given these rows, this number."""

from __future__ import annotations

import pandas as pd
import pytest

from kvalitet_lib.indicators.se_pathways import INDICATORS
from tests.whiteboard import table

BY_ID = {one.id: one for one in INDICATORS}
FOLLOWED = table("""
    pupil | school   | school_year | programme | sex  | grade_points | years_since_start | degree
    ------+----------+-------------+-----------+------+--------------+-------------------+-------
    a     | 90012345 | 2024-25     | NA        | girl | 15.5         | 3                 | yes
    b     | 90012345 | 2024-25     | IM        | boy  | -            | 3                 | no
    c     | 90012345 | 2024-25     | EK        | girl | -            | 3                 | -
    d     | 90012345 | 2024-25     | EK        | boy  | 12.0         | 4                 | yes
    e     | 90012345 | 2024-25     | SA        | boy  | -            | 4                 | no
    f     | 90012345 | 2024-25     | SA        | boy  | 9.0          | 3                 | no
""").astype({"years_since_start": "Int64"})


@pytest.mark.parametrize(
    ("indicator", "degrees"),
    [("gymnasieexamen_3_ar", {"a": 1, "b": 0, "f": 0}), ("gymnasieexamen_4_ar", {"d": 1, "e": 0})],
)
def test_degrees_are_counted_among_those_who_began_that_many_years_ago(indicator, degrees):
    counted = BY_ID[indicator].count(FOLLOWED).set_index("pupil").numerator
    assert counted.dropna().to_dict() == degrees


def test_a_beginner_of_whom_no_degree_is_known_or_denied_is_missing():
    counted = BY_ID["gymnasieexamen_3_ar"].count(FOLLOWED)
    assert counted.pupil[counted.numerator.isna()].tolist() == ["c"]
    assert counted.denominator.sum() == 4


def test_betygspoang_gymnasiet_is_the_mean_of_those_with_a_degree_in_their_leaving_year():
    counted = BY_ID["betygspoang_gymnasiet"].count(FOLLOWED).set_index("pupil").numerator
    assert counted.dropna().to_dict() == {"a": 15.5}


def test_betygspoang_gymnasiet_counts_every_pupil_where_neither_degree_nor_years_are_delivered():
    plain = pd.DataFrame(FOLLOWED[["pupil", "school", "school_year", "sex", "grade_points"]]).assign(
        years_since_start=pd.array([pd.NA] * 6, dtype="Int64"), degree=pd.array([pd.NA] * 6, dtype="boolean")
    )
    assert BY_ID["betygspoang_gymnasiet"].count(plain).numerator.dropna().tolist() == [15.5, 12, 9]
