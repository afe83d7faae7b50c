"""What stands around a table and is not a row of it: titles, notes, totals, and headers once more."""

from __future__ import annotations

import re

import pandas as pd

from kvalitet_lib.sources.cells import texts
from kvalitet_lib.sources.local_columns import Field, LocalKind, plain
from kvalitet_lib.sources.local_rules import amounts, ids, names
from kvalitet_lib.sources.sheet import is_sentence

Row = list[str]
Fields = dict[int, Field | None]

TOTAL = re.compile(
    r"(?:summa|sum|delsumma|delsum|totalt|total|totalsumma|medel|medelvärde|genomsnitt|gjennomsnitt|snitt)(?:\b.*)?"
    r"|samtliga|alla|alle|i alt|riket|hele landet",
    re.IGNORECASE,
)
FROM_A_LABEL = 2
ANY_TEXT = (texts, ids, names)


def without_foot(kind: LocalKind, fields: Fields, rows: list[tuple[Row, int]]) -> list[tuple[Row, int]]:
    """The rows without the notes under the table."""
    kept = len(rows)
    while kept and is_note(kind, fields, rows[kept - 1][0]):
        kept -= 1
    return rows[:kept]


def is_note(kind: LocalKind, fields: Fields, row: Row) -> bool:
    """Whether a row is a sentence, and nothing in it can be read as what its column must hold.

    A separator inside the sentence spreads it over cells; a label and its value are two.
    """
    filled = [cell.strip() for cell in row if cell.strip()]
    if not is_sentence(filled[0]) or (len(filled) >= FROM_A_LABEL and TOTAL.fullmatch(filled[0].rstrip(":"))):
        return False
    return not any(is_so for is_so in _readable(kind, fields, row))


def is_table_row(kind: LocalKind, fields: Fields, row: Row) -> bool:
    """Whether a row holds, in every column that must be filled and has a rule, what that rule can read."""
    return all(_readable(kind, fields, row))


def place_of_total(kind: LocalKind, fields: Fields, row: Row) -> int | None:
    """Where a row says that it is a sum or a mean of others; None when it does not."""
    place = next(place for place, cell in enumerate(row) if cell.strip())
    if not TOTAL.fullmatch(row[place].strip().rstrip(":")):
        return None
    one = fields.get(place)
    a_value_of_its_column = one is not None and one.read not in ANY_TEXT and _reads(kind, one, row[place])
    return None if a_value_of_its_column else place


def is_header(headers: Row, row: Row) -> bool:
    """Whether a row repeats the header: no cell of a table is what its own column is called, let alone two."""
    alike = 0
    for cell, header in zip(row, headers, strict=False):
        # The first letter tells most rows apart without more work; there may be a million.
        if header and cell.strip()[:1].casefold() == header[:1].casefold() and plain(cell) == plain(header):
            alike += 1
    return alike >= FROM_A_LABEL and alike * 2 > sum(bool(cell.strip()) for cell in row)


def _readable(kind: LocalKind, fields: Fields, row: Row) -> list[bool]:
    """For each column that must be filled and has a rule of its own: whether the row fills it with what can be read."""
    ruled = [(place, one) for place, one in fields.items() if one and one.required and one.read not in ANY_TEXT]
    return [place < len(row) and _reads(kind, one, row[place]) for place, one in ruled]


def _reads(kind: LocalKind, one: Field, cell: str) -> bool:
    column = pd.Series([cell], dtype="str")
    typed, failed = amounts(column, kind.decimal, one.most) if one.most is not None else one.read(column)
    return not failed and bool(typed.notna().all())
