"""What is given its name has reached the disk before, so that not even a power cut leaves a name without its content."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kvalitet_lib.errors import PlaceError
from kvalitet_lib.safe_files import put_in_place, require_room, write_whole, writing_to
from tests.faults.test_two_at_once import put


@pytest.fixture
def steps(monkeypatch):
    """What is waited for and what is named, in order; the real calls are made."""
    taken: list[tuple[str, str]] = []
    real_fsync, real_replace = os.fsync, os.replace

    def fsync(number: int) -> None:
        taken.append(("settled", Path(f"/proc/self/fd/{number}").readlink().name))
        real_fsync(number)

    def replace(source: os.PathLike[str], target: os.PathLike[str], **named: int) -> None:
        taken.append(("named", Path(target).name))
        real_replace(source, target, **named)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    return taken


def test_a_file_reaches_the_disk_then_gets_its_name_then_the_name_reaches_the_disk(tmp_path, steps):
    with writing_to(tmp_path / "out", "trying") as drafts:
        write_whole(tmp_path / "out" / "page.html", "<html></html>", drafts)
    assert steps == [("settled", "out-page.html"), ("named", "page.html"), ("settled", "out")]
    assert (tmp_path / "out" / "page.html").read_text() == "<html></html>"


def test_a_folder_gets_its_name_when_all_that_is_in_it_has_reached_the_disk(tmp_path, steps):
    draft = tmp_path / "draft"
    (draft / "figures").mkdir(parents=True)
    for name in ("units.csv", "figures/school.csv"):
        (draft / name).write_text("unit\n")
    put_in_place(draft, tmp_path / "release")
    assert steps[-2:] == [("named", "release"), ("settled", tmp_path.name)]
    assert {name for _, name in steps[:-2]} == {"units.csv", "school.csv", "figures", "draft"}


def test_a_store_reaches_the_disk_before_it_takes_the_old_ones_place(tmp_path, steps):
    put(tmp_path / "private", 1)
    assert steps == [("settled", "store.duckdb"), ("named", "store.duckdb"), ("settled", "private")]


def test_a_disk_without_room_is_refused_before_anything_is_begun(tmp_path):
    with pytest.raises(PlaceError, match=r"MB left, and at least 1000000000000\.0 MB are needed\. Nothing was changed\."):
        require_room(tmp_path, 10**18)


def test_a_fault_that_is_not_the_disks_stays_what_it_is(tmp_path):
    with pytest.raises(FileNotFoundError), writing_to(tmp_path, "trying"):
        (tmp_path / "nowhere").read_text()
