"""What a file that must be refused is made of: a good delivery with one thing wrong."""

from __future__ import annotations

import io
import random
import re
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from typing import NamedTuple

from tests.sources.books import (
    Leaf,
    relationship,
    relationships,
    rewritten,
    table,
    xls,
    xlsx,
)
from tests.sources.door import SE_GRADES

CANARY = "Kanariefågel"
GRADES = SE_GRADES.replace("Norrskolan", CANARY)
ROWS = table(GRADES)
COLUMNS = ROWS[0]

Told = tuple[str, str, tuple[int, ...]]


class Case(NamedTuple):
    what: str
    name: str
    make: Callable[[], bytes]
    told: Told

    def __str__(self) -> str:
        return self.what


def whole(code: str) -> Told:
    """A fault of the file as a whole."""
    return "", code, ()


def with_cell(line: int, column: str, cell: object, rows: Sequence[Sequence[object]] = ROWS) -> list[list[object]]:
    """The rows with one cell changed; ``line`` as a spreadsheet counts."""
    copied = [list(row) for row in rows]
    copied[line - 1][COLUMNS.index(column)] = cell
    return copied


def grades(line: int = 0, column: str = "", cell: object = None, **about: object) -> bytes:
    """The grades as an XLSX, perhaps with one cell changed, and with what ``about`` says of the sheet or the workbook."""
    rows = with_cell(line, column, cell) if line else ROWS
    around = {key: about.pop(key) for key in ("before", "after", "about_row") if key in about}
    return xlsx(Leaf(rows, name="Betyg", **around), **about)  # type: ignore[arg-type]


def old_grades(*further: bytes, line: int = 0, column: str = "", cell: object = None, about: Sequence[bytes] = ()) -> bytes:
    return xls(("Betyg", with_cell(line, column, cell) if line else ROWS, further), about=about)


def in_member(path: str, change: Callable[[bytes], bytes]) -> bytes:
    return rewritten(grades(), lambda name, content: change(content) if name == path else content)


SHEET, BOOK = "xl/worksheets/sheet1.xml", "xl/workbook.xml"
ENTITIES = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "' + b"x" * 50 + b'"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
EXTERNAL = b'<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/hostname">'
WEB_PAGE = f"<html><body><table><tr><td>{CANARY}</td></tr></table></body></html>"
XML_2003 = '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>'
NOISE = random.Random(3).randbytes(4_000)


def opened(bytes_of: Callable[[zipfile.ZipFile], None]) -> bytes:
    """The grades with something more written into the package."""
    packed = io.BytesIO(grades())
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as archive:
        bytes_of(archive)
    return packed.getvalue()


def in_tar() -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        about = tarfile.TarInfo("betyg.csv")
        about.size = len(GRADES.encode())
        archive.addfile(about, io.BytesIO(GRADES.encode()))
    return packed.getvalue()


def flipped(content: bytes, mark: bytes) -> bytes:
    """One byte wrong a little after ``mark``."""
    place = content.index(mark) + len(mark) + 30
    return content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]


def marked_locked() -> bytes:
    """A package whose members say that they are encrypted."""
    content = bytearray(grades())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        found = content.find(mark)
        while found >= 0:
            content[found + place] |= 1
            found = content.find(mark, found + 4)
    return bytes(content)


def relation_to(kind: str, target: str) -> bytes:
    listed = relationship(1, "worksheet", "worksheets/sheet1.xml") + relationship(2, kind, target)
    return grades(extra={"xl/_rels/workbook.xml.rels": relationships(listed), f"xl/{target}": b"x"})


def merged(reference: str, rows: Sequence[Sequence[object]] = ROWS) -> bytes:
    return xlsx(Leaf(rows, name="Betyg", after=f'<mergeCells><mergeCell ref="{reference}"/></mergeCells>'))


def far_away(reference: str) -> bytes:
    cell = f'<c r="{reference}"><v>1</v></c></row></sheetData>'.encode()
    return in_member(SHEET, lambda xml: xml.replace(b"</row></sheetData>", cell))


def with_another_sheet(path: str) -> bytes:
    return opened(lambda archive: archive.writestr(path, Leaf(with_cell(3, "betyg", "F")).xml()))


def grade_changed() -> bytes:
    """A package in which nothing is compressed, and one letter is another than when it was packed."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(grades())) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for one in source.namelist():
            archive.writestr(one, source.read(one))
    return packed.getvalue().replace(b">A</t>", b">B</t>")


def row_twice(xml: bytes) -> bytes:
    return re.sub(rb' r="[A-Z]+\d+"', b"", xml).replace(b'<row r="4"', b'<row r="3"')
