"""Five-year series and SALSA per school, reshaped from Skolverket's interface by a third party: two plain tables.

Not the agency's format: comma, decimal point, and what the agency hides is simply absent. An absent figure is
not shown, for an unknown reason, and becomes no row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kvalitet_lib.errors import DeliveryError, Fault
from kvalitet_lib.sources.calendar_terms import school_year
from kvalitet_lib.sources.numerals import UnreadableError
from kvalitet_lib.sources.published_cells import PublishedCell, published
from kvalitet_lib.sources.refusal import refuse
from kvalitet_lib.sources.skolverket_rows import SCHOOL_CODE, Faults, Figure, Record, figures_filled, period_year, records
from kvalitet_lib.sources.source import Circumstances, Delivery, Filled
from kvalitet_lib.sources.validation import validated

SERIES = ("kod", "indicator", "school_year", "value")


@dataclass(frozen=True)
class Column:
    """One column of the table of schools: its indicator, how it is written, and which school year it is of.

    ``whole`` columns are whole numbers at the agency; the ``.0`` they end in here is not a decimal.
    ``rounded`` ones are to the nearest ten. ``later`` counts school years after the one the file is named for:
    October's pupils are of the next.
    """

    indicator: str
    share: bool = False
    whole: bool = False
    rounded: bool = False
    later: int = 0


SERIES_INDICATORS = {
    "meritvarde": Column("meritvarde"),
    "behorighet": Column("behorighet_yrkesprogram", share=True),
    "np": Column("np9_medel"),
}
SCHOOLS = {
    "elever": Column("antal_elever", whole=True, rounded=True, later=1),
    "meritvarde": Column("meritvarde"),
    "salsaDev": Column("salsa_avvikelse_meritvarde", whole=True),
    "salsaActual": Column("skolverket_salsa_average_grades_in_9th_grade_actual", whole=True),
    "salsaCalc": Column("skolverket_salsa_average_calculated", whole=True),
    "salsaReqDev": Column("salsa_avvikelse_alla_amnen", share=True, whole=True),
    "salsaParents": Column("skolverket_salsa_parents_education"),
}
# Each of these is the newest figure the agency shows, of whichever year that is; the file does not say which.
UNDATED = ("behorighet", "np", "andelGodkand", "lararbehorighet")


@dataclass(frozen=True)
class SkolverketSeries:
    """Tables ``kod, indicator, school_year, value`` and ``kod, namn, kommun, …, salsaDev, …``.

    The table of schools holds no year, so its name must (``skolor_2025.csv`` is school year 2024-25), and only
    figures whose year is certain are read: SALSA's; pupils, counted in October of the next school year; and the
    merit value where SALSA's own, of the known year, rounds to the same. The other columns hold the newest figure
    shown, sometimes several years old; the series has them with their years. The table names municipalities
    without codes, so it fills no ``schools``.
    """

    name: str = "skolverket_series"

    def recognises(self, delivery: Delivery) -> bool:
        """By the header on the first line."""
        header = _header(delivery)
        return header == list(SERIES) or {"kod", "salsaDev", "salsaActual"} <= set(header)

    def read(self, delivery: Delivery, circumstances: Circumstances) -> list[Filled]:
        faults = Faults()
        notes: tuple[str, ...] = ()
        if _header(delivery) == list(SERIES):
            figures = list(_series(records(delivery.file_name, delivery.sheets[0]), faults))
        else:
            figures = list(_schools(records(delivery.file_name, delivery.sheets[0]), _year_named(delivery.file_name), faults))
            notes = (f"columns left out, because the file does not say of which year each figure is: {', '.join(UNDATED)}",)
        refuse(delivery.file_name, *faults.listed(), table="published_values")
        return validated(delivery.file_name, [figures_filled(self.name, figures, notes)])


def _header(delivery: Delivery) -> list[str]:
    sheets = delivery.sheets
    return [cell.strip() for cell in sheets[0].rows[0]] if sheets and sheets[0].rows else []


def _year_named(file_name: str) -> int:
    found = re.search(r"(?<!\d)(20\d\d)(?!\d)", file_name)
    if found:
        return int(found[1])
    advice = "Name it after the year its grades were given in, e.g. skolor_2025.csv."
    undated = Fault("", "neither the file nor its name says the school year", "MISSING_PERIOD", advice=advice)
    raise DeliveryError(file_name, "published_values", [undated])


def _series(rows: Sequence[Record], faults: Faults) -> Iterator[Figure]:
    for line, row in rows:
        column = SERIES_INDICATORS.get(row["indicator"])
        if column is None:
            faults.add("indicator", f"not one of {', '.join(SERIES_INDICATORS)}", line)
            continue
        try:
            year = school_year(row["school_year"])
        except UnreadableError:
            faults.add("school_year", "not a school year written like 2024/25", line)
            continue
        yield from _figure(row, "value", column, year, line, faults)


def _schools(rows: Sequence[Record], year: int, faults: Faults) -> Iterator[Figure]:
    for line, row in rows:
        for name, column in SCHOOLS.items():
            if name in row and (name != "meritvarde" or _confirmed(row["meritvarde"], row["salsaActual"])):
                yield from _figure(row, name, column, period_year(str(year + column.later)), line, faults)


def _confirmed(merit: str, salsa: str) -> bool:
    """SALSA's merit value is the same figure in whole points, and of the year the file is named for."""
    try:
        return abs(float(merit) - float(salsa)) <= 0.5
    except ValueError:
        return False


def _figure(row: Mapping[str, str], name: str, column: Column, year: str, line: int, faults: Faults) -> Iterator[Figure]:
    """The figure in one cell; none where the cell is empty."""
    if not SCHOOL_CODE.fullmatch(row["kod"]):
        faults.add("kod", "not a code of 8 digits", line)
        return
    if not row[name]:
        return
    try:
        cell = _cell(row[name], column)
    except UnreadableError:
        faults.add(name, "not a number with a decimal point", line)
        return
    yield Figure(column.indicator, "school", row["kod"], row.get("namn"), "all", year, "all", cell, None, line)


def _cell(text: str, column: Column) -> PublishedCell:
    written = text.removesuffix(".0") if column.whole else text
    cell = published(f"cirka {written}" if column.rounded else written, decimal=".", share=column.share)
    return replace(cell, original=text)


SOURCES = (SkolverketSeries(),)
