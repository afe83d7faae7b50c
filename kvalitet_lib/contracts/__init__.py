"""The contract of every table: what one row is, its columns, units and limits.

A delivery is read as text, typed by rule and then held against one of these. pandera is
the engine; its own messages print cell values, so only ``sources`` may catch them and turn
them into :class:`~kvalitet_lib.errors.Fault` (column, rule, lines).
"""

from __future__ import annotations

from kvalitet_lib.contracts.contract import (
    GROUPS,
    LEVELS,
    OWNER_TYPES,
    SCHOOL_YEAR,
    SEXES,
    STATUSES,
    UNIT_CODE,
    Contract,
    column_types,
)
from kvalitet_lib.contracts.free_text_tables import CommentReviews, Comments
from kvalitet_lib.contracts.pupil_tables import Absence, Grades, Pupils, SurveyAnswers, Tests, UpperSecondary
from kvalitet_lib.contracts.unit_tables import PublishedValues, ReferenceGroups, Schools, Staffing

TABLES: tuple[type[Contract], ...] = (
    Schools,
    Pupils,
    Grades,
    Tests,
    SurveyAnswers,
    Comments,
    CommentReviews,
    Absence,
    Staffing,
    UpperSecondary,
    PublishedValues,
    ReferenceGroups,
)
CONTRACTS: dict[str, type[Contract]] = {contract.table(): contract for contract in TABLES}

__all__ = [
    "CONTRACTS",
    "GROUPS",
    "LEVELS",
    "OWNER_TYPES",
    "SCHOOL_YEAR",
    "SEXES",
    "STATUSES",
    "TABLES",
    "UNIT_CODE",
    "Absence",
    "CommentReviews",
    "Comments",
    "Contract",
    "Grades",
    "PublishedValues",
    "Pupils",
    "ReferenceGroups",
    "Schools",
    "Staffing",
    "SurveyAnswers",
    "Tests",
    "UpperSecondary",
    "column_types",
]
