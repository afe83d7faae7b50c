"""The contract of every table: what one row is, its columns, units and limits.

A delivery is read as text, typed by rule and then held against one of these. pandera is
the engine; its own messages print cell values, so only ``sources`` may catch them and turn
them into :class:`~kvalitet_lib.errors.Fault` (column, rule, lines).
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pandera.pandas as pa

SCHOOL_YEAR = r"^(19|20)\d\d-\d\d$"
SEXES = ("girl", "boy")
GROUPS = ("all", "girl", "boy")
STATUSES = ("exists", "missing", "too_few", "secondary", "rounded", "not_applicable", "provisional")
LEVELS = ("school", "owner", "municipality", "county", "group", "nation")
OWNER_TYPES = ("all", "municipal", "independent")


def column(means: str, rule: str, *, personal: bool = False, **checks: Any) -> Any:
    """A column with its meaning, and the words used when a value breaks its rule.

    ``personal`` columns hold a pupil's or respondent's id: replaced by a keyed pseudonym at the door.
    """
    return pa.Field(description=means, metadata={"rule": rule, "personal": personal}, **checks)


def _school() -> Any:
    return column(
        "school unit code (SE, 8 digits) or organisation number (NO, 9 digits)",
        "not a code of 8 (Sweden) or 9 (Norway) digits",
        str_matches=r"^\d{8,9}$",
    )


def _school_year() -> Any:
    return column("school year, written 2024-25", "not a school year written like 2024-25", str_matches=SCHOOL_YEAR)


def _pupil() -> Any:
    return column("keyed pseudonym of the pupil", "empty", personal=True, str_length={"min_value": 1})


def _year_group() -> Any:
    return column(
        "year group: 0 for förskoleklass, 1-9 (SE), 1-10 (NO), 11-13 upper secondary",
        "not a whole number from 0 to 13",
        ge=0,
        le=13,
    )


def _share(means: str) -> Any:
    return column(means, "not a share from 0 to 1", nullable=True, ge=0, le=1)


def _amount(means: str, most: float) -> Any:
    return column(means, f"not a number from 0 to {most:g}", nullable=True, ge=0, le=most)


class Contract(pa.DataFrameModel):
    """What every contract has besides its columns."""

    _key = ()
    _scope = ()

    class Config:
        strict = True
        coerce = False

    @classmethod
    def table(cls) -> str:
        return str(cls.Config.name)  # type: ignore[attr-defined]

    @classmethod
    def key(cls) -> tuple[str, ...]:
        """Columns of which no two rows may share the same values."""
        return cls._key

    @classmethod
    def scope(cls) -> tuple[str, ...]:
        """Columns that say what a delivery covers: a newer delivery replaces the same scope."""
        return cls._scope

    @classmethod
    def personal(cls) -> tuple[str, ...]:
        return tuple(name for name, field in cls.to_schema().columns.items() if (field.metadata or {}).get("personal"))


class Schools(Contract):
    """One row is one school unit for as long as its name, owner and municipality stay the same."""

    school: str = _school()
    name: str = column("name of the school", "empty", str_length={"min_value": 1})
    municipality: str = column("municipality code, four digits", "not four digits", str_matches=r"^\d{4}$")
    municipality_name: str = column("name of the municipality", "empty")
    owner_type: str = column("who runs it", "not municipal or independent", isin=("municipal", "independent"))
    year_groups: str = column("year groups it has, e.g. F-9, 7-9", "empty", nullable=True)
    valid_from: str = column(
        "first school year of this row", "not a school year written like 2024-25", nullable=True, str_matches=SCHOOL_YEAR
    )
    valid_to: str = column(
        "last school year of this row, empty while it lasts",
        "not a school year written like 2024-25",
        nullable=True,
        str_matches=SCHOOL_YEAR,
    )
    successor: str = column(
        "code of the school that took over", "not a code of 8 or 9 digits", nullable=True, str_matches=r"^\d{8,9}$"
    )

    _key = ("school", "valid_from")
    _scope = ("school", "valid_from")

    class Config(Contract.Config):
        name = "schools"


class Pupils(Contract):
    """One row is one pupil at one school in one school year."""

    pupil: str = _pupil()
    school: str = _school()
    school_year: str = _school_year()
    year_group: pd.Int64Dtype = _year_group()
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

    pupil: str = _pupil()
    school: str = _school()
    school_year: str = _school_year()
    year_group: pd.Int64Dtype = _year_group()
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
    stated_points: float = _amount("the pupil's merit value or grunnskolepoeng as the delivering system states it", 340)

    _key = ("pupil", "school_year", "year_group", "subject", "assessment")
    _scope = ("school", "school_year", "year_group", "assessment")

    class Config(Contract.Config):
        name = "grades"


class Tests(Contract):
    """One row is one pupil's result on one part of one national test."""

    pupil: str = _pupil()
    school: str = _school()
    school_year: str = _school_year()
    year_group: pd.Int64Dtype = _year_group()
    sex: str = column("sex as registered", "not girl or boy", nullable=True, isin=SEXES)
    test: str = column("subject of the test: SV, SVA, MA, EN (SE); lesing, regning, engelsk (NO)", "empty")
    part: str = column("part of the test; empty for the whole", "empty", nullable=True)
    status: str = column("whether the pupil took it", "not taken, absent or exempt", isin=("taken", "absent", "exempt"))
    points: float = _amount("points", 1000)
    test_grade: str = column("test grade A-F (SE)", "not A-F", nullable=True, isin=tuple("ABCDEF"))
    passed: pd.BooleanDtype = column("reached the level required of the part (SE year 3)", "not yes or no", nullable=True)
    scale_points: float = _amount("scale points, mean 50 (NO)", 100)
    level: pd.Int64Dtype = column(
        "mastery level: 1-3 in year 5, 1-5 in years 8 and 9 (NO)", "not a level from 1 to 5", nullable=True, ge=1, le=5
    )
    test_date: str = column("date of the test", "not a date", nullable=True)

    _key = ("pupil", "school_year", "year_group", "test", "part")
    _scope = ("school", "school_year", "year_group", "test")

    class Config(Contract.Config):
        name = "tests"


class SurveyAnswers(Contract):
    """One row is one respondent's answer to one statement; no answer and "don't know" are empty."""

    respondent: str = column("keyed pseudonym of the answer sheet", "empty", personal=True)
    school: str = _school()
    school_year: str = _school_year()
    year_group: pd.Int64Dtype = _year_group()
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

    pupil: str = _pupil()
    school: str = _school()
    school_year: str = _school_year()
    period: str = column("month written 2023-10, or year", "not a month written like 2023-10", str_matches=r"^(\d{4}-\d\d|year)$")
    possible_hours: float = _amount("hours the pupil could have attended", 2000)
    absent_hours: float = _amount("hours absent, excused or not; in Norway single hours beside whole days", 2000)
    unexcused_hours: float = _amount("hours absent without leave", 2000)
    absent_days: float = _amount("whole days absent (NO)", 200)

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


class Staffing(Contract):
    """One row is the staff of one kind of provision at one unit in one school year (full-time equivalents)."""

    school: str = _school()
    school_year: str = _school_year()
    provision: str = column(
        "which provision", "not school, preschool or after_school", isin=("school", "preschool", "after_school")
    )
    year_band: str = column(
        "year groups it concerns: 1-4, 5-7, 8-10 (NO) or all", "not 1-4, 5-7, 8-10 or all", isin=("all", "1-4", "5-7", "8-10")
    )
    children: float = _amount("children or pupils", 5000)
    staff_fte: float = _amount("posts, full-time equivalents", 1000)
    qualified_fte: float = _amount("of these with the qualification the provision asks for", 1000)
    pupil_hours: float = _amount("hours of ordinary teaching received, summed over pupils (NO)", 5e6)
    teacher_hours: float = _amount("hours of ordinary teaching given (NO)", 1e6)

    _key = ("school", "school_year", "provision", "year_band")
    _scope = ("school", "school_year", "provision", "year_band")

    class Config(Contract.Config):
        name = "staffing"

    @pa.dataframe_check(error="qualified_fte: more qualified posts than posts")
    def qualified_within_staff(cls, frame: pd.DataFrame) -> pd.Series:  # noqa: N805
        return ~(frame.qualified_fte > frame.staff_fte).fillna(False)


class UpperSecondary(Contract):
    """One row is one pupil's outcome in upper secondary school, in the school year it is reported for."""

    pupil: str = _pupil()
    school: str = _school()
    school_year: str = _school_year()
    programme: str = column("programme code, e.g. NA, EK", "empty")
    class_name: str = column("class", "empty", nullable=True)
    sex: str = column("sex as registered", "not girl or boy", nullable=True, isin=SEXES)
    grade_points: float = _amount("average grade points, 0-20", 22.5)
    years_since_start: pd.Int64Dtype = column("school years since the pupil began", "not 1-6", nullable=True, ge=1, le=6)
    degree: pd.BooleanDtype = column("has a degree (gymnasieexamen)", "not yes or no", nullable=True)

    _key = ("pupil", "school_year")
    _scope = ("school", "school_year")

    class Config(Contract.Config):
        name = "upper_secondary"


class PublishedValues(Contract):
    """One row is one published figure, as the agency states it: its value, its status and its original text."""

    source: str = column("which source says so, e.g. skolverket_export", "empty")
    indicator: str = column("our indicator id, or the snake_case of the agency's own column name", "empty")
    level: str = column("level of the unit", "not a known level", isin=LEVELS)
    unit: str = column("code of the unit: school, municipality (4 digits), SE, NO, or a group's id", "empty")
    unit_name: str = column("name of the unit in this delivery", "empty", nullable=True)
    owner_type: str = column("which owners' schools are counted", "not all, municipal or independent", isin=OWNER_TYPES)
    school_year: str = _school_year()
    group: str = column("all, girl or boy", "not all, girl or boy", isin=GROUPS)
    value: float = column(
        "the figure: shares 0-1, otherwise in the indicator's unit; empty unless it exists", "not a number", nullable=True
    )
    lower: float = column("lower end, when the agency gives an interval such as ~100", "not a number", nullable=True)
    upper: float = column("upper end, likewise", "not a number", nullable=True)
    n: float = column("persons behind the figure, when the agency says it", "not a count", nullable=True, ge=0)
    status: str = column("what the original text means", "not a known status", isin=STATUSES)
    original: str = column("the cell as delivered", "empty", nullable=True)
    decimals: pd.Int64Dtype = column(
        "decimals in the original, as a per cent where it is a share", "not 0-6", nullable=True, ge=0, le=6
    )

    _key = ("source", "indicator", "level", "unit", "owner_type", "school_year", "group")
    _scope = ("source", "indicator", "level", "unit", "owner_type", "school_year", "group")

    class Config(Contract.Config):
        name = "published_values"


class ReferenceGroups(Contract):
    """One row is one member of a group of municipalities or schools that one compares with."""

    group: str = column("id of the group", "empty")
    title: str = column("name of the group", "empty")
    member: str = column("code of the municipality or school", "empty")
    member_name: str = column("its name", "empty", nullable=True)

    _key = ("group", "member")
    _scope = ("group",)

    class Config(Contract.Config):
        name = "reference_groups"


TABLES: tuple[type[Contract], ...] = (
    Schools,
    Pupils,
    Grades,
    Tests,
    SurveyAnswers,
    Absence,
    Staffing,
    UpperSecondary,
    PublishedValues,
    ReferenceGroups,
)
CONTRACTS: dict[str, type[Contract]] = {contract.table(): contract for contract in TABLES}


def column_types(contract: type[Contract]) -> dict[str, str]:
    """Column → pandas dtype as the tables hold it: ``str``, ``float64``, ``Int64`` or ``boolean``."""
    schema = contract.to_schema().columns
    return {name: "str" if str(column.dtype).startswith("str") else str(column.dtype) for name, column in schema.items()}
