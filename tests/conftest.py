"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.made_up_homes import small_home as small_home
from tests.made_up_homes import small_norwegian_home as small_norwegian_home
from tests.made_up_homes import sparse_home as sparse_home

ROOT = Path(__file__).parent.parent


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
