"""Workbooks with cells that are not what they seem: one case each."""

from __future__ import annotations

import struct

from tests.sources.books import Leaf, record, table, xls, xlsx
from tests.sources.door import SE_ABSENCE
from tests.sources.refusal_parts import COLUMNS, ROWS, Case, grades, merged, old_grades, whole, with_cell

CELLS = [
    Case("an error", "b.xlsx", lambda: grades(3, "meritvärde", b't="e"><v>#N/A</v></c>'), ("meritvärde", "ERROR_CELL", (3,))),
    Case("an error in a text", "b.xlsx", lambda: grades(3, "klass", b't="e"><v>#REF!</v></c>'), ("klass", "ERROR_CELL", (3,))),
    Case(
        "an error of a newer Excel",
        "b.xlsx",
        lambda: grades(3, "klass", b't="e"><v>#SPILL!</v></c>'),
        ("Betyg!F", "ERROR_CELL", (3,)),
    ),
    Case("an error pasted as text", "b.xlsx", lambda: grades(4, "klass", "#SAKNAS!"), ("klass", "ERROR_CELL", (4,))),
    Case(
        "an error in a table away from the corner",
        "b.xlsx",
        lambda: xlsx(Leaf([[None, *row] for row in with_cell(3, "klass", b't="e"><v>#N/A</v></c>')], name="Betyg")),
        ("klass", "ERROR_CELL", (3,)),
    ),
    Case(
        "an error from a formula",
        "b.xlsx",
        lambda: grades(5, "betyg", b't="e"><f>1/0</f><v>#DIV/0!</v></c>'),
        ("betyg", "ERROR_CELL", (5,)),
    ),
    Case(
        "an error in an XLS",
        "b.xls",
        lambda: old_grades(line=3, column="klass", cell=record(0x205, struct.pack("<HHHBB", 2, 5, 0, 42, 1))),
        ("klass", "ERROR_CELL", (3,)),
    ),
    Case(
        "an error from a formula in an XLS",
        "b.xls",
        lambda: old_grades(
            line=3, column="klass", cell=record(6, struct.pack("<HHH", 2, 5, 0) + b"\2\0\x2a\0\0\0\xff\xff" + bytes(8))
        ),
        ("klass", "ERROR_CELL", (3,)),
    ),
    Case(
        "a formula without value",
        "b.xlsx",
        lambda: grades(3, "klass", b"><f>1+1</f></c>"),
        ("klass", "FORMULA_WITHOUT_VALUE", (3,)),
    ),
    Case(
        "a formula with an empty value",
        "b.xlsx",
        lambda: grades(3, "klass", b"><f>1+1</f><v></v></c>"),
        ("klass", "FORMULA_WITHOUT_VALUE", (3,)),
    ),
    Case(
        "formulas in a last row of their own",
        "b.xlsx",
        lambda: xlsx(Leaf([*ROWS, [b"><f>A5</f></c>"] * len(COLUMNS)], name="Betyg")),
        (COLUMNS[0], "FORMULA_WITHOUT_VALUE", (6,)),
    ),
    Case(
        "formulas to be computed when opened",
        "b.xlsx",
        lambda: grades(3, "meritvärde", b"><f>1+1</f><v>0</v></c>", about='<calcPr fullCalcOnLoad="1"/>'),
        ("meritvärde", "FORMULA_WITHOUT_VALUE", (3,)),
    ),
    Case("merged cells below each other", "b.xlsx", lambda: merged("F2:F4"), ("klass", "MERGED_CELLS", (2, 3, 4))),
    Case("merged cells beside each other", "b.xlsx", lambda: merged("E3:F3"), ("årskurs", "MERGED_CELLS", (3,))),
    Case("merged headers", "b.xlsx", lambda: merged("F1:G1"), ("klass", "MERGED_CELLS", (1,))),
    Case(
        "merged cells in an XLS",
        "b.xls",
        lambda: old_grades(record(0xE5, struct.pack("<HHHHH", 1, 1, 2, 5, 5))),
        ("klass", "MERGED_CELLS", (2, 3)),
    ),
    Case("hidden rows", "b.xlsx", lambda: grades(about_row={3: 'hidden="1"', 4: 'hidden="true"'}), ("", "HIDDEN_ROWS", (3, 4))),
    Case(
        "hidden rows in an XLS",
        "b.xls",
        lambda: old_grades(record(0x208, struct.pack("<HHHHHHI", 2, 0, 9, 255, 0, 0, 0x20))),
        ("", "HIDDEN_ROWS", (3,)),
    ),
    Case(
        "percentages",
        "b.xlsx",
        lambda: grades(3, "meritvärde", b's="1"><v>0.825</v></c>', formats=["0.0%"]),
        ("meritvärde", "PERCENT_CELL", (3,)),
    ),
    Case(
        "percentages in an XLS",
        "b.xls",
        lambda: old_grades(line=3, column="meritvärde", cell=record(0x203, struct.pack("<HHHd", 2, 9, 1, 0.825))),
        ("meritvärde", "PERCENT_CELL", (3,)),
    ),
    Case(
        "a year group as a date",
        "b.xlsx",
        lambda: grades(3, "årskurs", b's="1"><v>45000</v></c>', formats=[14]),
        ("årskurs", "DATE_CELL", (3,)),
    ),
    Case(
        "a class as a date",
        "b.xlsx",
        lambda: grades(3, "klass", b's="1"><v>45000</v></c>', formats=["d-mmm"]),
        ("klass", "DATE_CELL", (3,)),
    ),
    Case("an id as a date", "b.xlsx", lambda: grades(3, "elevid", b't="d"><v>2024-01-02</v></c>'), ("elevid", "DATE_CELL", (3,))),
    Case(
        "a class as a time",
        "b.xlsx",
        lambda: grades(3, "klass", b's="1"><v>0.5</v></c>', formats=["h:mm"]),
        ("klass", "DATE_CELL", (3,)),
    ),
    Case(
        "an id of sixteen digits as a number",
        "b.xlsx",
        lambda: grades(3, "elevid", 2023091234567890),
        ("elevid", "MANGLED_ID", (3,)),
    ),
    Case(
        "two sheets of one kind",
        "b.xlsx",
        lambda: xlsx(Leaf(ROWS, name="Norr"), Leaf(ROWS, name="Söder")),
        whole("TWO_FITTING_SHEETS"),
    ),
    Case(
        "two sheets of two kinds",
        "b.xlsx",
        lambda: xlsx(Leaf(ROWS, name="Norr"), Leaf(table(SE_ABSENCE), name="Söder")),
        whole("TWO_FITTING_SHEETS"),
    ),
    Case("two sheets of an XLS", "b.xls", lambda: xls(("Norr", ROWS, ()), ("Söder", ROWS, ())), whole("TWO_FITTING_SHEETS")),
    Case("a header alone", "b.xlsx", lambda: xlsx(Leaf(ROWS[:1])), ("", "NO_ROWS", (1,))),
    Case("sheets without cells", "b.xlsx", lambda: xlsx(Leaf([]), Leaf([], name="Blad2")), whole("EMPTY_FILE")),
    Case("the table on a hidden sheet of an XLS", "b.xls", lambda: xls(("B", ROWS, ()), hidden=[0]), whole("HIDDEN_SHEET")),
    Case(
        "the table on a hidden sheet",
        "b.xlsx",
        lambda: xlsx(Leaf([]), Leaf(ROWS, name="B", state="hidden")),
        whole("HIDDEN_SHEET"),
    ),
]
