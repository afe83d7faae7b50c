"""A person who is forgotten is gone from the store, byte for byte, and does not come back with the next delivery."""

from __future__ import annotations

import struct
from pathlib import Path

import pandas as pd
import pytest

from kvalitet_lib.contracts import CONTRACTS, column_types
from kvalitet_lib.forgetting import Selection, trace
from kvalitet_lib.store import FILE_NAME, Store
from tests.residue.search import search
from tests.whiteboard import table

FIGURES = {"tables about persons": 8, "tables without persons": 4}
ABOUT_PERSONS = [name for name, contract in CONTRACTS.items() if contract.personal()]
WITHOUT_PERSONS = [name for name, contract in CONTRACTS.items() if not contract.personal()]
GONE = "p_" + "0123456789abcdef" * 2
OTHER = "p_" + "f" * 32
OWN_CLASS, OWN_POINTS = "Kanariegruppen", 977.0625
GRADES = f"""
    pupil   | school   | school_year | year_group | subject | grade | assessment | stated_points
    --------+----------+-------------+------------+---------+-------+------------+--------------
    {GONE}  | 90000001 | 2017-18     | 9          | MA      | A     | final      | 215
    {GONE}  | 90000001 | 2018-19     | 9          | SV      | A     | final      | 215
    {OTHER} | 90000001 | 2017-18     | 9          | MA      | E     | final      | 200
    {OTHER} | 90000001 | 2018-19     | 9          | MA      | E     | final      | 200
"""
TESTS = f"""
    pupil   | school   | school_year | year_group | test | status | points
    --------+----------+-------------+------------+------+--------+--------
    {GONE}  | 90000001 | 2018-19     | 9          | MA   | taken  | {OWN_POINTS}
    {OTHER} | 90000001 | 2018-19     | 9          | MA   | taken  | 12
"""
ANSWERS = f"""
    respondent | school   | school_year | year_group | respondents | item     | answer | steps
    -----------+----------+-------------+------------+-------------+----------+--------+------
    {GONE}     | 90000001 | 2018-19     | 9          | pupil       | trivsel  | 1      | 4
    {OTHER}    | 90000001 | 2018-19     | 9          | pupil       | trivsel  | 4      | 4
"""
UPPER = f"""
    pupil   | school   | school_year | programme | class_name
    --------+----------+-------------+-----------+------------
    {GONE}  | 90000001 | 2018-19     | NA        | {OWN_CLASS}
"""
STAFFING = """
    school   | school_year | provision | year_band | staff_fte
    ---------+-------------+-----------+-----------+----------
    90000001 | 2017-18     | school    | all       | 12
"""
DRAWN = {"grades": GRADES, "tests": TESTS, "survey_answers": ANSWERS, "upper_secondary": UPPER, "staffing": STAFFING}


def rows(name: str, drawing: str) -> pd.DataFrame:
    types = column_types(CONTRACTS[name])
    return table(drawing).reindex(columns=list(types)).astype(types)


def left(store: Store) -> dict[str, int]:
    return {name: len(store[name]) for name in store}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Two persons, one of whom has been corrected once, so that values of theirs lie in the file's free bytes as well."""
    filled = Store(tmp_path / "private")
    for name, drawing in DRAWN.items():
        with filled.writing() as writer:
            writer.put(name, f"{name}.csv", "local", [(name, rows(name, drawing))])
    with filled.writing() as writer:
        corrected = rows("grades", GRADES).replace({"grade": {"A": "B"}})
        writer.put("grades again", "grades_2.csv", "local", [("grades", corrected)])
    return filled


def test_every_row_of_the_person_is_gone_from_every_table_and_everyone_elses_are_kept(store):
    before = left(store)
    with store.writing() as writer:
        removed = writer.remove(Selection((GONE,)))
    assert removed == {"grades": 2, "tests": 1, "survey_answers": 1, "upper_secondary": 1}
    assert left(store) == {name: count - removed.get(name, 0) for name, count in before.items() if count > removed.get(name, 0)}
    assert set(store["grades"]["pupil"]) == {OTHER}


def test_not_one_byte_of_the_person_is_left_in_the_private_folder(store):
    told = [GONE, OWN_CLASS]
    points = struct.pack("<d", OWN_POINTS)
    assert {hit.text for hit in search([store.folder], told)} == set(told)
    assert points in store.path.read_bytes()
    with store.writing() as writer:
        writer.remove(Selection((GONE,)))
    assert search([store.folder], told) == []
    assert points not in store.path.read_bytes()
    assert search([store.folder], [OTHER]) != []


def test_nothing_is_left_beside_the_store_but_its_lock(store):
    (store.folder / f"{FILE_NAME}.tmp").mkdir()
    (store.folder / f"{FILE_NAME}.tmp" / "duckdb_temp_storage-0.tmp").write_text(GONE)
    with store.writing() as writer:
        writer.remove(Selection((GONE,)))
    assert sorted(path.name for path in store.folder.iterdir()) == [".kvalitet.lock", FILE_NAME]


def test_the_record_of_deliveries_stays_and_counts_what_is_left(store):
    before = store.deliveries()
    with store.writing() as writer:
        writer.remove(Selection((GONE,)))
    after = store.deliveries()
    pd.testing.assert_frame_equal(after.drop(columns="rows_left"), before.drop(columns="rows_left"))
    assert after.set_index("file_name")["rows_left"].to_dict() == {
        "grades.csv": 0, "tests.csv": 1, "survey_answers.csv": 1, "upper_secondary.csv": 0, "staffing.csv": 1, "grades_2.csv": 2,
    }  # fmt: skip


def test_the_store_takes_deliveries_after_it_was_written_anew(store):
    with store.writing() as writer:
        writer.remove(Selection((GONE,)))
    with store.writing() as writer:
        assert writer.put("tests", "tests.csv", "local", [("tests", rows("tests", TESTS))]).outcome == "unchanged"
        later = rows("tests", TESTS.replace("2018-19", "2019-20"))
        assert writer.put("later", "later.csv", "local", [("tests", later)]).outcome == "stored"
    assert list(store.deliveries()["file_name"])[-1] == "later.csv"


def test_a_later_delivery_does_not_bring_the_person_back_and_says_how_many_rows_were_left_out(store):
    with store.writing() as writer:
        writer.remove(Selection((GONE,)))
    with store.writing() as writer:
        again = [(name, rows(name, DRAWN[name].replace("2018-19", "2019-20"))) for name in ("grades", "survey_answers")]
        kept = writer.put("again", "again.csv", "local", again)
    assert (kept.rows, kept.forgotten_rows) == (3, 3)
    assert GONE not in {*store["grades"]["pupil"], *store["survey_answers"]["respondent"]}
    assert search([store.folder], [GONE]) == []


def test_what_is_kept_of_the_person_is_not_their_pseudonym(store):
    with store.writing() as writer:
        writer.remove(Selection((GONE,)))
    assert store.forgotten() == {trace(GONE)}
    assert GONE not in trace(GONE)


def test_forgetting_twice_keeps_one_trace(store):
    for _ in range(2):
        with store.writing() as writer:
            writer.remove(Selection((GONE,)))
    assert len(store.forgotten()) == 1


def test_a_store_that_fails_half_way_through_forgetting_is_as_it_was(store):
    before = left(store)
    with pytest.raises(RuntimeError), store.writing() as writer:
        writer.remove(Selection((GONE,)))
        raise RuntimeError("the power went")
    assert left(store) == before
    assert store.forgotten() == set()


def test_school_years_past_are_removed_from_tables_about_persons_and_from_no_other(store):
    with store.writing() as writer:
        removed = writer.remove(Selection(before="2018-19"))
    assert removed == {"grades": 2}
    assert set(store["grades"]["school_year"]) == {"2018-19"}
    assert list(store["staffing"]["school_year"]) == ["2017-18"]
    assert store.forgotten() == set()


def test_there_are_as_many_tables_of_each_kind_as_is_said():
    assert (len(ABOUT_PERSONS), len(WITHOUT_PERSONS)) == tuple(FIGURES.values())


@pytest.mark.parametrize("name", ABOUT_PERSONS)
def test_every_table_about_persons_can_forget_a_person_and_a_school_year(name):
    for selection in (Selection(("p_x",)), Selection(before="2018-19")):
        condition, values = selection.condition(CONTRACTS[name])
        assert condition and len(values) == condition.count("?")


@pytest.mark.parametrize("name", WITHOUT_PERSONS)
def test_tables_without_persons_are_never_touched(name):
    assert [selection.condition(CONTRACTS[name]) for selection in (Selection(("p_x",)), Selection(before="2018-19"))] == [
        ("", []),
        ("", []),
    ]


def test_a_store_made_before_there_was_forgetting_can_be_read(store):
    import duckdb

    with duckdb.connect(str(store.path)) as connection:
        connection.execute("DROP TABLE forgotten")
    assert store.forgotten() == set()
    assert left(store)["grades"] == 4
