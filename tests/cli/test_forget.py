"""``kvalitet forget``: asks first, tells counts and never an id, and says what is left to do."""

from __future__ import annotations

import io
import shutil
from datetime import date
from pathlib import Path

import pytest

from kvalitet_lib.cli.forget import oldest_kept
from kvalitet_lib.municipality import Municipality
from kvalitet_lib.sources.pseudonyms import Pseudonyms
from kvalitet_lib.store import Store
from tests.residue.search import search

NOBODY = "kanarie-0001"


@pytest.fixture
def home(small_home, tmp_path: Path) -> Path:
    """A copy of the small municipality of one's own, with its key."""
    folder = tmp_path / "home"
    for name in ("private", "key", "released"):
        shutil.copytree(getattr(small_home, name) if name != "key" else small_home.key.parent, folder / name)
    shutil.copyfile(small_home.settings, folder / "municipality.yml")
    return folder


@pytest.fixture
def pupil(small_home) -> str:
    """A pupil's id as the school system knows it: the first in the newest register."""
    lines = (small_home.folder / "deliveries" / "elever_2024-25.csv").read_text(encoding="utf-8-sig").splitlines()
    return lines[1].split(";")[0]


def pseudonym(home: Path, pupil: str) -> str:
    return Pseudonyms.open(home / "key" / "pseudonyms.key")(pupil)


def test_a_pupil_is_forgotten_and_the_message_tells_counts_and_what_to_do(kvalitet, home, pupil):
    who, before = pseudonym(home, pupil), len(Store(home / "private")["pupils"])
    said = kvalitet("forget", pupil, "--yes", "--home", home)
    assert said.code == 0
    assert "Rows of this pupil:" in said.out and "pupils\n" in said.out
    assert all(told in said.out for told in ("kvalitet release", "stand as they were made", "elever_2024-25.csv", "your backups"))
    assert len(Store(home / "private")["pupils"]) < before
    assert search([home / "private"], [who, pupil]) == []
    assert pupil not in said.out + said.err and who not in said.out + said.err


def test_releases_that_were_made_stand_as_they_were(kvalitet, home, pupil):
    before = {path: path.read_bytes() for path in (home / "released").rglob("*") if path.is_file()}
    kvalitet("forget", pupil, "--yes", "--home", home)
    assert {path: path.read_bytes() for path in (home / "released").rglob("*") if path.is_file()} == before


def test_nothing_is_removed_without_a_yes(kvalitet, home, pupil):
    before = (home / "private" / "store.duckdb").read_bytes()
    said = kvalitet("forget", pupil, "--home", home)
    assert (said.code, "--yes" in said.err) == (1, True)
    assert (home / "private" / "store.duckdb").read_bytes() == before


def test_a_pupil_nobody_knows_is_said_so_without_the_id_and_leaves_no_trace(kvalitet, home, pupil):
    for words in ((NOBODY,), (pupil, NOBODY)):
        said = kvalitet("forget", *words, "--yes", "--home", home)
        assert said.code == 1
        assert "Nothing was removed." in said.err
        assert NOBODY not in said.out + said.err and pupil not in said.out + said.err
    assert Store(home / "private").forgotten() == set()


def test_several_ids_a_pseudonym_and_ids_from_standard_input_are_understood(kvalitet, home, small_home, monkeypatch):
    lines = (small_home.folder / "deliveries" / "elever_2024-25.csv").read_text(encoding="utf-8-sig").splitlines()
    ids = [line.split(";")[0] for line in lines[1:7]]
    assert "Rows of these 2 pupils:" in kvalitet("forget", *ids[:2], "--yes", "--home", home).out
    assert kvalitet("forget", pseudonym(home, ids[2]), "--yes", "--home", home).code == 0
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(ids[3:]) + "\n"))
    assert "Rows of these 3 pupils:" in kvalitet("forget", "-", "--yes", "--home", home).out
    assert search([home / "private"], [pseudonym(home, one) for one in ids]) == []


def test_forgetting_again_says_that_it_was_done(kvalitet, home, pupil):
    kvalitet("forget", pupil, "--yes", "--home", home)
    said = kvalitet("forget", pupil, "--yes", "--home", home)
    assert (said.code, "Forgotten before" in said.out) == (0, True)


def test_a_corrected_delivery_leaves_the_pupil_out_and_says_so(kvalitet, home, pupil, small_home, tmp_path):
    kvalitet("forget", pupil, "--yes", "--home", home)
    content = (small_home.folder / "deliveries" / "elever_2024-25.csv").read_bytes()
    (tmp_path / "elever_2024-25.csv").write_bytes(content + b"\n")
    said = kvalitet("load", tmp_path / "elever_2024-25.csv", "--home", home)
    assert said.code == 0
    assert "1 rows of pupils who are forgotten were left out" in said.out
    assert search([home / "private"], [pseudonym(home, pupil)]) == []
    assert "forgotten: 1 pupils" in kvalitet("status", "--home", home).out


def test_without_the_key_nobody_is_looked_for_and_no_new_key_is_made(kvalitet, home, pupil):
    (home / "key" / "pseudonyms.key").unlink()
    said = kvalitet("forget", pupil, "--yes", "--home", home)
    assert (said.code, "Restore it from your backup" in said.err) == (1, True)
    assert not (home / "key" / "pseudonyms.key").exists()


def test_school_years_past_are_removed_and_published_figures_stay(kvalitet, home):
    published = len(Store(home / "private")["published_values"])
    said = kvalitet("forget", "--before", "2024-25", "--yes", "--home", home)
    assert said.code == 0
    store = Store(home / "private")
    assert {year for name in ("pupils", "grades", "tests", "absence") for year in store[name]["school_year"]} == {"2024-25"}
    assert len(store["published_values"]) == published


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--before", "2018"), "Write it like 2018-19"),
        (("--before", "2018-19", "x"), "not both"),
        ((), "kvalitet forget PUPIL"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(kvalitet, home, words, told):
    said = kvalitet("forget", *words, "--home", home)
    assert (said.code, told in said.err) == (1, True)


def test_nothing_from_so_long_ago_is_said_so(kvalitet, home):
    said = kvalitet("forget", "--before", "1999-00", "--yes", "--home", home)
    assert (said.code, "no rows about pupils from before 1999-00" in said.out) == (0, True)


def test_status_tells_when_the_store_holds_years_older_than_the_settings_keep(kvalitet, home):
    assert "are kept" not in kvalitet("status", "--home", home).out
    with (home / "municipality.yml").open("a", encoding="utf-8") as settings:
        settings.write("keep_school_years: 1\n")
    oldest = oldest_kept(Municipality.read(home / "municipality.yml"), date.today())
    assert f"kvalitet forget --before {oldest}" in kvalitet("status", "--home", home).out


@pytest.mark.parametrize(
    ("today", "keep", "oldest"),
    [("2025-06-30", 1, "2024-25"), ("2025-07-01", 1, "2025-26"), ("2025-10-01", 5, "2021-22"), ("2003-10-01", 4, "2000-01")],
)
def test_the_school_year_of_today_is_the_last_of_those_kept(today, keep, oldest, small_home):
    settings = Municipality.read(small_home.settings).model_copy(update={"keep_school_years": keep})
    assert oldest_kept(settings, date.fromisoformat(today)) == oldest


def test_all_school_years_are_kept_when_the_settings_do_not_say():
    settings = Municipality.read(Path(__file__).parents[2] / "params" / "municipality.yml")
    assert oldest_kept(settings, date(2025, 10, 1)) == ""
