"""The store keeps what was delivered, replaces what is corrected, and loses nothing by accident."""

from __future__ import annotations

import multiprocessing
import stat
from pathlib import Path

import pandas as pd
import pytest

from kvalitet_lib.contracts import CONTRACTS, column_types
from kvalitet_lib.errors import BusyError, DeliveryError
from kvalitet_lib.safe_files import LOCK
from kvalitet_lib.store import Store
from tests.whiteboard import table

FIRST = """
    pupil | school   | school_year | year_group | subject | grade | assessment
    ------+----------+-------------+------------+---------+-------+-----------
    p_a   | 90000001 | 2024-25     | 9          | MA      | A     | final
    p_b   | 90000001 | 2024-25     | 9          | MA      | E     | final
"""
CORRECTED = FIRST.replace("| E     |", "| C     |")
OTHER_PUPILS = FIRST.replace("p_a", "p_x").replace("p_b", "p_y")


def grades(drawing: str) -> pd.DataFrame:
    types = column_types(CONTRACTS["grades"])
    return table(drawing).reindex(columns=list(types)).astype(types)


def put(store: Store, fingerprint: str, drawing: str, replace: bool = False):
    with store.writing() as writer:
        return writer.put(fingerprint, f"{fingerprint}.csv", "local", [("grades", grades(drawing))], replace=replace)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "private")


def test_what_is_put_in_comes_out_in_the_contracts_columns_and_types(store):
    put(store, "first", FIRST)
    kept = store["grades"]
    pd.testing.assert_frame_equal(kept.sort_values("pupil", ignore_index=True), grades(FIRST))


def test_a_table_nobody_filled_is_not_there(store):
    put(store, "first", FIRST)
    assert set(store) == {"grades"}
    with pytest.raises(KeyError):
        store["tests"]


def test_loading_the_same_delivery_again_changes_nothing(store):
    put(store, "first", FIRST)
    before = store.deliveries()
    assert put(store, "first", FIRST).outcome == "unchanged"
    pd.testing.assert_frame_equal(store.deliveries(), before)
    assert len(store["grades"]) == 2


def test_a_corrected_delivery_replaces_what_it_corrects_and_the_old_fingerprint_stays_on_record(store):
    put(store, "first", FIRST)
    kept = put(store, "second", CORRECTED)
    assert (kept.outcome, kept.replaced_rows) == ("stored", 2)
    assert sorted(store["grades"]["grade"]) == ["A", "C"]
    record = store.deliveries().set_index("fingerprint")
    assert record["rows"].to_dict() == {"first": 2, "second": 2}
    assert record["rows_left"].to_dict() == {"first": 0, "second": 2}


def test_a_delivery_that_was_corrected_does_not_come_back_by_loading_it_again(store):
    put(store, "first", FIRST)
    put(store, "second", CORRECTED)
    assert put(store, "first", FIRST).outcome == "outdated"
    assert sorted(store["grades"]["grade"]) == ["A", "C"]


def test_another_part_of_the_same_whole_is_refused_instead_of_pushing_the_first_part_out(store):
    put(store, "first", FIRST)
    with pytest.raises(DeliveryError) as refused:
        put(store, "second", OTHER_PUPILS)
    assert refused.value.faults[0].code == "WOULD_REPLACE_OTHERS"
    assert sorted(store["grades"]["pupil"]) == ["p_a", "p_b"]


def test_another_part_may_replace_the_first_when_one_says_so(store):
    put(store, "first", FIRST)
    put(store, "second", OTHER_PUPILS, replace=True)
    assert sorted(store["grades"]["pupil"]) == ["p_x", "p_y"]


def test_a_failure_while_writing_keeps_the_store_as_it_was(store):
    put(store, "first", FIRST)
    with pytest.raises(RuntimeError), store.writing() as writer:
        writer.put("second", "second.csv", "local", [("grades", grades(CORRECTED))])
        raise RuntimeError("the power went")
    assert sorted(store["grades"]["grade"]) == ["A", "E"]
    assert sorted(path.name for path in store.folder.iterdir()) == [LOCK, "store.duckdb"]


def test_only_the_owner_may_read_the_store(store):
    put(store, "first", FIRST)
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(store.folder.stat().st_mode) == 0o700


def _hold(folder: str, holding, release) -> None:
    with Store(Path(folder)).writing():
        holding.set()
        release.wait(30)


def test_a_second_writer_is_refused_and_told_who_writes_while_readers_go_on(store):
    put(store, "first", FIRST)
    context = multiprocessing.get_context("spawn")
    holding, release = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(str(store.folder), holding, release))
    other.start()
    try:
        assert holding.wait(30)
        with pytest.raises(BusyError, match=str(other.pid)), store.writing():
            pass
        assert len(Store(store.folder)["grades"]) == 2
    finally:
        release.set()
        other.join()
