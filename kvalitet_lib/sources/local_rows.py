"""From a sheet to columns of text: where the header stands, which rows count, and what is wrong with the shape."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import pandas as pd

from kvalitet_lib.errors import Fault
from kvalitet_lib.sources.characters import SAVE_AS_UTF8
from kvalitet_lib.sources.local_around import Fields, is_header, is_table_row, place_of_total, without_foot
from kvalitet_lib.sources.local_columns import Field, LocalKind, header_row, plain
from kvalitet_lib.sources.local_identity import FREE_TEXT_HEADERS, known_persons, reachable_persons
from kvalitet_lib.sources.local_identity_headers import identity_columns
from kvalitet_lib.sources.local_rules import names, past_days
from kvalitet_lib.sources.sheet import Sheet
from kvalitet_lib.sources.sheet_doubts import doubts_about

STRAY = "Look for a separator inside a cell."
ADD_COLUMN = "Add it in the export; which columns there must be:  kvalitet explain deliveries"
NO_ROWS = "Choose a wider selection in the export."
NO_TOTALS = "Leave totals and means out of the export."
LOST_LETTER = re.compile(r"(?<=[^\W\d_])\?+(?=[^\W\d_])")
ONE_TABLE = "Deliver one header row with one table under it."


@dataclass(frozen=True)
class Body:
    """What stands under the header row.

    Attributes
    ----------
    cells : DataFrame of str
        One column for each field found, by our name; one row for each row of the table.
    lines : Series of int
        The line each row stands on, with the index of ``cells``.
    headers : dict
        Our name → the delivery's header; the header we ask for where the delivery has none.
    missing, doubled : frozenset of str
        Our names of the required columns that are not there, and of those there twice: their cells are not judged.
    faults : list of Fault
    notes : tuple of str
        What was left out on purpose.
    """

    cells: pd.DataFrame
    lines: pd.Series
    headers: dict[str, str]
    missing: frozenset[str]
    doubled: frozenset[str]
    faults: list[Fault]
    notes: tuple[str, ...]


def body_of(kind: LocalKind, sheet: Sheet) -> Body:
    """The table in a sheet of a known kind, with every fault in its shape."""
    position, _ = header_row(kind, sheet)
    header_line = sheet.lines[position]
    below = list(zip(sheet.rows[position + 1 :], sheet.lines[position + 1 :], strict=True))
    headers = headers_in(sheet.rows[position], [row for row, _ in below])
    fields = {place: kind.field_of(header) for place, header in enumerate(headers)}
    found = {one.column: place for place, one in reversed(fields.items()) if one}
    missing = [one for one in kind.fields if one.required and one.column not in found]
    table = without_foot(kind, fields, below)
    strays = stray_rows(kind, fields, headers, table)
    kept = [(row, line) for row, line in table if line not in strays.lines]
    lines = pd.Series([line for _, line in kept], dtype="int64")
    columns = {place: pd.Series([row[place] for row, _ in kept], dtype="str") for place in range(len(headers))}
    lost = lost_letters(headers, header_line)
    above = [] if missing else rows_above(kind, fields, sheet, position)
    faults = [
        *(lost or missing_columns(missing, header_line)),
        *repeated_columns(headers, fields, header_line),
        *identity_columns(kind, headers, header_line),
        *unnamed_columns(headers, columns, header_line),
        *_lines_fault(above, "rows of the table stand above the header", "ROWS_ABOVE_HEADER", ONE_TABLE),
        *strays.faults,
        *(
            []
            if table
            else [Fault("", "no rows under the header", "NO_ROWS", (header_line,), "Choose a wider selection in the export.")]
        ),
        *persons_in(kind, headers, fields, columns, lines),
        *doubts_about(
            sheet,
            header_line,
            [line for _, line in table],
            {place: headers[place] for place, one in fields.items() if one},
            frozenset(place for place, one in fields.items() if one and one.read is past_days),
        ),
    ]
    return Body(
        pd.DataFrame({name: columns[place] for name, place in found.items()}, index=lines.index),
        lines,
        {one.column: one.headers[0] for one in kind.fields} | {name: headers[place] for name, place in found.items()},
        frozenset(one.column for one in missing),
        frozenset(column for column, times in Counter(one.column for one in fields.values() if one).items() if times > 1),
        faults,
        tuple(notes_on(headers, fields, len(below) - len(table))),
    )


@dataclass(frozen=True)
class Strays:
    """Rows of a table that are not rows of data, and what is said of them."""

    lines: frozenset[int]
    faults: list[Fault]


def stray_rows(kind: LocalKind, fields: Fields, headers: list[str], table: list[tuple[list[str], int]]) -> Strays:
    """Rows too long or too short, headers once more, and totals."""
    repeated = [line for row, line in table if is_header(headers, row)]
    rest = [(row, line) for row, line in table if line not in set(repeated)]
    totals: dict[int, list[int]] = {}
    for row, line in rest:
        place = place_of_total(kind, fields, row)
        if place is not None:
            totals.setdefault(place, []).append(line)
    summed = {line for lines in totals.values() for line in lines}
    ragged = [line for row, line in rest if line not in summed and is_ragged(row, len(headers))]
    faults = [
        *_lines_fault(ragged, "more or fewer cells than the header has columns", "RAGGED_ROW", STRAY),
        *_lines_fault(repeated, "the header row once more", "REPEATED_HEADER", ONE_TABLE),
        *(
            Fault(
                headers[place] if place < len(headers) else "",
                "a total, not a row of the table",
                "TOTAL_ROW",
                tuple(lines),
                NO_TOTALS,
            )
            for place, lines in totals.items()
        ),
    ]
    return Strays(frozenset({*ragged, *repeated, *summed}), faults)


def is_ragged(row: list[str], width: int) -> bool:
    return len(row) < width or any(cell.strip() for cell in row[width:])


def rows_above(kind: LocalKind, fields: Fields, sheet: Sheet, position: int) -> list[int]:
    """Lines above the header that hold what rows of the table hold: someone sorted the header with the rest."""
    above = zip(sheet.rows[:position], sheet.lines[:position], strict=True)
    return [line for row, line in above if is_table_row(kind, fields, row)]


def persons_in(
    kind: LocalKind, headers: list[str], fields: Fields, columns: dict[int, pd.Series], lines: pd.Series
) -> list[Fault]:
    """Who someone is, in columns whose rule would let any text pass and in columns we do not know."""
    free = set(free_text(headers, fields))
    open_columns = [place for place, one in fields.items() if one is None or one.read is names]
    return [
        *(fault for place in free for fault in reachable_persons(headers[place], columns[place], lines)),
        *(
            fault
            for place in open_columns
            if place not in free
            for fault in known_persons(headers[place], columns[place], lines, bool(kind.personal))
        ),
    ]


def headers_in(row: list[str], below: list[list[str]]) -> list[str]:
    """The headers, with one blank for each nameless column that most rows fill; empty columns at the end are none."""
    headers = [" ".join(cell.split()) for cell in row]
    while headers and not headers[-1]:
        place = len(headers) - 1
        if 2 * sum(len(cells) > place and bool(cells[place].strip()) for cells in below) > len(below):
            break
        headers.pop()
    return headers


def missing_columns(missing: list[Field], line: int) -> list[Fault]:
    return [Fault(one.headers[0], "the column is missing", "MISSING_COLUMN", (line,), ADD_COLUMN) for one in missing]


def repeated_columns(headers: list[str], fields: Fields, line: int) -> list[Fault]:
    """Two headers that are the same, or that mean the same."""
    meant = {place: one.column if (one := fields[place]) else plain(header) for place, header in enumerate(headers) if header}
    times = Counter(meant.values())
    found = {headers[place]: None for place, name in meant.items() if times[name] > 1}
    return [Fault(header, "the column is there twice", "DUPLICATE_COLUMN", (line,), "Keep the right one.") for header in found]


def unnamed_columns(headers: list[str], columns: dict[int, pd.Series], line: int) -> list[Fault]:
    """A column with content and no header."""
    nameless = [place for place, header in enumerate(headers) if not header and columns[place].str.strip().ne("").any()]
    return [
        Fault(f"(column {place + 1})", "has content but no header", "MISSING_HEADER", (line,), ONE_TABLE) for place in nameless
    ]


def lost_letters(headers: list[str], line: int) -> list[Fault]:
    """Headers in which a question mark stands for a letter."""
    rule = "letters lost in an earlier conversion (shown as ?)"
    return [Fault(header, rule, "LOST_CHARACTERS", (line,), SAVE_AS_UTF8) for header in headers if LOST_LETTER.search(header)]


def free_text(headers: list[str], fields: Fields) -> list[int]:
    """Columns of free text that this kind of delivery has no place for."""
    return [place for place, header in enumerate(headers) if plain(header) in FREE_TEXT_HEADERS and not fields[place]]


def notes_on(headers: list[str], fields: Fields, foot_rows: int) -> list[str]:
    """What is left out on purpose, for the person who loads the delivery."""
    texts = {headers[place] for place in free_text(headers, fields)}
    extra = [header for place, header in enumerate(headers) if header and not fields[place] and header not in texts]
    return [
        *([f"free text is never stored: {', '.join(sorted(texts))}"] if texts else []),
        *([f"columns we do not know, not stored: {', '.join(extra)}"] if extra else []),
        *([f"{foot_rows} lines of notes under the table were not read"] if foot_rows else []),
    ]


def _lines_fault(lines: list[int], rule: str, code: str, advice: str) -> list[Fault]:
    return [Fault("", rule, code, tuple(lines), advice)] if lines else []
