"""What ``kvalitet release`` tells of figures it has kept back."""

from __future__ import annotations

from kvalitet_lib.cli.release import what_was_kept_back


def test_tables_that_stand_and_breakdowns_left_out_are_told_each_once():
    about = {
        "standing": [["meritvarde", "2024-25"], ["franvaro_10", "2024-25"]],
        "left_out": [["meritvarde", "2024-25", "sex", "", ""], ["", "2023-24", "sex", "school", "90000001"]],
    }
    told = what_was_kept_back(about)
    assert told[0].startswith("2 tables stand")
    assert told[1].startswith("2 breakdowns left out")
    assert [line.split() for line in told[2:]] == [["every", "indicator", "2023-24", "sex"], ["meritvarde", "2024-25", "sex"]]


def test_where_nothing_was_kept_back_nothing_is_told():
    assert what_was_kept_back({"standing": [], "left_out": []}) == []
