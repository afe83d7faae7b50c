"""The bytes of a delivery become sheets of text cells; what cannot be read safely is refused with advice.

What a file is, is judged by its first bytes. A name that says otherwise is refused: the sender
should see what they sent. Text is read in ``reading_text``, workbooks in ``reading_workbook``.
"""

from __future__ import annotations

import io
from pathlib import PurePath

from kvalitet_lib.errors import Fault
from kvalitet_lib.sources.reading_kinds import empty, foreign, kind_of, named_otherwise
from kvalitet_lib.sources.reading_text import read_text
from kvalitet_lib.sources.reading_workbook import read_workbook
from kvalitet_lib.sources.refusal import refuse
from kvalitet_lib.sources.sheet import FEWER_COLUMNS, MOST_COLUMNS, Sheet

MOST_BYTES = 120_000_000
MOST_LINES = 1_200_000
MOST_CELLS = 10_000_000
LESS_AT_A_TIME = "Deliver one school year at a time."
SEPARATORS = (b";", b"\t", b",", b"|")


def read_sheets(file_name: str, content: bytes) -> list[Sheet]:
    """The tables in a CSV, TXT, XLSX or XLS file, every cell as text.

    Cells keep their spaces. Rows in which every cell is blank are left out; ``Sheet.lines`` says where each
    row stands. Rows keep the length they have: a source judges whether they are too long or too short.
    A number from a workbook is written with a decimal comma and no thousands mark, as ``82,1``; a whole
    one without decimals; a date as ``2024-10-15``; what is shown as ``82,1 %`` or ``0114`` is written so.

    Raises
    ------
    DeliveryError
        The file is empty, packed, encrypted, cut off, of another kind than its name says, in an
        encoding we cannot be sure of, or unreasonably large.
    """
    refuse(file_name, too_large(len(content)) or empty(content) or foreign(content))
    kind = kind_of(content)
    if kind == "text":
        refuse(file_name, named_otherwise(file_name, kind) or too_long(content) or too_wide(content) or too_full(content))
        return [read_text(file_name, content)]
    # A locked XLSX is kept in the wrapper of an XLS, so that its name is judged after its content.
    locked_perhaps = kind == "xls" and PurePath(file_name).suffix.lower() in (".xlsx", ".xlsm")
    refuse(file_name, None if locked_perhaps else named_otherwise(file_name, kind))
    sheets = read_workbook(file_name, content)
    refuse(file_name, named_otherwise(file_name, kind), *(too_many_columns(sheet) for sheet in sheets))
    return sheets


def too_large(size: int) -> Fault | None:
    """A file of so many bytes that it is not even opened."""
    if size <= MOST_BYTES:
        return None
    return Fault("", f"larger than {MOST_BYTES // 1_000_000} MB", "TOO_LARGE", advice=LESS_AT_A_TIME)


def too_wide(content: bytes) -> Fault | None:
    """Lines of a text file with more separators than a table has columns; told before they become cells."""
    lines = content.replace(b"\r\n", b"\n").replace(b"\r\0\n", b"\n").replace(b"\r", b"\n")
    wide = tuple(
        number
        for number, line in enumerate(io.BytesIO(lines), start=1)
        if len(line) > MOST_COLUMNS and max(map(line.count, SEPARATORS)) >= MOST_COLUMNS
    )
    return Fault("", f"more than {MOST_COLUMNS} columns", "TOO_MANY_COLUMNS", wide, FEWER_COLUMNS) if wide else None


def too_long(content: bytes) -> Fault | None:
    """A text file with more lines than fit in memory once they are rows."""
    if max(content.count(b"\n"), content.count(b"\r")) <= MOST_LINES:
        return None
    return Fault("", f"more than {MOST_LINES} lines", "TOO_LARGE", advice=LESS_AT_A_TIME)


def too_full(content: bytes) -> Fault | None:
    """A text file with more cells than fit in memory."""
    if max(map(content.count, SEPARATORS)) <= MOST_CELLS:
        return None
    return Fault("", f"more than {MOST_CELLS} cells", "TOO_LARGE", advice=LESS_AT_A_TIME)


def too_many_columns(sheet: Sheet) -> Fault | None:
    """Rows of a workbook that are wider than any table."""
    wide = tuple(line for line, row in zip(sheet.lines, sheet.rows, strict=True) if len(row) > MOST_COLUMNS)
    rule = f"more than {MOST_COLUMNS} columns, in sheet {sheet.name}"
    return Fault("", rule, "TOO_MANY_COLUMNS", wide, FEWER_COLUMNS) if wide else None
