"""What a school's reference of similar schools is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kvalitet_lib.compare import nearest_schools
from kvalitet_lib.measure.measurement import in_long_form
from kvalitet_lib.statistics import wilson
from tests.spec.compare_sheets import compared


def many_schools(outcomes: dict[str, float], n: int = 40) -> pd.DataFrame:
    """Schools whose intake grows by their place in the mapping, each with an outcome."""
    rows = [
        {"indicator": id, "unit": school, "estimate": value, "n": n}
        for place, (school, outcome) in enumerate(outcomes.items())
        for id, value in (("parents", place / 10), ("reached", outcome))
    ]
    lower, upper = wilson([row["estimate"] * n for row in rows], np.full(len(rows), n))
    figures = pd.DataFrame(rows).assign(
        level="school", school_year="2023-24", breakdown="all", group="all", status="exists", method="wilson"
    )
    return in_long_form(figures.assign(lower=lower, upper=upper))


def test_similar_schools_are_the_five_with_the_nearest_intake():
    outcomes = {"A": 0.9, "B": 0.5, "C": 0.5, "D": 0.5, "E": 0.5, "F": 0.5, "G": 0.0}
    differences = compared(many_schools(outcomes), "similar_schools").set_index("unit")
    assert set(differences.index) == set(outcomes)
    assert differences.reference_estimate["A"] == pytest.approx(0.5), "G, the least alike, is not among them"
    assert differences.verdict["A"] == "above"
    assert set(compared(many_schools(outcomes), "similar_schools").indicator) == {"reached"}, "intake is not held against intake"


def test_similar_schools_weigh_by_their_pupils():
    figures = many_schools({"A": 0.9, "B": 0.0, "C": 1.0, "D": 1.0, "E": 1.0, "F": 1.0})
    figures["n"] = figures.n.mask(figures.unit.eq("B"), 160)
    assert compared(figures, "similar_schools").set_index("unit").reference_estimate["A"] == pytest.approx(0.5)


def test_five_schools_cannot_have_five_similar_ones():
    differences = compared(many_schools(dict.fromkeys("ABCDE", 0.5)), "similar_schools")
    assert set(differences.reference_missing_why) == {"no_reference"}


def test_without_intake_no_schools_are_called_similar():
    figures = many_schools(dict.fromkeys("ABCDEFG", 0.5)).query("indicator == 'reached'")
    assert compared(figures, "similar_schools").empty


def test_nearest_schools_are_named_by_code_nearest_first():
    intake = pd.DataFrame({"parents": [0.1, 0.2, 0.5], "new": [0.0, 0.0, 0.1]}, index=["A", "B", "C"])
    assert nearest_schools(intake, 2).loc["A"].tolist() == ["B", "C"]
