"""Text becomes a value by a declared rule, or is reported; nothing is guessed."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as some

from kvalitet_lib.sources.calendar_terms import day, month, school_year
from kvalitet_lib.sources.cells import numbers, school_years, sexes, texts, year_group, yes_or_no
from kvalitet_lib.sources.numerals import UnreadableError, ambiguous, number, whole
from kvalitet_lib.sources.published_cells import published, published_cells


@pytest.mark.parametrize(
    ("text", "value"),
    [("0", 0), ("12", 12), ("221,4", 221.4), ("1 234,5", 1234.5), ("1\u00a0234", 1234), ("302\u202f227", 302227),
     ("-3,5", -3.5), ("\u221217", -17), ("+17", 17), (" 8 ", 8), ("4 102", 4102)],
)  # fmt: skip
def test_numbers_are_read_as_nordic_agencies_write_them(text, value):
    assert number(text) == value


@pytest.mark.parametrize(
    "text", ["", "tolv", "inf", "nan", "1e3", "1_2", "١٢", "12:30", "1,2,3", "1 23", "12 3456", "1.5", "0x1f", "5 %"]
)
def test_what_is_not_a_plain_number_is_unreadable(text):
    with pytest.raises(UnreadableError):
        number(text)


def test_a_number_with_two_readings_is_refused_under_its_own_name():
    for text, decimal in (("1.234", ","), ("12.345.678", ","), ("1,234", ".")):
        with pytest.raises(UnreadableError) as refused:
            number(text, decimal)
        assert refused.value.code == "AMBIGUOUS_NUMBER" and text not in str(refused.value)
    assert ambiguous(pd.Series(["1,5", "1.234", "12"])) == [1]
    assert number("1.234", ".") == 1.234


@given(some.decimals(min_value=-(10**9), max_value=10**9, places=3))
def test_a_number_printed_and_read_again_is_the_same(value):
    assert number(f"{value}".replace(".", ",")) == float(value)


@pytest.mark.parametrize("text", ["2023/24", "2023-24", "2023–24", "2023/2024", "2023-2024", "23/24", " 2023/24 "])
def test_a_school_year_is_the_same_however_it_is_written(text):
    assert school_year(text) == "2023-24"


@pytest.mark.parametrize("text", ["2023/25", "2023", "2023-10-01", "24/2025", "2023/23", "1823/24", "2023/24/25", ""])
def test_what_is_not_two_years_in_a_row_is_no_school_year(text):
    with pytest.raises(UnreadableError):
        school_year(text)


def test_the_century_may_change_within_a_school_year():
    assert school_year("1999/00") == "1999-00" and school_year("1999/2000") == "1999-00"


def test_days_and_months_must_be_in_the_calendar():
    assert day("11.09.2023") == day("2023-09-11") == "2023-09-11" and month("202310") == month("2023-10") == "2023-10"
    for rule, text in ((day, "2023-02-31"), (day, "11/09/2023"), (month, "2023-13"), (month, "oktober")):
        with pytest.raises(UnreadableError):
            rule(text)


def test_year_groups_are_read_from_the_words_schools_use():
    said = {"9": 9, "åk 9": 9, "Årskurs 6": 6, "7. trinn": 7, "Trinn 5": 5, "F": 0, "förskoleklass": 0, "Vg1": 11, "gy3": 13}
    assert {text: year_group(text) for text in said} == said
    for text in ("14", "9A", "-1", "9,0"):
        with pytest.raises(UnreadableError):
            year_group(text)


def test_a_whole_number_has_no_decimals():
    assert whole("1 234") == 1234
    for text in ("3,0", "3.0", "tre"):
        with pytest.raises(UnreadableError):
            whole(text)


def test_columns_are_typed_and_say_which_rows_failed():
    column = pd.Series(["1,5", "x", "", "y", None], index=[10, 11, 12, 13, 14])
    typed, failed = numbers(column)
    assert failed == [1, 3] and typed.dtype == "float64" and typed.index.tolist() == [10, 11, 12, 13, 14]
    assert typed.isna().tolist() == [False, True, True, True, True]


def test_blanks_are_missing_and_never_a_fault():
    for rule in (numbers, school_years, sexes, yes_or_no, texts):
        typed, failed = rule(pd.Series(["", "  ", None]))
        assert failed == [] and typed.isna().all()


def test_codes_keep_their_zeros_and_na_stays_na():
    assert texts(pd.Series([" 0114 ", "NA", "null"]))[0].tolist() == ["0114", "NA", "null"]


def test_yes_no_and_sex_are_understood_in_three_languages():
    assert yes_or_no(pd.Series(["ja", "JA", "nej", "nei", "no"]))[0].tolist() == [True, True, False, False, False]
    assert sexes(pd.Series(["flicka", "P", "jente", "G", "K", "boy"]))[0].tolist() == [
        "girl",
        "boy",
        "girl",
        "boy",
        "girl",
        "boy",
    ]
    assert sexes(pd.Series(["x"]))[1] == [0]


@pytest.mark.parametrize(
    ("text", "status"),
    [("..", "too_few"), ("*", "too_few"), (":", "too_few"), (".", "missing"), ("", "missing"), ("-", "missing"), ("…", "missing"),
     ("~100", "rounded"), ("cirka 270", "rounded"), ("0", "exists"), ("77,1", "exists")],
)  # fmt: skip
def test_a_published_mark_keeps_its_meaning_and_its_text_and_is_never_zero(text, status):
    cell = published(text, share=True)
    assert cell.status == status and cell.original == text
    assert math.isnan(cell.value) == (status != "exists")


def test_a_share_in_per_cent_becomes_a_share_and_keeps_its_decimals():
    assert published("77,1", share=True).value == pytest.approx(0.771) and published("77,1", share=True).decimals == 1
    assert published("77,0", share=True).decimals == 1 and published("77", share=True).decimals == 0
    assert published("221,4").value == 221.4 and published("..").decimals is None


def test_about_one_hundred_is_an_interval_of_one_to_four_pupils_short():
    cell = published("~100", share=True, n=40)
    assert (cell.lower, cell.upper) == (36 / 40, 39 / 40)
    unknown = published("~100", share=True)
    assert math.isnan(unknown.lower) and 0.999 < unknown.upper < 1
    none = published("~0", share=True, n=40)
    assert (none.lower, none.upper) == (pytest.approx(1 / 40), pytest.approx(4 / 40))
    assert published("~100", n=40).upper == 97.5 and published("~100", share=True, n=3).lower == 0


def test_about_270_pupils_lies_between_265_and_275():
    cell = published("cirka 270")
    assert (cell.lower, cell.upper) == (265, 275) and math.isnan(cell.value)


def test_what_is_neither_figure_nor_mark_is_reported_by_its_row():
    cells, failed = published_cells(pd.Series(["77,1", "hög", "~100"]), share=True, n=pd.Series([50.0, 50.0, 50.0]))
    assert failed == [1] and cells.status.tolist() == ["exists", "missing", "rounded"]
    assert cells.upper.tolist()[2] == 0.98 and str(cells.decimals.dtype) == "Int64"
