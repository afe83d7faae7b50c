"""What tests of the runner may ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvalitet_lib.disclosure.release import Release
from tests.execution.desk import small_release


@pytest.fixture
def release(tmp_path: Path) -> Release:
    """A release of three schools."""
    return small_release(tmp_path / "released")
