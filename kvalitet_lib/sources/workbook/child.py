"""Run as a process of its own: a workbook comes in, its visible sheets go out as JSON, every cell as text.

Whatever a workbook does to the reader, it does it here: with a bound on memory and time where the system has them, no
file written, no trace printed. It imports nothing of this project, so that it starts in a twentieth of a second.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

MOST_TEXT = 300_000_000
SHOWN_WHOLE_BELOW = 1e15
DIGITS_KEPT = 15
MOMENTS = (date, time, timedelta)


def limited(memory: int, seconds: int) -> None:
    """Bound this process where the system can; leave nothing behind if it dies."""
    try:
        import resource
    except ImportError:
        return
    for what, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))


def answer_to(content: bytes) -> dict[str, Any]:
    """The sheets, or in one word why there are none: ``locked``, ``unreadable``, ``large``.

    ``sheets`` has one entry for each visible sheet of cells: ``index`` and ``name`` in the workbook, ``rows`` from
    line 1 and column A on, ``dates`` as (line, column). ``rows`` is None where the sheet cannot be read.
    """
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
    except PasswordError:
        return {"refused": "locked"}
    except (CalamineError, OSError, ValueError):
        return {"refused": "unreadable"}
    visible = [
        index
        for index, sheet in enumerate(workbook.sheets_metadata)
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
    ]
    return {"sheets": [{"index": index, **sheet_of(workbook, index)} for index in visible]}


def sheet_of(workbook: CalamineWorkbook, index: int) -> dict[str, Any]:
    name = workbook.sheets_metadata[index].name
    try:
        sheet = workbook.get_sheet_by_index(index)
    except (CalamineError, OSError, ValueError):
        return {"name": name, "rows": None, "dates": []}
    rows, dates = cells_of(sheet)
    return {"name": name, "rows": rows, "dates": dates}


def cells_of(sheet: CalamineSheet) -> tuple[list[list[str]], list[tuple[int, int]]]:
    """The rows from line 1 on, and where dates stand."""
    # Rows come without the empty columns to the left of the first cell used, but with the empty rows above it.
    before = [""] * (sheet.start[1] if sheet.start else 0)
    rows, dates, length = [], [], 0
    for line, cells in enumerate(sheet.iter_rows(), start=1):
        row = [*before, *map(written_out, cells)]
        rows.append(row)
        dates += [(line, column) for column, cell in enumerate(cells, start=len(before) + 1) if isinstance(cell, MOMENTS)]
        length += sum(map(len, row))
        if length > MOST_TEXT:
            raise MemoryError
    return rows, dates


def written_out(cell: Any) -> str:
    """A cell as a Nordic spreadsheet shows it: ``82,1``, ``15``, ``2024-10-15``, ``TRUE``.

    A spreadsheet keeps 15 digits of a number. A longer whole number has lost its end and is shown as ``2,01E+16``.
    """
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return number_written(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ").removesuffix(" 00:00:00")
    return str(cell) if isinstance(cell, int | timedelta) else cell.isoformat()


def number_written(number: float) -> str:
    if abs(number) >= SHOWN_WHOLE_BELOW or number != number:
        return f"{number:.14E}".replace(".", ",")
    if number.is_integer():
        return str(int(number))
    shown = round(Decimal(f"{number:.{DIGITS_KEPT}g}"), DIGITS_KEPT)
    return format(shown.normalize(), "f").replace(".", ",")


def main() -> None:
    limited(*map(int, sys.argv[1:3]))
    try:
        answer = json.dumps(answer_to(sys.stdin.buffer.read()), ensure_ascii=False, separators=(",", ":")).encode()
    except MemoryError:
        answer = b'{"refused": "large"}'
    sys.stdout.buffer.write(answer)


if __name__ == "__main__":
    main()
