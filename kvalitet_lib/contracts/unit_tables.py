"""Tables whose rows are about a school, its staff, or a published figure."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from kvalitet_lib.contracts.contract import (
    GROUPS,
    LEVELS,
    OWNER_TYPES,
    SCHOOL_YEAR,
    STATUSES,
    UNIT_CODE,
    Contract,
    amount,
    column,
    school_code,
    school_year,
)


class Schools(Contract):
    """One row is one school unit for as long as its name, owner and municipality stay the same."""

    school: str = school_code()
    name: str = column("name of the school", "empty", str_length={"min_value": 1})
    municipality: str = column("municipality code, four digits", "not four digits", str_matches=r"^[0-9]{4}\Z")
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
        "code of the school that took over", "not a code of 8 or 9 digits", nullable=True, str_matches=r"^[0-9]{8,9}\Z"
    )

    _key = ("school", "valid_from")
    _scope = ("school", "valid_from")

    class Config(Contract.Config):
        name = "schools"


class Staffing(Contract):
    """One row is the staff of one kind of provision at one unit in one school year (full-time equivalents)."""

    school: str = school_code()
    school_year: str = school_year()
    provision: str = column(
        "which provision", "not school, preschool or after_school", isin=("school", "preschool", "after_school")
    )
    year_band: str = column(
        "year groups it concerns: 1-4, 5-7, 8-10 (NO) or all", "not 1-4, 5-7, 8-10 or all", isin=("all", "1-4", "5-7", "8-10")
    )
    children: float = amount("children or pupils", 5000)
    staff_fte: float = amount("posts, full-time equivalents", 1000)
    qualified_fte: float = amount("of these with the qualification the provision asks for", 1000)
    pupil_hours: float = amount("hours of ordinary teaching received, summed over pupils (NO)", 5e6)
    teacher_hours: float = amount("hours of ordinary teaching given (NO)", 1e6)

    _key = ("school", "school_year", "provision", "year_band")
    _scope = ("school", "school_year", "provision", "year_band")

    class Config(Contract.Config):
        name = "staffing"

    @pa.dataframe_check(error="qualified_fte: more qualified posts than posts")
    def qualified_within_staff(cls, frame: pd.DataFrame) -> pd.Series:  # noqa: N805
        return ~(frame.qualified_fte > frame.staff_fte).fillna(False)


class PublishedValues(Contract):
    """One row is one published figure, as the agency states it: its value, its status and its original text."""

    source: str = column("which source says so, e.g. skolverket_export", "empty")
    indicator: str = column("our indicator id, or the snake_case of the agency's own column name", "empty")
    level: str = column("level of the unit", "not a known level", isin=LEVELS)
    unit: str = column(
        "code of the unit: school, municipality (4 digits), SE, NO, or a group's id",
        "empty, or not a code",
        str_matches=UNIT_CODE,
    )
    unit_name: str = column("name of the unit in this delivery", "empty", nullable=True)
    owner_type: str = column("which owners' schools are counted", "not all, municipal or independent", isin=OWNER_TYPES)
    school_year: str = school_year()
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

    group: str = column("id of the group", "empty, or not a code", str_matches=UNIT_CODE)
    title: str = column("name of the group", "empty")
    member: str = column("code of the municipality or school", "empty, or not a code", str_matches=UNIT_CODE)
    member_name: str = column("its name", "empty", nullable=True)

    _key = ("group", "member")
    _scope = ("group",)

    class Config(Contract.Config):
        name = "reference_groups"
