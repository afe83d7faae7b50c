"""Two runs at once: the second is told who is first and since when; whoever reads is never held up and sees one state."""

from __future__ import annotations

import getpass
import multiprocessing
import platform
import shutil
import time
from pathlib import Path

import pandas as pd
import pytest

from kvalitet_lib.contracts import CONTRACTS, column_types
from kvalitet_lib.safe_files import OWNER
from kvalitet_lib.store import Store
from tests.faults.circumstances import Wait, until
from tests.faults.killing import AFTER, Kill, Point
from tests.faults.state import release_state, store_state

FIGURES = {"publishes": 60, "readers": 4, "failed reads": 0, "torn reads": 0}
PAUSE = 0.2  # seconds between a reader's reads, so that the writer gets on
VERBS = {
    "load": ("loading deliveries", Point("the deliveries are taken", "kvalitet_lib.cli.load:take_all")),
    "release": ("making a release", Point("everything is measured", "kvalitet_lib.cli.release:measure_all")),
    "report": ("making pages", Point("the pages are planned", "kvalitet_lib.execution.run:plan")),
}


def held(desk, verb: str, point: Point | None = None):
    """A run of the verb that stands still at a point until ``go`` is called."""
    wait = Wait(point or VERBS[verb][1], desk.place / "go")
    words = {"load": ("load", "in"), "release": ("release",), "report": ("report", "page", "--school", "90012301")}[verb]
    running = desk.begin(*words, "--home", "home", arrange=wait)
    until(wait.reached.exists)

    def go():
        wait.sign.touch()
        return running.end()

    return running.pid, go


@pytest.mark.parametrize("verb", VERBS)
def test_the_second_run_is_refused_with_who_what_and_since_when_and_the_first_ends_well(verb, released, fresh):
    desk = fresh(released)
    pid, go = held(desk, verb)
    second = getattr(desk, verb)()
    assert second.code == 4
    doing = VERBS[verb][0]
    who = f"{getpass.getuser()} on {platform.node()}, process {pid}, has been {doing} since 2026-10-01 12:00 UTC."
    assert second.err.startswith(who)
    assert "Wait until that one is done, then run the same command again." in second.err
    assert go().code == 0
    assert getattr(desk, verb)().code == 0


@pytest.mark.parametrize("verb", VERBS)
def test_the_lock_of_a_run_that_died_holds_nobody_up(verb, released, fresh):
    desk = fresh(released)
    assert getattr(desk, verb)(kill=Kill(Point("a draft folder is made", "tempfile:mkdtemp"), AFTER)).was_killed
    assert list(desk.place.rglob(OWNER))
    getattr(desk, verb)(well=True)
    assert not list(desk.place.rglob(OWNER))


@pytest.mark.parametrize("reader", ["release", "report"])
def test_who_reads_is_not_held_up_by_a_load(reader, released, fresh):
    desk = fresh(released)
    _, go = held(desk, "load")
    getattr(desk, reader)(well=True)
    assert go().code == 0


@pytest.mark.parametrize("at", ["units_of", "facts_of"])
def test_a_release_made_while_someone_loads_is_made_of_the_store_as_it_was(at, loaded, fresh, tmp_path):
    calm = loaded.copy(tmp_path / "calm")
    calm.release(well=True)
    desk = fresh(loaded)
    before = store_state(desk.home)
    _, go = held(desk, "release", Point("the store has been measured", f"kvalitet_lib.cli.release:{at}"))
    desk.load(well=True)
    assert store_state(desk.home) != before
    assert go().code == 0
    assert release_state(desk.home) == release_state(calm.home)


def rows(table: str, mark: int) -> pd.DataFrame:
    """As many rows as the mark says, all of which bear it."""
    usual = {"school": "90000001", "school_year": "2024-25", "year_group": 9}
    own = {"grades": {"subject": "MA", "grade": "A", "assessment": "final"}, "tests": {"subject": "MA", "test": "a"}}
    types = column_types(CONTRACTS[table])
    drawn = pd.DataFrame([{"pupil": f"p_{mark}_{place}", **usual, **own[table]} for place in range(mark)])
    return drawn.reindex(columns=list(types)).astype(types)


def put(folder: Path, mark: int) -> None:
    with Store(folder).writing() as writer:
        tables = [(name, rows(name, mark)) for name in ("grades", "tests")]
        writer.put(f"delivery {mark}", "-", "-", tables, replace=True)


def seen(store: Store) -> set[str]:
    """What the store's parts say of which delivery is the newest, read one after the other. One part, one mark."""
    said = set()
    for name in ("grades", "tests"):
        pupils = store[name]["pupil"].str.split("_").str[1]
        said |= set(pupils) | {str(len(pupils))}
    record = store.deliveries()
    return said | {name.split()[1] for name in record.loc[record["rows_left"].gt(0), "fingerprint"]}


def read_on(folder: Path, stop, answer) -> None:
    """Open and read the store until told to stop; tells how often, how often in vain, and how often torn."""
    reads, failed, torn = 0, [], 0
    while not stop.is_set():
        try:
            torn += len(seen(Store(folder))) != 1
        except Exception as why:
            failed.append(repr(why))
        reads += 1
        time.sleep(PAUSE)
    answer.put((reads, failed, torn))


def test_sixty_new_stores_under_four_readers_no_read_fails_and_none_is_torn(tmp_path):
    put(tmp_path, 1)
    context = multiprocessing.get_context("forkserver")
    stop, answers = context.Event(), context.Queue()
    readers = [context.Process(target=read_on, args=(tmp_path, stop, answers)) for _ in range(FIGURES["readers"])]
    for reader in readers:
        reader.start()
    for mark in range(2, FIGURES["publishes"] + 2):
        put(tmp_path, mark)
    time.sleep(0.2)
    stop.set()
    told = [answers.get(timeout=60) for _ in readers]
    for reader in readers:
        reader.join()
    assert all(reads > 0 for reads, _, _ in told)
    assert sum(reads for reads, _, _ in told) > FIGURES["publishes"]
    assert [why for _, failed, _ in told for why in failed] == []
    assert len([why for _, failed, _ in told for why in failed]) == FIGURES["failed reads"]
    assert sum(torn for _, _, torn in told) == FIGURES["torn reads"]
    assert seen(Store(tmp_path)) == {str(FIGURES["publishes"] + 1)}


def test_a_reader_that_has_begun_sees_one_state_to_its_end_and_the_next_reader_the_new_one(tmp_path):
    put(tmp_path, 1)
    early = Store(tmp_path)
    assert len(early["grades"]) == 1
    put(tmp_path, 2)
    assert seen(early) == {"1"}
    assert seen(Store(tmp_path)) == {"2"}
    early.close()
    assert seen(early) == {"2"}


def test_a_store_that_is_gone_is_read_to_the_end_by_who_has_begun(tmp_path):
    put(tmp_path / "private", 1)
    early = Store(tmp_path / "private")
    assert "grades" in early
    shutil.rmtree(tmp_path / "private")
    assert seen(early) == {"1"}
