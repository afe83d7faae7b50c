"""What Skolverket's deliveries have in common: figures and school units gathered one by one become tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from kvalitet_lib.errors import Fault
from kvalitet_lib.sources.calendar_terms import school_year
from kvalitet_lib.sources.numerals import UnreadableError
from kvalitet_lib.sources.published_cells import PublishedCell
from kvalitet_lib.sources.refusal import refuse
from kvalitet_lib.sources.sheet import Sheet
from kvalitet_lib.sources.source import Filled

SCHOOL_CODE = re.compile(r"\d{8}")
MUNICIPALITY_CODE = re.compile(r"\d{4}")

# Words for who runs a school. The tables know municipal and independent; the rest is left out, and said in a note.
OWNERS = {"samtliga": "all", "kommunal": "municipal", "enskild": "independent", "fristående": "independent"}
OTHER_OWNERS = ("statlig", "region", "landsting", "internationella skolor", "sameskola")

Record = tuple[int, Mapping[str, str]]  # line, and column name → trimmed cell


class Figure(NamedTuple):
    """One published figure and the line (or record) it stands on."""

    indicator: str
    level: str
    unit: str
    unit_name: str | None
    owner_type: str
    school_year: str
    group: str
    cell: PublishedCell
    n: float | None
    line: int


class School(NamedTuple):
    """One school unit as a delivery names it; ``valid_from`` is empty where the delivery has no date."""

    school: str
    name: str
    municipality: str
    municipality_name: str
    owner_type: str
    year_groups: str | None
    valid_from: str | None
    line: int


def figures_filled(source: str, figures: Sequence[Figure], notes: Iterable[str] = ()) -> Filled:
    """Rows for ``published_values``, in the order given."""
    keys = pd.DataFrame(
        {
            name: pd.Series([getattr(figure, name) for figure in figures], dtype="str")
            for name in ("indicator", "level", "unit", "unit_name", "owner_type", "school_year", "group")
        }
    )
    cells = pd.DataFrame(
        {
            name: pd.Series([getattr(figure.cell, name) for figure in figures], dtype=dtype)
            for name, dtype in (("value", "float64"), ("lower", "float64"), ("upper", "float64"), ("status", "str"))
        }
    )
    rows = keys.join(cells).assign(
        n=pd.Series([figure.n for figure in figures], dtype="float64"),
        original=pd.Series([figure.cell.original for figure in figures], dtype="str"),
        decimals=pd.Series([figure.cell.decimals for figure in figures], dtype="Int64"),
    )
    rows.insert(0, "source", pd.Series(source, index=rows.index, dtype="str"))
    return Filled("published_values", rows, _lines(figures), tuple(notes))


def schools_filled(schools: Sequence[School], notes: Iterable[str] = ()) -> Filled:
    """Rows for ``schools``, in the order given."""
    names = [name for name in School._fields if name != "line"]
    rows = pd.DataFrame({name: pd.Series([getattr(school, name) for school in schools], dtype="str") for name in names})
    return Filled("schools", rows, _lines(schools), tuple(notes))


def _lines(rows: Sequence[Figure] | Sequence[School]) -> pd.Series:
    return pd.Series([row.line for row in rows], dtype="int64")


def records(file_name: str, sheet: Sheet) -> list[Record]:
    """The rows under a header on the first line, by column name.

    Raises
    ------
    DeliveryError
        Rows with more or fewer cells than the header.
    """
    header = [cell.strip() for cell in sheet.rows[0]]
    numbered = list(zip(sheet.lines[1:], sheet.rows[1:], strict=True))
    ragged = tuple(line for line, row in numbered if len(row) != len(header))
    if ragged:
        refuse(file_name, Fault("", "more or fewer cells than the header has columns", "RAGGED_ROW", ragged))
    return [(line, dict(zip(header, (cell.strip() for cell in row), strict=True))) for line, row in numbered]


def period_year(text: str) -> str:
    """The school year a period belongs to.

    ``2024/25`` is itself. A term, ``VT24`` or ``HT23``, belongs to the school year it is part of. A calendar
    year belongs to the school year that ends in its spring, so that 2022 is ``2021-22``: results of a year
    are those of the pupils who left in June.

    Raises
    ------
    UnreadableError
        None of these.
    """
    term = re.fullmatch(r"(VT|HT)(\d\d)", text.strip())
    if term:
        return _beginning(2000 + int(term[2]) - (term[1] == "VT"))
    if re.fullmatch(r"(19|20)\d\d", text.strip()):
        return _beginning(int(text) - 1)
    return school_year(text)


def _beginning(year: int) -> str:
    return f"{year}-{(year + 1) % 100:02d}"


def owner_type(text: str) -> str | None:
    """``all``, ``municipal`` or ``independent``; None for owners the tables do not know (state, region).

    Raises
    ------
    UnreadableError
        Not a word for an owner.
    """
    said = text.strip().casefold()
    if said in OTHER_OWNERS:
        return None
    if said not in OWNERS:
        raise UnreadableError
    return OWNERS[said]


def year_groups(groups: Iterable[int]) -> str | None:
    """``F-9``, ``7-9``, ``F-6, 8-9`` (0 is förskoleklass); None when there is none."""
    spans: list[list[int]] = []
    for group in sorted(set(groups)):
        if spans and group == spans[-1][1] + 1:
            spans[-1][1] = group
        else:
            spans.append([group, group])
    return ", ".join(_span(first, last) for first, last in spans) or None


def _span(first: int, last: int) -> str:
    begin = "F" if first == 0 else str(first)
    return begin if first == last else f"{begin}-{last}"


class Faults:
    """Faults gathered one cell at a time, told once for each column and rule with all lines."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, str, str], list[int]] = {}

    def add(self, column: str, rule: str, line: int, code: str = "INVALID_VALUE") -> None:
        self._lines.setdefault((column, rule, code), []).append(line)

    def listed(self) -> list[Fault]:
        return [Fault(column, rule, code, tuple(sorted(set(lines)))) for (column, rule, code), lines in self._lines.items()]
