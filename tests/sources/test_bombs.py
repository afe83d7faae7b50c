"""A file made to exhaust a machine is refused within twenty seconds and one gigabyte, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.sources.bomb_disposal import LARGE
from tests.sources.bombs import BOMBS

FIGURES = {"bombs": 24, "seconds of a processor, at most": 20, "megabytes of memory, at most": 1_000}
CODES = {**{name: code for name, (_, code) in BOMBS.items()}, LARGE: "TOO_LARGE"}

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the cost of a process is measured where processes can fork")


@pytest.fixture(scope="module")
def outcomes(project, tmp_path_factory) -> dict[str, dict]:
    """What became of every bomb, each opened in a process of its own."""
    folder = tmp_path_factory.mktemp("bombs")
    command = [sys.executable, "-m", "tests.sources.bomb_disposal", str(folder)]
    # Files made on the way would lie beside the bomb.
    around = {**os.environ, "TMPDIR": str(folder)}
    said = subprocess.run(command, cwd=project, env=around, capture_output=True, text=True, check=True).stdout
    return {outcome["name"]: outcome for outcome in map(json.loads, said.splitlines())}


@pytest.mark.parametrize("name", CODES)
def test_a_bomb_is_refused_within_twenty_seconds_and_one_gigabyte(name, outcomes):
    outcome = outcomes[name]
    assert outcome["codes"] == [CODES[name]]
    assert outcome["seconds"] <= FIGURES["seconds of a processor, at most"]
    assert outcome["waited"] <= 6 * FIGURES["seconds of a processor, at most"]
    assert outcome["megabytes"] <= FIGURES["megabytes of memory, at most"]
    assert outcome["left_behind"] == []


def test_as_many_bombs_are_opened_as_is_said():
    assert len(CODES) == FIGURES["bombs"]
