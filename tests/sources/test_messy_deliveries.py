"""Messy deliveries that are right are read right: value by value, and by the program as a person runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.sources.door import CLEAN, deliver
from tests.sources.messy import Messy
from tests.sources.messy_cells import MESSY_CELLS
from tests.sources.messy_files import MESSY_FILES
from tests.sources.test_refusals import load

FIGURES = {"messy ways": 136, "messy files read right": 240}

ALL = [*MESSY_FILES, *MESSY_CELLS]
CLEANLY_READ = {kind: deliver(text) for kind, text in CLEAN.items()}


def same(read: object, expected: object) -> bool:
    return (pd.isna(read) and (expected is None or expected != expected)) or bool(read == expected)  # type: ignore[call-overload]


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.file)
def test_a_messy_file_that_is_right_is_read_right(one: Messy):
    read = deliver(one.content, one.file)
    assert one.noted in "; ".join(read.notes)
    clean = CLEANLY_READ[one.like]
    assert read.table == clean.table
    if not one.column:
        pd.testing.assert_frame_equal(read.rows, clean.rows)
        return
    given = read.rows[one.column].tolist()[: len(one.values)]
    assert len(given) == len(one.values)
    assert all(same(got, expected) for got, expected in zip(given, one.values, strict=True)), given


def test_the_program_stores_every_one_of_them(tmp_path: Path, project: Path):
    """With leave to replace: the same rows come again and again."""
    folder = tmp_path / "messy"
    folder.mkdir()
    for one in ALL:
        (folder / one.file).write_bytes(one.content)
    run = load(folder, tmp_path / "home", project, "--replace")
    outcomes = {one["file"]: one["outcome"] for one in json.loads(run.stdout)}
    assert {file: outcome for file, outcome in outcomes.items() if outcome != "stored"} == {} and len(outcomes) == len(ALL)
    assert (run.returncode, run.stderr) == (0, "")


def test_every_way_is_counted_once():
    assert len({one.of for one in ALL}) == FIGURES["messy ways"]
    assert len({one.file for one in ALL}) == len({one.content for one in ALL}) == len(ALL) == FIGURES["messy files read right"]
