"""Bytes become text cells without loss, or the file is refused with a reason and advice."""

from __future__ import annotations

import gzip
import io
import zipfile
from datetime import date, datetime

import pytest

from kvalitet_lib.errors import DeliveryError
from kvalitet_lib.sources.reading import read_sheets
from kvalitet_lib.sources.workbook.child import written_out
from tests.sources.door import workbook

SWEDISH = "elevid;skola\n1;Åsvallens skola\n2;Östra Sjöskolan\n"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def codes(content: bytes, name: str = "delivery.csv") -> list[str]:
    with pytest.raises(DeliveryError) as refused:
        read_sheets(name, content)
    assert all(fault.advice for fault in refused.value.faults)
    return [fault.code for fault in refused.value.faults]


def packed(content: bytes, name: str = "delivery.bin") -> bytes:
    bytes_written = io.BytesIO()
    with zipfile.ZipFile(bytes_written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return bytes_written.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
def test_nordic_letters_survive_every_encoding_we_accept(encoding):
    (sheet,) = read_sheets("delivery.csv", SWEDISH.encode(encoding))
    assert sheet.rows[1:] == [["1", "Åsvallens skola"], ["2", "Östra Sjöskolan"]]


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_the_separator_is_the_one_that_splits_rows_alike(separator):
    text = "kod;namn;andel\n1;Å;x\n2;B;y\n".replace(";", separator)
    assert read_sheets("delivery.txt", text.encode())[0].rows == [["kod", "namn", "andel"], ["1", "Å", "x"], ["2", "B", "y"]]


def test_decimal_commas_in_every_row_do_not_make_the_comma_a_separator():
    assert read_sheets("d.csv", b"kod;poang\n1;30,5\n2;31,5\n3;32,5\n")[0].rows[1] == ["1", "30,5"]


def test_a_stated_separator_is_obeyed_and_counts_as_a_line():
    (sheet,) = read_sheets("d.csv", b"sep=,\na,b;c\n1,2;3\n")
    assert sheet.rows == [["a", "b;c"], ["1", "2;3"]] and sheet.lines == [2, 3]


def test_lines_are_those_of_the_file_when_blank_rows_are_left_out_and_cells_hold_line_breaks():
    (sheet,) = read_sheets("d.csv", b'a;b\r\n\r\n;\r\n1;"x\r\ny"\r\n2;z\r\n')
    assert sheet.lines == [1, 4, 6] and sheet.rows[1] == ["1", "x\r\ny"]


def test_rows_keep_the_length_they_have():
    assert [len(row) for row in read_sheets("d.csv", b"titel\na;b;c\n1;2;3\n1;2\n1;2;3;4\n")[0].rows] == [1, 3, 3, 2, 4]


@pytest.mark.parametrize(
    ("what", "content", "name", "code"),
    [
        ("nothing", b"", "d.csv", "EMPTY_FILE"),
        ("a mark and blanks", b"\xef\xbb\xbf \r\n", "d.csv", "EMPTY_FILE"),
        ("gzip", gzip.compress(SWEDISH.encode(), mtime=0), "d.csv", "NOT_WHAT_IT_SAYS"),
        ("a workbook named csv", workbook([["a"]]), "d.csv", "NOT_WHAT_IT_SAYS"),
        ("text named xlsx", SWEDISH.encode(), "d.xlsx", "NOT_WHAT_IT_SAYS"),
        ("text named xls", SWEDISH.encode(), "d.xls", "NOT_WHAT_IT_SAYS"),
        ("a web page named xls", b"<html><table><tr><td>1</td></tr></table></html>", "d.xls", "NOT_WHAT_IT_SAYS"),
        ("a PDF", b"%PDF-1.7 x", "d.csv", "NOT_WHAT_IT_SAYS"),
        ("a program's own format", bytes(range(256)) * 20, "d.csv", "NOT_WHAT_IT_SAYS"),
        ("a packed folder", packed(b"1;2"), "d.xlsx", "NOT_WHAT_IT_SAYS"),
        ("another program's file in the old wrapper", OLE + b"x" * 600, "d.xls", "NOT_WHAT_IT_SAYS"),
        ("half a workbook", workbook([["a"] * 20] * 50)[:700], "d.xlsx", "TRUNCATED"),
        ("a row cut off", b"a;b;c\n1;2;3\n4;5", "d.csv", "TRUNCATED"),
        ("a locked workbook", OLE + b"\0" * 100 + "EncryptedPackage".encode("utf-16-le"), "d.xlsx", "ENCRYPTED"),
        ("UTF-8 with Latin-1 in it", SWEDISH.encode() + "3;Änggården\n".encode("latin-1"), "d.csv", "MIXED_ENCODING"),
        ("marked UTF-8 that is Latin-1", b"\xef\xbb\xbf" + SWEDISH.encode("latin-1"), "d.csv", "MIXED_ENCODING"),
        ("letters encoded twice", SWEDISH.encode().decode("cp1252").encode(), "d.csv", "MOJIBAKE"),
        ("letters lost", SWEDISH.replace("Å", "\ufffd").encode(), "d.csv", "LOST_CHARACTERS"),
        ("a DOS code page", SWEDISH.encode("cp850"), "d.csv", "UNKNOWN_ENCODING"),
        ("a Mac code page", SWEDISH.encode("mac-roman"), "d.csv", "UNKNOWN_ENCODING"),
        ("UTF-16 without its mark", SWEDISH.encode("utf-16-le"), "d.csv", "UNKNOWN_ENCODING"),
        ("a zero byte", SWEDISH.encode() + b"3;\0\n", "d.csv", "CONTROL_CHARACTERS"),
        ("text shown backwards", SWEDISH.encode() + "3;\u202eabc\n".encode(), "d.csv", "CONTROL_CHARACTERS"),
        ("an open quotation mark", b'a;b\n1;"x\n2;y\n', "d.csv", "UNCLOSED_QUOTE"),
        ("a giant cell", b"a;b\n1;" + b"x" * 200_000 + b"\n", "d.csv", "FIELD_TOO_LONG"),
        ("20 000 columns", b";".join([b"a"] * 20_000) + b"\n", "d.csv", "TOO_MANY_COLUMNS"),
        ("macros", workbook([["a"]], extra={"xl/vbaProject.bin": b"x"}), "d.xlsm", "MACROS"),
        ("entities", workbook([["a"]], extra={"xl/x.xml": b"<!DOCTYPE a><a/>"}), "d.xlsx", "FORBIDDEN_XML"),
        ("a zip bomb", workbook([["a"]], extra={"xl/x.bin": b"0" * 20_000_000}), "d.xlsx", "TOO_LARGE_UNPACKED"),
        ("a cell far away", workbook([["a", b'<c r="XFD1048576"><v>1</v></c>']]), "d.xlsx", "TOO_LARGE_UNPACKED"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_safely_is_refused_with_advice(what, content, name, code):
    assert codes(content, name) == [code], what


def test_a_faulty_line_is_named():
    with pytest.raises(DeliveryError) as refused:
        read_sheets("d.csv", b'a;b\n1;2\n3;"x\n4;y\n')
    assert refused.value.faults[0].lines == (3,)


def test_the_kind_of_file_is_judged_by_content_where_the_name_says_nothing():
    assert read_sheets("download", workbook([["a", 1]]))[0].rows == [["a", "1"]]
    assert read_sheets("download", b"a;1\n")[0].rows == [["a", "1"]]


def test_cells_of_a_workbook_are_written_as_a_nordic_spreadsheet_shows_them():
    assert [written_out(cell) for cell in (15.0, 82.1, -3.5, 1e-7, 201_000_000_000.0)] == [
        "15", "82,1", "-3,5", "0,0000001", "201000000000",
    ]  # fmt: skip
    assert [written_out(cell) for cell in ("007", True, date(2024, 10, 15), datetime(2024, 10, 15), "")] == [
        "007", "TRUE", "2024-10-15", "2024-10-15", "",
    ]  # fmt: skip


def test_every_visible_sheet_is_read_with_its_name_and_rows():
    sheets = read_sheets("d.xlsx", workbook([["a"], [], ["b"]], [["c"]]))
    assert [(sheet.name, sheet.rows, sheet.lines) for sheet in sheets] == [
        ("Blad1", [["a"], ["b"]], [1, 3]),
        ("Blad2", [["c"]], [1]),
    ]


def test_every_file_an_agency_delivers_as_a_table_can_be_read(shared):
    files = [path for path in (shared / "data" / "agency").rglob("*") if path.suffix in (".csv", ".xlsx")]
    assert len(files) > 20
    for path in files:
        assert all(len(sheet.rows) == len(sheet.lines) for sheet in read_sheets(path.name, path.read_bytes()))
        assert not any("Ã" in cell for sheet in read_sheets(path.name, path.read_bytes()) for row in sheet.rows for cell in row)
