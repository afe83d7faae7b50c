"""Workbooks that hold what no table holds, or more than any: one case each."""

from __future__ import annotations

import re
import struct

from tests.sources.books import Leaf, compound, record, shared_strings, xlsx
from tests.sources.refusal_parts import (
    BOOK,
    ENTITIES,
    EXTERNAL,
    NOISE,
    SHEET,
    Case,
    far_away,
    grade_changed,
    grades,
    in_member,
    marked_locked,
    old_grades,
    opened,
    relation_to,
    row_twice,
    whole,
    with_another_sheet,
)

UNSAFE = [
    Case(
        "a locked XLSX",
        "b.xlsx",
        lambda: compound({"EncryptedPackage": NOISE, "EncryptionInfo": b"\4\0\4\0"}),
        whole("ENCRYPTED"),
    ),
    Case("a locked XLSX named xls", "b.xls", lambda: compound({"EncryptedPackage": NOISE}), whole("ENCRYPTED")),
    Case("a locked XLS", "b.xls", lambda: old_grades(about=[record(0x2F, b"\1\0" + bytes(52))]), whole("ENCRYPTED")),
    Case("an XLSX packed with a password", "b.xlsx", marked_locked, whole("ENCRYPTED")),
    Case("macros", "b.xlsm", lambda: grades(extra={"xl/vbaProject.bin": b"x"}), whole("MACROS")),
    Case("macros under another name", "b.xlsx", lambda: relation_to("vbaProject", "theme.bin"), whole("MACROS")),
    Case("macro sheets", "b.xlsx", lambda: relation_to("xlMacrosheet", "macrosheets/sheet1.xml"), whole("MACROS")),
    Case("controls", "b.xlsx", lambda: grades(extra={"xl/activeX/activeX1.xml": "<a/>"}), whole("MACROS")),
    Case(
        "macros in an XLS",
        "b.xls",
        lambda: compound({"Workbook": NOISE, "_VBA_PROJECT_CUR": b"x"}),
        whole("MACROS"),
    ),
    Case(
        "a macro sheet in an XLS",
        "b.xls",
        lambda: old_grades(about=[record(0x85, struct.pack("<IBBBB", 0, 0, 1, 1, 0) + b"M")]),
        whole("MACROS"),
    ),
    Case("values from other files", "b.xlsx", lambda: relation_to("externalLink", "links/one.xml"), whole("EXTERNAL_LINKS")),
    Case(
        "values from other files in an XLS",
        "b.xls",
        lambda: old_grades(about=[record(0x1AE, struct.pack("<HHB", 1, 6, 0) + b"\1b.xls")]),
        whole("EXTERNAL_LINKS"),
    ),
    Case("other documents inside", "b.xlsx", lambda: grades(extra={"xl/embeddings/a.docx": NOISE}), whole("EMBEDDED_OBJECTS")),
    Case("entities in a sheet", "b.xlsx", lambda: in_member(SHEET, lambda xml: ENTITIES + xml), whole("FORBIDDEN_XML")),
    Case(
        "entities in a part nobody reads", "b.xlsx", lambda: grades(extra={"a.xml": ENTITIES + b"<x/>"}), whole("FORBIDDEN_XML")
    ),
    Case("entities in a part with another ending", "b.xlsx", lambda: grades(extra={"a.x": ENTITIES}), whole("FORBIDDEN_XML")),
    Case("a definition from a file", "b.xlsx", lambda: in_member(BOOK, lambda xml: EXTERNAL + xml), whole("FORBIDDEN_XML")),
    Case(
        "entities hidden in UTF-16",
        "b.xlsx",
        lambda: in_member(SHEET, lambda xml: (ENTITIES + xml).decode().encode("utf-16")),
        whole("UNKNOWN_ENCODING"),
    ),
    Case(
        "a sheet in Latin-1",
        "b.xlsx",
        lambda: in_member(SHEET, lambda xml: b'<?xml version="1.0" encoding="ISO-8859-1"?>' + xml),
        whole("UNKNOWN_ENCODING"),
    ),
    Case("two sheets of one name", "b.xlsx", lambda: with_another_sheet("XL/Worksheets/Sheet1.xml"), whole("DAMAGED")),
    Case("a grade changed within the package", "b.xlsx", grade_changed, whole("TRUNCATED")),
    Case("a part outside the package", "b.xlsx", lambda: opened(lambda z: z.writestr("../a.xml", "<a/>")), whole("DAMAGED")),
    Case("a part with a place on the disk", "b.xlsx", lambda: opened(lambda z: z.writestr("/etc/a", "x")), whole("DAMAGED")),
    Case("a sheet that is not there", "b.xlsx", lambda: in_member(SHEET, lambda _: b"<other/>"), whole("DAMAGED")),
    Case("rows without places, and one of them twice", "b.xlsx", lambda: in_member(SHEET, row_twice), whole("DAMAGED")),
    Case("a cell twice", "b.xlsx", lambda: grades(3, "betyg", b't="str"><v>A</v></c><c r="I3"><v>1</v></c>'), whole("DAMAGED")),
    Case(
        "a row twice",
        "b.xlsx",
        lambda: in_member(SHEET, lambda xml: re.sub(rb'="([A-J])4"', rb'="\g<1>3"', xml)),
        whole("DAMAGED"),
    ),
    Case(
        "a text that is not there",
        "b.xlsx",
        lambda: grades(3, "klass", b't="s"><v>7</v></c>', extra=shared_strings("<t>a</t>")),
        whole("DAMAGED"),
    ),
]

TOO_LARGE = [
    Case("a cell in the last place there is", "b.xlsx", lambda: far_away("XFD1048576"), whole("TOO_LARGE_UNPACKED")),
    Case("a cell far below and far to the right", "b.xlsx", lambda: far_away("ZZ99999"), whole("TOO_LARGE_UNPACKED")),
    Case("a cell below all spreadsheets", "b.xlsx", lambda: far_away("A99999999"), whole("TOO_LARGE_UNPACKED")),
    Case(
        "a formula far away",
        "b.xlsx",
        lambda: in_member(
            SHEET, lambda xml: xml.replace(b"</row></sheetData>", b'<c r="XFD1048576"><f>1</f></c></row></sheetData>')
        ),
        whole("TOO_LARGE_UNPACKED"),
    ),
    Case(
        "a cell far away in an XLS",
        "b.xls",
        lambda: old_grades(record(0x203, struct.pack("<HHHd", 65_535, 16_000, 0, 1.0))),
        whole("TOO_LARGE_UNPACKED"),
    ),
    Case("20 000 columns in a CSV", "b.csv", lambda: b";".join([b"a"] * 20_000) + b"\n", ("", "TOO_MANY_COLUMNS", (1,))),
    Case(
        "20 000 columns below a title in a UTF-16 text",
        "b.txt",
        lambda: ("Utdrag\r\n" + "\t".join("a" * 20_000) + "\r\n").encode("utf-16"),
        ("", "TOO_MANY_COLUMNS", (2,)),
    ),
    Case("20 000 columns in an XLSX", "b.xlsx", lambda: xlsx(Leaf([["a"] * 20_000])), ("", "TOO_MANY_COLUMNS", (1,))),
    Case("5 000 columns in an XLSX", "b.xlsx", lambda: xlsx(Leaf([["a"], ["b"] * 5_000])), ("", "TOO_MANY_COLUMNS", (2,))),
]
