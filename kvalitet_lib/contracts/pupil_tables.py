"""Tables whose rows are about one pupil or one respondent."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from kvalitet_lib.contracts.contract import (
    SEXES,
    Contract,
    amount,
    column,
    pupil_pseudonym,
    school_code,
    school_year,
    year_group_number,
)


class Pupils(Contract):
    """One row is one pupil at one school in one school year."""

    pupil: str = pupil_pseudonym()
    school: str = school_code()
    school_year: str = school_year()
    year_group: pd.Int64Dtype = year_group_number()
    class_name: str = column("class", "empty", nullable=True)
    sex: str = column("sex as registered", "not girl or boy", nullable=True, isin=SEXES)
    parents_education: str = column(
        "parents' highest education",
        "not lower, upper_secondary or higher",
        nullable=True,
        isin=("lower", "upper_secondary", "higher"),
    )
    newly_arrived: pd.BooleanDtype = column("arrived in the country at most four years ago", "not yes or no", nullable=True)
    second_language: pd.BooleanDtype = column(
        "studies svenska som andraspråk / har særskilt norsk", "not yes or no", nullable=True
    )

    _key = ("pupil", "school", "school_year")
    _scope = ("school", "school_year", "year_group")

    class Config(Contract.Config):
        name = "pupils"


class Grades(Contract):
    """One row is one pupil's grade in one subject."""

    pupil: str = pupil_pseudonym()
    school: str = school_code()
    school_year: str = school_year()
    year_group: pd.Int64Dtype = year_group_number()
    sex: str = column("sex as registered", "not girl or boy", nullable=True, isin=SEXES)
    subject: str = column("subject code as delivered, upper case", "empty", str_length={"min_value": 1, "max_value": 12})
    grade: str = column(
        "grade: A-F or - (SE), 1-6, IV or FRI (NO)",
        "not a grade on the scale",
        isin=("A", "B", "C", "D", "E", "F", "-", "1", "2", "3", "4", "5", "6", "IV", "FRI"),
    )
    assessment: str = column(
        "kind of grade", "not final, term, exam_written or exam_oral", isin=("final", "term", "exam_written", "exam_oral")
    )
    language_choice: pd.BooleanDtype = column("modern language taken as språkval", "not yes or no", nullable=True)
    stated_points: float = amount("the pupil's merit value or grunnskolepoeng as the delivering system states it", 340)

    _key = ("pupil", "school", "school_year", "year_group", "subject", "assessment")
    _scope = ("school", "school_year", "year_group", "assessment")

    class Config(Contract.Config):
        name = "grades"


class Tests(Contract):
    """One row is one pupil's result on one part of one national test."""

    pupil: str = pupil_pseudonym()
    school: str = school_code()
    school_year: str = school_year()
    year_group: pd.Int64Dtype = year_group_number()
    sex: str = column("sex as registered", "not girl or boy", nullable=True, isin=SEXES)
    test: str = column("subject of the test: SV, SVA, MA, EN (SE); lesing, regning, engelsk (NO)", "empty")
    part: str = column("part of the test; empty for the whole", "empty", nullable=True)
    status: str = column("whether the pupil took it", "not taken, absent or exempt", isin=("taken", "absent", "exempt"))
    points: float = amount("points", 1000)
    test_grade: str = column("test grade A-F (SE)", "not A-F", nullable=True, isin=tuple("ABCDEF"))
    passed: pd.BooleanDtype = column("reached the level required of the part (SE year 3)", "not yes or no", nullable=True)
    scale_points: float = amount("scale points, mean 50 (NO)", 100)
    level: pd.Int64Dtype = column(
        "mastery level: 1-3 in year 5, 1-5 in years 8 and 9 (NO)", "not a level from 1 to 5", nullable=True, ge=1, le=5
    )
    test_date: str = column("date of the test", "not a date", nullable=True)

    _key = ("pupil", "school", "school_year", "year_group", "test", "part")
    _scope = ("school", "school_year", "year_group", "test")

    class Config(Contract.Config):
        name = "tests"


class SurveyAnswers(Contract):
    """One row is one respondent's answer to one statement; no answer and "don't know" are empty."""

    respondent: str = column("keyed pseudonym of the answer sheet", "empty", personal=True)
    school: str = school_code()
    school_year: str = school_year()
    year_group: pd.Int64Dtype = year_group_number()
    respondents: str = column("who answered", "not pupil, guardian or staff", isin=("pupil", "guardian", "staff"))
    sex: str = column("sex as stated", "not girl or boy", nullable=True, isin=SEXES)
    item: str = column("statement, by its snake_case name, e.g. trygghet, trivsel", "empty")
    answer: pd.Int64Dtype = column(
        "step on the scale, 1 the least favourable as delivered", "not a step on the scale", nullable=True, ge=1, le=5
    )
    steps: pd.Int64Dtype = column("how many steps the scale has", "not 4 or 5", isin=(4, 5))

    _key = ("respondent", "school_year", "item")
    _scope = ("school", "school_year", "year_group", "respondents")

    class Config(Contract.Config):
        name = "survey_answers"


class Absence(Contract):
    """One row is one pupil's absence in one period: a month (2023-10) or the whole year."""

    pupil: str = pupil_pseudonym()
    school: str = school_code()
    school_year: str = school_year()
    period: str = column(
        "month written 2023-10, or year", "not a month written like 2023-10", str_matches=r"^([0-9]{4}-[0-9]{2}|year)\Z"
    )
    possible_hours: float = amount("hours the pupil could have attended", 2000)
    absent_hours: float = amount("hours absent, excused or not; in Norway single hours beside whole days", 2000)
    unexcused_hours: float = amount("hours absent without leave", 2000)
    absent_days: float = amount("whole days absent (NO)", 200)

    _key = ("pupil", "school", "school_year", "period")
    _scope = ("school", "school_year", "period")

    class Config(Contract.Config):
        name = "absence"

    @pa.dataframe_check(error="absent_hours: more hours absent than possible")
    def absent_within_possible(cls, frame: pd.DataFrame) -> pd.Series:  # noqa: N805
        return ~(frame.absent_hours > frame.possible_hours).fillna(False)

    @pa.dataframe_check(error="unexcused_hours: more hours absent than possible")
    def unexcused_within_possible(cls, frame: pd.DataFrame) -> pd.Series:  # noqa: N805
        return ~(frame.unexcused_hours > frame.possible_hours).fillna(False)


class UpperSecondary(Contract):
    """One row is one pupil's outcome in upper secondary school, in the school year it is reported for."""

    pupil: str = pupil_pseudonym()
    school: str = school_code()
    school_year: str = school_year()
    programme: str = column("programme code, e.g. NA, EK", "empty")
    class_name: str = column("class", "empty", nullable=True)
    sex: str = column("sex as registered", "not girl or boy", nullable=True, isin=SEXES)
    grade_points: float = amount("average grade points, 0-20", 22.5)
    years_since_start: pd.Int64Dtype = column("school years since the pupil began", "not 1-6", nullable=True, ge=1, le=6)
    degree: pd.BooleanDtype = column("has a degree (gymnasieexamen)", "not yes or no", nullable=True)

    _key = ("pupil", "school", "school_year")
    _scope = ("school", "school_year")

    class Config(Contract.Config):
        name = "upper_secondary"
