"""Workbooks that are untidy but right, one case each: what it is, its name, its bytes."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable

from tests.sources.books import (
    MAIN,
    STRICT,
    Leaf,
    record,
    rewritten,
    shared_strings,
    table,
    xls,
    xlsx,
)
from tests.sources.door import SE_GRADES
from tests.sources.refusal_parts import COLUMNS, SHEET

ROWS = table(SE_GRADES)
WIDE = len(COLUMNS)


def typed(cell: str) -> object:
    """Numbers as numbers, and what has zeros in front as text."""
    return float(cell.replace(",", ".")) if re.fullmatch(r"[1-9]\d*(,\d+)?", cell) else cell


TYPED = [ROWS[0], *([typed(cell) for cell in row] for row in ROWS[1:])]


def sheet(rows=TYPED, **around) -> bytes:
    return xlsx(Leaf(rows, **around))


def changed(column: str, cell: Callable[[str], object], **about) -> bytes:
    """Every cell of one column written otherwise."""
    place = COLUMNS.index(column)
    rows = [ROWS[0], *([*row[:place], cell(row[place]), *row[place + 1 :]] for row in ROWS[1:])]
    return xlsx(Leaf(rows), **about)


def in_members(change: Callable[[str, bytes], bytes]) -> bytes:
    return rewritten(sheet(), change)


def shared() -> bytes:
    """All text in the part for shared strings, with formatting, phonetic signs and an unused text among it."""
    texts = sorted({cell for row in ROWS for cell in row})
    parts = [
        f'<r><rPr><b/></rPr><t xml:space="preserve">{text[:2]}</t></r><r><t>{text[2:]}</t></r><rPh sb="0" eb="1"><t>x</t></rPh>'
        for text in texts
    ]
    rows = [[f't="s"><v>{texts.index(cell)}</v></c>'.encode() for cell in row] for row in ROWS]
    return xlsx(Leaf(rows), extra=shared_strings(*parts, "<t>unused</t>"))


def prefixed(name: str, content: bytes) -> bytes:
    return re.sub(rb"<(/?)(\w)", rb"<\1x:\2", content).replace(b"xmlns=", b"xmlns:x=") if name == SHEET else content


def strict(_: str, content: bytes) -> bytes:
    for transitional, other in STRICT.items():
        content = content.replace(transitional.encode(), other.encode())
    return content


def without_places(name: str, content: bytes) -> bytes:
    return re.sub(rb' r="[A-Z]*\d+"', b"", content) if name == SHEET else content


def marked(name: str, content: bytes) -> bytes:
    start = b'\xef\xbb\xbf<?xml version="1.0" encoding="utf-8" standalone="yes"?>\r\n<!-- made by a school system -->'
    return start + content if name.endswith(".xml") else content


def absolute(name: str, content: bytes) -> bytes:
    return content.replace(b"worksheets/", b"/xl/worksheets/") if name.endswith("workbook.xml.rels") else content


FORMATTED = b's="1"/>'
FAR = [None] * 200 + [FORMATTED]
UNTIDY: list[tuple[str, str, Callable[[], bytes]]] = [
    ("numbers as numbers", "b.xlsx", sheet),
    ("everything as text", "b.xlsx", lambda: sheet(ROWS)),
    ("an ending in capitals", "B.XLSX", sheet),
    ("no ending", "download", sheet),
    ("the ending for macros, without macros", "b.xlsm", sheet),
    ("an XLS", "b.xls", lambda: xls(("Blad1", TYPED, ()))),
    ("an XLS with everything as text", "b.xls", lambda: xls(("Blad1", ROWS, ()))),
    ("an XLS with a hidden sheet", "b.xls", lambda: xls(("Blad1", ROWS, ()), ("Blad2", ROWS, ()), hidden=[1])),
    (
        "an XLS with merged and hidden cells above the table",
        "b.xls",
        lambda: xls(
            (
                "Blad1",
                [["Utdrag"], *ROWS],
                (record(0xE5, struct.pack("<HHHHH", 1, 0, 0, 0, 9)), record(0x208, struct.pack("<H10xI", 0, 0x20))),
            )
        ),
    ),
    ("an XLS of more than seven megabytes", "b.xls", lambda: xls(("Blad1", ROWS, [record(0x1000, bytes(8_000)) * 1_000]))),
    ("titles above", "b.xlsx", lambda: sheet([["Utdrag ur elevregistret"], ["Uttag", "2024-06-14"], [], *TYPED])),
    (
        "a merged title",
        "b.xlsx",
        lambda: sheet([["Utdrag"], *TYPED], after='<mergeCells><mergeCell ref="A1:J1"/></mergeCells>'),
    ),
    (
        "groups of headers above the headers",
        "b.xlsx",
        lambda: sheet(
            [["Elev", None, None, None, "Resultat"], *TYPED], after='<mergeCells><mergeCell ref="A1:D1"/></mergeCells>'
        ),
    ),
    (
        "a merged note below",
        "b.xlsx",
        lambda: sheet([*TYPED, ["Källa: elevregistret"]], after='<mergeCells><mergeCell ref="A6:J8"/></mergeCells>'),
    ),
    ("one cell merged with itself", "b.xlsx", lambda: sheet(after='<mergeCells><mergeCell ref="B3"/></mergeCells>')),
    (
        "merged cells beside the table",
        "b.xlsx",
        lambda: sheet(after='<mergeCells><mergeCell ref="L2:M9"/></mergeCells>'),
    ),
    ("empty rows between", "b.xlsx", lambda: sheet([*TYPED[:3], [], [None] * WIDE, *TYPED[3:]])),
    ("the table away from the corner", "b.xlsx", lambda: sheet([[], [], *([None, *row] for row in TYPED)])),
    (
        "formatting beside and below",
        "b.xlsx",
        lambda: xlsx(Leaf([*TYPED[:2], [*TYPED[2], *FAR], *TYPED[3:], *[[FORMATTED] * WIDE] * 500])),
    ),
    ("a dimension that covers all cells there are", "b.xlsx", lambda: sheet(before='<dimension ref="A1:XFD1048576"/>')),
    ("a dimension that is wrong", "b.xlsx", lambda: sheet(before='<dimension ref="A1"/>')),
    (
        "formatting in the last cell there is",
        "b.xlsx",
        lambda: in_members(
            lambda name, xml: xml.replace(b"</sheetData>", b'<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>')
        ),
    ),
    ("hidden columns", "b.xlsx", lambda: sheet(before='<cols><col min="3" max="6" hidden="1"/></cols>')),
    ("a filter that hides nothing", "b.xlsx", lambda: sheet(after='<autoFilter ref="A1:J5"/>')),
    ("a hidden row above the table", "b.xlsx", lambda: sheet([["Utdrag"], *TYPED], about_row={1: 'hidden="1"'})),
    ("sheets of notes around", "b.xlsx", lambda: xlsx(Leaf([["Läs mig"]], name="Om"), Leaf(TYPED, name="B"), Leaf([], name="C"))),
    ("the same table on a hidden sheet", "b.xlsx", lambda: xlsx(Leaf(TYPED), Leaf(TYPED, name="B", state="veryHidden"))),
    (
        "errors, formulas and percentages on other sheets",
        "b.xlsx",
        lambda: xlsx(
            Leaf(TYPED),
            Leaf([[b't="e"><v>#DIV/0!</v></c>', b"><f>A1</f></c>", b's="1"><v>0.5</v></c>']], name="B"),
            Leaf([[b't="e"><v>#SPILL!</v></c>']], name="C", state="hidden"),
            formats=["0%"],
        ),
    ),
    (
        "an error in a column we do not know, and below the table",
        "b.xlsx",
        lambda: sheet([[*TYPED[0], "medel"], [*TYPED[1], b't="e"><v>#N/A</v></c>'], *([*row, "x"] for row in TYPED[2:])]),
    ),
    ("formulas with values", "b.xlsx", lambda: changed("betyg", lambda cell: f't="str"><f>A1</f><v>{cell}</v></c>'.encode())),
    ("a formula that gives an empty text", "b.xlsx", lambda: sheet([*TYPED, [b't="str"><f>""</f><v></v></c>'] * WIDE])),
    (
        "numbers in groups of thousands, and with decimals shown",
        "b.xlsx",
        lambda: changed("meritvärde", lambda cell: f's="1"><v>{cell.replace(",", ".")}</v></c>'.encode(), formats=["# ##0.00"]),
    ),
    (
        "a number written with an exponent",
        "b.xlsx",
        lambda: changed("meritvärde", lambda cell: f"><v>{float(cell.replace(',', '.')):E}</v></c>".encode()),
    ),
    (
        "a number with the noise of binary fractions",
        "b.xlsx",
        lambda: changed("meritvärde", lambda cell: f"><v>{float(cell.replace(',', '.')) + 3e-14!r}</v></c>".encode()),
    ),
    (
        "codes with zeros that a format adds",
        "b.xlsx",
        lambda: changed("elevid", lambda cell: f's="1"><v>{int(cell)}</v></c>'.encode(), formats=["000000"]),
    ),
    ("codes as numbers with a point", "b.xlsx", lambda: changed("skolenhetskod", lambda cell: f"><v>{cell}.0</v></c>".encode())),
    ("spaces of several sorts around cells", "b.xlsx", lambda: changed("betyg", lambda cell: f" \u00a0{cell} ")),
    ("shared texts with formatting and phonetic signs", "b.xlsx", shared),
    ("texts kept as results", "b.xlsx", lambda: changed("klass", lambda cell: f't="str"><v>{cell}</v></c>'.encode())),
    ("every name with a prefix", "b.xlsx", lambda: in_members(prefixed)),
    ("strict Open XML", "b.xlsx", lambda: in_members(strict)),
    ("cells without places", "b.xlsx", lambda: in_members(without_places)),
    ("marks, declarations and comments in the XML", "b.xlsx", lambda: in_members(marked)),
    ("absolute paths between the parts", "b.xlsx", lambda: in_members(absolute)),
    (
        "pictures, comments and printer settings beside",
        "b.xlsx",
        lambda: xlsx(
            Leaf(TYPED),
            extra={
                "xl/media/image1.png": b"\x89PNG\r\n\x1a\n" + bytes(99),
                "xl/comments1.xml": f'<comments xmlns="{MAIN}"/>',
                "xl/printerSettings/printerSettings1.bin": bytes(99),
                "xl/drawings/vmlDrawing1.vml": "<xml><br></xml>",
                "docProps/app.xml": "<Properties/>",
            },
        ),
    ),
    (
        "other programs' settings in the list of sheets",
        "b.xlsx",
        lambda: xlsx(Leaf(TYPED), about='<workbookPr date1904="1"/><calcPr calcId="191029"/>'),
    ),
]
