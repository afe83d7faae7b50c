"""Findings in whole releases: the same for the same, still when one pupil joins, and not published where they tell too much."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.finding import Basis, Finding
from kvalitet_lib.disclosure import findings as gate
from kvalitet_lib.disclosure import tested
from kvalitet_lib.disclosure.publish import publish
from kvalitet_lib.disclosure.release import Release
from kvalitet_lib.errors import DisclosureError
from tests.disclosure.seeded import INDICATORS, YEARS, Town, town

NOTHING = pd.DataFrame(columns=["indicator", "level", "unit", "school_year", "group", "shown_source", "other_source"])


@pytest.fixture(scope="module")
def place() -> Town:
    """Eight schools, some of them small in some years."""
    return town(1, 8)


def finding_of(place: Town, school_year: str) -> Finding:
    """How far each school's mean lies from all pupils', in one school year."""
    pupils = place.pupils[place.pupils["school_year"].eq(school_year)]
    schools = pupils.groupby("school", as_index=False).agg(n=("points", "size"), raw=("points", "mean"))
    schools = schools.assign(raw=schools["raw"] - pupils["points"].mean(), shrunken=0.0, lower=-9.0, upper=9.0)
    basis = Basis(len(pupils), len(schools), len(pupils), (school_year,))
    icc = {"term": "icc", "estimate": 0.123, "null": 0.0, "p": 0.01, "n": len(pupils)}
    return Finding("value_added", "meritvarde", Claim.DIFFERS, pd.DataFrame([icc]), basis, tables={"schools": schools})


def released(place: Town, folder: Path, *findings: Finding, day: int = 1) -> Release:
    facts = {"school_year": YEARS[-1], "made": f"2026-11-{day:02}", "version": "test", "deliveries": []}
    return publish(
        folder, "public", place.figures, place.units, INDICATORS, place.municipality, facts, NOTHING, date(2026, 11, day),
        findings=findings,
    )  # fmt: skip


def raw(release: Release) -> pd.Series:
    """What the release tells of each school."""
    return release.findings()[0].tables["schools"].set_index("school")["raw"]


def test_a_release_tells_of_the_schools_whose_figure_it_shows_and_is_the_same_for_the_same(place, tmp_path):
    first = released(place, tmp_path / "a", finding_of(place, YEARS[1]))
    figures = first.all_figures().query("indicator == 'meritvarde' and level == 'school' and breakdown == 'all'")
    figures = figures[figures["school_year"].eq(YEARS[1])].set_index("unit")["shown"]
    assert figures.ne("yes").sum() >= 2
    assert raw(first)[figures.index[figures.ne("yes")]].isna().all() and raw(first).notna().sum() >= 3
    assert Release.open(first.folder).findings("growth") == []
    assert released(place, tmp_path / "b", finding_of(place, YEARS[1])).id == first.id
    assert released(place, tmp_path / "c").id != first.id


def test_when_one_pupil_joins_the_finding_stands_as_it_was_let_out(place, tmp_path):
    before = raw(released(place, tmp_path, finding_of(place, YEARS[-1])))
    more = place.one_more_pupil(1)
    assert not finding_of(more, YEARS[-1]).tables["schools"]["raw"].round(2).equals(before.reset_index()["raw"])
    assert raw(released(more, tmp_path, finding_of(more, YEARS[-1]), day=2)).equals(before)


def _tells_all(rows, allowed, case):
    free = replace(case, outcome=replace(case.outcome, smallest=1, step=1), silent=frozenset())
    return shown_rows(rows, replace(allowed, adds_up=False), free)


shown_rows = gate.shown_rows


def test_a_release_whose_findings_tell_too_much_is_not_published(place, tmp_path, monkeypatch):
    monkeypatch.setattr(gate, "shown_rows", _tells_all)
    monkeypatch.setattr(tested, "ROUNDS", 0)
    with pytest.raises(DisclosureError) as refused:
        released(place, tmp_path, finding_of(place, YEARS[1]))
    assert refused.value.exit_code == 7 and not list(tmp_path.glob("*/*/release.json"))


def test_what_little_is_found_in_findings_is_mended_by_leaving_that_finding_out(place, tmp_path, monkeypatch):
    monkeypatch.setattr(gate, "shown_rows", _tells_all)
    monkeypatch.setattr(tested, "MOST_MENDED", 1.0)
    made = released(place, tmp_path, finding_of(place, YEARS[1]))
    assert made.findings() == []
    assert any(
        detail[:3] == ["meritvarde", YEARS[1], "value_added"] or detail[2] == "value_added" for detail in made.about["left_out"]
    )
