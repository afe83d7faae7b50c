"""``kvalitet load`` takes each delivery whole or not at all, says so to people and to programs, and ends with a code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from filelock import FileLock

from kvalitet_lib.safe_files import LOCK
from kvalitet_lib.store import Store

GRADES = "betyg_ak9_2024-25.csv"


def outcomes(said) -> dict[str, str]:
    return {one["file"]: one["outcome"] for one in json.loads(said.out)}


def with_wrong_grade(deliveries: Path, folder: Path) -> Path:
    """The grades delivery with one grade that is on no scale, beside a whole one."""
    lines = (deliveries / GRADES).read_text(encoding="utf-8-sig").splitlines(keepends=True)
    place = lines[0].rstrip().split(";").index("betyg")
    cells = lines[5].rstrip("\n").split(";")
    cells[place] = "Q"
    lines[5] = ";".join(cells) + "\n"
    folder.mkdir()
    (folder / GRADES).write_text("".join(lines), encoding="utf-8")
    (folder / "bemanning.csv").write_bytes((deliveries / "bemanning.csv").read_bytes())
    return folder


def test_a_folder_of_deliveries_is_taken_in_and_each_file_is_told_of(kvalitet, deliveries, home):
    said = kvalitet("load", deliveries, "--home", home, "--json")
    assert said.code == 0
    assert outcomes(said) == {path.name: "stored" for path in deliveries.iterdir()}
    assert all(one["tables"] and one["fingerprint"] and one["source"] for one in json.loads(said.out))


def test_loading_again_changes_nothing(kvalitet, deliveries, home):
    kvalitet("load", deliveries / "bemanning.csv", "--home", home)
    said = kvalitet("load", deliveries / "bemanning.csv", "--home", home, "--json")
    assert (said.code, outcomes(said)) == (0, {"bemanning.csv": "unchanged"})


def test_a_delivery_with_a_fault_is_refused_with_exit_code_5_and_the_others_are_stored(kvalitet, deliveries, home, tmp_path):
    said = kvalitet("load", with_wrong_grade(deliveries, tmp_path / "in"), "--home", home, "--json")
    assert said.code == 5
    assert outcomes(said) == {GRADES: "refused", "bemanning.csv": "stored"}
    assert set(Store(home / "private")) == {"staffing"}


def test_a_program_is_told_column_rule_and_lines_of_every_fault_and_never_a_value(kvalitet, deliveries, home, tmp_path):
    said = kvalitet("load", with_wrong_grade(deliveries, tmp_path / "in"), "--home", home, "--json")
    refused = next(one for one in json.loads(said.out) if one["outcome"] == "refused")
    assert [(one["column"], one["lines"], one["rows"]) for one in refused["faults"]] == [("betyg", [6], 1)]
    assert refused["faults"][0]["code"].isupper()
    assert '"Q"' not in said.out


def test_a_person_is_told_the_same_in_words_with_what_to_do_next(kvalitet, deliveries, home, tmp_path):
    said = kvalitet("load", with_wrong_grade(deliveries, tmp_path / "in"), "--home", home)
    assert f"{GRADES} does not keep the contract of table 'grades'" in said.err
    assert "1 row   (line 6)" in said.err
    assert "Nothing was stored." in said.err
    assert said.out.strip().endswith("1 stored, 1 refused")


def test_a_file_of_no_known_kind_is_refused(kvalitet, home, tmp_path):
    (tmp_path / "letter.csv").write_text("dear;sir\n1;2\n")
    said = kvalitet("load", tmp_path / "letter.csv", "--home", home, "--json")
    assert (said.code, json.loads(said.out)[0]["faults"][0]["code"]) == (5, "UNKNOWN_KIND")


def test_a_path_that_is_not_there_is_refused_with_exit_code_5(kvalitet, home, tmp_path):
    said = kvalitet("load", tmp_path / "nowhere", "--home", home)
    assert said.code == 5
    assert "there is no such file or folder" in said.err


def test_two_people_do_not_write_to_one_store_at_once(kvalitet, deliveries, home):
    kvalitet("load", deliveries / "skolor.csv", "--home", home)
    with FileLock(home / "private" / LOCK):
        assert kvalitet("load", deliveries / "bemanning.csv", "--home", home).code == 4


def test_wrong_settings_are_named_one_by_one_with_exit_code_1(kvalitet, deliveries, home):
    home.mkdir()
    (home / "municipality.yml").write_text("country: se\ncode: 0114\n")
    said = kvalitet("load", deliveries, "--home", home)
    assert said.code == 1
    assert all(name in said.err for name in ("code:", "name:", "audiences:"))
    assert "Traceback" not in said.err


@pytest.mark.parametrize("words", [("load",), ("lode", "x"), ("load", "x", "--jason")])
def test_a_command_that_does_not_exist_is_refused_with_exit_code_5(kvalitet, words):
    assert kvalitet(*words).code == 2
