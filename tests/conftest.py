"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.made_up_homes import small_home as small_home
from tests.made_up_homes import small_norwegian_home as small_norwegian_home
from tests.made_up_homes import sparse_home as sparse_home

ROOT = Path(__file__).parent.parent
# Longest first: two processes that take a file at a time then end at about the same time. The others take seconds.
LONG = (
    "disclosure/test_later_releases.py",
    "disclosure/test_first_releases.py",
    "faults/test_kill_release.py",
    "journey/test_real_input.py",
    "fuzz/test_properties.py",
    "journey/test_script_sinks.py",
    "attack/test_complete_enumeration.py",
    "disclosure/test_attacked.py",
    "journey/test_offline.py",
    "sources/test_bombs.py",
    "residue/test_commands_that_go_well.py",
    "residue/test_charts_take_released_figures.py",
    "residue/test_commands_made_to_fail.py",
    "faults/test_kill_anywhere.py",
    "journey/test_dashboard.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take longest come first, each whole and in its own order."""
    place = {ROOT / "tests" / name: at for at, name in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.path, len(LONG)))


@pytest.fixture(scope="session")
def project() -> Path:
    """The project's own folder."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real agency files beside the project; tests that need them skip where they are absent."""
    folder = Path(os.environ.get("KVALITET_SHARED", ROOT.parent / "shared"))
    if not (folder / "data" / "agency").is_dir():
        pytest.skip(f"the shared data are not at {folder}; set KVALITET_SHARED to run this test")
    return folder
