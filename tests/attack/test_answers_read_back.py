"""Analyses' answers read back: the attacker finds a row that should be hidden, and every fault planted in their protection."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.attack import attack
from kvalitet_lib.disclosure import findings as gate
from kvalitet_lib.disclosure import findings_printed, findings_rows
from kvalitet_lib.disclosure.findings_files import write_findings
from kvalitet_lib.disclosure.findings_whitelist import SHOWN, TEXT, UNITS, Rows
from kvalitet_lib.errors import ReleaseError
from kvalitet_lib.indicators import all_indicators
from kvalitet_lib.municipality import Audience
from tests.attack.drawn import CODE, POLICY, drawn
from tests.disclosure.answers import answer

FIGURES = {"planted faults in findings": 8}
FOUR_HIDDEN = """
    unit | n   | shown
    9001 | 340 | yes
    a    | 8   | no
    b    | 9   | no
    c    | 9   | no
    d    | 9   | no
    e    | 60  | yes
    f    | 70  | yes
    g    | 85  | yes
    h    | 90  | yes
"""
ONE_HIDDEN = FOUR_HIDDEN.replace("9   | no", "40  | yes")
SCHOOLS = """
    school | n  | raw      | shrunken | lower   | upper | count
    -------+----+----------+----------+---------+-------+------
    a      | 8  | 9.87654  | 7.12345  | 1.23456 | 12.9  | 3
    b      | 9  | -3.21987 | -2.2     | -8.1    | 3.3   | 4
    c      | 9  | 0.4      | 0.3      | -4.9    | 5.1   | 5
    d      | 9  | 1.4      | 1.3      | -4.9    | 6.1   | 6
    e      | 58 | 1.43219  | 1.3      | -4.9    | 6.1   | 7
    f      | 69 | 1.4      | 1.3      | -4.9    | 6.1   | 8
    g      | 84 | 1.4      | 1.3      | -4.9    | 6.1   | 9
    h      | 89 | 1.4      | 1.3      | -4.9    | 6.1   | 9
"""
LARGE = SCHOOLS.replace("| 8  |", "| 39 |").replace("| 9  |", "| 40 |")
ONE_SMALL = SCHOOLS.replace("| 9  |", "| 40 |")
PUBLIC = Audience.model_validate({"source": "the test's own rule", **POLICY})


def release(folder: Path, finding: Finding, figures: str = FOUR_HIDDEN) -> Path:
    """A release of eight schools with what leaves of a finding."""
    here = drawn(figures).written(folder)
    seen = pd.concat([pd.read_csv(path, dtype="str") for path in here.glob("figures/*/*.csv")])
    units = pd.read_csv(here / "units.csv", dtype="str")
    write_findings(here, gate.shown_findings([finding], seen, units, all_indicators("se"), PUBLIC, CODE))
    return here


def found(here: Path, figures: str = "") -> set[str]:
    """What is found in findings, in a few words; also by heads when the figures they know are given."""
    known = drawn(figures).known if figures else None
    weak = [one for one in attack(here, known=known) if one.breakdown in SHOWN]
    return {" ".join(part for part in (one.kind, one.quantity, one.unit, *one.readers) if part) for one in weak}


@pytest.mark.parametrize(("schools", "figures"), [(SCHOOLS, FOUR_HIDDEN), (LARGE, FOUR_HIDDEN), (ONE_SMALL, ONE_HIDDEN)])
def test_nothing_is_found_in_what_leaves_as_it_should(tmp_path, schools, figures):
    here = release(tmp_path / "r", answer(schools), figures)
    said = json.loads((here / "findings" / "value_added-1.json").read_text(encoding="utf-8"))
    assert [row[-1] for row in said["tables"]["schools"]["data"]].count("yes") == 4
    assert found(here) == found(here, figures) == set()


def _smallest(limit: int, **more: object):
    def faulty(rows, allowed, case):
        return shown_rows(rows, allowed, replace(case, outcome=replace(case.outcome, smallest=limit, **more), silent=frozenset()))

    return faulty


def _heads_know_nothing(persons, hidden, outside, heads, smallest):
    return completed(persons, hidden, outside, 0, smallest)


shown_rows, completed, allowed = gate.shown_rows, findings_rows._completed, SHOWN["value_added"]
COUNTED = Rows({**allowed.tables["schools"].columns, "count": UNITS})
NAMED = Rows({"term": TEXT, "pupil": TEXT})
# Where, what stands there instead, what the analysis says, beside which figures, and one of the things found.
PLANTED = {
    "rows of few are shown": (gate, "shown_rows", _smallest(0), SCHOOLS, FOUR_HIDDEN, "shown a"),
    "rows of few are shown, and how few": (gate, "shown_rows", _smallest(5, step=1), SCHOOLS, FOUR_HIDDEN, "shown n b"),
    "a hidden figure hides nothing": (gate, "silent_schools", lambda *_: frozenset(), LARGE, FOUR_HIDDEN, "shown a"),
    "nothing is hidden for the sake of others": (
        findings_rows, "_completed", lambda persons, hidden, *_: hidden & False, ONE_SMALL, ONE_HIDDEN, "recovered sum a",
    ),
    "heads are thought to know nothing": (
        findings_rows, "_completed", _heads_know_nothing,
        ONE_SMALL, ONE_HIDDEN, "recovered sum b a",
    ),
    "numbers leave with all their decimals": (findings_printed, "places_of", lambda *_: 9, SCHOOLS, FOUR_HIDDEN, "shown e"),
    "a column that counts leaves": (
        gate, "SHOWN", {"value_added": replace(allowed, tables={"schools": COUNTED})}, SCHOOLS, FOUR_HIDDEN, "extra 9001",
    ),
    "a table of pupils leaves": (
        gate, "SHOWN", {"value_added": replace(allowed, tables={"schools": NAMED})}, SCHOOLS.replace("count", "pupil"),
        FOUR_HIDDEN, "extra 9001",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", PLANTED)
def test_a_fault_planted_in_the_protection_of_findings_is_found(fault, tmp_path, monkeypatch):
    where, name, faulty, schools, figures, expected = PLANTED[fault]
    monkeypatch.setattr(where, name, faulty)
    assert expected in found(release(tmp_path / "r", answer(schools), figures), figures)


def test_as_many_faults_are_planted_as_is_said():
    assert len(PLANTED) == FIGURES["planted faults in findings"]


def test_a_value_left_in_a_row_that_is_said_to_be_hidden_is_found(tmp_path):
    here = release(tmp_path / "r", answer(SCHOOLS))
    path = here / "findings" / "value_added-1.json"
    said = json.loads(path.read_text(encoding="utf-8"))
    said["tables"]["schools"]["data"][0][2] = 9.9
    path.write_text(json.dumps(said), encoding="utf-8")
    assert "extra a" in found(here)


@pytest.mark.parametrize("text", ["[]", "not JSON", '{"estimates": {"data": [[1]]}}'])
def test_a_file_of_findings_that_is_none_is_refused_in_words(tmp_path, text):
    here = release(tmp_path / "r", answer(SCHOOLS))
    (here / "findings" / "value_added-1.json").write_text(text, encoding="utf-8")
    with pytest.raises(ReleaseError, match="kvalitet release"):
        attack(here)


def test_a_file_beside_the_findings_is_a_stray(tmp_path):
    here = release(tmp_path / "r", answer(SCHOOLS))
    (here / "findings" / "pupils.csv").write_text("pupil\n", encoding="utf-8")
    assert {one.unit for one in attack(here) if one.kind == "extra"} == {"findings/pupils.csv"}
