"""What an analysis is handed: columns that are there, complete rows counted, formulas that fit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kvalitet_lib.analyses.rows import complete, design, need_columns, variables_of
from kvalitet_lib.errors import ContractError
from tests.whiteboard import table

PUPILS = table("""
    pupil | school | school_year | score | prior | sex
    ------+--------+-------------+-------+-------+-----
    p1    | A      | 2023-24     | 10    | 1     | girl
    p2    | A      | 2023-24     | 12    |       | boy
    p3    | B      | 2024-25     |       | 2     | girl
    p4    | B      | 2024-25     | 14    | 3     | boy
    p5    |        | 2024-25     | 15    | 4     | girl
""")


def test_rows_that_lack_something_are_left_out_and_counted_by_what_they_lack():
    rows = complete(PUPILS, ["score", "prior"], "value_added", school="school", pupil="pupil", school_year="school_year")
    assert rows.frame["pupil"].tolist() == ["p1", "p4"]
    basis = rows.basis
    assert (basis.rows, basis.schools, basis.pupils, basis.school_years) == (2, 2, 2, ("2023-24", "2024-25"))
    assert basis.missing == pytest.approx(0.6)
    assert basis.left_out == {"score": 1, "prior": 1, "school": 1}


def test_a_number_without_end_counts_as_missing():
    rows = complete(pd.DataFrame({"score": [1.0, np.inf, 3.0]}, index=[7, 7, 7]), ["score"], "trend")
    assert rows.frame["score"].tolist() == [1.0, 3.0]


def test_a_missing_column_is_named_with_those_that_are_there():
    with pytest.raises(ContractError, match=r"needs the column 'parents', which the frame does not have\. It has: pupil, school"):
        need_columns(PUPILS, ["score", "parents"], "value_added")


def test_the_columns_of_a_formula_are_known_before_it_is_used():
    assert variables_of("score ~ prior + C(sex) + np.log(prior)", "value_added") == ["score", "prior", "sex"]


@pytest.mark.parametrize("formula", ["score", "~ prior", "score ~ ((", "score + prior ~ sex"])
def test_what_is_no_formula_with_one_outcome_is_refused(formula):
    with pytest.raises(ContractError, match="value_added"):
        variables_of(formula, "value_added")


def test_a_text_as_outcome_is_refused_without_quoting_a_cell():
    with pytest.raises(ContractError, match="value_added") as refused:
        design("sex ~ prior", PUPILS.dropna(), "value_added")
    assert "girl" not in str(refused.value)


def test_a_factor_that_does_not_vary_or_that_others_already_say_is_named():
    frame = pd.DataFrame({"y": [1.0, 2, 3, 5], "x": [1.0, 2, 4, 3], "same": 1.0, "twice": [2.0, 4, 8, 6]})
    assert design("y ~ x + same", frame, "trend").flat == ("same",)
    assert design("y ~ x + twice", frame, "trend").flat == ("twice",)
    assert design("y ~ x", frame, "trend").flat == ()
    assert design("y ~ x", frame, "trend").terms == ("Intercept", "x")
