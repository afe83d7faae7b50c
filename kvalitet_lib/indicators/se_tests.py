"""Sweden: national tests in years 3, 6 and 9, and how grades relate to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from kvalitet_lib.indicators.background import PUPIL, with_background
from kvalitet_lib.indicators.indicator import Better, Indicator, Kind
from kvalitet_lib.indicators.swedish_grades import GRADES, PASSES, POINTS, grades_set
from kvalitet_lib.indicators.swedish_tests import all_parts_passed, whole_test_grades

PUPILS_OWN = ("sex", "parents_education", "newly_arrived")
# Skolverket's note in the export for 2017/18: papers had leaked, replacement tests were recorded as not taken.
LEAKED = {"2017-18": "leaked_tests", "2018-19": "after_leaked_tests"}
EXPORT = "Skolverket, Resultat nationella prov årskurs {0}, provbetyg per kön"


def _share(better: Better = Better.HIGHER) -> dict[str, Any]:
    return {"kind": Kind.SHARE, "unit": "share", "scale": (0, 1), "sensitive": True, "better": better}


def _of_tests(id: str, year_group: int, rule: str, count: Callable[..., pd.DataFrame], **facts: Any) -> Indicator:
    fixed: dict[str, Any] = {"country": "se", "area": "tests", "needs": ("tests",), "breakdowns": PUPILS_OWN}
    breaks = LEAKED if year_group == 9 else {}
    return Indicator(id=id, rule=rule, count=count, year_group=year_group, breaks=breaks, **(fixed | facts))


def _all_parts(id: str, test: str, kolada: str) -> Indicator:
    def count(tests: pd.DataFrame, pupils: pd.DataFrame | None = None) -> pd.DataFrame:
        passed = all_parts_passed(tests, 3, test).rename(columns={"passed": "numerator"})
        return with_background(passed.assign(denominator=1.0), pupils).assign(year_group=3)

    rule = f"Pupils in year 3 who passed every part of the test {test}, of those who took every part; the others are missing."
    return _of_tests(id, 3, rule, count, **_share(), source=f"Skolverket; Kolada {kolada}")


def _mean_points(id: str, year_group: int, test: str) -> Indicator:
    def count(tests: pd.DataFrame, pupils: pd.DataFrame | None = None) -> pd.DataFrame:
        taken = whole_test_grades(tests, year_group, test)
        return _counted(taken, taken["test_grade"].map(POINTS), year_group, pupils)

    return _of_tests(
        id,
        year_group,
        (
            f"Mean of the grades on the national test {test} in year {year_group}: A 20, B 17.5, C 15, D 12.5, E 10, F 0; pupils "
            "without a test grade are missing."
        ),
        count,
        kind=Kind.MEAN,
        unit="grade_points",
        scale=(0, 20),
        better=Better.HIGHER,
        source=EXPORT.format(year_group),
    )


def _passed(id: str, test: str) -> Indicator:
    def count(tests: pd.DataFrame, pupils: pd.DataFrame | None = None) -> pd.DataFrame:
        taken = whole_test_grades(tests, 9, test)
        return _counted(taken, taken["test_grade"].isin(PASSES).where(taken["test_grade"].notna()), 9, pupils)

    rule = f"Pupils in year 9 with grade A-E on the national test {test}, of those with A-F; without a test grade is missing."
    return _of_tests(id, 9, rule, count, **_share(), source=EXPORT.format(9))


def _grade_beside_test(id: str, test: str, higher: bool, kolada: str) -> Indicator:
    def count(tests: pd.DataFrame, grades: pd.DataFrame, pupils: pd.DataFrame | None = None) -> pd.DataFrame:
        both = _with_both(tests, grades, test)
        step = both["points"] - both["test_grade"].map(POINTS)
        return _counted(both, step.gt(0) if higher else step.lt(0), 9, pupils)

    rule = (
        f"Pupils whose final grade A-F in {test} in year 9 is {'higher' if higher else 'lower'} than their grade on the national "
        "test in the same subject, of those with both; the others are left out."
    )
    return _of_tests(
        id,
        9,
        rule,
        count,
        **_share(Better.NEITHER),
        needs=("tests", "grades"),
        source=f"Skolverket, relation mellan provbetyg och slutbetyg; Kolada {kolada}",
    )


def _with_both(tests: pd.DataFrame, grades: pd.DataFrame, test: str) -> pd.DataFrame:
    final = grades_set(grades, 9)
    final = final.loc[final["subject"].eq(test) & final["grade"].isin(GRADES), [*PUPIL, "points"]]
    return whole_test_grades(tests, 9, test).dropna(subset="test_grade").merge(final, on=PUPIL)


def _counted(rows: pd.DataFrame, value: pd.Series, year_group: int, pupils: pd.DataFrame | None) -> pd.DataFrame:
    counted = rows[[*PUPIL, "sex"]].assign(numerator=value.astype("Float64").astype("float64"), denominator=1.0)
    return with_background(counted, pupils).assign(year_group=year_group)


INDICATORS: tuple[Indicator, ...] = (
    _all_parts("np3_svenska", "SV", "N15450"),
    _all_parts("np3_matematik", "MA", "N15454"),
    _mean_points("np6_svenska", 6, "SV"),
    _mean_points("np6_matematik", 6, "MA"),
    _mean_points("np6_engelska", 6, "EN"),
    _mean_points("np9_svenska", 9, "SV"),
    _mean_points("np9_matematik", 9, "MA"),
    _mean_points("np9_engelska", 9, "EN"),
    _passed("np9_svenska_godkant", "SV"),
    _passed("np9_matematik_godkant", "MA"),
    _passed("np9_engelska_godkant", "EN"),
    _grade_beside_test("hogre_betyg_an_prov_svenska", "SV", True, "N15570"),
    _grade_beside_test("hogre_betyg_an_prov_matematik", "MA", True, "N15572"),
    _grade_beside_test("hogre_betyg_an_prov_engelska", "EN", True, "N15574"),
    _grade_beside_test("lagre_betyg_an_prov_svenska", "SV", False, "N15569"),
    _grade_beside_test("lagre_betyg_an_prov_matematik", "MA", False, "N15571"),
    _grade_beside_test("lagre_betyg_an_prov_engelska", "EN", False, "N15573"),
)
