"""Cells of a table that are not what their text says: each is refused by its place, and nothing outside the table matters.

Rows hidden by a filter or by hand are refused: whoever hid them may have meant to leave them out, or have forgotten the
filter, and only they know. Hidden columns are read, as their headers say what they are; hidden sheets are not read.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping

from kvalitet_lib.errors import Fault
from kvalitet_lib.sources.sheet import Sheet
from kvalitet_lib.sources.workbook.worksheet import column_letters

DOUBTS = {
    "error": (
        "shows an error such as #N/A",
        "ERROR_CELL",
        "Correct it in the workbook, or empty the cell if there is nothing to say.",
    ),
    "uncomputed": (
        "a formula whose value was never saved",
        "FORMULA_WITHOUT_VALUE",
        "Open the workbook in a spreadsheet, look at the values, save it and deliver it again.",
    ),
    "percent": (
        "shown as a percentage, kept as a hundredth of it",
        "PERCENT_CELL",
        "Write the column as plain numbers: 82,5 where it shows 82,5 %.",
    ),
    "date": (
        "turned into a date by a spreadsheet",
        "DATE_CELL",
        "Format the column as text, write the values again, and look that they stay.",
    ),
    "merged": (
        "merged cells: only the first of them has a value",
        "MERGED_CELLS",
        "Unmerge them and write the value in every row.",
    ),
    "hidden": (
        "hidden from view, by a filter or by hand",
        "HIDDEN_ROWS",
        "Show all rows, delete those that do not belong, and deliver the workbook again.",
    ),
}


def doubts_about(
    sheet: Sheet, header_line: int, lines: list[int], columns: Mapping[int, str], days: frozenset[int]
) -> list[Fault]:
    """What a spreadsheet says about the cells of a table that forbids taking them as they are.

    Parameters
    ----------
    sheet : Sheet
    header_line : int
        The line the header stands on.
    lines : list of int
        The lines of the table under it, ascending.
    columns : mapping
        Place of each column that is used (0 for A) → its header.
    days : frozenset of int
        Places of the columns in which a date belongs.
    """
    if not sheet.areas:
        return []
    found: dict[tuple[str, int], set[int]] = {}
    for area in sheet.areas:
        inside = [header_line, *lines] if area.what == "merged" else lines
        within = inside[bisect_left(inside, area.first_line) : bisect_right(inside, area.last_line)]
        used = [place for place in columns if area.first_column <= place + 1 <= area.last_column]
        if area.what == "date":
            used = [place for place in used if place not in days]
        if within and used and area.what in DOUBTS:
            found.setdefault((area.what, min(used)), set()).update(within)
    texts = dict(zip(sheet.lines, sheet.rows, strict=True))
    told = []
    for (what, place), doubtful in sorted(found.items()):
        kept = sorted(line for line in doubtful if what in ("merged", "hidden") or _is_filled(texts[line], place))
        told += [_fault(sheet, what, "" if what == "hidden" else columns[place], place, tuple(kept))] if kept else []
    return told


def _fault(sheet: Sheet, what: str, header: str, place: int, lines: tuple[int, ...]) -> Fault:
    rule, code, advice = DOUBTS[what]
    where = f"sheet {sheet.name}" if what == "hidden" else f"column {column_letters(place + 1)} of sheet {sheet.name}"
    return Fault(header, f"{rule}, in {where}", code, lines, advice)


def _is_filled(row: list[str], place: int) -> bool:
    return place < len(row) and bool(row[place].strip())
