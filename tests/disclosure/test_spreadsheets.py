"""Whatever a school is called, a file one opens in a spreadsheet calculates nothing, and reads back as it was."""

from __future__ import annotations

import csv
import io
import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvalitet_lib.disclosure.release import UNIT_COLUMNS, Release
from kvalitet_lib.spreadsheets import cell_as_it_was, harmless_cell, read_csv, write_csv
from tests.conftest import ROOT

FIGURES = {"beginnings of a formula": 8, "spellings of each": 6}
BEGINNINGS = ["=", "+", "-", "@", "\t=", "\r=", "\uff1d", "\uff20"]
SPELLINGS = ["{}1+1", '{}HYPERLINK("http://evil.example")', " {}cmd|' /C calc'!A1", "Ekskolan;{}1+1", "'{}1", '"{}1+1"']
SIGNS = re.compile(r"[ \u00a0\ufeff]*[=+\-@\uff0b\uff0d\uff1d\uff20]|[\t\r]")
NUMBER = re.compile(r"[-+]?\d[\d \u00a0]*([.,]\d+)?([eE][-+]?\d+)? ?%?")
TRICKY = st.text(alphabet="=+-@'\";,|\t\r\n \u00a0\ufeff\uff1d1a%", max_size=12)


def formulas(text: str) -> list[str]:
    """Cells that a spreadsheet would calculate, wherever it splits a row: at our comma, at a semicolon or at a tab.

    Where it does not split at our comma, a row that begins with a number is a text with a comma in it.
    """
    return [
        cell
        for separator in ",;\t"
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        for cell in row
        if SIGNS.match(cell) and not NUMBER.fullmatch(cell if separator == "," else cell.split(",")[0])
    ]


def written(rows: pd.DataFrame) -> str:
    file = io.StringIO(newline="")
    write_csv(rows, file)
    return file.getvalue()


def test_the_check_itself_finds_a_formula_where_nothing_is_done():
    hostile = pd.DataFrame({"name": [spelling.format(sign) for sign in BEGINNINGS for spelling in SPELLINGS]})
    assert len(formulas(hostile.to_csv(index=False))) >= len(hostile)


@pytest.mark.parametrize("sign", BEGINNINGS)
def test_no_name_becomes_a_formula_and_every_name_reads_back(sign, tmp_path):
    names = [spelling.format(sign) for spelling in SPELLINGS]
    units = pd.DataFrame({f"{sign}heading": names, "n": [-1.5] * len(names)}, dtype="object")
    text = written(units)
    assert formulas(text) == []
    write_csv(units, tmp_path / "units.csv")
    back = read_csv(tmp_path / "units.csv")
    assert list(back.columns) == list(units.columns)
    assert list(back.iloc[:, 0]) == names
    assert (len(BEGINNINGS), len(SPELLINGS)) == tuple(FIGURES.values())


@given(st.lists(TRICKY, min_size=1, max_size=4))
@settings(max_examples=1000, deadline=None)
def test_any_text_reads_back_as_it_was_and_none_is_a_formula(texts):
    assert [cell_as_it_was(harmless_cell(text)) for text in texts] == texts
    assert formulas(written(pd.DataFrame([texts], columns=[str(place) for place in range(len(texts))]))) == []


def test_numbers_and_ordinary_names_are_left_alone():
    rows = pd.DataFrame(
        {
            "difference": [-0.5, 1.25],
            "original": ["-5,2", "~100"],
            "name": ["Kung Karls skola F-6", "O'Brien + Söner"],
            "decimals": pd.array([1, None], dtype="Int64"),
            "empty": [None, ""],
        }
    )
    assert written(rows) == rows.to_csv(index=False, lineterminator="\n")


def test_a_release_whose_schools_have_formulas_for_names_holds_none_and_gives_the_names_back(tmp_path):
    names = [spelling.format(sign) for sign in BEGINNINGS for spelling in SPELLINGS]
    units = pd.DataFrame({"level": "school", "unit": [str(place) for place in range(len(names))], "name": names})
    units = units.assign(municipality="9001", owner_type="", year_groups="7-9")[UNIT_COLUMNS]
    (tmp_path / "release.json").write_text("{}", encoding="utf-8")
    write_csv(units, tmp_path / "units.csv")
    assert formulas((tmp_path / "units.csv").read_bytes().decode()) == []
    assert Release.open(tmp_path).units.equals(units.astype("str"))


def test_every_file_of_cells_is_written_by_the_one_function_that_makes_them_harmless():
    """Deliveries of the made-up municipality alone are not: they are what a school system would send."""
    writers = re.compile(r"\.to_csv\(|\.to_excel\(|ExcelWriter|csv\.writer|DictWriter|openpyxl|xlsxwriter")
    writing = {
        path.relative_to(ROOT / "kvalitet_lib").as_posix()
        for path in (ROOT / "kvalitet_lib").rglob("*.py")
        if writers.search(path.read_text(encoding="utf-8"))
    }
    assert writing == {"spreadsheets.py", "sources/synthetic/__init__.py"}
