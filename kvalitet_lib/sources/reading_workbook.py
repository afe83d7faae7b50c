"""XLSX and XLS: inspected before they are opened, then every cell of the visible sheets as text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kvalitet_lib.sources.refusal import UnfitError, refuse
from kvalitet_lib.sources.sheet import Area, Sheet
from kvalitet_lib.sources.workbook import parts, records
from kvalitet_lib.sources.workbook.areas import Areas
from kvalitet_lib.sources.workbook.parsing import parsed, unreadable
from kvalitet_lib.sources.workbook.parts import Kept
from kvalitet_lib.sources.workbook.worksheet import column_letters

CORRECT_IT = "Correct it in the workbook, or empty the cell if there is nothing to say."
ERROR_WORDS = frozenset(
    (
        "#n/a", "#ref!", "#div/0!", "#value!", "#name?", "#null!", "#num!", "#spill!", "#calc!", "#getting_data",
        "#saknas!", "#referens!", "#division/0!", "#värdefel!", "#namn?", "#skärning!", "#ogiltigt!",
        "#i/t", "#verdi!", "#navn?",
    )
)  # fmt: skip


def read_workbook(file_name: str, content: bytes) -> list[Sheet]:
    """The visible worksheets, every cell as text; see :func:`read_sheets` for how numbers and dates are written.

    Raises
    ------
    DeliveryError
        The workbook is encrypted, cut off, damaged, larger unpacked than a table ever is, or holds macros, links to
        other files, other documents or XML entities.
    """
    fault = None
    try:
        return sheets_of(content)
    except UnfitError as unfit:
        fault = unfit.fault
    refuse(file_name, fault)
    return []


def sheets_of(content: bytes) -> list[Sheet]:
    inspect: Callable[[bytes], list[Kept | None]] = parts.inspected if content.startswith(b"PK") else records.inspected
    kept = inspect(content)
    sheets = [sheet_of(kept, read) for read in parsed(content)]
    if not any(sheet.rows for sheet in sheets) and any(one and one.cells for one in kept):
        raise UnfitError(
            "all cells stand on hidden sheets", "HIDDEN_SHEET", "Show the sheet that is meant, and save the workbook."
        )
    return sheets


def sheet_of(kept: list[Kept | None], read: dict[str, Any]) -> Sheet:
    """A sheet as the reader gave it, with what it did not say: errors, percentages and leading zeros as they are shown."""
    seen = kept[read["index"]] if read["index"] < len(kept) else None
    if seen is None or seen.name != read["name"]:
        raise unreadable()
    if read["rows"] is None:
        raise errors_in(seen) or unreadable()
    rows: list[list[str]] = read["rows"]
    for area in seen.areas:
        show(rows, area)
    areas = (*seen.areas, *noticed(rows, read["dates"]))
    filled = [(line, row) for line, row in enumerate(rows, start=1) if any(cell.strip() for cell in row)]
    return Sheet(seen.name, [row for _, row in filled], [line for line, _ in filled], areas)


def show(rows: list[list[str]], area: Area) -> None:
    """Write the cells of an area as a spreadsheet shows them, so that none is taken for another value or for an empty one."""
    how = SHOWN.get(area.what)
    if how is None:
        return
    if area.what == "uncomputed":  # the reader leaves out what has no value, also below and beside all others
        rows += [[] for _ in range(len(rows), area.last_line)]
        for row in rows[area.first_line - 1 : area.last_line]:
            row += [""] * (area.last_column - len(row))
    for row in rows[area.first_line - 1 : area.last_line]:
        for place in range(area.first_column - 1, min(area.last_column, len(row))):
            row[place] = how(row[place], area.width)


def noticed(rows: list[list[str]], dates: list[list[int]]) -> tuple[Area, ...]:
    """Where dates stand, and errors that were pasted as text."""
    areas = Areas()
    for line, column in dates:
        areas.cell("date", line, column)
    for line, row in enumerate(rows, start=1):
        for column, cell in enumerate(row, start=1):
            if cell.startswith("#") and cell.casefold() in ERROR_WORDS:
                areas.cell("error", line, column)
    return areas.listed()


def errors_in(seen: Kept) -> UnfitError | None:
    """Kinds of error the reader does not know stop it; they are told by their place."""
    first = min((area for area in seen.areas if area.what == "error"), key=lambda area: area.first_line, default=None)
    if first is None:
        return None
    where = f"{seen.name}!{column_letters(first.first_column)}"
    return UnfitError("shows an error such as #N/A", "ERROR_CELL", CORRECT_IT, where, (first.first_line,))


def error_shown(text: str, _: int) -> str:
    return text or "#N/A"


def uncomputed_shown(_text: str, _: int) -> str:
    return "="


def percent_shown(text: str, _: int) -> str:
    try:
        return f"{float(text.replace(',', '.')) * 100:.10g} %".replace(".", ",")
    except ValueError:
        return text


def zeros_shown(text: str, width: int) -> str:
    return text.zfill(width) if text.isdecimal() else text


SHOWN: dict[str, Callable[[str, int], str]] = {
    "error": error_shown,
    "uncomputed": uncomputed_shown,
    "percent": percent_shown,
    "zeros": zeros_shown,
}
