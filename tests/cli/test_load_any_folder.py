"""``kvalitet load --json`` tells of every path on any folder, in one document, and loses nothing that was right."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from filelock import FileLock

from kvalitet_lib.safe_files import LOCK
from kvalitet_lib.store import Store
from tests.sources.door import NO_GRADES, SE_GRADES, SE_STAFFING, changed
from tests.sources.forms import as_xlsx, table

KEYS = {"file", "outcome", "source", "table", "rows", "fingerprint", "tables", "replaced_rows", "notes", "faults", "message"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two deliveries that are right, in folders of their own."""
    where = tmp_path / "in"
    (where / "skolor" / "våren").mkdir(parents=True)
    (where / "skolor" / "våren" / "betyg.csv").write_text(SE_GRADES, encoding="utf-8")
    (where / "bemanning.xlsx").write_bytes(as_xlsx(table(SE_STAFFING)))
    return where


def told(said) -> dict[str, tuple[str, list[str]]]:
    """File → what became of it, and the codes of its faults."""
    return {one["file"]: (one["outcome"], [fault["code"] for fault in one["faults"]]) for one in json.loads(said.out)}


WHOLE = {"bemanning.xlsx": ("stored", []), str(Path("skolor", "våren", "betyg.csv")): ("stored", [])}


def test_files_in_folders_below_are_told_of_by_their_path_with_table_and_rows(kvalitet, folder, home):
    said = kvalitet("load", folder, "--home", home, "--json")
    assert (said.code, said.err, told(said)) == (0, "", WHOLE)
    first, second = json.loads(said.out)
    assert set(first) == KEYS
    assert (first["source"], first["table"], first["rows"], first["tables"]) == ("se_staffing", "staffing", 2, {"staffing": 2})
    assert (second["source"], second["table"], second["rows"]) == ("se_grades", "grades", 4)


def test_files_of_one_name_in_two_folders_are_told_apart(kvalitet, folder, home):
    (folder / "betyg.csv").write_text(changed(SE_GRADES, 2, "betyg", "Q"), encoding="utf-8")
    said = kvalitet("load", folder, "--home", home, "--json")
    assert (said.code, told(said)) == (5, {**WHOLE, "betyg.csv": ("refused", ["INVALID_VALUE"])})


def test_a_path_that_is_not_there_does_not_keep_the_others_out(kvalitet, folder, home, tmp_path):
    (tmp_path / "nothing").mkdir()
    said = kvalitet("load", tmp_path / "gone.csv", folder, tmp_path / "nothing", "--home", home, "--json")
    nothing = {"gone.csv": ("refused", ["NO_FILE"]), "nothing": ("refused", ["NO_FILE"])}
    assert (said.code, told(said)) == (5, {**WHOLE, **nothing})


@pytest.mark.skipif(os.name != "posix", reason="links and pipes of POSIX")
def test_a_broken_link_and_a_pipe_are_refused_and_never_waited_for(kvalitet, folder, home):
    (folder / "gone.csv").symlink_to(folder / "nowhere.csv")
    os.mkfifo(folder / "pipe.csv")
    said = kvalitet("load", folder, "--home", home, "--json")
    closed = {"gone.csv": ("refused", ["UNREADABLE_FILE"]), "pipe.csv": ("refused", ["UNREADABLE_FILE"])}
    assert (said.code, told(said)) == (5, {**WHOLE, **closed})


def test_a_file_and_a_folder_one_may_not_open_are_refused(kvalitet, folder, home):
    (folder / "closed").mkdir(mode=0)
    (folder / "shut.csv").write_text(SE_GRADES)
    (folder / "shut.csv").chmod(0)
    if os.access(folder / "shut.csv", os.R_OK):
        pytest.skip("whoever runs this may read everything")
    said = kvalitet("load", folder, "--home", home, "--json")
    closed = {"closed": ("refused", ["UNREADABLE_FILE"]), "shut.csv": ("refused", ["UNREADABLE_FILE"])}
    assert (said.code, told(said)) == (5, {**WHOLE, **closed})


@pytest.mark.skipif(os.name != "posix", reason="links of POSIX")
def test_a_folder_that_leads_back_to_itself_is_walked_once_and_a_link_to_another_is_followed(kvalitet, folder, home, tmp_path):
    (folder / "round").symlink_to(folder)
    (tmp_path / "near").mkdir()
    (tmp_path / "near" / "link").symlink_to(folder)
    said = kvalitet("load", tmp_path / "near", "--home", home, "--json")
    assert (said.code, told(said)) == (0, {str(Path("link", file)): outcome for file, outcome in WHOLE.items()})


def test_what_other_programs_leave_behind_is_passed_over_and_a_page_named_by_hand_is_refused(kvalitet, folder, home, tmp_path):
    for name in ("~$bemanning.xlsx", ".DS_Store", "Thumbs.db", "desktop.ini", "readme.md", "page.html"):
        (folder / name).write_text("x")
    assert told(kvalitet("load", folder, "--home", home, "--json")) == WHOLE
    (tmp_path / "page.html").write_text("<html></html>")
    said = kvalitet("load", tmp_path / "page.html", "--home", home, "--json")
    assert told(said) == {"page.html": ("refused", ["NOT_WHAT_IT_SAYS"])}


@pytest.mark.skipif(os.name != "posix", reason="names of POSIX are bytes")
def test_a_name_in_another_encoding_or_with_a_line_break_is_told_as_it_can_be_printed(kvalitet, folder, home):
    Path(os.fsdecode(os.fsencode(folder) + b"/betyg_\xe5k9.csv")).write_text(changed(SE_GRADES, 2, "betyg", "Q"))
    (folder / "betyg\n\x1b[31m.csv").write_text(SE_GRADES.replace("2023/24", "2022/23"))
    said = kvalitet("load", folder, "--home", home, "--json")
    odd = {"betyg_?k9.csv": ("refused", ["INVALID_VALUE"]), "betyg\ufffd\ufffd[31m.csv": ("stored", [])}
    assert (said.code, told(said)) == (5, {**WHOLE, **odd})
    assert kvalitet("load", folder, "--home", home).code == 5
    assert kvalitet("status", "--home", home).code == 0


def test_a_file_we_fail_on_is_told_by_kind_and_place_and_the_others_are_stored(kvalitet, folder, home, monkeypatch):
    def broken(delivery, circumstances):
        raise ZeroDivisionError("004711 Norrskolan")

    whole = kvalitet("load", folder / "bemanning.xlsx", "--home", home, "--json")
    assert whole.code == 0
    monkeypatch.setattr("kvalitet_lib.cli.taking.read_delivery", broken)
    said = kvalitet("load", folder, "--home", home, "--json")
    assert said.code == 70
    assert told(said) == {**WHOLE, "bemanning.xlsx": ("unchanged", []), str(Path("skolor", "våren", "betyg.csv")): ("failed", [])}
    assert "ZeroDivisionError" in said.out and "004711" not in said.out + said.err and "Norrskolan" not in said.out + said.err
    assert set(Store(home / "private")) == {"staffing"}


def test_a_document_is_printed_even_when_nothing_can_begin(kvalitet, folder, home):
    kvalitet("load", folder, "--home", home)
    with FileLock(home / "private" / LOCK):
        said = kvalitet("load", folder, "--home", home, "--json")
    assert (said.code, json.loads(said.out)) == (4, []) and "Two runs never write to the same folder" in said.err
    (home / "municipality.yml").write_text("country: se\n")
    said = kvalitet("load", folder, "--home", home, "--json")
    assert (said.code, json.loads(said.out)) == (1, []) and "Traceback" not in said.err


def test_a_delivery_with_the_other_countrys_headers_is_taken_with_a_word_about_it(kvalitet, home, tmp_path):
    (tmp_path / "karakterer.csv").write_text(NO_GRADES, encoding="utf-8")
    said = kvalitet("load", tmp_path / "karakterer.csv", "--home", home, "--json")
    (one,) = json.loads(said.out)
    assert one["outcome"] == "stored" and any("Norwegian" in note for note in one["notes"])
