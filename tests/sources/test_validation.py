"""Rows are held against their contract; what breaks it is said in words, with lines, and never with values."""

from __future__ import annotations

import pandas as pd
import pytest

from kvalitet_lib.contracts import CONTRACTS, Absence, Pupils
from kvalitet_lib.errors import DeliveryError
from kvalitet_lib.sources.source import Filled
from kvalitet_lib.sources.validation import completed, hold, validated, without_repetitions
from tests.whiteboard import table

ABSENCE = """
    pupil | school   | school_year | period  | possible_hours | absent_hours | unexcused_hours | absent_days
    ------+----------+-------------+---------+----------------+--------------+-----------------+------------
    a     | 90012345 | 2023-24     | 2023-10 | 88             | 10           | 2               | -
    b     | 90012345 | 2023-24     | 2023-10 | 88             | 8            | 0               | -
"""


def absence(drawing: str = ABSENCE) -> Filled:
    rows = table(drawing)
    hours = ["possible_hours", "absent_hours", "unexcused_hours", "absent_days"]
    rows = rows.astype(dict.fromkeys(hours, "float64"))
    return Filled("absence", rows, pd.Series(range(2, 2 + len(rows))))


def test_rows_that_keep_the_contract_have_no_faults():
    part = absence()
    assert hold(Absence, part.rows, part.lines) == []


def test_each_broken_rule_is_one_fault_with_its_words_and_lines():
    part = absence(ABSENCE.replace("90012345", "9001234X").replace("| 8  ", "| 99 "))
    found = hold(Absence, part.rows, part.lines, {"school": "skolenhetskod"})
    assert [(fault.column, fault.rule, fault.lines) for fault in found] == [
        ("absent_hours", "more hours absent than possible", (3,)),
        ("skolenhetskod", "not a code of 8 (Sweden) or 9 (Norway) digits", (2, 3)),
    ]


def test_no_value_escapes_from_a_failed_contract():
    part = absence(ABSENCE.replace("90012345", "kanariefågel"))
    with pytest.raises(DeliveryError) as refused:
        validated("delivery.csv", [part])
    assert "kanariefågel" not in str(refused.value) + repr(refused.value.faults) + repr(refused.value.__context__)


def test_lines_follow_the_rows_index_and_not_their_place():
    part = absence(ABSENCE.replace("| 8  ", "| 99 "))
    (fault,) = hold(Absence, part.rows.iloc[::-1], part.lines)
    assert fault.lines == (3,)


def test_a_missing_an_unknown_and_a_doubled_column_are_told_apart():
    part = absence()
    assert [fault.code for fault in hold(Absence, part.rows.drop(columns="period"), part.lines)] == ["MISSING_COLUMN"]
    assert [fault.code for fault in hold(Absence, part.rows.assign(colour="red"), part.lines)] == ["UNKNOWN_COLUMN"]
    doubled = pd.concat([part.rows, part.rows[["period"]]], axis="columns")
    assert [(fault.column, fault.code) for fault in hold(Absence, doubled, part.lines)] == [("period", "DUPLICATE_COLUMN")]


def test_a_column_of_another_type_is_a_fault_and_not_a_crash():
    part = absence()
    codes = {fault.code for fault in hold(Absence, part.rows.assign(absent_days=["x", "y"]), part.lines)}
    assert "WRONG_TYPE" in codes


def test_rows_that_agree_in_the_key_and_differ_otherwise_are_a_conflict():
    part = absence(ABSENCE.replace(" b ", " a "))
    (fault,) = hold(Absence, part.rows, part.lines)
    assert (fault.code, fault.lines) == ("CONFLICTING_DUPLICATE", (2, 3))


def test_a_row_repeated_exactly_is_kept_once_and_noted():
    part = absence(ABSENCE.replace(" b ", " a ").replace("| 8 ", "| 10").replace("| 0 ", "| 2 "))
    once = without_repetitions(part)
    assert len(once.rows) == 1 and once.lines.tolist() == [2] and len(once.notes) == 1
    assert len(validated("d.csv", [part])[0].rows) == 1


@pytest.mark.parametrize("name", CONTRACTS)
def test_columns_a_source_is_silent_about_are_added_empty_in_the_contracts_types(name):
    contract = CONTRACTS[name]
    full = completed(Filled(name, pd.DataFrame(index=range(1)), pd.Series([2])))
    assert list(full.rows.columns) == list(contract.to_schema().columns)
    nullable = {column for column, said in contract.to_schema().columns.items() if said.nullable}
    assert not nullable & {fault.column for fault in hold(contract, full.rows, full.lines)}
    assert "WRONG_TYPE" not in {fault.code for fault in hold(contract, full.rows, full.lines)}


def test_faults_of_all_parts_are_told_at_once():
    part = absence(ABSENCE.replace("90012345", "x"))
    other = Filled("pupils", table("pupil | school\n---+---\n- | 90012345"), pd.Series([9]))
    with pytest.raises(DeliveryError) as refused:
        validated("d.csv", [part, other])
    assert {fault.column for fault in refused.value.faults} == {"school", "pupil", "school_year", "year_group"}
    assert Pupils.table() == "pupils"
