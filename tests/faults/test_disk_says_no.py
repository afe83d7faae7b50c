"""The disk is full, or can only be read: clear words, the old state is kept, and all is well again when there is room."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.faults.circumstances import Full, Limited
from tests.faults.desk import ALL
from tests.faults.killing import Point
from tests.faults.pages import assert_old_or_new, assert_recorded_as_it_is, fingerprints, page_state
from tests.faults.points import PAGE
from tests.faults.state import drafts, leftovers, release_state, releases, store_state

FIGURES = {"points at which the disk is full": 8, "points at which a file may not grow": 4, "verbs in a read-only folder": 3}
FULL = [
    ("load", Point("the store is locked", "filelock:BaseFileLock.acquire")),
    ("load", Point("the old store is copied", "shutil:copyfile")),
    ("load", Point("rows go in", "kvalitet_lib.store:Writer._fill", nth=2)),
    ("release", Point("the figures are written", "pandas:DataFrame.to_csv", nth=4)),
    ("release", Point("everything is measured", "kvalitet_lib.cli.release:measure_all")),
    ("report", Point("a page is written", "pathlib:Path.write_bytes", f"*{PAGE}.html")),
    ("report", Point("a page is noted", "kvalitet_lib.execution.manifest:Manifest.note", nth=2)),
    ("report", Point("a PDF's parts are laid out", "shutil:copyfile", "*report.typ")),
]
LIMITED = [
    ("load", Point("the old store is copied", "shutil:copyfile"), 100_000),
    ("load", Point("rows go in", "kvalitet_lib.store:Writer._fill", nth=2), 100_000),
    ("release", Point("a draft folder is made", "tempfile:mkdtemp"), 500),
    ("report", Point("a page is written", "pathlib:Path.write_bytes", f"*{PAGE}.html"), 1_000),
]
VERBS = ("load", "release", "report")
INDEX = "en/index.html"  # whole, and without those that failed just now
SIZE = 48_000_000


def test_there_are_as_many_points_as_promised():
    assert [len(FULL), len(LIMITED), len(VERBS)] == list(FIGURES.values())


@pytest.fixture(scope="session")
def starts(loaded, released, reported, tmp_path_factory):
    """Verb → the desk it begins from, what is typed besides, its old and its new state."""
    found = {}
    for verb, desk, options in (("load", loaded, ()), ("release", released, ()), ("report", reported, ALL)):
        copy = desk.copy(tmp_path_factory.mktemp(verb))
        old = state(copy)
        getattr(copy, verb)(*options, well=True)
        found[verb] = (desk, options, old, state(copy))
    return found


def state(desk):
    return store_state(desk.home), release_state(desk.home), page_state(desk.out), fingerprints(desk.out), releases(desk.home)


@pytest.fixture
def disk(tmp_path):
    """A small disk of its own, and how to have it read-only."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", place], capture_output=True)
    if mounted.returncode:
        pytest.skip("a small disk can be mounted by the system's owner only")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


def refused_in_words(ended, desk) -> None:
    """It says what happened, where, and what to do next; no trace of code, and no cell."""
    assert ended.code in (3, 6)
    said = ended.err
    assert str(desk.place) in said
    assert "Traceback" not in said and "Error" not in said
    assert "then run the same command again" in said
    assert ended.orphans == ()


def kept(desk, old, new) -> None:
    """Nothing is mixed, and nothing is gone."""
    store, released, pages, _, on_disk = state(desk)
    assert store == old[0]
    assert all(released[audience] in (was, new[1][audience]) for audience, was in old[1].items())
    assert old[4] <= on_disk <= new[4]
    assert_old_or_new({file: what for file, what in pages.items() if file != INDEX}, [(one[2], one[3]) for one in (old, new)])
    assert set(pages) >= set(old[2])
    assert "broken" not in pages.values()
    assert_recorded_as_it_is(desk.out, pages, [(one[2], one[3]) for one in (old, new)])
    assert drafts(desk.place) == []


@pytest.mark.parametrize(("verb", "point"), FULL, ids=str)
def test_a_full_disk_is_told_in_words_the_old_is_kept_and_with_room_all_ends_well(verb, point, starts, disk):
    start, options, old, new = starts[verb]
    desk = start.copy(disk / "desk")
    refused = getattr(desk, verb)(*options, arrange=Full(point, disk / "filler"))
    refused_in_words(refused, desk)
    assert "the disk is full" in refused.err or "MB left" in refused.err
    kept(desk, old, new)

    (disk / "filler").unlink()
    getattr(desk, verb)(*options, well=True)
    assert state(desk) == new
    assert leftovers(desk.place) == []


@pytest.mark.parametrize(("verb", "point", "size"), LIMITED, ids=str)
def test_a_file_that_may_not_grow_is_told_in_words_and_the_old_is_kept(verb, point, size, starts, fresh):
    start, options, old, new = starts[verb]
    desk = fresh(start)
    refused = getattr(desk, verb)(*options, arrange=Limited(point, size))
    refused_in_words(refused, desk)
    assert "would grow larger than this account or disk allows" in refused.err
    kept(desk, old, new)
    getattr(desk, verb)(*options, well=True)
    assert state(desk) == new


@pytest.mark.parametrize("verb", VERBS)
def test_a_folder_that_can_only_be_read_is_told_in_words(verb, starts, disk):
    start, options, old, new = starts[verb]
    desk = start.copy(disk / "desk")
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    refused = getattr(desk, verb)(*options)
    refused_in_words(refused, desk)
    assert refused.code == 6
    assert "it can only be read" in refused.err
    kept(desk, old, new)


@pytest.mark.skipif(os.geteuid() == 0, reason="the system's owner may write everywhere")
@pytest.mark.parametrize(("verb", "folder"), [*zip(VERBS, ("home/private", "home/released", "reports/public"), strict=True)])
def test_a_folder_one_has_no_right_to_is_told_in_words(verb, folder, starts, fresh):
    start, options, old, new = starts[verb]
    desk = fresh(start)
    (desk.place / folder).chmod(0o500)
    refused = getattr(desk, verb)(*options)
    (desk.place / folder).chmod(0o700)
    refused_in_words(refused, desk)
    assert "this account has no right to it" in refused.err
    kept(desk, old, new)
