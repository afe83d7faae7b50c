"""Small files that would grow to gigabytes, or keep a machine busy for hours, if they were simply opened."""

from __future__ import annotations

import gzip
import io
import random
import struct
import zipfile
from collections.abc import Iterator

from tests.sources.books import MAIN, Leaf, record, relationship, relationships, shared_strings, xls, xlsx
from tests.sources.refusal_parts import GRADES, SHEET, grades

START, END = f'<worksheet xmlns="{MAIN}"><sheetData>'.encode(), b"</sheetData></worksheet>"
MEGABYTE = 1_000_000


def with_sheet(pieces: Iterator[bytes] | list[bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """The grades' workbook with another sheet in place of its own."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(grades())) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in source.infolist():
            if one.filename != SHEET:
                archive.writestr(one.filename, source.read(one))
        about = zipfile.ZipInfo(SHEET)
        about.compress_type = method
        with archive.open(about, "w") as sheet:
            for piece in pieces:
                sheet.write(piece)
    return packed.getvalue()


def swollen() -> bytes:
    """150 MB of blanks in 0.15 MB."""
    return with_sheet([START, *[b" " * MEGABYTE] * 150, END], zipfile.ZIP_DEFLATED)


def swollen_and_lying() -> bytes:
    """The same, but every place that states its size says 1 000 bytes."""
    content = bytearray(swollen())
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        here = content.find(mark)
        while here >= 0:
            name_at = here + (30 if mark == b"PK\x03\x04" else 46)
            if content[name_at : name_at + len(SHEET)] == SHEET.encode():
                content[here + place : here + place + 4] = struct.pack("<I", 1_000)
            here = content.find(mark, here + 4)
    return bytes(content)


def overlapping() -> bytes:
    """A thousand names for one packed part, each of which unpacks to a megabyte and a half."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 1_500_000)
        first = archive.infolist()[0]
        for number in range(100):
            again = zipfile.ZipInfo(f"xl/{number}.xml")
            for field in ("header_offset", "compress_size", "file_size", "CRC", "compress_type"):
                setattr(again, field, getattr(first, field))
            archive.filelist.append(again)
            archive._didModify = True
    return packed.getvalue()


def many_marks() -> bytes:
    return with_sheet([START, *[b"<c/>" * 250_000] * 100, END])


def deep() -> bytes:
    return with_sheet([START, *[b"<a>" * 300_000] * 60])


def long_mark() -> bytes:
    return with_sheet([START, b'<row r="', *[b"1" * MEGABYTE] * 100, b'"/>', END])


def long_comment() -> bytes:
    return with_sheet([START, b"<!--", *[b"<>" * 500_000] * 100, b"-->", END])


def many_names() -> bytes:
    return with_sheet([START, *(b"".join(b"<c a%d=''/>" % (n * 50_000 + m) for m in range(50_000)) for n in range(40)), END])


def many_attributes() -> bytes:
    rows = (b"<row " + b" ".join(b"a%d=''" % n for n in range(9_000)) + b"/>" for _ in range(1_300))
    return with_sheet([START, *rows, END])


def one_text_everywhere() -> bytes:
    """A text of 30 000 characters, shown in 300 000 cells."""
    rows = (f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>'.encode() for n in range(1, 300_001))
    content = with_sheet([START, *rows, END])
    packed = io.BytesIO(content)
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, part in shared_strings(f"<t>{'x' * 30_000}</t>").items():
            archive.writestr(name, part)
    return packed.getvalue()


def many_merges() -> bytes:
    merges = "".join(f'<mergeCell ref="A{n}:B{n}"/>' for n in range(1, 400_000))
    return xlsx(Leaf([["a"]], after=f"<mergeCells>{merges}</mergeCells>"))


def scattered_errors() -> bytes:
    rows = (f'<row r="{n}"><c r="A{n}" t="e"><v>#N/A</v></c></row>'.encode() for n in range(1, 1_000_000, 2))
    return with_sheet([START, *rows, END])


def many_sheets() -> bytes:
    """Four thousand names for one sheet of 20 000 cells in a column."""
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 20_001))
    listed = "".join(f'<sheet name="s{n}" sheetId="{n}" r:id="rId1"/>' for n in range(1, 4_001))
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    return xlsx(
        extra={
            "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{relation}"><sheets>{listed}</sheets></workbook>',
            "xl/_rels/workbook.xml.rels": relationships(relationship(1, "worksheet", "worksheets/sheet1.xml")),
            "xl/worksheets/sheet1.xml": START + rows.encode() + END,
        }
    )


def reserved() -> bytes:
    """An XLS that claims four milliard cells."""
    return xls(("Blad1", [["a"]], [record(0x200, struct.pack("<IIHHH", 0, 65_536, 0, 65_535, 0))]))


def many_records() -> bytes:
    return xls(("Blad1", [["a"]], [record(0x1000) * 12_000_000]))


def packed_with_gzip() -> bytes:
    return gzip.compress(bytes(300 * MEGABYTE))


def one_line() -> bytes:
    return b";" * 100 * MEGABYTE


def blank_lines() -> bytes:
    return GRADES.encode() + b";;;\n" * (25 * MEGABYTE)


def deep_json() -> bytes:
    return b"[" * 20 * MEGABYTE


def wide_json() -> bytes:
    return b"[" + b"{}," * (9 * MEGABYTE) + b"{}]"


def long_json() -> bytes:
    return b"[" + b"{}," * (30 * MEGABYTE) + b"{}]"


def ten_million_cells() -> bytes:
    """No two of them alike."""
    return "".join(";".join(str(number) for number in range(n, n + 10)) + "\n" for n in range(0, 9_900_000, 10)).encode()


def noise() -> bytes:
    return random.Random(1).randbytes(100 * MEGABYTE)


BOMBS = {
    "swollen.xlsx": (swollen, "TOO_LARGE_UNPACKED"),
    "swollen_and_lying.xlsx": (swollen_and_lying, "TOO_LARGE_UNPACKED"),
    "overlapping.xlsx": (overlapping, "DAMAGED"),
    "many_marks.xlsx": (many_marks, "TOO_LARGE_UNPACKED"),
    "deep.xlsx": (deep, "TOO_LARGE_UNPACKED"),
    "long_mark.xlsx": (long_mark, "TOO_LARGE_UNPACKED"),
    "long_comment.xlsx": (long_comment, "TOO_LARGE_UNPACKED"),
    "many_names.xlsx": (many_names, "TOO_LARGE_UNPACKED"),
    "many_attributes.xlsx": (many_attributes, "EMPTY_FILE"),
    "one_text_everywhere.xlsx": (one_text_everywhere, "TOO_LARGE_UNPACKED"),
    "many_merges.xlsx": (many_merges, "TOO_LARGE_UNPACKED"),
    "scattered_errors.xlsx": (scattered_errors, "TOO_LARGE_UNPACKED"),
    "many_sheets.xlsx": (many_sheets, "DAMAGED"),
    "reserved.xls": (reserved, "TOO_LARGE_UNPACKED"),
    "many_records.xls": (many_records, "TOO_LARGE_UNPACKED"),
    "gzip.csv.gz": (packed_with_gzip, "NOT_WHAT_IT_SAYS"),
    "one_line.csv": (one_line, "TOO_MANY_COLUMNS"),
    "blank_lines.csv": (blank_lines, "TOO_LARGE"),
    "deep.json": (deep_json, "FIELD_TOO_LONG"),
    "wide.json": (wide_json, "UNKNOWN_KIND"),
    "long.json": (long_json, "TOO_LARGE"),
    "ten_million_cells.csv": (ten_million_cells, "TOO_LARGE"),
    "noise.csv": (noise, "NOT_WHAT_IT_SAYS"),
}
