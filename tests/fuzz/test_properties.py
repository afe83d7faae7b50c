"""What holds for every number, year, code, dialect, name and file, and not for examples alone."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as some

from kvalitet_lib.contracts import CONTRACTS, UNIT_CODE
from kvalitet_lib.errors import DeliveryError
from kvalitet_lib.sources.calendar_terms import day, month, school_year
from kvalitet_lib.sources.local_identity import is_identity_number
from kvalitet_lib.sources.local_rules import organisations, school_units
from kvalitet_lib.sources.naming import unit_of
from kvalitet_lib.sources.numerals import SPACES, UnreadableError, number
from kvalitet_lib.sources.reading import read_sheets
from kvalitet_lib.sources.source import Filled, presentable
from kvalitet_lib.sources.validation import completed, hold
from tests.fuzz.examples import (
    EXAMPLES,
    NIGHTLY,
    birth_numbers,
    days,
    many,
    organisation_numbers,
    other_digits,
    personal_numbers,
    places,
    spaces,
    texts,
    with_one_digit_changed,
)

FIGURES = {"properties": 10, "examples of each": 2_000}


def in_threes(digits: str, mark: str) -> str:
    return f"{int(digits):,}".replace(",", mark)


def refuses(rule, text: str) -> bool:
    try:
        rule(text)
    except UnreadableError:
        return True
    return False


@many
@given(some.integers(0, 10**9), some.text("0123456789", max_size=3), some.sampled_from(",."), spaces, some.sampled_from("-−–+ "))
def test_a_number_printed_in_any_of_the_usual_ways_is_read_as_that_number(whole, decimals, sign, space, minus):
    fraction = f"{sign}{decimals}" if decimals else ""
    other = {",": ".", ".": ","}[sign]
    ways = [f"{whole}{fraction}", f"{in_threes(str(whole), space)}{fraction}"]
    ways += [f"{in_threes(str(whole), other)}{fraction}"] if decimals else []
    size = float(f"{whole}.{decimals or 0}")
    meant = size if minus in "+ " else -size
    assert {number(f"{minus.strip()}{way}", sign) for way in ways} == {meant}


@many
@given(texts)
def test_no_text_is_a_number_but_one_of_plain_digits_and_never_by_both_signs_differently(text):
    read = {}
    for sign in (",", "."):
        try:
            read[sign] = number(text, sign)
        except UnreadableError:
            continue
    assert not read or set(text.strip()) <= set(f"0123456789,.+-−–{SPACES}")
    # Where a comma and a point both read it, at most one of them reads decimals: the other would have refused.
    assert len(set(read.values())) < 2 or sum("," in text or "." in text for _ in read) == 2


@many
@given(some.integers(1950, 2098), some.sampled_from("/-–—_‐‑"), some.booleans())
def test_a_school_year_in_any_form_is_the_same_and_one_year_more_or_less_is_none(first, mark, spaced):
    between = f" {mark} " if spaced else mark
    canonical = f"{first}-{(first + 1) % 100:02d}"
    forms = [
        f"{first}{between}{first + 1}",
        f"{first}{between}{canonical[-2:]}",
        f"{first}{canonical[-2:]}",
        f"{first}{first + 1}",
    ]
    if first >= 2000:
        forms += [f"{first % 100:02d}{between}{canonical[-2:]}", f"HT{first % 100:02d}", f"vår {first + 1}"]
    if first == 2099:
        forms = forms[:4]
    assert {school_year(form) for form in forms} == {canonical} == {school_year(canonical)}
    assert all(refuses(school_year, f"{first}{between}{first + wrong}") for wrong in (-1, 0, 2, 10))


@many
@given(days, some.sampled_from(("", " 00:00:00", "T00:00")))
def test_a_day_and_its_month_in_any_form_are_the_same_and_no_other_is(when, time):
    forms = [f"{when:%Y-%m-%d}{time}", f"{when:%Y/%m/%d}{time}", f"{when:%Y%m%d}", f"{when.day}.{when.month}.{when:%Y}"]
    assert {day(form) for form in forms} == {when.isoformat()}
    if when.year >= 2000:
        assert {month(f"{when:%Y-%m}"), month(f"{when:%Y%m}")} == {f"{when:%Y-%m}"}
    assert refuses(day, f"{when:%Y}-{when.month + 12}-{when.day:02d}") and refuses(day, f"{when.day + 31}.{when.month}.{when:%Y}")


@many
@given(personal_numbers(), places, other_digits)
def test_a_swedish_identity_number_is_known_and_with_one_digit_changed_it_is_none(told, place, by):
    assert is_identity_number(told)
    assert not is_identity_number(with_one_digit_changed(told, place, by))


@many
@given(birth_numbers(), places, other_digits)
def test_a_norwegian_identity_number_is_known_and_with_one_digit_changed_it_is_none(told, place, by):
    assert is_identity_number(told)
    assert not is_identity_number(with_one_digit_changed(told, place, by))


@many
@given(
    organisation_numbers(),
    some.integers(10_000_000, 99_999_999),
    some.lists(spaces, min_size=2, max_size=2),
    places,
    other_digits,
)
def test_codes_are_read_back_through_spaces_and_a_wrong_check_digit_is_refused(told, unit, between, place, by):
    spaced = f"{told[:3]}{between[0]}{told[3:6]}{between[1]}{told[6:]}"
    code = str(unit)
    read, failed = organisations(pd.Series([told, spaced, with_one_digit_changed(told, place, by)]))
    assert (read.tolist()[:2], failed) == ([told, told], [2])
    read, failed = school_units(pd.Series([code, f"{between[0]}{code[:4]}{between[1]}{code[4:]}", code[1:], f"{code}0"]))
    assert (read.tolist()[:2], failed) == ([code, code], [2, 3])


@some.composite
def tables(draw: some.DrawFn) -> list[list[str]]:
    """A header of words and rows of any text, as wide as the header; no row is blank."""
    width = draw(some.integers(2, 4))
    words = some.text("abcdefghijklmnopqrstuvwxyzåäöæø", min_size=1, max_size=8)
    header = draw(some.lists(words, min_size=width, max_size=width))
    rows = draw(some.lists(some.lists(texts, min_size=width, max_size=width), min_size=1, max_size=3))
    assume(all(any(cell.strip() for cell in row) for row in rows))
    return [header, *rows]


@many
@given(
    tables(),
    some.sampled_from(";,\t|"),
    some.sampled_from(("utf-8", "utf-8-sig", "utf-16")),
    some.sampled_from((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)),
    some.booleans(),
)
def test_the_dialect_of_any_table_is_found_and_every_cell_comes_back(table, separator, encoding, quoting, stated):
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=separator, quoting=quoting, lineterminator="\r\n").writerows(table)
    text = (f"sep={separator}\r\n" if stated else "") + written.getvalue()
    (sheet,) = read_sheets("table.csv", text.encode(encoding))
    assert sheet.rows == table


@many
@given(some.text(max_size=40))
def test_a_name_never_becomes_a_path_outside_its_folder_and_is_printed_on_one_line(name):
    folder = Path("released").resolve()
    for unit in (name, unit_of(name, {}, "school_names"), unit_of(name, {}, "municipality_names")):
        if not re.match(UNIT_CODE, unit):
            continue
        path = folder / f"{unit}.csv"
        assert path.resolve().parent == folder and len(path.name.encode()) <= 255 and path.name == presentable(Path(path.name))
    assert presentable(Path(name)).isprintable()


@pytest.mark.parametrize("unit", ["../9001", "/etc/passwd", "..", "a/b", "a\\b", ".hidden", "9001\n", "9001\0", "x" * 200, "ｘ"])
def test_a_unit_that_could_be_a_path_is_refused_whoever_delivers_it(unit):
    for table, columns in (("published_values", ["unit"]), ("reference_groups", ["group", "member"])):
        rows = pd.DataFrame({column: pd.Series([unit], dtype="str") for column in columns})
        part = completed(Filled(table, rows, pd.Series([1])))
        assert set(columns) <= {fault.column for fault in hold(CONTRACTS[table], part.rows, part.lines)}


WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
BEGINNINGS = (b"", *WORKBOOKS, b"\x1f\x8b", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"sep=;\n", b"<?xml", b"{")
ENDINGS = (".csv", ".xlsx", "")


@many
@given(
    some.sampled_from(BEGINNINGS),
    some.binary(max_size=60),
    some.lists(texts, max_size=8),
    some.sampled_from((".csv", ".xlsx", "")),
)
def test_any_bytes_give_tables_or_a_refusal_and_nothing_else(beginning, noise, cells, ending):
    for content in (beginning + noise, beginning + ";".join(cells).encode() + noise[:3]):
        try:
            sheets = read_sheets(f"file{ending}", content)
        except DeliveryError as refused:
            assert refused.faults and all(fault.code.isupper() for fault in refused.faults)
        else:
            assert all(len(sheet.rows) == len(sheet.lines) for sheet in sheets)


def test_every_property_is_tried_on_as_many_examples_as_promised(request: pytest.FixtureRequest):
    tried = [one for name, one in vars(request.module).items() if name.startswith("test_") and hasattr(one, "hypothesis")]
    assert len(tried) == FIGURES["properties"]
    assert {one._hypothesis_internal_use_settings.max_examples for one in tried} == {EXAMPLES}
    assert FIGURES["examples of each"] == EXAMPLES or NIGHTLY
