"""What every contract is made of: columns with their meaning and the words for what breaks them."""

from __future__ import annotations

from typing import Any, cast

import pandera.pandas as pa

SCHOOL_YEAR = r"^(19|20)[0-9]{2}-[0-9]{2}\Z"
# What a unit is called, also in names of files, which may be 255 bytes: a code, or a name where there is no code; never a path.
UNIT_CODE = r"^[0-9A-Za-zÀ-ɏ_][0-9A-Za-zÀ-ɏ_ :.,&()+’'-]{0,79}\Z"
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


def school_code() -> Any:
    return column(
        "school unit code (SE, 8 digits) or organisation number (NO, 9 digits)",
        "not a code of 8 (Sweden) or 9 (Norway) digits",
        str_matches=r"^[0-9]{8,9}\Z",
    )


def school_year() -> Any:
    return column("school year, written 2024-25", "not a school year written like 2024-25", str_matches=SCHOOL_YEAR)


def pupil_pseudonym() -> Any:
    return column("keyed pseudonym of the pupil", "empty", personal=True, str_length={"min_value": 1})


def year_group_number() -> Any:
    return column(
        "year group: 0 for förskoleklass, 1-9 (SE), 1-10 (NO), 11-13 upper secondary",
        "not a whole number from 0 to 13",
        ge=0,
        le=13,
    )


def amount(means: str, most: float) -> Any:
    return column(means, f"not a number from 0 to {most:g}", nullable=True, ge=0, le=most)


class Contract(pa.DataFrameModel):
    """What every contract has besides its columns."""

    _key = cast("tuple[str, ...]", ())
    _scope = cast("tuple[str, ...]", ())

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


def column_types(contract: type[Contract]) -> dict[str, str]:
    """Column → pandas dtype as the tables hold it: ``str``, ``float64``, ``Int64`` or ``boolean``."""
    schema = contract.to_schema().columns
    return {name: "str" if str(column.dtype).startswith("str") else str(column.dtype) for name, column in schema.items()}
