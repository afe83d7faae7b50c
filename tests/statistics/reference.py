"""What other programs answer, read from the folder beside the project."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest


def answers(shared: Path, case: str) -> dict[str, Any]:
    """The named answers of one reference case; the test skips where there are none."""
    path = shared / "statistics" / "reference_answers.json"
    if not path.is_file():
        pytest.skip(f"the reference answers are not at {path}")
    cases = json.loads(path.read_text(encoding="utf-8"))["cases"]
    (found,) = (one for one in cases if one["id"] == case)
    return {one["name"]: one["value"] for one in found["answers"]}
