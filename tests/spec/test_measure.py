"""What measure promises of one indicator, drawn on a whiteboard."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kvalitet_lib.errors import ContractError
from kvalitet_lib.indicators import Indicator, Kind, indicator
from kvalitet_lib.measure import Measurement, measure
from kvalitet_lib.statistics import garwood, student_t, wilson
from tests.spec.measure_sheets import (
    ASVALLEN,
    EKBACKEN,
    FACTS,
    PUPILS,
    SCHOOLS,
    children_per_post,
    days,
    hours,
    number,
    points,
    reached,
    salsa,
    teaching_group,
)
from tests.whiteboard import table


def at(measurement: Measurement, column: str = "estimate") -> dict[tuple[str, str], float]:
    return measurement.to_frame().set_index(["school", "school_year"])[column].to_dict()


def test_who_belongs_to_the_group_without_data_is_missing_and_enters_no_figure():
    figure = measure(reached, {"pupils": PUPILS}).to_frame().iloc[0]
    assert (figure.estimate, figure.n, figure["count"], figure.missing, figure.status) == (0.5, 4, 2, 0.2, "exists")


def test_a_group_without_any_data_has_no_figure_and_says_so():
    silent = PUPILS.assign(goal=pd.array([None] * len(PUPILS), dtype="boolean"))
    figure = measure(reached, {"pupils": silent}).to_frame().iloc[0]
    assert np.isnan(figure.estimate) and np.isnan(figure.lower)
    assert (figure.n, figure.missing, figure.status) == (0, 1.0, "missing")


def test_columns_are_the_indicator_what_one_grouped_by_and_the_figure():
    frame = measure(reached, {"pupils": PUPILS}, by=["school", "sex"]).to_frame()
    assert list(frame) == [
        "indicator", "school", "sex", "school_year", "estimate", "lower", "upper", "n", "count", "largest", "missing", "method",
        "status",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "measured, method",
    [(reached, "wilson"), (points, "t"), (days, "order"), (number, "garwood")],
    ids=lambda one: getattr(one, "id", one),
)
def test_each_kind_has_its_own_interval(measured: Indicator, method: str):
    assert set(measure(measured, {"pupils": PUPILS}).to_frame().method) == {method}


def test_a_share_has_wilsons_interval_at_the_level_asked_for():
    figure = measure(reached, {"pupils": PUPILS}, level=0.9).to_frame().iloc[0]
    assert (figure.lower, figure.upper) == pytest.approx(tuple(float(bound[0]) for bound in wilson([2], [4], 0.9)))


def test_a_mean_has_students_interval():
    four = measure(points, {"pupils": PUPILS}).to_frame().iloc[0]
    lower, upper = student_t([21.25], [np.std([10, 20, 30, 25], ddof=1)], [4])
    assert (four.lower, four.upper) == pytest.approx((lower[0], upper[0]))


def test_a_mean_of_one_pupil_is_a_figure_without_interval():
    figure = measure(points, {"pupils": PUPILS}).to_frame().set_index("school_year").loc["2024-25"]
    assert figure.estimate == 12 and np.isnan([figure.lower, figure.upper]).all()


def test_means_and_medians_are_over_pupils():
    assert at(measure(points, {"pupils": PUPILS}))[(EKBACKEN, "2023-24")] == pytest.approx(21.25)
    assert at(measure(days, {"pupils": PUPILS}))[(EKBACKEN, "2023-24")] == pytest.approx(22.5)


def test_a_share_of_hours_counts_pupils_not_hours():
    absence = table(f"""
        pupil | school     | school_year | absent_hours | possible_hours
        ------+------------+-------------+--------------+---------------
        a     | {EKBACKEN} | 2023-24     | 50           | 100
        b     | {EKBACKEN} | 2023-24     | 0            | 300
        c     | {EKBACKEN} | 2023-24     |              | 300
    """)
    figure = measure(hours, {"absence": absence}).to_frame().iloc[0]
    assert (figure.estimate, figure.n, figure.missing) == (0.125, 2, pytest.approx(1 / 3))
    assert np.isnan(figure["count"]), "hours are no count of pupils"
    assert figure.upper > 0.5, "two pupils say little"


def test_a_share_of_hours_tells_the_gate_how_much_of_it_two_pupils_carry():
    absence = table("""
        pupil | school     | school_year | absent_hours | possible_hours
        ------+------------+-------------+--------------+---------------
        a     | 1001       | 2024-25     | 60           | 100
        b     | 1001       | 2024-25     | 30           | 100
        c     | 1001       | 2024-25     | 10           | 100
        d     | 1001       | 2024-25     |  0           | 100
    """)
    assert measure(hours, {"absence": absence}).to_frame().iloc[0]["largest"] == 0.9


def test_a_ratio_is_as_uncertain_as_the_number_of_children_behind_it_whatever_it_is_counted_in():
    staffing = table(f"""
        school     | school_year | children | staff_fte
        -----------+-------------+----------+----------
        {EKBACKEN} | 2023-24     | 120      | 10.5
    """)
    bounds = tuple(float(bound[0]) for bound in garwood([120], [10.5]))
    for measured in (children_per_post, teaching_group):
        figure = measure(measured, {"staffing": staffing}).to_frame().iloc[0]
        assert (figure.estimate, figure.n) == (pytest.approx(120 / 10.5), 120)
        assert (figure.lower, figure.upper) == pytest.approx(bounds)


def test_a_pupil_who_moved_counts_at_both_schools_but_once_in_the_municipality():
    counted = at(measure(number, {"pupils": PUPILS}))
    assert (counted[(EKBACKEN, "2023-24")], counted[(ASVALLEN, "2023-24")]) == (5, 2)
    whole = measure(number, {"pupils": PUPILS, "schools": SCHOOLS}, by=["municipality"]).to_frame()
    assert whole.set_index(["municipality", "school_year"]).estimate.to_dict() == {("9001", "2023-24"): 6, ("9001", "2024-25"): 1}


def test_a_pupil_who_moved_to_another_municipality_counts_in_both():
    elsewhere = SCHOOLS.assign(municipality=["9001", "9002", "9001"])
    whole = measure(number, {"pupils": PUPILS, "schools": elsewhere}, by=["municipality"]).to_frame()
    assert whole.query("school_year == '2023-24'").set_index("municipality").estimate.to_dict() == {"9001": 5, "9002": 2}


def test_the_municipality_is_the_one_the_school_lay_in_that_year():
    moved = table(f"""
        school     | municipality | owner_type | valid_from | valid_to
        -----------+--------------+------------+------------+---------
        {ASVALLEN} | 9001         | municipal  |            | 2023-24
        {ASVALLEN} | 9002         | municipal  | 2024-25    | -
        {EKBACKEN} | 9001         | municipal  |            | -
    """)
    whole = measure(number, {"pupils": PUPILS, "schools": moved}, by=["municipality"]).to_frame()
    assert set(zip(whole.municipality, whole.school_year, strict=True)) == {("9001", "2023-24"), ("9002", "2024-25")}


def test_a_school_the_register_does_not_know_is_an_error_that_says_what_to_load():
    with pytest.raises(ContractError, match=r"1 school in that year: 90010002 in 2024-25.\n.*kvalitet load schools FILE"):
        measure(number, {"pupils": PUPILS, "schools": SCHOOLS.assign(valid_to="2023-24")}, by=["municipality"])


def test_a_table_that_is_not_there_is_an_error_that_says_what_to_load():
    with pytest.raises(
        ContractError, match=r"Cannot measure 'hours': the store has no table absence.\nLoad it with:  kvalitet load absence FILE"
    ):
        measure(hours, {"pupils": PUPILS})


def test_a_table_the_function_can_do_without_is_given_when_there():
    @indicator(kind=Kind.COUNT, unit="persons", needs=("pupils",), **FACTS)
    def with_option(pupils: pd.DataFrame, schools: pd.DataFrame | None = None) -> pd.DataFrame:
        """Pupils, or schools."""
        return pupils.assign(numerator=float(schools is not None), denominator=1.0)

    assert measure(with_option, {"pupils": PUPILS}).to_frame().estimate.sum() == 0
    assert measure(with_option, {"pupils": PUPILS, "schools": SCHOOLS}).to_frame().estimate.sum() > 0


def test_one_cannot_measure_by_what_the_indicator_does_not_offer():
    with pytest.raises(
        ContractError, match=r"cannot be measured by class_name\. It can be measured by: school, municipality, sex"
    ):
        measure(reached, {"pupils": PUPILS}, by=["class_name"])


def test_an_indicator_only_agencies_can_compute_says_so():
    with pytest.raises(ContractError, match="only as an agency publishes it"):
        measure(salsa, {"pupils": PUPILS})


def test_no_pupil_is_in_what_a_measurement_prints():
    assert repr(measure(points, {"pupils": PUPILS})) == "Measurement(3 figures, 0 disagreements between sources)"
