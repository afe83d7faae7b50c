"""XLSX and XLS: measured before they are opened, then every cell of the visible sheets as text."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from kvalitet_lib.errors import Fault
from kvalitet_lib.sources.refusal import SAVE_AS_CSV, refuse
from kvalitet_lib.sources.sheet import Sheet

MOST_UNPACKED = 300_000_000
MOST_RATIO = 200
SMALL_MEMBER = 5_000_000
MOST_CELLS = 20_000_000
WHOLE_BELOW = 2**53

CELL = re.compile(rb'<c[^>]* r="([A-Z]{1,3})([0-9]{1,7})"')
FORMULA_WITHOUT_VALUE = re.compile(rb"<f(?:>[^<]*</f>|[^>]*/>)\s*(?:<v\s*/>|<v></v>)?\s*</c>")
ERROR_CELL = re.compile(rb'<c[^>]* t="e"')


def read_workbook(file_name: str, content: bytes) -> list[Sheet]:
    """The visible worksheets, every cell as text; see :func:`read_sheets` for how numbers and dates are written.

    Raises
    ------
    DeliveryError
        The workbook is encrypted, cut off, larger unpacked than a table ever is, or holds macros, XML
        entities, errors such as #N/A, or formulas whose value was never saved.
    """
    refuse(file_name, *(zip_faults(content) if content.startswith(b"PK") else ole_faults(content)))
    fault = None
    try:
        return _sheets(CalamineWorkbook.from_filelike(io.BytesIO(content)))
    except PasswordError:
        fault = encrypted()
    except (CalamineError, OSError, ValueError):
        fault = Fault("", "the workbook cannot be read", "NOT_WHAT_IT_SAYS", advice=SAVE_AS_CSV)
    refuse(file_name, fault)
    return []


def _sheets(workbook: CalamineWorkbook) -> list[Sheet]:
    visible = [
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
    ]
    return [_sheet(name, workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in visible]


def _sheet(name: str, cells: list[list[Any]]) -> Sheet:
    written = ((line, [written_out(cell) for cell in row]) for line, row in enumerate(cells, start=1))
    filled = [(line, row) for line, row in written if any(cell.strip() for cell in row)]
    return Sheet(name, [row for _, row in filled], [line for line, _ in filled])


def written_out(cell: Any) -> str:
    """A cell as a Nordic spreadsheet shows it: ``82,1``, ``15``, ``2024-10-15``, ``TRUE``."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < WHOLE_BELOW:
        return str(int(cell))
    if isinstance(cell, float):
        return format(Decimal(repr(cell)), "f").replace(".", ",")
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ").removesuffix(" 00:00:00")
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def ole_faults(content: bytes) -> list[Fault | None]:
    """What is wrong with a file in the older wrapper: locked workbooks, XLS, and everything else kept in it."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        return [encrypted()]
    if "Workbook".encode("utf-16-le") not in content and "Book".encode("utf-16-le") not in content:
        return [Fault("", "not a workbook", "NOT_WHAT_IT_SAYS", advice=SAVE_AS_CSV)]
    return [macros() if "_VBA_PROJECT".encode("utf-16-le") in content else None]


def zip_faults(content: bytes) -> list[Fault | None]:
    """What is wrong with an XLSX, found without letting a spreadsheet reader near it."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return [Fault("", "the workbook is cut off or damaged", "TRUNCATED", advice="Export or copy it again.")]
    with archive:
        members = archive.infolist()
        faults = too_large_unpacked(members) or not_a_workbook(members)
        if faults:
            return [faults]
        names = {member.filename for member in members}
        if any(member.flag_bits & 1 for member in members):
            return [encrypted()]
        return [macros() if "xl/vbaProject.bin" in names else None, *_content_faults(archive, members)]


def too_large_unpacked(members: list[zipfile.ZipInfo]) -> Fault | None:
    total = sum(member.file_size for member in members)
    swollen = any(m.file_size > SMALL_MEMBER and m.file_size > MOST_RATIO * max(m.compress_size, 1) for m in members)
    if total <= MOST_UNPACKED and not swollen:
        return None
    return Fault("", "unreasonably large when unpacked", "TOO_LARGE_UNPACKED", advice=SAVE_AS_CSV)


def not_a_workbook(members: list[zipfile.ZipInfo]) -> Fault | None:
    if any(member.filename == "xl/workbook.xml" for member in members):
        return None
    return Fault("", "a packed file, but not an XLSX workbook", "NOT_WHAT_IT_SAYS", advice=SAVE_AS_CSV)


def _content_faults(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> list[Fault | None]:
    found: dict[str, Fault | None] = {}
    for member in members:
        if not member.filename.endswith((".xml", ".rels")):
            continue
        try:
            xml = archive.read(member)
        except (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError):
            return [Fault("", "the workbook is cut off or damaged", "TRUNCATED", advice="Export or copy it again.")]
        if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
            found["xml"] = Fault("", "XML with its own entities", "FORBIDDEN_XML", advice=SAVE_AS_CSV)
        if member.filename.startswith("xl/worksheets/"):
            found |= {fault.code: fault for fault in sheet_faults(xml)}
    return list(found.values())


def sheet_faults(xml: bytes) -> list[Fault]:
    """What is wrong in the XML of one worksheet."""
    found = [
        (
            widest_extent(xml) > MOST_CELLS,
            "cells far outside the table",
            "TOO_LARGE_UNPACKED",
            "Delete the empty rows around it.",
        ),
        (FORMULA_WITHOUT_VALUE.search(xml), "formulas whose value was never saved", "FORMULA_WITHOUT_VALUE", SAVE_AS_CSV),
        (ERROR_CELL.search(xml), "cells that show an error such as #N/A", "ERROR_CELL", "Correct them in the workbook."),
    ]
    return [Fault("", rule, code, advice=advice) for is_so, rule, code, advice in found if is_so]


def widest_extent(xml: bytes) -> int:
    """Cells in the rectangle from A1 to the last column and the last row used; a reader may reserve them all."""
    columns = rows = 0
    for cell in CELL.finditer(xml):
        columns, rows = max(columns, _column_number(cell[1])), max(rows, int(cell[2]))
    return columns * rows


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def encrypted() -> Fault:
    return Fault("", "locked with a password", "ENCRYPTED", advice="Remove the password before you deliver it.")


def macros() -> Fault:
    return Fault("", "the workbook holds macros", "MACROS", advice="Save it as .xlsx without macros, or as 'CSV UTF-8'.")
