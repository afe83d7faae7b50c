"""Every file of the battery is refused whole, by rule, column and lines, and no cell of it is ever told."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from kvalitet_lib.sources.published_table import RIVALS
from kvalitet_lib.store import Store
from tests.sources.door import CLEAN
from tests.sources.refusals import Refusal
from tests.sources.refusals_further import FURTHER
from tests.sources.refusals_named import BATTERY, NAMED, ONE_IN_THE_BATTERY

FIGURES = {"named refusals of text files": 54, "further refusals": 171, "files refused": 445}

ALL = [*NAMED, *FURTHER]
SAID_BY_RULES = {word for kind in RIVALS for one in kind.fields for word in re.findall(r"[\w/-]+", kind.rule_of(one))}


@dataclass(frozen=True)
class Told:
    """What one run of the program said of every file, and the store before and after it."""

    outcomes: dict[str, dict[str, Any]]
    code: int
    err: str
    before: dict[str, pd.DataFrame]
    after: dict[str, pd.DataFrame]


def load(folder: Path, home: Path, project: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """``kvalitet load FOLDER --json`` as a person types it."""
    words = [
        sys.executable,
        "-c",
        "from kvalitet_lib.cli import main; main()",
        "load",
        str(folder),
        "--home",
        str(home),
        "--json",
    ]
    environment = {**os.environ, "PYTHONPATH": str(project), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(words, cwd=project, env=environment, capture_output=True, encoding="utf-8", timeout=300, check=False)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Told:
    """All files of the battery, loaded at once into a home that holds clean deliveries already."""
    folder = tmp_path_factory.mktemp("refusals")
    home, clean, wrong = folder / "home", folder / "clean", folder / "wrong"
    clean.mkdir()
    wrong.mkdir()
    for kind, text in CLEAN.items():
        (clean / f"{kind}.csv").write_text(text, encoding="utf-8")
    assert load(clean, home, project).returncode == 0
    for refusal in ALL:
        (wrong / refusal.file).write_bytes(refusal.content)
    before = contents(home)
    run = load(wrong, home, project)
    outcomes = {one["file"]: one for one in json.loads(run.stdout)}
    return Told(outcomes, run.returncode, run.stderr, before, contents(home))


def contents(home: Path) -> dict[str, pd.DataFrame]:
    store = Store(home / "private")
    return {"deliveries": store.deliveries(), **dict(store)}


def cells_told(refusal: Refusal, text: str) -> list[str]:
    """Cells below the header that stand as whole words in what was said; words that rules use themselves do not count."""
    read = refusal.content.decode("utf-8-sig", errors="replace")
    below = read.split("\n")[1:] if refusal.code != "MISSING_HEADER" else read.split("\n")
    cells = {cell.strip() for row in below for cell in re.split(r"[;\t]", row) if len(cell.strip()) > 2} - SAID_BY_RULES
    return [cell for cell in cells if len(cell) < 200 and re.search(rf"(?<![\w/-]){re.escape(cell)}(?![\w/-])", text)]


@pytest.mark.parametrize("refusal", ALL, ids=lambda one: one.file)
def test_a_file_that_must_not_come_in_is_refused_by_rule_column_and_lines_with_what_to_do(told, refusal):
    outcome = told.outcomes[refusal.file]
    assert outcome["outcome"] == "refused"
    faults = [(one["code"], one["column"], tuple(one["lines"])) for one in outcome["faults"]]
    assert faults == [(refusal.code, refusal.column, refusal.lines)]
    assert outcome["message"].startswith(refusal.file) and "kvalitet explain" in outcome["message"]
    assert all(
        one["rule"] and one["rule"] in outcome["message"] and one["advice"] in outcome["message"] for one in outcome["faults"]
    )


def test_no_cell_of_a_refused_file_is_told(told):
    betrayed = {}
    for refusal in ALL:
        outcome = {name: said for name, said in told.outcomes[refusal.file].items() if name not in ("file", "fingerprint")}
        said = json.dumps(outcome, ensure_ascii=False).replace(refusal.file, "")
        betrayed[refusal.file] = cells_told(refusal, said)
    assert {file: cells for file, cells in betrayed.items() if cells} == {}


def test_nothing_of_any_refused_file_is_in_the_store(told):
    assert list(told.before) == list(told.after) and len(told.before) > 8
    for table, rows in told.before.items():
        pd.testing.assert_frame_equal(rows, told.after[table])


def test_the_program_ends_with_its_code_for_a_refusal_and_says_nothing_beside_the_document(told):
    assert (told.code, told.err) == (5, "")
    assert {refusal.file for refusal in ALL} == set(told.outcomes)


def test_every_refusal_of_the_battery_is_there():
    for name, (refusals, number) in BATTERY.items():
        assert len({ONE_IN_THE_BATTERY.get(one.of, one.of) for one in refusals}) == number, name
    assert len({ONE_IN_THE_BATTERY.get(one.of, one.of) for one in NAMED}) == FIGURES["named refusals of text files"]
    assert len({one.of for one in FURTHER}) == FIGURES["further refusals"]
    assert len({one.file for one in ALL}) == len(ALL) == FIGURES["files refused"]
