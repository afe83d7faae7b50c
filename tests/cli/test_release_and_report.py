"""``kvalitet release`` and ``kvalitet report``: their options, what they print, and what they end with."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from kvalitet_lib.disclosure.release import Release
from tests.execution.desk import PAGE, notebook, only_for

CELL_THAT_FAILS = "raise ValueError('no such figure')"


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*") if not path.name.startswith("."))


@pytest.fixture
def unreleased(sparse_home, tmp_path: Path) -> Path:
    """A copy of a municipality with little in its store, nothing released."""
    folder = tmp_path / "home"
    shutil.copytree(sparse_home.private, folder / "private")
    shutil.copyfile(sparse_home.settings, folder / "municipality.yml")
    return folder


@pytest.fixture
def units(small_home) -> list[str]:
    return Release.open(small_home.released / "public").units_with_figures("school")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a report of its own, ``page``, as a person keeps it beside the data."""
    reports = tmp_path / "desk" / "params" / "reports"
    reports.mkdir(parents=True)
    (reports / "page.yml").write_text("notebook: page.ipynb\neach: school\naudience: public\nformats: [html]\nlanguages: [sv]\n")
    monkeypatch.chdir(reports.parent.parent)
    return Path.cwd()


def test_a_release_is_made_for_every_audience_in_the_settings(kvalitet, unreleased):
    said = kvalitet("release", "--home", unreleased)
    assert said.code == 0
    assert [line.split(":")[0] for line in said.out.splitlines()] == ["released for public", "released for internal"]
    assert Release.open(unreleased / "released" / "public").about["school_year"] == "2024-25"


def test_a_release_is_made_for_the_audience_and_year_one_names(kvalitet, unreleased):
    kvalitet("release", "--audience", "internal", "--year", "2023-24", "--home", unreleased)
    assert [path.name for path in (unreleased / "released").iterdir() if path.is_dir()] == ["internal"]
    assert Release.open(unreleased / "released" / "internal").about["school_year"] == "2023-24"


def test_a_release_made_over_midnight_bears_one_day_for_every_audience(kvalitet, unreleased, monkeypatch):
    days = iter([date(2026, 6, 30), *[date(2026, 7, 1)] * 9])
    monkeypatch.setattr("kvalitet_lib.cli.release.today", lambda: next(days))
    assert kvalitet("release", "--home", unreleased).code == 0
    made = [Release.open(unreleased / "released" / audience) for audience in ("public", "internal")]
    assert {(one.id[:10], one.about["made"]) for one in made} == {("2026-06-30", "2026-06-30")}


def test_an_unknown_audience_is_refused_with_those_there_are(kvalitet, unreleased):
    said = kvalitet("release", "--audience", "parents", "--home", unreleased)
    assert (said.code, "there are: public, internal" in said.err) == (1, True)


def test_nothing_is_released_from_an_empty_store(kvalitet, home):
    said = kvalitet("release", "--home", home)
    assert (said.code, "kvalitet load PATH" in said.err) == (1, True)


def test_a_report_is_made_for_the_schools_languages_and_formats_one_names(kvalitet, small_home, units, tmp_path):
    out = tmp_path / "out"
    words = (
        "report",
        "school",
        "--school",
        units[0],
        "--school",
        units[1],
        "-l",
        "sv",
        "-l",
        "en",
        "--format",
        "html,pdf",
        "--jobs",
        2,
    )
    said = kvalitet(*words, "--home", small_home.folder, "--out", out)
    assert said.code == 0
    made = {f"{language}/school-{unit}.{kind}" for language in ("sv", "en") for unit in units[:2] for kind in ("html", "pdf")}
    assert set(files(out / "public")) == made | {"sv/index.html", "en/index.html", "manifest.json"}
    assert "4 pages made, 0 unchanged, 0 failed" in said.out
    assert f"open {out.resolve() / 'public' / 'sv' / 'index.html'}" in said.out
    again = kvalitet(*words, "--home", small_home.folder, "--out", out)
    assert "0 pages made, 4 unchanged, 0 failed" in again.out


def test_the_year_and_the_audience_are_the_ones_asked_for(kvalitet, small_home, units, desk):
    notebook(desk / "notebooks", PAGE.replace('"All is well."', 'school_year + " from " + release'))
    kvalitet("report", "page", "--school", units[0], "--year", "2023-24", "--audience", "internal", "--home", small_home.folder)
    page = (desk / "reports" / "internal" / "sv" / f"school-{units[0]}.html").read_text()
    assert f"2023-24 from {Release.open(small_home.released / 'internal').folder}" in page
    assert json.loads((desk / "reports" / "internal" / "manifest.json").read_text())["audience"] == "internal"


def test_a_page_that_failed_is_named_last_with_its_kind_and_place_and_the_command_ends_with_3(kvalitet, small_home, units, desk):
    notebook(desk / "notebooks", only_for(units[0], CELL_THAT_FAILS), PAGE)
    said = kvalitet("report", "page", "--home", small_home.folder)
    assert said.code == 3
    assert f"  {units[0]} (sv): ValueError in code cell 2" in said.err.splitlines()
    assert said.err.strip().splitlines()[-1].startswith(f"1 of {len(units)} pages could not be made; see ")
    assert f"{len(units) - 1} pages made, 0 unchanged, 1 failed" in said.out


def test_a_notebook_with_other_parameters_is_refused_before_any_page(kvalitet, small_home, desk):
    notebook(desk / "notebooks", PAGE, parameters='shcool = ""  # type: str')
    said = kvalitet("report", "page", "--home", small_home.folder)
    assert said.code == 1
    assert "The notebook has: shcool." in said.err
    assert not list((desk / "reports").rglob("*.html"))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("nothing",), "There is no report 'nothing'; there are: municipality, school"),
        (("school", "-l", "fi"), "There is no language fi; there are: sv, nb, en"),
        (("school", "--format", "docx"), "There is no format docx; there are: html, pdf"),
        (("school", "--school", "../x"), "no figures for school ../x"),
        (("school", "--year", "2024"), "is not a school year"),
        (("school", "--audience", "parents"), "Make one:  kvalitet release"),
    ],
)
def test_what_is_not_there_is_refused_in_words_with_exit_code_1(kvalitet, small_home, tmp_path, words, told):
    said = kvalitet("report", *words, "--home", small_home.folder, "--out", tmp_path / "out")
    assert (said.code, told in said.err, "Traceback" in said.err) == (1, True, False)
    assert not list((tmp_path / "out").rglob("*.html"))


def test_no_verb_but_report_waits_for_the_notebook_machinery():
    heavy = ("papermill", "nbconvert", "matplotlib")
    loaded = f"import sys, kvalitet_lib.cli.app; print([name for name in {heavy} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
