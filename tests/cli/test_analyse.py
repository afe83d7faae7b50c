"""``kvalitet analyse``: run, told with every doubt, kept for the release, and stale as soon as the store has changed."""

from __future__ import annotations

import csv
import io
import json
import shutil
import stat
from pathlib import Path

import pytest

from kvalitet_lib.analyses import ANALYSES
from kvalitet_lib.analyses.findings_folder import read_findings
from kvalitet_lib.cli.analyse import made_from
from kvalitet_lib.cli.home import Home
from kvalitet_lib.cli.look import INTERNAL
from kvalitet_lib.store import Store
from kvalitet_lib.texts import LANGUAGES, Texts


@pytest.fixture
def home(small_home, tmp_path: Path) -> Home:
    """A copy of the small municipality of one's own, with its key."""
    folder = tmp_path / "home"
    shutil.copytree(small_home.private, folder / "private")
    shutil.copytree(small_home.key.parent, folder / "key")
    shutil.copyfile(small_home.settings, folder / "municipality.yml")
    return Home(folder)


def kept(home: Home):
    return read_findings(home.private, made_from(home, Store(home.private)))


def test_a_finding_is_told_with_its_question_its_basis_and_every_doubt(kvalitet, home):
    said = kvalitet("analyse", "group_gap", "--home", home.folder, "-l", "sv")
    assert said.code == 0 and INTERNAL in said.err
    texts = Texts("sv")
    assert texts.say("analyses.group_gap.question") in said.out
    for finding in kept(home).current:
        assert all(texts.say(f"checks.{check.id}.asks") in said.out for check in finding.checks)
        assert all(texts.say(f"cannot_tell.{name}") in said.out for name in finding.cannot_tell)


def test_findings_lie_in_the_private_folder_for_its_owner_alone(kvalitet, home):
    assert kvalitet("analyse", "funnel", "--home", home.folder).code == 0
    folder = home.private / "findings"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [path.name for path in folder.glob("[!.]*")] == ["funnel.json"]


def test_every_estimate_is_given_to_a_program_as_json_or_csv(kvalitet, home):
    told = json.loads(kvalitet("analyse", "funnel", "--home", home.folder, "--format", "json").out)
    assert {one["analysis"] for one in told} == {"funnel"}
    rows = list(csv.DictReader(io.StringIO(kvalitet("analyse", "funnel", "--home", home.folder, "--format", "csv").out)))
    assert len(rows) == sum(len(one["estimates"]["data"]) for one in told)
    assert {row["claim"] for row in rows} <= {"nothing", "differs"}


def test_findings_made_from_what_the_store_held_before_are_stale(kvalitet, home, tmp_path):
    assert kvalitet("analyse", "group_gap", "--home", home.folder).code == 0
    assert kept(home).stale == () and kept(home).current
    (home.folder / "measures.yml").write_text(
        'measures: [{name: lasstod, title: Lässtöd, indicator: meritvarde, schools: {"90012301": "2023-24"}}]', encoding="utf-8"
    )
    assert kept(home).stale == ("group_gap",) and kept(home).current == ()


def test_who_is_forgotten_takes_every_finding_along(kvalitet, home):
    kvalitet("analyse", "group_gap", "--home", home.folder)
    assert kvalitet("forget", "--before", "2023-24", "--yes", "--home", home.folder).code == 0
    assert list((home.private / "findings").glob("*.json")) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_analysis_runs_on_a_small_municipality_and_is_told_in_every_language(kvalitet, home, language):
    said = kvalitet("analyse", "--home", home.folder, "-l", language)
    assert said.code == 0, said.err
    assert all(Texts(language).say(f"analyses.{analysis}.name") in said.out for analysis in ANALYSES)


def test_an_unknown_analysis_is_answered_with_those_there_are(kvalitet, home):
    said = kvalitet("analyse", "ranking", "--home", home.folder)
    assert (said.code, "there are: school_differences" in said.err) == (1, True)


def test_an_empty_store_says_what_to_do(kvalitet, tmp_path):
    said = kvalitet("analyse", "--home", tmp_path / "nobody")
    assert (said.code, "kvalitet load" in said.err) == (1, True)
