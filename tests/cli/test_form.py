"""``kvalitet form comments``: from answers in people's own words, by way of a person, to a school's page."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import pytest

from kvalitet_lib.disclosure.free_text import comments_of
from kvalitet_lib.disclosure.release import Release
from kvalitet_lib.present.html import page
from kvalitet_lib.present.school_report import SchoolReport
from kvalitet_lib.store import Store
from tests.residue import canaries
from tests.residue.search import search

SCHOOL = "90012305"
HEADER = "svarsid;skolenhetskod;skola;läsår;svarsgrupp;fråga;kommentar"
WORDS = [f"svar nummer {place:02d} om rasten" for place in range(10)]
WORDS += ["Kanarie var elak mot mig", "<script>alert(1)</script>", "=1+1 är två", "Vi i 9B har det bra"]


@pytest.fixture
def home(sparse_home, tmp_path: Path) -> Path:
    """A copy of a small municipality of one's own, with its key; its settings let the internal audience read free text."""
    folder = tmp_path / "home"
    shutil.copytree(sparse_home.private, folder / "private")
    shutil.copytree(sparse_home.key.parent, folder / "key")
    shutil.copyfile(sparse_home.settings, folder / "municipality.yml")
    return folder


@pytest.fixture
def answered(kvalitet, home, tmp_path) -> Path:
    rows = [f'S{place:04d};{SCHOOL};Skolan;2024/25;elev;Vad är bra?;"{text}"' for place, text in enumerate(WORDS)]
    delivered = tmp_path / "kommentarer.csv"
    delivered.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    said = kvalitet("load", delivered, "--home", home)
    assert said.code == 0, said.err
    return home


def form_in(home: Path) -> Path:
    (path,) = (home / "private" / "forms").iterdir()
    return path


def fill_in(form: Path, filled: Path, unfit: set[str]) -> Path:
    """What the reader does: yes to all but some, and a name taken out."""
    rows = canaries.read(form)
    for row in rows:
        row["får_visas"] = "nej" if row["kommentar"] in unfit else "ja"
        row["kommentar"] = row["kommentar"].replace("Kanarie", "[…]")
    return canaries.write(filled, rows)


def test_the_form_lies_in_the_private_folder_for_its_owner_alone_and_tells_what_a_scan_found(kvalitet, answered):
    said = kvalitet("form", "comments", "--home", answered)
    assert said.code == 0
    assert "14 answers wait to be read; a scan found something in 2 of them" in said.out
    form = form_in(answered)
    assert (stat.S_IMODE(form.stat().st_mode), stat.S_IMODE(form.parent.stat().st_mode)) == (0o600, 0o700)
    rows = {row["kommentar"]: row for row in canaries.read(form)}
    assert {text: row["funnet"] for text, row in rows.items() if row["funnet"]} == {
        "Kanarie var elak mot mig": "namn?",
        "Vi i 9B har det bra": "klass?",
    }
    assert all(row["svarsid"].startswith("p_") and row["får_visas"] == "" for row in rows.values())
    assert "'=1+1 är två" in rows and "=1+1 är två" not in rows
    assert "Kanarie" not in said.out + said.err


def test_what_a_person_has_marked_fit_reaches_the_page_of_the_school_and_nothing_else_does(kvalitet, answered, tmp_path):
    kvalitet("form", "comments", "--home", answered)
    filled = fill_in(form_in(answered), tmp_path / "ifylld.csv", unfit={"Vi i 9B har det bra"})
    assert kvalitet("load", filled, "--home", answered).code == 0
    assert "No answer waits" in kvalitet("form", "comments", "--home", answered).out
    assert kvalitet("release", "--audience", "internal", "--home", answered).code == 0
    internal = Release.open(answered / "released" / "internal")
    assert sorted(comments_of(internal.folder, SCHOOL)["text"]) == sorted([*WORDS[:10], "[…] var elak mot mig", *WORDS[11:13]])
    assert search([answered / "released"], ["Kanarie", "9B har det bra", "S0010"]) == []
    report = SchoolReport(internal, SCHOOL, language="sv")
    drawn = page(report.head() + report.own_words())
    assert "Med egna ord" in drawn and "&lt;script&gt;" in drawn and "<script>alert" not in drawn
    assert SchoolReport(internal, "90012301", language="sv").own_words() == ()


def test_an_answer_that_is_delivered_with_other_words_waits_to_be_read_again(kvalitet, answered, tmp_path):
    kvalitet("form", "comments", "--home", answered)
    kvalitet("load", fill_in(form_in(answered), tmp_path / "ifylld.csv", set()), "--home", answered)
    corrected = (tmp_path / "kommentarer.csv").read_text(encoding="utf-8").replace(WORDS[0], "nya ord")
    (tmp_path / "rättade.csv").write_text(corrected, encoding="utf-8")
    assert kvalitet("load", tmp_path / "rättade.csv", "--home", answered).code == 0
    assert "1 answers wait" in kvalitet("form", "comments", "--home", answered).out


def test_who_is_forgotten_is_gone_from_answers_judgements_and_forms(kvalitet, answered, tmp_path):
    kvalitet("form", "comments", "--home", answered)
    kvalitet("load", fill_in(form_in(answered), tmp_path / "ifylld.csv", set()), "--home", answered)
    kvalitet("form", "comments", "--home", answered)
    assert search([answered / "private"], ["var elak mot mig"]) != []
    assert kvalitet("forget", "S0010", "--yes", "--home", answered).code == 0
    assert search([answered / "private"], ["var elak mot mig"]) == []
    assert len(Store(answered / "private")["comment_reviews"]) == len(WORDS) - 1


def test_nothing_to_read_and_an_unknown_form_are_said_so(kvalitet, home):
    assert "No answer waits" in kvalitet("form", "comments", "--home", home).out
    said = kvalitet("form", "holidays", "--home", home)
    assert (said.code, "there are: comments" in said.err) == (1, True)
