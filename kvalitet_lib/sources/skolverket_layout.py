"""Where things stand in a Skolverket export: its title, its period, its header of one or two rows, its rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from kvalitet_lib.errors import Fault
from kvalitet_lib.sources.sheet import Sheet

LEVELS = {"skola": ("school", "skolenhetskod"), "kommun": ("municipality", "kommunkod"), "län": ("county", "länskod")}
OWNER, SUBJECT, SEX, ITEM = "typavhuvudman", "ämne", "kön", "uppgift"
USUAL = {"skolenhetskod": "Skol-enhetskod", "kommunkod": "Kommun-kod", "länskod": "Läns-kod", OWNER: "Typ av huvudman"}
DESCRIPTIONS = {
    *LEVELS, "kommunkod", "länskod", "skolenhetskod", "skolkommun", "huvudman", "huvudmanorgnr", OWNER, SUBJECT, SEX, ITEM,
}  # fmt: skip
SEX_HEADERS = ("totalt", "flickor", "pojkar")
PERIOD = re.compile(r"valt (?:läsår|år): *(.+)", re.IGNORECASE)
ONE_OWNER = re.compile(r"typ av huvudman: *(.+)", re.IGNORECASE)
ONE_SCHOOL_YEAR = re.compile(r"\d{4}/\d{2}")
ONE_YEAR_GROUP = re.compile(r"årskurs (\d)(?![\d-])", re.IGNORECASE)
NOTES = "rapportbeskrivning"


@dataclass(frozen=True)
class Measure:
    """One column of figures.

    ``label`` are the words that say what it is, the group's first; empty where the row says it (``Uppgift``).
    ``sex`` and ``period`` are empty where the row, or the whole export, says it.
    """

    place: int
    header: str
    label: str
    sex: str = ""
    period: str = ""


@dataclass(frozen=True)
class Table:
    """One sheet of an export, taken apart."""

    title: str
    period: str
    owner: str
    level: str
    code: str
    header: list[str]
    places: dict[str, int]
    measures: list[Measure]
    width: int
    rows: list[list[str]] = field(repr=False)
    lines: list[int] = field(repr=False)

    def cell(self, row: Sequence[str], column: str) -> str:
        """The trimmed cell of a describing column; empty when the export does not have it."""
        place = self.places.get(column)
        return "" if place is None else row[place].strip()

    def named(self, column: str) -> str:
        """A describing column as the export itself names it."""
        return self.header[self.places[column]] if column in self.places else column

    @property
    def year_group(self) -> str:
        """The one year group the figures concern: said by the title or by a row, or else given by the subject."""
        items = {self.cell(row, ITEM) for row in self.rows if len(row) >= self.width} if ITEM in self.places else set()
        said = next((found[1] for text in (self.title, *sorted(items)) if (found := ONE_YEAR_GROUP.search(text))), "")
        # Eligibility for upper secondary school is decided by the grades at the end of year 9.
        return said or ("9" if "behörighet till gymnasieskolan" in self.title.lower() else "")

    def whole_rows(self) -> Iterator[tuple[int, list[str]]]:
        """Line and cells of the rows that fit the header."""
        return ((line, row) for line, row in zip(self.lines, self.rows, strict=True) if fits(row, self.width))


def table_in(sheet: Sheet) -> Table | None:
    """The table of figures in a sheet, or None when it is not a sheet of such an export."""
    top = next((place for place, row in enumerate(sheet.rows) if _is_header(row)), None)
    if top is None:
        return None
    banner = [row[0].strip() for row in sheet.rows[:top] if row and row[0].strip()]
    period = _match(PERIOD, banner)
    if not period:
        return None
    header = [cell.strip() for cell in sheet.rows[top]]
    above = sheet.rows[top - 1]
    groups = _spread(above) if not above[0].strip() else []
    rows, lines = _above_notes(sheet.rows[top + 1 :], sheet.lines[top + 1 :])
    level, code = LEVELS[header[0].lower()]
    described = [(_key(cell), place) for place, cell in enumerate(header) if _key(cell) in DESCRIPTIONS]
    return Table(
        title=next((text for text in banner if " - " in text), ""),
        period=period,
        owner=_match(ONE_OWNER, banner),
        level=level,
        code=code,
        header=header,
        places=dict(reversed(described)),
        measures=[_measure(place, cell, groups) for place, cell in enumerate(header) if cell and _key(cell) not in DESCRIPTIONS],
        width=max(place for place, cell in enumerate(header) if cell) + 1,
        rows=rows,
        lines=lines,
    )


def faults_in(table: Table) -> list[Fault]:
    """What keeps a table from being read at all, and the rows that do not fit its header."""
    needed = [table.code, *([] if table.owner else [OWNER]), *(["kommunkod"] if table.level == "school" else [])]
    missing = [Fault(USUAL[key], "the column is missing", "MISSING_COLUMN") for key in needed if key not in table.places]
    if not table.measures:
        missing.append(Fault("", "there is no column of figures", "MISSING_COLUMN"))
    if not table.rows:
        missing.append(Fault("", "there are no rows under the header", "NO_ROWS"))
    said = Counter((measure.label, measure.sex, measure.period) for measure in table.measures)
    twice = [m.header for m in table.measures if said[m.label, m.sex, m.period] > 1]
    repeated = [Fault(header, "the column is there twice", "DUPLICATE_COLUMN") for header in dict.fromkeys(twice)]
    return [*missing, *repeated, *_misfits(table)]


def _misfits(table: Table) -> list[Fault]:
    lines = tuple(line for line, row in zip(table.lines, table.rows, strict=True) if not fits(row, table.width))
    rule, advice = "more or fewer cells than the header has columns", "Deliver the export as the agency's site gives it."
    return [Fault("", rule, "RAGGED_ROW", lines, advice)] if lines else []


def fits(row: Sequence[str], width: int) -> bool:
    """Whether a row has a cell for each of ``width`` columns, and nothing after them."""
    return len(row) >= width and not any(cell.strip() for cell in row[width:])


def _is_header(row: Sequence[str]) -> bool:
    return bool(row) and row[0].strip().lower() in LEVELS and len({_key(cell) for cell in row} & DESCRIPTIONS) > 1


def _key(header: str) -> str:
    """``Kommun-kod``, ``Kommunkod`` and ``Skol-enhetskod`` without what varies between exports."""
    return re.sub(r"[^a-zåäö]", "", header.lower())


def _match(pattern: re.Pattern[str], banner: Sequence[str]) -> str:
    return next((found[1].strip() for text in banner if (found := pattern.match(text))), "")


def _spread(above: Sequence[str]) -> list[str]:
    """The group of every column; in a workbook only the first cell of a merged group holds its name."""
    groups: list[str] = []
    for cell in above:
        groups.append(cell.strip() or (groups[-1] if groups else ""))
    return groups


def _measure(place: int, header: str, groups: Sequence[str]) -> Measure:
    group = groups[place] if place < len(groups) else ""
    if ONE_SCHOOL_YEAR.fullmatch(header):
        return Measure(place, header, label="", period=header)
    named = f"{group}, {header}" if group else header
    if group and header.lower() in SEX_HEADERS:
        return Measure(place, named, label=group, sex=header.lower())
    return Measure(place, named, label=f"{group} {header}".strip())


def _above_notes(rows: list[list[str]], lines: list[int]) -> tuple[list[list[str]], list[int]]:
    end = next((place for place, row in enumerate(rows) if row[0].strip().lower().startswith(NOTES)), len(rows))
    return rows[:end], lines[:end]
