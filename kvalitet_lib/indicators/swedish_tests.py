"""A pupil's result on a Swedish national test: the whole test's grade, and the parts passed in year 3."""

from __future__ import annotations

import pandas as pd

from kvalitet_lib.indicators.background import PUPIL


def whole_test_grades(tests: pd.DataFrame, year_group: int, test: str) -> pd.DataFrame:
    """One row per pupil with the grade A-F on the whole test; empty where there is none.

    A grade on the row of the whole test goes first. Systems that repeat the whole test's grade on the row of each
    part are read too: it is the grade all parts agree on. Parts that differ give no grade of the whole.

    Parameters
    ----------
    tests : DataFrame
        Table ``tests``.
    year_group : int
    test : str
        ``SV``, ``SVA``, ``MA`` or ``EN``.

    Returns
    -------
    DataFrame
        ``pupil, school, school_year, sex, test_grade``; pupils who were absent or exempt are there, without a grade.
    """
    rows = _of_test(tests, year_group, test)
    grade = rows["test_grade"].where(rows["status"].eq("taken"))
    whole = rows["part"].fillna("").eq("")
    keys = [rows[key] for key in PUPIL]
    on_the_whole = grade.where(whole).groupby(keys).first()
    on_parts = grade.mask(whole).groupby(keys)
    agreed = on_parts.first().where(on_parts.nunique().eq(1))
    sex = rows["sex"].groupby(keys).first()
    return pd.DataFrame({"sex": sex, "test_grade": on_the_whole.fillna(agreed)}).reset_index()


def all_parts_passed(tests: pd.DataFrame, year_group: int, test: str) -> pd.DataFrame:
    """One row per pupil and ``passed``: 1.0 or 0.0 for those who took every part their school gave, otherwise empty."""
    rows = _of_test(tests, year_group, test)
    rows = rows.assign(part=rows["part"].fillna(""), result=rows["passed"].where(rows["status"].eq("taken")))
    rows = rows.drop_duplicates([*PUPIL, "part"])
    at_school = [rows["school"], rows["school_year"]]
    in_parts = rows["part"].ne("").groupby(at_school).transform("any")
    rows = rows[rows["part"].ne("") | ~in_parts]
    given = rows.groupby(["school", "school_year"])["part"].nunique().rename("given").reset_index()
    by_pupil = rows.groupby(PUPIL).agg(sex=("sex", "first"), taken=("result", "count"), reached=("result", "sum"))
    by_pupil = by_pupil.reset_index().merge(given, on=["school", "school_year"])
    passed = by_pupil["reached"].eq(by_pupil["taken"]).astype(float)
    return by_pupil[[*PUPIL, "sex"]].assign(passed=passed.where(by_pupil["taken"].eq(by_pupil["given"])))


def _of_test(tests: pd.DataFrame, year_group: int, test: str) -> pd.DataFrame:
    return tests[tests["year_group"].eq(year_group).fillna(False) & tests["test"].eq(test)]
