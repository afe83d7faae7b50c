"""Skolenhetsregistret as a table: one row a school unit, flags for its year groups and its pupils in each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kvalitet_lib.sources.numerals import UnreadableError, whole
from kvalitet_lib.sources.published_cells import published
from kvalitet_lib.sources.refusal import refuse
from kvalitet_lib.sources.skolverket_rows import (
    MUNICIPALITY_CODE,
    SCHOOL_CODE,
    Faults,
    Figure,
    Record,
    School,
    figures_filled,
    owner_type,
    records,
    schools_filled,
    year_groups,
)
from kvalitet_lib.sources.source import Circumstances, Delivery, Filled
from kvalitet_lib.sources.validation import validated

NEEDED = ("SKOLENHETSKOD", "NAMN", "KOMMUN", "KOMMUNNAMN", "HUVUDMANNATYP")
FLAGS = {"FKLASS": 0} | {f"ÅR{year}": year for year in range(1, 10)}
UNDATED = "pupils left out: neither the file's name nor its folder's says their month, as in register_2020_06.csv"
PUPILS = tuple(f"ELEVER ÅR{year}" for year in range(1, 10))


@dataclass(frozen=True)
class Skolenhetsregistret:
    """The register's sheets per form of schooling: ``schools``, and ``antal_elever`` where pupils per year group stand.

    The register says how things are on one day, not since when: ``valid_from`` stays empty. Pupils in years 1-9
    are summed per unit (förskoleklass is another form of schooling); their school year is not in the file either,
    and is read from a year and month in its name or its folder's, such as ``skolenhetsregistret_2020_06``.
    """

    name: str = "skolenhetsregistret"

    def recognises(self, delivery: Delivery) -> bool:
        """By the names of the columns on the first line."""
        return any(sheet.rows and set(NEEDED) <= {cell.strip() for cell in sheet.rows[0]} for sheet in delivery.sheets)

    def read(self, delivery: Delivery, circumstances: Circumstances) -> list[Filled]:
        rows = [row for sheet in delivery.sheets if sheet.rows for row in records(delivery.file_name, sheet)]
        faults = Faults()
        schools = list(_schools(rows, faults))
        year = school_year_named(delivery.path)
        counted = bool(rows) and set(PUPILS) <= set(rows[0][1])
        pupils = list(_pupils(rows, year, faults)) if counted and year else []
        refuse(delivery.file_name, *faults.listed(), table="schools")
        notes = _left_out(rows) + ([UNDATED] if counted and not year else [])
        filled = [schools_filled(schools, notes)]
        if pupils:
            filled.append(figures_filled(self.name, pupils))
        return validated(delivery.file_name, filled)


def school_year_named(path: Path) -> str | None:
    """The school year of a year and month in the file's name, or else its folder's; from July on, the one that begins.

    >>> school_year_named(Path("skolenhetsregistret_2020_06/grundskola.csv"))
    '2019-20'
    """
    for name in (path.name, path.parent.name):
        found = re.search(r"(?<!\d)(20\d\d)[-_]?(0[1-9]|1[0-2])(?!\d)", name)
        if found:
            first = int(found[1]) - (int(found[2]) < 7)
            return f"{first}-{(first + 1) % 100:02d}"
    return None


def _schools(rows: Sequence[Record], faults: Faults) -> Iterator[School]:
    for line, row in rows:
        owner = _owner(row, line, faults)
        for column, pattern, rule in (
            ("SKOLENHETSKOD", SCHOOL_CODE, "not a code of 8 digits"),
            ("KOMMUN", MUNICIPALITY_CODE, "not four digits"),
        ):
            if not pattern.fullmatch(row[column]):
                faults.add(column, rule, line)
        # Where a cell was lost or added, the columns after it stand one step aside: a number where words belong.
        if row.get("JURIDISK FORM", "").isdigit():
            faults.add("JURIDISK FORM", "a number: the row's columns are shifted", line, "SHIFTED_ROW")
        groups = year_groups(_taught(row, line, faults))
        if owner in ("municipal", "independent"):
            yield School(row["SKOLENHETSKOD"], row["NAMN"], row["KOMMUN"], row["KOMMUNNAMN"], owner, groups, None, line)


def _owner(row: Mapping[str, str], line: int, faults: Faults) -> str | None:
    try:
        return owner_type(row["HUVUDMANNATYP"])
    except UnreadableError:
        faults.add("HUVUDMANNATYP", "not Kommunal, Enskild or another known owner", line)
        return None


def _taught(row: Mapping[str, str], line: int, faults: Faults) -> Iterator[int]:
    """The year groups whose flag is J."""
    for column, year in FLAGS.items():
        flag = row.get(column, "N")
        if flag not in ("J", "N"):
            faults.add(column, "not J or N", line)
        elif flag == "J":
            yield year


def _pupils(rows: Sequence[Record], of_year: str, faults: Faults) -> Iterator[Figure]:
    for line, row in rows:
        total = 0
        for column in PUPILS:
            try:
                total += whole(row[column])
            except UnreadableError:
                faults.add(column, "not a whole number", line)
        yield Figure(
            "antal_elever", "school", row["SKOLENHETSKOD"], row["NAMN"], "all", of_year, "all", published(str(total)), None, line
        )


def _left_out(rows: Sequence[Record]) -> list[str]:
    """A note on units whose owners the tables do not know."""
    words = Counter(row["HUVUDMANNATYP"] for _, row in rows if owner_type(row["HUVUDMANNATYP"]) is None)
    if not words:
        return []
    return [f"{sum(words.values())} school units left out of schools: owners the tables do not know ({', '.join(sorted(words))})"]


SOURCES = (Skolenhetsregistret(),)
