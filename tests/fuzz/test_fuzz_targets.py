"""Every target of the coverage-guided fuzzer runs, and finds nothing in a few seconds."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("atheris", reason="the fuzzer is for Linux")

FIGURES = {"fuzz targets": 6, "seconds each, at most": 3}

TARGETS = sorted((Path(__file__).parents[2] / "fuzz").glob("*.py"))
NIGHTLY = os.environ.get("KVALITET_FUZZ") == "nightly"
SECONDS = 3600 if NIGHTLY else FIGURES["seconds each, at most"]


@pytest.mark.parametrize("target", TARGETS, ids=lambda path: path.stem)
def test_a_target_runs_on_inputs_it_makes_up_and_finds_nothing(target, project, tmp_path):
    """The fuzzer keeps what crashes it in the folder it runs in; it says itself how many inputs it tried."""
    (tmp_path / "corpus").mkdir()
    words = [
        sys.executable,
        str(target),
        f"-max_total_time={SECONDS}",
        "-timeout=20",
        "-print_final_stats=1",
        str(tmp_path / "corpus"),
    ]
    run = subprocess.run(
        words,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(project)},
        capture_output=True,
        text=True,
        errors="replace",
        timeout=SECONDS + 120,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    tried = re.search(r"stat::number_of_executed_units:\s+(\d+)", run.stderr)
    assert tried and int(tried[1]) > 100
    assert [path.name for path in tmp_path.iterdir()] == ["corpus"]


def test_every_target_says_how_to_run_it():
    assert len(TARGETS) == FIGURES["fuzz targets"]
    for target in TARGETS:
        text = target.read_text(encoding="utf-8")
        assert f"python fuzz/{target.name} -max_total_time=" in text and "def TestOneInput(data: bytes)" in text
