"""Skolverket's exports as CSV and XLSX: a row is a school unit or a municipality and owner, a column is a figure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from kvalitet_lib.errors import Fault
from kvalitet_lib.sources.numerals import UnreadableError
from kvalitet_lib.sources.published_cells import published
from kvalitet_lib.sources.refusal import refuse
from kvalitet_lib.sources.skolverket_columns import Meaning, meaning
from kvalitet_lib.sources.skolverket_layout import ITEM, OWNER, SEX, SUBJECT, Table, faults_in, table_in
from kvalitet_lib.sources.skolverket_rows import (
    MUNICIPALITY_CODE,
    SCHOOL_CODE,
    Faults,
    Figure,
    School,
    figures_filled,
    owner_type,
    period_year,
    schools_filled,
)
from kvalitet_lib.sources.source import Circumstances, Delivery, Filled
from kvalitet_lib.sources.validation import validated

CODES = {
    "school": (SCHOOL_CODE, "not a code of 8 digits"),
    "municipality": (MUNICIPALITY_CODE, "not four digits"),
    "county": (re.compile(r"\d\d"), "not two digits"),
}
SEXES = {"": "all", "totalt": "all", "samtliga": "all", "flickor": "girl", "pojkar": "boy"}
NOT_A_FIGURE = "neither a number nor one of the agency's marks"


class Place(NamedTuple):
    """Whom a row is about."""

    level: str
    unit: str
    unit_name: str
    owner_type: str
    subject: str
    sex: str
    item: str
    line: int


class Entry(NamedTuple):
    """One cell, with all that its row, its column and the banner say about it."""

    place: Place
    meaning: Meaning
    school_year: str
    group: str
    header: str
    text: str

    def key(self, indicator: str) -> tuple[str, ...]:
        return (self.place.unit, self.place.owner_type, self.school_year, self.group, indicator)


@dataclass(frozen=True)
class SkolverketExport:
    """The agency's own files, school or municipal level, one sheet or several, one header row or two.

    Every column of figures becomes rows of ``published_values``; exports per school unit fill ``schools`` too,
    from the export's school year on. Figures of one school unit are its own whoever runs it, so their
    ``owner_type`` is ``all``. Exports for a calendar year (costs) get the school year that ends in its spring.
    """

    name: str = "skolverket_export"

    def recognises(self, delivery: Delivery) -> bool:
        """The row that begins with Skola, Kommun or Län stands below a line ``Valt läsår:`` or ``Valt år:``."""
        return any(table_in(sheet) for sheet in delivery.sheets)

    def read(self, delivery: Delivery, circumstances: Circumstances) -> list[Filled]:
        tables = [table for sheet in delivery.sheets if (table := table_in(sheet))]
        refuse(delivery.file_name, *(fault for table in tables for fault in (*faults_in(table), *_period_faults(table))))
        faults = Faults()
        places = [_places(table, faults) for table in tables]
        figures = [figure for table, rows in zip(tables, places, strict=True) for figure in _figures(table, rows, faults)]
        schools = [school for table in tables if table.level == "school" for school in _schools(table, faults)]
        refuse(delivery.file_name, *faults.listed(), table="published_values")
        filled = [figures_filled(self.name, figures, _left_out(tables))]
        return validated(delivery.file_name, [*filled, schools_filled(schools)] if schools else filled)


def _period_faults(table: Table) -> Iterator[Fault]:
    for text in dict.fromkeys((table.period, *(measure.period for measure in table.measures if measure.period))):
        try:
            period_year(text)
        except UnreadableError:
            yield Fault("", "the line 'Valt läsår' or a column names no school year written 2024/25", "INVALID_VALUE")


def _places(table: Table, faults: Faults) -> list[tuple[Place, list[str]]]:
    """Whom each row is about; rows for owners the tables do not know are left out."""
    found = []
    for line, row in table.whole_rows():
        place = _place(table, row, line, faults)
        if place:
            found.append((place, row))
    return found


def _place(table: Table, row: list[str], line: int, faults: Faults) -> Place | None:
    level, unit = _unit(table, row, line, faults)
    sex = table.cell(row, SEX).lower()
    if sex not in SEXES:
        faults.add(table.named(SEX), "not Flickor, Pojkar or Samtliga", line)
    owner = "all" if table.level == "school" else _owner(table, row, line, faults)
    if owner is None:
        return None
    return Place(level, unit, row[0].strip(), owner, table.cell(row, SUBJECT), sex, table.cell(row, ITEM), line)


def _unit(table: Table, row: list[str], line: int, faults: Faults) -> tuple[str, str]:
    code, name = table.cell(row, table.code), row[0].strip()
    if name == "Riket":
        return "nation", "SE"
    # Municipalities that run schools together (kommunalförbund) have neither municipality code nor county.
    if table.level == "municipality" and not code and name and not table.cell(row, "länskod"):
        return "owner", name
    pattern, rule = CODES[table.level]
    if not pattern.fullmatch(code):
        faults.add(table.named(table.code), rule, line)
    return table.level, code


def _owner(table: Table, row: list[str], line: int, faults: Faults) -> str | None:
    try:
        return owner_type(table.cell(row, OWNER) or table.owner)
    except UnreadableError:
        faults.add(table.named(OWNER), "not Samtliga, Kommunal, Enskild or another known owner", line)
        return None


def _figures(table: Table, rows: list[tuple[Place, list[str]]], faults: Faults) -> Iterator[Figure]:
    entries = list(_entries(table, rows))
    counts = _counts(entries)
    for entry in entries:
        n = counts.get(entry.key(entry.meaning.base))
        try:
            cell = published(entry.text, share=entry.meaning.share, n=n)
        except UnreadableError as unreadable:
            faults.add(entry.header, NOT_A_FIGURE, entry.place.line, unreadable.code)
            continue
        place = entry.place
        yield Figure(
            entry.meaning.indicator, place.level, place.unit, place.unit_name, place.owner_type, entry.school_year, entry.group,
            cell, n, place.line,
        )  # fmt: skip


def _entries(table: Table, rows: list[tuple[Place, list[str]]]) -> Iterator[Entry]:
    year_group = table.year_group
    years = {text: period_year(text) for text in (table.period, *(m.period for m in table.measures if m.period))}
    for place, row in rows:
        for measure in table.measures:
            means = meaning(table.title, measure.label or place.item, year_group, place.subject)
            group = SEXES.get(measure.sex or place.sex, "all")
            yield Entry(place, means, years[measure.period or table.period], group, measure.header, row[measure.place])


def _counts(entries: Iterable[Entry]) -> dict[tuple[str, ...], float]:
    """The persons (or posts) behind figures, where the export shows them."""
    bases = {entry.meaning.base for entry in entries} - {""}
    counts = {}
    for entry in entries:
        if entry.meaning.indicator in bases:
            try:
                cell = published(entry.text)
            except UnreadableError:
                continue  # told where the figure itself is read
            if cell.status == "exists":
                counts[entry.key(entry.meaning.indicator)] = cell.value
    return counts


def _schools(table: Table, faults: Faults) -> Iterator[School]:
    for line, row in table.whole_rows():
        owner = _owner(table, row, line, faults)
        municipality = table.cell(row, "kommunkod")
        if not MUNICIPALITY_CODE.fullmatch(municipality):
            faults.add(table.named("kommunkod"), CODES["municipality"][1], line)
        if owner in ("municipal", "independent"):
            yield School(
                table.cell(row, table.code), row[0].strip(), municipality, table.cell(row, "skolkommun"), owner, None,
                period_year(table.period), line,
            )  # fmt: skip


def _left_out(tables: Iterable[Table]) -> list[str]:
    """A note on rows whose owners the tables do not know."""
    words = Counter(
        word
        for table in tables
        if table.level != "school"
        for _, row in table.whole_rows()
        if owner_type(word := table.cell(row, OWNER) or table.owner) is None
    )
    if not words:
        return []
    return [f"{sum(words.values())} rows left out: owners the tables do not know ({', '.join(sorted(words))})"]


SOURCES = (SkolverketExport(),)
