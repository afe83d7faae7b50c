"""From the columns of a delivery to the rows of its table, and what must hold between columns."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from kvalitet_lib.sources.local_columns import Broken

LAST_YEAR_GROUP_SE = 9
MONTHS_BEFORE_JULY = 6
HIGHEST_LEVEL = {5: 3, 8: 5, 9: 5}


def column_or(rows: pd.DataFrame, name: str, dtype: str = "str") -> pd.Series:
    """A column, or an empty one where the delivery does not have it."""
    return rows[name] if name in rows else pd.Series(None, index=rows.index, dtype=dtype)


def swedish_grades(rows: pd.DataFrame) -> pd.DataFrame:
    """Where the delivery does not say which kind of grade it is: final in year 9, otherwise a term's."""
    usual = rows.year_group.eq(LAST_YEAR_GROUP_SE).map({True: "final", False: "term"}).astype("str")
    return rows.assign(assessment=column_or(rows, "assessment").fillna(usual))


def norwegian_grades(rows: pd.DataFrame) -> pd.DataFrame:
    """One row for the grade in ``grade`` (overall achievement unless said), and one each for exam grades beside it."""
    stated = rows.assign(assessment=column_or(rows, "assessment").fillna("final"))
    exams = [
        rows[rows[column].notna()].assign(grade=rows[column], assessment=assessment)
        for column, assessment in (("exam_grade", "exam_written"), ("oral_exam_grade", "exam_oral"))
        if column in rows
    ]
    examined = {position for exam in exams for position in exam.index}
    # A pupil may have been examined without an overall grade on the same row.
    only_examined = stated.grade.isna() & stated.index.isin(examined)
    return pd.concat([stated[~only_examined], *exams])


def swedish_tests(rows: pd.DataFrame) -> pd.DataFrame:
    """A pupil took the part when the delivery says so; when it does not say, when there is a result."""
    results = {"points": "float64", "test_grade": "str", "passed": "boolean"}
    result = pd.DataFrame({name: column_or(rows, name, dtype).notna() for name, dtype in results.items()}).any(axis="columns")
    took = column_or(rows, "took_part", "boolean").fillna(result.astype("boolean"))
    return rows.assign(status=took.map({True: "taken", False: "absent"}).astype("str"))


def swedish_absence(rows: pd.DataFrame) -> pd.DataFrame:
    """All absence is what the delivery says, or else excused and unexcused together; without either it is unknown."""
    added = column_or(rows, "excused_hours", "float64") + column_or(rows, "unexcused_hours", "float64")
    return rows.assign(
        absent_hours=column_or(rows, "absent_hours", "float64").fillna(added),
        period=rows["period"] if "period" in rows else pd.Series("year", index=rows.index, dtype="str"),
    )


def norwegian_absence(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(period="year")


def statements(items: tuple[str, ...], steps: int) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """One row for each statement a respondent was asked, answered or not."""

    def shape(rows: pd.DataFrame) -> pd.DataFrame:
        asked = [item for item in items if item in rows]
        about = rows.drop(columns=asked).assign(
            respondents=column_or(rows, "respondents").fillna("pupil"), steps=pd.Series(steps, index=rows.index, dtype="Int64")
        )
        each = [about.assign(item=item, answer=rows[item]) for item in asked]
        return pd.concat(each) if each else about

    return shape


def norwegian_staffing(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(year_band=column_or(rows, "year_band").fillna("all"))


def swedish_staffing(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(year_band="all")


def one_sex_each(rows: pd.DataFrame) -> list[Broken]:
    """A pupil is a girl or a boy in the whole delivery."""
    if "sex" not in rows:
        return []
    known = rows[rows.pupil.notna() & rows.sex.notna()]
    sexes = known.groupby("pupil").sex.nunique()
    return _broken("sex", "the same pupil with two sexes", rows.pupil.isin(sexes.index[sexes > 1]), "CONFLICTING_VALUES")


def month_within_school_year(rows: pd.DataFrame) -> list[Broken]:
    return _outside_school_year(rows, "period", "a month outside the school year")


def day_within_school_year(rows: pd.DataFrame) -> list[Broken]:
    return _outside_school_year(rows, "test_date", "a day outside the school year")


def _outside_school_year(rows: pd.DataFrame, column: str, rule: str) -> list[Broken]:
    if column not in rows:
        return []
    year, month = rows[column].str[:4].astype("Int64"), rows[column].str[5:7].astype("Int64")
    begins = (year - (month <= MONTHS_BEFORE_JULY).astype("Int64")).astype("str")
    both = rows[column].notna() & rows.school_year.notna()
    return _broken(column, rule, both & begins.ne(rows.school_year.str[:4]))


def level_within_year_group(rows: pd.DataFrame) -> list[Broken]:
    """Year 5 has three mastery levels, years 8 and 9 have five."""
    if "level" not in rows:
        return []
    highest = rows.year_group.map(HIGHEST_LEVEL).astype("Int64")
    return _broken("level", "a level higher than the year group's test has", (rows.level > highest).fillna(False))


def parts_within_whole(part: str, whole: str) -> Callable[[pd.DataFrame], list[Broken]]:
    def check(rows: pd.DataFrame) -> list[Broken]:
        if not {part, whole} <= set(rows.columns):
            return []
        return _broken(part, "more than the whole it is a part of", rows[part] > rows[whole])

    return check


def _broken(column: str, rule: str, breaks: pd.Series, code: str = "INVALID_VALUE") -> list[Broken]:
    positions = [position for position, is_so in enumerate(breaks.fillna(False)) if is_so]
    return [(column, rule, code, positions)] if positions else []
