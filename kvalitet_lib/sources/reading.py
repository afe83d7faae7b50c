"""The bytes of a delivery become sheets of text cells; what cannot be read safely is refused with advice.

What a file is, is judged by its first bytes. A name that says otherwise is refused: the sender
should see what they sent. Text is read in ``reading_text``, workbooks in ``reading_workbook``.
"""

from __future__ import annotations

from pathlib import PurePath

from kvalitet_lib.errors import Fault
from kvalitet_lib.sources.reading_text import read_text
from kvalitet_lib.sources.reading_workbook import read_workbook
from kvalitet_lib.sources.refusal import SAVE_AS_CSV, refuse
from kvalitet_lib.sources.sheet import Sheet

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
GZIP = b"\x1f\x8b"
FOREIGN = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"7z\xbc\xaf", b"Rar!", b"PAR1", b"SQLite format 3", b"{\\rtf")
MARKUP = (b"<!doctype", b"<html", b"<table", b"<?xml")
NAMED = {".csv": "text", ".txt": "text", ".tsv": "text", ".xlsx": "xlsx", ".xlsm": "xlsx", ".xls": "xls"}
MOST_BYTES = 200_000_000
MOST_COLUMNS = 2_000


def read_sheets(file_name: str, content: bytes) -> list[Sheet]:
    """The tables in a CSV, TXT, XLSX or XLS file, every cell as text.

    Cells keep their spaces. Rows in which every cell is blank are left out; ``Sheet.lines`` says where each
    row stands. Rows keep the length they have: a source judges whether they are too long or too short.
    A number from a workbook is written with a decimal comma and no thousands mark, as ``82,1``; a whole
    one without decimals; a date as ``2024-10-15``.

    Raises
    ------
    DeliveryError
        The file is empty, packed, encrypted, cut off, of another kind than its name says, in an
        encoding we cannot be sure of, or unreasonably large.
    """
    refuse(file_name, empty(content) or too_large(content) or packed(content) or foreign(content))
    refuse(file_name, named_otherwise(file_name, content))
    sheets = [read_text(file_name, content)] if kind_of(content) == "text" else read_workbook(file_name, content)
    refuse(file_name, *(too_many_columns(sheet) for sheet in sheets))
    return sheets


def kind_of(content: bytes) -> str:
    """``xlsx``, ``xls`` or ``text``, by the first bytes."""
    if content.startswith(ZIP):
        return "xlsx"
    return "xls" if content.startswith(OLE) else "text"


def empty(content: bytes) -> Fault | None:
    if content.removeprefix(b"\xef\xbb\xbf").strip():
        return None
    return Fault("", "the file is empty", "EMPTY_FILE", advice="Export it again from the system it comes from.")


def too_large(content: bytes) -> Fault | None:
    if len(content) <= MOST_BYTES:
        return None
    return Fault("", f"larger than {MOST_BYTES // 1_000_000} MB", "TOO_LARGE", advice="Deliver one school year at a time.")


def packed(content: bytes) -> Fault | None:
    if not content.startswith(GZIP):
        return None
    return Fault("", "packed with gzip", "NOT_WHAT_IT_SAYS", advice="Unpack it and deliver the file inside.")


def foreign(content: bytes) -> Fault | None:
    """A web page saved as a spreadsheet, a PDF, a picture: not a table at all."""
    start = content[:512].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith(MARKUP):
        return Fault("", "a web page or XML, not a table", "NOT_WHAT_IT_SAYS", advice=SAVE_AS_CSV)
    if content.startswith(FOREIGN):
        return Fault("", "neither text nor a workbook", "NOT_WHAT_IT_SAYS", advice=SAVE_AS_CSV)
    return None


def named_otherwise(file_name: str, content: bytes) -> Fault | None:
    ending = PurePath(file_name).suffix.lower()
    kind = kind_of(content)
    # A workbook locked with a password is kept in the old wrapper; reading_workbook says so.
    if NAMED.get(ending, kind) == kind or (ending in (".xlsx", ".xlsm") and kind == "xls"):
        return None
    rule = f"named {ending}, but the content is {'text' if kind == 'text' else 'a workbook'}"
    advice = f"Give it the ending .{'csv' if kind == 'text' else kind}, or export it again."
    return Fault("", rule, "NOT_WHAT_IT_SAYS", advice=advice)


def too_many_columns(sheet: Sheet) -> Fault | None:
    wide = tuple(line for line, row in zip(sheet.lines, sheet.rows, strict=True) if len(row) > MOST_COLUMNS)
    advice = "Export only the columns of one kind of delivery."
    return Fault("", f"more than {MOST_COLUMNS} columns", "TOO_MANY_COLUMNS", wide, advice) if wide else None
