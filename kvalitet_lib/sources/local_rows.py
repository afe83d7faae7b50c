"""From a sheet to columns of text: where the header stands, which rows count, and what is wrong with the shape."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pandas as pd

from kvalitet_lib.errors import Fault
from kvalitet_lib.sources.local_columns import Field, LocalKind, header_row, plain
from kvalitet_lib.sources.local_identity import FREE_TEXT_HEADERS, identity_columns, reachable_persons
from kvalitet_lib.sources.sheet import Sheet

STRAY = "Look for a separator inside a cell."
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
    missing : frozenset of str
        Our names of the required columns that are not there.
    faults : list of Fault
    notes : tuple of str
        What was left out on purpose.
    """

    cells: pd.DataFrame
    lines: pd.Series
    headers: dict[str, str]
    missing: frozenset[str]
    faults: list[Fault]
    notes: tuple[str, ...]


def body_of(kind: LocalKind, sheet: Sheet) -> Body:
    """The table in a sheet of a known kind, with every fault in its shape."""
    position, _ = header_row(kind, sheet)
    headers = trimmed([cell.strip() for cell in sheet.rows[position]])
    below = list(zip(sheet.rows[position + 1 :], sheet.lines[position + 1 :], strict=True))
    table = without_foot(below)
    ragged = [line for row, line in table if len(row) < len(headers) or any(cell.strip() for cell in row[len(headers) :])]
    repeated = [
        line for row, line in table if row[0].strip() == headers[0] and [cell.strip() for cell in trimmed(row)] == headers
    ]
    left_out = {*ragged, *repeated}
    kept = [(row, line) for row, line in table if line not in left_out]
    lines = pd.Series([line for _, line in kept], dtype="int64")
    columns = {place: pd.Series([row[place] for row, _ in kept], dtype="str") for place in range(len(headers))}
    fields = {place: kind.field_of(header) for place, header in enumerate(headers)}
    found = {one.column: place for place, one in reversed(fields.items()) if one}
    missing = [one for one in kind.fields if one.required and one.column not in found]
    faults = [
        *(Fault(one.headers[0], "the column is missing", "MISSING_COLUMN") for one in missing),
        *repeated_columns(headers, fields),
        *(identity_columns(headers) if kind.personal else []),
        *unnamed_columns(headers, columns),
        *_lines_fault(
            ragged, "more or fewer cells than the header has columns", "RAGGED_ROW", "Look for a separator inside a cell."
        ),
        *_lines_fault(repeated, "the header row once more", "REPEATED_HEADER", ONE_TABLE),
        *([] if table else [Fault("", "no rows under the header", "NO_ROWS", advice="Choose a wider selection in the export.")]),
        *(fault for place in free_text(headers) for fault in reachable_persons(headers[place], columns[place], lines)),
    ]
    return Body(
        pd.DataFrame({name: columns[place] for name, place in found.items()}, index=lines.index),
        lines,
        {one.column: one.headers[0] for one in kind.fields} | {name: headers[place] for name, place in found.items()},
        frozenset(one.column for one in missing),
        faults,
        tuple(notes_on(headers, fields, len(below) - len(table))),
    )


def trimmed(row: list[str]) -> list[str]:
    """A row without the empty cells at its end."""
    filled = [place for place, cell in enumerate(row) if cell.strip()]
    return row[: filled[-1] + 1] if filled else []


def without_foot(rows: list[tuple[list[str], int]]) -> list[tuple[list[str], int]]:
    """The rows without notes under the table: rows at the end that hold one sentence and nothing else."""
    kept = len(rows)
    while kept and is_note(rows[kept - 1][0]):
        kept -= 1
    return rows[:kept]


def is_note(row: list[str]) -> bool:
    filled = [cell.strip() for cell in row if cell.strip()]
    return len(filled) == 1 and " " in filled[0] and any(letter.isalpha() for letter in filled[0])


def repeated_columns(headers: list[str], fields: dict[int, Field | None]) -> list[Fault]:
    """Two headers that are the same, or that mean the same."""
    meant = {place: one.column if (one := fields[place]) else plain(header) for place, header in enumerate(headers) if header}
    times = Counter(meant.values())
    found = {headers[place]: None for place, name in meant.items() if times[name] > 1}
    return [Fault(header, "the column is there twice", "DUPLICATE_COLUMN", advice="Keep the right one.") for header in found]


def unnamed_columns(headers: list[str], columns: dict[int, pd.Series]) -> list[Fault]:
    """A column with content and no header."""
    nameless = [place for place, header in enumerate(headers) if not header and columns[place].str.strip().ne("").any()]
    return [Fault(f"(column {place + 1})", "has content but no header", "MISSING_HEADER", advice=ONE_TABLE) for place in nameless]


def free_text(headers: list[str]) -> list[int]:
    return [place for place, header in enumerate(headers) if plain(header) in FREE_TEXT_HEADERS]


def notes_on(headers: list[str], fields: dict[int, Field | None], foot_rows: int) -> list[str]:
    """What is left out on purpose, for the person who loads the delivery."""
    texts = {headers[place] for place in free_text(headers)}
    extra = [header for place, header in enumerate(headers) if header and not fields[place] and header not in texts]
    return [
        *([f"free text is never stored: {', '.join(sorted(texts))}"] if texts else []),
        *([f"columns we do not know, not stored: {', '.join(extra)}"] if extra else []),
        *([f"{foot_rows} lines of notes under the table were not read"] if foot_rows else []),
    ]


def _lines_fault(lines: list[int], rule: str, code: str, advice: str) -> list[Fault]:
    return [Fault("", rule, code, tuple(lines), advice)] if lines else []
